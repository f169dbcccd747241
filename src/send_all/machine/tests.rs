use super::*;

const LIMITS: Limits = Limits {
    concurrency: 3,
    per_second: None,
    max_retries: 1,
    stop_on_error: false,
    has_custom_fetch: false,
};

/// Pulls a command of this workflow, and gives its place.
fn pull(machine: &mut Machine, workflow: u32, now: f64) -> u32 {
    assert_eq!(machine.next(now), Action::Pull);
    machine.pulled(Some(workflow.to_string())).unwrap()
}

fn send(machine: &mut Machine, workflow: u32, now: f64) -> u32 {
    let place = pull(machine, workflow, now);
    assert_eq!(machine.next(now), Action::Send(place));
    place
}

#[test]
fn no_more_is_pulled_than_can_be_in_flight_or_is_taken() {
    let mut machine = Machine::new(LIMITS);
    let first = send(&mut machine, 1, 0.0);
    send(&mut machine, 2, 0.0);
    send(&mut machine, 3, 0.0);
    assert_eq!(machine.next(0.0), Action::Idle);
    assert!(machine.ended(first, Ended::Accepted, 5.0, 0.0));
    assert_eq!(machine.next(5.0), Action::Idle);
    machine.taken(first);
    assert_eq!(machine.next(5.0), Action::Pull);
    machine.no_more();
    assert_eq!(machine.next(5.0), Action::Idle);
    for place in [1, 2] {
        machine.ended(place, Ended::Failed(Outcome::Unknown), 6.0, 0.0);
        machine.taken(place);
    }
    assert_eq!(machine.next(6.0), Action::End);
    let summary = BulkSummary {
        accepted: 1,
        not_executed: 0,
        unknown: 2,
    };
    assert_eq!(machine.summary(), summary);
}

#[test]
fn a_workflow_has_one_in_flight_and_keeps_its_order_through_a_retry() {
    let mut machine = Machine::new(LIMITS);
    let first = send(&mut machine, 7, 0.0);
    let second = pull(&mut machine, 7, 0.0);
    let other = send(&mut machine, 8, 0.0);
    assert_eq!(machine.next(0.0), Action::Idle);
    let again = Ended::Again { after_ms: Some(40) };
    assert!(!machine.ended(first, again, 0.0, 0.0));
    machine.ended(other, Ended::Accepted, 0.0, 0.0);
    machine.taken(other);
    assert_eq!(machine.next(0.0), Action::Wait(41));
    assert_eq!(machine.next(40.0), Action::Send(first));
    assert!(machine.ended(first, Ended::Accepted, 50.0, 0.0));
    assert_eq!(machine.next(50.0), Action::Send(second));
}

#[test]
fn all_slow_down_together_and_recover_one_by_one() {
    let mut machine = Machine::new(LIMITS);
    for workflow in 1..=3 {
        send(&mut machine, workflow, 0.0);
    }
    for place in 0..3 {
        assert!(!machine.ended(place, Ended::Again { after_ms: None }, 1.0, 0.5));
    }
    // One strike of three at once: half of the first back-off, and a window of one.
    assert_eq!(machine.next(1.0), Action::Wait(251));
    assert_eq!(machine.next(251.0), Action::Send(0));
    assert_eq!(machine.next(251.0), Action::Idle);
    machine.ended(0, Ended::Accepted, 260.0, 0.0);
    assert_eq!(machine.next(260.0), Action::Send(1));
    assert_eq!(machine.next(260.0), Action::Send(2));
    // No retry is left for it.
    assert!(machine.ended(1, Ended::Again { after_ms: Some(9) }, 270.0, 0.0));
    assert_eq!(machine.summary().not_executed, 1);
}

#[test]
fn the_rate_is_kept_and_nothing_is_pulled_before_its_time() {
    let mut machine = Machine::new(Limits {
        per_second: Some(10.0),
        ..LIMITS
    });
    send(&mut machine, 1, 1000.0);
    assert_eq!(machine.next(1000.0), Action::Wait(101));
    assert_eq!(machine.next(1099.0), Action::Wait(2));
    send(&mut machine, 2, 1101.0);
    assert_eq!(machine.next(1101.0), Action::Wait(101));
}

#[test]
fn what_is_stopped_tells_what_was_not_sent_and_waits_for_the_rest() {
    let mut machine = Machine::new(Limits {
        stop_on_error: true,
        ..LIMITS
    });
    let flying = send(&mut machine, 1, 0.0);
    let held = pull(&mut machine, 1, 0.0);
    let failed = send(&mut machine, 2, 0.0);
    machine.ended(failed, Ended::Failed(Outcome::NotExecuted), 1.0, 0.0);
    assert_eq!(machine.next(1.0), Action::Drop(held));
    machine.taken(held);
    machine.taken(failed);
    assert_eq!(machine.next(1.0), Action::Idle);
    machine.ended(flying, Ended::Again { after_ms: None }, 2.0, 0.0);
    machine.taken(flying);
    assert_eq!(machine.next(2.0), Action::End);
    assert_eq!(machine.summary().not_executed, 3);
    assert_eq!(machine.pulled(None), None);
}

#[test]
fn only_what_was_certainly_not_executed_is_sent_again() {
    let error = |status, code, outcome, retry_after_ms| Error {
        status,
        outcome,
        retry_after_ms,
        ..Error::unsent(code, code.message())
    };
    let own = Limits {
        has_custom_fetch: true,
        ..LIMITS
    };
    for (status, code, after_ms, may_pass) in [
        (Some(429), Code::RateLimited, None, true),
        (Some(429), Code::RateLimited, Some(5), true),
        (Some(503), Code::ServerError, Some(5), true),
        // A gateway that could not get a token, or could not reach Campaign.
        (Some(503), Code::TokenUnavailable, Some(5), true),
        (Some(503), Code::Unreachable, Some(5), true),
        (None, Code::Unreachable, None, true),
        (Some(503), Code::ServerError, None, false),
        (Some(500), Code::ServerError, Some(5), false),
        (Some(404), Code::NotFound, Some(5), false),
        (None, Code::TokenUnavailable, None, false),
    ] {
        let again = match may_pass {
            true => Ended::Again { after_ms },
            false => Ended::Failed(Outcome::NotExecuted),
        };
        let told = error(status, code, Outcome::NotExecuted, after_ms);
        assert_eq!(failed(&LIMITS, &told), again, "{told:?}");
        // The word of a function that the caller brought along is not built upon.
        let is_by_fetch = status.is_none();
        let unsure = failed(&own, &told);
        assert_eq!(unsure == again, !(may_pass && is_by_fetch), "{told:?}");
    }
    for &code in Code::ALL {
        for status in [None, Some(429), Some(503)] {
            let told = error(status, code, Outcome::Unknown, Some(1));
            assert_eq!(failed(&LIMITS, &told), Ended::Failed(Outcome::Unknown));
        }
    }
}
