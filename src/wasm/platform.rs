//! The platform of a call in a JavaScript runtime.

use js_sys::{Array, Date, Function, Math, Object};
use wasm_bindgen::prelude::*;

use super::bindings::{self, GLOBAL, ParsedJson, Signal, Thrown, TokenOptions};
use super::events::{Abort, PromiseFuture, Timer};
use super::fetch::{FetchResponse, OpenRequest};
use crate::platform::{FetchError, HttpRequest, Json, Platform, TokenError};
use crate::retry;

/// The caller's functions, and those of the runtime.
pub struct JsPlatform {
    /// Sends requests.
    pub fetch: Function,
    /// `fetch` comes from the caller.
    pub has_custom_fetch: bool,
    /// Returns access tokens.
    pub token_function: Option<Function>,
    /// Aborts the call.
    pub signal: Option<Signal>,
}

impl JsPlatform {
    /// The abort reason of the caller's signal.
    pub fn abort_reason(&self) -> JsValue {
        let reason = self.signal.as_ref().map(Signal::reason);
        reason.and_then(Result::ok).unwrap_or_default()
    }

    async fn try_fetch(&self, request: &HttpRequest<'_>) -> Result<FetchResponse, JsValue> {
        let (open, returned) = OpenRequest::start(&self.fetch, request)?;
        let fetched = PromiseFuture::new(&returned?).await?;
        #[cfg(feature = "trap")]
        if request.url.contains("TRAP") {
            core::arch::wasm32::unreachable()
        }
        // An error without a message.
        FetchResponse::new(open, fetched).ok_or_else(|| Object::new().into())
    }
}

impl Platform for JsPlatform {
    type Response = FetchResponse;
    type Json = ParsedJson;
    type Timer = Timer;
    type Abort = Abort;

    fn now_ms(&self) -> f64 {
        bindings::now()
    }

    fn random(&self) -> f64 {
        Math::random()
    }

    fn ms_until(&self, date: &str) -> Option<u32> {
        retry::ms_until(Date::parse(date), Date::now())
    }

    fn sleep(&self, ms: u32) -> Timer {
        Timer::start(ms)
    }

    fn abort(&self) -> Abort {
        Abort::listen(self.signal.as_ref())
    }

    fn is_aborted(&self) -> bool {
        let aborted = self.signal.as_ref().map(Signal::aborted);
        aborted.is_some_and(|aborted| aborted.is_ok_and(|aborted| aborted.is_truthy()))
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let function = self.token_function.as_ref().ok_or(TokenError)?;
        let options: TokenOptions = Object::new().unchecked_into();
        options.set_refresh(refresh);
        // The error of the function is discarded: it may contain a credential.
        let returned = bindings::call1(function, &options);
        let token = PromiseFuture::new(&returned.map_err(|_| TokenError)?).await;
        token.map_err(|_| TokenError)?.as_string().ok_or(TokenError)
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<FetchResponse, FetchError> {
        let response = self.try_fetch(request).await;
        response.map_err(|thrown| fetch_error(thrown.unchecked_ref()))
    }

    fn has_custom_fetch(&self) -> bool {
        self.has_custom_fetch
    }

    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String> {
        parse_url(url, base)
    }

    fn is_page(&self) -> bool {
        GLOBAL.with(|global| global.document().is_some())
    }

    fn parse_json(&self, text: &str) -> Option<ParsedJson> {
        let parsed = bindings::parse_json(text).ok()?;
        // `null` is valid JSON.
        Some(parsed.unwrap_or_else(|| JsValue::NULL.unchecked_into()))
    }
}

impl Json for ParsedJson {
    fn is_object(&self) -> bool {
        JsValue::is_object(self) && !Array::is_array(self)
    }

    fn string(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name).as_bool() == Some(true)
    }

    fn field(&self, name: &str) -> Option<Self> {
        let is_own =
            Json::is_object(self) && Object::has_own(self.unchecked_ref::<Object>(), &name.into());
        is_own.then(|| self.get(name).unchecked_into())
    }
}

/// Parses a URL as [`Platform::parse_url`] does.
pub fn parse_url(url: &str, base: Option<&str>) -> Option<String> {
    let page = || GLOBAL.with(|global| global.document()?.base_uri());
    let parsed = match base.map(String::from).or_else(page) {
        Some(base) => web_sys::Url::new_with_base(url, &base),
        None => web_sys::Url::new(url),
    };
    Some(parsed.ok()?.href())
}

/// Converts an error that `fetch` threw. The error itself is not passed on, because it may contain
/// the request with its credentials.
fn fetch_error(thrown: &Thrown) -> FetchError {
    if !thrown.is_object() {
        return FetchError::default();
    }
    let text = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_string());
    let cause = thrown.cause().ok().flatten();
    let cause = cause.as_ref();
    let parts = [
        text(thrown.name()),
        text(thrown.message()),
        cause.and_then(|cause| text(cause.message())),
        cause.and_then(|cause| text(cause.code())),
    ];
    let mut message = String::new();
    for part in parts.iter().flatten() {
        if !message.is_empty() {
            message.push_str(": ");
        }
        message.push_str(part);
    }
    let proves = |thrown: &Thrown| {
        let code = text(thrown.code()).unwrap_or_default();
        retry::never_connected(&code, &text(thrown.syscall()).unwrap_or_default())
    };
    FetchError {
        // If several addresses were tried, the code is that of the first one, and none of them
        // could be connected.
        never_connected: proves(thrown) || cause.is_some_and(proves),
        message,
    }
}
