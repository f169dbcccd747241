//! The responses of a gateway: problem documents with every code, outcome, status and header, and
//! the plain responses of proxies.

use campaign_emulator::Response;
use campaign_workflow::error::Code;
use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::echoed_secrets;
use crate::gateway::Environment;
use crate::timeline::{RetryAfter, retry_after};

/// The outcome that a document reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimedOutcome {
    NotExecuted,
    Unknown,
    /// No outcome that the client knows.
    Nothing,
}

/// A problem document.
pub struct ProblemDocument {
    pub claimed: ClaimedOutcome,
    pub code: Option<&'static str>,
    /// `stored: true`, which only the stored response of a key may contain.
    pub is_stored: bool,
}

impl ProblemDocument {
    pub fn new(claimed: ClaimedOutcome) -> Self {
        Self {
            claimed,
            code: None,
            is_stored: false,
        }
    }

    pub fn response(
        self,
        status: u16,
        retry_after: Option<String>,
        environment: &mut Environment<'_>,
    ) -> Response {
        let Environment {
            chance, secrets, ..
        } = environment;
        let mut fields = Map::new();
        if let Some(code) = self.code {
            fields.insert(String::from("code"), json!(code));
        }
        let outcome = match self.claimed {
            ClaimedOutcome::NotExecuted => json!("not-executed"),
            ClaimedOutcome::Unknown => json!("unknown"),
            ClaimedOutcome::Nothing => chance.any_of(&[
                Value::Null,
                json!("executed"),
                json!("Unknown"),
                json!(["not-executed"]),
                json!(0),
            ]),
        };
        if !outcome.is_null() {
            fields.insert(String::from("outcome"), outcome);
        }
        if self.is_stored {
            fields.insert(String::from("stored"), json!(true));
        } else if chance.one_in(20) {
            fields.insert(String::from("stored"), json!("true"));
        }
        let mut echo = |name: &str| {
            if chance.one_in(3) {
                let text = match chance.below(200) {
                    0 => format!(
                        "{}{}",
                        "x".repeat(8180),
                        echoed_secrets::echo(chance, secrets)
                    ),
                    1..=100 => echoed_secrets::echo(chance, secrets),
                    _ => String::from("a text"),
                };
                fields.insert(String::from(name), json!(text));
            }
        };
        ["detail", "hint", "body", "errorCode"]
            .iter()
            .for_each(|name| echo(name));
        if chance.one_in(3) {
            let ms = chance.any_of(&[json!(0), json!(1500), json!(-1), json!(1e12), json!("2")]);
            fields.insert(String::from("retryAfterMs"), ms);
        }
        let types = [
            "application/problem+json",
            "application/problem+json",
            "Application/Problem+JSON; charset=utf-8",
        ];
        let content_type = String::from(chance.any_of(&types));
        let mut body = Value::Object(fields).to_string().into_bytes();
        if chance.one_in(40) {
            body.splice(0..0, *b"\xef\xbb\xbf");
        }
        response(status, &content_type, retry_after, body)
    }
}

fn response(
    status: u16,
    content_type: &str,
    retry_after: Option<String>,
    body: Vec<u8>,
) -> Response {
    let mut headers = vec![(String::from("content-type"), String::from(content_type))];
    headers.extend(retry_after.map(|value| (String::from("retry-after"), value)));
    Response {
        status,
        headers,
        body,
    }
}

/// A response about a command, with a problem document or without. The reported outcome is true;
/// the rest is arbitrary.
pub fn response_about(
    executed: bool,
    has_key: bool,
    environment: &mut Environment<'_>,
) -> Response {
    let chance = &mut *environment.chance;
    let claimed = match (executed, chance.below(8)) {
        (true, 0..=4) => ClaimedOutcome::Unknown,
        (false, 0..=3) => ClaimedOutcome::NotExecuted,
        (false, 4..=5) => ClaimedOutcome::Unknown,
        (_, 6) => return proxy_response(executed, environment),
        _ => ClaimedOutcome::Nothing,
    };
    let retry_after = retry_after(chance, environment.wall_clock);
    // The client does not read the body of a redirect. Without an outcome, the status decides.
    let status = match (executed, claimed) {
        (true, ClaimedOutcome::Nothing | ClaimedOutcome::NotExecuted) => {
            unknown_status(&retry_after, chance)
        }
        (true, ClaimedOutcome::Unknown) => error_status(chance),
        (false, _) if chance.one_in(20) => chance.any_of(&[302, 307, 399]),
        (false, _) => error_status(chance),
    };
    let codes: Vec<&'static str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let code = match chance.below(6) {
        0 => None,
        1 => Some("no-such-code"),
        _ => Some(chance.any_of(&codes)),
    };
    let document = ProblemDocument {
        claimed,
        code,
        // Without a key, the client ignores it.
        is_stored: !has_key && chance.one_in(12),
    };
    let mut response = document.response(status, retry_after, environment);
    make_invalid(&mut response, executed, environment.chance);
    response
}

/// Makes the body invalid, if the status alone is still true.
fn make_invalid(response: &mut Response, executed: bool, chance: &mut Chance) {
    let is_true = !executed || claims_nothing(response.status, response.get("retry-after"));
    if !is_true || !chance.one_in(16) {
        return;
    }
    match chance.below(3) {
        0 => response.body = [b"[".as_slice(), &response.body, b"]"].concat(),
        1 => response.body.truncate(response.body.len() / 2),
        _ => response.body.push(0xff),
    }
}

/// The plain text response to a signal within ten minutes of another one.
pub fn too_soon_response() -> Response {
    let text = "The signal was triggered less than 10 minutes ago.";
    response(400, "text/plain", None, text.as_bytes().to_vec())
}

/// A proxy's own response. After the request was forwarded, only one that proves nothing.
pub fn proxy_response(is_sent: bool, environment: &mut Environment<'_>) -> Response {
    let Environment {
        chance, secrets, ..
    } = environment;
    let retry_after = retry_after(chance, environment.wall_clock);
    let statuses: &[u16] = match is_sent {
        true => &[500, 502, 502, 504, 504, 520, 600, 0],
        false => &[
            400, 401, 403, 404, 408, 409, 429, 429, 429, 502, 503, 503, 504, 302,
        ],
    };
    let (body, content_type) = match chance.below(3) {
        0 => (b"<html><h1>Bad Gateway</h1></html>".to_vec(), "text/html"),
        1 => (Vec::new(), "text/plain"),
        _ => (
            echoed_secrets::echo(chance, secrets).into_bytes(),
            "text/plain",
        ),
    };
    response(chance.any_of(statuses), content_type, retry_after, body)
}

fn error_status(chance: &mut Chance) -> u16 {
    let usual = [
        400, 401, 403, 404, 408, 409, 409, 413, 425, 429, 429, 429, 500, 500, 502, 502, 503, 503,
        503, 504, 504, 599, 0, 199, 600,
    ];
    chance.any_of(&usual)
}

/// A status that proves nothing about the command.
fn unknown_status(retry_after: &Option<String>, chance: &mut Chance) -> u16 {
    let status = chance.any_of(&[500, 502, 503, 504, 599, 0, 199, 600]);
    if claims_nothing(status, retry_after.as_deref()) {
        status
    } else {
        500
    }
}

fn claims_nothing(status: u16, retry_after: Option<&str>) -> bool {
    match status {
        200..=499 => false,
        503 => !RetryAfter::of(retry_after).is_readable(),
        _ => true,
    }
}

/// Marks a document as the stored response of its key.
pub fn mark_stored(mut response: Response) -> Response {
    let mut fields = parse(&response.body).unwrap_or_default();
    fields.insert(String::from("stored"), json!(true));
    response.body = Value::Object(fields).to_string().into_bytes();
    response
}

pub fn is_document(response: &Response) -> bool {
    let content_type = response.get("content-type").unwrap_or_default();
    content_type
        .to_ascii_lowercase()
        .starts_with("application/problem+json")
}

/// The fields of a problem document that a client knows.
#[derive(Clone, Debug)]
pub struct ParsedProblem {
    pub outcome: Option<&'static str>,
    pub code: Option<Code>,
    pub is_stored: bool,
    pub retry_after_ms: Option<f64>,
}

pub fn read(body: &[u8]) -> Option<ParsedProblem> {
    let fields = parse(body)?;
    let word = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let known = ["not-executed", "unknown"];
    let is_code = |code: &&Code| code.as_str() == word("code");
    Some(ParsedProblem {
        outcome: known.into_iter().find(|known| *known == word("outcome")),
        code: Code::ALL.iter().find(is_code).copied(),
        is_stored: fields.get("stored") == Some(&Value::Bool(true)),
        retry_after_ms: fields.get("retryAfterMs").and_then(Value::as_f64),
    })
}

/// Parses a JSON object, as `fetch` decodes it.
fn parse(body: &[u8]) -> Option<Map<String, Value>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_str(&String::from_utf8_lossy(body)).ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

pub fn is_object(body: &[u8]) -> bool {
    parse(body).is_some()
}
