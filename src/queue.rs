//! Commands for later: a server with a queue takes them, says what became of them, and cancels them.

use crate::call::{self, Body, Receipt};
use crate::command::Command;
use crate::error::{Code, Error, Outcome};
use crate::exchange::{Effect, Plan};
use crate::platform::{Json, Platform};
use crate::request::{Checked, Request};
use crate::text::push_decimal;

/// The longest delay, in seconds: a week.
pub const LONGEST_DELAY_SECONDS: u32 = 604_800;

/// The longest id of a queued command, in bytes.
pub const LONGEST_ID: usize = 2000;

const NOT_ADOBE: &str = "must not be Adobe's host, which has no queue";
const NOT_DELAY: &str = "must be a whole number of seconds from 0 to 604800";
const NOT_ID: &str = "must be that of a queued command";

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
    const WORDS: [(&str, Self); 8] = [
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
    pub fn from_word(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.into_iter();
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
/// - [`Code::InvalidArgument`] at Adobe's host, which has no queue, or for a longer delay: nothing is
///   sent;
/// - [`Code::BadResponse`] if a 2xx is no queued command: it may have been executed at once.
pub async fn enqueue<P: Platform>(
    platform: &P,
    request: &Request,
    command: Command,
    delay_seconds: Option<u32>,
) -> Result<QueuedCommand<P::Json>, Error> {
    let task = Task::Enqueue(command, delay_seconds);
    perform(platform, request.clone(), task).await
}

/// Looks what became of a queued command. `id` is that of [`QueuedCommand`];
/// [`Request::workflow_id`] and [`Request::idempotency_key`] are not used. It executes nothing, so it
/// is repeated after any failure that may pass, and every error says `not-executed`.
///
/// # Errors
///
/// As for [`read`](crate::read()), and [`Code::InvalidArgument`] at Adobe's host, or if `id` is none.
pub async fn queued<P: Platform>(
    platform: &P,
    request: &Request,
    id: &str,
) -> Result<QueuedCommand<P::Json>, Error> {
    perform(platform, by_id(request, id), Task::Look).await
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
    perform(platform, by_id(request, id), Task::Cancel).await
}

/// Checks the id of a queued command, which becomes a path segment as it is.
pub fn check_id(id: &str) -> Result<(), Error> {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_base64url) {
        Ok(())
    } else {
        Err(Error::refused("id", NOT_ID))
    }
}

/// A request about the command of this id, which stands in the place of the workflow that it names.
fn by_id(request: &Request, id: &str) -> Request {
    Request {
        workflow_id: String::from(id),
        idempotency_key: None,
        ..request.clone()
    }
}

/// What a server with a queue is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// To take a command, and after how many seconds to send it.
    Enqueue(Command, Option<u32>),
    /// What became of the command whose id stands in the place of the workflow's.
    Look,
    /// To cancel that command.
    Cancel,
}

/// One call of the three: they are one future, so that it is in the module once.
pub(crate) async fn perform<P: Platform>(
    platform: &P,
    mut request: Request,
    task: Task,
) -> Result<QueuedCommand<P::Json>, Error> {
    let Checked {
        base,
        plan,
        secrets,
        ..
    } = check(platform, &request, task)?;
    let (method, effect) = match task {
        Task::Enqueue(..) => ("POST", Effect::Enqueues),
        Task::Look => ("GET", Effect::Reads),
        Task::Cancel => ("DELETE", Effect::Cancels),
    };
    let (url, body) = match task {
        Task::Enqueue(command, _) => {
            let url = base.workflow_url(&request.organization, &request.workflow_id);
            (url + "/commands", Some(command.body()))
        }
        Task::Look | Task::Cancel => (base.queue_url(&request.workflow_id), None),
    };
    add_headers(&mut request, task);
    let mut checked = Checked {
        request: &request,
        base,
        plan: Plan { effect, ..plan },
        secrets,
    };
    let ended = call::run(platform, &mut checked, method, &url, body).await;
    let (mut error, is_sure) = match ended.result(platform, &checked) {
        Ok(receipt) => match queued_command(receipt, effect) {
            Ok(queued) => return Ok(queued),
            // Whoever gives such an answer honors no keys either.
            Err(error) => (error, false),
        },
        Err(error) => (error, plan.has_key),
    };
    if error.outcome == Outcome::Unknown && !is_sure {
        let hint = match task {
            Task::Cancel => MAYBE_CANCELLED,
            Task::Enqueue(..) | Task::Look => MAYBE_TAKEN,
        };
        error.hint = Some(String::from(hint));
    }
    Err(error)
}

/// Checks the task and the request for it.
#[inline(never)]
fn check<'a, P: Platform>(
    platform: &P,
    request: &'a Request,
    task: Task,
) -> Result<Checked<'a>, Error> {
    match task {
        Task::Enqueue(_, Some(seconds)) if seconds > LONGEST_DELAY_SECONDS => {
            return Err(Error::refused("delaySeconds", NOT_DELAY));
        }
        Task::Enqueue(..) => {}
        Task::Look | Task::Cancel => check_id(&request.workflow_id)?,
    }
    let checked = request.check(platform)?;
    if checked.base.is_adobe {
        return Err(Error::refused("baseUrl", NOT_ADOBE));
    }
    Ok(checked)
}

/// Adds what asks for a later execution. The caller's own headers were checked, and can't set it.
#[inline(never)]
fn add_headers(request: &mut Request, task: Task) {
    let Task::Enqueue(_, delay_seconds) = task else {
        return;
    };
    let mut add = |name, value| request.headers.push((String::from(name), value));
    add("Prefer", String::from("respond-async"));
    if let Some(seconds) = delay_seconds {
        let mut text = String::new();
        push_decimal(&mut text, seconds);
        add("Delay-Seconds", text);
    }
}

/// The queued command in an answer, or the error of an answer that is none.
#[inline(never)]
fn queued_command<J: Json>(receipt: Receipt<J>, effect: Effect) -> Result<QueuedCommand<J>, Error> {
    let is_status = effect != Effect::Enqueues || receipt.status == 202;
    if let Body::Json(entry) = receipt.body
        && is_status
        && entry.is_object()
    {
        let id = entry.string("id").filter(|id| !id.is_empty());
        let state = entry.string("state");
        let state = state.and_then(|word| QueueState::from_word(&word));
        if let (Some(id), Some(state)) = (id, state) {
            return Ok(QueuedCommand { id, state, entry });
        }
    }
    Err(Error {
        outcome: match effect {
            Effect::Reads => Outcome::NotExecuted,
            Effect::Enqueues | Effect::Cancels | Effect::Executes => Outcome::Unknown,
        },
        status: Some(receipt.status),
        request_id: receipt.request_id,
        attempts: receipt.attempts,
        ..Error::unsent(Code::BadResponse, NOT_QUEUED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_base64url() {
        let longest = "A".repeat(LONGEST_ID);
        for id in ["a", "WyJhIl0", "-_09AZaz", &longest] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
        for id in ["", ".", "..", "a/b", "a=", "a+b", "a b", "é", "a%2e", "a\n"] {
            let error = check_id(id).unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument, "{id:?}");
            assert!(error.message.starts_with("id must be"), "{error}");
        }
        assert!(check_id(&(longest + "A")).is_err());
    }

    #[test]
    fn the_states_are_those_of_the_gateway() {
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
            assert_eq!(QueueState::from_word(word), Some(ours), "{word}");
            assert_eq!(ours.is_final(), theirs.is_settled(), "{word}");
        }
        for word in ["", "Queued", "done"] {
            assert_eq!(QueueState::from_word(word), None, "{word}");
        }
    }
}
