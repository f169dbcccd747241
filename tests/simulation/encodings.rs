//! The encodings in which a server may write a secret, and a search for a secret in any of them.
//!
//! The search is independent of the client's: it tries every way to read a text, while the client
//! scans the text once.

use crate::chance::Chance;

/// The minimum number of bytes of a secret that is cut off at the end of a text.
const MIN_PARTIAL_LENGTH: usize = 8;

/// The minimum length of a secret.
const MIN_SECRET_LENGTH: usize = 4;

/// The encodings in which the client masks a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not encoded.
    Plain,
    /// As `encodeURIComponent` encodes it.
    Percent,
    /// Every byte as `%xx`.
    PercentAll,
    /// As `JSON.stringify` encodes it, with `\/` as in PHP.
    Json,
    /// Every byte as `\u00xx`.
    Unicode,
    /// Each byte in a random encoding.
    Mixed,
}

pub const ENCODINGS: [Encoding; 6] = [
    Encoding::Plain,
    Encoding::Percent,
    Encoding::PercentAll,
    Encoding::Json,
    Encoding::Unicode,
    Encoding::Mixed,
];

/// Encodes a secret, which is ASCII.
pub fn encode(secret: &str, encoding: Encoding, chance: &mut Chance) -> String {
    let lower = chance.one_in(2);
    let mut encoded = String::new();
    for byte in secret.bytes() {
        let encoding = if encoding == Encoding::Mixed {
            chance.any_of(&ENCODINGS[..5])
        } else {
            encoding
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
        let percent = if lower {
            format!("%{byte:02x}")
        } else {
            format!("%{byte:02X}")
        };
        match encoding {
            Encoding::PercentAll => encoded += &percent,
            Encoding::Percent if !unreserved => encoded += &percent,
            Encoding::Unicode if lower => encoded += &format!("\\u{byte:04x}"),
            Encoding::Unicode => encoded += &format!("\\u{byte:04X}"),
            Encoding::Json if matches!(byte, b'"' | b'\\' | b'/') => {
                encoded.push('\\');
                encoded.push(char::from(byte));
            }
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}

/// Whether a text contains the secret in any mixture of encodings, or is cut off inside it.
pub fn contains_secret(text: &str, secret: &str) -> bool {
    let (text, secret) = (text.as_bytes(), secret.as_bytes());
    secret.len() >= MIN_SECRET_LENGTH
        && (0..text.len()).any(|start| starts_with_rest(&text[start..], secret, 0))
}

/// Whether the text begins with the secret from byte `found` on.
fn starts_with_rest(text: &[u8], secret: &[u8], found: usize) -> bool {
    let Some(&byte) = secret.get(found) else {
        return true;
    };
    let Some(&first) = text.first() else {
        return found >= MIN_PARTIAL_LENGTH;
    };
    let rest = |width: usize| starts_with_rest(&text[width..], secret, found + 1);
    (first == byte && rest(1))
        || match (first, text) {
            (b'\\', [_, next, ..]) if *next == byte && byte != b'u' && rest(2) => true,
            (b'%', _) => {
                hex(text, b"%", 2, byte).map_or(found >= MIN_PARTIAL_LENGTH, |fits| fits && rest(3))
            }
            (b'\\', _) => hex(text, b"\\u", 4, byte)
                .map_or(found >= MIN_PARTIAL_LENGTH, |fits| fits && rest(6)),
            _ => false,
        }
}

/// Whether the text begins with an escape of this byte; `None` if the text ends inside the escape.
fn hex(text: &[u8], opening: &[u8], digits: usize, byte: u8) -> Option<bool> {
    let whole = opening.len() + digits;
    let started = &text[..text.len().min(whole)];
    let expected = format!("{byte:0digits$x}");
    let expected = [opening, expected.as_bytes()].concat();
    let fits = started.eq_ignore_ascii_case(&expected[..started.len()]);
    if fits && started.len() < whole {
        None
    } else {
        Some(fits)
    }
}
