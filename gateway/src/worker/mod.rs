//! The Worker: the gateway, with a writer for each workflow behind it, commands for later, their states and history, and a schedule.
//!
//! [`handle`] answers a request, [`Schedule`] has commands sent at their times. Both ask the workflows' objects through an
//! [`Objects`], which is all that a platform has to bring along.

mod address;
mod answers;
mod bulk;
mod handler;
mod host;
mod objects;
mod schedule;
mod through;
pub mod variables;

pub use address::Address;
pub use handler::{Worker, handle};
pub use host::WorkerHost;
pub use objects::{ObjectCall, ObjectLost, Objects};
pub use schedule::{Schedule, ScheduledCommand, ScheduledOrder};
