//! The only place that knows JavaScript. It converts and does; the other modules decide.

mod alarm;
mod call;
#[cfg(feature = "client")]
mod client;
mod input;
mod js;
mod secrets;
mod settle;
pub mod task;
mod texts;
mod wire;

use wasm_bindgen::prelude::*;

use input::Kind;

#[cfg(feature = "package")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Nothing here is meant to panic; should it, the loader sees the trap and settles the call.
#[cfg(feature = "package")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// All of a call, with its one await; as a function it would be a future within another.
macro_rules! perform {
    ($request:ident, $wake:ident, $kind:expr) => {{
        let mut call = $crate::wasm::call::Call::begin($request, $wake, $kind)?;
        loop {
            let waited = match call.proceed() {
                Ok(alarm) => alarm.await,
                Err(settlement) => return call.settle(settlement),
            };
            call.take(waited);
        }
    }};
}
#[cfg(feature = "client")]
use perform;

/// `sendWorkflowCommand` of the package, documented in its `index.d.ts`. The loader gives an object
/// of its own, into which it copied the caller's fields, and a function that calls [`task::wake`].
#[wasm_bindgen(js_name = sendWorkflowCommand, wasm_bindgen_futures = crate::wasm::task)]
pub async fn send_workflow_command(request: JsValue, wake: JsValue) -> Result<JsValue, JsValue> {
    perform!(request, wake, Kind::Command)
}
