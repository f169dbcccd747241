//! Makes the Worker's responses from the objects' replies.

use campaign_workflow::Outcome;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::objects::{EnqueueReply, ObjectLost};
use super::route::WorkerRoute;
use crate::http::GatewayResponse;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::writer::{WorkflowName, problems};

/// The response to a request that queues a command. If that command has already failed, the response is its problem,
/// not a success.
pub fn enqueue_response(
    name: &WorkflowName,
    reply: Result<EnqueueReply, ObjectLost>,
) -> GatewayResponse {
    let Ok(reply) = reply else {
        return object_lost_response(ObjectLost);
    };
    let entry: Option<Map<String, Value>> = reply
        .entry
        .and_then(|entry| serde_json::from_str(entry.get()).ok());
    match (entry, reply.problem) {
        (Some(entry), _) => {
            let id = entry.get("id").and_then(Value::as_str);
            let location = WorkerRoute::queued_command_path(id.unwrap_or_default());
            json_response(202, &with_workflow_name(name, entry))
                .with_header("location", location)
                .with_header("preference-applied", "respond-async")
        }
        (None, Some(problem)) => problem.response_with_stored(reply.is_stored),
        (None, None) => object_lost_response(ObjectLost),
    }
}

/// One result in the response to a bulk request: the document of a response, and its status.
pub fn bulk_result(response: &GatewayResponse) -> Map<String, Value> {
    let body = response.body.as_deref().unwrap_or_default();
    let mut result: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    result.insert("status".to_owned(), response.status.into());
    result
}

/// The response that shows one command.
pub fn entry_response(
    name: &WorkflowName,
    entry: Result<Option<Map<String, Value>>, ObjectLost>,
) -> Result<GatewayResponse, Refusal> {
    match entry {
        Ok(Some(entry)) => Ok(ok_response(&with_workflow_name(name, entry))),
        Ok(None) => Err(Refusal::NotFound),
        Err(ObjectLost) => Ok(object_lost_response(ObjectLost)),
    }
}

pub fn with_workflow_name(name: &WorkflowName, entry: Map<String, Value>) -> Value {
    let mut entry_response = Map::new();
    entry_response.insert("organization".to_owned(), name.organization.clone().into());
    entry_response.insert("workflowId".to_owned(), name.workflow_id.clone().into());
    entry_response.extend(entry);
    entry_response.into()
}

pub fn ok_response(value: &Value) -> GatewayResponse {
    json_response(200, value)
}

pub fn json_response(status: u16, value: &Value) -> GatewayResponse {
    GatewayResponse {
        body: Some(value.to_string()),
        ..GatewayResponse::empty(status).with_header("content-type", "application/json")
    }
}

pub fn parse_json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ObjectLost> {
    serde_json::from_str(text).map_err(|_| ObjectLost)
}

/// The response if an object's reply was lost.
pub fn object_lost_response(_: ObjectLost) -> GatewayResponse {
    let problem: Problem<'_> = problems::store_unavailable();
    debug_assert_eq!(problem.outcome, Outcome::Unknown);
    problem.response()
}
