//! The delay before a retry, and the errors that prove that nothing was sent.

/// The maximum of the first back-off, in milliseconds.
const BASE_MS: u32 = 500;

/// The maximum of every back-off, in milliseconds.
const CAP_MS: u32 = 8000;

/// Exponential back-off with full jitter, in milliseconds: uniform from 0 to the base doubled `retries`
/// times. `random` is a random number from 0 to 1.
pub fn backoff_ms(retries: u32, random: f64) -> u32 {
    let most = (BASE_MS << retries.min(10)).min(CAP_MS);
    // The cast saturates at 0.
    ((f64::from(most) * random) as u32).min(most)
}

/// A parsed `Retry-After` header (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A delay in milliseconds.
    Ms(u32),
    /// A date, which the platform parses. The platform's parser accepts more than HTTP dates ("-5" is
    /// a year), so only a header that ends with " GMT" counts as one.
    Date,
}

impl RetryAfter {
    /// Parses the header; `None` if it is neither a number of seconds nor a date.
    pub fn parse(header: &str) -> Option<Self> {
        if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = header.bytes().fold(0u32, |seconds, digit| {
                seconds
                    .saturating_mul(10)
                    .saturating_add(u32::from(digit - b'0'))
            });
            Some(Self::Ms(seconds.saturating_mul(1000)))
        } else {
            header.ends_with(" GMT").then_some(Self::Date)
        }
    }
}

/// The milliseconds until a date; 0 if it has passed, `None` if it is not a number.
pub fn ms_until(date: f64, now: f64) -> Option<u32> {
    // The cast saturates.
    (!date.is_nan()).then_some((date - now) as u32)
}

/// Error codes of runtimes for a connection that was not made.
const NEVER_CONNECTED: [&str; 5] = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "UND_ERR_CONNECT_TIMEOUT",
    "ConnectionRefused",
];

/// Error codes that also occur on an established connection.
const UNREACHABLE: [&str; 3] = ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

/// Whether the runtime's error code proves that no connection was made, so nothing was sent. A code
/// that also occurs on an established connection counts only if the failed system call is `connect`.
pub fn never_connected(code: &str, system_call: &str) -> bool {
    NEVER_CONNECTED.contains(&code) || (UNREACHABLE.contains(&code) && system_call == "connect")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (header, parsed) in [
            ("2", Some(RetryAfter::Ms(2000))),
            ("0", Some(RetryAfter::Ms(0))),
            ("2026", Some(RetryAfter::Ms(2_026_000))),
            ("99999999999999999999", Some(RetryAfter::Ms(u32::MAX))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(RetryAfter::Date)),
            ("tomorrow GMT", Some(RetryAfter::Date)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("tomorrow", None),
            ("tomorrowGMT", None),
        ] {
            assert_eq!(RetryAfter::parse(header), parsed, "{header}");
        }
        assert_eq!(ms_until(2500.0, 1000.0), Some(1500));
        assert_eq!(ms_until(1000.0, 2500.0), Some(0));
        assert_eq!(ms_until(f64::NAN, 0.0), None);
    }

    #[test]
    fn only_a_connect_error_proves_that_nothing_was_sent() {
        for code in [
            "ECONNREFUSED",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ConnectionRefused",
            "UND_ERR_CONNECT_TIMEOUT",
        ] {
            assert!(never_connected(code, ""), "{code}");
        }
        for code in ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"] {
            assert!(never_connected(code, "connect"), "{code}");
            for call in ["read", "write", "getaddrinfo", "connection", ""] {
                assert!(!never_connected(code, call), "{code} {call}");
            }
        }
        for code in ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "", "XENOTFOUND"] {
            assert!(!never_connected(code, "connect"), "{code}");
        }
    }
}
