//! The control surface under `/__emulator`, for tests that have only HTTP. Never logged, and no fault meets it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::campaign::Campaign;
use crate::fault::Fault;
use crate::http::{Answer, Request};
use crate::workflow::{Workflow, WorkflowView};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockBody {
    advance_ms: u64,
}

/// Answers a request for what comes after `/__emulator/`.
pub(crate) fn answer(campaign: &mut Campaign, request: &Request, rest: &[String]) -> Answer {
    let path: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", []) => show(&index()),
        ("GET", ["log"]) => show(campaign.log()),
        ("DELETE", ["log"]) => {
            campaign.clear_log();
            show(campaign.log())
        }
        ("GET", ["workflows"]) => show(&views(campaign)),
        ("GET", ["faults"]) => show(campaign.faults()),
        ("POST", ["faults"]) => add_faults(campaign, &request.body),
        ("DELETE", ["faults"]) => {
            campaign.clear_faults();
            show(campaign.faults())
        }
        ("GET", ["clock"]) => show(&json!({ "now": campaign.now() })),
        ("POST", ["clock"]) => match serde_json::from_slice::<ClockBody>(&request.body) {
            Ok(ClockBody { advance_ms }) => show(&json!({ "now": campaign.advance(advance_ms) })),
            Err(error) => wrong(400, format!("the clock: {error}")),
        },
        ("POST", ["reset"]) => {
            campaign.reset();
            show(&views(campaign))
        }
        (_, [] | ["log" | "workflows" | "faults" | "clock" | "reset"]) => {
            wrong(405, "the method is not one of its own")
        }
        _ => wrong(404, "there is no such thing here: see GET /__emulator"),
    }
}

/// All workflows, to be serialized.
pub(crate) fn views(campaign: &Campaign) -> Vec<WorkflowView<'_>> {
    campaign.workflows().iter().map(Workflow::view).collect()
}

fn add_faults(campaign: &mut Campaign, body: &[u8]) -> Answer {
    let given = match serde_json::from_slice(body) {
        Ok(Value::Array(faults)) => faults,
        Ok(fault) => vec![fault],
        Err(error) => return wrong(400, format!("faults: {error}")),
    };
    // All or none: a test with half of its faults would mislead.
    match given
        .into_iter()
        .map(Fault::from_json)
        .collect::<Result<Vec<_>, _>>()
    {
        Ok(faults) => {
            let ids: Vec<u64> = faults
                .into_iter()
                .map(|fault| campaign.add_fault(fault))
                .collect();
            show(&json!({ "ids": ids }))
        }
        Err(error) => wrong(400, error.to_string()),
    }
}

fn index() -> Value {
    json!({
        "GET /__emulator/log": "every request so far, the oldest first",
        "DELETE /__emulator/log": "forgets them",
        "GET /__emulator/workflows": "the workflows: state, pending commands, executions",
        "GET /__emulator/faults": "the faults that are not spent",
        "POST /__emulator/faults": "adds one fault, or an array of them",
        "DELETE /__emulator/faults": "takes them all away",
        "GET /__emulator/clock": "the emulator's time in milliseconds",
        "POST /__emulator/clock": "moves it on: {\"advanceMs\": 1500}",
        "POST /__emulator/reset": "everything as it was constructed",
    })
}

fn show<T: serde::Serialize + ?Sized>(value: &T) -> Answer {
    match serde_json::to_vec(value) {
        Ok(json) => Answer::json(200, json),
        Err(error) => wrong(500, error.to_string()),
    }
}

fn wrong(status: u16, error: impl Into<String>) -> Answer {
    Answer::json(status, json!({ "error": error.into() }).to_string())
}
