//! What of a request is looked at, and an answer.

/// A request without its body. Of the caller's headers only these are read at all.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The method.
    pub method: String,
    /// The absolute URL, as the platform writes it.
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
    /// `Delay-Seconds`: when a command for later is due.
    pub delay_seconds: Option<String>,
    /// There is an `Access-Control-Request-Method`.
    pub has_request_method: bool,
}

/// A header, by its lower-case name.
pub type Header = (&'static str, String);

/// An answer of the gateway's own.
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
    /// One without a body, which nobody may keep or guess the type of.
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

    /// With one header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> GatewayResponse {
        self.headers.push((name, value.into()));
        self
    }

    /// With the number of Campaign's answer, if there is one that can stand in a header.
    #[must_use]
    pub fn with_request_id(self, id: Option<&str>) -> GatewayResponse {
        match id.filter(|id| is_plain(id)) {
            Some(id) => self.with_header("x-request-id", id),
            None => self,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Whether a text can stand in a header, and is no more than a number or name.
fn is_plain(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<R> {
    /// An answer of the gateway's own.
    Own(GatewayResponse),
    /// An answer that the user's own `send` made, with these headers in addition.
    Forwarded {
        /// That answer.
        response: R,
        /// They say who may read it.
        headers: Vec<Header>,
    },
}
