//! What is kept of a workflow's commands, in memory and on disk, and who sends them.

use std::collections::BTreeSet;

use campaign_gateway::Content;
use campaign_gateway::Problem;
use campaign_gateway::writer::ending::StoredReceipt;
use campaign_gateway::writer::store::Limits;
use campaign_gateway::writer::{Ending, Row, State, Via};
use campaign_workflow::{Code, Command, Outcome};

/// Time plays no part: an alarm may ring early or late.
pub const NOW: u64 = 1_000_000;

pub const LIMITS: Limits = Limits {
    max_tries: 2,
    retry_ms: 1,
    longest_pause_ms: 1,
    give_up_after_ms: 1_000_000,
    max_waiting: 10,
};

/// What is ordered: the word of the key, the command, and the way.
pub const ORDERS: [(&str, Command, Via); 3] = [
    // A caller who repeats their request.
    ("a", Command::Start, Via::Request),
    // Another request of theirs by mistake has the same key.
    ("a", Command::Stop, Via::Request),
    // A queue that delivers twice.
    ("b", Command::Pause, Via::Queue),
];

/// What is done wrong on purpose, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    None,
    /// After a crash, what was being sent is sent again.
    SendAgain,
    /// A request goes out before it is on disk that it does.
    LateWrite,
    /// An outcome that could not be stored is told as "not executed".
    WrongWord,
    /// A dead command that was sent again still counts as dead.
    StaysDead,
}

/// Where the sending of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// It waits for its turn.
    Waiting,
    /// The row says that it is sent, and may be on disk.
    Begun,
    /// It is on disk, so the request may go out.
    Ready,
    /// The request is under way.
    Out,
    /// Campaign has executed it, and the answer is under way.
    Executed,
    /// Campaign has refused it for now, and the answer is under way.
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// What the object sees.
    pub rows: Vec<Row>,
    /// What is left after a crash.
    pub disk: Vec<Row>,
    /// The rows that somebody in memory sends, and how far that is.
    pub live: BTreeSet<(u64, Step)>,
    /// How often each order may still come.
    pub coming: [u8; ORDERS.len()],
    pub crashes: u8,
    pub failures: u8,
    /// How often an operator may still send something again.
    pub presses: u8,
    /// How often each row was executed.
    pub executed: Vec<u8>,
    /// How often each order was, whatever became of its row.
    pub executions: [u8; ORDERS.len()],
    /// Who was told what about which row: true for a receipt, false for "not executed".
    pub told: BTreeSet<(u64, bool)>,
}

impl World {
    pub fn row(&self, seq: u64) -> &Row {
        &self.rows[seq as usize - 1]
    }

    pub fn put(&mut self, row: Row) {
        let at = row.seq as usize - 1;
        self.rows[at] = row;
    }

    /// The row that has a key, or the one that was sent in its place.
    pub fn find(&self, key: &str) -> Option<&Row> {
        let has_key = |row: &&Row| row.key.as_deref() == Some(key);
        let mut found = self.rows.iter().find(has_key)?;
        while let Some(number) = found.sent_again_as {
            found = self.row(number);
        }
        Some(found)
    }

    pub fn insert(&mut self, closed: Option<Row>, mut row: Row) {
        row.seq = self.rows.len() as u64 + 1;
        for other in &mut self.rows {
            if other.key == row.key {
                other.key = None;
            }
        }
        if let Some(closed) = closed {
            let key = self.row(closed.seq).key.clone();
            let sent_again_as = Some(row.seq);
            self.put(Row {
                key,
                sent_again_as,
                ..closed
            });
        }
        let is_for_later = row.via == Via::Queue;
        if !is_for_later {
            self.live.insert((row.seq, Step::Waiting));
        }
        self.rows.push(row);
        self.executed.push(0);
        // A command for later is on disk before anybody is told that it was taken.
        if is_for_later {
            self.disk.clone_from(&self.rows);
        }
    }

    pub fn is_live(&self, seq: u64) -> bool {
        self.live.iter().any(|(live, _)| *live == seq)
    }

    pub fn step(&mut self, seq: u64, from: Step, to: Option<Step>) {
        assert!(self.live.remove(&(seq, from)));
        self.live.extend(to.map(|to| (seq, to)));
    }

    /// Whoever asked is told, unless nobody waits for it.
    pub fn tell(&mut self, seq: u64, ending: &Ending) {
        let is_receipt = matches!(ending, Ending::Receipt(_));
        if is_receipt || outcome(ending) == Some(Outcome::NotExecuted) {
            self.told.insert((seq, is_receipt));
        }
    }

    pub fn settle(&mut self, seq: u64, ending: Ending) {
        let mut row = self.row(seq).clone();
        row.settle(ending.clone(), 1, NOW, &LIMITS);
        // As the output gate has it: nobody is told before it is on disk.
        self.put(row);
        self.disk.clone_from(&self.rows);
        if self.row(seq).state.is_settled() {
            self.tell(seq, &ending);
        }
    }

    pub fn restart(&mut self, defect: Defect) {
        self.rows.clone_from(&self.disk);
        self.live.clear();
        for row in &mut self.rows {
            if defect == Defect::SendAgain && row.state == State::Sending && row.via == Via::Queue {
                row.state = State::Queued;
            }
            row.recover(NOW);
        }
        self.disk.clone_from(&self.rows);
    }
}

pub fn outcome(ending: &Ending) -> Option<Outcome> {
    ending.problem().map(|problem| problem.outcome)
}

pub fn problem(code: Code, outcome: Outcome, retry_after_ms: Option<u32>) -> Ending {
    Ending::Problem(Problem {
        retry_after_ms,
        ..Problem::new(502, code, outcome, "")
    })
}

pub fn receipt() -> Ending {
    Ending::Receipt(StoredReceipt {
        status: 200,
        request_id: None,
        body: Content::Empty,
        attempts: 1,
    })
}
