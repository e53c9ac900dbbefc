//! Sizes and lengths of time, as people write them: `64MiB`, `60s`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub Duration);

impl Length {
    /// So many seconds.
    pub fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

pub(super) const SIZES: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];
const LENGTHS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

/// A whole number with one of the units.
pub(super) fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, factor) = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let number: u64 = number.trim_end().parse().ok()?;
    number.checked_mul(*factor)
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        quantity(&text, &SIZES)
            .filter(|size| *size > 0)
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a size such as `64MiB` or `2GiB`"))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = || D::Error::custom("expected a length of time such as `60s` or `5m`");
        quantity(&text, &LENGTHS).map(Self::seconds).ok_or_else(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        let size = |text| quantity(text, &SIZES);
        assert_eq!([size("64MiB"), size("1 GiB"), size("3B")], [Some(64 << 20), Some(1 << 30), Some(3)]);
        assert_eq!([size("64"), size("-1B"), size("99999999999GiB")], [None; 3]);
        let length = |text| quantity(text, &LENGTHS);
        assert_eq!([length("5m"), length("90s"), length("3d")], [Some(300), Some(90), Some(259_200)]);
    }
}
