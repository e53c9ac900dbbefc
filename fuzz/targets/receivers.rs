//! What a receiver makes of a body that anybody with a token may send: events or a refusal in the protocol's words; and what
//! the vault makes of the events. Bodies come as they are, or packed as their protocol packs them, so that what lies within is
//! reached. And what is read of the write-ahead log: a delivery that was read is written and read again as the same.
#![no_main]

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use libfuzzer_sys::fuzz_target;
use shoseki_event::Timestamp;
use shoseki_segment::wal::{Delivery, WalHead};
use shoseki_server::{Asked, RECEIVERS, Receiver, Request, decoded};
use shoseki_sources::{Envelope, auto, by_id, open};

/// The longest body here, as it comes and once it is decoded.
const MAX_BODY: usize = 1 << 20;

/// How a body is sent; a bit each, and two for the encoding.
#[derive(Clone, Copy)]
struct How(u8);

impl How {
    fn is_json(self) -> bool {
        self.0 & 1 != 0
    }

    fn is_packed(self) -> bool {
        self.0 & 2 != 0
    }

    fn is_asked(self) -> bool {
        self.0 & 4 != 0
    }

    fn has_source(self) -> bool {
        self.0 & 8 != 0
    }

    fn encoding(self) -> Option<&'static str> {
        [None, Some("gzip"), Some("deflate"), Some("zstd")][usize::from(self.0 >> 4 & 3)]
    }
}

fuzz_target!(|input: (u8, u8, u8, &[u8])| {
    let (which, path, how, bytes) = input;
    let (receiver, how) = (RECEIVERS[usize::from(which) % RECEIVERS.len()], How(how));
    let paths = receiver.paths();
    let pattern = paths[usize::from(path) % paths.len()];
    let mut headers = HeaderMap::new();
    let kind = if how.is_json() { "application/json" } else { "application/x-protobuf" };
    headers.insert("content-type", HeaderValue::from_static(kind));
    if let Some(encoding) = how.encoding() {
        headers.insert("content-encoding", HeaderValue::from_static(encoding));
    }
    let parts = if pattern.contains('{') { vec!["log".to_owned()] } else { Vec::new() };
    let path = pattern.replace("{index}", "log").replace("{rest...}", "log").replace("{log...}", "log");
    let method = if how.is_asked() { Method::GET } else { Method::POST };
    let asked = Asked { method, path, parts, query: String::new(), headers };
    let body = if how.is_packed() { packed(receiver, how, bytes) } else { Bytes::copy_from_slice(bytes) };
    match decoded(body, &asked, MAX_BODY) {
        Ok(body) => {
            assert!(body.len() <= MAX_BODY, "no bomb goes off");
            let source = how.has_source().then(|| by_id("app")).flatten();
            take(receiver, &Request { asked, body, source, secret: None });
        }
        Err(no) => assert!(no.status.is_client_error()),
    }
    let _ = WalHead::parse(bytes);
    if let Ok(delivery) = Delivery::parse(&Bytes::copy_from_slice(bytes))
        && let Ok(again) = delivery.to_bytes()
    {
        assert_eq!(Delivery::parse(&again.into()).expect("what was written can be read"), delivery);
    }
});

/// A body as its protocol packs it.
fn packed(receiver: &dyn Receiver, how: How, bytes: &[u8]) -> Bytes {
    let gzip = || {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    match (receiver.id(), how.encoding()) {
        ("loki", None) => snap::raw::Encoder::new().compress_vec(bytes).unwrap().into(),
        ("firehose", None) => {
            let data = BASE64_STANDARD.encode(if how.is_json() { gzip() } else { bytes.to_vec() });
            serde_json::json!({ "requestId": "r", "records": [{ "data": data }] }).to_string().into()
        }
        (_, Some("gzip")) => gzip().into(),
        _ => Bytes::copy_from_slice(bytes),
    }
}

fn take(receiver: &dyn Receiver, request: &Request) {
    let id = receiver.id();
    match receiver.take(request) {
        Ok(taken) => {
            assert!(taken.yes.status.is_success(), "`{id}`");
            for event in taken.parts.iter().flat_map(|part| &part.events) {
                assert!(!event.is_empty(), "`{id}`");
                seal(event);
            }
        }
        Err(no) => {
            assert!(no.status.is_client_error(), "`{id}`");
            assert!(no.status != StatusCode::UNAUTHORIZED || id == "github", "`{id}`: who it is was asked before");
            assert_eq!(receiver.refuse(&request.asked, &no).status, no.status, "`{id}`");
        }
    }
}

/// What becomes of an event behind the door.
fn seal(event: &Bytes) {
    let received = Timestamp(1_772_668_800_000_000);
    match (auto(event), open(event)) {
        (Some(source), _) => drop(source.derive(event, received)),
        (None, Some(Envelope::Events(events))) => {
            for event in events {
                if let Some(source) = auto(&event.bytes) {
                    let _ = source.derive(&event.bytes, received);
                }
            }
        }
        (None, _) => {}
    }
}
