//! A small random generator (SplitMix64) that gives the same numbers in every version of every library.
//!
//! The benchmark's tree must be the same everywhere and for ever, so that its figures can be compared; a crate may change
//! its algorithm with its version. Not for secrets.

/// A stream of random numbers.
pub struct Random(u64);

impl Random {
    /// The stream that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, each as likely as the other; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.bits()) * end as u128;
        (wide >> 64) as usize
    }

    /// A number below `end`, the small ones much more often: who works most in an estate, which bucket is read most.
    pub fn skewed(&mut self, end: usize) -> usize {
        let wide = self.below(1 << 20);
        (((wide * wide) >> 20) * end) >> 20
    }

    /// An element, each as likely as the other.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Appends `length` characters of an alphabet.
    pub fn text(&mut self, out: &mut String, alphabet: &[u8], length: usize) {
        for _ in 0..length {
            out.push(char::from(alphabet[self.below(alphabet.len())]));
        }
    }

    /// Appends a UUID of version 4 in lower case.
    pub fn uuid(&mut self, out: &mut String) {
        let (high, low) = (self.bits(), self.bits());
        let bits = (u128::from(high) << 64) | u128::from(low);
        for digit in 0..32 {
            if matches!(digit, 8 | 12 | 16 | 20) {
                out.push('-');
            }
            let value = match digit {
                12 => 4,
                16 => 8 | (bits >> (4 * (31 - digit)) & 3),
                _ => bits >> (4 * (31 - digit)) & 15,
            };
            out.push(char::from(HEX[value as usize]));
        }
    }
}

/// Lower-case hexadecimal digits.
pub const HEX: &[u8] = b"0123456789abcdef";
/// What S3's request ids and AWS's key ids are made of.
pub const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The base64 alphabet.
pub const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// What the random part of a delivered file's name is made of.
pub const NAME: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut random = Random::new(1);
        assert_eq!([random.bits(), random.bits()], [0x910a_2dec_8902_5cc1, 0xbeeb_8da1_658e_ec67]);
    }

    #[test]
    fn a_uuid_has_its_shape() {
        let mut text = String::new();
        Random::new(7).uuid(&mut text);
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "4");
        assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
    }

    #[test]
    fn numbers_stay_below_their_end() {
        let mut random = Random::new(3);
        assert!((0..10_000).all(|_| random.below(7) < 7 && random.skewed(7) < 7));
        assert_eq!(random.below(0), 0);
    }
}
