//! The responses that faults send in place of Campaign's own.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fault::FaultKind;
use crate::http::Response;
use crate::options::Dialect;
use crate::responses;

impl FaultKind {
    /// The scripted response; `None`: Campaign's own response is used.
    pub(crate) fn response(&self, workflow: &str, dialect: Dialect) -> Option<Response> {
        Some(match self {
            FaultKind::TokenExpired => responses::token_invalid(),
            FaultKind::ProfileInvalid => responses::profile_invalid(),
            FaultKind::NotFound => responses::not_found(dialect, workflow),
            FaultKind::PkeyUndecryptable => responses::pkey_undecryptable(workflow),
            FaultKind::UnknownUri => responses::unknown_uri(),
            FaultKind::CnameMissing => responses::cname_missing(),
            FaultKind::Throttled {
                retry_after_seconds,
            } => retry_after(responses::throttled(), retry_after_seconds),
            FaultKind::Unavailable {
                retry_after_seconds,
            } => retry_after(responses::unavailable(), retry_after_seconds),
            FaultKind::RefusedByCampaign { text } => responses::refused(text.as_deref()),
            FaultKind::Html => responses::html(),
            FaultKind::Response {
                status,
                headers,
                body,
                body_bytes,
            } => any_response(*status, headers, body, body_bytes),
            FaultKind::Redirect { status, location } => {
                Response::new(*status, None, "").with("location", location)
            }
            FaultKind::Delay
            | FaultKind::Hang
            | FaultKind::LostRequest
            | FaultKind::LostAnswer
            | FaultKind::CutBody => return None,
        })
    }
}

fn retry_after(response: Response, value: &Option<Value>) -> Response {
    match value {
        None => response,
        Some(Value::String(text)) => response.with("retry-after", text),
        Some(other) => response.with("retry-after", other.to_string()),
    }
}

fn any_response(
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &Value,
    bytes: &Option<Vec<u8>>,
) -> Response {
    let mut response = match (bytes, body) {
        (Some(bytes), _) => Response::new(status, Some("application/octet-stream"), bytes.clone()),
        (None, Value::Null) => Response::new(status, None, ""),
        (None, Value::String(text)) => Response::text(status, text.as_str()),
        (None, other) => Response::json(status, other.to_string()),
    };
    for (name, value) in headers {
        response
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        response
            .headers
            .push((name.to_ascii_lowercase(), value.clone()));
    }
    response
}
