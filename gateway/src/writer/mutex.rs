//! A mutex with a queue: commands are sent one at a time, in the order of arrival, except that `stop` goes first.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The mutex of one workflow.
#[derive(Clone, Default)]
pub struct CommandMutex(Rc<RefCell<Queue>>);

#[derive(Default)]
struct Queue {
    is_locked: bool,
    next: u64,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    ticket: u64,
    has_priority: bool,
    waker: Option<Waker>,
}

impl CommandMutex {
    /// Waits for the mutex, which is held until the guard is dropped. Dropping the future leaves the queue. With
    /// `has_priority`, it goes before every waiter without.
    pub async fn lock(&self, has_priority: bool) -> CommandMutexGuard {
        let place = QueuePosition {
            mutex: self,
            ticket: self.0.borrow_mut().enter(has_priority),
        };
        poll_fn(|context| {
            let mut queue = self.0.borrow_mut();
            if queue.try_lock(place.ticket) {
                return Poll::Ready(());
            }
            if let Some(own) = queue
                .waiting
                .iter_mut()
                .find(|waiter| waiter.ticket == place.ticket)
            {
                own.waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        CommandMutexGuard(self.clone())
    }
}

impl Queue {
    fn enter(&mut self, has_priority: bool) -> u64 {
        self.next += 1;
        let waiting = Waiter {
            ticket: self.next,
            has_priority,
            waker: None,
        };
        // It goes behind earlier waiters with priority.
        let priority_count = self
            .waiting
            .iter()
            .take_while(|waiter| waiter.has_priority)
            .count();
        let at = if has_priority {
            priority_count
        } else {
            self.waiting.len()
        };
        self.waiting.insert(at, waiting);
        self.next
    }

    fn try_lock(&mut self, ticket: u64) -> bool {
        let is_next = self
            .waiting
            .front()
            .is_some_and(|waiter| waiter.ticket == ticket);
        if self.is_locked || !is_next {
            return false;
        }
        self.waiting.pop_front();
        self.is_locked = true;
        true
    }

    fn wake_next(&mut self) {
        if let Some(waker) = self
            .waiting
            .front_mut()
            .and_then(|waiter| waiter.waker.take())
        {
            waker.wake();
        }
    }
}

/// A place in the queue.
struct QueuePosition<'a> {
    mutex: &'a CommandMutex,
    ticket: u64,
}

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        let mut queue = self.mutex.0.borrow_mut();
        queue.waiting.retain(|waiter| waiter.ticket != self.ticket);
        if !queue.is_locked {
            // The next waiter may be first now and has to be polled.
            queue.wake_next();
        }
    }
}

/// Holds the mutex until it is dropped.
pub struct CommandMutexGuard(CommandMutex);

impl Drop for CommandMutexGuard {
    fn drop(&mut self) {
        let mut queue = self.0.0.borrow_mut();
        queue.is_locked = false;
        queue.wake_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::task::Context;

    type Locking = Pin<Box<dyn Future<Output = CommandMutexGuard>>>;

    fn locking(mutex: &CommandMutex, has_priority: bool) -> Locking {
        let mutex = mutex.clone();
        Box::pin(async move { mutex.lock(has_priority).await })
    }

    fn poll(locking: &mut Locking) -> Option<CommandMutexGuard> {
        match locking
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(guard) => Some(guard),
            Poll::Pending => None,
        }
    }

    #[test]
    fn locks_in_the_order_of_arrival_but_stop_first() {
        let mutex = CommandMutex::default();
        let first = poll(&mut locking(&mutex, false)).unwrap();
        let mut waiting: Vec<(&str, Locking)> = vec![
            ("start", locking(&mutex, false)),
            ("pause", locking(&mutex, false)),
            ("stop", locking(&mutex, true)),
            ("stop again", locking(&mutex, true)),
        ];
        for (_, waiter) in &mut waiting {
            assert!(poll(waiter).is_none());
        }
        drop(first);
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let at = waiting
                .iter_mut()
                .position(|(_, waiter)| poll(waiter).is_some());
            order.push(waiting.remove(at.unwrap()).0);
        }
        assert_eq!(order, ["stop", "stop again", "start", "pause"]);
    }

    #[test]
    fn a_dropped_waiter_blocks_no_one() {
        let mutex = CommandMutex::default();
        let first = poll(&mut locking(&mutex, false)).unwrap();
        let mut dropped = locking(&mutex, false);
        let mut next = locking(&mutex, false);
        assert!(poll(&mut dropped).is_none() && poll(&mut next).is_none());
        drop(dropped);
        assert!(poll(&mut next).is_none());
        drop(first);
        assert!(poll(&mut next).is_some());
    }
}
