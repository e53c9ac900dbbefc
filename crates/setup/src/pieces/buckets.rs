//! `evidence_bucket`, `access_log_bucket`, `config_bucket`, `replica_bucket`: where evidence lies. They differ in who writes to them, how
//! they are encrypted, and whether their own access is logged; all else is the same.

use serde_json::{Value, json};
use shoseki_messages::{Message, msg};

use super::{Piece, evidence_key, is_elsewhere, seen};
use crate::found::{Seen, has_any, many, number, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::policy::{self, Merged};
use crate::site::{Bucket, Key, Site, retention};

pub(crate) const EVIDENCE: Piece = Piece { name: "evidence_bucket", of: evidence };
pub(crate) const ACCESS_LOGS: Piece = Piece { name: "access_log_bucket", of: access_logs };
pub(crate) const CONFIG: Piece = Piece { name: "config_bucket", of: config };
pub(crate) const REPLICA: Piece = Piece { name: "replica_bucket", of: replica };

/// The four that keep the public out.
const SHUT: [&str; 4] = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
/// The name of our rule of a life cycle.
const RULE: &str = "shoseki-retention";
/// After how many days an upload that was not ended goes.
const UNENDED: u64 = 7;

/// The size below which S3 moves nothing, as it says it in a header of its answer and takes it in one.
const SMALLEST: &str = "TransitionDefaultMinimumObjectSize";

/// What one of them has of its own.
struct Role<'a> {
    /// The key that encrypts it, with what it is called in a plan; S3 writes access logs to no such bucket.
    key: Option<(&'a Key, String)>,
    /// Whether its access is logged.
    is_logged: bool,
    /// Whether its objects may be locked.
    may_lock: bool,
    /// How they are to be locked: the mode, and the days.
    lock: Option<(&'a str, u64)>,
    /// Who writes to it, and who reads it from elsewhere.
    others: Vec<Value>,
}

fn evidence(site: &Site<'_>, plan: &mut Plan) {
    let name = &site.evidence.name;
    let mut others = policy::trails(&site.names, name, &site.deliver());
    if site.takes_config {
        others.extend(policy::config(&site.names, name, &site.accounts));
    }
    others.extend(policy::readers_elsewhere(&site.names, name, &site.readers_elsewhere()));
    let (key, lock) = (Some((&site.key, evidence_key::id(site))), asked_lock(site));
    let role = Role { key, is_logged: true, may_lock: true, lock, others };
    plan.items.push(bucket(site, EVIDENCE.name, &site.evidence, &role));
}

fn access_logs(site: &Site<'_>, plan: &mut Plan) {
    // Whose bucket of evidence is another's, its access logs are, too.
    if site.evidence.state == State::Elsewhere {
        return;
    }
    let mut of = vec![site.evidence.name.clone()];
    of.extend(site.config.iter().map(|bucket| bucket.name.clone()));
    let name = &site.access_logs.name;
    let mut others = policy::access_logs(&site.names, name, &of);
    others.extend(policy::readers_elsewhere(&site.names, name, &site.readers_elsewhere()));
    let role = Role { key: None, is_logged: false, may_lock: false, lock: None, others };
    plan.items.push(bucket(site, ACCESS_LOGS.name, &site.access_logs, &role));
}

/// AWS Config delivers to no bucket whose objects are locked by default: then it has one of its own.
fn config(site: &Site<'_>, plan: &mut Plan) {
    let Some(own) = &site.config else { return };
    let mut others = policy::config(&site.names, &own.name, &site.accounts);
    others.extend(policy::readers_elsewhere(&site.names, &own.name, &site.readers_elsewhere()));
    let is_logged = own.region == site.access_logs.region;
    let role = Role { key: Some((&site.key, evidence_key::id(site))), is_logged, may_lock: false, lock: None, others };
    plan.items.push(bucket(site, CONFIG.name, own, &role));
}

/// The same evidence in another region. Its access is not logged: S3 logs within a region, and whoever reads it shows in data events.
fn replica(site: &Site<'_>, plan: &mut Plan) {
    let Some((own, key)) = site.own_replica() else { return };
    // What is locked goes only where it can be, too.
    let lock = match (asked_lock(site), site.locked()) {
        (Some(asked), Some(is)) if is.0 == "COMPLIANCE" => Some((is.0, asked.1.max(is.1))),
        (Some(asked), is) => Some((asked.0, asked.1.max(is.map_or(0, |is| is.1)))),
        (None, is) => is,
    };
    let others = policy::readers_elsewhere(&site.names, &own.name, &site.readers_elsewhere());
    let key = Some((key, evidence_key::replica_id(site, key)));
    let role = Role { key, is_logged: false, may_lock: true, lock, others };
    plan.items.push(bucket(site, REPLICA.name, own, &role));
}

/// The lock that is asked for.
fn asked_lock(site: &Site<'_>) -> Option<(&'static str, u64)> {
    site.wish.object_lock.mode().map(|mode| (mode, site.wish.days()))
}

fn bucket(site: &Site<'_>, piece: &'static str, bucket: &Bucket, role: &Role<'_>) -> Item {
    let mut item = Item::new(piece, &bucket.name, (site.account(), &bucket.region), bucket.state);
    if is_elsewhere(&mut item, msg!("setup-bucket-elsewhere", bucket = bucket.name.as_str())) {
        return item;
    }
    if bucket.state == State::New {
        // What is there under this name, if it could not be listed, must not be written over.
        if let (_, Some(why)) = site.found.lists("s3:ListBuckets", site.account(), None) {
            item.cannot("bucket", why);
            return item;
        }
        create(&mut item);
    } else {
        item.says("bucket", if bucket.is_ours { right("exists") } else { Outcome::Adopt("exists".to_owned()) });
    }
    versioning(site, &mut item);
    public_access(site, &mut item);
    encryption(site, &mut item, role);
    if role.may_lock {
        lock(site, &mut item, role.lock);
    }
    // The policy comes after it, and guards it from then on.
    life_cycle(site, &mut item, bucket);
    policy_of(site, &mut item, role);
    if role.is_logged {
        logging(site, &mut item);
    }
    item
}

fn right(value: &str) -> Outcome {
    Outcome::Right(value.to_owned())
}

fn create(item: &mut Item) {
    item.says("bucket", Outcome::Create(item.region.clone()));
    // S3's first region has no name in this call.
    let input = match item.region.as_str() {
        "us-east-1" => json!({}),
        region => json!({"CreateBucketConfiguration": {"LocationConstraint": region}}),
    };
    item.calls("s3:CreateBucket", input).needed();
}

/// What was answered about the bucket.
fn asked<'a>(site: &Site<'a>, item: &Item, call: &str) -> Seen<'a> {
    seen(item, site.found.about(call, &item.account, &item.name))
}

fn versioning(site: &Site<'_>, item: &mut Item) {
    let is = match asked(site, item, "s3:GetBucketVersioning") {
        Seen::Unknown(why) => return item.cannot("versioning", why),
        Seen::Is(value) => text(value, "Status"),
        Seen::Absent => None,
    };
    if item.wants("versioning", is, "Enabled") {
        item.calls("s3:PutBucketVersioning", json!({"VersioningConfiguration": {"Status": "Enabled"}}));
    }
}

fn public_access(site: &Site<'_>, item: &mut Item) {
    let on: Vec<&str> = match asked(site, item, "s3:GetPublicAccessBlock") {
        Seen::Unknown(why) => return item.cannot("public_access", why),
        Seen::Is(value) => SHUT.into_iter().filter(|name| crate::found::is_on(value, name)).collect(),
        Seen::Absent => Vec::new(),
    };
    if item.wants("public_access", Some(&on.join(", ")), &SHUT.join(", ")) {
        let all: serde_json::Map<String, Value> = SHUT.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        item.calls("s3:PutPublicAccessBlock", json!({"PublicAccessBlockConfiguration": all}));
    }
}

fn encryption(site: &Site<'_>, item: &mut Item, role: &Role<'_>) {
    let value = match asked(site, item, "s3:GetBucketEncryption") {
        Seen::Unknown(why) => return item.cannot("encryption", why),
        Seen::Is(value) => value,
        Seen::Absent => &Value::Null,
    };
    let rule = many(&value["Rule"]).into_iter().next().unwrap_or(&Value::Null);
    let default = &rule["ApplyServerSideEncryptionByDefault"];
    let (algorithm, key) = (text(default, "SSEAlgorithm"), text(default, "KMSMasterKeyID"));
    let Some((by, id)) = &role.key else {
        match algorithm {
            Some(name) if name.starts_with("aws:kms") => item.cannot("encryption", msg!("setup-access-logs-kms")),
            is => {
                if item.wants("encryption", is, "AES256") {
                    item.calls("s3:PutBucketEncryption", encrypted(&json!({"SSEAlgorithm": "AES256"}), false));
                }
            }
        }
        return;
    };
    match (algorithm, key) {
        (Some("aws:kms:dsse"), _) => item.says("encryption", Outcome::Stricter("aws:kms:dsse".to_owned())),
        (Some("aws:kms"), Some(key)) if is_own(key) => item.says("encryption", right("aws:kms")),
        (algorithm, _) => {
            // Who writes there without a right to the key would be refused from then on, and nobody would be told.
            if let Some(why) = others_write(site, item) {
                return item.cannot("encryption", why);
            }
            item.wants("encryption", Some(algorithm.unwrap_or_default()), &format!("aws:kms {}", by.shown()));
            let default = json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": by.arn});
            item.calls("s3:PutBucketEncryption", encrypted(&default, true)).after([id.clone()]);
        }
    }
}

/// Who else writes to a bucket that is there, or why that is not known.
fn others_write(site: &Site<'_>, item: &Item) -> Option<Message> {
    let there = match asked(site, item, "s3:GetBucketPolicy") {
        Seen::Unknown(why) => return Some(why),
        Seen::Absent => return None,
        Seen::Is(value) => value,
    };
    let trails = site.deliver();
    let mut folders: Vec<String> = trails.iter().flat_map(|one| one.folders.clone()).collect();
    folders.extend(site.accounts.iter().cloned());
    let others = policy::other_writers(there, site.account(), &trails, &folders);
    let (bucket, others) = (item.name.as_str(), others.join(", "));
    (!others.is_empty()).then(|| msg!("setup-bucket-writers", bucket = bucket, others = others))
}

/// Whether a key is one of one's own, and not the one that AWS has for S3.
fn is_own(key: &str) -> bool {
    !key.ends_with("alias/aws/s3")
}

fn encrypted(default: &Value, has_bucket_key: bool) -> Value {
    let mut rule = json!({"ApplyServerSideEncryptionByDefault": default});
    if has_bucket_key {
        // Without it, KMS is asked, and paid, for each object.
        rule["BucketKeyEnabled"] = json!(true);
    }
    json!({"ServerSideEncryptionConfiguration": {"Rule": [rule]}})
}

fn policy_of(site: &Site<'_>, item: &mut Item, role: &Role<'_>) {
    let there = match asked(site, item, "s3:GetBucketPolicy") {
        Seen::Unknown(why) => return item.cannot("policy", why),
        Seen::Is(value) => Some(value),
        Seen::Absent => None,
    };
    let wanted = [policy::guards(&site.names, &item.name), role.others.clone()].concat();
    match policy::merged(there, wanted) {
        Merged::Right => item.says("policy", right("Shoseki*")),
        Merged::Open(document, missing) => {
            item.says("policy", Outcome::Create(missing.join(", ")));
            item.calls("s3:PutBucketPolicy", document).needed();
        }
        Merged::Unreadable => item.cannot("policy", msg!("setup-policy-unreadable")),
    }
}

fn lock(site: &Site<'_>, item: &mut Item, asked_for: Option<(&str, u64)>) {
    let value = match asked(site, item, "s3:GetObjectLockConfiguration") {
        Seen::Unknown(why) => return item.cannot("object_lock", why),
        Seen::Is(value) => value,
        Seen::Absent => &Value::Null,
    };
    let there = retention(value);
    let said = |mode: &str, days: u64| format!("{mode} {days}d");
    let is = there.map(|(mode, days)| said(mode, days));
    let Some((asked_mode, asked_days)) = asked_for else {
        if let Some(is) = is {
            item.says("object_lock", Outcome::Stricter(is));
        }
        return;
    };
    // A mode and a time are never made less than they are.
    let mode = if there.is_some_and(|(mode, _)| mode == "COMPLIANCE") { "COMPLIANCE" } else { asked_mode };
    let days = asked_days.max(there.map_or(0, |(_, days)| days));
    let want = said(mode, days);
    if is.as_deref() == Some(&want) {
        let is_more = days > asked_days || mode != asked_mode;
        return item.says("object_lock", if is_more { Outcome::Stricter(want) } else { Outcome::Right(want) });
    }
    if is.is_none() && config_delivers_to(site, &item.name) {
        return item.cannot("object_lock", msg!("setup-lock-config", bucket = item.name.as_str()));
    }
    item.wants("object_lock", is.as_deref(), &want);
    let rule = json!({"DefaultRetention": {"Mode": mode, "Days": days}});
    item.calls(
        "s3:PutObjectLockConfiguration",
        json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule}}),
    );
    item.by_hand.push(match mode {
        "COMPLIANCE" => msg!("setup-lock-compliance", bucket = item.name.as_str(), days = days),
        _ => msg!("setup-lock-governance", bucket = item.name.as_str(), days = days),
    });
    if item.state == State::There {
        item.by_hand.push(msg!("setup-lock-older", bucket = item.name.as_str()));
    }
}

/// Whether AWS Config delivers to a bucket already, which it would not once its objects are locked.
fn config_delivers_to(site: &Site<'_>, bucket: &str) -> bool {
    let list = ("config:DescribeDeliveryChannels", "DeliveryChannels");
    let mut all = site.accounts.iter().flat_map(|account| site.found.entries(list, account, None).0);
    all.any(|one| text(one, "s3BucketName") == Some(bucket))
}

/// What a rule of a life cycle comes to.
struct Rule {
    is_on: bool,
    /// Whether it takes some objects only.
    is_partial: bool,
    /// The fewest days that it leaves anything.
    days: Option<u64>,
    is_dated: bool,
}

impl Rule {
    fn of(rule: &Value) -> Self {
        let (expiration, noncurrent) = (&rule["Expiration"], &rule["NoncurrentVersionExpiration"]);
        let days = [number(expiration, "Days"), number(noncurrent, "NoncurrentDays")];
        Self {
            is_on: text(rule, "Status") == Some("Enabled"),
            is_partial: text(rule, "Prefix").is_some() || has_any(&rule["Filter"]),
            days: days.into_iter().flatten().min(),
            is_dated: text(expiration, "Date").is_some(),
        }
    }
}

fn life_cycle(site: &Site<'_>, item: &mut Item, bucket: &Bucket) {
    const NAME: &str = "life_cycle";
    let days = site.wish.days();
    let value = match asked(site, item, "s3:GetBucketLifecycleConfiguration") {
        Seen::Unknown(why) => return item.cannot(NAME, why),
        Seen::Is(value) => value,
        Seen::Absent => &Value::Null,
    };
    // Whom the policy keeps from it, S3 would refuse.
    let is_guarded = match asked(site, item, "s3:GetBucketPolicy") {
        Seen::Is(policy) => policy::guards_life_cycle(policy),
        Seen::Absent | Seen::Unknown(_) => false,
    };
    let written = |item: &mut Item, outcome: Outcome, rules: Vec<Value>| match is_guarded {
        true if site.names.break_glass.is_none() => {
            item.cannot(NAME, msg!("setup-life-cycle-shut", bucket = bucket.name.as_str(), days = days));
        }
        true => item.cannot(NAME, msg!("setup-life-cycle-guarded", bucket = bucket.name.as_str(), days = days)),
        false => {
            item.says(NAME, outcome);
            let mut input = json!({"LifecycleConfiguration": {"Rule": rules}});
            // What S3 takes for too small to move is not among the rules, and is written anew with them.
            if let Some(size) = text(value, SMALLEST) {
                input[SMALLEST] = json!(size);
            }
            item.calls("s3:PutBucketLifecycleConfiguration", input);
        }
    };
    let there: Vec<&Value> = many(&value["Rule"]);
    let rules: Vec<(Rule, &Value)> = there.into_iter().map(|one| (Rule::of(one), one)).collect();
    let on = || rules.iter().filter(|(rule, _)| rule.is_on);
    let is_short = |rule: &Rule| rule.is_on && rule.days.is_some_and(|is| is < days || !site.wish.expire);
    let id = |one: &Value| text(one, "ID").unwrap_or_default().to_owned();
    // What takes some objects only may be about something that is no evidence, and a date is somebody's own.
    if let Some((_, one)) = on().find(|(rule, _)| rule.is_dated || rule.is_partial && is_short(rule)) {
        return item.cannot(NAME, msg!("setup-life-cycle-by-hand", rule = id(one), days = days));
    }
    if let Some((rule, one)) = on().find(|(rule, _)| is_short(rule)) {
        if !site.wish.expire {
            return item.cannot(NAME, msg!("setup-life-cycle-expires", rule = id(one), days = rule.days.unwrap_or(0)));
        }
        let outcome = Outcome::Change { from: format!("{}d", rule.days.unwrap_or(0)), to: format!("{days}d") };
        let longer = rules.iter().map(|(rule, one)| if is_short(rule) { longer(one, days) } else { (*one).clone() });
        return written(item, outcome, longer.collect());
    }
    match on().filter_map(|(rule, _)| rule.days).min() {
        Some(is) if is == days => item.says(NAME, right(&format!("{days}d"))),
        Some(is) => item.says(NAME, Outcome::Stricter(format!("{is}d"))),
        None if !site.wish.expire => item.says(NAME, right("no-expiry")),
        // Somebody else's bucket that keeps all for ever keeps it longer than anybody asks.
        None if bucket.state == State::There && !bucket.is_ours => {
            item.says(NAME, Outcome::Stricter("no-expiry".to_owned()));
        }
        None => {
            let mut all: Vec<Value> = rules.iter().map(|(_, one)| (*one).clone()).collect();
            all.push(json!({
                "ID": RULE, "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days},
                "NoncurrentVersionExpiration": {"NoncurrentDays": days},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNENDED},
            }));
            written(item, Outcome::Create(format!("{days}d")), all);
        }
    }
}

/// A rule with its days made longer, and all else as it is.
fn longer(rule: &Value, days: u64) -> Value {
    let mut rule = rule.clone();
    for (part, name) in [("Expiration", "Days"), ("NoncurrentVersionExpiration", "NoncurrentDays")] {
        if number(&rule[part], name).is_some_and(|is| is < days) {
            rule[part][name] = json!(days);
        }
    }
    rule
}

fn logging(site: &Site<'_>, item: &mut Item) {
    let is = match asked(site, item, "s3:GetBucketLogging") {
        Seen::Unknown(why) => return item.cannot("access_logs", why),
        Seen::Is(value) => text(&value["LoggingEnabled"], "TargetBucket"),
        Seen::Absent => None,
    };
    let target = &site.access_logs.name;
    match is {
        Some(is) if is == item.name => item.cannot("access_logs", msg!("setup-access-logs-itself")),
        Some(is) if is == target => item.says("access_logs", right(target)),
        Some(is) => item.says("access_logs", Outcome::Adopt(is.to_owned())),
        None => {
            item.says("access_logs", Outcome::Create(target.clone()));
            let prefix = format!("{}/", item.name);
            let enabled = json!({"TargetBucket": target, "TargetPrefix": prefix});
            let needs = Item::new(ACCESS_LOGS.name, target, (&item.account, &site.access_logs.region), State::New).id();
            item.calls("s3:PutBucketLogging", json!({"BucketLoggingStatus": {"LoggingEnabled": enabled}}))
                .after([needs]);
        }
    }
}

/// What the bucket is called that AWS Config delivers to.
pub(super) fn config_id(site: &Site<'_>) -> String {
    match &site.config {
        Some(own) => Item::new(CONFIG.name, &own.name, (site.account(), &own.region), State::New).id(),
        None => evidence_id(site),
    }
}

/// What the bucket of the replica is called in a plan.
pub(super) fn replica_id(site: &Site<'_>, own: &Bucket) -> String {
    Item::new(REPLICA.name, &own.name, (site.account(), &own.region), State::New).id()
}

/// What the bucket of evidence is called in a plan.
pub(super) fn evidence_id(site: &Site<'_>) -> String {
    let place = (site.account(), site.evidence.region.as_str());
    Item::new(EVIDENCE.name, &site.evidence.name, place, State::New).id()
}
