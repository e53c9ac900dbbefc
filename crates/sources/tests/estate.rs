//! The sample estate in `testdata/estate` is what its generator makes, and shows what the demo shows.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[expect(dead_code, reason = "the example's own `main` is not called here")]
#[path = "../examples/estate/main.rs"]
mod estate;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use shoseki_event::{Outcome, TimeOrigin, Timestamp};
use shoseki_sources::{Inflate, Limits, Piece, auto, split_all};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate")
}

fn below(folder: &Path, paths: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, paths);
        } else {
            paths.insert(path);
        }
    }
}

#[test]
fn the_files_are_what_the_generator_makes() {
    let mut present = BTreeSet::new();
    below(&root(), &mut present);
    present.retain(|path| path.extension().is_some_and(|extension| extension != "md"));
    let size: u64 = present.iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(size < 300_000, "{size} bytes are too many to ship");
    for (path, expected) in estate::files() {
        let path = root().join(path);
        assert!(present.remove(&path), "{} is missing: see the example `estate`", path.display());
        let mut bytes = Vec::new();
        let mut inflate = Inflate::new(File::open(&path).unwrap(), Limits::default()).unwrap();
        inflate.read_to_end(&mut bytes).unwrap();
        assert!(bytes == expected, "{} is not what the example `estate` makes", path.display());
    }
    assert!(present.is_empty(), "not made by the example `estate`: {present:?}");
}

#[test]
fn the_day_shows_the_incident() {
    let received = Timestamp::parse("2026-03-06T00:00:00Z").unwrap();
    let (mut events, mut keys, mut handbook, mut thief, mut refused, mut secrets) = (0, BTreeSet::new(), 0, 0, 0, 0);
    for (_, bytes) in estate::files() {
        for piece in split_all(bytes.into()) {
            let raw = match piece {
                Piece::Event { bytes, .. } => bytes,
                Piece::Unparsed { reason, .. } => panic!("unparsed: {reason}"),
                Piece::Gap { .. } => continue,
            };
            let text = std::str::from_utf8(&raw).unwrap();
            let columns = auto(&raw).unwrap().derive(&raw, received).unwrap();
            assert_eq!(
                (columns.time_origin, columns.time.day().to_string().as_str()),
                (TimeOrigin::Event, "2026-03-05")
            );
            assert!(keys.insert(columns.key.clone().unwrap()), "a key stands twice");
            events += 1;
            handbook += usize::from(["delete", "update", "privilege"].iter().any(|word| text.contains(word)));
            let is_thief = columns.src_ip.as_deref() == Some("203.0.113.77");
            thief += usize::from(is_thief);
            refused += usize::from(is_thief && columns.status == Outcome::Failure);
            let reads_secret = columns.resource.is_some_and(|resource| resource.contains("secrets"));
            secrets += usize::from(is_thief && reads_secret);
        }
    }
    assert!((1_300..1_700).contains(&events), "{events} events");
    assert!((10..=60).contains(&handbook), "{handbook} events match the handbook's pattern");
    assert_eq!((thief, refused, secrets), (73, 17, 6));
}
