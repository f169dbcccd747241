//! A virtual clock: time advances when nothing else can happen.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The time and the timers.
#[derive(Default)]
pub struct Clock {
    now_ms: Cell<f64>,
    /// When each timer is due, by its number.
    timers: RefCell<BTreeMap<u32, f64>>,
    last: Cell<u32>,
}

pub struct Timer {
    clock: Rc<Clock>,
    number: u32,
    due_ms: f64,
}

impl Clock {
    pub fn now_ms(&self) -> f64 {
        self.now_ms.get()
    }

    pub fn sleep(self: &Rc<Self>, ms: u32) -> Timer {
        let due_ms = self.now_ms() + f64::from(ms);
        self.last.set(self.last.get() + 1);
        self.timers.borrow_mut().insert(self.last.get(), due_ms);
        Timer {
            clock: Rc::clone(self),
            number: self.last.get(),
            due_ms,
        }
    }

    /// Advances time until the work is done. Fails if it never is.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
                return result;
            }
            let next = self.timers.borrow().values().copied().reduce(f64::min);
            self.now_ms
                .set(next.expect("nothing ends the wait").max(self.now_ms()));
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.clock.now_ms() < self.due_ms {
            return Poll::Pending;
        }
        self.clock.timers.borrow_mut().remove(&self.number);
        Poll::Ready(())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.number);
    }
}

/// Runs futures concurrently.
pub async fn all<T>(works: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut works: Vec<_> = works.into_iter().map(|work| (work, None)).collect();
    poll_fn(|context| {
        for (work, result) in &mut works {
            if result.is_none()
                && let Poll::Ready(value) = work.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        match works.iter().all(|(_, result)| result.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    works.into_iter().filter_map(|(_, result)| result).collect()
}
