//! Waits for a workflow, and commands that the workflow's state confirms.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::super::bindings::{self, Fields, ParsedJson, ResultFields};
use super::super::events::PromiseFuture;
use super::super::platform::JsPlatform;
use super::super::{request, result};
use super::{ClientFields, invalid_argument, optional_function, promise};
use crate::error::{Error, Problem};
use crate::wait::{Confirmed, Wait, WaitError, send_confirmed, wait_for};

#[wasm_bindgen]
extern "C" {
    /// The fields of a wait.
    #[wasm_bindgen(extends = ClientFields)]
    type WaitFields;
    #[wasm_bindgen(method, getter)]
    fn until(this: &WaitFields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn confirm(this: &WaitFields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = intervalMs)]
    fn interval_ms(this: &WaitFields) -> JsValue;
    /// `timeoutMs` of the wait. That of [`Fields`] belongs to each request.
    #[wasm_bindgen(method, getter, js_name = waitTimeoutMs)]
    fn wait_timeout_ms(this: &WaitFields) -> JsValue;

    /// The result of a confirmed command, in addition to the fields of every receipt.
    #[wasm_bindgen(extends = ResultFields)]
    type ConfirmedResult;
    #[wasm_bindgen(method, setter, js_name = status)]
    fn set_no_status(this: &ConfirmedResult, status: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_confirmed(this: &ConfirmedResult, is_confirmed: bool);
    #[wasm_bindgen(method, setter)]
    fn set_workflow(this: &ConfirmedResult, workflow: &JsValue);
}

/// `waitFor` of the package; `client.d.ts` documents it.
#[wasm_bindgen(js_name = waitForWorkflow)]
pub fn wait_for_workflow(fields: JsValue) -> Promise {
    promise(async move {
        let fields: WaitFields = fields.unchecked_into();
        let until = predicate("until", fields.until())?;
        let wait = options(&fields)?;
        let (request, caller) = super::request(&fields)?;
        match wait_for(&caller, &request, &wait, until).await {
            Ok(workflow) => Ok(workflow.into()),
            Err(error) => Err(to_js_error(error, &caller)),
        }
    })
}

/// `send` of the package with `confirm`; `client.d.ts` documents it.
#[wasm_bindgen(js_name = sendConfirmed)]
pub fn send_with_confirmation(fields: JsValue) -> Promise {
    promise(async move {
        let fields: WaitFields = fields.unchecked_into();
        let until = predicate("confirm", fields.confirm())?;
        let wait = options(&fields)?;
        let command = request::command(&fields)?;
        let (request, caller) = super::request(&fields)?;
        match send_confirmed(&caller, &request, command, &wait, until).await {
            Ok(confirmed) => Ok(receipt(confirmed, &fields)),
            Err(error) => Err(to_js_error(error, &caller)),
        }
    })
}

/// The caller's predicate, which may return a promise.
fn predicate(
    field: &str,
    value: JsValue,
) -> Result<impl AsyncFnMut(&ParsedJson) -> Result<bool, JsValue> + use<>, JsValue> {
    let missing = || invalid_argument(field, Problem::Missing.as_str());
    let until = optional_function(field, value)?.ok_or_else(missing)?;
    Ok(async move |workflow: &ParsedJson| {
        let returned = bindings::call1(&until, workflow)?;
        Ok(PromiseFuture::new(&returned).await?.is_truthy())
    })
}

fn options(fields: &WaitFields) -> Result<Wait, JsValue> {
    let mut wait = Wait::default();
    for (field, value, ms) in [
        ("intervalMs", fields.interval_ms(), &mut wait.interval_ms),
        ("timeoutMs", fields.wait_timeout_ms(), &mut wait.timeout_ms),
    ] {
        if !value.is_undefined() {
            let parsed = request::whole_number(&value);
            *ms =
                parsed.ok_or_else(|| invalid_argument(field, Problem::NotMilliseconds.as_str()))?;
        }
    }
    Ok(wait)
}

fn receipt(confirmed: Confirmed<ParsedJson>, fields: &Fields) -> JsValue {
    let result: ConfirmedResult = match confirmed.result {
        Ok(receipt) => result::receipt(receipt, fields).unchecked_into(),
        Err(error) => receipt_without_response(error, fields),
    };
    result.set_confirmed(confirmed.is_confirmed);
    result.set_workflow(&confirmed.workflow.map_or(JsValue::NULL, JsValue::from));
    result.into()
}

/// The receipt of a confirmed command whose response was lost.
fn receipt_without_response(error: Error, fields: &Fields) -> ConfirmedResult {
    let result: ConfirmedResult = result::new_object().unchecked_into();
    result.set_workflow_id(&fields.workflow_id());
    result.set_command(&fields.command());
    result.set_no_status(&JsValue::NULL);
    result.set_body(&JsValue::NULL);
    let request_id = error.request_id.map(JsValue::from);
    result.set_request_id(&request_id.unwrap_or(JsValue::NULL));
    result.set_attempts(error.attempts);
    result
}

fn to_js_error(error: WaitError<JsValue>, caller: &JsPlatform) -> JsValue {
    match error {
        WaitError::Failed(error) => result::error(error, caller),
        WaitError::TimedOut {
            error,
            last_poll_error,
        } => {
            let cause = last_poll_error.map(|error| result::error(*error, caller));
            result::error_with_cause(error, &cause.unwrap_or_default())
        }
        WaitError::Until(thrown) => thrown,
    }
}
