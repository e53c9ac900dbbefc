//! The index of a written file: it rules out what is not there and nothing that is, and follows from the rows.

use bytes::Bytes;
use shoseki_event::{Columns as Derived, Kind, Provenance, Record, Timestamp};

use super::*;
use crate::{Built, Draft, Layout, records_strictly, write};

const ROWS: usize = 4_000;

/// Twenty letters and digits, as AWS draws them.
fn access_key(row: usize) -> String {
    let mut bits = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let digits = (0..16).map(|_| {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::try_from(bits >> 59).unwrap()];
        bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(23);
        char::from(digit)
    });
    format!("AKIA{}", digits.collect::<String>())
}

/// An event of a row: its own id, key, address and name; every tenth name has an escape.
fn event(row: usize) -> String {
    let name = if row.is_multiple_of(10) {
        format!(r"caf\u00e9-no{row}-{row:0>10}")
    } else {
        format!("object/{row:0>14}.json")
    };
    format!(
        r#"{{"eventID":"{row:08x}-1111-4222-8333-0123456789ab","accessKeyId":"{}","address":"10.{}.{}.77","name":"{name}","padding":"{}"}}"#,
        access_key(row),
        row / 250,
        row % 250,
        "x".repeat(200)
    )
}

pub(crate) fn draft(layout: Layout) -> Draft {
    let received = Timestamp(1_772_668_800_000_000);
    let provenance = |row: usize| Provenance {
        kind: Kind::Event,
        source: "cloudtrail".into(),
        stream: "a".into(),
        origin: "a.json".into(),
        position: row as u64,
        received,
        reason: "".into(),
    };
    let record = |row: usize| {
        let columns = Derived { time: received, ..Derived::default() };
        Record { provenance: provenance(row), raw: event(row).into(), columns }
    };
    let records = (0..ROWS).map(record).collect();
    Draft { layout, records, ..Draft::new("standard", received.day()).unwrap() }
}

/// The index of a written file as a reader has it.
struct Reader {
    tag: IndexTag,
    file: Bytes,
    opener: Option<Opener>,
}

impl Reader {
    fn of(built: &Built, key: Option<&Secret>) -> Self {
        let opener = key.map(|key| Opener::new(key, &built.add.path()));
        Self { tag: built.add.tags.index.unwrap(), file: built.bytes.clone(), opener }
    }

    fn chunks(&self, chunks: std::ops::Range<usize>) -> Result<Vec<u8>> {
        let range = self.tag.bytes_of(chunks.clone(), self.opener.is_some());
        let stored = &self.file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        self.opener.as_ref().map_or_else(|| Ok(stored.to_vec()), |opener| opener.open(chunks.start, stored))
    }

    fn may_hold(&self, literal: &str) -> bool {
        Literal::of(literal.as_bytes()).unwrap().may_be(self.tag.version, |item| {
            let (chunk, place) = self.tag.chunk_of(item);
            self.tag.may_have(&self.chunks(chunk..chunk + 1).unwrap()[place..], item)
        })
    }

    fn columns(&self) -> Columns {
        let header = self.chunks(self.tag.header_range()).unwrap();
        Columns::parse(&header[..self.tag.header as usize]).unwrap()
    }
}

fn all(mut look: impl FnMut(Layout, &Built, Option<&Secret>)) {
    let class_key = Secret::fresh().unwrap();
    for (format, layout) in [(3, Layout::Text), (3, Layout::Columns), (7, Layout::Text), (7, Layout::Columns)] {
        for encryption in [None, Some(("standard/2026-03", &class_key))] {
            let draft = Draft { format, ..draft(layout) };
            let built = write(&draft, encryption, Timestamp(0)).unwrap();
            let key = built.add.tags.key.as_ref().map(|key| key.open(&class_key, &draft.id.to_string()).unwrap());
            look(layout, &built, key.as_ref());
        }
    }
}

#[test]
fn literals_that_are_there_are_found_and_nearly_all_others_are_not() {
    all(|_, built, key| {
        let reader = Reader::of(built, key);
        for row in (0..ROWS).step_by(37) {
            for literal in [access_key(row), format!("{row:08X}-1111-4222-8333-0123456789AB")] {
                assert!(reader.may_hold(&literal), "{literal}");
            }
        }
        assert!(reader.may_hold("café-no30-0000000030"), "what an escape says");
        assert!(reader.may_hold(r"caf\u00e9-no30-0000000030"), "the escape itself");
        let false_ones = (0..500).filter(|n| reader.may_hold(&format!("192.168.{}.1{}", n % 250, n / 250))).count();
        assert!(false_ones < 50, "{false_ones} of 500 addresses that are not there");
        assert_eq!(built.add.tags.index.unwrap().version.format(), built.add.tags.format);
        assert!(built.add.tags.index.unwrap().stored_len(key.is_some()) * 20 < 1_400_000);
    });
}

#[test]
fn a_vault_that_knows_no_index_gets_none_and_neither_does_a_small_file() {
    let older = write(&Draft { format: 2, ..draft(Layout::Columns) }, None, Timestamp(0)).unwrap();
    assert_eq!((older.add.tags.format, older.add.tags.index), (2, None));
    let mut small = draft(Layout::Text);
    small.records.truncate(1_000);
    let built = write(&small, None, Timestamp(0)).unwrap();
    assert_eq!(built.add.tags.index.unwrap().header, 0, "the filter alone");
    let reader = Reader::of(&built, None);
    assert!(reader.may_hold(&access_key(7)) && !reader.may_hold("AKIAQQQQWWWWEEEERRRR"));
    small.records.truncate(100);
    let of_first =
        write(&Draft { format: 3, records: small.records.clone(), ..draft(Layout::Text) }, None, Timestamp(0)).unwrap();
    assert_eq!((of_first.add.tags.format, of_first.add.tags.index), (1, None), "40 kB");
    assert_eq!(write(&small, None, Timestamp(0)).unwrap().add.tags.format, 7);
    small.records.truncate(9);
    let small = write(&small, None, Timestamp(0)).unwrap();
    assert_eq!((small.add.tags.format, small.add.tags.index), (1, None));
}

#[test]
fn columns_without_a_literal_are_known() {
    all(|layout, built, key| {
        let columns = Reader::of(built, key).columns();
        let may_hold = |column: &str, literal: &str| columns.may_hold(column, literal.as_bytes(), false);
        match layout {
            Layout::Text => assert!(may_hold("raw", "anything")),
            Layout::Columns => {
                assert!(!may_hold("raw", "anything"), "every event was taken apart");
                assert!(may_hold("text:/accessKeyId", &access_key(5)) && !may_hold("text:/accessKeyId", "akia"));
                assert!(may_hold("template", "eventID") && !may_hold("text:/address", "x"));
            }
        }
    });
}

#[test]
fn it_follows_from_the_rows_and_lies_where_it_is_said_to() {
    all(|_, built, key| {
        let (_, mut reader) =
            records_strictly(built.bytes.clone(), key, built.add.tags.index.unwrap().version).unwrap();
        reader.by_ref().for_each(|batch| drop(batch.unwrap()));
        let (tag, raw) = (built.add.tags.index.unwrap(), built.add.tags.segments[0].raw);
        let again = reader.index(raw).unwrap();
        assert_eq!(again.tag(tag.offset), tag);
        let stored = again.stored(key, &built.add.path()).unwrap();
        let start = usize::try_from(tag.offset).unwrap();
        assert!(built.bytes[start..start + stored.len()] == stored, "the bytes differ");
        assert_eq!(stored.len() as u64, tag.stored_len(key.is_some()));
    });
}

#[test]
fn an_encrypted_chunk_opens_in_its_place_alone() {
    all(|_, built, key| {
        let Some(key) = key else { return };
        let reader = Reader::of(built, Some(key));
        assert!(reader.chunks(0..2).is_ok());
        let sealed = |chunk: usize| {
            let range = reader.tag.bytes_of(chunk..chunk + 1, true);
            built.bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
        };
        let mut changed = sealed(1);
        changed[7] ^= 1;
        let opener = Opener::new(key, &built.add.path());
        assert!(opener.open(1, &sealed(1)).is_ok());
        assert!(opener.open(0, &sealed(1)).is_err() && opener.open(1, &changed).is_err(), "of another place, changed");
        assert!(Opener::new(key, "another").open(1, &sealed(1)).is_err());
        assert!(Opener::new(&Secret::fresh().unwrap(), &built.add.path()).open(1, &sealed(1)).is_err());
    });
}
