//! A question while it runs: rows come through a channel from a task of their own, so that Ctrl-C and the end of the
//! time given are heard at once, however busy the engine is.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde_json::json;
use shoseki_messages::{Fault, Message, Result, msg};
use shoseki_query::{Engine, Failure, Mapping, Options, Progress, ProgressNow};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::question::{Question, fault};
use super::target::{Sink, Target};
use crate::access::Beginning;
use crate::context::Context;
use crate::{output, progress};

/// What a question may cost.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// How long it may run.
    pub timeout: Option<Duration>,
    /// The memory for sorting and grouping, in bytes; `None`: the engine's.
    pub memory: Option<usize>,
    /// Where it may put rows aside.
    pub spill: Option<PathBuf>,
    /// Where the tables of `lookup` and `cidrlookup` are.
    pub lookups: Option<PathBuf>,
    /// Which names of applications' events say who did what.
    pub mapping: Option<Arc<Mapping>>,
}

impl Limits {
    /// Options with these limits.
    pub fn apply(&self, options: Options) -> Options {
        Options {
            memory: self.memory.unwrap_or(options.memory),
            spill: self.spill.clone(),
            lookups: self.lookups.clone(),
            mapping: self.mapping.clone(),
            ..options
        }
    }
}

/// How a question ended.
pub enum Ended {
    /// With all its rows.
    Whole {
        /// How many.
        rows: u64,
        /// What there is to say beside them.
        hints: Vec<Message>,
        /// The first of them, for who wants to know which fields there are.
        first: Option<RecordBatch>,
        /// What they took.
        read: Read,
    },
    /// By Ctrl-C.
    Stopped,
}

enum Part {
    Begun(SchemaRef, Arc<Progress>),
    Rows(RecordBatch),
    Whole(Vec<Message>),
    Failed(Failure),
}

/// The task that asks; dropped, it stops.
struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The threads that engines run on. They are others than those that hear Ctrl-C and the clock, since an engine can keep
/// all of its own busy for seconds.
fn threads() -> Result<&'static Runtime> {
    static THREADS: OnceLock<Runtime> = OnceLock::new();
    if let Some(threads) = THREADS.get() {
        return Ok(threads);
    }
    let made = tokio::runtime::Builder::new_multi_thread().thread_name("query").enable_all().build();
    let made = made.map_err(|error| Fault::world(msg!("cli-no-threads")).because(error))?;
    Ok(THREADS.get_or_init(|| made))
}

fn begin(engine: &Engine, question: &Question) -> Result<(Task, mpsc::Receiver<Part>)> {
    // A batch is being written while the next one is found, and no more are held.
    let (sender, receiver) = mpsc::channel(1);
    let (engine, question) = (engine.clone(), question.clone());
    let task = threads()?.spawn(async move {
        let last = match rows(&engine, &question, &sender).await {
            Ok(hints) => Part::Whole(hints),
            Err(failure) => Part::Failed(failure),
        };
        let _ = sender.send(last).await; // who does not listen any more need not know
    });
    Ok((Task(task), receiver))
}

async fn rows(engine: &Engine, question: &Question, sender: &mpsc::Sender<Part>) -> Result<Vec<Message>, Failure> {
    let text = question.text.as_str();
    let mut answer = if question.is_sql { engine.sql(text).await? } else { engine.insights(text).await? };
    let mut is_heard = sender.send(Part::Begun(answer.schema(), answer.progress())).await.is_ok();
    while is_heard && let Some(batch) = answer.next().await? {
        is_heard = sender.send(Part::Rows(batch)).await.is_ok();
    }
    Ok(answer.hints())
}

/// Asks, writes the rows to where they belong, and how it ended into the record.
///
/// # Errors
/// Mistakes of the question, what stopped it, and the end of its time.
pub async fn run(
    context: &Context,
    engine: &Engine,
    question: &Question,
    (limits, target): (&Limits, &Target),
    mut beginning: Beginning,
) -> Result<Ended> {
    let mut shown = 0;
    let ended = rows_shown(context, (engine, question), (limits, target), (&mut beginning, &mut shown)).await;
    let Some(mut recorded) = beginning.begun().await else { return ended };
    recorded.detail("rows", shown);
    match &ended {
        Ok(Ended::Whole { .. }) => recorded.whole(),
        Ok(Ended::Stopped) => recorded.stopped(),
        Err(fault) => recorded.failed(fault),
    }
    ended
}

async fn rows_shown(
    context: &Context,
    (engine, question): (&Engine, &Question),
    (limits, target): (&Limits, &Target),
    (beginning, shown): (&mut Beginning, &mut u64),
) -> Result<Ended> {
    let begun = Instant::now();
    let mut run = Run { sink: None, shown: None, progress: None, rows: 0, first: None, begun };
    let (_task, mut receiver) = begin(engine, question)?;
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let part = tokio::select! {
            biased;
            _ = &mut interrupt => return Ok(Ended::Stopped),
            () = sleep_until(limits.timeout.map(|timeout| begun + timeout)) => return Err(run.out_of_time(limits)),
            part = receiver.recv() => part,
        };
        match part {
            Some(Part::Begun(schema, progress)) => {
                beginning.durable().await?;
                run.sink = Some(target.open(context, &schema)?);
                run.shown = Some(progress::of_query(&progress, context.lang));
                run.progress = Some(progress);
            }
            Some(Part::Rows(batch)) => {
                run.write(context, &target.masked(batch)?)?;
                *shown = run.rows;
            }
            Some(Part::Whole(hints)) => return run.finish(context, hints),
            Some(Part::Failed(failure)) => {
                drop(run);
                return Err(fault(context, &question.text, failure));
            }
            None => return Err(Fault::broken(msg!("query-engine"))),
        }
    }
}

async fn sleep_until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// The state of a question that runs.
struct Run {
    sink: Option<Sink>,
    shown: Option<progress::Shown>,
    progress: Option<Arc<Progress>>,
    rows: u64,
    first: Option<RecordBatch>,
    begun: Instant,
}

/// What an answer took.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    now: ProgressNow,
    took: Duration,
}

impl Read {
    /// Says it on standard error: as JSON where that is asked for.
    pub fn show(&self, context: &Context, rows: u64) {
        let Self { now, took } = self;
        let opened = now.opened_files.min(now.files);
        let seconds = took.as_secs_f64();
        if context.json {
            let read = json!({
                "rows": rows, "records_read": now.rows, "files": now.files, "files_read": opened,
                "bytes_of_files_read": now.opened_bytes, "seconds": (seconds * 1_000.0).round() / 1_000.0,
            });
            return output::note(&read.to_string());
        }
        context.note(&msg!(
            "cli-query-stats",
            rows = output::count(rows),
            records = output::count(now.rows),
            opened = output::count(opened),
            files = output::count(now.files),
            bytes = output::bytes(now.opened_bytes),
            seconds = format!("{seconds:.3}")
        ));
    }
}

impl Run {
    fn write(&mut self, context: &Context, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        if self.first.is_none() && batch.num_rows() > 0 {
            self.first = Some(batch.clone());
        }
        match (&mut self.sink, &self.shown) {
            (Some(sink), Some(shown)) => shown.aside(|| sink.write(context, batch)),
            _ => Err(Fault::broken(msg!("query-engine"))),
        }
    }

    fn finish(mut self, context: &Context, hints: Vec<Message>) -> Result<Ended> {
        drop(self.shown.take());
        if let Some(sink) = self.sink.take() {
            sink.finish(context, self.rows)?;
        }
        let now = self.progress.as_ref().map(|progress| progress.now()).unwrap_or_default();
        Ok(Ended::Whole { rows: self.rows, hints, first: self.first, read: Read { now, took: self.begun.elapsed() } })
    }

    fn out_of_time(&self, limits: &Limits) -> Fault {
        let now = self.progress.as_ref().map(|progress| progress.now()).unwrap_or_default();
        let limit = limits.timeout.unwrap_or_default();
        Fault::world(msg!(
            "cli-query-timeout",
            limit = format!("{}", limit.as_secs_f64()),
            opened = output::count(now.opened_files.min(now.chosen_files)),
            chosen = output::count(now.chosen_files),
            read = output::count(now.rows),
            found = output::count(self.rows)
        ))
    }
}
