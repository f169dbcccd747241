//! A command as it is stored: one row of its workflow's table.

use campaign_workflow::Command;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::command_result::CommandResult;

/// A command for a workflow, with its key and its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommandOrder {
    /// The caller's `Idempotency-Key`, or a key that the Worker generates. Generated keys contain a space, so they
    /// never equal a caller's key.
    pub key: String,
    /// The command.
    pub command: Command,
    /// The caller's name, as `authorize` returned it.
    pub who: String,
}

/// How a command came to the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// By a request that waits for the outcome.
    Request,
    /// Through the queue, to be sent at its time.
    Queue,
}

/// The state of a command.
///
/// ```text
/// by request     waiting → sending → accepted | failed | unknown
/// from the queue queued  → sending → accepted | failed | unknown | retrying → sending → …
///                queued | retrying → cancelled
/// ```
///
/// No transition leads from `Sending` or `Unknown` to `Sending`: a command whose outcome may be unknown is never sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for the mutex, and its caller waits for the response.
    Waiting,
    /// It waits until it is due, or for the mutex.
    Queued,
    /// An attempt may be in flight. This state is on disk before the attempt begins.
    Sending,
    /// It was certainly not executed, and is sent again when it is due.
    Retrying,
    /// Campaign accepted it.
    Accepted,
    /// It was certainly not executed, and is not sent again.
    Failed,
    /// It may or may not have been executed.
    Unknown,
    /// It was cancelled before it was sent.
    Cancelled,
}

impl State {
    /// Whether an attempt may begin.
    pub const fn may_be_sent(self) -> bool {
        matches!(self, Self::Waiting | Self::Queued | Self::Retrying)
    }

    /// Whether it is in the queue, so that an alarm sends it.
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Queued | Self::Retrying)
    }

    /// Whether its result is known only to the memory of this object.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending)
    }

    /// Whether it has ended.
    pub const fn is_settled(self) -> bool {
        !(self.may_be_sent() || self.is_in_flight())
    }
}

/// One command. Times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandRow {
    /// Its number, in the order of arrival; 0 until it is stored.
    pub seq: u64,
    /// The idempotency key; `None` once it has expired or another row took it.
    pub key: Option<String>,
    /// The command.
    #[serde(serialize_with = "word", deserialize_with = "command")]
    pub command: Command,
    /// The caller who sent it.
    pub who: String,
    /// How it came to the writer.
    pub via: Channel,
    /// Its state.
    pub state: State,
    /// How many attempts were made.
    pub tries: u32,
    /// When it was stored.
    pub created_at: u64,
    /// The earliest time of the next attempt.
    pub due_at: u64,
    /// The time after which there is no further attempt.
    pub give_up_at: u64,
    /// When the last attempt began.
    pub sent_at: Option<u64>,
    /// When it was settled.
    pub settled_at: Option<u64>,
    /// When it was cancelled, or when a dead command was sent again or dismissed.
    pub closed_at: Option<u64>,
    /// The caller who did that.
    pub closed_by: Option<String>,
    /// The number of the command that replaces it.
    pub sent_again_as: Option<u64>,
    /// Its result, or the reason for the next attempt, as JSON.
    #[serde(rename = "answer", with = "super::command_result::text")]
    pub result: Option<CommandResult>,
}

fn word<S: Serializer>(command: &Command, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(command.as_str())
}

fn command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Command, D::Error> {
    let word = String::deserialize(deserializer)?;
    Command::parse(&word).ok_or_else(|| serde::de::Error::custom("not a command"))
}
