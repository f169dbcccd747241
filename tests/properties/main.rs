//! The checks of a request and the reading of an answer, held against parsers by others and against
//! plain statements of what they promise, with a million drawn inputs.
//!
//! `CAMPAIGN_CASES=1000000 cargo test --test properties` draws so many for each property.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod addresses;
mod headers;
mod responses;
mod retries;
mod secrets;
mod strategies;
mod trigger_addresses;

// Shared with the simulations and the fuzz targets, each of which uses a part of them.
#[allow(dead_code)]
#[path = "../simulation/chance.rs"]
mod chance;
#[allow(dead_code)]
#[path = "../simulation/encodings.rs"]
mod encodings;
#[path = "../simulation/json.rs"]
mod json;
#[allow(dead_code)]
mod platform;

use proptest::prelude::ProptestConfig;

/// For each of the properties.
const CASES: u32 = 40_000;

/// Nothing is written into the tree: the smallest input that fails is printed, and becomes a test.
fn config() -> ProptestConfig {
    let cases = std::env::var("CAMPAIGN_CASES");
    ProptestConfig {
        cases: cases.map_or(CASES, |cases| {
            cases.parse().expect("CAMPAIGN_CASES is a number")
        }),
        failure_persistence: None,
        // Addresses that the platform's parser refuses are drawn anew, as often as it takes.
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}
