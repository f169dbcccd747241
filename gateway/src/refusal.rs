//! The requests that the gateway itself refuses. Nothing was sent, and the response says so.

use campaign_workflow::{Code, Outcome};

use crate::http::GatewayResponse;
use crate::problem::Problem;

/// How long a caller who has made too many requests waits, in milliseconds: the longest period of the platform's rate
/// limit.
const RATE_LIMIT_MS: u32 = 60_000;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such address, or nothing behind it. The response does not say which.
    NotFound,
    /// Only these methods are served there, and OPTIONS for preflights.
    MethodNotAllowed(&'static str),
    /// The origin is not allowed.
    OriginNotAllowed,
    /// The `Idempotency-Key` is invalid.
    InvalidKey,
    /// There is an `Idempotency-Key`, but this gateway stores no keys.
    KeysNotSupported,
    /// The body is too long.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is incomplete.
    BodyUnreadable,
    /// The content type is not JSON.
    NotJson,
    /// The body is not a command.
    InvalidCommand,
    /// The body is not a signal.
    InvalidSignal,
    /// The body is not a list of commands.
    InvalidCommandList,
    /// The delay is invalid, or the command is not to be queued.
    InvalidDelay,
    /// `authorize` did not return `true`.
    Forbidden,
    /// `authorize` failed, or did not end.
    AuthorizeFailed,
    /// The caller has made too many requests.
    RateLimited,
    /// The workflow has no such trigger.
    TriggerNotFound,
    /// The body and `authorize` took all of the time.
    NoTimeLeft,
    /// The instance trapped before anything was sent.
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

    /// The client's error code.
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

    /// The response for the caller.
    pub fn response(self) -> GatewayResponse {
        let (status, detail, hint) = match self {
            Refusal::NotFound => (404, "There is nothing at this address.", None),
            Refusal::MethodNotAllowed("GET") => (405, "Only GET is served here.", None),
            Refusal::MethodNotAllowed("POST") => (405, "Only POST is served here.", None),
            Refusal::MethodNotAllowed(_) => (405, "This method is not served here.", None),
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
                    "This gateway stores no keys, so it can't recognise a repeated command. Send the command without a key.",
                ),
            ),
            Refusal::BodyTooLarge => (413, "The body is too long.", None),
            Refusal::BodyTimeout => (408, "The body did not arrive in time.", None),
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
                "Delay-Seconds must be a whole number from 0 to 604800, and needs Prefer: respond-async.",
                Some("Only queued commands can have a delay."),
            ),
            // The same for all operations, so that a caller without rights learns nothing about workflows.
            Refusal::Forbidden => (
                403,
                "This caller may not do this.",
                Some("Sign in as a user who may do this."),
            ),
            Refusal::AuthorizeFailed => (
                500,
                "The gateway could not decide whether this caller may do this.",
                None,
            ),
            Refusal::RateLimited => (
                429,
                "This caller has made too many requests.",
                Some("Wait for retryAfterMs, then send it again."),
            ),
            Refusal::TriggerNotFound => (
                404,
                "The workflow has no trigger for this activity.",
                Some("Read the workflow to get the address of an External signal activity."),
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
    fn every_refusal_is_a_problem_document_with_not_executed() {
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
