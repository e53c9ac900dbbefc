//! The grammar of commits: what is read as it is written, and what is refused.

use shoseki_event::Timestamp;
use shoseki_merkle::Hash;

use super::*;
use crate::{SegmentTag, StreamTag};

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
            }],
            sha256: Hash([2; 32]),
            key: None,
            index: None,
        },
    }
}

fn commit(action: Action) -> Commit {
    Commit { timestamp_ms: 3, engine: "shoseki/0.1.0".to_owned(), batch: "0".repeat(32), action }
}

fn ingest(ids: &[u8]) -> Commit {
    commit(Action::Ingest {
        transactions: vec![Transaction { stream: "a".to_owned(), sequence: 7 }],
        adds: ids.iter().map(|id| add(*id)).collect(),
    })
}

#[test]
fn commits_are_read_as_they_are_written() {
    for commit in [commit(Action::Create(table())), ingest(&[1, 2]), commit(Action::Configure(table()))] {
        assert_eq!(Commit::parse(&commit.to_bytes()).unwrap(), commit);
    }
}

/// The form of an ingest is sealed in every vault.
#[test]
fn an_ingest_is_golden() {
    let text = String::from_utf8(ingest(&[1]).to_bytes()).unwrap();
    expect_test::expect_file!["../../testdata/ingest.golden.json"].assert_eq(&text);
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
