//! The engine: a store, what is asked about, and queries in either language.

mod faults;
mod physical;
mod progress;

use async_recursion::async_recursion;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use chrono_tz::Tz;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use shoseki_event::{SegmentId, Timestamp};
use shoseki_insights::{Error, Field, Parsed};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_vault::wal::Tail;
use shoseki_vault::{Earlier, Snapshot, Vault};

use crate::answer::{Answer, Hints, Rest};
use crate::asked::{self, Asked};
use crate::explain::Explained;
use crate::fields::{self, Sought};
use crate::fold::FoldingPlanner;
use crate::lookups::Lookups;
use crate::mapping::Mapping;
use crate::plan::{Ground, Planner, unknown_functions};
use crate::reach;
use crate::scan::{self, Cache, EventsTable, Selection};
use crate::slices::Slices;
use crate::source;
use crate::spill::Spill;
use crate::store::{Fetched, Store, VaultFiles, Without};
use crate::values::CHUNK;

pub(crate) use faults::{fault_of, is_too_much};
pub(crate) use physical::{Physical, arranged, with_room};
pub use progress::{Progress, ProgressNow};

/// What a query is about, and how it runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The earliest time of an event, inclusive.
    pub from: Option<Timestamp>,
    /// The latest time of an event, exclusive.
    pub to: Option<Timestamp>,
    /// Events of these sources only; all where it is empty.
    pub sources: Vec<String>,
    /// Events of these streams only; all where it is empty.
    pub streams: Vec<String>,
    /// Our own records (source `shoseki`: receipts) too.
    pub include_internal: bool,
    /// The zone that days, weeks, months and dates without a zone are of.
    pub zone: Tz,
    /// What `now()` is.
    pub now: Timestamp,
    /// Adds a column `@ptr` to answers whose rows are events, unless it is there: who packs them needs it.
    pub with_pointers: bool,
    /// Answers are the records that the rows are of, as `shoseki_segment::Rows` reads them, and beside them the columns that
    /// the mapping gives other values; what columns a query asks for does not matter. A query in the language whose rows are
    /// no records is refused, and SQL is: its rows are whatever it makes them.
    pub as_records: bool,
    /// The most memory for sorting and grouping, in bytes. A query that needs more fails, or spills.
    pub memory: usize,
    /// The folder for what does not fit into memory, encrypted under a key of the query; `None`: nothing is written to
    /// disk.
    pub spill: Option<PathBuf>,
    /// The raw bytes of a slice of the time range, where rows come in the order of time: a quarter of the memory unless
    /// it is said here. It changes the speed and the memory of an answer, never the answer.
    pub slice: Option<u64>,
    /// The folder of the tables that `lookup` and `cidrlookup` read, as CSV.
    pub lookups: Option<PathBuf>,
    /// Such tables by name, in the place of those of the folder.
    pub tables: Arc<BTreeMap<String, Bytes>>,
    /// Which names of applications' events say who did what. Queries of the language are read by it, SQL is not.
    pub mapping: Option<Arc<Mapping>>,
    /// How many cores.
    pub cores: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            sources: Vec::new(),
            streams: Vec::new(),
            include_internal: false,
            zone: Tz::UTC,
            now: Timestamp::now(),
            with_pointers: false,
            as_records: false,
            memory: 640 << 20,
            spill: None,
            slice: None,
            lookups: None,
            tables: Arc::default(),
            mapping: None,
            cores: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}

/// Why there is no answer.
pub enum Failure {
    /// The query has mistakes: all of them, with their places. `shoseki_insights::render` shows them.
    Mistakes(Vec<Error>),
    /// Something else.
    Fault(Fault),
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(errors) => errors.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        Self::Fault(fault_of(error))
    }
}

/// The one table.
pub(crate) const EVENTS: &str = "events";

/// The rows of a batch.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// The memory that a core should have of what is shared out fairly, where rows may be put aside.
const MEMORY_A_CORE: usize = 96 << 20;

/// Runs queries over a store.
#[derive(Clone, Debug)]
pub struct Engine {
    store: Arc<dyn Store>,
    options: Arc<Options>,
    /// What stays known from query to query.
    cache: Arc<Cache>,
    /// The names that the query may ask fields by.
    sought: Arc<[Sought]>,
    /// The segments that may be asked, where the files hold others too.
    tree: Option<Arc<BTreeSet<SegmentId>>>,
}

/// A part of an answer that runs: a slice's rows, their columns' names, and what is counted meanwhile.
pub(crate) struct Running {
    pub(crate) stream: SendableRecordBatchStream,
    pub(crate) names: Vec<String>,
    /// Which of the columns are numbers in their digits.
    pub(crate) digits: Vec<bool>,
    pub(crate) hints: Hints,
}

impl Engine {
    /// An engine over the files of a store.
    pub fn new(store: Arc<dyn Store>, options: Options) -> Self {
        Self { store, options: Arc::new(options), cache: Arc::default(), sought: Arc::default(), tree: None }
    }

    /// An engine over a vault's table at one version.
    pub fn over(vault: Arc<Vault>, snapshot: &Snapshot, options: Options) -> Self {
        let files = snapshot.replay.files().map(|file| file.add.clone()).collect();
        Self::over_files(vault, files, options)
    }

    /// The same with what is acknowledged and not sealed yet.
    pub fn over_tail(vault: Arc<Vault>, tail: &Tail, options: Options) -> Self {
        let files = tail.snapshot.replay.files().map(|file| file.add.clone()).collect();
        Self::new(Arc::new(VaultFiles::new(vault, files, &tail.files)), options)
    }

    /// An engine over some files of a vault.
    pub fn over_files(vault: Arc<Vault>, files: Vec<Add>, options: Options) -> Self {
        Self::new(Arc::new(VaultFiles::new(vault, files, &[])), options)
    }

    /// An engine over an earlier tree of a vault.
    pub fn over_earlier(vault: Arc<Vault>, earlier: Earlier, options: Options) -> Self {
        Self { tree: Some(Arc::new(earlier.segments)), ..Self::over_files(vault, earlier.files, options) }
    }

    /// An engine over what some commits added, in whichever files it lies now.
    pub fn over_commits(
        vault: Arc<Vault>,
        snapshot: &Snapshot,
        commits: std::ops::Range<u64>,
        options: Options,
    ) -> Self {
        let parts = snapshot.added(commits.start, commits.end);
        let segments = parts.iter().flat_map(|part| &part.segments).map(|segment| segment.id).collect();
        let files = parts.into_iter().map(|part| part.file.add).collect();
        Self { tree: Some(Arc::new(segments)), ..Self::over_files(vault, files, options) }
    }

    /// The same with what is known to other engines over the same vault, at any version: footers, templates.
    #[must_use]
    pub fn with_cache(self, cache: &Arc<Cache>) -> Self {
        Self { cache: Arc::clone(cache), ..self }
    }

    /// Runs a query in the language of CloudWatch Logs Insights.
    ///
    /// # Errors
    /// All mistakes of the query at once, or what else prevents an answer.
    #[async_recursion]
    pub async fn insights(&self, query: &str) -> Result<Answer, Failure> {
        let (engine, asked) = self.understood(query).await?;
        let slices = engine.slices(&asked);
        let progress = engine.progress(asked.query.all().map(|query| asked.selection_of(query)));
        // With a limit the search may end before most files are asked.
        let answer = if slices.ranges.len() > 1 && slices.limit.is_none() {
            engine.narrowed(asked, slices, progress).await?
        } else {
            Answer::sliced(Rest::new(engine, asked, slices, progress)).await?
        };
        Ok(answer.beside(self.what_is_asked(query)))
    }

    /// What there is to say of the streams that are asked about, and of our own records, where a query names them and they are
    /// not asked about.
    pub(crate) fn what_is_asked(&self, query: &str) -> Hints {
        let mut known = source::unknown(&self.options.streams, self.store.as_ref());
        if !self.options.include_internal && query.contains("shoseki") {
            known.push(msg!("query-hint-own"));
        }
        known.extend(reach::beyond(self.store.files(), &self.selection()));
        Hints { known, ..Hints::default() }
    }

    /// Asks the indexes of all files before the time range is cut: of those that are left, few slices are made, often one.
    async fn narrowed(self, asked: Arc<Asked>, slices: Slices, progress: Arc<Progress>) -> Result<Answer, Failure> {
        let (context, planned) = self.plan_of(&asked, (asked.selection.from, asked.selection.to), &progress).await?;
        let ruled_out = scan::ruled_out(&planned.plan).await?;
        if ruled_out.is_empty() {
            return Answer::sliced(Rest::new(self, asked, slices, progress)).await;
        }
        let as_records = self.options.as_records;
        let engine = Self { store: Arc::new(Without::new(&self.store, |file| ruled_out.contains_key(&file))), ..self };
        let slices = engine.slices(&asked);
        if slices.ranges.len() == 1 {
            return Ok(Answer::of(planned.run(&context)?, progress, as_records));
        }
        let answer = Answer::sliced(Rest::new(engine, asked, slices, progress)).await?;
        Ok(answer.beside(planned.hints))
    }

    /// How a query would run, as the engine's plan in text: for who looks for where the time goes.
    ///
    /// # Errors
    /// As [`Engine::insights`].
    #[async_recursion]
    pub async fn explain(&self, query: &str) -> Result<String, Failure> {
        Ok(self.explained(query).await?.plan)
    }

    pub(crate) async fn explained(&self, query: &str) -> Result<Explained, Failure> {
        let (engine, asked) = self.understood(query).await?;
        let progress = Arc::default();
        let context = engine.context(asked.selection.clone(), &progress, BATCH_ROWS)?;
        let planned = engine.physical(&context, &asked, &progress, false).await?;
        Ok(Explained::of(&planned.plan).await?)
    }

    /// A query that was read, and an engine that knows which fields it may ask for.
    pub(crate) async fn understood(&self, query: &str) -> Result<(Self, Arc<Asked>), Failure> {
        let parsed = shoseki_insights::parse(query);
        if !parsed.errors.is_empty() {
            // What can be told of the rest is told at once.
            let mut errors = parsed.errors;
            errors.extend(unknown_functions(&parsed.calls));
            errors.sort_by_key(|error| error.span.start);
            return Err(Failure::Mistakes(errors));
        }
        let engine = self.asking(&parsed.fields);
        Ok((engine, Arc::new(self.asked(parsed).await?)))
    }

    /// The same for a query that may ask for these fields.
    pub(crate) fn asking(&self, fields: &[Field]) -> Self {
        let sought = fields.iter().map(|field| Sought { field: field.clone(), sightings: Arc::default() }).collect();
        Self { sought, ..self.clone() }
    }

    /// Runs a query over a slice of the time range.
    pub(crate) async fn slice(
        &self,
        asked: &Arc<Asked>,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        progress: &Arc<Progress>,
    ) -> Result<Running, Failure> {
        let (context, planned) = self.plan_of(asked, (from, to), progress).await?;
        Ok(planned.run(&context)?)
    }

    /// A query over a slice of the time range, ready to run.
    async fn plan_of(
        &self,
        asked: &Arc<Asked>,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        progress: &Arc<Progress>,
    ) -> Result<(SessionContext, Physical), Failure> {
        let batch = if asked.multiplies() { CHUNK } else { BATCH_ROWS };
        let context = self.context(Selection { from, to, ..asked.selection.clone() }, progress, batch)?;
        let planned = self.physical(&context, asked, progress, true).await?;
        Ok((context, planned))
    }

    /// What is asked, with what can be found out before it is planned.
    async fn asked(&self, Parsed { query, .. }: Parsed) -> Result<Asked, Failure> {
        let has_source = query.all().any(|query| asked::source_of(query).is_some());
        let streams = if has_source { asked::streams(self.store.as_ref()) } else { Default::default() };
        let (tables, options) = (asked::tables(&query), Arc::clone(&self.options));
        let read =
            tokio::task::spawn_blocking(move || Lookups::read(options.lookups.as_deref(), &options.tables, &tables));
        let lookups = read.await.map_err(|error| Fault::broken(msg!("query-engine")).because(error.to_string()))?;
        let base = self.selection();
        let mut asked = Asked {
            query,
            selection: base.clone(),
            base,
            streams: Arc::new(streams),
            lookups: Arc::new(lookups),
            sets: Arc::default(),
            now: self.options.now,
            zone: self.options.zone,
        };
        asked.selection = asked.selection_of(&asked.query);
        Ok(asked)
    }

    fn ground(&self, asked: &Arc<Asked>, progress: &Arc<Progress>) -> Ground {
        let (engine, progress, store) = (self.clone(), Arc::clone(progress), Arc::clone(&self.store));
        Ground {
            asked: Arc::clone(asked),
            with_pointers: self.options.with_pointers,
            as_records: self.options.as_records,
            mapping: self.options.mapping.clone(),
            sought: Arc::clone(&self.sought),
            tables: Box::new(move |selection| Arc::new(engine.events(selection, &progress)) as _),
            earliest: Box::new(move |selection| reach::earliest(store.files(), selection)),
        }
    }

    /// Plans a query; to be run, its sub-queries in conditions are run first.
    async fn physical(
        &self,
        context: &SessionContext,
        asked: &Arc<Asked>,
        progress: &Arc<Progress>,
        is_run: bool,
    ) -> Result<Physical, Failure> {
        let (context, table) = (context.clone(), context.table_provider(EVENTS).await?);
        let (ground, asked) = (Arc::new(self.ground(asked, progress)), Arc::clone(asked));
        let most = self.options.memory / 4;
        with_room(async move {
            let planned = Planner::new(table, ground)?.plan(&asked.query)?;
            for set in planned.sets.iter().filter(|set| is_run && !set.set.is_filled()) {
                physical::fill(&context, set, most).await?;
            }
            let plan = arranged(context.state().create_physical_plan(&planned.plan).await?)?;
            Ok(Physical { plan, names: planned.names, digits: planned.digits, hints: planned.hints })
        })
        .await
    }

    /// The plans that a query is made of: its own, and those of sub-queries whose values are looked up.
    pub(crate) async fn plans(&self, asked: &Arc<Asked>) -> Result<Vec<Arc<dyn ExecutionPlan>>, Failure> {
        let progress = Arc::default();
        let context = self.context(asked.selection.clone(), &progress, BATCH_ROWS)?;
        let table = context.table_provider(EVENTS).await?;
        let (ground, asked) = (Arc::new(self.ground(asked, &progress)), Arc::clone(asked));
        with_room(async move {
            let planned = Planner::new(table, ground)?.plan(&asked.query)?;
            let mut plans = vec![arranged(context.state().create_physical_plan(&planned.plan).await?)?];
            for set in &planned.sets {
                plans.push(context.state().create_physical_plan(&set.plan).await?);
            }
            Ok(plans)
        })
        .await
    }

    /// What was read of files in a bucket so far; nothing where they lie in a folder.
    pub fn fetched(&self) -> Vec<Fetched> {
        self.store.fetched()
    }

    /// How a query is cut.
    pub(crate) fn slices(&self, asked: &Asked) -> Slices {
        // A sort holds its rows about twice.
        let bytes = self.options.slice.unwrap_or((self.options.memory / 4) as u64);
        Slices::of(&asked.query, self.store.files(), &asked.selection, bytes)
    }

    pub(crate) fn files(&self) -> &[Add] {
        self.store.files()
    }

    /// What its queries are about, and how they run.
    pub fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn with_options(self, options: Options) -> Self {
        Self { options: Arc::new(options), ..self }
    }

    pub(crate) fn zone(&self) -> Tz {
        self.options.zone
    }

    pub(crate) fn selection(&self) -> Selection {
        Selection {
            from: self.options.from,
            to: self.options.to,
            sources: self.options.sources.clone(),
            streams: self.options.streams.clone(),
            internal: self.options.include_internal,
            tree: self.tree.clone(),
        }
    }

    /// Counts the files of selections: a query's, and its sub-queries'.
    pub(crate) fn progress(&self, selections: impl Iterator<Item = Selection>) -> Arc<Progress> {
        let (progress, files) = (Progress::default(), self.store.files());
        let chosen = selections.flat_map(|selection| files.iter().filter(move |file| selection.open(file).is_some()));
        progress.planned(files.len(), chosen.map(|file| file.size));
        Arc::new(progress)
    }

    pub(crate) fn context(
        &self,
        selection: Selection,
        progress: &Arc<Progress>,
        batch: usize,
    ) -> Result<SessionContext, Failure> {
        let cores = match self.options.spill {
            // Each core's part must hold a few batches, or there is nothing to put aside.
            Some(_) => self.options.cores.min(self.options.memory / MEMORY_A_CORE).max(1),
            None => self.options.cores.max(1),
        };
        // What a sort keeps for merging what it spilled: each core its part, and little of a little memory.
        let for_merging = (self.options.memory / cores / 16).clamp(64 << 10, 10 << 20);
        let config = SessionConfig::new()
            .with_target_partitions(cores)
            .with_batch_size(batch)
            .with_information_schema(true)
            // Where `->>` binds more tightly than `=`.
            .set_str("datafusion.sql_parser.dialect", "PostgreSQL")
            .set_bool("datafusion.sql_parser.enable_ident_normalization", false)
            .with_sort_spill_reservation_bytes(for_merging);
        let runtime = RuntimeEnvBuilder::new();
        let runtime = match &self.options.spill {
            Some(folder) => {
                let disk = DiskManagerBuilder::default().with_temp_file_factory(Arc::new(Spill::new(folder)?));
                let pool = FairSpillPool::new(self.options.memory);
                runtime.with_memory_pool(Arc::new(pool)).with_disk_manager_builder(disk)
            }
            None => {
                let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
                runtime.with_memory_limit(self.options.memory, 1.0).with_disk_manager_builder(disk)
            }
        };
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime.build_arc()?)
            .with_default_features()
            .with_query_planner(Arc::new(FoldingPlanner))
            .build();
        let context = SessionContext::new_with_state(state);
        context.register_table(EVENTS, Arc::new(self.events(selection, progress)))?;
        Ok(context)
    }

    /// The table of a selection.
    fn events(&self, selection: Selection, progress: &Arc<Progress>) -> EventsTable {
        let natives = fields::natives(self.store.files(), &selection, &self.sought);
        let store = (Arc::clone(&self.store), Arc::clone(&self.cache));
        EventsTable::new(store, Arc::new(selection), natives, Arc::clone(progress))
    }
}
