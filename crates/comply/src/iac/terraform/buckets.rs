//! Buckets of Terraform, whose settings are resources of their own; and the old form, in which they stood within the bucket.

use crate::iac::seen::{Place, Seen};
use crate::settings::{
    AccountPublicAccess, Bucket, Encryption, Fact, LifecycleRule, Lock, Policy, PublicAccess, Value,
};

pub(super) fn bucket(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("bucket").to_text();
    let versions = values.at("versioning");
    let bucket = Bucket {
        name: name.clone(),
        is_versioned: versions.at("enabled").is(),
        has_mfa_delete: versions.at("mfa_delete").is(),
        encryption: encrypts(values.at("server_side_encryption_configuration").at("rule")),
        public_access: Fact::Absent,
        logs_to: values.at("logging").at("target_bucket").to_target(),
        lifecycle: rules(values.at("lifecycle_rule")),
        policy: Policy::of(values.at("policy")),
        lock: locks(values.at("object_lock_configuration").at("rule")),
        replicates_to: replicates(values.at("replication_configuration").at("rules")),
        acl: granted(values, values.at("grant")),
    };
    seen.resource(at, &name, bucket);
}

fn part(at: &Place<'_>, values: &Value, part: &'static str, bucket: Bucket, seen: &mut Seen) {
    seen.piece(at, values.at("bucket").to_target(), part, bucket);
}

/// The canned ACL, or what grants come to: whether one is to everybody.
fn granted(values: &Value, grants: &Value) -> Fact<String> {
    if let Some(why) = grants.unknown() {
        return Fact::Unknown(why);
    }
    if grants.entries().is_empty() {
        return values.at("acl").to_word();
    }
    let mut acl = Fact::Known("private".to_owned());
    for grant in grants.entries() {
        let uri = match grant.at("grantee") {
            Value::Null => grant.at("uri"), // the form within the bucket
            grantee => grantee.at("uri"),
        };
        match uri.to_text() {
            Fact::Known(uri) if uri.ends_with("/AllUsers") => return Fact::Known("public-read".to_owned()),
            Fact::Known(uri) if uri.ends_with("/AuthenticatedUsers") => {
                acl = Fact::Known("authenticated-read".to_owned())
            }
            Fact::Unknown(why) if acl.known().is_some_and(|acl| acl == "private") => acl = Fact::Unknown(why),
            _ => (),
        }
    }
    acl
}

pub(super) fn acl(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(
        at,
        values,
        "acl",
        Bucket { acl: granted(values, values.at("access_control_policy").at("grant")), ..Bucket::default() },
        seen,
    );
}

pub(super) fn versioning(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let said = values.at("versioning_configuration");
    let (is_versioned, has_mfa_delete) =
        (said.at("status").is_word("Enabled"), said.at("mfa_delete").is_word("Enabled"));
    part(at, values, "versioning", Bucket { is_versioned, has_mfa_delete, ..Bucket::default() }, seen);
}

pub(super) fn encryption(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "encryption", Bucket { encryption: encrypts(values.at("rule")), ..Bucket::default() }, seen);
}

fn encrypts(rule: &Value) -> Fact<Encryption> {
    rule.list().map(|_| {
        let said = rule.at("apply_server_side_encryption_by_default");
        Encryption { algorithm: said.at("sse_algorithm").to_word(), key: said.at("kms_master_key_id").to_target() }
    })
}

fn access(values: &Value) -> PublicAccess {
    PublicAccess {
        blocks_acls: values.at("block_public_acls").is(),
        ignores_acls: values.at("ignore_public_acls").is(),
        blocks_policy: values.at("block_public_policy").is(),
        restricts: values.at("restrict_public_buckets").is(),
    }
}

pub(super) fn public_access(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let public_access = Fact::Known(access(values));
    part(at, values, "public_access", Bucket { public_access, ..Bucket::default() }, seen);
}

pub(super) fn account_public_access(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    seen.resource(at, &Fact::Absent, AccountPublicAccess { access: access(values) });
}

pub(super) fn logging(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "logging", Bucket { logs_to: values.at("target_bucket").to_target(), ..Bucket::default() }, seen);
}

pub(super) fn lifecycle(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "lifecycle", Bucket { lifecycle: rules(values.at("rule")), ..Bucket::default() }, seen);
}

fn rules(value: &Value) -> Fact<Vec<LifecycleRule>> {
    value.list().map(|all| all.iter().map(rule).collect())
}

fn rule(value: &Value) -> LifecycleRule {
    let (expiration, noncurrent) = (value.at("expiration"), value.at("noncurrent_version_expiration"));
    // The old form has `enabled`, the new one `status`.
    let is_enabled = match value.at("status").is_null() {
        true => value.at("enabled").is(),
        false => value.at("status").is_word("Enabled"),
    };
    LifecycleRule {
        id: value.at("id").to_text(),
        is_enabled,
        is_partial: ["prefix", "filter", "tags"].into_iter().any(|name| !is_empty(value.at(name))),
        expires: positive(expiration.at("days").to_number()),
        expires_on: expiration.at("date").to_text(),
        noncurrent_expires: positive(noncurrent.any(&["noncurrent_days", "days"]).to_number()),
        archives: LifecycleRule::archive([value.at("transition")], "storage_class"),
    }
}

/// Whether nothing is set in it: a plan has every name of a block, without values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(all) => all.iter().all(is_empty),
        Value::Map(all) => all.values().all(is_empty),
        _ => false,
    }
}

/// Zero days are none: a plan says so where nothing is set.
fn positive(days: Fact<u64>) -> Fact<u64> {
    if days == Fact::Known(0) { Fact::Absent } else { days }
}

pub(super) fn policy(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "policy", Bucket { policy: Policy::of(values.at("policy")), ..Bucket::default() }, seen);
}

pub(super) fn lock(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "lock", Bucket { lock: locks(values.at("rule")), ..Bucket::default() }, seen);
}

fn locks(rule: &Value) -> Fact<Lock> {
    rule.list().map(|_| {
        let said = rule.at("default_retention");
        let years = said.at("years").to_number().map(|years| years.saturating_mul(365));
        let days = positive(said.at("days").to_number());
        Lock { mode: said.at("mode").to_word(), days: if days.is_absent() { positive(years) } else { days } }
    })
}

pub(super) fn replication(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    part(at, values, "replication", Bucket { replicates_to: replicates(values.at("rule")), ..Bucket::default() }, seen);
}

fn replicates(rules: &Value) -> Fact<Vec<crate::settings::Target>> {
    rules.list().map(|all| {
        all.iter().filter_map(|rule| rule.at("destination").at("bucket").to_target().known().cloned()).collect()
    })
}
