//! The rules that an event can satisfy at all by what was done. Most rules name the operation that they are about, and most events are of
//! an operation that few rules name: which they are is found once for each operation, and events are asked of these alone.
//!
//! A rule is left out only where the values that are known make it false whatever the rest of the event says.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rsigma_eval::{
    CompiledDetection, CompiledDetectionItem, CompiledMatcher, CompiledRule, Engine, EvaluationResult, Event,
    EventValue,
};
use rsigma_parser::{ConditionExpr, FilterRule, Quantifier, SigmaRule};

/// How many different operations are kept apart; events of further ones are asked of all rules.
const MAX_OPERATIONS: usize = 4096;
/// How many different sets of rules are kept; operations that need further ones are asked of all rules.
const MAX_SETS: usize = 512;
/// The longest value by which operations are told apart, in bytes.
const MAX_VALUE: usize = 128;

/// The rules about a source.
pub(crate) struct Narrowed {
    all: Engine,
    /// The fields that say what was done.
    by: &'static [&'static str],
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    by_operation: HashMap<String, Arc<Engine>>,
    by_rules: HashMap<Vec<usize>, Arc<Engine>>,
}

impl Narrowed {
    /// Rules about a source, all at once, with what cannot be compiled by its place among them: the engine asks those that it is given
    /// one by one of every event.
    pub(crate) fn of(
        by: &'static [&'static str],
        rules: &[&SigmaRule],
    ) -> (Self, Vec<(usize, rsigma_eval::EvalError)>) {
        let mut all = Engine::default();
        let refused = all.add_rules(rules.iter().copied());
        (Self { all, by, known: RwLock::default() }, refused)
    }

    /// Narrows the rules that a filter names.
    pub(crate) fn apply_filter(&mut self, filter: &FilterRule) -> rsigma_eval::Result<()> {
        self.known = RwLock::default();
        self.all.apply_filter(filter)
    }

    /// What the rules say about an event.
    pub(crate) fn evaluate(&self, event: &impl Event) -> Vec<EvaluationResult> {
        let Some(operation) = self.operation(event) else { return self.all.evaluate(event) };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).by_operation.get(&operation).cloned();
        match known.or_else(|| self.learn(operation, event)) {
            Some(engine) if engine.rule_count() == 0 => Vec::new(),
            Some(engine) => engine.evaluate(event),
            None => self.all.evaluate(event),
        }
    }

    /// What was done, as one text that no other operation has, whatever its values are; nothing where it is not said in plain texts.
    fn operation(&self, event: &impl Event) -> Option<String> {
        let mut operation = String::new();
        for field in self.by {
            match event.get_field(field) {
                Some(EventValue::Str(value)) if value.len() <= MAX_VALUE => {
                    operation.push(char::from(u8::try_from(value.len()).ok()?));
                    operation.push_str(&value);
                }
                Some(_) => return None,
                None => operation.push(char::MAX),
            }
        }
        (!operation.is_empty()).then_some(operation)
    }

    fn learn(&self, operation: String, event: &impl Event) -> Option<Arc<Engine>> {
        let facts = Facts { by: self.by, event };
        let rules = self.all.rules();
        let possible: Vec<usize> = (0..rules.len()).filter(|at| facts.rule(&rules[*at]) != Some(false)).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.by_operation.len() >= MAX_OPERATIONS {
            return None;
        }
        let engine = match known.by_rules.get(&possible) {
            Some(engine) => Arc::clone(engine),
            None if known.by_rules.len() >= MAX_SETS => return None,
            None => {
                let mut engine = Engine::default();
                engine.extend_compiled_rules(possible.iter().map(|at| rules[*at].clone()));
                let engine = Arc::new(engine);
                known.by_rules.insert(possible, Arc::clone(&engine));
                engine
            }
        };
        known.by_operation.insert(operation, Arc::clone(&engine));
        Some(engine)
    }
}

/// What is known of events of an operation: the fields that say what was done. Each question is answered by yes, no, or nothing where the
/// rest of the event decides.
struct Facts<'a, E> {
    by: &'a [&'static str],
    event: &'a E,
}

impl<E: Event> Facts<'_, E> {
    fn rule(&self, rule: &CompiledRule) -> Option<bool> {
        any(rule.conditions.iter().map(|condition| self.condition(condition, rule)))
    }

    fn condition(&self, condition: &ConditionExpr, rule: &CompiledRule) -> Option<bool> {
        match condition {
            ConditionExpr::Identifier(name) => self.detection(rule.detections.get(name)?),
            ConditionExpr::And(parts) => all(parts.iter().map(|part| self.condition(part, rule))),
            ConditionExpr::Or(parts) => any(parts.iter().map(|part| self.condition(part, rule))),
            ConditionExpr::Not(part) => self.condition(part, rule).map(|holds| !holds),
            ConditionExpr::Selector { quantifier, pattern } => {
                let named = rule.detections.iter().filter(|(name, _)| pattern.matches_detection_name(name));
                let holds = named.map(|(_, detection)| self.detection(detection));
                match quantifier {
                    Quantifier::All => all(holds),
                    Quantifier::Any => any(holds),
                    Quantifier::Count(_) => None,
                }
            }
        }
    }

    fn detection(&self, detection: &CompiledDetection) -> Option<bool> {
        match detection {
            CompiledDetection::AllOf(items) => all(items.iter().map(|item| self.item(item))),
            CompiledDetection::And(parts) => all(parts.iter().map(|part| self.detection(part))),
            CompiledDetection::AnyOf(parts) => any(parts.iter().map(|part| self.detection(part))),
            CompiledDetection::Keywords(_)
            | CompiledDetection::ArrayMatch { .. }
            | CompiledDetection::Conditional { .. } => None,
        }
    }

    fn item(&self, item: &CompiledDetectionItem) -> Option<bool> {
        let field = item.field.as_deref().filter(|field| self.by.contains(field))?;
        let value = self.event.get_field(field);
        match (item.exists, value) {
            (Some(exists), value) => Some(exists == value.is_some()),
            (None, Some(value)) if is_of_value(&item.matcher) => Some(item.matcher.matches(&value, self.event)),
            (None, _) => None,
        }
    }
}

/// Whether a matcher looks at the value alone, not at other fields.
fn is_of_value(matcher: &CompiledMatcher) -> bool {
    match matcher {
        CompiledMatcher::Exact { .. }
        | CompiledMatcher::Contains { .. }
        | CompiledMatcher::StartsWith { .. }
        | CompiledMatcher::EndsWith { .. }
        | CompiledMatcher::Regex(_)
        | CompiledMatcher::AhoCorasickSet { .. }
        | CompiledMatcher::RegexSetMatch { .. } => true,
        CompiledMatcher::Not(inner) => is_of_value(inner),
        CompiledMatcher::AnyOf(parts) | CompiledMatcher::AllOf(parts) => parts.iter().all(is_of_value),
        CompiledMatcher::CaseInsensitiveGroup { children, .. } => children.iter().all(is_of_value),
        _ => false,
    }
}

/// Nothing where there are none: what the engine says then is its own.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    parts.reduce(|so_far, part| match (so_far, part) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    })?
}

/// Nothing where there are none.
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(parts.map(|part| part.map(|holds| !holds))).map(|none| !none)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsigma_eval::JsonEvent;
    use rsigma_parser::parse_sigma_yaml;
    use serde_json::{Value, json};

    use super::*;

    const BY: &[&str] = &["action", "what.kind"];

    /// Rules that name operations in every way, one detection each: the lines of `selection`, and of `other`; and the condition.
    const RULES: &[(&str, &str, &str)] = &[
        ("action: delete", "user: a", "selection"),
        ("action: delete", "user: a", "selection and other"),
        ("action: delete", "user: a", "selection or other"),
        ("action: [delete, create]", "what.kind: key", "selection and not other"),
        ("action|startswith: de", "what.kind|endswith: y", "all of them"),
        ("action|contains: [el, xx]", "what.kind|re: '^k.y$'", "1 of them"),
        ("action|cased: Delete", "action|exists: false", "1 of them"),
        ("action: '*'", "what.kind: null", "selection and other"),
        ("what.kind|exists: false", "user: b", "selection and not other"),
        ("action: ''", "action|fieldref: user", "1 of them"),
        ("'|all': [key, delete]", "action: 5", "1 of them"),
        ("user: [a, b]", "action: create", "not other and selection"),
        ("action|contains|all: [de, te]", "what|exists: true", "not 1 of them"),
        ("user: a", "user: b", "1 of them"),
    ];

    fn narrowed() -> Narrowed {
        let rule = |(at, (selection, other, condition)): (usize, &(&str, &str, &str))| {
            let yaml = format!(
                "title: r{at}\nid: r{at}\nlogsource: {{product: x}}\ndetection:\n  selection:\n    {selection}\n  \
                 other:\n    {other}\n  condition: {condition}\n"
            );
            parse_sigma_yaml(&yaml).unwrap().rules.remove(0)
        };
        let rules: Vec<SigmaRule> = RULES.iter().enumerate().map(rule).collect();
        let (narrowed, refused) = Narrowed::of(BY, &rules.iter().collect::<Vec<_>>());
        assert!(refused.is_empty(), "{refused:?}");
        narrowed
    }

    fn ids(found: Vec<EvaluationResult>) -> Vec<String> {
        found.into_iter().filter_map(|result| result.header.rule_id).collect()
    }

    fn some_value() -> impl Strategy<Value = Option<Value>> {
        const TEXTS: &[&str] = &[
            "delete",
            "Delete",
            "DELETE",
            "create",
            "key",
            "",
            "de",
            "delegate",
            "a",
            "b",
            "5",
            "\u{6}delete",
            "\u{10ffff}",
        ];
        prop_oneof![
            6 => proptest::sample::select(TEXTS).prop_map(|text| Some(json!(text))),
            1 => Just(Some(json!(5))),
            1 => Just(Some(Value::Null)),
            1 => Just(Some(json!(["delete", "key"]))),
            2 => Just(None),
        ]
    }

    proptest! {
        #[test]
        fn no_match_is_lost(events in proptest::collection::vec((some_value(), some_value(), some_value()), 1..40)) {
            let narrowed = narrowed();
            for (action, kind, user) in events {
                let mut event = json!({});
                for (name, value) in [("action", action), ("user", user)] {
                    value.into_iter().for_each(|value| event[name] = value);
                }
                kind.into_iter().for_each(|kind| event["what"] = json!({"kind": kind}));
                let event = JsonEvent::borrow(&event);
                prop_assert_eq!(ids(narrowed.evaluate(&event)), ids(narrowed.all.evaluate(&event)));
            }
        }
    }

    #[test]
    fn rules_about_other_operations_are_not_asked() {
        let narrowed = narrowed();
        let event = json!({"action": "list", "what": {"kind": "bucket"}, "user": "z"});
        assert!(narrowed.evaluate(&JsonEvent::borrow(&event)).is_empty());
        let known = narrowed.known.read().unwrap();
        let engine = known.by_operation.values().next().unwrap();
        let left: Vec<&str> = engine.rules().iter().filter_map(|rule| rule.id.as_deref()).collect();
        assert_eq!(left, ["r2", "r7", "r9", "r10", "r11", "r12", "r13"]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let narrowed = narrowed();
        for at in 0..=MAX_OPERATIONS {
            let event = json!({"action": format!("delete{at}"), "what": {"kind": "key"}, "user": "a"});
            let event = JsonEvent::borrow(&event);
            assert_eq!(ids(narrowed.evaluate(&event)), ids(narrowed.all.evaluate(&event)));
        }
        let known = narrowed.known.read().unwrap();
        assert_eq!(known.by_operation.len(), MAX_OPERATIONS);
        assert!(known.by_rules.len() < 10);
    }
}
