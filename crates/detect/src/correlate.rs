//! Rules that count: what detections found, in the order of the events' times.

use std::collections::{BTreeMap, BTreeSet};

use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, CorrelationEventMode, EvalError, EvaluationResult,
};
use rsigma_parser::CorrelationType;
use serde_json::Value;

use crate::corpus::{Rules, names};
use crate::found::RECORDS;
use crate::record::{Fields, Record};

/// What counts. It is asked in the order of time.
pub struct Correlator {
    engine: CorrelationEngine,
}

/// A correlation that came true.
pub(crate) struct Fired {
    /// The rule's id.
    pub(crate) rule: String,
    /// By what it counted, and of what.
    pub(crate) group: BTreeMap<String, String>,
    /// The records that were counted, the newest [`RECORDS`].
    pub(crate) records: Vec<String>,
    /// How many events were counted, where events are.
    pub(crate) events: u64,
}

impl Correlator {
    /// What counts, and what of the rules cannot be asked, by its id, with the reason; without those that are known to be such.
    pub(crate) fn of(rules: &Rules, refused: &BTreeSet<String>) -> (Self, Vec<(String, String)>) {
        // What is counted is bounded by who reads it: nothing is put out of a window for room.
        let mut engine = CorrelationEngine::new(CorrelationConfig {
            max_state_entries: usize::MAX,
            max_group_entries: None,
            action_on_match: CorrelationAction::Reset, // a burst is told as it goes on, not at each of its events
            correlation_event_mode: CorrelationEventMode::Refs,
            max_correlation_events: RECORDS,
            ..CorrelationConfig::default()
        });
        let mut wrong = Vec::new();
        let is_known = |id: &Option<String>| id.as_ref().is_some_and(|id| refused.contains(id));
        let mut note = |id: &Option<String>, made: Result<(), EvalError>| {
            if let (Err(error), Some(id)) = (made, id) {
                wrong.push((id.clone(), error.to_string()));
            }
        };
        for rule in rules.detections.iter().filter(|rule| !is_known(&rule.id)) {
            if rules.correlations.iter().any(|correlation| names(rule).any(|name| correlation.rules.contains(name))) {
                note(&rule.id, engine.add_rule(rule));
            }
        }
        for correlation in rules.correlations.iter().filter(|rule| !is_known(&rule.id)) {
            note(&correlation.id, engine.add_correlation(correlation));
        }
        (Self { engine }, wrong)
    }

    /// Counts what was found in a record, and gives what came true by it.
    pub(crate) fn count(&mut self, record: &Record, event: &Value, found: Vec<EvaluationResult>) -> Vec<Fired> {
        let event = Fields::counted(event, &record.name);
        let results = self.engine.process_with_detections(&event, found, record.time.0.div_euclid(1_000_000));
        let fired = |result: EvaluationResult| {
            let body = result.as_correlation()?;
            let records = body.event_refs.iter().flatten().filter_map(|event| event.id.clone()).collect();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let events = match body.correlation_type {
                CorrelationType::EventCount => body.aggregated_value.max(0.0) as u64,
                _ => 0,
            };
            Some(Fired {
                events,
                rule: result.header.rule_id.clone()?,
                group: body.group_key.iter().cloned().collect(),
                records,
            })
        };
        results.into_iter().filter_map(fired).collect()
    }
}

impl std::fmt::Debug for Correlator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Correlator({})", self.engine.correlation_rule_count())
    }
}
