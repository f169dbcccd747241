//! The writer's exports to JavaScript. Its runtime is the Durable Object, which has the table, the alarm and the log.

use std::cell::RefCell;
use std::rc::Rc;

use campaign_workflow::Command;
use campaign_workflow::platform::TokenError;
use campaign_workflow::wasm::events::PromiseFuture;
use campaign_workflow::wasm::platform::JsPlatform;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::options::parse_absolute;
use super::runtime::{TokenRuntime, platform};
use super::table::{ObjectAuditTrail, ObjectTable, WriterObject};
use crate::ims::{Credentials, Ims};
use crate::problem::ProblemDocument;
use crate::runtime::CallRuntime;
use crate::writer::command_result::StoredReceipt;
use crate::writer::variables::{self, Variables};
use crate::writer::{
    CommandEntry, CommandOrder, CommandReply, CommandResult, LogLine, Settings, StoreError,
    StoreResult, WorkflowName, WriterRuntime,
};

/// The writer of one workflow.
#[wasm_bindgen]
pub struct Writer {
    writer: crate::writer::Writer<ObjectRuntime>,
}

/// An order from JavaScript.
#[derive(Deserialize)]
struct OrderFields {
    key: String,
    command: String,
    who: String,
}

/// A reply to JavaScript.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplyFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a StoredReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemDocument<'a>>,
    is_stored: bool,
}

impl<'a> From<&'a CommandReply> for ReplyFields<'a> {
    fn from(reply: &'a CommandReply) -> Self {
        let (receipt, problem) = match &reply.result {
            CommandResult::Receipt(receipt) => (Some(receipt), None),
            CommandResult::Problem(problem) => (None, Some(problem.document())),
        };
        Self {
            receipt,
            problem,
            is_stored: reply.is_stored,
        }
    }
}

#[wasm_bindgen]
impl Writer {
    /// Takes over the rows of the object's table. `env` holds the Worker's variables and secrets.
    #[wasm_bindgen(constructor)]
    pub fn new(
        object: WriterObject,
        env: JsValue,
        organization: String,
        workflow_id: String,
    ) -> Writer {
        let checked = serde_wasm_bindgen::from_value::<Variables>(env)
            .map_err(|_| variables::UNREADABLE.to_owned())
            .and_then(|variables| variables::check(variables, &parse_absolute));
        let (settings, credentials) =
            checked.unwrap_or_else(|problem| (Settings::misconfigured(problem), None));
        let runtime = ObjectRuntime {
            audit_trail: object.audit_trail().map(ObjectAuditTrail),
            rows: ObjectTable(object),
            caller: platform(&JsValue::UNDEFINED, &JsValue::UNDEFINED),
            ims: credentials.map(shared_ims),
        };
        let name = WorkflowName {
            organization,
            workflow_id,
        };
        Writer {
            writer: crate::writer::Writer::new(runtime, name, settings),
        }
    }

    /// Sends a command. Returns `{receipt}` or `{problem}`, with `isStored`, as JSON.
    pub async fn send(&self, order: JsValue, timeout_ms: u32) -> Result<String, JsValue> {
        let order = order_of(order)?;
        let reply = self.writer.send(&order, timeout_ms).await;
        json(&ReplyFields::from(&reply))
    }

    /// Queues a command. Returns `{entry}`, or `{problem}` with `isStored`, as JSON.
    pub async fn enqueue(&self, order: JsValue, delay_ms: f64) -> Result<String, JsValue> {
        let order = order_of(order)?;
        // The cast saturates.
        enqueue_reply(self.writer.enqueue(&order, delay_ms as u64).await)
    }

    /// Cancels a queued command. Returns its entry or null, as JSON.
    pub async fn cancel(&self, who: String, key: String, by: String) -> Result<String, JsValue> {
        let entry = self.writer.cancel(&who, &key, &by).await;
        json(&entry.map_err(failed)?)
    }

    /// Returns the entry of a command or null, as JSON.
    pub fn look(&self, who: String, key: String) -> Result<String, JsValue> {
        json(&self.writer.lookup(&who, &key).map_err(failed)?)
    }

    /// Returns the last commands, the newest first, as JSON.
    pub fn history(&self) -> Result<String, JsValue> {
        json(&self.writer.history().map_err(failed)?)
    }

    /// Returns the queued commands, the next one first, as JSON.
    pub fn waiting(&self) -> Result<String, JsValue> {
        json(&self.writer.waiting().map_err(failed)?)
    }

    /// Returns the dead commands, the newest first, as JSON.
    pub fn dead(&self) -> Result<String, JsValue> {
        json(&self.writer.dead().map_err(failed)?)
    }

    /// Returns the command with this number or null, as JSON.
    pub fn numbered(&self, number: f64) -> Result<String, JsValue> {
        json(
            &self
                .writer
                .command_by_number(number as u64)
                .map_err(failed)?,
        )
    }

    /// Sends a dead command again. Returns `{entry}` of the new command, or `{problem}` with `isStored`, as JSON.
    #[wasm_bindgen(js_name = sendAgain)]
    pub async fn send_again(&self, number: f64, by: String) -> Result<String, JsValue> {
        enqueue_reply(self.writer.send_again(number as u64, &by).await)
    }

    /// Dismisses a dead command. Returns its entry or null, as JSON.
    pub async fn dismiss(&self, number: f64, by: String) -> Result<String, JsValue> {
        let entry = self.writer.dismiss(number as u64, &by).await;
        json(&entry.map_err(failed)?)
    }

    /// Runs the alarm.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        self.writer.alarm().await.map_err(failed)
    }
}

fn order_of(order: JsValue) -> Result<CommandOrder, JsValue> {
    let fields: OrderFields = serde_wasm_bindgen::from_value(order)?;
    Ok(CommandOrder {
        key: fields.key,
        command: Command::parse(&fields.command)
            .ok_or_else(|| js_sys::TypeError::new("no command"))?,
        who: fields.who,
    })
}

fn enqueue_reply(result: Result<CommandEntry, CommandReply>) -> Result<String, JsValue> {
    #[derive(Serialize)]
    struct EnqueueReply {
        entry: CommandEntry,
    }
    match result {
        Ok(entry) => json(&EnqueueReply { entry }),
        Err(reply) => json(&ReplyFields::from(&reply)),
    }
}

fn json(value: &impl Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|_| js_sys::Error::new("no JSON").into())
}

fn failed(_: StoreError) -> JsValue {
    js_sys::Error::new("The workflow's store failed").into()
}

thread_local! {
    /// The token cache of the current credential, shared by all objects of an isolate.
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

/// The Durable Object as a runtime.
struct ObjectRuntime {
    rows: ObjectTable,
    audit_trail: Option<ObjectAuditTrail>,
    caller: JsPlatform,
    ims: Option<Rc<Ims>>,
}

impl CallRuntime for ObjectRuntime {
    type Platform = JsPlatform;

    fn platform(&self) -> &JsPlatform {
        &self.caller
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let ims = self.ims.as_ref().ok_or(TokenError)?;
        let token = TokenRuntime::default().token(ims, refresh).await;
        token.map_err(|_| TokenError)
    }
}

impl WriterRuntime for ObjectRuntime {
    type Table = ObjectTable;
    type AuditTrail = ObjectAuditTrail;

    fn audit_trail(&self) -> Option<&ObjectAuditTrail> {
        self.audit_trail.as_ref()
    }

    fn table(&self) -> &ObjectTable {
        &self.rows
    }

    fn clock_ms(&self) -> u64 {
        // The cast saturates.
        self.rows.0.now() as u64
    }

    async fn flush(&self) -> StoreResult<()> {
        let flushed = self.rows.0.flush().map_err(|_| StoreError)?;
        let flushed = PromiseFuture::new(&flushed).await;
        flushed.map(drop).map_err(|_| StoreError)
    }

    fn set_alarm(&self, at: u64) -> StoreResult<()> {
        self.rows.0.set_alarm(at as f64).map_err(|_| StoreError)
    }

    fn log(&self, line: &LogLine<'_>) {
        if let Ok(line) = line.serialize(&Serializer::json_compatible()) {
            // A failure to log changes nothing.
            let _ = self.rows.0.log(&line);
        }
    }
}
