//! The runtime of one request in JavaScript.

use std::cell::RefCell;

use campaign_workflow::Platform;
use campaign_workflow::platform::{Progress, ReadError, TokenError};
use campaign_workflow::wasm::bindings as client;
use campaign_workflow::wasm::events::PromiseFuture;
use campaign_workflow::wasm::fetch;
use campaign_workflow::wasm::platform::JsPlatform;
use campaign_workflow::wasm::request;
use js_sys::{Date, Function, JsString, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{IncomingRequest, OperationObject, RequestProgress};
use super::options::{CredentialOptions, Options};
use super::{log, user_send};
use crate::http::RequestHead;
use crate::ims::{Ims, TokenFailure};
use crate::operation::RequestedOperation;
use crate::runtime::{
    AuthorizeError, CallRuntime, LogEntry, OutgoingCommand, RequestBody, RequestRuntime, SendResult,
};

/// The functions of the gateway's user, or undefined.
pub struct Functions {
    authorize: Function,
    pub send: Function,
    pub log: JsValue,
    fetch: JsValue,
    access_token: JsValue,
}

impl Functions {
    /// The functions of checked options.
    pub fn of(options: &Options) -> Self {
        Self {
            authorize: options.authorize().unchecked_into(),
            send: options.send().unchecked_into(),
            log: options.log(),
            fetch: options.fetch(),
            access_token: options.access_token(),
        }
    }
}

/// The `fetch` and the clock for IMS; by default the platform's own.
#[derive(Default)]
pub struct TokenRuntime {
    fetch: JsValue,
    now: JsValue,
}

impl TokenRuntime {
    /// The functions of a checked credential.
    pub fn of(credentials: &CredentialOptions) -> Self {
        Self {
            fetch: credentials.fetch(),
            now: credentials.now(),
        }
    }

    /// Returns a token of that credential.
    pub async fn token(&self, ims: &Ims, refresh: bool) -> Result<String, TokenFailure> {
        let clock = || match self.now.dyn_ref::<Function>() {
            // A clock that throws or returns no number gives NaN: every token is then too old.
            Some(now) => {
                let ms = now.call0(&JsValue::UNDEFINED).ok();
                ms.and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN)
            }
            None => Date::now(),
        };
        ims.token(&platform(&self.fetch, &JsValue::UNDEFINED), clock, refresh)
            .await
    }
}

/// The client's platform, with a `fetch` and a token function that may be undefined.
pub fn platform(fetch: &JsValue, token: &JsValue) -> JsPlatform {
    // On a runtime without `fetch`, the call fails.
    let missing = |_| (JsValue::UNDEFINED.unchecked_into(), true);
    let (fetch, has_custom_fetch) = request::fetch(fetch.clone()).unwrap_or_else(missing);
    JsPlatform {
        fetch,
        has_custom_fetch,
        token_function: token.dyn_ref().cloned(),
        // A caller who disconnects does not end a command.
        signal: None,
    }
}

/// The parts of a request that the gateway reads before its body.
pub fn head(request: &web_sys::Request) -> Result<RequestHead, JsValue> {
    let incoming: &IncomingRequest = request.unchecked_ref();
    let headers = request.unchecked_ref::<client::Response>().headers()?;
    let header = |name: &str| -> Result<Option<String>, JsValue> {
        let name: JsString = JsValue::from_str(name).unchecked_into();
        Ok(headers.get(&name)?.as_string())
    };
    Ok(RequestHead {
        method: incoming.method()?.as_string().unwrap_or_default(),
        url: incoming.url()?.as_string().unwrap_or_default(),
        origin: header("origin")?,
        content_type: header("content-type")?,
        content_length: header("content-length")?,
        idempotency_key: header("idempotency-key")?,
        prefer: header("prefer")?,
        delay_seconds: header("delay-seconds")?,
        has_request_method: header("access-control-request-method")?.is_some(),
    })
}

/// The runtime of one request.
pub struct JsRuntime<'a> {
    functions: &'a Functions,
    tokens: Option<(&'a Ims, &'a TokenRuntime)>,
    request: web_sys::Request,
    head: RequestHead,
    caller: JsPlatform,
    /// The second argument of the last `authorize` call.
    requested: RefCell<Option<OperationObject>>,
    progress: RequestProgress,
    /// Calls a workflow's object, if there are objects.
    pub(super) call_object: Option<&'a Function>,
    /// Counts a caller's requests, if there is a rate limit.
    pub(super) limit: Option<Function>,
}

impl<'a> JsRuntime<'a> {
    /// The request's body is not read yet.
    pub fn new(
        functions: &'a Functions,
        tokens: Option<(&'a Ims, &'a TokenRuntime)>,
        request: web_sys::Request,
        head: RequestHead,
        progress: RequestProgress,
    ) -> Self {
        Self {
            functions,
            tokens,
            caller: platform(&functions.fetch, &functions.access_token),
            request,
            head,
            requested: RefCell::default(),
            progress,
            call_object: None,
            limit: None,
        }
    }
}

impl CallRuntime for JsRuntime<'_> {
    type Platform = JsPlatform;

    fn platform(&self) -> &JsPlatform {
        &self.caller
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        match self.tokens {
            Some((ims, runtime)) => runtime.token(ims, refresh).await.map_err(|_| TokenError),
            None => self.caller.token(refresh).await,
        }
    }
}

impl RequestRuntime for JsRuntime<'_> {
    type Body = IncomingBody;
    type Response = web_sys::Response;

    fn head(&self) -> &RequestHead {
        &self.head
    }

    fn body(&self) -> IncomingBody {
        let message = JsValue::from(&self.request);
        IncomingBody {
            body: fetch::Body::new(message.unchecked_into()),
            has_ended: false,
        }
    }

    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError> {
        self.progress.set_command(requested.operation.as_str());
        let object: OperationObject = Object::new().unchecked_into();
        fill_operation(&object, requested);
        self.progress.set_requested(&object);
        *self.requested.borrow_mut() = Some(object.clone());
        let function = &self.functions.authorize;
        let returned = client::call2(function, &self.request, &object);
        let decided = PromiseFuture::new(&returned.map_err(|_| AuthorizeError::Failed)?).await;
        Ok(decided.map_err(|_| AuthorizeError::Failed)? == JsValue::TRUE)
    }

    fn caller(&self) -> Option<String> {
        caller_of(self.requested.borrow().as_ref()).as_string()
    }

    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<web_sys::Response> {
        let value = user_send::command(command, &self.request, self.requested.borrow().as_ref());
        let returned = client::call1(&self.functions.send, &value);
        let result = match returned {
            Ok(promised) => {
                self.progress.set_send_promise(&promised);
                PromiseFuture::new(&promised).await
            }
            Err(thrown) => Err(thrown),
        };
        match result {
            Ok(value) => user_send::result(value),
            Err(thrown) => user_send::failure(&thrown),
        }
    }

    fn sending(&self) {
        self.progress.set_sent(true);
    }

    fn log(&self, entry: &LogEntry<'_>) {
        log::write(self.functions, entry, self.requested.borrow().as_ref());
    }
}

/// Writes an operation to the argument of a user's function.
pub fn fill_operation(object: &OperationObject, requested: &RequestedOperation) {
    object.set_organization(&requested.organization);
    object.set_workflow_id(&requested.workflow_id);
    object.set_command(requested.operation.as_str());
}

/// The caller's name, as `authorize` set it.
pub fn caller_of(requested: Option<&OperationObject>) -> JsValue {
    let caller = requested.map(OperationObject::caller);
    caller.and_then(Result::ok).unwrap_or_default()
}

/// The body of the caller's request.
pub struct IncomingBody {
    body: fetch::Body,
    has_ended: bool,
}

impl RequestBody for IncomingBody {
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        let progress = self.body.read(body, limit).await?;
        self.has_ended = progress == Progress::End;
        Ok(progress)
    }
}

impl Drop for IncomingBody {
    fn drop(&mut self) {
        if !self.has_ended {
            self.body.cancel();
        }
    }
}
