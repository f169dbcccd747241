//! The face for JavaScript. It converts and decides nothing.

use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::campaign::Campaign;
use crate::control;
use crate::fault::Fault;
use crate::http::{Answer, Request};
use crate::options::Options;
use crate::reply::Fate;

/// A campaign that JavaScript holds. Times are milliseconds of the caller's clock.
#[wasm_bindgen]
pub struct Emulator(Campaign);

#[wasm_bindgen]
impl Emulator {
    /// Options and faults come as the JSON that the control surface takes too, so that both are checked by the same code.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Emulator, JsValue> {
        Options::from_json(options)
            .map(|options| Emulator(Campaign::new(options)))
            .map_err(type_error)
    }

    /// Takes one request. `headers` are names and values in turn.
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
        let (fate, answer, sent) = match reply.fate {
            Fate::Answer(answer) => ("answer", Some(answer), None),
            Fate::Cut { answer, bytes } => ("cut", Some(answer), Some(bytes)),
            Fate::Lost => ("lost", None, None),
            Fate::Hang => ("hang", None, None),
        };
        give(&ReplyFace {
            fate,
            delay_ms: reply.delay_ms,
            answer: answer.map(AnswerFace::from),
            sent,
        })
    }

    /// The requests so far.
    pub fn log(&self) -> Result<JsValue, JsValue> {
        give(self.0.log())
    }

    /// Forgets the requests.
    #[wasm_bindgen(js_name = clearLog)]
    pub fn clear_log(&mut self) {
        self.0.clear_log();
    }

    /// The workflows at this time.
    pub fn workflows(&mut self, now: f64) -> Result<JsValue, JsValue> {
        self.0.advance_to(millis(now));
        give(&control::views(&self.0))
    }

    /// Adds a fault, and gives its number.
    #[wasm_bindgen(js_name = addFault)]
    pub fn add_fault(&mut self, fault: &str) -> Result<f64, JsValue> {
        let value: Value = serde_json::from_str(fault).map_err(type_error)?;
        Fault::from_json(value)
            .map(|fault| self.0.add_fault(fault) as f64)
            .map_err(type_error)
    }

    /// The faults that are not spent.
    pub fn faults(&self) -> Result<JsValue, JsValue> {
        give(self.0.faults())
    }

    /// Takes all faults away.
    #[wasm_bindgen(js_name = clearFaults)]
    pub fn clear_faults(&mut self) {
        self.0.clear_faults();
    }

    /// Moves the campaign's time on.
    pub fn advance(&mut self, ms: f64, now: f64) {
        self.0.advance_to(millis(now));
        self.0.advance(millis(ms));
    }

    /// Everything as it was constructed.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplyFace {
    fate: &'static str,
    delay_ms: u32,
    answer: Option<AnswerFace>,
    sent: Option<usize>,
}

#[derive(Serialize)]
struct AnswerFace {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(serialize_with = "bytes")]
    body: Vec<u8>,
}

impl From<Answer> for AnswerFace {
    fn from(
        Answer {
            status,
            headers,
            body,
        }: Answer,
    ) -> Self {
        AnswerFace {
            status,
            headers,
            body,
        }
    }
}

fn bytes<S: serde::Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(body)
}

fn give<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

/// Out of range, and no number at all, end at the nearest whole millisecond.
fn millis(value: f64) -> u64 {
    value as u64
}

fn type_error(error: impl std::fmt::Display) -> JsValue {
    js_sys::TypeError::new(&error.to_string()).into()
}
