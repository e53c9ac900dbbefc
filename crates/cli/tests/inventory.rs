//! What exists against what speaks: an account that moto plays, and the streams of a vault; a run says where it looked, and closes
//! nothing elsewhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use aws::{Cloud, account, trail};
use serde_json::{Value, json};
use site::{Answer, Site};

impl Cloud {
    fn run(&self, site: &Site, account: &str, command: &[&str]) -> Answer {
        let role = format!("arn:aws:iam::{account}:role/look");
        let mut command = site.command(&[command, &["--live", "--role", &role, "--region", "us-east-1"]].concat());
        command.env("AWS_ENDPOINT_URL", self.moto.endpoint()).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env_remove("AWS_PROFILE").env_remove("AWS_ENDPOINT_URL_S3");
        Site::finish(command)
    }
}

/// How a resource stands, and in which stream it is heard.
fn of<'r>(report: &'r Value, check: &str, end: &str) -> (&'r str, &'r Value) {
    let all = report["resources"].as_array().unwrap();
    let found = all.iter().find(|one| one["check"] == check && one["resource"].as_str().unwrap().ends_with(end));
    let one = found.unwrap_or_else(|| panic!("no {check} {end} in {report}"));
    (one["status"].as_str().unwrap(), one)
}

#[test]
fn what_exists_is_listed_with_its_last_record_now_and_by_the_inventory_that_was_sealed() {
    let Some(cloud) = Cloud::of("an inventory") else { return };
    let (site, account) = (Site::with_vault(&[]), account());
    cloud.make(&account, "sound");
    // Before there is an inventory, nothing is known of what exists: that is no pass.
    assert_eq!(site.run(&["inventory"]).code, Some(4));
    assert_eq!(site.run(&["check", "--check", "inventory_account_speaks"]).code, Some(4));
    let silent = cloud.run(&site, &account, &["inventory", "-o", "json"]).report(1);
    assert_eq!(of(&silent, "inventory_account_speaks", &account).0, "fail");
    // Who is silent is a finding, and the run has a record, as that of checks.
    assert_eq!([&silent["recorded"], &silent["looked"]["from"]], [&json!(true), &json!("live")]);
    let listed = site.run(&["finding", "list", "--json"]).report(0);
    let is_it = |one: &Value| one["check"] == "inventory_account_speaks" && one["subject"] == account.as_str();
    assert!(listed["findings"].as_array().unwrap().iter().any(is_it), "{listed}");
    // A cluster of this minute has a day to begin.
    assert_eq!(of(&silent, "inventory_cluster_speaks", "cluster/shop").0, "not_applicable");

    let file = site.write("in/trail.json", trail(&account));
    assert_eq!(site.run(&["ingest", "cloudtrail", &file]).code, Some(0));
    let kept = site.run(&["inventory", "-o", "json"]).report(0);
    let (status, one) = of(&kept, "inventory_account_speaks", &account);
    assert_eq!((status, &one["stream"], &one["records"]), ("pass", &json!(format!("cloudtrail/{account}")), &json!(1)));
    assert_eq!(of(&kept, "inventory_account_speaks", "us-east-1").0, "pass");
    // It names the newest record, which can be proved.
    assert_eq!(site.run(&["prove", one["record"].as_str().unwrap()]).code, Some(0));
    assert_eq!(kept["places"], json!([account, format!("{account} us-east-1")]));
    assert!(kept["taken"].as_str().is_some() && kept["looked"].is_null());

    // The checks over the vault ask the same, by themselves and in a framework.
    let check = site.run(&["check", "--check", "inventory_account_speaks", "-o", "json"]).report(0);
    let finding = &check["checks"][0]["findings"][0];
    assert_eq!((&finding["status"], &finding["subject"]), (&json!("pass"), &json!(account)));
    assert_eq!(finding["records"], json!([one["record"]]));
    assert_eq!(check["looked"]["places"], kept["places"]);
    let whole = site.run(&["check", "--framework", "pci-dss", "-o", "json"]);
    let whole: Value = serde_json::from_str(&whole.out).unwrap();
    let logs = whole["frameworks"][0]["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["number"] == "10.2.1")
        .unwrap();
    let ids: Vec<&str> = logs["checks"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"inventory_account_speaks"), "{ids:?}");

    let table = site.run(&["inventory"]);
    assert_eq!(table.code, Some(0), "{table:?}");
    assert!(
        table.out.contains(&format!("cloudtrail/{account}")) && table.out.contains("By the inventory of"),
        "{}",
        table.out
    );
    let lines = site.run(&["inventory", "-o", "csv"]);
    assert!(
        lines.out.starts_with("resource,check,place,stream,first,last,records,record,status,what"),
        "{}",
        lines.out
    );
    let japanese = site.run(&["inventory", "--lang", "ja"]);
    assert!(japanese.out.contains("最後の記録") && japanese.out.contains("棚卸し"), "{}", japanese.out);
}

#[test]
fn over_no_item_of_aws_config_it_says_what_is_missing_and_shows_no_table() {
    let site = Site::with_vault(&[]);
    let nothing = site.run(&["inventory", "--aws-config", "--as-of", "2026-03-05"]);
    assert_eq!(nothing.code, Some(4), "{nothing:?}");
    assert!(nothing.err.contains("no item of AWS Config from before 2026-03-06T00:00:00Z"), "{nothing:?}");
    assert!(!nothing.out.contains('┆'), "no table of nothing: {nothing:?}");
    let japanese = site.run(&["inventory", "--aws-config", "--lang", "ja"]);
    assert!(japanese.err.contains("AWS Config の項目が保管庫にない"), "{japanese:?}");
}

#[test]
fn a_run_over_one_account_closes_nothing_of_another() {
    let Some(cloud) = Cloud::of("where a run looked") else { return };
    let (site, bad, empty) = (Site::with_vault(&[]), account(), account());
    cloud.make(&bad, "bad");
    let check = ["check", "--check", "s3_evidence_bucket_is_versioned", "-o", "json"];
    let state = |site: &Site| {
        let all = site.run(&["finding", "list", "--status", "all", "--nature", "all", "--json"]).report(0);
        let all = all["findings"].as_array().unwrap().clone();
        let found = all.iter().find(|one| one["subject"] == format!("arn:aws:s3:::logs-{bad}"));
        found.unwrap_or_else(|| panic!("{all:?}"))["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(cloud.run(&site, &bad, &check).code, Some(1));
    assert_eq!(state(&site), "open");
    // The other account has no such bucket: of this one the run says nothing.
    assert_eq!(cloud.run(&site, &empty, &check).code, Some(0));
    assert_eq!(state(&site), "open");
    cloud.make(&bad, "mended");
    assert_eq!(cloud.run(&site, &bad, &check).code, Some(0));
    assert_eq!(state(&site), "resolved");
    // Where it looked stands in the sealed record of the run.
    let question = "filter action = \"check.run\" | fields @message";
    let rows = site.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    let events: Vec<Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| serde_json::from_str(row["@message"].as_str().unwrap()).unwrap())
        .collect();
    let places = json!([empty, format!("{empty} us-east-1")]);
    assert!(
        events.iter().any(|event| event["details"]["looked"] == json!({"from": "live", "places": places})),
        "{events:?}"
    );
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_asked() {
    let site = Site::with_vault(&[]);
    let refused = |arguments: &[&str], says: &str| {
        let mut command = site.command(arguments);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        let answer = Site::finish(command);
        assert_eq!(answer.code, Some(2), "{arguments:?}: {answer:?}");
        assert!(answer.err.contains(says), "{arguments:?}: {}", answer.err);
    };
    refused(&["check", "--live", "--region", "us-est-1"], "`us-east-1`");
    refused(&["inventory", "--live", "--region", "tokyo"], "there is no region `tokyo`");
    refused(&["check", "--live", "--period", "2025"], "--aws-config --as-of");
    refused(&["check", "--live", "--check", "evidence_has_no_open_gap"], "none of these checks looks at settings");
    refused(&["check", "--live", "--region"], "needs a value");
}
