//! What a workflow can be in, and where a command leads from there.

use serde::{Deserialize, Serialize};

use crate::command::Command;

/// The states that Campaign's users see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Being made; it has not run yet.
    #[default]
    Editing,
    /// Running; some screens call it "In progress".
    Started,
    /// Held: no new activity is activated.
    Paused,
    /// Done, or stopped.
    Finished,
    /// Stopped by an error.
    Erroneous,
}

impl State {
    /// All five.
    pub const ALL: [State; 5] = [
        State::Editing,
        State::Started,
        State::Paused,
        State::Finished,
        State::Erroneous,
    ];

    /// Where the command leads from here, by Adobe's page "Controlling a workflow"; `None`: it does not fit.
    pub fn after(self, command: Command) -> Option<State> {
        match (command, self) {
            (Command::Start, State::Editing | State::Finished | State::Paused) => {
                Some(State::Started)
            }
            // Assumption: "restart once mended" is this command.
            (Command::Start, State::Erroneous) => Some(State::Started),
            (Command::Pause, State::Started) => Some(State::Paused),
            (Command::Resume, State::Paused) => Some(State::Started),
            (Command::Stop, State::Started | State::Paused) => Some(State::Finished),
            _ => None,
        }
    }

    /// The commands that fit.
    pub fn allowed(self) -> Vec<Command> {
        Command::ALL
            .into_iter()
            .filter(|command| self.after(*command).is_some())
            .collect()
    }

    /// The word that Campaign shows.
    pub fn word(self) -> &'static str {
        match self {
            State::Editing => "Editing",
            State::Started => "Started",
            State::Paused => "Paused",
            State::Finished => "Finished",
            State::Erroneous => "Erroneous",
        }
    }
}
