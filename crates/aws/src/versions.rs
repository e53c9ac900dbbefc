//! Versions of a bucket's objects: what was deleted may lie on as an older one, and under Object Lock it must.

use async_recursion::async_recursion;
use aws_config::SdkConfig;
use serde_json::Value;
use shoseki_messages::Result;

use crate::call::{Element, Failure, Rest, escaped, failed};
use crate::client::{self, Caller};
use crate::inventory::services::S3;

/// How many versions a page has.
const PAGE: usize = 1_000;
/// The most pages of one object's versions that are read.
const PAGES: usize = 100;

/// A version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// Whether it only says that the object was deleted.
    pub is_marker: bool,
}

/// Why a version must stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Until a time, as S3 writes it, in a mode: `GOVERNANCE` or `COMPLIANCE`.
    Until(String, String),
    /// As long as there is a legal hold on it.
    Hold,
}

/// A bucket, and who asks it.
#[derive(Debug)]
pub struct Versions {
    s3: Rest,
    bucket: String,
}

impl Versions {
    /// Of a bucket, as a caller sees it.
    #[async_recursion]
    pub async fn of(caller: &Caller, bucket: &str) -> Self {
        Self::by(&client::config_of(caller).await, bucket)
    }

    fn by(config: &SdkConfig, bucket: &str) -> Self {
        Self { s3: Rest::of(&S3, config), bucket: bucket.to_owned() }
    }

    fn path(&self, key: &str, id: &str) -> String {
        let key: Vec<String> = key.split('/').map(escaped).collect();
        format!("/{}/{}?versionId={}", escaped(&self.bucket), key.join("/"), escaped(id))
    }

    /// All versions of an object, markers of deletions among them. `s3:ListBucketVersions`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn list(&self, key: &str) -> Result<Vec<Version>> {
        let (mut all, mut from) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let (bucket, prefix) = (escaped(&self.bucket), escaped(key));
            let path = format!("/{bucket}?versions&max-keys={PAGE}&prefix={prefix}{from}");
            let page = self.s3.get("ListObjectVersions", &path).await;
            let page = page.map_err(|failure| failed("s3:ListBucketVersions", &self.bucket, failure))?;
            for (name, is_marker) in [("Version", false), ("DeleteMarker", true)] {
                let own = listed(&page, name).iter().filter(|one| text(one, "Key") == key);
                all.extend(own.map(|one| Version { id: text(one, "VersionId").to_owned(), is_marker }));
            }
            let (next, id) = (text(&page, "NextKeyMarker"), text(&page, "NextVersionIdMarker"));
            if text(&page, "IsTruncated") != "true" || next != key {
                break;
            }
            from = format!("&key-marker={}&version-id-marker={}", escaped(next), escaped(id));
        }
        Ok(all)
    }

    /// Why a version must stay; `None` where nothing says so. `s3:GetObjectRetention`, `s3:GetObjectLegalHold`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn lock(&self, key: &str, id: &str) -> Result<Option<Lock>> {
        let path = self.path(key, id);
        let hold = self.setting("s3:GetObjectLegalHold", key, &format!("{path}&legal-hold")).await?;
        if hold.is_some_and(|hold| text(&hold, "Status") == "ON") {
            return Ok(Some(Lock::Hold));
        }
        let retention = self.setting("s3:GetObjectRetention", key, &format!("{path}&retention")).await?;
        Ok(retention.map(|one| Lock::Until(text(&one, "RetainUntilDate").to_owned(), text(&one, "Mode").to_owned())))
    }

    async fn setting(&self, operation: &'static str, key: &str, path: &str) -> Result<Option<Value>> {
        match self.s3.bytes(operation, path).await {
            // Not AWS, but others answer with a prolog and nothing behind it, or with the object.
            Ok(found) if !found.starts_with(b"<") || found.iter().filter(|byte| **byte == b'<').count() < 2 => Ok(None),
            Ok(found) => match Element::parse(&found) {
                Ok(found) => Ok(Some(found.to_json())),
                Err(error) => Err(failed(operation, key, Failure::Odd(error))),
            },
            Err(failure) if is_unlocked(&failure) => Ok(None),
            Err(failure) => Err(failed(operation, key, failure)),
        }
    }

    /// Deletes a version for good. `s3:DeleteObjectVersion`.
    ///
    /// # Errors
    /// The world's failure, as where the version is locked.
    #[async_recursion]
    pub async fn delete(&self, key: &str, id: &str) -> Result<()> {
        let deleted = self.s3.delete("DeleteObject", &self.path(key, id)).await;
        deleted.map_err(|failure| failed("s3:DeleteObjectVersion", key, failure))
    }
}

/// Whether an answer says that nothing locks the object: a bucket without Object Lock refuses the question.
fn is_unlocked(failure: &Failure) -> bool {
    ["NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "InvalidRequest", "NoSuchRetention"]
        .contains(&failure.code())
}

/// A text of an answer; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What stands under a name once or several times.
pub(crate) fn listed<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    match value.get(name) {
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Put;
    use crate::call::stub::{self, Stub, answer};

    /// What S3 says of a lock, which moto does not know.
    #[tokio::test]
    async fn a_lock_is_told_with_its_end() {
        let off = "<LegalHold xmlns=\"x\"><Status>OFF</Status></LegalHold>";
        let until = "<Retention xmlns=\"x\"><Mode>COMPLIANCE</Mode><RetainUntilDate>2026-12-24T00:00:00Z</RetainUntilDate></Retention>";
        let absent = "<Error><Code>NoSuchObjectLockConfiguration</Code><Message>m</Message></Error>";
        let refused = "<Error><Code>AccessDenied</Code><Message>m</Message></Error>";
        let stub = Stub::of(vec![
            answer(200, off),
            answer(200, until),
            answer(404, absent),
            answer(404, absent),
            answer(200, &off.replace("OFF", "ON")),
            answer(403, refused),
        ]);
        let versions = Versions::by(&stub.config(), "shop");
        let lock = Lock::Until("2026-12-24T00:00:00Z".to_owned(), "COMPLIANCE".to_owned());
        assert_eq!(versions.lock("v/a b", "1").await.unwrap(), Some(lock));
        assert_eq!(versions.lock("v/a b", "1").await.unwrap(), None);
        assert_eq!(versions.lock("v/a b", "1").await.unwrap(), Some(Lock::Hold));
        assert_eq!(versions.lock("v/a b", "1").await.unwrap_err().id(), "aws-call-forbidden");
        let asked = stub.asked();
        assert!(asked[1].starts_with("GET /shop/v/a%20b?versionId=1&retention HTTP/1.1\r\n"), "{}", asked[1]);
    }

    #[tokio::test]
    async fn older_versions_are_listed_and_go_unless_they_are_locked() {
        let Some(config) = stub::moto("versions of an object") else { return };
        let bucket = stub::unique("erased");
        let s3 = Versions::by(&config, &bucket);
        let put = async |path: String, body: &str| {
            let put = Put { body: body.as_bytes().to_vec(), has_checksum: true, smallest: None };
            s3.s3.put("PutObject", &path, put).await
        };
        put(format!("/{}", escaped(&bucket)), "").await.unwrap();
        assert!(s3.list("v/a b.parquet").await.unwrap().is_empty());
        let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        put(format!("/{bucket}?versioning"), enabled).await.unwrap();
        for body in ["one", "two"] {
            put(format!("/{bucket}/v/a%20b.parquet"), body).await.unwrap();
            put(format!("/{bucket}/v/a%20b.parquet.other"), body).await.unwrap();
        }
        s3.s3.delete("DeleteObject", &format!("/{bucket}/v/a%20b.parquet")).await.unwrap();
        let all = s3.list("v/a b.parquet").await.unwrap();
        assert_eq!((all.len(), all.iter().filter(|one| one.is_marker).count()), (3, 1), "{all:?}");
        let kept = all.iter().find(|one| !one.is_marker).unwrap();
        assert_eq!(s3.lock("v/a b.parquet", &kept.id).await.unwrap(), None);
        for version in &all {
            s3.delete("v/a b.parquet", &version.id).await.unwrap();
        }
        assert!(s3.list("v/a b.parquet").await.unwrap().is_empty());
        assert_eq!(s3.list("v/a b.parquet.other").await.unwrap().len(), 2);
    }
}
