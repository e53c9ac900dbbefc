//! Each way to lie with an erasure.

use std::collections::BTreeMap;

use shoseki_event::{SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::Lang;

use super::super::{Action, Commit, FORMAT_KEY, Table};
use super::*;
use crate::erasure::{ERASURE_KEY, Request};
use crate::retention::{HOLD_KEY, Step};
use crate::{FileTags, Ordinals, StreamTag};

fn tag(id: u8, source: &str) -> SegmentTag {
    let time = Timestamp(1_772_668_800_000_000);
    SegmentTag {
        id: SegmentId([id; 16]),
        root: Hash([1; 32]),
        count: 4,
        raw: 40,
        min: time,
        max: time,
        source: source.to_owned(),
        derivation: 1,
        unkeyed: 0,
        unparsed: 0,
        streams: vec![StreamTag { name: format!("{source}/1"), count: 4, min: time, max: time }],
        commit: None,
        erased: Ordinals::default(),
    }
}

fn add(id: u8, source: &str) -> Add {
    let tags = FileTags { format: 1, segments: vec![tag(id, source)], sha256: Hash([2; 32]), key: None, index: None };
    let day = tags.segments[0].min.day();
    Add { name: SegmentId([id; 16]), class: "standard".to_owned(), day, size: 10, modified_ms: 2, tags }
}

/// The file in the place of another.
fn less(name: u8, add: &Add, erased: &[u32]) -> Add {
    let mut less = Add { name: SegmentId([name; 16]), size: 9, ..add.clone() };
    less.tags.format = 5;
    for tag in &mut less.tags.segments {
        tag.commit = Some(1);
        tag.erased = tag.erased.with(&erased.iter().copied().collect());
    }
    less
}

fn commit(replay: &Replay, action: Action) -> Commit {
    let bare = Commit {
        timestamp_ms: 1_772_668_900_000,
        engine: "shoseki/0.1.0".to_owned(),
        batch: "0".repeat(32),
        action,
        statement: None,
    };
    let note = |kind| format!("{kind}\n{}\n\n— shoseki/test AAAA\n", bare.stated_hash(Hash([3; 32])));
    Commit { statement: bare.needed_statement(replay.table()).map(note), ..bare }
}

fn table(settings: &[(String, String)]) -> Table {
    let all = settings.iter().cloned().chain([(FORMAT_KEY.to_owned(), "1".to_owned())]);
    Table { id: "a".to_owned(), created_ms: 1, configuration: all.collect() }
}

fn request(records: &[(u8, &[u32])]) -> Request {
    let of = |(id, all): &(u8, &[u32])| (SegmentId([*id; 16]).to_string(), all.iter().copied().collect());
    Request {
        by: "aya".to_owned(),
        at: "2026-11-27T09:00:00Z".to_owned(),
        ground: "gdpr-17".to_owned(),
        why: "Case 12".to_owned(),
        before_its_time: None,
        records: records.iter().map(of).collect(),
        originals: [String::from_utf8(vec![b'a'; 64]).unwrap()].into(),
        withdrawn: None,
    }
}

const HOLD: &str = r#"{"by":"aya","at":"2026-11-27T09:00:00Z","why":"Lawsuit 12","sources":["falco"]}"#;

/// Files 1 (cloudtrail), 2 (falco) and 3 (our own), and the requests `one` (1:1, 1:2), `two` (2:0), `own` (3:0).
fn replay() -> Replay {
    let mut replay = Replay::default();
    let mut apply = |action| {
        let commit = commit(&replay, action);
        replay.apply(&commit).unwrap();
    };
    apply(Action::Create(table(&[])));
    let adds = vec![add(1, "cloudtrail"), add(2, "falco"), add(3, OWN_SOURCE)];
    apply(Action::Ingest { transactions: Vec::new(), adds });
    apply(Action::Configure(table(&requests())));
    replay
}

fn requests() -> Vec<(String, String)> {
    let all = [("one", request(&[(1, &[1, 2])])), ("two", request(&[(2, &[0])])), ("own", request(&[(3, &[0])]))];
    all.into_iter().map(|(id, request)| (format!("{ERASURE_KEY}{id}"), request.to_text())).collect()
}

fn erase(id: &str, files: &[(Add, Add)], records: u64) -> Action {
    let erasure = Erasure {
        request: id.to_owned(),
        asked_by: "aya".to_owned(),
        by: "ken".to_owned(),
        ground: "gdpr-17".to_owned(),
        why: "Case 12".to_owned(),
        segments: files.len() as u64,
        records,
    };
    let removes = files.iter().map(|(before, _)| Remove::from(before)).collect();
    Action::Erase { erasure, removes, adds: files.iter().map(|(_, after)| after.clone()).collect() }
}

fn one() -> (Add, Add) {
    let before = add(1, "cloudtrail");
    (before.clone(), less(9, &before, &[1, 2]))
}

fn why(replay: &Replay, action: Action) -> String {
    replay.clone().apply(&commit(replay, action)).unwrap_err().chain(Lang::En)
}

#[test]
fn what_one_asked_and_another_confirmed_is_erased() {
    let mut replay = replay();
    let good = commit(&replay, erase("one", &[one()], 2));
    let bytes = good.to_bytes();
    assert_eq!(Commit::parse(&bytes).unwrap(), good);
    crate::golden::stays("erase.golden.json", &bytes);
    let order: Vec<_> = replay.files_in_order().iter().map(|file| file.add.tags.segments[0].id).collect();
    replay.apply(&good).unwrap();
    let segment = SegmentId([1; 16]);
    let by: Vec<_> = (0..4).map(|ordinal| replay.erased_by(segment, ordinal)).collect();
    assert_eq!(by, [None, Some(3), Some(3), None]);
    assert_eq!((replay.erasures(), replay.erasure("one"), replay.erasure("two")), (vec![3], Some(3), None));
    assert_eq!((replay.commit_of(segment), replay.erased_of(segment).len()), (Some(1), 2));
    assert_eq!(replay.file_of(segment).unwrap().add.name, SegmentId([9; 16]));
    assert_eq!(replay.erased_original(&"a".repeat(64)), Some(3));
    assert_eq!(replay.files_in_order().iter().map(|file| file.add.tags.segments[0].id).collect::<Vec<_>>(), order);
    assert!(why(&replay, erase("one", &[one()], 2)).contains("was done by commit 3"));
    // The name of neither file comes back.
    let adds = vec![Add { name: SegmentId([9; 16]), ..add(9, "cloudtrail") }];
    assert!(why(&replay, Action::Ingest { transactions: Vec::new(), adds }).contains("that of another file"));
}

/// What a lie changes of an erasure.
type Lie = fn(&mut Erasure, &mut Vec<Remove>, &mut Vec<Add>);

#[test]
fn every_other_erasure_is_refused() {
    let replay = replay();
    let said = |change: Lie| {
        let Action::Erase { mut erasure, mut removes, mut adds } = erase("one", &[one()], 2) else { unreachable!() };
        change(&mut erasure, &mut removes, &mut adds);
        why(&replay, Action::Erase { erasure, removes, adds })
    };
    let cases: [(Lie, &str); 16] = [
        (|e, _, _| e.request = "none".into(), "nobody asked"),
        (|e, _, _| e.by = " AYA".into(), "by one person alone"),
        (|e, _, _| e.why = "Case 13".into(), "says otherwise of erasure"),
        (|e, _, _| e.asked_by = "mia".into(), "says otherwise of erasure"),
        (|e, _, _| e.records = 3, "counts"),
        (|_, removes, _| removes[0].size = 11, "another length"),
        (|_, removes, _| removes[0].name = SegmentId([8; 16]), "not in the table"),
        (|_, removes, _| removes.push(removes[0].clone()), "in the place of each"),
        (|_, _, adds| adds[0].name = SegmentId([2; 16]), "that of another file"),
        (|_, _, adds| adds[0].class = "short".into(), "another partition"),
        (|_, _, adds| adds[0].tags.segments[0].root = Hash([7; 32]), "says otherwise of segment"),
        (|_, _, adds| adds[0].tags.segments[0].raw = 20, "says otherwise of segment"),
        (|_, _, adds| adds[0].tags.segments[0].erased = [1].into_iter().collect(), "other records than"),
        (|_, _, adds| adds[0].tags.segments[0].erased = [1, 2, 3].into_iter().collect(), "other records than"),
        (|_, _, adds| adds[0].tags.segments[0].erased = Ordinals::default(), "nothing of file"),
        (|_, _, adds| drop(adds[0].tags.segments.pop()), "other segments"),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let said = said(change);
        assert!(said.contains(expected), "{number}: {said}");
    }
    let own = add(3, OWN_SOURCE);
    assert!(why(&replay, erase("own", &[(own.clone(), less(9, &own, &[0]))], 1)).contains("our own records"));
    let bare = Commit { statement: None, ..commit(&replay, erase("one", &[one()], 2)) };
    assert!(replay.clone().apply(&bare).unwrap_err().chain(Lang::En).contains("no statement"));
}

#[test]
fn nothing_that_is_held_or_was_taken_back_is_erased() {
    let mut replay = replay();
    let mut settings: BTreeMap<String, String> = requests().into_iter().collect();
    settings.insert(format!("{HOLD_KEY}3f"), HOLD.to_owned());
    let step = Step { by: "mia".to_owned(), at: "2026-11-28T09:00:00Z".to_owned(), why: "An error".to_owned() };
    let back = Request { withdrawn: Some(step), ..request(&[(1, &[1, 2])]) };
    settings.insert(format!("{ERASURE_KEY}one"), back.to_text());
    let all: Vec<_> = settings.into_iter().collect();
    let configured = commit(&replay, Action::Configure(table(&all)));
    assert!(configured.statement.is_some(), "who asks has the log's key");
    replay.apply(&configured).unwrap();
    let two = add(2, "falco");
    assert!(why(&replay, erase("two", &[(two.clone(), less(9, &two, &[0]))], 1)).contains("hold `3f` covers"));
    assert!(why(&replay, erase("one", &[one()], 2)).contains("taken back"));
    let lost = commit(&replay, Action::Configure(table(&all[..2])));
    assert!(replay.clone().apply(&lost).is_err(), "a request is not lost");
}

#[test]
fn an_ingest_and_a_compaction_erase_nothing() {
    let text = String::from_utf8(commit(&replay(), erase("one", &[one()], 2)).to_bytes()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let of = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let whole = lines[2].replace("\"shoseki.format\":\"5\"", "\"shoseki.format\":\"3\"");
    let wrong = [
        of(&[lines[0], lines[1]]),
        of(&[lines[0], lines[2]]),
        of(&[lines[0], lines[2], lines[1]]),
        of(&[lines[0], lines[1], &whole]),
        text.replace("\"action\":\"erase\"", "\"action\":\"ingest\""),
        text.replace("\"askedBy\":\"aya\",", ""),
        text.replace("\"by\":\"ken\"", "\"by\":\" \""),
        text.replace("\"format\":5,\"action\"", "\"format\":4,\"action\""),
        text.replace("[[1,2]]", "[[1,1],[2,1]]"),
        text.replace("[[1,2]]", "[[1,4]]"),
    ];
    for (number, text) in wrong.iter().enumerate() {
        assert!(Commit::parse(text.as_bytes()).is_err(), "{number}");
    }
    // What was erased stays erased where a compaction moves it, and a compaction erases nothing.
    let mut replay = replay();
    let done = commit(&replay, erase("one", &[one()], 2));
    replay.apply(&done).unwrap();
    let more = commit(&replay, Action::Ingest { transactions: Vec::new(), adds: vec![add(4, "cloudtrail")] });
    replay.apply(&more).unwrap();
    let merged = |erased: &[u32]| {
        let mut merged = Add { name: SegmentId([10; 16]), ..less(10, &one().0, erased) };
        merged.tags.segments.push(SegmentTag { commit: Some(4), ..tag(4, "cloudtrail") });
        let removes = vec![Remove::from(&one().1), Remove::from(&add(4, "cloudtrail"))];
        Action::Compact { removes, add: merged }
    };
    for wrong in [&[1][..], &[], &[1, 2, 3]] {
        assert!(why(&replay, merged(wrong)).contains("says otherwise of segment"), "{wrong:?}");
    }
    replay.apply(&commit(&replay.clone(), merged(&[1, 2]))).unwrap();
    assert_eq!(replay.erased_by(SegmentId([1; 16]), 2), Some(3));
}
