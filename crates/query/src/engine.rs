//! The engine: a store, what is asked about, and queries in either language.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono_tz::Tz;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::logical_expr::{Expr, ident};
use datafusion::physical_plan::{ExecutionPlan, displayable, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use shoseki_event::Timestamp;
use shoseki_insights::{Error, Query};
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{Snapshot, Vault};

use crate::answer::{Answer, Hints, Rest};
use crate::fields;
use crate::fold::FoldingPlanner;
use crate::json::JsonFunction;
use crate::plan::{Planner, pointer};
use crate::ranges::Ranges;
use crate::scan::{EventsTable, Selection};
use crate::slices::Slices;
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
    /// The most memory for sorting and grouping, in bytes. A query that needs more fails; nothing is written to disk.
    pub memory: usize,
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
const EVENTS: &str = "events";

/// Puts a view in the place of the table: where a record lies is one column, `@ptr`, as in the other language.
async fn with_pointers(context: &SessionContext) -> Result<(), DataFusionError> {
    let events = context.table(EVENTS).await?;
    let of_place = ["segment", "ordinal"];
    let names = events.schema().fields().iter().map(|field| field.name().clone());
    let mut columns: Vec<Expr> = names.filter(|name| !of_place.contains(&name.as_str())).map(ident).collect();
    columns.push(pointer().expr.alias("@ptr"));
    let view = events.select(columns)?.into_view();
    context.deregister_table(EVENTS)?;
    context.register_table(EVENTS, view).map(|_| ())
}

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
        // A sort holds its rows about twice.
        let slice = self.options.slice.unwrap_or((self.options.memory / 4) as u64);
        let selection = self.selection_for(&parsed.query);
        let slices = Slices::of(&parsed.query, self.store.files(), &selection, slice);
        let progress = self.progress(&selection);
        let rest = Rest::new(self.clone(), parsed.query, slices, progress);
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
        let selection = self.selection_for(&parsed.query);
        let progress = self.progress(&selection);
        let context = self.context(selection, &progress)?;
        let planned = self.physical(&context, parsed.query).await?;
        Ok(displayable(planned.plan.as_ref()).indent(false).to_string())
    }

    /// Runs a query in SQL over the table `events`. It may only read: queries and `EXPLAIN`.
    ///
    /// # Errors
    /// The caller's mistake where the query is none or would do more than read; or what else prevents an answer.
    pub async fn sql(&self, query: &str) -> Result<Answer, Failure> {
        let progress = self.progress(&self.selection());
        let context = self.context(self.selection(), &progress)?;
        context.register_udf(JsonFunction::udf());
        with_pointers(&context).await?;
        let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let (state, text) = (context.clone(), query.to_owned());
        let planned = with_room(async move {
            let refused = |error: DataFusionError| Fault::caller(msg!("query-sql")).because(error.strip_backtrace());
            let frame = state.sql_with_options(&text, read_only).await.map_err(refused)?;
            let plan = frame.into_unoptimized_plan();
            let names = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
            let plan = state.state().create_physical_plan(&plan).await.map_err(refused)?;
            Ok(Physical { plan, names, hints: Hints::default() })
        })
        .await?;
        let stream = execute_stream(planned.plan, context.task_ctx())?;
        Ok(Answer::whole(Running { stream, names: planned.names, hints: planned.hints }, progress))
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
            let ranges = Ranges::of(&query, &options);
            let planned = Planner::new(table, &options, ranges)?.plan(&query)?;
            let plan = state.create_physical_plan(&planned.plan).await?;
            Ok(Physical { plan, names: planned.names, hints: planned.hints })
        })
        .await
    }

    fn selection(&self) -> Selection {
        Selection {
            from: self.options.from,
            to: self.options.to,
            sources: self.options.sources.clone(),
            streams: self.options.streams.clone(),
            internal: self.options.include_internal,
        }
    }

    /// What a query is about: with the earlier time range, where it compares with one.
    fn selection_for(&self, query: &Query) -> Selection {
        let (from, to) = Ranges::of(query, &self.options).whole();
        Selection { from, to, ..self.selection() }
    }

    fn progress(&self, selection: &Selection) -> Arc<Progress> {
        let progress = Progress::default();
        let chosen = self.store.files().iter().filter(|file| selection.open(file).is_some());
        progress.planned(self.store.files().len(), chosen.map(|file| file.size));
        Arc::new(progress)
    }

    fn context(&self, selection: Selection, progress: &Arc<Progress>) -> Result<SessionContext, Failure> {
        let config = SessionConfig::new().with_target_partitions(self.options.cores.max(1)).with_batch_size(8_192);
        // Spilled rows would lie on the disk in the clear.
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_limit(self.options.memory, 1.0)
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_query_planner(Arc::new(FoldingPlanner))
            .build();
        let context = SessionContext::new_with_state(state);
        let natives = fields::natives(self.store.files(), &selection);
        let table = EventsTable::new(Arc::clone(&self.store), Arc::new(selection), natives, Arc::clone(progress));
        context.register_table(EVENTS, Arc::new(table))?;
        Ok(context)
    }
}

/// A query that is ready to run.
struct Physical {
    plan: Arc<dyn ExecutionPlan>,
    names: Vec<String>,
    hints: Hints,
}

/// Runs something on a thread with room for deep recursion: the engine's optimizer calls itself for each level of a plan
/// and of an expression.
async fn with_room<T: Send + 'static>(
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
        error => Fault::broken(msg!("query-engine")).because(error),
    }
}

/// The fault in an error that several parts of a plan were given.
fn inside_of(error: &DataFusionError) -> Fault {
    match error {
        DataFusionError::External(inside) if inside.is::<Fault>() => inside.downcast_ref::<Fault>().cloned(),
        DataFusionError::Context(_, inside) => Some(inside_of(inside)),
        DataFusionError::Shared(inside) => Some(inside_of(inside)),
        DataFusionError::ResourcesExhausted(_) => Some(Fault::world(msg!("query-memory")).because(error.to_string())),
        _ => None,
    }
    .unwrap_or_else(|| Fault::broken(msg!("query-engine")).because(error.to_string()))
}
