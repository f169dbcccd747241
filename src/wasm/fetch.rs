//! Sends one request with `fetch`, and reads its response.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::bindings::{self, Bytes, Chunk, HeaderRecord, Reader, RequestInit, Stream};
use super::events::PromiseFuture;
use super::string_cache::cached_string;
use crate::platform::{HttpRequest, Progress, ReadError, Response};
use crate::redact::truncate;

/// The body of a request or a response, read chunk by chunk.
pub struct Body {
    message: bindings::Response,
    reader: Option<Reader>,
}

impl Body {
    /// A body that has not been read yet. A request has the same members as a response.
    pub const fn new(message: bindings::Response) -> Self {
        Self {
            message,
            reader: None,
        }
    }

    /// Appends the next chunk, as [`Response::read`] does.
    pub async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        let Some(returned) = self.start_read() else {
            return Ok(Progress::End);
        };
        let read = PromiseFuture::new(&returned.map_err(|_| ReadError)?).await;
        let progress = self.append(&read.map_err(|_| ReadError)?, body, limit);
        progress.ok_or(ReadError)
    }

    /// Cancels the stream, if there is one. Otherwise its source would not know that reading has
    /// ended.
    pub fn cancel(&self) {
        if let Some(Ok(cancelled)) = self.reader.as_ref().map(Reader::cancel) {
            // The result is not needed, but an unobserved rejection would be reported as unhandled.
            drop(PromiseFuture::new(&cancelled));
        }
    }

    /// Starts to read the next chunk of a stream, or the whole text if there is no stream. `None`
    /// if there is no body.
    fn start_read(&mut self) -> Option<Result<JsValue, JsValue>> {
        if self.reader.is_none() {
            let body = self.message.body().unwrap_or_default();
            if body.is_null() {
                return None;
            }
            if !body.is_undefined() {
                self.reader = body.unchecked_into::<Stream>().get_reader().ok();
            }
        }
        Some(match &self.reader {
            Some(reader) => reader.read(),
            None => self.message.text(),
        })
    }

    /// Appends the value that was read. `None` if the limit is exceeded or the value has the wrong
    /// type.
    fn append(&self, read: &JsValue, body: &mut Vec<u8>, limit: usize) -> Option<Progress> {
        if self.reader.is_some() {
            return append_chunk(read.unchecked_ref(), body, limit);
        }
        let text = read.as_string()?;
        let within = truncate(&text, limit);
        body.extend_from_slice(within.as_bytes());
        (within.len() == text.len()).then_some(Progress::End)
    }
}

/// A sent request. Dropping it aborts the request unless it has ended.
pub struct OpenRequest {
    controller: AbortController,
    /// The response or the end of its body has not arrived yet.
    is_open: bool,
}

impl OpenRequest {
    /// Sends a request. Also returns the return value of `fetch`.
    pub fn start(
        fetch: &Function,
        request: &HttpRequest<'_>,
    ) -> Result<(Self, Result<JsValue, JsValue>), JsValue> {
        let controller = AbortController::new()?;
        let headers: HeaderRecord = Object::new().unchecked_into();
        for (name, value) in &request.headers {
            headers.set(&cached_string(name), value);
        }
        let init: RequestInit = Object::new().unchecked_into();
        init.set_method(&cached_string(request.method));
        // "error" throws in some runtimes even without a redirect.
        init.set_redirect(&cached_string("manual"));
        init.set_headers(&headers);
        if let Some(body) = request.body {
            init.set_body(body);
        }
        init.set_signal(&controller.signal());
        let returned = bindings::call2(fetch, &request.url.into(), &init);
        let open = Self {
            controller,
            is_open: true,
        };
        Ok((open, returned))
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if self.is_open {
            self.controller.abort();
        }
    }
}

/// The response of `fetch`.
pub struct FetchResponse {
    request: OpenRequest,
    body: Body,
    status: u16,
}

impl FetchResponse {
    /// `None` if the value is not a response.
    pub fn new(request: OpenRequest, fetched: JsValue) -> Option<Self> {
        if !fetched.is_object() {
            return None;
        }
        let response: bindings::Response = fetched.unchecked_into();
        Some(Self {
            request,
            // The cast saturates: an invalid status becomes one outside HTTP.
            status: response.status().ok()?.as_f64()? as u16,
            body: Body::new(response),
        })
    }
}

impl Drop for FetchResponse {
    fn drop(&mut self) {
        // The caller's own `fetch` may ignore the signal, so the stream is cancelled as well.
        if self.request.is_open {
            self.body.cancel();
        }
    }
}

impl Response for FetchResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn is_opaque_redirect(&self) -> bool {
        let kind = self.body.message.r#type().ok();
        kind.and_then(|kind| kind.as_string()).as_deref() == Some("opaqueredirect")
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.body.message.headers().ok()?;
        headers.get(&cached_string(name)).ok()?.as_string()
    }

    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        let progress = self.body.read(body, limit).await?;
        if progress == Progress::End {
            self.request.is_open = false;
        }
        Ok(progress)
    }
}

fn append_chunk(chunk: &Chunk, body: &mut Vec<u8>, limit: usize) -> Option<Progress> {
    if chunk.done().ok()?.is_truthy() {
        return Some(Progress::End);
    }
    let bytes = chunk.value().ok()?;
    let size = bytes.byte_length().ok()?.as_f64()? as usize;
    let room = limit.saturating_sub(body.len());
    if size > room {
        append_bytes(&bytes.subarray(0, room as u32).ok()?, room, body)?;
        return None;
    }
    append_bytes(&bytes, size, body)?;
    Some(Progress::More)
}

fn append_bytes(bytes: &Bytes, size: usize, body: &mut Vec<u8>) -> Option<()> {
    let at = body.len();
    body.resize(at + size, 0);
    bindings::copy(body.get_mut(at..)?, bytes).ok()
}
