//! An answer: a stream of rows, and what there is to say beside them when it has ended.

use async_recursion::async_recursion;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, RecordBatch, RecordBatchOptions, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use shoseki_messages::{Fault, Message, Result, msg};

use crate::asked::Asked;
use crate::engine::{Engine, Failure, Progress, Running, fault_of, is_too_much};
use crate::json::Sightings;
use crate::output::in_digits;
use crate::pattern::CaseHint;
use crate::slices::{Range, Slices};

/// What is counted while a query runs, for the words beside its answer.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    pub(crate) case: Option<Arc<CaseHint>>,
    pub(crate) fields: Vec<(String, Arc<Sightings>)>,
    /// What was clear before it ran.
    pub(crate) known: Vec<Message>,
}

impl Hints {
    /// Of several slices of one query.
    fn messages(all: &[Self], is_part: bool) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for known in all.iter().flat_map(|hints| &hints.known) {
            if !messages.contains(known) {
                messages.push(known.clone());
            }
        }
        messages.extend(case_message(all, is_part));
        let names: BTreeSet<&str> = all.iter().flat_map(|hints| &hints.fields).map(|(name, _)| name.as_str()).collect();
        messages.extend(names.into_iter().filter_map(|name| field_message(all, name)));
        messages
    }
}

fn case_message(all: &[Hints], is_part: bool) -> Option<Message> {
    let counted: Vec<_> = all.iter().filter_map(|hints| hints.case.as_ref()).collect();
    let missed: u64 = counted.iter().map(|hint| hint.missed.load(Ordering::Relaxed)).sum();
    let loose = counted.first()?.needles.iter().flatten().map(|(_, loose)| loose.text());
    let pattern = loose.map(|pattern| format!("/{}/", pattern.replace('/', "\\/"))).collect::<Vec<_>>().join(", ");
    let is_least = counted.iter().any(|hint| hint.is_least.load(Ordering::Relaxed));
    match (missed, is_part, is_least) {
        (0, ..) => None,
        (_, true, _) => Some(msg!("query-hint-case-part", count = missed, pattern = pattern)),
        (_, false, true) => Some(msg!("query-hint-case-least", count = missed, pattern = pattern)),
        (_, false, false) => Some(msg!("query-hint-case", count = missed, pattern = pattern)),
    }
}

fn field_message(all: &[Hints], name: &str) -> Option<Message> {
    let sightings = all.iter().flat_map(|hints| &hints.fields).filter(|(known, _)| known == name);
    let sightings: Vec<&Sightings> = sightings.map(|(_, sightings)| &**sightings).collect();
    let sum = |count: fn(&Sightings) -> &AtomicU64| -> u64 {
        sightings.iter().map(|one| count(one).load(Ordering::Relaxed)).sum()
    };
    if sum(|one| &one.looked) == 0 || sum(|one| &one.found) > 0 {
        return None;
    }
    // Who begins with `@` means one of the system's.
    let system = || crate::fields::SYSTEM.iter().map(|(known, ..)| *known);
    let of_system =
        name.starts_with('@').then(|| shoseki_insights::nearest(name, system())).flatten().map(str::to_owned);
    Some(match of_system.or_else(|| sightings.iter().find_map(|one| one.nearest(name))) {
        Some(near) => msg!("query-hint-no-field-near", name = name, near = near),
        None => msg!("query-hint-no-field", name = name),
    })
}

/// What of a query is still to run.
pub(crate) struct Rest {
    engine: Engine,
    asked: Arc<Asked>,
    slices: Slices,
    /// What is searched now.
    range: Range,
    progress: Arc<Progress>,
}

impl Rest {
    pub(crate) fn new(engine: Engine, asked: Arc<Asked>, slices: Slices, progress: Arc<Progress>) -> Self {
        Self { engine, asked, slices, range: (None, None), progress }
    }

    async fn next(&mut self) -> Result<Option<Running>, Failure> {
        let Some(range) = self.slices.ranges.pop_front() else { return Ok(None) };
        self.range = range;
        self.engine.slice(&self.asked, range, &self.progress).await.map(Some)
    }

    /// Goes back to what is searched now, in two parts.
    fn halve(&mut self) -> bool {
        self.slices.halve(self.range, self.engine.files())
    }
}

/// The rows of an answer as they come. Dropping it stops the query.
pub struct Answer {
    schema: SchemaRef,
    stream: SendableRecordBatchStream,
    rest: Option<Rest>,
    hints: Vec<Hints>,
    /// Whether rows came of the slice that is searched now.
    has_begun: bool,
    /// Rows that may still come.
    left: Option<u64>,
    /// Whether something was left unsearched because the limit was full.
    is_part: bool,
    /// Whether bytes stay bytes.
    as_records: bool,
    progress: Arc<Progress>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Answer {
    /// An answer of one part.
    pub(crate) fn whole(running: Running, progress: Arc<Progress>) -> Self {
        Self::of(running, progress, false)
    }

    /// An answer of one part, whose bytes may stay bytes.
    pub(crate) fn of(running: Running, progress: Arc<Progress>, as_records: bool) -> Self {
        let inner = running.stream.schema();
        let kind = |field: &Field| match field.data_type() {
            DataType::Binary if as_records => DataType::Binary,
            other => shown_type(other),
        };
        let digits = running.digits.into_iter().chain(std::iter::repeat(false));
        let field = |((field, name), is_digits): ((&Arc<Field>, String), bool)| {
            let field = Field::new(name, kind(field), true);
            if is_digits { in_digits(field) } else { field }
        };
        let fields: Vec<Field> = inner.fields().iter().zip(unique(running.names)).zip(digits).map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let hints = vec![running.hints];
        Self {
            schema,
            stream: running.stream,
            rest: None,
            hints,
            has_begun: false,
            left: None,
            is_part: false,
            as_records,
            progress,
        }
    }

    /// An answer of slices, of which the first begins now.
    pub(crate) async fn sliced(mut rest: Rest) -> Result<Self, Failure> {
        let Some(first) = rest.next().await? else {
            return Err(Fault::broken(msg!("query-engine")).into());
        };
        let as_records = rest.engine.options().as_records;
        let mut answer = Self::of(first, Arc::clone(&rest.progress), as_records);
        answer.left = rest.slices.limit;
        answer.rest = Some(rest);
        Ok(answer)
    }

    /// The columns: text, numbers, booleans and instants (microseconds, UTC). No name stands twice. Numbers that a double
    /// may not hold are text here ([`crate::output::is_in_digits`]); as JSON they are numbers.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// What stopped the query.
    #[async_recursion]
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            match self.stream.next().await {
                Some(Ok(batch)) => {
                    self.has_begun = true;
                    return self.shown(&batch).map(Some);
                }
                // What is sorted comes out when all of it is there: nothing of this slice was given yet.
                Some(Err(error)) if self.has_begun || !is_too_much(&error) || !self.halve() => {
                    return Err(fault_of(error));
                }
                Some(Err(_)) | None => {}
            }
            let Some(rest) = &mut self.rest else { return Ok(None) };
            if self.left == Some(0) {
                self.is_part = !rest.slices.ranges.is_empty();
                return Ok(None);
            }
            match rest.next().await {
                Ok(Some(running)) => {
                    self.stream = running.stream;
                    self.has_begun = false;
                    self.hints.push(running.hints);
                }
                Ok(None) => return Ok(None),
                Err(Failure::Fault(fault)) => return Err(fault),
                // The first slice had none.
                Err(Failure::Mistakes(_)) => return Err(Fault::broken(msg!("query-engine"))),
            }
        }
    }

    /// Goes back to the slice that is searched now, in two parts, as if it had not been searched.
    fn halve(&mut self) -> bool {
        let is_halved = self.rest.as_mut().is_some_and(Rest::halve);
        if is_halved {
            self.hints.pop();
        }
        is_halved
    }

    /// With what was counted before it began.
    pub(crate) fn beside(mut self, hints: Hints) -> Self {
        self.hints.insert(0, hints); // the last ones are those of the slice that is searched
        self
    }

    fn shown(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let left = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let batch = batch.slice(0, batch.num_rows().min(left));
        self.left = self.left.map(|left| left.saturating_sub(batch.num_rows() as u64));
        let is_kept = |array: &ArrayRef| self.as_records && *array.data_type() == DataType::Binary;
        let columns =
            batch.columns().iter().map(|array| if is_kept(array) { Arc::clone(array) } else { shown(array) }).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.schema(), columns, &options);
        batch.map_err(|error| fault_of(error.into()))
    }

    /// How far the query is.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What there is to say beside the answer; complete only after the stream has ended.
    pub fn hints(&self) -> Vec<Message> {
        Hints::messages(&self.hints, self.is_part || self.progress.is_cut_short())
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
