//! What only something outside the vault can show: a whole vault rolled back, forked or rebuilt.

use super::fixture::{ANCHOR, ORIGIN, Vault, events};
use super::ground::Ground;
use crate::{Report, Verdict, verify_vault};

async fn against(vault: &Vault, kept: &[u8]) -> Report {
    let mut question = vault.question(false).await;
    question.against = Some(bytes::Bytes::copy_from_slice(kept));
    verify_vault(&question).await.unwrap()
}

async fn anchored(vault: &Vault, anchor: &Vault) -> Report {
    let mut question = vault.question(false).await;
    question.anchors = vec![(ANCHOR.to_owned(), Vault::place(&anchor.anchor).await)];
    verify_vault(&question).await.unwrap()
}

/// Two vaults of one key: the second one went another way after commit 0.
async fn forked() -> (Vault, Vault) {
    let honest = Vault::full(false).await;
    let mut other = Vault::init(honest.key.clone(), false).await;
    other.fill(|drafts| drafts[0].records.truncate(1), |_| {});
    (honest, other)
}

#[tokio::test]
async fn a_checkpoint_kept_elsewhere_tells() {
    let (vault, other) = forked().await;
    for kept in vault.checkpoints.values() {
        let report = against(&vault, kept).await;
        assert_eq!((report.verdict, report.checked.anchors), (Verdict::Intact, 1));
        let notes: Vec<&str> = report.notes.iter().map(shoseki_messages::Message::id).collect();
        assert!(notes.contains(&"verify-against-agrees") && !notes.contains(&"verify-not-anchored"), "{notes:?}");
    }
    let report = against(&vault, &other.checkpoints[&5]).await;
    assert_eq!(report.problems[0].message.id(), "verify-forked");

    // Rolled back: an older state, validly signed and whole.
    let mut old = Vault::init(vault.key.clone(), false).await;
    old.fill(|_| {}, |_| {});
    let newest = old.checkpoints[&5].clone();
    roll_back(&mut old, 3);
    assert_eq!(old.judge(true).await.verdict, Verdict::Intact, "nothing inside the vault can show it");
    let report = against(&old, &newest).await;
    assert_eq!((report.verdict, report.problems[0].message.id()), (Verdict::Tampered, "verify-rolled-back"));
    assert_eq!(report.problems[0].what, "--against");
    let report = anchored(&old, &old).await;
    assert_eq!((report.verdict, report.problems[0].message.id()), (Verdict::Tampered, "verify-rolled-back"));
    assert!(report.problems[0].what.ends_with("shoseki_test/00000000000000000005"), "{:?}", report.problems);

    // Another key of the same name; another log; no checkpoint at all.
    let stranger = Vault::full(false).await;
    let report = against(&vault, &stranger.checkpoints[&5]).await;
    assert_eq!(report.problems[0].message.id(), "verify-against-other-key");
    for (kept, id) in
        [(b"nonsense".as_slice(), "verify-against-unreadable"), (OTHER.as_bytes(), "verify-against-other-origin")]
    {
        let mut question = vault.question(false).await;
        question.against = Some(bytes::Bytes::copy_from_slice(kept));
        assert_eq!(verify_vault(&question).await.unwrap_err().id(), id);
    }
}

/// The key of another vault judges nothing, and says so. One of the same name is no excuse.
#[tokio::test]
async fn the_key_of_another_vault_judges_nothing() {
    let vault = Vault::full(true).await;
    let judged = |name: &'static str, vault: &Vault| {
        let mut question = futures::executor::block_on(vault.question(true));
        question.key = Some(shoseki_tlog::SigningKey::generate(name).unwrap().verifier().clone());
        async move { verify_vault(&question).await.unwrap() }
    };
    let report = judged("another/vault", &vault).await;
    let problems: Vec<&str> = report.problems.iter().map(|problem| problem.message.id()).collect();
    assert_eq!((report.verdict, problems), (Verdict::Unverifiable, vec!["verify-other-origin"]));
    assert_eq!(judged(vault.key.verifier().name().to_owned().leak(), &vault).await.verdict, Verdict::Tampered);
    // Another vault in the place of one of which somebody kept a checkpoint.
    let key = shoseki_tlog::SigningKey::generate("another/vault").unwrap();
    let root = vault.edge.root().unwrap();
    let kept = shoseki_tlog::Checkpoint { origin: "another/vault".to_owned(), size: 5, root }.sign(&key).unwrap();
    let mut question = vault.question(false).await;
    (question.key, question.against) = (Some(key.verifier().clone()), Some(kept));
    assert_eq!(verify_vault(&question).await.unwrap().verdict, Verdict::Tampered);
    let mut renamed = Vault::full(true).await;
    let marker = String::from_utf8(renamed.objects[shoseki_segment::layout::MARKER].to_vec()).unwrap();
    renamed.put(shoseki_segment::layout::MARKER, marker.replace(renamed.key.verifier().name(), "renamed"));
    // The key is the vault's own: another name on a part of it is no way out.
    let own = renamed.judge(true).await;
    assert_eq!(own.verdict, Verdict::Tampered, "a marker that alone says so proves nothing");
    let newest = String::from_utf8(renamed.objects[shoseki_segment::layout::CHECKPOINT].to_vec()).unwrap();
    renamed.put(shoseki_segment::layout::CHECKPOINT, newest.replace(renamed.key.verifier().name(), "renamed"));
    assert_eq!(renamed.judge(true).await.verdict, Verdict::Tampered, "nor with the newest checkpoint");
}

const OTHER: &str = "example.com/log\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n\
— example.com/log M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n";

fn roll_back(vault: &mut Vault, size: u64) {
    for n in size..5 {
        vault.objects.remove(&shoseki_segment::layout::commit(n));
    }
    let gone: Vec<String> =
        (0..vault.drafts.len()).filter(|n| vault.version_of(*n) >= size).map(|n| vault.file(n)).collect();
    vault.objects.retain(|name, _| !gone.contains(name) && !name.ends_with(".p/5"));
    vault.objects.remove(&shoseki_segment::layout::checkpoint(5));
    let older = vault.checkpoints[&size].clone();
    vault.put(shoseki_segment::layout::CHECKPOINT, older);
}

#[tokio::test]
async fn anchors_say_up_to_when() {
    let (mut vault, other) = forked().await;
    let report = anchored(&vault, &vault).await;
    let until = report.anchored_until.clone().unwrap();
    assert_eq!((report.verdict, until.size, until.place.as_str()), (Verdict::Intact, 5, ANCHOR));
    assert!(until.time.is_some());

    // Sealed once more while the anchor could not be reached.
    vault.ingest(vec![events("Later", 4, 1)], Vec::new(), |drafts| drafts.truncate(1), |_| {});
    let anchor_before = vault.anchor.clone();
    vault.seal();
    vault.anchor = anchor_before;
    let report = anchored(&vault, &vault).await;
    assert_eq!((report.verdict, report.tree_size), (Verdict::Intact, 6));
    assert_eq!(report.anchored_until.unwrap().size, 5);

    // The operator rebuilt the past: whole and signed, but not what is anchored.
    let report = anchored(&other, &vault).await;
    assert_eq!(report.verdict, Verdict::Tampered);
    assert!(report.problems.iter().all(|problem| problem.message.id() == "verify-forked"), "{:?}", report.problems);

    let name = format!("{}/{:020}", ORIGIN.replace('/', "_"), 3);
    let changed = [vault.anchor[&name].as_ref(), b"x"].concat();
    vault.anchor.insert(name.clone(), changed.into());
    let report = anchored(&vault, &vault).await;
    assert_eq!(report.verdict, Verdict::Tampered);
    assert!(report.problems[0].what.ends_with(&name));
}

/// Two heads for one size, in one vault.
#[tokio::test]
async fn two_heads_are_a_fork() {
    let (mut vault, other) = forked().await;
    vault.put(shoseki_segment::layout::CHECKPOINT, other.checkpoints[&5].clone());
    let report = vault.judge(false).await;
    assert_eq!(report.verdict, Verdict::Tampered);
    let problem = &report.problems[0];
    assert_eq!((problem.what.as_str(), problem.message.id()), ("tlog/checkpoint", "verify-forked"));
}

/// A vault that was rolled back as a whole, and two heads for one size, in a place.
async fn tell_all(mut ground: Ground) {
    let (mut vault, other) = forked().await;
    let honest = vault.objects.clone();
    let newest = vault.checkpoints[&5].clone();
    vault.put(shoseki_segment::layout::CHECKPOINT, other.checkpoints[&5].clone());
    let mut question = vault.question(false).await;
    question.place = ground.place(&vault.objects).await;
    let report = verify_vault(&question).await.unwrap();
    let found: Vec<(&str, &str)> = report.problems.iter().map(|p| (p.what.as_str(), p.message.id())).collect();
    assert_eq!((report.verdict, found), (Verdict::Tampered, vec![("tlog/checkpoint", "verify-forked")]), "{ground:?}");

    vault.objects = honest;
    roll_back(&mut vault, 3);
    let mut question = vault.question(true).await;
    question.place = ground.place(&vault.objects).await;
    let report = verify_vault(&question).await.unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "nothing inside the vault can show it, in {ground:?}");
    question.against = Some(newest);
    let report = verify_vault(&question).await.unwrap();
    let found: Vec<(&str, &str)> = report.problems.iter().map(|p| (p.what.as_str(), p.message.id())).collect();
    assert_eq!((report.verdict, found), (Verdict::Tampered, vec![("--against", "verify-rolled-back")]), "{ground:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_and_a_rollback_in_a_folder_are_told() {
    tell_all(Ground::folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_and_a_rollback_in_motos_s3_are_told() {
    if let Some(ground) = Ground::bucket("a fork and a rollback") {
        tell_all(ground).await;
    }
}
