//! The rules of a bucket's life cycle, as S3 answers them: what each does to a vault, and the same rules with those that move its files.
//!
//! ```text
//! {"Rule": [{"ID": "…", "Status": "Enabled", "Filter": {"Prefix": "evidence/events/class="},
//!            "Transition": {"Days": "90", "StorageClass": "GLACIER_IR"}}, …]}
//! ```
//!
//! Who puts a life cycle puts all of it: so all that is there is kept as it came, and nothing of it is made to wait longer or less.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use shoseki_messages::{Fault, Result, msg};

use super::class::Class;
use super::estimate::Wish;
use super::survey::PARTS;
use crate::found::{many, number, text};

/// What the ids of our rules begin with.
const OURS: &str = "shoseki-tier";
/// The longest id that S3 takes.
const LONGEST_ID: usize = 255;
/// The most rules that a life cycle has.
const MOST_RULES: usize = 1_000;

/// How the names of a vault's objects begin.
const NAMES: [&str; 5] = ["shoseki.toml", "events/", "originals/", "keys/", "tlog/"];

/// Which objects of a vault a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// None.
    None,
    /// Some: it asks for a longer prefix, for tags or for sizes.
    Some,
    /// All.
    All,
}

/// What a rule does to current objects that matters to a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "does")]
pub enum Deed {
    /// It moves them into a class.
    Moves {
        /// The class.
        class: String,
        /// After so many days; none where a date is named.
        after: Option<u64>,
    },
    /// It deletes them.
    Expires {
        /// After so many days; none where a date is named.
        after: Option<u64>,
    },
}

impl Deed {
    /// Whether the vault could not be read any more, or would lack objects.
    pub fn is_harm(&self) -> bool {
        match self {
            Self::Moves { class, .. } => Class::named(class).is_none_or(|class| !class.is_read_at_once),
            Self::Expires { .. } => true,
        }
    }
}

/// A rule, as far as a vault is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Whether it is on.
    pub is_on: bool,
    /// The prefix that it asks for.
    pub prefix: String,
    /// Which objects of the vault it is about.
    pub reach: Reach,
    /// What it does to them.
    pub deeds: Vec<Deed>,
}

/// The rules of a life cycle that are about a vault and do something to its current objects; `place` is what its keys begin with.
pub fn rules(life_cycle: &Value, place: &str) -> Vec<Rule> {
    let all = many(&life_cycle["Rule"]).into_iter().map(|rule| of(rule, &below(place, "")));
    all.filter(|rule| rule.reach != Reach::None && !rule.deeds.is_empty()).collect()
}

fn of(rule: &Value, place: &str) -> Rule {
    let prefix = prefix(rule);
    let filter = &rule["Filter"];
    let is_narrow = ["Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]
        .iter()
        .any(|name| !filter[name].is_null() || !filter["And"][name].is_null());
    // A prefix within the vault's place may be about something else that lies beside the vault.
    let within = prefix.strip_prefix(place);
    let is_of_vault = |rest: &str| NAMES.iter().any(|name| name.starts_with(rest) || rest.starts_with(name));
    let reach = match place.starts_with(prefix) {
        true if !is_narrow => Reach::All,
        true => Reach::Some,
        false if within.is_some_and(is_of_vault) => Reach::Some,
        false => Reach::None,
    };
    let moves = many(&rule["Transition"]).into_iter().map(|one| Deed::Moves {
        class: text(one, "StorageClass").unwrap_or_default().to_owned(),
        after: number(one, "Days"),
    });
    let expiration = &rule["Expiration"];
    let after = number(expiration, "Days");
    let expires = (after.is_some() || text(expiration, "Date").is_some()).then_some(Deed::Expires { after });
    Rule {
        id: text(rule, "ID").unwrap_or_default().to_owned(),
        is_on: text(rule, "Status") == Some("Enabled"),
        prefix: prefix.to_owned(),
        reach,
        deeds: moves.chain(expires).collect(),
    }
}

/// The prefix that a rule asks for, wherever it says so.
fn prefix(rule: &Value) -> &str {
    let filter = &rule["Filter"];
    [text(filter, "Prefix"), text(&filter["And"], "Prefix"), text(rule, "Prefix")]
        .into_iter()
        .flatten()
        .next()
        .unwrap_or_default()
}

/// A key of a vault whose keys begin so.
pub(super) fn below(place: &str, name: &str) -> String {
    match place.trim_matches('/') {
        "" => name.to_owned(),
        place => format!("{place}/{name}"),
    }
}

/// A life cycle with the rules that a wish asks for, in the shape in which S3 takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// All of it: what was there, and our rules.
    pub life_cycle: Value,
    /// The ids of our rules.
    pub ids: Vec<String>,
    /// Whether it is what is there already.
    pub is_there: bool,
}

/// The life cycle that is there with our rules: those for this vault that are there already are replaced, all others stay as they are.
///
/// # Errors
/// The caller's mistake where there are too many rules.
pub fn merged(life_cycle: &Value, place: &str, wish: Wish) -> Result<Merged> {
    let there: Vec<&Value> = many(&life_cycle["Rule"]);
    let prefixes: Vec<String> = PARTS.iter().map(|part| below(place, part.below)).collect();
    let is_ours = |rule: &Value| {
        let is_named = text(rule, "ID").is_some_and(|id| id.starts_with(OURS));
        is_named && prefixes.iter().any(|own| prefix(rule) == own) && says_ours_alone(rule)
    };
    let mut rules: Vec<Value> = there.iter().filter(|rule| !is_ours(rule)).map(|rule| (*rule).clone()).collect();
    let mut taken: BTreeSet<String> = rules.iter().filter_map(|rule| text(rule, "ID")).map(str::to_owned).collect();
    let mut ids = Vec::new();
    for (part, prefix) in PARTS.iter().zip(&prefixes) {
        let id = id(place, part.word, &taken);
        taken.insert(id.clone());
        rules.push(json!({
            "ID": id, "Filter": {"Prefix": prefix}, "Status": "Enabled",
            "Transition": {"Days": wish.after, "StorageClass": wish.class.name},
        }));
        ids.push(id);
    }
    if rules.len() > MOST_RULES {
        return Err(Fault::caller(msg!("tier-rules-many", count = rules.len(), most = MOST_RULES)));
    }
    let is_there = rules.len() == there.len() && rules.iter().all(|rule| there.iter().any(|one| is_same(one, rule)));
    let mut life_cycle = match life_cycle {
        Value::Object(_) => life_cycle.clone(),
        _ => json!({}),
    };
    life_cycle["Rule"] = Value::Array(rules);
    Ok(Merged { life_cycle, ids, is_there })
}

/// Whether a rule says what ours do and nothing besides: what somebody added to one of ours stays.
fn says_ours_alone(rule: &Value) -> bool {
    let has = |value: &Value, names: &[&str]| {
        value
            .as_object()
            .is_some_and(|all| all.len() == names.len() && names.iter().all(|name| all.contains_key(*name)))
    };
    let transitions = many(&rule["Transition"]);
    has(rule, &["ID", "Filter", "Status", "Transition"])
        && has(&rule["Filter"], &["Prefix"])
        && text(rule, "Status") == Some("Enabled")
        && transitions.len() == 1
        && transitions.iter().all(|one| has(one, &["Days", "StorageClass"]))
}

/// Whether two rules say the same: S3 answers numbers as texts.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text)) => {
            *text == number.to_string()
        }
        (one, other) => one == other,
    }
}

/// An id that no other rule has: `shoseki-tier-evidence-events`.
fn id(place: &str, word: &str, taken: &BTreeSet<String>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let place: String = place.trim_matches('/').chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let room = LONGEST_ID - OURS.len() - word.len() - "--9999".len() - 1;
    let place: String = place.chars().take(room).collect();
    let whole = [OURS, place.as_str(), word].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let numbered = (2..=MOST_RULES + 1).map(|n| format!("{whole}-{n}"));
    let mut all = std::iter::once(whole.clone()).chain(numbered);
    all.find(|id| !taken.contains(id)).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish::new(90, "glacier-ir").unwrap()
    }

    /// What somebody else's bucket has, as S3 answers it.
    fn there() -> Value {
        json!({"TransitionDefaultMinimumObjectSize": "varies_by_storage_class", "Rule": [
            {"ID": "old-versions", "Filter": "", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": "400"}},
            {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": "30"}},
        ]})
    }

    #[test]
    fn our_rules_come_to_those_that_are_there_and_change_none_of_them() {
        let merged = merged(&there(), "evidence/", wish()).unwrap();
        let rules = merged.life_cycle["Rule"].as_array().unwrap();
        assert_eq!((rules.len(), &rules[..2]), (4, there()["Rule"].as_array().unwrap().as_slice()));
        assert_eq!(merged.life_cycle["TransitionDefaultMinimumObjectSize"], "varies_by_storage_class");
        assert_eq!(merged.ids, ["shoseki-tier-evidence-events", "shoseki-tier-evidence-originals"]);
        assert_eq!(
            rules[2],
            json!({"ID": "shoseki-tier-evidence-events", "Filter": {"Prefix": "evidence/events/class="}, "Status": "Enabled",
                "Transition": {"Days": 90, "StorageClass": "GLACIER_IR"}})
        );
        assert!(!merged.is_there);
        // A single rule is no list in XML.
        let one = json!({"Rule": there()["Rule"][1]});
        assert_eq!(super::merged(&one, "", wish()).unwrap().life_cycle["Rule"].as_array().unwrap().len(), 3);
        assert_eq!(
            super::merged(&Value::Null, "", wish()).unwrap().ids,
            ["shoseki-tier-events", "shoseki-tier-originals"]
        );
    }

    #[test]
    fn what_is_there_is_not_put_again_and_another_wish_takes_its_place() {
        let first = merged(&there(), "evidence", wish()).unwrap().life_cycle;
        let answered: Value = serde_json::from_str(&first.to_string().replace(":90,", ":\"90\",")).unwrap();
        let again = merged(&answered, "evidence", wish()).unwrap();
        assert!(again.is_there && again.life_cycle["Rule"].as_array().unwrap().len() == 4);
        let other = merged(&answered, "evidence", Wish::new(365, "standard-ia").unwrap()).unwrap();
        let rules = other.life_cycle["Rule"].as_array().unwrap();
        assert!(!other.is_there && rules.len() == 4, "{rules:?}");
        assert_eq!(rules[3]["Transition"], json!({"Days": 365, "StorageClass": "STANDARD_IA"}));
        // Another vault in the bucket has its own, under ids of its own.
        let both = merged(&answered, "evidence/b", wish()).unwrap();
        assert_eq!(both.life_cycle["Rule"].as_array().unwrap().len(), 6);
        let alike = merged(&both.life_cycle, "evidence-b", wish()).unwrap();
        assert_eq!(alike.ids[0], "shoseki-tier-evidence-b-events-2");
        assert_eq!(alike.life_cycle["Rule"].as_array().unwrap().len(), 8);
    }

    #[test]
    fn what_a_rule_does_to_a_vault_is_told_by_its_prefix() {
        let rule = |filter: Value, deed: (&str, Value)| json!({"ID": "r", "Status": "Enabled", "Filter": filter, deed.0: deed.1});
        let deep = || {
            (
                "Transition",
                json!([{"Days": "180", "StorageClass": "DEEP_ARCHIVE"}, {"Days": "30", "StorageClass": "STANDARD_IA"}]),
            )
        };
        let seen = |filter: Value| rules(&json!({"Rule": rule(filter, deep())}), "a/evidence").pop();
        for (filter, reach) in [
            (json!(""), Some(Reach::All)),
            (json!({"Prefix": ""}), Some(Reach::All)),
            (json!({"Prefix": "a/"}), Some(Reach::All)),
            (json!({"Prefix": "a/evidence/originals/"}), Some(Reach::Some)),
            (json!({"Tag": {"Key": "k", "Value": "v"}}), Some(Reach::Some)),
            (json!({"And": {"Prefix": "a/", "ObjectSizeGreaterThan": "1"}}), Some(Reach::Some)),
            (json!({"Prefix": "a/evidence/reports/"}), None),
            (json!({"Prefix": "a/evidence2/"}), None),
            (json!({"Prefix": "b/"}), None),
        ] {
            assert_eq!(seen(filter.clone()).map(|rule| rule.reach), reach, "{filter}");
        }
        let harms: Vec<bool> = seen(json!("")).unwrap().deeds.iter().map(Deed::is_harm).collect();
        assert_eq!(harms, [true, false]);
        let versions = rule(json!(""), ("NoncurrentVersionTransition", json!({"StorageClass": "GLACIER"})));
        assert!(rules(&json!({"Rule": [versions]}), "").is_empty(), "older versions are nobody's reading");
        let dated = rule(json!(""), ("Expiration", json!({"Date": "2030-01-01T00:00:00Z"})));
        assert_eq!(rules(&json!({"Rule": dated}), "")[0].deeds, [Deed::Expires { after: None }]);
    }
}
