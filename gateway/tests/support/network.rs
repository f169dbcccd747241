//! A network with one server, which is a function.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;

use campaign_gateway::json::RawJson;
use campaign_workflow::platform::{
    FetchError, HttpRequest, Platform, Progress, ReadError, Response, TokenError,
};

use super::clock::{Clock, Timer};

/// What the server does with a request.
pub enum ServerBehavior {
    /// A response after this time in milliseconds.
    With(ServerResponse, u32),
    /// The connection is refused.
    Refused,
    /// No response ever arrives.
    Never,
}

#[derive(Clone)]
pub struct ServerResponse {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

pub fn json(status: u16, body: &str) -> ServerBehavior {
    let content_type = "application/json";
    let body = body.as_bytes().to_vec();
    ServerBehavior::With(
        ServerResponse {
            status,
            content_type,
            body,
        },
        0,
    )
}

pub fn text(status: u16, body: &str) -> ServerBehavior {
    let content_type = "text/plain";
    let body = body.as_bytes().to_vec();
    ServerBehavior::With(
        ServerResponse {
            status,
            content_type,
            body,
        },
        0,
    )
}

pub fn late(ms: u32, behavior: ServerBehavior) -> ServerBehavior {
    match behavior {
        ServerBehavior::With(sent, _) => ServerBehavior::With(sent, ms),
        other => other,
    }
}

/// A network with one server, which is a function.
pub struct Network {
    pub clock: Rc<Clock>,
    pub serve: Box<dyn Fn(&HttpRequest<'_>) -> ServerBehavior>,
    /// The sent requests: method, URL and body.
    pub seen: Rc<RefCell<Vec<String>>>,
}

impl Network {
    pub fn new(serve: impl Fn(&HttpRequest<'_>) -> ServerBehavior + 'static) -> Self {
        Self {
            clock: Rc::default(),
            serve: Box::new(serve),
            seen: Rc::default(),
        }
    }
}

impl Response for ServerResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn is_opaque_redirect(&self) -> bool {
        false
    }

    fn header(&self, name: &str) -> Option<String> {
        match name {
            "content-type" => Some(self.content_type.into()),
            "x-request-id" => Some("id-of-campaign".into()),
            _ => None,
        }
    }

    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        take(&mut self.body, body, limit)?;
        Ok(Progress::End)
    }
}

pub fn take(from: &mut Vec<u8>, body: &mut Vec<u8>, limit: usize) -> Result<(), ReadError> {
    let room = limit.saturating_sub(body.len());
    let is_over = from.len() > room;
    from.truncate(room);
    body.append(from);
    if is_over { Err(ReadError) } else { Ok(()) }
}

impl Platform for Network {
    type Response = ServerResponse;
    type Json = RawJson;
    type Timer = Timer;
    type Abort = std::future::Pending<()>;

    fn now_ms(&self) -> f64 {
        self.clock.now_ms()
    }

    fn random(&self) -> f64 {
        0.999
    }

    fn ms_until(&self, _: &str) -> Option<u32> {
        None
    }

    fn sleep(&self, ms: u32) -> Timer {
        self.clock.sleep(ms)
    }

    fn abort(&self) -> Self::Abort {
        pending()
    }

    fn is_aborted(&self) -> bool {
        false
    }

    async fn token(&self, _: bool) -> Result<String, TokenError> {
        Err(TokenError)
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<ServerResponse, FetchError> {
        let body = request.body.unwrap_or_default();
        let line = [request.method, " ", request.url, " ", body].concat();
        self.seen.borrow_mut().push(line.trim_end().to_owned());
        match (self.serve)(request) {
            ServerBehavior::With(sent, ms) => {
                if ms > 0 {
                    self.clock.sleep(ms).await;
                }
                Ok(sent)
            }
            ServerBehavior::Refused => Err(FetchError {
                never_connected: true,
                message: "ECONNREFUSED".into(),
            }),
            ServerBehavior::Never => pending().await,
        }
    }

    fn has_custom_fetch(&self) -> bool {
        false
    }

    /// A minimal URL parser for these tests.
    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String> {
        if url.contains("://") {
            return Some(url.to_owned());
        }
        let origin = base?.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        url.starts_with('/').then(|| origin + url)
    }

    fn is_page(&self) -> bool {
        false
    }

    fn parse_json(&self, text: &str) -> Option<RawJson> {
        RawJson::parse(text)
    }
}
