//! Writes trails for tests and for the benchmark: log files, the digests of each hour, signed with a test key and chained, as
//! CloudTrail lays them out. It runs nothing of what judges them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test it is how it fails")]
#![allow(dead_code, reason = "each user takes what it needs")]
#![allow(missing_docs, unreachable_pub, reason = "it is part of each test that names it")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use sha2::{Digest, Sha256};

pub const KEY: &str = include_str!("../../../../../testdata/trail/private-test-key.pem");
pub const OTHER_KEY: &str = include_str!("../../../../../testdata/trail/other-private-test-key.pem");
/// 2026-03-05T00:00:00Z in seconds.
pub const MARCH_5: i64 = 1_772_668_800;
const HOUR: i64 = 3_600;

/// What holds a test key.
pub struct Signer {
    pair: KeyPair,
    /// By what its key is named in digests: that of the PKCS#1 form, unless told.
    pub fingerprint: String,
    random: SystemRandom,
}

impl Signer {
    pub fn new(pem: &str) -> Self {
        let body: String = pem.lines().skip_while(|line| !line.starts_with("-----BEGIN")).skip(1).collect();
        let body = body.split("-----END").next().unwrap();
        let pair = KeyPair::from_pkcs8(&from_base64(body)).unwrap();
        let fingerprint = md5_hex(pair.public_key().as_ref());
        Self { pair, fingerprint, random: SystemRandom::new() }
    }

    /// The public key in PKCS#1.
    pub fn pkcs1(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// The public key as SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let bits = [&[0][..], &self.pkcs1()].concat();
        let inside = [&algorithm[..], &element(0x03, &bits)].concat();
        element(0x30, &inside)
    }

    pub fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, text.as_bytes(), &mut signature).unwrap();
        hex(&signature)
    }
}

/// An element of DER that is longer than 255 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]][..], content].concat()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        let value = DIGITS.iter().position(|known| *known == digit).unwrap();
        (bits, held) = (bits << 6 | u32::try_from(value).unwrap(), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// A time in seconds as `(2026, 3, 5, 1, 2, 3)`.
fn civil(seconds: i64) -> (i64, i64, i64, i64, i64, i64) {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let month_day = in_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, month_day, rest / 3_600, rest / 60 % 60, rest % 60)
}

/// `2026-03-05T01:02:03Z`.
pub fn extended(seconds: i64) -> String {
    let (year, month, day, hour, minute, second) = civil(seconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `20260305T010203Z`.
pub fn basic(seconds: i64) -> String {
    extended(seconds).replace(['-', ':'], "")
}

/// `2026/03/05`.
pub fn day(seconds: i64) -> String {
    extended(seconds).split('T').next().unwrap().replace('-', "/")
}

/// What a trail is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub bucket: String,
    /// What stands before `AWSLogs`, with a slash at its end, or nothing.
    pub prefix: String,
    /// What stands between `AWSLogs` and the account, likewise.
    pub organisation: String,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    pub trail: String,
    pub home: String,
    /// When the first digest begins, in seconds.
    pub start: i64,
    pub hours: i64,
    pub files_an_hour: i64,
    /// How many events a log file has.
    pub events_a_file: i64,
    /// In which hours a file came late.
    pub late: Vec<i64>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            bucket: "trail-bucket".to_owned(),
            prefix: String::new(),
            organisation: String::new(),
            accounts: vec!["111122223333".to_owned()],
            regions: vec!["ap-northeast-1".to_owned()],
            trail: "main_trail".to_owned(),
            home: "ap-northeast-1".to_owned(),
            start: MARCH_5,
            hours: 6,
            files_an_hour: 3,
            events_a_file: 2,
            late: Vec::new(),
        }
    }
}

/// An object: its bytes, and the signature beside it.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub signature: Option<String>,
    pub made: Option<String>,
}

/// The last digest of a chain, to which the next one refers.
#[derive(Clone, Debug)]
pub struct Last {
    pub bucket: String,
    pub key: String,
    pub sha256: String,
    pub signature: String,
}

/// A trail: objects by `bucket/key`.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    pub objects: BTreeMap<String, Object>,
}

impl Plan {
    fn folder(&self, account: &str, kind: &str, region: &str, time: i64) -> String {
        let Self { prefix, organisation, .. } = self;
        format!("{prefix}AWSLogs/{organisation}{account}/{kind}/{region}/{}", day(time))
    }

    pub fn log_key(&self, account: &str, region: &str, time: i64, random: &str) -> String {
        let minute = &basic(time)[..13];
        let folder = self.folder(account, "CloudTrail", region, time);
        format!("{folder}/{account}_CloudTrail_{region}_{minute}Z_{random}.json.gz")
    }

    pub fn digest_key(&self, account: &str, region: &str, end: i64, late: bool) -> String {
        let (folder, mark) =
            (self.folder(account, "CloudTrail-Digest", region, end), if late { "_backfill" } else { "" });
        let Self { trail, home, .. } = self;
        format!("{folder}/{account}_CloudTrail-Digest_{region}_{trail}_{home}_{}{mark}.json.gz", basic(end))
    }

    /// The end of the digest of an hour, counted from 0.
    pub fn end(&self, hour: i64) -> i64 {
        self.start + (hour + 1) * HOUR
    }

    /// The `bucket/key` of the digest of an hour, of the first account and region.
    pub fn digest(&self, hour: i64) -> String {
        format!("{}/{}", self.bucket, self.digest_key(&self.accounts[0], &self.regions[0], self.end(hour), false))
    }

    /// The `bucket/key` of a log file of an hour, likewise.
    pub fn log(&self, hour: i64, file: i64) -> String {
        let (account, region) = (&self.accounts[0], &self.regions[0]);
        let time = self.log_time(hour, file);
        format!("{}/{}", self.bucket, self.log_key(account, region, time, &random(account, region, time)))
    }

    fn log_time(&self, hour: i64, file: i64) -> i64 {
        self.start + hour * HOUR + 60 + file * (3_000 / self.files_an_hour.max(1))
    }

    /// Writes the trail.
    pub fn write(&self, signer: &Signer) -> Trail {
        let mut trail = Trail::default();
        for account in &self.accounts {
            for region in &self.regions {
                self.write_chain(signer, (account, region), None, &mut trail);
            }
        }
        trail
    }

    /// Writes the chain of an account and region behind another one, which may end in another bucket.
    pub fn write_chain(
        &self,
        signer: &Signer,
        (account, region): (&str, &str),
        last: Option<Last>,
        trail: &mut Trail,
    ) -> Option<Last> {
        let (mut last, mut last_late) = (last, None);
        for hour in 0..self.hours {
            let end = self.end(hour);
            let mut named = Vec::new();
            for file in 0..self.files_an_hour {
                let time = self.log_time(hour, file);
                named.push(self.write_log((account, region), time, &random(account, region, time), trail));
            }
            let key = self.digest_key(account, region, end, false);
            last = Some(self.sign(signer, (account, key, end), (&named, last.as_ref(), false), trail));
            if self.late.contains(&hour) {
                let late = self.write_log((account, region), end - 300, "LATEFILE00000000", trail);
                let key = self.digest_key(account, region, end, true);
                last_late = Some(self.sign(signer, (account, key, end), (&[late], last_late.as_ref(), true), trail));
            }
        }
        last
    }

    /// Writes a log file; gives its key and its hash.
    pub fn write_log(
        &self,
        (account, region): (&str, &str),
        time: i64,
        random: &str,
        trail: &mut Trail,
    ) -> (String, String) {
        let events: Vec<String> = (0..self.events_a_file).map(|n| event((account, region), time, n)).collect();
        let content = format!("{{\"Records\":[{}]}}", events.join(","));
        let key = self.log_key(account, region, time, random);
        let object = Object { bytes: gzip(content.as_bytes()), ..Object::default() };
        trail.objects.insert(format!("{}/{key}", self.bucket), object);
        (key, sha256(content.as_bytes()))
    }

    /// Signs a digest and writes it.
    pub fn sign(
        &self,
        signer: &Signer,
        (account, key, end): (&str, String, i64),
        (named, last, late): (&[(String, String)], Option<&Last>, bool),
        trail: &mut Trail,
    ) -> Last {
        let text = self.document(&signer.fingerprint, (account, &key, end), named, last);
        let hash = sha256(text.as_bytes());
        let previous = last.map_or("null", |last| last.signature.as_str());
        let signature = signer.sign(&format!("{}\n{}/{key}\n{hash}\n{previous}", extended(end), self.bucket));
        let object = Object {
            bytes: gzip(text.as_bytes()),
            signature: Some(signature.clone()),
            made: late.then(|| extended(end + 7 * HOUR)),
        };
        trail.objects.insert(format!("{}/{key}", self.bucket), object);
        Last { bucket: self.bucket.clone(), key, sha256: hash, signature }
    }

    /// The document of a digest, with slashes as CloudTrail writes them.
    pub fn document(
        &self,
        fingerprint: &str,
        (account, key, end): (&str, &str, i64),
        named: &[(String, String)],
        last: Option<&Last>,
    ) -> String {
        let escaped = |key: &str| key.replace('/', "\\/");
        let files: Vec<String> = named
            .iter()
            .map(|(key, hash)| {
                format!(
                    r#"{{"s3Bucket":"{}","s3Object":"{}","hashValue":"{hash}","hashAlgorithm":"SHA-256","newestEventTime":"{}","oldestEventTime":"{}"}}"#,
                    self.bucket,
                    escaped(key),
                    extended(end - 60),
                    extended(end - HOUR)
                )
            })
            .collect();
        let previous = match last {
            Some(last) => format!(
                r#""previousDigestS3Bucket":"{}","previousDigestS3Object":"{}","previousDigestHashValue":"{}","previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"{}""#,
                last.bucket,
                escaped(&last.key),
                last.sha256,
                last.signature
            ),
            None => r#""previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null"#.to_owned(),
        };
        format!(
            r#"{{"awsAccountId":"{account}","digestStartTime":"{}","digestEndTime":"{}","digestS3Bucket":"{}","digestS3Object":"{}","digestPublicKeyFingerprint":"{fingerprint}","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":null,"oldestEventTime":null,{previous},"logFiles":[{}]}}"#,
            extended(end - HOUR),
            extended(end),
            self.bucket,
            escaped(key),
            files.join(",")
        )
    }
}

/// Sixteen letters that no other file of the trail has.
fn random(account: &str, region: &str, time: i64) -> String {
    sha256(format!("{account}{region}{time}").as_bytes())[..16].to_uppercase()
}

fn event((account, region): (&str, &str), time: i64, n: i64) -> String {
    let seed = sha256(format!("{account}{region}{time}{n}").as_bytes());
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","principalId":"AIDA{}","arn":"arn:aws:iam::{account}:user/aiko","accountId":"{account}","userName":"aiko"}},"eventTime":"{}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"{region}","sourceIPAddress":"198.51.100.{}","userAgent":"aws-cli/2.24.1","requestParameters":{{"bucketName":"evidence","key":"{seed}"}},"responseElements":null,"requestID":"{}","eventID":"{}-0000-4000-8000-{}","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management"}}"#,
        seed[..16].to_uppercase(),
        extended(time - 240),
        n % 250,
        seed[16..32].to_uppercase(),
        &seed[..8],
        &seed[8..20]
    )
}

impl Trail {
    /// Writes a copy of the buckets into a folder; with `beside`, signatures lie in side-cars.
    pub fn to_folder(&self, folder: &Path, beside: bool) {
        for (name, object) in &self.objects {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &object.bytes).unwrap();
            if let Some(signature) = object.signature.as_ref().filter(|_| beside) {
                let answer = format!(
                    r#"{{"ContentLength": {}, "Metadata": {{"signature": "{signature}", "signature-algorithm": "SHA256withRSA"}}}}"#,
                    object.bytes.len()
                );
                std::fs::write(folder.join(format!("{name}.head.json")), answer).unwrap();
            }
        }
    }

    pub fn remove(&mut self, name: &str) -> Object {
        self.objects.remove(name).unwrap_or_else(|| panic!("no such object: {name}"))
    }

    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Object)) {
        change(self.objects.get_mut(name).unwrap_or_else(|| panic!("no such object: {name}")));
    }
}

/// A file of keys in which the signers' keys stand.
pub fn keys_file(keys: &[Vec<u8>]) -> String {
    let list: Vec<String> = keys
        .iter()
        .map(|der| format!(r#"{{"Value":"{}","Fingerprint":"{}"}}"#, to_base64(der), md5_hex(der)))
        .collect();
    format!(r#"{{"PublicKeyList":[{}]}}"#, list.join(","))
}

pub fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
            (0..4).map(move |at| match at <= chunk.len() {
                true => char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]),
                false => '=',
            })
        })
        .collect()
}

pub fn md5_hex(bytes: &[u8]) -> String {
    use md5::Digest as _;
    hex(&md5::Md5::digest(bytes))
}
