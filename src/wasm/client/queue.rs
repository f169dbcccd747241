//! Queued commands. The result is the entry as the server shows it.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::super::{request, result};
use super::{ClientFields, promise};
use crate::operation::{Operation, check_id};
use crate::queue;

#[wasm_bindgen]
extern "C" {
    /// The fields of a queued command.
    #[wasm_bindgen(extends = ClientFields)]
    type QueueFields;
    #[wasm_bindgen(method, getter, js_name = delaySeconds)]
    fn delay_seconds(this: &QueueFields) -> JsValue;
}

/// `enqueue` of the package; `client.d.ts` documents it.
#[wasm_bindgen(js_name = enqueueCommand)]
pub fn enqueue_command(fields: JsValue) -> Promise {
    run(fields, enqueue)
}

/// `queued` of the package. `workflowId` carries the command's id.
#[wasm_bindgen(js_name = readQueued)]
pub fn read_queued(fields: JsValue) -> Promise {
    run(fields, |fields| {
        with_checked_id(fields, Operation::ReadQueued)
    })
}

/// `cancel` of the package. `workflowId` carries the command's id.
#[wasm_bindgen(js_name = cancelQueued)]
pub fn cancel_queued(fields: JsValue) -> Promise {
    run(fields, |fields| with_checked_id(fields, Operation::Cancel))
}

fn run(fields: JsValue, operation: fn(&QueueFields) -> Result<Operation, JsValue>) -> Promise {
    promise(async move {
        let fields: QueueFields = fields.unchecked_into();
        let operation = operation(&fields)?;
        let (request, caller) = super::request(&fields)?;
        match queue::run(&caller, &request, operation).await {
            Ok(queued) => Ok(queued.entry.into()),
            Err(error) => Err(result::error(error, &caller)),
        }
    })
}

fn enqueue(fields: &QueueFields) -> Result<Operation, JsValue> {
    let delay = fields.delay_seconds();
    // Any invalid value becomes a delay that is too long, which the same check refuses.
    let seconds = || request::whole_number(&delay).unwrap_or(u32::MAX);
    let delay = (!delay.is_undefined()).then(seconds);
    Ok(Operation::Enqueue(request::command(fields)?, delay))
}

/// Checks the id. Any value but a string counts as an empty id, which is invalid.
fn with_checked_id(fields: &QueueFields, operation: Operation) -> Result<Operation, JsValue> {
    let id = fields.workflow_id().as_string().unwrap_or_default();
    match check_id(&id) {
        Ok(()) => Ok(operation),
        Err(error) => Err(result::error_with_cause(error, &JsValue::UNDEFINED)),
    }
}
