//! The promises of the chain: the client in front of the gateway in front of Campaign, held against
//! everything that can fail on the way.
//!
//! In half of the schedules a writer for each workflow is behind the gateway, as in the Worker of the
//! example: the code that ships, over a simulated object whose disk lags and fails, and which is lost at
//! any moment. Some commands there are for later. The wall clocks of some objects jump.
//!
//! Each schedule is a few people on a page who send commands, read, wait, signal and send many, with
//! the client that ships, through the gateway that ships, to the emulator's Campaign and a token host:
//! on a virtual clock, with faults at both hops, callers who leave, and requests that their runtime
//! ends. Everything is drawn from one seed.
//!
//! - `CAMPAIGN_SCHEDULES=1000000 cargo test --test simulation-chain` runs more of them.
//! - `CAMPAIGN_SEED=… cargo test --test simulation-chain` runs the one of this seed, and lists what
//!   happens in it.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod calls;
mod campaign;
#[path = "../simulation/chance.rs"]
mod chance;
mod checks;
mod clock;
mod gateway;
#[path = "../simulation/json.rs"]
mod json;
mod queued_commands;
// Shared with the simulation of one call, which needs more of it.
#[allow(dead_code)]
#[path = "../simulation/mailbox.rs"]
mod mailbox;
mod network;
mod object;
mod observations;
mod platform;
#[path = "../simulation/runner.rs"]
mod runner;
mod schedule;
mod setup;
mod simulation;
mod table;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use chance::Chance;
use checks::Violation;
use runner::{in_parallel, number_from_env, print_line};

const SCHEDULES: u64 = 100_000;

/// So many have to come upon everything; fewer may miss the rarest.
const ENOUGH: u64 = 50_000;

/// How often each thing happened.
type Counts = BTreeMap<String, u64>;

#[test]
fn the_chain_keeps_every_promise_whatever_fails() {
    match number_from_env("CAMPAIGN_SEED") {
        Some(seed) => replay(seed),
        None => explore(number_from_env("CAMPAIGN_SCHEDULES").unwrap_or(SCHEDULES)),
    }
}

fn replay(seed: u64) {
    let (history, result) = schedule::run(seed, true, &mut Counts::new());
    for line in history {
        print_line(&line);
    }
    match result {
        Ok(()) => print_line("Every promise is kept."),
        Err(Violation { promise, how }) => panic!("broken: {promise}: {how}"),
    }
}

fn explore(schedules: u64) {
    let begun = Instant::now();
    let runs = in_parallel(schedules, work);
    let mut counts = Counts::new();
    let mut failures = BTreeMap::new();
    for (counted, failed) in runs {
        for (name, count) in counted {
            *counts.entry(name).or_default() += count;
        }
        for (seed, broken) in failed {
            failures.entry(broken.promise).or_insert((seed, broken.how));
        }
    }
    if !failures.is_empty() {
        let lines = failures.iter().map(|(promise, (seed, how))| {
            format!("broken: {promise}: {how}\n  CAMPAIGN_SEED={seed} cargo test --test simulation-chain")
        });
        panic!("{}", lines.collect::<Vec<_>>().join("\n"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    print_line(&format!(
        "{schedules} schedules in {seconds:.1} s: {counts:?}"
    ));
    let missing: Vec<_> = schedule::REQUIRED_EVENTS
        .iter()
        .filter(|name| !counts.contains_key(**name))
        .collect();
    assert!(
        missing.is_empty() || schedules < ENOUGH,
        "no schedule came upon {missing:?}"
    );
}

fn work(base: u64, schedules: u64) -> (Counts, Vec<(u64, Violation)>) {
    let mut counts = Counts::new();
    let mut failures = Vec::new();
    let mut seeds = Chance::new(base);
    for _ in 0..schedules {
        let seed = seeds.next();
        let run = AssertUnwindSafe(|| schedule::run(seed, false, &mut counts).1);
        let result = catch_unwind(run).unwrap_or_else(|_| {
            Err(Violation {
                promise: "nothing panics",
                how: String::from("see above"),
            })
        });
        if let Err(broken) = result {
            failures.push((seed, broken));
            if failures.len() == 50 {
                break;
            }
        }
    }
    (counts, failures)
}
