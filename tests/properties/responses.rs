//! The classification of responses.

use campaign_workflow::error::{Code, Error, Outcome};
use campaign_workflow::redact::truncate;
use campaign_workflow::response::{
    Classification, DocumentedError, Head, campaign_code, decode, documented_error, is_json,
    is_problem, is_unknown_uri,
};
use campaign_workflow::{Body, Command, Request, read, send};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::config;
use crate::platform::{Reply, ScriptedPlatform, ScriptedResponse, poll_once};
use crate::strategies::{cased, joined, text, word_or_text};

const OOPS: &str = "Oops. Something went wrong. Check your URI and try again.";

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![
        200..600u16,
        select(&[0, 199, 401, 403, 404, 429, 500, 502, 503, 504, 600, 65535][..]),
        any::<u16>()
    ]
}

fn heads() -> impl Strategy<Value = Head> {
    let retry_after_ms = option::of(any::<u32>());
    (statuses(), any::<bool>(), retry_after_ms, any::<bool>()).prop_map(
        |(status, opaque, retry_after_ms, is_problem)| Head {
            status,
            // Only a response with status 0 is opaque.
            is_opaque_redirect: opaque && status == 0,
            retry_after_ms,
            is_problem,
        },
    )
}

/// The error of a command after this response of a gateway. `None` if it was accepted.
fn error(status: u16, content_type: &str, body: &str) -> Option<Error> {
    let response = ScriptedResponse {
        status,
        headers: vec![("content-type".into(), content_type.into())],
        body: body.as_bytes().to_vec(),
        is_cut: false,
    };
    let platform = ScriptedPlatform::new(false, |_| Reply::Response(response.clone()));
    let request = Request {
        base_url: Some("https://gateway.example".into()),
        max_retries: 0,
        ..Request::new("acme", "WKF1")
    };
    poll_once(send(&platform, &request, Command::Start)).err()
}

/// The outcome that a status proves without headers and body.
fn outcome(status: u16) -> Outcome {
    match status {
        300..=499 => Outcome::NotExecuted,
        _ => Outcome::Unknown,
    }
}

/// Lines as Campaign and proxies write them.
fn lines() -> impl Strategy<Value = String> {
    joined(
        word_or_text(
            &[
                "RST-",
                "XTK-",
                "RST-XTK-",
                "rst-360011",
                "Check your URI",
                OOPS,
                "-170036",
                "Unable to decrypt PKey.",
            ],
            8,
        ),
        "\n",
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_response_head_is_classified_by_the_table(head in heads(), is_unknown_uri in any::<bool>()) {
        let failed = |code| Classification::Failed(code);
        let (meaning, certain) = match head.status {
            0 if head.is_opaque_redirect => (failed(Code::Redirected), true),
            0 => (failed(Code::Network), false),
            200..=299 => (Classification::Accepted, false),
            300..=399 => (failed(Code::Redirected), true),
            401 => (failed(Code::Unauthenticated), true),
            403 => (failed(Code::Forbidden), true),
            404 => (failed(Code::NotFound), true),
            429 => (failed(Code::RateLimited), true),
            400..=499 => (failed(Code::Rejected), true),
            500 | 502 => (failed(Code::ServerError), is_unknown_uri),
            503 => (failed(Code::ServerError), head.retry_after_ms.is_some()),
            504..=599 | 501 => (failed(Code::ServerError), false),
            _ => (failed(Code::BadResponse), false),
        };
        prop_assert_eq!(head.classify(), meaning);
        prop_assert_eq!(head.outcome(is_unknown_uri) == Outcome::NotExecuted, certain);
        let again = head.status == 429 || (head.status == 503 && head.retry_after_ms.is_some());
        prop_assert_eq!(head.allows_retry(), again);
        let undecided = matches!(head.status, 502 | 504) || (head.status == 409 && head.retry_after_ms.is_some());
        prop_assert_eq!(head.may_still_execute(), undecided);
        // A command that may be sent again was certainly not executed.
        prop_assert!(!again || head.outcome(false) == Outcome::NotExecuted);
    }

    #[test]
    fn the_words_check_your_uri_alone_prove_nothing(status in statuses(), before in lines(), after in lines()) {
        let by_status = (!matches!(status, 200..=299)).then(|| outcome(status));
        let text = format!("{before}{OOPS}{after}");
        prop_assert_eq!(error(status, "text/plain", &text).map(|error| error.outcome), by_status);
        prop_assert!(!is_unknown_uri(status, None, &text));
        let json = json!({ "message": OOPS }).to_string();
        prop_assert_eq!(error(status, "application/json", &json).map(|error| error.outcome), by_status);
    }

    #[test]
    fn the_documented_json_proves_that_nothing_was_executed(
        status in statuses(),
        code in prop_oneof![statuses().prop_map(f64::from), any::<f64>()],
        same in any::<bool>(),
        message in word_or_text(&[OOPS, "Check your URI", "check your uri", "Check your UR"], 8),
        error_code in option::of(text(6)),
    ) {
        let code = if same { f64::from(status) } else { code };
        let expected = code == f64::from(status) && message.contains("Check your URI");
        prop_assert_eq!(is_unknown_uri(status, Some(code), &message), expected);

        let json = json!({ "message": message, "code": code, "error_code": error_code, "text": "RST-1" });
        if let Some(error) = error(status, "", &json.to_string()) {
            let is_proof = expected && matches!(status, 500 | 502);
            let outcome = if is_proof { Outcome::NotExecuted } else { outcome(status) };
            prop_assert_eq!(error.outcome, outcome);
            let hint = DocumentedError::UnknownUri.hint(status);
            // The client does not read the body of a redirect.
            let is_read = !matches!(status, 0 | 300..=399);
            prop_assert_eq!(error.hint.as_deref() == Some(hint), expected && is_read);
            // A JSON body is not searched for codes: it may quote text that is not from Campaign.
            prop_assert_eq!(error.error_code, error_code.filter(|_| is_read));
        }
    }

    #[test]
    fn campaign_error_codes_are_found_anywhere_in_a_text(
        status in statuses(),
        before in lines(),
        kind in select(&["RST-", "XTK-"][..]),
        digits in "[0-9]{1,8}",
        after in prop_oneof![" .{0,8}", "[^0-9].{0,8}", lines().prop_map(|lines| format!(" {lines}")), Just(String::new())],
    ) {
        // A code in front would be the first one. "RST-" at its end has no digits, so it is not a code.
        let before = before.replace(|char: char| char.is_ascii_digit(), "");
        let text = format!("{before}{kind}{digits}{after}");
        let code = format!("{kind}{digits}");
        prop_assert_eq!(campaign_code(&text), Some(code.as_str()));
        let without = format!("{before}{kind}");
        prop_assert_eq!(campaign_code(&without), None);

        let documented = match (text.contains("Unable to decrypt PKey"), status >= 500) {
            (true, _) => Some(DocumentedError::ForeignPkey),
            (false, true) => Some(DocumentedError::CampaignError),
            (false, false) => None,
        };
        prop_assert_eq!(documented_error(status, &text, true), documented);
        if let Some(error) = error(status, "text/plain", &text).filter(|_| !matches!(status, 0 | 300..=399)) {
            prop_assert_eq!(error.error_code, Some(code));
            if let Some(documented) = documented {
                prop_assert_eq!(error.hint.as_deref(), Some(documented.hint(status)));
            }
        }
    }

    #[test]
    fn texts_without_a_documented_error_are_not_recognised(status in statuses(), text in text(40)) {
        let text = text.replace('-', "_");
        prop_assert_eq!(campaign_code(&text), None);
        prop_assert_eq!(documented_error(status, &text, false), None);
    }

    /// The gateway's problem document replaces what follows from the status.
    #[test]
    fn a_problem_document_overrides_the_status(
        status in 400..600u16,
        code in prop_oneof![8 => select(Code::ALL).prop_map(|code| String::from(code.as_str())), 1 => text(6)],
        outcome_word in prop_oneof![8 => select(&["not-executed", "unknown"][..]).prop_map(String::from), 1 => text(6)],
        [detail, hint, body, error_code] in [option::of(text(8)), option::of(text(8)), option::of(text(8)), option::of(text(8))],
        retry_after_ms in option::of(any::<u32>()),
        is_problem_type in any::<bool>(),
    ) {
        let content_type = if is_problem_type { "Application/Problem+JSON; charset=utf-8" } else { "application/json" };
        let document = json!({
            "code": code, "outcome": outcome_word, "detail": detail, "hint": hint, "body": body,
            "errorCode": error_code, "retryAfterMs": retry_after_ms,
        });
        let text = document.to_string();
        let error = error(status, content_type, &text).unwrap();
        let reported = Outcome::parse(&outcome_word).filter(|_| is_problem_type);
        // 409, 502 and 504 only mean more than this with an idempotency key.
        prop_assert_eq!(error.outcome, reported.unwrap_or(outcome(status)));
        match (reported, Code::parse(&code)) {
            (Some(_), Some(code)) => {
                prop_assert_eq!(error.code, code);
                prop_assert_eq!(error.message, detail.unwrap_or(code.message().into()));
                prop_assert_eq!(error.body, Some(body.unwrap_or(text)));
                let own_hint = code.hint(error.outcome, false).map(String::from);
                prop_assert_eq!(error.hint, hint.or(own_hint));
                prop_assert_eq!(error.error_code, error_code);
                prop_assert_eq!(error.retry_after_ms, retry_after_ms);
            }
            _ => {
                let head = Head { status, is_opaque_redirect: false, retry_after_ms: None, is_problem: is_problem_type };
                prop_assert_eq!(Classification::Failed(error.code), head.classify());
                prop_assert_eq!(error.message, error.code.message());
                prop_assert_eq!(error.body, Some(text));
                prop_assert_eq!(error.error_code, None);
            }
        }
    }

    #[test]
    fn json_and_problem_documents_are_recognised_by_content_type(
        essence in prop_oneof![
            cased(&["application/json", "application/problem+json", "text/x+json", "text/json", "application/jsonp", "application/json5", "text/html"]),
            text(10),
        ],
        blanks in "[ \t]{0,2}",
        parameters in prop_oneof![select(&["", ";", ";charset=utf-8", "; a=application/json", ";+json"][..]).prop_map(String::from), text(6).prop_map(|text| format!(";{text}"))],
    ) {
        let lower = essence.split(';').next().unwrap_or("").trim_matches(|char: char| char.is_ascii_whitespace()).to_ascii_lowercase();
        let expected = lower == "application/json" || lower.ends_with("+json");
        let content_type = format!("{blanks}{essence}{blanks}{parameters}");
        prop_assert_eq!(is_json(&content_type), expected);
        prop_assert_eq!(is_problem(&content_type), lower == "application/problem+json");
    }

    #[test]
    fn a_read_returns_an_object_or_fails(
        status in select(&[200, 206, 404, 500][..]),
        bytes in prop_oneof![
            vec((text(4), text(4)), 0..3).prop_map(|fields| Value::from_iter(fields).to_string().into_bytes()),
            select(&["[]", "1", "null", "{", "", "{}x"][..]).prop_map(|text| text.as_bytes().to_vec()),
        ],
        byte in option::of(any::<u8>()),
        at in any::<usize>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if let Some(byte) = byte {
            bytes.insert(at % (bytes.len() + 1), byte);
        }
        let response = ScriptedResponse { status, body: bytes.clone(), is_cut, ..ScriptedResponse::default() };
        let platform = ScriptedPlatform::new(false, |_| Reply::Response(response.clone()));
        let request = Request { max_retries: 0, base_url: Some("https://gateway.example".into()), ..Request::new("acme", "WKF1") };
        // JSON with a byte that is not UTF-8 is invalid.
        let object = str::from_utf8(&bytes).ok().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let object = object.filter(|json| json.is_object() && !is_cut && matches!(status, 200..=299));
        match poll_once(read(&platform, &request)) {
            Ok(receipt) => {
                let Body::Json(json) = receipt.body else { panic!("{:?}", receipt.body) };
                prop_assert_eq!(Some(json.0), object);
            }
            Err(error) => {
                prop_assert_eq!(error.outcome, Outcome::NotExecuted);
                prop_assert_eq!(object, None);
            }
        }
    }

    #[test]
    fn a_body_is_decoded_as_the_standard_library_does(
        has_mark in any::<bool>(),
        parts in vec(prop_oneof![text(6).prop_map(String::into_bytes), vec(any::<u8>(), 0..6), vec(0x80..=0xffu8, 0..4)], 0..5),
    ) {
        let mark: &[u8] = if has_mark { b"\xef\xbb\xbf" } else { b"" };
        let bytes = [mark, &parts.concat()].concat();
        let lossy = String::from_utf8_lossy(&bytes);
        let text = lossy.strip_prefix('\u{feff}').unwrap_or(&lossy);
        prop_assert_eq!(decode(&bytes), (String::from(text), str::from_utf8(&bytes).is_ok()));
    }

    #[test]
    fn truncation_keeps_as_many_characters_as_fit(text in text(20), limit in 0..90usize) {
        let short = truncate(&text, limit);
        prop_assert!(text.starts_with(short) && short.len() <= limit);
        let next = text[short.len()..].chars().next().map_or(0, char::len_utf8);
        prop_assert!(next == 0 || short.len() + next > limit);
    }
}
