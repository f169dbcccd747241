//! What a caller is told of a request that failed: a problem document (RFC 9457), from which the client makes the same error.

use campaign_workflow::{Code, Outcome};
use serde::{Serialize, Serializer};

use crate::http::Answer;

/// The document. `type` is left to its default, `about:blank`, with which `title` is the status in words.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a sentence.
    pub detail: &'a str,
    /// Why.
    #[serde(serialize_with = "code")]
    pub code: Code,
    /// What is known about the command.
    #[serde(serialize_with = "outcome")]
    pub outcome: Outcome,
    /// What a person can do.
    pub hint: Option<&'a str>,
    /// When another try may help.
    pub retry_after_ms: Option<u32>,
    /// Adobe's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'a str>,
    /// The number of Adobe's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// Campaign's own lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
}

fn code<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

fn outcome<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    #[serde(flatten)]
    problem: &'a Problem<'a>,
}

impl Problem<'_> {
    /// The document as an answer.
    pub fn answer(&self) -> Answer {
        let document = Document {
            r#type: "about:blank",
            title: title(self.status),
            problem: self,
        };
        Answer {
            body: serde_json::to_string(&document).ok(),
            ..Answer::empty(self.status)
                .with("content-type", "application/problem+json")
                .with_request_id(self.request_id)
        }
    }
}

/// The status in words (RFC 9110, 15).
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}
