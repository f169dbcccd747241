//! The problem document (RFC 9457) of a failed request. The client makes the same error of it.

use std::borrow::Cow;

use campaign_workflow::{Code, Outcome};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::http::GatewayResponse;

/// The members of a problem document. `type` is always `about:blank`, so `title` is the status in words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in one sentence.
    pub detail: Cow<'a, str>,
    /// Why, as one of the client's error codes.
    #[serde(serialize_with = "code", deserialize_with = "code_of")]
    pub code: Code,
    /// What is known about the command.
    #[serde(serialize_with = "outcome", deserialize_with = "outcome_of")]
    pub outcome: Outcome,
    /// What a person can do next.
    pub hint: Option<Cow<'a, str>>,
    /// When another attempt may succeed, in milliseconds.
    pub retry_after_ms: Option<u32>,
    /// Adobe's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<Cow<'a, str>>,
    /// Adobe's request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Cow<'a, str>>,
    /// Campaign's own error text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'a, str>>,
}

fn code<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

fn outcome<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

fn code_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let word = Cow::<str>::deserialize(deserializer)?;
    Code::parse(&word).ok_or_else(|| serde::de::Error::custom("no code"))
}

fn outcome_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
    let word = Cow::<str>::deserialize(deserializer)?;
    Outcome::parse(&word).ok_or_else(|| serde::de::Error::custom("no outcome"))
}

/// A problem with all members of its JSON document.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ProblemDocument<'a> {
    r#type: &'static str,
    title: &'static str,
    #[serde(flatten)]
    problem: &'a Problem<'a>,
    /// Whether a request with the same `Idempotency-Key` gets this response again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stored: bool,
}

impl Problem<'_> {
    /// A problem without optional members.
    pub fn new(
        status: u16,
        code: Code,
        outcome: Outcome,
        detail: &'static str,
    ) -> Problem<'static> {
        Problem {
            status,
            detail: detail.into(),
            code,
            outcome,
            hint: None,
            retry_after_ms: None,
            error_code: None,
            request_id: None,
            body: None,
        }
    }

    /// The whole document.
    pub fn document(&self) -> ProblemDocument<'_> {
        ProblemDocument {
            r#type: "about:blank",
            title: title(self.status),
            problem: self,
            stored: false,
        }
    }

    /// The response with this document. If a repeat is possible, `Retry-After` says when.
    pub fn response(&self) -> GatewayResponse {
        self.response_with_stored(false)
    }

    /// The same response. `stored`: a request with the same `Idempotency-Key` gets it again, and the document says so.
    pub fn response_with_stored(&self, stored: bool) -> GatewayResponse {
        let document = ProblemDocument {
            stored,
            ..self.document()
        };
        let response = GatewayResponse {
            body: serde_json::to_string(&document).ok(),
            ..GatewayResponse::empty(self.status)
                .with_header("content-type", "application/problem+json")
                .with_request_id(self.request_id.as_deref())
        };
        response.with_retry_after(self.retry_after_ms.map(u64::from))
    }

    /// The same problem with owned strings.
    pub fn into_owned(self) -> Problem<'static> {
        let own = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Problem {
            detail: self.detail.into_owned().into(),
            hint: own(self.hint),
            error_code: own(self.error_code),
            request_id: own(self.request_id),
            body: own(self.body),
            status: self.status,
            code: self.code,
            outcome: self.outcome,
            retry_after_ms: self.retry_after_ms,
        }
    }
}

/// The reason phrase of a status (RFC 9110, 15).
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}
