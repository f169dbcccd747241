//! Checks each write to a table against the guarantees.

use campaign_gateway::writer::{Channel, CommandRow, State};
use campaign_workflow::Command;

use super::Table;

const DAY_MS: u64 = 24 * 3_600_000;

pub const A_DAY: &str = "a key is kept for a day after its command is settled";

impl Table {
    pub fn report(&self, guarantee: &'static str, details: String) {
        self.0
            .observations
            .borrow_mut()
            .violations
            .push((guarantee, details));
    }

    /// A command may take another command's key a day after that one was settled, by the clock, or if that one was not
    /// executed.
    pub fn check_key(&self, row: &CommandRow) {
        let Some(before) = self.last_of(&row.who, row.key.as_deref()) else {
            return;
        };
        // A key that has expired stays so, even if the clock is set back.
        let is_forgotten = before.key.is_none();
        if !self.is_a_day_old(&before, is_forgotten) {
            self.report(A_DAY, format!("{row:?} after {before:?}"));
        }
        self.0
            .simulation
            .count_event("a key was used again after a day");
        let mut observations = self.0.observations.borrow_mut();
        observations.renewed.push((self.0.workflow, row.command));
    }

    /// The last command with this key whose result is stored or that is not settled.
    fn last_of(&self, who: &str, key: Option<&str>) -> Option<CommandRow> {
        let (memory, keys) = (self.0.memory.borrow(), self.0.keys.borrow());
        let is_it = |row: &&CommandRow| {
            let has_key = keys
                .get(&row.seq)
                .is_some_and(|(its_who, its)| its_who == who && its.as_deref() == key);
            has_key
                && (row.is_result_stored()
                    || row.sent_again_as.is_some()
                    || !row.state.is_settled())
        };
        let mut last = memory.rows.values().rev().find(is_it)?;
        // The key leads to the command that an operator has sent in its place.
        while let Some(next) = last.sent_again_as.and_then(|seq| memory.rows.get(&seq)) {
            last = next;
        }
        (last.is_result_stored() || !last.state.is_settled()).then(|| last.clone())
    }

    /// Whether a row was settled a day ago, by the current clock or by its highest value so far.
    pub fn is_a_day_old(&self, row: &CommandRow, once: bool) -> bool {
        let now = match once {
            true => self.0.clock.highest_ms(),
            false => self.0.clock.now_ms(),
        };
        row.settled_at.is_some_and(|at| at + DAY_MS <= now)
    }

    /// A queued command is not sent before it is due, by the clock, which may be set back meanwhile; and not twice
    /// within a second.
    pub fn check_time(&self, row: &CommandRow) {
        let before = self.0.memory.borrow().rows.get(&row.seq).cloned();
        if row.state == State::Sending
            && !self.0.setup.clock_jumps
            && let Some(last) = before.and_then(|before| before.sent_at)
            && row.sent_at.is_some_and(|at| at < last + 1000)
        {
            self.report("attempts are at least a second apart", format!("{row:?}"));
        }
        if row.state == State::Sending && row.due_at > self.0.clock.highest_ms() {
            self.report("no command is sent before it is due", format!("{row:?}"));
        }
    }

    /// A `stop` that waits goes before all other waiting commands.
    pub fn check_priority(&self, row: &CommandRow) {
        // A `stop` whose result could not be stored looks as if it waited.
        if row.state != State::Sending
            || row.command == Command::Stop
            || self.0.setup.refuses_writes
        {
            return;
        }
        let (memory, stops) = (self.0.memory.borrow(), self.0.stops.borrow());
        let is_overtaken = |other: &&CommandRow| {
            let is_stop = other.command == Command::Stop && other.via == Channel::Request;
            let is_waited_for = other.key.as_ref().is_some_and(|key| stops.contains(key));
            is_stop && other.state == State::Waiting && is_waited_for
        };
        if let Some(stop) = memory.rows.values().find(is_overtaken) {
            self.report("stop goes first", format!("{row:?} before {stop:?}"));
        }
    }
}
