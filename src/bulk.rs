//! Many commands as a state machine: what is pulled, what is sent, and when.
//!
//! It holds no more commands than may be in flight, keeps those of one workflow in their order, and
//! lets all of them wait together where the server asks for it. It knows no clock and no chance.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::Outcome;
use crate::retry::backoff_ms;

/// What the caller set, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How many commands are in flight at most, at least 1.
    pub concurrency: u32,
    /// How many are sent in a second at most; 0: as many as can be.
    pub per_second: f64,
    /// How often a command that was certainly not executed is sent again.
    pub max_retries: u32,
    /// The first that fails is the last that is pulled.
    pub stop_on_error: bool,
    /// `fetch` is the caller's own: its errors are not proof enough to send again.
    pub own_fetch: bool,
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
    /// Wait for so many milliseconds, or for something to happen.
    Wait(u32),
    /// Wait for something to happen.
    Idle,
    /// All is told.
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

/// Matches the codes of commands that may be sent again, each in its own way.
pub const AGAIN: &str = "^(?:(rate-limited)|(server-error)|(unreachable))$";

/// How a failed command ended. `group` is that of [`AGAIN`].
pub const fn failed(limits: &Limits, group: u32, outcome: Outcome, after_ms: Option<u32>) -> Ended {
    let again = match (group, outcome) {
        (1, Outcome::NotExecuted) => true,
        (2, Outcome::NotExecuted) => after_ms.is_some(),
        (3, Outcome::NotExecuted) => !limits.own_fetch,
        _ => false,
    };
    if again {
        Ended::Again { after_ms }
    } else {
        Ended::Failed(outcome)
    }
}

/// How many commands came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Campaign accepted them.
    pub accepted: u32,
    /// Certainly not executed.
    pub not_executed: u32,
    /// Nobody can know.
    pub unknown: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Held,
    InFlight,
    /// Its end is not taken yet.
    Ended,
}

/// A place for one command.
#[derive(Clone, Copy, Debug)]
struct Place {
    state: State,
    /// 0: of no workflow that others are of.
    workflow: u32,
    /// When it was pulled, as a count.
    turn: f64,
    retries: u32,
}

/// The machine of many commands.
#[derive(Clone, Debug)]
pub struct Bulk {
    limits: Limits,
    places: Vec<Place>,
    /// How many may be in flight now: fewer after the server asked to slow down.
    window: u32,
    turns: f64,
    /// When the rate allows the next, in milliseconds of the driver's clock.
    next_at: f64,
    /// All wait until then.
    quiet_until: f64,
    /// How often in a row the server asked to slow down.
    strikes: u32,
    pulling: bool,
    more: bool,
    stopped: bool,
    counts: Counts,
}

impl Bulk {
    /// Nothing is pulled yet.
    pub fn new(limits: Limits) -> Self {
        let free = Place {
            state: State::Free,
            workflow: 0,
            turn: 0.0,
            retries: 0,
        };
        Self {
            places: vec![free; limits.concurrency as usize],
            window: limits.concurrency,
            limits,
            turns: 0.0,
            next_at: f64::NEG_INFINITY,
            quiet_until: f64::NEG_INFINITY,
            strikes: 0,
            pulling: false,
            more: true,
            stopped: false,
            counts: Counts::default(),
        }
    }

    /// How the commands ended so far.
    pub const fn counts(&self) -> Counts {
        self.counts
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
            if self.limits.per_second > 0.0 {
                self.next_at = self.next_at.max(now) + 1000.0 / self.limits.per_second;
            }
            return Action::Send(index as u32);
        }
        if pullable {
            self.pulling = true;
            return Action::Pull;
        }
        let busy = self.pulling || self.more || self.count(State::Free) < self.places.len() as u32;
        if busy { Action::Idle } else { Action::End }
    }

    /// What was held is told as not sent, and what is in flight is waited for; what is pulled just
    /// now is not, since its source may never give it.
    fn wind_up(&mut self) -> Action {
        let mut places = self.places.iter_mut().enumerate();
        if let Some((index, place)) = places.find(|(_, place)| place.state == State::Held) {
            place.state = State::Ended;
            self.counts.not_executed += 1;
            return Action::Drop(index as u32);
        }
        if self.count(State::Free) < self.places.len() as u32 {
            Action::Idle
        } else {
            Action::End
        }
    }

    /// The source gave a command of this workflow, 0 where it is of none. Gives its place; `None`:
    /// it comes too late.
    pub fn pulled(&mut self, workflow: u32) -> Option<u32> {
        self.pulling = false;
        if self.stopped {
            return None;
        }
        self.turns += 1.0;
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

    /// A command in flight ended. Gives whether that is to be told; else it will be sent again.
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
                self.counts.accepted += 1;
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
                self.counts.not_executed += 1;
            }
            Ended::Failed(Outcome::NotExecuted) => self.counts.not_executed += 1,
            Ended::Failed(Outcome::Unknown) => self.counts.unknown += 1,
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

    /// The end of a command was taken: its place is free.
    pub fn taken(&mut self, index: u32) {
        if let Some(place) = self.places.get_mut(index as usize) {
            place.state = State::Free;
        }
    }

    fn count(&self, state: State) -> u32 {
        let of_it = self.places.iter().filter(|place| place.state == state);
        of_it.count() as u32
    }

    /// The oldest that is held and has nothing of its workflow before it.
    fn sendable(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (index, place) in self.places.iter().enumerate() {
            let older = best.is_none_or(|(_, turn)| place.turn < turn);
            if place.state == State::Held && older && self.is_first(place) {
                best = Some((index, place.turn));
            }
        }
        best.map(|(index, _)| index)
    }

    fn is_first(&self, place: &Place) -> bool {
        place.workflow == 0
            || !self.places.iter().any(|other| {
                other.workflow == place.workflow
                    && other.turn < place.turn
                    && matches!(other.state, State::Held | State::InFlight)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        concurrency: 3,
        per_second: 0.0,
        max_retries: 1,
        stop_on_error: false,
        own_fetch: false,
    };

    /// Pulls a command of this workflow, and gives its place.
    fn pull(bulk: &mut Bulk, workflow: u32, now: f64) -> u32 {
        assert_eq!(bulk.next(now), Action::Pull);
        bulk.pulled(workflow).unwrap()
    }

    fn send(bulk: &mut Bulk, workflow: u32, now: f64) -> u32 {
        let place = pull(bulk, workflow, now);
        assert_eq!(bulk.next(now), Action::Send(place));
        place
    }

    #[test]
    fn no_more_is_pulled_than_can_be_in_flight_or_is_taken() {
        let mut bulk = Bulk::new(LIMITS);
        let first = send(&mut bulk, 1, 0.0);
        send(&mut bulk, 2, 0.0);
        send(&mut bulk, 3, 0.0);
        assert_eq!(bulk.next(0.0), Action::Idle);
        assert!(bulk.ended(first, Ended::Accepted, 5.0, 0.0));
        assert_eq!(bulk.next(5.0), Action::Idle);
        bulk.taken(first);
        assert_eq!(bulk.next(5.0), Action::Pull);
        bulk.no_more();
        assert_eq!(bulk.next(5.0), Action::Idle);
        for place in [1, 2] {
            bulk.ended(place, Ended::Failed(Outcome::Unknown), 6.0, 0.0);
            bulk.taken(place);
        }
        assert_eq!(bulk.next(6.0), Action::End);
        let counts = Counts {
            accepted: 1,
            not_executed: 0,
            unknown: 2,
        };
        assert_eq!(bulk.counts(), counts);
    }

    #[test]
    fn a_workflow_has_one_in_flight_and_keeps_its_order_through_a_retry() {
        let mut bulk = Bulk::new(LIMITS);
        let first = send(&mut bulk, 7, 0.0);
        let second = pull(&mut bulk, 7, 0.0);
        let other = send(&mut bulk, 8, 0.0);
        assert_eq!(bulk.next(0.0), Action::Idle);
        let again = Ended::Again { after_ms: Some(40) };
        assert!(!bulk.ended(first, again, 0.0, 0.0));
        bulk.ended(other, Ended::Accepted, 0.0, 0.0);
        bulk.taken(other);
        assert_eq!(bulk.next(0.0), Action::Wait(41));
        assert_eq!(bulk.next(40.0), Action::Send(first));
        assert!(bulk.ended(first, Ended::Accepted, 50.0, 0.0));
        assert_eq!(bulk.next(50.0), Action::Send(second));
    }

    #[test]
    fn all_slow_down_together_and_recover_one_by_one() {
        let mut bulk = Bulk::new(LIMITS);
        for workflow in 1..=3 {
            send(&mut bulk, workflow, 0.0);
        }
        for place in 0..3 {
            assert!(!bulk.ended(place, Ended::Again { after_ms: None }, 1.0, 0.5));
        }
        // One strike of three at once: half of the first back-off, and a window of one.
        assert_eq!(bulk.next(1.0), Action::Wait(251));
        assert_eq!(bulk.next(251.0), Action::Send(0));
        assert_eq!(bulk.next(251.0), Action::Idle);
        bulk.ended(0, Ended::Accepted, 260.0, 0.0);
        assert_eq!(bulk.next(260.0), Action::Send(1));
        assert_eq!(bulk.next(260.0), Action::Send(2));
        // No retry is left for it.
        assert!(bulk.ended(1, Ended::Again { after_ms: Some(9) }, 270.0, 0.0));
        assert_eq!(bulk.counts().not_executed, 1);
    }

    #[test]
    fn the_rate_is_kept_and_nothing_is_pulled_before_its_time() {
        let mut bulk = Bulk::new(Limits {
            per_second: 10.0,
            ..LIMITS
        });
        send(&mut bulk, 1, 1000.0);
        assert_eq!(bulk.next(1000.0), Action::Wait(101));
        assert_eq!(bulk.next(1099.0), Action::Wait(2));
        send(&mut bulk, 2, 1101.0);
        assert_eq!(bulk.next(1101.0), Action::Wait(101));
    }

    #[test]
    fn what_is_stopped_tells_what_was_not_sent_and_waits_for_the_rest() {
        let mut bulk = Bulk::new(Limits {
            stop_on_error: true,
            ..LIMITS
        });
        let flying = send(&mut bulk, 1, 0.0);
        let held = pull(&mut bulk, 1, 0.0);
        let failed = send(&mut bulk, 2, 0.0);
        bulk.ended(failed, Ended::Failed(Outcome::NotExecuted), 1.0, 0.0);
        assert_eq!(bulk.next(1.0), Action::Drop(held));
        bulk.taken(held);
        bulk.taken(failed);
        assert_eq!(bulk.next(1.0), Action::Idle);
        bulk.ended(flying, Ended::Again { after_ms: None }, 2.0, 0.0);
        bulk.taken(flying);
        assert_eq!(bulk.next(2.0), Action::End);
        assert_eq!(bulk.counts().not_executed, 3);
        assert_eq!(bulk.pulled(1), None);
    }

    #[test]
    fn only_what_was_certainly_not_executed_is_sent_again() {
        let again = |after_ms| Ended::Again { after_ms };
        let told = |group, outcome, after| failed(&LIMITS, group, outcome, after);
        assert_eq!(told(1, Outcome::NotExecuted, None), again(None));
        assert_eq!(told(2, Outcome::NotExecuted, Some(5)), again(Some(5)));
        assert_eq!(told(3, Outcome::NotExecuted, None), again(None));
        let not_executed = Ended::Failed(Outcome::NotExecuted);
        assert_eq!(told(2, Outcome::NotExecuted, None), not_executed);
        assert_eq!(told(0, Outcome::NotExecuted, Some(5)), not_executed);
        let own = Limits {
            own_fetch: true,
            ..LIMITS
        };
        assert_eq!(failed(&own, 3, Outcome::NotExecuted, None), not_executed);
        for group in 0..=3 {
            let unknown = Ended::Failed(Outcome::Unknown);
            assert_eq!(told(group, Outcome::Unknown, Some(1)), unknown);
        }
    }
}
