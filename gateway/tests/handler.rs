//! One request through the gateway: the order of its steps, the deadline, reads and signals.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use campaign_gateway::{AcceptedResponse, Content};
use campaign_workflow::{Code, Error, Outcome};
use serde_json::{Value, json as value};
use support::{
    BELOW, CAMPAIGN, Decision, GATEWAY, PAGE, ServerBehavior, TestRuntime, document, gateway, json,
    late, text,
};

const START: &str = r#"{"method":"start"}"#;
const SIGNAL: &str = r#"{"source":"API"}"#;
const SHOWN: &str = "/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/";

fn commands(behavior: fn() -> ServerBehavior) -> TestRuntime {
    let path = [BELOW, "WKF1/commands"].concat();
    TestRuntime::new("POST", &path, START, move |_| behavior())
}

/// Responds to a GET with a workflow that has this trigger, and to a POST with `behavior`.
fn signal(href: &'static str, activity: &str, behavior: fn() -> ServerBehavior) -> TestRuntime {
    let path = [BELOW, "WKF1/activities/activity/", activity, "/trigger"].concat();
    TestRuntime::new("POST", &path, SIGNAL, move |request| match request.method {
        "GET" => {
            let activities = value!({ "activity": { "signal1": { "trigger": { "href": href } } } });
            json(200, &value!({ "activities": activities }).to_string())
        }
        _ => behavior(),
    })
}

/// The status, code and outcome of the response.
fn problem_fields(runtime: &TestRuntime) -> (u16, String, String) {
    let response = runtime.handle(&gateway());
    let document = document(&response);
    let word = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    (response.status, word("code"), word("outcome"))
}

fn expected(status: u16, code: &str, outcome: &str) -> (u16, String, String) {
    (status, code.to_owned(), outcome.to_owned())
}

#[test]
fn authorizes_a_command_and_sends_it_once() {
    let runtime = commands(|| json(202, r#"{"a": 1.50}"#));
    let response = runtime.handle(&gateway());
    assert_eq!(
        (response.status, response.body.as_deref()),
        (202, Some(r#"{"a": 1.50}"#))
    );
    assert_eq!(response.header("x-request-id"), Some("id-of-campaign"));
    let request = ["POST ", CAMPAIGN, BELOW, "WKF1/commands ", START].concat();
    assert_eq!(
        runtime.seen(),
        ["authorize start WKF1", "sending", &request]
    );
    let expected = value!({
        "requestId": "id-of-campaign", "organization": "acme", "workflowId": "WKF1", "command": "start",
        "outcome": "accepted", "code": null, "status": 202, "attempts": 1, "ms": 0,
    });
    assert_eq!(runtime.log.take(), [expected]);
}

#[test]
fn a_caller_without_rights_gets_the_same_response_for_everything() {
    let below = |rest: &str| [BELOW, rest].concat();
    let mut responses = Vec::new();
    for (method, path, body) in [
        ("POST", below("WKF1/commands"), START),
        ("POST", below("WKF2/commands"), START),
        (
            "POST",
            "/other/campaign/workflow/execution/WKF1/commands".to_owned(),
            START,
        ),
        ("GET", below("WKF1"), ""),
        ("GET", below("WKF2"), ""),
        (
            "POST",
            below("WKF1/activities/activity/@a/trigger/"),
            SIGNAL,
        ),
        (
            "POST",
            below("WKF2/activities/activity/@a/trigger/"),
            SIGNAL,
        ),
    ] {
        let mut runtime = TestRuntime::new(method, &path, body, |_| panic!("nothing is sent"));
        runtime.decision = Decision::No;
        responses.push(runtime.handle(&gateway()));
        assert_eq!(runtime.log.borrow().len(), 1);
        assert_eq!(runtime.seen().len(), 1, "authorize is called");
    }
    assert_eq!(responses[0].status, 403);
    assert!(responses.iter().all(|response| *response == responses[0]));
}

#[test]
fn an_authorized_caller_gets_404_for_an_unlisted_workflow() {
    for (method, rest, body) in [
        ("POST", "WKF2/commands", START),
        ("GET", "WKF2", ""),
        ("POST", "WKF2/activities/activity/@a/trigger/", SIGNAL),
    ] {
        let path = [BELOW, rest].concat();
        let runtime = TestRuntime::new(method, &path, body, |_| panic!("nothing is sent"));
        assert_eq!(
            problem_fields(&runtime),
            expected(404, "not-found", "not-executed")
        );
    }
}

#[test]
fn one_deadline_covers_everything() {
    let mut runtime = commands(|| panic!("nothing is sent"));
    runtime.body_ms = 2000;
    assert_eq!(
        problem_fields(&runtime),
        expected(408, "timeout", "not-executed")
    );
    assert_eq!((runtime.now_ms(), runtime.seen().len()), (1000.0, 0));

    let mut runtime = commands(|| panic!("nothing is sent"));
    (runtime.body_ms, runtime.decision) = (400, Decision::Never);
    assert_eq!(
        problem_fields(&runtime),
        expected(500, "internal", "not-executed")
    );
    assert_eq!(runtime.now_ms(), 1000.0);

    let mut runtime = commands(|| ServerBehavior::Never);
    (runtime.body_ms, runtime.decision) = (300, Decision::Late(300));
    assert_eq!(
        problem_fields(&runtime),
        expected(504, "timeout", "unknown")
    );
    assert_eq!(runtime.now_ms(), 1000.0);

    let runtime = signal(SHOWN, "@a", || ServerBehavior::Never);
    assert_eq!(
        problem_fields(&runtime),
        expected(504, "timeout", "unknown")
    );
    assert_eq!(runtime.now_ms(), 1000.0);

    let runtime = TestRuntime::new("GET", &[BELOW, "WKF1"].concat(), "", |_| {
        ServerBehavior::Never
    });
    assert_eq!(
        problem_fields(&runtime),
        expected(504, "timeout", "not-executed")
    );
    assert_eq!(runtime.now_ms(), 1000.0);
}

#[test]
fn refuses_everyone_if_authorize_fails() {
    let mut runtime = commands(|| panic!("nothing is sent"));
    runtime.decision = Decision::Fails;
    assert_eq!(
        problem_fields(&runtime),
        expected(500, "internal", "not-executed")
    );
}

#[test]
fn the_users_own_send_gets_the_remaining_time() {
    let mut gateway = gateway();
    gateway.has_custom_send = true;
    let receipt = AcceptedResponse {
        status: 200,
        request_id: Some("id-1".into()),
        content: Content::Text("done".into()),
        attempts: 2,
    };
    let failed = Error {
        code: Code::Network,
        outcome: Outcome::Unknown,
        message: "It failed".into(),
        status: None,
        error_code: None,
        body: None,
        hint: None,
        retry_after_ms: Some(5),
        request_id: None,
        attempts: 1,
        cause: None,
    };
    let nonsense = AcceptedResponse {
        status: 500,
        ..receipt.clone()
    };
    for (sends, status, outcome, attempts) in [
        (Some(Ok(receipt)), 200, "accepted", 2),
        (Some(Err(failed)), 502, "unknown", 1),
        (Some(Ok(nonsense)), 502, "unknown", 0),
        (None, 504, "unknown", 0),
    ] {
        let mut runtime = commands(|| panic!("the user sends"));
        (runtime.sends, runtime.decision) = (sends, Decision::Late(100));
        runtime.head.idempotency_key = Some("k-1".into());
        let response = runtime.handle(&gateway);
        assert_eq!(
            (response.status, response.header("retry-after")),
            (status, None)
        );
        let seen = runtime.seen();
        assert_eq!(
            seen,
            ["authorize start WKF1", "sending", "send start k-1 900"]
        );
        let log = runtime.log.take();
        assert_eq!(
            (&log[0]["outcome"], &log[0]["attempts"]),
            (&value!(outcome), &value!(attempts))
        );
    }
}

#[test]
fn refuses_a_key_without_a_store() {
    let mut runtime = commands(|| panic!("nothing is sent"));
    runtime.head.idempotency_key = Some("k-1".into());
    let response = runtime.handle(&gateway());
    assert_eq!(response.status, 400);
    assert!(response.body.as_deref().unwrap().contains("not-executed"));
    assert_eq!(runtime.seen(), [""; 0]);
}

#[test]
fn a_workflow_shows_triggers_at_the_gateway() {
    let own = [CAMPAIGN, SHOWN].concat();
    let elsewhere = ["https://elsewhere.example", SHOWN].concat();
    let workflow = format!(
        r#"{{"z": 1.50, "activities": {{"activity": {{"s": {{"trigger": {{"href": "{own}"}}}}, "t": {{"trigger": {{"href": "{elsewhere}"}}}}}}}}}}"#
    );
    let runtime = TestRuntime::new("GET", &[BELOW, "WKF1?x=/y"].concat(), "", move |_| {
        json(200, &workflow)
    });
    let response = runtime.handle(&gateway());
    let href = [GATEWAY, BELOW, "WKF1/activities/activity/@a/trigger/"].concat();
    let expected = format!(
        r#"{{"z":1.50,"activities":{{"activity":{{"s":{{"trigger":{{"href":"{href}"}}}},"t":{{"trigger":{{}}}}}}}}}}"#
    );
    assert_eq!((response.status, response.body), (200, Some(expected)));
    assert_eq!(
        runtime.seen()[1..],
        [["GET ", CAMPAIGN, BELOW, "WKF1"].concat()],
        "nothing is executed"
    );
}

#[test]
fn reports_a_body_that_is_not_a_workflow() {
    for body in ["[]", "null", "", "<html>", "{\"a\":"] {
        let runtime = TestRuntime::new("GET", &[BELOW, "WKF1"].concat(), "", move |_| {
            json(200, body)
        });
        assert_eq!(
            problem_fields(&runtime),
            expected(502, "bad-response", "not-executed"),
            "{body}"
        );
    }
}

#[test]
fn sends_a_signal_to_the_address_in_the_workflow() {
    for href in [
        SHOWN,
        "https://campaign.example/acme/campaign/workflow/execution/@wf/activities/activity/%40a/trigger",
    ] {
        let runtime = signal(href, "%40a", || json(200, "{}"));
        assert_eq!(runtime.handle(&gateway()).status, 200);
        let seen = runtime.seen();
        let url = if href == SHOWN {
            [CAMPAIGN, SHOWN].concat()
        } else {
            href.to_owned()
        };
        let read = ["GET ", CAMPAIGN, BELOW, "WKF1"].concat();
        let triggered = ["POST ", &url, " ", SIGNAL].concat();
        assert_eq!(
            seen,
            ["authorize signal WKF1", &read, "sending", &triggered]
        );
        assert_eq!(runtime.log.borrow()[0]["attempts"], 2);
    }
}

#[test]
fn triggers_only_what_the_workflow_shows() {
    for (href, activity) in [
        (SHOWN, "@b"),
        (
            "https://elsewhere.example/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
            "@a",
        ),
        (
            "/other/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
            "@a",
        ),
        ("/acme/campaign/workflow/execution/@wf/commands", "@a"),
    ] {
        let runtime = signal(href, activity, || panic!("it is triggered"));
        assert_eq!(
            problem_fields(&runtime),
            expected(404, "invalid-trigger", "not-executed"),
            "{href}"
        );
        assert!(!runtime.seen().contains(&"sending".to_owned()));
    }
}

#[test]
fn forwards_campaigns_response_to_a_signal_that_is_too_soon() {
    for status in [200, 400] {
        let runtime = signal(
            SHOWN,
            "@a",
            if status == 200 {
                || text(200, "Wait.")
            } else {
                || text(400, "Wait.")
            },
        );
        let response = runtime.handle(&gateway());
        assert_eq!(
            (response.status, response.body.as_deref()),
            (status, Some("Wait."))
        );
        assert_eq!(
            response.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(runtime.log.borrow()[0]["outcome"], "not-executed");
    }
}

#[test]
fn serves_only_commands_without_credentials() {
    let mut gateway = gateway();
    (gateway.has_custom_send, gateway.campaign) = (true, None);
    for (method, rest) in [
        ("GET", "WKF1"),
        ("OPTIONS", "WKF1"),
        ("POST", "WKF1/activities/activity/@a/trigger"),
    ] {
        let runtime = TestRuntime::new(method, &[BELOW, rest].concat(), SIGNAL, |_| {
            panic!("nothing is sent")
        });
        assert_eq!(runtime.handle(&gateway).status, 404);
        assert!(runtime.seen().is_empty() && runtime.log.borrow().is_empty());
    }
}

#[test]
fn a_preflight_gets_the_method_of_its_path() {
    for (rest, method) in [
        ("WKF1", "GET"),
        ("WKF1/commands", "POST"),
        ("WKF1/activities/activity/@a/trigger/", "POST"),
    ] {
        let mut runtime = TestRuntime::new("OPTIONS", &[BELOW, rest].concat(), "", |_| {
            panic!("nothing is sent")
        });
        (runtime.head.origin, runtime.head.has_request_method) = (Some(PAGE.into()), true);
        let response = runtime.handle(&gateway());
        assert_eq!(
            (
                response.status,
                response.header("access-control-allow-methods")
            ),
            (204, Some(method))
        );
        runtime.head.has_request_method = false;
        let response = runtime.handle(&gateway());
        let allowed = [method, ", OPTIONS"].concat();
        assert_eq!(
            (response.status, response.header("allow")),
            (405, Some(allowed.as_str()))
        );
    }
}

#[test]
fn reports_an_outcome_just_before_the_deadline() {
    let runtime = commands(|| late(999, json(200, "{}")));
    assert_eq!(runtime.handle(&gateway()).status, 200);
    let log: Value = runtime.log.take().remove(0);
    assert_eq!(
        (&log["ms"], &log["outcome"]),
        (&value!(999), &value!("accepted"))
    );
}
