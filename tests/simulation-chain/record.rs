//! What was seen in one schedule, for the promises to be held against.

use campaign_workflow::Error;

use crate::network::{WireAnswer, WireRequest};
use crate::setup::Role;

#[derive(Default)]
pub struct Record {
    /// By the number of the call.
    pub ended: Vec<Option<Ended>>,
    /// The results of many commands, as they were told.
    pub results: Vec<ManyResult>,
    /// The requests that the page sent.
    pub sent: Vec<Sent>,
    /// The answers to the page that ask for peace, at the moment at which they have arrived.
    pub peace: Vec<Peace>,
    /// The requests that the gateway was asked.
    pub asked: Vec<Asked>,
    /// The lines of the gateway's log.
    pub lines: Vec<Line>,
    /// Promises that were seen broken on the way.
    pub complaints: Vec<(&'static str, String)>,
}

/// How a call ended.
pub struct Ended {
    pub at: u64,
    pub told: Told,
}

/// What its caller was told.
#[derive(Debug)]
pub enum Told {
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
pub struct Peace {
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

/// A request at the gateway.
pub struct Asked {
    pub role: Role,
    pub begun: u64,
    pub method: String,
    pub url: String,
    /// The caller went away before the answer.
    pub is_left: bool,
    /// The gateway's answer, and when it gave it; none if its runtime has ended the request.
    pub answer: Option<(u64, Answered)>,
}

/// What the gateway answered.
pub struct Answered {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A line of the gateway's log.
pub struct Line {
    /// The number of the request in [`Record::asked`].
    pub asked: usize,
    pub text: String,
    pub outcome: String,
    pub status: u16,
}

impl Record {
    /// A request reaches the gateway. Gives its number.
    pub fn asked(&mut self, request: &WireRequest, now: u64) -> usize {
        self.asked.push(Asked {
            role: Role::of(request.header("authorization")),
            begun: now,
            method: request.method.clone(),
            url: request.url.clone(),
            is_left: false,
            answer: None,
        });
        self.asked.len() - 1
    }
}

impl From<&WireAnswer> for Answered {
    fn from(answer: &WireAnswer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.clone(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

impl Answered {
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
