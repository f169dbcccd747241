//! Options as they were given, of whatever type. What is wrong is told by the option's name and never by its value.

use std::fmt;

use campaign_workflow::address::Base;
use campaign_workflow::error::Problem as ClientProblem;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What is wrong with an option, by its name.
pub type OptionError = String;

/// Takes a URL apart as the platform does: what its parser makes of an absolute URL.
pub type ParseUrl<'a> = &'a dyn Fn(&str) -> Option<String>;

/// An option's value.
#[derive(Debug, Default)]
pub enum Field<T> {
    /// It was left out.
    #[default]
    Absent,
    /// It has the right type.
    Value(T),
    /// It has another type.
    Wrong,
}

impl<T> Field<T> {
    /// The value, if it is there and has the right type.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(T::deserialize(deserializer).map_or(Self::Wrong, Self::Value))
    }
}

/// Options, and what their types don't show.
#[derive(Debug, Default)]
pub struct RawOptions<V> {
    /// Those that are values, each by its name.
    pub values: V,
    /// The names of all that were given.
    pub names: Vec<String>,
    /// The names of those that are functions.
    pub functions: Vec<String>,
}

impl<V> RawOptions<V> {
    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|given| given == name)
    }

    /// Whether an option is a function.
    pub fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function == name)
    }

    /// Refuses every name but these.
    pub fn check_names(&self, known: &[&str]) -> Result<(), OptionError> {
        match self
            .names
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            Some(name) => Err(format!("{name} is no option")),
            None => Ok(()),
        }
    }

    /// An option that is a function, or was left out; which of them.
    pub fn check_function(&self, name: &str) -> Result<bool, OptionError> {
        let is_function = self.is_function(name);
        if self.has(name) && !is_function {
            return Err(format!("{name} must be a function"));
        }
        Ok(is_function)
    }
}

/// An option that may be left out; `what` it must be.
pub fn value<T, U>(
    name: &str,
    what: &str,
    field: Field<T>,
    read: impl FnOnce(T) -> Option<U>,
) -> Result<Option<U>, OptionError> {
    let value = match field {
        Field::Absent => return Ok(None),
        Field::Value(value) => read(value),
        Field::Wrong => None,
    };
    value
        .map(Some)
        .ok_or_else(|| format!("{name} must be {what}"))
}

/// A text that may be left out, checked by a rule of the client's.
pub fn text(
    name: &str,
    field: Field<String>,
    check: impl FnOnce(&str) -> Result<(), ClientProblem>,
) -> Result<Option<String>, OptionError> {
    let text = match field {
        Field::Absent => return Ok(None),
        Field::Value(text) => text,
        Field::Wrong => return Err(format!("{name} must be a string")),
    };
    match check(&text) {
        Ok(()) => Ok(Some(text)),
        Err(problem) => Err([name, " ", problem.as_str()].concat()),
    }
}

/// A whole number within bounds.
pub fn number(
    name: &str,
    field: Field<f64>,
    least: u32,
    most: u32,
) -> Result<Option<u32>, OptionError> {
    let what = format!("a whole number from {least} to {most}");
    value(name, &what, field, |number| {
        // The cast drops a fraction and saturates, so that only a whole number comes back.
        let whole = number as u32;
        let fits = f64::from(whole) == number && (least..=most).contains(&whole);
        fits.then_some(whole)
    })
}

/// An address that a credential may be sent to: as it was given, and as the client takes it.
pub fn address(
    name: &str,
    field: Field<String>,
    parse_url: ParseUrl<'_>,
) -> Result<Option<(String, Base)>, OptionError> {
    let given = match field {
        Field::Absent => return Ok(None),
        Field::Value(given) => given,
        Field::Wrong => return Err(format!("{name} must be an absolute URL")),
    };
    match Base::check(&given, parse_url(&given).as_deref()) {
        Ok(base) => Ok(Some((given, base))),
        Err(ClientProblem::UrlInvalid) => Err(format!("{name} must be an absolute URL")),
        Err(problem) => Err([name, " ", problem.as_str()].concat()),
    }
}

/// The `workflows` option: a list of ids, or an object with a list of words for each id.
#[derive(Debug)]
pub enum Workflows {
    /// Ids.
    List(Vec<String>),
    /// Ids with words.
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
