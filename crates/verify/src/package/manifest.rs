//! What a package says of itself, in `manifest.json`: signed by the vault's key through its hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::layout::newer;
use shoseki_segment::receipt::Extent;

use super::PACKAGE_VERSION;

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
    /// The size of the tree that was asked.
    pub tree_size: u64,
    /// How many rows the answer has.
    pub rows: u64,
    /// How many records stand behind them.
    pub records: u64,
    /// The streams of these records, by name.
    pub streams: Vec<String>,
    /// The claim that the query gives these rows and no others over the tree of this size. It is not proven by the package:
    /// who has the vault can ask again.
    pub complete: bool,
    /// Whether values were masked in the readable files.
    pub masked: bool,
    /// Every other file of the package, by name, with its length and hash.
    pub files: BTreeMap<String, Extent>,
}

impl Manifest {
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
        if manifest.to_bytes() == bytes { Ok(manifest) } else { Err(unreadable()) }
    }
}

/// Whether a fault says that a newer version is needed.
pub(crate) fn is_newer(fault: &Fault) -> bool {
    fault.kind() == Kind::Caller
}
