//! The JavaScript binding. It converts values and makes no decisions.

use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::campaign::Campaign;
use crate::control;
use crate::fault::Fault;
use crate::http::{Request, Response};
use crate::options::Options;
use crate::reply::ReplyPlan;

/// The emulator as a JavaScript class. Times are milliseconds of the caller's clock.
#[wasm_bindgen]
pub struct Emulator(Campaign);

#[wasm_bindgen]
impl Emulator {
    /// Options and faults are passed as JSON, like in the control API, so the same code validates both.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Emulator, JsValue> {
        Options::from_json(options)
            .map(|options| Emulator(Campaign::new(options)))
            .map_err(type_error)
    }

    /// Handles one request. `headers` alternates names and values.
    pub fn handle(
        &mut self,
        method: String,
        url: String,
        headers: Vec<String>,
        body: Vec<u8>,
        now: f64,
    ) -> Result<JsValue, JsValue> {
        let headers = headers.chunks_exact(2).filter_map(|pair| match pair {
            [name, value] => Some((name.clone(), value.clone())),
            _ => None,
        });
        let request = Request {
            method,
            url,
            headers: headers.collect(),
            body,
        };
        let reply = self.0.handle(&request, millis(now));
        let (plan, response, bytes_sent) = match reply.plan {
            ReplyPlan::Respond(response) => ("respond", Some(response), None),
            ReplyPlan::Truncate { response, bytes } => ("truncate", Some(response), Some(bytes)),
            ReplyPlan::Disconnect => ("disconnect", None, None),
            ReplyPlan::Hang => ("hang", None, None),
        };
        to_js(&JsReply {
            plan,
            delay_ms: reply.delay_ms,
            response: response.map(JsResponse::from),
            bytes_sent,
        })
    }

    /// The request log.
    pub fn log(&self) -> Result<JsValue, JsValue> {
        to_js(self.0.log())
    }

    /// Clears the request log.
    #[wasm_bindgen(js_name = clearLog)]
    pub fn clear_log(&mut self) {
        self.0.clear_log();
    }

    /// The workflows at this time.
    pub fn workflows(&mut self, now: f64) -> Result<JsValue, JsValue> {
        self.0.advance_to(millis(now));
        to_js(&control::views(&self.0))
    }

    /// Adds a fault and returns its number.
    #[wasm_bindgen(js_name = addFault)]
    pub fn add_fault(&mut self, fault: &str) -> Result<f64, JsValue> {
        let value: Value = serde_json::from_str(fault).map_err(type_error)?;
        Fault::from_json(value)
            .map(|fault| self.0.add_fault(fault) as f64)
            .map_err(type_error)
    }

    /// The active faults.
    pub fn faults(&self) -> Result<JsValue, JsValue> {
        to_js(self.0.faults())
    }

    /// Removes all faults.
    #[wasm_bindgen(js_name = clearFaults)]
    pub fn clear_faults(&mut self) {
        self.0.clear_faults();
    }

    /// Moves the campaign's clock forward.
    pub fn advance(&mut self, ms: f64, now: f64) {
        self.0.advance_to(millis(now));
        self.0.advance(millis(ms));
    }

    /// Restores the initial state.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsReply {
    plan: &'static str,
    delay_ms: u32,
    response: Option<JsResponse>,
    bytes_sent: Option<usize>,
}

#[derive(Serialize)]
struct JsResponse {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(serialize_with = "bytes")]
    body: Vec<u8>,
}

impl From<Response> for JsResponse {
    fn from(
        Response {
            status,
            headers,
            body,
        }: Response,
    ) -> Self {
        JsResponse {
            status,
            headers,
            body,
        }
    }
}

fn bytes<S: serde::Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(body)
}

fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

/// Values out of range become the nearest limit, and NaN becomes 0.
fn millis(value: f64) -> u64 {
    value as u64
}

fn type_error(error: impl std::fmt::Display) -> JsValue {
    js_sys::TypeError::new(&error.to_string()).into()
}
