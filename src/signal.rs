//! What the trigger of a signal activity may be: its address, what goes with it, and what its answer
//! says.

use crate::error::Problem;
use crate::rule::Rules;

/// What is wrong with what follows `<base>/<organization>/campaign/workflow/execution/` in a
/// trigger's address, as the platform's URL parser wrote it: a group where it is not the documented
/// address. The first is for escapes that a server may undo only after it has looked at the path:
/// of dots, slashes, percent signs and control characters.
///
/// Source: Adobe Campaign Standard, "Triggering a signal activity".
pub const TRIGGER: &str = r"^(?:(.*%(?:2[5EeFf]|5[Cc]|[01]|7[Ff]))|[!$%&'()*+,\-.0-9:;=@A-Z_a-z~]+/activities/activity/[!$%&'()*+,\-.0-9:;=@A-Z_a-z~]+/trigger/?$|())";

/// Whether it is the documented address. `group` is that of [`TRIGGER`].
pub const fn is_documented(group: u32) -> bool {
    !matches!(group, 1 | 2)
}

/// The most bytes of UTF-8 that the body may have: Adobe's 64 KB.
pub const BODY_LIMIT: usize = 64 * 1024;

/// What neither a source nor the name of an activity may be.
pub const NAME: Rules = Rules {
    pattern: r"^(?:($)|(.*\p{Cs}))",
    problems: &[Problem::Empty, Problem::LoneSurrogate],
};

/// The first group is for a text that is no page and none of Campaign's errors: by Adobe's own SDK
/// a signal that comes within ten minutes of the last is answered in plain text instead of JSON.
pub const PLAIN: &str = r"^(?:\s*<|.*(?:RST|XTK)-[0-9]|\s*$|())";

/// Whether an answer is the one inside of the ten minutes. `plain`: its body is no JSON and matches
/// [`PLAIN`]. Its status is in no document: that it is 2xx or 400 is an assumption, and in either
/// case the signal was not triggered.
pub const fn is_too_soon(status: u16, plain: bool) -> bool {
    plain && matches!(status, 200..=299 | 400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::which;

    #[test]
    fn only_the_documented_address_is_triggered() {
        for good in [
            "@wf/activities/activity/@a-_=/trigger/",
            "WKF1/activities/activity/@a/trigger",
            "%40wf/activities/activity/%40a%20b/trigger/",
        ] {
            assert!(is_documented(which(good, TRIGGER)), "{good}");
        }
        for (bad, group) in [
            ("", 2),
            ("WKF1/commands", 2),
            ("WKF1/activities/activity//trigger/", 2),
            ("WKF1/activities/activity/a/b/trigger/", 2),
            ("WKF1/activities/activity/a/trigger/?x", 2),
            ("WKF1/activities/activity/a/trigger/#x", 2),
            ("WKF1/activities/activity/a/trigger//", 2),
            ("WKF1/activities/activity/a/trigger/commands", 2),
            ("%2e%2e/activities/activity/a/trigger/", 1),
            ("..%2Fother/activities/activity/a/trigger/", 1),
            ("a%5c/activities/activity/a/trigger/", 1),
            ("a%252e/activities/activity/a/trigger/", 1),
            ("a%00/activities/activity/a/trigger/", 1),
            ("a/activities/activity/a%0d%0aX/trigger/", 1),
        ] {
            assert_eq!(which(bad, TRIGGER), group, "{bad}");
            assert!(!is_documented(group));
        }
    }

    #[test]
    fn a_source_is_not_empty() {
        assert_eq!(NAME.check(""), Some(Problem::Empty));
        assert_eq!(NAME.check("API"), None);
    }

    #[test]
    fn plain_text_is_no_page_and_no_error_of_campaigns() {
        for (text, plain) in [
            ("The signal was triggered less than 10 minutes ago.", true),
            ("no", true),
            ("", false),
            (" \n", false),
            ("<html>", false),
            ("RST-360011 An error has occurred", false),
        ] {
            assert_eq!(which(text, PLAIN) == 1, plain, "{text}");
        }
        for (status, soon) in [
            (200, true),
            (202, true),
            (400, true),
            (404, false),
            (500, false),
        ] {
            assert_eq!(is_too_soon(status, true), soon, "{status}");
            assert!(!is_too_soon(status, false));
        }
    }
}
