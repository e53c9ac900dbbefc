//! A trail that really was signed, and what somebody who may write into its bucket does to it. The judge must say that it is
//! whole where every object holds what was signed, and must not say so where one of them does not.
#![no_main]

#[path = "../../crates/verify/src/trail/tests/edits.rs"]
mod edits;
#[path = "../../crates/verify/src/trail/tests/writer.rs"]
mod writer;

use std::sync::{Arc, LazyLock};

use edits::{Edit, Left, apply, left};
use libfuzzer_sys::fuzz_target;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, PutOptions};
use shoseki_event::Timestamp;
use shoseki_verify::Verdict;
use shoseki_verify::trail::{
    KeyRing, TrailExpectation, TrailFilter, TrailPlace, TrailQuestion, TrailRange, TrailReport, validate_trail,
};
use tokio::runtime::{Builder, Runtime};
use writer::{KEY, Plan, Signer, Trail, keys_file};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());
static SIGNED: LazyLock<Signed> = LazyLock::new(Signed::new);

/// A trail as it was delivered.
struct Signed {
    plan: Plan,
    trail: Trail,
    names: Vec<String>,
    ring: Vec<u8>,
}

impl Signed {
    fn new() -> Self {
        let signer = Signer::new(KEY);
        let plan = Plan { hours: 3, files_an_hour: 2, late: vec![1], ..Plan::default() };
        let trail = plan.write(&signer);
        let names = trail.objects.keys().cloned().collect();
        Self { plan, trail, names, ring: keys_file(&[signer.pkcs1()]).into_bytes() }
    }
}

fuzz_target!(|edits: Vec<Edit>| {
    let signed = &*SIGNED;
    let mut trail = signed.trail.clone();
    for edit in edits.iter().take(6) {
        apply(&signed.names, &mut trail, *edit);
    }
    let report = RUNTIME.block_on(judged(signed, &trail));
    match left(&signed.trail, &trail) {
        Left::Harmed => assert_ne!(report.verdict, Verdict::Intact, "{report:#?}"),
        Left::Whole => assert_eq!(report.verdict, Verdict::Intact, "{report:#?}"),
        Left::More | Left::Spelt => {}
    }
});

async fn judged(signed: &Signed, trail: &Trail) -> TrailReport {
    let store = Arc::new(InMemory::new());
    let bucket = format!("{}/", signed.plan.bucket);
    for (name, object) in &trail.objects {
        let Some(key) = name.strip_prefix(&bucket) else { continue }; // it went to another bucket
        let mut attributes = Attributes::new();
        for (name, value) in [("signature", &object.signature), ("backfill-generation-timestamp", &object.made)] {
            if let Some(value) = value {
                attributes.insert(Attribute::Metadata(name.into()), value.clone().into());
            }
        }
        let options = PutOptions { attributes, ..PutOptions::default() };
        store.put_opts(&Path::from(key), object.bytes.clone().into(), options).await.unwrap();
    }
    // The newest digest is due then, and the next one is not.
    let end = (signed.plan.end(signed.plan.hours - 1) + 2 * 3_600 + 1_800) * 1_000_000;
    let question = TrailQuestion {
        places: vec![TrailPlace::bucket(store, &signed.plan.bucket, &Path::default())],
        range: TrailRange { from: None, to: Some(Timestamp(end)) },
        filter: TrailFilter::default(),
        expect: TrailExpectation::default(),
        keys: KeyRing::parse(&signed.ring).unwrap(),
        source: None,
        remembered: None,
        elsewhere: None,
        now: None,
    };
    validate_trail(question, &Arc::default()).await.unwrap().0
}
