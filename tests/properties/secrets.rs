//! Masking of secrets.

use campaign_workflow::platform::FetchError;
use campaign_workflow::redact::mask;
use campaign_workflow::response::ERROR_TEXT_LIMIT;
use campaign_workflow::{AccessToken, Body, Command, Request, send};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

use crate::chance::Chance;
use crate::config;
use crate::encodings::{ENCODINGS, Encoding, contains_secret, encode};
use crate::platform::{Reply, ScriptedPlatform, ScriptedResponse, poll_once};
use crate::strategies::text;

const MASK: &str = "***";

/// Typical tokens and keys, and visible ASCII with escape characters, which can be read in more
/// than one way.
fn secrets() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[0-9A-Za-z._~+/=-]{10,40}",
        1 => "[!-~]{10,30}",
        1 => "[0-9a-f%\\\\/\"u&#;]{10,30}",
        // Secrets that contain percent-encoding or JSON escapes.
        1 => "([a-f]{3,6}%2[5Ff]){2,4}",
        1 => "([a-f]{3,6}\\\\){2,4}",
    ]
}

/// Text that can't be part of a secret. There is some between any two secrets, because the `\` at
/// the end of one would escape the first character of the next.
fn fillers() -> impl Strategy<Value = String> {
    vec(select(&[' ', '\n', 'é', '€', '💥', '\t'][..]), 1..6).prop_map(String::from_iter)
}

fn encodings() -> impl Strategy<Value = Encoding> {
    select(&ENCODINGS[..])
}

/// Encodes a secret with several encoders in sequence, differently for each byte.
fn encode_deep(secret: &str, chance: &mut Chance) -> String {
    let encode = |byte: u8| {
        let depth = chance.index(7);
        let backslashes = "\\".repeat(depth + 1);
        match chance.below(6) {
            0 => format!("%{}{byte:02x}", "25".repeat(depth)),
            1 => format!("{backslashes}u{byte:04X}"),
            2 if byte != b'u' => format!("{backslashes}{}", char::from(byte)),
            3 => format!("&#{byte};"),
            4 => format!("&#x{byte:x};"),
            _ => String::from(char::from(byte)),
        }
    };
    secret.bytes().map(encode).collect()
}

/// The texts that a caller gets after a request with these secrets, and whether they are those of
/// an error.
fn visible_texts(
    token: &str,
    header: (&str, &str),
    reply: impl Fn() -> Reply,
) -> (Vec<String>, bool) {
    let platform = ScriptedPlatform::new(false, |_| reply());
    let request = Request {
        access_token: AccessToken::Fixed(token.into()),
        headers: vec![(header.0.into(), header.1.into())],
        base_url: Some("https://gateway.example".into()),
        max_retries: 0,
        ..Request::new("acme", "WKF1")
    };
    match poll_once(send(&platform, &request, Command::Start)) {
        Ok(receipt) => {
            let body = match receipt.body {
                Body::Empty => String::new(),
                Body::Text(text) => text,
                Body::Json(json) => json.0.to_string(),
            };
            (
                receipt.request_id.into_iter().chain([body]).collect(),
                false,
            )
        }
        Err(error) => {
            let texts = [error.request_id, error.body, error.cause];
            let texts = texts.into_iter().flatten().chain([error.message]);
            (texts.collect(), true)
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_secret_is_masked_and_the_rest_is_kept(
        secret in secrets(),
        parts in vec((fillers(), encodings()), 1..4),
        last in fillers(),
        seed in any::<u64>(),
    ) {
        let mut chance = Chance::new(seed);
        let (mut text, mut expected) = (String::new(), String::new());
        for (filler, encoding) in parts {
            text = text + &filler + &encode(&secret, encoding, &mut chance);
            expected = expected + &filler + MASK;
        }
        prop_assert_eq!(mask(&(text + &last), &secret), expected + &last);
    }

    #[test]
    fn a_secret_cut_off_at_the_end_of_a_text_is_masked(
        secret in secrets(),
        filler in fillers(),
        encoding in encodings(),
        seed in any::<u64>(),
        kept in 0.0..1.0,
    ) {
        let encoded = encode(&secret, encoding, &mut Chance::new(seed));
        let end = (encoded.len() as f64 * kept) as usize;
        let text = filler.clone() + &encoded[..end];
        let masked = mask(&text, &secret);
        prop_assert!(!contains_secret(&masked, &secret), "{masked:?} from {text:?}");
        // An escape of one of the last characters, such as the `%` of `…%25`, may already be
        // masked.
        let rest = masked.strip_prefix(&(filler + MASK));
        prop_assert!(masked == text || rest.is_some_and(|rest| rest.len() < 3 * "\\u0000".len()));
    }

    #[test]
    fn no_text_shows_a_secret_afterwards(secret in secrets(), texts in vec(prop_oneof![text(6), "[0-9a-f%\\\\u]{0,9}"], 0..4), encodings in vec(encodings(), 0..3), seed in any::<u64>()) {
        let mut chance = Chance::new(seed);
        let mut all: Vec<String> = encodings.into_iter().map(|encoding| encode(&secret, encoding, &mut chance)).chain(texts).collect();
        for last in (1..all.len()).rev() {
            all.swap(last, chance.index(last + 1));
        }
        let masked = mask(&all.concat(), &secret);
        prop_assert!(!contains_secret(&masked, &secret), "{masked:?} from {:?}", all.concat());
    }

    #[test]
    fn a_secret_is_masked_under_nested_escapes(secret in secrets(), before in fillers(), after in fillers(), seed in any::<u64>()) {
        let encoded = encode_deep(&secret, &mut Chance::new(seed));
        prop_assert_eq!(mask(&format!("{before}{encoded}{after}"), &secret), before + MASK + &after);
    }

    #[test]
    fn masking_twice_is_masking_once(secret in secrets(), before in text(6), after in text(6), encoding in encodings(), seed in any::<u64>()) {
        // The mask could complete a secret that contains stars.
        let secret = secret.replace('*', "+");
        let text = before + &encode(&secret, encoding, &mut Chance::new(seed)) + &after;
        let once = mask(&text, &secret);
        prop_assert_eq!(mask(&once, &secret), once);
    }

    #[test]
    fn masking_handles_any_text_and_any_secret(secret in text(12), before in text(12), after in text(12)) {
        let text = before.clone() + &secret + &after;
        let masked = mask(&text, &secret);
        prop_assert!(secret.len() < 4 || masked.contains(MASK));
        prop_assert!(secret.len() >= 4 || masked == text);
        let _ = mask(&before, &secret);
    }

    #[test]
    fn a_text_without_the_secret_is_unchanged(text in text(40), secret in "[A-Y]{10,20}") {
        prop_assert_eq!(mask(&text, &secret), text);
    }

    /// No text of a receipt or an error contains a secret of the request, whatever the server
    /// echoes.
    #[test]
    fn no_secret_reaches_a_receipt_or_an_error(
        token in secrets(),
        key in secrets(),
        [has_scheme, fails] in any::<[bool; 2]>(),
        status in select(&[200, 204, 404, 429, 500, 503][..]),
        filler in fillers(),
        repeats in prop_oneof![8 => Just(1), 1 => 1..1000usize],
        encoding in encodings(),
        kept in 0.0..1.0,
        seed in any::<u64>(),
    ) {
        let value = if has_scheme { format!("Basic {key}") } else { key.clone() };
        let mut chance = Chance::new(seed);
        for secret in [&token, &key] {
            let encoded = encode(secret, encoding, &mut chance);
            let whole = format!("{}{encoded}{filler}", filler.repeat(repeats));
            // Cut off by the network, or by the server, whose body is then complete.
            let end = whole.floor_char_boundary((whole.len() as f64 * kept) as usize);
            let (body, is_cut) = match chance.below(3) {
                0 => (&whole[..], false),
                1 => (&whole[..end], false),
                _ => (&whole[..end], true),
            };
            let response = ScriptedResponse {
                status,
                headers: vec![("x-request-id".into(), encoded)],
                body: body.as_bytes().to_vec(),
                is_cut,
            };
            let reply = || match fails {
                true => Reply::Failed(FetchError { never_connected: false, message: body.into() }),
                false => Reply::Response(response.clone()),
            };
            let (texts, is_error) = visible_texts(&token, ("X-Functions-Key", &value), reply);
            for text in texts {
                prop_assert!(!contains_secret(&text, secret), "{text:?} of {response:?}");
                prop_assert!(!is_error || text.len() <= ERROR_TEXT_LIMIT);
            }
        }
    }

    #[test]
    fn the_credential_after_a_scheme_is_masked_too(scheme in "[A-Za-z]{1,8}", secret in "[!-~]{10,20}( [!-~]{1,4})?", filler in fillers()) {
        let echo = |text: &str| {
            let body = format!("{filler}{text}{filler}");
            let response = ScriptedResponse { status: 400, body: body.into_bytes(), ..ScriptedResponse::default() };
            let value = format!("{scheme} {secret}");
            let reply = || Reply::Response(response.clone());
            visible_texts("an-access-token", ("X-Functions-Key", &value), reply).0.remove(0)
        };
        let masked = format!("{filler}{MASK}{filler}");
        prop_assert_eq!(echo(&secret), masked.clone());
        let whole = echo(&format!("{scheme} {secret}"));
        prop_assert!(!contains_secret(&whole, &secret) && whole.ends_with(&format!("{MASK}{filler}")), "{whole:?}");
    }
}
