//! Checks the receipt or the error of the call.

use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::{Body, Error};

use super::{Violation, expect};
use crate::oracle::{self, Repetition};
use crate::setup::Setup;
use crate::trace::{CallEnd, Head, PlatformEvent, StepKind, Success, Trace};

pub fn check(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    let last = trace.requests.last();
    let head = last.and_then(|sent| sent.head.as_ref());
    let error = match &ended.result {
        Ok(Success {
            receipt,
            is_too_soon,
        }) => {
            let is_success = head.is_some_and(|head| {
                let is_too_soon = *is_too_soon && setup.is_signal() && head.status == 400;
                head.status == receipt.status && (is_too_soon || matches!(head.status, 200..=299))
            });
            expect("a receipt requires a 2xx", is_success, || {
                format!("{head:?}")
            })?;
            let is_object = matches!(&receipt.body, Body::Json(json) if json.0.is_object());
            return expect(
                "a workflow is an object",
                is_object || !setup.is_read(),
                || format!("{:?}", receipt.body),
            );
        }
        Err(error) => error,
    };
    let is_accepted = head.is_some_and(|head| matches!(head.status, 200..=299));
    expect(
        "a 2xx is a receipt, even if its body is incomplete",
        !is_accepted || setup.is_read(),
        || format!("{error:?} of {head:?}"),
    )?;
    let outcome = oracle::outcome(setup, trace);
    expect(
        "the outcome is unknown exactly if nothing proves it",
        error.outcome == outcome,
        || format!("{error:?}; {last:?}"),
    )?;
    let code = expected_code(setup, trace, ended);
    expect("the code names the cause", code == Some(error.code), || {
        format!("{error:?}, not {code:?}, by {:?}", trace.last)
    })?;
    check_fields(setup, trace, error, head)
}

fn check_fields(
    setup: &Setup,
    trace: &Trace,
    error: &Error,
    head: Option<&Head>,
) -> Result<(), Violation> {
    let how = || format!("{error:?} of {head:?}");
    let shown = head.map(|head| head.status).filter(|status| *status != 0);
    let shown = shown.filter(|status| !(setup.hides_redirects && (300..=399).contains(status)));
    expect(
        "the status is that of the response",
        error.status == shown,
        how,
    )?;
    let by_document = document(setup, trace)
        .filter(|parsed| parsed.outcome == Some(error.outcome.as_str()) && parsed.code.is_some());
    let has_hint = by_document.is_some() || error.outcome == Outcome::NotExecuted;
    expect(
        "an unknown outcome has a hint",
        has_hint || error.hint.is_some(),
        how,
    )?;
    let is_own = by_document.is_none();
    expect(
        "the message is that of the code",
        !is_own || error.message == error.code.message(),
        how,
    )?;
    let is_cause = matches!(error.code, Code::Network | Code::Unreachable);
    expect(
        "only network errors have a cause",
        is_cause || error.cause.is_none(),
        how,
    )?;
    let has_failed = trace.requests.last().is_some_and(|sent| sent.failed);
    expect(
        "the cause is that of the last request",
        error.cause.is_some() == (is_cause && has_failed),
        how,
    )?;

    let is_sending = trace
        .steps
        .last()
        .is_some_and(|step| step.kind == StepKind::Send);
    let (true, Some(head)) = (is_sending, head) else {
        return Ok(());
    };
    let retry_after = head.retry_after_delay_ms.filter(|_| head.status >= 400);
    let retry_after = retry_after.map(|ms| ms.min(u64::from(u32::MAX)) as u32);
    let claimed = by_document.and_then(|parsed| parsed.retry_after_ms);
    let claimed = claimed.map(|ms| ms as u32);
    let is_unknown = by_document.is_some() && error.outcome == Outcome::Unknown;
    let is_asked_for = match (claimed, retry_after) {
        // Without `retryAfterMs` in the document the header applies, unless the document reports an
        // unknown outcome.
        (claimed, _) if is_unknown || claimed.is_some() => error.retry_after_ms == claimed,
        (_, Some(_)) => error.retry_after_ms == retry_after,
        (_, None) => {
            let last = trace.requests.last();
            let repetition = last.map(|sent| sent.repetition(setup, trace.has_refreshed()));
            let is_left = trace.waits() < setup.request.max_retries as usize;
            let may_wait = repetition == Some(Repetition::Wait) && is_left;
            match error.retry_after_ms {
                // A back-off for which there was no time.
                Some(ms) => may_wait && ms <= 8000,
                None => !may_wait || trace.last != Some(PlatformEvent::End),
            }
        }
    };
    expect("retryAfterMs is the requested delay", is_asked_for, how)
}

/// The problem document that ended the call, if one did.
fn document<'a>(
    setup: &Setup,
    trace: &'a Trace,
) -> Option<&'a crate::problem_documents::ParsedProblem> {
    let is_sending = trace
        .steps
        .last()
        .is_some_and(|step| step.kind == StepKind::Send);
    let is_end = is_sending && trace.last == Some(PlatformEvent::End);
    let head = trace.requests.last()?.head.as_ref()?;
    head.document(setup).filter(|_| is_end)
}

/// The code that follows from the events.
fn expected_code(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Option<Code> {
    let Some(last) = trace.last else {
        return trace.aborted_at.map(|_| Code::Aborted);
    };
    let sent = trace.requests.last();
    let head = sent.and_then(|sent| sent.head.as_ref());
    let by_status = || match (head, sent) {
        (Some(head), _) => head.code(),
        (None, Some(sent)) if sent.was_never_connected() => Code::Unreachable,
        (None, Some(sent)) if sent.failed => Code::Network,
        (None, _) => Code::Timeout,
    };
    let by_request = |last: PlatformEvent| {
        let is_usable = |head: &Head| match head.status {
            200..=299 => !setup.is_read() || (head.is_utf8 && head.is_json_object),
            _ => head.is_utf8,
        };
        Some(match (last, head) {
            (PlatformEvent::Timer, _) => Code::Timeout,
            (PlatformEvent::Failed | PlatformEvent::Head, _) => by_status(),
            (PlatformEvent::BrokenOff, _) => Code::BadResponse,
            (PlatformEvent::End, Some(head)) if !is_usable(head) => Code::BadResponse,
            (PlatformEvent::End, Some(head)) => document(setup, trace)
                .filter(|parsed| parsed.outcome.is_some())
                .and_then(|parsed| parsed.code)
                .unwrap_or(head.code()),
            _ => return None,
        })
    };
    let timeout = u64::from(setup.request.timeout_ms);
    let is_over = ended.at >= timeout;
    let step = trace.steps.last()?;
    let is_aborted = trace.aborted_at.is_some();
    match (step.kind, last) {
        (_, PlatformEvent::Abort) => Some(Code::Aborted),
        (StepKind::Token { .. }, PlatformEvent::Token | PlatformEvent::NoToken) if is_aborted => {
            Some(Code::Aborted)
        }
        (StepKind::Token { .. }, _) => Some(Code::TokenUnavailable),
        // Only on a busy thread does a wait start that the deadline ends. Its code is the reason of
        // the wait.
        (StepKind::Wait, PlatformEvent::Timer) if step.at + step.ms >= timeout => {
            by_request(step.after?)
        }
        (StepKind::Wait, PlatformEvent::Timer) if is_aborted => Some(Code::Aborted),
        (StepKind::Wait, _) => None,
        (StepKind::Send, PlatformEvent::Chunk) => is_over.then_some(Code::Timeout),
        (StepKind::Send, PlatformEvent::Failed) if is_aborted => Some(Code::Aborted),
        // The abort has cut off the body.
        (StepKind::Send, PlatformEvent::BrokenOff) if is_aborted && !setup.ignores_listeners => {
            Some(Code::Aborted)
        }
        (StepKind::Send, last) => by_request(last),
    }
}
