//! A pool of events, of which so many are kept: those with the smallest hashes. Whatever the order and the parts in which
//! they come, the same are kept.

use std::collections::BTreeMap;

use ring::digest::{Context, SHA256};

/// The most different events that are kept.
pub(super) const MOST_EVENTS: usize = 20_000;
/// The most bytes of them.
const MOST_BYTES: usize = 48 << 20;
/// The longest raw event of which fields are taken, in bytes; of a longer one only what was asked for by name.
const LONGEST_EVENT: usize = 1 << 20;
/// The longest value that is told apart from others, in bytes.
pub(super) const LONGEST_VALUE: usize = 128;

/// What is looked at of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    /// The raw event, where its own fields are.
    pub(crate) raw: Option<Box<[u8]>>,
    /// Values that were computed, in their order.
    pub(crate) values: Vec<Option<Box<str>>>,
}

/// A hash of what an event is.
type Hash = [u8; 16];

/// A pool of events.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    kept: BTreeMap<Hash, (Looked, u64)>,
    bytes: usize,
    /// From this hash on nothing is kept.
    end: Option<Hash>,
}

impl Pool {
    /// Takes an event: its raw bytes and its values.
    pub(crate) fn take<'v>(&mut self, raw: Option<&[u8]>, values: impl Iterator<Item = Option<&'v str>> + Clone) {
        let raw = raw.filter(|raw| raw.len() <= LONGEST_EVENT);
        let hash = hash_of(raw, values.clone());
        if self.end.is_some_and(|end| hash >= end) {
            return;
        }
        if let Some((_, times)) = self.kept.get_mut(&hash) {
            *times += 1;
            return;
        }
        let looked = Looked {
            raw: raw.map(Into::into),
            values: values.map(|value| value.map(|value| bounded(value).into())).collect(),
        };
        self.keep(hash, looked, 1);
    }

    /// Takes what another pool has.
    pub(crate) fn join(&mut self, other: Self) {
        if let Some(end) = other.end {
            self.end_at(end);
        }
        for (hash, (looked, times)) in other.kept {
            if self.end.is_some_and(|end| hash >= end) {
                break;
            }
            match self.kept.get_mut(&hash) {
                Some((_, known)) => *known += times,
                None => self.keep(hash, looked, times),
            }
        }
    }

    fn keep(&mut self, hash: Hash, looked: Looked, times: u64) {
        self.bytes += size(&looked);
        self.kept.insert(hash, (looked, times));
        while self.kept.len() > MOST_EVENTS || self.bytes > MOST_BYTES {
            let Some((last, (gone, _))) = self.kept.pop_last() else { return };
            self.bytes -= size(&gone);
            self.end = Some(last);
        }
    }

    fn end_at(&mut self, end: Hash) {
        self.end = Some(self.end.map_or(end, |known| known.min(end)));
        for (gone, _) in self.kept.split_off(&end).into_values() {
            self.bytes -= size(&gone);
        }
    }

    /// How many bytes it holds, about; at the end its fields are counted, which takes as much again.
    pub(crate) fn size(&self) -> usize {
        2 * (self.bytes + self.kept.len() * (size_of::<(Hash, Looked, u64)>()))
    }

    /// What is kept, and how often each came, in a fixed order.
    pub(crate) fn into_events(self) -> impl Iterator<Item = (Looked, u64)> {
        self.kept.into_values()
    }
}

fn size(looked: &Looked) -> usize {
    let values =
        looked.values.iter().map(|value| size_of::<Option<Box<str>>>() + value.as_ref().map_or(0, |text| text.len()));
    looked.raw.as_ref().map_or(0, |raw| raw.len()) + values.sum::<usize>()
}

/// A value, cut where it is too long.
pub(super) fn bounded(value: &str) -> &str {
    let end = (0..=LONGEST_VALUE.min(value.len())).rev().find(|end| value.is_char_boundary(*end));
    value.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn hash_of<'v>(raw: Option<&[u8]>, values: impl Iterator<Item = Option<&'v str>>) -> Hash {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        context.update(&length.to_le_bytes());
        context.update(bytes.unwrap_or_default());
    };
    part(raw);
    values.for_each(|value| part(value.map(str::as_bytes)));
    let mut hash = Hash::default();
    hash.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(numbers: impl Iterator<Item = usize>) -> Pool {
        let mut pool = Pool::default();
        numbers.for_each(|number| pool.take(Some(number.to_string().as_bytes()), std::iter::empty()));
        pool
    }

    #[test]
    fn the_same_are_kept_in_any_order_and_parts() {
        let all = MOST_EVENTS * 2;
        let whole: Vec<_> = filled(0..all).into_events().collect();
        assert_eq!(whole.len(), MOST_EVENTS);
        let mut parts = filled((all / 3..all).rev());
        parts.join(filled(0..all / 3));
        assert_eq!(parts.into_events().collect::<Vec<_>>(), whole);
    }

    #[test]
    fn what_came_twice_counts_twice() {
        let mut pool = filled([1, 2, 1].into_iter());
        pool.join(filled([1].into_iter()));
        let mut times: Vec<u64> = pool.into_events().map(|(_, times)| times).collect();
        times.sort_unstable();
        assert_eq!(times, [1, 3]);
    }

    #[test]
    fn large_events_do_not_fill_the_memory() {
        let mut pool = Pool::default();
        for number in 0..200_u32 {
            let mut raw = vec![b'x'; LONGEST_EVENT];
            raw[..4].copy_from_slice(&number.to_le_bytes());
            pool.take(Some(&raw), std::iter::empty());
        }
        assert!(pool.bytes <= MOST_BYTES && pool.into_events().count() == MOST_BYTES / LONGEST_EVENT);
        let mut pool = Pool::default();
        pool.take(Some(&vec![b'x'; LONGEST_EVENT + 1]), [Some("é".repeat(LONGEST_VALUE).as_str())].into_iter());
        let (looked, _) = pool.into_events().next().unwrap();
        assert_eq!((looked.raw, looked.values[0].as_deref().map(str::len)), (None, Some(LONGEST_VALUE)));
    }
}
