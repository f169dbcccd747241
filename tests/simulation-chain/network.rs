//! The network between two servers: it delays and loses messages, cuts responses off, and leaves requests without a
//! response.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use campaign_workflow::platform::HttpRequest;

use crate::mailbox::Mailbox;
use crate::observations::{Observations, RetryAfter, Sent};
use crate::simulation::Simulation;

/// The parts in which a response arrives.
pub enum Part {
    Head {
        status: u16,
        headers: Vec<(String, String)>,
    },
    Body(Vec<u8>),
    End,
    /// The connection breaks within the body.
    BrokenOff,
    /// No response arrives.
    Failed {
        never_connected: bool,
    },
}

/// A request on the wire.
#[derive(Clone, Debug)]
pub struct WireRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl From<&HttpRequest<'_>> for WireRequest {
    fn from(request: &HttpRequest<'_>) -> Self {
        let own = |(name, value): &(&str, &str)| (String::from(*name), String::from(*value));
        Self {
            method: String::from(request.method),
            url: String::from(request.url),
            headers: request.headers.iter().map(own).collect(),
            body: request.body.unwrap_or_default().into(),
        }
    }
}

impl WireRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// A complete response, before the network transports it.
pub struct WireResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The server itself cuts the response off after this number of bytes.
    pub cut: Option<usize>,
}

/// A server.
pub trait Server {
    fn serve(&self, request: WireRequest, exchange: Exchange);
}

/// The servers by origin, and the network to them.
#[derive(Clone)]
pub struct Network(Rc<Inner>);

struct Inner {
    simulation: Simulation,
    is_faulty: bool,
    servers: RefCell<BTreeMap<&'static str, Rc<dyn Server>>>,
    /// Where sent requests are recorded.
    observations: Option<Rc<RefCell<Observations>>>,
}

/// A sent request. Dropping it before the response has ended disconnects the caller.
pub struct Connection {
    exchange: Exchange,
    is_over: Cell<bool>,
}

/// A request at its server, and the way back to its caller.
#[derive(Clone)]
pub struct Exchange(Rc<ExchangeState>);

struct ExchangeState {
    simulation: Simulation,
    is_faulty: bool,
    url: String,
    observations: Option<Rc<RefCell<Observations>>>,
    parts: Mailbox<Part>,
    /// The caller has stopped waiting; the server learns of it later.
    is_dropped: Cell<bool>,
    /// The caller has disconnected.
    has_disconnected: Cell<bool>,
    on_disconnect: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Network {
    pub fn new(
        simulation: &Simulation,
        is_faulty: bool,
        observations: Option<&Rc<RefCell<Observations>>>,
    ) -> Self {
        Self(Rc::new(Inner {
            simulation: simulation.clone(),
            is_faulty,
            servers: RefCell::default(),
            observations: observations.cloned(),
        }))
    }

    pub fn listen(&self, origin: &'static str, server: impl Server + 'static) {
        self.0.servers.borrow_mut().insert(origin, Rc::new(server));
    }

    pub fn send(&self, request: WireRequest, parts: Mailbox<Part>) -> Connection {
        let Inner {
            simulation,
            is_faulty,
            ..
        } = &*self.0;
        simulation.trace(|| {
            let body = String::from_utf8_lossy(&request.body);
            format!("→ {} {} {body}", request.method, request.url)
        });
        if let Some(observations) = &self.0.observations {
            observations.borrow_mut().sent.push(Sent {
                at: simulation.now(),
                url: request.url.clone(),
                body: String::from_utf8_lossy(&request.body).into_owned(),
            });
        }
        let exchange = Exchange(Rc::new(ExchangeState {
            simulation: simulation.clone(),
            is_faulty: *is_faulty,
            url: request.url.clone(),
            observations: self.0.observations.clone(),
            parts,
            is_dropped: Cell::new(false),
            has_disconnected: Cell::new(false),
            on_disconnect: RefCell::default(),
        }));
        let after = delay(simulation, *is_faulty);
        let roll = match is_faulty {
            true => simulation.chance().below(50),
            false => 50,
        };
        match roll {
            0 => exchange.fail(after, true),
            1 => exchange.fail(after, false),
            // No response ever comes.
            2 => {}
            _ => {
                let servers = self.0.servers.borrow();
                let mut known = servers.iter();
                let server = known.find(|(origin, _)| request.url.starts_with(**origin));
                let (_, server) = server.unwrap_or_else(|| panic!("sent to {}", request.url));
                let (server, arrived) = (Rc::clone(server), exchange.clone());
                simulation.after(after, move || server.serve(request, arrived));
            }
        }
        Connection {
            exchange,
            is_over: Cell::new(false),
        }
    }
}

impl Connection {
    /// Records that the response has ended.
    pub fn is_over(&self) {
        self.is_over.set(true);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_over.get() {
            return;
        }
        let exchange = self.exchange.clone();
        exchange.0.is_dropped.set(true);
        let simulation = self.exchange.0.simulation.clone();
        simulation.after(1, move || exchange.disconnect());
    }
}

impl Exchange {
    /// Calls `act` when the caller disconnects, or at once if that has happened.
    pub fn on_disconnect(&self, act: impl FnOnce() + 'static) {
        if self.0.has_disconnected.get() {
            act();
        } else {
            *self.0.on_disconnect.borrow_mut() = Some(Box::new(act));
        }
    }

    fn disconnect(&self) {
        self.0.has_disconnected.set(true);
        let act = self.0.on_disconnect.borrow_mut().take();
        if let Some(act) = act {
            act();
        }
    }

    /// Fails the request without a response.
    pub fn fail(&self, after: u64, never_connected: bool) {
        self.post(after, Part::Failed { never_connected });
    }

    /// Sends the response back through the network.
    pub fn respond(&self, response: WireResponse) {
        let ExchangeState {
            simulation,
            is_faulty,
            ..
        } = &*self.0;
        let mut at = delay(simulation, *is_faulty);
        let roll = match is_faulty {
            true => simulation.chance().below(50),
            false => 50,
        };
        match roll {
            0 => return self.fail(at, false),
            // It never arrives.
            1 => return,
            _ => {}
        }
        let length = response.body.len();
        let cut = match roll {
            2 => Some(simulation.chance().index(length + 1)),
            _ => response.cut,
        };
        simulation.trace(|| {
            let body = String::from_utf8_lossy(&response.body);
            format!("← {} {body}", response.status)
        });
        let WireResponse {
            status,
            headers,
            mut body,
            ..
        } = response;
        body.truncate(cut.unwrap_or(length));
        let seconds = headers.iter().find(|(name, _)| name == "retry-after");
        let seconds = seconds.and_then(|(_, value)| value.parse().ok());
        let retry_after = seconds.filter(|_| matches!(status, 429 | 503));
        self.post(at, Part::Head { status, headers });
        if !body.is_empty() {
            let rest = body.split_off(simulation.chance().index(body.len()));
            self.post(at, Part::Body(body));
            if roll == 3 {
                at += simulation.chance().below(12_000);
            }
            self.post(at, Part::Body(rest));
        }
        match (roll, cut) {
            // The body stays open.
            (4, _) => {}
            (_, Some(_)) => self.post(at, Part::BrokenOff),
            (_, None) => {
                self.post(at, Part::End);
                // Recorded only then, because much else may happen at the same moment.
                if let Some(seconds) = retry_after {
                    self.note_retry_after(at, seconds);
                }
            }
        }
    }

    /// Records that a response with `Retry-After` has arrived completely.
    fn note_retry_after(&self, after: u64, seconds: u64) {
        let Some(observations) = self.0.observations.clone() else {
            return;
        };
        let exchange = Rc::clone(&self.0);
        self.0.simulation.after(after, move || {
            if exchange.is_dropped.get() {
                return;
            }
            let mut observations = observations.borrow_mut();
            let sent_before = observations.sent.len();
            observations.retry_afters.push(RetryAfter {
                sent_before,
                until: exchange.simulation.now() + 1000 * seconds,
                url: exchange.url.clone(),
            });
        });
    }

    fn post(&self, after: u64, part: Part) {
        let parts = self.0.parts.clone();
        self.0.simulation.after(after, move || {
            parts.post(part);
        });
    }
}

/// A short delay; on a faulty network sometimes a long one. Half of the delays are rounded, so that many events share a
/// moment.
fn delay(simulation: &Simulation, is_faulty: bool) -> u64 {
    let mut chance = simulation.chance();
    let ms = match chance.below(12) {
        0..=2 => 0,
        3 if is_faulty => chance.below(12_000),
        _ => chance.below(200),
    };
    match chance.one_in(2) {
        true => ms / 100 * 100,
        false => ms,
    }
}
