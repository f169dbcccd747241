//! The results of many commands on their way from the driver to whoever takes them.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use super::{BulkResult, BulkSummary, SendAllError};

type Ended<Item, Json> = BulkResult<Item, Json>;

/// The results of [`send_all`](super::send_all), as each command ends, in whatever order they end.
/// Shared by its future, which puts them in, and by the consumer.
pub struct Results<Item, Json, Failure> {
    /// With the places of their commands.
    queue: Cell<VecDeque<(u32, Ended<Item, Json>)>>,
    /// The place of the result that the consumer took last. It is free once the consumer asks for
    /// the next.
    taken: Cell<Option<u32>>,
    /// The places that have become free since the driver last looked.
    freed: Cell<Vec<u32>>,
    is_left: Cell<bool>,
    summary: Cell<BulkSummary>,
    /// Every command has ended.
    is_finished: Cell<bool>,
    /// The source is left as well: nothing more happens.
    is_closed: Cell<bool>,
    failure: Cell<Option<SendAllError<Failure>>>,
    driver: Cell<Option<Waker>>,
    waiting: Cell<Vec<Waker>>,
}

impl<Item, Json, Failure> Default for Results<Item, Json, Failure> {
    fn default() -> Self {
        Self {
            queue: Cell::default(),
            taken: Cell::default(),
            freed: Cell::default(),
            is_left: Cell::default(),
            summary: Cell::default(),
            is_finished: Cell::default(),
            is_closed: Cell::default(),
            failure: Cell::default(),
            driver: Cell::default(),
            waiting: Cell::default(),
        }
    }
}

impl<Item, Json, Failure> Results<Item, Json, Failure> {
    /// Takes the next result; `None` once there are no more. Asking for the next one frees the place
    /// of the one before, so that another command may be pulled.
    ///
    /// # Errors
    ///
    /// What the source failed with, or what was refused; once, after all results.
    pub async fn next(&self) -> Result<Option<Ended<Item, Json>>, SendAllError<Failure>> {
        if let Some(place) = self.taken.take() {
            self.free(place);
        }
        poll_fn(|context| {
            let mut queue = self.queue.take();
            let first = queue.pop_front();
            self.queue.set(queue);
            if let Some((place, result)) = first {
                self.taken.set(Some(place));
                return Poll::Ready(Ok(Some(result)));
            }
            if self.is_closed.get() {
                return Poll::Ready(self.failure.take().map_or(Ok(None), Err));
            }
            self.wait(context)
        })
        .await
    }

    /// Nobody wants more results: nothing more is pulled, what is held is not sent, and what is in
    /// flight is awaited, which this waits for.
    ///
    /// # Errors
    ///
    /// What the source failed with when it was left.
    pub async fn leave(&self) -> Result<(), SendAllError<Failure>> {
        self.is_left.set(true);
        // What failed before is nothing that the consumer wants to know any more.
        self.failure.take();
        self.wake_driver();
        poll_fn(|context| {
            if self.is_closed.get() {
                return Poll::Ready(self.failure.take().map_or(Ok(()), Err));
            }
            self.wait(context)
        })
        .await
    }

    /// Waits until every command has ended, whether or not anybody takes the results.
    pub async fn finished(&self) -> BulkSummary {
        poll_fn(|context| match self.is_finished.get() {
            true => Poll::Ready(self.summary.get()),
            false => self.wait(context),
        })
        .await
    }

    /// How the commands ended so far.
    pub fn summary(&self) -> BulkSummary {
        self.summary.get()
    }

    fn wait<T>(&self, context: &Context<'_>) -> Poll<T> {
        let mut waiting = self.waiting.take();
        let waker = context.waker();
        if !waiting.iter().any(|other| other.will_wake(waker)) {
            waiting.push(waker.clone());
        }
        self.waiting.set(waiting);
        Poll::Pending
    }

    fn wake_waiting(&self) {
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    fn free(&self, place: u32) {
        let mut freed = self.freed.take();
        freed.push(place);
        self.freed.set(freed);
        self.wake_driver();
    }

    fn wake_driver(&self) {
        if let Some(waker) = self.driver.take() {
            waker.wake();
        }
    }

    /// Whether there is something new for the driver; if not, it is woken once there is.
    pub(super) fn poll_driver(&self, context: &Context<'_>, knows_left: bool) -> Poll<()> {
        let freed = self.freed.take();
        let is_new = !freed.is_empty() || (self.is_left.get() && !knows_left);
        self.freed.set(freed);
        if is_new {
            return Poll::Ready(());
        }
        self.driver.set(Some(context.waker().clone()));
        Poll::Pending
    }

    /// The places that became free.
    pub(super) fn freed(&self) -> Vec<u32> {
        self.freed.take()
    }

    pub(super) fn is_left(&self) -> bool {
        self.is_left.get()
    }

    /// A command has ended.
    pub(super) fn put(&self, place: u32, result: Ended<Item, Json>, summary: BulkSummary) {
        self.summary.set(summary);
        let mut queue = self.queue.take();
        queue.push_back((place, result));
        self.queue.set(queue);
        self.wake_waiting();
    }

    /// Every command has ended.
    pub(super) fn finish(&self) {
        self.is_finished.set(true);
        self.wake_waiting();
    }

    /// Nothing more happens.
    pub(super) fn close(&self, failure: Option<SendAllError<Failure>>) {
        if failure.is_some() {
            self.failure.set(failure);
        }
        self.is_finished.set(true);
        self.is_closed.set(true);
        self.wake_waiting();
    }
}
