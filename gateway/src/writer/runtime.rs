//! What a workflow's writer needs from its runtime: the table, the audit trail, the alarm and the log.

use campaign_workflow::Command;
use serde::Serialize;

use super::command_entry::CommandEntry;
use super::command_row::CommandRow;
use crate::operation::{Operation, RequestedOperation};
use crate::runtime::CallRuntime;

/// The store could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreError;

/// A result of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// The table of one workflow's commands. Each write happens entirely or not at all. Nothing is on disk before
/// [`WriterRuntime::flush`].
pub trait CommandTable {
    /// The row with this owner and key.
    fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>>;
    /// The row with this number.
    fn get(&self, seq: u64) -> StoreResult<Option<CommandRow>>;
    /// The rows that are `Waiting` or `Sending`.
    fn in_flight(&self) -> StoreResult<Vec<CommandRow>>;
    /// The queued rows that are due, in the order of their due times.
    fn due(&self, now: u64) -> StoreResult<Vec<CommandRow>>;
    /// The number of queued rows.
    fn queued_count(&self) -> StoreResult<u32>;
    /// Stores a new row and returns its number. Another row with the same owner and key loses its key.
    fn insert(&self, row: &CommandRow) -> StoreResult<u64>;
    /// Stores changes to a row.
    fn update(&self, row: &CommandRow) -> StoreResult<()>;
    /// Stores a closed row and the new row that replaces it, or neither. Returns the new row's number.
    fn replace(&self, closed: &CommandRow, new: &CommandRow) -> StoreResult<u64>;
    /// The last rows, the newest first.
    fn newest(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// The next rows in the queue, by their due times.
    fn upcoming(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// The last dead rows, the newest first.
    fn dead(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// Removes the keys of rows that were settled or closed up to this time, and deletes rows without a key, except for
    /// the last `keep` rows. The last `keep_dead` dead rows stay, with their keys. The key of a row that was sent again
    /// stays as long as the new row has its key.
    fn expire(&self, settled_before: u64, keep: u32, keep_dead: u32) -> StoreResult<()>;
    /// When the next queued row is due.
    fn next_due(&self) -> StoreResult<Option<u64>>;
    /// When the first row whose key can expire was settled or closed.
    fn first_settled(&self) -> StoreResult<Option<u64>>;
}

/// The audit trail of a workflow's commands. It is stored elsewhere, for longer than the table keeps them.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait AuditTrail {
    /// Stores a line next to the table. It is sent later.
    fn add(&self, at: u64, line: &LogLine<'_>) -> StoreResult<()>;
    /// When the first line was added that has not been sent yet.
    fn first(&self) -> StoreResult<Option<u64>>;
    /// Sends the first lines and deletes those that have arrived. A line may be sent twice but is kept once.
    async fn send(&self) -> StoreResult<()>;
}

/// The runtime of one workflow's object.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait WriterRuntime: CallRuntime {
    /// The table.
    type Table: CommandTable;
    /// The audit trail.
    type AuditTrail: AuditTrail;

    /// The table.
    fn table(&self) -> &Self::Table;
    /// The audit trail, if there is one.
    fn audit_trail(&self) -> Option<&Self::AuditTrail>;
    /// The wall clock, in milliseconds since 1970. It may jump.
    fn clock_ms(&self) -> u64;
    /// Waits until everything that was written is on disk.
    async fn flush(&self) -> StoreResult<()>;
    /// Sets the object's only alarm to this time.
    fn set_alarm(&self, at: u64) -> StoreResult<()>;
    /// Writes a log entry.
    fn log(&self, line: &LogLine<'_>);
}

/// A log entry about a command. The runtime adds the time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine<'a> {
    /// The organization.
    pub organization: &'a str,
    /// The workflow.
    pub workflow_id: &'a str,
    /// The command as it is now.
    #[serde(flatten)]
    pub entry: CommandEntry,
    /// `false`: the change could not be stored, so the row does not show it.
    pub is_stored: bool,
}

/// The name of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowName {
    /// The organization.
    pub organization: String,
    /// The id or PKey.
    pub workflow_id: String,
}

impl WorkflowName {
    /// The operation that sends this command.
    pub(crate) fn requested(&self, command: Command) -> RequestedOperation {
        RequestedOperation {
            organization: self.organization.clone(),
            workflow_id: self.workflow_id.clone(),
            operation: Operation::Command(command),
        }
    }
}
