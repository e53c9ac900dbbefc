//! Which findings people are told of: those that are open and were not told since they opened, and those that were told and are
//! resolved. What an exception covers is not told; when it ends, the finding is open again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_comply::checks::Severity;
use shoseki_comply::findings::{Case, Nature, Register, State};
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
        let happening = Happening::failure(FINDING_OPENED, message).with("findings", ids(rest));
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
    let told = history.told_open(&case.id.to_string());
    case.state() == State::Open && natures.contains(&case.nature()) && told.is_none_or(|told| told < case.open_since)
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
