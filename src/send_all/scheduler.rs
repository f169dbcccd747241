//! Many commands as a state scheduler: what is pulled, what is sent, and when.
//!
//! It has a slot for each command that may be in flight, which a command keeps from when it is
//! pulled until its result is taken. It keeps the commands of one workflow in their order, and lets
//! all of them wait together if the server asks for it. It knows no clock and no randomness.

use super::BulkSummary;
use crate::error::{Code, Error, Outcome};
use crate::retry::backoff_ms;

/// What the caller set, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How many commands are in flight at most, at least 1.
    pub concurrency: u32,
    /// How many are sent in a second at most.
    pub per_second: Option<f64>,
    /// How often a command that was certainly not executed is sent again.
    pub max_retries: u32,
    /// The first that fails is the last that is pulled.
    pub stop_on_error: bool,
    /// `fetch` is the caller's own: its errors are not proof enough to send again.
    pub has_custom_fetch: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take one more command from the source.
    Pull,
    /// Send the command in this slot.
    Send(u32),
    /// The command in this slot is not sent any has_more: it was stopped before.
    Drop(u32),
    /// Wait for so many milliseconds, or until something happens.
    Wait(u32),
    /// Wait until something happens.
    Idle,
    /// Every command has ended.
    End,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// It was accepted.
    Accepted,
    /// It failed.
    Failed(Outcome),
    /// It was certainly not executed, and may be sent again after a while.
    Retry {
        /// What the server asked for, in milliseconds.
        after_ms: Option<u32>,
    },
}

/// How a failed command without an idempotency key ended. One with a key was sent again within its
/// own call, which alone knows what the earlier requests leave in doubt.
///
/// It may be sent again after what the client repeats a command after: what a gateway says besides,
/// such as that it has no token, does not change that.
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
    /// `None`: it has no order among others.
    workflow: Option<String>,
    /// How many were pulled before it.
    sequence: u64,
    retries: u32,
}

/// The scheduler of many commands.
#[derive(Clone, Debug)]
pub struct Scheduler {
    limits: Limits,
    slots: Vec<Slot>,
    /// How many may be in flight now: fewer after the server asked to slow down.
    window: u32,
    next_sequence: u64,
    /// When the rate allows the next, in milliseconds of the driver's clock.
    rate_allows_at: f64,
    /// All wait until then.
    backoff_until: f64,
    /// How often in a row the server asked to slow down.
    throttle_count: u32,
    is_pulling: bool,
    has_more: bool,
    is_stopped: bool,
    summary: BulkSummary,
}

impl Scheduler {
    /// Nothing is pulled yet.
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

    /// How the commands ended so far.
    pub const fn summary(&self) -> BulkSummary {
        self.summary
    }

    /// What the summary would be if nothing were known of what comes now: a command in flight may
    /// be executed, and one that is held is not.
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

    /// The next thing to do. `now` is in milliseconds, of a clock that does not run backwards.
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

    /// What is held ends as not sent, and what is in flight is waited for; what is pulled just now
    /// is not, since its source may never give it.
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

    /// The source gave a command of this workflow. Returns its slot; `None`: it comes too late.
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

    /// The source has no more.
    pub fn source_ended(&mut self) {
        self.is_pulling = false;
        self.has_more = false;
    }

    /// Nothing more is pulled or sent.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// A command in flight ended. Returns whether that is its result; else it will be sent again.
    /// `random` is random, from 0 to 1.
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

    /// One back-off for all. Those that were in flight together count as one strike.
    fn slow_down(&mut self, after_ms: Option<u32>, now: f64, random: f64) {
        if now >= self.backoff_until {
            self.throttle_count = self.throttle_count.saturating_add(1);
            self.window = (self.window / 2).max(1);
        }
        let wait =
            after_ms.unwrap_or_else(|| backoff_ms(self.throttle_count.saturating_sub(1), random));
        self.backoff_until = self.backoff_until.max(now + f64::from(wait));
    }

    /// The result of a command was taken: its slot is free.
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

    /// The oldest that is held and has nothing of its workflow before it.
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
