//! Which objects a message of a queue names: S3's notifications, straight or through SNS or EventBridge, and CloudTrail's own.
//!
//! ```text
//! {"Records":[{"eventSource":"aws:s3","s3":{"bucket":{"name":…},"object":{"key":"a%20b+c.gz"}}}]}      S3: keys are encoded
//! {"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":…},"object":{"key":…}}}   EventBridge: they are not
//! {"s3Bucket":…,"s3ObjectKey":[…]}                                                                       CloudTrail
//! {"Type":"Notification","Message":"one of these"}                                                       SNS
//! {"Event":"s3:TestEvent",…}                                                                             S3, when it is set up
//! ```

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

/// An object that was put into a bucket.
#[derive(Clone, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) bucket: String,
    pub(super) key: String,
}

/// How deep notifications may lie in one another.
const DEPTH: usize = 3;

/// The objects that a message names: none where it tells of something else that S3 did. `None` where it is no notification, and so
/// may be evidence itself.
pub(super) fn objects(body: &str) -> Option<Vec<Named>> {
    named(body, DEPTH)
}

fn named(body: &str, depth: usize) -> Option<Vec<Named>> {
    let message: Value = serde_json::from_str(body).ok()?;
    let text = |name: &str| message.get(name).and_then(Value::as_str);
    if text("Event") == Some("s3:TestEvent") {
        return Some(Vec::new());
    }
    if let (Some("Notification"), Some(inner)) = (text("Type"), text("Message")) {
        return named(inner, depth.checked_sub(1)?);
    }
    if let (Some("aws.s3"), Some(detail)) = (text("source"), message.get("detail")) {
        let S3 { bucket, object } = S3::deserialize(detail).ok()?;
        let is_made = text("detail-type") == Some("Object Created");
        return Some(is_made.then_some(Named { bucket: bucket.name, key: object.key }).into_iter().collect());
    }
    if let Ok(trail) = Trail::deserialize(&message) {
        let named = |key| Named { bucket: trail.bucket.clone(), key };
        return Some(trail.keys.into_iter().map(named).collect());
    }
    let records = Records::deserialize(&message).ok()?.records;
    if records.is_empty() || records.iter().any(|record| record.source != "aws:s3") {
        return None;
    }
    let made = records.into_iter().filter(|record| record.name.starts_with("ObjectCreated:"));
    made.map(|record| Some(Named { bucket: record.s3.bucket.name, key: decoded(&record.s3.object.key)? })).collect()
}

/// A key as it is: S3 writes spaces as `+` and the rest in percent. `None` where that gives no text.
fn decoded(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(String::from)
}

#[derive(Deserialize)]
struct Records {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventSource")]
    source: String,
    #[serde(rename = "eventName")]
    name: String,
    s3: S3,
}

#[derive(Deserialize)]
struct S3 {
    bucket: BucketName,
    object: ObjectKey,
}

#[derive(Deserialize)]
struct BucketName {
    name: String,
}

#[derive(Deserialize)]
struct ObjectKey {
    key: String,
}

#[derive(Deserialize)]
struct Trail {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3ObjectKey")]
    keys: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn s3(event: &str, key: &str) -> Value {
        json!({"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": event,
               "s3": {"bucket": {"name": "evidence"}, "object": {"key": key, "size": 10}}})
    }

    fn keys(message: &Value) -> Option<Vec<String>> {
        let named = objects(&message.to_string())?;
        assert!(named.iter().all(|named| named.bucket == "evidence"));
        Some(named.into_iter().map(|named| named.key).collect())
    }

    #[test]
    fn each_form_names_its_objects_and_only_s3_encodes_them() {
        let put = json!({"Records": [s3("ObjectCreated:Put", "a/%E8%A8%BC+x.gz"), s3("ObjectRemoved:Delete", "b")]});
        assert_eq!(keys(&put), Some(vec!["a/証 x.gz".to_owned()]));
        let bridged = json!({"source": "aws.s3", "detail-type": "Object Created",
                             "detail": {"bucket": {"name": "evidence"}, "object": {"key": "a+b%20.gz"}}});
        assert_eq!(keys(&bridged), Some(vec!["a+b%20.gz".to_owned()]));
        let trail = json!({"s3Bucket": "evidence", "s3ObjectKey": ["AWSLogs/1.json.gz", "AWSLogs/2.json.gz"]});
        assert_eq!(keys(&trail).map(|keys| keys.len()), Some(2));
        for inner in [&put, &bridged, &trail] {
            let told = json!({"Type": "Notification", "MessageId": "m", "Message": inner.to_string()});
            assert_eq!(keys(&told), keys(inner));
        }
    }

    #[test]
    fn what_s3_says_beside_is_passed_over_and_what_is_none_may_be_evidence() {
        assert_eq!(keys(&json!({"Service": "Amazon S3", "Event": "s3:TestEvent"})), Some(vec![]));
        let removed = json!({"source": "aws.s3", "detail-type": "Object Deleted",
                             "detail": {"bucket": {"name": "evidence"}, "object": {"key": "a"}}});
        assert_eq!(keys(&removed), Some(vec![]));
        let api =
            json!({"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": {"eventID": "x"}});
        for other in [api, json!({"Records": []}), json!({"Records": [{"eventID": "x"}]}), json!("text"), json!({})] {
            assert_eq!(keys(&other), None, "{other}");
        }
        assert_eq!(objects("no JSON"), None);
    }

    #[test]
    fn notifications_in_notifications_end() {
        let mut message = json!({"s3Bucket": "evidence", "s3ObjectKey": ["k"]});
        for _ in 0..DEPTH {
            message = json!({"Type": "Notification", "Message": message.to_string()});
        }
        assert_eq!(keys(&message), Some(vec!["k".to_owned()]));
        message = json!({"Type": "Notification", "Message": message.to_string()});
        assert_eq!(keys(&message), None);
    }
}
