//! The test oracle: what each response proves, derived from the servers' side, Adobe's
//! documentation and HTTP. It shares no decision with the client.

use campaign_workflow::error::{Code, Outcome};

use crate::problem_documents::ParsedProblem;
use crate::setup::Setup;
use crate::trace::{Head, RequestRecord, Trace};

/// Whether and how a request is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    No,
    /// At once, with a fresh token.
    Refresh,
    /// After a wait.
    Wait,
}

impl Head {
    /// Whether it is a problem document that the client considers. At Adobe's host it ignores them.
    fn has_document(&self, setup: &Setup) -> bool {
        setup.is_gateway() && self.is_document
    }

    /// Whether the client read the body to its end, and it is UTF-8.
    pub fn is_complete(&self) -> bool {
        self.has_read_all && self.is_utf8
    }

    /// The problem document, if it was read to its end.
    pub fn document(&self, setup: &Setup) -> Option<&ParsedProblem> {
        let is_there = self.has_document(setup) && self.is_complete();
        self.parsed.as_ref().filter(|_| is_there)
    }

    /// The outcome that the status and the headers prove.
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

    /// Whether the server may still execute the command with this idempotency key.
    fn may_still_execute(&self) -> bool {
        matches!(self.status, 502 | 504) || (self.status == 409 && self.retry_after.is_readable())
    }

    /// Whether the status and the headers allow a repetition.
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

    /// The code of the status.
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
    /// The call received an error of a connection that was not made.
    pub fn was_never_connected(&self) -> bool {
        self.refused && self.failed
    }

    /// Whether it is the stored response of the request's idempotency key.
    pub fn is_stored(&self, setup: &Setup) -> bool {
        let document = self.head.as_ref().and_then(|head| head.document(setup));
        setup.has_key() && document.is_some_and(|parsed| parsed.is_stored)
    }

    /// The outcome that this attempt alone proves.
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
                // An incomplete document may report anything. A body that is not an object reports
                // nothing.
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

    /// The repetition that the head alone decides.
    pub fn repetition_by_head(&self, setup: &Setup, has_refreshed: bool) -> Repetition {
        match &self.head {
            Some(head) if setup.is_read() || !head.has_document(setup) => {
                head.repetition_by_status(setup, has_refreshed)
            }
            _ => Repetition::No,
        }
    }

    /// Whether and how the request is repeated.
    pub fn repetition(&self, setup: &Setup, has_refreshed: bool) -> Repetition {
        let in_doubt = if setup.has_key() || setup.is_read() {
            Repetition::Wait
        } else {
            Repetition::No
        };
        let Some(head) = &self.head else {
            // Errors of the caller's own fetch allow no retry.
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
            // The body decides what the head does not.
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

/// The outcome that all attempts together prove.
pub fn outcome(setup: &Setup, trace: &Trace) -> Outcome {
    let doubtful = |sent: &&RequestRecord| sent.outcome(setup) == Outcome::Unknown;
    match trace.requests.last() {
        _ if setup.is_read() => Outcome::NotExecuted,
        // It applies to all requests with the key.
        Some(last) if last.is_stored(setup) => last.outcome(setup),
        _ if trace.requests.iter().any(|sent| doubtful(&sent)) => Outcome::Unknown,
        _ => Outcome::NotExecuted,
    }
}
