//! Queues commands at set times. Their keys contain the trigger's scheduled time, so a repeated trigger sends nothing
//! twice.

use campaign_workflow::Command;
use serde::{Deserialize, Serialize};

use super::objects::{EnqueueReply, ObjectCall, Objects, call_object};
use crate::allow_list::AllowList;
use crate::operation::{Operation, RequestedOperation};
use crate::writer::{CommandOrder, WorkflowName};

/// The caller's name for scheduled commands.
const CALLER: &str = "schedule";

/// An entry of the variable `SCHEDULE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledCommand {
    /// The cron expression of the trigger.
    pub cron: String,
    /// The workflow.
    pub workflow_id: String,
    /// The command.
    pub command: Command,
}

/// A scheduled command whose object did not reply. It is sent as a message to the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledOrder {
    organization: String,
    workflow_id: String,
    key: String,
    command: String,
}

/// The scheduled commands.
#[derive(Clone, Debug, Default)]
pub struct Schedule(pub Vec<ScheduledCommand>);

impl Schedule {
    /// Queues the commands of a trigger. Returns those whose object did not reply, for the queue.
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

/// The platform gives up an alarm after a few failures, and its object then sleeps until it is called. Any call sets
/// the alarm again. So each trigger calls the object of every listed workflow.
async fn wake<O: Objects>(objects: &O, allow_list: &AllowList) {
    for (workflow_id, _) in allow_list.workflows.iter().flatten() {
        let name = WorkflowName {
            organization: allow_list.organization.clone(),
            workflow_id: workflow_id.clone(),
        };
        // An object that does not reply is called again by the next trigger.
        let _ = objects.call(&name, ObjectCall::History).await;
    }
}

impl ScheduledOrder {
    /// Queues the command at its object. Returns whether the message is done with.
    pub async fn deliver<O: Objects>(&self, objects: &O) -> bool {
        // This Worker did not write an unknown command, and a retry would not help.
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
            // A full queue or a failed write is retried later with the same key.
            Ok(reply) => reply
                .problem
                .is_none_or(|problem| problem.retry_after_ms.is_none()),
            Err(_) => false,
        }
    }
}
