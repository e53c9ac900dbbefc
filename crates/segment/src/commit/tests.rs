//! The grammar of commits: what is read as it is written, and what is refused.

use shoseki_event::Timestamp;
use shoseki_merkle::Hash;

use super::*;
use crate::{Ordinals, SegmentTag, StreamTag};

fn table() -> Table {
    let configuration = [(FORMAT_KEY, "1"), (ORIGIN_KEY, "shoseki/test")];
    Table {
        id: "00000000-0000-4000-8000-000000000000".to_owned(),
        created_ms: 1,
        configuration: configuration.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
    }
}

fn add(id: u8) -> Add {
    let (min, max) = (Timestamp(1_772_668_800_000_001), Timestamp(1_772_668_801_000_001));
    Add {
        name: SegmentId([id; 16]),
        class: "standard".to_owned(),
        day: min.day(),
        size: 10,
        modified_ms: 2,
        tags: FileTags {
            format: 1,
            segments: vec![SegmentTag {
                id: SegmentId([id; 16]),
                root: Hash([1; 32]),
                count: 2,
                raw: 20,
                min,
                max,
                source: "cloudtrail".to_owned(),
                derivation: 1,
                unkeyed: 0,
                unparsed: 0,
                streams: vec![StreamTag { name: "証跡".to_owned(), count: 2, min, max }],
                commit: None,
                erased: Ordinals::default(),
            }],
            sha256: Hash([2; 32]),
            key: None,
            index: None,
        },
    }
}

fn commit(action: Action) -> Commit {
    Commit { timestamp_ms: 3, engine: "shoseki/0.1.0".to_owned(), batch: "0".repeat(32), action, statement: None }
}

fn ingest(ids: &[u8]) -> Commit {
    commit(Action::Ingest {
        transactions: vec![Transaction { stream: "a".to_owned(), sequence: 7 }],
        adds: ids.iter().map(|id| add(*id)).collect(),
    })
}

/// What puts the files of [`ingest`] into one.
fn compact(ids: &[u8]) -> Commit {
    let mut merged = Add { name: SegmentId([9; 16]), ..add(9) };
    let moved = |id: &u8| SegmentTag { commit: Some(1), ..add(*id).tags.segments.remove(0) };
    merged.tags = FileTags { format: 3, segments: ids.iter().map(moved).collect(), ..merged.tags };
    commit(Action::Compact { removes: ids.iter().map(|id| Remove::from(&add(*id))).collect(), add: merged })
}

#[test]
fn commits_are_read_as_they_are_written() {
    let all = [commit(Action::Create(table())), ingest(&[1, 2]), compact(&[1, 2]), commit(Action::Configure(table()))];
    for commit in all {
        assert_eq!(Commit::parse(&commit.to_bytes()).unwrap(), commit);
    }
}

/// The form of an ingest is sealed in every vault.
#[test]
fn an_ingest_is_golden() {
    crate::golden::stays("ingest.golden.json", &ingest(&[1]).to_bytes());
}

/// So is that of a compaction.
#[test]
fn a_compaction_is_golden() {
    crate::golden::stays("compact.golden.json", &compact(&[1, 2]).to_bytes());
}

#[test]
fn what_is_no_compaction_is_refused() {
    let good = String::from_utf8(compact(&[1, 2]).to_bytes()).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let of = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let transaction = "{\"txn\":{\"appId\":\"a\",\"version\":7}}";
    let cases = [
        of(&[lines[0], lines[1], lines[3]]),
        of(&[lines[0], lines[1], lines[2]]),
        of(&[lines[0], lines[3]]),
        of(&[lines[0], lines[1], lines[2], lines[3], lines[3]]),
        of(&[lines[0], lines[3], lines[1], lines[2]]),
        of(&[lines[0], transaction, lines[1], lines[2], lines[3]]),
        good.replace("\"action\":\"compact\"", "\"action\":\"ingest\""),
        good.replace("\"dataChange\":false", "\"dataChange\":true"),
        good.replace("\"format\":3,\"action\"", "\"format\":1,\"action\""),
        good.replace("\"shoseki.format\":\"3\"", "\"shoseki.format\":\"1\""),
        good.replace(",\\\"commit\\\":1", ""),
        good.replace("\"deletionTimestamp\":3", "\"deletionTimestamp\":4"),
        good.replace("extendedFileMetadata\":true", "extendedFileMetadata\":false"),
        good.replacen("/0101", "/zz01", 1),
    ];
    for case in cases {
        assert_ne!(case, good);
        let fault = Commit::parse(case.as_bytes()).expect_err(&case);
        assert_eq!(fault.kind(), shoseki_messages::Kind::Damage, "{case}");
    }
    let mut moved = ingest(&[1]);
    let Action::Ingest { adds, .. } = &mut moved.action else { panic!() };
    adds[0].tags.segments[0].commit = Some(1);
    assert!(Commit::parse(&moved.to_bytes()).is_err(), "what is ingested was nowhere before");
    let Action::Ingest { adds, .. } = &mut moved.action else { panic!() };
    adds[0].tags.segments[0].commit = None;
    adds[0].name = SegmentId([8; 16]);
    assert!(Commit::parse(&moved.to_bytes()).is_err(), "and lies in a file of its name");
}

#[test]
fn a_compaction_moves_segments_and_changes_nothing_else() {
    let mut replay = Replay::default();
    replay.apply(&commit(Action::Create(table()))).unwrap();
    replay.apply(&ingest(&[1, 2, 3])).unwrap();
    replay.apply(&ingest(&[4])).unwrap();
    replay.apply(&compact(&[2, 3])).unwrap();
    let names = |replay: &Replay| replay.files_in_order().iter().map(|file| file.add.name.0[0]).collect::<Vec<_>>();
    assert_eq!(names(&replay), [1, 9, 4], "in the place of what it replaced");
    for (segment, file, first) in [(1, 1, 1), (2, 9, 1), (3, 9, 1), (4, 4, 2)] {
        let segment = SegmentId([segment; 16]);
        assert_eq!(replay.file_of(segment).unwrap().add.name.0[0], file);
        assert_eq!(replay.commit_of(segment), Some(first));
    }
    assert_eq!(replay.compactions(), [3]);
    assert!(replay.file(&add(2).path()).is_none() && replay.file(&add(4).path()).is_some());
    let before = replay.next_version();
    assert!(replay.apply(&compact(&[2, 3])).is_err(), "what is replaced is not replaced again");
    assert!(replay.apply(&ingest(&[2])).is_err() && replay.apply(&ingest(&[9])).is_err(), "no name comes back");
    assert_eq!((replay.next_version(), names(&replay)), (before, vec![1, 9, 4]), "a refusal changes nothing");
}

/// Who opens a file whole knows how much it can hold.
#[test]
fn a_compaction_is_bounded() {
    let refused = |ids: std::ops::Range<u16>, change: fn(&mut SegmentTag)| {
        let of = |id: u16| {
            let mut add = add(0);
            add.name.0[..2].copy_from_slice(&id.to_be_bytes());
            add.tags.segments[0].id = add.name;
            change(&mut add.tags.segments[0]);
            add
        };
        let adds: Vec<Add> = ids.map(of).collect();
        let mut replay = Replay::default();
        replay.apply(&commit(Action::Create(table()))).unwrap();
        replay.apply(&commit(Action::Ingest { transactions: Vec::new(), adds: adds.clone() })).unwrap();
        let mut merged = Add { name: SegmentId([255; 16]), ..add(9) };
        let moved = |add: &Add| SegmentTag { commit: Some(1), ..add.tags.segments[0].clone() };
        merged.tags = FileTags { format: 3, segments: adds.iter().map(moved).collect(), ..merged.tags };
        let removes = adds.iter().map(Remove::from).collect();
        replay.apply(&commit(Action::Compact { removes, add: merged })).is_err()
    };
    assert!(!refused(0..2, |tag| tag.count = 65_536));
    assert!(refused(0..3, |tag| tag.count = 65_536));
    assert!(!refused(0..2, |tag| tag.raw = 64 << 20));
    assert!(refused(0..2, |tag| tag.raw = (64 << 20) + 1));
    assert!(refused(0..2, |tag| tag.raw = u64::MAX), "and adding up goes round nothing");
    assert!(!refused(0..4_096, |_| {}));
    assert!(refused(0..4_097, |_| {}));
}

#[test]
fn what_is_not_of_the_grammar_is_refused() {
    let good = String::from_utf8(ingest(&[1]).to_bytes()).unwrap();
    let remove = "{\"remove\":{\"path\":\"class=standard/day=2026-03-05/a.parquet\",\"dataChange\":true}}\n";
    let cases = [
        String::new(),
        "{}\n".to_owned(),
        good.replace("ingest", "create"),
        good.replace("\"dataChange\":true", "\"dataChange\":false"),
        good.replace("\"size\":10", "\"size\":10,\"extra\":1"),
        good.replace("\"size\":10", "\"size\": 10"),
        good.replace("\"size\":10", "\"size\":-10"),
        good.replace("class=standard", "class=other"),
        good.replace("class=standard", "../class=standard"),
        good.replace("\\\"count\\\":2", "\\\"count\\\":0"),
        good.replace("numRecords\\\":2", "numRecords\\\":3"),
        good.replace("shoseki.sha256", "shoseki.sha512"),
        good.trim_end().to_owned(),
        format!("{good}{remove}"),
        format!("{good}\n"),
        good.lines().rev().fold(String::new(), |text, line| text + line + "\n"),
    ];
    for case in cases {
        let fault = Commit::parse(case.as_bytes()).expect_err(&case);
        assert_eq!(fault.kind(), shoseki_messages::Kind::Damage, "{case}");
    }
    let newer = good.replacen("\"format\":1", "\"format\":99", 1);
    assert_eq!(Commit::parse(newer.as_bytes()).unwrap_err().id(), "segment-newer-format");
}

#[test]
fn a_replay_refuses_what_may_not_follow() {
    let mut replay = Replay::default();
    assert!(replay.apply(&ingest(&[1])).is_err(), "no table yet");
    replay.apply(&commit(Action::Create(table()))).unwrap();
    assert!(replay.apply(&commit(Action::Create(table()))).is_err(), "a second table");
    replay.apply(&ingest(&[1, 2])).unwrap();
    assert!(replay.apply(&ingest(&[2])).is_err(), "a segment twice");
    let other = Table { id: "other".to_owned(), ..table() };
    assert!(replay.apply(&commit(Action::Configure(other))).is_err(), "another table");
    assert_eq!((replay.next_version(), replay.files().count(), replay.cursor("a")), (2, 2, Some(7)));
}
