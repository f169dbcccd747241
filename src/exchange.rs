//! One call as a state machine: an event goes in, the next action comes out.
//!
//! It enforces the two guarantees of the package: a command whose delivery is in doubt is never sent
//! again, and the outcome `not-executed` is always certain. It has no clock and no randomness of its
//! own: its driver passes both with each event.
//!
//! Three kinds of requests are sent again in doubt: a read, because it executes nothing; a
//! cancellation, because repeating it changes nothing; and a command with an idempotency key, because
//! the server executes it at most once. If one attempt of a cancellation or of a command with a key
//! ends in doubt, a refusal of a later attempt proves nothing about the earlier one. The outcome then
//! stays unknown, unless the server responds for the key itself.

mod protocol;

pub use protocol::{Action, CallOptions, CallResult, Effect, Event, ReportedOutcome};

use crate::error::{Code, Outcome};
use crate::response::{BodyEnd, Classification, Head};
use crate::retry::backoff_ms;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    GettingToken,
    AwaitingHead,
    ReadingBody(Head),
    /// Waiting before a retry, after a failure with this code.
    Waiting(Code),
    Finished,
}

/// The state machine of one call.
#[derive(Clone, Debug)]
pub struct Exchange {
    options: CallOptions,
    state: State,
    attempts: u32,
    retries: u32,
    has_refreshed: bool,
    /// An earlier attempt may have been executed.
    in_doubt: bool,
    retry_after_ms: Option<u32>,
}

impl Exchange {
    /// Starts a call, and returns its first action. `is_aborted`: the caller's signal has already
    /// fired.
    #[inline(never)]
    pub fn start(options: CallOptions, is_aborted: bool) -> (Self, Action) {
        let mut exchange = Self {
            options,
            state: State::GettingToken,
            attempts: 0,
            retries: 0,
            has_refreshed: false,
            in_doubt: false,
            retry_after_ms: None,
        };
        let action = if is_aborted {
            exchange.fail(Code::Aborted, Outcome::NotExecuted)
        } else if options.has_token_function {
            exchange.get_token(false)
        } else {
            exchange.send()
        };
        (exchange, action)
    }

    /// The number of attempts so far.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Takes an event and returns the next action. `elapsed_ms` is the time since the call started.
    /// It only decides whether a wait would end before the deadline. The deadlines themselves are
    /// events, so a clock that jumps can't prolong a call. `random` is a random number from 0 to 1.
    #[inline(never)]
    pub fn on(&mut self, event: Event, elapsed_ms: u32, random: f64) -> Action {
        let now = Now { elapsed_ms, random };
        match (self.state, event) {
            (State::GettingToken, Event::Token) => self.send(),
            (State::GettingToken, Event::TokenFailed | Event::StepTimeout | Event::CallTimeout) => {
                self.fail(Code::TokenUnavailable, Outcome::NotExecuted)
            }

            (State::AwaitingHead, Event::Head(head)) => self.on_head(head, now),
            (State::AwaitingHead, Event::FetchFailed { never_connected }) => {
                self.on_fetch_failed(never_connected, now)
            }
            (State::AwaitingHead, Event::StepTimeout | Event::CallTimeout | Event::Aborted) => {
                self.on_incomplete_response(event, Outcome::Unknown, now)
            }

            (State::ReadingBody(head), event) => self.on_body(head, event, now),

            (State::Waiting(_), Event::StepTimeout) => self.send(),
            (State::Waiting(code), Event::CallTimeout) => self.fail(code, Outcome::NotExecuted),

            (State::GettingToken | State::Waiting(_), Event::Aborted) => {
                self.fail(Code::Aborted, Outcome::NotExecuted)
            }

            // No driver sends these events. If one does, what it did with the command is unknown.
            (
                State::GettingToken | State::AwaitingHead | State::Waiting(_) | State::Finished,
                Event::Token
                | Event::TokenFailed
                | Event::Head(_)
                | Event::Body { .. }
                | Event::FetchFailed { .. }
                | Event::StepTimeout
                | Event::CallTimeout
                | Event::Aborted,
            ) => self.fail(Code::Internal, Outcome::Unknown),
        }
    }

    /// `fetch` failed: no connection was made, or it is unknown how far the request got.
    fn on_fetch_failed(&mut self, never_connected: bool, now: Now) -> Action {
        if !never_connected {
            return self.on_doubt(Code::Network, now);
        }
        // The caller's own function may be wrong about this, so it allows no retry that depends on it.
        let may_repeat = !self.options.has_custom_fetch || self.may_repeat_in_doubt();
        let wait = may_repeat
            .then(|| self.retry(Code::Unreachable, now))
            .flatten();
        wait.unwrap_or_else(|| self.fail(Code::Unreachable, Outcome::NotExecuted))
    }

    fn on_head(&mut self, head: Head, now: Now) -> Action {
        self.retry_after_ms = head.retry_after_ms;
        let next = match head.classify() {
            Classification::Accepted => None,
            Classification::Failed(code @ Code::Redirected) => {
                Some(self.fail(code, head.outcome(false)))
            }
            Classification::Failed(code @ Code::Network) => Some(self.on_doubt(code, now)),
            // The document may forbid a retry that the status allows.
            Classification::Failed(_) if head.is_problem && !self.is_idempotent() => None,
            Classification::Failed(code) => self.repeat(head, code, now),
        };
        next.unwrap_or_else(|| {
            self.state = State::ReadingBody(head);
            Action::ReadBody {
                is_problem: head.is_problem,
            }
        })
    }

    /// Repeats the request, with a fresh token or after a wait, if the head allows it.
    fn repeat(&mut self, head: Head, code: Code, now: Now) -> Option<Action> {
        if code == Code::Unauthenticated && self.options.has_token_function && !self.has_refreshed {
            self.has_refreshed = true;
            return Some(self.get_token(true));
        }
        if head.allows_retry() {
            return self.retry(code, now);
        }
        let is_in_doubt = (self.options.has_key && head.may_still_execute())
            || (self.is_idempotent() && is_transient(code));
        is_in_doubt
            .then(|| self.repeat_in_doubt(code, now))
            .flatten()
    }

    /// Handles the end of the body. The head alone decides, with two exceptions: a problem document
    /// can change the outcome of a failure, and some requests need the body of a success.
    fn on_body(&mut self, head: Head, event: Event, now: Now) -> Action {
        let code = match head.classify() {
            Classification::Accepted => {
                let is_complete = matches!(
                    event,
                    Event::Body {
                        end: BodyEnd::Complete,
                        ..
                    }
                );
                if !is_complete && self.options.effect.needs_body(head.status) {
                    return self.on_incomplete_response(event, Outcome::Unknown, now);
                }
                self.state = State::Finished;
                return Action::Finish(CallResult::Accepted);
            }
            Classification::Failed(code) => code,
        };
        let outcome = match event {
            Event::Body {
                end: BodyEnd::Complete,
                is_unknown_uri,
                reported,
            } => {
                let outcome = head.outcome(is_unknown_uri);
                return match reported {
                    Some(reported) => self.on_reported_outcome(head, code, outcome, reported, now),
                    None if head.is_problem => self
                        .repeat(head, code, now)
                        .unwrap_or_else(|| self.fail(code, outcome)),
                    None => self.fail(code, outcome),
                };
            }
            // A problem document that was not read to its end may have reported any outcome.
            _ if head.is_problem => Outcome::Unknown,
            _ => head.outcome(false),
        };
        self.on_incomplete_response(event, outcome, now)
    }

    /// The response or its body did not arrive completely. `outcome` is what is still known.
    fn on_incomplete_response(&mut self, event: Event, outcome: Outcome, now: Now) -> Action {
        let (code, is_call_ended) = match event {
            Event::CallTimeout => (Code::Timeout, true),
            Event::Aborted => (Code::Aborted, true),
            Event::StepTimeout => (Code::Timeout, false),
            _ => (Code::BadResponse, false),
        };
        let is_certain = outcome == Outcome::NotExecuted && !self.is_idempotent();
        if is_call_ended || is_certain {
            self.fail(code, outcome)
        } else {
            self.on_doubt(code, now)
        }
    }

    /// A problem document was read to its end. `code` and `outcome` follow from the status.
    fn on_reported_outcome(
        &mut self,
        head: Head,
        code: Code,
        outcome: Outcome,
        reported: ReportedOutcome,
        now: Now,
    ) -> Action {
        let next = if self.is_idempotent() {
            None
        } else if self.options.has_key && reported.is_stored {
            self.in_doubt = false;
            None
        } else {
            match reported.outcome {
                // Without a key, nothing is sent again.
                Some(Outcome::Unknown) => self.repeat_in_doubt(code, now),
                Some(Outcome::NotExecuted) if head.may_still_execute() => None,
                Some(Outcome::NotExecuted) | None => self.repeat(head, code, now),
            }
        };
        next.unwrap_or_else(|| match (reported.code, reported.outcome) {
            (Some(code), Some(outcome)) => self.finish(code, outcome, true),
            (_, reported) => self.fail(code, reported.unwrap_or(outcome)),
        })
    }

    /// The result of the request is unknown: repeats it if that is safe.
    fn on_doubt(&mut self, code: Code, now: Now) -> Action {
        self.repeat_in_doubt(code, now)
            .unwrap_or_else(|| self.fail(code, Outcome::Unknown))
    }

    fn repeat_in_doubt(&mut self, code: Code, now: Now) -> Option<Action> {
        if !self.may_repeat_in_doubt() {
            return None;
        }
        self.in_doubt = true;
        self.retry(code, now)
    }

    const fn may_repeat_in_doubt(&self) -> bool {
        self.is_idempotent() || self.options.has_key
    }

    const fn is_idempotent(&self) -> bool {
        self.options.effect.is_idempotent()
    }

    /// Waits before the next attempt. `None` if no retry is left, or if the wait would not end before
    /// the deadline.
    fn retry(&mut self, code: Code, now: Now) -> Option<Action> {
        if self.retries >= self.options.max_retries {
            return None;
        }
        let for_ms = self
            .retry_after_ms
            .unwrap_or_else(|| backoff_ms(self.retries, now.random));
        if now.elapsed_ms.saturating_add(for_ms) >= self.options.timeout_ms {
            self.retry_after_ms = Some(for_ms);
            return None;
        }
        self.retries += 1;
        self.state = State::Waiting(code);
        Some(Action::Wait { for_ms })
    }

    fn get_token(&mut self, refresh: bool) -> Action {
        self.state = State::GettingToken;
        Action::GetToken { refresh }
    }

    fn send(&mut self) -> Action {
        self.state = State::AwaitingHead;
        self.attempts += 1;
        self.retry_after_ms = None;
        Action::Send
    }

    fn fail(&mut self, code: Code, outcome: Outcome) -> Action {
        self.finish(code, outcome, false)
    }

    fn finish(&mut self, code: Code, outcome: Outcome, from_problem_document: bool) -> Action {
        self.state = State::Finished;
        let final_outcome = if self.options.effect == Effect::Reads {
            Outcome::NotExecuted
        } else if self.in_doubt {
            Outcome::Unknown
        } else {
            outcome
        };
        Action::Finish(CallResult::Failed {
            code,
            outcome: final_outcome,
            retry_after_ms: self.retry_after_ms,
            from_problem_document: from_problem_document && outcome == final_outcome,
        })
    }
}

/// The time and the randomness that come with an event.
#[derive(Clone, Copy)]
struct Now {
    elapsed_ms: u32,
    random: f64,
}

/// Whether a later attempt may succeed.
const fn is_transient(code: Code) -> bool {
    matches!(code, Code::ServerError | Code::Network | Code::BadResponse)
}

#[cfg(test)]
mod tests;
