//! The address of a signal's trigger: whatever a server writes, what passes leads to the same host
//! and organization, however often the path is decoded.

use campaign_workflow::address::PATH;
use campaign_workflow::signal::{TRIGGER, is_documented};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection::vec, sample::select};
use url::Url;

use crate::config;
use crate::shell::which;

const BASE: &str = "https://gateway.example/camp";

/// What `trigger` of src/wasm/input.rs lets pass, with the parser of the crate `url` in the
/// platform's place.
fn allowed(href: &str) -> Option<Url> {
    let root = [BASE, "/acme", PATH[0]].concat();
    let workflow = Url::parse(&[&root, "WKF1"].concat()).unwrap();
    let url = workflow.join(href).ok()?;
    let rest = url.as_str().strip_prefix(&root)?;
    is_documented(which(rest, TRIGGER)).then_some(url)
}

/// Pieces of which addresses and attacks are made.
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

/// The documented address, with something in its places.
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

/// Undoes percent-encoding, as a server may do once, or once more.
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
    fn what_passes_stays_with_its_host_and_organization(href in prop_oneof![pieces(), documented()]) {
        if let Some(url) = allowed(&href) {
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
    fn the_documented_address_passes(workflow in "@[A-Za-z0-9_-]{1,20}", activity in "@[A-Za-z0-9_-]{1,20}", slash in "/?") {
        let rest = ["/acme", PATH[0], &workflow, "/activities/activity/", &activity, "/trigger", &slash].concat();
        prop_assert!(allowed(&[BASE, &rest].concat()).is_some());
        prop_assert!(allowed(&["/camp", &rest].concat()).is_some());
        prop_assert!(allowed(&rest).is_none(), "outside of the base");
    }
}
