//! When the lines of the audit trail are sent: in batches, and not at once again after a failure.

use std::cell::Cell;

use super::runtime::{AuditTrail, LogLine, StoreResult, WriterRuntime};

/// How long a line waits for others.
const BATCH_MS: u64 = 10_000;

/// The pause after lines could not be sent.
const PAUSE_MS: u64 = 60_000;

/// What a writer remembers of its audit trail.
#[derive(Debug, Default)]
pub struct AuditSchedule {
    not_before: Cell<u64>,
}

impl AuditSchedule {
    /// Adds a line, where there is a trail. A line that can't be stored is in the log only.
    pub fn add<H: WriterRuntime>(&self, runtime: &H, line: &LogLine<'_>) {
        if let Some(trail) = runtime.audit_trail() {
            let _ = trail.add(runtime.clock_ms(), line);
        }
    }

    /// When lines are to be sent next, with one that is about to be added; `None`: there are none.
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
        // A clock that was put back would keep the pause open.
        let pause_end = self.not_before.get().min(runtime.clock_ms() + PAUSE_MS);
        Ok(at.map(|at| at.max(pause_end)))
    }

    /// Sends what is due. A failure costs the commands nothing: the lines stay, and are sent later.
    pub async fn send_due<H: WriterRuntime>(&self, runtime: &H) {
        let is_due = matches!(self.next(runtime, false), Ok(Some(at)) if at <= runtime.clock_ms());
        let Some(trail) = runtime.audit_trail().filter(|_| is_due) else {
            return;
        };
        // A line that arrives before it is on disk could be lost here, and its number be given to another one.
        let is_sent = runtime.flush().await.is_ok() && trail.send().await.is_ok();
        if !is_sent {
            self.not_before.set(runtime.clock_ms() + PAUSE_MS);
        }
    }
}
