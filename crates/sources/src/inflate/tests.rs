//! Inflating: the three forms, damage with its place, bombs, and readers that fail.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use shoseki_messages::Kind;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).unwrap()
}

/// All that comes out, and the fault that ends it.
fn inflate(bytes: &[u8], limits: Limits) -> (Vec<u8>, Option<Fault>) {
    let mut out = Vec::new();
    let mut inflate = match Inflate::new(bytes, limits) {
        Ok(inflate) => inflate,
        Err(fault) => return (out, Some(fault)),
    };
    loop {
        match inflate.chunk(1000) {
            Ok(Some(chunk)) => out.extend_from_slice(&chunk),
            Ok(None) => return (out, None),
            Err(fault) => {
                assert!(inflate.chunk(1000).unwrap().is_none(), "after a fault nothing comes");
                return (out, Some(fault));
            }
        }
    }
}

#[track_caller]
fn fails(bytes: &[u8], id: &str) -> (Vec<u8>, Fault) {
    let (out, fault) = inflate(bytes, Limits::default());
    let fault = fault.unwrap_or_else(|| panic!("expected `{id}`"));
    assert_eq!((fault.id(), fault.kind()), (id, Kind::Damage), "{fault:?}");
    (out, fault)
}

/// CloudTrail-like lines: equal but for what is never equal, the ids and the time.
fn events(count: u64) -> Vec<u8> {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 16
    };
    let lines = (0..count).map(|n| {
        let filler = "\"userAgent\":\"aws-cli/2.24.1 Python/3.12.6 Linux/6.8.0\",\"readOnly\":true,".repeat(12);
        let (a, b) = (random(), random());
        format!(
            "{{\"eventTime\":\"2026-03-05T01:{:02}:{:02}Z\",{filler}\"eventID\":\"{a:016x}{b:016x}\"}}\n",
            n / 60 % 60,
            n % 60
        )
    });
    lines.collect::<String>().into_bytes()
}

#[test]
fn the_three_forms_are_recognised() {
    let text = events(50);
    let members = [gzip(&text[..1000]), gzip(b""), gzip(&text[1000..])].concat();
    let frames = [zstd(&text[..1000]), zstd(&text[1000..])].concat();
    for compressed in [text.clone(), gzip(&text), members, zstd(&text), frames] {
        let (out, fault) = inflate(&compressed, Limits::default());
        assert!(fault.is_none(), "{fault:?}");
        assert!(out == text);
    }
    for plain in [&b""[..], b"\x1f", b"\x1f\x8b", b"(\xb5/", b"{}", b"\0\0\0\0\0"] {
        assert!(inflate(plain, Limits::default()).0 == plain);
    }
    assert!(inflate(&gzip(b""), Limits::default()).1.is_none());
}

#[test]
fn bytes_are_counted_on_both_sides() {
    let text = events(50);
    let compressed = gzip(&text);
    let mut inflate = Inflate::new(&compressed[..], Limits::default()).unwrap();
    assert_eq!(io::copy(&mut inflate, &mut io::sink()).unwrap(), text.len() as u64);
    assert_eq!((inflate.given(), inflate.taken()), (text.len() as u64, compressed.len() as u64));
}

#[test]
fn a_stream_that_is_cut_off_gives_what_it_has_and_fails() {
    let text = events(500);
    for compressed in [gzip(&text), zstd(&text)] {
        for cut in [5, compressed.len() / 2, compressed.len() - 1] {
            let (out, _) = fails(&compressed[..cut], "sources-inflate-truncated");
            assert!(text.starts_with(&out));
            assert!(cut < 100 || !out.is_empty());
        }
    }
}

#[test]
fn what_follows_the_stream_is_named_with_its_place() {
    let compressed = gzip(b"{}");
    for garbage in [&b"x"[..], b"\0", b"{\"a\":1}"] {
        let (out, fault) = fails(&[&compressed, garbage].concat(), "sources-inflate-trailing");
        assert_eq!(out, b"{}");
        assert!(fault.to_string().contains(&format!("byte {}", compressed.len())), "{fault}");
    }
    fails(&[&compressed, &b"\x1f\x8b\x09 no gzip"[..]].concat(), "sources-inflate-corrupt");
    fails(&[&zstd(b"{}"), &b"garbage"[..]].concat(), "sources-inflate-corrupt");
}

#[test]
fn a_changed_byte_is_seen() {
    let text = events(20);
    let compressed = gzip(&text);
    for at in 10..compressed.len() - 4 {
        let mut changed = compressed.clone();
        changed[at] ^= 0x10;
        assert!(inflate(&changed, Limits::default()).1.is_some(), "byte {at}");
    }
}

#[test]
fn bombs_are_refused_and_evidence_is_not() {
    let zeros = vec![0; 40 << 20];
    for bomb in [gzip(&zeros), zstd(&zeros)] {
        let (out, _) = fails(&bomb, "sources-inflate-bomb");
        assert!(out.len() < 17 << 20, "{}", out.len());
    }
    let evidence = events(30_000);
    for compressed in [gzip(&evidence), zstd(&evidence)] {
        let ratio = evidence.len() / compressed.len();
        assert!((20..100).contains(&ratio), "{ratio}: the most equal events that there are");
        assert!(inflate(&compressed, Limits::default()).1.is_none());
    }
    let limits = Limits { bytes: 10_000, ..Limits::default() };
    assert_eq!(inflate(&gzip(&events(50)), limits).1.unwrap().id(), "sources-inflate-too-large");
    assert!(inflate(&events(50), limits).1.is_none(), "what is not compressed is not bounded");
}

/// Gives some bytes and then fails.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            length => Ok(length),
        }
    }
}

#[test]
fn a_failing_reader_is_not_damage() {
    let compressed = [gzip(&events(50)), zstd(&events(50)), events(50)];
    for bytes in &compressed {
        let failed = |length: usize| -> Fault {
            let mut inflate = match Inflate::new(Failing(&bytes[..length]), Limits::default()) {
                Ok(inflate) => inflate,
                Err(fault) => return fault,
            };
            loop {
                match inflate.chunk(1000) {
                    Ok(chunk) => assert!(chunk.is_some(), "it must not end well"),
                    Err(fault) => return fault,
                }
            }
        };
        for length in [0, 3, 100, bytes.len()] {
            assert_eq!(failed(length).kind(), Kind::World, "after {length} bytes");
        }
    }
    let compressed = gzip(b"{}");
    let mut inflate = Inflate::new(&compressed[..12], Limits::default()).unwrap();
    let error = inflate.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.get_ref().unwrap().downcast_ref::<Fault>().is_some());
}
