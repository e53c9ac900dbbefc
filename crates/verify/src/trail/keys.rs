//! The public keys with which CloudTrail's signatures are checked, from the API or from a file that serves offline.
//!
//! The file is what `aws cloudtrail list-public-keys` prints, so that either tool can write it:
//!
//! ```text
//! {"PublicKeyList":[{"Value":"MIIBCgKCAQEA…","Fingerprint":"31e8b5433410dfb61a9dc45cc65b22ff",
//!   "ValidityStartTime":"2026-03-01T00:00:00Z","ValidityEndTime":"2026-03-31T00:00:00Z"}]}
//! ```
//!
//! A key is DER in one of two encodings, PKCS#1 or SubjectPublicKeyInfo; its fingerprint is the MD5 of the bytes as given.
//! A fingerprint only says which key is meant: it is no proof, and need not be collision-free.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

/// The longest file of keys that is read.
const MAX_FILE: usize = 16 << 20;
/// The longest key: RSA of 8192 bits needs a little more than a thousand bytes.
const MAX_KEY: usize = 4 << 10;

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    der: Vec<u8>,
    fingerprint: String,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl PublicKey {
    /// A key as the API gives it: its DER bytes, and from when to when it is valid.
    ///
    /// # Errors
    /// Damage where the bytes are no RSA key in one of the two encodings.
    pub fn new(der: Vec<u8>, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self> {
        let fingerprint = hex::encode(Md5::digest(&der));
        if der.len() > MAX_KEY || pkcs1(&der).is_none() {
            return Err(Fault::damage(msg!("verify-trail-key-unreadable", fingerprint = fingerprint)));
        }
        Ok(Self { der, fingerprint, from, to })
    }

    /// The MD5 of its DER bytes, in hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether a signature is this key's: RSA PKCS#1 v1.5 with SHA-256 (RFC 8017, 8.2.2).
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some(key) = pkcs1(&self.der) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text, signature).is_ok()
    }

    /// Whether it was valid at a time, as far as its validity is known.
    pub(crate) fn is_valid_at(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time <= to)
    }

    /// From when to when it is valid, as people read it.
    pub(crate) fn validity(&self) -> String {
        let shown = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        format!("{} – {}", shown(self.from), shown(self.to))
    }
}

/// The PKCS#1 form of a key in either encoding: RFC 8017, A.1.1, and RFC 5280, 4.1.2.7.
fn pkcs1(der: &[u8]) -> Option<&[u8]> {
    /// `SEQUENCE { OID rsaEncryption, NULL }`.
    const RSA_ENCRYPTION: &[u8] =
        &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let (inside, rest) = element(der, 0x30)?;
    if !rest.is_empty() {
        return None;
    }
    match inside.strip_prefix(RSA_ENCRYPTION) {
        Some(bits) => {
            let (bits, rest) = element(bits, 0x03)?;
            let key = bits.strip_prefix(&[0])?; // no unused bits
            let (_, behind) = element(key, 0x30)?;
            (rest.is_empty() && behind.is_empty()).then_some(key)
        }
        None => element(inside, 0x02).map(|_| der), // the modulus; `ring` reads the rest
    }
}

/// The content of a DER element with this tag, and what stands behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length))?
}

/// Where keys come from that no file holds.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The keys of a region that were valid at some time between two times.
    ///
    /// # Errors
    /// The world's failure where the service cannot be asked.
    async fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>>;
}

/// Keys by their fingerprints.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    keys: BTreeMap<String, PublicKey>,
}

impl KeyRing {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// The caller's mistake where it is no such file, or a key in it is not the one that its fingerprint names.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let unreadable = || Fault::caller(msg!("verify-trail-keys-unreadable"));
        if bytes.len() > MAX_FILE {
            return Err(unreadable());
        }
        let file: Value = serde_json::from_slice(bytes).map_err(|error| unreadable().because(error))?;
        let list = file.get("PublicKeyList").and_then(Value::as_array).ok_or_else(unreadable)?;
        let mut ring = Self::default();
        for entry in list {
            let value = entry.get("Value").and_then(Value::as_str).ok_or_else(unreadable)?;
            let der = STANDARD.decode(value).map_err(|error| unreadable().because(error))?;
            let time = |name| entry.get(name).map(read_time).transpose().map(Option::flatten);
            let (from, to) = (time("ValidityStartTime")?, time("ValidityEndTime")?);
            let key = PublicKey::new(der, from, to).map_err(|fault| unreadable().because(fault))?;
            let stated = entry.get("Fingerprint").and_then(Value::as_str).unwrap_or(&key.fingerprint);
            if !stated.eq_ignore_ascii_case(&key.fingerprint) {
                let message = msg!("verify-trail-key-misnamed", stated = stated, found = key.fingerprint);
                return Err(Fault::caller(message));
            }
            ring.add(key);
        }
        Ok(ring)
    }

    /// The same keys as a file, in the order of their fingerprints.
    pub fn to_json(&self) -> Value {
        let list = self.keys.values().map(|key| {
            json!({
                "Value": STANDARD.encode(&key.der), "Fingerprint": key.fingerprint,
                "ValidityStartTime": key.from.map(|time| time.to_string()),
                "ValidityEndTime": key.to.map(|time| time.to_string()),
            })
        });
        json!({ "PublicKeyList": list.collect::<Vec<_>>() })
    }

    /// Adds a key.
    pub fn add(&mut self, key: PublicKey) {
        self.keys.insert(key.fingerprint.clone(), key);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn get(&self, fingerprint: &str) -> Option<&PublicKey> {
        self.keys.get(&fingerprint.to_ascii_lowercase())
    }

    /// The key whose signature it is, whatever fingerprint was stated.
    pub(crate) fn signer(&self, text: &[u8], signature: &[u8]) -> Option<&PublicKey> {
        self.keys.values().find(|key| key.verifies(text, signature))
    }
}

/// A time as one version of the AWS CLI writes it or the other: RFC 3339, or seconds since 1970.
fn read_time(value: &Value) -> Result<Option<Timestamp>> {
    let unreadable = || Fault::caller(msg!("verify-trail-keys-unreadable"));
    let time = match value {
        Value::Null => None,
        Value::String(text) => Some(Timestamp::parse(text)?),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds since 1970 with decimals; what is cut off is no time"
        )]
        Value::Number(seconds) => seconds.as_f64().map(|seconds| Timestamp((seconds * 1e6) as i64)),
        _ => return Err(unreadable()),
    };
    // Beyond the years that have four digits it could not be written so that it can be read again.
    let is_writable = |time: &Timestamp| Timestamp::parse(&time.to_string()).is_ok_and(|again| again == *time);
    if time.as_ref().is_none_or(is_writable) { Ok(time) } else { Err(unreadable()) }
}
