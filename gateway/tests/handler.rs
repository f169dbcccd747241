//! One request through the gateway: the order of what happens, the deadline, reading and signals.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use campaign_gateway::{Accepted, Content};
use campaign_workflow::{Code, Error, Outcome};
use serde_json::{Value, json as value};
use support::{
    Answered, BELOW, CAMPAIGN, GATEWAY, PAGE, Says, TestHost, document, gateway, json, late, text,
};

const START: &str = r#"{"method":"start"}"#;
const SIGNAL: &str = r#"{"source":"API"}"#;
const SHOWN: &str = "/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/";

fn commands(answered: fn() -> Answered) -> TestHost {
    let path = [BELOW, "WKF1/commands"].concat();
    TestHost::new("POST", &path, START, move |_| answered())
}

/// Answers a GET with a workflow that shows this trigger, and a POST like this.
fn signal(href: &'static str, activity: &str, answered: fn() -> Answered) -> TestHost {
    let path = [BELOW, "WKF1/activities/activity/", activity, "/trigger"].concat();
    TestHost::new("POST", &path, SIGNAL, move |request| match request.method {
        "GET" => {
            let activities = value!({ "activity": { "signal1": { "trigger": { "href": href } } } });
            json(200, &value!({ "activities": activities }).to_string())
        }
        _ => answered(),
    })
}

/// What is known of what became of it: status, code, outcome.
fn told(host: &TestHost) -> (u16, String, String) {
    let answer = host.ask(&gateway());
    let document = document(&answer);
    let word = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    (answer.status, word("code"), word("outcome"))
}

fn words(status: u16, code: &str, outcome: &str) -> (u16, String, String) {
    (status, code.to_owned(), outcome.to_owned())
}

#[test]
fn a_command_is_authorized_and_then_sent_once() {
    let host = commands(|| json(202, r#"{"a": 1.50}"#));
    let answer = host.ask(&gateway());
    assert_eq!(
        (answer.status, answer.body.as_deref()),
        (202, Some(r#"{"a": 1.50}"#))
    );
    assert_eq!(answer.get("x-request-id"), Some("id-of-campaign"));
    let request = ["POST ", CAMPAIGN, BELOW, "WKF1/commands ", START].concat();
    assert_eq!(host.seen(), ["authorize start WKF1", "sending", &request]);
    let expected = value!({
        "requestId": "id-of-campaign", "organization": "acme", "workflowId": "WKF1", "command": "start",
        "outcome": "accepted", "code": null, "status": 202, "attempts": 1, "ms": 0,
    });
    assert_eq!(host.log.take(), [expected]);
}

#[test]
fn whoever_may_do_nothing_gets_one_answer_for_everything() {
    let below = |rest: &str| [BELOW, rest].concat();
    let mut answers = Vec::new();
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
        let mut host = TestHost::new(method, &path, body, |_| panic!("nothing is sent"));
        host.says = Says::No;
        answers.push(host.ask(&gateway()));
        assert_eq!(host.log.borrow().len(), 1);
        assert_eq!(host.seen().len(), 1, "it was asked who may");
    }
    assert_eq!(answers[0].status, 403);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn what_is_not_listed_is_not_found_by_whoever_may() {
    for (method, rest, body) in [
        ("POST", "WKF2/commands", START),
        ("GET", "WKF2", ""),
        ("POST", "WKF2/activities/activity/@a/trigger/", SIGNAL),
    ] {
        let path = [BELOW, rest].concat();
        let host = TestHost::new(method, &path, body, |_| panic!("nothing is sent"));
        assert_eq!(told(&host), words(404, "not-found", "not-executed"));
    }
}

#[test]
fn one_deadline_is_over_all() {
    let mut host = commands(|| panic!("nothing is sent"));
    host.body_ms = 2000;
    assert_eq!(told(&host), words(408, "timeout", "not-executed"));
    assert_eq!((host.now_ms(), host.seen().len()), (1000.0, 0));

    let mut host = commands(|| panic!("nothing is sent"));
    (host.body_ms, host.says) = (400, Says::Never);
    assert_eq!(told(&host), words(500, "internal", "not-executed"));
    assert_eq!(host.now_ms(), 1000.0);

    let mut host = commands(|| Answered::Never);
    (host.body_ms, host.says) = (300, Says::Late(300));
    assert_eq!(told(&host), words(504, "timeout", "unknown"));
    assert_eq!(host.now_ms(), 1000.0);

    let host = signal(SHOWN, "@a", || Answered::Never);
    assert_eq!(told(&host), words(504, "timeout", "unknown"));
    assert_eq!(host.now_ms(), 1000.0);

    let host = TestHost::new("GET", &[BELOW, "WKF1"].concat(), "", |_| Answered::Never);
    assert_eq!(told(&host), words(504, "timeout", "not-executed"));
    assert_eq!(host.now_ms(), 1000.0);
}

#[test]
fn an_authorize_that_fails_lets_nobody_pass() {
    let mut host = commands(|| panic!("nothing is sent"));
    host.says = Says::Fails;
    assert_eq!(told(&host), words(500, "internal", "not-executed"));
}

#[test]
fn the_users_own_send_has_the_time_that_is_left() {
    let mut gateway = gateway();
    gateway.has_own_send = true;
    let receipt = Accepted {
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
    let nonsense = Accepted {
        status: 500,
        ..receipt.clone()
    };
    for (sends, status, outcome, attempts) in [
        (Some(Ok(receipt)), 200, "accepted", 2),
        (Some(Err(failed)), 502, "unknown", 1),
        (Some(Ok(nonsense)), 502, "unknown", 0),
        (None, 504, "unknown", 0),
    ] {
        let mut host = commands(|| panic!("the user sends"));
        (host.sends, host.says) = (sends, Says::Late(100));
        host.head.idempotency_key = Some("k-1".into());
        let answer = host.ask(&gateway);
        assert_eq!((answer.status, answer.get("retry-after")), (status, None));
        let seen = host.seen();
        assert_eq!(
            seen,
            ["authorize start WKF1", "sending", "send start k-1 900"]
        );
        let log = host.log.take();
        assert_eq!(
            (&log[0]["outcome"], &log[0]["attempts"]),
            (&value!(outcome), &value!(attempts))
        );
    }
}

#[test]
fn a_gateway_without_a_store_takes_no_key() {
    let mut host = commands(|| panic!("nothing is sent"));
    host.head.idempotency_key = Some("k-1".into());
    let answer = host.ask(&gateway());
    assert_eq!(answer.status, 400);
    assert!(answer.body.as_deref().unwrap().contains("not-executed"));
    assert_eq!(host.seen(), [""; 0]);
}

#[test]
fn a_workflow_shows_the_gateways_triggers() {
    let own = [CAMPAIGN, SHOWN].concat();
    let elsewhere = ["https://elsewhere.example", SHOWN].concat();
    let shown = format!(
        r#"{{"z": 1.50, "activities": {{"activity": {{"s": {{"trigger": {{"href": "{own}"}}}}, "t": {{"trigger": {{"href": "{elsewhere}"}}}}}}}}}}"#
    );
    let host = TestHost::new("GET", &[BELOW, "WKF1?x=/y"].concat(), "", move |_| {
        json(200, &shown)
    });
    let answer = host.ask(&gateway());
    let href = [GATEWAY, BELOW, "WKF1/activities/activity/@a/trigger/"].concat();
    let expected = format!(
        r#"{{"z":1.50,"activities":{{"activity":{{"s":{{"trigger":{{"href":"{href}"}}}},"t":{{"trigger":{{}}}}}}}}}}"#
    );
    assert_eq!((answer.status, answer.body), (200, Some(expected)));
    assert_eq!(
        host.seen()[1..],
        [["GET ", CAMPAIGN, BELOW, "WKF1"].concat()],
        "nothing is executed"
    );
}

#[test]
fn what_is_no_workflow_is_told_as_that() {
    for body in ["[]", "null", "", "<html>", "{\"a\":"] {
        let host = TestHost::new("GET", &[BELOW, "WKF1"].concat(), "", move |_| {
            json(200, body)
        });
        assert_eq!(
            told(&host),
            words(502, "bad-response", "not-executed"),
            "{body}"
        );
    }
}

#[test]
fn a_signal_goes_to_the_address_that_the_workflow_shows() {
    for href in [
        SHOWN,
        "https://campaign.example/acme/campaign/workflow/execution/@wf/activities/activity/%40a/trigger",
    ] {
        let host = signal(href, "%40a", || json(200, "{}"));
        assert_eq!(host.ask(&gateway()).status, 200);
        let seen = host.seen();
        let url = if href == SHOWN {
            [CAMPAIGN, SHOWN].concat()
        } else {
            href.to_owned()
        };
        let looked = ["GET ", CAMPAIGN, BELOW, "WKF1"].concat();
        let triggered = ["POST ", &url, " ", SIGNAL].concat();
        assert_eq!(
            seen,
            ["authorize signal WKF1", &looked, "sending", &triggered]
        );
        assert_eq!(host.log.borrow()[0]["attempts"], 2);
    }
}

#[test]
fn nothing_is_triggered_that_the_workflow_does_not_show() {
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
        let host = signal(href, activity, || panic!("it is triggered"));
        assert_eq!(
            told(&host),
            words(404, "invalid-trigger", "not-executed"),
            "{href}"
        );
        assert!(!host.seen().contains(&"sending".to_owned()));
    }
}

#[test]
fn a_signal_that_comes_too_soon_is_told_as_campaign_tells_it() {
    for status in [200, 400] {
        let host = signal(
            SHOWN,
            "@a",
            if status == 200 {
                || text(200, "Wait.")
            } else {
                || text(400, "Wait.")
            },
        );
        let answer = host.ask(&gateway());
        assert_eq!(
            (answer.status, answer.body.as_deref()),
            (status, Some("Wait."))
        );
        assert_eq!(
            answer.get("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(host.log.borrow()[0]["outcome"], "not-executed");
    }
}

#[test]
fn a_gateway_without_credentials_serves_commands_alone() {
    let mut gateway = gateway();
    (gateway.has_own_send, gateway.campaign) = (true, None);
    for (method, rest) in [
        ("GET", "WKF1"),
        ("OPTIONS", "WKF1"),
        ("POST", "WKF1/activities/activity/@a/trigger"),
    ] {
        let host = TestHost::new(method, &[BELOW, rest].concat(), SIGNAL, |_| {
            panic!("nothing is sent")
        });
        assert_eq!(host.ask(&gateway).status, 404);
        assert!(host.seen().is_empty() && host.log.borrow().is_empty());
    }
}

#[test]
fn a_preflight_is_told_the_one_method_of_its_address() {
    for (rest, method) in [
        ("WKF1", "GET"),
        ("WKF1/commands", "POST"),
        ("WKF1/activities/activity/@a/trigger/", "POST"),
    ] {
        let mut host = TestHost::new("OPTIONS", &[BELOW, rest].concat(), "", |_| {
            panic!("nothing is sent")
        });
        (host.head.origin, host.head.asks_method) = (Some(PAGE.into()), true);
        let answer = host.ask(&gateway());
        assert_eq!(
            (answer.status, answer.get("access-control-allow-methods")),
            (204, Some(method))
        );
        host.head.asks_method = false;
        let answer = host.ask(&gateway());
        let allowed = [method, ", OPTIONS"].concat();
        assert_eq!(
            (answer.status, answer.get("allow")),
            (405, Some(allowed.as_str()))
        );
    }
}

#[test]
fn an_outcome_that_comes_at_the_last_moment_is_told() {
    let host = commands(|| late(999, json(200, "{}")));
    assert_eq!(host.ask(&gateway()).status, 200);
    let log: Value = host.log.take().remove(0);
    assert_eq!(
        (&log["ms"], &log["outcome"]),
        (&value!(999), &value!("accepted"))
    );
}
