//! What the Worker serves beside the gateway's own addresses, below the base path.

use campaign_workflow::address::{self, EXECUTION_PATH};

use super::command_id::CommandId;
use crate::route;
use crate::writer::WorkflowName;

/// What stands before every path of the Worker's.
pub const BASE_PATH: &str = "/api";

/// What a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Where many commands for later go at once.
    Queue,
    /// A command for later; `None`: nobody has made this id.
    Queued(Option<CommandId>),
    /// The workflows that the caller may read.
    Workflows,
    /// The last commands of a workflow.
    History(WorkflowName),
}

impl Address {
    /// What an absolute URL names; `None`: nothing of these.
    pub fn of(url: &str) -> Option<Self> {
        let path = route::below(url, BASE_PATH)?;
        match path {
            "queue" => return Some(Self::Queue),
            "workflows" => return Some(Self::Workflows),
            _ => {}
        }
        if let Some(id) = path.strip_prefix("queue/") {
            return Some(Self::Queued(CommandId::read(id)));
        }
        let (organization, rest) = path.split_at_checked(path.find('/')?)?;
        let (id, "history") = rest.strip_prefix(EXECUTION_PATH)?.split_once('/')? else {
            return None;
        };
        Some(Self::History(WorkflowName {
            organization: address::decode_segment(organization)?,
            workflow_id: address::decode_segment(id)?,
        }))
    }

    /// The methods that are served there, as `Allow` has them.
    pub const fn methods(&self) -> &'static str {
        match self {
            Self::Queue => "POST",
            Self::Queued(_) => "GET, DELETE",
            Self::Workflows | Self::History(_) => "GET",
        }
    }

    /// Where a command for later is found.
    pub fn of_command(id: &CommandId) -> String {
        [BASE_PATH, "/queue/", &id.write()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let at = |path: &str| Address::of(&["https://worker.example", path].concat());
        assert_eq!(at("/api/queue"), Some(Address::Queue));
        assert_eq!(at("/api/workflows?x"), Some(Address::Workflows));
        assert_eq!(at("/api/queue/none"), Some(Address::Queued(None)));
        let history = |id: &str| {
            Some(Address::History(WorkflowName {
                organization: "acme".to_owned(),
                workflow_id: id.to_owned(),
            }))
        };
        let below = "/api/acme/campaign/workflow/execution";
        assert_eq!(at(&[below, "/WKF1/history"].concat()), history("WKF1"));
        assert_eq!(at(&[below, "/%40a/history"].concat()), history("@a"));
        for none in ["/WKF1", "/WKF1/commands", "/a/b/history", "//history"] {
            assert_eq!(at(&[below, none].concat()), None, "{none}");
        }
        for none in ["/queue", "/api", "/api/", "/api/queues", "/apiqueue"] {
            assert_eq!(at(none), None, "{none}");
        }
    }
}
