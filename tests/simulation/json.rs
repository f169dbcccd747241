//! JSON values of serde_json, for the platforms of the simulations, the properties and the fuzz
//! targets.

use campaign_workflow::platform::Json;
use serde_json::Value;

/// A parsed JSON value.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonValue(pub Value);

impl Json for JsonValue {
    fn is_object(&self) -> bool {
        self.0.is_object()
    }

    fn string(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(String::from)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    fn is_true(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    fn field(&self, name: &str) -> Option<Self> {
        self.0.get(name).cloned().map(Self)
    }
}
