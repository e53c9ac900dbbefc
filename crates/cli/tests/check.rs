//! Judgement from the command line: the demo's estate, every source, what mends a failure, one's own framework, audit policies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use site::Site;

const MARCH: [&str; 2] = ["--period", "2026-03-05..2026-03-05"];

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

/// A vault with the estate of the demo.
fn estate() -> Site {
    let site = Site::with_vault(&[]);
    assert_eq!(site.run(&["ingest", "auto", testdata("estate").to_str().unwrap()]).code, Some(0));
    site
}

fn run(site: &Site, more: &[&str], code: i32) -> Value {
    site.run(&[&["check", "--json"], &MARCH[..], more].concat()).report(code)
}

/// The statuses of checks by their names.
fn statuses(report: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["checks"].as_array().unwrap().iter().map(|check| (text(&check["id"]), text(&check["status"]))).collect()
}

fn status(site: &Site, check: &str, code: i32) -> String {
    statuses(&run(site, &["--check", check], code)).remove(check).unwrap()
}

/// What a check found: status, subject, text.
fn found(report: &Value, check: &str) -> Vec<String> {
    let check = report["checks"].as_array().unwrap().iter().find(|one| one["id"] == check).unwrap();
    let line = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", text("status"), text("subject"), finding["what"]["en"].as_str().unwrap())
    };
    check["findings"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn the_estate_is_judged_by_what_happened_in_it() {
    let site = estate();
    let report = run(&site, &[], 1);
    let expected: BTreeMap<String, String> = [
        ("evidence_cloudtrail_arrived", "pass"),
        ("evidence_config_arrived", "no_evidence"),
        ("evidence_k8s_audit_arrived", "pass"),
        ("evidence_falco_arrived", "no_evidence"),
        ("evidence_app_arrived", "no_evidence"),
        ("evidence_database_arrived", "no_evidence"),
        ("evidence_has_no_open_gap", "no_evidence"),
        ("evidence_arrives_promptly", "no_evidence"),
        ("evidence_clocks_are_in_step", "no_evidence"),
        ("evidence_has_the_six_fields", "no_evidence"),
        ("evidence_is_parsed", "pass"),
        ("evidence_goes_back_twelve_months", "no_evidence"),
        ("evidence_logging_was_not_stopped", "fail"),
        ("evidence_logging_changes_are_listed", "pass"),
        ("evidence_source_was_not_deleted", "pass"),
        ("evidence_access_to_evidence_is_recorded", "no_evidence"),
        ("evidence_data_access_is_recorded", "pass"),
        ("evidence_refusals_are_listed", "no_evidence"),
        ("evidence_privilege_changes_are_listed", "no_evidence"),
        ("evidence_root_use_is_listed", "pass"),
        ("evidence_console_logins_have_mfa", "fail"),
        ("evidence_interactive_access_is_listed", "pass"),
        ("evidence_system_objects_are_listed", "no_evidence"),
        ("evidence_deployments_were_reviewed", "no_evidence"),
        ("evidence_trials_arrived", "no_evidence"),
        ("evidence_was_reviewed_automatically", "no_evidence"),
        ("evidence_was_reviewed_daily", "no_evidence"),
        ("evidence_findings_have_an_outcome", "no_evidence"),
        ("evidence_has_no_card_numbers", "pass"),
        ("evidence_has_no_secrets", "pass"),
        ("vault_was_verified", "no_evidence"),
        ("vault_is_anchored", "fail"),
        ("vault_key_backup_is_checked", "no_evidence"),
        ("vault_keeps_twelve_months", "pass"),
        ("vault_restore_is_rehearsed", "no_evidence"),
        ("vault_access_is_recorded", "no_evidence"),
    ]
    .map(|(check, status)| (check.to_owned(), status.to_owned()))
    .into();
    assert_eq!(statuses(&report), expected);

    let stopped = found(&report, "evidence_logging_was_not_stopped").join("\n");
    let by_whom = stopped.contains("fail arn:aws:iam::111122223333:user/deploy-bot: StopLogging");
    assert!(by_whom && stopped.contains("pass arn:aws:iam::111122223333:user/deploy-bot: tried to stop"), "{stopped}");
    let logins = found(&report, "evidence_console_logins_have_mfa");
    assert!(logins[0].starts_with("fail arn:aws:iam::111122223333:user/support-temp"), "{logins:?}");
    assert_eq!(logins.iter().filter(|line| line.starts_with("pass")).count(), 4, "{logins:?}");
    let entered = found(&report, "evidence_interactive_access_is_listed").join("\n");
    assert!(entered.contains("kube-system/pods/exec/node-debug"), "{entered}");
    let refused = found(&report, "evidence_source_was_not_deleted").join("\n");
    assert!(refused.contains("deploy-bot: tried to delete evidence"), "{refused}");

    // Each finding's records are there, and can be proved.
    let check = report["checks"].as_array().unwrap().iter().find(|one| one["id"] == "evidence_logging_was_not_stopped");
    let record = check.unwrap()["findings"][0]["records"][0].as_str().unwrap();
    assert_eq!(site.run(&["prove", record, "--out", "stop.proof"]).code, Some(0));

    // Running is evidence: it leaves a record of what was judged and what came of it.
    let rows = "filter action = 'check.run' | fields details.fail as failed, details.tree_size as size, details.ended as ended";
    let rows = site.run(&["query", rows, "--source", "shoseki", "-o", "jsonl"]);
    let size = report["tree_size"].to_string();
    assert!(rows.out.contains(&size) && rows.out.contains("\"whole\""), "{rows:?}");
    assert_eq!(report["recorded"], true);
}

#[test]
fn what_an_estate_has_none_of_is_left_out_by_a_record_and_what_speaks_is_judged() {
    let site = estate();
    let lists = [
        "evidence_has_the_six_fields",
        "evidence_refusals_are_listed",
        "evidence_privilege_changes_are_listed",
        "evidence_system_objects_are_listed",
        "evidence_database_arrived",
    ];
    let of = |site: &Site| {
        let named: Vec<&str> = lists.iter().flat_map(|id| ["--check", id]).collect();
        let report = site.run(&[&["check", "--json"], &MARCH[..], &named].concat());
        let report: Value = serde_json::from_str(&report.out).unwrap();
        let all = statuses(&report);
        (lists.map(|id| all[id].clone()).join(" "), report)
    };
    assert_eq!(of(&site).0, ["no_evidence"; 5].join(" "));
    let exclude = |kind: &str| site.run(&["check", "scope", "exclude", kind, "--reason", "the shop has none"]);
    let mut told = Vec::new();
    for kind in ["database", "app", "k8s-audit"] {
        let said = exclude(kind);
        assert_eq!(said.code, Some(0), "{said:?}");
        told.push(said);
    }
    assert!(told[0].out.contains("left out") && !told[0].err.contains("judged all the same"), "{told:?}");
    assert!(told[2].err.contains("judged all the same"), "it speaks: {told:?}");
    let (all, report) = of(&site);
    assert_eq!(all, "pass pass pass pass not_applicable");
    let refused = found(&report, "evidence_refusals_are_listed");
    let left_out: Vec<&String> = refused.iter().filter(|line| line.starts_with("not_applicable")).collect();
    assert!(left_out.len() == 2 && left_out[0].contains("the shop has none"), "{refused:?}");
    assert!(found(&report, "evidence_system_objects_are_listed").join(" ").contains("pods"), "Kubernetes spoke");
    let kinds = site.run(&["check", "scope", "--json"]).report(0)["kinds"].as_array().unwrap().clone();
    let is_in = |name: &str| kinds.iter().find(|kind| kind["kind"] == name).unwrap()["in_scope"] == true;
    assert_eq!(["cloudtrail", "falco", "database", "app"].map(is_in), [true, true, false, false]);
    let shown = site.run(&["check", "scope", "--lang", "ja"]);
    assert!(shown.out.contains("範囲内") && shown.out.contains("the shop has none"), "{shown:?}");

    assert_eq!(site.run(&["check", "scope", "include", "database"]).code, Some(0));
    assert_eq!(of(&site).0, ["no_evidence"; 5].join(" "));
    let again = site.run(&["check", "scope", "include", "database"]);
    assert!(again.code == Some(0) && again.out.contains("nothing was changed"), "{again:?}");
    let unknown = site.run(&["check", "scope", "exclude", "databases", "--reason", "-"]);
    assert!(unknown.code == Some(2) && unknown.err.contains("database"), "{unknown:?}");
    site.assert_intact();
}

#[test]
fn an_auditor_can_ask_the_same_questions() {
    let site = estate();
    let list = site.run(&["check", "list", "--json"]).report(0);
    let mut asked = std::collections::BTreeSet::new();
    for check in list["checks"].as_array().unwrap() {
        for query in check["queries"].as_array().unwrap() {
            let text = query["text"].as_str().unwrap();
            if !asked.insert(text) {
                continue;
            }
            let mut words = vec!["query", text, "-o", "csv", "--to", "2026-03-06"];
            if query["language"] == "sql" {
                words.push("--sql");
            }
            if query["source"] == "shoseki" {
                words.extend(["--source", "shoseki"]);
            }
            let answer = site.run(&words);
            assert_eq!(answer.code, Some(0), "{}: {answer:?}", check["id"]);
        }
    }
    assert!(asked.len() > 20);
    let shown = site.run(&["check", "show", "evidence_root_use_is_listed"]);
    assert!(shown.out.contains("shoseki query --sql 'select") && shown.out.contains("PCI DSS 10.2.1.2"), "{shown:?}");
}

#[test]
fn what_is_mended_passes() {
    let site = estate();
    assert_eq!(status(&site, "vault_is_anchored", 1), "fail");
    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    assert_eq!(site.run(&["anchor", "add", anchor.to_str().unwrap()]).code, Some(0));
    assert_eq!(status(&site, "vault_is_anchored", 0), "pass");

    assert_eq!(status(&site, "vault_was_verified", 4), "no_evidence");
    site.assert_intact();
    assert_eq!(status(&site, "vault_was_verified", 0), "pass");

    let backup = site.path("backup").display().to_string();
    let now = |site: &Site| {
        let report = site.run(&[
            "check",
            "--json",
            "--check",
            "vault_key_backup_is_checked",
            "--check",
            "vault_access_is_recorded",
        ]);
        statuses(&serde_json::from_str(&report.out).unwrap())
    };
    assert_eq!(now(&site)["vault_key_backup_is_checked"], "no_evidence");
    assert_eq!(site.run(&["key", "backup", &backup]).code, Some(0));
    assert_eq!(now(&site)["vault_key_backup_is_checked"], "no_evidence", "a backup that nobody checked is none");
    assert_eq!(site.run(&["key", "check", &backup]).code, Some(0));
    let both = now(&site);
    assert_eq!([&both["vault_key_backup_is_checked"], &both["vault_access_is_recorded"]], ["pass", "pass"]);

    let vaults = std::fs::read_dir(&backup).unwrap().next().unwrap().unwrap().path();
    for name in ["signing.key", "encryption.key"] {
        let key = vaults.join(name);
        let good = std::fs::read(&key).unwrap();
        std::fs::write(&key, "half a k").unwrap();
        let damaged = site.run(&["key", "check", &backup]);
        assert!(
            damaged.code == Some(2) && damaged.err.contains(name) && damaged.err.contains("damaged"),
            "{damaged:?}"
        );
        assert!(!damaged.err.contains("half a k"), "{damaged:?}");
        std::fs::write(&key, good).unwrap();
    }
}

#[test]
fn a_vault_that_was_changed_is_a_failure_even_if_somebody_put_it_right() {
    let site = estate();
    let file = std::fs::read_dir(site.vault().join("tlog/checkpoints")).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&file).unwrap();
    std::fs::write(&file, "nothing").unwrap();
    assert_eq!(site.run(&["verify"]).code, Some(1));
    std::fs::write(&file, good).unwrap();
    site.assert_intact();
    assert_eq!(status(&site, "vault_was_verified", 1), "fail");
}

#[test]
fn documents_answer_what_no_machine_sees() {
    let site = estate();
    let requirement = |report: &Value, number: &str| {
        let all = report["frameworks"][0]["requirements"].as_array().unwrap();
        all.iter().find(|one| one["number"] == number).unwrap().clone()
    };
    let before = requirement(&run(&site, &["--framework", "pci-dss"], 1), "12.10.1");
    assert_eq!([&before["assessor"], &before["manual"]["status"]], ["Not Tested", "no_evidence"]);
    let plan = site.write("plan.pdf", "what we do");
    let attach = |more: &[&str]| {
        let words = ["attach", &plan, "--requirement", "PCI DSS 12.10.1"];
        assert_eq!(site.run(&[&words, more].concat()).code, Some(0));
        requirement(&run(&site, &["--framework", "pci-dss"], 1), "12.10.1")
    };
    let later = attach(&[]);
    assert_eq!(later["assessor"], "Not Tested", "attached today, it says nothing of March: {later}");
    let old = attach(&["--valid-from", "2025-03-04"]);
    assert_eq!(old["assessor"], "Not Tested", "older than twelve months: {old}");
    let answered = attach(&["--valid-from", "2026-01-01", "--title", "Plan of incidents"]);
    assert_eq!([&answered["assessor"], &answered["status"]], ["In Place", "pass"]);
    assert_eq!(answered["manual"]["document"]["title"], "Plan of incidents");

    let report = run(&site, &["--framework", "pci-dss", "--framework", "j-sox"], 1);
    assert_eq!(report["frameworks"].as_array().unwrap().len(), 2);
    let superseded = requirement(&report, "10.7.1");
    assert_eq!([&superseded["assessor"], &superseded["status"]], ["Not Applicable", "not_applicable"]);
    let stopped = requirement(&report, "10.2.1");
    assert_eq!(stopped["assessor"], "Not in Place");

    // A vault without an inventory has no settings: the checks of them do not run, and are told once in each requirement.
    let kept = requirement(&report, "10.5.1");
    let unseen =
        json!(["s3_vault_bucket_keeps_objects", "s3_evidence_bucket_is_kept_a_year", "logs_group_is_kept_a_year"]);
    assert_eq!(
        [&kept["settings_not_looked_at"], &kept["checks"][1]["id"]],
        [&unseen, &json!("evidence_goes_back_twelve_months")]
    );
    assert!(!statuses(&report).contains_key("logs_group_is_kept_a_year"));
    let named = site.run(&["check", "--check", "logs_group_is_kept_a_year"]);
    assert!(named.code == Some(2) && named.err.contains("shoseki check iac PATH"), "{named:?}");

    let table = site.run(&[&["check", "--framework", "pci-dss", "--lang", "ja"], &MARCH[..]].concat());
    for text in [
        "設定は調べていません (チェック 3 件)",
        "カード会員データへのアクセス",
        "未対応",
        "未テスト",
        "要確認",
        "対処:",
        "shoseki attach FILE --requirement \"PCI DSS",
    ] {
        assert!(table.out.contains(text), "{text}: {table:?}");
    }
    let csv = site.run(&[&["check", "--framework", "appi", "-o", "csv"], &MARCH[..]].concat());
    assert!(csv.code == Some(1) && csv.out.lines().count() > 40 && csv.out.contains("個人情報保護法 24"), "{csv:?}");
}

/// Every source, as its test data has it.
#[test]
fn every_source_is_judged() {
    let site = Site::with_vault(&[]);
    for (source, files) in [
        ("cloudtrail", "log-file.json"),
        ("cloudtrail", "console-login.json"),
        ("config", "snapshot.json"),
        ("falco", "alerts.jsonl"),
        ("github", "webhooks.jsonl"),
        ("github", "pulls.json"),
        ("mariadb-audit", "server_audit.log"),
        ("mariadb-audit", "rds_audit.log"),
        ("pgaudit", "debian.log"),
        ("pgaudit", "rds.log"),
        ("s3-access", "2026-03-05-01-20-00-EXAMPLE.log"),
        ("app", "structlog.jsonl"),
        ("k8s-audit", "log.jsonl"),
    ] {
        let file = testdata(source).join(files);
        // Some of the samples have lines that nobody can read.
        let taken = site.run(&["ingest", source, file.to_str().unwrap()]);
        assert!(matches!(taken.code, Some(0 | 4)), "{source} {files}: {taken:?}");
    }
    let report = site.run(&["check", "--json", "--period", "2026Q1"]).report(1);
    let all = statuses(&report);
    for check in ["config", "falco", "app", "database"] {
        assert_eq!(all[&format!("evidence_{check}_arrived")], "pass", "{check}");
    }
    let changed = found(&report, "evidence_privilege_changes_are_listed").join("\n");
    for what in ["grant all", "create user", "CREATE ROLE"] {
        assert!(changed.contains(what), "{what}: {changed}");
    }
    let refused = found(&report, "evidence_refusals_are_listed").join("\n");
    assert!(refused.contains("FAILED_CONNECT") && refused.contains("connection refused"), "{refused}");
    let objects = found(&report, "evidence_system_objects_are_listed").join("\n");
    assert!(objects.contains("CREATE TABLE"), "{objects}");
    let data = found(&report, "evidence_data_access_is_recorded").join("\n");
    assert!(data.contains("fail s3-access/shop-invoices"), "two of its lines name nobody: {data}");
    let fields = found(&report, "evidence_has_the_six_fields").join("\n");
    assert!(fields.contains("fail pgaudit") && fields.contains("the outcome"), "{fields}");
    let deployed = found(&report, "evidence_deployments_were_reviewed");
    assert!(!deployed.is_empty() && !deployed[0].starts_with("no_evidence github"), "{deployed:?}");
    let logins = found(&report, "evidence_console_logins_have_mfa");
    assert!(logins.iter().any(|line| line.starts_with("pass")), "root had a second factor: {logins:?}");
    assert_eq!(all["evidence_console_logins_have_mfa"], "no_evidence", "of most days nothing is known: {logins:?}");
}

const OWN: &str = "id: own\ntitle: {en: Our rules, ja: 社内規程}\nattach: Rules\nrequirements:\n  - number: \"1\"\n    \
                   title: {en: Nobody deletes, ja: 削除の禁止}\n    asks: {en: Nobody deletes., ja: 削除しない。}\n    whose: customer\n    \
                   checks: [own_no_deletions, own_is_alive]\nchecks:\n  - id: own_no_deletions\n    title: {en: No object was deleted, ja: 削除がない}\n    \
                   mend: {en: Ask who did., ja: 確認してください。}\n    severity: high\n    rule: no_rows\n    \
                   query: filter eventName = \"DeleteObject\" and not ispresent(errorCode) | fields @ptr\n  - id: own_is_alive\n    \
                   title: {en: It is alive, ja: 動いている}\n    mend: {en: Look., ja: 確認してください。}\n    severity: low\n    \
                   rule: at_least_100_a_day\n    language: sql\n    \
                   query: select date_trunc('day', time) as day, count(*) as events from events group by 1\n";

#[test]
fn a_settled_gap_is_for_a_person_to_read() {
    let site = estate();
    let of = |site: &Site| {
        let report = site.run(&["check", "--json", "--period", "2026-03", "--check", "evidence_has_no_open_gap"]);
        found(&serde_json::from_str(&report.out).unwrap(), "evidence_has_no_open_gap")
    };
    let is_open = |text: &&String| text.starts_with("fail");
    let open = of(&site).iter().filter(is_open).count();
    assert!(open > 0, "{:?}", of(&site));
    let shown = site.run(&["gaps", "--json", "--from", "2026-03-01", "--to", "2026-03-31"]);
    let gaps: Value = serde_json::from_str(&shown.out).unwrap();
    let gap = &gaps["gaps"][0];
    let (stream, begin) = (gap["stream"].as_str().unwrap(), gap["from"].as_str().unwrap());
    let settled = site.run(&[
        "gaps",
        "settle",
        stream,
        "--begin",
        begin,
        "--from",
        "2026-03-01",
        "--cause",
        "the estate ended",
        "--answer",
        "none",
    ]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    let said = of(&site);
    let settled = said.iter().find(|text| text.contains("the estate ended")).map(|text| text.starts_with("pass"));
    assert_eq!(settled, Some(true), "{said:?}");
    assert_eq!(said.iter().filter(is_open).count(), open - 1, "{said:?}");
}

#[test]
fn ones_own_framework_needs_no_building() {
    let site = estate();
    let file = site.write("own.yaml", OWN);
    let report = run(&site, &["--framework-file", &file], 1);
    assert_eq!(
        statuses(&report),
        BTreeMap::from(
            [("own_no_deletions", "fail"), ("own_is_alive", "pass")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        )
    );
    assert_eq!(report["frameworks"][0]["requirements"][0]["assessor"], "Not in Place");
    let records = &report["checks"][0]["findings"][0]["records"];
    assert_eq!(records.as_array().unwrap().len(), 5, "{report}");
    let one = run(&site, &["--framework-file", &file, "--check", "own_is_alive"], 0);
    assert_eq!(one["status"], "pass");
    let shown = site.run(&["check", "show", "own_no_deletions", "--framework-file", &file]);
    assert!(shown.out.contains("Rules 1") && shown.out.contains("shoseki query 'filter eventName"), "{shown:?}");

    // A field that no event has finds nothing: that is no pass.
    let typo = site.write("typo.yaml", OWN.replace("eventName", "evntName"));
    let report = run(&site, &["--framework-file", &typo], 4);
    assert_eq!(statuses(&report)["own_no_deletions"], "no_evidence");
    assert!(found(&report, "own_no_deletions")[0].contains("did you mean `eventName`"), "{report}");

    for (from, to, expected) in [
        ("DeleteObject\" and", "DeleteObject\" nd", "filter eventName"),
        ("from events group", "from nowhere group", "nowhere"),
        ("own_is_alive]", "own_is_dead]", "own_is_dead"),
        ("severity: low", "severity: mild", "mild"),
    ] {
        let wrong = site.write("wrong.yaml", OWN.replace(from, to));
        let answer = site.run(&[&["check", "--framework-file", &wrong], &MARCH[..]].concat());
        assert!(answer.code == Some(2) && answer.err.contains(expected), "{to}: {answer:?}");
    }
}

#[test]
fn an_audit_policy_is_judged_as_the_api_server_does() {
    let site = Site::empty();
    let handbook = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n    - level: RequestResponse\n      resources:\n          - group: \"\"\n            \
                    resources: [\"pods\", \"secrets\"]\n      verbs: [\"create\", \"update\", \"delete\"]\n";
    let path = site.write("handbook.yaml", handbook);
    let report = site.run(&["check", "audit-policy", &path, "--json"]).report(1);
    let pods = report["recorded"].as_array().unwrap().iter().find(|row| row["resource"] == "pods").unwrap();
    let levels: Vec<(&str, &str)> = pods["verbs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|verb| (verb["verb"].as_str().unwrap(), verb["level"].as_str().unwrap()))
        .collect();
    let whole = "RequestResponse";
    assert_eq!(
        levels,
        [("create", whole), ("update", whole), ("patch", "None"), ("delete", whole), ("deletecollection", "None")]
    );
    let table = site.run(&["check", "audit-policy", &path, "--lang", "ja"]);
    for text in
        ["記録されません: patch, deletecollection", "pods/exec", "次の操作で秘密の値が記録されます: create, update"]
    {
        assert!(table.out.contains(text), "{text}: {table:?}");
    }
    assert!(table.code == Some(1) && table.err.contains("EKS"), "{table:?}");
    let good = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n";
    let path = site.write("good.yaml", good);
    assert_eq!(site.run(&["check", "audit-policy", &path]).code, Some(0));
    let path = site.write("wrong.yaml", "- a: [");
    let wrong = site.run(&["check", "audit-policy", &path]);
    assert!(wrong.code == Some(2) && wrong.err.contains("wrong.yaml"), "{wrong:?}");
}

#[test]
fn nothing_is_no_pass_and_mistakes_are_said() {
    let site = Site::with_vault(&[]);
    let all = run(&site, &[], 1);
    let not_passed = statuses(&all).into_iter().filter(|(_, status)| status == "pass").collect::<Vec<_>>();
    assert_eq!(not_passed, [], "an empty vault passes nothing");
    assert_eq!(status(&site, "evidence_cloudtrail_arrived", 4), "no_evidence");
    for (words, expected) in [
        (vec!["check", "--framework", "hipaa"], "pci-dss"),
        (vec!["check", "--check", "evidence_has_no_open_gaps"], "did you mean `evidence_has_no_open_gap`"),
        (vec!["check", "--period", "2026Q7"], "FY2026Q3"),
        (vec!["check", "--period", "2026Q1", "--from", "-7d"], "exclude each other"),
        (vec!["check", "--period", "2099Q1"], "is to come"),
        (vec!["check", "show", "x"], "check list"),
        (vec!["check", "--framework-file", "nowhere.yaml"], "nowhere.yaml"),
    ] {
        let answer = site.run(&words);
        assert!(answer.code == Some(2) && answer.err.contains(expected), "{words:?}: {answer:?}");
    }
    let frameworks = site.run(&["check", "frameworks", "--json"]).report(0);
    let ids: Vec<&Value> = frameworks.as_array().unwrap().iter().map(|framework| &framework["id"]).collect();
    assert_eq!(json!(ids), json!(["appi", "gdpr", "handbook", "iso27001", "j-sox", "pci-dss"]));
}

#[test]
fn days_are_those_of_the_zone() {
    let site = estate();
    let judged = |zone: &str, period: &str, code: i32| {
        let words = ["check", "--json", "--tz", zone, "--period", period, "--check", "evidence_root_use_is_listed"];
        found(&site.run(&words).report(code), "evidence_root_use_is_listed")
    };
    // The evidence is of one day of Tokyo, from 9 in the morning to 9 in the evening.
    for (zone, day, next) in [("UTC", "2026-03-05", "2026-03-06"), ("Asia/Tokyo", "2026-03-05", "2026-03-06")] {
        assert!(judged(zone, day, 0)[0].starts_with("pass"), "{zone}");
        let two = judged(zone, &format!("{day}..{next}"), 4);
        assert!(two.iter().any(|line| line.contains("1 of 2 days only")), "{zone}: {two:?}");
    }
    let before = judged("Asia/Tokyo", "2026-03-04..2026-03-05", 4);
    assert!(before.iter().any(|line| line.contains("1 of 2 days only")), "{before:?}");
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let site = estate();
    let words = [&["check", "--check", "evidence_logging_was_not_stopped", "--all"], &MARCH[..]].concat();
    assert_eq!(site.run(&words).code, Some(1));
    let mut child = site.command(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let answer = Site::finish({
        let mut command = site.command(&words);
        command.stdout(full).stderr(Stdio::piped());
        command
    });
    assert!(answer.code == Some(3) && answer.err.contains("standard output"), "{answer:?}");
}
