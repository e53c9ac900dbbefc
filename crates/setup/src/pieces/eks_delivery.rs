//! `firehose_role`, `subscription_role`, `eks_delivery`, `eks_subscription`: what clusters log goes through Firehose to the bucket of
//! evidence, where more is logged than CloudWatch Logs lets be read.
//!
//! ```text
//! /aws/eks/shop/cluster ─► subscription ─► NAME-eks ─► firehose/eks/year=2026/month=03/day=05/… (gzip, as CloudWatch Logs packs it)
//! ```

use serde_json::{Value, json};
use shoseki_aws::inventory::STREAM;
use shoseki_messages::msg;

use super::{Piece, buckets, evidence_key, roles};
use crate::found::{Seen, many, text};
use crate::passing::{self, Store};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::Site;
use crate::wish::Delivery;

pub(crate) const FIREHOSE: Piece = Piece { name: "firehose_role", of: firehose_role };
pub(crate) const LOGS: Piece = Piece { name: "subscription_role", of: logs_role };
pub(crate) const PIECE: Piece = Piece { name: "eks_delivery", of: stream };
pub(crate) const SUBSCRIPTION: Piece = Piece { name: "eks_subscription", of: subscriptions };

/// What stands behind the name of all that is made, of the roles.
const FIREHOSE_ROLE: &str = "firehose";
const LOGS_ROLE: &str = "subscription";
/// The folder of the bucket that Firehose may write to, and what of it is this stream's. Days are folders by which they are fetched.
const FOLDER: &str = "firehose";
const PREFIX: &str = "firehose/eks/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/";
const FAILED: &str = "firehose/eks-failed/!{firehose:error-output-type}/";
/// How many subscriptions a log group has at most.
const MOST: usize = 2;

/// Whether a role of ours writes to the bucket of evidence, by its key.
pub(super) fn writer(site: &Site<'_>) -> Option<String> {
    is_wanted(site).then(|| site.role(FIREHOSE_ROLE))
}

/// Whether it is wanted, and the bucket is one that may be written to.
fn is_wanted(site: &Site<'_>) -> bool {
    let is_own = site.evidence.state != State::Elsewhere;
    is_own && site.wish.eks_delivery == Delivery::Firehose && !clusters(site).is_empty()
}

/// The clusters, each with its account and region.
fn clusters<'a>(site: &Site<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let of = |(account, region): &'a (String, String)| {
        let (pages, _) = site.found.lists("eks:ListClusters", account, Some(region));
        let names = pages.into_iter().flat_map(|page| many(&page["clusters"])).filter_map(Value::as_str);
        names.map(move |name| (account.as_str(), region.as_str(), name)).collect::<Vec<_>>()
    };
    site.places.iter().flat_map(of).collect()
}

fn stream_name(site: &Site<'_>) -> String {
    format!("{}-{STREAM}", site.wish.name)
}

fn stream_arn(site: &Site<'_>) -> String {
    let (partition, region) = (site.names.partition, &site.evidence.region);
    format!("arn:{partition}:firehose:{region}:{}:deliverystream/{}", site.account(), stream_name(site))
}

fn stream_id(site: &Site<'_>) -> String {
    Item::new(PIECE.name, &stream_name(site), (site.account(), &site.evidence.region), State::New).id()
}

fn firehose_role(site: &Site<'_>, plan: &mut Plan) {
    if !is_wanted(site) {
        return;
    }
    let to = Store { bucket: &site.evidence.name, key: &site.key.arn, region: &site.evidence.region };
    let limit = json!({"StringEquals": {"sts:ExternalId": site.account()}});
    plan.items.push(roles::role(
        site,
        FIREHOSE.name,
        roles::Role {
            name: FIREHOSE_ROLE,
            trust: vec![passing::trust_of_service("ShosekiFirehose", "firehose.amazonaws.com", limit)],
            rights: passing::rights_of_firehose(&site.names, &to, FOLDER),
            needs: vec![evidence_key::id(site)],
            by_hand: Vec::new(),
        },
    ));
}

fn logs_role(site: &Site<'_>, plan: &mut Plan) {
    if !is_wanted(site) {
        return;
    }
    let (partition, region) = (site.names.partition, &site.evidence.region);
    let source = format!("arn:{partition}:logs:{region}:{}:*", site.account());
    let limit = json!({"StringLike": {"aws:SourceArn": source}});
    plan.items.push(roles::role(
        site,
        LOGS.name,
        roles::Role {
            name: LOGS_ROLE,
            trust: vec![passing::trust_of_service("ShosekiLogs", "logs.amazonaws.com", limit)],
            rights: passing::rights_of_subscription(&stream_arn(site)),
            needs: Vec::new(),
            by_hand: Vec::new(),
        },
    ));
}

fn stream(site: &Site<'_>, plan: &mut Plan) {
    if !is_wanted(site) {
        return;
    }
    let (account, region) = (site.account(), site.evidence.region.as_str());
    let mut item = Item::new(PIECE.name, &stream_name(site), (account, region), State::New);
    let bucket = site.names.bucket(&site.evidence.name);
    match site.found.about_in("firehose:DescribeDeliveryStream", (account, region), &item.name.clone()) {
        Seen::Unknown(why) => item.cannot("stream", why),
        Seen::Is(value) => {
            item.state = State::There;
            there(&mut item, &value["DeliveryStreamDescription"], &bucket);
        }
        Seen::Absent => {
            item.says("stream", Outcome::Create(bucket.clone()));
            let input = json!({
                "DeliveryStreamName": item.name,
                "DeliveryStreamType": "DirectPut",
                "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
                "ExtendedS3DestinationConfiguration": {
                    "RoleARN": site.role(FIREHOSE_ROLE),
                    "BucketARN": bucket,
                    "Prefix": PREFIX,
                    "ErrorOutputPrefix": FAILED,
                    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
                    // What CloudWatch Logs sends is gzip already; one more around it would serve nobody.
                    "CompressionFormat": "UNCOMPRESSED",
                    "FileExtension": ".gz",
                    "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": site.key.arn}},
                },
            });
            let role = roles::id(site, FIREHOSE.name, FIREHOSE_ROLE);
            let needs = [buckets::evidence_id(site), evidence_key::id(site), role];
            item.calls("firehose:CreateDeliveryStream", input).needed().after(needs);
        }
    }
    plan.items.push(item);
}

fn there(item: &mut Item, description: &Value, bucket: &str) {
    match text(description, "DeliveryStreamStatus") {
        Some(status) if status.ends_with("FAILED") || status == "DELETING" => {
            return item.cannot("stream", msg!("setup-stream-status", stream = item.name.as_str(), status = status));
        }
        _ => {}
    }
    let destination = many(&description["Destinations"]).into_iter().next().unwrap_or(&Value::Null);
    match text(&destination["ExtendedS3DestinationDescription"], "BucketARN") {
        Some(is) if is == bucket => item.says("stream", Outcome::Right(bucket.to_owned())),
        Some(is) => item.says("stream", Outcome::Adopt(is.to_owned())),
        None => item.cannot("stream", msg!("setup-stream-elsewhere", stream = item.name.as_str())),
    }
}

fn subscriptions(site: &Site<'_>, plan: &mut Plan) {
    if !is_wanted(site) {
        return;
    }
    for (account, region, cluster) in clusters(site) {
        let group = format!("/aws/eks/{cluster}/cluster");
        let mut item = Item::new(SUBSCRIPTION.name, &group, (account, region), State::New);
        if account != site.account() || region != site.evidence.region {
            item.cannot("subscription", msg!("setup-subscription-elsewhere", group = group.as_str()));
        } else if is_there(site, &mut item) {
            subscribed(site, &mut item);
        }
        plan.items.push(item);
    }
}

/// The log group: EKS makes it with the first log, and takes one that is there. Whether it is, or will be.
fn is_there(site: &Site<'_>, item: &mut Item) -> bool {
    let list = ("logs:DescribeLogGroups", "logGroups");
    let (groups, unknown) = site.found.entries(list, &item.account, Some(&item.region));
    if let Some(why) = unknown {
        item.cannot("log_group", why);
        return false;
    }
    if groups.iter().any(|one| text(one, "logGroupName") == Some(item.name.as_str())) {
        item.state = State::There;
        item.says("log_group", Outcome::Right(item.name.clone()));
        return true;
    }
    item.says("log_group", Outcome::Create(item.name.clone()));
    item.calls("logs:CreateLogGroup", json!({"logGroupName": item.name})).needed();
    true
}

fn subscribed(site: &Site<'_>, item: &mut Item) {
    let place = (item.account.clone(), item.region.clone());
    let (pages, unknown) = match item.state {
        State::New => (Vec::new(), None),
        _ => site.found.pages_in("logs:DescribeSubscriptionFilters", (&place.0, &place.1), &item.name),
    };
    if let Some(why) = unknown {
        return item.cannot("subscription", why);
    }
    let (name, arn) = (stream_name(site), stream_arn(site));
    let all: Vec<&Value> = pages.into_iter().flat_map(|page| many(&page["subscriptionFilters"])).collect();
    let is_whole = |one: &&&Value| text(one, "destinationArn") == Some(&arn) && text(one, "filterPattern").is_none();
    if let Some(one) = all.iter().find(is_whole) {
        return item.says("subscription", Outcome::Right(text(one, "filterName").unwrap_or(&name).to_owned()));
    }
    let ours = all.iter().find(|one| text(one, "filterName") == Some(name.as_str()));
    match ours {
        Some(is) => {
            let from = text(is, "filterPattern").or_else(|| text(is, "destinationArn")).unwrap_or_default();
            item.says("subscription", Outcome::Change { from: from.to_owned(), to: arn.clone() });
        }
        None if all.len() >= MOST => {
            return item.cannot("subscription", msg!("setup-subscription-full", group = item.name.as_str()));
        }
        None => item.says("subscription", Outcome::Create(arn.clone())),
    }
    let input = json!({
        "logGroupName": item.name, "filterName": name, "filterPattern": "", "destinationArn": arn,
        "roleArn": site.role(LOGS_ROLE),
    });
    let needs = [stream_id(site), roles::id(site, LOGS.name, LOGS_ROLE)];
    item.calls("logs:PutSubscriptionFilter", input).after(needs);
}
