//! `collector_role`, `auditor_role`, `break_glass_role`: who reads evidence, who looks at it, and who may delete it in an emergency.
//! A role is made where somebody is named who may take it, and not otherwise.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use shoseki_messages::{Message, msg};

use super::{Piece, evidence_key};
use crate::found::{Seen, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::policy::{self, Merged};
use crate::site::Site;
use crate::wish::By;

pub(crate) const COLLECTOR: Piece = Piece { name: "collector_role", of: collector };
pub(crate) const AUDITOR: Piece = Piece { name: "auditor_role", of: auditor };
pub(crate) const BREAK_GLASS: Piece = Piece { name: "break_glass_role", of: break_glass };

/// The name of our policy in a role.
const POLICY: &str = "shoseki";

/// A role that is wanted.
struct Role {
    /// What stands behind the name of all that is made.
    name: &'static str,
    /// Who may take it.
    trust: Vec<Value>,
    /// What it may do.
    rights: Vec<Value>,
    /// What is for a person where it is made.
    by_hand: Vec<Message>,
}

fn collector(site: &Site<'_>, plan: &mut Plan) {
    let Some(wish) = &site.wish.collector else { return };
    let (account, region) = (site.account(), site.home.as_str());
    let service_account = (wish.namespace.as_str(), wish.service_account.as_str());
    let role_name = format!("{}-collector", site.wish.name);
    let (trust, told) = match wish.by {
        By::PodIdentity => {
            let arn = format!("arn:{}:eks:{region}:{account}:cluster/{}", site.names.partition, wish.cluster);
            let told = msg!(
                "setup-role-pod-identity",
                cluster = wish.cluster.as_str(),
                namespace = wish.namespace.as_str(),
                service = wish.service_account.as_str(),
                role = format!("arn:{}:iam::{account}:role/{role_name}", site.names.partition)
            );
            (policy::trust_of_pods(account, &arn, service_account), told)
        }
        By::Irsa => {
            let seen = site.found.about_in("eks:DescribeCluster", (account, region), &wish.cluster);
            let issuer = match &seen {
                Seen::Is(value) => text(&value["cluster"]["identity"]["oidc"], "issuer"),
                Seen::Absent | Seen::Unknown(_) => None,
            };
            let Some(issuer) = issuer.and_then(|issuer| issuer.strip_prefix("https://")) else {
                let mut item = role_item(site, COLLECTOR.name, &role_name, State::New);
                item.cannot("trust", msg!("setup-role-no-issuer", cluster = wish.cluster.as_str(), region = region));
                plan.items.push(item);
                return;
            };
            let told = msg!(
                "setup-role-irsa",
                namespace = wish.namespace.as_str(),
                service = wish.service_account.as_str(),
                role = format!("arn:{}:iam::{account}:role/{role_name}", site.names.partition),
                issuer = issuer
            );
            (policy::trust_of_web_identity(&site.names, issuer, service_account), told)
        }
    };
    let rights = policy::rights_of_collector(&site.names, &buckets(site), &site.key.arn, &places(site));
    plan.items.push(role(
        site,
        COLLECTOR.name,
        Role { name: "collector", trust: vec![trust], rights, by_hand: vec![told] },
    ));
}

/// The queue of new files as an ARN, the one that is told already where there is one, and the region.
pub(crate) fn places(site: &Site<'_>) -> (String, String) {
    let own = || {
        let name = format!("{}-{}", site.wish.name, shoseki_aws::inventory::QUEUE);
        format!("arn:{}:sqs:{}:{}:{name}", site.names.partition, site.home, site.account())
    };
    (super::queue::adopted(site).unwrap_or_else(own), site.home.clone())
}

/// The buckets that have evidence.
fn buckets(site: &Site<'_>) -> Vec<String> {
    let mut all = vec![site.evidence.name.clone(), site.access_logs.name.clone()];
    all.extend(site.config.iter().map(|bucket| bucket.name.clone()));
    all
}

fn auditor(site: &Site<'_>, plan: &mut Plan) {
    let (wish, mut trust, mut by_hand) = (site.wish, Vec::new(), Vec::new());
    if !wish.auditors.is_empty() {
        trust.push(policy::trust_with_mfa("ShosekiAuditors", &wish.auditors));
    }
    if let Some(set) = &wish.auditors_sso {
        trust.push(policy::trust_of_sso(&site.names, set));
        by_hand.push(msg!("setup-role-sso", set = set.as_str()));
    }
    if trust.is_empty() {
        return;
    }
    let looks: Vec<String> = shoseki_aws::inventory::CALLS.iter().map(|call| call.right()).collect();
    let rights = policy::rights_of_auditor(&site.names, &buckets(site), &site.key.arn, looks);
    plan.items.push(role(site, AUDITOR.name, Role { name: "auditor", trust, rights, by_hand }));
}

fn break_glass(site: &Site<'_>, plan: &mut Plan) {
    let wish = site.wish;
    if wish.break_glass.is_empty() {
        return;
    }
    let trust = vec![policy::trust_with_mfa("ShosekiBreakGlass", &wish.break_glass)];
    let rights = policy::rights_of_break_glass(&site.names, &buckets(site), &site.key.arn);
    let by_hand = vec![msg!("setup-role-break-glass")];
    plan.items.push(role(site, BREAK_GLASS.name, Role { name: "break-glass", trust, rights, by_hand }));
}

/// Roles are of no region; the item says that of the evidence, which is where its calls are signed for.
fn role_item(site: &Site<'_>, piece: &'static str, name: &str, state: State) -> Item {
    Item::new(piece, name, (site.account(), &site.home), state)
}

fn role(site: &Site<'_>, piece: &'static str, role: Role) -> Item {
    let name = format!("{}-{}", site.wish.name, role.name);
    let mut item = role_item(site, piece, &name, State::New);
    let (pages, unknown) = site.found.lists("iam:GetAccountAuthorizationDetails", site.account(), None);
    if let Some(why) = unknown {
        item.cannot("role", why);
        return item;
    }
    let mut all = pages.iter().flat_map(|page| many(&page["RoleDetailList"]["member"]));
    let there = all.find(|one| text(one, "RoleName") == Some(name.as_str()));
    // A role of our name that others may take, or that may do more, is given nothing: it would be given to them.
    if let Some(why) = there.and_then(|there| not_ours(&name, there, &role.trust)) {
        item.state = State::There;
        item.cannot("trust", why);
        return item;
    }
    trust(&mut item, there, role.trust);
    let its = there.map(|there| many(&there["RolePolicyList"]["member"])).unwrap_or_default();
    let its = its.into_iter().find(|one| text(one, "PolicyName") == Some(POLICY));
    let document = its.and_then(|one| text(one, "PolicyDocument")).map(decoded);
    match policy::merged(document.as_ref(), role.rights.clone()) {
        Merged::Right => item.says("rights", Outcome::Right(POLICY.to_owned())),
        // The policy is ours by its name: what it has beside would be power that nobody asked for.
        Merged::Open(_, missing) => {
            item.says("rights", Outcome::Create(missing.join(", ")));
            let document = policy::document(role.rights).to_string();
            let input = json!({"RoleName": name, "PolicyName": POLICY, "PolicyDocument": document});
            item.calls("iam:PutRolePolicy", input).after([evidence_key::id(site)]);
        }
        Merged::Unreadable => item.cannot("rights", msg!("setup-policy-unreadable")),
    }
    if item.is_open() {
        item.by_hand.extend(role.by_hand);
    }
    item
}

/// What of a role that is there is nobody's wish: who else may take it, and what else it may do.
fn not_ours(name: &str, there: &Value, wanted: &[Value]) -> Option<Message> {
    let document = text(there, "AssumeRolePolicyDocument").map(decoded);
    // As it becomes: a statement of ours with less or with others is mended.
    let becomes = match policy::merged(document.as_ref(), wanted.to_vec()) {
        Merged::Open(document, _) => document,
        Merged::Right | Merged::Unreadable => document.unwrap_or_default(),
    };
    let mut more = policy::beyond(&becomes, wanted);
    let inline = many(&there["RolePolicyList"]["member"]).into_iter().filter_map(|one| text(one, "PolicyName"));
    more.extend(inline.filter(|one| *one != POLICY).map(str::to_owned));
    let attached = many(&there["AttachedManagedPolicies"]["member"]).into_iter();
    more.extend(attached.filter_map(|one| text(one, "PolicyName")).map(str::to_owned));
    (!more.is_empty()).then(|| msg!("setup-role-more", role = name, more = more.join(", ")))
}

/// Who may take it: made, or added to who may already.
fn trust(item: &mut Item, there: Option<&Value>, wanted: Vec<Value>) {
    let name = item.name.clone();
    let Some(there) = there else {
        item.says("role", Outcome::Create(name.clone()));
        let sids: Vec<&str> = wanted.iter().filter_map(|one| text(one, "Sid")).collect();
        item.says("trust", Outcome::Create(sids.join(", ")));
        let input = json!({
            "RoleName": name, "AssumeRolePolicyDocument": policy::document(wanted).to_string(),
            "Description": "Made by shoseki setup", "MaxSessionDuration": 3_600,
        });
        item.calls("iam:CreateRole", input).needed();
        return;
    };
    item.state = State::There;
    item.says("role", Outcome::Right(name.clone()));
    let document = text(there, "AssumeRolePolicyDocument").map(decoded);
    match policy::merged(document.as_ref(), wanted) {
        Merged::Right => item.says("trust", Outcome::Right("Shoseki*".to_owned())),
        Merged::Open(document, missing) => {
            item.says("trust", Outcome::Create(missing.join(", ")));
            let input = json!({"RoleName": name, "PolicyDocument": document.to_string()});
            item.calls("iam:UpdateAssumeRolePolicy", input).needed();
        }
        Merged::Unreadable => item.cannot("trust", msg!("setup-policy-unreadable")),
    }
}

/// A document as IAM gives it: its text, escaped as a URL is.
fn decoded(text: &str) -> Value {
    let text =
        if text.trim_start().starts_with('{') { text.into() } else { percent_decode_str(text).decode_utf8_lossy() };
    Value::String(text.into_owned())
}
