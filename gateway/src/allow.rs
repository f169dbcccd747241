//! Which workflows the gateway serves, before anybody is asked who wants it.

use crate::command::Command;
use crate::route::Route;

/// The tenant, and the workflows of it.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The one organization.
    pub organization: String,
    /// The workflows, each with its commands; `None`: every workflow of the organization.
    pub workflows: Option<Vec<(String, Commands)>>,
}

/// What of the four is allowed.
#[derive(Clone, Debug)]
pub enum Commands {
    /// All.
    All,
    /// These.
    Only(Vec<Command>),
}

impl Allowed {
    /// Whether a command for a workflow is served at all. Names are compared as they are: an id does not stand for the
    /// PKey of the same workflow.
    pub fn serves(&self, route: &Route, command: Command) -> bool {
        if route.organization != self.organization {
            return false;
        }
        let Some(workflows) = &self.workflows else {
            return true;
        };
        workflows.iter().any(|(id, commands)| {
            *id == route.workflow
                && match commands {
                    Commands::All => true,
                    Commands::Only(listed) => listed.contains(&command),
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serves(
        workflows: Option<Vec<(String, Commands)>>,
        organization: &str,
        workflow: &str,
    ) -> bool {
        let allowed = Allowed {
            organization: "acme".to_owned(),
            workflows,
        };
        let route = Route {
            organization: organization.to_owned(),
            workflow: workflow.to_owned(),
        };
        allowed.serves(&route, Command::Stop)
    }

    #[test]
    fn only_what_is_listed_is_served() {
        let listed = |commands| Some(vec![("WKF1".to_owned(), commands)]);
        assert!(serves(None, "acme", "WKF9"));
        assert!(!serves(None, "acme2", "WKF9"));
        assert!(serves(listed(Commands::All), "acme", "WKF1"));
        for other in ["WKF10", "wkf1", "WKF", "WKF1 "] {
            assert!(!serves(listed(Commands::All), "acme", other), "{other}");
        }
        assert!(serves(
            listed(Commands::Only(vec![Command::Pause, Command::Stop])),
            "acme",
            "WKF1"
        ));
        assert!(!serves(
            listed(Commands::Only(vec![Command::Start])),
            "acme",
            "WKF1"
        ));
        assert!(!serves(listed(Commands::Only(vec![])), "acme", "WKF1"));
        assert!(!serves(Some(vec![]), "acme", "WKF1"));
    }
}
