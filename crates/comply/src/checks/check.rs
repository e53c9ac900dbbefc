//! What a check is: its name, what it looks at, and how it judges.

use std::borrow::Cow;

use serde_json::{Value, json};
use shoseki_messages::{Lang, lookup};

use super::evidence::Evidence;
use super::finding::{Finding, Severity, Status};
use super::own::Rule;
use super::settings::At;
use crate::findings::State;
use crate::inventory::{Listening, Speech};
use crate::settings::Kind;

/// A question that a check asks. An auditor can ask the same with `shoseki query`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// Its text.
    pub text: Cow<'static, str>,
    /// Whether it is SQL, and not the language of CloudWatch Logs Insights.
    pub is_sql: bool,
    /// The one source that it asks about (`--source`); `shoseki` for our own records.
    pub source: Option<Cow<'static, str>>,
    /// Whether it asks about all that came before the period's end, and not about the period alone.
    pub is_whole: bool,
    /// Whether it asks up to now, and not up to the period's end: what came later may say something about the period.
    pub is_open: bool,
}

/// The source of our own records.
const OWN: Option<Cow<'static, str>> = Some(Cow::Borrowed("shoseki"));

impl Query {
    /// A question in SQL about the period.
    pub const fn sql(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: true, source: None, is_whole: false, is_open: false }
    }

    /// A question in SQL about all that came before the period's end.
    pub const fn whole_sql(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: true, source: None, is_whole: true, is_open: false }
    }

    /// A question in SQL about our own records of the period.
    pub const fn own_sql(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: true, source: OWN, is_whole: false, is_open: false }
    }

    /// A question in SQL about our own records from the period's beginning up to now.
    pub const fn own_open_sql(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: true, source: OWN, is_whole: false, is_open: true }
    }

    /// A question in SQL about all our own records before the period's end.
    pub const fn own_whole_sql(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: true, source: OWN, is_whole: true, is_open: false }
    }

    /// A question in the language of CloudWatch Logs Insights about the period.
    pub const fn insights(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), is_sql: false, source: None, is_whole: false, is_open: false }
    }

    /// Whether it asks about our own records alone.
    pub fn is_own(&self) -> bool {
        self.source == OWN
    }

    /// The command that asks it.
    pub fn command(&self, (from, to): (&str, &str)) -> String {
        let text = self.text.replace('\'', "'\\''");
        let sql = if self.is_sql { "--sql " } else { "" };
        let source = self.source.as_ref().map(|source| format!(" --source {source}")).unwrap_or_default();
        let from = if self.is_whole { String::new() } else { format!(" --from {from}") };
        let to = if self.is_open { String::new() } else { format!(" --to {to}") };
        format!("shoseki query {sql}'{text}'{source}{from}{to}")
    }
}

/// What a check looks at.
#[derive(Clone, Debug)]
pub enum Looks {
    /// The rows of questions about the evidence, judged by a function that sees nothing else. Where there is no question, what
    /// arrived and the vault itself are judged.
    Evidence {
        /// The questions.
        queries: &'static [Query],
        /// The judgement.
        judge: fn(&Evidence<'_>) -> Vec<Finding>,
    },
    /// The gap register of the period.
    Gaps(fn(&Evidence<'_>) -> Vec<Finding>),
    /// Settings: each resource of these kinds, judged within its estate, whatever told of it.
    Settings {
        /// The kinds.
        kinds: &'static [Kind],
        /// The judgement of one resource; nothing where it does not concern it.
        judge: fn(At<'_>) -> Vec<Finding>,
        /// How it is mended in Terraform: attributes of the resource, or a resource of its own beside it.
        terraform: &'static str,
    },
    /// What exists against what speaks: an estate, and the streams of a vault.
    Inventory {
        /// The kinds of resources.
        kinds: &'static [Kind],
        /// The questions by which it is known what spoke.
        queries: &'static [Query],
        /// What is said of each of them.
        judge: fn(&Listening<'_>) -> Vec<Speech>,
    },
    /// What a set-up plans, judged by whoever made the plan: here it says nothing.
    Setup,
    /// A user's own question, judged by a rule of data.
    Own {
        /// The question.
        query: Query,
        /// The rule.
        rule: Rule,
    },
}

/// Texts of a user's own check; those of ours stand in the catalogue.
#[derive(Clone, Debug)]
pub struct Said {
    /// In English.
    pub en: [String; 2],
    /// In Japanese.
    pub ja: [String; 2],
}

/// A check.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name: `evidence_has_no_open_gap`.
    pub id: Cow<'static, str>,
    /// How much its failure matters.
    pub severity: Severity,
    /// What it looks at, and how it judges.
    pub looks: Looks,
    /// The title and what to do of a user's own check.
    pub said: Option<Said>,
}

impl Check {
    /// A check of ours over questions about the evidence.
    pub const fn evidence(
        id: &'static str,
        severity: Severity,
        queries: &'static [Query],
        judge: fn(&Evidence<'_>) -> Vec<Finding>,
    ) -> Self {
        Self { id: Cow::Borrowed(id), severity, looks: Looks::Evidence { queries, judge }, said: None }
    }

    /// A check of ours over the gap register.
    pub const fn gaps(id: &'static str, severity: Severity, judge: fn(&Evidence<'_>) -> Vec<Finding>) -> Self {
        Self { id: Cow::Borrowed(id), severity, looks: Looks::Gaps(judge), said: None }
    }

    /// A check of ours over settings.
    pub const fn settings(
        id: &'static str,
        severity: Severity,
        kinds: &'static [Kind],
        judge: fn(At<'_>) -> Vec<Finding>,
        terraform: &'static str,
    ) -> Self {
        Self { id: Cow::Borrowed(id), severity, looks: Looks::Settings { kinds, judge, terraform }, said: None }
    }

    /// A check of ours of what exists against what speaks.
    pub const fn inventory(
        id: &'static str,
        severity: Severity,
        (kinds, queries): (&'static [Kind], &'static [Query]),
        judge: fn(&Listening<'_>) -> Vec<Speech>,
    ) -> Self {
        Self { id: Cow::Borrowed(id), severity, looks: Looks::Inventory { kinds, queries, judge }, said: None }
    }

    /// A check of ours of what a set-up plans.
    pub const fn setup(id: &'static str, severity: Severity) -> Self {
        Self { id: Cow::Borrowed(id), severity, looks: Looks::Setup, said: None }
    }

    /// Whether it is of what a set-up plans: `shoseki setup plan --record` alone judges it.
    pub fn is_of_setup(&self) -> bool {
        matches!(self.looks, Looks::Setup)
    }

    /// Whether it looks at what exists against what speaks: it needs both an estate and a vault.
    pub fn is_of_inventory(&self) -> bool {
        matches!(self.looks, Looks::Inventory { .. })
    }

    /// Whether it needs somebody to look at accounts, or at code: the evidence alone says nothing to it.
    pub fn needs_a_look(&self) -> bool {
        self.is_of_settings() || self.is_of_inventory() || self.is_of_setup()
    }

    /// Whether it looks at settings, and not at the evidence.
    pub fn is_of_settings(&self) -> bool {
        matches!(self.looks, Looks::Settings { .. })
    }

    /// How it is mended in Terraform; empty where it is not.
    pub fn terraform(&self) -> &'static str {
        match self.looks {
            Looks::Settings { terraform, .. } => terraform,
            _ => "",
        }
    }

    /// Its questions.
    pub fn queries(&self) -> &[Query] {
        match &self.looks {
            Looks::Evidence { queries, .. } => queries,
            Looks::Gaps(_) | Looks::Settings { .. } | Looks::Setup => &[],
            Looks::Inventory { queries, .. } => queries,
            Looks::Own { query, .. } => std::slice::from_ref(query),
        }
    }

    /// Judges the evidence. What looks at settings says nothing of it.
    pub fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let found = match &self.looks {
            Looks::Evidence { judge, .. } | Looks::Gaps(judge) => judge(evidence),
            Looks::Settings { .. } | Looks::Inventory { .. } | Looks::Setup => return Vec::new(),
            Looks::Own { query, rule } => rule.judge(&self.id, query.source.as_deref(), evidence),
        };
        debug_assert!(!found.is_empty(), "`{}` says nothing", self.id);
        found
    }

    /// What it says: its title.
    pub fn title(&self, lang: Lang) -> String {
        self.said(lang, 0, || lookup(&format!("check-title-{}", self.id), lang))
    }

    /// What it asks, and by which rule it judges.
    pub fn asks(&self, lang: Lang) -> String {
        match &self.looks {
            Looks::Own { rule, .. } => rule.text().text(lang),
            _ => lookup(&format!("check-asks-{}", self.id), lang).unwrap_or_default(),
        }
    }

    /// What to do where it fails.
    pub fn mend(&self, lang: Lang) -> String {
        self.said(lang, 1, || lookup(&format!("check-mend-{}", self.id), lang))
    }

    fn said(&self, lang: Lang, which: usize, ours: impl Fn() -> Option<String>) -> String {
        let own = self.said.as_ref().map(|said| match lang {
            Lang::En => said.en[which].clone(),
            Lang::Ja => said.ja[which].clone(),
        });
        own.or_else(ours).unwrap_or_default()
    }

    /// As JSON, without what it found.
    pub fn to_json(&self) -> Value {
        let both = |text: &dyn Fn(Lang) -> String| json!({"en": text(Lang::En), "ja": text(Lang::Ja)});
        let queries = self.queries().iter().map(|query| {
            json!({
                "text": query.text,
                "language": if query.is_sql { "sql" } else { "insights" },
                "source": query.source,
                "whole": query.is_whole,
            })
        });
        json!({
            "id": self.id,
            "severity": self.severity.name(),
            "title": both(&|lang| self.title(lang)),
            "asks": both(&|lang| self.asks(lang)),
            "mend": both(&|lang| self.mend(lang)),
            "queries": queries.collect::<Vec<_>>(),
            "looks_at": match self.looks {
                Looks::Settings { .. } => "settings",
                Looks::Inventory { .. } => "inventory",
                Looks::Setup => "setup",
                _ => "evidence",
            },
            "terraform": Some(self.terraform()).filter(|text| !text.is_empty()),
        })
    }
}

/// A check that ran.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The check.
    pub check: &'a Check,
    /// What it found, the worst first.
    pub findings: Vec<Finding>,
}

impl Judged<'_> {
    /// How it stands.
    pub fn status(&self) -> Status {
        Status::of_all(self.findings.iter().map(|finding| finding.status))
    }

    /// Whether it fails, and each of its failures is answered: accepted by an exception in force, or resolved by a person. It fails
    /// all the same.
    pub fn is_answered(&self) -> bool {
        let mut failures = self.findings.iter().filter(|finding| finding.status == Status::Fail).peekable();
        failures.peek().is_some() && failures.all(Finding::is_answered)
    }

    /// How many of its findings an exception covers.
    pub fn accepted(&self) -> usize {
        let is_accepted =
            |finding: &&Finding| finding.known.as_ref().is_some_and(|known| known.state == State::Accepted);
        self.findings.iter().filter(is_accepted).count()
    }

    /// How many of its findings are new.
    pub fn new_ones(&self) -> usize {
        let is_new = |finding: &&Finding| finding.known.as_ref().is_some_and(|known| known.is_new);
        self.findings.iter().filter(is_new).count()
    }

    /// How many findings a person should look at.
    pub fn to_review(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_to_review).count()
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let mut value = self.check.to_json();
        value["status"] = json!(self.status().name());
        value["answered"] = json!(self.is_answered());
        value["findings"] = json!(self.findings.iter().map(Finding::to_json).collect::<Vec<_>>());
        value
    }
}
