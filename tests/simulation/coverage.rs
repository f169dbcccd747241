//! Counts which situations the schedules covered. A simulation that misses situations proves
//! little.

use std::collections::BTreeMap;
use std::fmt;

use campaign_emulator::LoggedRequest;
use campaign_workflow::error::{Code, Outcome};

use crate::checks::executions;
use crate::network::DELIVERY_HEADER;
use crate::oracle::Repetition;
use crate::setup::{Base, Setup};
use crate::simulation::Run;
use crate::timeline::RetryAfter;
use crate::trace::{CallEnd, PlatformEvent, RequestRecord, Step, StepKind, Trace};

/// The situations that a run must cover, in addition to the pairs of code and outcome below.
const REQUIRED: &[&str] = &[
    "accepted",
    "accepted after a retry",
    "accepted after a refresh",
    "accepted, body broken off",
    "accepted at a gateway",
    "accepted in a page",
    "read",
    "read after a retry",
    "signal triggered",
    "signal too soon",
    "bad input: invalid-argument",
    "bad input: invalid-trigger",
    "unknown, though executed",
    "unknown, and not executed",
    "executed after the call",
    "executed by a copy",
    "aborted before it began",
    "aborted in a wait",
    "aborted at the token",
    "aborted without an event",
    "token hung",
    "refresh failed",
    "refreshed once, 401 again",
    "waited: 429, back-off",
    "waited: 429, seconds",
    "waited: 429, date",
    "waited: 503, seconds",
    "waited: 503, date",
    "waited: no connection",
    "waited with a key: no response",
    "waited with a key: 409",
    "waited with a key: 502",
    "waited with a key: 504",
    "waited with a key: unknown",
    "waited to read: no response",
    "waited to read: 500",
    "503 without a readable Retry-After",
    "Retry-After nonsense",
    "retries used up",
    "gave up: would not be in time",
    "deadline in a wait",
    "no connection, custom fetch",
    "clock set",
    "cancelled on its way",
    "response too late",
    "two things at once",
    "over by the clock, while reading",
    "a body over the limit",
    "deadline in the middle of a body",
    "Check your URI",
    "document: not-executed",
    "document: not-executed, 500",
    "document: unknown",
    "document: unknown, 429",
    "document: unknown, 503 with Retry-After",
    "document: unknown, 401",
    "document: no known outcome",
    "document: no object",
    "document: cut off",
    "document: code and outcome used",
    "document: stored, without a key",
    "document repeated: 429",
    "document repeated: 503",
    "document at Adobe",
    "key: lost response, then the receipt",
    "key: lost response, then a stored refusal",
    "key: refusal after a doubt",
    "key: executed by an earlier request",
    "key: refused without a store",
    "secret masked: receipt.body",
    "secret masked: receipt.requestId",
    "secret masked: error.body",
    "secret masked: error.errorCode",
    "secret masked: error.cause",
    "secret masked: error.message",
    "secret masked: error.hint",
];

const RESULTS: &[(Code, Outcome)] = &[
    (Code::TokenUnavailable, Outcome::NotExecuted),
    (Code::TokenUnavailable, Outcome::Unknown),
    (Code::Unauthenticated, Outcome::NotExecuted),
    (Code::Forbidden, Outcome::NotExecuted),
    (Code::NotFound, Outcome::NotExecuted),
    (Code::RateLimited, Outcome::NotExecuted),
    (Code::RateLimited, Outcome::Unknown),
    (Code::Rejected, Outcome::NotExecuted),
    (Code::Rejected, Outcome::Unknown),
    (Code::Redirected, Outcome::NotExecuted),
    (Code::Unreachable, Outcome::NotExecuted),
    (Code::ServerError, Outcome::NotExecuted),
    (Code::ServerError, Outcome::Unknown),
    (Code::BadResponse, Outcome::NotExecuted),
    (Code::BadResponse, Outcome::Unknown),
    (Code::Network, Outcome::Unknown),
    (Code::Timeout, Outcome::NotExecuted),
    (Code::Timeout, Outcome::Unknown),
    (Code::Aborted, Outcome::NotExecuted),
    (Code::Aborted, Outcome::Unknown),
];

#[derive(Default)]
pub struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    fn count(&mut self, what: &str, times: u64) {
        if times == 0 {
            return;
        }
        match self.0.get_mut(what) {
            Some(count) => *count += times,
            None => drop(self.0.insert(String::from(what), times)),
        }
    }

    fn count_if(&mut self, what: &str, is_so: bool) {
        self.count(what, u64::from(is_so));
    }

    pub fn merge(&mut self, other: Self) {
        for (what, times) in other.0 {
            self.count(&what, times);
        }
    }

    pub fn missing(&self) -> Vec<String> {
        let results = RESULTS
            .iter()
            .map(|(code, outcome)| result_name(*code, *outcome));
        let all = REQUIRED
            .iter()
            .map(|what| String::from(*what))
            .chain(results);
        all.filter(|what| !self.0.contains_key(what)).collect()
    }

    pub fn add(&mut self, run: &Run) {
        let Run {
            setup,
            trace,
            campaign,
        } = run;
        let Some(ended) = &trace.ended else { return };
        if let Some(invalid_request) = &setup.invalid_request {
            return self.count(&format!("bad input: {}", invalid_request.code.as_str()), 1);
        }
        let own = executions(campaign, true);
        self.count_if(
            "executed after the call",
            own.into_iter().any(|it| it.at > ended.at),
        );
        let by_copy = executions(campaign, false).next().is_some();
        self.count_if("executed by a copy", by_copy);
        let is_executed = executions(campaign, true).next().is_some() || by_copy;
        self.add_result(setup, trace, ended, is_executed);
        // The receipt of the call is the stored response to an earlier request.
        let last = format!("{}.0", trace.requests.len().saturating_sub(1));
        let is_last = |it: &LoggedRequest| it.headers.get(DELIVERY_HEADER) == Some(&last);
        let by_last = executions(campaign, true).any(is_last);
        let is_replayed = setup.has_key() && ended.result.is_ok() && !by_last;
        self.count_if("key: executed by an earlier request", is_replayed);
        self.add_waits(setup, trace);
        self.add_documents(setup, trace, ended);
        self.add_keys(setup, trace, ended);
        self.count_if("clock set", trace.was_wall_clock_set);
        let cancelled = trace.requests.iter().filter(|sent| sent.cancelled).count();
        self.count("cancelled on its way", cancelled as u64);
        self.count("response too late", trace.counts.too_late);
        self.count("two things at once", trace.counts.together);
        self.count("a body over the limit", trace.counts.cut_off);
        for (place, text) in ended.texts() {
            // No secret of the simulation contains three stars.
            if text.contains("***") {
                self.count(&format!("secret masked: {place}"), 1);
            }
        }
    }

    fn add_result(&mut self, setup: &Setup, trace: &Trace, ended: &CallEnd, is_executed: bool) {
        let has_waited = trace.waits() > 0;
        let error = match &ended.result {
            Ok(success) => {
                let is_command = !setup.is_read() && !setup.is_signal();
                self.count_if("accepted", is_command);
                self.count_if("accepted after a retry", is_command && has_waited);
                self.count_if("accepted after a refresh", trace.has_refreshed());
                let last = trace.last != Some(PlatformEvent::End);
                self.count_if("accepted, body broken off", last);
                self.count_if("accepted at a gateway", setup.is_gateway());
                self.count_if("accepted in a page", setup.is_page);
                self.count_if("read", setup.is_read());
                self.count_if("read after a retry", setup.is_read() && has_waited);
                self.count_if(
                    "signal triggered",
                    setup.is_signal() && !success.is_too_soon,
                );
                self.count_if("signal too soon", success.is_too_soon);
                return;
            }
            Err(error) => error,
        };
        self.count(&result_name(error.code, error.outcome), 1);
        let is_unknown = error.outcome == Outcome::Unknown;
        self.count_if("unknown, though executed", is_unknown && is_executed);
        self.count_if("unknown, and not executed", is_unknown && !is_executed);
        let step = trace.steps.last().map(|step| step.kind);
        if error.code == Code::Aborted {
            self.count_if("aborted before it began", step.is_none());
            self.count_if("aborted in a wait", step == Some(StepKind::Wait));
            self.count_if(
                "aborted at the token",
                matches!(step, Some(StepKind::Token { .. })),
            );
            self.count_if(
                "aborted without an event",
                setup.ignores_listeners && step.is_some(),
            );
        }
        let hung = trace.last == Some(PlatformEvent::Timer);
        let has_no_token = error.code == Code::TokenUnavailable;
        self.count_if("token hung", has_no_token && hung);
        self.count_if("refresh failed", has_no_token && trace.has_refreshed());
        let is_refused = error.code == Code::Unauthenticated;
        self.count_if(
            "refreshed once, 401 again",
            is_refused && trace.has_refreshed(),
        );
        let is_over = step == Some(StepKind::Send) && trace.last == Some(PlatformEvent::Chunk);
        self.count_if("over by the clock, while reading", is_over);
        let is_late = step == Some(StepKind::Wait) && error.code != Code::Aborted;
        self.count_if("deadline in a wait", is_late);
        let Some(last) = trace.requests.last() else {
            return;
        };
        let has_most = trace.waits() == setup.request.max_retries as usize;
        let may_wait = last.repetition(setup, true) == Repetition::Wait;
        self.count_if("retries used up", may_wait && has_most && has_waited);
        let gave_up = may_wait && !has_most && error.retry_after_ms.is_some();
        self.count_if("gave up: would not be in time", gave_up);
        let is_custom = setup.has_custom_fetch && last.was_never_connected();
        self.count_if("no connection, custom fetch", is_custom);
        let Some(head) = &last.head else { return };
        self.count_if(
            "Retry-After nonsense",
            head.retry_after == RetryAfter::Nonsense,
        );
        self.count_if("Check your URI", head.is_unknown_uri && !is_unknown);
        let unreadable = head.status == 503 && is_unknown && !head.is_document;
        self.count_if("503 without a readable Retry-After", unreadable);
        let is_sending = step == Some(StepKind::Send);
        self.count_if("deadline in the middle of a body", is_sending && hung);
    }

    fn add_waits(&mut self, setup: &Setup, trace: &Trace) {
        let mut requests = trace.requests.iter();
        let mut last = None;
        for Step { kind, .. } in &trace.steps {
            match kind {
                StepKind::Token { .. } => {}
                StepKind::Send => last = requests.next(),
                StepKind::Wait => self.count(&wait_reason(setup, last), 1),
            }
        }
    }

    fn add_documents(&mut self, setup: &Setup, trace: &Trace, ended: &CallEnd) {
        for (index, sent) in trace.requests.iter().enumerate() {
            let Some(head) = sent.head.as_ref().filter(|head| head.is_document) else {
                continue;
            };
            if setup.base == Base::Adobe {
                self.count("document at Adobe", 1);
                continue;
            }
            let is_last = index + 1 == trace.requests.len();
            if !is_last && !setup.has_key() {
                self.count(&by_status("document repeated: ", head.status), 1);
            }
            self.count_if("document: cut off", !head.is_complete() && is_last);
            self.count_if(
                "document: no object",
                head.is_complete() && head.parsed.is_none(),
            );
            let Some(parsed) = head.document(setup).filter(|_| is_last) else {
                continue;
            };
            let what = parsed.outcome.unwrap_or("no known outcome");
            self.count(&format!("document: {what}"), 1);
            self.count(&by_status(&format!("document: {what}, "), head.status), 1);
            let is_busy = head.status == 503 && head.retry_after.is_readable();
            self.count_if(&format!("document: {what}, 503 with Retry-After"), is_busy);
            let contains_value = parsed.outcome.is_some() && parsed.code.is_some();
            self.count_if(
                "document: code and outcome used",
                contains_value && ended.result.is_err(),
            );
            self.count_if(
                "document: stored, without a key",
                parsed.is_stored && !setup.has_key(),
            );
        }
    }

    fn add_keys(&mut self, setup: &Setup, trace: &Trace, ended: &CallEnd) {
        let (true, Some(last)) = (setup.has_key(), trace.requests.last()) else {
            return;
        };
        let earlier = trace.requests.iter().rev().skip(1);
        let mut doubtful = earlier.filter(|sent| sent.outcome(setup) == Outcome::Unknown);
        if doubtful.next().is_some() {
            match &ended.result {
                Ok(_) => self.count("key: lost response, then the receipt", 1),
                Err(error) => {
                    let is_refused = last.outcome(setup) == Outcome::NotExecuted;
                    let is_certain = error.outcome == Outcome::NotExecuted;
                    self.count_if("key: refusal after a doubt", is_refused && !is_certain);
                    self.count_if("key: lost response, then a stored refusal", is_certain);
                }
            }
        }
        let refuses = setup.base == Base::Gateway { honors_keys: false };
        self.count_if(
            "key: refused without a store",
            refuses && ended.result.is_err(),
        );
    }
}

fn result_name(code: Code, outcome: Outcome) -> String {
    format!("{}/{}", code.as_str(), outcome.as_str())
}

/// The name of a status: its own if it is in `REQUIRED`, otherwise that of its class.
fn by_status(what: &str, status: u16) -> String {
    let own = format!("{what}{status}");
    if REQUIRED.contains(&own.as_str()) {
        return own;
    }
    let class = match status {
        200..=299 => "2xx",
        400..=499 => "4xx",
        500..=599 => "5xx",
        _ => "other",
    };
    format!("{what}{class}")
}

fn wait_reason(setup: &Setup, sent: Option<&RequestRecord>) -> String {
    let kind = match setup.has_key() {
        _ if setup.is_read() => "waited to read",
        true => "waited with a key",
        false => "waited",
    };
    let head = sent.and_then(|sent| sent.head.as_ref());
    if sent.is_some_and(RequestRecord::was_never_connected) {
        return format!("{kind}: no connection");
    }
    let Some(head) = head else {
        return format!("{kind}: no response");
    };
    let says_unknown = |it: &crate::problem_documents::ParsedProblem| it.outcome == Some("unknown");
    if setup.has_key() && head.document(setup).is_some_and(says_unknown) {
        return format!("{kind}: unknown");
    }
    match (head.status, head.retry_after) {
        (429 | 503, RetryAfter::For(_)) => format!("{kind}: {}, seconds", head.status),
        (429 | 503, RetryAfter::Until(_)) => format!("{kind}: {}, date", head.status),
        (429, _) => format!("{kind}: 429, back-off"),
        (status, _) => by_status(&format!("{kind}: "), status),
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter();
        let counts: Vec<String> = counts
            .map(|(what, times)| format!("{what} {times}"))
            .collect();
        out.write_str(&counts.join("; "))
    }
}
