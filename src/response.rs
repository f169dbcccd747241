//! What an answer says about the command: accepted, certainly not executed, or unknown.

use crate::error::{Code, Outcome};

/// Decoded bytes of an answer that are read at most; the rest is not waited for.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Bytes of an answer's text that an error shows at most.
pub const SHOWN_LIMIT: usize = 8 * 1024;

/// The part of an answer that comes before its body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The HTTP status; 0 where the runtime hides it.
    pub status: u16,
    /// The runtime hides a redirect behind an answer of type `opaqueredirect`.
    pub opaque_redirect: bool,
    /// What `Retry-After` asks for, from now on; `None` where it is missing or unreadable.
    pub retry_after_ms: Option<u32>,
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// All of it is there.
    Complete,
    /// It broke off, is longer than [`BODY_LIMIT`], is no UTF-8, or is none of what was asked for.
    Broken,
}

/// What a head alone decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// 2xx: Campaign accepted the command.
    Accepted,
    /// An error, and what it is called.
    Failed(Code),
}

impl Head {
    /// Success is decided by the status alone.
    pub const fn meaning(&self) -> Meaning {
        if self.opaque_redirect {
            return Meaning::Failed(Code::Redirected);
        }
        Meaning::Failed(match self.status {
            200..=299 => return Meaning::Accepted,
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

    /// Whether the head alone proves that nothing was executed, so that the same command may be
    /// sent again.
    pub fn allows_retry(&self) -> bool {
        self.status == 429 || (self.status == 503 && self.retry_after_ms.is_some())
    }

    /// What an error answer proves. `unknown_uri` tells that its body is Adobe's documented
    /// "Check your URI" answer, given before the request reached Campaign.
    pub fn outcome(&self, unknown_uri: bool) -> Outcome {
        let not_executed = self.opaque_redirect
            || matches!(self.status, 300..=499)
            || self.allows_retry()
            || (unknown_uri && matches!(self.status, 500 | 502));
        if not_executed {
            Outcome::NotExecuted
        } else {
            Outcome::Unknown
        }
    }
}

/// What was found in the body of an error answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// It is a JSON object; nothing is then looked for in its text.
    pub json: bool,
    /// The number in its `code`, or NaN.
    pub code: f64,
    /// Its `message` matches [`CHECK_YOUR_URI`].
    pub check_your_uri: bool,
    /// The text matches [`CAMPAIGN_CODE`].
    pub campaign_code: bool,
    /// The text matches [`FOREIGN_PKEY`].
    pub foreign_pkey: bool,
}

/// Matches the message of the "Oops" answers of Adobe's gateway.
///
/// Source: Adobe Campaign Standard, "API troubleshooting".
pub const CHECK_YOUR_URI: &str = "(Check your URI)";

/// Matches Campaign's error codes.
pub const CAMPAIGN_CODE: &str = "((?:RST|XTK)-[0-9]+)";

/// Matches what Campaign says of a PKey that is not its own.
///
/// Source: Campaign v8, "Must-Read".
pub const FOREIGN_PKEY: &str = "(Unable to decrypt PKey)";

/// Matches a content type, in lower case, that says JSON: `application/json` or a `+json` suffix
/// (RFC 6839).
pub const JSON: &str = r"^\s*(application/json|[^;]*\+json)\s*(?:;|$)";

/// Matches a content type, in lower case, that says that the body is a problem document (RFC 9457): what a gateway
/// tells of Campaign's answer, or of its own refusal, when its status alone can't.
pub const PROBLEM: &str = r"^\s*(application/problem\+json)\s*(?:;|$)";

/// An error body that Adobe documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documented {
    /// "Check your URI", given before the request reached Campaign.
    UnknownUri,
    /// A PKey of another instance.
    ForeignPkey,
    /// A code of Campaign's own, and lines that say why.
    CampaignError,
}

/// Recognises the error bodies that Adobe documents.
pub fn recognise(status: u16, found: &Found) -> Option<Documented> {
    if found.json {
        let unknown_uri = found.check_your_uri && found.code == f64::from(status);
        unknown_uri.then_some(Documented::UnknownUri)
    } else if found.foreign_pkey {
        Some(Documented::ForeignPkey)
    } else {
        (found.campaign_code && status >= 500).then_some(Documented::CampaignError)
    }
}

impl Documented {
    /// What a person can do about it.
    pub const fn hint(self, status: u16) -> &'static str {
        match self {
            Self::UnknownUri if status == 502 => {
                "The instance's CNAME is not set up: ask your Adobe contact."
            }
            Self::UnknownUri => {
                "Adobe's gateway does not know the address: is the organization right?"
            }
            Self::ForeignPkey => {
                "This PKey is of another instance, or from before a migration: read it anew."
            }
            Self::CampaignError => {
                "The lines of body say why. Look at the workflow before you send it again."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::which;

    fn head(status: u16) -> Head {
        Head {
            status,
            opaque_redirect: false,
            retry_after_ms: None,
        }
    }

    #[test]
    fn the_status_decides() {
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
            assert_eq!(head(status).meaning(), Meaning::Failed(code), "{status}");
            assert_eq!(head(status).outcome(false), outcome, "{status}");
        }
        for status in 200..300 {
            assert_eq!(head(status).meaning(), Meaning::Accepted);
        }
    }

    #[test]
    fn only_proof_allows_a_retry() {
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
    fn an_opaque_redirect_is_one_whatever_its_status() {
        let opaque = Head {
            opaque_redirect: true,
            ..head(0)
        };
        assert_eq!(opaque.meaning(), Meaning::Failed(Code::Redirected));
        assert_eq!(opaque.outcome(false), Outcome::NotExecuted);
    }

    #[test]
    fn only_the_documented_oops_answer_proves_anything() {
        let oops = Found {
            json: true,
            check_your_uri: true,
            ..Found::default()
        };
        for status in [500, 502] {
            let code = f64::from(status);
            let found = recognise(status, &Found { code, ..oops });
            assert_eq!(found, Some(Documented::UnknownUri));
            assert_eq!(head(status).outcome(true), Outcome::NotExecuted);
        }
        assert_eq!(head(504).outcome(true), Outcome::Unknown);
        for code in [500.0, f64::NAN] {
            assert_eq!(recognise(502, &Found { code, ..oops }), None);
        }
        let other = Found {
            check_your_uri: false,
            code: 502.0,
            ..oops
        };
        assert_eq!(recognise(502, &other), None);
        let text = "Oops. Something went wrong. Check your URI and try again.";
        assert_eq!(which(text, CHECK_YOUR_URI), 1);
        for other in ["Oops.", "Mind your URI", "Check your URL"] {
            assert_eq!(which(other, CHECK_YOUR_URI), 0, "{other}");
        }
    }

    #[test]
    fn limits_are_the_documented_ones() {
        assert_eq!((BODY_LIMIT, SHOWN_LIMIT), (1_048_576, 8192));
    }

    #[test]
    fn a_documented_error_says_what_to_do() {
        for (documented, status, named) in [
            (Documented::UnknownUri, 500, "is the organization right?"),
            (Documented::UnknownUri, 502, "ask your Adobe contact"),
            (Documented::ForeignPkey, 404, "read it anew"),
            (Documented::CampaignError, 500, "The lines of body say why"),
        ] {
            let hint = documented.hint(status);
            assert!(hint.contains(named), "{documented:?} {status}: {hint}");
        }
    }

    #[test]
    fn campaigns_errors_are_recognised_in_text() {
        let coded = Found {
            campaign_code: true,
            ..Found::default()
        };
        assert_eq!(recognise(500, &coded), Some(Documented::CampaignError));
        assert_eq!(recognise(404, &coded), None);
        let foreign = Found {
            foreign_pkey: true,
            ..coded
        };
        assert_eq!(recognise(404, &foreign), Some(Documented::ForeignPkey));
        for text in ["RST-360011 An error", "line\nXTK-170036 x", "é-RST-1"] {
            assert_eq!(which(text, CAMPAIGN_CODE), 1, "{text}");
        }
        for text in ["a-b -1 RST- XTK-x", "RST_360011 XTK170036", ""] {
            assert_eq!(which(text, CAMPAIGN_CODE), 0, "{text}");
        }
        let foreign = "x\nUnable to decrypt PKey. (PKey=@a)";
        assert_eq!(which(foreign, FOREIGN_PKEY), 1);
        assert_eq!(which("Unable to decrypt the answer", FOREIGN_PKEY), 0);
    }

    #[test]
    fn a_problem_document_is_known_by_its_content_type() {
        for problem in [
            "application/problem+json",
            "application/problem+json; charset=utf-8",
        ] {
            assert_eq!(which(problem, PROBLEM), 1, "{problem}");
        }
        for other in [
            "",
            "application/json",
            "application/problem+jsonp",
            "x; application/problem+json",
        ] {
            assert_eq!(which(other, PROBLEM), 0, "{other}");
        }
    }

    #[test]
    fn json_is_known_by_its_content_type() {
        for json in [
            "application/json",
            " application/json ; charset=utf-8",
            "application/problem+json",
            "application/x+y+json",
        ] {
            assert_eq!(which(json, JSON), 1, "{json}");
        }
        for other in [
            "",
            "text/html",
            "application/jsonp",
            "text/json5",
            "+jso",
            "a;+json",
        ] {
            assert_eq!(which(other, JSON), 0, "{other}");
        }
    }
}
