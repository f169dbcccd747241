//! Answers that say back what they were sent, as error pages and debug builds do.

use crate::chance::Chance;
use crate::encodings::{ENCODINGS, Encoding, encode};

/// Bytes of an error's text that are shown, and UTF-16 units that are looked at: what stands across
/// these borders is the most likely to slip through.
const BORDERS: [usize; 2] = [8 * 1024, 64 * 1024];

/// A body, with a secret in it more often than not, and its content type.
pub fn body(chance: &mut Chance, secrets: &[String], status: u16) -> (Vec<u8>, String) {
    let kinds = [
        "text/plain",
        "application/json",
        "application/json",
        "application/problem+json",
        "text/html",
        "",
    ];
    let content_type = String::from(chance.any_of(&kinds));
    let encoded = match chance.below(8) {
        0 => String::new(),
        _ => echo(chance, secrets),
    };
    let mut body = match chance.below(9) {
        0 => String::new(),
        1..=2 => format!("RST-360011 An error has occurred\n{encoded}\nXTK-170036 €"),
        3 => format!(r#"{{"error_code":"401013","message":"{encoded}"}}"#),
        4 => format!(r#"{{"error_code":"{encoded}","message":"no","nested":["{encoded}"]}}"#),
        // Adobe sends no problem documents, so the client believes none of them.
        5 => format!(r#"{{"code":"forbidden","outcome":"unknown","detail":"{encoded}"}}"#),
        6 => format!("<html><body>Bearer {encoded}</body></html>"),
        _ => {
            let before = match chance.below(400) {
                0..=15 => BORDERS[0] - chance.index(60),
                16 => BORDERS[1] - chance.index(60),
                _ => chance.index(100),
            };
            let filler = if chance.one_in(2) { " " } else { "é" };
            let filler = filler.repeat(before / filler.len());
            format!("{filler}{encoded} and the rest")
        }
    };
    // A whole success body is not searched for a secret that a server cut off by itself.
    let may_break_off = !(200..=299).contains(&status);
    if may_break_off && chance.one_in(4) && body.is_ascii() {
        body.truncate(chance.index(body.len() + 1));
    }
    let secret = body.find(&encoded).map(|at| at..at + encoded.len());
    let mut bytes = body.into_bytes();
    if chance.one_in(16) {
        // A secret with an invalid byte inside it is a different secret.
        let at = chance.index(bytes.len() + 1);
        let is_inside = secret.is_none_or(|secret| secret.contains(&at));
        bytes.insert(if is_inside { bytes.len() } else { at }, 0xff);
    }
    (bytes, content_type)
}

/// An id as a proxy makes it up, out of what it has.
pub fn request_id(chance: &mut Chance, secrets: &[String]) -> String {
    let encoded = echo(chance, secrets);
    format!("id-{encoded}")
}

/// A secret in some form.
pub fn echo(chance: &mut Chance, secrets: &[String]) -> String {
    if secrets.is_empty() {
        return String::from("nothing");
    }
    let secret = chance.any_of(secrets);
    let encoding: Encoding = chance.any_of(&ENCODINGS);
    encode(&secret, encoding, chance)
}
