//! Every state that the store of a workflow can reach, with the functions that ship: orders that come twice and late, a shared key,
//! a crash between any two steps, writes that are lost or fail, and a Campaign that executes, refuses or says nothing.
//!
//! The simulations draw schedules at random; here none is left out, for a few commands.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::panic)]

mod world;

use std::collections::BTreeSet;

use campaign_gateway::writer::store::{self, Admission};
use campaign_gateway::writer::{Order, State, Via};
use campaign_workflow::{Code, Outcome};
use stateright::{Checker, Model, Property};

use world::{Defect, LIMITS, NOW, ORDERS, Step, World, problem, receipt};

struct Store {
    defect: Defect,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// An order comes, perhaps again.
    Come(usize),
    /// The disk refuses the order's row.
    ComeInVain(usize),
    /// An alarm rings for a row.
    Ring(u64),
    /// Somebody cancels a row.
    Cancel(u64),
    /// An operator sends a dead row again that was not executed.
    SendAgain(u64),
    /// A row has its turn.
    Turn(u64),
    /// Everything written is on disk.
    Flush(u64),
    /// The disk refuses to say so.
    FlushFails(u64),
    Send(u64),
    Execute(u64),
    Refuse(u64),
    /// The answer arrives.
    Hear(u64),
    /// It arrives, and the disk refuses it.
    HearInVain(u64),
    /// Nothing arrives.
    Lose(u64),
    /// The object is lost with what is not on disk.
    Crash,
    /// The object is lost just after everything got there.
    CrashLate,
}

impl Model for Store {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let world = |coming, presses| World {
            rows: vec![],
            disk: vec![],
            live: BTreeSet::new(),
            coming,
            crashes: 1,
            failures: 1,
            presses,
            executed: vec![],
            executions: [0; ORDERS.len()],
            told: BTreeSet::new(),
        };
        // Operators have to do with commands for later only.
        match self.defect {
            Defect::StaysDead => vec![world([0, 0, 1], 2)],
            _ => vec![world([2, 1, 2], 0), world([0, 0, 2], 2)],
        }
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (order, &left) in world.coming.iter().enumerate() {
            if left > 0 {
                actions.push(Action::Come(order));
                if world.failures > 0 {
                    actions.push(Action::ComeInVain(order));
                }
            }
        }
        for row in &world.rows {
            if row.state.is_for_later() {
                actions.push(Action::Cancel(row.seq));
                if !world.is_live(row.seq) {
                    actions.push(Action::Ring(row.seq));
                }
            }
        }
        for row in world.rows.iter().filter(|row| row.state == State::Failed) {
            // Also one that is not dead any more: two operators look at one list.
            if world.presses > 0 && row.via == Via::Queue {
                actions.push(Action::SendAgain(row.seq));
            }
        }
        let is_taken = world.live.iter().any(|(_, step)| *step != Step::Waiting);
        for &(seq, step) in &world.live {
            match step {
                Step::Waiting if is_taken => {}
                Step::Waiting => actions.push(Action::Turn(seq)),
                Step::Begun => {
                    actions.push(Action::Flush(seq));
                    if world.failures > 0 {
                        actions.push(Action::FlushFails(seq));
                    }
                }
                Step::Ready => actions.push(Action::Send(seq)),
                Step::Out => {
                    actions.extend([Action::Execute(seq), Action::Refuse(seq), Action::Lose(seq)])
                }
                Step::Executed | Step::Refused => {
                    actions.extend([Action::Hear(seq), Action::Lose(seq)]);
                    if world.failures > 0 {
                        actions.push(Action::HearInVain(seq));
                    }
                }
            }
        }
        if world.crashes > 0 {
            actions.extend([Action::Crash, Action::CrashLate]);
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        match action {
            Action::Come(number) | Action::ComeInVain(number) => {
                world.coming[number] -= 1;
                let (key, command, via) = ORDERS[number];
                let order = Order {
                    key: key.into(),
                    command,
                    who: "who".into(),
                };
                let known = world.find(key).cloned();
                let is_in_vain = matches!(action, Action::ComeInVain(_));
                match store::admit(&order, via, 0, known, 0, NOW, &LIMITS) {
                    Admission::New(_) | Admission::Instead(..) if is_in_vain => world.failures -= 1,
                    Admission::New(row) => world.insert(None, row),
                    Admission::Instead(closed, row) => world.insert(Some(*closed), row),
                    Admission::Known(row) => {
                        assert_eq!((row.command, row.via), (command, via));
                        if let Some(ending) = row.ending() {
                            world.tell(row.seq, &ending);
                        }
                    }
                    Admission::Mismatch | Admission::Full => {}
                }
            }
            Action::Ring(seq) => _ = world.live.insert((seq, Step::Waiting)),
            Action::Cancel(seq) => {
                let mut row = world.row(seq).clone();
                assert!(row.cancel("who", NOW));
                let ending = row.ending()?;
                world.put(row);
                world.disk.clone_from(&world.rows);
                world.tell(seq, &ending);
            }
            Action::SendAgain(seq) => {
                world.presses -= 1;
                let mut dead = world.row(seq).clone();
                if self.defect == Defect::StaysDead {
                    dead.closed_at = None;
                }
                if let Some(Admission::Instead(closed, row)) =
                    store::send_again(dead, "operator", 0, NOW, &LIMITS)
                {
                    world.insert(Some(*closed), row);
                }
            }
            Action::Turn(seq) => {
                let mut row = world.row(seq).clone();
                let may_be_sent = row.begin(NOW);
                world.put(row);
                let next = match self.defect {
                    Defect::LateWrite => Step::Ready,
                    _ => Step::Begun,
                };
                world.step(seq, Step::Waiting, may_be_sent.then_some(next));
            }
            Action::Flush(seq) => {
                world.disk.clone_from(&world.rows);
                world.step(seq, Step::Begun, Some(Step::Ready));
            }
            Action::FlushFails(seq) => {
                world.failures -= 1;
                world.step(seq, Step::Begun, None);
                world.settle(
                    seq,
                    problem(Code::Aborted, Outcome::NotExecuted, Some(1000)),
                );
            }
            Action::Send(seq) => world.step(seq, Step::Ready, Some(Step::Out)),
            Action::Execute(seq) => {
                world.executed[seq as usize - 1] += 1;
                let command = world.row(seq).command;
                let order = ORDERS.iter().position(|(_, other, _)| *other == command)?;
                world.executions[order] += 1;
                world.step(seq, Step::Out, Some(Step::Executed));
            }
            Action::Refuse(seq) => world.step(seq, Step::Out, Some(Step::Refused)),
            Action::Hear(seq) => {
                let is_executed = world.live.contains(&(seq, Step::Executed));
                let (step, ending) = match is_executed {
                    true => (Step::Executed, receipt()),
                    false => (
                        Step::Refused,
                        problem(Code::RateLimited, Outcome::NotExecuted, Some(1000)),
                    ),
                };
                world.step(seq, step, None);
                world.settle(seq, ending);
            }
            Action::HearInVain(seq) => {
                world.failures -= 1;
                world.live.retain(|(live, _)| *live != seq);
                // The row stays what it was until somebody looks, and finds that nobody sends it.
                if self.defect == Defect::WrongWord {
                    world.told.insert((seq, false));
                }
                let mut row = world.row(seq).clone();
                assert!(row.recover(NOW));
                world.put(row);
            }
            Action::Lose(seq) => {
                world.live.retain(|(live, _)| *live != seq);
                world.settle(seq, problem(Code::Network, Outcome::Unknown, None));
            }
            Action::Crash => {
                world.crashes -= 1;
                world.restart(self.defect);
                // A row that never got to the disk is gone; its number is given again.
                world.executed.truncate(world.rows.len());
            }
            Action::CrashLate => {
                world.crashes -= 1;
                world.disk.clone_from(&world.rows);
                world.restart(self.defect);
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no row is executed twice", |_, world: &World| {
                world.executed.iter().all(|times| *times <= 1)
            }),
            Property::always("no order is executed twice", |_, world: &World| {
                world.executions.iter().all(|times| *times <= 1)
            }),
            Property::always("what is told is so", |_, world: &World| {
                let is_so = |(seq, is_receipt): &(u64, bool)| {
                    (world.executed.get(*seq as usize - 1) == Some(&1)) == *is_receipt
                };
                world.told.iter().all(is_so)
            }),
            Property::always("what is known is so", |_, world: &World| {
                world
                    .rows
                    .iter()
                    .zip(&world.executed)
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
                "a command is accepted at its second try",
                |_, world: &World| {
                    world
                        .rows
                        .iter()
                        .any(|row| row.state == State::Accepted && row.tries == 2)
                },
            ),
            Property::sometimes("a freed key is used again", |_, world: &World| {
                world.rows.iter().any(|row| row.key.is_none())
            }),
            Property::sometimes(
                "an operator sends a dead command again",
                |_, world: &World| {
                    let mut rows = world.rows.iter();
                    rows.any(|row| row.who == "operator" && row.state == State::Accepted)
                },
            ),
            Property::sometimes("unknown, though executed", |_, world: &World| {
                let mut rows = world.rows.iter().zip(&world.executed);
                rows.any(|(row, times)| row.state == State::Unknown && *times == 1)
            }),
            Property::sometimes("all is done", |_, world: &World| {
                world.rows.len() == 2 && world.rows.iter().all(|row| row.state == State::Accepted)
            }),
        ]
    }
}

#[test]
fn every_reachable_state_keeps_the_promises() {
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
fn a_planted_defect_gives_its_shortest_trace() {
    for (defect, property) in [
        (Defect::SendAgain, "no row is executed twice"),
        (Defect::LateWrite, "no order is executed twice"),
        (Defect::WrongWord, "what is told is so"),
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
