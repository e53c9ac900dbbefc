//! A record as rules see it: the fields of its event, and of what it was derived to, what a match says.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rsigma_eval::{Event, EventValue, JsonEvent};
use serde::Serialize;
use serde_json::{Map, Value};
use shoseki_event::Timestamp;

/// A record that is looked at.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Its name, `@ptr`.
    pub name: String,
    /// Its event's time.
    pub time: Timestamp,
    /// What it is about.
    pub about: About,
}

/// Who did what, from where and to what.
#[derive(Clone, Debug, Default, Serialize)]
pub struct About {
    /// The source.
    pub source: String,
    /// The stream.
    pub stream: String,
    /// Who.
    pub actor: String,
    /// From where.
    pub address: String,
    /// What was done.
    pub operation: String,
    /// To what.
    pub resource: String,
    /// In which account.
    pub account: String,
    /// In which region.
    pub region: String,
}

/// What stands where records differ.
const SEVERAL: &str = "*";

impl About {
    /// Leaves only what is true of another, too; the source stays that of the first.
    pub(crate) fn agree_with(&mut self, other: &Self) {
        let pairs = [
            (&mut self.stream, &other.stream),
            (&mut self.actor, &other.actor),
            (&mut self.address, &other.address),
            (&mut self.operation, &other.operation),
            (&mut self.resource, &other.resource),
            (&mut self.account, &other.account),
            (&mut self.region, &other.region),
        ];
        for (mine, theirs) in pairs {
            if mine != theirs {
                SEVERAL.clone_into(mine);
            }
        }
    }
}

/// The JSON of an event; of one of text, the fields that its source reads out of it. Nothing where it has none.
pub(crate) fn json_of<'a>(source: &str, raw: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let source = shoseki_sources::by_id(source);
    let text = source.filter(|source| !matches!(source.form(), shoseki_sources::Form::Json));
    Some(match text {
        Some(source) => Cow::Owned(source.native(raw)?),
        None => Cow::Borrowed(raw),
    })
}

/// The value of JSON, whole.
pub(crate) fn value_of(json: &[u8]) -> Option<Value> {
    serde_json::from_slice(json).ok()
}

/// An event with these fields only: what is kept of one that is counted. Where a list is in the way of one, all of the member that it is
/// in. `member` gives the event's members.
pub(crate) fn parts_of(member: impl Fn(&str) -> Option<Value>, paths: &BTreeSet<&String>) -> Value {
    let mut parts = Map::new();
    for path in paths {
        let outermost = path.split(['.', '[']).next().unwrap_or_default();
        let Some(whole) = member(outermost) else { continue };
        let keys: Vec<&str> = path.split('.').collect();
        let value = match keys.split_first() {
            Some((first, inner)) if *first == outermost => inner.iter().try_fold(&whole, |value, key| value.get(key)),
            _ => None,
        };
        match value {
            Some(value) => put(&mut parts, &keys, value),
            None => drop(parts.insert(outermost.to_owned(), whole)),
        }
    }
    Value::Object(parts)
}

fn put(parts: &mut Map<String, Value>, keys: &[&str], value: &Value) {
    match keys {
        [] => {}
        [last] => drop(parts.insert((*last).to_owned(), value.clone())),
        [first, rest @ ..] => {
            let inner = parts.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// The fields of an event; of one that is counted, the record's name too, where the engine looks for an id.
pub(crate) struct Fields<'a> {
    event: JsonEvent<'a>,
    json: &'a Value,
    name: Option<&'a str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(json: &'a Value) -> Self {
        Self { event: JsonEvent::borrow(json), json, name: None }
    }

    pub(crate) fn counted(json: &'a Value, name: &'a str) -> Self {
        Self { name: Some(name), ..Self::of(json) }
    }

    /// A key with dots in it, below one without: Falco's `output_fields` has `k8s.pod.name`.
    fn dotted(&self, path: &str) -> Option<EventValue<'_>> {
        let (outer, inner) = path.split_once('.')?;
        inner.contains('.').then(|| self.json.get(outer)?.get(inner)).flatten().map(EventValue::from)
    }
}

impl Event for Fields<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        self.event.get_field(path).or_else(|| self.dotted(path))
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.event.any_string_value(pred)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.event.all_string_values()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.event.visit_string_values(visit);
    }

    fn to_json(&self) -> Value {
        match self.name {
            Some(name) => serde_json::json!({"_id": name}),
            None => self.json.clone(),
        }
    }
}
