//! Headers, held against the `http` crate.

use campaign_workflow::error::Problem;
use campaign_workflow::header::{
    AFTER_SCHEME, CREDENTIAL, NAME, RESERVED, SECRET, VALUE, is_reserved,
};
use http::{HeaderName, HeaderValue};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use crate::config;
use crate::shell::{self, find, which};
use crate::texts::{cased, text};

const DOCUMENTED: &[&str] = &[
    "authorization",
    "cache-control",
    "content-type",
    "x-api-key",
];
const FRAMING: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "__proto__",
];

fn names() -> impl Strategy<Value = String> {
    const OTHER: &[&str] = &[
        "x-request-id",
        "accept",
        "x-functions-key",
        "__proto",
        "hosts",
        "te2",
    ];
    prop_oneof![
        cased(DOCUMENTED),
        cased(FRAMING),
        cased(OTHER),
        text(6),
        "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
    ]
}

/// What is wrong with a header, in the order in which `src/wasm/input.rs` asks.
fn problem(name: &str, value: &str, may_authorize: bool) -> Option<Problem> {
    let lower = name.to_lowercase();
    shell::problem(name, &NAME)
        .or(is_reserved(which(&lower, RESERVED), may_authorize).then_some(Problem::HeaderReserved))
        .or(shell::problem(value, &VALUE))
}

fn after_scheme(value: &str) -> String {
    find(value, AFTER_SCHEME).map_or(String::from(value), |after| String::from(&after[1..]))
}

fn is_secret(name: &str) -> bool {
    which(&name.to_lowercase(), SECRET) > 0
}

/// As the platform writes it on the wire: one byte for each character.
fn latin1(value: &str) -> Option<Vec<u8>> {
    value
        .chars()
        .map(|char| u8::try_from(u32::from(char)).ok())
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_accepted_is_http(name in names(), value in text(12), may_authorize in any::<bool>()) {
        let found = problem(&name, &value, may_authorize);
        let lower = name.to_ascii_lowercase();
        let reserved = FRAMING.contains(&lower.as_str())
            || (DOCUMENTED.contains(&lower.as_str()) && !(may_authorize && lower == "authorization"));
        let named = HeaderName::from_bytes(name.as_bytes()).is_ok();
        prop_assert_eq!(found == Some(Problem::HeaderName), !named);
        prop_assert_eq!(found == Some(Problem::HeaderReserved), named && reserved);

        let bytes = latin1(&value);
        let carried = bytes.as_deref().is_some_and(|bytes| HeaderValue::from_bytes(bytes).is_ok());
        let trimmed = value.trim_matches([' ', '\t']) == value;
        // The http crate lets 0x80 to 0x9f through, which are control characters.
        let c1 = value.chars().any(|char| ('\u{80}'..='\u{9f}').contains(&char));
        if found.is_none() {
            prop_assert!(carried && trimmed && !value.contains(['\r', '\n', '\0']));
        } else if found == Some(Problem::HeaderValue) {
            prop_assert!(!carried || !trimmed || c1);
        }
    }

    #[test]
    fn a_refused_credential_says_why(text in prop_oneof![cased(&["bearer abc", "bearer", "bearer ", "basic abc"]), text(8)]) {
        let bearer = text.to_ascii_lowercase().starts_with("bearer ");
        let fine = text.bytes().all(|byte| byte.is_ascii_graphic());
        let expected = match text.as_str() {
            "" => Some(Problem::Empty),
            _ if bearer => Some(Problem::CredentialBearer),
            _ => (!fine).then_some(Problem::CredentialCharacters),
        };
        prop_assert_eq!(shell::problem(&text, &CREDENTIAL), expected);
    }

    #[test]
    fn a_scheme_is_taken_off_once(scheme in "[A-Za-z]{0,8}", secret in "[!-~]{1,20}( [!-~]{1,4})?") {
        let whole = format!("{scheme} {secret}");
        prop_assert_eq!(after_scheme(&whole), secret.clone());
        let word = secret.replace(' ', "");
        prop_assert_eq!(after_scheme(&word), word);
    }

    #[test]
    fn secrets_are_known_wherever_the_word_stands(
        before in "[a-z-]{0,6}",
        word in cased(&["auth", "cookie", "key", "secret", "token"]),
        after in "[a-z-]{0,6}",
        other in "[bdfgj-]{0,12}",
    ) {
        let name = format!("{before}{word}{after}");
        prop_assert!(is_secret(&name));
        prop_assert!(!is_secret(&other));
    }
}
