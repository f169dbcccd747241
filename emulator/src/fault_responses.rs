//! The answers that faults give in Campaign's place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::answers;
use crate::fault::FaultKind;
use crate::http::Answer;
use crate::options::Dialect;

impl FaultKind {
    /// The answer in Campaign's place; `None`: Campaign's own is meant.
    pub(crate) fn scripted(&self, workflow: &str, dialect: Dialect) -> Option<Answer> {
        Some(match self {
            FaultKind::TokenExpired => answers::token_invalid(),
            FaultKind::ProfileInvalid => answers::profile_invalid(),
            FaultKind::NotFound => answers::not_found(dialect, workflow),
            FaultKind::PkeyUndecryptable => answers::pkey_undecryptable(workflow),
            FaultKind::UnknownUri => answers::unknown_uri(),
            FaultKind::CnameMissing => answers::cname_missing(),
            FaultKind::Throttled {
                retry_after_seconds,
            } => retry_after(answers::throttled(), retry_after_seconds),
            FaultKind::Unavailable {
                retry_after_seconds,
            } => retry_after(answers::unavailable(), retry_after_seconds),
            FaultKind::RefusedByCampaign { text } => answers::refused(text.as_deref()),
            FaultKind::Html => answers::html(),
            FaultKind::Answer {
                status,
                headers,
                body,
                body_bytes,
            } => any_answer(*status, headers, body, body_bytes),
            FaultKind::Redirect { status, location } => {
                Answer::new(*status, None, "").with("location", location)
            }
            FaultKind::Delay
            | FaultKind::Hang
            | FaultKind::LostRequest
            | FaultKind::LostAnswer
            | FaultKind::CutBody => return None,
        })
    }
}

fn retry_after(answer: Answer, value: &Option<Value>) -> Answer {
    match value {
        None => answer,
        Some(Value::String(text)) => answer.with("retry-after", text),
        Some(other) => answer.with("retry-after", other.to_string()),
    }
}

fn any_answer(
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &Value,
    bytes: &Option<Vec<u8>>,
) -> Answer {
    let mut answer = match (bytes, body) {
        (Some(bytes), _) => Answer::new(status, Some("application/octet-stream"), bytes.clone()),
        (None, Value::Null) => Answer::new(status, None, ""),
        (None, Value::String(text)) => Answer::text(status, text.as_str()),
        (None, other) => Answer::json(status, other.to_string()),
    };
    for (name, value) in headers {
        answer
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        answer
            .headers
            .push((name.to_ascii_lowercase(), value.clone()));
    }
    answer
}
