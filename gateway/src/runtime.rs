//! What one request through the gateway needs of the world around it.
//!
//! [`crate::handle`] is written against this trait alone. `wasm` implements it for JavaScript; a simulation implements it
//! on a virtual clock.

use campaign_workflow::platform::{Progress, ReadError, TokenError};
use campaign_workflow::{Error, Outcome, Platform};
use serde::Serialize;

use crate::campaign_result::AcceptedResponse;
use crate::http::{GatewayResponse, Head};
use crate::operation::RequestedOperation;

/// What a call to Campaign needs.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait CallRuntime {
    /// What requests to Campaign go through, and whose clock and timers are used. Its `token` is not.
    type Platform: Platform;

    /// The runtime, for this request: what is begun for one ends with it on some platforms.
    fn platform(&self) -> &Self::Platform;
    /// An access token: of the user's function, or of IMS.
    async fn token(&self, refresh: bool) -> Result<String, TokenError>;
}

/// One request, the functions that the gateway's user brought along, and the runtime.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait RequestRuntime: CallRuntime {
    /// The body of the request.
    type Body: RequestBody;
    /// An answer that the user's own `send` made.
    type Response;

    /// The request without its body.
    fn head(&self) -> &Head;
    /// The body, of which nothing is read yet. Dropping it before its end cancels it.
    fn body(&self) -> Self::Body;

    /// Asks the user's function whether the caller may do it.
    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError>;
    /// Who asks, as the last `authorize` has told.
    fn caller(&self) -> Option<String>;
    /// Sends a command by the user's own function. Dropping the future does not end what it has begun.
    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<Self::Response>;

    /// From now on something may have been executed; told before the first request that may execute it.
    fn sending(&self);
    /// What became of a request that got as far as being an operation on a workflow.
    fn log(&self, entry: &LogEntry<'_>);
}

/// The body of a request.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait RequestBody {
    /// Appends the next chunk. A chunk that takes `body` over `limit` bytes is cut off there, and is an error.
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError>;
}

/// Why nothing was decided about a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// `authorize` failed.
    Failed,
    /// The caller has made too many requests.
    RateLimited,
}

/// A command for the user's own `send`.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingCommand<'a> {
    /// The command.
    pub requested: &'a RequestedOperation,
    /// The request's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// How much time is left for it.
    pub timeout_ms: u32,
}

/// What the user's own `send` came to.
#[derive(Clone, Debug)]
pub enum SendResult<R> {
    /// A receipt, or what looks like one: of another status than 200 to 299 it is none.
    Receipt(AcceptedResponse),
    /// An answer, which is passed as it is.
    Response {
        /// Its status.
        status: u16,
        /// The answer.
        response: R,
    },
    /// An answer of the gateway's own, of one who knows what became of the command; no outcome: it is accepted, or taken for later.
    Reported {
        /// What is known of the command.
        outcome: Option<Outcome>,
        /// What the caller is told.
        response: GatewayResponse,
    },
    /// An error of the client's.
    Error(Box<Error>),
    /// Anything else: it says nothing about the command.
    Other,
}

/// One line of the log. The host adds the time, and who asked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry<'a> {
    /// The number of Campaign's answer, or else one that was made for this line.
    pub request_id: &'a str,
    /// The tenant that the address names.
    pub organization: &'a str,
    /// The workflow that the address names.
    pub workflow_id: &'a str,
    /// The word of the operation.
    pub command: &'static str,
    /// `accepted`, `not-executed` or `unknown`.
    pub outcome: &'static str,
    /// Why it was not accepted.
    pub code: Option<&'static str>,
    /// The status of the gateway's answer.
    pub status: u16,
    /// How many requests went to Campaign.
    pub attempts: u32,
    /// How long it took, in milliseconds.
    pub ms: u32,
}
