//! What a run says of findings: which it found, which passed, and the whole of those that are new or have changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::Lang;

use super::case::{Case, State, accept_json, nature};
use super::id::Id;
use super::register::Register;
use super::said::{Accept, Both, JudgedCheck, Looking, Seen, Teller};
use crate::checks::{Finding, Hides, Judged, MOST_RECORDS, Period, Status};

/// After how many microseconds of new events the whole of a finding that is still so is said again: a week.
const AGAIN: i64 = 7 * 86_400_000_000;
/// How much later a period ends, at least, for which a finding that reads otherwise is said again: half a day, so that a daily run says
/// what is so today.
const LATER: i64 = 12 * 3_600_000_000;
/// How many texts of what is one finding are kept.
const TEXTS: usize = 3;
/// How long a kept text may be, in letters.
const LONGEST: usize = 2_000;

/// A run.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The period that was judged.
    pub period: Period,
    /// The id of the run's record.
    pub run: &'a str,
    /// Where it looked, where it looked at accounts.
    pub looked: Option<&'a Looking>,
}

impl About<'_> {
    /// Who told what a check found; nobody where it looked at the evidence.
    fn teller(&self, judged: &Judged<'_>) -> Option<Teller> {
        self.looked.filter(|_| judged.check.needs_a_look()).map(|looked| looked.from)
    }
}

/// What is known of a finding that a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub id: Id,
    /// Its name as it is shown.
    pub short: String,
    /// Whether no run before found it, or it was resolved since.
    pub is_new: bool,
    /// How it stands.
    pub state: State,
    /// The exception that is in force.
    pub exception: Option<Accept>,
}

impl Known {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.short,
            "finding": self.id.to_string(),
            "new": self.is_new,
            "state": self.state.name(),
            "exception": self.exception.as_ref().map(accept_json),
        })
    }
}

/// What a run says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Of each check, for the record of the run.
    pub judged: Vec<JudgedCheck>,
    /// Of each finding that is new or has changed, a record of its own.
    pub seen: Vec<Seen>,
}

/// What a run says, over what was known before; marks the findings with what is known of them. `requirements` names those that a check
/// is evidence for.
pub fn state(
    judged: &mut [Judged<'_>],
    before: &Register,
    about: About<'_>,
    requirements: &dyn Fn(&str) -> Vec<String>,
) -> Stated {
    let mut stated = Stated::default();
    for judged in judged {
        let check = judged.check.id.to_string();
        let teller = about.teller(judged);
        let mut groups: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
        for (at, finding) in judged.findings.iter().enumerate().filter(|(_, finding)| !is_plainly_good(finding)) {
            groups.entry(id_of(&check, finding, teller)).or_default().push(at);
        }
        let mut found = BTreeMap::new();
        for (id, group) in groups {
            let seen = seen(&id, judged, &group, about);
            found.insert(id.clone(), seen.last.map(|last| last.to_string()));
            let known = known(&id, before, &seen);
            if is_to_be_said(before.get(&id), &known, &seen) {
                stated.seen.push(Seen { requirements: requirements(&check), ..seen });
            }
            for at in group {
                if let Some(finding) = judged.findings.get_mut(at) {
                    finding.known = Some(known.clone());
                }
            }
        }
        let passed = passed(judged, before, &found, teller);
        let (status, is_placed) = (judged.status(), judged.check.needs_a_look());
        let (is_blind, hidden) = match is_placed {
            true => hidden(judged, about.looked.is_some()),
            false => (judged.findings.iter().any(|finding| finding.status == Status::NoEvidence), Vec::new()),
        };
        stated.judged.push(JudgedCheck { check, status, is_blind, is_placed, hidden, found, passed });
    }
    stated
}

/// Whether nothing is closed by what was not found, and in which places alone it is not: where something was not seen that could be
/// there. Who looked without saying where closes nothing.
fn hidden(judged: &Judged<'_>, is_said_where: bool) -> (bool, Vec<String>) {
    let is_all = judged.findings.iter().any(|finding| finding.hides == Hides::All);
    let places = judged.findings.iter().filter_map(|finding| match &finding.hides {
        Hides::Place(place) => Some(place.clone()),
        Hides::Nothing | Hides::All => None,
    });
    let mut places: Vec<String> = places.collect();
    places.sort();
    places.dedup();
    (is_all || !is_said_where, places)
}

fn is_plainly_good(finding: &Finding) -> bool {
    matches!(finding.status, Status::Pass | Status::NotApplicable) && !finding.is_to_review
}

/// The name of what was found: of one subject, what is wrong and what is only to be looked at are two. So are what AWS answers, what
/// AWS Config recorded and what stands in code: each is mended when its own origin says so. Two files may call something alike.
fn id_of(check: &str, finding: &Finding, teller: Option<Teller>) -> Id {
    let review = if finding.is_to_review { "review" } else { "" };
    let origin = match teller {
        Some(Teller::AwsConfig) => "\naws-config".to_owned(),
        Some(Teller::Code) => format!("\ncode {}", finding.place.as_deref().unwrap_or_default()),
        Some(Teller::Live) | None => String::new(),
    };
    Id::of(check, &finding.subject, &format!("{}\n{review}{origin}", finding.aspect))
}

/// One or several that a check says of one subject, as one: as bad as the worst of them.
fn seen(id: &Id, judged: &Judged<'_>, group: &[usize], about: About<'_>) -> Seen {
    let all: Vec<&Finding> = group.iter().filter_map(|at| judged.findings.get(*at)).collect();
    let text = |lang: Lang, between: &str| {
        let mut texts: Vec<String> = all.iter().map(|finding| finding.what.text(lang)).collect();
        texts.truncate(TEXTS);
        texts.join(between).chars().take(LONGEST).collect::<String>()
    };
    let mut records: Vec<String> = all.iter().flat_map(|finding| finding.records.iter().cloned()).collect();
    records.sort();
    records.dedup();
    records.truncate(MOST_RECORDS);
    Seen {
        finding: id.clone(),
        check: judged.check.id.to_string(),
        subject: all.first().map(|finding| finding.subject.clone()).unwrap_or_default(),
        severity: judged.check.severity,
        status: Status::of_all(all.iter().map(|finding| finding.status)),
        to_review: all.iter().any(|finding| finding.is_to_review),
        what: Both { en: text(Lang::En, "; "), ja: text(Lang::Ja, "、") },
        events: all.iter().map(|finding| finding.events).sum(),
        first: all.iter().filter_map(|finding| finding.first).min(),
        last: all.iter().filter_map(|finding| finding.last).max(),
        records,
        requirements: Vec::new(),
        from: about.period.from,
        to: about.period.to,
        run: about.run.to_owned(),
        place: all.iter().find_map(|finding| finding.place.clone()),
        told_by: about.teller(judged),
    }
}

fn known(id: &Id, before: &Register, seen: &Seen) -> Known {
    let case = before.get(id);
    let is_again = case.is_some_and(|case| case.is_found_again(seen.to, seen.last));
    let exception = case.and_then(|case| case.exception.clone());
    let state = match case {
        Some(case) if !is_again => case.state(),
        _ if exception.is_some() => State::Accepted,
        _ => State::Open,
    };
    Known { id: id.clone(), short: before.short(id), is_new: case.is_none() || is_again, state, exception }
}

fn is_to_be_said(case: Option<&Case>, known: &Known, seen: &Seen) -> bool {
    let Some(case) = case.filter(|_| !known.is_new) else { return true };
    let super::Origin::Check(was) = &case.origin else { return false };
    let went_on = |last: Timestamp| was.last.is_none_or(|before| last.0.saturating_sub(before.0) >= AGAIN);
    // What is said of another period stands for that one: a text of counts that changes within a period alone is not worth a record.
    let is_other = seen.what != was.what && seen.to.0.saturating_sub(was.to.0) >= LATER;
    let is_changed = nature(was) != nature(seen) || was.severity != seen.severity;
    // What was found before it was said where: now it is.
    let is_placed_now = was.place.is_none() && seen.place.is_some();
    seen.to >= was.to && (is_changed || is_other || is_placed_now || seen.last.is_some_and(went_on))
}

/// What was open and is not found, and whose very subject passes.
fn passed(
    judged: &Judged<'_>,
    before: &Register,
    found: &BTreeMap<Id, Option<String>>,
    teller: Option<Teller>,
) -> Vec<Id> {
    let check = judged.check.id.as_ref();
    let is_told_so = |case: &&Case| match &case.origin {
        super::Origin::Check(seen) => seen.told_by.unwrap_or_default() == teller.unwrap_or_default(),
        super::Origin::Outside(_) => false,
    };
    let is_open = |case: &&Case| case.resolution.as_ref().is_none_or(|resolution| !resolution.is_confirmed);
    let of_check = before.iter().filter(|case| case.check() == Some(check) && !found.contains_key(&case.id));
    // Of code, another file may call something else so.
    let is_its = |case: &Case, finding: &Finding| {
        let is_there = match &case.origin {
            super::Origin::Check(seen) => teller != Some(Teller::Code) || finding.place == seen.place,
            super::Origin::Outside(_) => false,
        };
        is_there && finding.subject == case.subject()
    };
    let passes = |case: &&Case| {
        let mut of_subject = judged.findings.iter().filter(|finding| is_its(case, finding)).peekable();
        of_subject.peek().is_some() && of_subject.all(|finding| finding.status == Status::Pass)
    };
    of_check.filter(is_open).filter(is_told_so).filter(passes).map(|case| case.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use shoseki_messages::msg;

    use super::super::said::{Run, Said, Told};
    use super::*;
    use crate::checks::{Check, find};

    const DAY: i64 = 86_400_000_000;
    const BEGIN: i64 = 1_767_225_600_000_000;

    fn at(day: i64) -> Timestamp {
        Timestamp(BEGIN + day * DAY)
    }

    fn check() -> &'static Check {
        find("evidence_refusals_are_listed", &[]).unwrap_or_else(|| panic!("no check"))
    }

    fn failure(subject: &str, last: Option<i64>) -> Finding {
        Finding::fail(subject, msg!("check-found-no-anchor")).of_events(1, None, last.map(at))
    }

    /// What a run on a day says of these findings, and the records that it leaves.
    fn ran(day: i64, findings: Vec<Finding>, before: &[Told]) -> (Stated, Vec<Told>, Vec<Finding>) {
        let register = Register::of(before.to_vec(), at(day));
        let period = Period { from: at(day - 30), to: at(day) };
        let mut judged = [Judged { check: check(), findings }];
        let about = About { period, run: "r", looked: None };
        let stated = state(&mut judged, &register, about, &|_| vec!["PCI DSS 10.2.1.4".to_owned()]);
        let told = |id: String, said: Said| {
            let record = format!("{day}:{id}");
            Told { at: at(day), id, record, by: None, said }
        };
        let mut records: Vec<Told> = before.to_vec();
        let seen = |seen: &Seen| told(format!("{day}/{}", seen.finding), Said::Seen(Box::new(seen.clone())));
        records.extend(stated.seen.iter().map(seen));
        let run = Run { from: period.from, to: period.to, looked: None, judged: stated.judged.clone() };
        records.push(told(day.to_string(), Said::Run(Box::new(run))));
        let [judged] = judged;
        (stated, records, judged.findings)
    }

    #[test]
    fn what_is_still_so_is_said_by_its_name_alone() {
        let many = |last: Option<i64>| (0..1_000).map(|n| failure(&n.to_string(), last)).collect::<Vec<Finding>>();
        let (first, records, _) = ran(1, many(None), &[]);
        assert_eq!((first.seen.len(), first.judged[0].found.len()), (1_000, 1_000));
        assert_eq!(first.seen[0].requirements, ["PCI DSS 10.2.1.4"]);
        let (second, records, found) = ran(2, many(None), &records);
        assert_eq!((second.seen.len(), second.judged[0].found.len()), (0, 1_000));
        assert!(found.iter().all(|finding| finding.known.as_ref().is_some_and(|known| !known.is_new)));
        let bytes = serde_json::to_string(&second.judged).unwrap_or_default().len();
        assert!(bytes < 50_000, "a thousand that are still so cost {bytes} bytes a run");
        let (third, ..) = ran(3, many(Some(3)), &records);
        assert_eq!(third.seen.len(), 1_000, "now there are events");
    }

    #[test]
    fn what_changes_or_comes_back_or_goes_on_for_a_week_is_said_again() {
        let seen = |(stated, ..): &(Stated, Vec<Told>, Vec<Finding>)| stated.seen.len();
        let first = ran(1, vec![failure("a", Some(0))], &[]);
        let next = ran(2, vec![failure("a", Some(1))], &first.1);
        assert_eq!((seen(&first), seen(&next)), (1, 0));
        assert_eq!(seen(&ran(9, vec![failure("a", Some(7))], &next.1)), 1, "a week of new events");
        let unknown = vec![Finding::no_evidence("a", msg!("check-found-source-missing"))];
        assert_eq!(seen(&ran(3, unknown, &next.1)), 1, "another status");
        let gone = ran(3, vec![Finding::pass("a", msg!("check-found-anchor"))], &next.1);
        assert_eq!((seen(&gone), gone.0.judged[0].passed.len()), (0, 1));
        let back = ran(4, vec![failure("a", Some(3))], &gone.1);
        let is_new = back.2[0].known.as_ref().map(|known| (known.is_new, known.state));
        assert_eq!((seen(&back), is_new), (1, Some((true, State::Open))));
        // A look back at what is resolved is neither new nor open.
        let (_, records, _) = ran(60, vec![Finding::pass("a", msg!("check-found-anchor"))], &back.1);
        let looked = ran(20, vec![failure("a", Some(3))], &records);
        assert_eq!(looked.2[0].known.as_ref().map(|known| known.is_new), Some(false));
    }

    #[test]
    fn what_is_wrong_and_what_is_to_be_looked_at_are_two_and_the_same_twice_is_one() {
        let review = Finding::pass("a", msg!("check-found-anchor")).to_review();
        let both = vec![failure("a", None), review, failure("a", None).proved_by(["s:2".to_owned()])];
        let (stated, _, found) = ran(1, both, &[]);
        assert_eq!(stated.seen.len(), 2);
        let id = |at: usize| found[at].known.as_ref().map(|known| known.id.clone());
        assert!(id(0) == id(2) && id(0) != id(1));
        let wrong = stated.seen.iter().find(|seen| !seen.to_review);
        assert_eq!(wrong.map(|seen| (seen.events, seen.records.clone())), Some((2, vec!["s:2".to_owned()])));
        let told = failure("a", None).told_by("2026-03-05");
        assert_eq!(ran(1, vec![failure("a", None), told], &[]).0.seen.len(), 2);
    }

    #[test]
    fn what_aws_answers_and_what_was_recorded_are_two_and_each_says_where() {
        let Some(check) = find("kms_key_rotates", &[]) else { panic!("no check") };
        let places = ["1 us-east-1".to_owned()];
        let ran = |from: Teller, findings: Vec<Finding>, before: &[Told]| {
            let looking = Looking { from, places: places.iter().cloned().collect() };
            let period = Period { from: at(0), to: at(10) };
            let mut judged = [Judged { check, findings }];
            let about = About { period, run: "r", looked: Some(&looking) };
            state(&mut judged, &Register::of(before.to_vec(), at(10)), about, &|_| Vec::new())
        };
        let failed = || Finding { place: Some(places[0].clone()), ..failure("key", None) };
        let (live, recorded) = (ran(Teller::Live, vec![failed()], &[]), ran(Teller::AwsConfig, vec![failed()], &[]));
        assert_ne!(live.seen[0].finding, recorded.seen[0].finding);
        assert_eq!(live.seen[0].place.as_deref(), Some("1 us-east-1"));
        assert_eq!((live.seen[0].told_by, recorded.seen[0].told_by), (Some(Teller::Live), Some(Teller::AwsConfig)));
        assert!(live.judged[0].is_placed && !live.judged[0].is_blind);
        // Its subject passes by one of them: that is said of what this one found.
        let seen = |seen: &Seen| Said::Seen(Box::new(seen.clone()));
        let told = |id: &str, said: Said| Told { at: at(1), id: id.to_owned(), record: id.to_owned(), by: None, said };
        let before = [told("l", seen(&live.seen[0])), told("c", seen(&recorded.seen[0]))];
        let passes = ran(Teller::Live, vec![Finding::pass("key", msg!("check-found-anchor"))], &before);
        assert_eq!(passes.judged[0].passed, [live.seen[0].finding.clone()]);
        // What was not seen hides its place, or all.
        let unseen = |hides: Hides| Finding { hides, ..Finding::no_evidence("x", msg!("check-found-source-missing")) };
        let hidden = ran(Teller::Live, vec![unseen(Hides::Place(places[0].clone()))], &[]);
        assert_eq!((hidden.judged[0].is_blind, &hidden.judged[0].hidden[..]), (false, &places[..]));
        assert!(ran(Teller::Live, vec![unseen(Hides::All)], &[]).judged[0].is_blind);
    }

    #[test]
    fn what_stands_in_code_is_of_its_file_and_closed_by_who_looked_there() {
        let Some(check) = find("kms_key_rotates", &[]) else { panic!("no check") };
        let in_file = |finding: Finding, file: &str| Finding { place: Some(file.to_owned()), ..finding };
        let ran = |day: i64, root: &str, findings: Vec<Finding>, before: &[Told]| {
            let looking = Looking { from: Teller::Code, places: [root.to_owned()].into() };
            let period = Period { from: at(day - 1), to: at(day) };
            let mut judged = [Judged { check, findings }];
            let about = About { period, run: "r", looked: Some(&looking) };
            let stated = state(&mut judged, &Register::of(before.to_vec(), at(day)), about, &|_| Vec::new());
            let told = |id: String, said: Said| Told { at: at(day), id: id.clone(), record: id, by: None, said };
            let seen = stated
                .seen
                .iter()
                .map(|seen| told(format!("{day}/{}", seen.finding), Said::Seen(Box::new(seen.clone()))));
            let run = Run { from: period.from, to: period.to, looked: Some(looking), judged: stated.judged };
            let run = told(day.to_string(), Said::Run(Box::new(run)));
            before.iter().cloned().chain(seen).chain([run]).collect::<Vec<Told>>()
        };
        let (a, b) = ("/infra/a/main.tf", "/infra/b/main.tf");
        let both = ran(
            1,
            "/infra",
            vec![in_file(failure("aws_kms_key.k", None), a), in_file(failure("aws_kms_key.k", None), b)],
            &[],
        );
        let states = |records: &[Told]| {
            let register = Register::of(records.to_vec(), at(9));
            let of = |file: &str| {
                let is_its = |case: &&Case| matches!(&case.origin, super::super::Origin::Check(seen) if seen.place.as_deref() == Some(file));
                register.iter().find(is_its).map(Case::state)
            };
            (of(a), of(b))
        };
        assert_eq!(states(&both), (Some(State::Open), Some(State::Open)));
        assert_eq!(Register::of(both.clone(), at(9)).last_run, None, "no evidence was judged");
        // One of that name passes in the other file, and this one is gone from its own; a folder of a like name is another.
        let passed = || in_file(Finding::pass("aws_kms_key.k", msg!("check-found-anchor")), b);
        assert_eq!(states(&ran(2, "/infra/b", vec![passed()], &both)), (Some(State::Open), Some(State::Resolved)));
        assert_eq!(states(&ran(2, "/inf", Vec::new(), &both)), (Some(State::Open), Some(State::Open)));
        assert_eq!(states(&ran(2, "/infra", vec![passed()], &both)), (Some(State::Resolved), Some(State::Resolved)));
    }

    #[test]
    fn a_subject_passes_only_where_nothing_else_is_said_of_it() {
        let (_, records, _) = ran(1, vec![failure("a", None), failure("b", None)], &[]);
        let blind = Finding::no_evidence("c", msg!("check-found-source-missing"));
        let (stated, records, _) = ran(2, vec![Finding::pass("a", msg!("check-found-anchor")), blind], &records);
        assert!(stated.judged[0].is_blind && stated.judged[0].passed.len() == 1);
        let register = Register::of(records, at(2));
        let states: Vec<(&str, State)> = register.iter().map(|case| (case.subject(), case.state())).collect();
        assert!(states.contains(&("a", State::Resolved)) && states.contains(&("b", State::Open)), "{states:?}");
    }
}
