//! Packages with a population and samples: whole they are intact, and every way to leave something out is named and located.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use bytes::Bytes;
use shoseki_event::{RecordId, Timestamp};
use shoseki_segment::Layout;
use shoseki_segment::commit::Commit;
use shoseki_segment::population::{PopulationLine, SealedRecord};
use shoseki_segment::proof::{ProvenRecord, RecordProof};

use super::{
    Asked, Called, Difference, Language, Manifest, PackageWriter, Population, RunAgain, Sample, Wanted, draw,
    judge_package, read_again, verify_package,
};
use crate::tests::fixture::{ORIGIN, Vault};
use crate::{Report, Verdict};

/// What a package is made of; a lie changes it before it is signed.
struct Parts {
    /// Everything that the query gives.
    all: Vec<ProvenRecord>,
    /// The records behind the answer.
    records: Vec<ProvenRecord>,
    /// The population, segment by segment.
    segments: Vec<Vec<PopulationLine>>,
    commits: Vec<(u64, Bytes)>,
    /// What a sample is drawn from.
    names: Vec<RecordId>,
    checkpoint: u64,
    manifest: Manifest,
}

type Lie = fn(&mut Parts);

fn asked() -> Asked {
    Asked {
        engine: "shoseki/0.1.0".to_owned(),
        now: "2026-03-07T00:00:00Z".to_owned(),
        sources: Vec::new(),
        streams: vec!["cloudtrail/1".to_owned()],
    }
}

/// All of a vault's events of the fifth of March: of two segments, by two commits.
fn parts(vault: &Vault) -> Parts {
    let from = Timestamp::parse("2026-03-05T00:00:00Z").unwrap();
    let wanted = Wanted { from: Some(from), to: None, sources: Vec::new(), streams: asked().streams };
    let commits: Vec<(u64, Bytes)> = (0..).zip(vault.commits.iter().cloned()).collect();
    let mut called = Called::new(wanted);
    commits.iter().for_each(|(version, bytes)| called.take(*version, &Commit::parse(bytes).unwrap()));
    let (mut records, mut segments) = (Vec::new(), Vec::new());
    for due in called.finish() {
        let n = vault.drafts.iter().position(|draft| draft.id == due.tag.id).unwrap();
        let proven: Vec<ProvenRecord> = (0..due.tag.count).map(|ordinal| vault.proof(n, ordinal).record).collect();
        let sealed = |r: &ProvenRecord| {
            let (provenance, raw) = (r.provenance.clone(), r.raw.clone());
            PopulationLine::Record(SealedRecord { id: r.id, provenance, salt: r.salt, raw })
        };
        segments.push(proven.iter().map(sealed).collect());
        records.extend(proven);
    }
    let names: Vec<RecordId> = records.iter().map(|record| record.id).collect();
    let total = records.len() as u64;
    let population = Population {
        from: Some(from.to_string()),
        to: None,
        segments: 2,
        records: total,
        masks: Vec::new(),
        secrets: 0,
    };
    let manifest = Manifest {
        format: 0,
        created: "2026-03-07T00:00:00Z".to_owned(),
        origin: ORIGIN.to_owned(),
        query: "fields eventName".to_owned(),
        language: Language::Insights,
        from: Some(from.to_string()),
        to: None,
        time_zone: "UTC".to_owned(),
        asked: Some(asked()),
        tree_size: vault.edge.size(),
        rows: total,
        records: total,
        streams: asked().streams,
        complete: true,
        masked: false,
        population: Some(population),
        sample: None,
        attachments: None,
        files: BTreeMap::new(),
    };
    Parts { all: records.clone(), records, segments, commits, names, checkpoint: vault.edge.size(), manifest }
}

/// A sample of three.
fn sampled(parts: &mut Parts) {
    let sample = Sample {
        take: 3,
        from: parts.names.len() as u64,
        seed: "証 2026".to_owned(),
        drawn_by: "mei".to_owned(),
        drawn: "2026-03-07T00:00:00Z".to_owned(),
    };
    let drawn = draw(&parts.names, &sample.seed, sample.take);
    parts.records.retain(|record| drawn.contains(&record.id));
    (parts.manifest.rows, parts.manifest.records, parts.manifest.complete) = (3, 3, false);
    parts.manifest.sample = Some(sample);
}

/// A seed that draws others: of so few records, two seeds may draw the same ones.
fn another_seed(parts: &mut Parts) {
    let sample = parts.manifest.sample.as_mut().unwrap();
    let was: Vec<_> = parts.records.iter().map(|record| record.id).collect();
    loop {
        sample.seed.push('x');
        if draw(&parts.names, &sample.seed, sample.take).iter().any(|id| !was.contains(id)) {
            return;
        }
    }
}

fn record(line: &mut PopulationLine) -> &mut SealedRecord {
    let PopulationLine::Record(record) = line else { panic!("it was erased") };
    record
}

fn written(vault: &Vault, parts: Parts) -> Vec<u8> {
    written_in(vault, parts, &[])
}

/// The same with the segments of the population in these files, one in each, where some are named.
fn written_in(vault: &Vault, parts: Parts, files: &[&str]) -> Vec<u8> {
    let mut writer = PackageWriter::new(Cursor::new(Vec::new()));
    for name in ["README.en.html", "README.ja.html", "rows.csv"] {
        writer.add(name, b"x\n").unwrap();
    }
    writer.start("rows.jsonl").unwrap();
    parts.records.iter().for_each(|record| writeln!(writer, "{{\"@ptr\":\"{}\"}}", record.id).unwrap());
    writer.start("records.jsonl").unwrap();
    parts.records.iter().for_each(|record| writer.record(record).unwrap());
    let versions: std::collections::BTreeSet<u64> = parts.records.iter().map(|record| record.version).collect();
    for version in versions {
        writer.commit(version, &vault.commits[version as usize], &vault.log_proof(version)).unwrap();
    }
    if parts.manifest.sample.is_some() {
        writer.drawn_from(&parts.names).unwrap();
    }
    if parts.manifest.population.is_some() {
        for (file, segment) in files.iter().zip(&parts.segments) {
            let lines: Vec<u8> = segment.iter().flat_map(PopulationLine::to_line).collect();
            writer.add(file, &lines).unwrap();
        }
        let rest = parts.segments.iter().skip(files.len()).flatten();
        rest.for_each(|record| writer.population(record).unwrap());
        parts.commits.iter().for_each(|(version, bytes)| writer.tree_commit(*version, bytes).unwrap());
    }
    writer.checkpoint(&vault.checkpoints[&parts.checkpoint]).unwrap();
    writer.finish(parts.manifest, &vault.key).unwrap().into_inner()
}

fn judge(vault: &Vault, package: &[u8]) -> Report {
    verify_package(Cursor::new(package), Some(vault.key.verifier()), None).unwrap()
}

fn notes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(shoseki_messages::Message::id).collect()
}

fn said(report: &Report) -> Vec<(String, &'static str)> {
    report.problems.iter().map(|problem| (problem.what.clone(), problem.message.id())).collect()
}

fn again(records: u64) -> RunAgain {
    RunAgain { records, rows: 7, in_order: true, ..RunAgain::default() }
}

#[tokio::test]
async fn a_whole_population_is_intact_and_its_segments_are_handed_on() {
    let mut vault = Vault::full(true).await;
    // A compaction moves both segments of the day into one file: which ones there must be, and their roots, stay.
    vault.compact(&[1, 3], Layout::Columns, |_, _, _| {});
    vault.seal();
    let package = written(&vault, parts(&vault));
    let (mut taken, key) = (Vec::new(), vault.key.verifier());
    let mut take = |segment: super::WholeSegment| {
        taken.push((segment.due.tag.id, segment.records.len()));
        Ok(())
    };
    let judged = judge_package(Cursor::new(&package), Some(key), None, Some(&mut take)).unwrap();
    assert_eq!(judged.can_run_again().unwrap().format, 2);
    let report = judged.ran_again(again(7));
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    assert_eq!(taken, [(vault.drafts[1].id, 3), (vault.drafts[3].id, 4)]);
    assert_eq!((report.checked.commits, report.checked.segments, report.checked.records), (6, 2, 7));
    let complete = ["verify-package-proven", "verify-population-whole", "verify-population-complete"];
    assert_eq!(notes(&report)[..3], complete);
    // Who does not run the query again says so.
    let report = judge(&vault, &package);
    let claimed = ["verify-population-whole", "verify-population-not-run", "verify-package-claims-complete"];
    assert_eq!((report.verdict, &notes(&report)[1..]), (Verdict::Intact, &claimed[..]));
    // What cannot be taken is no verdict.
    let mut full = |_| Err(shoseki_messages::Fault::world(shoseki_messages::msg!("verify-package-unwritable")));
    let failed = judge_package(Cursor::new(&package), Some(key), None, Some(&mut full)).unwrap_err();
    assert_eq!(failed.id(), "verify-package-unwritable");
}

#[tokio::test]
async fn what_came_of_running_it_again_is_the_verdict() {
    let vault = Vault::full(false).await;
    let package = written(&vault, parts(&vault));
    let judged = || judge_package(Cursor::new(&package), Some(vault.key.verifier()), None, None).unwrap();
    let differs = || {
        let message = shoseki_messages::msg!("verify-package-row-unreadable");
        vec![Difference { what: "rows.jsonl line 2".to_owned(), message }]
    };
    let report = judged().ran_again(RunAgain { differences: differs(), ..again(7) });
    assert_eq!((report.verdict, said(&report)[0].0.as_str()), (Verdict::Tampered, "rows.jsonl line 2"));
    assert!(!notes(&report).contains(&"verify-population-complete"));
    let other_derivations = BTreeMap::from([("cloudtrail".to_owned(), 1)]);
    let report = judged().ran_again(RunAgain { differences: differs(), other_derivations, ..again(7) });
    assert_eq!(report.verdict, Verdict::Unverifiable, "another version reads events otherwise");
    let failed = shoseki_messages::Fault::world(shoseki_messages::msg!("verify-package-unwritable"));
    let report = judged().ran_again(RunAgain { failed: Some(failed), ..again(7) });
    assert_eq!(report.verdict, Verdict::Unverifiable);
    let report = judged().ran_again(again(6));
    assert_eq!(report.verdict, Verdict::Unverifiable, "over other records than were handed on");
    let report = judged().ran_again(RunAgain { in_order: false, ..again(7) });
    assert!(notes(&report).contains(&"verify-population-any-order"));
}

/// Nothing fits, and that is proven; without running the query it is claimed.
#[tokio::test]
async fn an_empty_answer_is_proven_by_its_population() {
    let vault = Vault::full(false).await;
    let mut none = parts(&vault);
    none.records.clear();
    none.manifest.streams.clear();
    (none.manifest.rows, none.manifest.records) = (0, 0);
    let package = written(&vault, none);
    assert_eq!(judge(&vault, &package).verdict, Verdict::Unverifiable);
    let judged = judge_package(Cursor::new(&package), Some(vault.key.verifier()), None, None).unwrap();
    assert_eq!(judged.ran_again(RunAgain { rows: 0, ..again(7) }).verdict, Verdict::Intact);
}

/// A large population lies in several files, which are read in their order and without a gap.
#[tokio::test]
async fn a_population_of_several_files_is_one() {
    let vault = Vault::full(false).await;
    let (one, two) = ("population/0.jsonl", "population/1.jsonl");
    assert_eq!(judge(&vault, &written_in(&vault, parts(&vault), &[one, two])).verdict, Verdict::Intact);
    let mut turned = parts(&vault);
    turned.segments.swap(0, 1);
    let turned = judge(&vault, &written_in(&vault, turned, &[two, one]));
    assert_eq!(
        turned.verdict,
        Verdict::Intact,
        "in the order of their numbers, not of the archive: {:?}",
        said(&turned)
    );
    let report = judge(&vault, &written_in(&vault, parts(&vault), &[one, "population/2.jsonl"]));
    assert!(said(&report).contains(&(two.to_owned(), "verify-object-missing")), "{:?}", said(&report));
    let report = judge(&vault, &written_in(&vault, parts(&vault), &[one, "population/01.jsonl"]));
    assert!(said(&report).contains(&("population/01.jsonl".to_owned(), "verify-package-entry-added")));
}

/// Lies of who holds the vault's key and signs the manifest over them.
#[tokio::test]
async fn whatever_is_left_out_is_named() {
    let vault = Vault::full(false).await;
    let (first, second) = (vault.drafts[1].id.to_string(), vault.drafts[3].id.to_string());
    let lies: [(&str, Lie, String, &str); 17] = [
        ("a record", |p| drop(p.segments[1].remove(1)), format!("{second}:1"), "verify-population-records-missing"),
        (
            "the last record of a segment",
            |p| drop(p.segments[0].pop()),
            format!("{first}:2"),
            "verify-population-records-missing",
        ),
        ("a segment", |p| drop(p.segments.remove(0)), format!("segment {first}"), "verify-population-segment-missing"),
        (
            "the last segment",
            |p| drop(p.segments.pop()),
            format!("segment {second}"),
            "verify-population-segment-missing",
        ),
        ("everything", |p| p.segments.clear(), format!("segment {first}"), "verify-population-segment-missing"),
        (
            "a record altered",
            |p| record(&mut p.segments[0][1]).raw = Bytes::from_static(b"{}"),
            format!("segment {first}"),
            "verify-tag-differs",
        ),
        (
            "a record altered, as long as before",
            |p| {
                record(&mut p.segments[0][1]).raw =
                    record(&mut p.segments[0][1]).raw.iter().map(u8::to_ascii_lowercase).collect::<Vec<_>>().into()
            },
            format!("segment {first}"),
            "verify-segment-root",
        ),
        (
            "a record backdated",
            |p| record(&mut p.segments[0][1]).provenance.received.0 -= 1,
            format!("segment {first}"),
            "verify-segment-root",
        ),
        (
            "two records in each other's place",
            |p| p.segments[1].swap(1, 2),
            format!("{second}:1"),
            "verify-population-records-missing",
        ),
        (
            "two segments in each other's place",
            |p| p.segments.swap(0, 1),
            format!("segment {first}"),
            "verify-population-segment-added",
        ),
        (
            "a record too many",
            |p| {
                let mut more = p.segments[0][0].clone();
                record(&mut more).id.ordinal = 9;
                p.segments[0].push(more);
            },
            format!("{first}:9"),
            "verify-population-misplaced",
        ),
        ("a commit", |p| drop(p.commits.remove(2)), "commits.jsonl line 3".to_owned(), "verify-population-commit"),
        ("the last commit", |p| drop(p.commits.pop()), "commits.jsonl".to_owned(), "verify-population-commits"),
        (
            "a commit altered",
            |p| {
                let text = String::from_utf8(p.commits[2].1.to_vec()).unwrap();
                p.commits[2].1 = text.replace("shoseki/0.1.0", "shoseki/0.1.1").into();
            },
            "commits.jsonl".to_owned(),
            "verify-population-root",
        ),
        (
            "more is claimed",
            |p| p.manifest.population.as_mut().unwrap().records += 1,
            "manifest.json".to_owned(),
            "verify-package-counts",
        ),
        (
            "a time that is none",
            |p| p.manifest.population.as_mut().unwrap().to = Some("soon".to_owned()),
            "manifest.json".to_owned(),
            "verify-package-manifest-unreadable",
        ),
        ("another tree's commits", |p| p.commits.truncate(3), "commits.jsonl".to_owned(), "verify-population-commits"),
    ];
    for (name, lie, what, message) in lies {
        let mut made = parts(&vault);
        lie(&mut made);
        let report = judge(&vault, &written(&vault, made));
        let found = said(&report);
        assert_eq!(report.verdict, Verdict::Tampered, "{name}");
        assert!(found.contains(&(what, message)), "{name}: {found:?}");
        assert!(!notes(&report).contains(&"verify-population-whole"), "{name}");
    }
}

/// The population of an older tree, as it was whole then, in a package of the newer one; and a package that is older in whole.
#[tokio::test]
async fn an_older_tree_does_not_pass_for_the_newer() {
    let mut vault = Vault::init(shoseki_tlog::SigningKey::generate(ORIGIN).unwrap(), false).await;
    vault.ingest(vec![crate::tests::fixture::events("Early", 5, 2)], Vec::new(), |d| d.truncate(1), |_| {});
    vault.seal();
    let old = |vault: &Vault| {
        let mut old = parts(vault);
        old.manifest.population.as_mut().unwrap().segments = 1;
        old
    };
    let package = written(&vault, old(&vault));
    let whole = old(&vault);
    assert_eq!(judge(&vault, &package).verdict, Verdict::Intact);
    vault.ingest(vec![crate::tests::fixture::events("Later", 5, 1)], Vec::new(), |d| d.truncate(1), |_| {});
    vault.seal();
    let later = vault.drafts[1].id.to_string();
    let mut lie = parts(&vault);
    (lie.segments, lie.records) = (whole.segments, whole.records);
    (lie.manifest.rows, lie.manifest.records) = (2, 2);
    let report = judge(&vault, &written(&vault, lie));
    assert_eq!(said(&report), [(format!("segment {later}"), "verify-population-segment-missing")]);
    let known = vault.checkpoints[&3].clone();
    let report = verify_package(Cursor::new(&package), Some(vault.key.verifier()), Some(&known)).unwrap();
    assert!(notes(&report).contains(&"verify-package-older"));
}

#[tokio::test]
async fn a_sample_is_drawn_again() {
    let vault = Vault::full(false).await;
    let of = |has_population: bool, lie: Lie| {
        let mut made = parts(&vault);
        sampled(&mut made);
        if !has_population {
            made.manifest.population = None;
        }
        lie(&mut made);
        judge(&vault, &written(&vault, made))
    };
    let report = of(false, |_| {});
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    assert_eq!(notes(&report), ["verify-sample-drawn", "verify-sample-list-claimed", "verify-package-proven"]);
    assert!(!notes(&of(true, |_| {})).contains(&"verify-sample-list-claimed"));

    let lies: [(&str, Lie, &str); 7] = [
        (
            "one record exchanged for another",
            |p| {
                let is_drawn = |id| p.records.iter().any(|record| record.id == id);
                p.records[0] = p.all.iter().find(|other| !is_drawn(other.id)).unwrap().clone();
            },
            "verify-sample-not-drawn",
        ),
        ("a record less", |p| drop(p.records.remove(0)), "verify-sample-missing"),
        ("the list shortened", |p| p.names.truncate(p.names.len() - 1), "verify-package-counts"),
        ("a name twice", |p| p.names[1] = p.names[0], "verify-package-record-twice"),
        ("more were to be drawn", |p| p.manifest.sample.as_mut().unwrap().take = 4, "verify-sample-missing"),
        ("fewer were to be drawn", |p| p.manifest.sample.as_mut().unwrap().take = 2, "verify-sample-not-drawn"),
        ("another seed", another_seed, "verify-sample-not-drawn"),
    ];
    for (name, lie, message) in lies {
        let report = of(true, lie);
        assert_eq!(report.verdict, Verdict::Tampered, "{name}");
        assert!(said(&report).iter().any(|(_, id)| *id == message), "{name}: {:?}", said(&report));
    }
}

/// A package says which version reads it, and what belongs to the second does not stand in the first.
#[tokio::test]
async fn the_version_is_the_one_that_is_needed() {
    let vault = Vault::full(false).await;
    let mut plain = parts(&vault);
    (plain.manifest.population, plain.manifest.asked) = (None, None);
    let manifest = read(&written(&vault, plain));
    assert!(manifest.contains("\"shoseki-package\": 1,") && !manifest.contains("\"asked\""), "{manifest}");
    let whole = read(&written(&vault, parts(&vault)));
    assert!(whole.contains("\"shoseki-package\": 2,"), "{whole}");
    for (name, changed) in [
        ("the first version with a population", whole.replace("\"shoseki-package\": 2", "\"shoseki-package\": 1")),
        ("the second without anything of it", manifest.replace("\"shoseki-package\": 1", "\"shoseki-package\": 2")),
        ("the third without documents", whole.replace("\"shoseki-package\": 2", "\"shoseki-package\": 3")),
        ("a population of nobody knows what", whole.replace("\"asked\"", "\"aksed\"")),
    ] {
        assert_eq!(
            Manifest::parse(changed.as_bytes()).unwrap_err().id(),
            "verify-package-manifest-unreadable",
            "{name}"
        );
    }
    let newer = whole.replace("\"shoseki-package\": 2", "\"shoseki-package\": 4");
    assert_eq!(Manifest::parse(newer.as_bytes()).unwrap_err().id(), "segment-newer-format");

    let mut golden = parts(&vault);
    sampled(&mut golden);
    let files = [("rows.csv".to_owned(), shoseki_segment::receipt::Extent { size: 1, sha256: "00".repeat(32) })];
    golden.manifest.files = files.into();
    golden.manifest.format = 2;
    let kept = include_bytes!("../../testdata/manifest.golden.json");
    assert_eq!(Manifest::parse(kept).unwrap(), golden.manifest);
    assert_eq!(
        String::from_utf8_lossy(&golden.manifest.to_bytes()),
        String::from_utf8_lossy(kept),
        "packages lie on auditors' disks as they were: give a manifest that is meant to change the next format, go on reading \
         this one, write it in docs/spec/package.md, and add a second golden file"
    );
}

/// A package and a proof that the program of 2026-11-28 made of the vault `crates/cli/testdata/vaults/format-1`: with its key
/// they are intact, and say of how much.
#[test]
fn what_earlier_versions_gave_to_auditors_is_intact() {
    let key: shoseki_tlog::VerifierKey = include_str!("../../testdata/format-1.pub").trim().parse().unwrap();
    let package = include_bytes!("../../testdata/package-1.zip");
    let report = verify_package(Cursor::new(package), Some(&key), None).unwrap();
    let checked = (report.checked.records, report.checked.commits, report.tree_size);
    assert_eq!((report.verdict, checked), (Verdict::Intact, (5, 1, 2)), "{:#?}", report.problems);

    let kept = include_bytes!("../../testdata/record-1.proof");
    let proof = RecordProof::parse(kept).unwrap();
    assert_eq!(proof.to_bytes(), kept, "it is written as it was");
    let raw = String::from_utf8_lossy(&proof.record.raw);
    assert!(raw.contains(r#""eventID":"00000000-0000-4000-8000-000000000003""#), "{raw}");
    assert_eq!(crate::verify_proof(kept, &key).unwrap().checkpoint.size(), 2);
}

fn read(package: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).unwrap();
    std::io::read_to_string(zip.by_name("manifest.json").unwrap()).unwrap()
}

/// A zip file without extensions has an end: what does not fit is refused, and no package is made that no judge opens.
#[test]
fn what_has_no_room_is_refused() {
    let mut writer = PackageWriter::new(Cursor::new(Vec::new()));
    let refused = (0..70_000).find_map(|n| Some((n, writer.add(&format!("{n}"), b"").err()?)));
    let (n, fault) = refused.unwrap();
    assert_eq!((n, fault.id()), (65_532, "verify-package-too-large"));
}

/// What is read once more must still be what was signed.
#[tokio::test]
async fn an_entry_is_read_again_as_it_was_signed() {
    let vault = Vault::full(false).await;
    let package = written(&vault, parts(&vault));
    let judged = judge_package(Cursor::new(&package), Some(vault.key.verifier()), None, None).unwrap();
    let manifest = judged.can_run_again().unwrap();
    let all = |package: &[u8], manifest: &Manifest| {
        read_again(Cursor::new(package), manifest, "rows.jsonl", |rows| {
            Ok(std::io::read_to_string(rows).unwrap().lines().count())
        })
    };
    assert_eq!(all(&package, manifest).unwrap(), 7);
    let mut other = parts(&vault);
    other.records.pop();
    let other = written(&vault, other);
    assert!(all(&other, manifest).is_err(), "another package in the place of the one that was judged");
    let mut lied = manifest.clone();
    lied.rows += 1;
    assert!(all(&package, &lied).is_err());
}

/// The pages of Python find the same without a line of ours.
#[tokio::test]
async fn the_pages_of_python_count_and_draw_again() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: the pages of Python need python3");
        return;
    }
    let mut vault = Vault::full(true).await;
    vault.compact(&[1, 3], Layout::Text, |_, _, _| {});
    vault.seal();
    let folder = tempfile::tempdir().unwrap();
    let run = |page: &str, lie: Lie| {
        let mut made = parts(&vault);
        sampled(&mut made);
        lie(&mut made);
        let path = folder.path().join("package.zip");
        std::fs::write(&path, written(&vault, made)).unwrap();
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec").join(page);
        let output = std::process::Command::new("python3").arg(page).arg(path).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let whole = run("verify_population.py", |_| {});
    assert_eq!(whole, (true, "whole: 7 records of 2 segments, 6 commits\n".to_owned()));
    assert_eq!(run("draw_sample.py", |_| {}), (true, "the same: 3 of 7 records, by the seed '証 2026'\n".to_owned()));
    let left_out: [Lie; 6] = [
        |p| drop(p.segments[1].remove(1)),
        |p| drop(p.segments.remove(0)),
        |p| record(&mut p.segments[0][1]).raw = Bytes::from_static(b"{}"),
        |p| p.segments.swap(0, 1),
        |p| drop(p.commits.remove(2)),
        |p| drop(p.commits.pop()),
    ];
    for (n, lie) in left_out.into_iter().enumerate() {
        let (is_good, said) = run("verify_population.py", lie);
        assert!(!is_good && said.starts_with("tampered: "), "lie {n}: {said}");
    }
    let other_draws: [Lie; 3] = [|p| p.names.truncate(p.names.len() - 1), |p| drop(p.records.pop()), another_seed];
    for (n, lie) in other_draws.into_iter().enumerate() {
        let (is_good, said) = run("draw_sample.py", lie);
        assert!(!is_good && said.starts_with("tampered: "), "lie {n}: {said}");
    }
}

mod erased;
