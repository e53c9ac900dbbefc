//! Of each column of events, what can be in its values: the bytes that occur, and groups of three.

use std::collections::BTreeMap;

use shoseki_messages::{Fault, Result, msg};

/// The bits for groups of three bytes.
const BITS: usize = 1 << 14;
/// Where more than so many are set, they tell little and are left out.
const MOST: usize = BITS / 2;
/// Where more than so many are set, they are written as they are, else by the distances between them.
const SPARSE: usize = 2_000;

/// What can be in the values of a column.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    bytes: [u64; 4],
    /// `None` where too much occurs for it to tell anything.
    groups: Option<Box<[u64; BITS / 64]>>,
}

impl std::fmt::Debug for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let groups = self.groups.as_ref().map(|groups| groups.iter().map(|word| word.count_ones()).sum::<u32>());
        f.debug_struct("Summary").field("groups", &groups).finish_non_exhaustive()
    }
}

impl Default for Summary {
    fn default() -> Self {
        Self { bytes: [0; 4], groups: Some(Box::new([0; BITS / 64])) }
    }
}

/// The bit of a group. All digits are one: numbers would fill the bits, and there are better ways to look for them.
fn bit(a: u8, b: u8, c: u8) -> usize {
    let folded = |byte: u8| u32::from(if byte.is_ascii_digit() { b'0' } else { byte });
    let group = folded(a) | folded(b) << 8 | folded(c) << 16;
    (group.wrapping_mul(0x9e37_79b1) >> (32 - BITS.trailing_zeros())) as usize
}

fn has(words: &[u64], bit: usize) -> bool {
    words.get(bit / 64).is_some_and(|word| word & 1 << (bit % 64) != 0)
}

fn set(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

/// What is noted of a column's values.
pub(super) struct Notes {
    bytes: [bool; 256],
    groups: Option<Box<[bool; BITS]>>,
    values: usize,
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notes").field("values", &self.values).finish_non_exhaustive()
    }
}

impl Default for Notes {
    fn default() -> Self {
        Self { bytes: [false; 256], groups: Some(Box::new([false; BITS])), values: 0 }
    }
}

impl Notes {
    /// Of a column in which anything may be.
    pub(super) fn of_anything() -> Self {
        Self { bytes: [true; 256], groups: None, values: 0 }
    }

    /// Notes a value.
    pub(super) fn add(&mut self, value: &[u8]) {
        value.iter().for_each(|byte| self.bytes[usize::from(*byte)] = true);
        if let Some(groups) = &mut self.groups {
            value.array_windows().for_each(|[a, b, c]| groups[bit(*a, *b, *c)] = true);
            self.values += 1;
            if self.values.is_multiple_of(1_024) && Self::are_too_many(groups) {
                self.groups = None;
            }
        }
    }

    fn are_too_many(groups: &[bool; BITS]) -> bool {
        groups.iter().filter(|is_set| **is_set).count() > MOST
    }

    /// What is kept: groups only where they tell something.
    pub(super) fn finish(self) -> Summary {
        let mut summary = Summary { bytes: [0; 4], groups: None };
        self.bytes.iter().enumerate().filter(|(_, is_set)| **is_set).for_each(|(at, _)| set(&mut summary.bytes, at));
        summary.groups = self.groups.filter(|groups| !Self::are_too_many(groups)).map(|groups| {
            let mut words = Box::new([0; BITS / 64]);
            groups.iter().enumerate().filter(|(_, is_set)| **is_set).for_each(|(at, _)| set(words.as_mut_slice(), at));
            words
        });
        summary
    }
}

impl Summary {
    /// Whether a value may hold a literal. Without regard to the case of ASCII letters where `any_case` says so.
    pub fn may_hold(&self, literal: &[u8], any_case: bool) -> bool {
        let cases = |byte: u8| match any_case {
            true => [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()],
            false => [byte, byte],
        };
        let has_byte = |byte: &u8| cases(*byte).iter().any(|byte| has(&self.bytes, usize::from(*byte)));
        if !literal.iter().all(has_byte) {
            return false;
        }
        let Some(groups) = &self.groups else { return true };
        literal.array_windows().all(|[a, b, c]| {
            let all = cases(*a).into_iter().flat_map(|a| cases(*b).into_iter().map(move |b| (a, b)));
            let mut all = all.flat_map(|(a, b)| cases(*c).into_iter().map(move |c| (a, b, c)));
            all.any(|(a, b, c)| has(groups.as_slice(), bit(a, b, c)))
        })
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.bytes.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        let Some(groups) = &self.groups else {
            bytes.extend_from_slice(&u16::MAX.to_le_bytes());
            return;
        };
        let count = count(groups.as_slice());
        bytes.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX - 1).to_le_bytes());
        if count > SPARSE {
            groups.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        } else {
            let mut next = 0;
            for place in (0..BITS).filter(|place| has(groups.as_slice(), *place)) {
                write_distance(bytes, place - next);
                next = place + 1;
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut summary = Self::default();
        for word in &mut summary.bytes {
            *word = u64::from_le_bytes(take(bytes)?);
        }
        let count = usize::from(u16::from_le_bytes(take(bytes)?));
        if count == usize::from(u16::MAX) {
            summary.groups = None;
            return Some(summary);
        }
        let groups = summary.groups.as_mut()?;
        if count > SPARSE {
            for word in groups.iter_mut() {
                *word = u64::from_le_bytes(take(bytes)?);
            }
        } else {
            let mut next = 0;
            for _ in 0..count {
                let place = next + read_distance(bytes)?;
                set(groups.as_mut_slice(), place);
                next = place + 1;
            }
        }
        Some(summary)
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_distance(bytes: &mut Vec<u8>, mut distance: usize) {
    while distance > 127 {
        bytes.push(u8::try_from(distance & 127).unwrap_or_default() | 128);
        distance >>= 7;
    }
    bytes.push(u8::try_from(distance).unwrap_or_default());
}

fn read_distance(bytes: &mut &[u8]) -> Option<usize> {
    let mut distance = 0;
    for shift in [0, 7, 14] {
        let [byte] = take(bytes)?;
        distance |= usize::from(byte & 127) << shift;
        if byte < 128 {
            return Some(distance);
        }
    }
    None
}

fn count(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// The summaries of a file's columns, by name. A column that has none holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(pub(super) BTreeMap<String, Summary>);

impl Columns {
    /// Whether a column may hold a literal: see [`Summary::may_hold`].
    pub fn may_hold(&self, column: &str, literal: &[u8], any_case: bool) -> bool {
        self.0.get(column).is_some_and(|summary| summary.may_hold(literal, any_case))
    }

    /// Whether a column holds so much that nothing is told of it: random letters, or long texts.
    pub fn holds_anything(&self, column: &str) -> bool {
        self.0.get(column).is_some_and(|summary| summary.groups.is_none())
    }

    /// The header: of each column, in the order of the names, the length of its name, the name, the summary.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, summary) in &self.0 {
            bytes.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
            bytes.extend_from_slice(name.as_bytes());
            summary.write(&mut bytes);
        }
        bytes
    }

    /// Reads the header.
    ///
    /// # Errors
    /// Damage where it is none.
    pub fn parse(mut bytes: &[u8]) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("segment-index-unreadable"));
        let mut columns = BTreeMap::new();
        while !bytes.is_empty() {
            let length = usize::from(u16::from_le_bytes(take(&mut bytes).ok_or_else(unreadable)?));
            let (name, rest) = bytes.split_at_checked(length).ok_or_else(unreadable)?;
            bytes = rest;
            let name = std::str::from_utf8(name).map_err(|_| unreadable())?.to_owned();
            columns.insert(name, Summary::read(&mut bytes).ok_or_else(unreadable)?);
        }
        Ok(Self(columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(values: &[&str]) -> Summary {
        let mut notes = Notes::default();
        values.iter().for_each(|value| notes.add(value.as_bytes()));
        notes.finish()
    }

    #[test]
    fn it_rules_out_what_no_value_holds() {
        let names = summary(&["GetObject", "DeleteBucket", "PutObject"]);
        for there in ["Delete", "Object", "et", "B", ""] {
            assert!(names.may_hold(there.as_bytes(), false), "{there}");
        }
        for not_there in ["delete", "x", "Update", "tObjectD"] {
            assert!(!names.may_hold(not_there.as_bytes(), false), "{not_there}");
        }
        assert!(names.may_hold(b"delete", true));
        assert!(!names.may_hold(b"update", true));
        assert!(!summary(&[]).may_hold(b"a", true));
    }

    #[test]
    fn summaries_are_read_back() {
        let many: Vec<String> = (0..40_000_u32).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b1))).collect();
        let random: Vec<String> =
            (0..200_u32).map(|n| format!("{:?}", n.wrapping_mul(0x9e37_79b1).to_le_bytes())).collect();
        let letters: String = ('!'..='~').flat_map(|a| ('!'..='~').map(move |b| [a, b])).flatten().collect();
        let of = |values: &[String]| summary(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let columns = Columns(BTreeMap::from([
            ("text:/a".to_owned(), summary(&["a", "bcd"])),
            ("text:/hex".to_owned(), of(&many)),
            ("text:/list".to_owned(), of(&random)),
            ("text:/all".to_owned(), of(&[letters])),
            ("text:/名".to_owned(), summary(&["監査"])),
        ]));
        assert!(columns.0["text:/all"].groups.is_none());
        assert_eq!(Columns::parse(&columns.to_bytes()).unwrap(), columns);
        for cut in 1..columns.to_bytes().len() {
            let _ = Columns::parse(&columns.to_bytes()[..cut]);
        }
        assert!(columns.may_hold("text:/名", "監".as_bytes(), false));
        assert!(!columns.may_hold("text:/none", b"a", false));
    }
}
