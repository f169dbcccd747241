//! What can be seen of a workflow's commands, and what operators do with those that wait or are dead.

use super::entry::Entry;
use super::host::{Rows, Stored, WriterHost};
use super::problems;
use super::row::Row;
use super::store::{self, Admission};
use super::writer::{Answered, Writer};

impl<H: WriterHost> Writer<H> {
    /// What became of the command that has a caller's key.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn look(&self, who: &str, key: &str) -> Stored<Option<Entry>> {
        Ok(self.find(who, key)?.map(|row| self.entry(&row)))
    }

    /// The last 100 commands, the newest first. Should the platform have given up the alarm, it is set again.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn history(&self) -> Stored<Vec<Entry>> {
        let _ = self.set_alarm();
        self.entries(self.host.rows().newest(store::HISTORY_LENGTH)?)
    }

    /// The commands that wait for their time, the next one first: the first 100.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn waiting(&self) -> Stored<Vec<Entry>> {
        self.entries(self.host.rows().next(store::HISTORY_LENGTH)?)
    }

    /// The dead commands, the newest first: the last 100. Each was taken for later and not accepted, and nobody has dealt with it.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn dead(&self) -> Stored<Vec<Entry>> {
        self.entries(self.host.rows().dead(store::HISTORY_LENGTH)?)
    }

    /// The command of a number; `None`: there is none.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn numbered(&self, seq: u64) -> Stored<Option<Entry>> {
        Ok(self.row(seq)?.map(|row| self.entry(&row)))
    }

    /// Cancels a command that still waits for its time, and gives what became of it; `None`: there is none.
    ///
    /// # Errors
    ///
    /// The store failed, so that it may be sent or not.
    pub async fn cancel(&self, who: &str, key: &str, by: &str) -> Stored<Option<Entry>> {
        let Some(mut row) = self.find(who, key)? else {
            return Ok(None);
        };
        if row.cancel(by, self.host.clock_ms()) {
            self.host.rows().update(&row)?;
            self.log(&row, true);
            self.set_alarm()?;
            self.host.flush().await?;
        }
        Ok(Some(self.entry(&row)))
    }

    /// Takes a dead command anew, to be sent at once, in an operator's name.
    ///
    /// # Errors
    ///
    /// What the operator is told in place of the new command's entry.
    pub async fn send_again(&self, seq: u64, by: &str) -> Result<Entry, Answered> {
        let unreadable = |_| problems::unreadable();
        let dead = self.row(seq).map_err(unreadable)?;
        let waiting = self.host.rows().waiting().map_err(unreadable)?;
        let now = self.host.clock_ms();
        let admission =
            dead.and_then(|dead| store::send_again(dead, by, waiting, now, self.limits()));
        let admission = admission.ok_or_else(problems::not_dead)?;
        let Admission::New(new) = self.take(admission).map_err(|problem| problem())? else {
            return Err(problems::full().into());
        };
        self.host.flush().await.map_err(unreadable)?;
        Ok(self.entry(&new))
    }

    /// Takes a dead command off the list, and gives what is known of it; `None`: there is no such command.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn dismiss(&self, seq: u64, by: &str) -> Stored<Option<Entry>> {
        let Some(mut row) = self.row(seq)? else {
            return Ok(None);
        };
        if row.close(by, self.host.clock_ms()) {
            self.host.rows().update(&row)?;
            self.log(&row, true);
            self.set_alarm()?;
            self.host.flush().await?;
        }
        Ok(Some(self.entry(&row)))
    }

    fn entries(&self, rows: Vec<Row>) -> Stored<Vec<Entry>> {
        rows.into_iter()
            .map(|row| Ok(self.entry(&self.current(row)?)))
            .collect()
    }

    fn row(&self, seq: u64) -> Stored<Option<Row>> {
        let row = self.host.rows().get(seq)?;
        row.map(|row| self.current(row)).transpose()
    }
}
