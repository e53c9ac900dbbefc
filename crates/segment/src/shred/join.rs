//! Rows of templates and columns to the events that they were.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, DictionaryArray, FixedSizeBinaryArray, RecordBatch, StringArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::Int32Type;
use shoseki_messages::{Fault, Result, msg};

use super::{REST, SEPARATOR, Slot, TEMPLATE, Template, cut, uuid_text};

/// A template with the place of each value.
#[derive(Debug)]
struct Compiled {
    pieces: Vec<Piece>,
    after: Vec<u8>,
}

#[derive(Debug)]
struct Piece {
    before: Vec<u8>,
    /// The column in [`Joiner::columns`]; `None` where the value stands in the rest.
    column: Option<usize>,
}

/// Joins the rows of one file, batch by batch.
#[derive(Debug, Default)]
pub struct Joiner {
    /// The names of the paths' columns.
    columns: Vec<String>,
    known: HashMap<String, Arc<Compiled>>,
    /// The bytes of the batch before: the next one will have about as many.
    last: usize,
    /// What must be found again when a joined event is taken apart.
    strict: Option<Strict>,
}

/// Takes joined events apart again.
#[derive(Debug, Default)]
struct Strict {
    depth: u8,
    template: Vec<u8>,
    slots: Vec<Slot>,
}

/// The values of a column, in any of the forms in which they are read.
#[derive(Clone, Copy, Debug)]
pub enum Texts<'a> {
    /// One after another.
    Plain(&'a StringArray),
    /// By numbers of a dictionary.
    Dictionary(&'a DictionaryArray<Int32Type>, &'a StringArray),
    /// UUIDs.
    Uuids(&'a FixedSizeBinaryArray),
}

impl<'a> Texts<'a> {
    /// The column of an array; `None` where it is of another type.
    pub fn of(array: &'a ArrayRef) -> Option<Self> {
        if let Some(texts) = array.as_string_opt::<i32>() {
            return Some(Self::Plain(texts));
        }
        if let Some(numbers) = array.as_dictionary_opt::<Int32Type>() {
            return Some(Self::Dictionary(numbers, numbers.values().as_string_opt::<i32>()?));
        }
        array.as_fixed_size_binary_opt().filter(|uuids| uuids.value_length() == 16).map(Self::Uuids)
    }

    /// The text of a row, UUIDs aside.
    pub fn text(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Plain(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Dictionary(numbers, texts) => {
                let number = numbers.is_valid(row).then(|| numbers.keys().value(row))?;
                Some(texts.value(usize::try_from(number).ok()?))
            }
            Self::Uuids(_) => None,
        }
    }

    /// How many rows have a value.
    pub fn count(&self) -> usize {
        match self {
            Self::Plain(texts) => texts.len() - texts.null_count(),
            Self::Dictionary(numbers, _) => numbers.len() - numbers.null_count(),
            Self::Uuids(uuids) => uuids.len() - uuids.null_count(),
        }
    }

    /// Writes the value of a row; `false` where it has none.
    #[inline]
    pub fn write(&self, row: usize, bytes: &mut Vec<u8>) -> bool {
        if let Self::Uuids(uuids) = self {
            if uuids.is_valid(row) {
                uuid_text(uuids.value(row), bytes);
            }
            return uuids.is_valid(row);
        }
        self.text(row).map(|text| bytes.extend_from_slice(text.as_bytes())).is_some()
    }
}

fn missing(name: &str) -> Fault {
    Fault::damage(msg!("segment-column-missing", name = name))
}

impl Joiner {
    /// A joiner for a file with these columns.
    pub fn new<'a>(columns: impl Iterator<Item = &'a str>) -> Self {
        Self {
            columns: columns.filter(|name| super::Kind::of_column(name).is_some()).map(str::to_owned).collect(),
            known: HashMap::new(),
            last: 0,
            strict: None,
        }
    }

    /// One that makes sure that the events, taken apart to this depth, give what they were joined of.
    #[must_use]
    pub fn strictly(self, depth: u8) -> Self {
        Self { strict: Some(Strict { depth, ..Strict::default() }), ..self }
    }

    /// The columns that are needed to join.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        [TEMPLATE, REST].into_iter().chain(self.columns.iter().map(String::as_str))
    }

    fn compiled(&mut self, text: &str) -> Result<Arc<Compiled>> {
        if let Some(known) = self.known.get(text) {
            return Ok(Arc::clone(known));
        }
        let template = Template::parse(text).ok_or_else(|| Fault::damage(msg!("segment-template-unreadable")))?;
        let pieces = template.parts.into_iter().map(|part| {
            let name = part.column();
            Piece { before: part.before, column: self.columns.binary_search(&name).ok() }
        });
        let compiled = Arc::new(Compiled { pieces: pieces.collect(), after: template.after });
        self.known.insert(text.to_owned(), Arc::clone(&compiled));
        Ok(compiled)
    }

    /// The events of a batch: joined where the row has a template, else what `raw` holds.
    ///
    /// # Errors
    /// Damage where a column or a value is missing, or there is one too many.
    pub fn join(&mut self, batch: &RecordBatch, raw: Option<&BinaryArray>) -> Result<BinaryArray> {
        let rows = batch.num_rows();
        let column = |name: &str| batch.column_by_name(name).and_then(Texts::of).ok_or_else(|| missing(name));
        let (templates, rest) = (column(TEMPLATE)?, column(REST)?);
        let columns: Vec<Texts<'_>> = self.columns.iter().map(|name| column(name)).collect::<Result<_>>()?;
        let mut by_number: Vec<Option<Arc<Compiled>>> = Vec::new();
        let mut bytes = Vec::with_capacity(self.last + self.last / 16);
        let mut ends = Vec::with_capacity(rows + 1);
        let mut is_there = Vec::with_capacity(rows);
        ends.push(0);
        let mut taken = vec![0_usize; columns.len()];
        for row in 0..rows {
            let compiled = match &templates {
                Texts::Dictionary(numbers, texts) if numbers.is_valid(row) => {
                    let number = usize::try_from(numbers.keys().value(row)).unwrap_or_default();
                    by_number.resize(texts.len(), None);
                    let slot = by_number.get_mut(number).ok_or_else(|| missing(TEMPLATE))?;
                    if slot.is_none() {
                        *slot = Some(self.compiled(texts.value(number))?);
                    }
                    slot.clone()
                }
                templates => templates.text(row).map(|text| self.compiled(text)).transpose()?,
            };
            let whole = raw.filter(|raw| raw.is_valid(row)).map(|raw| raw.value(row));
            let is_one = match (&compiled, whole) {
                (Some(compiled), None) => {
                    let start = bytes.len();
                    compiled.write(row, &columns, rest.text(row), &mut bytes)?;
                    if let Some(strict) = &mut self.strict {
                        strict.check(bytes.get(start..).unwrap_or_default(), templates.text(row))?;
                        compiled.pieces.iter().filter_map(|piece| piece.column).for_each(|at| taken[at] += 1);
                    }
                    true
                }
                (None, Some(whole)) => {
                    bytes.extend_from_slice(whole);
                    true
                }
                (None, None) => false,
                (Some(_), Some(_)) => return Err(Fault::damage(msg!("segment-record-twice"))),
            };
            is_there.push(is_one);
            ends.push(i32::try_from(bytes.len()).map_err(|_| Fault::broken(msg!("segment-batch-too-large")))?);
        }
        self.last = bytes.len();
        // A value of which no template speaks would be seen by who reads the column alone.
        let is_spare = |(column, taken): (&Texts<'_>, &usize)| column.count() != *taken;
        if self.strict.is_some() && columns.iter().zip(&taken).any(is_spare) {
            return Err(Fault::damage(msg!("segment-record-incomplete")));
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        let nulls = NullBuffer::from(is_there);
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        BinaryArray::try_new(offsets, bytes.into(), nulls)
            .map_err(|error| Fault::broken(msg!("segment-file-unreadable")).because(error))
    }
}

impl Strict {
    fn check(&mut self, event: &[u8], template: Option<&str>) -> Result<()> {
        let is_again = cut(event, self.depth, &mut self.template, &mut self.slots)
            && template.is_some_and(|text| text.as_bytes() == self.template);
        if is_again { Ok(()) } else { Err(Fault::damage(msg!("segment-record-not-canonical"))) }
    }
}

impl Compiled {
    fn write(&self, row: usize, columns: &[Texts<'_>], rest: Option<&str>, bytes: &mut Vec<u8>) -> Result<()> {
        let mut rest = rest.unwrap_or_default().as_bytes();
        let incomplete = || Fault::damage(msg!("segment-record-incomplete"));
        for piece in &self.pieces {
            bytes.extend_from_slice(&piece.before);
            match piece.column.and_then(|at| columns.get(at)) {
                Some(column) => {
                    if !column.write(row, bytes) {
                        return Err(incomplete());
                    }
                }
                None => {
                    let end = memchr::memchr(SEPARATOR, rest).ok_or_else(incomplete)?;
                    let (value, after) = rest.split_at(end);
                    bytes.extend_from_slice(value);
                    rest = after.get(1..).unwrap_or_default();
                }
            }
        }
        bytes.extend_from_slice(&self.after);
        if rest.is_empty() { Ok(()) } else { Err(incomplete()) }
    }
}
