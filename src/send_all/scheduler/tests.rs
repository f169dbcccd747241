use super::*;

const LIMITS: Limits = Limits {
    concurrency: 3,
    per_second: None,
    max_retries: 1,
    stop_on_error: false,
    has_custom_fetch: false,
};

/// Pulls a command of this workflow, and returns its slot.
fn pull(scheduler: &mut Scheduler, workflow: u32, now: f64) -> u32 {
    assert_eq!(scheduler.next(now), Action::Pull);
    scheduler.pulled(Some(workflow.to_string())).unwrap()
}

fn send(scheduler: &mut Scheduler, workflow: u32, now: f64) -> u32 {
    let slot = pull(scheduler, workflow, now);
    assert_eq!(scheduler.next(now), Action::Send(slot));
    slot
}

#[test]
fn no_command_is_pulled_without_a_free_slot() {
    let mut scheduler = Scheduler::new(LIMITS);
    let first = send(&mut scheduler, 1, 0.0);
    send(&mut scheduler, 2, 0.0);
    send(&mut scheduler, 3, 0.0);
    assert_eq!(scheduler.next(0.0), Action::Idle);
    assert!(scheduler.ended(first, SendResult::Accepted, 5.0, 0.0));
    assert_eq!(scheduler.next(5.0), Action::Idle);
    scheduler.release(first);
    assert_eq!(scheduler.next(5.0), Action::Pull);
    scheduler.source_ended();
    assert_eq!(scheduler.next(5.0), Action::Idle);
    for slot in [1, 2] {
        scheduler.ended(slot, SendResult::Failed(Outcome::Unknown), 6.0, 0.0);
        scheduler.release(slot);
    }
    assert_eq!(scheduler.next(6.0), Action::End);
    let summary = BulkSummary {
        accepted: 1,
        not_executed: 0,
        unknown: 2,
    };
    assert_eq!(scheduler.summary(), summary);
}

#[test]
fn a_workflow_has_one_command_in_flight_and_keeps_its_order_through_a_retry() {
    let mut scheduler = Scheduler::new(LIMITS);
    let first = send(&mut scheduler, 7, 0.0);
    let second = pull(&mut scheduler, 7, 0.0);
    let other = send(&mut scheduler, 8, 0.0);
    assert_eq!(scheduler.next(0.0), Action::Idle);
    let again = SendResult::Retry { after_ms: Some(40) };
    assert!(!scheduler.ended(first, again, 0.0, 0.0));
    scheduler.ended(other, SendResult::Accepted, 0.0, 0.0);
    scheduler.release(other);
    assert_eq!(scheduler.next(0.0), Action::Wait(41));
    assert_eq!(scheduler.next(40.0), Action::Send(first));
    assert!(scheduler.ended(first, SendResult::Accepted, 50.0, 0.0));
    assert_eq!(scheduler.next(50.0), Action::Send(second));
}

#[test]
fn throttling_slows_all_commands_and_recovery_is_gradual() {
    let mut scheduler = Scheduler::new(LIMITS);
    for workflow in 1..=3 {
        send(&mut scheduler, workflow, 0.0);
    }
    for slot in 0..3 {
        assert!(!scheduler.ended(slot, SendResult::Retry { after_ms: None }, 1.0, 0.5));
    }
    // Three calls that are throttled together count once: half of the first back-off, and a window
    // of one.
    assert_eq!(scheduler.next(1.0), Action::Wait(251));
    assert_eq!(scheduler.next(251.0), Action::Send(0));
    assert_eq!(scheduler.next(251.0), Action::Idle);
    scheduler.ended(0, SendResult::Accepted, 260.0, 0.0);
    assert_eq!(scheduler.next(260.0), Action::Send(1));
    assert_eq!(scheduler.next(260.0), Action::Send(2));
    // It has no retry left.
    assert!(scheduler.ended(1, SendResult::Retry { after_ms: Some(9) }, 270.0, 0.0));
    assert_eq!(scheduler.summary().not_executed, 1);
}

#[test]
fn the_rate_limit_delays_pulling_and_sending() {
    let mut scheduler = Scheduler::new(Limits {
        per_second: Some(10.0),
        ..LIMITS
    });
    send(&mut scheduler, 1, 1000.0);
    assert_eq!(scheduler.next(1000.0), Action::Wait(101));
    assert_eq!(scheduler.next(1099.0), Action::Wait(2));
    send(&mut scheduler, 2, 1101.0);
    assert_eq!(scheduler.next(1101.0), Action::Wait(101));
}

#[test]
fn after_a_stop_queued_commands_are_dropped_and_calls_in_flight_are_awaited() {
    let mut scheduler = Scheduler::new(Limits {
        stop_on_error: true,
        ..LIMITS
    });
    let flying = send(&mut scheduler, 1, 0.0);
    let queued = pull(&mut scheduler, 1, 0.0);
    let failed = send(&mut scheduler, 2, 0.0);
    scheduler.ended(failed, SendResult::Failed(Outcome::NotExecuted), 1.0, 0.0);
    assert_eq!(scheduler.next(1.0), Action::Drop(queued));
    scheduler.release(queued);
    scheduler.release(failed);
    assert_eq!(scheduler.next(1.0), Action::Idle);
    scheduler.ended(flying, SendResult::Retry { after_ms: None }, 2.0, 0.0);
    scheduler.release(flying);
    assert_eq!(scheduler.next(2.0), Action::End);
    assert_eq!(scheduler.summary().not_executed, 3);
    assert_eq!(scheduler.pulled(None), None);
}

#[test]
fn only_commands_that_were_certainly_not_executed_are_sent_again() {
    let error = |status, code, outcome, retry_after_ms| Error {
        status,
        outcome,
        retry_after_ms,
        ..Error::not_sent(code, code.message())
    };
    let own = Limits {
        has_custom_fetch: true,
        ..LIMITS
    };
    for (status, code, after_ms, may_pass) in [
        (Some(429), Code::RateLimited, None, true),
        (Some(429), Code::RateLimited, Some(5), true),
        (Some(503), Code::ServerError, Some(5), true),
        // A gateway without a token, or without a connection to Campaign.
        (Some(503), Code::TokenUnavailable, Some(5), true),
        (Some(503), Code::Unreachable, Some(5), true),
        (None, Code::Unreachable, None, true),
        (Some(503), Code::ServerError, None, false),
        (Some(500), Code::ServerError, Some(5), false),
        (Some(404), Code::NotFound, Some(5), false),
        (None, Code::TokenUnavailable, None, false),
    ] {
        let again = match may_pass {
            true => SendResult::Retry { after_ms },
            false => SendResult::Failed(Outcome::NotExecuted),
        };
        let failure = error(status, code, Outcome::NotExecuted, after_ms);
        assert_eq!(classify(&LIMITS, &failure), again, "{failure:?}");
        // Errors of the caller's own fetch allow no retry.
        let is_by_fetch = status.is_none();
        let unsure = classify(&own, &failure);
        assert_eq!(unsure == again, !(may_pass && is_by_fetch), "{failure:?}");
    }
    for &code in Code::ALL {
        for status in [None, Some(429), Some(503)] {
            let failure = error(status, code, Outcome::Unknown, Some(1));
            assert_eq!(
                classify(&LIMITS, &failure),
                SendResult::Failed(Outcome::Unknown)
            );
        }
    }
}
