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
    let organization = text(Field::Organization, &fields.organization())?;
    let workflow_id = text(Field::WorkflowId, &fields.workflow_id())?;
    let (access_token, token_function) = access_token(fields.access_token())?;
    let (fetch, has_custom_fetch) = fetch(fields.fetch())?;
    let request = Request {
        organization,
        workflow_id,
        access_token,
        api_key: optional_text(Field::ApiKey, &fields.api_key())?,
        base_url: optional_text(Field::BaseUrl, &fields.base_url())?,
        headers: headers(&fields.headers())
            .ok_or(Refusal(Field::Headers, Problem::HeadersShape))?,
        idempotency_key: optional_text(Field::IdempotencyKey, &fields.idempotency_key())?,
        timeout_ms: milliseconds(Field::TimeoutMs, &fields.timeout_ms())?.unwrap_or(30_000),
        attempt_timeout_ms: milliseconds(Field::AttemptTimeoutMs, &fields.attempt_timeout_ms())?,
        max_retries: optional(&fields.max_retries(), whole_number)
            .ok_or(Refusal(Field::MaxRetries, Problem::NotRetries))?
            .unwrap_or(2),
        allow_browser_credentials: optional(&fields.allow_browser_credentials(), JsValue::as_bool)
            .ok_or(Refusal(Field::AllowBrowserCredentials, Problem::NotBoolean))?
            .unwrap_or(false),
    };
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

/// A field that may be left out; `None` if it has the wrong type.
pub fn optional<T>(
    value: &JsValue,
    convert: impl FnOnce(&JsValue) -> Option<T>,
) -> Option<Option<T>> {
    if value.is_undefined() {
        Some(None)
    } else {
        convert(value).map(Some)
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
    optional(value, whole_number).ok_or(Refusal(field, Problem::NotMilliseconds))
}

fn access_token(value: JsValue) -> Result<(AccessToken, Option<Function>), Refusal> {
    if value.is_function() {
        return Ok((AccessToken::Function, Some(value.unchecked_into())));
    }
    let token = optional_text(Field::AccessToken, &value)?;
    Ok((token.map_or(AccessToken::None, AccessToken::Fixed), None))
}

/// The caller's `fetch`, or the global one; and whether it is the caller's.
fn fetch(given: JsValue) -> Result<(Function, bool), Refusal> {
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

/// `None` if it is not a plain object of strings.
fn headers(headers: &JsValue) -> Option<Vec<(String, String)>> {
    if headers.is_undefined() {
        return Some(Vec::new());
    }
    if !headers.is_object() || !is_plain(headers) {
        return None;
    }
    let mut pairs = Vec::new();
    for entry in Object::entries(headers.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        pairs.push((entry.get(0).as_string()?, entry.get(1).as_string()?));
    }
    Some(pairs)
}

/// Not a `Headers`, a `Map` or an array, whose entries are not what to send.
fn is_plain(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}
