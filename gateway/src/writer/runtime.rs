//! What a workflow's writer needs of the world around it: where rows are kept, and what wakes it.

use campaign_workflow::Command;
use serde::Serialize;

use super::entry::Entry;
use super::row::Row;
use crate::host::CallHost;
use crate::operation::{Asked, Operation};

/// Rows could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreError;

/// A result of the store.
pub type Stored<T> = Result<T, StoreError>;

/// The table of one workflow's commands. Each write is whole or not at all, and none is on disk before [`WriterHost::flush`].
pub trait Rows {
    /// The row that has this key of this caller.
    fn find(&self, who: &str, key: &str) -> Stored<Option<Row>>;
    /// The row of this number.
    fn get(&self, seq: u64) -> Stored<Option<Row>>;
    /// The rows that are `Waiting` or `Sending`.
    fn under_way(&self) -> Stored<Vec<Row>>;
    /// The rows for later that are due, in the order in which they became so.
    fn due(&self, now: u64) -> Stored<Vec<Row>>;
    /// How many rows are for later.
    fn waiting(&self) -> Stored<u32>;
    /// Stores a new row, and takes its key from the row that has it; the new row's number.
    fn insert(&self, row: &Row) -> Stored<u64>;
    /// Stores a row again.
    fn update(&self, row: &Row) -> Stored<()>;
    /// Stores a row that was closed, and a new one in its place, or neither; the new row's number.
    fn replace(&self, closed: &Row, new: &Row) -> Stored<u64>;
    /// The last rows, the newest first.
    fn newest(&self, count: u32) -> Stored<Vec<Row>>;
    /// The rows for later that are due next.
    fn next(&self, count: u32) -> Stored<Vec<Row>>;
    /// The last dead rows, the newest first.
    fn dead(&self, count: u32) -> Stored<Vec<Row>>;
    /// Takes the keys of what was settled or closed before, and forgets rows without a key, but for the last of all. The last dead
    /// rows stay, with their keys. A key that leads to a row that was sent again stays as long as that row has its own.
    fn forget(&self, settled_before: u64, keep: u32, keep_dead: u32) -> Stored<()>;
    /// When the next row for later is due.
    fn next_due(&self) -> Stored<Option<u64>>;
    /// When the first of those rows was settled or closed whose key can be taken.
    fn first_settled(&self) -> Stored<Option<u64>>;
}

/// What happened to a workflow's commands, kept elsewhere and for longer than its table keeps them.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait AuditTrail {
    /// Stores a line beside the table, from where it is sent later.
    fn add(&self, at: u64, line: &LogLine<'_>) -> Stored<()>;
    /// When the first line was added that has not been sent yet.
    fn first(&self) -> Stored<Option<u64>>;
    /// Sends the first lines, and drops those that have arrived. A line may be sent twice, and is kept once.
    async fn send(&self) -> Stored<()>;
}

/// The runtime of one workflow's object.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait WriterHost: CallHost {
    /// The table.
    type Rows: Rows;
    /// The audit trail.
    type AuditTrail: AuditTrail;

    /// The table.
    fn rows(&self) -> &Self::Rows;
    /// The audit trail; `None`: there is none.
    fn audit_trail(&self) -> Option<&Self::AuditTrail>;
    /// Milliseconds since 1970. This clock may jump.
    fn clock_ms(&self) -> u64;
    /// Waits until everything that was written is on disk.
    async fn flush(&self) -> Stored<()>;
    /// Wakes the object at that time, in place of any other.
    fn set_alarm(&self, at: u64) -> Stored<()>;
    /// Writes a line of the log.
    fn log(&self, line: &LogLine<'_>);
}

/// What became of a command. The host adds the time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine<'a> {
    /// The tenant.
    pub organization: &'a str,
    /// The workflow.
    pub workflow_id: &'a str,
    /// The command, as it is now.
    #[serde(flatten)]
    pub entry: Entry,
    /// `false`: it could not be stored, so that its row says less.
    pub is_stored: bool,
}

/// The workflow whose commands these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowName {
    /// The tenant.
    pub organization: String,
    /// The id or PKey.
    pub workflow_id: String,
}

impl WorkflowName {
    /// What a command of this workflow is, in the gateway's words.
    pub(crate) fn asked(&self, command: Command) -> Asked {
        Asked {
            organization: self.organization.clone(),
            workflow_id: self.workflow_id.clone(),
            operation: Operation::Command(command),
        }
    }
}
