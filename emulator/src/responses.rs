//! Campaign's responses, verbatim where Adobe's pages ("Must-Read", "API troubleshooting") show them.

use serde_json::{Map, Value, json};

use crate::command::Command;
use crate::http::Response;
use crate::options::Dialect;
use crate::request::Problem;
use crate::route::{Resource, encode};
use crate::state::State;
use crate::workflow::Workflow;

const OOPS: &str = "Oops. Something went wrong. Check your URI and try again.";
const CONTACT: &str = "RST-360011 An error has occurred - please contact your administrator.";

/// 401: the token has expired, or is invalid.
pub(crate) fn token_invalid() -> Response {
    Response::json(
        401,
        r#"{"error_code":"401013","message":"Oauth token is not valid"}"#,
    )
}

/// 403: the token's product context does not include the organization.
pub(crate) fn profile_invalid() -> Response {
    Response::json(
        403,
        r#"{"error_code":"403023","message":"Profile is not valid"}"#,
    )
}

/// 403 for a missing API key. Assumption: the response of Adobe's other APIs.
pub(crate) fn api_key_missing() -> Response {
    Response::json(
        403,
        r#"{"error_code":"403000","message":"Api Key is required"}"#,
    )
}

/// 403 for an invalid API key. Assumption: the response of Adobe's other APIs.
pub(crate) fn api_key_invalid() -> Response {
    Response::json(
        403,
        r#"{"error_code":"403003","message":"Api Key is invalid"}"#,
    )
}

/// 500: Adobe's gateway does not know the URI, most often because the organization is wrong.
pub(crate) fn unknown_uri() -> Response {
    Response::json(500, format!(r#"{{"code":500,"message":"{OOPS}"}}"#))
}

/// 502: the instance's CNAME is not set up.
pub(crate) fn cname_missing() -> Response {
    Response::json(502, format!(r#"{{"code":502,"message":"{OOPS}"}}"#))
}

/// 404: no such workflow. Assumption: the words `Workflow` and `workflow`; Adobe's example concerns services.
pub(crate) fn not_found(dialect: Dialect, workflow: &str) -> Response {
    let line = |key: &str| {
        format!(
            "Unable to find document with path 'Workflow' from key '{key}' (document with schema 'workflow' and name '{workflow}')"
        )
    };
    Response::text(
        404,
        match dialect {
            Dialect::Standard => format!("{CONTACT}\n{}", line(&format!("{workflow}:0"))),
            Dialect::V8 => line(workflow),
        },
    )
}

/// 404 of v8: the PKey belongs to another instance, or predates the migration.
pub(crate) fn pkey_undecryptable(pkey: &str) -> Response {
    Response::text(
        404,
        format!(
            "Unable to decrypt PKey. (PKey={pkey})\nUnsupported endpoint. (endpoint=rest/workflow/execution/{pkey})"
        ),
    )
}

/// 500: Campaign refused the command. Assumption: the second line of the default text.
pub(crate) fn refused(text: Option<&str>) -> Response {
    let default_text = format!(
        "{CONTACT}\nXTK-170006 The local Campaign refuses this command, because a fault says so."
    );
    Response::text(500, text.map_or(default_text, str::to_owned))
}

/// 500: the workflow's state does not allow the command. Assumption: all of it.
pub(crate) fn invalid_transition(command: Command, workflow: &Workflow) -> Response {
    let (now, then) = (workflow.state(), workflow.expected_state());
    let state = if now == then {
        format!("'{}'", now.as_str())
    } else {
        format!(
            "'{}' (it will be once the pending commands are applied)",
            then.as_str()
        )
    };
    Response::text(
        500,
        format!(
            "{CONTACT}\nThe command '{}' does not fit the state {state} of the workflow '{}'.",
            command.as_str(),
            workflow.id()
        ),
    )
}

/// 429. Assumption: the body.
pub(crate) fn throttled() -> Response {
    Response::json(
        429,
        r#"{"error_code":"429050","message":"Too many requests"}"#,
    )
}

/// 503. Assumption: the body.
pub(crate) fn unavailable() -> Response {
    Response::text(503, "Service Unavailable")
}

/// 502 with an HTML page, as proxies send it.
pub(crate) fn html() -> Response {
    Response::new(
        502,
        Some("text/html;charset=utf-8"),
        "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body><h1>Bad Gateway</h1></body></html>\n",
    )
}

/// Any request that is not documented. Assumption: status and text.
pub(crate) fn unexpected(problem: &Problem) -> Response {
    Response::text(
        problem.status,
        format!("This is not the documented request: {}.", problem.text),
    )
}

/// 200: the command was accepted. Assumption: status and body.
pub(crate) fn accepted(command: Command, workflow: &Workflow) -> Response {
    Response::json(
        200,
        json!({ "PKey": workflow.pkey(), "method": command.as_str() }).to_string(),
    )
}

/// 200: the signal was triggered. Assumption: status and body.
pub(crate) fn triggered() -> Response {
    Response::json(200, "{}")
}

/// 400: signals are limited to one every ten minutes. Plain text, as Adobe's SDK notes. Assumption: status and text.
pub(crate) fn triggered_too_soon() -> Response {
    Response::text(400, "The signal was triggered less than 10 minutes ago.")
}

/// 500: only a running workflow receives signals. Assumption: status and text.
pub(crate) fn signal_not_running(workflow: &Workflow) -> Response {
    let state = workflow.state().as_str();
    Response::text(
        500,
        format!(
            "{CONTACT}\nThe workflow '{}' does not run: its state is '{state}'.",
            workflow.id()
        ),
    )
}

/// The response to the GET of a workflow. Documented: `PKey` and the signals' `trigger.href`; the rest is an assumption.
pub(crate) fn workflow(workflow: &Workflow, resource: &Resource, dialect: Dialect) -> Response {
    let mut activities = Map::new();
    for signal in workflow.signals() {
        let pkey = workflow.signal_pkey(signal);
        let mut activity = json!({
            "PKey": pkey,
            "name": signal.name,
            "label": signal.label.as_deref().unwrap_or(&signal.name),
            "trigger": { "href": trigger_href(resource, workflow.pkey(), &pkey) },
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
    Response::json(200, body.to_string())
}

fn trigger_href(resource: &Resource, workflow: &str, activity: &str) -> String {
    format!(
        "{}/{}/campaign/workflow/execution/{}/activities/activity/{}/trigger/",
        resource.base,
        resource.raw_organization,
        encode(workflow),
        encode(activity)
    )
}
