//! What a sender or a file brings: inflated, split, derived. Not a byte is lost or made up on the way, however it is cut
//! into chunks.
#![no_main]

use std::io::Cursor;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shoseki_event::{Kind, Provenance, Timestamp};
use shoseki_sources::ocsf::{self, Seen};
use shoseki_sources::secrets::Secrets;
use shoseki_sources::{Inflate, Limits, Piece, SOURCES, Splitter, auto};

fuzz_target!(|input: (u16, &[u8])| {
    let (chunk, bytes) = (usize::from(input.0) + 1, input.1);
    let Ok(mut inflate) = Inflate::new(Cursor::new(bytes), Limits::default()) else { return };
    let (mut splitter, mut pieces, mut content) = (Splitter::auto(), Vec::new(), Vec::new());
    while let Ok(Some(part)) = inflate.chunk(chunk) {
        content.extend_from_slice(&part);
        assert!(content.len() < 1 << 30, "a bomb is seen");
        splitter.feed(part, &mut pieces);
        if chunk % 2 == 0 {
            splitter.decide(&mut pieces); // as of a file that grows
        }
    }
    splitter.finish(&mut pieces);
    let mut given = Vec::with_capacity(content.len());
    for piece in &pieces {
        assert_eq!(piece.offset(), given.len() as u64);
        given.extend_from_slice(piece.bytes());
    }
    assert!(given == content, "the pieces are the content");
    for piece in pieces {
        let Piece::Event { bytes, .. } = piece else { continue };
        derive(&bytes);
        secrets(&bytes);
    }
});

/// What has secrets is known before it is walked through; seeing and masking end.
fn secrets(event: &Bytes) {
    let Ok(secrets) = Secrets::all() else { return };
    let told = secrets.find(event);
    assert!(told.is_empty() || secrets.may_have(event), "what has none is known");
    secrets.masked(&String::from_utf8_lossy(event));
}

fn derive(event: &Bytes) {
    let received = Timestamp(1_772_668_800_000_000);
    if let Some(source) = auto(event) {
        let _ = source.derive(event, received);
    }
    for source in SOURCES {
        if let Ok(columns) = source.derive(event, received) {
            let provenance = Provenance {
                kind: Kind::Event,
                source: source.id().into(),
                stream: source.stream(&columns).into(),
                origin: "-".into(),
                position: 0,
                received,
                reason: "".into(),
            };
            let event = ocsf::event(&Seen { id: "", provenance: &provenance, columns: &columns, raw: event });
            assert!(event["class_uid"].is_number() && event["metadata"]["product"]["name"].is_string());
        }
    }
}
