//! Names of members that a parser looks for among many that it does not: a map that says no at once.
//!
//! Most keys of an event are none of those that are looked for. Whether any of these has a key's length and last letter is
//! cheaper to ask than a hash.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Names are shorter than this, or are looked up in any case.
const LONGEST: usize = 32;

/// What names stand for.
#[derive(Debug)]
pub(crate) struct Keys<T> {
    known: HashMap<&'static str, T, FixedState>,
    /// The last letters that names of each length have, a bit each.
    ends: [u64; LONGEST],
}

impl<T> Keys<T> {
    /// What the name stands for.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        if let (Some(ends), Some(last)) = (self.ends.get(name.len()), name.as_bytes().last())
            && ends >> (last & 63) & 1 == 0
        {
            return None;
        }
        self.known.get(name)
    }

    /// What the name stands for, put there where it is not yet.
    pub(crate) fn entry(&mut self, name: &'static str) -> &mut T
    where
        T: Default,
    {
        if let (Some(ends), Some(last)) = (self.ends.get_mut(name.len()), name.as_bytes().last()) {
            *ends |= 1 << (last & 63);
        }
        self.known.entry(name).or_default()
    }
}

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self { known: HashMap::default(), ends: [0; LONGEST] }
    }
}

impl<T: Default> FromIterator<(&'static str, T)> for Keys<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(all: I) -> Self {
        let mut keys = Self::default();
        for (name, value) in all {
            *keys.entry(name) = value;
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_length() {
        let long = "a-name-that-is-longer-than-what-is-asked-first";
        let keys: Keys<u8> = [("", 1), ("a", 2), ("ab", 3), (long, 4)].into_iter().collect();
        assert_eq!(["", "a", "ab", long].map(|name| keys.get(name).copied()), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(["b", "bb", "abc", "証"].map(|name| keys.get(name).copied()), [None; 4]);
    }
}
