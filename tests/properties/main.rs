//! Property tests: checks of requests and classification of responses, compared with independent
//! parsers and with plain restatements of their promises, on random inputs.
//!
//! `CAMPAIGN_CASES=1000000 cargo test --test properties` sets the number of cases for each
//! property.

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

// Shared with the simulations and the fuzz targets. Each uses only parts of them.
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

/// The default number of cases for each property.
const CASES: u32 = 40_000;

/// No file is written: the smallest failing input is printed, and becomes a test.
fn config() -> ProptestConfig {
    let cases = std::env::var("CAMPAIGN_CASES");
    ProptestConfig {
        cases: cases.map_or(CASES, |cases| {
            cases.parse().expect("CAMPAIGN_CASES is a number")
        }),
        failure_persistence: None,
        // Addresses that the platform's parser refuses are drawn again, without a limit.
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}
