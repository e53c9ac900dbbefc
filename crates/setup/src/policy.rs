//! Policies: each document is made by one function here, statement by statement, and a statement is known by its `Sid`.
//!
//! What is there already is added to: a statement that does as much is left, one of ours that does less is widened, and all others stay.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::wish::VaultPlace;

/// What stands behind the name of a permission set in its role: sixteen digits, so that no set of a longer name is let in.
const SUFFIX: &str = "????????????????";

/// What begins the names of statements that are ours.
const OURS: &str = "Shoseki";

/// Whose names and places stand in policies.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: &'static str,
    /// The account of the evidence.
    pub(crate) account: String,
    /// The role that may delete what nobody else may, as an ARN. Where nobody is named who may take it there is none, and nobody is
    /// exempt: by a name alone, whoever makes roles could make it.
    pub(crate) break_glass: Option<String>,
}

/// A trail that delivers: the account that it is of, its ARN, the prefix before `AWSLogs`.
#[derive(Clone, Debug)]
pub(crate) struct Delivers {
    pub(crate) arn: String,
    pub(crate) prefix: String,
    /// The folder below `AWSLogs`: an account, or an organization with all of them.
    pub(crate) folders: Vec<String>,
}

impl Delivers {
    /// The folders of a bucket that it writes to: `AWSLogs/111122223333/`.
    pub(crate) fn places(&self) -> Vec<String> {
        let before = if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        self.folders.iter().map(|folder| format!("{before}AWSLogs/{folder}/")).collect()
    }
}

impl Names {
    /// A bucket as an ARN.
    pub(crate) fn bucket(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    /// A denial, of everybody but the role for emergencies where there is one.
    fn but_emergencies(&self, mut denial: Value) -> Value {
        if let Some(role) = &self.break_glass {
            denial["Condition"] = json!({"ArnNotLike": {"aws:PrincipalArn": [role]}});
        }
        denial
    }
}

/// What changes a life cycle.
const LIFE_CYCLE: &str = "s3:PutLifecycleConfiguration";

/// Nobody reaches the bucket without TLS.
fn tls_only(names: &Names, bucket: &str) -> Value {
    let arn = names.bucket(bucket);
    json!({"Sid": "ShosekiTlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")], "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}

/// Nobody deletes evidence, administrators included, but whoever takes the role for emergencies. A life cycle is S3's own and goes on.
fn no_deletion(names: &Names, bucket: &str) -> [Value; 3] {
    let arn = names.bucket(bucket);
    [
        json!({"Sid": "ShosekiKeepsObjects", "Effect": "Deny", "Principal": {"AWS": "*"},
            "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": format!("{arn}/*")}),
        json!({"Sid": "ShosekiKeepsBucket", "Effect": "Deny", "Principal": {"AWS": "*"},
            "Action": ["s3:DeleteBucket", "s3:DeleteBucketPolicy"], "Resource": arn}),
        // A shorter life cycle has S3 delete what nobody else may.
        json!({"Sid": "ShosekiKeepsLifeCycle", "Effect": "Deny", "Principal": {"AWS": "*"},
            "Action": LIFE_CYCLE, "Resource": arn}),
    ]
    .map(|denial| names.but_emergencies(denial))
}

/// CloudTrail writes files of these trails, and of no others.
pub(crate) fn trails(names: &Names, bucket: &str, trails: &[Delivers]) -> Vec<Value> {
    if trails.is_empty() {
        return Vec::new();
    }
    let (arn, service) = (names.bucket(bucket), json!({"Service": "cloudtrail.amazonaws.com"}));
    let sources: Vec<&str> = trails.iter().map(|trail| trail.arn.as_str()).collect();
    let of = |trail: &Delivers| trail.places().into_iter().map(|place| format!("{arn}/{place}*")).collect::<Vec<_>>();
    let mut places: Vec<String> = trails.iter().flat_map(of).collect();
    places.sort();
    places.dedup();
    vec![
        json!({"Sid": "ShosekiTrailAcl", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceArn": sources}}}),
        json!({"Sid": "ShosekiTrailWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": places,
            "Condition": {"StringEquals": {"aws:SourceArn": sources, "s3:x-amz-acl": "bucket-owner-full-control"}}}),
    ]
}

/// AWS Config writes items of these accounts, and of no others.
pub(crate) fn config(names: &Names, bucket: &str, accounts: &[String]) -> Vec<Value> {
    if accounts.is_empty() {
        return Vec::new();
    }
    let (arn, service) = (names.bucket(bucket), json!({"Service": "config.amazonaws.com"}));
    let places: Vec<String> = accounts.iter().map(|account| format!("{arn}/AWSLogs/{account}/Config/*")).collect();
    vec![
        json!({"Sid": "ShosekiConfigLooks", "Effect": "Allow", "Principal": service,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": accounts}}}),
        json!({"Sid": "ShosekiConfigWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": places,
            "Condition": {"StringEquals": {"aws:SourceAccount": accounts, "s3:x-amz-acl": "bucket-owner-full-control"}}}),
    ]
}

/// S3 writes the access logs of these buckets.
pub(crate) fn access_logs(names: &Names, bucket: &str, of: &[String]) -> Vec<Value> {
    let sources: Vec<String> = of.iter().map(|one| names.bucket(one)).collect();
    vec![json!({"Sid": "ShosekiAccessLogs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"], "Resource": format!("{}/*", names.bucket(bucket)),
        "Condition": {"ArnLike": {"aws:SourceArn": sources}, "StringEquals": {"aws:SourceAccount": names.account}}})]
}

/// What every bucket of evidence has beside whoever writes to it.
pub(crate) fn guards(names: &Names, bucket: &str) -> Vec<Value> {
    let mut all = vec![tls_only(names, bucket)];
    all.extend(no_deletion(names, bucket));
    all
}

/// Who administers a key cannot use it, and cannot take it away. Whoever reads is named, trails and AWS Config encrypt.
pub(crate) fn key(names: &Names, readers: &[String], trails: &[Delivers], config: &[String]) -> Vec<Value> {
    let root = json!({"AWS": format!("arn:{}:iam::{}:root", names.partition, names.account)});
    let mut all = vec![
        json!({"Sid": "ShosekiAdministers", "Effect": "Allow", "Principal": root, "Resource": "*", "Action": [
            "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:Enable*",
            "kms:Get*", "kms:List*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource",
            "kms:UntagResource", "kms:Update*"]}),
        names.but_emergencies(
            json!({"Sid": "ShosekiKeepsKey", "Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*",
            "Action": ["kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:ScheduleKeyDeletion"]}),
        ),
        json!({"Sid": "ShosekiReads", "Effect": "Allow", "Principal": root, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Condition": {"ArnLike": {"aws:PrincipalArn": readers}}}),
    ];
    if !trails.is_empty() {
        let service = json!({"Service": "cloudtrail.amazonaws.com"});
        let sources: Vec<&str> = trails.iter().map(|trail| trail.arn.as_str()).collect();
        // Without a condition on the context: digests are encrypted in the bucket's, log files in the trail's.
        all.push(json!({"Sid": "ShosekiTrailEncrypts", "Effect": "Allow", "Principal": service, "Resource": "*",
            "Action": "kms:GenerateDataKey*", "Condition": {"StringEquals": {"aws:SourceArn": sources}}}));
        all.push(json!({"Sid": "ShosekiTrailLooks", "Effect": "Allow", "Principal": service, "Resource": "*",
            "Action": "kms:DescribeKey", "Condition": {"StringEquals": {"aws:SourceArn": sources}}}));
    }
    if !config.is_empty() {
        all.push(
            json!({"Sid": "ShosekiConfigEncrypts", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
            "Resource": "*", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Condition": {"StringEquals": {"aws:SourceAccount": config}}}),
        );
    }
    all
}

/// Who is named of other accounts decrypts by a key. A principal that is gone would have KMS refuse the policy, so that accounts are
/// named, and who of them, by a condition.
pub(crate) fn key_elsewhere(names: &Names, readers: &[String]) -> Vec<Value> {
    let reads = |who: Value| {
        json!({"Sid": "ShosekiReadsElsewhere", "Effect": "Allow", "Principal": who, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:DescribeKey"], "Condition": {"ArnLike": {"aws:PrincipalArn": readers}}})
    };
    accounts_of(names, readers).map(reads).into_iter().collect()
}

/// Who is named of other accounts reads a bucket.
pub(crate) fn readers_elsewhere(names: &Names, bucket: &str, readers: &[String]) -> Vec<Value> {
    let Some(who) = accounts_of(names, readers) else { return Vec::new() };
    let (arn, only) = (names.bucket(bucket), json!({"ArnLike": {"aws:PrincipalArn": readers}}));
    vec![
        json!({"Sid": "ShosekiListsElsewhere", "Effect": "Allow", "Principal": who,
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": arn, "Condition": only}),
        json!({"Sid": "ShosekiReadsElsewhere", "Effect": "Allow", "Principal": who,
            "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": format!("{arn}/*"), "Condition": only}),
    ]
}

/// The accounts of these as principals; nothing where there is none.
fn accounts_of(names: &Names, who: &[String]) -> Option<Value> {
    let accounts: BTreeSet<&str> = who.iter().filter_map(|arn| arn.split(':').nth(4)).collect();
    let root = |account: &&str| format!("arn:{}:iam::{account}:root", names.partition);
    (!accounts.is_empty()).then(|| json!({"AWS": accounts.iter().map(root).collect::<Vec<_>>()}))
}

/// S3 tells a queue of new objects of one bucket, and nobody sends without TLS.
pub(crate) fn queue(names: &Names, queue: &str, bucket: &str) -> Vec<Value> {
    vec![
        json!({"Sid": "ShosekiTells", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": queue, "Condition": {
                "ArnLike": {"aws:SourceArn": names.bucket(bucket)}, "StringEquals": {"aws:SourceAccount": names.account}}}),
        json!({"Sid": "ShosekiTlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sqs:*", "Resource": queue,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ]
}

/// These may take a role, and only with a second factor.
pub(crate) fn trust_with_mfa(sid: &str, who: &[String]) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})
}

/// Who comes by a permission set of IAM Identity Center may take a role. AWS says nothing of a second factor there.
pub(crate) fn trust_of_sso(names: &Names, set: &str) -> Value {
    let of = |between: &str| {
        let (partition, account) = (names.partition, &names.account);
        format!(
            "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/{between}AWSReservedSSO_{set}_{SUFFIX}"
        )
    };
    json!({"Sid": "ShosekiAuditorsSso", "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:{}:iam::{}:root", names.partition, names.account)},
        "Condition": {"ArnLike": {"aws:PrincipalArn": [of(""), of("*/")]}}})
}

/// Pods of one service account of one cluster may take a role, by EKS Pod Identity.
pub(crate) fn trust_of_pods(account: &str, cluster: &str, (namespace, service): (&str, &str)) -> Value {
    json!({"Sid": "ShosekiPods", "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": {
            "ArnEquals": {"aws:SourceArn": cluster},
            "StringEquals": {"aws:SourceAccount": account, "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service}}})
}

/// The same by the token of the service account.
pub(crate) fn trust_of_web_identity(names: &Names, issuer: &str, (namespace, service): (&str, &str)) -> Value {
    let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", names.partition, names.account);
    json!({"Sid": "ShosekiServiceAccount", "Effect": "Allow", "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
            format!("{issuer}:aud"): "sts.amazonaws.com",
            format!("{issuer}:sub"): format!("system:serviceaccount:{namespace}:{service}")}}})
}

/// Objects of these buckets are read, and decrypted by these keys.
fn reads(names: &Names, buckets: &[String], keys: &[String]) -> Vec<Value> {
    let arns: Vec<String> = buckets.iter().map(|bucket| names.bucket(bucket)).collect();
    let objects: Vec<String> = arns.iter().map(|arn| format!("{arn}/*")).collect();
    let mut all = vec![
        json!({"Sid": "ShosekiLists", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": arns}),
        json!({"Sid": "ShosekiReads", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": objects}),
    ];
    if !keys.is_empty() {
        all.push(json!({"Sid": "ShosekiDecrypts", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys}));
    }
    all
}

/// What the collector does: it reads evidence, empties the queue, reads the log groups of clusters and databases, and asks for the keys
/// that prove digests.
pub(crate) fn rights_of_collector(
    names: &Names,
    buckets: &[String],
    keys: &[String],
    (queue, regions): (&str, &[&str]),
) -> Vec<Value> {
    let mut all = reads(names, buckets, keys);
    all.push(json!({"Sid": "ShosekiHears", "Effect": "Allow", "Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"],
        "Resource": queue}));
    all.extend(logs(names, regions));
    all.push(
        json!({"Sid": "ShosekiDigests", "Effect": "Allow", "Action": "cloudtrail:ListPublicKeys", "Resource": "*"}),
    );
    all
}

/// A vault in a bucket is read and added to, and nothing in it is deleted. Which key encrypts there is the bucket's affair: S3 alone may
/// use it, and only for these objects, or for the bucket itself, which is what S3 says to KMS where it has a bucket key.
pub(crate) fn vault(names: &Names, VaultPlace { bucket, prefix }: &VaultPlace) -> [Value; 3] {
    let arn = names.bucket(bucket);
    let objects = format!("{arn}/{prefix}*");
    let keys = format!("arn:{}:kms:*:{}:key/*", names.partition, names.account);
    [
        json!({"Sid": "ShosekiListsVault", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": arn}),
        json!({"Sid": "ShosekiWritesVault", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": objects}),
        json!({"Sid": "ShosekiEncryptsVault", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": keys, "Condition": {"StringLike": {
                "kms:EncryptionContext:aws:s3:arn": [arn, objects], "kms:ViaService": "s3.*.amazonaws.com*"}}}),
    ]
}

/// The log groups of clusters and databases in these regions are read. All that the collector needs of an account that keeps no evidence.
pub(crate) fn logs(names: &Names, regions: &[&str]) -> [Value; 2] {
    let (partition, account) = (names.partition, &names.account);
    let group = |name: &str| {
        let one = |region: &&str| format!("arn:{partition}:logs:{region}:{account}:log-group:{name}");
        regions.iter().map(one).collect::<Vec<_>>()
    };
    let of_both = [group("/aws/eks/*"), group("/aws/rds/*")].concat();
    [
        json!({"Sid": "ShosekiGroups", "Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": group("*")}),
        json!({"Sid": "ShosekiLogs", "Effect": "Allow", "Action": "logs:FilterLogEvents", "Resource": of_both}),
    ]
}

/// One role of another account may take a role, and says an external id.
pub(crate) fn trust_of_role(sid: &str, role: &str, external_id: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}}})
}

/// Roles of the same name are taken in these accounts: what a StackSet makes there trusts this role alone, and asks for an external id.
/// Nothing where there are none.
pub(crate) fn members(names: &Names, role: &str, accounts: &[String]) -> Option<Value> {
    let arn = |account: &String| format!("arn:{}:iam::{account}:role/{role}", names.partition);
    let roles: Vec<String> = accounts.iter().map(arn).collect();
    (!roles.is_empty())
        .then(|| json!({"Sid": "ShosekiMembers", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}))
}

/// What an auditor does: reads evidence, and looks at settings by these rights, none of which changes anything.
pub(crate) fn rights_of_auditor(
    names: &Names,
    buckets: &[String],
    keys: &[String],
    mut rights: Vec<String>,
) -> Vec<Value> {
    rights.extend(["cloudtrail:ListPublicKeys", "cloudtrail:LookupEvents"].map(str::to_owned));
    let mut all = reads(names, buckets, keys);
    all.push(looks(rights));
    all
}

/// Settings are looked at by these rights, none of which changes anything.
pub(crate) fn looks(mut rights: Vec<String>) -> Value {
    rights.sort();
    rights.dedup();
    json!({"Sid": "ShosekiLooks", "Effect": "Allow", "Action": rights, "Resource": "*"})
}

/// What an emergency needs that nobody may otherwise: to delete evidence of these buckets, and to end their keys.
pub(crate) fn rights_of_break_glass(names: &Names, buckets: &[String], keys: &[String]) -> Vec<Value> {
    let arns: Vec<String> = buckets.iter().map(|bucket| names.bucket(bucket)).collect();
    let objects: Vec<String> = arns.iter().map(|arn| format!("{arn}/*")).collect();
    let mut all = reads(names, buckets, keys);
    all.push(json!({"Sid": "ShosekiDeletes", "Effect": "Allow", "Resource": objects,
        "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]}));
    all.push(json!({"Sid": "ShosekiOpens", "Effect": "Allow", "Resource": arns,
        "Action": ["s3:DeleteBucketPolicy", "s3:GetLifecycleConfiguration", "s3:ListBucketVersions", "s3:PutBucketPolicy",
            LIFE_CYCLE]}));
    if !keys.is_empty() {
        all.push(json!({"Sid": "ShosekiEndsKey", "Effect": "Allow", "Resource": keys,
            "Action": ["kms:DescribeKey", "kms:DisableKey", "kms:ScheduleKeyDeletion"]}));
    }
    all
}

/// A document of statements.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What comes of a policy that is there and statements that should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Merged {
    /// All of them are there.
    Right,
    /// These are missing or others: the policy as it becomes, with their names.
    Open(Value, Vec<String>),
    /// What is there is no policy that can be read, so it is not replaced.
    Unreadable,
}

/// Puts statements into a policy that is there, as JSON or as its text. One that says the same under another name counts as there.
pub(crate) fn merged(there: Option<&Value>, wanted: Vec<Value>) -> Merged {
    let there = match there {
        None => document(Vec::new()),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => return Merged::Unreadable,
        },
        Some(value) => value.clone(),
    };
    let Value::Object(mut policy) = there else { return Merged::Unreadable };
    let mut statements: Vec<Value> = match policy.remove("Statement") {
        Some(Value::Array(all)) => all,
        Some(one @ Value::Object(_)) => vec![one],
        None => Vec::new(),
        Some(_) => return Merged::Unreadable,
    };
    let mut missing = Vec::new();
    for want in wanted {
        if statements.iter().any(|one| covers(one, &want)) {
            continue;
        }
        let sid = want["Sid"].as_str().unwrap_or_default().to_owned();
        match statements.iter_mut().find(|one| sid.starts_with(OURS) && one["Sid"] == sid.as_str()) {
            Some(place) => *place = joined(place, &want),
            None => statements.push(want),
        }
        missing.push(sid);
    }
    if missing.is_empty() {
        return Merged::Right;
    }
    policy.insert("Statement".to_owned(), Value::Array(statements));
    policy.entry("Version").or_insert_with(|| json!("2012-10-17"));
    Merged::Open(Value::Object(policy), missing)
}

/// What of a statement names what it is about: lists of which one is enough.
const LISTS: [&str; 2] = ["Action", "Resource"];

/// Whether a statement does at least what another should: allows it to as many, or denies it to as many.
fn covers(one: &Value, want: &Value) -> bool {
    let (is, should) = (Parts::of(one), Parts::of(want));
    let has_all = LISTS.iter().all(|name| should.list(name).is_subset(&is.list(name)));
    if is.effect != should.effect || is.principal != should.principal || !has_all {
        return false;
    }
    match should.effect.as_str() {
        // A denial that exempts fewer is stricter.
        "Deny" => is.conditions.iter().all(|(key, values)| {
            let theirs = should.conditions.get(key);
            theirs.is_some_and(|theirs| values.is_subset(theirs))
        }),
        // An allowance that names more sources still serves these; one that asks for more, or for less, is another.
        _ => {
            is.conditions.len() == should.conditions.len()
                && should
                    .conditions
                    .iter()
                    .all(|(key, values)| is.conditions.get(key).is_some_and(|theirs| values.is_subset(theirs)))
        }
    }
}

/// A document, of JSON or of its text.
fn statements(there: &Value) -> Vec<Value> {
    let parsed = there.as_str().and_then(|text| serde_json::from_str(text).ok());
    let document: &Value = parsed.as_ref().unwrap_or(there);
    match &document["Statement"] {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// What a statement is called where a person looks for it.
fn called(statement: &Value) -> String {
    statement["Sid"].as_str().map_or_else(|| statement["Principal"].to_string(), str::to_owned)
}

/// The statements that allow more than any of these does.
pub(crate) fn beyond(there: &Value, wanted: &[Value]) -> Vec<String> {
    let within = |one: &Value, want: &Value| {
        let (is, should) = (Parts::of(one), Parts::of(want));
        is.effect == should.effect
            && is.principal.is_subset(&should.principal)
            && LISTS.iter().all(|name| is.list(name).is_subset(&should.list(name)))
            && should.conditions.iter().all(|(key, values)| {
                is.conditions.get(key).is_some_and(|theirs| !theirs.is_empty() && theirs.is_subset(values))
            })
    };
    let all = statements(there).into_iter();
    let more = all.filter(|one| one["Effect"] != "Deny" && !wanted.iter().any(|want| within(one, want)));
    more.map(|one| called(&one)).collect()
}

/// Whether a bucket's policy denies that its life cycle is changed, but perhaps to some.
pub(crate) fn guards_life_cycle(there: &Value) -> bool {
    let denies = |one: &Value| one["Effect"] == "Deny" && Parts::of(one).list("Action").contains(LIFE_CYCLE);
    statements(there).iter().any(denies)
}

/// The statements of ours that deny to everybody, with nobody exempt: the role for emergencies has no use against them.
pub(crate) fn exempts_nobody(there: &Value) -> Vec<String> {
    let is_whole = |one: &Value| {
        let is = Parts::of(one);
        is.effect == "Deny" && is.conditions.is_empty() && called(one).starts_with(OURS)
    };
    statements(there).iter().filter(|one| is_whole(one)).map(called).collect()
}

/// The statements by which others than the account itself, and these trails and folders, may write to a bucket.
pub(crate) fn other_writers(there: &Value, account: &str, trails: &[Delivers], folders: &[String]) -> Vec<String> {
    let writes = |action: &String| {
        let action = action.to_ascii_lowercase();
        action == "*" || action.starts_with("s3:*") || action.starts_with("s3:p")
    };
    let sources: BTreeSet<String> = trails.iter().map(|trail| trail.arn.clone()).collect();
    let is_known = |is: &Parts, principal: &String| match principal.split_once(' ') {
        Some(("AWS", who)) => who == account || who.split(':').nth(4) == Some(account),
        Some(("Service", "cloudtrail.amazonaws.com" | "config.amazonaws.com")) => {
            let named = is.conditions.iter().find(|((_, key), _)| key.eq_ignore_ascii_case("aws:SourceArn"));
            let is_in = |place: &String| folders.iter().any(|one| place.contains(&format!("AWSLogs/{one}/")));
            named.is_some_and(|(_, values)| values.is_subset(&sources)) || is.list("Resource").iter().all(is_in)
        }
        _ => false,
    };
    let others = |one: &Value| {
        let is = Parts::of(one);
        let is_write = one.get("NotAction").is_some() || is.list("Action").iter().any(writes);
        let is_all_known = is.effect == "Allow" && is.principal.iter().all(|who| is_known(&is, who));
        one["Effect"] != "Deny" && is_write && !is_all_known
    };
    statements(there).iter().filter(|one| others(one)).map(called).collect()
}

/// A statement of ours as it becomes: what it names beside stays named, for another run may have asked for it.
fn joined(there: &Value, want: &Value) -> Value {
    let (is, should) = (Parts::of(there), Parts::of(want));
    let mut statement = want.clone();
    if is.effect != should.effect || is.principal != should.principal {
        return statement;
    }
    for name in LISTS {
        statement[name] = json!(is.list(name).union(&should.list(name)).collect::<Vec<_>>());
    }
    if should.effect == "Allow" {
        for ((operator, key), values) in &should.conditions {
            if let Some(theirs) = is.conditions.get(&(operator.clone(), key.clone())) {
                statement["Condition"][operator][key] = json!(theirs.union(values).collect::<Vec<_>>());
            }
        }
    }
    statement
}

/// A statement with its lists as sets: AWS gives back what it took in other orders, and one of a list as a text.
struct Parts {
    effect: String,
    principal: BTreeSet<String>,
    lists: BTreeMap<&'static str, BTreeSet<String>>,
    conditions: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Parts {
    fn of(statement: &Value) -> Self {
        let mut principal = BTreeSet::new();
        match &statement["Principal"] {
            // `*` and `{"AWS": "*"}` are the same.
            Value::String(all) => principal.extend([format!("AWS {all}")]),
            Value::Object(kinds) => {
                let named = |(kind, names): (&String, &Value)| {
                    texts(names).into_iter().map(move |name| format!("{kind} {name}")).collect::<Vec<_>>()
                };
                principal.extend(kinds.iter().flat_map(named));
            }
            _ => {}
        }
        let mut conditions = BTreeMap::new();
        for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                conditions.insert((operator.clone(), key.clone()), texts(values));
            }
        }
        // What is about all but some is another statement, whatever it names.
        let others = ["NotAction", "NotResource", "NotPrincipal"].iter().any(|name| statement.get(*name).is_some());
        let effect = if others { String::new() } else { statement["Effect"].as_str().unwrap_or_default().to_owned() };
        let lists = LISTS.iter().map(|name| (*name, texts(&statement[*name]))).collect();
        Self { effect, principal, lists, conditions }
    }

    fn list(&self, name: &str) -> BTreeSet<String> {
        self.lists.get(name).cloned().unwrap_or_default()
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(all) => all.iter().map(text).collect(),
        Value::Null => BTreeSet::new(),
        one => BTreeSet::from([text(one)]),
    }
}
