//! Which header names and values may be sent, checked before the platform sees them, because
//! the platform's own error would print the value.

use crate::error::Problem;
use crate::rule::Rules;

/// What no name may be: it is a token (RFC 9110, 5.6.2).
pub const NAME: Rules = Rules {
    pattern: "^(?:($)|.*([^!#-'*+.0-9A-Z^-z|~-]))",
    problems: &[Problem::HeaderName, Problem::HeaderName],
};

/// Matches the other names, in lower case, that the caller's `headers` can't have: those that Adobe
/// documents, and those that frame the message or belong to the connection, at which runtimes
/// fail. `authorization` is the second group.
pub const RESERVED: &str = "^(?:(cache-control|content-type|x-api-key|connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|__proto__)|(authorization))$";

/// Whether a name can't be set. `authorization` can, where the caller gives no `accessToken` and
/// the address is not Adobe's. `group` is that of [`RESERVED`].
pub const fn is_reserved(group: u32, may_authorize: bool) -> bool {
    group == 1 || (group == 2 && !may_authorize)
}

/// What no value may be (RFC 9110, 5.5, as far as a WHATWG `ByteString` can carry it): visible
/// characters up to U+00FF, with spaces and tabs inside.
pub const VALUE: Rules = Rules {
    pattern: r"^([\t ]|.*[\t ]$|.*[^\t -~\xa0-\xff])",
    problems: &[Problem::HeaderValue],
};

/// What no credential may be, which stands in a header as it is: visible ASCII.
pub const CREDENTIAL: Rules = Rules {
    pattern: "^($)|^([Bb][Ee][Aa][Rr][Ee][Rr] )|([^!-~])",
    problems: &[
        Problem::Empty,
        Problem::CredentialBearer,
        Problem::CredentialCharacters,
    ],
};

/// Matches the name, in lower case, of a header that holds something that must never be shown.
pub const SECRET: &str = "(auth|cookie|key|secret|token)";

/// Matches what follows the scheme of an `Authorization` value (`Basic …`), which is a secret by
/// itself, and the space before it.
pub const AFTER_SCHEME: &str = " .*";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::which;

    #[test]
    fn names_are_tokens() {
        for bad in ["", "a b", "a:", "a\r\nb", "é", "(x)", "a\u{7f}"] {
            assert_eq!(NAME.check(bad), Some(Problem::HeaderName), "{bad:?}");
        }
        for bad in "\"(),/:;<=>?@[\\]{} ".chars() {
            assert!(NAME.check(&bad.to_string()).is_some(), "{bad}");
        }
        assert_eq!(NAME.check("X-Trace0!#$%&'*+-.^_`|~"), None);
    }

    #[test]
    fn every_character_is_where_it_may_be() {
        for char in '\0'..='\u{17f}' {
            let token = char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
            let visible = char.is_ascii_graphic();
            let field = visible || "\t ".contains(char) || ('\u{a0}'..='\u{ff}').contains(&char);
            let inside = format!("x{char}x");
            assert_eq!(NAME.check(&inside).is_none(), token, "{char:?}");
            assert_eq!(VALUE.check(&inside).is_none(), field, "{char:?}");
            assert_eq!(CREDENTIAL.check(&inside).is_none(), visible, "{char:?}");
            for outside in [format!("{char}x"), format!("x{char}")] {
                let blank = "\t ".contains(char);
                assert_eq!(
                    VALUE.check(&outside).is_none(),
                    field && !blank,
                    "{outside:?}"
                );
            }
        }
    }

    #[test]
    fn values_are_what_http_allows() {
        for bad in [
            "a\r\nb", "\n", "a\0b", "\u{7f}", "\u{80}", "€", " a", "a\t", " ",
        ] {
            assert_eq!(VALUE.check(bad), Some(Problem::HeaderValue), "{bad:?}");
        }
        for good in ["", "a b\tc", "é", "\u{a0}\u{ff}"] {
            assert_eq!(VALUE.check(good), None, "{good:?}");
        }
    }

    #[test]
    fn the_documented_headers_stay_as_documented() {
        let refused = |name: &str, may_authorize| is_reserved(which(name, RESERVED), may_authorize);
        for name in [
            "authorization",
            "cache-control",
            "content-type",
            "x-api-key",
        ] {
            assert!(refused(name, false), "{name}");
        }
        assert!(!refused("authorization", true));
        assert!(!refused("x-authorization", false));
        for name in [
            "cache-control",
            "content-type",
            "x-api-key",
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "__proto__",
        ] {
            assert!(refused(name, true), "{name}");
            for other in [["x-", name].concat(), [name, "-x"].concat()] {
                assert!(!refused(&other, false), "{other}");
            }
        }
        assert!(!refused("authorization-x", false));
    }

    #[test]
    fn a_refused_credential_says_why() {
        assert_eq!(CREDENTIAL.check(""), Some(Problem::Empty));
        for bearer in ["bearer abc", "Bearer x", "BEARER "] {
            assert_eq!(CREDENTIAL.check(bearer), Some(Problem::CredentialBearer));
        }
        for other in ["a b", "a\n", "é", "\u{212a}", "bearer\t", "xBearer y"] {
            assert_eq!(CREDENTIAL.check(other), Some(Problem::CredentialCharacters));
        }
        assert_eq!(CREDENTIAL.check("Bearer!~"), None);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "authorization",
            "cookie",
            "x-functions-key",
            "cf-access-token",
        ] {
            assert_eq!(which(name, SECRET), 1, "{name}");
        }
        assert_eq!(which("x-request-id", SECRET), 0);
    }
}
