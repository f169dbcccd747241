//! Fuzzes a response. The first line of the input is `<status> <content type>`, the rest is the
//! body. The content type is also the `Retry-After` header.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/simulation/chance.rs"]
mod chance;
#[path = "../../tests/simulation/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../../tests/properties/platform.rs"]
mod platform;
#[allow(dead_code)]
#[path = "../../tests/simulation/encodings.rs"]
mod encodings;

use campaign_workflow::error::{Error, Outcome};
use campaign_workflow::redact::{truncate, mask};
use campaign_workflow::response::{ERROR_TEXT_LIMIT, decode, is_json, is_problem};
use campaign_workflow::retry::RetryAfter;
use campaign_workflow::{AccessToken, Command, Request, send};
use libfuzzer_sys::fuzz_target;
use platform::{ScriptedResponse, Reply, ScriptedPlatform, poll_once};
use serde_json::Value;

const SECRETS: [&str; 3] = [
    "eyJhbGciOi/x+y=",
    "local-key-0123456789",
    r"k%2Fe\/y&#37;%25\u0041",
];

fuzz_target!(|text: &str| {
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let (status, content_type) = first.split_once(' ').unwrap_or((first, ""));
    let status = status.parse().unwrap_or(500);
    let without_mark = body.strip_prefix('\u{feff}').unwrap_or(body);
    assert_eq!(decode(body.as_bytes()), (String::from(without_mark), true));
    let body = without_mark;
    let _ = is_json(content_type);

    for secret in SECRETS {
        let masked = mask(body, secret);
        assert!(!encodings::contains_secret(&masked, secret), "{masked:?}");
        assert!(masked.len() <= body.len());
        assert!(truncate(&masked, ERROR_TEXT_LIMIT).len() <= ERROR_TEXT_LIMIT);
    }
    match command(status, content_type, body) {
        Ok(()) => assert!(matches!(status, 200..=299)),
        Err(error) => check_error(&error, status, content_type, body),
    }
});

/// Sends a command that gets this response.
fn command(status: u16, header: &str, body: &str) -> Result<(), Error> {
    let response = ScriptedResponse {
        status,
        headers: ["content-type", "retry-after"]
            .map(|name| (name.into(), header.into()))
            .to_vec(),
        body: body.as_bytes().to_vec(),
        is_cut: false,
    };
    let platform = ScriptedPlatform::new(false, |_| Reply::Response(response.clone()));
    let [token, api_key, own_key] = SECRETS.map(String::from);
    let request = Request {
        access_token: AccessToken::Fixed(token),
        api_key: Some(api_key),
        headers: vec![("X-Functions-Key".into(), own_key)],
        base_url: Some("https://gateway.example".into()),
        max_retries: 0,
        ..Request::new("acme", "WKF1")
    };
    poll_once(send(&platform, &request, Command::Start)).map(drop)
}

fn check_error(error: &Error, status: u16, content_type: &str, body: &str) {
    let json = serde_json::from_str::<Value>(body).ok();
    let word = |name| json.as_ref()?.get(name)?.as_str();
    let code = json.as_ref().and_then(|json| json.get("code")?.as_f64());
    let is_unknown_uri = code == Some(f64::from(status))
        && word("message").is_some_and(|message| message.contains("Check your URI"));
    let by_status = matches!(status, 300..=499)
        || (matches!(status, 500 | 502) && is_unknown_uri)
        || (status == 503 && RetryAfter::parse(content_type).is_some());
    let is_read = !matches!(status, 0 | 300..=399);
    let reported = word("outcome").filter(|_| is_read && is_problem(content_type));
    let is_certain = match reported {
        Some("not-executed") => true,
        Some("unknown") => false,
        _ => by_status,
    };
    assert_eq!(error.outcome == Outcome::NotExecuted, is_certain);

    let texts = [&error.body, &error.hint, &error.error_code, &error.cause];
    for text in texts.into_iter().flatten().chain([&error.message]) {
        assert!(text.len() <= ERROR_TEXT_LIMIT);
        // The end of a truncated text may look like the start of a secret.
        let is_whole = text.len() + 4 < ERROR_TEXT_LIMIT;
        let found = SECRETS.iter().find(|secret| encodings::contains_secret(text, secret));
        assert!(!is_whole || found.is_none(), "{found:?} in {text:?}");
    }
}
