//! What the Worker answers, made of what an object said.

use campaign_workflow::Outcome;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::address::Address;
use super::objects::{ObjectLost, Taken};
use crate::http::Answer;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::writer::{WorkflowName, problems};

/// The answer to a request that queues a command. If that command has already failed, the answer is its problem, not a success.
pub fn taken_answer(name: &WorkflowName, taken: Result<Taken, ObjectLost>) -> Answer {
    let Ok(taken) = taken else {
        return lost(ObjectLost);
    };
    let entry: Option<Map<String, Value>> = taken
        .entry
        .and_then(|entry| serde_json::from_str(entry.get()).ok());
    match (entry, taken.problem) {
        (Some(entry), _) => {
            let id = entry.get("id").and_then(Value::as_str);
            let location = Address::of_command(id.unwrap_or_default());
            json_answer(202, &with_name(name, entry))
                .with("location", location)
                .with("preference-applied", "respond-async")
        }
        (None, Some(problem)) => problem.answer_if_stored(taken.is_stored),
        (None, None) => lost(ObjectLost),
    }
}

/// An answer among many: its document, and its status.
pub fn result_of(answer: &Answer) -> Map<String, Value> {
    let body = answer.body.as_deref().unwrap_or_default();
    let mut result: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    result.insert("status".to_owned(), answer.status.into());
    result
}

/// The answer that shows one command.
pub fn shown(
    name: &WorkflowName,
    entry: Result<Option<Map<String, Value>>, ObjectLost>,
) -> Result<Answer, Refusal> {
    match entry {
        Ok(Some(entry)) => Ok(ok(&with_name(name, entry))),
        Ok(None) => Err(Refusal::NotFound),
        Err(ObjectLost) => Ok(lost(ObjectLost)),
    }
}

pub fn with_name(name: &WorkflowName, entry: Map<String, Value>) -> Value {
    let mut shown = Map::new();
    shown.insert("organization".to_owned(), name.organization.clone().into());
    shown.insert("workflowId".to_owned(), name.workflow_id.clone().into());
    shown.extend(entry);
    shown.into()
}

pub fn ok(value: &Value) -> Answer {
    json_answer(200, value)
}

pub fn json_answer(status: u16, value: &Value) -> Answer {
    Answer {
        body: Some(value.to_string()),
        ..Answer::empty(status).with("content-type", "application/json")
    }
}

pub fn parsed<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ObjectLost> {
    serde_json::from_str(text).map_err(|_| ObjectLost)
}

/// The object did not answer, or was lost while it was asked.
pub fn lost(_: ObjectLost) -> Answer {
    let problem: Problem<'_> = problems::unreadable();
    debug_assert_eq!(problem.outcome, Outcome::Unknown);
    problem.answer()
}
