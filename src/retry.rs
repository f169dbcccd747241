//! How long to wait before a command that was certainly not executed is sent again.

/// The first back-off reaches up to this, in milliseconds.
const BASE_MS: u32 = 500;

/// No back-off is longer than this, in milliseconds.
const CAP_MS: u32 = 8000;

/// Full-jitter exponential back-off in milliseconds: evenly spread from 0 to the base doubled
/// `retries` times. `chance` is from 0 to 1.
pub fn backoff_ms(retries: u32, chance: f64) -> u32 {
    let most = (BASE_MS << retries.min(10)).min(CAP_MS);
    // The cast saturates, so that no chance goes below 0.
    ((f64::from(most) * chance) as u32).min(most)
}

/// Matches a `Retry-After` header of seconds (RFC 9110, 10.2.3), or of a date. Date parsers take
/// far more than HTTP does ("-5" is a year): an HTTP date ends so.
pub const RETRY_AFTER: &str = "^(?:([0-9]+)|(.* GMT))$";

/// What a `Retry-After` header asks for, in milliseconds from now. `group` is that of
/// [`RETRY_AFTER`], `number` the header's seconds, or the milliseconds until its date, read by the
/// platform's own date parser, or NaN. A date that has passed means now.
pub fn retry_after_ms(group: u32, number: f64) -> Option<u32> {
    // The casts saturate.
    match group {
        1 => Some((number * 1000.0) as u32),
        2 if !number.is_nan() => Some(number as u32),
        _ => None,
    }
}

/// Matches the runtime's own error codes that prove that no connection was made, so that nothing
/// can have been sent. Those of the second group can also end an established connection; they
/// count only where the system call was [`CONNECT`].
pub const NEVER_CONNECTED: &str = "^(?:(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused)|(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT))$";

/// Matches the system call that makes a connection.
pub const CONNECT: &str = "^(connect)$";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::which;

    #[test]
    fn back_off_doubles_to_its_cap_and_spreads_from_zero() {
        for (retries, most) in [(0, 500), (1, 1000), (3, 4000), (4, 8000), (99, 8000)] {
            assert_eq!(backoff_ms(retries, 0.0), 0);
            assert_eq!(backoff_ms(retries, 0.5), most / 2);
            assert_eq!(backoff_ms(retries, 1.0), most);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, group) in [
            ("2", 1),
            ("0", 1),
            ("2026", 1),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 2),
            ("tomorrow GMT", 2),
            ("", 0),
            ("-5", 0),
            ("1.5", 0),
            ("soon", 0),
            ("tomorrow", 0),
            ("tomorrowGMT", 0),
        ] {
            assert_eq!(which(value, RETRY_AFTER), group, "{value}");
        }
        assert_eq!(retry_after_ms(1, 2.0), Some(2000));
        assert_eq!(retry_after_ms(1, f64::INFINITY), Some(u32::MAX));
        assert_eq!(retry_after_ms(2, 1500.0), Some(1500));
        assert_eq!(retry_after_ms(2, -1500.0), Some(0));
        assert_eq!(retry_after_ms(2, f64::NAN), None);
        assert_eq!(retry_after_ms(0, 5.0), None);
    }

    #[test]
    fn only_a_failed_connect_proves_that_nothing_was_sent() {
        let refused = [
            "ECONNREFUSED",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ConnectionRefused",
        ];
        let lost = ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];
        let groups = [
            (1, &refused[..]),
            (1, &["UND_ERR_CONNECT_TIMEOUT"]),
            (2, &lost),
        ];
        for (group, codes) in groups {
            for &code in codes {
                assert_eq!(which(code, NEVER_CONNECTED), group, "{code}");
                for other in [["X", code].concat(), [code, "X"].concat()] {
                    assert_eq!(which(&other, NEVER_CONNECTED), 0, "{other}");
                }
            }
        }
        for call in [
            "read",
            "write",
            "getaddrinfo",
            "connection",
            "reconnect",
            "",
        ] {
            assert_eq!(which(call, CONNECT), 0, "{call}");
        }
        assert_eq!(which("connect", CONNECT), 1);
        for code in ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", ""] {
            assert_eq!(which(code, NEVER_CONNECTED), 0, "{code}");
        }
    }
}
