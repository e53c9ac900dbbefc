//! The draw of a sample: a rule that anybody can repeat.
//!
//! Of each name in the list, `SHA-256(seed ‖ 0x00 ‖ name)`, the name being `<segment>:<ordinal>`; the names are put in the
//! order of these hashes, and the first are taken. Who does not know the seed cannot prefer a record; who chooses the seed
//! after looking at the records can.

use sha2::{Digest, Sha256};
use shoseki_event::RecordId;

/// The names that a seed draws, in the order of their hashes; all where there are no more than `take`.
pub fn draw(names: &[RecordId], seed: &str, take: u64) -> Vec<RecordId> {
    let place = |id: &RecordId| -> ([u8; 32], RecordId) {
        let mut hasher = Sha256::new();
        hasher.update(seed.as_bytes());
        hasher.update([0]);
        hasher.update(id.to_string().as_bytes());
        (hasher.finalize().into(), *id)
    };
    let mut places: Vec<([u8; 32], RecordId)> = names.iter().map(place).collect();
    places.sort_unstable();
    places.truncate(usize::try_from(take).unwrap_or(usize::MAX));
    places.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use shoseki_event::SegmentId;

    use super::*;

    fn names() -> Vec<RecordId> {
        (0..8).map(|ordinal| RecordId { segment: SegmentId([0xab; 16]), ordinal }).collect()
    }

    /// For ever: samples were drawn so. By hand: `printf '2026-Q3\0%s' abab…:5 | sha256sum`.
    #[test]
    fn a_draw_is_golden() {
        let drawn = |seed: &str, take| -> Vec<u32> { draw(&names(), seed, take).iter().map(|id| id.ordinal).collect() };
        assert_eq!(drawn("2026-Q3", 3), GOLDEN);
        assert_eq!(drawn("2026-Q3", 99).len(), 8);
        assert_ne!(drawn("2026-Q4", 3), GOLDEN);
        assert!(drawn("2026-Q3", 0).is_empty() && draw(&[], "x", 3).is_empty());
        let mut turned = names();
        turned.reverse();
        assert_eq!(draw(&turned, "2026-Q3", 3), draw(&names(), "2026-Q3", 3), "the order of the list does not matter");
    }
    const GOLDEN: [u32; 3] = [0, 3, 1];
}
