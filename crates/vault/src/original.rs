//! Giving back what was received, exactly, by the recipe in its receipt.

use async_recursion::async_recursion;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::{Kind, Provenance, RecordId, SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::attachment::DOCUMENTS;
use shoseki_segment::receipt::{Receipt, Step};
use shoseki_segment::{OWN_SOURCE, envelope, layout};

use crate::decoded::DecodedFiles;
use crate::segments::Slot;
use crate::vault::{Snapshot, Vault};

/// A file that was received.
#[derive(Clone, Debug)]
pub struct Original {
    /// Its receipt.
    pub receipt: Receipt,
    /// When it was received.
    pub received: Timestamp,
    /// Whether it is a document that was attached, and no evidence that was read.
    pub is_document: bool,
}

impl Vault {
    /// All files that were received, oldest first.
    ///
    /// # Errors
    /// Damage where a receipt cannot be read; the world's failure else.
    #[async_recursion]
    pub async fn originals(&self, snapshot: &Snapshot) -> Result<Vec<Original>> {
        let mut found = Vec::new();
        for file in snapshot.replay.files() {
            if !file.add.tags.segments.iter().any(|tag| tag.source == OWN_SOURCE) {
                continue;
            }
            let (_, records) = self.sealed(file).await?;
            let records = records.iter().filter_map(Slot::record);
            for record in records.filter(|record| record.provenance.kind == Kind::Receipt) {
                let receipt = Receipt::parse(&record.raw)?;
                let Provenance { received, stream, .. } = &record.provenance;
                found.push(Original { receipt, received: *received, is_document: **stream == *DOCUMENTS });
            }
        }
        found.sort_by_key(|original| original.received);
        Ok(found)
    }

    /// Writes the content of a file that was received: uncompressed where it could be inflated, else as it came. Its hash
    /// is checked while it is written.
    ///
    /// # Errors
    /// Damage where the records no longer give the content that the receipt states; the world's failure else.
    #[async_recursion(?Send)]
    pub async fn rebuild(&self, snapshot: &Snapshot, receipt: &Receipt, out: &mut dyn Write) -> Result<()> {
        let Some(steps) = &receipt.recipe else {
            if let Some(version) = snapshot.replay.erased_original(&receipt.received.sha256) {
                let origin = receipt.origin.as_str();
                return Err(Fault::caller(msg!("vault-original-erased", origin = origin, version = version)));
            }
            return self.kept_whole(receipt, out).await;
        };
        let mut hasher = Sha256::new();
        let mut decoded = DecodedFiles::default();
        let mut give = |bytes: &[u8]| {
            hasher.update(bytes);
            out.write_all(bytes).map_err(|error| Fault::world(msg!("vault-output-failed")).because(error))
        };
        for step in steps {
            match step {
                Step::Text { text } => give(text.as_bytes())?,
                Step::Bytes { base64 } => {
                    let bytes = STANDARD
                        .decode(base64)
                        .map_err(|e| Fault::damage(msg!("segment-receipt-unreadable")).because(e))?;
                    give(&bytes)?;
                }
                Step::Run { segment, first, count, between } => {
                    let segment: SegmentId = segment.parse()?;
                    let missing = || Fault::damage(msg!("vault-segment-unknown", segment = segment.to_string()));
                    if let Some(version) = snapshot.replay.expired_by(segment) {
                        let segment = segment.to_string();
                        return Err(Fault::caller(msg!("vault-segment-expired", segment = segment, version = version)));
                    }
                    let file = snapshot.replay.file_of(segment).ok_or_else(missing)?;
                    let file = decoded.of(self, file).await?;
                    let records = file.segment(segment);
                    let end = (*first as usize).saturating_add(*count as usize);
                    let run = records.get(*first as usize..end).ok_or_else(|| {
                        Fault::damage(msg!("vault-original-differs", origin = receipt.origin.as_str()))
                    })?;
                    for (ordinal, slot) in (*first..).zip(run) {
                        if ordinal > *first {
                            give(between.as_bytes())?;
                        }
                        let Some(record) = slot.record() else {
                            snapshot.check_not_erased(RecordId { segment, ordinal })?;
                            return Err(missing());
                        };
                        give(&record.raw)?;
                    }
                }
            }
        }
        let content = receipt.content.as_ref().map(|content| content.sha256.as_str());
        if content != Some(hex::encode(hasher.finalize()).as_str()) {
            return Err(Fault::damage(msg!("vault-original-differs", origin = receipt.origin.as_str())));
        }
        Ok(())
    }

    async fn kept_whole(&self, receipt: &Receipt, out: &mut dyn Write) -> Result<()> {
        let bytes = self.kept(&receipt.received.sha256, &receipt.origin).await?;
        out.write_all(&bytes).map_err(|error| Fault::world(msg!("vault-output-failed")).because(error))
    }

    /// What is kept whole under its hash.
    pub(crate) async fn kept(&self, sha256: &str, origin: &str) -> Result<Bytes> {
        let name = layout::original(sha256);
        let Some(stored) = self.store().get(&name).await? else {
            return Err(Fault::caller(msg!("vault-original-not-kept", origin = origin)));
        };
        let bytes = match self.ring() {
            Some(ring) => {
                let key = ring.get(&envelope::wrapped_key(&stored)?.id).await?;
                envelope::open(&key, &name, &stored)?
            }
            None => stored.to_vec(),
        };
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(Fault::damage(msg!("vault-original-differs", origin = origin)));
        }
        Ok(bytes.into())
    }
}
