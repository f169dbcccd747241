//! The scheduler of many commands, as a state machine: decides what to pull and send, and when.
//!
//! It has a slot for each command that may be in flight. A command keeps its slot from when it is
//! pulled until its result is released. The scheduler keeps the commands of one workflow in order,
//! and lets all commands wait together if the server throttles. It has no clock and no randomness
//! of its own.

use super::BulkSummary;
use crate::error::{Code, Error, Outcome};
use crate::retry::backoff_ms;

/// The checked options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The maximum number of commands in flight, at least 1.
    pub concurrency: u32,
    /// The maximum number of calls that start per second.
    pub per_second: Option<f64>,
    /// The maximum number of retries of a command that was certainly not executed.
    pub max_retries: u32,
    /// Stop after the first command that fails.
    pub stop_on_error: bool,
    /// The caller supplied `fetch`: its errors are not sufficient proof for a retry.
    pub has_custom_fetch: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take one more item from the source.
    Pull,
    /// Send the command in this slot.
    Send(u32),
    /// End the command in this slot as not sent.
    Drop(u32),
    /// Wait for this many milliseconds, or until an event.
    Wait(u32),
    /// Wait until an event.
    Idle,
    /// Every command has ended.
    End,
}

/// The result of one call for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// It was accepted.
    Accepted,
    /// It failed with this outcome.
    Failed(Outcome),
    /// It was certainly not executed, and may be sent again.
    Retry {
        /// The delay that the server requests, in milliseconds.
        after_ms: Option<u32>,
    },
}

/// Classifies the error of a command without an idempotency key. A command with a key was retried
/// within its own call, which alone knows whether an earlier attempt is in doubt.
///
/// The conditions for a retry are those of a single call. A gateway's code, such as one for a
/// missing token, does not change them.
pub const fn classify(limits: &Limits, error: &Error) -> SendResult {
    let after_ms = error.retry_after_ms;
    let may_pass = match (error.status, error.code) {
        (Some(429), _) => true,
        (Some(503), _) => after_ms.is_some(),
        (None, Code::Unreachable) => !limits.has_custom_fetch,
        _ => false,
    };
    match error.outcome {
        Outcome::NotExecuted if may_pass => SendResult::Retry { after_ms },
        outcome => SendResult::Failed(outcome),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Queued,
    InFlight,
    /// Its result is not taken yet.
    Done,
}

/// A slot for one command.
#[derive(Clone, Debug)]
struct Slot {
    state: State,
    /// `None` if the command has no order relative to others.
    workflow: Option<String>,
    /// The number of commands pulled before it.
    sequence: u64,
    retries: u32,
}

/// The scheduler of many commands.
#[derive(Clone, Debug)]
pub struct Scheduler {
    limits: Limits,
    slots: Vec<Slot>,
    /// The maximum number of commands in flight at present. It is reduced when the server
    /// throttles.
    window: u32,
    next_sequence: u64,
    /// When the rate limit allows the next call, in milliseconds of the driver's clock.
    rate_allows_at: f64,
    /// Nothing is sent before this time.
    backoff_until: f64,
    /// How many times in a row the server throttled.
    throttle_count: u32,
    is_pulling: bool,
    has_more: bool,
    is_stopped: bool,
    summary: BulkSummary,
}

impl Scheduler {
    /// A scheduler that has not pulled anything yet.
    pub fn new(limits: Limits) -> Self {
        let free = Slot {
            state: State::Free,
            workflow: None,
            sequence: 0,
            retries: 0,
        };
        Self {
            slots: vec![free; limits.concurrency as usize],
            window: limits.concurrency,
            limits,
            next_sequence: 0,
            rate_allows_at: f64::NEG_INFINITY,
            backoff_until: f64::NEG_INFINITY,
            throttle_count: 0,
            is_pulling: false,
            has_more: true,
            is_stopped: false,
            summary: BulkSummary::default(),
        }
    }

    /// The results so far.
    pub const fn summary(&self) -> BulkSummary {
        self.summary
    }

    /// The summary if nothing more becomes known: a command in flight may be executed, and a queued
    /// one is not.
    pub fn worst_case_summary(&self) -> BulkSummary {
        BulkSummary {
            not_executed: self.summary.not_executed + self.count(State::Queued),
            unknown: self.summary.unknown + self.count(State::InFlight),
            ..self.summary
        }
    }

    /// Whether nothing more is pulled or sent.
    pub const fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The next action. `now` is in milliseconds of a monotonic clock.
    pub fn next(&mut self, now: f64) -> Action {
        if self.is_stopped {
            return self.next_when_stopped();
        }
        let due = self.rate_allows_at.max(self.backoff_until);
        let room = self.count(State::InFlight) < self.window;
        let sendable = self.sendable().filter(|_| room);
        let pullable = room && self.has_more && !self.is_pulling && self.count(State::Free) > 0;
        if (sendable.is_some() || pullable) && now < due {
            // The cast saturates.
            return Action::Wait((due - now) as u32 + 1);
        }
        if let Some(index) = sendable {
            if let Some(slot) = self.slots.get_mut(index) {
                slot.state = State::InFlight;
            }
            if let Some(per_second) = self.limits.per_second {
                self.rate_allows_at = self.rate_allows_at.max(now) + 1000.0 / per_second;
            }
            return Action::Send(index as u32);
        }
        if pullable {
            self.is_pulling = true;
            return Action::Pull;
        }
        if self.has_more || self.is_any_pending() {
            Action::Idle
        } else {
            Action::End
        }
    }

    /// The next action after a stop: queued commands end as not sent, and those in flight are
    /// awaited. A pull in progress is not awaited, because its source may never return.
    fn next_when_stopped(&mut self) -> Action {
        let mut slots = self.slots.iter_mut().enumerate();
        if let Some((index, slot)) = slots.find(|(_, slot)| slot.state == State::Queued) {
            slot.state = State::Done;
            self.summary.not_executed += 1;
            return Action::Drop(index as u32);
        }
        if self.is_any_pending() {
            Action::Idle
        } else {
            Action::End
        }
    }

    /// Takes a command that the source returned. Returns its slot, or `None` after a stop.
    pub fn pulled(&mut self, workflow: Option<String>) -> Option<u32> {
        self.is_pulling = false;
        if self.is_stopped {
            return None;
        }
        self.next_sequence += 1;
        let free = |slot: &Slot| slot.state == State::Free;
        let index = self.slots.iter().position(free)?;
        *self.slots.get_mut(index)? = Slot {
            state: State::Queued,
            workflow,
            sequence: self.next_sequence,
            retries: 0,
        };
        Some(index as u32)
    }

    /// The source has no more commands.
    pub fn source_ended(&mut self) {
        self.is_pulling = false;
        self.has_more = false;
    }

    /// Nothing more is pulled or sent.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Takes the result of a call. Returns whether it is the result of the command; otherwise the
    /// command is queued again. `random` is a random number from 0 to 1.
    pub fn ended(&mut self, index: u32, ended: SendResult, now: f64, random: f64) -> bool {
        let Limits {
            max_retries,
            stop_on_error,
            ..
        } = self.limits;
        let stopped = self.is_stopped;
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return false;
        };
        slot.state = State::Done;
        match ended {
            SendResult::Accepted => {
                self.summary.accepted += 1;
                self.throttle_count = 0;
                self.window = (self.window + 1).min(self.limits.concurrency);
                return true;
            }
            SendResult::Retry { after_ms } => {
                let again = !stopped && slot.retries < max_retries;
                if again {
                    slot.state = State::Queued;
                    slot.retries += 1;
                }
                self.slow_down(after_ms, now, random);
                if again {
                    return false;
                }
                self.summary.not_executed += 1;
            }
            SendResult::Failed(Outcome::NotExecuted) => self.summary.not_executed += 1,
            SendResult::Failed(Outcome::Unknown) => self.summary.unknown += 1,
        }
        self.is_stopped |= stop_on_error;
        true
    }

    /// Starts one back-off for all commands. Several throttled commands that were in flight
    /// together count once.
    fn slow_down(&mut self, after_ms: Option<u32>, now: f64, random: f64) {
        if now >= self.backoff_until {
            self.throttle_count = self.throttle_count.saturating_add(1);
            self.window = (self.window / 2).max(1);
        }
        let wait =
            after_ms.unwrap_or_else(|| backoff_ms(self.throttle_count.saturating_sub(1), random));
        self.backoff_until = self.backoff_until.max(now + f64::from(wait));
    }

    /// Frees the slot of a command whose result was taken.
    pub fn release(&mut self, index: u32) {
        if let Some(slot) = self.slots.get_mut(index as usize) {
            slot.state = State::Free;
        }
    }

    fn is_any_pending(&self) -> bool {
        let is_pending = |slot: &Slot| matches!(slot.state, State::Queued | State::InFlight);
        self.slots.iter().any(is_pending)
    }

    fn count(&self, state: State) -> u32 {
        let of_it = self.slots.iter().filter(|slot| slot.state == state);
        of_it.count() as u32
    }

    /// The oldest queued command that no other command of its workflow precedes.
    fn sendable(&self) -> Option<usize> {
        let mut best: Option<(usize, u64)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            let older = best.is_none_or(|(_, sequence)| slot.sequence < sequence);
            if slot.state == State::Queued && older && self.is_first(slot) {
                best = Some((index, slot.sequence));
            }
        }
        best.map(|(index, _)| index)
    }

    fn is_first(&self, slot: &Slot) -> bool {
        slot.workflow.is_none()
            || !self.slots.iter().any(|other| {
                other.workflow == slot.workflow
                    && other.sequence < slot.sequence
                    && matches!(other.state, State::Queued | State::InFlight)
            })
    }
}

#[cfg(test)]
mod tests;
