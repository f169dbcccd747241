//! Sends a workflow's commands.

use campaign_workflow::Command;

use super::alarm::AFTER_FAILURE_MS;
use super::audit::Audit;
use super::ending::Ending;
use super::entry::Entry;
use super::host::{LogLine, Rows, StoreError, Stored, WorkflowName, WriterHost};
use super::live::LiveRows;
use super::problems;
use super::row::{Order, Row, Via};
use super::sending;
use super::store::{self, Admission, Limits};
use super::turn::Turns;
use crate::campaign::Campaign;
use crate::deadline::Deadline;
use crate::problem::Problem;

/// How often a command that was certainly not executed is sent again while its caller waits.
const REPETITIONS: u32 = 2;

/// Makes a problem.
pub(super) type ProblemOf = fn() -> Problem<'static>;

/// How a writer goes about it. Times are milliseconds.
#[derive(Clone)]
pub struct Settings {
    /// How Campaign is reached; or what is wrong with the Worker's variables, so that nothing is sent.
    pub campaign: Result<Campaign, String>,
    /// How long a command waits for a pending one; 0: it does not.
    pub wait_ms: u32,
    /// How long a command for later may take, once it has its turn.
    pub timeout_ms: u32,
    /// How commands for later are tried.
    pub limits: Limits,
}

impl Settings {
    /// Those of a Worker whose variables are not in order: it keeps what it knows, and sends nothing.
    pub fn misconfigured(problem: String) -> Self {
        Self {
            campaign: Err(problem),
            wait_ms: 0,
            timeout_ms: 25_000,
            limits: Limits::default(),
        }
    }
}

/// What a command's sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The receipt, or the problem.
    pub ending: Ending,
    /// Its key answers this again.
    pub is_stored: bool,
}

impl From<Problem<'static>> for Answered {
    fn from(problem: Problem<'static>) -> Self {
        Self {
            ending: Ending::Problem(problem),
            is_stored: false,
        }
    }
}

/// The writer of one workflow.
pub struct Writer<H> {
    pub(super) host: H,
    name: WorkflowName,
    settings: Settings,
    turns: Turns,
    pub(super) live: LiveRows,
    pub(super) audit: Audit,
}

impl<H: WriterHost> Writer<H> {
    /// Takes over what an earlier writer of this workflow has left.
    pub fn new(host: H, name: WorkflowName, settings: Settings) -> Self {
        let writer = Self {
            host,
            name,
            settings,
            turns: Turns::default(),
            live: LiveRows::default(),
            audit: Audit::default(),
        };
        // What was left is recovered on the way. Should the disk not let it, each row is when it is looked at.
        let _ = writer.set_alarm();
        writer
    }

    /// How commands for later are tried.
    pub(super) const fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Its runtime.
    pub const fn host(&self) -> &H {
        &self.host
    }

    /// Sends a command now, or tells how it ended if its key is known. All of it takes at most so long.
    pub async fn send(&self, order: &Order, timeout_ms: u32) -> Answered {
        let deadline = Deadline::start(self.host.platform(), timeout_ms);
        match self.admit(order, Via::Request, 0) {
            Ok(Admission::New(row) | Admission::Instead(_, row)) => {
                self.run(row, Some(&deadline)).await
            }
            Ok(Admission::Known(row)) if row.settled_at.is_some() => answered(&row),
            Ok(Admission::Known(row)) => self.wait_for(row.seq, &deadline).await,
            Ok(Admission::Mismatch) => problems::key_used().into(),
            Ok(Admission::Full) => problems::full().into(),
            Err(problem) => problem().into(),
        }
    }

    /// Takes a command for later, or tells of the one that has its key. A command that has failed is no success to whoever
    /// repeats its key: they get its problem.
    ///
    /// # Errors
    ///
    /// What the caller is told in place of the entry.
    pub async fn enqueue(&self, order: &Order, delay_ms: u64) -> Result<Entry, Answered> {
        let admission = self
            .admit(order, Via::Queue, delay_ms)
            .map_err(|problem| problem())?;
        let mut row = match admission {
            Admission::New(row) | Admission::Instead(_, row) | Admission::Known(row) => row,
            Admission::Mismatch => return Err(problems::key_used().into()),
            Admission::Full => return Err(problems::full().into()),
        };
        if row.state.is_for_later() {
            // A known one, too, is taken only once it is on disk. If this fails, it may be there all the same.
            self.host
                .flush()
                .await
                .map_err(|_| problems::unreadable())?;
            let stored = self.host.rows().get(row.seq);
            row = stored.ok().flatten().ok_or_else(problems::unreadable)?;
        }
        match row.ending() {
            Some(Ending::Problem(_)) => Err(answered(&row)),
            _ => Ok(self.entry(&row)),
        }
    }

    fn admit(&self, order: &Order, via: Via, delay_ms: u64) -> Result<Admission, ProblemOf> {
        // A row that can't be read may be that of this very command.
        let waiting = || match via {
            Via::Request => Ok(self.live.len()),
            Via::Queue => self.host.rows().waiting(),
        };
        let read = || Ok((self.find(&order.who, &order.key)?, waiting()?));
        let (known, waiting) = read().map_err(|_: StoreError| problems::unreadable as ProblemOf)?;
        let now = self.host.clock_ms();
        let limits = &self.settings.limits;
        let admission = store::admit(order, via, delay_ms, known, waiting, now, limits);
        self.take(admission)
    }

    /// Stores what is new.
    pub(super) fn take(&self, admission: Admission) -> Result<Admission, ProblemOf> {
        let (closed, mut row) = match admission {
            Admission::New(row) => (None, row),
            Admission::Instead(closed, row) => (Some(closed), row),
            other => return Ok(other),
        };
        let is_for_later = row.via == Via::Queue;
        let store = || {
            // A row without an alarm would wait for ever, so the alarm comes first.
            if is_for_later {
                self.set_alarm_for(Some(row.due_at))?;
            }
            match &closed {
                Some(closed) => self.host.rows().replace(closed, &row),
                None => self.host.rows().insert(&row),
            }
        };
        row.seq =
            store().map_err(|_: StoreError| problems::interrupted_before_sending as ProblemOf)?;
        if let Some(closed) = closed {
            self.log(
                &Row {
                    sent_again_as: Some(row.seq),
                    ..*closed
                },
                true,
            );
        }
        if is_for_later {
            self.log(&row, true);
        }
        Ok(Admission::New(row))
    }

    /// Sends a command in its turn.
    pub(super) async fn run(
        &self,
        row: Row,
        deadline: Option<&Deadline<'_, H::Platform>>,
    ) -> Answered {
        let _live = self.live.enter(row.seq);
        let turn = self.turns.take(row.command == Command::Stop);
        let turn = match deadline {
            Some(deadline) => {
                // Half of the time is Campaign's.
                let patience_ms = self.settings.wait_ms.min(deadline.left_ms() / 2);
                let patience = Deadline::start(self.host.platform(), patience_ms);
                patience.limit(turn).await
            }
            None => Some(turn.await),
        };
        let busy = Ending::Problem(problems::busy());
        if turn.is_none() {
            return self.settle(row, busy, 0, problems::busy);
        }
        // It may have been cancelled meanwhile.
        let mut row = match self.host.rows().get(row.seq) {
            Ok(Some(row)) => row,
            Ok(None) | Err(StoreError) => return problems::unreadable().into(),
        };
        if !row.begin(self.host.clock_ms()) {
            return answered(&row);
        }
        if self.write_down(&row).await.is_err() {
            let ending = Ending::Problem(problems::interrupted_before_sending());
            return self.settle(row, ending, 0, problems::interrupted_before_sending);
        }
        let own = Deadline::start(self.host.platform(), self.settings.timeout_ms);
        let repetitions = if deadline.is_some() { REPETITIONS } else { 0 };
        let (ending, requests) = match &self.settings.campaign {
            Ok(campaign) => {
                let asked = self.name.asked(row.command);
                // A token that is refused costs a request more.
                let may_refresh = deadline.is_some() || row.tries < self.settings.limits.max_tries;
                let deadline = deadline.unwrap_or(&own);
                sending::call(
                    &self.host,
                    campaign,
                    &asked,
                    row.command,
                    deadline,
                    repetitions,
                    may_refresh,
                )
                .await
            }
            Err(problem) => (Ending::Problem(problems::not_configured(problem)), 0),
        };
        self.settle(row, ending, requests, problems::interrupted_while_sending)
    }

    async fn write_down(&self, row: &Row) -> Stored<()> {
        self.host.rows().update(row)?;
        self.host.flush().await
    }

    /// Stores how a command ended, and gives what is stored; `unstored`, if it can't be, as the row stays what it was.
    fn settle(&self, mut row: Row, ending: Ending, requests: u32, unstored: ProblemOf) -> Answered {
        row.settle(
            ending,
            requests,
            self.host.clock_ms(),
            &self.settings.limits,
        );
        let stored = self.host.rows().update(&row);
        self.log(&row, stored.is_ok());
        if stored.is_err() {
            // Somebody has to find out that nobody sends it any more.
            let _ = self.host.set_alarm(self.host.clock_ms() + AFTER_FAILURE_MS);
            return unstored().into();
        }
        // Without an alarm, what is for later waits until the object is asked for anything.
        let _ = self.set_alarm();
        answered(&row)
    }

    /// The answer of a pending command to whoever repeats its key.
    async fn wait_for(&self, seq: u64, deadline: &Deadline<'_, H::Platform>) -> Answered {
        if self.settings.wait_ms > 0 {
            let patience_ms = self.settings.wait_ms.min(deadline.left_ms());
            let patience = Deadline::start(self.host.platform(), patience_ms);
            patience.limit(self.live.ended(seq)).await;
        }
        match self
            .host
            .rows()
            .get(seq)
            .and_then(|row| row.map(|row| self.current(row)).transpose())
        {
            Ok(Some(row)) if row.settled_at.is_some() => answered(&row),
            Ok(Some(_)) => problems::still_pending().into(),
            Ok(None) | Err(StoreError) => problems::unreadable().into(),
        }
    }

    /// The command that has a key, or the one that was sent in its place.
    pub(super) fn find(&self, who: &str, key: &str) -> Stored<Option<Row>> {
        let mut found = self.host.rows().find(who, key)?;
        while let Some(number) = found.as_ref().and_then(|row| row.sent_again_as) {
            found = self.host.rows().get(number)?;
        }
        found.map(|row| self.current(row)).transpose()
    }

    /// A row as it is now: one that says that it is under way, when it is not, is recovered first.
    pub(super) fn current(&self, mut row: Row) -> Stored<Row> {
        if row.state.is_under_way()
            && !self.live.contains(row.seq)
            && row.recover(self.host.clock_ms())
        {
            self.host.rows().update(&row)?;
            self.log(&row, true);
        }
        Ok(row)
    }

    /// Writes a line of the log and of the audit trail.
    pub(super) fn log(&self, row: &Row, is_stored: bool) {
        let line = LogLine {
            organization: &self.name.organization,
            workflow_id: &self.name.workflow_id,
            entry: self.entry(row),
            is_stored,
        };
        self.host.log(&line);
        self.audit.add(&self.host, &line);
    }

    pub(super) fn entry(&self, row: &Row) -> Entry {
        Entry::of(&self.name, row)
    }
}

/// How a command ended, and whether its key answers that again.
fn answered(row: &Row) -> Answered {
    let ending = row.ending().or_else(|| row.answer.clone());
    Answered {
        ending: ending.unwrap_or_else(|| Ending::Problem(problems::still_pending())),
        is_stored: row.is_kept(),
    }
}
