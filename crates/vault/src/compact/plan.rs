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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shoseki_event::{SegmentId, Timestamp};
    use shoseki_merkle::Hash;
    use shoseki_segment::commit::{Action, Add, Commit, FORMAT_KEY, Remove, Table};
    use shoseki_segment::{FileTags, Ordinals, SegmentTag};

    use super::*;

    /// A file of one segment: its source, its day, and how large it is.
    type Sample = (&'static str, i64, u32, u64);

    fn add(number: usize, (source, day, count, raw): Sample) -> Add {
        let mut name = SegmentId([0; 16]);
        name.0[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        let time = Timestamp(1_772_668_800_000_000 + day * 86_400_000_000);
        let tag = SegmentTag {
            id: name,
            root: Hash([1; 32]),
            count,
            raw,
            min: time,
            max: time,
            source: source.to_owned(),
            derivation: 1,
            unkeyed: 0,
            unparsed: 0,
            streams: Vec::new(),
            commit: None,
            erased: Ordinals::default(),
        };
        let tags = FileTags { format: 1, segments: vec![tag], sha256: Hash([2; 32]), key: None, index: None };
        Add { name, class: "standard".to_owned(), day: time.day(), size: 100, modified_ms: 0, tags }
    }

    fn commit(action: Action) -> Commit {
        Commit { timestamp_ms: 0, engine: "shoseki/0.1.0".to_owned(), batch: "0".repeat(32), action, statement: None }
    }

    /// A table with a file a commit.
    fn replay(files: &[Sample]) -> Replay {
        let configuration = BTreeMap::from([(FORMAT_KEY.to_owned(), "1".to_owned())]);
        let mut replay = Replay::default();
        replay.apply(&commit(Action::Create(Table { id: "a".to_owned(), created_ms: 0, configuration }))).unwrap();
        for (number, file) in files.iter().enumerate() {
            let adds = vec![add(number, *file)];
            replay.apply(&commit(Action::Ingest { transactions: Vec::new(), adds })).unwrap();
        }
        replay
    }

    /// The numbers of the files of each group.
    fn groups(replay: &Replay, goal: &Goal) -> Vec<Vec<u64>> {
        let number = |file: &File| u64::from_be_bytes(file.add.name.0[..8].try_into().unwrap()) - 1;
        plan(replay, goal).iter().map(|group| group.files.iter().map(number).collect()).collect()
    }

    /// Does what was planned.
    fn carry_out(replay: &mut Replay, goal: &Goal) {
        for (number, group) in plan(replay, goal).into_iter().enumerate() {
            let removes: Vec<Remove> = group.files.iter().map(|file| Remove::from(&file.add)).collect();
            let mut merged = group.files[0].add.clone();
            merged.name.0[8..].copy_from_slice(&(number as u64 + 1).to_be_bytes());
            let tags = group.files.iter().flat_map(|file| &file.add.tags.segments);
            let tags = tags.map(|tag| SegmentTag { commit: replay.commit_of(tag.id), ..tag.clone() }).collect();
            merged.tags = FileTags { format: 3, segments: tags, ..merged.tags };
            replay.apply(&commit(Action::Compact { removes, add: merged })).unwrap();
        }
    }

    #[test]
    fn files_of_one_day_and_source_become_one() {
        let (a, b) = (("a", 0, 10, 10), ("b", 0, 10, 10));
        let table = replay(&[a, b, a, ("a", 1, 10, 10), b, a, ("c", 0, 10, 10)]);
        let goal = Goal { target_rows: 1_000, min_files: 2 };
        assert_eq!(groups(&table, &goal), [vec![0, 2, 5], vec![1, 4]]);
        assert_eq!(groups(&table, &Goal { min_files: 3, ..goal }), [vec![0, 2, 5]]);
        assert!(groups(&table, &Goal { min_files: 4, ..goal }).is_empty());
    }

    #[test]
    fn a_file_is_filled_and_large_ones_stay() {
        let goal = Goal { target_rows: 100, min_files: 2 };
        let of_rows = |rows: &[u32]| replay(&rows.iter().map(|rows| ("a", 0, *rows, 1)).collect::<Vec<_>>());
        assert_eq!(groups(&of_rows(&[40, 40, 40, 40]), &goal), [vec![0, 1], vec![2, 3]]);
        assert_eq!(groups(&of_rows(&[10, 10, 51, 10, 10]), &goal), [vec![0, 1], vec![3, 4]], "not across a large one");
        assert!(groups(&of_rows(&[51, 60, 10]), &goal).is_empty());
        let of_raw = |raw: &[u64]| replay(&raw.iter().map(|raw| ("a", 0, 1, *raw)).collect::<Vec<_>>());
        let half = MAX_FILE_RAW_BYTES / 2;
        assert_eq!(groups(&of_raw(&[half, half, half]), &goal), [vec![0, 1]]);
        assert!(groups(&of_raw(&[half + 1, half + 1]), &goal).is_empty());
    }

    /// Whatever is there: what was planned may be committed, and then there is nothing left to plan.
    #[test]
    fn a_second_run_finds_nothing() {
        let mut seed = 1_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let count = random(60);
            let files: Vec<Sample> = (0..count)
                .map(|_| {
                    let rows = if random(5) == 0 { random(150) } else { random(20) };
                    (["a", "b"][random(2) as usize], random(2) as i64, rows as u32 + 1, random(60 << 20))
                })
                .collect();
            let goal = Goal { target_rows: 100, min_files: 2 + random(4) as usize };
            let mut table = replay(&files);
            carry_out(&mut table, &goal);
            assert_eq!(groups(&table, &goal), Vec::<Vec<u64>>::new(), "{files:?}");
            assert!(table.files().all(|file| file.add.records() <= 151));
        }
    }
}
