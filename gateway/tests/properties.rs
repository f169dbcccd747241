//! What holds for any address and any origin, held against the client's own rules and the platform's parser by others.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use campaign_gateway::{Allowed, CODES, Commands, Failure, Gateway, Head, Origins, Route};
use campaign_workflow::error::Code;
use proptest::prelude::*;

const LISTED: &str = "https://app.example";

fn gateway() -> Gateway {
    Gateway {
        base_path: "/api".to_owned(),
        origins: Origins(vec![LISTED.to_owned()]),
        allowed: Allowed {
            organization: "acme".to_owned(),
            workflows: Some(vec![("WKF1".to_owned(), Commands::All)]),
        },
        max_body_bytes: 64,
        passes_keys: false,
    }
}

/// Every byte but the unreserved ones percent-encoded, and some of those as well.
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

fn url(organization: &str, workflow: &str) -> String {
    format!(
        "https://gateway.example/api/{organization}/campaign/workflow/execution/{workflow}/commands"
    )
}

fn head(method: &str, url: String, origin: Option<&str>) -> Head {
    Head {
        method: method.to_owned(),
        url,
        origin: origin.map(str::to_owned),
        content_type: Some("application/json".to_owned()),
        asks_method: method == "OPTIONS",
        ..Head::default()
    }
}

/// What the client would send, by its own rule.
fn is_sent(text: &str) -> bool {
    let control = |character: char| character.is_control();
    !(text.is_empty()
        || text == "."
        || text == ".."
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.contains(control))
}

proptest! {
    #[test]
    fn what_the_client_encodes_comes_back_as_it_was(organization in "\\PC{1,12}", workflow in any::<String>(), also in 0u8..8) {
        let route = Route::of(&url(&encode(&organization, also), &encode(&workflow, also)), "/api");
        if is_sent(&organization) && is_sent(&workflow) {
            prop_assert_eq!(route, Some(Route { organization, workflow }));
        } else {
            prop_assert_eq!(route, None);
        }
    }

    #[test]
    fn nothing_is_served_but_what_is_listed(organization in "[a-z%0-9./]{1,8}|acme", workflow in "[A-Z0-9%./a-f]{1,8}|WKF1|WKF%31") {
        let wish = gateway().body(&head("POST", url(&organization, &workflow), None), br#"{"method":"start"}"#);
        if let Ok(wish) = wish {
            prop_assert_eq!(wish.route.organization, "acme");
            prop_assert_eq!(wish.route.workflow, "WKF1");
        }
    }

    #[test]
    fn any_text_can_come_as_an_address(url in any::<String>(), path in "[/a-z%0-9#?.]*", base in "(/[a-z]{0,3}){0,2}") {
        let _ = Route::of(&url, &base);
        let _ = Route::of(&format!("https://x{path}"), &base);
    }

    #[test]
    fn a_page_of_another_origin_gets_nothing(origin in "\\PC{0,30}|https://app\\.example.{0,6}|.{0,6}https://app\\.example|(?i)https://app\\.example") {
        prop_assume!(origin != LISTED);
        for (method, body) in [("POST", &br#"{"method":"start"}"#[..]), ("OPTIONS", b"")] {
            let head = head(method, url("acme", "WKF1"), Some(&origin));
            let answer = gateway().head(&head).unwrap();
            prop_assert_eq!(answer.status, 403);
            prop_assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control")));
            prop_assert!(gateway().body(&head, body).is_err());
        }
    }

    #[test]
    fn every_answer_depends_on_the_origin_and_says_so(method in "GET|POST|OPTIONS|PUT", path in "/api|/", length in 0u32..200, listed: bool) {
        let url = [&url("acme", "WKF1"), "https://x/"][usize::from(path == "/")].to_string();
        let mut head = head(&method, url, listed.then_some(LISTED));
        head.content_length = Some(length.to_string());
        if let Some(answer) = gateway().head(&head) {
            prop_assert_eq!(answer.get("vary"), Some("Origin"));
            prop_assert_eq!(answer.get("access-control-allow-origin"), listed.then_some(LISTED));
            prop_assert_eq!(answer.get("cache-control"), Some("no-store"));
        }
    }

    #[test]
    fn an_unknown_outcome_never_suggests_a_repetition(
        code in proptest::option::of(prop_oneof![proptest::sample::select(CODES.to_vec()).prop_map(str::to_owned), any::<String>()]),
        outcome in proptest::option::of("unknown|not-executed|executed|.{0,4}"),
        retry_after_ms in proptest::option::of(prop_oneof![any::<f64>(), 0f64..1e7]),
        request_id in proptest::option::of("[ -~]{0,8}"),
    ) {
        let failure = Failure { code, outcome, retry_after_ms, request_id, ..Failure::default() };
        let answer = gateway().failed(&head("POST", url("acme", "WKF1"), None), &failure);
        let document: serde_json::Value = serde_json::from_str(answer.body.as_deref().unwrap()).unwrap();
        prop_assert_eq!(answer.get("retry-after").is_some(), matches!(answer.status, 429 | 503));
        if document["outcome"] == "not-executed" {
            prop_assert_eq!(failure.outcome.as_deref(), Some("not-executed"));
        } else {
            prop_assert_eq!(&document["outcome"], "unknown");
            prop_assert_eq!(answer.status, if document["code"] == "timeout" { 504 } else { 502 });
            prop_assert!(document["retryAfterMs"].is_null());
        }
    }

    #[test]
    fn any_bytes_can_come_as_a_body(body in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = gateway().body(&head("POST", url("acme", "WKF1"), None), &body);
    }
}

#[test]
fn the_codes_are_the_clients() {
    let clients: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(CODES.to_vec(), clients);
}
