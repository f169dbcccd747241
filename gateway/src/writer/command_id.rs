//! The public id of a command: its workflow, its key and the owner of the key, encoded for a URL. An id is not a secret
//! and grants nothing: each request that uses it is authorized.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::runtime::WorkflowName;

/// The longest id that is decoded, in bytes.
pub const MAX_ID_BYTES: usize = 2000;

/// What a command's id identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandId {
    /// The workflow.
    pub name: WorkflowName,
    /// The idempotency key.
    pub key: String,
    /// The owner of the key.
    pub who: String,
}

impl CommandId {
    /// The id as text for a URL.
    pub fn encode(&self) -> String {
        let parts = [
            &self.name.organization,
            &self.name.workflow_id,
            &self.key,
            &self.who,
        ];
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&parts).unwrap_or_default())
    }

    /// `None`: the Worker did not make this id.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.get(..MAX_ID_BYTES.min(text.len()))?)
            .ok()?;
        let [organization, workflow_id, key, who] = serde_json::from_slice(&bytes).ok()?;
        let id = Self {
            name: WorkflowName {
                organization,
                workflow_id,
            },
            key,
            who,
        };
        (id.encode() == text).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encodes() {
        let id = CommandId {
            name: WorkflowName {
                organization: "acme".to_owned(),
                workflow_id: "@ä/+".to_owned(),
            },
            key: "k".repeat(255),
            who: "jo \"é\"".to_owned(),
        };
        let text = id.encode();
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(CommandId::decode(&text), Some(id));
        for none in [
            "",
            "none",
            "!",
            "WyJhIl0",
            &"A".repeat(5000),
            &[&text, "="].concat(),
        ] {
            assert_eq!(CommandId::decode(none), None, "{none}");
        }
    }
}
