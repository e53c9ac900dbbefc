//! The table of lies: what was done, and what must be named.

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use bytes::Bytes;
use shoseki_event::Record;
use shoseki_segment::layout;
use std::sync::Arc;

use super::fixture::{Twist, TwistAdds, Vault, day, events};
use super::ground::Ground;
use crate::{Report, Verdict};

fn check(name: &str, report: &Report, named: &[String]) {
    let found: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_ne!(report.verdict, Verdict::Intact, "{name}");
    for what in named {
        assert!(found.iter().any(|found| found.contains(what.as_str())), "{name}: `{what}` is not among {found:?}");
    }
    for problem in &report.problems {
        for lang in [shoseki_messages::Lang::En, shoseki_messages::Lang::Ja] {
            assert!(!problem.text(lang).contains("verify-"), "{name}: no text for {}", problem.message.id());
        }
    }
}

#[tokio::test]
async fn an_honest_vault_is_intact() {
    for encrypted in [false, true] {
        let vault = Vault::full(encrypted).await;
        for deep in [false, true] {
            let question = vault.question(deep).await;
            let report = crate::verify_vault(&question).await.unwrap();
            let (read, wanted) = question.place.reads().now();
            assert!(read > 0 && read <= wanted && wanted < 2 * read, "{read} of {wanted}");
            assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
            let checked = &report.checked;
            assert_eq!((checked.commits, checked.files, checked.records, checked.originals), (5, 8, 18, 1));
            assert_eq!((checked.checkpoints, checked.keys), (5, u64::from(encrypted)));
            assert_eq!((report.tree_size, checked.receipts), (5, if deep { 3 } else { 1 }));
            let notes: Vec<&str> = report.notes.iter().map(shoseki_messages::Message::id).collect();
            assert_eq!(notes, ["verify-anchor-not-looked-at", "verify-not-anchored"]);
        }
    }
}

#[tokio::test]
async fn nothing_checked_is_never_intact() {
    let vault = Vault::full(true).await;
    let mut question = vault.question(false).await;
    question.key = None;
    assert_eq!(crate::verify_vault(&question).await.unwrap().verdict, Verdict::Unverifiable);
    let mut question = vault.question(true).await;
    question.provider = None;
    let report = crate::verify_vault(&question).await.unwrap();
    assert_eq!(report.verdict, Verdict::Unverifiable, "deep, and nothing could be opened");
    question.deep = false;
    let report = crate::verify_vault(&question).await.unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(report.notes.iter().any(|note| note.id() == "verify-keys-not-opened"));

    let mut vault = Vault::full(false).await;
    vault.objects.retain(|name, _| !name.starts_with("tlog/"));
    assert_eq!(vault.judge(false).await.verdict, Verdict::Unverifiable, "nothing is sealed");
    vault.objects.retain(|name, _| name == layout::MARKER);
    assert_eq!(vault.judge(false).await.verdict, Verdict::Unverifiable, "no commits");
    vault.objects.clear();
    let fault = crate::verify_vault(&vault.question(false).await).await.unwrap_err();
    assert_eq!(fault.id(), "verify-no-vault");
}

type Lie = fn(&mut Vault);
type Named = fn(&Vault) -> Vec<String>;

/// Lies about files, commits and the log: what was done, how, and what must be named, told from the vault before the lie.
fn about_logs() -> Vec<(&'static str, Lie, Named)> {
    vec![
        ("flip a byte in a data file", |v| v.flip(&v.file(0)), |v| vec![v.file(0)]),
        ("flip a byte in a commit", |v| v.flip(&layout::commit(2)), |_| vec![layout::commit(2)]),
        (
            "backdate a commit",
            |v| v.edit(&layout::commit(2), "\"timestamp\":17", "\"timestamp\":16"),
            |_| vec![layout::commit(2)],
        ),
        ("flip a byte in a tile", |v| v.flip("tlog/tile/0/000.p/5"), |_| vec!["tlog/tile/0/000.p/5".to_owned()]),
        (
            "flip a byte in a bundle",
            |v| v.flip("tlog/tile/entries/000.p/5"),
            |_| vec!["tlog/tile/entries/000.p/5".to_owned()],
        ),
        ("flip a byte in a checkpoint", |v| v.flip(&layout::checkpoint(3)), |_| vec![layout::checkpoint(3)]),
        ("drop a record", |v| v.rewrite(|records| drop(records.remove(1))), |v| vec![v.file(0)]),
        ("add a record", |v| v.rewrite(|records| records.push(copied(&records[1]))), |v| vec![v.file(0)]),
        ("reorder two records", |v| v.rewrite(|records| records.swap(1, 3)), |v| vec![v.file(0)]),
        ("backdate a record", |v| v.rewrite(|records| records[1].provenance.received.0 -= 1), |v| vec![v.file(0)]),
        ("drop a segment", |v| drop(v.objects.remove(&v.file(2))), |v| vec![v.file(2)]),
        ("drop a commit", |v| drop(v.objects.remove(&layout::commit(2))), |_| vec![layout::commit(2)]),
        (
            "drop two commits in a row",
            |v| v.objects.retain(|name, _| *name != layout::commit(1) && *name != layout::commit(2)),
            |_| vec![layout::commit(1), layout::commit(2)],
        ),
        ("drop the newest commit", |v| drop(v.objects.remove(&layout::commit(4))), |_| vec![layout::commit(4)]),
        ("drop a commit and move up the rest", |v| v.move_up(2), |_| vec![layout::commit(2), layout::commit(4)]),
        (
            "reorder two commits",
            |v| v.swap(&layout::commit(1), &layout::commit(2)),
            |_| vec![layout::commit(1), layout::commit(2)],
        ),
        ("swap two segments", |v| v.swap(&v.file(0), &v.file(1)), |v| vec![v.file(0), v.file(1)]),
        (
            "truncate the tail, the log's objects with it",
            |v| v.truncate_but_for_checkpoints(),
            |_| vec![layout::commit(4)],
        ),
        ("change a commit and its copies in the log", |v| v.rewrite_commit_and_log(2), |_| vec![layout::commit(2)]),
        ("change a commit in bundle and commit", |v| v.rewrite_commit_and_bundle(2), |_| vec![layout::commit(2)]),
    ]
}

/// Lies about all other objects.
fn about_objects() -> Vec<(&'static str, Lie, Named)> {
    vec![
        (
            "delete an original",
            |v| v.objects.retain(|name, _| !name.starts_with("originals/")),
            |_| vec!["originals/".to_owned()],
        ),
        ("delete the marker", |v| drop(v.objects.remove(layout::MARKER)), |_| vec![layout::MARKER.to_owned()]),
        (
            "rename the origin",
            |v| v.edit(layout::MARKER, "shoseki/test", "shoseki/tset"),
            |_| vec![layout::MARKER.to_owned()],
        ),
        (
            "turn encryption off in the marker",
            |v| v.edit(layout::MARKER, "aes-256-gcm", "none"),
            |_| vec![layout::MARKER.to_owned()],
        ),
        (
            "write into the marker's comment",
            |v| v.edit(layout::MARKER, "A shoseki", "Any shoseki"),
            |_| vec![layout::MARKER.to_owned()],
        ),
        (
            "delete a wrapped key",
            |v| v.objects.retain(|name, _| !name.starts_with("keys/")),
            |_| vec!["keys/standard/2026-03".to_owned()],
        ),
        (
            "delete the newest checkpoint, not its copy",
            |v| drop(v.objects.remove(&layout::checkpoint(5))),
            |_| vec![layout::checkpoint(5)],
        ),
        (
            "put an older checkpoint under a newer name",
            |v| v.copy(&layout::checkpoint(3), &layout::checkpoint(5)),
            |_| vec![layout::checkpoint(5)],
        ),
        (
            "delete a tile",
            |v| drop(v.objects.remove("tlog/tile/0/000.p/5")),
            |_| vec!["tlog/tile/0/000.p/5".to_owned()],
        ),
        (
            "add a tile",
            |v| v.copy("tlog/tile/0/000.p/5", "tlog/tile/0/000.p/6"),
            |_| vec!["tlog/tile/0/000.p/6".to_owned()],
        ),
        ("add an object to the log", |v| v.put("tlog/notes", "x"), |_| vec!["tlog/notes".to_owned()]),
        ("add an object to the vault", |v| v.put("readme.txt", "x"), |_| vec!["readme.txt".to_owned()]),
        (
            "add an object to the Delta log",
            |v| v.put("events/_delta_log/00000000000000000001.crc", "{}"),
            |_| vec!["events/_delta_log/00000000000000000001.crc".to_owned()],
        ),
        (
            "add a compacted commit",
            |v| {
                v.copy(&layout::commit(1), "events/_delta_log/00000000000000000000.00000000000000000001.compacted.json")
            },
            |_| vec![".compacted.json".to_owned()],
        ),
        (
            "add a commit of another grammar",
            |v| v.put(&layout::commit(5), "{\"remove\":{\"path\":\"x\"}}\n"),
            |_| vec![layout::commit(5)],
        ),
        (
            "add a commit far ahead",
            |v| v.copy(&layout::commit(1), &layout::commit(u64::MAX)),
            |_| vec![layout::commit(u64::MAX)],
        ),
        (
            "add a commit that adds a segment again",
            |v| v.copy(&layout::commit(1), &layout::commit(5)),
            |_| vec![layout::commit(5)],
        ),
        (
            "hide a file in Delta's checkpoint",
            |v| v.delta_checkpoint(1),
            |_| vec!["00000000000000000004.checkpoint.parquet".to_owned()],
        ),
        (
            "point to no Delta checkpoint",
            |v| v.put("events/_delta_log/_last_checkpoint", "{\"version\":3,\"size\":1}"),
            |_| vec!["_last_checkpoint".to_owned()],
        ),
        ("replace the key", |v| v.replace_key(), |_| vec![layout::CHECKPOINT.to_owned(), layout::checkpoint(5)]),
    ]
}

/// Lies of somebody who can change objects and has no key, told in a place.
async fn tell_all(mut ground: Ground) {
    let mut vault = Vault::full(true).await;
    let (key, honest) = (vault.key.clone(), vault.objects.clone());
    for (name, lie, named) in about_logs().into_iter().chain(about_objects()) {
        let (name, named) = (format!("{name}, in {ground:?}"), named(&vault));
        lie(&mut vault);
        let mut question = vault.question(false).await;
        (question.key, question.place) = (Some(key.verifier().clone()), ground.place(&vault.objects).await);
        let report = crate::verify_vault(&question).await.unwrap();
        check(&name, &report, &named);
        let is_key_lost = name.contains("rename the origin");
        assert!(report.verdict == Verdict::Tampered || is_key_lost, "{name}: {:#?}", report.problems);
        (vault.key, vault.objects) = (key.clone(), honest.clone());
    }
    let mut question = vault.question(true).await;
    question.place = ground.place(&honest).await;
    assert_eq!(crate::verify_vault(&question).await.unwrap().verdict, Verdict::Intact, "what was told is taken back");
}

#[tokio::test]
async fn lies_of_an_intruder() {
    tell_all(Ground::Memory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_of_an_intruder_in_a_folder() {
    tell_all(Ground::folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_of_an_intruder_in_motos_s3() {
    if let Some(ground) = Ground::bucket("lies of an intruder") {
        tell_all(ground).await;
    }
}

/// The operator sets his clock back: it is his clock, so no verdict, but it is told and located.
#[tokio::test]
async fn a_clock_that_was_set_back_is_told() {
    let mut vault = Vault::full(true).await;
    vault.now.0 -= 3_600_000_000;
    vault.ingest(vec![events("Before", 4, 2)], Vec::new(), |drafts| drafts.truncate(1), |_| {});
    vault.seal();
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    let told: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|note| note.contains("commit 5") && note.contains("older")), "{told:?}");
}

#[tokio::test]
async fn one_lie_does_not_make_everything_look_wrong() {
    let mut vault = Vault::full(false).await;
    vault.edit(&layout::commit(2), "\"timestamp\":17", "\"timestamp\":16");
    let report = vault.judge(false).await;
    let found: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(found, [layout::commit(2)], "{:#?}", report.problems);
}

/// What is not proven, and not wrong either: a crash leaves such.
#[tokio::test]
async fn what_a_crash_leaves_is_a_note() {
    let mut vault = Vault::full(true).await;
    vault.ingest(vec![events("After", 4, 2)], Vec::new(), |drafts| drafts.truncate(1), |_| {}); // committed, not sealed
    let orphan = "events/class=standard/day=2026-03-04/ffffffffffffffffffffffffffffffff.parquet";
    vault.copy(&vault.file(0), orphan);
    vault.put("events/.shoseki-1-1", "half a fi");
    vault.copy(&layout::checkpoint(3), layout::CHECKPOINT);
    vault.delta_checkpoint(0);
    let report = vault.judge(false).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    let text: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    for expected in [orphan, "1 commits after the 5 sealed ones", "temporary files", "the copy `tlog/checkpoint`"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[tokio::test]
async fn a_newer_format_is_refused_by_name() {
    let mut vault = Vault::full(false).await;
    vault.edit(layout::MARKER, "format = 1", "format = 99");
    let report = vault.judge(false).await;
    assert_eq!((report.verdict, report.problems[0].message.id()), (Verdict::Unverifiable, "segment-newer-format"));

    // A newer program wrote a commit and did not come to seal it: nothing is missing, and nobody is accused.
    let mut vault = Vault::full(false).await;
    vault.ingest(vec![events("After", 4, 2)], Vec::new(), |drafts| drafts.truncate(1), |_| {});
    vault.edit(&layout::commit(5), "\"shoseki\":{\"format\":1", "\"shoseki\":{\"format\":99");
    let report = vault.judge(true).await;
    let found: Vec<(&str, &str)> = report.problems.iter().map(|p| (p.what.as_str(), p.message.id())).collect();
    assert_eq!(found, [(layout::commit(5).as_str(), "segment-newer-format")], "{:#?}", report.problems);
    assert_eq!(report.verdict, Verdict::Unverifiable);
}

/// Lies of the operator, who seals what he likes: only opening the files shows them.
#[tokio::test]
async fn lies_of_the_writer() {
    let record = |v: &Vault, n: usize, ordinal: u32| format!("{}:{ordinal}", v.drafts[n].id);
    let cases: Vec<(&str, Twist, TwistAdds, &str)> = vec![
        ("a column that hides", |d| d[0].records[1].columns.operation = Some("Harmless".into()), |_| {}, "record"),
        ("a time that hides", |d| d[0].records[1].columns.time.0 += 1, |_| {}, "record"),
        ("a number that hides", |d| d[0].records[1].columns.class_uid = 1, |_| {}, "record"),
        ("a null that hides", |d| d[0].records[1].columns.actor = None, |_| {}, "record"),
        ("a key that hides", |d| d[0].records[1].columns.key = Some("other".into()), |_| {}, "record"),
        ("an event that is none", |d| d[0].records[1].raw = Bytes::from_static(b"{}"), |_| {}, "record"),
        ("another day's partition", |d| d[0].day = day("2026-03-01"), |_| {}, "record"),
        ("a wrong root", |_| {}, |a| a[0].tags.segments[0].root = shoseki_merkle::empty_root(), "file"),
        ("a wrong range of time", |_| {}, |a| a[0].tags.segments[0].min.0 -= 1, "file"),
        ("a wrong count of bytes", |_| {}, |a| a[0].tags.segments[0].raw += 1, "file"),
        ("a hidden unparsed record", |_| {}, |a| a[1].tags.segments[0].unparsed = 0, "second file"),
        ("a wrong count of keys", |_| {}, |a| a[0].tags.segments[0].unkeyed = 1, "file"),
        ("a stream under another name", |_| {}, |a| a[0].tags.segments[0].streams[0].name = "x".to_owned(), "file"),
        ("more rows than counted", |_| {}, |a| a[0].tags.segments[0].count = 1, "file"),
        ("fewer rows than counted", |_| {}, |a| a[0].tags.segments[0].count = 3, "file"),
        ("a receipt for other bytes", |d| d[0].records.swap(0, 1), |_| {}, "receipt"),
        (
            "a receipt that claims more",
            |d| d[2].records[0] = super::fixture::receipts(&[lying_receipt(d)]).records.remove(0),
            |_| {},
            "receipt",
        ),
    ];
    for (name, twist, twist_adds, what) in cases {
        for encrypted in [false, true] {
            let vault = Vault::twisted(encrypted, twist, twist_adds).await;
            let last = vault.drafts.len() - 3;
            let named = match what {
                "record" => record(&vault, last, 1),
                "file" => vault.file(last),
                "second file" => vault.file(last + 1),
                _ => record(&vault, last + 2, 0),
            };
            assert_eq!(vault.judge(false).await.verdict, Verdict::Intact, "{name}: only deep shows it");
            check(name, &vault.judge(true).await, &[named]);
        }
    }
}

/// A source that a newer version knows: what it says cannot be judged, and nobody is accused.
#[tokio::test]
async fn an_unknown_source_is_not_tampering() {
    let twist: Twist = |drafts| {
        drafts[0].records.iter_mut().for_each(|record| record.provenance.source = "of-tomorrow".into());
    };
    let vault = Vault::twisted(true, twist, |_| {}).await;
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Unverifiable, "{:#?}", report.problems);
    assert!(report.problems.iter().all(|problem| problem.message.id() == "segment-source-unknown"));
}

/// Damaged bytes that came by a pipe cannot be kept; their receipt says so, and is sealed.
#[tokio::test]
async fn what_was_never_kept_is_a_note() {
    let twist: Twist = |drafts| {
        let mut receipt = super::fixture::receipt_of(&[]);
        (receipt.recipe, receipt.content, receipt.not_kept) = (None, None, true);
        receipt.received.sha256 = "ab".repeat(32);
        drafts[2].records = super::fixture::receipts(&[receipt]).records;
    };
    let vault = Vault::twisted(true, twist, |_| {}).await;
    let report = vault.judge(true).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
    assert!(report.notes.iter().any(|note| note.id() == "verify-originals-not-kept"));
}

fn copied(record: &Record) -> Record {
    Record { provenance: record.provenance.clone(), raw: record.raw.clone(), columns: record.columns.clone() }
}

fn lying_receipt(drafts: &[shoseki_segment::Draft]) -> shoseki_segment::receipt::Receipt {
    let mut receipt = super::fixture::receipt_of(&drafts[..2]);
    if let Some(content) = &mut receipt.content {
        content.size += 1;
    }
    receipt
}

impl Vault {
    pub(crate) fn flip(&mut self, name: &str) {
        let mut bytes = self.objects[name].to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        self.put(name, bytes);
    }

    pub(crate) fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.objects[name].to_vec()).unwrap();
        assert!(text.contains(from), "{name} lacks {from}");
        self.put(name, text.replace(from, to));
    }

    fn copy(&mut self, from: &str, to: &str) {
        self.put(to, self.objects[from].clone());
    }

    fn swap(&mut self, one: &str, other: &str) {
        let (a, b) = (self.objects[one].clone(), self.objects[other].clone());
        self.put(one, b);
        self.put(other, a);
    }

    /// Removes a commit and gives those behind it its number and the ones after.
    fn move_up(&mut self, version: u64) {
        for n in version..4 {
            self.copy(&layout::commit(n + 1), &layout::commit(n));
        }
        self.objects.remove(&layout::commit(4));
    }

    /// Writes the first segment again with other records: only the commit's hash tells.
    fn rewrite(&mut self, change: fn(&mut Vec<Record>)) {
        let (name, there) = (self.file(0), &self.drafts[0]);
        let mut draft = shoseki_segment::Draft::new(&there.class, there.day).unwrap();
        (draft.id, draft.seeds) = (there.id, there.seeds.clone());
        draft.records = there.records.iter().map(copied).collect();
        change(&mut draft.records);
        let built = shoseki_segment::write(&draft, None, shoseki_event::Timestamp(0)).unwrap();
        self.put(&name, built.bytes);
    }

    fn truncate_but_for_checkpoints(&mut self) {
        self.objects.remove(&layout::commit(4));
        self.objects.remove(&layout::commit(3));
        self.objects.retain(|name, _| !name.ends_with(".p/5"));
    }

    fn changed_commit(&mut self, version: u64) -> Bytes {
        let text = String::from_utf8(self.commits[version as usize].to_vec()).unwrap();
        let changed = Bytes::from(text.replace("\"timestamp\":17", "\"timestamp\":16"));
        self.put(&layout::commit(version), changed.clone());
        changed
    }

    /// The whole log again over a changed commit: only the signatures are missing.
    fn rewrite_commit_and_log(&mut self, version: u64) {
        let changed = self.changed_commit(version);
        let mut commits = self.commits.clone();
        commits[version as usize] = changed;
        let entries = (0..).zip(&commits).map(|(n, commit)| shoseki_tlog::CommitEntry::of(n, commit).to_bytes());
        let expected = shoseki_tlog::Expected::of(entries).unwrap();
        for (path, bytes) in expected.objects() {
            self.put(&format!("tlog/{path}"), bytes);
        }
    }

    /// The tiles alone still tell the truth.
    fn rewrite_commit_and_bundle(&mut self, version: u64) {
        let tile = self.objects["tlog/tile/0/000.p/5"].clone();
        self.rewrite_commit_and_log(version);
        self.put("tlog/tile/0/000.p/5", tile);
    }

    /// All is signed again by another key of the same name.
    fn replace_key(&mut self) {
        self.key = shoseki_tlog::SigningKey::generate(super::fixture::ORIGIN).unwrap();
        let sizes: Vec<u64> = self.checkpoints.keys().copied().collect();
        for size in sizes {
            let claimed = shoseki_tlog::Checkpoint::parse_unverified(&self.checkpoints[&size]).unwrap();
            let signed = claimed.sign(&self.key).unwrap();
            self.put(&layout::checkpoint(size), signed.clone());
            self.put(layout::CHECKPOINT, signed);
        }
    }

    /// Delta's own checkpoint of version 4, without the first files.
    fn delta_checkpoint(&mut self, hidden: usize) {
        let parsed = self.commits.iter().map(|bytes| shoseki_segment::commit::Commit::parse(bytes).unwrap());
        let adds: Vec<_> = parsed
            .take(5)
            .flat_map(|commit| match commit.action {
                shoseki_segment::commit::Action::Ingest { adds, .. } => adds,
                _ => Vec::new(),
            })
            .skip(hidden)
            .collect();
        let path: ArrayRef = Arc::new(StringArray::from_iter_values(adds.iter().map(|add| add.path())));
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
        self.put("events/_delta_log/00000000000000000004.checkpoint.parquet", bytes);
        self.put("events/_delta_log/_last_checkpoint", "{\"version\":4,\"size\":8}");
    }
}
