//! Decides when an access token is reused and when IMS is asked for a new one: a state machine without clock,
//! randomness and I/O. The caller holds the token itself.
//!
//! Source: Adobe, "OAuth Server-to-Server credential implementation guide" (a token lasts about 24 hours; Adobe advises
//! a new one every 23).

/// A token is not used in its last minutes, in milliseconds. If it lasts less than twice this, it is not used in its
/// last half.
const EXPIRY_MARGIN_MS: f64 = 5.0 * 60.0 * 1000.0;

/// The longest use of a token, in milliseconds.
const MAX_USE_MS: f64 = 23.0 * 60.0 * 60.0 * 1000.0;

/// A token younger than this is not refreshed, in milliseconds: the caller that Adobe refused had the one before it.
const MIN_REFRESH_AGE_MS: f64 = 10.0 * 1000.0;

/// The assumed lifetime of a token if IMS gives no usable one, in milliseconds; the token is used for half of it. If it
/// ends sooner, Campaign refuses it and it is refreshed.
const DEFAULT_LIFETIME_MS: f64 = 10.0 * 60.0 * 1000.0;

/// How long a call waits for another call's token request, in milliseconds from the start of that request. On some
/// platforms a request ends with its caller, without notice. This and a token request of its own fit into the 10
/// seconds that the client allows its token function.
const JOIN_TIMEOUT_MS: f64 = 3000.0;

/// The upper bound of the first pause after a failure, in milliseconds; it doubles with each failure.
const BACKOFF_MS: f64 = 1000.0;

/// The upper bound of every pause, in milliseconds.
const MAX_BACKOFF_MS: f64 = 60.0 * 1000.0;

/// The number of a request to IMS, from 1.
pub type RequestNumber = u32;

/// What to do for a caller that needs a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Use the current token.
    UseToken,
    /// Send a token request with this number.
    Request(RequestNumber),
    /// Wait for the pending request, at most this many milliseconds; then ask again with its number.
    Wait(RequestNumber, f64),
    /// Fail like the last request: the pause after a failure is not over.
    Fail,
}

/// The lifetime in IMS's JSON.
#[derive(Clone, Debug)]
pub enum ExpiresIn {
    /// A number, in seconds.
    Number(f64),
    /// A string.
    Text(String),
    /// Any other value, or none.
    Other,
}

impl ExpiresIn {
    /// How long the token lasts, in milliseconds. A numeric string counts as its number. Anything that is not a
    /// positive number is ignored.
    fn ms(&self) -> f64 {
        let seconds = match self {
            ExpiresIn::Number(seconds) => Some(*seconds),
            ExpiresIn::Text(text) => text.trim().parse().ok(),
            ExpiresIn::Other => None,
        };
        match seconds {
            Some(seconds) if seconds > 0.0 => (seconds * 1000.0).min(1e12),
            _ => DEFAULT_LIFETIME_MS,
        }
    }
}

/// A token's times, in milliseconds of the caller's clock.
#[derive(Clone, Copy, Debug)]
struct TokenLifetime {
    since: f64,
    until: f64,
    expires: f64,
}

/// The newest request without a result.
#[derive(Clone, Copy, Debug)]
struct PendingRequest {
    number: RequestNumber,
    since: f64,
}

/// When one credential's token is used and refreshed.
#[derive(Clone, Debug, Default)]
pub struct TokenSchedule {
    lifetime: Option<TokenLifetime>,
    pending: Option<PendingRequest>,
    last: RequestNumber,
    /// The newest request at the time of the last token. A failure of an older request is outdated.
    granted: RequestNumber,
    failures: u32,
    backoff_until: f64,
}

impl TokenSchedule {
    /// What to do for a caller that needs a token. `refresh`: Adobe refused the caller's token. `waited_for` is the
    /// request that the caller has waited for without a result, or 0.
    pub fn next_action(&mut self, now: f64, refresh: bool, waited_for: RequestNumber) -> Action {
        let usable = self.lifetime.is_some_and(|lifetime| {
            // After the clock is set back, a token's age is unknown.
            lifetime.since <= now
                && now
                    < if refresh {
                        lifetime.until.min(lifetime.since + MIN_REFRESH_AGE_MS)
                    } else {
                        lifetime.until
                    }
        });
        if usable {
            return Action::UseToken;
        }
        if let Some(PendingRequest { number, since }) = self.pending
            && number != waited_for
        {
            let age = now - since;
            if age < 0.0 {
                return Action::Wait(number, JOIN_TIMEOUT_MS);
            }
            if age < JOIN_TIMEOUT_MS {
                return Action::Wait(number, JOIN_TIMEOUT_MS - age);
            }
        }
        if refresh {
            self.lifetime = None;
        }
        // After the clock is set back, a pause must not last longer than its upper bound.
        let rest = self.backoff_until - now;
        if self.failures > 0 && rest > 0.0 && rest <= MAX_BACKOFF_MS {
            return self.action_without_request(now);
        }
        self.last = self.last.saturating_add(1);
        self.pending = Some(PendingRequest {
            number: self.last,
            since: now,
        });
        Action::Request(self.last)
    }

    /// Records that a request returned a token.
    pub fn record_token(&mut self, now: f64, number: RequestNumber, expires_in: ExpiresIn) {
        let lasts = expires_in.ms();
        self.clear_pending(number);
        self.granted = self.last;
        self.failures = 0;
        self.backoff_until = 0.0;
        self.lifetime = Some(TokenLifetime {
            since: now,
            until: now + (lasts - EXPIRY_MARGIN_MS.min(lasts / 2.0)).min(MAX_USE_MS),
            expires: now + lasts,
        });
    }

    /// Records that a request failed. `chance` is from 0 to 1. Returns what to do for those who wait: a token near its
    /// end is better than none.
    pub fn record_failure(&mut self, now: f64, number: RequestNumber, chance: f64) -> Action {
        self.clear_pending(number);
        if number > self.granted {
            let most = (BACKOFF_MS * 2f64.powi(self.failures.min(10) as i32)).min(MAX_BACKOFF_MS);
            self.failures = self.failures.saturating_add(1);
            self.backoff_until = now + most * chance;
        }
        self.action_without_request(now)
    }

    fn clear_pending(&mut self, number: RequestNumber) {
        if self.pending.is_some_and(|pending| pending.number == number) {
            self.pending = None;
        }
    }

    fn action_without_request(&self, now: f64) -> Action {
        let is_alive = self
            .lifetime
            .is_some_and(|lifetime| lifetime.since <= now && now < lifetime.expires);
        if is_alive {
            Action::UseToken
        } else {
            Action::Fail
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600_000.0;

    fn with_token(expires_in: ExpiresIn) -> TokenSchedule {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(1));
        tokens.record_token(0.0, 1, expires_in);
        tokens
    }

    const DAY: ExpiresIn = ExpiresIn::Number(86_399.0);

    /// Asserts that the token is used until just before that time, and requested anew then.
    fn lasts_until(expires_in: ExpiresIn, last: f64) {
        let mut tokens = with_token(expires_in.clone());
        assert_eq!(
            tokens.next_action(last - 1.0, false, 0),
            Action::UseToken,
            "{expires_in:?}"
        );
        assert_eq!(
            tokens.next_action(last, false, 0),
            Action::Request(2),
            "{expires_in:?}"
        );
    }

    #[test]
    fn one_request_serves_all_callers() {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(1));
        for refresh in [false, true] {
            assert_eq!(tokens.next_action(1.0, refresh, 0), Action::Wait(1, 2999.0));
        }
        tokens.record_token(2.0, 1, DAY);
        assert_eq!(tokens.next_action(3.0, false, 0), Action::UseToken);
    }

    #[test]
    fn replaces_a_request_without_a_result_once() {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(1));
        assert_eq!(
            tokens.next_action(2000.0, false, 0),
            Action::Wait(1, 1000.0)
        );
        // Two callers have waited for it; the first caller's timer fires early.
        assert_eq!(tokens.next_action(2999.0, false, 1), Action::Request(2));
        assert_eq!(
            tokens.next_action(3000.0, false, 1),
            Action::Wait(2, 2999.0)
        );
        assert_eq!(
            tokens.next_action(3000.0, false, 0),
            Action::Wait(2, 2999.0)
        );
        // A later caller does not wait at all.
        assert_eq!(tokens.next_action(6000.0, true, 0), Action::Request(3));
        tokens.record_token(6100.0, 3, DAY);
        assert_eq!(tokens.next_action(6100.0, false, 2), Action::UseToken);
    }

    #[test]
    fn waits_at_most_the_timeout_even_if_the_clock_stands_still() {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(5000.0, false, 0), Action::Request(1));
        assert_eq!(
            tokens.next_action(5000.0, false, 0),
            Action::Wait(1, 3000.0)
        );
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Wait(1, 3000.0));
        assert_eq!(tokens.next_action(0.0, false, 1), Action::Request(2));
    }

    #[test]
    fn accepts_a_late_token_and_ignores_a_late_failure() {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(1));
        assert_eq!(tokens.next_action(3000.0, false, 1), Action::Request(2));
        tokens.record_token(4000.0, 1, DAY);
        assert_eq!(tokens.next_action(4000.0, false, 0), Action::UseToken);
        assert_eq!(tokens.record_failure(5000.0, 2, 1.0), Action::UseToken);
        assert_eq!(
            tokens.next_action(HOUR, true, 0),
            Action::Request(3),
            "no rest"
        );
    }

    #[test]
    fn pauses_after_requests_that_never_get_a_response() {
        let mut tokens = TokenSchedule::default();
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(1));
        assert_eq!(tokens.next_action(3000.0, false, 1), Action::Request(2));
        assert_eq!(tokens.next_action(6000.0, false, 2), Action::Request(3));
        assert_eq!(tokens.record_failure(8000.0, 1, 1.0), Action::Fail);
        assert_eq!(tokens.next_action(8500.0, false, 0), Action::Wait(3, 500.0));
        assert_eq!(tokens.next_action(8999.0, false, 3), Action::Fail);
        assert_eq!(tokens.next_action(9000.0, false, 3), Action::Request(4));
    }

    #[test]
    fn uses_a_token_until_five_minutes_before_its_end_and_at_most_23_hours() {
        for (expires_in, last) in [
            (3600.0, 55.0 * 60_000.0),
            (86_399.0, 23.0 * HOUR),
            (86_399_000.0, 23.0 * HOUR),
            (1e300, 23.0 * HOUR),
            (f64::INFINITY, 23.0 * HOUR),
            (60.0, 30_000.0),
        ] {
            lasts_until(ExpiresIn::Number(expires_in), last);
        }
    }

    #[test]
    fn reads_a_lifetime_in_a_string_as_a_number() {
        lasts_until(ExpiresIn::Text("3600".to_owned()), 55.0 * 60_000.0);
        lasts_until(ExpiresIn::Text(" 86399.0 ".to_owned()), 23.0 * HOUR);
    }

    #[test]
    fn uses_a_token_with_an_invalid_lifetime_for_five_minutes() {
        for odd in [0.0, -0.0, -5.0, f64::NEG_INFINITY, f64::NAN] {
            lasts_until(ExpiresIn::Number(odd), 300_000.0);
        }
        for odd in ["", "soon", "-5", "NaN", "0", "3600 s"] {
            lasts_until(ExpiresIn::Text(odd.to_owned()), 300_000.0);
        }
        lasts_until(ExpiresIn::Other, 300_000.0);
    }

    #[test]
    fn many_refused_callers_cause_one_request() {
        let mut tokens = with_token(DAY);
        assert_eq!(tokens.next_action(HOUR, true, 0), Action::Request(2));
        tokens.record_token(HOUR + 10.0, 2, DAY);
        for late in [11.0, 500.0, 9_999.0] {
            assert_eq!(
                tokens.next_action(HOUR + late, true, 0),
                Action::UseToken,
                "{late}"
            );
        }
        assert_eq!(
            tokens.next_action(HOUR + 10_010.0, true, 0),
            Action::Request(3)
        );
    }

    #[test]
    fn pauses_after_a_failure() {
        let mut tokens = TokenSchedule::default();
        let mut now = 0.0;
        for (number, most) in [
            1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 60_000.0, 60_000.0,
        ]
        .into_iter()
        .enumerate()
        {
            let number = number as RequestNumber + 1;
            assert_eq!(tokens.next_action(now, false, 0), Action::Request(number));
            assert_eq!(tokens.record_failure(now, number, 1.0), Action::Fail);
            assert_eq!(tokens.next_action(now + most - 1.0, true, 0), Action::Fail);
            now += most;
        }
        assert_eq!(tokens.next_action(now, false, 0), Action::Request(9));
        tokens.record_token(now, 9, ExpiresIn::Number(60.0));
        assert_eq!(
            tokens.next_action(now + 30_000.0, false, 0),
            Action::Request(10)
        );
        assert_eq!(
            tokens.record_failure(now + 30_000.0, 10, 1.0),
            Action::UseToken,
            "near its end, but alive"
        );
        assert_eq!(
            tokens.next_action(now + 30_999.0, false, 0),
            Action::UseToken
        );
        assert_eq!(
            tokens.next_action(now + 30_999.0, true, 0),
            Action::Fail,
            "it was refused"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_causes_one_request() {
        let mut tokens = with_token(DAY);
        assert_eq!(tokens.next_action(-1.0, false, 0), Action::Request(2));
        let mut tokens = TokenSchedule::default();
        tokens.next_action(1e9, false, 0);
        tokens.record_failure(1e9, 1, 1.0);
        assert_eq!(tokens.next_action(0.0, false, 0), Action::Request(2));
    }
}
