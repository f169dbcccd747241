//! The response to the last request of a call, as far as it has arrived.

use crate::error::{Code, Outcome};
use crate::exchange::ReportedOutcome;
use crate::platform::Json;
use crate::redact::truncate;
use crate::response::{self, BodyEnd, DocumentedError, ERROR_TEXT_LIMIT};

/// Bytes of an error's body that are kept. It is more than an error shows, because secrets are masked
/// before the text is cut.
const KEPT_TEXT_LIMIT: usize = 8 * ERROR_TEXT_LIMIT;

/// A response, as far as it has arrived.
#[derive(Debug, Default)]
pub(crate) struct ReceivedResponse {
    /// The HTTP status; 0 before the head has arrived.
    pub status: u16,
    /// The `X-Request-Id` header.
    pub request_id: Option<String>,
    /// The `Content-Type` header; empty if it is missing.
    pub content_type: String,
    /// The body's text as far as it was read; of an error, its beginning.
    pub text: String,
    /// The body was read to its end.
    pub is_complete: bool,
    /// The error that Adobe documents, if the body is one.
    pub documented: Option<DocumentedError>,
    /// Adobe's or Campaign's own error code.
    pub error_code: Option<String>,
    /// A gateway's problem document, if the body is one.
    pub problem: Option<ProblemDocument>,
}

/// The fields of a gateway's problem document that the client uses.
#[derive(Debug, Default)]
#[allow(missing_docs)] // They are named like the fields of `Error`.
pub(crate) struct ProblemDocument {
    pub code: Option<Code>,
    pub outcome: Option<Outcome>,
    pub detail: Option<String>,
    pub error_code: Option<String>,
    pub hint: Option<String>,
    pub body: Option<String>,
    pub retry_after_ms: Option<u32>,
    /// It is the stored response of the request's idempotency key.
    pub is_stored: bool,
}

impl ReceivedResponse {
    /// Stores the body, and parses the body of an error for documented errors and problem documents.
    /// Returns `end`, or [`BodyEnd::Broken`] if the body is not UTF-8, the only encoding that `fetch`
    /// decodes.
    pub fn set_body<J: Json>(
        &mut self,
        bytes: &[u8],
        end: BodyEnd,
        is_problem: bool,
        parse_json: impl FnOnce(&str) -> Option<J>,
    ) -> BodyEnd {
        let (text, is_utf8) = response::decode(bytes);
        self.text = text;
        self.is_complete = end == BodyEnd::Complete;
        let end = if is_utf8 { end } else { BodyEnd::Broken };
        if bytes.is_empty() || matches!(self.status, 200..=299) {
            return end;
        }
        let json = parse_json(&self.text).filter(J::is_object);
        if self.text.len() > KEPT_TEXT_LIMIT {
            self.text = String::from(truncate(&self.text, KEPT_TEXT_LIMIT));
        }
        match json {
            Some(json) => {
                self.error_code = json.string("error_code");
                let message = json.string("message").unwrap_or_default();
                let is_unknown_uri =
                    response::is_unknown_uri(self.status, json.number("code"), &message);
                self.documented = is_unknown_uri.then_some(DocumentedError::UnknownUri);
                self.problem = is_problem.then(|| ProblemDocument::read(&json));
            }
            None => {
                self.error_code = response::campaign_code(&self.text).map(String::from);
                self.documented =
                    response::documented_error(self.status, &self.text, self.error_code.is_some());
            }
        }
        end
    }

    /// The outcome of the command as the problem document reports it.
    pub fn reported_outcome(&self) -> Option<ReportedOutcome> {
        self.problem.as_ref().map(|problem| ReportedOutcome {
            code: problem.code,
            outcome: problem.outcome,
            is_stored: problem.is_stored,
        })
    }
}

impl ProblemDocument {
    fn read(json: &impl Json) -> Self {
        let text = |name| json.string(name).unwrap_or_default();
        Self {
            code: Code::parse(&text("code")),
            outcome: Outcome::parse(&text("outcome")),
            detail: json.string("detail"),
            error_code: json.string("errorCode"),
            hint: json.string("hint"),
            body: json.string("body"),
            // The cast saturates.
            retry_after_ms: json.number("retryAfterMs").map(|ms| ms as u32),
            is_stored: json.is_true("stored"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Never created: these tests have no JSON bodies.
    enum NoJson {}

    impl Json for NoJson {
        fn is_object(&self) -> bool {
            match *self {}
        }
        fn string(&self, _name: &str) -> Option<String> {
            match *self {}
        }
        fn number(&self, _name: &str) -> Option<f64> {
            match *self {}
        }
        fn is_true(&self, _name: &str) -> bool {
            match *self {}
        }
        fn field(&self, _name: &str) -> Option<Self> {
            match *self {}
        }
    }

    fn received(status: u16, text: &str) -> ReceivedResponse {
        let mut received = ReceivedResponse {
            status,
            ..ReceivedResponse::default()
        };
        received.set_body(
            text.as_bytes(),
            BodyEnd::Complete,
            false,
            |_| None::<NoJson>,
        );
        received
    }

    #[test]
    fn a_success_body_is_neither_cut_nor_searched() {
        let text = "RST-360011 ".repeat(10_000);
        let success = received(200, &text);
        assert_eq!((success.text, success.error_code), (text, None));
    }

    #[test]
    fn an_error_body_is_cut_to_the_kept_limit() {
        let text = "RST-360011 ".repeat(10_000);
        let error = received(500, &text);
        assert_eq!(error.text, text[..64 * 1024]);
        assert_eq!(error.error_code.as_deref(), Some("RST-360011"));
    }
}
