//! The caller's request, converted field by field. What a value may be is checked in
//! [`crate::request`]; here it is only checked that it has the right type.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{Fields, GLOBAL, Signal};
use super::platform::JsPlatform;
use crate::command::Command;
use crate::error::{Field, FieldError, Problem};
use crate::request::{AccessToken, Request};
use crate::text::contains;

/// The command that is asked for.
pub fn command(fields: &Fields) -> Result<Command, FieldError> {
    if !fields.is_object() {
        return Err(FieldError(Field::Request, Problem::NotObject));
    }
    parse_command(&fields.command())
}

/// The command of this word.
pub fn parse_command(value: &JsValue) -> Result<Command, FieldError> {
    let word = required_string(Field::Command, value)?;
    Command::parse(&word).ok_or(FieldError(Field::Command, Problem::NotCommand))
}

/// The workflow.
pub fn workflow_id(fields: &Fields) -> Result<String, FieldError> {
    required_string(Field::WorkflowId, &fields.workflow_id())
}

/// The request for a workflow, and the functions that go with it.
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

/// A text that is required.
pub fn required_string(field: Field, value: &JsValue) -> Result<String, FieldError> {
    string_or_problem(value).map_err(|problem| FieldError(field, problem))
}

/// A required text, or what is wrong with the value.
pub fn string_or_problem(value: &JsValue) -> Result<String, Problem> {
    let missing = if value.is_undefined() {
        Problem::Missing
    } else {
        Problem::NotString
    };
    let text = value.as_string().ok_or(missing)?;
    // A lone surrogate silently becomes this character on its way: another text.
    let may_be_replaced = contains(&text, "\u{fffd}");
    if may_be_replaced && JsValue::from_str(&text) != *value {
        return Err(Problem::LoneSurrogate);
    }
    Ok(text)
}

/// A text that may be left out.
pub fn optional_string(field: Field, value: &JsValue) -> Result<Option<String>, FieldError> {
    if value.is_undefined() {
        Ok(None)
    } else {
        required_string(field, value).map(Some)
    }
}

/// A whole number that is not negative.
pub fn whole_number(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    // The cast drops a fraction and saturates, so that only a whole number within range comes back.
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

/// The caller's `fetch`, or the global one; and whether it is the caller's.
pub fn fetch(given: JsValue) -> Result<(Function, bool), FieldError> {
    let (fetch, is_custom, problem) = if given.is_undefined() {
        let global = GLOBAL.with(|global| global.fetch());
        (global, false, Problem::FetchMissing)
    } else {
        (given, true, Problem::NotFunction)
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

/// A plain object of strings.
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

/// Whether it is an object literal: not a `Headers`, a `Map` or an array, whose entries are not what to send.
pub fn is_plain_object(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}
