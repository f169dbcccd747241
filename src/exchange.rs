//! One call as a state machine: an event goes in, the next action comes out.
//!
//! It holds the two promises of the package: a command whose delivery is in doubt is never sent
//! again, and `not-executed` is said only where it is certain. It knows no clock and no chance;
//! whoever drives it brings both with each event.
//!
//! A request that only reads executes nothing: it is sent again after any failure.

use crate::error::{Code, Outcome};
use crate::response::{BodyEnd, Head, Meaning};
use crate::retry::backoff_ms;

/// What the caller set, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The whole call, in milliseconds: token, requests, bodies and waits.
    pub timeout_ms: u32,
    /// One request with its body, or one call of the token function, in milliseconds.
    pub attempt_timeout_ms: u32,
    /// How often a command that was certainly not executed is sent again.
    pub max_retries: u32,
    /// The token comes from a function, which can be asked for a fresh one.
    pub token_function: bool,
    /// `fetch` is the caller's own: its errors are not proof enough to send again.
    pub own_fetch: bool,
    /// It only reads: nothing is executed, whatever becomes of it.
    #[cfg(any(feature = "client", not(target_arch = "wasm32")))]
    pub safe: bool,
}

impl Plan {
    #[cfg(any(feature = "client", not(target_arch = "wasm32")))]
    const fn is_safe(&self) -> bool {
        self.safe
    }

    /// Without the feature there is nothing that reads, and no code for it.
    #[cfg(all(target_arch = "wasm32", not(feature = "client")))]
    const fn is_safe(&self) -> bool {
        false
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The token function gave a usable token.
    Token,
    /// The token function threw or gave nothing usable.
    NoToken,
    /// The head of the answer is there.
    Head(Head),
    /// The reading of the body ended. `unknown_uri`: it is Adobe's "Check your URI" answer.
    Body {
        /// How it ended.
        end: BodyEnd,
        /// See [`Head::outcome`].
        unknown_uri: bool,
    },
    /// `fetch` failed.
    Failed {
        /// The runtime says that no connection was made.
        never_connected: bool,
    },
    /// The time of the last action is over: an attempt's deadline, or the end of a wait.
    StepOver,
    /// The whole call's deadline passed.
    CallOver,
    /// The caller's signal fired.
    Aborted,
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
    Read,
    /// Do nothing for a while, then [`Event::StepOver`].
    Wait {
        /// Milliseconds.
        for_ms: u32,
    },
    /// The call is over.
    Settle(Settlement),
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Settlement {
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
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    GettingToken,
    Sent,
    Reading(Head),
    /// Waiting, because of this.
    Waiting(Code),
    Settled,
}

/// The machine of one call.
#[derive(Clone, Debug)]
pub struct Exchange {
    plan: Plan,
    state: State,
    attempts: u32,
    retries: u32,
    refreshed: bool,
    retry_after_ms: Option<u32>,
}

impl Exchange {
    /// A call, and its first action. `aborted`: the caller's signal has fired already.
    pub fn begin(plan: Plan, aborted: bool) -> (Self, Action) {
        let mut exchange = Self {
            plan,
            state: State::GettingToken,
            attempts: 0,
            retries: 0,
            refreshed: false,
            retry_after_ms: None,
        };
        let action = if aborted {
            exchange.fail(Code::Aborted, Outcome::NotExecuted)
        } else if plan.token_function {
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
    /// events. `chance` is random, from 0 to 1.
    pub fn on(&mut self, event: Event, elapsed_ms: u32, chance: f64) -> Action {
        match (self.state, event) {
            (State::GettingToken, Event::Token) => self.send(),
            (State::GettingToken, Event::NoToken | Event::StepOver | Event::CallOver) => {
                self.fail(Code::TokenUnavailable, Outcome::NotExecuted)
            }

            (State::Sent, Event::Head(head)) => self.on_head(head, elapsed_ms, chance),
            (State::Sent, Event::Failed { never_connected }) => {
                let safe = self.plan.is_safe();
                if !never_connected && !safe {
                    self.fail(Code::Network, Outcome::Unknown)
                } else if self.plan.own_fetch && !safe {
                    self.fail(Code::Unreachable, Outcome::NotExecuted)
                } else {
                    let code = if never_connected {
                        Code::Unreachable
                    } else {
                        Code::Network
                    };
                    self.retry(code, elapsed_ms, chance)
                        .unwrap_or_else(|| self.fail(code, Outcome::NotExecuted))
                }
            }
            (State::Sent, Event::StepOver) if self.plan.is_safe() => {
                self.read_again(Code::Timeout, elapsed_ms, chance)
            }
            (State::Sent, Event::StepOver | Event::CallOver) => {
                self.fail(Code::Timeout, Outcome::Unknown)
            }
            (State::Sent, Event::Aborted) => self.fail(Code::Aborted, Outcome::Unknown),

            (State::Reading(head), event) if self.plan.is_safe() => {
                self.on_read(head, event, elapsed_ms, chance)
            }
            (State::Reading(head), event) => self.on_body(head, event),

            (State::Waiting(_), Event::StepOver) => self.send(),
            (State::Waiting(code), Event::CallOver) => self.fail(code, Outcome::NotExecuted),

            (State::GettingToken | State::Waiting(_), Event::Aborted) => {
                self.fail(Code::Aborted, Outcome::NotExecuted)
            }

            // No driver sends these; if one does, nobody can know what it did with the command.
            (
                State::GettingToken | State::Sent | State::Waiting(_) | State::Settled,
                Event::Token
                | Event::NoToken
                | Event::Head(_)
                | Event::Body { .. }
                | Event::Failed { .. }
                | Event::StepOver
                | Event::CallOver
                | Event::Aborted,
            ) => self.fail(Code::Internal, Outcome::Unknown),
        }
    }

    fn on_head(&mut self, head: Head, elapsed_ms: u32, chance: f64) -> Action {
        self.retry_after_ms = head.retry_after_ms;
        let next = match head.meaning() {
            Meaning::Failed(Code::Unauthenticated)
                if self.plan.token_function && !self.refreshed =>
            {
                self.refreshed = true;
                Some(self.get_token(true))
            }
            Meaning::Failed(code)
                if head.allows_retry() || (self.plan.is_safe() && may_pass(code)) =>
            {
                self.retry(code, elapsed_ms, chance)
            }
            Meaning::Failed(code @ (Code::Redirected | Code::Network)) => {
                Some(self.fail(code, head.outcome(false)))
            }
            Meaning::Failed(_) | Meaning::Accepted => None,
        };
        next.unwrap_or_else(|| {
            self.state = State::Reading(head);
            Action::Read
        })
    }

    /// The head has decided; the body can only tell more. Once accepted, always accepted.
    fn on_body(&mut self, head: Head, event: Event) -> Action {
        let code = match head.meaning() {
            Meaning::Accepted => {
                self.state = State::Settled;
                return Action::Settle(Settlement::Accepted);
            }
            Meaning::Failed(code) => code,
        };
        let (code, unknown_uri) = match event {
            Event::Body {
                end: BodyEnd::Complete,
                unknown_uri,
            } => (code, unknown_uri),
            Event::StepOver | Event::CallOver => (Code::Timeout, false),
            Event::Aborted => (Code::Aborted, false),
            Event::Body { .. }
            | Event::Failed { .. }
            | Event::Head(_)
            | Event::Token
            | Event::NoToken => (Code::BadResponse, false),
        };
        self.fail(code, head.outcome(unknown_uri))
    }

    /// The body is what a request that reads was sent for.
    fn on_read(&mut self, head: Head, event: Event, elapsed_ms: u32, chance: f64) -> Action {
        match (event, head.meaning()) {
            (
                Event::Body {
                    end: BodyEnd::Complete,
                    ..
                },
                _,
            )
            | (Event::CallOver | Event::Aborted, Meaning::Failed(_)) => self.on_body(head, event),
            (Event::CallOver, Meaning::Accepted) => self.fail(Code::Timeout, Outcome::NotExecuted),
            (Event::Aborted, Meaning::Accepted) => self.fail(Code::Aborted, Outcome::NotExecuted),
            (Event::StepOver, _) => self.read_again(Code::Timeout, elapsed_ms, chance),
            (
                Event::Body { .. }
                | Event::Failed { .. }
                | Event::Head(_)
                | Event::Token
                | Event::NoToken,
                _,
            ) => self.read_again(Code::BadResponse, elapsed_ms, chance),
        }
    }

    fn read_again(&mut self, code: Code, elapsed_ms: u32, chance: f64) -> Action {
        self.retry(code, elapsed_ms, chance)
            .unwrap_or_else(|| self.fail(code, Outcome::NotExecuted))
    }

    /// A wait before the same command goes out again; `None` where no retry is left or the wait
    /// would not end before the deadline.
    fn retry(&mut self, code: Code, elapsed_ms: u32, chance: f64) -> Option<Action> {
        if self.retries >= self.plan.max_retries {
            return None;
        }
        let for_ms = self
            .retry_after_ms
            .unwrap_or_else(|| backoff_ms(self.retries, chance));
        if elapsed_ms.saturating_add(for_ms) >= self.plan.timeout_ms {
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
        self.state = State::Sent;
        self.attempts += 1;
        self.retry_after_ms = None;
        Action::Send
    }

    fn fail(&mut self, code: Code, outcome: Outcome) -> Action {
        self.state = State::Settled;
        let outcome = if self.plan.is_safe() {
            Outcome::NotExecuted
        } else {
            outcome
        };
        Action::Settle(Settlement::Failed {
            code,
            outcome,
            retry_after_ms: self.retry_after_ms,
        })
    }
}

/// Whether another try may find the server in a better state.
const fn may_pass(code: Code) -> bool {
    matches!(code, Code::ServerError | Code::Network | Code::BadResponse)
}
