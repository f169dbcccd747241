//! The gateway's paths: Adobe's own paths below the base path.
//!
//! Sources: Adobe Campaign Standard, "Controlling a workflow" and "Triggering a signal activity".

use campaign_workflow::address::{self, EXECUTION_PATH};

use crate::operation::RequestedOperation;

/// A parsed URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The organization, decoded.
    pub organization: String,
    /// An id or a PKey, decoded.
    pub workflow_id: String,
    /// The resource of the workflow.
    pub target: Target,
}

/// The resources of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Its commands.
    Commands,
    /// The workflow itself, for reading.
    Workflow,
    /// The trigger of a signal activity.
    Trigger {
        /// The path segment that names the activity, decoded.
        activity: String,
    },
}

impl Target {
    /// The only method that is served there.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Workflow => "GET",
            Self::Commands | Self::Trigger { .. } => "POST",
        }
    }
}

impl Route {
    /// Parses an absolute URL, as the platform serialises it. `None`: the gateway does not serve this path. The query
    /// is ignored and never forwarded.
    pub fn parse(url: &str, base_path: &str) -> Option<Route> {
        let path = path_below(url, base_path)?;
        let (organization, rest) = path.split_at_checked(path.find('/')?)?;
        let segments: Vec<&str> = rest.strip_prefix(EXECUTION_PATH)?.split('/').collect();
        let (workflow_id, target) = match segments[..] {
            [id] => (id, Target::Workflow),
            [id, "commands"] => (id, Target::Commands),
            [id, "activities", "activity", activity, "trigger"]
            | [id, "activities", "activity", activity, "trigger", ""] => {
                let activity = address::decode_segment(activity)?;
                (id, Target::Trigger { activity })
            }
            _ => return None,
        };
        Some(Route {
            organization: address::decode_segment(organization)?,
            workflow_id: address::decode_segment(workflow_id)?,
            target,
        })
    }
}

/// The gateway's own base URL: the origin of a request's URL, and the base path.
pub fn public_base_url(url: &str, base_path: &str) -> String {
    [split(url).0, base_path].concat()
}

/// The origin of an absolute URL.
pub fn origin(url: &str) -> &str {
    split(url).0
}

/// The path of an absolute URL below the base path, without its first slash.
pub fn path_below<'a>(url: &'a str, base_path: &str) -> Option<&'a str> {
    split(url).1.strip_prefix(base_path)?.strip_prefix('/')
}

/// The gateway's address of a trigger, with the id that the caller used.
pub fn trigger_url(base_url: &str, requested: &RequestedOperation, activity: &str) -> String {
    let mut url = String::from(base_url);
    address::push_workflow_path(&mut url, &requested.organization, &requested.workflow_id);
    [&url, "/activities/activity/", activity, "/trigger/"].concat()
}

/// Whether a path segment names this activity.
pub fn is_activity(segment: &str, activity: &str) -> bool {
    address::decode_segment(segment).is_some_and(|name| name == activity)
}

/// The origin of an absolute URL, and its path without query and fragment.
fn split(url: &str) -> (&str, &str) {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or(url);
    let authority = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url.get(authority..).and_then(|rest| rest.find('/'));
    let begin = path.map_or(url.len(), |at| authority + at);
    url.split_at_checked(begin).unwrap_or((url, ""))
}

/// Whether a text is a valid base path: empty, or segments that begin with `/`, without a final slash, as the platform
/// serialises them.
pub fn is_base_path(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else {
        return text.is_empty();
    };
    rest.split('/').all(|segment| {
        segment.bytes().all(is_path_byte) && address::decode_segment(segment).is_some()
    })
}

/// Whether the platform's URL parser leaves this byte unchanged in a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>?`{}^\\|".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: &str = "/acme/campaign/workflow/execution/WKF42";
    const COMMANDS: &str = "/acme/campaign/workflow/execution/WKF42/commands";

    fn at(path: &str, base: &str) -> Option<(String, String, Target)> {
        let route = Route::parse(&["https://gateway.example", path].concat(), base)?;
        Some((route.organization, route.workflow_id, route.target))
    }

    #[test]
    fn parses_only_the_documented_paths() {
        let found = |target| Some(("acme".to_owned(), "WKF42".to_owned(), target));
        assert_eq!(at(COMMANDS, ""), found(Target::Commands));
        let with_query = [COMMANDS, "?a=/b#c"].concat();
        assert_eq!(at(&with_query, ""), found(Target::Commands));
        let below = ["/api/v1", COMMANDS].concat();
        assert_eq!(at(&below, "/api/v1"), found(Target::Commands));
        assert_eq!(at(WORKFLOW, ""), found(Target::Workflow));
        for end in ["", "/"] {
            let path = [WORKFLOW, "/activities/activity/%40sig/trigger", end].concat();
            let activity = "@sig".to_owned();
            assert_eq!(at(&path, ""), found(Target::Trigger { activity }));
        }
        for other in [
            "",
            "/",
            "/acme",
            "/acme/campaign/workflow/execution/",
            "/acme/campaign/workflow/execution/WKF42/",
            "/acme/campaign/workflow/execution/WKF42/commands/",
            "/acme/campaign/workflow/execution//commands",
            "//campaign/workflow/execution/WKF42/commands",
            "/x/acme/campaign/workflow/execution/WKF42/commands",
            "/acme/Campaign/workflow/execution/WKF42/commands",
            "/acme/campaign/workflow/execution/WKF42/%63ommands",
            "/acme/campaign/workflow/execution/a/b/commands",
            "/acme/campaign/workflow/execution/WKF42/activities/activity//trigger/",
            "/acme/campaign/workflow/execution/WKF42/activities/activity/a/trigger//",
            "/acme/campaign/workflow/execution/WKF42/activities/activity/a/b/trigger",
            "/acme/campaign/workflow/execution/WKF42/activities/activity/%2e%2e/trigger",
            "/acme/campaign/workflow/execution/WKF42/activities/a/trigger",
        ] {
            assert_eq!(at(other, ""), None, "{other}");
        }
        for other in ["/api", "/api/v1/", "/apiv1", "/api/v"] {
            assert_eq!(at(&[other, COMMANDS].concat(), "/api/v1"), None, "{other}");
        }
    }

    #[test]
    fn decodes_a_segment_once() {
        let id = |raw: &str| at(&COMMANDS.replace("WKF42", raw), "").map(|(_, id, _)| id);
        assert_eq!(id("%40a%2Fb"), Some("@a/b".to_owned()));
        assert_eq!(id("%252e"), Some("%2e".to_owned()));
        for bad in [
            "%", "%4", "%zz", "%ff", "%c3", "%2e%2E", "%20a", "a%0a", "%00", "%c2%85",
        ] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_base_url_is_the_origin_and_the_base_path() {
        let url = "https://gateway.example:8443/api/acme?x=https://y/";
        assert_eq!(
            public_base_url(url, "/api"),
            "https://gateway.example:8443/api"
        );
        assert_eq!(public_base_url("http://g", ""), "http://g");
    }

    #[test]
    fn accepts_base_paths_as_the_platform_serialises_them() {
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
