//! A local Adobe Campaign: the documented HTTP API for controlling workflows, on top of a state machine that tests can
//! inspect and faults that they can script.
//!
//! The core is a plain value without clock, randomness or I/O: the caller passes each request with the current time and
//! carries out the [`Reply`]. The same calls always give the same replies.
//!
//! ```
//! use campaign_emulator::{Campaign, Command, ReplyPlan, Options, Request, State};
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
//! assert!(matches!(reply.plan, ReplyPlan::Respond(response) if response.status == 200));
//!
//! let workflow = campaign.workflow("WKF101").unwrap();
//! assert_eq!(workflow.state(), State::Editing); // accepted, not applied yet
//!
//! campaign.advance_to(11_500);
//! let workflow = campaign.workflow("WKF101").unwrap();
//! assert_eq!(workflow.state(), State::Started);
//! assert_eq!(workflow.times_executed(Command::Start), 1);
//! ```
//!
//! To simulate a duplicated request, call [`Campaign::handle`] twice with it; to simulate a lost response, drop the reply
//! (or use [`FaultKind::LostAnswer`]). Each call adds a log entry. Its index is in [`Reply::index`] and in the
//! [`Execution`] that the request caused.
//!
//! # Assumptions
//!
//! Adobe documents the format of requests, the effect of commands, and some error responses. The rest is this crate's
//! choice; a client that depends on it may fail against the real Campaign:
//!
//! - The response to an accepted command: 200 with `{"PKey":"…","method":"…"}`. Any 2xx with any body would do.
//! - The response to a command that the state does not allow, for example a second stop: see [`InvalidTransition`].
//! - The state after all pending commands decides whether a command is allowed.
//! - An erroneous workflow can only be started: Adobe describes a restart once the error is fixed.
//! - Commands are applied in order, each after the same delay. In reality a stop can take minutes.
//! - A pause interrupts the run time ([`Options::run_ms`]); a resume continues it.
//! - The GET of a workflow: `PKey` and each signal's `trigger.href` are documented; `name`, `label` and `state` are not.
//! - The order of the checks: organization, API key, token, form of the request, workflow, state.
//! - The responses to an invalid or missing API key (403003, 403000, from Adobe's other APIs), and to a missing token
//!   (401013, as for an invalid one).
//! - The responses to undocumented requests: 400, 405 or 415 with a text that gives the reason.
//! - The words `Workflow` and `workflow` in the 404; Adobe's example concerns services.
//! - The responses to a signal: 200 with `{}`; 400 within ten minutes of the last one, whose plain text Adobe's SDK
//!   reports; 500 if the workflow is not running.
//! - Every response has an `x-request-id`, as from Adobe's gateway; here it is a counter.
//! - The bodies of 429 and 503.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod campaign;
mod clock;
mod command;
mod control;
mod cors;
mod fault;
mod fault_queue;
mod fault_responses;
mod http;
mod log;
mod options;
mod reply;
mod request;
mod responses;
mod route;
mod state;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod workflow;

pub use campaign::Campaign;
pub use command::Command;
pub use fault::{Fault, FaultKind, FaultTarget, InvalidFault};
pub use fault_queue::ActiveFault;
pub use http::{Request, Response};
pub use log::LoggedRequest;
pub use options::{
    Dialect, InvalidOptions, InvalidTransition, Options, SignalSetup, WorkflowSetup,
};
pub use reply::{Reply, ReplyPlan};
pub use state::State;
pub use workflow::{Execution, PendingCommand, TriggeredSignal, Workflow, WorkflowView};
