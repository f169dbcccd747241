//! Waits for a state of a workflow, and sends commands that the workflow's state confirms.

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

/// The interval and the limit of a wait. Start from the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The first interval between two polls, in milliseconds. Each interval is 1.5 times the
    /// previous one, up to 30 seconds or `interval_ms` if that is longer, with a jitter of up to 20
    /// % either way. 1 to 2147483647, by default 2000.
    pub interval_ms: u32,
    /// The limit for the whole wait, in milliseconds. The last poll is at most a second before its
    /// end. 1 to 2147483647, by default 300000.
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

/// Why a wait failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitError<T> {
    /// A field is invalid, the command or a poll failed, or the caller aborted.
    Failed(Error),
    /// The deadline passed.
    TimedOut {
        /// [`Code::Timeout`] with the outcome `not-executed`.
        error: Error,
        /// The error of the last poll, if it failed.
        last_poll_error: Option<Box<Error>>,
    },
    /// `until` failed with this error.
    Until(T),
}

impl<T> From<Error> for WaitError<T> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A command that Campaign accepted, or that the workflow's state confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed<Json> {
    /// Campaign's receipt. If the response was lost and the workflow's state confirmed the command,
    /// the error with the outcome `unknown`.
    pub result: Result<Receipt<Json>, Error>,
    /// `until` was false before the command and true after it. If this is `false`, Campaign
    /// accepted the command, and nothing more is known.
    pub is_confirmed: bool,
    /// The workflow as it was last read after the command.
    pub workflow: Option<Json>,
}

/// Waits until a workflow meets the condition `until`, and returns the workflow. Reads the workflow
/// at once and then repeatedly, with [`read`](fn@crate::read). Each poll is limited by the
/// `timeout_ms` of `request` and by the rest of the wait. A transient error of a poll does not end
/// the wait. The deadline of the wait and an abort also end an `until` that does not return.
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
/// [`WaitError::TimedOut`] at the deadline. [`WaitError::Until`] with the error of `until`.
/// [`WaitError::Failed`] with [`Code::InvalidArgument`] before anything is sent, with the first
/// error of a poll that is not transient (such as [`Code::NotFound`]), and with [`Code::Aborted`].
/// A wait executes nothing, so the outcome of every error is `not-executed`.
pub async fn wait_for<P: Platform, T>(
    platform: &P,
    request: &Request,
    wait: &Wait,
    until: impl AsyncFnMut(&P::Json) -> Result<bool, T>,
) -> Result<P::Json, WaitError<T>> {
    Poller::start(platform, request, *wait, until)?.wait().await
}

/// Sends a command, and waits until the workflow's state confirms it: reads the workflow, sends the
/// command once, and polls the workflow until it meets the condition `until`. [`Wait::timeout_ms`]
/// is the limit for all of it, and the `timeout_ms` of `request` is the limit for each part.
///
/// The confirmation also resolves an unknown outcome: if `until` is false before the command and
/// true after it, the command is confirmed. If `until` is true before the command, it proves
/// nothing afterwards, and there is no wait. A command that someone else sent at the same time
/// looks the same.
///
/// # Errors
///
/// As for [`wait_for`] before the command is sent. After that, the error of [`send`] if the command
/// was not executed or if its unknown outcome was not resolved. After Campaign has accepted the
/// command, only [`WaitError::Until`].
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

/// A wait in progress.
struct Poller<'a, P: Platform, Until> {
    platform: &'a P,
    deadlines: Deadlines<'a, P>,
    wait: Wait,
    /// The limit for one poll or for the command, in milliseconds.
    timeout_ms: u32,
    /// The request of a poll.
    request: Request,
    until: Until,
    /// The workflow of the last poll that did not meet the condition.
    last_seen: Option<P::Json>,
}

impl<'a, P: Platform, T, Until> Poller<'a, P, Until>
where
    Until: AsyncFnMut(&P::Json) -> Result<bool, T>,
{
    /// Checks the options, and starts the deadline.
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
            // The key belongs to the command, not to a poll.
            request: Request {
                idempotency_key: None,
                ..request.clone()
            },
            until,
            last_seen: None,
        })
    }

    /// The limit for the next poll or the command: at most the rest of the wait.
    fn step_timeout_ms(&self) -> u32 {
        self.timeout_ms.min(self.deadlines.remaining_ms()).max(1)
    }

    fn poll_request(&mut self) -> &Request {
        self.request.timeout_ms = self.step_timeout_ms();
        &self.request
    }

    /// Evaluates `until`, at most until the deadline. `attempts` is the number of attempts so far.
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

    /// Polls until the workflow meets the condition.
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
                    // If the deadline ended this poll, the error of the previous poll says more.
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
