//! What the gateway needs from its runtime for one request.
//!
//! [`crate::handle`] uses only these traits. `wasm` implements them for JavaScript; a simulation implements them on a
//! virtual clock.

use campaign_workflow::platform::{Progress, ReadError, TokenError};
use campaign_workflow::{Error, Outcome, Platform};
use serde::Serialize;

use crate::campaign_result::AcceptedResponse;
use crate::http::{GatewayResponse, RequestHead};
use crate::operation::RequestedOperation;

/// What a call to Campaign needs.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait CallRuntime {
    /// The platform for requests to Campaign, with its clock and timers. Its `token` is not used.
    type Platform: Platform;

    /// The platform for this request. On some runtimes, what is started for a request ends with it.
    fn platform(&self) -> &Self::Platform;
    /// An access token, from the user's function or from IMS.
    async fn token(&self, refresh: bool) -> Result<String, TokenError>;
}

/// One request, the functions of the gateway's user, and the platform.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait RequestRuntime: CallRuntime {
    /// The body of the request.
    type Body: RequestBody;
    /// A response that the user's own `send` returned.
    type Response;

    /// The request without its body.
    fn head(&self) -> &RequestHead;
    /// The unread body. Dropping it before its end cancels it.
    fn body(&self) -> Self::Body;

    /// Calls the user's `authorize`.
    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError>;
    /// The caller's name, as `authorize` set it in its last call.
    fn caller(&self) -> Option<String>;
    /// Calls the user's own `send`. Dropping the future does not stop what it has started.
    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<Self::Response>;

    /// Records that something may be executed from now on. It is called before the first request that can execute
    /// something.
    fn sending(&self);
    /// Writes the log entry of a requested operation.
    fn log(&self, entry: &LogEntry<'_>);
}

/// The body of a request.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait RequestBody {
    /// Appends the next chunk. A chunk that makes `body` longer than `limit` bytes is cut off there, and is an error.
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError>;
}

/// Why there is no decision about a caller.
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
    /// The command and its workflow.
    pub requested: &'a RequestedOperation,
    /// The request's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// The time that remains, in milliseconds.
    pub timeout_ms: u32,
}

/// The result of the user's own `send`.
#[derive(Clone, Debug)]
pub enum SendResult<R> {
    /// A receipt, or an object of that shape. It counts as a receipt only if its status is 200 to 299.
    Receipt(AcceptedResponse),
    /// A response, which is forwarded unchanged.
    Response {
        /// Its status.
        status: u16,
        /// The response.
        response: R,
    },
    /// A response that the Worker made of the writer's reply.
    Reported {
        /// The outcome; `None` if the command was accepted or queued.
        outcome: Option<Outcome>,
        /// The response for the caller.
        response: GatewayResponse,
    },
    /// An error of the client.
    Error(Box<Error>),
    /// Anything else. It says nothing about the command.
    Other,
}

/// A log entry. The runtime adds the time and the caller.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry<'a> {
    /// Campaign's request id, or a random one.
    pub request_id: &'a str,
    /// The organization in the address.
    pub organization: &'a str,
    /// The workflow in the address.
    pub workflow_id: &'a str,
    /// The name of the operation.
    pub command: &'static str,
    /// `accepted`, `not-executed` or `unknown`.
    pub outcome: &'static str,
    /// Why it was not accepted.
    pub code: Option<&'static str>,
    /// The status of the gateway's response.
    pub status: u16,
    /// How many attempts were made.
    pub attempts: u32,
    /// How long it took, in milliseconds.
    pub ms: u32,
}
