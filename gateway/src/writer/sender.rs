//! Sends one command to Campaign while its row is in the state "sending".

use campaign_workflow::platform::TokenError;
use campaign_workflow::{Code, Command, Error, Outcome, Platform, send};

use super::command_result::CommandResult;
use crate::campaign::{Campaign, RuntimePlatform};
use crate::deadline::Deadline;
use crate::operation::RequestedOperation;
use crate::runtime::CallRuntime;

/// The longest wait before a repeat, in milliseconds. A longer wait is left to the caller: the writer does not know the
/// caller's deadline, and other commands wait for the mutex.
const MAX_WAIT_MS: u32 = 2000;

/// The runtime of one command. It refreshes the token only if another request may follow.
struct Sender<'a, H> {
    runtime: &'a H,
    may_refresh: bool,
}

impl<H: CallRuntime> CallRuntime for Sender<'_, H> {
    type Platform = H::Platform;

    fn platform(&self) -> &H::Platform {
        self.runtime.platform()
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        match refresh && !self.may_refresh {
            true => Err(TokenError),
            false => self.runtime.token(refresh).await,
        }
    }
}

/// Sends a command to Campaign, and repeats it if it was certainly not executed and the wait is short. Returns the
/// result and the number of requests.
pub async fn send_with_repeats<H: CallRuntime>(
    runtime: &H,
    campaign: &Campaign,
    requested: &RequestedOperation,
    command: Command,
    deadline: &Deadline<'_, H::Platform>,
    max_repeats: u32,
    may_refresh: bool,
) -> (CommandResult, u32) {
    let sender = Sender {
        runtime,
        may_refresh,
    };
    let mut requests: u32 = 0;
    let mut repeat = 0;
    loop {
        let request = campaign.request(requested, deadline.remaining_ms().max(1));
        let result = send(&RuntimePlatform(&sender), &request, command).await;
        let attempts = match &result {
            Ok(receipt) => receipt.attempts,
            Err(error) => error.attempts,
        };
        requests = requests.saturating_add(attempts);
        let longest_ms = MAX_WAIT_MS.min(deadline.remaining_ms() / 2);
        let wait_ms = match &result {
            Err(error) if repeat < max_repeats => wait_before(runtime, error, repeat),
            _ => None,
        };
        let Some(wait_ms) = wait_ms.filter(|ms| *ms <= longest_ms) else {
            return (CommandResult::of(result), requests);
        };
        runtime.platform().sleep(wait_ms).await;
        repeat += 1;
    }
}

/// How long to wait before a repeat, in milliseconds; `None`: no repeat.
fn wait_before<H: CallRuntime>(runtime: &H, error: &Error, repeat: u32) -> Option<u32> {
    if error.outcome == Outcome::Unknown {
        return None;
    }
    let longest = f64::from(500_u32 << repeat);
    // The cast saturates.
    let backoff = (longest * runtime.platform().random()) as u32;
    match error.code {
        Code::ServerError => error.retry_after_ms,
        Code::RateLimited | Code::Unreachable => Some(error.retry_after_ms.unwrap_or(backoff)),
        _ => None,
    }
}
