//! Starts, pauses, resumes and stops Adobe Campaign workflows, with outcomes that can be trusted:
//! accepted, certainly not executed, or unknown, and never a command sent twice on a guess.
//!
//! The pure modules decide and know no JavaScript: [`command`], [`address`] and [`header`] say
//! what may be sent, by [`rule`]s, [`response`] what an answer means, [`retry`] what may be sent again,
//! [`exchange`] is one call as a state machine, [`error`] and [`mask`] say what a caller is told.
//! What is around one command has modules of its own, behind the feature `client`: `signal`, `poll`
//! (waiting for a workflow), `bulk` (many commands) and `option` (what the caller sets for them).
//! `wasm` is the thin shell around them: it converts, and calls `fetch`.
//!
//! The JavaScript interface is documented in the npm package's `index.d.ts`.

#![cfg_attr(feature = "package", no_std)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

extern crate alloc;

pub mod address;
#[cfg(any(feature = "client", not(target_arch = "wasm32")))]
pub mod bulk;
pub mod command;
pub mod error;
pub mod exchange;
pub mod header;
pub mod mask;
#[cfg(any(feature = "client", not(target_arch = "wasm32")))]
pub mod option;
#[cfg(any(feature = "client", not(target_arch = "wasm32")))]
pub mod poll;
pub mod response;
pub mod retry;
pub mod rule;
#[cfg(any(feature = "client", not(target_arch = "wasm32")))]
pub mod signal;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
