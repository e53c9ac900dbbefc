//! The writer's edge, the reader's proofs and the auditor's recomputation, each against the other and against the
//! definition.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use shoseki_merkle::{consistency_proof, inclusion_proof, root};
use shoseki_messages::Kind;

use super::entries;
use crate::{
    Edge, Expected, Hash, ObjectPath, Objects, consistency_paths, edge_paths, empty_root, expected_objects,
    inclusion_paths, leaf_hash, prove_consistency, prove_inclusion, read_bundle, root_from_inclusion, root_from_tiles,
    root_paths, tree_from_entries, verify_consistency,
};

/// Only the objects of these paths; what is not there is left out.
fn chosen(store: &Objects, paths: &[String]) -> Objects {
    paths.iter().filter_map(|path| Some((path.clone(), store.get(path)?.clone()))).collect()
}

fn leaves(entries: &[Bytes]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// Publishes entries into a store in steps, as a writer does that starts again at each step. An object that is there
/// already must be the same.
fn publish(store: &mut Objects, entries: &[Bytes], steps: impl IntoIterator<Item = usize>) {
    let mut size = 0;
    let mut last_root = empty_root();
    for next in steps {
        let fetched = chosen(store, &edge_paths(size as u64));
        let mut edge = Edge::load(size as u64, &fetched, last_root).unwrap();
        entries[size..next].iter().for_each(|entry| edge.append(entry).unwrap());
        for (path, bytes) in edge.objects().unwrap() {
            assert_eq!(store.entry(path.clone()).or_insert_with(|| bytes.clone()), &bytes, "{path}");
        }
        (size, last_root) = (next, edge.root().unwrap());
        assert_eq!(edge.size(), next as u64);
    }
}

/// A log of this many entries, published at once.
fn store_of(entries: &[Bytes]) -> Objects {
    let mut store = Objects::new();
    publish(&mut store, entries, [entries.len()]);
    store
}

#[test]
fn every_size_to_600_has_the_root_of_the_definition() {
    let entries = entries(600);
    let leaves = leaves(&entries);
    let expected = Expected::of(entries.clone()).unwrap();
    let mut edge = Edge::empty();
    for size in 0..=600_usize {
        let naive = root(&leaves[..size]);
        assert_eq!(edge.root().unwrap(), naive, "{size}");
        assert_eq!(expected.root_at(size as u64), Some(naive), "{size}");
        if let Some(entry) = entries.get(size) {
            edge.append(entry).unwrap();
        }
    }
    assert_eq!(expected.root_at(601), None);
    assert_eq!(tree_from_entries(&entries), (600, root(&leaves)));
}

#[test]
fn a_writer_that_goes_on_entry_by_entry_makes_what_the_auditor_expects() {
    let entries = entries(530);
    let mut store = Objects::new();
    publish(&mut store, &entries, 1..=530);
    let expected = Expected::of(entries.clone()).unwrap();
    for (path, bytes) in &store {
        expected.check(path, bytes).unwrap();
    }
    for size in 1..=530 {
        assert!(edge_paths(size).iter().all(|path| store.contains_key(path)), "{size}");
    }
    assert_eq!(expected.objects(), chosen(&store, &expected.objects().into_keys().collect::<Vec<_>>()));
    assert_eq!(expected_objects(&entries).unwrap(), store_of(&entries));
}

#[test]
fn the_objects_of_256_entries_are_full() {
    let paths: Vec<String> = store_of(&entries(256)).into_keys().collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    assert_eq!(edge_paths(256), ["tile/1/000.p/1"]);
    assert_eq!(edge_paths(0), [""; 0]);
    let paths: Vec<String> = store_of(&entries(1)).into_keys().collect();
    assert_eq!(paths, ["tile/0/000.p/1", "tile/entries/000.p/1"]);
}

#[test]
fn around_65536_everything_agrees() {
    let entries = entries(65_800);
    let leaves = leaves(&entries);
    let steps = [65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 65_800];
    let mut store = Objects::new();
    publish(&mut store, &entries, steps);
    let expected = Expected::of(entries.clone()).unwrap();
    for (path, bytes) in &store {
        expected.check(path, bytes).unwrap();
    }
    assert!(store.contains_key("tile/1/000") && store.contains_key("tile/2/000.p/1"));
    let roots: BTreeMap<usize, Hash> = steps.into_iter().map(|size| (size, root(&leaves[..size]))).collect();
    for (&size, &whole) in &roots {
        assert_eq!(expected.root_at(size as u64), Some(whole));
        assert_eq!(root_from_tiles(size as u64, &chosen(&store, &root_paths(size as u64).unwrap())).unwrap(), whole);
        for index in [0, 255, 256, 65_278, size - 1] {
            let (index, size) = (index as u64, size as u64);
            let fetched = chosen(&store, &inclusion_paths(index, size).unwrap());
            let proof = prove_inclusion(index, size, &fetched).unwrap();
            assert_eq!(root_from_inclusion(leaves[index as usize], index, size, &proof), Ok(whole));
        }
        for (&old, &before) in roots.range(..=size) {
            let (old, size) = (old as u64, size as u64);
            let proof = prove_consistency(old, size, &chosen(&store, &consistency_paths(old, size).unwrap())).unwrap();
            assert_eq!(verify_consistency(old, before, size, whole, &proof), Ok(()));
        }
    }
}

#[test]
fn an_edge_is_loaded_only_from_what_leads_to_the_root() {
    let entries = entries(300);
    let store = store_of(&entries);
    let whole = root(&leaves(&entries));
    let good = chosen(&store, &edge_paths(300));
    assert!(Edge::load(300, &good, whole).is_ok());
    let id = |objects: &Objects, root| {
        let fault = Edge::load(300, objects, root).unwrap_err();
        assert_eq!(fault.kind(), Kind::Damage);
        fault.id()
    };
    assert_eq!(id(&good, empty_root()), "tlog-root-differs");
    for path in good.keys() {
        let mut fewer = good.clone();
        fewer.remove(path);
        assert_eq!(id(&fewer, whole), "tlog-object-missing", "{path}");
        for at in 0..good[path].len() {
            let mut changed = good[path].to_vec();
            changed[at] ^= 1;
            let mut objects = good.clone();
            objects.insert(path.clone(), Bytes::from(changed));
            let id = id(&objects, whole);
            assert!(
                ["tlog-root-differs", "tlog-bundle-differs", "tlog-object-unreadable"].contains(&id),
                "{path}: {id}"
            );
        }
    }
    assert!(Edge::load(0, &Objects::new(), empty_root()).is_ok());
    assert_eq!(Edge::load(0, &Objects::new(), whole).unwrap_err().id(), "tlog-root-differs");
}

#[test]
fn an_entry_that_is_too_long_changes_nothing() {
    let mut edge = Edge::empty();
    edge.append(b"first").unwrap();
    let before = edge.root().unwrap();
    assert_eq!(edge.append(&[0; 65_536]).unwrap_err().id(), "tlog-entry-too-long");
    assert_eq!((edge.size(), edge.root().unwrap()), (1, before));
    edge.append(&[0; 65_535]).unwrap();
    assert_eq!(edge.size(), 2);
}

#[test]
fn what_is_published_is_not_published_again() {
    let entries = entries(520);
    let mut edge = Edge::empty();
    let mut store = Objects::new();
    for (count, entry) in (1..).zip(&entries) {
        edge.append(entry).unwrap();
        if count % 7 == 0 || count == 520 {
            for (path, bytes) in edge.objects().unwrap() {
                assert!(store.insert(path.clone(), bytes).is_none(), "`{path}` twice, at {count}");
            }
            edge.mark_published();
            assert!(edge.objects().unwrap().is_empty());
        }
    }
    let expected = Expected::of(entries).unwrap();
    store.iter().for_each(|(path, bytes)| expected.check(path, bytes).unwrap());
    assert!(expected.objects().keys().all(|path| store.contains_key(path)));
}

#[test]
fn the_auditor_knows_every_partial_object_and_no_other() {
    let entries = entries(300);
    let expected = Expected::of(entries.clone()).unwrap();
    let content = |path: &str| expected.object(&path.parse().unwrap());
    for width in 1..256_u16 {
        let bundle = content(&format!("tile/entries/000.p/{width}")).unwrap();
        assert_eq!(crate::decode_bundle(&bundle, width).unwrap(), entries[..usize::from(width)]);
        assert_eq!(content(&format!("tile/0/000.p/{width}")).unwrap().len(), usize::from(width) * 32);
        assert_eq!(content(&format!("tile/0/001.p/{width}")).is_some(), width <= 44);
    }
    assert_eq!(content("tile/1/000.p/1").unwrap(), root(&leaves(&entries[..256])).0.as_slice());
    for absent in
        ["tile/0/001", "tile/1/000.p/2", "tile/1/000", "tile/2/000.p/1", "tile/entries/002.p/1", "checkpoints/3"]
    {
        assert_eq!(content(absent), None, "{absent}");
        assert_eq!(expected.check(absent, b"").unwrap_err().id(), "tlog-object-unexpected");
    }
    assert_eq!(expected.check("tile/0/000.p/1", &[0; 32]).unwrap_err().id(), "tlog-object-differs");
    assert_eq!(expected.check("tile/0/000.p/0", &[]).unwrap_err().id(), "tlog-path-unreadable");
    let too_wide = ObjectPath::Entries { index: 0, width: 257 };
    assert_eq!(expected.object(&too_wide), None);
    assert!(expected.object(&ObjectPath::Tile { level: 0, index: u64::MAX, width: 256 }).is_none());
    assert!(Expected::of([vec![0; 65_536]]).is_err());
    assert!(Expected::of(Vec::<Bytes>::new()).unwrap().objects().is_empty());
}

#[test]
fn what_cannot_be_proved_is_the_callers_mistake() {
    for fault in [
        inclusion_paths(5, 5).unwrap_err(),
        prove_inclusion(0, 0, &Objects::new()).unwrap_err(),
        consistency_paths(6, 5).unwrap_err(),
        prove_consistency(0, 5, &Objects::new()).unwrap_err(),
    ] {
        assert_eq!(fault.kind(), Kind::Caller);
    }
    assert_eq!(prove_inclusion(0, 5, &Objects::new()).unwrap_err().id(), "tlog-object-missing");
    assert_eq!(root_from_tiles(0, &Objects::new()).unwrap(), empty_root());
    // The plan for the largest tree is short too.
    assert!(inclusion_paths(0, u64::MAX).unwrap().len() <= 8 * 2);
    assert!(consistency_paths(1 << 63, u64::MAX).unwrap().len() <= 8 * 2);
    assert!(edge_paths(u64::MAX).len() == 9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn however_entries_are_grouped_the_log_is_the_same(
        lengths in prop::collection::vec(0..40_usize, 0..600), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let entries: Vec<Bytes> = lengths.iter().zip(0..=u8::MAX).map(|(length, fill)| Bytes::from(vec![fill; *length])).collect();
        let mut steps: Vec<usize> = cuts.iter().map(|cut| cut.index(entries.len() + 1)).collect();
        steps.push(entries.len());
        steps.sort_unstable();
        let mut store = Objects::new();
        publish(&mut store, &entries, steps);
        let expected = Expected::of(entries.clone()).unwrap();
        for (path, bytes) in &store {
            prop_assert!(expected.check(path, bytes).is_ok(), "{}", path);
        }
        for (path, bytes) in store_of(&entries) {
            prop_assert_eq!(store.get(&path), Some(&bytes), "{}", path);
        }
        let size = entries.len() as u64;
        for index in 0..size {
            let path = ObjectPath::entries_of(index, size).unwrap();
            prop_assert_eq!(&read_bundle(&store, &path).unwrap()[(index % 256) as usize], &entries[index as usize]);
        }
    }

    #[test]
    fn proofs_from_tiles_are_those_from_leaves(
        sizes in (1..600_usize, 1..600_usize), index: prop::sample::Index, later in 0..300_usize,
    ) {
        let (old, new) = (sizes.0.min(sizes.1), sizes.0.max(sizes.1));
        let entries = entries((new + later) as u64);
        let leaves = leaves(&entries[..new]);
        // The log has grown on: partial objects of the asked sizes may be gone, the full ones are there.
        let mut grown = store_of(&entries);
        if later % 2 == 0 {
            grown.extend(store_of(&entries[..new]));
        }
        let fetch = |paths: Vec<String>| -> Objects {
            let either = |path: &String| {
                let found = grown.get_key_value(path);
                found.or_else(|| grown.get_key_value(&crate::full_form(path)?)).map(|(path, bytes)| (path.clone(), bytes.clone()))
            };
            paths.iter().filter_map(either).collect()
        };
        let is_kept = later % 2 == 0;
        let index = index.index(new);
        let (index, old, new) = (index as u64, old as u64, new as u64);
        let paths = inclusion_paths(index, new).unwrap();
        let fetched = fetch(paths.clone());
        if is_kept || fetched.len() == paths.len() {
            prop_assert_eq!(Some(prove_inclusion(index, new, &fetched).unwrap()), inclusion_proof(&leaves, index));
        } else {
            prop_assert_eq!(prove_inclusion(index, new, &fetched).unwrap_err().id(), "tlog-object-missing");
        }
        let paths = consistency_paths(old, new).unwrap();
        let fetched = fetch(paths.clone());
        if is_kept || fetched.len() == paths.len() {
            prop_assert_eq!(Some(prove_consistency(old, new, &fetched).unwrap()), consistency_proof(&leaves, old));
        } else {
            prop_assert_eq!(prove_consistency(old, new, &fetched).unwrap_err().id(), "tlog-object-missing");
        }
    }

    #[test]
    fn another_implementation_accepts_the_proofs(sizes in (1..400_usize, 1..400_usize), index: prop::sample::Index) {
        let (old, new) = (sizes.0.min(sizes.1), sizes.0.max(sizes.1));
        let entries = entries(new as u64);
        let (store, leaves) = (store_of(&entries), leaves(&entries));
        let theirs = |hash: Hash| tlog_tiles::Hash(hash.0);
        let all = |proof: Vec<Hash>| -> Vec<tlog_tiles::Hash> { proof.into_iter().map(theirs).collect() };
        let index = index.index(new);
        let (before, after, leaf) = (root(&leaves[..old]), root(&leaves), leaves[index]);
        let (old, new, index) = (old as u64, new as u64, index as u64);
        let inclusion = all(prove_inclusion(index, new, &store).unwrap());
        prop_assert!(tlog_tiles::check_record(&inclusion, new, theirs(after), index, theirs(leaf)).is_ok());
        let consistency = all(prove_consistency(old, new, &store).unwrap());
        prop_assert!(tlog_tiles::check_tree(&consistency, new, theirs(after), old, theirs(before)).is_ok());
    }

    #[test]
    fn a_changed_tile_never_proves(size in 2..600_u64, index: prop::sample::Index, tile: prop::sample::Index, bit: prop::sample::Index) {
        let entries = entries(size);
        let (store, leaves) = (store_of(&entries), leaves(&entries));
        let index = index.index(entries.len()) as u64;
        let fetched: BTreeMap<_, _> = chosen(&store, &inclusion_paths(index, size).unwrap());
        let path = fetched.keys().nth(tile.index(fetched.len())).unwrap().clone();
        let mut changed = fetched[&path].to_vec();
        let bit = bit.index(changed.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut objects = fetched.clone();
        objects.insert(path, Bytes::from(changed));
        let (honest, proof) = (prove_inclusion(index, size, &fetched).unwrap(), prove_inclusion(index, size, &objects).unwrap());
        let found = root_from_inclusion(leaves[index as usize], index, size, &proof);
        prop_assert_eq!(found == Ok(root(&leaves)), proof == honest);
    }
}
