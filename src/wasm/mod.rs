//! The JavaScript side: converts the request, implements the platform, and converts the result. It
//! decides nothing.
//!
//! Another crate for JavaScript builds its own platform of these parts, as the gateway does.

pub mod bindings;
#[cfg(feature = "client")]
mod client;
pub mod events;
pub mod fetch;
pub mod platform;
pub mod request;
mod result;
mod strings;

use wasm_bindgen::prelude::*;

use crate::call;
use bindings::Fields;

#[cfg(feature = "package")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// `sendWorkflowCommand` of the package, documented in its `index.d.ts`. The loader passes an
/// object of its own, into which it copied the caller's fields.
#[cfg_attr(feature = "command", wasm_bindgen(js_name = sendWorkflowCommand))]
pub async fn send_workflow_command(fields: JsValue) -> Result<JsValue, JsValue> {
    let fields: Fields = fields.unchecked_into();
    let command = request::command(&fields)?;
    let (request, caller) = request::request(&fields)?;
    match call::send(&caller, &request, command).await {
        Ok(receipt) => Ok(result::receipt(receipt, &fields).into()),
        Err(error) => Err(result::error(error, &caller)),
    }
}
