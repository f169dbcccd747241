//! The result of a requested operation: the response, and the log entry.

use campaign_workflow::{Code, Error, Outcome};

use crate::campaign_result::{self, AcceptedResponse};
use crate::http::{GatewayResponse, Reply};
use crate::operation::RequestedOperation;
use crate::random::random_hex;
use crate::refusal::Refusal;
use crate::runtime::LogEntry;

/// The outcome in the log if Campaign accepted the operation or it was queued.
pub(crate) const ACCEPTED: &str = "accepted";

/// The result of a requested operation.
pub(crate) struct OperationResult<R> {
    /// The response, still without CORS headers.
    pub reply: Reply<R>,
    /// Its status.
    pub status: u16,
    /// `accepted`, `not-executed` or `unknown`.
    pub outcome: &'static str,
    /// Why it was not accepted.
    pub code: Option<Code>,
    /// Campaign's request id.
    pub request_id: Option<String>,
    /// How many attempts were made.
    pub attempts: u32,
}

impl<R> OperationResult<R> {
    /// Campaign accepted it.
    pub fn accepted(accepted: AcceptedResponse) -> Self {
        Self {
            status: accepted.status,
            outcome: ACCEPTED,
            code: None,
            request_id: accepted.request_id.clone(),
            attempts: accepted.attempts,
            reply: Reply::Own(accepted.response()),
        }
    }

    /// The gateway refused it after this number of attempts.
    pub fn refused(refusal: Refusal, attempts: u32) -> Self {
        let response = refusal.response();
        Self {
            status: response.status,
            reply: Reply::Own(response),
            outcome: Outcome::NotExecuted.as_str(),
            code: Some(refusal.code()),
            request_id: None,
            attempts,
        }
    }

    /// The call failed. `attempts` were made before that call.
    pub fn failed(error: Error, attempts: u32) -> Self {
        let response = campaign_result::error_response(&error);
        Self {
            status: response.status,
            reply: Reply::Own(response),
            outcome: error.outcome.as_str(),
            code: Some(error.code),
            request_id: error.request_id,
            attempts: attempts.saturating_add(error.attempts),
        }
    }

    /// The writer knows the outcome and made the response. `None`: it was accepted or queued.
    pub fn reported(outcome: Option<Outcome>, response: GatewayResponse) -> Self {
        Self {
            status: response.status,
            outcome: outcome.map_or(ACCEPTED, Outcome::as_str),
            code: None,
            request_id: response.header("x-request-id").map(str::to_owned),
            attempts: 0,
            reply: Reply::Own(response),
        }
    }

    /// The user's own `send` returned a response. Only its status is read.
    pub fn forwarded(status: u16, response: R) -> Self {
        Self {
            reply: Reply::Forwarded {
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

    /// Writes the log entry. Without a request id of Campaign's it gets one of 64 random bits.
    pub fn log(
        &self,
        requested: &RequestedOperation,
        ms: u32,
        random: impl Fn() -> f64,
        write: impl FnOnce(&LogEntry<'_>),
    ) {
        let own = || random_hex::<2>(random);
        write(&LogEntry {
            request_id: &self.request_id.clone().unwrap_or_else(own),
            organization: &requested.organization,
            workflow_id: &requested.workflow_id,
            command: requested.operation.as_str(),
            outcome: self.outcome,
            code: self.code.map(Code::as_str),
            status: self.status,
            attempts: self.attempts,
            ms,
        });
    }
}
