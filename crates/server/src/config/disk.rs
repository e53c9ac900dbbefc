//! How much room the disks of the log and of the vault should have: `[disk]`.
//!
//! ```text
//! [disk]
//! warn = "10%"        # or a size: "20GiB"; "0%" for never
//! ```

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::quantity::{SIZES, quantity};

/// The table `[disk]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Disk {
    /// Where less than this is free, it is told.
    pub warn: Room,
}

/// Room on a disk: a part of it, or so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// In hundredths of the disk.
    Percent(u8),
    /// In bytes.
    Bytes(u64),
}

impl Default for Room {
    fn default() -> Self {
        Self::Percent(10)
    }
}

impl Room {
    /// In bytes, on a disk of this size.
    pub(crate) fn of(self, size: u64) -> u64 {
        match self {
            Self::Percent(percent) => u64::try_from(u128::from(size) * u128::from(percent) / 100).unwrap_or(u64::MAX),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// Whether it is never told.
    pub(crate) fn is_none(self) -> bool {
        self.of(u64::MAX) == 0
    }
}

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let percent = text.strip_suffix('%').map(|number| number.trim_end().parse::<u8>().ok().filter(|n| *n <= 100));
        let room = match percent {
            Some(percent) => percent.map(Self::Percent),
            None => quantity(&text, &SIZES).map(Self::Bytes),
        };
        room.ok_or_else(|| D::Error::custom("expected a part of the disk such as `10%`, or a size such as `20GiB`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_a_part_or_a_size() {
        let warn = |text: &str| toml::from_str::<Disk>(&format!("warn = \"{text}\"")).map(|disk| disk.warn).ok();
        assert_eq!([warn("10%"), warn("1 %"), warn("100%")], [10, 1, 100].map(|n| Some(Room::Percent(n))));
        assert_eq!(warn("20GiB"), Some(Room::Bytes(20 << 30)));
        assert_eq!([warn("101%"), warn("-1%"), warn("ten"), warn("10"), warn("%")], [None; 5]);
        assert!(Room::Percent(0).is_none() && Room::Bytes(0).is_none() && !Room::default().is_none());
        assert_eq!(Room::Percent(10).of(u64::MAX), u64::MAX / 10);
        assert_eq!((Room::Percent(10).of(1_000), Room::Bytes(7).of(1)), (100, 7));
    }
}
