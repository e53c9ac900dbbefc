//! The fold: from records to how each finding stands. It depends on the records alone, and not on the order in which they are read.
//!
//! - Records are taken in the order of their times. In one moment, what is found comes before what is said of it; else the ids decide.
//! - A finding is open from the first run that found it, whatever period was judged.
//! - A run says something of a finding only where its period ends no earlier than that of any run before that did. So a look back at
//!   last year closes nothing, and opens nothing that was mended since.
//! - A run closes what it does not find, where its period reaches back to the last event of it, if it has one, where it judged the finding's check over a day at least and could judge all of it, or says pass
//!   of the finding's very subject. A check that did not run says nothing. Of accounts, a run says nothing but of those, and those of their
//!   regions, in which it looked; of code, nothing but of the files and folders that it was given. AWS, AWS Config and code close nothing
//!   that another told.
//! - What a run closed is open again where a run finds it. What a person closed is open again where a run finds it with an event after
//!   that; or, where it has no events, over a period that ends after it.
//! - An exception hides nothing: the finding is there, and open again when the exception is over. A person who resolves ends it too.
//! - A measure is proved by a run of its check after it, over a period that ends after it, that passes. Where the check fails later, the
//!   proof is gone, and a finding that was closed by it is open again.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;

use super::case::{Case, Happened, Moment, Origin, Resolution, Taken, nature};
use super::id::Id;
use super::said::{Accept, Added, Cause, JudgedCheck, Measure, Note, Resolve, Run, Said, Seen, Teller, Told};
use crate::checks::{Period, Status};

/// The shortest period by which a finding is closed, and a measure proved: the whole of a day, by which evidence is judged.
const SHORTEST: i64 = 86_400_000_000;

/// The state of the fold.
#[derive(Debug, Default)]
pub(super) struct Fold {
    pub(super) cases: BTreeMap<Id, Case>,
    by_check: BTreeMap<String, BTreeSet<Id>>,
    /// The time of the last run that judged something.
    pub(super) last_run: Option<Timestamp>,
}

impl Fold {
    /// Folds what was told up to a time.
    pub(super) fn of(mut told: Vec<Told>, at: Timestamp) -> Self {
        told.retain(|told| told.at <= at);
        told.sort_by(|a, b| a.order().cmp(&b.order()));
        told.dedup_by(|a, b| a.order() == b.order()); // a record may wait here and be sealed already
        let mut fold = Self::default();
        for told in &told {
            fold.take(told);
        }
        for case in fold.cases.values_mut() {
            expire(case, at);
        }
        fold
    }

    fn take(&mut self, told: &Told) {
        match &told.said {
            Said::Seen(seen) => self.seen(told, seen),
            Said::Run(run) => self.run(told, run),
            Said::Added(added) => self.added(told, added),
            Said::Cause(Cause { finding, text }) => self.with(finding, told, |case| {
                case.cause = Some(text.clone());
                Happened::Cause(text.clone())
            }),
            Said::Measure(measure) => self.measure(told, measure),
            Said::Accept(accept) => self.with(&accept.finding, told, |case| accepted(case, told, accept)),
            Said::Note(Note { finding, text }) => self.with(finding, told, |_| Happened::Noted(text.clone())),
            Said::Resolve(said) => self.with(&said.finding, told, |case| resolved(case, told, said)),
        }
    }

    /// What was said of a finding that is there, and its place in the history.
    fn with(&mut self, id: &Id, told: &Told, does: impl FnOnce(&mut Case) -> Happened) {
        if let Some(case) = self.cases.get_mut(id) {
            expire(case, told.at);
            let what = does(case);
            case.history.push(moment(told, what));
        }
    }

    fn seen(&mut self, told: &Told, seen: &Seen) {
        let Some(case) = self.cases.get_mut(&seen.finding) else {
            let period = Period { from: seen.from, to: seen.to };
            let case = new(&seen.finding, Origin::Check(Box::new(seen.clone())), told, Happened::Found(period));
            self.by_check.entry(seen.check.clone()).or_default().insert(seen.finding.clone());
            self.cases.insert(seen.finding.clone(), Case { judged_to: seen.to, seen_over: Some(period), ..case });
            return;
        };
        expire(case, told.at);
        let Origin::Check(was) = &mut case.origin else { return };
        if seen.to < was.to || seen.check != was.check {
            return; // of an older period, or no record of ours
        }
        let (before, after) = (nature(was), nature(seen));
        **was = seen.clone();
        if before != after {
            case.history.push(moment(told, Happened::Changed(before, after)));
        }
    }

    fn added(&mut self, told: &Told, added: &Added) {
        if !self.cases.contains_key(&added.finding) {
            let happened = Happened::Added(added.source.clone());
            let case = new(&added.finding, Origin::Outside(Box::new(added.clone())), told, happened);
            self.cases.insert(added.finding.clone(), case);
        }
    }

    fn measure(&mut self, told: &Told, measure: &Measure) {
        self.with(&measure.finding, told, |case| {
            case.measures.push(Taken {
                measure: measure.clone(),
                at: told.at,
                proof: None,
                judged_to: Timestamp(i64::MIN),
            });
            Happened::Measure(Box::new(measure.clone()))
        });
    }

    fn run(&mut self, told: &Told, run: &Run) {
        // Who looks at code alone has judged no evidence.
        if !run.judged.is_empty() && !is_of_code(run) {
            self.last_run = self.last_run.max(Some(told.at));
        }
        let none = BTreeSet::new();
        for judged in &run.judged {
            for id in self.by_check.get(&judged.check).unwrap_or(&none) {
                let Some(case) = self.cases.get_mut(id) else { continue };
                expire(case, told.at);
                match judged.found.get(id) {
                    Some(last) => found(case, told, (run, last.as_deref())),
                    None => absent(case, told, (run, judged)),
                }
            }
        }
        for case in self.cases.values_mut().filter(|case| !case.measures.is_empty()) {
            expire(case, told.at);
            run.judged.iter().for_each(|judged| proved(case, told, (run, judged)));
        }
    }
}

fn new(id: &Id, origin: Origin, told: &Told, happened: Happened) -> Case {
    Case {
        id: id.clone(),
        origin,
        first_seen: told.at,
        last_seen: told.at,
        seen_over: None,
        open_since: told.at,
        resolution: None,
        exception: None,
        cause: None,
        measures: Vec::new(),
        history: vec![moment(told, happened)],
        judged_to: Timestamp(i64::MIN),
        ended: None,
    }
}

fn moment(told: &Told, what: Happened) -> Moment {
    Moment { at: told.at, by: told.by.clone(), record: told.record.clone(), what }
}

/// Ends an exception whose last day is over.
fn expire(case: &mut Case, at: Timestamp) {
    let Some(over) = case.exception.take_if(|accept| accept.until.end <= at) else { return };
    let end = over.until.end;
    if case.resolution.is_none() {
        case.open_since = end;
        case.ended = Some(end);
    }
    let what = Happened::Ended(over.until.day);
    case.history.push(Moment { at: end, by: None, record: String::new(), what });
}

fn accepted(case: &mut Case, told: &Told, accept: &Accept) -> Happened {
    // One that was over when it was told excepts nothing.
    case.exception = Some(accept.clone()).filter(|accept| accept.until.end > told.at);
    case.ended = None;
    Happened::Accepted(Box::new(accept.clone()))
}

fn resolved(case: &mut Case, told: &Told, said: &Resolve) -> Happened {
    let resolution = Resolution { at: told.at, by: told.by.clone(), said: Some(said.clone()), is_confirmed: false };
    case.resolution = Some(resolution);
    (case.exception, case.ended) = (None, None);
    case.cause = said.cause.clone().or(case.cause.take());
    if let Some(text) = &said.measure {
        let measure = Measure { finding: said.finding.clone(), text: text.clone(), due: None, check: None };
        case.measures.push(Taken { measure, at: told.at, proof: None, judged_to: Timestamp(i64::MIN) });
    }
    Happened::Resolved(Box::new(said.clone()))
}

/// A run found it.
fn found(case: &mut Case, told: &Told, (run, last): (&Run, Option<&str>)) {
    if run.to < case.judged_to {
        return;
    }
    let is_again = case.is_found_again(run.to, last.and_then(|last| Timestamp::parse(last).ok()));
    case.judged_to = run.to;
    case.last_seen = told.at;
    case.seen_over = Some(run.period());
    if is_again {
        reopen(case, told, Happened::FoundAgain(run.period()));
    }
}

fn reopen(case: &mut Case, told: &Told, what: Happened) {
    case.resolution = None;
    case.open_since = told.at;
    case.history.push(moment(told, what));
}

/// A run judged its check and did not find it.
fn absent(case: &mut Case, told: &Told, (run, judged): (&Run, &JudgedCheck)) {
    let is_whole = run.to.0.saturating_sub(run.from.0) >= SHORTEST;
    // What happened is not undone by time: a run that does not reach back to it says nothing of it.
    let reaches = match &case.origin {
        Origin::Check(seen) => seen.last.is_none_or(|last| run.from <= last),
        Origin::Outside(_) => true,
    };
    let is_not_there = (reaches || case.resolution.is_some()) && !judged.is_blind && is_within(case, run, judged);
    let is_judged = judged.passed.contains(&case.id) || is_not_there;
    if run.to < case.judged_to || !is_whole || !is_judged {
        return;
    }
    case.judged_to = run.to;
    let what = match &mut case.resolution {
        None => {
            case.resolution = Some(Resolution { at: told.at, by: None, said: None, is_confirmed: true });
            case.ended = None;
            Happened::Gone(run.period())
        }
        Some(resolution) if !resolution.is_confirmed => {
            resolution.is_confirmed = true;
            Happened::Confirmed(run.period())
        }
        Some(_) => return,
    };
    case.history.push(moment(told, what));
}

/// Whether the run looked where the finding is: of what is in another account or region, or was told by another, it says nothing.
fn is_within(case: &Case, run: &Run, judged: &JudgedCheck) -> bool {
    if !judged.is_placed {
        return true;
    }
    let (Origin::Check(seen), Some(looked)) = (&case.origin, &run.looked) else { return false };
    let is_there = |place: &String| looked.has(place) && !judged.hidden.contains(place);
    seen.told_by.unwrap_or_default() == looked.from && seen.place.as_ref().is_some_and(is_there)
}

fn is_of_code(run: &Run) -> bool {
    run.looked.as_ref().is_some_and(|looked| looked.from == Teller::Code)
}

/// A run says something of the check that proves one of its measures.
fn proved(case: &mut Case, told: &Told, (run, judged): (&Run, &JudgedCheck)) {
    // One that is in a place is proved where it is; one from outside by a run to which nothing was hidden.
    let is_seen = match &case.origin {
        Origin::Check(seen) if seen.place.is_some() => is_within(case, run, judged),
        // What is to be made proves nothing of what is.
        _ => judged.hidden.is_empty() && !is_of_code(run),
    };
    let is_whole = is_seen && run.to.0.saturating_sub(run.from.0) >= SHORTEST;
    let mut what = None;
    for taken in case.measures.iter_mut().filter(|taken| taken.measure.check.as_ref() == Some(&judged.check)) {
        let is_after = told.at > taken.at && run.to > taken.at;
        // As with findings: a look back at an earlier period says nothing of what is so since.
        if !is_after || run.to < taken.judged_to || matches!(judged.status, Status::NoEvidence | Status::NotApplicable)
        {
            continue;
        }
        if is_whole || judged.status == Status::Fail {
            taken.judged_to = run.to;
        }
        match (&taken.proof, judged.status) {
            (None, Status::Pass) if is_whole => {
                taken.proof = Some((told.record.clone(), run.to));
                what = Some(Happened::Proved(judged.check.clone(), run.period()));
            }
            (Some(_), Status::Fail) => {
                taken.proof = None;
                what = Some(Happened::Disproved(judged.check.clone(), run.period()));
            }
            _ => {}
        }
    }
    match what {
        Some(what @ Happened::Disproved(..)) if case.resolution.is_some() => reopen(case, told, what),
        Some(what) => case.history.push(moment(told, what)),
        None => {}
    }
}
