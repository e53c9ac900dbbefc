//! The door for documents: statements on one, and its bytes as an original with a receipt, in one commit.

use std::sync::Arc;

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_segment::attachment::{ATTACHMENTS, Attachment, DOCUMENTS};
use shoseki_segment::commit::Replay;
use shoseki_segment::receipt::Extent;
use shoseki_sources::{OWN, Piece};

use super::Summary;
use super::flush::Finished;
use super::receive::End;
use super::records::{Interned, Records};
use super::stage::{Stage, Tally};
use crate::Vault;
use crate::known::Known;

/// Takes them in, and seals also where nothing is new. The bytes are given where they have no receipt yet.
///
/// # Errors
/// The world's failure where the vault cannot be written: the same can be tried again.
pub(crate) async fn take(
    vault: &Vault,
    replay: Arc<Replay>,
    (file, received): (&str, Timestamp),
    (extent, bytes): (&Extent, Option<Bytes>),
    statements: &[Attachment],
) -> Result<Summary> {
    let mut stage = Stage::over(vault, replay, Known::default())?;
    let origin: Arc<str> = file.into();
    let mut records = Records {
        origin: Arc::clone(&origin),
        received,
        source: Some(OWN),
        stream: Some(ATTACHMENTS.to_owned()),
        sender: None,
        log: None,
        can_be_kept: false,
        interned: Interned::default(),
    };
    let mut items = Vec::with_capacity(statements.len());
    for (offset, statement) in (0..).zip(statements) {
        records.items(Piece::Event { offset, bytes: statement.to_bytes().into() }, &mut items);
    }
    stage.items(0, items).await?;
    stage.tallies.clear(); // a statement leaves no receipt: the document does
    if let (Some(original), false) = (bytes, statements.is_empty()) {
        let mut tally = Tally::default();
        tally.ledger.give_up(); // no record rebuilds it
        let end = End {
            received: extent.clone(),
            content: Some(extent.clone()),
            encoding: "none",
            damage: None,
            input: None,
            original: Some(original),
        };
        stage.finished.push(Finished { name: origin, received, end, tally, stream: DOCUMENTS });
    }
    Ok(stage.finish(false, Vec::new()).await?.0)
}
