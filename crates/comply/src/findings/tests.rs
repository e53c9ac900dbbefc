//! The fold by records alone: no engine, no vault.

use proptest::prelude::*;
use shoseki_event::Timestamp;

use super::*;
use crate::checks::{Cell, Period, Rows, Severity, Status};

const DAY: i64 = 86_400_000_000;

/// Noon of a day of 2026, counted from the 1st of January as 0.
fn at(day: i64) -> Timestamp {
    Timestamp(1_767_225_600_000_000 + day * DAY + DAY / 2)
}

fn period(from: i64, to: i64) -> Period {
    Period { from: at(from), to: at(to) }
}

fn told(when: Timestamp, said: Said) -> Told {
    let id = format!("{} {said:?}", when.0);
    Told { at: when, record: format!("{:x}:1", when.0), id, by: Some("aiko".to_owned()), said }
}

fn seen(check: &str, subject: &str, status: Status, period: Period) -> Seen {
    Seen {
        finding: Id::of(check, subject, "\n"),
        check: check.to_owned(),
        subject: subject.to_owned(),
        severity: Severity::High,
        status,
        to_review: status == Status::Pass,
        what: Both { en: "en".to_owned(), ja: "ja".to_owned() },
        events: 0,
        first: None,
        last: None,
        records: Vec::new(),
        requirements: Vec::new(),
        from: period.from,
        to: period.to,
        run: String::new(),
        place: None,
        told_by: None,
    }
}

/// What a run of one check at noon of a day found of some subjects, with a record for each: all of it fails.
fn ran(day: i64, check: &str, over: Period, subjects: &[&str]) -> Vec<Told> {
    let all: Vec<(&str, Option<i64>)> = subjects.iter().map(|subject| (*subject, None)).collect();
    ran_with(day, over, &[judged(check, &all)], &all)
}

fn judged(check: &str, found: &[(&str, Option<i64>)]) -> JudgedCheck {
    JudgedCheck {
        check: check.to_owned(),
        status: if found.is_empty() { Status::Pass } else { Status::Fail },
        is_blind: false,
        found: found
            .iter()
            .map(|(subject, last)| (Id::of(check, subject, "\n"), last.map(|day| at(day).to_string())))
            .collect(),
        is_placed: false,
        hidden: Vec::new(),
        passed: Vec::new(),
    }
}

fn ran_with(day: i64, over: Period, judged: &[JudgedCheck], seen_ones: &[(&str, Option<i64>)]) -> Vec<Told> {
    let check = judged.first().map(|judged| judged.check.clone()).unwrap_or_default();
    let see = |(subject, last): &(&str, Option<i64>)| {
        let seen = Seen { last: last.map(at), ..seen(&check, subject, Status::Fail, over) };
        told(at(day), Said::Seen(Box::new(seen)))
    };
    let run = Run { from: over.from, to: over.to, looked: None, judged: judged.to_vec() };
    seen_ones.iter().map(see).chain([told(at(day), Said::Run(Box::new(run)))]).collect()
}

fn id(subject: &str) -> Id {
    Id::of("c", subject, "\n")
}

fn accept(day: i64, subject: &str, until: i64) -> Told {
    let until = Due { day: format!("day {until}"), end: at(until) };
    let (owner, reason) = ("mei".to_owned(), "a migration".to_owned());
    told(at(day), Said::Accept(Accept { finding: id(subject), owner, reason, until, approved_by: None }))
}

fn resolve(day: i64, finding: &Id) -> Told {
    let said = Resolve {
        finding: finding.clone(),
        cause: Some("a typing error".to_owned()),
        measure: Some("a test".to_owned()),
        without_proof: None,
        documents: Vec::new(),
    };
    told(at(day), Said::Resolve(said))
}

/// How a subject stands on a day, and what happened to it.
fn stands(all: &[Vec<Told>], day: i64, subject: &str) -> String {
    let register = Register::of(all.concat(), at(day));
    let Some(case) = register.get(&id(subject)) else { return "none".to_owned() };
    let history: Vec<&str> = case.history.iter().map(|moment| moment.what.name()).collect();
    format!("{}: {}", case.state().name(), history.join(" "))
}

#[test]
fn a_finding_is_open_until_a_later_run_does_not_find_it() {
    let first = ran(10, "c", period(0, 10), &["a", "b"]);
    assert_eq!(stands(std::slice::from_ref(&first), 10, "a"), "open: found");
    assert_eq!(stands(std::slice::from_ref(&first), 9, "a"), "none", "the run was not yet");
    let second = ran(20, "c", period(10, 20), &["b"]);
    let both = [first.clone(), second.clone()];
    assert_eq!(stands(&both, 20, "a"), "resolved: found gone");
    assert_eq!(stands(&both, 20, "b"), "open: found");
    let register = Register::of(both.concat(), at(20));
    let b = register.get(&id("b")).map(|case| (case.first_seen, case.last_seen));
    assert_eq!(b, Some((at(10), at(20))));
    let third = ran(30, "c", period(20, 30), &["a"]);
    assert_eq!(stands(&[first, second, third], 30, "a"), "open: found gone found_again");
}

#[test]
fn in_one_moment_what_is_found_comes_before_what_is_said_of_it() {
    let found = ran(10, "c", period(0, 10), &["a"]);
    let said = vec![resolve(10, &id("a")), accept(10, "a", 20)];
    assert_eq!(stands(&[said.clone(), found.clone()], 10, "a"), "resolved: found accepted resolved");
    assert_eq!(stands(&[found, said], 10, "a"), "resolved: found accepted resolved");
    // Two runs at the same time: the ids decide, whoever is read first.
    let (one, other) = (ran(10, "c", period(0, 10), &["a"]), ran(10, "c", period(0, 10), &[]));
    assert_eq!(stands(&[one.clone(), other.clone()], 10, "a"), stands(&[other, one], 10, "a"));
}

#[test]
fn a_check_that_did_not_run_and_one_that_was_blind_say_nothing() {
    let first = ran(10, "c", period(0, 10), &["a"]);
    let other = ran(20, "another", period(10, 20), &[]);
    assert_eq!(stands(&[first.clone(), other], 20, "a"), "open: found");
    let blind = JudgedCheck { is_blind: true, status: Status::NoEvidence, ..judged("c", &[]) };
    let run = |judged: JudgedCheck| ran_with(20, period(10, 20), &[judged], &[]);
    assert_eq!(stands(&[first.clone(), run(blind.clone())], 20, "a"), "open: found");
    let passed = JudgedCheck { passed: vec![id("a")], ..blind };
    assert_eq!(stands(&[first.clone(), run(passed)], 20, "a"), "resolved: found gone", "its very subject passed");
    let hour = Period { from: Timestamp(at(20).0 - DAY / 24), to: at(20) };
    assert_eq!(stands(&[first, ran(20, "c", hour, &[])], 20, "a"), "open: found", "an hour is no judgement");
}

/// A run that looked in places, and found nothing of a check there.
fn looked(day: i64, (from, places): (Teller, &[&str]), judged: JudgedCheck) -> Vec<Told> {
    let places = places.iter().map(|place| (*place).to_owned()).collect();
    let over = period(day - 10, day);
    let run = Run { from: over.from, to: over.to, looked: Some(Looking { from, places }), judged: vec![judged] };
    vec![told(at(day), Said::Run(Box::new(run)))]
}

#[test]
fn a_run_closes_nothing_where_it_did_not_look() {
    let placed = || JudgedCheck { is_placed: true, ..judged("c", &[]) };
    let found = |place: Option<&str>| {
        let over = period(0, 10);
        let place = place.map(str::to_owned);
        let seen = Seen { place, told_by: Some(Teller::Live), ..seen("c", "a", Status::Fail, over) };
        let run = Run { from: over.from, to: over.to, looked: None, judged: vec![judged("c", &[("a", None)])] };
        vec![told(at(10), Said::Seen(Box::new(seen))), told(at(10), Said::Run(Box::new(run)))]
    };
    let first = found(Some("1 us-east-1"));
    let after = |run: Vec<Told>| stands(&[first.clone(), run], 20, "a");
    let live = |places: &'static [&str]| (Teller::Live, places);
    assert_eq!(after(looked(20, live(&["1", "1 us-east-1"]), placed())), "resolved: found gone");
    for (elsewhere, judged) in [
        (live(&["2", "2 us-east-1"]), placed()),
        (live(&["1", "1 eu-west-1"]), placed()),
        ((Teller::AwsConfig, &["1", "1 us-east-1"][..]), placed()),
        (live(&["1", "1 us-east-1"]), JudgedCheck { hidden: vec!["1 us-east-1".to_owned()], ..placed() }),
        (live(&["1", "1 us-east-1"]), JudgedCheck { is_blind: true, ..placed() }),
    ] {
        let what = format!("{elsewhere:?} {judged:?}");
        assert_eq!(after(looked(20, elsewhere, judged)), "open: found", "{what}");
    }
    // Of one that was found before runs said where, only a pass of its very subject closes it; nor does a run that does not say where.
    let whole = || live(&["1", "1 us-east-1"]);
    assert_eq!(stands(&[found(None), looked(20, whole(), placed())], 20, "a"), "open: found");
    let passed = JudgedCheck { passed: vec![id("a")], ..placed() };
    assert_eq!(stands(&[found(None), looked(20, whole(), passed)], 20, "a"), "resolved: found gone");
    let nowhere = ran_with(20, period(10, 20), &[placed()], &[]);
    assert_eq!(stands(&[first, nowhere], 20, "a"), "open: found");
}

#[test]
fn a_look_back_closes_and_opens_nothing() {
    let first = ran(20, "c", period(10, 20), &["a"]);
    let back = ran(30, "c", period(0, 10), &[]);
    assert_eq!(stands(&[first.clone(), back], 30, "a"), "open: found");
    // The same period once more: what was repaired meanwhile is not found.
    let again = ran(30, "c", period(10, 20), &[]);
    assert_eq!(stands(&[first.clone(), again], 30, "a"), "resolved: found gone");
    let mended = ran(30, "c", period(20, 30), &[]);
    let back = ran(40, "c", period(10, 20), &["a"]);
    assert_eq!(stands(&[first, mended.clone(), back.clone()], 40, "a"), "resolved: found gone");
    // What a look back finds for the first time is open: nobody has looked at it.
    assert_eq!(stands(&[mended, back], 40, "a"), "open: found");
}

#[test]
fn an_exception_ends_and_is_extended_and_hides_nothing() {
    let found = |day: i64| ran(day, "c", period(day - 10, day), &["a"]);
    let base = [found(10), vec![accept(11, "a", 20)]];
    assert_eq!(stands(&base, 15, "a"), "accepted: found accepted");
    assert_eq!(stands(&base, 20, "a"), "open: found accepted exception_ended");
    let register = Register::of(base.concat(), at(20));
    assert_eq!(register.get(&id("a")).map(|case| (case.open_since, case.ended)), Some((at(20), Some(at(20)))));
    let extended = [&base[..], &[found(15), vec![accept(18, "a", 40)]]].concat();
    assert_eq!(stands(&extended, 30, "a"), "accepted: found accepted accepted");
    let late = [&base[..], &[vec![accept(25, "a", 40)]]].concat();
    assert_eq!(stands(&late, 30, "a"), "accepted: found accepted exception_ended accepted");
    assert_eq!(stands(&late, 50, "a"), "open: found accepted exception_ended accepted exception_ended");
    // A run that does not find it closes it; found again within its days, the exception still holds.
    let gone = [&base[..], &[ran(12, "c", period(2, 12), &[]), found(14)]].concat();
    assert_eq!(stands(&gone, 13, "a"), "resolved: found accepted gone");
    assert_eq!(stands(&gone, 14, "a"), "accepted: found accepted gone found_again");
    // Who says that it is done ends the exception.
    let done = [&base[..], &[vec![resolve(12, &id("a"))], found(14)]].concat();
    assert_eq!(stands(&done, 14, "a"), "open: found accepted resolved found_again");
}

#[test]
fn what_a_person_resolved_is_found_again_where_something_happened_since() {
    let run = |day: i64, last: Option<i64>| {
        ran_with(day, period(day - 10, day), &[judged("c", &[("a", last)])], &[("a", last)])
    };
    let events = [run(10, Some(5)), vec![resolve(11, &id("a"))]];
    let old = [&events[..], &[run(13, Some(5))]].concat();
    assert_eq!(stands(&old, 13, "a"), "resolved: found resolved", "a look back sees the same once more");
    let new = [&events[..], &[run(13, Some(12))]].concat();
    assert_eq!(stands(&new, 13, "a"), "open: found resolved found_again");
    let state = [run(10, None), vec![resolve(11, &id("a"))], run(13, None)];
    assert_eq!(stands(&state, 13, "a"), "open: found resolved found_again", "it is so still");
    let gone = [&events[..], &[ran(20, "c", period(10, 20), &[])]].concat();
    assert_eq!(stands(&gone, 20, "a"), "resolved: found resolved confirmed");
}

#[test]
fn a_finding_from_outside_is_proved_by_its_check() {
    let id = Id::drawn("1");
    let added = Added {
        finding: id.clone(),
        source: "監査法人".to_owned(),
        title: "no anchor".to_owned(),
        text: None,
        severity: Severity::Medium,
        due: Some(Due { day: "day 30".to_owned(), end: at(30) }),
        requirements: vec!["PCI DSS 10.3.4".to_owned()],
        documents: Vec::new(),
        owner: None,
    };
    let added = told(at(10), Said::Added(Box::new(added)));
    let said = |without_proof: Option<&str>| Resolve {
        finding: id.clone(),
        cause: None,
        measure: None,
        without_proof: without_proof.map(str::to_owned),
        documents: Vec::new(),
    };
    let cause = told(at(11), Said::Cause(Cause { finding: id.clone(), text: "forgotten".to_owned() }));
    let measure = Measure { finding: id.clone(), text: "an anchor".to_owned(), due: None, check: Some("c".to_owned()) };
    let measure = told(at(12), Said::Measure(measure));
    let at_day = |all: &[Vec<Told>], day: i64| Register::of(all.concat(), at(day)).get(&id).cloned();
    let why = |all: &[Vec<Told>], said: &Resolve| {
        at_day(all, 29).and_then(|case| case.unresolvable(said)).map(|why| why.id())
    };
    let mut all = vec![vec![added]];
    assert_eq!(why(&all, &said(None)), Some("finding-needs-cause"));
    all.push(vec![cause]);
    assert_eq!(why(&all, &said(None)), Some("finding-needs-measure"));
    all.push(ran(11, "c", period(1, 11), &[]));
    all.push(vec![measure]);
    assert_eq!(why(&all, &said(None)), Some("finding-needs-proof"), "the pass was before the measure");
    assert_eq!(why(&all, &said(Some("the auditor saw it"))), None);
    assert!(at_day(&all, 30).is_some_and(|case| case.overdue(at(30)) == Some(Overdue::Due(at(30)))));
    all.push(ran(13, "c", period(3, 13), &[]));
    assert_eq!(why(&all, &said(None)), None);
    all.push(vec![told(at(14), Said::Resolve(said(None)))]);
    let names = |day: i64| {
        let case = at_day(&all, day).map(|case| (case.state(), case.history));
        case.map(|(state, history)| (state, history.last().map(|moment| moment.what.name())))
    };
    assert_eq!(names(14), Some((State::Resolved, Some("resolved"))));
    let again = [&all[..], &[ran(20, "c", period(10, 20), &["x"])]].concat();
    let case = at_day(&again, 20);
    assert_eq!(case.map(|case| case.state()), Some(State::Open), "the check that proved it fails again");
}

#[test]
fn what_is_overdue_is_a_failure_that_is_open_for_too_long() {
    let of = |status: Status| {
        let seen = told(at(0), Said::Seen(Box::new(seen("c", "a", status, period(-10, 0)))));
        let open =
            |day: i64| Register::of(vec![seen.clone()], at(day)).get(&id("a")).and_then(|case| case.overdue(at(day)));
        (open(29).is_some(), open(30).is_some())
    };
    assert_eq!(of(Status::Fail), (false, true));
    assert_eq!(of(Status::NoEvidence), (false, false));
    assert_eq!(of(Status::Pass), (false, false));
}

#[test]
fn names_are_found_by_how_they_begin() {
    let subjects: Vec<String> = (0..3_000).map(|n| n.to_string()).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let register = Register::of(ran(10, "c", period(0, 10), &subjects), at(10));
    assert!((6..10).contains(&register.letters()), "{}", register.letters());
    let mut shown: Vec<String> = register.iter().map(|case| register.short(&case.id)).collect();
    for short in &shown {
        assert!(register.find(&short.to_lowercase()).is_ok_and(|case| register.short(&case.id) == *short), "{short}");
    }
    shown.dedup();
    assert_eq!(shown.len(), 3_000);
    assert!(register.find("F-").is_err_and(|fault| fault.id() == "finding-unknown"));
    assert!(register.find("F-ZZZZZZZZ").is_err_and(|fault| fault.id() == "finding-unknown"));
    assert!(register.find("F-3").is_err_and(|fault| fault.id() == "finding-ambiguous"));
}

#[test]
fn records_are_read_as_they_are_written_and_what_is_none_says_nothing() {
    let seen = serde_json::to_value(Seen { last: Some(at(3)), ..seen("c", "a", Status::Fail, period(0, 10)) })
        .unwrap_or_default();
    let run = serde_json::json!({
        "from": at(0).to_string(), "to": at(10).to_string(), "ended": "whole", "judged": [judged("c", &[("a", Some(3))])],
    });
    let row = |action: &str, details: &serde_json::Value, outcome: &str| {
        let event = serde_json::json!({
            "action": action, "id": action, "outcome": outcome, "details": details, "actor": {"user": "root", "sudo_user": "aiko"},
        });
        [Cell::Time(at(10)), action.into(), event.to_string().as_str().into(), "s:1".into()]
    };
    let names = ["time", "operation", "raw", "record"];
    let register = |rows: Vec<[Cell; 4]>| Register::from_rows(&Rows::of(names, rows), at(10));
    let whole = register(vec![row(SEEN, &seen, "success"), row(RUN, &run, "success")]);
    let case = whole.get(&id("a")).unwrap_or_else(|| panic!("not found"));
    assert_eq!((case.state(), case.history.len()), (State::Open, 1));
    assert_eq!((case.history[0].by.as_deref(), case.history[0].record.as_str()), (Some("aiko"), "s:1"));
    assert_eq!(whole.last_run, Some(at(10)));
    for (action, details, outcome) in
        [(SEEN, &seen, "unknown"), (SEEN, &run, "success"), ("finding.burn", &seen, "success")]
    {
        assert!(register(vec![row(action, details, outcome)]).is_empty(), "{action} {outcome}");
    }
    let broken = [Cell::Time(at(10)), SEEN.into(), "{".into(), "s:1".into()];
    assert!(register(vec![broken]).is_empty());
}

/// Anything that may be told: runs over any period, and what people say.
fn anything() -> impl Strategy<Value = Vec<Told>> {
    let subject = prop_oneof![Just("a"), Just("b")];
    let one = (0_i64..40, 0_i64..40, 0_u8..6, subject, any::<bool>()).prop_map(|(day, to, kind, subject, flag)| {
        let over = period(to - 10, to);
        match kind {
            0 | 1 => ran(day, "c", over, &[subject]),
            2 => ran(day, "c", over, &[]),
            3 => vec![accept(day, subject, day + 1 + to)],
            4 => vec![resolve(day, &id(subject))],
            _ => {
                let measure = Measure {
                    finding: id(subject),
                    text: "t".to_owned(),
                    due: None,
                    check: flag.then(|| "c".to_owned()),
                };
                vec![told(at(day), Said::Measure(measure))]
            }
        }
    });
    proptest::collection::vec(one, 0..24).prop_map(|all| all.concat())
}

proptest! {
    /// The order in which records are read decides nothing, nor how often each is.
    #[test]
    fn the_order_of_reading_decides_nothing(all in anything(), seed in any::<u64>()) {
        let straight = Register::of(all.clone(), at(60));
        let mut mixed = [all.clone(), all].concat();
        let mut state = seed | 1;
        for place in (1..mixed.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            mixed.swap(place, usize::try_from(state >> 33).unwrap_or_default() % (place + 1));
        }
        let mixed = Register::of(mixed, at(60));
        prop_assert!(straight.iter().eq(mixed.iter()));
        for case in straight.iter() {
            prop_assert!(case.history.windows(2).all(|pair| pair[0].at <= pair[1].at), "{:?}", case.history);
        }
    }
}
