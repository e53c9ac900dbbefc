//! Looks at where AWS delivers: the objects below a prefix of a bucket, and the events of a log group.

use bytes::Bytes;
use serde_json::Value;
use shoseki_messages::Result;

use super::{At, Prober, path};
use crate::call::{Rest, escaped, failed};
use crate::inventory::services::S3;
use crate::logs::{LogEvent, LogQuestion, Logs};

/// How many pages of objects, or of events, one look takes: 1,000 objects stand on each.
const MAX_PAGES: usize = 20;

/// An object that was delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivered {
    /// Its key.
    pub key: String,
    /// When it was written, RFC 3339.
    pub modified: String,
}

impl Prober {
    /// The objects below a prefix whose keys sort behind another. `s3:ListBucket`.
    ///
    /// # Errors
    /// The world's failure where the bucket may not be listed.
    pub async fn objects(&self, at: At<'_>, bucket: &str, (prefix, after): (&str, &str)) -> Result<Vec<Delivered>> {
        let s3 = Rest::of(&S3, &self.config(at)?);
        let (mut all, mut from) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let asked = format!(
                "/{}?list-type=2&prefix={}&start-after={}{from}",
                escaped(bucket),
                escaped(prefix),
                escaped(after)
            );
            let page = s3.get("ListObjectsV2", &asked).await;
            let page = page.map_err(|failure| failed("s3:ListBucket", bucket, failure))?;
            let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let one = |value: &Value| {
                Some(Delivered { key: text(value, "Key")?, modified: text(value, "LastModified").unwrap_or_default() })
            };
            match &page["Contents"] {
                Value::Array(many) => all.extend(many.iter().filter_map(one)),
                single => all.extend(one(single)),
            }
            match text(&page, "NextContinuationToken") {
                Some(token) => from = format!("&continuation-token={}", escaped(&token)),
                None => break,
            }
        }
        Ok(all)
    }

    /// An object as it lies there. `s3:GetObject`, and `kms:Decrypt` where it is encrypted by KMS.
    ///
    /// # Errors
    /// The world's failure where it may not be read.
    pub async fn bytes(&self, at: At<'_>, bucket: &str, key: &str) -> Result<Bytes> {
        let s3 = Rest::of(&S3, &self.config(at)?);
        s3.bytes("GetObject", &path(bucket, key)).await.map_err(|failure| failed("s3:GetObject", bucket, failure))
    }

    /// The first event of a log group since a time (in milliseconds since 1970) that has a text in it. `logs:FilterLogEvents`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such log group; the world's failure else.
    pub async fn event(&self, at: At<'_>, group: &str, (text, from): (&str, i64)) -> Result<Option<LogEvent>> {
        let logs = Logs::by(&self.config(at)?);
        // Between percent signs it is a regular expression, and found within a word, too.
        let pattern = format!("%{text}%");
        let question = LogQuestion { group, streams: None, pattern: Some(&pattern), from, to: i64::MAX };
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let page = logs.page(&question, next).await?;
            if let Some(found) = page.events.into_iter().find(|event| event.message.contains(text)) {
                return Ok(Some(found));
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{AT, prober};
    use crate::call::stub::{Stub, answer};

    #[tokio::test]
    async fn objects_are_listed_page_by_page_behind_a_key() {
        let one = |key: &str| {
            format!("<Contents><Key>{key}</Key><LastModified>2026-03-05T01:02:03Z</LastModified></Contents>")
        };
        let page = |rest: &str| answer(200, &format!("<ListBucketResult>{rest}</ListBucketResult>"));
        let stub = Stub::of(vec![
            page(&format!("{}{}<NextContinuationToken>n=1</NextContinuationToken>", one("a/1"), one("a/2"))),
            page(&one("a/3")),
            page(""),
        ]);
        let prober = prober(&stub);
        let found = prober.objects(AT, "logs", ("a/", "a/0")).await.unwrap();
        assert_eq!(found.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["a/1", "a/2", "a/3"]);
        assert_eq!(found[0].modified, "2026-03-05T01:02:03Z");
        assert_eq!(prober.objects(AT, "logs", ("b/", "")).await.unwrap(), []);
        let asked = stub.asked();
        assert!(asked[0].starts_with("GET /logs?list-type=2&prefix=a%2F&start-after=a%2F0 HTTP/1.1"), "{}", asked[0]);
        assert!(asked[1].contains("&continuation-token=n%3D1 HTTP/1.1"), "{}", asked[1]);
    }

    #[tokio::test]
    async fn an_event_is_found_by_the_text_in_it_and_in_no_other() {
        let stub = Stub::of(vec![
            answer(200, r#"{"events":[],"nextToken":"n"}"#),
            answer(
                200,
                r#"{"events":[{"eventId":"1","logStreamName":"s","timestamp":1,"message":"other"},
                {"eventId":"2","logStreamName":"s","timestamp":2,"message":"has abc in it"}]}"#,
            ),
            answer(200, r#"{"events":[]}"#),
        ]);
        let prober = prober(&stub);
        let found = prober.event(AT, "/aws/eks/shop/cluster", ("abc", 7)).await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.time), ("2", 2));
        assert_eq!(prober.event(AT, "/aws/eks/shop/cluster", ("abc", 7)).await.unwrap(), None);
        assert!(stub.asked()[0].contains("\"filterPattern\":\"%abc%\""), "{}", stub.asked()[0]);
    }
}
