//! Which calls of a plan a service control policy of the organization denies, as far as its policies can be seen: by its management
//! account, or one that it made a delegate. What cannot be seen AWS says when it is called.

use serde_json::Value;
use shoseki_comply::settings::{Fact, Policy, Statement, Value as Said};
use shoseki_messages::{Message, msg};

use crate::found::{Found, Seen, many, text};
use crate::plan::{Item, Plan};

/// A policy of the organization, and what it is attached to.
struct Control {
    name: String,
    document: Policy,
    targets: Vec<String>,
}

/// Says of each thing which of its calls are denied.
pub(crate) fn tell(found: &Found<'_>, accounts: &[String], plan: &mut Plan) {
    for viewer in accounts {
        let controls = controls(found, viewer);
        let (organization, _) = found.lists("organizations:DescribeOrganization", viewer, None);
        let management = organization.first().and_then(|one| text(&one["Organization"], "MasterAccountId"));
        for item in &mut plan.items {
            // To the management account none applies.
            if controls.is_empty() || management == Some(item.account.as_str()) {
                continue;
            }
            let told: Vec<Message> = controls.iter().flat_map(|control| denials(control, item)).collect();
            for one in told {
                if !item.by_hand.contains(&one) {
                    item.by_hand.push(one);
                }
            }
        }
    }
}

fn controls(found: &Found<'_>, viewer: &str) -> Vec<Control> {
    let (listed, _) = found.entries(("organizations:ListPolicies", "Policies"), viewer, None);
    let one = |listed: &Value| {
        let id = text(listed, "Id")?;
        let Seen::Is(described) = found.about("organizations:DescribePolicy", viewer, id) else { return None };
        let content = text(&described["Policy"], "Content")?;
        let Fact::Known(document) = Policy::of(&Said::text(content)) else { return None };
        let Seen::Is(attached) = found.about("organizations:ListTargetsForPolicy", viewer, id) else { return None };
        let targets = many(&attached["Targets"]).into_iter().filter_map(|one| text(one, "TargetId"));
        let name = text(listed, "Name").unwrap_or(id).to_owned();
        Some(Control { name, document, targets: targets.map(str::to_owned).collect() })
    };
    listed.into_iter().filter_map(one).collect()
}

fn denials(control: &Control, item: &Item) -> Vec<Message> {
    let is_here = control.targets.iter().any(|target| target.starts_with("r-") || *target == item.account);
    // Which accounts are in a unit is not asked.
    let is_perhaps = control.targets.iter().any(|target| target.starts_with("ou-"));
    if !is_here && !is_perhaps {
        return Vec::new();
    }
    let mut rights: Vec<String> = item.steps.iter().flat_map(|step| step.change.kind.rights()).collect();
    rights.sort();
    rights.dedup();
    let of = |right: &String| {
        let its: Vec<&Statement> = control.document.denies().filter(|one| one.has_action(right)).collect();
        let is_sure = its.iter().any(|one| one.conditions.is_empty() && one.denies_all_resources());
        match (its.is_empty(), is_here && is_sure) {
            (true, _) => None,
            (_, true) => Some(msg!("setup-denied", policy = control.name.as_str(), right = right.as_str())),
            (_, false) => Some(msg!("setup-denied-perhaps", policy = control.name.as_str(), right = right.as_str())),
        }
    };
    rights.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shoseki_aws::inventory::{Answer, CALLS, Said as Answered};
    use shoseki_event::Timestamp;
    use shoseki_messages::Lang;

    use super::*;
    use crate::plan::State;

    const MANAGER: &str = "111111111111";
    const MEMBER: &str = "222222222222";

    fn answer(call: &str, of: Option<&str>, value: Value) -> Answer {
        let call = CALLS.iter().find(|one| one.name() == call).unwrap();
        let (account, region) = (MANAGER.to_owned(), "us-east-1".to_owned());
        Answer { call, account, region, of: of.map(str::to_owned), time: Timestamp(0), said: Answered::Answer(value) }
    }

    /// What is said of a member's trail, where a policy of this statement is attached to something.
    fn told(statement: Value, target: &str, account: &str) -> Vec<String> {
        let content = json!({"Statement": [statement]}).to_string();
        let answers = [
            answer("organizations:DescribeOrganization", None, json!({"Organization": {"MasterAccountId": MANAGER}})),
            answer("organizations:ListPolicies", None, json!({"Policies": [{"Id": "p-1", "Name": "keep-logs"}]})),
            answer("organizations:DescribePolicy", Some("p-1"), json!({"Policy": {"Content": content}})),
            answer("organizations:ListTargetsForPolicy", Some("p-1"), json!({"Targets": [{"TargetId": target}]})),
        ];
        let mut item = Item::new("trail", "t", (account, "us-east-1"), State::There);
        item.calls("cloudtrail:UpdateTrail", json!({}));
        item.calls("cloudtrail:StartLogging", json!({}));
        let mut plan = Plan { items: vec![item], ..Plan::default() };
        tell(&Found::of(&answers), &[MANAGER.to_owned(), MEMBER.to_owned()], &mut plan);
        plan.items[0].by_hand.iter().map(|one| one.text(Lang::En)).collect()
    }

    #[test]
    fn what_the_organization_denies_is_said_with_the_policy_and_the_right() {
        let deny =
            json!({"Effect": "Deny", "Action": ["cloudtrail:Update*", "cloudtrail:StopLogging"], "Resource": "*"});
        let said = told(deny.clone(), "r-1a2b", MEMBER);
        assert!(
            said.len() == 1 && said[0].contains("keep-logs") && said[0].contains("cloudtrail:UpdateTrail"),
            "{said:?}"
        );
        assert_eq!(told(deny.clone(), MEMBER, MEMBER), said);
        // To the management account nothing applies, and what is attached to others is theirs.
        assert_eq!(told(deny.clone(), "r-1a2b", MANAGER), Vec::<String>::new());
        assert_eq!(told(deny.clone(), "333333333333", MEMBER), Vec::<String>::new());
        let perhaps = told(deny.clone(), "ou-1a2b-3c", MEMBER);
        assert!(perhaps.len() == 1 && perhaps != said, "{perhaps:?}");
        let mut but = deny;
        but["Condition"] = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/setup"}});
        assert_eq!(told(but, "r-1a2b", MEMBER), perhaps);
        assert_eq!(
            told(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}), "r-1a2b", MEMBER),
            Vec::<String>::new()
        );
    }
}
