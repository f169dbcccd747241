//! A simulation of the whole chain: the client calls the gateway, and the gateway calls Campaign. It checks the chain's
//! guarantees under every kind of failure.
//!
//! In half of the schedules, each workflow has a writer behind the gateway, as in the Worker. The writer is the shipped
//! code over a simulated object, whose disk is slow and fails, and which can be lost at any moment. Some commands are
//! queued. The wall clocks of some objects jump.
//!
//! In each schedule a few users of a page send commands, read, wait, signal and send many commands, with the shipped
//! client, through the shipped gateway, to the emulator's Campaign and a token endpoint. The clock is virtual. Both
//! network hops fail, callers disconnect, and the runtime ends requests. Everything is drawn from one seed.
//!
//! `CAMPAIGN_SCHEDULES=1000000 cargo test --test simulation-chain` runs more schedules. `CAMPAIGN_SEED=… cargo test
//! --test simulation-chain` runs the schedule of this seed and lists its events.

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
// Shared with the simulation of one call, which uses more of it.
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

/// The number of schedules that is enough to see every required event. Fewer may miss the rarest.
const ENOUGH_SCHEDULES: u64 = 50_000;

/// How often each event happened.
type Counts = BTreeMap<String, u64>;

#[test]
fn the_chain_keeps_every_guarantee() {
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
        Ok(()) => print_line("Every guarantee is kept."),
        Err(Violation { guarantee, details }) => panic!("violated: {guarantee}: {details}"),
    }
}

fn explore(schedules: u64) {
    let started = Instant::now();
    let runs = in_parallel(schedules, run_schedules);
    let mut counts = Counts::new();
    let mut failures = BTreeMap::new();
    for (counted, failed) in runs {
        for (name, count) in counted {
            *counts.entry(name).or_default() += count;
        }
        for (seed, broken) in failed {
            failures
                .entry(broken.guarantee)
                .or_insert((seed, broken.details));
        }
    }
    if !failures.is_empty() {
        let lines = failures.iter().map(|(guarantee, (seed, details))| {
            format!("violated: {guarantee}: {details}\n  CAMPAIGN_SEED={seed} cargo test --test simulation-chain")
        });
        panic!("{}", lines.collect::<Vec<_>>().join("\n"));
    }
    let seconds = started.elapsed().as_secs_f64();
    print_line(&format!(
        "{schedules} schedules in {seconds:.1} s: {counts:?}"
    ));
    let missing: Vec<_> = schedule::REQUIRED_EVENTS
        .iter()
        .filter(|name| !counts.contains_key(**name))
        .collect();
    assert!(
        missing.is_empty() || schedules < ENOUGH_SCHEDULES,
        "no schedule came upon {missing:?}"
    );
}

fn run_schedules(base: u64, schedules: u64) -> (Counts, Vec<(u64, Violation)>) {
    let mut counts = Counts::new();
    let mut failures = Vec::new();
    let mut seeds = Chance::new(base);
    for _ in 0..schedules {
        let seed = seeds.next();
        let run = AssertUnwindSafe(|| schedule::run(seed, false, &mut counts).1);
        let result = catch_unwind(run).unwrap_or_else(|_| {
            Err(Violation {
                guarantee: "nothing panics",
                details: String::from("see above"),
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
