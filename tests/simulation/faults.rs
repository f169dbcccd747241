//! What Campaign, or what stands before it, does with one request.
//!
//! A fault keeps to what HTTP and Adobe say of its answer: what proves that nothing was executed is
//! given only where nothing was. All else may come from a Campaign that executed the command.

use std::collections::BTreeMap;

use campaign_emulator::{Fault, FaultKind};
use serde_json::Value;

use crate::chance::Chance;
use crate::echoes;

/// What an answer asks for with `Retry-After`, before the client reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    /// A header that is neither of HTTP's two forms.
    Nonsense,
    /// Milliseconds.
    For(u64),
    /// A moment of the wall clock, in milliseconds.
    Until(u64),
}

impl Asked {
    pub fn is_readable(self) -> bool {
        matches!(self, Self::For(_) | Self::Until(_))
    }
}

/// A fault, or none.
pub fn fault(chance: &mut Chance, secrets: &[String], wall: u64) -> (Option<Fault>, Asked) {
    let (header, asked) = retry_after(chance, wall);
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
            let executes = if asked.is_readable() {
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
        23..=31 => answer(chance, secrets, header, asked),
        _ => return (None, Asked::Nothing),
    };
    let fault = Fault {
        executes,
        ..Fault::new(kind)
    };
    (Some(fault), asked)
}

/// Any status with any body.
fn answer(
    chance: &mut Chance,
    secrets: &[String],
    retry_after: Option<String>,
    asked: Asked,
) -> (FaultKind, Option<bool>) {
    let status = match chance.below(8) {
        0 => chance.any_of(&[0, 100, 199, 600, 999]),
        1..=2 => 200 + chance.below(100) as u16,
        3 => 500 + chance.below(100) as u16,
        4 => chance.any_of(&[401, 403, 404, 408, 409, 425, 429]),
        _ => 300 + chance.below(300) as u16,
    };
    let (body, content_type) = echoes::body(chance, secrets, status);
    let mut headers = BTreeMap::from([(String::from("content-type"), content_type)]);
    if chance.one_in(3) {
        let id = echoes::request_id(chance, secrets);
        headers.insert(String::from("x-request-id"), id);
    }
    headers.extend(retry_after.map(|value| (String::from("retry-after"), value)));
    let executes = match status {
        200..=299 => true,
        300..=499 => false,
        503 if asked.is_readable() => false,
        _ => chance.one_in(2),
    };
    let kind = FaultKind::Answer {
        status,
        headers,
        body: Value::Null,
        body_bytes: Some(body),
    };
    (kind, Some(executes))
}

/// What is nearly Adobe's "Check your URI" answer, and proves nothing.
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
    FaultKind::Answer {
        status,
        headers: BTreeMap::new(),
        body: Value::Null,
        body_bytes: Some(body.into_bytes()),
    }
}

fn retry_after(chance: &mut Chance, wall: u64) -> (Option<String>, Asked) {
    match chance.below(8) {
        0..=1 => (None, Asked::Nothing),
        2 => {
            let nonsense = [
                "",
                "-5",
                "1.5",
                "soon",
                "2 s",
                "0x10",
                "1e3",
                "2026-11-23",
                "Mon",
            ];
            (
                Some(String::from(chance.any_of(&nonsense))),
                Asked::Nonsense,
            )
        }
        3..=4 => {
            let seconds = wall / 1000 + chance.any_of(&[1, 2, 5, 100, 90_000]);
            let past = chance.below(100) * u64::from(chance.one_in(4));
            let seconds = seconds - past;
            (Some(http_date(seconds)), Asked::Until(seconds * 1000))
        }
        _ => {
            let seconds =
                chance.any_of(&[0, 0, 1, 1, 2, 3, 5, 28, 29, 30, 4_294_968, u64::MAX / 1000]);
            (Some(seconds.to_string()), Asked::For(seconds * 1000))
        }
    }
}

/// RFC 9110, 5.6.7, of seconds since 1970. Days to a date after Howard Hinnant's `civil_from_days`.
pub fn http_date(seconds: u64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = (month + 2, year + era * 400);
    format!(
        "{}, {date:02} {} {:04} {:02}:{:02}:{:02} GMT",
        WEEKDAYS[(days % 7) as usize],
        MONTHS[(month % 12) as usize],
        year + u64::from(month >= 12),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}
