//! The texts that JavaScript has to know: names, patterns, words. Each instance tells all of them
//! once, and from then on says their numbers: a text decoded at each use is most of a call's cost.

use core::cell::Cell;

use super::js;
use crate::address::{self, ADOBE, BASE, BASE_PATH, PATH};
use crate::command::{BODY, COMMAND};
use crate::error::{Code, Field, Outcome, Problem};
use crate::header::{self, AFTER_SCHEME, RESERVED, SECRET};
use crate::response::{self, CAMPAIGN_CODE, CHECK_YOUR_URI, FOREIGN_PKEY};
use crate::retry::{CONNECT, NEVER_CONNECTED, RETRY_AFTER};
#[cfg(feature = "client")]
use crate::{bulk, option, poll, signal};

/// The number of a text, found while the crate is compiled.
macro_rules! text {
    ($text:expr) => {
        const { $crate::wasm::texts::number($text) }
    };
}

/// Rules whose pattern JavaScript knows.
macro_rules! rules {
    ($rules:expr) => {
        const {
            $crate::rule::Rules {
                pattern: $crate::wasm::texts::number($rules.pattern),
                problems: $rules.problems,
            }
        }
    };
}

/// Lists of lines; a field's number is that of its name.
const LISTS: [&str; 3] = [Field::TEXTS, Code::TEXTS, Problem::TEXTS];

const CODES: usize = Field::ALL.len();
const PROBLEMS: usize = CODES + 2 * Code::ALL.len();
const SINGLE: usize = PROBLEMS + Problem::ALL.len();

/// The numbers of the codes' words, every other one: the first, and that after the last.
pub const CODE_NUMBERS: [i32; 2] = [CODES as i32, PROBLEMS as i32];

pub const SPACE: &str = " ";
pub const CONTENT_TYPE: &str = "content-type";
pub const REQUEST_ID: &str = "x-request-id";
/// The documented headers, with places for the credentials: a member that is added later costs more
/// than all that is there already.
pub const HEADERS: &str = r#"{"Content-Type":"application/json","Cache-Control":"no-cache"}"#;
pub const HEADERS_TOKEN: &str =
    r#"{"Content-Type":"application/json","Cache-Control":"no-cache","Authorization":""}"#;
pub const HEADERS_KEY: &str =
    r#"{"Content-Type":"application/json","Cache-Control":"no-cache","X-Api-Key":""}"#;
pub const HEADERS_BOTH: &str = r#"{"Content-Type":"application/json","Cache-Control":"no-cache","Authorization":"","X-Api-Key":""}"#;
pub const INIT: &str =
    r#"{"method":"POST","redirect":"manual","headers":{},"body":"","signal":{}}"#;
#[cfg(feature = "client")]
pub const INIT_GET: &str = r#"{"method":"GET","redirect":"manual","headers":{},"signal":{}}"#;
#[cfg(feature = "client")]
pub const EMPTY_OBJECT: &str = "{}";
/// The beginning of a JSON object.
#[cfg(feature = "client")]
pub const OBJECT: &str = r"^\s*(\{)";
pub const NEED: &str = r#"{"refresh":false}"#;
pub const NEED_FRESH: &str = r#"{"refresh":true}"#;
pub const PLAIN: &str = r"^(\[object Object\])$";
pub const ESCAPE: &str = r"([%\\&])";
pub const OPAQUE_REDIRECT: &str = "^(opaqueredirect)$";
#[cfg(feature = "trap")]
pub const TRAP: &str = "^(TRAP)$";

/// Lines by themselves.
const SINGLES: &[&str] = &[
    "",
    SPACE,
    "/",
    ": ",
    "Bearer ",
    ADOBE,
    PATH[0],
    PATH[1],
    BODY[0],
    BODY[1],
    HEADERS,
    HEADERS_TOKEN,
    HEADERS_KEY,
    HEADERS_BOTH,
    INIT,
    NEED,
    NEED_FRESH,
    Outcome::NotExecuted.as_str(),
    Outcome::Unknown.as_str(),
    address::TEXT.pattern,
    address::SEGMENT.pattern,
    address::GIVEN.pattern,
    BASE,
    BASE_PATH,
    COMMAND.pattern,
    header::NAME.pattern,
    header::VALUE.pattern,
    header::CREDENTIAL.pattern,
    RESERVED,
    SECRET,
    AFTER_SCHEME,
    response::JSON,
    response::PROBLEM,
    CAMPAIGN_CODE,
    CHECK_YOUR_URI,
    FOREIGN_PKEY,
    RETRY_AFTER,
    NEVER_CONNECTED,
    CONNECT,
    PLAIN,
    ESCAPE,
    OPAQUE_REDIRECT,
    #[cfg(feature = "trap")]
    TRAP,
    "Authorization",
    "Retry-After",
    "X-Api-Key",
    CONTENT_TYPE,
    REQUEST_ID,
    "abort",
    "aborted",
    "addEventListener",
    "baseURI",
    "body",
    "byteLength",
    "cancel",
    "cause",
    "code",
    "document",
    "done",
    "error_code",
    "get",
    "getReader",
    "href",
    "includes",
    "join",
    "message",
    "name",
    "origin",
    "pathname",
    "promise",
    "read",
    "reason",
    "reject",
    "removeEventListener",
    "resolve",
    "status",
    "subarray",
    "syscall",
    "text",
    "toLowerCase",
    "toString",
    "type",
    "value",
    // At the end, so that the numbers of those above are the same with and without them: JavaScript
    // keeps one list for the instances of both modules.
    #[cfg(feature = "client")]
    INIT_GET,
    #[cfg(feature = "client")]
    OBJECT,
    #[cfg(feature = "client")]
    EMPTY_OBJECT,
    #[cfg(feature = "client")]
    signal::TRIGGER,
    #[cfg(feature = "client")]
    signal::PLAIN,
    #[cfg(feature = "client")]
    signal::NAME.pattern,
    #[cfg(feature = "client")]
    poll::PASSES,
    #[cfg(feature = "client")]
    bulk::AGAIN,
    #[cfg(feature = "client")]
    option::NOT_PARAMETERS,
    #[cfg(feature = "client")]
    option::TOO_LONG,
    #[cfg(feature = "client")]
    option::NOT_CONCURRENCY,
    #[cfg(feature = "client")]
    option::NOT_RATE,
    #[cfg(feature = "client")]
    option::NOT_ITERABLE,
    #[cfg(feature = "client")]
    "activity",
    #[cfg(feature = "client")]
    "commands",
    #[cfg(feature = "client")]
    "concurrency",
    #[cfg(feature = "client")]
    "confirm",
    #[cfg(feature = "client")]
    "intervalMs",
    #[cfg(feature = "client")]
    "iterate",
    #[cfg(feature = "client")]
    "onProgress",
    #[cfg(feature = "client")]
    "parameters",
    #[cfg(feature = "client")]
    "perSecond",
    #[cfg(feature = "client")]
    "source",
    #[cfg(feature = "client")]
    "startsWith",
    #[cfg(feature = "client")]
    "stopOnError",
    #[cfg(feature = "client")]
    "tooSoon",
    #[cfg(feature = "client")]
    "trigger",
    #[cfg(feature = "client")]
    "until",
];

const LENGTH: usize = {
    let (lists, singles) = (total(&LISTS), total(SINGLES));
    lists + singles + SINGLES.len()
};

static ALL: [u8; LENGTH] = {
    let mut all = [b'\n'; LENGTH];
    let at = put(&mut all, 0, &LISTS, 0);
    put(&mut all, at, SINGLES, 1);
    all
};

/// Tells JavaScript the texts, once for an instance.
pub fn tell() {
    struct Told(Cell<bool>);
    // SAFETY: a WebAssembly module without shared memory has one thread.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl Sync for Told {}
    static TOLD: Told = Told(Cell::new(false));
    if !TOLD.0.replace(true) {
        js::know(&ALL);
    }
}

/// The number of a field's name.
pub const fn field(field: Field) -> i32 {
    field as i32
}

/// The number of a code's word; its sentence follows.
pub const fn code(code: Code) -> i32 {
    CODES as i32 + 2 * code as i32
}

/// The number of what is wrong.
pub const fn problem(problem: Problem) -> i32 {
    PROBLEMS as i32 + problem as i32
}

/// The number of the word in the JavaScript error.
pub const fn outcome(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::NotExecuted => text!(Outcome::NotExecuted.as_str()),
        Outcome::Unknown => text!(Outcome::Unknown.as_str()),
    }
}

pub(super) use {rules, text};

/// For [`text!`] alone.
#[allow(clippy::indexing_slicing)] // It is not compiled where an index is wrong.
pub const fn number(text: &str) -> i32 {
    let mut index = 0;
    while !equal(SINGLES[index].as_bytes(), text.as_bytes()) {
        index += 1;
    }
    (SINGLE + index) as i32
}

#[allow(clippy::indexing_slicing)] // As above.
const fn equal(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

#[allow(clippy::indexing_slicing)] // As above.
const fn total(texts: &[&str]) -> usize {
    let (mut sum, mut index) = (0, 0);
    while index < texts.len() {
        sum += texts[index].len();
        index += 1;
    }
    sum
}

/// Puts texts one after the other, with so much room between them; gives where they end.
#[allow(clippy::indexing_slicing)] // As above.
const fn put(all: &mut [u8], mut at: usize, texts: &[&str], room: usize) -> usize {
    let mut index = 0;
    while index < texts.len() {
        let text = texts[index].as_bytes();
        let mut byte = 0;
        while byte < text.len() {
            all[at] = text[byte];
            byte += 1;
            at += 1;
        }
        at += room;
        index += 1;
    }
    at
}
