//! The engine: a store, what is asked about, and queries in either language.

mod progress;

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::AsArray;
use chrono_tz::Tz;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::logical_expr::{Expr, ident};
use datafusion::physical_plan::{ExecutionPlan, displayable, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use shoseki_event::Timestamp;
use shoseki_insights::{Error, Query};
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{Snapshot, Vault};

use crate::answer::{Answer, Hints, Rest};
use crate::asked::{self, Asked};
use crate::fields;
use crate::fold::FoldingPlanner;
use crate::json::JsonFunction;
use crate::lookups::Lookups;
use crate::plan::{Ground, Planner, SetPlan, pointer};
use crate::reach;
use crate::scan::{EventsTable, Selection};
use crate::slices::Slices;
use crate::store::{Store, VaultFiles};
use crate::values::CHUNK;

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
    /// The most memory for sorting and grouping, in bytes. A query that needs more fails; nothing is written to disk.
    pub memory: usize,
    /// The raw bytes of a slice of the time range, where rows come in the order of time: a quarter of the memory unless
    /// it is said here. It changes the speed and the memory of an answer, never the answer.
    pub slice: Option<u64>,
    /// The folder of the tables that `lookup` and `cidrlookup` read, as CSV.
    pub lookups: Option<PathBuf>,
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
            lookups: None,
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

/// The rows of a batch.
const BATCH_ROWS: usize = 8_192;

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
        let asked = Arc::new(self.asked(parsed.query).await?);
        let slices = Slices::of(&asked.query, self.store.files(), &asked.selection, slice);
        let progress = self.progress(asked.query.all().map(|query| asked.selection_of(query)));
        let rest = Rest::new(self.clone(), asked, slices, progress);
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
        let asked = Arc::new(self.asked(parsed.query).await?);
        let progress = Arc::default();
        let context = self.context(asked.selection.clone(), &progress, BATCH_ROWS)?;
        let planned = self.physical(&context, &asked, &progress, false).await?;
        Ok(displayable(planned.plan.as_ref()).indent(false).to_string())
    }

    /// Runs a query in SQL over the table `events`. It may only read: queries and `EXPLAIN`.
    ///
    /// # Errors
    /// The caller's mistake where the query is none or would do more than read; or what else prevents an answer.
    pub async fn sql(&self, query: &str) -> Result<Answer, Failure> {
        let progress = self.progress([self.selection()].into_iter());
        let context = self.context(self.selection(), &progress, BATCH_ROWS)?;
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
        asked: &Arc<Asked>,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        progress: &Arc<Progress>,
    ) -> Result<Running, Failure> {
        let batch = if asked.multiplies() { CHUNK } else { BATCH_ROWS };
        let context = self.context(Selection { from, to, ..asked.selection.clone() }, progress, batch)?;
        let planned = self.physical(&context, asked, progress, true).await?;
        Ok(Running {
            stream: execute_stream(planned.plan, context.task_ctx())?,
            names: planned.names,
            hints: planned.hints,
        })
    }

    /// What is asked, with what can be found out before it is planned.
    async fn asked(&self, query: Query) -> Result<Asked, Failure> {
        let has_source = query.all().any(|query| asked::source_of(query).is_some());
        let streams = if has_source { asked::streams(self.store.as_ref()) } else { Default::default() };
        let (tables, folder) = (asked::tables(&query), self.options.lookups.clone());
        let read = tokio::task::spawn_blocking(move || Lookups::read(folder.as_deref(), &tables));
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
        let (store, progress) = (Arc::clone(&self.store), Arc::clone(progress));
        let table = move |selection| Arc::new(events(&store, selection, &progress)) as _;
        let store = Arc::clone(&self.store);
        Ground {
            asked: Arc::clone(asked),
            with_pointers: self.options.with_pointers,
            tables: Box::new(table),
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
                fill(&context, set, most).await?;
            }
            let plan = context.state().create_physical_plan(&planned.plan).await?;
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

    /// Counts the files of selections: a query's, and its sub-queries'.
    fn progress(&self, selections: impl Iterator<Item = Selection>) -> Arc<Progress> {
        let (progress, files) = (Progress::default(), self.store.files());
        let chosen = selections.flat_map(|selection| files.iter().filter(move |file| selection.open(file).is_some()));
        progress.planned(files.len(), chosen.map(|file| file.size));
        Arc::new(progress)
    }

    fn context(&self, selection: Selection, progress: &Arc<Progress>, batch: usize) -> Result<SessionContext, Failure> {
        let config = SessionConfig::new().with_target_partitions(self.options.cores.max(1)).with_batch_size(batch);
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
        context.register_table(EVENTS, Arc::new(events(&self.store, selection, progress)))?;
        Ok(context)
    }
}

/// The table of a selection.
fn events(store: &Arc<dyn Store>, selection: Selection, progress: &Arc<Progress>) -> EventsTable {
    let natives = fields::natives(store.files(), &selection);
    EventsTable::new(Arc::clone(store), Arc::new(selection), natives, Arc::clone(progress))
}

/// Runs a sub-query whose values are looked up. They may take so many bytes.
async fn fill(context: &SessionContext, set: &SetPlan, most: usize) -> Result<(), Failure> {
    /// What a value takes beside its letters.
    const BESIDE: usize = 32;
    let plan = context.state().create_physical_plan(&set.plan).await?;
    let mut stream = execute_stream(plan, context.task_ctx())?;
    let (mut values, mut bytes) = (HashSet::new(), 0);
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let Some(texts) = batch.columns().first().and_then(|column| column.as_string_opt::<i32>()) else { continue };
        for text in texts.iter().flatten() {
            bytes += text.len() + BESIDE;
            if bytes > most {
                return Err(Fault::world(msg!("query-subquery-large", limit = most >> 20)).into());
            }
            values.insert(Box::from(text));
        }
    }
    set.set.fill(values);
    Ok(())
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
            let mut sender = sender;
            let done = runtime.block_on(async {
                tokio::select! {
                    done = work => Some(done),
                    // Nobody waits any more where the query was dropped.
                    () = sender.closed() => None,
                }
            });
            if let Some(done) = done {
                let _ = sender.send(done);
            }
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
