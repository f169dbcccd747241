//! The gateway's own addresses, with the workflows' objects behind them.

use campaign_workflow::platform::TokenError;
use campaign_workflow::{Outcome, Platform};

use super::answers::{lost, taken_answer};
use super::handler::Worker;
use super::host::{WorkerHost, authorize};
use super::objects::{ObjectCall, ObjectLost, Sent, Taken, ask};
use crate::answer::Accepted;
use crate::handler;
use crate::host::{AuthorizeError, CallHost, Host, LogEntry, SendResult, SentCommand};
use crate::http::{Head, Reply};
use crate::operation::{Asked, Operation};
use crate::refusal::Refusal;
use crate::route::{Route, Target};
use crate::writer::store::LONGEST_DELAY_MS;
use crate::writer::{Order, WorkflowName};

/// An outcome that the object knows must get here before the gateway's deadline.
const WAY_BACK_MS: u32 = 1000;

/// Answers a request at one of the gateway's own addresses.
pub async fn handle<H: WorkerHost>(worker: &Worker, host: &H) -> Reply<H::Response> {
    let gateway = &worker.gateway;
    let head = host.head();
    let is_command = Route::of(&head.url, &gateway.base_path)
        .is_some_and(|route| route.target == Target::Commands);
    let delay_ms = match delay_of(head) {
        Err(refusal) if is_command && head.method == "POST" && gateway.origins.admit(head) => {
            let mut answer = refusal.answer();
            answer.headers.extend(gateway.origins.headers(head));
            return Reply::Answer(answer);
        }
        Err(_) => None,
        Ok(delay_ms) => delay_ms,
    };
    handler::handle(gateway, &Through { host, delay_ms }).await
}

/// How long a command is to wait; `None`: it is to be sent now. A delay that would have no effect is refused.
fn delay_of(head: &Head) -> Result<Option<u64>, Refusal> {
    let is_for_later = head.prefer.as_deref().is_some_and(|prefer| {
        let mut wishes = prefer.split(',');
        wishes.any(|wish| {
            let word = wish.split(';').next().unwrap_or_default().trim();
            word.eq_ignore_ascii_case("respond-async")
        })
    });
    match (&head.delay_seconds, is_for_later) {
        (None, false) => Ok(None),
        (None, true) => Ok(Some(0)),
        (Some(_), false) => Err(Refusal::BadDelay),
        (Some(text), true) => {
            let is_plain =
                (1..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| is_plain);
            delay_ms(seconds.ok_or(Refusal::BadDelay)?).map(Some)
        }
    }
}

/// A delay in whole seconds, at most a week.
pub(super) fn delay_ms(seconds: u64) -> Result<u64, Refusal> {
    let ms = seconds.saturating_mul(1000);
    if ms > LONGEST_DELAY_MS {
        return Err(Refusal::BadDelay);
    }
    Ok(ms)
}

/// A key for a command that has none of its caller's. It has a space, so it meets no key of a caller.
pub fn own_key<H: CallHost>(host: &H) -> String {
    let half = || (host.platform().random() * f64::from(u32::MAX)) as u32;
    format!(
        "no key {:08x}{:08x}{:08x}{:08x}",
        half(),
        half(),
        half(),
        half()
    )
}

/// The host of a request whose commands go to the objects.
pub struct Through<'a, H> {
    pub host: &'a H,
    pub delay_ms: Option<u64>,
}

impl<H: WorkerHost> CallHost for Through<'_, H> {
    type Platform = H::Platform;

    fn platform(&self) -> &H::Platform {
        self.host.platform()
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        self.host.token(refresh).await
    }
}

impl<H: WorkerHost> Host for Through<'_, H> {
    type Body = H::Body;
    type Response = H::Response;

    fn head(&self) -> &Head {
        self.host.head()
    }

    fn body(&self) -> H::Body {
        self.host.body()
    }

    async fn authorize(&self, asked: &Asked) -> Result<bool, AuthorizeError> {
        authorize(self.host, asked).await
    }

    fn caller(&self) -> Option<String> {
        self.host.caller()
    }

    async fn send(&self, command: &SentCommand<'_>) -> SendResult<H::Response> {
        let Operation::Command(word) = command.asked.operation else {
            return SendResult::Other;
        };
        let name = WorkflowName {
            organization: command.asked.organization.clone(),
            workflow_id: command.asked.workflow_id.clone(),
        };
        let key = command.idempotency_key;
        let order = Order {
            key: key.map_or_else(|| own_key(self.host), str::to_owned),
            command: word,
            who: self.host.caller().unwrap_or_default(),
        };
        if let Some(delay_ms) = self.delay_ms {
            let call = ObjectCall::Enqueue {
                order: &order,
                delay_ms,
            };
            let taken = ask::<H, Taken>(self.host, &name, call).await;
            let problem = taken.as_ref().ok().and_then(|taken| taken.problem.clone());
            return SendResult::Told {
                outcome: problem.map(|problem| problem.outcome),
                answer: taken_answer(&name, taken),
            };
        }
        let call = ObjectCall::Send {
            order: &order,
            timeout_ms: command.timeout_ms.saturating_sub(WAY_BACK_MS).max(1),
        };
        match ask::<H, Sent>(self.host, &name, call).await {
            Ok(Sent {
                receipt: Some(receipt),
                ..
            }) => SendResult::Receipt(Accepted::from(receipt)),
            Ok(Sent {
                problem: Some(problem),
                is_stored,
                ..
            }) => SendResult::Told {
                outcome: Some(problem.outcome),
                // Nobody can repeat a key that the Worker made up.
                answer: problem.answer_if_stored(is_stored && key.is_some()),
            },
            Ok(_) | Err(ObjectLost) => SendResult::Told {
                outcome: Some(Outcome::Unknown),
                answer: lost(ObjectLost),
            },
        }
    }

    fn sending(&self) {
        self.host.sending();
    }

    fn log(&self, entry: &LogEntry<'_>) {
        self.host.log(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_whole_seconds_of_a_command_for_later() {
        let of = |prefer: Option<&str>, delay: Option<&str>| {
            delay_of(&Head {
                prefer: prefer.map(str::to_owned),
                delay_seconds: delay.map(str::to_owned),
                ..Head::default()
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
                    Err(Refusal::BadDelay),
                    "{wrong}"
                );
            }
        }
        assert_eq!(of(None, Some("5")), Err(Refusal::BadDelay));
    }
}
