//! A command as the Worker shows it: one line of the history, or the state of a queued command.

use campaign_workflow::{Command, Outcome};
use serde::{Serialize, Serializer};

use super::command_id::CommandId;
use super::command_result::CommandResult;
use super::command_row::{Channel, CommandRow, State};
use super::runtime::WorkflowName;
use crate::operation_result::ACCEPTED;
use crate::problem::Problem;

/// One command. Times are in ISO 8601; `None` means "not yet".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandEntry {
    /// Its number among the workflow's commands.
    #[serde(rename = "number")]
    pub seq: u64,
    /// The id for lookup and cancellation; `None` once its key has expired.
    pub id: Option<String>,
    /// The name of the command.
    pub command: &'static str,
    /// The caller who sent it.
    pub who: String,
    /// Whether it came by a request or through the queue.
    pub via: Channel,
    /// Its state.
    pub state: State,
    /// `accepted`, `not-executed` or `unknown`; `None` until one of them is certain.
    pub outcome: Option<&'static str>,
    /// How many attempts were made.
    pub tries: u32,
    /// When it was stored.
    pub created_at: String,
    /// When it is sent, if it is queued.
    pub due_at: Option<String>,
    /// When the last attempt began.
    pub sent_at: Option<String>,
    /// When it was settled.
    pub settled_at: Option<String>,
    /// When it was cancelled, sent again or dismissed.
    pub closed_at: Option<String>,
    /// The caller who did that.
    pub closed_by: Option<String>,
    /// The number of the command that replaces it.
    pub sent_again_as: Option<u64>,
    /// Whether an operator still has to send it again or dismiss it.
    pub is_dead: bool,
    /// Campaign's request id.
    pub request_id: Option<String>,
    /// Why it was not accepted.
    #[serde(serialize_with = "document")]
    pub problem: Option<Problem<'static>>,
}

fn document<S: Serializer>(
    problem: &Option<Problem<'static>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    problem
        .as_ref()
        .map(Problem::document)
        .serialize(serializer)
}

impl CommandEntry {
    /// The entry for a row.
    pub fn of(name: &WorkflowName, row: &CommandRow) -> Self {
        let id = row.key.clone().map(|key| CommandId {
            name: name.clone(),
            key,
            who: row.who.clone(),
        });
        let (request_id, problem) = match &row.result {
            Some(CommandResult::Receipt(receipt)) => (receipt.request_id.clone(), None),
            Some(CommandResult::Problem(problem)) => (None, Some(problem.clone())),
            None => (None, None),
        };
        let outcome = match row.state {
            State::Accepted => Some(ACCEPTED),
            State::Unknown => Some(Outcome::Unknown.as_str()),
            State::Failed | State::Cancelled | State::Retrying => {
                Some(Outcome::NotExecuted.as_str())
            }
            State::Waiting | State::Queued | State::Sending => None,
        };
        Self {
            seq: row.seq,
            id: id.as_ref().map(CommandId::encode),
            command: Command::as_str(row.command),
            who: row.who.clone(),
            via: row.via,
            state: row.state,
            outcome,
            tries: row.tries,
            created_at: iso_8601(row.created_at),
            due_at: row.state.is_queued().then(|| iso_8601(row.due_at)),
            sent_at: row.sent_at.map(iso_8601),
            settled_at: row.settled_at.map(iso_8601),
            closed_at: row.closed_at.map(iso_8601),
            closed_by: row.closed_by.clone(),
            sent_again_as: row.sent_again_as,
            is_dead: row.is_dead(),
            request_id,
            problem,
        }
    }
}

/// A time in milliseconds since 1970 as ISO 8601 in UTC.
fn iso_8601(ms: u64) -> String {
    let (days, in_day) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = date(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// The year, month and day of a day since 1970, in the Gregorian calendar.
fn date(mut days: u64) -> (u64, u32, u64) {
    let mut year = 1970;
    // The bound only makes sure that the loop ends.
    while days >= days_of(year) && year < 9999 {
        days -= days_of(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

const fn days_of(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_in_iso_8601() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_795_776_896_007, "2026-11-27T10:54:56.007Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso_8601(ms), text);
        }
    }
}
