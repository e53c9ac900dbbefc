//! Where each object of a vault lies, relative to the vault's URL.
//!
//! ```text
//! shoseki.toml
//! events/_delta_log/00000000000000000000.json
//! events/class=standard/day=2026-03-05/<segment>.parquet
//! originals/<sha256 of what was received>
//! keys/standard/2026-03/1.json
//! tlog/checkpoint
//! tlog/checkpoints/00000000000000000001
//! tlog/tile/…
//! ```

use serde::{Deserialize, Serialize};
use shoseki_event::{Day, SegmentId};
use shoseki_messages::{Fault, Result, msg};

use crate::FORMAT_VERSION;

/// The file that makes a folder or a prefix a vault. It holds nothing that may change.
pub const MARKER: &str = "shoseki.toml";
/// The root of the Delta table.
pub const EVENTS: &str = "events";
/// The folder of the Delta log.
pub const DELTA_LOG: &str = "events/_delta_log";
/// What cannot be rebuilt from records, in envelopes.
pub const ORIGINALS: &str = "originals";
/// Wrapped keys.
pub const KEYS: &str = "keys";
/// The transparency log.
pub const TLOG: &str = "tlog";
/// The newest checkpoint, a copy for readers who know no others.
pub const CHECKPOINT: &str = "tlog/checkpoint";
/// All checkpoints, create-only.
pub const CHECKPOINTS: &str = "tlog/checkpoints";

/// The object of the `version`-th Delta commit.
pub fn commit(version: u64) -> String {
    format!("{DELTA_LOG}/{version:020}.json")
}

/// The version of a commit's object, `None` where the name is not one.
pub fn commit_version(path: &str) -> Option<u64> {
    let name = path.strip_prefix(DELTA_LOG)?.strip_prefix('/')?.strip_suffix(".json")?;
    (name.len() == 20 && name.bytes().all(|b| b.is_ascii_digit())).then(|| name.parse().ok())?
}

/// The object of the checkpoint of a tree of `size` entries.
pub fn checkpoint(size: u64) -> String {
    format!("{CHECKPOINTS}/{size:020}")
}

/// The size in the name of a checkpoint's object.
pub fn checkpoint_size(path: &str) -> Option<u64> {
    let name = path.strip_prefix(CHECKPOINTS)?.strip_prefix('/')?;
    (name.len() == 20 && name.bytes().all(|b| b.is_ascii_digit())).then(|| name.parse().ok())?
}

/// The path of a data file below [`EVENTS`], as it stands in the commit.
pub fn data_file(class: &str, day: Day, name: SegmentId) -> String {
    format!("{}{name}.parquet", partition(class, day))
}

/// The folder of a retention class and a day below [`EVENTS`], with its slash.
pub fn partition(class: &str, day: Day) -> String {
    format!("class={class}/day={day}/")
}

/// The object of an original that had to be kept whole.
pub fn original(sha256_hex: &str) -> String {
    format!("{ORIGINALS}/{sha256_hex}")
}

/// The object of a wrapped class key.
pub fn class_key(id: &str, generation: u32) -> String {
    format!("{KEYS}/{id}/{generation}.json")
}

/// What `shoseki.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// [`FORMAT_VERSION`] of the vault.
    pub format: u32,
    /// The log's origin: the name in its checkpoints and of its key.
    pub origin: String,
    /// Whether the files are encrypted: `aes-256-gcm` or `none`.
    pub encryption: String,
}

impl Marker {
    /// The file's text.
    pub fn to_text(&self) -> String {
        format!(
            "# A shoseki vault. Nothing in this file may change: what can be configured is sealed in the log.\n\
             format = {}\norigin = \"{}\"\nencryption = \"{}\"\n",
            self.format, self.origin, self.encryption
        )
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Damage where it is not such a file; the caller's mistake where a newer version wrote it.
    pub fn parse(text: &str) -> Result<Self> {
        let mut marker = Self { format: 0, origin: String::new(), encryption: String::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let unreadable = || Fault::damage(msg!("segment-marker-unreadable", line = line));
            let (name, value) = line.split_once(" = ").ok_or_else(unreadable)?;
            let text = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            match (name, text) {
                ("format", None) => marker.format = value.parse().map_err(|_| unreadable())?,
                ("origin", Some(text)) => marker.origin = text.to_owned(),
                ("encryption", Some(text)) => marker.encryption = text.to_owned(),
                _ if marker.format > FORMAT_VERSION => {} // a newer version may say more; it is refused below
                _ => return Err(unreadable()),
            }
        }
        if marker.format > FORMAT_VERSION {
            return Err(newer("shoseki.toml", marker.format));
        }
        if marker.format == 0 || marker.origin.is_empty() || marker.encryption.is_empty() {
            return Err(Fault::damage(msg!("segment-marker-incomplete")));
        }
        Ok(marker)
    }
}

/// The refusal of what a newer version wrote.
pub fn newer(what: &str, format: u32) -> Fault {
    Fault::caller(msg!("segment-newer-format", what = what, format = format, known = FORMAT_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_commits_and_checkpoints_are_read_back() {
        assert_eq!(commit_version(&commit(7)), Some(7));
        assert_eq!(checkpoint_size(&checkpoint(12)), Some(12));
        for wrong in ["events/_delta_log/7.json", "events/_delta_log/_last_checkpoint", "tlog/checkpoint"] {
            assert_eq!(commit_version(wrong), None, "{wrong}");
            assert_eq!(checkpoint_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_marker_is_golden_and_strict() {
        let marker = Marker { format: 1, origin: "shoseki/demo".into(), encryption: "none".into() };
        assert_eq!(Marker::parse(&marker.to_text()).unwrap(), marker);
        let newer = "format = 99\norigin = \"a\"\nnew = { x = 1 }\n";
        assert_eq!(Marker::parse(newer).unwrap_err().id(), "segment-newer-format");
        for wrong in ["", "format = 1\n", "format = x\n", "nonsense", "format = 1\norigin = \"a\"\nextra = \"b\"\n"] {
            assert!(Marker::parse(wrong).is_err(), "{wrong}");
        }
    }
}
