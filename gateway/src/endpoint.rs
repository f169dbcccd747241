//! Where a credential may be sent: https, or http on loopback.

use serde::Deserialize;

/// An address in its parts, as the platform's URL parser took it apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    protocol: String,
    hostname: String,
    user: bool,
    query: bool,
}

impl Endpoint {
    /// What is wrong with it.
    pub fn problem(&self) -> Option<&'static str> {
        if self.user {
            return Some("must not hold a user name or password");
        }
        if self.query {
            return Some("must not hold a query or fragment");
        }
        let safe =
            self.protocol == "https:" || (self.protocol == "http:" && is_loopback(&self.hostname));
        (!safe).then_some("must be https, or http on loopback")
    }
}

/// RFC 6761, RFC 1122, RFC 4291; the parser has written every IPv4 address as four numbers.
fn is_loopback(host: &str) -> bool {
    let numbers = |text: &str| {
        text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok())
    };
    host == "localhost" || host == "[::1]" || (host.starts_with("127.") && numbers(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_needs_no_encryption() {
        let check = |protocol: &str, hostname: &str| {
            let parts = Endpoint {
                protocol: protocol.to_owned(),
                hostname: hostname.to_owned(),
                user: false,
                query: false,
            };
            parts.problem().is_none()
        };
        assert!(check("https:", "ims.example"));
        for host in ["localhost", "127.0.0.1", "127.255.1.2", "[::1]"] {
            assert!(check("http:", host), "{host}");
        }
        for host in [
            "ims.example",
            "127.example",
            "127.0.0.1.example",
            "localhost.example",
            "128.0.0.1",
            "[::2]",
            "",
        ] {
            assert!(!check("http:", host), "{host}");
        }
        assert!(!check("ftp:", "localhost"));
    }
}
