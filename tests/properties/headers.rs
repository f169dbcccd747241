//! Headers, checked with the `http` crate.

use std::cell::Cell;

use campaign_workflow::error::Problem;
use campaign_workflow::header::{
    check_credential, check_idempotency_key, check_name, check_value, is_secret,
};
use campaign_workflow::{AccessToken, Code, Command, Request, send};
use http::{HeaderName, HeaderValue};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use crate::config;
use crate::platform::{Reply, ScriptedPlatform, poll_once};
use crate::strategies::{cased, text};

const DOCUMENTED: &[&str] = &[
    "authorization",
    "cache-control",
    "content-type",
    "idempotency-key",
    "prefer",
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
        "preferred",
        "idempotency",
    ];
    prop_oneof![
        cased(DOCUMENTED),
        cased(FRAMING),
        cased(OTHER),
        text(6),
        "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
    ]
}

/// Encodes a value as the platform sends it: one byte for each character.
fn latin1(value: &str) -> Option<Vec<u8>> {
    value
        .chars()
        .map(|char| u8::try_from(u32::from(char)).ok())
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_header_name_is_an_unreserved_token(name in names(), may_authorize in any::<bool>()) {
        // The client checks the name in lower case.
        let lower = name.to_ascii_lowercase();
        let named = HeaderName::from_bytes(name.as_bytes()).is_ok();
        let reserved = FRAMING.contains(&lower.as_str())
            || (DOCUMENTED.contains(&lower.as_str()) && !(may_authorize && lower == "authorization"));
        let problem = match (named, reserved) {
            (false, _) => Some(Problem::HeaderName),
            (true, true) => Some(Problem::HeaderReserved),
            (true, false) => None,
        };
        prop_assert_eq!(check_name(&lower, may_authorize).err(), problem);
    }

    #[test]
    fn a_header_value_is_what_http_carries(value in text(12)) {
        let bytes = latin1(&value);
        let carried = bytes.as_deref().is_some_and(|bytes| HeaderValue::from_bytes(bytes).is_ok());
        let trimmed = value.trim_matches([' ', '\t']) == value;
        // The http crate accepts 0x80 to 0x9f, which are control characters.
        let c1 = value.chars().any(|char| ('\u{80}'..='\u{9f}').contains(&char));
        let problem = (!carried || !trimmed || c1).then_some(Problem::HeaderValue);
        prop_assert_eq!(check_value(&value).err(), problem);
        prop_assert!(problem.is_some() || !value.contains(['\r', '\n', '\0']));
    }

    #[test]
    fn an_invalid_credential_names_its_problem(text in prop_oneof![cased(&["bearer abc", "bearer", "bearer ", "basic abc"]), "[!-~]{1,12}", text(8)]) {
        let bearer = text.to_ascii_lowercase().starts_with("bearer ");
        let fine = text.bytes().all(|byte| byte.is_ascii_graphic());
        let problem = match text.as_str() {
            "" => Some(Problem::Empty),
            _ if bearer => Some(Problem::CredentialBearer),
            _ => (!fine).then_some(Problem::CredentialCharacters),
        };
        prop_assert_eq!(check_credential(&text).err(), problem);
        prop_assert!(problem.is_some() || HeaderValue::from_str(&text).is_ok());
    }

    #[test]
    fn an_idempotency_key_is_visible_ascii(key in prop_oneof!["[!-~]{1,12}", "[!-~]{253,258}", text(8)], is_adobe in any::<bool>()) {
        let fine = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        let problem = match is_adobe {
            true => Some(Problem::KeyAtAdobe),
            false => (!fine).then_some(Problem::NotKey),
        };
        prop_assert_eq!(check_idempotency_key(&key, is_adobe).err(), problem);
        prop_assert!(problem.is_some() || HeaderValue::from_str(&key).is_ok());
    }

    #[test]
    fn a_header_name_with_a_secret_word_anywhere_is_secret(
        before in "[a-z-]{0,6}",
        word in cased(&["auth", "cookie", "key", "secret", "token"]),
        after in "[a-z-]{0,6}",
        other in "[bdfgj-]{0,12}",
    ) {
        let name = format!("{before}{word}{after}").to_ascii_lowercase();
        prop_assert!(is_secret(&name));
        prop_assert!(!is_secret(&other));
    }
}

/// The caller's own `Authorization` must not compete with `accessToken`, nor reach Adobe's host.
#[test]
fn authorization_is_set_by_headers_only_without_a_token_and_not_at_adobe() {
    let sent = Cell::new(false);
    let platform = ScriptedPlatform::new(false, |_| {
        sent.set(true);
        Reply::Hang
    });
    let tokens = [
        AccessToken::None,
        AccessToken::Fixed(String::from("a-token")),
        AccessToken::Function,
    ];
    for access_token in tokens {
        for base_url in [None, Some(String::from("https://gateway.example"))] {
            let may = access_token == AccessToken::None && base_url.is_some();
            let request = Request {
                access_token: access_token.clone(),
                api_key: Some(String::from("a-key")),
                headers: vec![(String::from("authorization"), String::from("Basic abc"))],
                base_url,
                ..Request::new("acme", "WKF1")
            };
            sent.set(false);
            let error = poll_once(send(&platform, &request, Command::Start)).unwrap_err();
            assert_eq!(sent.get(), may, "{request:?}");
            assert_eq!(error.code == Code::InvalidArgument, !may, "{error:?}");
        }
    }
}
