//! The four commands of a workflow, as Adobe names them.

/// What Campaign is told to do with a workflow.
///
/// Source: Adobe Campaign Standard, "Controlling a workflow" (`method` of the `commands` request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Starts an edited or finished workflow from the beginning; a paused one goes on.
    Start,
    /// Lets running activities finish and activates no new one.
    Pause,
    /// Goes on where a paused workflow stopped.
    Resume,
    /// Ends the workflow and cancels running operations, which can take minutes.
    Stop,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 4] = [Self::Start, Self::Pause, Self::Resume, Self::Stop];

    /// Its word, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        }
    }

    /// The command of a word, which is in lower case.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "start" => Self::Start,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "stop" => Self::Stop,
            _ => return None,
        })
    }

    /// The request's body.
    pub const fn body(self) -> &'static str {
        match self {
            Self::Start => r#"{"method":"start"}"#,
            Self::Pause => r#"{"method":"pause"}"#,
            Self::Resume => r#"{"method":"resume"}"#,
            Self::Stop => r#"{"method":"stop"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn only_the_four_lower_case_names_are_commands() {
        let words = Command::ALL.map(Command::as_str);
        assert_eq!(words, ["start", "pause", "resume", "stop"]);
        for word in words {
            let command = Command::parse(word).unwrap();
            assert_eq!(command.as_str(), word);
            assert_eq!(command.body(), ["{\"method\":\"", word, "\"}"].concat());
        }
        for word in [
            "", "Start", "START", " start", "start ", "start\n", "restart", "stop\0",
        ] {
            assert_eq!(Command::parse(word), None, "{word:?}");
        }
    }
}
