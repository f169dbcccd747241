//! A command as it is kept: one row of its workflow's table.

use campaign_workflow::Command;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::command_result::CommandResult;

/// Who named a command, and how it can be named again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommandOrder {
    /// The caller's `Idempotency-Key`, or a name that the Worker gave. Those have a space, so they meet no key of a caller.
    pub key: String,
    /// What is to be done with the workflow.
    pub command: Command,
    /// The caller, as `authorize` has told.
    pub who: String,
}

/// How a command came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Somebody waits for its answer.
    Request,
    /// It was taken for later.
    Queue,
}

/// How far a command has come.
///
/// ```text
/// by a request   waiting → sending → accepted | failed | unknown
/// by the queue   queued  → sending → accepted | failed | unknown | retrying → sending → …
///                queued | retrying → cancelled
/// ```
///
/// Nothing leads from `Sending` or `Unknown` to `Sending`: a command in doubt is never sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// For its turn; its caller waits for the answer.
    Waiting,
    /// For its time, or its turn.
    Queued,
    /// A request for it may be under way. This is on disk before the request goes out.
    Sending,
    /// It was certainly not executed, and is sent again when it is due.
    Retrying,
    /// Campaign has accepted it.
    Accepted,
    /// It was certainly not executed, and is not sent again.
    Failed,
    /// Nobody can know whether it was executed.
    Unknown,
    /// It was cancelled before it was sent.
    Cancelled,
}

impl State {
    /// Whether a request for it may go out next.
    pub const fn may_be_sent(self) -> bool {
        matches!(self, Self::Waiting | Self::Queued | Self::Retrying)
    }

    /// Whether it waits for its time, which the alarm watches.
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Queued | Self::Retrying)
    }

    /// Whether only this object's memory knows what becomes of it.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending)
    }

    /// Whether it has come to its end.
    pub const fn is_settled(self) -> bool {
        !(self.may_be_sent() || self.is_in_flight())
    }
}

/// One command. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandRow {
    /// Its number, in the order of arrival; 0 until it is stored.
    pub seq: u64,
    /// The key of whoever sent it; `None` once that may be used anew.
    pub key: Option<String>,
    /// The command.
    #[serde(serialize_with = "word", deserialize_with = "command")]
    pub command: Command,
    /// Whose command it is.
    pub who: String,
    /// How it came here.
    pub via: Channel,
    /// How far it has come.
    pub state: State,
    /// How many requests went to Campaign for it.
    pub tries: u32,
    /// When it was taken.
    pub created_at: u64,
    /// It is not sent before.
    pub due_at: u64,
    /// It is not tried again after this.
    pub give_up_at: u64,
    /// When the last request went out.
    pub sent_at: Option<u64>,
    /// When it came to its end.
    pub settled_at: Option<u64>,
    /// When somebody cancelled it, or dealt with it after it had failed.
    pub closed_at: Option<u64>,
    /// Who that was.
    pub closed_by: Option<String>,
    /// The number of the command that was sent in its place.
    pub sent_again_as: Option<u64>,
    /// How it ended, or why it is tried again, as JSON.
    #[serde(rename = "answer", with = "super::command_result::text")]
    pub result: Option<CommandResult>,
}

fn word<S: Serializer>(command: &Command, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(command.as_str())
}

fn command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Command, D::Error> {
    let word = String::deserialize(deserializer)?;
    Command::parse(&word).ok_or_else(|| serde::de::Error::custom("no command"))
}
