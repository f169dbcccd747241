//! What one call needs from the world around it.
//!
//! [`crate::call`] is written against this trait alone. `wasm` implements it for JavaScript, and
//! the simulation under `tests` implements it on a virtual clock.
//!
//! Futures are cancelled by dropping them. Nothing here is `Send`: a call lives on one thread.

use std::future::Future;

/// The runtime, the caller's functions, and the network, as one call sees them.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait Platform {
    /// The answer to a request.
    type Response: Response;
    /// A parsed JSON value.
    type Json: Json;
    /// Ready once its time is over. Dropping it cancels the timer.
    type Timer: Future<Output = ()> + Unpin;
    /// Ready once the caller has aborted the call.
    type Abort: Future<Output = ()> + Unpin;

    /// Milliseconds on a clock that never jumps.
    fn now_ms(&self) -> f64;
    /// A random number from 0 to 1.
    fn random(&self) -> f64;
    /// Milliseconds from now until an HTTP date, 0 if it has passed; `None` if it is not a date.
    fn ms_until(&self, date: &str) -> Option<u32>;
    /// Starts a timer.
    fn sleep(&self, ms: u32) -> Self::Timer;

    /// Waits for the caller's abort signal; never ready if there is none.
    fn abort(&self) -> Self::Abort;
    /// Whether the caller has aborted the call. Also right for a signal that cannot be waited for.
    fn is_aborted(&self) -> bool;

    /// Asks the caller's token function for an access token.
    async fn token(&self, refresh: bool) -> Result<String, TokenError>;
    /// Sends a request and waits for the head of its answer. Redirects are neither followed nor
    /// turned into errors. Dropping the future, or the response before its body has ended, cancels
    /// the request.
    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<Self::Response, FetchError>;
    /// Whether the caller brought `fetch` along. The errors of such a function are not proof enough
    /// to send a command again.
    fn has_custom_fetch(&self) -> bool;

    /// Parses a URL by the WHATWG standard and serializes it again; `None` if it is not one. A
    /// relative URL is resolved against `base`, or else, in a page, against the page's own.
    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String>;
    /// Whether the call is made by a web page.
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
    /// Names and values, all checked.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body, if there is one.
    pub body: Option<&'a str>,
}

/// An answer whose head has arrived.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait Response {
    /// The HTTP status; 0 if the runtime hides it.
    fn status(&self) -> u16;
    /// Whether the runtime hides a redirect behind an answer of type `opaqueredirect`.
    fn is_opaque_redirect(&self) -> bool;
    /// A header; the name is in lower case.
    fn header(&self, name: &str) -> Option<String>;
    /// Appends the next chunk of the body. A chunk that takes `body` over `limit` bytes is cut off
    /// there, and is an error.
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError>;
}

/// A parsed JSON value.
pub trait Json: Sized {
    /// Whether it is an object.
    fn is_object(&self) -> bool;
    /// A field of an object that is a string.
    fn string(&self, name: &str) -> Option<String>;
    /// A field of an object that is a number.
    fn number(&self, name: &str) -> Option<f64>;
    /// Whether a field of an object is `true`.
    fn is_true(&self, name: &str) -> bool;
    /// A field of an object, of its own and not inherited.
    fn field(&self, name: &str) -> Option<Self>;
}

/// How far a body has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more.
    More,
    /// All of it is read.
    End,
}

/// The token function failed, or returned something other than a string.
#[derive(Clone, Copy, Debug)]
pub struct TokenError;

/// The body broke off, or is longer than the limit.
#[derive(Clone, Copy, Debug)]
pub struct ReadError;

/// No answer arrived.
#[derive(Clone, Debug, Default)]
pub struct FetchError {
    /// The runtime reports that no connection was made, so nothing can have been sent.
    pub never_connected: bool,
    /// What the runtime says, for a person to read. The call masks credentials in it.
    pub message: String,
}
