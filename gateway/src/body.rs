//! The body of a request: small, JSON, and one command.

use serde::Deserialize;

use crate::command::Command;
use crate::refusal::Refusal;

/// Whether a `Content-Length` already says that the body is too long. One that lies, or is none, is found out by
/// counting what comes.
pub fn declares_more(content_length: Option<&str>, limit: usize) -> bool {
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What overflows is too long, too.
    content_length
        .map(str::trim)
        .filter(digits)
        .is_some_and(|text| text.parse().map_or(true, |length: usize| length > limit))
}

/// The command in a body that was read, of which there may be no more than `limit`.
pub fn command(content_type: Option<&str>, body: &[u8], limit: usize) -> Result<Command, Refusal> {
    if body.len() > limit {
        return Err(Refusal::TooLarge);
    }
    // A form or a plain text can be sent by any page without asking first; JSON can't.
    if !content_type.is_some_and(is_json) {
        return Err(Refusal::NotJson);
    }
    // serde takes a list for a struct, too.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::NotCommand);
    }
    let parsed: Result<Order, _> = serde_json::from_slice(body);
    let command = parsed.ok().and_then(|order| Command::of(&order.method));
    command.ok_or(Refusal::NotCommand)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    method: String,
}

/// `application/json`, in UTF-8 where it says so.
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
    fn the_documented_body_is_a_command() {
        for kind in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert_eq!(
                command(Some(kind), br#" {"method":"stop"} "#, 40),
                Ok(Command::Stop)
            );
        }
    }

    #[test]
    fn what_a_page_can_send_unasked_is_no_json() {
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
                command(kind, br#"{"method":"stop"}"#, 40),
                Err(Refusal::NotJson),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn anything_but_one_of_the_four_words_is_refused() {
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
                command(JSON, body.as_bytes(), 100),
                Err(Refusal::NotCommand),
                "{body}"
            );
        }
        assert_eq!(
            command(JSON, b"{\"method\":\"\xff\"}", 100),
            Err(Refusal::NotCommand)
        );
    }

    #[test]
    fn size_comes_first() {
        assert_eq!(command(None, &[b'x'; 41], 40), Err(Refusal::TooLarge));
        for (declared, more) in [
            ("41", true),
            ("40", false),
            ("99999999999999999999999", true),
            ("-1", false),
            ("x", false),
            ("", false),
        ] {
            assert_eq!(declares_more(Some(declared), 40), more, "{declared}");
        }
        assert!(!declares_more(None, 40));
    }
}
