//! Decides which workflows and operations the gateway serves, for every caller alike.

use crate::operation::{Operation, RequestedOperation};

/// The organization, and the workflows of it that are served.
#[derive(Clone, Debug)]
pub struct AllowList {
    /// The only organization that is served.
    pub organization: String,
    /// The workflows, each with its operations. `None`: every workflow of the organization.
    pub workflows: Option<Vec<(String, Operations)>>,
}

/// The operations that are served for one workflow.
#[derive(Clone, Debug)]
pub enum Operations {
    /// All operations.
    All,
    /// Only the listed operations.
    Only(Vec<Operation>),
}

impl AllowList {
    /// Whether the list has this workflow, for any operation.
    pub fn includes_workflow(&self, organization: &str, workflow_id: &str) -> bool {
        organization == self.organization
            && match &self.workflows {
                Some(workflows) => workflows.iter().any(|(id, _)| id == workflow_id),
                None => is_plain(workflow_id),
            }
    }

    /// Whether the list has this operation on this workflow. Names are compared byte by byte: an id does not stand for
    /// the PKey of the same workflow.
    pub fn permits(&self, requested: &RequestedOperation) -> bool {
        if requested.organization != self.organization {
            return false;
        }
        let Some(workflows) = &self.workflows else {
            return is_plain(&requested.workflow_id);
        };
        workflows.iter().any(|(id, operations)| {
            *id == requested.workflow_id
                && match operations {
                    Operations::All => true,
                    Operations::Only(listed) => listed.contains(&requested.operation),
                }
        })
    }
}

/// Whether a name looks like an id or a PKey. Without a list of workflows the gateway forwards no other name: a server
/// behind it might read it as a path, and a person might mistake it for another name.
fn is_plain(id: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, b' '..=b'~') && !b"/\\%?#\"<>`{|}^".contains(&byte);
    (1..=255).contains(&id.len()) && id.bytes().all(is_allowed) && !id.contains("..") && id != "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_workflow::Command;

    fn serves(
        workflows: Option<Vec<(String, Operations)>>,
        organization: &str,
        workflow: &str,
    ) -> bool {
        let allow_list = AllowList {
            organization: "acme".to_owned(),
            workflows,
        };
        allow_list.permits(&RequestedOperation {
            organization: organization.to_owned(),
            workflow_id: workflow.to_owned(),
            operation: Operation::Command(Command::Stop),
        })
    }

    #[test]
    fn permits_only_listed_workflows_and_operations() {
        let listed = |operations| Some(vec![("WKF1".to_owned(), operations)]);
        assert!(serves(None, "acme", "WKF9"));
        assert!(!serves(None, "acme2", "WKF9"));
        assert!(serves(listed(Operations::All), "acme", "WKF1"));
        for other in ["WKF10", "wkf1", "WKF", "WKF1 "] {
            assert!(!serves(listed(Operations::All), "acme", other), "{other}");
        }
        let only = |words: &[&str]| {
            let operations = words.iter().map(|word| Operation::parse(word).unwrap());
            listed(Operations::Only(operations.collect()))
        };
        assert!(serves(only(&["pause", "stop"]), "acme", "WKF1"));
        assert!(!serves(only(&["start", "read"]), "acme", "WKF1"));
        assert!(!serves(only(&[]), "acme", "WKF1"));
        assert!(!serves(Some(vec![]), "acme", "WKF1"));
    }

    #[test]
    fn permits_only_plain_names_without_a_list() {
        let allow_list = AllowList {
            organization: "acme".to_owned(),
            workflows: None,
        };
        for good in ["WKF42", "@N2vwJ9uMAyu-FCY_q", "my.workflow", "a=b"] {
            assert!(allow_list.includes_workflow("acme", good), "{good}");
        }
        for odd in [
            "",
            ".",
            "..",
            "../..",
            "a/b",
            "a\\b",
            "%2e",
            "a?b",
            "a\n",
            "\u{202e}a",
            "é",
            &"a".repeat(256),
        ] {
            assert!(!allow_list.includes_workflow("acme", odd), "{odd}");
        }
    }
}
