//! A workflow's writer for JavaScript: its host is the Durable Object, which has the table, the alarm and the log.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_workflow::Command;
use campaign_workflow::platform::TokenError;
use campaign_workflow::wasm::events::Settled;
use campaign_workflow::wasm::platform::Caller;
use js_sys::Promise;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::host::{TokenHost, caller};
use super::options::parse_absolute;
use crate::host::CallHost;
use crate::ims::{Credentials, Ims};
use crate::problem::Document;
use crate::writer::ending::StoredReceipt;
use crate::writer::variables::{self, Variables};
use crate::writer::{
    Answered, Ending, LogLine, Order, Row, Rows, Settings, StoreError, Stored, WorkflowName,
    WriterHost,
};

#[wasm_bindgen]
extern "C" {
    /// The Durable Object. A disk may refuse anything.
    #[derive(Clone)]
    pub type WriterObject;
    #[wasm_bindgen(method, catch)]
    fn find(this: &WriterObject, who: &str, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn row(this: &WriterObject, seq: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = underWay)]
    fn under_way(this: &WriterObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn due(this: &WriterObject, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn waiting(this: &WriterObject) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn insert(this: &WriterObject, row: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn update(this: &WriterObject, row: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn newest(this: &WriterObject, count: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn forget(this: &WriterObject, settled_before: f64, keep: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = nextDue)]
    fn next_due(this: &WriterObject) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = firstSettled)]
    fn first_settled(this: &WriterObject) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(method)]
    fn now(this: &WriterObject) -> f64;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &WriterObject) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &WriterObject, at: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn log(this: &WriterObject, line: &JsValue) -> Result<(), JsValue>;
}

/// A writer that JavaScript holds.
#[wasm_bindgen]
pub struct Writer {
    writer: crate::writer::Writer<ObjectHost>,
}

/// An order, as it crosses.
#[derive(Deserialize)]
struct OrderFields {
    key: String,
    command: String,
    who: String,
}

/// What a sender is told, as it crosses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a StoredReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Document<'a>>,
    is_stored: bool,
}

impl<'a> From<&'a Answered> for AnsweredFields<'a> {
    fn from(answered: &'a Answered) -> Self {
        let (receipt, problem) = match &answered.ending {
            Ending::Receipt(receipt) => (Some(receipt), None),
            Ending::Problem(problem) => (None, Some(problem.document())),
        };
        Self {
            receipt,
            problem,
            is_stored: answered.is_stored,
        }
    }
}

#[wasm_bindgen]
impl Writer {
    /// Takes over what is in the object's table. `env` has the Worker's variables and secrets.
    #[wasm_bindgen(constructor)]
    pub fn new(
        object: WriterObject,
        env: JsValue,
        organization: String,
        workflow_id: String,
    ) -> Writer {
        let checked = serde_wasm_bindgen::from_value::<Variables>(env)
            .map_err(|_| "the Worker's variables can't be read".to_owned())
            .and_then(|variables| variables::check(variables, &parse_absolute));
        let (settings, credentials) =
            checked.unwrap_or_else(|problem| (Settings::misconfigured(problem), None));
        let host = ObjectHost {
            rows: Table(object),
            caller: caller(&JsValue::UNDEFINED, &JsValue::UNDEFINED),
            ims: credentials.map(shared_ims),
        };
        let name = WorkflowName {
            organization,
            workflow_id,
        };
        Writer {
            writer: crate::writer::Writer::new(host, name, settings),
        }
    }

    /// Sends a command: `{receipt}` or `{problem}`, and `isStored`, as JSON.
    pub async fn send(&self, order: JsValue, timeout_ms: u32) -> Result<String, JsValue> {
        let order = order_of(order)?;
        let answered = self.writer.send(&order, timeout_ms).await;
        json(&AnsweredFields::from(&answered))
    }

    /// Takes a command for later: `{entry}`, or `{problem}` and `isStored`, as JSON.
    pub async fn enqueue(&self, order: JsValue, delay_ms: f64) -> Result<String, JsValue> {
        #[derive(Serialize)]
        struct Taken {
            entry: crate::writer::Entry,
        }
        let order = order_of(order)?;
        // The cast saturates.
        match self.writer.enqueue(&order, delay_ms as u64).await {
            Ok(entry) => json(&Taken { entry }),
            Err(answered) => json(&AnsweredFields::from(&answered)),
        }
    }

    /// Calls off a command for later: what became of it as JSON, or null.
    pub async fn cancel(&self, who: String, key: String) -> Result<String, JsValue> {
        json(&self.writer.cancel(&who, &key).await.map_err(failed)?)
    }

    /// What became of a command, as JSON, or null.
    pub fn look(&self, who: String, key: String) -> Result<String, JsValue> {
        json(&self.writer.look(&who, &key).map_err(failed)?)
    }

    /// The last commands, the newest first, as JSON.
    pub fn history(&self) -> Result<String, JsValue> {
        json(&self.writer.history().map_err(failed)?)
    }

    /// Does what is due.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        self.writer.alarm().await.map_err(failed)
    }
}

fn order_of(order: JsValue) -> Result<Order, JsValue> {
    let fields: OrderFields = serde_wasm_bindgen::from_value(order)?;
    Ok(Order {
        key: fields.key,
        command: Command::from_word(&fields.command)
            .ok_or_else(|| js_sys::TypeError::new("no command"))?,
        who: fields.who,
    })
}

fn json(value: &impl Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|_| js_sys::Error::new("no JSON").into())
}

fn failed(_: StoreError) -> JsValue {
    js_sys::Error::new("The workflow's store failed").into()
}

thread_local! {
    /// The credential's tokens, which all objects of an isolate share.
    static SHARED: RefCell<Option<(Credentials, Rc<Ims>)>> = const { RefCell::new(None) };
}

pub fn shared_ims(credentials: Credentials) -> Rc<Ims> {
    SHARED.with_borrow_mut(|shared| match shared {
        Some((known, ims)) if *known == credentials => Rc::clone(ims),
        _ => {
            let ims = Rc::new(Ims::new(credentials.clone()));
            *shared = Some((credentials, Rc::clone(&ims)));
            ims
        }
    })
}

/// The Durable Object as a host.
struct ObjectHost {
    rows: Table,
    caller: Caller,
    ims: Option<Rc<Ims>>,
}

impl CallHost for ObjectHost {
    type Platform = Caller;

    fn platform(&self) -> &Caller {
        &self.caller
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let ims = self.ims.as_ref().ok_or(TokenError)?;
        let token = TokenHost::default().token(ims, refresh).await;
        token.map_err(|_| TokenError)
    }
}

impl WriterHost for ObjectHost {
    type Rows = Table;

    fn rows(&self) -> &Table {
        &self.rows
    }

    fn clock_ms(&self) -> u64 {
        // The cast saturates.
        self.rows.0.now() as u64
    }

    async fn flush(&self) -> Stored<()> {
        let flushed = self.rows.0.flush().map_err(|_| StoreError)?;
        let flushed = Settled::new(&flushed).await;
        flushed.map(drop).map_err(|_| StoreError)
    }

    fn set_alarm(&self, at: u64) -> Stored<()> {
        self.rows.0.set_alarm(at as f64).map_err(|_| StoreError)
    }

    fn log(&self, line: &LogLine<'_>) {
        if let Ok(line) = line.serialize(&Serializer::json_compatible()) {
            // What comes of it changes nothing.
            let _ = self.rows.0.log(&line);
        }
    }
}

/// The object's table.
struct Table(WriterObject);

fn read<T: DeserializeOwned>(given: Result<JsValue, JsValue>) -> Stored<T> {
    let value = given.map_err(|_| StoreError)?;
    serde_wasm_bindgen::from_value(value).map_err(|_| StoreError)
}

fn written(row: &Row) -> Stored<JsValue> {
    let row = row.serialize(&Serializer::json_compatible());
    row.map_err(|_| StoreError)
}

// The casts saturate; times and numbers of rows are far below 2⁵³.
impl Rows for Table {
    fn find(&self, who: &str, key: &str) -> Stored<Option<Row>> {
        read(self.0.find(who, key))
    }

    fn get(&self, seq: u64) -> Stored<Option<Row>> {
        read(self.0.row(seq as f64))
    }

    fn under_way(&self) -> Stored<Vec<Row>> {
        read(self.0.under_way())
    }

    fn due(&self, now: u64) -> Stored<Vec<Row>> {
        read(self.0.due(now as f64))
    }

    fn waiting(&self) -> Stored<u32> {
        Ok(self.0.waiting().map_err(|_| StoreError)? as u32)
    }

    fn insert(&self, row: &Row) -> Stored<u64> {
        Ok(self.0.insert(&written(row)?).map_err(|_| StoreError)? as u64)
    }

    fn update(&self, row: &Row) -> Stored<()> {
        self.0.update(&written(row)?).map_err(|_| StoreError)
    }

    fn newest(&self, count: u32) -> Stored<Vec<Row>> {
        read(self.0.newest(count))
    }

    fn forget(&self, settled_before: u64, keep: u32) -> Stored<()> {
        let forgotten = self.0.forget(settled_before as f64, keep);
        forgotten.map_err(|_| StoreError)
    }

    fn next_due(&self) -> Stored<Option<u64>> {
        let due = self.0.next_due().map_err(|_| StoreError)?;
        Ok(due.map(|at| at as u64))
    }

    fn first_settled(&self) -> Stored<Option<u64>> {
        let settled = self.0.first_settled().map_err(|_| StoreError)?;
        Ok(settled.map(|at| at as u64))
    }
}
