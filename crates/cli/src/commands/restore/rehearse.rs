//! `shoseki restore --rehearse`: the replica becomes a vault in a folder of its own, which is verified, asked and compared with the
//! living vault, and goes away again. How long that took, how much it was and what came of it is evidence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use serde::Serialize;
use serde_json::json;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_query::{Engine, Options};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::keys::KeyProvider;
use shoseki_vault::ingest::Meter;
use shoseki_vault::replica::{self, Copied};
use shoseki_vault::{Store, Vault, spool};
use shoseki_verify::{Question, Report, Verdict, verify_vault};

use super::super::replica::{note_problems, problems};
use super::super::verify::{place, whole_place};
use super::{metered, recorder};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output, progress};

/// What the living vault is to the restored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Compared {
    /// Its log begins with the restored one, and it has as many records of each stream up to there.
    Equal,
    /// It does not.
    Differs,
    /// It could not be opened.
    Unknown,
}

/// How long each part took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Seconds {
    restore: f64,
    verify: f64,
    query: f64,
    all: f64,
}

/// What a rehearsal came to.
#[derive(Debug, Serialize)]
struct Rehearsal {
    from: String,
    tree_size: u64,
    objects: u64,
    bytes: u64,
    verdict: &'static str,
    deep: bool,
    streams: usize,
    records: u64,
    living: Compared,
    seconds: Seconds,
    /// Whether all of it is well: restored whole, intact, and equal to the living vault where that can be opened.
    passed: bool,
}

/// A folder that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(below: &Path) -> Result<Self> {
        let path = below.join(format!("shoseki-rehearsal-{}", spool::new_id()?));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let shown = path.display().to_string();
        builder
            .create(&path)
            .map_err(|error| Fault::world(msg!("vault-folder-uncreatable", path = shown)).because(error))?;
        Ok(Self(path))
    }

    /// Takes it away, and says where that cannot be done.
    fn remove(self) -> Result<()> {
        let shown = self.0.display().to_string();
        std::fs::remove_dir_all(&self.0)
            .map_err(|error| Fault::world(msg!("replica-rehearsal-stays", path = shown)).because(error))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // it is gone already where it was taken away in good order
    }
}

/// Rehearses.
pub(super) async fn run(context: &Context, replica: &Vault, deep: bool, below: Option<&str>) -> Result<Exit> {
    let access = Access::new("restore.rehearse").with("from", whole_place(replica.store().url())).with("deep", deep);
    let recorder = recorder(context, replica).await;
    let mut recorded = Recorded::begin(context, recorder.as_ref().unwrap_or(replica), access).await?;
    let folder = Folder::new(&below.map_or_else(std::env::temp_dir, PathBuf::from))?;
    // Once it is copied, nothing else hears Ctrl-C.
    let rehearsed = match rehearse(context, replica, &folder.0).await {
        Ok(Some((to, begun))) => tokio::select! {
            judged = judged(context, replica, deep, (to, begun)) => judged.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
        },
        Ok(None) => Ok(None),
        Err(fault) => Err(fault),
    };
    let removed = folder.remove();
    let (rehearsal, copied, report) = match rehearsed {
        Ok(Some(done)) => done,
        Ok(None) => {
            recorded.stopped();
            context.note(&msg!("replica-rehearsal-stopped"));
            return Ok(Exit::Stopped);
        }
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    for (name, value) in json!(rehearsal).as_object().into_iter().flatten() {
        recorded.detail(name, value.clone());
    }
    let is_recorded = recorded.is_recorded();
    recorded.whole();
    show(context, &rehearsal, (&copied, report.as_ref()), is_recorded)?;
    if let (true, Ok(vault)) = (is_recorded, context.open().await) {
        access::seal(context, &vault).await;
    }
    removed?;
    Ok(if rehearsal.passed { Exit::Done } else { Exit::Failed })
}

/// What was restored: where, and when that began and ended.
struct Anew {
    to: Store,
    copied: Copied,
    seconds: f64,
}

/// Restores; nothing where it was stopped.
async fn rehearse(context: &Context, replica: &Vault, folder: &Path) -> Result<Option<(Anew, Instant)>> {
    let begun = Instant::now();
    let to = Store::open(&folder.display().to_string(), false, context.access()?.buckets.as_ref()).await?;
    let copied = metered(context, async |meter: Arc<Meter>| replica::copy(replica, &to, false, &meter).await).await?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok((!copied.stopped).then_some((Anew { to, copied, seconds }, begun)))
}

/// Verifies, asks and compares.
async fn judged(
    context: &Context,
    replica: &Vault,
    deep: bool,
    (Anew { to, copied, seconds }, begun): (Anew, Instant),
) -> Result<(Rehearsal, Copied, Option<Report>)> {
    let mut seconds = Seconds { restore: seconds, ..Seconds::default() };
    let (is_whole, verifying) = (copied.size == copied.source_size, Instant::now());
    let mut rehearsal = Rehearsal {
        from: whole_place(replica.store().url()),
        tree_size: copied.size,
        objects: copied.objects,
        bytes: copied.bytes,
        verdict: Verdict::Unverifiable.name(),
        deep,
        streams: 0,
        records: 0,
        living: Compared::Unknown,
        seconds,
        passed: false,
    };
    if copied.size == 0 {
        return Ok((rehearsal, copied, None));
    }
    let report = judge(context, replica, &to, deep).await?;
    seconds.verify = verifying.elapsed().as_secs_f64();
    let asking = Instant::now();
    let restored = Arc::new(Vault::open_at(to, &context.access()?).await?);
    let counted = counted(context, &restored).await?;
    seconds.query = asking.elapsed().as_secs_f64();
    seconds.all = begun.elapsed().as_secs_f64();
    rehearsal.verdict = report.verdict.name();
    rehearsal.streams = counted.len();
    rehearsal.records = counted.values().sum();
    rehearsal.living = compared(context, &restored, &counted).await;
    rehearsal.seconds = seconds;
    rehearsal.passed = is_whole
        && copied.problems.is_empty()
        && report.verdict == Verdict::Intact
        && rehearsal.living != Compared::Differs;
    Ok((rehearsal, copied, Some(report)))
}

/// Judges the restored vault by itself: the anchors may know more than the replica has.
async fn judge(context: &Context, replica: &Vault, to: &Store, deep: bool) -> Result<Report> {
    let services = context.access()?.services;
    let provider = replica.ring().and_then(|_| replica.keys().providers(services.as_ref()).ok());
    let question = Question {
        place: place(to),
        key: Some(replica.verifier()?),
        provider: provider.map(|provider| Arc::new(provider) as Arc<dyn KeyProvider>),
        deep,
        against: None,
        anchors: Vec::new(),
        opener: None,
    };
    let _shown = progress::of_verification(question.place.reads(), context.lang);
    verify_vault(&question).await
}

/// How many records each stream has, by source and stream.
type Counts = BTreeMap<(String, String), u64>;

/// Counts the records of evidence, by a question to the restored vault.
async fn counted(context: &Context, restored: &Arc<Vault>) -> Result<Counts> {
    const QUESTION: &str = "stats count(*) as records by @source, @log";
    let snapshot = restored.snapshot().await?;
    let options = Options { zone: context.zone, ..Options::default() };
    let engine = Engine::over(Arc::clone(restored), &snapshot, options);
    let asked = engine.insights(QUESTION).await;
    let mut answer = asked.map_err(|failure| super::super::query::fault(context, QUESTION, failure))?;
    let mut counts = Counts::new();
    let broken = || Fault::broken(msg!("query-engine"));
    while let Some(batch) = answer.next().await? {
        let texts = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let records = batch.column_by_name("records").and_then(|column| cast(column, &DataType::Int64).ok());
        let (Some(sources), Some(streams), Some(records)) = (texts("@source"), texts("@log"), records) else {
            return Err(broken());
        };
        let records = records.as_primitive_opt::<Int64Type>().ok_or_else(broken)?;
        for row in 0..batch.num_rows() {
            let name = (sources.value(row).to_owned(), streams.value(row).to_owned());
            *counts.entry(name).or_default() += u64::try_from(records.value(row)).unwrap_or_default();
        }
    }
    Ok(counts)
}

/// Holds the restored vault against the living one, up to the restored size: its log, and what its commits say of each stream.
async fn compared(context: &Context, restored: &Vault, counted: &Counts) -> Compared {
    let Ok(living) = context.open().await else { return Compared::Unknown };
    if living.marker().origin != restored.marker().origin {
        return Compared::Unknown;
    }
    let Ok(Some(checkpoint)) = restored.checkpoint().await else { return Compared::Differs };
    if !replica::agrees(&living, &checkpoint).await.unwrap_or(false) {
        return Compared::Differs;
    }
    let Ok(then) = living.at(checkpoint.size()).await else { return Compared::Differs };
    let mut expected = Counts::new();
    let segments = then.files.iter().flat_map(|file| &file.tags.segments);
    let mut erased: BTreeMap<&str, u64> = BTreeMap::new();
    for tag in segments.filter(|tag| then.segments.contains(&tag.id) && tag.source != OWN_SOURCE) {
        for stream in &tag.streams {
            *expected.entry((tag.source.clone(), stream.name.clone())).or_default() += u64::from(stream.count);
        }
        if !tag.erased.is_empty() {
            *erased.entry(&tag.source).or_default() += tag.erased.len();
        }
    }
    if is_same(&expected, counted, &erased) { Compared::Equal } else { Compared::Differs }
}

/// Whether what was counted is what was expected. Of which stream erased records were nobody says: there a source is counted whole.
fn is_same(expected: &Counts, counted: &Counts, erased: &BTreeMap<&str, u64>) -> bool {
    let whole = |counts: &Counts| {
        let mut all = Counts::new();
        for ((source, stream), count) in counts {
            let stream = if erased.contains_key(source.as_str()) { "" } else { stream };
            *all.entry((source.clone(), stream.to_owned())).or_default() += count;
        }
        all
    };
    let mut expected = whole(expected);
    for (source, count) in erased {
        let left = expected.entry(((*source).to_owned(), String::new())).or_default();
        *left = left.saturating_sub(*count);
    }
    expected.retain(|_, count| *count > 0);
    expected == whole(counted)
}

fn show(
    context: &Context,
    rehearsal: &Rehearsal,
    (copied, report): (&Copied, Option<&Report>),
    is_recorded: bool,
) -> Result<()> {
    if context.json {
        let mut shown = json!(rehearsal);
        shown["problems"] = problems(&copied.problems, context.lang);
        shown["verify"] = json!(report);
        shown["recorded"] = json!(is_recorded);
        return output::json(&shown);
    }
    let lang = context.lang;
    let mut table = output::table(&[]);
    let mut row = |id: &str, value: String| {
        table.add_row([lookup(id, lang).unwrap_or_default(), value]);
    };
    let Seconds { restore, verify, query, all } = rehearsal.seconds;
    let restored = msg!(
        "replica-rehearsal-restored-value",
        objects = output::count(rehearsal.objects),
        bytes = output::bytes(rehearsal.bytes),
        size = output::count(rehearsal.tree_size)
    );
    row("replica-rehearsal-restored", restored.text(lang));
    let verdict = report.map_or(Verdict::Unverifiable, |report| report.verdict);
    row("cli-verify-verdict", verdict.message().text(lang));
    let (streams, records) = (output::count(rehearsal.streams as u64), output::count(rehearsal.records));
    row(
        "replica-rehearsal-asked",
        msg!("replica-rehearsal-asked-value", streams = streams, records = records).text(lang),
    );
    let living = match rehearsal.living {
        Compared::Equal => msg!("replica-rehearsal-equal"),
        Compared::Differs => msg!("replica-rehearsal-differs"),
        Compared::Unknown => msg!("replica-rehearsal-not-compared"),
    };
    row("replica-rehearsal-living", living.text(lang));
    let [restore, verify, query, all] = [restore, verify, query, all].map(|seconds| format!("{seconds:.1}"));
    let times = msg!("replica-rehearsal-time-value", all = all, restore = restore, verify = verify, query = query);
    row("replica-rehearsal-time", times.text(lang));
    output::line(&table.to_string());
    context.say(&if rehearsal.passed { msg!("replica-rehearsal-passed") } else { msg!("replica-rehearsal-failed") });
    note_problems(context, &copied.problems);
    for problem in report.into_iter().flat_map(|report| &report.problems) {
        context.note(&msg!("replica-problem", name = problem.what.as_str(), why = problem.text(lang)));
    }
    if !is_recorded {
        context.note(&msg!("replica-rehearsal-not-recorded"));
    }
    Ok(())
}
