//! What records: trails, AWS Config, log groups, GuardDuty.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::calls;
use super::desk::{Desk, Pages};
use crate::call::{JsonService, RestService, Service, escaped};
use crate::cloudtrail::CLOUDTRAIL;
use crate::logs::LOGS;

pub(crate) static CONFIG: JsonService = JsonService {
    service: Service { id: "Config Service", host: "config", is_fips_in_gov: true },
    target: "StarlingDoveService",
    content_type: "application/x-amz-json-1.1",
};
static GUARDDUTY: RestService =
    RestService { service: Service { id: "GuardDuty", host: "guardduty", is_fips_in_gov: false }, is_xml: false };

/// The trails of an account that were asked about: one of all regions is shown in each.
#[derive(Debug, Default)]
pub(super) struct Trails(Mutex<BTreeSet<String>>);

impl Trails {
    fn is_new(&self, arn: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned())
    }
}

/// The trails that record a region, with what they select and whether they do.
pub(super) async fn trails(desk: Desk, known: Arc<Trails>) {
    let cloudtrail = desk.json(&CLOUDTRAIL);
    let call = &calls::TRAILS;
    let asked = json!({"includeShadowTrails": true});
    let Some(answer) = desk.note(call, None, cloudtrail.call(call.operation, &asked)).await else { return };
    for one in answer["trailList"].as_array().into_iter().flatten() {
        let text = |name: &str| one[name].as_str().map(str::to_owned);
        let Some(arn) = text("TrailARN").filter(|arn| known.is_new(arn)) else { continue };
        let home = desk.in_region(&text("HomeRegion").unwrap_or_else(|| desk.region.clone()));
        let cloudtrail = home.json(&CLOUDTRAIL);
        let call = &calls::TRAIL_STATUS;
        home.note(call, Some(&arn), cloudtrail.call(call.operation, &json!({"Name": arn}))).await;
        for call in [&calls::EVENT_SELECTORS, &calls::INSIGHTS] {
            home.note(call, Some(&arn), cloudtrail.call(call.operation, &json!({"TrailName": arn}))).await;
        }
    }
}

/// AWS Config of a region.
pub(super) async fn config(desk: Desk) {
    let config = desk.json(&CONFIG);
    for call in [&calls::RECORDERS, &calls::RECORDER_STATUS, &calls::CHANNELS] {
        desk.note(call, None, config.call(call.operation, &json!({}))).await;
    }
}

/// The log groups of a region.
pub(super) async fn log_groups(desk: Desk) {
    let logs = desk.json(&LOGS);
    let call = &calls::LOG_GROUPS;
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked = json!({"limit": 50});
        if let Some(from) = pages.from() {
            asked["nextToken"] = json!(from);
        }
        pages.take(desk.note(call, None, logs.call(call.operation, &asked)).await, "nextToken");
    }
    desk.whole(call, None, &pages);
}

/// Whom a log group passes its events on to.
pub(super) async fn subscriptions(desk: Desk, group: String) {
    let logs = desk.json(&LOGS);
    let call = &calls::SUBSCRIPTIONS;
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked = json!({"logGroupName": group});
        if let Some(from) = pages.from() {
            asked["nextToken"] = json!(from);
        }
        pages.take(desk.note(call, Some(&group), logs.call(call.operation, &asked)).await, "nextToken");
    }
    desk.whole(call, Some(&group), &pages);
}

/// Whether a log group is of evidence, by its name: what is asked of each group is asked of these alone, for an account may have
/// thousands, and these calls are few a second.
pub(super) fn is_of_evidence(group: &str) -> bool {
    let starts = ["/aws/eks/", "/aws/rds/", "/aws/cloudtrail", "aws-cloudtrail"];
    starts.iter().any(|start| group.starts_with(start)) || group.contains("audit") || group.contains("cloudtrail")
}

/// GuardDuty of a region.
pub(super) async fn detectors(desk: Desk) {
    let guardduty = desk.rest(&GUARDDUTY);
    let call = &calls::DETECTORS;
    let Some(answer) = desk.note(call, None, guardduty.get(call.operation, "/detector")).await else { return };
    for id in answer["detectorIds"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (call, path) = (&calls::DETECTOR, format!("/detector/{}", escaped(id)));
        desk.note(call, Some(id), guardduty.get(call.operation, &path)).await;
    }
}
