//! The rows that a writer waits with or sends right now. Only memory knows them: after a restart there are none.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// The rows, each with the tasks that wait for its end.
#[derive(Default)]
pub struct ActiveRows(RefCell<BTreeMap<u64, Vec<Waker>>>);

impl ActiveRows {
    /// A row is live until the result is dropped.
    pub fn enter(&self, seq: u64) -> ActiveRow<'_> {
        self.0.borrow_mut().entry(seq).or_default();
        ActiveRow { rows: self, seq }
    }

    /// Whether a row is live.
    pub fn contains(&self, seq: u64) -> bool {
        self.0.borrow().contains_key(&seq)
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        // The cast saturates.
        self.0.borrow().len() as u32
    }

    /// Waits until a row is not live any more.
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

/// A live row. Dropping it wakes everything that waits for its end.
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
