//! Decides which origins may call the gateway (Fetch standard, "CORS protocol"; RFC 6454 for origins).

use crate::http::{GatewayResponse, Header, RequestHead};
use crate::route;

/// The request headers that a page may set: those of the client, the caller's own credential, and an idempotency key.
/// None of them is forwarded to Adobe.
const ALLOWED_HEADERS: &str =
    "authorization, cache-control, content-type, delay-seconds, idempotency-key, prefer, x-api-key";

/// The response headers that a page may read.
const EXPOSED_HEADERS: &str = "Location, Preference-Applied, Retry-After, X-Request-Id";

/// How long a browser may cache a preflight response, in seconds.
const MAX_AGE: &str = "600";

/// The origins that may call the gateway.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The listed origins.
    pub listed: Vec<String>,
    /// Whether the origin of the request's own URL is allowed too, because pages are served next to the gateway.
    pub includes_own_origin: bool,
}

impl Origins {
    /// Whether a request's origin is allowed. A request without an `Origin` header comes from a server and is allowed.
    pub fn admit(&self, head: &RequestHead) -> bool {
        head.origin
            .as_deref()
            .is_none_or(|origin| self.has(origin, head))
    }

    fn has(&self, origin: &str, head: &RequestHead) -> bool {
        self.listed.iter().any(|listed| listed == origin)
            || (self.includes_own_origin && route::origin(&head.url) == origin)
    }

    /// The CORS headers of every response to this request, errors included.
    pub fn headers(&self, head: &RequestHead) -> Vec<Header> {
        let mut headers = vec![("vary", "Origin".to_owned())];
        let origin = head.origin.as_deref();
        if let Some(origin) = origin.filter(|origin| self.has(origin, head)) {
            headers.push(("access-control-allow-origin", origin.to_owned()));
            headers.push(("access-control-expose-headers", EXPOSED_HEADERS.to_owned()));
        }
        headers
    }
}

/// Whether a request is a CORS preflight.
pub fn is_preflight(head: &RequestHead) -> bool {
    head.method == "OPTIONS" && head.origin.is_some() && head.has_request_method
}

/// The response to a preflight, for an address that serves these methods.
pub fn preflight(method: &'static str) -> GatewayResponse {
    GatewayResponse::empty(204)
        .with_header("access-control-allow-methods", method)
        .with_header("access-control-allow-headers", ALLOWED_HEADERS)
        .with_header("access-control-max-age", MAX_AGE)
}

/// Whether a text is an origin as browsers write it (RFC 6454, 6.2): lower case, no path, no default port. Any other
/// spelling would never match.
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let default_port = match scheme {
        "https" => "443",
        "http" => "80",
        _ => "",
    };
    is_scheme(scheme)
        && is_host(host)
        && port.is_none_or(|port| is_port(port) && port != default_port)
}

fn is_scheme(text: &str) -> bool {
    let rest =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(rest)
}

fn is_host(text: &str) -> bool {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let (text, also): (&str, &[u8]) = match bracketed {
        Some(inner) => (inner, b":"),
        None => (text, b"-_"),
    };
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || also.contains(&byte)
    };
    !text.is_empty() && text.bytes().all(allowed)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0')
        && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_origins_as_browsers_write_them() {
        for good in [
            "https://app.example",
            "https://app.example:8443",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "chrome-extension://abcdef",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "null",
            "app.example",
            "https://",
            "https://app.example/",
            "https://App.example",
            "HTTPS://app.example",
            "https://app.example:443",
            "http://a:80",
            "https://a:0",
            "https://a:65536",
            "https://a:",
            "https://a:+1",
            "https://user@a",
            "https://*.example",
            "https://a b",
            "https://é.example",
            "https://a,https://b",
            "https://[::1",
            "https://a?b",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    fn from(origin: Option<&str>) -> RequestHead {
        RequestHead {
            url: "https://gateway.example/api/x".to_owned(),
            origin: origin.map(str::to_owned),
            ..RequestHead::default()
        }
    }

    #[test]
    fn admits_only_a_listed_origin() {
        let origins = Origins {
            listed: vec!["https://app.example".to_owned()],
            includes_own_origin: false,
        };
        assert!(origins.admit(&from(None)));
        assert!(origins.admit(&from(Some("https://app.example"))));
        for other in [
            "null",
            "",
            "https://app.example.evil",
            "https://APP.example",
            "http://app.example",
            "https://app.example, https://app.example",
            "https://gateway.example",
        ] {
            let head = from(Some(other));
            assert!(!origins.admit(&head), "{other}");
            assert_eq!(origins.headers(&head), [("vary", "Origin".to_owned())]);
        }
        assert_eq!(origins.headers(&from(Some("https://app.example"))).len(), 3);
        assert_eq!(origins.headers(&from(None)).len(), 1);
    }

    #[test]
    fn admits_the_origin_of_the_gateway() {
        let origins = Origins {
            includes_own_origin: true,
            ..Origins::default()
        };
        assert!(origins.admit(&from(Some("https://gateway.example"))));
        assert!(!origins.admit(&from(Some("http://gateway.example"))));
        assert!(!origins.admit(&from(Some("https://gateway.example.evil"))));
    }
}
