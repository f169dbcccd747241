//! The stored result of a command. Its size is bounded, whatever Campaign responded.

use campaign_workflow::{Code, Error, Outcome, Receipt};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::campaign_result::{self, AcceptedResponse, Content};
use crate::json::RawJson;
use crate::problem::Problem;

/// The longest body that is stored, in bytes.
const BODY_BYTES: usize = 8192;

/// A receipt or a problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandResult {
    /// Campaign accepted the command.
    Receipt(StoredReceipt),
    /// The command was not executed, or its outcome is unknown.
    Problem(Problem<'static>),
}

/// The stored parts of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredReceipt {
    /// The status of Campaign's response, 200 to 299.
    pub status: u16,
    /// Campaign's request id.
    pub request_id: Option<String>,
    /// Campaign's body, at most 8 KiB of it.
    #[serde(serialize_with = "write_body", deserialize_with = "read_body")]
    pub body: Content,
    /// How many attempts were made.
    pub attempts: u32,
}

impl CommandResult {
    /// The result of a call to Campaign. It keeps the first 8 KiB of a body; longer JSON becomes a text that is cut
    /// off.
    pub fn of(result: Result<Receipt<RawJson>, Error>) -> Self {
        match result {
            Ok(receipt) => Self::Receipt(StoredReceipt {
                status: receipt.status,
                request_id: receipt.request_id,
                body: cut(receipt.body.into()),
                attempts: receipt.attempts,
            }),
            Err(error) => {
                let mut problem = campaign_result::problem_from(&error).into_owned();
                problem.body = problem.body.map(|body| beginning(body.into_owned()).into());
                Self::Problem(problem)
            }
        }
    }

    /// The problem, if it is one.
    pub const fn problem(&self) -> Option<&Problem<'static>> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Receipt(_) => None,
        }
    }

    /// Whether the command was certainly not executed, for a reason that may pass. Its key can then be used again.
    pub fn releases_key(&self) -> bool {
        self.problem().is_some_and(|problem| {
            let is_temporary = matches!(
                problem.code,
                Code::RateLimited
                    | Code::TokenUnavailable
                    | Code::Unreachable
                    | Code::Aborted
                    | Code::Timeout
                    // The Worker has checked the request already, so this error concerns the Worker's own settings.
                    | Code::InvalidArgument
            );
            problem.outcome == Outcome::NotExecuted
                && (problem.retry_after_ms.is_some() || is_temporary)
        })
    }

    /// Whether another attempt can't change the result.
    pub fn is_final(&self) -> bool {
        self.problem().is_none_or(|problem| {
            let is_permanent = matches!(
                problem.code,
                Code::InvalidArgument
                    | Code::Forbidden
                    | Code::NotFound
                    | Code::Rejected
                    | Code::Redirected
            );
            problem.outcome == Outcome::Unknown || is_permanent
        })
    }
}

impl From<StoredReceipt> for AcceptedResponse {
    fn from(receipt: StoredReceipt) -> Self {
        Self {
            status: receipt.status,
            request_id: receipt.request_id,
            content: receipt.body,
            attempts: receipt.attempts,
        }
    }
}

fn cut(content: Content) -> Content {
    match content {
        Content::Json(json) if json.len() > BODY_BYTES => Content::Text(beginning(json)),
        Content::Text(text) => Content::Text(beginning(text)),
        other => other,
    }
}

/// The first 8 KiB, up to a character boundary.
fn beginning(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(BODY_BYTES));
    text
}

fn write_body<S: Serializer>(body: &Content, serializer: S) -> Result<S::Ok, S::Error> {
    match body {
        Content::Empty => serializer.serialize_none(),
        Content::Text(text) => serializer.serialize_str(text),
        Content::Json(json) => {
            let raw: Result<&RawValue, _> = serde_json::from_str(json);
            raw.map_err(serde::ser::Error::custom)?
                .serialize(serializer)
        }
    }
}

fn read_body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Content, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(match crate::json::string(&raw) {
        Some(text) => Content::Text(text),
        None if raw.get() == "null" => Content::Empty,
        None => Content::Json(String::from(Box::<str>::from(raw))),
    })
}

/// A result as one string, for its column in the table. A string that can't be parsed counts as no result.
pub mod text {
    use super::{CommandResult, Deserialize, Deserializer, Serialize, Serializer};

    /// Serialises the result.
    pub fn serialize<S: Serializer>(
        result: &Option<CommandResult>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = result.as_ref().map(serde_json::to_string).transpose();
        text.map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }

    /// Parses the result.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<CommandResult>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_text_of_a_body() {
        for (body, text) in [
            (Content::Empty, "null"),
            (Content::Text("a\"b".into()), r#""a\"b""#),
            (Content::Json("{\"z\":1.50}".into()), "{\"z\":1.50}"),
        ] {
            let result = CommandResult::Receipt(StoredReceipt {
                status: 200,
                request_id: None,
                body,
                attempts: 1,
            });
            let json = serde_json::to_string(&result).unwrap();
            assert!(json.contains(&["\"body\":", text].concat()), "{json}");
            assert_eq!(
                serde_json::from_str::<CommandResult>(&json).unwrap(),
                result
            );
        }
    }

    #[test]
    fn cuts_a_long_body_at_a_character_boundary() {
        let text = ["x", &"é".repeat(BODY_BYTES)].concat();
        let cut_text = cut(Content::Text(text.clone()));
        assert_eq!(
            cut_text,
            Content::Text(text.chars().take(BODY_BYTES / 2).collect())
        );
        let json = format!("\"{}\"", "x".repeat(BODY_BYTES));
        assert_eq!(
            cut(Content::Json(json.clone())),
            Content::Text(json.chars().take(BODY_BYTES).collect())
        );
    }

    /// Every error of a call.
    fn failures() -> impl Iterator<Item = Error> {
        Code::ALL.iter().flat_map(|&code| {
            [Outcome::NotExecuted, Outcome::Unknown]
                .into_iter()
                .flat_map(move |outcome| {
                    [None, Some(0), Some(12_000)].map(|retry_after_ms| Error {
                        code,
                        outcome,
                        retry_after_ms,
                        ..campaign_result::internal_error()
                    })
                })
        })
    }

    #[test]
    fn an_unknown_outcome_has_no_retry_after() {
        for error in failures().filter(|error| error.outcome == Outcome::Unknown) {
            let result = CommandResult::of(Err(error));
            let response = result.problem().unwrap().response();
            assert!(matches!(response.status, 502 | 504), "{result:?}");
            assert_eq!(response.header("retry-after"), None, "{result:?}");
            assert!(result.is_final() && !result.releases_key(), "{result:?}");
        }
    }

    #[test]
    fn releases_a_key_after_an_error_that_may_pass() {
        let temporary = [
            Code::InvalidArgument,
            Code::TokenUnavailable,
            Code::RateLimited,
            Code::Unreachable,
            Code::Timeout,
            Code::Aborted,
        ];
        for error in failures().filter(|error| error.outcome == Outcome::NotExecuted) {
            let (code, has_wait) = (error.code, error.retry_after_ms.is_some());
            let result = CommandResult::of(Err(error));
            assert_eq!(
                result.releases_key(),
                has_wait || temporary.contains(&code),
                "{result:?}"
            );
            let problem = result.problem().unwrap();
            let expected = matches!(problem.status, 429 | 503).then_some(true);
            assert_eq!(
                problem.response().header("retry-after").map(|_| true),
                expected,
                "{result:?}"
            );
        }
    }

    #[test]
    fn parses_a_result_of_an_earlier_version() {
        let old = r#"{"problem":{"type":"about:blank","title":"t","status":404,"detail":"d","code":"not-found",
            "outcome":"not-executed","hint":null,"retryAfterMs":null,"errorCode":null,"requestId":"r","body":null}}"#;
        let result: CommandResult = serde_json::from_str(old).unwrap();
        assert_eq!(result.problem().unwrap().code, Code::NotFound);
        assert!(!result.releases_key() && result.is_final());
    }
}
