//! The times of the polls of a wait, and the errors that do not end it.

use crate::error::Code;

/// The maximum interval between polls, in milliseconds, unless the caller's interval is longer.
const MAX_INTERVAL_MS: f64 = 30_000.0;

/// The factor from one interval to the next. A stop can take minutes.
const GROWTH: f64 = 1.5;

/// The minimum of the random factor of an interval; the maximum is as far above 1. So many clients
/// do not poll at the same time.
const MIN_FACTOR: f64 = 0.8;

/// The time before the deadline at which the last poll starts, in milliseconds, so that its
/// response can arrive.
const LAST_POLL_RESERVE_MS: u32 = 1000;

/// The next poll after one that did not meet the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextPoll {
    /// The delay before the poll, in milliseconds.
    pub after_ms: u32,
    /// There is no time for another poll after it.
    pub is_last: bool,
}

/// Schedules the next poll, after `polls` polls. The first interval is `interval_ms`, the server
/// requested a delay of `retry_after_ms` (or 0), and the deadline is in `remaining_ms`. `random` is
/// a random number from 0 to 1. If there is no time for another poll, the delay ends at the
/// deadline.
pub fn next_poll(
    polls: u32,
    interval_ms: u32,
    retry_after_ms: u32,
    remaining_ms: u32,
    random: f64,
) -> NextPoll {
    let interval = f64::from(interval_ms);
    let mut grown = interval;
    for _ in 1..polls.min(32) {
        grown *= GROWTH;
    }
    let grown = grown.min(interval.max(MAX_INTERVAL_MS));
    // The cast saturates.
    let wait = (grown * (MIN_FACTOR + 2.0 * (1.0 - MIN_FACTOR) * random)) as u32;
    let after_ms = wait.max(retry_after_ms).max(1);
    if after_ms < remaining_ms {
        return NextPoll {
            after_ms,
            is_last: false,
        };
    }
    let reserve = if retry_after_ms < remaining_ms {
        LAST_POLL_RESERVE_MS
            .min(remaining_ms / 4)
            .min(remaining_ms - retry_after_ms)
    } else {
        0
    };
    NextPoll {
        after_ms: remaining_ms - reserve,
        is_last: true,
    }
}

/// Whether the next poll may succeed after one that failed with this code.
pub const fn is_transient(code: Code) -> bool {
    matches!(
        code,
        Code::RateLimited
            | Code::Unreachable
            | Code::ServerError
            | Code::BadResponse
            | Code::Network
            | Code::Timeout
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poll_intervals_grow_to_their_maximum_with_jitter() {
        let middle = |polls| next_poll(polls, 2000, 0, u32::MAX, 0.5).after_ms;
        assert_eq!([1, 2, 3].map(middle), [2000, 3000, 4500]);
        assert_eq!(middle(40), 30_000);
        assert_eq!(next_poll(1, 2000, 0, u32::MAX, 0.0).after_ms, 1600);
        assert_eq!(next_poll(1, 2000, 0, u32::MAX, 1.0).after_ms, 2400);
        assert_eq!(next_poll(9, 60_000, 0, u32::MAX, 0.5).after_ms, 60_000);
    }

    #[test]
    fn the_last_poll_is_shortly_before_the_deadline() {
        let last_poll = |remaining_ms| next_poll(1, 2000, 0, remaining_ms, 0.5);
        assert_eq!(
            last_poll(2001),
            NextPoll {
                after_ms: 2000,
                is_last: false
            }
        );
        assert_eq!(
            last_poll(2000),
            NextPoll {
                after_ms: 1500,
                is_last: true
            }
        );
        assert_eq!(
            last_poll(0),
            NextPoll {
                after_ms: 0,
                is_last: true
            }
        );
        assert_eq!(
            next_poll(9, 9000, 0, 9000, 1.0),
            NextPoll {
                after_ms: 8000,
                is_last: true
            }
        );
    }

    #[test]
    fn no_poll_comes_before_retry_after_or_after_the_deadline() {
        for retry_after_ms in [0, 1, 500, 1000, 4000, 5000, u32::MAX] {
            for remaining_ms in [0, 1, 3, 999, 4000, 4001, 60_000] {
                for random in [0.0, 0.3, 1.0] {
                    let next = next_poll(3, 700, retry_after_ms, remaining_ms, random);
                    assert!(next.after_ms <= remaining_ms, "{next:?}");
                    let is_in_time = next.after_ms < remaining_ms;
                    assert!(!is_in_time || next.after_ms >= retry_after_ms, "{next:?}");
                    assert!(is_in_time || next.is_last, "{next:?}");
                }
            }
        }
    }

    #[test]
    fn only_transient_errors_let_a_wait_continue() {
        for &code in Code::ALL {
            let passes = match code {
                Code::RateLimited
                | Code::Unreachable
                | Code::ServerError
                | Code::BadResponse
                | Code::Network
                | Code::Timeout => true,
                Code::InvalidArgument
                | Code::TokenUnavailable
                | Code::Unauthenticated
                | Code::Forbidden
                | Code::NotFound
                | Code::Rejected
                | Code::Redirected
                | Code::Aborted
                | Code::InvalidTrigger
                | Code::Internal => false,
            };
            assert_eq!(is_transient(code), passes, "{code:?}");
        }
    }
}
