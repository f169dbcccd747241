//! The deadlines of a call and of its current step, and the caller's abort signal.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::exchange::Event;
use crate::platform::Platform;

/// The deadlines of a call, and the caller's abort signal.
pub(crate) struct Deadlines<'a, P: Platform> {
    platform: &'a P,
    started_ms: f64,
    timeout_ms: u32,
    abort: P::Abort,
    /// Ends the current step with `timer_event`.
    timer: Option<P::Timer>,
    timer_event: Event,
}

impl<'a, P: Platform> Deadlines<'a, P> {
    /// Starts the deadline of the call.
    pub fn start(platform: &'a P, timeout_ms: u32) -> Self {
        Self {
            platform,
            started_ms: platform.now_ms(),
            timeout_ms,
            abort: platform.abort(),
            timer: None,
            timer_event: Event::CallTimeout,
        }
    }

    /// The time since the call started; 0 if the clock was set back.
    pub fn elapsed_ms(&self) -> u32 {
        // The cast saturates.
        (self.platform.now_ms() - self.started_ms) as u32
    }

    /// The time that the call has left; 0 once its deadline has passed.
    pub fn remaining_ms(&self) -> u32 {
        self.timeout_ms.saturating_sub(self.elapsed_ms())
    }

    /// Whether the deadline of the call has passed by the clock, even if its timer has not fired yet.
    pub fn is_call_timed_out(&self) -> bool {
        self.elapsed_ms() >= self.timeout_ms
    }

    /// Limits the next step to this time, or to the rest of the call's time if that is shorter.
    pub fn start_step(&mut self, step_ms: u32) {
        let remaining_ms = self.remaining_ms();
        let is_call_end = remaining_ms <= step_ms;
        self.timer_event = if is_call_end {
            Event::CallTimeout
        } else {
            Event::StepTimeout
        };
        self.timer = None;
        self.timer = Some(self.platform.sleep(step_ms.min(remaining_ms)));
    }

    /// Waits for `work`, unless a deadline or an abort comes first. If both come at once, a success
    /// wins; a failure does not, because the abort may have caused it.
    pub async fn run<T, E>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<Result<T, E>, Event> {
        let mut work = pin!(work);
        poll_fn(|context| {
            let result = work.as_mut().poll(context);
            if let Poll::Ready(Ok(value)) = result {
                return Poll::Ready(Ok(Ok(value)));
            }
            match self.poll_timeout_or_abort(context) {
                Poll::Ready(event) => Poll::Ready(Err(event)),
                Poll::Pending => result.map(Ok),
            }
        })
        .await
    }

    /// Waits for a deadline or an abort.
    pub async fn timeout_or_abort(&mut self) -> Event {
        poll_fn(|context| self.poll_timeout_or_abort(context)).await
    }

    #[inline(never)]
    fn poll_timeout_or_abort(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if Pin::new(&mut self.abort).poll(context).is_ready() {
            return Poll::Ready(Event::Aborted);
        }
        match &mut self.timer {
            Some(timer) => Pin::new(timer).poll(context).map(|()| self.timer_event),
            None => Poll::Pending,
        }
    }
}
