//! What a workflow's writer needs of the world around it: where rows are kept, and what wakes it.

use campaign_workflow::Command;
use serde::Serialize;

use super::command_entry::CommandEntry;
use super::command_row::CommandRow;
use crate::operation::{Operation, RequestedOperation};
use crate::runtime::CallRuntime;

/// Rows could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreError;

/// A result of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// The table of one workflow's commands. Each write is whole or not at all, and none is on disk before [`WriterRuntime::flush`].
pub trait CommandTable {
    /// The row that has this key of this caller.
    fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>>;
    /// The row of this number.
    fn get(&self, seq: u64) -> StoreResult<Option<CommandRow>>;
    /// The rows that are `Waiting` or `Sending`.
    fn in_flight(&self) -> StoreResult<Vec<CommandRow>>;
    /// The rows for later that are due, in the order in which they became so.
    fn due(&self, now: u64) -> StoreResult<Vec<CommandRow>>;
    /// How many rows are for later.
    fn queued_count(&self) -> StoreResult<u32>;
    /// Stores a new row, and takes its key from the row that has it; the new row's number.
    fn insert(&self, row: &CommandRow) -> StoreResult<u64>;
    /// Stores a row again.
    fn update(&self, row: &CommandRow) -> StoreResult<()>;
    /// Stores a row that was closed, and a new one in its place, or neither; the new row's number.
    fn replace(&self, closed: &CommandRow, new: &CommandRow) -> StoreResult<u64>;
    /// The last rows, the newest first.
    fn newest(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// The rows for later that are due next.
    fn upcoming(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// The last dead rows, the newest first.
    fn dead(&self, count: u32) -> StoreResult<Vec<CommandRow>>;
    /// Takes the keys of what was settled or closed before, and forgets rows without a key, but for the last of all. The last dead
    /// rows stay, with their keys. A key that leads to a row that was sent again stays as long as that row has its own.
    fn expire(&self, settled_before: u64, keep: u32, keep_dead: u32) -> StoreResult<()>;
    /// When the next row for later is due.
    fn next_due(&self) -> StoreResult<Option<u64>>;
    /// When the first of those rows was settled or closed whose key can be taken.
    fn first_settled(&self) -> StoreResult<Option<u64>>;
}

/// What happened to a workflow's commands, kept elsewhere and for longer than its table keeps them.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait AuditTrail {
    /// Stores a line beside the table, from where it is sent later.
    fn add(&self, at: u64, line: &LogLine<'_>) -> StoreResult<()>;
    /// When the first line was added that has not been sent yet.
    fn first(&self) -> StoreResult<Option<u64>>;
    /// Sends the first lines, and drops those that have arrived. A line may be sent twice, and is kept once.
    async fn send(&self) -> StoreResult<()>;
}

/// The runtime of one workflow's object.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait WriterRuntime: CallRuntime {
    /// The table.
    type Table: CommandTable;
    /// The audit trail.
    type AuditTrail: AuditTrail;

    /// The table.
    fn table(&self) -> &Self::Table;
    /// The audit trail; `None`: there is none.
    fn audit_trail(&self) -> Option<&Self::AuditTrail>;
    /// Milliseconds since 1970. This clock may jump.
    fn clock_ms(&self) -> u64;
    /// Waits until everything that was written is on disk.
    async fn flush(&self) -> StoreResult<()>;
    /// Wakes the object at that time, in place of any other.
    fn set_alarm(&self, at: u64) -> StoreResult<()>;
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
    pub entry: CommandEntry,
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
    pub(crate) fn requested(&self, command: Command) -> RequestedOperation {
        RequestedOperation {
            organization: self.organization.clone(),
            workflow_id: self.workflow_id.clone(),
            operation: Operation::Command(command),
        }
    }
}
