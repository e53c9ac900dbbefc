//! Buckets, by the answers about each of their settings, and by an item of AWS Config with all of them.

use shoseki_messages::msg;

use super::answers::Answers;
use super::read::plain;
use crate::settings::{
    Bucket, Encryption, Fact, LifecycleRule, Lock, Origin, Policy, PublicAccess, Resource, Target, Value,
};

/// What a group of S3's lists of rights may be called at its end, and what such a list is called as a whole.
const GROUPS: [(&str, &str); 3] = [
    ("/AllUsers", "public-read"),
    ("/AuthenticatedUsers", "authenticated-read"),
    ("/LogDelivery", "log-delivery-write"),
];

/// A bucket by what was answered about it.
pub(super) fn of_answers(answers: &Answers<'_>, account: &str, name: &str, listed: &Origin) -> Resource {
    let mut parts = Vec::new();
    let mut ask = |call: &str, part: &'static str| {
        let (said, origin) = answers.about(call, account, name);
        parts.extend(origin.map(|origin| (part, origin)));
        said
    };
    let versions = ask("s3:GetBucketVersioning", "versioning");
    let word =
        |versions: Fact<Value>, name: &str, word: &str| versions.and_then(|value| plain(&value).at(name).is_word(word));
    let bucket = Bucket {
        name: Fact::Known(name.to_owned()),
        is_versioned: word(versions.clone(), "status", "Enabled"),
        has_mfa_delete: word(versions, "mfadelete", "Enabled"),
        encryption: ask("s3:GetBucketEncryption", "encryption").and_then(|value| encryption(plain(&value).at("rule"))),
        public_access: ask("s3:GetPublicAccessBlock", "public_access").map(|value| public_access(&plain(&value))),
        logs_to: ask("s3:GetBucketLogging", "logging")
            .and_then(|value| plain(&value).at("loggingenabled").at("targetbucket").to_target()),
        lifecycle: ask("s3:GetBucketLifecycleConfiguration", "lifecycle")
            .and_then(|value| rules(plain(&value).at("rule"))),
        policy: ask("s3:GetBucketPolicy", "policy").and_then(|value| Policy::of(&value)),
        lock: ask("s3:GetObjectLockConfiguration", "lock").and_then(|value| lock(&plain(&value))),
        replicates_to: ask("s3:GetBucketReplication", "replication")
            .and_then(|value| replication(plain(&value).at("rule"))),
        acl: ask("s3:GetBucketAcl", "acl").map(|value| acl(&plain(&value))),
    };
    let mut resource = Resource::new(format!("arn:aws:s3:::{name}"), listed.clone(), bucket);
    resource.called.push(name.to_owned());
    resource.parts = parts;
    resource
}

/// A bucket by its item. What the item does not have is not set; the right lists stand in a text of their own, which is not read.
pub(super) fn of_item(name: &str, supplementary: &Value) -> Bucket {
    let all = plain(supplementary);
    let versions = all.at("bucketversioningconfiguration");
    Bucket {
        name: Fact::Known(name.to_owned()),
        is_versioned: versions.at("status").is_word("Enabled"),
        has_mfa_delete: versions.at("ismfadeleteenabled").is(),
        encryption: encryption(all.at("serversideencryptionconfiguration").at("rules")),
        public_access: match all.at("publicaccessblockconfiguration") {
            Value::Null => Fact::Absent,
            value => Fact::Known(public_access(value)),
        },
        logs_to: all.at("bucketloggingconfiguration").at("destinationbucketname").to_target(),
        lifecycle: rules(all.at("bucketlifecycleconfiguration").at("rules")),
        policy: Policy::of(supplementary.at("BucketPolicy").at("policyText")),
        lock: lock(all.at("objectlockconfiguration")),
        replicates_to: replication(all.at("bucketreplicationconfiguration").at("rules")),
        acl: Fact::Unknown(msg!("settings-not-recorded", what = "s3:GetBucketAcl")),
    }
}

fn encryption(rules: &Value) -> Fact<Encryption> {
    rules.list().map(|_| {
        let said = rules.at("applyserversideencryptionbydefault");
        Encryption { algorithm: said.at("ssealgorithm").to_text(), key: said.at("kmsmasterkeyid").to_target() }
    })
}

pub(super) fn public_access(value: &Value) -> PublicAccess {
    PublicAccess {
        blocks_acls: value.at("blockpublicacls").is(),
        ignores_acls: value.at("ignorepublicacls").is(),
        blocks_policy: value.at("blockpublicpolicy").is(),
        restricts: value.at("restrictpublicbuckets").is(),
    }
}

fn rules(value: &Value) -> Fact<Vec<LifecycleRule>> {
    value.list().map(|all| all.iter().map(rule).collect())
}

fn rule(value: &Value) -> LifecycleRule {
    let (expiration, noncurrent) = (value.at("expiration"), value.at("noncurrentversionexpiration"));
    // AWS Config has -1 where nothing is set.
    let days = |value: &Value| match value {
        Value::Number(number) if *number < 0.0 => Fact::Absent,
        value => value.to_number(),
    };
    let first = |one: Fact<u64>, other: &str| if one.is_absent() { days(value.at(other)) } else { one };
    let on = expiration.at("date").to_text();
    LifecycleRule {
        id: value.at("id").to_text(),
        is_enabled: value.at("status").is_word("Enabled"),
        // A filter that has anything in it takes some objects only; S3 gives an empty one where it takes all.
        is_partial: !value.at("prefix").is_null() || has_any(value.at("filter")),
        expires: first(days(expiration.at("days")), "expirationindays"),
        expires_on: if on.is_absent() { value.at("expirationdate").to_text() } else { on },
        noncurrent_expires: first(days(noncurrent.at("noncurrentdays")), "noncurrentversionexpirationindays"),
        // S3 calls one so and several too; AWS Config has a list.
        archives: LifecycleRule::archive(["transition", "transitions"].map(|name| value.at(name)), "storageclass"),
    }
}

/// Whether anything in it is set; the word for its kind (`LifecyclePrefixPredicate`) sets nothing.
fn has_any(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::List(all) => all.iter().any(has_any),
        Value::Map(all) => all.iter().any(|(name, value)| name != "type" && has_any(value)),
        _ => true,
    }
}

fn lock(value: &Value) -> Fact<Lock> {
    let said = value.at("rule").at("defaultretention");
    if said.is_null() {
        return Fact::Absent;
    }
    let days = said.at("days").to_number();
    let years = said.at("years").to_number().map(|years| years.saturating_mul(365));
    Fact::Known(Lock { mode: said.at("mode").to_text(), days: if days.is_absent() { years } else { days } })
}

/// Where it is replicated to. AWS Config has its rules by their names.
fn replication(rules: &Value) -> Fact<Vec<Target>> {
    let by_name =
        |value: &Value| matches!(value, Value::Map(all) if all.values().all(|one| matches!(one, Value::Map(_))));
    let all: Vec<&Value> = match rules {
        Value::Map(all) if by_name(rules) && !all.contains_key("destination") => all.values().collect(),
        other => other.entries().iter().collect(),
    };
    let on = all.into_iter().filter(|rule| rule.at("status").is_word("Enabled") == Fact::Known(true));
    let bucket = |rule: &Value| {
        let target = rule.at("destination").at("bucket").to_target();
        if target.is_absent() { rule.at("destinationconfig").at("bucketarn").to_target() } else { target }
    };
    let targets: Vec<Target> = on.filter_map(|rule| bucket(rule).known().cloned()).collect();
    if targets.is_empty() { Fact::Absent } else { Fact::Known(targets) }
}

/// A list of rights as the canned one that says as much of everybody.
fn acl(value: &Value) -> String {
    let grants = value.at("accesscontrollist").at("grant").entries();
    let has = |end: &str| {
        grants.iter().any(|one| one.at("grantee").at("uri").to_text().known().is_some_and(|uri| uri.ends_with(end)))
    };
    GROUPS.iter().find(|(end, _)| has(end)).map_or("private", |(_, acl)| *acl).to_owned()
}
