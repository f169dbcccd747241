//! The deadline of everything that is done for one request.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use campaign_workflow::Platform;

/// A time by which something has to end.
pub(crate) struct Deadline<'a, P> {
    platform: &'a P,
    end_ms: f64,
}

impl<'a, P: Platform> Deadline<'a, P> {
    /// So many milliseconds from now.
    pub fn start(platform: &'a P, ms: u32) -> Self {
        Self {
            platform,
            end_ms: platform.now_ms() + f64::from(ms),
        }
    }

    /// How many whole milliseconds are left.
    pub fn remaining_ms(&self) -> u32 {
        // The cast drops a fraction and saturates.
        (self.end_ms - self.platform.now_ms()) as u32
    }

    /// What `work` comes to; `None` if the deadline comes before.
    pub async fn limit<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut timer = self.platform.sleep(self.remaining_ms());
        race(work, &mut timer).await
    }
}

/// What `work` comes to; `None` if the timer ends before.
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
