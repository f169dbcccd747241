//! The guarantees of the chain, each checked against what the other side recorded.

mod gateway;
mod writer;

use campaign_emulator::Campaign;
use campaign_workflow::error::Outcome;
use campaign_workflow::{Command, Error};

use crate::campaign::{ORGANIZATION, TokenServer, executed, workflow_id};
use crate::object::Object;
use crate::observations::{CallEnd, CallOutcome, Observations};
use crate::setup::{Call, Setup, UserAction};

/// A violated guarantee, with details.
pub struct Violation {
    pub guarantee: &'static str,
    pub details: String,
}

fn expect(
    guarantee: &'static str,
    is_stored: bool,
    details: impl FnOnce() -> String,
) -> Result<(), Violation> {
    match is_stored {
        true => Ok(()),
        false => Err(Violation {
            guarantee,
            details: details(),
        }),
    }
}

pub struct Evidence<'a> {
    pub setup: &'a Setup,
    pub observations: &'a Observations,
    pub campaign: &'a Campaign,
    pub token_server: &'a TokenServer,
    pub stray_wakes: u32,
    pub objects: &'a [Object],
}

pub fn check(seen: &Evidence<'_>) -> Result<(), Violation> {
    let observations = seen.observations;
    if let Some((guarantee, details)) = observations.violations.first() {
        return expect(guarantee, false, || details.clone());
    }
    expect(
        "a request's task is woken within its own context",
        seen.stray_wakes == 0,
        || format!("{} times not", seen.stray_wakes),
    )?;
    for (number, call) in seen.setup.calls.iter().enumerate() {
        let Some(ended) = &observations.ended[number] else {
            return expect("every call settles", false, || format!("{call:?}"));
        };
        seen.check_time(call, ended)?;
        seen.check_rights(call, ended)?;
        match &call.action {
            UserAction::Many { commands, .. } => seen.check_many(number, call, commands, ended)?,
            _ => seen.check_one(call, ended)?,
        }
    }
    let log = seen.campaign.log();
    let foreign = log
        .iter()
        .find(|entry| entry.organization.as_deref() != Some(ORGANIZATION));
    expect(
        "no request leaves the organization",
        foreign.is_none(),
        || format!("{foreign:?}"),
    )?;
    seen.check_gateway()?;
    seen.check_writers()
}

impl Evidence<'_> {
    /// How often Campaign executed a command, or anything, of this workflow.
    pub fn executed(&self, workflow: usize, command: Option<Command>) -> usize {
        executed(self.campaign, workflow, command)
    }

    /// How many of these were new commands, because their key had expired.
    pub fn renewals(&self, workflow: usize, command: Option<Command>) -> usize {
        self.observations.renewals(workflow, command)
    }

    fn check_time(&self, call: &Call, ended: &CallEnd) -> Result<(), Violation> {
        let most = match call.action {
            UserAction::Many { .. } => return Ok(()),
            UserAction::Confirmed { timeout_ms, .. } | UserAction::WaitFor { timeout_ms, .. } => {
                timeout_ms
            }
            _ => call.request.timeout_ms,
        };
        let took = ended.at - call.begins_at;
        expect(
            "a call ends by its deadline",
            took <= u64::from(most),
            || format!("{took} of {most} ms: {call:?}"),
        )?;
        let aborted = call.abort_after.filter(|after| *after <= took);
        expect(
            "an abort ends a call at once",
            aborted.is_none_or(|after| took == after),
            || format!("after {took} ms: {call:?}: {:?}", ended.outcome),
        )
    }

    /// A caller without rights is refused, whatever else fails, and nothing is executed.
    fn check_rights(&self, call: &Call, ended: &CallEnd) -> Result<(), Violation> {
        let may = call.role.may(call.action.is_reading());
        let executed: usize = (call.workflow..call.workflow + call.action.workflows())
            .map(|workflow| self.executed(workflow, call.action.command()))
            .sum();
        expect(
            "a caller without rights executes nothing",
            may || executed == 0,
            || format!("{call:?}: {executed}"),
        )?;
        let is_refused = match &ended.outcome {
            CallOutcome::Failed(_) | CallOutcome::Many { .. } => true,
            CallOutcome::Accepted
            | CallOutcome::Confirmed { .. }
            | CallOutcome::Workflow { .. }
            | CallOutcome::Signal { .. } => may,
        };
        expect("a caller without rights is refused", is_refused, || {
            format!("{call:?}: {:?}", ended.outcome)
        })
    }

    fn check_one(&self, call: &Call, ended: &CallEnd) -> Result<(), Violation> {
        let executed = self.executed(call.workflow, call.action.command());
        let renewals = self.renewals(call.workflow, call.action.command());
        let details = || {
            format!(
                "{executed} executed, {renewals} anew: {call:?}: {:?}",
                ended.outcome
            )
        };
        let is_executed = (1..=1 + renewals).contains(&executed);
        expect(
            "nothing is executed twice",
            executed <= 1 + renewals,
            details,
        )?;
        let is_true = match &ended.outcome {
            CallOutcome::Accepted => is_executed,
            CallOutcome::Confirmed { is_confirmed } => !is_confirmed || is_executed,
            CallOutcome::Signal { is_too_soon } => (executed == 1) != *is_too_soon,
            CallOutcome::Workflow { .. } => executed == 0,
            CallOutcome::Failed(error) => error.outcome == Outcome::Unknown || executed <= renewals,
            CallOutcome::Many { .. } => false,
        };
        expect("a reported outcome is true", is_true, details)?;
        if call.action.is_reading() {
            let is_unknown = matches!(&ended.outcome, CallOutcome::Failed(error) if error.outcome == Outcome::Unknown);
            expect(
                "reading executes nothing",
                executed == 0 && !is_unknown,
                details,
            )?;
        }
        if let (UserAction::WaitFor { state, .. }, CallOutcome::Workflow { state: seen }) =
            (&call.action, &ended.outcome)
        {
            expect(
                "a wait ends with the expected state",
                state == seen,
                details,
            )?;
        }
        Ok(())
    }

    fn check_many(
        &self,
        number: usize,
        call: &Call,
        commands: &[(usize, Command)],
        ended: &CallEnd,
    ) -> Result<(), Violation> {
        let results: Vec<_> = self.observations.results.iter().collect();
        let results: Vec<_> = results
            .into_iter()
            .filter(|result| result.call == number)
            .collect();
        for (index, (workflow, command)) in commands.iter().enumerate() {
            let executed = self.executed(call.workflow + workflow, Some(*command));
            let renewals = self.renewals(call.workflow + workflow, Some(*command));
            let outcome = results.iter().find(|result| result.index == index);
            let details = || {
                let error = outcome.map(|outcome| &outcome.error);
                format!("command {index} of {call:?}: {executed} executed, returned {error:?}")
            };
            expect(
                "nothing is executed twice",
                executed <= 1 + renewals,
                details,
            )?;
            let is_true = match outcome.map(|outcome| &outcome.error) {
                // A command without a result was pulled by a loop that was left.
                None => true,
                Some(None) => (1..=1 + renewals).contains(&executed),
                Some(Some(error)) => error.outcome == Outcome::Unknown || executed <= renewals,
            };
            expect("a reported outcome is true", is_true, details)?;
        }
        self.check_order(call, commands, &results)?;
        // A command with a key is repeated by its own call, which does not pause the other commands.
        if !matches!(call.action, UserAction::Many { has_keys: true, .. }) {
            self.check_retry_after(call)?;
        }
        if let CallOutcome::Many { counts } = &ended.outcome {
            let mut outcome = [0; 3];
            for result in &results {
                outcome[match &result.error {
                    None => 0,
                    Some(Error {
                        outcome: Outcome::NotExecuted,
                        ..
                    }) => 1,
                    Some(_) => 2,
                }] += 1;
            }
            let has_disconnected = matches!(
                call.action,
                UserAction::Many {
                    leaves_after: Some(_),
                    ..
                }
            );
            expect(
                "the summary counts the results",
                has_disconnected || *counts == outcome,
                || format!("{counts:?}, taken {outcome:?}: {call:?}"),
            )?;
        }
        Ok(())
    }

    /// After a response with `Retry-After`, no command of the call is sent before that time.
    fn check_retry_after(&self, call: &Call) -> Result<(), Violation> {
        let is_own = |url: &str| {
            let mut own = call.workflow..call.workflow + call.action.workflows();
            own.any(|workflow| url.ends_with(&format!("/{}/commands", workflow_id(workflow))))
        };
        for retry_afters in self
            .observations
            .retry_afters
            .iter()
            .filter(|retry_afters| is_own(&retry_afters.url))
        {
            let mut after = self.observations.sent.iter().skip(retry_afters.sent_before);
            let broken = after.find(|sent| is_own(&sent.url) && sent.at < retry_afters.until);
            expect(
                "Retry-After pauses all commands of a call",
                broken.is_none(),
                || {
                    let sent = broken.map(|sent| (sent.at, &sent.url));
                    format!("{sent:?}, until {}: {call:?}", retry_afters.until)
                },
            )?;
        }
        Ok(())
    }

    /// A command is sent only after the one before it, of the same workflow, has ended.
    fn check_order(
        &self,
        call: &Call,
        commands: &[(usize, Command)],
        results: &[&crate::observations::ManyResult],
    ) -> Result<(), Violation> {
        let sent = |index: usize| {
            let (workflow, command) = commands[index];
            let address = format!("/{}/commands", workflow_id(call.workflow + workflow));
            let sent = self.observations.sent.iter();
            sent.filter(move |sent| sent.url.ends_with(&address) && sent.body == command.body())
                .map(|sent| sent.at)
        };
        let first_sent = |index| sent(index).min();
        let last_sent = |index| sent(index).max();
        for (later, (workflow, _)) in commands.iter().enumerate() {
            let Some(sent) = first_sent(later) else {
                continue;
            };
            let before = (0..later).filter(|earlier| commands[*earlier].0 == *workflow);
            for earlier in before {
                // The consumer may take the result later, but the command was not sent later.
                let outcome = results.iter().find(|result| result.index == earlier);
                let is_in_order = match last_sent(earlier) {
                    Some(at) => at <= sent,
                    None => outcome.is_some_and(|outcome| outcome.error.is_some()),
                };
                expect(
                    "no command overtakes another of its workflow",
                    is_in_order,
                    || format!("{later} before {earlier}: {call:?}"),
                )?;
            }
        }
        Ok(())
    }
}
