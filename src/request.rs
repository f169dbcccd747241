//! The caller's request, and its checks before anything is sent.

use crate::address::{self, Base};
use crate::error::{Field, FieldError, Problem};
use crate::exchange::{CallOptions, Effect};
use crate::header;
use crate::platform::Platform;
use crate::redact::Secrets;
use crate::text::split_at_first;

/// The maximum of [`Request::max_retries`].
pub const MAX_RETRIES: u32 = 10;

/// The maximum of every time limit, in milliseconds: a longer timer would fire at once.
pub const MAX_MILLISECONDS: u32 = i32::MAX as u32;

/// A workflow and the options of a call. Start from [`Request::new`] and set what differs:
///
/// ```
/// use campaign_workflow::{AccessToken, Request};
///
/// let request = Request {
///     access_token: AccessToken::Fixed("eyJhbGciOi…".into()),
///     api_key: Some("my-client-id".into()),
///     ..Request::new("acme-mkt-stage", "WKF42")
/// };
/// assert_eq!(request.timeout_ms, 30_000);
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    /// The Campaign tenant, such as `acme-mkt-stage`.
    pub organization: String,
    /// The workflow's id (`WKF42`) or PKey (`@…`).
    pub workflow_id: String,
    /// The source of the OAuth access token. Required at Adobe's host.
    pub access_token: AccessToken,
    /// The client id of the credential (`X-Api-Key`). Required at Adobe's host.
    pub api_key: Option<String>,
    /// The base address of the requests. Adobe's host by default.
    pub base_url: Option<String>,
    /// Additional request headers.
    pub headers: Vec<(String, String)>,
    /// Sent as `Idempotency-Key`. The server at `base_url` executes the command at most once, so
    /// the command is sent again even if its delivery is in doubt. Refused for Adobe's host, which
    /// documents no such keys.
    pub idempotency_key: Option<String>,
    /// The limit for the whole call, in milliseconds: token, attempts and waits. 1 to 2147483647,
    /// by default 30000.
    pub timeout_ms: u32,
    /// The limit for one attempt, and for one call of the token function, in milliseconds. 1 to
    /// 2147483647, by default 10000 at Adobe's host and 30000 elsewhere.
    pub attempt_timeout_ms: Option<u32>,
    /// The maximum number of retries of a command that was certainly not executed. 0 to 10, by
    /// default 2.
    pub max_retries: u32,
    /// Allows a web page to call Adobe's host. By default `false`.
    pub allow_browser_credentials: bool,
}

/// The source of the access token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AccessToken {
    /// No token is sent.
    #[default]
    None,
    /// This token.
    Fixed(String),
    /// The platform's token function, which is called once, and again if Campaign responds with
    /// 401.
    Function,
}

/// A valid request.
pub(crate) struct Checked<'a> {
    pub request: &'a Request,
    pub base: Base,
    pub options: CallOptions,
    pub secrets: Secrets,
}

impl Request {
    /// A request for a workflow at Adobe's host, with the default options.
    pub fn new(organization: impl Into<String>, workflow_id: impl Into<String>) -> Self {
        Self {
            organization: organization.into(),
            workflow_id: workflow_id.into(),
            access_token: AccessToken::None,
            api_key: None,
            base_url: None,
            headers: Vec::new(),
            idempotency_key: None,
            timeout_ms: 30_000,
            attempt_timeout_ms: None,
            max_retries: 2,
            allow_browser_credentials: false,
        }
    }

    /// Checks all fields, and collects the secrets in them.
    #[inline(never)]
    pub(crate) fn check<P: Platform>(&self, platform: &P) -> Result<Checked<'_>, FieldError> {
        let invalid = |field| move |problem| FieldError(field, problem);
        address::check_segment(&self.organization).map_err(invalid(Field::Organization))?;
        address::check_segment(&self.workflow_id).map_err(invalid(Field::WorkflowId))?;
        let base = self.base(platform).map_err(invalid(Field::BaseUrl))?;

        let mut secrets = Secrets::default();
        match &self.access_token {
            AccessToken::Fixed(token) => check_credential(Some(token), true, &mut secrets),
            AccessToken::None => check_credential(None, base.is_adobe, &mut secrets),
            // Checked when the function has returned it.
            AccessToken::Function => Ok(()),
        }
        .map_err(invalid(Field::AccessToken))?;
        check_credential(self.api_key.as_ref(), base.is_adobe, &mut secrets)
            .map_err(invalid(Field::ApiKey))?;
        let may_authorize = matches!(self.access_token, AccessToken::None) && !base.is_adobe;
        for (name, value) in &self.headers {
            check_header(name, value, may_authorize, &mut secrets)
                .map_err(invalid(Field::Headers))?;
        }
        if let Some(key) = &self.idempotency_key {
            header::check_idempotency_key(key, base.is_adobe)
                .map_err(invalid(Field::IdempotencyKey))?;
        }
        let attempt_timeout_ms =
            self.attempt_timeout_ms
                .unwrap_or(if base.is_adobe { 10_000 } else { 30_000 });
        check_milliseconds(self.timeout_ms).map_err(invalid(Field::TimeoutMs))?;
        check_milliseconds(attempt_timeout_ms).map_err(invalid(Field::AttemptTimeoutMs))?;
        if self.max_retries > MAX_RETRIES {
            return Err(FieldError(Field::MaxRetries, Problem::NotRetries));
        }
        Ok(Checked {
            request: self,
            options: CallOptions {
                timeout_ms: self.timeout_ms,
                attempt_timeout_ms,
                max_retries: self.max_retries,
                has_token_function: matches!(self.access_token, AccessToken::Function),
                has_custom_fetch: platform.has_custom_fetch(),
                may_be_gateway: !base.is_adobe,
                has_key: self.idempotency_key.is_some(),
                effect: Effect::Executes,
            },
            secrets,
            base,
        })
    }

    #[inline(never)]
    fn base<P: Platform>(&self, platform: &P) -> Result<Base, Problem> {
        let base = match &self.base_url {
            None => Base::adobe(),
            Some(url) => Base::check(url, platform.parse_url(url, None).as_deref())?,
        };
        if base.is_adobe && platform.is_page() && !self.allow_browser_credentials {
            return Err(Problem::UrlAdobeInPage);
        }
        Ok(base)
    }
}

impl Checked<'_> {
    /// The `Authorization` header, unless the token comes from a function.
    pub fn fixed_authorization(&self) -> Option<String> {
        match &self.request.access_token {
            AccessToken::Fixed(token) => Some(authorization(token)),
            AccessToken::None | AccessToken::Function => None,
        }
    }

    /// The address of the workflow.
    pub fn workflow_url(&self) -> String {
        let request = self.request;
        self.base
            .workflow_url(&request.organization, &request.workflow_id)
    }

    /// The documented headers, followed by the caller's own.
    ///
    /// Source: Adobe Campaign Standard, "Controlling a workflow".
    pub fn headers<'b>(&'b self, authorization: Option<&'b str>) -> Vec<(&'b str, &'b str)> {
        let request = self.request;
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-cache"),
        ];
        for (name, value) in [
            ("Authorization", authorization),
            ("X-Api-Key", request.api_key.as_deref()),
            ("Idempotency-Key", request.idempotency_key.as_deref()),
        ] {
            if let Some(value) = value {
                headers.push((name, value));
            }
        }
        for (name, value) in &request.headers {
            headers.push((name, value));
        }
        headers
    }
}

/// The `Authorization` header for an access token.
pub(crate) fn authorization(token: &str) -> String {
    String::from("Bearer ") + token
}

fn check_credential(
    credential: Option<&String>,
    is_required: bool,
    secrets: &mut Secrets,
) -> Result<(), Problem> {
    match credential {
        Some(credential) => {
            secrets.add(credential);
            header::check_credential(credential)
        }
        None if is_required => Err(Problem::CredentialMissing),
        None => Ok(()),
    }
}

#[inline(never)]
fn check_header(
    name: &str,
    value: &str,
    may_authorize: bool,
    secrets: &mut Secrets,
) -> Result<(), Problem> {
    let name = name.to_ascii_lowercase();
    header::check_name(&name, may_authorize)?;
    header::check_value(value)?;
    if header::is_secret(&name) {
        // What follows the scheme (`Basic …`) is a secret on its own.
        if let (_, Some(after_scheme)) = split_at_first(value, b' ') {
            secrets.add(after_scheme);
        }
        secrets.add(value);
    }
    Ok(())
}

/// Whether a timer can wait for this time.
pub(crate) fn are_milliseconds(ms: u32) -> bool {
    (1..=MAX_MILLISECONDS).contains(&ms)
}

fn check_milliseconds(ms: u32) -> Result<(), Problem> {
    if are_milliseconds(ms) {
        Ok(())
    } else {
        Err(Problem::NotMilliseconds)
    }
}
