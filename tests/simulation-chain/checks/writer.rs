//! What the writers of the workflows keep, and what became of the commands that they took.

use std::collections::BTreeSet;

use campaign_gateway::writer::{Channel, CommandRow, State};
use campaign_workflow::Command;

use super::{Evidence, Violation, expect};
use crate::campaign::requests;
use crate::object::Object;
use crate::observations::{GatewayRequest, SeenResponse};
use crate::setup::{COMMANDS, ObjectSetup};

impl Evidence<'_> {
    pub fn check_writers(&self) -> Result<(), Violation> {
        for object in self.objects {
            let rows = object.rows();
            let left = rows
                .iter()
                .find(|row| row.via == Channel::Queue && !row.state.is_settled());
            expect(
                "what was taken for later comes to its end",
                left.is_none(),
                || format!("{left:?}"),
            )?;
            let late = rows.iter().find(|row| is_late(object, row));
            expect(
                "what was taken for later comes to its end in time",
                late.is_none(),
                || format!("{late:?}"),
            )?;
            self.check_audit(object, &rows)?;
            // Whoever looks finds out what became of what was interrupted.
            object.look_at_history();
            for command in COMMANDS {
                self.check_rows(object, command)?;
                self.check_answers(object.workflow(), command)?;
            }
        }
        self.check_later()?;
        self.check_keys()
    }

    /// What became of each command is in the audit trail, unless the disk refused the line.
    fn check_audit(&self, object: &Object, rows: &[CommandRow]) -> Result<(), Violation> {
        let refuses = |object: &ObjectSetup| object.refuses_writes;
        if self.setup.object.as_ref().is_some_and(refuses) {
            return Ok(());
        }
        let lines: BTreeSet<_> = object
            .audited()
            .iter()
            .filter_map(|line| said(line))
            .collect();
        let missing = rows.iter().find(|row| {
            let state = serde_json::json!(row.state).to_string();
            row.state.is_settled() && !lines.contains(&(row.seq, state))
        });
        expect(
            "the audit trail has every command",
            missing.is_none(),
            || format!("{missing:?}: {lines:?}"),
        )
    }

    /// A row says what is so.
    fn check_rows(&self, object: &Object, command: Command) -> Result<(), Violation> {
        let rows = object.rows();
        let rows: Vec<&CommandRow> = rows.iter().filter(|row| row.command == command).collect();
        let of = |state| rows.iter().filter(|row| row.state == state).count();
        let (accepted, unknown) = (of(State::Accepted), of(State::Unknown));
        let executed = self.executed(object.workflow(), Some(command));
        let how = || format!("{executed} executed: {rows:?}");
        let renewals = self.renewals(object.workflow(), Some(command));
        expect(
            "a command is executed once at most",
            executed <= 1 + renewals,
            how,
        )?;
        let is_settled = rows.iter().all(|row| row.state.is_settled());
        expect("every command comes to its end", is_settled, how)?;
        let is_true = accepted <= executed && executed <= accepted + unknown;
        expect("a row says what is so", is_true, how)
    }

    /// A request that was answered with "not executed" is never executed, even if another with its key is.
    fn check_answers(&self, workflow: usize, command: Command) -> Result<(), Violation> {
        let is_it = |asked: &&GatewayRequest| asked.order == Some((workflow, command));
        let asked: Vec<_> = self.observations.asked.iter().filter(is_it).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let refused = asked.iter().filter(|asked| asked.is_refused()).count();
        let executed = self.executed(workflow, Some(command));
        expect(
            "what was not executed is not executed later",
            executed + refused <= asked.len(),
            || format!("{executed} executed, {refused} of {} refused", asked.len()),
        )
    }

    fn check_later(&self) -> Result<(), Violation> {
        for (later, seen) in self.setup.queued.iter().zip(&self.observations.queued) {
            let executed = self.executed(later.workflow, Some(later.command));
            let renewals = self.renewals(later.workflow, Some(later.command));
            let rows = self.objects[later.workflow].rows();
            // Each row is a command of its own, the same one if its key was free again.
            let of_command = rows.iter().filter(|row| row.command == later.command);
            let max_tries = self
                .setup
                .object
                .as_ref()
                .map_or(0, |object| object.max_tries);
            let requests = requests(self.campaign, later.workflow, later.command);
            let most = of_command.count() * max_tries as usize;
            expect("no more requests than allowed", requests <= most, || {
                format!("{requests} of {most}: {rows:?}")
            })?;
            let has_row = rows.iter().any(|row| row.command == later.command);
            let how = || format!("{executed} executed: {later:?}");
            expect(
                "nothing that was taken is lost",
                has_row || !seen.is_taken,
                how,
            )?;
            expect(
                "what is cancelled is not executed",
                executed <= renewals || !seen.is_cancelled,
                how,
            )?;
            expect(
                "what was not executed is not executed later",
                executed as u32 + seen.refused <= seen.brought,
                how,
            )?;
        }
        Ok(())
    }

    /// How a command ended is answered again to whoever repeats its key, unless it may be sent again.
    fn check_keys(&self) -> Result<(), Violation> {
        let asked = &self.observations.asked;
        for first in asked.iter().filter(|asked| asked.key.is_some()) {
            if let Some((workflow, command)) = first.order
                && self.renewals(workflow, Some(command)) > 0
            {
                continue;
            }
            let Some((at, answer)) = first.answer.as_ref().filter(|(_, it)| is_kept(it)) else {
                continue;
            };
            let is_repetition = |other: &&GatewayRequest| {
                other.key == first.key
                    && other.order == first.order
                    && other.role == first.role
                    && other.begun > *at
            };
            for other in asked.iter().filter(is_repetition) {
                let Some((_, again)) = other.answer.as_ref().filter(|(_, it)| is_kept(it)) else {
                    continue;
                };
                expect(
                    "a key answers again how its command ended",
                    answer.status == again.status && answer.body == again.body,
                    || {
                        format!(
                            "{} {}, then {} {}",
                            answer.status, answer.body, again.status, again.body
                        )
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// The number and the state of a command in a line of the audit trail.
fn said(line: &str) -> Option<(u64, String)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    Some((line["number"].as_u64()?, line["state"].to_string()))
}

/// Whether a command for later came to its end long after it was given up, and after all faults.
fn is_late(object: &Object, row: &CommandRow) -> bool {
    let latest = row.give_up_at.max(object.clock_after_faults_ms()) + 3_600_000;
    row.via == Channel::Queue && row.settled_at.is_some_and(|at| at > latest)
}

/// Whether an answer is the end of a command that its key answers again: a receipt, or a problem that says so.
fn is_kept(answer: &SeenResponse) -> bool {
    match answer.problem() {
        Some(problem) => problem["stored"] == true,
        None => answer.status < 400,
    }
}
