//! The gateway, the Worker and the writer of campaign-workflow. They accept Adobe's own paths and bodies from
//! authorized callers.
//!
//! [`handle`] responds to one request, as async Rust over a [`RequestRuntime`]: it parses the request, calls the user's
//! `authorize`, and calls Campaign through the client crate. [`options`] checks the options and makes a [`Gateway`] of
//! them. [`ims`] gets access tokens. `wasm` is the runtime in JavaScript: it converts values and decides nothing.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod allow_list;
mod body;
mod campaign;
mod campaign_result;
mod cors;
pub mod credentials;
mod deadline;
mod gateway;
mod handler;
mod http;
pub mod ims;
pub mod json;
mod operation;
mod operation_result;
pub mod options;
mod problem;
mod random;
pub mod raw_options;
mod refusal;
mod route;
mod runtime;
mod token_schedule;
mod triggers;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod worker;
pub mod writer;

pub use allow_list::{AllowList, Operations};
pub use campaign::Campaign;
pub use campaign_result::{AcceptedResponse, Content};
pub use cors::Origins;
pub use gateway::{Gateway, Trap};
pub use handler::handle;
pub use http::{GatewayResponse, Header, Reply, RequestHead};
pub use operation::{Operation, RequestedOperation};
pub use problem::Problem;
pub use refusal::Refusal;
pub use route::{Route, Target};
pub use runtime::{
    AuthorizeError, CallRuntime, LogEntry, OutgoingCommand, RequestBody, RequestRuntime, SendResult,
};
