//! Reading a file of the log, also one that is still being written.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::wal::{Delivery, Frame, Frames, WalHead};

use super::unreadable;
use crate::Vault;
use crate::ingest::push::Pushed;

/// What stands in a file.
pub(crate) struct Read {
    /// What was delivered, as far as it can be read.
    pub(crate) pushed: Pushed,
    /// Whether bytes follow that were changed: they may have been acknowledged.
    pub(crate) is_changed: bool,
}

/// Reads the file of a number. `None` where it is gone, or ends before its first frame could begin.
///
/// # Errors
/// Damage where it is no file of that number; the world's failure else.
pub(crate) async fn read(vault: &Vault, path: &Path, sequence: i64) -> Result<Option<Read>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    let Some((head, mut at)) = WalHead::parse(&bytes)? else { return Ok(None) };
    if head.sequence != sequence {
        return Err(Fault::damage(msg!("segment-wal-unreadable")));
    }
    let key = match (&head.key, vault.ring()) {
        (Some(wrapped), Some(ring)) => head.open(&ring.get(&wrapped.id).await?)?,
        _ => None,
    };
    let frames = Frames::new(&head, key)?;
    let (mut deliveries, mut number) = (Vec::new(), 0);
    let is_changed = loop {
        match frames.open(number, &bytes, at)? {
            Frame::Whole(delivery, next) => {
                deliveries.push((number, Delivery::parse(&delivery)?));
                (number, at) = (number + 1, next);
            }
            Frame::End | Frame::Torn => break false,
            Frame::Changed => break true,
        }
    };
    Ok(Some(Read { pushed: Pushed { log: head.log, sequence: head.sequence, deliveries }, is_changed }))
}
