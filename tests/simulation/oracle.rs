//! What the answer to one request proves, read from the side of the servers and of Adobe's and
//! HTTP's documents.

use campaign_workflow::error::{Code, Outcome};

use crate::problem_documents::ParsedProblem;
use crate::setup::Setup;
use crate::trace::{Head, RequestRecord, Trace};

/// Whether, and how, a request goes out once more after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    No,
    /// At once, with a fresh token.
    Refresh,
    /// After a wait.
    Wait,
}

impl Head {
    /// A problem document that counts: at Adobe's host none does.
    fn has_document(&self, setup: &Setup) -> bool {
        setup.is_gateway() && self.is_document
    }

    /// The body got to the client to its end, and is text.
    pub fn is_complete(&self) -> bool {
        self.has_read_all && self.is_utf8
    }

    /// What the document says, if it was read to its end.
    pub fn document(&self, setup: &Setup) -> Option<&ParsedProblem> {
        let is_there = self.has_document(setup) && self.is_complete();
        self.parsed.as_ref().filter(|_| is_there)
    }

    /// Whether the status proves that nothing was executed.
    fn outcome_by_status(&self) -> Outcome {
        let is_certain = match self.status {
            300..=499 => true,
            503 => self.retry_after.is_readable(),
            500 | 502 => self.is_unknown_uri && self.is_complete(),
            _ => false,
        };
        if is_certain {
            Outcome::NotExecuted
        } else {
            Outcome::Unknown
        }
    }

    /// Whether the command with this idempotency key may be at work still, or may have been sent on.
    fn may_still_execute(&self) -> bool {
        matches!(self.status, 502 | 504) || (self.status == 409 && self.retry_after.is_readable())
    }

    /// What the status and the headers say of another request.
    fn repetition_by_status(&self, setup: &Setup, has_refreshed: bool) -> Repetition {
        let may_pass = setup.is_read() && !matches!(self.status, 200..=499);
        match self.status {
            401 if setup.has_token_function() && !has_refreshed => Repetition::Refresh,
            429 => Repetition::Wait,
            503 if self.retry_after.is_readable() => Repetition::Wait,
            _ if setup.has_key() && self.may_still_execute() => Repetition::Wait,
            _ if may_pass => Repetition::Wait,
            _ => Repetition::No,
        }
    }

    /// The code that the status stands for.
    pub fn code(&self) -> Code {
        match self.status {
            300..=399 => Code::Redirected,
            401 => Code::Unauthenticated,
            403 => Code::Forbidden,
            404 => Code::NotFound,
            429 => Code::RateLimited,
            400..=499 => Code::Rejected,
            500..=599 => Code::ServerError,
            0 => Code::Network,
            _ => Code::BadResponse,
        }
    }
}

impl RequestRecord {
    /// The call was told that no connection was made.
    pub fn was_never_connected(&self) -> bool {
        self.refused && self.failed
    }

    /// The stored answer of the request's idempotency key.
    pub fn is_stored(&self, setup: &Setup) -> bool {
        let document = self.head.as_ref().and_then(|head| head.document(setup));
        setup.has_key() && document.is_some_and(|parsed| parsed.is_stored)
    }

    /// What is known about the command of this request alone.
    pub fn outcome(&self, setup: &Setup) -> Outcome {
        if self.was_never_connected() {
            return Outcome::NotExecuted;
        }
        let Some(head) = &self.head else {
            return Outcome::Unknown;
        };
        let is_read = !matches!(head.status, 0 | 300..=399);
        let undecided = setup.has_key() && head.may_still_execute();
        if is_read && head.has_document(setup) {
            let Some(parsed) = head.document(setup) else {
                // It might have said anything; or it is no JSON object, and says nothing.
                let is_none = head.is_complete() && !undecided;
                return if is_none {
                    head.outcome_by_status()
                } else {
                    Outcome::Unknown
                };
            };
            return match parsed.outcome {
                Some("unknown") => Outcome::Unknown,
                Some(_) => Outcome::NotExecuted,
                None if undecided && !self.is_stored(setup) => Outcome::Unknown,
                None => head.outcome_by_status(),
            };
        }
        if undecided {
            Outcome::Unknown
        } else {
            head.outcome_by_status()
        }
    }

    /// What the head decides before the body is read.
    pub fn repetition_by_head(&self, setup: &Setup, has_refreshed: bool) -> Repetition {
        match &self.head {
            Some(head) if setup.is_read() || !head.has_document(setup) => {
                head.repetition_by_status(setup, has_refreshed)
            }
            _ => Repetition::No,
        }
    }

    /// Whether the same request goes out again.
    pub fn repetition(&self, setup: &Setup, has_refreshed: bool) -> Repetition {
        let in_doubt = if setup.has_key() || setup.is_read() {
            Repetition::Wait
        } else {
            Repetition::No
        };
        let Some(head) = &self.head else {
            // The errors of a function that the caller brought along are not built upon.
            return match self.was_never_connected() && !setup.has_custom_fetch {
                true => Repetition::Wait,
                false => in_doubt,
            };
        };
        let by_head = self.repetition_by_head(setup, has_refreshed);
        match head.status {
            300..=399 => Repetition::No,
            0 => in_doubt,
            _ if by_head != Repetition::No => by_head,
            // What the head does not decide is decided by the body.
            _ if !head.is_read => Repetition::No,
            200..=299 if setup.is_read() => match head.is_complete() && head.is_json_object {
                true => Repetition::No,
                false => Repetition::Wait,
            },
            200..=299 => Repetition::No,
            _ if setup.is_read() => match head.is_complete() {
                true => Repetition::No,
                false => Repetition::Wait,
            },
            _ if !head.is_complete() => match self.outcome(setup) {
                Outcome::Unknown => in_doubt,
                Outcome::NotExecuted => Repetition::No,
            },
            _ if !head.has_document(setup) || self.is_stored(setup) => Repetition::No,
            _ => match head.document(setup).and_then(|parsed| parsed.outcome) {
                Some("unknown") => in_doubt,
                Some(_) if setup.has_key() && head.may_still_execute() => Repetition::No,
                _ => head.repetition_by_status(setup, has_refreshed),
            },
        }
    }
}

/// What is known about the command after all requests.
pub fn outcome(setup: &Setup, trace: &Trace) -> Outcome {
    let doubtful = |sent: &&RequestRecord| sent.outcome(setup) == Outcome::Unknown;
    match trace.requests.last() {
        _ if setup.is_read() => Outcome::NotExecuted,
        // It speaks for all requests with the key.
        Some(last) if last.is_stored(setup) => last.outcome(setup),
        _ if trace.requests.iter().any(|sent| doubtful(&sent)) => Outcome::Unknown,
        _ => Outcome::NotExecuted,
    }
}
