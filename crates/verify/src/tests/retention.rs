//! Who may let evidence go: an expiry, and what it is judged by, is of the log's key, or nothing goes by it.

use shoseki_event::Timestamp;
use shoseki_segment::commit::{Action, Commit, Expiry, Remove};
use shoseki_segment::layout;
use shoseki_segment::retention::RETENTION_KEY;
use shoseki_tlog::SigningKey;

use super::fixture::{ORIGIN, Vault, day, later, receipt_of};
use crate::{Report, Verdict};

/// The segment that goes: the events of the 5th.
const GONE: usize = 1;

/// A vault whose clock, and whose newest event, is two months after the others.
async fn aged(policy: Option<u32>) -> Vault {
    let mut vault = Vault::full(false).await;
    vault.now = Timestamp::parse("2026-05-06T00:00:00Z").unwrap();
    let drafts = vec![later()];
    let receipt = receipt_of(&drafts);
    vault.ingest(drafts, vec![receipt], |_| {}, |_| {});
    if let Some(months) = policy {
        let set = period(&vault, months);
        vault.commit(set);
    }
    vault
}

/// The change of the policy to so many months.
fn period(vault: &Vault, months: u32) -> Action {
    let mut table = vault.table.clone();
    let text = format!(r#"{{"classes":{{"standard":{months}}},"sources":{{}},"streams":{{}}}}"#);
    table.configuration.insert(RETENTION_KEY.to_owned(), text);
    Action::Configure(table)
}

fn expiry(vault: &Vault, n: usize) -> Action {
    let add = vault.add_of(n);
    let expiry = Expiry {
        class: "standard".to_owned(),
        months: 1,
        from: add.day,
        before: day("2026-04-05"),
        segments: 1,
        records: add.records(),
        reason: "retention".to_owned(),
    };
    Action::Expire { expiry, removes: vec![Remove::from(&add)] }
}

/// Seals all, takes the file away, and asks.
async fn judged(mut vault: Vault) -> Report {
    vault.seal();
    vault.objects.remove(&vault.file(GONE)).unwrap();
    vault.judge(false).await
}

#[tokio::test]
async fn what_the_log_key_lets_go_is_expired() {
    let mut vault = aged(Some(1)).await;
    let gone = expiry(&vault, GONE);
    vault.commit(gone);
    let report = judged(vault).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(report.notes.iter().any(|note| note.id() == "verify-expired"));
}

/// Between its commit and its seal nothing went: what was received is given back from the files that are to go.
#[tokio::test]
async fn what_is_to_go_and_is_not_sealed_is_still_there() {
    let mut vault = aged(Some(1)).await;
    vault.seal();
    let gone = expiry(&vault, GONE);
    vault.commit(gone);
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(!report.notes.iter().any(|note| note.id() == "verify-expired"), "nothing expired yet");
    vault.objects.remove(&vault.file(GONE)).unwrap();
    assert_eq!(vault.judge(true).await.verdict, Verdict::Tampered, "and it may not be gone before");
}

/// A vault in which somebody without the key wrote the last commits, and somebody with it sealed them unseen; the first of these
/// commits.
type Lie = fn(&mut Vault) -> u64;

fn foreign(vault: &mut Vault, action: Action) -> u64 {
    let other = SigningKey::generate(ORIGIN).unwrap();
    let commit = vault.next(action);
    let statement = vault.statement(&commit, vault.root(), &other);
    vault.write(&Commit { statement, ..commit });
    vault.commits.len() as u64 - 1
}

#[tokio::test]
async fn what_somebody_else_lets_go_is_tampered() {
    let by_another_key: Lie = |vault| {
        let action = expiry(vault, GONE);
        foreign(vault, action)
    };
    let by_nobody: Lie = |vault| {
        let commit = vault.next(expiry(vault, GONE));
        vault.write(&commit);
        vault.commits.len() as u64 - 1
    };
    let by_the_statement_of_another: Lie = |vault| {
        let other = expiry(vault, 0);
        vault.commit(other);
        let statement = Commit::parse(vault.commits.last().unwrap()).unwrap().statement;
        let commit = vault.next(expiry(vault, GONE));
        vault.write(&Commit { statement, ..commit });
        vault.commits.len() as u64 - 1
    };
    let at_another_place: Lie = |vault| {
        let root = vault.root();
        let longer = period(vault, 2);
        vault.commit(longer);
        let shorter = period(vault, 1);
        vault.commit(shorter);
        let commit = vault.next(expiry(vault, GONE));
        let statement = vault.statement(&commit, root, &vault.key);
        vault.write(&Commit { statement, ..commit });
        vault.commits.len() as u64 - 1
    };
    for lie in [by_another_key, by_nobody, by_the_statement_of_another, at_another_place] {
        let mut vault = aged(Some(1)).await;
        let version = lie(&mut vault);
        let file = vault.file(GONE);
        let report = judged(vault).await;
        assert_eq!(report.verdict, Verdict::Tampered);
        let named: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
        assert!(named.contains(&layout::commit(version).as_str()) && named.contains(&file.as_str()), "{named:?}");
    }
}

#[tokio::test]
async fn a_policy_of_somebody_else_lets_nothing_go() {
    for is_moved in [false, true] {
        let mut vault = aged(Some(12)).await;
        let set = vault.commits.len() as u64 - 1;
        let shorter = period(&vault, 1);
        let version = if is_moved {
            let statement = Commit::parse(&vault.commits[set as usize]).unwrap().statement;
            let commit = vault.next(shorter);
            vault.write(&Commit { statement, ..commit });
            set + 1
        } else {
            foreign(&mut vault, shorter)
        };
        // Its key signs it: whoever runs `retention run` next would, if the policy were taken for one.
        let gone = expiry(&vault, GONE);
        vault.commit(gone);
        let file = vault.file(GONE);
        let report = judged(vault).await;
        let named: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(report.verdict, Verdict::Tampered);
        assert!(named.contains(&layout::commit(version).as_str()) && named.contains(&file.as_str()), "{named:?}");
    }
}
