//! The proof of our own rules: each file's events, asked of its rules.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Result, msg};

use crate::corpus::{Example, Examples};
use crate::detector::Detector;
use crate::record::Record;

/// What a file of rules was proven by.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// The file, below `rules/`.
    pub file: String,
    /// How many examples must match.
    pub matching: usize,
    /// How many must not.
    pub no_match: usize,
    /// What did otherwise.
    #[serde(serialize_with = "in_english")]
    pub wrong: Vec<Message>,
}

fn in_english<S: serde::Serializer>(wrong: &[Message], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(wrong.iter().map(|wrong| wrong.text(Lang::En)))
}

impl Proof {
    /// Whether all examples did what they must. A file without an example of each kind proves nothing.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty() && self.matching > 0 && self.no_match > 0
    }
}

/// Proves all of our own files of rules.
///
/// # Errors
/// A defect: a file of ours cannot be read.
pub fn prove_own() -> Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    for (file, rules, examples) in Examples::own()? {
        let mut wrong: Vec<Message> = rules.problems.iter().map(|problem| problem.why.clone()).collect();
        let detector = Arc::new(Detector::new(rules));
        wrong.extend(detector.problems.iter().map(|problem| problem.why.clone()));
        let source = file.split('/').next().unwrap_or_default();
        for (number, example) in examples.matching.iter().enumerate() {
            if !is_match(&detector, source, example) {
                wrong.push(msg!("detect-example-unmatched", number = number + 1));
            }
        }
        for (number, example) in examples.no_match.iter().enumerate() {
            if is_match(&detector, source, example) {
                wrong.push(msg!("detect-example-matched", number = number + 1));
            }
        }
        proofs.push(Proof { file, matching: examples.matching.len(), no_match: examples.no_match.len(), wrong });
    }
    Ok(proofs)
}

/// Whether any rule of a file that is no base of others is satisfied by an example.
fn is_match(detector: &Arc<Detector>, source: &str, example: &Example) -> bool {
    let mut correlator = detector.correlator();
    let mut is_match = false;
    for (at, event) in example.events().iter().enumerate() {
        let raw = match event {
            Value::String(line) => line.clone(), // a source of text
            event => event.to_string(),
        };
        let look = detector.look(source, raw.as_bytes());
        is_match |= !look.hits.is_empty();
        let Some((json, results)) = look.counted else { continue };
        let record = Record { name: at.to_string(), time: time_of(source, raw.as_bytes(), event), ..Record::default() };
        is_match |= !correlator.count(&record, &json, results).is_empty();
    }
    is_match
}

/// The time of an event, as its source reads it; our own records say it themselves.
fn time_of(source: &str, raw: &[u8], event: &Value) -> Timestamp {
    let said = event.get("time").and_then(Value::as_str).and_then(|time| Timestamp::parse(time).ok());
    let derived = shoseki_sources::by_id(source).and_then(|source| source.derive(raw, Timestamp::now()).ok());
    derived.map(|columns| columns.time).or(said).unwrap_or_default()
}
