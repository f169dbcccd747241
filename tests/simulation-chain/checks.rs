//! The promises of the chain, each held against what the other side saw.

mod gateway;
mod writer;

use campaign_emulator::Campaign;
use campaign_workflow::error::Outcome;
use campaign_workflow::{Command, Error};

use crate::campaign::{ORGANIZATION, TokenHost, executed, workflow_id};
use crate::object::Object;
use crate::record::{Ended, Record, Told};
use crate::setup::{Call, Setup, Wish};

/// A promise that was not kept, and how.
pub struct Broken {
    pub promise: &'static str,
    pub how: String,
}

fn expect(
    promise: &'static str,
    is_kept: bool,
    how: impl FnOnce() -> String,
) -> Result<(), Broken> {
    match is_kept {
        true => Ok(()),
        false => Err(Broken {
            promise,
            how: how(),
        }),
    }
}

pub struct Seen<'a> {
    pub setup: &'a Setup,
    pub record: &'a Record,
    pub campaign: &'a Campaign,
    pub token_host: &'a TokenHost,
    pub stray_wakes: u32,
    pub objects: &'a [Object],
}

pub fn check(seen: &Seen<'_>) -> Result<(), Broken> {
    let record = seen.record;
    if let Some((promise, how)) = record.complaints.first() {
        return expect(promise, false, || how.clone());
    }
    expect(
        "a request's task is woken within its own context",
        seen.stray_wakes == 0,
        || format!("{} times not", seen.stray_wakes),
    )?;
    for (number, call) in seen.setup.calls.iter().enumerate() {
        let Some(ended) = &record.ended[number] else {
            return expect("every call settles", false, || format!("{call:?}"));
        };
        seen.check_time(call, ended)?;
        seen.check_rights(call, ended)?;
        match &call.wish {
            Wish::Many { commands, .. } => seen.check_many(number, call, commands, ended)?,
            _ => seen.check_one(call, ended)?,
        }
    }
    let log = seen.campaign.log();
    let foreign = log
        .iter()
        .find(|entry| entry.organization.as_deref() != Some(ORGANIZATION));
    expect("nothing leaves the organization", foreign.is_none(), || {
        format!("{foreign:?}")
    })?;
    seen.check_gateway()?;
    seen.check_writers()
}

impl Seen<'_> {
    /// How often Campaign executed something of this workflow: a command, or its signal.
    pub fn executed(&self, workflow: usize, command: Option<Command>) -> usize {
        executed(self.campaign, workflow, command)
    }

    /// How many of these were new commands, as their key had been forgotten.
    pub fn renewals(&self, workflow: usize, command: Option<Command>) -> usize {
        self.record.renewals(workflow, command)
    }

    fn check_time(&self, call: &Call, ended: &Ended) -> Result<(), Broken> {
        let most = match call.wish {
            Wish::Many { .. } => return Ok(()),
            Wish::Confirmed { timeout_ms, .. } | Wish::WaitFor { timeout_ms, .. } => timeout_ms,
            _ => call.request.timeout_ms,
        };
        let took = ended.at - call.begins_at;
        expect(
            "a call ends with its deadline at the latest",
            took <= u64::from(most),
            || format!("{took} of {most} ms: {call:?}"),
        )?;
        let aborted = call.abort_after.filter(|after| *after <= took);
        expect(
            "an abort ends a call at once",
            aborted.is_none_or(|after| took == after),
            || format!("after {took} ms: {call:?}: {:?}", ended.told),
        )
    }

    /// Who may not is told so, whatever else is wrong, and nothing is executed.
    fn check_rights(&self, call: &Call, ended: &Ended) -> Result<(), Broken> {
        let may = call.role.may(call.wish.is_reading());
        let executed: usize = (call.workflow..call.workflow + call.wish.workflows())
            .map(|workflow| self.executed(workflow, call.wish.command()))
            .sum();
        expect("who may not executes nothing", may || executed == 0, || {
            format!("{call:?}: {executed}")
        })?;
        let is_told = match &ended.told {
            Told::Failed(_) | Told::Many { .. } => true,
            Told::Accepted
            | Told::Confirmed { .. }
            | Told::Workflow { .. }
            | Told::Signal { .. } => may,
        };
        expect("who may not is refused", is_told, || {
            format!("{call:?}: {:?}", ended.told)
        })
    }

    fn check_one(&self, call: &Call, ended: &Ended) -> Result<(), Broken> {
        let executed = self.executed(call.workflow, call.wish.command());
        let renewals = self.renewals(call.workflow, call.wish.command());
        let how = || {
            format!(
                "{executed} executed, {renewals} anew: {call:?}: {:?}",
                ended.told
            )
        };
        let is_executed = (1..=1 + renewals).contains(&executed);
        expect("nothing is executed twice", executed <= 1 + renewals, how)?;
        let is_true = match &ended.told {
            Told::Accepted => is_executed,
            Told::Confirmed { is_confirmed } => !is_confirmed || is_executed,
            Told::Signal { is_too_soon } => (executed == 1) != *is_too_soon,
            Told::Workflow { .. } => executed == 0,
            Told::Failed(error) => error.outcome == Outcome::Unknown || executed <= renewals,
            Told::Many { .. } => false,
        };
        expect("what is told is true", is_true, how)?;
        if call.wish.is_reading() {
            let is_unknown =
                matches!(&ended.told, Told::Failed(error) if error.outcome == Outcome::Unknown);
            expect(
                "reading executes nothing",
                executed == 0 && !is_unknown,
                how,
            )?;
        }
        if let (Wish::WaitFor { state, .. }, Told::Workflow { state: seen }) =
            (&call.wish, &ended.told)
        {
            expect("a wait ends with what was waited for", state == seen, how)?;
        }
        Ok(())
    }

    fn check_many(
        &self,
        number: usize,
        call: &Call,
        commands: &[(usize, Command)],
        ended: &Ended,
    ) -> Result<(), Broken> {
        let results: Vec<_> = self.record.results.iter().collect();
        let results: Vec<_> = results
            .into_iter()
            .filter(|result| result.call == number)
            .collect();
        for (index, (workflow, command)) in commands.iter().enumerate() {
            let executed = self.executed(call.workflow + workflow, Some(*command));
            let renewals = self.renewals(call.workflow + workflow, Some(*command));
            let told = results.iter().find(|result| result.index == index);
            let how = || {
                let error = told.map(|told| &told.error);
                format!("command {index} of {call:?}: {executed} executed, told {error:?}")
            };
            expect("nothing is executed twice", executed <= 1 + renewals, how)?;
            let is_true = match told.map(|told| &told.error) {
                // What was pulled and not told was left.
                None => true,
                Some(None) => (1..=1 + renewals).contains(&executed),
                Some(Some(error)) => error.outcome == Outcome::Unknown || executed <= renewals,
            };
            expect("what is told is true", is_true, how)?;
        }
        self.check_order(call, commands, &results)?;
        // A command with a key is repeated by its own call, which holds back no other.
        if !matches!(call.wish, Wish::Many { has_keys: true, .. }) {
            self.check_peace(call)?;
        }
        if let Told::Many { counts } = &ended.told {
            let mut told = [0; 3];
            for result in &results {
                told[match &result.error {
                    None => 0,
                    Some(Error {
                        outcome: Outcome::NotExecuted,
                        ..
                    }) => 1,
                    Some(_) => 2,
                }] += 1;
            }
            let is_left = matches!(
                call.wish,
                Wish::Many {
                    leaves_after: Some(_),
                    ..
                }
            );
            expect(
                "the summary counts the results",
                is_left || *counts == told,
                || format!("{counts:?}, told {told:?}: {call:?}"),
            )?;
        }
        Ok(())
    }

    /// Once an answer asks for peace, none of the call's commands is sent before that is over.
    fn check_peace(&self, call: &Call) -> Result<(), Broken> {
        let is_own = |url: &str| {
            let mut own = call.workflow..call.workflow + call.wish.workflows();
            own.any(|workflow| url.ends_with(&format!("/{}/commands", workflow_id(workflow))))
        };
        for peace in self.record.peace.iter().filter(|peace| is_own(&peace.url)) {
            let mut after = self.record.sent.iter().skip(peace.sent_before);
            let broken = after.find(|sent| is_own(&sent.url) && sent.at < peace.until);
            expect(
                "all are quiet when one is asked to be",
                broken.is_none(),
                || {
                    let sent = broken.map(|sent| (sent.at, &sent.url));
                    format!("{sent:?}, until {}: {call:?}", peace.until)
                },
            )?;
        }
        Ok(())
    }

    /// A command is sent once the one before it, of the same workflow, has ended.
    fn check_order(
        &self,
        call: &Call,
        commands: &[(usize, Command)],
        results: &[&crate::record::ManyResult],
    ) -> Result<(), Broken> {
        let sent = |index: usize| {
            let (workflow, command) = commands[index];
            let address = format!("/{}/commands", workflow_id(call.workflow + workflow));
            let sent = self.record.sent.iter();
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
                // It may be told later, where the consumer takes its time; but it was not sent after.
                let told = results.iter().find(|result| result.index == earlier);
                let is_in_order = match last_sent(earlier) {
                    Some(at) => at <= sent,
                    None => told.is_some_and(|told| told.error.is_some()),
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
