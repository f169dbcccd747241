//! Waits for a workflow, and sends a command that the workflow itself confirms.

mod polling;

use std::convert::Infallible;

use crate::call::{Receipt, send};
use crate::command::Command;
use crate::deadline::Deadlines;
use crate::error::{Code, Error, Outcome, Problem};
use crate::exchange::Event;
use crate::platform::Platform;
use crate::read::read_workflow;
use crate::request::{Request, are_milliseconds};

/// How often a workflow is looked at, and for how long. Start from the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Milliseconds between the first looks; each wait is half as long again as the one before, up
    /// to 30 seconds (or this, if it is longer), and a fifth shorter or longer by chance.
    /// 1 to 2147483647, by default 2000.
    pub interval_ms: u32,
    /// Milliseconds for all of it. The last look is at most a second before the end.
    /// 1 to 2147483647, by default 300000.
    pub timeout_ms: u32,
}

impl Default for Wait {
    fn default() -> Self {
        Self {
            interval_ms: 2000,
            timeout_ms: 300_000,
        }
    }
}

impl Wait {
    fn check(self) -> Result<(), Error> {
        for (name, ms) in [
            ("intervalMs", self.interval_ms),
            ("timeoutMs", self.timeout_ms),
        ] {
            if !are_milliseconds(ms) {
                return Err(Error::invalid_argument(
                    name,
                    Problem::NotMilliseconds.as_str(),
                ));
            }
        }
        Ok(())
    }
}

/// Why a wait ended without what was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitError<T> {
    /// A field was refused, the command or a look failed, or the caller aborted.
    Failed(Error),
    /// The deadline passed.
    TimedOut {
        /// [`Code::Timeout`], not executed.
        error: Error,
        /// Why the last look failed, if it did.
        last_poll_error: Option<Box<Error>>,
    },
    /// `until` failed with this.
    Until(T),
}

impl<T> From<Error> for WaitError<T> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Campaign accepted a command that was sent with a confirmation, or the workflow shows that it
/// did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed<Json> {
    /// Campaign's receipt. An error, with the outcome unknown, if the answer was lost and the
    /// workflow itself confirmed the command.
    pub result: Result<Receipt<Json>, Error>,
    /// `until` did not hold before the command, and did after it. `false`: Campaign accepted the
    /// command, and nothing more is known.
    pub is_confirmed: bool,
    /// The workflow as it was last seen after the command.
    pub workflow: Option<Json>,
}

/// Waits until a workflow is as the caller wants it, and gives it. It is looked at once and then
/// again and again, by [`read`](fn@crate::read) with the `timeout_ms` of `request`, or with what is
/// left of the wait. A look that fails in a way that may pass does not end the wait. The deadline
/// of the wait and an abort also end an `until` that hangs.
///
/// ```
/// use campaign_workflow::platform::Json;
/// use campaign_workflow::wait::{Wait, WaitError, wait_for};
/// use campaign_workflow::{Platform, Request};
///
/// /// Waits until a workflow has finished, for an hour at most.
/// async fn finished<P: Platform>(platform: &P, request: &Request) -> Result<P::Json, String> {
///     let wait = Wait {
///         timeout_ms: 3_600_000,
///         ..Wait::default()
///     };
///     // Adobe does not document the field that holds the state, or its values.
///     let until = async |workflow: &P::Json| match workflow.string("state").as_deref() {
///         Some("Erroneous") => Err("it was stopped by an error"),
///         state => Ok(state == Some("Finished")),
///     };
///     let waited = wait_for(platform, request, &wait, until).await;
///     waited.map_err(|error| match error {
///         WaitError::Failed(error) | WaitError::TimedOut { error, .. } => error.to_string(),
///         WaitError::Until(why) => why.to_string(),
///     })
/// }
/// ```
///
/// # Errors
///
/// [`WaitError::TimedOut`] at the deadline; [`WaitError::Until`] with what `until` fails with;
/// [`WaitError::Failed`] with [`Code::InvalidArgument`] before anything is sent, with the error of
/// a look that no other look can change (such as [`Code::NotFound`]), and with [`Code::Aborted`].
/// Nothing is executed by a wait, so the outcome of each is `not-executed`.
pub async fn wait_for<P: Platform, T>(
    platform: &P,
    request: &Request,
    wait: &Wait,
    until: impl AsyncFnMut(&P::Json) -> Result<bool, T>,
) -> Result<P::Json, WaitError<T>> {
    Poller::start(platform, request, *wait, until)?.wait().await
}

/// Sends a command, and waits until the workflow confirms it: looks at the workflow first, sends the
/// command once, and looks again until `until` holds. [`Wait::timeout_ms`] is for all of it
/// together, and each part has the `timeout_ms` of `request` at most.
///
/// An unknown outcome is cleared up if that is possible: if `until` holds after the command, and did
/// not before, the command is confirmed. An `until` that held before proves nothing afterwards, so
/// then it is not waited for. It cannot be told who brought the workflow there: somebody else's
/// command looks the same.
///
/// # Errors
///
/// As for [`wait_for`] until the command is sent, and as for [`send`] after that: the
/// error of the command, if it was not executed or if its unknown outcome could not be cleared up.
/// Once Campaign has accepted the command, only [`WaitError::Until`].
pub async fn send_confirmed<P: Platform, T>(
    platform: &P,
    request: &Request,
    command: Command,
    wait: &Wait,
    until: impl AsyncFnMut(&P::Json) -> Result<bool, T>,
) -> Result<Confirmed<P::Json>, WaitError<T>> {
    let mut poller = Poller::start(platform, request, *wait, until)?;
    let (before, reads) = read_workflow(platform, poller.poll_request()).await?;
    let was_met_before = poller.is_met(&before, reads).await?;
    if platform.is_aborted() {
        return Err(abort_error(reads).into());
    }
    if poller.deadlines.is_call_timed_out() {
        return Err(timeout_error(reads, None));
    }

    let limited = Request {
        timeout_ms: poller.step_timeout_ms(),
        ..request.clone()
    };
    let result = send(platform, &limited, command).await;
    let may_confirm = match &result {
        Ok(_) => !was_met_before,
        Err(error) if error.outcome == Outcome::NotExecuted => false,
        Err(_) => !was_met_before && !platform.is_aborted(),
    };
    let confirmed = if may_confirm && !poller.deadlines.is_call_timed_out() {
        match poller.wait().await {
            Ok(workflow) => Some(workflow),
            Err(WaitError::Until(thrown)) => return Err(WaitError::Until(thrown)),
            Err(WaitError::Failed(_) | WaitError::TimedOut { .. }) => None,
        }
    } else {
        None
    };
    match (confirmed, result) {
        (None, Err(error)) => Err(error.into()),
        (confirmed, result) => Ok(Confirmed {
            result,
            is_confirmed: confirmed.is_some(),
            workflow: confirmed.or(poller.last_seen),
        }),
    }
}

/// A wait that has begun.
struct Poller<'a, P: Platform, Until> {
    platform: &'a P,
    deadlines: Deadlines<'a, P>,
    wait: Wait,
    /// The longest that one look or the command may take.
    timeout_ms: u32,
    /// The request of a look.
    request: Request,
    until: Until,
    /// The workflow of the last look in which `until` did not hold.
    last_seen: Option<P::Json>,
}

impl<'a, P: Platform, T, Until> Poller<'a, P, Until>
where
    Until: AsyncFnMut(&P::Json) -> Result<bool, T>,
{
    /// Checks what the caller set, and starts the deadline.
    fn start(
        platform: &'a P,
        request: &Request,
        wait: Wait,
        until: Until,
    ) -> Result<Self, WaitError<T>> {
        wait.check()?;
        request.check(platform).map_err(Error::from)?;
        Ok(Self {
            platform,
            deadlines: Deadlines::start(platform, wait.timeout_ms),
            wait,
            timeout_ms: request.timeout_ms,
            // The key names the command, and a look is none.
            request: Request {
                idempotency_key: None,
                ..request.clone()
            },
            until,
            last_seen: None,
        })
    }

    /// The time for the next look or the command, which is over with the wait at the latest.
    fn step_timeout_ms(&self) -> u32 {
        self.timeout_ms.min(self.deadlines.remaining_ms()).max(1)
    }

    fn poll_request(&mut self) -> &Request {
        self.request.timeout_ms = self.step_timeout_ms();
        &self.request
    }

    /// Asks `until`, for as long as there is time. `attempts` were made so far.
    async fn is_met(&mut self, workflow: &P::Json, attempts: u32) -> Result<bool, WaitError<T>> {
        self.deadlines.start_step(u32::MAX);
        let until = &mut self.until;
        let evaluated = async { Ok::<_, Infallible>(until(workflow).await) };
        match self.deadlines.run(evaluated).await {
            Ok(Ok(is_met)) => is_met.map_err(WaitError::Until),
            Err(Event::Aborted) => Err(abort_error(attempts).into()),
            Err(_) => Ok(false),
        }
    }

    /// Looks until `until` holds.
    async fn wait(&mut self) -> Result<P::Json, WaitError<T>> {
        let mut attempts = 0;
        let mut failure: Option<Error> = None;
        let mut is_last = false;
        let mut polls = 0;
        loop {
            polls += 1;
            let platform = self.platform;
            match read_workflow(platform, self.poll_request()).await {
                Ok((workflow, sent)) => {
                    attempts += sent;
                    failure = None;
                    if self.is_met(&workflow, attempts).await? {
                        return Ok(workflow);
                    }
                    self.last_seen = Some(workflow);
                }
                Err(error) => {
                    if platform.is_aborted() || !polling::is_transient(error.code) {
                        return Err(error.into());
                    }
                    attempts += error.attempts;
                    // That the deadline ended the last look says less than why the one before it
                    // failed.
                    if error.code != Code::Timeout || failure.is_none() {
                        failure = Some(error);
                    }
                }
            }
            let remaining_ms = self.deadlines.remaining_ms();
            let is_over = is_last || remaining_ms == 0;
            let mut pause_ms = remaining_ms;
            if !is_over {
                let retry_after_ms = failure.as_ref().and_then(|error| error.retry_after_ms);
                let next = polling::next_poll(
                    polls,
                    self.wait.interval_ms,
                    retry_after_ms.unwrap_or(0),
                    remaining_ms,
                    platform.random(),
                );
                is_last = next.is_last;
                pause_ms = next.after_ms;
            }
            self.deadlines.start_step(pause_ms);
            let event = self.deadlines.timeout_or_abort().await;
            if event == Event::Aborted || platform.is_aborted() {
                return Err(abort_error(attempts).into());
            }
            if is_over || self.deadlines.is_call_timed_out() {
                return Err(timeout_error(attempts, failure));
            }
        }
    }
}

fn abort_error(attempts: u32) -> Error {
    Error {
        attempts,
        ..Error::not_sent(Code::Aborted, Code::Aborted.message())
    }
}

fn timeout_error<T>(attempts: u32, last_poll_error: Option<Error>) -> WaitError<T> {
    let hint = "The workflow did not meet the condition in time: look at it, or wait longer.";
    WaitError::TimedOut {
        error: Error {
            hint: Some(String::from(hint)),
            attempts,
            ..Error::not_sent(Code::Timeout, Code::Timeout.message())
        },
        last_poll_error: last_poll_error.map(Box::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_beyond_the_timer_range_is_named() {
        let check = |interval_ms, timeout_ms| {
            let wait = Wait {
                interval_ms,
                timeout_ms,
            };
            let named = |error: Error| error.message.split(' ').next().map(String::from);
            wait.check().err().and_then(named)
        };
        assert_eq!(check(1, 2_147_483_647), None);
        assert_eq!(check(0, 1).as_deref(), Some("intervalMs"));
        assert_eq!(check(1, 2_147_483_648).as_deref(), Some("timeoutMs"));
        assert_eq!(Wait::default().check(), Ok(()));
    }
}
