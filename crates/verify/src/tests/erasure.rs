//! What was erased is told from what was taken away; and whoever puts something else in the place of a record is seen.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch, StringArray};
use shoseki_segment::commit::{Action, Commit};
use shoseki_segment::erasure::{ERASURE_KEY, Request};
use shoseki_segment::layout;
use shoseki_segment::schema::index_of;
use shoseki_tlog::SigningKey;

use super::fixture::{ORIGIN, TwistErasure, Vault};
use crate::{Report, Verdict};

/// The segment of which records go: the four events of the second ingest.
const OF: usize = 3;

fn request(vault: &Vault, records: &[u32]) -> Action {
    let mut table = vault.table.clone();
    let request = Request {
        by: "aya".to_owned(),
        at: "2026-03-06T00:00:00Z".to_owned(),
        ground: "gdpr-17".to_owned(),
        why: "Case 12".to_owned(),
        before_its_time: None,
        records: [(vault.drafts[OF].id.to_string(), records.iter().copied().collect())].into(),
        originals: vault.original_names(),
        withdrawn: None,
    };
    table.configuration.insert(format!("{ERASURE_KEY}one"), request.to_text());
    Action::Configure(table)
}

impl Vault {
    fn original_names(&self) -> BTreeSet<String> {
        let names = self.objects.keys().filter(|name| name.starts_with(layout::ORIGINALS));
        names.map(|name| name.rsplit('/').next().unwrap().to_owned()).collect()
    }
}

/// A vault in which records 1 and 2 were erased, as a lie has it.
pub(crate) async fn erased(encrypted: bool, lie: TwistErasure) -> Vault {
    let mut vault = Vault::full(encrypted).await;
    let asked = request(&vault, &[1, 2]);
    vault.commit(asked);
    let erase = vault.erased(OF, &[1, 2], lie);
    vault.commit(erase);
    vault.seal();
    vault
}

/// Takes away what goes by it.
fn clear(vault: &mut Vault) {
    vault.objects.remove(&vault.file(OF)).unwrap();
    vault.objects.retain(|name, _| !name.starts_with(layout::ORIGINALS));
}

fn notes(report: &Report) -> BTreeSet<&str> {
    report.notes.iter().map(shoseki_messages::Message::id).collect()
}

#[tokio::test]
async fn what_two_people_erased_is_erased_and_nothing_is_tampered() {
    for encrypted in [false, true] {
        let mut vault = erased(encrypted, |_, _, _| None).await;
        let there = vault.judge(true).await;
        assert_eq!(there.verdict, Verdict::Intact, "{:#?}", there.problems);
        assert!(notes(&there).is_superset(&["verify-erased", "verify-erased-left"].into()), "{:?}", notes(&there));
        clear(&mut vault);
        for deep in [false, true] {
            let report = vault.judge(deep).await;
            assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
            let said = notes(&report);
            assert!(said.contains("verify-erased") && said.contains("verify-originals-erased"), "{said:?}");
            assert!(!said.contains("verify-erased-left") && !said.contains("verify-orphans"), "{said:?}");
        }
        let before = Vault::full(encrypted).await.judge(true).await.checked.records;
        assert_eq!(vault.judge(true).await.checked.records, before - 2);
    }
}

#[tokio::test]
async fn a_file_whose_receipt_names_what_was_erased_is_not_rebuilt() {
    let mut vault = Vault::full(false).await;
    let mut table = vault.table.clone();
    let of = 1; // of the first ingest, whose file has a recipe
    let Action::Configure(asked) = request(&vault, &[0]) else { unreachable!() };
    let text = asked.configuration[&format!("{ERASURE_KEY}one")]
        .replace(&vault.drafts[OF].id.to_string(), &vault.drafts[of].id.to_string());
    table.configuration.insert(format!("{ERASURE_KEY}one"), text);
    vault.commit(Action::Configure(table));
    let erase = vault.erased(of, &[0], |_, _, _| None);
    vault.commit(erase);
    vault.seal();
    vault.objects.remove(&vault.file(of)).unwrap();
    vault.objects.retain(|name, _| !name.starts_with(layout::ORIGINALS));
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(notes(&report).contains("verify-receipts-erased"));
}

/// Changes a column of the rows.
fn with(rows: &[RecordBatch], name: &str, change: impl Fn(&ArrayRef) -> ArrayRef) -> Vec<RecordBatch> {
    let one = |batch: &RecordBatch| {
        let mut columns = batch.columns().to_vec();
        let at = index_of(name).unwrap();
        columns[at] = change(&columns[at]);
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    };
    rows.iter().map(one).collect()
}

fn text_at(row: usize, text: Option<&'static str>) -> impl Fn(&ArrayRef) -> ArrayRef {
    move |column| {
        let old = column.as_string::<i32>();
        std::sync::Arc::new(StringArray::from_iter((0..old.len()).map(|at| {
            if at == row { text.map(str::to_owned) } else { old.is_valid(at).then(|| old.value(at).to_owned()) }
        })))
    }
}

#[tokio::test]
async fn whoever_puts_something_else_in_the_place_of_a_record_is_seen() {
    let a_leaf_of_another: TwistErasure = |_, rows, seeds| {
        let forged = with(&rows, "raw", |column| {
            let raw = column.as_binary::<i32>();
            let all = (0..raw.len()).map(|at| if at == 1 { vec![7; 32] } else { raw.value(at).to_vec() });
            std::sync::Arc::new(BinaryArray::from_iter_values(all))
        });
        Some((forged, seeds))
    };
    let a_word_left: TwistErasure = |_, rows, seeds| Some((with(&rows, "actor", text_at(1, Some("aya"))), seeds));
    let another_stream: TwistErasure =
        |_, rows, seeds| Some((with(&rows, "stream", text_at(1, Some("cloudtrail/2"))), seeds));
    let one_more: TwistErasure = |_, rows, seeds| Some((with(&rows, "kind", text_at(3, Some("erased"))), seeds));
    let the_salts: TwistErasure = |vault, rows, _| Some((rows, vault.drafts[OF].seeds.clone()));
    let all_of_it: TwistErasure = |vault, _, _| {
        let add = vault.add_of(OF);
        Some(vault.opened(&add, &vault.objects[&vault.file(OF)]))
    };
    let nothing: TwistErasure = |_, rows, seeds| Some((rows, seeds));
    let cases = [
        (nothing, None),
        (a_leaf_of_another, Some("verify-segment-root")),
        (a_word_left, Some("verify-erased-differs")),
        (another_stream, Some("verify-erased-differs")),
        (one_more, Some("segment-erased-unreadable")),
        (the_salts, Some("verify-erased-differs")),
        (all_of_it, Some("verify-erased-there")),
    ];
    for (number, (lie, expected)) in cases.into_iter().enumerate() {
        let mut vault = erased(false, lie).await;
        clear(&mut vault);
        let report = vault.judge(true).await;
        let said: BTreeSet<&str> = report.problems.iter().map(|problem| problem.message.id()).collect();
        assert_eq!(said.first().copied(), expected, "{number}: {said:?}");
        assert_eq!(report.verdict == Verdict::Intact, expected.is_none(), "{number}");
    }
}

/// A vault in which somebody erased without the log's key, or alone, and somebody with the key sealed it unseen.
#[tokio::test]
async fn what_nobody_may_erase_is_missing() {
    let by_another_key: fn(&mut Vault) = |vault| {
        let asked = request(vault, &[1, 2]);
        vault.commit(asked);
        let action = vault.erased(OF, &[1, 2], |_, _, _| None);
        let other = SigningKey::generate(ORIGIN).unwrap();
        let commit = vault.next(action);
        let statement = vault.statement(&commit, vault.root(), &other);
        vault.write(&Commit { statement, ..commit });
    };
    let asked_by_another_key: fn(&mut Vault) = |vault| {
        let other = SigningKey::generate(ORIGIN).unwrap();
        let commit = vault.next(request(vault, &[1, 2]));
        let statement = vault.statement(&commit, vault.root(), &other);
        vault.write(&Commit { statement, ..commit });
        let action = vault.erased(OF, &[1, 2], |_, _, _| None);
        vault.commit(action);
    };
    let by_one_person: fn(&mut Vault) = |vault| {
        let asked = request(vault, &[1, 2]);
        vault.commit(asked);
        let Action::Erase { mut erasure, removes, adds } = vault.erased(OF, &[1, 2], |_, _, _| None) else {
            unreachable!()
        };
        erasure.by = "Aya".to_owned();
        vault.commit(Action::Erase { erasure, removes, adds });
    };
    let more_than_asked: fn(&mut Vault) = |vault| {
        let asked = request(vault, &[1]);
        vault.commit(asked);
        let action = vault.erased(OF, &[1, 2], |_, _, _| None);
        vault.commit(action);
    };
    let nobody_asked: fn(&mut Vault) = |vault| {
        let action = vault.erased(OF, &[1, 2], |_, _, _| None);
        vault.commit(action);
    };
    let cases = [by_another_key, asked_by_another_key, by_one_person, more_than_asked, nobody_asked];
    for (number, lie) in cases.into_iter().enumerate() {
        let mut vault = Vault::full(false).await;
        lie(&mut vault);
        vault.seal();
        let file = vault.file(OF);
        clear(&mut vault);
        let report = vault.judge(false).await;
        assert_eq!(report.verdict, Verdict::Tampered, "{number}");
        let named: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
        assert!(named.contains(&file.as_str()), "{number}: {named:?}");
        assert!(named.iter().any(|name| name.starts_with(layout::ORIGINALS)), "{number}: {named:?}");
    }
}
