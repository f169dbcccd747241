//! One request through the gateway.

use campaign_workflow::platform::Progress;
use campaign_workflow::{Body, Code, Command, Outcome, Platform, Receipt, read, send, signal};

use crate::answer::{self, Accepted, Content};
use crate::body;
use crate::campaign::{Campaign, HostPlatform};
use crate::cors;
use crate::deadline::Deadline;
use crate::ended::Ended;
use crate::gateway::Gateway;
use crate::host::{AuthorizeError, Host, RequestBody, SendResult, SentCommand};
use crate::http::{Answer, Reply};
use crate::json::Parsed;
use crate::operation::{Asked, Operation};
use crate::refusal::Refusal;
use crate::route::{self, Target};
use crate::workflow;

/// Answers a request, within the gateway's deadline.
///
/// In this order: address, method, origin and key, the declared length, the body, `authorize`, and only then the
/// allow-list. So whoever may do nothing gets one and the same 403, whatever there is.
pub async fn handle<H: Host>(gateway: &Gateway, host: &H) -> Reply<H::Response> {
    let mut reply = answer(gateway, host).await;
    let cors = gateway.origins.headers(host.head());
    match &mut reply {
        Reply::Answer(answer) => answer.headers.extend(cors),
        Reply::Passed { headers, .. } => headers.extend(cors),
    }
    reply
}

async fn answer<H: Host>(gateway: &Gateway, host: &H) -> Reply<H::Response> {
    let deadline = Deadline::start(host.platform(), gateway.timeout_ms);
    let order = match read_order(gateway, host, &deadline).await {
        Ok(order) => order,
        Err(answer) => return Reply::Answer(answer),
    };
    let call = Call {
        gateway,
        host,
        deadline,
        asked: &order.asked,
    };
    let ended = call.run(&order).await;
    call.log(&ended);
    ended.reply
}

/// What a request asks for, with what its body holds.
struct Order {
    asked: Asked,
    work: Work,
}

enum Work {
    Command(Command),
    Read,
    Signal {
        /// The path segment that names the activity, decoded.
        activity: String,
        /// The body for Campaign.
        body: String,
    },
}

/// The order in a request; an answer where the request is not in order, or asks on a page's behalf.
async fn read_order<H: Host>(
    gateway: &Gateway,
    host: &H,
    deadline: &Deadline<'_, H::Platform>,
) -> Result<Order, Answer> {
    let head = host.head();
    let refused = Refusal::answer;
    let route = gateway.route(head).map_err(refused)?;
    if cors::is_preflight(head) {
        return Err(cors::preflight(route.target.method()));
    }
    let limit = gateway.body_limit(head, &route.target).map_err(refused)?;
    let body = match limit {
        Some(limit) => read_body(host, deadline, limit).await.map_err(refused)?,
        None => Vec::new(),
    };
    let content_type = head.content_type.as_deref();
    let (operation, work) = match route.target {
        Target::Workflow => (Operation::Read, Work::Read),
        Target::Commands => {
            let command = body::command(content_type, &body).map_err(refused)?;
            (Operation::Command(command), Work::Command(command))
        }
        Target::Trigger { activity } => {
            let body = body::signal(content_type, &body).map_err(refused)?;
            (Operation::Signal, Work::Signal { activity, body })
        }
    };
    let asked = Asked {
        organization: route.organization,
        workflow_id: route.workflow_id,
        operation,
    };
    Ok(Order { asked, work })
}

/// The body, counted while it comes.
pub(crate) async fn read_body<H: Host>(
    host: &H,
    deadline: &Deadline<'_, H::Platform>,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let all = async {
        let mut source = host.body();
        let mut body = Vec::new();
        loop {
            // One byte more than the limit shows that it is passed.
            let progress = source.read(&mut body, limit + 1).await;
            if body.len() > limit {
                return Err(Refusal::TooLarge);
            }
            match progress {
                Ok(Progress::End) => return Ok(body),
                // Chunks that arrive without a pause can keep timers from firing.
                Ok(Progress::More) if deadline.left_ms() == 0 => return Err(Refusal::TooSlow),
                Ok(Progress::More) => {}
                Err(_) => return Err(Refusal::Broken),
            }
        }
    };
    deadline.limit(all).await.unwrap_or(Err(Refusal::TooSlow))
}

/// What is done for an order, once it is known.
struct Call<'a, H: Host> {
    gateway: &'a Gateway,
    host: &'a H,
    deadline: Deadline<'a, H::Platform>,
    asked: &'a Asked,
}

impl<H: Host> Call<'_, H> {
    async fn run(&self, order: &Order) -> Ended<H::Response> {
        if let Err(refusal) = self.authorize().await {
            return Ended::refused(refusal, 0);
        }
        let timeout_ms = self.deadline.left_ms();
        if timeout_ms == 0 {
            return Ended::refused(Refusal::Late, 0);
        }
        match (&order.work, &self.gateway.campaign) {
            (Work::Command(_), _) if self.gateway.has_own_send => {
                self.send_by_user(timeout_ms).await
            }
            (Work::Command(command), Some(campaign)) => {
                self.send(campaign, *command, timeout_ms).await
            }
            (Work::Read, Some(campaign)) => self.read(campaign, timeout_ms).await,
            (Work::Signal { activity, body }, Some(campaign)) => {
                self.signal(campaign, activity, body, timeout_ms).await
            }
            // Such a gateway knows no address of it.
            (_, None) => Ended::refused(Refusal::NotFound, 0),
        }
    }

    /// Whether the caller may do it, and whether it is served at all.
    async fn authorize(&self) -> Result<(), Refusal> {
        let decision = self.host.authorize(self.asked);
        match self.deadline.limit(decision).await {
            Some(Ok(true)) if self.gateway.allowed.serves(self.asked) => Ok(()),
            Some(Ok(true)) => Err(Refusal::NotFound),
            Some(Ok(false)) => Err(Refusal::Forbidden),
            Some(Err(AuthorizeError::RateLimited)) => Err(Refusal::RateLimited),
            Some(Err(AuthorizeError::Failed)) | None => Err(Refusal::Unauthorizable),
        }
    }

    /// A command by the user's own `send`, whose work may go on after the deadline.
    async fn send_by_user(&self, timeout_ms: u32) -> Ended<H::Response> {
        let command = SentCommand {
            asked: self.asked,
            idempotency_key: self.host.head().idempotency_key.as_deref(),
            timeout_ms,
        };
        self.host.sending();
        match self.deadline.limit(self.host.send(&command)).await {
            Some(SendResult::Receipt(receipt)) if matches!(receipt.status, 200..=299) => {
                Ended::accepted(receipt)
            }
            Some(SendResult::Response { status, response }) => Ended::passed(status, response),
            Some(SendResult::Told { outcome, answer }) => Ended::told(outcome, answer),
            Some(SendResult::Error(error)) => Ended::failed(*error, 0),
            // A success that is no receipt says nothing about the command.
            Some(SendResult::Receipt(_) | SendResult::Other) => {
                Ended::failed(answer::internal(), 0)
            }
            None => Ended::failed(answer::timeout(), 0),
        }
    }

    async fn send(
        &self,
        campaign: &Campaign,
        command: Command,
        timeout_ms: u32,
    ) -> Ended<H::Response> {
        let request = campaign.request(self.asked, timeout_ms);
        self.host.sending();
        match send(&HostPlatform(self.host), &request, command).await {
            Ok(receipt) => accepted(receipt),
            Err(error) => Ended::failed(error, 0),
        }
    }

    async fn read(&self, campaign: &Campaign, timeout_ms: u32) -> Ended<H::Response> {
        let request = campaign.request(self.asked, timeout_ms);
        let platform = HostPlatform(self.host);
        let receipt = match read(&platform, &request).await {
            Ok(receipt) => receipt,
            Err(error) => return Ended::failed(error, 0),
        };
        let root = route::root(&self.host.head().url, &self.gateway.base_path);
        let rewritten = json_of(&receipt).and_then(|json| {
            workflow::with_triggers(json, |shown| {
                let address = campaign.trigger_address(&platform, &request, shown)?;
                Some(route::trigger_url(&root, self.asked, &address.activity))
            })
        });
        match rewritten {
            Some(json) => Ended::accepted(Accepted {
                status: receipt.status,
                request_id: receipt.request_id,
                content: Content::Json(json),
                attempts: receipt.attempts,
            }),
            None => Ended::failed(answer::no_workflow(receipt.status), receipt.attempts),
        }
    }

    /// The caller knows the trigger by the gateway's address. Campaign's is read from the workflow, so that nothing is
    /// triggered that the workflow does not show.
    async fn signal(
        &self,
        campaign: &Campaign,
        activity: &str,
        body: &str,
        timeout_ms: u32,
    ) -> Ended<H::Response> {
        let mut request = campaign.request(self.asked, timeout_ms);
        let platform = HostPlatform(self.host);
        let looked = match read(&platform, &request).await {
            Ok(receipt) => receipt,
            Err(error) => return Ended::failed(error, 0),
        };
        let trigger = json_of(&looked).and_then(|json| {
            workflow::find_trigger(json, |shown| {
                let address = campaign.trigger_address(&platform, &request, shown)?;
                let is_asked = route::names(&address.activity, activity);
                is_asked.then_some(address.url)
            })
        });
        let Some(trigger) = trigger else {
            return Ended::refused(Refusal::NoTrigger, looked.attempts);
        };
        request.timeout_ms = self.deadline.left_ms();
        if request.timeout_ms == 0 {
            return Ended::refused(Refusal::Late, looked.attempts);
        }
        self.host.sending();
        match signal::trigger(&platform, &request, &trigger, body).await {
            Ok(mut triggered) => {
                // A text that does not say "too soon" is a page, or the beginning of JSON that broke off. Passed on as a
                // whole text, it would read as "too soon".
                if !triggered.is_too_soon && matches!(triggered.receipt.body, Body::Text(_)) {
                    triggered.receipt.body = Body::Empty;
                }
                let mut ended = accepted(triggered.receipt);
                ended.attempts += looked.attempts;
                if triggered.is_too_soon {
                    ended.outcome = Outcome::NotExecuted.as_str();
                    ended.code = Some(Code::Rejected);
                }
                ended
            }
            Err(error) => Ended::failed(error, looked.attempts),
        }
    }

    fn log(&self, ended: &Ended<H::Response>) {
        let ms = self
            .gateway
            .timeout_ms
            .saturating_sub(self.deadline.left_ms());
        let random = || self.host.platform().random();
        ended.log(self.asked, ms, random, |entry| self.host.log(entry));
    }
}

fn accepted<R>(receipt: Receipt<Parsed>) -> Ended<R> {
    Ended::accepted(Accepted {
        status: receipt.status,
        request_id: receipt.request_id,
        content: receipt.body.into(),
        attempts: receipt.attempts,
    })
}

/// The client gives a receipt of reading only for an object.
const fn json_of(receipt: &Receipt<Parsed>) -> Option<&Parsed> {
    match &receipt.body {
        Body::Json(json) => Some(json),
        Body::Text(_) | Body::Empty => None,
    }
}
