//! The options of a gateway, checked. What is wrong is told by the option's name and never by its value.

use serde_json::{Map, Value};

use crate::allow::{Allowed, Commands};
use crate::command::Command;
use crate::cors::{self, Origins};
use crate::credentials;
use crate::endpoint::Endpoint;
use crate::gateway::Gateway;
use crate::route;

/// The biggest delay that platforms' timers take.
const LONGEST_MS: u64 = 2_147_483_647;

/// More is no command.
const MOST_BODY_BYTES: u64 = 1024 * 1024;

/// What is wrong with an option.
pub type Problem = String;

/// Options that crossed from another language: the values, and beside them the names of those that are functions.
pub struct Given {
    pub(crate) values: Map<String, Value>,
    functions: Vec<String>,
}

const NAMES: [&str; 15] = [
    "organization",
    "apiKey",
    "accessToken",
    "credentials",
    "authorize",
    "workflows",
    "allowedOrigins",
    "basePath",
    "maxBodyBytes",
    "timeoutMs",
    "attemptTimeoutMs",
    "maxRetries",
    "baseUrl",
    "fetch",
    "send",
];

impl Given {
    /// Takes `{"values": {…}, "functions": […]}`; addresses come taken apart.
    pub fn from_json(json: &str) -> Result<Given, Problem> {
        let parsed: Option<Value> = serde_json::from_str(json).ok();
        let values = parsed
            .as_ref()
            .and_then(|given| given.get("values")?.as_object().cloned());
        let functions = parsed
            .as_ref()
            .and_then(|given| strings(given.get("functions")?));
        Ok(Given {
            values: values.ok_or("options must be an object")?,
            functions: functions.unwrap_or_default(),
        })
    }

    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let names = self.values.keys().chain(&self.functions);
        match names
            .into_iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            Some(name) => Err(format!("{name} is no option")),
            None => Ok(()),
        }
    }

    pub(crate) fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function == name)
    }

    fn has(&self, name: &str) -> bool {
        self.is_function(name) || self.values.contains_key(name)
    }

    /// One that may be left out, and is a function.
    pub(crate) fn function(&self, name: &str) -> Result<(), Problem> {
        match self.values.get(name) {
            Some(_) => Err(format!("{name} must be a function")),
            None => Ok(()),
        }
    }

    /// One that may be left out, and is a value.
    pub(crate) fn value<T>(
        &self,
        name: &str,
        what: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let wrong = || format!("{name} must be {what}");
        if self.is_function(name) {
            return Err(wrong());
        }
        let value = self.values.get(name);
        value.map(|value| read(value).ok_or_else(wrong)).transpose()
    }

    pub(crate) fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
        let what = format!("a whole number from {least} to {most}");
        self.value(name, &what, |value| {
            // A float that is whole counts: JavaScript has no other numbers.
            let number = value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && *number >= 0.0)?
                as u64;
            (least..=most).contains(&number).then_some(number)
        })
    }

    pub(crate) fn address(&self, name: &str) -> Result<(), Problem> {
        let parts = self.value(name, "an absolute URL", |value| {
            serde_json::from_value::<Endpoint>(value.clone()).ok()
        })?;
        match parts.and_then(|parts| parts.problem()) {
            Some(problem) => Err(format!("{name} {problem}")),
            None => Ok(()),
        }
    }

    pub(crate) fn credential(&self, name: &str) -> Result<bool, Problem> {
        let found = self.value(name, "visible ASCII without spaces", |value| {
            let text = value.as_str()?;
            (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(())
        })?;
        Ok(found.is_some())
    }
}

impl Gateway {
    /// Checks all options.
    pub fn new(given: &Given) -> Result<Gateway, Problem> {
        given.only(&NAMES)?;
        given.function("authorize")?;
        if !given.is_function("authorize") {
            return Err("authorize is required: a function that says true for a caller who may send the command".to_owned());
        }
        given.function("fetch")?;
        given.function("send")?;
        sender(given)?;
        given.address("baseUrl")?;
        given.number("timeoutMs", 1, LONGEST_MS)?;
        given.number("attemptTimeoutMs", 1, LONGEST_MS)?;
        given.number("maxRetries", 0, 10)?;
        let organization = given.value(
            "organization",
            "one path segment: not empty, without control characters",
            |value| {
                value
                    .as_str()
                    .filter(|text| route::is_segment(text))
                    .map(str::to_owned)
            },
        )?;
        let base_path = given.value(
            "basePath",
            "empty, or a path such as \"/api\", percent-encoded, without a slash at its end",
            |value| {
                value
                    .as_str()
                    .filter(|text| route::is_base_path(text))
                    .map(str::to_owned)
            },
        )?;
        let origins = given.value(
            "allowedOrigins",
            "a list of origins such as \"https://app.example\": lower case, no path, no default port, no \"*\"",
            |value| strings(value).filter(|origins| origins.iter().all(|origin| cors::is_origin(origin))),
        )?;
        let workflows = given.value(
            "workflows",
            "a list of ids, or an object with a list of commands for each id",
            workflows,
        )?;
        let max_body_bytes = given
            .number("maxBodyBytes", 1, MOST_BODY_BYTES)?
            .unwrap_or(4096);
        Ok(Gateway {
            base_path: base_path.unwrap_or_default(),
            origins: Origins(origins.unwrap_or_default()),
            allowed: Allowed {
                organization: organization.ok_or("organization is required")?,
                workflows,
            },
            max_body_bytes: max_body_bytes as usize,
            passes_keys: given.is_function("send"),
        })
    }
}

/// Whatever sends needs its credentials, one way; `send` brings its own.
fn sender(given: &Given) -> Result<(), Problem> {
    let api_key = given.credential("apiKey")?;
    let text = given.values.get("accessToken").and_then(Value::as_str);
    if text.is_some_and(has_scheme) {
        return Err("accessToken must be the token alone, without \"Bearer \"".to_owned());
    }
    let token = given.is_function("accessToken") || given.credential("accessToken")?;
    if given.is_function("credentials") {
        return Err("credentials must be an object".to_owned());
    }
    let credentials = given.values.get("credentials");
    if let Some(credentials) = credentials {
        credentials::check(credentials).map_err(|problem| format!("credentials.{problem}"))?;
    }
    if given.is_function("send") {
        let unused = [
            "apiKey",
            "accessToken",
            "credentials",
            "baseUrl",
            "fetch",
            "attemptTimeoutMs",
            "maxRetries",
        ];
        return match unused.into_iter().find(|name| given.has(name)) {
            Some(name) => Err(format!(
                "{name} has no use beside send, which sends by itself"
            )),
            None => Ok(()),
        };
    }
    match (token, credentials.is_some()) {
        (true, true) => Err("accessToken and credentials exclude each other".to_owned()),
        (false, false) => Err("credentials, or accessToken, is required".to_owned()),
        (true, false) if !api_key => Err("apiKey is required beside accessToken".to_owned()),
        _ => Ok(()),
    }
}

/// Whether a token comes with `Bearer `, which the client writes before it. The client refuses the same texts.
fn has_scheme(token: &str) -> bool {
    token
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("bearer "))
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let texts = value
        .as_array()?
        .iter()
        .map(|text| text.as_str().map(str::to_owned));
    texts.collect()
}

fn workflows(value: &Value) -> Option<Vec<(String, Commands)>> {
    let listed = match value {
        Value::Array(_) => strings(value)?
            .into_iter()
            .map(|id| Some((id, Commands::All)))
            .collect(),
        Value::Object(of) => of
            .iter()
            .map(|(id, commands)| {
                let commands: Option<Vec<Command>> = strings(commands)?
                    .iter()
                    .map(|word| Command::of(word))
                    .collect();
                Some((id.clone(), Commands::Only(commands?)))
            })
            .collect(),
        _ => None,
    };
    listed.filter(|listed: &Vec<(String, Commands)>| {
        listed.iter().all(|(id, _)| route::is_segment(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(change: Value) -> Result<Gateway, Problem> {
        let mut values =
            json!({"organization": "acme", "apiKey": "a-key", "accessToken": "a-token"});
        let mut functions = vec!["authorize".to_owned()];
        for (name, value) in change.as_object().unwrap() {
            let values = values.as_object_mut().unwrap();
            values.remove(name);
            functions.retain(|function| function != name);
            if *value == json!("<function>") {
                functions.push(name.clone());
            } else if *value != json!("<none>") {
                values.insert(name.clone(), value.clone());
            }
        }
        let json = json!({"values": values, "functions": functions}).to_string();
        Given::from_json(&json).and_then(|given| Gateway::new(&given))
    }

    #[test]
    fn the_defaults_are_what_the_declarations_say() {
        let gateway = check(json!({})).unwrap();
        assert_eq!(
            (gateway.base_path.as_str(), gateway.max_body_bytes),
            ("", 4096)
        );
        assert!(gateway.allowed.workflows.is_none() && gateway.origins.0.is_empty());
    }

    #[test]
    fn every_bad_option_is_named_and_none_is_shown() {
        let secret = "s3cr3t value";
        for name in NAMES {
            for bad in [
                json!(null),
                json!(true),
                json!(-1),
                json!(secret),
                json!([1]),
                json!({"a": secret}),
                json!("<function>"),
            ] {
                let fits = bad == json!("<function>")
                    && ["authorize", "fetch", "send", "accessToken"].contains(&name)
                    || bad == json!(secret) && name == "organization";
                if fits {
                    continue;
                }
                let Err(problem) = check(json!({ name: bad })) else {
                    panic!("{name}: {bad}");
                };
                assert!(problem.starts_with(name), "{problem}");
                assert!(!problem.contains(secret), "{problem}");
            }
        }
        assert!(check(json!({"typo": 1})).is_err());
    }

    #[test]
    fn authorize_has_no_default() {
        assert!(
            check(json!({"authorize": "<none>"}))
                .unwrap_err()
                .starts_with("authorize is required")
        );
    }

    #[test]
    fn credentials_come_one_way() {
        let credentials = json!({"clientId": "id", "clientSecret": "secret", "scope": "openid"});
        let credentials = json!({"values": credentials, "functions": []});
        assert!(
            check(json!({"accessToken": "<none>", "apiKey": "<none>", "credentials": credentials}))
                .is_ok()
        );
        assert!(check(json!({"accessToken": "<function>"})).is_ok());
        assert!(check(json!({"accessToken": "<none>"})).is_err());
        assert!(check(json!({"apiKey": "<none>"})).is_err());
        assert!(check(json!({"credentials": credentials})).is_err());
        assert!(check(json!({"send": "<function>"})).is_err());
        let own = json!({"send": "<function>", "accessToken": "<none>", "apiKey": "<none>"});
        assert!(check(own).is_ok());
    }

    #[test]
    fn a_token_is_what_the_client_takes() {
        for bearer in ["Bearer x", "bearer x", "BEARER "] {
            let problem = check(json!({ "accessToken": bearer })).unwrap_err();
            assert!(problem.contains("without \"Bearer \""), "{problem}");
        }
        for good in ["bearerx", "Bearer", "bearer-token", "!~"] {
            assert!(check(json!({ "accessToken": good })).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "bearer\tx",
            "xBearer y",
            "\u{e9}",
            "\u{e9}\u{e9}\u{e9}bearer ",
        ] {
            assert!(check(json!({ "accessToken": bad })).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_of_workflows_is_exact() {
        assert!(check(json!({"workflows": ["WKF1", "@pkey"]})).is_ok());
        assert!(check(json!({"workflows": {"WKF1": ["start", "stop"], "WKF2": []}})).is_ok());
        for bad in [
            json!("WKF1"),
            json!([""]),
            json!(["a", 1]),
            json!({"WKF1": "start"}),
            json!({"WKF1": ["restart"]}),
            json!({"": ["start"]}),
        ] {
            assert!(check(json!({ "workflows": bad })).is_err());
        }
    }
}
