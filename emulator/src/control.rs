//! The control API under `/__emulator`, for tests that only have HTTP. It is never logged, and faults do not apply to it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::campaign::Campaign;
use crate::fault::Fault;
use crate::http::{Request, Response};
use crate::workflow::{Workflow, WorkflowView};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockBody {
    advance_ms: u64,
}

/// Handles a control request; `rest` is the path after `/__emulator/`.
pub(crate) fn handle(campaign: &mut Campaign, request: &Request, rest: &[String]) -> Response {
    let path: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", []) => json_response(&index()),
        ("GET", ["log"]) => json_response(campaign.log()),
        ("DELETE", ["log"]) => {
            campaign.clear_log();
            json_response(campaign.log())
        }
        ("GET", ["workflows"]) => json_response(&views(campaign)),
        ("GET", ["faults"]) => json_response(campaign.faults()),
        ("POST", ["faults"]) => add_faults(campaign, &request.body),
        ("DELETE", ["faults"]) => {
            campaign.clear_faults();
            json_response(campaign.faults())
        }
        ("GET", ["clock"]) => json_response(&json!({ "now": campaign.now() })),
        ("POST", ["clock"]) => match serde_json::from_slice::<ClockBody>(&request.body) {
            Ok(ClockBody { advance_ms }) => {
                json_response(&json!({ "now": campaign.advance(advance_ms) }))
            }
            Err(error) => error_response(400, format!("clock: {error}")),
        },
        ("POST", ["reset"]) => {
            campaign.reset();
            json_response(&views(campaign))
        }
        (_, [] | ["log" | "workflows" | "faults" | "clock" | "reset"]) => {
            error_response(405, "this path does not support the method")
        }
        _ => error_response(404, "unknown path: see GET /__emulator"),
    }
}

/// All workflows, to be serialized.
pub(crate) fn views(campaign: &Campaign) -> Vec<WorkflowView<'_>> {
    campaign.workflows().iter().map(Workflow::view).collect()
}

fn add_faults(campaign: &mut Campaign, body: &[u8]) -> Response {
    let faults = match serde_json::from_slice(body) {
        Ok(Value::Array(faults)) => faults,
        Ok(fault) => vec![fault],
        Err(error) => return error_response(400, format!("faults: {error}")),
    };
    // All or nothing: a test that runs with half of its faults would mislead.
    match faults
        .into_iter()
        .map(Fault::from_json)
        .collect::<Result<Vec<_>, _>>()
    {
        Ok(faults) => {
            let ids: Vec<u64> = faults
                .into_iter()
                .map(|fault| campaign.add_fault(fault))
                .collect();
            json_response(&json!({ "ids": ids }))
        }
        Err(error) => error_response(400, error.to_string()),
    }
}

fn index() -> Value {
    json!({
        "GET /__emulator/log": "all requests so far, oldest first",
        "DELETE /__emulator/log": "clears the log",
        "GET /__emulator/workflows": "the workflows: state, pending commands, executions",
        "GET /__emulator/faults": "the active faults",
        "POST /__emulator/faults": "adds a fault or an array of faults",
        "DELETE /__emulator/faults": "removes all faults",
        "GET /__emulator/clock": "the emulator's time in milliseconds",
        "POST /__emulator/clock": "moves the clock forward: {\"advanceMs\": 1500}",
        "POST /__emulator/reset": "restores the initial state",
    })
}

fn json_response<T: serde::Serialize + ?Sized>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(json) => Response::json(200, json),
        Err(error) => error_response(500, error.to_string()),
    }
}

fn error_response(status: u16, error: impl Into<String>) -> Response {
    Response::json(status, json!({ "error": error.into() }).to_string())
}
