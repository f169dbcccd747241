//! What was seen in one schedule, for the promises to be held against.

use campaign_emulator::Campaign;
use campaign_workflow::{Command, Error};

use crate::campaign::{executed, workflow_id};
use crate::network::{WireAnswer, WireRequest};
use crate::setup::{COMMANDS, Role};

#[derive(Default)]
pub struct Observations {
    /// By the number of the call.
    pub ended: Vec<Option<CallEnd>>,
    /// The results of many commands, as they were told.
    pub results: Vec<ManyResult>,
    /// The requests that the page sent.
    pub sent: Vec<Sent>,
    /// The answers to the page that ask for peace, at the moment at which they have arrived.
    pub retry_afters: Vec<RetryAfter>,
    /// The requests that the gateway was asked.
    pub asked: Vec<GatewayRequest>,
    /// The lines of the gateway's log.
    pub lines: Vec<LogLine>,
    /// What became of the orders for later, by their number.
    pub queued: Vec<QueuedObservations>,
    /// Each command, by its workflow, whose key was used again a day after its end: it is a new one then.
    pub renewed: Vec<(usize, Command)>,
    /// Promises that were seen broken on the way.
    pub violations: Vec<(&'static str, String)>,
}

/// How a call ended.
pub struct CallEnd {
    pub at: u64,
    pub outcome: CallOutcome,
}

/// What its caller was told.
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
    /// How many were accepted, not executed, unknown.
    Many {
        counts: [u32; 3],
    },
    Failed(Error),
}

/// How one of many commands ended.
pub struct ManyResult {
    pub call: usize,
    /// Its place among the commands of the call.
    pub index: usize,
    /// `None`: it was accepted.
    pub error: Option<Error>,
}

/// An answer of 429 or 503 with `Retry-After`.
pub struct RetryAfter {
    /// How many requests the page had sent before it was there.
    pub sent_before: usize,
    pub until: u64,
    /// Of the request.
    pub url: String,
}

/// A request of the page.
pub struct Sent {
    pub at: u64,
    pub url: String,
    pub body: String,
}

/// What was seen of an order for later.
#[derive(Default)]
pub struct QueuedObservations {
    /// So often it was brought to its object.
    pub brought: u32,
    /// So often that was answered with: not executed.
    pub refused: u32,
    /// It was taken.
    pub is_taken: bool,
    /// Somebody was told that it is cancelled.
    pub is_cancelled: bool,
}

/// A request at the gateway.
pub struct GatewayRequest {
    pub role: Role,
    pub begun: u64,
    pub method: String,
    pub url: String,
    /// The number of the workflow and the command, if it is a command.
    pub order: Option<(usize, Command)>,
    pub key: Option<String>,
    /// The caller went away before the answer.
    pub is_left: bool,
    /// The gateway's answer, and when it gave it; none if its runtime has ended the request.
    pub answer: Option<(u64, SeenResponse)>,
}

/// What the gateway answered.
pub struct SeenResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// It is that of an object, of which the gateway knows only the status.
    pub is_passed: bool,
}

/// A line of the gateway's log.
pub struct LogLine {
    /// The number of the request in [`Observations::asked`].
    pub asked: usize,
    pub text: String,
    pub outcome: String,
    pub status: u16,
}

impl Observations {
    /// How often a command of this workflow was sent anew, as its key had been forgotten.
    pub fn renewals(&self, workflow: usize, command: Option<Command>) -> usize {
        let is_it = |renewed: &&(usize, Command)| {
            renewed.0 == workflow && command.is_none_or(|command| renewed.1 == command)
        };
        self.renewed.iter().filter(is_it).count()
    }

    /// A request reaches the gateway. Gives its number.
    pub fn asked(&mut self, request: &WireRequest, now: u64) -> usize {
        self.asked.push(GatewayRequest {
            role: Role::of(request.header("authorization")),
            begun: now,
            method: request.method.clone(),
            url: request.url.clone(),
            order: order_of(request),
            key: request.header("idempotency-key").map(String::from),
            is_left: false,
            answer: None,
        });
        self.asked.len() - 1
    }

    /// The gateway answers a request. What it says of a command has to be true at this moment. Where a
    /// command was repeated, a refusal is about one of the requests alone.
    pub fn answered(&mut self, asked: usize, at: u64, answer: SeenResponse, campaign: &Campaign) {
        if let Some((workflow, command)) = self.asked[asked].order {
            let executed = executed(campaign, workflow, Some(command));
            let order = self.asked[asked].order;
            let same = || self.asked.iter().filter(|asked| asked.order == order);
            let refused = same().filter(|asked| asked.is_refused()).count();
            let is_true = match answer.outcome().as_deref() {
                None => (1..=1 + self.renewals(workflow, Some(command))).contains(&executed),
                Some("unknown") => true,
                Some(_) => executed + refused < same().count(),
            };
            if !is_true {
                let how = format!(
                    "{command:?} of {workflow}: {executed} executed: {}",
                    answer.body
                );
                self.violations.push(("a command's answer is true", how));
            }
        }
        self.asked[asked].answer = Some((at, answer));
    }
}

/// The command in a request, and the number of its workflow.
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
    /// Whether it was answered with: not executed.
    pub fn is_refused(&self) -> bool {
        let outcome = self
            .answer
            .as_ref()
            .and_then(|(_, answer)| answer.outcome());
        outcome.as_deref() == Some("not-executed")
    }
}

impl SeenResponse {
    pub fn new(answer: &WireAnswer, is_passed: bool) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.clone(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
            is_passed,
        }
    }

    /// What it says of a command; `None`: that it was accepted.
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
