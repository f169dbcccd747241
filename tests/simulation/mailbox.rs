//! Queues through which the simulation passes values to the call.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A queue with one reader.
pub struct Mailbox<T>(Rc<RefCell<Inner<T>>>);

struct Inner<T> {
    items: VecDeque<T>,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Mailbox<T> {
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(Inner {
            items: VecDeque::new(),
            waker: None,
            is_closed: false,
        })))
    }

    /// Adds an item and wakes the reader. False if the mailbox is closed.
    pub fn post(&self, item: T) -> bool {
        let mut inner = self.0.borrow_mut();
        if inner.is_closed {
            return false;
        }
        inner.items.push_back(item);
        if let Some(waker) = inner.waker.take() {
            waker.wake();
        }
        true
    }

    pub fn poll(&self, context: &Context<'_>) -> Poll<T> {
        let mut inner = self.0.borrow_mut();
        match inner.items.pop_front() {
            Some(item) => Poll::Ready(item),
            None => {
                inner.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    pub async fn receive(&self) -> T {
        poll_fn(|context| self.poll(context)).await
    }

    /// Whether the first item satisfies a condition.
    pub fn holds(&self, is_like: impl Fn(&T) -> bool) -> bool {
        self.0.borrow().items.front().is_some_and(is_like)
    }

    pub fn close(&self) {
        let mut inner = self.0.borrow_mut();
        inner.is_closed = true;
        inner.waker = None;
    }

    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
