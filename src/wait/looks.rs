//! When a workflow that is waited for is looked at again, and which failed look does not end the wait.

use crate::error::Code;

/// The looks come no further apart than this, in milliseconds, unless the caller's interval is longer.
const CAP_MS: f64 = 30_000.0;

/// Each wait is so much longer than the one before: a stop can take minutes.
const GROWTH: f64 = 1.5;

/// A wait is from so much of its length on, and as much longer: many who wait do not look together.
const LEAST: f64 = 0.8;

/// How long before the deadline the last look is, at most, in milliseconds: its answer has to come.
const RESERVE_MS: u32 = 1000;

/// What to do after a look that did not find what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How long to wait before the next, in milliseconds.
    pub after_ms: u32,
    /// There is no time for one more after it.
    pub last: bool,
}

/// The next look. `looks` were taken, the first waits are of `interval_ms`, the server asked for
/// `asked_ms` (or 0), and the deadline is in `left_ms`. `chance` is random, from 0 to 1. Where no
/// look is possible any more, what is left to wait is the time to the deadline.
pub fn next(looks: u32, interval_ms: u32, asked_ms: u32, left_ms: u32, chance: f64) -> Look {
    let interval = f64::from(interval_ms);
    let mut grown = interval;
    for _ in 1..looks.min(32) {
        grown *= GROWTH;
    }
    let grown = grown.min(interval.max(CAP_MS));
    // The cast saturates.
    let wait = (grown * (LEAST + 2.0 * (1.0 - LEAST) * chance)) as u32;
    let after_ms = wait.max(asked_ms).max(1);
    if after_ms < left_ms {
        return Look {
            after_ms,
            last: false,
        };
    }
    let reserve = if asked_ms < left_ms {
        RESERVE_MS.min(left_ms / 4).min(left_ms - asked_ms)
    } else {
        0
    };
    Look {
        after_ms: left_ms - reserve,
        last: true,
    }
}

/// Whether a look that failed like this may be followed by one that does not.
pub const fn may_pass(code: Code) -> bool {
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
    fn the_waits_grow_to_their_cap_and_are_spread() {
        let middle = |looks| next(looks, 2000, 0, u32::MAX, 0.5).after_ms;
        assert_eq!([1, 2, 3].map(middle), [2000, 3000, 4500]);
        assert_eq!(middle(40), 30_000);
        assert_eq!(next(1, 2000, 0, u32::MAX, 0.0).after_ms, 1600);
        assert_eq!(next(1, 2000, 0, u32::MAX, 1.0).after_ms, 2400);
        assert_eq!(next(9, 60_000, 0, u32::MAX, 0.5).after_ms, 60_000);
    }

    #[test]
    fn the_last_look_is_shortly_before_the_deadline() {
        let look = |left_ms| next(1, 2000, 0, left_ms, 0.5);
        assert_eq!(
            look(2001),
            Look {
                after_ms: 2000,
                last: false
            }
        );
        assert_eq!(
            look(2000),
            Look {
                after_ms: 1500,
                last: true
            }
        );
        assert_eq!(
            look(0),
            Look {
                after_ms: 0,
                last: true
            }
        );
        assert_eq!(
            next(9, 9000, 0, 9000, 1.0),
            Look {
                after_ms: 8000,
                last: true
            }
        );
    }

    #[test]
    fn no_look_comes_before_the_server_wants_it_nor_after_the_deadline() {
        for asked in [0, 1, 500, 1000, 4000, 5000, u32::MAX] {
            for left in [0, 1, 3, 999, 4000, 4001, 60_000] {
                for chance in [0.0, 0.3, 1.0] {
                    let look = next(3, 700, asked, left, chance);
                    assert!(look.after_ms <= left, "{look:?}");
                    let looks = look.after_ms < left;
                    assert!(!looks || look.after_ms >= asked, "{look:?}");
                    assert!(looks || look.last, "{look:?}");
                }
            }
        }
    }

    #[test]
    fn what_another_look_can_not_change_ends_the_wait() {
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
            assert_eq!(may_pass(code), passes, "{code:?}");
        }
    }
}
