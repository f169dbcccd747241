//! What a failed call says: its code, its outcome, and the hint for a person.

/// An enum whose variants stand for texts, which are kept as one list of lines: nothing is smaller.
macro_rules! texts {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $($text:literal)+,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every variant.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The lines of all variants, in their order.
            pub const TEXTS: &str = concat!($($($text, "\n"),+),+);
        }
    };
}

texts! {
    /// Why a call failed: the `code` of the JavaScript error, and what happened in one sentence.
    pub enum Code {
        /// A field of the request was refused; nothing was sent.
        InvalidArgument = "invalid-argument" "The request is invalid",
        /// The token function threw, hung, or gave no usable token.
        TokenUnavailable = "token-unavailable" "accessToken gave no usable token",
        /// 401, also after a refreshed token.
        Unauthenticated = "unauthenticated" "Campaign did not accept the access token",
        /// 403.
        Forbidden = "forbidden" "Campaign refused access",
        /// 404.
        NotFound = "not-found" "Campaign found no such workflow",
        /// 429 after the retries.
        RateLimited = "rate-limited" "Campaign is throttling requests",
        /// Any other 4xx.
        Rejected = "rejected" "Campaign rejected the request",
        /// 3xx or an opaque redirect; never followed.
        Redirected = "redirected" "The redirect was not followed",
        /// The runtime says that no connection was made.
        Unreachable = "unreachable" "No connection could be made",
        /// 5xx.
        ServerError = "server-error" "Campaign answered with a server error",
        /// An error answer whose body is cut, over-long or undecodable, or a status outside HTTP.
        BadResponse = "bad-response" "The answer could not be read",
        /// `fetch` failed and nothing tells when.
        Network = "network" "The request failed on the network",
        /// A deadline passed.
        Timeout = "timeout" "The deadline passed",
        /// The caller's signal.
        Aborted = "aborted" "The call was aborted",
        /// A signal activity's trigger address is foreign.
        InvalidTrigger = "invalid-trigger" "The trigger address is foreign to the organization",
        /// A defect of this package.
        Internal = "internal" "campaign-workflow failed internally",
    }
}

impl Code {
    /// Whether it comes of the status of an answer that was read to its end.
    pub const fn is_by_status(self) -> bool {
        matches!(
            self,
            Self::Unauthenticated
                | Self::Forbidden
                | Self::NotFound
                | Self::RateLimited
                | Self::Rejected
                | Self::ServerError
        )
    }

    /// What a person can do about it, where that depends on the code and the outcome alone.
    pub const fn hint(self, outcome: Outcome) -> Option<&'static str> {
        Some(match (self, outcome) {
            (Self::TokenUnavailable, _) => {
                "Let accessToken resolve in time, to a token without spaces."
            }
            (Self::Unauthenticated, _) => {
                "The token expired or is of another IMS environment: get a new one."
            }
            (Self::Forbidden, _) => {
                "Check that the credential's product profiles hold this organization."
            }
            (Self::NotFound, _) => "Was the workflow id changed in Campaign?",
            (Self::RateLimited, _) => "Wait for retryAfterMs, then send it again.",
            (Self::Redirected, _) => "Set baseUrl to the final address.",
            (Self::Unreachable, _) => "Check the host of baseUrl, and the network.",
            (Self::ServerError, Outcome::NotExecuted) => "Try again later.",
            (Self::Internal, _) | (_, Outcome::Unknown) => {
                "The command may have been executed: look at the workflow before you send it again."
            }
            _ => return None,
        })
    }
}

/// What is known about the command after a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Certain: Campaign did not execute it.
    NotExecuted,
    /// Nobody can know.
    Unknown,
}

impl Outcome {
    /// The word in the JavaScript error.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotExecuted => "not-executed",
            Self::Unknown => "unknown",
        }
    }
}

texts! {
    /// The fields of a request, by their TypeScript names.
    #[allow(missing_docs)] // They are documented where users read of them, in index.d.ts.
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
        AllowBrowserCredentials = "allowBrowserCredentials",
    }
}

texts! {
    /// What is wrong with a field: completes the sentence that the field's name begins.
    #[allow(missing_docs)] // The texts say it.
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
        LoneSurrogate = "must not hold a lone surrogate",
        Control = "must not hold control characters",
        Spaces = "must not begin or end with a space",
        Dots = "must not be '.' or '..'",
        CredentialMissing = "is required for Adobe's host",
        CredentialBearer = "must be the token alone, without \"Bearer \"",
        CredentialCharacters = "must be visible ASCII without spaces",
        HeadersShape = "must be a plain object of strings",
        HeaderName = "must not hold a name that HTTP forbids",
        HeaderReserved = "must not set what the client or the platform sets",
        HeaderValue = "must not hold a value that HTTP forbids",
        FetchMissing = "is required: this runtime has no fetch",
        UrlInvalid = "must be an absolute URL; only in a page may it be relative",
        UrlQuery = "must not hold a query or fragment",
        UrlScheme = "must be https, or http on loopback",
        UrlUser = "must not hold a user name or password",
        UrlAdobeInPage = "must not be Adobe's host in a page: its API is for servers",
    }
}

/// A field that was refused, and why. Never holds the field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub Field, pub Problem);

impl Refusal {
    /// What to do instead, where that is not plain.
    pub const fn hint(self) -> Option<&'static str> {
        match self.1 {
            Problem::UrlAdobeInPage => Some(
                "Set baseUrl to a gateway of your own; allowBrowserCredentials: true is for tests.",
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_word_and_a_sentence() {
        let words: Vec<_> = Code::TEXTS.lines().step_by(2).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for (index, word) in words.iter().enumerate() {
            assert!(!words[index + 1..].contains(word), "{word}");
        }
    }

    #[test]
    fn every_problem_has_one_line() {
        assert_eq!(Problem::TEXTS.lines().count(), Problem::ALL.len());
    }

    #[test]
    fn the_words_are_the_documented_ones() {
        assert_eq!(Outcome::NotExecuted.as_str(), "not-executed");
        assert_eq!(Outcome::Unknown.as_str(), "unknown");
        let documented = include_str!("../js/index.d.ts");
        assert_eq!(Field::TEXTS.lines().count(), Field::ALL.len());
        for name in Field::TEXTS.lines() {
            let declared = [": ", "?: "].map(|colon| [" ", name, colon].concat());
            assert!(
                name == "request" || declared.iter().any(|it| documented.contains(it)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_hint_names_what_to_do() {
        for (code, outcome, named) in [
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
            let hint = code.hint(outcome).unwrap();
            assert!(hint.contains(named), "{code:?}: {hint}");
        }
        for code in [Code::Rejected, Code::Timeout, Code::Aborted] {
            assert_eq!(code.hint(Outcome::NotExecuted), None, "{code:?}");
        }
        let in_page = Refusal(Field::BaseUrl, Problem::UrlAdobeInPage).hint();
        assert!(in_page.is_some_and(|hint| hint.contains("a gateway of your own")));
        assert_eq!(Refusal(Field::BaseUrl, Problem::UrlScheme).hint(), None);
    }

    #[test]
    fn an_unknown_outcome_always_says_what_to_do() {
        for &code in Code::ALL {
            assert!(code.hint(Outcome::Unknown).is_some(), "{code:?}");
        }
    }
}
