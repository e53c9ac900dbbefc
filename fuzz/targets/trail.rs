//! A trail from anybody: digests, names, files of keys, and a whole bucket of them. An input is a document as it is, and also
//! the files of a bucket, `%%` on a line between them. Nothing is ever intact: nobody here can sign.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, PutOptions};
use shoseki_sources::{DigestDocument, TrailFileName};
use shoseki_verify::Verdict;
use shoseki_verify::trail::{
    KeyRing, PublicKey, TrailExpectation, TrailFilter, TrailPlace, TrailQuestion, TrailRange, validate_trail,
};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());

/// What the parts of an input are called, one after another.
const NAMES: [&str; 4] = [
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20260305T010000Z.json.gz",
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20260305T030000Z.json.gz",
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20260305T030000Z.json.gz.head.json",
    "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/111122223333_CloudTrail_us-east-1_20260305T0205Z_A.json.gz",
];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = DigestDocument::read(bytes) {
        assert!(document.signed_text(&[0; 32]).starts_with(&*document.end_text));
    }
    if let Ok(ring) = KeyRing::parse(bytes) {
        let again = KeyRing::parse(ring.to_json().to_string().as_bytes()).unwrap();
        assert_eq!(again.len(), ring.len());
    }
    if let Ok(key) = PublicKey::new(bytes.to_vec(), None, None) {
        assert!(!key.verifies(b"text", bytes));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(name) = TrailFileName::read(text) {
        assert!(text.starts_with(name.account) && text.contains(name.region));
    }
    RUNTIME.block_on(judge(text));
});

async fn judge(text: &str) {
    let store = Arc::new(InMemory::new());
    for (name, part) in NAMES.iter().zip(text.split("\n%%\n")) {
        let content = part.as_bytes().to_vec();
        store.put_opts(&Path::from(*name), content.into(), PutOptions::default()).await.unwrap();
    }
    let question = TrailQuestion {
        places: vec![TrailPlace::bucket(store, "b", &Path::default())],
        range: TrailRange::default(),
        filter: TrailFilter::default(),
        expect: TrailExpectation::default(),
        keys: KeyRing::default(),
        source: None,
        remembered: None,
        elsewhere: None,
        now: None,
    };
    let (report, _) = validate_trail(question, &Arc::default()).await.unwrap();
    assert_ne!(report.verdict, Verdict::Intact);
    assert_eq!(report.checked.log_files_proven, 0);
}
