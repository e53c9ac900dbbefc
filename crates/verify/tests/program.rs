//! `shoseki-verify` as it is run: what it says, in which language, and how it ends.
#![expect(clippy::unwrap_used, reason = "these are tests: what does not go on ends them")]

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output};

use shoseki_segment::keys::LocalKey;
use shoseki_verify::package::{Language, Manifest, PackageWriter};
use shoseki_verify::{Place, Question, Report, verify_vault};

#[path = "../src/tests/fixture.rs"]
#[expect(dead_code, reason = "the library's own tests use the rest of the fixture")]
mod fixture;

use fixture::{ORIGIN, Vault};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoseki-verify"));
    command.args(arguments).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C").output().unwrap()
}

/// The exit code and all that was said.
fn said(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

fn write_vault(vault: &Vault, folder: &Path) {
    for (name, bytes) in &vault.objects {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn package(vault: &Vault) -> Vec<u8> {
    let record = vault.proof(0, 0).record;
    let manifest = Manifest {
        format: 1,
        created: "2026-03-07T00:00:00Z".to_owned(),
        origin: ORIGIN.to_owned(),
        query: "fields @message".to_owned(),
        language: Language::Insights,
        from: None,
        to: None,
        time_zone: "UTC".to_owned(),
        asked: None,
        tree_size: 5,
        rows: 1,
        records: 1,
        streams: vec!["cloudtrail/1".to_owned()],
        complete: false,
        masked: true,
        population: None,
        sample: None,
        attachments: None,
        files: std::collections::BTreeMap::new(),
    };
    let mut writer = PackageWriter::new(Cursor::new(Vec::new()));
    for name in ["README.en.html", "README.ja.html", "rows.csv"] {
        writer.add(name, b"x\n").unwrap();
    }
    writer.start("rows.jsonl").unwrap();
    writeln!(writer, "{{\"@ptr\":\"{}\"}}", record.id).unwrap();
    writer.record(&record).unwrap();
    writer.commit(record.version, &vault.commits[1], &vault.log_proof(1)).unwrap();
    writer.checkpoint(&vault.checkpoints[&5]).unwrap();
    writer.finish(manifest, &vault.key).unwrap().into_inner()
}

#[tokio::test]
async fn it_judges_vaults_proofs_and_packages() {
    let vault = Vault::full(true).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    write_vault(&vault, &folder.path().join("vault"));
    std::fs::write(path("x.proof"), vault.proof(0, 0).to_bytes()).unwrap();
    std::fs::write(path("x.zip"), package(&vault)).unwrap();
    std::fs::write(path("key.pub"), format!("{}\n", vault.key.verifier())).unwrap();
    std::fs::write(path("encryption.key"), vault.provider.as_ref().unwrap().to_text().as_bytes()).unwrap();
    std::fs::write(path("kept"), &vault.checkpoints[&3]).unwrap();
    let key = vault.key.verifier().to_string();
    let (proof, zip, folder_of_vault) = (path("x.proof"), path("x.zip"), path("vault"));

    let (code, text) = said(&["proof", &proof, "--key", &key]);
    assert!(code == 0 && text.starts_with("intact\n") && text.contains("is unchanged since commit 1"), "{text}");
    let (code, text) = said(&["package", &zip, "--key", &path("key.pub"), "--lang", "ja"]);
    assert!(code == 0 && text.starts_with("改ざんなし\n") && text.contains("証明済み: 1 件"), "{text}");
    let (encryption, kept) = (path("encryption.key"), path("kept"));
    let deep =
        ["vault", &folder_of_vault, "--key", &key, "--encryption-key", &encryption, "--deep", "--against", &kept];
    let (code, text) = said(&deep);
    assert!(code == 0 && text.contains("18 records") && text.contains("the checkpoint of 3 entries"), "{text}");
    std::fs::write(path("other.key"), LocalKey::fresh().unwrap().to_text().as_bytes()).unwrap();
    let other = path("other.key");
    let both = [&deep[..], &["--encryption-key", &other]].concat();
    assert_eq!(said(&both).0, 0, "of several keys each opens what it wrapped");
    let json = run(&[&deep[..], &["--json"]].concat()).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["verdict"], &json["tree_size"]), (&"intact".into(), &5.into()));

    // Changed, then without a key, then what cannot be asked so.
    let commit = folder.path().join("vault/events/_delta_log/00000000000000000002.json");
    let changed = std::fs::read_to_string(&commit).unwrap().replace("\"timestamp\":17", "\"timestamp\":16");
    std::fs::write(&commit, changed).unwrap();
    let (code, text) = said(&["vault", &folder_of_vault, "--key", &key]);
    assert!(
        code == 1 && text.starts_with("tampered\n  events/_delta_log/00000000000000000002.json: commit 2"),
        "{text}"
    );
    assert_eq!(said(&["vault", &folder_of_vault]).0, 4);
    assert_eq!(said(&["proof", &proof]).0, 4);
    for wrong in [
        &["vault", "nowhere", "--key", &key][..],
        &["package", "nowhere.zip", "--key", &key],
        &["proof", &proof, "--key", "a+b"],
        &["proof", "--key", &key],
        &["prove", &proof],
        &["proof", &proof, "--deeper"],
        &["proof", &proof, "more", "--key", &key],
        &["proof", &proof, "--key"],
        &["proof", &proof, "--key", &key, "--lang", "fr"],
        &[],
    ] {
        let (code, text) = said(wrong);
        assert!(code == 2 && text.starts_with("shoseki-verify: ") && !text.contains("verify-cli"), "{wrong:?}: {text}");
    }
}

#[test]
fn it_helps_in_both_languages() {
    let (code, english) = said(&["--help"]);
    let (_, japanese) = said(&["--help", "--lang", "ja"]);
    assert!(code == 0 && english.contains("Exit codes: 0 intact") && japanese.contains("終了コード"));
    for option in ["--key", "--encryption-key", "--deep", "--against", "--anchor", "--json", "--lang"] {
        assert!(english.contains(option) && japanese.contains(option), "{option}");
    }
    assert_eq!(said(&["--version"]).0, 0);
}
