//! JavaScript as the gateway sees it, beside what the client's own bindings have. What somebody else made may throw
//! wherever it is touched, so it is bound with `catch`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The caller's request; its headers and body are read as those of a response.
    pub type Incoming;
    #[wasm_bindgen(method, catch, getter)]
    pub fn method(this: &Incoming) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn url(this: &Incoming) -> Result<JsValue, JsValue>;

    /// What `authorize` is given, which may write to it.
    #[derive(Clone)]
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type AskedObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_organization(this: &AskedObject, organization: &str);
    #[wasm_bindgen(method, setter, js_name = workflowId)]
    pub fn set_workflow_id(this: &AskedObject, id: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_command(this: &AskedObject, command: &str);
    #[wasm_bindgen(method, catch, getter)]
    pub fn caller(this: &AskedObject) -> Result<JsValue, JsValue>;

    /// What the user's own `send` is given, in addition to that.
    #[wasm_bindgen(extends = AskedObject, extends = js_sys::Object)]
    pub type SentObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_request(this: &SentObject, request: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_caller(this: &SentObject, caller: &JsValue);
    #[wasm_bindgen(method, setter, js_name = idempotencyKey)]
    pub fn set_idempotency_key(this: &SentObject, key: &JsValue);
    #[wasm_bindgen(method, setter, js_name = timeoutMs)]
    pub fn set_timeout_ms(this: &SentObject, ms: u32);

    /// What it resolved to: a receipt, a response, or anything else.
    pub type SendValue;
    #[wasm_bindgen(method, catch, getter)]
    pub fn status(this: &SendValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = statusText)]
    pub fn status_text(this: &SendValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn headers(this: &SendValue) -> Result<HeadersLike, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = requestId)]
    pub fn request_id(this: &SendValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn body(this: &SendValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn attempts(this: &SendValue) -> Result<JsValue, JsValue>;

    /// The headers of a response.
    #[wasm_bindgen(extends = web_sys::Headers)]
    pub type HeadersLike;
    #[wasm_bindgen(method, catch, getter, js_name = get)]
    pub fn get_function(this: &HeadersLike) -> Result<JsValue, JsValue>;

    /// What JavaScript knows of a request that is under way, even if this instance traps.
    pub type RequestProgress;
    /// When the request came, in milliseconds.
    #[wasm_bindgen(method, setter)]
    pub fn set_begun(this: &RequestProgress, ms: f64);
    #[wasm_bindgen(method, getter)]
    pub fn begun(this: &RequestProgress) -> Option<f64>;
    /// The word of what is asked for.
    #[wasm_bindgen(method, setter)]
    pub fn set_command(this: &RequestProgress, command: &str);
    #[wasm_bindgen(method, getter)]
    pub fn command(this: &RequestProgress) -> Option<String>;
    /// What `authorize` was given.
    #[wasm_bindgen(method, setter)]
    pub fn set_asked(this: &RequestProgress, asked: &AskedObject);
    #[wasm_bindgen(method, getter)]
    pub fn asked(this: &RequestProgress) -> Option<AskedObject>;
    /// Something may have been executed.
    #[wasm_bindgen(method, setter)]
    pub fn set_sent(this: &RequestProgress, is_sent: bool);
    #[wasm_bindgen(method, getter)]
    pub fn sent(this: &RequestProgress) -> Option<bool>;
    /// What the user's own `send` promised.
    #[wasm_bindgen(method, setter)]
    pub fn set_work(this: &RequestProgress, work: &JsValue);

    /// A line of the log.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type LogObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_time(this: &LogObject, time: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_caller(this: &LogObject, caller: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_problem(this: &LogObject, problem: &str);
}
