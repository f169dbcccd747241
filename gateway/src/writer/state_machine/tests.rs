use super::*;
use campaign_workflow::{Code, Command, Outcome};

use crate::problem::Problem;

const LIMITS: Limits = Limits {
    max_tries: 40,
    retry_ms: 5000,
    max_pause_ms: HOUR_MS / 4,
    give_up_after_ms: 6 * HOUR_MS,
    max_waiting: 1000,
};

fn order() -> CommandOrder {
    CommandOrder {
        key: "key".into(),
        command: Command::Start,
        who: "who".into(),
    }
}

fn queued(now: u64, delay_ms: u64) -> CommandRow {
    match admit(&order(), Channel::Queue, delay_ms, None, 0, now, &LIMITS) {
        Admission::New(row) => row,
        other => panic!("{other:?}"),
    }
}

fn refused(code: Code, retry_after_ms: Option<u32>) -> CommandResult {
    CommandResult::Problem(Problem {
        retry_after_ms,
        ..Problem::new(429, code, Outcome::NotExecuted, "")
    })
}

/// The times of the attempts if Campaign refuses each of them in this way.
fn tries(delay_ms: u64, retry_after_ms: Option<u32>) -> Vec<u64> {
    let mut row = queued(0, delay_ms);
    let mut times = Vec::new();
    loop {
        let now = row.due_at;
        assert!(row.start_sending(now));
        times.push(now);
        row.settle(refused(Code::RateLimited, retry_after_ms), 1, now, &LIMITS);
        if row.state != State::Retrying {
            assert_eq!(row.state, State::Failed);
            return times;
        }
    }
}

#[test]
fn has_the_documented_defaults() {
    assert_eq!(Limits::default(), LIMITS);
}

#[test]
fn repeats_a_command_for_six_hours_with_few_requests() {
    for retry_after_ms in [None, Some(0), Some(2000), Some(600_000)] {
        let times = tries(0, retry_after_ms);
        assert!(times.len() <= 40, "{}", times.len());
        assert_eq!(times.last(), Some(&(6 * HOUR_MS)));
        assert!(
            times
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= MIN_PAUSE_MS)
        );
    }
    assert_eq!(tries(0, Some(0))[..4], [0, 5000, 15_000, 35_000]);
}

#[test]
fn a_retry_after_of_days_ends_with_a_last_attempt() {
    assert_eq!(tries(0, Some(90_000_000)), [0, 6 * HOUR_MS]);
    let week = 7 * 24 * HOUR_MS;
    assert_eq!(tries(week, Some(90_000_000)), [week, week + 6 * HOUR_MS]);
}

#[test]
fn does_not_repeat_after_a_final_error() {
    for code in [Code::NotFound, Code::Forbidden, Code::Rejected] {
        let mut row = queued(0, 0);
        assert!(row.start_sending(0));
        row.settle(refused(code, None), 1, 0, &LIMITS);
        assert_eq!(
            (row.state, row.is_dead()),
            (State::Failed, true),
            "{code:?}"
        );
    }
}

#[test]
fn keeps_a_key_for_a_day_unless_the_command_may_be_sent_again() {
    let mut row = queued(0, 0);
    let again = |row: &CommandRow, now| {
        admit(
            &order(),
            Channel::Queue,
            0,
            Some(row.clone()),
            0,
            now,
            &LIMITS,
        )
    };
    assert!(
        matches!(again(&row, u64::MAX), Admission::Duplicate(_)),
        "while it is pending"
    );
    assert!(row.cancel("jo", 10) && !row.cancel("jo", 11) && !row.start_sending(11));
    assert!(matches!(
        again(&row, 9 + KEY_LIFETIME_MS),
        Admission::Duplicate(_)
    ));
    assert!(matches!(
        again(&row, 10 + KEY_LIFETIME_MS),
        Admission::New(_)
    ));
    let mut freed = queued(0, 0);
    assert!(freed.start_sending(0));
    let limits = Limits {
        max_tries: 1,
        ..LIMITS
    };
    freed.settle(refused(Code::Unreachable, None), 1, 0, &limits);
    let Admission::Replacement(closed, row) = again(&freed, 1) else {
        panic!("it is dead, so its key sends it again");
    };
    assert!(!closed.is_dead() && closed.closed_by.as_deref() == Some("who"));
    assert_eq!(row.key.as_deref(), Some("key"));
}

#[test]
fn bounds_the_number_of_queued_commands() {
    let at = |waiting| admit(&order(), Channel::Queue, 0, None, waiting, 0, &LIMITS);
    assert!(matches!(at(999), Admission::New(_)));
    assert_eq!(at(1000), Admission::QueueFull);
}

#[test]
fn never_sends_again_from_sending_or_unknown() {
    let mut row = queued(0, 0);
    assert!(row.start_sending(0) && !row.start_sending(0) && !row.cancel("jo", 0));
    assert!(row.recover(1) && !row.recover(1));
    assert_eq!((row.state, row.settled_at), (State::Unknown, Some(1)));
    assert!(!row.start_sending(2) && !row.cancel("jo", 2) && row.is_result_stored());
}

#[test]
fn an_operator_sends_a_dead_command_again_once() {
    let mut dead = queued(0, 0);
    assert_eq!(send_again(dead.clone(), "op", 0, 1, &LIMITS), None);
    assert!(dead.start_sending(0));
    dead.settle(refused(Code::NotFound, None), 1, 0, &LIMITS);
    assert!(dead.is_dead());
    let Some(Admission::Replacement(closed, row)) = send_again(dead.clone(), "op", 0, 1, &LIMITS)
    else {
        panic!("it is dead");
    };
    assert_eq!(
        (closed.closed_by.as_deref(), closed.closed_at),
        (Some("op"), Some(1))
    );
    assert_eq!(
        (row.who.as_str(), row.command, row.due_at),
        ("op", dead.command, 1)
    );
    assert!(row.key != dead.key && row.state == State::Queued);
    assert_eq!(send_again(*closed, "op", 0, 2, &LIMITS), None);
    let full = send_again(dead.clone(), "op", 1000, 1, &LIMITS);
    assert_eq!(full, Some(Admission::QueueFull));
    assert!(dead.close("op", 3) && !dead.close("op", 4) && !dead.is_dead());
}

#[test]
fn the_queries_of_the_table_use_the_same_states() {
    let source = include_str!("../../../../cloudflare/command-table.js");
    let states = [
        State::Waiting,
        State::Queued,
        State::Sending,
        State::Retrying,
        State::Accepted,
        State::Failed,
        State::Unknown,
        State::Cancelled,
    ];
    let condition = |is: &dyn Fn(State) -> bool| {
        let names = states.iter().filter(|state| is(**state));
        let names: Vec<_> = names
            .map(|state| serde_json::to_string(state).unwrap().replace('"', "'"))
            .collect();
        format!("state IN ({})", names.join(", "))
    };
    let is_dead = |state| {
        let row = CommandRow {
            state,
            ..queued(0, 0)
        };
        row.is_dead()
    };
    for (name, condition) in [
        ("queued", condition(&State::is_queued)),
        ("inFlight", condition(&State::is_in_flight)),
    ] {
        let constant = format!("const {name} = \"{condition}\";");
        assert!(source.contains(&constant), "{constant}");
    }
    let dead = format!(
        "const dead = \"via = 'queue' AND {} AND closedAt IS NULL\";",
        condition(&is_dead)
    );
    assert!(source.contains(&dead), "{dead}");
}
