//! What an OAuth Server-to-Server credential holds. What is wrong is told by the field's name and never by its value.

use serde_json::{Value, json};

use crate::options::{Given, Problem};

const NAMES: [&str; 7] = [
    "clientId",
    "clientSecret",
    "scope",
    "tokenUrl",
    "timeoutMs",
    "fetch",
    "now",
];

/// Checks credentials that are given inside other options: `{"values": {…}, "functions": […]}`.
pub(crate) fn check(value: &Value) -> Result<(), Problem> {
    check_given(&Given::from_json(&json!(value).to_string()).map_err(|_| "clientId is required")?)
}

/// Checks credentials.
pub fn check_given(given: &Given) -> Result<(), Problem> {
    given.only(&NAMES)?;
    for name in ["clientId", "clientSecret"] {
        if !given.credential(name)? {
            return Err(format!("{name} is required"));
        }
    }
    let scope = given.value(
        "scope",
        "a text of visible ASCII, such as \"openid,AdobeID\"",
        |value| {
            let text = value.as_str()?;
            (!text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() || byte == b' '))
            .then_some(())
        },
    )?;
    scope.ok_or("scope is required")?;
    given.address("tokenUrl")?;
    given.number("timeoutMs", 1, 2_147_483_647)?;
    given.function("fetch")?;
    given.function("now")
}
