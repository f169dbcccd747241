//! Reads a workflow's commands, cancels queued commands, and sends dead commands again or dismisses them.

use super::command_entry::CommandEntry;
use super::command_row::CommandRow;
use super::problems;
use super::runtime::{CommandTable, StoreResult, WriterRuntime};
use super::state_machine::{self, Admission};
use super::writer::{CommandReply, Writer};

impl<H: WriterRuntime> Writer<H> {
    /// The command with this owner and key.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn lookup(&self, who: &str, key: &str) -> StoreResult<Option<CommandEntry>> {
        Ok(self.find(who, key)?.map(|row| self.entry(&row)))
    }

    /// The last 100 commands, the newest first. It also sets the alarm again, in case the platform has given up on it.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn history(&self) -> StoreResult<Vec<CommandEntry>> {
        let _ = self.set_alarm();
        self.entries(self.runtime.table().newest(state_machine::HISTORY_LENGTH)?)
    }

    /// The queued commands, the next one first, at most 100.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn waiting(&self) -> StoreResult<Vec<CommandEntry>> {
        self.entries(
            self.runtime
                .table()
                .upcoming(state_machine::HISTORY_LENGTH)?,
        )
    }

    /// The dead commands, the newest first, at most 100. A dead command was queued and not accepted, and is not closed
    /// yet.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn dead(&self) -> StoreResult<Vec<CommandEntry>> {
        self.entries(self.runtime.table().dead(state_machine::HISTORY_LENGTH)?)
    }

    /// The command with this number, if there is one.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn command_by_number(&self, seq: u64) -> StoreResult<Option<CommandEntry>> {
        Ok(self.row(seq)?.map(|row| self.entry(&row)))
    }

    /// Cancels a command that is still queued and returns its entry; `None`: there is no such command.
    ///
    /// # Errors
    ///
    /// The store failed. The command may still be sent.
    pub async fn cancel(
        &self,
        who: &str,
        key: &str,
        by: &str,
    ) -> StoreResult<Option<CommandEntry>> {
        let Some(mut row) = self.find(who, key)? else {
            return Ok(None);
        };
        if row.cancel(by, self.runtime.clock_ms()) {
            self.runtime.table().update(&row)?;
            self.log(&row, true);
            self.set_alarm()?;
            self.runtime.flush().await?;
        }
        Ok(Some(self.entry(&row)))
    }

    /// Queues a dead command again, due at once and owned by the operator.
    ///
    /// # Errors
    ///
    /// The reply that the operator gets instead of the new command's entry.
    pub async fn send_again(&self, seq: u64, by: &str) -> Result<CommandEntry, CommandReply> {
        let store_unavailable = |_| problems::store_unavailable();
        let dead = self.row(seq).map_err(store_unavailable)?;
        let waiting = self
            .runtime
            .table()
            .queued_count()
            .map_err(store_unavailable)?;
        let now = self.runtime.clock_ms();
        let admission =
            dead.and_then(|dead| state_machine::send_again(dead, by, waiting, now, self.limits()));
        let admission = admission.ok_or_else(problems::not_dead)?;
        let Admission::New(new) = self
            .store_admitted(admission)
            .map_err(|problem| problem())?
        else {
            return Err(problems::queue_full().into());
        };
        self.runtime.flush().await.map_err(store_unavailable)?;
        Ok(self.entry(&new))
    }

    /// Closes a dead command without sending it and returns its entry; `None`: there is no such command.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn dismiss(&self, seq: u64, by: &str) -> StoreResult<Option<CommandEntry>> {
        let Some(mut row) = self.row(seq)? else {
            return Ok(None);
        };
        if row.close(by, self.runtime.clock_ms()) {
            self.runtime.table().update(&row)?;
            self.log(&row, true);
            self.set_alarm()?;
            self.runtime.flush().await?;
        }
        Ok(Some(self.entry(&row)))
    }

    fn entries(&self, rows: Vec<CommandRow>) -> StoreResult<Vec<CommandEntry>> {
        rows.into_iter()
            .map(|row| Ok(self.entry(&self.recovered(row)?)))
            .collect()
    }

    fn row(&self, seq: u64) -> StoreResult<Option<CommandRow>> {
        let row = self.runtime.table().get(seq)?;
        row.map(|row| self.recovered(row)).transpose()
    }
}
