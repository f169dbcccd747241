//! What is recorded in one schedule, for the checks of the guarantees.

use campaign_emulator::Campaign;
use campaign_workflow::{Command, Error};

use crate::campaign::{executed, workflow_id};
use crate::network::{WireRequest, WireResponse};
use crate::setup::{COMMANDS, Role};

#[derive(Default)]
pub struct Observations {
    /// By the number of the call.
    pub ended: Vec<Option<CallEnd>>,
    /// The results of many commands, in the order in which the consumer took them.
    pub results: Vec<ManyResult>,
    /// The requests that the page sent.
    pub sent: Vec<Sent>,
    /// The responses with `Retry-After` that the page received, when they had arrived.
    pub retry_afters: Vec<RetryAfter>,
    /// The requests that the gateway received.
    pub gateway_requests: Vec<GatewayRequest>,
    /// The gateway's log entries.
    pub lines: Vec<LogLine>,
    /// The observations of queued orders, by their number.
    pub queued: Vec<QueuedObservations>,
    /// The commands, with their workflows, whose key was used again a day after they were settled. They are new
    /// commands then.
    pub renewed: Vec<(usize, Command)>,
    /// Violations that were found during the schedule.
    pub violations: Vec<(&'static str, String)>,
}

/// When and how a call ended.
pub struct CallEnd {
    pub at: u64,
    pub outcome: CallOutcome,
}

/// The outcome that the caller got.
#[derive(Debug)]
pub enum CallOutcome {
    Accepted,
    Confirmed {
        is_confirmed: bool,
    },
    Workflow {
        state: String,
    },
    Signal {
        is_too_soon: bool,
    },
    /// The numbers of accepted, not executed and unknown commands.
    Many {
        counts: [u32; 3],
    },
    Failed(Error),
}

/// The result of one of many commands.
pub struct ManyResult {
    pub call: usize,
    /// Its index among the commands of the call.
    pub index: usize,
    /// `None`: it was accepted.
    pub error: Option<Error>,
}

/// A response of 429 or 503 with `Retry-After`.
pub struct RetryAfter {
    /// How many requests the page had sent before it arrived.
    pub sent_before: usize,
    pub until: u64,
    /// The URL of the request.
    pub url: String,
}

/// A request of the page.
pub struct Sent {
    pub at: u64,
    pub url: String,
    pub body: String,
}

/// The observations of a queued order.
#[derive(Default)]
pub struct QueuedObservations {
    /// How often it was sent to its object.
    pub enqueued: u32,
    /// How often the reply was "not executed".
    pub refused: u32,
    /// Whether it was queued.
    pub is_queued: bool,
    /// Whether a caller was told that it is cancelled.
    pub is_cancelled: bool,
}

/// A request at the gateway.
pub struct GatewayRequest {
    pub role: Role,
    pub started_at: u64,
    pub method: String,
    pub url: String,
    /// The workflow's number and the command, if it is a command.
    pub order: Option<(usize, Command)>,
    pub key: Option<String>,
    /// Whether the caller disconnected before the response.
    pub has_disconnected: bool,
    /// When the gateway responded, and how; `None` if its runtime ended the request.
    pub response: Option<(u64, SeenResponse)>,
}

/// A response of the gateway.
pub struct SeenResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Whether an object made it. The gateway then knows only its status.
    pub is_from_object: bool,
}

/// A log entry of the gateway.
pub struct LogLine {
    /// The index of the request in [`Observations::request_index`].
    pub request_index: usize,
    pub text: String,
    pub outcome: String,
    pub status: u16,
}

impl Observations {
    /// How often a command of this workflow was sent as a new one, because its key had expired.
    pub fn renewals(&self, workflow: usize, command: Option<Command>) -> usize {
        let is_it = |renewed: &&(usize, Command)| {
            renewed.0 == workflow && command.is_none_or(|command| renewed.1 == command)
        };
        self.renewed.iter().filter(is_it).count()
    }

    /// Records a request that reaches the gateway. Returns its index.
    pub fn record_request(&mut self, request: &WireRequest, now: u64) -> usize {
        self.gateway_requests.push(GatewayRequest {
            role: Role::of(request.header("authorization")),
            started_at: now,
            method: request.method.clone(),
            url: request.url.clone(),
            order: order_of(request),
            key: request.header("idempotency-key").map(String::from),
            has_disconnected: false,
            response: None,
        });
        self.gateway_requests.len() - 1
    }

    /// Records the gateway's response and checks that it is true at this moment. If a command was repeated, a refusal
    /// concerns only one of its requests.
    pub fn record_response(
        &mut self,
        request_index: usize,
        at: u64,
        response: SeenResponse,
        campaign: &Campaign,
    ) {
        if let Some((workflow, command)) = self.gateway_requests[request_index].order {
            let executed = executed(campaign, workflow, Some(command));
            let order = self.gateway_requests[request_index].order;
            let same = || {
                self.gateway_requests
                    .iter()
                    .filter(|request_index| request_index.order == order)
            };
            let refused = same()
                .filter(|request_index| request_index.is_refused())
                .count();
            let is_true = match response.outcome().as_deref() {
                None => (1..=1 + self.renewals(workflow, Some(command))).contains(&executed),
                Some("unknown") => true,
                Some(_) => executed + refused < same().count(),
            };
            if !is_true {
                let details = format!(
                    "{command:?} of {workflow}: {executed} executed: {}",
                    response.body
                );
                self.violations
                    .push(("a command's response is true", details));
            }
        }
        self.gateway_requests[request_index].response = Some((at, response));
    }
}

/// The number of the workflow and the command in a request.
fn order_of(request: &WireRequest) -> Option<(usize, Command)> {
    let body = std::str::from_utf8(&request.body).ok()?;
    let command = COMMANDS
        .into_iter()
        .find(|command| command.body() == body)?;
    let address = request.url.strip_suffix("/commands")?;
    let (_, id) = address.rsplit_once('/')?;
    let workflow = id.strip_prefix("WKF")?.parse().ok()?;
    assert_eq!(workflow_id(workflow), id);
    Some((workflow, command))
}

impl GatewayRequest {
    /// Whether the response was "not executed".
    pub fn is_refused(&self) -> bool {
        let outcome = self
            .response
            .as_ref()
            .and_then(|(_, response)| response.outcome());
        outcome.as_deref() == Some("not-executed")
    }
}

impl SeenResponse {
    pub fn new(response: &WireResponse, is_from_object: bool) -> Self {
        Self {
            status: response.status,
            headers: response.headers.clone(),
            body: String::from_utf8_lossy(&response.body).into_owned(),
            is_from_object,
        }
    }

    /// The outcome in the response; `None`: accepted.
    pub fn outcome(&self) -> Option<String> {
        if self.status < 400 {
            return None;
        }
        let problem = self.problem().unwrap_or_default();
        Some(String::from(
            problem["outcome"].as_str().unwrap_or_default(),
        ))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The problem document, if it is one.
    pub fn problem(&self) -> Option<serde_json::Value> {
        let is_problem = self.header("content-type") == Some("application/problem+json");
        serde_json::from_str(&self.body).ok().filter(|_| is_problem)
    }
}
