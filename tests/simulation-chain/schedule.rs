//! Runs one schedule from its beginning to its end.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_gateway::writer::Channel;
use campaign_workflow::error::Outcome;

use crate::Counts;
use crate::calls::Page;
use crate::campaign::{ADOBE, CampaignServer, IMS, TokenServer};
use crate::chance::Chance;
use crate::checks::{Evidence, Violation, check};
use crate::gateway::GatewayServer;
use crate::network::Network;
use crate::object::{Object, objects};
use crate::observations::{CallOutcome, Observations};
use crate::platform::{AbortSignal, Node};
use crate::queued_commands;
use crate::setup::{GATEWAY, Setup, UserAction};
use crate::simulation::Simulation;

/// The events that many schedules together must include.
pub const REQUIRED_EVENTS: &[&str] = &[
    "accepted",
    "confirmed",
    "accepted, not confirmed",
    "read",
    "waited",
    "signal",
    "many: all accepted",
    "many: left",
    "failed: not-executed",
    "failed: unknown",
    "unknown, though executed",
    "unknown, and not executed",
    "refused: nobody",
    "refused: a viewer",
    "a caller disconnected",
    "the runtime ended a request",
    "a token was requested",
    "status 409",
    "an object was lost",
    "an object was lost while its alarm rang",
    "a flush failed",
    "a disk access failed",
    "a clock was put forward",
    "a clock was set back",
    "a key was used again after a day",
    "request: Accepted",
    "request: Failed",
    "request: Unknown",
    "queue: Accepted",
    "queue: Failed",
    "queue: Unknown",
    "queue: Cancelled",
];

/// Runs the schedule of this seed. Returns its trace if `listening`, and the violated guarantee.
pub fn run(
    seed: u64,
    listening: bool,
    counts: &mut Counts,
) -> (Vec<String>, Result<(), Violation>) {
    let mut chance = Chance::new(seed);
    let setup = Rc::new(Setup::new(&mut chance));
    let simulation = Simulation::new(chance, listening);
    simulation.trace(|| format!("{setup:#?}"));
    let observations = Rc::new(RefCell::new(Observations::default()));
    observations.borrow_mut().ended = setup.calls.iter().map(|_| None).collect();

    let campaign = CampaignServer::new(&simulation, setup.workflows, setup.is_back_faulty);
    let token_server = TokenServer::new(&simulation, setup.is_token_server_faulty);
    let back_network = Network::new(&simulation, setup.is_back_faulty, None);
    back_network.listen(ADOBE, campaign.clone());
    back_network.listen(IMS, token_server.clone());
    let front_network = Network::new(&simulation, setup.is_front_faulty, Some(&observations));
    let objects = objects(&simulation, &back_network, &setup, &observations, &campaign);
    let gateway = GatewayServer::new(
        &simulation,
        &back_network,
        &setup,
        &observations,
        &campaign,
        &objects,
    );
    front_network.listen(GATEWAY, gateway);

    for number in 0..setup.calls.len() {
        begin(&simulation, &front_network, &setup, &observations, number);
    }
    queued_commands::begin(&simulation, &setup, &observations, &objects);
    simulation.run();

    let observations = observations.borrow();
    let seen = Evidence {
        setup: &setup,
        observations: &observations,
        campaign: &campaign.campaign(),
        token_server: &token_server,
        stray_wakes: simulation.stray_wakes(),
        objects: &objects,
    };
    let result = check(&seen);
    count(&seen, counts);
    for (name, count) in simulation.event_counts() {
        *counts.entry(String::from(name)).or_default() += count;
    }
    for object in &objects {
        object.end();
    }
    simulation.end();
    (simulation.history(), result)
}

/// Starts a call at its time, and aborts it at its time.
fn begin(
    simulation: &Simulation,
    front_network: &Network,
    setup: &Rc<Setup>,
    observations: &Rc<RefCell<Observations>>,
    number: usize,
) {
    let signal = AbortSignal::default();
    let page = Page {
        node: Node {
            simulation: simulation.clone(),
            network: front_network.clone(),
            signal: Some(signal.clone()),
            traffic: None,
        },
        number,
        setup: Rc::clone(setup),
        observations: Rc::clone(observations),
    };
    let call = &setup.calls[number];
    if let Some(after) = call.abort_after {
        let noted = simulation.clone();
        simulation.after(call.begins_at + after, move || {
            noted.trace(|| format!("call {number} is aborted"));
            signal.abort();
        });
    }
    let spawned = simulation.clone();
    simulation.after(call.begins_at, move || {
        spawned.trace(|| format!("call {number} begins"));
        spawned.spawn(page.context(), page.run());
    });
}

fn count(seen: &Evidence<'_>, counts: &mut Counts) {
    let mut count_event = |name: &str| *counts.entry(String::from(name)).or_default() += 1;
    for (call, ended) in seen.setup.calls.iter().zip(&seen.observations.ended) {
        let Some(ended) = ended else {
            continue;
        };
        match &ended.outcome {
            CallOutcome::Accepted => count_event("accepted"),
            CallOutcome::Confirmed { is_confirmed: true } => count_event("confirmed"),
            CallOutcome::Confirmed {
                is_confirmed: false,
            } => count_event("accepted, not confirmed"),
            CallOutcome::Workflow { .. } if matches!(call.action, UserAction::Read) => {
                count_event("read")
            }
            CallOutcome::Workflow { .. } => count_event("waited"),
            CallOutcome::Signal { .. } => count_event("signal"),
            CallOutcome::Many {
                counts: [accepted, 0, 0],
            } if *accepted > 0 => count_event("many: all accepted"),
            CallOutcome::Many { .. } => count_event("many: not all"),
            CallOutcome::Failed(error) => {
                count_event(&format!("failed: {}", error.outcome.as_str()));
                count_event(&format!("code: {}", error.code.as_str()));
                if error.outcome == Outcome::Unknown {
                    let executed = seen.executed(call.workflow, None) > 0;
                    count_event(match executed {
                        true => "unknown, though executed",
                        false => "unknown, and not executed",
                    });
                }
            }
        }
        if let UserAction::Many {
            leaves_after: Some(_),
            ..
        } = call.action
        {
            count_event("many: left");
        }
    }
    for request in &seen.observations.gateway_requests {
        match (&request.response, request.role) {
            (None, _) => count_event("the runtime ended a request"),
            (Some((_, response)), role) if response.status == 403 => count_event(match role {
                crate::setup::Role::Nobody => "refused: nobody",
                _ => "refused: a viewer",
            }),
            (Some((_, response)), _) => count_event(&format!("status {}", response.status)),
        }
        if request.has_disconnected {
            count_event("a caller disconnected");
        }
    }
    for row in seen.objects.iter().flat_map(Object::rows) {
        let via = match row.via {
            Channel::Request => "request",
            Channel::Queue => "queue",
        };
        count_event(&format!("{via}: {:?}", row.state));
    }
    if seen.token_server.issued() > 0 {
        count_event("a token was requested");
    }
}
