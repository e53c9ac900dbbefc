//! Names and paths of members that a parser looks for among many that it does not: maps that say no at once.
//!
//! Most keys of an event are none of those that are looked for. Whether any of these has a key's length and last letter is
//! cheaper to ask than a hash.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Names are shorter than this, or are looked up in any case.
const LONGEST: usize = 32;

/// The lengths and the last letters of names: for each length the letters, a bit each.
#[derive(Debug, Default)]
struct Ends([u64; LONGEST]);

impl Ends {
    fn add(&mut self, name: &str) {
        if let (Some(ends), Some(last)) = (self.0.get_mut(name.len()), name.as_bytes().last()) {
            *ends |= 1 << (last & 63);
        }
    }

    /// Whether a name may be one of them.
    #[inline]
    fn may_be(&self, name: &str) -> bool {
        match (self.0.get(name.len()), name.as_bytes().last()) {
            (Some(ends), Some(last)) => ends >> (last & 63) & 1 == 1,
            _ => true,
        }
    }
}

/// What names stand for.
#[derive(Debug)]
pub(crate) struct Keys<T> {
    known: HashMap<&'static str, T, FixedState>,
    ends: Ends,
}

impl<T> Keys<T> {
    /// What the name stands for.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        if self.ends.may_be(name) { self.known.get(name) } else { None }
    }

    /// What the name stands for, put there where it is not yet.
    pub(crate) fn entry(&mut self, name: &'static str) -> &mut T
    where
        T: Default,
    {
        self.ends.add(name);
        self.known.entry(name).or_default()
    }
}

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self { known: HashMap::default(), ends: Ends::default() }
    }
}

/// What paths stand for: `user.name` is the member `name` of an object `user`, and as well a member that is itself called so,
/// or any mixture of both.
#[derive(Debug)]
pub(crate) struct Tree<T> {
    values: Keys<T>,
    objects: Keys<Self>,
    /// Of the paths with dots to values, and to objects.
    dotted: (Ends, Ends),
}

impl<T: Default> Tree<T> {
    /// What a member stands for.
    #[inline]
    pub(crate) fn value(&self, key: &str) -> Option<&T> {
        if let Some(value) = self.values.get(key) {
            return Some(value);
        }
        if !self.dotted.0.may_be(key) {
            return None;
        }
        let (object, rest) = key.split_once('.')?;
        self.objects.get(object)?.value(rest)
    }

    /// What is below a member that is an object; nothing where nothing there is looked for.
    #[inline]
    pub(crate) fn object(&self, key: &str) -> Option<&Self> {
        if let Some(below) = self.objects.get(key) {
            return Some(below);
        }
        if !self.dotted.1.may_be(key) {
            return None;
        }
        let (object, rest) = key.split_once('.')?;
        self.objects.get(object)?.object(rest)
    }
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self { values: Keys::default(), objects: Keys::default(), dotted: (Ends::default(), Ends::default()) }
    }
}

impl<T: Default> FromIterator<(&'static str, T)> for Tree<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(all: I) -> Self {
        let mut tree = Self::default();
        for (path, value) in all {
            let (mut at, mut rest) = (&mut tree, path);
            while let Some((key, below)) = rest.split_once('.') {
                at.dotted.0.add(rest);
                for (dot, _) in rest.match_indices('.').skip(1) {
                    at.dotted.1.add(rest.get(..dot).unwrap_or_default());
                }
                (at, rest) = (at.objects.entry(key), below);
            }
            *at.values.entry(rest) = value;
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_length() {
        let long = "a-name-that-is-longer-than-what-is-asked-first";
        let mut keys = Keys::default();
        for (name, value) in [("", 1), ("a", 2), ("ab", 3), (long, 4)] {
            *keys.entry(name) = value;
        }
        assert_eq!(["", "a", "ab", long].map(|name| keys.get(name).copied()), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(["b", "bb", "abc", "証"].map(|name| keys.get(name).copied()), [None; 4]);
    }

    #[test]
    fn a_path_is_found_however_it_is_nested() {
        let tree: Tree<u8> = [("user", 1), ("user.name", 2), ("http.response.status_code", 3)].into_iter().collect();
        let nested = |objects: &[&str], key: &str| {
            let below = objects.iter().try_fold(&tree, |tree, object| tree.object(object));
            below.and_then(|tree| tree.value(key)).copied()
        };
        assert_eq!(
            (nested(&[], "user"), nested(&[], "user.name"), nested(&["user"], "name")),
            (Some(1), Some(2), Some(2))
        );
        for objects in [&["http", "response"][..], &["http.response"]] {
            assert_eq!(nested(objects, "status_code"), Some(3));
        }
        assert_eq!(
            (nested(&["http"], "response.status_code"), nested(&[], "http.response.status_code")),
            (Some(3), Some(3))
        );
        for (objects, key) in
            [(&[][..], "name"), (&["user"], "user"), (&["http"], "response"), (&[], "user."), (&[], ".")]
        {
            assert_eq!(nested(objects, key), None, "{objects:?} {key}");
        }
        assert!(tree.object("request").is_none() && tree.object("user.name").is_none());
    }
}
