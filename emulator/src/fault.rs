//! A scripted fault: its effect, the requests it matches, and how often it applies.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::Command;

/// A fault and the requests it applies to. In JSON, `kind` and the other fields are in one object, in camel case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The effect.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only requests for this workflow, by id or PKey. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// Only this command. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// The part of the API. Default: commands.
    #[serde(default)]
    pub on: FaultTarget,
    /// How many more requests it applies to; `None`: all. Default 1.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// Delay between the request and the effect, in milliseconds. Default 0.
    #[serde(default)]
    pub delay_ms: u32,
    /// Whether Campaign still executes a command that it would have accepted without the fault. Default: depends on `kind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executes: Option<bool>,
}

/// The part of the API that a fault applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultTarget {
    /// Requests for commands.
    #[default]
    Command,
    /// The GET of a workflow.
    Read,
    /// The trigger of a signal.
    Trigger,
    /// All of them.
    Any,
}

/// The effect of a fault. Unless noted otherwise, the command is not executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum FaultKind {
    /// 401 with error code 401013.
    TokenExpired,
    /// 403 with error code 403023.
    ProfileInvalid,
    /// 404 with the dialect's text.
    NotFound,
    /// The 404 that v8 returns for a PKey of another instance.
    PkeyUndecryptable,
    /// 500 "Oops".
    UnknownUri,
    /// 502 "Oops".
    CnameMissing,
    /// 429.
    Throttled {
        /// The Retry-After header; `None`: none. Default 2 seconds.
        #[serde(default = "two_seconds")]
        retry_after_seconds: Option<Value>,
    },
    /// 503.
    Unavailable {
        /// The Retry-After header; `None`: none. Default 2 seconds.
        #[serde(default = "two_seconds")]
        retry_after_seconds: Option<Value>,
    },
    /// 500 with `RST-` and `XTK-` lines.
    RefusedByCampaign {
        /// The text. Default: two lines, whose second is an assumption.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// 502 with an HTML page.
    Html,
    /// Any response.
    #[serde(rename = "answer")]
    Response {
        /// 200 to 599.
        status: u16,
        /// Default: a content type that fits the body.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A string is sent as it is, null sends no body, anything else is sent as JSON.
        #[serde(default)]
        body: Value,
        /// A body that is not text; it takes precedence over `body`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body_bytes: Option<Vec<u8>>,
    },
    /// A redirect.
    Redirect {
        /// 300 to 399. Default 307.
        #[serde(default = "temporary")]
        status: u16,
        /// The Location header.
        location: String,
    },
    /// Campaign's own response, delayed. The command is executed when the request arrives.
    Delay,
    /// No response, ever.
    Hang,
    /// The connection fails before the request reaches Campaign.
    LostRequest,
    /// The command is executed, then the connection fails.
    LostAnswer,
    /// The command is executed; the headers and the first half of the body arrive, then the connection fails.
    CutBody,
}

/// The reason why a fault's JSON is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFault(String);

impl fmt::Display for InvalidFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "fault: {}", self.0)
    }
}

impl std::error::Error for InvalidFault {}

fn once() -> Option<u32> {
    Some(1)
}

fn two_seconds() -> Option<Value> {
    Some(Value::from(2))
}

fn temporary() -> u16 {
    307
}

impl Fault {
    /// A fault of this kind for one command request of any workflow.
    pub fn new(kind: FaultKind) -> Self {
        Fault {
            kind,
            workflow_id: None,
            command: None,
            on: FaultTarget::default(),
            times: once(),
            delay_ms: 0,
            executes: None,
        }
    }

    /// A fault that responds with this status and body to one command request of any workflow.
    pub fn response(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body_bytes = Some(body.into());
        Fault::new(FaultKind::Response {
            status,
            headers: BTreeMap::new(),
            body: Value::Null,
            body_bytes,
        })
    }

    /// Parses a fault from JSON.
    ///
    /// # Errors
    /// Names the field that is missing, unknown, of the wrong type or out of range.
    pub fn from_json(value: Value) -> Result<Self, InvalidFault> {
        let field_names: Vec<String> = match &value {
            Value::Object(fields) => fields.keys().cloned().collect(),
            _ => return Err(InvalidFault("not an object".to_owned())),
        };
        let fault: Fault =
            serde_json::from_value(value).map_err(|error| InvalidFault(error.to_string()))?;
        let is_known = |field: &&String| {
            COMMON.contains(&field.as_str()) || fault.kind.fields().contains(&field.as_str())
        };
        if let Some(unknown) = field_names.iter().find(|field| !is_known(field)) {
            return Err(InvalidFault(format!(
                "unknown field `{unknown}` for \"{}\"",
                fault.kind.name()
            )));
        }
        if fault.kind == FaultKind::Delay && !field_names.iter().any(|field| field == "delayMs") {
            return Err(InvalidFault("missing field `delayMs`".to_owned()));
        }
        if fault.times == Some(0) {
            return Err(InvalidFault("times is 0".to_owned()));
        }
        fault
            .kind
            .check()
            .map_err(|reason| InvalidFault(reason.to_owned()))?;
        Ok(fault)
    }

    /// Whether Campaign executes the command despite the fault.
    pub(crate) fn executes(&self) -> bool {
        self.executes.unwrap_or(matches!(
            self.kind,
            FaultKind::Delay | FaultKind::LostAnswer | FaultKind::CutBody
        ))
    }
}

const COMMON: [&str; 7] = [
    "kind",
    "workflowId",
    "command",
    "on",
    "times",
    "delayMs",
    "executes",
];

impl FaultKind {
    /// The name used in JSON and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            FaultKind::TokenExpired => "token-expired",
            FaultKind::ProfileInvalid => "profile-invalid",
            FaultKind::NotFound => "not-found",
            FaultKind::PkeyUndecryptable => "pkey-undecryptable",
            FaultKind::UnknownUri => "unknown-uri",
            FaultKind::CnameMissing => "cname-missing",
            FaultKind::Throttled { .. } => "throttled",
            FaultKind::Unavailable { .. } => "unavailable",
            FaultKind::RefusedByCampaign { .. } => "refused-by-campaign",
            FaultKind::Html => "html",
            FaultKind::Response { .. } => "answer",
            FaultKind::Redirect { .. } => "redirect",
            FaultKind::Delay => "delay",
            FaultKind::Hang => "hang",
            FaultKind::LostRequest => "lost-request",
            FaultKind::LostAnswer => "lost-answer",
            FaultKind::CutBody => "cut-body",
        }
    }

    fn fields(&self) -> &'static [&'static str] {
        match self {
            FaultKind::Throttled { .. } | FaultKind::Unavailable { .. } => &["retryAfterSeconds"],
            FaultKind::RefusedByCampaign { .. } => &["text"],
            FaultKind::Response { .. } => &["status", "headers", "body", "bodyBytes"],
            FaultKind::Redirect { .. } => &["status", "location"],
            _ => &[],
        }
    }

    /// Rejects what HTTP cannot send: at send time it would look like a lost connection.
    fn check(&self) -> Result<(), &'static str> {
        match self {
            FaultKind::Throttled {
                retry_after_seconds,
            }
            | FaultKind::Unavailable {
                retry_after_seconds,
            } => match retry_after_seconds {
                None | Some(Value::Number(_)) => Ok(()),
                Some(Value::String(text)) if is_header_value(text) => Ok(()),
                Some(_) => Err("retryAfterSeconds is not a number, a header value or null"),
            },
            FaultKind::Response {
                status, headers, ..
            } => {
                if !(200..=599).contains(status) {
                    return Err("status is not 200 to 599");
                }
                let is_valid = headers
                    .iter()
                    .all(|(name, value)| is_header_name(name) && is_header_value(value));
                if is_valid {
                    Ok(())
                } else {
                    Err("headers contains a name or value that HTTP does not allow")
                }
            }
            FaultKind::Redirect { status, .. } if !(300..=399).contains(status) => {
                Err("status is not 300 to 399")
            }
            FaultKind::Redirect { location, .. } if !is_header_value(location) => {
                Err("location contains characters that HTTP does not allow")
            }
            _ => Ok(()),
        }
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_header_value(value: &str) -> bool {
    value.trim() == value
        && value
            .bytes()
            .all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}
