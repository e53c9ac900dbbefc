//! Bytes that nobody has judged yet: whatever they are, each parser answers, within bounds, and never panics. What is read
//! at all is read back the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

use std::collections::BTreeMap;

use parquet::file::metadata::KeyValue;
use proptest::prelude::*;
use shoseki_event::{Day, SegmentId};
use shoseki_segment::commit::{Action, Add, Commit, FORMAT_KEY, ORIGIN_KEY, Table};
use shoseki_segment::index::{Columns, IndexTag, Literal, Opener, Version};
use shoseki_segment::keys::{ClassKeyObject, LocalKey, Secret, WrappedKey};
use shoseki_segment::layout::Marker;
use shoseki_segment::proof::{ProvenRecord, RecordProof};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{FileTags, Seed, Seeds, SegmentFooter, envelope};

const SECRET: [u8; 32] = [7; 32];

fn read_footer(text: String) -> shoseki_messages::Result<SegmentFooter> {
    SegmentFooter::from_metadata(Some(&vec![KeyValue::new("shoseki.segments".to_owned(), text)]))
}

/// What each parser makes of bytes that may be anything.
fn parse_all(bytes: &[u8]) {
    if let Ok(commit) = Commit::parse(bytes) {
        assert_eq!(commit.to_bytes(), bytes);
    }
    if let Ok(receipt) = Receipt::parse(bytes) {
        assert_eq!(Receipt::parse(&receipt.to_bytes()).unwrap(), receipt);
    }
    if let Ok(object) = ClassKeyObject::parse(bytes) {
        assert_eq!(ClassKeyObject::parse(&object.to_bytes()).unwrap(), object);
    }
    if let Ok(proof) = RecordProof::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
    }
    if let Ok(record) = ProvenRecord::parse_line(bytes) {
        assert_eq!(record.to_line(), bytes);
    }
    let key = Secret::from(SECRET);
    let _ = envelope::wrapped_key(bytes);
    let _ = envelope::open(&key, "originals/a", bytes);
    let _ = shoseki_segment::keys::unwrap(&key, "a", bytes);
    if let Ok(columns) = Columns::parse(bytes) {
        let _ = columns.may_hold("raw", bytes, true);
    }
    let _ = Opener::new(&key, "a").open(7, bytes);
    if let Some(literal) = Literal::of(bytes) {
        assert!(Version::ALL.iter().all(|version| literal.may_be(*version, |_| true)));
    }
    if let Ok(tag) = serde_json::from_slice::<IndexTag>(bytes) {
        let range = tag.bytes_of(tag.header_range(), true);
        assert!(range.start <= range.end);
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Ok(marker) = Marker::parse(&text) {
        assert!(marker.format > 0 && !marker.origin.is_empty());
    }
    let _ = LocalKey::parse(&text);
    for (_, seeds) in read_footer(text).into_iter().flat_map(|footer| footer.segments) {
        assert_eq!(seeds.salts(9).len(), 9);
        let _ = (seeds.salt(0), seeds.salt(u32::MAX));
    }
}

fn footer(seeds: Vec<Seed>) -> String {
    SegmentFooter { segments: vec![(SegmentId([1; 16]), Seeds(seeds))], depth: None }.to_text()
}

fn tags() -> BTreeMap<String, String> {
    let hash = |byte: &str| byte.repeat(32);
    let segments = format!(
        r#"[{{"id":"{}","root":"{}","count":2,"raw":20,"min":1772668800000001,"max":1772668801000001,"source":"cloudtrail","derivation":1,"unkeyed":0,"unparsed":0,"streams":[["証跡",2,1772668800000001,1772668801000001]]}}]"#,
        "01".repeat(16),
        hash("01"),
    );
    let pairs = [("shoseki.format", "1".to_owned()), ("shoseki.segments", segments), ("shoseki.sha256", hash("02"))];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// One good document for each parser.
fn good() -> Vec<Vec<u8>> {
    let commit = |action| Commit {
        timestamp_ms: 3,
        engine: "shoseki/0.1.0".into(),
        batch: "0".repeat(32),
        action,
        statement: None,
    };
    let configuration = [(FORMAT_KEY, "1"), (ORIGIN_KEY, "shoseki/test")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let table = Table { id: "a".to_owned(), created_ms: 1, configuration: configuration.into() };
    let day = Day::parse("2026-03-05").unwrap();
    let tags = FileTags::from_map(&tags()).unwrap();
    let name = SegmentId([1; 16]);
    let add = Add { name, class: "standard".to_owned(), day, size: 10, modified_ms: 2, tags };
    let key = Secret::from(SECRET);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = LocalKey::fresh().unwrap();
    let class_key = runtime.block_on(ClassKeyObject::seal("standard/2026-03", &key, &local)).unwrap();
    let marker = Marker { format: 1, origin: "shoseki/test".into(), encryption: "none".into() };
    vec![
        commit(Action::Create(table)).to_bytes(),
        commit(Action::Ingest { transactions: Vec::new(), adds: vec![add] }).to_bytes(),
        include_bytes!("../testdata/compact.golden.json").to_vec(),
        include_bytes!("../testdata/receipt.golden.json").to_vec(),
        include_bytes!("../testdata/proof.golden.json").to_vec(),
        class_key.to_bytes(),
        envelope::seal("standard/2026-03", &key, "originals/a", &[9; 100]).unwrap(),
        local.to_text().as_bytes().to_vec(),
        footer(vec![Seed { depth: 0, index: 0, value: [1; 32] }]).into_bytes(),
        marker.to_text().into_bytes(),
    ]
}

/// A good document in which a few stretches and a digit were replaced, or that was cut off.
fn near_miss() -> impl Strategy<Value = Vec<u8>> {
    use prop::sample::Index;

    let all = good();
    let stretch = (any::<Index>(), 0..4_usize, prop::collection::vec(any::<u8>(), 0..4));
    let numbers = ["-1", "0", "65537", "4294967296", "18446744073709551616", "1e99", "null", "\"\""];
    let number = prop::option::of((any::<Index>(), prop::sample::select(numbers.to_vec())));
    let cut = prop::option::of(any::<Index>());
    (0..all.len(), prop::collection::vec(stretch, 0..3), number, cut).prop_map(
        move |(which, stretches, number, cut)| {
            let mut bytes = all[which].clone();
            for (at, length, new) in stretches {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..(at + length).min(bytes.len()), new);
            }
            let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
            if let Some((at, new)) = number.filter(|_| !digits.is_empty()) {
                let at = digits[at.index(digits.len())];
                bytes.splice(at..=at, new.bytes());
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        parse_all(&bytes);
        parse_all(&[b"SHSKENV1".as_slice(), &bytes].concat());
        parse_all(&[b"shoseki-key/v1:".as_slice(), &bytes].concat());
    }

    #[test]
    fn near_misses_are_answered(bytes in near_miss()) {
        parse_all(&bytes);
    }

    #[test]
    fn tags_are_answered(
        name in "shoseki\\.(format|key|segments|sha256)|[a-z.]{0,9}",
        value in ".{0,60}|[0-9]{1,20}|\\[\\{\"id\":\"[0-9a-f]{0,33}\"\\}\\]",
    ) {
        let mut map = tags();
        map.insert(name, value);
        if let Ok(read) = FileTags::from_map(&map) {
            prop_assert_eq!(FileTags::from_map(&read.to_map()).unwrap(), read);
        }
    }

    #[test]
    fn seeds_give_salts_or_are_refused(
        all in prop::collection::vec((0..20_u8, prop_oneof![0..4_u32, any::<u32>()]), 0..6),
        ordinal in any::<u32>(),
    ) {
        let seeds = all.into_iter().map(|(depth, index)| Seed { depth, index, value: [3; 32] }).collect::<Vec<_>>();
        parse_all(footer(seeds.clone()).as_bytes());
        let _ = Seeds(seeds.clone()).salt(ordinal);
    }
}

#[test]
fn the_good_documents_are_good() {
    let [create, ingest, compact, receipt, proof, class_key, sealed, local, seeds, marker] = good().try_into().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!([create, ingest, compact].iter().all(|commit| Commit::parse(commit).is_ok()));
    assert!(Receipt::parse(&receipt).is_ok() && RecordProof::parse(&proof).is_ok());
    assert!(ClassKeyObject::parse(&class_key).is_ok());
    assert_eq!(envelope::open(&Secret::from(SECRET), "originals/a", &sealed).unwrap(), [9; 100]);
    assert!(LocalKey::parse(&text(local)).is_ok() && Marker::parse(&text(marker)).is_ok());
    assert_eq!(read_footer(text(seeds)).unwrap().segments.len(), 1);
    let key: Result<WrappedKey, _> = serde_json::from_str(r#"{"id":"a","wrapped":"","more":1}"#);
    assert!(key.is_err(), "nothing hides beside what is known");
}

/// Work is bounded before it is begun: JSON that nests without end, seeds that ask for the same salts again and again.
#[test]
fn what_would_take_long_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        parse_all(format!("{}{}", open.repeat(100_000), close.repeat(100_000)).as_bytes());
    }
    let seed = |depth, index| Seed { depth, index, value: [1; 32] };
    assert!(read_footer(footer(vec![seed(1, 0), seed(1, 1)])).is_ok(), "all salts, each from one seed");
    for wrong in [vec![seed(0, 0); 2], vec![seed(17, 0)], vec![seed(1, 2)], vec![seed(255, u32::MAX)]] {
        assert!(read_footer(footer(wrong.clone())).is_err(), "{wrong:?}");
    }
}
