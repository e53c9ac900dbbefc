//! A package verifies as it was made, and nothing in it can be changed, removed, added or exchanged unseen.

use std::io::{Cursor, Read, Write};

use shoseki_segment::proof::ProvenRecord;
use shoseki_tlog::SigningKey;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{Language, Manifest, PackageWriter, verify_package};
use crate::tests::fixture::{ORIGIN, Vault};
use crate::{Report, Verdict};

type Entries = Vec<(String, Vec<u8>)>;

fn manifest(vault: &Vault, records: u64) -> Manifest {
    Manifest {
        format: 1,
        created: "2026-03-07T00:00:00Z".to_owned(),
        origin: ORIGIN.to_owned(),
        query: "fields @timestamp, @message | filter @message like /Object/".to_owned(),
        language: Language::Insights,
        from: Some("2026-03-04T00:00:00Z".to_owned()),
        to: None,
        time_zone: "Asia/Tokyo".to_owned(),
        asked: None,
        tree_size: vault.edge.size(),
        rows: records,
        records,
        streams: vec!["cloudtrail/1".to_owned()],
        complete: true,
        masked: false,
        population: None,
        sample: None,
        attachments: None,
        files: std::collections::BTreeMap::new(),
    }
}

/// A package of all records of the vault's segments of events; `change` may lie about what is signed.
fn package(vault: &Vault, change: impl Fn(&mut Vec<ProvenRecord>, &mut Manifest)) -> Vec<u8> {
    let segments: Vec<usize> =
        (0..vault.drafts.len()).filter(|n| &*vault.drafts[*n].records[0].provenance.stream == "cloudtrail/1").collect();
    let mut records = Vec::new();
    for n in &segments {
        let count = u32::try_from(vault.drafts[*n].records.len()).unwrap();
        records.extend((0..count).map(|ordinal| vault.proof(*n, ordinal).record));
    }
    let mut versions: Vec<u64> = records.iter().map(|record| record.version).collect();
    versions.dedup();
    let mut manifest = manifest(vault, records.len() as u64);
    change(&mut records, &mut manifest);
    let mut writer = PackageWriter::new(Cursor::new(Vec::new()));
    writer.add("README.en.html", b"<p>what this is</p>").unwrap();
    writer.add("README.ja.html", "<p>これは何か</p>".as_bytes()).unwrap();
    writer.start("rows.csv").unwrap();
    writeln!(writer, "@ptr").unwrap();
    records.iter().for_each(|record| writeln!(writer, "{}", record.id).unwrap());
    writer.start("rows.jsonl").unwrap();
    records.iter().for_each(|record| writeln!(writer, "{{\"@ptr\":\"{}\"}}", record.id).unwrap());
    records.iter().for_each(|record| writer.record(record).unwrap());
    for version in versions {
        writer.commit(version, &vault.commits[version as usize], &vault.log_proof(version)).unwrap();
    }
    writer.checkpoint(&vault.checkpoints[&vault.edge.size()]).unwrap();
    writer.finish(manifest, &vault.key).unwrap().into_inner()
}

fn judge(vault: &Vault, package: &[u8]) -> Report {
    verify_package(Cursor::new(package), Some(vault.key.verifier()), None).unwrap()
}

/// The key of another vault judges nothing, and says so.
#[tokio::test]
async fn the_key_of_another_vault_judges_no_package() {
    let vault = Vault::full(false).await;
    let package = package(&vault, |_, _| {});
    let judged = |name: &str| {
        let key = SigningKey::generate(name).unwrap();
        verify_package(Cursor::new(&package), Some(key.verifier()), None).unwrap()
    };
    let report = judged("another/vault");
    let problems: Vec<&str> = report.problems.iter().map(|problem| problem.message.id()).collect();
    assert_eq!((report.verdict, problems), (Verdict::Unverifiable, vec!["verify-package-other-origin"]));
    assert_eq!(judged(vault.key.verifier().name()).verdict, Verdict::Tampered);
    // Another name on a part of it is no way out for who changed it.
    let mut renamed = entries(&package);
    let (_, manifest) = renamed.iter_mut().find(|(name, _)| name == "manifest.json").unwrap();
    *manifest = String::from_utf8(manifest.clone()).unwrap().replace(vault.key.verifier().name(), "renamed").into();
    let (_, note) = renamed.iter_mut().find(|(name, _)| name == "manifest.note").unwrap();
    *note = String::from_utf8(note.clone()).unwrap().replace(vault.key.verifier().name(), "renamed").into();
    assert_eq!(judge(&vault, &zipped(&renamed)).verdict, Verdict::Tampered);
}

fn entries(package: &[u8]) -> Entries {
    let mut zip = ZipArchive::new(Cursor::new(package)).unwrap();
    let mut entries = Vec::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let name = String::from_utf8(entry.name_raw().to_vec()).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        entries.push((name, bytes));
    }
    entries
}

fn zipped(entries: &Entries) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn names(report: &Report) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.what.as_str()).collect()
}

#[tokio::test]
async fn a_package_is_intact_and_says_what_it_proves() {
    let vault = Vault::full(true).await;
    let made = package(&vault, |_, _| {});
    assert_eq!(made, package(&vault, |_, _| {}), "the same parts give the same bytes");
    let report = judge(&vault, &made);
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    let checked = &report.checked;
    assert_eq!((checked.records, checked.commits, checked.checkpoints, report.tree_size), (14, 3, 1, 5));
    assert_eq!(checked.files, 6 + 2 * 3);
    let notes: Vec<&str> = report.notes.iter().map(shoseki_messages::Message::id).collect();
    assert_eq!(notes, ["verify-package-proven", "verify-package-claims-complete"]);
    assert_eq!(judge(&vault, &zipped(&entries(&made))).verdict, Verdict::Intact);
}

#[tokio::test]
async fn whatever_is_changed_removed_or_added_is_named() {
    let vault = Vault::full(true).await;
    let good = entries(&package(&vault, |_, _| {}));
    for at in 0..good.len() {
        let name = good[at].0.clone();
        let length = good[at].1.len();
        for place in [0, length / 2, length - 1] {
            let mut changed = good.clone();
            changed[at].1[place] ^= 1;
            let report = judge(&vault, &zipped(&changed));
            let named = names(&report);
            assert!(
                report.verdict != Verdict::Intact && named.contains(&name.as_str()),
                "{name} at {place}: {named:?}"
            );
        }
        let mut changed = good.clone();
        changed[at].1.extend_from_slice(b"\n");
        assert!(names(&judge(&vault, &zipped(&changed))).contains(&name.as_str()), "{name} grew");
        let mut removed = good.clone();
        removed.remove(at);
        assert!(names(&judge(&vault, &zipped(&removed))).contains(&name.as_str()), "{name} removed");
        let mut renamed = good.clone();
        renamed[at].0.push('x');
        let named = judge(&vault, &zipped(&renamed));
        assert!(names(&named).contains(&name.as_str()), "{name} renamed: {:?}", names(&named));
    }
    for name in ["more.txt", "commits/9.json", "commits/01.json", "../evil", "rows.jsonl "] {
        let mut added = good.clone();
        added.push((name.to_owned(), b"{}".to_vec()));
        assert!(names(&judge(&vault, &zipped(&added))).contains(&name), "{name} added");
    }
    let mut exchanged = good.clone();
    let (a, b) = (exchanged[0].1.clone(), exchanged[1].1.clone());
    (exchanged[0].1, exchanged[1].1) = (b, a);
    assert_eq!(names(&judge(&vault, &zipped(&exchanged))), ["README.en.html", "README.ja.html"]);
}

/// Lies of who holds the vault's key and signs the manifest over them.
#[tokio::test]
async fn what_the_signer_makes_up_is_named() {
    type Change = fn(&mut Vec<ProvenRecord>, &mut Manifest);
    let vault = Vault::full(false).await;
    let lies: [(&str, Change, &str); 11] = [
        (
            "two records' bytes are swapped",
            |r, _| {
                let raw = r[0].raw.clone();
                r[0].raw = std::mem::replace(&mut r[1].raw, raw);
            },
            ":0",
        ),
        (
            "two records' names are swapped",
            |r, _| {
                let id = r[0].id;
                r[0].id = std::mem::replace(&mut r[1].id, id);
            },
            ":0",
        ),
        ("a record is made up", |r, _| r[2].raw = bytes::Bytes::from_static(b"{}"), ":2"),
        ("a record is backdated", |r, _| r[3].provenance.received.0 -= 1, ":3"),
        ("a record stands twice", |r, _| r[1] = r[0].clone(), ":0"),
        ("a record of another commit", |r, _| r[0].version = 2, ":0"),
        ("a record of no commit", |r, _| r[0].version = 99, ":0"),
        ("more records are claimed", |_, m| m.records += 1, "records.jsonl"),
        ("fewer rows are claimed", |_, m| m.rows -= 1, "rows.jsonl"),
        ("other streams are claimed", |_, m| m.streams.push("more".to_owned()), "records.jsonl"),
        ("another tree is claimed", |_, m| m.tree_size = 4, "checkpoint"),
    ];
    for (name, change, what) in lies {
        let report = judge(&vault, &package(&vault, change));
        let found = names(&report);
        assert_eq!(report.verdict, Verdict::Tampered, "{name}");
        assert!(found.iter().any(|found| found.contains(what)), "{name}: {found:?}");
    }
}

#[tokio::test]
async fn another_key_and_an_older_tree_do_not_pass() {
    let mut vault = Vault::full(false).await;
    let old = package(&vault, |_, _| {});
    let stranger = SigningKey::generate(ORIGIN).unwrap();
    let report = verify_package(Cursor::new(&old), Some(stranger.verifier()), None).unwrap();
    assert_eq!((report.verdict, names(&report)), (Verdict::Tampered, vec!["manifest.note"]));
    let report = verify_package(Cursor::new(&old), None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Unverifiable, "without a key nothing can be judged");

    // An older checkpoint in a newer package, and all of an older package: the first is named, the second is told.
    let older_checkpoint = vault.checkpoints[&3].clone();
    let mut replayed = entries(&old);
    for (name, bytes) in &mut replayed {
        if name == "checkpoint" {
            *bytes = older_checkpoint.to_vec();
        }
    }
    assert!(names(&judge(&vault, &zipped(&replayed))).contains(&"checkpoint"));
    vault.ingest(vec![crate::tests::fixture::events("Later", 4, 1)], Vec::new(), |d| d.truncate(1), |_| {});
    vault.seal();
    let known = vault.checkpoints[&6].clone();
    let report = verify_package(Cursor::new(&old), Some(vault.key.verifier()), Some(&known)).unwrap();
    assert!(report.notes.iter().any(|note| note.id() == "verify-package-older"));

    // A forked log of the same key and size.
    let mut other = Vault::init(vault.key.clone(), false).await;
    other.fill(|drafts| drafts[0].records.truncate(1), |_| {});
    let known = other.checkpoints[&5].clone();
    let report = verify_package(Cursor::new(&old), Some(vault.key.verifier()), Some(&known)).unwrap();
    assert_eq!((report.verdict, names(&report)), (Verdict::Tampered, vec!["checkpoint"]));
}

/// The zip file itself: nothing can hide in it, and it cannot exhaust the reader.
#[tokio::test]
async fn nothing_hides_in_the_archive() {
    let vault = Vault::full(false).await;
    let good = package(&vault, |_, _| {});
    let hidden = [
        [b"x".as_slice(), &good].concat(),
        [&good, b"x".as_slice()].concat(),
        good[..good.len() - 1].to_vec(),
        Vec::new(),
        b"PK\x05\x06".to_vec(),
        [&good[..], &good[..]].concat(),
    ];
    for package in hidden {
        let report = judge(&vault, &package);
        assert_eq!((report.verdict, names(&report)), (Verdict::Tampered, vec!["package"]));
    }
    let mut with_comment = ZipWriter::new(Cursor::new(Vec::new()));
    with_comment.set_comment("hello").unwrap();
    for (name, bytes) in entries(&good) {
        with_comment.start_file(name, SimpleFileOptions::default()).unwrap();
        with_comment.write_all(&bytes).unwrap();
    }
    assert_eq!(names(&judge(&vault, &with_comment.finish().unwrap().into_inner())), ["package"]);

    // Names that stand twice: the last letter of one entry's name is changed into another's, in both places.
    let mut twice = entries(&good);
    twice.push(("rows.jsonk".to_owned(), b"{}".to_vec()));
    let mut bytes = zipped(&twice);
    let places: Vec<usize> =
        bytes.windows(10).enumerate().filter(|(_, w)| *w == b"rows.jsonk").map(|(at, _)| at).collect();
    places.iter().for_each(|at| bytes[at + 9] = b'l');
    assert_eq!((places.len(), names(&judge(&vault, &bytes))), (2, vec!["package"]));

    // A bomb in the place of a file: reading stops at the length that was signed.
    let mut bomb = entries(&good);
    for (name, bytes) in &mut bomb {
        if name == "rows.csv" {
            *bytes = vec![b'0'; 64 << 20];
        }
    }
    assert_eq!(names(&judge(&vault, &zipped(&bomb))), ["rows.csv"]);

    // No byte of the file can be changed without being seen, but for what only describes entries: times and permissions.
    let mut unseen = 0;
    for at in (0..good.len()).step_by(7) {
        let mut changed = good.clone();
        changed[at] ^= 0x10;
        unseen += usize::from(judge(&vault, &changed).verdict == Verdict::Intact);
    }
    assert!(unseen < good.len() / 7 / 10, "{unseen} of {}", good.len() / 7);
}
