//! The promises, each checked against what really happened.

mod repetition;
mod result;
mod timing;

use campaign_emulator::{Campaign, LoggedRequest};
use campaign_workflow::Command;
use campaign_workflow::error::Outcome;

use crate::encodings::contains_secret;
use crate::network::DELIVERY_HEADER;
use crate::setup::{Operation, Setup};
use crate::simulation;
use crate::trace::{CallEnd, Trace};

/// The documented maximum of an error's text, in bytes.
const ERROR_TEXT_LIMIT: usize = 8 * 1024;

/// A broken promise, and the details.
pub struct Violation {
    pub promise: &'static str,
    pub details: String,
}

fn expect(
    promise: &'static str,
    is_kept: bool,
    details: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if is_kept {
        Ok(())
    } else {
        Err(Violation {
            promise,
            details: details(),
        })
    }
}

/// The requests that Campaign executed: the client's own, or the copies of the network.
pub fn executions(campaign: &Campaign, own: bool) -> impl Iterator<Item = &LoggedRequest> {
    campaign.log().iter().filter(move |request| {
        let is_own = request
            .headers
            .get(DELIVERY_HEADER)
            .is_some_and(|tag| tag.ends_with(".0"));
        request.executed && is_own == own
    })
}

pub fn check(run: &simulation::Run) -> Result<(), Violation> {
    let simulation::Run {
        setup,
        trace,
        campaign,
    } = run;
    if let Some((promise, how)) = trace.violations.first() {
        return expect(promise, false, || how.clone());
    }
    let Some(ended) = &trace.ended else {
        let how = || format!("it waits for ever: {:?}", trace.steps.last());
        return expect("the call settles", false, how);
    };
    expect("nothing is left behind", ended.open == [0; 3], || {
        format!("timers, requests, listeners: {:?}", ended.open)
    })?;
    if setup.invalid_request.is_some() {
        check_refusal(setup, trace, ended)?;
    } else {
        check_execution(setup, trace, ended, campaign)?;
        repetition::check(setup, trace, ended)?;
        timing::check(setup, trace, ended)?;
        result::check(setup, trace, ended)?;
    }
    check_texts(trace, ended)
}

/// An invalid request is refused before anything is sent, and its value is not shown.
fn check_refusal(setup: &Setup, trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    let promise = "bad input is an error before anything is sent";
    let Some(invalid_request) = &setup.invalid_request else {
        return Ok(());
    };
    let how = || format!("{invalid_request:?}: {:?}", ended.result);
    expect(
        promise,
        trace.steps.is_empty() && trace.requests.is_empty(),
        how,
    )?;
    let is_right = ended.result.as_ref().is_err_and(|error| {
        error.code == invalid_request.code
            && error.outcome == Outcome::NotExecuted
            && error.attempts == 0
            && error.message.starts_with(invalid_request.field)
    });
    expect(promise, is_right, how)?;
    let is_long = invalid_request.value.len() > 8;
    let contains_value =
        |(_, text): &(&str, String)| is_long && text.contains(&invalid_request.value);
    let found = ended.texts().into_iter().find(contains_value);
    expect(
        "an error does not contain the invalid value",
        found.is_none(),
        || format!("{found:?}"),
    )
}

fn check_execution(
    setup: &Setup,
    trace: &Trace,
    ended: &CallEnd,
    campaign: &Campaign,
) -> Result<(), Violation> {
    let own = executions(campaign, true).count();
    let all = own + executions(campaign, false).count();
    // A server with a key store executes a copy of the network only if it is the first request.
    let executed = if setup.has_key() { all } else { own };
    let how = || format!("{:?}; {own} executed, {all} with copies", ended.result);
    expect("no command is executed twice", executed <= 1, how)?;
    let attempts = match &ended.result {
        // A copy of the network may have triggered the signal before.
        Ok(success) if success.is_too_soon || setup.is_read() => {
            expect("a read or a refused signal executes nothing", own == 0, how)?;
            success.receipt.attempts
        }
        Ok(success) => {
            expect(
                "a receipt means that the command was executed",
                executed == 1,
                how,
            )?;
            success.receipt.attempts
        }
        Err(error) => {
            let stored = trace
                .requests
                .last()
                .is_some_and(|sent| sent.is_stored(setup));
            let executed = if stored { all } else { own };
            let is_true = error.outcome == Outcome::Unknown || executed == 0;
            expect("not-executed means that nothing was executed", is_true, how)?;
            error.attempts
        }
    };
    let sent = trace.requests.len();
    expect(
        "attempts is the number of requests",
        attempts as usize == sent,
        || format!("{attempts} attempts, {sent} requests"),
    )?;
    let log = campaign.log();
    let wrong = log.iter().find(|request| !is_documented(setup, request));
    expect("the request is the documented one", wrong.is_none(), || {
        format!("{wrong:?}")
    })
}

/// Whether Campaign received the documented request.
fn is_documented(setup: &Setup, logged: &LoggedRequest) -> bool {
    let request = &setup.request;
    let command = match setup.operation {
        Operation::Command(Command::Start) => Some("start"),
        Operation::Command(Command::Pause) => Some("pause"),
        Operation::Command(Command::Resume) => Some("resume"),
        Operation::Command(Command::Stop) => Some("stop"),
        Operation::Read | Operation::Signal { .. } => None,
    };
    let is_workflow =
        setup.is_signal() || logged.workflow_id.as_ref() == Some(&request.workflow_id);
    let own = request.headers.iter().all(|(name, value)| {
        let is_own = setup.is_gateway() && name == "Authorization";
        is_own || logged.headers.get(&name.to_ascii_lowercase()) == Some(value)
    });
    // A read carries no key.
    let key = request.idempotency_key.as_ref();
    let key = key.filter(|_| setup.has_key());
    logged.problem.is_none()
        && is_workflow
        && own
        && logged.organization.as_ref() == Some(&request.organization)
        && logged.command.map(|command| command.as_str()) == command
        && logged.headers.get("idempotency-key") == key
        && (setup.is_gateway() || logged.headers.get("x-api-key") == request.api_key.as_ref())
}

fn check_texts(trace: &Trace, ended: &CallEnd) -> Result<(), Violation> {
    for (place, text) in ended.texts() {
        let found = trace
            .secrets
            .iter()
            .find(|secret| contains_secret(&text, secret));
        expect("no text contains a secret", found.is_none(), || {
            format!("{found:?} in {place}: {text:?}")
        })?;
        let is_short = !place.starts_with("error.") || text.len() <= ERROR_TEXT_LIMIT;
        expect(
            "an error contains at most 8 KiB of a text",
            is_short,
            || format!("{} bytes in {place}", text.len()),
        )?;
    }
    Ok(())
}
