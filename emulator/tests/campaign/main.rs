//! The campaign as a client meets it: requests in, answers out, and what the workflows did.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod commands;
mod control;
mod errors;
mod faults;
mod model;
mod signals;

use campaign_emulator::{Answer, Campaign, Command, Fate, Options, Reply, Request};

/// The documented request for a command.
fn documented(workflow: &str, command: Command) -> Request {
    documented_headers(Request::new(
        "POST",
        execution(&format!("{workflow}/commands")),
    ))
    .body(format!(r#"{{"method":"{}"}}"#, command.word()))
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

/// Sends a command at that time, and gives the answer.
fn send(campaign: &mut Campaign, workflow: &str, command: Command, now: u64) -> Answer {
    answered(campaign.handle(&documented(workflow, command), now))
}

fn answered(reply: Reply) -> Answer {
    match reply.fate {
        Fate::Answer(answer) => answer,
        other => panic!("no answer: {other:?}"),
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

fn json(answer: &Answer) -> serde_json::Value {
    assert_eq!(answer.get("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}
