//! The one writer of a workflow's commands: it sends each at most once, one at a time, and knows what became of it.
//!
//! [`store`] says what may become of a command, [`Writer`] does it, over a [`WriterHost`]. What makes a crash harmless: that
//! a command is being sent is on disk before its request goes out, and its outcome is before anybody is told. A command that
//! is being sent according to its row, and by nobody in memory, is `unknown`, and is never sent again.

mod alarm;
mod audit;
pub mod command_id;
pub mod ending;
mod entry;
mod host;
mod live;
mod operators;
pub mod problems;
mod row;
mod sending;
pub mod store;
mod turn;
pub mod variables;
#[allow(clippy::module_inception)] // It is what the module is about.
mod writer;

pub use ending::Ending;
pub use entry::Entry;
pub use host::{AuditTrail, LogLine, Rows, StoreError, Stored, WorkflowName, WriterHost};
pub use row::{Order, Row, State, Via};
pub use writer::{Answered, Settings, Writer};
