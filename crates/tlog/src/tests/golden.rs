//! What is persisted stays as it is: bytes that an older version wrote, for a fixed key and fixed entries.

use expect_test::expect;

use super::{entries, test_key};
use crate::{Checkpoint, Expected, SignedCheckpoint, SigningKey, TlogProof, prove_inclusion, tree_from_entries};

#[test]
fn the_key() {
    expect!["example.com/shoseki+d19733c9+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"]
        .assert_eq(&test_key().verifier().to_string());
    assert_eq!(SigningKey::from_secret_text(super::TEST_KEY).unwrap().to_secret_text().as_str(), super::TEST_KEY);
}

#[test]
fn a_checkpoint_of_nothing_and_one_of_three() {
    let key = test_key();
    let sign = |count| {
        let (size, root) = tree_from_entries(entries(count));
        let bytes = Checkpoint { origin: key.name().to_owned(), size, root }.sign(&key).unwrap();
        SignedCheckpoint::open(&bytes, key.verifier()).unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    expect![[r#"
        example.com/shoseki
        0
        47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

        — example.com/shoseki 0ZczyZJlIW9Z2xM61GuxtHkNhD9cyoMv28nB36IKnu3hNBXsgp2O9IHAZuCjatsDsiCoOT7Eyxlzq1TiQR75WicdvAM=
    "#]].assert_eq(&sign(0));
    expect![[r#"
        example.com/shoseki
        3
        TiR7uOGoZHz6tgiRc7PYEp44Srd1lRrL91nQ5mSG1PU=

        — example.com/shoseki 0ZczyRUT7gJaptCvHmnw/P83w6Q4cTflv9LyHP5adxqLaOn1DhKGYoXOcp8Zr4EDVGS48hOaMhnFZXd3D7Xjcj2ACQo=
    "#]].assert_eq(&sign(3));
}

#[test]
fn the_objects_of_three_entries() {
    let objects = Expected::of(entries(3)).unwrap().objects();
    let text: String = objects.iter().map(|(path, bytes)| format!("{path}\n{}\n", bytes.escape_ascii())).collect();
    expect![[r#"
        tile/0/000.p/3
        \xee\xceP\xcb\xea\xd0\xeb6s,\x80\xbc*H\xb8l\x99\xf8\xfe~\xa0k-~\x05\x1f\x95f\xda\xf6\xbe\x03\xce<\xc1$\xe5\xbaWhl\x8c\x97\"\xf6Y\xf8\x97t\x04\x1e\x029\x00\xd4\x18\x16\xa5\xcet\xf2\xf3F\xddA\xcc\xecVr\xa8>b\x14\\\x95\x86\xb8NU\x12\x1dJP6\x13\xb8\xad\xe8\xd33\xf5}+\x15\xc3[
        tile/entries/000.p/3
        \x00Wshoseki-commit/v1\n0\n077a459b4772cffafdae8dfe65e4f7d7fa223d65ebc9ef1bb35cab0b4718b711\n8\n\x00Wshoseki-commit/v1\n1\ne600c0cb4a6ef7d2b2a43e69159ced5b64118839cfbd542f55b81d5199628533\n8\n\x00Wshoseki-commit/v1\n2\n8b3e2f24dd2c5277c1b66b121be850cfe45232aea2cbee73b6eb2a0d09d8dfb6\n8\n
    "#]].assert_eq(&text);
}

#[test]
fn the_objects_of_70_000_entries() {
    let expected = Expected::of(entries(70_000)).unwrap();
    let objects = expected.objects();
    // One hash over all names and contents, in order.
    let all: Vec<u8> = objects.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes].concat()).collect();
    let summary = format!(
        "{} objects, {} bytes, SHA-256 of leaf {}\nroot {}\n",
        objects.len(),
        all.len(),
        crate::leaf_hash(&all),
        expected.root_at(70_000).unwrap(),
    );
    expect![[r#"
        551 objects, 8824733 bytes, SHA-256 of leaf fbc6c1d1fece32c982ec66b34b73fdf7d6c739069c67b77bbb8f50f090252442
        root 962ff17765b992cb01481286637ea865a8a931bd33ed6d4287e7196d05ab11cd
    "#]]
    .assert_eq(&summary);
}

#[test]
fn a_portable_proof() {
    let (key, entries) = (test_key(), entries(3));
    let expected = Expected::of(entries.clone()).unwrap();
    let root = expected.root_at(3).unwrap();
    let proof = TlogProof {
        extra: b"extra".to_vec(),
        index: 1,
        hashes: prove_inclusion(1, 3, &expected.objects()).unwrap(),
        checkpoint: Checkpoint { origin: key.name().to_owned(), size: 3, root }.sign(&key).unwrap(),
    };
    expect![[r#"
        c2sp.org/tlog-proof@v1
        extra ZXh0cmE=
        index 1
        7s5Qy+rQ6zZzLIC8Kki4bJn4/n6gay1+BR+VZtr2vgM=
        QczsVnKoPmIUXJWGuE5VEh1KUDYTuK3o0zP1fSsVw1s=

        example.com/shoseki
        3
        TiR7uOGoZHz6tgiRc7PYEp44Srd1lRrL91nQ5mSG1PU=

        — example.com/shoseki 0ZczyRUT7gJaptCvHmnw/P83w6Q4cTflv9LyHP5adxqLaOn1DhKGYoXOcp8Zr4EDVGS48hOaMhnFZXd3D7Xjcj2ACQo=
    "#]].assert_eq(str::from_utf8(&proof.to_bytes()).unwrap());
    proof.verify(&entries[1], key.verifier()).unwrap();
}
