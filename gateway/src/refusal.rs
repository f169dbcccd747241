//! What the gateway itself refuses. Nothing was sent, and it says so.

use campaign_workflow::{Code, Outcome};

use crate::http::Answer;
use crate::problem::Problem;

/// When a caller who has made too many requests may make the next: the longest period that the platform counts in.
const RATE_LIMIT_MS: u32 = 60_000;

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such address, or nothing behind it: which of them is not told.
    NotFound,
    /// Only this method is served there, and OPTIONS for preflights.
    Method(&'static str),
    /// An origin that is not listed.
    Origin,
    /// The `Idempotency-Key` is none.
    BadKey,
    /// There is an `Idempotency-Key`, and nobody here keeps it.
    NoKeys,
    /// The body is too long.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The body broke off.
    Broken,
    /// The body is not said to be JSON.
    NotJson,
    /// The body is no command.
    NotCommand,
    /// The body is no signal.
    NotSignal,
    /// The body is no list of commands.
    NotCommands,
    /// The delay is none, or the command is not for later.
    BadDelay,
    /// `authorize` did not say `true`.
    Forbidden,
    /// `authorize` failed, or did not end.
    Unauthorizable,
    /// The caller has made too many requests.
    RateLimited,
    /// The workflow shows no such trigger.
    NoTrigger,
    /// The body and `authorize` took the time of the whole call.
    Late,
    /// The gateway trapped before anything was sent.
    Trapped,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 20] = [
        Refusal::NotFound,
        Refusal::Method("GET"),
        Refusal::Method("POST"),
        Refusal::Origin,
        Refusal::BadKey,
        Refusal::NoKeys,
        Refusal::TooLarge,
        Refusal::TooSlow,
        Refusal::Broken,
        Refusal::NotJson,
        Refusal::NotCommand,
        Refusal::NotSignal,
        Refusal::NotCommands,
        Refusal::BadDelay,
        Refusal::Forbidden,
        Refusal::Unauthorizable,
        Refusal::RateLimited,
        Refusal::NoTrigger,
        Refusal::Late,
        Refusal::Trapped,
    ];

    /// Why, in the client's words.
    pub const fn code(self) -> Code {
        match self {
            Refusal::NotFound => Code::NotFound,
            Refusal::Origin | Refusal::Forbidden => Code::Forbidden,
            Refusal::BadKey
            | Refusal::NoKeys
            | Refusal::NotCommand
            | Refusal::NotSignal
            | Refusal::NotCommands
            | Refusal::BadDelay => Code::InvalidArgument,
            Refusal::Method(_) | Refusal::TooLarge | Refusal::Broken | Refusal::NotJson => {
                Code::Rejected
            }
            Refusal::TooSlow | Refusal::Late => Code::Timeout,
            Refusal::NoTrigger => Code::InvalidTrigger,
            Refusal::RateLimited => Code::RateLimited,
            Refusal::Unauthorizable | Refusal::Trapped => Code::Internal,
        }
    }

    /// What the caller is told.
    pub fn answer(self) -> Answer {
        let (status, detail, hint) = match self {
            Refusal::NotFound => (404, "There is nothing here.", None),
            Refusal::Method("GET") => (405, "This is read by GET.", None),
            Refusal::Method("POST") => (405, "Commands and signals are sent by POST.", None),
            Refusal::Method(_) => (405, "The method is not served here.", None),
            Refusal::Origin => (
                403,
                "The gateway does not serve pages of this origin.",
                Some("List the page's origin in the gateway's allowedOrigins."),
            ),
            Refusal::BadKey => (
                400,
                "The Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces.",
                None,
            ),
            Refusal::NoKeys => (
                400,
                "An Idempotency-Key is not supported here.",
                Some(
                    "This gateway keeps no keys, so it can't tell a repeated command. Send the command without one.",
                ),
            ),
            Refusal::TooLarge => (413, "The body is too long.", None),
            Refusal::TooSlow => (408, "The body did not come in time.", None),
            Refusal::Broken => (400, "The body could not be read.", None),
            Refusal::NotJson => (415, "The content type must be application/json.", None),
            Refusal::NotCommand => (
                400,
                "The body must be {\"method\": \"start\"}, or pause, resume or stop.",
                None,
            ),
            Refusal::NotSignal => (
                400,
                "The body must be {\"source\": \"…\"}, and may hold parameters: an object of strings, numbers and booleans.",
                None,
            ),
            Refusal::NotCommands => (
                400,
                "The body must be {\"commands\": […]}, with 1 to 100 of {\"workflowId\", \"command\", \"delaySeconds\", \"idempotencyKey\"}.",
                Some("delaySeconds, in whole seconds, and idempotencyKey may be left out."),
            ),
            Refusal::BadDelay => (
                400,
                "Delay-Seconds must be whole seconds, 0 to 604800, beside Prefer: respond-async.",
                Some("A delay is for commands that are taken for later."),
            ),
            // One for all operations: whoever may do nothing does not learn what there is.
            Refusal::Forbidden => (
                403,
                "The gateway does not let this caller do this.",
                Some("Sign in with the rights to it."),
            ),
            Refusal::Unauthorizable => (500, "The gateway could not tell who may do this.", None),
            Refusal::RateLimited => (
                429,
                "This caller has made too many requests.",
                Some("Wait for retryAfterMs, then send it again."),
            ),
            Refusal::NoTrigger => (
                404,
                "The workflow shows no trigger of this activity.",
                Some("Read the workflow for the address of an External signal activity."),
            ),
            Refusal::Late => (504, "No time was left to send the request.", None),
            Refusal::Trapped => (500, "The gateway failed internally.", None),
        };
        let problem = Problem {
            hint: hint.map(Into::into),
            retry_after_ms: (self == Refusal::RateLimited).then_some(RATE_LIMIT_MS),
            ..Problem::new(status, self.code(), Outcome::NotExecuted, detail)
        };
        let answer = problem.answer();
        match self {
            Refusal::Method(method) => answer.with("allow", [method, ", OPTIONS"].concat()),
            _ => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_document_that_says_that_nothing_was_executed() {
        for refusal in Refusal::ALL {
            let answer = refusal.answer();
            let body: serde_json::Value =
                serde_json::from_str(answer.body.as_deref().unwrap()).unwrap();
            assert_eq!(answer.get("content-type"), Some("application/problem+json"));
            assert_eq!(body["type"], "about:blank");
            assert_eq!(body["status"], answer.status);
            assert_eq!(body["outcome"], "not-executed");
            assert_eq!(body["code"], refusal.code().as_str());
            assert_eq!(answer.get("allow").is_some(), answer.status == 405);
        }
    }
}
