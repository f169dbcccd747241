//! What the caller is told.

use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::{Body, Error};

use super::{Broken, expect};
use crate::evidence::{self, Repetition};
use crate::setup::Setup;
use crate::trace::{Ended, Given, Head, StepKind, Success, Trace};

pub fn check(setup: &Setup, trace: &Trace, ended: &Ended) -> Result<(), Broken> {
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
            expect("a receipt needs a 2xx", is_success, || format!("{head:?}"))?;
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
        "a 2xx is a receipt, whatever becomes of its body",
        !is_accepted || setup.is_read(),
        || format!("{error:?} of {head:?}"),
    )?;
    let outcome = evidence::outcome(setup, trace);
    expect(
        "unknown is said where nobody can know, and nowhere else",
        error.outcome == outcome,
        || format!("{error:?}; {last:?}"),
    )?;
    let code = expected_code(setup, trace, ended);
    expect("the code says why", code == Some(error.code), || {
        format!("{error:?}, not {code:?}, by {:?}", trace.last)
    })?;
    check_fields(setup, trace, error, head)
}

fn check_fields(
    setup: &Setup,
    trace: &Trace,
    error: &Error,
    head: Option<&Head>,
) -> Result<(), Broken> {
    let how = || format!("{error:?} of {head:?}");
    let shown = head.map(|head| head.status).filter(|status| *status != 0);
    let shown = shown.filter(|status| !(setup.hides_redirects && (300..=399).contains(status)));
    expect("the status is the answer's", error.status == shown, how)?;
    let by_document = document(setup, trace)
        .filter(|says| says.outcome == Some(error.outcome.as_str()) && says.code.is_some());
    let has_hint = by_document.is_some() || error.outcome == Outcome::NotExecuted;
    expect(
        "an unknown outcome says what to do",
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
        "only the network is a cause",
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
    let asked = head.asked_ms.filter(|_| head.status >= 400);
    let asked = asked.map(|ms| ms.min(u64::from(u32::MAX)) as u32);
    let said = by_document.and_then(|says| says.retry_after_ms);
    let said = said.map(|ms| ms as u32);
    let is_unknown = by_document.is_some() && error.outcome == Outcome::Unknown;
    let is_asked_for = match (said, asked) {
        // A document that is silent does not take back what the header asks for, unless it says that
        // nothing is known.
        (said, _) if is_unknown || said.is_some() => error.retry_after_ms == said,
        (_, Some(_)) => error.retry_after_ms == asked,
        (_, None) => {
            let last = trace.requests.last();
            let repetition = last.map(|sent| sent.repetition(setup, trace.has_refreshed()));
            let is_left = trace.waits() < setup.request.max_retries as usize;
            let may_wait = repetition == Some(Repetition::Wait) && is_left;
            match error.retry_after_ms {
                // A back-off that would not have been in time.
                Some(ms) => may_wait && ms <= 8000,
                None => !may_wait || trace.last != Some(Given::End),
            }
        }
    };
    expect("retryAfterMs is what was asked for", is_asked_for, how)
}

/// What the document says by which the call ended, if it ended by one.
fn document<'a>(setup: &Setup, trace: &'a Trace) -> Option<&'a crate::documents::Says> {
    let is_sending = trace
        .steps
        .last()
        .is_some_and(|step| step.kind == StepKind::Send);
    let is_end = is_sending && trace.last == Some(Given::End);
    let head = trace.requests.last()?.head.as_ref()?;
    head.document(setup).filter(|_| is_end)
}

/// The table of codes, read from the side of what happened.
fn expected_code(setup: &Setup, trace: &Trace, ended: &Ended) -> Option<Code> {
    let Some(last) = trace.last else {
        return trace.aborted_at.map(|_| Code::Aborted);
    };
    let sent = trace.requests.last();
    let head = sent.and_then(|sent| sent.head.as_ref());
    let by_status = || match (head, sent) {
        (Some(head), _) => head.code(),
        (None, Some(sent)) if sent.was_refused() => Code::Unreachable,
        (None, Some(sent)) if sent.failed => Code::Network,
        (None, _) => Code::Timeout,
    };
    let by_request = |last: Given| {
        let is_usable = |head: &Head| match head.status {
            200..=299 => !setup.is_read() || (head.is_utf8 && head.is_json_object),
            _ => head.is_utf8,
        };
        Some(match (last, head) {
            (Given::Timer, _) => Code::Timeout,
            (Given::Failed | Given::Head, _) => by_status(),
            (Given::BrokenOff, _) => Code::BadResponse,
            (Given::End, Some(head)) if !is_usable(head) => Code::BadResponse,
            (Given::End, Some(head)) => document(setup, trace)
                .filter(|says| says.outcome.is_some())
                .and_then(|says| says.code)
                .unwrap_or(head.code()),
            _ => return None,
        })
    };
    let timeout = u64::from(setup.request.timeout_ms);
    let is_over = ended.at >= timeout;
    let step = trace.steps.last()?;
    let is_aborted = trace.aborted_at.is_some();
    match (step.kind, last) {
        (_, Given::Abort) => Some(Code::Aborted),
        (StepKind::Token { .. }, Given::Token | Given::NoToken) if is_aborted => {
            Some(Code::Aborted)
        }
        (StepKind::Token { .. }, _) => Some(Code::TokenUnavailable),
        // Only a busy thread begins a wait that its deadline ends: why it waited is told.
        (StepKind::Wait, Given::Timer) if step.at + step.ms >= timeout => by_request(step.after?),
        (StepKind::Wait, Given::Timer) if is_aborted => Some(Code::Aborted),
        (StepKind::Wait, _) => None,
        (StepKind::Send, Given::Chunk) => is_over.then_some(Code::Timeout),
        (StepKind::Send, Given::Failed) if is_aborted => Some(Code::Aborted),
        // The body breaks off because of the abort.
        (StepKind::Send, Given::BrokenOff) if is_aborted && !setup.is_deaf => Some(Code::Aborted),
        (StepKind::Send, last) => by_request(last),
    }
}
