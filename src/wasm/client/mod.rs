//! The exports of the larger module: reading a workflow, signals, waiting, many commands and queued
//! commands.

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
    /// The fields of every `WorkflowClient` call, in addition to those of a request.
    #[wasm_bindgen(extends = Fields)]
    type ClientFields;
    /// The signal that ends the call: it fires with the caller's `signal` and when the client is
    /// closed.
    #[wasm_bindgen(method, getter)]
    fn stop(this: &ClientFields) -> Option<Signal>;
}

/// `sendWorkflowCommand` of the package, and `send` of its `WorkflowClient` without `confirm`.
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

/// `get` of the package; `client.d.ts` documents it.
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

/// Converts a future to a promise. All exports share one type of future, so the module contains
/// this code once.
fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let boxed: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(future);
    future_to_promise(boxed)
}

/// The request, and its platform.
fn request(fields: &ClientFields) -> Result<(Request, JsPlatform), JsValue> {
    let (request, caller) = request::request(fields, request::workflow_id(fields)?)?;
    Ok((request, with_stop_signal(caller, fields)))
}

/// Replaces the caller's signal, which was checked, with that of the `WorkflowClient`, if there is
/// one. That one fires with the caller's.
fn with_stop_signal(caller: JsPlatform, fields: &ClientFields) -> JsPlatform {
    JsPlatform {
        signal: fields.stop().or(caller.signal),
        ..caller
    }
}

/// Converts an optional field. `None` if it has the wrong type.
fn optional<T>(value: &JsValue, convert: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
    if value.is_undefined() {
        Some(None)
    } else {
        convert(value).map(Some)
    }
}

/// Converts an optional function.
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
