//! Starts, pauses, resumes and stops Adobe Campaign workflows. Each call reports what is certain:
//! accepted, not executed, or unknown. A command whose delivery is in doubt is never sent twice.
//!
//! The npm package `campaign-workflow` is this crate, compiled to WebAssembly. A Rust program calls
//! [`send`] with its own [`Platform`], which provides `fetch`, timers and the clock:
//!
//! ```
//! use campaign_workflow::{AccessToken, Command, Outcome, Platform, Request, send};
//!
//! async fn start(platform: &impl Platform, token: String) {
//!     let request = Request {
//!         access_token: AccessToken::Fixed(token),
//!         api_key: Some("my-client-id".into()),
//!         ..Request::new("acme-mkt-stage", "WKF42")
//!     };
//!     match send(platform, &request, Command::Start).await {
//!         Ok(receipt) => println!("accepted, status {}", receipt.status),
//!         Err(error) if error.outcome == Outcome::NotExecuted => println!("not executed: {error}"),
//!         Err(error) => println!("unknown, look at the workflow first: {error}"),
//!     }
//! }
//! ```
//!
//! # Modules
//!
//! [`request`] checks the caller's request, with the rules of [`address`], [`header`] and [`command`].
//! [`call`] then performs the actions of [`exchange`], which is one call as a state machine without
//! I/O and without a clock. `deadline` limits each step, `received_response` collects the response,
//! [`response`] classifies it, [`retry`] computes delays, [`redact`] masks secrets, and [`error`]
//! defines the errors. `wasm` is the platform for JavaScript: it only converts values.
//!
//! Beyond one command there are [`mod@read`], [`mod@signal`], [`wait`] (waits for a workflow, and
//! confirms commands), [`mod@send_all`] (many commands) and [`queue`] (commands for later). All of them
//! use the same call.

// An error is moved once in a call. Boxing it would cost an allocation.
#![allow(clippy::result_large_err)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

pub mod address;
pub mod call;
pub mod command;
mod deadline;
pub mod error;
pub mod exchange;
pub mod header;
mod operation;
pub mod platform;
pub mod queue;
pub mod read;
mod received_response;
pub mod redact;
pub mod request;
pub mod response;
pub mod retry;
pub mod send_all;
pub mod signal;
mod string_enum;
mod text;
pub mod wait;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use call::{Body, Receipt, send};
pub use command::Command;
pub use error::{Code, Error, Outcome};
pub use platform::Platform;
pub use queue::{QueuedCommand, cancel, enqueue, queued};
pub use read::read;
pub use request::{AccessToken, Request};
pub use send_all::send_all;
pub use signal::signal;
pub use wait::{send_confirmed, wait_for};
