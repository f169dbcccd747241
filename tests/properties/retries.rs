//! Delays before retries, and the errors that prove that no connection was made.

use campaign_workflow::retry::{RetryAfter, backoff_ms, ms_until, never_connected};
use proptest::num::f64;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::config;
use crate::strategies::word_or_text;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn back_off_stays_in_its_bounds(retries in any::<u32>(), random in f64::ANY) {
        let most = 500u64.checked_shl(retries).filter(|_| retries < 20).unwrap_or(8000).min(8000) as u32;
        prop_assert!(backoff_ms(retries, random) <= most);
        prop_assert_eq!(backoff_ms(retries, 1.0), most);
    }

    #[test]
    fn back_off_grows(retries in 0..20u32, more in 0..20u32, random in 0.0..1.0, luck in 0.0..1.0) {
        prop_assert!(backoff_ms(retries, random) <= backoff_ms(retries + more, random));
        let (least, most) = if random < luck { (random, luck) } else { (luck, random) };
        prop_assert!(backoff_ms(retries, least) <= backoff_ms(retries, most));
    }

    #[test]
    fn retry_after_in_seconds_is_parsed_exactly(zeros in 0..4usize, seconds in any::<u64>(), small in any::<u16>()) {
        for seconds in [seconds, u64::from(small)] {
            let ms = seconds.saturating_mul(1000).min(u64::from(u32::MAX)) as u32;
            let text = "0".repeat(zeros) + &seconds.to_string();
            prop_assert_eq!(RetryAfter::parse(&text), Some(RetryAfter::Ms(ms)));
        }
    }

    #[test]
    fn a_retry_after_that_is_neither_seconds_nor_a_date_is_ignored(text in word_or_text(&["Sun, 06 Nov 1994 08:49:37 GMT", "-5", "1.5", "soon", "Mon GMT", " GMT", "GMT", "7 "], 8)) {
        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let parsed = RetryAfter::parse(&text);
        prop_assert_eq!(matches!(parsed, Some(RetryAfter::Ms(_))), number);
        prop_assert_eq!(parsed == Some(RetryAfter::Date), text.ends_with(" GMT"));
    }

    #[test]
    fn a_retry_after_date_is_never_overshot(date in f64::ANY, now in 0.0..1e15) {
        let wait = ms_until(date, now);
        prop_assert_eq!(wait.is_none(), date.is_nan());
        if let Some(ms) = wait {
            let left = (date - now).clamp(0.0, f64::from(u32::MAX));
            prop_assert!(f64::from(ms) <= left && left - f64::from(ms) < 1.0);
        }
    }

    #[test]
    fn an_earlier_date_never_means_a_longer_wait(date in 0.0..1e13, earlier in 0.0..1e13, now in 0.0..1e13) {
        prop_assert!(ms_until(date - earlier, now) <= ms_until(date, now));
    }

    #[test]
    fn only_connect_errors_prove_that_nothing_was_sent(
        code in word_or_text(&["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused", "UND_ERR_CONNECT_TIMEOUT", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_SOCKET"], 4),
        system_call in word_or_text(&["connect", "read", "write", "getaddrinfo"], 4),
    ) {
        let is_proof = match code.as_str() {
            "ECONNREFUSED" | "ENOTFOUND" | "EAI_AGAIN" | "ConnectionRefused" | "UND_ERR_CONNECT_TIMEOUT" => true,
            "ETIMEDOUT" | "EHOSTUNREACH" | "ENETUNREACH" => system_call == "connect",
            _ => false,
        };
        prop_assert_eq!(never_connected(&code, &system_call), is_proof);
    }
}
