//! CORS headers for pages of other origins. Adobe documents none, so they are off by default.

use crate::http::{Request, Response};

/// The origin of the request, if it is allowed.
pub(crate) fn allowed<'a>(request: &'a Request, origins: &[String]) -> Option<&'a str> {
    let origin = request.get("origin")?;
    origins
        .iter()
        .any(|known| known == "*" || known == origin)
        .then_some(origin)
}

/// The response to a preflight; it allows all requested headers, or the documented ones if none are requested.
pub(crate) fn preflight(request: &Request) -> Option<Response> {
    request
        .get("access-control-request-method")
        .filter(|_| request.method == "OPTIONS")?;
    let headers = request
        .get("access-control-request-headers")
        .unwrap_or("authorization, cache-control, content-type, x-api-key");
    Some(
        Response::new(204, None, "")
            .with("access-control-allow-methods", "GET, POST, DELETE")
            .with("access-control-allow-headers", headers)
            .with("access-control-max-age", "600"),
    )
}

/// Lets pages of this origin read the response and the headers that the client uses.
pub(crate) fn allow_origin(response: Response, origin: &str) -> Response {
    response
        .with("access-control-allow-origin", origin)
        .with("access-control-expose-headers", "x-request-id, retry-after")
        .with("vary", "Origin")
}
