//! What the gateway itself refuses. Nothing was sent, and it says so.

use campaign_workflow::{Code, Outcome};

use crate::http::GatewayResponse;
use crate::problem::Problem;

/// When a caller who has made too many requests may make the next: the longest period that the platform counts in.
const RATE_LIMIT_MS: u32 = 60_000;

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such address, or nothing behind it: which of them is not told.
    NotFound,
    /// Only this method is served there, and OPTIONS for preflights.
    MethodNotAllowed(&'static str),
    /// An origin that is not listed.
    OriginNotAllowed,
    /// The `Idempotency-Key` is none.
    InvalidKey,
    /// There is an `Idempotency-Key`, and nobody here keeps it.
    KeysNotSupported,
    /// The body is too long.
    BodyTooLarge,
    /// The body did not come in time.
    BodyTimeout,
    /// The body broke off.
    BodyUnreadable,
    /// The body is not said to be JSON.
    NotJson,
    /// The body is no command.
    InvalidCommand,
    /// The body is no signal.
    InvalidSignal,
    /// The body is no list of commands.
    InvalidCommandList,
    /// The delay is none, or the command is not for later.
    InvalidDelay,
    /// `authorize` did not say `true`.
    Forbidden,
    /// `authorize` failed, or did not end.
    AuthorizeFailed,
    /// The caller has made too many requests.
    RateLimited,
    /// The workflow shows no such trigger.
    TriggerNotFound,
    /// The body and `authorize` took the time of the whole call.
    NoTimeLeft,
    /// The gateway trapped before anything was sent.
    Trapped,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 20] = [
        Refusal::NotFound,
        Refusal::MethodNotAllowed("GET"),
        Refusal::MethodNotAllowed("POST"),
        Refusal::OriginNotAllowed,
        Refusal::InvalidKey,
        Refusal::KeysNotSupported,
        Refusal::BodyTooLarge,
        Refusal::BodyTimeout,
        Refusal::BodyUnreadable,
        Refusal::NotJson,
        Refusal::InvalidCommand,
        Refusal::InvalidSignal,
        Refusal::InvalidCommandList,
        Refusal::InvalidDelay,
        Refusal::Forbidden,
        Refusal::AuthorizeFailed,
        Refusal::RateLimited,
        Refusal::TriggerNotFound,
        Refusal::NoTimeLeft,
        Refusal::Trapped,
    ];

    /// Why, in the client's words.
    pub const fn code(self) -> Code {
        match self {
            Refusal::NotFound => Code::NotFound,
            Refusal::OriginNotAllowed | Refusal::Forbidden => Code::Forbidden,
            Refusal::InvalidKey
            | Refusal::KeysNotSupported
            | Refusal::InvalidCommand
            | Refusal::InvalidSignal
            | Refusal::InvalidCommandList
            | Refusal::InvalidDelay => Code::InvalidArgument,
            Refusal::MethodNotAllowed(_)
            | Refusal::BodyTooLarge
            | Refusal::BodyUnreadable
            | Refusal::NotJson => Code::Rejected,
            Refusal::BodyTimeout | Refusal::NoTimeLeft => Code::Timeout,
            Refusal::TriggerNotFound => Code::InvalidTrigger,
            Refusal::RateLimited => Code::RateLimited,
            Refusal::AuthorizeFailed | Refusal::Trapped => Code::Internal,
        }
    }

    /// What the caller is told.
    pub fn response(self) -> GatewayResponse {
        let (status, detail, hint) = match self {
            Refusal::NotFound => (404, "There is nothing here.", None),
            Refusal::MethodNotAllowed("GET") => (405, "This is read by GET.", None),
            Refusal::MethodNotAllowed("POST") => {
                (405, "Commands and signals are sent by POST.", None)
            }
            Refusal::MethodNotAllowed(_) => (405, "The method is not served here.", None),
            Refusal::OriginNotAllowed => (
                403,
                "The gateway does not serve pages of this origin.",
                Some("List the page's origin in the gateway's allowedOrigins."),
            ),
            Refusal::InvalidKey => (
                400,
                "The Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces.",
                None,
            ),
            Refusal::KeysNotSupported => (
                400,
                "An Idempotency-Key is not supported here.",
                Some(
                    "This gateway keeps no keys, so it can't tell a repeated command. Send the command without one.",
                ),
            ),
            Refusal::BodyTooLarge => (413, "The body is too long.", None),
            Refusal::BodyTimeout => (408, "The body did not come in time.", None),
            Refusal::BodyUnreadable => (400, "The body could not be read.", None),
            Refusal::NotJson => (415, "The content type must be application/json.", None),
            Refusal::InvalidCommand => (
                400,
                "The body must be {\"method\": \"start\"}, or pause, resume or stop.",
                None,
            ),
            Refusal::InvalidSignal => (
                400,
                "The body must be {\"source\": \"…\"}, and may hold parameters: an object of strings, numbers and booleans.",
                None,
            ),
            Refusal::InvalidCommandList => (
                400,
                "The body must be {\"commands\": […]}, with 1 to 100 of {\"workflowId\", \"command\", \"delaySeconds\", \"idempotencyKey\"}.",
                Some("delaySeconds, in whole seconds, and idempotencyKey may be left out."),
            ),
            Refusal::InvalidDelay => (
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
            Refusal::AuthorizeFailed => (500, "The gateway could not tell who may do this.", None),
            Refusal::RateLimited => (
                429,
                "This caller has made too many requests.",
                Some("Wait for retryAfterMs, then send it again."),
            ),
            Refusal::TriggerNotFound => (
                404,
                "The workflow shows no trigger of this activity.",
                Some("Read the workflow for the address of an External signal activity."),
            ),
            Refusal::NoTimeLeft => (504, "No time was left to send the request.", None),
            Refusal::Trapped => (500, "The gateway failed internally.", None),
        };
        let problem = Problem {
            hint: hint.map(Into::into),
            retry_after_ms: (self == Refusal::RateLimited).then_some(RATE_LIMIT_MS),
            ..Problem::new(status, self.code(), Outcome::NotExecuted, detail)
        };
        let response = problem.response();
        match self {
            Refusal::MethodNotAllowed(method) => {
                response.with_header("allow", [method, ", OPTIONS"].concat())
            }
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_document_that_says_that_nothing_was_executed() {
        for refusal in Refusal::ALL {
            let response = refusal.response();
            let body: serde_json::Value =
                serde_json::from_str(response.body.as_deref().unwrap()).unwrap();
            assert_eq!(
                response.header("content-type"),
                Some("application/problem+json")
            );
            assert_eq!(body["type"], "about:blank");
            assert_eq!(body["status"], response.status);
            assert_eq!(body["outcome"], "not-executed");
            assert_eq!(body["code"], refusal.code().as_str());
            assert_eq!(response.header("allow").is_some(), response.status == 405);
        }
    }
}
