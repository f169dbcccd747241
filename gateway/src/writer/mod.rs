//! The writer of a workflow's commands. It sends each command at most once, one at a time, and stores the result.
//!
//! [`state_machine`] defines the states of a command; [`Writer`] carries them out over a [`WriterRuntime`]. A crash
//! does no harm, because the state "sending" is on disk before an attempt begins, and the result is on disk before the
//! caller sees it. A row that says "sending" while this writer does not send it is `unknown` and is never sent again.

mod active_rows;
mod alarm;
mod audit;
mod command_entry;
pub mod command_id;
pub mod command_result;
mod command_row;
mod mutex;
mod operator_actions;
pub mod problems;
mod runtime;
mod sender;
pub mod state_machine;
pub mod variables;
#[allow(clippy::module_inception)] // The struct that the module is named after.
mod writer;

pub use command_entry::CommandEntry;
pub use command_result::CommandResult;
pub use command_row::{Channel, CommandOrder, CommandRow, State};
pub use runtime::{
    AuditTrail, CommandTable, LogLine, StoreError, StoreResult, WorkflowName, WriterRuntime,
};
pub use writer::{CommandReply, Settings, Writer};
