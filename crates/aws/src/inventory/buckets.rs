//! Buckets: which there are, and each of their settings. A bucket is asked in its own region.

use serde_json::Value;
use tokio::task::JoinSet;

use super::calls::{self, Call};
use super::desk::{Desk, Pages, listed};
use crate::call::{RestService, Service, escaped};

pub(crate) static S3: RestService =
    RestService { service: Service { id: "S3", host: "s3", is_fips_in_gov: false }, is_xml: true };

/// What is asked of each bucket, and by which part of its path.
static SETTINGS: [(&Call, &str); 9] = [
    (&calls::BUCKET_VERSIONING, "versioning"),
    (&calls::BUCKET_ENCRYPTION, "encryption"),
    (&calls::BUCKET_PUBLIC_ACCESS, "publicAccessBlock"),
    (&calls::BUCKET_LOGGING, "logging"),
    (&calls::BUCKET_LIFECYCLE, "lifecycle"),
    (&calls::BUCKET_POLICY, "policy"),
    (&calls::BUCKET_LOCK, "object-lock"),
    (&calls::BUCKET_REPLICATION, "replication"),
    (&calls::BUCKET_ACL, "acl"),
];

/// All buckets of the account, wherever they are.
pub(super) async fn take(desk: Desk) {
    let s3 = desk.rest(&S3);
    let call = &calls::BUCKETS;
    let mut pages = Pages::default();
    while pages.is_more() {
        let from = pages.from().map(|from| format!("&continuation-token={}", escaped(from))).unwrap_or_default();
        let path = format!("/?max-buckets=1000{from}");
        pages.take(desk.note(call, None, s3.get(call.operation, &path)).await, "ContinuationToken");
    }
    desk.whole(call, None, &pages);
    let mut tasks = JoinSet::new();
    for one in pages.all.iter().flat_map(|page| listed(page, "Buckets", "Bucket")) {
        let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(name) = text("Name") {
            tasks.spawn(bucket(desk.clone(), name, text("BucketRegion")));
        }
    }
    tasks.join_all().await;
}

async fn bucket(desk: Desk, name: String, region: Option<String>) {
    let region = match region {
        Some(region) => region,
        None => {
            let call = &calls::BUCKET_LOCATION;
            let s3 = desk.rest(&S3);
            let path = format!("/{}?location", escaped(&name));
            match desk.note(call, Some(&name), s3.get(call.operation, &path)).await {
                Some(answer) => of_location(answer.as_str().unwrap_or_default()),
                // The other calls will say as well why they are refused.
                None => desk.region.clone(),
            }
        }
    };
    let desk = desk.in_region(&region);
    let s3 = desk.rest(&S3);
    for (call, part) in SETTINGS {
        let path = format!("/{}?{part}", escaped(&name));
        desk.note(call, Some(&name), s3.get(call.operation, &path)).await;
    }
}

/// The region of a location: S3's first one has none, and Ireland has an old name.
fn of_location(location: &str) -> String {
    match location {
        "" => "us-east-1".to_owned(),
        "EU" => "eu-west-1".to_owned(),
        region => region.to_owned(),
    }
}
