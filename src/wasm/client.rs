//! What is around one command: the exports behind the feature `client`.

use wasm_bindgen::prelude::*;

use super::input::{self, Kind, Request};
use super::js::{self, Kind as Is};
use super::settle;
use super::texts::{self, rules, text};
use crate::bulk::{self, Action, Ended, Limits};
use crate::error::{Field, Outcome, Problem, Refusal};
use crate::option;
use crate::poll;
use crate::signal;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON)]
    fn stringify(value: &JsValue) -> JsValue;
}

/// Reads a workflow.
#[wasm_bindgen(js_name = getWorkflow, wasm_bindgen_futures = crate::wasm::task)]
pub async fn get_workflow(request: JsValue, wake: JsValue) -> Result<JsValue, JsValue> {
    super::perform!(request, wake, Kind::Read)
}

/// Sends a signal to a trigger's address, with the body that [`check_signal`] gave.
#[wasm_bindgen(js_name = sendSignal, wasm_bindgen_futures = crate::wasm::task)]
pub async fn send_signal(request: JsValue, wake: JsValue) -> Result<JsValue, JsValue> {
    super::perform!(request, wake, Kind::Signal)
}

/// Checks what goes with a signal, and gives the request's body.
#[wasm_bindgen(js_name = checkSignal)]
pub fn check_signal(content: JsValue) -> Result<JsValue, JsValue> {
    texts::tell();
    let activity = js::get(&content, text!("activity"));
    let (source, parameters) = (
        js::get(&content, text!("source")),
        js::get(&content, text!("parameters")),
    );
    name(text!("activity"), &activity)?;
    name(text!("source"), &source)?;
    let body = js::literal(text!(texts::EMPTY_OBJECT));
    js::set(&body, text!("source"), &source);
    if !parameters.is_undefined() {
        let entries = js::entries(&parameters);
        let fits = |index| {
            let entry = js::at(&entries, index);
            let well_formed = |text| input::problem(text, rules!(crate::address::TEXT)).is_none();
            let value = js::at(&entry, 1);
            let sendable = js::is(&value, Is::Boolean)
                || (js::is(&value, Is::Number) && js::number(&value).is_finite())
                || (js::is(&value, Is::String) && well_formed(&value));
            sendable && well_formed(&js::at(&entry, 0))
        };
        if !js::is(&parameters, Is::Object) || !(0..js::length(&entries)).all(fits) {
            return Err(wrong(text!("parameters"), text!(option::NOT_PARAMETERS)));
        }
        js::set(&body, text!("parameters"), &parameters);
    }
    let body = stringify(&body);
    // No unit of UTF-16 becomes less than a byte.
    let long = js::length(&body) as usize > signal::BODY_LIMIT;
    if long || super::secrets::bytes(&body).len() > signal::BODY_LIMIT {
        return Err(wrong(text!("parameters"), text!(option::TOO_LONG)));
    }
    Ok(body)
}

/// Checks what a caller sets for waiting.
#[wasm_bindgen(js_name = checkWait)]
pub fn check_wait(options: JsValue) -> Result<(), JsValue> {
    texts::tell();
    let confirm = js::get(&options, text!("confirm"));
    if confirm.is_undefined() {
        function(text!("until"), &js::get(&options, text!("until")), true)?;
    } else {
        function(text!("confirm"), &confirm, true)?;
    }
    let interval = js::get(&options, text!("intervalMs"));
    if !interval.is_undefined() {
        milliseconds(text!("intervalMs"), &interval)?;
    }
    let options = Request(options);
    input::whole(&options, Field::TimeoutMs, 1).map_err(settle::refusal)?;
    Ok(())
}

/// Checks what a caller sets for many commands.
#[wasm_bindgen(js_name = checkBulk)]
pub fn check_bulk(options: JsValue) -> Result<(), JsValue> {
    texts::tell();
    // The method that makes an iterator of the commands.
    if !js::is(&js::get(&options, text!("iterate")), Is::Function) {
        return Err(wrong(text!("commands"), text!(option::NOT_ITERABLE)));
    }
    let number = |name| {
        let value = js::get(&options, name);
        if js::is(&value, Is::Number) {
            js::number(&value)
        } else if value.is_undefined() {
            1.0
        } else {
            f64::NAN
        }
    };
    if !option::is_concurrency(number(text!("concurrency"))) {
        return Err(wrong(text!("concurrency"), text!(option::NOT_CONCURRENCY)));
    }
    if !option::is_rate(number(text!("perSecond"))) {
        return Err(wrong(text!("perSecond"), text!(option::NOT_RATE)));
    }
    function(
        text!("onProgress"),
        &js::get(&options, text!("onProgress")),
        false,
    )?;
    let stop = js::get(&options, text!("stopOnError"));
    if !stop.is_undefined() && !js::is(&stop, Is::Boolean) {
        return Err(wrong(
            text!("stopOnError"),
            texts::problem(Problem::NotBoolean),
        ));
    }
    let options = Request(options);
    input::whole(&options, Field::MaxRetries, 2).map_err(settle::refusal)?;
    let signal = options.get(Field::Signal);
    let listens = js::is(&js::get(&signal, text!("addEventListener")), Is::Function);
    if signal.is_undefined() || listens {
        Ok(())
    } else {
        Err(settle::refusal(Refusal(Field::Signal, Problem::NotSignal)))
    }
}

/// Whether a look that failed like this may be followed by one that does not.
#[wasm_bindgen(js_name = mayPass)]
pub fn may_pass(code: JsValue) -> bool {
    js::which(&code, text!(poll::PASSES)) > 0
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

    /// A command failed; whether that is to be told.
    pub fn failed(
        &mut self,
        place: u32,
        code: JsValue,
        unknown: bool,
        after_ms: f64,
        now: f64,
        chance: f64,
    ) -> bool {
        let outcome = if unknown {
            Outcome::Unknown
        } else {
            Outcome::NotExecuted
        };
        let after_ms = (after_ms >= 0.0).then_some(after_ms as u32);
        let ended = bulk::failed(
            &self.limits,
            js::which(&code, text!(bulk::AGAIN)),
            outcome,
            after_ms,
        );
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

fn name(field: i32, value: &JsValue) -> Result<(), JsValue> {
    let problem = if value.is_undefined() {
        Some(Problem::Missing)
    } else if js::is(value, Is::String) {
        input::problem(value, rules!(signal::NAME))
    } else {
        Some(Problem::NotString)
    };
    problem.map_or(Ok(()), |problem| Err(wrong(field, texts::problem(problem))))
}

fn function(field: i32, value: &JsValue, required: bool) -> Result<(), JsValue> {
    let problem = match value.is_undefined() {
        true if required => Problem::Missing,
        true => return Ok(()),
        false if js::is(value, Is::Function) => return Ok(()),
        false => Problem::NotFunction,
    };
    Err(wrong(field, texts::problem(problem)))
}

fn milliseconds(field: i32, value: &JsValue) -> Result<(), JsValue> {
    // As a field that has the same limits.
    let like = js::literal(text!(texts::EMPTY_OBJECT));
    js::set(&like, texts::field(Field::TimeoutMs), value);
    let checked = input::whole(&Request(like), Field::TimeoutMs, 1);
    checked.map_or_else(
        |Refusal(_, problem)| Err(wrong(field, texts::problem(problem))),
        |_| Ok(()),
    )
}

fn wrong(field: i32, problem: i32) -> JsValue {
    settle::refused(field, problem, None)
}
