//! Judging a package by running its query again: over the population that the package holds, each segment of which was led to
//! its root and its columns derived anew. What comes out must be what the package says.

use async_recursion::async_recursion;
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use shoseki_event::{RecordId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Mapping, Options, Store};
use shoseki_sources::secrets::VERSION;
use shoseki_tlog::VerifierKey;
use shoseki_verify::Report;
use shoseki_verify::package::{
    DRAWN_FROM, Difference, Judged, Language, Manifest, Population, ROWS_CSV, ROWS_JSONL, RunAgain, Wanted, draw,
    judge_package, read_again,
};
use tokio::sync::mpsc;

use crate::asking::{Asking, Pointers};
use crate::compare::{Comparison, Form};
use crate::mask::Mask;
use crate::package::ENGINE;
use crate::rebuilt::Rebuilt;

/// What running a query again may cost.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// The memory for sorting and grouping, in bytes; the engine's own where absent.
    pub memory: Option<usize>,
    /// The folder for the population, and for what does not fit into memory; where absent, the population lies in the
    /// system's folder for temporary files, and nothing else is written. All of it is encrypted and has no name.
    pub spill: Option<PathBuf>,
    /// How many bytes of the package were read so far, for a progress bar. Some are read more than once.
    pub read: Arc<AtomicU64>,
}

/// Judges a package, and where it has its population, runs the query again. `known` is a checkpoint of the same log that the
/// auditor holds from elsewhere.
///
/// # Errors
/// The world's failure where the package cannot be read or there is no room for the population; the caller's mistake where
/// `known` is not of this log. Everything else is in the report.
#[async_recursion]
pub async fn verify_again(file: File, key: VerifierKey, known: Option<Vec<u8>>, running: Running) -> Result<Report> {
    let file = Arc::new(file);
    let (reader, folder) = (Reader::new(&file, &running.read)?, running.spill.clone());
    let (judged, rebuilt) = on_a_thread(move || {
        let mut rebuilt = Rebuilt::new(folder);
        let mut take = |segment| rebuilt.take(segment);
        let judged = judge_package(reader, Some(&key), known.as_deref(), Some(&mut take))?;
        Ok((judged, rebuilt))
    })
    .await?;
    let Some(manifest) = judged.can_run_again().cloned() else { return Ok(judged.report()) };
    let again = run(&file, &judged, manifest, rebuilt, running).await?;
    Ok(judged.ran_again(again))
}

/// Does what takes long on a thread that nobody waits for when the program ends.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let failed = |error: String| Fault::world(msg!("package-again-threads")).because(error);
    let work = move || {
        let _ = sender.send(work()); // who does not listen any more need not know
    };
    std::thread::Builder::new().name("judge".to_owned()).spawn(work).map_err(|error| failed(error.to_string()))?;
    receiver.await.map_err(|error| failed(error.to_string()))?
}

/// What a manifest says of how the query was asked.
fn options(manifest: &Manifest, judged: &Judged, running: &Running) -> Result<(Options, Wanted)> {
    let unreadable = || Fault::damage(msg!("package-again-manifest"));
    let time = |text: &String| Timestamp::parse(text).map_err(|fault| unreadable().because(fault));
    let asked = manifest.asked.as_ref().ok_or_else(unreadable)?;
    let own = Options::default();
    let options = Options {
        from: manifest.from.as_ref().map(time).transpose()?,
        to: manifest.to.as_ref().map(time).transpose()?,
        include_internal: asked.sources.iter().any(|source| source == shoseki_segment::OWN_SOURCE),
        sources: asked.sources.clone(),
        streams: asked.streams.clone(),
        zone: manifest.time_zone.parse().map_err(|_| unreadable())?,
        now: time(&asked.now)?,
        with_pointers: true,
        memory: running.memory.unwrap_or(own.memory),
        spill: running.spill.clone(),
        tables: Arc::new(judged.tables().clone()),
        mapping: Mapping::of_vault(judged.app_mapping())?,
        ..own
    };
    Ok((options, Wanted::of(manifest)?.ok_or_else(unreadable)?))
}

async fn run(
    file: &Arc<File>,
    judged: &Judged,
    manifest: Manifest,
    mut rebuilt: Rebuilt,
    running: Running,
) -> Result<RunAgain> {
    let mut again = RunAgain {
        records: rebuilt.records,
        in_order: manifest.language == Language::Insights,
        differences: std::mem::take(&mut rebuilt.differences),
        other_derivations: std::mem::take(&mut rebuilt.other_derivations),
        other_engine: manifest.asked.as_ref().map(|asked| asked.engine.clone()).filter(|engine| engine != ENGINE),
        failed: rebuilt.failed.take(),
        ..RunAgain::default()
    };
    if again.failed.is_some() || !again.differences.is_empty() {
        return Ok(again);
    }
    match run_query(file, judged, Arc::new(manifest), rebuilt, running).await {
        Ok((rows, differences)) => (again.rows, again.differences) = (rows, differences),
        Err(Failure::Mistakes(_)) => again.failed = Some(Fault::caller(msg!("package-again-mistakes"))),
        Err(Failure::Fault(fault)) => again.failed = Some(fault),
    }
    Ok(again)
}

async fn run_query(
    file: &Arc<File>,
    judged: &Judged,
    manifest: Arc<Manifest>,
    rebuilt: Rebuilt,
    running: Running,
) -> Result<(u64, Vec<Difference>), Failure> {
    let (options, wanted) = options(&manifest, judged, &running)?;
    let zone = options.zone;
    let base = (options.from, options.to);
    let engine = Engine::new(Arc::new(rebuilt) as Arc<dyn Store>, options);
    let (query, sql) = (manifest.query.as_str(), manifest.language == Language::Sql);
    let (from, to) = if sql {
        engine.repeats_sql(query).await?;
        base
    } else {
        Engine::repeats(query)?;
        engine.reads(query).await?
    };
    let is_covered = wanted.from.is_none_or(|begin| from.is_some_and(|from| from >= begin))
        && wanted.to.is_none_or(|end| to.is_some_and(|to| to <= end));
    if !is_covered {
        let message = msg!("package-again-range");
        return Ok((0, vec![Difference { what: "manifest.json".to_owned(), message }]));
    }
    let mask = match (&manifest.population, manifest.masked) {
        (Some(population), true) => Some(mask_of(population)?),
        _ => None,
    };
    let mut asking = Asking { engine: &engine, query, sql, mask: mask.as_ref(), keep: None };
    let mut differences = Vec::new();
    let drawn = match &manifest.sample {
        Some(sample) => {
            let listed =
                names(file, &manifest, DRAWN_FROM, |line| std::str::from_utf8(line).ok()?.parse().ok()).await?;
            let given = asking.names().await?;
            differences.extend(of_names(&listed, &given, DRAWN_FROM));
            Some(draw(&listed, &sample.seed, sample.take).into_iter().collect::<HashSet<RecordId>>())
        }
        None => None,
    };
    asking.keep = drawn.as_ref();
    let (rows, of_rows, mut ids) = compared(file, &manifest, &asking, zone).await?;
    differences.extend(of_rows);
    if drawn.is_none() {
        asking.evidence(&mut ids).await?;
        let packed = names(file, &manifest, "records.jsonl", id_of_record).await?;
        let ids: Vec<RecordId> = ids.into_iter().collect();
        differences.extend(of_names(&packed, &ids, "records.jsonl"));
    }
    Ok((rows, differences))
}

/// The most names of which it is said that they are there or not.
const NAMED: usize = 20;

/// In what a list of names is not the one that the query gives.
fn of_names(listed: &[RecordId], given: &[RecordId], file: &str) -> Vec<Difference> {
    let (listed, given): (BTreeSet<&RecordId>, BTreeSet<&RecordId>) = (listed.iter().collect(), given.iter().collect());
    let missing = given.difference(&listed).map(|id| (id, msg!("package-again-name-missing", file = file)));
    let added = listed.difference(&given).map(|id| (id, msg!("package-again-name-added", file = file)));
    let of_kind = |(id, message): (&&RecordId, _)| Difference { what: id.to_string(), message };
    missing.take(NAMED).map(of_kind).chain(added.take(NAMED).map(of_kind)).collect()
}

/// The name in a line of `records.jsonl`.
fn id_of_record(line: &[u8]) -> Option<RecordId> {
    #[derive(serde::Deserialize)]
    struct Head {
        record: String,
    }
    serde_json::from_slice::<Head>(line).ok()?.record.parse().ok()
}

/// The names in the lines of a file that was judged.
async fn names(
    file: &Arc<File>,
    manifest: &Arc<Manifest>,
    name: &'static str,
    read: fn(&[u8]) -> Option<RecordId>,
) -> Result<Vec<RecordId>> {
    let (reader, manifest) = (Reader::new(file, &Arc::default())?, Arc::clone(manifest));
    on_a_thread(move || {
        read_again(reader, &manifest, name, |entry| {
            let (mut entry, mut line, mut names) = (BufReader::new(entry), Vec::new(), Vec::new());
            while entry.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
                names.extend(read(line.trim_ascii_end()));
                line.clear();
            }
            Ok(names)
        })
    })
    .await
}

fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::damage(msg!("package-again-rows")).because(error)
}

/// The rows of a file that were read, some at a time.
type Rows = mpsc::Receiver<Result<Vec<String>>>;

/// How many rows are handed on at a time.
const AT_A_TIME: usize = 256;

/// The rows of a file of the package as they are read, on a thread of its own.
fn packed(file: &Arc<File>, manifest: &Arc<Manifest>, form: Form) -> Result<Rows> {
    let (sender, receiver) = mpsc::channel(2);
    let (reader, manifest) = (Reader::new(file, &Arc::default())?, Arc::clone(manifest));
    let read = move || {
        let mut held: Vec<String> = Vec::with_capacity(AT_A_TIME);
        let mut hand_on = |row: Option<String>| {
            let is_last = row.is_none();
            held.extend(row);
            let is_due = held.len() >= AT_A_TIME || is_last && !held.is_empty();
            // Who does not listen any more has seen enough.
            is_due.then(|| sender.blocking_send(Ok(std::mem::take(&mut held)))).is_none_or(|sent| sent.is_ok())
        };
        let name = if form == Form::Csv { ROWS_CSV } else { ROWS_JSONL };
        let read = read_again(reader, &manifest, name, |entry| rows_of(entry, form, &mut |row| hand_on(Some(row))));
        match read {
            Ok(()) => drop(hand_on(None)),
            Err(fault) => drop(sender.blocking_send(Err(fault))),
        }
    };
    let failed = |error: std::io::Error| Fault::world(msg!("package-again-threads")).because(error);
    std::thread::Builder::new().name("rows".to_owned()).spawn(read).map_err(failed)?;
    Ok(receiver)
}

/// The rows in the text of a file, the names of CSV's columns among them; until `each` has enough.
fn rows_of(text: &mut dyn Read, form: Form, each: &mut dyn FnMut(String) -> bool) -> Result<()> {
    match form {
        Form::JsonLines => {
            for line in BufReader::with_capacity(1 << 16, text).lines() {
                if !each(line.map_err(unreadable)?) {
                    break;
                }
            }
        }
        Form::Csv => {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
            for record in reader.records() {
                let record = record.map_err(unreadable)?;
                let cells: Vec<&str> = record.iter().collect();
                if !each(serde_json::to_string(&cells).map_err(unreadable)?) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// A batch's rows as a file of that form has them.
fn given(batch: &RecordBatch, form: Form, zone: chrono_tz::Tz, has_head: bool) -> Result<Vec<String>> {
    let format = if form == Form::Csv { Format::Csv { bom: false, zone } } else { Format::JsonLines };
    let mut bytes = Vec::new();
    let mut out = writer(format, &batch.schema(), &mut bytes)?;
    out.write(batch)?;
    out.finish()?;
    let (mut rows, mut skip) = (Vec::with_capacity(batch.num_rows()), form == Form::Csv && !has_head);
    rows_of(&mut bytes.as_slice(), form, &mut |row| {
        if !std::mem::take(&mut skip) {
            rows.push(row);
        }
        true
    })?;
    Ok(rows)
}

/// Both files of rows, side by side with what the query gives.
struct Side {
    form: Form,
    rows: Rows,
    held: std::vec::IntoIter<String>,
    comparison: Comparison,
}

impl Side {
    async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(row) = self.held.next() {
                return Ok(Some(row));
            }
            match self.rows.recv().await {
                Some(rows) => self.held = rows?.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

/// Runs the query and compares; gives the number of rows, what differs, and the records that the rows name.
async fn compared(
    file: &Arc<File>,
    manifest: &Arc<Manifest>,
    asking: &Asking<'_>,
    zone: chrono_tz::Tz,
) -> Result<(u64, Vec<Difference>, BTreeSet<RecordId>), Failure> {
    let side = |form| -> Result<Side> {
        let comparison = Comparison::new(form, !asking.sql);
        Ok(Side { form, rows: packed(file, manifest, form)?, held: Vec::new().into_iter(), comparison })
    };
    let mut sides = [side(Form::JsonLines)?, side(Form::Csv)?];
    let (mut answer, mut rows, mut ids) = (asking.ask().await?, 0, BTreeSet::new());
    let mut batch = Some(RecordBatch::new_empty(answer.schema())); // the names of the columns come first
    let mut is_first = true;
    while let Some(next) = batch {
        let next = asking.kept(next)?;
        rows += next.num_rows() as u64;
        ids.pointers(&next)?;
        let shown = asking.masked(&next)?;
        for side in &mut sides {
            for row in given(&shown, side.form, zone, is_first)? {
                let packed = side.next().await?;
                side.comparison.pair(packed, Some(row));
            }
        }
        is_first = false;
        batch = answer.next().await?;
    }
    let mut differences = Vec::new();
    for mut side in sides {
        while let Some(row) = side.next().await? {
            side.comparison.pair(Some(row), None);
        }
        differences.extend(side.comparison.finish());
    }
    Ok((rows, differences, ids))
}

/// Reads a file that others read at the same time.
struct Reader {
    file: Arc<File>,
    at: u64,
    length: u64,
    read: Arc<AtomicU64>,
}

impl Reader {
    fn new(file: &Arc<File>, read: &Arc<AtomicU64>) -> Result<BufReader<Self>> {
        let failed = |error: std::io::Error| Fault::world(msg!("package-again-unreadable")).because(error);
        let length = file.metadata().map_err(failed)?.len();
        Ok(BufReader::with_capacity(1 << 16, Self { file: Arc::clone(file), at: 0, length, read: Arc::clone(read) }))
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The mask by which a package's rows were masked.
fn mask_of(population: &Population) -> Result<Mask> {
    let mask = Mask::new(Some(&population.masks.join("\n")))?;
    if population.secrets == 0 {
        return Ok(mask.without_secrets());
    }
    let version = population.secrets;
    let newer = || Fault::caller(msg!("package-again-secrets", version = version, known = VERSION));
    mask.with_secrets_of(version)?.ok_or_else(newer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_masked_as_they_were_when_the_package_was_made() {
        let of = |secrets| {
            mask_of(&Population {
                from: None,
                to: None,
                segments: 0,
                records: 0,
                masks: vec!["m[e]i".to_owned()],
                secrets,
            })
        };
        let text = "mei 4111111111111111 password=hunter2";
        let masked = |secrets| of(secrets).unwrap().text(text).into_owned();
        assert_eq!(masked(0), "*** 411111******1111 password=hunter2");
        assert_eq!(masked(VERSION), "*** 411111******1111 password=***");
        let variable = r#"{"env":[{"name":"DB_PASSWORD","value":"hunter2pass"}]}"#;
        let hides = |secrets| !of(secrets).unwrap().text(variable).contains("hunter2pass");
        assert_eq!((hides(1), hides(VERSION)), (false, true), "a package of then is masked as it was then");
        assert_eq!(of(VERSION + 1).unwrap_err().id(), "package-again-secrets");
    }
}
