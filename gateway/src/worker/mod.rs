//! The Worker: the gateway, with a writer for each workflow behind it, commands for later, their states and history, and a schedule.
//!
//! [`handle`] answers a request, [`Schedule`] has commands sent at their times. Both ask the workflows' objects through an
//! [`Objects`], which is all that a platform has to bring along.

mod bulk;
mod gateway_routes;
mod handler;
mod objects;
mod responses;
mod route;
mod runtime;
mod schedule;
pub mod variables;

pub use handler::{Worker, handle};
pub use objects::{ObjectCall, ObjectLost, Objects};
pub use route::WorkerRoute;
pub use runtime::WorkerRuntime;
pub use schedule::{Schedule, ScheduledCommand, ScheduledOrder};
