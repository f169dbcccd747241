//! The rows that this writer sends now or that wait for the mutex. They exist in memory only: after a restart there are
//! none.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// The active rows, each with the tasks that wait for it to finish.
#[derive(Default)]
pub struct ActiveRows(RefCell<BTreeMap<u64, Vec<Waker>>>);

impl ActiveRows {
    /// Makes a row active until the returned value is dropped.
    pub fn enter(&self, seq: u64) -> ActiveRow<'_> {
        self.0.borrow_mut().entry(seq).or_default();
        ActiveRow { rows: self, seq }
    }

    /// Whether a row is active.
    pub fn contains(&self, seq: u64) -> bool {
        self.0.borrow().contains_key(&seq)
    }

    /// The number of active rows.
    pub fn len(&self) -> u32 {
        // The cast saturates.
        self.0.borrow().len() as u32
    }

    /// Waits until a row is no longer active.
    pub async fn finished(&self, seq: u64) {
        poll_fn(|context| match self.0.borrow_mut().get_mut(&seq) {
            None => Poll::Ready(()),
            Some(wakers) => {
                wakers.push(context.waker().clone());
                Poll::Pending
            }
        })
        .await;
    }
}

/// An active row. Dropping it wakes everything that waits for it.
pub struct ActiveRow<'a> {
    rows: &'a ActiveRows,
    seq: u64,
}

impl Drop for ActiveRow<'_> {
    fn drop(&mut self) {
        let wakers = self.rows.0.borrow_mut().remove(&self.seq);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}
