//! The value of a path in events that were taken apart: which template has it where, and what stands there.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::error::Result;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::shred::{Kind, Part, REST, SEPARATOR, TEMPLATE, Template, Texts, uuid_text};

use shoseki_sources::Source;

use super::file::{json_of, source_of_text};
use super::opened::{Cache, Opened, outside};
use crate::json::{Path, Sightings};

/// Where a template has a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Where {
    /// Nowhere.
    Absent,
    /// It is a value of its own.
    Value(Place, Kind),
    /// It lies within a list or an object that stayed whole: so many of the path's keys lead there.
    Within(Place, usize),
    /// It is an object that was taken apart.
    Object,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// In a column.
    Column(String),
    /// In the rest, so many values behind the first.
    Rest(usize),
}

/// The keys of a path as a JSON Pointer.
fn pointer(keys: &[String]) -> String {
    keys.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

impl Where {
    fn of(template: &Template, keys: &[String], opened: &Opened) -> Self {
        let mut in_rest = 0;
        for part in &template.parts {
            let column = part.column();
            let place = if opened.paths.binary_search(&column).is_ok() {
                Place::Column(column)
            } else {
                in_rest += 1;
                Place::Rest(in_rest - 1)
            };
            let leads = (1..=keys.len()).find(|length| pointer(&keys[..*length]) == part.pointer);
            match leads {
                Some(all) if all == keys.len() => return Self::Value(place, part.kind),
                Some(some) if part.kind == Kind::Json => return Self::Within(place, some),
                Some(_) => return Self::Absent,
                None => {}
            }
        }
        if template.objects.contains(&pointer(keys)) { Self::Object } else { Self::Absent }
    }

    fn place(&self) -> Option<&Place> {
        match self {
            Self::Value(place, _) | Self::Within(place, _) => Some(place),
            Self::Absent | Self::Object => None,
        }
    }
}

/// A path over one file.
pub(super) struct PathReader<'a> {
    path: &'a Path,
    keys: Vec<String>,
    sightings: Option<&'a Sightings>,
    /// Where the file's events are text and no JSON.
    source: Option<&'static dyn Source>,
}

/// What a path needs of a file.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Columns of the file.
    pub(super) columns: Vec<String>,
    /// Whether events must be joined.
    pub(super) joined: bool,
}

impl<'a> PathReader<'a> {
    pub(super) fn new(path: &'a Path, sightings: Option<&'a Sightings>, file: &Add) -> Self {
        Self { path, keys: path.names(), sightings, source: source_of_text(file) }
    }

    /// What is needed of a file whose templates are these.
    pub(super) fn needs(&self, templates: &[Arc<Template>], opened: &Opened) -> Needs {
        let mut needs = Needs::default();
        for template in templates {
            let place = Where::of(template, &self.keys, opened);
            needs.joined |= place == Where::Object;
            match place.place() {
                Some(Place::Column(name)) if !needs.columns.contains(name) => needs.columns.push(name.clone()),
                Some(Place::Rest(_)) if !needs.columns.iter().any(|name| name == REST) => {
                    needs.columns.push(REST.to_owned())
                }
                _ => {}
            }
        }
        needs
    }

    /// Whether events of a template may have it: a list is not looked into.
    pub(super) fn is_in(&self, template: &Template) -> bool {
        (1..=self.keys.len()).any(|length| {
            let pointer = pointer(&self.keys[..length]);
            let is_whole = length == self.keys.len();
            let is_there = |part: &Part| part.pointer == pointer && (is_whole || part.kind == Kind::Json);
            template.parts.iter().any(is_there) || is_whole && template.objects.contains(&pointer)
        })
    }

    /// The values of a batch's rows. `joined` are the events, where they were needed.
    pub(super) fn values(
        &self,
        batch: &RecordBatch,
        joined: Option<&BinaryArray>,
        cache: &Cache,
        opened: &Opened,
    ) -> Result<ArrayRef> {
        let missing = |name: &str| outside(Fault::damage(msg!("query-column-missing", name = name)));
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| missing(name));
        let templates = Texts::of(column(TEMPLATE)?).ok_or_else(|| missing(TEMPLATE))?;
        let places =
            Places::of(&templates, batch.num_rows(), cache, |template| Where::of(template, &self.keys, opened))?;
        let raw = joined.or_else(|| batch.column_by_name("raw").and_then(|raw| raw.as_binary_opt()));
        self.saw(&places, raw, cache, &templates);
        if let Some(values) = places.only_column(batch) {
            return Ok(values);
        }
        let columns = places.columns(batch)?;
        let mut texts = StringBuilder::with_capacity(batch.num_rows(), batch.num_rows() * 16);
        let mut scratch = Vec::new();
        for row in 0..batch.num_rows() {
            scratch.clear();
            let place = match places.of_row(row) {
                Some(Where::Absent) => None,
                None | Some(Where::Object) => {
                    let event = raw.filter(|raw| raw.is_valid(row)).map(|raw| raw.value(row));
                    texts.append_option(event.and_then(|event| self.path.text_of(&json_of(event, self.source))));
                    continue;
                }
                Some(place) => Some(place),
            };
            let Some(place) = place else {
                texts.append_null();
                continue;
            };
            let is_there = match place.place() {
                Some(Place::Column(_)) => {
                    places.column(row, &columns).is_some_and(|column| column.write(row, &mut scratch))
                }
                Some(Place::Rest(at)) => {
                    let rest = places.column(row, &columns).and_then(|rest| rest.text(row));
                    let value = rest.and_then(|rest| rest.split(char::from(SEPARATOR)).nth(*at));
                    value.map(|value| scratch.extend_from_slice(value.as_bytes())).is_some()
                }
                None => false,
            };
            let value = std::str::from_utf8(&scratch).ok().filter(|_| is_there);
            let Some(value) = value else { return Err(outside(Fault::damage(msg!("segment-record-incomplete")))) };
            match place {
                Where::Value(_, Kind::Text) => texts.append_value(crate::json::unescaped(value)),
                Where::Value(_, Kind::Uuid) => texts.append_value(value),
                Where::Value(_, Kind::Json) => texts.append_option((value != "null").then_some(value)),
                Where::Within(_, length) => texts.append_option(self.path.text_within(*length, value.as_bytes())),
                Where::Absent | Where::Object => texts.append_null(),
            }
        }
        Ok(Arc::new(texts.finish()))
    }

    fn saw(&self, places: &Places, raw: Option<&BinaryArray>, cache: &Cache, templates: &Texts<'_>) {
        let Some(sightings) = self.sightings else { return };
        let in_whole = |row: usize| {
            let event = raw.filter(|raw| raw.is_valid(row)).map(|raw| raw.value(row));
            event.is_some_and(|event| self.path.text_of(&json_of(event, self.source)).is_some())
        };
        let is_there = |row: &usize| match places.of_row(*row) {
            Some(place) => *place != Where::Absent,
            None => in_whole(*row), // the event stands whole
        };
        let rows = places.numbers.len();
        let found = (0..rows).filter(is_there).count();
        sightings.saw_many(rows, found);
        if found == 0 {
            let texts = (0..rows.min(64)).filter_map(|row| templates.text(row));
            texts.filter_map(|text| cache.template(text)).for_each(|template| sightings.names_of(&template));
        }
    }
}

/// Of each row, where its template has something.
pub(super) struct Places {
    by_number: Vec<Option<Where>>,
    numbers: Vec<Option<usize>>,
}

impl Places {
    fn of(templates: &Texts<'_>, rows: usize, cache: &Cache, place: impl Fn(&Template) -> Where) -> Result<Self> {
        let unreadable = || outside(Fault::damage(msg!("segment-template-unreadable")));
        let read = |text: &str| cache.template(text).map(|template| place(&template)).ok_or_else(unreadable);
        match templates {
            Texts::Dictionary(numbers, texts) => {
                let keys = numbers.keys();
                let numbers: Vec<Option<usize>> =
                    keys.iter().map(|number| number.and_then(|number| usize::try_from(number).ok())).collect();
                let mut by_number: Vec<Option<Where>> = vec![None; texts.len()];
                for number in numbers.iter().flatten() {
                    if let Some(slot) = by_number.get_mut(*number)
                        && slot.is_none()
                    {
                        *slot = Some(read(texts.value(*number))?);
                    }
                }
                Ok(Self { by_number, numbers })
            }
            templates => {
                let (mut by_number, mut numbers) = (Vec::new(), Vec::with_capacity(rows));
                for row in 0..rows {
                    numbers.push(match templates.text(row) {
                        Some(text) => {
                            by_number.push(Some(read(text)?));
                            Some(by_number.len() - 1)
                        }
                        None => None,
                    });
                }
                Ok(Self { by_number, numbers })
            }
        }
    }

    /// Where a row has it; `None` where the row's event stands whole.
    fn of_row(&self, row: usize) -> Option<&Where> {
        self.numbers.get(row).copied().flatten().and_then(|number| self.by_number.get(number)?.as_ref())
    }

    /// Of each template, the column that the value is in.
    fn columns<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<Option<Texts<'a>>>> {
        let column = |place: &Option<Where>| {
            let name = match place.as_ref().and_then(Where::place) {
                None => return Ok(None),
                Some(Place::Column(name)) => name.as_str(),
                Some(Place::Rest(_)) => REST,
            };
            let missing = || outside(Fault::damage(msg!("query-column-missing", name = name)));
            batch.column_by_name(name).and_then(Texts::of).ok_or_else(missing).map(Some)
        };
        self.by_number.iter().map(column).collect()
    }

    fn column<'a>(&self, row: usize, columns: &[Option<Texts<'a>>]) -> Option<Texts<'a>> {
        columns.get(self.numbers.get(row).copied().flatten()?).copied().flatten()
    }

    /// The column as it is, where it says everything: no row has the path elsewhere, and nothing in it is escaped.
    fn only_column(&self, batch: &RecordBatch) -> Option<ArrayRef> {
        if self.numbers.iter().any(Option::is_none) {
            return None;
        }
        let mut found: Option<&str> = None;
        for place in self.by_number.iter().flatten() {
            match place {
                Where::Absent => {}
                Where::Value(Place::Column(name), Kind::Text | Kind::Uuid)
                    if found.is_none_or(|other| other == name) =>
                {
                    found = Some(name);
                }
                _ => return None,
            }
        }
        let Some(name) = found else {
            return Some(arrow::array::new_null_array(&DataType::Utf8, batch.num_rows()));
        };
        let array = batch.column_by_name(name)?;
        match Texts::of(array)? {
            Texts::Plain(texts) => is_plain(texts).then(|| Arc::clone(array)),
            Texts::Dictionary(_, texts) => {
                is_plain(texts).then(|| arrow::compute::cast(array, &DataType::Utf8).ok()).flatten()
            }
            Texts::Uuids(uuids) => {
                let mut texts = StringBuilder::with_capacity(uuids.len(), uuids.len() * 36);
                let mut text = Vec::with_capacity(36);
                for uuid in uuids {
                    text.clear();
                    uuid.iter().for_each(|uuid| uuid_text(uuid, &mut text));
                    texts.append_option(uuid.and_then(|_| std::str::from_utf8(&text).ok()));
                }
                Some(Arc::new(texts.finish()))
            }
        }
    }
}

fn is_plain(texts: &StringArray) -> bool {
    memchr::memchr(b'\\', texts.value_data()).is_none()
}

/// The templates of a file, each once.
pub(super) fn templates_of(batches: &[RecordBatch], cache: &Cache) -> Result<Vec<Arc<Template>>> {
    let unreadable = || outside(Fault::damage(msg!("segment-template-unreadable")));
    let mut found: Vec<Arc<Template>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for batch in batches {
        let column = batch.column_by_name(TEMPLATE).ok_or_else(unreadable)?;
        let mut add = |text: &str| -> Result<()> {
            if seen.insert(text.to_owned()) {
                found.push(cache.template(text).ok_or_else(unreadable)?);
            }
            Ok(())
        };
        match (column.as_dictionary_opt::<Int32Type>(), column.as_string_opt::<i32>()) {
            (Some(numbers), _) => {
                for text in numbers.values().as_string_opt::<i32>().into_iter().flatten().flatten() {
                    add(text)?;
                }
            }
            (None, Some(texts)) => texts.iter().flatten().try_for_each(add)?,
            (None, None) => return Err(unreadable()),
        }
    }
    Ok(found)
}
