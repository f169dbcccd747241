//! What the gateway itself refuses. Nothing was sent, and it says so.

use crate::http::Answer;
use crate::problem::{Outcome, Problem};

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such address, or nothing behind it: which of them is not told.
    NotFound,
    /// Only POST is served, and OPTIONS for preflights.
    Method,
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
    /// `authorize` did not say `true`.
    Forbidden,
    /// `authorize` failed, or did not end.
    Unauthorizable,
    /// The body and `authorize` took the time of the whole call.
    Late,
    /// The gateway trapped before anything was sent.
    Trapped,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 14] = [
        Refusal::NotFound,
        Refusal::Method,
        Refusal::Origin,
        Refusal::BadKey,
        Refusal::NoKeys,
        Refusal::TooLarge,
        Refusal::TooSlow,
        Refusal::Broken,
        Refusal::NotJson,
        Refusal::NotCommand,
        Refusal::Forbidden,
        Refusal::Unauthorizable,
        Refusal::Late,
        Refusal::Trapped,
    ];

    /// What the caller is told.
    pub fn answer(self) -> Answer {
        let (status, code, detail, hint) = match self {
            Refusal::NotFound => (404, "not-found", "There is nothing here.", None),
            Refusal::Method => (405, "rejected", "Commands are sent by POST.", None),
            Refusal::Origin => (
                403,
                "forbidden",
                "The gateway does not serve pages of this origin.",
                Some("List the page's origin in the gateway's allowedOrigins."),
            ),
            Refusal::BadKey => (
                400,
                "invalid-argument",
                "The Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces.",
                None,
            ),
            Refusal::NoKeys => (
                400,
                "invalid-argument",
                "An Idempotency-Key is not supported here.",
                Some(
                    "This gateway keeps no keys, so it can't tell a repeated command. Send the command without one.",
                ),
            ),
            Refusal::TooLarge => (413, "rejected", "The body is too long.", None),
            Refusal::TooSlow => (408, "timeout", "The body did not come in time.", None),
            Refusal::Broken => (400, "rejected", "The body could not be read.", None),
            Refusal::NotJson => (
                415,
                "rejected",
                "The content type must be application/json.",
                None,
            ),
            Refusal::NotCommand => (
                400,
                "invalid-argument",
                "The body must be {\"method\": \"start\"}, or pause, resume or stop.",
                None,
            ),
            Refusal::Forbidden => (
                403,
                "forbidden",
                "The gateway does not let this caller send this command.",
                Some("Sign in with the rights to it."),
            ),
            Refusal::Unauthorizable => (
                500,
                "internal",
                "The gateway could not tell who may send this command.",
                None,
            ),
            Refusal::Late => (
                504,
                "timeout",
                "No time was left to send the command.",
                None,
            ),
            Refusal::Trapped => (500, "internal", "The gateway failed internally.", None),
        };
        let problem = Problem {
            status,
            detail,
            code,
            outcome: Outcome::NotExecuted,
            hint,
            retry_after_ms: None,
            error_code: None,
            request_id: None,
            body: None,
        };
        let answer = problem.answer();
        match self {
            Refusal::Method => answer.with("allow", "POST, OPTIONS"),
            _ => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::CODES;

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
            assert!(
                CODES.iter().any(|code| body["code"] == **code),
                "{refusal:?}"
            );
            assert_eq!(answer.get("allow").is_some(), answer.status == 405);
        }
    }
}
