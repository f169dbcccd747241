//! The network between the client and the base address: it loses, delays and duplicates requests,
//! and cuts off responses.
//!
//! The network tags each request with its attempt and its copy. The client gets the response to
//! copy 0. The other copies are duplicates of the network, which no client can detect or prevent,
//! so their executions are counted separately.

use campaign_emulator::{ReplyPlan as Reply, Request, Response};

use crate::chance::Chance;
use crate::echoed_secrets;
use crate::timeline::RetryAfter;

pub const DELIVERY_HEADER: &str = "x-simulated-delivery";

/// A part of a response that reaches the client.
pub enum ResponsePart {
    Head(Box<DeliveredHead>),
    Body(Vec<u8>),
    End,
    /// The connection breaks inside the body.
    BrokenOff,
    /// No response arrives.
    Failed(NetworkError),
}

/// The head that reaches the client, and the complete response.
pub struct DeliveredHead {
    pub response: Response,
    pub retry_after: RetryAfter,
    /// It is Adobe's "Check your URI" response.
    pub is_unknown_uri: bool,
}

/// An error of a runtime's `fetch`.
#[derive(Clone, Debug)]
pub struct NetworkError {
    pub code: &'static str,
    pub system_call: &'static str,
    pub message: String,
}

/// A request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub attempt: usize,
    pub copy: u32,
}

impl Delivery {
    pub fn tag(self, request: &Request) -> Request {
        let tag = format!("{}.{}", self.attempt, self.copy);
        request.clone().header(DELIVERY_HEADER, tag)
    }
}

/// What the network does with a request.
pub enum Transmission {
    /// No connection is made.
    Refused(NetworkError),
    /// The caller's own `fetch` fails before it sends anything.
    FetchFailed(NetworkError),
    /// It arrives after these delays in milliseconds, more than once if it is duplicated.
    Delivered(Vec<u64>),
}

impl Transmission {
    pub fn new(has_custom_fetch: bool, secrets: &[String], chance: &mut Chance) -> Self {
        match chance.below(20) {
            0 => Self::Refused(refused(secrets, chance)),
            1 if has_custom_fetch => Self::FetchFailed(lost(secrets, chance)),
            _ => {
                let copies = if chance.one_in(12) {
                    2 + chance.below(2)
                } else {
                    1
                };
                let after = |_| match chance.below(10) {
                    0..=2 => 0,
                    3..=8 => chance.below(200),
                    _ => chance.below(20_000),
                };
                Self::Delivered((0..copies).map(after).collect())
            }
        }
    }
}

/// The parts of a response that reach the client, each with its delay in milliseconds.
pub fn response_parts(
    reply: Reply,
    secrets: &[String],
    chance: &mut Chance,
) -> Vec<(u64, ResponsePart)> {
    let after = match chance.below(10) {
        0..=2 => 0,
        3..=8 => chance.below(200),
        _ => chance.below(15_000),
    };
    let (response, cut) = match reply {
        Reply::Hang => return Vec::new(),
        Reply::Disconnect => return vec![(after, ResponsePart::Failed(lost(secrets, chance)))],
        Reply::Truncate { response, bytes } => (response, Some(bytes)),
        Reply::Respond(response) => {
            let length = |(name, value): &(String, String)| name.len() + value.len() + 4;
            let head = 17 + response.headers.iter().map(length).sum::<usize>();
            let cut = chance.one_in(10);
            let cut = cut.then(|| chance.index(head + response.body.len() + 1));
            match cut.map(|byte| byte.checked_sub(head)) {
                Some(None) => return vec![(after, ResponsePart::Failed(lost(secrets, chance)))],
                Some(bytes) => (response, bytes),
                None => (response, None),
            }
        }
    };
    parts(response, after, cut, chance)
}

/// The head, one to three chunks of the body, and its end or its failure.
fn parts(
    response: Response,
    after: u64,
    cut: Option<usize>,
    chance: &mut Chance,
) -> Vec<(u64, ResponsePart)> {
    let mut body = response.body[..cut.unwrap_or(response.body.len())].to_vec();
    let retry_after = RetryAfter::of(response.get("retry-after"));
    let is_unknown_uri = is_unknown_uri(&response);
    let head = DeliveredHead {
        response,
        retry_after,
        is_unknown_uri,
    };
    let mut parts = vec![(after, ResponsePart::Head(Box::new(head)))];
    let mut at = after;
    let mut pause = |chance: &mut Chance| {
        at += if chance.one_in(8) {
            chance.below(12_000)
        } else {
            0
        };
        at
    };
    for _ in 0..chance.below(3) {
        let rest = body.split_off(chance.index(body.len() + 1));
        parts.push((pause(chance), ResponsePart::Body(body)));
        body = rest;
    }
    if chance.one_in(4000) {
        // More than the client reads.
        body.resize(1024 * 1024 + 1, b' ');
    }
    parts.push((pause(chance), ResponsePart::Body(body)));
    let at = pause(chance);
    match chance.below(32) {
        // The body never ends.
        0 => {}
        1 => parts.push((at, ResponsePart::BrokenOff)),
        _ if cut.is_some() => parts.push((at, ResponsePart::BrokenOff)),
        _ => parts.push((at, ResponsePart::End)),
    }
    parts
}

/// Whether it is exactly Adobe's documented "Check your URI" response.
fn is_unknown_uri(response: &Response) -> bool {
    let begin = format!(r#"{{"code":{},"message":"Oops. "#, response.status);
    matches!(response.status, 500 | 502)
        && response.body.starts_with(begin.as_bytes())
        && response
            .body
            .ends_with(br#"Check your URI and try again."}"#)
}

/// Errors of a connection that was not made.
fn refused(secrets: &[String], chance: &mut Chance) -> NetworkError {
    let (code, system_call) = chance.any_of(&[
        ("ECONNREFUSED", "connect"),
        ("ENOTFOUND", "getaddrinfo"),
        ("EAI_AGAIN", "getaddrinfo"),
        ("UND_ERR_CONNECT_TIMEOUT", ""),
        ("ConnectionRefused", ""),
        ("EHOSTUNREACH", "connect"),
        ("ENETUNREACH", "connect"),
        ("ETIMEDOUT", "connect"),
    ]);
    error(code, system_call, secrets, chance)
}

/// Errors of an established connection, and ambiguous ones.
fn lost(secrets: &[String], chance: &mut Chance) -> NetworkError {
    let (code, system_call) = chance.any_of(&[
        ("ECONNRESET", "read"),
        ("EPIPE", "write"),
        ("ETIMEDOUT", "read"),
        ("EHOSTUNREACH", "read"),
        ("ENETUNREACH", "write"),
        ("UND_ERR_SOCKET", ""),
        ("UND_ERR_HEADERS_TIMEOUT", ""),
        ("", ""),
    ]);
    error(code, system_call, secrets, chance)
}

/// Some runtimes put the value of a header into the message.
fn error(
    code: &'static str,
    system_call: &'static str,
    secrets: &[String],
    chance: &mut Chance,
) -> NetworkError {
    let encoded = if chance.one_in(4) {
        echoed_secrets::echo(chance, secrets)
    } else {
        String::new()
    };
    NetworkError {
        code,
        system_call,
        message: format!("fetch failed: Bearer {encoded}"),
    }
}

impl ResponsePart {
    pub fn describe(&self) -> String {
        match self {
            Self::Head(head) => format!("head: {:?}", head.response),
            Self::Body(bytes) => format!("{} bytes of the body", bytes.len()),
            Self::End => String::from("the body's end"),
            Self::BrokenOff => String::from("the body breaks off"),
            Self::Failed(error) => format!("{error:?}"),
        }
    }
}
