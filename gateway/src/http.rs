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
    /// There is an `Access-Control-Request-Method`.
    pub asks_method: bool,
}

/// An answer of the gateway's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The body; none where the platform brings its own, or there is none.
    pub body: Option<String>,
}

impl Answer {
    /// One without a body, which nobody may keep or guess the type of.
    pub fn empty(status: u16) -> Answer {
        let headers = [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ];
        Answer {
            status,
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            body: None,
        }
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}
