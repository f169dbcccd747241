//! Many commands as a state machine: what is pulled, what is sent, and when.
//!
//! It has a place for each command that may be in flight, which a command keeps from when it is
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
    /// Send the command in this place.
    Send(u32),
    /// The command in this place is not sent any more: it was stopped before.
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
pub enum Ended {
    /// It was accepted.
    Accepted,
    /// It failed.
    Failed(Outcome),
    /// It was certainly not executed, and may be sent again after a while.
    Again {
        /// What the server asked for, in milliseconds.
        after_ms: Option<u32>,
    },
}

/// How a failed command without an idempotency key ended. One with a key was sent again within its
/// own call, which alone knows what the earlier requests leave in doubt.
///
/// It may be sent again after what the client repeats a command after: what a gateway says besides,
/// such as that it has no token, does not change that.
pub const fn failed(limits: &Limits, error: &Error) -> Ended {
    let after_ms = error.retry_after_ms;
    let may_pass = match (error.status, error.code) {
        (Some(429), _) => true,
        (Some(503), _) => after_ms.is_some(),
        (None, Code::Unreachable) => !limits.has_custom_fetch,
        _ => false,
    };
    match error.outcome {
        Outcome::NotExecuted if may_pass => Ended::Again { after_ms },
        outcome => Ended::Failed(outcome),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Held,
    InFlight,
    /// Its result is not taken yet.
    Ended,
}

/// A place for one command.
#[derive(Clone, Debug)]
struct Place {
    state: State,
    /// `None`: it has no order among others.
    workflow: Option<String>,
    /// How many were pulled before it.
    turn: u64,
    retries: u32,
}

/// The machine of many commands.
#[derive(Clone, Debug)]
pub struct Machine {
    limits: Limits,
    places: Vec<Place>,
    /// How many may be in flight now: fewer after the server asked to slow down.
    window: u32,
    turns: u64,
    /// When the rate allows the next, in milliseconds of the driver's clock.
    next_at: f64,
    /// All wait until then.
    quiet_until: f64,
    /// How often in a row the server asked to slow down.
    strikes: u32,
    pulling: bool,
    more: bool,
    stopped: bool,
    summary: BulkSummary,
}

impl Machine {
    /// Nothing is pulled yet.
    pub fn new(limits: Limits) -> Self {
        let free = Place {
            state: State::Free,
            workflow: None,
            turn: 0,
            retries: 0,
        };
        Self {
            places: vec![free; limits.concurrency as usize],
            window: limits.concurrency,
            limits,
            turns: 0,
            next_at: f64::NEG_INFINITY,
            quiet_until: f64::NEG_INFINITY,
            strikes: 0,
            pulling: false,
            more: true,
            stopped: false,
            summary: BulkSummary::default(),
        }
    }

    /// How the commands ended so far.
    pub const fn summary(&self) -> BulkSummary {
        self.summary
    }

    /// What the summary would be if nothing were known of what comes now: a command in flight may
    /// be executed, and one that is held is not.
    pub fn summary_if_lost(&self) -> BulkSummary {
        BulkSummary {
            not_executed: self.summary.not_executed + self.count(State::Held),
            unknown: self.summary.unknown + self.count(State::InFlight),
            ..self.summary
        }
    }

    /// Whether nothing more is pulled or sent.
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The next thing to do. `now` is in milliseconds, of a clock that does not run backwards.
    pub fn next(&mut self, now: f64) -> Action {
        if self.stopped {
            return self.wind_up();
        }
        let due = self.next_at.max(self.quiet_until);
        let room = self.count(State::InFlight) < self.window;
        let sendable = self.sendable().filter(|_| room);
        let pullable = room && self.more && !self.pulling && self.count(State::Free) > 0;
        if (sendable.is_some() || pullable) && now < due {
            // The cast saturates.
            return Action::Wait((due - now) as u32 + 1);
        }
        if let Some(index) = sendable {
            if let Some(place) = self.places.get_mut(index) {
                place.state = State::InFlight;
            }
            if let Some(per_second) = self.limits.per_second {
                self.next_at = self.next_at.max(now) + 1000.0 / per_second;
            }
            return Action::Send(index as u32);
        }
        if pullable {
            self.pulling = true;
            return Action::Pull;
        }
        if self.more || self.is_any_pending() {
            Action::Idle
        } else {
            Action::End
        }
    }

    /// What is held ends as not sent, and what is in flight is waited for; what is pulled just now
    /// is not, since its source may never give it.
    fn wind_up(&mut self) -> Action {
        let mut places = self.places.iter_mut().enumerate();
        if let Some((index, place)) = places.find(|(_, place)| place.state == State::Held) {
            place.state = State::Ended;
            self.summary.not_executed += 1;
            return Action::Drop(index as u32);
        }
        if self.is_any_pending() {
            Action::Idle
        } else {
            Action::End
        }
    }

    /// The source gave a command of this workflow. Returns its place; `None`: it comes too late.
    pub fn pulled(&mut self, workflow: Option<String>) -> Option<u32> {
        self.pulling = false;
        if self.stopped {
            return None;
        }
        self.turns += 1;
        let free = |place: &Place| place.state == State::Free;
        let index = self.places.iter().position(free)?;
        *self.places.get_mut(index)? = Place {
            state: State::Held,
            workflow,
            turn: self.turns,
            retries: 0,
        };
        Some(index as u32)
    }

    /// The source has no more.
    pub fn no_more(&mut self) {
        self.pulling = false;
        self.more = false;
    }

    /// Nothing more is pulled or sent.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// A command in flight ended. Returns whether that is its result; else it will be sent again.
    /// `chance` is random, from 0 to 1.
    pub fn ended(&mut self, index: u32, ended: Ended, now: f64, chance: f64) -> bool {
        let Limits {
            max_retries,
            stop_on_error,
            ..
        } = self.limits;
        let stopped = self.stopped;
        let Some(place) = self.places.get_mut(index as usize) else {
            return false;
        };
        place.state = State::Ended;
        match ended {
            Ended::Accepted => {
                self.summary.accepted += 1;
                self.strikes = 0;
                self.window = (self.window + 1).min(self.limits.concurrency);
                return true;
            }
            Ended::Again { after_ms } => {
                let again = !stopped && place.retries < max_retries;
                if again {
                    place.state = State::Held;
                    place.retries += 1;
                }
                self.slow_down(after_ms, now, chance);
                if again {
                    return false;
                }
                self.summary.not_executed += 1;
            }
            Ended::Failed(Outcome::NotExecuted) => self.summary.not_executed += 1,
            Ended::Failed(Outcome::Unknown) => self.summary.unknown += 1,
        }
        self.stopped |= stop_on_error;
        true
    }

    /// One back-off for all. Those that were in flight together count as one strike.
    fn slow_down(&mut self, after_ms: Option<u32>, now: f64, chance: f64) {
        if now >= self.quiet_until {
            self.strikes = self.strikes.saturating_add(1);
            self.window = (self.window / 2).max(1);
        }
        let wait = after_ms.unwrap_or_else(|| backoff_ms(self.strikes.saturating_sub(1), chance));
        self.quiet_until = self.quiet_until.max(now + f64::from(wait));
    }

    /// The result of a command was taken: its place is free.
    pub fn taken(&mut self, index: u32) {
        if let Some(place) = self.places.get_mut(index as usize) {
            place.state = State::Free;
        }
    }

    fn is_any_pending(&self) -> bool {
        let is_pending = |place: &Place| matches!(place.state, State::Held | State::InFlight);
        self.places.iter().any(is_pending)
    }

    fn count(&self, state: State) -> u32 {
        let of_it = self.places.iter().filter(|place| place.state == state);
        of_it.count() as u32
    }

    /// The oldest that is held and has nothing of its workflow before it.
    fn sendable(&self) -> Option<usize> {
        let mut best: Option<(usize, u64)> = None;
        for (index, place) in self.places.iter().enumerate() {
            let older = best.is_none_or(|(_, turn)| place.turn < turn);
            if place.state == State::Held && older && self.is_first(place) {
                best = Some((index, place.turn));
            }
        }
        best.map(|(index, _)| index)
    }

    fn is_first(&self, place: &Place) -> bool {
        place.workflow.is_none()
            || !self.places.iter().any(|other| {
                other.workflow == place.workflow
                    && other.turn < place.turn
                    && matches!(other.state, State::Held | State::InFlight)
            })
    }
}

#[cfg(test)]
mod tests;
