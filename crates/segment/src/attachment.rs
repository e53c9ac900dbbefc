//! What is said of a document that is kept as evidence: which requirement it is for, its name, its bytes' hash, from when to when it
//! holds. It is a record of its own (source `shoseki`, stream `shoseki/attachments`), sealed like any other; the document lies whole
//! in `originals/<sha256>`, as a receipt beside it says.
//!
//! ```text
//! {"action":"document.attach","actor":{"user":"aiko","host":"bastion"},
//!  "details":{"file":"手順書.pdf","requirement":"PCI DSS 10.2.1","sha256":"…","size":81234,"title":"…","valid_from":"2026-04-01"},
//!  "id":"<32 hex digits>","outcome":"success","time":"2026-03-05T01:02:03Z"}
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

use crate::receipt::Extent;

/// The stream of what is said of documents.
pub const ATTACHMENTS: &str = "shoseki/attachments";

/// The stream of their receipts, apart from those of files that were read.
pub const DOCUMENTS: &str = "shoseki/documents";

/// The action of such a record.
pub const ATTACH: &str = "document.attach";

/// The longest document that is kept.
pub const MAX_DOCUMENT_BYTES: u64 = 256 << 20;

/// The longest name of a file or of a requirement, in characters.
pub const MAX_NAME: usize = 256;

/// The longest title, and the longest note, in characters.
pub const MAX_NOTE: usize = 10_000;

/// A document, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The file's name, without its folder.
    pub file: String,
    /// More to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The requirement: `PCI DSS 10.2.1`.
    pub requirement: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Their length.
    pub size: u64,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The first day on which it holds: `2026-04-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

impl Document {
    /// What it is known by: the same document for the same requirement, with the same said of it, is the same attachment, whatever
    /// its file is called.
    pub fn id(&self) -> String {
        let mut hasher = Sha256::new();
        let said =
            [&self.title, &self.note, &self.valid_from, &self.valid_to].map(|text| text.as_deref().unwrap_or(""));
        for part in [self.sha256.as_str(), self.requirement.as_str()].into_iter().chain(said) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hex::encode(&hasher.finalize()[..16])
    }

    /// Its bytes' length and hash.
    pub fn extent(&self) -> Extent {
        Extent { size: self.size, sha256: self.sha256.clone() }
    }
}

/// The record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// [`ATTACH`].
    pub action: String,
    /// Who attached it, as the machine said.
    pub actor: Value,
    /// The document.
    pub details: Document,
    /// [`Document::id`].
    pub id: String,
    /// `success`.
    pub outcome: String,
    /// When, RFC 3339.
    pub time: String,
}

impl Attachment {
    /// That a document was attached by somebody.
    pub fn new(document: Document, actor: Value, time: &str) -> Self {
        let (action, outcome) = (ATTACH.to_owned(), "success".to_owned());
        Self { action, actor, id: document.id(), details: document, outcome, time: time.to_owned() }
    }

    /// The record's raw bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // plain structs always serialise
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Damage where it is none.
    pub fn parse(raw: &[u8]) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("segment-attachment-unreadable"));
        let attachment: Self = serde_json::from_slice(raw).map_err(|error| unreadable().because(error))?;
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_one = attachment.action == ATTACH
            && is_hash(&attachment.details.sha256)
            && attachment.id == attachment.details.id();
        if is_one { Ok(attachment) } else { Err(unreadable()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        Document {
            file: "手順書.pdf".to_owned(),
            note: None,
            requirement: "PCI DSS 10.2.1".to_owned(),
            sha256: "ab".repeat(32),
            size: 7,
            title: Some("監査ログ点検手順".to_owned()),
            valid_from: Some("2026-04-01".to_owned()),
            valid_to: None,
        }
    }

    #[test]
    fn an_attachment_is_golden() {
        let attachment = Attachment::new(document(), json!({"host": "h", "user": "甲"}), "2026-03-05T01:02:03Z");
        assert_eq!(Attachment::parse(&attachment.to_bytes()).unwrap(), attachment);
        crate::golden::stays("attachment.golden.json", &attachment.to_bytes());
    }

    #[test]
    fn what_is_said_decides_the_id_and_the_name_of_the_file_does_not() {
        let id = document().id();
        assert_eq!(Document { file: "b.pdf".to_owned(), ..document() }.id(), id);
        let others = [
            Document { sha256: "cd".repeat(32), ..document() },
            Document { requirement: "PCI DSS 10.2.2".to_owned(), ..document() },
            Document { title: None, note: document().title, ..document() },
            Document { valid_from: None, valid_to: document().valid_from, ..document() },
        ];
        assert!(others.iter().all(|other| other.id() != id));
    }

    #[test]
    fn what_is_none_is_refused() {
        let good = Attachment::new(document(), json!({}), "t");
        let wrong = [
            Attachment { action: "query.run".to_owned(), ..good.clone() },
            Attachment { id: "0".repeat(32), ..good.clone() },
            Attachment::new(Document { sha256: "../x".to_owned(), ..document() }, json!({}), "t"),
        ];
        for wrong in wrong {
            assert_eq!(Attachment::parse(&wrong.to_bytes()).unwrap_err().id(), "segment-attachment-unreadable");
        }
        assert!(Attachment::parse(b"{}").is_err() && Attachment::parse(b"").is_err());
    }
}
