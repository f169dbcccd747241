//! What a caller may set for signals, for waiting and for many commands.

use crate::error::Problem;

/// What is wrong with an option: completes the sentence that its name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// As with the fields of a command.
    Field(Problem),
    /// `parameters`.
    NotParameters,
    /// `parameters`, with all that goes with them.
    TooLong,
    /// `concurrency`.
    NotConcurrency,
    /// `perSecond`.
    NotRate,
    /// `commands`.
    NotIterable,
}

impl Wrong {
    /// The words; `None`: the problem has them.
    pub const fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::Field(_) => return None,
            Self::NotParameters => {
                "must be a plain object of strings, finite numbers, booleans and valid dates"
            }
            Self::TooLong => "must come to no more than 64 KB, with source",
            Self::NotConcurrency => "must be a whole number from 1 to 100",
            Self::NotRate => "must be a number above 0",
            Self::NotIterable => "must be iterable or async iterable",
        })
    }
}

/// How many commands are in flight at most, where the caller does not say.
pub const CONCURRENCY: u32 = 4;

/// How many commands may be in flight.
pub fn concurrency(number: f64) -> Result<u32, Wrong> {
    // The cast drops a fraction and saturates, so that only a whole number comes back.
    let whole = number as u32;
    if f64::from(whole) == number && (1..=100).contains(&whole) {
        Ok(whole)
    } else {
        Err(Wrong::NotConcurrency)
    }
}

/// How many commands may be sent in a second.
pub fn rate(number: f64) -> Result<f64, Wrong> {
    if number > 0.0 && number.is_finite() {
        Ok(number)
    } else {
        Err(Wrong::NotRate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_within_their_limits() {
        for good in [1, 4, 100] {
            assert_eq!(concurrency(f64::from(good)), Ok(good));
        }
        for bad in [0.0, 101.0, 1.5, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(concurrency(bad), Err(Wrong::NotConcurrency), "{bad}");
        }
    }

    #[test]
    fn a_rate_may_be_a_fraction() {
        assert_eq!(rate(0.1), Ok(0.1));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rate(bad), Err(Wrong::NotRate), "{bad}");
        }
    }
}
