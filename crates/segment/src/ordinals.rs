//! Which records of a segment: ordinals as runs, in their order.

use serde::{Deserialize, Serialize};

/// Ordinals of a segment's records, as runs of a first one and a count. There is one way to write each set: runs rise, none is
/// empty, and none begins where the one before it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub struct Ordinals(Vec<(u32, u32)>);

impl TryFrom<Vec<(u32, u32)>> for Ordinals {
    type Error = &'static str;

    fn try_from(runs: Vec<(u32, u32)>) -> Result<Self, Self::Error> {
        let mut free = None;
        for (first, count) in &runs {
            let end = first.checked_add(*count).filter(|end| end > first);
            let is_behind = free.is_none_or(|free| *first > free);
            let (Some(end), true) = (end, is_behind) else { return Err("ordinals that are no rising runs") };
            free = Some(end);
        }
        Ok(Self(runs))
    }
}

impl From<Ordinals> for Vec<(u32, u32)> {
    fn from(ordinals: Ordinals) -> Self {
        ordinals.0
    }
}

impl FromIterator<u32> for Ordinals {
    fn from_iter<I: IntoIterator<Item = u32>>(ordinals: I) -> Self {
        let mut all: Vec<u32> = ordinals.into_iter().filter(|ordinal| *ordinal < u32::MAX).collect();
        all.sort_unstable();
        all.dedup();
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for ordinal in all {
            match runs.last_mut() {
                Some((first, count)) if *first + *count == ordinal => *count += 1,
                _ => runs.push((ordinal, 1)),
            }
        }
        Self(runs)
    }
}

impl Ordinals {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The runs.
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// The one behind the last; 0 where there is none.
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |(first, count)| first.saturating_add(*count))
    }

    /// Each of them, rising.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(first, count)| *first..first.saturating_add(*count))
    }

    /// Whether one is among them.
    pub fn contains(&self, ordinal: u32) -> bool {
        self.meets(ordinal, 1)
    }

    /// Whether any of a run is among them.
    pub fn meets(&self, first: u32, count: u32) -> bool {
        let end = first.saturating_add(count);
        let before = self.0.partition_point(|(own, count)| own.saturating_add(*count) <= first);
        count > 0 && self.0.get(before).is_some_and(|(own, _)| *own < end)
    }

    /// Those that are in one of both.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// Those that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.iter().filter(|ordinal| !other.contains(*ordinal)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_in_one_way() {
        let set: Ordinals = [7, 1, 2, 2, 3, 9, 65_535].into_iter().collect();
        assert_eq!(set.runs(), [(1, 3), (7, 1), (9, 1), (65_535, 1)]);
        assert_eq!((set.len(), set.end()), (6, 65_536));
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 3, 7, 9, 65_535]);
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, "[[1,3],[7,1],[9,1],[65535,1]]");
        assert_eq!(serde_json::from_str::<Ordinals>(&text).unwrap(), set);
        for other in ["[[1,0]]", "[[1,2],[3,1]]", "[[1,2],[2,1]]", "[[5,1],[1,1]]", "[[4294967295,2]]"] {
            assert!(serde_json::from_str::<Ordinals>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_in_it_is_told_from_what_is_not() {
        let set: Ordinals = [1, 2, 3, 7].into_iter().collect();
        for ordinal in 0..10 {
            assert_eq!(set.contains(ordinal), [1, 2, 3, 7].contains(&ordinal), "{ordinal}");
        }
        assert!(set.meets(4, 4) && set.meets(0, 2) && !set.meets(4, 3) && !set.meets(8, u32::MAX) && !set.meets(2, 0));
        let other: Ordinals = [3, 4].into_iter().collect();
        assert_eq!(set.with(&other).runs(), [(1, 4), (7, 1)]);
        assert_eq!(set.without(&other).runs(), [(1, 2), (7, 1)]);
        assert!(Ordinals::default().is_empty() && Ordinals::default().end() == 0);
    }
}
