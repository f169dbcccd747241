//! The Worker's exports to JavaScript. They convert requests, calls to objects and messages, and decide nothing.

use std::rc::Rc;

use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::bindings::RequestProgress;
use super::log;
use super::objects::JsObjects;
use super::options::{Options, parse_absolute};
use super::response;
use super::runtime::{self, Functions, JsRuntime, TokenRuntime};
use super::writer::shared_ims;
use crate::ims::Ims;
use crate::worker;
use crate::worker::{Schedule, ScheduledOrder, handle, variables};
use crate::writer::problems;
use crate::writer::variables::UNREADABLE;

#[wasm_bindgen]
extern "C" {
    /// The functions of the Worker's user, and the function that calls an object.
    #[wasm_bindgen(extends = Options)]
    pub type WorkerOptions;
    #[wasm_bindgen(method, getter, js_name = callObject)]
    fn call_object(this: &WorkerOptions) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn limit(this: &WorkerOptions) -> JsValue;
}

/// The Worker.
#[wasm_bindgen]
pub struct Worker {
    /// The Worker and its schedule, or what is wrong with the variables.
    checked: Result<(worker::Worker, Schedule), String>,
    functions: Functions,
    call_object: Function,
    limit: Option<Function>,
    tokens: Option<(Rc<Ims>, TokenRuntime)>,
}

#[wasm_bindgen]
impl Worker {
    /// Never throws: an invalid variable is logged once and reported in every response.
    #[wasm_bindgen(constructor)]
    pub fn new(env: JsValue, options: WorkerOptions) -> Worker {
        let unreadable = |_| UNREADABLE.to_owned();
        let own = serde_wasm_bindgen::from_value(env.clone()).map_err(unreadable);
        let writer_variables = serde_wasm_bindgen::from_value(env).map_err(unreadable);
        let checked = own
            .and_then(|own| variables::check(own, writer_variables?, &parse_absolute))
            .map(|(worker, schedule, credentials)| ((worker, schedule), credentials));
        let (checked, credentials) = match checked {
            Ok((checked, credentials)) => (Ok(checked), credentials),
            Err(problem) => (Err(problem), None),
        };
        let functions = Functions::of(&options);
        if let Err(problem) = &checked {
            log::not_configured(&functions, problem);
        }
        Worker {
            checked,
            functions,
            call_object: options.call_object().unchecked_into(),
            limit: options.limit().dyn_into().ok(),
            tokens: credentials
                .map(|credentials| (shared_ims(credentials), TokenRuntime::default())),
        }
    }

    /// Responds to a request and writes its progress to `progress`.
    pub async fn fetch(
        &self,
        request: web_sys::Request,
        progress: RequestProgress,
    ) -> Result<web_sys::Response, JsValue> {
        let (worker, _) = match &self.checked {
            Ok(checked) => checked,
            Err(problem) => {
                let response = problems::not_configured(problem).response();
                return response::response(response.with_header("vary", "Origin"));
            }
        };
        let head = runtime::head(&request)?;
        let tokens = self.tokens.as_ref().map(|(ims, runtime)| (&**ims, runtime));
        let mut runtime = JsRuntime::new(&self.functions, tokens, request, head, progress);
        runtime.call_object = Some(&self.call_object);
        runtime.limit = self.limit.clone();
        response::reply(handle(worker, &runtime).await)
    }

    /// Runs a trigger of the schedule. Returns the commands whose object did not reply, for the queue.
    pub async fn scheduled(&self, cron: String, scheduled_ms: f64) -> Result<JsValue, JsValue> {
        let (worker, schedule) = self
            .checked
            .as_ref()
            .map_err(|problem| js_sys::Error::new(problem))?;
        let allowed = &worker.gateway.allow_list;
        let objects = JsObjects(&self.call_object);
        // The cast saturates.
        let lost = schedule
            .run(&objects, allowed, &cron, scheduled_ms as u64)
            .await;
        Ok(lost.serialize(&Serializer::json_compatible())?)
    }

    /// Handles a message of the queue. Returns whether it is done with.
    pub async fn deliver(&self, message: JsValue) -> bool {
        match serde_wasm_bindgen::from_value::<ScheduledOrder>(message) {
            Ok(order) => order.deliver(&JsObjects(&self.call_object)).await,
            // An unreadable message stays unreadable, however often it is delivered.
            Err(_) => true,
        }
    }
}
