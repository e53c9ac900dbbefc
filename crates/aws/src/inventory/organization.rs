//! What an account is part of, and what holds for all of it: its organization with what that denies, S3's block of public access,
//! Security Hub.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::calls::{self, Call};
use super::desk::{Desk, Pages};
use crate::call::{Json, JsonService, Rest, RestService, Service};

static ORGANIZATIONS: JsonService = JsonService {
    service: Service { id: "Organizations", host: "organizations", is_fips_in_gov: true },
    target: "AWSOrganizationsV20161128",
    content_type: "application/x-amz-json-1.1",
};
static S3_CONTROL: RestService =
    RestService { service: Service { id: "S3 Control", host: "s3-control", is_fips_in_gov: false }, is_xml: true };
static SECURITY_HUB: RestService =
    RestService { service: Service { id: "SecurityHub", host: "securityhub", is_fips_in_gov: true }, is_xml: false };

/// The organization, and its service control policies with what each is attached to. An account that does not manage it may mostly not
/// list these.
pub(super) async fn take(desk: Desk) {
    let organizations = desk.json(&ORGANIZATIONS);
    let call = &calls::ORGANIZATION;
    if desk.note(call, None, organizations.call(call.operation, &json!({}))).await.is_none() {
        return;
    }
    let asked = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let pages = list(&desk, &organizations, (&calls::SERVICE_POLICIES, None), asked).await;
    let mut tasks = JoinSet::new();
    for one in pages.iter().filter_map(|page| page["Policies"].as_array()).flatten() {
        let Some(id) = one["Id"].as_str().map(str::to_owned) else { continue };
        let (desk, organizations) = (desk.clone(), organizations.clone());
        tasks.spawn(async move {
            let (call, asked) = (&calls::SERVICE_POLICY, json!({"PolicyId": id}));
            desk.note(call, Some(&id), organizations.call(call.operation, &asked)).await;
            list(&desk, &organizations, (&calls::SERVICE_POLICY_TARGETS, Some(&id)), asked).await;
        });
    }
    tasks.join_all().await;
}

/// All pages of a list.
async fn list(desk: &Desk, by: &Json, (call, of): (&'static Call, Option<&str>), asked: Value) -> Vec<Value> {
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked = asked.clone();
        if let Some(from) = pages.from() {
            asked["NextToken"] = json!(from);
        }
        pages.take(desk.note(call, of, by.call(call.operation, &asked)).await, "NextToken");
    }
    desk.whole(call, of, &pages);
    pages.all
}

/// What blocks public access to all buckets of the account.
pub(super) async fn public_access(desk: Desk) {
    let control = Rest::of_account(&S3_CONTROL, &desk.config, &desk.account);
    let call = &calls::ACCOUNT_PUBLIC_ACCESS;
    let path = "/v20180820/configuration/publicAccessBlock";
    desk.note(call, None, control.get_of(call.operation, path, &desk.account)).await;
}

/// Security Hub of a region, and the standards that it follows.
pub(super) async fn hub(desk: Desk) {
    let hub = desk.rest(&SECURITY_HUB);
    let call = &calls::HUB;
    if desk.note(call, None, hub.get(call.operation, "/accounts")).await.is_none() {
        return;
    }
    let call = &calls::STANDARDS;
    let mut pages = Pages::default();
    while pages.is_more() {
        let asked = pages.from().map_or_else(|| json!({}), |from| json!({"NextToken": from}));
        pages.take(desk.note(call, None, hub.ask(call.operation, "/standards/get", &asked)).await, "NextToken");
    }
    desk.whole(call, None, &pages);
}
