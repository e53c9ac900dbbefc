//! How far each log file of a database was read, as commits say it, and by what a file is known again.
//!
//! ```text
//! fetch/db/shop/from                       since when files are read, in milliseconds since 1970
//! fetch/db/shop/17-1024-9f86d081884c7d65   the 18th file that was met, how many of its first bytes are hashed, and 8 bytes of a
//! └fetcher └database                       SHA-256 of them
//! ```
//!
//! A file has no name of its own: each rotation calls all of them otherwise. What it begins with stays, as log lines begin with a
//! time. How far is the number of bytes that came of it, as text: markers of RDS may mean nothing under another name.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use shoseki_segment::commit::Transaction;

/// How many of a file's first bytes are hashed, at most.
const HEAD: usize = 1024;
/// How many of its first lines these are, at most: so many are asked for.
pub(super) const HEAD_LINES: u32 = 16;
/// The last part of the stream that says since when files are read.
const FROM: &str = "from";

/// How far one file was read.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    length: usize,
    hash: String,
    cursor: u64,
}

/// How far the files of a database were read.
#[derive(Debug, Default)]
pub(super) struct Marks {
    prefix: String,
    /// By the number of the file.
    files: BTreeMap<u64, Mark>,
    next: u64,
    /// Since when files are read, in milliseconds since 1970.
    pub(super) from: Option<i64>,
}

/// What a file is known by: the beginning of its first lines.
pub(super) fn head_of(lines: &str) -> &[u8] {
    let most = lines.len().min(HEAD);
    let bytes = &lines.as_bytes()[..most];
    let ends = memchr::memchr_iter(b'\n', bytes);
    let end = ends.take(HEAD_LINES as usize).nth(HEAD_LINES as usize - 1).map_or(most, |end| end + 1);
    &bytes[..end]
}

impl Marks {
    /// The beginning of the names of a database's streams.
    pub(super) fn prefix(fetcher: &str, instance: &str) -> String {
        format!("fetch/{fetcher}/{instance}/")
    }

    /// From what commits say of streams with that prefix.
    pub(super) fn new<'a>(prefix: String, there: impl Iterator<Item = (&'a str, i64)>) -> Self {
        let mut marks = Self { prefix, ..Self::default() };
        for (stream, sequence) in there {
            marks.take(stream, sequence);
        }
        marks
    }

    /// Remembers what is durable by now.
    pub(super) fn done(&mut self, transaction: &Transaction) {
        self.take(&transaction.stream, transaction.sequence);
    }

    /// Takes one in. What is no name of a file is of no use to us.
    fn take(&mut self, stream: &str, sequence: i64) {
        let Some(name) = stream.strip_prefix(&self.prefix) else { return };
        if name == FROM {
            self.from = Some(sequence);
            return;
        }
        let mut parts = name.split('-');
        let mut read = || {
            let number: u64 = parts.next()?.parse().ok()?;
            let length: usize = parts.next()?.parse().ok()?;
            Some((number, length, parts.next()?.to_owned()))
        };
        let (Some((number, length, hash)), Ok(cursor)) = (read(), u64::try_from(sequence)) else { return };
        self.next = self.next.max(number.saturating_add(1));
        if self.files.get(&number).is_none_or(|there| there.length <= length) {
            self.files.insert(number, Mark { length, hash, cursor });
        }
    }

    /// The number of the file that begins so, and how far it was read, unless it is one of those that are being read.
    pub(super) fn find(&self, head: &[u8], being_read: &BTreeSet<u64>) -> Option<(u64, u64)> {
        let is_same = |mark: &Mark| head.get(..mark.length).is_some_and(|head| hash(head) == mark.hash);
        let mut free = self.files.iter().rev().filter(|(number, _)| !being_read.contains(number));
        free.find(|(_, mark)| is_same(mark)).map(|(number, mark)| (*number, mark.cursor))
    }

    /// A number for a file that is met for the first time.
    pub(super) fn fresh(&mut self) -> u64 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    /// What a commit is to say of a file that was read up to a place.
    pub(super) fn at(&self, number: u64, head: &[u8], cursor: u64) -> Transaction {
        let stream = format!("{}{number}-{}-{}", self.prefix, head.len(), hash(head));
        Transaction { stream, sequence: i64::try_from(cursor).unwrap_or(i64::MAX) }
    }

    /// What a commit is to say of since when files are read.
    pub(super) fn since(&self, from: i64) -> Transaction {
        Transaction { stream: format!("{}{FROM}", self.prefix), sequence: from }
    }
}

/// 8 bytes of a SHA-256.
pub(super) fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    hex::encode(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_what_it_begins_with() {
        let mut marks = Marks::new(Marks::prefix("db", "shop"), [].into_iter());
        let none = BTreeSet::new();
        assert_eq!((marks.find(b"a\n", &none), marks.fresh(), marks.fresh()), (None, 0, 1));
        let (short, long, other) = (marks.at(0, b"a\n", 2), marks.at(0, b"a\nb\n", 4), marks.at(1, b"c\n", 2));
        assert!(short.stream.starts_with("fetch/db/shop/0-2-"), "{short:?}");
        for order in [[&short, &long, &other], [&other, &long, &short]] {
            let there = order.into_iter().map(|one| (one.stream.as_str(), one.sequence));
            let there = there.chain([("fetch/db/shop/from", 77), ("fetch/db/shop/x", 1), ("fetch/db/shop2/5-1-a", 1)]);
            let mut known = Marks::new(Marks::prefix("db", "shop"), there);
            assert_eq!((known.from, known.find(b"a\nb\nmore", &none)), (Some(77), Some((0, 4))));
            assert_eq!(known.find(b"a\n", &none), None, "it was longer");
            assert_eq!(known.find(b"c\nmore", &none), Some((1, 2)));
            assert_eq!(known.find(b"c\nmore", &BTreeSet::from([1])), None, "that one is another");
            assert_eq!(known.fresh(), 2);
        }
    }

    #[test]
    fn a_head_is_the_same_however_much_was_asked_for() {
        let lines: String = (0..40).map(|n| format!("{n}\n")).collect();
        assert_eq!(head_of(&lines), head_of(lines.split_inclusive('\n').take(16).collect::<String>().as_str()));
        assert_eq!(head_of(&"証".repeat(1_000)).len(), HEAD);
        assert_eq!((head_of(""), head_of("a")), (&b""[..], &b"a"[..]));
    }
}
