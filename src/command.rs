//! The four commands, with the names that Adobe documents.

/// A command for a workflow.
///
/// Source: Adobe Campaign Standard, "Controlling a workflow" (`method` of the `commands` request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Starts an edited or finished workflow from the beginning, and continues a paused one.
    Start,
    /// Lets running activities finish, and starts no further ones.
    Pause,
    /// Continues a paused workflow where it was paused.
    Resume,
    /// Stops the workflow and cancels running operations, which can take minutes.
    Stop,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 4] = [Self::Start, Self::Pause, Self::Resume, Self::Stop];

    /// Its name in the API, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        }
    }

    /// The command with this name. `None` for any other string; upper case does not match.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "stop" => Self::Stop,
            _ => return None,
        })
    }

    /// The body of its request.
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
        let names = Command::ALL.map(Command::as_str);
        assert_eq!(names, ["start", "pause", "resume", "stop"]);
        for name in names {
            let command = Command::parse(name).unwrap();
            assert_eq!(command.as_str(), name);
            assert_eq!(command.body(), ["{\"method\":\"", name, "\"}"].concat());
        }
        for other in [
            "", "Start", "START", " start", "start ", "start\n", "restart", "stop\0",
        ] {
            assert_eq!(Command::parse(other), None, "{other:?}");
        }
    }
}
