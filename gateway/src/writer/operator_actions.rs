//! What can be seen of a workflow's commands, and what operators do with those that wait or are dead.

use super::command_entry::CommandEntry;
use super::command_row::CommandRow;
use super::problems;
use super::runtime::{CommandTable, StoreResult, WriterRuntime};
use super::state_machine::{self, Admission};
use super::writer::{CommandReply, Writer};

impl<H: WriterRuntime> Writer<H> {
    /// What became of the command that has a caller's key.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn lookup(&self, who: &str, key: &str) -> StoreResult<Option<CommandEntry>> {
        Ok(self.find(who, key)?.map(|row| self.entry(&row)))
    }

    /// The last 100 commands, the newest first. Should the platform have given up the alarm, it is set again.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn history(&self) -> StoreResult<Vec<CommandEntry>> {
        let _ = self.set_alarm();
        self.entries(self.runtime.table().newest(state_machine::HISTORY_LENGTH)?)
    }

    /// The commands that wait for their time, the next one first: the first 100.
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

    /// The dead commands, the newest first: the last 100. Each was taken for later and not accepted, and nobody has dealt with it.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn dead(&self) -> StoreResult<Vec<CommandEntry>> {
        self.entries(self.runtime.table().dead(state_machine::HISTORY_LENGTH)?)
    }

    /// The command of a number; `None`: there is none.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn command_by_number(&self, seq: u64) -> StoreResult<Option<CommandEntry>> {
        Ok(self.row(seq)?.map(|row| self.entry(&row)))
    }

    /// Cancels a command that still waits for its time, and gives what became of it; `None`: there is none.
    ///
    /// # Errors
    ///
    /// The store failed, so that it may be sent or not.
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

    /// Takes a dead command anew, to be sent at once, in an operator's name.
    ///
    /// # Errors
    ///
    /// What the operator is told in place of the new command's entry.
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

    /// Takes a dead command off the list, and gives what is known of it; `None`: there is no such command.
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
