//! What happened in one schedule, as the world saw it, for the promises to be held against.

use campaign_workflow::exchange::{Event, Settlement};

use crate::faults::Asked;
use crate::setup::Setup;
use crate::told::Text;

pub struct Record {
    pub setup: Setup,
    /// What the machine asked for, in order.
    pub steps: Vec<Step>,
    pub sent: Vec<Sent>,
    pub ending: Option<Ending>,
    /// What the client did not do as it should have, noticed on the way.
    pub complaints: Vec<String>,
    /// The wall clock was set while the call ran.
    pub jumped: bool,
    pub seen: Seen,
    /// One line for each thing that happened, where somebody wants to read them.
    pub history: Option<Vec<String>>,
}

/// What else is worth a count.
#[derive(Default)]
pub struct Seen {
    pub answer_with_alarm: u64,
    pub two_alarms: u64,
    pub stale: u64,
    pub sent_with_alarm: u64,
    pub over_by_the_clock: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Token { refresh: bool },
    Send { at: u64 },
    Wait(Wait),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    pub at: u64,
    /// By the wall clock, which may have been set.
    pub elapsed: u32,
    pub for_ms: u32,
}

/// One request of the client.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Where it did not even set out: no connection was made, and the runtime says so.
    pub refused: bool,
    /// The caller's own fetch threw before it did anything.
    pub thrown: bool,
    /// Cancelled before it arrived.
    pub cancelled: bool,
    pub failed: bool,
    pub head: Option<Head>,
}

/// The head of an answer that the client got.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// What Campaign or a proxy answered, also where the runtime hides it.
    pub status: u16,
    pub asked: Asked,
    /// What that comes to in milliseconds, by the wall clock at this moment.
    pub asked_ms: Option<u64>,
    /// By the wall clock.
    pub elapsed: u32,
    pub oops: bool,
    /// The whole body got there, and is text.
    pub complete: bool,
    /// When the body was there, or broke off.
    pub ended_at: Option<u64>,
}

pub struct Ending {
    pub at: u64,
    pub by: Option<Event>,
    pub settlement: Settlement,
    pub attempts: u32,
    /// The signal had fired by then.
    pub aborted: bool,
    pub texts: Vec<Text>,
    pub secrets: Vec<String>,
}

impl Record {
    pub fn new(setup: Setup, listening: bool) -> Self {
        Self {
            setup,
            steps: Vec::new(),
            sent: Vec::new(),
            ending: None,
            complaints: Vec::new(),
            jumped: false,
            seen: Seen::default(),
            history: listening.then(Vec::new),
        }
    }

    pub fn note(&mut self, at: u64, line: impl FnOnce() -> String) {
        if let Some(history) = &mut self.history {
            history.push(format!("{at:>10} ms  {}", line()));
        }
    }
}

impl Head {
    /// Adobe's and HTTP's word that the command was not executed, so that it may be sent again
    /// (after a 401 with a fresh token).
    pub fn invites(&self) -> bool {
        matches!(self.status, 401 | 429) || (self.status == 503 && self.asked.is_readable())
    }

    /// Nobody can know what became of the command.
    pub fn leaves_doubt(&self) -> bool {
        match self.status {
            200..=499 => false,
            503 if self.asked.is_readable() => false,
            500 | 502 if self.oops && self.complete => false,
            _ => true,
        }
    }
}

impl Sent {
    /// The client was told that no connection was made.
    pub fn was_refused(&self) -> bool {
        self.refused && self.failed
    }

    pub fn leaves_doubt(&self) -> bool {
        !self.was_refused() && self.head.is_none_or(|head| head.leaves_doubt())
    }
}
