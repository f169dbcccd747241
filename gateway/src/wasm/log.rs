//! Passes log entries to the user's function.

use campaign_workflow::wasm::events::PromiseFuture;
use js_sys::{Date, Function, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::bindings::{LogObject, OperationObject};
use super::runtime::{Functions, caller_of};
use crate::runtime::LogEntry;

/// Passes an entry to the user's function, if there is one. Its result and errors do not change the response.
pub fn write(functions: &Functions, entry: &LogEntry<'_>, requested: Option<&OperationObject>) {
    let serializer = Serializer::new().serialize_missing_as_null(true);
    let Ok(fields) = entry.serialize(&serializer) else {
        return;
    };
    let line = line();
    Object::assign(&line, fields.unchecked_ref());
    let caller = caller_of(requested);
    line.set_caller(&if caller.is_undefined() {
        JsValue::NULL
    } else {
        caller
    });
    call_log(functions, &line);
}

/// Logs that the Worker serves nothing, and which variable is invalid.
#[cfg(feature = "worker")]
pub fn not_configured(functions: &Functions, problem: &str) {
    let line = line();
    line.set_problem(problem);
    call_log(functions, &line);
}

fn line() -> LogObject {
    let line: LogObject = Object::new().unchecked_into();
    line.set_time(&Date::new_0().to_iso_string());
    line
}

fn call_log(functions: &Functions, line: &LogObject) {
    let Some(function) = functions.log.dyn_ref::<Function>() else {
        return;
    };
    if let Ok(returned) = function.call1(&JsValue::UNDEFINED, line) {
        // The promise is not awaited. Attaching handlers keeps a rejection from being reported as unhandled.
        drop(PromiseFuture::new(&returned));
    }
}
