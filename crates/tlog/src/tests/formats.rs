//! Names, bundles, tiles, entries and portable proofs.

use bytes::Bytes;
use shoseki_messages::Kind;

use super::{entries, test_key};
use crate::{
    Checkpoint, CommitEntry, Edge, MAX_ENTRY_BYTES, ObjectPath, Objects, TlogProof, decode_bundle, decode_tile,
    encode_bundle, full_form, prove_inclusion, read_bundle, read_tile,
};

#[test]
fn paths_are_read_as_they_are_written() {
    let tile = |level, index, width| ObjectPath::Tile { level, index, width };
    for (text, path) in [
        ("tile/0/000", tile(0, 0, 256)),
        ("tile/0/000.p/5", tile(0, 0, 5)),
        ("tile/0/x001/x234/067", tile(0, 1_234_067, 256)),
        ("tile/1/x001/000.p/255", tile(1, 1000, 255)),
        ("tile/7/000.p/255", tile(7, 0, 255)),
        ("tile/entries/999", ObjectPath::Entries { index: 999, width: 256 }),
        ("tile/entries/x001/000.p/1", ObjectPath::Entries { index: 1000, width: 1 }),
        ("checkpoints/0", ObjectPath::Checkpoint { size: 0 }),
        ("checkpoints/18446744073709551615", ObjectPath::Checkpoint { size: u64::MAX }),
        ("tile/0/x072/x057/x594/x037/x927/935.p/255", tile(0, u64::MAX >> 8, 255)),
    ] {
        assert_eq!(path.to_string(), text);
        assert_eq!(text.parse::<ObjectPath>().unwrap(), path);
    }
    for wrong in [
        "",
        "checkpoint",
        "checkpoints/",
        "checkpoints/01",
        "checkpoints/+1",
        "checkpoints/18446744073709551616",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/1000",
        "tile/0/+00",
        "tile/00/000",
        "tile/8/000.p/1",
        "tile/63/000",
        "tile/7/000",
        "tile/0/000.p/0",
        "tile/0/000.p/05",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p/1.p/1",
        "tile/0/x072/x057/x594/x037/x927/935",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/data/000",
        "tile/entries/../000",
        "/tile/0/000",
        "tile/0/000/",
    ] {
        let fault = wrong.parse::<ObjectPath>().unwrap_err();
        assert_eq!((fault.kind(), fault.id()), (Kind::Damage, "tlog-path-unreadable"), "{wrong}");
    }
    assert_eq!(full_form("tile/0/x001/000.p/7").as_deref(), Some("tile/0/x001/000"));
    assert_eq!(full_form("tile/entries/000.p/7").as_deref(), Some("tile/entries/000"));
    assert_eq!((full_form("tile/0/000"), full_form("checkpoints/1"), full_form("x")), (None, None, None));
}

#[test]
fn a_tree_has_the_tiles_that_the_specification_counts() {
    // tlog-tiles: "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of
    // width 112, one full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1".
    let shown = |level, index| ObjectPath::tile(level, index, 70_000).map(|path| path.to_string());
    assert_eq!(shown(0, 272).as_deref(), Some("tile/0/272"));
    assert_eq!(shown(0, 273).as_deref(), Some("tile/0/273.p/112"));
    assert_eq!(shown(0, 274), None);
    assert_eq!(shown(1, 0).as_deref(), Some("tile/1/000"));
    assert_eq!(shown(1, 1).as_deref(), Some("tile/1/001.p/17"));
    assert_eq!(shown(2, 0).as_deref(), Some("tile/2/000.p/1"));
    assert_eq!((shown(2, 1), shown(3, 0), shown(200, 0)), (None, None, None));
    assert_eq!(ObjectPath::entries_of(69_999, 70_000).unwrap().to_string(), "tile/entries/273.p/112");
    assert_eq!(ObjectPath::entries_of(70_000, 70_000), None);
    assert_eq!(ObjectPath::tile(0, u64::MAX, u64::MAX), None);
}

#[test]
fn bundles_are_exact() {
    let longest = Bytes::from(vec![7; MAX_ENTRY_BYTES]);
    let entries = [Bytes::new(), Bytes::from_static(b"ab"), longest];
    let bundle = encode_bundle(&entries).unwrap();
    assert_eq!(&bundle[..8], [0, 0, 0, 2, b'a', b'b', 0xff, 0xff]);
    assert_eq!(decode_bundle(&bundle, 3).unwrap(), entries);
    for width in [0, 1, 2, 4, 256, 257, u16::MAX] {
        assert_eq!(decode_bundle(&bundle, width).unwrap_err().id(), "tlog-bundle-unreadable", "{width}");
    }
    for cut in [0, 1, 2, 3, 5, bundle.len() - 1] {
        assert!(decode_bundle(&bundle.slice(..cut), 3).is_err(), "{cut}");
    }
    assert!(decode_bundle(&Bytes::from([&bundle[..], b"\0"].concat()), 3).is_err());
    let too_long = encode_bundle(&[Bytes::from(vec![0; MAX_ENTRY_BYTES + 1])]).unwrap_err();
    assert_eq!((too_long.kind(), too_long.id()), (Kind::Caller, "tlog-entry-too-long"));
    assert!(encode_bundle(&[]).is_err());
    assert!(encode_bundle(&vec![Bytes::new(); 257]).is_err());
}

#[test]
fn objects_are_read_at_their_width_from_either_form() {
    let entries = entries(256);
    let mut edge = Edge::empty();
    entries.iter().for_each(|entry| edge.append(entry).unwrap());
    let objects: Objects = edge.objects().unwrap().into_iter().collect();
    let path = |text: &str| text.parse::<ObjectPath>().unwrap();
    assert_eq!(
        read_tile(&objects, &path("tile/0/000.p/5")).unwrap(),
        decode_tile(&objects["tile/0/000"], 256).unwrap()[..5]
    );
    assert_eq!(read_bundle(&objects, &path("tile/entries/000.p/5")).unwrap(), entries[..5]);
    assert_eq!(read_tile(&objects, &path("tile/0/001.p/5")).unwrap_err().id(), "tlog-object-missing");
    assert_eq!(read_tile(&objects, &path("tile/entries/000")).unwrap_err().id(), "tlog-object-other-kind");
    assert_eq!(read_bundle(&objects, &path("tile/0/000")).unwrap_err().id(), "tlog-object-other-kind");
    for length in [0, 31, 5 * 32 - 1, 5 * 32 + 1, 8192] {
        let objects = Objects::from([("tile/0/000.p/5".to_owned(), Bytes::from(vec![0; length]))]);
        assert_eq!(
            read_tile(&objects, &path("tile/0/000.p/5")).unwrap_err().id(),
            "tlog-object-unreadable",
            "{length}"
        );
    }
}

#[test]
fn an_entry_has_one_form() {
    let entry = CommitEntry::of(7, b"test");
    let text = "shoseki-commit/v1\n7\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n4\n";
    assert_eq!(entry.to_bytes(), text);
    assert_eq!(CommitEntry::parse(text.as_bytes()).unwrap(), entry);
    assert!(entry.is_of(7, b"test") && !entry.is_of(8, b"test") && !entry.is_of(7, b"tesT"));
    let largest = CommitEntry { version: u64::MAX, sha256: [255; 32], length: u64::MAX };
    assert_eq!(CommitEntry::parse(&largest.to_bytes()).unwrap(), largest);
    for (from, to) in [
        ("v1", "v2"),
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n+7\n"),
        ("\n7\n", "\n-7\n"),
        ("\n7\n", "\r\n7\n"),
        ("9f86", "9F86"),
        ("9f86", "9f8"),
        ("9f86", "00009f86"),
        ("\n4\n", "\n4"),
        ("\n4\n", "\n4\n\n"),
        ("\n4\n", "\n4 \n"),
        ("\n4\n", "\n18446744073709551616\n"),
        ("\n4\n", "\n"),
    ] {
        let wrong = text.replace(from, to);
        assert_eq!(CommitEntry::parse(wrong.as_bytes()).unwrap_err().id(), "tlog-entry-unreadable", "{wrong:?}");
    }
}

fn proof_of(index: u64, size: u64) -> TlogProof {
    let mut edge = Edge::empty();
    entries(size).iter().for_each(|entry| edge.append(entry).unwrap());
    let objects: Objects = edge.objects().unwrap().into_iter().collect();
    let key = test_key();
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size, root: edge.root().unwrap() };
    TlogProof {
        extra: Vec::new(),
        index,
        hashes: prove_inclusion(index, size, &objects).unwrap(),
        checkpoint: checkpoint.sign(&key).unwrap(),
    }
}

#[test]
fn a_portable_proof_stands_alone() {
    let (key, entries) = (test_key(), entries(300));
    for (index, size) in [(0, 1), (0, 300), (255, 256), (255, 300), (299, 300)] {
        let proof = proof_of(index, size);
        let again = TlogProof::parse(&proof.to_bytes()).unwrap();
        assert_eq!(again, proof);
        assert_eq!(again.verify(&entries[index as usize], key.verifier()).unwrap().size(), size);
        let fault = again.verify(b"another entry", key.verifier()).unwrap_err();
        assert_eq!((fault.kind(), fault.id()), (Kind::Damage, "tlog-proof-wrong"));
    }
    let wrong = TlogProof { index: 6, ..proof_of(5, 9) };
    assert_eq!(wrong.verify(&entries[5], key.verifier()).unwrap_err().id(), "tlog-proof-wrong");
    let shorter = TlogProof { hashes: Vec::new(), ..proof_of(5, 9) };
    assert_eq!(shorter.verify(&entries[5], key.verifier()).unwrap_err().id(), "tlog-proof-wrong");
}

#[test]
fn a_portable_proof_is_written_as_the_specification_says() {
    let proof = TlogProof { extra: b"hi".to_vec(), ..proof_of(1, 2) };
    let text = String::from_utf8(proof.to_bytes().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().take(6).collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra aGk=", "index 1"]);
    assert_eq!((lines[3].len(), lines[4], lines[5]), (44, "", "example.com/shoseki"));
    assert_eq!(TlogProof::parse(text.as_bytes()).unwrap(), proof);
    for (from, to) in [
        ("@v1", "@v2"),
        ("extra aGk=", "extra "),
        ("extra aGk=", "extra aGk"),
        ("extra aGk=\nindex 1", "index 1\nextra aGk="),
        ("index 1", "index 01"),
        ("index 1", "index"),
        ("index 1\n", "index 1\nAAAA\n"),
        ("index 1", "Index 1"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_eq!(TlogProof::parse(wrong.as_bytes()).unwrap_err().id(), "tlog-proof-unreadable", "{from} → {to}");
    }
    let long = text.replacen("index 1\n", &format!("index 1\n{}", format!("{}\n", lines[3]).repeat(64)), 1);
    assert!(TlogProof::parse(long.as_bytes()).is_err());
    assert!(TlogProof::parse(&vec![b'a'; crate::MAX_PROOF_BYTES + 1]).is_err());
}
