//! The emulator through its public API: requests, responses, and the state of the workflows.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod commands;
mod control;
mod errors;
mod faults;
mod model;
mod signals;

use campaign_emulator::{Campaign, Command, Options, Reply, ReplyPlan, Request, Response};

/// The documented request for a command.
fn documented(workflow: &str, command: Command) -> Request {
    documented_headers(Request::new(
        "POST",
        execution(&format!("{workflow}/commands")),
    ))
    .body(format!(r#"{{"method":"{}"}}"#, command.as_str()))
}

fn documented_headers(request: Request) -> Request {
    request
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer local-token")
        .header("Cache-Control", "no-cache")
        .header("X-Api-Key", "local-key")
}

fn execution(rest: &str) -> String {
    format!("https://mc.adobe.io/acme-mkt-stage/campaign/workflow/execution/{rest}")
}

fn campaign() -> Campaign {
    Campaign::new(Options::default())
}

/// Sends a command at this time and returns the response.
fn send(campaign: &mut Campaign, workflow: &str, command: Command, now: u64) -> Response {
    response_of(campaign.handle(&documented(workflow, command), now))
}

fn response_of(reply: Reply) -> Response {
    match reply.plan {
        ReplyPlan::Respond(response) => response,
        other => panic!("not a response: {other:?}"),
    }
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

fn json(response: &Response) -> serde_json::Value {
    assert_eq!(response.get("content-type"), Some("application/json"));
    serde_json::from_slice(&response.body).unwrap()
}
