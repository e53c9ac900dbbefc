//! A file whose events were taken apart: conditions are evaluated on its columns, one after another, each on the rows that
//! are left; only rows that remain at the end are read in full, and joined only where the whole event is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::TimestampMicrosecondArray;
use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use futures::{Stream, StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::RowSelection;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::shred::{Joiner, Kind, Part, REST, TEMPLATE, Template, Texts};

use super::file::{BATCH_ROWS, Origin, Reading, saw_in};
use super::newest::Newest;
use super::opened::{Opened, outside, unreadable};
use super::paths::PathReader;
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
    /// Whether events of it stand whole, as far as that was asked.
    has_whole: bool,
}

/// What is read of a file to give columns of the table.
struct Plan {
    /// Columns of the file.
    columns: BTreeSet<String>,
    /// What events are joined of, where they are: columns of paths, sorted.
    joined: Option<Vec<String>>,
}

impl Plan {
    fn joiner(&self) -> Joiner {
        Joiner::new(self.joined.iter().flatten().map(String::as_str))
    }
}

impl Shredded {
    pub(super) async fn new(reading: Reading, file: Arc<Add>, opened: Arc<Opened>) -> Result<Self> {
        let (templates, has_whole) = if reading.reads_paths(&file)? {
            opened.templates(reading.bytes(&file), &reading.cache).await?
        } else {
            (Vec::new(), false)
        };
        Ok(Self { reading, file, opened, templates, has_whole })
    }

    /// The rows for which all conditions hold, as batches of the columns asked for.
    pub(super) async fn scan(
        self,
        open: Open,
        newest: Option<Arc<Newest>>,
    ) -> Result<impl Stream<Item = Result<RecordBatch>> + Send> {
        let this = Arc::new(self);
        this.look_for_unseen()?;
        let mut left = this.of_selection(open).await?;
        if let Some(newest) = newest.as_ref().filter(|newest| newest.since().is_some()) {
            left = this.newest(left, |times| newest.mask(times)).await?;
            if left.as_ref().is_some_and(|left| left.count_set_bits() < this.opened.rows) {
                this.reading.progress.cut_short();
            }
        }
        for step in &this.reading.steps.0 {
            if left.as_ref().is_some_and(|left| left.count_set_bits() == 0) {
                break;
            }
            left = Some(this.step(step, left).await?);
        }
        if let Some(newest) = &newest {
            left = this.newest(left, |times| newest.keep(times)).await?;
        }
        this.reading.progress.rows_read(this.opened.rows);
        let schema = Arc::clone(&this.reading.schema);
        let is_none = left.as_ref().is_some_and(|left| left.count_set_bits() == 0);
        let plan = this.plan(&schema, left.as_ref()).await?;
        let rows = left.map(RowSelection::from);
        let batches = if is_none { None } else { Some(this.batches(&plan, rows, BATCH_ROWS)?) };
        let mut joiner = plan.joiner();
        let shape = move |batch: Result<RecordBatch>| this.shape(&batch?, &schema, &plan, &mut joiner);
        Ok(futures::stream::iter(batches).flatten().map(shape))
    }

    /// Looks for fields that no event was seen to have yet in the file's templates, before conditions leave events out. Where
    /// events stand whole, it may be in one of these.
    fn look_for_unseen(&self) -> Result<()> {
        let templates: &[Arc<Template>] = if self.has_whole { &[] } else { &self.templates };
        for native in self.reading.unseen(&self.file)? {
            let sightings = native.sightings.as_deref().into_iter();
            sightings.for_each(|sightings| saw_in(native, templates, sightings, &self.file));
        }
        Ok(())
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
        let masks: Vec<BooleanArray> = batches.iter().map(|batch| self.reading.selection.mask(batch, open)).collect();
        Ok(Some(masks.iter().flat_map(|mask| mask.iter().map(|keeps| keeps == Some(true))).collect()))
    }

    /// The rows that are left of those that were, by their times.
    async fn newest(
        &self,
        left: Option<BooleanBuffer>,
        mask: impl FnOnce(&TimestampMicrosecondArray) -> BooleanArray,
    ) -> Result<Option<BooleanBuffer>> {
        if left.as_ref().is_some_and(|left| left.count_set_bits() == 0) {
            return Ok(left);
        }
        let times = self.columns_of(&["time"], left.as_ref()).await?;
        let no_times = || outside(Fault::damage(msg!("query-column-missing", name = "time")));
        let times = times.column_by_name("time").and_then(|times| times.as_primitive_opt()).ok_or_else(no_times)?;
        let holds: Vec<bool> = mask(times).iter().map(|wanted| wanted == Some(true)).collect();
        Ok(Some(self.spread(left.as_ref(), &holds)))
    }

    async fn step(&self, step: &Step, left: Option<BooleanBuffer>) -> Result<BooleanBuffer> {
        match step {
            Step::Plain { expr, columns } => {
                let schema = Arc::new(self.reading.table.project(columns)?);
                let plan = self.plan(&schema, left.as_ref()).await?;
                let mut joiner = plan.joiner();
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
                let (rows, _) = self.pattern_rows(needles.iter(), std::iter::empty(), left.as_ref()).await?;
                let mut any = vec![false; rows.num_rows()];
                for needle in needles {
                    let found = self.find(needle, &rows, left.as_ref(), |row| !any[row]).await?;
                    any.iter_mut().zip(found).for_each(|(any, found)| *any |= found);
                }
                Ok(self.spread(left.as_ref(), &any))
            }
            Step::Counted(hint) => self.counted(hint, left).await,
        }
    }

    /// As [`Step::Patterns`] for all of a hint's patterns; rows that miss one for its case alone are counted.
    async fn counted(&self, hint: &CaseHint, left: Option<BooleanBuffer>) -> Result<BooleanBuffer> {
        let all = || hint.needles.iter().flatten();
        let (strict, loose) = (all().map(|(strict, _)| strict), all().map(|(_, loose)| loose));
        let (rows, is_least) = self.pattern_rows(strict, loose, left.as_ref()).await?;
        if is_least {
            hint.is_least.store(true, Ordering::Relaxed);
        }
        let count = rows.num_rows();
        let (mut loose, mut strict) = (vec![true; count], vec![true; count]);
        for any_of in &hint.needles {
            let (mut any_loose, mut any_strict) = (vec![false; count], vec![false; count]);
            for (needle, without_case) in any_of {
                let of_strict = self.find(needle, &rows, left.as_ref(), |row| strict[row]).await?;
                // What is there with regard to case is there without it.
                let is_open = |row: usize| loose[row] && !of_strict[row];
                let of_loose = self.find(without_case, &rows, left.as_ref(), is_open).await?;
                any_loose.iter_mut().zip(of_loose).for_each(|(any, found)| *any |= found);
                any_strict.iter_mut().zip(&of_strict).for_each(|(any, found)| *any |= found);
                any_loose.iter_mut().zip(of_strict).for_each(|(any, found)| *any |= found);
            }
            loose.iter_mut().zip(any_loose).for_each(|(all, any)| *all &= any);
            strict.iter_mut().zip(any_strict).for_each(|(all, any)| *all &= any);
        }
        let found = |rows: &[bool]| rows.iter().filter(|found| **found).count() as u64;
        hint.missed_more(found(&loose).saturating_sub(found(&strict)));
        Ok(self.spread(left.as_ref(), &strict))
    }

    /// Everything that literals of patterns are looked for in, of the rows that are left: columns in which one can be. UUIDs hold none but
    /// of their own letters, of the others the index says what they hold. `beside` is what is counted beside the answer: a column of
    /// which nothing is told is not read for that alone, and whether one was left out is said.
    async fn pattern_rows(
        &self,
        needles: impl Iterator<Item = &Needle>,
        beside: impl Iterator<Item = &Needle>,
        left: Option<&BooleanBuffer>,
    ) -> Result<(RecordBatch, bool)> {
        let probes: Vec<Probe> = needles.filter_map(Probe::of).collect();
        let beside: Vec<Probe> = beside.filter_map(Probe::of).collect();
        let index = self.reading.cache.columns(&self.reading.store, &self.file).await?;
        let joiner = self.joiner();
        let may_hold = |name: &str, probe: &Probe| match &index {
            _ if name.starts_with(Kind::Uuid.prefix()) => probe.fits_uuids(),
            Some(index) => probe.literals().iter().any(|literal| index.may_hold(name, literal, probe.is_lower())),
            None => true,
        };
        let tells = |name: &str| index.as_ref().is_none_or(|index| !index.holds_anything(name));
        let mut is_least = false;
        let mut columns: Vec<&str> = Vec::new();
        for name in joiner.needs().chain(["raw"]) {
            if probes.iter().any(|probe| may_hold(name, probe)) {
                columns.push(name);
            } else if beside.iter().any(|probe| may_hold(name, probe)) {
                if tells(name) { columns.push(name) } else { is_least = true }
            }
        }
        Ok((self.columns_of(&columns, left).await?, is_least))
    }

    /// Columns of the rows that are left, as one batch.
    async fn columns_of(&self, columns: &[&str], left: Option<&BooleanBuffer>) -> Result<RecordBatch> {
        let count = left.map_or(self.opened.rows, BooleanBuffer::count_set_bits);
        if columns.is_empty() {
            let rows = RecordBatchOptions::new().with_row_count(Some(count));
            return Ok(RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &rows)?);
        }
        // To pick rows out costs more than to read all, where most are left.
        let picked = left.filter(|left| count < left.len() / 4).cloned().map(RowSelection::from);
        let is_cut = picked.is_some();
        let stream = self.opened.read(self.reading.bytes(&self.file), columns, picked, self.opened.rows.max(1))?;
        let batches: Vec<RecordBatch> = stream.map_err(|error| unreadable(&self.file, error)).try_collect().await?;
        let all = match batches.as_slice() {
            [only] => only.clone(),
            batches => {
                let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
                concat_batches(&schema, batches)?
            }
        };
        match left {
            Some(left) if !is_cut && count < left.len() => {
                Ok(filter_record_batch(&all, &BooleanArray::new(left.clone(), None))?)
            }
            _ => Ok(all),
        }
    }

    /// Of each row that is left, whether a pattern is found in it, and the row matters. `rows` are what its literals are
    /// looked for in.
    async fn find(
        &self,
        needle: &Needle,
        rows: &RecordBatch,
        left: Option<&BooleanBuffer>,
        matters: impl Fn(usize) -> bool,
    ) -> Result<Vec<bool>> {
        let probe = Probe::of(needle);
        let mut marked = vec![probe.is_none(); rows.num_rows()];
        if let Some(probe) = &probe {
            search::mark(rows, probe, &mut marked);
        }
        let raw: Option<&BinaryArray> = rows.column_by_name("raw").and_then(|raw| raw.as_binary_opt());
        let is_exact = probe.as_ref().is_some_and(Probe::is_exact);
        // What stands whole is looked at as it is; what was taken apart only where literals leave it open.
        let is_open = |row: usize| {
            let is_whole = raw.is_some_and(|raw| raw.is_valid(row));
            matters(row) && (is_whole || marked[row] && !is_exact)
        };
        let open: Vec<bool> = (0..rows.num_rows()).map(is_open).collect();
        if open.contains(&true) {
            let picked = self.spread(left, &open);
            let schema = Arc::new(self.reading.table.project(&[self.reading.table.index_of("raw")?])?);
            let plan = self.plan(&schema, Some(&picked)).await?;
            let mut batches = self.batches(&plan, Some(RowSelection::from(picked)), BATCH_ROWS)?;
            let mut joiner = plan.joiner();
            let mut at = (0..open.len()).filter(|row| open[*row]);
            while let Some(part) = batches.try_next().await? {
                let raw = part.column_by_name("raw").and_then(|raw| raw.as_binary_opt());
                let events = joiner.join(&part, raw).map_err(outside)?;
                for event in &events {
                    let Some(row) = at.next() else { break };
                    marked[row] = event.is_some_and(|event| needle.is_found(event));
                }
            }
        }
        marked.iter_mut().enumerate().for_each(|(row, marked)| *marked &= matters(row));
        Ok(marked)
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

    /// What is read of the file for columns of the table, of the rows that are left.
    async fn plan(&self, schema: &SchemaRef, left: Option<&BooleanBuffer>) -> Result<Plan> {
        let (mut columns, mut joined) = (BTreeSet::new(), false);
        for field in schema.fields() {
            match self.reading.origin(field.name(), &self.file)? {
                Origin::Column("raw") => joined = true,
                Origin::Column(name) => drop(columns.insert(name.to_owned())),
                Origin::Json(native) => {
                    let needs = PathReader::new(&native.path, None, &self.file).needs(&self.templates, &self.opened);
                    joined |= needs.joined;
                    columns.extend(needs.columns);
                    columns.extend([TEMPLATE.to_owned(), "raw".to_owned()]);
                }
            }
        }
        let joined = if joined { Some(self.joined_of(left).await?) } else { None };
        if let Some(paths) = &joined {
            columns.extend(paths.iter().cloned());
            columns.extend([TEMPLATE, REST, "raw"].map(str::to_owned)); // events that stand whole, too
        }
        Ok(Plan { columns, joined })
    }

    /// The columns of paths that events are joined of: of few events those that their templates name.
    async fn joined_of(&self, left: Option<&BooleanBuffer>) -> Result<Vec<String>> {
        let is_few = |left: &&BooleanBuffer| left.count_set_bits() < left.len() / 16;
        let Some(left) = left.filter(is_few) else { return Ok(self.opened.paths.clone()) };
        let templates = self.columns_of(&[TEMPLATE], Some(left)).await?;
        let column = templates.column_by_name(TEMPLATE).and_then(Texts::of);
        let texts: BTreeSet<&str> = (0..templates.num_rows()).filter_map(|row| column?.text(row)).collect();
        let unreadable = || outside(Fault::damage(msg!("segment-template-unreadable")));
        let mut named = BTreeSet::new();
        for text in texts {
            let template = self.reading.cache.template(text).ok_or_else(unreadable)?;
            named.extend(template.parts.iter().map(Part::column));
        }
        Ok(named.into_iter().filter(|name| self.opened.paths.binary_search(name).is_ok()).collect())
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
        let joined = if plan.joined.is_some() { Some(joiner.join(batch, whole).map_err(outside)?) } else { None };
        let missing = |name: &str| outside(Fault::damage(msg!("query-column-missing", name = name)));
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            columns.push(match self.reading.origin(field.name(), &self.file)? {
                Origin::Column("raw") => Arc::new(joined.clone().ok_or_else(|| missing("raw"))?),
                Origin::Column(name) => Arc::clone(batch.column_by_name(name).ok_or_else(|| missing(name))?),
                Origin::Json(native) => {
                    let reader = PathReader::new(&native.path, native.sightings.as_deref(), &self.file);
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
