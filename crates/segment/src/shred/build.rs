//! Many events to templates and columns.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, DictionaryArray, FixedSizeBinaryBuilder, Int32Array, StringArray, StringBuilder};
use arrow::datatypes::Field;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{Kind, MAX_COLUMNS, MAX_DEPTH, MAX_TEMPLATES, REST, SEPARATOR, Slot, TEMPLATE, Template, cut, uuid_bytes};

/// With fewer events than this, what columns cost is more than what they save.
const LEAST_EVENTS: usize = 1_000;
/// A path gets a column where at least one event of so many has it.
const EVENTS_A_VALUE: usize = 32;
/// How many events are looked at before the depth is chosen.
const SAMPLED: usize = 512;
/// How many of these share a template, on average, where a depth serves.
const EVENTS_A_TEMPLATE: usize = 5;
/// The depths that are tried, one after another: the less alike the events are, the more of each is left whole.
const DEPTHS: [u8; 4] = [MAX_DEPTH, 3, 2, 1];

/// A column of what was taken apart.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name and type.
    pub field: Field,
    /// A value a row; null where the row has none.
    pub values: ArrayRef,
    /// Whether its values repeat, so that a dictionary pays.
    pub repeats: bool,
}

/// Events taken apart.
#[derive(Clone, Debug)]
pub struct Shredded {
    /// How deep objects were taken apart.
    pub depth: u8,
    /// Of each event, whether it stays whole.
    pub is_whole: Vec<bool>,
    /// The templates, the rest, and the paths by the names of their columns.
    pub columns: Vec<Column>,
}

/// Takes events apart. `None` where it does not pay: they are too few, or too little alike.
pub fn shred<'a>(events: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Shredded> {
    let count = events.clone().count();
    let depth = if count < LEAST_EVENTS { None } else { depth_of(events.clone(), count) }?;
    let mut table = Table::new(depth);
    events.clone().for_each(|event| table.add(event));
    let taken: usize = table.templates.iter().filter(|known| known.parsed.is_some()).map(|known| known.count).sum();
    (taken * 2 >= count).then(|| table.columns(events))
}

/// The first depth at which a sample of the events has few templates.
fn depth_of<'a>(events: impl Iterator<Item = &'a [u8]> + Clone, count: usize) -> Option<u8> {
    let sample: Vec<&[u8]> = events.step_by((count / SAMPLED).max(1)).collect();
    let (mut template, mut slots) = (Vec::new(), Vec::new());
    DEPTHS.into_iter().find(|depth| {
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        for event in &sample {
            if cut(event, *depth, &mut template, &mut slots) && !seen.contains(&template) {
                seen.insert(template.clone());
            }
        }
        !seen.is_empty() && seen.len() * EVENTS_A_TEMPLATE <= sample.len()
    })
}

/// A template and how many events have it.
struct Known {
    text: Box<[u8]>,
    parsed: Option<Template>,
    count: usize,
    /// Of each of its values, the bytes of all events together.
    bytes: Vec<usize>,
}

/// What the first pass over the events finds.
struct Table {
    depth: u8,
    templates: Vec<Known>,
    by_text: HashTable<u32>,
    hasher: RandomState,
    /// Of each event, its template; `None` where it stays whole.
    rows: Vec<Option<u32>>,
    /// The values of all events, one after another.
    places: Vec<(u32, u32)>,
    template: Vec<u8>,
    slots: Vec<Slot>,
}

impl Table {
    fn new(depth: u8) -> Self {
        Self {
            depth,
            templates: Vec::new(),
            by_text: HashTable::new(),
            hasher: RandomState::default(),
            rows: Vec::new(),
            places: Vec::new(),
            template: Vec::new(),
            slots: Vec::new(),
        }
    }

    fn add(&mut self, event: &[u8]) {
        let row = self.template_of(event);
        if row.is_some() {
            self.places.extend(self.slots.iter().map(|slot| (slot.start, slot.end)));
        }
        self.rows.push(row);
    }

    fn template_of(&mut self, event: &[u8]) -> Option<u32> {
        if std::str::from_utf8(event).is_err() || !cut(event, self.depth, &mut self.template, &mut self.slots) {
            return None;
        }
        let hash = self.hasher.hash_one(self.template.as_slice());
        let is_it = |at: &u32| self.templates.get(*at as usize).is_some_and(|known| *known.text == *self.template);
        let at = match self.by_text.find(hash, is_it) {
            Some(at) => *at,
            None => self.learn(hash)?,
        };
        let known = self.templates.get_mut(at as usize)?;
        known.count += 1;
        for (bytes, slot) in known.bytes.iter_mut().zip(&self.slots) {
            *bytes += (slot.end - slot.start) as usize;
        }
        known.parsed.is_some().then_some(at)
    }

    fn learn(&mut self, hash: u64) -> Option<u32> {
        if self.templates.len() >= MAX_TEMPLATES {
            return None;
        }
        let parsed = std::str::from_utf8(&self.template).ok().and_then(Template::parse);
        // A mark that the event itself had would be one too many.
        let parsed = parsed.filter(|template| template.parts.len() == self.slots.len());
        let at = u32::try_from(self.templates.len()).ok()?;
        let (text, bytes) = (self.template.as_slice().into(), vec![0; self.slots.len()]);
        self.templates.push(Known { text, parsed, count: 0, bytes });
        let (hasher, templates) = (&self.hasher, &self.templates);
        let hash_of = |at: &u32| templates.get(*at as usize).map_or(0, |known| hasher.hash_one(&*known.text));
        self.by_text.insert_unique(hash, at, hash_of);
        Some(at)
    }

    /// The paths that get columns, by name.
    fn chosen(&self) -> BTreeMap<String, Kind> {
        let mut counts: BTreeMap<String, (usize, Kind)> = BTreeMap::new();
        for (template, count) in self.templates.iter().filter_map(|known| Some((known.parsed.as_ref()?, known.count))) {
            for part in &template.parts {
                counts.entry(part.column()).or_insert((0, part.kind)).0 += count;
            }
        }
        let least = self.rows.len().div_ceil(EVENTS_A_VALUE);
        let mut often: Vec<(usize, String, Kind)> = counts
            .into_iter()
            .filter(|(_, (count, _))| *count >= least)
            .map(|(name, (count, kind))| (count, name, kind))
            .collect();
        often.sort_by(|(a, a_name, _), (b, b_name, _)| b.cmp(a).then_with(|| a_name.cmp(b_name)));
        often.truncate(MAX_COLUMNS);
        often.into_iter().map(|(_, name, kind)| (name, kind)).collect()
    }

    /// The second pass: every value to its column.
    fn columns<'a>(&self, events: impl Iterator<Item = &'a [u8]>) -> Shredded {
        let chosen = self.chosen();
        let places: BTreeMap<&str, usize> = chosen.keys().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let to_columns = |known: &Known| -> Vec<Option<usize>> {
            let parts = known.parsed.iter().flat_map(|template| &template.parts);
            parts.map(|part| places.get(part.column().as_str()).copied()).collect()
        };
        let targets: Vec<Vec<Option<usize>>> = self.templates.iter().map(to_columns).collect();
        let mut sizes = vec![0; chosen.len()];
        let mut in_rest = 0;
        for (known, targets) in self.templates.iter().zip(&targets) {
            for (target, bytes) in targets.iter().zip(&known.bytes) {
                match target.and_then(|at| sizes.get_mut(at)) {
                    Some(size) => *size += bytes,
                    None => in_rest += bytes + known.count,
                }
            }
        }
        let rows = self.rows.len();
        let mut columns: Vec<Building> =
            chosen.values().zip(&sizes).map(|(kind, bytes)| Building::new(*kind, rows, *bytes)).collect();
        let mut rest = Building::new(Kind::Text, rows, in_rest);
        let mut values = self.places.iter();
        let mut others = String::new();
        for (row, (event, template)) in events.zip(&self.rows).enumerate() {
            let Some(at) = template else { continue };
            let Some(targets) = targets.get(*at as usize) else { continue };
            others.clear();
            let event = std::str::from_utf8(event).unwrap_or_default(); // it was checked in the first pass
            for (target, (start, end)) in targets.iter().zip(values.by_ref()) {
                let value = event.get(*start as usize..*end as usize).unwrap_or_default();
                match target.and_then(|at| columns.get_mut(at)) {
                    Some(column) => column.push(row, value),
                    None => {
                        others.push_str(value);
                        others.push(char::from(SEPARATOR));
                    }
                }
            }
            if targets.iter().any(Option::is_none) {
                rest.push(row, &others);
            }
        }
        let count = self.rows.len();
        let paths = [(REST.to_owned(), rest)].into_iter().chain(chosen.into_keys().zip(columns));
        let paths = paths.map(|(name, building)| building.finish(&name, count));
        let columns = [self.template_column()].into_iter().chain(paths).collect();
        Shredded { depth: self.depth, is_whole: self.rows.iter().map(Option::is_none).collect(), columns }
    }
}

impl Table {
    /// Of each row the number of its template, and the templates, each once.
    fn template_column(&self) -> Column {
        let numbers = self.rows.iter().map(|row| row.and_then(|at| i32::try_from(at).ok()));
        // A text that was refused as a template is no row's.
        let texts = self.templates.iter().map(|known| std::str::from_utf8(&known.text).unwrap_or_default());
        let (numbers, texts): (Int32Array, StringArray) = (numbers.collect(), texts.map(Some).collect());
        let values: ArrayRef = Arc::new(DictionaryArray::new(numbers, Arc::new(texts)));
        Column { field: Field::new(TEMPLATE, values.data_type().clone(), true), values, repeats: true }
    }
}

/// A column that is being filled, with nulls for the rows that were passed over.
enum Building {
    Texts(StringBuilder, usize),
    Uuids(FixedSizeBinaryBuilder, usize),
}

impl Building {
    /// One for so many rows, whose values have so many bytes: it never grows, and growing would take twice the memory.
    fn new(kind: Kind, rows: usize, bytes: usize) -> Self {
        match kind {
            Kind::Uuid => Self::Uuids(FixedSizeBinaryBuilder::with_capacity(rows, 16), 0),
            Kind::Text | Kind::Json => Self::Texts(StringBuilder::with_capacity(rows, bytes), 0),
        }
    }

    fn push(&mut self, row: usize, value: &str) {
        match self {
            Self::Texts(texts, filled) => {
                texts.append_nulls(row.saturating_sub(*filled));
                texts.append_value(value);
                *filled = row + 1;
            }
            Self::Uuids(uuids, filled) => {
                uuids.append_nulls(row.saturating_sub(*filled));
                let bytes = uuid_bytes(value.as_bytes()).unwrap_or_default(); // its kind says that it is one
                // Sixteen bytes are what it takes.
                let _ = uuids.append_value(bytes);
                *filled = row + 1;
            }
        }
    }

    fn finish(self, name: &str, rows: usize) -> Column {
        let (values, repeats): (ArrayRef, bool) = match self {
            Self::Texts(mut texts, filled) => {
                texts.append_nulls(rows.saturating_sub(filled));
                let values = texts.finish();
                let repeats = repeats(&values);
                (Arc::new(values), repeats)
            }
            Self::Uuids(mut uuids, filled) => {
                uuids.append_nulls(rows.saturating_sub(filled));
                (Arc::new(uuids.finish()), false)
            }
        };
        Column { field: Field::new(name, values.data_type().clone(), true), values, repeats }
    }
}

/// Whether at least every other value stood before, judged by the first few thousand.
fn repeats(values: &StringArray) -> bool {
    const JUDGED: usize = 8_192;
    let (mut seen, mut count) = (hashbrown::HashSet::with_hasher(RandomState::default()), 0);
    for value in values.iter().flatten().take(JUDGED) {
        seen.insert(value);
        count += 1;
    }
    seen.len() * 2 <= count
}
