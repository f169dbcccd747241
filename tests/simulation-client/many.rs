//! Many commands: the machine between a source, a loop that takes results, and a Campaign.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use campaign_emulator::Campaign;
use campaign_workflow::bulk::{self, Action, Bulk, Counts, Ended, Limits};
use campaign_workflow::error::Outcome;
use campaign_workflow::{AccessToken, Command, Request};

use crate::chance::Chance;
use crate::network::{ORGANIZATION, WORKFLOWS, arrive, campaign};
use crate::platform::{Server, ready};

pub const MET: &[&str] = &[
    "all sent",
    "aborted",
    "stopped by an error",
    "left",
    "sent again",
    "shared peace",
    "not sent",
    "unknown",
];

/// One command's life.
#[derive(Default)]
struct Life {
    workflow: usize,
    sends: u32,
    executed: u32,
    in_flight: bool,
    told: Option<Ended>,
}

enum Happening {
    Gives,
    Arrives(usize, u32),
    Ends(usize, u32, Ended),
    Takes,
    Abort,
    Tick,
}

pub fn send(mut chance: Chance) -> Vec<&'static str> {
    let limits = Limits {
        concurrency: chance.any_of(&[1, 2, 4, 9]),
        per_second: chance.any_of(&[0.0, 0.0, 3.0, 50.0]),
        max_retries: chance.below(4) as u32,
        stop_on_error: chance.one_in(5),
        own_fetch: chance.one_in(4),
    };
    let total = chance.index(40);
    let workflows = 1 + chance.index(WORKFLOWS.len());
    let slow_source = chance.one_in(3);
    let slow_loop = chance.one_in(3);
    let faulty = chance.one_in(2);
    let campaign = RefCell::new(campaign());
    let mut bulk = Bulk::new(limits);
    let mut events: BTreeMap<(u64, u64), Happening> = BTreeMap::new();
    let mut number = 0;
    let mut at = |events: &mut BTreeMap<_, _>, time: u64, happening| {
        number += 1;
        events.insert((time, number), happening);
    };
    if chance.one_in(6) {
        at(&mut events, chance.below(4000), Happening::Abort);
    }
    let mut lives: Vec<Life> = Vec::new();
    let mut places: BTreeMap<u32, usize> = BTreeMap::new();
    let mut results: VecDeque<u32> = VecDeque::new();
    let (mut now, mut stopped, mut peace, mut last_send) =
        (0_u64, false, 0.0_f64, f64::NEG_INFINITY);
    let (mut taking, mut ended) = (false, false);
    let mut met = Vec::new();

    for step in 0.. {
        assert!(step < 20_000, "it goes on for ever");
        match bulk.next(now as f64) {
            Action::Pull => {
                assert!(!stopped, "pulled after the stop");
                assert!(
                    places.len() < limits.concurrency as usize,
                    "pulled more than can be in flight"
                );
                at(
                    &mut events,
                    now + if slow_source { chance.below(400) } else { 0 },
                    Happening::Gives,
                );
            }
            Action::Send(place) => {
                let index = places[&place];
                assert!(!stopped, "sent after the stop");
                assert!(now as f64 >= peace, "sent while all were to wait");
                if limits.per_second > 0.0 {
                    assert!(
                        now as f64 - last_send >= 1000.0 / limits.per_second - 1e-6,
                        "faster than the rate"
                    );
                }
                last_send = now as f64;
                let workflow = lives[index].workflow;
                let before = lives[..index]
                    .iter()
                    .filter(|life| life.workflow == workflow);
                assert!(
                    before.clone().all(|life| life.told.is_some()),
                    "before an earlier one ended"
                );
                lives[index].in_flight = true;
                lives[index].sends += 1;
                assert!(lives[index].sends <= limits.max_retries + 1);
                if lives[index].sends > 1 {
                    met.push("sent again");
                }
                assert!(
                    lives.iter().filter(|life| life.in_flight).count()
                        <= limits.concurrency as usize
                );
                at(
                    &mut events,
                    now + chance.below(100),
                    Happening::Arrives(index, place),
                );
                continue;
            }
            Action::Drop(place) => {
                lives[places[&place]].told = Some(Ended::Failed(Outcome::NotExecuted));
                assert_eq!(lives[places[&place]].executed, 0);
                results.push_back(place);
                met.push("not sent");
                continue;
            }
            Action::Wait(ms) => at(&mut events, now + u64::from(ms), Happening::Tick),
            Action::Idle => {}
            Action::End => {
                ended = true;
                break;
            }
        }
        // The loop takes one result at a time, and pauses between them.
        if !taking && !results.is_empty() {
            taking = true;
            let pause = if slow_loop { chance.below(500) } else { 0 };
            at(&mut events, now + pause, Happening::Takes);
        }
        let Some(((time, _), happening)) = events.pop_first() else {
            break;
        };
        now = now.max(time);
        match happening {
            Happening::Tick => {}
            Happening::Abort => {
                stopped = true;
                bulk.stop();
                met.push(if chance.one_in(2) { "aborted" } else { "left" });
            }
            Happening::Takes => {
                taking = false;
                if let Some(place) = results.pop_front() {
                    places.remove(&place);
                    bulk.taken(place);
                }
            }
            Happening::Gives if lives.len() == total => bulk.no_more(),
            Happening::Gives => {
                let workflow = chance.index(workflows);
                if let Some(place) = bulk.pulled(workflow as u32 + 1) {
                    assert!(!stopped);
                    assert!(
                        places.insert(place, lives.len()).is_none(),
                        "a place for two"
                    );
                    lives.push(Life {
                        workflow,
                        ..Life::default()
                    });
                }
            }
            Happening::Arrives(index, place) => {
                let before = executed(&campaign);
                let workflow = WORKFLOWS[lives[index].workflow];
                let how = send_once(workflow, &limits, &campaign, faulty, now, &mut chance);
                lives[index].executed += executed(&campaign) - before;
                at(
                    &mut events,
                    now + chance.below(300),
                    Happening::Ends(index, place, how),
                );
            }
            Happening::Ends(index, place, how) => {
                lives[index].in_flight = false;
                if let Ended::Again { after_ms } = how {
                    if let Some(after) = after_ms {
                        peace = peace.max(now as f64 + f64::from(after));
                    }
                    met.push("shared peace");
                }
                if bulk.ended(place, how, now as f64, chance.unit()) {
                    let failed = how != Ended::Accepted;
                    if failed && limits.stop_on_error {
                        met.push("stopped by an error");
                        stopped = true;
                    }
                    lives[index].told = Some(how);
                    results.push_back(place);
                } else {
                    assert_eq!(lives[index].executed, 0, "sent again, and it was executed");
                }
            }
        }
    }
    assert!(ended, "nothing happens, and it has not ended");
    check(&lives, bulk.counts());
    if !stopped {
        assert_eq!(lives.len(), total, "not all were pulled");
        met.push("all sent");
    }
    if bulk.counts().unknown > 0 {
        met.push("unknown");
    }
    met
}

/// One try: what repeats a command is the machine alone.
fn send_once(
    workflow: &str,
    limits: &Limits,
    campaign: &RefCell<Campaign>,
    is_faulty: bool,
    now: u64,
    chance: &mut Chance,
) -> Ended {
    let chance = RefCell::new(chance);
    let server = Server::new(limits.own_fetch, |request| {
        arrive(campaign, request, &chance, is_faulty, now)
    });
    let request = Request {
        access_token: AccessToken::Fixed("local-token".into()),
        api_key: Some("local-key".into()),
        max_retries: 0,
        ..Request::new(ORGANIZATION, workflow)
    };
    match ready(campaign_workflow::send(&server, &request, Command::Start)) {
        Ok(_) => Ended::Accepted,
        Err(error) => bulk::failed(limits, error.code, error.outcome, error.retry_after_ms),
    }
}

fn executed(campaign: &RefCell<Campaign>) -> u32 {
    let campaign = campaign.borrow();
    campaign.log().iter().filter(|entry| entry.executed).count() as u32
}

/// The witness is what the campaign executed.
fn check(lives: &[Life], counts: Counts) {
    let mut told = Counts::default();
    for life in lives {
        assert!(life.executed <= 1, "executed {} times", life.executed);
        match life.told.expect("every command is told") {
            // A page with status 200 is a receipt as well: success is decided by the status alone.
            Ended::Accepted => told.accepted += 1,
            Ended::Failed(Outcome::Unknown) => told.unknown += 1,
            Ended::Failed(Outcome::NotExecuted) | Ended::Again { .. } => {
                assert_eq!(
                    life.executed, 0,
                    "not-executed is said of a command that was executed"
                );
                told.not_executed += 1;
            }
        }
    }
    assert_eq!(told, counts);
}
