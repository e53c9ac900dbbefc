//! Which files become one: small files of one partition and one source that lie next to each other.
//!
//! A file is small where it is at most half of what a merged one may be, in records, in raw bytes and in segments. So what
//! was merged until nothing more fitted is not small any more, and a second run finds nothing to do.

use std::collections::BTreeMap;

use shoseki_event::Day;
use shoseki_segment::commit::{File, Replay};
use shoseki_segment::{MAX_FILE_RAW_BYTES, MAX_FILE_RECORDS, MAX_FILE_SEGMENTS};

/// How large files are to become, and from how many on it is worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The most records of a merged file, at most [`MAX_FILE_RECORDS`].
    pub target_rows: u64,
    /// The fewest files that are merged into one.
    pub min_files: usize,
}

impl Default for Goal {
    fn default() -> Self {
        Self { target_rows: MAX_FILE_RECORDS, min_files: 4 }
    }
}

/// Files that become one, in their order.
#[derive(Clone, Debug)]
pub struct Group {
    /// The retention class.
    pub class: String,
    /// The UTC day.
    pub day: Day,
    /// The source.
    pub source: String,
    /// The files.
    pub files: Vec<File>,
}

impl Group {
    /// The length of its files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.add.size).sum()
    }

    /// How many records are in its files.
    pub fn records(&self) -> u64 {
        self.files.iter().map(|file| file.add.records()).sum()
    }
}

/// How much is in files.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    records: u64,
    raw: u64,
    segments: usize,
}

impl Size {
    fn of(file: &File) -> Self {
        Self { records: file.add.records(), raw: file.add.raw(), segments: file.add.tags.segments.len() }
    }

    fn and(self, other: Self) -> Self {
        Self {
            records: self.records.saturating_add(other.records),
            raw: self.raw.saturating_add(other.raw),
            segments: self.segments.saturating_add(other.segments),
        }
    }

    fn fits(self, target_rows: u64) -> bool {
        self.records <= target_rows && self.raw <= MAX_FILE_RAW_BYTES && self.segments <= MAX_FILE_SEGMENTS
    }
}

/// What is to be merged, oldest days first.
pub fn plan(replay: &Replay, goal: &Goal) -> Vec<Group> {
    let mut partitions: BTreeMap<(Day, &str, &str), Vec<&File>> = BTreeMap::new();
    for file in replay.files_in_order() {
        let Some(source) = file.add.source() else { continue };
        partitions.entry((file.add.day, &file.add.class, source)).or_default().push(file);
    }
    let target_rows = goal.target_rows.min(MAX_FILE_RECORDS);
    let mut groups = Vec::new();
    for ((day, class, source), files) in partitions {
        let runs = runs(&files, target_rows).into_iter().filter(|run| run.len() >= goal.min_files.max(2));
        groups.extend(runs.map(|run| Group {
            class: class.to_owned(),
            day,
            source: source.to_owned(),
            files: run.into_iter().cloned().collect(),
        }));
    }
    groups
}

/// Cuts the files of a partition into runs that fit into one file each.
fn runs<'a>(files: &[&'a File], target_rows: u64) -> Vec<Vec<&'a File>> {
    let (mut runs, mut run, mut held) = (Vec::new(), Vec::new(), Size::default());
    for file in files {
        let size = Size::of(file);
        let is_small = size.and(size).fits(target_rows);
        if !is_small || !held.and(size).fits(target_rows) {
            runs.push(std::mem::take(&mut run));
            held = Size::default();
        }
        if is_small {
            held = held.and(size);
            run.push(*file);
        }
    }
    runs.push(run);
    runs
}
