//! In which storage class each object of a bucket lies, and the bucket's life cycle, which moves them by age.
//!
//! ```text
//! GET /shop?list-type=2&prefix=evidence%2F     <Contents><Key>…</Key><LastModified>…</LastModified><Size>…</Size><StorageClass>…
//! ```

use async_recursion::async_recursion;
use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

use crate::call::{Failure, Rest, escaped, failed};
use crate::change::{Change, Hands, kind};
use crate::client::{self, Caller};
use crate::inventory::services::S3;
use crate::versions::{listed, text};

/// How many objects a page has.
const PAGE: usize = 1_000;
/// The most pages of a listing that are read: ten million objects.
const PAGES: usize = 10_000;

/// An object of a bucket, as a listing tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// Its storage class: `GLACIER_IR`.
    pub class: String,
}

/// A bucket, and who asks it.
#[derive(Debug)]
pub struct Classes {
    s3: Rest,
    config: SdkConfig,
    bucket: String,
}

impl Classes {
    /// Of a bucket, as a caller sees it.
    #[async_recursion]
    pub async fn of(caller: &Caller, bucket: &str) -> Self {
        Self::by(client::config_of(caller).await, bucket)
    }

    fn by(config: SdkConfig, bucket: &str) -> Self {
        Self { s3: Rest::of(&S3, &config), config, bucket: bucket.to_owned() }
    }

    /// The current objects whose keys begin so; older versions are not among them. `s3:ListBucket`.
    ///
    /// # Errors
    /// The world's failure, and where there are more than ten million.
    #[async_recursion]
    pub async fn list(&self, prefix: &str) -> Result<Vec<Object>> {
        let (mut all, mut from) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let (bucket, prefix) = (escaped(&self.bucket), escaped(prefix));
            let path = format!("/{bucket}?list-type=2&max-keys={PAGE}&prefix={prefix}{from}");
            let page = self.s3.get("ListObjectsV2", &path).await;
            let page = page.map_err(|failure| failed("s3:ListBucket", &self.bucket, failure))?;
            for one in listed(&page, "Contents") {
                all.push(self.object(one)?);
            }
            let next = text(&page, "NextContinuationToken");
            if text(&page, "IsTruncated") != "true" || next.is_empty() {
                return Ok(all);
            }
            from = format!("&continuation-token={}", escaped(next));
        }
        Err(Fault::world(msg!("aws-list-endless", action = "s3:ListBucket", pages = PAGES)))
    }

    fn object(&self, one: &Value) -> Result<Object> {
        let odd = |why: &'static str| failed("s3:ListBucket", &self.bucket, Failure::Odd(why.into()));
        let (key, class) = (text(one, "Key"), text(one, "StorageClass"));
        Ok(Object {
            key: Some(key).filter(|key| !key.is_empty()).ok_or_else(|| odd("an object has no key"))?.to_owned(),
            size: text(one, "Size").parse().map_err(|_| odd("an object has no size"))?,
            modified: Timestamp::parse(text(one, "LastModified")).map_err(|_| odd("an object has no time"))?,
            class: if class.is_empty() { "STANDARD" } else { class }.to_owned(),
        })
    }

    /// The bucket's life cycle, all of it, as S3 answers it; `None` where it has none. `s3:GetLifecycleConfiguration`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn life_cycle(&self) -> Result<Option<Value>> {
        match self.s3.get("GetBucketLifecycleConfiguration", &format!("/{}?lifecycle", escaped(&self.bucket))).await {
            Ok(found) => Ok(Some(found)),
            Err(failure) if failure.code() == "NoSuchLifecycleConfiguration" => Ok(None),
            Err(failure) => Err(failed("s3:GetLifecycleConfiguration", &self.bucket, failure)),
        }
    }

    /// Puts a life cycle in the place of the one that is there. `s3:PutLifecycleConfiguration`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn put_life_cycle(&self, life_cycle: &Value) -> Result<()> {
        const CALL: &str = "s3:PutBucketLifecycleConfiguration";
        let mut rules = life_cycle.clone();
        let smallest = rules.as_object_mut().and_then(|all| all.remove(crate::call::SMALLEST_MEMBER));
        let mut input = json!({"LifecycleConfiguration": rules});
        if let Some(size) = smallest {
            input[crate::call::SMALLEST_MEMBER] = size;
        }
        let kind = kind(CALL).ok_or_else(|| Fault::broken(msg!("aws-call-unread")))?;
        let region = self.config.region().map(ToString::to_string).unwrap_or_default();
        let change = Change { kind, account: String::new(), region, of: self.bucket.clone(), input };
        Hands::of(BTreeMap::from([(String::new(), self.config.clone())])).make(&change).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Put;
    use crate::call::stub::{self, Stub, answer};

    /// Two pages, the second with a single object and no list, as XML has it.
    #[tokio::test]
    async fn a_listing_is_read_to_its_end_and_what_is_odd_in_it_is_refused() {
        let object = |key: &str, class: &str| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-03-05T01:02:03.000Z</LastModified><Size>7</Size>{class}</Contents>"
            )
        };
        let page = |inner: String| answer(200, &format!("<ListBucketResult xmlns=\"x\">{inner}</ListBucketResult>"));
        let glacier = "<StorageClass>GLACIER_IR</StorageClass>";
        let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>a/+=</NextContinuationToken>";
        let stub = Stub::of(vec![
            page(format!("{}{}{more}", object("v/a", glacier), object("v/b", ""))),
            page(format!("{}<IsTruncated>false</IsTruncated>", object("v/c", glacier))),
            page(String::new()),
            page(object("", glacier)),
            page("<Contents><Key>v/a</Key><Size>-1</Size></Contents>".to_owned()),
        ]);
        let classes = Classes::by(stub.config(), "shop");
        let all = classes.list("v/").await.unwrap();
        let seen: Vec<(&str, &str, u64)> =
            all.iter().map(|one| (one.key.as_str(), one.class.as_str(), one.size)).collect();
        assert_eq!(seen, [("v/a", "GLACIER_IR", 7), ("v/b", "STANDARD", 7), ("v/c", "GLACIER_IR", 7)]);
        assert_eq!(all[0].modified.to_string(), "2026-03-05T01:02:03Z");
        assert!(classes.list("v/").await.unwrap().is_empty());
        assert_eq!(classes.list("v/").await.unwrap_err().id(), "aws-call-odd-answer");
        assert_eq!(classes.list("v/").await.unwrap_err().id(), "aws-call-odd-answer");
        let asked = stub.asked();
        assert!(asked[0].starts_with("GET /shop?list-type=2&max-keys=1000&prefix=v%2F HTTP/1.1\r\n"), "{}", asked[0]);
        assert!(asked[1].contains("&continuation-token=a%2F%2B%3D HTTP/1.1\r\n"), "{}", asked[1]);
    }

    #[tokio::test]
    async fn a_life_cycle_is_put_as_it_came() {
        let Some(config) = stub::moto("the life cycle of a bucket") else { return };
        let bucket = stub::unique("tiered");
        let classes = Classes::by(config, &bucket);
        let put = Put { body: Vec::new(), has_checksum: true, smallest: None };
        classes.s3.put("CreateBucket", &format!("/{bucket}"), put).await.unwrap();
        assert_eq!(classes.life_cycle().await.unwrap(), None);
        let rules = json!({"Rule": [
            {"ID": "a", "Filter": {"Prefix": "v/events/class="}, "Status": "Enabled",
             "Transition": {"Days": 90, "StorageClass": "GLACIER_IR"}},
            {"ID": "b", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 30}},
        ]});
        classes.put_life_cycle(&rules).await.unwrap();
        let found = classes.life_cycle().await.unwrap().unwrap();
        assert_eq!(found["Rule"][0]["Transition"], json!({"Days": "90", "StorageClass": "GLACIER_IR"}), "{found}");
        classes.put_life_cycle(&found).await.unwrap();
        assert_eq!(classes.life_cycle().await.unwrap().unwrap(), found);
        let absent = Classes::by(stub::moto("the life cycle of a bucket").unwrap(), &stub::unique("absent"));
        assert_eq!(absent.life_cycle().await.unwrap_err().id(), "aws-call-refused");
    }
}
