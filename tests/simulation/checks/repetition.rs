//! A request is repeated exactly if that is safe.

use super::{Violation, expect};
use crate::oracle::Repetition;
use crate::setup::Setup;
use crate::trace::{CallEnd, PlatformEvent, RequestRecord, Step, StepKind, Trace};

pub fn check(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    check_steps(setup, trace)?;
    check_tokens(setup, trace)?;
    check_patience(setup, trace, ended)
}

fn check_steps(setup: &Setup, trace: &Trace) -> Result<(), Violation> {
    let mut requests = trace.requests.iter();
    let mut last: Option<&RequestRecord> = None;
    let mut previous: Option<&Step> = None;
    let mut has_refreshed = false;
    for step in &trace.steps {
        let repetition = last.map(|sent| sent.repetition(setup, has_refreshed));
        let is_safe = match (previous.map(|step| step.kind), step.kind) {
            (None, StepKind::Token { refresh: false }) => setup.has_token_function(),
            (None, StepKind::Send) => !setup.has_token_function(),
            (Some(StepKind::Token { .. } | StepKind::Wait), StepKind::Send) => true,
            (Some(StepKind::Send), StepKind::Token { refresh: true }) => {
                has_refreshed = true;
                repetition == Some(Repetition::Refresh)
            }
            (Some(StepKind::Send), StepKind::Wait) => repetition == Some(Repetition::Wait),
            _ => false,
        };
        expect(
            "a request is sent again only if that is safe",
            is_safe,
            || format!("{step:?} after {previous:?}, {last:?}: {repetition:?}"),
        )?;
        if step.kind == StepKind::Send {
            last = requests.next();
        }
        previous = Some(step);
    }
    let waits = trace.waits();
    expect(
        "there are at most maxRetries retries",
        waits <= setup.request.max_retries as usize,
        || format!("{waits} waits"),
    )
}

fn check_tokens(setup: &Setup, trace: &Trace) -> Result<(), Violation> {
    let calls = trace.steps.iter();
    let calls = calls
        .filter(|step| matches!(step.kind, StepKind::Token { .. }))
        .count();
    let expected = 2 * usize::from(setup.has_token_function());
    expect(
        "the token function is called at most twice",
        calls <= expected,
        || format!("{calls} calls"),
    )
}

/// The call gives up only if no retry is left, or if none would be in time.
fn check_patience(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    let is_sending = trace
        .steps
        .last()
        .is_some_and(|step| step.kind == StepKind::Send);
    let Some(last) = trace.requests.last().filter(|_| is_sending) else {
        return Ok(());
    };
    let has_refreshed = trace.has_refreshed();
    let head = last.head.as_ref();
    let waits = trace.waits();
    let least = head
        .and_then(|head| head.retry_after_delay_ms.filter(|_| head.status >= 400))
        .unwrap_or_else(|| most_backoff(waits));
    let timeout = u64::from(setup.request.timeout_ms);
    let is_in_time = |at: u64| at.saturating_add(least).saturating_add(3) < timeout;
    let has_retries = waits < setup.request.max_retries as usize;
    let is_ignored = |repetition, at| match repetition {
        Repetition::No => false,
        Repetition::Refresh => true,
        Repetition::Wait => has_retries && is_in_time(at),
    };
    let by_head =
        head.is_some_and(|head| is_ignored(last.repetition_by_head(setup, has_refreshed), head.at));
    let is_interrupted = trace.last == Some(PlatformEvent::Abort)
        || (trace.last == Some(PlatformEvent::Failed) && trace.aborted_at.is_some())
        || ended.at >= timeout;
    let at_end = !is_interrupted && is_ignored(last.repetition(setup, has_refreshed), ended.at);
    expect(
        "a request is retried whenever that is safe",
        !by_head && !at_end,
        || format!("ended at {} ms with {last:?}", ended.at),
    )
}

pub fn most_backoff(retries: usize) -> u64 {
    (500 << retries.min(10)).min(8000)
}
