//! Events to fields, and fields to rows.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::sample::bounded;
use super::score::{self, Counts};
use crate::values::{read_number, show_number};

/// The most fields.
const MOST_FIELDS: usize = 4_096;
/// The most fields of one event.
const MOST_FIELDS_OF_ONE: usize = 1_000;
/// The most values of one field that are told apart; the rest is told apart by groups of its hash.
const MOST_VALUES: usize = 4_096;
/// The most values of all fields that are told apart.
const MOST_VALUES_OF_ALL: usize = 1_000_000;
/// The groups of the rest.
const GROUPS: usize = 256;
/// How many values of a field are shown.
const SHOWN: usize = 5;
/// So many different numbers are shown as values, too: codes, and not measures.
const FEW_NUMBERS: usize = 20;

/// A field and how it differs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relevant {
    pub(crate) field: String,
    /// From 0, no more than by chance, to 1: no value in common, and no chance in it.
    pub(crate) score: f64,
    /// The values whose shares differ most, as a JSON list.
    pub(crate) contributors: Option<String>,
    /// Of the numbers, in both pools.
    pub(crate) medians: [Option<f64>; 2],
}

/// The fields of two pools of events.
#[derive(Default)]
pub(crate) struct Tallies {
    fields: BTreeMap<String, Tally>,
    values: usize,
    totals: Counts,
}

/// The values of a field.
#[derive(Default)]
struct Tally {
    values: HashMap<Box<str>, Counts>,
    groups: Vec<Counts>,
    /// Whether something is there that is no number.
    has_text: bool,
    present: Counts,
}

impl Tallies {
    /// Begins an event of a pool that came so often.
    pub(crate) fn begin(&mut self, pool: usize, times: u64) {
        self.totals[pool] += times;
    }

    /// Takes a value of the event; a text counts as a number where it reads as one and may be one.
    pub(crate) fn add(&mut self, pool: usize, times: u64, field: &str, (value, may_be_number): (&str, bool)) {
        if !self.fields.contains_key(field) {
            if self.fields.len() >= MOST_FIELDS {
                return;
            }
            self.fields.insert(field.to_owned(), Tally::default());
        }
        let Some(tally) = self.fields.get_mut(field) else { return };
        tally.present[pool] += times;
        tally.has_text |= !(may_be_number && read_number(value).is_some());
        let value = bounded(value);
        if let Some(counts) = tally.values.get_mut(value) {
            counts[pool] += times;
        } else if tally.values.len() < MOST_VALUES && self.values < MOST_VALUES_OF_ALL {
            let mut counts = Counts::default();
            counts[pool] = times;
            tally.values.insert(value.into(), counts);
            self.values += 1;
        } else {
            tally.groups.resize(GROUPS, Counts::default());
            tally.groups[group(value)][pool] += times;
        }
    }

    /// Takes the fields of an event that is a JSON object; `false` where it is none. Those that are not `wanted` are passed
    /// over.
    pub(crate) fn add_json(&mut self, pool: usize, times: u64, raw: &[u8], wanted: &dyn Fn(&str) -> bool) -> bool {
        let Ok(Json::Object(object)) = serde_json::from_slice::<Json>(raw) else { return false };
        let mut left = MOST_FIELDS_OF_ONE;
        for (key, value) in &object {
            // A field of the event itself that begins with `@` is called `@@…`.
            let name = if key.starts_with('@') { format!("@{key}") } else { key.clone() };
            leaves(&quoted(&name), value, &mut left, &mut |field, value| {
                if wanted(field) {
                    let is_number = matches!(value, Json::Number(_));
                    self.add(pool, times, field, (&shown(value), is_number));
                }
            });
        }
        true
    }

    /// The fields with a score of at least so much, the most different first. None where a pool is empty.
    pub(crate) fn relevant(self, least: f64) -> Vec<Relevant> {
        let totals = self.totals;
        let of_field = |(field, tally): (String, Tally)| tally.relevant(field, totals);
        let mut found: Vec<Relevant> = self.fields.into_iter().filter_map(of_field).collect();
        found.retain(|relevant| relevant.score >= least);
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.field.cmp(&b.field)));
        found
    }
}

impl Tally {
    /// `None` where a pool is empty.
    fn relevant(self, field: String, totals: Counts) -> Option<Relevant> {
        let missing = [0, 1].map(|pool| totals[pool] - self.present[pool]);
        let mut all: Vec<Counts> = self.values.values().chain(&self.groups).copied().chain([missing]).collect();
        // Sums of fractions depend on their order.
        all.sort_unstable();
        let score = score::of_values(all.into_iter(), totals)?;
        let is_whole = self.groups.is_empty();
        if self.has_text || !is_whole {
            let contributors = Some(self.contributors(missing, totals));
            return Some(Relevant { field, score: rounded(score), contributors, medians: [None, None] });
        }
        let contributors = (self.values.len() <= FEW_NUMBERS).then(|| self.contributors(missing, totals));
        let mut numbers: Vec<(f64, Counts)> =
            self.values.iter().filter_map(|(value, counts)| Some((read_number(value)?, *counts))).collect();
        numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
        let by_order = score::of_numbers(numbers.iter().map(|(_, counts)| *counts), self.present).unwrap_or(0.0);
        let medians = [0, 1].map(|pool| median(&numbers, pool, self.present[pool]));
        Some(Relevant { field, score: rounded(score.max(by_order)), contributors, medians })
    }

    /// The values whose shares differ most: `[{"value":"x","conditional":0.9,"baseline":0.1}]`. One that is missing is null.
    fn contributors(&self, missing: Counts, totals: Counts) -> String {
        let missing = (missing != [0, 0]).then_some((None, missing));
        let values = self.values.iter().map(|(value, counts)| (Some(&**value), *counts)).chain(missing);
        let shares = |counts: Counts| [0, 1].map(|pool| counts[pool] as f64 / totals[pool] as f64);
        let mut values: Vec<(Option<&str>, [f64; 2])> = values.map(|(value, counts)| (value, shares(counts))).collect();
        let shift = |shares: &[f64; 2]| (shares[0] - shares[1]).abs();
        values.sort_by(|a, b| shift(&b.1).total_cmp(&shift(&a.1)).then_with(|| a.0.cmp(&b.0)));
        let object = |(value, shares): &(Option<&str>, [f64; 2])| {
            let value = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
            let [own, other] = shares.map(|share| show_number(rounded(share)));
            format!("{{\"value\":{value},\"conditional\":{own},\"baseline\":{other}}}")
        };
        format!("[{}]", values.iter().take(SHOWN).map(object).collect::<Vec<_>>().join(","))
    }
}

/// The number in the middle of a pool; between two, half way.
fn median(numbers: &[(f64, Counts)], pool: usize, count: u64) -> Option<f64> {
    let at = |place: u64| {
        let mut before = 0;
        numbers.iter().find_map(|(number, counts)| {
            before += counts[pool];
            (before > place).then_some(*number)
        })
    };
    let (low, high) = (at(count.checked_sub(1)? / 2)?, at(count / 2)?);
    Some(low + (high - low) / 2.0)
}

fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// A group by FNV-1a, which is the same in every process.
fn group(value: &str) -> usize {
    let hash = value
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from(hash % GROUPS as u64).unwrap_or(0)
}

/// A key as it stands in a field's name.
fn quoted(key: &str) -> Cow<'_, str> {
    let is_plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '@');
    if is_plain { Cow::Borrowed(key) } else { Cow::Owned(format!("`{key}`")) }
}

fn leaves(field: &str, value: &Json, left: &mut usize, take: &mut dyn FnMut(&str, &Json)) {
    if *left == 0 {
        return;
    }
    match value {
        Json::Object(object) if !object.is_empty() => {
            for (key, value) in object {
                leaves(&format!("{field}.{}", quoted(key)), value, left, take);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for (place, value) in items.iter().enumerate() {
                leaves(&format!("{field}.{place}"), value, left, take);
            }
        }
        Json::Null => {}
        value => {
            *left -= 1;
            take(field, value);
        }
    }
}

fn shown(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(own: &[&str], others: &[&str]) -> Vec<Relevant> {
        let mut tallies = Tallies::default();
        for (pool, events) in [own, others].into_iter().enumerate() {
            for event in events {
                tallies.begin(pool, 1);
                assert!(tallies.add_json(pool, 1, event.as_bytes(), &|_| true), "{event}");
            }
        }
        tallies.relevant(0.0)
    }

    #[test]
    fn fields_are_named_as_a_query_names_them() {
        let event = r#"{"a":{"b.c":[{"d":1},null]},"@x":true,"e":{},"f-g":"h"}"#;
        let mut names: Vec<String> = of(&[event], &[event]).into_iter().map(|found| found.field).collect();
        names.sort();
        assert_eq!(names, ["@@x", "`f-g`", "a.`b.c`.0.d", "e"]);
    }

    #[test]
    fn what_is_missing_is_a_value() {
        let found = of(&[r#"{"a":"x"}"#; 20], &[r#"{"b":"x"}"#; 20]);
        assert_eq!(found.iter().map(|found| found.score).collect::<Vec<_>>(), [0.8238, 0.8238]);
        let shown = r#"[{"value":null,"conditional":0,"baseline":1},{"value":"x","conditional":1,"baseline":0}]"#;
        assert_eq!(found[0].contributors.as_deref(), Some(shown));
    }

    #[test]
    fn numbers_have_medians_and_codes_have_values_too() {
        let events = |base: usize| (0..40).map(|at| format!(r#"{{"code":{},"took":{}}}"#, at % 2, base + at)).collect();
        let (slow, fast): (Vec<String>, Vec<String>) = (events(1_000), events(0));
        let texts = |events: &'static [String]| events.iter().map(String::as_str).collect::<Vec<_>>();
        let found = of(&texts(slow.leak()), &texts(fast.leak()));
        assert_eq!((found[0].field.as_str(), found[0].score), ("took", 0.8057));
        assert_eq!((found[0].medians, found[0].contributors.as_deref()), ([Some(1_019.5), Some(19.5)], None));
        assert_eq!((found[1].field.as_str(), found[1].score), ("code", 0.0));
        assert!(found[1].medians == [Some(0.5); 2] && found[1].contributors.is_some());
    }

    #[test]
    fn fields_and_values_are_bounded() {
        let mut tallies = Tallies::default();
        for at in 0..MOST_VALUES * 2 {
            for pool in [0, 1] {
                tallies.begin(pool, 1);
                tallies.add(pool, 1, "id", (&format!("{pool}-{at}"), false));
                tallies.add(pool, 1, &format!("field{at}"), ("x", false));
            }
        }
        assert_eq!((tallies.fields.len(), tallies.fields["id"].values.len()), (MOST_FIELDS, MOST_VALUES));
        assert_eq!(tallies.fields["id"].groups.iter().flatten().sum::<u64>(), 3 * MOST_VALUES as u64);
        let id = tallies.relevant(0.0).into_iter().find(|found| found.field == "id").unwrap();
        assert!(id.score < 0.05, "{}", id.score);
    }
}
