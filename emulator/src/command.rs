//! The four commands of Adobe's workflow API.

use serde::{Deserialize, Serialize};

/// The four commands, as they are sent: lower-case words. Nothing else is a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Starts the workflow from the beginning, or resumes a paused one.
    Start,
    /// Lets running activities finish and activates no new ones.
    Pause,
    /// Continues a paused workflow.
    Resume,
    /// Cancels running operations and ends the workflow.
    Stop,
}

impl Command {
    /// All four, in the order of Adobe's documents.
    pub const ALL: [Command; 4] = [
        Command::Start,
        Command::Pause,
        Command::Resume,
        Command::Stop,
    ];

    /// The word that is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Command::Start => "start",
            Command::Pause => "pause",
            Command::Resume => "resume",
            Command::Stop => "stop",
        }
    }
}
