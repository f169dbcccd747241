//! Checks the writer's variables and secrets. An error names the invalid variable and never its value.

use campaign_workflow::address::Base;
use campaign_workflow::{AccessToken, header};
use serde::Deserialize;

use super::state_machine::Limits;
use super::writer::Settings;
use crate::campaign::{Campaign, DEFAULT_ATTEMPT_TIMEOUT_MS};
use crate::credentials::{self, CredentialValues};
use crate::gateway::DEFAULT_TIMEOUT_MS;
use crate::ims::Credentials;
use crate::options::MAX_TIMER_MS;
use crate::raw_options::{Field, OptionError, ParseUrl, RawOptions, address, number, text, value};

/// The variables of the writer, with their names in `wrangler.jsonc`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)] // They are documented in the README, for users.
pub struct Variables {
    pub campaign_url: Field<String>,
    pub access_token: Field<String>,
    pub api_key: Field<String>,
    pub ims_client_id: Field<String>,
    pub ims_client_secret: Field<String>,
    pub ims_scope: Field<String>,
    pub ims_token_url: Field<String>,
    pub when_busy: Field<String>,
    pub wait_ms: Field<NumberOrText>,
    pub timeout_ms: Field<NumberOrText>,
    pub attempt_timeout_ms: Field<NumberOrText>,
    pub max_tries: Field<NumberOrText>,
    pub retry_ms: Field<NumberOrText>,
    pub give_up_after_ms: Field<NumberOrText>,
    pub max_waiting: Field<NumberOrText>,
}

/// The error if the variables could not be deserialised.
pub const UNREADABLE: &str = "the Worker's variables can't be read";

/// A number, or a string that holds one, as secrets and `.dev.vars` do.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum NumberOrText {
    Number(f64),
    Text(String),
}

fn to_number(field: Field<NumberOrText>) -> Field<f64> {
    match field {
        Field::Absent => Field::Absent,
        Field::Value(NumberOrText::Number(number)) => Field::Value(number),
        Field::Value(NumberOrText::Text(text)) => {
            text.parse().map_or(Field::WrongType, Field::Value)
        }
        Field::WrongType => Field::WrongType,
    }
}

/// Checks the writer's variables.
///
/// # Errors
///
/// The name of the invalid variable, and what it must be.
pub fn check(
    variables: Variables,
    parse_url: ParseUrl<'_>,
) -> Result<(Settings, Option<Credentials>), OptionError> {
    let campaign_url = address("CAMPAIGN_URL", variables.campaign_url, parse_url)?;
    let (base_url, base) =
        campaign_url.map_or((None, Base::adobe()), |(url, base)| (Some(url), base));
    let token = text(
        "ACCESS_TOKEN",
        variables.access_token,
        header::check_credential,
    )?;
    let api_key = text("API_KEY", variables.api_key, header::check_credential)?;
    let credential = [&variables.ims_client_id, &variables.ims_client_secret];
    let has_credential = credential
        .iter()
        .any(|field| !matches!(field, Field::Absent));
    let attempt_timeout_ms = number(
        "ATTEMPT_TIMEOUT_MS",
        to_number(variables.attempt_timeout_ms),
        1,
        MAX_TIMER_MS,
    )?
    .unwrap_or(DEFAULT_ATTEMPT_TIMEOUT_MS);
    let campaign = |access_token, api_key| Campaign {
        base,
        base_url,
        access_token,
        api_key,
        attempt_timeout_ms,
        max_retries: 0,
    };
    let (campaign, credentials) = match token {
        Some(token) => {
            let api_key = api_key.ok_or("API_KEY is required with ACCESS_TOKEN")?;
            (campaign(AccessToken::Fixed(token), api_key), None)
        }
        None if has_credential => {
            let raw = RawOptions {
                values: CredentialValues {
                    client_id: variables.ims_client_id,
                    client_secret: variables.ims_client_secret,
                    scope: variables.ims_scope,
                    token_url: variables.ims_token_url,
                    timeout_ms: Field::Absent,
                },
                ..RawOptions::default()
            };
            let credentials = credentials::check(raw, parse_url)
                .map_err(|problem| with_variable_name(&problem))?;
            let client_id = credentials.client_id.clone();
            (
                campaign(AccessToken::Function, client_id),
                Some(credentials),
            )
        }
        None => return Err("IMS_CLIENT_ID and IMS_CLIENT_SECRET are required".to_owned()),
    };
    let waits_when_busy = value(
        "WHEN_BUSY",
        "\"wait\" or \"refuse\"",
        variables.when_busy,
        |word| match word.as_str() {
            "wait" => Some(true),
            "refuse" => Some(false),
            _ => None,
        },
    )?;
    let wait_ms =
        number("WAIT_MS", to_number(variables.wait_ms), 0, MAX_TIMER_MS)?.unwrap_or(12_000);
    let own = Limits::default();
    let limits = Limits {
        max_tries: number("MAX_TRIES", to_number(variables.max_tries), 1, 1000)?
            .unwrap_or(own.max_tries),
        retry_ms: number("RETRY_MS", to_number(variables.retry_ms), 1, MAX_TIMER_MS)?
            .map_or(own.retry_ms, u64::from),
        give_up_after_ms: number(
            "GIVE_UP_AFTER_MS",
            to_number(variables.give_up_after_ms),
            0,
            MAX_TIMER_MS,
        )?
        .map_or(own.give_up_after_ms, u64::from),
        max_waiting: number("MAX_WAITING", to_number(variables.max_waiting), 1, 100_000)?
            .unwrap_or(own.max_waiting),
        ..own
    };
    let settings = Settings {
        campaign: Ok(campaign),
        wait_ms: if waits_when_busy.unwrap_or(true) {
            wait_ms
        } else {
            0
        },
        timeout_ms: number(
            "TIMEOUT_MS",
            to_number(variables.timeout_ms),
            1,
            MAX_TIMER_MS,
        )?
        .unwrap_or(DEFAULT_TIMEOUT_MS),
        limits,
    };
    Ok((settings, credentials))
}

/// Replaces the name of a credential's field by the name of its variable.
fn with_variable_name(problem: &str) -> OptionError {
    let names = [
        ("clientId", "IMS_CLIENT_ID"),
        ("clientSecret", "IMS_CLIENT_SECRET"),
        ("scope", "IMS_SCOPE"),
        ("tokenUrl", "IMS_TOKEN_URL"),
    ];
    for (field, variable) in names {
        if let Some(rest) = problem.strip_prefix(field) {
            return [variable, rest].concat();
        }
    }
    problem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(changes: &Value) -> Result<(Settings, Option<Credentials>), OptionError> {
        let mut variables = json!({ "ACCESS_TOKEN": "a-token", "API_KEY": "a-key" });
        for (name, value) in changes.as_object().unwrap() {
            variables[name] = value.clone();
        }
        variables
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        check(serde_json::from_value(variables).unwrap(), &|url| {
            Some(url.to_owned())
        })
    }

    #[test]
    fn names_an_invalid_variable_without_its_value() {
        for (changes, problem) in [
            (
                json!({ "WAIT_MS": "8s" }),
                "WAIT_MS must be a whole number from 0 to 2147483647",
            ),
            (
                json!({ "MAX_TRIES": "six" }),
                "MAX_TRIES must be a whole number from 1 to 1000",
            ),
            (
                json!({ "MAX_TRIES": 0 }),
                "MAX_TRIES must be a whole number from 1 to 1000",
            ),
            (
                json!({ "WHEN_BUSY": "queue" }),
                "WHEN_BUSY must be \"wait\" or \"refuse\"",
            ),
            (
                json!({ "CAMPAIGN_URL": "http://elsewhere.example" }),
                "CAMPAIGN_URL must be https, or http on loopback",
            ),
            (
                json!({ "API_KEY": null }),
                "API_KEY is required with ACCESS_TOKEN",
            ),
            (
                json!({ "ACCESS_TOKEN": null }),
                "IMS_CLIENT_ID and IMS_CLIENT_SECRET are required",
            ),
            (
                json!({ "ACCESS_TOKEN": null, "IMS_CLIENT_ID": "i" }),
                "IMS_CLIENT_SECRET is required",
            ),
        ] {
            assert_eq!(
                checked(&changes).err().as_deref(),
                Some(problem),
                "{changes}"
            );
        }
    }

    #[test]
    fn has_the_documented_defaults() {
        let (settings, credentials) = checked(&json!({})).unwrap();
        assert!(credentials.is_none());
        assert_eq!((settings.wait_ms, settings.timeout_ms), (12_000, 25_000));
        assert_eq!(settings.limits, Limits::default());
        let (settings, _) = checked(&json!({ "WAIT_MS": "500", "MAX_TRIES": 3 })).unwrap();
        assert_eq!((settings.wait_ms, settings.limits.max_tries), (500, 3));
        let (refusing, _) = checked(&json!({ "WHEN_BUSY": "refuse", "WAIT_MS": 5 })).unwrap();
        assert_eq!(refusing.wait_ms, 0);
        let ims = json!({ "ACCESS_TOKEN": null, "IMS_CLIENT_ID": "i", "IMS_CLIENT_SECRET": "s", "IMS_SCOPE": "openid" });
        let (settings, credentials) = checked(&ims).unwrap();
        assert_eq!(credentials.unwrap().client_secret, "s");
        assert_eq!(settings.campaign.unwrap().api_key, "i");
    }
}
