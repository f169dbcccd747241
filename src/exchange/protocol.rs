//! The options, events and actions of the state machine in `exchange.rs`.

use crate::error::{Code, Outcome};
use crate::response::{BodyEnd, Head};

/// The checked options of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallOptions {
    /// The limit for the whole call, in milliseconds: token, attempts and waits.
    pub timeout_ms: u32,
    /// The limit for one attempt, or for one call of the token function, in milliseconds.
    pub attempt_timeout_ms: u32,
    /// The maximum number of retries.
    pub max_retries: u32,
    /// The token comes from a function, which can return a fresh one.
    pub has_token_function: bool,
    /// The caller supplied `fetch`: its errors are not sufficient proof for a retry.
    pub has_custom_fetch: bool,
    /// The base is not Adobe's host, so a gateway may respond with problem documents.
    pub may_be_gateway: bool,
    /// The command has an idempotency key: the server executes it at most once, so it may be sent
    /// again even if its delivery is in doubt.
    pub has_key: bool,
    /// What the request does at the server.
    pub effect: Effect,
}

/// What a request does at the server. It decides whether the request may be repeated in doubt, and
/// whether its response needs a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Executes something. The status alone decides whether it was accepted.
    Executes,
    /// Enqueues a command. The body of the 202 contains the id, which is needed to find it again.
    Enqueues,
    /// Cancels a queued command. Repeating it changes nothing.
    Cancels,
    /// Reads, and executes nothing.
    Reads,
}

impl Effect {
    /// Whether repeating the request changes nothing.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Cancels | Self::Reads)
    }

    /// Whether a successful response with this status is useless without its body.
    pub(super) const fn needs_body(self, status: u16) -> bool {
        self.is_idempotent() || (matches!(self, Self::Enqueues) && status == 202)
    }
}

/// What happened since the last action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The token function returned a usable token.
    Token,
    /// The token function threw or returned no usable token.
    TokenFailed,
    /// The head of the response arrived.
    Head(Head),
    /// Reading the body ended.
    Body {
        /// How it ended.
        end: BodyEnd,
        /// It is Adobe's "Check your URI" response; see [`Head::outcome`].
        is_unknown_uri: bool,
        /// The outcome in the body, if that is a problem document.
        reported: Option<ReportedOutcome>,
    },
    /// `fetch` failed.
    FetchFailed {
        /// The runtime reports that no connection was made.
        never_connected: bool,
    },
    /// The time limit of the last action passed: an attempt's deadline, or the end of a wait.
    StepTimeout,
    /// The deadline of the whole call passed.
    CallTimeout,
    /// The caller's signal fired.
    Aborted,
}

/// The outcome of a command as a gateway's problem document reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedOutcome {
    /// Its `code`, if the client knows it.
    pub code: Option<Code>,
    /// Its `outcome`, if the client knows it.
    pub outcome: Option<Outcome>,
    /// It is the stored response of the idempotency key. The server sends it for every request with
    /// that key, so it applies to all of them.
    pub is_stored: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Call the token function, within the time limit of an attempt.
    GetToken {
        /// Request a fresh token, because the server refused the last one.
        refresh: bool,
    },
    /// Send the request. The time limit of the attempt includes the response's body.
    Send,
    /// Read the body of the response. Any other action discards it.
    ReadBody {
        /// It is a problem document.
        is_problem: bool,
    },
    /// Do nothing for this time, then report [`Event::StepTimeout`].
    Wait {
        /// The time in milliseconds.
        for_ms: u32,
    },
    /// End the call with this result.
    Finish(CallResult),
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallResult {
    /// Campaign accepted the request.
    Accepted,
    /// The call failed.
    Failed {
        /// Why it failed.
        code: Code,
        /// What is known about the command.
        outcome: Outcome,
        /// The delay before another try, in milliseconds.
        retry_after_ms: Option<u32>,
        /// `code` and `outcome` come from a problem document, whose other fields apply as well.
        from_problem_document: bool,
    },
}
