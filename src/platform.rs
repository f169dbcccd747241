//! The environment of a call: network, timers, clock, randomness and the caller's functions.
//!
//! [`crate::call`] depends on this trait alone. `wasm` implements it for JavaScript, and the
//! simulation in `tests/simulation` implements it on a virtual clock.
//!
//! Dropping a future cancels it. Nothing here is `Send`: a call runs on one thread.

use std::future::Future;

/// What a call needs from its runtime and its caller.
#[allow(async_fn_in_trait)] // The futures need no bounds.
pub trait Platform {
    /// The response to a request.
    type Response: Response;
    /// A parsed JSON value.
    type Json: Json;
    /// Completes after its time. Dropping it cancels the timer.
    type Timer: Future<Output = ()> + Unpin;
    /// Completes when the caller aborts the call.
    type Abort: Future<Output = ()> + Unpin;

    /// Milliseconds of a monotonic clock.
    fn now_ms(&self) -> f64;
    /// A random number from 0 to 1.
    fn random(&self) -> f64;
    /// Milliseconds from now until an HTTP date; 0 if it has passed, `None` if it is not a date.
    fn ms_until(&self, date: &str) -> Option<u32>;
    /// Starts a timer.
    fn sleep(&self, ms: u32) -> Self::Timer;

    /// Waits for the caller's abort signal. Never completes if there is none.
    fn abort(&self) -> Self::Abort;
    /// Whether the caller has aborted the call. Correct even if the signal sends no events.
    fn is_aborted(&self) -> bool;

    /// Calls the caller's token function. `refresh`: the server refused the last token.
    async fn token(&self, refresh: bool) -> Result<String, TokenError>;
    /// Sends a request and waits for the head of its response. Does not follow redirects, and does not
    /// turn them into errors. Dropping the future, or the response before its body has ended, cancels
    /// the request.
    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<Self::Response, FetchError>;
    /// Whether the caller supplied `fetch`. Errors of such a function are not sufficient proof to send
    /// a command again.
    fn has_custom_fetch(&self) -> bool;

    /// Parses a URL by the WHATWG standard and serializes it; `None` if it is not a URL. A relative URL
    /// is resolved against `base`, or without a `base` against the URL of the page, if there is one.
    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String>;
    /// Whether the call runs in a web page.
    fn is_page(&self) -> bool;
    /// Parses a text; `None` if it is not JSON.
    fn parse_json(&self, text: &str) -> Option<Self::Json>;
}

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub struct HttpRequest<'a> {
    /// The method, in upper case.
    pub method: &'static str,
    /// An absolute URL.
    pub url: &'a str,
    /// Names and values. All are valid.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body, if the request has one.
    pub body: Option<&'a str>,
}

/// A response whose head has arrived.
#[allow(async_fn_in_trait)] // The futures need no bounds.
pub trait Response {
    /// The HTTP status; 0 if the runtime hides it.
    fn status(&self) -> u16;
    /// Whether the runtime hides a redirect behind a response of type `opaqueredirect`.
    fn is_opaque_redirect(&self) -> bool;
    /// The value of a header. The name is in lower case.
    fn header(&self, name: &str) -> Option<String>;
    /// Appends the next chunk of the body. If `body` would exceed `limit` bytes, it is filled up to the
    /// limit and the result is an error.
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError>;
}

/// A parsed JSON value.
pub trait Json: Sized {
    /// Whether it is an object.
    fn is_object(&self) -> bool;
    /// The value of an object's field, if it is a string.
    fn string(&self, name: &str) -> Option<String>;
    /// The value of an object's field, if it is a number.
    fn number(&self, name: &str) -> Option<f64>;
    /// Whether an object's field is `true`.
    fn is_true(&self, name: &str) -> bool;
    /// The value of an object's own field. Inherited fields do not count.
    fn field(&self, name: &str) -> Option<Self>;
}

/// Whether a body has been read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more to read.
    More,
    /// The body has ended.
    End,
}

/// The token function failed, or returned something other than a string.
#[derive(Clone, Copy, Debug)]
pub struct TokenError;

/// The body was cut off, or is longer than the limit.
#[derive(Clone, Copy, Debug)]
pub struct ReadError;

/// No response arrived.
#[derive(Clone, Debug, Default)]
pub struct FetchError {
    /// The runtime reports that no connection was made, so nothing was sent.
    pub never_connected: bool,
    /// The runtime's error message, for people. The call masks credentials in it.
    pub message: String,
}
