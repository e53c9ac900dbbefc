//! Keys: both encodings, files of either tool's making, and RSA as Wycheproof's vectors put it to the test.

use serde_json::Value;

use super::writer::{OTHER_KEY, md5_hex, to_base64};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn both_encodings_of_a_key_are_read() {
    let mut signer = signer();
    let (pkcs1, spki) = (signer.pkcs1(), signer.spki());
    let keys = KeyRing::parse(keys_file(&[pkcs1.clone(), spki.clone()]).as_bytes()).unwrap();
    assert_eq!((keys.len(), keys.is_empty()), (2, false), "a fingerprint is of the bytes as given");
    let again = KeyRing::parse(keys.to_json().to_string().as_bytes()).unwrap();
    assert_eq!(again.get(&md5_hex(&spki)), keys.get(&md5_hex(&spki)));
    let signature = hex::decode(signer.sign("text")).unwrap();
    for der in [&pkcs1, &spki] {
        let key = PublicKey::new(der.clone(), None, None).unwrap();
        assert!(key.verifies(b"text", &signature) && !key.verifies(b"texT", &signature));
    }
    // A digest that names its key by the fingerprint of the longer form.
    signer.fingerprint = md5_hex(&spki);
    let plan = Plan::default();
    let mut question = question(buckets(&plan.write(&signer)).await);
    question.keys = KeyRing::parse(keys_file(&[spki]).as_bytes()).unwrap();
    question.range.to = Some(at(plan.end(5)));
    assert_intact(&run(question).await);
}

#[test]
fn a_file_of_keys_is_that_of_the_aws_cli() {
    let der = signer().pkcs1();
    let value = to_base64(&der);
    let times = |from: &str, to: &str| {
        let text = format!(
            r#"{{"PublicKeyList":[{{"Value":"{value}","ValidityStartTime":{from},"ValidityEndTime":{to},"Fingerprint":"{}"}}]}}"#,
            md5_hex(&der).to_uppercase()
        );
        KeyRing::parse(text.as_bytes()).unwrap()
    };
    let (text, number) = (times(r#""2026-03-01T00:00:00+00:00""#, "null"), times("1772323200.0", "null"));
    let (a, b) = (text.get(&md5_hex(&der)).unwrap(), number.get(&md5_hex(&der)).unwrap());
    assert_eq!(a, b);
    assert!(a.is_valid_at(at(1_772_323_200)) && !a.is_valid_at(at(1_772_323_199)));
}

#[test]
fn what_is_no_file_of_keys_is_refused() {
    let parse = |text: &str| KeyRing::parse(text.as_bytes()).unwrap_err().id();
    let value = to_base64(&signer().pkcs1());
    let entry = |value: &str, more: &str| format!(r#"{{"PublicKeyList":[{{"Value":"{value}"{more}}}]}}"#);
    for text in [
        "",
        "{}",
        r#"{"PublicKeyList":[{}]}"#,
        &entry("*", ""),
        &entry("AAAA", ""),
        &entry(&value[..200], ""),
        &entry(&value, r#","ValidityStartTime":[]"#),
    ] {
        assert_eq!(parse(text), "verify-trail-keys-unreadable", "{text}");
    }
    assert_eq!(parse(&entry(&value, r#","ValidityStartTime":"soon""#)), "event-time-unreadable");
    let other = format!(r#","Fingerprint":"{}""#, md5_hex(b"another"));
    assert_eq!(parse(&entry(&value, &other)), "verify-trail-key-misnamed");
    for der in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x03, 0x02, 0x01], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert!(PublicKey::new(der.to_vec(), None, None).is_err(), "{der:?}");
    }
    assert_ne!(Signer::new(OTHER_KEY).pkcs1(), signer().pkcs1());
}

#[test]
fn wycheproofs_signatures_are_judged_rightly() {
    let path =
        FsPath::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/crypto/rsa_signature_2048_sha256_test.json");
    let Ok(text) = std::fs::read(&path) else {
        println!("skipped: this needs ../shared/data/crypto");
        return;
    };
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        let keys = ["publicKeyDer", "publicKeyAsn"].map(|name| PublicKey::new(bytes(&group[name]), None, None));
        for test in group["tests"].as_array().unwrap() {
            let (text, signature) = (bytes(&test["msg"]), bytes(&test["sig"]));
            for key in &keys {
                let is_right = key.as_ref().unwrap().verifies(&text, &signature);
                match test["result"].as_str().unwrap() {
                    "valid" => assert!(is_right, "{test}"),
                    "invalid" => assert!(!is_right, "{test}"),
                    _ => {} // old forms that may be taken or refused
                }
                valid += u32::from(is_right);
                invalid += u32::from(!is_right);
            }
        }
    }
    assert!(valid > 10 && invalid > 300, "{valid} {invalid}");
}

#[test]
fn what_is_read_of_a_file_of_keys_can_be_written_and_read_again() {
    let parse = |to: &str| {
        let text = format!(r#"{{"PublicKeyList":[{{"Value":"MAYCAQECAQE=","ValidityEndTime":{to}}}]}}"#);
        KeyRing::parse(text.as_bytes())
    };
    for to in ["null", "1774999999.5", "0", "-1", r#""9999-12-31T23:59:59Z""#] {
        let ring = parse(to).unwrap();
        assert_eq!(KeyRing::parse(ring.to_json().to_string().as_bytes()).unwrap().to_json(), ring.to_json(), "{to}");
    }
    for to in ["1e29", "-1e29", "1e300", "253402300800", r#""9999-12-31T23:59:59-01:00""#, "true", "[]"] {
        assert!(parse(to).is_err(), "{to}");
    }
}
