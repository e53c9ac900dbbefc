//! Settings by a schedule: code and accounts are judged, what is new is told once, what is mended is told as closed, also over a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod people;
mod serving;
mod site;

use std::sync::mpsc::Receiver;
use std::time::Duration;

use aws::{Cloud, account, trail};
use people::hook;
use serde_json::{Value, json};
use serving::{Server, configuration};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(120);

/// A configuration that seals each second and tells one who listens.
fn config(url: &str, more: &str) -> String {
    let head = "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"";
    let alert = format!("[[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n");
    format!("{}{alert}{more}", configuration(head, "receivers = [\"ndjson\"]\nsource = \"app\""))
}

fn told(hears: &Receiver<(String, Value)>) -> Value {
    hears.recv_timeout(PATIENCE).expect("told").1
}

/// Nothing more is told, also not a moment later.
fn silent(hears: &Receiver<(String, Value)>) {
    let told = hears.recv_timeout(Duration::from_secs(1));
    assert!(told.is_err(), "{told:?}");
}

fn actions(report: &Value) -> Vec<String> {
    let told = report["told"].as_array().unwrap();
    told.iter().map(|told| told["action"].as_str().unwrap().to_owned()).collect()
}

/// Puts a file there at once: a run never sees the half of it.
fn put(site: &Site, name: &str, text: &str) {
    let new = site.write("new.text", text);
    std::fs::rename(new, site.path(name)).unwrap();
}

fn key(name: &str, rotates: bool) -> String {
    format!("resource \"aws_kms_key\" \"{name}\" {{\n  enable_key_rotation = {rotates}\n}}\n")
}

#[test]
fn code_is_judged_by_a_schedule_and_told_once_until_it_is_mended() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    site.write("infra/main.tf", key("k", false));
    site.write("infra/b/other.tf", key("k", true));
    let more =
        "[[schedule]]\nname = \"code\"\nevery = \"1s\"\ncheck = { iac = \"infra\", checks = \"kms_key_rotates\" }\n";
    let text = config(&url, more);
    let server = Server::start(&site, &text);
    let opened = told(&hears); // the first request is answered with 500, and tried again
    assert_eq!([&opened["action"], &opened["details"]["check"]], ["finding.opened", "kms_key_rotates"], "{opened}");
    assert_eq!([&opened["details"]["subject"], &opened["details"]["schedule"]], ["aws_kms_key.k", "code"]);
    let what = opened["what_to_do"].as_str().unwrap();
    assert!(what.contains("`shoseki schedule run code`") && what.contains("shoseki finding show F-"), "{what}");
    let place = site.path("infra/main.tf").display().to_string();
    assert_eq!([&opened["details"]["place"], &opened["lines"]], [&json!(place), &json!([format!("in {place}")])]);
    server.ran("code", 3);
    server.kill();
    let server = Server::start(&site, &text);
    server.ran("code", 2);
    silent(&hears);

    // Mended, it is closed; wrong again, it opens again; and a resource that is gone fails no more.
    put(&site, "infra/main.tf", &key("k", true));
    let closed = told(&hears);
    assert_eq!(
        [&closed["action"], &closed["details"]["findings"]],
        [&json!("finding.closed"), &opened["details"]["findings"]]
    );
    put(&site, "infra/main.tf", &key("k", false));
    assert_eq!(told(&hears)["action"], "finding.opened");
    put(&site, "infra/main.tf", &key("another", true));
    assert_eq!(told(&hears)["action"], "finding.closed");
    // What cannot be read may have what is not found any more.
    put(&site, "infra/main.tf", &key("another", false));
    assert_eq!(told(&hears)["details"]["subject"], "aws_kms_key.another");
    put(&site, "infra/main.tf", "resource {");
    server.ran("code", 8);
    silent(&hears);
    put(&site, "infra/main.tf", &key("another", true));
    assert_eq!(told(&hears)["action"], "finding.closed");
    server.ran("code", 10);
    server.stop();
    silent(&hears);

    // Its record is that of the command, with the schedule's name and where it looked.
    let rows = site.run(&[
        "query",
        "filter action = 'check.run' | fields @message | limit 1",
        "--source",
        "shoseki",
        "-o",
        "json",
    ]);
    let event: Value = serde_json::from_str(rows.report(0)[0]["@message"].as_str().unwrap()).unwrap();
    let looked = json!({"from": "code", "places": [site.path("infra").canonicalize().unwrap()]});
    assert_eq!([&event["actor"]["schedule"], &event["details"]["looked"]], [&json!("code"), &looked], "{event}");
    site.assert_intact();
}

#[test]
fn a_run_over_code_is_kept_where_that_is_asked_for() {
    let site = Site::with_vault(&[]);
    site.write("infra/main.tf", key("k", false));
    let check = ["check", "iac", "infra", "--check", "kms_key_rotates"];
    let plain = site.run(&[&check[..], &["--json"]].concat()).report(1);
    assert_eq!(
        [&plain["recorded"], &plain["new_findings"], &plain["looked"]],
        [&json!(false), &json!(0), &Value::Null]
    );
    assert_eq!(site.run(&["finding", "list", "--json"]).report(0)["findings"], json!([]));
    let kept = |code: i32| site.run(&[&check[..], &["--record", "--json"]].concat()).report(code);
    let first = kept(1);
    assert_eq!(
        [&first["recorded"], &first["new_findings"], &first["asked"]],
        [&json!(true), &json!(1), &json!(["kms_key_rotates"])]
    );
    assert_eq!(first["findings"][0]["finding"]["new"], true);
    assert_eq!(kept(1)["new_findings"], 0, "it is known");
    let listed = || {
        let listed = site.run(&["finding", "list", "--status", "all", "--json"]).report(0);
        listed["findings"][0]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(listed(), "open");
    let id = site.run(&["finding", "list", "--json"]).report(0)["findings"][0]["id"].as_str().unwrap().to_owned();
    let shown = site.run(&["finding", "show", &id]);
    let folder = site.path("infra").display().to_string();
    let again = format!("Ask again: shoseki check iac {folder} --check kms_key_rotates --record");
    assert!(shown.out.contains(&again) && shown.out.contains(&format!("In: {folder}/main.tf")), "{shown:?}");
    // A folder that is empty was perhaps not checked out: nothing is gone by it.
    std::fs::remove_file(site.path("infra/main.tf")).unwrap();
    assert_eq!(site.run(&[&check[..], &["--record"]].concat()).code, Some(4));
    assert_eq!(listed(), "open");
    // Accepted in the code, it is no failure any more.
    let accepted =
        key("k", false).replace("{\n", "{\n  # shoseki:accept kms_key_rotates until=2027-03-31 reason=\"a move\"\n");
    site.write("infra/main.tf", accepted);
    let text = site.run(&[&check[..], &["--record"]].concat());
    assert!(text.code == Some(0) && text.out.contains("kept in the vault"), "{text:?}");
    assert_eq!(listed(), "resolved");
    let japanese = site.run(&[&check[..], &["--record", "--lang", "ja"]].concat());
    assert!(japanese.out.contains("保管庫に残しました"), "{japanese:?}");
    site.assert_intact();
}

/// The program as one who may ask AWS starts it.
fn run(cloud: &Cloud, site: &Site, words: &[&str]) -> site::Answer {
    let mut command = site.command(words);
    command.envs(credentials(&cloud.moto.endpoint()).iter().map(|(name, value)| (*name, value.as_str())));
    command.env_remove("AWS_PROFILE").env_remove("AWS_ENDPOINT_URL_S3");
    Site::finish(command)
}

fn credentials(endpoint: &str) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
}

#[test]
fn accounts_are_judged_by_a_schedule_and_told_once_until_they_are_mended() {
    let Some(cloud) = Cloud::of("settings of accounts by a schedule") else { return };
    let (site, account, (url, hears)) = (Site::with_vault(&[]), account(), hook());
    cloud.make(&account, "bad");
    let who = format!("live = true, regions = \"us-east-1\", roles = \"arn:aws:iam::{account}:role/look\"");
    let more = format!(
        "[[schedule]]\nname = \"settings\"\nevery = \"2s\"\ncheck = {{ {who}, checks = \"s3_evidence_bucket_is_versioned\" }}\n\
         [[schedule]]\nname = \"exists\"\nat = \"05:00\"\non = 1\ninventory = {{ {who} }}\n"
    );
    let text = config(&url, &more);
    let variables = credentials(&cloud.moto.endpoint());
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start_with(&site, &text, &variables);
    let opened = told(&hears);
    assert_eq!([&opened["action"], &opened["details"]["schedule"]], ["finding.opened", "settings"], "{opened}");
    assert_eq!(opened["details"]["subject"], format!("arn:aws:s3:::logs-{account}"));
    server.ran("settings", 2);
    server.kill();
    let server = Server::start_with(&site, &text, &variables);
    server.ran("settings", 2);
    silent(&hears);
    cloud.make(&account, "mended");
    let closed = told(&hears);
    assert_eq!(
        [&closed["action"], &closed["details"]["findings"]],
        [&json!("finding.closed"), &opened["details"]["findings"]]
    );
    server.stop();
    silent(&hears);

    // What exists and does not speak, by hand: it is found, told once, and closed once it speaks.
    let path = site.path("shoseki.toml").display().to_string();
    let now = |code: i32| run(&cloud, &site, &["schedule", "run", "exists", "--config", &path, "--json"]).report(code);
    let first = now(1);
    assert_eq!(first["verdict"], "fail");
    assert!(actions(&first).contains(&"finding.opened".to_owned()), "{first}");
    let speaks = |report: &Value, action: &str| {
        let told = report["told"].as_array().unwrap();
        told.iter().any(|told| {
            told["action"] == action
                && told["details"]["check"] == "inventory_account_speaks"
                && told["details"]["subject"] == account.as_str()
        })
    };
    assert!(speaks(&first, "finding.opened"), "{first}");
    assert_eq!(actions(&now(1)), ["schedule.done"]);
    let file = site.write("in/trail.json", trail(&account));
    assert_eq!(site.run(&["ingest", "cloudtrail", &file]).code, Some(0));
    let spoken = run(&cloud, &site, &["schedule", "run", "exists", "--config", &path, "--json"]);
    let spoken: Value = serde_json::from_str(&spoken.out).unwrap();
    assert!(speaks(&spoken, "finding.closed"), "{spoken}");
    let listed = site.run(&["schedule", "list", "--config", &path, "--json"]).report(0);
    let does: Vec<&Value> = listed["schedules"].as_array().unwrap().iter().map(|one| &one["does"]).collect();
    assert_eq!(does, ["live", "inventory"]);
    let command = listed["schedules"][1]["command"].as_str().unwrap();
    let role = format!("arn:aws:iam::{account}:role/look");
    assert_eq!(command, format!("shoseki inventory --live --region us-east-1 --role {role} --tz UTC"));
    site.assert_intact();
}

#[test]
fn what_differs_from_a_set_up_is_told_once_until_it_is_mended() {
    let Some(cloud) = Cloud::of("what differs from a set-up by a schedule") else { return };
    let (site, account, (url, _hears)) = (Site::with_vault(&[]), account(), hook());
    let more = format!(
        "[[schedule]]\nname = \"drift\"\nat = \"05:00\"\non = 1\nsetup = {{}}\n\
         [setup]\nhome_region = \"us-east-1\"\nconfig = false\nroles = [\"arn:aws:iam::{account}:role/setup\"]\n"
    );
    site.write("shoseki.toml", config(&url, &more));
    let path = site.path("shoseki.toml").display().to_string();
    let applied = run(&cloud, &site, &["setup", "apply", "--yes", "--config", &path]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let now = |code: i32| run(&cloud, &site, &["schedule", "run", "drift", "--config", &path, "--json"]).report(code);
    assert_eq!(now(0)["verdict"], "pass");
    cloud.make(&account, "drifted");
    let drifted = now(1);
    let told = |report: &Value, action: &str| {
        let all = report["told"].as_array().unwrap().iter().filter(|told| told["action"] == action);
        let mut checks: Vec<String> = all.map(|told| told["details"]["check"].as_str().unwrap().to_owned()).collect();
        checks.sort();
        checks
    };
    let both = ["setup_store_is_as_planned", "setup_trail_is_as_planned"];
    assert_eq!(
        (&drifted["verdict"], told(&drifted, "finding.opened")),
        (&json!("fail"), both.map(str::to_owned).to_vec())
    );
    // The first request to the hook is answered with 500, whichever of both it tells of: that one is told by the next run.
    let late = told(&now(1), "finding.opened");
    assert!(late.len() == 1 && both.contains(&late[0].as_str()), "{late:?}");
    assert_eq!(actions(&now(1)), ["schedule.done"]);
    cloud.make(&account, "restored");
    assert_eq!(told(&now(0), "finding.closed"), both);
    let listed = site.run(&["schedule", "list", "--config", &path, "--json"]).report(0);
    let one = &listed["schedules"][0];
    let command = format!("shoseki setup plan --record --config {path} --tz UTC");
    assert_eq!((&one["does"], &one["command"]), (&json!("setup"), &json!(command)));
    site.assert_intact();
}

#[test]
fn what_could_not_run_is_refused_before_it_is_due() {
    let site = Site::with_vault(&[]);
    site.write("infra/main.tf", key("k", true));
    let check = |job: &str| {
        let path = site.write("shoseki.toml", format!("[[schedule]]\nname = \"a\"\nat = \"06:30\"\n{job}\n"));
        let mut command = site.command(&["serve", "--check", "--config", &path]);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"); // nobody is asked
        Site::finish(command)
    };
    for (job, does) in [
        ("check = { iac = [\"infra\"], framework = \"pci-dss\" }", "checks of code"),
        ("check = { live = true, all_regions = true }", "checks of accounts"),
        ("inventory = { live = true, regions = [\"us-east-1\"] }", "an inventory"),
        ("setup = {}\n[setup]\nhome_region = \"us-east-1\"", "a set-up plans"),
    ] {
        let good = check(job);
        assert!(good.code == Some(0) && good.out.contains(does), "{job}: {good:?}");
        assert!(good.err.contains("[[alert]]"), "nobody would be told: {good:?}");
    }
    for (job, why) in [
        ("check = { iac = [\"infra\", \"nowhere\"] }", "nowhere"),
        ("check = { iac = \"infra\", framework_file = \"none.yaml\" }", "none.yaml"),
        ("check = { live = true, regions = \"us-est-1\" }", "`us-east-1`"),
        ("inventory = { live = true, regions = \"us-est-1\" }", "`us-east-1`"),
        ("check = { live = true, roles = \"look\" }", "`look`"),
        ("setup = {}", "[setup]"),
        ("setup = {}\n[setup]\nhome_region = \"us-est-1\"", "`us-east-1`"),
        ("check = { live = true, iac = \"infra\" }", "`iac`"),
    ] {
        let refused = check(job);
        assert!(refused.code == Some(2) && refused.err.contains(why), "{job}: {refused:?}");
        let path = site.path("shoseki.toml").display().to_string();
        assert_eq!(site.run(&["serve", "--config", &path]).code, Some(2), "nor does it start");
    }
}
