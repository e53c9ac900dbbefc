//! A record's proof, self-contained: `shoseki prove` writes it, anyone with the log's verifier key judges it offline.
//!
//! ```text
//! {"shoseki-proof":1,"record":"<segment>:<ordinal>",
//!  "provenance":{"kind":"event","source":"cloudtrail","stream":"…","origin":"…","position":12,"received":1772668800000000,
//!                "reason":""},
//!  "salt":"<hex>","raw":"<base64>",
//!  "segment":{"inclusion":["<hex>",…],"count":3},
//!  "commit":{"version":7,"bytes":"<base64>"},
//!  "log":"c2sp.org/tlog-proof@v1\nindex 7\n…"}
//! ```
//!
//! One line, ended by a line feed. There is one text for each proof: what is written otherwise is refused, so that nothing
//! can hide beside what the log covers. Reading one verifies nothing; that is the business of `verify`. The same record
//! without commit and log is a line of a package's `records.jsonl` ([`ProvenRecord`]).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use shoseki_event::{Kind, MAX_RAW_BYTES, Provenance, RecordId, Salt, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::commit::MAX_COMMIT_BYTES;
use crate::layout::newer;

/// The version of this form.
pub const PROOF_VERSION: u32 = 1;

/// The longest record that is read in a proof: a piece that no parser could read may be longer than an event.
pub const MAX_PROOF_RAW_BYTES: usize = 4 * MAX_RAW_BYTES;

/// The longest line of a package's `records.jsonl`.
pub const MAX_RECORD_LINE_BYTES: usize = MAX_PROOF_RAW_BYTES / 3 * 4 + (1 << 20);

/// The longest proof that is read: a record and a commit in base64, a log's proof, and what stands around them.
pub const MAX_PROOF_BYTES: usize = MAX_RECORD_LINE_BYTES + MAX_COMMIT_BYTES / 3 * 4 + (2 << 20);

/// A segment has at most 2¹⁶ records, so no path is longer.
const MAX_INCLUSION: usize = 16;

/// A record, all that its leaf is hashed over, and the path from the leaf to its segment's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenRecord {
    /// Its name.
    pub id: RecordId,
    /// Where its bytes came from.
    pub provenance: Provenance,
    /// What blinds its leaf.
    pub salt: Salt,
    /// Its bytes.
    pub raw: Bytes,
    /// The inclusion proof in its segment, from the leaf's sibling to the root's child.
    pub inclusion: Vec<Hash>,
    /// How many records the segment has.
    pub count: u32,
    /// The commit that added the segment, which is the index of its entry in the log.
    pub version: u64,
}

/// A proof as it is carried; nothing of it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordProof {
    /// The record and its path in the segment.
    pub record: ProvenRecord,
    /// The commit's bytes.
    pub commit: Bytes,
    /// The commit's entry in the log, proven: a C2SP tlog-proof with its checkpoint.
    pub log: String,
}

/// Where a record came from, as JSON; a line of a population has it too.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireProvenance {
    kind: String,
    source: String,
    stream: String,
    origin: String,
    position: u64,
    received: i64,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSegment {
    inclusion: Vec<String>,
    count: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCommit {
    version: u64,
    bytes: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProof {
    #[serde(rename = "shoseki-proof")]
    format: u32,
    record: String,
    provenance: WireProvenance,
    salt: String,
    raw: String,
    segment: WireSegment,
    commit: WireCommit,
    log: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecord {
    record: String,
    provenance: WireProvenance,
    salt: String,
    raw: String,
    segment: WireSegment,
    commit: u64,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "shoseki-proof")]
    format: u32,
}

fn unreadable() -> Fault {
    Fault::damage(msg!("segment-proof-unreadable"))
}

impl WireProvenance {
    pub(crate) fn of(provenance: &Provenance) -> Self {
        Self {
            kind: provenance.kind.name().to_owned(),
            source: provenance.source.to_string(),
            stream: provenance.stream.to_string(),
            origin: provenance.origin.to_string(),
            position: provenance.position,
            received: provenance.received.0,
            reason: provenance.reason.to_string(),
        }
    }

    /// `None` where the kind is none.
    pub(crate) fn read(self) -> Option<Provenance> {
        Some(Provenance {
            kind: Kind::from_name(&self.kind)?,
            source: self.source.into(),
            stream: self.stream.into(),
            origin: self.origin.into(),
            position: self.position,
            received: Timestamp(self.received),
            reason: self.reason.into(),
        })
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default(); // plain structs always serialise
    bytes.push(b'\n');
    bytes
}

fn decode(text: &str, limit: usize) -> Result<Bytes> {
    if text.len() / 4 * 3 > limit + 2 {
        return Err(unreadable());
    }
    STANDARD.decode(text).map(Bytes::from).map_err(|error| unreadable().because(error))
}

impl WireRecord {
    fn of(record: &ProvenRecord) -> Self {
        Self {
            record: record.id.to_string(),
            provenance: WireProvenance::of(&record.provenance),
            salt: hex::encode(record.salt),
            raw: STANDARD.encode(&record.raw),
            segment: WireSegment {
                inclusion: record.inclusion.iter().map(Hash::to_string).collect(),
                count: record.count,
            },
            commit: record.version,
        }
    }

    fn read(self) -> Result<ProvenRecord> {
        let mut salt = [0; 32];
        hex::decode_to_slice(&self.salt, &mut salt).map_err(|error| unreadable().because(error))?;
        if self.segment.inclusion.len() > MAX_INCLUSION {
            return Err(unreadable());
        }
        let hash = |text: &String| text.parse::<Hash>().map_err(|error| unreadable().because(error));
        Ok(ProvenRecord {
            id: self.record.parse().map_err(|fault: Fault| unreadable().because(fault))?,
            provenance: self.provenance.read().ok_or_else(unreadable)?,
            salt,
            raw: decode(&self.raw, MAX_PROOF_RAW_BYTES)?,
            inclusion: self.segment.inclusion.iter().map(hash).collect::<Result<_>>()?,
            count: self.segment.count,
            version: self.commit,
        })
    }
}

impl ProvenRecord {
    /// The record as a line of `records.jsonl`: as in a proof, with the commit's number in place of commit and log.
    pub fn to_line(&self) -> Vec<u8> {
        line(&WireRecord::of(self))
    }

    /// Reads such a line, its line feed included; only the form that is written.
    ///
    /// # Errors
    /// Damage where it is none.
    pub fn parse_line(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_RECORD_LINE_BYTES {
            return Err(Fault::damage(msg!("segment-proof-too-long", limit = MAX_RECORD_LINE_BYTES)));
        }
        let wire: WireRecord = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        let record = wire.read()?;
        if record.to_line() == bytes { Ok(record) } else { Err(unreadable()) }
    }
}

impl RecordProof {
    /// The proof's file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let record = WireRecord::of(&self.record);
        line(&WireProof {
            format: PROOF_VERSION,
            record: record.record,
            provenance: record.provenance,
            salt: record.salt,
            raw: record.raw,
            segment: record.segment,
            commit: WireCommit { version: record.commit, bytes: STANDARD.encode(&self.commit) },
            log: self.log.clone(),
        })
    }

    /// Reads a proof; only the form that is written.
    ///
    /// # Errors
    /// Damage where it is none; the caller's mistake where a newer version wrote it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(Fault::damage(msg!("segment-proof-too-long", limit = MAX_PROOF_BYTES)));
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        if head.format > PROOF_VERSION {
            return Err(newer("shoseki-proof", head.format));
        }
        let wire: WireProof = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        let commit = decode(&wire.commit.bytes, MAX_COMMIT_BYTES)?;
        let record = WireRecord {
            record: wire.record,
            provenance: wire.provenance,
            salt: wire.salt,
            raw: wire.raw,
            segment: wire.segment,
            commit: wire.commit.version,
        };
        let proof = Self { record: record.read()?, commit, log: wire.log };
        if proof.to_bytes() == bytes { Ok(proof) } else { Err(unreadable()) }
    }
}

#[cfg(test)]
mod tests {
    use shoseki_event::SegmentId;

    use super::*;

    fn proof() -> RecordProof {
        RecordProof {
            record: ProvenRecord {
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
                raw: Bytes::from_static(b"{\"eventID\":\"\xff\"}"),
                inclusion: vec![Hash([8; 32]), Hash([9; 32])],
                count: 3,
                version: 7,
            },
            commit: Bytes::from_static(b"{}\n"),
            log: "c2sp.org/tlog-proof@v1\nindex 7\n\n…".to_owned(),
        }
    }

    /// Proofs lie on auditors' disks: if this golden changes, they cannot be read any more.
    #[test]
    fn a_proof_is_golden() {
        crate::golden::stays("proof.golden.json", &proof().to_bytes());
        assert_eq!(RecordProof::parse(&crate::golden::read("proof.golden.json")).unwrap(), proof());
        let record = proof().record;
        assert_eq!(ProvenRecord::parse_line(&record.to_line()).unwrap(), record);
    }

    #[test]
    fn one_proof_has_one_text() {
        let good = String::from_utf8(proof().to_bytes()).unwrap();
        let wrong = [
            String::new(),
            good.trim_end().to_owned(),
            good.replace("\"count\":3", "\"count\": 3"),
            good.replace("\"count\":3", "\"count\":3,\"more\":1"),
            good.replace("\"kind\":\"event\"", "\"kind\":\"other\""),
            good.replace("0101", "01"),
            good.replace("0909", "0908 "),
            good.replace(&"08".repeat(32), &["08".repeat(32), "08".repeat(32)].join("\",\"").repeat(20)),
            good.replace("e30K", "e30L="),
            format!("{good}{good}"),
        ];
        for case in wrong {
            assert!(RecordProof::parse(case.as_bytes()).is_err(), "{case}");
        }
        let newer = good.replace("\"shoseki-proof\":1", "\"shoseki-proof\":2");
        assert_eq!(RecordProof::parse(newer.as_bytes()).unwrap_err().id(), "segment-newer-format");
    }
}
