//! What `src/wasm/` does with the pure modules' patterns and answers, with Rust's regular
//! expressions in place of the platform's.

use std::cell::RefCell;
use std::collections::HashMap;

use campaign_workflow::error::{Code, Problem};
use campaign_workflow::response::{self, Documented, Found};
use campaign_workflow::rule::Rules;
use campaign_workflow::{address, command, mask as masking, retry};
use regex::Regex;
use serde_json::Value;

/// What stands in a secret's place.
pub const MASK: &str = "***";

thread_local! {
    static COMPILED: RefCell<HashMap<&'static str, Regex>> = RefCell::default();
}

fn with<T>(pattern: &'static str, work: impl FnOnce(&Regex) -> T) -> T {
    COMPILED.with_borrow_mut(|compiled| {
        // No text of Rust's holds the surrogates that one of JavaScript's can.
        let compile = || Regex::new(&format!("(?s){}", pattern.replace(r"\p{Cs}", r"[^\s\S]")));
        work(
            compiled
                .entry(pattern)
                .or_insert_with(|| compile().unwrap()),
        )
    })
}

/// The number of the first group of the pattern that a text matches, or 0.
pub fn which(text: &str, pattern: &'static str) -> u32 {
    with(pattern, |regex| {
        regex.captures(text).map_or(0, |groups| {
            let group = groups.iter().skip(1).position(|group| group.is_some());
            group.map_or(u32::MAX, |index| index as u32 + 1)
        })
    })
}

/// The first match of a pattern.
pub fn find(text: &str, pattern: &'static str) -> Option<String> {
    with(pattern, |regex| {
        regex.find(text).map(|found| String::from(found.as_str()))
    })
}

/// What is wrong with a text by these rules.
pub fn problem(text: &str, rules: &Rules) -> Option<Problem> {
    rules.problem(which(text, rules.pattern))
}

/// The word of a code.
pub fn word(code: Code) -> &'static str {
    Code::TEXTS.lines().nth(2 * code as usize).unwrap()
}

/// Adds to a base the path of a workflow's commands.
pub fn push_commands(url: &mut String, organization: &str, workflow: &str) {
    let [between, after] = address::PATH;
    let base = find(url, address::BASE_PATH).unwrap_or_default();
    let (organization, workflow) = (segment(organization), segment(workflow));
    *url = [&base, "/", &organization, between, &workflow, after].concat();
}

/// As `segment` of js/platform.js.
fn segment(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' | b'@' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The body of a command's request.
pub fn body(word: &str) -> String {
    let [before, after] = command::BODY;
    [before, word, after].concat()
}

/// What a `Retry-After` header asks for; `until` is what the platform makes of its date.
pub fn retry_after_ms(value: &str, until: f64) -> Option<u32> {
    let group = which(value, retry::RETRY_AFTER);
    let number = if group == 1 {
        value.parse().unwrap()
    } else {
        until
    };
    retry::retry_after_ms(group, number)
}

pub fn never_connected(code: &str, syscall: &str) -> bool {
    match which(code, retry::NEVER_CONNECTED) {
        1 => true,
        2 => which(syscall, retry::CONNECT) > 0,
        _ => false,
    }
}

pub fn is_json(content_type: &str) -> bool {
    which(&content_type.to_lowercase(), response::JSON) > 0
}

/// What an error body tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    pub error_code: Option<String>,
    pub unknown_uri: bool,
    pub hint: Option<&'static str>,
}

/// `json`: the body, where it is a JSON object or array.
pub fn diagnose(status: u16, text: &str, json: Option<&Value>) -> Diagnosis {
    let member = |name| json.and_then(|json| json.get(name));
    let message = member("message").and_then(Value::as_str).unwrap_or("");
    let error_code = match json {
        Some(_) => member("error_code")
            .and_then(Value::as_str)
            .map(String::from),
        None => find(text, response::CAMPAIGN_CODE),
    };
    let found = Found {
        json: json.is_some(),
        code: member("code").and_then(Value::as_f64).unwrap_or(f64::NAN),
        check_your_uri: which(message, response::CHECK_YOUR_URI) > 0,
        campaign_code: json.is_none() && error_code.is_some(),
        foreign_pkey: json.is_none() && which(text, response::FOREIGN_PKEY) > 0,
    };
    let documented = response::recognise(status, &found);
    Diagnosis {
        error_code,
        unknown_uri: documented == Some(Documented::UnknownUri),
        hint: documented.map(|documented| documented.hint(status)),
    }
}

pub fn mask(text: &str, secret: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let length = masking::mask(&mut bytes, text.len(), secret.as_bytes());
    bytes.truncate(length);
    String::from_utf8(bytes).expect("characters stay whole")
}

pub fn cut(text: &str, limit: usize) -> &str {
    &text[..masking::cut(text.as_bytes(), limit)]
}
