//! One exchange over a network that fails: what the shell in `src/wasm/` does, in virtual time.

use campaign_emulator::{Campaign, Fate, Fault, FaultKind, Meets, Options, Request};
use campaign_emulator::{Misfit, SignalSetup, State, WorkflowSetup};
use campaign_workflow::exchange::{Action, Event, Exchange, Plan, Settlement};
use campaign_workflow::response::{BodyEnd, Head};
use serde_json::{Value, json};

use crate::chance::Chance;

pub const BASE: &str = "https://mc.adobe.io/acme-mkt-stage/campaign/workflow/execution/";
pub const WORKFLOWS: [&str; 4] = ["W1", "W2", "W3", "W4"];

/// A campaign that takes every command, with a signal in each workflow.
pub fn campaign() -> Campaign {
    let setup = |id: &&str| WorkflowSetup {
        id: String::from(*id),
        state: State::Started,
        signals: vec![SignalSetup {
            name: String::from("signal1"),
            ..SignalSetup::default()
        }],
        ..WorkflowSetup::default()
    };
    Campaign::new(Options {
        workflows: WORKFLOWS.iter().map(setup).collect(),
        misfit: Misfit::Accept,
        apply_delay_ms: 0,
        ..Options::default()
    })
}

pub fn request(method: &str, url: &str, body: &str) -> Request {
    Request::new(method, url)
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer local-token")
        .header("Cache-Control", "no-cache")
        .header("X-Api-Key", "local-key")
        .body(body)
}

/// Something that goes wrong, or nothing.
pub fn fault(chance: &mut Chance) -> Option<Fault> {
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

/// What became of a request: how long the head and the body took, and what they were.
pub enum Journey {
    /// No connection was made.
    Refused,
    Lost,
    Hang,
    Answer {
        head: Head,
        end: BodyEnd,
        body: Vec<u8>,
        oops: bool,
    },
}

/// The request arrives now, and meets this.
pub fn arrive(
    campaign: &mut Campaign,
    request: &Request,
    fault: Option<Fault>,
    now: u64,
) -> Journey {
    if let Some(fault) = fault {
        campaign.add_fault(fault);
    }
    let (answer, end) = match campaign.handle(request, now).fate {
        Fate::Lost => return Journey::Lost,
        Fate::Hang => return Journey::Hang,
        Fate::Cut { answer, .. } => (answer, BodyEnd::Broken),
        Fate::Answer(answer) => (answer, BodyEnd::Complete),
    };
    let seconds: Option<u32> = answer.get("retry-after").and_then(|text| text.parse().ok());
    let head = Head {
        status: answer.status,
        opaque_redirect: false,
        retry_after_ms: seconds.map(|seconds| seconds * 1000),
    };
    let oops = String::from_utf8_lossy(&answer.body).contains("Check your URI");
    Journey::Answer {
        head,
        end,
        body: answer.body,
        oops,
    }
}

/// What a call came to.
pub struct Done {
    pub settlement: Settlement,
    pub attempts: u32,
    /// When it settled.
    pub at: u64,
    /// The last answer's body, as far as it came.
    pub body: Vec<u8>,
    pub status: u16,
    /// The waits, each with what the server had asked for.
    pub waits: Vec<(u32, Option<u32>)>,
}

/// Lives through one call from `begin` on, without a token function.
pub fn call(
    campaign: &mut Campaign,
    chance: &mut Chance,
    plan: Plan,
    request: &Request,
    begin: u64,
    abort_at: Option<u64>,
) -> Done {
    let over = begin + u64::from(plan.timeout_ms);
    let abort = abort_at.unwrap_or(u64::MAX);
    let mut now = begin;
    let (mut exchange, mut action) = Exchange::begin(plan, abort <= begin);
    let mut done = Done {
        settlement: Settlement::Accepted,
        attempts: 0,
        at: begin,
        body: Vec::new(),
        status: 0,
        waits: Vec::new(),
    };
    let mut step = u64::MAX;
    let mut reading = None;
    let mut asked = None;
    for _ in 0..200 {
        // What happens by itself, and when.
        let (at, event) = match action {
            Action::Settle(settlement) => {
                return Done {
                    settlement,
                    attempts: exchange.attempts(),
                    at: now,
                    ..done
                };
            }
            Action::GetToken { .. } => panic!("there is no token function"),
            Action::Wait { for_ms } => {
                done.waits.push((for_ms, asked));
                step = now + u64::from(for_ms);
                (u64::MAX, Event::StepOver)
            }
            Action::Send => {
                step = now + u64::from(plan.attempt_timeout_ms);
                let later = now + latency(chance);
                let journey = match chance.below(20) {
                    0 => Journey::Refused,
                    _ => {
                        let fault = fault(chance);
                        arrive(campaign, request, fault, now)
                    }
                };
                asked = None;
                match journey {
                    Journey::Refused => (
                        later,
                        Event::Failed {
                            never_connected: true,
                        },
                    ),
                    Journey::Lost => (
                        later,
                        Event::Failed {
                            never_connected: false,
                        },
                    ),
                    Journey::Hang => (u64::MAX, Event::StepOver),
                    Journey::Answer {
                        head,
                        end,
                        body,
                        oops,
                    } => {
                        let json = serde_json::from_slice::<Value>(&body);
                        // As src/wasm/call.rs: who reads gets a JSON object, or nothing.
                        let none = plan.safe
                            && head.status == 200
                            && !json.is_ok_and(|json| json.is_object());
                        let end = if none { BodyEnd::Broken } else { end };
                        reading = Some((end, oops));
                        done.body = body;
                        done.status = head.status;
                        (later, Event::Head(head))
                    }
                }
            }
            Action::Read => {
                let (end, unknown_uri) = reading.expect("an answer");
                let unknown_uri = unknown_uri && end == BodyEnd::Complete;
                (now + latency(chance), Event::Body { end, unknown_uri })
            }
        };
        let first = at.min(step).min(over).min(abort.max(now));
        let event = if first == at {
            event
        } else if first == abort.max(now) {
            Event::Aborted
        } else if first == over {
            Event::CallOver
        } else {
            Event::StepOver
        };
        if let Event::Head(head) = event {
            asked = head.retry_after_ms;
        }
        now = first;
        let elapsed = (now - begin) as u32;
        action = exchange.on(event, elapsed, chance.unit());
    }
    panic!("the call goes on for ever");
}

fn latency(chance: &mut Chance) -> u64 {
    match chance.below(8) {
        0 => 5000 + chance.below(20_000),
        _ => chance.below(300),
    }
}
