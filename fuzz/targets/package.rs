//! What an auditor is handed: packages and proofs from anybody, judged offline. An input is a file as it is, and also the
//! entries of a package, `%%` on a line between them, which are then zipped, hashed and signed, so that what lies behind all
//! that is reached. Nothing verifies: no checkpoint was ever signed.
#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shoseki_tlog::SigningKey;
use shoseki_verify::package::{Manifest, PackageWriter, verify_package};
use shoseki_verify::{Verdict, judge_proof, verify_proof};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("shoseki/fuzz").unwrap());

/// What comes before the manifest, which is the last part of the input; the last three may be absent.
const ENTRIES: [&str; 9] = [
    "rows.csv",
    "rows.jsonl",
    "records.jsonl",
    "commits/1.json",
    "commits/1.tlog-proof",
    "checkpoint",
    "commits.jsonl",
    "population/0.jsonl",
    "drawn-from.txt",
];

fuzz_target!(|bytes: &[u8]| {
    judge(bytes);
    if let Some(package) = std::str::from_utf8(bytes).ok().and_then(signed) {
        judge(&package);
    }
    let (report, _) = judge_proof("fuzz", bytes, Some(KEY.verifier()));
    assert_ne!(report.verdict, Verdict::Intact);
    assert!(verify_proof(bytes, KEY.verifier()).is_err());
});

fn judge(bytes: &[u8]) {
    for key in [None, Some(KEY.verifier())] {
        if let Ok(report) = verify_package(Cursor::new(bytes), key, None) {
            assert_ne!(report.verdict, Verdict::Intact);
        }
    }
}

fn signed(text: &str) -> Option<Vec<u8>> {
    let (parts, manifest) = text.rsplit_once("\n%%\n")?;
    let mut package = PackageWriter::new(Cursor::new(Vec::new()));
    for (name, content) in ENTRIES.iter().zip(parts.split("\n%%\n")) {
        package.add(name, content.as_bytes()).ok()?;
    }
    for page in ["README.en.html", "README.ja.html"] {
        package.add(page, b"").ok()?;
    }
    let manifest = Manifest::parse(manifest.as_bytes()).ok()?;
    package.finish(manifest, &KEY).ok().map(Cursor::into_inner)
}
