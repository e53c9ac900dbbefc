//! Records of committed segments, decoded: a file is read once for all of its segments, and the last few stay.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use shoseki_event::SegmentId;
use shoseki_messages::Result;
use shoseki_segment::Seeds;
use shoseki_segment::commit::File;

use crate::Vault;
use crate::segments::Slot;

/// The records of a file.
#[derive(Debug)]
pub(crate) struct Decoded {
    records: Arc<[Slot]>,
    segments: HashMap<SegmentId, Range<usize>>,
    seeds: HashMap<SegmentId, Seeds>,
}

impl Decoded {
    /// The places of one of its segments, in order; empty where it has none of that name.
    pub(crate) fn segment(&self, segment: SegmentId) -> &[Slot] {
        let rows = self.segments.get(&segment).cloned().unwrap_or_default();
        self.records.get(rows).unwrap_or_default()
    }

    /// The secret of one of its segments.
    pub(crate) fn seeds(&self, segment: SegmentId) -> Option<&Seeds> {
        self.seeds.get(&segment)
    }
}

/// How many files are kept.
const KEPT: usize = 2;

/// The files that were decoded last.
#[derive(Debug, Default)]
pub(crate) struct DecodedFiles(VecDeque<(SegmentId, Arc<Decoded>)>);

impl DecodedFiles {
    /// The records of a file.
    ///
    /// # Errors
    /// Damage where it cannot be read; the world's failure else.
    pub(crate) async fn of(&mut self, vault: &Vault, file: &File) -> Result<Arc<Decoded>> {
        if let Some((_, decoded)) = self.0.iter().find(|(name, _)| *name == file.add.name) {
            return Ok(Arc::clone(decoded));
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let (footer, records) = vault.sealed(file).await?;
        let (mut segments, mut first) = (HashMap::new(), 0);
        for tag in &file.add.tags.segments {
            let end = first + tag.count as usize;
            segments.insert(tag.id, first..end);
            first = end;
        }
        let decoded = Arc::new(Decoded { records, segments, seeds: footer.segments.into_iter().collect() });
        self.0.push_back((file.add.name, Arc::clone(&decoded)));
        Ok(decoded)
    }
}
