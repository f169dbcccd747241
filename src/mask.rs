//! Secrets are blotted out wherever text leaves the package, however a server wrote them.

/// What stands in a secret's place.
const MASK: &[u8] = b"***";

/// Shorter texts are no secrets: to blot them out would only destroy the answer.
const SHORTEST: usize = 4;

/// How much of a secret's beginning counts as the secret where the text breaks off.
const TAIL: usize = 8;

/// No escape that breaks off is longer.
const LONGEST: usize = 12;

/// Blots out a secret in the first `length` bytes of a text, and gives the length of what is then
/// there. It is found as it is, percent-encoded, with JSON or backslash escapes, in any mixture,
/// and where the text breaks off inside it.
pub fn mask(text: &mut [u8], length: usize, secret: &[u8]) -> usize {
    // What is written never is longer than what it stands for.
    let (mut from, mut to) = (0, 0);
    while let Some(rest) = text.get(from..length) {
        let Some(&first) = rest.first() else { break };
        let found = length_of(rest, secret);
        let written: &[u8] = if found.is_some() { MASK } else { &[first] };
        from += found.unwrap_or(1);
        for &byte in written {
            if let Some(place) = text.get_mut(to) {
                *place = byte;
            }
            to += 1;
        }
    }
    to
}

/// How much of a text is within a limit and ends between characters.
pub fn cut(text: &[u8], limit: usize) -> usize {
    let mut end = limit.min(text.len());
    // The bytes of UTF-8 within a character.
    while matches!(text.get(end), Some(0x80..=0xbf)) {
        end -= 1;
    }
    end
}

/// How many bytes of the text's beginning spell the secret, or its beginning where the text ends.
fn length_of(text: &[u8], secret: &[u8]) -> Option<usize> {
    if secret.len() < SHORTEST {
        return None;
    }
    let mut breaks_off = false;
    // Where what was found so far may end: a secret that holds an escape character can be read in
    // more ways than one.
    let mut ends = (Some(0), None);
    for (matched, expected) in secret.iter().enumerate() {
        let mut next = (None, None);
        for at in [ends.0, ends.1].into_iter().flatten() {
            let rest = text.get(at..)?;
            // Where the text ends, also within an escape, what stands there may be the secret's
            // beginning.
            let escapes = matches!(rest.first(), None | Some(b'%' | b'\\' | b'&'));
            breaks_off |= matched >= TAIL && escapes && rest.len() < LONGEST;
            for way in [Way::Itself, Way::Escaped, Way::EscapedTwice] {
                let (byte, width) = decode(rest, way);
                let end = Some(at + width);
                if byte == Some(*expected) && next.0 != end {
                    next = (end, next.0);
                }
            }
        }
        ends = next;
        if ends.0.is_none() {
            break;
        }
    }
    let itself = text.starts_with(secret).then_some(secret.len());
    let found = ends.0.max(ends.1).max(itself);
    found.or(breaks_off.then_some(text.len()))
}

/// How a byte is spelled.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Itself,
    /// `%41`, `\u0041`, `\/`, `&#65;` or `&#x41;`.
    Escaped,
    /// `%2541`, `\\u0041` or `\\/`: escapes of escapes, as JSON in JSON has them.
    EscapedTwice,
}

/// The next byte of a text and how many bytes spell it.
fn decode(text: &[u8], way: Way) -> (Option<u8>, usize) {
    let twice = way == Way::EscapedTwice;
    let spelled = match text {
        _ if way == Way::Itself => None,
        [b'%', ..] => {
            let mut at = 1;
            while twice && text.get(at..at + 2) == Some(b"25") {
                at += 2;
            }
            number(text, at, 2, 16)
        }
        [b'\\', ..] => {
            let mut at = 1;
            while twice && text.get(at) == Some(&b'\\') {
                at += 1;
            }
            match text.get(at) {
                Some(b'u') => number(text, at + 1, 4, 16),
                Some(next) => Some((u32::from(*next), at + 1)),
                None => None,
            }
        }
        [b'&', b'#', third, ..] => {
            let (at, radix) = if third | 0x20 == b'x' {
                (3, 16)
            } else {
                (2, 10)
            };
            let end = text.iter().take(LONGEST).position(|byte| *byte == b';');
            end.and_then(|end| number(text, at, end.checked_sub(at)?, radix))
                .map(|(value, end)| (value, end + 1))
        }
        _ => None,
    };
    match spelled {
        Some((value, width)) => (u8::try_from(value).ok(), width),
        None => (text.first().copied(), 1),
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
    use super::cut;

    fn mask(text: &str, secret: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let length = super::mask(&mut bytes, text.len(), secret.as_bytes());
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

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
    }

    #[test]
    fn secrets_that_hold_escape_characters_are_found_as_they_are() {
        assert_eq!(mask(r"x a\b%41c y", r"a\b%41c"), "x *** y");
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
        assert_eq!(cut("aé".as_bytes(), 2), 1);
        assert_eq!(cut("aé".as_bytes(), 3), 3);
        assert_eq!(cut(b"", 3), 0);
    }
}
