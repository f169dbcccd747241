//! Converts the argument and the result of the user's own `send`.

use campaign_workflow::wasm::bindings::is_workflow_command_error;
use campaign_workflow::{Code, Error, Outcome};
use js_sys::{JSON, Object};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::bindings::{CommandObject, OperationObject, SendValue};
use super::response;
use super::runtime::{caller_of, fill_operation};
use crate::campaign_result::{self, AcceptedResponse, Content};
use crate::raw_options::Field;
use crate::runtime::{OutgoingCommand, SendResult};

/// Its argument.
pub fn command(
    command: &OutgoingCommand<'_>,
    request: &web_sys::Request,
    requested: Option<&OperationObject>,
) -> CommandObject {
    let object: CommandObject = Object::new().unchecked_into();
    fill_operation(&object, command.requested);
    object.set_request(request);
    object.set_caller(&caller_of(requested));
    let key = command.idempotency_key.map(JsValue::from_str);
    object.set_idempotency_key(&key.unwrap_or(JsValue::NULL));
    object.set_timeout_ms(command.timeout_ms);
    object
}

/// Converts what it resolved to.
pub fn result(value: JsValue) -> SendResult<web_sys::Response> {
    if !value.is_object() {
        return SendResult::Other;
    }
    let value: SendValue = value.unchecked_into();
    let status = value.status().ok().and_then(|status| status.as_f64());
    // The cast saturates. A status that is not a whole number becomes `None`, which is not a success.
    let whole = status
        .map(|status| status as u16)
        .filter(|whole| Some(f64::from(*whole)) == status);
    if status.is_some() && response::has_headers(&value) {
        return SendResult::Response {
            status: whole.unwrap_or_default(),
            response: value.unchecked_into(),
        };
    }
    let Some(content) = value.body().ok().and_then(content) else {
        return SendResult::Other;
    };
    let request_id = value.request_id().ok().and_then(|id| id.as_string());
    let attempts = value.attempts().ok().and_then(|attempts| attempts.as_f64());
    SendResult::Receipt(AcceptedResponse {
        status: whole.unwrap_or_default(),
        request_id,
        content,
        // The cast saturates.
        attempts: attempts.unwrap_or_default() as u32,
    })
}

/// The body of a receipt; `None` if it can't be read.
fn content(value: JsValue) -> Option<Content> {
    if value.is_undefined() || value.is_null() {
        return Some(Content::Empty);
    }
    if let Some(text) = value.as_string() {
        return Some(Content::Text(text));
    }
    // `stringify` returns undefined for values without a JSON form.
    let json: JsValue = JSON::stringify(&value).ok()?.into();
    Some(json.as_string().map_or(Content::Empty, Content::Json))
}

/// Converts what it threw.
pub fn failure(thrown: &JsValue) -> SendResult<web_sys::Response> {
    if !is_workflow_command_error(thrown).unwrap_or_default() {
        return SendResult::Other;
    }
    let fields = serde_wasm_bindgen::from_value::<ErrorFields>(thrown.clone());
    fields.map_or(SendResult::Other, |fields| {
        SendResult::Error(Box::new(fields.into()))
    })
}

/// The readable fields of a `WorkflowCommandError`. A field of the wrong type counts as missing.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ErrorFields {
    code: Field<String>,
    outcome: Field<String>,
    message: Field<String>,
    hint: Field<String>,
    retry_after_ms: Field<f64>,
    error_code: Field<String>,
    request_id: Field<String>,
    body: Field<String>,
    attempts: Field<f64>,
}

impl From<ErrorFields> for Error {
    fn from(fields: ErrorFields) -> Self {
        let unknown = campaign_result::internal_error();
        let word = |field: Field<String>| field.value().unwrap_or_default();
        // An error with another code says nothing about the command.
        let Some(code) = Code::parse(&word(fields.code)) else {
            return unknown;
        };
        // The casts saturate.
        let retry_after_ms = fields.retry_after_ms.value().filter(|ms| *ms >= 0.0);
        Self {
            code,
            outcome: Outcome::parse(&word(fields.outcome)).unwrap_or(Outcome::Unknown),
            message: fields.message.value().unwrap_or(unknown.message),
            status: None,
            error_code: fields.error_code.value(),
            body: fields.body.value(),
            hint: fields.hint.value(),
            retry_after_ms: retry_after_ms.map(|ms| ms as u32),
            request_id: fields.request_id.value(),
            attempts: fields.attempts.value().unwrap_or_default() as u32,
            cause: None,
        }
    }
}
