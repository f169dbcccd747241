//! The emulator's clock.

/// A clock that never runs backwards and can be moved forward: the caller's time is only a lower bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now: u64,
    ahead: u64,
}

impl Clock {
    /// Records the caller's time in milliseconds and returns the emulator's time.
    pub(crate) fn observe(&mut self, caller: u64) -> u64 {
        self.now = self.now.max(caller.saturating_add(self.ahead));
        self.now
    }

    /// Moves the clock forward; it stays ahead of the caller's clock by this amount.
    pub(crate) fn advance(&mut self, ms: u64) -> u64 {
        self.ahead = self.ahead.saturating_add(ms);
        self.now = self.now.saturating_add(ms);
        self.now
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }
}
