//! Checks the options of a gateway. An error names the invalid option and never its value.

use campaign_workflow::address::{self, Base};
use campaign_workflow::{AccessToken, header};
use serde::Deserialize;

use crate::allow_list::{AllowList, Operations};
use crate::campaign::{Campaign, DEFAULT_ATTEMPT_TIMEOUT_MS};
use crate::cors::{self, Origins};
use crate::credentials::{self, CredentialValues};
use crate::gateway::{DEFAULT_MAX_BODY_BYTES, DEFAULT_TIMEOUT_MS, Gateway};
use crate::ims::Credentials;
use crate::operation::Operation;
use crate::raw_options::{
    self, Field, OptionError, ParseUrl, RawOptions, Workflows, number, text, value,
};
use crate::route;

/// The longest delay that the platforms' timers accept, in milliseconds.
pub(crate) const MAX_TIMER_MS: u32 = i32::MAX as u32;

/// The upper bound of `maxBodyBytes`, far above any command.
const MAX_BODY_BYTES: u32 = 1024 * 1024;

const OPTION_NAMES: [&str; 16] = [
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
    "log",
];

/// The options that need credentials for Campaign.
const CAMPAIGN_OPTIONS: [&str; 5] = [
    "apiKey",
    "baseUrl",
    "fetch",
    "attemptTimeoutMs",
    "maxRetries",
];

/// The options that are values.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs)] // They are documented in gateway.d.ts, for users.
pub struct OptionValues {
    pub organization: Field<String>,
    pub api_key: Field<String>,
    pub access_token: Field<String>,
    pub workflows: Field<Workflows>,
    pub allowed_origins: Field<Vec<String>>,
    pub base_path: Field<String>,
    pub max_body_bytes: Field<f64>,
    pub timeout_ms: Field<f64>,
    pub attempt_timeout_ms: Field<f64>,
    pub max_retries: Field<f64>,
    pub base_url: Field<String>,
}

/// Checks all options. `credentials` holds the fields of that option, if it is an object.
///
/// # Errors
///
/// The name of the invalid option, and what it must be.
pub fn check(
    raw: RawOptions<OptionValues>,
    credentials: Option<RawOptions<CredentialValues>>,
    parse_url: ParseUrl<'_>,
) -> Result<(Gateway, Option<Credentials>), OptionError> {
    raw.check_names(&OPTION_NAMES)?;
    if !raw.check_function("authorize")? {
        return Err("authorize is required: a function that returns true if the caller may do the operation".to_owned());
    }
    raw.check_function("fetch")?;
    raw.check_function("log")?;
    let has_custom_send = raw.check_function("send")?;
    if raw.has("credentials") && credentials.is_none() {
        return Err("credentials must be an object".to_owned());
    }
    let credentials = credentials
        .map(|raw| credentials::check(raw, parse_url))
        .transpose();
    let credentials = credentials.map_err(|problem| format!("credentials.{problem}"))?;
    let unused = CAMPAIGN_OPTIONS.into_iter().find(|name| raw.has(name));
    let has_token_function = raw.is_function("accessToken");
    let values = raw.values;

    let token = if has_token_function {
        Some(AccessToken::Function)
    } else {
        text("accessToken", values.access_token, header::check_credential)?.map(AccessToken::Fixed)
    };
    let api_key = text("apiKey", values.api_key, header::check_credential)?;
    let base = raw_options::address("baseUrl", values.base_url, parse_url)?;
    let attempt_timeout_ms = number(
        "attemptTimeoutMs",
        values.attempt_timeout_ms,
        1,
        MAX_TIMER_MS,
    )?
    .unwrap_or(DEFAULT_ATTEMPT_TIMEOUT_MS);
    let max_retries = number("maxRetries", values.max_retries, 0, 10)?.unwrap_or(0);
    let client_id = credentials
        .as_ref()
        .map(|credentials| credentials.client_id.clone());
    let access_token = match (token, &credentials) {
        (Some(_), Some(_)) => {
            return Err("accessToken and credentials exclude each other".to_owned());
        }
        (Some(token), None) => Some(token),
        (None, Some(_)) => Some(AccessToken::Function),
        (None, None) => None,
    };
    let campaign = match access_token {
        Some(access_token) => {
            let (base_url, base) =
                base.map_or((None, Base::adobe()), |(url, base)| (Some(url), base));
            Some(Campaign {
                base,
                base_url,
                access_token,
                api_key: api_key
                    .or(client_id)
                    .ok_or("apiKey is required with accessToken")?,
                attempt_timeout_ms,
                max_retries,
            })
        }
        None if !has_custom_send => {
            return Err("credentials or accessToken is required".to_owned());
        }
        None => match unused {
            Some(name) => {
                return Err(format!(
                    "{name} has no effect with send alone: it needs credentials or accessToken, for reads and signals"
                ));
            }
            None => None,
        },
    };
    let gateway = Gateway {
        base_path: value(
            "basePath",
            "empty, or a path such as \"/api\", percent-encoded, without a slash at its end",
            values.base_path,
            |path| Some(path).filter(|path| route::is_base_path(path)),
        )?
        .unwrap_or_default(),
        origins: Origins {
            listed: origins("allowedOrigins", values.allowed_origins)?,
            includes_own_origin: false,
        },
        allow_list: AllowList {
            organization: text("organization", values.organization, address::check_segment)?
                .ok_or("organization is required")?,
            workflows: workflows("workflows", values.workflows)?,
        },
        max_body_bytes: number("maxBodyBytes", values.max_body_bytes, 1, MAX_BODY_BYTES)?
            .unwrap_or(DEFAULT_MAX_BODY_BYTES) as usize,
        timeout_ms: number("timeoutMs", values.timeout_ms, 1, MAX_TIMER_MS)?
            .unwrap_or(DEFAULT_TIMEOUT_MS),
        has_custom_send,
        campaign,
    };
    Ok((gateway, credentials))
}

/// Reads a list of origins; empty if it is omitted.
pub(crate) fn origins(name: &str, field: Field<Vec<String>>) -> Result<Vec<String>, OptionError> {
    let what = "a list of origins such as \"https://app.example\": lower case, no path, no default port, no \"*\"";
    let origins = value(name, what, field, |origins| {
        let is_valid = origins.iter().all(|origin| cors::is_origin(origin));
        is_valid.then_some(origins)
    })?;
    Ok(origins.unwrap_or_default())
}

/// Reads a list of workflows; `None` if it is omitted.
pub(crate) fn workflows(
    name: &str,
    field: Field<Workflows>,
) -> Result<Option<Vec<(String, Operations)>>, OptionError> {
    let what = "a list of ids, or an object with a list for each id, of start, pause, resume, stop, read and signal";
    value(name, what, field, listed_workflows)
}

fn listed_workflows(raw: Workflows) -> Option<Vec<(String, Operations)>> {
    let operations = |words: Vec<String>| {
        let operations = words.iter().map(|word| Operation::parse(word));
        Some(Operations::Only(operations.collect::<Option<_>>()?))
    };
    let listed: Vec<(String, Operations)> = match raw {
        Workflows::List(ids) => ids.into_iter().map(|id| (id, Operations::All)).collect(),
        Workflows::ById(ids) => ids
            .into_iter()
            .map(|(id, words)| Some((id, operations(words)?)))
            .collect::<Option<_>>()?,
    };
    let is_id = |(id, _): &(String, Operations)| address::check_segment(id).is_ok();
    listed.iter().all(is_id).then_some(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Options as JavaScript passes them; `"<function>"` stands for a function.
    fn raw<V: for<'de> Deserialize<'de>>(object: &Value) -> RawOptions<V> {
        let object = object.as_object().unwrap();
        let is_function = |name: &&String| object[*name] == "<function>";
        let mut values = object.clone();
        for value in values.values_mut().filter(|value| *value == "<function>") {
            *value = json!(null);
        }
        RawOptions {
            values: serde_json::from_value(json!(values)).unwrap(),
            names: object.keys().cloned().collect(),
            functions: object.keys().filter(is_function).cloned().collect(),
        }
    }

    fn parse_url(url: &str) -> Option<String> {
        url.contains("://").then(|| [url, "/"].concat())
    }

    fn check_all(options: &Value) -> Result<(Gateway, Option<Credentials>), OptionError> {
        let credentials = options.get("credentials").filter(|value| value.is_object());
        super::check(raw(options), credentials.map(raw), &parse_url)
    }

    /// Checks the minimal valid options with a change.
    fn check(change: Value) -> Result<Gateway, OptionError> {
        let mut options = json!({
            "organization": "acme", "apiKey": "a-key", "accessToken": "a-token", "authorize": "<function>",
        });
        let options_of = options.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            options_of.remove(name);
            if *value != json!("<none>") {
                options_of.insert(name.clone(), value.clone());
            }
        }
        check_all(&options).map(|(gateway, _)| gateway)
    }

    #[test]
    fn has_the_documented_defaults() {
        let gateway = check(json!({})).unwrap();
        assert_eq!(
            (gateway.base_path.as_str(), gateway.max_body_bytes),
            ("", 4096)
        );
        assert!(gateway.allow_list.workflows.is_none() && gateway.origins.listed.is_empty());
        let campaign = gateway.campaign.unwrap();
        assert_eq!(gateway.timeout_ms, 25_000);
        assert_eq!(
            (campaign.attempt_timeout_ms, campaign.max_retries),
            (10_000, 0)
        );
    }

    #[test]
    fn names_an_invalid_option_without_its_value() {
        let secret = "s3cr3t value";
        for name in OPTION_NAMES {
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
                    && ["authorize", "fetch", "send", "log", "accessToken"].contains(&name)
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
    fn requires_authorize() {
        assert!(
            check(json!({"authorize": "<none>"}))
                .err()
                .unwrap()
                .starts_with("authorize is required")
        );
    }

    #[test]
    fn accepts_either_a_token_or_credentials() {
        let credentials = json!({"clientId": "id", "clientSecret": "secret", "scope": "openid"});
        assert!(
            check(json!({"accessToken": "<none>", "apiKey": "<none>", "credentials": credentials}))
                .is_ok()
        );
        assert!(check(json!({"accessToken": "<function>"})).is_ok());
        assert!(check(json!({"accessToken": "<none>"})).is_err());
        assert!(check(json!({"apiKey": "<none>"})).is_err());
        assert!(check(json!({"credentials": credentials})).is_err());
        let own = json!({"send": "<function>", "accessToken": "<none>", "apiKey": "<none>"});
        assert!(check(own).unwrap().campaign.is_none());
        assert!(
            check(json!({"send": "<function>"}))
                .unwrap()
                .campaign
                .is_some()
        );
        for name in CAMPAIGN_OPTIONS {
            let value = match name {
                "apiKey" => json!("a-key"),
                "baseUrl" => json!("https://campaign.example"),
                "fetch" => json!("<function>"),
                _ => json!(1),
            };
            let unused = json!({
                "send": "<function>", "accessToken": "<none>", "apiKey": "<none>", name: value,
            });
            let problem = check(unused).err().unwrap();
            assert!(problem.starts_with(name) && problem.contains("with send alone"));
        }
    }

    #[test]
    fn accepts_the_tokens_that_the_client_accepts() {
        for bearer in ["Bearer x", "bearer x", "BEARER "] {
            let problem = check(json!({ "accessToken": bearer })).err().unwrap();
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
    fn refuses_an_invalid_list_of_workflows() {
        assert!(check(json!({"workflows": ["WKF1", "@pkey"]})).is_ok());
        assert!(
            check(json!({"workflows": {"WKF1": ["start", "read", "signal"], "WKF2": []}})).is_ok()
        );
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
