//! Keys, and checkpoints signed with them.

use shoseki_messages::Kind;

use super::{TEST_KEY, test_key};
use crate::{Checkpoint, Hash, MAX_CHECKPOINT_BYTES, SignedCheckpoint, SigningKey, VerifierKey, leaf_hash};

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: "example.com/shoseki".to_owned(), size: 42, root: leaf_hash(b"root") }
}

fn id_of_opening(bytes: &[u8], key: &VerifierKey) -> &'static str {
    let fault = SignedCheckpoint::open(bytes, key).unwrap_err();
    assert_eq!(fault.kind(), Kind::Damage);
    fault.id()
}

#[test]
fn keys_are_read_as_they_are_written() {
    let key = SigningKey::generate("example.com/ログ").unwrap();
    let again = SigningKey::from_secret_text(&format!("{}\n", *key.to_secret_text())).unwrap();
    assert_eq!(again.to_secret_text(), key.to_secret_text());
    let verifier: VerifierKey = key.verifier().to_string().parse().unwrap();
    assert_eq!(&verifier, key.verifier());
    assert_eq!(verifier.name(), "example.com/ログ");
    assert_ne!(SigningKey::generate("example.com/ログ").unwrap().verifier(), &verifier);
}

#[test]
fn keys_are_those_of_the_signed_note_crate() {
    let ours = test_key();
    let theirs = signed_note::StandardSigner::new(TEST_KEY).unwrap();
    assert_eq!(
        signed_note::Signer::sign(&theirs, b"text").unwrap(),
        signed_note::Signer::sign(&ours, b"text").unwrap()
    );
    assert!(signed_note::StandardVerifier::new(&ours.verifier().to_string()).is_ok());
}

#[test]
fn a_secret_is_shown_only_when_it_is_asked_for() {
    let key = test_key();
    let secret = TEST_KEY.rsplit('+').next().unwrap();
    for shown in [format!("{key:?}"), format!("{key:#?}"), key.to_string(), key.verifier().to_string()] {
        assert!(shown.contains("d19733c9") && !shown.contains(&secret[2..20]), "{shown}");
    }
    let spoilt = TEST_KEY.replace("+d19733c9+", "+d19733ce+");
    for fault in [
        SigningKey::from_secret_text(&spoilt).unwrap_err(),
        SigningKey::from_secret_text(&TEST_KEY[..TEST_KEY.len() - 1]).unwrap_err(),
        TEST_KEY.parse::<VerifierKey>().unwrap_err(),
        TEST_KEY["PRIVATE+KEY+".len()..].parse::<VerifierKey>().unwrap_err(),
    ] {
        assert!(!format!("{fault:?} {fault}").contains(&secret[2..20]), "{fault:?}");
    }
    assert_eq!(TEST_KEY.parse::<VerifierKey>().unwrap_err().id(), "tlog-verifier-key-is-secret");
}

#[test]
fn what_is_no_key_is_refused() {
    let good = test_key().verifier().to_string();
    assert!(good.parse::<VerifierKey>().is_ok());
    let (_, encoded) = good.rsplit_once('+').unwrap();
    for wrong in [
        String::new(),
        "example.com/shoseki".to_owned(),
        good.replace("d19733c9", "D19733C9"),
        good.replace("d19733c9", "d19733ce"),
        good.replace("example.com/shoseki", "example.com/other"),
        good.replace("example.com/shoseki", "example com"),
        good.replace("example.com/shoseki", ""),
        good.replace(encoded, &encoded[..encoded.len() - 4]),
        good.replace(encoded, &format!("Ag{}", &encoded[2..])),
        format!("{good}="),
        format!("{}+{}", good, "A".repeat(10_000)),
    ] {
        assert_eq!(wrong.parse::<VerifierKey>().unwrap_err().id(), "tlog-verifier-key-unreadable", "{wrong}");
    }
    for name in ["", "a b", "a+b", "a\u{3000}b", "a\u{7}b", "a\nb", &"a".repeat(256)] {
        assert_eq!(SigningKey::generate(name).unwrap_err().id(), "tlog-key-name-unusable", "{name:?}");
    }
}

#[test]
fn signing_is_deterministic_and_opens() {
    let (key, checkpoint) = (test_key(), checkpoint());
    let bytes = checkpoint.sign(&key).unwrap();
    assert_eq!(checkpoint.sign(&key).unwrap(), bytes);
    let opened = SignedCheckpoint::open(&bytes, key.verifier()).unwrap();
    assert_eq!(opened.checkpoint(), &checkpoint);
    assert_eq!((opened.size(), opened.root(), opened.bytes()), (42, checkpoint.root, &bytes));
    assert_eq!((opened.extension(), opened.cosignatures()), ("", &[][..]));
    assert_eq!(Checkpoint::parse_unverified(&bytes).unwrap(), checkpoint);
}

#[test]
fn a_key_signs_for_its_own_origin_only() {
    let other = SigningKey::generate("example.com/other").unwrap();
    let fault = checkpoint().sign(&other).unwrap_err();
    assert_eq!((fault.kind(), fault.id()), (Kind::Caller, "tlog-checkpoint-other-origin"));
    // A note that the key did sign, but whose text is of another origin.
    let text = format!("example.com/elsewhere\n1\n{}\n", "A".repeat(43) + "=");
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&other]).unwrap();
    assert_eq!(id_of_opening(&note.to_bytes(), other.verifier()), "tlog-checkpoint-other-origin");
}

#[test]
fn every_changed_byte_is_refused() {
    let key = test_key();
    let bytes = checkpoint().sign(&key).unwrap();
    for at in 0..bytes.len() {
        for bit in [0, 5] {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << bit;
            assert!(SignedCheckpoint::open(&changed, key.verifier()).is_err(), "byte {at}, bit {bit}");
        }
        assert!(SignedCheckpoint::open(&bytes[..at], key.verifier()).is_err(), "cut off at {at}");
    }
    let trailing = [&bytes[..], b"\n"].concat();
    assert_eq!(id_of_opening(&trailing, key.verifier()), "tlog-checkpoint-unreadable");
}

#[test]
fn the_right_key_must_have_signed() {
    let key = test_key();
    let namesake = SigningKey::generate("example.com/shoseki").unwrap();
    let bytes = checkpoint().sign(&key).unwrap();
    assert_eq!(id_of_opening(&bytes, namesake.verifier()), "tlog-checkpoint-unsigned");
    let forged = Checkpoint { size: 43, ..checkpoint() }.sign(&key).unwrap();
    let (text, _) = str::from_utf8(&forged).unwrap().rsplit_once("\n\n").unwrap();
    let (_, signature) = str::from_utf8(&bytes).unwrap().rsplit_once("\n\n").unwrap();
    let mixed = format!("{text}\n\n{signature}");
    assert_eq!(id_of_opening(mixed.as_bytes(), key.verifier()), "tlog-checkpoint-signature-wrong");
    assert_eq!(Checkpoint::parse_unverified(mixed.as_bytes()).unwrap().size, 43);
}

#[test]
fn cosignatures_and_extensions_are_kept() {
    let (key, witness) = (test_key(), SigningKey::generate("witness.example").unwrap());
    let text = format!("example.com/shoseki\n0\n{}\nextension line\n", "A".repeat(43) + "=");
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&witness, &key]).unwrap();
    let bytes = note.to_bytes();
    let opened = SignedCheckpoint::open(&bytes, key.verifier()).unwrap();
    assert_eq!(opened.checkpoint().root, Hash([0; 32]));
    assert_eq!(opened.extension(), "extension line\n");
    let [cosignature] = opened.cosignatures() else { panic!("{:?}", opened.cosignatures()) };
    assert_eq!((cosignature.name.as_str(), cosignature.key_id), ("witness.example", witness.verifier().key_id()));
    assert!(witness.verifier().verify(text.as_bytes(), &cosignature.signature));
    assert_eq!(opened.bytes(), &bytes);
}

#[test]
fn a_checkpoint_has_one_text_and_a_largest_size() {
    let key = test_key();
    let hash = "A".repeat(43) + "=";
    for text in [
        format!("example.com/shoseki\n01\n{hash}\n"),
        format!("example.com/shoseki\n+1\n{hash}\n"),
        format!("example.com/shoseki\n-1\n{hash}\n"),
        format!("example.com/shoseki\n18446744073709551616\n{hash}\n"),
        format!("example.com/shoseki\n1\n{}\n", "A".repeat(43)),
        format!("example.com/shoseki\n1\n{}B=\n", "A".repeat(42)),
        format!("example.com/shoseki\n1\n{}\n", "A".repeat(40)),
        "example.com/shoseki\n1\n".to_owned(),
        format!("\n1\n{hash}\n"),
        format!("example.com/shoseki\n1\n{hash}\n\nextension after an empty line\n"),
    ] {
        let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(&[&key]).unwrap();
        assert_eq!(id_of_opening(&note.to_bytes(), key.verifier()), "tlog-checkpoint-unreadable", "{text}");
    }
    assert_eq!(id_of_opening(&vec![b'a'; MAX_CHECKPOINT_BYTES + 1], key.verifier()), "tlog-checkpoint-too-long");
}
