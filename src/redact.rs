//! Masks secrets in every text that leaves the package, in all encodings that servers use.

use crate::text::{contains, contains_any};

/// The replacement of a secret.
const MASK: &str = "***";

/// Shorter strings are not treated as secrets: masking them would only destroy the response.
const MIN_SECRET_LENGTH: usize = 4;

/// A secret that is cut off at the end of a text is masked if at least this many bytes of it are
/// there.
const MIN_PARTIAL_LENGTH: usize = 8;

/// The maximum depth of nested escapes: JSON in JSON in JSON has seven backslashes before a quote.
const MAX_ESCAPE_DEPTH: usize = 7;

/// Every escape up to that depth is shorter than this.
const MAX_ESCAPE_LENGTH: usize = 16;

/// The secrets of one call.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds a secret.
    pub fn add(&mut self, secret: &str) {
        self.0.push(String::from(secret));
    }

    /// Masks the secrets in a complete text. Only texts that may contain one are searched. A secret
    /// may be cut off at the end: the author of the text may have cut what it quotes.
    pub fn redact(&self, text: String) -> String {
        let holds_escapes = contains_any(&text, b"%\\&");
        let may_contain = |secret: &String| contains(&text, truncate(secret, MIN_PARTIAL_LENGTH));
        if holds_escapes || self.0.iter().any(may_contain) {
            self.redact_and_truncate(&text, usize::MAX)
        } else {
            text
        }
    }

    /// Masks the secrets in a text, also one that is cut off at the end, then cuts the text to
    /// `limit` bytes.
    pub fn redact_and_truncate(&self, text: &str, limit: usize) -> String {
        let mut text = String::from(text);
        for secret in &self.0 {
            text = mask(&text, secret);
        }
        if text.len() > limit {
            text = String::from(truncate(&text, limit));
        }
        text
    }
}

/// Masks a secret in a text: as it is, percent-encoded, with JSON, backslash or HTML escapes, in
/// any mixture, and cut off at the end of the text.
pub fn mask(text: &str, secret: &str) -> String {
    let (bytes, secret) = (text.as_bytes(), secret.as_bytes());
    let mut masked = String::with_capacity(text.len());
    // Everything before this index is copied or masked.
    let mut done = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(length) = match_length(rest, secret) else {
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

/// The first `limit` bytes of a text, or fewer so that the last character stays whole.
pub fn truncate(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// The number of bytes at the start of `text` that encode the secret, or its start if the text ends
/// there.
fn match_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    if secret.len() < MIN_SECRET_LENGTH {
        return None;
    }
    let mut is_cut_off = false;
    // The possible ends of the match so far, one bit for each offset from `at`. A secret that
    // contains an escape character can be read in more than one way. Unescaped, it ends first.
    let (mut at, mut ends) = (0, 1u64);
    for (matched, expected) in secret.iter().enumerate() {
        let mut next = 0;
        while ends != 0 {
            let end = ends.trailing_zeros();
            ends &= ends - 1;
            let rest = text.get(at + end as usize..)?;
            // The text ends here, perhaps inside an escape: what is left may be the start of the
            // secret.
            let escapes = matches!(rest.first(), None | Some(b'%' | b'\\' | b'&'));
            is_cut_off |=
                matched >= MIN_PARTIAL_LENGTH && escapes && rest.len() < MAX_ESCAPE_LENGTH;
            for depth in 0..=MAX_ESCAPE_DEPTH {
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
    is_cut_off.then_some(text.len())
}

/// Decodes the text's next byte through `depth` levels of escapes. Returns the byte and the length
/// of its encoding: `A` itself, then `%41`, `\u0041`, `\A`, `&#65;` or `&#x41;`, then `%2541`,
/// `\\u0041` or `\\A`, and so on.
fn decode(text: &[u8], depth: usize) -> Option<(u32, usize)> {
    match text {
        [first, ..] if depth == 0 => Some((u32::from(*first), 1)),
        [b'%', ..] => {
            let at = 2 * depth - 1;
            let deeper = depth == 1 || text.get(at - 2..at) == Some(b"25");
            deeper.then(|| parse_digits(text, at, 2, 16)).flatten()
        }
        [b'\\', ..] if text.get(depth - 1) == Some(&b'\\') => match text.get(depth)? {
            b'u' => parse_digits(text, depth + 1, 4, 16),
            next => Some((u32::from(*next), depth + 1)),
        },
        [b'&', b'#', third, ..] => {
            let (at, radix) = if third | 0x20 == b'x' {
                (3, 16)
            } else {
                (2, 10)
            };
            let end = text
                .iter()
                .take(MAX_ESCAPE_LENGTH)
                .position(|byte| *byte == b';')?;
            let (value, end) = parse_digits(text, at, end.checked_sub(at)?, radix)?;
            Some((value, end + 1))
        }
        _ => None,
    }
}

/// Parses this many digits. Returns the number and the offset of its end.
fn parse_digits(text: &[u8], at: usize, digits: usize, radix: u32) -> Option<(u32, usize)> {
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
    use super::{Secrets, mask, truncate};

    fn masked(text: &str) -> String {
        mask(&mask(text, "eyJhbGciOi/x+y="), "local-key")
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
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
    fn a_secret_cut_off_at_the_end_is_masked() {
        assert_eq!(masked("Bearer eyJhbGciO"), "Bearer ***");
        assert_eq!(masked("Bearer eyJh"), "Bearer eyJh");
        assert_eq!(masked(r"Bearer eyJhbGciOi\u00"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi%2"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi&#x2"), "Bearer ***");
        assert_eq!(masked("Bearer eyJhbGciOi%2525252525252"), "Bearer ***");
        for unchanged in ["eyJhbGciOi% of 16 bytes...", "eyJhbGciOi and the rest"] {
            assert_eq!(masked(unchanged), unchanged);
        }
    }

    #[test]
    fn secrets_with_escape_characters_are_masked() {
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
    fn a_megabyte_of_escapes_is_searched_quickly() {
        for escape in ["\\", "%25", "%", "&#", "&#0;", "\\u0061"] {
            let text = escape.repeat(1024 * 1024 / escape.len());
            let started = std::time::Instant::now();
            assert_eq!(masked(&text), text);
            assert!(started.elapsed().as_secs() < 20, "{escape}");
        }
    }

    #[test]
    fn strings_under_four_bytes_are_not_masked() {
        assert_eq!(mask("abc abc", "abc"), "abc abc");
    }

    #[test]
    fn multi_byte_characters_stay_whole() {
        assert_eq!(mask("é\u{e9}geheim€", "geheim"), "éé***€");
        assert_eq!(mask("sché€ma", "ché€"), "s***ma");
    }

    #[test]
    fn texts_are_truncated_between_characters() {
        assert_eq!(truncate("aé", 2), "a");
        assert_eq!(truncate("aé", 3), "aé");
        assert_eq!(truncate("", 3), "");
    }

    #[test]
    fn masking_comes_before_truncation() {
        let mut secrets = Secrets::default();
        secrets.add("geheim-1");
        secrets.add("geheim-2");
        assert_eq!(
            secrets.redact_and_truncate("a geheim-2 geheim-1 b", 6),
            "a *** "
        );
        assert_eq!(secrets.redact("a geheim-2".into()), "a ***");
        assert_eq!(secrets.redact("a geheim%2d2".into()), "a ***");
        assert_eq!(
            secrets.redact("a geheim-2, geheim-".into()),
            "a ***, geheim-"
        );
        assert_eq!(secrets.redact("nothing".into()), "nothing");
        secrets.add("ein-geheimnis");
        assert_eq!(secrets.redact("a ein-gehei".into()), "a ***");
    }
}
