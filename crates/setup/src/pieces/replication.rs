//! `replication_role`, `evidence_replication`: S3 writes all evidence to a bucket in another region, too. Deletions do not go there: what
//! somebody deletes in the one is in the other still.

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::{Piece, buckets, evidence_key, roles, seen};
use crate::found::{Seen, many, number, text};
use crate::passing::{self, Store};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::{Bucket, Key, Replica, Site, replicates_all};

pub(crate) const ROLE: Piece = Piece { name: "replication_role", of: role };
pub(crate) const PIECE: Piece = Piece { name: "evidence_replication", of };

/// What stands behind the name of all that is made, of the role.
pub(super) const ROLE_NAME: &str = "replication";
/// The name of our rule.
const RULE: &str = "shoseki-replication";

/// Who reads evidence for it, where it is replicated to a bucket of ours.
pub(super) fn reader(site: &Site<'_>) -> Option<String> {
    site.own_replica().map(|_| site.role(ROLE_NAME))
}

fn role(site: &Site<'_>, plan: &mut Plan) {
    let Some((bucket, key)) = site.own_replica() else { return };
    let from = Store { bucket: &site.evidence.name, key: &site.key.arn, region: &site.evidence.region };
    let to = Store { bucket: &bucket.name, key: &key.arn, region: &bucket.region };
    let limit = json!({"StringEquals": {"aws:SourceAccount": site.account()}});
    plan.items.push(roles::role(
        site,
        ROLE.name,
        roles::Role {
            name: ROLE_NAME,
            trust: vec![passing::trust_of_service("ShosekiReplication", "s3.amazonaws.com", limit)],
            rights: passing::rights_of_replication(&site.names, &from, &to),
            needs: roles::needs(site),
            by_hand: Vec::new(),
        },
    ));
}

fn of(site: &Site<'_>, plan: &mut Plan) {
    let Some(replica) = &site.replica else { return };
    let place = (site.account(), site.evidence.region.as_str());
    let mut item = Item::new(PIECE.name, &site.evidence.name, place, site.evidence.state);
    match replica {
        Replica::Adopted(to) => item.says("replication", Outcome::Adopt(to.clone())),
        // A bucket that is adopted may be where the other was to be.
        Replica::Own(bucket, _) if bucket.region == site.evidence.region => {
            item.cannot("replication", msg!("setup-replica-here", region = bucket.region.as_str()));
        }
        Replica::Own(bucket, key) => replicated(site, &mut item, (bucket, key)),
    }
    plan.items.push(item);
}

fn replicated(site: &Site<'_>, item: &mut Item, (bucket, key): (&Bucket, &Key)) {
    let there = match seen(item, site.found.about("s3:GetBucketReplication", &item.account, &item.name)) {
        Seen::Unknown(why) => return item.cannot("replication", why),
        Seen::Is(value) => value,
        Seen::Absent => &Value::Null,
    };
    let (target, role) = (site.names.bucket(&bucket.name), site.role(ROLE_NAME));
    let rules = many(&there["Rule"]);
    let (ours, others): (Vec<&Value>, Vec<&Value>) = rules.into_iter().partition(|rule| text(rule, "ID") == Some(RULE));
    let is_deletion =
        |rule: &Value| text(&rule["DeleteMarkerReplication"], "Status").is_some_and(|status| status != "Disabled");
    let is_right = |rule: &&Value| {
        replicates_all(rule) && !is_deletion(rule) && text(&rule["Destination"], "Bucket") == Some(target.as_str())
    };
    let its_role = text(there, "Role");
    if ours.iter().any(is_right) && its_role == Some(role.as_str()) {
        return item.says("replication", Outcome::Right(target));
    }
    // One role does all rules of a bucket, and what is old has no place for ours.
    if let Some(other) = its_role.filter(|other| !others.is_empty() && *other != role) {
        return item.cannot("replication", msg!("setup-replication-role", bucket = item.name.as_str(), role = other));
    }
    if others.iter().any(|rule| rule.get("Filter").is_none()) {
        return item.cannot("replication", msg!("setup-replication-old", bucket = item.name.as_str()));
    }
    let outcome = match ours.first() {
        Some(rule) => {
            let from = text(&rule["Destination"], "Bucket").unwrap_or_default();
            let status = text(rule, "Status").unwrap_or_default();
            Outcome::Change { from: format!("{from} {status}"), to: target.clone() }
        }
        None => Outcome::Create(target.clone()),
    };
    item.says("replication", outcome);
    let priority = others.iter().filter_map(|rule| number(rule, "Priority")).max().map_or(1, |most| most + 1);
    let mut all: Vec<Value> = others.into_iter().cloned().collect();
    all.push(json!({
        "ID": RULE, "Priority": priority, "Status": "Enabled", "Filter": {"Prefix": ""},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": target, "EncryptionConfiguration": {"ReplicaKmsKeyID": key.arn}},
    }));
    let mut needs = vec![buckets::evidence_id(site), buckets::replica_id(site, bucket)];
    needs.extend([evidence_key::replica_id(site, key), roles::id(site, ROLE.name, ROLE_NAME)]);
    let input = json!({"ReplicationConfiguration": {"Role": role, "Rule": all}});
    item.calls("s3:PutBucketReplication", input).after(needs);
    if item.state == State::There {
        item.by_hand.push(msg!("setup-replication-older", bucket = item.name.as_str()));
    }
}
