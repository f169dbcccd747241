//! The error of a failed call: its code, its outcome, its message and its hint.

use std::fmt;

use crate::string_enum::string_enum;

string_enum! {
    /// Why a call failed.
    pub enum Code {
        /// A field of the request was refused; nothing was sent.
        InvalidArgument = "invalid-argument",
        /// The token function threw, did not settle in time, or returned no usable token.
        TokenUnavailable = "token-unavailable",
        /// 401, even with a refreshed token.
        Unauthenticated = "unauthenticated",
        /// 403.
        Forbidden = "forbidden",
        /// 404.
        NotFound = "not-found",
        /// 429 after the retries.
        RateLimited = "rate-limited",
        /// Any other 4xx.
        Rejected = "rejected",
        /// 3xx or an opaque redirect; never followed.
        Redirected = "redirected",
        /// The runtime reports that no connection was made.
        Unreachable = "unreachable",
        /// 5xx.
        ServerError = "server-error",
        /// The body is truncated, too long or not decodable, it lacks the expected content, or the status
        /// is not an HTTP status.
        BadResponse = "bad-response",
        /// `fetch` failed, and it is unknown at what point.
        Network = "network",
        /// A deadline passed.
        Timeout = "timeout",
        /// The caller's signal fired.
        Aborted = "aborted",
        /// The workflow shows no trigger of the signal activity, or its address is not the documented
        /// one.
        InvalidTrigger = "invalid-trigger",
        /// A defect of this package.
        Internal = "internal",
    }
}

impl Code {
    /// What happened, in one sentence. It is the error's default message.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidArgument => "The request is invalid",
            Self::TokenUnavailable => "accessToken returned no usable token",
            Self::Unauthenticated => "Campaign did not accept the access token",
            Self::Forbidden => "Campaign refused access",
            Self::NotFound => "Campaign found no such workflow",
            Self::RateLimited => "Campaign is throttling requests",
            Self::Rejected => "Campaign rejected the request",
            Self::Redirected => "The redirect was not followed",
            Self::Unreachable => "No connection could be made",
            Self::ServerError => "Campaign responded with a server error",
            Self::BadResponse => "The response could not be read",
            Self::Network => "The request failed on the network",
            Self::Timeout => "The deadline passed",
            Self::Aborted => "The call was aborted",
            Self::InvalidTrigger => "The trigger address is outside the organization",
            Self::Internal => "campaign-workflow failed internally",
        }
    }

    /// What a person can do next, as far as code and outcome decide it. `has_key`: the command has an
    /// idempotency key.
    pub const fn hint(self, outcome: Outcome, has_key: bool) -> Option<&'static str> {
        Some(match (self, outcome) {
            (_, Outcome::Unknown) if has_key => {
                "The command may have been executed: repeat it with the same idempotencyKey."
            }
            (Self::Internal, _) | (_, Outcome::Unknown) => {
                "The command may have been executed: look at the workflow before you send it again."
            }
            (Self::TokenUnavailable, _) => {
                "accessToken must resolve in time to a token without spaces."
            }
            (Self::Unauthenticated, _) => {
                "The token expired or is for another IMS environment: get a new one."
            }
            (Self::Forbidden, _) => {
                "Check that the credential's product profiles include this organization."
            }
            (Self::NotFound, _) => "Was the workflow id changed in Campaign?",
            (Self::RateLimited, _) => "Wait for retryAfterMs, then send it again.",
            (Self::Redirected, _) => "Set baseUrl to the final address.",
            (Self::Unreachable, _) => "Check the host of baseUrl, and the network.",
            (Self::ServerError, Outcome::NotExecuted) => "Try again later.",
            _ => return None,
        })
    }
}

string_enum! {
    /// What is known about the command after a failed call.
    pub enum Outcome {
        /// Campaign certainly did not execute it.
        NotExecuted = "not-executed",
        /// Campaign may have executed it.
        Unknown = "unknown",
    }
}

string_enum! {
    /// The fields of a request, with their TypeScript names.
    #[allow(missing_docs)] // index.d.ts documents them.
    pub enum Field {
        Request = "request",
        Organization = "organization",
        WorkflowId = "workflowId",
        Command = "command",
        AccessToken = "accessToken",
        ApiKey = "apiKey",
        BaseUrl = "baseUrl",
        Fetch = "fetch",
        Signal = "signal",
        TimeoutMs = "timeoutMs",
        AttemptTimeoutMs = "attemptTimeoutMs",
        MaxRetries = "maxRetries",
        Headers = "headers",
        IdempotencyKey = "idempotencyKey",
        AllowBrowserCredentials = "allowBrowserCredentials",
    }
}

string_enum! {
    /// What is invalid about a field. The text completes the sentence that the field's name begins.
    #[allow(missing_docs)] // The texts explain them.
    pub enum Problem {
        Missing = "is required",
        Empty = "must not be empty",
        NotObject = "must be an object",
        NotString = "must be a string",
        NotFunction = "must be a function",
        NotBoolean = "must be a boolean",
        NotSignal = "must be an AbortSignal",
        NotCommand = "must be start, pause, resume or stop",
        NotMilliseconds = "must be a whole number of milliseconds from 1 to 2147483647",
        NotRetries = "must be a whole number from 0 to 10",
        LoneSurrogate = "must not contain a lone surrogate",
        Control = "must not contain control characters",
        Spaces = "must not begin or end with a space",
        Dots = "must not be '.' or '..'",
        CredentialMissing = "is required for Adobe's host",
        CredentialBearer = "must be the token alone, without \"Bearer \"",
        CredentialCharacters = "must be visible ASCII without spaces",
        HeadersShape = "must be a plain object of strings",
        HeaderName = "must not contain a name that HTTP forbids",
        HeaderReserved = "must not set a reserved header",
        HeaderValue = "must not contain a value that HTTP forbids",
        FetchMissing = "is required: this runtime has no fetch",
        KeyAtAdobe = "must not be set for Adobe's host, which documents no such keys",
        NotKey = "must be 1 to 255 visible ASCII characters without spaces",
        UrlInvalid = "must be an absolute URL; in a page it may be relative",
        UrlQuery = "must not contain a query or fragment",
        UrlScheme = "must be https, or http on loopback",
        UrlUser = "must not contain a user name or password",
        UrlAdobeInPage = "must not be Adobe's host in a page: its API is for servers",
    }
}

/// An invalid field, and what is invalid about it. Never contains the field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError(pub Field, pub Problem);

impl FieldError {
    /// What to do instead, if the message does not make it clear.
    pub const fn hint(self) -> Option<&'static str> {
        match self.1 {
            Problem::UrlAdobeInPage => {
                Some("Set baseUrl to your own gateway; allowBrowserCredentials: true is for tests.")
            }
            _ => None,
        }
    }
}

/// Why a call failed, and what that means for the command. No field contains a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Why the call failed.
    pub code: Code,
    /// What is known about the command.
    pub outcome: Outcome,
    /// What happened, in one sentence.
    pub message: String,
    /// The HTTP status of the response to the last attempt, if there was one.
    pub status: Option<u16>,
    /// Adobe's code from the response, such as `401013`, or the first `RST-…` or `XTK-…` in its text.
    pub error_code: Option<String>,
    /// The text of the response, at most 8 KiB.
    pub body: Option<String>,
    /// What a person can do next, if the message does not make it clear.
    pub hint: Option<String>,
    /// The delay in milliseconds before another try, if the server or the back-off sets one.
    pub retry_after_ms: Option<u32>,
    /// The `x-request-id` header of the response.
    pub request_id: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// The runtime's error, if the last attempt failed without a response.
    pub cause: Option<String>,
}

impl Error {
    /// An error with the outcome `not-executed` and no attempts.
    pub(crate) fn not_sent(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            outcome: Outcome::NotExecuted,
            message: message.into(),
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

    /// The error of an invalid option. `problem` completes the sentence that the option's name begins.
    pub(crate) fn invalid_argument(option: &str, problem: &str) -> Self {
        let message = String::from(option) + " " + problem;
        Self::not_sent(Code::InvalidArgument, message)
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        let FieldError(field, problem) = error;
        let message = String::from(field.as_str()) + " " + problem.as_str();
        Self {
            hint: error.hint().map(String::from),
            ..Self::not_sent(Code::InvalidArgument, message)
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_unique_name_and_a_message() {
        for &code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(code));
            assert!(!code.message().is_empty());
        }
        assert_eq!(Code::parse("ok"), None);
    }

    #[test]
    fn outcomes_and_fields_have_their_documented_names() {
        assert_eq!(Outcome::NotExecuted.as_str(), "not-executed");
        assert_eq!(Outcome::Unknown.as_str(), "unknown");
        let documented = include_str!("../js/index.d.ts");
        for name in Field::ALL.iter().map(|field| field.as_str()) {
            let declarations = [": ", "?: "].map(|colon| [" ", name, colon].concat());
            assert!(
                name == "request" || declarations.iter().any(|it| documented.contains(it)),
                "{name}"
            );
        }
    }

    /// The loader repeats them, because a trapped module can't be called.
    #[test]
    fn the_loader_has_the_message_and_hint_of_an_internal_error() {
        let loader = include_str!("../js/module-calls.js");
        let hint = Code::Internal.hint(Outcome::Unknown, false).unwrap();
        for text in [Code::Internal.message(), hint] {
            assert!(loader.contains(&["\"", text, "\""].concat()), "{text}");
        }
    }

    #[test]
    fn the_loader_copies_every_field() {
        let loader = include_str!("../js/module-calls.js");
        for &field in Field::ALL.iter().filter(|field| **field != Field::Request) {
            let line = ["\n    ", field.as_str(), ",\n"].concat();
            assert!(loader.contains(&line), "{}", field.as_str());
        }
    }

    #[test]
    fn the_messages_state_the_limits() {
        use crate::{header, operation, request, send_all, signal};
        for (message, limit) in [
            (Problem::NotRetries.as_str(), request::MAX_RETRIES),
            (Problem::NotMilliseconds.as_str(), request::MAX_MILLISECONDS),
            (Problem::NotKey.as_str(), header::MAX_KEY_LENGTH as u32),
            (operation::INVALID_DELAY, operation::MAX_DELAY_SECONDS),
            (send_all::INVALID_CONCURRENCY, send_all::MAX_CONCURRENCY),
            (signal::TOO_LONG, signal::BODY_LIMIT as u32 / 1024),
        ] {
            let mut numbers = message.split(|char: char| !char.is_ascii_digit());
            assert!(
                numbers.any(|number| number == limit.to_string()),
                "{message}"
            );
        }
    }

    #[test]
    fn each_hint_names_the_next_step() {
        for (code, outcome, expected) in [
            (Code::TokenUnavailable, Outcome::NotExecuted, "accessToken"),
            (Code::Unauthenticated, Outcome::NotExecuted, "get a new one"),
            (Code::Forbidden, Outcome::NotExecuted, "product profiles"),
            (
                Code::NotFound,
                Outcome::NotExecuted,
                "Was the workflow id changed",
            ),
            (Code::RateLimited, Outcome::NotExecuted, "retryAfterMs"),
            (Code::Redirected, Outcome::NotExecuted, "Set baseUrl"),
            (Code::Unreachable, Outcome::NotExecuted, "Check the host"),
            (Code::ServerError, Outcome::NotExecuted, "Try again"),
            (Code::ServerError, Outcome::Unknown, "look at the workflow"),
            (Code::Network, Outcome::Unknown, "look at the workflow"),
            (Code::Timeout, Outcome::Unknown, "look at the workflow"),
        ] {
            let hint = code.hint(outcome, false).unwrap();
            assert!(hint.contains(expected), "{code:?}: {hint}");
        }
        for code in [Code::Rejected, Code::Timeout, Code::Aborted] {
            assert_eq!(code.hint(Outcome::NotExecuted, false), None, "{code:?}");
        }
        let in_page = FieldError(Field::BaseUrl, Problem::UrlAdobeInPage).hint();
        assert!(in_page.is_some_and(|hint| hint.contains("your own gateway")));
        assert_eq!(FieldError(Field::BaseUrl, Problem::UrlScheme).hint(), None);
        let error = Error::from(FieldError(Field::ApiKey, Problem::Empty));
        assert_eq!(error.to_string(), "apiKey must not be empty");
    }

    #[test]
    fn every_unknown_outcome_has_a_hint() {
        for &code in Code::ALL {
            for has_key in [false, true] {
                assert!(code.hint(Outcome::Unknown, has_key).is_some(), "{code:?}");
            }
        }
    }
}
