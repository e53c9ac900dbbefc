//! What a transparency log consists of: notes, keys, paths, entries, tiles, proofs. What is read is written the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shoseki_tlog::{
    Checkpoint, CommitEntry, ObjectPath, SignedCheckpoint, SigningKey, TlogProof, VerifierKey, decode_bundle,
    decode_tile, encode_bundle, full_form,
};

fuzz_target!(|input: (u16, &[u8])| {
    let (width, bytes) = input;
    if let Ok(entry) = CommitEntry::parse(bytes) {
        assert_eq!(entry.to_bytes(), bytes);
    }
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
    }
    let _ = Checkpoint::parse_unverified(bytes);
    let shared = Bytes::copy_from_slice(bytes);
    if let Ok(entries) = decode_bundle(&shared, width) {
        assert_eq!(encode_bundle(&entries).ok(), Some(shared.clone()));
    }
    let _ = decode_tile(&shared, width);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = full_form(text);
    if let Ok(path) = text.parse::<ObjectPath>() {
        assert_eq!(path.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text.trim());
        assert!(SignedCheckpoint::open(bytes, &key).is_err());
    }
    let _ = SigningKey::from_secret_text(text);
});
