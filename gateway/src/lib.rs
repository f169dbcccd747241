//! The server side of campaign-workflow: Adobe's own URLs and bodies in, for those who may.
//!
//! [`handle`] answers one request, as plain async Rust over a [`Host`]: it takes the request apart, asks the user's own
//! `authorize`, and calls Campaign through the client crate. [`Gateway`] is what its options come to, which [`options`] checks. [`ims`] gets access tokens. `wasm` is the host for JavaScript: it converts, and decides nothing.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod allow;
mod answer;
mod body;
mod campaign;
mod cors;
pub mod credentials;
mod deadline;
mod ended;
mod gateway;
pub mod given;
mod handler;
mod host;
mod http;
pub mod ims;
pub mod json;
mod operation;
pub mod options;
mod problem;
mod refusal;
mod route;
mod tokens;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod worker;
mod workflow;
pub mod writer;

pub use allow::{Allowed, Operations};
pub use answer::{Accepted, Content};
pub use campaign::Campaign;
pub use cors::Origins;
pub use gateway::{Gateway, Trap};
pub use handler::handle;
pub use host::{AuthorizeError, CallHost, Host, LogEntry, RequestBody, SendResult, SentCommand};
pub use http::{Answer, Head, Header, Reply};
pub use operation::{Asked, Operation};
pub use problem::Problem;
pub use refusal::Refusal;
pub use route::{Route, Target};
