//! The door for what is pushed: the deliveries of one file of the write-ahead log become one commit, which names the file, so
//! that it is taken in once however often it is read.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::Draft;
use shoseki_segment::commit::Transaction;
use shoseki_segment::receipt::Extent;
use shoseki_segment::wal::Delivery;
use shoseki_sources::{Piece, by_id};

use super::Summary;
use super::flush::{Finished, RECEIPTS};
use super::receive::End;
use super::records::{Interned, Item, Records};
use super::stage::{Stage, Tally};
use crate::Vault;
use crate::known::Known;
use crate::vault::Snapshot;

/// How long after a delivery the same may come again, in microseconds: Firehose tries for two hours, people for longer.
const AGAIN: i64 = 48 * 3_600 * 1_000_000;
/// How many records are remembered from file to file, so that the next need not read what the last ones wrote.
const REMEMBERED: usize = 1_500_000;
/// How many events a thread derives at a time.
const CHUNK: usize = 8_192;
/// How many threads derive.
const AT_ONCE: usize = 2;

/// What was read of one file of the write-ahead log.
pub(crate) struct Pushed {
    /// The log's name.
    pub(crate) log: String,
    /// The file's number.
    pub(crate) sequence: i64,
    /// The deliveries with their numbers.
    pub(crate) deliveries: Vec<(u64, Delivery)>,
}

/// How far the number of a file stands to the left of the number of its deliveries, where a commit names both.
const FILE: u32 = 24;

impl Pushed {
    fn stream(&self) -> String {
        format!("wal/{}", self.log)
    }

    /// What the commit says that holds them: the file, and how many of its deliveries. A file may have been copied while it grew.
    /// Beside it stands how far each stream was read whose events are in it.
    fn transactions(&self) -> Vec<Transaction> {
        let count = self.deliveries.last().map_or(0, |(number, _)| *number + 1);
        let sequence = (self.sequence << FILE) + i64::try_from(count).unwrap_or_default();
        let mut cursors = BTreeMap::new();
        for cursor in self.deliveries.iter().filter_map(|(_, delivery)| delivery.cursor.as_ref()) {
            cursors.insert(&cursor.stream, cursor.sequence); // the last one holds
        }
        let cursors = cursors.into_iter().map(|(stream, sequence)| Transaction { stream: stream.clone(), sequence });
        std::iter::once(Transaction { stream: self.stream(), sequence }).chain(cursors).collect()
    }

    /// Takes out what commits of the table hold already. `false` where nothing is left.
    pub(crate) fn is_new(&mut self, snapshot: &Snapshot) -> bool {
        let there = snapshot.replay.cursor(&self.stream()).unwrap_or_default();
        let held = match (there >> FILE).cmp(&self.sequence) {
            Ordering::Less => 0,
            Ordering::Equal => there & ((1 << FILE) - 1),
            Ordering::Greater => i64::MAX,
        };
        self.deliveries.retain(|(number, _)| i64::try_from(*number).is_ok_and(|number| number >= held));
        !self.deliveries.is_empty()
    }
}

/// What is remembered from file to file.
#[derive(Default)]
pub(crate) struct Pushes {
    known: Known,
}

impl Pushes {
    /// Takes the deliveries of a file in: one commit, sealed. Nothing happens where a commit holds them already.
    ///
    /// # Errors
    /// The world's failure where the vault cannot be written: the same can be tried again.
    pub(crate) async fn take(&mut self, vault: &Vault, mut pushed: Pushed) -> Result<Summary> {
        let snapshot = vault.snapshot().await?;
        if !pushed.is_new(&snapshot) {
            vault.seal().await?; // whoever committed it may have died before
            return Ok(Summary::default());
        }
        let known = std::mem::take(&mut self.known); // after a failure, what it knows of drafts is wrong
        let mut stage = Stage::over(vault, snapshot.replay, known.since(recently()))?;
        stage.transactions = pushed.transactions();
        stage_all(&mut stage, pushed).await?;
        stage.flush().await?;
        self.known = std::mem::take(&mut stage.known);
        self.known.forget_beyond(REMEMBERED);
        Ok(stage.summary)
    }
}

/// Takes in what is known by keys of its own: one commit, sealed. It names no file of a log, for what is there already is known
/// whenever it comes again.
///
/// # Errors
/// The world's failure where the vault cannot be written: the same can be tried again.
pub(crate) async fn take_known_by_key(vault: &Vault, pushed: Pushed) -> Result<Summary> {
    let mut stage = Stage::over(vault, vault.snapshot().await?.replay, Known::default())?;
    stage_all(&mut stage, pushed).await?;
    stage.flush().await?;
    let mut summary = stage.summary;
    if summary.new == 0 {
        let (checkpoint, _) = vault.seal().await?; // whoever committed it may have died before
        summary.tree_size = checkpoint.size();
    }
    Ok(summary)
}

/// What is not sealed yet, as drafts: new records only. They are never written.
pub(crate) async fn drafts(vault: &Vault, snapshot: &Snapshot, pushed: Vec<Pushed>) -> Result<Vec<Draft>> {
    let mut stage = Stage::over(vault, Arc::clone(&snapshot.replay), Known::default().since(recently()))?;
    for pushed in pushed {
        stage_all(&mut stage, pushed).await?;
    }
    Ok(stage.drafts)
}

/// Since when a file that holds a delivery may hold it for the second time.
fn recently() -> Timestamp {
    Timestamp(Timestamp::now().0 - AGAIN)
}

async fn stage_all(stage: &mut Stage<'_>, Pushed { log, sequence, deliveries }: Pushed) -> Result<()> {
    let mut chunks: Vec<Vec<(u64, Delivery)>> = Vec::new();
    let mut events = CHUNK;
    for delivery in deliveries {
        if events >= CHUNK {
            chunks.push(Vec::new());
            events = 0;
        }
        events += delivery.1.events.len();
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(delivery);
        }
    }
    let mut derived = futures::stream::iter(chunks)
        .map(|chunk| {
            let log = log.clone();
            tokio::task::spawn_blocking(move || derive(chunk, &log, sequence))
        })
        .buffered(AT_ONCE)
        .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error));
    while let Some(Derived { items, unwrapped }) = derived.try_next().await? {
        stage.items(0, items).await?;
        stage.tallies.clear(); // a delivery leaves no receipt: its records say where they came from
        for envelope in unwrapped {
            stage.items(0, envelope.items).await?;
            let mut tally: Tally = stage.tallies.remove(&0).unwrap_or_default();
            if tally.new == 0 {
                continue; // its first delivery left the receipt
            }
            tally.name = Some(Arc::clone(&envelope.origin));
            stage.finished.push(finished(envelope.origin, envelope.received, envelope.document, tally));
        }
    }
    Ok(())
}

/// What a thread made of some deliveries.
struct Derived {
    items: Vec<Item>,
    unwrapped: Vec<Unwrapped>,
}

/// An envelope whose events stood in strings or in base64: it is kept whole, with a receipt.
struct Unwrapped {
    origin: Arc<str>,
    received: Timestamp,
    document: Bytes,
    items: Vec<Item>,
}

fn derive(deliveries: Vec<(u64, Delivery)>, log: &str, sequence: i64) -> Derived {
    let mut derived = Derived { items: Vec::new(), unwrapped: Vec::new() };
    for (number, delivery) in deliveries {
        let origin: Arc<str> = origin(&delivery, number, log, sequence).into();
        let Delivery { received, sender, source, stream, log: hint, id, is_wrapped_by_us, events, .. } = delivery;
        let mut records = Records {
            origin: Arc::clone(&origin),
            received,
            source: source.as_deref().and_then(by_id),
            stream,
            sender: Some(sender),
            log: hint,
            can_be_kept: true,
            interned: Interned::default(),
        };
        for (position, document) in (0..).zip(events) {
            let mut items = Vec::with_capacity(1);
            records.items(Piece::Event { offset: position, bytes: document.clone() }, &mut items);
            let has_envelope = items.iter().any(|item| matches!(item, Item::Unwrapped(..)));
            if has_envelope && is_wrapped_by_us {
                derived.items.extend(items.into_iter().filter_map(|item| match item {
                    Item::Unwrapped(record, hash) => Some(Item::Record(record, hash)),
                    _ => None,
                }));
                continue;
            }
            if has_envelope {
                derived.unwrapped.push(Unwrapped { origin: Arc::clone(&origin), received, document, items });
                continue;
            }
            let items = items.into_iter().filter(|item| !matches!(item, Item::Gap(_)));
            derived.items.extend(items.map(|item| placed(item, position, id.is_none())));
        }
    }
    derived
}

/// What the origin of a delivery's records is. One that its protocol names is known by that when it comes again, from wherever
/// that is; of any other stands where it came from.
fn origin(delivery: &Delivery, number: u64, log: &str, sequence: i64) -> String {
    let Delivery { door, sender, from, id, .. } = delivery;
    let short = log.get(..8).unwrap_or(log);
    match (id, from) {
        (Some(id), _) => format!("{door}:{sender}:{id}"),
        (None, None) => format!("{door}:{sender}:{short}:{sequence}:{number}"),
        (None, Some(from)) => format!("{door}:{sender}:{short}:{sequence}:{number}@{from}"),
    }
}

/// A record at its place in the delivery. Where neither the event nor the delivery has a name of its own, it is new whatever is
/// known: no other can have come by the same frame of the same file.
fn placed(item: Item, position: u64, is_unnamed: bool) -> Item {
    match item {
        Item::Record(mut record, hash) => {
            if record.provenance.position != position {
                record.provenance.position = position; // it lay in an envelope
                let hash = shoseki_segment::key_hash(&record);
                return Item::Record(record, hash);
            }
            if is_unnamed && record.columns.key.is_none() { Item::New(record) } else { Item::Record(record, hash) }
        }
        item => item,
    }
}

fn finished(name: Arc<str>, received: Timestamp, document: Bytes, tally: Tally) -> Finished {
    let extent = Extent { size: document.len() as u64, sha256: hex::encode(Sha256::digest(&document)) };
    let end = End {
        received: extent.clone(),
        content: Some(extent),
        encoding: "identity",
        damage: None,
        input: None,
        original: Some(document),
    };
    Finished { name, received, end, tally, stream: RECEIPTS }
}
