//! The alarm: it sends due commands, deletes old rows and sends lines of the audit trail, and sets its next time.

use super::runtime::{CommandTable, StoreError, StoreResult, WriterRuntime};
use super::state_machine;
use super::writer::Writer;
use crate::deadline::Deadline;

/// How long one alarm works before it leaves the rest to the next, in milliseconds. The platform ends an alarm after 15
/// minutes.
const ALARM_MS: u32 = 5 * 60_000;

/// The delay of the next alarm if this one could not do everything, in milliseconds.
const RETRY_SOON_MS: u64 = 1000;

/// The delay of the next alarm after a failure of the store, in milliseconds.
pub(super) const RETRY_AFTER_FAILURE_MS: u64 = 5000;

impl<H: WriterRuntime> Writer<H> {
    /// Sends the due commands one after the other, deletes what is old, and sets the next alarm.
    ///
    /// # Errors
    ///
    /// The store failed and no alarm could be set. The platform then runs this alarm again.
    pub async fn alarm(&self) -> StoreResult<()> {
        match self.process_due().await {
            Ok(()) => Ok(()),
            // The platform repeats a failed alarm only a few times, so the writer sets the next one itself.
            Err(StoreError) => self
                .runtime
                .set_alarm(self.runtime.clock_ms() + RETRY_AFTER_FAILURE_MS),
        }
    }

    async fn process_due(&self) -> StoreResult<()> {
        let deadline = Deadline::start(self.runtime.platform(), ALARM_MS);
        self.recover()?;
        for row in self.runtime.table().due(self.runtime.clock_ms())? {
            if deadline.remaining_ms() == 0 {
                break;
            }
            if !self.active.contains(row.seq) {
                self.send_in_order(row, None).await;
            }
        }
        let now = self.runtime.clock_ms();
        let settled_before = now.saturating_sub(state_machine::KEY_LIFETIME_MS);
        let table = self.runtime.table();
        table.expire(
            settled_before,
            state_machine::HISTORY_LENGTH,
            state_machine::MAX_DEAD,
        )?;
        self.audit.send_due(&self.runtime).await;
        // Something is still due: it could not be stored, or there was no time for it.
        if table.next_due()?.is_some_and(|at| at <= now) {
            return self.runtime.set_alarm(now + RETRY_SOON_MS);
        }
        self.set_alarm()
    }

    fn recover(&self) -> StoreResult<()> {
        let rows = self.runtime.table().in_flight()?;
        rows.into_iter()
            .try_for_each(|row| self.recovered(row).map(drop))
    }

    /// Sets the alarm for the next row that is due or expires, and for the audit trail.
    pub(super) fn set_alarm(&self) -> StoreResult<()> {
        self.set_alarm_for(None)
    }

    /// The same, with a row that is about to be stored and is due at `new_due`.
    pub(super) fn set_alarm_for(&self, new_due: Option<u64>) -> StoreResult<()> {
        // This alarm replaces the one that was set because a row could not be stored. Without this time, nothing would
        // notice for a day that no one sends that row any more.
        let again_at = self
            .recover()
            .is_err()
            .then(|| self.runtime.clock_ms() + RETRY_AFTER_FAILURE_MS);
        let table = self.runtime.table();
        let forget_at = table
            .first_settled()?
            .map(|at| at.saturating_add(state_machine::KEY_LIFETIME_MS));
        let at = table
            .next_due()?
            .into_iter()
            .chain(forget_at)
            .chain(self.audit.next(&self.runtime, new_due.is_some())?)
            .chain(new_due)
            .chain(again_at)
            .min();
        at.map_or(Ok(()), |at| self.runtime.set_alarm(at))
    }
}
