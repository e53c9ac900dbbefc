//! `trail_log_role`, `trail_log_group`: the trail of the account of the evidence goes to CloudWatch Logs too, where that is wanted. A log
//! group that it goes to already stays.

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::{Piece, evidence_key, roles};
use crate::found::{number, text};
use crate::passing;
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::{Site, Trail};

pub(crate) const ROLE: Piece = Piece { name: "trail_log_role", of: role };
pub(crate) const PIECE: Piece = Piece { name: "trail_log_group", of };

/// What stands behind the name of all that is made, of the role.
const ROLE_NAME: &str = "trail-logs";
/// For how many days CloudWatch Logs keeps events, where it does not keep them for ever.
const KEPT: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653];

/// The trail that is to go there: not one that goes somewhere already, nor somebody else's.
fn trail<'s, 'a>(site: &'s Site<'a>) -> Option<&'s Trail<'a>> {
    let trail = site.trails.get(site.account()).filter(|_| site.wish.trail_log_group)?;
    let goes_elsewhere = goes_to(trail).is_some_and(|arn| arn.strip_suffix(":*").unwrap_or(arn) != arn_of(site, trail));
    (trail.state != State::Elsewhere && !goes_elsewhere).then_some(trail)
}

/// The log group that a trail goes to already.
fn goes_to<'a>(trail: &Trail<'a>) -> Option<&'a str> {
    text(trail.there?, "CloudWatchLogsLogGroupArn")
}

fn name(site: &Site<'_>) -> String {
    format!("/aws/cloudtrail/{}", site.wish.name)
}

/// The log group as an ARN, without what stands for its streams.
fn arn_of(site: &Site<'_>, trail: &Trail<'_>) -> String {
    format!("arn:{}:logs:{}:{}:log-group:{}", site.names.partition, trail.home, site.account(), name(site))
}

/// What CloudWatch Logs needs of the key of evidence: where the group is in its region, it is encrypted by it.
pub(super) fn key_statement(site: &Site<'_>) -> Option<Value> {
    let trail = trail(site).filter(|trail| trail.home == site.key.region)?;
    Some(passing::key_of_group(&trail.home, &arn_of(site, trail)))
}

fn role(site: &Site<'_>, plan: &mut Plan) {
    let Some(trail) = trail(site) else { return };
    let limit = json!({"StringEquals": {"aws:SourceAccount": site.account(), "aws:SourceArn": trail.arn}});
    plan.items.push(roles::role(
        site,
        ROLE.name,
        roles::Role {
            name: ROLE_NAME,
            trust: vec![passing::trust_of_service("ShosekiTrail", "cloudtrail.amazonaws.com", limit)],
            rights: passing::rights_of_trail(&arn_of(site, trail)),
            needs: Vec::new(),
            by_hand: Vec::new(),
        },
    ));
}

fn of(site: &Site<'_>, plan: &mut Plan) {
    let Some(its) = site.trails.get(site.account()).filter(|_| site.wish.trail_log_group) else { return };
    let place = (site.account(), its.home.as_str());
    let mut item = Item::new(PIECE.name, &name(site), place, State::New);
    match (goes_to(its), trail(site)) {
        (_, Some(trail)) => group(site, &mut item, trail),
        (Some(other), None) => {
            item.state = State::There;
            item.says("trail", Outcome::Adopt(other.to_owned()));
        }
        (None, None) => item.cannot("trail", msg!("setup-trail-elsewhere", trail = its.arn.as_str())),
    }
    plan.items.push(item);
}

fn group(site: &Site<'_>, item: &mut Item, trail: &Trail<'_>) {
    let (groups, unknown) =
        site.found.entries(("logs:DescribeLogGroups", "logGroups"), &item.account, Some(&item.region));
    if let Some(why) = unknown {
        return item.cannot("log_group", why);
    }
    let there = groups.into_iter().find(|one| text(one, "logGroupName") == Some(item.name.as_str()));
    let days = site.wish.days();
    let kept = KEPT.into_iter().find(|kept| *kept >= days);
    match there {
        None => made(site, item, kept),
        Some(there) => looked_after(item, there, (days, kept)),
    }
    let arn = format!("{}:*", arn_of(site, trail));
    if goes_to(trail) == Some(arn.as_str()) {
        return item.says("trail", Outcome::Right(trail.name.clone()));
    }
    item.says("trail", Outcome::Create(trail.name.clone()));
    let input = json!({
        "Name": trail.arn, "CloudWatchLogsLogGroupArn": arn, "CloudWatchLogsRoleArn": site.role(ROLE_NAME),
    });
    let its = Item::new(super::trail::PIECE.name, &trail.name, (&item.account, &trail.home), trail.state).id();
    let needs = [roles::id(site, ROLE.name, ROLE_NAME), its];
    let of = trail.name.clone();
    item.calls_of("cloudtrail:UpdateTrail", &of, input).after(needs);
}

fn made(site: &Site<'_>, item: &mut Item, kept: Option<u64>) {
    item.says("log_group", Outcome::Create(item.name.clone()));
    let mut input = json!({"logGroupName": item.name});
    let mut needs = Vec::new();
    // A key of another region encrypts nothing here.
    if item.region == site.key.region {
        item.says("encryption", Outcome::Create(site.key.shown()));
        input["kmsKeyId"] = json!(site.key.arn);
        needs.push(evidence_key::id(site));
    }
    item.calls("logs:CreateLogGroup", input).needed().after(needs);
    if let Some(kept) = kept {
        item.says("retention", Outcome::Create(format!("{kept}d")));
        item.calls("logs:PutRetentionPolicy", json!({"logGroupName": item.name, "retentionInDays": kept}));
    }
}

fn looked_after(item: &mut Item, there: &Value, (days, kept): (u64, Option<u64>)) {
    item.state = State::There;
    item.says("log_group", Outcome::Right(item.name.clone()));
    match text(there, "kmsKeyId") {
        Some(key) => item.says("encryption", Outcome::Right(key.to_owned())),
        None => item.cannot("encryption", msg!("setup-log-group-key", group = item.name.as_str())),
    }
    match (number(there, "retentionInDays"), kept) {
        (Some(is), Some(kept)) if is == kept => item.says("retention", Outcome::Right(format!("{is}d"))),
        (Some(is), _) if is > days => item.says("retention", Outcome::Stricter(format!("{is}d"))),
        (Some(is), Some(kept)) => {
            item.wants("retention", Some(&format!("{is}d")), &format!("{kept}d"));
            item.calls("logs:PutRetentionPolicy", json!({"logGroupName": item.name, "retentionInDays": kept}));
        }
        // No number is long enough, and only a deletion of it makes it none.
        (Some(is), None) => {
            item.cannot("retention", msg!("setup-log-group-kept", group = item.name.as_str(), days = is))
        }
        (None, Some(_)) => item.says("retention", Outcome::Stricter("no-expiry".to_owned())),
        (None, None) => item.says("retention", Outcome::Right("no-expiry".to_owned())),
    }
}
