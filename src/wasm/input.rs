//! The caller's request object, read field by field and checked by the pure modules' rules.

use wasm_bindgen::prelude::*;

use super::js;
use super::js::Kind as Is;
use super::secrets::Secrets;
use super::texts::{self, rules, text};
use crate::address;
use crate::command::COMMAND;
use crate::error::{Field, Problem, Refusal};
use crate::exchange::Plan;
use crate::header;
use crate::rule::Rules;
#[cfg(feature = "client")]
use crate::signal;

/// The request: an object of our own, into which the loader copied what the caller gave, so that
/// reading it has no effects and it stays what it is.
pub struct Request(pub JsValue);

impl Request {
    /// What the caller gave for a field: anything, or `undefined`.
    pub fn get(&self, field: Field) -> JsValue {
        js::get(&self.0, texts::field(field))
    }
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Command,
    #[cfg(feature = "client")]
    Read,
    #[cfg(feature = "client")]
    Signal,
}

impl Kind {
    #[cfg(feature = "client")]
    pub const fn has_body(self) -> bool {
        !matches!(self, Self::Read)
    }

    #[cfg(not(feature = "client"))]
    pub const fn has_body(self) -> bool {
        true
    }
}

/// What a request comes to that passed every check.
pub struct Checked {
    pub kind: Kind,
    /// `undefined`: the trigger's address is not to be used.
    pub url: JsValue,
    pub workflow_id: JsValue,
    /// The command, or the name of the signal's activity.
    pub command: JsValue,
    pub plan: Plan,
    /// Whether the address is Adobe's own.
    pub is_adobe: bool,
    /// Further headers: an array of names and values, or `undefined`.
    pub headers: JsValue,
    pub fetch: JsValue,
}

/// Checks all of it before anything is sent, and notes the secrets in it.
pub fn check(request: &Request, kind: Kind, secrets: &Secrets) -> Result<Checked, Refusal> {
    let organization = checked(request, Field::Organization, rules!(address::SEGMENT))?;
    let workflow_id = checked(request, Field::WorkflowId, rules!(address::SEGMENT))?;
    let command = match kind {
        Kind::Command => checked(request, Field::Command, rules!(COMMAND))?,
        #[cfg(feature = "client")]
        Kind::Read => JsValue::UNDEFINED,
        #[cfg(feature = "client")]
        Kind::Signal => js::get(&request.0, text!("activity")),
    };
    let (base, is_adobe) = base(request)?;
    let (between, after) = (text!(address::PATH[0]), text!(address::PATH[1]));
    let root = js::join(&base, text!("/"), &js::segment(&organization));
    let url = js::join(&root, between, &js::segment(&workflow_id));
    let url = match kind {
        Kind::Command => js::join(&url, after, &js::text(text!(""))),
        #[cfg(feature = "client")]
        Kind::Read => url,
        #[cfg(feature = "client")]
        Kind::Signal => {
            let root = js::join(&root, between, &js::text(text!("")));
            trigger(request, &url, &root)
        }
    };

    let token = request.get(Field::AccessToken);
    let token_function = js::is(&token, Is::Function);
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
        fetch = js::global(texts::field(Field::Fetch));
    }
    if !js::is(&fetch, Is::Function) {
        let problem = if own_fetch {
            Problem::NotFunction
        } else {
            Problem::FetchMissing
        };
        return Err(Refusal(Field::Fetch, problem));
    }
    let signal = request.get(Field::Signal);
    let listens = || js::is(&js::get(&signal, text!("addEventListener")), Is::Function);
    if !signal.is_undefined() && !listens() {
        return Err(Refusal(Field::Signal, Problem::NotSignal));
    }
    Ok(Checked {
        kind,
        url,
        workflow_id,
        command,
        is_adobe,
        plan: Plan {
            timeout_ms: whole(request, Field::TimeoutMs, 30_000)?,
            attempt_timeout_ms: whole(request, Field::AttemptTimeoutMs, 10_000)?,
            max_retries: whole(request, Field::MaxRetries, 2)?,
            token_function,
            own_fetch,
            #[cfg(feature = "client")]
            safe: kind == Kind::Read,
        },
        headers,
        fetch,
    })
}

/// The trigger's address as the platform's parser sees it, where it is the documented one below
/// this request's own base and organization.
#[cfg(feature = "client")]
fn trigger(request: &Request, workflow: &JsValue, root: &JsValue) -> JsValue {
    let given = js::get(&request.0, text!("trigger"));
    let href = js::get(&js::url(&given, workflow), text!("href"));
    let foreign = || {
        let starts = js::invoke(&href, text!("startsWith"), root, &JsValue::UNDEFINED);
        let rest = js::slice(&href, js::length(root), i32::MAX);
        !starts.is_truthy() || !signal::is_documented(js::which(&rest, text!(signal::TRIGGER)))
    };
    if !js::is(&given, Is::String) || !js::is(&href, Is::String) || foreign() {
        return JsValue::UNDEFINED;
    }
    href
}

/// What is wrong with a text by these rules.
pub fn problem(value: &JsValue, rules: Rules<i32>) -> Option<Problem> {
    match js::group(value, rules.pattern) {
        ..0 => Some(Problem::NotString),
        group => rules.problem(group as u32),
    }
}

/// What is wrong with a credential.
pub fn credential_problem(value: &JsValue) -> Option<Problem> {
    problem(value, rules!(header::CREDENTIAL))
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
        return Ok(JsValue::UNDEFINED);
    }
    // A `Headers`, a `Map` or an array says another name, and has no entries of its own to send.
    let kind = js::invoke0(headers, text!("toString"));
    if !js::is(headers, Is::Object) || js::which(&kind, text!(texts::PLAIN)) == 0 {
        return Err(Problem::HeadersShape);
    }
    let entries = js::entries(headers);
    for index in 0..js::length(&entries) {
        let entry = js::at(&entries, index);
        let (name, value) = (js::at(&entry, 0), js::at(&entry, 1));
        if !js::is(&value, Is::String) {
            return Err(Problem::HeadersShape);
        }
        if let Some(problem) = problem(&name, rules!(header::NAME)) {
            return Err(problem);
        }
        let name = js::invoke0(&name, text!("toLowerCase"));
        if header::is_reserved(js::which(&name, text!(header::RESERVED)), may_authorize) {
            return Err(Problem::HeaderReserved);
        }
        if let Some(problem) = problem(&value, rules!(header::VALUE)) {
            return Err(problem);
        }
        if js::which(&name, text!(header::SECRET)) > 0 {
            secrets.push(&value);
            let after = js::find(&value, text!(header::AFTER_SCHEME));
            if !after.is_undefined() {
                secrets.push(&js::slice(&after, 1, i32::MAX));
            }
        }
    }
    Ok(entries)
}

/// A field that is a text, and required.
fn checked(request: &Request, field: Field, rules: Rules<i32>) -> Result<JsValue, Refusal> {
    let value = request.get(field);
    let problem = if value.is_undefined() {
        Some(Problem::Missing)
    } else {
        problem(&value, rules)
    };
    problem.map_or(Ok(value), |problem| Err(Refusal(field, problem)))
}

/// The base, and whether it is Adobe's; in a page it may be relative.
fn base(request: &Request) -> Result<(JsValue, bool), Refusal> {
    let page = js::global(text!("document"));
    let allowed = request.get(Field::AllowBrowserCredentials);
    if !allowed.is_undefined() && !js::is(&allowed, Is::Boolean) {
        return Err(Refusal(Field::AllowBrowserCredentials, Problem::NotBoolean));
    }
    let refuse = |problem| Refusal(Field::BaseUrl, problem);
    let (base, is_adobe) = if request.get(Field::BaseUrl).is_undefined() {
        (js::text(text!(address::ADOBE)), true)
    } else {
        let given = checked(request, Field::BaseUrl, rules!(address::TEXT))?;
        let url = js::url(&given, &js::get(&page, text!("baseURI")));
        if url.is_undefined() {
            return Err(refuse(Problem::UrlInvalid));
        }
        let group = js::which(&js::get(&url, text!("href")), text!(address::BASE));
        let is_adobe =
            address::is_adobe(group, problem(&given, rules!(address::GIVEN))).map_err(refuse)?;
        let path = js::find(&js::get(&url, text!("pathname")), text!(address::BASE_PATH));
        let origin = js::get(&url, text!("origin"));
        if path.is_undefined() {
            (origin, is_adobe)
        } else {
            (js::join(&origin, text!(""), &path), is_adobe)
        }
    };
    if is_adobe && js::is(&page, Is::Object) && !allowed.is_truthy() {
        return Err(refuse(Problem::UrlAdobeInPage));
    }
    Ok((base, is_adobe))
}

/// A whole number within its limits; a timer above 2³¹−1 ms would fire at once.
pub fn whole(request: &Request, field: Field, default: u32) -> Result<u32, Refusal> {
    let value = request.get(field);
    if value.is_undefined() {
        return Ok(default);
    }
    let (least, most, problem) = if matches!(field, Field::MaxRetries) {
        (0, 10, Problem::NotRetries)
    } else {
        (1, 2_147_483_647, Problem::NotMilliseconds)
    };
    let number = if js::is(&value, Is::Number) {
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
