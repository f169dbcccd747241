//! The calls of the Worker to the workflows' objects. They go over a network, so any call can be lost.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::writer::command_result::StoredReceipt;
use crate::writer::{CommandOrder, WorkflowName};

/// The call returned nothing usable. The object may have carried it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectLost;

/// A call to a workflow's object.
#[derive(Clone, Copy, Debug)]
pub enum ObjectCall<'a> {
    /// Sends a command now.
    Send {
        /// The command.
        order: &'a CommandOrder,
        /// The time for everything, in milliseconds.
        timeout_ms: u32,
    },
    /// Queues a command.
    Enqueue {
        /// The command.
        order: &'a CommandOrder,
        /// The delay until it is due, in milliseconds.
        delay_ms: u64,
    },
    /// Cancels a queued command.
    Cancel {
        /// The owner of the key.
        who: &'a str,
        /// The key.
        key: &'a str,
        /// The caller who cancels it.
        by: &'a str,
    },
    /// Returns a command by its key.
    Lookup {
        /// The owner of the key.
        who: &'a str,
        /// The key.
        key: &'a str,
    },
    /// Returns the last commands.
    History,
    /// Returns the queued commands.
    Waiting,
    /// Returns the dead commands.
    Dead,
    /// Returns a command by its number.
    ByNumber(u64),
    /// Sends a dead command again.
    SendAgain {
        /// Its number.
        number: u64,
        /// The caller who sends it again.
        by: &'a str,
    },
    /// Dismisses a dead command.
    Dismiss {
        /// Its number.
        number: u64,
        /// The caller who dismisses it.
        by: &'a str,
    },
}

/// The workflows' objects.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait Objects {
    /// Calls the object of a workflow. The reply is the JSON of the writer's export.
    async fn call(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost>;
}

/// An object's reply to [`ObjectCall::Send`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendReply {
    pub receipt: Option<StoredReceipt>,
    pub problem: Option<Problem<'static>>,
    #[serde(default)]
    pub is_stored: bool,
}

/// An object's reply to [`ObjectCall::Enqueue`] and [`ObjectCall::SendAgain`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnqueueReply {
    /// The entry as raw JSON, so that it is forwarded unchanged.
    pub entry: Option<Box<serde_json::value::RawValue>>,
    pub problem: Option<Problem<'static>>,
    #[serde(default)]
    pub is_stored: bool,
}

/// Calls an object and parses its reply. A reply that can't be parsed counts as lost.
pub async fn call_object<O: Objects, T: DeserializeOwned>(
    objects: &O,
    name: &WorkflowName,
    call: ObjectCall<'_>,
) -> Result<T, ObjectLost> {
    let text = objects.call(name, call).await?;
    serde_json::from_str(&text).map_err(|_| ObjectLost)
}
