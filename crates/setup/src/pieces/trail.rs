//! `trail`: CloudTrail of each account. A trail that is there is taken, and not doubled.

use serde_json::{Map, Value, json};
use shoseki_comply::account::selectors_of_trail;
use shoseki_comply::settings::{self, DataEvents, Fact, Selectors};
use shoseki_messages::msg;

use super::{Piece, buckets, evidence_key};
use crate::found::{Seen, is_on, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::{Site, Trail};

pub(crate) const PIECE: Piece = Piece { name: "trail", of };

/// What Insights watch.
const INSIGHTS: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];
/// What a trail must record of all regions and services, with what CloudTrail calls it where it is changed.
const SWITCHES: [(&str, &str, &str); 3] = [
    ("all_regions", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    ("global_services", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    ("validation", "LogFileValidationEnabled", "EnableLogFileValidation"),
];

fn of(site: &Site<'_>, plan: &mut Plan) {
    for (account, trail) in &site.trails {
        let mut item = Item::new(PIECE.name, &trail.name, (account, &trail.home), trail.state);
        match (trail.there, site.covered(account)) {
            (None, Some(Ok(whole))) => {
                item.state = State::Elsewhere;
                item.says("trail", Outcome::Adopt(whole));
            }
            (None, Some(Err(why))) => item.cannot("trail", why),
            (None, None) => create(site, &mut item, account),
            (Some(there), _) => adopt(site, &mut item, (trail, there)),
        }
        plan.items.push(item);
    }
}

/// What a trail needs before it is made or pointed there.
fn needs(site: &Site<'_>) -> [String; 2] {
    [buckets::evidence_id(site), evidence_key::id(site)]
}

fn create(site: &Site<'_>, item: &mut Item, account: &str) {
    // A trail that could not be seen would be doubled.
    if let (_, Some(why)) = site.found.lists("cloudtrail:DescribeTrails", account, None) {
        return item.cannot("trail", why);
    }
    item.says("trail", Outcome::Create(site.evidence.name.clone()));
    let mut input = json!({
        "Name": item.name, "S3BucketName": site.evidence.name, "KmsKeyId": site.key.arn, "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true, "EnableLogFileValidation": true,
    });
    for (name, ..) in SWITCHES {
        item.says(name, Outcome::Create("true".to_owned()));
    }
    item.says("encryption", Outcome::Create(site.key.shown()));
    if asks_for_organization(site, account) && may_be_of_organization(site, item, account) {
        item.says("organization", Outcome::Create("true".to_owned()));
        input["IsOrganizationTrail"] = json!(true);
    }
    item.calls("cloudtrail:CreateTrail", input).needed().after(needs(site));
    selectors(site, item, &Value::Null);
    insights(site, item, None);
    item.says("logging", Outcome::Create("true".to_owned()));
    item.calls("cloudtrail:StartLogging", json!({"Name": item.name})).after(needs(site));
}

/// Whether the organization's trail is asked of this account: where another one manages it and is looked at, it is that one's.
fn asks_for_organization(site: &Site<'_>, account: &str) -> bool {
    site.wish.organization && site.manager().is_none_or(|manager| manager == account)
}

/// Whether an account can have a trail of its organization; where it cannot, why is said.
fn may_be_of_organization(site: &Site<'_>, item: &mut Item, account: &str) -> bool {
    let (id, manages) = site.organization(account);
    let why = match (id, manages.as_deref()) {
        (None, _) => msg!("setup-organization-none", account = account),
        (Some(_), Some(manager)) if manager != account => {
            msg!("setup-organization-member", account = account, manager = manager)
        }
        (Some(_), _) => return true,
    };
    item.cannot("organization", why);
    false
}

fn adopt(site: &Site<'_>, item: &mut Item, (trail, there): (&Trail<'_>, &Value)) {
    item.says("trail", Outcome::Adopt(text(there, "S3BucketName").unwrap_or_default().to_owned()));
    let is_ours_to_change = trail.state == State::There;
    let why = || match trail.is_of_control_tower {
        true => msg!("setup-control-tower", trail = trail.name.as_str()),
        false => msg!("setup-trail-elsewhere", trail = trail.arn.as_str()),
    };
    let mut update = Map::new();
    for (name, is, want) in SWITCHES {
        if is_on(there, is) {
            item.says(name, Outcome::Right("true".to_owned()));
        } else if is_ours_to_change {
            item.wants(name, Some("false"), "true");
            update.insert(want.to_owned(), json!(true));
        } else {
            item.cannot(name, why());
        }
    }
    let mut needs: Vec<String> = Vec::new();
    match text(there, "KmsKeyId") {
        Some(key) if key == site.key.arn => item.says("encryption", Outcome::Right(key.to_owned())),
        Some(key) => item.says("encryption", Outcome::Adopt(key.to_owned())),
        None if is_ours_to_change => {
            item.says("encryption", Outcome::Create(site.key.shown()));
            update.insert("KmsKeyId".to_owned(), json!(site.key.arn));
            needs.push(evidence_key::id(site));
        }
        None => item.cannot("encryption", why()),
    }
    let is_asked = asks_for_organization(site, &item.account);
    if is_asked && is_on(there, "IsOrganizationTrail") {
        item.says("organization", Outcome::Right("true".to_owned()));
    } else if is_asked && !is_ours_to_change {
        item.cannot("organization", why());
    } else if is_asked && may_be_of_organization(site, item, &item.account.clone()) {
        item.wants("organization", Some("false"), "true");
        update.insert("IsOrganizationTrail".to_owned(), json!(true));
        needs.push(buckets::evidence_id(site));
    }
    if !update.is_empty() {
        update.insert("Name".to_owned(), json!(trail.arn));
        item.calls("cloudtrail:UpdateTrail", Value::Object(update)).after(needs);
    }
    if is_ours_to_change {
        match site.found.about("cloudtrail:GetEventSelectors", &item.account, &trail.arn) {
            Seen::Unknown(why) => item.cannot("management_events", why),
            Seen::Absent => selectors(site, item, &Value::Null),
            Seen::Is(value) => selectors(site, item, value),
        }
        insights(site, item, Some(&trail.arn));
    }
    match site.found.about("cloudtrail:GetTrailStatus", &item.account, &trail.arn) {
        Seen::Unknown(why) => item.cannot("logging", why),
        Seen::Is(status) if is_on(status, "IsLogging") => item.says("logging", Outcome::Right("true".to_owned())),
        Seen::Is(_) | Seen::Absent if is_ours_to_change => {
            item.wants("logging", Some("false"), "true");
            item.calls("cloudtrail:StartLogging", json!({"Name": trail.arn}));
        }
        Seen::Is(_) | Seen::Absent => item.cannot("logging", why()),
    }
}

/// Management events of all kinds, and data events of the buckets that are named: what is missing is added to what is there.
fn selectors(site: &Site<'_>, item: &mut Item, there: &Value) {
    let is = match selectors_of_trail(&settings::Value::from_json(there)) {
        Fact::Known(is) => is,
        // A trail that nothing was said of records all management events.
        Fact::Absent => Selectors { has_all_management: true, ..Selectors::default() },
        Fact::Unknown(why) => return item.cannot("management_events", why),
    };
    let is_new = there.is_null();
    let has_management = is_new || is.has_all_management && is.excluded.is_empty();
    if has_management {
        item.says("management_events", if is_new { create_all() } else { Outcome::Right("All".to_owned()) });
    } else {
        let from = if is.has_all_management { format!("All - {}", is.excluded.join(" - ")) } else { "some".to_owned() };
        item.wants("management_events", Some(&from), "All");
    }
    let missing = missing_objects(site, &is);
    if !site.wish.data_events.is_empty() {
        let asked = site.wish.data_events.join(", ");
        item.says(
            "data_events",
            match missing.is_empty() {
                true => Outcome::Right(asked),
                false => Outcome::Create(missing.join(", ")),
            },
        );
    }
    // Of a new trail it is said, whatever CloudTrail would record by itself.
    if !is_new && has_management && missing.is_empty() {
        return;
    }
    let arns: Vec<String> = missing.iter().map(|bucket| objects_of(site, bucket)).collect();
    let selected = match many(&there["AdvancedEventSelectors"]).is_empty() {
        true => basic(there, &arns, has_management),
        false => Some(advanced(there, &arns, has_management)),
    };
    let Some(mut input) = selected else {
        return item.cannot("selectors", msg!("setup-selectors-full", trail = item.name.as_str(), most = MOST));
    };
    input["TrailName"] = json!(item.name);
    let of_new = if is_new { needs(site).to_vec() } else { Vec::new() };
    item.calls("cloudtrail:PutEventSelectors", input).after(of_new);
}

fn create_all() -> Outcome {
    Outcome::Create("All".to_owned())
}

/// The buckets that are asked for and of whose objects nothing is recorded.
fn missing_objects(site: &Site<'_>, is: &Selectors) -> Vec<String> {
    let has = |bucket: &String| match is.objects {
        DataEvents::All => true,
        DataEvents::None => false,
        // A prefix within a bucket is not all of it.
        DataEvents::Some => {
            let arn = objects_of(site, bucket);
            is.of.iter().any(|one| *one == arn || one.trim_end_matches('/') == arn.trim_end_matches('/'))
        }
    };
    site.wish.data_events.iter().filter(|bucket| !has(bucket)).cloned().collect()
}

/// The objects of a bucket, as a selector has them; of all buckets, S3 itself.
pub(crate) fn objects_of(site: &Site<'_>, bucket: &str) -> String {
    match bucket {
        "*" => format!("arn:{}:s3", site.names.partition),
        bucket => format!("{}/", site.names.bucket(bucket)),
    }
}

/// The most selectors that a trail has.
const MOST: usize = 5;

/// The selectors with what is missing: what is there is about what stands in it, and made to record more it would record more than is
/// asked, and paid. Nothing where there is no room for another.
fn basic(there: &Value, arns: &[String], has_management: bool) -> Option<Value> {
    let mut all: Vec<Value> = many(&there["EventSelectors"]).into_iter().cloned().collect();
    // A trail of which nothing was said records management events until something is.
    let has_management = has_management && !all.is_empty();
    let has_no_data = |one: &Value| many(&one["DataResources"]).is_empty();
    if !has_management {
        let of_management = all.iter_mut().find(|one| is_on(one, "IncludeManagementEvents") && has_no_data(one));
        match of_management {
            Some(one) => {
                one["ReadWriteType"] = json!("All");
                one["ExcludeManagementEventSources"] = json!([]);
            }
            None => all.push(json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []})),
        }
    }
    if !arns.is_empty() {
        let objects = json!({"Type": "AWS::S3::Object", "Values": arns});
        match all.iter_mut().find(|one| text(one, "ReadWriteType") == Some("All")) {
            Some(one) => {
                let mut resources: Vec<Value> = many(&one["DataResources"]).into_iter().cloned().collect();
                resources.push(objects);
                one["DataResources"] = json!(resources);
            }
            None => {
                all.push(json!({"ReadWriteType": "All", "IncludeManagementEvents": false, "DataResources": [objects]}))
            }
        }
    }
    (all.len() <= MOST).then(|| json!({"EventSelectors": all}))
}

fn advanced(there: &Value, arns: &[String], has_management: bool) -> Value {
    let mut all: Vec<Value> = many(&there["AdvancedEventSelectors"]).into_iter().cloned().collect();
    let field = |name: &str, operator: &str, values: Value| json!({"Field": name, operator: values});
    if !has_management {
        let fields = [field("eventCategory", "Equals", json!(["Management"]))];
        all.push(json!({"Name": "Management events", "FieldSelectors": fields}));
    }
    if !arns.is_empty() {
        let mut fields = vec![
            field("eventCategory", "Equals", json!(["Data"])),
            field("resources.type", "Equals", json!(["AWS::S3::Object"])),
        ];
        if !arns.iter().any(|arn| arn.ends_with(":s3")) {
            fields.push(field("resources.ARN", "StartsWith", json!(arns)));
        }
        all.push(json!({"Name": "Objects of evidence", "FieldSelectors": fields}));
    }
    json!({"AdvancedEventSelectors": all})
}

fn insights(site: &Site<'_>, item: &mut Item, trail: Option<&str>) {
    let answer = trail.map(|arn| site.found.about("cloudtrail:GetInsightSelectors", &item.account, arn));
    let is: Vec<&str> = match answer {
        Some(Seen::Unknown(_)) if !site.wish.insights => return,
        Some(Seen::Unknown(why)) => return item.cannot("insights", why),
        Some(Seen::Is(value)) => {
            many(&value["InsightSelectors"]).into_iter().filter_map(|one| text(one, "InsightType")).collect()
        }
        Some(Seen::Absent) | None => Vec::new(),
    };
    let (has, all) = (is.join(", "), INSIGHTS.join(", "));
    if !site.wish.insights {
        if !is.is_empty() {
            item.says("insights", Outcome::Stricter(has));
        }
        return;
    }
    if INSIGHTS.iter().all(|one| is.contains(one)) {
        return item.says("insights", Outcome::Right(all));
    }
    item.wants("insights", Some(&has), &all);
    // What watches something else goes on watching.
    let mut kinds: Vec<&str> = is.into_iter().chain(INSIGHTS).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let selectors: Vec<Value> = kinds.into_iter().map(|kind| json!({"InsightType": kind})).collect();
    let of_new = if trail.is_none() { needs(site).to_vec() } else { Vec::new() };
    let input = json!({"TrailName": item.name, "InsightSelectors": selectors});
    item.calls("cloudtrail:PutInsightSelectors", input).after(of_new);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selectors(all: &[Value]) -> Value {
        json!({"EventSelectors": all})
    }

    #[test]
    fn what_is_missing_does_not_widen_a_selector_that_records_less() {
        let writes = json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": false,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::theirs/"]}]});
        let whole = json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []});
        let shop = ["arn:aws:s3:::shop/".to_owned()];
        let becomes = |there: &[Value], arns: &[String], has_management: bool| {
            let becomes = basic(&selectors(there), arns, has_management)?;
            Some(becomes["EventSelectors"].as_array().unwrap().clone())
        };
        // What records all takes the objects.
        let all = becomes(&[writes.clone(), whole.clone()], &shop, true).unwrap();
        assert_eq!((all.len(), &all[0], &all[1]["DataResources"][0]["Values"]), (2, &writes, &json!(shop)));
        // Where management events are missing too, they get a selector of their own, and theirs records what it did.
        let mut some = writes.clone();
        some["IncludeManagementEvents"] = json!(true);
        let all = becomes(&[some.clone()], &shop, false).unwrap();
        assert_eq!((all.len(), &all[0]), (2, &some));
        assert_eq!((&all[1]["IncludeManagementEvents"], &all[1]["ReadWriteType"]), (&json!(true), &json!("All")));
        assert_eq!(all[1]["DataResources"][0]["Values"], json!(shop));
        // One of management events alone is widened, for it records nothing else.
        let reads = json!({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true, "DataResources": [],
            "ExcludeManagementEventSources": ["kms.amazonaws.com"]});
        let all = becomes(&[reads], &[], false).unwrap();
        assert_eq!((all.len(), &all[0]["ReadWriteType"]), (1, &json!("All")));
        assert_eq!(all[0]["ExcludeManagementEventSources"], json!([]));
        // A trail has no sixth.
        let full = vec![writes; MOST];
        assert_eq!((becomes(&full, &shop, true), becomes(&full, &[], false)), (None, None));
    }

    #[test]
    fn a_trail_about_which_nothing_was_said_is_said_all() {
        let becomes = basic(&Value::Null, &["arn:aws:s3:::shop/".to_owned()], true).unwrap();
        let all = becomes["EventSelectors"].as_array().unwrap();
        assert_eq!((all.len(), &all[0]["IncludeManagementEvents"]), (1, &json!(true)));
        assert_eq!(all[0]["DataResources"][0]["Type"], "AWS::S3::Object");
    }
}
