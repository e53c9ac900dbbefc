//! `evidence_key`: the key that encrypts evidence. Who administers it neither reads by it nor takes it away.

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::{Piece, is_elsewhere};
use crate::found::{Seen, is_on};
use crate::plan::{Item, Outcome, Plan, State, given};
use crate::policy::{self, Merged};
use crate::site::{KEY, Site};

pub(crate) const PIECE: Piece = Piece { name: "evidence_key", of };

fn item(site: &Site<'_>) -> Item {
    let name = if site.key.state == State::New { site.alias() } else { site.key.arn.clone() };
    // A key is used where the bucket is that it encrypts.
    let region = site.key.arn.split(':').nth(3).filter(|_| site.key.state != State::New);
    let region = region.unwrap_or(&site.evidence.region).to_owned();
    Item::new(PIECE.name, &name, (site.account(), &region), site.key.state)
}

/// What the key is called in a plan.
pub(super) fn id(site: &Site<'_>) -> String {
    item(site).id()
}

fn of(site: &Site<'_>, plan: &mut Plan) {
    // Whose bucket it is, his key it is: none is made for it, and that is said of the bucket.
    if site.key.state == State::New && site.evidence.state == State::Elsewhere {
        return;
    }
    let mut item = item(site);
    if is_elsewhere(&mut item, msg!("setup-key-elsewhere", key = site.key.arn.as_str())) {
        plan.items.push(item);
        return;
    }
    let config: &[String] = if site.takes_config || site.config.is_some() { &site.accounts } else { &[] };
    let wanted = policy::key(&site.names, &site.readers(), &site.deliver(), config);
    match site.key.state {
        State::New => create(site, &mut item, wanted),
        State::There | State::Elsewhere => adopt(site, &mut item, wanted),
    }
    plan.items.push(item);
}

fn create(site: &Site<'_>, item: &mut Item, wanted: Vec<Value>) {
    // One that could not be seen would be made a second time.
    if let (_, Some(why)) = site.found.lists("kms:ListAliases", site.account(), Some(&site.home)) {
        return item.cannot("key", why);
    }
    item.says("key", Outcome::Create("SYMMETRIC_DEFAULT".to_owned()));
    let input = json!({
        "Description": format!("Evidence of {}, kept by shoseki", site.wish.name),
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Policy": policy::document(wanted).to_string(),
    });
    item.calls("kms:CreateKey", input).needed().gives(KEY, "/KeyMetadata/Arn");
    let alias = site.alias();
    item.says("alias", Outcome::Create(alias.clone()));
    item.calls("kms:CreateAlias", json!({"AliasName": alias, "TargetKeyId": given(KEY)})).needed();
    item.says("rotation", Outcome::Create("true".to_owned()));
    item.calls("kms:EnableKeyRotation", json!({"KeyId": given(KEY)}));
}

fn adopt(site: &Site<'_>, item: &mut Item, wanted: Vec<Value>) {
    let arn = site.key.arn.clone();
    let there = if site.key.has_alias { Outcome::Right(site.alias()) } else { Outcome::Adopt(arn.clone()) };
    item.says("key", there);
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
