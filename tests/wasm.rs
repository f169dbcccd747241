//! The crate as JavaScript calls it, in Node and in a browser, against the local Campaign over
//! HTTP. The tests read the requests from Campaign's own log, with an independent client
//! (gloo-net).

#![cfg(target_arch = "wasm32")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use campaign_workflow::wasm::send_workflow_command;
use gloo_net::http::Request;
use js_sys::{Function, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The address of the local Campaign. `npm test` starts it and sets the variable.
const CAMPAIGN: &str = match option_env!("CAMPAIGN_EMULATOR_URL") {
    Some(url) => url,
    None => "http://127.0.0.1:8787/campaign",
};

const TOKEN: &str = "local-token";

/// A valid request.
fn request() -> Object {
    let request = Object::new();
    for (field, value) in [
        ("organization", "acme-mkt-stage"),
        ("workflowId", "WKF101"),
        ("command", "start"),
        ("accessToken", TOKEN),
        ("apiKey", "local-key"),
        ("baseUrl", CAMPAIGN),
    ] {
        set(&request, field, value);
    }
    request
}

fn set(object: &Object, field: &str, value: impl Into<JsValue>) {
    Reflect::set(object, &field.into(), &value.into()).unwrap();
}

fn get(object: &JsValue, field: &str) -> JsValue {
    Reflect::get(object, &field.into()).unwrap()
}

fn text(object: &JsValue, field: &str) -> String {
    get(object, field).as_string().unwrap()
}

async fn log() -> Vec<Value> {
    let url = [CAMPAIGN, "/__emulator/log"].concat();
    let response = Request::get(&url).send().await.unwrap();
    response.json().await.unwrap()
}

async fn control(path: &str, body: &str) {
    let url = [CAMPAIGN, "/__emulator/", path].concat();
    let response = Request::post(&url)
        .body(body)
        .unwrap()
        .send()
        .await
        .unwrap();
    assert!(response.ok(), "{path}: {}", response.status());
}

/// Resets Campaign to its initial state, with an empty log.
async fn fresh() {
    control("reset", "").await;
}

async fn send(request: &Object) -> Result<JsValue, JsValue> {
    send_workflow_command(request.into()).await
}

/// Sends a request that must fail with this code and outcome, and returns the error.
async fn refused(request: &Object, code: &str, outcome: &str) -> JsValue {
    let error = send(request).await.unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    assert_eq!(text(&error, "name"), "WorkflowCommandError");
    let found = (text(&error, "code"), text(&error, "outcome"));
    assert_eq!(found, (code.into(), outcome.into()), "{error:?}");
    error
}

#[wasm_bindgen_test]
async fn the_documented_request_goes_out_and_the_receipt_comes_back() {
    fresh().await;
    for (id, command) in [
        ("WKF101", "start"),
        ("@P/K?e#y é", "pause"),
        ("WKF101", "stop"),
    ] {
        let request = request();
        set(&request, "workflowId", id);
        set(&request, "command", command);
        if id == "WKF101" {
            let receipt = send(&request).await.unwrap();
            assert_eq!(text(&receipt, "workflowId"), id);
            assert_eq!(text(&receipt, "command"), command);
            assert_eq!(get(&receipt, "attempts"), 1.0);
            let status = get(&receipt, "status").as_f64().unwrap();
            assert!((200.0..300.0).contains(&status));
            assert!(get(&receipt, "requestId").is_string());
            control("clock", r#"{"advanceMs":5000}"#).await;
        } else {
            refused(&request, "not-found", "not-executed").await;
        }
    }
    let log = log().await;
    assert_eq!(log.len(), 3);
    for entry in &log {
        assert_eq!(entry["method"], "POST");
        assert_eq!(entry["headers"]["content-type"], "application/json");
        assert_eq!(entry["headers"]["authorization"], "Bearer local-token");
        assert_eq!(entry["headers"]["cache-control"], "no-cache");
        assert_eq!(entry["headers"]["x-api-key"], "local-key");
    }
    assert_eq!(log[0]["body"], r#"{"method":"start"}"#);
    let path = "/acme-mkt-stage/campaign/workflow/execution/@P%2FK%3Fe%23y%20%C3%A9/commands";
    assert!(log[1]["path"].as_str().unwrap().ends_with(path));
    assert_eq!(log[1]["workflowId"], "@P/K?e#y é");
}

#[wasm_bindgen_test]
async fn bad_input_names_its_field_and_sends_nothing() {
    fresh().await;
    let lone_surrogate = js_sys::JsString::from_char_code1(0xd800);
    let headers = |name: &str, value: JsValue| {
        let headers = Object::new();
        set(&headers, name, value);
        JsValue::from(headers)
    };
    let mut cases: Vec<(&str, JsValue)> = Vec::new();
    for field in ["organization", "workflowId"] {
        for bad in ["", ".", "..", "a\r\nb", "a\0", "\u{7f}", " a", "a "] {
            cases.push((field, bad.into()));
        }
        for bad in [
            JsValue::UNDEFINED,
            JsValue::NULL,
            1.into(),
            Object::new().into(),
            lone_surrogate.clone().into(),
        ] {
            cases.push((field, bad));
        }
    }
    for bad in ["", "Start", "START", "restart", " start", "start\n"] {
        cases.push(("command", bad.into()));
    }
    cases.push(("command", JsValue::UNDEFINED));
    for bad in [
        "",
        "http://example.com",
        "ftp://localhost",
        "https://",
        "https://user@example.com",
        "https://:pw@example.com",
        "https://example.com?x",
        "https://example.com/#x",
        "https://999.0.0.1",
        "http://127.0.0.1.example.com",
    ] {
        cases.push(("baseUrl", bad.into()));
    }
    for field in ["accessToken", "apiKey"] {
        for bad in ["", "secret key", "Bearer abc", "secret\n", "sécret"] {
            cases.push((field, bad.into()));
        }
        cases.push((field, 1.into()));
        cases.push((field, JsValue::NULL));
    }
    for bad in [
        headers("x-a", "b\r\nc".into()),
        headers("x-a", "\u{1f600}".into()),
        headers("x-a", 1.into()),
        headers("x a", "b".into()),
        headers("", "b".into()),
        headers("Authorization", "b".into()),
        headers("x-api-key", "b".into()),
        headers("host", "b".into()),
        js_sys::Map::new().into(),
        js_sys::Array::of1(&"a".into()).into(),
        "x".into(),
        JsValue::NULL,
    ] {
        cases.push(("headers", bad));
    }
    for field in ["timeoutMs", "attemptTimeoutMs"] {
        for bad in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY, 2_147_483_648.0] {
            cases.push((field, bad.into()));
        }
        cases.push((field, "5".into()));
    }
    for bad in [-1.0, 0.5, 11.0] {
        cases.push(("maxRetries", bad.into()));
    }
    cases.push(("fetch", Object::new().into()));
    cases.push(("fetch", JsValue::NULL));
    cases.push(("signal", Object::new().into()));
    cases.push(("signal", true.into()));
    cases.push(("idempotencyKey", "two words".into()));
    cases.push(("idempotencyKey", JsValue::NULL));
    cases.push(("allowBrowserCredentials", 1.into()));

    for (field, bad) in cases {
        let request = request();
        set(&request, field, bad.clone());
        let error = refused(&request, "invalid-argument", "not-executed").await;
        let message = text(&error, "message");
        assert!(message.starts_with(field), "{field} {bad:?}: {message}");
        assert_eq!(get(&error, "attempts"), 0.0);
        if field == "accessToken" || field == "apiKey" {
            let secret = bad.as_string().unwrap_or_default();
            assert!(secret.is_empty() || !message.contains(&secret), "{message}");
        }
    }
    assert!(log().await.is_empty());
}

#[wasm_bindgen_test]
async fn adobes_host_requires_both_credentials() {
    for field in ["accessToken", "apiKey"] {
        let request = request();
        set(&request, "baseUrl", JsValue::UNDEFINED);
        set(&request, "allowBrowserCredentials", true);
        set(&request, "fetch", never());
        set(&request, field, JsValue::UNDEFINED);
        let error = refused(&request, "invalid-argument", "not-executed").await;
        assert!(text(&error, "message").starts_with(field));
    }
}

#[wasm_bindgen_test]
async fn only_in_a_page_is_adobes_host_refused() {
    let request = request();
    set(&request, "baseUrl", "https://mc.adobe.io/");
    set(&request, "fetch", never());
    set(&request, "timeoutMs", 30);
    if get(&js_sys::global(), "document").is_undefined() {
        refused(&request, "timeout", "unknown").await;
    } else {
        let error = refused(&request, "invalid-argument", "not-executed").await;
        assert!(text(&error, "message").starts_with("baseUrl"));
        assert!(text(&error, "hint").contains("gateway"));
        set(&request, "allowBrowserCredentials", true);
        refused(&request, "timeout", "unknown").await;
    }
}

#[wasm_bindgen_test]
async fn campaign_errors_are_recognised() {
    fresh().await;
    for (fault, code, outcome, error_code) in [
        ("token-expired", "unauthenticated", "not-executed", "401013"),
        ("profile-invalid", "forbidden", "not-executed", "403023"),
        ("not-found", "not-found", "not-executed", "RST-360011"),
        ("pkey-undecryptable", "not-found", "not-executed", ""),
        ("unknown-uri", "server-error", "not-executed", ""),
        ("cname-missing", "server-error", "not-executed", ""),
        ("refused-by-campaign", "server-error", "unknown", "RST-"),
        ("html", "server-error", "unknown", ""),
    ] {
        control("faults", &[r#"{"kind":""#, fault, r#""}"#].concat()).await;
        let error = refused(&request(), code, outcome).await;
        let found = get(&error, "errorCode").as_string().unwrap_or_default();
        assert!(found.starts_with(error_code), "{fault}: {found}");
        assert_eq!(found.is_empty(), error_code.is_empty(), "{fault}: {found}");
        assert!(!text(&error, "hint").is_empty(), "{fault}");
        assert!(!text(&error, "body").is_empty(), "{fault}");
    }
}

#[wasm_bindgen_test]
async fn a_throttled_command_is_retried_and_a_failed_one_is_not() {
    fresh().await;
    let throttled = r#"{"kind":"throttled","retryAfterSeconds":0,"times":2}"#;
    control("faults", throttled).await;
    let receipt = send(&request()).await.unwrap();
    assert_eq!(get(&receipt, "attempts"), 3.0);
    control("faults", r#"{"kind":"html"}"#).await;
    let error = refused(&request(), "server-error", "unknown").await;
    assert_eq!(get(&error, "attempts"), 1.0);
    let log = log().await;
    let statuses: Vec<_> = log
        .iter()
        .filter_map(|entry| entry["status"].as_u64())
        .collect();
    assert_eq!(statuses[..2], [429, 429]);
    assert_eq!(statuses.len(), 4);
}

#[wasm_bindgen_test]
async fn an_expired_token_is_refreshed_once() {
    fresh().await;
    let token_function = Function::new_with_args(
        "need",
        "return need.refresh ? 'local-token' : 'expired-token'",
    );
    let request = request();
    set(&request, "accessToken", token_function);
    let receipt = send(&request).await.unwrap();
    assert_eq!(get(&receipt, "attempts"), 2.0);
    let sent: Vec<_> = log()
        .await
        .iter()
        .map(|entry| entry["headers"]["authorization"].clone())
        .collect();
    assert_eq!(sent, ["Bearer expired-token", "Bearer local-token"]);

    let hangs = Function::new_no_args("return new Promise(() => {})");
    set(&request, "accessToken", hangs);
    set(&request, "attemptTimeoutMs", 30);
    refused(&request, "token-unavailable", "not-executed").await;
}

#[wasm_bindgen_test]
async fn a_deadline_and_an_abort_end_a_call() {
    fresh().await;
    control("faults", r#"{"kind":"hang","times":null}"#).await;
    let request = request();
    set(&request, "timeoutMs", 80);
    refused(&request, "timeout", "unknown").await;
    assert_eq!(log().await.len(), 1);

    set(&request, "timeoutMs", 5000);
    let signal = js_sys::eval(
        "(() => { const c = new AbortController(); setTimeout(() => c.abort('enough'), 60); return c.signal })()",
    );
    set(&request, "signal", signal.unwrap());
    let error = refused(&request, "aborted", "unknown").await;
    assert_eq!(get(&error, "cause"), "enough");

    // The signal has already fired: nothing is sent.
    let before = log().await.len();
    let error = refused(&request, "aborted", "not-executed").await;
    assert_eq!(get(&error, "attempts"), 0.0);
    assert_eq!(log().await.len(), before);
    fresh().await;
}

#[wasm_bindgen_test]
async fn no_secret_is_returned_or_thrown() {
    fresh().await;
    let echo = r#"{"kind":"answer","status":500,"headers":{"content-type":"text/plain","x-request-id":"local-token"},"body":"Bearer local-token local%2Dkey \"\\u006cocal-token\""}"#;
    control("faults", echo).await;
    let error = refused(&request(), "server-error", "unknown").await;
    assert_eq!(text(&error, "body"), r#"Bearer *** *** "***""#);
    assert_eq!(text(&error, "requestId"), "***");
    let leaks = Function::new_no_args("throw new Error('cannot reach x?token=local-token')");
    let request = request();
    set(&request, "fetch", leaks);
    let error = refused(&request, "network", "unknown").await;
    assert_eq!(
        text(&get(&error, "cause"), "message"),
        "Error: cannot reach x?token=***"
    );
}

/// A `fetch` that never settles.
fn never() -> Function {
    Function::new_no_args("return new Promise(() => {})")
}
