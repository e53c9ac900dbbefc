//! What is persisted stays as it is: files in `testdata` that an earlier version wrote, and what this one makes of them. Files of
//! Parquet are compared by how they are laid out and by what was sealed of them, since their bytes change with the compressor;
//! those that earlier programs wrote are read in `crates/cli/tests/old_vaults.rs`.

use std::fmt::Write as _;
use std::path::Path;

use bytes::Bytes;
use parquet::basic::LogicalType;
use parquet::file::reader::{FileReader, SerializedFileReader};
use sha2::{Digest, Sha256};
use shoseki_event::{SegmentId, Timestamp};

use crate::commit::Transaction;
use crate::keys::{ClassKeyObject, LocalKey, Secret};
use crate::wal::{Delivery, Frame, Frames, WalHead};
use crate::{
    Built, Draft, Erased, FORMAT_VERSION, Layout, Seed, Seeds, envelope, erase, layout, merge, records_strictly, write,
};

/// The secret of everything here: a test key.
const SECRET: [u8; 32] = [7; 32];

/// The golden file of this name.
pub(crate) fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is written now is what the golden file has, byte for byte. `UPDATE_EXPECT=1` writes a file that is not there yet, and none that is.
pub(crate) fn stays(name: &str, now: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() && !path.exists() {
        std::fs::write(&path, now).unwrap();
    }
    let kept = read(name);
    assert!(
        kept == now,
        "a format changed: `{name}` has what earlier versions wrote, and this program writes otherwise.\n\
         Vaults, logs and packages hold it as it was, for ever. If the change is a slip, take it back. If it is meant: give it \
         the next version of the format (`FORMAT_VERSION` is {FORMAT_VERSION}), go on reading this file, write the new form in \
         docs/spec and in docs/upgrade.md, and add a second golden file for it. Never change this one.\n\
         before: {}\nnow:    {}",
        kept.escape_ascii(),
        now.escape_ascii(),
    );
}

/// A draft with a name and a secret that are always the same.
fn fixed(draft: Draft, number: u8) -> Draft {
    let root = Seed { depth: 0, index: 0, value: [number; 32] };
    Draft { id: SegmentId([number; 16]), seeds: Seeds(vec![root]), ..draft }
}

/// Everything of a file that is not the compressor's: tags, metadata, and each column's type, encodings and compression.
fn described(built: &Built) -> String {
    let mut text = format!("path: {}\n", built.add.path());
    for (name, value) in built.add.tags.to_map() {
        match name.as_str() {
            "shoseki.sha256" => {}
            "shoseki.index" => {
                let index = built.add.tags.index.unwrap();
                writeln!(text, "tag {name}: header {}, blocks {}", index.header, index.blocks).unwrap();
            }
            _ => {
                // The version of a parser is its own, and goes up with it.
                let derived = format!("\"derivation\":{}", built.add.tags.segments[0].derivation);
                writeln!(text, "tag {name}: {}", value.replace(&derived, "\"derivation\":0")).unwrap();
            }
        }
    }
    let reader = SerializedFileReader::new(built.bytes.clone()).unwrap();
    let metadata = reader.metadata();
    for pair in metadata.file_metadata().key_value_metadata().into_iter().flatten() {
        if pair.key != "ARROW:schema" {
            writeln!(text, "metadata {}: {}", pair.key, pair.value.as_deref().unwrap_or_default()).unwrap();
        }
    }
    let [group] = metadata.row_groups() else { panic!("one row group") };
    writeln!(text, "rows: {}", group.num_rows()).unwrap();
    for column in group.columns() {
        let mut encodings: Vec<String> = column.encodings().map(|encoding| encoding.to_string()).collect();
        encodings.sort();
        let codec = column.compression().to_string();
        writeln!(
            text,
            "column {}: {}{}, {}, {}{}{}",
            column.column_path(),
            column.column_type(),
            match column.column_descr().logical_type_ref() {
                None => "",
                Some(LogicalType::String) => " of text",
                Some(LogicalType::Timestamp(_)) => " of time",
                Some(_) => " of another type",
            },
            encodings.join(" "),
            codec.split('(').next().unwrap_or_default(),
            if column.statistics().is_some() { ", statistics" } else { "" },
            if column.bloom_filter_offset().is_some() { ", bloom filter" } else { "" },
        )
        .unwrap();
    }
    text
}

fn small(count: usize, number: u8) -> Draft {
    fixed(write::tests::draft(count), number)
}

/// The layout of each format of data files that is written: events whole, taken apart, with an index, several segments, erased.
#[test]
fn segments_are_laid_out_as_they_were() {
    let large = |layout, format| Draft { format, ..fixed(crate::index::tests::draft(layout), 3) };
    let merged = merge::tests::merged(&[small(3, 1), small(2, 2)], Layout::Text);
    let gone = Erased::from([(SegmentId([1; 16]), [1].into_iter().collect())]);
    let erased = merge::tests::merged(&[small(3, 1), small(2, 2)], Layout::Text);
    for (format, name, built) in [
        (1, "segment-1.layout", write(&small(3, 1), None, Timestamp(0)).unwrap()),
        (2, "segment-2.layout", write(&large(Layout::Columns, 2), None, Timestamp(0)).unwrap()),
        (3, "segment-3.layout", write(&large(Layout::Columns, 3), None, Timestamp(0)).unwrap()),
        (7, "segment-7.layout", write(&large(Layout::Columns, 7), None, Timestamp(0)).unwrap()),
        (3, "segments-3.layout", merge(merged, None, Timestamp(0)).unwrap()),
        (5, "segments-5.layout", erase(erased, &gone, None, Timestamp(0)).unwrap()),
    ] {
        assert_eq!(built.add.tags.format, format, "{name}");
        stays(name, described(&built).as_bytes());
    }
}

/// The index of a file says what it said, byte for byte, in the clear and sealed.
#[test]
fn an_index_is_what_it_was() {
    for (format, layout) in [3, 7].into_iter().flat_map(|format| [(format, Layout::Text), (format, Layout::Columns)]) {
        let draft = Draft { format, ..fixed(crate::index::tests::draft(layout), 3) };
        let built = write(&draft, None, Timestamp(0)).unwrap();
        let (tag, raw) = (built.add.tags.index.unwrap(), built.add.tags.segments[0].raw);
        let (_, mut rows) = records_strictly(built.bytes.clone(), None, tag.version).unwrap();
        rows.by_ref().for_each(|batch| drop(batch.unwrap()));
        let index = rows.index(raw).unwrap();
        let mut text = format!("header {}, blocks {}\n", tag.header, tag.blocks);
        for (how, key) in [("in the clear", None), ("sealed", Some(Secret::from(SECRET)))] {
            let stored = index.stored(key.as_ref(), "class=standard/day=2026-03-05/0.parquet").unwrap();
            let hash = hex::encode(Sha256::digest(&stored));
            writeln!(text, "{how}: {} bytes, SHA-256 {hash}", stored.len()).unwrap();
        }
        stays(&format!("index-{format}.{}", layout.name()), text.as_bytes());
    }
}

/// Writes what chance has a part in, and so is not made again: with `UPDATE_EXPECT=1`, where it is not there yet.
async fn make_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    if std::env::var_os("UPDATE_EXPECT").is_none() || folder.join("envelope-1").exists() {
        return;
    }
    let (key, provider) = (Secret::from(SECRET), LocalKey::fresh().unwrap());
    let sealed = envelope::seal(CLASS_KEY, &key, "originals/golden", ORIGINAL.as_bytes()).unwrap();
    std::fs::write(folder.join("envelope-1"), sealed).unwrap();
    std::fs::write(folder.join("provider-1.key"), provider.to_text().as_bytes()).unwrap();
    let object = ClassKeyObject::seal(CLASS_KEY, &key, &provider).await.unwrap();
    std::fs::write(folder.join("class-key-1.json"), object.to_bytes()).unwrap();
    let (head, _) = WalHead::new(LOG, 17, Some((CLASS_KEY, &key))).unwrap();
    std::fs::write(folder.join("wal-1.sealed"), wal(&head)).unwrap();
}

const CLASS_KEY: &str = "standard/2026-03";

const ORIGINAL: &str = "{\"original\":\"証跡\"}";

/// An envelope, and a class key in its object: sealed once, opened ever since.
#[tokio::test]
async fn what_was_sealed_opens() {
    make_once().await;
    let key = Secret::from(SECRET);
    let sealed = read("envelope-1");
    assert_eq!(envelope::open(&key, "originals/golden", &sealed).unwrap(), ORIGINAL.as_bytes());
    // By the same key it is the same again, and one of several chunks is what it was.
    let wrapped = envelope::wrapped_key(&sealed).unwrap();
    let own = wrapped.open(&key, "originals/golden").unwrap();
    let by = |plain: &str| envelope::seal_by(&wrapped, &own, "originals/golden", plain.as_bytes()).unwrap();
    stays("envelope-1", &by(ORIGINAL));
    let long = by(&ORIGINAL.repeat(10_000));
    stays(
        "envelope-1.long",
        format!("{} bytes, SHA-256 {}\n", long.len(), hex::encode(Sha256::digest(&long))).as_bytes(),
    );

    let object = ClassKeyObject::parse(&read("class-key-1.json")).unwrap();
    let provider = LocalKey::parse(&String::from_utf8(read("provider-1.key")).unwrap()).unwrap();
    assert_eq!(object.open(&provider).await.unwrap().expose(), &SECRET);
    stays("class-key-1.json", &object.to_bytes());
    stays("provider-1.key", provider.to_text().as_bytes());
}

const LOG: &str = "0123456789abcdef0123456789abcdef";

/// A delivery with all that one can say, and one with as little as it may.
fn deliveries() -> [Delivery; 2] {
    let full = Delivery {
        received: Timestamp(1_772_672_523_000_001),
        door: "falco".to_owned(),
        sender: "本番".to_owned(),
        from: Some("192.0.2.7/CN=本番".to_owned()),
        source: Some("falco".to_owned()),
        stream: Some("falco/prod".to_owned()),
        log: Some("app=api".to_owned()),
        id: Some("r1".to_owned()),
        is_wrapped_by_us: true,
        cursor: Some(Transaction { stream: "files/本番".to_owned(), sequence: i64::MAX }),
        events: vec![Bytes::from_static(b"{\"n\":1}"), Bytes::new(), Bytes::from_static(b"\xff\x00")],
    };
    let least = Delivery {
        received: Timestamp(0),
        door: "syslog".to_owned(),
        sender: "servers".to_owned(),
        from: None,
        source: None,
        stream: None,
        log: None,
        id: None,
        is_wrapped_by_us: false,
        cursor: None,
        events: Vec::new(),
    };
    [full, least]
}

/// A file of these deliveries with that head.
fn wal(head: &WalHead) -> Vec<u8> {
    let frames = Frames::new(head, head.open(&Secret::from(SECRET)).unwrap()).unwrap();
    let mut file = head.to_bytes().unwrap();
    for (number, delivery) in (0..).zip(deliveries()) {
        file.extend(frames.seal(number, delivery.to_bytes().unwrap()).unwrap());
    }
    file
}

/// A file of the write-ahead log, in the clear and sealed: read, and written again by its own key, it is the same.
#[test]
fn a_write_ahead_log_is_what_it_was() {
    let (plain, _) = WalHead::new(LOG, 17, None).unwrap();
    stays("wal-1.plain", &wal(&plain));
    for name in ["wal-1.plain", "wal-1.sealed"] {
        let file = read(name);
        let (head, mut at) = WalHead::parse(&file).unwrap().unwrap();
        assert_eq!((head.format, head.log.as_str(), head.sequence), (1, LOG, 17), "{name}");
        let frames = Frames::new(&head, head.open(&Secret::from(SECRET)).unwrap()).unwrap();
        for (number, expected) in (0..).zip(deliveries()) {
            let Frame::Whole(bytes, next) = frames.open(number, &file, at).unwrap() else { panic!("{name}") };
            assert_eq!(Delivery::parse(&bytes).unwrap(), expected, "{name}");
            at = next;
        }
        assert_eq!(frames.open(2, &file, at).unwrap(), Frame::End, "{name}");
        stays(name, &wal(&head));
    }
}

/// `shoseki.toml`, and the names of objects.
#[test]
fn a_marker_and_names_are_what_they_were() {
    let marker = layout::Marker { format: 3, origin: "shoseki/prod".to_owned(), encryption: "aes-256-gcm".to_owned() };
    stays("marker-3.toml", marker.to_text().as_bytes());
    assert_eq!(layout::Marker::parse(&String::from_utf8(read("marker-3.toml")).unwrap()).unwrap(), marker);
    let day = shoseki_event::Day::parse("2026-03-05").unwrap();
    let names = [
        layout::MARKER.to_owned(),
        layout::commit(7),
        format!("{}/{}", layout::EVENTS, layout::data_file("standard", day, SegmentId([1; 16]))),
        layout::original(&"ab".repeat(32)),
        layout::class_key("standard/2026-03", 2),
        layout::CHECKPOINT.to_owned(),
        layout::checkpoint(7),
    ];
    stays("names-1", (names.join("\n") + "\n").as_bytes());
}
