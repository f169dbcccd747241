//! Holds the documented problems equal to the refusals, the writer's problems and the failed calls.

use std::collections::BTreeMap;

use campaign_gateway::writer::{CommandResult, problems};
use campaign_gateway::{Problem, Refusal};
use campaign_workflow::{Code, Error, Outcome};
use serde_json::Value;

use super::{NameSet, description, enumerated, keys, name_set, resolved};

/// Every operation by its id.
fn operations(all: &Value) -> BTreeMap<String, &Value> {
    let items = all["paths"].as_object().unwrap().values();
    let methods = items.flat_map(|item| item.as_object().unwrap().iter());
    methods
        .filter(|(name, _)| *name != "parameters")
        .map(|(_, operation)| {
            (
                operation["operationId"].as_str().unwrap().to_owned(),
                operation,
            )
        })
        .collect()
}

const COMMANDS: &[&str] = &["sendCommand"];
const SIGNALS: &[&str] = &["triggerSignal"];
const BULK: &[&str] = &["queueCommands"];
/// The operations that call Campaign.
const GATEWAY: &[&str] = &["sendCommand", "readWorkflow", "triggerSignal"];
const BODIES: &[&str] = &["sendCommand", "triggerSignal", "queueCommands"];
/// The operations that call a workflow's object, except for `sendCommand` and `queueCommands`.
const OBJECTS: &[&str] = &[
    "readHistory",
    "readWaiting",
    "readDead",
    "readCommand",
    "sendDeadAgain",
    "dismissDead",
    "readQueued",
    "cancelQueued",
];
const PREFLIGHTS: &[&str] = &[
    "sendCommandPreflight",
    "readWorkflowPreflight",
    "triggerSignalPreflight",
    "readHistoryPreflight",
    "readWaitingPreflight",
    "readDeadPreflight",
    "deadPreflight",
    "queueCommandsPreflight",
    "queuedPreflight",
    "listWorkflowsPreflight",
];
const LIST: &[&str] = &["listWorkflows"];

/// The operations that can respond with a refusal.
fn operations_of(refusal: Refusal) -> Vec<&'static str> {
    match refusal {
        Refusal::MethodNotAllowed(_) => PREFLIGHTS.to_vec(),
        Refusal::OriginNotAllowed | Refusal::Trapped => {
            [GATEWAY, OBJECTS, BULK, LIST, PREFLIGHTS].concat()
        }
        Refusal::NotFound => [GATEWAY, OBJECTS, BULK, PREFLIGHTS].concat(),
        Refusal::InvalidKey => [GATEWAY, BULK, &PREFLIGHTS[..3]].concat(),
        Refusal::KeysNotSupported => [GATEWAY, &PREFLIGHTS[..3]].concat(),
        Refusal::BodyTooLarge
        | Refusal::BodyTimeout
        | Refusal::BodyUnreadable
        | Refusal::NotJson => BODIES.to_vec(),
        Refusal::InvalidCommand => [COMMANDS, BULK].concat(),
        Refusal::InvalidSignal | Refusal::TriggerNotFound => SIGNALS.to_vec(),
        Refusal::InvalidCommandList => BULK.to_vec(),
        Refusal::InvalidDelay => [COMMANDS, BULK].concat(),
        Refusal::Forbidden | Refusal::RateLimited => [GATEWAY, OBJECTS, BULK, LIST].concat(),
        Refusal::AuthorizeFailed => [GATEWAY, OBJECTS, BULK].concat(),
        Refusal::NoTimeLeft => GATEWAY.to_vec(),
    }
}

/// The problems of the writer and the Worker, and the operations that can respond with them.
fn own_problems() -> Vec<(Problem<'static>, Vec<&'static str>)> {
    let keyed = [COMMANDS, BULK].concat();
    let everywhere = [GATEWAY, OBJECTS, BULK, LIST, PREFLIGHTS].concat();
    vec![
        (problems::key_used(), keyed.clone()),
        (problems::busy(), COMMANDS.to_vec()),
        (
            problems::queue_full(),
            [keyed.as_slice(), &["sendDeadAgain"]].concat(),
        ),
        (problems::still_pending(), keyed.clone()),
        (problems::interrupted_before_sending(), keyed.clone()),
        (problems::interrupted_while_sending(), keyed.clone()),
        (
            problems::store_unavailable(),
            [COMMANDS, OBJECTS, BULK].concat(),
        ),
        (problems::not_dead(), vec!["sendDeadAgain"]),
        (problems::cancelled(), keyed),
        (problems::not_configured("it"), everywhere),
    ]
}

/// Every failed call to Campaign as a problem.
fn failures() -> Vec<Problem<'static>> {
    let mut all = Vec::new();
    for &code in Code::ALL {
        for outcome in [Outcome::NotExecuted, Outcome::Unknown] {
            for retry_after_ms in [None, Some(5000)] {
                let error = Error {
                    code,
                    outcome,
                    message: "It failed.".to_owned(),
                    status: None,
                    error_code: None,
                    body: None,
                    hint: None,
                    retry_after_ms,
                    request_id: None,
                    attempts: 1,
                    cause: None,
                };
                all.push(CommandResult::of(Err(error)).problem().unwrap().clone());
            }
        }
    }
    all
}

/// Every possible problem document: status, code, outcome, and its operations.
fn documents() -> Vec<(u16, &'static str, &'static str, Vec<&'static str>)> {
    let of = |problem: &Problem<'_>| {
        let Problem {
            status,
            code,
            outcome,
            ..
        } = *problem;
        (status, code.as_str(), outcome.as_str())
    };
    let mut all = Vec::new();
    for refusal in Refusal::ALL {
        let (status, code) = (refusal.response().status, refusal.code().as_str());
        all.push((status, code, "not-executed", operations_of(refusal)));
    }
    for (problem, operations) in own_problems() {
        let (status, code, outcome) = of(&problem);
        all.push((status, code, outcome, operations));
    }
    for problem in failures() {
        let (status, code, outcome) = of(&problem);
        // A repeat of a failed queued command's key also gets this response.
        all.push((status, code, outcome, [GATEWAY, BULK].concat()));
    }
    all
}

#[test]
fn every_problem_is_documented_for_its_operations() {
    let all = description();
    let operations = operations(&all);
    for (status, code, outcome, names) in documents() {
        for name in names {
            let what = format!("{name}: {status} {code} {outcome}");
            let operation = operations.get(name).expect(name);
            let response = resolved(&all, &operation["responses"][status.to_string()]);
            assert!(response["description"].is_string(), "{what}");
            let schema = &response["content"]["application/problem+json"]["schema"];
            let Some(own) = schema["allOf"].get(1) else {
                // Each command of a bulk request has a document of its own.
                let many = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(many, "#/components/schemas/BulkResult", "{what}");
                continue;
            };
            let own = &own["properties"];
            assert_eq!(own["status"]["const"], status, "{what}");
            if name != "queueCommands" {
                assert!(enumerated(&own["code"]).contains(code), "{what}");
                assert!(enumerated(&own["outcome"]).contains(outcome), "{what}");
            }
            let has_wait = matches!(status, 429 | 503);
            let wait = resolved(&all, &response["headers"]["Retry-After"]);
            assert_eq!(wait["required"] == true, has_wait, "{what}");
            assert_eq!(
                response["headers"]["Allow"].is_object(),
                status == 405,
                "{what}"
            );
        }
    }
}

#[test]
fn only_possible_statuses_are_documented() {
    let all = description();
    let operations = operations(&all);
    for (name, operation) in operations {
        let mut can_come: NameSet = documents()
            .iter()
            .filter(|(.., names)| names.contains(&name.as_str()))
            .map(|(status, ..)| status.to_string())
            .collect();
        can_come.extend(name_set(
            match name.as_str() {
                "sendCommand" => &["200", "202", "2XX"][..],
                "readWorkflow" | "triggerSignal" => &["200", "2XX"],
                "sendDeadAgain" => &["202"],
                "queueCommands" => &["202", "207"],
                name if PREFLIGHTS.contains(&name) => &["204"],
                _ => &["200"],
            }
            .iter()
            .copied(),
        ));
        assert_eq!(keys(&operation["responses"]), can_come, "{name}");
    }
}

#[test]
fn the_list_has_every_problem_of_the_writer() {
    let source = include_str!("../../src/writer/problems.rs");
    assert_eq!(source.matches("\npub fn ").count(), own_problems().len());
}
