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
    let again = |after_ms| Ended::Again { after_ms };
    let told = |code, outcome, after| failed(&LIMITS, code, outcome, after);
    assert_eq!(
        told(Code::RateLimited, Outcome::NotExecuted, None),
        again(None)
    );
    assert_eq!(
        told(Code::ServerError, Outcome::NotExecuted, Some(5)),
        again(Some(5))
    );
    assert_eq!(
        told(Code::Unreachable, Outcome::NotExecuted, None),
        again(None)
    );
    let not_executed = Ended::Failed(Outcome::NotExecuted);
    assert_eq!(
        told(Code::ServerError, Outcome::NotExecuted, None),
        not_executed
    );
    assert_eq!(
        told(Code::NotFound, Outcome::NotExecuted, Some(5)),
        not_executed
    );
    let own = Limits {
        has_custom_fetch: true,
        ..LIMITS
    };
    assert_eq!(
        failed(&own, Code::Unreachable, Outcome::NotExecuted, None),
        not_executed
    );
    for &code in Code::ALL {
        let unknown = Ended::Failed(Outcome::Unknown);
        assert_eq!(told(code, Outcome::Unknown, Some(1)), unknown);
    }
}
