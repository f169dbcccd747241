//! A call's secrets, and the texts that leave the package without them.

use alloc::vec;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::js::{self, Kind};
use super::texts::{self, text};
use crate::mask::{cut, mask};

/// Texts that are never shown. They stay in JavaScript until a text has to be searched for them.
pub struct Secrets(JsValue);

impl Secrets {
    /// None yet.
    pub fn new() -> Self {
        Self(js::list())
    }

    /// One more.
    pub fn push(&self, secret: &JsValue) {
        js::push(&self.0, secret);
    }

    /// A text without the secrets, or `null` for what is none; looked into only where a secret
    /// could stand in it.
    pub fn clean(&self, text: &JsValue) -> JsValue {
        let holds = |index| {
            js::invoke(
                text,
                text!("includes"),
                &js::at(&self.0, index),
                &JsValue::UNDEFINED,
            )
            .is_truthy()
        };
        if !js::is(text, Kind::String) {
            JsValue::NULL
        } else if js::which(text, text!(texts::ESCAPE)) > 0 || (0..js::length(&self.0)).any(holds) {
            self.shown(text, usize::MAX)
        } else {
            text.clone()
        }
    }

    /// The beginning of a text, without the secrets, even where it breaks off inside one.
    pub fn shown(&self, text: &JsValue, limit: usize) -> JsValue {
        let mut bytes = bytes(text);
        let mut length = bytes.len();
        for index in 0..js::length(&self.0) {
            length = mask(&mut bytes, length, &self::bytes(&js::at(&self.0, index)));
        }
        let masked = bytes.get(..length).unwrap_or_default();
        js::read(masked.get(..cut(masked, limit)).unwrap_or_default())
    }
}

pub fn bytes(text: &JsValue) -> Vec<u8> {
    // No unit of UTF-16 becomes more than three bytes.
    let mut bytes = vec![0; js::length(text) as usize * 3];
    let length = js::write(text, &mut bytes);
    bytes.truncate(length);
    bytes
}
