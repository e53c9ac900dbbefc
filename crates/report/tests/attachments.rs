//! Documents in a package: they are proven with what is said of them, and who holds the vault's key cannot say otherwise of them than
//! what was sealed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use shoseki_query::Options;
use shoseki_report::{Request, pack};
use shoseki_vault::ingest::{Meter, Request as Ingest, ingest};
use shoseki_vault::{Access, Attach, Init, Vault};
use shoseki_verify::package::{Attachments, Manifest, PackageWriter, verify_package};
use shoseki_verify::{Report, Verdict};
use tempfile::TempDir;
use zip::ZipArchive;

type Entries = Vec<(String, Vec<u8>)>;

fn attach(file: &str, bytes: &[u8], requirements: &[&str]) -> Attach {
    Attach {
        file: file.to_owned(),
        bytes: Bytes::copy_from_slice(bytes),
        requirements: requirements.iter().map(|text| (*text).to_owned()).collect(),
        title: Some("点検手順".to_owned()),
        note: None,
        valid: (Some("2026-04-01".to_owned()), None),
        actor: json!({"user": "甲"}),
    }
}

async fn vault() -> (TempDir, Arc<Vault>) {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("vault").display().to_string();
    let vault = Vault::init(&url, &Access::new(folder.path().join("keys")), &Init::default()).await.unwrap().vault;
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"get","stageTimestamp":"2026-03-05T00:00:00.000001Z"}"#;
    let path = folder.path().join("audit.json");
    std::fs::write(&path, event).unwrap();
    let request = Ingest { paths: vec![path.display().to_string()], ..Ingest::default() };
    assert_eq!(ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap().new, 1);
    vault.attach(&attach("手順書.pdf", b"how it is done", &["PCI DSS 10.2.1", "ISMS A.8.15"])).await.unwrap();
    vault.attach(&attach("b.txt", b"", &["PCI DSS 10.3"])).await.unwrap();
    (folder, Arc::new(vault))
}

async fn packed(vault: &Arc<Vault>, requirements: &[&str]) -> Vec<u8> {
    let request = Request {
        query: "fields @message".to_owned(),
        sql: false,
        options: Options::default(),
        mask: None,
        population: true,
        sample: None,
        attachments: Some(requirements.iter().map(|text| (*text).to_owned()).collect()),
    };
    let mut out = Cursor::new(Vec::new());
    pack(vault, &request, &mut out).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    out.into_inner()
}

fn judge(vault: &Vault, package: &[u8]) -> Report {
    verify_package(Cursor::new(package), Some(&vault.verifier().unwrap()), None).unwrap()
}

fn entries(package: &[u8]) -> Entries {
    let mut zip = ZipArchive::new(Cursor::new(package)).unwrap();
    let mut entries = Vec::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let (name, mut bytes) = (String::from_utf8(entry.name_raw().to_vec()).unwrap(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        entries.push((name, bytes));
    }
    entries
}

/// A package with these entries, signed by the vault's key, whatever they say.
fn signed(vault: &Vault, entries: &Entries, change: impl Fn(&mut Manifest)) -> Vec<u8> {
    let mut writer = PackageWriter::new(Cursor::new(Vec::new()));
    let mut manifest = None;
    for (name, bytes) in entries {
        match name.as_str() {
            "manifest.json" => manifest = Some(Manifest::parse(bytes).unwrap()),
            "manifest.note" => {}
            name => writer.add(name, bytes).unwrap(),
        }
    }
    let mut manifest = manifest.unwrap();
    change(&mut manifest);
    writer.finish(manifest, &vault.keys().signing().unwrap()).unwrap().into_inner()
}

fn entry<'a>(entries: &'a mut Entries, prefix: &str) -> &'a mut Vec<u8> {
    &mut entries.iter_mut().find(|(name, _)| name.starts_with(prefix)).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_proven_and_chosen_by_requirement() {
    let (_folder, vault) = vault().await;
    for (wanted, documents, statements) in [
        (&[][..], 2, 3),
        (&["PCI DSS 10"][..], 2, 2),
        (&["PCI DSS 10.2.1", "ISMS"][..], 1, 2),
        (&["PCI DSS 10.3"], 1, 1),
    ] {
        let package = packed(&vault, wanted).await;
        let report = judge(&vault, &package);
        assert_ne!(report.verdict, Verdict::Tampered, "{:#?}", report.problems);
        assert!(
            report.problems.iter().all(|problem| problem.verdict == Verdict::Unverifiable),
            "{:#?}",
            report.problems
        );
        assert!(report.notes.iter().any(|note| note.id() == "verify-package-documents"), "{wanted:?}");
        let entries = entries(&package);
        let manifest = entries.iter().find(|(name, _)| name == "manifest.json").unwrap();
        let manifest = Manifest::parse(&manifest.1).unwrap();
        let requirements = wanted.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(manifest.attachments, Some(Attachments { requirements, documents, statements }), "{wanted:?}");
        assert_eq!(manifest.format, 3);
        let page = entries.iter().find(|(name, _)| name == "README.ja.html").unwrap();
        assert_eq!(String::from_utf8_lossy(&page.1).contains("手順書.pdf"), wanted != ["PCI DSS 10.3"]);
    }
    for nothing in ["PCI DSS 1", "PCI", "SOX"] {
        let request = Request {
            query: "fields @message".to_owned(),
            sql: false,
            options: Options::default(),
            mask: None,
            population: false,
            sample: None,
            attachments: Some(vec![nothing.to_owned()]),
        };
        let packed = pack(&vault, &request, Cursor::new(Vec::new())).await;
        assert_eq!(packed.is_ok(), nothing == "PCI", "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_the_key_cannot_say_otherwise() {
    let (_folder, vault) = vault().await;
    let good = entries(&packed(&vault, &["PCI DSS 10.2.1"]).await);
    let same = judge(&vault, &signed(&vault, &good, |_| {}));
    assert_ne!(same.verdict, Verdict::Tampered, "{:#?}", same.problems);
    let name = good.iter().find(|(name, _)| name.starts_with("attachments/")).unwrap().0.clone();

    let mut other_bytes = good.clone();
    entry(&mut other_bytes, "attachments/").push(b'!');
    let mut renamed = good.clone();
    renamed.iter_mut().find(|(known, _)| *known == name).unwrap().0 = format!("attachments/{}", "0".repeat(64));
    let mut removed = good.clone();
    removed.retain(|(known, _)| *known != name);
    let mut added = good.clone();
    added.push((format!("attachments/{}", "1".repeat(64)), b"never attached".to_vec()));
    let mut no_name = good.clone();
    no_name.push(("attachments/a.pdf".to_owned(), b"never attached".to_vec()));
    let mut other_words = good.clone();
    let line = String::from_utf8(entry(&mut other_words, "attachments.jsonl").clone()).unwrap();
    let raw = line.split("\"raw\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let flipped = raw.replacen(&raw[100..104], if &raw[100..104] == "AAAA" { "BBBB" } else { "AAAA" }, 1);
    *entry(&mut other_words, "attachments.jsonl") = line.replace(&raw, &flipped).into_bytes();
    let mut other_record = good.clone();
    let records = entry(&mut other_record, "records.jsonl").clone();
    *entry(&mut other_record, "attachments.jsonl") = records;
    let mut twice = good.clone();
    let line = entry(&mut twice, "attachments.jsonl").clone();
    entry(&mut twice, "attachments.jsonl").extend(line);
    let lies = [
        ("other bytes", other_bytes),
        ("another name", renamed),
        ("removed", removed),
        ("added", added),
        ("a name that is no hash", no_name),
        ("other words", other_words),
        ("a record that says nothing of documents", other_record),
        ("said twice", twice),
    ];
    for (lie, entries) in &lies {
        let counted = |manifest: &mut Manifest| {
            let documents = entries.iter().filter(|(name, _)| name.starts_with("attachments/")).count() as u64;
            manifest.attachments.as_mut().unwrap().documents = documents;
        };
        let report = judge(&vault, &signed(&vault, entries, counted));
        assert_eq!(report.verdict, Verdict::Tampered, "{lie}");
    }
    let unsaid = judge(&vault, &signed(&vault, &good, |manifest| manifest.attachments = None));
    assert_eq!(unsaid.verdict, Verdict::Tampered, "the manifest says nothing of them");
    let miscounted = judge(
        &vault,
        &signed(&vault, &good, |manifest| {
            manifest.attachments.as_mut().unwrap().statements = 7;
        }),
    );
    assert_eq!(miscounted.verdict, Verdict::Tampered);
}
