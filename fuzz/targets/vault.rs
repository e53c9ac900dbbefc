//! The objects of a vault, before anybody has judged them: commits, receipts, keys, markers, envelopes, footers, proofs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shoseki_segment::commit::Commit;
use shoseki_segment::keys::{ClassKeyObject, LocalKey, Secret, unwrap};
use shoseki_segment::layout::Marker;
use shoseki_segment::proof::{ProvenRecord, RecordProof};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{envelope, records};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(commit) = Commit::parse(bytes) {
        assert_eq!(commit.to_bytes(), bytes);
    }
    if let Ok(receipt) = Receipt::parse(bytes) {
        assert_eq!(Receipt::parse(&receipt.to_bytes()).ok(), Some(receipt));
    }
    if let Ok(object) = ClassKeyObject::parse(bytes) {
        assert_eq!(ClassKeyObject::parse(&object.to_bytes()).ok(), Some(object));
    }
    if let Ok(proof) = RecordProof::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
    }
    if let Ok(record) = ProvenRecord::parse_line(bytes) {
        assert_eq!(record.to_line(), bytes);
    }
    let key = Secret::from([7; 32]);
    let _ = envelope::wrapped_key(bytes);
    let _ = envelope::open(&key, "originals/a", bytes);
    let _ = unwrap(&key, "a", bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (Marker::parse(text), LocalKey::parse(text));
    }
    // A Parquet file whose hash nobody has compared yet.
    if bytes.starts_with(b"PAR1")
        && let Ok((_, batches)) = records(bytes.to_vec().into(), None, &["raw"])
    {
        for batch in batches {
            if batch.is_err() {
                break;
            }
        }
    }
});
