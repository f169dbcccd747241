//! Secrets are masked wherever text leaves the package, however a server wrote them.

use crate::text::{contains, contains_any};

/// What stands in a secret's place.
const MASK: &str = "***";

/// Shorter texts are no secrets: to mask them would only destroy the answer.
const SHORTEST: usize = 4;

/// How much of a secret's beginning counts as the secret where the text breaks off.
const TAIL: usize = 8;

/// Escapes of escapes are read so deep: JSON in JSON in JSON has seven backslashes before a quote.
const DEEPEST: usize = 7;

/// Every escape of that depth is shorter.
const LONGEST: usize = 16;

/// The secrets of one call.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds one.
    pub fn add(&mut self, secret: &str) {
        self.0.push(String::from(secret));
    }

    /// A whole text without the secrets. It is searched only where one could stand in it, or begin:
    /// who wrote the text may have cut what is in it.
    pub fn clean(&self, text: String) -> String {
        let holds_escapes = contains_any(&text, b"%\\&");
        let may_begin = |secret: &String| contains(&text, beginning(secret, TAIL));
        if holds_escapes || self.0.iter().any(may_begin) {
            self.shown(&text, usize::MAX)
        } else {
            text
        }
    }

    /// The beginning of a text, without the secrets, even where it breaks off inside one.
    pub fn shown(&self, text: &str, limit: usize) -> String {
        let mut text = String::from(text);
        for secret in &self.0 {
            text = mask(&text, secret);
        }
        if text.len() > limit {
            text = String::from(beginning(&text, limit));
        }
        text
    }
}

/// Masks a secret in a text. It is found as it is, percent-encoded, with JSON or backslash escapes,
/// in any mixture, and where the text breaks off inside it.
pub fn mask(text: &str, secret: &str) -> String {
    let (bytes, secret) = (text.as_bytes(), secret.as_bytes());
    let mut masked = String::with_capacity(text.len());
    // Up to here the text is copied, or masked.
    let mut done = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(length) = length_of(rest, secret) else {
            at += 1;
            continue;
        };
        masked.push_str(text.get(done..at).unwrap_or_default());
        masked.push_str(MASK);
        at += length;
        done = at;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

/// The beginning of a text, up to `limit` bytes and to the end of a character.
pub fn beginning(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// How many bytes of the text's beginning spell the secret, or its beginning where the text ends.
fn length_of(text: &[u8], secret: &[u8]) -> Option<usize> {
    if secret.len() < SHORTEST {
        return None;
    }
    let mut breaks_off = false;
    // Where what was found so far may end, a bit for each place from `at` on: a secret that holds
    // an escape character can be read in more ways than one. As it is, it ends first.
    let (mut at, mut ends) = (0, 1u64);
    for (matched, expected) in secret.iter().enumerate() {
        let mut next = 0;
        while ends != 0 {
            let end = ends.trailing_zeros();
            ends &= ends - 1;
            let rest = text.get(at + end as usize..)?;
            // Where the text ends, also within an escape, what stands there may be the secret's
            // beginning.
            let escapes = matches!(rest.first(), None | Some(b'%' | b'\\' | b'&'));
            breaks_off |= matched >= TAIL && escapes && rest.len() < LONGEST;
            for depth in 0..=DEEPEST {
                let Some((value, width)) = decode(rest, depth) else {
                    break;
                };
                if value == u32::from(*expected) {
                    next |= 1u64.checked_shl(end + width as u32).unwrap_or(0);
                }
            }
        }
        if next == 0 {
            break;
        }
        let first = next.trailing_zeros();
        at += first as usize;
        ends = next >> first;
    }
    if ends != 0 {
        return Some(at + ends.ilog2() as usize);
    }
    breaks_off.then_some(text.len())
}

/// The text's next byte, read through so many escapes, and how many bytes spell it: `A` as it is,
/// then `%41`, `\u0041`, `\A`, `&#65;` or `&#x41;`, then `%2541`, `\\u0041` or `\\A`, and so on.
fn decode(text: &[u8], depth: usize) -> Option<(u32, usize)> {
    match text {
        [first, ..] if depth == 0 => Some((u32::from(*first), 1)),
        [b'%', ..] => {
            let at = 2 * depth - 1;
            let deeper = depth == 1 || text.get(at - 2..at) == Some(b"25");
            deeper.then(|| number(text, at, 2, 16)).flatten()
        }
        [b'\\', ..] if text.get(depth - 1) == Some(&b'\\') => match text.get(depth)? {
            b'u' => number(text, depth + 1, 4, 16),
            next => Some((u32::from(*next), depth + 1)),
        },
        [b'&', b'#', third, ..] => {
            let (at, radix) = if third | 0x20 == b'x' {
                (3, 16)
            } else {
                (2, 10)
            };
            let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
            let (value, end) = number(text, at, end.checked_sub(at)?, radix)?;
            Some((value, end + 1))
        }
        _ => None,
    }
}

/// A number of so many digits, and where it ends.
fn number(text: &[u8], at: usize, digits: usize, radix: u32) -> Option<(u32, usize)> {
    let value = text
        .get(at..at + digits)?
        .iter()
        .try_fold(0u32, |value, digit| {
            let digit = char::from(*digit).to_digit(radix)?;
            Some(value.wrapping_mul(radix).wrapping_add(digit))
        })?;
    Some((value, at + digits))
}

#[cfg(test)]
mod tests {
    use super::{Secrets, beginning, mask};

    fn masked(text: &str) -> String {
        mask(&mask(text, "eyJhbGciOi/x+y="), "local-key")
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        for (text, expected) in [
            ("token eyJhbGciOi/x+y= refused", "token *** refused"),
            (r#"{"t":"eyJhbGciOi\/x+y="}"#, r#"{"t":"***"}"#),
            ("?t=eyJhbGciOi%2Fx%2By%3D&k=local%2dkey", "?t=***&k=***"),
            (r"\u0065yJhbGciOi\u002Fx\u002by=", "***"),
            (
                "?u=%253Ft%253DeyJhbGciOi%252Fx%252By%253D",
                "?u=%253Ft%253D***",
            ),
            (
                r#""{\"t\":\"eyJhbGciOi\\\/x+y=\"}""#,
                r#""{\"t\":\"***\"}""#,
            ),
            ("eyJhbGciOi&#x2F;x&#43;y&#X3d; &#;", "*** &#;"),
            ("local-keylocal-key", "******"),
            ("nothing here", "nothing here"),
            ("", ""),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn a_text_that_breaks_off_in_a_secret_shows_none_of_it() {
        assert_eq!(masked("Bearer eyJhbGciO"), "Bearer ***");
        assert_eq!(masked("Bearer eyJh"), "Bearer eyJh");
        assert_eq!(masked(r"Bearer eyJhbGciOi\u00"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi%2"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi&#x2"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi%2525252525252"), "Bearer ***");
        for kept in ["eyJhbGciOi% of 16 bytes...", "eyJhbGciOi and the rest"] {
            assert_eq!(masked(kept), kept);
        }
    }

    #[test]
    fn secrets_that_hold_escape_characters_are_found() {
        for text in [
            r"x a\b%41c y",
            r"x a\\b%2541c y",
            r"x a%5Cb%252541c y",
            r"x a\u005cb\u002541c y",
        ] {
            assert_eq!(mask(text, r"a\b%41c"), "x *** y", "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_escapes_is_searched_in_no_time() {
        for escape in ["\\", "%25", "%", "&#", "&#0;", "\\u0061"] {
            let text = escape.repeat(1024 * 1024 / escape.len());
            let begun = std::time::Instant::now();
            assert_eq!(masked(&text), text);
            assert!(begun.elapsed().as_secs() < 20, "{escape}");
        }
    }

    #[test]
    fn what_is_too_short_is_no_secret() {
        assert_eq!(mask("abc abc", "abc"), "abc abc");
    }

    #[test]
    fn characters_stay_whole() {
        assert_eq!(mask("é\u{e9}geheim€", "geheim"), "éé***€");
        assert_eq!(mask("sché€ma", "ché€"), "s***ma");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(beginning("aé", 2), "a");
        assert_eq!(beginning("aé", 3), "aé");
        assert_eq!(beginning("", 3), "");
    }

    #[test]
    fn a_text_is_cut_after_it_is_masked() {
        let mut secrets = Secrets::default();
        secrets.add("geheim-1");
        secrets.add("geheim-2");
        assert_eq!(secrets.shown("a geheim-2 geheim-1 b", 6), "a *** ");
        assert_eq!(secrets.clean("a geheim-2".into()), "a ***");
        assert_eq!(secrets.clean("a geheim%2d2".into()), "a ***");
        assert_eq!(
            secrets.clean("a geheim-2, geheim-".into()),
            "a ***, geheim-"
        );
        assert_eq!(secrets.clean("nothing".into()), "nothing");
        secrets.add("ein-geheimnis");
        assert_eq!(secrets.clean("a ein-gehei".into()), "a ***");
    }
}
