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
use crate::wish::{By, Collector};

pub(crate) const COLLECTOR: Piece = Piece { name: "collector_role", of: collector };
pub(crate) const AUDITOR: Piece = Piece { name: "auditor_role", of: auditor };
pub(crate) const BREAK_GLASS: Piece = Piece { name: "break_glass_role", of: break_glass };

/// The name of our policy in a role.
const POLICY: &str = "shoseki";

/// A role that is wanted.
pub(super) struct Role {
    /// What stands behind the name of all that is made.
    pub(super) name: &'static str,
    /// Who may take it.
    pub(super) trust: Vec<Value>,
    /// What it may do.
    pub(super) rights: Vec<Value>,
    /// What must be there before that can be said.
    pub(super) needs: Vec<String>,
    /// What is for a person where it is made.
    pub(super) by_hand: Vec<Message>,
}

/// The collector's role in an account that is not that of the evidence: it is made there by whoever rolls out roles, and seen here.
fn member(site: &Site<'_>, account: &str) -> Item {
    let name = format!("{}-collector", site.wish.name);
    let mut item = Item::new(COLLECTOR.name, &name, (account, &site.home), State::New);
    match named(site, account, &name) {
        Err(why) => item.cannot("role", why),
        Ok(Some(_)) => {
            item.state = State::There;
            item.says("role", Outcome::Right(name.clone()));
        }
        Ok(None) => item.cannot("role", msg!("setup-role-member", role = name.as_str(), account = account)),
    }
    item
}

/// A role of an account by its name.
fn named<'a>(site: &Site<'a>, account: &str, name: &str) -> Result<Option<&'a Value>, Message> {
    let (pages, unknown) = site.found.lists("iam:GetAccountAuthorizationDetails", account, None);
    if let Some(why) = unknown {
        return Err(why);
    }
    let mut all = pages.into_iter().flat_map(|page| many(&page["RoleDetailList"]["member"]));
    Ok(all.find(|one| text(one, "RoleName") == Some(name)))
}

fn collector(site: &Site<'_>, plan: &mut Plan) {
    let Some(wish) = &site.wish.collector else { return };
    let others = site.accounts.iter().filter(|account| *account != site.account());
    let members: Vec<Item> = others.map(|account| member(site, account)).collect();
    own(site, wish, plan);
    plan.items.extend(members);
}

fn own(site: &Site<'_>, wish: &Collector, plan: &mut Plan) {
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
    let mut rights =
        policy::rights_of_collector(&site.names, &buckets(site), &own_key(site), (&queue(site), &site.logged()));
    rights.extend(wish.vault.iter().flat_map(|place| policy::vault(&site.names, place)));
    rights.extend(policy::members(&site.names, &role_name, &site.members()));
    plan.items.push(role(
        site,
        COLLECTOR.name,
        Role { name: "collector", trust: vec![trust], rights, needs: needs(site), by_hand: vec![told] },
    ));
}

/// The queue of new files as an ARN: the one that is told already, where there is one.
pub(crate) fn queue(site: &Site<'_>) -> String {
    let own = || {
        let name = format!("{}-{}", site.wish.name, shoseki_aws::inventory::QUEUE);
        format!("arn:{}:sqs:{}:{}:{name}", site.names.partition, site.home, site.account())
    };
    super::queue::adopted(site).unwrap_or_else(own)
}

/// The buckets that have evidence.
fn buckets(site: &Site<'_>) -> Vec<String> {
    let mut all = vec![site.evidence.name.clone(), site.access_logs.name.clone()];
    all.extend(site.config.iter().map(|bucket| bucket.name.clone()));
    all
}

/// The same with the replica.
fn all_buckets(site: &Site<'_>) -> Vec<String> {
    let replica = site.own_replica().map(|(bucket, _)| bucket.name.clone());
    buckets(site).into_iter().chain(replica).collect()
}

/// The key that encrypts it. Where the bucket is another's, none is made for it.
fn own_key(site: &Site<'_>) -> Vec<String> {
    let is_there = site.evidence.state != State::Elsewhere || site.key.state != State::New;
    is_there.then(|| site.key.arn.clone()).into_iter().collect()
}

/// The same with that of the replica.
fn keys(site: &Site<'_>) -> Vec<String> {
    own_key(site).into_iter().chain(site.own_replica().map(|(_, key)| key.arn.clone())).collect()
}

/// What must be there before rights to these keys are given.
pub(super) fn needs(site: &Site<'_>) -> Vec<String> {
    let replica = site.own_replica().map(|(_, key)| evidence_key::replica_id(site, key));
    std::iter::once(evidence_key::id(site)).chain(replica).collect()
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
    let mut rights = policy::rights_of_auditor(&site.names, &all_buckets(site), &keys(site), looks);
    rights.extend(policy::members(&site.names, &format!("{}-auditor", wish.name), &site.members()));
    plan.items.push(role(site, AUDITOR.name, Role { name: "auditor", trust, rights, needs: needs(site), by_hand }));
}

fn break_glass(site: &Site<'_>, plan: &mut Plan) {
    let wish = site.wish;
    if wish.break_glass.is_empty() {
        return unnamed(site, plan);
    }
    let trust = vec![policy::trust_with_mfa("ShosekiBreakGlass", &wish.break_glass)];
    let rights = policy::rights_of_break_glass(&site.names, &all_buckets(site), &keys(site));
    let by_hand = vec![msg!("setup-role-break-glass")];
    let role = Role { name: "break-glass", trust, rights, needs: needs(site), by_hand };
    let mut item = self::role(site, BREAK_GLASS.name, role);
    // A denial that exempts nobody is stricter, and is not made less.
    for (place, denials) in shut(site) {
        item.says("exemption", Outcome::Stricter(format!("{place}: {}", denials.join(", "))));
        let role = item.name.clone();
        item.by_hand.push(msg!("setup-role-shut-out", role = role, place = place, denials = denials.join(", ")));
    }
    plan.items.push(item);
}

/// A role of that name that nobody asked for: who made it could have been waiting for an exemption.
fn unnamed(site: &Site<'_>, plan: &mut Plan) {
    let name = format!("{}-break-glass", site.wish.name);
    if let Ok(Some(_)) = named(site, site.account(), &name) {
        let mut item = role_item(site, BREAK_GLASS.name, &name, State::There);
        item.cannot("role", msg!("setup-role-unnamed", role = name.as_str()));
        plan.items.push(item);
    }
}

/// The buckets and keys that are there and deny to everybody, the role for emergencies among them.
fn shut(site: &Site<'_>) -> Vec<(String, Vec<String>)> {
    let asked = |call: &str, of: &str| match site.found.about(call, site.account(), of) {
        Seen::Is(value) if call == "kms:GetKeyPolicy" => policy::exempts_nobody(&value["Policy"]),
        Seen::Is(value) => policy::exempts_nobody(value),
        Seen::Absent | Seen::Unknown(_) => Vec::new(),
    };
    let of_buckets = all_buckets(site).into_iter().map(|bucket| (asked("s3:GetBucketPolicy", &bucket), bucket));
    let of_keys = keys(site).into_iter().map(|key| (asked("kms:GetKeyPolicy", &key), key));
    let all = of_buckets.chain(of_keys).filter(|(denials, _)| !denials.is_empty());
    all.map(|(denials, place)| (place, denials)).collect()
}

/// What a role is called in a plan.
pub(super) fn id(site: &Site<'_>, piece: &'static str, name: &str) -> String {
    role_item(site, piece, &format!("{}-{name}", site.wish.name), State::New).id()
}

/// Roles are of no region; the item says that of the evidence, which is where its calls are signed for.
fn role_item(site: &Site<'_>, piece: &'static str, name: &str, state: State) -> Item {
    Item::new(piece, name, (site.account(), &site.home), state)
}

/// A role: made, or added to where it is there and no more than is asked for.
pub(super) fn role(site: &Site<'_>, piece: &'static str, role: Role) -> Item {
    let name = format!("{}-{}", site.wish.name, role.name);
    let mut item = role_item(site, piece, &name, State::New);
    let there = match named(site, site.account(), &name) {
        Ok(there) => there,
        Err(why) => {
            item.cannot("role", why);
            return item;
        }
    };
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
            item.calls("iam:PutRolePolicy", input).after(role.needs);
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
