//! The deadline for all work on one request.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use campaign_workflow::Platform;

/// A point in time on the platform's clock by which work has to end.
pub(crate) struct Deadline<'a, P> {
    platform: &'a P,
    end_ms: f64,
}

impl<'a, P: Platform> Deadline<'a, P> {
    /// A deadline `ms` milliseconds from now.
    pub fn start(platform: &'a P, ms: u32) -> Self {
        Self {
            platform,
            end_ms: platform.now_ms() + f64::from(ms),
        }
    }

    /// The whole milliseconds that remain.
    pub fn remaining_ms(&self) -> u32 {
        // The cast drops the fraction and saturates.
        (self.end_ms - self.platform.now_ms()) as u32
    }

    /// The result of `work`, or `None` if the deadline passes first.
    pub async fn limit<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut timer = self.platform.sleep(self.remaining_ms());
        race(work, &mut timer).await
    }
}

/// The result of `work`, or `None` if the timer fires first.
pub(crate) async fn race<T>(
    work: impl Future<Output = T>,
    timer: &mut (impl Future<Output = ()> + Unpin),
) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        Pin::new(&mut *timer).poll(context).map(|()| None)
    })
    .await
}
