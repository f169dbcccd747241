//! The one writer of a workflow's commands: it sends each at most once, one at a time, and knows what became of it.
//!
//! [`store`] says what may become of a command, [`Writer`] does it, over a [`WriterRuntime`]. What makes a crash harmless: that
//! a command is being sent is on disk before its request goes out, and its outcome is before anybody is told. A command that
//! is being sent according to its row, and by nobody in memory, is `unknown`, and is never sent again.

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
#[allow(clippy::module_inception)] // It is what the module is about.
mod writer;

pub use command_entry::CommandEntry;
pub use command_result::CommandResult;
pub use command_row::{Channel, CommandOrder, CommandRow, State};
pub use runtime::{
    AuditTrail, CommandTable, LogLine, StoreError, StoreResult, WorkflowName, WriterRuntime,
};
pub use writer::{CommandReply, Settings, Writer};
