//! Answers of services that a judgement rests on, as evidence: each is a record of its own (source `shoseki`, stream
//! `shoseki/inventory`), known by its id, all of a run in one commit, sealed.
//!
//! ```text
//! {"action":"inventory.answer","actor":{…},"details":{"account":"111122223333","answer":{…},"call":"s3:GetBucketVersioning",
//!  "of":"shop-logs","region":"ap-northeast-1","run":"<32 hex digits>"},"id":"<run>-<number>","outcome":"success","time":"…"}
//! ```

use async_recursion::async_recursion;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use shoseki_event::{RecordId, Timestamp};
use shoseki_messages::{Fault, Result};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::wal::Delivery;

use crate::ingest::push::{Pushed, take_known_by_key};
use crate::vault::{Snapshot, Vault};

/// The stream of answers.
pub const STREAM: &str = "shoseki/inventory";
/// The door that they come by.
const DOOR: &str = "inventory";

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The records, by the ids of their events.
    pub records: HashMap<String, RecordId>,
    /// The tree's size after the sealing.
    pub tree_size: u64,
    /// What went wrong beside the evidence.
    pub warnings: Vec<Arc<Fault>>,
}

impl Vault {
    /// Keeps the answers of a run: one commit, sealed.
    ///
    /// # Errors
    /// The caller's mistake where these keys may not seal; the world's failure where the vault cannot be written.
    #[async_recursion(?Send)]
    pub async fn keep_answers(&self, run: &str, events: Vec<Bytes>) -> Result<Kept> {
        self.check_before_adding().await?;
        let before: HashSet<_> = segments(&self.snapshot().await?).collect();
        let delivery = Delivery {
            received: Timestamp::now(),
            door: DOOR.to_owned(),
            sender: OWN_SOURCE.to_owned(),
            from: None,
            source: Some(OWN_SOURCE.to_owned()),
            stream: Some(STREAM.to_owned()),
            log: None,
            id: Some(run.to_owned()),
            is_wrapped_by_us: false,
            cursor: None,
            events,
        };
        let pushed = Pushed { log: String::new(), sequence: 1, deliveries: vec![(0, delivery)] };
        let summary = take_known_by_key(self, pushed).await?;
        let mut kept = Kept { records: HashMap::new(), tree_size: summary.tree_size, warnings: summary.warnings };
        let after = self.snapshot().await?;
        for file in after.replay.files() {
            let tags = &file.add.tags.segments;
            let is_new = |tag: &&shoseki_segment::SegmentTag| {
                tag.source == OWN_SOURCE
                    && !before.contains(&tag.id)
                    && tag.streams.iter().any(|one| one.name == STREAM)
            };
            if !tags.iter().any(|tag| is_new(&tag)) {
                continue;
            }
            let (_, records) = self.sealed(file).await?;
            let ids = tags.iter().flat_map(|tag| (0..tag.count).map(|ordinal| RecordId { segment: tag.id, ordinal }));
            for (id, record) in ids.zip(records.iter()).filter_map(|(id, slot)| Some((id, slot.record()?))) {
                if &*record.provenance.stream == STREAM
                    && let Some(key) = record.key()?
                {
                    kept.records.insert(key.into_string(), id);
                }
            }
        }
        Ok(kept)
    }
}

/// The segments of our own that are there.
fn segments(snapshot: &Snapshot) -> impl Iterator<Item = shoseki_event::SegmentId> {
    let tags = snapshot.replay.files().flat_map(|file| &file.add.tags.segments);
    tags.filter(|tag| tag.source == OWN_SOURCE).map(|tag| tag.id)
}
