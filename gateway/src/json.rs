//! JSON that keeps its text, so that the gateway forwards Campaign's numbers, order and spelling.

use std::fmt;

use campaign_workflow::platform::Json;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A valid JSON value as text.
#[derive(Clone, Debug)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// `None` if the text is not valid JSON.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The value as it was written.
    pub fn raw(&self) -> &RawValue {
        &self.0
    }

    fn member(&self, name: &str) -> Option<Box<RawValue>> {
        Members::of(&self.0)?.get(name)
    }
}

impl From<RawJson> for String {
    fn from(value: RawJson) -> Self {
        Self::from(value.0.get())
    }
}

impl Json for RawJson {
    fn is_object(&self) -> bool {
        self.0.get().starts_with('{')
    }

    fn string(&self, name: &str) -> Option<String> {
        string(&self.member(name)?)
    }

    fn number(&self, name: &str) -> Option<f64> {
        let member = self.member(name)?;
        let text = member.get();
        // Rust's parser also accepts words such as `inf`. A JSON number of any size is accepted.
        let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    }

    fn field(&self, name: &str) -> Option<Self> {
        self.member(name).map(Self)
    }

    fn is_true(&self, name: &str) -> bool {
        self.member(name)
            .is_some_and(|member| member.get() == "true")
    }
}

/// The value of a JSON string.
pub fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// The members of an object, in order. A name can occur more than once.
pub struct Members(pub Vec<(String, Box<RawValue>)>);

impl Members {
    /// `None` if the value is not an object.
    pub fn of(value: &RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    /// The last member with a name, as in JavaScript.
    fn get(self, name: &str) -> Option<Box<RawValue>> {
        let mut members = self.0.into_iter().rev();
        members.find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The members as a JSON object.
    pub fn to_object(&self) -> Option<Box<RawValue>> {
        to_raw_value(self).ok()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_as_javascript_does() {
        let parse = |text| RawJson::parse(text).unwrap();
        let value = parse(r#" {"a":"x","a":"y","n":-1e999,"t":true,"s":"\ud83d\ude00"} "#);
        assert!(value.is_object() && value.is_true("t") && !value.is_true("a"));
        assert_eq!(value.string("a").as_deref(), Some("y"));
        assert_eq!(value.string("s").as_deref(), Some("😀"));
        assert_eq!((value.string("n"), value.string("none")), (None, None));
        assert_eq!(value.number("n"), Some(f64::NEG_INFINITY));
        assert_eq!((value.number("a"), value.number("t")), (None, None));
        for other in ["[]", "1", "null", "\"{\""] {
            assert!(!parse(other).is_object(), "{other}");
        }
        for none in ["", "{", "{}x", "nul", "{'a':1}", "[1,]", "\u{feff}{}"] {
            assert!(RawJson::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn keeps_the_text_of_a_value() {
        let text = "{\"z\": 1.50, \"a\":[12345678901234567890123, \"\\ud800\"]}";
        assert_eq!(String::from(RawJson::parse(text).unwrap()), text);
        let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        assert_eq!(String::from(RawJson::parse(&deep).unwrap()), deep);
    }
}
