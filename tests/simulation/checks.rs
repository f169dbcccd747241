//! The promises, each held against what really happened.

use campaign_emulator::{Campaign, LoggedRequest};
use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::exchange::{Event, Settlement};
use campaign_workflow::response::BodyEnd;

use crate::network::TAG;
use crate::record::{Ending, Head, Record, Sent, Step, Wait};
use crate::spelling::shows;

/// Bytes of an answer that an error shows at most, as it is documented.
const SHOWN: usize = 8 * 1024;

/// A promise that was not kept, and how.
pub struct Broken {
    pub promise: &'static str,
    pub how: String,
}

fn hold(promise: &'static str, kept: bool, how: impl FnOnce() -> String) -> Result<(), Broken> {
    if kept {
        Ok(())
    } else {
        Err(Broken {
            promise,
            how: how(),
        })
    }
}

/// The client's own requests in Campaign's log, without what the network copied.
pub fn own(campaign: &Campaign) -> impl Iterator<Item = &LoggedRequest> {
    let is_own = |request: &&LoggedRequest| {
        request
            .headers
            .get(TAG)
            .is_some_and(|tag| tag.ends_with(".0"))
    };
    campaign.log().iter().filter(is_own)
}

pub fn check(record: &Record, campaign: &Campaign) -> Result<(), Broken> {
    let complaint = record.complaints.first();
    hold("the machine comes to an end", complaint.is_none(), || {
        format!("{complaint:?}")
    })?;
    let Some(ending) = &record.ending else {
        return hold("the call settles", false, || String::from("it never did"));
    };
    let ended_at = record.sent.last().and_then(|sent| sent.head?.ended_at);
    hold(
        "the end of an answer is the end of the call",
        ended_at.is_none_or(|at| at == ending.at),
        || {
            format!(
                "the answer ended at {ended_at:?} ms, the call at {}",
                ending.at
            )
        },
    )?;
    let timeout = u64::from(record.setup.plan.timeout_ms);
    hold(
        "the call settles within timeoutMs",
        ending.at <= timeout,
        || format!("at {} ms of {timeout}", ending.at),
    )?;
    check_execution(record, ending, campaign)?;
    check_steps(record)?;
    check_waits(record)?;
    check_patience(record, ending)?;
    check_ending(record, ending)?;
    check_texts(ending)
}

fn check_execution(record: &Record, ending: &Ending, campaign: &Campaign) -> Result<(), Broken> {
    let executed = own(campaign).filter(|request| request.executed).count();
    let ended = || format!("{:?}; {executed} executed", ending.settlement);
    hold("no command is executed twice", executed <= 1, ended)?;
    match ending.settlement {
        Settlement::Accepted => hold("a receipt implies accepted", executed == 1, ended)?,
        Settlement::Failed { outcome, .. } => hold(
            "not-executed implies that none was executed",
            outcome == Outcome::Unknown || executed == 0,
            ended,
        )?,
    }
    let missed = |sent: &&Sent| sent.refused || sent.thrown || sent.cancelled;
    let missed = record.sent.iter().filter(missed).count();
    let logged = own(campaign).count();
    hold(
        "attempts equals the requests",
        ending.attempts as usize == logged + missed,
        || {
            format!(
                "{} attempts, {logged} in the log, {missed} that never arrived",
                ending.attempts
            )
        },
    )?;
    let problem = campaign
        .log()
        .iter()
        .find_map(|request| request.problem.clone());
    hold(
        "the request is the documented one",
        problem.is_none(),
        || format!("{problem:?}"),
    )
}

/// A request goes out at the beginning, and after that only where the last one proved to be without
/// effect.
fn check_steps(record: &Record) -> Result<(), Broken> {
    let plan = record.setup.plan;
    let mut sent = record.sent.iter();
    let mut last: Option<&Sent> = None;
    let mut previous = None;
    let mut refreshed = false;
    for step in &record.steps {
        let proof = last.and_then(|sent| sent.head).filter(Head::invites);
        let unauthorized = proof.is_some_and(|head| head.status == 401);
        let fine = match (previous, step) {
            (None, Step::Token { refresh: false }) => plan.token_function,
            (None, Step::Send { .. }) => !plan.token_function,
            (Some(Step::Token { .. } | Step::Wait(_)), Step::Send { .. }) => true,
            (Some(Step::Send { .. }), Step::Token { refresh: true }) => {
                let first = !std::mem::replace(&mut refreshed, true);
                plan.token_function && first && unauthorized
            }
            (Some(Step::Send { .. }), Step::Wait(_)) => {
                let refused = last.is_some_and(Sent::was_refused) && !plan.own_fetch;
                refused || (proof.is_some() && !unauthorized)
            }
            _ => false,
        };
        hold(
            "only what was certainly not executed is sent again",
            fine,
            || format!("{step:?} after {previous:?}, {last:?}"),
        )?;
        if let Step::Send { at } = step {
            if let Some(Step::Wait(wait)) = previous {
                let over = wait.at + u64::from(wait.for_ms);
                hold("a wait is kept to its end", *at == over, || {
                    format!("sent at {at} ms: {wait:?}")
                })?;
            }
            last = sent.next();
            let abort = record.setup.abort_at.unwrap_or(u64::MAX);
            hold("nothing is sent after an abort", *at <= abort, || {
                format!("at {at} ms, aborted at {abort} ms")
            })?;
        }
        previous = Some(*step);
    }
    Ok(())
}

fn check_waits(record: &Record) -> Result<(), Broken> {
    let plan = record.setup.plan;
    let timeout = u64::from(plan.timeout_ms);
    let mut waits = 0;
    let mut sent = record.sent.iter();
    let mut asked_ms = None;
    for step in &record.steps {
        match step {
            Step::Token { .. } => {}
            Step::Send { .. } => asked_ms = sent.next().and_then(|sent| sent.head?.asked_ms),
            Step::Wait(wait) => {
                let Wait {
                    at,
                    elapsed,
                    for_ms,
                } = *wait;
                let for_ms = u64::from(for_ms);
                let in_time = u64::from(elapsed) + for_ms < timeout
                    && (record.jumped || at + for_ms < timeout);
                hold("no wait goes past the deadline", in_time, || {
                    format!("{wait:?} of {timeout} ms")
                })?;
                let long_enough = match asked_ms {
                    Some(asked) => for_ms == asked.min(u64::from(u32::MAX)),
                    None => for_ms <= most_back_off(waits),
                };
                hold(
                    "a wait is as long as it was asked to be",
                    long_enough,
                    || format!("{wait:?}, asked for {asked_ms:?}"),
                )?;
                waits += 1;
            }
        }
    }
    hold("maxRetries is kept", waits <= plan.max_retries, || {
        format!("{waits} waits")
    })
}

fn most_back_off(retries: u32) -> u64 {
    (500 << retries.min(10)).min(8000)
}

/// It gives up only where no retry is left or none would be in time.
fn check_patience(record: &Record, ending: &Ending) -> Result<(), Broken> {
    let plan = record.setup.plan;
    let (Some(Step::Send { at }), Some(last)) = (record.steps.last(), record.sent.last()) else {
        return Ok(());
    };
    let waits = record
        .steps
        .iter()
        .filter(|step| matches!(step, Step::Wait(_)))
        .count() as u32;
    let refreshed = record.steps.contains(&Step::Token { refresh: true });
    let may_wait = |elapsed: u32, asked: Option<u64>| {
        let least = asked.unwrap_or(most_back_off(waits));
        waits < plan.max_retries
            && u64::from(elapsed).saturating_add(least) < u64::from(plan.timeout_ms)
    };
    let too_soon = match last.head {
        Some(head) if head.status == 401 => plan.token_function && !refreshed,
        Some(head) => head.invites() && may_wait(head.elapsed, head.asked_ms),
        // Where the clock was set, what it said then is not known here.
        None if record.jumped => false,
        None => last.was_refused() && !plan.own_fetch && may_wait(ending.at as u32, None),
    };
    hold("it is sent again where that is safe", !too_soon, || {
        format!("sent at {at} ms: {last:?}")
    })
}

fn check_ending(record: &Record, ending: &Ending) -> Result<(), Broken> {
    let Settlement::Failed {
        code,
        outcome,
        retry_after_ms,
    } = ending.settlement
    else {
        let status = record
            .sent
            .last()
            .and_then(|sent| sent.head)
            .map(|head| head.status);
        let success = matches!(status, Some(200..=299));
        return hold("a receipt needs a 2xx", success, || format!("{status:?}"));
    };
    let last = record.sent.last();
    let out = matches!(record.steps.last(), Some(Step::Send { .. }));
    let doubt = out && last.is_some_and(Sent::leaves_doubt);
    hold(
        "unknown is said where nobody can know, and nowhere else",
        doubt == (outcome == Outcome::Unknown),
        || format!("{:?}; {last:?}", ending.settlement),
    )?;
    let expected = expected_code(record, ending);
    hold("the code says why", expected == Some(code), || {
        format!("{code:?}, not {expected:?}, by {:?}", ending.by)
    })?;
    if let Some(head) = last
        .and_then(|sent| sent.head)
        .filter(|head| head.status >= 400)
    {
        let asked = head.asked_ms.map(|ms| ms.min(u64::from(u32::MAX)) as u32);
        let says = match asked {
            Some(_) => retry_after_ms == asked,
            // A back-off that would not have been in time.
            None => retry_after_ms.is_none_or(|ms| head.invites() && ms <= 8000),
        };
        hold("retryAfterMs is what was asked for", says, || {
            format!("{retry_after_ms:?} of {head:?}")
        })?;
    }
    let own = matches!(
        code,
        Code::Internal | Code::InvalidArgument | Code::InvalidTrigger
    );
    hold(
        "a call on the network ends in a code of the network",
        !own,
        || format!("{code:?}"),
    )
}

/// The table of codes, read from the side of what happened.
fn expected_code(record: &Record, ending: &Ending) -> Option<Code> {
    let Some(by) = ending.by else {
        return ending.aborted.then_some(Code::Aborted);
    };
    let last = record.sent.last();
    let status = last.and_then(|sent| sent.head).map(|head| head.status);
    let by_status = match status {
        None => Code::Unreachable,
        Some(300..=399) => Code::Redirected,
        Some(401) => Code::Unauthenticated,
        Some(403) => Code::Forbidden,
        Some(404) => Code::NotFound,
        Some(429) => Code::RateLimited,
        Some(400..=499) => Code::Rejected,
        Some(500..=599) => Code::ServerError,
        Some(0) => Code::Network,
        Some(_) => Code::BadResponse,
    };
    Some(match (record.steps.last()?, by) {
        (_, Event::Aborted) => Code::Aborted,
        (Step::Token { .. }, _) => Code::TokenUnavailable,
        (Step::Wait(_), Event::CallOver) => by_status,
        (Step::Send { .. }, Event::CallOver | Event::StepOver) => Code::Timeout,
        (Step::Send { .. }, Event::Failed { .. }) if last?.refused => Code::Unreachable,
        (Step::Send { .. }, Event::Failed { .. }) => Code::Network,
        (Step::Send { .. }, Event::Head(_)) => by_status,
        (
            Step::Send { .. },
            Event::Body {
                end: BodyEnd::Complete,
                ..
            },
        ) => by_status,
        (
            Step::Send { .. },
            Event::Body {
                end: BodyEnd::Broken,
                ..
            },
        ) => Code::BadResponse,
        _ => return None,
    })
}

fn check_texts(ending: &Ending) -> Result<(), Broken> {
    for text in &ending.texts {
        let shown = ending
            .secrets
            .iter()
            .find(|secret| shows(&text.told, secret));
        hold("no secret is told", shown.is_none(), || {
            format!(
                "{shown:?} in {}: {:?}, from {:?}",
                text.place, text.told, text.raw
            )
        })?;
        let short = text.place != "error.body" || text.told.len() <= SHOWN;
        hold("an error shows no more than it should", short, || {
            format!("{} bytes", text.told.len())
        })?;
    }
    Ok(())
}
