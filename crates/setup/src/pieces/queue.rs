//! `trail_events_queue`: the bucket of evidence tells a queue of each new file, so that nobody has to list it.

use serde_json::{Value, json};
use shoseki_aws::inventory::QUEUE;
use shoseki_messages::msg;

use super::{Piece, buckets};
use crate::found::{Seen, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::policy::{self, Merged};
use crate::site::Site;

pub(crate) const PIECE: Piece = Piece { name: "trail_events_queue", of };

/// What a queue of ours has: messages wait for two weeks, and are encrypted.
const ATTRIBUTES: [(&str, &str); 4] = [
    ("MessageRetentionPeriod", "1209600"),
    ("ReceiveMessageWaitTimeSeconds", "20"),
    ("SqsManagedSseEnabled", "true"),
    ("VisibilityTimeout", "300"),
];

fn of(site: &Site<'_>, plan: &mut Plan) {
    if !site.wish.queue || site.evidence.state == State::Elsewhere {
        return;
    }
    let (account, region) = (site.account(), site.evidence.region.as_str());
    let name = format!("{}-{QUEUE}", site.wish.name);
    let arn = format!("arn:{}:sqs:{region}:{account}:{name}", site.names.partition);
    let mut item = Item::new(PIECE.name, &name, (account, region), State::New);
    let there = match site.evidence.state {
        State::New => Seen::Absent,
        _ => site.found.about("s3:GetBucketNotificationConfiguration", account, &site.evidence.name),
    };
    let config = match there {
        Seen::Unknown(why) => {
            item.cannot("notifications", why);
            plan.items.push(item);
            return;
        }
        Seen::Is(value) => value.clone(),
        Seen::Absent => Value::Null,
    };
    if let Some(other) = told_already(site, &config).filter(|other| *other != arn) {
        item.state = State::There;
        item.says("notifications", Outcome::Adopt(other));
        plan.items.push(item);
        return;
    }
    if region != site.home {
        item.cannot("queue", msg!("setup-queue-region", bucket = site.evidence.name.as_str(), region = region));
        plan.items.push(item);
        return;
    }
    // S3 takes no second notification of what somebody is told of already, be it of some objects only.
    let others: Vec<&str> = told(&config).iter().map(|one| one.whom).filter(|whom| *whom != arn).collect();
    if !others.is_empty() {
        let (bucket, others) = (site.evidence.name.as_str(), others.join(", "));
        item.cannot("notifications", msg!("setup-queue-overlaps", bucket = bucket, others = others));
        plan.items.push(item);
        return;
    }
    if !queue(site, &mut item, &arn) {
        plan.items.push(item);
        return;
    }
    if told_already(site, &config).is_some() {
        item.says("notifications", Outcome::Right(arn));
    } else {
        item.says("notifications", Outcome::Create(arn.clone()));
        let notified = notified(config, &arn);
        let bucket = site.evidence.name.clone();
        let step = item.calls_of("s3:PutBucketNotificationConfiguration", &bucket, notified);
        step.after([buckets::evidence_id(site)]);
    }
    plan.items.push(item);
}

/// The queue that the bucket of evidence tells already, whoever made it.
pub(super) fn adopted(site: &Site<'_>) -> Option<String> {
    let call = "s3:GetBucketNotificationConfiguration";
    match site.found.about(call, site.account(), &site.evidence.name) {
        Seen::Is(config) => told_already(site, config).filter(|arn| arn.split(':').nth(2) == Some("sqs")),
        Seen::Absent | Seen::Unknown(_) => None,
    }
}

/// What S3 tells somebody of: whom, and of which objects.
struct Told<'a> {
    whom: &'a str,
    /// What their names begin with.
    prefix: String,
    /// Whether they are limited otherwise, too.
    is_limited: bool,
}

/// Whom S3 tells of new objects, whichever of them. EventBridge is told beside, and takes nobody's place.
fn told(config: &Value) -> Vec<Told<'_>> {
    let kinds = [
        ("QueueConfiguration", "Queue"),
        ("TopicConfiguration", "Topic"),
        ("CloudFunctionConfiguration", "CloudFunction"),
    ];
    let is_made = |one: &Value| {
        let events = many(&one["Event"]);
        events.into_iter().filter_map(Value::as_str).any(|event| event.starts_with("s3:ObjectCreated:"))
    };
    let of = |one: &Value, name: &str| -> Option<(String, bool)> {
        text(one, name)?;
        let rules = many(&one["Filter"]["S3Key"]["FilterRule"]);
        let value = |kind: &str| {
            let its = rules.iter().find(|rule| text(rule, "Name").is_some_and(|name| name.eq_ignore_ascii_case(kind)));
            its.and_then(|rule| text(rule, "Value")).unwrap_or_default().to_owned()
        };
        let is_all = many(&one["Event"]).into_iter().any(|event| event.as_str() == Some("s3:ObjectCreated:*"));
        Some((value("prefix"), !is_all || !value("suffix").is_empty()))
    };
    let mut all = Vec::new();
    for (kind, name) in kinds {
        for one in many(&config[kind]).into_iter().filter(|one| is_made(one)) {
            if let (Some((prefix, is_limited)), Some(whom)) = (of(one, name), text(one, name)) {
                all.push(Told { whom, prefix, is_limited });
            }
        }
    }
    all
}

/// Who is told of all new evidence already: a queue or a topic, of all objects or of a folder in which all trails write.
fn told_already(site: &Site<'_>, config: &Value) -> Option<String> {
    let folders: Vec<String> = site.deliver().iter().flat_map(policy::Delivers::places).collect();
    let is_whole = |one: &&Told<'_>| {
        let has_all = folders.iter().all(|folder| folder.starts_with(&one.prefix));
        !one.is_limited && (one.prefix.is_empty() || has_all && !folders.is_empty())
    };
    let all = told(config);
    let may_be = |one: &&Told<'_>| matches!(one.whom.split(':').nth(2), Some("sqs" | "sns"));
    all.iter().filter(may_be).find(is_whole).map(|one| one.whom.to_owned())
}

/// What is told to whom, with the queue beside who is told already.
fn notified(config: Value, arn: &str) -> Value {
    let mut config = if config.is_object() { config } else { json!({}) };
    // What tells our own queue of some of them tells it of all from now on.
    let is_part = |one: &Value| {
        let mut events = many(&one["Event"]).into_iter().filter_map(Value::as_str);
        text(one, "Queue") == Some(arn) && events.all(|event| event.starts_with("s3:ObjectCreated:"))
    };
    let there = many(&config["QueueConfiguration"]).into_iter();
    let mut queues: Vec<Value> = there.filter(|one| !is_part(one)).cloned().collect();
    queues.push(json!({"Id": "shoseki", "Queue": arn, "Event": ["s3:ObjectCreated:*"]}));
    config["QueueConfiguration"] = json!(queues);
    json!({"NotificationConfiguration": config})
}

/// The queue itself. Whether it is there, or can be made.
fn queue(site: &Site<'_>, item: &mut Item, arn: &str) -> bool {
    let (account, name) = (item.account.clone(), item.name.clone());
    let url = match site.found.about("sqs:GetQueueUrl", &account, &name) {
        Seen::Unknown(why) => {
            item.cannot("queue", why);
            return false;
        }
        Seen::Is(value) => text(value, "QueueUrl").map(str::to_owned),
        Seen::Absent => None,
    };
    let wanted = policy::queue(&site.names, arn, &site.evidence.name);
    let Some(url) = url else {
        item.says("queue", Outcome::Create(name.clone()));
        let mut attributes = json!({"Policy": policy::document(wanted).to_string()});
        for (name, value) in ATTRIBUTES {
            attributes[name] = json!(value);
        }
        item.calls("sqs:CreateQueue", json!({"QueueName": name, "Attributes": attributes})).needed();
        return true;
    };
    item.state = State::There;
    item.says("queue", Outcome::Right(url.clone()));
    let attributes = match site.found.about("sqs:GetQueueAttributes", &account, &name) {
        Seen::Unknown(why) => {
            item.cannot("policy", why);
            return true;
        }
        Seen::Is(value) => &value["Attributes"],
        Seen::Absent => &Value::Null,
    };
    match policy::merged(text(attributes, "Policy").map(|text| json!(text)).as_ref(), wanted) {
        Merged::Right => item.says("policy", Outcome::Right("Shoseki*".to_owned())),
        Merged::Open(document, missing) => {
            item.says("policy", Outcome::Create(missing.join(", ")));
            let input = json!({"QueueUrl": url, "Attributes": {"Policy": document.to_string()}});
            item.calls("sqs:SetQueueAttributes", input).needed();
        }
        Merged::Unreadable => item.cannot("policy", msg!("setup-policy-unreadable")),
    }
    true
}
