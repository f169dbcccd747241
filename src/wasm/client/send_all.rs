//! Many commands: the source is a JavaScript iterator, and the consumer takes the results one by
//! one.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::super::bindings::{self, Fields, ParsedJson, ResultFields};
use super::super::events::PromiseFuture;
use super::super::platform::JsPlatform;
use super::super::{request, result};
use super::{
    ClientFields, invalid_argument, optional, optional_function, promise, with_stop_signal,
};
use crate::error::{Code, Error, Field, FieldError, Problem};
use crate::send_all::{
    self, BulkCommand, BulkOptions, BulkResult, BulkSummary, INVALID_CONCURRENCY, INVALID_RATE,
    Results, SendAllError, Source,
};

#[wasm_bindgen]
extern "C" {
    /// The fields of `sendAll`.
    #[wasm_bindgen(extends = ClientFields)]
    type SendAllFields;
    #[wasm_bindgen(method, getter)]
    fn commands(this: &SendAllFields) -> JsValue;
    /// The method of `commands` that returns an iterator.
    #[wasm_bindgen(method, getter)]
    fn iterate(this: &SendAllFields) -> JsValue;
    /// Whether that is an async iterator.
    #[wasm_bindgen(method, getter, js_name = isAsync)]
    fn is_async(this: &SendAllFields) -> bool;
    #[wasm_bindgen(method, getter)]
    fn concurrency(this: &SendAllFields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = perSecond)]
    fn per_second(this: &SendAllFields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onProgress)]
    fn on_progress(this: &SendAllFields) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = stopOnError)]
    fn stop_on_error(this: &SendAllFields) -> JsValue;
    /// Always holds the worst-case summary, which becomes final if the module traps.
    #[wasm_bindgen(method, getter)]
    fn summary(this: &SendAllFields) -> Summary;

    /// The counts of a summary.
    #[wasm_bindgen(extends = Object)]
    type Summary;
    #[wasm_bindgen(method, setter)]
    fn set_accepted(this: &Summary, count: u32);
    #[wasm_bindgen(method, setter, js_name = notExecuted)]
    fn set_not_executed(this: &Summary, count: u32);
    #[wasm_bindgen(method, setter)]
    fn set_unknown(this: &Summary, count: u32);

    /// The caller's iterator.
    type SourceIterator;
    #[wasm_bindgen(method, catch)]
    fn next(this: &SourceIterator) -> Result<IteratorResult, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = return)]
    fn return_method(this: &SourceIterator) -> Result<JsValue, JsValue>;

    /// The value that the iterator returns.
    type IteratorResult;
    #[wasm_bindgen(method, catch, getter)]
    fn done(this: &IteratorResult) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn value(this: &IteratorResult) -> Result<Element, JsValue>;

    /// An item of the caller's source.
    type Element;
    #[wasm_bindgen(method, catch, getter, js_name = workflowId)]
    fn workflow_id(this: &Element) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn command(this: &Element) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = idempotencyKey)]
    fn idempotency_key(this: &Element) -> Result<JsValue, JsValue>;

    /// The result of one command.
    #[wasm_bindgen(extends = ResultFields)]
    type CommandResult;
    #[wasm_bindgen(method, setter)]
    fn set_index(this: &CommandResult, index: f64);
    #[wasm_bindgen(method, setter)]
    fn set_receipt(this: &CommandResult, receipt: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_error(this: &CommandResult, error: &JsValue);
}

/// The fields of an item, read once.
#[derive(Default)]
struct Item {
    workflow_id: JsValue,
    command: JsValue,
    idempotency_key: JsValue,
    is_unreadable: bool,
}

impl Item {
    fn read(element: &Element) -> Self {
        if element.is_undefined() || element.is_null() {
            return Self::default();
        }
        let read = || {
            Ok::<_, JsValue>(Self {
                workflow_id: element.workflow_id()?,
                command: element.command()?,
                idempotency_key: element.idempotency_key()?,
                is_unreadable: false,
            })
        };
        read().unwrap_or_else(|_| Self {
            is_unreadable: true,
            ..Self::default()
        })
    }

    fn parse(&self) -> Result<BulkCommand, FieldError> {
        let key = request::optional_string(Field::IdempotencyKey, &self.idempotency_key);
        Ok(BulkCommand {
            command: request::parse_command(&self.command)?,
            workflow_id: request::required_string(Field::WorkflowId, &self.workflow_id)?,
            idempotency_key: key?,
        })
    }
}

/// The caller's iterator and progress function.
struct Commands {
    iterator: SourceIterator,
    is_async: bool,
    on_progress: Option<Function>,
    worst_case_summary: Summary,
    last_noted: Cell<BulkSummary>,
}

impl Source for Commands {
    type Item = Item;
    type Failure = JsValue;

    async fn next(&self) -> Result<Option<Item>, JsValue> {
        let mut step = self.iterator.next()?;
        if self.is_async {
            step = PromiseFuture::new(&step).await?.unchecked_into();
        }
        if step.done()?.is_truthy() {
            return Ok(None);
        }
        Ok(Some(Item::read(&step.value()?)))
    }

    fn command(&self, item: &Item) -> Result<BulkCommand, Error> {
        if item.is_unreadable {
            let message = "request has a field that can't be read";
            return Err(Error::not_sent(Code::InvalidArgument, message));
        }
        Ok(item.parse()?)
    }

    async fn close(&self) -> Result<(), JsValue> {
        let method = self.iterator.return_method()?;
        if !method.is_undefined() && !method.is_null() {
            let returned = method.unchecked_ref::<Function>().call0(&self.iterator)?;
            PromiseFuture::new(&returned).await?;
        }
        Ok(())
    }

    fn on_progress(&self, summary: BulkSummary) -> Result<(), JsValue> {
        if let Some(function) = &self.on_progress {
            let counts: Summary = Object::new().unchecked_into();
            write(&counts, summary);
            bindings::call1(function, &counts)?;
        }
        Ok(())
    }

    fn note_worst_case_summary(&self, summary: BulkSummary) {
        if self.last_noted.replace(summary) != summary {
            write(&self.worst_case_summary, summary);
        }
    }
}

fn write(counts: &Summary, summary: BulkSummary) {
    counts.set_accepted(summary.accepted);
    counts.set_not_executed(summary.not_executed);
    counts.set_unknown(summary.unknown);
}

/// A running `sendAll`.
#[wasm_bindgen]
pub struct SendAll {
    results: Rc<Results<Item, ParsedJson, JsValue>>,
    caller: Rc<JsPlatform>,
}

/// Starts `sendAll` of the package; `client.d.ts` documents it.
#[wasm_bindgen(js_name = sendAll)]
pub fn send_all(fields: JsValue) -> Promise {
    promise(async move { Ok(start(&fields.unchecked_into())?.into()) })
}

fn start(fields: &SendAllFields) -> Result<SendAll, JsValue> {
    let iterate = fields.iterate();
    if !iterate.is_function() {
        return Err(invalid_argument(
            "commands",
            "must be iterable or async iterable",
        ));
    }
    let options = options(fields)?;
    let on_progress = optional_function("onProgress", fields.on_progress())?;
    let (request, caller) = request::request(fields, String::new())?;
    let caller = with_stop_signal(caller, fields);
    send_all::check(&caller, &request, &options)
        .map_err(|error| result::error_with_cause(error, &JsValue::UNDEFINED))?;
    let iterator = iterate
        .unchecked_ref::<Function>()
        .call0(&fields.commands())?;
    let source = Commands {
        iterator: iterator.unchecked_into(),
        is_async: fields.is_async(),
        on_progress,
        worst_case_summary: fields.summary(),
        last_noted: Cell::default(),
    };
    let results = Rc::new(Results::default());
    let caller = Rc::new(caller);
    let sending = SendAll {
        results: Rc::clone(&results),
        caller: Rc::clone(&caller),
    };
    spawn_local(async move {
        send_all::send_all(&*caller, &request, &options, &source, &results).await;
    });
    Ok(sending)
}

#[wasm_bindgen]
impl SendAll {
    /// Resolves to the next result, or to `undefined` after the last one.
    pub fn next(&self) -> Promise {
        let (results, caller) = (Rc::clone(&self.results), Rc::clone(&self.caller));
        promise(async move {
            match results.next().await {
                Ok(Some(result)) => Ok(to_js(result, &caller)),
                Ok(None) => Ok(JsValue::UNDEFINED),
                Err(error) => Err(to_js_error(error)),
            }
        })
    }

    /// Resolves when every command has ended, even if the results are not taken.
    pub fn finished(&self) -> Promise {
        let results = Rc::clone(&self.results);
        promise(async move {
            results.finished().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Stops the run early. Resolves when it has ended.
    pub fn close(self) -> Promise {
        promise(async move {
            self.results.close().await.map_err(to_js_error)?;
            Ok(JsValue::UNDEFINED)
        })
    }
}

fn options(fields: &SendAllFields) -> Result<BulkOptions, JsValue> {
    let concurrency = optional(&fields.concurrency(), request::whole_number)
        .ok_or_else(|| invalid_argument("concurrency", INVALID_CONCURRENCY))?;
    let per_second = optional(&fields.per_second(), JsValue::as_f64)
        .ok_or_else(|| invalid_argument("perSecond", INVALID_RATE))?;
    let stop_on_error = optional(&fields.stop_on_error(), JsValue::as_bool)
        .ok_or_else(|| invalid_argument("stopOnError", Problem::NotBoolean.as_str()))?;
    let default = BulkOptions::default();
    Ok(BulkOptions {
        concurrency: concurrency.unwrap_or(default.concurrency),
        per_second: per_second.or(default.per_second),
        stop_on_error: stop_on_error.unwrap_or(default.stop_on_error),
    })
}

fn to_js(ended: BulkResult<Item, ParsedJson>, caller: &JsPlatform) -> JsValue {
    let result: CommandResult = result::new_object().unchecked_into();
    result.set_index(ended.index as f64);
    result.set_workflow_id(&ended.item.workflow_id);
    result.set_command(&ended.item.command);
    match ended.result {
        Ok(receipt) => {
            let fields: &Fields = result.unchecked_ref();
            result.set_receipt(&result::receipt(receipt, fields));
        }
        Err(error) => result.set_error(&result::error(error, caller)),
    }
    result.into()
}

fn to_js_error(error: SendAllError<JsValue>) -> JsValue {
    match error {
        SendAllError::Refused(error) => result::error_with_cause(*error, &JsValue::UNDEFINED),
        SendAllError::Source(thrown) => thrown,
    }
}
