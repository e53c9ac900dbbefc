//! CloudTrail's digest files: every hour, for each account and region, one document that names the log files delivered in
//! that hour with their hashes, and the digest before it. It is evidence that log files are all there; it is not checked here.
//!
//! ```text
//! {"awsAccountId":"111122223333","digestStartTime":"2026-03-05T01:00:00Z","digestEndTime":"2026-03-05T02:00:00Z",
//!  "digestS3Bucket":"trail-bucket","digestS3Object":"AWSLogs/111122223333/CloudTrail-Digest/ap-northeast-1/2026/03/05/….json.gz",
//!  "previousDigestS3Object":"…","previousDigestHashValue":"…","logFiles":[{"s3Object":"…","hashValue":"…",…}],…}
//! ```
//!
//! Its signature stands in the object's metadata, not in the file; it covers the hash of the file's bytes as they are here.

use std::borrow::Cow;

use shoseki_event::{ColumnText, Columns, Timestamp};

use crate::ocsf::Product;
use crate::source::{name_or_unknown, owned};
use crate::{Cursor, NativeKind, Reason, Signature, Source, time};

/// The source `cloudtrail-digest`.
pub(crate) struct CloudTrailDigest;

/// OCSF's class for what no class is for.
const BASE_EVENT: i32 = 0;

#[rustfmt::skip] // one a line
const NATIVES: &[(&str, NativeKind)] = &[
    ("digestStartTime", NativeKind::Time),
    ("digestEndTime", NativeKind::Time),
    ("awsAccountId", NativeKind::Text),
    ("digestS3Bucket", NativeKind::Text),
    ("digestS3Object", NativeKind::Text),
    ("digestPublicKeyFingerprint", NativeKind::Text),
    ("digestSignatureAlgorithm", NativeKind::Text),
    ("oldestEventTime", NativeKind::Time),
    ("newestEventTime", NativeKind::Time),
    ("previousDigestS3Bucket", NativeKind::Text),
    ("previousDigestS3Object", NativeKind::Text),
    ("previousDigestHashValue", NativeKind::Text),
    ("previousDigestSignature", NativeKind::Text),
    ("logFiles", NativeKind::Text),
];

impl Source for CloudTrailDigest {
    fn id(&self) -> &'static str {
        "cloudtrail-digest"
    }

    fn title(&self) -> &'static str {
        "AWS CloudTrail digest"
    }

    fn signatures(&self) -> &'static [Signature] {
        &[&[&["digestEndTime"], &["digestS3Object"], &["logFiles"]]]
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let (mut bucket, mut object, mut ended, mut account) = (None, None, None, None);
        let mut cursor = Cursor::new(raw)?;
        let is_object = cursor.members(|key, value| {
            match key {
                "digestS3Bucket" => bucket = value.text()?,
                "digestS3Object" => object = Some(value.string("digestS3Object")?),
                "digestEndTime" => ended = Some(value.string("digestEndTime")?),
                "awsAccountId" => account = value.text()?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        if !is_object {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        let object: Cow<'_, str> = object.ok_or(Reason::Missing { field: "digestS3Object" })?;
        let ended = ended.ok_or(Reason::Missing { field: "digestEndTime" })?;
        let (time, time_origin) = time::stated(Some(&ended), received);
        let place: ColumnText = format!("{}/{object}", bucket.unwrap_or_default()).into();
        Ok(Columns {
            time,
            time_origin,
            class_uid: BASE_EVENT,
            activity_id: 99,
            severity_id: 1,
            key: Some(place.clone()),
            resource: Some(place),
            operation: Some("Digest".into()),
            service: Some("cloudtrail.amazonaws.com".into()),
            account: owned(account),
            region: region(&object).map(Into::into),
            ..Columns::default()
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        format!("cloudtrail-digest/{}/{}", name_or_unknown(&columns.account), name_or_unknown(&columns.region))
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("awsAccountId", "account")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        NATIVES
    }

    fn product(&self) -> Product {
        Product { name: "CloudTrail", vendor: Some("AWS"), cloud: Some("AWS"), ..Product::default() }
    }

    fn example(&self) -> &'static [u8] {
        br#"{"awsAccountId":"111122223333","digestStartTime":"2026-03-05T01:00:00Z","digestEndTime":"2026-03-05T02:00:00Z","digestS3Bucket":"trail-bucket","digestS3Object":"AWSLogs/111122223333/CloudTrail-Digest/ap-northeast-1/2026/03/05/111122223333_CloudTrail-Digest_ap-northeast-1_main_ap-northeast-1_20260305T020000Z.json.gz","digestPublicKeyFingerprint":"31e8b5433410dfb61a9dc45cc65b22ff","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":"2026-03-05T01:58:11Z","oldestEventTime":"2026-03-05T00:57:40Z","previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null,"logFiles":[{"s3Bucket":"trail-bucket","s3Object":"AWSLogs/111122223333/CloudTrail/ap-northeast-1/2026/03/05/111122223333_CloudTrail_ap-northeast-1_20260305T0105Z_JE3SSPFD0ZVGNUEO.json.gz","hashValue":"9bb6196fc6b84d6f075a56548feca262bd99ba3c2de41b618e5b6e22c1fc71f6","hashAlgorithm":"SHA-256","newestEventTime":"2026-03-05T01:04:10Z","oldestEventTime":"2026-03-05T00:57:40Z"}]}"#
    }
}

/// The region that stands in an object's name behind `CloudTrail-Digest`.
fn region(object: &str) -> Option<&str> {
    object.split('/').skip_while(|part| *part != "CloudTrail-Digest").nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_give_their_golden_columns() {
        crate::tests::golden(&CloudTrailDigest);
    }

    #[test]
    fn exact_fields_are_exact() {
        crate::tests::fields_are_exact(&CloudTrailDigest);
    }

    #[test]
    fn what_a_digest_must_have() {
        let derive = |event: &str| CloudTrailDigest.derive(event.as_bytes(), Timestamp(0));
        assert_eq!(derive("{}"), Err(Reason::Missing { field: "digestS3Object" }));
        assert_eq!(derive(r#"{"digestS3Object":"x"}"#), Err(Reason::Missing { field: "digestEndTime" }));
        assert_eq!(derive(r#"{"digestS3Object":null}"#), Err(Reason::NotText { field: "digestS3Object" }));
        assert_eq!(derive("null"), Err(Reason::NotAnObject));
        let bare = derive(r#"{"digestS3Object":"x","digestEndTime":"2026-03-05T02:00:00Z"}"#).unwrap();
        assert_eq!(CloudTrailDigest.stream(&bare), "cloudtrail-digest/unknown/unknown");
    }
}
