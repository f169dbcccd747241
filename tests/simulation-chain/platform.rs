//! The platform of the page's client and of requests at the gateway. They differ only in their network.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use campaign_workflow::platform::{
    FetchError, HttpRequest, Platform, Progress, ReadError, Response, TokenError,
};
use url::Url;

use crate::json::JsonValue;
use crate::mailbox::Mailbox;
use crate::network::{Connection, Network, Part, WireRequest};
use crate::simulation::{Simulation, Timer};

/// Where a call runs: its clock, its network, and its abort signal if it has one.
#[derive(Clone)]
pub struct Node {
    pub simulation: Simulation,
    pub network: Network,
    pub signal: Option<AbortSignal>,
    /// Counts the commands that are in flight from here.
    pub traffic: Option<Rc<Traffic>>,
}

/// The commands in flight to Campaign from one place.
pub struct Traffic {
    in_flight: Cell<u32>,
    /// Called with the number of commands in flight when one more is sent.
    on_send: Box<dyn Fn(u32)>,
}

impl Traffic {
    pub fn new(on_send: impl Fn(u32) + 'static) -> Self {
        Self {
            in_flight: Cell::new(0),
            on_send: Box::new(on_send),
        }
    }
}

/// A command in flight, until its response has ended or its caller stops waiting.
struct InFlight(Rc<Traffic>);

impl InFlight {
    fn begin(traffic: &Rc<Traffic>) -> Self {
        let count = traffic.in_flight.get() + 1;
        traffic.in_flight.set(count);
        (traffic.on_send)(count);
        Self(Rc::clone(traffic))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

/// A caller's abort signal.
#[derive(Clone, Default)]
pub struct AbortSignal(Rc<SignalState>);

#[derive(Default)]
struct SignalState {
    is_aborted: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl AbortSignal {
    pub fn abort(&self) {
        self.0.is_aborted.set(true);
        for waker in self.0.wakers.take() {
            waker.wake();
        }
    }
}

/// Ready once the signal is aborted; never without a signal.
pub struct Abort(Option<AbortSignal>);

impl Future for Abort {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(AbortSignal(state)) = &self.0 else {
            return Poll::Pending;
        };
        if state.is_aborted.get() {
            return Poll::Ready(());
        }
        state.wakers.borrow_mut().push(context.waker().clone());
        Poll::Pending
    }
}

/// A response while it arrives. Dropping it before its end cancels the request.
pub struct Incoming {
    parts: Mailbox<Part>,
    connection: Connection,
    status: u16,
    headers: Vec<(String, String)>,
    _in_flight: Option<InFlight>,
}

impl Platform for Node {
    type Response = Incoming;
    type Json = JsonValue;
    type Timer = Timer;
    type Abort = Abort;

    fn now_ms(&self) -> f64 {
        self.simulation.now() as f64
    }

    fn random(&self) -> f64 {
        self.simulation.chance().unit()
    }

    /// No server of the simulation sends a date in `Retry-After`.
    fn ms_until(&self, _date: &str) -> Option<u32> {
        None
    }

    fn sleep(&self, ms: u32) -> Timer {
        Timer::start(&self.simulation, u64::from(ms))
    }

    fn abort(&self) -> Abort {
        Abort(self.signal.clone())
    }

    fn is_aborted(&self) -> bool {
        let signal = self.signal.as_ref();
        signal.is_some_and(|signal| signal.0.is_aborted.get())
    }

    async fn token(&self, _refresh: bool) -> Result<String, TokenError> {
        Err(TokenError)
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<Incoming, FetchError> {
        let traffic = self.traffic.as_ref();
        let traffic = traffic.filter(|_| request.url.ends_with("/commands"));
        let in_flight = traffic.map(InFlight::begin);
        let parts = Mailbox::new();
        let connection = self.network.send(WireRequest::from(request), parts.clone());
        match parts.receive().await {
            Part::Head { status, headers } => Ok(Incoming {
                parts,
                connection,
                status,
                headers,
                _in_flight: in_flight,
            }),
            Part::Failed { never_connected } => {
                connection.is_over();
                Err(FetchError {
                    never_connected,
                    message: String::from("fetch failed"),
                })
            }
            Part::Body(_) | Part::End | Part::BrokenOff => panic!("a body before its head"),
        }
    }

    fn has_custom_fetch(&self) -> bool {
        false
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

impl Response for Incoming {
    fn status(&self) -> u16 {
        self.status
    }

    fn is_opaque_redirect(&self) -> bool {
        false
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value.clone())
    }

    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        match self.parts.receive().await {
            Part::Body(bytes) => {
                let room = limit - body.len();
                body.extend(bytes.iter().take(room));
                match bytes.len() > room {
                    true => Err(ReadError),
                    false => Ok(Progress::More),
                }
            }
            Part::End => {
                self.connection.is_over();
                Ok(Progress::End)
            }
            Part::BrokenOff => {
                self.connection.is_over();
                Err(ReadError)
            }
            Part::Head { .. } | Part::Failed { .. } => panic!("two heads"),
        }
    }
}
