//! What a digest file of CloudTrail says, whole, for whoever checks a trail. It judges nothing; the signature does not stand
//! in the document.
//!
//! ```text
//! {"awsAccountId":"111122223333","digestStartTime":"2026-03-05T01:00:00Z","digestEndTime":"2026-03-05T02:00:00Z",
//!  "digestS3Bucket":"trail-bucket","digestS3Object":"AWSLogs\/111122223333\/CloudTrail-Digest\/…","digestPublicKeyFingerprint":"31e8…",
//!  "digestSignatureAlgorithm":"SHA256withRSA","previousDigestS3Bucket":"trail-bucket","previousDigestS3Object":"…",
//!  "previousDigestHashValue":"97fb…","previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"5088…",
//!  "logFiles":[{"s3Bucket":"trail-bucket","s3Object":"…","hashValue":"9bb6…","hashAlgorithm":"SHA-256",…}],…}
//! ```

use shoseki_event::Timestamp;

use crate::{Cursor, Reason};

/// The only hash that digests state.
const SHA_256: &str = "SHA-256";

/// A digest file's content: the CloudTrail user guide, "CloudTrail digest file structure".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestDocument {
    /// The account whose log files it names.
    pub account: Box<str>,
    /// From when on it names what was delivered.
    pub start: Timestamp,
    /// Up to when.
    pub end: Timestamp,
    /// The same as it is written: the signature covers this text.
    pub end_text: Box<str>,
    /// Where CloudTrail put the digest.
    pub place: ObjectName,
    /// The fingerprint of the key that signed it, in hexadecimal digits.
    pub fingerprint: Box<str>,
    /// `SHA256withRSA`.
    pub algorithm: Box<str>,
    /// The digest before it; `None` where a chain begins.
    pub previous: Option<PreviousDigest>,
    /// The log files that were delivered in its hour.
    pub log_files: Vec<NamedLogFile>,
}

/// A bucket and a key in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The bucket.
    pub bucket: Box<str>,
    /// The key.
    pub key: Box<str>,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousDigest {
    /// Where it was put.
    pub place: ObjectName,
    /// The SHA-256 of its content; `None` where it is stated by another hash.
    pub hash: Option<[u8; 32]>,
    /// Its signature, in hexadecimal digits as they stand in the signed text.
    pub signature: Option<Box<str>>,
}

/// A log file as a digest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLogFile {
    /// Where it was put.
    pub place: ObjectName,
    /// The SHA-256 of its content without gzip; `None` where it is stated by another hash.
    pub hash: Option<[u8; 32]>,
}

impl DigestDocument {
    /// Reads the document; members that it does not know are passed over.
    ///
    /// # Errors
    /// Where the bytes are no JSON object, or what a digest must have is missing or no text.
    pub fn read(raw: &[u8]) -> Result<Self, Reason> {
        let mut parts = Parts::default();
        let mut cursor = Cursor::new(raw)?;
        let is_object = cursor.members(|key, value| parts.take(key, value))?;
        if !is_object {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        parts.whole()
    }

    /// The text that its signature covers, given the SHA-256 of the document's bytes: the user guide, "Custom
    /// implementations of CloudTrail log file integrity validation".
    pub fn signed_text(&self, sha256: &[u8; 32]) -> String {
        let previous = self.previous.as_ref().and_then(|previous| previous.signature.as_deref()).unwrap_or("null");
        let ObjectName { bucket, key } = &self.place;
        format!("{}\n{bucket}/{key}\n{}\n{previous}", self.end_text, hex(sha256))
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 64 hexadecimal digits as bytes.
fn sha256(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// The members as they come.
#[derive(Default)]
struct Parts {
    account: Option<Box<str>>,
    start: Option<Box<str>>,
    end: Option<Box<str>>,
    bucket: Option<Box<str>>,
    object: Option<Box<str>>,
    fingerprint: Option<Box<str>>,
    algorithm: Option<Box<str>>,
    previous_bucket: Option<Box<str>>,
    previous_object: Option<Box<str>>,
    previous_hash: Option<Box<str>>,
    previous_algorithm: Option<Box<str>>,
    previous_signature: Option<Box<str>>,
    log_files: Option<Vec<NamedLogFile>>,
}

/// A string's content, `None` for `null`.
fn text(value: &mut Cursor<'_>, field: &'static str) -> Result<Option<Box<str>>, Reason> {
    if value.is_null() { Ok(value.text()?.map(Into::into)) } else { Ok(Some(value.string(field)?.into())) }
}

impl Parts {
    fn take(&mut self, key: &str, value: &mut Cursor<'_>) -> Result<(), Reason> {
        match key {
            "awsAccountId" => self.account = text(value, "awsAccountId")?,
            "digestStartTime" => self.start = text(value, "digestStartTime")?,
            "digestEndTime" => self.end = text(value, "digestEndTime")?,
            "digestS3Bucket" => self.bucket = text(value, "digestS3Bucket")?,
            "digestS3Object" => self.object = text(value, "digestS3Object")?,
            "digestPublicKeyFingerprint" => self.fingerprint = text(value, "digestPublicKeyFingerprint")?,
            "digestSignatureAlgorithm" => self.algorithm = text(value, "digestSignatureAlgorithm")?,
            "previousDigestS3Bucket" => self.previous_bucket = text(value, "previousDigestS3Bucket")?,
            "previousDigestS3Object" => self.previous_object = text(value, "previousDigestS3Object")?,
            "previousDigestHashValue" => self.previous_hash = text(value, "previousDigestHashValue")?,
            "previousDigestHashAlgorithm" => self.previous_algorithm = text(value, "previousDigestHashAlgorithm")?,
            "previousDigestSignature" => self.previous_signature = text(value, "previousDigestSignature")?,
            "logFiles" => self.log_files = log_files(value)?,
            _ => drop(value.skip()?),
        }
        Ok(())
    }

    fn whole(self) -> Result<DigestDocument, Reason> {
        let need = |part: Option<Box<str>>, field| part.ok_or(Reason::Missing { field });
        let time = |text: &str, field| Timestamp::parse(text).map_err(|_| Reason::Missing { field });
        let end_text = need(self.end, "digestEndTime")?;
        let previous = match (self.previous_bucket, self.previous_object) {
            (None, None) if self.previous_signature.is_none() => None,
            (bucket, key) => Some(PreviousDigest {
                place: ObjectName {
                    bucket: need(bucket, "previousDigestS3Bucket")?,
                    key: need(key, "previousDigestS3Object")?,
                },
                hash: stated(self.previous_hash.as_deref(), self.previous_algorithm.as_deref()),
                signature: self.previous_signature,
            }),
        };
        Ok(DigestDocument {
            account: need(self.account, "awsAccountId")?,
            start: time(&need(self.start, "digestStartTime")?, "digestStartTime")?,
            end: time(&end_text, "digestEndTime")?,
            end_text,
            place: ObjectName {
                bucket: need(self.bucket, "digestS3Bucket")?,
                key: need(self.object, "digestS3Object")?,
            },
            fingerprint: need(self.fingerprint, "digestPublicKeyFingerprint")?,
            algorithm: need(self.algorithm, "digestSignatureAlgorithm")?,
            previous,
            log_files: self.log_files.ok_or(Reason::Missing { field: "logFiles" })?,
        })
    }
}

fn stated(hash: Option<&str>, algorithm: Option<&str>) -> Option<[u8; 32]> {
    hash.filter(|_| algorithm == Some(SHA_256)).and_then(sha256)
}

fn log_files(value: &mut Cursor<'_>) -> Result<Option<Vec<NamedLogFile>>, Reason> {
    let mut files = Vec::new();
    let is_list = value.elements(|_, element| {
        let (mut bucket, mut key, mut hash, mut algorithm) = (None, None, None, None);
        element.members(|name, value| {
            match name {
                "s3Bucket" => bucket = text(value, "s3Bucket")?,
                "s3Object" => key = text(value, "s3Object")?,
                "hashValue" => hash = text(value, "hashValue")?,
                "hashAlgorithm" => algorithm = text(value, "hashAlgorithm")?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        let bucket = bucket.ok_or(Reason::Missing { field: "s3Bucket" })?;
        let key = key.ok_or(Reason::Missing { field: "s3Object" })?;
        let hash = stated(hash.as_deref(), algorithm.as_deref());
        files.push(NamedLogFile { place: ObjectName { bucket, key }, hash });
        Ok(())
    })?;
    Ok(is_list.then_some(files))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTING: &str = r#"{"awsAccountId":"111122223333","digestStartTime":"2026-03-05T01:00:00Z","digestEndTime":"2026-03-05T02:00:00Z","digestS3Bucket":"b","digestS3Object":"AWSLogs\/1\/x.json.gz","digestPublicKeyFingerprint":"31e8","digestSignatureAlgorithm":"SHA256withRSA","previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null,"logFiles":[],"newestEventTime":null}"#;

    #[test]
    fn a_digest_is_read_with_all_that_is_signed() {
        let document = DigestDocument::read(STARTING.as_bytes()).unwrap();
        assert_eq!(
            (&*document.place.key, document.previous.as_ref()),
            ("AWSLogs/1/x.json.gz", None),
            "`\\/` is a slash"
        );
        let text = document.signed_text(&[0xab; 32]);
        assert_eq!(text, format!("2026-03-05T02:00:00Z\nb/AWSLogs/1/x.json.gz\n{}\nnull", "ab".repeat(32)));

        let previous = STARTING.replace(
            r#""previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null"#,
            &format!(r#""previousDigestS3Bucket":"old","previousDigestS3Object":"p","previousDigestHashValue":"{}","previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"5088""#, "0F".repeat(32)),
        );
        let files = previous.replace(
            r#""logFiles":[]"#,
            r#""logFiles":[{"s3Bucket":"b","s3Object":"l","hashValue":"00","hashAlgorithm":"SHA-256","newestEventTime":"x"}]"#,
        );
        let document = DigestDocument::read(files.as_bytes()).unwrap();
        let previous = document.previous.as_ref().unwrap();
        assert_eq!((previous.hash, previous.signature.as_deref()), (Some([0x0f; 32]), Some("5088")));
        assert_eq!(document.log_files[0].hash, None, "two digits are no SHA-256");
        assert!(document.signed_text(&[0; 32]).ends_with("\n5088"));
    }

    #[test]
    fn what_is_no_digest_is_refused_by_name() {
        let read = |text: &str| DigestDocument::read(text.as_bytes()).unwrap_err();
        assert_eq!(read(r#"{"Records":[]}"#), Reason::Missing { field: "digestEndTime" });
        assert_eq!(read("[]"), Reason::NotAnObject);
        assert_eq!(read(&STARTING.replace("[]", "{}")), Reason::Missing { field: "logFiles" });
        assert_eq!(read(&STARTING.replace("[]", "[{}]")), Reason::Missing { field: "s3Bucket" });
        assert_eq!(read(&STARTING.replace("\"31e8\"", "7")), Reason::NotText { field: "digestPublicKeyFingerprint" });
        assert_eq!(read(&STARTING.replace("T02:00", "x02:00")), Reason::Missing { field: "digestEndTime" });
        let half = STARTING.replace(r#""previousDigestSignature":null"#, r#""previousDigestSignature":"a""#);
        assert_eq!(read(&half), Reason::Missing { field: "previousDigestS3Bucket" });
        assert!(DigestDocument::read(format!("{STARTING} x").as_bytes()).is_err());
    }
}
