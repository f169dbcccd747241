//! The states of a workflow and the transitions that commands cause.

use serde::{Deserialize, Serialize};

use crate::command::Command;

/// The states that Campaign shows its users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Being edited; it has not run yet.
    #[default]
    Editing,
    /// Running; some screens call it "In progress".
    Started,
    /// Paused: no new activity is activated.
    Paused,
    /// Finished, or stopped.
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

    /// The state after this command, from Adobe's page "Controlling a workflow"; `None`: the command is not allowed here.
    pub fn after(self, command: Command) -> Option<State> {
        match (command, self) {
            (Command::Start, State::Editing | State::Finished | State::Paused) => {
                Some(State::Started)
            }
            // Assumption: the restart that Adobe describes after an error is this command.
            (Command::Start, State::Erroneous) => Some(State::Started),
            (Command::Pause, State::Started) => Some(State::Paused),
            (Command::Resume, State::Paused) => Some(State::Started),
            (Command::Stop, State::Started | State::Paused) => Some(State::Finished),
            _ => None,
        }
    }

    /// The commands that this state allows.
    pub fn allowed(self) -> Vec<Command> {
        Command::ALL
            .into_iter()
            .filter(|command| self.after(*command).is_some())
            .collect()
    }

    /// The name that Campaign shows.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Editing => "Editing",
            State::Started => "Started",
            State::Paused => "Paused",
            State::Finished => "Finished",
            State::Erroneous => "Erroneous",
        }
    }
}
