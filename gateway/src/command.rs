//! The four words of Adobe's API.

/// What a workflow can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Documented where users read of them, in index.d.ts.
pub enum Command {
    Start,
    Pause,
    Resume,
    Stop,
}

impl Command {
    /// The command that a word names.
    pub fn of(word: &str) -> Option<Command> {
        Some(match word {
            "start" => Command::Start,
            "pause" => Command::Pause,
            "resume" => Command::Resume,
            "stop" => Command::Stop,
            _ => return None,
        })
    }

    /// The lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Command::Start => "start",
            Command::Pause => "pause",
            Command::Resume => "resume",
            Command::Stop => "stop",
        }
    }
}
