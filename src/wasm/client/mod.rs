//! The exports of the larger module: reading a workflow, signals, waiting, many commands and commands for later.

mod queue;
mod send_all;
mod signal;
mod wait;

use std::future::Future;
use std::pin::Pin;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::bindings::{Fields, Signal};
use super::platform::JsPlatform;
use super::{request, result};
use crate::call;
use crate::error::{Error, Problem};
use crate::read::read_workflow;
use crate::request::Request;

#[wasm_bindgen]
extern "C" {
    /// The fields that every call of a `WorkflowClient` has beside those of a request.
    #[wasm_bindgen(extends = Fields)]
    type ClientFields;
    /// What ends the call: the caller's `signal`, or the end of the client.
    #[wasm_bindgen(method, getter)]
    fn stop(this: &ClientFields) -> Option<Signal>;
}

/// `sendWorkflowCommand` of the package, and `send` of its `WorkflowClient` without a confirmation.
#[wasm_bindgen(js_name = sendWorkflowCommand)]
pub fn send_workflow_command(fields: JsValue) -> Promise {
    promise(async move {
        let fields: ClientFields = fields.unchecked_into();
        let command = request::command(&fields)?;
        let (request, caller) = request(&fields)?;
        match call::send(&caller, &request, command).await {
            Ok(receipt) => Ok(result::receipt(receipt, &fields).into()),
            Err(error) => Err(result::error(error, &caller)),
        }
    })
}

/// `get` of the package, documented in its `client.d.ts`.
#[wasm_bindgen(js_name = readWorkflow)]
pub fn read_workflow_export(fields: JsValue) -> Promise {
    promise(async move {
        let (request, caller) = request(fields.unchecked_ref())?;
        match read_workflow(&caller, &request).await {
            Ok((workflow, _)) => Ok(workflow.into()),
            Err(error) => Err(result::error(error, &caller)),
        }
    })
}

/// The promise of a future. As all exports have the same type of future, what makes a promise of it
/// is in the module once.
fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let boxed: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(future);
    future_to_promise(boxed)
}

/// The request, and what goes with it.
fn request(fields: &ClientFields) -> Result<(Request, JsPlatform), JsValue> {
    let (request, caller) = request::request(fields, request::workflow_id(fields)?)?;
    Ok((request, with_stop_signal(caller, fields)))
}

/// The caller's own signal was checked; the one to listen to is that of the client, if the call is
/// one of a `WorkflowClient`. It fires with the caller's.
fn with_stop_signal(caller: JsPlatform, fields: &ClientFields) -> JsPlatform {
    JsPlatform {
        signal: fields.stop().or(caller.signal),
        ..caller
    }
}

/// A field that may be left out; `None` if it has the wrong type.
fn optional<T>(value: &JsValue, convert: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
    if value.is_undefined() {
        Some(None)
    } else {
        convert(value).map(Some)
    }
}

/// A function that may be left out.
fn optional_function(field: &str, value: JsValue) -> Result<Option<Function>, JsValue> {
    if value.is_undefined() {
        Ok(None)
    } else if value.is_function() {
        Ok(Some(value.unchecked_into()))
    } else {
        Err(invalid_argument(field, Problem::NotFunction.as_str()))
    }
}

fn invalid_argument(field: &str, problem: &str) -> JsValue {
    result::error_with_cause(Error::invalid_argument(field, problem), &JsValue::UNDEFINED)
}
