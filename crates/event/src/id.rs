//! Names of things in a vault.

use std::fmt;
use std::str::FromStr;

use shoseki_messages::{Fault, msg};

/// A segment's name: 16 random bytes, written as 32 hexadecimal digits. It is chosen before the segment is written, so
/// that a receipt can name the segments of its own commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId(pub [u8; 16]);

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SegmentId {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id)
            .map_err(|error| Fault::caller(msg!("event-segment-id-unreadable", text = text)).because(error))?;
        Ok(Self(id))
    }
}

/// A record's name: its segment and its place in it, written `<32 hexadecimal digits>:<ordinal>`; `@ptr` in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The segment that holds the record.
    pub segment: SegmentId,
    /// The record's place in the segment, from 0.
    pub ordinal: u32,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.segment, self.ordinal)
    }
}

impl FromStr for RecordId {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let unreadable = || Fault::caller(msg!("event-record-id-unreadable", text = text));
        let (segment, ordinal) = text.split_once(':').ok_or_else(unreadable)?;
        Ok(Self { segment: segment.parse()?, ordinal: ordinal.parse().map_err(|_| unreadable())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_is_read_as_it_is_written() {
        let text = "000102030405060708090a0b0c0d0e0f:65535";
        let id: RecordId = text.parse().unwrap();
        assert_eq!(id.ordinal, 65_535);
        assert_eq!(id.to_string(), text);
        for wrong in ["", "00", "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f:-1", "zz:1"] {
            assert!(wrong.parse::<RecordId>().is_err(), "{wrong}");
        }
    }
}
