//! A gateway in front of Campaign that responds with problem documents (RFC 9457), and the proxies
//! in front of it that respond themselves.
//!
//! The outcome that it reports is true: it reports `not-executed` only if Campaign did not and will
//! not execute the command. Its status and its headers may contradict that.
//!
//! With a store it executes one command for each idempotency key. A request that arrives while the
//! first one is being processed gets a 409, and a later one gets the stored response.

use campaign_emulator::{Campaign, ReplyPlan as Reply, Request, Response};

use crate::chance::Chance;
use crate::network::Delivery;
use crate::problem_documents::{self, ClaimedOutcome, ProblemDocument};
use crate::setup::GATEWAY_KEY;

/// The state of the schedule's only key in the store.
enum Key {
    Free,
    /// This request is being processed.
    Pending(Delivery),
    /// The response to every request with the key.
    Stored(Response),
}

pub struct Gateway {
    honors_keys: bool,
    key: Key,
    /// Its own credentials for Campaign.
    token: String,
    api_key: String,
}

/// What happens to a request that arrives.
pub enum ArrivalResult {
    Reply(Reply),
    /// The response follows after this many milliseconds.
    CompletesIn(u64),
}

/// The environment of a request.
pub struct Environment<'a> {
    pub campaign: &'a mut Campaign,
    pub chance: &'a mut Chance,
    pub secrets: &'a [String],
    pub now: u64,
    pub wall_clock: i64,
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
        environment: &mut Environment<'_>,
    ) -> ArrivalResult {
        let has_key = request.get("idempotency-key").is_some();
        if let Some(reply) = before_gateway(request, environment) {
            return ArrivalResult::Reply(reply);
        }
        if !has_key {
            let (response, _) = self.process(request, environment);
            return ArrivalResult::Reply(through_proxies(response, environment));
        }
        if !self.honors_keys {
            let document = ProblemDocument {
                code: Some("invalid-argument"),
                ..ProblemDocument::new(ClaimedOutcome::NotExecuted)
            };
            let response = document.response(400, None, environment);
            return ArrivalResult::Reply(through_proxies(response, environment));
        }
        let response = match &self.key {
            Key::Pending(_) => pending(environment),
            Key::Stored(response) => response.clone(),
            Key::Free => {
                self.key = Key::Pending(delivery);
                let ms = match environment.chance.below(4) {
                    0 => environment.chance.below(20_000),
                    1 => environment.chance.below(2000),
                    _ => 0,
                };
                return ArrivalResult::CompletesIn(ms);
            }
        };
        ArrivalResult::Reply(through_proxies(response, environment))
    }

    /// Completes the request that holds the key. A response that applies to all requests with the
    /// key is marked as stored; any other one frees the key.
    pub fn complete(
        &mut self,
        request: &Request,
        environment: &mut Environment<'_>,
    ) -> (Delivery, Reply) {
        let Key::Pending(delivery) = self.key else {
            panic!("nothing is at work");
        };
        let (response, executed) = self.process(&delivery.tag(request), environment);
        let parsed = problem_documents::read(&response.body)
            .filter(|_| problem_documents::is_document(&response));
        let says_unknown = parsed
            .as_ref()
            .is_some_and(|it| it.outcome == Some("unknown"));
        let may_free = !executed && !says_unknown && !matches!(response.status, 200..=299);
        if may_free && environment.chance.one_in(2) {
            self.key = Key::Free;
            return (delivery, through_proxies(response, environment));
        }
        let response = match parsed {
            Some(_) if response.status >= 300 => problem_documents::mark_stored(response),
            _ => response,
        };
        self.key = Key::Stored(response.clone());
        (delivery, through_proxies(response, environment))
    }

    /// Forwards the request to Campaign or not, and responds. Also returns whether it was executed.
    fn process(&self, request: &Request, environment: &mut Environment<'_>) -> (Response, bool) {
        let own = environment.chance.below(4) > 0;
        let (own, executed) = if own {
            self.forward(request, environment)
        } else {
            (None, false)
        };
        let has_key = request.get("idempotency-key").is_some();
        let response = match own {
            Some(response) if environment.chance.one_in(2) => response,
            _ => problem_documents::response_about(executed, has_key, environment),
        };
        (response, executed)
    }

    fn forward(
        &self,
        request: &Request,
        environment: &mut Environment<'_>,
    ) -> (Option<Response>, bool) {
        let mut request = request.clone();
        request.headers.retain(|(name, _)| {
            !name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case("x-api-key")
        });
        let request = request
            .header("Authorization", format!("Bearer {}", self.token))
            .header("X-Api-Key", &self.api_key);
        environment.campaign.clear_faults();
        let reply = environment.campaign.handle(&request, environment.now);
        let executed = environment
            .campaign
            .log()
            .back()
            .is_some_and(|it| it.executed);
        match reply.plan {
            Reply::Respond(response) => (Some(response), executed),
            Reply::Truncate { .. } | Reply::Disconnect | Reply::Hang => (None, executed),
        }
    }
}

/// 409 with `Retry-After`: another request with this key is being processed.
fn pending(environment: &mut Environment<'_>) -> Response {
    let seconds = environment.chance.any_of(&["0", "1", "2", "5"]);
    let claimed = environment.chance.any_of(&[
        ClaimedOutcome::Unknown,
        ClaimedOutcome::Unknown,
        ClaimedOutcome::Nothing,
    ]);
    let retry_after = Some(String::from(seconds));
    ProblemDocument::new(claimed).response(409, retry_after, environment)
}

/// The responses of proxies to requests that do not reach the gateway. Nothing is executed.
fn before_gateway(request: &Request, environment: &mut Environment<'_>) -> Option<Reply> {
    let has_key = request.get("idempotency-key").is_some();
    if request.url.contains("/trigger") && environment.chance.one_in(10) {
        return Some(Reply::Respond(problem_documents::too_soon_response()));
    }
    match environment.chance.below(30) {
        0 => Some(Reply::Disconnect),
        1 => Some(Reply::Hang),
        2..=4 => Some(Reply::Respond(problem_documents::response_about(
            false,
            has_key,
            environment,
        ))),
        5..=6 => Some(Reply::Respond(problem_documents::proxy_response(
            false,
            environment,
        ))),
        _ => None,
    }
}

/// What proxies do to a response, whether or not the command was executed.
fn through_proxies(response: Response, environment: &mut Environment<'_>) -> Reply {
    match environment.chance.below(24) {
        0..=1 => Reply::Disconnect,
        2 => Reply::Hang,
        3..=4 => Reply::Respond(problem_documents::proxy_response(true, environment)),
        _ => Reply::Respond(response),
    }
}
