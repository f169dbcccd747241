//! A platform without a network: a function responds to each request at once.

use std::cell::Cell;
use std::future::{Future, Pending, pending};
use std::mem;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use campaign_workflow::Platform;
use campaign_workflow::platform::{
    FetchError, HttpRequest, Progress, ReadError, Response, TokenError,
};
use url::Url;

use crate::json::JsonValue;

/// The result of a request.
pub enum Reply {
    Response(ScriptedResponse),
    Failed(FetchError),
    /// No response arrives.
    Hang,
}

#[derive(Clone, Debug, Default)]
pub struct ScriptedResponse {
    pub status: u16,
    /// The names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body is cut off.
    pub is_cut: bool,
}

pub struct ScriptedPlatform<F> {
    respond: F,
    has_custom_fetch: bool,
    /// Timers complete only while nothing else can happen.
    is_due: Rc<Cell<bool>>,
}

impl<F: Fn(&HttpRequest<'_>) -> Reply> ScriptedPlatform<F> {
    pub fn new(has_custom_fetch: bool, respond: F) -> Self {
        Self {
            respond,
            has_custom_fetch,
            is_due: Rc::default(),
        }
    }
}

/// Polls a call once. It must be ready.
pub fn poll_once<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the call waits"),
    }
}

impl<F: Fn(&HttpRequest<'_>) -> Reply> Platform for ScriptedPlatform<F> {
    type Response = ScriptedResponse;
    type Json = JsonValue;
    type Timer = Timer;
    type Abort = Pending<()>;

    fn now_ms(&self) -> f64 {
        0.0
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn ms_until(&self, _date: &str) -> Option<u32> {
        Some(1000)
    }

    fn sleep(&self, _ms: u32) -> Timer {
        self.is_due.set(true);
        Timer(Rc::clone(&self.is_due))
    }

    fn abort(&self) -> Pending<()> {
        pending()
    }

    fn is_aborted(&self) -> bool {
        false
    }

    async fn token(&self, _refresh: bool) -> Result<String, TokenError> {
        Err(TokenError)
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<ScriptedResponse, FetchError> {
        let reply = (self.respond)(request);
        self.is_due.set(matches!(reply, Reply::Hang));
        match reply {
            Reply::Response(response) => Ok(response),
            Reply::Failed(error) => Err(error),
            Reply::Hang => pending().await,
        }
    }

    fn has_custom_fetch(&self) -> bool {
        self.has_custom_fetch
    }

    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String> {
        let url = match base {
            Some(base) => Url::parse(base).ok()?.join(url),
            None => Url::parse(url),
        };
        url.ok().map(String::from)
    }

    fn is_page(&self) -> bool {
        false
    }

    fn parse_json(&self, text: &str) -> Option<JsonValue> {
        serde_json::from_str(text).ok().map(JsonValue)
    }
}

pub struct Timer(Rc<Cell<bool>>);

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        match self.0.get() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Response for ScriptedResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn is_opaque_redirect(&self) -> bool {
        false
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(other, _)| other == name)?;
        Some(value.clone())
    }

    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        let bytes = mem::take(&mut self.body);
        body.extend(bytes.iter().take(limit - body.len()));
        match self.is_cut || bytes.len() > limit {
            true => Err(ReadError),
            false => Ok(Progress::End),
        }
    }
}
