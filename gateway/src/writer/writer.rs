//! Sends a workflow's commands.

use campaign_workflow::Command;

use super::active_rows::ActiveRows;
use super::alarm::RETRY_AFTER_FAILURE_MS;
use super::audit::AuditSchedule;
use super::command_entry::CommandEntry;
use super::command_result::CommandResult;
use super::command_row::{Channel, CommandOrder, CommandRow};
use super::mutex::CommandMutex;
use super::problems;
use super::runtime::{CommandTable, LogLine, StoreError, StoreResult, WorkflowName, WriterRuntime};
use super::sender;
use super::state_machine::{self, Admission, Limits};
use crate::campaign::Campaign;
use crate::deadline::Deadline;
use crate::problem::Problem;

/// How often a command that was certainly not executed is sent again while its caller waits.
const MAX_REPEATS: u32 = 2;

/// Makes a problem.
pub(super) type ProblemFn = fn() -> Problem<'static>;

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
pub struct CommandReply {
    /// The receipt, or the problem.
    pub result: CommandResult,
    /// Its key answers this again.
    pub is_stored: bool,
}

impl From<Problem<'static>> for CommandReply {
    fn from(problem: Problem<'static>) -> Self {
        Self {
            result: CommandResult::Problem(problem),
            is_stored: false,
        }
    }
}

/// The writer of one workflow.
pub struct Writer<H> {
    pub(super) runtime: H,
    name: WorkflowName,
    settings: Settings,
    mutex: CommandMutex,
    pub(super) active: ActiveRows,
    pub(super) audit: AuditSchedule,
}

impl<H: WriterRuntime> Writer<H> {
    /// Takes over what an earlier writer of this workflow has left.
    pub fn new(runtime: H, name: WorkflowName, settings: Settings) -> Self {
        let writer = Self {
            runtime,
            name,
            settings,
            mutex: CommandMutex::default(),
            active: ActiveRows::default(),
            audit: AuditSchedule::default(),
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
    pub const fn runtime(&self) -> &H {
        &self.runtime
    }

    /// Sends a command now, or tells how it ended if its key is known. All of it takes at most so long.
    pub async fn send(&self, order: &CommandOrder, timeout_ms: u32) -> CommandReply {
        let deadline = Deadline::start(self.runtime.platform(), timeout_ms);
        match self.admit(order, Channel::Request, 0) {
            Ok(Admission::New(row) | Admission::Replacement(_, row)) => {
                self.send_in_order(row, Some(&deadline)).await
            }
            Ok(Admission::Duplicate(row)) if row.settled_at.is_some() => reply_from(&row),
            Ok(Admission::Duplicate(row)) => self.wait_for_result(row.seq, &deadline).await,
            Ok(Admission::KeyMismatch) => problems::key_used().into(),
            Ok(Admission::QueueFull) => problems::queue_full().into(),
            Err(problem) => problem().into(),
        }
    }

    /// Takes a command for later, or tells of the one that has its key. A command that has failed is no success to whoever
    /// repeats its key: they get its problem.
    ///
    /// # Errors
    ///
    /// What the caller is told in place of the entry.
    pub async fn enqueue(
        &self,
        order: &CommandOrder,
        delay_ms: u64,
    ) -> Result<CommandEntry, CommandReply> {
        let admission = self
            .admit(order, Channel::Queue, delay_ms)
            .map_err(|problem| problem())?;
        let mut row = match admission {
            Admission::New(row) | Admission::Replacement(_, row) | Admission::Duplicate(row) => row,
            Admission::KeyMismatch => return Err(problems::key_used().into()),
            Admission::QueueFull => return Err(problems::queue_full().into()),
        };
        if row.state.is_queued() {
            // A known one, too, is taken only once it is on disk. If this fails, it may be there all the same.
            self.runtime
                .flush()
                .await
                .map_err(|_| problems::store_unavailable())?;
            let stored = self.runtime.table().get(row.seq);
            row = stored
                .ok()
                .flatten()
                .ok_or_else(problems::store_unavailable)?;
        }
        match row.final_result() {
            Some(CommandResult::Problem(_)) => Err(reply_from(&row)),
            _ => Ok(self.entry(&row)),
        }
    }

    fn admit(
        &self,
        order: &CommandOrder,
        via: Channel,
        delay_ms: u64,
    ) -> Result<Admission, ProblemFn> {
        // A row that can't be read may be that of this very command.
        let waiting = || match via {
            Channel::Request => Ok(self.active.len()),
            Channel::Queue => self.runtime.table().queued_count(),
        };
        let read = || Ok((self.find(&order.who, &order.key)?, waiting()?));
        let (known, waiting) =
            read().map_err(|_: StoreError| problems::store_unavailable as ProblemFn)?;
        let now = self.runtime.clock_ms();
        let limits = &self.settings.limits;
        let admission = state_machine::admit(order, via, delay_ms, known, waiting, now, limits);
        self.store_admitted(admission)
    }

    /// Stores what is new.
    pub(super) fn store_admitted(&self, admission: Admission) -> Result<Admission, ProblemFn> {
        let (closed, mut row) = match admission {
            Admission::New(row) => (None, row),
            Admission::Replacement(closed, row) => (Some(closed), row),
            other => return Ok(other),
        };
        let is_queued = row.via == Channel::Queue;
        let store = || {
            // A row without an alarm would wait for ever, so the alarm comes first.
            if is_queued {
                self.set_alarm_for(Some(row.due_at))?;
            }
            match &closed {
                Some(closed) => self.runtime.table().replace(closed, &row),
                None => self.runtime.table().insert(&row),
            }
        };
        row.seq =
            store().map_err(|_: StoreError| problems::interrupted_before_sending as ProblemFn)?;
        if let Some(closed) = closed {
            self.log(
                &CommandRow {
                    sent_again_as: Some(row.seq),
                    ..*closed
                },
                true,
            );
        }
        if is_queued {
            self.log(&row, true);
        }
        Ok(Admission::New(row))
    }

    /// Sends a command in its turn.
    pub(super) async fn send_in_order(
        &self,
        row: CommandRow,
        deadline: Option<&Deadline<'_, H::Platform>>,
    ) -> CommandReply {
        let _live = self.active.enter(row.seq);
        let guard = self.mutex.lock(row.command == Command::Stop);
        let guard = match deadline {
            Some(deadline) => {
                // Half of the time is Campaign's.
                let patience_ms = self.settings.wait_ms.min(deadline.remaining_ms() / 2);
                let patience = Deadline::start(self.runtime.platform(), patience_ms);
                patience.limit(guard).await
            }
            None => Some(guard.await),
        };
        let busy = CommandResult::Problem(problems::busy());
        if guard.is_none() {
            return self.settle(row, busy, 0, problems::busy);
        }
        // It may have been cancelled meanwhile.
        let mut row = match self.runtime.table().get(row.seq) {
            Ok(Some(row)) => row,
            Ok(None) | Err(StoreError) => return problems::store_unavailable().into(),
        };
        if !row.start_sending(self.runtime.clock_ms()) {
            return reply_from(&row);
        }
        if self.persist(&row).await.is_err() {
            let result = CommandResult::Problem(problems::interrupted_before_sending());
            return self.settle(row, result, 0, problems::interrupted_before_sending);
        }
        let own = Deadline::start(self.runtime.platform(), self.settings.timeout_ms);
        let max_repeats = if deadline.is_some() { MAX_REPEATS } else { 0 };
        let (result, requests) = match &self.settings.campaign {
            Ok(campaign) => {
                let requested = self.name.requested(row.command);
                // A token that is refused costs a request more.
                let may_refresh = deadline.is_some() || row.tries < self.settings.limits.max_tries;
                let deadline = deadline.unwrap_or(&own);
                sender::send_with_repeats(
                    &self.runtime,
                    campaign,
                    &requested,
                    row.command,
                    deadline,
                    max_repeats,
                    may_refresh,
                )
                .await
            }
            Err(problem) => (CommandResult::Problem(problems::not_configured(problem)), 0),
        };
        self.settle(row, result, requests, problems::interrupted_while_sending)
    }

    async fn persist(&self, row: &CommandRow) -> StoreResult<()> {
        self.runtime.table().update(row)?;
        self.runtime.flush().await
    }

    /// Stores how a command ended, and gives what is stored; `unstored`, if it can't be, as the row stays what it was.
    fn settle(
        &self,
        mut row: CommandRow,
        result: CommandResult,
        requests: u32,
        unstored: ProblemFn,
    ) -> CommandReply {
        row.settle(
            result,
            requests,
            self.runtime.clock_ms(),
            &self.settings.limits,
        );
        let stored = self.runtime.table().update(&row);
        self.log(&row, stored.is_ok());
        if stored.is_err() {
            // Somebody has to find out that nobody sends it any more.
            let _ = self
                .runtime
                .set_alarm(self.runtime.clock_ms() + RETRY_AFTER_FAILURE_MS);
            return unstored().into();
        }
        // Without an alarm, what is for later waits until the object is asked for anything.
        let _ = self.set_alarm();
        reply_from(&row)
    }

    /// The answer of a pending command to whoever repeats its key.
    async fn wait_for_result(
        &self,
        seq: u64,
        deadline: &Deadline<'_, H::Platform>,
    ) -> CommandReply {
        if self.settings.wait_ms > 0 {
            let patience_ms = self.settings.wait_ms.min(deadline.remaining_ms());
            let patience = Deadline::start(self.runtime.platform(), patience_ms);
            patience.limit(self.active.finished(seq)).await;
        }
        match self
            .runtime
            .table()
            .get(seq)
            .and_then(|row| row.map(|row| self.recovered(row)).transpose())
        {
            Ok(Some(row)) if row.settled_at.is_some() => reply_from(&row),
            Ok(Some(_)) => problems::still_pending().into(),
            Ok(None) | Err(StoreError) => problems::store_unavailable().into(),
        }
    }

    /// The command that has a key, or the one that was sent in its place.
    pub(super) fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>> {
        let mut found = self.runtime.table().find(who, key)?;
        while let Some(number) = found.as_ref().and_then(|row| row.sent_again_as) {
            found = self.runtime.table().get(number)?;
        }
        found.map(|row| self.recovered(row)).transpose()
    }

    /// A row as it is now: one that says that it is under way, when it is not, is recovered first.
    pub(super) fn recovered(&self, mut row: CommandRow) -> StoreResult<CommandRow> {
        if row.state.is_in_flight()
            && !self.active.contains(row.seq)
            && row.recover(self.runtime.clock_ms())
        {
            self.runtime.table().update(&row)?;
            self.log(&row, true);
        }
        Ok(row)
    }

    /// Writes a line of the log and of the audit trail.
    pub(super) fn log(&self, row: &CommandRow, is_stored: bool) {
        let line = LogLine {
            organization: &self.name.organization,
            workflow_id: &self.name.workflow_id,
            entry: self.entry(row),
            is_stored,
        };
        self.runtime.log(&line);
        self.audit.add(&self.runtime, &line);
    }

    pub(super) fn entry(&self, row: &CommandRow) -> CommandEntry {
        CommandEntry::of(&self.name, row)
    }
}

/// How a command ended, and whether its key answers that again.
fn reply_from(row: &CommandRow) -> CommandReply {
    let result = row.final_result().or_else(|| row.result.clone());
    CommandReply {
        result: result.unwrap_or_else(|| CommandResult::Problem(problems::still_pending())),
        is_stored: row.is_result_stored(),
    }
}
