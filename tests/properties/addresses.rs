//! Addresses, checked with the `url` crate, which follows the same standard as `fetch`.

use campaign_workflow::Command;
use campaign_workflow::address::{Base, check_segment};
use campaign_workflow::error::Problem;
use proptest::prelude::{
    Strategy, any, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use proptest::sample::select;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::config;
use crate::strategies::{cased, joined, text, word_or_text};

/// Addresses as people and attackers write them.
fn addresses() -> impl Strategy<Value = String> {
    const SCHEMES: &[&str] = &["https", "http", "ftp", "ws", "file", "javascript", "httpss"];
    const HOSTS: &[&str] = &[
        "mc.adobe.io",
        "MC.Adobe.IO.",
        "mc.adobe.io.example",
        "notadobe.io",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost.example",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "127.0.0.1.",
        "127.0.0.1.example",
        "127.example1",
        "127.0'0",
        "127..",
        "128.0.0.1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::2]",
        "１２７.0.0.1",
        "127。0。0。1",
        "ex%61mple.com",
        "bücher.example",
    ];
    let near = "127[.0-9a-f'x]{1,8}";
    let host = prop_oneof![4 => select(HOSTS).prop_map(String::from), 1 => text(6), 1 => near];
    let user = select(&["", "", "", "me@", ":pw@", "me:pw@", "@"][..]);
    let port = select(&["", "", ":443", ":80", ":8787", ":0", ":99999"][..]);
    let slashes = select(&["://", "://", "://", ":", ":/", ":///", ":\\\\"][..]);
    let path = joined(word_or_text(&["api", "..", ".", "%2e%2e", "a b"], 4), "/");
    let end = select(&["", "", "", "/", "//", "?", "#", "?a=b", "#a"][..]);
    (cased(SCHEMES), slashes, user, host, port, path, end).prop_map(
        |(scheme, slashes, user, host, port, path, end)| {
            let path = if path.is_empty() {
                path
            } else {
                format!("/{path}")
            };
            format!("{scheme}{slashes}{user}{host}{port}{path}{end}")
        },
    )
}

/// Valid base addresses.
fn bases() -> impl Strategy<Value = Url> {
    const ORIGINS: &[&str] = &[
        "https://mc.adobe.io",
        "https://example.com:8443",
        "https://[2001:db8::1]",
        "http://localhost:8787",
        "http://127.1",
        "http://[::1]:80",
        "HTTPS://BÜCHER.example",
        "https:\\\\a",
    ];
    let path = joined(
        word_or_text(&["api", "..", ".", "%2e%2e", "a b", "@"], 4),
        "/",
    );
    let whole = (select(ORIGINS), path).prop_map(|(origin, path)| format!("{origin}/{path}"));
    let without_query = |whole: String| whole.replace(['?', '#'], "");
    whole
        .prop_map(without_query)
        .prop_map(|whole| Url::parse(&whole).unwrap())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

fn decoded(segment: &str) -> Vec<u8> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            _ => byte,
        });
    }
    decoded
}

fn ids() -> impl Strategy<Value = String> {
    const IDS: &[&str] = &[
        "WKF42", "@Xb-_9", "..", ".", "%2e%2e", "%2E", "...", "a/b", "a\\b", "?", "#", "%", "%zz",
        "", " ", "a ",
    ];
    word_or_text(IDS, 12)
}

proptest! {
    #![proptest_config(config())]

    /// A base is accepted exactly if it is https, or http on loopback, and has no part that the
    /// parser drops.
    #[test]
    fn credentials_go_only_to_https_or_loopback(input in addresses()) {
        let url = Url::parse(&input).ok();
        let problem = match &url {
            None => Some(Problem::UrlInvalid),
            Some(url) if !matches!(url.scheme(), "https" | "http") => Some(Problem::UrlScheme),
            Some(url) if !url.username().is_empty() || url.password().is_some() => Some(Problem::UrlUser),
            Some(url) if url.scheme() == "http" && !is_loopback(url) => Some(Problem::UrlScheme),
            // The parser drops an empty query or fragment.
            Some(_) => input.contains(['?', '#']).then_some(Problem::UrlQuery),
        };
        let checked = Base::check(&input, url.as_ref().map(Url::as_str));
        prop_assert_eq!(checked.err(), problem);
        if let (Some(url), None) = (url, problem) {
            prop_assert!(url.query().is_none() && url.fragment().is_none());
        }
    }

    #[test]
    fn adobes_host_is_recognised_in_every_spelling(input in addresses()) {
        let url = Url::parse(&input);
        prop_assume!(url.is_ok());
        let url = url.unwrap();
        let domain = url.domain().unwrap_or("");
        let labels: Vec<&str> = domain.strip_suffix('.').unwrap_or(domain).split('.').collect();
        // The domain adobe.io itself has no API.
        let is_adobe = labels.len() > 2 && labels.ends_with(&["adobe", "io"]);
        let base = Base::check(&input, Some(url.as_str()));
        prop_assume!(base.is_ok());
        prop_assert_eq!(base.unwrap().is_adobe, is_adobe && url.scheme() == "https");
    }

    /// A parser reads the built address back as the same ids at the same host.
    #[test]
    fn ids_survive_encoding_into_an_address(url in bases(), organization in ids(), workflow in ids()) {
        prop_assume!(check_segment(&organization).is_ok() && check_segment(&workflow).is_ok());
        let base = Base::check(url.as_str(), Some(url.as_str())).unwrap();
        let built = base.workflow_url(&organization, &workflow);
        let read = Url::parse(&built).unwrap();
        prop_assert_eq!(read.origin(), url.origin());
        prop_assert!(read.username().is_empty() && read.password().is_none() && read.query().is_none() && read.fragment().is_none());
        // The built address is already normalized.
        prop_assert_eq!(read.as_str(), &built);

        let mut expected: Vec<&str> = url.path().trim_end_matches('/').split('/').skip(1).collect();
        let before = expected.len();
        expected.extend([organization.as_str(), "campaign", "workflow", "execution", &workflow]);
        let segments: Vec<&str> = read.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), expected.len());
        prop_assert_eq!(&segments[..before], &expected[..before]);
        for (segment, expected) in segments.iter().zip(&expected).skip(before) {
            prop_assert_eq!(decoded(segment), expected.as_bytes());
        }
    }

    #[test]
    fn only_ids_that_cannot_be_one_path_segment_are_refused(id in ids()) {
        let problem = match id.as_str() {
            "" => Some(Problem::Empty),
            "." | ".." => Some(Problem::Dots),
            _ if id.chars().any(char::is_control) => Some(Problem::Control),
            _ => (id.starts_with(' ') || id.ends_with(' ')).then_some(Problem::Spaces),
        };
        prop_assert_eq!(check_segment(&id).err(), problem);
    }

    #[test]
    fn no_other_string_is_a_command(word in prop_oneof![cased(&["start", "pause", "resume", "stop", "restart"]), text(6)], tail in any::<bool>()) {
        let word = if tail { word + "\0" } else { word };
        let command = match word.as_str() {
            "start" => Some(Command::Start),
            "pause" => Some(Command::Pause),
            "resume" => Some(Command::Resume),
            "stop" => Some(Command::Stop),
            _ => None,
        };
        prop_assert_eq!(Command::parse(&word), command);
        if let Some(command) = command {
            let body: Value = serde_json::from_str(command.body()).unwrap();
            prop_assert_eq!(body, json!({ "method": word }));
        }
    }
}
