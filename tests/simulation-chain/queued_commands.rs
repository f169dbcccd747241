//! The callers that queue commands, cancel them and look them up, and the operators that send dead commands again.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_gateway::writer::{CommandEntry, CommandOrder, State};
use campaign_workflow::error::Outcome;

use crate::object::{Object, ObjectReply, ObjectRequest, ObjectResponse};
use crate::observations::Observations;
use crate::setup::{QueuedCommand, Setup};
use crate::simulation::Simulation;

/// The first context of these callers, between requests and objects.
const FIRST_CONTEXT: usize = 900_000;

/// The owner of the commands.
const OWNER: &str = "the queue";

/// A caller or an operator of one queued command.
#[derive(Clone)]
struct Actor {
    number: usize,
    setup: Rc<Setup>,
    object: Object,
    observations: Rc<RefCell<Observations>>,
}

/// Schedules all callers and operators.
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
            who: String::from(OWNER),
        };
        let enqueued = queued.enqueued_at.iter();
        let enqueued =
            enqueued.map(|at| (*at, ObjectRequest::Enqueue(order.clone(), queued.delay_ms)));
        let cancelled = queued.cancelled_at.iter();
        let cancelled = cancelled.map(|at| (*at, ObjectRequest::Cancel(order.clone())));
        let looked_up = queued.looked_up_at.iter();
        let looked_up = looked_up.map(|at| (*at, ObjectRequest::Lookup(order.clone())));
        for (at, request) in enqueued.chain(cancelled).chain(looked_up) {
            let (spawned, actor) = (simulation.clone(), actor.clone());
            simulation.after(at, move || {
                let context = FIRST_CONTEXT + number;
                spawned.spawn(context as u32, actor.send(request));
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
    /// Sends the command again, if it is dead and was certainly not executed.
    async fn send_again(self) {
        let ObjectReply::Listed(Ok(entries)) = self.object.call(ObjectRequest::Dead).await.reply
        else {
            return;
        };
        let command = self.queued().command.as_str();
        let is_own_command = |entry: &CommandEntry| {
            entry.command == command && entry.outcome == Some("not-executed")
        };
        for entry in entries.into_iter().filter(is_own_command) {
            self.clone()
                .send(ObjectRequest::SendAgain(Box::new(entry)))
                .await;
        }
    }

    async fn send(self, request: ObjectRequest) {
        if matches!(
            request,
            ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_)
        ) {
            self.observations.borrow_mut().queued[self.number].enqueued += 1;
        }
        let ObjectResponse { reply, executed } = self.object.call(request.clone()).await;
        let mut observations = self.observations.borrow_mut();
        let QueuedCommand {
            workflow, command, ..
        } = *self.queued();
        // Executions of earlier commands with this key.
        let renewals = observations.renewals(workflow, Some(command));
        let seen = &mut observations.queued[self.number];
        let mut is_true = true;
        match (&request, &reply) {
            (
                ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_),
                ObjectReply::Enqueued(Ok(entry)),
            ) => {
                seen.is_queued = true;
                is_true = fits(entry, executed, renewals);
            }
            (
                ObjectRequest::Enqueue(..) | ObjectRequest::SendAgain(_),
                ObjectReply::Enqueued(Err(error)),
            ) => {
                let problem = error.result.problem();
                if problem.is_some_and(|problem| problem.outcome == Outcome::NotExecuted) {
                    seen.refused += 1;
                    // An earlier order may have been executed: a refusal concerns only one of the orders.
                    is_true = executed as u32 + seen.refused <= seen.enqueued;
                }
            }
            (_, ObjectReply::Found(Ok(Some(entry)))) => {
                seen.is_cancelled |= entry.state == State::Cancelled;
                is_true = fits(entry, executed, renewals);
            }
            _ => {}
        }
        if !is_true {
            let details = format!("{executed} executed: {reply:?}: {:?}", self.queued());
            observations
                .violations
                .push(("the reported state of a queued command is true", details));
        }
    }

    fn queued(&self) -> &QueuedCommand {
        &self.setup.queued[self.number]
    }
}

/// Whether an entry is true after this number of executions.
fn fits(entry: &CommandEntry, executed: usize, renewals: usize) -> bool {
    match entry.outcome {
        // This is checked with the command that replaces it.
        _ if entry.sent_again_as.is_some() => true,
        Some("accepted") => (1..=1 + renewals).contains(&executed),
        Some("not-executed") => executed <= renewals,
        _ => true,
    }
}
