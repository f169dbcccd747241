//! Whether a page of another origin may read an answer. Adobe's host promises it to nobody, so it is off by default.

use crate::http::{Answer, Request};

/// The origin of the request, where it is allowed.
pub(crate) fn allowed<'a>(request: &'a Request, origins: &[String]) -> Option<&'a str> {
    let origin = request.get("origin")?;
    origins
        .iter()
        .any(|known| known == "*" || known == origin)
        .then_some(origin)
}

/// The answer to a preflight: whatever headers are asked for are allowed, the documented ones among them.
pub(crate) fn preflight(request: &Request) -> Option<Answer> {
    request
        .get("access-control-request-method")
        .filter(|_| request.method == "OPTIONS")?;
    let headers = request
        .get("access-control-request-headers")
        .unwrap_or("authorization, cache-control, content-type, x-api-key");
    Some(
        Answer::new(204, None, "")
            .with("access-control-allow-methods", "GET, POST, DELETE")
            .with("access-control-allow-headers", headers)
            .with("access-control-max-age", "600"),
    )
}

/// Lets pages of this origin read the answer, with the headers that the client wants to see.
pub(crate) fn open(answer: Answer, origin: &str) -> Answer {
    answer
        .with("access-control-allow-origin", origin)
        .with("access-control-expose-headers", "x-request-id, retry-after")
        .with("vary", "Origin")
}
