//! Known answers, properties, and the vectors of transparency-dev/merkle where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// The Merkle Tree Hash word for word as RFC 9162 writes it.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// The leaves that the tests of Certificate Transparency's implementations share, and the roots of their trees.
const CT_LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const CT_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn roots_are_the_known_ones() {
    let leaves: Vec<Hash> = CT_LEAVES.iter().map(|hex| leaf_hash(&bytes_of(hex))).collect();
    for (size, expected) in CT_ROOTS.iter().enumerate() {
        assert_eq!(root(&leaves[..size]).to_string(), *expected, "size {size}");
    }
}

#[test]
fn parts_hash_as_the_whole() {
    assert_eq!(leaf_hash_parts(&[b"ab", b"", b"c"]), leaf_hash(b"abc"));
    assert_eq!(leaf_hash_parts(&[]), leaf_hash(b""));
}

#[test]
fn a_hash_has_one_text() {
    let hash = leaf_hash(b"x");
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(hash.to_string().to_uppercase().parse::<Hash>(), Err(NotAHash));
    assert_eq!("00".parse::<Hash>(), Err(NotAHash));
    assert_eq!("é".repeat(32).parse::<Hash>(), Err(NotAHash));
}

#[test]
fn every_proof_of_small_trees_verifies_and_no_other_does() {
    let leaves = leaves(24);
    for size in 1..=24_usize {
        let (tree, whole) = (&leaves[..size], naive_root(&leaves[..size]));
        assert_eq!(root(tree), whole);
        for index in 0..size {
            let proof = inclusion_proof(tree, index as u64).unwrap();
            for other in 0..size {
                let found = root_from_inclusion(leaves[index], other as u64, size as u64, &proof);
                assert_eq!(found == Ok(whole), other == index, "leaf {index} as {other} of {size}");
            }
            for other in (1..=24).filter(|other| *other != size) {
                let found = root_from_inclusion(leaves[index], index as u64, other as u64, &proof);
                assert_ne!(found, Ok(naive_root(&leaves[..other])), "leaf {index} of {size} as of {other}");
            }
        }
        for old in 1..=size {
            let proof = consistency_proof(tree, old as u64).unwrap();
            for other in 0..=size {
                let verdict = verify_consistency(other as u64, root(&leaves[..other]), size as u64, whole, &proof);
                let is_same_claim = other == old || (proof.is_empty() && other == size);
                assert_eq!(verdict.is_ok(), is_same_claim, "{old} as {other} of {size}");
            }
        }
    }
}

#[test]
fn what_cannot_be_is_an_error_at_any_size() {
    let hash = leaf_hash(b"x");
    let many = vec![hash; 200];
    assert_eq!(inclusion_proof(&[], 0), None);
    assert_eq!(inclusion_proof(&many, 200), None);
    assert_eq!(inclusion_proof(&many, u64::MAX), None);
    assert_eq!(consistency_proof(&many, 201), None);
    assert_eq!(root_from_inclusion(hash, 0, 0, &[]), Err(ProofError::NoSuchLeaf { index: 0, size: 0 }));
    for index in [0, 1, u64::MAX / 2, u64::MAX - 1] {
        let fitting = inclusion_ranges(index, u64::MAX).unwrap().len();
        for length in [0, fitting - 1, fitting, fitting + 1, 200] {
            let found = root_from_inclusion(hash, index, u64::MAX, &many[..length]);
            assert_eq!(found.is_ok(), length == fitting, "index {index}, {length} hashes");
        }
    }
    for old in [1, 2, 3, 1 << 63, u64::MAX - 1] {
        let fitting = consistency_ranges(old, u64::MAX).unwrap().len();
        for length in [0, fitting - 1, fitting, fitting + 1, 200].into_iter().filter(|length| *length <= 200) {
            let verdict = verify_consistency(old, hash, u64::MAX, hash, &many[..length]);
            let is_length = matches!(verdict, Err(ProofError::Length { .. }));
            assert_eq!(is_length, length != fitting, "old {old}, {length} hashes: {verdict:?}");
        }
    }
    assert_eq!(verify_consistency(2, hash, 1, hash, &[]), Err(ProofError::Shrunk { old: 2, new: 1 }));
    assert_eq!(verify_consistency(0, hash, 0, hash, &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(0, empty_root(), 0, empty_root(), &[]), Ok(()));
    assert_eq!(verify_consistency(0, empty_root(), 9, hash, &[]), Err(ProofError::Empty));
    assert_eq!(verify_consistency(0, empty_root(), 0, empty_root(), &[hash]), Err(ProofError::Length { found: 1 }));
    assert_eq!(consistency_proof(&many, 0), None);
}

/// One way to spoil a proof.
#[derive(Clone, Debug)]
enum Harm {
    Flip { node: prop::sample::Index, bit: usize },
    Drop(prop::sample::Index),
    Add(prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        (any::<prop::sample::Index>(), 0..256_usize).prop_map(|(node, bit)| Harm::Flip { node, bit }),
        any::<prop::sample::Index>().prop_map(Harm::Drop),
        any::<prop::sample::Index>().prop_map(Harm::Add),
    ]
}

/// The proof after the harm; where there is no node to flip or drop, one is added.
fn spoil(proof: &[Hash], harm: &Harm) -> Vec<Hash> {
    let mut proof = proof.to_vec();
    match harm {
        Harm::Flip { node, bit } if !proof.is_empty() => {
            let node = node.index(proof.len());
            proof[node].0[bit / 8] ^= 1 << (bit % 8);
        }
        Harm::Drop(node) if !proof.is_empty() => {
            proof.remove(node.index(proof.len()));
        }
        Harm::Add(node) => proof.insert(node.index(proof.len() + 1), leaf_hash(b"added")),
        Harm::Flip { .. } | Harm::Drop(_) => proof.push(leaf_hash(b"added")),
    }
    proof
}

#[test]
fn a_tree_level_by_level_gives_the_same_proofs() {
    for size in (0..70).chain([127, 128, 129, 300]) {
        let (leaves, tree) = (leaves(size), Levels::of(leaves(size)));
        assert_eq!(tree.root(), root(&leaves), "{size}");
        for index in 0..=size {
            assert_eq!(tree.inclusion_proof(index), inclusion_proof(&leaves, index), "{index} of {size}");
        }
        assert_eq!(tree.inclusion_proof(u64::MAX), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_builder_agrees_with_the_definition(size in 0..700_u64) {
        let leaves = leaves(size);
        prop_assert_eq!(root(&leaves), naive_root(&leaves));
    }

    #[test]
    fn an_inclusion_proof_verifies_and_a_spoilt_one_does_not(
        size in 1..700_u64, index: prop::sample::Index, other in 0..800_u64, bit in 0..256_usize, harm in harm(),
    ) {
        let leaves = leaves(size);
        let index = index.index(leaves.len());
        let (leaf, whole) = (leaves[index], root(&leaves));
        let index = index as u64;
        let proof = inclusion_proof(&leaves, index).unwrap();
        prop_assert_eq!(root_from_inclusion(leaf, index, size, &proof), Ok(whole));
        prop_assert_ne!(root_from_inclusion(leaf, index, size, &spoil(&proof, &harm)), Ok(whole));
        if other != index {
            prop_assert_ne!(root_from_inclusion(leaf, other, size, &proof), Ok(whole));
        }
        let mut changed = leaf;
        changed.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(root_from_inclusion(changed, index, size, &proof), Ok(whole));
    }

    #[test]
    fn a_consistency_proof_verifies_and_a_spoilt_one_does_not(
        new in 1..700_u64, old: prop::sample::Index, other in 0..800_u64, bit in 0..256_usize, harm in harm(),
    ) {
        let leaves = leaves(new);
        let old = 1 + old.index(leaves.len());
        let (before, after) = (root(&leaves[..old]), root(&leaves));
        let old = old as u64;
        let proof = consistency_proof(&leaves, old).unwrap();
        prop_assert_eq!(verify_consistency(old, before, new, after, &proof), Ok(()));
        prop_assert!(verify_consistency(old, before, new, after, &spoil(&proof, &harm)).is_err());
        if other != old {
            prop_assert!(verify_consistency(other, before, new, after, &proof).is_err(), "{} as {}", old, other);
        }
        let flipped = |hash: Hash| {
            let mut hash = hash;
            hash.0[bit / 8] ^= 1 << (bit % 8);
            hash
        };
        prop_assert!(verify_consistency(old, flipped(before), new, after, &proof).is_err());
        prop_assert!(verify_consistency(old, before, new, flipped(after), &proof).is_err());
    }

    #[test]
    fn any_input_is_answered(
        index: u64, size: u64, old: u64, new: u64, length in 0..130_usize,
    ) {
        let proof = vec![leaf_hash(b"x"); length];
        let fits = inclusion_ranges(index, size).is_some_and(|ranges| ranges.len() == length);
        prop_assert_eq!(root_from_inclusion(proof.first().copied().unwrap_or(empty_root()), index, size, &proof).is_ok(), fits);
        prop_assert!(old == new || verify_consistency(old, empty_root(), new, empty_root(), &proof).is_err());
    }
}

fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: the vectors need ../shared/data/{folder}");
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

fn hash_of(text: &str) -> Option<Hash> {
    Some(Hash(BASE64_STANDARD.decode(text).ok()?.try_into().ok()?))
}

/// A root of a vector. Where sizes alone decide, the vectors have a placeholder of another length ("don't care 1"): any
/// hash stands for it, the same for the same text.
fn root_of(text: &str) -> Hash {
    hash_of(text).unwrap_or_else(|| leaf_hash(text.as_bytes()))
}

fn hashes_of(texts: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    texts.map_or(Some(Vec::new()), |texts| texts.iter().map(|text| hash_of(text)).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[test]
fn inclusion_vectors() {
    let Some(folder) = shared("tlog/merkle/inclusion") else { return };
    let mut found = Vec::new();
    files(&folder, &mut found);
    let (mut passed, mut refused) = (0, 0);
    for path in found {
        let vector: Inclusion = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let verdict = (|| {
            let proof = hashes_of(vector.proof.as_ref())?;
            let leaf = hash_of(&vector.leaf_hash)?;
            let found = root_from_inclusion(leaf, vector.leaf_idx, vector.tree_size, &proof).ok()?;
            (found == hash_of(&vector.root)?).then_some(())
        })();
        assert_eq!(verdict.is_none(), vector.want_err, "{}", path.display());
        *(if vector.want_err { &mut refused } else { &mut passed }) += 1;
    }
    assert!(passed > 3 && refused > 50, "{passed} passed and {refused} refused");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[test]
fn consistency_vectors() {
    let Some(folder) = shared("tlog/merkle/consistency") else { return };
    let mut found = Vec::new();
    files(&folder, &mut found);
    let (mut passed, mut refused) = (0, 0);
    for path in found {
        let vector: Consistency = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let verdict = (|| {
            let proof = hashes_of(vector.proof.as_ref())?;
            let (before, after) = (root_of(&vector.root1), root_of(&vector.root2));
            verify_consistency(vector.size1, before, vector.size2, after, &proof).ok()
        })();
        assert_eq!(verdict.is_none(), vector.want_err, "{}", path.display());
        *(if vector.want_err { &mut refused } else { &mut passed }) += 1;
    }
    assert!(passed > 3 && refused > 50, "{passed} passed and {refused} refused");
}
