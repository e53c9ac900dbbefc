//! What each source makes of bytes that are given to it by name: cut as its input is cut, derived, and, where it is text, read
//! into native fields. Whatever the bytes, there is an answer, and columns and native fields agree on whether there is an event.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shoseki_event::Timestamp;
use shoseki_sources::{Form, Piece, SOURCES, Splitter, auto};

fuzz_target!(|input: (u8, &[u8])| {
    let source = SOURCES[usize::from(input.0) % SOURCES.len()];
    let (mut splitter, mut pieces) = (Splitter::of(source.form()), Vec::new());
    splitter.feed(Bytes::copy_from_slice(input.1), &mut pieces);
    splitter.finish(&mut pieces);
    let given: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes().to_vec()).collect();
    assert!(given == input.1, "the pieces are the content");
    let received = Timestamp(1_772_668_800_000_000);
    let is_text = !matches!(source.form(), Form::Json);
    let events = pieces.iter().map(Piece::bytes).filter(|bytes| !bytes.is_empty());
    for event in events.map(AsRef::as_ref).chain([input.1]) {
        let derived = source.derive(event, received);
        if let Ok(columns) = &derived {
            assert!(!source.stream(columns).is_empty());
            assert!(source.classes().contains(&columns.class_uid), "`{}`: {}", source.id(), columns.class_uid);
        }
        assert_eq!(source.native(event).is_some(), is_text && derived.is_ok(), "`{}`", source.id());
        if let Some(taken) = auto(event) {
            assert!(taken.recognises(event), "`{}`", taken.id());
        }
    }
});
