//! Commands for later: a server with a queue takes them, says what became of them, and cancels them.

use crate::call::{Body, Receipt};
use crate::command::Command;
use crate::error::{Error, Outcome};
pub use crate::operation::LONGEST_DELAY_SECONDS;
use crate::operation::{self, Operation};
use crate::platform::{Json, Platform};
use crate::request::Request;

const NOT_QUEUED: &str = "The answer is no queued command";
const MAYBE_TAKEN: &str = "The command may have been queued or executed: look at the workflow's history before you send it again.";
const MAYBE_CANCELLED: &str = "The command may have been cancelled: cancel it again.";

/// A command that a server has taken for later. It is no receipt: Campaign may not have seen it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedCommand<Json> {
    /// What [`queued`] and [`cancel`] find it by. It is no secret.
    pub id: String,
    /// How far it has come.
    pub state: QueueState,
    /// All that the server says of it. Credentials in it are masked.
    pub entry: Json,
}

/// How far a queued command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueState {
    /// It waits for its turn, and its sender for the answer: its key was used by [`send`](crate::send).
    Waiting,
    /// It waits for its time.
    Queued,
    /// A request to Campaign may be under way.
    Sending,
    /// It was certainly not executed, and is sent again when it is due.
    Retrying,
    /// Campaign has accepted it.
    Accepted,
    /// It was certainly not executed, and is not sent again.
    Failed,
    /// Nobody can know whether it was executed. It is not sent again.
    Unknown,
    /// It was cancelled before it was sent.
    Cancelled,
}

impl QueueState {
    /// Each with its word.
    const NAMES: [(&str, Self); 8] = [
        ("waiting", Self::Waiting),
        ("queued", Self::Queued),
        ("sending", Self::Sending),
        ("retrying", Self::Retrying),
        ("accepted", Self::Accepted),
        ("failed", Self::Failed),
        ("unknown", Self::Unknown),
        ("cancelled", Self::Cancelled),
    ];

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        let mut words = Self::NAMES.into_iter();
        words
            .find(|(known, _)| *known == word)
            .map(|(_, state)| state)
    }

    /// Whether it stays so.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Failed | Self::Unknown | Self::Cancelled
        )
    }
}

/// Has a server with a queue take a command, which it sends by itself: after `delay_seconds`, at most
/// [`LONGEST_DELAY_SECONDS`], or as soon as it can. The answer has to be a 202 with the command's id.
///
/// Only a server that is known to have a queue may be asked, such as this package's Worker: one that
/// ignores `Prefer: respond-async` executes the command at once. What is sent again, and when, is as
/// for [`send`](crate::send); with an [idempotency key](Request::idempotency_key) the server takes the
/// command once.
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
/// As for [`send`](crate::send), where `not-executed` means that the command was not taken either; the
/// problem of the command itself, if it has failed already under this key; and
/// - [`Code::InvalidArgument`](crate::Code::InvalidArgument) at Adobe's host, which has no queue, or for a longer delay: nothing is
///   sent;
/// - [`Code::BadResponse`](crate::Code::BadResponse) if a 2xx is no queued command: it may have been executed at once.
pub async fn enqueue<P: Platform>(
    platform: &P,
    request: &Request,
    command: Command,
    delay_seconds: Option<u32>,
) -> Result<QueuedCommand<P::Json>, Error> {
    let operation = Operation::Enqueue(command, delay_seconds);
    run(platform, request, operation).await
}

/// Looks what became of a queued command. `id` is that of [`QueuedCommand`];
/// [`Request::workflow_id`] and [`Request::idempotency_key`] are not used. It executes nothing, so it
/// is repeated after any failure that may pass, and every error says `not-executed`.
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

/// Cancels a queued command, and gives what became of it: [`QueueState::Cancelled`], or whatever it
/// is, if it was sent already. To cancel twice changes nothing, so it is repeated after any failure
/// that may pass. `id` is as for [`queued`].
///
/// # Errors
///
/// As for [`queued`]; but the outcome is `unknown` if the command may have been cancelled.
pub async fn cancel<P: Platform>(
    platform: &P,
    request: &Request,
    id: &str,
) -> Result<QueuedCommand<P::Json>, Error> {
    run(platform, &request_for_id(request, id), Operation::Cancel).await
}

/// A request about the command of this id, which stands in the place of the workflow that it names.
fn request_for_id(request: &Request, id: &str) -> Request {
    Request {
        workflow_id: String::from(id),
        idempotency_key: None,
        ..request.clone()
    }
}

/// One call of the three: they are one future, so that it is in the module once.
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

/// Says what a person can do if nobody knows what became of the request.
fn set_hint(error: &mut Error, operation: Operation) {
    if error.outcome == Outcome::Unknown {
        error.hint = Some(String::from(match operation {
            Operation::Cancel => MAYBE_CANCELLED,
            Operation::Enqueue(..) | Operation::ReadQueued | Operation::ReadWorkflow => MAYBE_TAKEN,
        }));
    }
}

/// The queued command in an answer, or an error if the answer has none.
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
    let mut error = receipt.into_bad_response(NOT_QUEUED);
    if matches!(operation, Operation::Enqueue(..) | Operation::Cancel) {
        error.outcome = Outcome::Unknown;
    }
    // Whoever gives such an answer honors no keys either.
    set_hint(&mut error, operation);
    Err(error)
}

// The gateway is a dependency of native tests alone.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::QueueState;

    #[test]
    fn the_states_match_the_gateway() {
        use campaign_gateway::writer::State;
        for (ours, theirs) in [
            (QueueState::Waiting, State::Waiting),
            (QueueState::Queued, State::Queued),
            (QueueState::Sending, State::Sending),
            (QueueState::Retrying, State::Retrying),
            (QueueState::Accepted, State::Accepted),
            (QueueState::Failed, State::Failed),
            (QueueState::Unknown, State::Unknown),
            (QueueState::Cancelled, State::Cancelled),
        ] {
            let word = serde_json::to_value(theirs).unwrap();
            let word = word.as_str().unwrap_or_default();
            assert_eq!(QueueState::parse(word), Some(ours), "{word}");
            assert_eq!(ours.is_final(), theirs.is_settled(), "{word}");
        }
        for word in ["", "Queued", "done"] {
            assert_eq!(QueueState::parse(word), None, "{word}");
        }
    }
}
