//! Calls Campaign through the client crate, with the gateway's credentials. Nothing of the caller's request headers is
//! forwarded.

use campaign_workflow::address::Base;
use campaign_workflow::platform::{FetchError, HttpRequest, Platform, TokenError};
use campaign_workflow::signal::{self, TriggerAddress};
use campaign_workflow::{AccessToken, Request};

use crate::json::RawJson;
use crate::operation::RequestedOperation;
use crate::runtime::CallRuntime;

/// The default of [`Campaign::attempt_timeout_ms`].
pub(crate) const DEFAULT_ATTEMPT_TIMEOUT_MS: u32 = 10_000;

/// The address of Campaign, and the credentials for it.
#[derive(Clone)]
pub struct Campaign {
    /// The base of all addresses, checked.
    pub base: Base,
    /// The same base as the client's option; `None` is Adobe's.
    pub base_url: Option<String>,
    /// Where the access token comes from. [`AccessToken::Function`] calls [`CallRuntime::token`].
    pub access_token: AccessToken,
    /// The client id of the credential, sent as `X-Api-Key`.
    pub api_key: String,
    /// The timeout of one attempt, or of one call of the token function, in milliseconds.
    pub attempt_timeout_ms: u32,
    /// How often the client repeats a command that was certainly not executed.
    pub max_retries: u32,
}

impl Campaign {
    /// The client's request for an operation, with a timeout in milliseconds.
    pub(crate) fn request(&self, requested: &RequestedOperation, timeout_ms: u32) -> Request {
        Request {
            access_token: self.access_token.clone(),
            api_key: Some(self.api_key.clone()),
            base_url: self.base_url.clone(),
            timeout_ms,
            attempt_timeout_ms: Some(self.attempt_timeout_ms),
            max_retries: self.max_retries,
            ..Request::new(&requested.organization, &requested.workflow_id)
        }
    }

    /// The documented trigger address for an `href` in a workflow; `None` if the `href` is not a trigger of this
    /// workflow at this base.
    pub(crate) fn trigger_address<P: Platform>(
        &self,
        platform: &P,
        request: &Request,
        href: &str,
    ) -> Option<TriggerAddress> {
        signal::trigger_address(platform, &self.base, request, href)
    }
}

/// The runtime as the client's platform. It parses JSON in Rust, so that bodies keep Campaign's spelling.
pub(crate) struct RuntimePlatform<'a, H>(pub &'a H);

impl<H: CallRuntime> Platform for RuntimePlatform<'_, H> {
    type Response = <H::Platform as Platform>::Response;
    type Json = RawJson;
    type Timer = <H::Platform as Platform>::Timer;
    type Abort = <H::Platform as Platform>::Abort;

    fn now_ms(&self) -> f64 {
        self.0.platform().now_ms()
    }

    fn random(&self) -> f64 {
        self.0.platform().random()
    }

    fn ms_until(&self, date: &str) -> Option<u32> {
        self.0.platform().ms_until(date)
    }

    fn sleep(&self, ms: u32) -> Self::Timer {
        self.0.platform().sleep(ms)
    }

    fn abort(&self) -> Self::Abort {
        self.0.platform().abort()
    }

    fn is_aborted(&self) -> bool {
        self.0.platform().is_aborted()
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        self.0.token(refresh).await
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<Self::Response, FetchError> {
        self.0.platform().fetch(request).await
    }

    fn has_custom_fetch(&self) -> bool {
        self.0.platform().has_custom_fetch()
    }

    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String> {
        self.0.platform().parse_url(url, base)
    }

    fn is_page(&self) -> bool {
        self.0.platform().is_page()
    }

    fn parse_json(&self, text: &str) -> Option<RawJson> {
        RawJson::parse(text)
    }
}
