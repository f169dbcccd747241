//! What the schedules came upon. A simulation that meets nothing proves nothing.

use std::collections::BTreeMap;
use std::fmt;

use campaign_emulator::LoggedRequest;
use campaign_workflow::error::{Code, Outcome as Known};

use crate::checks::executions;
use crate::evidence::Repetition;
use crate::network::TAG;
use crate::setup::{Base, Setup};
use crate::simulation::Outcome;
use crate::time::Asked;
use crate::trace::{Ended, Given, Sent, Step, StepKind, Trace};

/// All that a run has to come upon, besides every pair of a code and an outcome below.
const MUST: &[&str] = &[
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
    "aborted, deaf",
    "token hung",
    "refresh failed",
    "refreshed once, 401 again",
    "waited: 429, back-off",
    "waited: 429, seconds",
    "waited: 429, date",
    "waited: 503, seconds",
    "waited: 503, date",
    "waited: no connection",
    "waited with a key: no answer",
    "waited with a key: 409",
    "waited with a key: 502",
    "waited with a key: 504",
    "waited with a key: unknown",
    "waited to read: no answer",
    "waited to read: 500",
    "503 without a readable Retry-After",
    "Retry-After nonsense",
    "retries used up",
    "gave up: would not be in time",
    "deadline in a wait",
    "no connection, custom fetch",
    "clock set",
    "cancelled on its way",
    "answer too late",
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
    "document: nothing known",
    "document: no object",
    "document: cut off",
    "document: code and outcome shown",
    "document: stored, without a key",
    "document repeated: 429",
    "document repeated: 503",
    "document at Adobe",
    "key: lost answer, then the receipt",
    "key: lost answer, then a stored refusal",
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

const ENDINGS: &[(Code, Known)] = &[
    (Code::TokenUnavailable, Known::NotExecuted),
    (Code::TokenUnavailable, Known::Unknown),
    (Code::Unauthenticated, Known::NotExecuted),
    (Code::Forbidden, Known::NotExecuted),
    (Code::NotFound, Known::NotExecuted),
    (Code::RateLimited, Known::NotExecuted),
    (Code::RateLimited, Known::Unknown),
    (Code::Rejected, Known::NotExecuted),
    (Code::Rejected, Known::Unknown),
    (Code::Redirected, Known::NotExecuted),
    (Code::Unreachable, Known::NotExecuted),
    (Code::ServerError, Known::NotExecuted),
    (Code::ServerError, Known::Unknown),
    (Code::BadResponse, Known::NotExecuted),
    (Code::BadResponse, Known::Unknown),
    (Code::Network, Known::Unknown),
    (Code::Timeout, Known::NotExecuted),
    (Code::Timeout, Known::Unknown),
    (Code::Aborted, Known::NotExecuted),
    (Code::Aborted, Known::Unknown),
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

    fn when(&mut self, what: &str, is_so: bool) {
        self.count(what, u64::from(is_so));
    }

    pub fn merge(&mut self, other: Self) {
        for (what, times) in other.0 {
            self.count(&what, times);
        }
    }

    pub fn missing(&self) -> Vec<String> {
        let endings = ENDINGS
            .iter()
            .map(|(code, outcome)| ending(*code, *outcome));
        let all = MUST.iter().map(|what| String::from(*what)).chain(endings);
        all.filter(|what| !self.0.contains_key(what)).collect()
    }

    pub fn add(&mut self, outcome: &Outcome) {
        let Outcome {
            setup,
            trace,
            campaign,
        } = outcome;
        let Some(ended) = &trace.ended else { return };
        if let Some(mistake) = &setup.mistake {
            return self.count(&format!("bad input: {}", mistake.code.as_str()), 1);
        }
        let own = executions(campaign, true);
        self.when(
            "executed after the call",
            own.into_iter().any(|it| it.at > ended.at),
        );
        let by_copy = executions(campaign, false).next().is_some();
        self.when("executed by a copy", by_copy);
        let is_executed = executions(campaign, true).next().is_some() || by_copy;
        self.add_ending(setup, trace, ended, is_executed);
        // The answer that the call got is that to another request, from the store.
        let last = format!("{}.0", trace.requests.len().saturating_sub(1));
        let is_last = |it: &LoggedRequest| it.headers.get(TAG) == Some(&last);
        let by_last = executions(campaign, true).any(is_last);
        let is_replayed = setup.has_key() && ended.result.is_ok() && !by_last;
        self.when("key: executed by an earlier request", is_replayed);
        self.add_waits(setup, trace);
        self.add_documents(setup, trace, ended);
        self.add_keys(setup, trace, ended);
        self.when("clock set", trace.has_jumped);
        let cancelled = trace.requests.iter().filter(|sent| sent.cancelled).count();
        self.count("cancelled on its way", cancelled as u64);
        self.count("answer too late", trace.seen.too_late);
        self.count("two things at once", trace.seen.together);
        self.count("a body over the limit", trace.seen.cut_off);
        for (place, text) in ended.texts() {
            // The secrets of the simulation hold no three stars.
            if text.contains("***") {
                self.count(&format!("secret masked: {place}"), 1);
            }
        }
    }

    fn add_ending(&mut self, setup: &Setup, trace: &Trace, ended: &Ended, is_executed: bool) {
        let has_waited = trace.waits() > 0;
        let error = match &ended.result {
            Ok(success) => {
                let is_command = !setup.is_read() && !setup.is_signal();
                self.when("accepted", is_command);
                self.when("accepted after a retry", is_command && has_waited);
                self.when("accepted after a refresh", trace.has_refreshed());
                let last = trace.last != Some(Given::End);
                self.when("accepted, body broken off", last);
                self.when("accepted at a gateway", setup.is_gateway());
                self.when("accepted in a page", setup.is_page);
                self.when("read", setup.is_read());
                self.when("read after a retry", setup.is_read() && has_waited);
                self.when(
                    "signal triggered",
                    setup.is_signal() && !success.is_too_soon,
                );
                self.when("signal too soon", success.is_too_soon);
                return;
            }
            Err(error) => error,
        };
        self.count(&ending(error.code, error.outcome), 1);
        let is_unknown = error.outcome == Known::Unknown;
        self.when("unknown, though executed", is_unknown && is_executed);
        self.when("unknown, and not executed", is_unknown && !is_executed);
        let step = trace.steps.last().map(|step| step.kind);
        if error.code == Code::Aborted {
            self.when("aborted before it began", step.is_none());
            self.when("aborted in a wait", step == Some(StepKind::Wait));
            self.when(
                "aborted at the token",
                matches!(step, Some(StepKind::Token { .. })),
            );
            self.when("aborted, deaf", setup.is_deaf && step.is_some());
        }
        let hung = trace.last == Some(Given::Timer);
        let has_no_token = error.code == Code::TokenUnavailable;
        self.when("token hung", has_no_token && hung);
        self.when("refresh failed", has_no_token && trace.has_refreshed());
        let is_refused = error.code == Code::Unauthenticated;
        self.when(
            "refreshed once, 401 again",
            is_refused && trace.has_refreshed(),
        );
        let is_over = step == Some(StepKind::Send) && trace.last == Some(Given::Chunk);
        self.when("over by the clock, while reading", is_over);
        let is_late = step == Some(StepKind::Wait) && error.code != Code::Aborted;
        self.when("deadline in a wait", is_late);
        let Some(last) = trace.requests.last() else {
            return;
        };
        let has_most = trace.waits() == setup.request.max_retries as usize;
        let may_wait = last.repetition(setup, true) == Repetition::Wait;
        self.when("retries used up", may_wait && has_most && has_waited);
        let gave_up = may_wait && !has_most && error.retry_after_ms.is_some();
        self.when("gave up: would not be in time", gave_up);
        let is_custom = setup.has_custom_fetch && last.was_refused();
        self.when("no connection, custom fetch", is_custom);
        let Some(head) = &last.head else { return };
        self.when("Retry-After nonsense", head.asked == Asked::Nonsense);
        self.when("Check your URI", head.unknown_uri && !is_unknown);
        let unreadable = head.status == 503 && is_unknown && !head.is_document;
        self.when("503 without a readable Retry-After", unreadable);
        let is_sending = step == Some(StepKind::Send);
        self.when("deadline in the middle of a body", is_sending && hung);
    }

    fn add_waits(&mut self, setup: &Setup, trace: &Trace) {
        let mut requests = trace.requests.iter();
        let mut last = None;
        for Step { kind, .. } in &trace.steps {
            match kind {
                StepKind::Token { .. } => {}
                StepKind::Send => last = requests.next(),
                StepKind::Wait => self.count(&why_waited(setup, last), 1),
            }
        }
    }

    fn add_documents(&mut self, setup: &Setup, trace: &Trace, ended: &Ended) {
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
            self.when("document: cut off", !head.is_complete() && is_last);
            self.when(
                "document: no object",
                head.is_complete() && head.says.is_none(),
            );
            let Some(says) = head.document(setup).filter(|_| is_last) else {
                continue;
            };
            let what = says.outcome.unwrap_or("nothing known");
            self.count(&format!("document: {what}"), 1);
            self.count(&by_status(&format!("document: {what}, "), head.status), 1);
            let is_busy = head.status == 503 && head.asked.is_readable();
            self.when(&format!("document: {what}, 503 with Retry-After"), is_busy);
            let is_shown = says.outcome.is_some() && says.code.is_some();
            self.when(
                "document: code and outcome shown",
                is_shown && ended.result.is_err(),
            );
            self.when(
                "document: stored, without a key",
                says.is_stored && !setup.has_key(),
            );
        }
    }

    fn add_keys(&mut self, setup: &Setup, trace: &Trace, ended: &Ended) {
        let (true, Some(last)) = (setup.has_key(), trace.requests.last()) else {
            return;
        };
        let earlier = trace.requests.iter().rev().skip(1);
        let mut doubtful = earlier.filter(|sent| sent.outcome(setup) == Known::Unknown);
        if doubtful.next().is_some() {
            match &ended.result {
                Ok(_) => self.count("key: lost answer, then the receipt", 1),
                Err(error) => {
                    let is_refused = last.outcome(setup) == Known::NotExecuted;
                    let is_certain = error.outcome == Known::NotExecuted;
                    self.when("key: refusal after a doubt", is_refused && !is_certain);
                    self.when("key: lost answer, then a stored refusal", is_certain);
                }
            }
        }
        let refuses = setup.base == Base::Gateway { honors_keys: false };
        self.when(
            "key: refused without a store",
            refuses && ended.result.is_err(),
        );
    }
}

fn ending(code: Code, outcome: Known) -> String {
    format!("{}/{}", code.as_str(), outcome.as_str())
}

/// The key of a status: of its own where it has to be come upon, else that of its class.
fn by_status(what: &str, status: u16) -> String {
    let own = format!("{what}{status}");
    if MUST.contains(&own.as_str()) {
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

fn why_waited(setup: &Setup, sent: Option<&Sent>) -> String {
    let kind = match setup.has_key() {
        _ if setup.is_read() => "waited to read",
        true => "waited with a key",
        false => "waited",
    };
    let head = sent.and_then(|sent| sent.head.as_ref());
    if sent.is_some_and(Sent::was_refused) {
        return format!("{kind}: no connection");
    }
    let Some(head) = head else {
        return format!("{kind}: no answer");
    };
    let says_unknown = |it: &crate::documents::Says| it.outcome == Some("unknown");
    if setup.has_key() && head.document(setup).is_some_and(says_unknown) {
        return format!("{kind}: unknown");
    }
    match (head.status, head.asked) {
        (429 | 503, Asked::For(_)) => format!("{kind}: {}, seconds", head.status),
        (429 | 503, Asked::Until(_)) => format!("{kind}: {}, date", head.status),
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
