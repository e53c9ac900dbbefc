//! Names and paths of members that a parser looks for among many that it does not: maps that say no at once.
//!
//! Most keys of an event are none of those that are looked for. Whether any of these has a key's length and last letter is
//! cheaper to ask than a hash. The hash is of a name's ends and its length: names are few, and known when this is written.

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

/// How many places there are for each name: with so many, the first that is looked at is mostly the right one, or free.
const ROOM: usize = 4;

/// What names stand for.
#[derive(Debug)]
pub(crate) struct Keys<T> {
    known: Vec<(&'static str, Mark, T)>,
    /// At the place of a name's hash, or behind it, its number in `known` and one; 0 where nothing is. As many as a power of two.
    places: Vec<u16>,
    ends: Ends,
}

impl<T> Keys<T> {
    /// What the name stands for.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        if !self.ends.may_be(name) {
            return None;
        }
        let mark = Mark::of(name);
        let mut at = mark.hash();
        loop {
            // Most places are free, so that one comes.
            let number = *self.places.get(at & self.places.len().wrapping_sub(1))?;
            let (known, known_mark, value) = self.known.get(usize::from(number).checked_sub(1)?)?;
            if *known_mark == mark && (name.len() <= 8 || *known == name) {
                return Some(value);
            }
            at += 1;
        }
    }

    /// What the name stands for, put there where it is not yet.
    pub(crate) fn entry(&mut self, name: &'static str) -> &mut T
    where
        T: Default,
    {
        self.ends.add(name);
        let at = self.known.iter().position(|(known, ..)| *known == name).unwrap_or(self.known.len());
        if at == self.known.len() {
            self.known.push((name, Mark::of(name), T::default()));
            self.place();
        }
        &mut self.known[at].2
    }

    /// Finds each name its place.
    fn place(&mut self) {
        let count = (self.known.len() * ROOM).next_power_of_two();
        self.places = vec![0; count];
        for (number, (_, mark, _)) in (1..).zip(&self.known) {
            let free = (mark.hash()..).map(|at| at & (count - 1)).find(|at| self.places[*at] == 0);
            if let Some(free) = free {
                self.places[free] = number;
            }
        }
    }
}

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self { known: Vec::new(), places: Vec::new(), ends: Ends::default() }
    }
}

/// A name's length, and its first and its last four bytes, or all of a shorter one: of a name of eight bytes at most, all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    length: usize,
    ends: u64,
}

impl Mark {
    #[inline]
    fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
        let ends = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => half(first) << 32 | half(last),
            _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
        };
        Self { length: bytes.len(), ends }
    }

    /// A number that two names mostly do not share.
    #[inline]
    fn hash(self) -> usize {
        let mixed = (self.ends ^ (self.length as u64) << 29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 40) as usize
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
    fn names_that_are_alike_are_told_apart() {
        let names = ["user.name", "user_name", "user-name", "usr1.name", "user.nome", "name", "nam", "eman"];
        let mut keys = Keys::default();
        for (number, name) in names.iter().enumerate() {
            *keys.entry(name) = number;
            *keys.entry(names[0]) = 0; // what is there stays there
        }
        for (number, name) in names.iter().enumerate() {
            assert_eq!(keys.get(name).copied(), Some(number), "{name}");
        }
        assert_eq!(["userrname", "user:name", "mane", "amen"].map(|name| keys.get(name).copied()), [None; 4]);
        assert_eq!(Keys::<u8>::default().get("name"), None);
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
