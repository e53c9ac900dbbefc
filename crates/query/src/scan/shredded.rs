//! A file whose events were taken apart: conditions are evaluated on its columns, one after another, each on the rows that
//! are left; only rows that remain at the end are read in full, and joined only where the whole event is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use futures::{Stream, StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::RowSelection;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::shred::{Joiner, Kind, TEMPLATE, Template};

use super::file::{BATCH_ROWS, Origin, Reading};
use super::opened::{Opened, outside, unreadable};
use super::paths::{PathReader, templates_of};
use super::search;
use super::selection::Open;
use super::steps::Step;
use crate::pattern::{CaseHint, Needle, Probe};

/// A file that is being read.
pub(super) struct Shredded {
    pub(super) reading: Reading,
    pub(super) file: Arc<Add>,
    pub(super) opened: Arc<Opened>,
    /// Its templates, where paths are asked for.
    templates: Vec<Arc<Template>>,
}

/// What is read of a file to give columns of the table.
struct Plan {
    /// Columns of the file.
    columns: BTreeSet<String>,
    /// Whether events are joined.
    joined: bool,
}

impl Shredded {
    pub(super) async fn new(reading: Reading, file: Arc<Add>, opened: Arc<Opened>) -> Result<Self> {
        let templates = if reading.reads_paths(&file)? {
            let stream = opened.read(reading.bytes(&file), &[TEMPLATE], None, opened.rows.max(1))?;
            let batches: Vec<RecordBatch> = stream.map_err(|error| unreadable(&file, error)).try_collect().await?;
            templates_of(&batches, &reading.cache)?
        } else {
            Vec::new()
        };
        Ok(Self { reading, file, opened, templates })
    }

    /// The rows for which all conditions hold, as batches of the columns asked for.
    pub(super) async fn scan(self, open: Open) -> Result<impl Stream<Item = Result<RecordBatch>> + Send> {
        let this = Arc::new(self);
        let mut left = this.of_selection(open).await?;
        for step in &this.reading.steps.0 {
            if left.as_ref().is_some_and(|left| left.count_set_bits() == 0) {
                break;
            }
            left = Some(this.step(step, left).await?);
        }
        this.reading.progress.rows_read(this.opened.rows);
        let schema = Arc::clone(&this.reading.schema);
        let is_none = left.as_ref().is_some_and(|left| left.count_set_bits() == 0);
        let plan = this.plan(&schema)?;
        let rows = left.map(RowSelection::from);
        let batches = if is_none { None } else { Some(this.batches(&plan, rows, BATCH_ROWS)?) };
        let mut joiner = this.joiner();
        let shape = move |batch: Result<RecordBatch>| this.shape(&batch?, &schema, &plan, &mut joiner);
        Ok(futures::stream::iter(batches).flatten().map(shape))
    }

    fn joiner(&self) -> Joiner {
        Joiner::new(self.opened.paths.iter().map(String::as_str))
    }

    /// The rows of the time range, the sources and the streams that are asked about; `None` where that is all.
    async fn of_selection(&self, open: Open) -> Result<Option<BooleanBuffer>> {
        if open == Open::default() {
            return Ok(None);
        }
        let columns: Vec<&str> = open.columns().collect();
        let stream = self.opened.read(self.reading.bytes(&self.file), &columns, None, BATCH_ROWS)?;
        let batches: Vec<RecordBatch> = stream.map_err(|error| unreadable(&self.file, error)).try_collect().await?;
        let masks: Vec<BooleanArray> = batches.iter().map(|batch| self.reading.selection.mask(batch)).collect();
        Ok(Some(masks.iter().flat_map(|mask| mask.iter().map(|keeps| keeps == Some(true))).collect()))
    }

    async fn step(&self, step: &Step, left: Option<BooleanBuffer>) -> Result<BooleanBuffer> {
        match step {
            Step::Plain { expr, columns } => {
                let schema = Arc::new(self.reading.table.project(columns)?);
                let plan = self.plan(&schema)?;
                let mut joiner = self.joiner();
                let mut holds: Vec<bool> = Vec::new();
                let mut batches = self.batches(&plan, left.clone().map(RowSelection::from), BATCH_ROWS)?;
                while let Some(batch) = batches.try_next().await? {
                    let batch = self.shape(&batch, &schema, &plan, &mut joiner)?;
                    let value = expr.evaluate(&batch)?.into_array(batch.num_rows())?;
                    let value = value.as_boolean_opt().ok_or_else(no_condition)?;
                    holds.extend(value.iter().map(|holds| holds == Some(true)));
                }
                Ok(self.spread(left.as_ref(), &holds))
            }
            Step::Patterns(needles) => {
                let rows = self.pattern_rows(needles.iter()).await?;
                let mut any = vec![false; self.opened.rows];
                for needle in needles {
                    let found = self.find(needle, &rows, left.as_ref()).await?;
                    any.iter_mut().zip(found).for_each(|(any, found)| *any |= found);
                }
                Ok(self.both(left.as_ref(), &any))
            }
            Step::Counted(hint) => self.counted(hint, left).await,
        }
    }

    /// As [`Step::Patterns`] for all of a hint's patterns; rows that miss one for its case alone are counted.
    async fn counted(&self, hint: &CaseHint, left: Option<BooleanBuffer>) -> Result<BooleanBuffer> {
        let all = hint.needles.iter().flatten().flat_map(|(needle, loose)| [needle, loose]);
        let rows = self.pattern_rows(all).await?;
        let (mut loose, mut strict) = (left.clone(), left);
        for any_of in &hint.needles {
            let (mut found_loose, mut found) = (vec![false; self.opened.rows], vec![false; self.opened.rows]);
            for (needle, without_case) in any_of {
                let of_loose = self.find(without_case, &rows, loose.as_ref()).await?;
                // What is not there without regard to case is not there with it.
                let among = self.both(loose.as_ref(), &of_loose);
                let of_strict = self.find(needle, &rows, Some(&among)).await?;
                found_loose.iter_mut().zip(of_loose).for_each(|(any, found)| *any |= found);
                found.iter_mut().zip(of_strict).for_each(|(any, found)| *any |= found);
            }
            loose = Some(self.both(loose.as_ref(), &found_loose));
            strict = Some(self.both(strict.as_ref(), &found));
        }
        let count = |rows: &Option<BooleanBuffer>| rows.as_ref().map_or(0, BooleanBuffer::count_set_bits) as u64;
        hint.missed_more(count(&loose).saturating_sub(count(&strict)));
        Ok(strict.unwrap_or_else(|| BooleanBuffer::new_set(self.opened.rows)))
    }

    /// Everything that literals of patterns are looked for in, of all rows. UUIDs hold none but of their own letters.
    async fn pattern_rows(&self, mut needles: impl Iterator<Item = &Needle>) -> Result<RecordBatch> {
        let fits = needles.any(|needle| Probe::of(needle).is_some_and(|probe| probe.fits_uuids()));
        let joiner = self.joiner();
        let is_read = |name: &&str| fits || !name.starts_with(Kind::Uuid.prefix());
        let mut columns: Vec<&str> = joiner.needs().filter(is_read).collect();
        columns.push("raw");
        let stream = self.opened.read(self.reading.bytes(&self.file), &columns, None, self.opened.rows.max(1))?;
        let batches: Vec<RecordBatch> = stream.map_err(|error| unreadable(&self.file, error)).try_collect().await?;
        match batches.as_slice() {
            [only] => Ok(only.clone()),
            batches => {
                let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
                Ok(concat_batches(&schema, batches)?)
            }
        }
    }

    /// The rows in which a pattern is found, among those that are left.
    async fn find(&self, needle: &Needle, rows: &RecordBatch, left: Option<&BooleanBuffer>) -> Result<Vec<bool>> {
        let probe = Probe::of(needle);
        let mut marked = vec![probe.is_none(); self.opened.rows];
        if let Some(probe) = &probe {
            search::mark(rows, probe, &mut marked);
        }
        let raw: Option<&BinaryArray> = rows.column_by_name("raw").and_then(|raw| raw.as_binary_opt());
        let is_exact = probe.as_ref().is_some_and(Probe::is_exact);
        // What stands whole is looked at as it is; what was taken apart only where literals leave it open.
        let is_open = |row: usize| {
            let is_whole = raw.is_some_and(|raw| raw.is_valid(row));
            left.is_none_or(|left| left.value(row)) && (is_whole || marked[row] && !is_exact)
        };
        let open: BooleanBuffer = (0..self.opened.rows).map(is_open).collect();
        if open.count_set_bits() > 0 {
            let plan = self.plan(&Arc::new(self.reading.table.project(&[self.reading.table.index_of("raw")?])?))?;
            let mut batches = self.batches(&plan, Some(RowSelection::from(open.clone())), BATCH_ROWS)?;
            let mut joiner = self.joiner();
            let mut at = open.set_indices();
            while let Some(part) = batches.try_next().await? {
                let raw = part.column_by_name("raw").and_then(|raw| raw.as_binary_opt());
                let events = joiner.join(&part, raw).map_err(outside)?;
                for event in &events {
                    let Some(row) = at.next() else { break };
                    marked[row] = event.is_some_and(|event| needle.is_found(event));
                }
            }
        }
        // Of rows that are not left, literals were found and nothing more is known.
        if let Some(left) = left {
            marked.iter_mut().zip(left.iter()).for_each(|(marked, is_left)| *marked &= is_left);
        }
        Ok(marked)
    }

    fn both(&self, left: Option<&BooleanBuffer>, holds: &[bool]) -> BooleanBuffer {
        let holds = BooleanBuffer::from(holds);
        left.map_or(holds.clone(), |left| left & &holds)
    }

    /// The rows that are left of those that were left, given of each whether it holds.
    fn spread(&self, left: Option<&BooleanBuffer>, holds: &[bool]) -> BooleanBuffer {
        let Some(left) = left else { return BooleanBuffer::from(holds) };
        let mut all = vec![false; self.opened.rows];
        for (row, holds) in left.set_indices().zip(holds) {
            all[row] = *holds;
        }
        BooleanBuffer::from(all.as_slice())
    }

    /// What is read of the file for columns of the table.
    fn plan(&self, schema: &SchemaRef) -> Result<Plan> {
        let mut plan = Plan { columns: BTreeSet::new(), joined: false };
        for field in schema.fields() {
            match self.reading.origin(field.name(), &self.file)? {
                Origin::Column("raw") => plan.joined = true,
                Origin::Column(name) => {
                    plan.columns.insert(name.to_owned());
                }
                Origin::Json(native) => {
                    let needs = PathReader::new(&native.path, None).needs(&self.templates, &self.opened);
                    plan.joined |= needs.joined;
                    plan.columns.extend(needs.columns);
                    plan.columns.extend([TEMPLATE.to_owned(), "raw".to_owned()]);
                }
            }
        }
        if plan.joined {
            plan.columns.extend(self.joiner().needs().map(str::to_owned));
            plan.columns.insert("raw".to_owned()); // events that stand whole
        }
        Ok(plan)
    }

    fn batches(
        &self,
        plan: &Plan,
        rows: Option<RowSelection>,
        batch: usize,
    ) -> Result<impl Stream<Item = Result<RecordBatch>> + Send + use<>> {
        let columns: Vec<&str> = plan.columns.iter().map(String::as_str).collect();
        let file = Arc::clone(&self.file);
        let stream = self.opened.read(self.reading.bytes(&self.file), &columns, rows, batch)?;
        Ok(stream.map_err(move |error| unreadable(&file, error)))
    }

    /// A batch of the file's columns as one of the table's.
    fn shape(&self, batch: &RecordBatch, schema: &SchemaRef, plan: &Plan, joiner: &mut Joiner) -> Result<RecordBatch> {
        let whole = batch.column_by_name("raw").and_then(|raw| raw.as_binary_opt());
        let joined = if plan.joined { Some(joiner.join(batch, whole).map_err(outside)?) } else { None };
        let missing = |name: &str| outside(Fault::damage(msg!("query-column-missing", name = name)));
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            columns.push(match self.reading.origin(field.name(), &self.file)? {
                Origin::Column("raw") => Arc::new(joined.clone().ok_or_else(|| missing("raw"))?),
                Origin::Column(name) => Arc::clone(batch.column_by_name(name).ok_or_else(|| missing(name))?),
                Origin::Json(native) => {
                    let reader = PathReader::new(&native.path, native.sightings.as_deref());
                    reader.values(batch, joined.as_ref(), &self.reading.cache, &self.opened)?
                }
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
    }
}

fn no_condition() -> DataFusionError {
    DataFusionError::Internal("a condition gives no truth".to_owned())
}
