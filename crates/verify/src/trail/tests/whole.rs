//! What is whole is intact, however it lies there; and what cannot be judged is said.

use std::fs;

use super::writer::{Last, MARCH_5};
use super::*;

fn estate() -> Plan {
    Plan {
        prefix: "trails/".to_owned(),
        organisation: "o-exampleorgid/".to_owned(),
        accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
        regions: vec!["ap-northeast-1".to_owned(), "us-east-1".to_owned()],
        late: vec![1, 4],
        ..Plan::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisations_trail_with_late_files_is_intact() {
    let plan = estate();
    let trail = plan.write(&signer());
    let report = judged(&plan, &trail).await;
    assert_intact(&report);
    let checked = &report.checked;
    assert_eq!((checked.digests, checked.log_files), (4 * (6 + 2), 4 * (6 * 3 + 2)));
    assert_eq!((checked.accounts, checked.regions, report.chains.len()), (2, 2, 8));
    assert!(report.chains.iter().all(|chain| chain.begins && chain.proven == chain.digests));
    assert_eq!(report.chains.iter().filter(|chain| chain.name.backfill).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_a_copy_wherever_it_is_cut() {
    let plan = estate();
    let trail = plan.write(&signer());
    for below in ["", "trail-bucket", "trail-bucket/trails/AWSLogs", "trail-bucket/trails/AWSLogs/o-exampleorgid"] {
        let report = judged_folder(&trail, true, below).await;
        assert_intact(&report);
        assert_eq!(report.checked.log_files, 4 * (6 * 3 + 2), "{below}");
    }
    // Folders that only look like CloudTrail's, above the copy and between its parts.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("CloudTrail/copy");
    trail.to_folder(&copy, true);
    for root in [folder.path(), &copy] {
        let report = run(question(vec![TrailPlace::folder(root).unwrap()])).await;
        assert_intact(&report);
        assert_eq!((report.checked.accounts, report.checked.regions), (2, 2));
    }
    let account = "trail-bucket/trails/AWSLogs/o-exampleorgid/444455556666";
    assert_eq!(judged_folder(&trail, true, account).await.checked.log_files, 2 * (6 * 3 + 2));
    let digests = judged_folder(&trail, true, &format!("{account}/CloudTrail-Digest/us-east-1")).await;
    assert_eq!(digests.verdict, Verdict::Unverifiable);
    assert!(digests.findings.iter().all(|finding| finding.flaw == Flaw::NotGiven), "{digests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_signatures_beside_them_all_but_the_newest_digest_is_proven() {
    let plan = Plan::default();
    let trail = plan.write(&signer());
    let report = judged_folder(&trail, false, "").await;
    assert_eq!(report.verdict, Verdict::Unverifiable);
    let told = told(&report);
    assert_eq!((told.len(), told[0].0), (1, Flaw::SignatureMissing));
    assert!(told[0].1.ends_with(&plan.digest(5)), "{told:?}");
    assert_eq!((report.checked.digests_proven, report.checked.log_files_proven), (5, 15));

    // The digest behind the time that was asked for has the signature of the last one in it.
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), false);
    let mut question = question(vec![TrailPlace::folder(folder.path()).unwrap()]);
    question.range = TrailRange { from: Some(at(plan.end(1))), to: Some(at(plan.end(4))) };
    let report = run(question).await;
    assert_intact(&report);
    assert_eq!(report.checked.digests_proven, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_lie_gunzipped_are_proven_by_their_content() {
    let plan = Plan::default();
    let trail = plan.write(&signer());
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), true);
    for name in [plan.log(1, 1), plan.digest(2)] {
        let path = file(folder.path(), &name);
        let content = content::read(&fs::read(&path).unwrap()).unwrap().0;
        fs::remove_file(&path).unwrap();
        fs::write(path.with_extension(""), content).unwrap();
    }
    assert_intact(&run(question(vec![TrailPlace::folder(folder.path()).unwrap()])).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_on_in_another_bucket() {
    let signer = signer();
    let old = Plan { bucket: "old-bucket".to_owned(), hours: 3, ..Plan::default() };
    let new = Plan { start: MARCH_5 + 3 * 3_600, hours: 3, ..Plan::default() };
    let mut trail = Trail::default();
    let names = ("111122223333", "ap-northeast-1");
    let last: Option<Last> = old.write_chain(&signer, names, None, &mut trail);
    new.write_chain(&signer, names, last, &mut trail);
    let report = judged(&new, &trail).await;
    assert_intact(&report);
    assert!(report.notes.iter().any(|note| note.id() == "verify-trail-bucket-moved"), "{:?}", report.notes);

    // One bucket alone: where the chain goes on is named, and nothing is called missing.
    let mut older = trail.clone();
    older.objects.retain(|name, _| name.starts_with("old-bucket"));
    trail.objects.retain(|name, _| name.starts_with("trail-bucket"));
    let report = judged(&new, &trail).await;
    assert_eq!((report.verdict, report.findings.len()), (Verdict::Unverifiable, 1));
    assert_eq!(report.findings[0].flaw, Flaw::NotGiven);
    assert_eq!(report.findings[0].what, format!("s3://{}", old.digest(2)));

    // Where the other bucket can be opened, it is, and its files are judged as those of the first.
    let others = Others(buckets(&older).await.remove(0));
    let ask = |places, others: Others| {
        let mut asked = question(places);
        asked.range.to = Some(at(new.end(2)));
        asked.elsewhere = Some(Arc::new(others));
        run(asked)
    };
    let report = ask(buckets(&trail).await, others).await;
    assert_intact(&report);
    assert_eq!((report.checked.digests, report.checked.log_files), (6, 18));
    older.change(&old.log(1, 1), |object| object.bytes = writer::gzip(b"{\"Records\":[]}"));
    let others = Others(buckets(&older).await.remove(0));
    let report = ask(buckets(&trail).await, others).await;
    assert_eq!(told(&report), [(Flaw::LogAltered, format!("s3://{}", old.log(1, 1)))]);
}

/// Opens one bucket, and no other.
struct Others(TrailPlace);

#[async_trait::async_trait]
impl OtherBuckets for Others {
    async fn open(&self, bucket: &str) -> shoseki_messages::Result<TrailPlace> {
        assert_eq!(bucket, "old-bucket");
        Ok(self.0.clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_bucket_is_judged_and_said_to_be_one() {
    let plan = Plan::default();
    let mut trail = plan.write(&signer());
    let copied =
        trail.objects.iter().map(|(name, object)| (name.replace("trail-bucket/", "archive/x/"), object.clone()));
    trail.objects = copied.collect();
    let report = judged(&plan, &trail).await;
    assert_intact(&report);
    assert_eq!(report.chains[0].copied_from.as_deref(), Some("trail-bucket"));
    assert!(report.notes.iter().any(|note| note.id() == "verify-trail-copied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_twice_is_judged_once_and_a_copy_beside_it_too() {
    let plan = Plan { late: vec![1], ..Plan::default() };
    let trail = plan.write(&signer());
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), true);
    let whole = TrailPlace::folder(folder.path()).unwrap();
    let part = TrailPlace::folder(&folder.path().join("trail-bucket/AWSLogs")).unwrap();
    let report = run(question(vec![whole.clone(), part, whole.clone()])).await;
    assert_intact(&report);
    assert_eq!((report.checked.digests, report.checked.log_files), (7, 19));

    let mut places = buckets(&trail).await;
    places.push(whole);
    assert_intact(&run(question(places)).await);
    let mut places = buckets(&trail).await;
    fs::write(file(folder.path(), &plan.log(1, 0)), "{}").unwrap();
    places.push(TrailPlace::folder(folder.path()).unwrap());
    let report = run(question(places)).await;
    assert_eq!(told(&report), [(Flaw::LogAltered, format!("{}/{}", folder.path().display(), plan.log(1, 0)))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_hours_files_are_not_due() {
    let plan = Plan::default();
    let mut trail = plan.write(&signer());
    let time = plan.end(5) + 900;
    plan.write_log(("111122223333", "ap-northeast-1"), time, "NEWFILE", &mut trail);
    let mut question = question(buckets(&trail).await);
    question.now = Some(at(time + 600));
    let report = run(question).await;
    assert_intact(&report);
    assert_eq!(report.checked.log_files_not_due, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_asked_for_is_judged() {
    let plan = estate();
    let trail = plan.write(&signer());
    let mut asked = question(buckets(&trail).await);
    asked.range = TrailRange { from: Some(at(plan.end(1))), to: Some(at(plan.end(3))) };
    asked.filter.accounts.insert("444455556666".to_owned());
    asked.filter.regions.insert("us-east-1".to_owned());
    let report = run(asked).await;
    assert_intact(&report);
    assert_eq!((report.checked.digests, report.checked.accounts), (2, 1));

    // What was asked for and never was: said, by the chain's own word, and no lie.
    let mut asked = question(buckets(&trail).await);
    asked.range = TrailRange { from: Some(at(plan.start - 36_000)), to: Some(at(plan.end(5))) };
    let report = run(asked).await;
    assert_eq!((report.verdict, report.gaps.len()), (Verdict::Intact, 4), "{report:#?}");
    assert_eq!((report.gaps[0].hours(), report.gaps[0].flaw), (10, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_without_anything_comes_to_an_end() {
    let plan = Plan::default();
    let trail = plan.write(&signer());
    let hour = 3_600_000_000;
    for (from, to) in [(0, hour), (0, 400 * 24 * hour), (i64::MAX - hour, i64::MAX), (i64::MIN, i64::MIN + hour)] {
        let mut asked = question(buckets(&trail).await);
        asked.range = TrailRange { from: Some(Timestamp(from)), to: Some(Timestamp(to)) };
        let report = run(asked).await;
        assert_eq!((report.verdict, report.checked.digests), (Verdict::Unverifiable, 0), "{from}");
        assert_eq!(told(&report).len(), 1, "{report:?}");
    }
    let mut asked = question(buckets(&trail).await);
    asked.range = TrailRange { from: Some(Timestamp(i64::MIN)), to: Some(Timestamp(i64::MAX)) };
    asked.now = Some(at(plan.end(6)));
    assert_eq!(run(asked).await.verdict, Verdict::Intact);
}

/// Digests that nobody signed can say what they like: it costs little.
#[tokio::test(flavor = "multi_thread")]
async fn forged_times_do_not_fill_the_memory() {
    let plan = Plan { hours: 40, files_an_hour: 1, ..Plan::default() };
    let mut trail = plan.write(&signer());
    for hour in 0..plan.hours {
        trail.change(&plan.digest(hour), |object| {
            let text = String::from_utf8(content::read(&object.bytes).unwrap().0).unwrap();
            let forged = text.replace("\"digestStartTime\":\"2026", "\"digestStartTime\":\"9026").replace("T_", "X_");
            object.bytes = writer::gzip(forged.replace("_CloudTrail-Digest_", "_CloudTrail-Digest_x").as_bytes());
        });
    }
    let report = judged_folder(&trail, true, "").await;
    assert_eq!((report.verdict, report.findings.len() <= 10_000), (Verdict::Tampered, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_never_intact() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(question(vec![TrailPlace::folder(folder.path()).unwrap()])).await;
    assert_eq!((report.verdict, report.notes[0].id()), (Verdict::Unverifiable, "verify-trail-nothing"));
    let progress = Arc::new(TrailProgress::default());
    progress.stop();
    let plan = Plan::default();
    let places = buckets(&plan.write(&signer())).await;
    let (report, _) = validate_trail(question(places), &progress).await.unwrap();
    assert_eq!((report.verdict, report.stopped), (Verdict::Unverifiable, true));
    assert!(TrailPlace::folder(FsPath::new("/nonexistent")).is_err());
}

/// What remembers everything, and says how often it was asked to keep something.
#[derive(Default)]
struct Memory(std::sync::Mutex<std::collections::BTreeSet<String>>);

impl Remembered for Memory {
    fn knows(&self, file: &str, mark: &str, sha256: &[u8; 32]) -> bool {
        self.0.lock().unwrap().contains(&format!("{file} {mark} {}", hex::encode(sha256)))
    }
    fn keep(&self, file: &str, mark: &str, sha256: &[u8; 32]) {
        self.0.lock().unwrap().insert(format!("{file} {mark} {}", hex::encode(sha256)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_before_is_not_read_again_unless_it_changed() {
    let plan = Plan::default();
    let mut trail = plan.write(&signer());
    let memory: Arc<Memory> = Arc::default();
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), true);
    let again = || {
        let mut question = question(vec![TrailPlace::folder(folder.path()).unwrap()]);
        question.remembered = Some(Arc::clone(&memory) as Arc<dyn Remembered>);
        run(question)
    };
    assert_eq!(again().await.checked.log_files_resumed, 0);
    let report = again().await;
    assert_intact(&report);
    assert_eq!(report.checked.log_files_resumed, 18);
    assert!(report.notes.iter().any(|note| note.id() == "verify-trail-resumed"));

    trail.change(&plan.log(2, 0), |object| object.bytes = writer::gzip(b"{\"Records\":[]}"));
    fs::write(file(folder.path(), &plan.log(2, 0)), &trail.objects[&plan.log(2, 0)].bytes).unwrap();
    let report = again().await;
    assert_eq!((report.verdict, report.findings[0].flaw), (Verdict::Tampered, Flaw::LogAltered));
    assert_eq!(report.checked.log_files_resumed, 17);
}
