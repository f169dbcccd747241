//! The exports of the larger module: reading a workflow, signals, waiting and many commands.

use js_sys::{Array, JSON, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{Fields, Signal};
use super::{request, result};
use crate::bulk::{self, Action, Ended, Limits};
use crate::error::{Code, Error, Outcome, Problem};
use crate::option;
use crate::poll;
use crate::read::read;
use crate::signal;

#[wasm_bindgen]
extern "C" {
    /// The request of a signal, beside the fields of every request.
    #[wasm_bindgen(extends = Fields)]
    pub type SignalFields;
    #[wasm_bindgen(method, getter)]
    fn trigger(this: &SignalFields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = body)]
    fn signal_body(this: &SignalFields) -> String;

    /// What goes with a signal.
    pub type SignalContent;
    #[wasm_bindgen(method, getter)]
    fn activity(this: &SignalContent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn source(this: &SignalContent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn parameters(this: &SignalContent) -> JsValue;

    /// The body of a trigger's request.
    #[wasm_bindgen(extends = js_sys::Object)]
    type TriggerBody;
    #[wasm_bindgen(method, setter)]
    fn set_source(this: &TriggerBody, source: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_parameters(this: &TriggerBody, parameters: &JsValue);

    /// What a caller sets for waiting, and for many commands.
    pub type Options;
    #[wasm_bindgen(method, getter)]
    fn until(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn confirm(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = intervalMs)]
    fn interval_ms(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    fn timeout_ms(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn concurrency(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = perSecond)]
    fn per_second(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onProgress)]
    fn on_progress(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = stopOnError)]
    fn stop_on_error(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = maxRetries)]
    fn max_retries(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &Options) -> JsValue;
    /// The method that makes an iterator of the commands.
    #[wasm_bindgen(method, getter)]
    fn iterate(this: &Options) -> JsValue;
}

/// Reads a workflow.
#[wasm_bindgen(js_name = getWorkflow)]
pub async fn get_workflow(fields: Fields) -> Result<JsValue, JsValue> {
    let (request, caller) = request::request(&fields)?;
    match read(&caller, &request).await {
        Ok(receipt) => Ok(result::receipt(receipt, &fields).into()),
        Err(error) => Err(result::error(error, &caller)),
    }
}

/// Sends a signal to a trigger's address, with the body that [`check_signal`] returned.
#[wasm_bindgen(js_name = sendSignal)]
pub async fn send_signal(fields: SignalFields) -> Result<JsValue, JsValue> {
    let (request, caller) = request::request(&fields)?;
    // What is not a text is not the documented address either.
    let address = fields.trigger().as_string().unwrap_or_default();
    match signal::trigger(&caller, &request, &address, &fields.signal_body()).await {
        Ok(triggered) => {
            let result = result::receipt(triggered.receipt, &fields);
            result.set_too_soon(triggered.is_too_soon);
            Ok(result.into())
        }
        Err(error) => Err(result::error(error, &caller)),
    }
}

/// Checks what goes with a signal, and returns the request's body.
#[wasm_bindgen(js_name = checkSignal)]
pub fn check_signal(content: JsValue) -> Result<String, JsValue> {
    let content: SignalContent = content.unchecked_into();
    let (source, parameters) = (content.source(), content.parameters());
    check_name("activity", &content.activity())?;
    check_name("source", &source)?;
    let body: TriggerBody = Object::new().unchecked_into();
    body.set_source(&source);
    if !parameters.is_undefined() {
        if !are_parameters(&parameters) {
            return Err(refused("parameters", option::NOT_PARAMETERS));
        }
        body.set_parameters(&parameters);
    }
    let body = JSON::stringify(&body)?.as_string().unwrap_or_default();
    if body.len() > signal::BODY_LIMIT {
        return Err(refused("parameters", option::TOO_LONG));
    }
    Ok(body)
}

/// Whether a value is an object whose values can be sent with a signal.
fn are_parameters(parameters: &JsValue) -> bool {
    let is_sendable = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let value = entry.get(1);
        let is_value = value.as_bool().is_some()
            || value.as_f64().is_some_and(f64::is_finite)
            || request::text_or_problem(&value).is_ok();
        is_value && request::text_or_problem(&entry.get(0)).is_ok()
    };
    parameters.is_object()
        && Object::entries(parameters.unchecked_ref())
            .iter()
            .all(is_sendable)
}

/// Checks what a caller sets for waiting.
#[wasm_bindgen(js_name = checkWait)]
pub fn check_wait(options: JsValue) -> Result<(), JsValue> {
    let options: Options = options.unchecked_into();
    let confirm = options.confirm();
    if confirm.is_undefined() {
        check_function("until", &options.until(), true)?;
    } else {
        check_function("confirm", &confirm, true)?;
    }
    check_milliseconds("intervalMs", &options.interval_ms())?;
    check_milliseconds("timeoutMs", &options.timeout_ms())
}

/// Checks what a caller sets for many commands.
#[wasm_bindgen(js_name = checkBulk)]
pub fn check_bulk(options: JsValue) -> Result<(), JsValue> {
    let options: Options = options.unchecked_into();
    let number = |value: JsValue| {
        let number = optional(&value, JsValue::as_f64);
        number.map_or(f64::NAN, |number| number.unwrap_or(1.0))
    };
    let retries = optional(&options.max_retries(), request::whole_number);
    let stop_on_error = optional(&options.stop_on_error(), JsValue::as_bool);
    let signal = options.signal();
    let checks = [
        (
            options.iterate().is_function(),
            "commands",
            option::NOT_ITERABLE,
        ),
        (
            option::is_concurrency(number(options.concurrency())),
            "concurrency",
            option::NOT_CONCURRENCY,
        ),
        (
            option::is_rate(number(options.per_second())),
            "perSecond",
            option::NOT_RATE,
        ),
        (
            stop_on_error.is_some(),
            "stopOnError",
            Problem::NotBoolean.as_str(),
        ),
        (
            retries.is_some_and(|retries| retries.is_none_or(|retries| retries <= 10)),
            "maxRetries",
            Problem::NotRetries.as_str(),
        ),
        (
            signal.is_undefined() || Signal::is_signal(&signal),
            "signal",
            Problem::NotSignal.as_str(),
        ),
    ];
    for (is_fine, field, problem) in checks {
        if !is_fine {
            return Err(refused(field, problem));
        }
    }
    check_function("onProgress", &options.on_progress(), false)
}

/// Whether a look that failed like this may be followed by one that does not.
#[wasm_bindgen(js_name = mayPass)]
pub fn may_pass(code: &str) -> bool {
    Code::from_word(code).is_some_and(poll::may_pass)
}

/// When to look again, in milliseconds; -1 less them where it is the last look.
#[wasm_bindgen(js_name = nextLook)]
pub fn next_look(looks: u32, interval: u32, asked: u32, left: f64, chance: f64) -> i32 {
    // The cast saturates.
    let look = poll::next(looks, interval, asked, left as u32, chance);
    let after = look.after_ms.min(i32::MAX as u32) as i32;
    if look.last { -1 - after } else { after }
}

/// The machine of many commands.
#[wasm_bindgen]
pub struct Bulk {
    machine: bulk::Bulk,
    limits: Limits,
}

#[wasm_bindgen]
impl Bulk {
    /// The limits are checked.
    #[wasm_bindgen(constructor)]
    pub fn new(
        concurrency: u32,
        per_second: f64,
        max_retries: u32,
        stop_on_error: bool,
        own_fetch: bool,
    ) -> Self {
        let limits = Limits {
            concurrency,
            per_second,
            max_retries,
            stop_on_error,
            own_fetch,
        };
        Self {
            machine: bulk::Bulk::new(limits),
            limits,
        }
    }

    /// What to do, and 8 times what it is about.
    pub fn next(&mut self, now: f64) -> u32 {
        let (what, about) = match self.machine.next(now) {
            Action::Pull => (0, 0),
            Action::Send(place) => (1, place),
            Action::Drop(place) => (2, place),
            // A timer that fires too soon is set again.
            Action::Wait(ms) => (3, ms.min(0x0fff_ffff)),
            Action::Idle => (4, 0),
            Action::End => (5, 0),
        };
        what | (about << 3)
    }

    /// The place of a command, or -1.
    pub fn pulled(&mut self, workflow: u32) -> i32 {
        self.machine
            .pulled(workflow)
            .map_or(-1, |place| place as i32)
    }

    /// The source has no more.
    #[wasm_bindgen(js_name = noMore)]
    pub fn no_more(&mut self) {
        self.machine.no_more();
    }

    /// Nothing more is pulled or sent.
    pub fn stop(&mut self) {
        self.machine.stop();
    }

    /// A command was accepted; whether that is to be told.
    pub fn accepted(&mut self, place: u32, now: f64) -> bool {
        self.machine.ended(place, Ended::Accepted, now, 0.0)
    }

    /// A command failed; whether that is to be told. One with an idempotency key was sent again
    /// within its own call, which alone knows what earlier requests leave in doubt.
    #[allow(clippy::too_many_arguments)] // One method call of JavaScript.
    pub fn failed(
        &mut self,
        place: u32,
        code: &str,
        unknown: bool,
        after_ms: f64,
        has_key: bool,
        now: f64,
        chance: f64,
    ) -> bool {
        let outcome = if unknown {
            Outcome::Unknown
        } else {
            Outcome::NotExecuted
        };
        let after_ms = (after_ms >= 0.0).then_some(after_ms as u32);
        let ended = match Code::from_word(code) {
            Some(code) if !has_key => bulk::failed(&self.limits, code, outcome, after_ms),
            _ => Ended::Failed(outcome),
        };
        self.machine.ended(place, ended, now, chance)
    }

    /// The end of a command was taken.
    pub fn taken(&mut self, place: u32) {
        self.machine.taken(place);
    }

    /// How many were accepted (0), not executed (1), of unknown outcome (2).
    pub fn count(&self, of: u32) -> u32 {
        let counts = self.machine.counts();
        match of {
            0 => counts.accepted,
            1 => counts.not_executed,
            _ => counts.unknown,
        }
    }
}

/// A field that may be left out; `None` if it has the wrong type.
fn optional<T>(value: &JsValue, convert: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
    if value.is_undefined() {
        Some(None)
    } else {
        convert(value).map(Some)
    }
}

fn check_name(field: &str, value: &JsValue) -> Result<(), JsValue> {
    let checked = request::text_or_problem(value).and_then(|name| signal::check_name(&name));
    checked.map_err(|problem| refused(field, problem.as_str()))
}

fn check_function(field: &str, value: &JsValue, is_required: bool) -> Result<(), JsValue> {
    let problem = match value.is_undefined() {
        true if is_required => Problem::Missing,
        true => return Ok(()),
        false if value.is_function() => return Ok(()),
        false => Problem::NotFunction,
    };
    Err(refused(field, problem.as_str()))
}

fn check_milliseconds(field: &str, value: &JsValue) -> Result<(), JsValue> {
    let ms = optional(value, request::whole_number);
    let is_in_range = |ms: u32| (1..=i32::MAX as u32).contains(&ms);
    if ms.is_some_and(|ms| ms.is_none_or(is_in_range)) {
        Ok(())
    } else {
        Err(refused(field, Problem::NotMilliseconds.as_str()))
    }
}

fn refused(field: &str, problem: &str) -> JsValue {
    let message = String::from(field) + " " + problem;
    let error = Error::unsent(Code::InvalidArgument, message);
    result::with_cause(error, &JsValue::UNDEFINED)
}
