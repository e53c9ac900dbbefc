//! The fold: what is silent, what never spoke, what was closed.
#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

use super::*;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

fn asked(from: i64, to: i64, expected: &[(&str, i64)]) -> Asked {
    let expected = expected
        .iter()
        .map(|(stream, at_most)| Expected { stream: glob::Pattern::new(stream).unwrap(), at_most: *at_most });
    Asked { from: time(from), to: time(to), expected: expected.collect() }
}

fn heard(streams: &[(&str, Vec<i64>, i64)]) -> Heard {
    let of =
        |(name, minutes, delay): &(&str, Vec<i64>, i64)| ((*name).to_owned(), (Occupied::of(minutes.clone()), *delay));
    Heard { streams: streams.iter().map(of).collect(), ..Heard::default() }
}

fn shown(register: &Register) -> Vec<(&str, &str, &str, i64, Option<i64>)> {
    let row = |gap: &'_ Gap| (gap.kind.name(), gap.state.name(), minute(gap.from), gap.to.map(minute));
    register
        .gaps
        .iter()
        .map(|gap| {
            let (kind, state, from, to) = row(gap);
            (kind, state, gap.stream.as_str(), from, to)
        })
        .collect()
}

#[test]
fn a_silence_in_the_middle_is_open_and_one_at_the_end_lasts() {
    let every_minute = |from: i64, to: i64| (from..to).collect::<Vec<_>>();
    let minutes = [every_minute(0, 3 * DAY), every_minute(3 * DAY + 30, 4 * DAY)].concat();
    let streams = [("a", minutes.clone(), 0), ("late", minutes, 20)];
    let register = judged(&heard(&streams), &asked(2 * DAY, 4 * DAY + 10, &[]));
    assert_eq!(
        shown(&register),
        [
            ("silent", "ongoing", "a", 4 * DAY, None),
            ("silent", "open", "a", 3 * DAY, Some(3 * DAY + 30)),
            ("silent", "open", "late", 3 * DAY, Some(3 * DAY + 30)),
        ],
        "what is on its way for twenty minutes is not silent after ten"
    );
    assert_eq!(judged(&heard(&streams), &asked(3 * DAY + 31, 4 * DAY, &[])).gaps, [], "it ended before");
}

#[test]
fn what_is_stated_counts_from_the_first_minute_on_and_what_never_spoke_is_named() {
    let streams = [("cloudtrail/1", vec![0, 10, 40], 0)];
    let register = judged(&heard(&streams), &asked(0, 45, &[("cloudtrail/*", 15), ("k8s-audit/prod", 5)]));
    assert_eq!(
        shown(&register),
        [("never", "ongoing", "k8s-audit/prod", 0, None), ("silent", "open", "cloudtrail/1", 11, Some(40))]
    );
    assert!(register.gaps.iter().all(|gap| gap.is_stated) && register.streams[0].is_stated);
    assert_eq!(judged(&heard(&streams), &asked(0, 45, &[])).gaps, [], "three minutes are no rhythm");
}

#[test]
fn a_gap_that_was_seen_and_is_filled_is_closed() {
    let gap = silent("a", (100, 130), 5, false);
    let seen = |closed: Option<i64>| {
        let mut heard = heard(&[("a", (0..2 * DAY).collect(), 0)]);
        heard.seen.insert(("a".to_owned(), gap.from), (gap.clone(), closed.map(time)));
        heard
    };
    let register = judged(&seen(Some(500)), &asked(0, 2 * DAY, &[]));
    assert_eq!(shown(&register), [("silent", "closed", "a", 100, Some(130))]);
    assert_eq!((register.gaps[0].closed, register.open().count()), (Some(time(500)), 0));
    // It is there still: it is told once.
    let mut open = seen(None);
    open.streams = heard(&[("a", (0..100).chain(130..2 * DAY).collect(), 0)]).streams;
    assert_eq!(shown(&judged(&open, &asked(0, 2 * DAY, &[]))), [("silent", "open", "a", 100, Some(130))]);
}
