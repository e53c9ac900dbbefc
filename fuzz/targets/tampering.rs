//! A trail that really was signed, and what somebody who may write into its bucket does to it. The judge must say that it is
//! whole where every object holds what was signed, and must not say so where one of them does not.
#![no_main]

#[path = "../../crates/verify/src/trail/tests/writer.rs"]
mod writer;

use std::io::Read;
use std::sync::{Arc, LazyLock};

use flate2::bufread::GzDecoder;
use libfuzzer_sys::fuzz_target;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, PutOptions};
use shoseki_event::Timestamp;
use shoseki_verify::Verdict;
use shoseki_verify::trail::{KeyRing, TrailFilter, TrailPlace, TrailQuestion, TrailRange, TrailReport, validate_trail};
use tokio::runtime::{Builder, Runtime};
use writer::{KEY, Object, Plan, Signer, Trail, gzip, keys_file};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());
static SIGNED: LazyLock<Signed> = LazyLock::new(Signed::new);

/// What a digest's or a log file's content may swell to here.
const MAX_CONTENT: u64 = 1 << 20;

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

/// What is done to an object: which, where in it, and with what.
type Edit = (u8, u8, u16, u8);

fuzz_target!(|edits: Vec<Edit>| {
    let signed = &*SIGNED;
    let mut trail = signed.trail.clone();
    for edit in edits.iter().take(6) {
        apply(&signed.names, &mut trail, *edit);
    }
    let signatures = |trail: &Trail| -> Vec<(String, Option<String>)> {
        trail.objects.iter().map(|(name, object)| (name.clone(), object.signature.clone())).collect()
    };
    let lower = |all: Vec<(String, Option<String>)>| -> Vec<(String, Option<String>)> {
        all.into_iter().map(|(name, text)| (name, text.map(|text| text.to_ascii_lowercase()))).collect()
    };
    let (before, now) = (signatures(&signed.trail), signatures(&trail));
    if before != now && lower(before) == lower(now) {
        return; // the same number, written in another way: either answer is right
    }
    let is_whole = signed
        .trail
        .objects
        .iter()
        .all(|(name, before)| trail.objects.get(name).is_some_and(|now| holds_the_same(before, now)));
    let has_more = trail.objects.keys().any(|name| !signed.trail.objects.contains_key(name));
    let report = RUNTIME.block_on(judged(signed, &trail));
    if !is_whole {
        assert_ne!(report.verdict, Verdict::Intact, "{report:#?}");
    } else if !has_more {
        assert_eq!(report.verdict, Verdict::Intact, "{report:#?}");
    }
});

fn apply(names: &[String], trail: &mut Trail, (kind, which, at, with): Edit) {
    let name = &names[usize::from(which) % names.len()];
    let other = &names[usize::from(with) % names.len()];
    let Some(object) = trail.objects.get(name).cloned() else { return };
    let place = usize::from(at) % object.bytes.len().max(1);
    let change = |bytes: Vec<u8>| Some(Object { bytes, ..object.clone() });
    let changed = match kind % 14 {
        0 => None,
        1 => change(object.bytes.iter().enumerate().map(|(n, byte)| if n == place { with } else { *byte }).collect()),
        2 => change(object.bytes[..place].to_vec()),
        3 => change([&object.bytes[..], &vec![with; usize::from(at % 64)]].concat()),
        4 => change(content(&object.bytes).map(|(content, _)| content).unwrap_or_default()),
        5 => change(gzip(&content(&object.bytes).map(|(content, _)| content).unwrap_or_default())),
        6 => change([&object.bytes[..], &gzip(&[with])].concat()),
        7 => change([&object.bytes[..place], &[with], &object.bytes[place..]].concat()),
        8 => {
            // What it holds is changed, not how it is packed.
            let mut inside = content(&object.bytes).map(|(content, _)| content).unwrap_or_default();
            let place = usize::from(at) % inside.len().max(1);
            inside.iter_mut().skip(place).take(1).for_each(|byte| *byte = with);
            change(gzip(&inside))
        }
        9 => {
            let Some(there) = trail.objects.insert(other.clone(), object.clone()) else { return };
            Some(there)
        }
        10 => {
            let signature = trail.objects.get(other).and_then(|other| other.signature.clone());
            Some(Object { signature, ..object.clone() })
        }
        11 => {
            let letter = char::from(b' ' + with % 95);
            let signature = object.signature.as_ref().map(|text| {
                let place = usize::from(at) % text.len();
                format!("{}{letter}{}", &text[..place], &text[place + 1..])
            });
            Some(Object { signature, ..object.clone() })
        }
        12 | 13 => {
            // Beside it, under another name; and there alone.
            let name = name.replacen(&name[place % name.len()..][..1], &char::from(b'a' + with % 26).to_string(), 1);
            trail.objects.insert(name, object.clone());
            if kind % 14 == 12 { Some(object.clone()) } else { None }
        }
        _ => unreachable!(),
    };
    match changed {
        Some(object) => drop(trail.objects.insert(name.clone(), object)),
        None => drop(trail.objects.remove(name)),
    }
}

/// What stands in a file, and how many bytes behind it.
fn content(file: &[u8]) -> Option<(Vec<u8>, usize)> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Some((file.to_vec(), 0));
    }
    let (mut decoder, mut content) = (GzDecoder::new(file), Vec::new());
    decoder.by_ref().take(MAX_CONTENT).read_to_end(&mut content).ok()?;
    Some((content, decoder.into_inner().len()))
}

/// Whether what was signed stands there, and nothing besides.
fn holds_the_same(before: &Object, now: &Object) -> bool {
    // What stands beside a log file is nobody's signature.
    let is_signed_alike = before.signature.is_none() || before.signature == now.signature;
    content(&before.bytes) == content(&now.bytes) && is_signed_alike && before.made == now.made
}

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
    let end = (signed.plan.end(signed.plan.hours - 1) + 600) * 1_000_000;
    let question = TrailQuestion {
        places: vec![TrailPlace::bucket(store, &signed.plan.bucket, &Path::default())],
        range: TrailRange { from: None, to: Some(Timestamp(end)) },
        filter: TrailFilter::default(),
        keys: KeyRing::parse(&signed.ring).unwrap(),
        source: None,
        remembered: None,
        elsewhere: None,
        now: None,
    };
    validate_trail(question, &Arc::default()).await.unwrap().0
}
