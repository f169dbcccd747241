//! The Worker's own paths below the base path, next to the gateway's paths.

use campaign_workflow::address::{self, EXECUTION_PATH};

use crate::route;
use crate::writer::WorkflowName;
use crate::writer::command_id::CommandId;

/// The path before all paths of the Worker.
pub const BASE_PATH: &str = "/api";

/// The highest integer that JavaScript represents exactly.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// A parsed URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerRoute {
    /// Queues many commands.
    Queue,
    /// A queued command; `None`: the id is invalid.
    QueuedCommand(Option<CommandId>),
    /// The workflows that the caller may read.
    Workflows,
    /// The last commands of a workflow.
    History(WorkflowName),
    /// The queued commands of a workflow.
    Waiting(WorkflowName),
    /// The dead commands of a workflow.
    DeadCommands(WorkflowName),
    /// The dead command with this number; `None`: the number is invalid.
    DeadCommand(WorkflowName, Option<u64>),
}

impl WorkerRoute {
    /// Parses an absolute URL. `None`: it is not one of these paths.
    pub fn parse(url: &str) -> Option<Self> {
        let path = route::path_below(url, BASE_PATH)?;
        match path {
            "queue" => return Some(Self::Queue),
            "workflows" => return Some(Self::Workflows),
            _ => {}
        }
        if let Some(id) = path.strip_prefix("queue/") {
            return Some(Self::QueuedCommand(CommandId::decode(id)));
        }
        let (organization, rest) = path.split_at_checked(path.find('/')?)?;
        let (id, list) = rest.strip_prefix(EXECUTION_PATH)?.split_once('/')?;
        let name = || {
            Some(WorkflowName {
                organization: address::decode_segment(organization)?,
                workflow_id: address::decode_segment(id)?,
            })
        };
        match list {
            "history" => Some(Self::History(name()?)),
            "queue" => Some(Self::Waiting(name()?)),
            "dead" => Some(Self::DeadCommands(name()?)),
            _ => {
                let number = list.strip_prefix("dead/")?;
                Some(Self::DeadCommand(name()?, number_of(number)))
            }
        }
    }

    /// The methods that are served there, in the form of the `Allow` header.
    pub const fn methods(&self) -> &'static str {
        match self {
            Self::Queue => "POST",
            Self::QueuedCommand(_) => "GET, DELETE",
            Self::DeadCommand(..) => "GET, POST, DELETE",
            Self::Workflows | Self::History(_) | Self::Waiting(_) | Self::DeadCommands(_) => "GET",
        }
    }

    /// The path of a queued command.
    pub fn queued_command_path(id: &str) -> String {
        [BASE_PATH, "/queue/", id].concat()
    }
}

/// A decimal number without leading zeros or a sign.
fn number_of(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number <= MAX_NUMBER && number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_worker_paths() {
        let at = |path: &str| WorkerRoute::parse(&["https://worker.example", path].concat());
        assert_eq!(at("/api/queue"), Some(WorkerRoute::Queue));
        assert_eq!(at("/api/workflows?x"), Some(WorkerRoute::Workflows));
        assert_eq!(
            at("/api/queue/none"),
            Some(WorkerRoute::QueuedCommand(None))
        );
        let history = |id: &str| {
            Some(WorkerRoute::History(WorkflowName {
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
