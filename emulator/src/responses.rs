//! The answers, word for word where Adobe's pages ("Must-Read", "API troubleshooting") show them.

use serde_json::{Map, Value, json};

use crate::address::{Place, encode};
use crate::command::Command;
use crate::http::Answer;
use crate::options::Dialect;
use crate::request::Problem;
use crate::state::State;
use crate::workflow::Workflow;

const OOPS: &str = "Oops. Something went wrong. Check your URI and try again.";
const CONTACT: &str = "RST-360011 An error has occurred - please contact your administrator.";

/// 401: the token expired, or was made with a wrong call.
pub(crate) fn token_invalid() -> Answer {
    Answer::json(
        401,
        r#"{"error_code":"401013","message":"Oauth token is not valid"}"#,
    )
}

/// 403: the token's product context does not hold the organization.
pub(crate) fn profile_invalid() -> Answer {
    Answer::json(
        403,
        r#"{"error_code":"403023","message":"Profile is not valid"}"#,
    )
}

/// 403 for a missing API key. Assumption: as Adobe's other APIs answer.
pub(crate) fn api_key_missing() -> Answer {
    Answer::json(
        403,
        r#"{"error_code":"403000","message":"Api Key is required"}"#,
    )
}

/// 403 for a wrong API key. Assumption: as Adobe's other APIs answer.
pub(crate) fn api_key_invalid() -> Answer {
    Answer::json(
        403,
        r#"{"error_code":"403003","message":"Api Key is invalid"}"#,
    )
}

/// 500: the gateway does not know the URI, most often because of a wrong organization.
pub(crate) fn unknown_uri() -> Answer {
    Answer::json(500, format!(r#"{{"code":500,"message":"{OOPS}"}}"#))
}

/// 502: the instance's CNAME is not set up.
pub(crate) fn cname_missing() -> Answer {
    Answer::json(502, format!(r#"{{"code":502,"message":"{OOPS}"}}"#))
}

/// 404: no such workflow. Assumption: the words `Workflow` and `workflow`; Adobe's example is about services.
pub(crate) fn not_found(dialect: Dialect, workflow: &str) -> Answer {
    let line = |key: &str| {
        format!(
            "Unable to find document with path 'Workflow' from key '{key}' (document with schema 'workflow' and name '{workflow}')"
        )
    };
    Answer::text(
        404,
        match dialect {
            Dialect::Standard => format!("{CONTACT}\n{}", line(&format!("{workflow}:0"))),
            Dialect::V8 => line(workflow),
        },
    )
}

/// 404 of v8: a PKey of another instance, or from before the migration.
pub(crate) fn pkey_undecryptable(pkey: &str) -> Answer {
    Answer::text(
        404,
        format!(
            "Unable to decrypt PKey. (PKey={pkey})\nUnsupported endpoint. (endpoint=rest/workflow/execution/{pkey})"
        ),
    )
}

/// 500: Campaign refused. Assumption: the second line of the default text.
pub(crate) fn refused(text: Option<&str>) -> Answer {
    let by_itself =
        format!("{CONTACT}\nXTK-170006 The local Campaign was told to refuse this command.");
    Answer::text(500, text.map_or(by_itself, str::to_owned))
}

/// 500: the command does not fit the state. Assumption, all of it.
pub(crate) fn misfit(command: Command, workflow: &Workflow) -> Answer {
    let (now, then) = (workflow.state(), workflow.expected_state());
    let state = if now == then {
        format!("'{}'", now.word())
    } else {
        format!(
            "'{}' (it will be once the pending commands are applied)",
            then.word()
        )
    };
    Answer::text(
        500,
        format!(
            "{CONTACT}\nThe command '{}' does not fit the state {state} of the workflow '{}'.",
            command.word(),
            workflow.id()
        ),
    )
}

/// 429. Assumption: the body.
pub(crate) fn throttled() -> Answer {
    Answer::json(
        429,
        r#"{"error_code":"429050","message":"Too many requests"}"#,
    )
}

/// 503. Assumption: the body.
pub(crate) fn unavailable() -> Answer {
    Answer::text(503, "Service Unavailable")
}

/// 502 with a page of HTML, as proxies give it.
pub(crate) fn html() -> Answer {
    Answer::new(
        502,
        Some("text/html;charset=utf-8"),
        "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body><h1>Bad Gateway</h1></body></html>\n",
    )
}

/// A request that is not the documented one. Assumption: status and text.
pub(crate) fn unexpected(problem: &Problem) -> Answer {
    Answer::text(
        problem.status,
        format!("This is not the documented request: {}.", problem.text),
    )
}

/// 200: the command was accepted. Assumption: status and body.
pub(crate) fn accepted(command: Command, workflow: &Workflow) -> Answer {
    Answer::json(
        200,
        json!({ "PKey": workflow.pkey(), "method": command.word() }).to_string(),
    )
}

/// 200: the signal was triggered. Assumption: status and body.
pub(crate) fn triggered() -> Answer {
    Answer::json(200, "{}")
}

/// Plain text, as Adobe's SDK notes. Assumption: the status and the words.
pub(crate) fn triggered_too_soon() -> Answer {
    Answer::text(400, "The signal was triggered less than 10 minutes ago.")
}

/// The workflow has to run to hear a signal. Assumption: status and words.
pub(crate) fn signal_unheard(workflow: &Workflow) -> Answer {
    let state = workflow.state().word();
    Answer::text(
        500,
        format!(
            "{CONTACT}\nThe workflow '{}' does not run: its state is '{state}'.",
            workflow.id()
        ),
    )
}

/// A workflow as its GET shows it. Documented: `PKey` and the signals' `trigger.href`; the rest is an assumption.
pub(crate) fn workflow(workflow: &Workflow, place: &Place, dialect: Dialect) -> Answer {
    let mut activities = Map::new();
    for signal in workflow.signals() {
        let pkey = workflow.signal_pkey(signal);
        let mut activity = json!({
            "PKey": pkey,
            "name": signal.name,
            "label": signal.label.as_deref().unwrap_or(&signal.name),
            "trigger": { "href": trigger_href(place, workflow.pkey(), &pkey) },
        });
        if let (Dialect::Standard, Value::Object(fields)) = (dialect, &mut activity) {
            fields.insert("parameters".to_owned(), json!(signal.parameters));
        }
        activities.insert(signal.name.clone(), activity);
    }
    let state: State = workflow.state();
    let body = json!({
        "PKey": workflow.pkey(),
        "name": workflow.id(),
        "label": workflow.label(),
        "state": state,
        "activities": { "activity": activities },
    });
    Answer::json(200, body.to_string())
}

fn trigger_href(place: &Place, workflow: &str, activity: &str) -> String {
    format!(
        "{}/{}/campaign/workflow/execution/{}/activities/activity/{}/trigger/",
        place.base,
        place.raw_organization,
        encode(workflow),
        encode(activity)
    )
}
