//! Holds `openapi/openapi.json` equal to the routes, refusals and names in the code.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod problem_documents;

use std::collections::BTreeSet;

use campaign_gateway::worker::{MAX_BULK_COMMANDS, WorkerRoute};
use campaign_gateway::writer::command_id::MAX_ID_BYTES;
use campaign_gateway::writer::state_machine::{HISTORY_LENGTH, MAX_DELAY_MS};
use campaign_gateway::writer::{
    Channel, CommandEntry, CommandOrder, CommandResult, CommandRow, State, WorkflowName, problems,
};
use campaign_gateway::{Operation, Problem, Refusal, Route, Target};
use campaign_workflow::{Code, Command, Outcome};
use serde_json::{Value, json};

type NameSet = BTreeSet<String>;

fn description() -> Value {
    serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap()
}

/// The target of a `$ref`, or the value itself.
fn resolved<'a>(all: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(pointer) => all.pointer(pointer.trim_start_matches('#')).expect(pointer),
        None => value,
    }
}

fn name_set<'a>(values: impl IntoIterator<Item = &'a str>) -> NameSet {
    values.into_iter().map(str::to_owned).collect()
}

fn keys(value: &Value) -> NameSet {
    name_set(value.as_object().unwrap().keys().map(String::as_str))
}

/// The values of a schema: an `enum` without null, or a `const`.
fn enumerated(schema: &Value) -> NameSet {
    let one = std::slice::from_ref(&schema["const"]);
    let all = schema["enum"].as_array().map_or(one, Vec::as_slice);
    name_set(all.iter().filter_map(Value::as_str))
}

/// The tag and the kind of a path, and the methods that the code serves there. A new variant needs an arm here and a
/// path in the description.
fn served(url: &str) -> Option<(&'static str, &'static str, NameSet)> {
    if let Some(route) = WorkerRoute::parse(url) {
        let kind = match route {
            WorkerRoute::Queue => "bulk",
            WorkerRoute::QueuedCommand(_) => "queued",
            WorkerRoute::Workflows => "workflows",
            WorkerRoute::History(_) => "history",
            WorkerRoute::Waiting(_) => "waiting",
            WorkerRoute::DeadCommands(_) => "dead",
            WorkerRoute::DeadCommand(..) => "dead command",
        };
        return Some(("worker", kind, name_set(route.methods().split(", "))));
    }
    let target = Route::parse(url, "/api")?.target;
    let kind = match target {
        Target::Commands => "commands",
        Target::Workflow => "workflow",
        Target::Trigger { .. } => "trigger",
    };
    Some(("gateway", kind, name_set([target.method()])))
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
        let documented: NameSet = keys(item)
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

/// All states. The match makes a new state an error here.
fn states() -> NameSet {
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
    name_set(
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
    let commands = name_set(Command::ALL.map(Command::as_str));
    assert_eq!(of("Command"), commands);
    assert_eq!(
        of("ErrorCode"),
        name_set(Code::ALL.iter().map(|code| code.as_str()))
    );
    let outcomes = [Outcome::NotExecuted, Outcome::Unknown].map(Outcome::as_str);
    assert_eq!(of("Outcome"), name_set(outcomes));
    assert_eq!(of("CommandState"), states());
    let others = [Operation::Read, Operation::Signal].map(Operation::as_str);
    assert_eq!(of("Operation"), &commands | &name_set(others));
    let entry = &schemas["CommandEntry"]["properties"];
    assert_eq!(enumerated(&entry["via"]), name_set(["request", "queue"]));
    assert_eq!(
        enumerated(&entry["outcome"]),
        &name_set(outcomes) | &name_set(["accepted"])
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
        name_set(names.iter().filter_map(Value::as_str))
    };
    assert_eq!(required(&schemas["CommandEntry"]), keys(&entry));

    let body = |problem: &Problem<'_>, stored| -> Value {
        let response = problem.response_with_stored(stored);
        serde_json::from_str(response.body.as_deref().unwrap()).unwrap()
    };
    let most = keys(&body(&problem, true));
    let least = keys(&body(&problems::store_unavailable(), false));
    assert_eq!(keys(&schemas["Problem"]["properties"]), most);
    assert_eq!(required(&schemas["Problem"]), least);
}

#[test]
fn limits_equal_the_code() {
    let all = description();
    let schema = |pointer: &str| {
        all.pointer(&["/components", pointer].concat())
            .expect(pointer)
    };
    let bulk = "/properties/commands";
    for name in ["BulkRequest", "BulkResult"] {
        let list = schema(&["/schemas/", name, bulk].concat());
        assert_eq!(list["maxItems"], MAX_BULK_COMMANDS, "{name}");
    }
    let list = schema("/schemas/CommandList/properties/commands");
    assert_eq!(list["maxItems"], HISTORY_LENGTH);
    let delay = "/schemas/BulkRequest/properties/commands/items/properties/delaySeconds";
    let max_delay_s = MAX_DELAY_MS / 1000;
    assert_eq!(schema(delay)["maximum"], max_delay_s);
    let parameters = schema("/parameters").as_object().unwrap();
    let parameter = |name: &str| {
        let mut parameters = parameters.values();
        let found = parameters.find(|parameter| parameter["name"] == name);
        &found.expect(name)["schema"]
    };
    assert_eq!(parameter("Delay-Seconds")["maximum"], max_delay_s);
    assert_eq!(parameter("id")["maxLength"], MAX_ID_BYTES);
    let text = |refusal: Refusal| refusal.response().body.unwrap();
    assert!(text(Refusal::InvalidDelay).contains(&format!("from 0 to {max_delay_s},")));
    assert!(text(Refusal::InvalidCommandList).contains(&format!("1 to {MAX_BULK_COMMANDS} ")));
}
