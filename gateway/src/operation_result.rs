//! What became of a request that got as far as being an operation on a workflow: the answer, and what the log says of it.

use campaign_workflow::{Code, Error, Outcome};

use crate::answer::{self, Accepted};
use crate::host::LogEntry;
use crate::http::{Answer, Reply};
use crate::operation::Asked;
use crate::refusal::Refusal;

/// The log's word for what Campaign has accepted.
const ACCEPTED: &str = "accepted";

/// How it ended.
pub(crate) struct Ended<R> {
    /// The answer, but for the headers that say who may read it.
    pub reply: Reply<R>,
    /// Its status.
    pub status: u16,
    /// `accepted`, `not-executed` or `unknown`.
    pub outcome: &'static str,
    /// Why it was not accepted.
    pub code: Option<Code>,
    /// The number of Campaign's answer.
    pub request_id: Option<String>,
    /// How many requests went out.
    pub attempts: u32,
}

impl<R> Ended<R> {
    /// Campaign has accepted it.
    pub fn accepted(accepted: Accepted) -> Self {
        Self {
            status: accepted.status,
            outcome: ACCEPTED,
            code: None,
            request_id: accepted.request_id.clone(),
            attempts: accepted.attempts,
            reply: Reply::Answer(accepted.answer()),
        }
    }

    /// The gateway itself refuses it, after so many requests.
    pub fn refused(refusal: Refusal, attempts: u32) -> Self {
        let answer = refusal.answer();
        Self {
            status: answer.status,
            reply: Reply::Answer(answer),
            outcome: Outcome::NotExecuted.as_str(),
            code: Some(refusal.code()),
            request_id: None,
            attempts,
        }
    }

    /// It failed; so many requests went out before.
    pub fn failed(error: Error, attempts: u32) -> Self {
        let answer = answer::failed(&error);
        Self {
            status: answer.status,
            reply: Reply::Answer(answer),
            outcome: error.outcome.as_str(),
            code: Some(error.code),
            request_id: error.request_id,
            attempts: attempts.saturating_add(error.attempts),
        }
    }

    /// Somebody else knows what became of it, and this is the answer.
    pub fn told(outcome: Option<Outcome>, answer: Answer) -> Self {
        Self {
            status: answer.status,
            outcome: outcome.map_or(ACCEPTED, Outcome::as_str),
            code: None,
            request_id: answer.get("x-request-id").map(str::to_owned),
            attempts: 0,
            reply: Reply::Answer(answer),
        }
    }

    /// The user's own `send` made an answer, which is not read.
    pub fn passed(status: u16, response: R) -> Self {
        Self {
            reply: Reply::Passed {
                response,
                headers: Vec::new(),
            },
            status,
            outcome: match status {
                200..=299 => ACCEPTED,
                _ => Outcome::Unknown.as_str(),
            },
            code: None,
            request_id: None,
            attempts: 0,
        }
    }

    /// Writes the line of the log. Without a number of Campaign's answer the line has one of its own, of 64 random bits.
    pub fn log(
        &self,
        asked: &Asked,
        ms: u32,
        random: impl Fn() -> f64,
        write: impl FnOnce(&LogEntry<'_>),
    ) {
        let half = || (random() * f64::from(u32::MAX)) as u32;
        let own = || format!("{:08x}{:08x}", half(), half());
        write(&LogEntry {
            request_id: &self.request_id.clone().unwrap_or_else(own),
            organization: &asked.organization,
            workflow_id: &asked.workflow_id,
            command: asked.operation.as_str(),
            outcome: self.outcome,
            code: self.code.map(Code::as_str),
            status: self.status,
            attempts: self.attempts,
            ms,
        });
    }
}
