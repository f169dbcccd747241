//! External signal activities: found by reading the workflow, triggered at its `href`.

use campaign_emulator::{Command, Dialect, Options, Request};
use serde_json::{Value, json};

use crate::{Campaign, campaign, documented_headers, execution, response_of, send, text};

const TEN_MINUTES: u64 = 10 * 60 * 1000;

fn read(campaign: &mut Campaign, url: String) -> Value {
    let request = documented_headers(Request::new("GET", url));
    crate::json(&response_of(campaign.handle(&request, 0)))["activities"]["activity"]["signal1"]
        .clone()
}

fn trigger(campaign: &mut Campaign, url: &str, now: u64) -> (u16, String) {
    let body = r#"{"source":"API","parameters":{"email":"a@example.com","count":2,"test":true}}"#;
    let request = documented_headers(Request::new("POST", url)).body(body);
    let response = response_of(campaign.handle(&request, now));
    (response.status, text(&response))
}

#[test]
fn the_trigger_has_the_origin_and_prefix_of_the_request() {
    for base in ["https://mc.adobe.io", "http://127.0.0.1:4173/prefix", ""] {
        let mut campaign = campaign();
        let pkey = campaign.workflow("WKF106").unwrap().pkey().to_owned();
        let signal = read(
            &mut campaign,
            format!("{base}/acme-mkt-stage/campaign/workflow/execution/WKF106"),
        );
        let href = signal["trigger"]["href"].as_str().unwrap();
        let expected = format!(
            "{base}/acme-mkt-stage/campaign/workflow/execution/{pkey}/activities/activity/@"
        );
        assert!(
            href.starts_with(&expected) && href.ends_with("/trigger/"),
            "{href}"
        );
    }
}

#[test]
fn only_the_standard_dialect_lists_parameter_names() {
    let signal = read(&mut campaign(), execution("WKF106"));
    assert_eq!(signal["parameters"], json!(["audience", "email"]));
    let mut v8 = Campaign::new(Options {
        dialect: Dialect::V8,
        ..Options::default()
    });
    assert_eq!(read(&mut v8, execution("WKF106")).get("parameters"), None);
}

#[test]
fn a_signal_is_accepted_once_in_ten_minutes() {
    let mut campaign = campaign();
    let signal = read(&mut campaign, execution("WKF106"));
    let href = signal["trigger"]["href"].as_str().unwrap().to_owned();
    let too_soon = (
        400,
        "The signal was triggered less than 10 minutes ago.".to_owned(),
    );
    assert_eq!(trigger(&mut campaign, &href, 0), (200, "{}".to_owned()));
    assert_eq!(trigger(&mut campaign, &href, TEN_MINUTES - 1), too_soon);
    assert_eq!(trigger(&mut campaign, &href, TEN_MINUTES).0, 200);

    let received: Vec<_> = campaign
        .workflow("WKF106")
        .unwrap()
        .triggered()
        .cloned()
        .collect();
    assert_eq!(
        received.iter().map(|signal| signal.at).collect::<Vec<_>>(),
        [0, TEN_MINUTES]
    );
    assert_eq!(received[0].source, "API");
    assert_eq!(received[0].parameters["count"], json!(2));
    assert_eq!(received[0].request_index, 1);
    let executed: Vec<bool> = campaign.log().iter().map(|entry| entry.executed).collect();
    assert_eq!(executed, [false, true, false, true]);
}

#[test]
fn a_workflow_that_is_not_running_refuses_signals() {
    let mut campaign = campaign();
    let signal = read(&mut campaign, execution("WKF106"));
    let href = signal["trigger"]["href"].as_str().unwrap().to_owned();
    send(&mut campaign, "WKF106", Command::Pause, 0);
    let (status, body) = trigger(&mut campaign, &href, 1500);
    assert_eq!(status, 500);
    assert!(
        body.ends_with("The workflow 'WKF106' does not run: its state is 'Paused'."),
        "{body}"
    );
}

#[test]
fn an_unknown_activity_is_not_found() {
    let url = execution("WKF106/activities/activity/@other/trigger/");
    assert_eq!(trigger(&mut campaign(), &url, 0).0, 404);
}
