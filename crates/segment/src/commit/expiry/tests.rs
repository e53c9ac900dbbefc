//! Each way to lie with an expiry, and with the holds and policies that it is judged by.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::SegmentId;
use shoseki_merkle::Hash;

use super::super::{ANCHORS_KEY, Action, Commit, FORMAT_KEY, REMOVED_ANCHORS_KEY, REPLICAS_KEY, Table};
use super::*;
use crate::retention::{Asked, HOLD_KEY, Hold, RETENTION_KEY, Step};
use crate::{FileTags, Ordinals, SegmentTag, StreamTag};

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn add(id: u8, day: &str, source: &str, class: &str) -> Add {
    let min = time(&format!("{day}T10:00:00Z"));
    let streams = vec![StreamTag { name: format!("{source}/1"), count: 2, min, max: min }];
    let tag = SegmentTag {
        id: SegmentId([id; 16]),
        root: Hash([1; 32]),
        count: 2,
        raw: 20,
        min,
        max: min,
        source: source.to_owned(),
        derivation: 1,
        unkeyed: 0,
        unparsed: 0,
        streams,
        commit: None,
        erased: Ordinals::default(),
    };
    let tags = FileTags { format: 1, segments: vec![tag], sha256: Hash([2; 32]), key: None, index: None };
    Add { name: SegmentId([id; 16]), class: class.to_owned(), day: min.day(), size: 10, modified_ms: 2, tags }
}

/// With a statement where its action alone says that it needs one.
fn commit(at: &str, action: Action) -> Commit {
    commit_behind(&Replay::default(), at, action)
}

/// With a statement where it needs one. Whose it is nobody can tell here.
fn commit_behind(replay: &Replay, at: &str, action: Action) -> Commit {
    let bare = bare(at, action);
    let note = |kind| format!("{kind}\n{}\n\n— shoseki/test AAAA\n", bare.stated_hash(Hash([3; 32])));
    Commit { statement: bare.needed_statement(replay.table()).map(note), ..bare }
}

fn bare(at: &str, action: Action) -> Commit {
    let timestamp_ms = time(at).0 / 1_000;
    Commit { timestamp_ms, engine: "shoseki/0.1.0".to_owned(), batch: "0".repeat(32), action, statement: None }
}

fn table(settings: &[(&str, &str)]) -> Table {
    let all = [(FORMAT_KEY, "1")].into_iter().chain(settings.iter().copied());
    let configuration = all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Table { id: "a".to_owned(), created_ms: 1, configuration }
}

const NOW: &str = "2026-11-27T09:00:00Z";
const YEAR: &str = r#"{"classes":{"standard":12},"sources":{},"streams":{}}"#;

fn files() -> Vec<Add> {
    vec![
        add(1, "2025-03-05", "cloudtrail", "standard"),
        add(2, "2025-03-06", "falco", "standard"),
        add(3, "2025-03-05", OWN_SOURCE, "standard"),
        add(4, "2026-11-26", "cloudtrail", "standard"),
    ]
}

fn replay(settings: &[(&str, &str)], adds: Vec<Add>) -> Replay {
    let mut replay = Replay::default();
    replay.apply(&commit(NOW, Action::Create(table(&[])))).unwrap();
    replay.apply(&commit(NOW, Action::Ingest { transactions: Vec::new(), adds })).unwrap();
    let policy = commit_behind(&replay, NOW, Action::Configure(table(settings)));
    replay.apply(&policy).unwrap();
    replay
}

fn expire(before: &str, adds: &[Add]) -> Action {
    let expiry = Expiry {
        class: "standard".to_owned(),
        months: 12,
        from: adds.iter().map(|add| add.day).min().unwrap(),
        before: Day::parse(before).unwrap(),
        segments: adds.len() as u64,
        records: 2 * adds.len() as u64,
        reason: "retention".to_owned(),
    };
    let mut removes: Vec<Remove> = adds.iter().map(Remove::from).collect();
    removes.sort_by_key(Remove::path);
    Action::Expire { expiry, removes }
}

fn why(replay: &Replay, at: &str, action: Action) -> String {
    let fault = replay.clone().apply(&commit(at, action)).unwrap_err();
    fault.chain(shoseki_messages::Lang::En)
}

fn hold(change: impl FnOnce(&mut Hold)) -> Hold {
    let mut hold = Hold {
        by: "aya".to_owned(),
        at: NOW.to_owned(),
        why: "lawsuit".to_owned(),
        until: None,
        sources: BTreeSet::from(["cloudtrail".to_owned()]),
        streams: BTreeSet::new(),
        from: None,
        to: None,
        query: None,
        segments: BTreeSet::new(),
        release: None,
        confirmed: None,
    };
    change(&mut hold);
    hold
}

#[test]
fn what_is_older_than_its_period_goes_and_does_not_come_back() {
    let all = files();
    let mut replay = replay(&[(RETENTION_KEY, YEAR)], all.clone());
    let good = commit(NOW, expire("2025-11-26", &all[..3]));
    let bytes = good.to_bytes();
    assert_eq!(Commit::parse(&bytes).unwrap(), good);
    crate::golden::stays("expire.golden.json", &bytes);
    replay.apply(&good).unwrap();
    assert_eq!(replay.files().count(), 1);
    let first = SegmentId([1; 16]);
    assert_eq!((replay.expired_by(first), replay.commit_of(first), replay.expiries()), (Some(3), Some(1), &[3][..]));
    assert!(replay.file_of(first).is_none());
    let again = |day: &str| Action::Ingest { transactions: Vec::new(), adds: vec![add(9, day, "falco", "standard")] };
    assert!(why(&replay, NOW, again("2025-11-25")).contains("expired before a day"));
    replay.apply(&commit(NOW, again("2025-11-26"))).unwrap();
    assert!(replay.apply(&good).is_err(), "what is gone does not go again");
}

#[test]
fn every_lie_is_refused() {
    let all = files();
    let replay_of = |settings: &[(&str, &str)]| replay(settings, all.clone());
    let year = replay_of(&[(RETENTION_KEY, YEAR)]);
    let good = || expire("2025-11-26", &all[..1]);
    assert!(year.clone().apply(&commit(NOW, good())).is_ok());
    let changed = |change: fn(&mut Expiry, &mut Vec<Remove>)| {
        let Action::Expire { mut expiry, mut removes } = good() else { unreachable!() };
        change(&mut expiry, &mut removes);
        why(&year, NOW, Action::Expire { expiry, removes })
    };
    for (found, expected) in [
        (why(&year, NOW, expire("2025-11-26", &all[3..])), "is not so old"),
        (why(&year, NOW, expire("2025-11-27", &all[..1])), "is not so long ago"),
        (why(&year, "2036-11-27T09:00:00Z", expire("2026-11-27", &all[3..])), "is not so long ago"),
        (why(&year, "2026-03-05T00:00:00Z", good()), "is not so long ago"),
        (why(&replay_of(&[]), NOW, good()), "is not 12 months"),
        (
            why(
                &replay_of(&[(RETENTION_KEY, r#"{"classes":{"standard":13},"sources":{},"streams":{}}"#)]),
                NOW,
                good(),
            ),
            "is not 12 months",
        ),
        (changed(|expiry, _| expiry.class = "other".to_owned()), "is not 12 months"),
        (changed(|_, removes| removes.push(removes[0].clone())), "named twice"),
        (changed(|_, removes| removes[0].size = 11), "another length"),
        (changed(|_, removes| removes[0].name = SegmentId([8; 16])), "not in the table"),
        (changed(|expiry, _| expiry.records = 3), "its counts"),
        (changed(|expiry, _| expiry.segments = 2), "its counts"),
        (changed(|expiry, _| expiry.from = Day(0)), "its counts"),
    ] {
        assert!(found.contains(expected), "{found} has no `{expected}`");
    }
}

#[test]
fn our_own_records_are_kept_as_long_as_anything() {
    let all = files();
    for (classes, goes) in [
        (r#"{"standard":12,"long":120}"#, false),
        (r#"{"standard":12,"case":null}"#, false),
        (r#"{"standard":12,"short":1}"#, true),
    ] {
        let text = format!(r#"{{"classes":{classes},"sources":{{}},"streams":{{}}}}"#);
        let mut replay = replay(&[(RETENTION_KEY, &text)], all.clone());
        assert_eq!(replay.apply(&commit(NOW, expire("2025-11-26", &all[2..3]))).is_ok(), goes, "{classes}");
        assert!(replay.apply(&commit(NOW, expire("2025-11-26", &all[1..2]))).is_ok());
    }
    let mut adds = all.clone();
    adds.push(add(5, "2026-11-01", "falco", "unheard-of"));
    let replay = replay(&[(RETENTION_KEY, YEAR)], adds);
    assert!(
        why(&replay, NOW, expire("2025-11-26", &all[2..3])).contains("our own records"),
        "a class without a period"
    );
}

#[test]
fn nothing_that_a_hold_covers_goes() {
    let all = files();
    let day = |text: &str| Some(Day::parse(text).unwrap().start().0);
    let question = Asked { text: "fields @message".to_owned(), sql: false };
    let cases: [(Hold, bool); 8] = [
        (hold(|_| {}), true),
        (hold(|hold| hold.sources = BTreeSet::from(["falco".to_owned()])), false),
        (hold(|hold| hold.streams = BTreeSet::from(["cloudtrail/1".to_owned()])), true),
        (hold(|hold| hold.streams = BTreeSet::from(["cloudtrail/2".to_owned()])), false),
        (hold(|hold| (hold.from, hold.to) = (day("2025-03-05"), day("2025-03-06"))), true),
        (hold(|hold| hold.to = day("2025-03-05")), false),
        (
            hold(|hold| {
                (hold.query, hold.segments) = (Some(question.clone()), BTreeSet::from([SegmentId([1; 16]).to_string()]))
            }),
            true,
        ),
        (hold(|hold| hold.query = Some(question.clone())), false),
    ];
    for (hold, covers) in cases {
        let key = format!("{HOLD_KEY}a");
        let replay = replay(&[(RETENTION_KEY, YEAR), (&key, &hold.to_text())], all.clone());
        let outcome = replay.clone().apply(&commit(NOW, expire("2025-11-26", &all[..1])));
        assert_eq!(outcome.is_err(), covers, "{hold:?}");
    }
}

/// The holds of a configuration, one commit after another.
fn changes(holds: &[&[(&str, &Hold)]]) -> bool {
    let mut replay = Replay::default();
    replay.apply(&commit(NOW, Action::Create(table(&[])))).unwrap();
    holds.iter().all(|holds| {
        let all: BTreeMap<String, String> =
            holds.iter().map(|(id, hold)| (format!("{HOLD_KEY}{id}"), hold.to_text())).collect();
        let all: Vec<(&str, &str)> = all.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        let change = commit_behind(&replay, NOW, Action::Configure(table(&all)));
        replay.apply(&change).is_ok()
    })
}

#[test]
fn a_hold_is_released_by_two_people_and_never_lost() {
    let step = |by: &str| Some(Step { by: by.to_owned(), at: NOW.to_owned(), why: "over".to_owned() });
    let placed = hold(|_| {});
    let asked = hold(|hold| hold.release = step("aya"));
    let done = |by: &str| hold(|hold| (hold.release, hold.confirmed) = (step("aya"), step(by)));
    let narrower = hold(|hold| hold.to = Some(1));
    assert!(changes(&[
        &[("a", &placed)],
        &[("a", &asked)],
        &[("a", &done("ken"))],
        &[("a", &done("ken")), ("b", &placed)]
    ]));
    assert!(!changes(&[&[("a", &placed)], &[]]), "gone");
    assert!(!changes(&[&[("a", &placed)], &[("a", &narrower)]]), "narrower");
    assert!(!changes(&[&[("a", &asked)]]), "placed and released at once");
    assert!(!changes(&[&[("a", &placed)], &[("a", &done("ken"))]]), "asked for and confirmed at once");
    assert!(!changes(&[&[("a", &placed)], &[("a", &asked)], &[("a", &done(" Aya"))]]), "one person alone");
    assert!(!changes(&[&[("a", &placed)], &[("a", &asked)], &[("a", &placed)]]), "as if nobody had asked");
    assert!(!changes(&[&[("a", &placed)], &[("a", &asked)], &[("a", &done("ken"))], &[("a", &placed)]]), "back");
}

#[test]
fn nothing_goes_without_a_statement_and_nothing_else_has_one() {
    let all = files();
    let without = |replay: &Replay, action: Action| {
        replay.clone().apply(&bare(NOW, action)).unwrap_err().chain(shoseki_messages::Lang::En)
    };
    let with = |action: Action| Commit { statement: Some("a statement".to_owned()), ..bare(NOW, action) };
    let key = format!("{HOLD_KEY}a");
    let placed = hold(|_| {}).to_text();
    let replay = replay(&[(RETENTION_KEY, YEAR), (&key, &placed)], all.clone());
    let asked =
        hold(|hold| hold.release = Some(Step { by: "ken".to_owned(), at: NOW.to_owned(), why: "over".to_owned() }));
    for (action, what) in [
        (expire("2025-11-26", &all[1..2]), "an expiry"),
        (Action::Configure(table(&[(&key, &placed)])), "no policy any more"),
        (Action::Configure(table(&[(RETENTION_KEY, &YEAR.replace("12", "1")), (&key, &placed)])), "a shorter period"),
        (Action::Configure(table(&[(RETENTION_KEY, YEAR), (&key, &asked.to_text())])), "a release"),
        (Action::Configure(table(&[(RETENTION_KEY, YEAR)])), "a hold that is gone"),
        (
            Action::Configure(table(&[(RETENTION_KEY, YEAR), (&key, &placed), (REPLICAS_KEY, "s3://evil")])),
            "a place that evidence is copied to",
        ),
        (
            Action::Configure(table(&[(RETENTION_KEY, YEAR), (&key, &placed), (REMOVED_ANCHORS_KEY, "/a")])),
            "an anchor that is none any more",
        ),
    ] {
        assert!(without(&replay, action).contains("it has no statement"), "{what}");
    }
    let same = || Action::Configure(table(&[(RETENTION_KEY, YEAR), (&key, &placed), ("shoseki.anchors", "/a")]));
    replay.clone().apply(&bare(NOW, same())).unwrap();
    let more = Action::Ingest { transactions: Vec::new(), adds: vec![add(9, "2026-11-26", "falco", "standard")] };
    for action in [same(), more] {
        let fault = replay.clone().apply(&with(action)).unwrap_err().chain(shoseki_messages::Lang::En);
        assert!(fault.contains("does not need"), "{fault}");
    }
    let made = Action::Create(table(&[(RETENTION_KEY, YEAR)]));
    assert!(without(&Replay::default(), made).contains("without a policy"));
}

#[test]
fn an_anchor_is_one_until_it_is_removed_by_the_key() {
    let mut replay = Replay::default();
    replay.apply(&commit(NOW, Action::Create(table(&[])))).unwrap();
    let mut configure = |settings: &[(&str, &str)], wanted: &[&str]| {
        let commit = commit_behind(&replay, NOW, Action::Configure(table(settings)));
        let is_six =
            Commit::parse(&commit.to_bytes()).is_ok() && settings.iter().any(|(key, _)| *key == REMOVED_ANCHORS_KEY);
        assert_eq!(String::from_utf8(commit.to_bytes()).unwrap().contains("\"format\":6"), is_six);
        replay.apply(&commit).unwrap();
        assert_eq!(replay.anchors(), wanted, "{settings:?}");
    };
    configure(&[(ANCHORS_KEY, "/a\n/b")], &["/a", "/b"]);
    configure(&[(ANCHORS_KEY, "/b")], &["/a", "/b"]);
    configure(&[], &["/a", "/b"]);
    configure(&[(REMOVED_ANCHORS_KEY, "/a")], &["/b"]);
    configure(&[(ANCHORS_KEY, "/c"), (REMOVED_ANCHORS_KEY, "/a")], &["/b", "/c"]);
    configure(&[(ANCHORS_KEY, "/a\n/c")], &["/a", "/b", "/c"]);
}

#[test]
fn what_is_stated_is_tied_to_the_commit_and_to_its_place() {
    let all = files();
    let good = commit(NOW, expire("2025-11-26", &all[..1]));
    let read = Commit::parse(&good.to_bytes()).unwrap();
    assert_eq!(read.carried_statement().map(|(kind, _)| kind), Some("shoseki-expiry/v1"));
    let (here, there) = (Hash([1; 32]), Hash([2; 32]));
    let bare = Commit { statement: None, ..good.clone() };
    assert_eq!(good.stated_hash(here), bare.stated_hash(here), "the statement is no part of what it states");
    assert_ne!(good.stated_hash(here), good.stated_hash(there));
    assert_ne!(good.stated_hash(here), commit(NOW, expire("2025-11-26", &all[1..2])).stated_hash(here));
    let policy = commit_behind(&replay(&[], all), NOW, Action::Configure(table(&[(RETENTION_KEY, YEAR)])));
    assert_eq!(policy.carried_statement().map(|(kind, _)| kind), Some("shoseki-configuration/v1"));
}

#[test]
fn months_are_those_of_the_calendar() {
    for (day, months, expected) in
        [("2026-03-31", 1, "2026-02-28"), ("2024-02-29", 12, "2023-02-28"), ("2026-11-27", 12, "2025-11-27")]
    {
        assert_eq!(months_before(Day::parse(day).unwrap(), months), Some(Day::parse(expected).unwrap()), "{day}");
    }
}
