//! What a carrier brings: an envelope is opened within its bounds, and what comes out has a name of its carrier's, or is a slice.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shoseki_event::Timestamp;
use shoseki_sources::{Envelope, auto, open};

fuzz_target!(|input: &[u8]| {
    let document = Bytes::copy_from_slice(input);
    match open(&document) {
        None => {}
        Some(Envelope::Slice(range)) => assert!(auto(&document[range]).is_some()),
        Some(Envelope::Events(events)) => {
            assert!(!events.is_empty());
            assert!(events.iter().map(|event| event.bytes.len()).sum::<usize>() < 256 << 20, "a bomb is seen");
            for event in events {
                assert!(!event.delivery.is_empty());
                if let Some(source) = auto(&event.bytes) {
                    let _ = source.derive(&event.bytes, Timestamp(1_772_668_800_000_000));
                }
            }
        }
    }
});
