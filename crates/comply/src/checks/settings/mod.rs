//! Checks of settings: one resource at a time, within its estate, whatever told of it. A check is one file here and one word in
//! `CHECKS`; it knows no origin, only facts.

pub(super) mod cloudtrail_trail_goes_to_log_group;
pub(super) mod cloudtrail_trail_has_insights;
pub(super) mod cloudtrail_trail_is_encrypted;
pub(super) mod cloudtrail_trail_is_logging;
pub(super) mod cloudtrail_trail_is_multi_region;
pub(super) mod cloudtrail_trail_records_data_events;
pub(super) mod cloudtrail_trail_records_global_services;
pub(super) mod cloudtrail_trail_records_management_events;
pub(super) mod cloudtrail_trail_validates_files;
pub(super) mod config_recorder_delivers;
pub(super) mod config_recorder_is_on;
pub(super) mod config_recorder_records_all;
pub(super) mod eks_cluster_encrypts_secrets;
pub(super) mod eks_cluster_endpoint_is_limited;
pub(super) mod eks_cluster_logs_audit;
pub(super) mod falco_is_forwarded;
pub(super) mod falco_output_is_json;
pub(super) mod guardduty_detector_is_on;
pub(super) mod iam_administrators_are_few;
pub(super) mod iam_policy_does_not_escalate;
pub(super) mod iam_policy_guards_evidence;
pub(super) mod iam_policy_is_not_all;
pub(super) mod iam_role_trust_is_limited;
pub(super) mod iam_root_has_no_keys;
pub(super) mod iam_user_has_mfa;
pub(super) mod iam_user_is_in_use;
pub(super) mod iam_user_keys_are_young;
pub(super) mod k8s_audit_policy_records;
pub(super) mod k8s_role_is_limited;
pub(super) mod kms_key_is_usable;
pub(super) mod kms_key_policy_is_limited;
pub(super) mod kms_key_rotates;
pub(super) mod logs_group_is_encrypted;
pub(super) mod logs_group_is_kept_a_year;
pub(super) mod logs_subscription_passes_all;
pub(super) mod organization_denies_stopping_logs;
pub(super) mod organization_trail_records_all_accounts;
pub(super) mod plan_keeps_evidence;
pub(super) mod rds_database_audits;
pub(super) mod rds_database_exports_audit;
pub(super) mod rds_database_is_encrypted;
pub(super) mod rds_database_is_protected;
pub(super) mod s3_account_blocks_public_access;
pub(super) mod s3_bucket_access_is_logged;
pub(super) mod s3_bucket_can_take_access_logs;
pub(super) mod s3_evidence_bucket_access_is_listed;
pub(super) mod s3_evidence_bucket_blocks_public_access;
pub(super) mod s3_evidence_bucket_demands_tls;
pub(super) mod s3_evidence_bucket_denies_deletion;
pub(super) mod s3_evidence_bucket_has_mfa_delete;
pub(super) mod s3_evidence_bucket_is_encrypted_by_kms;
pub(super) mod s3_evidence_bucket_is_kept_a_year;
pub(super) mod s3_evidence_bucket_is_not_public;
pub(super) mod s3_evidence_bucket_is_versioned;
pub(super) mod s3_vault_bucket_keeps_objects;
pub(super) mod securityhub_hub_follows_fsbp;
pub(super) mod securityhub_hub_is_on;

use shoseki_messages::{Message, msg};

use super::{Check, Finding, Judged, Severity, Status};
use crate::settings::{Bucket, Condition, Database, Estate, Fact, Kind, LogGroup, Origin, Policy, Resource, Statement};

/// A resource that is judged, within its estate.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// All that was seen.
    pub estate: &'a Estate,
    /// What is judged.
    pub resource: &'a Resource,
    /// Which part of it: a finding names where that was seen.
    part: &'static str,
}

/// Judges an estate. A check that looks at nothing of it says nothing, and is not among what comes back.
pub fn judge<'a>(estate: &Estate, checks: &[&'a Check]) -> Vec<Judged<'a>> {
    let one = |check: &&'a Check| {
        let super::Looks::Settings { kinds, judge, .. } = &check.looks else { return None };
        let its = kinds.iter().flat_map(|kind| estate.of_kind(*kind));
        let of = |resource| {
            let found = judge(At { estate, resource, part: "" });
            found.into_iter().map(|finding| doubted(resource, finding))
        };
        let mut findings: Vec<Finding> = its.flat_map(of).collect();
        findings.extend(unseen(estate, check));
        findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
        (!findings.is_empty()).then_some(Judged { check, findings })
    };
    checks.iter().filter_map(one).collect()
}

/// What may not be there passes nothing.
fn doubted(resource: &Resource, finding: Finding) -> Finding {
    match (&resource.doubt, finding.status) {
        (Some(why), Status::Pass) => {
            let what = msg!("settings-perhaps-absent", why = vec![why.clone()]).within(MOST_SHOWN);
            Finding { status: Status::NoEvidence, is_to_review: false, what, ..finding }
        }
        _ => finding,
    }
}

/// What code delivers to that cannot be told is judged by no check of such a bucket or group: they say so.
fn unseen(estate: &Estate, check: &Check) -> Vec<Finding> {
    let is_of_buckets = check.id.starts_with("s3_evidence_");
    if !is_of_buckets && !check.id.starts_with("logs_group_") {
        return Vec::new();
    }
    let unknown = |resource: &Resource| {
        let (setting, target) = match (is_of_buckets, resource.trail(), resource.channel()) {
            (true, Some(trail), _) => ("S3BucketName", &trail.bucket),
            (true, _, Some(channel)) => ("S3BucketName", &channel.bucket),
            (false, Some(trail), _) => ("CloudWatchLogsLogGroupArn", &trail.log_group),
            _ => return None,
        };
        let at = At { estate, resource, part: "" };
        let is_of_code = matches!(resource.origin, Origin::File { .. });
        let why = target.get().err().filter(|_| is_of_code)?;
        Some(at.no_evidence(msg!("settings-delivers-unknown", setting = setting, why = vec![why.clone()])))
    };
    [Kind::Trail, Kind::Channel].into_iter().flat_map(|kind| estate.of_kind(kind)).filter_map(unknown).collect()
}

/// How long a text of code may be in what is said of it, in letters.
const MOST_SHOWN: usize = 500;

/// Who has policies: these themselves, and who is given those that AWS has written.
const HOLDERS: &[Kind] = &[Kind::IamPolicy, Kind::IamRole, Kind::IamUser];

/// A resource that another one needs: why it may not be there.
fn sure(found: &Resource) -> Result<&Resource, &Message> {
    found.doubt.as_ref().map_or(Ok(found), Err)
}

impl<'a> At<'a> {
    /// The same, of a part that was told apart: `versioning`.
    pub(in crate::checks) fn of(self, part: &'static str) -> Self {
        Self { part, ..self }
    }

    /// The bucket, where evidence is delivered to it.
    fn evidence_bucket(self) -> Option<&'a Bucket> {
        self.resource.bucket().filter(|_| !self.estate.delivers_to(self.resource).is_empty())
    }

    /// The bucket, where our own vault lies in it.
    fn vault_bucket(self) -> Option<&'a Bucket> {
        self.resource.bucket().filter(|_| self.estate.has_vault(self.resource))
    }

    /// The log group, where evidence is delivered to it, or its name says so.
    fn evidence_group(self) -> Option<&'a LogGroup> {
        let is_named = |group: &&LogGroup| {
            let name = group.name.known().map_or("", String::as_str);
            let is_of = ["/aws/eks/", "/aws/rds/", "/aws/cloudtrail", "aws-cloudtrail"];
            is_of.iter().any(|start| name.starts_with(start)) || name.contains("audit") || name.contains("cloudtrail")
        };
        let speaks = self.estate.speaks_to(self.resource).is_some();
        self.resource.log_group().filter(|group| speaks || is_named(group))
    }

    /// The database, where its settings are its own and not its cluster's.
    fn own_database(self) -> Option<&'a Database> {
        self.resource.database().filter(|database| !database.is_member)
    }

    /// Of a role or a user: whether it has one of these policies that AWS has written, which nobody judges by their text. Nothing of
    /// what is a policy itself. Which others it has, a plan does not know before it is applied: of these nothing is said.
    fn holds(self, policies: &[&str]) -> Option<Vec<Finding>> {
        let role = self.resource.iam_role().map(|role| &role.managed);
        let managed = role.or_else(|| self.resource.iam_user().map(|user| &user.managed))?;
        let held = |all: &Vec<String>| {
            let is_it = |one: &&String| {
                let name = one.strip_prefix("arn:").and_then(|arn| arn.split_once(":iam::aws:policy/"));
                name.is_some_and(|(_, name)| policies.contains(&name))
            };
            all.iter().find(is_it).cloned()
        };
        Some(match managed.get().map(|all| all.and_then(held)) {
            Ok(Some(policy)) => vec![self.fail(msg!("settings-holds", policy = policy))],
            Ok(None) | Err(_) => Vec::new(),
        })
    }

    /// The text of a policy of one's own, which is judged; or all that is to be said without one: whether a role or a user has one of
    /// these that AWS has written, and that a text cannot be read.
    fn written_policy(self, of_aws: &[&str]) -> Result<&'a Policy, Vec<Finding>> {
        if let Some(findings) = self.holds(of_aws) {
            return Err(findings);
        }
        let policy = self.resource.iam_policy().filter(|policy| !policy.is_of_aws).ok_or_else(Vec::new)?;
        match policy.document.get() {
            Err(why) => Err(vec![self.unknown("PolicyDocument", why)]),
            Ok(document) => document.ok_or_else(Vec::new),
        }
    }

    fn finding(self, status: Status, what: Message) -> Finding {
        let name = self.resource.name.as_str();
        let name = name.char_indices().nth(MOST_SHOWN).and_then(|(at, _)| name.get(..at)).unwrap_or(name);
        Finding::new(status, name, what.within(MOST_SHOWN)).seen_at(self.resource.origin_of(self.part))
    }

    fn pass(self, what: Message) -> Finding {
        self.finding(Status::Pass, what)
    }

    fn fail(self, what: Message) -> Finding {
        self.finding(Status::Fail, what)
    }

    fn no_evidence(self, what: Message) -> Finding {
        self.finding(Status::NoEvidence, what)
    }

    fn not_applicable(self, what: Message) -> Finding {
        self.finding(Status::NotApplicable, what)
    }

    /// A setting that is not known passes nothing.
    fn unknown(self, setting: &str, why: &Message) -> Finding {
        self.no_evidence(msg!("settings-unknown", setting = setting, why = vec![why.clone()]))
    }

    /// A setting that should be on; `default` is what the service does where it is not set.
    fn is(self, setting: &str, fact: &Fact<bool>, default: bool) -> Finding {
        let value = match fact.or(default) {
            Err(why) => return self.unknown(setting, why),
            Ok(value) => value,
        };
        let what = match fact.is_absent() {
            true => msg!("settings-not-set", setting = setting, value = value.to_string()),
            false => msg!("settings-is", setting = setting, value = value.to_string()),
        };
        if value { self.pass(what) } else { self.fail(what) }
    }

    /// A setting that should name something.
    fn is_set<T: ToString>(self, setting: &str, fact: &Fact<T>) -> Finding {
        match fact.get() {
            Err(why) => self.unknown(setting, why),
            Ok(None) => self.fail(msg!("settings-missing", setting = setting)),
            Ok(Some(value)) => self.pass(msg!("settings-is", setting = setting, value = value.to_string())),
        }
    }

    /// A policy that should have a denial; one with conditions is for a person to look at.
    fn has_deny(self, policy: &Fact<Policy>, is_it: impl Fn(&Statement) -> bool, yes: Message, no: Message) -> Finding {
        match policy.get() {
            Err(why) => self.unknown("Policy", why),
            Ok(None) => self.fail(msg!("settings-missing", setting = "Policy")),
            Ok(Some(policy)) => match (policy.denies().find(|statement| is_it(statement)), &policy.unknown) {
                // Whoever is exempt is named: that is a person's to look at, and no hole by itself.
                (Some(found), _) if found.is_not_principals || found.conditions.iter().any(Condition::exempts_some) => {
                    self.pass(yes).to_review()
                }
                (Some(_), _) => self.pass(yes),
                (None, Some(why)) => self.unknown("Policy", why),
                (None, None) => self.fail(no),
            },
        }
    }

    /// A policy that should let in nobody whom it does not name.
    fn is_not_public(self, policy: &Fact<Policy>) -> Finding {
        let is_open = |statement: &&Statement| {
            (statement.is_of_everybody() || statement.is_not_principals) && !statement.is_limited()
        };
        match policy.get() {
            Err(why) => self.unknown("Policy", why),
            Ok(None) => self.pass(msg!("settings-no-policy")),
            Ok(Some(policy)) => match (policy.allows().find(is_open), &policy.unknown) {
                (Some(open), _) => self.fail(msg!("settings-public", actions = open.actions.join(", "))),
                (None, Some(why)) => self.unknown("Policy", why),
                (None, None) => self.pass(msg!("settings-not-public")),
            },
        }
    }
}

#[cfg(test)]
mod tests;
