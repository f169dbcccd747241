//! What can be done to a workflow.

use serde::{Deserialize, Serialize};

/// The four commands of Adobe's API. On the wire they are lower-case words, and nothing else is a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Starts the workflow from its beginning; resumes it when it is paused.
    Start,
    /// Lets the running activities go on and activates no new one.
    Pause,
    /// Goes on after a pause.
    Resume,
    /// Cancels the running operations and ends the workflow.
    Stop,
}

impl Command {
    /// All four, in the order of the documents.
    pub const ALL: [Command; 4] = [
        Command::Start,
        Command::Pause,
        Command::Resume,
        Command::Stop,
    ];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Command::Start => "start",
            Command::Pause => "pause",
            Command::Resume => "resume",
            Command::Stop => "stop",
        }
    }
}
