//! The few texts that every call hands to JavaScript, made once: to decode one costs more than most
//! of what else a call does.

use std::cell::Cell;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

/// More than these are not kept: a caller's own header names could be without number.
const MAX_ENTRIES: usize = 32;

thread_local! {
    static CACHE: Cell<Vec<(String, JsString)>> = const { Cell::new(Vec::new()) };
}

/// A text that comes again and again, such as the name of a header. Never for a secret.
pub fn cached_string(text: &str) -> JsString {
    CACHE.with(|cell| {
        let mut cache = cell.take();
        let found = cache.iter().find(|(name, _)| name == text);
        let string = found.map(|(_, string)| string.clone()).unwrap_or_else(|| {
            let string: JsString = JsValue::from_str(text).unchecked_into();
            if cache.len() < MAX_ENTRIES {
                cache.push((String::from(text), string.clone()));
            }
            string
        });
        cell.set(cache);
        string
    })
}
