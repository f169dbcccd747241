//! The virtual clock, and what is to happen when.

use std::fmt;

use crate::chance::Chance;
use crate::network::{Delivery, Work};
use crate::setup::Setup;

/// A timer of the client, or the caller's signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    Abort,
    Call,
    /// Of this turn.
    Step(u32),
}

impl Alarm {
    /// The one that counts where several have rung.
    pub fn first(rung: &[Self]) -> Option<Self> {
        let has = |alarm: &Self| rung.contains(alarm);
        [Self::Abort, Self::Call]
            .into_iter()
            .find(has)
            .or(rung.first().copied())
    }
}

#[derive(Clone, Debug)]
pub enum Happening {
    Ring(Alarm),
    /// The wall clock is set.
    Jump(i64),
    Arrival(Delivery),
    /// For the client, in this turn.
    Work(u32, Work),
}

impl fmt::Display for Happening {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ring(alarm) => write!(out, "alarm: {alarm:?}"),
            Self::Jump(by) => write!(out, "the wall clock is set by {by} ms"),
            Self::Arrival(Delivery { attempt, copy }) => {
                write!(out, "request {attempt} arrives, copy {copy}")
            }
            Self::Work(turn, Work::Part(part)) => {
                write!(out, "turn {turn}: {} bytes of the body", part.len())
            }
            Self::Work(turn, work) => write!(out, "turn {turn}: {work:?}"),
        }
    }
}

pub struct Timeline {
    pub now: u64,
    ahead: Vec<(u64, Happening)>,
    /// When the alarms ring: the moments at which something else is the most interesting.
    step_at: u64,
    call_at: u64,
    abort_at: Option<u64>,
    turn: u32,
    /// The turn in which each request was sent.
    turns: Vec<(usize, u32)>,
}

impl Timeline {
    pub fn of(setup: &Setup) -> Self {
        let call_at = u64::from(setup.plan.timeout_ms);
        let mut ahead = vec![(call_at, Happening::Ring(Alarm::Call))];
        ahead.extend(setup.abort_at.map(|at| (at, Happening::Ring(Alarm::Abort))));
        let jumps = setup.jumps.iter();
        ahead.extend(jumps.map(|(at, by)| (*at, Happening::Jump(*by))));
        Self {
            now: 0,
            ahead,
            step_at: 0,
            call_at,
            abort_at: setup.abort_at,
            turn: 0,
            turns: Vec::new(),
        }
    }

    /// All that happens at the next moment at which anything does.
    pub fn next(&mut self) -> Vec<Happening> {
        let Some(at) = self.ahead.iter().map(|(at, _)| *at).min() else {
            return Vec::new();
        };
        self.now = at;
        let due = self.ahead.extract_if(.., |(when, _)| *when == at);
        due.map(|(_, happening)| happening).collect()
    }

    /// Something happens so many milliseconds from now.
    pub fn add(&mut self, after: u64, happening: Happening) {
        self.ahead.push((self.now + after, happening));
    }

    pub fn begin_turn(&mut self, turn: u32, ms: u32) {
        let stale = |happening: &Happening| matches!(happening, Happening::Ring(Alarm::Step(_)));
        self.ahead.retain(|(_, happening)| !stale(happening));
        self.turn = turn;
        self.step_at = self.now + u64::from(ms);
        self.add(u64::from(ms), Happening::Ring(Alarm::Step(turn)));
    }

    /// A request is on its way, sent in this turn.
    pub fn travels(&mut self, attempt: usize) {
        self.turns.push((attempt, self.turn));
    }

    pub fn turn_of(&self, attempt: usize) -> u32 {
        let sent = self.turns.iter().find(|(known, _)| *known == attempt);
        sent.map_or(0, |(_, turn)| *turn)
    }

    /// Takes a request off its way; false where it has arrived. What the network has copied stays.
    pub fn cancel(&mut self, attempt: usize) -> bool {
        let own = Delivery { attempt, copy: 0 };
        let before = self.ahead.len();
        self.ahead.retain(
            |(_, happening)| !matches!(happening, Happening::Arrival(delivery) if *delivery == own),
        );
        self.ahead.len() < before
    }

    /// How long something takes: often until the very moment of an alarm, or next to it.
    pub fn moment(&self, chance: &mut Chance) -> u64 {
        let until = |at: u64| at.saturating_sub(self.now);
        match chance.below(20) {
            0 => until(self.step_at),
            1 => until(self.call_at),
            2 => until(self.abort_at.unwrap_or(self.call_at)),
            3 => until(self.step_at).saturating_sub(1),
            4 => chance.below(until(self.step_at).min(60_000) + 1),
            5..=9 => 0,
            _ => chance.below(300),
        }
    }
}
