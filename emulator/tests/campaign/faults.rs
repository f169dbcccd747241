//! What goes wrong on purpose.

use campaign_emulator::{Command, Dialect, Fate, Fault, FaultKind, Meets, Options, Request};
use serde_json::json;

use crate::{
    Campaign, answered, campaign, documented, documented_headers, execution, json as parsed, send,
    text,
};

fn fault(value: serde_json::Value) -> Fault {
    Fault::from_json(value).unwrap()
}

fn meet(fault_json: serde_json::Value) -> (Campaign, campaign_emulator::Reply) {
    let mut campaign = campaign();
    campaign.add_fault(fault(fault_json));
    let reply = campaign.handle(&documented("WKF101", Command::Start), 0);
    (campaign, reply)
}

#[test]
fn every_scripted_answer_is_as_documented_and_executes_nothing() {
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
        let (campaign, reply) = meet(json!({ "kind": kind }));
        let answer = answered(reply);
        assert_eq!((answer.status, text(&answer)), (status, body), "{kind}");
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
        let answer = answered(meet(json!({ "kind": kind })).1);
        assert_eq!(answer.status, status);
        assert!(text(&answer).starts_with(beginning), "{kind}");
    }
}

#[test]
fn the_404_has_the_dialect() {
    let mut campaign = Campaign::new(Options {
        dialect: Dialect::V8,
        ..Options::default()
    });
    campaign.add_fault(Fault::new(FaultKind::NotFound));
    let answer = send(&mut campaign, "WKF101", Command::Start, 0);
    assert!(text(&answer).starts_with("Unable to find document with path"));
}

#[test]
fn retry_after_is_seconds_a_text_or_left_out() {
    let header = |kind: &str, fields: serde_json::Value| {
        let mut given = json!({ "kind": kind });
        given
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        answered(meet(given).1)
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
fn any_answer_can_be_given() {
    let (_, reply) = meet(
        json!({ "kind": "answer", "status": 418, "headers": { "X-Request-Id": "mine" }, "body": { "a": 1 } }),
    );
    let answer = answered(reply);
    assert_eq!(answer.status, 418);
    assert_eq!(answer.get("x-request-id"), Some("mine"));
    assert_eq!(parsed(&answer), json!({ "a": 1 }));

    let body = |value: serde_json::Value| answered(meet(value).1).body;
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
fn an_answer_may_hide_that_the_command_was_executed() {
    let (campaign, reply) = meet(json!({ "kind": "answer", "status": 500, "executes": true }));
    assert_eq!(answered(reply).status, 500);
    assert!(campaign.log()[0].executed);
    assert_eq!(
        campaign
            .workflow("WKF101")
            .unwrap()
            .times_executed(Command::Start),
        1
    );

    // What would have been refused is not executed by a fault either.
    let mut campaign = crate::campaign();
    campaign.add_fault(fault(json!({ "kind": "lost-answer" })));
    assert_eq!(
        campaign
            .handle(&documented("WKF101", Command::Pause), 0)
            .fate,
        Fate::Lost
    );
    assert!(!campaign.log()[0].executed);
}

#[test]
fn a_redirect_goes_where_it_says() {
    let (_, reply) = meet(json!({ "kind": "redirect", "location": "https://elsewhere.example/x" }));
    let answer = answered(reply);
    assert_eq!(
        (answer.status, answer.get("location")),
        (307, Some("https://elsewhere.example/x"))
    );
}

#[test]
fn connections_fail_before_or_after_the_execution() {
    for (kind, executed) in [("lost-request", false), ("lost-answer", true)] {
        let (campaign, reply) = meet(json!({ "kind": kind }));
        assert_eq!(reply.fate, Fate::Lost);
        assert_eq!(
            (campaign.log()[0].executed, campaign.log()[0].status),
            (executed, None),
            "{kind}"
        );
    }
    let (campaign, reply) = meet(json!({ "kind": "hang" }));
    assert_eq!(reply.fate, Fate::Hang);
    assert!(!campaign.log()[0].executed);

    let (campaign, reply) = meet(json!({ "kind": "cut-body" }));
    let Fate::Cut { answer, bytes } = reply.fate else {
        panic!("not cut")
    };
    assert_eq!((answer.status, bytes), (200, answer.body.len() / 2));
    assert!(campaign.log()[0].executed);
    assert_eq!(campaign.log()[0].status, Some(200));
}

#[test]
fn any_fault_can_come_late() {
    let (campaign, reply) = meet(json!({ "kind": "delay", "delayMs": 700 }));
    assert_eq!(reply.delay_ms, 700);
    assert!(campaign.log()[0].executed);
    assert_eq!(answered(reply).status, 200);
    assert_eq!(
        meet(json!({ "kind": "lost-answer", "delayMs": 5 }))
            .1
            .delay_ms,
        5
    );
}

#[test]
fn a_fault_meets_what_it_is_meant_for() {
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
    assert_eq!(answered(campaign.handle(&read, 0)).status, 200);
    assert_eq!(send(&mut campaign, &pkey, Command::Start, 0).status, 401);
    assert_eq!(send(&mut campaign, "WKF104", Command::Start, 0).status, 200);

    campaign.add_fault(Fault {
        on: Meets::Read,
        ..Fault::new(FaultKind::Html)
    });
    assert_eq!(answered(campaign.handle(&read, 0)).status, 502);
}

#[test]
fn faults_are_spent_in_their_order() {
    let mut campaign = campaign();
    campaign.add_fault(Fault {
        times: Some(2),
        ..Fault::answer(501, "")
    });
    campaign.add_fault(Fault {
        times: None,
        ..Fault::answer(502, "")
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
fn a_fault_does_not_hide_a_wrong_request() {
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
fn wrong_faults_are_refused_by_name() {
    for (given, reason) in [
        (json!([]), "a fault: it is no object"),
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
            "headers holds what HTTP does not allow",
        ),
        (
            json!({ "kind": "redirect", "location": "a\r\nb" }),
            "location holds what HTTP does not allow",
        ),
        (
            json!({ "kind": "redirect", "location": "/", "status": 200 }),
            "status is not 300 to 399",
        ),
        (
            json!({ "kind": "throttled", "retryAfterSeconds": {} }),
            "retryAfterSeconds is no number",
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
