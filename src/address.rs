//! The address of a request: a base that may receive credentials, and ids as path segments.
//!
//! The checks use the URL as the platform's own parser serializes it. The host that they see is
//! therefore the host that `fetch` connects to, however the caller wrote it.

use crate::error::Problem;
use crate::text::{before, contains_any};

/// Adobe's host, the default of `baseUrl`.
pub const ADOBE: &str = "https://mc.adobe.io";

/// A base address that may receive credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// An absolute URL without a trailing slash.
    url: String,
    /// It is Adobe's own host, which requires both credentials and does not support browsers.
    pub is_adobe: bool,
}

impl Base {
    /// Adobe's host.
    pub fn adobe() -> Self {
        Self {
            url: String::from(ADOBE),
            is_adobe: true,
        }
    }

    /// Checks a base: https, or http on loopback, without user, query and fragment. `href` is `input`
    /// as the WHATWG URL parser serializes it, or `None` if it is not a URL. In it, the host is in
    /// lower case, a path follows it, and an IPv4 address has four decimal numbers.
    pub fn check(input: &str, href: Option<&str>) -> Result<Self, Problem> {
        let href = href.ok_or(Problem::UrlInvalid)?;
        let is_adobe = is_adobe(href)?;
        if input.is_empty() {
            return Err(Problem::Empty);
        }
        // The parser drops an empty query or fragment, so the input is checked.
        if contains_any(input, b"?#") {
            return Err(Problem::UrlQuery);
        }
        Ok(Self {
            url: String::from(href.trim_end_matches('/')),
            is_adobe,
        })
    }

    /// The address of a workflow.
    ///
    /// Source: Adobe Campaign Standard, "Controlling a workflow".
    pub fn workflow_url(&self, organization: &str, workflow_id: &str) -> String {
        let mut url = self.url.clone();
        push_workflow_path(&mut url, organization, workflow_id);
        url
    }

    /// The address of a command in a server's queue.
    pub fn queue_url(&self, id: &str) -> String {
        let mut url = self.url.clone();
        url.push_str("/queue/");
        url.push_str(id);
        url
    }
}

/// The path between the organization and the workflow in every address.
pub const EXECUTION_PATH: &str = "/campaign/workflow/execution/";

/// Appends the path of a workflow, with its leading slash.
pub fn push_workflow_path(url: &mut String, organization: &str, workflow_id: &str) {
    url.push('/');
    push_segment(url, organization);
    url.push_str(EXECUTION_PATH);
    push_segment(url, workflow_id);
}

/// Percent-decodes an organization or workflow id in a path segment, once. `None` if the encoding is
/// invalid, or if [`check_segment`] refuses the id.
pub fn decode_segment(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            byte
        });
    }
    let id = String::from_utf8(decoded).ok()?;
    check_segment(&id).is_ok().then_some(id)
}

/// Checks an organization or workflow id, which has to become exactly one path segment.
pub fn check_segment(id: &str) -> Result<(), Problem> {
    match id {
        "" => Err(Problem::Empty),
        "." | ".." => Err(Problem::Dots),
        _ if id.chars().any(char::is_control) => Err(Problem::Control),
        _ if id.starts_with(' ') || id.ends_with(' ') => Err(Problem::Spaces),
        _ => Ok(()),
    }
}

/// Appends a path segment, percent-encoded except for RFC 3986's unreserved characters and `@`.
fn push_segment(url: &mut String, segment: &str) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.push(hex_digit(byte >> 4));
            url.push(hex_digit(byte & 15));
        }
    }
}

fn hex_digit(value: u8) -> char {
    char::from(if value < 10 {
        b'0' + value
    } else {
        b'A' - 10 + value
    })
}

/// Whether a base is Adobe's own host. An error if it is neither https nor http on loopback (RFC 6761,
/// RFC 1122, RFC 4291).
fn is_adobe(href: &str) -> Result<bool, Problem> {
    let (is_secure, rest) = match (href.strip_prefix("https://"), href.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        (None, None) => return Err(Problem::UrlScheme),
    };
    let authority = before(rest, b'/');
    if contains_any(authority, b"@") {
        return Err(Problem::UrlUser);
    }
    let host = if authority.starts_with("[::1]") {
        "localhost"
    } else {
        before(authority, b':')
    };
    if is_secure {
        let host = host.strip_suffix('.').unwrap_or(host);
        Ok(host.ends_with(".adobe.io"))
    } else if host == "localhost" || is_loopback(host) {
        Ok(false)
    } else {
        Err(Problem::UrlScheme)
    }
}

/// Whether a host is an IPv4 address of 127.0.0.0/8. A host name may begin with "127." as well, but
/// only an IPv4 address ends with a number.
fn is_loopback(host: &str) -> bool {
    let numbers = host.strip_prefix("127.");
    numbers.is_some_and(|rest| {
        !rest.ends_with('.')
            && rest
                .bytes()
                .all(|byte| byte == b'.' || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, href: &str) -> Result<bool, Problem> {
        Base::check(input, Some(href)).map(|base| base.is_adobe)
    }

    #[test]
    fn a_base_is_https_or_http_on_loopback() {
        for host in [
            "example.com",
            "localhost",
            "[2001:db8::1]",
            "x.example:8443",
        ] {
            let url = ["https://", host, "/"].concat();
            assert_eq!(check(&url, &url), Ok(false), "{host}");
        }
        for host in [
            "localhost",
            "127.0.0.1",
            "127.255.0.3:80",
            "[::1]:5",
            "[::1]",
        ] {
            let url = ["http://", host, "/x"].concat();
            assert_eq!(check(&url, &url), Ok(false), "{host}");
        }
        for host in [
            "example.com",
            "127.0.0.1.example",
            "127.example1",
            "127..",
            "127.0.0.a",
            "127.0.a.b",
            "localhost.example",
            "128.0.0.1",
            "[::2]",
            "[::ffff:7f00:1]",
        ] {
            let url = ["http://", host, "/"].concat();
            assert_eq!(check(&url, &url), Err(Problem::UrlScheme), "{host}");
        }
        for protocol in ["ftp://", "file://", "ws://", "javascript:", "blob:http://"] {
            let url = [protocol, "localhost/"].concat();
            assert_eq!(check(&url, &url), Err(Problem::UrlScheme), "{protocol}");
        }
    }

    #[test]
    fn user_query_and_fragment_are_refused() {
        for url in ["https://me@x/", "https://:pw@x/", "http://me@localhost/?"] {
            assert_eq!(check(url, url), Err(Problem::UrlUser));
        }
        assert_eq!(check("", "https://x/"), Err(Problem::Empty));
        for input in ["https://x?", "https://x/#", "https://x/?a=b"] {
            assert_eq!(
                check(input, "https://x/"),
                Err(Problem::UrlQuery),
                "{input}"
            );
        }
        assert_eq!(check("https://x/a@b", "https://x/a@b"), Ok(false));
    }

    #[test]
    fn adobes_host_is_recognised() {
        assert_eq!(ADOBE, "https://mc.adobe.io");
        for host in ["mc.adobe.io", "mc.adobe.io.", "mc-stage.adobe.io:8443"] {
            let url = ["https://", host, "/"].concat();
            assert_eq!(check(&url, &url), Ok(true), "{host}");
        }
        for host in [
            "mc.adobe.io.example",
            "notadobe.io",
            "adobe.io.evil",
            "mc.adobexio",
            "mc.adobe.iox",
            "mc-adobe.io",
            "adobe.io",
        ] {
            let url = ["https://", host, "/x.adobe.io/"].concat();
            assert_eq!(check(&url, &url), Ok(false), "{host}");
        }
        let plain = "http://mc.adobe.io/";
        assert_eq!(check(plain, plain), Err(Problem::UrlScheme));
    }

    #[test]
    fn ids_that_would_change_the_path_are_refused() {
        for (bad, problem) in [
            ("", Problem::Empty),
            (".", Problem::Dots),
            ("..", Problem::Dots),
            ("a\0", Problem::Control),
            (" a\r\nb", Problem::Control),
            ("\u{85}", Problem::Control),
            (" WKF1", Problem::Spaces),
            ("WKF1 ", Problem::Spaces),
        ] {
            assert_eq!(check_segment(bad), Err(problem), "{bad:?}");
        }
        for good in ["WKF42", "@PKey-_=", "...", "a b", "a/b", "é", "%2e"] {
            assert_eq!(check_segment(good), Ok(()));
        }
    }

    #[test]
    fn an_id_becomes_one_path_segment() {
        let base = |url: &str| Base::check(url, Some(url)).unwrap();
        assert_eq!(
            base("https://x/y//").workflow_url("acme-mkt_stage", "@PKey~1.2"),
            "https://x/y/acme-mkt_stage/campaign/workflow/execution/@PKey~1.2"
        );
        assert_eq!(
            base("https://x/").workflow_url("a b/c", "é%2e?!'()*"),
            "https://x/a%20b%2Fc/campaign/workflow/execution/%C3%A9%252e%3F%21%27%28%29%2A"
        );
    }

    #[test]
    fn a_path_segment_is_decoded_once() {
        for (segment, id) in [
            ("%40a%2Fb", Some("@a/b")),
            ("%252e", Some("%2e")),
            ("WKF42", Some("WKF42")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+1", None),
            ("%ff", None),
            ("%c3", None),
            ("%2e%2E", None),
            ("%20a", None),
            ("a%0a", None),
            ("%c2%85", None),
            ("", None),
        ] {
            assert_eq!(decode_segment(segment).as_deref(), id, "{segment}");
        }
        for id in ["@PKey-_=", "é%2e?!'()*", "a b/c"] {
            let mut segment = String::new();
            push_segment(&mut segment, id);
            assert_eq!(decode_segment(&segment).as_deref(), Some(id));
        }
    }

    #[test]
    fn a_base_that_is_not_a_url_is_refused() {
        assert_eq!(Base::check("https://", None), Err(Problem::UrlInvalid));
    }
}
