//! Converts receipts and errors to JavaScript values.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::bindings::{Fields, ParsedJson, ResultFields, WorkflowCommandError};
use super::platform::JsPlatform;
use crate::call::{Body, Receipt};
use crate::error::{Code, Error, FieldError};

/// The receipt of an accepted command.
pub fn receipt(receipt: Receipt<ParsedJson>, fields: &Fields) -> ResultFields {
    let result = new_object();
    result.set_workflow_id(&fields.workflow_id());
    result.set_command(&fields.command());
    set_response_fields(&result, receipt);
    result
}

/// Sets the fields of a receipt that describe the response.
pub fn set_response_fields(result: &ResultFields, receipt: Receipt<ParsedJson>) {
    result.set_status(receipt.status);
    result.set_body(&match receipt.body {
        Body::Empty => JsValue::NULL,
        Body::Text(text) => text.into(),
        Body::Json(value) => value.into(),
    });
    let request_id = receipt.request_id.map(JsValue::from);
    result.set_request_id(&request_id.unwrap_or(JsValue::NULL));
    result.set_attempts(receipt.attempts);
}

/// The error of a failed call.
pub fn error(error: Error, caller: &JsPlatform) -> JsValue {
    let cause = match (error.code, &error.cause) {
        (Code::Aborted, _) => caller.abort_reason(),
        (_, Some(cause)) => js_sys::Error::new(cause).into(),
        (_, None) => JsValue::UNDEFINED,
    };
    error_with_cause(error, &cause)
}

/// The error of an invalid field. Nothing was sent.
impl From<FieldError> for JsValue {
    fn from(error: FieldError) -> Self {
        error_with_cause(error.into(), &Self::UNDEFINED)
    }
}

pub fn error_with_cause(error: Error, cause: &JsValue) -> JsValue {
    let fields = new_object();
    fields.set_code(error.code.as_str());
    fields.set_outcome(error.outcome.as_str());
    if let Some(status) = error.status {
        fields.set_status(status);
    }
    if let Some(code) = &error.error_code {
        fields.set_error_code(code);
    }
    if let Some(body) = error.body {
        fields.set_body(&body.into());
    }
    if let Some(hint) = &error.hint {
        fields.set_hint(hint);
    }
    if let Some(ms) = error.retry_after_ms {
        fields.set_retry_after_ms(ms);
    }
    if let Some(id) = error.request_id {
        fields.set_request_id(&id.into());
    }
    fields.set_attempts(error.attempts);
    fields.set_cause(cause);
    WorkflowCommandError::new(&error.message, &fields).into()
}

/// A new object.
pub fn new_object() -> ResultFields {
    Object::new().unchecked_into()
}
