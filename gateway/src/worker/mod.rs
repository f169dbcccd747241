//! The Worker: the gateway with a writer for each workflow, queued commands, their states and history, and a schedule.
//!
//! [`handle`] responds to a request; [`Schedule`] queues commands at their times. Both call the workflows' objects
//! through [`Objects`], which the platform implements.

mod bulk;
mod gateway_routes;
mod handler;
mod objects;
mod responses;
mod route;
mod runtime;
mod schedule;
pub mod variables;

pub use bulk::MAX_BULK_COMMANDS;
pub use handler::{Worker, handle};
pub use objects::{ObjectCall, ObjectLost, Objects};
pub use route::WorkerRoute;
pub use runtime::WorkerRuntime;
pub use schedule::{Schedule, ScheduledCommand, ScheduledOrder};
