//! Parses a request and reports how it deviates from Adobe's documents.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::command::Command;
use crate::http::Request;
use crate::route::{Endpoint, Url};

/// The largest trigger body that Adobe allows: 64 KB.
const TRIGGER_LIMIT: usize = 64 * 1024;

/// A deviation from the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The status of the response. Assumption.
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// The operation that a well-formed request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ApiRequest {
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

/// Parses the request.
///
/// # Errors
/// The first deviation from the documents.
pub(crate) fn parse(request: &Request, endpoint: &Endpoint) -> Result<ApiRequest, Problem> {
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
    if Url::parse(&request.url).query.is_some() {
        return Err(problem(400, "the URL has a query"));
    }
    if bearer(request).is_none() {
        return Err(problem(400, "Authorization is not \"Bearer \" and a token"));
    }
    if request.get("x-api-key").is_none_or(str::is_empty) {
        return Err(problem(400, "X-Api-Key is missing"));
    }
    match endpoint {
        Endpoint::Read => Ok(ApiRequest::Read),
        Endpoint::Commands => {
            let CommandBody { method } = body(request)?;
            Ok(ApiRequest::Command(method))
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
                    format!("the parameter \"{name}\" is not a string, number or boolean"),
                ));
            }
            Ok(ApiRequest::Trigger {
                activity: activity.clone(),
                source,
                parameters,
            })
        }
    }
}

/// A deviation that Campaign tolerates: Adobe's own SDK sends no `Cache-Control`.
pub(crate) fn tolerated(request: &Request) -> Option<Problem> {
    let is_documented = request.get("cache-control") == Some("no-cache");
    (!is_documented).then(|| problem(400, "Cache-Control is not no-cache"))
}

/// The command in the body, even if the rest of the request is undocumented: a fault may match on it.
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
    // serde also accepts an array for a struct.
    if request.body.trim_ascii_start().first() != Some(&b'{') {
        return Err("it is not a JSON object".to_owned());
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
        parse(request, &Endpoint::Commands).map_or_else(|problem| problem.status, |_| 200)
    }

    #[test]
    fn parses_the_documented_request() {
        assert_eq!(
            parse(&documented(), &Endpoint::Commands),
            Ok(ApiRequest::Command(Command::Stop))
        );
        let with_charset =
            without("content-type").header("Content-Type", "application/json; charset=UTF-8");
        assert_eq!(status(&with_charset), 200);
    }

    #[test]
    fn names_each_deviation() {
        let tolerated = tolerated(&without("cache-control")).unwrap();
        assert!(tolerated.text.contains("Cache-Control"));
        assert_eq!(super::tolerated(&documented()), None);
        for name in ["authorization", "x-api-key"] {
            let problem = parse(&without(name), &Endpoint::Commands).unwrap_err();
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
    fn accepts_only_an_object_with_one_of_the_four_commands() {
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
            let body = format!(" {{ \"method\" : \"{}\" }}", known.as_str());
            assert_eq!(command(&documented().body(body)), Some(known));
        }
    }

    #[test]
    fn a_trigger_needs_a_source_and_scalar_parameters() {
        let trigger = |body: &str| {
            parse(
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
