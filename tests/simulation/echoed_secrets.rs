//! Responses that repeat the secrets of the request, as error pages and debug builds do.

use crate::chance::Chance;
use crate::encodings::{ENCODINGS, Encoding, encode};

/// The limits at which the client cuts texts, in bytes: secrets across them are the most likely to
/// be missed.
const BORDERS: [usize; 2] = [8 * 1024, 64 * 1024];

/// A body, usually with a secret in it, and its content type.
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
        // Adobe sends no problem documents, so the client ignores them there.
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
    // The client does not search a complete success body for a secret that the server itself cut
    // off.
    let may_break_off = !(200..=299).contains(&status);
    if may_break_off && chance.one_in(4) && body.is_ascii() {
        body.truncate(chance.index(body.len() + 1));
    }
    let secret = body.find(&encoded).map(|at| at..at + encoded.len());
    let mut bytes = body.into_bytes();
    if chance.one_in(16) {
        // A secret with an invalid byte inside is a different secret.
        let at = chance.index(bytes.len() + 1);
        let is_inside = secret.is_none_or(|secret| secret.contains(&at));
        bytes.insert(if is_inside { bytes.len() } else { at }, 0xff);
    }
    (bytes, content_type)
}

/// A request id that contains a secret.
pub fn request_id(chance: &mut Chance, secrets: &[String]) -> String {
    let encoded = echo(chance, secrets);
    format!("id-{encoded}")
}

/// A secret in some encoding.
pub fn echo(chance: &mut Chance, secrets: &[String]) -> String {
    if secrets.is_empty() {
        return String::from("nothing");
    }
    let secret = chance.any_of(secrets);
    let encoding: Encoding = chance.any_of(&ENCODINGS);
    encode(&secret, encoding, chance)
}
