//! Which findings people are told of: those that are open and were not told since they opened, and those that were told and are
//! resolved. What an exception covers is not told; when it ends, the finding is open again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_comply::checks::Severity;
use shoseki_comply::findings::{Case, Nature, Register, State};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Value as Said, msg};

use super::history::{FINDING_CLOSED, FINDING_OPENED, History};
use super::{News, Ran, Run};
use crate::Happening;

/// How many are told one by one; the rest of a run is told together.
const SINGLE: usize = 10;

/// What is new after a run of checks, as the register says.
pub(super) fn news(run: &Run<'_>, ran: &Ran, register: &Register, history: &History) -> News {
    let checks = Checks::of(&ran.report);
    let natures = run.schedule.natures();
    let of_run = || register.iter().filter(|case| case.check().is_some_and(|check| checks.ran.contains(check)));
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
        let happening = happening.with("failing", ids(&failing));
        news.tell.push(run.named(happening).mended_by(msg!("schedule-findings-look")));
    }
    let (single, rest) = closed.split_at(closed.len().min(SINGLE));
    news.tell.extend(single.iter().map(|case| close(run, case, register)));
    if !rest.is_empty() {
        let message = msg!("schedule-findings-closed", name = run.schedule.name.as_str(), count = rest.len());
        news.tell.push(run.named(Happening::new(FINDING_CLOSED, message).with("findings", ids(rest))));
    }
    news
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

/// What a run says of its checks.
struct Checks {
    ran: BTreeSet<String>,
    mend: BTreeMap<String, Said>,
}

impl Checks {
    fn of(report: &Value) -> Self {
        let checks = || report["checks"].as_array().into_iter().flatten();
        let id = |check: &Value| check["id"].as_str().unwrap_or_default().to_owned();
        let mend = |check: &Value| {
            let text = |lang: &str| check["mend"][lang].as_str().unwrap_or_default().to_owned();
            (id(check), Said::Both { en: text("en"), ja: text("ja") })
        };
        Self { ran: checks().map(id).collect(), mend: checks().map(mend).collect() }
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
    Said::Both { en: case.what(Lang::En).to_owned(), ja: case.what(Lang::Ja).to_owned() }
}

fn open(run: &Run<'_>, case: &Case, register: &Register, checks: &Checks) -> Happening {
    let (check, id) = (case.check().unwrap_or_default(), register.short(&case.id));
    let message = msg!(
        "schedule-finding-opened",
        check = check,
        subject = case.subject(),
        what = what(case),
        severity = word(case.severity()),
        id = id.as_str()
    );
    let how = checks.mend.get(check).cloned().unwrap_or_else(|| Said::Text(String::new()));
    let mend = msg!("schedule-finding-mend", how = how, id = id.as_str(), check = check);
    detailed(run, case, Happening::failure(FINDING_OPENED, message)).mended_by(mend)
}

fn close(run: &Run<'_>, case: &Case, register: &Register) -> Happening {
    let (check, id) = (case.check().unwrap_or_default(), register.short(&case.id));
    let message = msg!("schedule-finding-closed", check = check, subject = case.subject(), id = id);
    detailed(run, case, Happening::new(FINDING_CLOSED, message))
}

fn detailed(run: &Run<'_>, case: &Case, happening: Happening) -> Happening {
    run.named(happening)
        .with("findings", &case.id)
        .with("check", case.check().unwrap_or_default())
        .with("subject", case.subject())
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
    use shoseki_comply::findings::{Accept, Both, Due, Id, JudgedCheck, Run as Judged, Said as Says, Seen, Told};

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

    /// The actions that are told on a day, with how many findings each has; what is told is told a moment after the day begins.
    fn look(history: &mut History, records: &[Told], day: i64) -> Vec<(&'static str, usize)> {
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
        let ran = Ran { command: String::new(), report, said: String::new() };
        let register = Register::of(records.to_vec(), Timestamp(at(day).0 + 1));
        let mut tell = news(&run, &ran, &register, history).tell;
        for happening in &mut tell {
            happening.time = Timestamp(at(day).0 + 2);
            history.told(happening);
        }
        tell.iter().map(|told| (told.action, told.details["findings"].split(' ').count())).collect()
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
        let said = msg!("schedule-finding-mend", how = what(case), id = "F-1", check = CHECK);
        assert!(said.text(Lang::En).starts_with("no anchor") && said.text(Lang::Ja).starts_with("アンカーなし"));
    }
}
