//! One request on the wire: `fetch`, the head of the answer, its body.

use wasm_bindgen::prelude::*;

use super::alarm::Alarm;
use super::input::{self, Checked, Request};
use super::js::{self, Kind};
use super::texts::{self, text};
use crate::command::BODY;
use crate::error::Field;
use crate::response::{BODY_LIMIT, BodyEnd, Head};
use crate::retry::{self, RETRY_AFTER};

const LIMIT: u32 = BODY_LIMIT as u32;

/// A request that may have gone out, and what has come back.
#[derive(Default)]
pub struct Attempt {
    /// An `AbortController`.
    controller: JsValue,
    /// What `fetch` gave: it may be the caller's, so that every member may be missing.
    response: JsValue,
    /// The body as text, where it comes without a stream.
    text: JsValue,
    reader: JsValue,
    chunks: JsValue,
    length: u32,
    /// The answer is still awaited, or its body.
    open: bool,
}

impl Attempt {
    /// Sends the command: exactly the documented request. Redirects are neither followed nor
    /// thrown at, which some runtimes do with "error".
    ///
    /// Source: Adobe Campaign Standard, "Controlling a workflow".
    pub fn send(&mut self, checked: &Checked, token: &JsValue, request: &Request, alarm: &Alarm) {
        let api_key = request.get(Field::ApiKey);
        let headers = js::literal(match (token.is_undefined(), api_key.is_undefined()) {
            (true, true) => text!(texts::HEADERS),
            (false, true) => text!(texts::HEADERS_TOKEN),
            (true, false) => text!(texts::HEADERS_KEY),
            (false, false) => text!(texts::HEADERS_BOTH),
        });
        let (bearer, nothing) = (js::text(text!("Bearer ")), text!(""));
        if !token.is_undefined() {
            let value = js::join(&bearer, nothing, token);
            js::set(&headers, text!("Authorization"), &value);
        }
        if !api_key.is_undefined() {
            js::set(&headers, text!("X-Api-Key"), &api_key);
        }
        if !checked.headers.is_undefined() {
            js::fill(&headers, &checked.headers);
        }
        let (init, body) = match checked.kind {
            input::Kind::Command => {
                let body = js::join(&js::text(text!(BODY[0])), nothing, &checked.command);
                let body = js::join(&body, text!(BODY[1]), &js::text(nothing));
                (text!(texts::INIT), body)
            }
            #[cfg(feature = "client")]
            input::Kind::Read => (text!(texts::INIT_GET), JsValue::UNDEFINED),
            #[cfg(feature = "client")]
            input::Kind::Signal => (text!(texts::INIT), js::get(&request.0, text!("body"))),
        };
        let init = js::literal(init);
        js::set(&init, texts::field(Field::Headers), &headers);
        // A GET must have none at all.
        if checked.kind.has_body() {
            js::set(&init, text!("body"), &body);
        }
        self.controller = js::AbortController::new().into();
        let signal = js::get(&self.controller, texts::field(Field::Signal));
        js::set(&init, texts::field(Field::Signal), &signal);
        self.open = true;
        // Unbound, as a service binding and the global need it.
        alarm.start(&checked.fetch, &JsValue::UNDEFINED, &checked.url, &init);
    }

    /// Takes what `fetch` gave; `None` where it is no response.
    pub fn receive(&mut self, answer: JsValue) -> Option<Head> {
        let status = js::get(&answer, text!("status"));
        if !js::is(&status, Kind::Number) {
            return None;
        }
        // The cast saturates: what is no status becomes one that means nothing.
        let status = js::number(&status) as u16;
        let opaque_redirect = js::which(
            &js::get(&answer, text!("type")),
            text!(texts::OPAQUE_REDIRECT),
        ) > 0;
        self.response = answer;
        Some(Head {
            status,
            opaque_redirect,
            retry_after_ms: if status < 400 {
                None
            } else {
                self.retry_after_ms()
            },
        })
    }

    fn retry_after_ms(&self) -> Option<u32> {
        let value = self.header(text!("Retry-After"));
        let group = js::which(&value, text!(RETRY_AFTER));
        let number = match group {
            0 => return None,
            1 => js::number(&value),
            _ => js::date(&value) - js::now(),
        };
        retry::retry_after_ms(group, number)
    }

    /// A header of the answer: a string, or anything else where there is none.
    pub fn header(&self, name: i32) -> JsValue {
        let headers = js::get(&self.response, texts::field(Field::Headers));
        js::invoke(&headers, text!("get"), &js::text(name), &JsValue::UNDEFINED)
    }

    /// Begins to read the body's next part: a chunk, or all of its text where there is no stream.
    /// False where nothing more can be read.
    pub fn read_part(&mut self, alarm: &Alarm) -> bool {
        if self.reader.is_undefined() {
            let stream = js::get(&self.response, text!("body"));
            if stream.is_null() {
                // A response without a body, such as a 204.
                self.open = false;
                return false;
            }
            self.reader = js::invoke0(&stream, text!("getReader"));
        }
        let (source, method) = if self.reader.is_undefined() {
            (&self.response, text!("text"))
        } else {
            (&self.reader, text!("read"))
        };
        let (nothing, method) = (&JsValue::UNDEFINED, js::get(source, method));
        alarm.start(&method, source, nothing, nothing);
        true
    }

    /// Takes the body's next part; false where it was the last.
    pub fn add_part(&mut self, part: &JsValue) -> bool {
        if self.reader.is_undefined() {
            self.open = !js::is(part, Kind::String);
            self.text = part.clone();
            return false;
        }
        if js::get(part, text!("done")).is_truthy() {
            self.open = false;
            return false;
        }
        let bytes = js::get(part, text!("value"));
        let size = js::get(&bytes, text!("byteLength"));
        if !js::is(&size, Kind::Number) {
            return false;
        }
        if self.chunks.is_undefined() {
            self.chunks = js::list();
        }
        let size = js::number(&size) as u32;
        let fits = size.min(LIMIT - self.length);
        if fits < size {
            js::push(
                &self.chunks,
                &js::invoke(&bytes, text!("subarray"), &0.into(), &fits.into()),
            );
        } else {
            js::push(&self.chunks, &bytes);
        }
        self.length += fits;
        fits == size
    }

    /// The body as far as it was read.
    pub fn body(&self) -> (JsValue, BodyEnd) {
        let end = if self.open {
            BodyEnd::Broken
        } else {
            BodyEnd::Complete
        };
        if js::is(&self.text, Kind::String) {
            let over = js::length(&self.text) > LIMIT as i32;
            return (
                js::slice(&self.text, 0, LIMIT as i32),
                if over { BodyEnd::Broken } else { end },
            );
        }
        // As UTF-8, the only encoding `fetch` knows; what is none is shown with replacements.
        for (fatal, end) in [(1, end), (0, BodyEnd::Broken)] {
            let text = js::decode(&self.chunks, fatal);
            if !text.is_undefined() {
                return (text, end);
            }
        }
        (js::text(text!("")), BodyEnd::Broken)
    }

    /// Cancels on the wire what is still open.
    pub fn cancel(&self, alarm: &Alarm) {
        if !self.open {
            return;
        }
        // A fetch of the caller's own may not listen to the signal, so its stream is told too.
        if !self.reader.is_undefined() {
            alarm.forget(&js::get(&self.reader, text!("cancel")), &self.reader);
        }
        js::invoke0(&self.controller, text!("abort"));
    }
}
