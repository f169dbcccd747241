//! The record of one call, as the platform and the servers saw it.

use campaign_workflow::{Body, Error, Receipt};

use crate::json::JsonValue;
use crate::problem_documents::ParsedProblem;
use crate::timeline::RetryAfter;

#[derive(Default)]
pub struct Trace {
    /// The steps of the call, in order.
    pub steps: Vec<Step>,
    pub requests: Vec<RequestRecord>,
    /// The last event that the platform reported to the call.
    pub last: Option<PlatformEvent>,
    pub ended: Option<CallEnd>,
    /// Violations that were detected during the call.
    pub violations: Vec<(&'static str, String)>,
    /// The secrets that the call knows.
    pub secrets: Vec<String>,
    pub aborted_at: Option<u64>,
    /// Chunks of a body that were read after the deadline of the call.
    pub late_chunks: u32,
    /// How long the call has blocked the thread since the last event, in milliseconds.
    pub busy_ms: u64,
    /// The total of that.
    pub total_busy_ms: u64,
    pub was_wall_clock_set: bool,
    pub counts: Counts,
    /// One line per event, if the schedule is printed.
    pub history: Option<Vec<String>>,
}

/// Further counts for the coverage.
#[derive(Default)]
pub struct Counts {
    pub too_late: u64,
    pub together: u64,
    pub cut_off: u64,
}

/// A step of the call, and the time limit that its timer sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub at: u64,
    pub ms: u64,
    pub kind: StepKind,
    /// The last event before the step.
    pub after: Option<PlatformEvent>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepKind {
    Wait,
    Token { refresh: bool },
    Send,
}

/// An event that the platform reports to the call.
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

/// A request of the call.
#[derive(Debug, Default)]
pub struct RequestRecord {
    /// No connection was made, and the runtime reports it.
    pub refused: bool,
    /// It was cancelled before it arrived.
    pub cancelled: bool,
    /// The call received the error.
    pub failed: bool,
    pub head: Option<Head>,
}

/// The head of a response that the call received, and facts about the response.
#[derive(Debug)]
pub struct Head {
    pub at: u64,
    /// The server's status, even if the runtime hides it.
    pub status: u16,
    pub retry_after: RetryAfter,
    /// The delay that it requests, in milliseconds, by the wall clock at this moment.
    pub retry_after_delay_ms: Option<u64>,
    pub is_unknown_uri: bool,
    /// Its content type is that of a problem document.
    pub is_document: bool,
    /// The content of the document.
    pub parsed: Option<ParsedProblem>,
    pub is_utf8: bool,
    pub is_json_object: bool,
    /// The call started to read the body.
    pub is_read: bool,
    pub has_read_all: bool,
}

#[derive(Debug)]
pub struct Success {
    pub receipt: Receipt<JsonValue>,
    /// The signal came too soon after another one and was not triggered.
    pub is_too_soon: bool,
}

pub struct CallEnd {
    pub at: u64,
    pub result: Result<Success, Error>,
    /// The numbers of timers, requests and listeners that are still open.
    pub open: [i32; 3],
}

impl Trace {
    pub fn record(&mut self, at: u64, line: impl FnOnce() -> String) {
        if let Some(history) = &mut self.history {
            history.push(format!("{at:>10} ms  {}", line()));
        }
    }

    pub fn report_violation(&mut self, promise: &'static str, how: impl Into<String>) {
        self.violations.push((promise, how.into()));
    }

    /// Records that a timer or an abort ended the step. It has priority over a failure at the same
    /// moment, which it may have caused.
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
    /// The texts that the caller gets, with the names of their fields.
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
