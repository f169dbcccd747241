//! Parses a URL into the part of the API that it addresses.

/// The target of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Campaign's API.
    Campaign(Resource),
    /// The emulator's control API: the path segments after `/__emulator/`.
    Control { rest: Vec<String> },
    /// Any other path.
    Unknown,
}

/// A resource in Campaign's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Everything before `/<organization>`: origin and prefix, without a trailing slash.
    pub(crate) base: String,
    /// The organization, still percent-encoded.
    pub(crate) raw_organization: String,
    /// The organization, decoded.
    pub(crate) organization: String,
    /// An id or a PKey, decoded.
    pub(crate) workflow: String,
    pub(crate) endpoint: Endpoint,
}

/// An endpoint of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `…/commands`
    Commands,
    /// The workflow itself.
    Read,
    /// `…/activities/activity/<PKEY>/trigger/`, with the key decoded.
    Trigger(String),
}

/// The parts of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

impl<'a> Url<'a> {
    pub(crate) fn parse(url: &'a str) -> Self {
        let url = url.split('#').next().unwrap_or(url);
        let (before_query, query) = match url.split_once('?') {
            Some((before, query)) => (before, Some(query)),
            None => (url, None),
        };
        let (origin, path) = match before_query.split_once("://") {
            None => ("", before_query),
            Some((scheme, rest)) => {
                let host = rest.split('/').next().unwrap_or(rest);
                let end = scheme.len() + "://".len() + host.len();
                before_query
                    .split_at_checked(end)
                    .unwrap_or((before_query, ""))
            }
        };
        let path = if path.is_empty() { "/" } else { path };
        Url {
            origin,
            path,
            query,
        }
    }
}

impl Route {
    pub(crate) fn parse(url: &str) -> Self {
        let Url { origin, path, .. } = Url::parse(url);
        let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        campaign(origin, &segments)
            .or_else(|| control(&segments))
            .unwrap_or(Route::Unknown)
    }
}

fn campaign(origin: &str, segments: &[&str]) -> Option<Route> {
    const MIDDLE: [&str; 3] = ["campaign", "workflow", "execution"];
    let at = segments
        .windows(MIDDLE.len())
        .rposition(|window| window == MIDDLE)?;
    let (raw_organization, prefix) = segments.get(..at)?.split_last()?;
    let (workflow, endpoint) = match segments.get(at + MIDDLE.len()..)? {
        [workflow] => (workflow, Endpoint::Read),
        [workflow, "commands"] => (workflow, Endpoint::Commands),
        // Adobe's documents show the trigger with and without a trailing slash.
        [workflow, "activities", "activity", activity, "trigger"]
        | [workflow, "activities", "activity", activity, "trigger", ""] => {
            (workflow, Endpoint::Trigger(decode(activity)?))
        }
        _ => return None,
    };
    let (organization, workflow) = (decode(raw_organization)?, decode(workflow)?);
    if organization.is_empty() || workflow.is_empty() {
        return None;
    }
    let mut base = origin.to_owned();
    for segment in prefix {
        base.push('/');
        base.push_str(segment);
    }
    let raw_organization = (*raw_organization).to_owned();
    Some(Route::Campaign(Resource {
        base,
        raw_organization,
        organization,
        workflow,
        endpoint,
    }))
}

fn control(segments: &[&str]) -> Option<Route> {
    let at = segments
        .iter()
        .position(|segment| *segment == "__emulator")?;
    let rest = segments
        .iter()
        .skip(at + 1)
        .filter(|segment| !segment.is_empty());
    Some(Route::Control {
        rest: rest.map(|segment| (*segment).to_owned()).collect(),
    })
}

/// Decodes percent-encoding; `None` if it is malformed, or the bytes are not UTF-8.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// Percent-encodes a text as one path segment.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                encoded.push(byte.into())
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(url: &str) -> Resource {
        match Route::parse(url) {
            Route::Campaign(resource) => resource,
            other => panic!("{url} is {other:?}"),
        }
    }

    #[test]
    fn accepts_any_host_and_prefix() {
        for base in [
            "",
            "https://mc.adobe.io",
            "http://127.0.0.1:4173/some/where",
        ] {
            let commands = resource(&format!(
                "{base}/acme/campaign/workflow/execution/WKF42/commands"
            ));
            assert_eq!(commands.base, base);
            assert_eq!(
                (commands.organization.as_str(), commands.workflow.as_str()),
                ("acme", "WKF42")
            );
            assert_eq!(commands.endpoint, Endpoint::Commands);
            assert_eq!(
                resource(&format!("{base}/acme/campaign/workflow/execution/@k")).endpoint,
                Endpoint::Read
            );
        }
    }

    #[test]
    fn a_trigger_may_end_with_a_slash() {
        for end in ["", "/"] {
            let url = format!(
                "/acme/campaign/workflow/execution/@w/activities/activity/%40a/trigger{end}"
            );
            assert_eq!(resource(&url).endpoint, Endpoint::Trigger("@a".to_owned()));
        }
    }

    #[test]
    fn decodes_each_segment_once() {
        let found = resource("/a%20b/campaign/workflow/execution/%2e%2F%25/commands?x=1#y");
        assert_eq!(
            (found.organization.as_str(), found.workflow.as_str()),
            ("a b", "./%")
        );
    }

    #[test]
    fn any_other_path_is_unknown() {
        for url in [
            "/",
            "",
            "https://mc.adobe.io",
            "/campaign/workflow/execution/WKF42/commands",
            "//campaign/workflow/execution/WKF42/commands",
            "/acme/campaign/workflow/execution//commands",
            "/acme/campaign/workflow/execution/WKF42/commands/",
            "/acme/campaign/workflow/execution/WKF42/commands/more",
            "/acme/campaign/workflow/execution/%/commands",
            "/acme/campaign/workflow/execution/%FF/commands",
            "/acme/Campaign/workflow/execution/WKF42/commands",
        ] {
            assert_eq!(Route::parse(url), Route::Unknown, "{url}");
        }
    }

    #[test]
    fn a_workflow_may_have_the_name_of_the_control_api() {
        assert_eq!(
            Route::parse("http://h/x/__emulator/log?a"),
            Route::Control {
                rest: vec!["log".to_owned()]
            }
        );
        assert_eq!(Route::parse("/__emulator"), Route::Control { rest: vec![] });
        assert_eq!(
            resource("/acme/campaign/workflow/execution/__emulator/commands").workflow,
            "__emulator"
        );
    }

    #[test]
    fn decoding_reverses_encoding() {
        for text in ["WKF42", "@Xy-_", "a b/c%?#", "é✓"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
    }
}
