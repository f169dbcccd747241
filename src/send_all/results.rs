//! The results of many commands, on their way from the driver to the consumer.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use super::{BulkResult, BulkSummary, SendAllError};

type Entry<Item, Json> = BulkResult<Item, Json>;

/// The results of [`send_all`](super::send_all), in the order in which the commands end. The future
/// of `send_all` adds them, and the consumer takes them.
pub struct Results<Item, Json, Failure> {
    /// Each with the slot of its command.
    queue: Cell<VecDeque<(u32, Entry<Item, Json>)>>,
    /// The slot of the last result taken. It is freed when the consumer asks for the next result.
    last_taken: Cell<Option<u32>>,
    /// The slots that were freed since the driver last polled.
    freed_slots: Cell<Vec<u32>>,
    is_closed: Cell<bool>,
    summary: Cell<BulkSummary>,
    /// Every command has ended.
    is_finished: Cell<bool>,
    /// The source is closed as well: nothing more happens.
    is_ended: Cell<bool>,
    failure: Cell<Option<SendAllError<Failure>>>,
    driver_waker: Cell<Option<Waker>>,
    waiting_wakers: Cell<Vec<Waker>>,
}

impl<Item, Json, Failure> Default for Results<Item, Json, Failure> {
    fn default() -> Self {
        Self {
            queue: Cell::default(),
            last_taken: Cell::default(),
            freed_slots: Cell::default(),
            is_closed: Cell::default(),
            summary: Cell::default(),
            is_finished: Cell::default(),
            is_ended: Cell::default(),
            failure: Cell::default(),
            driver_waker: Cell::default(),
            waiting_wakers: Cell::default(),
        }
    }
}

impl<Item, Json, Failure> Results<Item, Json, Failure> {
    /// Takes the next result; `None` after the last one. This frees the slot of the previous
    /// result, so that another command can be pulled.
    ///
    /// # Errors
    ///
    /// The error of the source, or of an invalid option; once, after all results.
    pub async fn next(&self) -> Result<Option<Entry<Item, Json>>, SendAllError<Failure>> {
        if let Some(slot) = self.last_taken.take() {
            self.free(slot);
        }
        poll_fn(|context| {
            let mut queue = self.queue.take();
            let first = queue.pop_front();
            self.queue.set(queue);
            if let Some((slot, result)) = first {
                self.last_taken.set(Some(slot));
                return Poll::Ready(Ok(Some(result)));
            }
            if self.is_ended.get() {
                return Poll::Ready(self.failure.take().map_or(Ok(None), Err));
            }
            self.wait(context)
        })
        .await
    }

    /// Stops the run early: nothing more is pulled, queued commands are not sent, and those in
    /// flight finish. Completes when the run has ended.
    ///
    /// # Errors
    ///
    /// The error of the source while it was closed.
    pub async fn close(&self) -> Result<(), SendAllError<Failure>> {
        self.is_closed.set(true);
        // An earlier failure is irrelevant after the consumer has closed the results.
        self.failure.take();
        self.wake_driver();
        poll_fn(|context| {
            if self.is_ended.get() {
                return Poll::Ready(self.failure.take().map_or(Ok(()), Err));
            }
            self.wait(context)
        })
        .await
    }

    /// Waits until every command has ended, even if the results are not taken.
    pub async fn finished(&self) -> BulkSummary {
        poll_fn(|context| match self.is_finished.get() {
            true => Poll::Ready(self.summary.get()),
            false => self.wait(context),
        })
        .await
    }

    /// The counts so far.
    pub fn summary(&self) -> BulkSummary {
        self.summary.get()
    }

    fn wait<T>(&self, context: &Context<'_>) -> Poll<T> {
        let mut waiting = self.waiting_wakers.take();
        let waker = context.waker();
        if !waiting.iter().any(|other| other.will_wake(waker)) {
            waiting.push(waker.clone());
        }
        self.waiting_wakers.set(waiting);
        Poll::Pending
    }

    fn wake_waiting(&self) {
        for waker in self.waiting_wakers.take() {
            waker.wake();
        }
    }

    fn free(&self, slot: u32) {
        let mut freed_slots = self.freed_slots.take();
        freed_slots.push(slot);
        self.freed_slots.set(freed_slots);
        self.wake_driver();
    }

    fn wake_driver(&self) {
        if let Some(waker) = self.driver_waker.take() {
            waker.wake();
        }
    }

    /// Completes if there is something new for the driver; otherwise wakes it later.
    pub(super) fn poll_driver(&self, context: &Context<'_>, knows_closed: bool) -> Poll<()> {
        let freed_slots = self.freed_slots.take();
        let is_new = !freed_slots.is_empty() || (self.is_closed.get() && !knows_closed);
        self.freed_slots.set(freed_slots);
        if is_new {
            return Poll::Ready(());
        }
        self.driver_waker.set(Some(context.waker().clone()));
        Poll::Pending
    }

    /// The slots that became free.
    pub(super) fn freed_slots(&self) -> Vec<u32> {
        self.freed_slots.take()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Adds the result of a command.
    pub(super) fn push(&self, slot: u32, result: Entry<Item, Json>, summary: BulkSummary) {
        self.summary.set(summary);
        let mut queue = self.queue.take();
        queue.push_back((slot, result));
        self.queue.set(queue);
        self.wake_waiting();
    }

    /// Every command has ended.
    pub(super) fn finish(&self) {
        self.is_finished.set(true);
        self.wake_waiting();
    }

    /// Ends the run: nothing more happens.
    pub(super) fn end(&self, failure: Option<SendAllError<Failure>>) {
        if failure.is_some() {
            self.failure.set(failure);
        }
        self.is_finished.set(true);
        self.is_ended.set(true);
        self.wake_waiting();
    }
}
