//! One file: its bytes to batches of the table's columns, of the rows for which the conditions hold.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::error::{DataFusionError, Result};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::shred::Template;
use shoseki_sources::{Form, Source};

use super::index::Index;
use super::newest::Newest;
use super::opened::{Cache, FileBytes, Opened, outside, unreadable};
use super::paths::PathReader;
use super::selection::{Open, Selection};
use super::shredded::Shredded;
use super::steps::{Step, Steps};
use super::table::Native;
use super::tags::Tags;
use super::wanted::Wanted;
use crate::engine::Progress;
use crate::json::{Path, Sightings};
use crate::pattern::any_in;
use crate::store::Store;

/// The rows of a batch: small enough to stay in the processor's cache, large enough for the regular expressions.
pub(super) const BATCH_ROWS: usize = 8_192;

/// What is read of every file.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) selection: Arc<Selection>,
    /// The columns of the table.
    pub(crate) table: SchemaRef,
    /// The columns that come out.
    pub(crate) schema: SchemaRef,
    pub(crate) natives: Arc<[Native]>,
    /// What must hold of the rows that come out.
    pub(crate) steps: Arc<Steps>,
    /// What must be true of a file's segments that has such rows.
    pub(crate) tags: Arc<Tags>,
    /// What must be in a file that has such rows.
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) progress: Arc<Progress>,
}

/// A column of the table, and what of a file makes it.
pub(super) enum Origin<'a> {
    /// A column of the file.
    Column(&'static str),
    /// A path of the raw JSON.
    Json(&'a Native),
}

impl Reading {
    /// The batches of a file. Where only the newest rows are wanted, those that cannot be among them are left out.
    pub(crate) async fn open(
        self,
        file: Arc<Add>,
        open: Open,
        newest: Option<Arc<Newest>>,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let last = file.tags.segments.iter().map(|segment| segment.max.0).max().unwrap_or(i64::MAX);
        if newest.as_ref().and_then(|newest| newest.since()).is_some_and(|since| last < since) {
            self.progress.file_ruled_out(file.size);
            self.progress.cut_short();
            return Ok(futures::stream::empty().boxed());
        }
        let opened = self.cache.open(&self.store, &file).await?;
        self.progress.file_opened(file.size);
        if opened.is_shredded {
            return Ok(Shredded::new(self, file, opened).await?.scan(open, newest).await?.boxed());
        }
        self.text(file, &opened, open, newest)
    }

    /// Whether a file may hold what is wanted, by its index.
    pub(super) async fn may_hold(&self, file: &Add) -> Result<bool> {
        match Index::of(&self.store, file) {
            Some(mut index) => index.may_hold(&self.wanted, &self.cache).await,
            None => Ok(true),
        }
    }

    /// Of fields that no event was seen to have yet: whether files that are not read have them. An answer that finds nothing
    /// says so of a field that is nowhere.
    pub(super) async fn saw_names_of(&self, ruled_out: &[Arc<Add>]) -> Result<()> {
        for file in ruled_out {
            let unseen = |native: &&Native| native.sightings.as_ref().is_some_and(|sightings| !sightings.is_found());
            let unseen: Vec<&Native> = self.natives.iter().filter(unseen).collect();
            if unseen.is_empty() {
                return Ok(());
            }
            let opened = self.cache.open(&self.store, file).await?;
            // What events that stand whole have is not known without reading them.
            let templates = match opened.is_shredded {
                true => Some(opened.templates(self.bytes(file), &self.cache).await?),
                false => None,
            };
            let templates = templates.filter(|(_, has_whole)| !has_whole).map_or_else(Vec::new, |(all, _)| all);
            for native in unseen {
                let sightings = native.sightings.as_deref().into_iter();
                sightings.for_each(|sightings| saw_in(native, &templates, sightings, file));
            }
        }
        Ok(())
    }

    /// How often a file is read at most, were all of it read each time: mostly a few columns are.
    pub(super) fn passes(&self) -> u64 {
        /// Footer, index and its header, templates, the columns of the selection, times twice, and of what comes out first which columns
        /// it needs.
        const ALWAYS: usize = 9;
        let of_step = |step: &Step| match step {
            Step::Plain { .. } => 2,
            Step::Patterns(needles) => 1 + 2 * needles.len(),
            Step::Counted(hint) => 1 + 4 * hint.needles.iter().flatten().count(),
        };
        (ALWAYS + self.steps.0.iter().map(of_step).sum::<usize>()) as u64
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, file: &Arc<Add>) -> FileBytes {
        FileBytes { store: Arc::clone(&self.store), file: Arc::clone(file) }
    }

    /// A file whose events stand whole.
    fn text(
        self,
        file: Arc<Add>,
        opened: &Opened,
        open: Open,
        newest: Option<Arc<Newest>>,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let raw = self.table.index_of("raw")?;
        let wanted = self.steps.columns(raw).into_iter().map(|at| self.table.field(at));
        let mut columns: BTreeSet<&str> = open.columns().collect();
        for field in wanted.chain(self.schema.fields().iter().map(AsRef::as_ref)) {
            columns.insert(match self.origin(field.name(), &file)? {
                Origin::Column(name) => name,
                Origin::Json(_) => "raw",
            });
        }
        let columns: Vec<&str> = columns.into_iter().collect();
        let stream = opened.read(self.bytes(&file), &columns, None, BATCH_ROWS)?;
        let path = Arc::clone(&file);
        Ok(stream
            .map_err(move |error| unreadable(&path, error))
            .map(move |batch| {
                let batch = batch?;
                self.progress.rows_read(batch.num_rows());
                self.batch(self.selection.cut(batch, open)?, &file, newest.as_deref())
            })
            .boxed())
    }

    fn batch(&self, mut batch: RecordBatch, file: &Add, newest: Option<&Newest>) -> Result<RecordBatch> {
        self.look_for_unseen(&batch, file)?;
        for step in &self.steps.0 {
            let holds = self.holds(step, &batch, file)?;
            if holds.true_count() < batch.num_rows() {
                batch = filter_record_batch(&batch, &holds)?;
            }
        }
        if let Some(newest) = newest {
            let times = column(&batch, "time")?.as_primitive_opt().ok_or_else(|| missing("time"))?;
            batch = filter_record_batch(&batch, &newest.keep(times))?;
        }
        self.shape(&batch, &self.schema, file)
    }

    /// Fields that are read, and that no event was seen to have yet, where conditions leave events out before all are read:
    /// that no event has a field is certain only where it was looked for in each.
    pub(super) fn unseen(&self, file: &Add) -> Result<Vec<&Native>> {
        if self.steps.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut unseen: Vec<&Native> = Vec::new();
        let of_steps = self.steps.columns(self.table.index_of("raw")?).into_iter().map(|at| self.table.field(at));
        for field in of_steps.chain(self.schema.fields().iter().map(AsRef::as_ref)) {
            if let Origin::Json(native) = self.origin(field.name(), file)?
                && native.sightings.as_ref().is_some_and(|sightings| !sightings.is_found())
                && unseen.iter().all(|known| known.column != native.column)
            {
                unseen.push(native);
            }
        }
        Ok(unseen)
    }

    /// Looks for such fields in all events of a batch.
    fn look_for_unseen(&self, batch: &RecordBatch, file: &Add) -> Result<()> {
        for native in self.unseen(file)? {
            let raw = column(batch, "raw")?.as_binary_opt::<i32>().ok_or_else(|| missing("raw"))?;
            let mut watch = native.sightings.as_ref().map(|sightings| sightings.watch(raw.len()));
            for event in raw.iter().flatten() {
                let json = json_of(event, source_of_text(file));
                let is_there = native.path.is_in(&json);
                if let Some(watch) = &mut watch {
                    watch.saw(is_there, &json);
                }
                if is_there {
                    break;
                }
            }
        }
        Ok(())
    }

    fn holds(&self, step: &Step, batch: &RecordBatch, file: &Add) -> Result<BooleanArray> {
        let raw = || column(batch, "raw")?.as_binary_opt::<i32>().ok_or_else(|| missing("raw"));
        match step {
            Step::Plain { expr, columns } => {
                let batch = self.shape(batch, &Arc::new(self.table.project(columns)?), file)?;
                let value = expr.evaluate(&batch)?.into_array(batch.num_rows())?;
                let no_truth = || DataFusionError::Internal("a condition gives no truth".to_owned());
                value.as_boolean_opt().cloned().ok_or_else(no_truth)
            }
            Step::Patterns(needles) => Ok(any_in(needles, raw()?)),
            Step::Counted(hint) => Ok(hint.rows(raw()?)),
        }
    }

    /// What makes a column of the table in a file.
    pub(super) fn origin(&self, name: &str, file: &Add) -> Result<Origin<'_>> {
        match self.natives.iter().find(|native| native.column == name) {
            Some(native) => Ok(native.column_in(file).map_or(Origin::Json(native), Origin::Column)),
            None => shoseki_segment::schema::index_of(name)
                .and_then(|at| shoseki_segment::schema::COLUMNS.get(at))
                .map(|column| Origin::Column(column.name))
                .ok_or_else(|| DataFusionError::Internal(format!("no column `{name}`"))),
        }
    }

    /// Whether a column that is read of a file is a path of the JSON.
    pub(super) fn reads_paths(&self, file: &Add) -> Result<bool> {
        let of_steps = self.steps.columns(self.table.index_of("raw")?).into_iter().map(|at| self.table.field(at));
        for field in of_steps.chain(self.schema.fields().iter().map(AsRef::as_ref)) {
            if matches!(self.origin(field.name(), file)?, Origin::Json(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn shape(&self, batch: &RecordBatch, schema: &SchemaRef, file: &Add) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            columns.push(match self.origin(field.name(), file)? {
                Origin::Column(name) => Arc::clone(column(batch, name)?),
                Origin::Json(native) => texts_at(column(batch, "raw")?, native, source_of_text(file)),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
    }
}

/// Notes whether templates have a field; where there are none, it may be anywhere.
pub(super) fn saw_in(native: &Native, templates: &[Arc<Template>], sightings: &Sightings, file: &Add) {
    let reader = PathReader::new(&native.path, None, file);
    let is_there = templates.is_empty() || templates.iter().any(|template| reader.is_in(template));
    sightings.saw_many(templates.len().max(1), usize::from(is_there));
    if !is_there {
        templates.iter().for_each(|template| sightings.names_of(template));
    }
}

fn missing(name: &str) -> DataFusionError {
    outside(Fault::damage(msg!("query-column-missing", name = name)))
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| missing(name))
}

/// The source of a file's events where they are text and no JSON.
pub(super) fn source_of_text(file: &Add) -> Option<&'static dyn Source> {
    let source = shoseki_sources::by_id(&file.tags.segments.first()?.source)?;
    (!matches!(source.form(), Form::Json)).then_some(source)
}

/// The JSON of an event; of one of text, the fields that its source reads out of it.
pub(super) fn json_of<'a>(event: &'a [u8], source: Option<&dyn Source>) -> Cow<'a, [u8]> {
    match source {
        Some(source) => Cow::Owned(source.native(event).unwrap_or_default()),
        None => Cow::Borrowed(event),
    }
}

/// The texts at a path of each row's raw JSON.
fn texts_at(raw: &ArrayRef, native: &Native, source: Option<&dyn Source>) -> ArrayRef {
    let path: &Path = &native.path;
    let mut texts = StringBuilder::with_capacity(raw.len(), raw.len() * 16);
    let mut watch = native.sightings.as_ref().map(|sightings| sightings.watch(raw.len()));
    for bytes in raw.as_binary_opt::<i32>().into_iter().flatten() {
        let json = bytes.map(|bytes| json_of(bytes, source));
        let is_there = match &json {
            Some(json) => path.append(json, &mut texts),
            None => {
                texts.append_null();
                false
            }
        };
        if let Some(watch) = &mut watch {
            watch.saw(is_there, json.as_deref().unwrap_or_default());
        }
    }
    Arc::new(texts.finish())
}
