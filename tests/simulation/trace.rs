//! What the platform and the servers saw of one call, for the promises to be held against.

use campaign_workflow::{Body, Error, Receipt};

use crate::json::JsonValue;
use crate::problem_documents::ParsedProblem;
use crate::timeline::RetryAfter;

#[derive(Default)]
pub struct Trace {
    /// What the call did, in order.
    pub steps: Vec<Step>,
    pub requests: Vec<RequestRecord>,
    /// What the platform gave the call last.
    pub last: Option<PlatformEvent>,
    pub ended: Option<CallEnd>,
    /// Promises that were seen broken on the way.
    pub violations: Vec<(&'static str, String)>,
    /// The secrets that the call knows.
    pub secrets: Vec<String>,
    pub aborted_at: Option<u64>,
    /// Chunks of a body that were read after the deadline of the call.
    pub late_chunks: u32,
    /// How long the call has kept the thread to itself since the last event.
    pub busy_ms: u64,
    /// How long in all.
    pub total_busy_ms: u64,
    pub was_wall_clock_set: bool,
    pub counts: Counts,
    /// One line for each thing that happens, if somebody wants to read them.
    pub history: Option<Vec<String>>,
}

/// What else is worth a count.
#[derive(Default)]
pub struct Counts {
    pub too_late: u64,
    pub together: u64,
    pub cut_off: u64,
}

/// A step of the call, and the time that its timer gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub at: u64,
    pub ms: u64,
    pub kind: StepKind,
    /// What the platform gave the call last before the step began.
    pub after: Option<PlatformEvent>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepKind {
    Wait,
    Token { refresh: bool },
    Send,
}

/// What the platform gives the call to go on with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlatformEvent {
    Abort,
    Timer,
    Token,
    NoToken,
    Head,
    Chunk,
    End,
    BrokenOff,
    Failed,
}

/// One request of the call.
#[derive(Debug, Default)]
pub struct RequestRecord {
    /// It did not even set out, because no connection was made, and the runtime says so.
    pub refused: bool,
    /// Cancelled before it arrived.
    pub cancelled: bool,
    /// The call was given the error.
    pub failed: bool,
    pub head: Option<Head>,
}

/// The head of an answer that the call was given, and what is true of the answer.
#[derive(Debug)]
pub struct Head {
    pub at: u64,
    /// What the server answered, also where the runtime hides it.
    pub status: u16,
    pub retry_after: RetryAfter,
    /// What that comes to in milliseconds, by the wall clock at this moment.
    pub retry_after_delay_ms: Option<u64>,
    pub is_unknown_uri: bool,
    /// Its content type is that of a problem document.
    pub is_document: bool,
    /// What the document says.
    pub parsed: Option<ParsedProblem>,
    pub is_utf8: bool,
    pub is_json_object: bool,
    /// The call began to read the body.
    pub is_read: bool,
    pub has_read_all: bool,
}

#[derive(Debug)]
pub struct Success {
    pub receipt: Receipt<JsonValue>,
    /// The signal came too soon after another, and was not triggered.
    pub is_too_soon: bool,
}

pub struct CallEnd {
    pub at: u64,
    pub result: Result<Success, Error>,
    /// Timers, requests and listeners that are left.
    pub left: [i32; 3],
}

impl Trace {
    pub fn note(&mut self, at: u64, line: impl FnOnce() -> String) {
        if let Some(history) = &mut self.history {
            history.push(format!("{at:>10} ms  {}", line()));
        }
    }

    pub fn report_violation(&mut self, promise: &'static str, how: impl Into<String>) {
        self.violations.push((promise, how.into()));
    }

    /// An interruption counts before a failure that comes with it, which may be its consequence.
    pub fn interrupt(&mut self, by: PlatformEvent) {
        let is_sending = self
            .steps
            .last()
            .is_some_and(|step| step.kind == StepKind::Send);
        if let (true, Some(sent)) = (is_sending, self.requests.last_mut()) {
            sent.failed = false;
        }
        self.last = Some(by);
    }

    pub fn waits(&self) -> usize {
        let is_wait = |step: &&Step| step.kind == StepKind::Wait;
        self.steps.iter().filter(is_wait).count()
    }

    pub fn has_refreshed(&self) -> bool {
        let refresh = StepKind::Token { refresh: true };
        self.steps.iter().any(|step| step.kind == refresh)
    }
}

impl CallEnd {
    /// The texts that leave the package, by the names of their fields.
    pub fn texts(&self) -> Vec<(&'static str, String)> {
        let mut texts = Vec::new();
        let mut add = |name, text: Option<&str>| {
            texts.extend(text.map(|text| (name, String::from(text))));
        };
        match &self.result {
            Ok(Success { receipt, .. }) => {
                add("receipt.requestId", receipt.request_id.as_deref());
                match &receipt.body {
                    Body::Empty => {}
                    Body::Text(text) => add("receipt.body", Some(text)),
                    Body::Json(json) => add("receipt.body", Some(&json.0.to_string())),
                }
            }
            Err(error) => {
                add("error.message", Some(&error.message));
                add("error.body", error.body.as_deref());
                add("error.hint", error.hint.as_deref());
                add("error.errorCode", error.error_code.as_deref());
                add("error.requestId", error.request_id.as_deref());
                add("error.cause", error.cause.as_deref());
                add("error", Some(&error.to_string()));
            }
        }
        texts
    }
}
