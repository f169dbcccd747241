//! The faults of Campaign and of the servers in front of it.
//!
//! Their responses follow HTTP and Adobe's documentation: a response that proves that nothing was
//! executed is only sent if nothing was. With any other response, Campaign may have executed the
//! command.

use std::collections::BTreeMap;

use campaign_emulator::{Fault, FaultKind, FaultTarget};
use serde_json::Value;

use crate::chance::Chance;
use crate::echoed_secrets;
use crate::timeline::{RetryAfter, retry_after};

/// A fault, or none.
pub fn fault(chance: &mut Chance, secrets: &[String], wall_clock: i64) -> Option<Fault> {
    let header = retry_after(chance, wall_clock);
    let retry_after = RetryAfter::of(header.as_deref());
    let retry_after_seconds = header.clone().map(Value::String);
    let maybe = Some(chance.one_in(2));
    let (kind, executes) = match chance.below(40) {
        0..=1 => (FaultKind::TokenExpired, None),
        2 => (FaultKind::ProfileInvalid, None),
        3 => (FaultKind::NotFound, None),
        4 => (FaultKind::PkeyUndecryptable, None),
        5 => (FaultKind::UnknownUri, None),
        6 => (FaultKind::CnameMissing, None),
        7..=11 => (
            FaultKind::Throttled {
                retry_after_seconds,
            },
            None,
        ),
        12..=15 => {
            let executes = if retry_after.is_readable() {
                Some(false)
            } else {
                maybe
            };
            (
                FaultKind::Unavailable {
                    retry_after_seconds,
                },
                executes,
            )
        }
        16 => (FaultKind::RefusedByCampaign { text: None }, maybe),
        17 => (FaultKind::Html, maybe),
        18 => (FaultKind::LostRequest, None),
        19 => (FaultKind::LostAnswer, None),
        20 => (FaultKind::Hang, maybe),
        21 => {
            let location = String::from("https://elsewhere.example/");
            let status = 300 + chance.below(100) as u16;
            (FaultKind::Redirect { status, location }, None)
        }
        22 => (lookalike(chance), maybe),
        23..=31 => response(chance, secrets, header, retry_after),
        _ => return None,
    };
    Some(Fault {
        executes,
        on: FaultTarget::Any,
        ..Fault::new(kind)
    })
}

/// A response with any status and any body.
fn response(
    chance: &mut Chance,
    secrets: &[String],
    header: Option<String>,
    retry_after: RetryAfter,
) -> (FaultKind, Option<bool>) {
    let status = match chance.below(8) {
        0 => chance.any_of(&[0, 100, 199, 600, 999]),
        1..=2 => 200 + chance.below(100) as u16,
        3 => 500 + chance.below(100) as u16,
        4 => chance.any_of(&[401, 403, 404, 408, 409, 425, 429]),
        _ => 300 + chance.below(300) as u16,
    };
    let (body, content_type) = echoed_secrets::body(chance, secrets, status);
    let mut headers = BTreeMap::from([(String::from("content-type"), content_type)]);
    if chance.one_in(3) {
        let id = echoed_secrets::request_id(chance, secrets);
        headers.insert(String::from("x-request-id"), id);
    }
    headers.extend(header.map(|value| (String::from("retry-after"), value)));
    let executes = match status {
        200..=299 => true,
        300..=499 => false,
        503 if retry_after.is_readable() => false,
        _ => chance.one_in(2),
    };
    let kind = FaultKind::Response {
        status,
        headers,
        body: Value::Null,
        body_bytes: Some(body),
    };
    (kind, Some(executes))
}

/// Responses that resemble Adobe's "Check your URI" response and prove nothing.
fn lookalike(chance: &mut Chance) -> FaultKind {
    const OOPS: &str = "Oops. Something went wrong. Check your URI and try again.";
    let (status, body) = chance.any_of(&[
        (500, format!(r#"{{"code":502,"message":"{OOPS}"}}"#)),
        (502, format!(r#"{{"code":500,"message":"{OOPS}"}}"#)),
        (504, format!(r#"{{"code":504,"message":"{OOPS}"}}"#)),
        (503, format!(r#"{{"code":503,"message":"{OOPS}"}}"#)),
        (500, format!(r#"{{"code":"500","message":"{OOPS}"}}"#)),
        (500, format!(r#"[{{"code":500,"message":"{OOPS}"}}]"#)),
        (500, format!(r#"{{"code":500,"message":"{OOPS}""#)),
        (
            500,
            format!(r#"{{"error":{{"code":500,"message":"{OOPS}"}}}}"#),
        ),
        (500, String::from(r#"{"code":500,"message":"Oops."}"#)),
        (
            500,
            String::from(r#"{"code":500,"message":["Check your URI"]}"#),
        ),
        (500, String::from(OOPS)),
        (502, format!("<html><h1>{OOPS}</h1></html>")),
    ]);
    FaultKind::Response {
        status,
        headers: BTreeMap::new(),
        body: Value::Null,
        body_bytes: Some(body.into_bytes()),
    }
}
