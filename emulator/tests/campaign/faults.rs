//! Scripted faults.

use campaign_emulator::{
    Command, Dialect, Fault, FaultKind, FaultTarget, Options, ReplyPlan, Request,
};
use serde_json::json;

use crate::{
    Campaign, campaign, documented, documented_headers, execution, json as parsed, response_of,
    send, text,
};

fn fault(value: serde_json::Value) -> Fault {
    Fault::from_json(value).unwrap()
}

fn handle_with_fault(fault_json: serde_json::Value) -> (Campaign, campaign_emulator::Reply) {
    let mut campaign = campaign();
    campaign.add_fault(fault(fault_json));
    let reply = campaign.handle(&documented("WKF101", Command::Start), 0);
    (campaign, reply)
}

#[test]
fn each_scripted_error_is_as_documented_and_executes_nothing() {
    let oops = |code| {
        format!(
            r#"{{"code":{code},"message":"Oops. Something went wrong. Check your URI and try again."}}"#
        )
    };
    let cases = [
        ("token-expired", 401, r#"{"error_code":"401013","message":"Oauth token is not valid"}"#.to_owned()),
        ("profile-invalid", 403, r#"{"error_code":"403023","message":"Profile is not valid"}"#.to_owned()),
        ("unknown-uri", 500, oops(500)),
        ("cname-missing", 502, oops(502)),
        (
            "pkey-undecryptable",
            404,
            "Unable to decrypt PKey. (PKey=WKF101)\nUnsupported endpoint. (endpoint=rest/workflow/execution/WKF101)".to_owned(),
        ),
    ];
    for (kind, status, body) in cases {
        let (campaign, reply) = handle_with_fault(json!({ "kind": kind }));
        let response = response_of(reply);
        assert_eq!((response.status, text(&response)), (status, body), "{kind}");
        let entry = &campaign.log()[0];
        assert_eq!(
            (entry.fault, entry.status, entry.executed),
            (Some(kind), Some(status), false)
        );
        assert_eq!(campaign.workflow("WKF101").unwrap().executions().count(), 0);
    }
    for (kind, status, beginning) in [
        ("not-found", 404, "RST-360011 An error has occurred"),
        (
            "refused-by-campaign",
            500,
            "RST-360011 An error has occurred",
        ),
        ("html", 502, "<!DOCTYPE html>"),
    ] {
        let response = response_of(handle_with_fault(json!({ "kind": kind })).1);
        assert_eq!(response.status, status);
        assert!(text(&response).starts_with(beginning), "{kind}");
    }
}

#[test]
fn the_404_follows_the_dialect() {
    let mut campaign = Campaign::new(Options {
        dialect: Dialect::V8,
        ..Options::default()
    });
    campaign.add_fault(Fault::new(FaultKind::NotFound));
    let response = send(&mut campaign, "WKF101", Command::Start, 0);
    assert!(text(&response).starts_with("Unable to find document with path"));
}

#[test]
fn retry_after_is_seconds_a_text_or_absent() {
    let header = |kind: &str, fields: serde_json::Value| {
        let mut given = json!({ "kind": kind });
        given
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        response_of(handle_with_fault(given).1)
            .get("retry-after")
            .map(str::to_owned)
    };
    for kind in ["throttled", "unavailable"] {
        assert_eq!(header(kind, json!({})).as_deref(), Some("2"));
        assert_eq!(
            header(kind, json!({ "retryAfterSeconds": 30 })).as_deref(),
            Some("30")
        );
        assert_eq!(
            header(kind, json!({ "retryAfterSeconds": "soon" })).as_deref(),
            Some("soon")
        );
        assert_eq!(header(kind, json!({ "retryAfterSeconds": null })), None);
    }
}

#[test]
fn any_response_can_be_scripted() {
    let (_, reply) = handle_with_fault(
        json!({ "kind": "answer", "status": 418, "headers": { "X-Request-Id": "mine" }, "body": { "a": 1 } }),
    );
    let response = response_of(reply);
    assert_eq!(response.status, 418);
    assert_eq!(response.get("x-request-id"), Some("mine"));
    assert_eq!(parsed(&response), json!({ "a": 1 }));

    let body = |value: serde_json::Value| response_of(handle_with_fault(value).1).body;
    assert_eq!(body(json!({ "kind": "answer", "status": 200 })), b"");
    assert_eq!(
        body(json!({ "kind": "answer", "status": 200, "body": "text" })),
        b"text"
    );
    assert_eq!(
        body(json!({ "kind": "answer", "status": 200, "bodyBytes": [255, 0] })),
        [255, 0]
    );
}

#[test]
fn an_error_can_follow_an_executed_command() {
    let (campaign, reply) =
        handle_with_fault(json!({ "kind": "answer", "status": 500, "executes": true }));
    assert_eq!(response_of(reply).status, 500);
    assert!(campaign.log()[0].executed);
    assert_eq!(
        campaign
            .workflow("WKF101")
            .unwrap()
            .times_executed(Command::Start),
        1
    );

    // A fault does not execute a command that would have been refused.
    let mut campaign = crate::campaign();
    campaign.add_fault(fault(json!({ "kind": "lost-answer" })));
    assert_eq!(
        campaign
            .handle(&documented("WKF101", Command::Pause), 0)
            .plan,
        ReplyPlan::Disconnect
    );
    assert!(!campaign.log()[0].executed);
}

#[test]
fn a_redirect_has_the_given_location() {
    let (_, reply) =
        handle_with_fault(json!({ "kind": "redirect", "location": "https://elsewhere.example/x" }));
    let response = response_of(reply);
    assert_eq!(
        (response.status, response.get("location")),
        (307, Some("https://elsewhere.example/x"))
    );
}

#[test]
fn connections_fail_before_or_after_the_execution() {
    for (kind, executed) in [("lost-request", false), ("lost-answer", true)] {
        let (campaign, reply) = handle_with_fault(json!({ "kind": kind }));
        assert_eq!(reply.plan, ReplyPlan::Disconnect);
        assert_eq!(
            (campaign.log()[0].executed, campaign.log()[0].status),
            (executed, None),
            "{kind}"
        );
    }
    let (campaign, reply) = handle_with_fault(json!({ "kind": "hang" }));
    assert_eq!(reply.plan, ReplyPlan::Hang);
    assert!(!campaign.log()[0].executed);

    let (campaign, reply) = handle_with_fault(json!({ "kind": "cut-body" }));
    let ReplyPlan::Truncate { response, bytes } = reply.plan else {
        panic!("not cut")
    };
    assert_eq!((response.status, bytes), (200, response.body.len() / 2));
    assert!(campaign.log()[0].executed);
    assert_eq!(campaign.log()[0].status, Some(200));
}

#[test]
fn any_fault_can_be_delayed() {
    let (campaign, reply) = handle_with_fault(json!({ "kind": "delay", "delayMs": 700 }));
    assert_eq!(reply.delay_ms, 700);
    assert!(campaign.log()[0].executed);
    assert_eq!(response_of(reply).status, 200);
    assert_eq!(
        handle_with_fault(json!({ "kind": "lost-answer", "delayMs": 5 }))
            .1
            .delay_ms,
        5
    );
}

#[test]
fn a_fault_applies_only_to_matching_requests() {
    let mut campaign = campaign();
    let pkey = campaign.workflow("WKF104").unwrap().pkey().to_owned();
    campaign.add_fault(Fault {
        workflow_id: Some("WKF104".to_owned()),
        command: Some(Command::Start),
        ..Fault::new(FaultKind::TokenExpired)
    });
    assert_eq!(send(&mut campaign, "WKF101", Command::Start, 0).status, 200);
    assert_eq!(send(&mut campaign, "WKF104", Command::Stop, 0).status, 500);
    let read = documented_headers(Request::new("GET", execution("WKF104")));
    assert_eq!(response_of(campaign.handle(&read, 0)).status, 200);
    assert_eq!(send(&mut campaign, &pkey, Command::Start, 0).status, 401);
    assert_eq!(send(&mut campaign, "WKF104", Command::Start, 0).status, 200);

    campaign.add_fault(Fault {
        on: FaultTarget::Read,
        ..Fault::new(FaultKind::Html)
    });
    assert_eq!(response_of(campaign.handle(&read, 0)).status, 502);
}

#[test]
fn faults_are_used_up_in_order() {
    let mut campaign = campaign();
    campaign.add_fault(Fault {
        times: Some(2),
        ..Fault::response(501, "")
    });
    campaign.add_fault(Fault {
        times: None,
        ..Fault::response(502, "")
    });
    let statuses: Vec<u16> = (0..5)
        .map(|now| send(&mut campaign, "WKF101", Command::Start, now).status)
        .collect();
    assert_eq!(statuses, [501, 501, 502, 502, 502]);
    let left: Vec<(u64, u64)> = campaign
        .faults()
        .iter()
        .map(|active| (active.id, active.met))
        .collect();
    assert_eq!(left, [(2, 3)]);
    campaign.clear_faults();
    assert_eq!(send(&mut campaign, "WKF101", Command::Start, 9).status, 200);
}

#[test]
fn an_invalid_request_is_logged_as_such_despite_a_fault() {
    let mut campaign = campaign();
    campaign.add_fault(Fault::new(FaultKind::LostAnswer));
    campaign.handle(&documented("WKF101", Command::Start).body("{}"), 0);
    let entry = &campaign.log()[0];
    assert_eq!(entry.fault, Some("lost-answer"));
    assert!(
        entry
            .problem
            .as_deref()
            .unwrap()
            .starts_with("the body is not as documented")
    );
    assert!(!entry.executed);
}

#[test]
fn invalid_faults_are_rejected_with_a_reason() {
    for (given, reason) in [
        (json!([]), "fault: not an object"),
        (json!({}), "missing field `kind`"),
        (json!({ "kind": "hangs" }), "unknown variant `hangs`"),
        (
            json!({ "kind": "hang", "status": 200 }),
            "unknown field `status` for \"hang\"",
        ),
        (json!({ "kind": "answer" }), "missing field `status`"),
        (
            json!({ "kind": "answer", "status": 101 }),
            "status is not 200 to 599",
        ),
        (
            json!({ "kind": "answer", "status": 200, "headers": { "a b": "" } }),
            "headers contains a name or value that HTTP does not allow",
        ),
        (
            json!({ "kind": "redirect", "location": "a\r\nb" }),
            "location contains characters that HTTP does not allow",
        ),
        (
            json!({ "kind": "redirect", "location": "/", "status": 200 }),
            "status is not 300 to 399",
        ),
        (
            json!({ "kind": "throttled", "retryAfterSeconds": {} }),
            "retryAfterSeconds is not a number",
        ),
        (json!({ "kind": "delay" }), "missing field `delayMs`"),
        (json!({ "kind": "hang", "times": 0 }), "times is 0"),
        (
            json!({ "kind": "hang", "command": "Start" }),
            "unknown variant `Start`",
        ),
    ] {
        let error = Fault::from_json(given.clone()).unwrap_err().to_string();
        assert!(error.contains(reason), "{given}: {error}");
    }
}
