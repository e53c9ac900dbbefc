//! An answer: a stream of rows, and what there is to say beside them when it has ended.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use shoseki_messages::{Message, Result, msg};

use crate::engine::{Progress, fault_of};
use crate::json::Sightings;
use crate::pattern::CaseHint;

/// What is counted while a query runs, for the words beside its answer.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    pub(crate) case: Option<Arc<CaseHint>>,
    pub(crate) fields: Vec<(String, Arc<Sightings>)>,
    /// What was clear before it ran.
    pub(crate) known: Vec<Message>,
}

impl Hints {
    fn messages(&self) -> Vec<Message> {
        let case = self.case.iter().filter_map(|hint| {
            let missed = hint.missed.load(Ordering::Relaxed);
            let loose: Vec<&str> = hint.needles.iter().flatten().map(|(_, loose)| loose.text()).collect();
            let patterns = loose.iter().map(|pattern| format!("/{}/", pattern.replace('/', "\\/")));
            let pattern = patterns.collect::<Vec<_>>().join(", ");
            (missed > 0).then(|| msg!("query-hint-case", count = missed, pattern = pattern))
        });
        let fields = self.fields.iter().filter_map(|(name, sightings)| {
            let looked = sightings.looked.load(Ordering::Relaxed);
            if looked == 0 || sightings.found.load(Ordering::Relaxed) > 0 {
                return None;
            }
            Some(match sightings.nearest(name) {
                Some(near) => msg!("query-hint-no-field-near", name = name.as_str(), near = near),
                None => msg!("query-hint-no-field", name = name.as_str()),
            })
        });
        self.known.iter().cloned().chain(case).chain(fields).collect()
    }
}

/// The rows of an answer as they come. Dropping it stops the query.
pub struct Answer {
    schema: SchemaRef,
    stream: SendableRecordBatchStream,
    hints: Hints,
    progress: Arc<Progress>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Answer {
    pub(crate) fn new(
        stream: SendableRecordBatchStream,
        names: Vec<String>,
        hints: Hints,
        progress: Arc<Progress>,
    ) -> Result<Self> {
        let inner = stream.schema();
        let field = |(field, name): (&Arc<Field>, String)| Field::new(name, shown_type(field.data_type()), true);
        let fields: Vec<Field> = inner.fields().iter().zip(unique(names)).map(field).collect();
        Ok(Self { schema: Arc::new(Schema::new(fields)), stream, hints, progress })
    }

    /// The columns: text, numbers, booleans and instants (microseconds, UTC). No name stands twice.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// What stopped the query.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.stream.next().await else { return Ok(None) };
        let batch = batch.map_err(fault_of)?;
        let columns = batch.columns().iter().map(shown).collect();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.schema(), columns, &options);
        batch.map(Some).map_err(|error| fault_of(error.into()))
    }

    /// How far the query is.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What there is to say beside the answer; complete only after the stream has ended.
    pub fn hints(&self) -> Vec<Message> {
        self.hints.messages()
    }
}

/// A name that stands again gets a number.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let numbered = |n: usize| if n == 1 { name.clone() } else { format!("{name} ({n})") };
        let free = (1..).map(numbered).find(|candidate| !seen.contains(candidate));
        seen.push(free.unwrap_or(name));
    }
    seen
}

fn shown_type(kind: &DataType) -> DataType {
    match kind {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::Null => DataType::Utf8,
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        other => other.clone(),
    }
}

/// Bytes are shown as text; what is not UTF-8 in them as `U+FFFD`.
fn shown(array: &ArrayRef) -> ArrayRef {
    match array.as_binary_opt::<i32>() {
        Some(bytes) => match StringArray::try_from_binary(bytes.clone()) {
            Ok(texts) => Arc::new(texts),
            Err(_) => lossy(bytes),
        },
        None if shown_type(array.data_type()) != *array.data_type() => {
            let nulls = || arrow::array::new_null_array(&DataType::Utf8, array.len());
            arrow::compute::cast(array, &DataType::Utf8).unwrap_or_else(|_| nulls())
        }
        None => Arc::clone(array),
    }
}

fn lossy(bytes: &BinaryArray) -> ArrayRef {
    let mut texts = StringBuilder::new();
    for row in bytes {
        texts.append_option(row.map(String::from_utf8_lossy));
    }
    Arc::new(texts.finish())
}
