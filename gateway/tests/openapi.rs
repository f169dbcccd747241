//! Holds `openapi/openapi.json` equal to the routes, refusals and names in the code.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, BTreeSet};

use campaign_gateway::worker::WorkerRoute;
use campaign_gateway::writer::{
    Channel, CommandEntry, CommandOrder, CommandResult, CommandRow, State, WorkflowName, problems,
};
use campaign_gateway::{Operation, Problem, Refusal, Route, Target};
use campaign_workflow::{Code, Command, Error, Outcome};
use serde_json::{Value, json};

type Words = BTreeSet<String>;

fn description() -> Value {
    serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap()
}

/// The target of a `$ref`, or the value itself.
fn resolved<'a>(all: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(pointer) => all.pointer(pointer.trim_start_matches('#')).expect(pointer),
        None => value,
    }
}

fn words<'a>(values: impl IntoIterator<Item = &'a str>) -> Words {
    values.into_iter().map(str::to_owned).collect()
}

fn keys(value: &Value) -> Words {
    words(value.as_object().unwrap().keys().map(String::as_str))
}

/// The values of a schema: an `enum` without null, or a `const`.
fn enumerated(schema: &Value) -> Words {
    let one = std::slice::from_ref(&schema["const"]);
    let all = schema["enum"].as_array().map_or(one, Vec::as_slice);
    words(all.iter().filter_map(Value::as_str))
}

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

/// The tag and the kind of a path, and the methods that the code serves there. A new variant needs an arm here and a
/// path in the description.
fn served(url: &str) -> Option<(&'static str, &'static str, Words)> {
    if let Some(address) = WorkerRoute::parse(url) {
        let kind = match address {
            WorkerRoute::Queue => "bulk",
            WorkerRoute::QueuedCommand(_) => "queued",
            WorkerRoute::Workflows => "workflows",
            WorkerRoute::History(_) => "history",
            WorkerRoute::Waiting(_) => "waiting",
            WorkerRoute::DeadCommands(_) => "dead",
            WorkerRoute::DeadCommand(..) => "dead command",
        };
        return Some(("worker", kind, words(address.methods().split(", "))));
    }
    let target = Route::parse(url, "/api")?.target;
    let kind = match target {
        Target::Commands => "commands",
        Target::Workflow => "workflow",
        Target::Trigger { .. } => "trigger",
    };
    Some(("gateway", kind, words([target.method()])))
}

const KINDS: [&str; 10] = [
    "bulk",
    "commands",
    "dead",
    "dead command",
    "history",
    "queued",
    "trigger",
    "waiting",
    "workflow",
    "workflows",
];

#[test]
fn every_path_has_the_methods_of_its_route() {
    let all = description();
    let mut kinds = Vec::new();
    for (path, item) in all["paths"].as_object().unwrap() {
        let path = path.replace("{number}", "1");
        let filled = path.replace(['{', '}'], "");
        let url = ["https://worker.example/api", &filled].concat();
        let (tag, kind, methods) = served(&url).expect(&path);
        let documented: Words = keys(item)
            .iter()
            .filter(|name| !["parameters", "options"].contains(&name.as_str()))
            .map(|name| name.to_uppercase())
            .collect();
        assert_eq!(documented, methods, "{path}");
        assert!(item["options"].is_object(), "{path}");
        for (name, operation) in item.as_object().unwrap() {
            let expected = if name == "options" { "preflight" } else { tag };
            assert!(
                name == "parameters" || operation["tags"] == json!([expected]),
                "{path}"
            );
        }
        kinds.push(kind);
    }
    kinds.sort_unstable();
    assert_eq!(kinds, KINDS);
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
        let mut can_come: Words = documents()
            .iter()
            .filter(|(.., names)| names.contains(&name.as_str()))
            .map(|(status, ..)| status.to_string())
            .collect();
        can_come.extend(words(
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
    let source = include_str!("../src/writer/problems.rs");
    assert_eq!(source.matches("\npub fn ").count(), own_problems().len());
}

/// All states. The match makes a new state an error here.
fn states() -> Words {
    let mut all = vec![State::Waiting];
    while let Some(next) = match all.last().unwrap() {
        State::Waiting => Some(State::Queued),
        State::Queued => Some(State::Sending),
        State::Sending => Some(State::Retrying),
        State::Retrying => Some(State::Accepted),
        State::Accepted => Some(State::Failed),
        State::Failed => Some(State::Unknown),
        State::Unknown => Some(State::Cancelled),
        State::Cancelled => None,
    } {
        all.push(next);
    }
    let word = |state: &State| serde_json::to_value(state).unwrap();
    words(
        all.iter()
            .map(word)
            .collect::<Vec<_>>()
            .iter()
            .filter_map(Value::as_str),
    )
}

#[test]
fn enumerations_equal_the_code() {
    let all = description();
    let schemas = &all["components"]["schemas"];
    let of = |name: &str| enumerated(&schemas[name]);
    let commands = words(Command::ALL.map(Command::as_str));
    assert_eq!(of("Command"), commands);
    assert_eq!(
        of("ErrorCode"),
        words(Code::ALL.iter().map(|code| code.as_str()))
    );
    let outcomes = [Outcome::NotExecuted, Outcome::Unknown].map(Outcome::as_str);
    assert_eq!(of("Outcome"), words(outcomes));
    assert_eq!(of("CommandState"), states());
    let others = [Operation::Read, Operation::Signal].map(Operation::as_str);
    assert_eq!(of("Operation"), &commands | &words(others));
    let entry = &schemas["CommandEntry"]["properties"];
    assert_eq!(enumerated(&entry["via"]), words(["request", "queue"]));
    assert_eq!(
        enumerated(&entry["outcome"]),
        &words(outcomes) | &words(["accepted"])
    );
}

#[test]
fn entries_and_problems_have_the_documented_members() {
    let all = description();
    let schemas = &all["components"]["schemas"];
    let problem = Problem {
        error_code: Some("RST-360011".into()),
        request_id: Some("id".into()),
        body: Some("RST-360011".into()),
        ..problems::store_unavailable()
    };
    let name = WorkflowName {
        organization: "acme".to_owned(),
        workflow_id: "WKF1".to_owned(),
    };
    let CommandOrder { key, command, who } = CommandOrder {
        key: "key".to_owned(),
        command: Command::Start,
        who: "anna".to_owned(),
    };
    let row = CommandRow {
        seq: 1,
        key: Some(key),
        command,
        who,
        via: Channel::Queue,
        state: State::Unknown,
        tries: 1,
        created_at: 0,
        due_at: 0,
        give_up_at: 0,
        sent_at: None,
        settled_at: None,
        closed_at: None,
        closed_by: None,
        sent_again_as: None,
        result: Some(CommandResult::Problem(problem.clone())),
    };
    let entry = serde_json::to_value(CommandEntry::of(&name, &row)).unwrap();
    assert_eq!(keys(&schemas["CommandEntry"]["properties"]), keys(&entry));
    let required = |schema: &Value| {
        let names = schema["required"].as_array().unwrap();
        words(names.iter().filter_map(Value::as_str))
    };
    assert_eq!(required(&schemas["CommandEntry"]), keys(&entry));

    let body = |problem: &Problem<'_>, stored| -> Value {
        let answer = problem.response_with_stored(stored);
        serde_json::from_str(answer.body.as_deref().unwrap()).unwrap()
    };
    let most = keys(&body(&problem, true));
    let least = keys(&body(&problems::store_unavailable(), false));
    assert_eq!(keys(&schemas["Problem"]["properties"]), most);
    assert_eq!(required(&schemas["Problem"]), least);
}
