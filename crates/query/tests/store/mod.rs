//! A store in memory for tests: events as JSON lines to real, encrypted segments.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use shoseki_event::{Columns, Kind, Provenance, Record, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::{Format, writer};
use shoseki_query::{Answer, Store};
use shoseki_segment::commit::Add;
use shoseki_segment::keys::Secret;
use shoseki_segment::{Draft, Layout, write};

/// Files in memory.
#[derive(Debug)]
pub struct Memory {
    files: Vec<Add>,
    bytes: BTreeMap<String, Bytes>,
    class_key: Secret,
}

#[async_trait]
impl Store for Memory {
    fn files(&self) -> &[Add] {
        &self.files
    }

    async fn read(&self, file: &Add, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let bytes = &self.bytes[&file.path()];
        let within = |range: &Range<u64>| range.start as usize..range.end as usize;
        let slice = |range: &Range<u64>| bytes.get(within(range)).map(Bytes::copy_from_slice);
        let short = || Fault::damage(msg!("query-file-unreadable", path = file.path()));
        ranges.iter().map(|range| slice(range).ok_or_else(short)).collect()
    }

    async fn key(&self, file: &Add) -> Result<Option<Secret>> {
        let key = file.tags.key.as_ref().map(|key| key.open(&self.class_key, &file.id().to_string()));
        key.transpose()
    }
}

/// The stream of copies: see [`Memory::taken_apart`].
pub const COPIES: &str = "copies";

/// The instant that tests take for now and for the time of receipt.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-03-06T00:00:00Z").unwrap()
}

impl Memory {
    /// Events, one a line, in segments by source and day. Events that no source knows are of the source `other`, have
    /// their time in `time`, and may have the name of their stream in `stream`; a line that is no JSON has the time of the line before it.
    pub fn of(lines: &str) -> Arc<Self> {
        Self::built(lines, Layout::Text)
    }

    #[allow(dead_code, reason = "not every test asks")]
    /// The same in files whose events are taken apart. For that to pay each segment has many events, so behind those asked
    /// for lie copies of them, of the stream [`COPIES`]; who asks for the other streams asks for the same events as before.
    pub fn taken_apart(lines: &str) -> Arc<Self> {
        Self::built(lines, Layout::Columns)
    }

    #[allow(dead_code, reason = "not every test asks")]
    /// The streams of the events, without copies.
    pub fn streams(&self) -> Vec<String> {
        let segments = self.files.iter().flat_map(|file| &file.tags.segments);
        let streams = segments.flat_map(|segment| &segment.streams).map(|stream| stream.name.clone());
        streams.filter(|name| name != COPIES).collect()
    }

    fn built(lines: &str, layout: Layout) -> Arc<Self> {
        let mut segments: BTreeMap<(String, i32), Vec<Record>> = BTreeMap::new();
        let mut last = now();
        for (at, line) in lines.lines().filter(|line| !line.trim().is_empty()).enumerate() {
            let (source, stream, columns) = read(line, &mut last);
            let record = Record {
                provenance: Provenance {
                    kind: Kind::Event,
                    source: source.as_str().into(),
                    stream: stream.into(),
                    origin: "events.jsonl".into(),
                    position: at as u64,
                    received: now(),
                    reason: "".into(),
                },
                raw: Bytes::copy_from_slice(line.as_bytes()),
                columns,
            };
            segments.entry((source, record.columns.time.day().0)).or_default().push(record);
        }
        let class_key = Secret::fresh().unwrap();
        let mut memory = Self { files: Vec::new(), bytes: BTreeMap::new(), class_key: class_key.clone() };
        for (at, mut records) in segments.into_values().enumerate() {
            let originals = records.len();
            // Enough to be taken apart, and for an index.
            let mut raw: usize = records.iter().map(|record| record.raw.len()).sum();
            while layout == Layout::Columns && (records.len() < 1_200 || raw < 1 << 20) {
                let mut copy = records[records.len() % originals].clone();
                copy.provenance.stream = COPIES.into();
                raw += copy.raw.len();
                records.push(copy);
            }
            let mut draft = Draft::new("standard", records[0].columns.time.day()).unwrap();
            draft.layout = layout;
            draft.id.0 = [at as u8 + 1; 16];
            draft.records = records;
            let built = write(&draft, Some(("standard/2026-03", &class_key)), now()).unwrap();
            memory.bytes.insert(built.add.path(), built.bytes);
            memory.files.push(built.add);
        }
        Arc::new(memory)
    }
}

fn read(line: &str, last: &mut Timestamp) -> (String, String, Columns) {
    // What may be any application's log stays a source that nobody knows.
    if let Some(source) = shoseki_sources::auto(line.as_bytes()).filter(|source| source.id() != "app") {
        let columns = source.derive(line.as_bytes(), now()).unwrap_or_else(|reason| panic!("{line}: {reason:?}"));
        *last = columns.time;
        return (source.id().to_owned(), source.stream(&columns), columns);
    }
    let json: Option<serde_json::Value> = serde_json::from_str(line).ok();
    let time = json.as_ref().and_then(|json| json["time"].as_str()).and_then(|time| Timestamp::parse(time).ok());
    *last = time.unwrap_or(*last);
    let internal = json.as_ref().is_some_and(|json| json["receipt"].is_string());
    let source = if internal { "shoseki" } else { "other" };
    let stream = json.as_ref().and_then(|json| json["stream"].as_str()).map(str::to_owned);
    let stream = stream.unwrap_or_else(|| format!("{source}/1"));
    (source.to_owned(), stream, Columns { time: *last, ..Columns::default() })
}

/// The rows of an answer, as JSON Lines.
#[allow(dead_code, reason = "not every test asks")]
pub async fn rows(mut answer: Answer) -> String {
    let mut bytes = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await.unwrap() {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}
