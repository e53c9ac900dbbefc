//! Rules that are ready to be asked: for each source, those that are about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rsigma_eval::EvaluationResult;
use rsigma_parser::{CorrelationCondition, CorrelationRule, SigmaRule};
use serde_json::Value;
use shoseki_messages::msg;
use shoseki_sources::secrets::{Secrets, masked_cards};

use crate::corpus::{Problem, Rules, names};
use crate::correlate::Correlator;
use crate::log_source::{operation_of, sources_of};
use crate::members::Members;
use crate::narrowed::Narrowed;
use crate::record::{Fields, json_of, parts_of, value_of};
use crate::rule::Rule;

/// A rule that a record satisfies.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The fields by which it does, and their values, in the order of their names.
    pub fields: Vec<(String, Value)>,
}

/// What a look at a record gave.
#[derive(Debug, Default)]
pub struct Look {
    /// The rules that are matches by themselves.
    pub hits: Vec<Hit>,
    /// What correlations count, and the event that they group it by.
    pub(crate) counted: Option<(Value, Vec<EvaluationResult>)>,
}

/// Rules, ready to be asked by any number of threads.
pub struct Detector {
    engines: BTreeMap<&'static str, Narrowed>,
    rules: BTreeMap<String, Arc<Rule>>,
    /// What correlations count, by its id: the fields by which they group it, and whose values they count.
    counted: BTreeMap<String, BTreeSet<String>>,
    /// What cannot be asked.
    refused: BTreeSet<String>,
    set: Arc<Rules>,
    /// Rules that cannot be asked.
    pub problems: Vec<Problem>,
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detector({} rules)", self.rules.len())
    }
}

impl Detector {
    /// Makes rules ready. One that the engine cannot compile is a problem, and costs no other.
    pub fn new(set: Rules) -> Self {
        let mut about: BTreeMap<&'static str, Vec<&SigmaRule>> = BTreeMap::new();
        for rule in &set.detections {
            sources_of(&rule.logsource).into_iter().for_each(|source| about.entry(source).or_default().push(rule));
        }
        let mut engines: BTreeMap<&'static str, Narrowed> = BTreeMap::new();
        let (mut problems, mut refused) = (Vec::new(), BTreeSet::new());
        for (source, about) in about {
            let (engine, failed) = Narrowed::of(operation_of(source), &about);
            engines.insert(source, engine);
            for (at, error) in failed {
                let Some(rule) = about.get(at) else { continue };
                let id = rule.id.clone().unwrap_or_default();
                if refused.insert(id.clone()) {
                    let (file, why) = (rule.title.clone(), error.to_string());
                    problems.push(Problem { file, why: msg!("detect-rule-refused", id = id, why = why) });
                }
            }
        }
        for filter in &set.filters {
            for engine in engines.values_mut() {
                if let Err(error) = engine.apply_filter(filter) {
                    let why = msg!("detect-rule-refused", id = filter.title.as_str(), why = error.to_string());
                    problems.push(Problem { file: filter.title.clone(), why });
                }
            }
        }
        for (id, why) in Correlator::of(&set, &refused).1 {
            if refused.insert(id.clone()) {
                problems.push(Problem { file: id.clone(), why: msg!("detect-rule-refused", id = id, why = why) });
            }
        }
        let fields_by_which_it_is_counted = |rule: &SigmaRule| {
            let by = set.correlations.iter().filter(|by| names(rule).any(|name| by.rules.contains(name)));
            by.map(fields_of_correlation).reduce(|fields, more| fields.into_iter().chain(more).collect())
        };
        let counted = set.detections.iter().filter_map(|rule| Some((rule, fields_by_which_it_is_counted(rule)?)));
        let counted = counted.filter_map(|(rule, fields)| Some((rule.id.clone()?, fields.into_iter().collect())));
        let counted = counted.collect();
        let rules = set.rules.iter().filter(|(id, _)| !refused.contains(*id));
        let rules = rules.map(|(id, rule)| (id.clone(), Arc::new(rule.clone()))).collect();
        Self { engines, rules, counted, refused, set: Arc::new(set), problems }
    }

    /// The rules that it was made of.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.set
    }

    /// The sources that a rule is about.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.engines.keys().copied()
    }

    /// A rule, ready.
    pub(crate) fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.get(id)
    }

    /// Whether a rule is about a source.
    pub(crate) fn is_about(&self, source: &str) -> bool {
        self.engines.contains_key(source)
    }

    /// Which rules the event of a source satisfies. What is no JSON and no text that its source reads satisfies none.
    pub fn look(&self, source: &str, raw: &[u8]) -> Look {
        let Some(engine) = self.engines.get(source) else { return Look::default() };
        let Some(json) = json_of(source, raw) else { return Look::default() };
        let members = Members::of(&json);
        let results = match &members {
            Some(members) => engine.evaluate(members),
            None => value_of(&json).map(|event| engine.evaluate(&Fields::of(&event))).unwrap_or_default(),
        };
        let (mut look, mut counted, mut fields) = (Look::default(), Vec::new(), BTreeSet::new());
        for result in results {
            let Some(rule) = result.header.rule_id.as_deref().and_then(|id| self.rules.get(id)) else { continue };
            if !rule.is_base {
                look.hits.push(Hit { rule: Arc::clone(rule), fields: fields_of(&result) });
            }
            if let Some(by) = self.counted.get(&rule.id) {
                fields.extend(by);
                counted.push(result);
            }
        }
        let member = |name: &str| members.as_ref().and_then(|members| members.value(name));
        look.counted = (!counted.is_empty()).then(|| (parts_of(member, &fields), counted));
        look
    }

    /// The longest time over which a correlation counts, in microseconds.
    pub(crate) fn longest(&self) -> i64 {
        let seconds = self.set.correlations.iter().map(|rule| rule.timespan.seconds).max().unwrap_or_default();
        i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000)
    }

    /// What counts what correlations count.
    pub(crate) fn correlator(&self) -> Correlator {
        Correlator::of(&self.set, &self.refused).0
    }
}

/// The fields that a correlation asks an event for.
fn fields_of_correlation(rule: &CorrelationRule) -> Vec<String> {
    let values = match &rule.condition {
        CorrelationCondition::Threshold { field: Some(fields), .. } => fields.clone(),
        CorrelationCondition::Threshold { .. } | CorrelationCondition::Extended(_) => Vec::new(),
    };
    let aliases = rule.aliases.iter().flat_map(|alias| alias.mapping.values().cloned());
    rule.group_by.iter().cloned().chain(values).chain(aliases).collect()
}

/// The longest text of a field that a match repeats; longer ones stand in the record.
const MAX_TEXT: usize = 256;

/// The fields that made a rule match: what is short and plain of them, without what is secret. A keyword's value is the whole text that
/// it stands in, which the record has.
fn fields_of(result: &EvaluationResult) -> Vec<(String, Value)> {
    let body = result.as_detection().into_iter().flat_map(|body| &body.matched_fields);
    let is_plain = |value: &Value| match value {
        Value::String(text) => text.len() <= MAX_TEXT,
        Value::Array(_) | Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    };
    let body = body.filter(|field| field.field != "keyword" && is_plain(&field.value));
    let mut fields: Vec<(String, Value)> =
        body.map(|field| (field.field.clone(), without_secrets(&field.field, &field.value))).collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields.dedup_by(|a, b| a.0 == b.0);
    fields
}

/// A value, unless it is secret by its name or by itself.
fn without_secrets(name: &str, value: &Value) -> Value {
    let pair = serde_json::json!({ name: value }).to_string();
    let masked = Secrets::all().map(|secrets| masked_cards(&secrets.masked(&pair)).into_owned());
    let read = masked.ok().and_then(|masked| serde_json::from_str::<Value>(&masked).ok());
    read.and_then(|read| read.get(name).cloned()).unwrap_or_else(|| "***".into())
}
