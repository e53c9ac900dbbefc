//! Looking back: every record of a range, asked of every rule; and looking on: the same of what came since, with what correlations
//! counted before.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BinaryArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use rsigma_eval::EvaluationResult;
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Engine, Failure, Progress};
use tokio::task::JoinSet;

use crate::detector::Detector;
use crate::found::Matches;
use crate::record::{About, Record};

/// What is read of each record.
const QUESTION: &str = r#"select "@ptr", time, source, stream, actor, src_ip, operation, resource, account, region, raw from events where kind = 'event'"#;

/// The most that correlations may count, and the most hits: beyond, the range is to be asked in parts.
const MAX_COUNTED: usize = 1_000_000;
const MAX_HITS: usize = 500_000;

/// What was looked at.
#[derive(Debug, Default)]
pub struct Looked {
    /// The records of sources that a rule is about.
    pub records: u64,
    /// What they satisfy.
    pub matches: Matches,
}

/// What is found in a batch.
#[derive(Debug, Default)]
struct Found {
    records: u64,
    hits: Vec<(Record, Vec<crate::Hit>)>,
    counted: Vec<Counted>,
}

/// What came in before, for correlations that go on: the records from a time on, inclusive, and up to another, exclusive.
pub type Before<'a> = &'a (dyn Fn(Timestamp, Option<Timestamp>) -> Engine + Sync);

/// Asks all rules about all records of an engine's selection. Batches are looked at by as many threads as there are processors.
/// What correlations count is counted at the end, in the order of the events' times, whatever order they were read in.
///
/// # Errors
/// The caller's mistake where more is found than can be held; where the records cannot be read.
pub async fn look_back(
    engine: &Engine,
    detector: &Arc<Detector>,
    before: Option<Before<'_>>,
    begun: impl FnOnce(Arc<Progress>),
) -> Result<Looked> {
    let mut looked = Looked::default();
    let new = read(engine, detector, &mut looked, begun).await?;
    let times = || new.iter().map(|(record, ..)| record.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(looked) };
    let older = match before {
        Some(before) => {
            let from = Timestamp(first.0.saturating_sub(detector.longest()));
            let to = Timestamp(last.0.saturating_add(detector.longest()).saturating_add(1));
            read(&before(from, Some(to)), detector, &mut Looked::default(), |_| ()).await?
        }
        None => Vec::new(),
    };
    count(detector, (older, new), &mut looked.matches);
    Ok(looked)
}

/// Asks all rules about all records of an engine's selection, which came in behind all that was looked at before. What correlations
/// count of earlier looks is `kept`; `before` is asked where it does not reach far enough.
///
/// # Errors
/// As [`look_back`]. `kept` is then to be dropped: nobody knows what of this look it has.
pub async fn look_on(
    engine: &Engine,
    detector: &Arc<Detector>,
    before: Before<'_>,
    kept: &mut Kept,
    now: Timestamp,
) -> Result<Looked> {
    let mut looked = Looked::default();
    let new = read(engine, detector, &mut looked, |_| ()).await?;
    let times = || new.iter().map(|(record, ..)| record.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(looked) };
    let from = Timestamp(first.0.saturating_sub(detector.longest()));
    let to = Timestamp(last.0.saturating_add(detector.longest()).saturating_add(1));
    let horizon = Timestamp(now.0.saturating_sub(detector.longest().saturating_mul(2)).saturating_sub(LATE));
    let older = match kept.between(from, to) {
        Some(older) => older,
        None => {
            // What is late is asked for by itself: what is kept stays one short stretch, up to the newest.
            let upto = (kept.from.is_some() || from < horizon).then_some(to);
            let older = read(&before(from, upto), detector, &mut Looked::default(), |_| ()).await?;
            if upto.is_none() {
                kept.begin(from, &older);
            }
            older
        }
    };
    kept.add(&new);
    kept.forget(horizon);
    count(detector, (older, new), &mut looked.matches);
    Ok(looked)
}

/// How late events may come, in microseconds, until what correlations counted at their time is read again.
const LATE: i64 = 3_600_000_000;

/// The events that correlations count of what was looked at up to now, from a time on. It is a cache: dropped, it is read again.
#[derive(Debug, Default)]
pub struct Kept {
    events: BTreeMap<(Timestamp, String), Counted>,
    /// All of them from here on; nothing where nothing was read yet.
    from: Option<Timestamp>,
}

impl Kept {
    /// Those between two times, the second left out; nothing where it does not reach so far.
    fn between(&self, from: Timestamp, to: Timestamp) -> Option<Vec<Counted>> {
        self.from.filter(|first| *first <= from)?;
        Some(self.events.range((from, String::new())..(to, String::new())).map(|(_, event)| event.clone()).collect())
    }

    fn begin(&mut self, from: Timestamp, events: &[Counted]) {
        self.from = Some(from);
        self.add(events);
    }

    fn add(&mut self, events: &[Counted]) {
        let Some(from) = self.from else { return };
        for event in events.iter().filter(|(record, ..)| record.time >= from) {
            self.events.insert((event.0.time, event.0.name.clone()), event.clone());
        }
        if self.events.len() > MAX_COUNTED {
            *self = Self::default();
        }
    }

    fn forget(&mut self, before: Timestamp) {
        if self.from.is_some_and(|from| from < before) {
            self.events = self.events.split_off(&(before, String::new()));
            self.from = Some(before);
        }
    }
}

/// An event that correlations count.
type Counted = (Record, Value, Vec<EvaluationResult>);

/// Reads all records, adds what they satisfy, and gives what is to be counted.
async fn read(
    engine: &Engine,
    detector: &Arc<Detector>,
    looked: &mut Looked,
    begun: impl FnOnce(Arc<Progress>),
) -> Result<Vec<Counted>> {
    let fault = |failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(_) => Fault::broken(msg!("query-engine")),
    };
    let mut answer = engine.sql(QUESTION).await.map_err(fault)?;
    begun(answer.progress());
    let most = engine.options().cores.max(1);
    let (mut looking, mut counted) = (JoinSet::new(), Vec::new());
    let mut take = |looked: &mut Looked, found: Found| -> Result<()> {
        looked.records += found.records;
        for (record, hits) in found.hits {
            hits.into_iter().for_each(|hit| looked.matches.add(&record, hit));
        }
        counted.extend(found.counted);
        if counted.len() > MAX_COUNTED || looked.matches.hits() > MAX_HITS {
            return Err(Fault::caller(msg!("detect-too-many", most = MAX_COUNTED)));
        }
        Ok(())
    };
    let done = |found: std::result::Result<Result<Found>, tokio::task::JoinError>| {
        found.map_err(|error| Fault::broken(msg!("query-engine")).because(error)).flatten()
    };
    while let Some(batch) = answer.next().await? {
        if looking.len() >= most
            && let Some(found) = looking.join_next().await
        {
            take(looked, done(found)?)?;
        }
        let detector = Arc::clone(detector);
        looking.spawn_blocking(move || look_at(&detector, &batch));
    }
    while let Some(found) = looking.join_next().await {
        take(looked, done(found)?)?;
    }
    Ok(counted)
}

/// Counts what correlations count, in the order of time, and keeps what came true with a record that is new.
fn count(detector: &Detector, (older, new): (Vec<Counted>, Vec<Counted>), matches: &mut Matches) {
    let is_new: HashSet<String> = new.iter().map(|(record, ..)| record.name.clone()).collect();
    let mut all: Vec<Counted> = older.into_iter().chain(new).collect();
    all.sort_by(|a, b| (a.0.time, &a.0.name).cmp(&(b.0.time, &b.0.name)));
    let mut correlator = detector.correlator();
    let known: HashMap<String, Record> = all.iter().map(|(record, ..)| (record.name.clone(), record.clone())).collect();
    for (record, event, found) in all {
        for fired in correlator.count(&record, &event, found) {
            let has_new = is_new.contains(&record.name) || fired.records.iter().any(|name| is_new.contains(name));
            if let Some(rule) = detector.rule(&fired.rule).filter(|rule| has_new && !rule.is_base) {
                let counted: Vec<&Record> = fired.records.iter().filter_map(|name| known.get(name)).collect();
                matches.add_fired((&of_all(&record, &counted), record.time), rule, fired);
            }
        }
    }
}

/// What records have in common, at the time of the first: where two differ, it is of several.
fn of_all(last: &Record, counted: &[&Record]) -> Record {
    let mut all = last.clone();
    for one in counted {
        all.time = all.time.min(one.time);
        all.about.agree_with(&one.about);
    }
    all
}

fn look_at(detector: &Detector, batch: &RecordBatch) -> Result<Found> {
    let rows = Rows::of(batch)?;
    let mut found = Found::default();
    for row in 0..batch.num_rows() {
        let source = rows.text("source", row);
        if !detector.is_about(source) {
            continue;
        }
        found.records += 1;
        let look = detector.look(source, rows.raw(row));
        if look.hits.is_empty() && look.counted.is_none() {
            continue;
        }
        let record = rows.record(row);
        if let Some((event, results)) = look.counted {
            found.counted.push((record.clone(), event, results));
        }
        if !look.hits.is_empty() {
            found.hits.push((record, look.hits));
        }
    }
    Ok(found)
}

/// The columns of a batch, each of the type that the engine gives it.
struct Rows<'a> {
    texts: HashMap<&'static str, &'a StringArray>,
    times: &'a TimestampMicrosecondArray,
    raw: Raw<'a>,
}

/// The events, as text or as bytes.
enum Raw<'a> {
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
}

/// The columns of text.
const TEXTS: [&str; 9] = ["@ptr", "source", "stream", "actor", "src_ip", "operation", "resource", "account", "region"];

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = |name: &str| Fault::broken(msg!("query-column-missing", name = name));
        let column = |name: &'static str| batch.column_by_name(name).ok_or_else(|| missing(name));
        let mut texts = HashMap::new();
        for name in TEXTS {
            texts.insert(name, column(name)?.as_string_opt::<i32>().ok_or_else(|| missing(name))?);
        }
        let times = column("time")?.as_primitive_opt().ok_or_else(|| missing("time"))?;
        let raw = column("raw")?;
        let text = raw.as_string_opt::<i32>().map(Raw::Text);
        let raw = text.or_else(|| raw.as_binary_opt::<i32>().map(Raw::Bytes)).ok_or_else(|| missing("raw"))?;
        Ok(Self { texts, times, raw })
    }

    fn text(&self, name: &str, row: usize) -> &'a str {
        let column = self.texts.get(name).filter(|column| column.is_valid(row));
        column.map(|column| column.value(row)).unwrap_or_default()
    }

    fn raw(&self, row: usize) -> &'a [u8] {
        match self.raw {
            Raw::Text(raw) if raw.is_valid(row) => raw.value(row).as_bytes(),
            Raw::Bytes(raw) if raw.is_valid(row) => raw.value(row),
            Raw::Text(_) | Raw::Bytes(_) => &[],
        }
    }

    fn record(&self, row: usize) -> Record {
        let of = |name: &str| self.text(name, row).to_owned();
        let time = self.times.is_valid(row).then(|| Timestamp(self.times.value(row)));
        Record {
            name: of("@ptr"),
            time: time.unwrap_or_default(),
            about: About {
                source: of("source"),
                stream: of("stream"),
                actor: of("actor"),
                address: of("src_ip"),
                operation: of("operation"),
                resource: of("resource"),
                account: of("account"),
                region: of("region"),
            },
        }
    }
}
