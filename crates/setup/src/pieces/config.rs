//! `config_recorder`, `config_rules`: AWS Config of each account and region. One recorder and one channel are all that a region has:
//! what is there is taken, and widened where it records less.

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::{Piece, buckets};
use crate::found::{is_on, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::Site;

pub(crate) const RECORDER: Piece = Piece { name: "config_recorder", of: recorders };
pub(crate) const RULES: Piece = Piece { name: "config_rules", of: rules };

/// What a recorder and a channel are called that are made.
const NAME: &str = "default";
/// The role that AWS has for Config.
const ROLE: &str = "AWSServiceRoleForConfig";
/// How often something is recorded, and that it is at each change.
const FREQUENCY: &str = "recordingFrequency";
const ALWAYS: &str = "CONTINUOUS";
/// The rules whose identifiers are not their names in capitals.
const OTHERWISE: [(&str, &str); 2] = [
    ("cloudtrail-enabled", "CLOUD_TRAIL_ENABLED"),
    ("multi-region-cloudtrail-enabled", "MULTI_REGION_CLOUD_TRAIL_ENABLED"),
];

fn recorders(site: &Site<'_>, plan: &mut Plan) {
    if !site.wish.config {
        return;
    }
    for account in &site.accounts {
        // What holds for all regions is recorded in one, and the role of all is made there.
        let mut first: Option<String> = None;
        for region in site.regions_of(account) {
            plan.items.push(recorder(site, (account, region), first.as_deref()));
            first = first.or_else(|| Some(id((account, region))));
        }
    }
}

/// What a recorder is called in a plan.
fn id(place: (&str, &str)) -> String {
    Item::new(RECORDER.name, place.1, place, State::New).id()
}

fn recorder(site: &Site<'_>, place: (&str, &str), first: Option<&str>) -> Item {
    let mut item = Item::new(RECORDER.name, place.1, place, State::New);
    let (account, region) = place;
    let list = ("config:DescribeConfigurationRecorders", "ConfigurationRecorders");
    let there = match site.found.entries(list, account, Some(region)) {
        (_, Some(why)) => {
            item.cannot("recorder", why);
            return item;
        }
        (all, None) => all.into_iter().next(),
    };
    if there.is_some() {
        item.state = State::There;
    }
    let Some(needs) = role(site, &mut item, there, first) else { return item };
    group(site, &mut item, there, (first.is_none(), needs));
    let has_channel = channel(site, &mut item, region);
    recording(site, &mut item, there, has_channel);
    item
}

/// The role that records: what the recorder has, else AWS's own, which is made once where it is not there. What must be there first;
/// nothing where none is known.
fn role(site: &Site<'_>, item: &mut Item, there: Option<&Value>, first: Option<&str>) -> Option<Vec<String>> {
    if let Some(arn) = there.and_then(|there| text(there, "roleARN")) {
        item.says("role", Outcome::Adopt(arn.to_owned()));
        return Some(Vec::new());
    }
    let (pages, unknown) = site.found.lists("iam:GetAccountAuthorizationDetails", &item.account, None);
    if let Some(why) = unknown {
        item.cannot("role", why);
        return None;
    }
    let mut roles = pages.iter().flat_map(|page| many(&page["RoleDetailList"]["member"]));
    if roles.any(|role| text(role, "RoleName").is_some_and(|name| name.eq_ignore_ascii_case(ROLE))) {
        item.says("role", Outcome::Right(ROLE.to_owned()));
        return Some(Vec::new());
    }
    item.says("role", Outcome::Create(ROLE.to_owned()));
    if let Some(first) = first {
        return Some(vec![first.to_owned()]);
    }
    let input = json!({"AWSServiceName": "config.amazonaws.com"});
    item.calls_of("iam:CreateServiceLinkedRole", ROLE, input).needed();
    Some(Vec::new())
}

fn group(site: &Site<'_>, item: &mut Item, there: Option<&Value>, (is_first, needs): (bool, Vec<String>)) {
    let group = there.map_or(&Value::Null, |there| &there["recordingGroup"]);
    let strategy = text(&group["recordingStrategy"], "useOnly");
    let is_all = match strategy {
        Some(strategy) => strategy == "ALL_SUPPORTED_RESOURCE_TYPES",
        None => is_on(group, "allSupported"),
    };
    let has_globals = is_on(group, "includeGlobalResourceTypes");
    let is = there.map(|_| if is_all { "all" } else { "some" });
    let mut is_open = item.wants("types", is, "all");
    if is_first {
        is_open |= item.wants("global_types", is.map(|_| if has_globals { "true" } else { "false" }), "true");
    }
    let mode = there.map_or(&Value::Null, |there| &there["recordingMode"]);
    // Once a day: what is made and taken away in between leaves nothing.
    let continuous = continuous(mode);
    if there.is_some() {
        is_open |= item.wants("frequency", Some(if continuous == *mode { ALWAYS } else { "DAILY" }), ALWAYS);
    }
    if !is_open {
        return;
    }
    let (partition, account) = (site.names.partition, &item.account);
    let own = format!("arn:{partition}:iam::{account}:role/aws-service-role/config.amazonaws.com/{ROLE}");
    let name = there.and_then(|there| text(there, "name")).unwrap_or(NAME);
    let role = there.and_then(|there| text(there, "roleARN")).map_or(own, str::to_owned);
    let mut input = json!({
        "name": name, "roleARN": role,
        "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": is_first || has_globals},
    });
    if !continuous.is_null() {
        input["recordingMode"] = continuous;
    }
    item.calls("config:PutConfigurationRecorder", json!({"ConfigurationRecorder": input})).needed().after(needs);
}

/// How often a recorder records, with each change in the place of once a day: of all types, and of those that are an exception.
fn continuous(mode: &Value) -> Value {
    let mut mode = mode.clone();
    let always = |one: &mut Value| {
        if text(one, FREQUENCY).is_some_and(|is| is != ALWAYS) {
            one[FREQUENCY] = json!(ALWAYS);
        }
    };
    always(&mut mode);
    if let Some(all) = mode.get_mut("recordingModeOverrides").and_then(Value::as_array_mut) {
        all.iter_mut().for_each(always);
    }
    mode
}

/// The channel: what is there, else one to the bucket. Whether there is one, or will be.
fn channel(site: &Site<'_>, item: &mut Item, region: &str) -> bool {
    let list = ("config:DescribeDeliveryChannels", "DeliveryChannels");
    let there = match site.found.entries(list, &item.account, Some(region)) {
        (_, Some(why)) => {
            item.cannot("channel", why);
            return false;
        }
        (all, None) => all.into_iter().next().and_then(|one| text(one, "s3BucketName")),
    };
    let bucket = site.config_bucket();
    match there {
        Some(is) if is == bucket.name => item.says("channel", Outcome::Right(is.to_owned())),
        Some(is) => item.says("channel", Outcome::Adopt(is.to_owned())),
        None if bucket.state == State::Elsewhere => {
            item.cannot("channel", msg!("setup-bucket-elsewhere", bucket = bucket.name.as_str()));
            return false;
        }
        None => {
            item.says("channel", Outcome::Create(bucket.name.clone()));
            let channel = json!({
                "name": NAME, "s3BucketName": bucket.name,
                "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
            });
            let needs = [buckets::config_id(site)];
            item.calls("config:PutDeliveryChannel", json!({"DeliveryChannel": channel})).needed().after(needs);
        }
    }
    true
}

fn recording(site: &Site<'_>, item: &mut Item, there: Option<&Value>, has_channel: bool) {
    let name = there.and_then(|there| text(there, "name")).unwrap_or(NAME);
    let list = ("config:DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus");
    let is_on = match site.found.entries(list, &item.account, Some(&item.region)) {
        (_, Some(why)) => return item.cannot("recording", why),
        (all, None) => all.into_iter().any(|one| text(one, "name") == Some(name) && is_on(one, "recording")),
    };
    let is = there.map(|_| if is_on { "true" } else { "false" });
    // Without a channel AWS Config starts no recorder, and why there is none was said.
    if has_channel && item.wants("recording", is, "true") {
        item.calls("config:StartConfigurationRecorder", json!({"ConfigurationRecorderName": name}));
    }
}

fn rules(site: &Site<'_>, plan: &mut Plan) {
    if !site.wish.config || site.wish.rules().is_empty() {
        return;
    }
    for account in &site.accounts {
        let mut is_first = true;
        for region in site.regions_of(account) {
            let mut item = Item::new(RULES.name, region, (account, region), State::There);
            rules_of(site, &mut item, is_first);
            plan.items.push(item);
            is_first = false;
        }
    }
}

fn rules_of(site: &Site<'_>, item: &mut Item, is_first: bool) {
    let list = ("config:DescribeConfigRules", "ConfigRules");
    let there = match site.found.entries(list, &item.account, Some(&item.region)) {
        (_, Some(why)) => return item.cannot("rules", why),
        (all, None) => all,
    };
    for rule in site.wish.rules() {
        // What is once in an account is looked at once.
        if !is_first && ["iam-", "root-"].iter().any(|start| rule.starts_with(start)) {
            continue;
        }
        let identifier = identifier(&rule);
        let its = there.iter().find(|one| text(&one["Source"], "SourceIdentifier") == Some(identifier.as_str()));
        match its.and_then(|one| text(one, "ConfigRuleName")) {
            Some(name) if name == rule => item.says(&rule, Outcome::Right(identifier)),
            Some(name) => item.says(&rule, Outcome::Adopt(name.to_owned())),
            // A call goes by the name: a rule of somebody's own would become another.
            None if there.iter().any(|one| text(one, "ConfigRuleName") == Some(rule.as_str())) => {
                item.cannot(&rule, msg!("setup-rule-taken", rule = rule.as_str()));
            }
            None => {
                item.says(&rule, Outcome::Create(identifier.clone()));
                let source = json!({"Owner": "AWS", "SourceIdentifier": identifier});
                let input = json!({"ConfigRule": {"ConfigRuleName": rule, "Source": source}});
                let needs = [id((&item.account, &item.region))];
                item.calls_of("config:PutConfigRule", &rule, input).after(needs);
            }
        }
    }
}

/// What AWS calls a rule of its own.
fn identifier(rule: &str) -> String {
    let otherwise = OTHERWISE.iter().find(|(name, _)| *name == rule);
    otherwise.map_or_else(|| rule.to_uppercase().replace('-', "_"), |(_, identifier)| (*identifier).to_owned())
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn a_rule_is_called_by_its_name_in_capitals_but_for_two() {
        assert_eq!(identifier("s3-bucket-public-read-prohibited"), "S3_BUCKET_PUBLIC_READ_PROHIBITED");
        assert_eq!(identifier("cloudtrail-enabled"), "CLOUD_TRAIL_ENABLED");
    }
}
