//! Signals: converts the caller's content to the body of the request.

use js_sys::{Array, JSON, JsString, Object, Promise};
use wasm_bindgen::prelude::*;

use super::super::bindings::ResultFields;
use super::super::{request, result};
use super::{ClientFields, invalid_argument, promise};
use crate::signal;

/// The problem of invalid `parameters`.
const INVALID_PARAMETERS: &str =
    "must be a plain object of strings, finite numbers, booleans and valid dates";

#[wasm_bindgen]
extern "C" {
    /// The fields of a signal.
    #[wasm_bindgen(extends = ClientFields)]
    type SignalFields;
    #[wasm_bindgen(method, getter)]
    fn activity(this: &SignalFields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn source(this: &SignalFields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn parameters(this: &SignalFields) -> JsValue;

    /// The body of a trigger's request.
    #[wasm_bindgen(extends = Object)]
    type TriggerBody;
    #[wasm_bindgen(method, setter)]
    fn set_source(this: &TriggerBody, source: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_parameters(this: &TriggerBody, parameters: &JsValue);

    /// Throws if the value is not a valid date.
    #[wasm_bindgen(catch, js_namespace = ["Date", "prototype", "toISOString"], js_name = call)]
    fn to_iso_string(date: &JsValue) -> Result<JsString, JsValue>;

    /// The result of `signal`, in addition to the fields of every receipt.
    #[wasm_bindgen(extends = ResultFields)]
    type SignalResult;
    #[wasm_bindgen(method, setter)]
    fn set_activity(this: &SignalResult, activity: &JsValue);
    #[wasm_bindgen(method, setter, js_name = tooSoon)]
    fn set_too_soon(this: &SignalResult, is_too_soon: bool);
}

/// `signal` of the package; `client.d.ts` documents it.
#[wasm_bindgen(js_name = triggerSignal)]
pub fn trigger_signal(fields: JsValue) -> Promise {
    promise(async move {
        let fields: SignalFields = fields.unchecked_into();
        let activity = checked_name("activity", &fields.activity())?;
        let body = request_body(&fields)?;
        let (request, caller) = super::request(&fields)?;
        match signal::signal(&caller, &request, &activity, &body).await {
            Ok(triggered) => {
                let result: SignalResult = result::new_object().unchecked_into();
                result.set_workflow_id(&fields.workflow_id());
                result.set_activity(&fields.activity());
                result::set_response_fields(&result, triggered.receipt);
                result.set_too_soon(triggered.is_too_soon);
                Ok(result.into())
            }
            Err(error) => Err(result::error(error, &caller)),
        }
    })
}

/// The body of the request: source and parameters as JSON.
fn request_body(fields: &SignalFields) -> Result<String, JsValue> {
    let (source, parameters) = (fields.source(), fields.parameters());
    checked_name("source", &source)?;
    let body: TriggerBody = Object::new().unchecked_into();
    body.set_source(&source);
    if !parameters.is_undefined() {
        let parameters = serializable(&parameters);
        body.set_parameters(
            &parameters.ok_or_else(|| invalid_argument("parameters", INVALID_PARAMETERS))?,
        );
    }
    Ok(JSON::stringify(&body)?.as_string().unwrap_or_default())
}

/// A copy of the parameters that JSON can represent. `None` if one of them is invalid.
fn serializable(parameters: &JsValue) -> Option<JsValue> {
    if !parameters.is_object() || !request::is_plain_object(parameters) {
        return None;
    }
    let entries = Array::new();
    for entry in Object::entries(parameters.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        let value = entry.get(1);
        if value.is_undefined() {
            continue;
        }
        let is_value = value.as_bool().is_some()
            || value.as_f64().is_some_and(f64::is_finite)
            || request::string_or_problem(&value).is_ok();
        if !is_value {
            entry.set(1, to_iso_string(&value).ok()?.into());
        }
        request::string_or_problem(&entry.get(0)).ok()?;
        entries.push(&entry);
    }
    Some(Object::from_entries(&entries).ok()?.into())
}

fn checked_name(field: &str, value: &JsValue) -> Result<String, JsValue> {
    let checked = request::string_or_problem(value).and_then(|name| {
        signal::check_name(&name)?;
        Ok(name)
    });
    checked.map_err(|problem| invalid_argument(field, problem.as_str()))
}
