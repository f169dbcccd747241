//! The state of the model: a workflow's commands in memory and on disk, and the progress of their sending.

use std::collections::BTreeSet;

use campaign_gateway::Content;
use campaign_gateway::Problem;
use campaign_gateway::writer::command_result::StoredReceipt;
use campaign_gateway::writer::state_machine::Limits;
use campaign_gateway::writer::{Channel, CommandResult, CommandRow, State};
use campaign_workflow::{Code, Command, Outcome};

/// The model has no time: an alarm may run early or late.
pub const NOW: u64 = 1_000_000;

pub const LIMITS: Limits = Limits {
    max_tries: 2,
    retry_ms: 1,
    max_pause_ms: 1,
    give_up_after_ms: 1_000_000,
    max_waiting: 10,
};

/// The orders: key, command and channel.
pub const ORDERS: [(&str, Command, Channel); 3] = [
    // A caller who repeats a request.
    ("a", Command::Start, Channel::Request),
    // Another request with the same key, by mistake.
    ("a", Command::Stop, Channel::Request),
    // A queue that delivers twice.
    ("b", Command::Pause, Channel::Queue),
];

/// A planted defect that the checker must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    None,
    /// After a crash, a command that was being sent is sent again.
    SendAgain,
    /// A request is sent before the state "sending" is on disk.
    LateWrite,
    /// An outcome that could not be stored is reported as "not executed".
    WrongOutcome,
    /// A dead command that was sent again still counts as dead.
    StaysDead,
}

/// How far the sending of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// It waits for the mutex.
    Waiting,
    /// The row says "sending", and may not be on disk yet.
    Marked,
    /// It is on disk, so the request may be sent.
    Ready,
    /// The request is in flight.
    Sent,
    /// Campaign executed it, and the response is in flight.
    Executed,
    /// Campaign refused it for now, and the response is in flight.
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelState {
    /// The rows in memory.
    pub rows: Vec<CommandRow>,
    /// The rows on disk, which a crash leaves.
    pub disk: Vec<CommandRow>,
    /// The rows that are active in memory, with their progress.
    pub active: BTreeSet<(u64, Step)>,
    /// How often each order may still arrive.
    pub arrivals: [u8; ORDERS.len()],
    pub crashes: u8,
    pub failures: u8,
    /// How often an operator may still send a command again.
    pub operator_retries: u8,
    /// How often each row was executed.
    pub executed: Vec<u8>,
    /// How often each order was executed, in any row.
    pub executions: [u8; ORDERS.len()],
    /// The reported results by row: true for a receipt, false for "not executed".
    pub reported: BTreeSet<(u64, bool)>,
}

impl ModelState {
    pub fn row(&self, seq: u64) -> &CommandRow {
        &self.rows[seq as usize - 1]
    }

    pub fn put(&mut self, row: CommandRow) {
        let at = row.seq as usize - 1;
        self.rows[at] = row;
    }

    /// The row with this key, or the row that replaces it.
    pub fn find(&self, key: &str) -> Option<&CommandRow> {
        let has_key = |row: &&CommandRow| row.key.as_deref() == Some(key);
        let mut found = self.rows.iter().find(has_key)?;
        while let Some(number) = found.sent_again_as {
            found = self.row(number);
        }
        Some(found)
    }

    pub fn insert(&mut self, closed: Option<CommandRow>, mut row: CommandRow) {
        row.seq = self.rows.len() as u64 + 1;
        for other in &mut self.rows {
            if other.key == row.key {
                other.key = None;
            }
        }
        if let Some(closed) = closed {
            let key = self.row(closed.seq).key.clone();
            let sent_again_as = Some(row.seq);
            self.put(CommandRow {
                key,
                sent_again_as,
                ..closed
            });
        }
        let is_queued = row.via == Channel::Queue;
        if !is_queued {
            self.active.insert((row.seq, Step::Waiting));
        }
        self.rows.push(row);
        self.executed.push(0);
        // A queued command is on disk before the caller gets a response.
        if is_queued {
            self.disk.clone_from(&self.rows);
        }
    }

    pub fn is_active(&self, seq: u64) -> bool {
        self.active.iter().any(|(active, _)| *active == seq)
    }

    pub fn step(&mut self, seq: u64, from: Step, to: Option<Step>) {
        assert!(self.active.remove(&(seq, from)));
        self.active.extend(to.map(|to| (seq, to)));
    }

    /// Reports a result to the caller.
    pub fn report(&mut self, seq: u64, result: &CommandResult) {
        let is_receipt = matches!(result, CommandResult::Receipt(_));
        if is_receipt || outcome(result) == Some(Outcome::NotExecuted) {
            self.reported.insert((seq, is_receipt));
        }
    }

    pub fn settle(&mut self, seq: u64, result: CommandResult) {
        let mut row = self.row(seq).clone();
        row.settle(result.clone(), 1, NOW, &LIMITS);
        // The platform's output gate holds responses until writes are on disk.
        self.put(row);
        self.disk.clone_from(&self.rows);
        if self.row(seq).state.is_settled() {
            self.report(seq, &result);
        }
    }

    pub fn restart(&mut self, defect: Defect) {
        self.rows.clone_from(&self.disk);
        self.active.clear();
        for row in &mut self.rows {
            if defect == Defect::SendAgain
                && row.state == State::Sending
                && row.via == Channel::Queue
            {
                row.state = State::Queued;
            }
            row.recover(NOW);
        }
        self.disk.clone_from(&self.rows);
    }
}

pub fn outcome(result: &CommandResult) -> Option<Outcome> {
    result.problem().map(|problem| problem.outcome)
}

pub fn problem(code: Code, outcome: Outcome, retry_after_ms: Option<u32>) -> CommandResult {
    CommandResult::Problem(Problem {
        retry_after_ms,
        ..Problem::new(502, code, outcome, "")
    })
}

pub fn receipt() -> CommandResult {
    CommandResult::Receipt(StoredReceipt {
        status: 200,
        request_id: None,
        body: Content::Empty,
        attempts: 1,
    })
}
