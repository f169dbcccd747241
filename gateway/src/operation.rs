//! What a caller can ask a gateway for.

use campaign_workflow::Command;

/// The operations on a workflow, as `authorize` and the allow-list name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// One of the four commands.
    Command(Command),
    /// Reading the workflow.
    Read,
    /// Triggering one of its signal activities.
    Signal,
}

impl Operation {
    /// The operation of a word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Self::Read),
            "signal" => Some(Self::Signal),
            _ => Command::parse(word).map(Self::Command),
        }
    }

    /// Its word, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command(command) => command.as_str(),
            Self::Read => "read",
            Self::Signal => "signal",
        }
    }
}

/// What a caller asks for; `authorize` decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedOperation {
    /// The tenant that the address names.
    pub organization: String,
    /// The workflow's id or PKey, decoded.
    pub workflow_id: String,
    /// What is to be done with the workflow.
    pub operation: Operation,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_words_are_operations() {
        for word in ["start", "pause", "resume", "stop", "read", "signal"] {
            assert_eq!(Operation::parse(word).unwrap().as_str(), word);
        }
        for word in ["", "Read", "signals", "commands", "get"] {
            assert_eq!(Operation::parse(word), None, "{word}");
        }
    }
}
