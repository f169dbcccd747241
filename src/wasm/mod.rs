//! The platform for JavaScript: converts requests, implements [`Platform`](crate::Platform), and
//! converts results. It makes no decisions.
//!
//! Other crates for JavaScript can build their own platform from these parts, as the gateway does.

pub mod bindings;
#[cfg(feature = "client")]
mod client;
#[cfg(not(feature = "client"))]
mod command;
pub mod events;
pub mod fetch;
pub mod platform;
pub mod request;
mod result;
mod string_cache;

#[cfg(not(feature = "client"))]
pub use command::send_workflow_command;

#[cfg(feature = "package")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
