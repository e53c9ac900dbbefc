//! Reading a framework: data that a user may write too, so that each mistake is said with what was expected.
//!
//! ```yaml
//! id: own
//! title: {en: Our own rules, ja: 社内規程}
//! attach: Our rules
//! requirements:
//!   - number: "1"
//!     title: {en: Nobody deletes, ja: 削除の禁止}
//!     asks: {en: Nobody deletes invoices., ja: 請求書を削除しない。}
//!     whose: customer
//!     checks: [own_no_deletions]
//! checks:
//!   - id: own_no_deletions
//!     title: {en: No invoice was deleted, ja: 請求書の削除がない}
//!     mend: {en: Ask who did., ja: 本人に確認してください。}
//!     severity: high
//!     query: filter eventName in ["DeleteObject", "DeleteObjects"] and not ispresent(errorCode) | fields @ptr
//!     rule: no_rows
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::source_names;

use super::{Framework, Requirement, Text};
use crate::checks::{CHECKS, Check, Looks, Query, Rule, Said, Severity};
use crate::yaml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    title: Text,
    attach: String,
    #[serde(default)]
    note: Option<Text>,
    requirements: Vec<Requirement>,
    #[serde(default)]
    checks: Vec<OwnCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnCheck {
    id: String,
    title: Text,
    mend: Text,
    severity: String,
    query: String,
    #[serde(default)]
    language: Option<String>,
    /// The one source that it asks about; `shoseki` for our own records.
    #[serde(default)]
    source: Option<String>,
    /// Whether it asks about all that came before the period's end.
    #[serde(default)]
    whole: bool,
    rule: String,
}

pub(super) fn framework(name: &str, text: &str) -> Result<Framework> {
    let file: File = yaml::read(name, text)?;
    let own = file.checks.into_iter().map(|check| check.check(name)).collect::<Result<Vec<Check>>>()?;
    let framework = Framework {
        id: file.id,
        title: file.title,
        attach: file.attach,
        note: file.note,
        requirements: file.requirements,
        own,
    };
    whole(name, &framework)?;
    Ok(framework)
}

impl OwnCheck {
    fn check(self, name: &str) -> Result<Check> {
        let unknown = |what: &str, value: &str, known: &str| {
            Fault::caller(msg!("comply-framework-value", name = name, what = what, value = value, known = known))
        };
        let severity = Severity::from_name(&self.severity)
            .ok_or_else(|| unknown("severity", &self.severity, "low, medium, high, critical"))?;
        let rule = Rule::from_name(&self.rule)
            .ok_or_else(|| unknown("rule", &self.rule, "no_rows, some_rows, review, at_least_N_a_day"))?;
        let is_sql = match self.language.as_deref() {
            None | Some("insights") => false,
            Some("sql") => true,
            Some(other) => return Err(unknown("language", other, "insights, sql")),
        };
        if let Some(source) = self.source.as_deref().filter(|name| source_names().all(|known| known != *name)) {
            return Err(unknown("source", source, &source_names().collect::<Vec<_>>().join(", ")));
        }
        if CHECKS.iter().any(|check| check.id == self.id) {
            return Err(Fault::caller(msg!("comply-framework-check-ours", name = name, check = self.id)));
        }
        let query = Query {
            text: Cow::Owned(self.query),
            is_sql,
            source: self.source.map(Cow::Owned),
            is_whole: self.whole,
            is_open: false,
        };
        Ok(Check {
            id: Cow::Owned(self.id),
            severity,
            looks: Looks::Own { query, rule },
            said: Some(Said { en: [self.title.en, self.mend.en], ja: [self.title.ja, self.mend.ja] }),
        })
    }
}

/// Nothing dangles, nothing is empty, nothing stands twice.
fn whole(name: &str, framework: &Framework) -> Result<()> {
    let mut numbers = BTreeSet::new();
    for one in &framework.requirements {
        let number = one.number.as_str();
        if !numbers.insert(number) {
            return Err(Fault::caller(msg!("comply-framework-twice", name = name, number = number)));
        }
        if one.checks.is_empty() && one.manual.is_none() && one.not_applicable.is_none() {
            return Err(Fault::caller(msg!("comply-framework-empty", name = name, number = number)));
        }
        if one.manual.as_ref().is_some_and(|manual| manual.months == 0) {
            return Err(Fault::caller(msg!("comply-framework-months", name = name, number = number)));
        }
        if let Some(check) = one.checks.iter().find(|id| framework.check(id).is_none()) {
            let check = check.as_str();
            return Err(Fault::caller(msg!("comply-framework-check", name = name, number = number, check = check)));
        }
    }
    let is_named = |check: &Check| framework.requirements.iter().any(|one| one.checks.iter().any(|id| *id == check.id));
    if let Some(check) = framework.own.iter().find(|check| !is_named(check)) {
        return Err(Fault::caller(msg!("comply-framework-unused", name = name, check = check.id.as_ref())));
    }
    let mut own = BTreeSet::new();
    match framework.own.iter().find(|check| !own.insert(check.id.as_ref())) {
        Some(twice) => Err(Fault::caller(msg!("comply-framework-twice", name = name, number = twice.id.as_ref()))),
        None => Ok(()),
    }
}
