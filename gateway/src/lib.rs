//! The server side of campaign-workflow: Adobe's own URL and body in, one command out, for those who may.
//!
//! The core is plain values: no clock, no I/O, no JavaScript. [`Gateway`] takes a request in two steps, before its body
//! and with it, and says what the caller is told of what came of the command; [`Tokens`] says when IMS is asked for an
//! access token. What sends is the client, and what authorizes is the user's own function: both are called between the
//! steps, by the shell around this.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod allow;
mod answer;
mod body;
mod command;
mod cors;
mod credentials;
mod endpoint;
mod gateway;
mod http;
mod options;
mod percent;
mod problem;
mod refusal;
mod route;
mod token;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use allow::{Allowed, Commands};
pub use answer::{BodyKind, Failure};
pub use command::Command;
pub use cors::Origins;
pub use credentials::check_given as check_credentials;
pub use gateway::{Gateway, Wish};
pub use http::{Answer, Head};
pub use options::Given;
pub use problem::{CODES, Outcome, Problem};
pub use refusal::Refusal;
pub use route::Route;
pub use token::{Action, ExpiresIn, Tokens};
