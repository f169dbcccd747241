//! Starts, pauses, resumes and stops Adobe Campaign workflows, with outcomes that can be trusted:
//! accepted, certainly not executed, or unknown, and never a command sent twice on a guess.
//!
//! The npm package `campaign-workflow` is this crate, compiled to WebAssembly. A Rust program uses
//! [`send`] over a [`Platform`] of its own, which brings `fetch`, timers and the clock:
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
//!         Err(error) => println!("look at the workflow first: {error}"),
//!     }
//! }
//! ```
//!
//! # How a command finds its way
//!
//! [`request`] checks what the caller wants, with the rules of [`address`], [`header`] and
//! [`command`]. [`call`] then does what [`exchange`] decides: that is one call as a state machine,
//! without I/O and without a clock. `deadline` ends waits, `answer` collects what has arrived,
//! [`response`] says what it means, [`retry`] how long to wait, [`redact`] masks secrets, and
//! [`error`] says what the caller sees. `wasm` is the platform for JavaScript: it converts, and
//! decides nothing.
//!
//! Beyond one command there are [`mod@read`], [`mod@signal`], [`wait`] (for a workflow, and commands
//! that it confirms), [`mod@send_all`] (many commands) and [`queue`] (commands for later), all over
//! the same call.

// An error is moved once in a call; a box would cost an allocation.
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
