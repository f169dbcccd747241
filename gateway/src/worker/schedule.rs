//! Commands at set times. Their keys are made of the trigger's own time, so a trigger that comes twice sends nothing twice.

use campaign_workflow::Command;
use serde::{Deserialize, Serialize};

use super::objects::{EnqueueReply, ObjectCall, Objects, call_object};
use crate::allow_list::AllowList;
use crate::operation::{Operation, RequestedOperation};
use crate::writer::{CommandOrder, WorkflowName};

/// Who sends what is scheduled.
const CALLER: &str = "schedule";

/// One entry of the variable `SCHEDULE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledCommand {
    /// The trigger's expression.
    pub cron: String,
    /// The workflow.
    pub workflow_id: String,
    /// The command.
    pub command: Command,
}

/// A command that could not be given to its object, as it waits in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledOrder {
    organization: String,
    workflow_id: String,
    key: String,
    command: String,
}

/// The commands.
#[derive(Clone, Debug, Default)]
pub struct Schedule(pub Vec<ScheduledCommand>);

impl Schedule {
    /// Gives the commands of a trigger to their objects; those whose object did not answer come back, for the queue.
    pub async fn run<O: Objects>(
        &self,
        objects: &O,
        allow_list: &AllowList,
        cron: &str,
        scheduled_ms: u64,
    ) -> Vec<ScheduledOrder> {
        let mut lost = Vec::new();
        for entry in self.0.iter().filter(|entry| entry.cron == cron) {
            let requested = RequestedOperation {
                organization: allow_list.organization.clone(),
                workflow_id: entry.workflow_id.clone(),
                operation: Operation::Command(entry.command),
            };
            let word = entry.command.as_str();
            let order = ScheduledOrder {
                organization: requested.organization.clone(),
                workflow_id: requested.workflow_id.clone(),
                key: format!("cron {cron} {scheduled_ms} {word}"),
                command: word.to_owned(),
            };
            if allow_list.permits(&requested) && !order.deliver(objects).await {
                lost.push(order);
            }
        }
        wake(objects, allow_list).await;
        lost
    }
}

/// The platform gives up an alarm that fails a few times, and its object would sleep until somebody asks it for anything. A call
/// sets the alarm anew, so no trigger of the schedule passes without one for each workflow that is listed.
async fn wake<O: Objects>(objects: &O, allow_list: &AllowList) {
    for (workflow_id, _) in allow_list.workflows.iter().flatten() {
        let name = WorkflowName {
            organization: allow_list.organization.clone(),
            workflow_id: workflow_id.clone(),
        };
        // One that does not answer now is woken by the next trigger.
        let _ = objects.call(&name, ObjectCall::History).await;
    }
}

impl ScheduledOrder {
    /// Gives it to its object; whether that has it now.
    pub async fn deliver<O: Objects>(&self, objects: &O) -> bool {
        // An unknown command was not put here by this Worker, and retrying it would not help.
        let Some(command) = Command::parse(&self.command) else {
            return true;
        };
        let name = WorkflowName {
            organization: self.organization.clone(),
            workflow_id: self.workflow_id.clone(),
        };
        let order = CommandOrder {
            key: self.key.clone(),
            command,
            who: CALLER.to_owned(),
        };
        let call = ObjectCall::Enqueue {
            order: &order,
            delay_ms: 0,
        };
        match call_object::<O, EnqueueReply>(objects, &name, call).await {
            // A full queue, or a disk that refused: later, with the same key.
            Ok(taken) => taken
                .problem
                .is_none_or(|problem| problem.retry_after_ms.is_none()),
            Err(_) => false,
        }
    }
}
