//! What an account or its organization has as a whole, by the answers: the organization with its trails and policies, what blocks public
//! access to all buckets, Security Hub, what Insights watch, what log groups pass on, and who may do everything.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_messages::msg;

use super::Missing;
use super::answers::{Answer, Answers, Said, nothing_of, of_account, placed, text};
use super::buckets::public_access;
use super::read::{entries, plain};
use crate::settings::{
    AccountPublicAccess, Administrator, Administrators, Fact, Facts, Hub, Insights, Kind, Organization,
    OrganizationTrail, Policy, PublicAccess, Resource, ServicePolicy, Subscription, Subscriptions, Value,
};

/// What Organizations calls policies that limit accounts.
const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";

/// Policies of AWS whose holder may do everything, or end logs and take evidence away.
const POWERFUL: [&str; 8] = [
    "AdministratorAccess",
    "IAMFullAccess",
    "PowerUserAccess",
    "AWSCloudTrail_FullAccess",
    "AmazonS3FullAccess",
    "CloudWatchLogsFullAccess",
    "AmazonGuardDutyFullAccess",
    "AWSOrganizationsFullAccess",
];

/// All of it.
pub(super) fn all(answers: &Answers<'_>, resources: &mut Vec<Resource>, missing: &mut Vec<Missing>) {
    public_accesses(answers, resources);
    hubs(answers, resources, missing);
    insights(answers, resources);
    subscriptions(answers, resources);
    administrators(answers, resources);
    organizations(answers, resources);
}

/// What blocks public access to all buckets of an account. Where that is not known, a bucket that blocks none by itself may be shut
/// all the same.
fn public_accesses(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    for answer in answers.to("s3control:GetPublicAccessBlock") {
        let access = match &answer.said {
            Said::Answer(value) => public_access(&plain(value)),
            Said::Absent => PublicAccess::default(),
            Said::Refused(why) => {
                let unknown = || Fact::Unknown(why.clone());
                for resource in resources.iter_mut().filter(|one| one.account.as_deref() == Some(&answer.account)) {
                    if let Facts::Bucket(bucket) = &mut resource.facts {
                        bucket.public_access.blur(why);
                    }
                }
                PublicAccess {
                    blocks_acls: unknown(),
                    ignores_acls: unknown(),
                    blocks_policy: unknown(),
                    restricts: unknown(),
                }
            }
        };
        let resource = Resource::new(answer.account.as_str(), answer.origin(), AccountPublicAccess { access });
        resources.push(of_account(resource, answer));
    }
}

fn hubs(answers: &Answers<'_>, resources: &mut Vec<Resource>, missing: &mut Vec<Missing>) {
    for answer in answers.to("securityhub:DescribeHub") {
        let is_enabled = match &answer.said {
            Said::Answer(_) => Fact::Known(true),
            Said::Absent => {
                missing.push(nothing_of(Kind::Hub, answer));
                continue;
            }
            Said::Refused(why) => Fact::Unknown(why.clone()),
        };
        let mut its = answers.to("securityhub:GetEnabledStandards").filter(|one| is_same_place(one, answer)).peekable();
        let standards = match its.peek() {
            None => Fact::Unknown(match &answer.said {
                Said::Refused(why) => why.clone(),
                _ => msg!("settings-not-asked", call = "securityhub:GetEnabledStandards"),
            }),
            Some(_) => standards(its),
        };
        let name = format!("securityhub/{}/{}", answer.account, answer.region);
        resources.push(placed(Resource::new(name, answer.origin(), Hub { is_enabled, standards }), answer));
    }
}

fn is_same_place(one: &Answer, other: &Answer) -> bool {
    one.account == other.account && one.region == other.region
}

/// The standards of all pages; those that are being switched off are none.
fn standards<'a>(pages: impl Iterator<Item = &'a Answer>) -> Fact<Vec<String>> {
    let mut all = Vec::new();
    for page in pages {
        match &page.said {
            Said::Refused(why) => return Fact::Unknown(why.clone()),
            Said::Absent => {}
            Said::Answer(value) => {
                let value = plain(value);
                let on = value.at("standardssubscriptions").entries().iter();
                let on = on.filter(|one| !matches!(text(one, "standardsstatus").as_str(), "DELETING" | "FAILED"));
                all.extend(on.map(|one| text(one, "standardsarn")));
            }
        }
    }
    if all.is_empty() { Fact::Absent } else { Fact::Known(all) }
}

fn insights(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    for answer in answers.to("cloudtrail:GetInsightSelectors") {
        let Some(trail) = &answer.of else { continue };
        let types = match &answer.said {
            Said::Answer(value) => {
                let value = plain(value);
                let types = value.at("insightselectors").entries().iter().map(|one| text(one, "insighttype"));
                Some(types.collect::<Vec<String>>()).filter(|all| !all.is_empty()).into()
            }
            Said::Absent => Fact::Absent,
            Said::Refused(why) => Fact::Unknown(why.clone()),
        };
        resources.push(placed(Resource::new(trail.as_str(), answer.origin(), Insights { types }), answer));
    }
}

fn subscriptions(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    for answer in answers.to("logs:DescribeSubscriptionFilters") {
        let Some(group) = &answer.of else { continue };
        let name = format!("arn:aws:logs:{}:{}:log-group:{group}", answer.region, answer.account);
        if resources.iter().any(|one| one.kind() == Kind::Subscriptions && one.name == name) {
            continue; // another page
        }
        let one = |one: &Value| Subscription {
            name: text(one, "filtername"),
            pattern: text(one, "filterpattern"),
            destination: text(one, "destinationarn"),
        };
        let all = match &answer.said {
            Said::Refused(why) => Fact::Unknown(why.clone()),
            Said::Absent => Fact::Absent,
            Said::Answer(_) => {
                let pages = answers.pages(&answer.call, answer);
                let all = pages.iter().flat_map(|page| page.at("subscriptionfilters").entries().iter().map(one));
                Some(all.collect::<Vec<_>>()).filter(|all| !all.is_empty()).into()
            }
        };
        let facts = Subscriptions { group: group.clone(), all };
        resources.push(placed(Resource::new(name, answer.origin(), facts), answer));
    }
}

/// Who may do everything, of all pages of an account's details.
fn administrators(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    let mut pages: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in answers.to("iam:GetAccountAuthorizationDetails") {
        pages.entry(answer.account.as_str()).or_default().push(answer);
    }
    for (account, pages) in pages {
        let refused = pages.iter().find_map(|one| match &one.said {
            Said::Refused(why) => Some(why.clone()),
            _ => None,
        });
        let Some(first) = pages.first() else { continue };
        let values: Vec<Value> = pages.iter().filter_map(|one| one.answer()).map(plain).collect();
        let all = match refused {
            // A page that is not there may have anybody.
            Some(why) => Fact::Unknown(why),
            None => Fact::Known(powerful(&values, resources)),
        };
        let name = format!("arn:aws:iam::{account}:account");
        resources.push(of_account(Resource::new(name, first.origin(), Administrators { all }), first));
    }
}

fn powerful(pages: &[Value], resources: &[Resource]) -> Vec<Administrator> {
    let listed = |list: &'static str| pages.iter().flat_map(move |page| entries(page.at(list), "member"));
    let attached = |one: &Value| -> Vec<String> {
        let names = entries(one.at("attachedmanagedpolicies"), "member").iter().map(|one| text(one, "policyarn"));
        names.filter_map(|arn| of_aws(&arn).map(str::to_owned)).collect()
    };
    let groups: BTreeMap<String, Vec<String>> =
        listed("groupdetaillist").map(|one| (text(one, "groupname"), attached(one))).collect();
    let mut found = Vec::new();
    for user in listed("userdetaillist") {
        let mut by = attached(user);
        for group in entries(user.at("grouplist"), "member").iter().filter_map(|one| one.to_text().known().cloned()) {
            by.extend(groups.get(&group).into_iter().flatten().map(|policy| format!("{policy} ({group})")));
        }
        let arn = text(user, "arn");
        let has_mfa = resources.iter().filter(|one| one.name == arn).find_map(Resource::iam_user);
        let has_mfa = has_mfa.map_or_else(
            || Fact::Unknown(msg!("settings-not-asked", call = "iam:GetCredentialReport")),
            |user| user.has_mfa.clone(),
        );
        found.push(Administrator { arn, is_user: true, by, has_mfa });
    }
    for role in listed("roledetaillist") {
        let arn = text(role, "arn");
        // A role that a service has for itself nobody else takes.
        let by = if arn.contains(":role/aws-service-role/") { Vec::new() } else { attached(role) };
        found.push(Administrator { arn, is_user: false, by, has_mfa: Fact::Absent });
    }
    found.retain(|one| !one.by.is_empty());
    found
}

/// The name of a policy that AWS wrote, where it is one of the powerful.
fn of_aws(arn: &str) -> Option<&str> {
    let (head, name) = arn.rsplit_once('/')?;
    let is_of_aws = head.split(':').nth(4) == Some("aws");
    (is_of_aws && POWERFUL.contains(&name)).then_some(name)
}

/// The organization of each account; two accounts of one organization have it once, and its management account knows it best.
fn organizations(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    let mut found: BTreeMap<String, (bool, Resource)> = BTreeMap::new();
    for answer in answers.to("organizations:DescribeOrganization") {
        let Some(page) = answer.answer().map(plain) else { continue };
        let said = page.at("organization");
        let (id, management) = (text(said, "id"), said.at("masteraccountid").to_text());
        let facts = Organization {
            policies: policies(answers, answer),
            trails: trails(answers, resources, &accounts(answers, &id, &management)),
            management: management.clone(),
        };
        let is_management = management.known() == Some(&answer.account);
        if found.get(&id).is_some_and(|(is_known, _)| *is_known || !is_management) {
            continue;
        }
        let resource = of_account(Resource::new(format!("organization/{id}"), answer.origin(), facts), answer);
        found.insert(id, (is_management, resource));
    }
    resources.extend(found.into_values().map(|(_, resource)| resource));
}

/// The accounts of an organization that are known: those that say that they are in it, and the one that manages it.
fn accounts(answers: &Answers<'_>, id: &str, management: &Fact<String>) -> BTreeSet<String> {
    let is_in = |answer: &&Answer| answer.answer().is_some_and(|page| text(plain(page).at("organization"), "id") == id);
    let members = answers.to("organizations:DescribeOrganization").filter(is_in).map(|answer| answer.account.clone());
    members.chain(management.known().cloned()).collect()
}

/// The trails of an organization, among those that were seen: that of another one says nothing of this. Where trails could not be listed
/// in one of its accounts, it may have one.
fn trails(answers: &Answers<'_>, resources: &[Resource], accounts: &BTreeSet<String>) -> Fact<Vec<OrganizationTrail>> {
    let mut arns = Vec::new();
    for answer in answers.to("cloudtrail:DescribeTrails").filter(|answer| accounts.contains(&answer.account)) {
        match &answer.said {
            Said::Refused(why) => return Fact::Unknown(why.clone()),
            Said::Absent => {}
            Said::Answer(page) => {
                let page = plain(page);
                let all = page.at("traillist").entries().iter();
                let its = all.filter(|one| one.at("isorganizationtrail").is() == Fact::Known(true));
                arns.extend(its.map(|one| text(one, "trailarn")));
            }
        }
    }
    arns.sort();
    arns.dedup();
    let one = |arn: String| {
        let trail = resources.iter().filter(|one| one.name == arn).find_map(Resource::trail)?;
        let (is_logging, is_multi_region) = (trail.is_logging.clone(), trail.is_multi_region.clone());
        Some(OrganizationTrail { arn, is_logging, is_multi_region })
    };
    let all: Vec<OrganizationTrail> = arns.into_iter().filter_map(one).collect();
    if all.is_empty() { Fact::Absent } else { Fact::Known(all) }
}

/// The service control policies, as the account sees them: one that does not manage the organization may not.
fn policies(answers: &Answers<'_>, at: &Answer) -> Fact<Vec<ServicePolicy>> {
    let mut all = Vec::new();
    let pages = answers.to("organizations:ListPolicies").filter(|one| one.account == at.account);
    let mut is_asked = false;
    for page in pages {
        is_asked = true;
        match &page.said {
            Said::Refused(why) => return Fact::Unknown(why.clone()),
            Said::Absent => {}
            Said::Answer(value) => {
                let value = plain(value);
                let its = value.at("policies").entries().iter();
                all.extend(its.filter(|one| text(one, "type") == SERVICE_CONTROL || text(one, "type").is_empty()).map(
                    |one| ServicePolicy {
                        name: text(one, "name"),
                        document: content(answers, at, &text(one, "id")),
                        targets: targets(answers, at, &text(one, "id")),
                    },
                ));
            }
        }
    }
    match (is_asked, all.is_empty()) {
        (false, _) => Fact::Unknown(msg!("settings-not-asked", call = "organizations:ListPolicies")),
        (true, true) => Fact::Absent,
        (true, false) => Fact::Known(all),
    }
}

fn content(answers: &Answers<'_>, at: &Answer, id: &str) -> Fact<Policy> {
    let (said, _) = answers.about("organizations:DescribePolicy", &at.account, id);
    said.and_then(|value| Policy::of(plain_content(&value)))
}

/// What a policy says: its text stands beside what it is called.
fn plain_content(value: &Value) -> &Value {
    value.at("Policy").at("Content")
}

fn targets(answers: &Answers<'_>, at: &Answer, id: &str) -> Fact<Vec<String>> {
    let call = "organizations:ListTargetsForPolicy";
    let mut all = Vec::new();
    let mut pages =
        answers.to(call).filter(|one| one.account == at.account && one.of.as_deref() == Some(id)).peekable();
    if pages.peek().is_none() {
        return Fact::Unknown(msg!("settings-not-asked", call = call));
    }
    for page in pages {
        match &page.said {
            Said::Refused(why) => return Fact::Unknown(why.clone()),
            Said::Absent => {}
            Said::Answer(value) => {
                all.extend(plain(value).at("targets").entries().iter().map(|one| text(one, "targetid")));
            }
        }
    }
    Fact::Known(all)
}
