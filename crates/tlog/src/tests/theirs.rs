//! What others made: a whole log of Tessera's, and Wycheproof's Ed25519 vectors.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;

use super::{bytes_of, shared};
use crate::{
    Expected, Objects, SignedCheckpoint, VerifierKey, consistency_paths, edge_paths, leaf_hash, prove_consistency,
    prove_inclusion, read_bundle, root_from_inclusion, verify_consistency,
};

const TESSERA_KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

/// All objects under a log's `tile` folder, by their path relative to the log's root.
fn objects_under(root: &Path, folder: &str, found: &mut Objects) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            objects_under(root, &path, found);
        } else {
            found.insert(path, bytes_of(&entry.path()));
        }
    }
}

struct Log {
    checkpoints: Vec<SignedCheckpoint>,
    objects: Objects,
    entries: Vec<Bytes>,
}

fn tessera() -> Option<Log> {
    let folder = shared("tlog/tessera")?;
    let key: VerifierKey = TESSERA_KEY.parse().unwrap();
    assert_eq!(key.to_string(), TESSERA_KEY);
    let open = |size: u64| {
        let bytes = bytes_of(&folder.join(format!("checkpoint.{size}")));
        let opened = SignedCheckpoint::open(&bytes, &key).unwrap();
        assert_eq!(opened.size(), size);
        opened
    };
    let checkpoints: Vec<SignedCheckpoint> = (0..=15).map(open).collect();
    let mut objects = Objects::new();
    objects_under(&folder, "tile", &mut objects);
    let entries = read_bundle(&objects, &"tile/entries/000.p/15".parse().unwrap()).unwrap();
    Some(Log { checkpoints, objects, entries })
}

#[test]
fn every_object_of_tesseras_log_is_recomputed() {
    let Some(log) = tessera() else { return };
    let expected = Expected::of(log.entries.clone()).unwrap();
    assert_eq!(log.objects.len(), 30);
    for (path, bytes) in &log.objects {
        expected.check(path, bytes).unwrap();
        let mut changed = bytes.to_vec();
        changed[0] ^= 1;
        assert_eq!(expected.check(path, &changed).unwrap_err().id(), "tlog-object-differs");
    }
    for checkpoint in &log.checkpoints {
        assert_eq!(expected.root_at(checkpoint.size()), Some(checkpoint.root()), "{}", checkpoint.size());
    }
}

#[test]
fn every_pair_of_tesseras_checkpoints_is_consistent() {
    let Some(log) = tessera() else { return };
    let mut pairs = 0;
    for new in &log.checkpoints[1..] {
        for old in log.checkpoints[1..].iter().filter(|old| old.size() <= new.size()) {
            let paths = consistency_paths(old.size(), new.size()).unwrap();
            assert!(paths.iter().all(|path| log.objects.contains_key(path)));
            let proof = prove_consistency(old.size(), new.size(), &log.objects).unwrap();
            assert_eq!(verify_consistency(old.size(), old.root(), new.size(), new.root(), &proof), Ok(()));
            pairs += 1;
        }
        for (index, entry) in (0..new.size()).zip(&log.entries) {
            let proof = prove_inclusion(index, new.size(), &log.objects).unwrap();
            assert_eq!(root_from_inclusion(leaf_hash(entry), index, new.size(), &proof), Ok(new.root()));
        }
    }
    assert_eq!(pairs, 15 * 16 / 2);
}

#[test]
fn our_writer_goes_on_from_any_size_of_tesseras_log() {
    let Some(log) = tessera() else { return };
    for checkpoint in &log.checkpoints {
        let size = checkpoint.size();
        assert!(edge_paths(size).iter().all(|path| log.objects.contains_key(path)));
        let mut edge = crate::Edge::load(size, &log.objects, checkpoint.root()).unwrap();
        log.entries[size as usize..].iter().for_each(|entry| edge.append(entry).unwrap());
        assert_eq!(edge.root().unwrap(), log.checkpoints[15].root());
        for (path, bytes) in edge.objects().unwrap() {
            assert_eq!(log.objects[&path], bytes, "{path} from {size}");
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    public_key: PublicKey,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
struct PublicKey {
    pk: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    comment: String,
    msg: String,
    sig: String,
    result: String,
}

#[test]
fn wycheproof() {
    let Some(folder) = shared("crypto") else { return };
    let vectors: Vectors = serde_json::from_slice(&bytes_of(&folder.join("ed25519_test.json"))).unwrap();
    let (mut valid, mut count) = (0, 0);
    for group in &vectors.test_groups {
        let public: [u8; 32] = hex::decode(&group.public_key.pk).unwrap().try_into().unwrap();
        let key = VerifierKey::ed25519("example.com/wycheproof", &public);
        for vector in &group.tests {
            let (message, signature) = (hex::decode(&vector.msg).unwrap(), hex::decode(&vector.sig).unwrap());
            let is_accepted = key.as_ref().is_ok_and(|key| key.verify(&message, &signature));
            assert_eq!(is_accepted, vector.result == "valid", "{}: {}", vector.tc_id, vector.comment);
            valid += usize::from(is_accepted);
            count += 1;
        }
    }
    assert_eq!(count, vectors.number_of_tests);
    assert!(valid > 50 && valid < count, "{valid} of {count}");
}
