//! Rules that count: what detections found, in the order of the events' times.

use std::collections::BTreeMap;

use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, CorrelationEventMode, EvalError, EvaluationResult,
};
use serde_json::Value;

use crate::corpus::{Rules, names};
use crate::found::RECORDS;
use crate::record::{Counted, Record};

/// The most of the groups that are counted at a time, and of what is kept of each.
const MAX_GROUPS: usize = 200_000;
const MAX_GROUP: usize = 10_000;

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
}

impl Correlator {
    pub(crate) fn of(rules: &Rules) -> Result<Self, EvalError> {
        let mut engine = CorrelationEngine::new(CorrelationConfig {
            max_state_entries: MAX_GROUPS,
            max_group_entries: Some(MAX_GROUP),
            action_on_match: CorrelationAction::Reset, // a burst is told as it goes on, not at each of its events
            correlation_event_mode: CorrelationEventMode::Refs,
            max_correlation_events: RECORDS,
            ..CorrelationConfig::default()
        });
        for rule in &rules.detections {
            if rules.correlations.iter().any(|correlation| names(rule).any(|name| correlation.rules.contains(name))) {
                engine.add_rule(rule)?;
            }
        }
        for correlation in &rules.correlations {
            engine.add_correlation(correlation)?;
        }
        Ok(Self { engine })
    }

    /// Counts what was found in a record, and gives what came true by it.
    pub(crate) fn count(&mut self, record: &Record, event: &Value, found: Vec<EvaluationResult>) -> Vec<Fired> {
        let event = Counted::new(event, &record.name);
        let results = self.engine.process_with_detections(&event, found, record.time.0.div_euclid(1_000_000));
        let fired = |result: EvaluationResult| {
            let body = result.as_correlation()?;
            let records = body.event_refs.iter().flatten().filter_map(|event| event.id.clone()).collect();
            Some(Fired {
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
