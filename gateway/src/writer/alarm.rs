//! What the alarm does, and when it rings: for what is due, to be forgotten, or to be sent to the audit trail.

use super::host::{Rows, StoreError, Stored, WriterHost};
use super::store;
use super::writer::Writer;
use crate::deadline::Deadline;

/// How long an alarm works before it makes room for the next; the platform ends one after 15 minutes.
const ALARM_MS: u32 = 5 * 60_000;

/// When an alarm that had too much to do goes on.
const SOON_MS: u64 = 1000;

/// When an alarm that could not do its work comes again.
pub(super) const AFTER_FAILURE_MS: u64 = 5000;

impl<H: WriterHost> Writer<H> {
    /// Sends what is due, one after the other, forgets what is old, and sets the next alarm.
    ///
    /// # Errors
    ///
    /// The store failed so that not even an alarm can be set: the platform gives this one again.
    pub async fn alarm(&self) -> Stored<()> {
        match self.work_off().await {
            Ok(()) => Ok(()),
            // The platform gives an alarm again only a few times.
            Err(StoreError) => self.host.set_alarm(self.host.clock_ms() + AFTER_FAILURE_MS),
        }
    }

    async fn work_off(&self) -> Stored<()> {
        let deadline = Deadline::start(self.host.platform(), ALARM_MS);
        self.recover()?;
        for row in self.host.rows().due(self.host.clock_ms())? {
            if deadline.left_ms() == 0 {
                break;
            }
            if !self.live.contains(row.seq) {
                self.run(row, None).await;
            }
        }
        let now = self.host.clock_ms();
        let settled_before = now.saturating_sub(store::KEY_LIFETIME_MS);
        let rows = self.host.rows();
        rows.forget(settled_before, store::HISTORY_LENGTH, store::MAX_DEAD)?;
        self.audit.send_due(&self.host).await;
        // What is still due could not be written down, or there was no time for it.
        if rows.next_due()?.is_some_and(|at| at <= now) {
            return self.host.set_alarm(now + SOON_MS);
        }
        self.set_alarm()
    }

    fn recover(&self) -> Stored<()> {
        let rows = self.host.rows().under_way()?;
        rows.into_iter()
            .try_for_each(|row| self.current(row).map(drop))
    }

    /// For what is due next, or is to be forgotten or sent to the audit trail.
    pub(super) fn set_alarm(&self) -> Stored<()> {
        self.set_alarm_for(None)
    }

    /// The same, and for a row that is about to be stored, which is due then.
    pub(super) fn set_alarm_for(&self, new_due: Option<u64>) -> Stored<()> {
        // This alarm takes the place of the one that was set because a row could not be written down: it must not hide for a
        // day that nobody sends that row any more.
        let again_at = self
            .recover()
            .is_err()
            .then(|| self.host.clock_ms() + AFTER_FAILURE_MS);
        let rows = self.host.rows();
        let forget_at = rows
            .first_settled()?
            .map(|at| at.saturating_add(store::KEY_LIFETIME_MS));
        let at = rows
            .next_due()?
            .into_iter()
            .chain(forget_at)
            .chain(self.audit.next(&self.host, new_due.is_some())?)
            .chain(new_due)
            .chain(again_at)
            .min();
        at.map_or(Ok(()), |at| self.host.set_alarm(at))
    }
}
