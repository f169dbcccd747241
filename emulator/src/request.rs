//! Holds a request against what Adobe's documents say it looks like.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::{Endpoint, Url};
use crate::command::Command;
use crate::http::Request;

/// The longest body of a trigger that Adobe allows: 64 KB.
const TRIGGER_LIMIT: usize = 64 * 1024;

/// How a request departs from the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The status of the answer, an assumption.
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// What a request asks for, once it is known to be well formed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    Command(Command),
    Read,
    Trigger {
        activity: String,
        source: String,
        parameters: BTreeMap<String, Value>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandBody {
    method: Command,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerBody {
    source: String,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
}

/// Reads the request, or says how it departs from the documents.
pub(crate) fn read(request: &Request, endpoint: &Endpoint) -> Result<Wish, Problem> {
    let method = if *endpoint == Endpoint::Read {
        "GET"
    } else {
        "POST"
    };
    if request.method != method {
        return Err(problem(
            405,
            format!("the method is {}, not {method}", request.method),
        ));
    }
    if Url::of(&request.url).query.is_some() {
        return Err(problem(400, "the URL has a query"));
    }
    if bearer(request).is_none() {
        return Err(problem(400, "Authorization is not \"Bearer \" and a token"));
    }
    if request.get("x-api-key").is_none_or(str::is_empty) {
        return Err(problem(400, "X-Api-Key is missing"));
    }
    match endpoint {
        Endpoint::Read => Ok(Wish::Read),
        Endpoint::Commands => {
            let CommandBody { method } = body(request)?;
            Ok(Wish::Command(method))
        }
        Endpoint::Trigger(activity) => {
            if request.body.len() > TRIGGER_LIMIT {
                return Err(problem(413, "the body is over 64 KB"));
            }
            let TriggerBody { source, parameters } = body(request)?;
            if source.is_empty() {
                return Err(problem(400, "source is empty"));
            }
            if let Some((name, _)) = parameters.iter().find(|(_, value)| !is_scalar(value)) {
                return Err(problem(
                    400,
                    format!("the parameter \"{name}\" is no string, number or boolean"),
                ));
            }
            Ok(Wish::Trigger {
                activity: activity.clone(),
                source,
                parameters,
            })
        }
    }
}

/// How a request departs from the documents in a way that Campaign lets pass: Adobe's own SDK sends no
/// `Cache-Control`.
pub(crate) fn tolerated(request: &Request) -> Option<Problem> {
    let is_documented = request.get("cache-control") == Some("no-cache");
    (!is_documented).then(|| problem(400, "Cache-Control is not no-cache"))
}

/// The command in the body, even if the rest of the request is not as documented: a fault may ask for it.
pub(crate) fn command(request: &Request) -> Option<Command> {
    json::<CommandBody>(request).ok().map(|body| body.method)
}

/// The token of the Authorization header.
pub(crate) fn bearer(request: &Request) -> Option<&str> {
    request
        .get("authorization")?
        .strip_prefix("Bearer ")
        .filter(|token| !token.is_empty())
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    let kind = request
        .get("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(' ', "");
    // Adobe shows the charset with signals, and leaves it out with commands.
    if kind != "application/json" && kind != "application/json;charset=utf-8" {
        return Err(problem(415, "Content-Type is not application/json"));
    }
    json(request).map_err(|reason| problem(400, format!("the body is not as documented: {reason}")))
}

fn json<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    // serde takes a list for a struct, too.
    if request.body.trim_ascii_start().first() != Some(&b'{') {
        return Err("it is no JSON object".to_owned());
    }
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn problem(status: u16, text: impl Into<String>) -> Problem {
    Problem {
        status,
        text: text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documented() -> Request {
        Request::new("POST", "/acme/campaign/workflow/execution/WKF1/commands")
            .header("content-type", "application/json")
            .header("AUTHORIZATION", "Bearer t")
            .header("Cache-Control", "no-cache")
            .header("X-Api-Key", "k")
            .body(r#"{"method":"stop"}"#)
    }

    fn without(name: &str) -> Request {
        let mut request = documented();
        request
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        request
    }

    fn status(request: &Request) -> u16 {
        read(request, &Endpoint::Commands).map_or_else(|problem| problem.status, |_| 200)
    }

    #[test]
    fn the_documented_request_is_read() {
        assert_eq!(
            read(&documented(), &Endpoint::Commands),
            Ok(Wish::Command(Command::Stop))
        );
        let with_charset =
            without("content-type").header("Content-Type", "application/json; charset=UTF-8");
        assert_eq!(status(&with_charset), 200);
    }

    #[test]
    fn every_departure_is_named() {
        let tolerated = tolerated(&without("cache-control")).unwrap();
        assert!(tolerated.text.contains("Cache-Control"));
        assert_eq!(super::tolerated(&documented()), None);
        for name in ["authorization", "x-api-key"] {
            let problem = read(&without(name), &Endpoint::Commands).unwrap_err();
            assert_eq!(problem.status, 400);
            assert!(
                problem.text.to_lowercase().contains(name),
                "{}",
                problem.text
            );
        }
        assert_eq!(status(&without("content-type")), 415);
        assert_eq!(
            status(&Request {
                method: "GET".to_owned(),
                ..documented()
            }),
            405
        );
        assert_eq!(
            status(&Request {
                method: "post".to_owned(),
                ..documented()
            }),
            405
        );
        assert_eq!(
            status(&Request {
                url: documented().url + "?a=b",
                ..documented()
            }),
            400
        );
    }

    #[test]
    fn only_the_four_words_in_an_object_are_commands() {
        for body in [
            "",
            "{}",
            "[\"start\"]",
            "\"start\"",
            r#"{"method":"Start"}"#,
            r#"{"method":"restart"}"#,
            r#"{"method":"start","method":"stop"}"#,
            r#"{"method":"start","more":1}"#,
            r#"{"method":"start"} x"#,
        ] {
            assert_eq!(status(&documented().body(body)), 400, "{body}");
            assert_eq!(command(&documented().body(body)), None, "{body}");
        }
        for known in Command::ALL {
            let body = format!(" {{ \"method\" : \"{}\" }}", known.word());
            assert_eq!(command(&documented().body(body)), Some(known));
        }
    }

    #[test]
    fn a_trigger_has_a_source_and_plain_parameters() {
        let trigger = |body: &str| {
            read(
                &documented().body(body),
                &Endpoint::Trigger("@a".to_owned()),
            )
        };
        assert!(trigger(r#"{"source":"API"}"#).is_ok());
        assert!(trigger(r#"{"source":"API","parameters":{"a":"x","b":1.5,"c":true}}"#).is_ok());
        for body in [
            r#"{}"#,
            r#"{"source":""}"#,
            r#"{"source":"API","parameters":{"a":null}}"#,
            r#"{"source":1}"#,
        ] {
            assert_eq!(trigger(body).unwrap_err().status, 400, "{body}");
        }
        let long = format!(
            r#"{{"source":"API","parameters":{{"a":"{}"}}}}"#,
            "x".repeat(TRIGGER_LIMIT)
        );
        assert_eq!(trigger(&long).unwrap_err().status, 413);
    }
}
