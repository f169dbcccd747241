//! Checks the rows of the writers and the outcomes of queued commands.

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
            expect("every queued command is settled", left.is_none(), || {
                format!("{left:?}")
            })?;
            let late = rows.iter().find(|row| is_late(object, row));
            expect(
                "every queued command is settled in time",
                late.is_none(),
                || format!("{late:?}"),
            )?;
            self.check_audit(object, &rows)?;
            // Reading the history recovers interrupted rows.
            object.read_history();
            for command in COMMANDS {
                self.check_rows(object, command)?;
                self.check_answers(object.workflow(), command)?;
            }
        }
        self.check_queued()?;
        self.check_keys()
    }

    /// The result of each command is in the audit trail, unless a disk access failed the line.
    fn check_audit(&self, object: &Object, rows: &[CommandRow]) -> Result<(), Violation> {
        let refuses = |object: &ObjectSetup| object.refuses_writes;
        if self.setup.object.as_ref().is_some_and(refuses) {
            return Ok(());
        }
        let lines: BTreeSet<_> = object
            .audited()
            .iter()
            .filter_map(|line| number_and_state(line))
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

    /// The states of the rows agree with Campaign's log.
    fn check_rows(&self, object: &Object, command: Command) -> Result<(), Violation> {
        let rows = object.rows();
        let rows: Vec<&CommandRow> = rows.iter().filter(|row| row.command == command).collect();
        let of = |state| rows.iter().filter(|row| row.state == state).count();
        let (accepted, unknown) = (of(State::Accepted), of(State::Unknown));
        let executed = self.executed(object.workflow(), Some(command));
        let details = || format!("{executed} executed: {rows:?}");
        let renewals = self.renewals(object.workflow(), Some(command));
        expect(
            "a command is executed at most once",
            executed <= 1 + renewals,
            details,
        )?;
        let is_settled = rows.iter().all(|row| row.state.is_settled());
        expect("every command is settled", is_settled, details)?;
        let is_true = accepted <= executed && executed <= accepted + unknown;
        expect("a row's state is true", is_true, details)
    }

    /// A request with the response "not executed" is never executed, even if another request with its key is.
    fn check_answers(&self, workflow: usize, command: Command) -> Result<(), Violation> {
        let is_it = |request: &&GatewayRequest| request.order == Some((workflow, command));
        let request: Vec<_> = self
            .observations
            .gateway_requests
            .iter()
            .filter(is_it)
            .collect();
        if request.is_empty() {
            return Ok(());
        }
        let refused = request
            .iter()
            .filter(|request| request.is_refused())
            .count();
        let executed = self.executed(workflow, Some(command));
        expect(
            "a refused command is not executed later",
            executed + refused <= request.len(),
            || {
                format!(
                    "{executed} executed, {refused} of {} refused",
                    request.len()
                )
            },
        )
    }

    fn check_queued(&self) -> Result<(), Violation> {
        for (later, seen) in self.setup.queued.iter().zip(&self.observations.queued) {
            let executed = self.executed(later.workflow, Some(later.command));
            let renewals = self.renewals(later.workflow, Some(later.command));
            let rows = self.objects[later.workflow].rows();
            // Each row is a command. A released key can make another row of the same order.
            let of_command = rows.iter().filter(|row| row.command == later.command);
            let max_tries = self
                .setup
                .object
                .as_ref()
                .map_or(0, |object| object.max_tries);
            let requests = requests(self.campaign, later.workflow, later.command);
            let most = of_command.count() * max_tries as usize;
            expect("no more attempts than allowed", requests <= most, || {
                format!("{requests} of {most}: {rows:?}")
            })?;
            let has_row = rows.iter().any(|row| row.command == later.command);
            let details = || format!("{executed} executed: {later:?}");
            expect(
                "no queued command is lost",
                has_row || !seen.is_queued,
                details,
            )?;
            expect(
                "a cancelled command is not executed",
                executed <= renewals || !seen.is_cancelled,
                details,
            )?;
            expect(
                "a refused command is not executed later",
                executed as u32 + seen.refused <= seen.enqueued,
                details,
            )?;
        }
        Ok(())
    }

    /// A repeat of a key gets the stored result, unless the command may be sent again.
    fn check_keys(&self) -> Result<(), Violation> {
        let request = &self.observations.gateway_requests;
        for first in request.iter().filter(|request| request.key.is_some()) {
            if let Some((workflow, command)) = first.order
                && self.renewals(workflow, Some(command)) > 0
            {
                continue;
            }
            let Some((at, response)) = first.response.as_ref().filter(|(_, it)| is_stored(it))
            else {
                continue;
            };
            let is_repetition = |other: &&GatewayRequest| {
                other.key == first.key
                    && other.order == first.order
                    && other.role == first.role
                    && other.started_at > *at
            };
            for other in request.iter().filter(is_repetition) {
                let Some((_, again)) = other.response.as_ref().filter(|(_, it)| is_stored(it))
                else {
                    continue;
                };
                expect(
                    "a repeated key gets the stored result",
                    response.status == again.status && response.body == again.body,
                    || {
                        format!(
                            "{} {}, then {} {}",
                            response.status, response.body, again.status, again.body
                        )
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// The number and the state of a command in a line of the audit trail.
fn number_and_state(line: &str) -> Option<(u64, String)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    Some((line["number"].as_u64()?, line["state"].to_string()))
}

/// Whether a queued command was settled long after its last possible attempt and after all faults.
fn is_late(object: &Object, row: &CommandRow) -> bool {
    let latest = row.give_up_at.max(object.clock_after_faults_ms()) + 3_600_000;
    row.via == Channel::Queue && row.settled_at.is_some_and(|at| at > latest)
}

/// Whether a repeat of the key gets this response again: a receipt, or a problem that says so.
fn is_stored(response: &SeenResponse) -> bool {
    match response.problem() {
        Some(problem) => problem["stored"] == true,
        None => response.status < 400,
    }
}
