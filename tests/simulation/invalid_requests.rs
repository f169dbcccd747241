//! Requests that the client refuses before anything is sent.

use campaign_workflow::AccessToken;
use campaign_workflow::error::Code;

use crate::chance::Chance;
use crate::setup::{Base, Operation, Setup};

/// What is invalid about a request, and what the error must contain.
#[derive(Clone, Debug)]
pub struct InvalidRequest {
    pub code: Code,
    /// The field with whose name the message begins.
    pub field: &'static str,
    /// The invalid value, which the error must not contain.
    pub value: String,
}

impl InvalidRequest {
    /// Makes the request of a call invalid.
    pub fn make(setup: &mut Setup, chance: &mut Chance) -> Self {
        let is_adobe = setup.base == Base::Adobe;
        let request = &mut setup.request;
        let (field, value) = match chance.below(13) {
            0 => {
                request.organization = bad_id(chance);
                ("organization", request.organization.clone())
            }
            1 => {
                request.workflow_id = bad_id(chance);
                ("workflowId", request.workflow_id.clone())
            }
            2 => {
                let bad = [
                    "http://gateway.example/very-private",
                    "https://me:very-private@gateway.example",
                    "https://gateway.example/?very-private",
                    "https://gateway.example/#very-private",
                    "ftp://localhost/very-private",
                    "https://",
                    "http://[very-private",
                ];
                let bad = String::from(chance.any_of(&bad));
                request.base_url = Some(bad.clone());
                ("baseUrl", bad)
            }
            3 if is_adobe => {
                setup.is_page = true;
                request.allow_browser_credentials = false;
                ("baseUrl", String::new())
            }
            4 if is_adobe => {
                request.access_token = AccessToken::None;
                ("accessToken", String::new())
            }
            5 if is_adobe => {
                request.api_key = None;
                ("apiKey", String::new())
            }
            6 if is_adobe => {
                request.idempotency_key = Some(String::from("very-private-key"));
                ("idempotencyKey", String::from("very-private-key"))
            }
            7 => {
                let token = bad_credential(chance);
                request.access_token = AccessToken::Fixed(token.clone());
                request.headers.clear();
                ("accessToken", token)
            }
            8 => {
                let key = bad_credential(chance);
                request.api_key = Some(key.clone());
                ("apiKey", key)
            }
            9 => {
                let bad = [
                    ("Prefer", "respond-async"),
                    ("Host", "elsewhere.example"),
                    ("IDEMPOTENCY-key", "very-private-key"),
                    ("x api", "fine"),
                    ("", "fine"),
                    ("X-Trace", "very\r\nprivate: yes"),
                    ("X-Trace", " fine"),
                    ("X-Trace", "€"),
                ];
                let (name, value) = chance.any_of(&bad);
                request
                    .headers
                    .push((String::from(name), String::from(value)));
                ("headers", String::from(value))
            }
            10 => {
                request.timeout_ms = chance.any_of(&[0, 2_147_483_648, u32::MAX]);
                ("timeoutMs", String::new())
            }
            11 => {
                let bad = chance.any_of(&[0, 2_147_483_648, u32::MAX]);
                request.attempt_timeout_ms = Some(bad);
                ("attemptTimeoutMs", String::new())
            }
            12 if !is_adobe => {
                let trigger = [
                    "https://evil.example/acme-mkt-stage/campaign/workflow/execution/WKF1/activities/activity/@a/trigger/",
                    "/other/campaign/workflow/execution/WKF1/activities/activity/@a/trigger/",
                    "../../../../other/campaign/workflow/execution/W/activities/activity/@a/trigger/",
                    "WKF1/commands",
                    "WKF1/activities/activity/%2e%2e/trigger/",
                    "//",
                ];
                setup.operation = Operation::Signal {
                    trigger: String::from(chance.any_of(&trigger)),
                };
                return Self {
                    code: Code::InvalidTrigger,
                    field: "The trigger",
                    value: String::new(),
                };
            }
            _ => {
                request.max_retries = chance.any_of(&[11, u32::MAX]);
                ("maxRetries", String::new())
            }
        };
        Self {
            code: Code::InvalidArgument,
            field,
            value,
        }
    }
}

fn bad_id(chance: &mut Chance) -> String {
    let bad = [
        "",
        ".",
        "..",
        " WKF-very-private",
        "WKF-very-private ",
        "very\0private",
        "very\nprivate",
    ];
    String::from(chance.any_of(&bad))
}

fn bad_credential(chance: &mut Chance) -> String {
    let bad = [
        "",
        "Bearer very-private",
        "bEARER very-private",
        "very private",
        "very-private\n",
        "very-privaté",
    ];
    String::from(chance.any_of(&bad))
}
