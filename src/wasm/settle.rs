//! The receipt and the error, as JavaScript sees them; no secret leaves through here.

use wasm_bindgen::prelude::*;

use super::js::{self, Kind};
use super::secrets::Secrets;
use super::texts::{self, text};
use crate::error::{Code, Outcome, Refusal};
use crate::response::{self, Documented, Found, SHOWN_LIMIT};
use crate::retry;
#[cfg(feature = "client")]
use crate::signal;

/// How much of an error's text is looked at; more than is shown, so that masking comes before cutting.
const LOOKED_AT: i32 = 8 * SHOWN_LIMIT as i32;

/// What is known of the answer to the last request.
#[derive(Default)]
pub struct Answer {
    pub status: u16,
    /// A string, or anything else where there is none.
    pub request_id: JsValue,
    pub complete: bool,
    documented: Option<Documented>,
    error_code: JsValue,
    /// A string, where the body is not empty; of an error, its beginning.
    text: JsValue,
    content_type: JsValue,
}

impl Answer {
    /// Takes a body, and reads an error's for what Adobe documents.
    pub fn take(&mut self, text: JsValue, content_type: JsValue) {
        self.content_type = content_type;
        if matches!(self.status, 200..=299) {
            self.text = text;
            return;
        }
        let json = js::parse(&text);
        let beginning = js::slice(&text, 0, LOOKED_AT);
        let mut found = Found {
            json: js::is(&json, Kind::Object),
            ..Found::default()
        };
        if found.json {
            self.error_code = js::get(&json, text!("error_code"));
            let code = js::get(&json, text!("code"));
            if js::is(&code, Kind::Number) {
                found.code = js::number(&code);
            }
            let message = js::get(&json, text!("message"));
            found.check_your_uri = js::which(&message, text!(response::CHECK_YOUR_URI)) > 0;
        } else {
            self.error_code = js::find(&beginning, text!(response::CAMPAIGN_CODE));
            found.campaign_code = !self.error_code.is_undefined();
            found.foreign_pkey = js::which(&beginning, text!(response::FOREIGN_PKEY)) > 0;
        }
        self.documented = response::recognise(self.status, &found);
        self.text = beginning;
    }

    /// Whether the body proves that the request did not reach Campaign.
    pub fn is_unknown_uri(&self) -> bool {
        self.documented == Some(Documented::UnknownUri)
    }

    /// A JSON object, or `undefined`: for one who asked for it, whatever its content type says.
    #[cfg(feature = "client")]
    pub fn json(&self, secrets: &Secrets) -> JsValue {
        let text = secrets.clean(&self.text);
        if js::which(&text, text!(texts::OBJECT)) > 0 {
            js::parse(&text)
        } else {
            JsValue::UNDEFINED
        }
    }

    /// Whether it is the answer to a signal that came too soon after another.
    #[cfg(feature = "client")]
    pub fn is_too_soon(&self) -> bool {
        let no_json = || js::parse(&self.text).is_undefined();
        let plain = js::which(&self.text, text!(signal::PLAIN)) == 1 && no_json();
        signal::is_too_soon(self.status, plain)
    }

    /// A success body: a JSON value where it says so and is, else its text, else null.
    pub fn value(&self, secrets: &Secrets) -> JsValue {
        if self.text.is_undefined() {
            return JsValue::NULL;
        }
        if !self.complete {
            return secrets.shown(&self.text, usize::MAX);
        }
        let text = secrets.clean(&self.text);
        let content_type = js::invoke0(&self.content_type, text!("toLowerCase"));
        if js::which(&content_type, text!(response::JSON)) > 0 {
            let value = js::parse(&text);
            if !value.is_undefined() {
                return value;
            }
        }
        text
    }
}

/// What is told of an error that somebody else threw: a new one, since the thrown one may hold a
/// request with its credentials.
pub fn cause(thrown: &JsValue, secrets: &Secrets) -> JsValue {
    let inner = js::get(thrown, text!("cause"));
    let parts = js::list();
    for (object, name) in [
        (thrown, text!("name")),
        (thrown, text!("message")),
        (&inner, text!("message")),
        (&inner, text!("code")),
    ] {
        let part = js::get(object, name);
        if js::is(&part, Kind::String) {
            js::push(&parts, &part);
        }
    }
    let message = js::invoke(
        &parts,
        text!("join"),
        &js::text(text!(": ")),
        &JsValue::UNDEFINED,
    );
    js::Error::new(&secrets.shown(&message, SHOWN_LIMIT)).into()
}

/// Whether the error that `fetch` gave proves that no connection was made. Where several addresses
/// were tried, the code is that of the first, and all of them failed to connect.
pub fn never_connected(thrown: &JsValue) -> bool {
    let cause = js::get(thrown, text!("cause"));
    [thrown, &cause].into_iter().any(|error| {
        let matches = |name, pattern| js::which(&js::get(error, name), pattern);
        match matches(text!("code"), text!(retry::NEVER_CONNECTED)) {
            0 => false,
            1 => true,
            _ => matches(text!("syscall"), text!(retry::CONNECT)) > 0,
        }
    })
}

/// Why and how a call failed.
pub struct Failure {
    pub code: Code,
    pub outcome: Outcome,
    pub retry_after_ms: Option<u32>,
    pub attempts: u32,
    pub cause: JsValue,
    /// Adobe's host is no gateway.
    pub is_adobe: bool,
}

/// The receipt of an accepted command.
pub fn receipt(
    workflow_id: &JsValue,
    command: &JsValue,
    answer: &Answer,
    body: &JsValue,
    attempts: u32,
    secrets: &Secrets,
) -> JsValue {
    js::receipt(
        workflow_id,
        command,
        answer.status.into(),
        body,
        &secrets.clean(&answer.request_id),
        attempts as i32,
    )
}

/// The error of a failed call.
pub fn error(failure: &Failure, answer: &Answer, secrets: &Secrets) -> JsValue {
    let Failure { code, outcome, .. } = *failure;
    let hint = match answer.documented {
        Some(documented) => Some(documented.hint(answer.status)),
        None => code.hint(outcome),
    };
    let shown = |text: &JsValue, limit| {
        if js::is(text, Kind::String) {
            secrets.shown(text, limit)
        } else {
            JsValue::NULL
        }
    };
    let content_type = js::invoke0(&answer.content_type, text!("toLowerCase"));
    let is_told = !failure.is_adobe
        && code.is_by_status()
        && js::which(&content_type, text!(response::PROBLEM)) > 0;
    let [first, end] = if is_told { texts::CODE_NUMBERS } else { [0; 2] };
    js::failure(
        &js::text(texts::code(code) + 1),
        &js::text(texts::code(code)),
        &js::text(texts::outcome(outcome)),
        answer.status.into(),
        &shown(&answer.error_code, usize::MAX),
        &shown(&answer.text, SHOWN_LIMIT),
        &hinted(hint),
        failure.retry_after_ms.map_or(-1.0, f64::from),
        &secrets.clean(&answer.request_id),
        failure.attempts as i32,
        &failure.cause,
        first,
        end,
    )
}

/// The error of a signal whose trigger is not to be used.
#[cfg(feature = "client")]
pub fn foreign_trigger(secrets: &Secrets) -> JsValue {
    let failure = Failure {
        code: Code::InvalidTrigger,
        outcome: Outcome::NotExecuted,
        retry_after_ms: None,
        attempts: 0,
        cause: JsValue::UNDEFINED,
        is_adobe: true,
    };
    error(&failure, &Answer::default(), secrets)
}

/// The error of a request that was refused before anything was sent.
pub fn refusal(refusal: Refusal) -> JsValue {
    let Refusal(field, problem) = refusal;
    let field = texts::field(field);
    refused(field, texts::problem(problem), refusal.hint())
}

/// The error that says what is wrong with a field.
pub fn refused(field: i32, problem: i32, hint: Option<&'static str>) -> JsValue {
    let (field, problem) = (js::text(field), js::text(problem));
    js::failure(
        &js::join(&field, text!(texts::SPACE), &problem),
        &js::text(texts::code(Code::InvalidArgument)),
        &js::text(texts::outcome(Outcome::NotExecuted)),
        0,
        &JsValue::NULL,
        &JsValue::NULL,
        &hinted(hint),
        -1.0,
        &JsValue::NULL,
        0,
        &JsValue::UNDEFINED,
        0,
        0,
    )
}

fn hinted(hint: Option<&str>) -> JsValue {
    hint.map_or(JsValue::NULL, |hint| js::read(hint.as_bytes()))
}
