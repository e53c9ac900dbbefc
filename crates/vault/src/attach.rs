//! Documents as evidence: a procedure, a contract, an approval. The bytes are kept whole, as an original with its receipt; what is
//! said of them is a sealed record for each requirement.

use async_recursion::async_recursion;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_event::{Kind, RecordId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::attachment::{ATTACHMENTS, Attachment, Document, MAX_DOCUMENT_BYTES};
use shoseki_segment::receipt::Extent;

use crate::ingest::document::take;
use crate::vault::{Snapshot, Vault};

/// A document, and what it is for.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The file's name, without its folder.
    pub file: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The requirements that it is evidence for.
    pub requirements: Vec<String>,
    /// A name for people.
    pub title: Option<String>,
    /// More to know.
    pub note: Option<String>,
    /// The first and the last day on which it holds.
    pub valid: (Option<String>, Option<String>),
    /// Who attaches it, as the machine says.
    pub actor: Value,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The document's hash and length.
    pub document: Extent,
    /// The requirements that it is attached for now.
    pub new: Vec<String>,
    /// Those that it was attached for before, with the same said of it.
    pub known: Vec<String>,
    /// The tree's size after the sealing.
    pub tree_size: u64,
    /// What went wrong beside the evidence.
    pub warnings: Vec<Arc<Fault>>,
}

/// A sealed statement on a document.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The record that says it.
    pub id: RecordId,
    /// What it says.
    pub attachment: Attachment,
}

impl Vault {
    /// What is said of documents, in the order of the commits.
    ///
    /// # Errors
    /// Damage where a record cannot be read; the world's failure else.
    #[async_recursion]
    pub async fn attachments(&self, snapshot: &Snapshot) -> Result<Vec<Statement>> {
        let mut found = Vec::new();
        for file in snapshot.replay.files() {
            let tags = &file.add.tags.segments;
            if !tags.iter().any(|tag| tag.source == OWN_SOURCE && tag.streams.iter().any(|s| s.name == ATTACHMENTS)) {
                continue;
            }
            let (_, records) = self.sealed(file).await?;
            let ids = tags.iter().flat_map(|tag| (0..tag.count).map(|ordinal| RecordId { segment: tag.id, ordinal }));
            for (id, record) in ids.zip(records.iter()).filter_map(|(id, slot)| Some((id, slot.record()?))) {
                let provenance = &record.provenance;
                if provenance.kind == Kind::Event && &*provenance.stream == ATTACHMENTS {
                    found.push(Statement { id, attachment: Attachment::parse(&record.raw)? });
                }
            }
        }
        found.sort_by(|a, b| (&a.attachment.time, a.id).cmp(&(&b.attachment.time, b.id)));
        Ok(found)
    }

    /// The bytes of a document.
    ///
    /// # Errors
    /// Damage where they are gone or changed; the world's failure else.
    #[async_recursion]
    pub async fn document(&self, document: &Document) -> Result<Bytes> {
        self.kept(&document.sha256, &document.file).await
    }

    /// Attaches a document: what is new of it is one commit, sealed. The same again does nothing.
    ///
    /// # Errors
    /// The caller's mistake where it is too long; the world's failure where the vault cannot be written.
    #[async_recursion(?Send)]
    pub async fn attach(&self, attach: &Attach) -> Result<Attached> {
        if attach.bytes.len() as u64 > MAX_DOCUMENT_BYTES {
            let (file, most) = (attach.file.as_str(), MAX_DOCUMENT_BYTES >> 20);
            return Err(Fault::caller(msg!("vault-document-too-long", file = file, most = most)));
        }
        self.check_before_adding().await?;
        let extent = Extent { size: attach.bytes.len() as u64, sha256: hex::encode(Sha256::digest(&attach.bytes)) };
        let snapshot = self.snapshot().await?;
        let there = self.attachments(&snapshot).await?;
        let received = Timestamp::now();
        let of = |requirement: &String| Document {
            file: attach.file.clone(),
            note: attach.note.clone(),
            requirement: requirement.clone(),
            sha256: extent.sha256.clone(),
            size: extent.size,
            title: attach.title.clone(),
            valid_from: attach.valid.0.clone(),
            valid_to: attach.valid.1.clone(),
        };
        let is_known = |requirement: &&String| {
            let id = of(requirement).id();
            there.iter().any(|statement| statement.attachment.id == id)
        };
        let (known, new): (Vec<&String>, Vec<&String>) = attach.requirements.iter().partition(is_known);
        let statements: Vec<Attachment> = new
            .iter()
            .map(|requirement| Attachment::new(of(requirement), attach.actor.clone(), &received.to_string()))
            .collect();
        let has_receipt = there.iter().any(|statement| statement.attachment.details.sha256 == extent.sha256);
        let bytes = (!has_receipt).then(|| attach.bytes.clone());
        let summary = take(self, snapshot.replay, (&attach.file, received), (&extent, bytes), &statements).await?;
        Ok(Attached {
            document: extent,
            new: new.into_iter().cloned().collect(),
            known: known.into_iter().cloned().collect(),
            tree_size: summary.tree_size,
            warnings: summary.warnings,
        })
    }
}
