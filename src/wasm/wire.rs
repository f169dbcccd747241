//! One request on the wire: `fetch`, the head of the answer, its body.

use wasm_bindgen::prelude::*;

use super::alarm::Alarm;
use super::input::{Checked, Request};
use super::js::{self, Kind};
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
        let headers =
            js::literal(r#"{"Content-Type":"application/json","Cache-Control":"no-cache"}"#);
        if !token.is_undefined() {
            let value = js::join(&"Bearer ".into(), "", token);
            js::set(&headers, &"Authorization".into(), &value);
        }
        let api_key = request.get(Field::ApiKey);
        if !api_key.is_undefined() {
            js::set(&headers, &"X-Api-Key".into(), &api_key);
        }
        for index in 0..js::length(&checked.headers) {
            let entry = js::at(&checked.headers, index);
            js::set(&headers, &js::at(&entry, 0), &js::at(&entry, 1));
        }
        let init = js::literal(r#"{"method":"POST","redirect":"manual"}"#);
        js::set(&init, &"headers".into(), &headers);
        let [before, after] = BODY;
        let body = js::join(&before.into(), "", &checked.command);
        js::set(&init, &"body".into(), &js::join(&body, after, &"".into()));
        self.controller = js::AbortController::new().into();
        let signal = js::get(&self.controller, "signal");
        js::set(&init, &"signal".into(), &signal);
        self.chunks = js::list();
        self.open = true;
        // Unbound, as a service binding and the global need it.
        alarm.start(&checked.fetch, &JsValue::UNDEFINED, &checked.url, &init);
    }

    /// Takes what `fetch` gave; `None` where it is no response.
    pub fn receive(&mut self, answer: JsValue) -> Option<Head> {
        let status = js::get(&answer, "status");
        if !js::is(&status, Kind::Number) {
            return None;
        }
        // The cast saturates: what is no status becomes one that means nothing.
        let status = js::number(&status) as u16;
        let opaque_redirect = js::which(&js::get(&answer, "type"), "^(opaqueredirect)$") > 0;
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
        let value = self.header("Retry-After");
        let group = js::which(&value, RETRY_AFTER);
        let number = match group {
            0 => return None,
            1 => js::number(&value),
            _ => js::date(&value) - js::now(),
        };
        retry::retry_after_ms(group, number)
    }

    /// A header of the answer: a string, or anything else where there is none.
    pub fn header(&self, name: &str) -> JsValue {
        let headers = js::get(&self.response, "headers");
        js::invoke(&headers, "get", &name.into(), &JsValue::UNDEFINED)
    }

    /// Begins to read the body's next part: a chunk, or all of its text where there is no stream.
    /// False where nothing more can be read.
    pub fn read_part(&mut self, alarm: &Alarm) -> bool {
        if self.reader.is_undefined() {
            let stream = js::get(&self.response, "body");
            if stream.is_null() {
                // A response without a body, such as a 204.
                self.open = false;
                return false;
            }
            self.reader = js::invoke0(&stream, "getReader");
        }
        let (source, method) = if self.reader.is_undefined() {
            (&self.response, "text")
        } else {
            (&self.reader, "read")
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
        if js::get(part, "done").is_truthy() {
            self.open = false;
            return false;
        }
        let bytes = js::get(part, "value");
        let size = js::get(&bytes, "byteLength");
        if !js::is(&size, Kind::Number) {
            return false;
        }
        let size = js::number(&size) as u32;
        let fits = size.min(LIMIT - self.length);
        if fits < size {
            js::push(
                &self.chunks,
                &js::invoke(&bytes, "subarray", &0.into(), &fits.into()),
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
        ("".into(), BodyEnd::Broken)
    }

    /// Cancels on the wire what is still open.
    pub fn cancel(&self, alarm: &Alarm) {
        if !self.open {
            return;
        }
        // A fetch of the caller's own may not listen to the signal, so its stream is told too.
        if !self.reader.is_undefined() {
            alarm.forget(&js::get(&self.reader, "cancel"), &self.reader);
        }
        js::invoke0(&self.controller, "abort");
    }
}
