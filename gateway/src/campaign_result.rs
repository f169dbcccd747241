//! Turns the result of a call to Campaign into the gateway's response. The client in front makes the same receipt or
//! the same error of it as if it had called Campaign.

use campaign_workflow::{Body, Code, Error, Outcome};

use crate::http::{GatewayResponse, allows_body};
use crate::json::RawJson;
use crate::problem::Problem;

/// The body of a response.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// No body.
    Empty,
    /// A body that is not JSON.
    Text(String),
    /// A JSON value, as text.
    Json(String),
}

impl From<Body<RawJson>> for Content {
    fn from(body: Body<RawJson>) -> Self {
        match body {
            Body::Empty => Self::Empty,
            Body::Text(text) => Self::Text(text),
            Body::Json(value) => Self::Json(value.into()),
        }
    }
}

/// A response with which Campaign accepted a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedResponse {
    /// The status, 200 to 299. A signal that came too soon can have another one.
    pub status: u16,
    /// Campaign's request id.
    pub request_id: Option<String>,
    /// The body.
    pub content: Content,
    /// How many attempts were made.
    pub attempts: u32,
}

impl AcceptedResponse {
    /// The response with the same status and body.
    pub fn response(self) -> GatewayResponse {
        let response =
            GatewayResponse::empty(self.status).with_request_id(self.request_id.as_deref());
        let (content_type, body) = match self.content {
            _ if !allows_body(self.status) => return response,
            Content::Empty => return response,
            Content::Text(text) => ("text/plain; charset=utf-8", text),
            Content::Json(text) => ("application/json", text),
        };
        GatewayResponse {
            body: Some(body),
            ..response.with_header("content-type", content_type)
        }
    }
}

/// An internal failure after which the outcome is unknown.
pub fn internal_error() -> Error {
    unknown_outcome_error(Code::Internal, "The gateway failed internally.")
}

/// The gateway's deadline passed before the outcome was known.
pub fn timeout_error() -> Error {
    let message = "The outcome was not known within the gateway's deadline.";
    unknown_outcome_error(Code::Timeout, message)
}

/// Campaign's response to a read is not a workflow.
pub fn bad_workflow_error(status: u16) -> Error {
    let code = Code::BadResponse;
    Error {
        outcome: Outcome::NotExecuted,
        status: Some(status),
        ..unknown_outcome_error(code, code.message())
    }
}

fn unknown_outcome_error(code: Code, message: &str) -> Error {
    Error {
        code,
        outcome: Outcome::Unknown,
        message: message.to_owned(),
        status: None,
        error_code: None,
        body: None,
        hint: None,
        retry_after_ms: None,
        request_id: None,
        attempts: 0,
        cause: None,
    }
}

/// The response for a failed call.
pub fn error_response(error: &Error) -> GatewayResponse {
    problem_from(error).response()
}

/// The problem document for a failed call.
pub fn problem_from(error: &Error) -> Problem<'_> {
    let Error { code, outcome, .. } = *error;
    let retry_after_ms = error
        .retry_after_ms
        .filter(|_| outcome == Outcome::NotExecuted);
    // Adobe's 401 and 403 concern the gateway's credentials, not the caller's, so they become 502.
    let status = match (code, outcome) {
        (Code::Timeout, _) => 504,
        // An unknown outcome must not look repeatable to anything that reads only the status and headers.
        (_, Outcome::Unknown) => 502,
        (Code::NotFound, _) => 404,
        (Code::RateLimited, _) => 429,
        // Failures that may pass: the client in front sends the command again.
        (Code::Unreachable | Code::TokenUnavailable, _) => 503,
        (Code::ServerError, _) if retry_after_ms.is_some() => 503,
        (Code::Internal, _) => 500,
        _ => 502,
    };
    // Where a repeat is possible, both the header and the document say when: never at once.
    let retry_after_ms = match status {
        429 | 503 => Some(retry_after_ms.unwrap_or(0).max(1000)),
        _ => retry_after_ms,
    };
    let error_code = error.error_code.as_deref();
    let lines = error
        .body
        .as_deref()
        .filter(|_| error_code.is_some_and(is_campaign_code));
    let hint = match outcome {
        Outcome::Unknown => Code::Internal.hint(outcome, false),
        Outcome::NotExecuted => None,
    };
    Problem {
        status,
        detail: error.message.as_str().into(),
        code,
        outcome,
        hint: error.hint.as_deref().or(hint).map(Into::into),
        retry_after_ms,
        error_code: error_code.map(Into::into),
        request_id: error.request_id.as_deref().map(Into::into),
        body: lines.map(Into::into),
    }
}

/// Whether an error code is Campaign's own. Its text then explains the error.
fn is_campaign_code(error_code: &str) -> bool {
    error_code.starts_with("RST-") || error_code.starts_with("XTK-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn error(code: Code, outcome: Outcome) -> Error {
        Error {
            code,
            outcome,
            ..internal_error()
        }
    }

    fn document(response: &GatewayResponse) -> Value {
        serde_json::from_str(response.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn maps_each_error_code_to_a_status() {
        for &code in Code::ALL {
            let response = error_response(&error(code, Outcome::NotExecuted));
            let expected = match code {
                Code::NotFound => 404,
                Code::RateLimited => 429,
                Code::Timeout => 504,
                Code::Internal => 500,
                Code::Unreachable | Code::TokenUnavailable => 503,
                _ => 502,
            };
            assert_eq!(response.status, expected, "{code:?}");
            let is_temporary = matches!(expected, 429 | 503);
            assert_eq!(
                response.header("retry-after").is_some(),
                is_temporary,
                "{code:?}"
            );
            assert_eq!(document(&response)["code"], code.as_str());
            assert_eq!(document(&response)["outcome"], "not-executed");
        }
    }

    #[test]
    fn forwards_only_error_text_of_campaign() {
        let of = |error_code: Option<&str>, body: &str| {
            let response = error_response(&Error {
                error_code: error_code.map(str::to_owned),
                body: Some(body.to_owned()),
                ..error(Code::ServerError, Outcome::Unknown)
            });
            document(&response)["body"].clone()
        };
        let lines = "RST-360011 a\nb";
        assert_eq!(of(Some("RST-360011"), lines), lines);
        assert_eq!(of(Some("XTK-170036"), "lines"), "lines");
        assert_eq!(of(Some("401013"), "{}"), json!(null));
        assert_eq!(of(None, "<html>"), json!(null));
    }

    #[test]
    fn writes_retry_after_in_whole_seconds() {
        for (retry_after_ms, seconds) in [
            (None, "1"),
            (Some(0), "1"),
            (Some(1001), "2"),
            (Some(7000), "7"),
        ] {
            let response = error_response(&Error {
                retry_after_ms,
                ..error(Code::RateLimited, Outcome::NotExecuted)
            });
            assert_eq!(response.header("retry-after"), Some(seconds));
            let expected_ms = retry_after_ms.unwrap_or(0).max(1000);
            assert_eq!(document(&response)["retryAfterMs"], expected_ms);
        }
        let other = error_response(&Error {
            retry_after_ms: Some(5000),
            ..error(Code::ServerError, Outcome::NotExecuted)
        });
        assert_eq!(
            (other.status, other.header("retry-after")),
            (503, Some("5"))
        );
        assert_eq!(document(&other)["retryAfterMs"], 5000);
    }

    #[test]
    fn an_unknown_outcome_has_no_retry_after() {
        for &code in Code::ALL {
            let response = error_response(&Error {
                retry_after_ms: Some(5000),
                ..error(code, Outcome::Unknown)
            });
            let expected = if code == Code::Timeout { 504 } else { 502 };
            assert_eq!(response.status, expected, "{code:?}");
            assert_eq!(response.header("retry-after"), None, "{code:?}");
            assert_eq!(document(&response)["code"], code.as_str());
            assert_eq!(document(&response)["outcome"], "unknown");
            assert_eq!(document(&response)["retryAfterMs"], json!(null));
            assert!(document(&response)["hint"].is_string());
        }
        assert_eq!(error_response(&timeout_error()).status, 504);
    }

    #[test]
    fn keeps_status_and_request_id_of_campaigns_response() {
        let response = |status, request_id: Option<&str>, content| {
            let accepted = AcceptedResponse {
                status,
                request_id: request_id.map(str::to_owned),
                content,
                attempts: 1,
            };
            accepted.response()
        };
        let found = response(202, Some("id-1"), Content::Json("{}".to_owned()));
        assert_eq!(
            (found.status, found.header("x-request-id")),
            (202, Some("id-1"))
        );
        assert_eq!(found.header("content-type"), Some("application/json"));
        let bodiless = response(204, None, Content::Text("x".to_owned()));
        assert_eq!(bodiless.header("content-type"), None);
        assert_eq!(bodiless.body, None);
        for odd in ["", "a b", "a\r\nb", "é"] {
            let response = response(200, Some(odd), Content::Empty);
            assert_eq!(response.header("x-request-id"), None);
        }
    }
}
