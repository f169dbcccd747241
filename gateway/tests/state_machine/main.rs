//! A model checker for the writer's state machine. It visits every reachable state of a few commands: duplicate and
//! late orders, a shared key, a crash between any two steps, writes that are lost or fail, and a Campaign that
//! executes, refuses or does not respond. The functions are the shipped ones.
//!
//! The simulations draw random schedules; this check leaves none out.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::panic)]

mod model_state;

use std::collections::BTreeSet;

use campaign_gateway::writer::state_machine::{self, Admission};
use campaign_gateway::writer::{Channel, CommandOrder, State};
use campaign_workflow::{Code, Outcome};
use stateright::{Checker, Model, Property};

use model_state::{Defect, LIMITS, ModelState, NOW, ORDERS, Step, problem, receipt};

struct Store {
    defect: Defect,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// An order arrives, possibly again.
    Arrive(usize),
    /// An order arrives, and its row can't be stored.
    ArriveUnstored(usize),
    /// The alarm runs for a row.
    Alarm(u64),
    /// A caller cancels a row.
    Cancel(u64),
    /// An operator sends a dead row again that was not executed.
    SendAgain(u64),
    /// A row gets the mutex.
    Start(u64),
    /// Everything that was written is on disk.
    Flush(u64),
    /// The flush fails.
    FlushFails(u64),
    Send(u64),
    Execute(u64),
    Refuse(u64),
    /// The response arrives.
    Receive(u64),
    /// The response arrives, and the result can't be stored.
    ReceiveUnstored(u64),
    /// No response arrives.
    Lose(u64),
    /// The object is lost, with everything that is not on disk.
    Crash,
    /// The object is lost just after everything reached the disk.
    CrashLate,
}

impl Model for Store {
    type State = ModelState;
    type Action = Action;

    fn init_states(&self) -> Vec<ModelState> {
        let state = |arrivals, operator_retries| ModelState {
            rows: vec![],
            disk: vec![],
            active: BTreeSet::new(),
            arrivals,
            crashes: 1,
            failures: 1,
            operator_retries,
            executed: vec![],
            executions: [0; ORDERS.len()],
            reported: BTreeSet::new(),
        };
        // Operators act on queued commands only.
        match self.defect {
            Defect::StaysDead => vec![state([0, 0, 1], 2)],
            _ => vec![state([2, 1, 2], 0), state([0, 0, 2], 2)],
        }
    }

    fn actions(&self, state: &ModelState, actions: &mut Vec<Action>) {
        for (order, &left) in state.arrivals.iter().enumerate() {
            if left > 0 {
                actions.push(Action::Arrive(order));
                if state.failures > 0 {
                    actions.push(Action::ArriveUnstored(order));
                }
            }
        }
        for row in &state.rows {
            if row.state.is_queued() {
                actions.push(Action::Cancel(row.seq));
                if !state.is_active(row.seq) {
                    actions.push(Action::Alarm(row.seq));
                }
            }
        }
        for row in state.rows.iter().filter(|row| row.state == State::Failed) {
            // The row may already be closed: two operators may see the same list.
            if state.operator_retries > 0 && row.via == Channel::Queue {
                actions.push(Action::SendAgain(row.seq));
            }
        }
        let is_locked = state.active.iter().any(|(_, step)| *step != Step::Waiting);
        for &(seq, step) in &state.active {
            match step {
                Step::Waiting if is_locked => {}
                Step::Waiting => actions.push(Action::Start(seq)),
                Step::Marked => {
                    actions.push(Action::Flush(seq));
                    if state.failures > 0 {
                        actions.push(Action::FlushFails(seq));
                    }
                }
                Step::Ready => actions.push(Action::Send(seq)),
                Step::Sent => {
                    actions.extend([Action::Execute(seq), Action::Refuse(seq), Action::Lose(seq)])
                }
                Step::Executed | Step::Refused => {
                    actions.extend([Action::Receive(seq), Action::Lose(seq)]);
                    if state.failures > 0 {
                        actions.push(Action::ReceiveUnstored(seq));
                    }
                }
            }
        }
        if state.crashes > 0 {
            actions.extend([Action::Crash, Action::CrashLate]);
        }
    }

    fn next_state(&self, last: &ModelState, action: Action) -> Option<ModelState> {
        let mut state = last.clone();
        match action {
            Action::Arrive(number) | Action::ArriveUnstored(number) => {
                state.arrivals[number] -= 1;
                let (key, command, via) = ORDERS[number];
                let order = CommandOrder {
                    key: key.into(),
                    command,
                    who: "who".into(),
                };
                let known = state.find(key).cloned();
                let is_in_vain = matches!(action, Action::ArriveUnstored(_));
                match state_machine::admit(&order, via, 0, known, 0, NOW, &LIMITS) {
                    Admission::New(_) | Admission::Replacement(..) if is_in_vain => {
                        state.failures -= 1
                    }
                    Admission::New(row) => state.insert(None, row),
                    Admission::Replacement(closed, row) => state.insert(Some(*closed), row),
                    Admission::Duplicate(row) => {
                        assert_eq!((row.command, row.via), (command, via));
                        if let Some(result) = row.final_result() {
                            state.report(row.seq, &result);
                        }
                    }
                    Admission::KeyMismatch | Admission::QueueFull => {}
                }
            }
            Action::Alarm(seq) => _ = state.active.insert((seq, Step::Waiting)),
            Action::Cancel(seq) => {
                let mut row = state.row(seq).clone();
                assert!(row.cancel("who", NOW));
                let result = row.final_result()?;
                state.put(row);
                state.disk.clone_from(&state.rows);
                state.report(seq, &result);
            }
            Action::SendAgain(seq) => {
                state.operator_retries -= 1;
                let mut dead = state.row(seq).clone();
                if self.defect == Defect::StaysDead {
                    dead.closed_at = None;
                }
                if let Some(Admission::Replacement(closed, row)) =
                    state_machine::send_again(dead, "operator", 0, NOW, &LIMITS)
                {
                    state.insert(Some(*closed), row);
                }
            }
            Action::Start(seq) => {
                let mut row = state.row(seq).clone();
                let may_be_sent = row.start_sending(NOW);
                state.put(row);
                let next = match self.defect {
                    Defect::LateWrite => Step::Ready,
                    _ => Step::Marked,
                };
                state.step(seq, Step::Waiting, may_be_sent.then_some(next));
            }
            Action::Flush(seq) => {
                state.disk.clone_from(&state.rows);
                state.step(seq, Step::Marked, Some(Step::Ready));
            }
            Action::FlushFails(seq) => {
                state.failures -= 1;
                state.step(seq, Step::Marked, None);
                state.settle(
                    seq,
                    problem(Code::Aborted, Outcome::NotExecuted, Some(1000)),
                );
            }
            Action::Send(seq) => state.step(seq, Step::Ready, Some(Step::Sent)),
            Action::Execute(seq) => {
                state.executed[seq as usize - 1] += 1;
                let command = state.row(seq).command;
                let order = ORDERS.iter().position(|(_, other, _)| *other == command)?;
                state.executions[order] += 1;
                state.step(seq, Step::Sent, Some(Step::Executed));
            }
            Action::Refuse(seq) => state.step(seq, Step::Sent, Some(Step::Refused)),
            Action::Receive(seq) => {
                let is_executed = state.active.contains(&(seq, Step::Executed));
                let (step, result) = match is_executed {
                    true => (Step::Executed, receipt()),
                    false => (
                        Step::Refused,
                        problem(Code::RateLimited, Outcome::NotExecuted, Some(1000)),
                    ),
                };
                state.step(seq, step, None);
                state.settle(seq, result);
            }
            Action::ReceiveUnstored(seq) => {
                state.failures -= 1;
                state.active.retain(|(active, _)| *active != seq);
                // The row stays unchanged until the next read recovers it.
                if self.defect == Defect::WrongOutcome {
                    state.reported.insert((seq, false));
                }
                let mut row = state.row(seq).clone();
                assert!(row.recover(NOW));
                state.put(row);
            }
            Action::Lose(seq) => {
                state.active.retain(|(active, _)| *active != seq);
                state.settle(seq, problem(Code::Network, Outcome::Unknown, None));
            }
            Action::Crash => {
                state.crashes -= 1;
                state.restart(self.defect);
                // A row that never reached the disk is gone, and its number is reused.
                state.executed.truncate(state.rows.len());
            }
            Action::CrashLate => {
                state.crashes -= 1;
                state.disk.clone_from(&state.rows);
                state.restart(self.defect);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no row is executed twice", |_, state: &ModelState| {
                state.executed.iter().all(|times| *times <= 1)
            }),
            Property::always("no order is executed twice", |_, state: &ModelState| {
                state.executions.iter().all(|times| *times <= 1)
            }),
            Property::always("reported outcomes are true", |_, state: &ModelState| {
                let is_so = |(seq, is_receipt): &(u64, bool)| {
                    (state.executed.get(*seq as usize - 1) == Some(&1)) == *is_receipt
                };
                state.reported.iter().all(is_so)
            }),
            Property::always("row states are true", |_, state: &ModelState| {
                state
                    .rows
                    .iter()
                    .zip(&state.executed)
                    .all(|(row, times)| match row.state {
                        State::Accepted => *times == 1,
                        State::Failed
                        | State::Cancelled
                        | State::Waiting
                        | State::Queued
                        | State::Retrying => *times == 0,
                        State::Sending | State::Unknown => true,
                    })
            }),
            Property::sometimes(
                "a command is accepted at its second attempt",
                |_, state: &ModelState| {
                    state
                        .rows
                        .iter()
                        .any(|row| row.state == State::Accepted && row.tries == 2)
                },
            ),
            Property::sometimes("a released key is used again", |_, state: &ModelState| {
                state.rows.iter().any(|row| row.key.is_none())
            }),
            Property::sometimes(
                "an operator sends a dead command again",
                |_, state: &ModelState| {
                    let mut rows = state.rows.iter();
                    rows.any(|row| row.who == "operator" && row.state == State::Accepted)
                },
            ),
            Property::sometimes("unknown, though executed", |_, state: &ModelState| {
                let mut rows = state.rows.iter().zip(&state.executed);
                rows.any(|(row, times)| row.state == State::Unknown && *times == 1)
            }),
            Property::sometimes("both commands are accepted", |_, state: &ModelState| {
                state.rows.len() == 2 && state.rows.iter().all(|row| row.state == State::Accepted)
            }),
        ]
    }
}

#[test]
fn every_reachable_state_keeps_the_guarantees() {
    let checker = Store {
        defect: Defect::None,
    }
    .checker()
    .threads(2)
    .spawn_bfs()
    .join();
    println!(
        "{} states, {} of them different",
        checker.state_count(),
        checker.unique_state_count()
    );
    checker.assert_properties();
    assert!(checker.unique_state_count() > 10_000);
}

#[test]
fn finds_each_planted_defect_with_its_shortest_trace() {
    for (defect, property) in [
        (Defect::SendAgain, "no row is executed twice"),
        (Defect::LateWrite, "no order is executed twice"),
        (Defect::WrongOutcome, "reported outcomes are true"),
        (Defect::StaysDead, "no order is executed twice"),
    ] {
        let found = (1..40).find_map(|depth| {
            let checker = Store { defect }
                .checker()
                .target_max_depth(depth)
                .spawn_bfs()
                .join();
            checker.discovery(property)
        });
        let trace = found.unwrap_or_else(|| panic!("{defect:?} is not found"));
        println!(
            "{defect:?}: {property}, broken by\n  {:?}",
            trace.into_actions()
        );
    }
}
