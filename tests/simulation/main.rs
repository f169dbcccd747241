//! Checks the promises of a call against a Campaign and a network that fail in many ways.
//!
//! Each schedule is one call of `campaign_workflow::send`, the code that ships, over a platform
//! with a virtual clock and a network to the emulator's Campaign. One seed determines all faults.
//! Half of the schedules have a gateway in between.
//!
//! - `CAMPAIGN_SCHEDULES=1000000 cargo test --test simulation` runs more of them.
//! - `CAMPAIGN_SEED=… cargo test --test simulation` runs the schedule of this seed and prints its
//!   events.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod adobe;
mod chance;
mod checks;
mod coverage;
mod echoed_secrets;
mod encodings;
mod faults;
mod gateway;
mod invalid_requests;
mod json;
mod mailbox;
mod network;
mod oracle;
mod platform;
mod problem_documents;
mod response;
mod runner;
mod setup;
mod simulation;
mod timeline;
mod trace;

use std::collections::BTreeMap;
use std::time::Instant;

use chance::Chance;
use checks::{Violation, check};
use coverage::Coverage;
use runner::{in_parallel, number_from_env, print_line};

const SCHEDULES: u64 = 500_000;

/// A run of this many schedules must cover all situations. The rarest one occurs about thirty times
/// in a million schedules, so a run misses it with a probability of about one in ten million.
const FULL_COVERAGE: u64 = 500_000;

/// A worker stops after this many failures. The shortest one is reported.
const MAX_FAILURES: usize = 200;

#[test]
fn every_promise_is_kept_whatever_fails() {
    match number_from_env("CAMPAIGN_SEED") {
        Some(seed) => replay(seed),
        None => explore(number_from_env("CAMPAIGN_SCHEDULES").unwrap_or(SCHEDULES)),
    }
}

fn replay(seed: u64) {
    let run = simulation::run(seed, true);
    for line in run.trace.history.iter().flatten() {
        print_line(line);
    }
    match check(&run) {
        Ok(()) => print_line("No promise is broken."),
        Err(Violation { promise, details }) => panic!("broken: {promise}: {details}"),
    }
}

fn explore(schedules: u64) {
    let started = Instant::now();
    let runs = in_parallel(schedules, work);
    let mut coverage = Coverage::default();
    let mut failures = Vec::new();
    for (covered, failed) in runs {
        coverage.merge(covered);
        failures.extend(failed);
    }
    // The shortest schedule of each promise is the easiest to understand.
    failures.sort_by_key(|failure| failure.steps);
    let mut violation: BTreeMap<&str, &Failure> = BTreeMap::new();
    for failure in &failures {
        violation
            .entry(failure.violation.promise)
            .or_insert(failure);
    }
    if let Some(shortest) = failures.first() {
        let seeds = violation.iter();
        let seeds = seeds.map(|(promise, failure)| format!("{promise}: {}", failure.seed));
        let Violation { promise, details } = &shortest.violation;
        panic!(
            "broken: {promise}: {details}\nTo see it happen: CAMPAIGN_SEED={} cargo test --test \
             simulation\nThe seeds of all that broke: {:#?}",
            shortest.seed,
            seeds.collect::<Vec<_>>()
        );
    }
    let seconds = started.elapsed().as_secs_f64();
    print_line(&format!(
        "{schedules} schedules in {seconds:.1} s: {coverage}"
    ));
    let missing = coverage.missing();
    assert!(
        missing.is_empty() || schedules < FULL_COVERAGE,
        "no schedule came upon {missing:?}"
    );
}

/// A schedule that broke a promise.
struct Failure {
    seed: u64,
    /// The number of its steps.
    steps: usize,
    violation: Violation,
}

fn work(base: u64, schedules: u64) -> (Coverage, Vec<Failure>) {
    let mut coverage = Coverage::default();
    let mut failures = Vec::new();
    let mut seeds = Chance::new(base);
    for _ in 0..schedules {
        let seed = seeds.next();
        let run = simulation::run(seed, false);
        match check(&run) {
            Ok(()) => coverage.add(&run),
            Err(violation) => {
                let steps = run.trace.steps.len();
                failures.push(Failure {
                    seed,
                    steps,
                    violation,
                });
                if failures.len() == MAX_FAILURES {
                    break;
                }
            }
        }
    }
    (coverage, failures)
}
