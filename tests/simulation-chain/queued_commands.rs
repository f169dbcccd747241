//! Who brings commands for later to their objects, cancels them, looks what became of them, and sends dead ones again.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_gateway::writer::{CommandEntry, CommandOrder, State};
use campaign_workflow::error::Outcome;

use crate::object::{Object, ObjectReply, ObjectRequest, ObjectResponse};
use crate::observations::Observations;
use crate::setup::{QueuedCommand, Setup};
use crate::simulation::Simulation;

/// Their contexts are numbered from here, between those of requests and of objects.
const FIRST_CONTEXT: usize = 900_000;

/// Whose commands they are.
const WHO: &str = "the queue";

/// One who has to do with a command for later.
#[derive(Clone)]
struct Actor {
    number: usize,
    setup: Rc<Setup>,
    object: Object,
    observations: Rc<RefCell<Observations>>,
}

/// Has everybody come at their time.
pub fn begin(
    simulation: &Simulation,
    setup: &Rc<Setup>,
    observations: &Rc<RefCell<Observations>>,
    objects: &[Object],
) {
    for (number, queued) in setup.queued.iter().enumerate() {
        observations.borrow_mut().queued.push(Default::default());
        let actor = Actor {
            number,
            setup: Rc::clone(setup),
            object: objects[queued.workflow].clone(),
            observations: Rc::clone(observations),
        };
        let order = CommandOrder {
            key: format!("later-{number}"),
            command: queued.command,
            who: String::from(WHO),
        };
        let brought = queued.brought_at.iter();
        let brought =
            brought.map(|at| (*at, ObjectRequest::Enqueue(order.clone(), queued.delay_ms)));
        let cancelled = queued.cancelled_at.iter();
        let cancelled = cancelled.map(|at| (*at, ObjectRequest::Cancel(order.clone())));
        let looked = queued.looked_at.iter();
        let looked = looked.map(|at| (*at, ObjectRequest::Lookup(order.clone())));
        for (at, request) in brought.chain(cancelled).chain(looked) {
            let (spawned, actor) = (simulation.clone(), actor.clone());
            simulation.after(at, move || {
                let context = FIRST_CONTEXT + number;
                spawned.spawn(context as u32, actor.come(request));
            });
        }
        for at in &queued.sent_again_at {
            let (spawned, actor) = (simulation.clone(), actor.clone());
            simulation.after(*at, move || {
                let context = FIRST_CONTEXT + number;
                spawned.spawn(context as u32, actor.send_again());
            });
        }
    }
}

impl Actor {
    /// An operator sends the command again, if it is dead and was certainly not executed.
    async fn send_again(self) {
        let ObjectReply::Listed(Ok(entries)) = self.object.call(ObjectRequest::Dead).await.reply
        else {
            return;
        };
        let command = self.queued().command.as_str();
        let is_meant = |entry: &CommandEntry| {
            entry.command == command && entry.outcome == Some("not-executed")
        };
        for entry in entries.into_iter().filter(is_meant) {
            self.clone()
                .come(ObjectRequest::SendAgain(Box::new(entry)))
                .await;
        }
    }

    async fn come(self, request: ObjectRequest) {
        if matches!(
            request,
            ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_)
        ) {
            self.observations.borrow_mut().queued[self.number].brought += 1;
        }
        let ObjectResponse { reply, executed } = self.object.call(request.clone()).await;
        let mut observations = self.observations.borrow_mut();
        let QueuedCommand {
            workflow, command, ..
        } = *self.queued();
        // So many may be of earlier commands with this key.
        let renewals = observations.renewals(workflow, Some(command));
        let seen = &mut observations.queued[self.number];
        let mut is_true = true;
        match (&request, &reply) {
            (
                ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_),
                ObjectReply::Enqueued(Ok(entry)),
            ) => {
                seen.is_taken = true;
                is_true = fits(entry, executed, renewals);
            }
            (
                ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_),
                ObjectReply::Enqueued(Err(answered)),
            ) => {
                let problem = answered.result.problem();
                if problem.is_some_and(|problem| problem.outcome == Outcome::NotExecuted) {
                    seen.refused += 1;
                    // Whoever brought it again may have had it executed: a refusal is about one of them alone.
                    is_true = executed as u32 + seen.refused <= seen.brought;
                }
            }
            (_, ObjectReply::Found(Ok(Some(entry)))) => {
                seen.is_cancelled |= entry.state == State::Cancelled;
                is_true = fits(entry, executed, renewals);
            }
            _ => {}
        }
        if !is_true {
            let how = format!("{executed} executed: {reply:?}: {:?}", self.queued());
            observations
                .violations
                .push(("the reported state of a queued command is true", how));
        }
    }

    fn queued(&self) -> &QueuedCommand {
        &self.setup.queued[self.number]
    }
}

/// Whether an entry may say so, after so many executions.
fn fits(entry: &CommandEntry, executed: usize, renewals: usize) -> bool {
    match entry.outcome {
        // That is counted with the command that took its place.
        _ if entry.sent_again_as.is_some() => true,
        Some("accepted") => (1..=1 + renewals).contains(&executed),
        Some("not-executed") => executed <= renewals,
        _ => true,
    }
}
