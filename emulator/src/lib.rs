//! A local Campaign: the HTTP API that Adobe documents for controlling workflows, over a state machine that a test can
//! look into, with faults that it can script.
//!
//! The core is a plain value. It has no clock, no randomness and no I/O: the caller brings each request together with the
//! time, and carries out what the [`Reply`] says. The same calls give the same replies, always.
//!
//! ```
//! use campaign_emulator::{Campaign, Command, Fate, Options, Request, State};
//!
//! let mut campaign = Campaign::new(Options { apply_delay_ms: 1500, ..Options::default() });
//! let start = Request::new("POST", "/acme-mkt-stage/campaign/workflow/execution/WKF101/commands")
//!     .header("Content-Type", "application/json")
//!     .header("Authorization", "Bearer local-token")
//!     .header("Cache-Control", "no-cache")
//!     .header("X-Api-Key", "local-key")
//!     .body(r#"{"method":"start"}"#);
//!
//! let reply = campaign.handle(&start, 10_000);
//! assert!(matches!(reply.fate, Fate::Answer(answer) if answer.status == 200));
//!
//! let workflow = campaign.workflow("WKF101").unwrap();
//! assert_eq!(workflow.state(), State::Editing); // accepted, not done
//!
//! campaign.advance_to(11_500);
//! let workflow = campaign.workflow("WKF101").unwrap();
//! assert_eq!(workflow.state(), State::Started);
//! assert_eq!(workflow.times_executed(Command::Start), 1);
//! ```
//!
//! A network that delivers a request twice is two calls of [`Campaign::handle`] with the same request; one that loses the
//! answer is a reply that is dropped (or [`FaultKind::LostAnswer`]). Each call has an entry in the log, whose index stands
//! in [`Reply::index`] and in the [`Execution`]s that it brought about.
//!
//! # What is an assumption
//!
//! Adobe's pages say what a request looks like, what the commands do, and how some errors look. The rest is this crate's
//! choice; a client that depends on it may fail against the real Campaign:
//!
//! - The answer to an accepted command: 200 with `{"PKey":"…","method":"…"}`. Any 2xx with any body would do.
//! - The answer to a command that does not fit the state, a second stop among them: see [`Misfit`].
//! - Whether a command fits is decided by the state after all that is still pending.
//! - An erroneous workflow can be started, as "restart once mended" suggests, and nothing else.
//! - Commands are applied one after the other, each after the same delay. Real stops can take minutes.
//! - A pause stops the time that a run takes ([`Options::run_ms`]); a resume lets the rest of it pass.
//! - The GET of a workflow: `PKey`, and `trigger.href` of each signal, are documented; `name`, `label` and `state` are not.
//! - The order of the checks: address, API key, token, form of the request, workflow, state.
//! - Answers to a wrong API key (403003, 403000, as Adobe's other APIs give them), and a missing token (401013, as an
//!   invalid one).
//! - Answers to requests that are not the documented ones: 400, 405 or 415 with a text that says why.
//! - The words `Workflow` and `workflow` in the 404; Adobe's example is about services.
//! - The answers to a signal: 200 with `{}`; inside the ten minutes a 400, whose plain text is reported by Adobe's SDK;
//!   on a workflow that does not run a 500.
//! - Every answer has an `x-request-id`, as Adobe's gateway gives it; here it counts.
//! - The bodies of 429 and 503.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod address;
mod answers;
mod campaign;
mod clock;
mod command;
mod control;
mod cors;
mod fault;
mod faults;
mod http;
mod log;
mod options;
mod reply;
mod request;
mod scripted;
mod state;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod workflow;

pub use campaign::Campaign;
pub use command::Command;
pub use fault::{Fault, FaultKind, InvalidFault, Meets};
pub use faults::ActiveFault;
pub use http::{Answer, Request};
pub use log::LoggedRequest;
pub use options::{Dialect, InvalidOptions, Misfit, Options, SignalSetup, WorkflowSetup};
pub use reply::{Fate, Reply};
pub use state::State;
pub use workflow::{Execution, PendingCommand, TriggeredSignal, Workflow, WorkflowView};
