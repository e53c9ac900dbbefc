//! How the objects of a vault lie: by class and by age, the files that may be moved apart from what must stay.

use std::collections::BTreeMap;

use serde::Serialize;
use shoseki_event::Timestamp;

use super::class::{CLASSES, Class};

/// An object of a vault in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name in the vault: `events/class=standard/day=2026-03-05/….parquet`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written; a move into another class leaves that as it is.
    pub modified: Timestamp,
    /// Its class, as S3 writes it.
    pub class: String,
}

/// The days at which the ages of files are told apart.
pub const AGES: [u64; 3] = [30, 90, 365];

/// Files, their bytes, and the bytes that are paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// What they are paid for: more, where a class bills no less than so much.
    pub billed: u64,
}

impl Total {
    pub(super) fn add(&mut self, size: u64, class: Option<&Class>) {
        self.files += 1;
        self.bytes += size;
        self.billed += class.map_or(size, |class| class.billed(size));
    }
}

/// The files of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lying {
    /// The class.
    pub class: String,
    /// All of them.
    pub all: Total,
    /// By age: younger than each of [`AGES`], and the rest.
    pub ages: [Total; 4],
}

/// How a vault lies in its bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// Files of evidence: segments, and files that were kept whole.
    pub files: Vec<Lying>,
    /// All else: commits, the log, keys. None of it is ever moved.
    pub others: Vec<Lying>,
}

impl Survey {
    /// Of a listing.
    pub fn of(objects: &[Stored], now: Timestamp) -> Self {
        let (mut files, mut others) = (BTreeMap::<&str, Lying>::new(), BTreeMap::<&str, Lying>::new());
        for object in objects {
            let by_class = if object.is_evidence() { &mut files } else { &mut others };
            let lying = by_class.entry(&object.class).or_default();
            let class = Class::named(&object.class);
            lying.all.add(object.size, class);
            let age = object.age(now);
            let at = AGES.iter().filter(|days| age >= **days).count();
            if let Some(total) = lying.ages.get_mut(at) {
                total.add(object.size, class);
            }
        }
        let listed = |by_class: BTreeMap<&str, Lying>| {
            let mut all: Vec<Lying> =
                by_class.into_iter().map(|(class, lying)| Lying { class: class.to_owned(), ..lying }).collect();
            let place = |name: &str| CLASSES.iter().position(|class| class.name == name).unwrap_or(CLASSES.len());
            all.sort_by_key(|lying| place(&lying.class));
            all
        };
        Self { files: listed(files), others: listed(others) }
    }

    /// All of it by class, files and all else.
    pub fn all(&self) -> impl Iterator<Item = &Lying> {
        self.files.iter().chain(&self.others)
    }

    /// The classes in which something lies that must be restored before it can be read, each with what lies in it.
    pub fn archived(&self) -> Vec<&Lying> {
        let is_archived = |lying: &&Lying| Class::named(&lying.class).is_some_and(|class| !class.is_read_at_once);
        self.all().filter(is_archived).collect()
    }
}

impl Stored {
    /// Whether it is a file of evidence, and no commit, no part of the log and no key.
    pub fn is_evidence(&self) -> bool {
        PARTS.iter().any(|part| self.name.starts_with(part.below))
    }

    /// How many whole days ago it was written; 0 where that is to come.
    pub fn age(&self, now: Timestamp) -> u64 {
        const DAY: i64 = 86_400_000_000;
        u64::try_from(now.0.saturating_sub(self.modified.0) / DAY).unwrap_or(0)
    }
}

/// What of a vault may be moved, as a prefix tells it from all else.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is called in a rule's id.
    pub(super) word: &'static str,
    /// The beginning of its names. Commits lie below `events/` too, and begin otherwise.
    pub(super) below: &'static str,
}

/// The parts: segments' files, and files that were kept whole.
pub(super) static PARTS: [Part; 2] =
    [Part { word: "events", below: "events/class=" }, Part { word: "originals", below: "originals/" }];

#[cfg(test)]
mod tests {
    use shoseki_event::Day;
    use shoseki_event::SegmentId;
    use shoseki_segment::layout;

    use super::*;

    #[test]
    fn only_files_of_evidence_are_moved_wherever_the_layout_puts_them() {
        let is_evidence =
            |name: String| Stored { name, size: 1, modified: Timestamp(0), class: "STANDARD".to_owned() }.is_evidence();
        let file = format!("{}/{}", layout::EVENTS, layout::data_file("standard", Day(20_000), SegmentId([7; 16])));
        assert!(is_evidence(file) && is_evidence(layout::original("00ff")));
        for kept in [
            layout::commit(7),
            layout::checkpoint(3),
            layout::CHECKPOINT.to_owned(),
            layout::MARKER.to_owned(),
            layout::class_key("standard/2026-03", 1),
            format!("{}/_last_checkpoint", layout::DELTA_LOG),
            format!("{}/tile/0/000", layout::TLOG),
        ] {
            assert!(!is_evidence(kept.clone()), "{kept}");
        }
    }

    #[test]
    fn objects_are_told_apart_by_class_and_age() {
        const DAY: i64 = 86_400_000_000;
        let object = |name: &str, size, days: i64, class: &str| Stored {
            name: name.to_owned(),
            size,
            modified: Timestamp(1_000 * DAY - days * DAY),
            class: class.to_owned(),
        };
        let all = [
            object("events/class=a/day=1/1.parquet", 1_000, 29, "STANDARD"),
            object("events/class=a/day=1/2.parquet", 2_000, 30, "STANDARD"),
            object("events/class=a/day=1/3.parquet", 4_000, 400, "GLACIER_IR"),
            object("originals/ff", 500_000, 90, "GLACIER"),
            object("events/_delta_log/00000000000000000001.json", 7, 400, "STANDARD"),
            object("tlog/checkpoint", 7, -3, "STANDARD"),
        ];
        let survey = Survey::of(&all, Timestamp(1_000 * DAY));
        let classes: Vec<&str> = survey.files.iter().map(|lying| lying.class.as_str()).collect();
        assert_eq!(classes, ["STANDARD", "GLACIER_IR", "GLACIER"]);
        let files = |lying: &Lying| lying.ages.map(|total| total.files);
        assert_eq!(files(&survey.files[0]), [1, 1, 0, 0]);
        assert_eq!(survey.files[1].all, Total { files: 1, bytes: 4_000, billed: 131_072 });
        assert_eq!((survey.others.len(), files(&survey.others[0])), (1, [1, 0, 0, 1]));
        let archived: Vec<&str> = survey.archived().iter().map(|lying| lying.class.as_str()).collect();
        assert_eq!(archived, ["GLACIER"]);
    }
}
