//! An answer, as text: `<status> <content type>` in the first line, then the body.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/simulation/chance.rs"]
mod chance;
#[allow(dead_code)]
#[path = "../../tests/simulation/shell.rs"]
mod shell;
#[allow(dead_code)]
#[path = "../../tests/simulation/spelling.rs"]
mod spelling;

use campaign_workflow::error::Outcome;
use campaign_workflow::response::{Head, SHOWN_LIMIT};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shell::{cut, diagnose, is_json, mask, retry_after_ms};

const SECRETS: [&str; 3] = [
    "eyJhbGciOi/x+y=",
    "local-key-0123456789",
    r"k%2Fe\/y&#37;%25\u0041",
];

fuzz_target!(|text: &str| {
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let (status, content_type) = first.split_once(' ').unwrap_or((first, ""));
    let status = status.parse().unwrap_or(500);
    let head = Head {
        status,
        opaque_redirect: false,
        retry_after_ms: retry_after_ms(content_type, 1000.0),
    };
    let json = serde_json::from_str::<Value>(body)
        .ok()
        .filter(Value::is_object);
    let diagnosis = diagnose(status, body, json.as_ref());
    let oops = json.is_some_and(|json| {
        let message = json.get("message").and_then(Value::as_str).unwrap_or("");
        json.get("code").and_then(Value::as_f64) == Some(f64::from(status))
            && message.contains("Check your URI")
    });
    assert_eq!(diagnosis.unknown_uri, oops);
    let proven = matches!(status, 300..=499)
        || (matches!(status, 500 | 502) && oops)
        || (status == 503 && head.retry_after_ms.is_some());
    assert_eq!(
        head.outcome(diagnosis.unknown_uri) == Outcome::NotExecuted,
        proven
    );
    let _ = is_json(content_type);

    for secret in SECRETS {
        let masked = mask(body, secret);
        assert!(!spelling::shows(&masked, secret), "{masked:?}");
        assert!(masked.len() <= body.len());
        assert!(cut(&masked, SHOWN_LIMIT).len() <= SHOWN_LIMIT);
    }
});
