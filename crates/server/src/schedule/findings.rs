//! Which findings people are told of: those that are open and were not told since they opened, and those that were told and are
//! resolved. What an exception covers is not told; when it ends, the finding is open again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_comply::checks::Severity;
use shoseki_comply::findings::{Case, Id, Nature, Origin, Register, State, Teller};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Value as Said, msg};

use super::history::{FINDING_CLOSED, FINDING_OPENED, History};
use super::masked::masked;
use super::{News, Ran, Run};
use crate::Happening;

/// How many are told one by one; the rest of a run is told together.
const SINGLE: usize = 10;

/// What is new after a run of checks, as the register says.
pub(super) fn news(run: &Run<'_>, ran: &Ran, register: &Register, history: &History) -> News {
    let checks = Checks::of(&ran.report);
    let natures = run.schedule.natures();
    let of_run = || register.iter().filter(|case| checks.are_of(case));
    let mut opened: Vec<&Case> = of_run().filter(|case| is_opened(case, &natures, history)).collect();
    opened.sort_by_key(|case| std::cmp::Reverse(case.severity()));
    let is_closed = |case: &&Case| case.state() == State::Resolved && history.told_open(&case.id.to_string()).is_some();
    let closed: Vec<&Case> = of_run().filter(is_closed).collect();
    let mut news = News { verdict: ran.report["status"].as_str().unwrap_or_default().to_owned(), ..News::default() };
    news.details.push(("opened", opened.len().to_string()));
    news.details.push(("closed", closed.len().to_string()));
    let (single, rest) = opened.split_at(opened.len().min(SINGLE));
    news.tell.extend(single.iter().map(|case| open(run, case, register, &checks)));
    if !rest.is_empty() {
        let message = msg!("schedule-findings-opened", name = run.schedule.name.as_str(), count = rest.len());
        let failing: Vec<&Case> = rest.iter().copied().filter(|case| case.nature() == Nature::Fail).collect();
        let happening = Happening::failure(FINDING_OPENED, message).with("findings", ids(rest));
        let happening = happening.with("failing", ids(&failing)).with("severity", worst(rest));
        news.tell.push(run.named(happening).mended_by(msg!("schedule-findings-look")));
    }
    let (single, rest) = closed.split_at(closed.len().min(SINGLE));
    news.tell.extend(single.iter().map(|case| close(run, case, register)));
    if !rest.is_empty() {
        let message = msg!("schedule-findings-closed", name = run.schedule.name.as_str(), count = rest.len());
        let happening = Happening::new(FINDING_CLOSED, message).with("findings", ids(rest));
        news.tell.push(run.named(happening.with("severity", worst(rest))));
    }
    let told: Vec<&Id> = opened.iter().chain(&closed).map(|case| &case.id).collect();
    news.tell.extend(again(of_run().filter(|case| !told.contains(&&case.id)), run, (register, &checks), history));
    news
}

/// What is still so and could not be told to somebody, for him alone.
fn again<'a>(
    cases: impl Iterator<Item = &'a Case>,
    run: &Run<'_>,
    (register, checks): (&Register, &Checks),
    history: &History,
) -> Vec<Happening> {
    let natures = run.schedule.natures();
    let one = |case: &Case| {
        let action = match case.state() {
            State::Open if natures.contains(&case.nature()) => FINDING_OPENED,
            State::Resolved => FINDING_CLOSED,
            State::Open | State::Accepted => return None,
        };
        let to = history.untold.of(action, &case.id.to_string());
        let told = |case| match action {
            FINDING_OPENED => open(run, case, register, checks),
            _ => close(run, case, register),
        };
        (!to.is_empty()).then(|| told(case).again_to(&to))
    };
    cases.filter_map(one).take(SINGLE).collect() // the rest waits for the next run
}

fn is_opened(case: &Case, natures: &[Nature], history: &History) -> bool {
    // What was told without being a failure, and is one now, is news.
    let is_told =
        |(at, as_failure): (Timestamp, bool)| at >= case.open_since && (as_failure || case.nature() != Nature::Fail);
    let is_known = history.told_open(&case.id.to_string()).is_some_and(is_told);
    case.state() == State::Open && natures.contains(&case.nature()) && !is_known
}

fn ids(cases: &[&Case]) -> String {
    cases.iter().map(|case| case.id.to_string()).collect::<Vec<_>>().join(" ")
}

/// The severity of the worst.
fn worst(cases: &[&Case]) -> &'static str {
    cases.iter().map(|case| case.severity()).max().unwrap_or(Severity::Low).name()
}

/// What a run says of its checks.
struct Checks {
    ran: BTreeSet<String>,
    mend: BTreeMap<String, Said>,
    /// Who told it what exists, where it looked at accounts or at code.
    teller: Option<String>,
}

impl Checks {
    fn of(report: &Value) -> Self {
        let checks = || report["checks"].as_array().into_iter().flatten();
        let id = |check: &Value| check["id"].as_str().unwrap_or_default().to_owned();
        let mend = |check: &Value| {
            let text = |lang: &str| check["mend"][lang].as_str().unwrap_or_default().to_owned();
            (id(check), Said::Both { en: text("en"), ja: text("ja") })
        };
        // A check that found nothing to look at ran all the same: what it found before is gone.
        let asked = report["asked"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let teller = report["looked"]["from"].as_str().map(str::to_owned);
        Self { ran: checks().map(id).chain(asked).collect(), mend: checks().map(mend).collect(), teller }
    }

    /// Whether the run says something of a finding: its check ran, over what it was found in.
    fn are_of(&self, case: &Case) -> bool {
        let told_by = match &case.origin {
            Origin::Check(seen) => seen.told_by,
            Origin::Outside(_) => return false,
        };
        let is_its = told_by.is_none_or(|teller| self.teller.as_deref() == Some(teller.name()));
        is_its && case.check().is_some_and(|check| self.ran.contains(check))
    }
}

/// A severity as a word of each language.
fn word(severity: Severity) -> Message {
    match severity {
        Severity::Low => msg!("check-severity-low"),
        Severity::Medium => msg!("check-severity-medium"),
        Severity::High => msg!("check-severity-high"),
        Severity::Critical => msg!("check-severity-critical"),
    }
}

fn what(case: &Case) -> Said {
    Said::Both { en: masked(case.what(Lang::En)), ja: masked(case.what(Lang::Ja)) }
}

/// How a person sees whether it is mended: by the check over the evidence; of accounts and code, as the schedule looks at them.
fn looked(run: &Run<'_>, case: &Case) -> String {
    match &case.origin {
        Origin::Check(seen) if seen.told_by.is_none() => format!("shoseki check --check {}", seen.check),
        _ => format!("shoseki schedule run {}", run.schedule.name),
    }
}

fn open(run: &Run<'_>, case: &Case, register: &Register, checks: &Checks) -> Happening {
    let (check, id) = (case.check().unwrap_or_default(), register.short(&case.id));
    let message = msg!(
        "schedule-finding-opened",
        check = check,
        subject = masked(case.subject()),
        what = what(case),
        severity = word(case.severity()),
        id = id.as_str()
    );
    let how = checks.mend.get(check).cloned().unwrap_or_else(|| Said::Text(String::new()));
    let mend = msg!("schedule-finding-mend", how = how, id = id.as_str(), look = looked(run, case));
    let mut happening = detailed(run, case, Happening::failure(FINDING_OPENED, message)).mended_by(mend);
    // Of code, what a resource is called does not say where it is.
    let is_of_code = matches!(&case.origin, Origin::Check(seen) if seen.told_by == Some(Teller::Code));
    happening
        .beside
        .extend(case.place().filter(|_| is_of_code).map(|place| msg!("schedule-finding-place", place = masked(place))));
    happening
}

fn close(run: &Run<'_>, case: &Case, register: &Register) -> Happening {
    let (check, id) = (case.check().unwrap_or_default(), register.short(&case.id));
    let message = msg!("schedule-finding-closed", check = check, subject = masked(case.subject()), id = id);
    detailed(run, case, Happening::new(FINDING_CLOSED, message))
}

fn detailed(run: &Run<'_>, case: &Case, happening: Happening) -> Happening {
    let happening = run.named(happening);
    let happening = match case.place() {
        Some(place) => happening.with("place", masked(place)),
        None => happening,
    };
    happening
        .with("findings", &case.id)
        .with("check", case.check().unwrap_or_default())
        .with("subject", masked(case.subject()))
        .with("severity", case.severity().name())
        .with("nature", case.nature().name())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Covering;
    use super::*;
    use crate::Config;
    use serde_json::json;
    use shoseki_comply::checks::Status;
    use shoseki_comply::findings::{Accept, Both, Due, JudgedCheck, Run as Judged, Said as Says, Seen, Told};
    use shoseki_messages::Fault;

    const CHECK: &str = "vault_is_anchored";
    const DAY: i64 = 86_400_000_000;

    fn at(day: i64) -> Timestamp {
        Timestamp(1_772_668_800_000_000 + day * DAY)
    }

    fn id(subject: &str) -> Id {
        Id::of(CHECK, subject, "")
    }

    fn told(day: i64, id: String, said: Says) -> Told {
        Told { at: at(day), id, record: String::new(), by: None, said }
    }

    /// What a run of a day says that found these subjects.
    fn ran(day: i64, subjects: &[&str]) -> Vec<Told> {
        let (from, to) = (at(day - 2), at(day));
        let seen = |subject: &&str| {
            let seen = Seen {
                finding: id(subject),
                check: CHECK.to_owned(),
                subject: (*subject).to_owned(),
                severity: Severity::Critical,
                status: Status::Fail,
                to_review: false,
                what: Both { en: "no anchor".to_owned(), ja: "アンカーなし".to_owned() },
                events: 0,
                first: None,
                last: None,
                records: Vec::new(),
                requirements: Vec::new(),
                from,
                to,
                run: String::new(),
                place: None,
                told_by: None,
            };
            told(day, format!("{day}/{subject}"), Says::Seen(Box::new(seen)))
        };
        let found: BTreeMap<Id, Option<String>> = subjects.iter().map(|subject| (id(subject), None)).collect();
        let judged = JudgedCheck {
            check: CHECK.to_owned(),
            status: Status::Fail,
            is_blind: false,
            found,
            is_placed: false,
            hidden: Vec::new(),
            passed: Vec::new(),
        };
        let run = Says::Run(Box::new(Judged { from, to, looked: None, judged: vec![judged] }));
        subjects.iter().map(seen).chain([told(day, day.to_string(), run)]).collect()
    }

    /// The actions that are told on a day, with how many findings each has.
    fn look(history: &mut History, records: &[Told], day: i64) -> Vec<(&'static str, usize)> {
        let told = tell(history, records, day);
        told.iter().map(|told| (told.action, told.details["findings"].split(' ').count())).collect()
    }

    /// What is told on a day, a moment after it begins.
    fn tell(history: &mut History, records: &[Told], day: i64) -> Vec<Happening> {
        let config = Config::parse(
            "[[schedule]]\nname = \"a\"\nevery = \"1d\"\ncheck = { checks = \"vault_is_anchored\" }\n",
            "shoseki.toml",
        );
        let config = config.unwrap();
        let schedule = &config.schedules[0];
        let plan = schedule.plan(chrono_tz::Tz::UTC);
        let period = Covering::Last(1).of(at(day), &plan).unwrap();
        let run = Run { schedule, zone: plan.zone, due: at(day), is_late: false, period, days: None };
        let report = json!({"status": "fail", "checks": [{"id": CHECK, "mend": {"en": "add one", "ja": "追加する"}}]});
        let ran = Ran { command: String::new(), report, said: String::new(), is_cut: false };
        let register = Register::of(records.to_vec(), Timestamp(at(day).0 + 1));
        let mut tell = news(&run, &ran, &register, history).tell;
        for happening in &mut tell {
            happening.time = Timestamp(at(day).0 + 2);
            history.told(happening);
        }
        tell
    }

    #[test]
    fn a_finding_is_told_each_time_that_it_opens_and_once_each() {
        let (mut history, mut records) = (History::default(), ran(1, &["a"]));
        assert_eq!(look(&mut history, &records, 1), [("finding.opened", 1)]);
        records.extend(ran(2, &["a"]));
        assert_eq!(look(&mut history, &records, 2), []);
        records.extend(ran(3, &[]));
        assert_eq!(look(&mut history, &records, 3), [("finding.closed", 1)]);
        assert_eq!(look(&mut history, &records, 4), []);
        records.extend(ran(5, &["a"]));
        assert_eq!(look(&mut history, &records, 5), [("finding.opened", 1)], "it is found again");
        assert_eq!(look(&mut history, &records, 6), []);
    }

    #[test]
    fn what_is_accepted_is_told_when_that_is_over() {
        let (mut history, mut records) = (History::default(), ran(1, &["a"]));
        let until = Due { day: "-".to_owned(), end: at(5) };
        let (owner, reason) = ("Mei".to_owned(), "a move".to_owned());
        let accept = Accept { finding: id("a"), owner, reason, until, approved_by: None };
        records.push(told(2, "accept".to_owned(), Says::Accept(accept)));
        assert_eq!(look(&mut history, &records, 3), [], "it was accepted before anybody was told");
        records.extend(ran(6, &["a"]));
        assert_eq!(look(&mut history, &records, 6), [("finding.opened", 1)]);
        assert_eq!(look(&mut history, &records, 7), []);
    }

    #[test]
    fn what_was_told_and_then_accepted_is_told_again_when_that_is_over() {
        let (mut history, mut records) = (History::default(), ran(1, &["a"]));
        assert_eq!(look(&mut history, &records, 1), [("finding.opened", 1)]);
        let until = Due { day: "-".to_owned(), end: at(5) };
        let (owner, reason) = ("Mei".to_owned(), "a move".to_owned());
        let accept = Accept { finding: id("a"), owner, reason, until, approved_by: None };
        records.push(told(2, "accept".to_owned(), Says::Accept(accept)));
        records.extend(ran(3, &["a"]));
        assert_eq!(look(&mut history, &records, 3), [], "it is accepted, and known");
        records.extend(ran(6, &["a"]));
        assert_eq!(look(&mut history, &records, 6), [("finding.opened", 1)], "the exception is over");
        records.extend(ran(7, &["a"]));
        assert_eq!(look(&mut history, &records, 7), []);
    }

    #[test]
    fn who_could_not_be_told_is_told_at_the_next_run_and_nobody_else() {
        let alert = toml::from_str("name = \"ops\"\nwebhook = \"https://a\"").unwrap();
        let (mut history, mut records) = (History::default(), ran(1, &["a"]));
        history.untold.people(&[alert]);
        assert_eq!(look(&mut history, &records, 1), [("finding.opened", 1)]);
        let mut failed = Happening::failure(FINDING_OPENED, msg!("schedule-findings-look"));
        failed.time = Timestamp(at(1).0 + 2);
        let failed = failed.with("findings", id("a")).untold("ops", &Fault::world(msg!("server-alert-unreachable")));
        history.told(&Happening { time: Timestamp(at(1).0 + 2), ..failed });
        records.extend(ran(2, &["a"]));
        let told = tell(&mut history, &records, 2);
        assert_eq!(told.iter().map(|told| told.to.iter().cloned().collect()).collect::<Vec<Vec<_>>>(), [["ops"]]);
        records.extend(ran(3, &["a"]));
        assert_eq!(look(&mut history, &records, 3), [], "he was told");
    }

    #[test]
    fn what_is_secret_is_masked() {
        let subject = "GET /login?password=hunter2";
        let (mut history, records) = (History::default(), ran(1, &[subject]));
        let told = tell(&mut history, &records, 1);
        let json = told[0].to_json().to_string();
        assert!(!json.contains("hunter2") && json.contains("password=***"), "{json}");
    }

    #[test]
    fn many_are_told_together() {
        let names: Vec<String> = (0..25).map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut history, records) = (History::default(), ran(1, &names));
        let first = look(&mut history, &records, 1);
        assert_eq!((first.len(), first.last()), (SINGLE + 1, Some(&("finding.opened", 15))));
        assert_eq!(look(&mut history, &records, 2), []);
    }

    #[test]
    fn each_language_has_its_own_words() {
        let register = Register::of(ran(1, &["a"]), at(2));
        let case = register.iter().next().unwrap();
        let said = msg!("schedule-finding-mend", how = what(case), id = "F-1", look = "shoseki");
        assert!(said.text(Lang::En).starts_with("no anchor") && said.text(Lang::Ja).starts_with("アンカーなし"));
    }
}
