//! The caller's request object, read field by field and checked by the pure modules' rules.

use wasm_bindgen::prelude::*;

use super::js::{self, Kind};
use super::secrets::Secrets;
use crate::address;
use crate::command::COMMAND;
use crate::error::{Field, Problem, Refusal};
use crate::exchange::Plan;
use crate::header;
use crate::rule::Rules;

/// The request: an object of our own, into which the loader copied what the caller gave, so that
/// reading it has no effects and it stays what it is.
pub struct Request(pub JsValue);

impl Request {
    /// What the caller gave for a field: anything, or `undefined`.
    pub fn get(&self, field: Field) -> JsValue {
        js::get(&self.0, field.as_str())
    }
}

/// What a request comes to that passed every check.
pub struct Checked {
    pub url: JsValue,
    pub workflow_id: JsValue,
    pub command: JsValue,
    pub plan: Plan,
    /// Further headers: an array of names and values.
    pub headers: JsValue,
    pub fetch: JsValue,
}

/// Checks all of it before anything is sent, and notes the secrets in it.
pub fn check(request: &Request, secrets: &Secrets) -> Result<Checked, Refusal> {
    let organization = text(request, Field::Organization, &address::SEGMENT)?;
    let workflow_id = text(request, Field::WorkflowId, &address::SEGMENT)?;
    let command = text(request, Field::Command, &COMMAND)?;
    let (base, is_adobe) = base(request)?;
    let [between, after] = address::PATH;
    let url = js::join(&base, "/", &js::segment(&organization));
    let url = js::join(&url, between, &js::segment(&workflow_id));
    let url = js::join(&url, after, &"".into());

    let token = request.get(Field::AccessToken);
    let token_function = js::is(&token, Kind::Function);
    if !token_function {
        credential(Field::AccessToken, &token, is_adobe, secrets)?;
    }
    credential(
        Field::ApiKey,
        &request.get(Field::ApiKey),
        is_adobe,
        secrets,
    )?;
    let may_authorize = token.is_undefined() && !is_adobe;
    let headers = headers(&request.get(Field::Headers), may_authorize, secrets)
        .map_err(|problem| Refusal(Field::Headers, problem))?;

    let mut fetch = request.get(Field::Fetch);
    let own_fetch = !fetch.is_undefined();
    if !own_fetch {
        fetch = js::global("fetch");
    }
    if !js::is(&fetch, Kind::Function) {
        let problem = if own_fetch {
            Problem::NotFunction
        } else {
            Problem::FetchMissing
        };
        return Err(Refusal(Field::Fetch, problem));
    }
    let signal = request.get(Field::Signal);
    let listens = || js::is(&js::get(&signal, "addEventListener"), Kind::Function);
    if !signal.is_undefined() && !listens() {
        return Err(Refusal(Field::Signal, Problem::NotSignal));
    }
    Ok(Checked {
        url,
        workflow_id,
        command,
        plan: Plan {
            timeout_ms: whole(request, Field::TimeoutMs, 30_000)?,
            attempt_timeout_ms: whole(request, Field::AttemptTimeoutMs, 10_000)?,
            max_retries: whole(request, Field::MaxRetries, 2)?,
            token_function,
            own_fetch,
        },
        headers,
        fetch,
    })
}

/// What is wrong with a text by these rules.
fn problem(text: &JsValue, rules: &Rules) -> Option<Problem> {
    rules.problem(js::which(text, rules.pattern))
}

/// What is wrong with a credential.
pub fn credential_problem(value: &JsValue) -> Option<Problem> {
    if js::is(value, Kind::String) {
        problem(value, &header::CREDENTIAL)
    } else {
        Some(Problem::NotString)
    }
}

fn credential(
    field: Field,
    value: &JsValue,
    required: bool,
    secrets: &Secrets,
) -> Result<(), Refusal> {
    let problem = if value.is_undefined() {
        required.then_some(Problem::CredentialMissing)
    } else {
        secrets.push(value);
        credential_problem(value)
    };
    problem.map_or(Ok(()), |problem| Err(Refusal(field, problem)))
}

fn headers(headers: &JsValue, may_authorize: bool, secrets: &Secrets) -> Result<JsValue, Problem> {
    if headers.is_undefined() {
        return Ok(js::list());
    }
    // A `Headers`, a `Map` or an array says another name, and has no entries of its own to send.
    let kind = js::invoke0(headers, "toString");
    if !js::is(headers, Kind::Object) || js::which(&kind, r"^(\[object Object\])$") == 0 {
        return Err(Problem::HeadersShape);
    }
    let entries = js::entries(headers);
    for index in 0..js::length(&entries) {
        let entry = js::at(&entries, index);
        let (name, value) = (js::at(&entry, 0), js::at(&entry, 1));
        if !js::is(&value, Kind::String) {
            return Err(Problem::HeadersShape);
        }
        if let Some(problem) = problem(&name, &header::NAME) {
            return Err(problem);
        }
        let name = js::invoke0(&name, "toLowerCase");
        if header::is_reserved(js::which(&name, header::RESERVED), may_authorize) {
            return Err(Problem::HeaderReserved);
        }
        if let Some(problem) = problem(&value, &header::VALUE) {
            return Err(problem);
        }
        if js::which(&name, header::SECRET) > 0 {
            secrets.push(&value);
            let after = js::find(&value, header::AFTER_SCHEME);
            if !after.is_undefined() {
                secrets.push(&js::slice(&after, 1, i32::MAX));
            }
        }
    }
    Ok(entries)
}

/// A field that is a text, and required.
fn text(request: &Request, field: Field, rules: &Rules) -> Result<JsValue, Refusal> {
    let value = request.get(field);
    let problem = if js::is(&value, Kind::String) {
        problem(&value, rules)
    } else if value.is_undefined() {
        Some(Problem::Missing)
    } else {
        Some(Problem::NotString)
    };
    problem.map_or(Ok(value), |problem| Err(Refusal(field, problem)))
}

/// The base, and whether it is Adobe's; in a page it may be relative.
fn base(request: &Request) -> Result<(JsValue, bool), Refusal> {
    let page = js::global("document");
    let allowed = request.get(Field::AllowBrowserCredentials);
    if !allowed.is_undefined() && !js::is(&allowed, Kind::Boolean) {
        return Err(Refusal(Field::AllowBrowserCredentials, Problem::NotBoolean));
    }
    let refuse = |problem| Refusal(Field::BaseUrl, problem);
    let (base, is_adobe) = if request.get(Field::BaseUrl).is_undefined() {
        (address::ADOBE.into(), true)
    } else {
        let given = text(request, Field::BaseUrl, &address::TEXT)?;
        let url = js::url(&given, &js::get(&page, "baseURI"));
        if url.is_undefined() {
            return Err(refuse(Problem::UrlInvalid));
        }
        let group = js::which(&js::get(&url, "href"), address::BASE);
        let is_adobe =
            address::is_adobe(group, problem(&given, &address::GIVEN)).map_err(refuse)?;
        let path = js::find(&js::get(&url, "pathname"), address::BASE_PATH);
        let path = if path.is_undefined() { "".into() } else { path };
        (js::join(&js::get(&url, "origin"), "", &path), is_adobe)
    };
    if is_adobe && js::is(&page, Kind::Object) && !allowed.is_truthy() {
        return Err(refuse(Problem::UrlAdobeInPage));
    }
    Ok((base, is_adobe))
}

/// A whole number within its limits; a timer above 2³¹−1 ms would fire at once.
fn whole(request: &Request, field: Field, default: u32) -> Result<u32, Refusal> {
    let value = request.get(field);
    if value.is_undefined() {
        return Ok(default);
    }
    let (least, most, problem) = if matches!(field, Field::MaxRetries) {
        (0, 10, Problem::NotRetries)
    } else {
        (1, 2_147_483_647, Problem::NotMilliseconds)
    };
    let number = if js::is(&value, Kind::Number) {
        js::number(&value)
    } else {
        -1.0
    };
    // The cast drops a fraction and saturates, so that only a whole number within range comes back.
    let whole = number as u32;
    if f64::from(whole) == number && least <= whole && whole <= most {
        return Ok(whole);
    }
    Err(Refusal(field, problem))
}
