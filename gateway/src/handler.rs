//! Handles one request to the gateway.

use campaign_workflow::platform::Progress;
use campaign_workflow::{Body, Code, Command, Outcome, Platform, Receipt, read, send, signal};

use crate::body;
use crate::campaign::{Campaign, RuntimePlatform};
use crate::campaign_result::{self, AcceptedResponse, Content};
use crate::cors;
use crate::deadline::Deadline;
use crate::gateway::Gateway;
use crate::http::{GatewayResponse, Reply};
use crate::json::RawJson;
use crate::operation::{Operation, RequestedOperation};
use crate::operation_result::OperationResult;
use crate::refusal::Refusal;
use crate::route::{self, Target};
use crate::runtime::{AuthorizeError, OutgoingCommand, RequestBody, RequestRuntime, SendResult};
use crate::triggers;

/// Responds to a request within the gateway's deadline.
///
/// The checks run in this order: path, method, origin and idempotency key, declared length, body, `authorize`,
/// allow-list. As `authorize` comes before the allow-list, a caller without rights gets the same 403 for every
/// workflow, whether or not it exists.
pub async fn handle<H: RequestRuntime>(gateway: &Gateway, runtime: &H) -> Reply<H::Response> {
    let mut reply = respond(gateway, runtime).await;
    let cors = gateway.origins.headers(runtime.head());
    match &mut reply {
        Reply::Own(response) => response.headers.extend(cors),
        Reply::Forwarded { headers, .. } => headers.extend(cors),
    }
    reply
}

async fn respond<H: RequestRuntime>(gateway: &Gateway, runtime: &H) -> Reply<H::Response> {
    let deadline = Deadline::start(runtime.platform(), gateway.timeout_ms);
    let parsed = match parse_request(gateway, runtime, &deadline).await {
        Ok(parsed) => parsed,
        Err(response) => return Reply::Own(response),
    };
    let call = Call {
        gateway,
        runtime,
        deadline,
        requested: &parsed.requested,
    };
    let result = call.run(&parsed).await;
    call.log(&result);
    result.reply
}

/// A request with its operation and what its body holds.
struct ParsedRequest {
    requested: RequestedOperation,
    action: Action,
}

enum Action {
    Command(Command),
    Read,
    Signal {
        /// The path segment that names the activity, decoded.
        activity: String,
        /// The body for Campaign.
        body: String,
    },
}

/// Parses a request. `Err` is the response to a refused request or to a preflight.
async fn parse_request<H: RequestRuntime>(
    gateway: &Gateway,
    runtime: &H,
    deadline: &Deadline<'_, H::Platform>,
) -> Result<ParsedRequest, GatewayResponse> {
    let head = runtime.head();
    let refused = Refusal::response;
    let route = gateway.route(head).map_err(refused)?;
    if cors::is_preflight(head) {
        return Err(cors::preflight(route.target.method()));
    }
    let limit = gateway.body_limit(head, &route.target).map_err(refused)?;
    let body = match limit {
        Some(limit) => read_body(runtime, deadline, limit).await.map_err(refused)?,
        None => Vec::new(),
    };
    let content_type = head.content_type.as_deref();
    let (operation, action) = match route.target {
        Target::Workflow => (Operation::Read, Action::Read),
        Target::Commands => {
            let command = body::command(content_type, &body).map_err(refused)?;
            (Operation::Command(command), Action::Command(command))
        }
        Target::Trigger { activity } => {
            let body = body::signal(content_type, &body).map_err(refused)?;
            (Operation::Signal, Action::Signal { activity, body })
        }
    };
    let requested = RequestedOperation {
        organization: route.organization,
        workflow_id: route.workflow_id,
        operation,
    };
    Ok(ParsedRequest { requested, action })
}

/// Reads the body and stops at `limit` bytes.
pub(crate) async fn read_body<H: RequestRuntime>(
    runtime: &H,
    deadline: &Deadline<'_, H::Platform>,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let all = async {
        let mut source = runtime.body();
        let mut body = Vec::new();
        loop {
            // One byte more than the limit shows that the body exceeds it.
            let progress = source.read(&mut body, limit + 1).await;
            if body.len() > limit {
                return Err(Refusal::BodyTooLarge);
            }
            match progress {
                Ok(Progress::End) => return Ok(body),
                // Chunks that arrive without a pause can keep timers from firing.
                Ok(Progress::More) if deadline.remaining_ms() == 0 => {
                    return Err(Refusal::BodyTimeout);
                }
                Ok(Progress::More) => {}
                Err(_) => return Err(Refusal::BodyUnreadable),
            }
        }
    };
    deadline
        .limit(all)
        .await
        .unwrap_or(Err(Refusal::BodyTimeout))
}

/// A parsed request while it is carried out.
struct Call<'a, H: RequestRuntime> {
    gateway: &'a Gateway,
    runtime: &'a H,
    deadline: Deadline<'a, H::Platform>,
    requested: &'a RequestedOperation,
}

impl<H: RequestRuntime> Call<'_, H> {
    async fn run(&self, parsed: &ParsedRequest) -> OperationResult<H::Response> {
        if let Err(refusal) = self.authorize().await {
            return OperationResult::refused(refusal, 0);
        }
        let timeout_ms = self.deadline.remaining_ms();
        if timeout_ms == 0 {
            return OperationResult::refused(Refusal::NoTimeLeft, 0);
        }
        match (&parsed.action, &self.gateway.campaign) {
            (Action::Command(_), _) if self.gateway.has_custom_send => {
                self.send_by_user(timeout_ms).await
            }
            (Action::Command(command), Some(campaign)) => {
                self.send(campaign, *command, timeout_ms).await
            }
            (Action::Read, Some(campaign)) => self.read(campaign, timeout_ms).await,
            (Action::Signal { activity, body }, Some(campaign)) => {
                self.signal(campaign, activity, body, timeout_ms).await
            }
            // A gateway without credentials routes only commands, so nothing gets here.
            (_, None) => OperationResult::refused(Refusal::NotFound, 0),
        }
    }

    /// Checks that the caller may do this, then that the allow-list permits it.
    async fn authorize(&self) -> Result<(), Refusal> {
        let decision = self.runtime.authorize(self.requested);
        match self.deadline.limit(decision).await {
            Some(Ok(true)) if self.gateway.allow_list.permits(self.requested) => Ok(()),
            Some(Ok(true)) => Err(Refusal::NotFound),
            Some(Ok(false)) => Err(Refusal::Forbidden),
            Some(Err(AuthorizeError::RateLimited)) => Err(Refusal::RateLimited),
            Some(Err(AuthorizeError::Failed)) | None => Err(Refusal::AuthorizeFailed),
        }
    }

    /// Sends a command through the user's own `send`. That function may go on after the deadline.
    async fn send_by_user(&self, timeout_ms: u32) -> OperationResult<H::Response> {
        let command = OutgoingCommand {
            requested: self.requested,
            idempotency_key: self.runtime.head().idempotency_key.as_deref(),
            timeout_ms,
        };
        self.runtime.sending();
        match self.deadline.limit(self.runtime.send(&command)).await {
            Some(SendResult::Receipt(receipt)) if matches!(receipt.status, 200..=299) => {
                OperationResult::accepted(receipt)
            }
            Some(SendResult::Response { status, response }) => {
                OperationResult::forwarded(status, response)
            }
            Some(SendResult::Reported { outcome, response }) => {
                OperationResult::reported(outcome, response)
            }
            Some(SendResult::Error(error)) => OperationResult::failed(*error, 0),
            // A value that is neither a receipt nor an error says nothing about the command.
            Some(SendResult::Receipt(_) | SendResult::Other) => {
                OperationResult::failed(campaign_result::internal_error(), 0)
            }
            None => OperationResult::failed(campaign_result::timeout_error(), 0),
        }
    }

    async fn send(
        &self,
        campaign: &Campaign,
        command: Command,
        timeout_ms: u32,
    ) -> OperationResult<H::Response> {
        let request = campaign.request(self.requested, timeout_ms);
        self.runtime.sending();
        match send(&RuntimePlatform(self.runtime), &request, command).await {
            Ok(receipt) => accepted(receipt),
            Err(error) => OperationResult::failed(error, 0),
        }
    }

    async fn read(&self, campaign: &Campaign, timeout_ms: u32) -> OperationResult<H::Response> {
        let request = campaign.request(self.requested, timeout_ms);
        let platform = RuntimePlatform(self.runtime);
        let receipt = match read(&platform, &request).await {
            Ok(receipt) => receipt,
            Err(error) => return OperationResult::failed(error, 0),
        };
        let base_url = route::public_base_url(&self.runtime.head().url, &self.gateway.base_path);
        let rewritten = json_of(&receipt).and_then(|json| {
            triggers::rewrite_triggers(json, |address| {
                let trigger = campaign.trigger_address(&platform, &request, address)?;
                Some(route::trigger_url(
                    &base_url,
                    self.requested,
                    &trigger.activity,
                ))
            })
        });
        match rewritten {
            Some(json) => OperationResult::accepted(AcceptedResponse {
                status: receipt.status,
                request_id: receipt.request_id,
                content: Content::Json(json),
                attempts: receipt.attempts,
            }),
            None => OperationResult::failed(
                campaign_result::bad_workflow_error(receipt.status),
                receipt.attempts,
            ),
        }
    }

    /// Triggers a signal. The caller names the trigger by the gateway's address. Campaign's address is read from the
    /// workflow, so that only a trigger that the workflow shows can be used.
    async fn signal(
        &self,
        campaign: &Campaign,
        activity: &str,
        body: &str,
        timeout_ms: u32,
    ) -> OperationResult<H::Response> {
        let mut request = campaign.request(self.requested, timeout_ms);
        let platform = RuntimePlatform(self.runtime);
        let workflow = match read(&platform, &request).await {
            Ok(receipt) => receipt,
            Err(error) => return OperationResult::failed(error, 0),
        };
        let trigger = json_of(&workflow).and_then(|json| {
            triggers::find_trigger(json, |address| {
                let trigger = campaign.trigger_address(&platform, &request, address)?;
                let is_requested = route::is_activity(&trigger.activity, activity);
                is_requested.then_some(trigger.url)
            })
        });
        let Some(trigger) = trigger else {
            return OperationResult::refused(Refusal::TriggerNotFound, workflow.attempts);
        };
        request.timeout_ms = self.deadline.remaining_ms();
        if request.timeout_ms == 0 {
            return OperationResult::refused(Refusal::NoTimeLeft, workflow.attempts);
        }
        self.runtime.sending();
        match signal::trigger(&platform, &request, &trigger, body).await {
            Ok(mut triggered) => {
                // A text that does not say "too soon" is an HTML page or truncated JSON. Forwarded as plain text, the
                // client would read it as "too soon".
                if !triggered.is_too_soon && matches!(triggered.receipt.body, Body::Text(_)) {
                    triggered.receipt.body = Body::Empty;
                }
                let mut result = accepted(triggered.receipt);
                result.attempts += workflow.attempts;
                if triggered.is_too_soon {
                    result.outcome = Outcome::NotExecuted.as_str();
                    result.code = Some(Code::Rejected);
                }
                result
            }
            Err(error) => OperationResult::failed(error, workflow.attempts),
        }
    }

    fn log(&self, result: &OperationResult<H::Response>) {
        let ms = self
            .gateway
            .timeout_ms
            .saturating_sub(self.deadline.remaining_ms());
        let random = || self.runtime.platform().random();
        result.log(self.requested, ms, random, |entry| self.runtime.log(entry));
    }
}

fn accepted<R>(receipt: Receipt<RawJson>) -> OperationResult<R> {
    OperationResult::accepted(AcceptedResponse {
        status: receipt.status,
        request_id: receipt.request_id,
        content: receipt.body.into(),
        attempts: receipt.attempts,
    })
}

/// The workflow in the receipt of a read. The client accepts only JSON objects there.
const fn json_of(receipt: &Receipt<RawJson>) -> Option<&RawJson> {
    match &receipt.body {
        Body::Json(json) => Some(json),
        Body::Text(_) | Body::Empty => None,
    }
}
