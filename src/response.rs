//! Decides what a response proves about the command: accepted, certainly not executed, or unknown.

use crate::error::{Code, Outcome};
use crate::text::{before, contains};

/// The maximum number of decoded bytes that are read of a body. The client does not wait for the rest.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The maximum number of bytes of a response's text in an error.
pub const ERROR_TEXT_LIMIT: usize = 8 * 1024;

/// The part of a response that arrives before its body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The HTTP status; 0 if the runtime hides it.
    pub status: u16,
    /// The runtime hides a redirect behind a response of type `opaqueredirect`.
    pub is_opaque_redirect: bool,
    /// The delay from now that `Retry-After` requests, in milliseconds; `None` if it is missing or invalid.
    pub retry_after_ms: Option<u32>,
    /// The body is a gateway's problem document, which may contradict the status.
    pub is_problem: bool,
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// All of it was read.
    Complete,
    /// It was cut off, is longer than [`BODY_LIMIT`], is not UTF-8, or lacks the requested content.
    Broken,
}

/// How the head of a response is classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classification {
    /// 2xx: Campaign accepted the command.
    Accepted,
    /// An error with this code.
    Failed(Code),
}

impl Head {
    /// Classifies the response. The status alone decides about success.
    pub const fn classify(&self) -> Classification {
        if self.is_opaque_redirect {
            return Classification::Failed(Code::Redirected);
        }
        Classification::Failed(match self.status {
            200..=299 => return Classification::Accepted,
            300..=399 => Code::Redirected,
            401 => Code::Unauthenticated,
            403 => Code::Forbidden,
            404 => Code::NotFound,
            429 => Code::RateLimited,
            400..=499 => Code::Rejected,
            500..=599 => Code::ServerError,
            0 => Code::Network,
            _ => Code::BadResponse,
        })
    }

    /// Whether the head alone proves that nothing was executed, and the command may be sent again.
    pub fn allows_retry(&self) -> bool {
        self.status == 429 || (self.status == 503 && self.retry_after_ms.is_some())
    }

    /// Whether the server may still execute the command with this idempotency key: the gateway got no
    /// response from Campaign (502, 504), or is still processing it (409 with `Retry-After`).
    pub fn may_still_execute(&self) -> bool {
        matches!(self.status, 502 | 504) || (self.status == 409 && self.retry_after_ms.is_some())
    }

    /// The outcome that an error response proves. `is_unknown_uri`: the body is Adobe's documented
    /// "Check your URI" response, which is sent before a request reaches Campaign.
    pub fn outcome(&self, is_unknown_uri: bool) -> Outcome {
        let not_executed = self.is_opaque_redirect
            || matches!(self.status, 300..=499)
            || self.allows_retry()
            || (is_unknown_uri && matches!(self.status, 500 | 502));
        if not_executed {
            Outcome::NotExecuted
        } else {
            Outcome::Unknown
        }
    }
}

/// An error body that Adobe documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentedError {
    /// "Check your URI": Adobe's gateway does not know the address. The request did not reach Campaign.
    UnknownUri,
    /// "Unable to decrypt PKey": the PKey belongs to another instance.
    ForeignPkey,
    /// An error code of Campaign, with lines that explain it.
    CampaignError,
}

/// Whether a JSON object is the "Check your URI" response of Adobe's gateway.
///
/// Source: Adobe Campaign Standard, "API troubleshooting".
pub fn is_unknown_uri(status: u16, code: Option<f64>, message: &str) -> bool {
    code == Some(f64::from(status)) && contains(message, "Check your URI")
}

/// Recognises a documented error in a text body. `has_code`: the text contains a [`campaign_code`].
///
/// Source: Campaign v8, "Must-Read".
pub fn documented_error(status: u16, text: &str, has_code: bool) -> Option<DocumentedError> {
    if contains(text, "Unable to decrypt PKey") {
        Some(DocumentedError::ForeignPkey)
    } else {
        (has_code && status >= 500).then_some(DocumentedError::CampaignError)
    }
}

/// The first error code of Campaign in a text, such as `RST-360011` or `XTK-170036`.
pub fn campaign_code(text: &str) -> Option<&str> {
    (0..text.len()).find_map(|at| {
        let rest = text.get(at..)?;
        let number = rest.strip_prefix("RST-").or(rest.strip_prefix("XTK-"))?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..4 + digits).filter(|_| digits > 0)
    })
}

/// Whether a content type is JSON: `application/json`, or with the suffix `+json` (RFC 6839).
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    let suffix = essence.len().checked_sub("+json".len());
    let suffix = suffix.and_then(|at| essence.get(at..)).unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json") || suffix.eq_ignore_ascii_case("+json")
}

/// Whether a content type is that of a problem document (RFC 9457). A gateway's can be more precise
/// than its status.
pub fn is_problem(content_type: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case("application/problem+json")
}

/// A content type without its parameters.
fn essence(content_type: &str) -> &str {
    before(content_type, b';').trim_ascii()
}

/// Decodes a body as `fetch` does: drops a byte order mark, and replaces invalid UTF-8. Returns the
/// text, and whether all of it was valid UTF-8.
pub fn decode(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut is_utf8 = true;
    for chunk in bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .utf8_chunks()
    {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            is_utf8 = false;
        }
    }
    (text, is_utf8)
}

impl DocumentedError {
    /// What a person can do next.
    pub const fn hint(self, status: u16) -> &'static str {
        match self {
            Self::UnknownUri if status == 502 => {
                "The instance's CNAME is not set up: ask your Adobe contact."
            }
            Self::UnknownUri => {
                "Adobe's gateway does not know the address: check the organization."
            }
            Self::ForeignPkey => {
                "This PKey is of another instance, or from before a migration: read it again."
            }
            Self::CampaignError => {
                "body has the reason. Look at the workflow before you send it again."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Head {
        Head {
            status,
            is_opaque_redirect: false,
            retry_after_ms: None,
            is_problem: false,
        }
    }

    #[test]
    fn the_status_decides_code_and_outcome() {
        for (status, code, outcome) in [
            (300, Code::Redirected, Outcome::NotExecuted),
            (307, Code::Redirected, Outcome::NotExecuted),
            (400, Code::Rejected, Outcome::NotExecuted),
            (401, Code::Unauthenticated, Outcome::NotExecuted),
            (403, Code::Forbidden, Outcome::NotExecuted),
            (404, Code::NotFound, Outcome::NotExecuted),
            (408, Code::Rejected, Outcome::NotExecuted),
            (429, Code::RateLimited, Outcome::NotExecuted),
            (499, Code::Rejected, Outcome::NotExecuted),
            (500, Code::ServerError, Outcome::Unknown),
            (503, Code::ServerError, Outcome::Unknown),
            (599, Code::ServerError, Outcome::Unknown),
            (0, Code::Network, Outcome::Unknown),
            (199, Code::BadResponse, Outcome::Unknown),
            (600, Code::BadResponse, Outcome::Unknown),
        ] {
            assert_eq!(
                head(status).classify(),
                Classification::Failed(code),
                "{status}"
            );
            assert_eq!(head(status).outcome(false), outcome, "{status}");
        }
        for status in 200..300 {
            assert_eq!(head(status).classify(), Classification::Accepted);
        }
    }

    #[test]
    fn only_a_proof_of_non_execution_allows_a_retry() {
        let after = |status| Head {
            retry_after_ms: Some(0),
            ..head(status)
        };
        assert!(head(429).allows_retry());
        assert!(after(503).allows_retry());
        assert_eq!(after(503).outcome(false), Outcome::NotExecuted);
        for status in [0, 200, 301, 400, 401, 404, 408, 500, 502, 504, 600] {
            assert!(!after(status).allows_retry(), "{status}");
        }
        assert!(!head(503).allows_retry());
    }

    #[test]
    fn an_opaque_redirect_is_a_redirect_whatever_its_status() {
        let opaque = Head {
            is_opaque_redirect: true,
            ..head(0)
        };
        assert_eq!(opaque.classify(), Classification::Failed(Code::Redirected));
        assert_eq!(opaque.outcome(false), Outcome::NotExecuted);
    }

    #[test]
    fn only_the_documented_check_your_uri_body_proves_anything() {
        let message = "Oops. Something went wrong. Check your URI and try again.";
        for status in [500, 502] {
            assert!(is_unknown_uri(status, Some(f64::from(status)), message));
            assert_eq!(head(status).outcome(true), Outcome::NotExecuted);
        }
        assert_eq!(head(504).outcome(true), Outcome::Unknown);
        assert!(!is_unknown_uri(502, Some(500.0), message));
        assert!(!is_unknown_uri(502, None, message));
        for message in ["", "Oops.", "Mind your URI", "Check your URL"] {
            assert!(!is_unknown_uri(502, Some(502.0), message), "{message}");
        }
    }

    #[test]
    fn limits_are_the_documented_ones() {
        assert_eq!((BODY_LIMIT, ERROR_TEXT_LIMIT), (1_048_576, 8192));
    }

    #[test]
    fn each_documented_error_has_a_hint() {
        for (documented, status, expected) in [
            (DocumentedError::UnknownUri, 500, "check the organization"),
            (DocumentedError::UnknownUri, 502, "ask your Adobe contact"),
            (DocumentedError::ForeignPkey, 404, "read it again"),
            (DocumentedError::CampaignError, 500, "body has the reason"),
        ] {
            let hint = documented.hint(status);
            assert!(hint.contains(expected), "{documented:?} {status}: {hint}");
        }
    }

    #[test]
    fn campaign_errors_are_recognised_in_text() {
        let coded = documented_error(500, "RST-1", true);
        assert_eq!(coded, Some(DocumentedError::CampaignError));
        assert_eq!(documented_error(404, "RST-1", true), None);
        let foreign = documented_error(404, "x\nUnable to decrypt PKey. (PKey=@a)", false);
        assert_eq!(foreign, Some(DocumentedError::ForeignPkey));
        assert_eq!(documented_error(404, "Unable to decrypt it", false), None);
        for (text, code) in [
            ("RST-360011 An error", "RST-360011"),
            ("line\nXTK-170036 x", "XTK-170036"),
            ("é-RST-1", "RST-1"),
            ("RST-x RST-2 XTK-3", "RST-2"),
        ] {
            assert_eq!(campaign_code(text), Some(code), "{text}");
        }
        for text in ["a-b -1 RST- XTK-x", "RST_360011 XTK170036", "éST-1", ""] {
            assert_eq!(campaign_code(text), None, "{text}");
        }
    }

    #[test]
    fn bodies_are_decoded_as_fetch_does() {
        for (bytes, text, is_utf8) in [
            (&b""[..], "", true),
            ("é€".as_bytes(), "é€", true),
            (b"\xef\xbb\xbfx", "x", true),
            (b"a\xffb\xc3", "a\u{fffd}b\u{fffd}", false),
        ] {
            assert_eq!(decode(bytes), (String::from(text), is_utf8));
        }
    }

    #[test]
    fn problem_documents_are_recognised_by_content_type() {
        for problem in [
            "application/problem+json",
            "Application/Problem+JSON; charset=utf-8",
        ] {
            assert!(is_problem(problem), "{problem}");
        }
        for other in [
            "",
            "application/json",
            "application/problem+jsonp",
            "x; application/problem+json",
        ] {
            assert!(!is_problem(other), "{other}");
        }
    }

    #[test]
    fn json_is_recognised_by_content_type() {
        for json in [
            "application/json",
            " application/json ; charset=utf-8",
            "application/problem+json",
            "application/x+y+json",
            "APPLICATION/JSON",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/html",
            "application/jsonp",
            "text/json5",
            "+jso",
            "a;+json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
