//! Writing what was staged: segments in parallel, receipts last, one commit, and the seal.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use shoseki_event::{Day, Kind, Provenance, Record, SegmentId, Timestamp};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_segment::commit::{Add, File, Replay};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{Built, Draft, OWN_SOURCE, derive, envelope, key_hash, layout, write};

use super::DEFAULT_CLASS;
use super::inputs::Input;
use super::likeness::Likeness;
use super::receive::End;
use super::stage::{Stage, Tally, is_own};
use crate::keyring::Keyring;
use crate::known::{Known, Place};

/// A file that was read to its end and waits for its receipt.
pub(super) struct Finished {
    pub(super) name: Arc<str>,
    pub(super) received: Timestamp,
    pub(super) end: End,
    pub(super) tally: Tally,
    /// The stream of its receipt.
    pub(super) stream: &'static str,
}

/// The stream of receipts.
pub(super) const RECEIPTS: &str = "shoseki/receipts";

/// How many segments are written at once: each holds its Parquet pages in memory.
const AT_ONCE: usize = 2;

impl Stage<'_> {
    /// Writes drafts and receipts as one commit.
    pub(super) async fn write(&mut self, drafts: Vec<Draft>, finished: Vec<Finished>) -> Result<()> {
        let drafts: Vec<Arc<Draft>> = drafts.into_iter().map(Arc::new).collect();
        let mut pending = Pending { drafts, finished, built: HashMap::new() };
        for file in &pending.finished {
            self.keep_original(file).await?;
        }
        let adds = self.build(&mut pending).await?;
        let since = self.replay.next_version();
        let vault = self.vault;
        let transactions = std::mem::take(&mut self.transactions);
        let committed = vault
            .commit(adds, &transactions, since, async |adds: Vec<Add>, replay: Arc<Replay>, between: Vec<File>| {
                self.replay = replay;
                if self.revise(&mut pending, &between).await? { self.build(&mut pending).await } else { Ok(adds) }
            })
            .await?;
        self.summary.bytes_stored += committed.iter().map(|add| add.size).sum::<u64>();
        Ok(())
    }

    /// What cannot be rebuilt from records is kept as it was received.
    async fn keep_original(&self, file: &Finished) -> Result<()> {
        let Some(bytes) = &file.end.original else { return Ok(()) };
        let name = layout::original(&file.end.received.sha256);
        let stored = match self.vault.ring() {
            None => bytes.clone(),
            Some(ring) => {
                let id = Keyring::id_of(DEFAULT_CLASS, file.received.day());
                envelope::seal(&id, &ring.get_or_create(&id).await?, &name, bytes)?.into()
            }
        };
        // Two envelopes of the same bytes differ by their keys; the name says that they hold the same.
        self.vault.store().create(&name, stored).await.map(|_| ())
    }

    /// Writes the files of all drafts and of the receipts and gives what the commit says of them.
    /// What was written before is not written again: under a new key it would be another file of the same name.
    async fn build(&mut self, pending: &mut Pending) -> Result<Vec<Add>> {
        let mut drafts: Vec<Arc<Draft>> =
            pending.drafts.iter().filter(|draft| !pending.built.contains_key(&draft.id)).cloned().collect();
        drafts.extend(self.receipts(&pending.finished)?.into_iter().map(Arc::new));
        let vault = self.vault;
        let written: Vec<Add> = futures::stream::iter(drafts)
            .map(|draft| async move {
                let key = match vault.ring() {
                    Some(ring) => {
                        let id = Keyring::id_of(&draft.class, draft.day);
                        let key = ring.get_or_create(&id).await?;
                        Some((id, key))
                    }
                    None => None,
                };
                let built: Built = tokio::task::spawn_blocking(move || {
                    let key = key.as_ref().map(|(id, key)| (id.as_str(), key));
                    write(&draft, key, Timestamp::now())
                })
                .await
                .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))??;
                let path = format!("{}/{}", layout::EVENTS, built.add.path());
                vault.store().create_same(&path, built.bytes).await?;
                Ok(built.add)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let (drafts, built) = (&pending.drafts, &mut pending.built);
        let (own, receipts): (Vec<Add>, Vec<Add>) =
            written.into_iter().partition(|add| drafts.iter().any(|draft| draft.id == add.id()));
        built.extend(own.into_iter().map(|add| (add.id(), add)));
        Ok(drafts.iter().filter_map(|draft| built.get(&draft.id)).cloned().chain(receipts).collect())
    }

    /// The receipts of finished files, as drafts of their own, one a day.
    fn receipts(&self, finished: &[Finished]) -> Result<Vec<Draft>> {
        let mut drafts: BTreeMap<Day, Draft> = BTreeMap::new();
        for file in finished {
            let raw = self.receipt(file).to_bytes();
            let provenance = Provenance {
                kind: Kind::Receipt,
                source: OWN_SOURCE.into(),
                stream: file.stream.into(),
                origin: Arc::clone(&file.name),
                position: 0,
                received: file.received,
                reason: "".into(),
            };
            let columns = derive(&provenance, &raw)?;
            let draft = match drafts.entry(file.received.day()) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(free) => free.insert(Draft::new(DEFAULT_CLASS, file.received.day())?),
            };
            draft.records.push(Record { provenance, raw: raw.into(), columns });
        }
        Ok(drafts.into_values().collect())
    }

    fn receipt(&self, file: &Finished) -> Receipt {
        let Finished { name, end, tally, .. } = file;
        let ledger = tally.ledger.clone().moved(|place| self.now(place));
        let is_whole = end.content.is_some() && !ledger.is_too_long();
        Receipt {
            receipt: 1,
            origin: name.to_string(),
            encoding: end.encoding.to_owned(),
            received: end.received.clone(),
            content: end.content.clone(),
            etag: end.input.as_ref().and_then(Input::etag).map(str::to_owned),
            events: tally.events,
            new: tally.new,
            duplicates: tally.duplicates,
            conflicts: tally.conflicts,
            unparsed: tally.unparsed,
            damage: end.damage.as_ref().map(|fault| fault.chain(Lang::En)),
            recipe: is_whole.then(|| ledger.into_steps()),
            not_kept: !is_whole && end.original.is_none(),
        }
    }

    /// Takes out what another writer committed in between. `true` where something was, so that all is written again.
    async fn revise(&mut self, pending: &mut Pending, between: &[File]) -> Result<bool> {
        let mut theirs = Known::default();
        let mut changed = false;
        for at in 0..pending.drafts.len() {
            let draft = Arc::clone(&pending.drafts[at]);
            let records: Vec<&Record> = draft.records.iter().collect();
            theirs.load_for(self.vault, between.iter(), &records).await?;
            let mut found: HashMap<usize, Place> = HashMap::new();
            for (ordinal, record) in draft.records.iter().enumerate() {
                for place in theirs.find(key_hash(record)) {
                    if self.compare(place, record).await? == Likeness::Same {
                        found.insert(ordinal, place);
                        break;
                    }
                }
            }
            if !found.is_empty() {
                pending.drafts[at] = Arc::new(self.without(&draft, &found, &mut pending.finished)?);
                changed = true;
            }
        }
        pending.drafts.retain(|draft| !draft.records.is_empty());
        let own: Vec<File> = between.iter().filter(|file| is_own(file)).cloned().collect();
        let receipts = self.receipts_of(&own).await?;
        let before = pending.finished.len();
        let is_there = |file: &Finished| receipts.files.contains_key(&file.end.received.sha256);
        pending.finished.retain(|file| file.stream != RECEIPTS || !is_there(file)); // a document is no file that was read
        Ok(changed || pending.finished.len() < before)
    }

    /// The draft again, under a new name, without what was found elsewhere.
    fn without(&mut self, draft: &Draft, found: &HashMap<usize, Place>, finished: &mut [Finished]) -> Result<Draft> {
        let mut left = Draft { layout: draft.layout, format: draft.format, ..Draft::new(&draft.class, draft.day)? };
        let mut places = Vec::with_capacity(draft.records.len());
        for (ordinal, record) in draft.records.iter().enumerate() {
            if let Some(place) = found.get(&ordinal) {
                self.summary.new -= 1;
                self.summary.duplicates += 1;
                self.summary.unparsed -= u64::from(record.provenance.kind == Kind::Unparsed);
                let tallies = finished.iter_mut().map(|file| &mut file.tally).chain(self.tallies.values_mut());
                let origin = Some(&record.provenance.origin);
                if let Some(tally) = tallies.into_iter().find(|tally| tally.name.as_ref() == origin && tally.new > 0) {
                    tally.new -= 1;
                    tally.duplicates += 1;
                }
                places.push(*place);
                continue;
            }
            places.push(Place { segment: left.id, ordinal: u32::try_from(left.records.len()).unwrap_or(u32::MAX) });
            left.records.push(record.clone());
        }
        self.known.mark(left.id);
        self.moved.insert(draft.id, places);
        Ok(left)
    }
}

/// What is being committed.
struct Pending {
    drafts: Vec<Arc<Draft>>,
    finished: Vec<Finished>,
    /// What was written of the drafts already.
    built: HashMap<SegmentId, Add>,
}
