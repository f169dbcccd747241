//! Typed bindings of the JavaScript values that this crate uses. They check what a value can do,
//! not its class, so objects of another realm and the caller's own stand-ins work as well.
//!
//! Anything that comes from the caller may throw on access, so it is bound with `catch`. A member
//! whose type is not certain is a `JsValue`, which the code that reads it checks.
//!
//! Functions that throw regularly return an `Option`. For any other reference type, wasm-bindgen
//! allocates a slot of its table for `undefined` after a throw, and never frees it.

#![allow(missing_docs)] // The members are JavaScript's own.

use js_sys::{Function, JsString, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The loader's copy of a request. Reading it has no side effects.
    pub type Fields;
    #[wasm_bindgen(method, getter)]
    pub fn organization(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = workflowId)]
    pub fn workflow_id(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn command(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    pub fn access_token(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = apiKey)]
    pub fn api_key(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = baseUrl)]
    pub fn base_url(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn fetch(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    pub fn timeout_ms(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = attemptTimeoutMs)]
    pub fn attempt_timeout_ms(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = maxRetries)]
    pub fn max_retries(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn headers(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = idempotencyKey)]
    pub fn idempotency_key(this: &Fields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = allowBrowserCredentials)]
    pub fn allow_browser_credentials(this: &Fields) -> JsValue;

    /// The argument of the token function.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type TokenOptions;
    #[wasm_bindgen(method, setter)]
    pub fn set_refresh(this: &TokenOptions, refresh: bool);

    /// The second argument of `fetch`.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type RequestInit;
    #[wasm_bindgen(method, setter)]
    pub fn set_method(this: &RequestInit, method: &JsString);
    #[wasm_bindgen(method, setter)]
    pub fn set_redirect(this: &RequestInit, redirect: &JsString);
    #[wasm_bindgen(method, setter)]
    pub fn set_headers(this: &RequestInit, headers: &HeaderRecord);
    #[wasm_bindgen(method, setter)]
    pub fn set_body(this: &RequestInit, body: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_signal(this: &RequestInit, signal: &web_sys::AbortSignal);

    /// The headers of a request, by name.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type HeaderRecord;
    #[wasm_bindgen(method, indexing_setter)]
    pub fn set(this: &HeaderRecord, name: &JsString, value: &str);

    /// The value that `fetch` resolves to. A request has the same headers and body.
    pub type Response;
    #[wasm_bindgen(method, catch, getter)]
    pub fn status(this: &Response) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn r#type(this: &Response) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn headers(this: &Response) -> Result<Headers, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn body(this: &Response) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn text(this: &Response) -> Result<JsValue, JsValue>;

    /// The headers of a response.
    pub type Headers;
    #[wasm_bindgen(method, catch)]
    pub fn get(this: &Headers, name: &JsString) -> Result<JsValue, JsValue>;

    /// The body of a response.
    pub type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    pub fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    /// The reader of a stream.
    pub type Reader;
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &Reader) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn cancel(this: &Reader) -> Result<JsValue, JsValue>;

    /// The value that a read resolves to.
    pub type Chunk;
    #[wasm_bindgen(method, catch, getter)]
    pub fn done(this: &Chunk) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn value(this: &Chunk) -> Result<Bytes, JsValue>;

    /// A typed array.
    pub type Bytes;
    #[wasm_bindgen(method, catch, getter, js_name = byteLength)]
    pub fn byte_length(this: &Bytes) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn subarray(this: &Bytes, begin: u32, end: u32) -> Result<Bytes, JsValue>;

    /// Copies the bytes of a typed array.
    #[wasm_bindgen(catch, js_namespace = ["Uint8Array", "prototype", "set"], js_name = call)]
    pub fn copy(into: &mut [u8], from: &Bytes) -> Result<(), JsValue>;

    /// The caller's `AbortSignal`.
    #[derive(Clone)]
    pub type Signal;
    #[wasm_bindgen(method, catch, getter)]
    pub fn aborted(this: &Signal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn reason(this: &Signal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = addEventListener)]
    pub fn add_event_listener(this: &Signal) -> Result<JsValue, JsValue>;

    /// A thrown value, usually an error.
    pub type Thrown;
    #[wasm_bindgen(method, catch, getter)]
    pub fn name(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn message(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn cause(this: &Thrown) -> Result<Option<Thrown>, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn code(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn syscall(this: &Thrown) -> Result<JsValue, JsValue>;

    /// A function of the caller. It is called without a receiver, as a service binding requires.
    type CallerFunction;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call1(
        this: &CallerFunction,
        receiver: &JsValue,
        argument: &JsValue,
    ) -> Result<Option<Object>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call2(
        this: &CallerFunction,
        receiver: &JsValue,
        first: &JsValue,
        second: &JsValue,
    ) -> Result<Option<Object>, JsValue>;

    /// A parsed JSON value.
    pub type ParsedJson;
    #[wasm_bindgen(method, indexing_getter)]
    pub fn get(this: &ParsedJson, name: &str) -> JsValue;
    #[wasm_bindgen(js_namespace = JSON, catch, js_name = parse)]
    pub fn parse_json(text: &str) -> Result<Option<ParsedJson>, JsValue>;

    /// The global object. Its members are read at each call.
    pub type Global;
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    pub static GLOBAL: Global;
    #[wasm_bindgen(method, getter)]
    pub fn fetch(this: &Global) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn document(this: &Global) -> Option<Document>;

    /// The document. It exists only in a page.
    pub type Document;
    #[wasm_bindgen(method, getter, js_name = baseURI)]
    pub fn base_uri(this: &Document) -> Option<String>;

    #[wasm_bindgen(js_name = setTimeout)]
    pub fn set_timeout(callback: &Closure<dyn FnMut()>, ms: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    pub fn clear_timeout(timer: &JsValue);
    /// A monotonic clock, in milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    pub fn now() -> f64;

    /// The result of a call: the fields of a receipt, or those of an error.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type ResultFields;
    #[wasm_bindgen(method, setter, js_name = workflowId)]
    pub fn set_workflow_id(this: &ResultFields, id: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_command(this: &ResultFields, command: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_code(this: &ResultFields, code: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_outcome(this: &ResultFields, outcome: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_status(this: &ResultFields, status: u16);
    #[wasm_bindgen(method, setter, js_name = errorCode)]
    pub fn set_error_code(this: &ResultFields, code: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_body(this: &ResultFields, body: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_hint(this: &ResultFields, hint: &str);
    #[wasm_bindgen(method, setter, js_name = retryAfterMs)]
    pub fn set_retry_after_ms(this: &ResultFields, ms: u32);
    #[wasm_bindgen(method, setter, js_name = requestId)]
    pub fn set_request_id(this: &ResultFields, id: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_attempts(this: &ResultFields, attempts: u32);
    #[wasm_bindgen(method, setter)]
    pub fn set_cause(this: &ResultFields, cause: &JsValue);
}

#[wasm_bindgen(module = "/js/errors.js")]
extern "C" {
    /// The error that `sendWorkflowCommand` rejects with. A missing field becomes `null`.
    pub type WorkflowCommandError;
    #[wasm_bindgen(constructor)]
    pub fn new(message: &str, fields: &ResultFields) -> WorkflowCommandError;
    /// Whether a value is such an error, of this or another copy of the package.
    #[wasm_bindgen(catch, js_name = isWorkflowCommandError)]
    pub fn is_workflow_command_error(value: &JsValue) -> Result<bool, JsValue>;
}

#[wasm_bindgen(module = "/js/callbacks.js")]
extern "C" {
    /// Reports how a promise, a thenable or a plain value settles.
    pub type PromiseObserver;
    #[wasm_bindgen(constructor)]
    pub fn new(promise: &JsValue, report: &Closure<dyn FnMut(bool, JsValue)>) -> PromiseObserver;
    #[wasm_bindgen(method)]
    pub fn disconnect(this: &PromiseObserver);

    /// Reports the `abort` event of a signal.
    pub type AbortListener;
    #[wasm_bindgen(constructor)]
    pub fn new(signal: &Signal, report: &Closure<dyn FnMut()>) -> AbortListener;
    #[wasm_bindgen(method)]
    pub fn disconnect(this: &AbortListener);
}

/// Calls a function of the caller with one argument.
pub fn call1(function: &Function, argument: &JsValue) -> Result<JsValue, JsValue> {
    let function: &CallerFunction = function.unchecked_ref();
    let returned = function.call1(&JsValue::UNDEFINED, argument)?;
    Ok(returned.map_or(JsValue::UNDEFINED, JsValue::from))
}

/// Calls a function of the caller with two arguments.
pub fn call2(function: &Function, first: &JsValue, second: &JsValue) -> Result<JsValue, JsValue> {
    let function: &CallerFunction = function.unchecked_ref();
    let returned = function.call2(&JsValue::UNDEFINED, first, second)?;
    Ok(returned.map_or(JsValue::UNDEFINED, JsValue::from))
}

impl Signal {
    /// Whether a value has the members of an `AbortSignal`.
    pub fn is_signal(value: &JsValue) -> bool {
        let signal: &Self = value.unchecked_ref();
        let has_state = signal
            .aborted()
            .is_ok_and(|aborted| aborted.as_bool().is_some());
        has_state
            && signal
                .add_event_listener()
                .is_ok_and(|method| method.is_function())
    }
}
