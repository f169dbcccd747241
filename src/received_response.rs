//! What is known of the answer to the last request.

use crate::error::{Code, Outcome};
use crate::exchange::ReportedOutcome;
use crate::platform::Json;
use crate::redact::truncate;
use crate::response::{self, BodyEnd, DocumentedError, ERROR_TEXT_LIMIT};

/// How much of an error's text is kept: more than is shown, because masking comes before cutting.
const KEPT_TEXT_LIMIT: usize = 8 * ERROR_TEXT_LIMIT;

/// An answer, as far as it has arrived.
#[derive(Debug, Default)]
pub(crate) struct ReceivedResponse {
    /// The HTTP status; 0 if there is none.
    pub status: u16,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
    /// `Content-Type`, empty if there is none.
    pub content_type: String,
    /// The body's text as far as it was read; of an error, its truncate.
    pub text: String,
    /// The body was read to its end.
    pub is_complete: bool,
    /// The error that Adobe documents, if the body is one.
    pub documented: Option<DocumentedError>,
    /// Campaign's own error code.
    pub error_code: Option<String>,
    /// A gateway's problem document, if the body is one.
    pub problem: Option<ProblemDocument>,
}

/// What a gateway's problem document says: what its status alone can't.
#[derive(Debug, Default)]
#[allow(missing_docs)] // The fields have the names of the error's fields.
pub(crate) struct ProblemDocument {
    pub code: Option<Code>,
    pub outcome: Option<Outcome>,
    pub detail: Option<String>,
    pub error_code: Option<String>,
    pub hint: Option<String>,
    pub body: Option<String>,
    pub retry_after_ms: Option<u32>,
    /// It is the stored answer of the request's idempotency key.
    pub is_stored: bool,
}

impl ReceivedResponse {
    /// Takes a body, which must be UTF-8, the only encoding `fetch` knows, to be complete. An error's
    /// is searched for what Adobe and the gateway document.
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

    /// What a problem document says about the command.
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
        let word = |name| json.string(name).unwrap_or_default();
        Self {
            code: Code::parse(&word("code")),
            outcome: Outcome::parse(&word("outcome")),
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

    /// There is none of it: the text alone is searched.
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
