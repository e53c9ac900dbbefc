//! Lengths of time and sizes, as arguments name them: `90s`, `5m`, `512MB`, `2GiB`.

use std::time::Duration;

use shoseki_messages::{Fault, Result, msg};

const DURATIONS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZES: &[(&str, u64)] = &[
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
    ("t", 1 << 40),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// The least memory that a query can run in.
const LEAST_MEMORY: u64 = 1_000_000;

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[digits.len()..].to_ascii_lowercase();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor).filter(|value| *value > 0)
}

/// A length of time: a whole number and `ms`, `s`, `m`, `h` or `d`.
pub fn duration(text: &str) -> Result<Duration> {
    let unreadable = || Fault::caller(msg!("cli-duration-unreadable", text = text));
    read(text, DURATIONS).filter(|millis| *millis <= i64::MAX as u64).map(Duration::from_millis).ok_or_else(unreadable)
}

/// A size of memory in bytes: a whole number and a unit, of thousands (`MB`) or of 1,024 (`MiB`, `M`).
pub fn memory(text: &str) -> Result<usize> {
    let unreadable = || Fault::caller(msg!("cli-size-unreadable", text = text));
    let bytes = read(text, SIZES).filter(|bytes| *bytes >= LEAST_MEMORY).ok_or_else(unreadable)?;
    usize::try_from(bytes).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("5m").unwrap(), Duration::from_secs(300));
        assert_eq!(duration("250ms").unwrap(), Duration::from_millis(250));
        assert_eq!(
            [memory("2GB").unwrap(), memory("512MiB").unwrap(), memory("1g").unwrap()],
            [2_000_000_000, 512 << 20, 1 << 30]
        );
        for wrong in ["", "5", "m", "-5m", "5.5m", "0s", "5y", "99999999999999999999d", "9999999999999999d"] {
            assert_eq!(duration(wrong).unwrap_err().id(), "cli-duration-unreadable", "{wrong}");
        }
        for wrong in ["", "640", "1kB", "-1GB", "GB", "0GB", "99999999999TB", "五MB"] {
            assert_eq!(memory(wrong).unwrap_err().id(), "cli-size-unreadable", "{wrong}");
        }
    }
}
