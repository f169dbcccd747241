//! The GET of a workflow, and the trigger of a signal.

use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::exchange::{Plan, Settlement};
use campaign_workflow::signal;
use regex::Regex;
use serde_json::Value;

use crate::chance::Chance;
use crate::network::{BASE, Done, call, campaign, request};

pub const MET: &[&str] = &[
    "read at once",
    "read after retries",
    "out of retries",
    "timeout",
    "aborted",
    "bad-response",
    "final",
];
pub const SIGNAL_MET: &[&str] = &[
    "triggered",
    "not executed",
    "unknown",
    "lost and executed",
    "too soon",
];

fn plan(chance: &mut Chance, safe: bool) -> Plan {
    Plan {
        timeout_ms: chance.any_of(&[1, 300, 3000, 30_000, 30_000, 30_000]),
        attempt_timeout_ms: chance.any_of(&[100, 10_000, 10_000]),
        max_retries: chance.below(5) as u32,
        token_function: false,
        own_fetch: chance.one_in(3),
        safe,
    }
}

fn abort_at(chance: &mut Chance) -> Option<u64> {
    chance.one_in(6).then(|| chance.below(6000))
}

pub fn read(mut chance: Chance) -> Vec<&'static str> {
    let mut campaign = campaign();
    let plan = plan(&mut chance, true);
    let abort = abort_at(&mut chance);
    let get = request("GET", &[BASE, "W1"].concat(), "");
    let done = call(&mut campaign, &mut chance, plan, &get, 0, abort);
    check_call(&done, plan);
    assert!(campaign.log().iter().all(|entry| !entry.executed));
    assert!(
        campaign
            .log()
            .iter()
            .all(|entry| entry.method == "GET" && entry.problem.is_none())
    );
    let patience =
        done.attempts == plan.max_retries + 1 || done.at + 8000 >= u64::from(plan.timeout_ms);
    vec![match done.settlement {
        Settlement::Accepted => {
            let workflow: Value = serde_json::from_slice(&done.body).expect("the whole of it");
            assert!(workflow["PKey"].is_string() && done.status == 200);
            if done.attempts > 1 {
                "read after retries"
            } else {
                "read at once"
            }
        }
        Settlement::Failed { code, outcome, .. } => {
            assert_eq!(outcome, Outcome::NotExecuted, "nothing was to be executed");
            match code {
                Code::Aborted => "aborted",
                Code::NotFound | Code::Forbidden | Code::Redirected => "final",
                _ => {
                    assert!(
                        patience,
                        "given up after {} of {plan:?}: {code:?}",
                        done.attempts
                    );
                    match code {
                        Code::Timeout => "timeout",
                        Code::BadResponse => "bad-response",
                        Code::RateLimited
                        | Code::ServerError
                        | Code::Network
                        | Code::Unreachable => "out of retries",
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    }]
}

/// What holds for every call.
fn check_call(done: &Done, plan: Plan) {
    assert!(
        done.at <= u64::from(plan.timeout_ms),
        "it settled after the deadline"
    );
    assert!(done.attempts <= plan.max_retries + 1);
    for (for_ms, asked) in &done.waits {
        assert!(
            asked.is_none_or(|asked| *for_ms == asked),
            "Retry-After is kept"
        );
    }
}

/// Reads, then triggers twice: the second is inside of the ten minutes where the first was heard.
pub fn signal(mut chance: Chance) -> Vec<&'static str> {
    let mut campaign = campaign();
    let get = request("GET", &[BASE, "W1"].concat(), "");
    let read = Plan {
        timeout_ms: 30_000,
        attempt_timeout_ms: 10_000,
        max_retries: 9,
        token_function: false,
        own_fetch: false,
        safe: true,
    };
    let looked = call(&mut campaign, &mut chance, read, &get, 0, None);
    if looked.settlement != Settlement::Accepted {
        assert!(campaign.log().iter().all(|entry| !entry.executed));
        return Vec::new();
    }
    let workflow: Value = serde_json::from_slice(&looked.body).unwrap();
    let href = workflow["activities"]["activity"]["signal1"]["trigger"]["href"]
        .as_str()
        .unwrap();
    let rest = href.strip_prefix(BASE).expect("of the same organization");
    let group = which(rest, signal::TRIGGER);
    assert!(signal::is_documented(group), "{rest}");
    let post = request("POST", href, r#"{"source":"API","parameters":{}}"#);
    let mut met = Vec::new();
    for round in 0..2 {
        let plan = plan(&mut chance, false);
        let before = executed(&campaign);
        let abort = abort_at(&mut chance).map(|at| looked.at + at);
        let done = call(&mut campaign, &mut chance, plan, &post, looked.at, abort);
        let now = executed(&campaign) - before;
        assert!(now <= 1, "the signal was executed {now} times");
        assert!(
            executed(&campaign) <= 1,
            "the campaign heard a second within the ten minutes"
        );
        let text = String::from_utf8_lossy(&done.body).into_owned();
        let plain =
            serde_json::from_str::<Value>(&text).is_err() && which(&text, signal::PLAIN) == 1;
        let soon = signal::is_too_soon(done.status, plain);
        met.push(match done.settlement {
            Settlement::Accepted if done.status == 200 && text.starts_with("<html") => "a page",
            Settlement::Accepted => {
                assert!(!soon);
                assert_eq!(now, 1, "a receipt for a signal that was not triggered");
                "triggered"
            }
            Settlement::Failed {
                outcome: Outcome::NotExecuted,
                ..
            } => {
                assert_eq!(
                    now, 0,
                    "not-executed is said of a signal that was triggered"
                );
                if soon && round == 1 {
                    "too soon"
                } else {
                    "not executed"
                }
            }
            Settlement::Failed {
                outcome: Outcome::Unknown,
                ..
            } if now == 1 => "lost and executed",
            Settlement::Failed { .. } => "unknown",
        });
    }
    met
}

fn executed(campaign: &campaign_emulator::Campaign) -> usize {
    campaign.log().iter().filter(|entry| entry.executed).count()
}

thread_local! {
    static COMPILED: [Regex; 2] = [signal::TRIGGER, signal::PLAIN]
        .map(|pattern| Regex::new(&["(?s)", pattern].concat()).unwrap());
}

fn which(text: &str, pattern: &str) -> u32 {
    COMPILED.with(|[trigger, plain]| {
        let compiled = if pattern == signal::PLAIN {
            plain
        } else {
            trigger
        };
        let Some(groups) = compiled.captures(text) else {
            return 0;
        };
        let first = groups.iter().skip(1).position(|group| group.is_some());
        first.map_or(u32::MAX, |index| index as u32 + 1)
    })
}
