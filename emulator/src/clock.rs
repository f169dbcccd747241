//! The time as the emulator sees it.

/// Never runs backwards, and can be moved on: what the caller's clock says is only a lower bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now: u64,
    ahead: u64,
}

impl Clock {
    /// Takes note of the caller's time, in milliseconds, and gives the emulator's.
    pub(crate) fn see(&mut self, caller: u64) -> u64 {
        self.now = self.now.max(caller.saturating_add(self.ahead));
        self.now
    }

    /// Moves on, and stays ahead of the caller's clock by that much more.
    pub(crate) fn advance(&mut self, ms: u64) -> u64 {
        self.ahead = self.ahead.saturating_add(ms);
        self.now = self.now.saturating_add(ms);
        self.now
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }
}
