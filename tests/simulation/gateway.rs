//! A gateway in front of Campaign that answers with problem documents (RFC 9457), and the proxies in
//! front of it that answer by themselves.
//!
//! What it says of a request is true: it says `not-executed` only of one that Campaign did not
//! execute and will not. What it says besides, by its status and headers, may be anything.
//!
//! With a store it executes one command for each idempotency key: a request that comes while the
//! first is at work is told to wait, and one that comes later gets the stored answer.

use campaign_emulator::{Campaign, ReplyPlan as Reply, Request, Response as Answer};

use crate::chance::Chance;
use crate::documents::{self, Document, Said};
use crate::network::Delivery;
use crate::setup::GATEWAY_KEY;

/// What the store holds of the one key of a schedule.
enum Key {
    Free,
    /// This request is at work.
    Pending(Delivery),
    /// The answer that every request with the key gets.
    Stored(Answer),
}

pub struct Gateway {
    honors_keys: bool,
    key: Key,
    /// Its own credentials at Campaign.
    token: String,
    api_key: String,
}

/// What becomes of a request that arrives.
pub enum Arrived {
    Reply(Reply),
    /// The answer comes when its work is completed, in so many milliseconds.
    Works(u64),
}

/// What else there is when a request is handled.
pub struct Around<'a> {
    pub campaign: &'a mut Campaign,
    pub chance: &'a mut Chance,
    pub secrets: &'a [String],
    pub now: u64,
    pub wall: i64,
}

impl Gateway {
    pub fn new(honors_keys: bool, token: &str, api_key: Option<&str>) -> Self {
        Self {
            honors_keys,
            key: Key::Free,
            token: String::from(token),
            api_key: String::from(api_key.unwrap_or(GATEWAY_KEY)),
        }
    }

    pub fn arrive(
        &mut self,
        delivery: Delivery,
        request: &Request,
        around: &mut Around<'_>,
    ) -> Arrived {
        let has_key = request.get("idempotency-key").is_some();
        if let Some(reply) = in_front(request, around) {
            return Arrived::Reply(reply);
        }
        if !has_key {
            let (answer, _) = self.work(request, around);
            return Arrived::Reply(proxied(answer, around));
        }
        if !self.honors_keys {
            let document = Document {
                code: Some("invalid-argument"),
                ..Document::new(Said::NotExecuted)
            };
            let answer = document.answer(400, None, around);
            return Arrived::Reply(proxied(answer, around));
        }
        let answer = match &self.key {
            Key::Pending(_) => pending(around),
            Key::Stored(answer) => answer.clone(),
            Key::Free => {
                self.key = Key::Pending(delivery);
                let ms = match around.chance.below(4) {
                    0 => around.chance.below(20_000),
                    1 => around.chance.below(2000),
                    _ => 0,
                };
                return Arrived::Works(ms);
            }
        };
        Arrived::Reply(proxied(answer, around))
    }

    /// The request that has the key is done with. An answer that holds for all requests with that
    /// key says so; any other frees the key.
    pub fn complete(&mut self, request: &Request, around: &mut Around<'_>) -> (Delivery, Reply) {
        let Key::Pending(delivery) = self.key else {
            panic!("nothing is at work");
        };
        let (answer, executed) = self.work(&delivery.tag(request), around);
        let says = documents::read(&answer.body).filter(|_| documents::is_document(&answer));
        let says_unknown = says
            .as_ref()
            .is_some_and(|it| it.outcome == Some("unknown"));
        let may_free = !executed && !says_unknown && !matches!(answer.status, 200..=299);
        if may_free && around.chance.one_in(2) {
            self.key = Key::Free;
            return (delivery, proxied(answer, around));
        }
        let answer = match says {
            Some(_) if answer.status >= 300 => documents::stored(answer),
            _ => answer,
        };
        self.key = Key::Stored(answer.clone());
        (delivery, proxied(answer, around))
    }

    /// Sends the request on to Campaign, or not, and answers. Gives whether it was executed.
    fn work(&self, request: &Request, around: &mut Around<'_>) -> (Answer, bool) {
        let own = around.chance.below(4) > 0;
        let (own, executed) = if own {
            self.forward(request, around)
        } else {
            (None, false)
        };
        let has_key = request.get("idempotency-key").is_some();
        let answer = match own {
            Some(answer) if around.chance.one_in(2) => answer,
            _ => documents::about(executed, has_key, around),
        };
        (answer, executed)
    }

    fn forward(&self, request: &Request, around: &mut Around<'_>) -> (Option<Answer>, bool) {
        let mut request = request.clone();
        request.headers.retain(|(name, _)| {
            !name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case("x-api-key")
        });
        let request = request
            .header("Authorization", format!("Bearer {}", self.token))
            .header("X-Api-Key", &self.api_key);
        around.campaign.clear_faults();
        let reply = around.campaign.handle(&request, around.now);
        let executed = around.campaign.log().back().is_some_and(|it| it.executed);
        match reply.plan {
            Reply::Respond(answer) => (Some(answer), executed),
            Reply::Truncate { .. } | Reply::Disconnect | Reply::Hang => (None, executed),
        }
    }
}

/// 409 with `Retry-After`: another request with this key is at work.
fn pending(around: &mut Around<'_>) -> Answer {
    let seconds = around.chance.any_of(&["0", "1", "2", "5"]);
    let said = around
        .chance
        .any_of(&[Said::Unknown, Said::Unknown, Said::Nothing]);
    let retry_after = Some(String::from(seconds));
    Document::new(said).answer(409, retry_after, around)
}

/// What happens to some requests before the gateway sees them: nothing is executed.
fn in_front(request: &Request, around: &mut Around<'_>) -> Option<Reply> {
    let has_key = request.get("idempotency-key").is_some();
    if request.url.contains("/trigger") && around.chance.one_in(10) {
        return Some(Reply::Respond(documents::too_soon()));
    }
    match around.chance.below(30) {
        0 => Some(Reply::Disconnect),
        1 => Some(Reply::Hang),
        2..=4 => Some(Reply::Respond(documents::about(false, has_key, around))),
        5..=6 => Some(Reply::Respond(documents::plain(false, around))),
        _ => None,
    }
}

/// What happens to some answers on their way out, whatever was executed.
fn proxied(answer: Answer, around: &mut Around<'_>) -> Reply {
    match around.chance.below(24) {
        0..=1 => Reply::Disconnect,
        2 => Reply::Hang,
        3..=4 => Reply::Respond(documents::plain(true, around)),
        _ => Reply::Respond(answer),
    }
}
