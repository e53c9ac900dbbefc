//! The lines of a package's population: every record of its segments, and every commit of the tree. Neither has a proof of
//! its own: the records of a whole segment lead to its root, and all commits to the root of the tree.
//!
//! ```text
//! {"record":"<segment>:<ordinal>","provenance":{"kind":"event",…},"salt":"<hex>","text":"{\"eventName\":…}"}
//! {"record":"<segment>:<ordinal>","provenance":{"kind":"unparsed",…},"salt":"<hex>","raw":"<base64>"}
//! {"record":"<segment>:<ordinal>","erased":"<hex>"}                        of one that was erased: its leaf
//!
//! {"commit":7,"text":"{\"commitInfo\":…}\n{\"add\":…}\n"}
//! ```
//!
//! Bytes stand in `text` where they are UTF-8 without control characters other than tab, line feed and carriage return, and
//! else in `raw`. There is one line for each record, as there is one text for each proof. Reading one verifies nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use shoseki_event::{Provenance, RecordId, Salt};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::commit::MAX_COMMIT_BYTES;
use crate::proof::{MAX_PROOF_RAW_BYTES, WireProvenance};

/// The longest line of a record: as text, a byte may become two.
pub const MAX_POPULATION_LINE_BYTES: usize = 2 * MAX_PROOF_RAW_BYTES + (1 << 20);

/// The longest line of a record that was erased.
const MAX_ERASED_LINE_BYTES: usize = 256;

/// The longest line of a commit.
pub const MAX_COMMIT_LINE_BYTES: usize = 2 * MAX_COMMIT_BYTES + (1 << 10);

/// A record as it was sealed: all that its leaf is hashed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecord {
    /// Its name.
    pub id: RecordId,
    /// Where its bytes came from.
    pub provenance: Provenance,
    /// What blinds its leaf.
    pub salt: Salt,
    /// Its bytes.
    pub raw: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecord {
    record: String,
    provenance: WireProvenance,
    salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

/// A record that was erased: its leaf is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasedRecord {
    /// Its name.
    pub id: RecordId,
    /// Its leaf's hash.
    pub leaf: Hash,
}

/// A place of a segment, as a population has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PopulationLine {
    /// A record.
    Record(SealedRecord),
    /// One that was erased.
    Erased(ErasedRecord),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireErased {
    record: String,
    erased: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCommit {
    commit: u64,
    text: String,
}

fn unreadable() -> Fault {
    Fault::damage(msg!("segment-population-unreadable"))
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default(); // plain structs always serialise
    bytes.push(b'\n');
    bytes
}

/// Bytes that stand in a line as they are; others would grow sixfold.
fn as_text(raw: &[u8]) -> Option<&str> {
    let is_plain = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
    std::str::from_utf8(raw).ok().filter(|text| text.chars().all(is_plain))
}

impl SealedRecord {
    /// The record as a line.
    pub fn to_line(&self) -> Vec<u8> {
        let text = as_text(&self.raw);
        line(&WireRecord {
            record: self.id.to_string(),
            provenance: WireProvenance::of(&self.provenance),
            salt: hex::encode(self.salt),
            text: text.map(str::to_owned),
            raw: text.is_none().then(|| STANDARD.encode(&self.raw)),
        })
    }

    /// Reads such a line, its line feed included; only the form that is written.
    ///
    /// # Errors
    /// Damage where it is none.
    pub fn parse_line(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_POPULATION_LINE_BYTES {
            return Err(unreadable());
        }
        let wire: WireRecord = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        let mut salt = [0; 32];
        hex::decode_to_slice(&wire.salt, &mut salt).map_err(|error| unreadable().because(error))?;
        let raw = match (wire.text, wire.raw) {
            (Some(text), None) => Bytes::from(text),
            (None, Some(raw)) => STANDARD.decode(raw).map(Bytes::from).map_err(|error| unreadable().because(error))?,
            _ => return Err(unreadable()),
        };
        if raw.len() > MAX_PROOF_RAW_BYTES {
            return Err(unreadable());
        }
        let record = Self {
            id: wire.record.parse().map_err(|fault: Fault| unreadable().because(fault))?,
            provenance: wire.provenance.read().ok_or_else(unreadable)?,
            salt,
            raw,
        };
        if record.to_line() == bytes { Ok(record) } else { Err(unreadable()) }
    }
}

impl ErasedRecord {
    fn to_line(self) -> Vec<u8> {
        line(&WireErased { record: self.id.to_string(), erased: self.leaf.to_string() })
    }

    fn parse_line(bytes: &[u8]) -> Result<Self> {
        let wire: WireErased = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        let id = wire.record.parse().map_err(|fault: Fault| unreadable().because(fault))?;
        let record = Self { id, leaf: wire.erased.parse().map_err(|_| unreadable())? };
        if record.to_line() == bytes { Ok(record) } else { Err(unreadable()) }
    }
}

impl PopulationLine {
    /// The record that it is, or was.
    pub fn id(&self) -> RecordId {
        match self {
            Self::Record(record) => record.id,
            Self::Erased(erased) => erased.id,
        }
    }

    /// It as a line.
    pub fn to_line(&self) -> Vec<u8> {
        match self {
            Self::Record(record) => record.to_line(),
            Self::Erased(erased) => erased.to_line(),
        }
    }

    /// Reads such a line, its line feed included; only the form that is written.
    ///
    /// # Errors
    /// Damage where it is none.
    pub fn parse_line(bytes: &[u8]) -> Result<Self> {
        // The line of an erased record is short, and that of another is longer: it has provenance and salt.
        if bytes.len() <= MAX_ERASED_LINE_BYTES
            && let Ok(erased) = ErasedRecord::parse_line(bytes)
        {
            return Ok(Self::Erased(erased));
        }
        SealedRecord::parse_line(bytes).map(Self::Record)
    }
}

/// A commit as a line.
///
/// # Errors
/// Damage where its bytes are no text: no commit is.
pub fn commit_line(version: u64, bytes: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable().because(error))?;
    Ok(line(&WireCommit { commit: version, text: text.to_owned() }))
}

/// Reads such a line: the version and the commit's bytes; only the form that is written.
///
/// # Errors
/// Damage where it is none.
pub fn parse_commit_line(bytes: &[u8]) -> Result<(u64, Bytes)> {
    if bytes.len() > MAX_COMMIT_LINE_BYTES {
        return Err(unreadable());
    }
    let wire: WireCommit = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
    if line(&wire) == bytes { Ok((wire.commit, Bytes::from(wire.text))) } else { Err(unreadable()) }
}

#[cfg(test)]
mod tests {
    use shoseki_event::{Kind, SegmentId, Timestamp};

    use super::*;

    fn record(raw: &'static [u8]) -> SealedRecord {
        SealedRecord {
            id: RecordId { segment: SegmentId([1; 16]), ordinal: 2 },
            provenance: Provenance {
                kind: Kind::Event,
                source: "cloudtrail".into(),
                stream: "証跡".into(),
                origin: "a.json".into(),
                position: 12,
                received: Timestamp(1_772_668_800_000_000),
                reason: "".into(),
            },
            salt: [7; 32],
            raw: Bytes::from_static(raw),
        }
    }

    /// Packages lie on auditors' disks: if this golden changes, they cannot be read any more.
    #[test]
    fn lines_are_golden() {
        let raws: [&'static [u8]; 4] = ["{\"a\":\"証\\n\"}\t\r\n".as_bytes(), b"\xff\x00", b"nul \x00", b""];
        let mut all: Vec<u8> = raws.iter().flat_map(|raw| record(raw).to_line()).collect();
        all.extend(commit_line(7, b"{\"commitInfo\":{}}\n{\"add\":\"\\\"\"}\n").unwrap());
        crate::golden::stays("population.golden.jsonl", &all);
        let text = String::from_utf8(all).unwrap();
        for raw in raws {
            assert_eq!(SealedRecord::parse_line(&record(raw).to_line()).unwrap(), record(raw));
        }
        let (version, bytes) =
            parse_commit_line(text.lines().last().map(|l| format!("{l}\n")).unwrap().as_bytes()).unwrap();
        assert_eq!((version, bytes.as_ref()), (7, b"{\"commitInfo\":{}}\n{\"add\":\"\\\"\"}\n".as_slice()));
    }

    #[test]
    fn one_record_has_one_line() {
        let good = String::from_utf8(record(b"{}").to_line()).unwrap();
        let wrong = [
            String::new(),
            good.trim_end().to_owned(),
            format!("{good}{good}"),
            good.replace("\"text\":\"{}\"", "\"raw\":\"e30=\""),
            good.replace("\"text\":\"{}\"", "\"text\":\"{}\",\"raw\":\"e30=\""),
            good.replace(",\"text\":\"{}\"", ""),
            good.replace("\"{}\"", "\"\\u007b}\""),
            good.replace("\"event\"", "\"other\""),
            good.replace("0707", "07"),
        ];
        for case in wrong {
            assert!(SealedRecord::parse_line(case.as_bytes()).is_err(), "{case}");
        }
        for case in
            ["{\"commit\":7,\"text\":\"a\"}", "{\"commit\":07,\"text\":\"a\"}\n", "{\"text\":\"a\",\"commit\":7}\n"]
        {
            assert!(parse_commit_line(case.as_bytes()).is_err(), "{case}");
        }
        assert!(commit_line(1, b"\xff").is_err());
    }
}
