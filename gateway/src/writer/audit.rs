//! Decides when lines of the audit trail are sent: in batches, and after a pause if sending failed.

use std::cell::Cell;

use super::runtime::{AuditTrail, LogLine, StoreResult, WriterRuntime};

/// How long a line waits for others, in milliseconds.
const BATCH_MS: u64 = 10_000;

/// The pause after a failure, in milliseconds.
const PAUSE_MS: u64 = 60_000;

/// When a writer may send its audit trail next.
#[derive(Debug, Default)]
pub struct AuditSchedule {
    not_before: Cell<u64>,
}

impl AuditSchedule {
    /// Adds a line if there is an audit trail. A line that can't be stored is only in the log.
    pub fn add<H: WriterRuntime>(&self, runtime: &H, line: &LogLine<'_>) {
        if let Some(trail) = runtime.audit_trail() {
            let _ = trail.add(runtime.clock_ms(), line);
        }
    }

    /// When lines are sent next, counting a line that is about to be added. `None`: there are none.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn next<H: WriterRuntime>(&self, runtime: &H, is_adding: bool) -> StoreResult<Option<u64>> {
        let Some(trail) = runtime.audit_trail() else {
            return Ok(None);
        };
        let first = trail.first()?.or(is_adding.then(|| runtime.clock_ms()));
        let at = first.map(|at| at.saturating_add(BATCH_MS));
        // If the clock was set back, the pause would otherwise last too long.
        let pause_end = self.not_before.get().min(runtime.clock_ms() + PAUSE_MS);
        Ok(at.map(|at| at.max(pause_end)))
    }

    /// Sends the due lines. A failure does not affect the commands: the lines stay and are sent later.
    pub async fn send_due<H: WriterRuntime>(&self, runtime: &H) {
        let is_due = matches!(self.next(runtime, false), Ok(Some(at)) if at <= runtime.clock_ms());
        let Some(trail) = runtime.audit_trail().filter(|_| is_due) else {
            return;
        };
        // A line must be on disk before it is sent. Otherwise a crash could lose it here and give its number to another
        // line.
        let is_sent = runtime.flush().await.is_ok() && trail.send().await.is_ok();
        if !is_sent {
            self.not_before.set(runtime.clock_ms() + PAUSE_MS);
        }
    }
}
