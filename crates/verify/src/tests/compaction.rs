//! Compacted vaults: what is there is judged in the file where it lies now, what was proven stays proven, and every way to
//! lie with a compaction is seen.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use shoseki_event::SegmentId;
use shoseki_segment::commit::{Action, Add, Remove};
use shoseki_segment::{Layout, layout};

use super::fixture::{Vault, day, events};
use crate::{Report, Verdict, verify_proof};

/// The segments of receipts, the events of the 5th, the events of the 4th.
const RECEIPTS: [usize; 3] = [2, 4, 7];
const FIFTH: [usize; 2] = [1, 3];
const FOURTH: [usize; 2] = [0, 5];

/// The commit of the one compaction, where a vault has one.
const VERSION: u64 = 5;

async fn compacted(encrypted: bool) -> Vault {
    let mut vault = Vault::full(encrypted).await;
    for files in [&RECEIPTS[..], &FIFTH, &FOURTH] {
        vault.compact(files, Layout::Text, |_, _, _| {});
    }
    vault.seal();
    vault
}

fn named(report: &Report) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.what.as_str()).collect()
}

fn has_note(report: &Report, id: &str) -> bool {
    report.notes.iter().any(|note| note.id() == id)
}

#[tokio::test]
async fn a_compacted_vault_is_intact_with_and_without_what_was_replaced() {
    for encrypted in [false, true] {
        let mut vault = compacted(encrypted).await;
        for are_there in [true, false] {
            if !are_there {
                for replaced in RECEIPTS.iter().chain(&FIFTH).chain(&FOURTH) {
                    vault.objects.remove(&vault.file(*replaced)).unwrap();
                }
            }
            for deep in [false, true] {
                let report = vault.judge(deep).await;
                assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
                let checked = &report.checked;
                assert_eq!((checked.commits, checked.files, checked.segments, checked.records), (8, 4, 8, 18));
                assert_eq!(checked.receipts, if deep { 3 } else { 1 });
                assert_eq!(has_note(&report, "verify-replaced"), are_there);
            }
        }
    }
}

#[tokio::test]
async fn what_was_compacted_can_be_compacted_again() {
    let mut vault = Vault::full(true).await;
    let first = vault.compact(&[2, 4], Layout::Text, |_, _, _| {});
    vault.compact_files(&[first, vault.add_of(7)], Layout::Text, |_, _, _| {});
    vault.seal();
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert_eq!((report.checked.files, report.checked.segments, report.checked.receipts), (6, 8, 3));
}

#[tokio::test]
async fn proofs_hold_across_compactions() {
    let mut vault = Vault::full(true).await;
    let before = vault.proof(2, 0).to_bytes();
    vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    vault.seal();
    let (after, key) = (vault.proof(2, 0), vault.key.verifier());
    assert_eq!(verify_proof(&before, key).unwrap().record.raw, after.record.raw);
    assert_eq!(verify_proof(&after.to_bytes(), key).unwrap().record.version, 1, "over the commit that first added it");

    let mut wrong = after;
    wrong.record.version = VERSION;
    wrong.commit = vault.commits[VERSION as usize].clone();
    wrong.log = String::from_utf8(vault.log_proof(VERSION).to_vec()).unwrap();
    let fault = verify_proof(&wrong.to_bytes(), key).unwrap_err();
    assert_eq!(fault.id(), "verify-proof-segment", "a compaction moves segments and proves none");
}

#[tokio::test]
async fn what_a_compaction_replaced_is_needed_until_it_is_sealed() {
    let mut vault = Vault::full(false).await;
    vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    let report = vault.judge(false).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(has_note(&report, "verify-unsealed") && has_note(&report, "verify-replaced"));
    let gone = vault.file(4);
    vault.objects.remove(&gone).unwrap();
    assert_eq!(named(&vault.judge(false).await), [gone.as_str()], "anybody can write a commit that nobody sealed");
    vault.seal();
    assert_eq!(vault.judge(false).await.verdict, Verdict::Intact);
}

#[tokio::test]
async fn what_was_replaced_and_is_still_there_is_what_it_was() {
    let mut vault = compacted(true).await;
    let (changed, cut) = (vault.file(2), vault.file(4));
    vault.flip(&changed);
    let half = vault.objects[&cut].slice(..100);
    vault.put(&cut, half);
    let report = vault.judge(false).await;
    let mut expected = [changed.as_str(), cut.as_str()];
    let mut found = named(&report);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!((report.verdict, found), (Verdict::Tampered, expected.to_vec()));
}

/// One changed commit does not make those look wrong that come behind it.
#[tokio::test]
async fn a_lie_before_a_compaction_is_still_the_only_one() {
    let mut vault = compacted(false).await;
    for replaced in RECEIPTS.iter().chain(&FIFTH).chain(&FOURTH) {
        vault.objects.remove(&vault.file(*replaced)).unwrap();
    }
    vault.edit(&layout::commit(3), "\"timestamp\":17", "\"timestamp\":16");
    assert_eq!(named(&vault.judge(false).await), [layout::commit(3)]);
    assert_eq!(named(&vault.judge(true).await), [layout::commit(3)]);
}

/// What a newer version compacted and deleted is not taken for tampering; what nobody sealed excuses nothing.
#[tokio::test]
async fn what_a_newer_version_may_have_replaced_is_not_judged() {
    for is_sealed in [true, false] {
        let mut vault = Vault::full(false).await;
        vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
        vault.edit(&layout::commit(VERSION), "\"format\":3,\"action\"", "\"format\":99,\"action\"");
        vault.commits[VERSION as usize] = vault.objects[&layout::commit(VERSION)].clone();
        let gone = vault.file(4);
        vault.objects.remove(&gone).unwrap();
        if is_sealed {
            vault.seal();
        }
        let report = vault.judge(false).await;
        assert!(named(&report).contains(&gone.as_str()), "{:#?}", report.problems);
        assert_eq!(report.verdict, if is_sealed { Verdict::Unverifiable } else { Verdict::Tampered });
    }
}

#[tokio::test]
async fn a_file_that_is_in_the_table_is_missed() {
    let mut vault = Vault::full(false).await;
    let add = vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    vault.seal();
    let name = format!("{}/{}", layout::EVENTS, add.path());
    let bytes = vault.objects.remove(&name).unwrap();
    assert_eq!(named(&vault.judge(false).await), [name.as_str()], "even where what it replaced is there");
    vault.put(&name, bytes);
    vault.flip(&name);
    assert_eq!(named(&vault.judge(false).await), [name.as_str()]);
}

type Lie = fn(&Vault, &mut Vec<Remove>, &mut Add);

/// What the commit says: each is seen without a file being opened, in an encrypted vault and in another.
fn lies() -> Vec<(&'static str, Lie)> {
    vec![
        ("a segment dropped", |_, _, add| drop(add.tags.segments.remove(1))),
        ("a segment doubled", |_, _, add| add.tags.segments.insert(1, add.tags.segments[1].clone())),
        ("segments reordered", |_, _, add| add.tags.segments.swap(0, 1)),
        ("a segment renamed", |_, _, add| add.tags.segments[0].id = SegmentId([5; 16])),
        ("a segment of another day", |v, _, add| add.tags.segments[1] = moved(&v.add_of(1), 1)),
        ("a segment too many", |v, _, add| add.tags.segments.push(moved(&v.add_of(1), 1))),
        ("another root", |_, _, add| add.tags.segments[0].root = shoseki_merkle::empty_root()),
        ("another count", |_, _, add| add.tags.segments[0].count += 1),
        ("other bytes", |_, _, add| add.tags.segments[0].raw -= 1),
        ("an earlier time", |_, _, add| add.tags.segments[0].min.0 -= 1),
        ("a later time", |_, _, add| add.tags.segments[0].max.0 += 1),
        ("another derivation", |_, _, add| add.tags.segments[0].derivation += 1),
        ("keys that are none", |_, _, add| add.tags.segments[0].unkeyed += 1),
        ("what could not be parsed", |_, _, add| add.tags.segments[0].unparsed += 1),
        ("another stream", |_, _, add| add.tags.segments[0].streams[0].name = "x".to_owned()),
        ("no stream", |_, _, add| add.tags.segments[0].streams.clear()),
        ("another source", |_, _, add| add.tags.segments[0].source = "cloudtrail".to_owned()),
        ("another source for all", |_, _, add| {
            add.tags.segments.iter_mut().for_each(|tag| tag.source = "cloudtrail".to_owned());
        }),
        ("another commit", |_, _, add| add.tags.segments[1].commit = Some(1)),
        ("an add without its remove", |_, removes, _| drop(removes.remove(2))),
        ("a remove too many", |v, removes, _| removes.push(Remove::from(&v.add_of(6)))),
        ("a remove twice", |_, removes, _| removes[1] = removes[0].clone()),
        ("removes reordered", |_, removes, _| removes.swap(0, 1)),
        ("both reordered", |_, removes, add| {
            removes.swap(0, 1);
            add.tags.segments.swap(0, 1);
        }),
        ("one passed over", |_, removes, add| {
            removes.remove(1);
            add.tags.segments.remove(1);
        }),
        ("a file that never was", |_, removes, _| removes[0].name = SegmentId([5; 16])),
        ("a file of another length", |_, removes, _| removes[0].size += 1),
        ("a file of another day", |v, removes, _| removes[1] = Remove::from(&v.add_of(1))),
        ("a file of another source", |v, removes, add| {
            removes[1] = Remove::from(&v.add_of(6));
            add.tags.segments[1] = moved(&v.add_of(6), 4);
        }),
        ("another class", |_, _, add| add.class = "other".to_owned()),
        ("another day", |_, _, add| add.day = day("2026-03-05")),
        ("in the place of a file", |v, _, add| add.name = v.add_of(2).name),
        ("under the name of a segment", |v, _, add| add.name = v.add_of(0).name),
    ]
}

fn moved(add: &Add, commit: u64) -> shoseki_segment::SegmentTag {
    shoseki_segment::SegmentTag { commit: Some(commit), ..add.tags.segments[0].clone() }
}

#[tokio::test]
async fn lies_with_a_compaction() {
    for (name, lie) in lies() {
        for encrypted in [false, true] {
            let mut vault = Vault::full(encrypted).await;
            vault.compact(&RECEIPTS, Layout::Text, lie);
            vault.seal();
            let report = vault.judge(false).await;
            assert_eq!(report.verdict, Verdict::Tampered, "{name}");
            assert!(named(&report).contains(&layout::commit(VERSION).as_str()), "{name}: {:?}", named(&report));
            // What it says that it removes must be there all the same.
            let gone = vault.file(4);
            vault.objects.remove(&gone).unwrap();
            assert!(named(&vault.judge(false).await).contains(&gone.as_str()), "{name}");
        }
    }
}

#[tokio::test]
async fn lies_about_keys() {
    let lies: [(&str, Lie); 2] = [
        ("another month's key", |_, _, add| add.tags.key.as_mut().unwrap().id = "standard/2026-04".to_owned()),
        ("no key", |_, _, add| add.tags.key = None),
    ];
    for (name, lie) in lies {
        let mut vault = Vault::full(true).await;
        vault.compact(&RECEIPTS, Layout::Text, lie);
        vault.seal();
        let report = vault.judge(false).await;
        assert!(named(&report).contains(&layout::commit(VERSION).as_str()), "{name}: {:#?}", report.problems);
    }
}

#[tokio::test]
async fn what_was_moved_is_neither_moved_nor_added_again() {
    let full = || async { Vault::full(false).await };
    let mut vault = full().await;
    vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    vault.seal();
    assert_eq!(named(&vault.judge(false).await)[0], layout::commit(6), "a file that is not in the table any more");

    let mut vault = full().await;
    let add = vault.add_of(2);
    vault.compact(&RECEIPTS, Layout::Text, |_, _, _| {});
    vault.commit(Action::Ingest { transactions: Vec::new(), adds: vec![add] });
    vault.seal();
    assert_eq!(named(&vault.judge(false).await)[0], layout::commit(6), "a segment that is in the table");
}

/// What the operator wrote into the file, and sealed: only opening it shows it.
#[tokio::test]
async fn lies_within_the_file_of_a_compaction() {
    type Twist = fn(&mut shoseki_segment::Draft);
    let cases: [(&str, Twist, bool); 5] = [
        ("a column that hides", |d| d.records[1].columns.operation = Some("Harmless".into()), true),
        ("a time that hides", |d| d.records[1].columns.time.0 += 1, true),
        ("another event", |d| d.records[1].raw = d.records[0].raw.clone(), false),
        ("another origin", |d| d.records[1].provenance.origin = "b".into(), false),
        ("records reordered", |d| d.records.swap(0, 1), false),
    ];
    for (name, twist, is_of_record) in cases {
        for encrypted in [false, true] {
            let mut vault = Vault::full(encrypted).await;
            let add = vault.compact_twisted(&FIFTH, twist);
            vault.seal();
            let shallow = vault.judge(false).await;
            assert_eq!(shallow.verdict, Verdict::Intact, "{name}: only deep shows it: {:#?}", shallow.problems);
            let report = vault.judge(true).await;
            let what = if is_of_record { format!("{}:1", vault.drafts[1].id) } else { add.path() };
            assert!(named(&report).iter().any(|found| found.contains(&what)), "{name}: {:#?}", report.problems);
            assert_eq!(report.verdict, Verdict::Tampered);
        }
    }
}

/// Events of several segments, taken apart together, are judged as such.
#[tokio::test]
async fn segments_that_are_taken_apart_together_are_judged() {
    let mut vault = Vault::full(true).await;
    vault.ingest(vec![events("A", 3, 600), events("B", 3, 600)], Vec::new(), |drafts| drafts.truncate(2), |_| {});
    let last = vault.drafts.len();
    let add = vault.compact(&[last - 2, last - 1], Layout::Columns, |_, _, _| {});
    vault.seal();
    assert_eq!((add.tags.format, add.records()), (3, 1_200));
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
}

/// Delta's own checkpoint, of a version before a compaction and of one behind it.
#[tokio::test]
async fn deltas_checkpoint_has_the_files_of_its_version() {
    let vault = compacted(false).await;
    let live = vault.live();
    let checkpoint = |version: u64, files: &[Add]| {
        let mut objects = vault.objects.clone();
        objects.insert(format!("events/_delta_log/{version:020}.checkpoint.parquet"), checkpoint_of(files));
        objects
    };
    let before: Vec<Add> = (0..8).map(|n| vault.add_of(n)).collect();
    for (version, files, is_good) in [(7, &live, true), (4, &before, true), (7, &before, false), (4, &live, false)] {
        let mut question = vault.question(false).await;
        question.place = Vault::place(&checkpoint(version, files)).await;
        let report = crate::verify_vault(&question).await.unwrap();
        assert_eq!(report.verdict == Verdict::Intact, is_good, "{version}: {:#?}", report.problems);
    }
}

/// The same of an erasure: what a checkpoint from before it has is no lie.
#[tokio::test]
async fn deltas_checkpoint_from_before_an_erasure_is_none() {
    let vault = super::erasure::erased(false, |_, _, _| None).await;
    let before: Vec<Add> = (0..8).map(|n| vault.add_of(n)).collect();
    let newest = vault.commits.len() as u64 - 1;
    for (version, files, is_good) in [(4, &before, true), (newest, &vault.live(), true), (newest, &before, false)] {
        let mut objects = vault.objects.clone();
        objects.insert(format!("events/_delta_log/{version:020}.checkpoint.parquet"), checkpoint_of(files));
        let mut question = vault.question(false).await;
        question.place = Vault::place(&objects).await;
        let report = crate::verify_vault(&question).await.unwrap();
        assert_eq!(report.verdict == Verdict::Intact, is_good, "{version}: {:#?}", report.problems);
    }
}

fn checkpoint_of(adds: &[Add]) -> bytes::Bytes {
    let path: ArrayRef = Arc::new(StringArray::from_iter_values(adds.iter().map(Add::path)));
    let size: ArrayRef = Arc::new(Int64Array::from_iter_values(adds.iter().map(|add| add.size as i64)));
    let add = StructArray::from(vec![
        (Arc::new(Field::new("path", DataType::Utf8, true)), path),
        (Arc::new(Field::new("size", DataType::Int64, true)), size),
    ]);
    let batch = RecordBatch::try_from_iter([("add", Arc::new(add) as ArrayRef)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes.into()
}
