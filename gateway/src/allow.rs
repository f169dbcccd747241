//! Which workflows the gateway serves, whoever asks.

use crate::operation::{Asked, Operation};

/// The tenant, and the workflows of it.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The one organization.
    pub organization: String,
    /// The workflows, each with its operations; `None`: every workflow of the organization.
    pub workflows: Option<Vec<(String, Operations)>>,
}

/// The operations that are served for a workflow.
#[derive(Clone, Debug)]
pub enum Operations {
    /// All.
    All,
    /// These.
    Only(Vec<Operation>),
}

impl Allowed {
    /// Whether it is served at all. Names are compared as they are: an id does not stand for the PKey of the same
    /// workflow.
    pub fn serves(&self, asked: &Asked) -> bool {
        if asked.organization != self.organization {
            return false;
        }
        let Some(workflows) = &self.workflows else {
            return true;
        };
        workflows.iter().any(|(id, operations)| {
            *id == asked.workflow_id
                && match operations {
                    Operations::All => true,
                    Operations::Only(listed) => listed.contains(&asked.operation),
                }
        })
    }
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
        let allowed = Allowed {
            organization: "acme".to_owned(),
            workflows,
        };
        allowed.serves(&Asked {
            organization: organization.to_owned(),
            workflow_id: workflow.to_owned(),
            operation: Operation::Command(Command::Stop),
        })
    }

    #[test]
    fn only_what_is_listed_is_served() {
        let listed = |operations| Some(vec![("WKF1".to_owned(), operations)]);
        assert!(serves(None, "acme", "WKF9"));
        assert!(!serves(None, "acme2", "WKF9"));
        assert!(serves(listed(Operations::All), "acme", "WKF1"));
        for other in ["WKF10", "wkf1", "WKF", "WKF1 "] {
            assert!(!serves(listed(Operations::All), "acme", other), "{other}");
        }
        let only = |words: &[&str]| {
            let operations = words.iter().map(|word| Operation::from_word(word).unwrap());
            listed(Operations::Only(operations.collect()))
        };
        assert!(serves(only(&["pause", "stop"]), "acme", "WKF1"));
        assert!(!serves(only(&["start", "read"]), "acme", "WKF1"));
        assert!(!serves(only(&[]), "acme", "WKF1"));
        assert!(!serves(Some(vec![]), "acme", "WKF1"));
    }
}
