//! Queues many commands by one request.

use serde::Deserialize;

use crate::body;
use crate::refusal::Refusal;

/// The highest number of commands in one request.
pub const MAX_BULK_COMMANDS: usize = 100;

/// The longest body, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// One of the commands, not checked yet. An unknown field is an error, because it may be a misspelt one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkCommand {
    pub workflow_id: String,
    pub command: String,
    #[serde(default)]
    pub delay_seconds: u64,
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

/// Parses the body of a bulk request.
pub fn commands(content_type: Option<&str>, body: &[u8]) -> Result<Vec<BulkCommand>, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bulk {
        commands: Vec<BulkCommand>,
    }
    let bulk: Bulk = body::object(content_type, body)?.ok_or(Refusal::InvalidCommandList)?;
    let count = bulk.commands.len();
    (1..=MAX_BULK_COMMANDS)
        .contains(&count)
        .then_some(bulk.commands)
        .ok_or(Refusal::InvalidCommandList)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<BulkCommand>, Refusal> {
        commands(Some("application/json"), body.as_bytes())
    }

    #[test]
    fn accepts_one_to_a_hundred_commands() {
        let one = r#"{"workflowId":"WKF1","command":"start"}"#;
        let list = |count: usize| format!("{{\"commands\":[{}]}}", vec![one; count].join(","));
        assert_eq!(read(&list(100)).unwrap().len(), 100);
        for wrong in [
            list(0),
            list(101),
            "[]".to_owned(),
            "{}".to_owned(),
            "{".to_owned(),
        ] {
            assert_eq!(read(&wrong), Err(Refusal::InvalidCommandList), "{wrong}");
        }
    }

    #[test]
    fn refuses_an_unknown_or_invalid_field() {
        for field in [
            r#""delaySecond":5"#,
            r#""delaySeconds":0.5"#,
            r#""delaySeconds":-1"#,
            r#""delaySeconds":"5""#,
            r#""idempotencyKey":5"#,
        ] {
            let body =
                format!(r#"{{"commands":[{{"workflowId":"WKF1","command":"start",{field}}}]}}"#);
            assert_eq!(read(&body), Err(Refusal::InvalidCommandList), "{field}");
        }
    }
}
