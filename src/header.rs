//! Checks header names, header values and credentials. The platform gets only valid ones, because its
//! own error would print the value.

use crate::error::Problem;
use crate::text::contains;

/// Headers that the caller can't set in `headers`: the documented ones, those with a field of their
/// own, those that change the meaning of a response, and those of the message framing and the
/// connection, which runtimes refuse.
const RESERVED: [&str; 16] = [
    "cache-control",
    "content-type",
    "x-api-key",
    "idempotency-key",
    // Only `enqueue` sets them. In another call, the response to a queued command would look like that
    // to an accepted one.
    "prefer",
    "delay-seconds",
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
];

/// A header whose name contains one of these has a secret value.
const SECRET_NAME_PARTS: [&str; 5] = ["auth", "cookie", "key", "secret", "token"];

/// Checks the name of one of the caller's headers, in lower case: a token (RFC 9110, 5.6.2) that is
/// not reserved. `may_authorize` allows `authorization`: there is no `accessToken`, and the base is
/// not Adobe's host.
pub fn check_name(name: &str, may_authorize: bool) -> Result<(), Problem> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        Err(Problem::HeaderName)
    } else if RESERVED.contains(&name) || (name == "authorization" && !may_authorize) {
        Err(Problem::HeaderReserved)
    } else {
        Ok(())
    }
}

/// Checks a header value (RFC 9110, 5.5, as a WHATWG `ByteString`): visible characters up to U+00FF,
/// with spaces and tabs only inside.
pub fn check_value(value: &str) -> Result<(), Problem> {
    let is_blank = |byte| matches!(byte, Some(b' ' | b'\t'));
    let is_field = |char| matches!(char, '\t' | ' '..='~' | '\u{a0}'..='\u{ff}');
    let mut bytes = value.bytes();
    if is_blank(bytes.next()) || is_blank(bytes.next_back()) || !value.chars().all(is_field) {
        Err(Problem::HeaderValue)
    } else {
        Ok(())
    }
}

/// Checks a credential: visible ASCII, without the scheme `Bearer`.
pub fn check_credential(credential: &str) -> Result<(), Problem> {
    let scheme = credential.get(..7);
    if credential.is_empty() {
        Err(Problem::Empty)
    } else if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) {
        Err(Problem::CredentialBearer)
    } else if !is_visible_ascii(credential) {
        Err(Problem::CredentialCharacters)
    } else {
        Ok(())
    }
}

/// The maximum length of an idempotency key.
pub const MAX_KEY_LENGTH: usize = 255;

/// Checks an idempotency key: 1 to 255 visible ASCII characters. Adobe documents no such keys, so a
/// key for Adobe's host is refused: the client would rely on it without reason.
pub fn check_idempotency_key(key: &str, is_adobe: bool) -> Result<(), Problem> {
    if is_adobe {
        Err(Problem::KeyAtAdobe)
    } else if key.is_empty() || key.len() > MAX_KEY_LENGTH || !is_visible_ascii(key) {
        Err(Problem::NotKey)
    } else {
        Ok(())
    }
}

fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the value of the header with this name, in lower case, is a secret.
pub fn is_secret(name: &str) -> bool {
    SECRET_NAME_PARTS.iter().any(|part| contains(name, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_tokens() {
        for bad in ["", "a b", "a:", "a\r\nb", "é", "(x)", "a\u{7f}"] {
            assert_eq!(check_name(bad, true), Err(Problem::HeaderName), "{bad:?}");
        }
        for bad in "\"(),/:;<=>?@[\\]{} ".chars() {
            assert!(check_name(&bad.to_string(), true).is_err(), "{bad}");
        }
        assert_eq!(check_name("x-trace0!#$%&'*+-.^_`|~", false), Ok(()));
    }

    #[test]
    fn each_character_is_allowed_only_where_http_allows_it() {
        for char in '\0'..='\u{17f}' {
            let token = char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
            let visible = char.is_ascii_graphic();
            let field = visible || "\t ".contains(char) || ('\u{a0}'..='\u{ff}').contains(&char);
            let inside = format!("x{char}x");
            assert_eq!(check_name(&inside, true).is_ok(), token, "{char:?}");
            assert_eq!(check_value(&inside).is_ok(), field, "{char:?}");
            assert_eq!(check_credential(&inside).is_ok(), visible, "{char:?}");
            for outside in [format!("{char}x"), format!("x{char}")] {
                let blank = "\t ".contains(char);
                assert_eq!(
                    check_value(&outside).is_ok(),
                    field && !blank,
                    "{outside:?}"
                );
            }
        }
    }

    #[test]
    fn header_values_follow_http() {
        for bad in [
            "a\r\nb", "\n", "a\0b", "\u{7f}", "\u{80}", "€", " a", "a\t", " ",
        ] {
            assert_eq!(check_value(bad), Err(Problem::HeaderValue), "{bad:?}");
        }
        for good in ["", "a b\tc", "é", "\u{a0}\u{ff}"] {
            assert_eq!(check_value(good), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn callers_cannot_set_prefer_delay_seconds_or_idempotency_key() {
        for name in ["prefer", "delay-seconds", "idempotency-key"] {
            assert_eq!(check_name(name, true), Err(Problem::HeaderReserved));
        }
    }

    #[test]
    fn reserved_headers_are_refused_and_similar_names_are_not() {
        assert_eq!(check_name("authorization", true), Ok(()));
        assert_eq!(
            check_name("authorization", false),
            Err(Problem::HeaderReserved)
        );
        assert_eq!(check_name("x-authorization", false), Ok(()));
        for name in RESERVED {
            assert_eq!(
                check_name(name, true),
                Err(Problem::HeaderReserved),
                "{name}"
            );
            for other in [["x-", name].concat(), [name, "-x"].concat()] {
                assert_eq!(check_name(&other, true), Ok(()), "{other}");
            }
        }
    }

    #[test]
    fn an_invalid_credential_names_its_problem() {
        assert_eq!(check_credential(""), Err(Problem::Empty));
        for bearer in ["bearer abc", "Bearer x", "BEARER "] {
            assert_eq!(check_credential(bearer), Err(Problem::CredentialBearer));
        }
        for other in ["a b", "a\n", "é", "\u{212a}", "bearer\t", "xBearer y"] {
            assert_eq!(check_credential(other), Err(Problem::CredentialCharacters));
        }
        assert_eq!(check_credential("Bearer!~"), Ok(()));
    }

    #[test]
    fn an_idempotency_key_is_visible_ascii_and_never_for_adobe() {
        let longest = "k".repeat(255);
        for key in ["1", "order-42!~", &longest] {
            assert_eq!(check_idempotency_key(key, false), Ok(()), "{key}");
            assert_eq!(check_idempotency_key(key, true), Err(Problem::KeyAtAdobe));
        }
        for key in ["", "a b", "a\n", "é", &"k".repeat(256)] {
            assert_eq!(
                check_idempotency_key(key, false),
                Err(Problem::NotKey),
                "{key:?}"
            );
        }
    }

    #[test]
    fn secret_headers_are_recognised_by_name() {
        for name in [
            "authorization",
            "cookie",
            "x-functions-key",
            "cf-access-token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("x-request-id"));
    }
}
