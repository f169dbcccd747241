//! What finds a command again: its workflow, its key and whose key that is, in one text that can stand in a URL. An id is no
//! secret and opens nothing: who asks with it is authorized like everybody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::runtime::WorkflowName;

/// The longest id that is read, in bytes.
const MAX_BYTES: usize = 2000;

/// A command's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandId {
    /// The workflow.
    pub name: WorkflowName,
    /// The key.
    pub key: String,
    /// Whose key it is.
    pub who: String,
}

impl CommandId {
    /// As it stands in a URL.
    pub fn encode(&self) -> String {
        let parts = [
            &self.name.organization,
            &self.name.workflow_id,
            &self.key,
            &self.who,
        ];
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&parts).unwrap_or_default())
    }

    /// `None`: nobody has made this one.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.get(..MAX_BYTES.min(text.len()))?)
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
    fn what_is_written_is_read() {
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
