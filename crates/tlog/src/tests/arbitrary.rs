//! Whatever bytes come, every parser answers: with what it would write the same way, or with an error.

use bytes::Bytes;
use proptest::prelude::*;

use super::{TEST_KEY, test_key};
use crate::{
    Checkpoint, CommitEntry, Edge, Hash, ObjectPath, Objects, SignedCheckpoint, SigningKey, TlogProof, VerifierKey,
    decode_bundle, decode_tile, edge_paths, encode_bundle, full_form, leaf_hash,
};

/// Any text, and texts near to what the parsers expect.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(tile|checkpoints)/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,8}[0-9]{1,4}(\\.p/[0-9]{0,4})?",
        "shoseki-commit/v1\n[0-9]{0,21}\n[0-9a-fA-F]{62,65}\n[0-9]{0,21}\n?",
        "[a-z./]{0,20}\n[0-9]{0,21}\n[A-Za-z0-9+/]{43}=\n(.{0,9}\n){0,2}\n(— [a-z]{0,9} [A-Za-z0-9+/]{8,92}={0,2}\n){0,3}",
        "c2sp.org/tlog-proof@v1\n(extra [A-Za-z0-9+/]{0,8}\n)?index [0-9]{1,21}\n([A-Za-z0-9+/]{43}=\n){0,70}\n.{0,20}",
        "(PRIVATE\\+KEY\\+)?[a-z]{0,9}\\+[0-9a-f]{7,9}\\+[A-Za-z0-9+/]{40,46}={0,2}",
    ]
}

proptest! {
    #[test]
    fn texts(text in text()) {
        let bytes = text.as_bytes();
        if let Ok(path) = text.parse::<ObjectPath>() {
            prop_assert_eq!(path.to_string(), text.as_str());
        }
        full_form(&text);
        if let Ok(entry) = CommitEntry::parse(bytes) {
            prop_assert_eq!(entry.to_bytes(), bytes);
        }
        if let Ok(proof) = TlogProof::parse(bytes) {
            prop_assert_eq!(proof.to_bytes(), bytes);
            prop_assert!(proof.verify(b"entry", test_key().verifier()).is_err());
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text.trim());
        }
        if let Ok(key) = SigningKey::from_secret_text(&text) {
            let written = key.to_secret_text();
            prop_assert_eq!(written.as_str(), text.trim());
        }
        prop_assert!(SignedCheckpoint::open(bytes, test_key().verifier()).is_err());
        if let Ok(checkpoint) = Checkpoint::parse_unverified(bytes) {
            let beginning = format!("{}\n{}\n", checkpoint.origin, checkpoint.size);
            prop_assert!(text.starts_with(&beginning));
        }
    }

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), width: u16, small in 0..6_u16) {
        let signature_fits = test_key().verifier().verify(b"message", &bytes);
        prop_assert!(!signature_fits);
        prop_assert!(SignedCheckpoint::open(&bytes, test_key().verifier()).is_err());
        prop_assert!(TlogProof::parse(&bytes).is_err());
        prop_assert!(CommitEntry::parse(&bytes).is_err());
        let bytes = Bytes::from(bytes);
        for width in [width, small] {
            if let Ok(entries) = decode_bundle(&bytes, width) {
                prop_assert_eq!(encode_bundle(&entries).unwrap(), &bytes);
            }
            if let Ok(hashes) = decode_tile(&bytes, width) {
                prop_assert_eq!(hashes.len(), usize::from(width));
            }
        }
    }

    #[test]
    fn bundles(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..=256)) {
        let entries: Vec<Bytes> = entries.into_iter().map(Bytes::from).collect();
        let bundle = encode_bundle(&entries).unwrap();
        prop_assert_eq!(decode_bundle(&bundle, entries.len() as u16).unwrap(), entries);
    }

    #[test]
    fn edges(size: u64, fill: u8, cut in 0..3_usize) {
        let object = |path: &String| {
            let hashes = path.rsplit_once(".p/").map_or(256, |(_, width)| width.parse().unwrap());
            (path.clone(), Bytes::from(vec![fill; hashes * 32 - cut]))
        };
        let objects: Objects = edge_paths(size).iter().map(object).collect();
        prop_assert!(Edge::load(size, &objects, leaf_hash(b"")).is_err());
    }

    #[test]
    fn entries(version: u64, sha256: [u8; 32], length: u64) {
        let entry = CommitEntry { version, sha256, length };
        prop_assert_eq!(CommitEntry::parse(&entry.to_bytes()).unwrap(), entry);
    }

    #[test]
    fn checkpoints(size: u64, root: [u8; 32]) {
        let key = SigningKey::from_secret_text(TEST_KEY).unwrap();
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size, root: Hash(root) };
        let opened = SignedCheckpoint::open(&checkpoint.sign(&key).unwrap(), key.verifier()).unwrap();
        prop_assert_eq!(opened.checkpoint(), &checkpoint);
    }
}
