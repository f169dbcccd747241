//! The workflows' objects, as JavaScript asks them.

use campaign_workflow::wasm::bindings as client;
use campaign_workflow::wasm::events::Settled;
use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;

use super::host::JsHost;
use crate::worker::{ObjectCall, ObjectLost, Objects};
use crate::writer::{Order, WorkflowName};

/// The objects, as JavaScript asks them.
pub struct JsObjects<'a>(pub &'a Function);

/// What is asked of an object, as it crosses.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallFields<'a> {
    organization: &'a str,
    workflow_id: &'a str,
    method: &'static str,
    order: Option<OrderFields<'a>>,
    /// A timeout or a delay, in milliseconds.
    ms: f64,
    who: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
struct OrderFields<'a> {
    key: &'a str,
    command: &'static str,
    who: &'a str,
}

impl<'a> From<&'a Order> for OrderFields<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            key: &order.key,
            command: order.command.as_str(),
            who: &order.who,
        }
    }
}

impl Objects for JsObjects<'_> {
    async fn ask(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost> {
        let none = CallFields {
            organization: &name.organization,
            workflow_id: &name.workflow_id,
            ..CallFields::default()
        };
        let fields = match call {
            ObjectCall::Send { order, timeout_ms } => CallFields {
                method: "send",
                order: Some(order.into()),
                ms: f64::from(timeout_ms),
                ..none
            },
            ObjectCall::Enqueue { order, delay_ms } => CallFields {
                method: "enqueue",
                order: Some(order.into()),
                ms: delay_ms as f64,
                ..none
            },
            ObjectCall::Cancel { who, key } => CallFields {
                method: "cancel",
                who,
                key,
                ..none
            },
            ObjectCall::Look { who, key } => CallFields {
                method: "look",
                who,
                key,
                ..none
            },
            ObjectCall::History => CallFields {
                method: "history",
                ..none
            },
        };
        let fields = fields.serialize(&Serializer::json_compatible());
        let asked = client::call1(self.0, &fields.map_err(|_| ObjectLost)?);
        let answer = Settled::new(&asked.map_err(|_| ObjectLost)?).await;
        answer
            .ok()
            .and_then(|text| text.as_string())
            .ok_or(ObjectLost)
    }
}

impl Objects for JsHost<'_> {
    async fn ask(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<String, ObjectLost> {
        let objects = self.objects.ok_or(ObjectLost)?;
        JsObjects(objects).ask(name, call).await
    }
}
