//! What an answer is taken for.

use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::response::{Head, Meaning};
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::json;

use crate::config;
use crate::shell::{Diagnosis, cut, diagnose, is_json};
use crate::texts::{cased, joined, text, word_or_text};

const OOPS: &str = "Oops. Something went wrong. Check your URI and try again.";

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![
        200..600u16,
        select(&[0, 199, 401, 403, 404, 429, 500, 502, 503, 504, 600, 65535][..]),
        any::<u16>()
    ]
}

fn heads() -> impl Strategy<Value = Head> {
    (statuses(), any::<bool>(), option::of(any::<u32>())).prop_map(
        |(status, opaque, retry_after_ms)| Head {
            status,
            // Only such an answer is ever opaque.
            opaque_redirect: opaque && status == 0,
            retry_after_ms,
        },
    )
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
    fn a_head_means_what_the_table_says(head in heads(), unknown_uri in any::<bool>()) {
        let failed = |code| Meaning::Failed(code);
        let (meaning, certain) = match head.status {
            0 if head.opaque_redirect => (failed(Code::Redirected), true),
            0 => (failed(Code::Network), false),
            200..=299 => (Meaning::Accepted, false),
            300..=399 => (failed(Code::Redirected), true),
            401 => (failed(Code::Unauthenticated), true),
            403 => (failed(Code::Forbidden), true),
            404 => (failed(Code::NotFound), true),
            429 => (failed(Code::RateLimited), true),
            400..=499 => (failed(Code::Rejected), true),
            500 | 502 => (failed(Code::ServerError), unknown_uri),
            503 => (failed(Code::ServerError), head.retry_after_ms.is_some()),
            504..=599 | 501 => (failed(Code::ServerError), false),
            _ => (failed(Code::BadResponse), false),
        };
        prop_assert_eq!(head.meaning(), meaning);
        prop_assert_eq!(head.outcome(unknown_uri) == Outcome::NotExecuted, certain);
        let again = head.status == 429 || (head.status == 503 && head.retry_after_ms.is_some());
        prop_assert_eq!(head.allows_retry(), again);
        // What may be sent again was certainly not executed.
        prop_assert!(!again || head.outcome(false) == Outcome::NotExecuted);
    }

    #[test]
    fn check_your_uri_proves_nothing_by_itself(status in statuses(), before in lines(), after in lines()) {
        let found = diagnose(status, &format!("{before}{OOPS}{after}"), None);
        prop_assert!(!found.unknown_uri);
        let json = json!({ "message": OOPS });
        prop_assert!(!diagnose(status, "", Some(&json)).unknown_uri);
    }

    #[test]
    fn the_documented_shape_proves_it(
        status in statuses(),
        code in prop_oneof![statuses().prop_map(f64::from), any::<f64>()],
        same in any::<bool>(),
        message in word_or_text(&[OOPS, "Check your URI", "check your uri", "Check your UR"], 8),
        error_code in option::of(text(6)),
    ) {
        let code = if same { f64::from(status) } else { code };
        let json = json!({ "message": message, "code": code, "error_code": error_code });
        let expected = code == f64::from(status) && message.contains("Check your URI");
        let found = diagnose(status, "RST-1", Some(&json));
        prop_assert_eq!(found.unknown_uri, expected);
        prop_assert_eq!(found.hint.is_some(), expected);
        // The text of a JSON answer is not searched: what it quotes is not Campaign's word.
        prop_assert_eq!(found.error_code, error_code);
    }

    #[test]
    fn campaigns_codes_are_found_where_they_are(
        status in statuses(),
        before in lines(),
        kind in select(&["RST-", "XTK-"][..]),
        digits in "[0-9]{1,8}",
        after in prop_oneof![" .{0,8}", "[^0-9].{0,8}", ""],
    ) {
        // A code in front would be the first; "RST-" at its end would not: it has no digits.
        let before = before.replace(|char: char| char.is_ascii_digit(), "");
        let found = diagnose(status, &format!("{before}{kind}{digits}{after}"), None);
        prop_assert_eq!(found.error_code, Some(format!("{kind}{digits}")));
        prop_assert_eq!(diagnose(status, &format!("{before}{kind}"), None).error_code, None);
        prop_assert_eq!(found.hint.is_some(), status >= 500 || before.contains("Unable to decrypt PKey") || after.contains("Unable to decrypt PKey"));
    }

    #[test]
    fn anything_else_tells_nothing(status in statuses(), text in text(40)) {
        let found = diagnose(status, &text.replace('-', "_"), None);
        prop_assert_eq!(found, Diagnosis::default());
    }

    #[test]
    fn json_is_known_by_its_content_type(
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
    }

    #[test]
    fn a_text_is_cut_as_late_as_can_be(text in text(20), limit in 0..90usize) {
        let short = cut(&text, limit);
        prop_assert!(text.starts_with(short) && short.len() <= limit);
        let next = text[short.len()..].chars().next().map_or(0, char::len_utf8);
        prop_assert!(next == 0 || short.len() + next > limit);
    }
}
