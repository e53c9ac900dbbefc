//! Records that have the key of another and other bytes: both are kept, both are counted among what is new, and the first of them
//! are named, with where each lay. Which of the two is genuine is not judged here.

use shoseki_event::{Provenance, Record};
use shoseki_messages::Result;

use super::Stage;
use crate::ingest::Conflict;
use crate::known::Place;
use crate::segments::Slot;

/// So many conflicts are named; all are counted.
const CONFLICTS_NAMED: usize = 20;

impl Stage<'_> {
    /// Counts a record of which another has the key, and names the first of them.
    pub(super) async fn conflict(&mut self, record: &Record, other: Place) -> Result<()> {
        self.summary.conflicts += 1;
        if self.summary.conflicting.len() < CONFLICTS_NAMED {
            let other = self.whence(self.now(other)).await?.unwrap_or_default();
            self.summary.conflicting.push(Conflict {
                file: record.provenance.origin.to_string(),
                source: record.provenance.source.to_string(),
                key: record.columns.key.as_deref().unwrap_or_default().to_owned(),
                time: record.columns.time.to_string(),
                place: whence(&record.provenance),
                other,
            });
        }
        Ok(())
    }

    /// Where the record of a place came from.
    async fn whence(&mut self, place: Place) -> Result<Option<String>> {
        let ordinal = place.ordinal as usize;
        if let Some(draft) = self.drafts.iter().find(|draft| draft.id == place.segment) {
            return Ok(draft.records.get(ordinal).map(|record| whence(&record.provenance)));
        }
        let Some(file) = self.replay.file_of(place.segment) else { return Ok(None) };
        match self.decoded.of(self.vault, file).await?.segment(place.segment).get(ordinal) {
            Some(Slot::Record(sealed)) => Ok(Some(whence(&sealed.provenance))),
            Some(Slot::Erased(_)) | None => Ok(None),
        }
    }
}

/// Where a record came from, as people read it.
fn whence(provenance: &Provenance) -> String {
    format!("{}#{}", provenance.origin, provenance.position)
}
