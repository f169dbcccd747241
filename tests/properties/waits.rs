//! How long to wait, and what proves that no connection was made.

use campaign_workflow::retry::backoff_ms;
use proptest::num::f64;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::config;
use crate::shell::{never_connected, retry_after_ms};
use crate::texts::word_or_text;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn back_off_stays_in_its_bounds(retries in any::<u32>(), chance in f64::ANY) {
        let most = 500u64.checked_shl(retries).filter(|_| retries < 20).unwrap_or(8000).min(8000) as u32;
        prop_assert!(backoff_ms(retries, chance) <= most);
        prop_assert_eq!(backoff_ms(retries, 1.0), most);
    }

    #[test]
    fn back_off_grows(retries in 0..20u32, more in 0..20u32, chance in 0.0..1.0, luck in 0.0..1.0) {
        prop_assert!(backoff_ms(retries, chance) <= backoff_ms(retries + more, chance));
        let (least, most) = if chance < luck { (chance, luck) } else { (luck, chance) };
        prop_assert!(backoff_ms(retries, least) <= backoff_ms(retries, most));
    }

    #[test]
    fn seconds_are_read_as_they_are(zeros in 0..4usize, seconds in any::<u64>(), small in any::<u16>(), until in f64::ANY) {
        for seconds in [seconds, u64::from(small)] {
            let ms = seconds.saturating_mul(1000).min(u64::from(u32::MAX)) as u32;
            let text = "0".repeat(zeros) + &seconds.to_string();
            prop_assert_eq!(retry_after_ms(&text, until), Some(ms));
        }
    }

    #[test]
    fn more_seconds_are_no_shorter(less in any::<u32>(), more in any::<u32>()) {
        let (less, more) = (less.min(more), less.max(more));
        let wait = |seconds: u32| retry_after_ms(&seconds.to_string(), f64::NAN).unwrap();
        prop_assert!(wait(less) <= wait(more));
    }

    #[test]
    fn dates_are_read_and_nothing_else(text in word_or_text(&["Sun, 06 Nov 1994 08:49:37 GMT", "-5", "1.5", "soon", "Mon GMT"], 8), until in f64::ANY) {
        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let date = text.ends_with(" GMT") && !until.is_nan();
        let wait = retry_after_ms(&text, until);
        prop_assert_eq!(wait.is_some(), number || date);
        if date {
            prop_assert!(f64::from(wait.unwrap()) <= until.max(0.0));
        }
    }

    #[test]
    fn proof_that_nothing_was_sent_is_rare(
        code in word_or_text(&["ECONNREFUSED", "ENOTFOUND", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "UND_ERR_SOCKET"], 4),
        syscall in word_or_text(&["connect", "read", "write", "getaddrinfo"], 4),
    ) {
        if never_connected(&code, &syscall) {
            let certain = matches!(code.as_str(), "ECONNREFUSED" | "ENOTFOUND");
            prop_assert!(certain || syscall == "connect");
            prop_assert!(!matches!(code.as_str(), "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET"));
        }
    }
}
