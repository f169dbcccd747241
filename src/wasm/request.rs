//! Converts the caller's request field by field. This module only checks types; [`crate::request`]
//! checks the values.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{Fields, GLOBAL, Signal};
use super::platform::JsPlatform;
use crate::command::Command;
use crate::error::{Field, FieldError, Problem};
use crate::request::{AccessToken, Request};
use crate::text::contains;

/// The command of a request.
pub fn command(fields: &Fields) -> Result<Command, FieldError> {
    if !fields.is_object() {
        return Err(FieldError(Field::Request, Problem::NotObject));
    }
    parse_command(&fields.command())
}

/// Parses a command.
pub fn parse_command(value: &JsValue) -> Result<Command, FieldError> {
    let word = required_string(Field::Command, value)?;
    Command::parse(&word).ok_or(FieldError(Field::Command, Problem::NotCommand))
}

/// The workflow id of a request.
pub fn workflow_id(fields: &Fields) -> Result<String, FieldError> {
    required_string(Field::WorkflowId, &fields.workflow_id())
}

/// The request for a workflow, and its platform.
pub fn request(fields: &Fields, workflow_id: String) -> Result<(Request, JsPlatform), FieldError> {
    let organization = required_string(Field::Organization, &fields.organization())?;
    let mut request = Request::new(organization, workflow_id);
    let token = fields.access_token();
    let token_function = if token.is_function() {
        request.access_token = AccessToken::Function;
        Some(token.unchecked_into())
    } else {
        if let Some(token) = optional_string(Field::AccessToken, &token)? {
            request.access_token = AccessToken::Fixed(token);
        }
        None
    };
    request.api_key = optional_string(Field::ApiKey, &fields.api_key())?;
    request.base_url = optional_string(Field::BaseUrl, &fields.base_url())?;
    request.headers = headers(&fields.headers())?;
    request.idempotency_key = optional_string(Field::IdempotencyKey, &fields.idempotency_key())?;
    if let Some(ms) = milliseconds(Field::TimeoutMs, &fields.timeout_ms())? {
        request.timeout_ms = ms;
    }
    request.attempt_timeout_ms =
        milliseconds(Field::AttemptTimeoutMs, &fields.attempt_timeout_ms())?;
    let max_retries = fields.max_retries();
    if !max_retries.is_undefined() {
        let error = FieldError(Field::MaxRetries, Problem::NotRetries);
        request.max_retries = whole_number(&max_retries).ok_or(error)?;
    }
    let allowed = fields.allow_browser_credentials();
    if !allowed.is_undefined() {
        let error = FieldError(Field::AllowBrowserCredentials, Problem::NotBoolean);
        request.allow_browser_credentials = allowed.as_bool().ok_or(error)?;
    }
    let (fetch, has_custom_fetch) = fetch(fields.fetch())?;
    let caller = JsPlatform {
        fetch,
        has_custom_fetch,
        token_function,
        signal: signal(fields.signal())?,
    };
    Ok((request, caller))
}

/// Converts a required string.
pub fn required_string(field: Field, value: &JsValue) -> Result<String, FieldError> {
    string_or_problem(value).map_err(|problem| FieldError(field, problem))
}

/// Converts a required string, or returns what is invalid about the value.
pub fn string_or_problem(value: &JsValue) -> Result<String, Problem> {
    let missing = if value.is_undefined() {
        Problem::Missing
    } else {
        Problem::NotString
    };
    let text = value.as_string().ok_or(missing)?;
    // A lone surrogate is converted to this character without an error.
    let may_be_replaced = contains(&text, "\u{fffd}");
    if may_be_replaced && JsValue::from_str(&text) != *value {
        return Err(Problem::LoneSurrogate);
    }
    Ok(text)
}

/// Converts an optional string.
pub fn optional_string(field: Field, value: &JsValue) -> Result<Option<String>, FieldError> {
    if value.is_undefined() {
        Ok(None)
    } else {
        required_string(field, value).map(Some)
    }
}

/// Converts a whole number from 0 to 4294967295.
pub fn whole_number(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    // The cast drops a fraction and saturates, so the comparison fails for any other number.
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

fn milliseconds(field: Field, value: &JsValue) -> Result<Option<u32>, FieldError> {
    if value.is_undefined() {
        return Ok(None);
    }
    let ms = whole_number(value);
    ms.map(Some)
        .ok_or(FieldError(field, Problem::NotMilliseconds))
}

/// The `fetch` function to use, and whether it is the caller's own.
pub fn fetch(value: JsValue) -> Result<(Function, bool), FieldError> {
    let (fetch, is_custom, problem) = if value.is_undefined() {
        let global = GLOBAL.with(|global| global.fetch());
        (global, false, Problem::FetchMissing)
    } else {
        (value, true, Problem::NotFunction)
    };
    if fetch.is_function() {
        Ok((fetch.unchecked_into(), is_custom))
    } else {
        Err(FieldError(Field::Fetch, problem))
    }
}

fn signal(value: JsValue) -> Result<Option<Signal>, FieldError> {
    if value.is_undefined() {
        Ok(None)
    } else if Signal::is_signal(&value) {
        Ok(Some(value.unchecked_into()))
    } else {
        Err(FieldError(Field::Signal, Problem::NotSignal))
    }
}

/// Converts a plain object of strings.
fn headers(headers: &JsValue) -> Result<Vec<(String, String)>, FieldError> {
    let error = FieldError(Field::Headers, Problem::HeadersShape);
    let mut pairs = Vec::new();
    if headers.is_undefined() {
        return Ok(pairs);
    }
    if !headers.is_object() || !is_plain_object(headers) {
        return Err(error);
    }
    for entry in Object::entries(headers.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        match (entry.get(0).as_string(), entry.get(1).as_string()) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            _ => return Err(error),
        }
    }
    Ok(pairs)
}

/// Whether a value is a plain object. The entries of a `Headers`, a `Map` or an array are not
/// header fields.
pub fn is_plain_object(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}
