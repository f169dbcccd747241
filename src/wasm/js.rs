//! JavaScript as the shell touches it: dynamically, through the few words of `js/platform.js`, so
//! that nothing a caller hands over can throw through Rust code, and texts stay where they are.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/platform.js")]
extern "C" {
    /// See [`Kind`].
    fn kind(value: &JsValue) -> i32;
    /// Takes the texts, a line each; all the others here take a line's number for one.
    pub fn know(texts: &[u8]);
    /// One of them.
    pub fn text(number: i32) -> JsValue;
    /// A member of anything; `undefined` where there is none or reading it throws.
    pub fn get(object: &JsValue, name: i32) -> JsValue;
    /// A member of the global object.
    pub fn global(name: i32) -> JsValue;
    /// What a method gives; `undefined` where there is none or it throws.
    pub fn invoke(object: &JsValue, name: i32, first: &JsValue, second: &JsValue) -> JsValue;
    /// Names and values; one that is neither where they can't be read.
    pub fn entries(object: &JsValue) -> JsValue;
    /// An empty array.
    pub fn list() -> JsValue;
    /// How long an array or a text is.
    pub fn length(of: &JsValue) -> i32;
    /// An element of an array.
    pub fn at(list: &JsValue, index: i32) -> JsValue;
    pub fn push(list: &JsValue, element: &JsValue);
    /// A part of a text.
    pub fn slice(text: &JsValue, from: i32, to: i32) -> JsValue;
    /// Reads JSON; `undefined` where the text is none.
    pub fn parse(text: &JsValue) -> JsValue;
    /// What the platform's parser makes of a URL; `undefined` where it is none.
    pub fn url(given: &JsValue, base: &JsValue) -> JsValue;
    /// Three texts in one.
    pub fn join(before: &JsValue, middle: i32, after: &JsValue) -> JsValue;
    /// The number of the group of the pattern that a text matches; 0 where it matches none, and less
    /// where it is no text.
    pub fn group(text: &JsValue, pattern: i32) -> i32;
    /// The first match of a pattern, or `undefined`.
    pub fn find(text: &JsValue, pattern: i32) -> JsValue;
    /// A new object, written as JSON.
    pub fn literal(json: i32) -> JsValue;
    /// Sets a member of an object of our own.
    pub fn set(object: &JsValue, name: i32, value: &JsValue);
    /// Sets members by their names and values.
    pub fn fill(object: &JsValue, entries: &JsValue);
    /// Percent-encodes a text as one path segment.
    pub fn segment(text: &JsValue) -> JsValue;
    /// The text in chunks of bytes; `undefined` where they are not what they should be.
    pub fn decode(chunks: &JsValue, fatal: i32) -> JsValue;
    /// Writes a text as UTF-8; gives its length in bytes.
    pub fn write(text: &JsValue, bytes: &mut [u8]) -> usize;
    /// Reads UTF-8.
    pub fn read(bytes: &[u8]) -> JsValue;
    /// A promise, and what settles it.
    pub fn deferred() -> JsValue;
    /// A function that wakes a task.
    pub fn waker(wake: &JsValue, task: i32, note: i32) -> JsValue;
    /// Wakes a task later.
    pub fn timer(wake: &JsValue, task: i32, note: i32, ms: i32) -> JsValue;
    /// Calls a function and wakes a task with what it promises: with `note`, or with twice of it
    /// where it fails.
    pub fn start(
        wake: &JsValue,
        task: i32,
        note: i32,
        callee: &JsValue,
        this: &JsValue,
        first: &JsValue,
        second: &JsValue,
    );
}

#[wasm_bindgen]
extern "C" {
    /// Cancels a request on the wire.
    pub type AbortController;
    #[wasm_bindgen(constructor)]
    pub fn new() -> AbortController;

    pub type Error;
    #[wasm_bindgen(constructor)]
    pub fn new(message: &JsValue) -> Error;

    #[wasm_bindgen(js_name = clearTimeout)]
    pub fn clear_timeout(timer: &JsValue);

    #[wasm_bindgen(js_namespace = Date)]
    pub fn now() -> f64;
    /// The time of a date; NaN where the text is none.
    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    pub fn date(text: &JsValue) -> f64;
    /// Of a number, or of a text of digits.
    #[wasm_bindgen(js_name = Number)]
    pub fn number(value: &JsValue) -> f64;
    #[wasm_bindgen(js_namespace = Math)]
    pub fn random() -> f64;
}

#[wasm_bindgen(module = "/js/outcome.js")]
extern "C" {
    /// What `sendWorkflowCommand` resolves to.
    pub fn receipt(
        workflow_id: &JsValue,
        command: &JsValue,
        status: i32,
        body: &JsValue,
        request_id: &JsValue,
        attempts: i32,
    ) -> JsValue;

    /// What it rejects with. `status` is 0 where there is none, `retry_after_ms` is below. Where the body is a gateway's
    /// problem document, `first_code` and `codes_end` tell the numbers of the codes that it may give in place of the
    /// status; else both are 0.
    #[allow(clippy::too_many_arguments)]
    pub fn failure(
        message: &JsValue,
        code: &JsValue,
        outcome: &JsValue,
        status: i32,
        error_code: &JsValue,
        body: &JsValue,
        hint: &JsValue,
        retry_after_ms: f64,
        request_id: &JsValue,
        attempts: i32,
        cause: &JsValue,
        first_code: i32,
        codes_end: i32,
    ) -> JsValue;
}

/// What a value is, in the order of `js/platform.js`.
#[derive(Clone, Copy)]
pub enum Kind {
    Boolean = 1,
    Number,
    String,
    Function,
    Object,
}

/// Whether a value is of a kind; `null` is of none.
pub fn is(value: &JsValue, expected: Kind) -> bool {
    kind(value) == expected as i32
}

/// The number of the group of the pattern that matches; 0 where none does.
pub fn which(text: &JsValue, pattern: i32) -> u32 {
    group(text, pattern).max(0) as u32
}

/// Calls a method without arguments.
pub fn invoke0(object: &JsValue, name: i32) -> JsValue {
    invoke(object, name, &JsValue::UNDEFINED, &JsValue::UNDEFINED)
}
