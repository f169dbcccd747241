//! Waiting and many commands, against a Campaign and a network that fail in every way they can, under
//! a virtual clock. Each schedule is drawn from one seed.
//!
//! `CAMPAIGN_SEED=… cargo test --test simulation-client NAME` runs the schedule of this seed alone;
//! `CAMPAIGN_SCHEDULES=…` runs more of them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

#[path = "../simulation/chance.rs"]
mod chance;
#[path = "../simulation/json.rs"]
mod json;
mod many;
mod network;
// Shared with the properties.
#[allow(dead_code)]
#[path = "../properties/platform.rs"]
mod platform;
mod waiting;

use std::env;
use std::panic::catch_unwind;
use std::time::{SystemTime, UNIX_EPOCH};

use chance::Chance;

fn number(name: &str) -> Option<u64> {
    Some(env::var(name).ok()?.parse().expect("a number"))
}

/// New schedules in every run; the seed of one that fails is told. Gives how often each thing was
/// come upon, which the caller holds against what has to be come upon.
fn explore(name: &str, schedules: u64, live: fn(Chance) -> Vec<&'static str>) -> Vec<&'static str> {
    if let Some(seed) = number("CAMPAIGN_SEED") {
        live(Chance::new(seed));
        return Vec::new();
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut seeds = Chance::new(since.map_or(0, |since| since.as_nanos() as u64));
    let mut met = Vec::new();
    for _ in 0..number("CAMPAIGN_SCHEDULES").unwrap_or(schedules) {
        let seed = seeds.next();
        match catch_unwind(|| live(Chance::new(seed))) {
            Ok(seen) => met.extend(seen),
            Err(_) => panic!("{name}: broken with CAMPAIGN_SEED={seed}"),
        }
        met.sort_unstable();
        met.dedup();
    }
    met
}

/// Fails where the schedules did not come upon all of these.
fn assert_met(met: &[&str], all: &[&str]) {
    let missing: Vec<_> = all.iter().filter(|one| !met.contains(one)).collect();
    let few = number("CAMPAIGN_SEED").is_some() || number("CAMPAIGN_SCHEDULES").is_some();
    assert!(
        few || missing.is_empty(),
        "no schedule came upon {missing:?}"
    );
}

#[test]
fn waiting_looks_in_time_and_never_after_the_deadline() {
    explore("waiting", 60_000, waiting::wait);
}

#[test]
fn many_commands_keep_their_order_their_number_and_their_peace() {
    let met = explore("many", 20_000, many::send);
    assert_met(&met, many::MET);
}
