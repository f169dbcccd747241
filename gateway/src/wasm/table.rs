//! The table and the audit trail of a workflow's object. JavaScript stores them, and any access may fail.

use campaign_workflow::wasm::events::PromiseFuture;
use js_sys::Promise;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::writer::{AuditTrail, CommandRow, CommandTable, LogLine, StoreError, StoreResult};

#[wasm_bindgen]
extern "C" {
    /// The Durable Object. Any access to its storage may fail.
    #[derive(Clone)]
    pub type WriterObject;
    #[wasm_bindgen(method, catch)]
    pub fn find(this: &WriterObject, who: &str, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn row(this: &WriterObject, seq: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = inFlight)]
    pub fn in_flight(this: &WriterObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn due(this: &WriterObject, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = queuedCount)]
    pub fn queued_count(this: &WriterObject) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn insert(this: &WriterObject, row: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn update(this: &WriterObject, row: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn newest(this: &WriterObject, count: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn replace(this: &WriterObject, closed: &JsValue, new: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn upcoming(this: &WriterObject, count: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn dead(this: &WriterObject, count: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn expire(
        this: &WriterObject,
        settled_before: f64,
        keep: u32,
        keep_dead: u32,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = nextDue)]
    pub fn next_due(this: &WriterObject) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = firstSettled)]
    pub fn first_settled(this: &WriterObject) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(method)]
    pub fn now(this: &WriterObject) -> f64;
    #[wasm_bindgen(method, catch)]
    pub fn flush(this: &WriterObject) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub fn set_alarm(this: &WriterObject, at: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn log(this: &WriterObject, line: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter, js_name = auditTrail)]
    pub fn audit_trail(this: &WriterObject) -> Option<JsAuditTrail>;

    /// The object's audit trail.
    pub type JsAuditTrail;
    #[wasm_bindgen(method, catch)]
    pub fn add(this: &JsAuditTrail, at: f64, line: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn first(this: &JsAuditTrail) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn send(this: &JsAuditTrail) -> Result<Promise, JsValue>;
}

/// The object's audit trail.
pub struct ObjectAuditTrail(pub JsAuditTrail);

impl AuditTrail for ObjectAuditTrail {
    fn add(&self, at: u64, line: &LogLine<'_>) -> StoreResult<()> {
        let line = line.serialize(&Serializer::json_compatible());
        let added = self.0.add(at as f64, &line.map_err(|_| StoreError)?);
        added.map_err(|_| StoreError)
    }

    fn first(&self) -> StoreResult<Option<u64>> {
        let first = self.0.first().map_err(|_| StoreError)?;
        Ok(first.map(|at| at as u64))
    }

    async fn send(&self) -> StoreResult<()> {
        let sent = self.0.send().map_err(|_| StoreError)?;
        let sent = PromiseFuture::new(&sent).await;
        sent.map(drop).map_err(|_| StoreError)
    }
}

/// The object's table.
pub struct ObjectTable(pub WriterObject);

fn read<T: DeserializeOwned>(given: Result<JsValue, JsValue>) -> StoreResult<T> {
    let value = given.map_err(|_| StoreError)?;
    serde_wasm_bindgen::from_value(value).map_err(|_| StoreError)
}

fn written(row: &CommandRow) -> StoreResult<JsValue> {
    let row = row.serialize(&Serializer::json_compatible());
    row.map_err(|_| StoreError)
}

// The casts saturate; times and row numbers are far below 2⁵³.
impl CommandTable for ObjectTable {
    fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>> {
        read(self.0.find(who, key))
    }

    fn get(&self, seq: u64) -> StoreResult<Option<CommandRow>> {
        read(self.0.row(seq as f64))
    }

    fn in_flight(&self) -> StoreResult<Vec<CommandRow>> {
        read(self.0.in_flight())
    }

    fn due(&self, now: u64) -> StoreResult<Vec<CommandRow>> {
        read(self.0.due(now as f64))
    }

    fn queued_count(&self) -> StoreResult<u32> {
        Ok(self.0.queued_count().map_err(|_| StoreError)? as u32)
    }

    fn insert(&self, row: &CommandRow) -> StoreResult<u64> {
        Ok(self.0.insert(&written(row)?).map_err(|_| StoreError)? as u64)
    }

    fn update(&self, row: &CommandRow) -> StoreResult<()> {
        self.0.update(&written(row)?).map_err(|_| StoreError)
    }

    fn replace(&self, closed: &CommandRow, new: &CommandRow) -> StoreResult<u64> {
        let replaced = self.0.replace(&written(closed)?, &written(new)?);
        Ok(replaced.map_err(|_| StoreError)? as u64)
    }

    fn newest(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        read(self.0.newest(count))
    }

    fn upcoming(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        read(self.0.upcoming(count))
    }

    fn dead(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        read(self.0.dead(count))
    }

    fn expire(&self, settled_before: u64, keep: u32, keep_dead: u32) -> StoreResult<()> {
        let forgotten = self.0.expire(settled_before as f64, keep, keep_dead);
        forgotten.map_err(|_| StoreError)
    }

    fn next_due(&self) -> StoreResult<Option<u64>> {
        let due = self.0.next_due().map_err(|_| StoreError)?;
        Ok(due.map(|at| at as u64))
    }

    fn first_settled(&self) -> StoreResult<Option<u64>> {
        let settled = self.0.first_settled().map_err(|_| StoreError)?;
        Ok(settled.map(|at| at as u64))
    }
}
