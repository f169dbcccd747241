//! The one address of a gateway: Adobe's own, below the base path.
//!
//! Source: Adobe Campaign Standard, "Controlling a workflow".

use crate::percent;

/// What stands between the organization and the workflow, and after it.
const MIDDLE: [&str; 3] = ["campaign", "workflow", "execution"];
const END: &str = "commands";

/// The workflow that a URL names, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The tenant.
    pub organization: String,
    /// An id or a PKey.
    pub workflow: String,
}

impl Route {
    /// What an absolute URL, as the platform writes it, names below the base path; `None`: nothing of the gateway's.
    /// The query plays no part, and goes nowhere.
    pub fn of(url: &str, base_path: &str) -> Option<Route> {
        let segments = path(url)
            .strip_prefix(base_path)?
            .strip_prefix('/')?
            .split('/');
        let segments: Vec<&str> = segments.collect();
        let [organization, first, second, third, workflow, end] = segments[..] else {
            return None;
        };
        if [first, second, third] != MIDDLE || end != END {
            return None;
        }
        Some(Route {
            organization: segment(organization)?,
            workflow: segment(workflow)?,
        })
    }
}

/// A path segment, decoded once; `None` where the client would not send what it holds.
fn segment(raw: &str) -> Option<String> {
    percent::decode(raw).filter(|text| is_segment(text))
}

/// Whether a text can become exactly one path segment. The client refuses the same texts.
pub fn is_segment(text: &str) -> bool {
    let outer_space = text.starts_with(' ') || text.ends_with(' ');
    !(text.is_empty()
        || text == "."
        || text == ".."
        || outer_space
        || text.contains(char::is_control))
}

/// What stands between the authority and the query or fragment.
fn path(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or(url);
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let begin = rest.find('/').unwrap_or(rest.len());
    rest.get(begin..).unwrap_or_default()
}

/// Whether a text can be a base path: empty, or `/` and segments without one at the end, as the platform writes them.
pub fn is_base_path(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else {
        return text.is_empty();
    };
    rest.split('/').all(|segment| {
        let decoded = percent::decode(segment);
        let stays = |text: String| is_segment(&text);
        segment.bytes().all(is_path_byte) && decoded.is_some_and(stays)
    })
}

/// What the platform's URL parser leaves as it is in a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>?`{}^\\|".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMANDS: &str = "/acme/campaign/workflow/execution/WKF42/commands";

    fn at(path: &str, base: &str) -> Option<(String, String)> {
        let route = Route::of(&["https://gateway.example", path].concat(), base)?;
        Some((route.organization, route.workflow))
    }

    #[test]
    fn the_documented_address_is_the_only_one() {
        let found = Some(("acme".to_owned(), "WKF42".to_owned()));
        assert_eq!(at(COMMANDS, ""), found);
        assert_eq!(at(&[COMMANDS, "?a=/b#c"].concat(), ""), found);
        assert_eq!(at(&["/api/v1", COMMANDS].concat(), "/api/v1"), found);
        for other in [
            "",
            "/",
            "/acme/campaign/workflow/execution/WKF42",
            "/acme/campaign/workflow/execution/WKF42/commands/",
            "/acme/campaign/workflow/execution//commands",
            "//campaign/workflow/execution/WKF42/commands",
            "/x/acme/campaign/workflow/execution/WKF42/commands",
            "/acme/Campaign/workflow/execution/WKF42/commands",
            "/acme/campaign/workflow/execution/WKF42/%63ommands",
            "/acme/campaign/workflow/execution/a/b/commands",
        ] {
            assert_eq!(at(other, ""), None, "{other}");
        }
        for other in ["/api", "/api/v1/", "/apiv1", "/api/v"] {
            assert_eq!(at(&[other, COMMANDS].concat(), "/api/v1"), None, "{other}");
        }
    }

    #[test]
    fn a_segment_is_decoded_once() {
        let id = |raw: &str| at(&COMMANDS.replace("WKF42", raw), "").map(|(_, workflow)| workflow);
        assert_eq!(id("%40a%2Fb"), Some("@a/b".to_owned()));
        assert_eq!(id("%252e"), Some("%2e".to_owned()));
        for bad in [
            "%", "%4", "%zz", "%ff", "%c3", "%2e%2E", "%20a", "a%0a", "%00", "%c2%85",
        ] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_base_path_is_as_the_platform_writes_it() {
        for good in ["", "/api", "/api/v1", "/~a/%C3%A9"] {
            assert!(is_base_path(good), "{good}");
        }
        for bad in [
            "/", "api", "/api/", "//", "/a//b", "/a/../b", "/%2e", "/a b", "/é", "/a?b", "/a#b",
            "/%",
        ] {
            assert!(!is_base_path(bad), "{bad}");
        }
    }
}
