//! Strategies for strings that are likely to break something.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Characters with a meaning in URLs, headers, JSON or HTML, and some without one.
const SPECIAL_CHARACTERS: &[char] = &[
    'a', 'Z', '0', '9', '-', '.', '_', '~', '@', '/', '\\', '?', '#', '%', ':', ';', '=', '&', '+',
    ',', '!', '$', '\'', '"', '(', ')', '*', '[', ']', '{', '}', '<', '>', '|', '^', '`', ' ',
    '\t', '\r', '\n', '\0', '\u{7f}', '\u{80}', '\u{85}', '\u{a0}', 'é', 'ÿ', '\u{100}', 'ß', '€',
    '\u{2028}', '\u{202e}', '\u{feff}', '\u{fffd}', '💥',
];

/// A string of up to `most` characters.
pub fn text(most: usize) -> impl Strategy<Value = String> {
    let char = prop_oneof![4 => select(SPECIAL_CHARACTERS), 1 => any::<char>()];
    vec(char, 0..=most).prop_map(String::from_iter)
}

/// One of these words, or any string.
pub fn word_or_text(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop_oneof![select(words).prop_map(String::from), text(most)]
}

/// A word in any mixture of upper and lower case.
pub fn cased(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    (select(words), any::<u64>()).prop_map(|(word, upper)| {
        let case = |(at, char): (usize, char)| match upper >> (at % 64) & 1 {
            1 => char.to_ascii_uppercase(),
            _ => char,
        };
        word.chars().enumerate().map(case).collect()
    })
}

/// Parts joined with a separator.
pub fn joined(
    part: impl Strategy<Value = String>,
    separator: &'static str,
) -> impl Strategy<Value = String> {
    (vec(part, 0..5), Just(separator)).prop_map(|(parts, separator)| parts.join(separator))
}
