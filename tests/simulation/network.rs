//! What lies between the client and Campaign: it loses, delays, repeats and breaks off.
//!
//! Each request carries a tag that the network gives it, its attempt and its copy. Copy 0 is the
//! request whose answer the client gets. The others are the network's own doing, which no client can
//! know of or prevent: what they execute is counted apart.

use campaign_emulator::{Answer, Campaign, Fate, Fault, FaultKind, Options, Reply, Request};

use crate::chance::Chance;
use crate::echoes;
use crate::faults::{Asked, fault};

pub const TAG: &str = "x-simulated-delivery";

/// What a request's answer brings to the client, one after the other.
#[derive(Clone, Debug)]
pub enum Work {
    /// The token function's.
    Token(Option<String>),
    /// The token function threw.
    TokenThrown,
    Head(Box<Shown>),
    Part(Vec<u8>),
    End,
    /// The reading of the body failed.
    BrokeOff,
    /// `fetch` failed with this error.
    Failed(Thrown),
}

impl Work {
    /// A promise that was rejected.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::TokenThrown | Self::BrokeOff | Self::Failed(_))
    }
}

/// The head that the client is shown, and what is true of it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub status: u16,
    pub opaque_redirect: bool,
    pub retry_after: Option<String>,
    pub asked: Asked,
    pub content_type: Option<String>,
    pub request_id: Option<String>,
    /// Campaign's gateway says that it does not know the address.
    pub oops: bool,
}

/// An error as a runtime gives it.
#[derive(Clone, Debug)]
pub struct Thrown {
    pub code: &'static str,
    pub syscall: &'static str,
    pub message: String,
}

/// A request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub attempt: usize,
    pub copy: u32,
}

/// What happens to a request that is sent now.
pub enum Journey {
    /// No connection is made.
    Refused(Thrown),
    /// The caller's own `fetch` throws before it does anything.
    Thrown(Thrown),
    /// It arrives so many milliseconds later, perhaps more than once.
    Travels(Vec<u64>),
}

pub struct Network {
    pub campaign: Campaign,
    requests: Vec<Request>,
}

impl Network {
    pub fn new(options: Options) -> Self {
        Self {
            campaign: Campaign::new(options),
            requests: Vec::new(),
        }
    }

    pub fn send(
        &mut self,
        request: Request,
        own_fetch: bool,
        secrets: &[String],
        chance: &mut Chance,
    ) -> Journey {
        self.requests.push(request);
        match chance.below(20) {
            0 => Journey::Refused(refused(secrets, chance)),
            1 if own_fetch => Journey::Thrown(lost(secrets, chance)),
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
                Journey::Travels((0..copies).map(after).collect())
            }
        }
    }

    /// Nobody says 2xx to a command that Campaign would not take.
    fn is_honest(&self, fault: &Fault, request: &Request, now: u64) -> bool {
        let FaultKind::Answer {
            status: 200..=299, ..
        } = fault.kind
        else {
            return true;
        };
        let mut trial = self.campaign.clone();
        trial.handle(request, now);
        trial.log().back().is_some_and(|request| request.executed)
    }

    /// A request, or a copy of it, is there. Gives what comes back, and after how many milliseconds.
    pub fn arrive(
        &mut self,
        delivery: Delivery,
        (now, wall): (u64, u64),
        secrets: &[String],
        chance: &mut Chance,
    ) -> Vec<(u64, Work)> {
        let (fault, asked) = fault(chance, secrets, wall);
        let tag = format!("{}.{}", delivery.attempt, delivery.copy);
        let request = self.requests[delivery.attempt].clone().header(TAG, tag);
        self.campaign.clear_faults();
        if let Some(fault) = fault.filter(|fault| self.is_honest(fault, &request, now)) {
            self.campaign.add_fault(fault);
        }
        let Reply { fate, .. } = self.campaign.handle(&request, now);
        let back = match chance.below(10) {
            0..=2 => 0,
            3..=8 => chance.below(200),
            _ => chance.below(15_000),
        };
        let fails = |chance: &mut Chance| vec![(back, Work::Failed(lost(secrets, chance)))];
        match fate {
            Fate::Hang => Vec::new(),
            Fate::Lost => fails(chance),
            Fate::Cut { answer, bytes } => {
                parts(shown(&answer, asked), &answer, back, Some(bytes), chance)
            }
            Fate::Answer(answer) => {
                let head = 17
                    + answer
                        .headers
                        .iter()
                        .map(|(name, value)| name.len() + value.len() + 4)
                        .sum::<usize>();
                let cut = chance
                    .one_in(10)
                    .then(|| chance.index(head + answer.body.len() + 1));
                match cut.map(|byte| byte.checked_sub(head)) {
                    Some(None) => fails(chance),
                    Some(Some(bytes)) => {
                        parts(shown(&answer, asked), &answer, back, Some(bytes), chance)
                    }
                    None => parts(shown(&answer, asked), &answer, back, None, chance),
                }
            }
        }
    }
}

fn shown(answer: &Answer, asked: Asked) -> Shown {
    let oops = matches!(answer.status, 500 | 502)
        && answer
            .body
            .starts_with(format!(r#"{{"code":{},"message":"Oops. "#, answer.status).as_bytes())
        && answer.body.ends_with(br#"Check your URI and try again."}"#);
    let retry_after = answer.get("retry-after").map(String::from);
    Shown {
        status: answer.status,
        opaque_redirect: false,
        asked: if retry_after.is_some() {
            asked
        } else {
            Asked::Nothing
        },
        retry_after,
        content_type: answer.get("content-type").map(String::from),
        request_id: answer.get("x-request-id").map(String::from),
        oops,
    }
}

/// The head, the body in one to three parts, and its end, or what comes instead.
fn parts(
    head: Shown,
    answer: &Answer,
    back: u64,
    cut: Option<usize>,
    chance: &mut Chance,
) -> Vec<(u64, Work)> {
    let body = &answer.body[..cut.unwrap_or(answer.body.len())];
    let mut at = back;
    let mut works = vec![(at, Work::Head(Box::new(head)))];
    let mut rest = body;
    for _ in 0..chance.below(3) {
        let (part, after) = rest.split_at(chance.index(rest.len() + 1));
        rest = after;
        at += if chance.one_in(8) {
            chance.below(12_000)
        } else {
            0
        };
        works.push((at, Work::Part(part.to_vec())));
    }
    works.push((at, Work::Part(rest.to_vec())));
    at += if chance.one_in(8) {
        chance.below(12_000)
    } else {
        0
    };
    match chance.below(32) {
        // The body stays open.
        0 => {}
        // It breaks off, or is longer than is read.
        1 => works.push((at, Work::BrokeOff)),
        _ => works.push((
            at,
            if cut.is_some() {
                Work::BrokeOff
            } else {
                Work::End
            },
        )),
    }
    works
}

/// Errors that say that no connection was made.
fn refused(secrets: &[String], chance: &mut Chance) -> Thrown {
    let (code, syscall) = chance.any_of(&[
        ("ECONNREFUSED", "connect"),
        ("ENOTFOUND", "getaddrinfo"),
        ("EAI_AGAIN", "getaddrinfo"),
        ("UND_ERR_CONNECT_TIMEOUT", ""),
        ("ConnectionRefused", ""),
        ("EHOSTUNREACH", "connect"),
        ("ENETUNREACH", "connect"),
        ("ETIMEDOUT", "connect"),
    ]);
    thrown(code, syscall, secrets, chance)
}

/// Errors of a connection that was there, or about which nobody can tell.
fn lost(secrets: &[String], chance: &mut Chance) -> Thrown {
    let (code, syscall) = chance.any_of(&[
        ("ECONNRESET", "read"),
        ("EPIPE", "write"),
        ("ETIMEDOUT", "read"),
        ("EHOSTUNREACH", "read"),
        ("ENETUNREACH", "write"),
        ("UND_ERR_SOCKET", ""),
        ("UND_ERR_HEADERS_TIMEOUT", ""),
        ("", ""),
    ]);
    thrown(code, syscall, secrets, chance)
}

/// Some runtimes put a header's value into the message.
fn thrown(
    code: &'static str,
    syscall: &'static str,
    secrets: &[String],
    chance: &mut Chance,
) -> Thrown {
    let spelled = if chance.one_in(4) {
        echoes::echo(chance, secrets)
    } else {
        String::new()
    };
    let message = format!("fetch failed: Bearer {spelled}");
    Thrown {
        code,
        syscall,
        message,
    }
}
