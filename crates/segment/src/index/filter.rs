//! A Bloom filter whose items each lie in one block: one read says whether an item may be there.

use super::{Item, Version};

/// The bytes of a block.
pub(super) const BLOCK: usize = 64;
/// The bits of the filter for each item.
const BITS_AN_ITEM: u64 = 5;

/// The bits of an item. With five bits of the filter each, two give one false answer in nine, three one in eleven; of a token, which is
/// three items, one in 780 and one in 1,290.
const fn bits_of(version: Version) -> u32 {
    match version {
        Version::First => 2,
        Version::Second => 3,
    }
}

/// The blocks for so many items out of so many raw bytes: never more than a fortieth of the raw bytes.
pub(super) fn blocks(items: usize, raw: u64) -> u32 {
    let wanted = (items as u64 * BITS_AN_ITEM).div_ceil(BLOCK as u64 * 8);
    let most = raw / 40 / BLOCK as u64;
    u32::try_from(wanted.min(most).max(1)).unwrap_or(u32::MAX)
}

/// The block of an item.
pub(super) fn block_of(item: Item, blocks: u32) -> u32 {
    u32::try_from(((item.0 >> 32) * u64::from(blocks)) >> 32).unwrap_or_default()
}

/// The places of an item's bits in its block: byte and mask.
fn bits(item: Item, version: Version) -> impl Iterator<Item = (usize, u8)> {
    (0..bits_of(version)).map(move |bit| {
        let place = (item.0 >> (9 * bit)) & 511;
        (usize::try_from(place / 8).unwrap_or_default(), 1 << (place % 8))
    })
}

pub(super) fn put(filter: &mut [u8], item: Item, blocks: u32, version: Version) {
    let start = block_of(item, blocks) as usize * BLOCK;
    for (byte, mask) in bits(item, version) {
        if let Some(byte) = filter.get_mut(start + byte) {
            *byte |= mask;
        }
    }
}

pub(super) fn may_have(block: &[u8], item: Item, version: Version) -> bool {
    bits(item, version).all(|(byte, mask)| block.get(byte).is_none_or(|byte| byte & mask != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_was_put_in_is_found_and_few_others_are() {
        let blocks = blocks(10_000, 1 << 30);
        let item = |n: u64| {
            Item(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(31))
        };
        for (version, most) in [(Version::First, 11_500), (Version::Second, 9_800)] {
            let mut filter = vec![0; blocks as usize * BLOCK];
            (0..10_000).for_each(|n| put(&mut filter, item(n), blocks, version));
            let has = |n: u64| may_have(&filter[block_of(item(n), blocks) as usize * BLOCK..], item(n), version);
            assert!((0..10_000).all(has));
            let false_ones = (10_000..110_000).filter(|n| has(*n)).count();
            assert!(false_ones < most, "{version:?}: {false_ones} of 100,000");
        }
    }

    #[test]
    fn it_never_grows_beyond_its_share() {
        assert_eq!(blocks(0, 0), 1);
        assert_eq!(blocks(1_000_000, 64 * 40), 1);
        assert_eq!(blocks(1_000, 1 << 30), 10);
    }
}
