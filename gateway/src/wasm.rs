//! The face for JavaScript. It converts and decides nothing.

use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::answer::{BodyKind, Failure};
use crate::gateway;
use crate::http::{Answer, Head};
use crate::options::Given;
use crate::refusal::Refusal;
use crate::token::{self, Action, ExpiresIn};

/// A gateway that JavaScript holds. Each request is described anew at each step, so that nothing has to be freed.
#[wasm_bindgen]
pub struct Gateway(gateway::Gateway);

#[wasm_bindgen]
impl Gateway {
    /// Throws a `TypeError` that names the option that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Gateway, JsValue> {
        let given =
            Given::from_json(options).map_err(|problem| type_error("createGateway", &problem))?;
        let gateway = gateway::Gateway::new(&given)
            .map_err(|problem| type_error("createGateway", &problem))?;
        Ok(Gateway(gateway))
    }

    /// Undefined where the body is to be read.
    pub fn head(&self, head: JsValue) -> Result<JsValue, JsValue> {
        self.0
            .head(&read(head)?)
            .map_or(Ok(JsValue::UNDEFINED), give)
    }

    /// The answer, or the command to be authorized.
    pub fn body(&self, head: JsValue, body: &[u8]) -> Result<JsValue, JsValue> {
        match self.0.body(&read(head)?, body) {
            Ok(wish) => out(&WishFace {
                organization: &wish.route.organization,
                workflow_id: &wish.route.workflow,
                command: wish.command.word(),
            }),
            Err(answer) => give(answer),
        }
    }

    /// The answer to what goes no further, for a reason of JavaScript's side.
    pub fn refused(&self, head: JsValue, why: &str) -> Result<JsValue, JsValue> {
        let refusal = match why {
            "too-large" => Refusal::TooLarge,
            "too-slow" => Refusal::TooSlow,
            "broken" => Refusal::Broken,
            "forbidden" => Refusal::Forbidden,
            "unauthorizable" => Refusal::Unauthorizable,
            "late" => Refusal::Late,
            _ => Refusal::Trapped,
        };
        give(self.0.refused(&read(head)?, refusal))
    }

    /// The answer for an accepted command; the body stays outside.
    pub fn accepted(
        &self,
        head: JsValue,
        status: f64,
        request_id: Option<String>,
        body: &str,
    ) -> Result<JsValue, JsValue> {
        let body = match body {
            "text" => BodyKind::Text,
            "json" => BodyKind::Json,
            _ => BodyKind::Nothing,
        };
        give(
            self.0
                .accepted(&read(head)?, status, request_id.as_deref(), body),
        )
    }

    /// The answer for a command that failed.
    pub fn failed(&self, head: JsValue, failure: JsValue) -> Result<JsValue, JsValue> {
        // What can't be read says nothing about the command.
        let failure: Failure = serde_wasm_bindgen::from_value(failure).unwrap_or_default();
        give(self.0.failed(&read(head)?, &failure))
    }

    /// The answer for a command whose outcome did not come within the deadline.
    #[wasm_bindgen(js_name = timedOut)]
    pub fn timed_out(&self, head: JsValue) -> Result<JsValue, JsValue> {
        give(self.0.timed_out(&read(head)?))
    }

    /// The headers for an answer of somebody else's.
    pub fn cors(&self, head: JsValue) -> Result<JsValue, JsValue> {
        out(&self.0.cors(&read(head)?))
    }
}

/// One credential's token, which JavaScript keeps. Times are milliseconds of the caller's clock.
#[wasm_bindgen]
pub struct Tokens(token::Tokens);

#[wasm_bindgen]
impl Tokens {
    /// Throws a `TypeError` that names the field that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(credentials: &str) -> Result<Tokens, JsValue> {
        let given = Given::from_json(credentials);
        let checked = given.and_then(|given| crate::credentials::check_given(&given));
        checked.map_err(|problem| type_error("imsTokenProvider", &problem))?;
        Ok(Tokens(token::Tokens::default()))
    }

    /// What to do for one who wants a token; `waited_for` is the number of the request that they have waited for in vain, or 0.
    pub fn ask(&mut self, now: f64, refresh: bool, waited_for: u32) -> Result<JsValue, JsValue> {
        action(self.0.ask(now, refresh, waited_for))
    }

    /// A request brought a token; `expires_in` is as IMS gave it.
    pub fn granted(&mut self, now: f64, number: u32, expires_in: JsValue) {
        let text = expires_in.as_string();
        let expires_in = match (expires_in.as_f64(), text.as_deref()) {
            (Some(seconds), _) => ExpiresIn::Number(seconds),
            (None, Some(text)) => ExpiresIn::Text(text),
            (None, None) => ExpiresIn::Other,
        };
        self.0.granted(now, number, expires_in);
    }

    /// A request brought none.
    pub fn failed(&mut self, now: f64, number: u32, chance: f64) -> Result<JsValue, JsValue> {
        action(self.0.failed(now, number, chance))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionFace {
    action: &'static str,
    number: u32,
    wait_ms: f64,
}

fn action(action: Action) -> Result<JsValue, JsValue> {
    let (action, number, wait_ms) = match action {
        Action::Give => ("give", 0, 0.0),
        Action::Request(number) => ("request", number, 0.0),
        Action::Join(number, wait_ms) => ("join", number, wait_ms),
        Action::Fail => ("fail", 0, 0.0),
    };
    out(&ActionFace {
        action,
        number,
        wait_ms,
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HeadFace {
    method: String,
    url: String,
    origin: Option<String>,
    content_type: Option<String>,
    content_length: Option<String>,
    idempotency_key: Option<String>,
    asks_method: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WishFace<'a> {
    organization: &'a str,
    workflow_id: &'a str,
    command: &'static str,
}

#[derive(Serialize)]
struct AnswerFace {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

fn read(head: JsValue) -> Result<Head, JsValue> {
    let face: HeadFace = serde_wasm_bindgen::from_value(head)?;
    Ok(Head {
        method: face.method,
        url: face.url,
        origin: face.origin,
        content_type: face.content_type,
        content_length: face.content_length,
        idempotency_key: face.idempotency_key,
        asks_method: face.asks_method,
    })
}

fn give(answer: Answer) -> Result<JsValue, JsValue> {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    out(&AnswerFace {
        status,
        headers,
        body,
    })
}

fn out<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

fn type_error(function: &str, problem: &str) -> JsValue {
    js_sys::TypeError::new(&[function, ": ", problem].concat()).into()
}
