//! Reads the body of a request: a small JSON object with one command or one signal.

use campaign_workflow::Command;
use campaign_workflow::signal::{BODY_LIMIT, check_name};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// Whether `Content-Length` declares a body longer than `limit` bytes. A missing, malformed or wrong length is not
/// refused here: the body is also counted while it is read.
pub fn declares_longer_than(content_length: Option<&str>, limit: usize) -> bool {
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that overflows is over the limit as well.
    content_length
        .map(str::trim)
        .filter(digits)
        .is_some_and(|text| text.parse().map_or(true, |length: usize| length > limit))
}

/// Parses the body of a command.
pub fn command(content_type: Option<&str>, body: &[u8]) -> Result<Command, Refusal> {
    let order: CommandBody = object(content_type, body)?.ok_or(Refusal::InvalidCommand)?;
    Command::parse(&order.method).ok_or(Refusal::InvalidCommand)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandBody {
    method: String,
}

/// Parses the body of a signal and returns the body for Campaign. It is serialised anew, so that Campaign reads exactly
/// what was checked.
pub fn signal(content_type: Option<&str>, body: &[u8]) -> Result<String, Refusal> {
    let event: SignalBody = object(content_type, body)?.ok_or(Refusal::InvalidSignal)?;
    let is_flat = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let parameters = event.parameters.iter().flat_map(Map::values);
    if check_name(&event.source).is_err() || !parameters.into_iter().all(is_flat) {
        return Err(Refusal::InvalidSignal);
    }
    let written = serde_json::to_string(&event).map_err(|_| Refusal::InvalidSignal)?;
    // A number can become longer when it is serialised.
    if written.len() > BODY_LIMIT {
        return Err(Refusal::BodyTooLarge);
    }
    Ok(written)
}

/// The body that Adobe documents under "Triggering a signal activity".
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SignalBody {
    source: String,
    #[serde(
        default,
        deserialize_with = "non_null",
        skip_serializing_if = "Option::is_none"
    )]
    parameters: Option<Map<String, Value>>,
}

/// Accepts a missing member, but not null.
fn non_null<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    Map::deserialize(deserializer).map(Some)
}

/// Parses a JSON object of type `T`. `None`: the body is not such an object.
pub fn object<'a, T: Deserialize<'a>>(
    content_type: Option<&str>,
    body: &'a [u8],
) -> Result<Option<T>, Refusal> {
    // A page can send a form or plain text without a preflight, but not JSON.
    if !content_type.is_some_and(is_json) {
        return Err(Refusal::NotJson);
    }
    // serde would also accept an array for a struct.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Ok(None);
    }
    Ok(serde_json::from_slice(body).ok())
}

/// Whether a content type is `application/json`, with UTF-8 as its only possible charset.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| {
            let parameter = parameter.to_ascii_lowercase();
            matches!(
                parameter.as_str(),
                "" | "charset=utf-8" | "charset=\"utf-8\""
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: Option<&str> = Some("application/json");

    #[test]
    fn accepts_the_documented_body_of_a_command() {
        for kind in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert_eq!(
                command(Some(kind), br#" {"method":"stop"} "#),
                Ok(Command::Stop)
            );
        }
    }

    #[test]
    fn refuses_content_types_that_need_no_preflight() {
        for kind in [
            None,
            Some(""),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data"),
            Some("text/plain; application/json"),
            Some("application/jsonp"),
            Some("application/problem+json"),
            Some("application/json; charset=utf-16"),
            Some("application/json, text/plain"),
        ] {
            assert_eq!(
                command(kind, br#"{"method":"stop"}"#),
                Err(Refusal::NotJson),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn refuses_everything_but_the_four_commands() {
        for body in [
            "",
            "{}",
            "null",
            "[]",
            r#"["start"]"#,
            r#"{"method":"Start"}"#,
            r#"{"method":null}"#,
            r#"{"method":["start"]}"#,
            r#"{"method":"start","more":1}"#,
            r#"{"method":"start","method":"stop"}"#,
            r#"{"method":"start"}x"#,
            r#"{"method":"start""#,
            "\u{feff}{\"method\":\"start\"}",
            r#"{"method":{"start":null}}"#,
        ] {
            assert_eq!(
                command(JSON, body.as_bytes()),
                Err(Refusal::InvalidCommand),
                "{body}"
            );
        }
        assert_eq!(
            command(JSON, b"{\"method\":\"\xff\"}"),
            Err(Refusal::InvalidCommand)
        );
    }

    #[test]
    fn accepts_a_source_and_flat_parameters_as_a_signal() {
        let sent = |body: &str| signal(JSON, body.as_bytes());
        for (body, written) in [
            (r#" {"source":"API"} "#, r#"{"source":"API"}"#),
            (
                r#"{"parameters":{"b":1.50,"a":"é\u0041","c":true},"source":"API"}"#,
                r#"{"source":"API","parameters":{"a":"éA","b":1.5,"c":true}}"#,
            ),
            (
                r#"{"source":"API","parameters":{}}"#,
                r#"{"source":"API","parameters":{}}"#,
            ),
        ] {
            assert_eq!(sent(body).as_deref(), Ok(written));
        }
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"source":""}"#,
            r#"{"source":1}"#,
            r#"{"source":"API","parameters":null}"#,
            r#"{"source":"API","parameters":[]}"#,
            r#"{"source":"API","parameters":{"a":null}}"#,
            r#"{"source":"API","parameters":{"a":{}}}"#,
            r#"{"source":"API","parameters":{"a":1e999}}"#,
            r#"{"source":"API","source":"API"}"#,
            r#"{"source":"API","more":1}"#,
            r#"{"source":"\ud800"}"#,
            r#"{"source":"API"}x"#,
        ] {
            assert_eq!(sent(bad), Err(Refusal::InvalidSignal), "{bad}");
        }
        assert_eq!(signal(None, b"{}"), Err(Refusal::NotJson));
        let parameters: Vec<String> = (0..5000).map(|at| format!("\"{at}\":1e15")).collect();
        let long = format!(
            r#"{{"source":"API","parameters":{{{}}}}}"#,
            parameters.join(",")
        );
        assert!(long.len() <= BODY_LIMIT);
        assert_eq!(
            sent(&long),
            Err(Refusal::BodyTooLarge),
            "written anew it is longer"
        );
    }

    #[test]
    fn detects_a_declared_length_over_the_limit() {
        for (declared, more) in [
            ("41", true),
            ("40", false),
            ("99999999999999999999999", true),
            ("-1", false),
            ("x", false),
            ("", false),
        ] {
            assert_eq!(declares_longer_than(Some(declared), 40), more, "{declared}");
        }
        assert!(!declares_longer_than(None, 40));
    }
}
