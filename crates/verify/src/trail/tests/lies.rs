//! Every way to lie about a trail: what is found, and where. Each stands in a table; the holes of other validators are among
//! them by their numbers: two digests deleted in a row (2), the newest cut off (3), files that no digest names (4), bytes
//! behind the gzip stream (6), hours and regions that are not there (8).

use super::edits::{Edit, Left, apply, left};
use super::writer::{MARCH_5, OTHER_KEY, from_base64, gzip, hex};
use super::*;
use crate::tests::ground::{BUCKET, moto};

const HOUR: i64 = 3_600;

/// A lie: what it is called, how it is told, and what must be found: each kind with the end of the object's name.
struct Lie {
    name: &'static str,
    tell: fn(&Plan, &mut Trail),
    found: fn(&Plan) -> Vec<(Flaw, String)>,
}

fn here(name: &str) -> String {
    format!("s3://{name}")
}

/// Changes the text of a digest and packs it again.
fn rewrite(trail: &mut Trail, name: &str, change: impl Fn(&str) -> String) {
    trail.change(name, |object| {
        let text = content::read(&object.bytes).unwrap().0;
        object.bytes = gzip(change(std::str::from_utf8(&text).unwrap()).as_bytes());
    });
}

#[rustfmt::skip] // one lie after another
const LIES: &[Lie] = &[
    Lie {
        name: "a digest is deleted",
        tell: |plan, trail| drop(trail.remove(&plan.digest(2))),
        // Its log files are proven by nothing any more.
        found: |plan| vec![(Flaw::DigestMissing, here(&plan.digest(2))), (Flaw::LogUnproven, here(&plan.log(2, 0)))],
    },
    Lie {
        name: "three digests in a row are deleted, with their files",
        tell: |plan, trail| for hour in 1..4 {
            trail.remove(&plan.digest(hour));
            (0..3).for_each(|file| drop(trail.remove(&plan.log(hour, file))));
        },
        found: |plan| (1..4).map(|hour| (Flaw::DigestMissing, here(&plan.digest(hour)))).collect(),
    },
    Lie {
        name: "the newest digests are cut off",
        tell: |plan, trail| (3..6).for_each(|hour| drop(trail.remove(&plan.digest(hour)))),
        found: |plan| vec![(Flaw::NewestMissing, here(&plan.digest(3))), (Flaw::LogUnproven, here(&plan.log(3, 0)))],
    },
    Lie {
        name: "the newest digests are cut off with their files",
        tell: |plan, trail| for hour in 3..6 {
            trail.remove(&plan.digest(hour));
            (0..3).for_each(|file| drop(trail.remove(&plan.log(hour, file))));
        },
        found: |plan| vec![(Flaw::NewestOverdue, here(&plan.digest(3)))],
    },
    Lie {
        name: "the oldest digest is deleted",
        tell: |plan, trail| drop(trail.remove(&plan.digest(0))),
        found: |plan| vec![(Flaw::LogUnproven, here(&plan.log(0, 0))), (Flaw::OlderMissing, here(&plan.digest(0)))],
    },
    Lie {
        name: "a digest names one file less",
        tell: |plan, trail| {
            let key = plan.log(2, 1).split_once('/').unwrap().1.replace('/', "\\/");
            rewrite(trail, &plan.digest(2), |text| {
                let at = text.find(&key).unwrap();
                let (from, to) = (text[..at].rfind('{').unwrap(), at + text[at..].find('}').unwrap());
                format!("{}{}", &text[..from], &text[to + 2..])
            });
        },
        // What an altered digest says is worth nothing, and what it does not name is told.
        found: |plan| vec![(Flaw::DigestAltered, here(&plan.digest(2))), (Flaw::LogUnproven, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "an altered digest names a key that nobody has",
        tell: |plan, trail| rewrite(trail, &plan.digest(2), |text| text.replace(&signer().fingerprint, &"0".repeat(32))),
        found: |plan| vec![(Flaw::KeyUnknown, here(&plan.digest(2))), (Flaw::DigestAltered, here(&plan.digest(2)))],
    },
    Lie {
        name: "an altered digest names a kind of signature that nobody knows",
        tell: |plan, trail| rewrite(trail, &plan.digest(2), |text| text.replace("SHA256withRSA", "SHA512withNone")),
        found: |plan| vec![(Flaw::AlgorithmUnknown, here(&plan.digest(2))), (Flaw::DigestAltered, here(&plan.digest(2)))],
    },
    Lie {
        name: "the newest digest is altered",
        tell: |plan, trail| rewrite(trail, &plan.digest(5), |text| text.replace("SHA-256", "SHA-1")),
        found: |plan| vec![(Flaw::SignatureWrong, here(&plan.digest(5)))],
    },
    Lie {
        name: "the signature beside a digest is another one",
        tell: |plan, trail| trail.change(&plan.digest(2), |object| object.signature = Some("00ff".repeat(128))),
        found: |plan| vec![(Flaw::SignatureWrong, here(&plan.digest(2)))],
    },
    Lie {
        name: "the signature beside the newest digest is no signature",
        tell: |plan, trail| trail.change(&plan.digest(5), |object| object.signature = Some("no signature".to_owned())),
        found: |plan| vec![(Flaw::SignatureWrong, here(&plan.digest(5)))],
    },
    Lie {
        name: "the signature beside the newest digest is gone",
        tell: |plan, trail| trail.change(&plan.digest(5), |object| object.signature = None),
        found: |plan| vec![(Flaw::SignatureMissing, here(&plan.digest(5)))],
    },
    Lie {
        name: "two digests are swapped",
        tell: |plan, trail| {
            let (a, b) = (trail.remove(&plan.digest(2)), trail.remove(&plan.digest(3)));
            trail.objects.insert(plan.digest(3), a);
            trail.objects.insert(plan.digest(2), b);
        },
        found: |plan| vec![
            (Flaw::DigestMoved, here(&plan.digest(2))),
            (Flaw::DigestMissing, here(&plan.digest(2))),
            (Flaw::DigestMoved, here(&plan.digest(3))),
            (Flaw::DigestMissing, here(&plan.digest(3))),
        ],
    },
    Lie {
        name: "a digest is a log file",
        tell: |plan, trail| {
            let log = trail.objects[&plan.log(2, 0)].bytes.clone();
            trail.change(&plan.digest(2), |object| object.bytes = log);
        },
        found: |plan| vec![(Flaw::DigestUnreadable, here(&plan.digest(2))), (Flaw::LogUnproven, here(&plan.log(2, 0)))],
    },
    Lie {
        name: "a log file is a digest",
        tell: |plan, trail| {
            let digest = trail.objects[&plan.digest(2)].bytes.clone();
            trail.change(&plan.log(2, 0), |object| object.bytes = digest);
        },
        found: |plan| vec![(Flaw::LogAltered, here(&plan.log(2, 0)))],
    },
    Lie {
        name: "a digest is cut off",
        tell: |plan, trail| trail.change(&plan.digest(2), |object| object.bytes.truncate(100)),
        found: |plan| vec![(Flaw::DigestUnreadable, here(&plan.digest(2))), (Flaw::LogUnproven, here(&plan.log(2, 0)))],
    },
    Lie {
        name: "bytes follow the stream of a digest",
        tell: |plan, trail| trail.change(&plan.digest(2), |object| object.bytes.extend(b"more")),
        found: |plan| vec![(Flaw::TrailingBytes, here(&plan.digest(2)))],
    },
    Lie {
        name: "a log file is deleted",
        tell: |plan, trail| drop(trail.remove(&plan.log(2, 1))),
        found: |plan| vec![(Flaw::LogMissing, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "a bit of a log file is flipped",
        tell: |plan, trail| trail.change(&plan.log(2, 1), |object| {
            let text = content::read(&object.bytes).unwrap().0;
            let text = String::from_utf8(text).unwrap().replacen("aiko", "aikn", 1);
            object.bytes = gzip(text.as_bytes());
        }),
        found: |plan| vec![(Flaw::LogAltered, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "the gzip stream of a log file is corrupt",
        tell: |plan, trail| trail.change(&plan.log(2, 1), |object| {
            let last = object.bytes.len() - 6;
            object.bytes[last] ^= 1;
        }),
        found: |plan| vec![(Flaw::LogAltered, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "an empty stream follows the stream of a log file",
        tell: |plan, trail| trail.change(&plan.log(2, 1), |object| object.bytes.extend(gzip(b""))),
        found: |plan| vec![(Flaw::TrailingBytes, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "two log files are swapped",
        tell: |plan, trail| {
            let (a, b) = (trail.remove(&plan.log(2, 0)), trail.remove(&plan.log(2, 1)));
            trail.objects.insert(plan.log(2, 1), a);
            trail.objects.insert(plan.log(2, 0), b);
        },
        found: |plan| vec![(Flaw::LogAltered, here(&plan.log(2, 0))), (Flaw::LogAltered, here(&plan.log(2, 1)))],
    },
    Lie {
        name: "a log file is added",
        tell: |plan, trail| {
            plan.write_log(("111122223333", "ap-northeast-1"), plan.end(1) + 700, "FORGED", trail);
        },
        found: |plan| vec![(Flaw::LogExtra, format!("s3://{}/{}", plan.bucket,
            plan.log_key("111122223333", "ap-northeast-1", plan.end(1) + 700, "FORGED")))],
    },
    Lie {
        name: "a log file is moved into another day",
        tell: |plan, trail| {
            let object = trail.remove(&plan.log(2, 1));
            trail.objects.insert(plan.log(2, 1).replace("/05/", "/06/"), object);
        },
        found: |plan| vec![
            (Flaw::LogExtra, here(&plan.log(2, 1).replace("/05/", "/06/"))),
            (Flaw::LogMissing, here(&plan.log(2, 1))),
        ],
    },
    Lie {
        name: "a file without a name of CloudTrail's is added",
        tell: |plan, trail| {
            let folder = plan.log(2, 1).rsplit_once('/').unwrap().0.to_owned();
            trail.objects.insert(format!("{folder}/events.json.gz"), trail.objects[&plan.log(2, 1)].clone());
        },
        found: |plan| vec![(Flaw::FileForeign,
            here(&format!("{}/events.json.gz", plan.log(2, 1).rsplit_once('/').unwrap().0)))],
    },
    Lie {
        name: "a digest is moved to another hour",
        tell: |plan, trail| {
            let object = trail.remove(&plan.digest(2));
            trail.objects.insert(plan.digest(2).replace("T030000Z", "T033000Z"), object);
        },
        found: |plan| vec![
            (Flaw::DigestMoved, here(&plan.digest(2).replace("T030000Z", "T033000Z"))),
            (Flaw::DigestMissing, here(&plan.digest(2))),
        ],
    },
];

fn sorted(mut told: Vec<(Flaw, String)>) -> Vec<(Flaw, String)> {
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_found_and_located_in_a_bucket() {
    let plan = Plan::default();
    let honest = plan.write(&signer());
    assert_intact(&judged(&plan, &honest).await);
    for lie in LIES {
        let mut trail = honest.clone();
        (lie.tell)(&plan, &mut trail);
        let report = judged(&plan, &trail).await;
        let expected = (lie.found)(&plan);
        assert_eq!(sorted(told(&report)), sorted(expected.clone()), "{}", lie.name);
        let is_tampering = expected.iter().any(|(flaw, _)| flaw.verdict() == Verdict::Tampered);
        let verdict = if is_tampering { Verdict::Tampered } else { Verdict::Unverifiable };
        assert_eq!(report.verdict, verdict, "{}", lie.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_found_and_located_in_motos_s3() {
    let Some(store) = moto("lies about a trail") else { return };
    for (n, lie) in LIES.iter().enumerate() {
        let prefix = format!("lies-{}-{n}/", std::process::id());
        let plan = Plan { bucket: BUCKET.to_owned(), prefix: prefix.clone(), files_an_hour: 3, ..Plan::default() };
        let mut trail = plan.write(&signer());
        (lie.tell)(&plan, &mut trail);
        for (name, object) in &trail.objects {
            put(store.as_ref(), name.split_once('/').unwrap().1, object).await;
        }
        let mut asked = question(vec![TrailPlace::bucket(Arc::clone(&store), BUCKET, &Path::from(prefix))]);
        asked.range.to = Some(at(plan.end(plan.hours - 1) + 600));
        assert_eq!(sorted(told(&run(asked).await)), sorted((lie.found)(&plan)), "{}", lie.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_found_and_located_in_a_folder_offline() {
    let plan = Plan::default();
    let honest = plan.write(&signer());
    for lie in LIES {
        let mut trail = honest.clone();
        (lie.tell)(&plan, &mut trail);
        let folder = tempfile::tempdir().unwrap();
        trail.to_folder(folder.path(), true);
        let mut asked = question(vec![TrailPlace::folder(folder.path()).unwrap()]);
        asked.range.to = Some(at(plan.end(plan.hours - 1) + 600));
        let report = run(asked).await;
        let shown = format!("{}/", folder.path().display());
        let told = told(&report).into_iter().map(|(flaw, what)| (flaw, what.replace(&shown, "s3://"))).collect();
        assert_eq!(sorted(told), sorted((lie.found)(&plan)), "{}", lie.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_listed_by_hours() {
    let plan = Plan::default();
    let mut trail = plan.write(&signer());
    (1..4).for_each(|hour| drop(trail.remove(&plan.digest(hour))));
    let report = judged(&plan, &trail).await;
    assert_eq!(report.gaps.len(), 1, "{:?}", report.gaps);
    let gap = &report.gaps[0];
    assert_eq!((gap.hours(), gap.from, gap.to), (3, at(plan.end(0)), at(plan.end(3))));
    assert!(report.findings.iter().all(|finding| finding.digest.as_deref() != Some("")));
    let named = report.findings.iter().filter(|finding| finding.flaw == Flaw::DigestMissing);
    assert!(named.clone().all(|finding| finding.digest.as_deref() == Some(&*here(&plan.digest(4)))));
    assert_eq!(named.count(), 3);

    // With a beginning that was asked for, what lies behind it must be there.
    let mut asked = question(buckets(&trail).await);
    trail.remove(&plan.digest(0));
    asked.places = buckets(&trail).await;
    asked.range = TrailRange { from: Some(at(plan.start)), to: Some(at(plan.end(5))) };
    let report = run(asked).await;
    assert_eq!((report.verdict, report.gaps[0].hours()), (Verdict::Tampered, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_stopped_and_started_has_a_gap() {
    let before = Plan { hours: 2, ..Plan::default() };
    let after = Plan { start: MARCH_5 + 5 * HOUR, hours: 2, ..Plan::default() };
    let mut trail = before.write(&signer());
    trail.objects.extend(after.write(&signer()).objects);
    let report = judged(&after, &trail).await;
    assert_eq!(report.verdict, Verdict::Unverifiable);
    assert_eq!(told(&report), [(Flaw::TrailRestarted, here(&after.digest(0)))]);
    assert_eq!(
        (report.gaps[0].from, report.gaps[0].to, report.gaps[0].hours()),
        (at(before.end(1)), at(after.start), 3)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_goes_on_tells_of_one_that_was_cut_off_or_removed() {
    let regions = ["ap-northeast-1", "eu-west-1"].map(str::to_owned).to_vec();
    let accounts = ["111122223333", "444455556666"].map(str::to_owned).to_vec();
    let plan = Plan { regions, accounts, ..Plan::default() };
    let honest = plan.write(&signer());
    let mut trail = honest.clone();
    for hour in 3..6 {
        trail.remove(&plan.digest(hour));
        (0..3).for_each(|file| drop(trail.remove(&plan.log(hour, file))));
    }
    let report = judged(&plan, &trail).await;
    assert_eq!((report.verdict, told(&report)[0].0), (Verdict::Tampered, Flaw::NewestMissing), "{report:#?}");
    assert_eq!(report.findings[0].message.id(), "verify-trail-newest-missing-other");

    let mut trail = honest;
    trail.objects.retain(|name, _| !(name.contains("444455556666/") && name.contains("eu-west-1")));
    let report = judged(&plan, &trail).await;
    assert_eq!(told(&report), [(Flaw::RegionAbsent, "444455556666/CloudTrail-Digest/eu-west-1/".to_owned())]);
    assert_eq!((report.verdict, report.gaps[0].hours()), (Verdict::Unverifiable, 6));
}

/// A whole trail of two accounts and two regions, without what lies in folders of these names.
fn without(names: &[&str]) -> (Plan, Trail) {
    let regions = ["ap-northeast-1", "us-east-1"].map(str::to_owned).to_vec();
    let accounts = ["111122223333", "444455556666"].map(str::to_owned).to_vec();
    let plan = Plan { regions, accounts, home: "us-east-1".to_owned(), ..Plan::default() };
    let mut trail = plan.write(&signer());
    trail.objects.retain(|name, _| !names.iter().any(|gone| name.contains(&format!("/{gone}/"))));
    (plan, trail)
}

fn set(names: &[&str]) -> std::collections::BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What is told of a trail by its message, with what was asked and expected.
async fn asked(trail: &Trail, plan: &Plan, filter: TrailFilter, expect: TrailExpectation) -> Vec<(String, String)> {
    let mut question = question(buckets(trail).await);
    question.range.to = Some(at(plan.end(plan.hours - 1) + 600));
    (question.filter, question.expect) = (filter, expect);
    let report = run(question).await;
    let is_told = !report.findings.is_empty();
    assert_eq!(report.verdict, if is_told { Verdict::Unverifiable } else { Verdict::Intact }, "{report:#?}");
    assert!(report.findings.iter().all(|finding| finding.flaw == Flaw::RegionAbsent), "{report:#?}");
    let place = |what: &str| what.replace("/CloudTrail-Digest/", " ").trim_end_matches([' ', '/']).to_owned();
    report.findings.iter().map(|finding| (place(&finding.what), finding.message.id().to_owned())).collect()
}

fn all_told(places: &[&str], id: &str) -> Vec<(String, String)> {
    places.iter().map(|place| ((*place).to_owned(), id.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_whose_whole_tree_is_gone_is_told_where_the_trail_was_made_in_it() {
    let nothing = TrailExpectation::default;
    let (plan, trail) = without(&[]);
    assert_eq!(asked(&trail, &plan, TrailFilter::default(), nothing()).await, []);

    let (plan, trail) = without(&["us-east-1"]);
    let told = asked(&trail, &plan, TrailFilter::default(), nothing()).await;
    assert_eq!(told, all_told(&["111122223333 us-east-1", "444455556666 us-east-1"], "trail-region-home"));
    // Who asks about another region alone has asked about nothing that is gone.
    let filter = TrailFilter { regions: set(&["ap-northeast-1"]), ..TrailFilter::default() };
    assert_eq!(asked(&trail, &plan, filter, nothing()).await, []);
    // A part in which the home region could not lie is no evidence that it is gone.
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), true);
    for (below, is_told) in [("", true), ("/trail-bucket/AWSLogs/111122223333/CloudTrail-Digest/ap-northeast-1", false)]
    {
        let path = format!("{}{below}", folder.path().display());
        let report = run(question(vec![TrailPlace::folder(FsPath::new(&path)).unwrap()])).await;
        let homes = report.findings.iter().filter(|finding| finding.message.id() == "trail-region-home").count();
        assert_eq!(homes > 0, is_told, "{below}: {report:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_named_and_gone_is_told() {
    let (mut plan, _) = without(&[]);
    plan.home = "ap-northeast-1".to_owned();
    let mut trail = plan.write(&signer());
    trail.objects.retain(|name, _| !name.contains("/us-east-1/"));
    let nothing = TrailExpectation::default;
    let regions = |names: &[&str]| TrailFilter { regions: set(names), ..TrailFilter::default() };
    assert_eq!(asked(&trail, &plan, TrailFilter::default(), nothing()).await, [], "nothing leads to expect it");
    let both = all_told(&["111122223333 us-east-1", "444455556666 us-east-1"], "trail-region-expected");
    assert_eq!(asked(&trail, &plan, regions(&["us-east-1", "ap-northeast-1"]), nothing()).await, both);
    assert_eq!(
        asked(&trail, &plan, regions(&["us-east-1"]), nothing()).await,
        both,
        "though nothing else is asked about"
    );
    let one = TrailFilter { accounts: set(&["444455556666"]), ..regions(&["us-east-1"]) };
    assert_eq!(
        asked(&trail, &plan, one, nothing()).await,
        all_told(&["444455556666 us-east-1"], "trail-region-expected")
    );

    // A file says it where nothing is named; what is named narrows it.
    let file = || TrailExpectation { regions: set(&["us-east-1", "ap-northeast-1"]), ..nothing() };
    assert_eq!(asked(&trail, &plan, TrailFilter::default(), file()).await, both);
    assert_eq!(asked(&trail, &plan, regions(&["ap-northeast-1"]), file()).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_named_and_gone_is_told() {
    let (plan, trail) = without(&["444455556666"]);
    let nothing = TrailExpectation::default;
    let accounts = |names: &[&str]| TrailFilter { accounts: set(names), ..TrailFilter::default() };
    assert_eq!(asked(&trail, &plan, TrailFilter::default(), nothing()).await, [], "nothing leads to expect it");
    let gone = all_told(&["444455556666 ap-northeast-1", "444455556666 us-east-1"], "trail-region-expected");
    assert_eq!(asked(&trail, &plan, accounts(&["111122223333", "444455556666"]), nothing()).await, gone);
    let alone = asked(&trail, &plan, accounts(&["444455556666"]), nothing()).await;
    assert_eq!(alone, all_told(&["444455556666"], "trail-region-expected"));
    let file = TrailExpectation { accounts: set(&["111122223333", "444455556666"]), ..nothing() };
    assert_eq!(asked(&trail, &plan, TrailFilter::default(), file).await, gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_which_nothing_is_left_of_the_time_is_told() {
    let accounts = ["111122223333", "444455556666"].map(str::to_owned).to_vec();
    let plan = Plan { accounts, ..Plan::default() };
    let mut trail = plan.write(&signer());
    for hour in 2..6 {
        trail.remove(&plan.digest(hour));
        (0..3).for_each(|file| drop(trail.remove(&plan.log(hour, file))));
    }
    let mut asked = question(buckets(&trail).await);
    asked.range = TrailRange { from: Some(at(plan.end(1))), to: Some(at(plan.end(5))) };
    let report = run(asked).await;
    assert_eq!(told(&report), [(Flaw::RegionAbsent, "111122223333/CloudTrail-Digest/ap-northeast-1/".to_owned())]);
    assert_eq!((report.verdict, report.gaps[0].hours()), (Verdict::Unverifiable, 4));
    assert_eq!(report.findings[0].message.id(), "verify-trail-region-silent");
}

#[tokio::test(flavor = "multi_thread")]
async fn log_files_without_any_digest_are_no_evidence() {
    let plan = Plan::default();
    let mut trail = plan.write(&signer());
    trail.objects.retain(|name, _| !name.contains("CloudTrail-Digest"));
    let report = judged(&plan, &trail).await;
    assert_eq!(told(&report), [(Flaw::NoDigests, "111122223333/CloudTrail-Digest/ap-northeast-1/".to_owned())]);
    assert_eq!(report.verdict, Verdict::Unverifiable);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_files_digests_are_chained_too() {
    let plan = Plan { late: vec![0, 2, 4], ..Plan::default() };
    let honest = plan.write(&signer());
    assert_intact(&judged(&plan, &honest).await);
    let late = |hour: i64| plan.digest(hour).replace(".json.gz", "_backfill.json.gz");
    let mut trail = honest.clone();
    trail.remove(&late(2));
    let report = judged(&plan, &trail).await;
    let told_of = sorted(told(&report));
    assert_eq!(told_of[0], (Flaw::DigestMissing, here(&late(2))), "{report:#?}");
    assert_eq!((told_of.len(), told_of[1].0), (2, Flaw::LogExtra), "its file is named by nothing");

    let mut trail = honest;
    rewrite(&mut trail, &late(2), |text| text.replace("LATEFILE", "OTHRFILE"));
    let report = judged(&plan, &trail).await;
    assert_eq!(told(&report).iter().filter(|(flaw, _)| *flaw == Flaw::DigestAltered).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_there_or_are_others_are_told_apart() {
    let plan = Plan::default();
    let other = Signer::new(OTHER_KEY);
    let trail = plan.write(&signer());
    let with = |keys: KeyRing, places| {
        let mut asked = question(places);
        asked.range.to = Some(at(plan.end(5)));
        asked.keys = keys;
        run(asked)
    };
    // The key is unknown: nothing can be judged, though all hashes agree.
    let report = with(ring(&other), buckets(&trail).await).await;
    assert_eq!((report.verdict, report.findings.len()), (Verdict::Unverifiable, 6));
    assert!(report.findings.iter().all(|finding| finding.flaw == Flaw::KeyUnknown));
    assert_eq!((report.checked.digests_proven, report.checked.log_files_proven), (0, 0));

    // Another key signed than the digest names.
    let mut posing = Signer::new(OTHER_KEY);
    posing.fingerprint = signer().fingerprint;
    let both = KeyRing::parse(keys_file(&[signer().pkcs1(), other.pkcs1()]).as_bytes()).unwrap();
    let report = with(both, buckets(&plan.write(&posing)).await).await;
    assert_eq!((report.verdict, report.findings[0].flaw), (Verdict::Tampered, Flaw::KeyOther));

    // A key that was not valid then.
    let late = PublicKey::new(signer().pkcs1(), Some(at(plan.end(5) + 30 * HOUR)), None).unwrap();
    let mut keys = KeyRing::default();
    keys.add(late);
    let report = with(keys, buckets(&trail).await).await;
    assert_eq!((report.verdict, report.findings[0].flaw), (Verdict::Unverifiable, Flaw::KeyNotValid));
}

/// What only the holder of the key can do: a chain that is signed and does not hold together.
#[tokio::test(flavor = "multi_thread")]
async fn signed_digests_that_do_not_fit_each_other_are_told() {
    let (signer, plan) = (signer(), Plan::default());
    let mut trail = plan.write(&signer);
    // The digest of hour 2 is signed again with another file: the next one states the first.
    let names = ("111122223333", "ap-northeast-1");
    let log = plan.write_log(names, plan.end(1) + 1_800, "SECONDFILE", &mut trail);
    let key = plan.digest_key(names.0, names.1, plan.end(2), false);
    plan.sign(&signer, (names.0, key, plan.end(2)), (&[log], None, false), &mut trail);
    let report = judged(&plan, &trail).await;
    let broken: Vec<_> = told(&report).into_iter().filter(|(flaw, _)| *flaw == Flaw::ChainBroken).collect();
    assert_eq!((report.verdict, broken), (Verdict::Tampered, vec![(Flaw::ChainBroken, here(&plan.digest(2)))]));

    // A digest between two that are chained past it.
    let mut trail = plan.write(&signer);
    let end = plan.end(2) - 1_800;
    let key = plan.digest_key(names.0, names.1, end, false);
    plan.sign(&signer, (names.0, key.clone(), end), (&[], None, false), &mut trail);
    let told = told(&judged(&plan, &trail).await);
    assert!(told.contains(&(Flaw::DigestBypassed, format!("s3://trail-bucket/{key}"))), "{told:?}");
}

#[test]
fn what_the_writer_packs_is_what_it_was() {
    assert_eq!(hex(&from_base64("AAECAw==")), "00010203");
}

/// What the fuzz target `tampering` does without end, here a thousand times, always the same: any few edits of any objects.
#[tokio::test]
async fn whatever_is_done_to_it_is_found_and_nothing_else() {
    let plan = Plan { hours: 3, files_an_hour: 2, late: vec![1], ..Plan::default() };
    let trail = plan.write(&signer());
    let names: Vec<String> = trail.objects.keys().cloned().collect();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut counts = [0; 3];
    for _ in 0..1_000 {
        let mut changed = trail.clone();
        let edits: Vec<Edit> = (0..1 + draw() % 3)
            .map(|_| {
                let [kind, which, low, high, with, ..] = draw().to_le_bytes();
                (kind, which, u16::from_le_bytes([low, high]), with)
            })
            .collect();
        edits.iter().for_each(|edit| apply(&names, &mut changed, *edit));
        changed.objects.retain(|name, _| name.starts_with("trail-bucket/")); // a copy in another bucket would count
        let mut question = question(buckets(&changed).await);
        question.range.to = Some(at(plan.end(plan.hours - 1) + 2 * HOUR + 1_800)); // the newest is due, the next is not
        let report = run(question).await;
        let left = left(&trail, &changed);
        match left {
            Left::Harmed => assert_ne!(report.verdict, Verdict::Intact, "{edits:?}: {report:#?}"),
            Left::Whole => assert_eq!(report.verdict, Verdict::Intact, "{edits:?}: {report:#?}"),
            Left::More | Left::Spelt => {}
        }
        counts[usize::from(left == Left::Whole) + 2 * usize::from(left == Left::More)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 20), "each kind was there: {counts:?}");
}
