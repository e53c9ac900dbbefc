//! `shoseki setup export`: what is written and what is kept; that it is what `setup apply` makes, held to what moto has afterwards; and
//! what others find in it: `terraform fmt`, Helm, the schemas of Kubernetes, cfn-lint, checkov, and our own checks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;
#[path = "export/terraform.rs"]
mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use aws::{Cloud, account};
use serde_json::{Value, json};
use site::{Answer, Site};
use terraform::Module;

/// All that can be exported.
const ALL: [&str; 5] = ["terraform", "kubernetes", "helm", "cloudformation", "github"];
/// What asks for everything.
const EVERYTHING: &str = "vault = \"s3://example-vault/shoseki\"
[setup]
home_region = \"ap-northeast-1\"
regions = [\"ap-northeast-1\", \"us-east-1\"]
roles = [\"arn:aws:iam::111122223333:role/setup\", \"arn:aws:iam::444455556666:role/setup\"]
frameworks = [\"pci-dss\", \"j-sox\"]
object_lock = \"governance\"
data_events = [\"shop-uploads\"]
insights = true
readers = [\"arn:aws:iam::111122223333:user/reader\"]
auditors = [\"arn:aws:iam::111122223333:user/auditor\"]
auditors_sso = \"Auditor\"
break_glass = [\"arn:aws:iam::111122223333:user/responder\"]
[setup.collector]
cluster = \"prod\"
";

/// A folder with a configuration.
fn desk(config: &str) -> Site {
    let site = Site::empty();
    site.write("shoseki.toml", config);
    site
}

fn run(site: &Site, arguments: &[&str]) -> Answer {
    let mut command = site.command(arguments);
    command.env_remove("SHOSEKI_VAULT").env_remove("SHOSEKI_CONFIG");
    Site::finish(command)
}

/// Exports all into `out`.
fn exported(site: &Site, more: &[&str]) -> PathBuf {
    let answer = run(site, &[&["setup", "export"], ALL.as_slice(), &["--out", "out"], more].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    site.path("out")
}

/// The texts of a folder's files of a kind.
fn texts(folder: &Path, ending: &str) -> Vec<String> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all: BTreeSet<PathBuf> = all.filter(|path| path.extension().is_some_and(|one| one == ending)).collect();
    all.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// How files stand, by their paths.
fn states(answer: &Answer) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["files"].as_array().unwrap().iter().map(|one| (text(&one["path"]), text(&one["state"]))).collect()
}

#[test]
fn files_are_written_once_made_again_and_never_over_what_somebody_changed() {
    let site = desk("[setup]\nhome_region = \"ap-northeast-1\"\n");
    let export = ["setup", "export", "terraform", "github", "--json"];
    let first = states(&run(&site, &export));
    assert!(first.values().all(|state| state == "new") && first.len() > 10, "{first:?}");
    assert!(site.path("shoseki-export/github/shoseki.yml").is_file());
    assert!(states(&run(&site, &export)).values().all(|state| state == "same"));

    // Another wish: what nobody changed is made again.
    site.write("shoseki.toml", "[setup]\nhome_region = \"ap-northeast-1\"\nkeep_months = 84\n");
    let again = states(&run(&site, &export));
    assert_eq!(again["terraform/shoseki-evidence/variables.tf"], "newer");
    assert_eq!(again["terraform/shoseki-evidence/key.tf"], "same");
    let variables = site.path("shoseki-export/terraform/shoseki-evidence/variables.tf");
    let made = std::fs::read_to_string(&variables).unwrap();
    assert!(made.contains("default     = 2604"), "{made}");

    // What somebody changed is named, and nothing at all is written.
    std::fs::write(&variables, made.replace("2604", "9999")).unwrap();
    site.write("shoseki.toml", "[setup]\nhome_region = \"us-east-1\"\n");
    let refused = run(&site, &["setup", "export", "terraform"]);
    assert!(refused.code == Some(2) && refused.err.contains("shoseki-evidence/variables.tf"), "{refused:?}");
    assert!(!refused.err.contains("key.tf"), "{refused:?}");
    let workflow = std::fs::read_to_string(site.path("shoseki-export/github/shoseki.yml")).unwrap();
    assert!(workflow.contains("aws-region: ap-northeast-1"), "{workflow}");
    let forced = states(&run(&site, &["setup", "export", "terraform", "--json", "--force"]));
    assert_eq!(forced["terraform/shoseki-evidence/variables.tf"], "changed");
    assert!(!std::fs::read_to_string(&variables).unwrap().contains("9999"));
}

#[test]
fn what_cannot_be_exported_is_said_with_what_was_expected() {
    let site = desk("[setup]\n");
    let refused = run(&site, &["setup", "export", "pulumi"]);
    assert!(refused.code == Some(2) && refused.err.contains("terraform"), "{refused:?}");
    let refused = run(&site, &["setup", "export", "terraform", "--database", "oracle:19"]);
    assert!(refused.code == Some(2) && refused.err.contains("`postgres:16`"), "{refused:?}");
    site.write("shoseki.toml", "[http]\n");
    let refused = run(&site, &["setup", "export", "terraform"]);
    assert!(refused.code == Some(2) && refused.err.contains("[setup]"), "{refused:?}");
    // A home that nobody names is a variable without a value.
    site.write("shoseki.toml", "[setup]\n");
    let out = exported(&site, &[]);
    let variables = std::fs::read_to_string(out.join("terraform/shoseki-evidence/variables.tf")).unwrap();
    let home = variables.split("variable \"home_region\"").nth(1).unwrap().split("\n}").next().unwrap();
    assert!(!home.contains("default"), "{home}");
}

/// The findings of our own checks of a folder.
fn judged(site: &Site, folder: &str) -> (Vec<(String, String)>, Value) {
    let answer = run(site, &["check", "iac", folder, "--json"]);
    let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    assert_eq!(report["problems"], json!([]), "{report}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    (all.map(|one| (text(&one["status"]), text(&one["check"]))).collect(), report["read"].clone())
}

#[test]
fn our_own_checks_find_nothing_but_what_the_readme_gives_a_reason_for() {
    for (config, expected) in [
        (EVERYTHING, vec!["cloudtrail_trail_goes_to_log_group"]),
        (
            "[setup]\nhome_region = \"ap-northeast-1\"\n",
            vec!["cloudtrail_trail_goes_to_log_group", "cloudtrail_trail_records_data_events"],
        ),
    ] {
        let site = desk(config);
        let out = exported(&site, &[]);
        let (findings, read) = judged(&site, "out");
        assert!(read["terraform"].as_u64() > Some(10) && read["manifests"].as_u64() > Some(5), "{read}");
        assert_eq!(read["templates"], 1);
        let of = |status: &str| -> BTreeSet<&str> {
            findings.iter().filter(|(is, _)| is == status).map(|(_, check)| check.as_str()).collect()
        };
        assert_eq!(of("fail"), expected.iter().copied().collect(), "{config}");
        // The parameters of a StackSet have their values in the StackSet.
        assert_eq!(of("no_evidence"), BTreeSet::from(["iam_role_trust_is_limited"]), "{config}");
        for check in [
            "cloudtrail_trail_is_logging",
            "cloudtrail_trail_is_multi_region",
            "cloudtrail_trail_validates_files",
            "cloudtrail_trail_is_encrypted",
            "config_recorder_is_on",
            "config_recorder_records_all",
            "config_recorder_delivers",
            "s3_bucket_access_is_logged",
            "s3_bucket_can_take_access_logs",
            "s3_evidence_bucket_blocks_public_access",
            "s3_evidence_bucket_demands_tls",
            "s3_evidence_bucket_denies_deletion",
            "s3_evidence_bucket_is_encrypted_by_kms",
            "s3_evidence_bucket_is_kept_a_year",
            "s3_evidence_bucket_is_versioned",
            "kms_key_rotates",
            "kms_key_policy_is_limited",
            "falco_is_forwarded",
            "falco_output_is_json",
            "k8s_audit_policy_records",
        ] {
            assert!(of("pass").contains(check), "{check} passes nowhere in {config}");
        }
        for name in ["README.md", "README.ja.md"] {
            let readme = std::fs::read_to_string(out.join("terraform/shoseki-evidence/..").join(name)).unwrap();
            assert!(expected.iter().all(|check| readme.contains(check)), "{name}");
        }
        let policy = run(&site, &["check", "audit-policy", "out/kubernetes/cluster/audit-policy.yaml"]);
        assert_eq!(policy.code, Some(0), "{policy:?}");
    }
}

#[test]
fn what_runs_in_the_cluster_has_a_configuration_that_serve_takes() {
    let site = desk(EVERYTHING);
    let out = exported(&site, &[]);
    let manifest = std::fs::read_to_string(out.join("kubernetes/configmap.yaml")).unwrap();
    let config = manifest.split_once("shoseki.toml: |\n").unwrap().1;
    let config: String =
        config.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
    // The certificate is a Secret's.
    let (before, rest) = config.split_once("[http.tls]").unwrap();
    let after = rest.split_once("# Without").unwrap().1;
    site.write("serve.toml", format!("{}\n# Without{after}", before.replace("0.0.0.0:8484", "127.0.0.1:8484")));
    let checked = run(&site, &["serve", "--config", "serve.toml", "--check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}\n{config}");
    for part in ["[[fetch.sqs]]", "shoseki-trail-events", "/aws/eks/prod/cluster"] {
        assert!(config.contains(part), "{part} is not in {config}");
    }
    // What senders are told is where receivers are.
    let webhook = std::fs::read_to_string(out.join("kubernetes/cluster/audit-webhook.kubeconfig")).unwrap();
    let falco = std::fs::read_to_string(out.join("kubernetes/cluster/falco-values.yaml")).unwrap();
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/serve.md")).unwrap();
    assert!(guide.contains("| `/kubernetes-audit` |") && webhook.contains(":8484/kubernetes-audit\n"), "{webhook}");
    assert!(guide.contains("`/t/<token>/falco`") && falco.contains("/t/${SHOSEKI_TOKEN}/falco\""), "{falco}");
}

/// A document with what AWS gives back in other orders put in order: sets as sets, one of a list as a list.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(all) => {
            let listed = |(name, value): (&String, &Value)| {
                let is_set = !["Statement", "Principal", "Condition"].contains(&name.as_str()) && value.is_string();
                let value = if is_set && !["Sid", "Effect", "Version"].contains(&name.as_str()) {
                    json!([value])
                } else {
                    value.clone()
                };
                (name.clone(), in_order(&value))
            };
            Value::Object(all.iter().map(listed).collect())
        }
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(in_order).collect();
            all.sort_by_key(Value::to_string);
            Value::Array(all)
        }
        other => other.clone(),
    }
}

fn document(text: &Value) -> Value {
    in_order(&serde_json::from_str(text.as_str().unwrap()).unwrap())
}

#[test]
fn terraform_says_what_apply_makes_piece_by_piece() {
    let Some(cloud) = Cloud::of("exported Terraform beside an applied set-up") else { return };
    let account = account();
    let role = format!("arn:aws:iam::{account}:role/setup");
    let person = |name: &str| format!("arn:aws:iam::{account}:user/{name}");
    let vault = format!("s3://shoseki-test/{}", cloud.moto.prefix("vault"));
    let site = desk(&format!(
        "vault = \"{vault}\"\n[setup]\nhome_region = \"us-east-1\"\nroles = [\"{role}\"]\nframeworks = [\"j-sox\"]\ndata_events = [\"shop\", \"orders\"]\n\
         readers = [\"{}\"]\nauditors = [\"{}\"]\nauditors_sso = \"Auditor\"\nbreak_glass = [\"{}\"]\n[setup.collector]\ncluster = \"prod\"\n",
        person("reader"),
        person("auditor"),
        person("responder"),
    ));
    let out = exported(&site, &[]);
    assert_eq!(site.run(&["init", &vault]).code, Some(0));
    let mut apply = site.command(&["setup", "apply", "--yes", "--json"]);
    apply.env_remove("SHOSEKI_VAULT").env_remove("AWS_PROFILE").env("AWS_ENDPOINT_URL", cloud.moto.endpoint());
    apply.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
    let applied = Site::finish(apply);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let there = cloud.ask(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export/there.py"), &account);

    let bucket = |name: &str| json!({"id": format!("shoseki-{name}-{account}-us-east-1")});
    let module = Module::of(
        &texts(&out.join("terraform/shoseki-evidence"), "tf"),
        &account,
        json!({
            "aws_kms_key": {"evidence": {"arn": there["key"]}},
            "aws_s3_bucket": {"evidence": bucket("evidence"), "access_logs": bucket("access-logs")},
            "aws_sqs_queue": {"files": {"url": "url"}},
            "aws_iam_role": {"collector": {"id": "c", "arn": "c"}, "auditor": {"id": "a"}, "break_glass": {"id": "b"}},
            "aws_config_configuration_recorder": {"evidence": {"us-east-1": {"name": "default"}}},
        }),
    );
    let key = module.resource("aws_kms_key", "evidence");
    assert_eq!(document(&key["policy"]), in_order(&there["key_policy"]));
    assert_eq!(key["enable_key_rotation"], there["rotates"]);
    for (label, name) in [("evidence", "evidence"), ("access_logs", "access-logs")] {
        let has = &there["buckets"][name];
        let says = |kind: &str| module.resource(&format!("aws_s3_bucket{kind}"), label);
        assert_eq!(says("")["bucket"], bucket(name)["id"]);
        assert_eq!(document(&says("_policy")["policy"]), in_order(&has["policy"]), "{name}");
        assert_eq!(says("_versioning")["versioning_configuration"][0]["status"], has["versioning"]);
        let shut = says("_public_access_block");
        for (one, other) in [
            ("block_public_acls", "BlockPublicAcls"),
            ("block_public_policy", "BlockPublicPolicy"),
            ("ignore_public_acls", "IgnorePublicAcls"),
            ("restrict_public_buckets", "RestrictPublicBuckets"),
        ] {
            assert_eq!(shut[one], has["shut"][other], "{name} {one}");
        }
        let rule = says("_lifecycle_configuration")["rule"][0].clone();
        assert_eq!((&rule["id"], has["rules"].as_array().unwrap().len()), (&has["rules"][0]["ID"], 1));
        assert_eq!(rule["expiration"][0]["days"], has["rules"][0]["Expiration"]["Days"]);
        let noncurrent = &has["rules"][0]["NoncurrentVersionExpiration"]["NoncurrentDays"];
        assert_eq!(&rule["noncurrent_version_expiration"][0]["noncurrent_days"], noncurrent);
        let default =
            says("_server_side_encryption_configuration")["rule"][0]["apply_server_side_encryption_by_default"][0]
                .clone();
        assert_eq!(default["sse_algorithm"], has["encryption"]["SSEAlgorithm"]);
        assert_eq!(default["kms_master_key_id"], has["encryption"]["KMSMasterKeyID"]);
    }
    let logging = module.resource("aws_s3_bucket_logging", "evidence");
    let has = &there["buckets"]["evidence"]["logging"];
    assert_eq!((&logging["target_bucket"], &logging["target_prefix"]), (&has["TargetBucket"], &has["TargetPrefix"]));
    of_trail(&module, &there);
    for (label, name) in [("collector", "collector"), ("auditor", "auditor"), ("break_glass", "break-glass")] {
        let (role, has) = (module.resource("aws_iam_role", label), &there["roles"][name]);
        assert_eq!(role["name"], format!("shoseki-{name}"));
        assert_eq!(document(&role["assume_role_policy"]), in_order(&has["trust"]), "{name}");
        assert_eq!(role["max_session_duration"], has["seconds"]);
        let rights = module.resource("aws_iam_role_policy", label);
        assert_eq!(document(&rights["policy"]), in_order(&has["rights"]), "{name}");
    }
    // Of the vault, its folder alone is written to.
    let objects = format!("arn:aws:s3:::{}/*", vault.trim_start_matches("s3://"));
    let rights = document(&module.resource("aws_iam_role_policy", "collector")["policy"]);
    let writes = rights["Statement"].as_array().unwrap().iter().find(|one| one["Sid"] == "ShosekiWritesVault").unwrap();
    assert_eq!(writes["Resource"], json!([objects]));
}

/// The trail, its queue, and AWS Config.
fn of_trail(module: &Module, there: &Value) {
    let (trail, has) = (module.resource("aws_cloudtrail", "evidence"), &there["trail"]);
    for (one, other) in [
        ("name", "Name"),
        ("s3_bucket_name", "S3BucketName"),
        ("kms_key_id", "KmsKeyId"),
        ("is_multi_region_trail", "IsMultiRegionTrail"),
        ("include_global_service_events", "IncludeGlobalServiceEvents"),
        ("enable_log_file_validation", "LogFileValidationEnabled"),
    ] {
        assert_eq!(trail[one], has[other], "{one}");
    }
    let (selector, has) = (&trail["event_selector"][0], &there["selectors"][0]);
    assert_eq!(
        (&selector["read_write_type"], &selector["include_management_events"]),
        (&has["ReadWriteType"], &has["IncludeManagementEvents"])
    );
    assert_eq!(selector["data_resource"][0]["values"], has["DataResources"][0]["Values"]);
    assert_eq!(has["DataResources"][0]["Values"].as_array().unwrap().len(), 2);
    let (queue, has) = (module.resource("aws_sqs_queue", "files"), &there["queue"]["attributes"]);
    for (one, other) in [
        ("message_retention_seconds", "MessageRetentionPeriod"),
        ("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
        ("visibility_timeout_seconds", "VisibilityTimeout"),
    ] {
        assert_eq!(json!(queue[one].to_string()), has[other], "{one}");
    }
    assert_eq!(
        document(&module.resource("aws_sqs_queue_policy", "files")["policy"]),
        in_order(&there["queue"]["policy"])
    );
    let recorder = &module.each("aws_config_configuration_recorder", "evidence")[0];
    assert_eq!((&recorder["name"], &recorder["role_arn"]), (&there["recorder"]["name"], &there["recorder"]["roleARN"]));
    let (group, has) = (&recorder["recording_group"][0], &there["recorder"]["recordingGroup"]);
    assert_eq!(
        (&group["all_supported"], &group["include_global_resource_types"]),
        (&has["allSupported"], &has["includeGlobalResourceTypes"])
    );
    let rules = module.each("aws_config_config_rule", "evidence").into_iter();
    let rules: BTreeMap<String, Value> = rules
        .map(|rule| (rule["name"].as_str().unwrap().to_owned(), rule["source"][0]["source_identifier"].clone()))
        .collect();
    assert_eq!(json!(rules), there["rules"]);
}

#[test]
fn terraform_has_nothing_to_format() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: `terraform fmt` needs terraform on this machine");
        return;
    }
    for config in [EVERYTHING, "[setup]\n"] {
        let site = desk(config);
        let more = ["--database", "postgres:16.3", "--database", "mysql:8.0.35", "--database", "aurora-mysql:8.0"];
        let out = exported(&site, &more);
        let mut command = Command::new("terraform");
        command.args(["fmt", "-check", "-diff", "-recursive", "-no-color"]).current_dir(out.join("terraform"));
        let formatted = Answer::of(command.output().unwrap());
        assert!(formatted.code == Some(0) && formatted.out.is_empty(), "{formatted:?}");
    }
}

/// What others find in a folder, as `export/judge.py` says it; nothing where they are absent, which is said.
fn others(test: &str, out: &Path) -> Option<Value> {
    let Ok(python) = std::env::var("SHOSEKI_TEST_EXPORT_PYTHON") else {
        eprintln!("skipped: `{test}` needs SHOSEKI_TEST_EXPORT_PYTHON, which `cargo xtask test` sets");
        return None;
    };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut command = Command::new(python);
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export/judge.py"))
        .arg(out)
        .arg(format!("{root}/Dockerfile"));
    let said = Answer::of(command.output().unwrap());
    assert_eq!(said.code, Some(0), "{}", said.err);
    Some(serde_json::from_str(&said.out).unwrap())
}

/// Objects by their kinds and names, without what may differ between a chart and manifests: the comments of a configuration.
fn objects(all: &Value) -> BTreeMap<String, Value> {
    let one = |object: &Value| {
        let mut object = object.clone();
        if let Some(Value::String(config)) = object.pointer_mut("/data/shoseki.toml") {
            let lines = config.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
            *config = lines.collect::<Vec<_>>().join("\n");
        }
        if let Some(annotations) = object.pointer_mut("/spec/template/metadata/annotations") {
            annotations["shoseki/config-sha256"] = json!("");
        }
        (format!("{} {}", object["kind"], object["metadata"]["name"]), object)
    };
    all.as_array().unwrap().iter().map(one).collect()
}

/// The findings that the code says are meant so, in all files below a folder.
fn said_to_be_meant(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(said_to_be_meant(&entry));
            continue;
        }
        let text = std::fs::read_to_string(&entry).unwrap();
        let its = text.lines().filter_map(|line| line.trim_start().strip_prefix("#checkov:skip="));
        all.extend(its.map(str::to_owned));
    }
    all
}

#[test]
fn others_find_nothing_but_what_is_said_to_be_meant_so() {
    for config in [EVERYTHING, "[setup]\nhome_region = \"ap-northeast-1\"\n"] {
        let site = desk(config);
        let out = exported(&site, &["--database", "postgres:16.3", "--database", "mysql:8.0.35"]);
        let Some(said) = others("what others find in exported code", &out) else { return };
        assert_eq!(said["schema"], json!([]), "manifests against the schemas of Kubernetes");
        assert_eq!(said["accepted"], json!([]), "values that the chart's schema should refuse");
        assert_eq!(said["cfn-lint"], json!([]));
        // An icon is a picture at an address of somebody's.
        let lint = said["lint"]["messages"].as_array().unwrap().iter();
        let lint: Vec<&str> = lint.map(|one| one["error"].as_str().unwrap()).collect();
        assert_eq!((lint, &said["lint"]["errors"]), (vec!["icon is recommended"], &json!([])));
        // A chart is what the manifests are.
        let (chart, mut manifests) = (objects(&said["same"]), objects(&said["manifests"]));
        manifests
            .retain(|name, _| !["Kustomization", "Namespace", "PodMonitor"].iter().any(|kind| name.contains(kind)));
        assert_eq!(chart, manifests);
        let whole = objects(&said["whole"]);
        assert!(whole.keys().any(|name| name.contains("PodMonitor")), "{:?}", whole.keys());
        let config_map = whole.iter().find(|(name, _)| name.contains("ConfigMap")).unwrap().1.to_string();
        assert!(config_map.contains("[[sender]]") && config_map.contains("Asia/Tokyo"), "{config_map}");

        let mut skipped = BTreeSet::new();
        for (what, found) in said["checkov"].as_object().unwrap() {
            assert_eq!((&found["failed"], &found["broken"]), (&json!([]), &json!([])), "{what}");
            assert!(found["passed"].as_u64() > Some(10), "{what}: {found}");
            for one in found["skipped"].as_array().unwrap() {
                let text = |at: usize| one[at].as_str().unwrap();
                assert!(text(2).len() > 20, "{what}: {} has no reason", text(0));
                skipped.insert((what.clone(), format!("{}:{}", text(0), text(2))));
            }
        }
        // A reason for what is not found any more is taken out.
        let of = |what: &str| -> BTreeSet<String> {
            skipped.iter().filter(|(of, _)| of == what).map(|(_, skip)| skip.clone()).collect()
        };
        assert_eq!(of("terraform"), said_to_be_meant(&out.join("terraform")));
        assert_eq!((of("manifests").len(), of("Dockerfile").len()), (1, 1), "{skipped:?}");
        assert_eq!(skipped.len(), of("terraform").len() + 2, "{skipped:?}");
        for name in ["README.md", "README.ja.md"] {
            let readme = std::fs::read_to_string(out.join("terraform").join(name)).unwrap();
            let ids = of("terraform").into_iter().map(|skip| skip.split(':').next().unwrap().to_owned());
            assert!(ids.into_iter().all(|id| readme.contains(&id)), "{name}");
        }
    }
}

#[test]
fn of_an_account_as_it_is_what_is_there_is_not_made_again_and_nothing_is_lost() {
    let Some(cloud) = Cloud::of("exported Terraform of what exists in half") else { return };
    let account = account();
    cloud.make(&account, "half");
    let role = format!("arn:aws:iam::{account}:role/setup");
    let site = desk(&format!("[setup]\nhome_region = \"us-east-1\"\nroles = [\"{role}\"]\ndata_events = [\"shop\"]\n"));
    let asked = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        command.env_remove("SHOSEKI_VAULT").env_remove("AWS_PROFILE").env("AWS_ENDPOINT_URL", cloud.moto.endpoint());
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
        Site::finish(command)
    };
    let plan = asked(&["setup", "plan", "--json"]).report(1);
    let exported = asked(&["setup", "export", "terraform", "--live", "--out", "out"]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let folder = site.path(&format!("out/terraform/account-{account}"));
    let code = texts(&folder, "tf").concat();
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(
        !code.contains("\"aws_cloudtrail\"") && !code.contains("resource \"aws_s3_bucket\" \"evidence\""),
        "{code}"
    );
    assert!(
        code.contains("data \"aws_s3_bucket\" \"evidence\"") && code.contains(&format!("\"logs-{account}\"")),
        "{code}"
    );
    assert!(!code.contains("${setup:") && !readme.contains("${setup:"), "{code}");
    // Each call of the plan is a resource, or a line of the README.
    let resources = [
        ("s3:PutBucketPolicy", "aws_s3_bucket_policy"),
        ("s3:PutBucketVersioning", "aws_s3_bucket_versioning"),
        ("s3:PutBucketEncryption", "aws_s3_bucket_server_side_encryption_configuration"),
        ("s3:PutBucketLogging", "aws_s3_bucket_logging"),
        ("kms:CreateKey", "aws_kms_key"),
        ("sqs:CreateQueue", "aws_sqs_queue"),
        ("config:PutConfigRule", "aws_config_config_rule"),
        ("config:PutConfigurationRecorder", "aws_config_configuration_recorder"),
        ("rds:CreateOptionGroup", "aws_db_option_group"),
    ];
    let items = plan["items"].as_array().unwrap().iter();
    let calls: Vec<&str> =
        items.flat_map(|item| item["calls"].as_array().unwrap()).map(|call| call["call"].as_str().unwrap()).collect();
    for call in
        ["cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "eks:UpdateClusterConfig", "rds:ModifyDBInstance"]
    {
        assert!(calls.contains(&call) && readme.contains(&format!("`{call}`")), "{call} is not in {readme}");
    }
    for (call, resource) in resources.iter().filter(|(call, _)| calls.contains(call)) {
        let is_code = code.contains(&format!("resource \"{resource}\""));
        assert!(is_code || readme.contains(&format!("`{call}`")), "{call} is lost");
    }
    let policy = plan["items"].as_array().unwrap().iter().find(|item| item["piece"] == "evidence_bucket").unwrap();
    let policy = policy["calls"].as_array().unwrap().iter().find(|call| call["call"] == "s3:PutBucketPolicy").unwrap();
    let module = Module::of(&texts(&folder, "tf"), &account, json!({"aws_kms_key": {"evidence": {"arn": "key"}}}));
    assert_eq!(
        document(&module.resource("aws_s3_bucket_policy", "evidence")["policy"]),
        in_order(&policy["parameters"])
    );
    // What is somebody else's is neither owned nor taken away.
    assert_eq!(module.resource("aws_s3_bucket_policy", "evidence")["lifecycle"][0]["prevent_destroy"], true);
    assert!(
        calls.contains(&"config:PutConfigurationRecorder") && !code.contains("\"aws_config_configuration_recorder\"")
    );
    if Command::new("terraform").arg("version").output().is_ok() {
        let mut command = Command::new("terraform");
        command.args(["fmt", "-check", "-diff", "-recursive", "-no-color"]).current_dir(site.path("out"));
        let formatted = Answer::of(command.output().unwrap());
        assert!(formatted.code == Some(0) && formatted.out.is_empty(), "{formatted:?}");
    }
}
