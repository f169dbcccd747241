//! The caller's request, converted field by field. What a value may be is checked in
//! [`crate::request`]; here it is only checked that it has the right type.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{Fields, GLOBAL, Signal};
use super::platform::Caller;
use crate::command::Command;
use crate::error::{Field, Problem, Refusal};
use crate::request::{AccessToken, Request};
use crate::text::contains;

/// The command that is asked for.
pub fn command(fields: &Fields) -> Result<Command, Refusal> {
    if !fields.is_object() {
        return Err(Refusal(Field::Request, Problem::NotObject));
    }
    let word = text(Field::Command, &fields.command())?;
    Command::from_word(&word).ok_or(Refusal(Field::Command, Problem::NotCommand))
}

/// The request, and the functions that go with it.
pub fn request(fields: &Fields) -> Result<(Request, Caller), Refusal> {
    let mut request = Request::new(
        text(Field::Organization, &fields.organization())?,
        text(Field::WorkflowId, &fields.workflow_id())?,
    );
    let token = fields.access_token();
    let token_function = if token.is_function() {
        request.access_token = AccessToken::Function;
        Some(token.unchecked_into())
    } else {
        if let Some(token) = optional_text(Field::AccessToken, &token)? {
            request.access_token = AccessToken::Fixed(token);
        }
        None
    };
    request.api_key = optional_text(Field::ApiKey, &fields.api_key())?;
    request.base_url = optional_text(Field::BaseUrl, &fields.base_url())?;
    request.headers = headers(&fields.headers())?;
    request.idempotency_key = optional_text(Field::IdempotencyKey, &fields.idempotency_key())?;
    if let Some(ms) = milliseconds(Field::TimeoutMs, &fields.timeout_ms())? {
        request.timeout_ms = ms;
    }
    request.attempt_timeout_ms =
        milliseconds(Field::AttemptTimeoutMs, &fields.attempt_timeout_ms())?;
    let max_retries = fields.max_retries();
    if !max_retries.is_undefined() {
        let refusal = Refusal(Field::MaxRetries, Problem::NotRetries);
        request.max_retries = whole_number(&max_retries).ok_or(refusal)?;
    }
    let allowed = fields.allow_browser_credentials();
    if !allowed.is_undefined() {
        let refusal = Refusal(Field::AllowBrowserCredentials, Problem::NotBoolean);
        request.allow_browser_credentials = allowed.as_bool().ok_or(refusal)?;
    }
    let (fetch, has_custom_fetch) = fetch(fields.fetch())?;
    let caller = Caller {
        fetch,
        has_custom_fetch,
        token_function,
        signal: signal(fields.signal())?,
    };
    Ok((request, caller))
}

/// A text that is required.
pub fn text(field: Field, value: &JsValue) -> Result<String, Refusal> {
    text_or_problem(value).map_err(|problem| Refusal(field, problem))
}

/// A required text, or what is wrong with the value.
pub fn text_or_problem(value: &JsValue) -> Result<String, Problem> {
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

fn optional_text(field: Field, value: &JsValue) -> Result<Option<String>, Refusal> {
    if value.is_undefined() {
        Ok(None)
    } else {
        text(field, value).map(Some)
    }
}

/// A whole number that is not negative.
pub fn whole_number(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    // The cast drops a fraction and saturates, so that only a whole number within range comes back.
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

fn milliseconds(field: Field, value: &JsValue) -> Result<Option<u32>, Refusal> {
    if value.is_undefined() {
        return Ok(None);
    }
    let ms = whole_number(value);
    ms.map(Some).ok_or(Refusal(field, Problem::NotMilliseconds))
}

/// The caller's `fetch`, or the global one; and whether it is the caller's.
pub fn fetch(given: JsValue) -> Result<(Function, bool), Refusal> {
    let (fetch, is_custom, problem) = if given.is_undefined() {
        let global = GLOBAL.with(|global| global.fetch());
        (global, false, Problem::FetchMissing)
    } else {
        (given, true, Problem::NotFunction)
    };
    if fetch.is_function() {
        Ok((fetch.unchecked_into(), is_custom))
    } else {
        Err(Refusal(Field::Fetch, problem))
    }
}

fn signal(value: JsValue) -> Result<Option<Signal>, Refusal> {
    if value.is_undefined() {
        Ok(None)
    } else if Signal::is_signal(&value) {
        Ok(Some(value.unchecked_into()))
    } else {
        Err(Refusal(Field::Signal, Problem::NotSignal))
    }
}

/// A plain object of strings.
fn headers(headers: &JsValue) -> Result<Vec<(String, String)>, Refusal> {
    let refusal = Refusal(Field::Headers, Problem::HeadersShape);
    let mut pairs = Vec::new();
    if headers.is_undefined() {
        return Ok(pairs);
    }
    if !headers.is_object() || !is_plain(headers) {
        return Err(refusal);
    }
    for entry in Object::entries(headers.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        match (entry.get(0).as_string(), entry.get(1).as_string()) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            _ => return Err(refusal),
        }
    }
    Ok(pairs)
}

/// Not a `Headers`, a `Map` or an array, whose entries are not what to send.
fn is_plain(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}
