//! Calls the workflows' objects through a JavaScript function.

use campaign_workflow::wasm::bindings as client;
use campaign_workflow::wasm::events::PromiseFuture;
use js_sys::Function;
use serde::Serialize;
use serde_json::{Value, json};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::runtime::JsRuntime;
use crate::worker::{ObjectCall, ObjectLost, Objects, WorkerRuntime};
use crate::writer::{CommandOrder, WorkflowName};

/// The JavaScript function that calls an object.
pub struct JsObjects<'a>(pub &'a Function);

/// The argument of that function.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallFields<'a> {
    organization: &'a str,
    workflow_id: &'a str,
    method: &'static str,
    /// The arguments of the method.
    values: Vec<Value>,
}

/// The method of the Durable Object, and its arguments.
fn method_of(name: &WorkflowName, call: ObjectCall<'_>) -> (&'static str, Vec<Value>) {
    let with_order = |order: &CommandOrder, ms: u64| {
        let name = json!({ "organization": name.organization, "workflowId": name.workflow_id });
        let command = order.command.as_str();
        let order = json!({ "key": order.key, "command": command, "who": order.who });
        vec![name, order, ms.into()]
    };
    match call {
        ObjectCall::Send { order, timeout_ms } => ("send", with_order(order, timeout_ms.into())),
        ObjectCall::Enqueue { order, delay_ms } => ("enqueue", with_order(order, delay_ms)),
        ObjectCall::Cancel { who, key, by } => ("cancel", vec![who.into(), key.into(), by.into()]),
        ObjectCall::Lookup { who, key } => ("look", vec![who.into(), key.into()]),
        ObjectCall::History => ("history", vec![]),
        ObjectCall::Waiting => ("waiting", vec![]),
        ObjectCall::Dead => ("dead", vec![]),
        ObjectCall::ByNumber(number) => ("numbered", vec![number.into()]),
        ObjectCall::SendAgain { number, by } => ("sendAgain", vec![number.into(), by.into()]),
        ObjectCall::Dismiss { number, by } => ("dismiss", vec![number.into(), by.into()]),
    }
}

impl Objects for JsObjects<'_> {
    async fn call(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost> {
        let (method, values) = method_of(name, call);
        let fields = CallFields {
            organization: &name.organization,
            workflow_id: &name.workflow_id,
            method,
            values,
        };
        let fields = fields.serialize(&Serializer::json_compatible());
        let requested = client::call1(self.0, &fields.map_err(|_| ObjectLost)?);
        let response = PromiseFuture::new(&requested.map_err(|_| ObjectLost)?).await;
        response
            .ok()
            .and_then(|text| text.as_string())
            .ok_or(ObjectLost)
    }
}

impl WorkerRuntime for JsRuntime<'_> {
    async fn is_within_limit(&self, caller: &str) -> bool {
        let Some(limit) = &self.limit else {
            return true;
        };
        // If the rate limiter fails, no caller is limited.
        match client::call1(limit, &JsValue::from_str(caller)) {
            Ok(counted) => PromiseFuture::new(&counted).await != Ok(JsValue::FALSE),
            Err(_) => true,
        }
    }
}

impl Objects for JsRuntime<'_> {
    async fn call(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost> {
        let call_object = self.call_object.ok_or(ObjectLost)?;
        JsObjects(call_object).call(name, call).await
    }
}
