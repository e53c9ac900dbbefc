//! The engine: a store, what is asked about, and queries in either language.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::error::ArrowError;
use chrono_tz::Tz;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, displayable, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use shoseki_event::Timestamp;
use shoseki_insights::{Error, Query};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_vault::{Snapshot, Vault};

use crate::answer::{Answer, Hints, Rest};
use crate::fields;
use crate::plan::Planner;
use crate::scan::{EventsTable, Selection};
use crate::slices::Slices;
use crate::spill::Spill;
use crate::store::{Store, VaultFiles};

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
    /// The most memory for sorting and grouping, in bytes. A query that needs more fails, or spills.
    pub memory: usize,
    /// The folder for what does not fit into memory, encrypted under a key of the query; `None`: nothing is written to
    /// disk.
    pub spill: Option<PathBuf>,
    /// The raw bytes of a slice of the time range, where rows come in the order of time: a quarter of the memory unless
    /// it is said here. It changes the speed and the memory of an answer, never the answer.
    pub slice: Option<u64>,
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
            memory: 640 << 20,
            spill: None,
            slice: None,
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

/// How far a query is. It may be read while the query runs.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    chosen_files: AtomicU64,
    chosen_bytes: AtomicU64,
    opened_files: AtomicU64,
    opened_bytes: AtomicU64,
    rows: AtomicU64,
}

/// A progress at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgressNow {
    /// The files of the snapshot.
    pub files: u64,
    /// Those that may hold what is asked for.
    pub chosen_files: u64,
    /// Their size.
    pub chosen_bytes: u64,
    /// Those that were opened so far.
    pub opened_files: u64,
    /// Their size.
    pub opened_bytes: u64,
    /// The rows that were read.
    pub rows: u64,
}

impl Progress {
    /// How far it is now.
    pub fn now(&self) -> ProgressNow {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProgressNow {
            files: read(&self.files),
            chosen_files: read(&self.chosen_files),
            chosen_bytes: read(&self.chosen_bytes),
            opened_files: read(&self.opened_files),
            opened_bytes: read(&self.opened_bytes),
            rows: read(&self.rows),
        }
    }

    pub(crate) fn planned(&self, files: usize, chosen: impl Iterator<Item = u64>) {
        let (count, bytes) = chosen.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
        self.files.store(files as u64, Ordering::Relaxed);
        self.chosen_files.store(count, Ordering::Relaxed);
        self.chosen_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn file_opened(&self, size: u64) {
        self.opened_files.fetch_add(1, Ordering::Relaxed);
        self.opened_bytes.fetch_add(size, Ordering::Relaxed);
    }

    pub(crate) fn rows_read(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

/// The one table.
pub(crate) const EVENTS: &str = "events";

/// The memory that a core should have of what is shared out fairly, where rows may be put aside.
const MEMORY_A_CORE: usize = 96 << 20;

/// The stack for planning, in bytes; only what is used of it becomes memory.
const PLANNING_STACK: usize = 64 << 20;

/// Runs queries over a store.
#[derive(Clone, Debug)]
pub struct Engine {
    store: Arc<dyn Store>,
    options: Arc<Options>,
}

/// A part of an answer that runs: a slice's rows, their columns' names, and what is counted meanwhile.
pub(crate) struct Running {
    pub(crate) stream: SendableRecordBatchStream,
    pub(crate) names: Vec<String>,
    pub(crate) hints: Hints,
}

impl Engine {
    /// An engine over the files of a store.
    pub fn new(store: Arc<dyn Store>, options: Options) -> Self {
        Self { store, options: Arc::new(options) }
    }

    /// An engine over a vault's table at one version.
    pub fn over(vault: Arc<Vault>, snapshot: &Snapshot, options: Options) -> Self {
        Self::new(Arc::new(VaultFiles::new(vault, snapshot)), options)
    }

    /// Runs a query in the language of CloudWatch Logs Insights.
    ///
    /// # Errors
    /// All mistakes of the query at once, or what else prevents an answer.
    pub async fn insights(&self, query: &str) -> Result<Answer, Failure> {
        let parsed = shoseki_insights::parse(query);
        if !parsed.errors.is_empty() {
            return Err(Failure::Mistakes(parsed.errors));
        }
        let slices = self.slices(&parsed.query);
        let rest = Rest::new(self.clone(), parsed.query, slices, self.progress());
        Answer::sliced(rest).await
    }

    /// How a query would run, as the engine's plan in text: for who looks for where the time goes.
    ///
    /// # Errors
    /// As [`Engine::insights`].
    pub async fn explain(&self, query: &str) -> Result<String, Failure> {
        let parsed = shoseki_insights::parse(query);
        if !parsed.errors.is_empty() {
            return Err(Failure::Mistakes(parsed.errors));
        }
        let context = self.context(self.selection(), &self.progress())?;
        let planned = self.physical(&context, parsed.query).await?;
        Ok(displayable(planned.plan.as_ref()).indent(false).to_string())
    }

    /// Runs a query over a slice of the time range.
    pub(crate) async fn slice(
        &self,
        query: &Query,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        progress: &Arc<Progress>,
    ) -> Result<Running, Failure> {
        let context = self.context(Selection { from, to, ..self.selection() }, progress)?;
        let planned = self.physical(&context, query.clone()).await?;
        Ok(Running {
            stream: execute_stream(planned.plan, context.task_ctx())?,
            names: planned.names,
            hints: planned.hints,
        })
    }

    async fn physical(&self, context: &SessionContext, query: Query) -> Result<Physical, Failure> {
        let (state, table) = (context.state(), context.table_provider(EVENTS).await?);
        let options = Arc::clone(&self.options);
        with_room(async move {
            let planned = Planner::new(table, &options)?.plan(&query)?;
            let plan = arranged(state.create_physical_plan(&planned.plan).await?)?;
            Ok(Physical { plan, names: planned.names, hints: planned.hints })
        })
        .await
    }

    pub(crate) fn slices(&self, query: &Query) -> Slices {
        // A sort holds its rows about twice.
        let bytes = self.options.slice.unwrap_or((self.options.memory / 4) as u64);
        Slices::of(query, self.store.files(), &self.selection(), bytes)
    }

    pub(crate) fn files(&self) -> &[Add] {
        self.store.files()
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
        }
    }

    pub(crate) fn progress(&self) -> Arc<Progress> {
        let (progress, selection) = (Progress::default(), self.selection());
        let chosen = self.store.files().iter().filter(|file| selection.open(file).is_some());
        progress.planned(self.store.files().len(), chosen.map(|file| file.size));
        Arc::new(progress)
    }

    pub(crate) fn context(&self, selection: Selection, progress: &Arc<Progress>) -> Result<SessionContext, Failure> {
        let cores = match self.options.spill {
            // Each core's part must hold a few batches, or there is nothing to put aside.
            Some(_) => self.options.cores.min(self.options.memory / MEMORY_A_CORE).max(1),
            None => self.options.cores.max(1),
        };
        // What a sort keeps for merging what it spilled: each core its part, and little of a little memory.
        let for_merging = (self.options.memory / cores / 16).clamp(64 << 10, 10 << 20);
        let config = SessionConfig::new()
            .with_target_partitions(cores)
            .with_batch_size(8_192)
            .with_information_schema(true)
            // Where `->>` binds more tightly than `=`.
            .set_str("datafusion.sql_parser.dialect", "PostgreSQL")
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
        let runtime = runtime.build_arc()?;
        let context = SessionContext::new_with_config_rt(config, runtime);
        let natives = fields::natives(self.store.files(), &selection);
        let table = EventsTable::new(Arc::clone(&self.store), Arc::new(selection), natives, Arc::clone(progress));
        context.register_table(EVENTS, Arc::new(table))?;
        Ok(context)
    }
}

/// A query that is ready to run.
pub(crate) struct Physical {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    pub(crate) names: Vec<String>,
    pub(crate) hints: Hints,
}

/// What the engine's own optimizer leaves to be done:
/// - a join can make many rows of few, and would not pause while it does: it is made to, so that a query that nobody
///   waits for any more ends soon;
/// - rows that are in order would be dealt out to several cores for what is computed of them last, and come back in the
///   order in which the cores are done: they stay together.
pub(crate) fn arranged(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let arranged = plan.transform_up(|node| {
        if node.name().contains("Join") {
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as _));
        }
        let is_dealt_out = matches!(node.properties().output_partitioning(), Partitioning::RoundRobinBatch(_));
        let input = node.children().first().map(|input| Arc::clone(input));
        let in_order = input.filter(|input| {
            let properties = input.properties();
            properties.output_partitioning().partition_count() == 1 && properties.output_ordering().is_some()
        });
        Ok(match in_order {
            Some(input) if is_dealt_out && node.name() == "RepartitionExec" => Transformed::yes(input),
            _ => Transformed::no(node),
        })
    });
    arranged.map(|plan| plan.data)
}

/// Runs something on a thread with room for deep recursion: the engine's optimizer calls itself for each level of a plan
/// and of an expression.
pub(crate) async fn with_room<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let failed = |error: &dyn fmt::Display| Fault::world(msg!("query-engine")).because(error.to_string());
    let spawned =
        std::thread::Builder::new().name("query-plan".to_owned()).stack_size(PLANNING_STACK).spawn(move || {
            // Nobody waits any more where the query was dropped.
            let _ = sender.send(runtime.block_on(work));
        });
    spawned.map_err(|error| failed(&error))?;
    receiver.await.map_err(|error| failed(&error))?
}

/// DataFusion's error as ours: what the scan said comes back as it was.
pub(crate) fn fault_of(error: DataFusionError) -> Fault {
    match error {
        DataFusionError::External(inside) => match inside.downcast::<Fault>() {
            Ok(fault) => *fault,
            Err(other) => Fault::broken(msg!("query-engine")).because(other),
        },
        DataFusionError::Context(_, inside) => fault_of(*inside),
        DataFusionError::Shared(inside) => match Arc::try_unwrap(inside) {
            Ok(inside) => fault_of(inside),
            Err(shared) => inside_of(&shared),
        },
        DataFusionError::ResourcesExhausted(_) => Fault::world(msg!("query-memory")).because(error),
        error if let Some(fault) = spilled(&error) => fault,
        error => Fault::broken(msg!("query-engine")).because(error),
    }
}

/// What a writer of spilled rows said, inside what the engine made of it.
fn spilled(error: &DataFusionError) -> Option<Fault> {
    let inside = match error {
        DataFusionError::IoError(inside) => inside,
        DataFusionError::ArrowError(inside, _) => match &**inside {
            ArrowError::IoError(_, inside) => inside,
            _ => return None,
        },
        _ => return None,
    };
    // Files of a vault are read by the scan, whose errors are faults: here only spilling reads and writes.
    Some(Fault::world(msg!("query-spill-failed")).because(inside.to_string()))
}

/// The fault in an error that several parts of a plan were given.
fn inside_of(error: &DataFusionError) -> Fault {
    match error {
        DataFusionError::External(inside) if inside.is::<Fault>() => inside.downcast_ref::<Fault>().cloned(),
        DataFusionError::Context(_, inside) => Some(inside_of(inside)),
        DataFusionError::Shared(inside) => Some(inside_of(inside)),
        DataFusionError::ResourcesExhausted(_) => Some(Fault::world(msg!("query-memory")).because(error.to_string())),
        error => spilled(error),
    }
    .unwrap_or_else(|| Fault::broken(msg!("query-engine")).because(error.to_string()))
}
