//! Commands on their way to a Campaign, over a network that fails.

use std::cell::RefCell;

use campaign_emulator::{Campaign, Fate, Fault, FaultKind, Meets, Options, Request};
use campaign_emulator::{Misfit, State, WorkflowSetup};
use campaign_workflow::platform::{FetchError, HttpRequest};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::platform::{Answer, Reply};

pub const ORGANIZATION: &str = "acme-mkt-stage";
pub const WORKFLOWS: [&str; 4] = ["W1", "W2", "W3", "W4"];

/// A campaign that takes every command.
pub fn campaign() -> Campaign {
    let setup = |id: &&str| WorkflowSetup {
        id: String::from(*id),
        state: State::Started,
        ..WorkflowSetup::default()
    };
    Campaign::new(Options {
        organization: String::from(ORGANIZATION),
        workflows: WORKFLOWS.iter().map(setup).collect(),
        misfit: Misfit::Accept,
        apply_delay_ms: 0,
        ..Options::default()
    })
}

/// Something that goes wrong, or nothing.
fn fault(chance: &mut Chance) -> Option<Fault> {
    let kind = fault_kind(chance)?;
    // An answer that proves nothing may be given before or after Campaign took the command.
    let doubtful = matches!(
        kind,
        FaultKind::Html
            | FaultKind::RefusedByCampaign { .. }
            | FaultKind::Unavailable {
                retry_after_seconds: None
            }
    );
    Some(Fault {
        kind,
        workflow_id: None,
        command: None,
        on: Meets::Any,
        times: Some(1),
        delay_ms: 0,
        executes: (doubtful && chance.one_in(2)).then_some(true),
    })
}

fn fault_kind(chance: &mut Chance) -> Option<FaultKind> {
    let seconds = || Some(json!(2));
    Some(match chance.below(24) {
        0 => FaultKind::Throttled {
            retry_after_seconds: seconds(),
        },
        1 => FaultKind::Throttled {
            retry_after_seconds: None,
        },
        2 => FaultKind::Unavailable {
            retry_after_seconds: seconds(),
        },
        3 => FaultKind::Unavailable {
            retry_after_seconds: None,
        },
        4 => FaultKind::UnknownUri,
        5 => FaultKind::RefusedByCampaign { text: None },
        6 => FaultKind::Html,
        7 => FaultKind::Hang,
        8 => FaultKind::LostRequest,
        9 => FaultKind::LostAnswer,
        10 => FaultKind::CutBody,
        11 => FaultKind::NotFound,
        12 => FaultKind::ProfileInvalid,
        13 => FaultKind::Answer {
            status: 200,
            headers: [(String::from("content-type"), String::from("text/html"))].into(),
            body: Value::from("<html>"),
            body_bytes: None,
        },
        14 => FaultKind::Redirect {
            status: 307,
            location: String::from("https://x.example/"),
        },
        _ => return None,
    })
}

/// A request arrives, or gets lost; gives what becomes of it.
pub fn arrive(
    campaign: &RefCell<Campaign>,
    request: &HttpRequest<'_>,
    chance: &RefCell<&mut Chance>,
    is_faulty: bool,
    now: u64,
) -> Reply {
    let mut campaign = campaign.borrow_mut();
    let mut chance = chance.borrow_mut();
    if is_faulty {
        if chance.one_in(30) {
            return failed(true);
        }
        if let Some(fault) = fault(&mut chance) {
            campaign.add_fault(fault);
        }
    }
    let mut sent = Request::new(request.method, request.url);
    for (name, value) in &request.headers {
        sent = sent.header(*name, *value);
    }
    if let Some(body) = request.body {
        sent = sent.body(body);
    }
    let (answer, end) = match campaign.handle(&sent, now).fate {
        Fate::Lost => return failed(false),
        Fate::Hang => return Reply::Hang,
        Fate::Cut { answer, bytes } => (answer, Some(bytes)),
        Fate::Answer(answer) => (answer, None),
    };
    let mut body = answer.body;
    body.truncate(end.unwrap_or(usize::MAX));
    Reply::Answer(Answer {
        status: answer.status,
        headers: answer.headers,
        body,
        is_cut: end.is_some(),
    })
}

fn failed(never_connected: bool) -> Reply {
    Reply::Failed(FetchError {
        never_connected,
        message: String::from("fetch failed"),
    })
}
