//! One call as a state machine: an event goes in, the next action comes out.
//!
//! It keeps the two promises of the package: a command whose delivery is in doubt is never sent
//! again, and `not-executed` is reported_outcome only if it is certain. It knows no clock and no randomness;
//! whoever drives it brings both with each event.
//!
//! Three kinds of requests are sent again in doubt: one that only reads, because it executes nothing;
//! one that cancels, because to cancel again changes nothing; and a command with an idempotency key,
//! because the server executes it once. After a request of such a command, or one that cancels, has
//! ended in doubt, a later refusal proves nothing about the earlier request, so the outcome stays
//! unknown until an answer speaks for the key.

use crate::error::{Code, Outcome};
use crate::response::{BodyEnd, Classification, Head};
use crate::retry::backoff_ms;

/// What the caller set, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallOptions {
    /// The whole call, in milliseconds: token, requests, bodies and waits.
    pub timeout_ms: u32,
    /// One request with its body, or one call of the token function, in milliseconds.
    pub attempt_timeout_ms: u32,
    /// How often a command is sent again at most.
    pub max_retries: u32,
    /// The token comes from a function, which can be asked for a fresh one.
    pub has_token_function: bool,
    /// `fetch` is the caller's own: its errors are not proof enough to send again.
    pub has_custom_fetch: bool,
    /// The base is not Adobe's, so a gateway may answer with problem documents.
    pub may_be_gateway: bool,
    /// The command carries an idempotency key: the server executes it once, however often it
    /// arrives, so it may be sent again even if its delivery is in doubt.
    pub has_key: bool,
    /// What the request does at the server.
    pub effect: Effect,
}

/// What a request does at the server, which says how often it may arrive there, and whether its answer
/// is worth anything without its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something is executed. The status alone says that it was accepted.
    Executes,
    /// A command is taken for later. The body of the 202 has its id, without which it can't be found.
    Enqueues,
    /// A command that was taken is not sent any more. To say so twice changes nothing.
    Cancels,
    /// Nothing, whatever becomes of the request.
    Reads,
}

impl Effect {
    /// Whether the request may arrive any number of times.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Cancels | Self::Reads)
    }

    /// Whether an answer with this status was asked for its body.
    const fn needs_body(self, status: u16) -> bool {
        self.is_idempotent() || (matches!(self, Self::Enqueues) && status == 202)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The token function gave a usable token.
    Token,
    /// The token function threw or gave nothing usable.
    TokenFailed,
    /// The head of the answer is there.
    Head(Head),
    /// The reading of the body ended. `is_unknown_uri`: it is Adobe's "Check your URI" answer.
    Body {
        /// How it ended.
        end: BodyEnd,
        /// See [`Head::outcome`].
        is_unknown_uri: bool,
        /// What it says, if it is a problem document.
        reported: Option<ReportedOutcome>,
    },
    /// `fetch` failed.
    FetchFailed {
        /// The runtime says that no connection was made.
        never_connected: bool,
    },
    /// The time of the last action is over: an attempt's deadline, or the end of a wait.
    StepTimeout,
    /// The whole call's deadline passed.
    CallTimeout,
    /// The caller's signal fired.
    Aborted,
}

/// What a gateway's problem document says about the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedOutcome {
    /// Its `code`, if it is one of ours.
    pub code: Option<Code>,
    /// Its `outcome`, if it is one of ours.
    pub outcome: Option<Outcome>,
    /// It is the stored answer of the idempotency key: the server gives it to every request with
    /// that key, so it holds for all of them.
    pub is_stored: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Ask the token function, within the time of an attempt.
    GetToken {
        /// Ask for a fresh token: the last one was refused.
        refresh: bool,
    },
    /// Send the command; the attempt's time is for its answer's body as well.
    Send,
    /// Read the body of the answer. Any other action drops it.
    ReadBody {
        /// It is a problem document.
        is_problem: bool,
    },
    /// Do nothing for a while, then [`Event::StepTimeout`].
    Wait {
        /// Milliseconds.
        for_ms: u32,
    },
    /// The call is over.
    Finish(CallResult),
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallResult {
    /// Campaign accepted the command.
    Accepted,
    /// It failed.
    Failed {
        /// Why.
        code: Code,
        /// What is known about the command.
        outcome: Outcome,
        /// How long to wait before another try, in milliseconds.
        retry_after_ms: Option<u32>,
        /// Code and outcome are those of a problem document, whose other fields count as well.
        from_problem_document: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    GettingToken,
    AwaitingHead,
    ReadingBody(Head),
    /// Waiting, because of this.
    Waiting(Code),
    Finished,
}

/// The machine of one call.
#[derive(Clone, Debug)]
pub struct Exchange {
    options: CallOptions,
    state: State,
    attempts: u32,
    retries: u32,
    has_refreshed: bool,
    /// An earlier request with the same idempotency key may have been executed.
    in_doubt: bool,
    retry_after_ms: Option<u32>,
}

impl Exchange {
    /// A call, and its first action. `is_aborted`: the caller's signal has fired already.
    #[inline(never)]
    pub fn begin(options: CallOptions, is_aborted: bool) -> (Self, Action) {
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

    /// Requests that went out so far.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The next action. `elapsed_ms` is the time since the call began; it decides only whether a
    /// wait is worth beginning, so a clock that jumps can't stretch a call: the deadlines are
    /// events. `random` is random, from 0 to 1.
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

            // No driver sends these; if one does, nobody can know what it did with the command.
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

    /// `fetch` failed: no connection was made, or nobody knows how far the request got.
    fn on_fetch_failed(&mut self, never_connected: bool, now: Now) -> Action {
        if !never_connected {
            return self.on_doubt(Code::Network, now);
        }
        // The word of a function that the caller brought along is taken, but not built upon.
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
            // The document may forbid what the status allows.
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

    /// Sends the request again, with a fresh token or after a wait, if the head allows it.
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

    /// The head has decided, and the body can only add to it, unless it is a problem document, or the
    /// body is what the request was sent for. Else, once accepted, always accepted.
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
            // A problem document that was not read to its end might have reported_outcome anything.
            _ if head.is_problem => Outcome::Unknown,
            _ => head.outcome(false),
        };
        self.on_incomplete_response(event, outcome, now)
    }

    /// The answer, or its body, has not come as it should. `outcome` is what is known all the same.
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

    /// A problem document was read to its end. `code` and `outcome` are what the status says.
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
                // Without a key, nothing is sent again after this.
                Some(Outcome::Unknown) => self.repeat_in_doubt(code, now),
                Some(Outcome::NotExecuted) if head.may_still_execute() => None,
                Some(Outcome::NotExecuted) | None => self.repeat(head, code, now),
            }
        };
        next.unwrap_or_else(|| match (reported.code, reported.outcome) {
            (Some(code), Some(outcome)) => self.finish(code, outcome, true),
            (_, reported_outcome) => self.fail(code, reported_outcome.unwrap_or(outcome)),
        })
    }

    /// Nobody knows what became of the request: it is sent again if that is safe.
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

    /// A wait before the same request goes out again; `None` if no retry is left, or if the wait
    /// would not end before the deadline.
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
        let certain = if self.options.effect == Effect::Reads {
            Outcome::NotExecuted
        } else if self.in_doubt {
            Outcome::Unknown
        } else {
            outcome
        };
        Action::Finish(CallResult::Failed {
            code,
            outcome: certain,
            retry_after_ms: self.retry_after_ms,
            from_problem_document: from_problem_document && outcome == certain,
        })
    }
}

/// The moment of an event.
#[derive(Clone, Copy)]
struct Now {
    elapsed_ms: u32,
    random: f64,
}

/// Whether another try may find the server in a better state.
const fn is_transient(code: Code) -> bool {
    matches!(code, Code::ServerError | Code::Network | Code::BadResponse)
}

#[cfg(test)]
mod tests;
