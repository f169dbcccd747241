//! A host without a network and with a clock of its own: a function answers each request, and time passes where nothing
//! else can happen.

#![allow(dead_code)] // Not every test uses all of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use campaign_gateway::json::Parsed;
use campaign_gateway::{
    Allowed, Answer, Asked, AuthorizeError, Campaign, Gateway, Head, Host, LogEntry, Operations,
    Origins, Reply, RequestBody, SendResult, SentCommand, handle,
};
use campaign_workflow::address::Base;
use campaign_workflow::platform::{
    FetchError, HttpRequest, Platform, Progress, ReadError, Response, TokenError,
};
use campaign_workflow::{AccessToken, Error};
use serde_json::Value;

pub const PAGE: &str = "https://app.example";
pub const CAMPAIGN: &str = "https://campaign.example";
pub const GATEWAY: &str = "https://gateway.example/api";
pub const BELOW: &str = "/acme/campaign/workflow/execution/";

/// The time, and who waits for it.
#[derive(Default)]
pub struct Clock {
    now_ms: Cell<f64>,
    /// When each timer is due, by its number.
    timers: RefCell<BTreeMap<u32, f64>>,
    last: Cell<u32>,
}

pub struct Timer {
    clock: Rc<Clock>,
    number: u32,
    due_ms: f64,
}

impl Clock {
    pub fn now_ms(&self) -> f64 {
        self.now_ms.get()
    }

    pub fn sleep(self: &Rc<Self>, ms: u32) -> Timer {
        let due_ms = self.now_ms() + f64::from(ms);
        self.last.set(self.last.get() + 1);
        self.timers.borrow_mut().insert(self.last.get(), due_ms);
        Timer {
            clock: Rc::clone(self),
            number: self.last.get(),
            due_ms,
        }
    }

    /// Lets time pass until the work is done. That it never is fails the test.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
                return result;
            }
            let next = self.timers.borrow().values().copied().reduce(f64::min);
            self.now_ms
                .set(next.expect("nothing ends the wait").max(self.now_ms()));
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.clock.now_ms() < self.due_ms {
            return Poll::Pending;
        }
        self.clock.timers.borrow_mut().remove(&self.number);
        Poll::Ready(())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.number);
    }
}

/// Runs them side by side.
pub async fn all<T>(works: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut works: Vec<_> = works.into_iter().map(|work| (work, None)).collect();
    poll_fn(|context| {
        for (work, result) in &mut works {
            if result.is_none()
                && let Poll::Ready(value) = work.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        match works.iter().all(|(_, result)| result.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    works.into_iter().filter_map(|(_, result)| result).collect()
}

/// What becomes of a request.
pub enum Answered {
    /// An answer after so many milliseconds.
    With(Sent, u32),
    /// No connection is made.
    Refused,
    /// No answer ever arrives.
    Never,
}

#[derive(Clone)]
pub struct Sent {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

pub fn json(status: u16, body: &str) -> Answered {
    let content_type = "application/json";
    let body = body.as_bytes().to_vec();
    Answered::With(
        Sent {
            status,
            content_type,
            body,
        },
        0,
    )
}

pub fn text(status: u16, body: &str) -> Answered {
    let content_type = "text/plain";
    let body = body.as_bytes().to_vec();
    Answered::With(
        Sent {
            status,
            content_type,
            body,
        },
        0,
    )
}

pub fn late(ms: u32, answered: Answered) -> Answered {
    match answered {
        Answered::With(sent, _) => Answered::With(sent, ms),
        other => other,
    }
}

/// A network of one server, which is a function.
pub struct Network {
    pub clock: Rc<Clock>,
    pub answer: Box<dyn Fn(&HttpRequest<'_>) -> Answered>,
    /// What was sent: method, address and body.
    pub seen: Rc<RefCell<Vec<String>>>,
}

impl Network {
    pub fn new(answer: impl Fn(&HttpRequest<'_>) -> Answered + 'static) -> Self {
        Self {
            clock: Rc::default(),
            answer: Box::new(answer),
            seen: Rc::default(),
        }
    }
}

impl Response for Sent {
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

fn take(from: &mut Vec<u8>, body: &mut Vec<u8>, limit: usize) -> Result<(), ReadError> {
    let room = limit.saturating_sub(body.len());
    let is_over = from.len() > room;
    from.truncate(room);
    body.append(from);
    if is_over { Err(ReadError) } else { Ok(()) }
}

impl Platform for Network {
    type Response = Sent;
    type Json = Parsed;
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

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<Sent, FetchError> {
        let body = request.body.unwrap_or_default();
        let line = [request.method, " ", request.url, " ", body].concat();
        self.seen.borrow_mut().push(line.trim_end().to_owned());
        match (self.answer)(request) {
            Answered::With(sent, ms) => {
                if ms > 0 {
                    self.clock.sleep(ms).await;
                }
                Ok(sent)
            }
            Answered::Refused => Err(FetchError {
                never_connected: true,
                message: "ECONNREFUSED".into(),
            }),
            Answered::Never => pending().await,
        }
    }

    fn has_custom_fetch(&self) -> bool {
        false
    }

    /// As much of a parser as these tests need.
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

    fn parse_json(&self, text: &str) -> Option<Parsed> {
        Parsed::parse(text)
    }
}

/// What `authorize` says.
#[derive(Clone, Copy)]
pub enum Says {
    Yes,
    No,
    Fails,
    Never,
    /// Yes, after so many milliseconds.
    Late(u32),
}

/// The host of one request.
pub struct TestHost {
    pub network: Network,
    pub head: Head,
    pub body: Vec<u8>,
    /// When the body is there.
    pub body_ms: u32,
    pub says: Says,
    /// What the user's own `send` gives; `None`: nothing, ever.
    pub sends: Option<Result<campaign_gateway::Accepted, Error>>,
    /// What happened, in order, requests included.
    pub seen: Rc<RefCell<Vec<String>>>,
    pub log: RefCell<Vec<Value>>,
}

pub struct Body {
    clock: Rc<Clock>,
    bytes: Vec<u8>,
    after_ms: u32,
}

impl RequestBody for Body {
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        if self.after_ms > 0 {
            self.clock.sleep(self.after_ms).await;
            self.after_ms = 0;
        }
        take(&mut self.bytes, body, limit)?;
        Ok(Progress::End)
    }
}

impl Host for TestHost {
    type Platform = Network;
    type Body = Body;
    type Response = ();

    fn platform(&self) -> &Network {
        &self.network
    }

    fn head(&self) -> &Head {
        &self.head
    }

    fn body(&self) -> Body {
        Body {
            clock: Rc::clone(&self.network.clock),
            bytes: self.body.clone(),
            after_ms: self.body_ms,
        }
    }

    async fn authorize(&self, asked: &Asked) -> Result<bool, AuthorizeError> {
        let line = [asked.operation.as_str(), " ", &asked.workflow_id];
        self.seen
            .borrow_mut()
            .push(["authorize ", &line.concat()].concat());
        match self.says {
            Says::Yes => Ok(true),
            Says::No => Ok(false),
            Says::Fails => Err(AuthorizeError),
            Says::Never => pending().await,
            Says::Late(ms) => {
                self.network.clock.sleep(ms).await;
                Ok(true)
            }
        }
    }

    async fn token(&self, _: bool) -> Result<String, TokenError> {
        Ok("a-token".into())
    }

    async fn send(&self, command: &SentCommand<'_>) -> SendResult<()> {
        let key = command.idempotency_key.unwrap_or("no key");
        let line = format!(
            "send {} {key} {}",
            command.asked.operation.as_str(),
            command.timeout_ms
        );
        self.seen.borrow_mut().push(line);
        match &self.sends {
            Some(Ok(accepted)) => SendResult::Receipt(accepted.clone()),
            Some(Err(error)) => SendResult::Error(Box::new(error.clone())),
            None => pending().await,
        }
    }

    fn sending(&self) {
        self.seen.borrow_mut().push("sending".into());
    }

    fn log(&self, entry: &LogEntry<'_>) {
        self.log
            .borrow_mut()
            .push(serde_json::to_value(entry).unwrap());
    }
}

impl TestHost {
    /// A caller who may do everything, and a server that answers like this.
    pub fn new(
        method: &str,
        path: &str,
        body: &str,
        answer: impl Fn(&HttpRequest<'_>) -> Answered + 'static,
    ) -> Self {
        let network = Network::new(answer);
        Self {
            seen: Rc::clone(&network.seen),
            network,
            head: Head {
                method: method.into(),
                url: [GATEWAY, path].concat(),
                content_type: Some("application/json".into()),
                ..Head::default()
            },
            body: body.into(),
            body_ms: 0,
            says: Says::Yes,
            sends: None,
            log: RefCell::default(),
        }
    }

    pub fn ask(&self, gateway: &Gateway) -> Answer {
        match self.network.clock.run(handle(gateway, self)) {
            Reply::Answer(answer) => answer,
            Reply::Passed { .. } => panic!("nobody made a response"),
        }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    pub fn now_ms(&self) -> f64 {
        self.network.clock.now_ms()
    }
}

/// A gateway below `/api`, for one workflow and a page.
pub fn gateway() -> Gateway {
    let url = [CAMPAIGN, "/"].concat();
    Gateway {
        base_path: "/api".into(),
        origins: Origins(vec![PAGE.into()]),
        allowed: Allowed {
            organization: "acme".into(),
            workflows: Some(vec![("WKF1".into(), Operations::All)]),
        },
        max_body_bytes: 64,
        timeout_ms: 1000,
        has_own_send: false,
        campaign: Some(Campaign {
            base: Base::check(&url, Some(&url)).unwrap(),
            base_url: Some(url),
            access_token: AccessToken::Function,
            api_key: "a-key".into(),
            attempt_timeout_ms: 10_000,
            max_retries: 0,
        }),
    }
}

pub fn document(answer: &Answer) -> Value {
    serde_json::from_str(answer.body.as_deref().unwrap()).unwrap()
}
