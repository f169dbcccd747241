//! Options as the caller passed them, of any type. An error names the invalid option and never its value.

use std::fmt;

use campaign_workflow::address::Base;
use campaign_workflow::error::Problem as ClientProblem;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What is wrong with an option, by its name.
pub type OptionError = String;

/// Parses an absolute URL as the platform does and returns its serialised form; `None` if it is invalid.
pub type ParseUrl<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The value of an option.
#[derive(Debug, Default)]
pub enum Field<T> {
    /// The option was omitted.
    #[default]
    Absent,
    /// The option has the right type.
    Value(T),
    /// The option has another type.
    WrongType,
}

impl<T> Field<T> {
    /// The value, if it is present and has the right type.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::WrongType => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(T::deserialize(deserializer).map_or(Self::WrongType, Self::Value))
    }
}

/// The options, with the facts that their types don't hold.
#[derive(Debug, Default)]
pub struct RawOptions<V> {
    /// The options that are values, by name.
    pub values: V,
    /// The names of all options that were passed.
    pub names: Vec<String>,
    /// The names of the options that are functions.
    pub functions: Vec<String>,
}

impl<V> RawOptions<V> {
    /// Whether an option was passed.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|given| given == name)
    }

    /// Whether an option is a function.
    pub fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function == name)
    }

    /// Refuses every name that is not known.
    pub fn check_names(&self, known: &[&str]) -> Result<(), OptionError> {
        match self
            .names
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            Some(name) => Err(format!("{name} is not an option")),
            None => Ok(()),
        }
    }

    /// Whether an option is a function. Refuses any other value, but the option may be omitted.
    pub fn check_function(&self, name: &str) -> Result<bool, OptionError> {
        let is_function = self.is_function(name);
        if self.has(name) && !is_function {
            return Err(format!("{name} must be a function"));
        }
        Ok(is_function)
    }
}

/// Reads an optional value. `what` says in an error what it must be.
pub fn value<T, U>(
    name: &str,
    what: &str,
    field: Field<T>,
    read: impl FnOnce(T) -> Option<U>,
) -> Result<Option<U>, OptionError> {
    let value = match field {
        Field::Absent => return Ok(None),
        Field::Value(value) => read(value),
        Field::WrongType => None,
    };
    value
        .map(Some)
        .ok_or_else(|| format!("{name} must be {what}"))
}

/// Reads an optional string and checks it by one of the client's rules.
pub fn text(
    name: &str,
    field: Field<String>,
    check: impl FnOnce(&str) -> Result<(), ClientProblem>,
) -> Result<Option<String>, OptionError> {
    let text = match field {
        Field::Absent => return Ok(None),
        Field::Value(text) => text,
        Field::WrongType => return Err(format!("{name} must be a string")),
    };
    match check(&text) {
        Ok(()) => Ok(Some(text)),
        Err(problem) => Err([name, " ", problem.as_str()].concat()),
    }
}

/// Reads an optional whole number from `least` to `most`.
pub fn number(
    name: &str,
    field: Field<f64>,
    least: u32,
    most: u32,
) -> Result<Option<u32>, OptionError> {
    let what = format!("a whole number from {least} to {most}");
    value(name, &what, field, |number| {
        // The cast drops a fraction and saturates, so only a whole number comes back unchanged.
        let whole = number as u32;
        let fits = f64::from(whole) == number && (least..=most).contains(&whole);
        fits.then_some(whole)
    })
}

/// Reads an optional address that a credential may be sent to, as the text that was passed and as the client's base.
pub fn address(
    name: &str,
    field: Field<String>,
    parse_url: ParseUrl<'_>,
) -> Result<Option<(String, Base)>, OptionError> {
    let given = match field {
        Field::Absent => return Ok(None),
        Field::Value(given) => given,
        Field::WrongType => return Err(format!("{name} must be an absolute URL")),
    };
    match Base::check(&given, parse_url(&given).as_deref()) {
        Ok(base) => Ok(Some((given, base))),
        Err(ClientProblem::UrlInvalid) => Err(format!("{name} must be an absolute URL")),
        Err(problem) => Err([name, " ", problem.as_str()].concat()),
    }
}

/// The `workflows` option: a list of ids, or an object with a list of operations for each id.
#[derive(Debug)]
pub enum Workflows {
    /// Ids.
    List(Vec<String>),
    /// Ids with the names of operations.
    ById(Vec<(String, Vec<String>)>),
}

impl<'de> Deserialize<'de> for Workflows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Workflows;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list or an object")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Workflows, A::Error> {
                let mut ids = Vec::new();
                while let Some(id) = list.next_element()? {
                    ids.push(id);
                }
                Ok(Workflows::List(ids))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Workflows, A::Error> {
                let mut ids = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    ids.push(entry);
                }
                Ok(Workflows::ById(ids))
            }
        }

        deserializer.deserialize_any(Collect)
    }
}
