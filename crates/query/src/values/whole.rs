//! Numbers as keys whose bytes have their order. Whole numbers that are written as such and that a double does not hold
//! (from 2^53 on) are told apart, and can be read from their keys as they were sent.
//!
//! ```text
//! the double's bits, turned so that they sort (8) ‖ 01                 the number is the double
//! the same                                        ‖ 00 or 02 ‖ by how much less or more it is (16)
//! ```

use super::{read_number, show_number};

/// From here on not every whole number is a double: 2^53.
const BEYOND: f64 = 9_007_199_254_740_992.0;

/// No shorter text without an exponent is so large.
const SHORTEST: usize = 16;

/// The whole number that a text is, from 2^53 on, however it is written: `9007199254740993`, `9007199254740993.0`, `1e23`. One of
/// more than 38 digits may be beyond what is told apart.
fn whole(text: &str) -> Option<i128> {
    let text = text.trim();
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at + 1..)?.parse::<i16>().ok()?),
        None if unsigned.len() < SHORTEST => return None,
        None => (unsigned, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let after = after.trim_end_matches('0');
    let digit = |number: i128, byte: u8| {
        let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    let mut number = before.bytes().chain(after.bytes()).try_fold(0, digit)?;
    let shift = i64::from(exponent) - i64::try_from(after.len()).ok()?;
    for _ in 0..shift.unsigned_abs() {
        number = match shift > 0 {
            _ if number == 0 => break,
            true => number.checked_mul(10)?,
            false if number % 10 == 0 => number / 10,
            false => return None, // it has decimals
        };
    }
    (number.unsigned_abs() >= BEYOND as u128).then_some(if is_negative { -number } else { number })
}

/// Whether a number of the query must be compared as the whole number that it is.
pub(crate) fn is_beyond_doubles(text: &str) -> bool {
    whole(text).is_some()
}

/// Puts the number's key behind others; `false` where the text is no number.
pub(super) fn append_number(text: &str, key: &mut Vec<u8>) -> bool {
    let Some(number) = read_number(text) else { return false };
    // There is one 0.
    let bits = (number + 0.0).to_bits();
    let turned = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    key.extend_from_slice(&turned.to_be_bytes());
    let beside = whole(text).map_or(0, |whole| whole - number as i128);
    key.push(match beside.signum() {
        -1 => 0,
        0 => 1,
        _ => 2,
    });
    if beside != 0 {
        key.extend_from_slice(&((beside as u128) ^ (1 << 127)).to_be_bytes());
    }
    true
}

/// The number of a key, as it was written or in the same digits.
pub(super) fn number_of(key: &[u8]) -> Option<String> {
    let (turned, rest) = key.split_first_chunk()?;
    let turned = u64::from_be_bytes(*turned);
    let number = f64::from_bits(if turned >> 63 == 1 { turned & !(1 << 63) } else { !turned });
    let (_, beside) = rest.split_first()?;
    let beside = match beside.first_chunk() {
        Some(beside) => (u128::from_be_bytes(*beside) ^ (1 << 127)) as i128,
        None => 0,
    };
    let is_whole = number.abs() >= BEYOND && number.abs() <= i128::MAX as f64;
    Some(if is_whole { (number as i128).saturating_add(beside).to_string() } else { show_number(number) })
}

/// The number without its decimals.
pub(crate) fn without_decimals(text: &str) -> Option<String> {
    match whole(text) {
        Some(number) => Some(number.to_string()),
        None => read_number(text).map(|number| show_number(number.trunc())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        assert!(append_number(text, &mut key), "{text}");
        key
    }

    #[test]
    fn keys_have_the_order_of_numbers_and_give_them_back() {
        let ascending = [
            "-18446744073709551615",
            "-9007199254740993",
            "-9007199254740992",
            "-1.5",
            "0",
            "0.5",
            "9007199254740991",
            "9007199254740992",
            "9007199254740993",
            "9007199254740994",
            "18446744073709551614",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999999999999999999",
            "170141183460469231731687303715884105726",
            "170141183460469231731687303715884105727",
        ];
        for pair in ascending.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for text in ascending {
            assert_eq!(number_of(&key(text)).as_deref(), Some(text));
        }
        for (text, same) in [
            ("01", "1"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("+9007199254740993", "9007199254740993"),
            ("9007199254740993.0", "9007199254740993"),
            ("1.2345678901234567e19", "12345678901234567000"),
            ("-12345678901234567.00E+3", "-12345678901234567000"),
            ("90071992547409930e-1", "9007199254740993"),
            ("0.0000000000000000", "0"),
        ] {
            assert_eq!(key(text), key(same), "{text}");
        }
        assert_eq!(number_of(&key("1e23")).as_deref(), Some("100000000000000000000000"));
        for far in ["1e300", "-1e300", "1e30000", "1e-300", "0e30000", "9007199254740993.5", "1e99999999"] {
            assert_eq!(whole(far), None, "{far}");
        }
        assert!(!append_number("9007199254740993x", &mut Vec::new()));
        assert_eq!(number_of(&[1, 2]), None);
    }

    #[test]
    fn decimals_are_cut_off() {
        for (text, expected) in
            [("9007199254740993", "9007199254740993"), ("-1.9", "-1"), ("1e3", "1000"), ("-0.5", "0")]
        {
            assert_eq!(without_decimals(text).as_deref(), Some(expected));
        }
        assert_eq!(without_decimals("x"), None);
    }
}
