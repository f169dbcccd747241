//! What the alarm does, and when it rings: for what is due, to be forgotten, or to be sent to the audit trail.

use super::runtime::{CommandTable, StoreError, StoreResult, WriterRuntime};
use super::state_machine;
use super::writer::Writer;
use crate::deadline::Deadline;

/// How long an alarm works before it makes room for the next; the platform ends one after 15 minutes.
const ALARM_MS: u32 = 5 * 60_000;

/// When an alarm that had too much to do goes on.
const RETRY_SOON_MS: u64 = 1000;

/// When an alarm that could not do its work comes again.
pub(super) const RETRY_AFTER_FAILURE_MS: u64 = 5000;

impl<H: WriterRuntime> Writer<H> {
    /// Sends what is due, one after the other, forgets what is old, and sets the next alarm.
    ///
    /// # Errors
    ///
    /// The store failed so that not even an alarm can be set: the platform gives this one again.
    pub async fn alarm(&self) -> StoreResult<()> {
        match self.process_due().await {
            Ok(()) => Ok(()),
            // The platform gives an alarm again only a few times.
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
        // What is still due could not be written down, or there was no time for it.
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

    /// For what is due next, or is to be forgotten or sent to the audit trail.
    pub(super) fn set_alarm(&self) -> StoreResult<()> {
        self.set_alarm_for(None)
    }

    /// The same, and for a row that is about to be stored, which is due then.
    pub(super) fn set_alarm_for(&self, new_due: Option<u64>) -> StoreResult<()> {
        // This alarm takes the place of the one that was set because a row could not be written down: it must not hide for a
        // day that nobody sends that row any more.
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
