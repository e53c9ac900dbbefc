//! The salts of a segment's leaves: a tree of seeds, so that one record's salt can be destroyed and its neighbours' kept.
//!
//! ```text
//! node of depth 0          the segment's secret, 32 random bytes
//! left child of s          SHA-256(0x10 ‖ s)
//! right child of s         SHA-256(0x11 ‖ s)
//! salt of ordinal i        SHA-256(0x12 ‖ the node of depth 16 that i's sixteen bits lead to, most significant first)
//! ```
//!
//! To erase a record, its path's nodes are forgotten and only the siblings along it kept: a list of [`Seed`]s that covers
//! all ordinals but the erased ones.

use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use shoseki_event::Salt;
use shoseki_messages::{Fault, Result, msg};

use crate::Ordinals;

/// The depth of the tree: 2¹⁶ leaves, the most records that a segment holds.
pub const SEED_DEPTH: u8 = 16;

/// A node of the tree: everything below it can be derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// 0 for the root.
    pub depth: u8,
    /// Its place among the nodes of its depth, from the left.
    pub index: u32,
    /// The secret.
    pub value: [u8; 32],
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seed({}/{}, …)", self.depth, self.index) // never the secret
    }
}

/// What is left of a segment's secret: one root, or the siblings around what was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<Seed>);

fn derive(tag: u8, seed: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update([tag]);
    hasher.update(seed);
    hasher.finalize().into()
}

impl Seeds {
    /// A new secret from the system's random numbers.
    ///
    /// # Errors
    /// The world's failure where the system gives none.
    pub fn fresh() -> Result<Self> {
        let mut value = [0; 32];
        SystemRandom::new().fill(&mut value).map_err(|_| Fault::world(msg!("segment-no-random")))?;
        Ok(Self(vec![Seed { depth: 0, index: 0, value }]))
    }

    /// Whether each is a node of the tree, and all together cover no more ordinals than there are: what is derived from them
    /// is then bounded.
    pub(crate) fn are_within_bounds(&self) -> bool {
        let mut covered = 0_u64;
        for seed in &self.0 {
            if seed.depth > SEED_DEPTH || u64::from(seed.index) >> seed.depth != 0 {
                return false;
            }
            covered += 1 << (SEED_DEPTH - seed.depth);
        }
        covered <= 1 << SEED_DEPTH
    }

    /// The salt of one ordinal; `None` where it was erased or is out of range.
    pub fn salt(&self, ordinal: u32) -> Option<Salt> {
        let seed = self.0.iter().find(|seed| covers(seed, ordinal))?;
        let mut value = seed.value;
        for depth in seed.depth..SEED_DEPTH {
            let is_right = ordinal >> (SEED_DEPTH - 1 - depth) & 1 == 1;
            value = derive(if is_right { 0x11 } else { 0x10 }, &value);
        }
        Some(derive(0x12, &value))
    }

    /// The salts of the ordinals 0 to `count` − 1, each node derived once.
    pub fn salts(&self, count: u32) -> Vec<Option<Salt>> {
        let mut salts = vec![None; count as usize];
        let mut stack: Vec<Seed> = self.0.clone();
        while let Some(seed) = stack.pop() {
            if seed.depth > SEED_DEPTH {
                continue;
            }
            let first = u64::from(seed.index) << (SEED_DEPTH - seed.depth);
            if first >= u64::from(count) {
                continue;
            }
            if seed.depth == SEED_DEPTH {
                salts[seed.index as usize] = Some(derive(0x12, &seed.value));
                continue;
            }
            for (tag, side) in [(0x10, 0), (0x11, 1)] {
                stack.push(Seed {
                    depth: seed.depth + 1,
                    index: seed.index * 2 + side,
                    value: derive(tag, &seed.value),
                });
            }
        }
        salts
    }

    /// Whether all salts can be derived: nothing was forgotten.
    pub(crate) fn are_whole(&self) -> bool {
        matches!(self.0.as_slice(), [Seed { depth: 0, .. }])
    }

    /// The seeds that still give all salts but those of `ordinals`.
    #[must_use]
    pub fn without(&self, ordinals: &Ordinals) -> Self {
        let (mut kept, mut stack) = (Vec::new(), self.0.clone());
        stack.reverse();
        while let Some(seed) = stack.pop() {
            let below = 1_u32 << (SEED_DEPTH - seed.depth.min(SEED_DEPTH));
            if !ordinals.meets(seed.index.saturating_mul(below), below) {
                kept.push(seed);
            } else if seed.depth < SEED_DEPTH {
                for (tag, side) in [(0x11, 1), (0x10, 0)] {
                    let (depth, index) = (seed.depth + 1, seed.index * 2 + side);
                    stack.push(Seed { depth, index, value: derive(tag, &seed.value) });
                }
            }
        }
        Self(kept)
    }
}

fn covers(seed: &Seed, ordinal: u32) -> bool {
    ordinal < 1 << SEED_DEPTH && seed.depth <= SEED_DEPTH && ordinal >> (SEED_DEPTH - seed.depth) == seed.index
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Seeds {
        Seeds(vec![Seed { depth: 0, index: 0, value: [9; 32] }])
    }

    /// Sealed for ever: every leaf depends on it.
    #[test]
    fn salts_are_golden() {
        let salt = known().salt(0b1010_0000_0000_0001).unwrap();
        let mut by_hand = [9; 32];
        for bit in [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] {
            by_hand = derive(0x10 + bit, &by_hand);
        }
        assert_eq!(salt, derive(0x12, &by_hand));
        assert_eq!(hex::encode(&salt[..8]), GOLDEN);
    }
    const GOLDEN: &str = "de37b860b98f2681";

    #[test]
    fn all_at_once_is_the_same_as_one_by_one() {
        let salts = known().salts(1_000);
        for ordinal in [0, 1, 2, 511, 512, 999] {
            assert_eq!(salts[ordinal as usize], known().salt(ordinal));
        }
    }

    #[test]
    fn an_erased_salt_is_gone_and_its_neighbours_stay() {
        let of = |all: &[u32]| all.iter().copied().collect::<Ordinals>();
        let left = known().without(&of(&[7])).without(&of(&[700]));
        assert_eq!(left, known().without(&of(&[7, 700])), "at once or one by one");
        assert!(known().are_whole() && !left.are_whole());
        let nothing = known().without(&(0..65_536).collect());
        assert!(nothing.0.is_empty() && !nothing.are_whole());
        let salts = left.salts(1_000);
        for ordinal in 0..1_000_u32 {
            let expected = (ordinal != 7 && ordinal != 700).then(|| known().salt(ordinal)).flatten();
            assert_eq!(salts[ordinal as usize], expected, "{ordinal}");
            assert_eq!(left.salt(ordinal), expected, "{ordinal}");
        }
        assert!(known().salt(65_536).is_none());
    }
}
