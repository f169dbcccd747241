//! The address of a request: a base that a credential may be sent to, and path segments that stay
//! what they are.
//!
//! The platform's own URL parser takes a base apart, so that the host decided on here is the host
//! that `fetch` will go to, in whatever spelling it was given.

use crate::error::Problem;
use crate::rule::Rules;

/// Adobe's host, used when no `baseUrl` is given.
pub const ADOBE: &str = "https://mc.adobe.io";

/// What is between and after the segments of the organization and the workflow.
///
/// Source: Adobe Campaign Standard, "Controlling a workflow".
pub const PATH: [&str; 2] = ["/campaign/workflow/execution/", "/commands"];

/// What counts of a base's path: the slashes at its end do not.
pub const BASE_PATH: &str = "^.*[^/]";

/// A lone surrogate would silently become another character on its way.
pub const TEXT: Rules = Rules {
    pattern: r"(\p{Cs})",
    problems: &[Problem::LoneSurrogate],
};

/// What no organization or workflow id may be, since it becomes exactly one path segment.
pub const SEGMENT: Rules = Rules {
    pattern: r"^(?:(.*\p{Cs})|($)|(\.\.?$)|(.*[\x00-\x1f\x7f-\x9f])|( |.* $))",
    problems: &[
        Problem::LoneSurrogate,
        Problem::Empty,
        Problem::Dots,
        Problem::Control,
        Problem::Spaces,
    ],
};

/// What no base may be, as it was given: its query or fragment would be lost.
pub const GIVEN: Rules = Rules {
    pattern: "^(?:($)|.*([?#]))",
    problems: &[Problem::Empty, Problem::UrlQuery],
};

/// What a base is, by the address that the WHATWG URL parser made of it, in which the host is in
/// lower case and an IPv4 address decimal: one that names a user, Adobe's, or another that may be
/// used, which is https anywhere and http on loopback (RFC 6761, RFC 1122, RFC 4291). A host name
/// that only begins with 127 is none; four numbers are always an IPv4 address.
pub const BASE: &str = r"^(?:([a-z]+://[^/?#]*@)|(https://[^/]*\.adobe\.io\.?[:/])|(https:|http://(?:localhost|\[::1\]|127(?:\.[0-9]+){3})[:/]))";

const USER: u32 = 1;
const IS_ADOBE: u32 = 2;

/// Whether a base is Adobe's own host, which serves servers only and wants both credentials.
/// `group` is that of [`BASE`], `given` what is wrong by [`GIVEN`].
pub fn is_adobe(group: u32, given: Option<Problem>) -> Result<bool, Problem> {
    match (group, given) {
        (USER, _) => Err(Problem::UrlUser),
        (_, Some(problem)) => Err(problem),
        (0, None) => Err(Problem::UrlScheme),
        _ => Ok(group == IS_ADOBE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::which;

    fn check(given: &str, href: &str) -> Result<bool, Problem> {
        is_adobe(which(href, BASE), GIVEN.check(given))
    }

    #[test]
    fn https_or_loopback() {
        for host in [
            "example.com",
            "localhost",
            "[2001:db8::1]",
            "x.example:8443",
        ] {
            let url = ["https://", host, "/"].concat();
            assert_eq!(check(&url, &url), Ok(false), "{host}");
        }
        for host in ["localhost", "127.0.0.1", "127.255.0.3:80", "[::1]:5"] {
            let url = ["http://", host, "/x"].concat();
            assert_eq!(check(&url, &url), Ok(false), "{host}");
        }
        for host in [
            "example.com",
            "127.0.0.1.example",
            "127.example1",
            "127..",
            "127.0.0",
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
        for url in ["https://me@x/", "https://:pw@x/", "ftp://me@x/?"] {
            assert_eq!(check(url, url), Err(Problem::UrlUser));
        }
        assert_eq!(check("", "https://x/"), Err(Problem::Empty));
        for given in ["https://x?", "https://x/#", "https://x/?a=b"] {
            assert_eq!(
                check(given, "https://x/"),
                Err(Problem::UrlQuery),
                "{given}"
            );
        }
        assert_eq!(check("https://x/a@b", "https://x/a@b"), Ok(false));
    }

    #[test]
    fn adobe_is_known() {
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
    fn ids_that_would_become_another_address_are_refused() {
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
            assert_eq!(SEGMENT.check(bad), Some(problem), "{bad:?}");
        }
        for good in ["WKF42", "@PKey-_=", "...", "a b", "a/b", "é", "%2e"] {
            assert_eq!(SEGMENT.check(good), None);
        }
        for char in ('\0'..='\u{ff}').filter(|char| *char != ' ') {
            let problem = char.is_control().then_some(Problem::Control);
            for id in [format!("{char}a"), format!("a{char}")] {
                assert_eq!(SEGMENT.check(&id), problem, "{id:?}");
            }
        }
    }
}
