//! Who brings commands for later to their objects, cancels them, looks what became of them, and sends dead ones again.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_gateway::writer::{Entry, Order, State};
use campaign_workflow::error::Outcome;

use crate::object::{Ask, Object, Said, Told};
use crate::record::Record;
use crate::setup::{Later, Setup};
use crate::world::World;

/// Their contexts are numbered from here, between those of requests and of objects.
const FIRST_CONTEXT: usize = 900_000;

/// Whose commands they are.
const WHO: &str = "the queue";

/// One who has to do with a command for later.
#[derive(Clone)]
struct Person {
    number: usize,
    setup: Rc<Setup>,
    object: Object,
    record: Rc<RefCell<Record>>,
}

/// Has everybody come at their time.
pub fn begin(world: &World, setup: &Rc<Setup>, record: &Rc<RefCell<Record>>, objects: &[Object]) {
    for (number, later) in setup.later.iter().enumerate() {
        record.borrow_mut().later.push(Default::default());
        let person = Person {
            number,
            setup: Rc::clone(setup),
            object: objects[later.workflow].clone(),
            record: Rc::clone(record),
        };
        let order = Order {
            key: format!("later-{number}"),
            command: later.command,
            who: String::from(WHO),
        };
        let brought = later.brought_at.iter();
        let brought = brought.map(|at| (*at, Ask::Enqueue(order.clone(), later.delay_ms)));
        let cancelled = later.cancelled_at.iter();
        let cancelled = cancelled.map(|at| (*at, Ask::Cancel(order.clone())));
        let looked = later.looked_at.iter();
        let looked = looked.map(|at| (*at, Ask::Look(order.clone())));
        for (at, ask) in brought.chain(cancelled).chain(looked) {
            let (spawned, person) = (world.clone(), person.clone());
            world.after(at, move || {
                let context = FIRST_CONTEXT + number;
                spawned.spawn(context as u32, person.come(ask));
            });
        }
        for at in &later.sent_again_at {
            let (spawned, person) = (world.clone(), person.clone());
            world.after(*at, move || {
                let context = FIRST_CONTEXT + number;
                spawned.spawn(context as u32, person.send_again());
            });
        }
    }
}

impl Person {
    /// An operator sends the command again, if it is dead and was certainly not executed.
    async fn send_again(self) {
        let Told::Listed(Ok(entries)) = self.object.ask(Ask::Dead).await.told else {
            return;
        };
        let command = self.later().command.as_str();
        let is_meant =
            |entry: &Entry| entry.command == command && entry.outcome == Some("not-executed");
        for entry in entries.into_iter().filter(is_meant) {
            self.clone().come(Ask::SendAgain(Box::new(entry))).await;
        }
    }

    async fn come(self, ask: Ask) {
        if matches!(ask, Ask::Enqueue(..) | Ask::SendAgain(_)) {
            self.record.borrow_mut().later[self.number].brought += 1;
        }
        let Said { told, executed } = self.object.ask(ask.clone()).await;
        let mut record = self.record.borrow_mut();
        let Later {
            workflow, command, ..
        } = *self.later();
        // So many may be of earlier commands with this key.
        let renewals = record.renewals(workflow, Some(command));
        let seen = &mut record.later[self.number];
        let mut is_true = true;
        match (&ask, &told) {
            (Ask::Enqueue(..) | Ask::SendAgain(_), Told::Enqueued(Ok(entry))) => {
                seen.is_taken = true;
                is_true = fits(entry, executed, renewals);
            }
            (Ask::Enqueue(..) | Ask::SendAgain(_), Told::Enqueued(Err(answered))) => {
                let problem = answered.ending.problem();
                if problem.is_some_and(|problem| problem.outcome == Outcome::NotExecuted) {
                    seen.refused += 1;
                    // Whoever brought it again may have had it executed: a refusal is about one of them alone.
                    is_true = executed as u32 + seen.refused <= seen.brought;
                }
            }
            (_, Told::Found(Ok(Some(entry)))) => {
                seen.is_cancelled |= entry.state == State::Cancelled;
                is_true = fits(entry, executed, renewals);
            }
            _ => {}
        }
        if !is_true {
            let how = format!("{executed} executed: {told:?}: {:?}", self.later());
            record
                .complaints
                .push(("the reported state of a queued command is true", how));
        }
    }

    fn later(&self) -> &Later {
        &self.setup.later[self.number]
    }
}

/// Whether an entry may say so, after so many executions.
fn fits(entry: &Entry, executed: usize, renewals: usize) -> bool {
    match entry.outcome {
        // That is counted with the command that took its place.
        _ if entry.sent_again_as.is_some() => true,
        Some("accepted") => (1..=1 + renewals).contains(&executed),
        Some("not-executed") => executed <= renewals,
        _ => true,
    }
}
