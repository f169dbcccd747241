//! A cache of JavaScript strings that every call uses. Decoding one costs more than most other
//! parts of a call.

use std::cell::Cell;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

/// The maximum number of cached strings, because the caller's own header names are unlimited.
const MAX_ENTRIES: usize = 32;

thread_local! {
    static CACHE: Cell<Vec<(String, JsString)>> = const { Cell::new(Vec::new()) };
}

/// The JavaScript string for a text that is used often, such as a header name. Not for secrets.
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
