//! One command on its way to Campaign, while its row says that it is being sent.

use campaign_workflow::platform::TokenError;
use campaign_workflow::{Code, Command, Error, Outcome, Platform, send};

use super::ending::Ending;
use crate::campaign::{Campaign, HostPlatform};
use crate::deadline::Deadline;
use crate::host::CallHost;
use crate::operation::Asked;

/// A longer wait is left to the caller: the writer does not know how much time they have, and others wait for their turn.
const LONGEST_WAIT_MS: u32 = 2000;

/// The host of one command. A fresh token is asked for only if there may be a request to use it in.
struct Sender<'a, H> {
    host: &'a H,
    may_refresh: bool,
}

impl<H: CallHost> CallHost for Sender<'_, H> {
    type Platform = H::Platform;

    fn platform(&self) -> &H::Platform {
        self.host.platform()
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        match refresh && !self.may_refresh {
            true => Err(TokenError),
            false => self.host.token(refresh).await,
        }
    }
}

/// Sends a command to Campaign, and again if it was certainly not executed and the wait is short; how many requests that
/// took.
pub async fn call<H: CallHost>(
    host: &H,
    campaign: &Campaign,
    asked: &Asked,
    command: Command,
    deadline: &Deadline<'_, H::Platform>,
    repetitions: u32,
    may_refresh: bool,
) -> (Ending, u32) {
    let sender = Sender { host, may_refresh };
    let mut requests: u32 = 0;
    let mut repetition = 0;
    loop {
        let request = campaign.request(asked, deadline.left_ms().max(1));
        let result = send(&HostPlatform(&sender), &request, command).await;
        let attempts = match &result {
            Ok(receipt) => receipt.attempts,
            Err(error) => error.attempts,
        };
        requests = requests.saturating_add(attempts);
        let longest_ms = LONGEST_WAIT_MS.min(deadline.left_ms() / 2);
        let wait_ms = match &result {
            Err(error) if repetition < repetitions => wait_before(host, error, repetition),
            _ => None,
        };
        let Some(wait_ms) = wait_ms.filter(|ms| *ms <= longest_ms) else {
            return (Ending::of(result), requests);
        };
        host.platform().sleep(wait_ms).await;
        repetition += 1;
    }
}

/// How long to wait before the same command is sent again; `None`: it is not.
fn wait_before<H: CallHost>(host: &H, error: &Error, repetition: u32) -> Option<u32> {
    if error.outcome == Outcome::Unknown {
        return None;
    }
    let longest = f64::from(500_u32 << repetition);
    // The cast saturates.
    let backoff = (longest * host.platform().random()) as u32;
    match error.code {
        Code::ServerError => error.retry_after_ms,
        Code::RateLimited | Code::Unreachable => Some(error.retry_after_ms.unwrap_or(backoff)),
        _ => None,
    }
}
