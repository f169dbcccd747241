//! Gets access tokens from Adobe's identity service (IMS). All calls that use one credential share one token.
//!
//! Source: Adobe, "OAuth Server-to-Server credential implementation guide".

use std::cell::Cell;

use campaign_workflow::Platform;
use campaign_workflow::header;
use campaign_workflow::platform::{HttpRequest, Json, Progress, Response};
use campaign_workflow::response;

use crate::deadline::{Deadline, race};
use crate::json::RawJson;
use crate::token_schedule::{Action, ExpiresIn, RequestNumber, TokenSchedule};

/// The default token endpoint.
pub const TOKEN_URL: &str = "https://ims-na1.adobelogin.com/ims/token/v3";

/// The longest response of the token endpoint, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// How often a call that waits for another call's token request polls its result, in milliseconds.
const POLL_MS: u32 = 20;

/// The error codes of OAuth 2.0 (RFC 6749, 5.2). Any other text in the response may hold a secret and is not repeated.
const OAUTH_ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// An OAuth Server-to-Server credential, checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client id.
    pub client_id: String,
    /// The client secret. It is sent in the body of the token request and nowhere else.
    pub client_secret: String,
    /// The scopes, separated by commas.
    pub scope: String,
    /// The token endpoint.
    pub token_url: String,
    /// The timeout of one token request, its body included, in milliseconds.
    pub timeout_ms: u32,
}

/// Why there is no token. The message is this package's own: IMS's message could hold the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFailure(pub String);

/// A credential and its token.
pub struct Ims {
    credentials: Credentials,
    state: Cell<State>,
}

#[derive(Default)]
struct State {
    schedule: TokenSchedule,
    token: Option<String>,
    /// Why the last failed request failed.
    failure: Option<TokenFailure>,
    /// The result of the newest request that has ended.
    latest_result: Option<RequestResult>,
}

struct RequestResult {
    number: RequestNumber,
    result: Result<String, TokenFailure>,
}

impl Ims {
    /// Starts without a token.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            state: Cell::default(),
        }
    }

    /// Returns a token. `refresh`: Adobe refused the last one. `clock` is in milliseconds and may be set forward or
    /// back; timers and requests are the platform's.
    ///
    /// # Errors
    ///
    /// The failure of this call's token request; during the pause after a failure, the last failure.
    pub async fn token<P: Platform>(
        &self,
        platform: &P,
        clock: impl Fn() -> f64,
        refresh: bool,
    ) -> Result<String, TokenFailure> {
        let mut joined = 0;
        loop {
            let now = clock();
            match self.with_state(|state| state.schedule.next_action(now, refresh, joined)) {
                Action::UseToken => return self.last_token().ok_or_else(|| self.last_failure()),
                Action::Fail => return Err(self.last_failure()),
                Action::Request(number) => {
                    return self.request_token(platform, clock, number).await;
                }
                Action::Wait(number, wait_ms) => {
                    // The cast saturates.
                    if let Some(result) = self.join(platform, number, wait_ms as u32).await {
                        return result;
                    }
                    joined = number;
                }
            }
        }
    }

    /// Waits at most `wait_ms` for another call's token request. `None`: it has no result yet.
    ///
    /// It polls with timers of its own platform and is not woken by the other call. On Cloudflare Workers, a task that
    /// another request wakes continues in that request's context, where its own timers and sockets are forbidden. A
    /// request may also end with its caller, and would then wake nobody.
    async fn join<P: Platform>(
        &self,
        platform: &P,
        number: RequestNumber,
        wait_ms: u32,
    ) -> Option<Result<String, TokenFailure>> {
        let mut end = platform.sleep(wait_ms);
        loop {
            let latest_result = self.latest_result(number);
            if latest_result.is_some() {
                return latest_result;
            }
            if race(platform.sleep(POLL_MS), &mut end).await.is_none() {
                return self.latest_result(number);
            }
        }
    }

    /// The result of a request, or the token of a later one.
    fn latest_result(&self, number: RequestNumber) -> Option<Result<String, TokenFailure>> {
        self.with_state(|state| {
            let latest_result = state.latest_result.as_ref()?;
            let is_of_use = latest_result.number == number
                || latest_result.number > number && latest_result.result.is_ok();
            is_of_use.then(|| latest_result.result.clone())
        })
    }

    async fn request_token<P: Platform>(
        &self,
        platform: &P,
        clock: impl Fn() -> f64,
        number: RequestNumber,
    ) -> Result<String, TokenFailure> {
        let granted = request(platform, &self.credentials).await;
        let (now, chance) = (clock(), platform.random());
        self.with_state(|state| {
            let result = match granted {
                Ok(grant) => {
                    state.schedule.record_token(now, number, grant.expires_in());
                    state.token = Some(grant.token.clone());
                    Ok(grant.token)
                }
                Err(failure) => {
                    state.failure = Some(failure.clone());
                    match (
                        state.schedule.record_failure(now, number, chance),
                        &state.token,
                    ) {
                        (Action::UseToken, Some(token)) => Ok(token.clone()),
                        _ => Err(failure),
                    }
                }
            };
            let is_newest = state
                .latest_result
                .as_ref()
                .is_none_or(|latest_result| latest_result.number < number);
            if is_newest || result.is_ok() {
                let result = result.clone();
                state.latest_result = Some(RequestResult { number, result });
            }
            result
        })
    }

    fn last_token(&self) -> Option<String> {
        self.with_state(|state| state.token.clone())
    }

    fn last_failure(&self) -> TokenFailure {
        let failure = self.with_state(|state| state.failure.clone());
        failure.unwrap_or_else(|| TokenFailure("No token was requested yet".to_owned()))
    }

    /// The state is taken out while `work` runs. Nothing else runs meanwhile.
    fn with_state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.take();
        let result = work(&mut state);
        self.state.set(state);
        result
    }
}

struct Grant {
    token: String,
    response: RawJson,
}

impl Grant {
    fn expires_in(&self) -> ExpiresIn {
        let number = self.response.number("expires_in").map(ExpiresIn::Number);
        let text = || self.response.string("expires_in").map(ExpiresIn::Text);
        number.or_else(text).unwrap_or(ExpiresIn::Other)
    }
}

/// Requests a token.
async fn request<P: Platform>(
    platform: &P,
    credentials: &Credentials,
) -> Result<Grant, TokenFailure> {
    let deadline = Deadline::start(platform, credentials.timeout_ms);
    // At the deadline the open request is dropped, and so cancelled.
    let response = deadline.limit(exchange(platform, credentials)).await;
    response.unwrap_or_else(|| {
        let ms = credentials.timeout_ms;
        Err(TokenFailure(format!(
            "The token endpoint did not respond within {ms} ms"
        )))
    })
}

async fn exchange<P: Platform>(
    platform: &P,
    credentials: &Credentials,
) -> Result<Grant, TokenFailure> {
    let fail = |message: &str| TokenFailure(message.to_owned());
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &credentials.client_id)
        .append_pair("client_secret", &credentials.client_secret)
        .append_pair("scope", &credentials.scope)
        .finish();
    let request = HttpRequest {
        method: "POST",
        url: &credentials.token_url,
        headers: vec![
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        ],
        body: Some(&form),
    };
    let sent = platform.fetch(&request).await;
    let mut response = sent.map_err(|_| fail("The token endpoint could not be reached"))?;
    let status = response.status();
    if response.is_opaque_redirect() || matches!(status, 300..=399) {
        return Err(fail(
            "The token endpoint redirects; redirects are not followed",
        ));
    }
    let mut body = Vec::new();
    loop {
        // One byte more than the limit shows that the body exceeds it.
        let progress = response.read(&mut body, MAX_RESPONSE_BYTES + 1).await;
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(TokenFailure(format!(
                "The token endpoint's response ({status}) is too long"
            )));
        }
        match progress {
            Ok(Progress::End) => break,
            Ok(Progress::More) => {}
            Err(_) => {
                return Err(TokenFailure(format!(
                    "The token endpoint's response ({status}) is incomplete"
                )));
            }
        }
    }
    let response = RawJson::parse(&response::decode(&body).0);
    let text = |name| response.as_ref().and_then(|response| response.string(name));
    if !matches!(status, 200..=299) {
        let word = text("error").unwrap_or_default();
        let reason = OAUTH_ERRORS.iter().find(|reason| **reason == word);
        let reason = reason.map(|reason| [": ", reason].concat());
        return Err(TokenFailure(format!(
            "The token endpoint responded with {status}{}",
            reason.unwrap_or_default()
        )));
    }
    let token = text("access_token").filter(|token| header::check_credential(token).is_ok());
    match (token, response) {
        (Some(token), Some(response)) => Ok(Grant { token, response }),
        _ => Err(fail("The token endpoint's response has no usable token")),
    }
}
