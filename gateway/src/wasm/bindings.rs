//! JavaScript types that the client's bindings do not have. Objects of other code may throw at any access, so they are
//! bound with `catch`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The caller's request. Its headers and body are read through the client's binding of a response.
    pub type IncomingRequest;
    #[wasm_bindgen(method, catch, getter)]
    pub fn method(this: &IncomingRequest) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    pub fn url(this: &IncomingRequest) -> Result<JsValue, JsValue>;

    /// The second argument of `authorize`, which may write to it.
    #[derive(Clone)]
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type OperationObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_organization(this: &OperationObject, organization: &str);
    #[wasm_bindgen(method, setter, js_name = workflowId)]
    pub fn set_workflow_id(this: &OperationObject, id: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_command(this: &OperationObject, command: &str);
    #[wasm_bindgen(method, catch, getter)]
    pub fn caller(this: &OperationObject) -> Result<JsValue, JsValue>;

    /// The argument of the user's own `send`, with the fields of an operation.
    #[wasm_bindgen(extends = OperationObject, extends = js_sys::Object)]
    pub type CommandObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_request(this: &CommandObject, request: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_caller(this: &CommandObject, caller: &JsValue);
    #[wasm_bindgen(method, setter, js_name = idempotencyKey)]
    pub fn set_idempotency_key(this: &CommandObject, key: &JsValue);
    #[wasm_bindgen(method, setter, js_name = timeoutMs)]
    pub fn set_timeout_ms(this: &CommandObject, ms: u32);

    /// What `send` resolved to: a receipt, a response, or anything else.
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

    /// The progress of a request. JavaScript keeps it, so that it outlives a trap.
    pub type RequestProgress;
    /// When the request came, in milliseconds.
    #[wasm_bindgen(method, setter, js_name = startedMs)]
    pub fn set_started_ms(this: &RequestProgress, ms: f64);
    #[wasm_bindgen(method, getter, js_name = startedMs)]
    pub fn started_ms(this: &RequestProgress) -> Option<f64>;
    /// The name of the operation.
    #[wasm_bindgen(method, setter)]
    pub fn set_command(this: &RequestProgress, command: &str);
    #[wasm_bindgen(method, getter)]
    pub fn command(this: &RequestProgress) -> Option<String>;
    /// The second argument of `authorize`.
    #[wasm_bindgen(method, setter)]
    pub fn set_requested(this: &RequestProgress, requested: &OperationObject);
    #[wasm_bindgen(method, getter)]
    pub fn requested(this: &RequestProgress) -> Option<OperationObject>;
    /// Whether something may have been executed.
    #[wasm_bindgen(method, setter)]
    pub fn set_sent(this: &RequestProgress, is_sent: bool);
    #[wasm_bindgen(method, getter)]
    pub fn sent(this: &RequestProgress) -> Option<bool>;
    /// The promise of the user's own `send`.
    #[wasm_bindgen(method, setter, js_name = sendPromise)]
    pub fn set_send_promise(this: &RequestProgress, work: &JsValue);

    /// A log entry.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub type LogObject;
    #[wasm_bindgen(method, setter)]
    pub fn set_time(this: &LogObject, time: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_caller(this: &LogObject, caller: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_problem(this: &LogObject, problem: &str);
}
