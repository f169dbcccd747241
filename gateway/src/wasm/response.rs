//! Converts responses to JavaScript.

use wasm_bindgen::prelude::*;
use web_sys::{Headers, Response, ResponseInit};

use super::bindings::SendValue;
use crate::http::{GatewayResponse, Header, Reply, allows_body};

/// The JavaScript response for a reply.
pub fn reply(reply: Reply<Response>) -> Result<Response, JsValue> {
    match reply {
        Reply::Own(own) => response(own),
        Reply::Forwarded { response, headers } => forwarded(response, &headers),
    }
}

/// A response that the gateway makes.
pub fn response(response: GatewayResponse) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(response.body.as_deref(), &init)
}

/// Whether a value has the headers of a response.
pub fn has_headers(value: &SendValue) -> bool {
    let headers = value.headers().ok().filter(|headers| headers.is_object());
    let get = headers.and_then(|headers| headers.get_function().ok());
    get.is_some_and(|get| get.is_function())
}

/// A copy of the user's response with the CORS headers.
fn forwarded(response: Response, added: &[Header]) -> Result<Response, JsValue> {
    let value: SendValue = response.unchecked_into();
    let headers = Headers::new_with_headers(&value.headers()?.into())?;
    for (name, value) in added {
        match *name {
            "vary" => headers.append(name, value)?,
            _ => headers.set(name, value)?,
        }
    }
    // The cast saturates. The constructor refuses a number that is not a status.
    let status = value.status()?.as_f64().unwrap_or_default() as u16;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_status_text(&value.status_text()?.as_string().unwrap_or_default());
    init.set_headers(&headers);
    let body = value.body()?;
    let has_body = body.is_truthy() && allows_body(status);
    let body = has_body.then(|| body.unchecked_into());
    Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init)
}
