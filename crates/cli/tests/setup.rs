//! `shoseki setup` where moto plays AWS: an empty account, planned, set up, planned again and judged; one in which half exists; one that
//! is stricter than asked; one in which a call is refused in the middle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use aws::front::front;
use aws::{Cloud, account};
use serde_json::{Value, json};
use site::{Answer, Site};

/// A place where a set-up is configured and run.
struct Desk {
    site: Site,
    endpoint: String,
    account: String,
}

impl Desk {
    fn of(cloud: &Cloud, more: &str) -> Self {
        Self::with(Site::empty(), &cloud.moto.endpoint(), &account(), more)
    }

    fn with(site: Site, endpoint: &str, account: &str, more: &str) -> Self {
        let role = format!("arn:aws:iam::{account}:role/setup");
        site.write("shoseki.toml", format!("[setup]\nhome_region = \"us-east-1\"\nroles = [\"{role}\"]\n{more}"));
        Self { site, endpoint: endpoint.to_owned(), account: account.to_owned() }
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        Site::finish(self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.made(Command::new(env!("CARGO_BIN_EXE_shoseki")), arguments)
    }

    fn made(&self, program: Command, arguments: &[&str]) -> Command {
        let mut command = self.site.started_by(program, arguments);
        command.env("AWS_ENDPOINT_URL", &self.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
        command.env_remove("AWS_PROFILE").env_remove("AWS_ENDPOINT_URL_S3").env_remove("SHOSEKI_CONFIG");
        if !self.site.vault().exists() {
            command.env_remove("SHOSEKI_VAULT");
        }
        command
    }

    fn plan(&self, code: i32) -> Value {
        self.run(&["setup", "plan", "--json"]).report(code)
    }

    fn apply(&self, code: i32) -> Value {
        self.run(&["setup", "apply", "--yes", "--json"]).report(code)
    }

    /// What an account answers to some calls, as it is sealed.
    fn seen(&self, calls: &[&str]) -> String {
        let site = Site::with_vault(&[]);
        let desk = Desk::with(site, &self.endpoint, &self.account, "");
        let role = format!("arn:aws:iam::{}:role/setup", self.account);
        desk.run(&["check", "--live", "--role", &role, "--region", "us-east-1", "-o", "json"]);
        let names = calls.iter().map(|call| format!("details.call = \"{call}\"")).collect::<Vec<_>>().join(" or ");
        let question = format!("filter action = \"inventory.answer\" and ({names}) | fields @message");
        let answer = desk.run(&["query", &question, "--source", "shoseki", "-o", "json"]);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        answer.out
    }

    /// How the checks of settings stand.
    fn statuses(&self) -> BTreeMap<String, String> {
        let role = format!("arn:aws:iam::{}:role/setup", self.account);
        let look = ["check", "--live", "--role", &role, "--region", "us-east-1", "-o", "json"];
        let answer = self.run(&look);
        let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        report["checks"].as_array().unwrap().iter().map(|one| (text(&one["id"]), text(&one["status"]))).collect()
    }
}

/// The things of a piece.
fn item<'p>(plan: &'p Value, piece: &str) -> &'p Value {
    let items = plan["items"].as_array().unwrap();
    items.iter().find(|one| one["piece"] == piece).unwrap_or_else(|| panic!("no {piece} in {plan}"))
}

/// How a setting of a piece stands.
fn setting<'p>(plan: &'p Value, piece: &str, name: &str) -> &'p Value {
    let item = item(plan, piece);
    let all = item["settings"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {item}"))
}

/// The calls of a plan.
fn calls(plan: &Value) -> Vec<String> {
    let items = plan["items"].as_array().unwrap().iter();
    let calls = items.flat_map(|item| item["calls"].as_array().unwrap());
    calls.map(|call| call["call"].as_str().unwrap().to_owned()).collect()
}

/// How the calls of an application ended, those that were not done.
fn undone(applied: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = applied["applied"].as_array().unwrap().iter();
    let undone = all.filter(|one| one["ended"] != "done");
    undone.map(|one| (text(&one["call"]), text(&one["ended"]))).collect()
}

#[test]
fn an_empty_account_is_planned_set_up_and_then_there_is_nothing_to_do() {
    let Some(cloud) = Cloud::of("setup of an empty account") else { return };
    let desk = Desk::of(&cloud, "data_events = [\"*\"]\ninsights = true\n");
    let before = desk.statuses();
    let plan = desk.plan(1);
    assert_eq!((&plan["to_do"], &plan["cannot"]), (&json!(true), &json!(false)));
    // A plan changes nothing.
    assert_eq!(calls(&desk.plan(1)), calls(&plan));

    let applied = desk.apply(0);
    assert_eq!(undone(&applied), Vec::<(String, String)>::new());
    assert_eq!(applied["applied"].as_array().unwrap().len(), calls(&plan).len());

    let again = desk.plan(0);
    assert_eq!((calls(&again), &again["to_do"]), (Vec::<String>::new(), &json!(false)));
    let applied = desk.apply(0);
    assert_eq!(applied["applied"], json!([]));

    let after = desk.statuses();
    let now_pass: Vec<&str> =
        after.iter().filter(|(id, is)| *is == "pass" && before[*id] != "pass").map(|(id, _)| id.as_str()).collect();
    for check in [
        "cloudtrail_trail_has_insights",
        "cloudtrail_trail_is_encrypted",
        "cloudtrail_trail_is_logging",
        "cloudtrail_trail_is_multi_region",
        "cloudtrail_trail_records_data_events",
        "cloudtrail_trail_records_global_services",
        "cloudtrail_trail_records_management_events",
        "cloudtrail_trail_validates_files",
        "config_recorder_delivers",
        "config_recorder_is_on",
        "config_recorder_records_all",
        "kms_key_is_usable",
        "kms_key_policy_is_limited",
        "kms_key_rotates",
        "s3_bucket_access_is_logged",
        "s3_bucket_can_take_access_logs",
        "s3_evidence_bucket_blocks_public_access",
        "s3_evidence_bucket_demands_tls",
        "s3_evidence_bucket_denies_deletion",
        "s3_evidence_bucket_is_encrypted_by_kms",
        "s3_evidence_bucket_is_kept_a_year",
        "s3_evidence_bucket_is_not_public",
        "s3_evidence_bucket_is_versioned",
    ] {
        assert!(now_pass.contains(&check), "{check}: {} then {}", before[check], after[check]);
    }
    let fail: Vec<&str> = after.iter().filter(|(_, is)| *is == "fail").map(|(id, _)| id.as_str()).collect();
    // These are of the account and of its people, and no set-up of evidence.
    let others = [
        "cloudtrail_trail_goes_to_log_group",
        "guardduty_detector_is_on",
        "iam_user_has_mfa",
        "s3_account_blocks_public_access",
        "securityhub_hub_is_on",
    ];
    assert_eq!(fail, others);
}

#[test]
fn what_people_read_is_a_diff_and_who_cannot_be_asked_is_refused() {
    let Some(cloud) = Cloud::of("setup as text") else { return };
    let desk = Desk::of(&cloud, "data_events = [\"*\"]\n[setup.volumes]\ndata_events = 2_000_000\n");
    let plan = desk.run(&["setup", "plan"]);
    assert_eq!(plan.code, Some(1), "{plan:?}");
    for part in
        ["+ evidence_bucket shoseki-evidence-", "    + versioning: Enabled", "    > cloudtrail:CreateTrail", "Plan: "]
    {
        assert!(plan.out.contains(part), "{part} is not in {}", plan.out);
    }
    let refused = desk.run(&["setup", "apply"]);
    assert!(refused.code == Some(2) && refused.err.contains("--yes"), "{refused:?}");
    // What it costs has the day of its prices, and says what is assumed.
    for part in ["data events", "US dollars a month", "ap-northeast-1 as of 20", "assumed"] {
        assert!(plan.out.contains(part), "{part} is not in {}", plan.out);
    }
    // How many answers the first line counts depends on how long AWS makes its report of credentials.
    let after = |out: &str| out.split_once('\n').unwrap().1.to_owned();
    assert_eq!(after(&desk.run(&["setup", "plan"]).out), after(&plan.out));
    let costs = desk.plan(1)["costs"].clone();
    let its = costs.as_array().unwrap().iter().find(|one| one["price"] == "trail-data-events").unwrap();
    assert_eq!((&its["usd_a_month"], &its["basis"]), (&json!(2.0), &json!("assumed")));
    let said = desk.run(&["setup", "plan", "--lang", "ja"]);
    assert!(said.out.contains("計画: "), "{said:?}");
}

#[test]
fn a_configuration_without_a_set_up_or_with_a_wrong_one_is_refused_before_anything_is_asked() {
    let desk = Desk::with(Site::empty(), "http://127.0.0.1:9", "111122223333", "object_locks = false\n");
    let refused = desk.run(&["setup", "plan"]);
    assert!(refused.code == Some(2) && refused.err.contains("`object_lock`"), "{refused:?}");
    desk.site.write("other.toml", "[http]\n");
    let refused = desk.run(&["setup", "plan", "--config", "other.toml"]);
    assert!(refused.code == Some(2) && refused.err.contains("[setup]"), "{refused:?}");
    let refused = desk.run(&["setup", "plan", "--config", "none.toml"]);
    assert!(refused.code == Some(2) && refused.err.contains("none.toml"), "{refused:?}");
    desk.site.write("other.toml", "[setup]\nhome_region = \"us-est-1\"\n");
    let refused = desk.run(&["setup", "plan", "--config", "other.toml"]);
    assert!(refused.code == Some(2) && refused.err.contains("`us-east-1`"), "{refused:?}");
    // A policy would take these for patterns, or for nothing.
    for vault in ["s3://vault/a*", "s3:///a"] {
        let text = format!(
            "vault = \"{vault}\"\n[setup]\nhome_region = \"us-east-1\"\n[setup.collector]\ncluster = \"prod\"\n"
        );
        desk.site.write("other.toml", text);
        let refused = desk.run(&["setup", "export", "terraform", "--config", "other.toml"]);
        assert!(refused.code == Some(2) && refused.err.contains(vault), "{refused:?}");
    }
}

#[test]
fn a_right_that_is_missing_in_the_middle_holds_up_what_needs_it_and_the_next_run_goes_on() {
    let Some(cloud) = Cloud::of("setup with a refusal") else { return };
    let moto = cloud.moto.endpoint();
    let account = account();
    let desk = Desk::with(Site::empty(), &front(&moto, "TrentService.CreateKey"), &account, "config = false\n");
    let applied = desk.apply(1);
    let undone = undone(&applied);
    let named = |call: &str, ended: &str| (call.to_owned(), ended.to_owned());
    let expected = [
        named("kms:CreateKey", "forbidden"),
        named("kms:CreateAlias", "held_up"),
        named("kms:EnableKeyRotation", "held_up"),
        named("s3:PutBucketEncryption", "held_up"),
        named("cloudtrail:CreateTrail", "held_up"),
        named("cloudtrail:PutEventSelectors", "held_up"),
        named("cloudtrail:StartLogging", "held_up"),
    ];
    assert_eq!(undone, expected);
    let told = desk.run(&["setup", "apply", "--yes"]);
    assert!(told.code == Some(1) && told.err.contains("kms:CreateKey"), "{told:?}");
    // With the right, the same command does what is left, and no more.
    let desk = Desk::with(Site::empty(), &moto, &account, "config = false\n");
    let plan = desk.plan(1);
    assert_eq!(setting(&plan, "evidence_bucket", "versioning")["outcome"], "right");
    let all: Vec<String> = expected.iter().map(|(call, _)| call.clone()).collect();
    assert_eq!(calls(&plan), all);
    desk.apply(0);
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
}

#[test]
fn what_cannot_be_seen_is_not_written_over() {
    let Some(cloud) = Cloud::of("setup without seeing") else { return };
    let (moto, account) = (cloud.moto.endpoint(), account());
    let desk = Desk::with(Site::empty(), &moto, &account, "config = false\n");
    desk.apply(0);
    for (refuses, piece, name) in [
        ("?policy", "evidence_bucket", "policy"),
        ("?lifecycle", "evidence_bucket", "life_cycle"),
        ("?notification", "trail_events_queue", "notifications"),
        ("TrentService.GetKeyPolicy", "evidence_key", "policy"),
        ("GetEventSelectors", "trail", "management_events"),
    ] {
        let blind = Desk::with(Site::empty(), &front(&moto, refuses), &account, "config = false\n");
        let plan = blind.run(&["setup", "plan", "--json"]);
        let plan: Value = serde_json::from_str(&plan.out).unwrap_or_else(|error| panic!("{error}: {plan:?}"));
        assert_eq!(setting(&plan, piece, name)["outcome"], "cannot", "{refuses}: {plan}");
        assert_eq!(calls(&plan), Vec::<String>::new(), "{refuses}");
    }
    // Nor is a trail doubled, or a bucket taken for a new one, that could not be listed.
    for refuses in ["DescribeTrails", "max-buckets", "ListAliases"] {
        let blind = Desk::with(Site::empty(), &front(&moto, refuses), &account, "config = false\n");
        let plan = blind.run(&["setup", "plan", "--json"]);
        let plan: Value = serde_json::from_str(&plan.out).unwrap_or_else(|error| panic!("{error}: {plan:?}"));
        for call in ["cloudtrail:CreateTrail", "s3:CreateBucket", "kms:CreateKey"] {
            assert!(!calls(&plan).iter().any(|one| one == call), "{refuses}: {call}");
        }
    }
}

#[test]
fn what_was_done_is_evidence_where_there_is_a_vault() {
    let Some(cloud) = Cloud::of("setup as evidence") else { return };
    let site = Site::with_vault(&[]);
    let desk = Desk::with(site, &cloud.moto.endpoint(), &account(), "config = false\n");
    let plan = desk.plan(1);
    assert!(plan["evidence"]["resources"].is_array(), "{plan}");
    desk.apply(0);
    assert_eq!(desk.run(&["access", "--seal"]).code, Some(0));
    let question = "filter action = \"setup.apply\" | fields @message";
    let rows = desk.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    let event: Value = serde_json::from_str(rows[0]["@message"].as_str().unwrap()).unwrap();
    let calls = event["details"]["calls"].as_array().unwrap();
    assert!(calls.iter().any(|call| call["call"] == "cloudtrail:StartLogging" && call["ended"] == "done"), "{event}");
    desk.site.assert_intact();
}

#[test]
fn what_differs_later_is_a_finding_until_it_is_as_planned_again() {
    let Some(cloud) = Cloud::of("setup and what differs later") else { return };
    let moto = cloud.moto.endpoint();
    let desk = Desk::with(Site::with_vault(&[]), &moto, &account(), "config = false\n");
    let kept = |code: i32| desk.run(&["setup", "plan", "--record", "--json"]).report(code);
    let open = || {
        let listed = desk.run(&["finding", "list", "--json"]).report(0);
        let all = listed["findings"].as_array().unwrap().iter();
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let mut all: Vec<(String, String)> = all.map(|one| (text(one, "check"), text(one, "subject"))).collect();
        all.sort();
        all
    };
    let before = kept(1);
    assert_eq!((&before["recorded"], &before["status"]), (&json!(true), &json!("fail")));
    assert!(before["new_findings"].as_u64().unwrap() > 10, "{before}");
    desk.apply(0);
    let sound = kept(0);
    assert_eq!((&sound["status"], &sound["new_findings"]), (&json!("pass"), &json!(0)), "{sound}");
    assert_eq!(open(), []);

    cloud.make(&desk.account, "drifted");
    assert_eq!(kept(1)["new_findings"], 2);
    let place = format!("({} us-east-1)", desk.account);
    let bucket = format!("evidence_bucket shoseki-evidence-{}-us-east-1 {place}", desk.account);
    let drifted = [
        ("setup_store_is_as_planned".to_owned(), bucket),
        ("setup_trail_is_as_planned".to_owned(), format!("trail shoseki-trail {place}")),
    ];
    assert_eq!(open(), drifted);
    let again = kept(1);
    assert_eq!(again["new_findings"], 0, "it is known");
    let found =
        again["checks"].as_array().unwrap().iter().find(|one| one["id"] == "setup_trail_is_as_planned").unwrap();
    let what = found["findings"][0]["what"]["en"].as_str().unwrap();
    assert!(what.contains("`logging` is `false`") && what.contains("`true`"), "{what}");
    let id = found["findings"][0]["finding"]["id"].as_str().unwrap();
    let shown = desk.run(&["finding", "show", id]);
    assert!(shown.out.contains("Ask again: shoseki setup plan --record"), "{shown:?}");

    // Who may not see closes nothing.
    cloud.make(&desk.account, "restored");
    let mut blind = desk.command(&["setup", "plan", "--record", "--json"]);
    blind.env("AWS_ENDPOINT_URL", front(&moto, "DescribeTrails"));
    let blind = Site::finish(blind);
    assert!(blind.code != Some(0), "{blind:?}");
    assert!(open().contains(&drifted[1]), "{:?}", open());
    assert_eq!(kept(0)["status"], "pass");
    assert_eq!(open(), []);
    let text = desk.run(&["setup", "plan", "--record"]);
    assert!(text.out.contains("kept in the vault"), "{text:?}");
    // Who asks for it by another way is told which one there is.
    let refused = desk.run(&["check", "--check", "setup_trail_is_as_planned"]);
    assert!(refused.code == Some(2) && refused.err.contains("shoseki setup plan --record"), "{refused:?}");
    desk.site.assert_intact();
}

#[test]
fn a_trail_that_somebody_points_elsewhere_is_not_taken_for_right() {
    let Some(cloud) = Cloud::of("setup and a trail that is pointed elsewhere") else { return };
    let desk = Desk::with(Site::with_vault(&[]), &cloud.moto.endpoint(), &account(), "config = false\n");
    let planned = || {
        let answer = desk.run(&["setup", "plan", "--record", "--json"]);
        serde_json::from_str::<Value>(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    };
    let trail = |plan: &Value| setting(plan, "trail", "trail")["outcome"].as_str().unwrap().to_owned();
    desk.apply(0);
    // What it rests on is kept once more, since the key's ARN is known now; then nothing is left to keep.
    assert_eq!(desk.apply(0)["applied"], json!([]));
    let records = || {
        let question = "filter action = \"setup.apply\" | stats count(*) as n";
        desk.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0)[0]["n"].clone()
    };
    assert_eq!(records(), 2);
    desk.apply(0);
    assert_eq!((records(), trail(&desk.plan(0))), (json!(2), "adopt".to_owned()));

    cloud.make(&desk.account, "redirected");
    let plan = planned();
    let why = setting(&plan, "trail", "trail")["why"]["en"].as_str().unwrap();
    assert!(why.contains(&format!("shoseki-trail → theirs-{}", desk.account)) && why.contains("was applied"), "{why}");
    let checks = plan["checks"].as_array().unwrap();
    let found = checks.iter().find(|one| one["id"] == "setup_trail_is_as_planned").unwrap();
    assert_eq!(found["status"], "fail", "{found}");
    let refused = desk.run(&["setup", "apply", "--yes", "--json"]);
    assert!(refused.code == Some(2) && refused.err.contains("--adopt"), "{refused:?}");
    assert_eq!(calls(&planned()), calls(&plan), "nothing was changed");

    // Put right, it is as it was; and who says so takes it as it is.
    cloud.make(&desk.account, "returned");
    assert_eq!(trail(&desk.plan(0)), "adopt");
    cloud.make(&desk.account, "redirected");
    let adopted = desk.run(&["setup", "apply", "--yes", "--json", "--adopt"]);
    assert!(adopted.code.is_some_and(|code| code != 2), "{adopted:?}");
    assert_eq!(trail(&planned()), "adopt");
    desk.site.assert_intact();
}

#[test]
fn what_is_there_is_adopted_and_mended_and_what_is_others_stays() {
    let Some(cloud) = Cloud::of("setup of what exists in half") else { return };
    let desk = Desk::of(&cloud, "data_events = [\"shop\"]\n");
    cloud.make(&desk.account, "half");
    let plan = desk.plan(1);
    // The trail and its bucket are taken, and none is made beside them.
    let bucket = format!("logs-{}", desk.account);
    assert_eq!(
        (&item(&plan, "trail")["name"], &item(&plan, "evidence_bucket")["name"]),
        (&json!("one"), &json!(bucket))
    );
    assert!(!calls(&plan).contains(&"cloudtrail:CreateTrail".to_owned()), "{plan}");
    let changes = |piece: &str, name: &str| {
        let setting = setting(&plan, piece, name);
        assert_eq!(setting["outcome"], "change", "{setting}");
        (setting["from"].as_str().unwrap().to_owned(), setting["to"].as_str().unwrap().to_owned())
    };
    let of = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(changes("trail", "all_regions"), of("false", "true"));
    assert_eq!(changes("trail", "management_events"), of("some", "All"));
    assert_eq!(changes("evidence_bucket", "life_cycle"), of("30d", "372d"));
    assert_eq!(changes("eks_logging", "log_types"), of("scheduler", "api, audit, authenticator, scheduler"));
    assert_eq!(changes("config_recorder", "types"), of("some", "all"));
    let text = plan.to_string();
    assert!(text.contains("CREATE EXTENSION pgaudit") && text.contains("next reboot"), "{text}");
    let reboots = calls(&plan).iter().filter(|call| call.contains("Reboot")).count();
    assert_eq!(reboots, 0);
    // Two databases that lack the same group have it made once.
    assert_eq!(calls(&plan).iter().filter(|call| *call == "rds:CreateOptionGroup").count(), 1);

    let before = desk.statuses();
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    let again = desk.plan(0);
    assert_eq!(calls(&again), Vec::<String>::new());
    let after = desk.statuses();
    for check in [
        "cloudtrail_trail_is_logging",
        "cloudtrail_trail_is_multi_region",
        "cloudtrail_trail_records_global_services",
        "cloudtrail_trail_records_management_events",
        "config_recorder_delivers",
        "config_recorder_records_all",
        "eks_cluster_logs_audit",
        "rds_database_audits",
        "rds_database_exports_audit",
        "s3_evidence_bucket_is_kept_a_year",
        "s3_evidence_bucket_denies_deletion",
    ] {
        assert_eq!((before[check].as_str(), after[check].as_str()), ("fail", "pass"), "{check}");
    }
    // What somebody else wrote is there still: the statement, the rule, the role, the bucket whose objects are recorded.
    let seen = desk.seen(&["s3:GetBucketPolicy", "s3:GetBucketLifecycleConfiguration", "cloudtrail:GetEventSelectors"]);
    for part in ["Theirs", "GLACIER", "arn:aws:s3:::theirs/", "arn:aws:s3:::shop/"] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    assert_eq!(
        setting(&again, "config_recorder", "role")["value"],
        format!("arn:aws:iam::{}:role/setup", desk.account).replace("setup", "look")
    );
}

#[test]
fn what_is_stricter_than_asked_stays_as_it_is() {
    let Some(cloud) = Cloud::of("setup of what is stricter") else { return };
    let desk = Desk::of(&cloud, "object_lock = \"governance\"\n");
    cloud.make(&desk.account, "sound");
    let plan = desk.run(&["setup", "plan", "--json"]);
    let plan: Value = serde_json::from_str(&plan.out).unwrap_or_else(|error| panic!("{error}: {plan:?}"));
    for (piece, name, value) in [
        ("evidence_bucket", "object_lock", "COMPLIANCE 400d"),
        ("evidence_bucket", "life_cycle", "no-expiry"),
        ("access_log_bucket", "life_cycle", "800d"),
        ("trail", "insights", "ApiCallRateInsight, ApiErrorRateInsight"),
    ] {
        let setting = setting(&plan, piece, name);
        assert_eq!((&setting["outcome"], &setting["value"]), (&json!("stricter"), &json!(value)), "{setting}");
    }
    for call in
        ["s3:PutObjectLockConfiguration", "s3:PutBucketLifecycleConfiguration", "cloudtrail:PutInsightSelectors"]
    {
        assert!(!calls(&plan).iter().any(|one| one == call), "{call}");
    }
    let before = desk.statuses();
    desk.apply(0);
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
    // Nothing that passed fails.
    let after = desk.statuses();
    let worse: Vec<&String> = before.keys().filter(|id| before[*id] == "pass" && after[*id] != "pass").collect();
    assert_eq!(worse, Vec::<&String>::new());
    assert!(desk.seen(&["s3:GetObjectLockConfiguration"]).contains("COMPLIANCE"));
}

#[test]
fn locked_objects_have_config_deliver_to_a_bucket_of_its_own() {
    let Some(cloud) = Cloud::of("setup with a lock") else { return };
    let desk = Desk::of(&cloud, "object_lock = \"compliance\"\nkeep_months = 84\n");
    let plan = desk.plan(1);
    assert_eq!(setting(&plan, "evidence_bucket", "object_lock")["value"], "COMPLIANCE 2604d");
    let told = item(&plan, "evidence_bucket")["by_hand"].to_string();
    assert!(told.contains("not by root"), "{told}");
    let own = item(&plan, "config_bucket")["name"].clone();
    assert_eq!(setting(&plan, "config_recorder", "channel")["value"], own);
    desk.apply(0);
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
    let after = desk.statuses();
    for check in ["s3_evidence_bucket_denies_deletion", "s3_bucket_can_take_access_logs", "config_recorder_delivers"] {
        assert_eq!(after[check], "pass", "{check}");
    }
}

#[test]
fn evidence_is_replicated_to_a_bucket_with_a_key_and_a_lock_of_its_own() {
    let Some(cloud) = Cloud::of("setup with a replica") else { return };
    let wish = "config = false\nobject_lock = \"governance\"\nreplicate_to = \"ap-northeast-3\"\n\
                break_glass = [\"arn:aws:iam::111122223333:user/ryo\"]\n";
    let desk = Desk::of(&cloud, wish);
    let plan = desk.plan(1);
    for piece in ["replica_key", "replica_bucket"] {
        assert_eq!(item(&plan, piece)["region"], "ap-northeast-3", "{piece}");
    }
    assert_eq!(setting(&plan, "replica_bucket", "object_lock")["value"], "GOVERNANCE 372d");
    let costs: Vec<&Value> =
        plan["costs"].as_array().unwrap().iter().filter(|cost| cost["price"] == "region-transfer").collect();
    assert!(costs.len() == 1 && costs[0]["verified"] == false, "{costs:?}");
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    let again = desk.plan(0);
    assert_eq!((calls(&again), &again["to_do"]), (Vec::<String>::new(), &json!(false)));
    let bucket = item(&again, "replica_bucket")["name"].as_str().unwrap().to_owned();
    let right = setting(&again, "evidence_replication", "replication");
    assert_eq!((&right["outcome"], &right["value"]), (&json!("right"), &json!(format!("arn:aws:s3:::{bucket}"))));
    let seen = desk.seen(&["s3:GetBucketReplication", "s3:GetBucketEncryption", "s3:GetObjectLockConfiguration"]);
    for part in
        [&bucket, "role/shoseki-replication", "shoseki-replication", "arn:aws:kms:ap-northeast-3:", "GOVERNANCE"]
    {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
}

#[test]
fn what_clusters_log_goes_through_firehose_and_is_read_from_the_bucket() {
    let Some(cloud) = Cloud::of("setup with Firehose") else { return };
    let desk = Desk::with(
        Site::with_vault(&[]),
        &cloud.moto.endpoint(),
        &account(),
        "config = false\neks_delivery = \"firehose\"\n",
    );
    // Without a cluster there is nothing to deliver.
    assert!(!calls(&desk.plan(1)).iter().any(|call| call.starts_with("firehose:")));
    cloud.make(&desk.account, "cluster");
    let plan = desk.plan(1);
    for call in ["firehose:CreateDeliveryStream", "logs:PutSubscriptionFilter", "logs:CreateLogGroup"] {
        assert_eq!(calls(&plan).iter().filter(|one| *one == call).count(), 1, "{call}");
    }
    let both: Vec<(&str, bool)> = plan["costs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cost| cost["piece"] == "eks_delivery")
        .map(|cost| (cost["price"].as_str().unwrap(), cost["instead"].as_bool().unwrap()))
        .collect();
    assert_eq!(both, [("firehose", false), ("logs-read", true)]);
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
    assert_eq!(desk.statuses()["logs_subscription_passes_all"], "pass");

    // What the cluster says comes out of the bucket, as Firehose writes it there.
    cloud.make(&desk.account, "speaks");
    let place = format!("s3://{}/firehose/", item(&plan, "evidence_bucket")["name"].as_str().unwrap());
    let taken = desk.run(&["ingest", "auto", &place]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let rows = desk.run(&["query", "fields user.username, @log", "--source", "k8s-audit", "-o", "json"]).report(0);
    let rows = rows.as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["user.username"]), (2, &json!("aiko")), "{rows:?}");
    desk.site.assert_intact();
}

#[test]
fn the_trail_goes_to_a_log_group_too_where_that_is_wanted() {
    let Some(cloud) = Cloud::of("setup with a log group") else { return };
    let desk = Desk::of(&cloud, "config = false\ntrail_log_group = true\n");
    let before = desk.statuses();
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
    let after = desk.statuses();
    assert_eq!(
        (before["cloudtrail_trail_goes_to_log_group"].as_str(), after["cloudtrail_trail_goes_to_log_group"].as_str()),
        ("not_applicable", "pass")
    );
    for check in ["logs_group_is_kept_a_year", "logs_group_is_encrypted"] {
        assert_eq!(after[check], "pass", "{check}");
    }
}

#[test]
fn without_the_first_role_nothing_is_planned_elsewhere() {
    let Some(cloud) = Cloud::of("setup without its first role") else { return };
    let (first, second) = (account(), account());
    let role = |account: &str| format!("\"arn:aws:iam::{account}:role/setup\"");
    // Only the first is refused: the second would be taken for it.
    let endpoint = front(&cloud.moto.endpoint(), format!("{first}%3Arole").leak());
    let desk = Desk::with(Site::empty(), &endpoint, &first, "");
    let roles = [role(&first), role(&second)].join(", ");
    desk.site.write("shoseki.toml", format!("[setup]\nhome_region = \"us-east-1\"\nroles = [{roles}]\n"));
    let refused = desk.run(&["setup", "plan"]);
    assert!(refused.code == Some(3) && refused.err.contains("keeps the evidence"), "{refused:?}");
    assert!(!refused.out.contains("CreateBucket"), "{refused:?}");
}

#[test]
fn roles_are_made_for_whom_is_named_and_once() {
    let Some(cloud) = Cloud::of("setup of roles") else { return };
    let wish = "config = false\nauditors = [\"arn:aws:iam::111122223333:user/aiko\"]\nauditors_sso = \"Audit\"\n\
                break_glass = [\"arn:aws:iam::111122223333:user/ryo\"]\n\
                [setup.collector]\ncluster = \"shop\"\nby = \"irsa\"\n";
    let desk = Desk::of(&cloud, wish);
    // There is no cluster whose issuer the collector's tokens could be of.
    assert_eq!(setting(&desk.plan(1), "collector_role", "trust")["outcome"], "cannot");
    cloud.make(&desk.account, "half");
    let plan = desk.plan(1);
    assert!(item(&plan, "collector_role")["by_hand"].to_string().contains("eks.amazonaws.com/role-arn"), "{plan}");
    assert!(item(&plan, "auditor_role")["by_hand"].to_string().contains("IAM Identity Center"), "{plan}");
    let before = desk.statuses();
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    let again = desk.plan(0);
    for piece in ["collector_role", "auditor_role", "break_glass_role"] {
        assert_eq!(setting(&again, piece, "trust")["outcome"], "right", "{piece}");
        assert_eq!(setting(&again, piece, "rights")["outcome"], "right", "{piece}");
    }
    let after = desk.statuses();
    for check in ["iam_role_trust_is_limited", "iam_policy_does_not_escalate", "iam_policy_guards_evidence"] {
        assert_eq!((before[check].as_str(), after[check].as_str()), ("not_applicable", "pass"), "{check}");
    }
    let seen = desk.seen(&["iam:GetAccountAuthorizationDetails"]);
    assert!(seen.contains("MultiFactorAuthPresent") && seen.contains("AWSReservedSSO_Audit_"), "{seen}");
}

#[test]
fn ctrl_c_ends_it_between_two_calls_and_the_same_command_goes_on() {
    let Some(cloud) = Cloud::of("setup that is stopped") else { return };
    let desk = Desk::of(&cloud, "");
    let mut child =
        desk.command(&["setup", "apply", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line.starts_with("[1/")).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{rest:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("goes on from here"), "{ended:?}");
    let left = calls(&desk.plan(1)).len();
    assert!(left > 0);
    assert_eq!(desk.apply(0)["applied"].as_array().unwrap().len(), left);
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
}

/// What somebody at a terminal does: Ctrl-C at the question, a no, and a yes when somebody else was faster.
const TERMINAL: &str = r#"
import os, pty, select, signal, subprocess, sys, time

def asked(answer, meanwhile=lambda: None):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], "setup", "apply"])
    said, begun, answered = b"", time.time(), False
    while time.time() - begun < 120:
        if not select.select([terminal], [], [], 2)[0]:
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
        if b"Only `yes` is a yes" in said and not answered:
            answered = True
            meanwhile()
            os.write(terminal, answer)
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")

other = lambda: subprocess.run([sys.argv[1], "setup", "apply", "--yes"], check=True, capture_output=True)
for answer in (b"\x03", b"no\n"):
    code, said = asked(answer)
    assert code == 130 and "nothing was changed" in said, (answer, code, said)
code, said = asked(b"yes\n", other)
assert code == 0 and "is not as it was when this was asked" in said and "kms:CreateKey" in said, (code, said)
assert "[1/" not in said, said
"#;

#[test]
fn at_a_terminal_ctrl_c_is_a_no_and_a_late_yes_writes_over_nothing() {
    let Some(cloud) = Cloud::of("setup at a terminal") else { return };
    let Ok(python) = std::env::var("SHOSEKI_TEST_PYTHON") else {
        println!("skipped: no python3 to open a terminal with");
        return;
    };
    let desk = Desk::of(&cloud, "config = false\n");
    let script = desk.site.write("terminal.py", TERMINAL);
    let mut command = desk.made(Command::new(python), &[&script, env!("CARGO_BIN_EXE_shoseki")]);
    command.env("TERM", "xterm");
    let answer = Site::finish(command);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
}

#[test]
fn several_accounts_and_regions_deliver_to_the_first_ones_bucket() {
    let Some(cloud) = Cloud::of("setup of two accounts") else { return };
    let (first, second) = (account(), account());
    let role = |account: &str| format!("\"arn:aws:iam::{account}:role/setup\"");
    let site = Site::empty();
    let desk = Desk::with(site, &cloud.moto.endpoint(), &first, "");
    let roles = [role(&first), role(&second)].join(", ");
    desk.site.write(
        "shoseki.toml",
        format!(
            "[setup]\nhome_region = \"us-east-1\"\nregions = [\"ap-northeast-1\", \"us-east-1\"]\nroles = [{roles}]\n\
             config_rules = [\"iam-user-mfa-enabled\", \"rds-logging-enabled\"]\n"
        ),
    );
    let plan = desk.plan(1);
    let named = |call: &str| calls(&plan).iter().filter(|one| *one == call).count();
    // What is once in an account is made once, what is once at all in the first alone.
    let counts =
        ["kms:CreateKey", "cloudtrail:CreateTrail", "iam:CreateServiceLinkedRole", "config:PutDeliveryChannel"];
    assert_eq!(counts.map(named), [1, 2, 2, 4]);
    assert_eq!(named("config:PutConfigRule"), 2 * 3);
    let policy = item(&plan, "evidence_bucket")["calls"].as_array().unwrap().iter();
    let policy = policy.filter(|call| call["call"] == "s3:PutBucketPolicy").map(Value::to_string).collect::<String>();
    for part in
        [format!("AWSLogs/{second}/*"), format!("AWSLogs/{second}/Config/*"), format!("{second}:trail/shoseki-trail")]
    {
        assert!(policy.contains(&part), "{part} is not in {policy}");
    }
    assert_eq!(undone(&desk.apply(0)), Vec::<(String, String)>::new());
    assert_eq!(calls(&desk.plan(0)), Vec::<String>::new());
}

#[test]
fn what_control_tower_made_is_taken_as_it_is_and_said_to_be_its_own() {
    let Some(cloud) = Cloud::of("setup in a landing zone") else { return };
    let desk = Desk::of(&cloud, "config = false\n");
    cloud.make(&desk.account, "landing");
    let plan = desk.plan(4);
    assert_eq!(calls(&plan), Vec::<String>::new());
    assert_eq!(
        (&item(&plan, "trail")["state"], &item(&plan, "evidence_bucket")["state"]),
        (&json!("elsewhere"), &json!("elsewhere"))
    );
    for name in ["validation", "encryption", "logging"] {
        let why = setting(&plan, "trail", name)["why"]["en"].as_str().unwrap();
        assert!(why.contains("Control Tower"), "{name}: {why}");
    }
    assert!(
        setting(&plan, "evidence_bucket", "owner")["why"]["en"].as_str().unwrap().contains("log archive"),
        "{plan}"
    );
}
