//! What a set-up must know beside what is judged: keys by their aliases, whom buckets of evidence tell of new objects, its queue, the
//! rules of AWS Config.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shoseki_messages::Result;
use tokio::task::JoinSet;

use super::calls::{self, Call};
use super::desk::{Desk, Pages};
use super::recorders::CONFIG;
use super::{buckets, joined, stores};
use crate::call::{JsonService, Service, escaped};
use crate::kms::KMS;
use crate::sqs::SQS;

/// What stands behind the name of what is made, of a queue.
pub const QUEUE: &str = "trail-events";

/// The same, of the stream that delivers the logs of clusters.
pub const STREAM: &str = "eks";

pub(crate) static FIREHOSE: JsonService = JsonService {
    service: Service { id: "Firehose", host: "firehose", is_fips_in_gov: true },
    target: "Firehose_20150804",
    content_type: "application/x-amz-json-1.1",
};

/// All of it; the first region is the home of what is made once. Keys are looked for there, wherever evidence lies, and in `more`.
pub(super) async fn take(desk: &Desk, (regions, more): (&[String], &[String]), name: &str) -> Result<()> {
    let mut tasks = JoinSet::new();
    for region in regions {
        tasks.spawn(rules(desk.in_region(region)));
    }
    let mut homes: BTreeSet<String> = regions.first().into_iter().chain(more).cloned().collect();
    if let Some(home) = regions.first() {
        tasks.spawn(queue(desk.in_region(home), format!("{name}-{QUEUE}")));
    }
    let evidence = [(&calls::TRAILS, "S3BucketName"), (&calls::CHANNELS, "s3BucketName")];
    let mut named: Vec<String> = desk.shared.named(&desk.account, &evidence).into_iter().map(|one| one.1).collect();
    let ours = format!("{name}-evidence-");
    let all = desk.shared.named(&desk.account, &[(&calls::BUCKETS, "Name")]);
    named.extend(all.into_iter().map(|one| one.1).filter(|one| one.starts_with(&ours)));
    named.sort();
    named.dedup();
    for bucket in named {
        // Where a bucket is, the answers about it say.
        let region = desk.shared.region_of(&desk.account, &calls::BUCKET_VERSIONING, &bucket);
        if let Some(region) = region {
            tasks.spawn(notifications(desk.in_region(&region), bucket));
            homes.insert(region);
        }
    }
    for home in homes {
        tasks.spawn(stream(desk.in_region(&home), format!("{name}-{STREAM}")));
        tasks.spawn(key(desk.in_region(&home), format!("alias/{name}-")));
    }
    joined(tasks).await
}

/// Whom a bucket tells of new objects.
async fn notifications(desk: Desk, bucket: String) {
    let (s3, call) = (desk.rest(&buckets::S3), &calls::NOTIFICATIONS);
    let path = format!("/{}?notification", escaped(&bucket));
    desk.note(call, Some(&bucket), s3.get(call.operation, &path)).await;
}

/// The keys whose aliases begin so.
async fn key(desk: Desk, start: String) {
    let (kms, call) = (desk.json(&KMS), &calls::ALIASES);
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked = json!({"Limit": 100});
        if let Some(from) = pages.from() {
            asked["Marker"] = json!(from);
        }
        pages.take(desk.note(call, None, kms.call(call.operation, &asked)).await, "NextMarker");
    }
    desk.whole(call, None, &pages);
    let mut ours: Vec<String> = Vec::new();
    for one in pages.all.iter().flat_map(|page| page["Aliases"].as_array()).flatten() {
        let is_ours = one["AliasName"].as_str().is_some_and(|name| name.starts_with(&start));
        ours.extend(one["TargetKeyId"].as_str().filter(|_| is_ours).map(str::to_owned));
    }
    for id in ours {
        stores::key(desk.clone(), id).await;
    }
}

async fn queue(desk: Desk, name: String) {
    let sqs = desk.json(&SQS);
    let call: &'static Call = &calls::QUEUE_URL;
    let found: Option<Value> =
        desk.note(call, Some(&name), sqs.call(call.operation, &json!({"QueueName": name}))).await;
    if let Some(url) = found.as_ref().and_then(|found| found["QueueUrl"].as_str()) {
        let (call, asked) = (&calls::QUEUE, json!({"QueueUrl": url, "AttributeNames": ["All"]}));
        desk.note(call, Some(&name), sqs.call(call.operation, &asked)).await;
    }
}

/// The stream that delivers the logs of clusters.
async fn stream(desk: Desk, name: String) {
    let (firehose, call) = (desk.json(&FIREHOSE), &calls::STREAM);
    let asked = json!({"DeliveryStreamName": name, "Limit": 1});
    desk.note(call, Some(&name), firehose.call(call.operation, &asked)).await;
}

/// The rules of AWS Config in a region.
async fn rules(desk: Desk) {
    let (config, call) = (desk.json(&CONFIG), &calls::RULES);
    let mut pages = Pages::default();
    while pages.is_more() {
        let asked = pages.from().map_or_else(|| json!({}), |from| json!({"NextToken": from}));
        pages.take(desk.note(call, None, config.call(call.operation, &asked)).await, "NextToken");
    }
    desk.whole(call, None, &pages);
}
