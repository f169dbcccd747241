//! The operations that a caller can request.

use campaign_workflow::Command;

/// The operations on a workflow, with the names that `authorize` and the allow-list use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// One of the four commands.
    Command(Command),
    /// Reads the workflow, its history and its queued commands.
    Read,
    /// Triggers one of its signal activities.
    Signal,
}

impl Operation {
    /// The operation with this name.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Self::Read),
            "signal" => Some(Self::Signal),
            _ => Command::parse(word).map(Self::Command),
        }
    }

    /// Its name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command(command) => command.as_str(),
            Self::Read => "read",
            Self::Signal => "signal",
        }
    }
}

/// What a caller requests, and what `authorize` decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedOperation {
    /// The organization in the address.
    pub organization: String,
    /// The workflow's id or PKey, decoded.
    pub workflow_id: String,
    /// The operation.
    pub operation: Operation,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_six_operations() {
        for word in ["start", "pause", "resume", "stop", "read", "signal"] {
            assert_eq!(Operation::parse(word).unwrap().as_str(), word);
        }
        for word in ["", "Read", "signals", "commands", "get"] {
            assert_eq!(Operation::parse(word), None, "{word}");
        }
    }
}
