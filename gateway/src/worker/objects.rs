//! The objects of the workflows, as the Worker asks them: over a network, of which any call can be lost.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::writer::command_result::StoredReceipt;
use crate::writer::{CommandOrder, WorkflowName};

/// Nothing came back. What was asked for may have been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectLost;

/// What is asked of a workflow's object.
#[derive(Clone, Copy, Debug)]
pub enum ObjectCall<'a> {
    /// To send a command now.
    Send {
        /// The command.
        order: &'a CommandOrder,
        /// How much time there is for all of it.
        timeout_ms: u32,
    },
    /// To take a command for later.
    Enqueue {
        /// The command.
        order: &'a CommandOrder,
        /// When it is due, from now on.
        delay_ms: u64,
    },
    /// To cancel a command.
    Cancel {
        /// Whose key it is.
        who: &'a str,
        /// The key.
        key: &'a str,
        /// Who cancels it.
        by: &'a str,
    },
    /// What became of a command.
    Lookup {
        /// Whose key it is.
        who: &'a str,
        /// The key.
        key: &'a str,
    },
    /// The last commands.
    History,
    /// The commands that wait for their time.
    Waiting,
    /// The dead commands.
    Dead,
    /// What became of the command of a number.
    ByNumber(u64),
    /// To send a dead command again.
    SendAgain {
        /// Its number.
        number: u64,
        /// Who sends it again.
        by: &'a str,
    },
    /// To take a dead command off the list.
    Dismiss {
        /// Its number.
        number: u64,
        /// Who dismisses it.
        by: &'a str,
    },
}

/// The objects, and what else the platform brings along.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait Objects {
    /// Asks the object of a workflow. Its answer is JSON, as the writer's face gives it.
    async fn call(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost>;
}

/// What an object says of a command that was sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendReply {
    pub receipt: Option<StoredReceipt>,
    pub problem: Option<Problem<'static>>,
    #[serde(default)]
    pub is_stored: bool,
}

/// What it says of a command for later.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnqueueReply {
    /// As it is, so that it goes out as it came.
    pub entry: Option<Box<serde_json::value::RawValue>>,
    pub problem: Option<Problem<'static>>,
    #[serde(default)]
    pub is_stored: bool,
}

/// Asks an object, and reads its answer. One that can't be read says as little as none.
pub async fn call_object<O: Objects, T: DeserializeOwned>(
    objects: &O,
    name: &WorkflowName,
    call: ObjectCall<'_>,
) -> Result<T, ObjectLost> {
    let text = objects.call(name, call).await?;
    serde_json::from_str(&text).map_err(|_| ObjectLost)
}
