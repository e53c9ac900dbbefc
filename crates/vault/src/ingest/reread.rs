//! What an original holds, read as an ingest reads it: for who must know whether a record is in it.

use std::io::Cursor;

use bytes::Bytes;
use shoseki_event::{Record, Timestamp};
use shoseki_sources::{Inflate, Limits, Piece, Source, Splitter};

use super::records::{Interned, Item, Records};

/// How many bytes of content are split at once.
const CHUNK: usize = 4 << 20;

/// Gives each record that a file has, as far as it can be read: once by what it looks like, and once for each of these sources,
/// since nobody wrote down as what it was taken in.
pub(crate) fn records(bytes: &Bytes, sources: &[&'static dyn Source], each: &mut dyn FnMut(&Record)) {
    for source in std::iter::once(None).chain(sources.iter().copied().map(Some)) {
        let mut records = Records {
            origin: "".into(),
            received: Timestamp::now(),
            source,
            stream: None,
            sender: None,
            log: None,
            can_be_kept: true,
            interned: Interned::default(),
        };
        // What was pushed is one event, or an envelope of several.
        let mut items = Vec::new();
        records.items(Piece::Event { offset: 0, bytes: bytes.clone() }, &mut items);
        given(&items, each);
        let mut splitter = source.map_or_else(Splitter::auto, Splitter::expecting);
        let Ok(mut inflate) = Inflate::new(Cursor::new(bytes.clone()), Limits::default()) else { continue };
        let mut pieces = Vec::new();
        loop {
            let chunk = inflate.chunk(CHUNK).ok().flatten(); // what cannot be inflated was not taken in either
            let is_last = chunk.is_none();
            match chunk {
                Some(chunk) => splitter.feed(chunk, &mut pieces),
                None => drop(splitter.finish(&mut pieces)),
            }
            records.source = records.source.or(splitter.text_of());
            let mut items = Vec::new();
            pieces.drain(..).for_each(|piece| records.items(piece, &mut items));
            given(&items, each);
            if is_last {
                break;
            }
        }
    }
}

fn given(items: &[Item], each: &mut dyn FnMut(&Record)) {
    for item in items {
        match item {
            Item::Record(record, _) | Item::Unwrapped(record, _) | Item::New(record) => each(record),
            Item::Gap(_) => {}
        }
    }
}
