//! One command at a time, in the order of arrival; but `stop` goes before whatever else waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Whose turn it is.
#[derive(Clone, Default)]
pub struct Turns(Rc<RefCell<Queue>>);

#[derive(Default)]
struct Queue {
    is_taken: bool,
    next: u64,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    ticket: u64,
    is_first: bool,
    waker: Option<Waker>,
}

impl Turns {
    /// Waits for one's turn, which ends when it is dropped. Dropping the future gives up the place.
    pub async fn take(&self, is_first: bool) -> Turn {
        let place = Place {
            turns: self,
            ticket: self.0.borrow_mut().enter(is_first),
        };
        poll_fn(|context| {
            let mut queue = self.0.borrow_mut();
            if queue.try_take(place.ticket) {
                return Poll::Ready(());
            }
            if let Some(own) = queue
                .waiting
                .iter_mut()
                .find(|one| one.ticket == place.ticket)
            {
                own.waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        Turn(self.clone())
    }
}

impl Queue {
    fn enter(&mut self, is_first: bool) -> u64 {
        self.next += 1;
        let waiting = Waiting {
            ticket: self.next,
            is_first,
            waker: None,
        };
        // Behind those that go first as well.
        let firsts = self.waiting.iter().take_while(|one| one.is_first).count();
        let at = if is_first { firsts } else { self.waiting.len() };
        self.waiting.insert(at, waiting);
        self.next
    }

    fn try_take(&mut self, ticket: u64) -> bool {
        let is_next = self.waiting.front().is_some_and(|one| one.ticket == ticket);
        if self.is_taken || !is_next {
            return false;
        }
        self.waiting.pop_front();
        self.is_taken = true;
        true
    }

    fn wake_next(&mut self) {
        if let Some(waker) = self.waiting.front_mut().and_then(|one| one.waker.take()) {
            waker.wake();
        }
    }
}

/// A place among those who wait.
struct Place<'a> {
    turns: &'a Turns,
    ticket: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.turns.0.borrow_mut();
        queue.waiting.retain(|one| one.ticket != self.ticket);
        if !queue.is_taken {
            // Whoever was behind may be next, and does not know.
            queue.wake_next();
        }
    }
}

/// One's turn.
pub struct Turn(Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.0.0.borrow_mut();
        queue.is_taken = false;
        queue.wake_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::task::Context;

    type Taking = Pin<Box<dyn Future<Output = Turn>>>;

    fn taking(turns: &Turns, is_first: bool) -> Taking {
        let turns = turns.clone();
        Box::pin(async move { turns.take(is_first).await })
    }

    fn poll(taking: &mut Taking) -> Option<Turn> {
        match taking
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[test]
    fn in_the_order_of_arrival_but_stop_first() {
        let turns = Turns::default();
        let first = poll(&mut taking(&turns, false)).unwrap();
        let mut waiting: Vec<(&str, Taking)> = vec![
            ("start", taking(&turns, false)),
            ("pause", taking(&turns, false)),
            ("stop", taking(&turns, true)),
            ("stop again", taking(&turns, true)),
        ];
        for (_, one) in &mut waiting {
            assert!(poll(one).is_none());
        }
        drop(first);
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let at = waiting.iter_mut().position(|(_, one)| poll(one).is_some());
            order.push(waiting.remove(at.unwrap()).0);
        }
        assert_eq!(order, ["stop", "stop again", "start", "pause"]);
    }

    #[test]
    fn who_gives_up_holds_up_nobody() {
        let turns = Turns::default();
        let first = poll(&mut taking(&turns, false)).unwrap();
        let mut given_up = taking(&turns, false);
        let mut next = taking(&turns, false);
        assert!(poll(&mut given_up).is_none() && poll(&mut next).is_none());
        drop(given_up);
        assert!(poll(&mut next).is_none());
        drop(first);
        assert!(poll(&mut next).is_some());
    }
}
