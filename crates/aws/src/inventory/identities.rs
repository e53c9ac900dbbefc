//! Who may do what: users, roles and policies of IAM, and what users sign in with.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::calls;
use super::desk::{Desk, Pages, as_json};
use crate::call::{QueryService, Service};

pub(crate) static IAM: QueryService =
    QueryService { service: Service { id: "IAM", host: "iam", is_fips_in_gov: false }, version: "2010-05-08" };

/// How long is waited for the report of credentials, and how often it is asked whether it is made.
const PATIENCE: u32 = 10;
const MOMENT: Duration = Duration::from_secs(1);

/// What is listed: policies that AWS wrote are not, for what they allow is known.
const KINDS: [&str; 4] = ["User", "Role", "Group", "LocalManagedPolicy"];

/// All of it, once an account.
pub(super) async fn take(desk: Desk) {
    let iam = desk.query(&IAM);
    let call = &calls::AUTHORIZATION;
    let names: Vec<String> = (1..=KINDS.len()).map(|at| format!("Filter.member.{at}")).collect();
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(KINDS).collect();
        asked.push(("MaxItems", "1000"));
        asked.extend(pages.from().map(|from| ("Marker", from)));
        pages.take(desk.note(call, None, async { as_json(iam.call(call.operation, &asked).await) }).await, "Marker");
    }
    desk.whole(call, None, &pages);
    let call = &calls::ACCOUNT_SUMMARY;
    desk.note(call, None, async { as_json(iam.call(call.operation, &[]).await) }).await;
    for _ in 0..PATIENCE {
        let call = &calls::CREDENTIALS_MADE;
        let made = desk.note(call, None, async { as_json(iam.call(call.operation, &[]).await) }).await;
        match made {
            Some(made) if made["State"] != "COMPLETE" => tokio::time::sleep(MOMENT).await,
            _ => break,
        }
    }
    let call = &calls::CREDENTIALS;
    desk.note(call, None, async {
        let answer = as_json(iam.call(call.operation, &[]).await)?;
        Ok(readable(answer))
    })
    .await;
}

/// The report is CSV in base64; as text it can be read by whoever reads the record.
fn readable(mut answer: Value) -> Value {
    let text = answer["Content"].as_str().and_then(|content| BASE64_STANDARD.decode(content.trim()).ok());
    if let Some(text) = text.and_then(|text| String::from_utf8(text).ok()) {
        answer["Content"] = json!(text);
    }
    answer
}
