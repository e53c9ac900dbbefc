//! What a receiver makes of a body that anybody with a token may send: events or a refusal in the protocol's words. And what is
//! read of the write-ahead log: a delivery that was read is written and read again as the same.
#![no_main]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use shoseki_segment::wal::{Delivery, WalHead};
use shoseki_server::{Asked, RECEIVERS, Request};

fuzz_target!(|input: (u8, u8, bool, &[u8])| {
    let (which, path, is_json, bytes) = input;
    let receiver = RECEIVERS[usize::from(which) % RECEIVERS.len()];
    let paths = receiver.paths();
    let pattern = paths[usize::from(path) % paths.len()];
    let mut headers = HeaderMap::new();
    let kind = if is_json { "application/json" } else { "application/x-protobuf" };
    headers.insert("content-type", HeaderValue::from_static(kind));
    let parts = if pattern.contains('{') { vec!["log".to_owned()] } else { Vec::new() };
    let asked =
        Asked { method: Method::POST, path: pattern.replace("{index}", "log"), parts, query: String::new(), headers };
    let body = Bytes::copy_from_slice(bytes);
    match receiver.take(&Request { asked: asked.clone(), body: body.clone(), source: None, secret: None }) {
        Ok(taken) => {
            assert!(taken.yes.status.is_success(), "`{}`", receiver.id());
            assert!(
                taken.parts.iter().flat_map(|part| &part.events).all(|event| !event.is_empty()),
                "`{}`",
                receiver.id()
            );
        }
        Err(no) => {
            assert!(no.status.is_client_error(), "`{}`", receiver.id());
            assert_eq!(receiver.refuse(&asked, &no).status, no.status, "`{}`", receiver.id());
        }
    }
    let _ = WalHead::parse(bytes);
    if let Ok(delivery) = Delivery::parse(&body)
        && let Ok(again) = delivery.to_bytes()
    {
        assert_eq!(Delivery::parse(&again.into()).expect("what was written can be read"), delivery);
    }
});
