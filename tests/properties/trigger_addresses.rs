//! The address of a signal's trigger: an accepted one stays on its host and in its organization,
//! however often its path is decoded.

use std::cell::{Cell, RefCell};

use campaign_workflow::signal::{is_too_soon, is_trigger_path, trigger};
use campaign_workflow::{Code, Outcome, Request};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection::vec, sample::select};
use url::Url;

use crate::config;
use crate::platform::{Reply, ScriptedPlatform, ScriptedResponse, poll_once};
use crate::strategies::{text, word_or_text};

const BASE: &str = "https://gateway.example/camp";
const ROOT: &str = "/acme/campaign/workflow/execution/";

/// The address to which the client sends the trigger. `None` if it refuses the address and sends
/// nothing.
fn triggered(href: &str) -> Option<Url> {
    let urls = RefCell::new(Vec::new());
    let platform = ScriptedPlatform::new(false, |request| {
        urls.borrow_mut().push(String::from(request.url));
        Reply::Response(ScriptedResponse {
            status: 200,
            ..ScriptedResponse::default()
        })
    });
    let request = Request {
        base_url: Some(BASE.into()),
        ..Request::new("acme", "WKF1")
    };
    match poll_once(trigger(&platform, &request, href, "{}")) {
        Ok(_) => assert_eq!(urls.borrow().len(), 1),
        Err(error) => {
            let why = (error.code, error.outcome, error.attempts);
            assert_eq!(why, (Code::InvalidTrigger, Outcome::NotExecuted, 0));
            assert!(urls.borrow().is_empty(), "{urls:?}");
        }
    }
    let url = urls.into_inner().pop();
    url.map(|url| Url::parse(&url).expect("an address"))
}

/// Pieces of addresses and of attacks.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 34] = [
        "https:",
        "http:",
        "//",
        "/",
        "\\",
        "gateway.example",
        "evil.example",
        "@",
        ":443",
        ":80",
        "camp",
        "acme",
        "other",
        "campaign",
        "workflow",
        "execution",
        "@wf",
        "activities",
        "activity",
        "@a",
        "trigger",
        ".",
        "..",
        "%2e",
        "%2F",
        "%5c",
        "%25",
        "%252e",
        "%0a",
        "\t",
        "?",
        "#",
        ";",
        "%C3%A9",
    ];
    let piece = prop_oneof![
        4 => select(&PIECES[..]).prop_map(String::from),
        1 => "\\PC{0,3}",
    ];
    vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// The documented address, with random parts.
fn documented() -> impl Strategy<Value = String> {
    let part = || prop_oneof![3 => "[@A-Za-z0-9_=-]{1,8}", 2 => pieces()];
    let begin = select(
        &[
            "",
            "./",
            "../execution/",
            "/camp/acme/campaign/workflow/execution/",
            "/camp/acme/../acme/campaign/workflow/execution/",
            "/acme/campaign/workflow/execution/",
        ][..],
    );
    (
        begin,
        part(),
        part(),
        select(&["", "/", "//", "?", "/../trigger/"][..]),
    )
        .prop_map(|(begin, workflow, activity, end)| {
            [
                begin,
                &workflow,
                "/activities/activity/",
                &activity,
                "/trigger",
                end,
            ]
            .concat()
        })
}

/// Decodes percent-encoding once.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match (
            bytes[at],
            hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 3;
            }
            (byte, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_accepted_trigger_stays_on_its_host_and_in_its_organization(href in prop_oneof![pieces(), documented()]) {
        if let Some(url) = triggered(&href) {
            prop_assert_eq!(url.origin().ascii_serialization(), "https://gateway.example");
            prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", url);
            prop_assert!(url.query().is_none() && url.fragment().is_none(), "{}", url);
            let mut path = String::from(url.path());
            for _ in 0..3 {
                let segments: Vec<&str> = path.split('/').collect();
                prop_assert_eq!(&segments[..6], &["", "camp", "acme", "campaign", "workflow", "execution"]);
                prop_assert_eq!(&segments[7..9], &["activities", "activity"]);
                prop_assert!(segments.len() <= 12 && segments[10] == "trigger", "{}", path);
                prop_assert!(!segments.iter().any(|one| matches!(*one, "." | "..")), "{}", path);
                prop_assert!(!path.contains('\\') && !path.chars().any(char::is_control), "{}", path);
                path = decoded(&path);
            }
        }
    }

    #[test]
    fn the_documented_trigger_address_is_accepted(workflow in "@[A-Za-z0-9_-]{1,20}", activity in "@[A-Za-z0-9_-]{1,20}", slash in "/?") {
        let path = [&workflow, "/activities/activity/", &activity, "/trigger", &slash].concat();
        prop_assert!(is_trigger_path(&path));
        let rest = [ROOT, &path].concat();
        prop_assert!(triggered(&[BASE, &rest].concat()).is_some());
        prop_assert!(triggered(&["/camp", &rest].concat()).is_some());
        prop_assert!(triggered(&rest).is_none(), "outside of the base");
    }

    /// The path need not be one that a URL parser serialized.
    #[test]
    fn a_path_of_other_segments_is_not_a_trigger(segments in vec(word_or_text(&["@wf", "activities", "activity", "trigger", "..", "%2e", "a%5Cb", ""], 4), 0..8)) {
        let path = segments.join("/");
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(&path).split('/').collect();
        let is_shaped = matches!(segments[..], [_, "activities", "activity", _, "trigger"]);
        prop_assert!(is_shaped || !is_trigger_path(&path));
    }

    #[test]
    fn only_plain_text_means_too_soon(
        status in prop_oneof![select(&[200, 202, 299, 300, 399, 400, 401, 500][..]), any::<u16>()],
        text in prop_oneof![text(8), select(&["The signal was triggered less than 10 minutes ago.", " <html>", "RST-360011 An error", " \n"][..]).prop_map(String::from)],
    ) {
        let is_page = text.trim().starts_with('<');
        let is_error = text.contains("RST-3");
        let is_plain = !text.trim().is_empty() && !is_page && !is_error;
        prop_assert_eq!(is_too_soon(status, &text), is_plain && matches!(status, 200..=299 | 400));
    }

    /// Only a complete plain text reports a signal that comes too soon, and not after an attempt
    /// that may have triggered it.
    #[test]
    fn too_soon_is_reported_only_for_a_signal_that_was_not_triggered(
        status in select(&[200, 202, 400, 404, 500][..]),
        body in prop_oneof![text(8), select(&["{}", "[1]", "null", "1", "\"text\"", "too soon"][..]).prop_map(String::from)],
        [is_cut, is_problem, is_lost] in any::<[bool; 3]>(),
    ) {
        let content_type = if is_problem { "application/problem+json" } else { "text/plain" };
        let response = ScriptedResponse {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.clone().into_bytes(),
            is_cut,
        };
        let requests = Cell::new(0);
        let platform = ScriptedPlatform::new(false, |_| {
            requests.set(requests.get() + 1);
            match is_lost && requests.get() == 1 {
                true => Reply::Hang,
                false => Reply::Response(response.clone()),
            }
        });
        let request = Request {
            base_url: Some(BASE.into()),
            idempotency_key: Some("key".into()),
            max_retries: 1,
            timeout_ms: 60_000,
            ..Request::new("acme", "WKF1")
        };
        let result = poll_once(trigger(&platform, &request, "a/activities/activity/b/trigger", "{}"));
        let text = body.strip_prefix('\u{feff}').unwrap_or(&body);
        let is_json = serde_json::from_str::<serde_json::Value>(text).is_ok();
        let is_accepted = matches!(status, 200..=299);
        let is_plain = !is_cut && !is_json && !is_problem && is_too_soon(status, text);
        let expected = is_plain && (is_accepted || !is_lost);
        prop_assert_eq!(result.as_ref().is_ok_and(|triggered| triggered.is_too_soon), expected);
        prop_assert_eq!(result.is_ok(), expected || is_accepted);
    }
}
