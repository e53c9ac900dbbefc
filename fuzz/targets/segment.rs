//! What a segment's file is made of: events taken apart and put together again, templates, the index and what it rules out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shoseki_segment::index::{Columns, IndexTag, Literal, Opener};
use shoseki_segment::keys::Secret;
use shoseki_segment::shred::{MAX_DEPTH, Template, cut};

fuzz_target!(|input: (u8, &[u8])| {
    let (depth, bytes) = input;
    let (mut text, mut slots) = (Vec::new(), Vec::new());
    let is_cut = cut(bytes, depth % MAX_DEPTH + 1, &mut text, &mut slots);
    if let Some(template) = std::str::from_utf8(&text).ok().filter(|_| is_cut).and_then(Template::parse) {
        assert_eq!(template.parts.len(), slots.len());
        let mut joined = Vec::new();
        for (part, slot) in template.parts.iter().zip(&slots) {
            joined.extend_from_slice(&part.before);
            joined.extend_from_slice(&bytes[slot.start as usize..slot.end as usize]);
        }
        joined.extend_from_slice(&template.after);
        assert_eq!(joined, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Template::parse(text);
    }
    if let Ok(columns) = Columns::parse(bytes) {
        let _ = columns.may_hold("raw", bytes, true);
    }
    let _ = Opener::new(&Secret::from([7; 32]), "a").open(usize::from(depth), bytes);
    if let Some(literal) = Literal::of(bytes) {
        assert!(literal.may_be(|_| true));
    }
    if let Ok(tag) = serde_json::from_slice::<IndexTag>(bytes) {
        let range = tag.bytes_of(tag.header_range(), true);
        assert!(range.start <= range.end);
    }
});
