//! What came of a command, as the caller is told: the same receipt, or the same error, as if Campaign had been called.

use serde::Deserialize;

use crate::http::Answer;
use crate::problem::{CODES, Outcome, Problem};

/// What a receipt's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// None.
    Nothing,
    /// A text.
    Text,
    /// Any other value.
    Json,
}

/// The answer for an accepted command: Campaign's status and body, so that the client makes the same receipt of it, and
/// the number of its answer. The body stays with the platform. `None`: this is no receipt.
pub fn accepted(status: f64, request_id: Option<&str>, body: BodyKind) -> Option<Answer> {
    let status = (200..=299).find(|known| f64::from(*known) == status)?;
    let mut answer = Answer::empty(status);
    // Where HTTP allows no body, none goes out.
    match body {
        _ if matches!(status, 204 | 205) => {}
        BodyKind::Nothing => {}
        BodyKind::Text => answer = answer.with("content-type", "text/plain; charset=utf-8"),
        BodyKind::Json => answer = answer.with("content-type", "application/json"),
    }
    Some(match request_id.filter(|id| is_plain(id)) {
        Some(id) => answer.with("x-request-id", id),
        None => answer,
    })
}

/// The client's error, as far as it is told. A field of another type than its own counts as none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Failure {
    /// One of [`CODES`]; any other is `internal`.
    pub code: Option<String>,
    /// `not-executed`; anything else is unknown.
    pub outcome: Option<String>,
    /// The client's sentence.
    pub message: Option<String>,
    /// What a person can do.
    pub hint: Option<String>,
    /// When another try may help.
    pub retry_after_ms: Option<f64>,
    /// Adobe's code.
    pub error_code: Option<String>,
    /// The number of Adobe's answer.
    pub request_id: Option<String>,
    /// The text of Adobe's answer; only Campaign's own lines are passed on.
    pub body: Option<String>,
}

/// What is known of a command whose outcome did not come within the deadline.
pub fn timeout() -> Failure {
    Failure {
        code: Some("timeout".to_owned()),
        message: Some("The outcome did not come within the gateway's deadline.".to_owned()),
        ..Failure::default()
    }
}

/// The answer for a command that failed.
pub fn failed(failure: &Failure) -> Answer {
    let code = CODES
        .into_iter()
        .find(|code| failure.code.as_deref() == Some(code));
    let outcome = match (code, failure.outcome.as_deref()) {
        (Some(_), Some("not-executed")) => Outcome::NotExecuted,
        _ => Outcome::Unknown,
    };
    let code = code.unwrap_or("internal");
    // Adobe's 401 and 403 are about the gateway's credentials, and none of the caller's business.
    let retry_after_ms = failure
        .retry_after_ms
        .filter(|ms| outcome == Outcome::NotExecuted && *ms >= 0.0)
        // The cast saturates.
        .map(|ms| ms as u32);
    let status = match (code, outcome) {
        ("timeout", _) => 504,
        // Nothing in the head of an unknown outcome may suggest that the command can be sent again.
        (_, Outcome::Unknown) => 502,
        ("not-found", _) => 404,
        ("rate-limited", _) => 429,
        // What may pass: the client in front sends it again.
        ("unreachable" | "token-unavailable", _) => 503,
        ("server-error", _) if retry_after_ms.is_some() => 503,
        ("internal", _) => 500,
        _ => 502,
    };
    let error_code = failure.error_code.as_deref();
    let lines = failure
        .body
        .as_deref()
        .filter(|_| error_code.is_some_and(is_campaigns));
    let message = failure
        .message
        .as_deref()
        .unwrap_or("The gateway failed internally.");
    let request_id = failure.request_id.as_deref();
    let problem = Problem {
        status,
        detail: message,
        code,
        outcome,
        hint: failure.hint.as_deref().or(outcome.hint()),
        retry_after_ms,
        error_code,
        request_id,
        body: lines,
    };
    let mut answer = problem.answer();
    if matches!(status, 429 | 503) {
        let seconds = retry_after_ms.unwrap_or(0).div_ceil(1000).max(1);
        answer = answer.with("retry-after", seconds.to_string());
    }
    match request_id.filter(|id| is_plain(id)) {
        Some(id) => answer.with("x-request-id", id),
        None => answer,
    }
}

/// Whether it is a code of Campaign's own, whose text says why in lines.
fn is_campaigns(error_code: &str) -> bool {
    error_code.starts_with("RST-") || error_code.starts_with("XTK-")
}

/// Whether a text can stand in a header, and is no more than a number or name.
fn is_plain(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn failure(value: Value) -> Failure {
        serde_json::from_value(value).unwrap()
    }

    fn document(answer: &Answer) -> Value {
        serde_json::from_str(answer.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn the_status_says_whose_trouble_it_is() {
        for code in CODES {
            let answer = failed(&failure(
                json!({"code": code, "outcome": "not-executed", "message": "m"}),
            ));
            let expected = match code {
                "not-found" => 404,
                "rate-limited" => 429,
                "timeout" => 504,
                "internal" => 500,
                "unreachable" | "token-unavailable" => 503,
                _ => 502,
            };
            assert_eq!(answer.status, expected, "{code}");
            let may_pass = matches!(expected, 429 | 503);
            assert_eq!(answer.get("retry-after").is_some(), may_pass, "{code}");
            assert_eq!(document(&answer)["code"], code);
            assert_eq!(document(&answer)["outcome"], "not-executed");
        }
    }

    #[test]
    fn what_is_no_error_of_the_clients_is_unknown() {
        for strange in [
            json!({}),
            json!({"code": "fine", "outcome": "not-executed"}),
            json!({"outcome": "not-executed"}),
        ] {
            let answer = failed(&failure(strange));
            assert_eq!(answer.status, 502);
            assert_eq!(document(&answer)["code"], "internal");
            assert_eq!(document(&answer)["outcome"], "unknown");
            assert!(document(&answer)["hint"].is_string());
        }
        let answer = failed(&failure(json!({"code": "network", "outcome": "executed"})));
        assert_eq!(document(&answer)["outcome"], "unknown");
    }

    #[test]
    fn only_campaigns_own_lines_are_passed_on() {
        let of = |error_code: Value, body: &str| {
            let answer = failed(&failure(json!({
                "code": "server-error", "outcome": "unknown", "message": "m", "errorCode": error_code, "body": body,
            })));
            document(&answer)["body"].clone()
        };
        assert_eq!(
            of(json!("RST-360011"), "RST-360011 a\nb"),
            "RST-360011 a\nb"
        );
        assert_eq!(of(json!("XTK-170036"), "lines"), "lines");
        assert_eq!(of(json!("401013"), "{}"), json!(null));
        assert_eq!(of(json!(null), "<html>"), json!(null));
    }

    #[test]
    fn retry_after_is_in_whole_seconds() {
        for (ms, seconds) in [
            (json!(null), "1"),
            (json!(0), "1"),
            (json!(1001), "2"),
            (json!(-5), "1"),
            (json!(7000), "7"),
        ] {
            let answer = failed(&failure(
                json!({"code": "rate-limited", "outcome": "not-executed", "retryAfterMs": ms}),
            ));
            assert_eq!(answer.get("retry-after"), Some(seconds));
        }
        let other = failed(&failure(
            json!({"code": "server-error", "outcome": "not-executed", "retryAfterMs": 5000}),
        ));
        assert_eq!((other.status, other.get("retry-after")), (503, Some("5")));
        assert_eq!(document(&other)["retryAfterMs"], 5000);
    }

    #[test]
    fn an_unknown_outcome_says_nothing_of_a_repetition() {
        for code in CODES {
            let answer = failed(&failure(
                json!({"code": code, "outcome": "unknown", "retryAfterMs": 5000}),
            ));
            let expected = if code == "timeout" { 504 } else { 502 };
            assert_eq!(answer.status, expected, "{code}");
            assert_eq!(answer.get("retry-after"), None, "{code}");
            assert_eq!(document(&answer)["code"], code);
            assert_eq!(document(&answer)["outcome"], "unknown");
            assert_eq!(document(&answer)["retryAfterMs"], json!(null));
        }
        let late = failed(&timeout());
        assert_eq!(late.status, 504);
        assert_eq!(document(&late)["outcome"], "unknown");
    }

    #[test]
    fn a_receipt_keeps_status_and_number() {
        let answer = accepted(202.0, Some("id-1"), BodyKind::Json).unwrap();
        assert_eq!(
            (answer.status, answer.get("x-request-id")),
            (202, Some("id-1"))
        );
        assert_eq!(answer.get("content-type"), Some("application/json"));
        assert_eq!(
            accepted(204.0, None, BodyKind::Text)
                .unwrap()
                .get("content-type"),
            None
        );
        for none in [199.0, 300.0, 200.5, f64::NAN] {
            assert_eq!(accepted(none, None, BodyKind::Nothing), None, "{none}");
        }
        for odd in ["", "a b", "a\r\nb", "é"] {
            assert_eq!(
                accepted(200.0, Some(odd), BodyKind::Nothing)
                    .unwrap()
                    .get("x-request-id"),
                None
            );
        }
    }
}
