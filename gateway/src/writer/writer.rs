//! The writer of one workflow: it admits, sends and settles commands.

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
use crate::gateway::DEFAULT_TIMEOUT_MS;
use crate::problem::Problem;

/// How often a command that was certainly not executed is repeated while its caller waits.
const MAX_REPEATS: u32 = 2;

/// Makes a problem.
pub(super) type ProblemFn = fn() -> Problem<'static>;

/// The settings of a writer. Times are in milliseconds.
#[derive(Clone)]
pub struct Settings {
    /// How to reach Campaign, or what is wrong with the Worker's variables. Nothing is sent in the latter case.
    pub campaign: Result<Campaign, String>,
    /// How long a command waits for a pending one; 0: not at all.
    pub wait_ms: u32,
    /// The timeout of one call for a queued command.
    pub timeout_ms: u32,
    /// How queued commands are repeated.
    pub limits: Limits,
}

impl Settings {
    /// The settings of a Worker whose variables are invalid: it keeps its rows and sends nothing.
    pub fn misconfigured(problem: String) -> Self {
        Self {
            campaign: Err(problem),
            wait_ms: 0,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            limits: Limits::default(),
        }
    }
}

/// The reply to a command's caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandReply {
    /// The receipt or the problem.
    pub result: CommandResult,
    /// Whether a request with the same key gets this reply again.
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
    /// Takes over the rows of an earlier writer of this workflow.
    pub fn new(runtime: H, name: WorkflowName, settings: Settings) -> Self {
        let writer = Self {
            runtime,
            name,
            settings,
            mutex: CommandMutex::default(),
            active: ActiveRows::default(),
            audit: AuditSchedule::default(),
        };
        // Setting the alarm also recovers these rows. If the store fails now, each row is recovered when it is read.
        let _ = writer.set_alarm();
        writer
    }

    /// How queued commands are repeated.
    pub(super) const fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// The runtime.
    pub const fn runtime(&self) -> &H {
        &self.runtime
    }

    /// Sends a command now, or returns its result if its key is known. `timeout_ms` covers everything.
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

    /// Queues a command, or returns the entry of the command with its key. If that command has failed, its problem is
    /// returned.
    ///
    /// # Errors
    ///
    /// The reply that the caller gets instead of the entry.
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
            // A command counts as queued only once it is on disk. If the flush fails, it may be there all the same.
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
        // A row that can't be read may be the row of this command.
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

    /// Stores an admitted row.
    pub(super) fn store_admitted(&self, admission: Admission) -> Result<Admission, ProblemFn> {
        let (closed, mut row) = match admission {
            Admission::New(row) => (None, row),
            Admission::Replacement(closed, row) => (Some(closed), row),
            other => return Ok(other),
        };
        let is_queued = row.via == Channel::Queue;
        let store = || {
            // A row without an alarm would never be sent, so the alarm is set first.
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

    /// Waits for the mutex and sends a command.
    pub(super) async fn send_in_order(
        &self,
        row: CommandRow,
        deadline: Option<&Deadline<'_, H::Platform>>,
    ) -> CommandReply {
        let _active = self.active.enter(row.seq);
        let guard = self.mutex.lock(row.command == Command::Stop);
        let guard = match deadline {
            Some(deadline) => {
                // Half of the time is kept for Campaign.
                let wait_ms = self.settings.wait_ms.min(deadline.remaining_ms() / 2);
                let wait_deadline = Deadline::start(self.runtime.platform(), wait_ms);
                wait_deadline.limit(guard).await
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
        let call_deadline = Deadline::start(self.runtime.platform(), self.settings.timeout_ms);
        let max_repeats = if deadline.is_some() { MAX_REPEATS } else { 0 };
        let (result, requests) = match &self.settings.campaign {
            Ok(campaign) => {
                let requested = self.name.requested(row.command);
                // A refused token costs one more request.
                let may_refresh = deadline.is_some() || row.tries < self.settings.limits.max_tries;
                let deadline = deadline.unwrap_or(&call_deadline);
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

    /// Stores the result of a command and returns it. Returns `reply_if_unstored` if it can't be stored, as the row then stays
    /// unchanged.
    fn settle(
        &self,
        mut row: CommandRow,
        result: CommandResult,
        requests: u32,
        reply_if_unstored: ProblemFn,
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
            // The next alarm recovers the row, which no one sends any more.
            let _ = self
                .runtime
                .set_alarm(self.runtime.clock_ms() + RETRY_AFTER_FAILURE_MS);
            return reply_if_unstored().into();
        }
        // Without an alarm, queued commands wait until the object is called again.
        let _ = self.set_alarm();
        reply_from(&row)
    }

    /// The reply to a repeat of a pending command's key.
    async fn wait_for_result(
        &self,
        seq: u64,
        deadline: &Deadline<'_, H::Platform>,
    ) -> CommandReply {
        if self.settings.wait_ms > 0 {
            let wait_ms = self.settings.wait_ms.min(deadline.remaining_ms());
            let wait_deadline = Deadline::start(self.runtime.platform(), wait_ms);
            wait_deadline.limit(self.active.finished(seq)).await;
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

    /// The command that has this key, or the one that replaces it.
    pub(super) fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>> {
        let mut found = self.runtime.table().find(who, key)?;
        while let Some(number) = found.as_ref().and_then(|row| row.sent_again_as) {
            found = self.runtime.table().get(number)?;
        }
        found.map(|row| self.recovered(row)).transpose()
    }

    /// A row, recovered if it is in flight by its state but not in memory.
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

    /// Writes a log entry and a line of the audit trail.
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

/// The result of a command, and whether a repeat of its key gets it again.
fn reply_from(row: &CommandRow) -> CommandReply {
    let result = row.final_result().or_else(|| row.result.clone());
    CommandReply {
        result: result.unwrap_or_else(|| CommandResult::Problem(problems::still_pending())),
        is_stored: row.is_result_stored(),
    }
}
