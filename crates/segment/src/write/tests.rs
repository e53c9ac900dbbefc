//! A written segment is read back, and shows nothing without its key.

use shoseki_event::{Columns, Outcome, Provenance};

use super::*;
use crate::{Rows, leaf_hash, records};

pub(crate) fn draft(count: usize) -> Draft {
    let received = Timestamp(1_772_668_800_000_000);
    let mut draft = Draft::new("standard", received.day()).unwrap();
    draft.records = (0..count)
        .map(|n| Record {
            provenance: Provenance {
                kind: Kind::Event,
                source: "cloudtrail".into(),
                stream: format!("stream/{}", n % 3).into(),
                origin: "a.json".into(),
                position: n as u64 * 10,
                received,
                reason: "".into(),
            },
            raw: format!("{{\"n\":{n},\"名\":\"証跡\"}}").into(),
            columns: Columns {
                time: Timestamp(received.0 + n as i64),
                key: (n % 2 == 0).then(|| format!("key-{n}").into()),
                status: Outcome::Success,
                operation: Some("GetObject".into()),
                ..Columns::default()
            },
        })
        .collect();
    draft
}

#[test]
fn a_segment_is_read_as_it_was_written_and_its_root_is_over_its_leaves() {
    let class_key = Secret::fresh().unwrap();
    for encryption in [None, Some(("standard/2026-03", &class_key))] {
        let draft = draft(1_000);
        let built = write(&draft, encryption, Timestamp(5_000)).unwrap();
        let key = built.add.tags.key.as_ref().map(|key| key.open(&class_key, &draft.id.to_string()).unwrap());
        assert_eq!(key.is_some(), encryption.is_some());
        let (footer, reader) = records(built.bytes.clone(), key.as_ref(), Rows::COLUMNS).unwrap();
        assert_eq!(footer.segments, [(draft.id, draft.seeds.clone())]);
        let mut leaves = Vec::new();
        for batch in reader {
            let batch = batch.unwrap();
            let mut rows = Rows::of(&batch).unwrap();
            for row in 0..rows.len() {
                let ordinal = leaves.len();
                assert_eq!(rows.id(row), (draft.id.0.as_slice(), i32::try_from(ordinal).unwrap()));
                let provenance = rows.provenance(row).unwrap();
                assert_eq!(provenance, draft.records[ordinal].provenance);
                let salt = footer.segments[0].1.salt(u32::try_from(ordinal).unwrap()).unwrap();
                leaves.push(leaf_hash(&salt, &provenance, rows.raw(row)));
            }
        }
        let tag = &built.add.tags.segments[0];
        assert_eq!(shoseki_merkle::root(&leaves), tag.root);
        assert_eq!((tag.count, tag.unkeyed, tag.unparsed, tag.streams.len()), (1_000, 500, 0, 3));
        assert_eq!(built.add.tags.sha256, Hash(Sha256::digest(&built.bytes).into()));
    }
}

#[test]
fn an_encrypted_file_shows_nothing_without_its_key() {
    let class_key = Secret::fresh().unwrap();
    let built = write(&draft(100), Some(("standard/2026-03", &class_key)), Timestamp(0)).unwrap();
    let contains = |needle: &[u8]| built.bytes.windows(needle.len()).any(|window| window == needle);
    for needle in ["GetObject", "stream/1", "cloudtrail", "seeds"] {
        assert!(!contains(needle.as_bytes()), "{needle}");
    }
    assert!(records(built.bytes.clone(), None, &[]).is_err());
    assert!(records(built.bytes.clone(), Some(&Secret::fresh().unwrap()), &[]).is_err());
}

#[test]
fn a_draft_is_never_empty() {
    assert!(write(&draft(0), None, Timestamp(0)).is_err());
}
