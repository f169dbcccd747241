//! The parts of a request that the gateway reads, and its response.

/// A request without its body. The gateway reads no other headers of the caller.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// The absolute URL, as the platform serialises it.
    pub url: String,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Length`.
    pub content_length: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `Prefer` (RFC 7240).
    pub prefer: Option<String>,
    /// `Delay-Seconds`: how long a queued command waits before it is due.
    pub delay_seconds: Option<String>,
    /// Whether there is an `Access-Control-Request-Method` header.
    pub has_request_method: bool,
}

/// A header's lower-case name, and its value.
pub type Header = (&'static str, String);

/// A response that the gateway makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Option<String>,
}

impl GatewayResponse {
    /// A response without a body that must not be cached or sniffed.
    pub fn empty(status: u16) -> GatewayResponse {
        let headers = [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ];
        GatewayResponse {
            status,
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            body: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> GatewayResponse {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds Campaign's request id, if it is valid in a header.
    #[must_use]
    pub fn with_request_id(self, id: Option<&str>) -> GatewayResponse {
        match id.filter(|id| is_plain(id)) {
            Some(id) => self.with_header("x-request-id", id),
            None => self,
        }
    }

    /// Adds `Retry-After`, in whole seconds, if the status is one with which a repeat is possible.
    #[must_use]
    pub fn with_retry_after(self, ms: Option<u64>) -> GatewayResponse {
        match ms {
            Some(ms) if matches!(self.status, 409 | 429 | 503) => {
                self.with_header("retry-after", ms.div_ceil(1000).to_string())
            }
            _ => self,
        }
    }

    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Whether HTTP allows a body with a status.
pub(crate) const fn allows_body(status: u16) -> bool {
    !matches!(status, 204 | 205 | 304)
}

/// Whether a text is a plain id: up to 200 visible ASCII characters.
fn is_plain(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<R> {
    /// A response that the gateway makes.
    Own(GatewayResponse),
    /// A response that the user's own `send` returned, with additional headers.
    Forwarded {
        /// The user's response.
        response: R,
        /// The CORS headers.
        headers: Vec<Header>,
    },
}
