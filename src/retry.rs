//! How long to wait before a command that was certainly not executed is sent again.

/// The first back-off reaches up to this, in milliseconds.
const BASE_MS: u32 = 500;

/// No back-off is longer than this, in milliseconds.
const CAP_MS: u32 = 8000;

/// Full-jitter exponential back-off in milliseconds: evenly spread from 0 to the base doubled
/// `retries` times. `random` is from 0 to 1.
pub fn backoff_ms(retries: u32, random: f64) -> u32 {
    let most = (BASE_MS << retries.min(10)).min(CAP_MS);
    // The cast saturates, so that no random goes below 0.
    ((f64::from(most) * random) as u32).min(most)
}

/// What a `Retry-After` header asks for (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many milliseconds.
    Ms(u32),
    /// A date, which the platform's own parser reads. It takes far more than HTTP does ("-5" is a
    /// year): an HTTP date ends so.
    Date,
}

impl RetryAfter {
    /// Reads the header; `None` where it is unreadable.
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

/// The milliseconds until a date, `None` where it is none. One that has passed means now.
pub fn ms_until(date: f64, now: f64) -> Option<u32> {
    // The cast saturates.
    (!date.is_nan()).then_some((date - now) as u32)
}

/// Error codes of runtimes that say that no connection was made.
const NEVER_CONNECTED: [&str; 5] = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "UND_ERR_CONNECT_TIMEOUT",
    "ConnectionRefused",
];

/// Error codes that can also end an established connection.
const UNREACHABLE: [&str; 3] = ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

/// Whether the runtime's own error code proves that no connection was made, so that nothing can
/// have been sent. Some can also end an established connection; they count only if the system call
/// was the one that makes it.
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
