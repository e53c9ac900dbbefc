//! What a package says of itself, in `manifest.json`: signed by the vault's key through its hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::layout::newer;
use shoseki_segment::receipt::Extent;

use super::{FIRST_VERSION, LOOKUPS, PACKAGE_VERSION, SECOND_VERSION};

/// The largest manifest that is read: it lists two files for each commit.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// In what a query is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// CloudWatch Logs Insights.
    Insights,
    /// SQL.
    Sql,
}

/// What a query was about beside its range of time: with this it can be asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The program that asked, such as `shoseki/0.1.0`.
    pub engine: String,
    /// What `now()` was, RFC 3339.
    pub now: String,
    /// Events of these sources only; all but our own records where it is empty.
    pub sources: Vec<String>,
    /// Events of these streams only; all where it is empty.
    pub streams: Vec<String>,
}

/// Documents that the package holds beside the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachments {
    /// For which requirements they were asked for; all where it is empty.
    pub requirements: Vec<String>,
    /// How many documents.
    pub documents: u64,
    /// How many statements say what they are for.
    pub statements: u64,
}

/// What the package holds beside the answer: every record of every segment that can hold something of what was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The earliest time that the query reads, itself included: with `diff` or `offset` it is earlier than the range asked for.
    pub from: Option<String>,
    /// The latest, itself excluded.
    pub to: Option<String>,
    /// How many segments.
    pub segments: u64,
    /// How many records they have.
    pub records: u64,
    /// The patterns of the mask file, by which the rows can be masked again.
    pub masks: Vec<String>,
    /// By which rules secrets were masked in the rows; 0, which is not written, where they were not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub secrets: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How the records of the package were drawn from those that the query gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How many were to be drawn; all where there are fewer.
    pub take: u64,
    /// From how many.
    pub from: u64,
    /// What decides which ones.
    pub seed: String,
    /// Who drew.
    pub drawn_by: String,
    /// When, RFC 3339.
    pub drawn: String,
}

/// The document. `files` is filled in by the writer of the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the package's form.
    #[serde(rename = "shoseki-package")]
    pub format: u32,
    /// When it was made, RFC 3339.
    pub created: String,
    /// The log's origin.
    pub origin: String,
    /// The query, word for word.
    pub query: String,
    /// In what it is written.
    pub language: Language,
    /// The beginning of the range of time that was asked for, RFC 3339, itself included.
    pub from: Option<String>,
    /// The end of it, itself excluded.
    pub to: Option<String>,
    /// The zone of days and `bin`, such as `Asia/Tokyo`.
    pub time_zone: String,
    /// What else decides the answer; from format 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// The size of the tree that was asked.
    pub tree_size: u64,
    /// How many rows the answer has.
    pub rows: u64,
    /// How many records stand behind them.
    pub records: u64,
    /// The streams of these records, by name.
    pub streams: Vec<String>,
    /// The claim that the query gives these rows and no others over the tree of this size. Where the package has the
    /// population, the query can be run again over it; without, who has the vault can ask again.
    pub complete: bool,
    /// Whether values were masked in the readable files.
    pub masked: bool,
    /// The whole population, where the package holds it; from format 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Population>,
    /// How a sample was drawn, where the package holds one; from format 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// The documents, where the package holds some; from format 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Attachments>,
    /// Every other file of the package, by name, with its length and hash.
    pub files: BTreeMap<String, Extent>,
}

impl Manifest {
    /// The version that is needed to understand it: the first, unless something of the second or third is in it.
    pub(super) fn needed(&self) -> u32 {
        if self.attachments.is_some() {
            return PACKAGE_VERSION;
        }
        let has_tables = self.files.keys().any(|name| name.starts_with(LOOKUPS));
        let is_first = self.asked.is_none() && self.population.is_none() && self.sample.is_none() && !has_tables;
        if is_first { FIRST_VERSION } else { SECOND_VERSION }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default(); // plain structs always serialise
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest; only the form that is written.
    ///
    /// # Errors
    /// Damage where it is none; the caller's mistake where a newer version wrote it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "shoseki-package")]
            format: u32,
        }
        let unreadable = || Fault::damage(msg!("verify-package-manifest-unreadable"));
        let head: Head = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        if head.format > PACKAGE_VERSION {
            return Err(newer("manifest.json", head.format));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        // What can be asked again, or was drawn, says what was asked.
        let says_what_was_asked =
            manifest.asked.is_some() || manifest.population.is_none() && manifest.sample.is_none();
        let is_good = manifest.format == manifest.needed() && says_what_was_asked && manifest.to_bytes() == bytes;
        if is_good { Ok(manifest) } else { Err(unreadable()) }
    }
}

/// Whether a fault says that a newer version is needed.
pub(crate) fn is_newer(fault: &Fault) -> bool {
    fault.kind() == Kind::Caller
}
