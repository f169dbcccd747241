//! The states of a command and their transitions, row by row: no I/O, no clock. The simulations and the model checker
//! run this code.

use campaign_workflow::queue::MAX_DELAY_SECONDS;

use super::command_result::CommandResult;
use super::command_row::{Channel, CommandOrder, CommandRow, State};
use super::problems;

const HOUR_MS: u64 = 3_600_000;

/// How long a key stays after its command was settled, in milliseconds.
pub const KEY_LIFETIME_MS: u64 = 24 * HOUR_MS;

/// The longest delay of a queued command, in milliseconds: a week.
pub const MAX_DELAY_MS: u64 = MAX_DELAY_SECONDS as u64 * 1000;

/// The number of commands in the history.
pub const HISTORY_LENGTH: u32 = 100;

/// The number of dead commands that are kept for operators beyond the history.
pub const MAX_DEAD: u32 = 1000;

/// The shortest pause between two attempts of a queued command, in milliseconds, whatever `Retry-After` says.
const MIN_PAUSE_MS: u64 = 1000;

/// How queued commands are repeated, and how many may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The highest number of requests to Campaign for one command.
    pub max_tries: u32,
    /// The pause before the second attempt, in milliseconds. It doubles with each attempt, up to `max_pause_ms`.
    pub retry_ms: u64,
    /// The longest pause, in milliseconds. Campaign may ask for a longer one.
    pub max_pause_ms: u64,
    /// How long a command is repeated after it was first due, in milliseconds.
    pub give_up_after_ms: u64,
    /// How many commands of one workflow may be queued, and how many callers may wait for the mutex.
    pub max_waiting: u32,
}

impl Default for Limits {
    /// Repeats go on for 6 hours, so that an outage of an afternoon loses no command.
    fn default() -> Self {
        Self {
            max_tries: 40,
            retry_ms: 5000,
            max_pause_ms: HOUR_MS / 4,
            give_up_after_ms: 6 * HOUR_MS,
            max_waiting: 1000,
        }
    }
}

/// What the writer does with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The order is new. This is its row. Another row with its key loses the key.
    New(CommandRow),
    /// The order replaces a dead command. These are the closed row and the new row.
    Replacement(Box<CommandRow>, CommandRow),
    /// The key is known. This is its command.
    Duplicate(CommandRow),
    /// The key was used for another command.
    KeyMismatch,
    /// Too many commands wait.
    QueueFull,
}

/// Decides about an order. `known` is the row that has its key now; `waiting` is the number of commands that wait and
/// came in the same way.
pub fn admit(
    order: &CommandOrder,
    via: Channel,
    delay_ms: u64,
    mut known: Option<CommandRow>,
    waiting: u32,
    now: u64,
    limits: &Limits,
) -> Admission {
    if let Some(row) = known.take_if(|row| row.holds_key(now)) {
        // Until its first attempt, a request with another delay is another command, and must not be lost. A command
        // that an operator sent again is due at once and ignores the delay.
        let is_own = row.key.as_ref() == Some(&order.key);
        let is_due_then =
            row.state != State::Queued || !is_own || row.due_at == row.created_at + delay_ms;
        let is_same = row.command == order.command && row.via == via && is_due_then;
        return if is_same {
            Admission::Duplicate(row)
        } else {
            Admission::KeyMismatch
        };
    }
    if waiting >= limits.max_waiting {
        return Admission::QueueFull;
    }
    let due_at = now.saturating_add(delay_ms);
    let row = CommandRow {
        seq: 0,
        key: Some(order.key.clone()),
        command: order.command,
        who: order.who.clone(),
        via,
        state: match via {
            Channel::Request => State::Waiting,
            Channel::Queue => State::Queued,
        },
        tries: 0,
        created_at: now,
        due_at,
        give_up_at: due_at.saturating_add(limits.give_up_after_ms),
        sent_at: None,
        settled_at: None,
        closed_at: None,
        closed_by: None,
        sent_again_as: None,
        result: None,
    };
    // Repeating the key of a dead command sends it again, without an operator.
    match known.take_if(|dead| dead.close(&order.who, now)) {
        Some(closed) => Admission::Replacement(Box::new(closed), row),
        None => Admission::New(row),
    }
}

/// Queues a dead command again, owned by the operator and with its own key. The result of the dead command stays.
/// `None`: the command is not dead.
pub fn send_again(
    mut dead: CommandRow,
    by: &str,
    waiting: u32,
    now: u64,
    limits: &Limits,
) -> Option<Admission> {
    let order = CommandOrder {
        key: format!("again {}", dead.seq),
        command: dead.command,
        who: by.to_owned(),
    };
    if !dead.close(by, now) {
        return None;
    }
    let admission = admit(&order, Channel::Queue, 0, None, waiting, now, limits);
    Some(match admission {
        Admission::New(row) => Admission::Replacement(Box::new(dead), row),
        other => other,
    })
}

impl CommandRow {
    /// Whether its key can't be used for another command, because it is pending or its result is stored.
    fn holds_key(&self, now: u64) -> bool {
        let Some(settled_at) = self.settled_at else {
            return true;
        };
        let is_kept = now < settled_at.saturating_add(KEY_LIFETIME_MS);
        is_kept && !self.is_key_released()
    }

    /// Whether the command was certainly not executed, for a reason that may pass, so that its key can be used again.
    fn is_key_released(&self) -> bool {
        self.state == State::Failed
            && self
                .result
                .as_ref()
                .is_some_and(CommandResult::releases_key)
    }

    /// Marks the beginning of an attempt. Returns whether an attempt may begin.
    #[must_use]
    pub fn start_sending(&mut self, now: u64) -> bool {
        if !self.state.may_be_sent() {
            return false;
        }
        self.state = State::Sending;
        self.tries = self.tries.saturating_add(1);
        self.sent_at = Some(now);
        true
    }

    /// Stores the result of an attempt, or that the command was not sent. `requests` went out since `start_sending`.
    pub fn settle(&mut self, result: CommandResult, requests: u32, now: u64, limits: &Limits) {
        self.tries = self.tries.saturating_add(requests.saturating_sub(1));
        self.state = match &result {
            CommandResult::Receipt(_) => State::Accepted,
            CommandResult::Problem(problem)
                if problem.outcome == campaign_workflow::Outcome::Unknown =>
            {
                State::Unknown
            }
            CommandResult::Problem(_) => match self.next_attempt_at(&result, now, limits) {
                Some(due_at) => {
                    self.due_at = due_at;
                    State::Retrying
                }
                None => State::Failed,
            },
        };
        self.settled_at = self.state.is_settled().then_some(now);
        self.result = Some(result);
    }

    /// The time of the next attempt after a command was certainly not executed; `None`: there is none.
    fn next_attempt_at(&self, result: &CommandResult, now: u64, limits: &Limits) -> Option<u64> {
        let may_repeat = self.via == Channel::Queue
            && self.tries < limits.max_tries
            && now < self.give_up_at
            && !result.is_final();
        if !may_repeat {
            return None;
        }
        let retry_after = result
            .problem()
            .and_then(|problem| problem.retry_after_ms)
            .unwrap_or(0);
        let doubled = limits
            .retry_ms
            .saturating_mul(1 << self.tries.saturating_sub(1).min(30));
        let backoff = doubled.min(limits.max_pause_ms);
        // The minimum keeps a Campaign that asks for short pauses from using up the attempts at once.
        let pause = u64::from(retry_after).max(backoff).max(MIN_PAUSE_MS);
        // The last attempt is at the end of the period, not after it.
        Some(
            now.saturating_add(pause)
                .min(self.give_up_at.max(now + MIN_PAUSE_MS)),
        )
    }

    /// Recovers a row that no one in memory sends any more. Returns whether it changed. "Sending" becomes unknown,
    /// "waiting" becomes failed, and queued rows stay.
    pub fn recover(&mut self, now: u64) -> bool {
        let (state, problem) = match self.state {
            State::Sending => (State::Unknown, problems::interrupted_while_sending()),
            State::Waiting => (State::Failed, problems::interrupted_before_sending()),
            _ => return false,
        };
        self.state = state;
        self.settled_at = Some(now);
        self.result = Some(CommandResult::Problem(problem));
        true
    }

    /// Cancels the command. Returns whether that was still possible.
    #[must_use]
    pub fn cancel(&mut self, by: &str, now: u64) -> bool {
        if !self.state.is_queued() {
            return false;
        }
        self.state = State::Cancelled;
        self.settled_at = Some(now);
        self.closed_at = Some(now);
        self.closed_by = Some(by.to_owned());
        self.result = Some(CommandResult::Problem(problems::cancelled()));
        true
    }

    /// The result of a settled command; `None`: it is not settled.
    pub fn final_result(&self) -> Option<CommandResult> {
        self.settled_at?;
        let store_unavailable = || CommandResult::Problem(problems::interrupted_while_sending());
        Some(self.result.clone().unwrap_or_else(store_unavailable))
    }

    /// Whether a request with the same key gets its result again.
    pub fn is_result_stored(&self) -> bool {
        self.settled_at.is_some() && !self.is_key_released()
    }

    /// Whether it was queued, was not accepted, and is not closed.
    pub fn is_dead(&self) -> bool {
        let has_failed = matches!(self.state, State::Failed | State::Unknown);
        self.via == Channel::Queue && has_failed && self.closed_at.is_none()
    }

    /// Closes a dead command. Returns whether it was dead.
    #[must_use]
    pub fn close(&mut self, by: &str, now: u64) -> bool {
        if !self.is_dead() {
            return false;
        }
        self.closed_at = Some(now);
        self.closed_by = Some(by.to_owned());
        true
    }
}

#[cfg(test)]
mod tests;
