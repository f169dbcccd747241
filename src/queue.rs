//! Queued commands: a server with a queue stores them, sends them later, reports their state and
//! cancels them.

use crate::call::{Body, Receipt};
use crate::command::Command;
use crate::error::{Error, Outcome};
pub use crate::operation::MAX_DELAY_SECONDS;
use crate::operation::{self, Operation};
use crate::platform::{Json, Platform};
use crate::request::Request;
use crate::string_enum::string_enum;

const NOT_A_QUEUED_COMMAND: &str = "The response is not a queued command";
const MAYBE_QUEUED: &str = "The command may have been queued or executed: look at the workflow's history before you send it again.";
const MAYBE_CANCELLED: &str = "The command may have been cancelled: cancel it again.";

/// A command in a server's queue. It is not a receipt: Campaign may not have received it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedCommand<Json> {
    /// The id for [`queued`] and [`cancel`]. It is not a secret.
    pub id: String,
    /// The state of the command.
    pub state: QueueState,
    /// The complete entry as the server shows it. Credentials in it are masked.
    pub entry: Json,
}

string_enum! {
    /// The state of a queued command, with its name in the server's responses.
    pub enum QueueState {
        /// Its caller waits for the response, because it was sent with [`send`](crate::send) and this
        /// key.
        Waiting = "waiting",
        /// It waits until it is due.
        Queued = "queued",
        /// A request to Campaign may be in flight.
        Sending = "sending",
        /// It was certainly not executed, and is sent again when it is due.
        Retrying = "retrying",
        /// Campaign accepted it.
        Accepted = "accepted",
        /// It was certainly not executed, and is not sent again.
        Failed = "failed",
        /// It may have been executed. It is not sent again.
        Unknown = "unknown",
        /// It was cancelled before it was sent.
        Cancelled = "cancelled",
    }
}

impl QueueState {
    /// Whether the state can't change any more.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Failed | Self::Unknown | Self::Cancelled
        )
    }
}

/// Enqueues a command at a server with a queue. The server sends it after `delay_seconds`, at most
/// [`MAX_DELAY_SECONDS`], or without a delay as soon as it can. The response has to be a 202
/// with the command's id.
///
/// Call this only for a server that has a queue, such as this package's Worker: a server that
/// ignores `Prefer: respond-async` executes the command at once. Retries work as in
/// [`send`](crate::send). With an [idempotency key](Request::idempotency_key), the server enqueues
/// the command at most once.
///
/// ```
/// use campaign_workflow::queue::{QueueState, cancel, enqueue, queued};
/// use campaign_workflow::{Command, Error, Platform, Request};
///
/// async fn start_in_an_hour(platform: &impl Platform) -> Result<String, Error> {
///     let request = Request {
///         base_url: Some("https://worker.example/api".into()),
///         idempotency_key: Some("start-of-november".into()),
///         ..Request::new("acme-mkt-stage", "WKF42")
///     };
///     let command = enqueue(platform, &request, Command::Start, Some(3600)).await?;
///     Ok(command.id)
/// }
///
/// async fn call_off(platform: &impl Platform, request: &Request, id: &str) -> Result<bool, Error> {
///     if queued(platform, request, id).await?.state.is_final() {
///         return Ok(false);
///     }
///     Ok(cancel(platform, request, id).await?.state == QueueState::Cancelled)
/// }
/// ```
///
/// # Errors
///
/// As for [`send`](crate::send), where `not-executed` also means that the command was not enqueued.
/// If the command with this key has already failed, the error is that of the command. Also
/// - [`Code::InvalidArgument`](crate::Code::InvalidArgument) at Adobe's host, which has no queue,
///   or for a longer delay: nothing is sent;
/// - [`Code::BadResponse`](crate::Code::BadResponse) if a 2xx is not a queued command: the command
///   may have been executed at once.
pub async fn enqueue<P: Platform>(
    platform: &P,
    request: &Request,
    command: Command,
    delay_seconds: Option<u32>,
) -> Result<QueuedCommand<P::Json>, Error> {
    let operation = Operation::Enqueue(command, delay_seconds);
    run(platform, request, operation).await
}

/// Reads the state of a queued command. `id` is that of the [`QueuedCommand`];
/// [`Request::workflow_id`] and [`Request::idempotency_key`] are not used. A read executes nothing,
/// so it is retried after any transient failure, and every error has the outcome `not-executed`.
///
/// # Errors
///
/// As for [`read`](crate::read()), and [`Code::InvalidArgument`](crate::Code::InvalidArgument) at Adobe's host, or if `id` is not valid.
pub async fn queued<P: Platform>(
    platform: &P,
    request: &Request,
    id: &str,
) -> Result<QueuedCommand<P::Json>, Error> {
    run(
        platform,
        &request_for_id(request, id),
        Operation::ReadQueued,
    )
    .await
}

/// Cancels a queued command and returns its state: [`QueueState::Cancelled`], or its current state
/// if it was already sent. Cancelling twice changes nothing, so it is retried after any transient
/// failure. `id` is as for [`queued`].
///
/// # Errors
///
/// As for [`queued`], but the outcome is `unknown` if the command may have been cancelled.
pub async fn cancel<P: Platform>(
    platform: &P,
    request: &Request,
    id: &str,
) -> Result<QueuedCommand<P::Json>, Error> {
    run(platform, &request_for_id(request, id), Operation::Cancel).await
}

/// A request for the command with this id. `workflow_id` carries the id.
fn request_for_id(request: &Request, id: &str) -> Request {
    Request {
        workflow_id: String::from(id),
        idempotency_key: None,
        ..request.clone()
    }
}

/// Runs one of the three operations. They share one future, so that the module contains its code
/// once.
pub(crate) async fn run<P: Platform>(
    platform: &P,
    request: &Request,
    operation: Operation,
) -> Result<QueuedCommand<P::Json>, Error> {
    match operation::run(platform, request, operation).await {
        Ok(receipt) => queued_command(receipt, operation),
        Err(mut error) => {
            if request.idempotency_key.is_none() {
                set_hint(&mut error, operation);
            }
            Err(error)
        }
    }
}

/// Sets the hint of an unknown outcome.
fn set_hint(error: &mut Error, operation: Operation) {
    if error.outcome == Outcome::Unknown {
        error.hint = Some(String::from(match operation {
            Operation::Cancel => MAYBE_CANCELLED,
            Operation::Enqueue(..) | Operation::ReadQueued | Operation::ReadWorkflow => {
                MAYBE_QUEUED
            }
        }));
    }
}

/// The queued command in a response, or an error if the response contains none.
#[inline(never)]
fn queued_command<J: Json>(
    mut receipt: Receipt<J>,
    operation: Operation,
) -> Result<QueuedCommand<J>, Error> {
    let is_status = !matches!(operation, Operation::Enqueue(..)) || receipt.status == 202;
    let body = std::mem::replace(&mut receipt.body, Body::Empty);
    if let Body::Json(entry) = body
        && is_status
        && entry.is_object()
    {
        let id = entry.string("id").unwrap_or_default();
        let state = entry.string("state").unwrap_or_default();
        if let (false, Some(state)) = (id.is_empty(), QueueState::parse(&state)) {
            return Ok(QueuedCommand { id, state, entry });
        }
    }
    let mut error = receipt.into_bad_response(NOT_A_QUEUED_COMMAND);
    if matches!(operation, Operation::Enqueue(..) | Operation::Cancel) {
        error.outcome = Outcome::Unknown;
    }
    // A server with such a response does not support keys either.
    set_hint(&mut error, operation);
    Err(error)
}

// The gateway is a dependency of the native tests only.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::QueueState;

    #[test]
    fn the_states_match_the_gateway() {
        use campaign_gateway::writer::State;
        let pairs = [
            (QueueState::Waiting, State::Waiting),
            (QueueState::Queued, State::Queued),
            (QueueState::Sending, State::Sending),
            (QueueState::Retrying, State::Retrying),
            (QueueState::Accepted, State::Accepted),
            (QueueState::Failed, State::Failed),
            (QueueState::Unknown, State::Unknown),
            (QueueState::Cancelled, State::Cancelled),
        ];
        assert_eq!(pairs.map(|(ours, _)| ours), QueueState::ALL);
        for (ours, theirs) in pairs {
            let name = serde_json::to_value(theirs).unwrap();
            assert_eq!(name, ours.as_str());
            assert_eq!(ours.is_final(), theirs.is_settled(), "{name}");
        }
        for other in ["", "Queued", "done"] {
            assert_eq!(QueueState::parse(other), None, "{other}");
        }
    }
}
