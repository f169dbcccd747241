//! What a caller may set for signals, for waiting and for many commands. The texts complete the
//! sentence that the name of what is wrong begins.

/// Of `parameters`.
pub const NOT_PARAMETERS: &str =
    "must be a plain object of strings, finite numbers, booleans and valid dates";

/// Of `parameters`.
pub const TOO_LONG: &str = "must come to no more than 64 KB, with source";

/// Of `concurrency`.
pub const NOT_CONCURRENCY: &str = "must be a whole number from 1 to 100";

/// Of `perSecond`.
pub const NOT_RATE: &str = "must be a number above 0";

/// Of `commands`.
pub const NOT_ITERABLE: &str = "must be iterable or async iterable";

/// Whether so many commands may be in flight.
pub fn is_concurrency(number: f64) -> bool {
    // The cast drops a fraction and saturates, so that only a whole number comes back.
    let whole = number as u32;
    f64::from(whole) == number && (1..=100).contains(&whole)
}

/// Whether so many commands may be sent in a second.
pub const fn is_rate(number: f64) -> bool {
    number > 0.0 && number.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_within_their_limits() {
        assert!([1.0, 4.0, 100.0].into_iter().all(is_concurrency));
        for bad in [0.0, 101.0, 1.5, -1.0, f64::NAN, f64::INFINITY] {
            assert!(!is_concurrency(bad), "{bad}");
        }
    }

    #[test]
    fn a_rate_may_be_a_fraction() {
        assert!(is_rate(0.1));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(!is_rate(bad), "{bad}");
        }
    }
}
