//! One thing that goes wrong on purpose: what it does, for which requests, how often.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::Command;

/// One fault: what it does, and which requests it meets. As JSON, `kind` and the fields stand side by side in camel case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// What it does.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only requests for this workflow, by id or PKey. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// Only this command. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// Which part of the API. Default: the commands.
    #[serde(default)]
    pub on: Meets,
    /// How many requests it still meets; `None`: every one. Default 1.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// How long what it does waits after the request came, in milliseconds. Default 0.
    #[serde(default)]
    pub delay_ms: u32,
    /// Whether Campaign takes the command all the same, if it would have without the fault. Default: as the kind says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executes: Option<bool>,
}

/// The part of the API in which a fault waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meets {
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

/// What a fault does. Unless said otherwise nothing is executed.
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
    /// 404 with the text of the dialect.
    NotFound,
    /// The 404 that v8 gives for a PKey of another instance.
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
    /// Any answer.
    Answer {
        /// 200 to 599.
        status: u16,
        /// Default: a content type that fits the body.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A string as it is, null for none, anything else as JSON.
        #[serde(default)]
        body: Value,
        /// The body, where it is no text. Default: `body` is.
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
    /// The answer that would have been given, late. The command is executed when the request comes.
    Delay,
    /// No answer ever.
    Hang,
    /// The connection fails before Campaign has the request.
    LostRequest,
    /// The command is executed, then the connection fails.
    LostAnswer,
    /// The command is executed; head and first half of the body arrive, then the connection fails.
    CutBody,
}

/// What is wrong with a fault that came as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFault(String);

impl fmt::Display for InvalidFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a fault: {}", self.0)
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
    /// A fault of this kind, for one request for any command.
    pub fn new(kind: FaultKind) -> Self {
        Fault {
            kind,
            workflow_id: None,
            command: None,
            on: Meets::default(),
            times: once(),
            delay_ms: 0,
            executes: None,
        }
    }

    /// Any answer, for one request for any command.
    pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body_bytes = Some(body.into());
        Fault::new(FaultKind::Answer {
            status,
            headers: BTreeMap::new(),
            body: Value::Null,
            body_bytes,
        })
    }

    /// Reads a fault that crossed from another language.
    ///
    /// # Errors
    /// Says which field is missing, unknown, of a wrong type or out of range.
    pub fn from_json(value: Value) -> Result<Self, InvalidFault> {
        let given: Vec<String> = match &value {
            Value::Object(fields) => fields.keys().cloned().collect(),
            _ => return Err(InvalidFault("it is no object".to_owned())),
        };
        let fault: Fault =
            serde_json::from_value(value).map_err(|error| InvalidFault(error.to_string()))?;
        let known = |field: &&String| {
            COMMON.contains(&field.as_str()) || fault.kind.fields().contains(&field.as_str())
        };
        if let Some(unknown) = given.iter().find(|field| !known(field)) {
            return Err(InvalidFault(format!(
                "unknown field `{unknown}` for \"{}\"",
                fault.kind.name()
            )));
        }
        if fault.kind == FaultKind::Delay && !given.iter().any(|field| field == "delayMs") {
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

    /// Whether the command is executed.
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
    /// Its name in JSON and in the log.
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
            FaultKind::Answer { .. } => "answer",
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
            FaultKind::Answer { .. } => &["status", "headers", "body", "bodyBytes"],
            FaultKind::Redirect { .. } => &["status", "location"],
            _ => &[],
        }
    }

    /// What cannot be sent would look like a lost connection, so it is refused before.
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
                Some(_) => Err("retryAfterSeconds is no number, header text or null"),
            },
            FaultKind::Answer {
                status, headers, ..
            } => {
                if !(200..=599).contains(status) {
                    return Err("status is not 200 to 599");
                }
                let fine = headers
                    .iter()
                    .all(|(name, value)| is_header_name(name) && is_header_value(value));
                if fine {
                    Ok(())
                } else {
                    Err("headers holds what HTTP does not allow")
                }
            }
            FaultKind::Redirect { status, .. } if !(300..=399).contains(status) => {
                Err("status is not 300 to 399")
            }
            FaultKind::Redirect { location, .. } if !is_header_value(location) => {
                Err("location holds what HTTP does not allow")
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
