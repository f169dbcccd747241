//! The error responses of requests that fail without a scripted fault, verbatim where Adobe shows them.

use campaign_emulator::{Command, Dialect, Options, Request};

use crate::{
    Campaign, campaign, documented, documented_headers, execution, response_of, send, text,
};

fn with_header(name: &str, value: Option<&str>) -> Request {
    let mut request = documented("WKF101", Command::Start);
    request.headers.retain(|(known, _)| known != name);
    value.map_or(request.clone(), |value| request.header(name, value))
}

fn refused(request: &Request) -> (u16, String, Option<String>) {
    let mut campaign = campaign();
    let response = response_of(campaign.handle(request, 0));
    let entry = campaign.log()[0].clone();
    assert!(!entry.executed);
    assert_eq!(entry.status, Some(response.status));
    assert!(
        campaign
            .workflows()
            .iter()
            .all(|workflow| workflow.executions().count() == 0)
    );
    (response.status, text(&response), entry.problem)
}

#[test]
fn a_wrong_token_gets_401013() {
    let expected = r#"{"error_code":"401013","message":"Oauth token is not valid"}"#.to_owned();
    assert_eq!(
        refused(&with_header("Authorization", Some("Bearer other"))),
        (401, expected.clone(), None)
    );
    let problem = Some("Authorization is not \"Bearer \" and a token".to_owned());
    assert_eq!(
        refused(&with_header("Authorization", None)),
        (401, expected.clone(), problem.clone())
    );
    assert_eq!(
        refused(&with_header("Authorization", Some("local-token"))),
        (401, expected, problem)
    );
}

#[test]
fn a_wrong_api_key_gets_403() {
    let (status, body, problem) = refused(&with_header("X-Api-Key", Some("other")));
    assert_eq!((status, problem), (403, None));
    assert_eq!(
        body,
        r#"{"error_code":"403003","message":"Api Key is invalid"}"#
    );
    let (status, body, problem) = refused(&with_header("X-Api-Key", None));
    assert_eq!(
        (status, problem.as_deref()),
        (403, Some("X-Api-Key is missing"))
    );
    assert_eq!(
        body,
        r#"{"error_code":"403000","message":"Api Key is required"}"#
    );
}

#[test]
fn an_unknown_organization_or_path_gets_oops() {
    let oops =
        r#"{"code":500,"message":"Oops. Something went wrong. Check your URI and try again."}"#;
    let mut request = documented("WKF101", Command::Start);
    request.url = request.url.replace("acme-mkt-stage", "acme");
    assert_eq!(refused(&request), (500, oops.to_owned(), None));

    for url in [
        "/",
        "/acme-mkt-stage/campaign/workflow/execution/WKF101/command",
        "/nonsense?x",
    ] {
        let request = Request {
            url: url.to_owned(),
            ..documented("WKF101", Command::Start)
        };
        let problem = Some("the path is not part of the API".to_owned());
        assert_eq!(refused(&request), (500, oops.to_owned(), problem), "{url}");
    }
}

#[test]
fn an_unknown_workflow_gets_the_404_of_the_dialect() {
    let find = |dialect, id: &str| {
        let mut campaign = Campaign::new(Options {
            dialect,
            ..Options::default()
        });
        let response = send(&mut campaign, id, Command::Start, 0);
        assert_eq!(response.status, 404);
        assert_eq!(
            response.get("content-type"),
            Some("text/plain;charset=utf-8")
        );
        text(&response)
    };
    assert_eq!(
        find(Dialect::Standard, "WKF9"),
        "RST-360011 An error has occurred - please contact your administrator.\n\
         Unable to find document with path 'Workflow' from key 'WKF9:0' (document with schema 'workflow' and name 'WKF9')"
    );
    assert_eq!(
        find(Dialect::V8, "WKF9"),
        "Unable to find document with path 'Workflow' from key 'WKF9' (document with schema 'workflow' and name 'WKF9')"
    );
    assert_eq!(
        find(Dialect::V8, "@old"),
        "Unable to decrypt PKey. (PKey=@old)\nUnsupported endpoint. (endpoint=rest/workflow/execution/@old)"
    );
    assert!(find(Dialect::Standard, "@old").starts_with("RST-360011 "));
}

#[test]
fn an_undocumented_request_gets_a_reason() {
    let cases = [
        (
            with_header("Content-Type", Some("text/plain")),
            415,
            "Content-Type is not application/json",
        ),
        (
            Request {
                method: "PUT".to_owned(),
                ..with_header("", None)
            },
            405,
            "the method is PUT, not POST",
        ),
        (
            with_header("", None).body("[]"),
            400,
            "the body is not as documented: it is not a JSON object",
        ),
    ];
    for (request, status, why) in cases {
        let expected = format!("This is not the documented request: {why}.");
        assert_eq!(refused(&request), (status, expected, Some(why.to_owned())));
    }
}

#[test]
fn a_tolerated_deviation_is_logged_and_refused_only_if_strict() {
    for value in [None, Some("no-store")] {
        for strict in [false, true] {
            let mut campaign = Campaign::new(Options {
                strict,
                ..Options::default()
            });
            let response = response_of(campaign.handle(&with_header("Cache-Control", value), 0));
            assert_eq!(response.status, if strict { 400 } else { 200 });
            let entry = &campaign.log()[0];
            assert_eq!(entry.executed, !strict);
            let why = "Cache-Control is not no-cache";
            assert_eq!(entry.problem.as_deref(), Some(why));
        }
    }
}

#[test]
fn credentials_are_checked_before_the_workflow() {
    let mut request = documented("WKF9", Command::Start);
    request.headers.retain(|(name, _)| name != "Authorization");
    assert_eq!(refused(&request).0, 401);
}

#[test]
fn the_log_holds_the_request_as_sent() {
    let mut campaign = campaign();
    let request = documented("%57KF101", Command::Start)
        .header("X-More", "a")
        .header("x-more", "b");
    campaign.handle(&request, 42);
    let entry = &campaign.log()[0];
    assert_eq!((entry.index, entry.at), (0, 42));
    assert_eq!(entry.method, "POST");
    assert_eq!(entry.url, request.url);
    assert_eq!(
        entry.path,
        "/acme-mkt-stage/campaign/workflow/execution/%57KF101/commands"
    );
    assert_eq!(entry.headers["authorization"], "Bearer local-token");
    assert_eq!(entry.headers["x-more"], "a, b");
    assert_eq!(entry.body, r#"{"method":"start"}"#);
    assert_eq!(entry.organization.as_deref(), Some("acme-mkt-stage"));
    assert_eq!(entry.workflow_id.as_deref(), Some("WKF101"));
    assert_eq!(entry.command, Some(Command::Start));
    assert!(entry.executed);
}

#[test]
fn a_read_returns_key_and_state() {
    let mut campaign = campaign();
    let request = documented_headers(Request::new("GET", execution("WKF102")));
    let shown = crate::json(&response_of(campaign.handle(&request, 0)));
    assert_eq!(shown["PKey"], campaign.workflow("WKF102").unwrap().pkey());
    assert_eq!(shown["state"], "Started");
    assert_eq!(shown["activities"], serde_json::json!({ "activity": {} }));
    assert_eq!(campaign.log()[0].command, None);

    let missing = documented_headers(Request::new("GET", execution("WKF9")));
    assert_eq!(response_of(campaign.handle(&missing, 0)).status, 404);
}
