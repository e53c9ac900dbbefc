//! Digests and reviews by rows alone.

use serde_json::json;
use shoseki_event::Timestamp;

use super::ask::{principals, sources};
use super::fresh::Names;
use super::*;
use crate::checks::{CHECKS, Cell, Rows};

const HOUR: i64 = 3_600_000_000;

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

fn names(rows: &[(&str, &str, i64)]) -> Rows {
    let row = |(of, name, events): &(&str, &str, i64)| {
        [Cell::from(*of), (*name).into(), Cell::Number(*events), Cell::Number(1)]
    };
    Rows::of(["of", "name", "events", "failed"], rows.iter().map(row).collect())
}

#[test]
fn what_is_new_was_not_there_before() {
    let day = names(&[("a", "x", 1), ("a", "y", 5), ("b", "x", 2)]);
    let fresh = Names::of(&day, &names(&[("a", "x", 100)]));
    let some: Vec<(&str, &str)> = fresh.some.iter().map(|new| (new.of.as_str(), new.name.as_str())).collect();
    assert_eq!((fresh.count, some), (2, vec![("a", "y"), ("b", "x")]), "the same name of another source is another");
    let many: Vec<(String, i64)> = (0..300).map(|n| (n.to_string(), n)).collect();
    let many: Vec<(&str, &str, i64)> = many.iter().map(|(name, n)| ("a", name.as_str(), *n)).collect();
    let fresh = Names::of(&names(&many), &Rows::default());
    assert_eq!((fresh.count, fresh.some.len(), fresh.some[0].name.as_str()), (300, MOST, "299"));
}

#[test]
fn a_source_that_is_silent_today_is_shown_beside_what_is_usual() {
    let day = names(&[("cloudtrail", "s1", 10), ("cloudtrail", "s2", 20)]);
    let from = time("2026-03-05T00:00:00Z");
    let row = |of: &str, events: i64, first: &str| [Cell::from(of), Cell::Number(events), Cell::Time(time(first))];
    // The one speaks since thirty days, the other since four days and an hour.
    let rows = vec![
        row("cloudtrail", 300, "2026-02-03T00:00:00Z"),
        row("cloudtrail", 300, "2026-02-20T00:00:00Z"),
        row("falco", 31, "2026-02-28T23:00:00Z"),
    ];
    let before = Rows::of(["of", "events", "first"], rows);
    let all: Vec<(String, u64, u64, u64)> = sources(&day, &before, from)
        .into_iter()
        .map(|source| (source.name, source.events, source.failed, source.usual))
        .collect();
    assert_eq!(all, [("cloudtrail".to_owned(), 30, 2, 20), ("falco".to_owned(), 0, 0, 7)]);
    assert_eq!(sources(&day, &Rows::default(), from)[0].usual, 0);
}

#[test]
fn who_failed_most_is_shown_though_others_are_busier() {
    let mut rows: Vec<[Cell; 4]> = (0..40)
        .map(|n| [format!("u{n:02}").as_str().into(), Cell::Number(1_000 - n), Cell::Number(0), "s:1".into()])
        .collect();
    rows.push(["guesser".into(), Cell::Number(9), Cell::Number(9), "s:2".into()]);
    let shown = principals(&Rows::of(["name", "events", "failed", "record"], rows));
    assert_eq!((shown.len(), shown[0].name.as_str(), shown[10].name.as_str()), (11, "u00", "guesser"));
}

#[test]
fn the_checks_of_a_day_are_there() {
    for id in CHECKS_OF_A_DAY {
        assert!(CHECKS.iter().any(|check| check.id == id), "{id}");
    }
}

/// Reviews of days that begin at 15:00 UTC (midnight in Tokyo): the day of March on which it begins, and how many hours after its end.
pub(crate) fn reviewed(days: &[(i64, i64)]) -> Rows {
    let row = |(day, late): &(i64, i64)| {
        let from = Timestamp(time("2026-03-01T15:00:00Z").0 + (day - 1) * 24 * HOUR);
        let to = Timestamp(from.0 + 24 * HOUR);
        let event = json!({"outcome": "success", "actor": {"user": "aiko"}, "details": {
            "day": "d", "zone": "Asia/Tokyo", "from": from.to_string(), "to": to.to_string(), "digest_sha256": "00",
        }});
        [Cell::Time(Timestamp(to.0 + late * HOUR)), event.to_string().as_str().into(), "s:1".into()]
    };
    Rows::of(["time", "raw", "record"], days.iter().map(row).collect())
}

fn holes(days: &[(i64, i64)], from: &str, to: &str) -> Vec<String> {
    let holes = Reviews::of(&reviewed(days)).holes((time(from), time(to)));
    holes.iter().map(|hole| format!("{} {}", hole.from, hole.to)).collect()
}

#[test]
fn days_that_nobody_reviewed_are_holes() {
    let (from, to) = ("2026-03-01T15:00:00Z", "2026-03-05T15:00:00Z");
    assert_eq!(holes(&[(1, 1), (2, 1), (3, 1), (4, 1)], from, to), [""; 0]);
    assert_eq!(holes(&[(1, 1), (2, 1), (4, 1)], from, to), ["2026-03-03T15:00:00Z 2026-03-04T15:00:00Z"]);
    assert_eq!(holes(&[], from, to), [format!("{from} {to}")]);
    // A period of days in UTC, and days of Tokyo: what hangs over at its ends is no whole day.
    assert_eq!(holes(&[(1, 1), (2, 1)], "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z"), [""; 0]);
    assert_eq!(holes(&[(2, 1)], "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z").len(), 1);
    // Who signs before the day is over has not seen it.
    assert_eq!(holes(&[(1, -2)], from, "2026-03-02T15:00:00Z").len(), 1);
}

#[test]
fn a_review_is_late_unless_one_before_it_was_not() {
    let late = |days: &[(i64, i64)]| {
        Reviews::of(&reviewed(days)).late((time("2026-03-01T00:00:00Z"), time("2026-03-09T00:00:00Z"))).len()
    };
    assert_eq!(late(&[(1, 71), (2, 72)]), 0);
    assert_eq!(late(&[(1, 73), (2, 1)]), 1);
    assert_eq!(late(&[(1, 73), (1, 5)]), 0, "it was reviewed in time, and once more later");
}

#[test]
fn a_digests_hash_depends_on_all_of_it_and_not_on_the_order_of_its_members() {
    let digest = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    assert_eq!(sha256(&digest(r#"{"a":1,"b":[2]}"#)), sha256(&digest(r#"{ "b": [2], "a": 1 }"#)));
    assert_ne!(sha256(&digest(r#"{"a":1,"b":[2]}"#)), sha256(&digest(r#"{"a":1,"b":[3]}"#)));
}
