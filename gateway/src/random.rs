//! Random names.

/// A name of `WORDS` times 32 random bits in hexadecimal. `random` returns numbers from 0 to 1.
pub fn random_hex<const WORDS: usize>(random: impl Fn() -> f64) -> String {
    // The cast drops the fraction.
    let word = |_| format!("{:08x}", (random() * f64::from(u32::MAX)) as u32);
    (0..WORDS).map(word).collect()
}
