//! Checks deadlines, waits and the abort.

use super::repetition::most_backoff;
use super::{Violation, expect};
use crate::setup::Setup;
use crate::trace::{CallEnd, StepKind, Trace};

pub fn check(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    let timeout = u64::from(setup.request.timeout_ms);
    let at = ended.at;
    // A busy thread handles everything later. It reads the clock after each chunk of a body.
    let is_in_time = at <= timeout + trace.total_busy_ms;
    expect("the call settles within timeoutMs", is_in_time, || {
        format!("at {at} ms of {timeout}")
    })?;
    if let Some(abort) = trace.aborted_at.filter(|_| !setup.ignores_listeners) {
        expect(
            "an abort ends the call at once",
            at <= abort + trace.busy_ms,
            || format!("at {at} ms, aborted at {abort} ms"),
        )?;
    }
    check_deadlines(setup, trace, ended)?;
    check_waits(setup, trace)
}

/// Each step gets its time limit, and at most the rest of the call's time.
fn check_deadlines(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    let timeout = u64::from(setup.request.timeout_ms);
    let attempt = setup.attempt_timeout_ms();
    let ends = trace.steps.iter().skip(1).map(|step| step.at);
    for (step, end) in trace.steps.iter().zip(ends.chain([ended.at])) {
        let left = timeout.saturating_sub(step.at);
        if step.kind != StepKind::Wait {
            expect(
                "each step has its deadline",
                step.ms == attempt.min(left),
                || format!("{step:?}, of {attempt} ms, {left} ms are left"),
            )?;
        }
        // On a busy thread, timers do not fire while chunks of a body arrive without a pause.
        let is_in_time = setup.is_busy || end <= step.at + step.ms;
        expect("no step continues after its deadline", is_in_time, || {
            format!("{step:?} ended at {end} ms")
        })?;
    }
    Ok(())
}

fn check_waits(setup: &Setup, trace: &Trace) -> Result<(), Violation> {
    let timeout = u64::from(setup.request.timeout_ms);
    let mut requests = trace.requests.iter();
    let mut retry_after = None;
    let mut waits = 0;
    let mut steps = trace.steps.iter().peekable();
    while let Some(step) = steps.next() {
        match step.kind {
            StepKind::Token { .. } => {}
            StepKind::Send => {
                let head = requests.next().and_then(|sent| sent.head.as_ref());
                let head = head.filter(|head| head.status >= 400);
                retry_after = head.and_then(|head| head.retry_after_delay_ms);
            }
            StepKind::Wait => {
                let is_in_time = setup.is_busy || step.at + step.ms < timeout;
                expect("no wait ends after the deadline", is_in_time, || {
                    format!("{step:?} of {timeout} ms")
                })?;
                let is_asked_for = match retry_after {
                    _ if setup.is_busy && step.at + step.ms >= timeout => true,
                    Some(retry_after) => step.ms == retry_after.min(u64::from(u32::MAX)),
                    None => step.ms <= most_backoff(waits),
                };
                expect("a wait has the requested length", is_asked_for, || {
                    format!("{step:?}, Retry-After: {retry_after:?}")
                })?;
                let is_last = steps.peek().is_none() || step.at + step.ms < timeout;
                expect("nothing is sent after the deadline", is_last, || {
                    format!("{step:?} of {timeout} ms, then {:?}", steps.peek())
                })?;
                let next = steps.peek().map_or(u64::MAX, |next| next.at);
                expect("a wait is not shortened", next >= step.at + step.ms, || {
                    format!("{step:?}, the next step at {next} ms")
                })?;
                waits += 1;
            }
        }
    }
    Ok(())
}
