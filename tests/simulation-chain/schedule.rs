//! One schedule from its beginning to its end.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_gateway::writer::Via;
use campaign_workflow::error::Outcome;

use crate::Counts;
use crate::calls::Page;
use crate::campaign::{ADOBE, CampaignServer, IMS, TokenHost};
use crate::chance::Chance;
use crate::checks::{Broken, Seen, check};
use crate::gateway::GatewayServer;
use crate::later;
use crate::network::Network;
use crate::object::{Object, objects};
use crate::platform::{AbortSignal, Node};
use crate::record::{Record, Told};
use crate::setup::{GATEWAY, Setup, Wish};
use crate::world::World;

/// What many schedules have to come upon.
pub const MET: &[&str] = &[
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
    "the caller left",
    "the runtime ended a request",
    "a token was asked for",
    "answered 409",
    "an object was lost",
    "an object was lost while its alarm rang",
    "a flush failed",
    "the disk refused",
    "a clock was put forward",
    "a clock was set back",
    "a key was used again after a day",
    "now: Accepted",
    "now: Failed",
    "now: Unknown",
    "later: Accepted",
    "later: Failed",
    "later: Unknown",
    "later: Cancelled",
];

/// Runs the schedule of this seed. Gives what happened, if somebody listens, and which promise was
/// broken.
pub fn run(seed: u64, listening: bool, counts: &mut Counts) -> (Vec<String>, Result<(), Broken>) {
    let mut chance = Chance::new(seed);
    let setup = Rc::new(Setup::new(&mut chance));
    let world = World::new(chance, listening);
    world.note(|| format!("{setup:#?}"));
    let record = Rc::new(RefCell::new(Record::default()));
    record.borrow_mut().ended = setup.calls.iter().map(|_| None).collect();

    let campaign = CampaignServer::new(&world, setup.workflows, setup.is_back_faulty);
    let token_host = TokenHost::new(&world, setup.is_token_host_faulty);
    let back = Network::new(&world, setup.is_back_faulty, None);
    back.listen(ADOBE, campaign.clone());
    back.listen(IMS, token_host.clone());
    let front = Network::new(&world, setup.is_front_faulty, Some(&record));
    let objects = objects(&world, &back, &setup, &record, &campaign);
    let gateway = GatewayServer::new(&world, &back, &setup, &record, &campaign, &objects);
    front.listen(GATEWAY, gateway);

    for number in 0..setup.calls.len() {
        begin(&world, &front, &setup, &record, number);
    }
    later::begin(&world, &setup, &record, &objects);
    world.run();

    let record = record.borrow();
    let seen = Seen {
        setup: &setup,
        record: &record,
        campaign: &campaign.campaign(),
        token_host: &token_host,
        stray_wakes: world.stray_wakes(),
        objects: &objects,
    };
    let result = check(&seen);
    count(&seen, counts);
    for (name, count) in world.met() {
        *counts.entry(String::from(name)).or_default() += count;
    }
    for object in &objects {
        object.end();
    }
    world.end();
    (world.history(), result)
}

/// Has a call begin at its time, and be aborted at its time.
fn begin(
    world: &World,
    front: &Network,
    setup: &Rc<Setup>,
    record: &Rc<RefCell<Record>>,
    number: usize,
) {
    let signal = AbortSignal::default();
    let page = Page {
        node: Node {
            world: world.clone(),
            network: front.clone(),
            signal: Some(signal.clone()),
            traffic: None,
        },
        number,
        setup: Rc::clone(setup),
        record: Rc::clone(record),
    };
    let call = &setup.calls[number];
    if let Some(after) = call.abort_after {
        let noted = world.clone();
        world.after(call.begins_at + after, move || {
            noted.note(|| format!("call {number} is aborted"));
            signal.abort();
        });
    }
    let spawned = world.clone();
    world.after(call.begins_at, move || {
        spawned.note(|| format!("call {number} begins"));
        spawned.spawn(page.context(), page.run());
    });
}

fn count(seen: &Seen<'_>, counts: &mut Counts) {
    let mut met = |name: &str| *counts.entry(String::from(name)).or_default() += 1;
    for (call, ended) in seen.setup.calls.iter().zip(&seen.record.ended) {
        let Some(ended) = ended else {
            continue;
        };
        match &ended.told {
            Told::Accepted => met("accepted"),
            Told::Confirmed { is_confirmed: true } => met("confirmed"),
            Told::Confirmed {
                is_confirmed: false,
            } => met("accepted, not confirmed"),
            Told::Workflow { .. } if matches!(call.wish, Wish::Read) => met("read"),
            Told::Workflow { .. } => met("waited"),
            Told::Signal { .. } => met("signal"),
            Told::Many {
                counts: [accepted, 0, 0],
            } if *accepted > 0 => met("many: all accepted"),
            Told::Many { .. } => met("many: not all"),
            Told::Failed(error) => {
                met(&format!("failed: {}", error.outcome.as_str()));
                met(&format!("code: {}", error.code.as_str()));
                if error.outcome == Outcome::Unknown {
                    let executed = seen.executed(call.workflow, None) > 0;
                    met(match executed {
                        true => "unknown, though executed",
                        false => "unknown, and not executed",
                    });
                }
            }
        }
        if let Wish::Many {
            leaves_after: Some(_),
            ..
        } = call.wish
        {
            met("many: left");
        }
    }
    for asked in &seen.record.asked {
        match (&asked.answer, asked.role) {
            (None, _) => met("the runtime ended a request"),
            (Some((_, answer)), role) if answer.status == 403 => met(match role {
                crate::setup::Role::Nobody => "refused: nobody",
                _ => "refused: a viewer",
            }),
            (Some((_, answer)), _) => met(&format!("answered {}", answer.status)),
        }
        if asked.is_left {
            met("the caller left");
        }
    }
    for row in seen.objects.iter().flat_map(Object::rows) {
        let via = match row.via {
            Via::Request => "now",
            Via::Queue => "later",
        };
        met(&format!("{via}: {:?}", row.state));
    }
    if seen.token_host.given() > 0 {
        met("a token was asked for");
    }
}
