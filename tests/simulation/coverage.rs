//! What the schedules came upon. A simulation that meets nothing proves nothing.

use std::collections::BTreeMap;
use std::fmt;

use campaign_emulator::Campaign;
use campaign_workflow::exchange::Settlement;

use crate::faults::Asked;
use crate::network::TAG;
use crate::record::{Record, Sent, Step};

/// All that a run has to come upon.
const MUST: [&str; 57] = [
    "accepted",
    "accepted after a retry",
    "accepted after a refresh",
    "accepted, body broken off",
    "token-unavailable/not-executed",
    "unauthenticated/not-executed",
    "forbidden/not-executed",
    "not-found/not-executed",
    "rate-limited/not-executed",
    "rejected/not-executed",
    "redirected/not-executed",
    "unreachable/not-executed",
    "server-error/not-executed",
    "server-error/unknown",
    "bad-response/not-executed",
    "bad-response/unknown",
    "network/unknown",
    "timeout/not-executed",
    "timeout/unknown",
    "aborted/not-executed",
    "aborted/unknown",
    "unknown, though executed",
    "unknown, and not executed",
    "executed after the call",
    "executed by a copy",
    "aborted before it began",
    "aborted in a wait",
    "aborted at the token",
    "token hung",
    "refresh failed",
    "refreshed once, 401 again",
    "waited: 429, back-off",
    "waited: 429, seconds",
    "waited: 429, date",
    "waited: 503, seconds",
    "waited: 503, date",
    "waited: refused",
    "503 without a readable Retry-After",
    "Retry-After nonsense",
    "retries used up",
    "gave up: would not be in time",
    "deadline in a wait, clock set back",
    "refused, own fetch",
    "own fetch threw",
    "clock set",
    "cancelled on the wire",
    "answer too late",
    "answer and alarm at once",
    "two alarms at once",
    "sent at the moment of an alarm",
    "over by the clock, while reading",
    "Check your URI",
    "secret in receipt.body",
    "secret in requestId",
    "secret in error.body",
    "secret in error.errorCode",
    "secret in error.cause",
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

    pub fn merge(&mut self, other: Self) {
        for (what, times) in other.0 {
            self.count(&what, times);
        }
    }

    pub fn missing(&self) -> Vec<&'static str> {
        MUST.into_iter()
            .filter(|what| !self.0.contains_key(*what))
            .collect()
    }

    pub fn add(&mut self, record: &Record, campaign: &Campaign) {
        let Some(ending) = &record.ending else { return };
        let waits = record
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Wait(_)))
            .count();
        let refreshed = record.steps.contains(&Step::Token { refresh: true });
        let last = record.sent.last();
        let head = last.and_then(|sent| sent.head);
        let status = head.map(|head| head.status);
        let mut when = |what: &str, so: bool| self.count(what, u64::from(so));

        let executed = |own: bool| {
            campaign.log().iter().filter(move |request| {
                request.executed && request.headers[TAG].ends_with(".0") == own
            })
        };
        when(
            "executed after the call",
            executed(true).any(|request| request.at > ending.at),
        );
        when("executed by a copy", executed(false).next().is_some());
        match ending.settlement {
            Settlement::Accepted => {
                when("accepted", true);
                when("accepted after a retry", waits > 0);
                when("accepted after a refresh", refreshed);
                when(
                    "accepted, body broken off",
                    head.is_some_and(|head| !head.complete),
                );
            }
            Settlement::Failed {
                code,
                outcome,
                retry_after_ms,
            } => {
                let (code, outcome) = (crate::shell::word(code), outcome.as_str());
                when(&format!("{code}/{outcome}"), true);
                let some = executed(true).next().is_some();
                when("unknown, though executed", outcome == "unknown" && some);
                when("unknown, and not executed", outcome == "unknown" && !some);
                let aborted = code == "aborted";
                let step = record.steps.last();
                when("aborted before it began", aborted && step.is_none());
                when(
                    "aborted in a wait",
                    aborted && matches!(step, Some(Step::Wait(_))),
                );
                when(
                    "aborted at the token",
                    aborted && matches!(step, Some(Step::Token { .. })),
                );
                when(
                    "token hung",
                    code == "token-unavailable"
                        && ending.by != Some(campaign_workflow::exchange::Event::NoToken),
                );
                when("refresh failed", code == "token-unavailable" && refreshed);
                when(
                    "refreshed once, 401 again",
                    code == "unauthenticated" && refreshed,
                );
                when(
                    "Retry-After nonsense",
                    head.is_some_and(|head| head.asked == Asked::Nonsense),
                );
                when(
                    "Check your URI",
                    outcome == "not-executed" && matches!(status, Some(500 | 502)),
                );
                when(
                    "503 without a readable Retry-After",
                    status == Some(503) && outcome == "unknown",
                );
                let throttled = code == "rate-limited" || code == "unreachable";
                let most = record.setup.plan.max_retries as usize;
                when("retries used up", throttled && waits == most && most > 0);
                when(
                    "gave up: would not be in time",
                    throttled && waits < most && retry_after_ms.is_some(),
                );
                when(
                    "deadline in a wait, clock set back",
                    matches!(step, Some(Step::Wait(_))) && !aborted,
                );
                when(
                    "refused, own fetch",
                    last.is_some_and(Sent::was_refused) && record.setup.plan.own_fetch,
                );
            }
        }
        when("clock set", record.jumped);
        let mut sent = record.sent.iter();
        let mut current = None;
        for step in &record.steps {
            match step {
                Step::Token { .. } => {}
                Step::Send { .. } => current = sent.next(),
                Step::Wait(_) => when(why_waited(current), true),
            }
        }
        let count =
            |is: fn(&Sent) -> bool| record.sent.iter().filter(|sent| is(sent)).count() as u64;
        self.count("own fetch threw", count(|sent| sent.thrown));
        self.count("cancelled on the wire", count(|sent| sent.cancelled));
        self.count("answer too late", record.seen.stale);
        self.count("answer and alarm at once", record.seen.answer_with_alarm);
        self.count("two alarms at once", record.seen.two_alarms);
        self.count(
            "over by the clock, while reading",
            record.seen.over_by_the_clock,
        );
        self.count(
            "sent at the moment of an alarm",
            record.seen.sent_with_alarm,
        );
        for text in &ending.texts {
            // More stars than there were: something was blotted out.
            if text.told.matches("***").count() > text.raw.matches("***").count() {
                self.count(&format!("secret in {}", text.place), 1);
            }
        }
    }
}

fn why_waited(sent: Option<&Sent>) -> &'static str {
    match sent
        .and_then(|sent| sent.head)
        .map(|head| (head.status, head.asked))
    {
        None => "waited: refused",
        Some((429, Asked::For(_))) => "waited: 429, seconds",
        Some((429, Asked::Until(_))) => "waited: 429, date",
        Some((429, _)) => "waited: 429, back-off",
        Some((503, Asked::For(_))) => "waited: 503, seconds",
        Some((503, Asked::Until(_))) => "waited: 503, date",
        Some(_) => "waited: for no reason",
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self
            .0
            .iter()
            .map(|(what, times)| format!("{what} {times}"))
            .collect();
        out.write_str(&counts.join("; "))
    }
}
