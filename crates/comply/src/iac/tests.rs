//! What files come to: the same estate in each language, what is not evaluated, exceptions, plans, and what is hostile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use shoseki_messages::Lang;

use super::*;
use crate::checks::{CHECKS, Severity, find};

fn today() -> NaiveDate {
    "2026-06-01".parse().unwrap_or_default()
}

fn settings() -> Vec<&'static Check> {
    CHECKS.iter().filter(|check| check.is_of_settings()).collect()
}

pub(super) fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned(), unread: None, is_named: true }
}

pub(super) fn over(sources: &[Source]) -> Report<'static> {
    judge(sources, &settings(), today())
}

fn folder(name: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/iac").join(name);
    let files = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<PathBuf> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
    paths.sort();
    let read = |path: &PathBuf| source(&path.display().to_string(), &std::fs::read_to_string(path).unwrap_or_default());
    paths.iter().map(read).collect()
}

/// Findings: check, status, subject.
fn lines(report: &Report<'_>) -> BTreeSet<String> {
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let line = |row: &Row<'_>| format!("{} {} {}", row.check.id, row.status().name(), row.finding.subject);
    report.rows.iter().map(line).collect()
}

/// What one check says of a text: status and text of each finding.
pub(super) fn said(check: &str, path: &str, text: &str) -> Vec<String> {
    let report = over(&[source(path, text)]);
    let its = report.rows.iter().filter(|row| row.check.id == check);
    its.map(|row| format!("{} {}: {}", row.status().name(), row.finding.subject, row.finding.what.text(Lang::En)))
        .collect()
}

/// What the resources of the templates are called in Terraform.
const NAMES: [(&str, &str); 23] = [
    ("Key", "aws_kms_key.evidence"),
    ("Trail", "aws_cloudtrail.main"),
    ("TrailLogs", "aws_cloudwatch_log_group.trail"),
    ("TrailRole", "aws_iam_role.trail"),
    ("Operator", "aws_iam_policy.operator"),
    ("Evidence", "aws_s3_bucket.evidence"),
    ("Access", "aws_s3_bucket.access"),
    ("Shop", "aws_s3_bucket.shop"),
    ("Shop", "aws_rds_cluster.shop"),
    ("Recorder", "aws_config_configuration_recorder.main"),
    ("Channel", "aws_config_delivery_channel.main"),
    ("Detector", "aws_guardduty_detector.main"),
    ("Cluster", "aws_eks_cluster.main"),
    ("ClusterLogs", "aws_cloudwatch_log_group.cluster"),
    ("ShopMember", "aws_rds_cluster_instance.shop"),
    ("ShopParameters", "aws_rds_cluster_parameter_group.shop"),
    ("Ledger", "aws_db_instance.ledger"),
    ("LedgerOptions", "aws_db_option_group.ledger"),
    ("Any", "aws_iam_role.any"),
    ("All", "aws_iam_policy.all"),
    ("EvidencePolicy", "aws_s3_bucket_policy.evidence"),
    ("AccessPolicy", "aws_s3_bucket_policy.access"),
    ("", ""),
];

#[test]
fn the_same_estate_is_the_same_in_every_language() {
    for estate in ["good", "bad"] {
        let of = |language: &str| lines(&over(&folder(&format!("{estate}/{language}"))));
        let (hcl, plan, template) = (of("terraform"), of("plan"), of("cloudformation"));
        assert_eq!(hcl, plan, "{estate}: HCL and plan");
        let short = |line: &String| {
            let mut line = line.clone();
            for (template, terraform) in NAMES {
                line = line
                    .strip_suffix(&format!(" {terraform}"))
                    .map_or(line.clone(), |rest| format!("{rest} {template}"));
            }
            line
        };
        assert_eq!(hcl.iter().map(short).collect::<BTreeSet<_>>(), template, "{estate}: HCL and CloudFormation");
    }
}

#[test]
fn every_check_passes_the_good_estate_and_fails_the_bad_one_once() {
    let count = |estate: &str| {
        let mut all: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for language in ["terraform", "kubernetes"] {
            let report = over(&folder(&format!("{estate}/{language}")));
            assert!(report.problems.is_empty(), "{:?}", report.problems);
            for row in &report.rows {
                *all.entry(row.check.id.as_ref()).or_default().entry(row.finding.status.name()).or_default() += 1;
            }
        }
        all
    };
    let (good, bad) = (count("good"), count("bad"));
    // A plan changes something; what a file says of a policy is many things.
    let by_itself = ["plan_keeps_evidence", "k8s_audit_policy_records"];
    // What only an account has: the vault of who asks, its organization, what watches it, who may do everything in it, what its users did.
    let of_accounts =
        ["cloudtrail_trail_has_insights", "logs_subscription_passes_all", "s3_account_blocks_public_access"];
    let is_of_accounts = |id: &str| {
        let starts = ["organization_", "securityhub_", "iam_administrators_", "iam_user_", "iam_root_", "s3_vault_"];
        of_accounts.contains(&id) || starts.iter().any(|start| id.starts_with(start))
    };
    let is_of_code = |check: &&&Check| !by_itself.contains(&check.id.as_ref()) && !is_of_accounts(&check.id);
    for check in settings().iter().filter(is_of_code) {
        let id = check.id.as_ref();
        let statuses = good.get(id).unwrap_or_else(|| panic!("`{id}` sees nothing of the good estate"));
        let is_good = statuses.keys().all(|status| matches!(*status, "pass" | "not_applicable"));
        assert!(is_good, "`{id}` on the good estate: {statuses:?}");
        assert_eq!(
            bad.get(id).and_then(|all| all.get("fail")),
            Some(&1),
            "`{id}` on the bad estate: {:?}",
            bad.get(id)
        );
    }
    assert!(good["k8s_audit_policy_records"].keys().all(|status| *status == "fail" || *status == "pass"));
    assert!(bad["k8s_audit_policy_records"]["fail"] > 3);
}

/// Puts the code that mends a check into a text: as a resource beside the one that fails, or into it.
fn mended(text: &str, check: &Check, subject: &str) -> String {
    let code = check
        .terraform()
        .replace("NAME", subject.rsplit('.').next().unwrap_or_default())
        .replace("ACCESS_LOGS", "access");
    let head = |line: &str| {
        let mut parts = line.split('"');
        Some(format!("{}.{}", parts.nth(1)?, parts.nth(1)?)).filter(|_| line.starts_with("resource "))
    };
    let lines: Vec<&str> = text.lines().collect();
    let block = |address: &str| {
        let from = lines.iter().position(|line| head(line).as_deref() == Some(address))?;
        let to = from + lines.iter().skip(from).position(|line| *line == "}")?;
        Some((from, to))
    };
    let is_own = code.starts_with("resource ");
    let address = if is_own { code.lines().next().and_then(head).unwrap_or_default() } else { subject.to_owned() };
    let Some((from, to)) = block(&address) else { return format!("{text}\n{code}\n") };
    let mut made: Vec<String> = lines[..from].iter().map(|line| (*line).to_owned()).collect();
    if is_own {
        made.push(code);
    } else {
        made.push(lines[from].to_owned());
        // What the code sets anew goes; a block or a list goes up to its end.
        let set: Vec<&str> = code
            .lines()
            .filter(|line| !line.starts_with([' ', '}', ']']))
            .filter_map(|line| line.split([' ', '=']).next())
            .collect();
        let mut is_in_old = false;
        for line in &lines[from + 1..to] {
            let begins = line.len() > 2 && !line.starts_with("   ") && !line.trim_start().starts_with(['}', ']', ')']);
            if begins {
                is_in_old = set.contains(&line.split_whitespace().next().unwrap_or_default());
            }
            if !is_in_old {
                made.push((*line).to_owned());
            }
        }
        made.push(code);
        made.push("}".to_owned());
    }
    made.extend(lines[to + 1..].iter().map(|line| (*line).to_owned()));
    made.join("\n")
}

#[test]
fn what_is_mended_as_the_check_says_passes() {
    let sources = folder("bad/terraform");
    let text = &sources[0].text;
    let before = over(&sources);
    let mut tried = 0;
    for row in before.rows.iter().filter(|row| row.finding.status == Status::Fail) {
        let id = row.check.id.as_ref();
        // The code is of PostgreSQL there, and a key must be told where another account's is named.
        if id == "rds_database_audits" {
            continue;
        }
        let more = "\nresource \"aws_kms_key\" \"main\" {\n  policy = \"\"\n}\nresource \"aws_kms_key\" \"cluster\" {\n}\n\
                    resource \"aws_cloudwatch_log_group\" \"main\" {\n  name = \"x\"\n}\nresource \"aws_s3_bucket\" \"main\" {\n}\nvariable \"subnet_ids\" { default = [] }\n";
        let text = mended(&format!("{text}{more}"), row.check, &row.finding.subject);
        let after = over(&[source("main.tf", &text)]);
        let its = |row_after: &&Row<'_>| row_after.check.id == id && row_after.finding.subject == row.finding.subject;
        let now = after.rows.iter().find(its).map(|row| row.finding.status);
        assert_eq!(now, Some(Status::Pass), "`{id}`: {:?}", after.problems);
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn what_is_not_known_passes_nothing() {
    let text = "variable \"on\" {}\nresource \"aws_cloudtrail\" \"a\" {\n  is_multi_region_trail = var.on\n  enable_logging = file(\"x\")\n  \
                s3_bucket_name = aws_s3_bucket.b.id\n  kms_key_id = module.keys.arn\n}\n\
                module \"keys\" {\n  source = \"terraform-aws-modules/kms/aws\"\n}\n\
                resource \"aws_s3_bucket\" \"b\" {\n}\nresource \"aws_s3_bucket_versioning\" \"v\" {\n  bucket = var.on\n  \
                versioning_configuration {\n    status = \"Enabled\"\n  }\n}\n";
    let of = |check: &str| said(check, "a.tf", text).join("\n");
    for (check, why) in [
        ("cloudtrail_trail_is_multi_region", "`var.on` has no default and no value in the code"),
        ("cloudtrail_trail_is_logging", "the file `x` is not among what was looked at"),
        ("cloudtrail_trail_is_encrypted", "`module.keys` is no folder among what was looked at"),
        ("s3_evidence_bucket_is_versioned", "a.tf:13 sets it for a resource that cannot be told"),
    ] {
        assert!(of(check).starts_with("no_evidence") && of(check).contains(why), "{check}: {}", of(check));
    }
    let with =
        [source("a.tf", text), source("x/terraform.tfvars", "on = false"), source("terraform.tfvars", "on = true")];
    let report = over(&with);
    let row = report.rows.iter().find(|row| row.check.id == "cloudtrail_trail_is_multi_region");
    assert_eq!(row.map(|row| row.finding.status), Some(Status::Pass), "a file of variables says it");
}

#[test]
fn expressions_are_evaluated_as_terraform_does_it() {
    let is = |expression: &str, more: &str| {
        let text = format!(
            "resource \"aws_cloudwatch_log_group\" \"a\" {{\n  name = \"audit\"\n  retention_in_days = {expression}\n}}\n{more}"
        );
        said("logs_group_is_kept_a_year", "a.tf", &text).join("\n")
    };
    for (expression, more) in [
        ("365 + 35", ""),
        ("local.days", "locals {\n  days = local.years * 365\n  years = 2\n}\n"),
        ("var.long ? 400 : 30", "variable \"long\" { default = true }\n"),
        ("lookup({ a = 400 }, \"b\", 365)", ""),
        ("{ a = { b = [1, 400] } }.a.b[1]", ""),
        ("tonumber(format(\"%d%s\", 40, \"0\"))", ""),
        ("max([for d in [100, 200] : d * 2]...)", ""),
        ("element(concat([1], [400]), 1)", ""),
        ("coalesce(null, 400)", ""),
        ("try(local.none, 400)", ""),
        ("merge({ a = 1 }, { a = 400 })[\"a\"]", ""),
        ("length([for k, v in { a = 1, b = 2 } : k if v > 1]) == 1 && !false ? 400 : 1", ""),
        ("one([for d in split(\",\", \"400\") : tonumber(d)])", ""),
        ("\"${\"4\"}00\"", ""),
        ("jsondecode(jsonencode({ a = 400 })).a", ""),
        ("tonumber(trim(\"/400/\", \"/\"))", ""),
        ("var.unknown ? 400 : 400", "variable \"unknown\" {}\n"),
    ] {
        assert!(is(expression, more).starts_with("pass"), "{expression}: {}", is(expression, more));
    }
    for (expression, more, why) in [
        ("local.a", "locals {\n  a = local.b\n  b = local.a\n}\n", "refers to itself"),
        ("timestamp()", "", "`timestamp` is not evaluated"),
        ("var.unknown ? 400 : 30", "variable \"unknown\" {}\n", "condition"),
        ("aws_other.thing.days", "resource \"aws_other\" \"thing\" {}\n", "known only once that is made"),
        ("each.value", "", "is not told by the code"),
        ("[1][7]", "", "no part `7`"),
    ] {
        let found = is(expression, more);
        assert!(found.starts_with("no_evidence") && found.contains(why), "{expression}: {found}");
    }
}

#[test]
fn modules_are_followed_and_instances_are_told_apart() {
    let root = "module \"logs\" {\n  source = \"../modules/bucket\"\n  name = \"logs\"\n  days = 400\n}\n\
                module \"other\" {\n  source = \"../modules/bucket\"\n  name = \"other\"\n  days = 30\n}\n\
                resource \"aws_cloudtrail\" \"a\" {\n  s3_bucket_name = module.logs.id\n}\n\
                resource \"aws_config_delivery_channel\" \"a\" {\n  s3_bucket_name = module.other.id\n}\n";
    let module = "variable \"name\" {}\nvariable \"days\" {}\noutput \"id\" {\n  value = aws_s3_bucket.this[\"x\"].id\n}\n\
                  resource \"aws_s3_bucket\" \"this\" {\n  for_each = toset([\"x\"])\n  bucket = \"${var.name}-${each.key}\"\n}\n\
                  resource \"aws_s3_bucket_lifecycle_configuration\" \"this\" {\n  for_each = aws_s3_bucket.this\n  bucket = \"${var.name}-x\"\n  \
                  rule {\n    id = \"r\"\n    status = \"Enabled\"\n    expiration {\n      days = var.days\n    }\n  }\n}\n";
    let report = over(&[source("live/prod/main.tf", root), source("live/modules/bucket/main.tf", module)]);
    // `../modules/bucket` of `live/prod` is `live/modules/bucket`.
    let kept: Vec<String> = report
        .rows
        .iter()
        .filter(|row| row.check.id == "s3_evidence_bucket_is_kept_a_year")
        .map(|row| format!("{} {}", row.finding.status.name(), row.finding.subject))
        .collect();
    assert_eq!(kept, ["fail module.other.aws_s3_bucket.this[\"x\"]", "pass module.logs.aws_s3_bucket.this[\"x\"]",]);
    // What is made no time is not there, and what is made twice is there twice.
    let counted = |count: &str| {
        let text = format!("resource \"aws_kms_key\" \"k\" {{\n  count = {count}\n}}\n");
        said("kms_key_rotates", "a.tf", &text).len()
    };
    assert_eq!([counted("0"), counted("2"), counted("var.none")], [0, 2, 1]);
}

#[test]
fn a_module_that_is_not_called_is_not_there_and_a_file_beside_it_is_read() {
    let root = "module \"a\" {\n  source = \"./a\"\n  count = var.on ? 1 : 0\n}\nvariable \"on\" { default = false }\n\
                module \"b\" {\n  source = \"./a\"\n}\n";
    let module = "resource \"aws_iam_policy\" \"p\" {\n  policy = file(\"${path.module}/policy.json\")\n}\n";
    let policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}";
    for top in ["", "/whole/", "infra/"] {
        let at = |path: &str, text: &str| Source { is_named: false, ..source(&format!("{top}{path}"), text) };
        let report = over(&[at("main.tf", root), at("a/main.tf", module), at("a/policy.json", policy)]);
        let all: Vec<_> = report.rows.iter().filter(|row| row.check.id == "iam_policy_is_not_all").collect();
        let found: Vec<_> = all.iter().map(|row| (row.finding.subject.as_str(), row.finding.status)).collect();
        assert_eq!(found, [("module.b.aws_iam_policy.p", Status::Fail)], "{top}");
    }
}

#[test]
fn a_resource_is_referred_to_as_a_whole_and_in_functions() {
    let module = "resource \"aws_s3_bucket\" \"b\" {\n}\noutput \"bucket\" {\n  value = aws_s3_bucket.b\n}\n";
    let versions = |bucket: &str| {
        let root = format!(
            "module \"m\" {{\n  source = \"./m\"\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  s3_bucket_name = module.m.bucket.id\n}}\n\
             resource \"aws_s3_bucket_versioning\" \"v\" {{\n  bucket = {bucket}\n  versioning_configuration {{\n    status = \"Enabled\"\n  }}\n}}\n"
        );
        let report = over(&[source("main.tf", &root), source("m/main.tf", module)]);
        let row = report.rows.iter().find(|row| row.check.id == "s3_evidence_bucket_is_versioned");
        row.map(|row| row.finding.status)
    };
    for bucket in [
        "module.m.bucket.id",
        "module.m.bucket.bucket",
        "one([module.m.bucket].*.id)",
        "one(module.m[*].bucket).id",
        "module.m[0].bucket.id",
        "format(\"%s\", module.m.bucket.id)",
    ] {
        assert_eq!(versions(bucket), Some(Status::Pass), "{bucket}");
    }
    // What is made no time is an empty list where all of it is named.
    let policy = |count: &str| {
        let text = format!(
            "data \"aws_iam_policy_document\" \"d\" {{\n  count = {count}\n  statement {{\n    actions = [\"*\"]\n    resources = [\"*\"]\n  }}\n}}\n\
             resource \"aws_iam_policy\" \"p\" {{\n  policy = one(data.aws_iam_policy_document.d[*].json)\n}}\n"
        );
        said("iam_policy_is_not_all", "a.tf", &text).join("")
    };
    assert!(policy("1").starts_with("fail"), "{}", policy("1"));
    assert_eq!(policy("0"), "");
}

#[test]
fn an_account_that_blocks_public_access_blocks_it_for_its_buckets() {
    let text = "resource \"aws_cloudtrail\" \"t\" {\n  s3_bucket_name = aws_s3_bucket.b.id\n}\nresource \"aws_s3_bucket\" \"b\" {\n}\n";
    let account = "resource \"aws_s3_account_public_access_block\" \"a\" {\n  block_public_acls = true\n  block_public_policy = true\n  \
                   ignore_public_acls = true\n  restrict_public_buckets = true\n}\n";
    let of = |text: &str| said("s3_evidence_bucket_blocks_public_access", "a.tf", text).join("");
    assert!(of(text).starts_with("fail") && of(&format!("{text}{account}")).starts_with("pass"));
    let half = account.replace("ignore_public_acls = true", "ignore_public_acls = false");
    assert!(of(&format!("{text}{half}")).starts_with("fail"));
}

#[test]
fn an_exception_in_the_code_accepts_what_stands_in_its_block() {
    let text = "resource \"aws_kms_key\" \"a\" {\n  # shoseki:accept kms_key_rotates until=2026-12-31 reason=\"vendor\"\n}\n\
                # shoseki:accept kms_key_rotates until=2026-05-31 reason=\"old\"\nresource \"aws_kms_key\" \"b\" {\n}\n";
    let report = over(&[source("a.tf", text)]);
    let rotates: Vec<_> = report.rows.iter().filter(|row| row.check.id == "kms_key_rotates").collect();
    assert_eq!(rotates.len(), 2);
    assert_eq!(rotates[0].status(), Status::Pass);
    assert_eq!(rotates[0].accepted.as_ref().map(|one| one.reason.as_str()), Some("vendor"));
    assert!(rotates[1].accepted.is_none() && rotates[1].status() == Status::Fail, "it ended");
    let problems: Vec<_> = report.problems.iter().map(|one| (one.line, one.what.id(), one.is_unread)).collect();
    assert_eq!(problems, [(4, "iac-accept-ended", false)]);
    // In YAML too.
    let text = "Resources:\n  # shoseki:accept kms_key_rotates until=2026-12-31 reason=\"vendor\"\n  Key:\n    Type: AWS::KMS::Key\n  Other:\n    Type: AWS::KMS::Key\n";
    let report = over(&[source("a.yaml", text)]);
    let accepted: Vec<bool> =
        report.rows.iter().filter(|row| row.check.id == "kms_key_rotates").map(|row| row.accepted.is_some()).collect();
    assert_eq!(accepted, [true, false]);
}

const PLAN: &str = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
  {"address": "aws_cloudtrail.t", "mode": "managed", "type": "aws_cloudtrail", "name": "t", "values": {"name": "t"}},
  {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"bucket": null}}],
 "child_modules": [{"address": "module.m[\"k\"]", "resources": [
  {"address": "module.m[\"k\"].aws_s3_bucket_versioning.v", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "v",
   "values": {"versioning_configuration": [{"status": "Enabled"}]}}]}]}},
 "resource_changes": [
  {"address": "aws_cloudtrail.t", "type": "aws_cloudtrail", "change": {"actions": ["create"], "before": null, "after": {},
   "after_unknown": {"s3_bucket_name": true, "kms_key_id": true, "is_multi_region_trail": true}}},
  {"address": "module.m[\"k\"].aws_s3_bucket_versioning.v", "type": "aws_s3_bucket_versioning", "change": {"actions": ["create"],
   "before": null, "after": {}, "after_unknown": {"bucket": true, "versioning_configuration": [{"mfa_delete": true}]}}}],
 "configuration": {"root_module": {"resources": [
  {"address": "aws_cloudtrail.t", "expressions": {"s3_bucket_name": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}}],
  "module_calls": {"m": {"expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}},
   "module": {"resources": [{"address": "aws_s3_bucket_versioning.v", "expressions": {"bucket": {"references": ["var.bucket"]}}}]}}}}}}"#;

#[test]
fn a_plan_says_what_is_known_later_and_the_configuration_what_it_is() {
    let of = |check: &str| said(check, "plan.json", PLAN).join("\n");
    assert_eq!(
        of("s3_evidence_bucket_is_versioned"),
        "pass aws_s3_bucket.b: `Versioning` is true",
        "through a variable of a module"
    );
    assert!(of("cloudtrail_trail_is_multi_region").contains("known only after the plan is applied"));
    assert!(of("cloudtrail_trail_is_encrypted").starts_with("no_evidence"));
}

#[test]
fn a_plan_that_takes_evidence_away_is_told() {
    let change = |kind: &str, actions: &str, before: &str, after: &str| {
        let text = format!(
            "{{\"format_version\": \"1.2\", \"planned_values\": {{}}, \"resource_changes\": [\n\
             {{\"address\": \"aws_cloudtrail.other\", \"type\": \"aws_cloudtrail\", \"change\": {{\"actions\": [\"no-op\"], \"before\": {{\"s3_bucket_name\": \"logs\"}}, \"after\": {{}}}}}},\n\
             {{\"address\": \"{kind}.a\", \"type\": \"{kind}\", \"change\": {{\"actions\": {actions}, \"before\": {before}, \"after\": {after}}}}}]}}"
        );
        said("plan_keeps_evidence", "plan.json", &text).join("\n")
    };
    let update = "[\"update\"]";
    for (kind, actions, before, after, says) in [
        ("aws_cloudtrail", "[\"delete\"]", "{}", "null", "fail aws_cloudtrail.a: the plan deletes it"),
        (
            "aws_cloudtrail",
            "[\"delete\", \"create\"]",
            "{}",
            "{}",
            "fail aws_cloudtrail.a: the plan deletes it and makes it anew",
        ),
        ("aws_s3_bucket", "[\"delete\"]", "{\"bucket\": \"logs\"}", "null", "fail"),
        ("aws_s3_bucket", "[\"delete\"]", "{\"bucket\": \"shop\"}", "null", ""),
        (
            "aws_cloudwatch_log_group",
            update,
            "{\"retention_in_days\": 400}",
            "{\"retention_in_days\": 30}",
            "fail aws_cloudwatch_log_group.a: the plan shortens how long evidence is kept to 30 days (before: 400",
        ),
        ("aws_cloudwatch_log_group", update, "{\"retention_in_days\": 0}", "{\"retention_in_days\": 30}", "fail"),
        ("aws_cloudwatch_log_group", update, "{\"retention_in_days\": 30}", "{\"retention_in_days\": 0}", ""),
        (
            "aws_cloudtrail",
            update,
            "{\"is_multi_region_trail\": true}",
            "{\"is_multi_region_trail\": false}",
            "fail aws_cloudtrail.a: the plan switches `is_multi_region_trail` off",
        ),
        ("aws_cloudtrail", update, "{\"tags\": {\"a\": 1}}", "{\"tags\": {}}", "pass"),
        ("aws_cloudtrail", update, "{\"name\": \"a\"}", "{\"name\": \"a\", \"kms_key_id\": \"\"}", "pass"),
        (
            "aws_cloudtrail",
            update,
            "{\"kms_key_id\": \"key\"}",
            "{}",
            "no_evidence aws_cloudtrail.a: the plan changes kms_key_id",
        ),
        (
            "aws_s3_bucket_public_access_block",
            update,
            "{\"bucket\": \"logs\", \"block_public_acls\": true}",
            "{\"bucket\": \"logs\", \"block_public_acls\": false}",
            "fail aws_s3_bucket_public_access_block.a: the plan switches `block_public_acls` off",
        ),
        (
            "aws_s3_bucket_public_access_block",
            update,
            "{\"bucket\": \"shop\", \"block_public_acls\": true}",
            "{\"bucket\": \"shop\", \"block_public_acls\": false}",
            "",
        ),
        (
            "aws_s3_bucket_object_lock_configuration",
            update,
            "{\"bucket\": \"logs\", \"rule\": [{\"default_retention\": [{\"mode\": \"COMPLIANCE\", \"years\": 10}]}]}",
            "{\"bucket\": \"logs\", \"rule\": [{\"default_retention\": [{\"mode\": \"COMPLIANCE\", \"days\": 1}]}]}",
            "fail aws_s3_bucket_object_lock_configuration.a: the plan shortens how long evidence is kept to 1 days (before: 3650",
        ),
        (
            "aws_s3_bucket_policy",
            update,
            "{\"bucket\": \"logs\", \"policy\": \"a\"}",
            "{\"bucket\": \"logs\", \"policy\": \"b\"}",
            "no_evidence aws_s3_bucket_policy.a: the plan changes policy",
        ),
        (
            "aws_eks_cluster",
            update,
            "{\"enabled_cluster_log_types\": [\"api\", \"audit\"]}",
            "{\"enabled_cluster_log_types\": [\"api\"]}",
            "fail aws_eks_cluster.a: the plan takes out of `enabled_cluster_log_types`: audit",
        ),
        (
            "aws_s3_bucket_versioning",
            update,
            "{\"bucket\": \"logs\", \"versioning_configuration\": [{\"status\": \"Enabled\"}]}",
            "{\"versioning_configuration\": [{\"status\": \"Suspended\"}]}",
            "fail",
        ),
        ("aws_instance", "[\"delete\"]", "{}", "null", ""),
    ] {
        let found = change(kind, actions, before, after);
        assert!(found.starts_with(says) && (says.is_empty() == found.is_empty()), "{kind} {before} {after}: {found}");
    }
}

#[test]
fn what_a_file_is_its_content_says() {
    let none = |path: &str, text: &str| {
        let report = over(&[source(path, text)]);
        (report.counts.files(), report.problems.first().map(|one| (one.line, one.what.id())))
    };
    assert_eq!(none("package.json", "{\"name\": \"x\"}"), (0, Some((0, "iac-none-of-ours"))));
    assert_eq!(none("a.yaml", "a: 1\n"), (0, Some((0, "iac-none-of-ours"))));
    assert_eq!(none("a.tf", "resource {\n  x = \n}\n").1.map(|one| one.1), Some("iac-no-hcl"));
    assert_eq!(none("a.yaml", "apiVersion: v1\nkind: [\n").1.map(|one| one.1), Some("iac-no-yaml"));
    assert_eq!(none("a.json", "{\"AWSTemplateFormatVersion\":\n 1,}").1, Some((2, "iac-no-json")));
    assert_eq!(
        none("templates/a.yaml", "apiVersion: v1\nkind: {{ .Values.kind }}\n{{- if }}").1.map(|one| one.1),
        Some("iac-helm-template")
    );
    // One that cannot be read leaves the others.
    let report = over(&[source("a.tf", "resource {"), source("b.tf", "resource \"aws_kms_key\" \"k\" {\n}\n")]);
    assert_eq!((report.problems.len(), report.counts.resources), (1, 1));
    // A template as JSON, under a name that says nothing.
    let template =
        "{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\", \"Properties\": {\"EnableKeyRotation\": \"true\"}}}}";
    assert!(said("kms_key_rotates", "stack.template", template)[0].starts_with("pass K"));
}

#[test]
fn values_of_falco_are_known_in_every_place() {
    let of = |text: &str| {
        [said("falco_output_is_json", "v.yaml", text), said("falco_is_forwarded", "v.yaml", text)]
            .concat()
            .iter()
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<String>>()
            .join(" ")
    };
    assert_eq!(of("falco:\n  json_output: true\n  http_output: {enabled: true}\n"), "pass pass");
    assert_eq!(of("falco: {}\nfalcosidekick: {enabled: true}\n"), "pass pass");
    assert_eq!(of("falco:\n  falco: {json_output: false}\n  falcosidekick: {enabled: false}\n"), "fail fail");
    assert_eq!(of("json_output: true\nrules_files: []\n"), "pass fail");
    assert_eq!(
        of(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: falco}\ndata:\n  falco.yaml: |\n    json_output: true\n    http_output:\n      enabled: true\n"
        ),
        "pass pass"
    );
    assert_eq!(
        of(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: falco}}\n  values:\n    falco: {json_output: true}\n"
        ),
        "pass fail"
    );
    assert_eq!(of("apiVersion: v1\nkind: ConfigMap\ndata: {a: falco}\n"), "");
    // One that cannot be read is said, and judged by nothing.
    let broken =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: falco}\ndata:\n  falco.yaml: |\n    json_output: [true\n";
    let report = over(&[source("v.yaml", broken)]);
    let problem = report.problems.first().map(|one| (one.what.id(), one.is_unread));
    assert_eq!((problem, report.rows.len()), (Some(("iac-no-falco", true)), 0));
}

#[test]
fn roles_and_bindings_are_judged_by_what_they_give() {
    let of = |kind: &str, more: &str| {
        let text = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: a, namespace: n}}\n{more}\n"
        );
        said("k8s_role_is_limited", "a.yaml", &text)
            .iter()
            .map(|line| line.split(':').next().unwrap_or_default().to_owned())
            .collect::<String>()
    };
    let secrets = "rules: [{apiGroups: [''], resources: [secrets], verbs: [list]}]";
    assert_eq!(of("ClusterRole", secrets), "fail ClusterRole/n/a");
    assert_eq!(of("Role", secrets), "pass Role/n/a");
    assert_eq!(of("ClusterRole", "aggregationRule: {}\nrules: []"), "no_evidence ClusterRole/n/a");
    assert_eq!(
        of("ClusterRole", "rules: [{apiGroups: [apps], resources: ['*'], verbs: ['*']}]"),
        "pass ClusterRole/n/a"
    );
    // What gets round the audit log, or lends another's name.
    let core =
        |resource: &str, verb: &str| format!("rules: [{{apiGroups: [''], resources: [{resource}], verbs: [{verb}]}}]");
    for (resource, verb) in [("nodes/proxy", "get"), ("nodes/proxy", "create"), ("serviceaccounts/token", "create")] {
        assert_eq!(of("ClusterRole", &core(resource, verb)), "fail ClusterRole/n/a", "{resource} {verb}");
    }
    assert_eq!(of("Role", &core("serviceaccounts/token", "create")), "pass Role/n/a");
    for (resource, verb) in [("nodes", "get"), ("nodes/stats", "get"), ("serviceaccounts", "create")] {
        assert_eq!(of("ClusterRole", &core(resource, verb)), "pass ClusterRole/n/a", "{resource} {verb}");
    }
    let binding =
        |name: &str| format!("roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}}}");
    assert_eq!(of("ClusterRoleBinding", &binding("cluster-admin")), "fail ClusterRoleBinding/n/a");
    assert_eq!(of("ClusterRoleBinding", &binding("view")), "");
}

#[test]
fn no_input_takes_long_or_leads_too_deep() {
    let begin = std::time::Instant::now();
    let chain: String = (0..20_000).map(|at| format!("  a{at} = [local.a{}]\n", at + 1)).collect();
    let doubling: String = (0..60).map(|at| format!("  d{at} = [local.d{}, local.d{}]\n", at + 1, at + 1)).collect();
    let texts: String =
        (0..60).map(|at| format!("  t{at} = \"${{local.t{}}}${{local.t{}}}\"\n", at + 1, at + 1)).collect();
    let from_below: String = (0..5_000).map(|at| format!("  b{} = [local.b{at}]\n", at + 1)).collect();
    let uses: String =
        (0..5_000).map(|at| format!("resource \"aws_kms_key\" \"k{at}\" {{\n  policy = local.b{at}\n}}\n")).collect();
    let loops = format!(
        "locals {{\n  l = [for a in range : [for b in local.d0 : b]]\n{chain}  a20000 = 1\n{doubling}  d60 = 1\n{texts}  t60 = \"x\"\n{from_below}  b0 = 1\n}}\n"
    );
    let text = format!(
        "{loops}{uses}resource \"aws_cloudtrail\" \"t\" {{\n  name = local.t0\n  kms_key_id = local.a0\n  enable_logging = local.d0\n}}\n"
    );
    let report = over(&[source("a.tf", &text)]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let conditions: String = (0..5_000).map(|at| format!("  C{at}: !Not [!Condition C{}]\n", at + 1)).collect();
    let template = format!("Conditions:\n{conditions}Resources:\n  K:\n    Type: AWS::KMS::Key\n    Condition: C0\n");
    assert_eq!(over(&[source("a.yaml", &template)]).counts.templates, 1);
    let policies = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n---\n".repeat(3_000);
    let report = over(&[source("a.yaml", &policies)]);
    assert_eq!(
        report.rows.iter().filter(|row| row.finding.status == Status::Pass).count(),
        100,
        "the rest is not evaluated"
    );
    let circle = "module \"a\" {\n  source = \"./\"\n}\nresource \"aws_kms_key\" \"k\" {\n}\n";
    assert!(!over(&[source("x/a.tf", circle)]).rows.is_empty());
    for (path, piece) in [
        ("a.tf", "!"),
        ("a.tf", "x = ("),
        ("a.tf", "a {"),
        ("a.tf", "x = \"${"),
        ("a.json", "["),
        ("a.yaml", "- apiVersion: ["),
        ("a.yaml", "? "),
    ] {
        let _ = over(&[
            source(path, &piece.repeat(20_000)),
            source("b.json", &format!("{{\"AWSTemplateFormatVersion\": {}", "[".repeat(50_000))),
        ]);
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

/// A number after another, the same in each run.
fn next(number: &mut u64) -> usize {
    *number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*number >> 33).unwrap_or_default()
}

#[test]
fn what_was_cut_doubled_or_mixed_up_breaks_nothing() {
    let folders =
        ["bad/terraform", "good/terraform", "bad/cloudformation", "good/cloudformation", "bad/kubernetes", "bad/plan"];
    let pieces =
        ["{", "}", "[", "]", "\"", "${", "\n", "#", "!Ref ", "null", "*", "&a ", "<<: ", ": ", "= ", "\u{0}", "日"];
    let mut number = 7;
    for whole in folders.iter().flat_map(|name| folder(name)) {
        for _ in 0..40 {
            let mut text: Vec<char> = whole.text.chars().take(12_000).collect();
            for _ in 0..1 + next(&mut number) % 4 {
                let (at, length) = (next(&mut number) % text.len().max(1), next(&mut number) % 60);
                let end = (at + length).min(text.len());
                match next(&mut number) % 4 {
                    0 => drop(text.drain(at..end)),
                    1 => drop(text.splice(at..at, pieces[next(&mut number) % pieces.len()].chars())),
                    2 => text.extend_from_within(at..end),
                    _ => text.truncate(at),
                }
            }
            let text: String = text.into_iter().collect();
            let report = over(&[source(&whole.path, &text)]);
            assert!(report.problems.iter().all(|one| one.what.id() != "iac-broken"), "{text}");
        }
    }
}

#[test]
fn severities_and_texts_of_checks_are_whole() {
    for check in settings() {
        assert!(check.severity >= Severity::Low && find(&check.id, &[]).is_some());
        let is_terraform = !["k8s_", "falco_", "iam_user_", "iam_root_", "iam_administrators_"]
            .iter()
            .any(|start| check.id.starts_with(start));
        assert_eq!(check.terraform().is_empty(), !is_terraform, "{}", check.id);
    }
}
