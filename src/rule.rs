//! Checks of texts as data: a pattern, and what is wrong with a text that matches it.
//!
//! The patterns are run by the platform, so that a text is checked where it is, in JavaScript.
//! They are written in what its regular expressions (with the flags `s` and `u`) and Rust's crate
//! `regex`, which tests them, have in common.

use crate::error::Problem;

/// What is wrong with a text whose match takes this group of the pattern, in the groups' order.
#[derive(Clone, Copy, Debug)]
pub struct Rules<Pattern = &'static str> {
    /// Alternatives: a group for each problem, none for what is in order.
    pub pattern: Pattern,
    /// One for each group.
    pub problems: &'static [Problem],
}

impl<Pattern> Rules<Pattern> {
    /// `group` is the number of the group that matched; no problem has that of no match.
    pub fn problem(&self, group: u32) -> Option<Problem> {
        self.problems.get((group as usize).wrapping_sub(1)).copied()
    }
}

/// The number of the first group of the pattern that a text matches, or 0.
#[cfg(test)]
pub fn which(text: &str, pattern: &str) -> u32 {
    // No text of Rust's holds the surrogates that one of JavaScript's can.
    let pattern = pattern.replace(r"\p{Cs}", r"[^\s\S]");
    let pattern = regex::Regex::new(&["(?s)", &pattern].concat()).unwrap();
    pattern.captures(text).map_or(0, |groups| {
        let group = groups.iter().skip(1).position(|group| group.is_some());
        group.map_or(u32::MAX, |index| index as u32 + 1)
    })
}

#[cfg(test)]
impl Rules {
    /// What is wrong with a text.
    pub fn check(&self, text: &str) -> Option<Problem> {
        self.problem(which(text, self.pattern))
    }
}
