//! The four commands of a workflow, as Adobe names them.

use crate::error::Problem;
use crate::rule::Rules;

/// What no command may be. The lower-case words that go over the wire are:
///
/// - `start` starts an edited or finished workflow from the beginning; a paused one goes on.
/// - `pause` lets running activities finish and activates no new one.
/// - `resume` goes on where a paused workflow stopped.
/// - `stop` ends the workflow and cancels running operations, which can take minutes.
///
/// Source: Adobe Campaign Standard, "Controlling a workflow" (`method` of the `commands` request).
pub const COMMAND: Rules = Rules {
    pattern: r"(?:start|pause|resume|stop)$|(.*\p{Cs})|()",
    problems: &[Problem::LoneSurrogate, Problem::NotCommand],
};

/// What stands before and after the word in the request's body.
pub const BODY: [&str; 2] = [r#"{"method":""#, r#""}"#];

#[cfg(test)]
mod tests {
    use super::COMMAND;
    use crate::error::Problem;

    #[test]
    fn only_the_four_lower_case_words_are_commands() {
        for command in ["start", "pause", "resume", "stop"] {
            assert_eq!(COMMAND.check(command), None);
        }
        for word in [
            "", "Start", "START", " start", "start ", "start\n", "restart", "stop\0",
        ] {
            assert_eq!(COMMAND.check(word), Some(Problem::NotCommand), "{word:?}");
        }
    }
}
