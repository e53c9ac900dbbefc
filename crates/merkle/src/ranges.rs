//! Which subtrees a proof is made of, without their hashes: who holds all leaves and who reads tiles ask the same.

use std::ops::Range;

/// The largest power of two below `size`, where RFC 9162 splits a tree; `size` is at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The leaves under each node of an inclusion proof, from the leaf's sibling to the root's child: PATH of RFC 9162,
/// section 2.1.3.1. `None` where the tree has no such leaf.
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The leaves under each node of a consistency proof, in the proof's order: SUBPROOF of RFC 9162, section 2.1.4.1.
/// `None` where the old tree is larger than the new one, or empty while the new one is not: there is nothing to prove.
/// From a tree to itself the proof is empty.
pub fn consistency_ranges(old: u64, new: u64) -> Option<Vec<Range<u64>>> {
    if old == new {
        return Some(Vec::new());
    }
    if old > new || old == 0 {
        return None;
    }
    let (mut start, mut end) = (0, new);
    let mut ranges = Vec::new();
    // Whether the subtree in hand is the old tree itself, whose root the verifier has.
    let mut is_old_tree = true;
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
            is_old_tree = false;
        }
    }
    if !is_old_tree {
        ranges.push(start..end);
    }
    ranges.reverse();
    Some(ranges)
}

/// The perfect subtrees that the leaves of a subtree fall into, left to right, each with its height and its place among
/// the subtrees of that height: leaves `8..13` are `(2, 2)` and `(0, 12)`. The range must be one that this module gives,
/// or start at 0.
pub fn perfect_subtrees(range: Range<u64>) -> Vec<(u32, u64)> {
    let mut subtrees = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let height = 63 - (range.end - start).leading_zeros();
        subtrees.push((height, start >> height));
        start += 1 << height;
    }
    subtrees
}
