//! A record's proof: it holds, and no part of it can be exchanged.

use shoseki_segment::proof::RecordProof;
use shoseki_tlog::SigningKey;

use super::fixture::{ORIGIN, Vault};
use crate::{Verdict, judge_proof, verify_proof};

#[tokio::test]
async fn every_record_can_be_proven() {
    let vault = Vault::full(true).await;
    for (n, draft) in vault.drafts.iter().enumerate() {
        for ordinal in 0..u32::try_from(draft.records.len()).unwrap() {
            let proven = verify_proof(&vault.proof(n, ordinal).to_bytes(), vault.key.verifier()).unwrap();
            assert_eq!(proven.record.raw, draft.records[ordinal as usize].raw);
            assert_eq!(proven.checkpoint.size(), 5);
        }
    }
}

#[tokio::test]
async fn no_part_of_a_proof_can_be_exchanged() {
    type Lie = fn(&mut RecordProof, &Vault);
    let vault = Vault::full(false).await;
    let lies: [(&str, Lie); 13] = [
        ("another record's bytes", |p, v| p.record.raw = v.proof(0, 1).record.raw),
        ("another record's name", |p, v| p.record.id = v.proof(0, 1).record.id),
        ("another time of receipt", |p, _| p.record.provenance.received.0 += 1),
        ("another origin", |p, _| p.record.provenance.origin = "b".into()),
        ("another stream", |p, _| p.record.provenance.stream = "b".into()),
        ("another position", |p, _| p.record.provenance.position += 1),
        ("another salt", |p, _| p.record.salt[0] ^= 1),
        ("another path", |p, v| p.record.inclusion = v.proof(0, 1).record.inclusion),
        ("another count", |p, _| p.record.count += 1),
        ("another commit", |p, v| p.commit = v.commits[2].clone()),
        ("another commit, with its proof", |p, v| {
            p.commit = v.commits[2].clone();
            p.log = String::from_utf8(v.log_proof(2).to_vec()).unwrap();
        }),
        ("another commit's number", |p, _| p.record.version += 1),
        ("an extra that nobody signed", |p, _| p.log = p.log.replacen("index", "extra YWdl\nindex", 1)),
    ];
    for (name, lie) in lies {
        let mut proof = vault.proof(0, 0);
        lie(&mut proof, &vault);
        let (report, proven) = judge_proof("x.proof", &proof.to_bytes(), Some(vault.key.verifier()));
        assert_eq!((report.verdict, report.problems[0].what.as_str()), (Verdict::Tampered, "x.proof"), "{name}");
        assert!(proven.is_none());
    }
    let good = vault.proof(0, 0).to_bytes();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(verify_proof(&changed, vault.key.verifier()).is_err(), "byte {at}");
    }
    let other = SigningKey::generate(ORIGIN).unwrap();
    assert!(verify_proof(&good, other.verifier()).is_err(), "another key of the same name");
    assert_eq!(judge_proof("x", &good, None).0.verdict, Verdict::Unverifiable);
}

/// The page that tells a stranger how to verify by hand does what it says.
#[tokio::test]
async fn the_page_of_python_verifies_and_refuses() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = here.join("../../docs/spec/verify_proof.py");
    let is_there = |program: &str, argument: &str| std::process::Command::new(program).arg(argument).output().is_ok();
    if !is_there("python3", "--version") || !is_there("openssl", "version") {
        println!("skipped: the page of Python needs python3 and openssl");
        return;
    }
    let mut vault = Vault::full(true).await;
    vault.compact(&[2, 4, 7], shoseki_segment::Layout::Text, |_, _, _| {});
    vault.seal();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.proof");
    let run = |proof: &[u8], key: &str| {
        std::fs::write(&path, proof).unwrap();
        std::process::Command::new("python3").arg(&page).arg(&path).arg(key).output().unwrap()
    };
    let key = vault.key.verifier().to_string();
    for (n, ordinal) in [(0, 0), (0, 4), (1, 2), (2, 0), (6, 0)] {
        let output = run(&vault.proof(n, ordinal).to_bytes(), &key);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.starts_with("intact: "), "{n}:{ordinal}: {said}");
    }
    let mut lies = vec![vault.proof(0, 0); 5];
    let mut moved = vault.proof(2, 0);
    moved.record.version = 5;
    moved.commit = vault.commits[5].clone();
    moved.log = String::from_utf8(vault.log_proof(5).to_vec()).unwrap();
    lies.push(moved); // a compaction names the segment too
    lies[0].record.raw = b"{}".as_slice().into();
    lies[1].record.provenance.origin = "b".into();
    lies[2].commit = vault.commits[2].clone();
    lies[3].log = String::from_utf8(vault.log_proof(2).to_vec()).unwrap();
    lies[4].record.inclusion.pop();
    for (n, lie) in lies.iter().enumerate() {
        let output = run(&lie.to_bytes(), &key);
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("tampered: "), "lie {n}: {output:?}");
    }
    let stranger = SigningKey::generate(ORIGIN).unwrap();
    let output = run(&vault.proof(0, 0).to_bytes(), &stranger.verifier().to_string());
    assert_eq!(output.status.code(), Some(1), "another key");
}
