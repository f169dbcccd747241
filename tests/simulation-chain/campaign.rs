//! Adobe's servers: Campaign and the token endpoint.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use campaign_emulator::{
    Campaign, Fault, FaultKind, FaultTarget, InvalidTransition, Options, ReplyPlan, Request,
};
use campaign_emulator::{SignalSetup, State, WorkflowSetup};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::network::{Exchange, Server, WireRequest, WireResponse};
use crate::simulation::Simulation;

pub const ORGANIZATION: &str = "acme-mkt-stage";
pub const ADOBE: &str = "https://mc.adobe.io";
pub const IMS: &str = "https://ims-na1.adobelogin.com";
pub const API_KEY: &str = "local-key";
pub const CLIENT_SECRET: &str = "p8e-client-secret";
/// The signal activity of every workflow.
pub const ACTIVITY: &str = "signal1";

/// The initial state of every workflow.
const STATE: &str = "Started";

/// The number of tokens that the token endpoint returns in turn.
const TOKENS: usize = 60;

pub fn workflow_id(number: usize) -> String {
    format!("WKF{number}")
}

pub fn token(number: usize) -> String {
    format!("ims-token-{number}")
}

/// The emulator's Campaign, which accepts every command.
#[derive(Clone)]
pub struct CampaignServer {
    simulation: Simulation,
    campaign: Rc<RefCell<Campaign>>,
    is_faulty: bool,
}

impl CampaignServer {
    pub fn new(simulation: &Simulation, workflows: usize, is_faulty: bool) -> Self {
        let setup = |number| WorkflowSetup {
            id: workflow_id(number),
            state: State::Started,
            signals: vec![SignalSetup {
                name: String::from(ACTIVITY),
                ..SignalSetup::default()
            }],
            ..WorkflowSetup::default()
        };
        let campaign = Campaign::new(Options {
            organization: String::from(ORGANIZATION),
            workflows: (0..workflows).map(setup).collect(),
            access_tokens: (0..TOKENS).map(token).collect(),
            api_keys: vec![String::from(API_KEY)],
            invalid_transition: InvalidTransition::Accept,
            apply_delay_ms: simulation.chance().any_of(&[0, 500, 20_000]),
            ..Options::default()
        });
        Self {
            simulation: simulation.clone(),
            campaign: Rc::new(RefCell::new(campaign)),
            is_faulty,
        }
    }

    pub fn campaign(&self) -> std::cell::Ref<'_, Campaign> {
        self.campaign.borrow()
    }
}

impl Server for CampaignServer {
    fn serve(&self, request: WireRequest, exchange: Exchange) {
        let mut campaign = self.campaign.borrow_mut();
        campaign.clear_faults();
        if self.is_faulty
            && let Some(fault) = fault(&mut self.simulation.chance())
        {
            campaign.add_fault(fault);
        }
        let mut sent = Request::new(request.method, request.url).body(request.body);
        sent.headers = request.headers;
        let is_read = sent.method == "GET";
        let reply = campaign.handle(&sent, self.simulation.now());
        let (response, cut) = match reply.plan {
            ReplyPlan::Respond(mut response) => {
                if self.is_faulty && is_read && self.simulation.chance().one_in(20) {
                    response.body = misplace_triggers(response.body, &mut self.simulation.chance());
                }
                (response, None)
            }
            ReplyPlan::Truncate {
                response: answer,
                bytes,
            } => (answer, Some(bytes)),
            ReplyPlan::Disconnect => return exchange.fail(0, false),
            ReplyPlan::Hang => return,
        };
        exchange.respond(WireResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
            cut,
        });
    }
}

/// How often Campaign executed a command, or anything, of this workflow.
pub fn executed(
    campaign: &Campaign,
    workflow: usize,
    command: Option<campaign_workflow::Command>,
) -> usize {
    let id = workflow_id(workflow);
    let pkey = campaign.workflow(&id).map(|workflow| workflow.view().pkey);
    // A path can have the id or the PKey.
    let names = |path: &str| {
        let mut segments = path.split('/');
        let is = |segment: &str, name: &str| segment == name || segment.replace("%3D", "=") == name;
        segments
            .any(|segment| is(segment, &id) || pkey.as_ref().is_some_and(|pkey| is(segment, pkey)))
    };
    let is_it = |entry: &&campaign_emulator::LoggedRequest| {
        let word = entry.command.map(|command| command.as_str());
        let is_command = command.is_none_or(|command| word == Some(command.as_str()));
        entry.executed && is_command && names(&entry.path)
    };
    campaign.log().iter().filter(is_it).count()
}

/// How many requests for a command of this workflow have reached Campaign.
pub fn requests(
    campaign: &Campaign,
    workflow: usize,
    command: campaign_workflow::Command,
) -> usize {
    let address = format!("/{}/commands", workflow_id(workflow));
    let is_it = |entry: &&campaign_emulator::LoggedRequest| {
        let word = entry.command.map(|command| command.as_str());
        entry.path.ends_with(&address) && word == Some(command.as_str())
    };
    campaign.log().iter().filter(is_it).count()
}

/// A random fault, or none. A fault whose response proves that nothing was executed comes only with a command that is
/// not executed.
fn fault(chance: &mut Chance) -> Option<Fault> {
    let retry_after = |seconds: u64| Some(json!(seconds));
    let (kind, executes) = match chance.below(60) {
        0..=1 => (
            FaultKind::Throttled {
                retry_after_seconds: retry_after(2),
            },
            None,
        ),
        2 => (
            FaultKind::Throttled {
                retry_after_seconds: None,
            },
            None,
        ),
        3..=4 => (
            FaultKind::Unavailable {
                retry_after_seconds: retry_after(1),
            },
            None,
        ),
        5 => (
            FaultKind::Unavailable {
                retry_after_seconds: None,
            },
            Some(chance.one_in(2)),
        ),
        6 => (FaultKind::UnknownUri, None),
        7 => (
            FaultKind::RefusedByCampaign { text: None },
            Some(chance.one_in(2)),
        ),
        8 => (FaultKind::Html, Some(chance.one_in(2))),
        9 => (FaultKind::Hang, Some(chance.one_in(2))),
        10 => (FaultKind::LostRequest, None),
        11 => (FaultKind::LostAnswer, None),
        12 => (FaultKind::CutBody, None),
        13 => (FaultKind::NotFound, None),
        14 => (FaultKind::ProfileInvalid, None),
        15..=17 => (FaultKind::TokenExpired, None),
        18 => {
            let location = String::from("https://elsewhere.example/");
            let status = 307;
            (FaultKind::Redirect { status, location }, None)
        }
        19 => (no_workflow(chance), Some(true)),
        _ => return None,
    };
    Some(Fault {
        executes,
        on: FaultTarget::Any,
        ..Fault::new(kind)
    })
}

/// A success whose body is not a workflow or receipt.
fn no_workflow(chance: &mut Chance) -> FaultKind {
    FaultKind::Response {
        status: 200,
        headers: Default::default(),
        body: chance.any_of(&[
            Value::from("<html>"),
            json!([1, 2]),
            json!({"state": STATE, "activities": 7}),
        ]),
        body_bytes: None,
    }
}

/// Changes trigger addresses to another origin, organization or path.
fn misplace_triggers(body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let (own, other) = chance.any_of(&[
        (ADOBE, "https://evil.example"),
        (ORGANIZATION, "other-organization"),
        ("/trigger/", "/trigger/?commands"),
        ("/trigger/", "/../../../commands"),
        ("/activities/activity/", "/activities/%2e%2e/"),
    ]);
    let body = String::from_utf8(body).unwrap();
    body.replace(own, other).into_bytes()
}

/// Adobe's token endpoint.
#[derive(Clone)]
pub struct TokenServer(Rc<TokenServerState>);

struct TokenServerState {
    simulation: Simulation,
    is_faulty: bool,
    issued: Cell<usize>,
}

impl TokenServer {
    pub fn new(simulation: &Simulation, is_faulty: bool) -> Self {
        Self(Rc::new(TokenServerState {
            simulation: simulation.clone(),
            is_faulty,
            issued: Cell::new(0),
        }))
    }

    /// The number of returned tokens.
    pub fn issued(&self) -> usize {
        self.0.issued.get()
    }
}

impl Server for TokenServer {
    fn serve(&self, request: WireRequest, exchange: Exchange) {
        let TokenServerState {
            simulation,
            is_faulty,
            issued,
        } = &*self.0;
        assert!(
            String::from_utf8_lossy(&request.body).contains(CLIENT_SECRET),
            "a token request has the secret"
        );
        let number = issued.get() % TOKENS;
        let token_response = |expires_in: Value| {
            issued.set(issued.get() + 1);
            let body = json!({"access_token": token(number), "expires_in": expires_in});
            (200, body.to_string())
        };
        let roll = match is_faulty {
            true => simulation.chance().below(16),
            false => 16,
        };
        let (status, body) = match roll {
            0 => (500, String::new()),
            1 => (400, String::from(r#"{"error":"invalid_client"}"#)),
            2 => (200, String::from("<html>")),
            3 => (307, String::new()),
            // It never responds.
            4 => return,
            5 => token_response(Value::Null),
            6 => token_response(json!("86399")),
            7 => token_response(json!(-5)),
            _ => token_response(json!(86_399)),
        };
        exchange.respond(WireResponse {
            status,
            headers: vec![(
                String::from("content-type"),
                String::from("application/json"),
            )],
            body: body.into_bytes(),
            cut: None,
        });
    }
}
