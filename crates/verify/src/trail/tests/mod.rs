//! Trails that are whole, and every way to lie about one, each found and located: in a folder, and in a bucket in memory.

mod edits;
mod keys;
mod lies;
mod whole;
mod writer;

use std::collections::BTreeMap;
use std::path::Path as FsPath;
use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, PutOptions};
use shoseki_event::Timestamp;

use super::*;
use crate::Verdict;
use writer::{KEY, Plan, Signer, Trail, keys_file};

/// The signer whose key is at hand.
fn signer() -> Signer {
    Signer::new(KEY)
}

fn ring(signer: &Signer) -> KeyRing {
    KeyRing::parse(keys_file(&[signer.pkcs1()]).as_bytes()).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn question(places: Vec<TrailPlace>) -> TrailQuestion {
    TrailQuestion {
        places,
        range: TrailRange::default(),
        filter: TrailFilter::default(),
        expect: TrailExpectation::default(),
        keys: ring(&signer()),
        source: None,
        remembered: None,
        elsewhere: None,
        now: None,
    }
}

async fn run(question: TrailQuestion) -> TrailReport {
    validate_trail(question, &Arc::default()).await.unwrap().0
}

/// Each bucket of a trail, in memory, with its signatures beside the digests.
async fn buckets(trail: &Trail) -> Vec<TrailPlace> {
    let mut stores: BTreeMap<String, Arc<InMemory>> = BTreeMap::new();
    for (name, object) in &trail.objects {
        let (bucket, key) = name.split_once('/').unwrap();
        put(stores.entry(bucket.to_owned()).or_default().as_ref(), key, object).await;
    }
    let place = |(name, store): (String, Arc<InMemory>)| TrailPlace::bucket(store, &name, &Path::default());
    stores.into_iter().map(place).collect()
}

/// Puts an object, with what S3 keeps beside it.
async fn put(store: &dyn ObjectStore, key: &str, object: &writer::Object) {
    let mut attributes = Attributes::new();
    for (name, value) in [("signature", &object.signature), ("backfill-generation-timestamp", &object.made)] {
        if let Some(value) = value {
            attributes.insert(Attribute::Metadata(name.into()), value.clone().into());
        }
    }
    let options = PutOptions { attributes, ..PutOptions::default() };
    store.put_opts(&Path::from(key), object.bytes.clone().into(), options).await.unwrap();
}

/// A judgement of a bucket up to the end of the plan's last hour.
async fn judged(plan: &Plan, trail: &Trail) -> TrailReport {
    let mut question = question(buckets(trail).await);
    question.range.to = Some(at(plan.end(plan.hours - 1) + 600));
    run(question).await
}

/// A judgement of a copy in a folder.
async fn judged_folder(trail: &Trail, beside: bool, below: &str) -> TrailReport {
    let folder = tempfile::tempdir().unwrap();
    trail.to_folder(folder.path(), beside);
    run(question(vec![TrailPlace::folder(&folder.path().join(below)).unwrap()])).await
}

/// The findings as `code at the end of the object's name`.
fn told(report: &TrailReport) -> Vec<(Flaw, String)> {
    report.findings.iter().map(|finding| (finding.flaw, finding.what.clone())).collect()
}

/// That it is whole.
fn assert_intact(report: &TrailReport) {
    assert_eq!((report.verdict, told(report)), (Verdict::Intact, Vec::new()), "{report:#?}");
    assert_eq!(report.checked.digests, report.checked.digests_proven);
    assert_eq!(report.checked.log_files, report.checked.log_files_proven);
    assert!(report.gaps.is_empty(), "{:?}", report.gaps);
}

/// The path of an object in a folder.
fn file(folder: &FsPath, name: &str) -> std::path::PathBuf {
    folder.join(name)
}
