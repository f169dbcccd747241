//! When an access token is used again, and when IMS is asked for another: events in, what to do out. No clock, no chance,
//! and no token: the caller keeps it.
//!
//! Source: Adobe, "OAuth Server-to-Server credential implementation guide" (a token lasts about 24 hours; a new one is
//! advised every 23).

/// A token is not used in its last minutes, in milliseconds; of one that lasts less than twice this, not in its last half.
const MARGIN_MS: f64 = 5.0 * 60.0 * 1000.0;

/// No token is used longer, in milliseconds.
const LONGEST_MS: f64 = 23.0 * 60.0 * 60.0 * 1000.0;

/// A token younger than this is not asked for again, in milliseconds: whoever was refused had the one before it.
const FRESH_MS: f64 = 10.0 * 1000.0;

/// The first wait after a failure reaches up to this, in milliseconds; it doubles with each.
const BACKOFF_MS: f64 = 1000.0;

/// No wait reaches higher, in milliseconds.
const BACKOFF_CAP_MS: f64 = 60.0 * 1000.0;

/// What to do for one who wants a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give the one that is there.
    Give,
    /// Ask IMS.
    Request,
    /// Wait for the request that is under way.
    Join,
    /// Fail as the last request did: IMS is left alone for a while.
    Fail,
}

/// A token's times, in milliseconds of the caller's clock.
#[derive(Clone, Copy, Debug)]
struct Held {
    since: f64,
    until: f64,
    expires: f64,
}

/// One credential's token.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    held: Option<Held>,
    requesting: bool,
    failures: u32,
    rest_until: f64,
}

impl Tokens {
    /// Somebody wants a token; `refresh`: the one they had was refused.
    pub fn ask(&mut self, now: f64, refresh: bool) -> Action {
        if self.requesting {
            return Action::Join;
        }
        let usable = self.held.is_some_and(|held| {
            // A clock that was set back makes a token's age unknown.
            held.since <= now
                && now
                    < if refresh {
                        held.until.min(held.since + FRESH_MS)
                    } else {
                        held.until
                    }
        });
        if usable {
            return Action::Give;
        }
        if refresh {
            self.held = None;
        }
        // A clock that was set back does not make the rest longer than any can be.
        let rest = self.rest_until - now;
        if self.failures > 0 && rest > 0.0 && rest <= BACKOFF_CAP_MS {
            return if self.is_alive(now) {
                Action::Give
            } else {
                Action::Fail
            };
        }
        self.requesting = true;
        Action::Request
    }

    /// The token that IMS was asked for is there, and lasts so many seconds; less than nothing or no number is nothing.
    pub fn granted(&mut self, now: f64, expires_in: f64) {
        let lasts = (expires_in.max(0.0) * 1000.0).min(1e12);
        self.requesting = false;
        self.failures = 0;
        self.rest_until = 0.0;
        self.held = Some(Held {
            since: now,
            until: now + (lasts - MARGIN_MS.min(lasts / 2.0)).min(LONGEST_MS),
            expires: now + lasts,
        });
    }

    /// IMS gave none. `chance` is from 0 to 1. What to do for those who wait: a token near its end is better than none.
    pub fn failed(&mut self, now: f64, chance: f64) -> Action {
        let most = (BACKOFF_MS * 2f64.powi(self.failures.min(10) as i32)).min(BACKOFF_CAP_MS);
        self.requesting = false;
        self.failures = self.failures.saturating_add(1);
        self.rest_until = now + most * chance;
        if self.is_alive(now) {
            Action::Give
        } else {
            Action::Fail
        }
    }

    fn is_alive(&self, now: f64) -> bool {
        self.held
            .is_some_and(|held| held.since <= now && now < held.expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600_000.0;

    fn with_token(expires_in: f64) -> Tokens {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.ask(0.0, false), Action::Request);
        tokens.granted(0.0, expires_in);
        tokens
    }

    #[test]
    fn one_request_serves_all() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.ask(0.0, false), Action::Request);
        for refresh in [false, true] {
            assert_eq!(tokens.ask(1.0, refresh), Action::Join);
        }
        tokens.granted(2.0, 86_399.0);
        assert_eq!(tokens.ask(3.0, false), Action::Give);
    }

    #[test]
    fn a_token_is_used_until_five_minutes_before_its_end_and_at_most_23_hours() {
        for (expires_in, last) in [
            (3600.0, 55.0 * 60_000.0),
            (86_399.0, 23.0 * HOUR),
            (1e9, 23.0 * HOUR),
            (60.0, 30_000.0),
        ] {
            let mut tokens = with_token(expires_in);
            assert_eq!(tokens.ask(last - 1.0, false), Action::Give, "{expires_in}");
            assert_eq!(tokens.ask(last, false), Action::Request, "{expires_in}");
        }
        for nothing in [0.0, -5.0, f64::NAN] {
            assert_eq!(with_token(nothing).ask(0.0, false), Action::Request);
        }
    }

    #[test]
    fn many_who_were_refused_cause_one_request() {
        let mut tokens = with_token(86_399.0);
        assert_eq!(tokens.ask(HOUR, true), Action::Request);
        tokens.granted(HOUR + 10.0, 86_399.0);
        for late in [11.0, 500.0, 9_999.0] {
            assert_eq!(tokens.ask(HOUR + late, true), Action::Give, "{late}");
        }
        assert_eq!(tokens.ask(HOUR + 10_010.0, true), Action::Request);
    }

    #[test]
    fn after_a_failure_ims_rests() {
        let mut tokens = Tokens::default();
        let mut now = 0.0;
        for most in [
            1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 60_000.0, 60_000.0,
        ] {
            assert_eq!(tokens.ask(now, false), Action::Request);
            assert_eq!(tokens.failed(now, 1.0), Action::Fail);
            assert_eq!(tokens.ask(now + most - 1.0, true), Action::Fail);
            now += most;
        }
        assert_eq!(tokens.ask(now, false), Action::Request);
        tokens.granted(now, 60.0);
        assert_eq!(tokens.ask(now + 30_000.0, false), Action::Request);
        assert_eq!(
            tokens.failed(now + 30_000.0, 1.0),
            Action::Give,
            "near its end, but alive"
        );
        assert_eq!(tokens.ask(now + 30_999.0, false), Action::Give);
        assert_eq!(
            tokens.ask(now + 30_999.0, true),
            Action::Fail,
            "it was refused"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_costs_one_request() {
        let mut tokens = with_token(86_399.0);
        assert_eq!(tokens.ask(-1.0, false), Action::Request);
        let mut tokens = Tokens::default();
        tokens.ask(1e9, false);
        tokens.failed(1e9, 1.0);
        assert_eq!(tokens.ask(0.0, false), Action::Request);
    }
}
