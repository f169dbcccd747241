//! The control API, CORS, and options from JSON.

use campaign_emulator::{Command, Options, Request, State};
use serde_json::{Value, json};

use crate::{Campaign, campaign, documented, json as parsed, response_of, send};

fn ask(campaign: &mut Campaign, method: &str, path: &str, body: &str) -> (u16, Value) {
    let url = format!("http://127.0.0.1:4173/prefix/__emulator{path}");
    let response = response_of(campaign.handle(&Request::new(method, url).body(body), 0));
    (response.status, parsed(&response))
}

#[test]
fn shows_log_and_workflows_and_is_not_logged_itself() {
    let mut campaign = campaign();
    send(&mut campaign, "WKF101", Command::Start, 0);
    let (_, log) = ask(&mut campaign, "GET", "/log", "");
    assert_eq!(log.as_array().unwrap().len(), 1);
    assert_eq!(log[0]["workflowId"], "WKF101");
    assert_eq!(log[0]["executed"], true);
    assert_eq!(log[0]["fault"], Value::Null);

    let (_, workflows) = ask(&mut campaign, "GET", "/workflows", "");
    assert_eq!(workflows[0]["state"], "Editing");
    assert_eq!(
        workflows[0]["pending"],
        json!([{ "command": "start", "appliesAt": 1500 }])
    );
    assert_eq!(workflows[0]["allowed"], json!(["pause", "stop"]));
    assert_eq!(workflows[0]["executions"][0]["requestIndex"], 0);

    assert_eq!(ask(&mut campaign, "DELETE", "/log", ""), (200, json!([])));
    send(&mut campaign, "WKF104", Command::Start, 0);
    assert_eq!(campaign.log()[0].index, 1);
}

#[test]
fn adds_lists_and_removes_faults() {
    let mut campaign = campaign();
    assert_eq!(
        ask(&mut campaign, "POST", "/faults", r#"{"kind":"hang"}"#),
        (200, json!({ "ids": [1] }))
    );
    let two = r#"[{"kind":"html","times":null},{"kind":"redirect","location":"/"}]"#;
    assert_eq!(
        ask(&mut campaign, "POST", "/faults", two),
        (200, json!({ "ids": [2, 3] }))
    );
    let (_, faults) = ask(&mut campaign, "GET", "/faults", "");
    let html =
        json!({ "id": 2, "met": 0, "kind": "html", "on": "command", "times": null, "delayMs": 0 });
    assert_eq!(faults[1], html);
    assert_eq!(
        ask(&mut campaign, "DELETE", "/faults", ""),
        (200, json!([]))
    );

    let half = r#"[{"kind":"hang"},{"kind":"hangs"}]"#;
    assert_eq!(ask(&mut campaign, "POST", "/faults", half).0, 400);
    assert_eq!(campaign.faults(), []);
}

#[test]
fn moves_the_clock_and_resets() {
    let mut campaign = campaign();
    send(&mut campaign, "WKF101", Command::Start, 0);
    assert_eq!(
        ask(&mut campaign, "POST", "/clock", r#"{"advanceMs":1500}"#),
        (200, json!({ "now": 1500 }))
    );
    assert_eq!(
        ask(&mut campaign, "GET", "/clock", ""),
        (200, json!({ "now": 1500 }))
    );
    assert_eq!(campaign.workflow("WKF101").unwrap().state(), State::Started);
    assert_eq!(
        ask(&mut campaign, "POST", "/clock", r#"{"advanceMs":-1}"#).0,
        400
    );

    let (status, workflows) = ask(&mut campaign, "POST", "/reset", "");
    assert_eq!((status, &workflows[0]["state"]), (200, &json!("Editing")));
    assert_eq!((campaign.log().len(), campaign.now()), (0, 0));
}

#[test]
fn lists_its_own_paths() {
    let mut campaign = campaign();
    let (status, index) = ask(&mut campaign, "GET", "", "");
    assert_eq!(status, 200);
    for line in index.as_object().unwrap().keys() {
        let (method, path) = line.split_once(' ').unwrap();
        let status = ask(
            &mut campaign,
            method,
            path.strip_prefix("/__emulator").unwrap(),
            "",
        )
        .0;
        assert!(status == 200 || status == 400, "{line}: {status}");
    }
    assert_eq!(ask(&mut campaign, "GET", "/nothing", "").0, 404);
    assert_eq!(ask(&mut campaign, "PUT", "/log", "").0, 405);
}

#[test]
fn pages_of_other_origins_read_responses_only_if_allowed() {
    let request = documented("WKF101", Command::Start).header("Origin", "https://app.example");
    let preflight = Request::new("OPTIONS", request.url.clone())
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "authorization,cache-control,x-api-key,x-more",
        );

    let mut closed = campaign();
    let response = response_of(closed.handle(&request, 0));
    assert_eq!(response.get("access-control-allow-origin"), None);
    assert_eq!(
        response_of(closed.handle(&preflight, 0)).get("access-control-allow-origin"),
        None
    );
    assert_eq!(
        closed.log()[1].problem.as_deref(),
        Some("the method is OPTIONS, not POST")
    );

    for allowed in ["https://app.example", "*"] {
        let allowed_origins = vec![allowed.to_owned()];
        let mut open = Campaign::new(Options {
            allowed_origins,
            ..Options::default()
        });
        let response = response_of(open.handle(&preflight, 0));
        assert_eq!(response.status, 204);
        assert_eq!(
            response.get("access-control-allow-origin"),
            Some("https://app.example")
        );
        assert_eq!(
            response.get("access-control-allow-headers"),
            Some("authorization,cache-control,x-api-key,x-more")
        );
        assert_eq!(open.log().len(), 0);

        let response = response_of(open.handle(&request, 0));
        assert_eq!(
            response.get("access-control-allow-origin"),
            Some("https://app.example")
        );
        assert_eq!(
            response.get("access-control-expose-headers"),
            Some("x-request-id, retry-after")
        );

        let elsewhere =
            documented("WKF104", Command::Start).header("Origin", "https://other.example");
        let response = response_of(open.handle(&elsewhere, 0));
        assert_eq!(
            response.get("access-control-allow-origin").is_some(),
            allowed == "*"
        );
    }
}

#[test]
fn options_are_validated() {
    let options =
        Options::from_json(r#"{"workflows":[{"id":"A"}],"runMs":null,"dialect":"v8"}"#).unwrap();
    assert_eq!(options.workflows.len(), 1);
    assert_eq!(options.apply_delay_ms, 1500);
    for (given, reason) in [
        (r#"{"organisation":"x"}"#, "unknown field `organisation`"),
        (r#"{"applyDelayMs":-1}"#, "invalid value: integer `-1`"),
        (r#"{"workflows":[{"id":""}]}"#, "an id or pkey is empty"),
        (
            r#"{"workflows":[{"id":"A"},{"id":"B","pkey":"A"}]}"#,
            "\"A\" is used twice",
        ),
        (
            r#"{"workflows":[{"id":"A","state":"started"}]}"#,
            "unknown variant `started`",
        ),
    ] {
        let error = Options::from_json(given).unwrap_err().to_string();
        assert!(error.contains(reason), "{given}: {error}");
    }
}
