//! What comes over a connection of syslog: however it is cut on its way, the messages are the same and hold every byte that is
//! no count and no end of a message; and what is taken out of one stands in it. And whom a certificate names.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shoseki_event::Timestamp;
use shoseki_server::{Framer, MAX_MESSAGE, Sourced, placed, subject};
use shoseki_sources::{auto, by_id};

fuzz_target!(|input: (u8, &[u8])| {
    let (step, stream) = input;
    let messages = cut(stream, usize::MAX);
    assert_eq!(cut(stream, usize::from(step) + 1), messages, "in pieces of {}", usize::from(step) + 1);
    let mut rest = stream;
    for message in &messages {
        assert!(!message.is_empty() && message.len() <= MAX_MESSAGE);
        let at = find(rest, message).expect("it stands in the stream, behind the one before");
        let between = &rest[..at];
        assert!(between.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace() || *byte == 0));
        rest = &rest[at + message.len()..];
        take(message);
    }
    if let Some(subject) = subject(stream) {
        assert!(!subject.contains(char::is_control));
    }
});

fn cut(stream: &[u8], step: usize) -> Vec<Bytes> {
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    for piece in stream.chunks(step) {
        framer.feed(piece, &mut messages);
    }
    framer.finish(&mut messages);
    messages
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}

/// What becomes of a message behind the door.
fn take(message: &Bytes) {
    let placed = placed(message);
    assert!(find(message, &placed.event).is_some() || placed.event.is_empty());
    assert!(placed.log.is_none_or(|log| !log.contains(char::is_control) && log.chars().count() <= 128));
    let source = match placed.source {
        Sourced::As(source) => by_id(source),
        Sourced::ByContent => Some(auto(&placed.event).expect("it was known")),
        Sourced::Unknown => auto(&placed.event),
    };
    if let Some(source) = source {
        let received = Timestamp(1_772_668_800_000_000);
        let derived = source.derive(&placed.event, received);
        assert!(derived.is_ok() || source.id() != "syslog", "{derived:?}");
        let _ = source.native(&placed.event);
    }
}
