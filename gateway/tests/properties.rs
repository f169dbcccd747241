//! Properties for any address, origin, body and response.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use campaign_gateway::{RequestHead, Route, Target};
use campaign_workflow::{Code, Error, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json as value};
use support::{BELOW, CAMPAIGN, GATEWAY, PAGE, TestRuntime, document, gateway, json};

const START: &str = r#"{"method":"start"}"#;

/// Percent-encodes every reserved byte, and some of the unreserved ones.
fn encode(text: &str, also: u8) -> String {
    let encode = |byte: u8| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
        match plain && byte % 7 != also {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02x}"),
        }
    };
    text.bytes().map(encode).collect()
}

fn path(organization: &str, workflow: &str, rest: &str) -> String {
    format!("/{organization}/campaign/workflow/execution/{workflow}{rest}")
}

/// Whether the client would send this name.
fn is_sent(text: &str) -> bool {
    let control = |character: char| character.is_control();
    !(text.is_empty()
        || text == "."
        || text == ".."
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.contains(control))
}

fn target() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("POST", "/commands")),
        Just(("GET", "")),
        Just(("POST", "/activities/activity/@a/trigger/")),
    ]
}

proptest! {
    #[test]
    fn decodes_what_the_client_encodes(organization in "\\PC{1,12}", workflow in any::<String>(), also in 0u8..8) {
        let url = [GATEWAY, &path(&encode(&organization, also), &encode(&workflow, also), "/commands")].concat();
        let route = Route::parse(&url, "/api");
        if is_sent(&organization) && is_sent(&workflow) {
            let target = Target::Commands;
            prop_assert_eq!(route, Some(Route { organization, workflow_id: workflow, target }));
        } else {
            prop_assert_eq!(route, None);
        }
    }

    #[test]
    fn serves_only_what_is_listed(organization in "[a-z%0-9./]{1,8}|acme", workflow in "[A-Z0-9%./a-f]{1,8}|WKF1|WKF%31", (method, rest) in target()) {
        let body = if rest == "/commands" { START } else { r#"{"source":"API"}"# };
        let runtime = TestRuntime::new(method, &path(&organization, &workflow, rest), body, |_| json(200, "{}"));
        runtime.handle(&gateway());
        let own = [CAMPAIGN, BELOW, "WKF1"].concat();
        let requests = runtime.seen().into_iter().filter(|line| line.contains("://"));
        for request in requests {
            prop_assert!(request.contains(&own), "{}", request);
        }
    }

    #[test]
    fn parses_any_text_as_a_url_without_a_panic(url in any::<String>(), path in "[/a-z%0-9#?.]*", base in "(/[a-z]{0,3}){0,2}") {
        let _ = Route::parse(&url, &base);
        let _ = Route::parse(&format!("https://x{path}"), &base);
    }

    #[test]
    fn refuses_pages_of_other_origins(origin in "\\PC{0,30}|https://app\\.example.{0,6}|.{0,6}https://app\\.example|(?i)https://app\\.example", (method, rest) in target(), is_preflight: bool) {
        prop_assume!(origin != PAGE);
        let method = if is_preflight { "OPTIONS" } else { method };
        let mut runtime = TestRuntime::new(method, &path("acme", "WKF1", rest), START, |_| panic!("it is sent"));
        runtime.head = RequestHead { origin: Some(origin), has_request_method: is_preflight, ..runtime.head };
        let response = runtime.handle(&gateway());
        prop_assert_eq!(response.status, 403);
        prop_assert!(!response.headers.iter().any(|(name, _)| name.starts_with("access-control")));
        prop_assert!(runtime.seen().is_empty());
    }

    #[test]
    fn every_response_has_its_headers(
        method in "GET|POST|OPTIONS|PUT", rest in "|/commands|/activities/activity/@a/trigger|/x", length in 0u32..200,
        listed: bool, status in 200u16..600, body in "\\{\\}|.{0,5}",
    ) {
        let mut runtime = TestRuntime::new(&method, &path("acme", "WKF1", &rest), START, move |_| json(status, &body));
        runtime.head.origin = listed.then(|| PAGE.to_owned());
        runtime.head.content_length = Some(length.to_string());
        let response = runtime.handle(&gateway());
        prop_assert_eq!(response.header("vary"), Some("Origin"));
        prop_assert_eq!(response.header("access-control-allow-origin"), listed.then_some(PAGE));
        prop_assert_eq!(response.header("cache-control"), Some("no-store"));
        prop_assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        prop_assert!(runtime.log.borrow().len() <= 1);
    }

    #[test]
    fn an_unknown_outcome_never_has_retry_after(
        code in proptest::sample::select(Code::ALL), is_unknown: bool,
        retry_after_ms in proptest::option::of(any::<u32>()), request_id in proptest::option::of("[ -~]{0,8}"),
    ) {
        let mut runtime = TestRuntime::new("POST", &path("acme", "WKF1", "/commands"), START, |_| panic!("the user sends"));
        runtime.sends = Some(Err(Error {
            code,
            outcome: if is_unknown { Outcome::Unknown } else { Outcome::NotExecuted },
            message: "It failed".into(),
            status: Some(503),
            error_code: None,
            body: None,
            hint: None,
            retry_after_ms,
            request_id,
            attempts: 1,
            cause: None,
        }));
        let mut gateway = gateway();
        gateway.has_custom_send = true;
        let response = runtime.handle(&gateway);
        let document = document(&response);
        prop_assert_eq!(response.header("retry-after").is_some(), matches!(response.status, 429 | 503));
        prop_assert_eq!(&document["outcome"], if is_unknown { "unknown" } else { "not-executed" });
        if is_unknown {
            prop_assert_eq!(response.status, if code == Code::Timeout { 504 } else { 502 });
            prop_assert!(document["retryAfterMs"].is_null());
        }
    }

    #[test]
    fn accepts_any_bytes_as_a_body_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..80), (method, rest) in target()) {
        let mut runtime = TestRuntime::new(method, &path("acme", "WKF1", rest), "", |_| json(200, "{}"));
        runtime.body = body;
        runtime.handle(&gateway());
    }

    #[test]
    fn a_workflow_shows_only_triggers_at_the_gateway(
        hrefs in proptest::collection::vec(
            "https://(campaign|elsewhere)\\.example/(acme|other)/campaign/workflow/execution/[@a-z%2f.]{1,6}/activities/activity/[@a-z%2f.]{1,6}/trigger/?|/acme/.{0,20}|.{0,20}",
            0..5,
        ),
    ) {
        let activities = hrefs.iter().enumerate();
        let activities: serde_json::Map<String, Value> = activities
            .map(|(at, href)| (format!("s{at}"), value!({ "trigger": { "href": href } })))
            .collect();
        let workflow = value!({ "activities": { "activity": activities } }).to_string();
        let runtime = TestRuntime::new("GET", &path("acme", "WKF1", ""), "", move |_| json(200, &workflow));
        let response = runtime.handle(&gateway());
        prop_assert_eq!(response.status, 200);
        let own = [GATEWAY, BELOW, "WKF1/activities/activity/"].concat();
        for activity in document(&response)["activities"]["activity"].as_object().unwrap().values() {
            if let Some(href) = activity["trigger"].get("href") {
                prop_assert!(href.as_str().unwrap().starts_with(&own), "{}", href);
            }
        }
    }
}
