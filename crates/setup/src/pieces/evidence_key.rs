//! `evidence_key`, `replica_key`: the keys that encrypt evidence, and its replica. Who administers them neither reads by them nor takes
//! them away.

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::{Piece, eks_delivery, is_elsewhere, replication, trail_log_group};
use crate::found::{Seen, is_on};
use crate::passing;
use crate::plan::{Item, Outcome, Plan, State, given};
use crate::policy::{self, Merged};
use crate::site::{Key, Site};

pub(crate) const PIECE: Piece = Piece { name: "evidence_key", of };
pub(crate) const REPLICA: Piece = Piece { name: "replica_key", of: replica };

fn item(site: &Site<'_>, piece: &'static str, key: &Key) -> Item {
    Item::new(piece, &key.shown(), (site.account(), &key.region), key.state)
}

/// What the key is called in a plan.
pub(super) fn id(site: &Site<'_>) -> String {
    item(site, PIECE.name, &site.key).id()
}

/// What the key of the replica is called in a plan.
pub(super) fn replica_id(site: &Site<'_>, key: &Key) -> String {
    item(site, REPLICA.name, key).id()
}

fn of(site: &Site<'_>, plan: &mut Plan) {
    // Whose bucket it is, his key it is: none is made for it, and that is said of the bucket.
    if site.key.state == State::New && site.evidence.state == State::Elsewhere {
        return;
    }
    plan.items.push(looked_after(site, PIECE.name, &site.key, wanted(site)));
}

/// The policy of the key of evidence.
pub(super) fn wanted(site: &Site<'_>) -> Vec<Value> {
    let config: &[String] = if site.takes_config || site.config.is_some() { &site.accounts } else { &[] };
    let mut readers = site.readers();
    readers.extend(replication::reader(site));
    let mut all = policy::key(&site.names, &readers, &site.deliver(), config);
    all.extend(policy::key_elsewhere(&site.names, &site.readers_elsewhere()));
    let writers: Vec<String> = eks_delivery::writer(site).into_iter().collect();
    all.extend(passing::key_of_writers(&site.names, &writers));
    all.extend(trail_log_group::key_statement(site));
    all
}

fn replica(site: &Site<'_>, plan: &mut Plan) {
    let Some((_, key)) = site.own_replica() else { return };
    let mut wanted = policy::key(&site.names, &site.readers(), &[], &[]);
    wanted.extend(policy::key_elsewhere(&site.names, &site.readers_elsewhere()));
    wanted.extend(passing::key_of_writers(&site.names, &[site.role(replication::ROLE_NAME)]));
    plan.items.push(looked_after(site, REPLICA.name, key, wanted));
}

fn looked_after(site: &Site<'_>, piece: &'static str, key: &Key, wanted: Vec<Value>) -> Item {
    let mut item = item(site, piece, key);
    if is_elsewhere(&mut item, msg!("setup-key-elsewhere", key = key.arn.as_str())) {
        return item;
    }
    match key.state {
        State::New => create(site, &mut item, key, wanted),
        State::There | State::Elsewhere => adopt(site, &mut item, key, wanted),
    }
    item
}

fn create(site: &Site<'_>, item: &mut Item, key: &Key, wanted: Vec<Value>) {
    // One that could not be seen would be made a second time.
    if let (_, Some(why)) = site.found.lists("kms:ListAliases", site.account(), Some(&key.region)) {
        return item.cannot("key", why);
    }
    item.says("key", Outcome::Create("SYMMETRIC_DEFAULT".to_owned()));
    let input = json!({
        "Description": format!("Evidence of {}, kept by shoseki", site.wish.name),
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Policy": policy::document(wanted).to_string(),
    });
    item.calls("kms:CreateKey", input).needed().gives(key.given, "/KeyMetadata/Arn");
    item.says("alias", Outcome::Create(key.alias.clone()));
    let made = given(key.given);
    item.calls("kms:CreateAlias", json!({"AliasName": key.alias, "TargetKeyId": made})).needed();
    item.says("rotation", Outcome::Create("true".to_owned()));
    item.calls("kms:EnableKeyRotation", json!({"KeyId": made}));
}

fn adopt(site: &Site<'_>, item: &mut Item, key: &Key, wanted: Vec<Value>) {
    let arn = key.arn.clone();
    item.says("key", if key.has_alias { Outcome::Right(key.alias.clone()) } else { Outcome::Adopt(arn.clone()) });
    match site.found.about("kms:GetKeyRotationStatus", site.account(), &arn) {
        Seen::Unknown(why) => item.cannot("rotation", why),
        Seen::Absent => {}
        Seen::Is(value) if is_on(value, "KeyRotationEnabled") => {
            item.says("rotation", Outcome::Right("true".to_owned()));
        }
        Seen::Is(_) => {
            item.wants("rotation", Some("false"), "true");
            item.calls("kms:EnableKeyRotation", json!({"KeyId": arn}));
        }
    }
    let document = match site.found.about("kms:GetKeyPolicy", site.account(), &arn) {
        Seen::Unknown(why) => return item.cannot("policy", why),
        Seen::Absent => return item.cannot("policy", msg!("setup-policy-unreadable")),
        Seen::Is(value) => &value["Policy"],
    };
    match policy::merged(Some(document), wanted) {
        Merged::Right => item.says("policy", Outcome::Right("Shoseki*".to_owned())),
        Merged::Open(document, missing) => {
            item.says("policy", Outcome::Create(missing.join(", ")));
            let input = json!({"KeyId": arn, "PolicyName": "default", "Policy": document.to_string()});
            item.calls("kms:PutKeyPolicy", input).needed();
        }
        Merged::Unreadable => item.cannot("policy", msg!("setup-policy-unreadable")),
    }
}
