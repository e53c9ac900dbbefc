//! What was listed and taken in of late, so that the next round need not ask for it; and what digests say should be there.

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use shoseki_messages::Result;
use shoseki_sources::{DigestDocument, Inflate, Limits};
use shoseki_vault::ingest::Object;

/// A digest of a name, or of a name, a length and a tag.
type Mark = [u8; 16];

fn mark(parts: &[&[u8]]) -> Mark {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    let mut mark = Mark::default();
    mark.copy_from_slice(&hasher.finalize()[..16]);
    mark
}

fn version(object: &Object) -> Mark {
    let size = object.size().to_be_bytes();
    mark(&[object.key().as_bytes(), &size, object.etag().unwrap_or_default().as_bytes()])
}

/// Objects by the day that their keys name: what lies longer ago is forgotten.
#[derive(Debug, Default)]
pub(super) struct Seen {
    taken: BTreeMap<NaiveDate, HashSet<Mark>>,
    names: BTreeMap<NaiveDate, HashSet<Mark>>,
}

impl Seen {
    /// Remembers the names of what was listed.
    pub(super) fn listed(&mut self, objects: &[Object]) {
        for object in objects {
            self.names.entry(day_of(object.key())).or_default().insert(mark(&[object.key().as_bytes()]));
        }
    }

    /// Remembers what was taken in.
    pub(super) fn taken<'o>(&mut self, objects: impl Iterator<Item = &'o Object>) {
        for object in objects {
            self.taken.entry(day_of(object.key())).or_default().insert(version(object));
        }
    }

    /// Forgets that this was taken in.
    pub(super) fn not_taken(&mut self, objects: &[Object]) {
        for object in objects {
            if let Some(taken) = self.taken.get_mut(&day_of(object.key())) {
                taken.remove(&version(object));
            }
        }
    }

    /// Whether this version of an object was taken in.
    pub(super) fn is_taken(&self, object: &Object) -> bool {
        self.taken.get(&day_of(object.key())).is_some_and(|taken| taken.contains(&version(object)))
    }

    /// Whether an object of this key was listed.
    pub(super) fn has_name(&self, key: &str) -> bool {
        self.names.get(&day_of(key)).is_some_and(|names| names.contains(&mark(&[key.as_bytes()])))
    }

    /// Forgets what is of days before this one and two more; what names no day stays.
    pub(super) fn forget_before(&mut self, day: NaiveDate) {
        let first = day - chrono::Days::new(2);
        self.taken.retain(|of, _| *of >= first || *of == NaiveDate::MIN);
        self.names.retain(|of, _| *of >= first || *of == NaiveDate::MIN);
    }
}

/// The day that a key names: the first `2026/03/05`, `2026/3/5`, `2026-03-05` or `year=2026/month=03/day=05` in it;
/// [`NaiveDate::MIN`] where there is none.
fn day_of(key: &str) -> NaiveDate {
    let is_number = |part: &&str| !["year", "month", "day"].contains(part);
    let parts: Vec<&str> = key.split(['/', '-', '=']).filter(is_number).collect();
    let day = parts.windows(3).find_map(|parts| {
        let [year, month, day] = parts else { return None };
        let is_year = year.len() == 4;
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| (1..=2).contains(&text.len()));
        let year: i32 = year.parse().ok().filter(|year| is_year && (1990..2200).contains(year))?;
        NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)
    });
    day.unwrap_or(NaiveDate::MIN)
}

/// Whether an object is one of CloudTrail's digests.
pub(super) fn is_digest(object: &Object) -> bool {
    object.key().contains("/CloudTrail-Digest/")
}

/// The longest digest that is read: one names a few hundred files.
const MAX_DIGEST: u64 = 64 << 20;

/// The log files that a digest names: bucket and key. None where it is no digest that can be read: it is taken in as it is, and
/// `validate cloudtrail` judges it.
pub(super) async fn files_of(digest: &Object) -> Result<Vec<(String, String)>> {
    if digest.size() > MAX_DIGEST {
        return Ok(Vec::new());
    }
    let Some(bytes) = digest.bytes().await? else { return Ok(Vec::new()) };
    Ok(files_in(&bytes).unwrap_or_default())
}

fn files_in(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let limits = Limits { bytes: MAX_DIGEST, ..Limits::default() };
    let mut inflate = Inflate::new(Cursor::new(bytes), limits).ok()?;
    let mut content = Vec::new();
    while let Some(chunk) = inflate.chunk(1 << 20).ok()? {
        content.extend_from_slice(&chunk);
    }
    let digest = DigestDocument::read(&content).ok()?;
    Some(digest.log_files.into_iter().map(|file| (file.place.bucket.into(), file.place.key.into())).collect())
}
