//! Handles the gateway's own paths in the Worker: commands are sent by the workflows' objects.

use campaign_workflow::platform::TokenError;
use campaign_workflow::{Outcome, Platform};

use super::handler::Worker;
use super::objects::{EnqueueReply, ObjectCall, ObjectLost, SendReply, call_object};
use super::responses::{enqueue_response, object_lost_response};
use super::runtime::{WorkerRuntime, authorize};
use crate::campaign_result::AcceptedResponse;
use crate::handler;
use crate::http::{Reply, RequestHead};
use crate::operation::{Operation, RequestedOperation};
use crate::random::random_hex;
use crate::refusal::Refusal;
use crate::route::{Route, Target};
use crate::runtime::{
    AuthorizeError, CallRuntime, LogEntry, OutgoingCommand, RequestRuntime, SendResult,
};
use crate::writer::state_machine::MAX_DELAY_MS;
use crate::writer::{CommandOrder, WorkflowName};

/// The time that an object's reply has to get back before the gateway's deadline, in milliseconds.
const RETURN_MARGIN_MS: u32 = 1000;

/// Responds to a request at one of the gateway's own paths.
pub async fn handle<H: WorkerRuntime>(worker: &Worker, runtime: &H) -> Reply<H::Response> {
    let gateway = &worker.gateway;
    let head = runtime.head();
    let is_command = Route::parse(&head.url, &gateway.base_path)
        .is_some_and(|route| route.target == Target::Commands);
    let delay_ms = match requested_delay(head) {
        Err(refusal) if is_command && head.method == "POST" && gateway.origins.admit(head) => {
            let mut response = refusal.response();
            response.headers.extend(gateway.origins.headers(head));
            return Reply::Own(response);
        }
        Err(_) => None,
        Ok(delay_ms) => delay_ms,
    };
    handler::handle(gateway, &WriterBackedRuntime { runtime, delay_ms }).await
}

/// The delay of a queued command in milliseconds; `None`: the command is to be sent now. A delay that would have no
/// effect is refused.
fn requested_delay(head: &RequestHead) -> Result<Option<u64>, Refusal> {
    let is_for_later = head.prefer.as_deref().is_some_and(|prefer| {
        let mut preferences = prefer.split(',');
        preferences.any(|preference| {
            let word = preference.split(';').next().unwrap_or_default().trim();
            word.eq_ignore_ascii_case("respond-async")
        })
    });
    match (&head.delay_seconds, is_for_later) {
        (None, false) => Ok(None),
        (None, true) => Ok(Some(0)),
        (Some(_), false) => Err(Refusal::InvalidDelay),
        (Some(text), true) => {
            let is_plain =
                (1..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| is_plain);
            delay_ms(seconds.ok_or(Refusal::InvalidDelay)?).map(Some)
        }
    }
}

/// Converts a delay from seconds to milliseconds. It is at most a week.
pub(super) fn delay_ms(seconds: u64) -> Result<u64, Refusal> {
    let ms = seconds.saturating_mul(1000);
    if ms > MAX_DELAY_MS {
        return Err(Refusal::InvalidDelay);
    }
    Ok(ms)
}

/// A key for a command without an idempotency key. It contains a space, so it never equals a caller's key.
pub fn generated_key<H: CallRuntime>(runtime: &H) -> String {
    ["no key ", &random_hex::<4>(|| runtime.platform().random())].concat()
}

/// The runtime of a request whose commands are sent by the workflows' objects.
pub struct WriterBackedRuntime<'a, H> {
    pub runtime: &'a H,
    pub delay_ms: Option<u64>,
}

impl<H: WorkerRuntime> CallRuntime for WriterBackedRuntime<'_, H> {
    type Platform = H::Platform;

    fn platform(&self) -> &H::Platform {
        self.runtime.platform()
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        self.runtime.token(refresh).await
    }
}

impl<H: WorkerRuntime> RequestRuntime for WriterBackedRuntime<'_, H> {
    type Body = H::Body;
    type Response = H::Response;

    fn head(&self) -> &RequestHead {
        self.runtime.head()
    }

    fn body(&self) -> H::Body {
        self.runtime.body()
    }

    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError> {
        authorize(self.runtime, requested).await
    }

    fn caller(&self) -> Option<String> {
        self.runtime.caller()
    }

    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<H::Response> {
        let Operation::Command(word) = command.requested.operation else {
            return SendResult::Other;
        };
        let name = WorkflowName {
            organization: command.requested.organization.clone(),
            workflow_id: command.requested.workflow_id.clone(),
        };
        let key = command.idempotency_key;
        let order = CommandOrder {
            key: key.map_or_else(|| generated_key(self.runtime), str::to_owned),
            command: word,
            who: self.runtime.caller().unwrap_or_default(),
        };
        if let Some(delay_ms) = self.delay_ms {
            let call = ObjectCall::Enqueue {
                order: &order,
                delay_ms,
            };
            let reply = call_object::<H, EnqueueReply>(self.runtime, &name, call).await;
            let problem = reply.as_ref().ok().and_then(|reply| reply.problem.clone());
            return SendResult::Reported {
                outcome: problem.map(|problem| problem.outcome),
                response: enqueue_response(&name, reply),
            };
        }
        let call = ObjectCall::Send {
            order: &order,
            timeout_ms: command.timeout_ms.saturating_sub(RETURN_MARGIN_MS).max(1),
        };
        match call_object::<H, SendReply>(self.runtime, &name, call).await {
            Ok(SendReply {
                receipt: Some(receipt),
                ..
            }) => SendResult::Receipt(AcceptedResponse::from(receipt)),
            Ok(SendReply {
                problem: Some(problem),
                is_stored,
                ..
            }) => SendResult::Reported {
                outcome: Some(problem.outcome),
                // A key that the Worker generated can't be repeated by the caller.
                response: problem.response_with_stored(is_stored && key.is_some()),
            },
            Ok(_) | Err(ObjectLost) => SendResult::Reported {
                outcome: Some(Outcome::Unknown),
                response: object_lost_response(ObjectLost),
            },
        }
    }

    fn sending(&self) {
        self.runtime.sending();
    }

    fn log(&self, entry: &LogEntry<'_>) {
        self.runtime.log(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_a_delay_in_whole_seconds_of_a_queued_command_only() {
        let of = |prefer: Option<&str>, delay: Option<&str>| {
            requested_delay(&RequestHead {
                prefer: prefer.map(str::to_owned),
                delay_seconds: delay.map(str::to_owned),
                ..RequestHead::default()
            })
        };
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some("return=minimal"), None), Ok(None));
        for later in ["respond-async", "a=b, Respond-Async;c=d", " respond-async "] {
            assert_eq!(of(Some(later), None), Ok(Some(0)), "{later}");
            assert_eq!(of(Some(later), Some("604800")), Ok(Some(604_800_000)));
            for wrong in ["604801", "", "-1", "+1", "1.5", "1s", "00000001"] {
                assert_eq!(
                    of(Some(later), Some(wrong)),
                    Err(Refusal::InvalidDelay),
                    "{wrong}"
                );
            }
        }
        assert_eq!(of(None, Some("5")), Err(Refusal::InvalidDelay));
    }
}
