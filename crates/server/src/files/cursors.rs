//! How far each file was read, as commits say it, and by what a file is known again.
//!
//! ```text
//! files/db/1a2f-0-1024-9f86d081884c7d65        the number of the file in its file system, how often that number stood for other
//! └─name  │   │ │    └─ of a SHA-256 of them   content, how many of its first bytes are hashed
//! ```
//!
//! A file keeps its number when it is renamed. The number is used again once the file is deleted, and a file may be emptied and
//! written anew: then its first bytes are others, or it is shorter than it was read. The device is no part of it: a network folder
//! has another one after each start of the machine.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};
use shoseki_segment::commit::Transaction;

/// How many of a file's first bytes are hashed, at most.
pub(super) const HEAD: usize = 1024;

/// How far one content of a file was read.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    /// How many first bytes are hashed.
    length: usize,
    hash: String,
    cursor: u64,
}

/// What a file is, in the light of what was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was not read before.
    New,
    /// It was read up to here.
    Known { generation: u64, cursor: u64 },
    /// It was read further than it is long now.
    Shorter { cursor: u64 },
}

/// How far the files of a block were read.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    name: String,
    /// By the number of the file, and then by the number of its content.
    files: HashMap<u64, BTreeMap<u64, Mark>>,
    /// The next number of a content, where one was given out since: two devices may have a file of the same number.
    next: RefCell<HashMap<u64, u64>>,
    /// Whether the block was watched before.
    pub(super) is_begun: bool,
}

/// The last part of the stream that says that a block was watched.
const BEGUN: &str = "begun";

impl Cursors {
    /// The beginning of the names of a block's streams.
    pub(super) fn prefix(name: &str) -> String {
        format!("files/{name}/")
    }

    /// From what commits say of streams with that prefix.
    pub(super) fn new<'a>(name: &str, there: impl Iterator<Item = (&'a str, i64)>) -> Self {
        let mut all = Self { name: name.to_owned(), ..Self::default() };
        let prefix = Self::prefix(name);
        for (stream, cursor) in there {
            match stream.strip_prefix(&prefix) {
                Some(BEGUN) => all.is_begun = true,
                Some(rest) => all.take(rest, cursor),
                None => {}
            }
        }
        all
    }

    /// Takes one in. What is no name of a file is of no use to us.
    fn take(&mut self, name: &str, cursor: i64) {
        let mut parts = name.split('-');
        let mut read = || {
            let inode = u64::from_str_radix(parts.next()?, 16).ok()?;
            let generation: u64 = parts.next()?.parse().ok()?;
            let length: usize = parts.next()?.parse().ok()?;
            Some((inode, generation, length, parts.next()?.to_owned()))
        };
        let (Some((inode, generation, length, hash)), Ok(cursor)) = (read(), u64::try_from(cursor)) else { return };
        let marks = self.files.entry(inode).or_default();
        if marks.get(&generation).is_none_or(|there| there.length <= length) {
            marks.insert(generation, Mark { length, hash, cursor });
        }
    }

    /// What a file of this number, with these first bytes and of this length, is.
    pub(super) fn find(&self, inode: u64, head: &[u8], size: u64) -> Found {
        let Some(marks) = self.files.get(&inode) else { return Found::New };
        let same =
            marks.iter().rev().find(|(_, mark)| head.get(..mark.length).is_some_and(|head| hash(head) == mark.hash));
        match same {
            Some((generation, mark)) if mark.cursor <= size => {
                Found::Known { generation: *generation, cursor: mark.cursor }
            }
            Some((_, mark)) => Found::Shorter { cursor: mark.cursor },
            None => Found::New,
        }
    }

    /// A number for another content of a file of this number.
    pub(super) fn fresh(&self, inode: u64) -> u64 {
        let there = self.files.get(&inode).and_then(|marks| marks.last_key_value()).map_or(0, |(last, _)| last + 1);
        let mut next = self.next.borrow_mut();
        let given = next.entry(inode).or_default();
        let generation = there.max(*given);
        *given = generation + 1;
        generation
    }

    /// What a commit is to say of a file that was read up to a place.
    pub(super) fn at(&self, inode: u64, generation: u64, head: &[u8], cursor: u64) -> Transaction {
        let stream = format!("{}{inode:x}-{generation}-{}-{}", Self::prefix(&self.name), head.len(), hash(head));
        Transaction { stream, sequence: i64::try_from(cursor).unwrap_or(i64::MAX) }
    }

    /// What a commit is to say once the block is watched.
    pub(super) fn begun(&self) -> Transaction {
        Transaction { stream: format!("{}{BEGUN}", Self::prefix(&self.name)), sequence: 1 }
    }

    /// Remembers what is durable by now.
    pub(super) fn done(&mut self, transaction: &Transaction) {
        let prefix = Self::prefix(&self.name);
        match transaction.stream.strip_prefix(&prefix) {
            Some(BEGUN) => self.is_begun = true,
            Some(rest) => self.take(rest, transaction.sequence),
            None => {}
        }
    }
}

fn hash(head: &[u8]) -> String {
    let digest = Sha256::digest(head);
    hex::encode(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_number_and_its_first_bytes() {
        let none = Cursors::new("db", [].into_iter());
        assert_eq!((none.find(0x1a2f, b"first line\n", 11), none.fresh(0x1a2f)), (Found::New, 0));
        assert_eq!((none.fresh(0x1a2f), none.fresh(0x1a30)), (1, 0), "another device's file is another content");
        let short = none.at(0x1a2f, 0, b"first line\n", 11);
        let long = none.at(0x1a2f, 0, b"first line\nsecond line\n", 23);
        assert!(short.stream.starts_with("files/db/1a2f-0-11-") && short.sequence == 11, "{short:?}");
        for order in [[&short, &long], [&long, &short]] {
            let there = order.into_iter().map(|one| (one.stream.as_str(), one.sequence));
            let known = Cursors::new("db", there.chain([("files/db/begun", 1), ("files/db/x-y", 2), ("wal/ab", 3)]));
            assert!(known.is_begun);
            let find = |head: &[u8], size| known.find(0x1a2f, head, size);
            let same = Found::Known { generation: 0, cursor: 23 };
            assert_eq!(find(b"first line\nsecond line\nthird", 28), same);
            assert_eq!(find(b"first line\nanother\n", 19), Found::New, "a line alone says too little");
            assert_eq!((known.find(0x1a30, b"first line\n", 11), known.fresh(0x1a2f)), (Found::New, 1));
        }
    }

    #[test]
    fn what_was_written_anew_is_another_content() {
        let mut cursors = Cursors::new("db", [].into_iter());
        cursors.done(&cursors.at(5, 0, b"head", 400));
        assert_eq!((cursors.find(5, b"head", 399), cursors.fresh(5)), (Found::Shorter { cursor: 400 }, 1));
        cursors.done(&cursors.at(5, 1, b"head", 40));
        assert_eq!(cursors.find(5, b"head", 399), Found::Known { generation: 1, cursor: 40 });
        cursors.done(&cursors.begun());
        assert!(cursors.is_begun);
    }
}
