//! The export of the smaller module, which sends one command.

use wasm_bindgen::prelude::*;

use super::bindings::Fields;
use super::{request, result};
use crate::call;

/// `sendWorkflowCommand` of the package; `index.d.ts` documents it. `fields` is the loader's copy
/// of the caller's request.
#[cfg_attr(feature = "command", wasm_bindgen(js_name = sendWorkflowCommand))]
pub async fn send_workflow_command(fields: JsValue) -> Result<JsValue, JsValue> {
    let fields: Fields = fields.unchecked_into();
    let command = request::command(&fields)?;
    let (request, caller) = request::request(&fields, request::workflow_id(&fields)?)?;
    match call::send(&caller, &request, command).await {
        Ok(receipt) => Ok(result::receipt(receipt, &fields).into()),
        Err(error) => Err(result::error(error, &caller)),
    }
}
