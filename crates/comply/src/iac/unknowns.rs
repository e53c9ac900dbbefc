//! What the code does not say passes nothing: what may not be there, what was not read, what will be another text.

use super::tests::{over, said, source};
use super::*;

/// A trail with its bucket, whose versioning is told apart.
const TRAIL: &str = "resource \"aws_cloudtrail\" \"t\" {\n  s3_bucket_name = aws_s3_bucket.b.id\n  is_multi_region_trail = true\n}\n\
                     resource \"aws_s3_bucket\" \"b\" {\n}\nvariable \"on\" {}\n";

fn versioning(head: &str) -> String {
    format!(
        "resource \"aws_s3_bucket_versioning\" \"v\" {{\n  {head}\n  bucket = aws_s3_bucket.b.id\n  \
         versioning_configuration {{\n    status = \"Enabled\"\n  }}\n}}\n"
    )
}

/// The status of the first finding of a check over files.
fn status(check: &str, files: &[(&str, &str)]) -> &'static str {
    let sources: Vec<Source> =
        files.iter().map(|(path, text)| Source { is_named: false, ..source(path, text) }).collect();
    let report = over(&sources);
    report.rows.iter().find(|row| row.check.id == check).map_or("", |row| row.finding.status.name())
}

#[test]
fn a_part_that_may_not_be_there_sets_nothing() {
    let of = |head: &str| said("s3_evidence_bucket_is_versioned", "a.tf", &format!("{TRAIL}{}", versioning(head)));
    for (head, status) in [
        ("", "pass"),
        ("count = 1", "pass"),
        ("count = 0", "fail"),
        ("count = var.on ? 1 : 0", "no_evidence"),
        ("for_each = toset([\"x\"])", "pass"),
        ("for_each = var.on", "no_evidence"),
        ("count = length(aws_subnet.s[*].id)", "no_evidence"),
    ] {
        let found = of(head).join("\n");
        assert!(found.starts_with(status), "{head}: {found}");
    }
    assert!(of("count = var.on ? 1 : 0").join("").contains("`count`"), "{:?}", of("count = var.on ? 1 : 0"));
    // One that is there for certain and one that may be: they must say the same.
    let both = |other: &str| {
        let text = format!("{TRAIL}{}{}", versioning(""), versioning("count = var.on").replace("Enabled", other))
            .replacen("\"v\"", "\"w\"", 1);
        said("s3_evidence_bucket_is_versioned", "a.tf", &text).join("\n")
    };
    assert!(both("Enabled").starts_with("pass") && both("Suspended").starts_with("no_evidence"));
}

#[test]
fn a_resource_that_may_not_be_there_passes_nothing_and_fails_all_the_same() {
    let of = |check: &str, text: &str| said(check, "a.tf", text).join("\n");
    let trail = TRAIL.replace("aws_cloudtrail\" \"t\" {\n", "aws_cloudtrail\" \"t\" {\n  count = var.on ? 1 : 0\n");
    assert!(of("cloudtrail_trail_is_multi_region", TRAIL).starts_with("pass"));
    let found = of("cloudtrail_trail_is_multi_region", &trail);
    assert!(found.starts_with("no_evidence aws_cloudtrail.t: it may not be there"), "{found}");
    assert!(of("cloudtrail_trail_validates_files", &trail).starts_with("fail"));
    // What it delivers to is judged as evidence.
    assert!(of("s3_evidence_bucket_is_versioned", &trail).starts_with("fail"));
    // A module that may not be called, whatever is in it.
    let root = "variable \"on\" {}\nmodule \"m\" {\n  source = \"./m\"\n  count = var.on ? 1 : 0\n}\n";
    let files = [("main.tf", root), ("m/main.tf", TRAIL)];
    assert_eq!(status("cloudtrail_trail_is_multi_region", &files), "no_evidence");
    let files = [("main.tf", &root.replace("var.on ? 1 : 0", "2")[..]), ("m/main.tf", TRAIL)];
    assert_eq!(status("cloudtrail_trail_is_multi_region", &files), "pass");
    // A channel that may not be there delivers nothing; a group of parameters sets nothing.
    let channel = "resource \"aws_config_configuration_recorder\" \"r\" {\n}\nresource \"aws_config_delivery_channel\" \"c\" {\n  \
                   count = var.on\n  s3_bucket_name = \"b\"\n}\nvariable \"on\" {}\n";
    assert!(of("config_recorder_delivers", channel).starts_with("no_evidence"));
    assert!(of("config_recorder_delivers", &channel.replace("count = var.on\n", "")).starts_with("pass"));
    let database = "resource \"aws_rds_cluster\" \"d\" {\n  engine = \"aurora-mysql\"\n  db_cluster_parameter_group_name = \"g\"\n}\n\
                    resource \"aws_rds_cluster_parameter_group\" \"g\" {\n  name = \"g\"\n  count = var.on\n  \
                    parameter {\n    name = \"server_audit_logging\"\n    value = \"1\"\n  }\n  \
                    parameter {\n    name = \"server_audit_events\"\n    value = \"CONNECT,QUERY\"\n  }\n}\nvariable \"on\" {}\n";
    assert!(of("rds_database_audits", database).starts_with("no_evidence"), "{}", of("rds_database_audits", database));
    assert!(of("rds_database_audits", &database.replace("count = var.on\n", "")).starts_with("pass"));
}

#[test]
fn a_condition_that_a_template_does_not_decide_is_the_same() {
    let template = |condition: &str, default: &str| {
        format!(
            "Parameters:\n  Switch: {{Type: String{default}}}\nConditions:\n  IsOn: !Equals [!Ref Switch, 'yes']\n  Here: !Equals [!Ref AWS::Region, eu-west-1]\n  \
             There: !Equals [!Sub '${{AWS::Region}}-x', eu-west-1-x]\nResources:\n  \
             Trail:\n    Type: AWS::CloudTrail::Trail\n    Condition: {condition}\n    Properties: {{S3BucketName: !Ref Logs, IsLogging: true}}\n  \
             Logs:\n    Type: AWS::S3::Bucket\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Condition: {condition}\n    \
             Properties:\n      Bucket: !Ref Logs\n      PolicyDocument:\n        Statement:\n          - {{Effect: Deny, Principal: '*', Action: 's3:*', \
             Resource: '*', Condition: {{Bool: {{'aws:SecureTransport': 'false'}}}}}}\n"
        )
    };
    let of = |condition: &str, default: &str| {
        let text = template(condition, default);
        let first = |check: &str| {
            let found = said(check, "a.yaml", &text);
            found.first().and_then(|line| line.split(' ').next()).unwrap_or_default().to_owned()
        };
        [first("cloudtrail_trail_is_logging"), first("s3_evidence_bucket_demands_tls")]
    };
    assert_eq!(of("IsOn", ", Default: 'yes'"), ["pass", "pass"]);
    assert_eq!(of("IsOn", ", Default: 'no'"), ["", ""]);
    for (condition, default) in [("IsOn", ""), ("Here", ""), ("There", ""), ("None", "")] {
        assert_eq!(of(condition, default), ["no_evidence", "no_evidence"], "{condition}");
    }
}

#[test]
fn a_module_that_is_not_read_is_said_and_may_set_what_it_is_given() {
    let with = |from: &str, given: &str| {
        let text = format!("{TRAIL}module \"m\" {{\n  source = \"{from}\"\n  {given}\n}}\n");
        let report = over(&[source("a.tf", &text)]);
        let problems: Vec<_> = report.problems.iter().map(|one| (one.line, one.what.id(), one.is_unread)).collect();
        let row = report.rows.iter().find(|row| row.check.id == "s3_evidence_bucket_is_versioned");
        (problems, row.map_or("", |row| row.finding.status.name()))
    };
    let of_others = vec![(8, "iac-module-of-others", true)];
    assert_eq!(with("terraform-aws-modules/vpc/aws", ""), (of_others.clone(), "fail"));
    assert_eq!(with("terraform-aws-modules/s3/aws", "bucket = aws_s3_bucket.b.id"), (of_others.clone(), "no_evidence"));
    assert_eq!(with("x/y/aws", "a = { b = [\"${aws_s3_bucket.b.arn}/*\"] }").1, "no_evidence");
    assert_eq!(with("./gone", "").0, [(8, "iac-module-missing", true)]);
    // One that is not called at all is not missed.
    assert_eq!(with("./gone", "count = 0"), (vec![], "fail"));
}

#[test]
fn a_file_that_cannot_be_read_may_say_what_the_others_do_not() {
    let broken = "resource \"aws_s3_bucket_versioning\" \"v\" {\n";
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("x/a.tf", TRAIL)]), "fail");
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("x/a.tf", TRAIL), ("x/b.tf", broken)]), "no_evidence");
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("x/a.tf", TRAIL), ("x/b.tf.json", "{")]), "no_evidence");
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("x/a.tf", TRAIL), ("y/b.tf", broken)]), "fail");
    let over = [("x/a.tf", TRAIL), ("x/a_override.tf", "resource \"aws_s3_bucket\" \"b\" {\n}\n")];
    assert_eq!(status("s3_evidence_bucket_is_versioned", &over), "no_evidence", "it is not put into the others");
    // What is set here is set, whatever is there.
    let whole = format!("{TRAIL}{}", versioning(""));
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("x/a.tf", &whole), ("x/b.tf", broken)]), "pass");
    // A module whose files cannot be read is no module that is missing.
    let call = format!("{TRAIL}module \"m\" {{\n  source = \"./m\"\n}}\n");
    assert_eq!(status("s3_evidence_bucket_is_versioned", &[("a.tf", &call), ("m/b.tf", broken)]), "no_evidence");
    // Nor is a default what a variable has where the file of its values is broken.
    let text = "variable \"on\" { default = true }\nresource \"aws_cloudtrail\" \"t\" {\n  is_multi_region_trail = var.on\n}\n";
    assert_eq!(status("cloudtrail_trail_is_multi_region", &[("a.tf", text)]), "pass");
    let with = [("a.tf", text), ("terraform.tfvars", "on = ")];
    assert_eq!(status("cloudtrail_trail_is_multi_region", &with), "no_evidence");
    let text = "resource \"aws_cloudtrail\" \"t\" {\n  is_multi_region_trail = try(local.on, true)\n}\n";
    assert_eq!(status("cloudtrail_trail_is_multi_region", &[("a.tf", text)]), "pass");
    assert_eq!(status("cloudtrail_trail_is_multi_region", &[("a.tf", text), ("b.tf", broken)]), "no_evidence");
}

#[test]
fn json_of_terraform_is_read_as_its_hcl() {
    let text = r#"{"//": "a comment", "variable": {"days": {"default": 400}}, "locals": {"name": "x-${var.days}"},
      "resource": {"aws_cloudtrail": {"t": {"s3_bucket_name": "${aws_s3_bucket.b.id}", "is_multi_region_trail": true}},
        "aws_s3_bucket": {"b": [{"bucket": "${local.name}"}]},
        "aws_s3_bucket_lifecycle_configuration": {"b": {"bucket": "x-400",
          "rule": {"id": "keep", "status": "Enabled", "expiration": {"days": "${var.days}"}}}},
        "aws_kms_key": {"k": {"count": "${var.days - 398}", "enable_key_rotation": true}},
        "aws_rds_cluster": {"d": {"engine": "aurora-postgresql", "db_cluster_parameter_group_name": "g"}},
        "aws_rds_cluster_parameter_group": {"g": {"name": "g", "parameter": {"name": "shared_preload_libraries", "value": "pgaudit"},
          "dynamic": {"parameter": {"for_each": ["ddl"], "iterator": "it", "content": {"name": "pgaudit.log", "value": "${it.value}"}}}}},
        "aws_s3_bucket_policy": {"b": {"bucket": "${aws_s3_bucket.b.id}", "policy": "${data.aws_iam_policy_document.p.json}"}}},
      "data": {"aws_iam_policy_document": {"p": {"statement": {"effect": "Deny", "actions": ["s3:*"], "resources": ["*"],
        "principals": {"type": "*", "identifiers": ["*"]},
        "condition": {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}}}}}}"#;
    let report = over(&[source("main.tf.json", text)]);
    assert!(report.problems.is_empty() && report.counts.terraform == 1, "{:?}", report.problems);
    let of = |check: &str| said(check, "main.tf.json", text).join("\n");
    assert!(of("cloudtrail_trail_is_multi_region").starts_with("pass aws_cloudtrail.t"));
    assert!(of("s3_evidence_bucket_is_kept_a_year").starts_with("pass aws_s3_bucket.b: rule `keep`"));
    assert!(of("s3_evidence_bucket_is_versioned").starts_with("fail aws_s3_bucket.b"));
    assert!(of("s3_evidence_bucket_demands_tls").starts_with("pass"), "{}", of("s3_evidence_bucket_demands_tls"));
    assert!(of("rds_database_audits").starts_with("pass"), "{}", of("rds_database_audits"));
    assert_eq!(of("kms_key_rotates").lines().count(), 2);
    let row = report.rows.iter().find(|row| row.check.id == "cloudtrail_trail_is_multi_region");
    assert_eq!(row.map(|row| row.place()), Some(("main.tf.json", 2)));
    for (broken, line) in [("{\"resource\": 1}", 1), ("{\"resource\":\n{\"a\": {\"b\": {\"c d\": 1}}}}", 2), ("[1]", 1)]
    {
        let problems = over(&[source("a.tf.json", broken)]).problems;
        assert_eq!(
            problems.iter().map(|one| (one.line, one.is_unread)).collect::<Vec<_>>(),
            [(line, true)],
            "{broken}"
        );
    }
    // Values of variables, in JSON too; what Terraform does not take by itself, it takes by name.
    let code = "variable \"on\" {}\nresource \"aws_cloudtrail\" \"t\" {\n  is_multi_region_trail = var.on\n}\n";
    for (name, expected) in
        [("a.auto.tfvars.json", "pass"), ("terraform.tfvars.json", "pass"), ("prod.tfvars.json", "no_evidence")]
    {
        let files = [("a.tf", code), (name, "{\"on\": true}")];
        assert_eq!(status("cloudtrail_trail_is_multi_region", &files), expected, "{name}");
    }
    // What is given later holds.
    let files = [("a.tf", code), ("a.auto.tfvars", "on = true"), ("terraform.tfvars", "on = false")];
    assert_eq!(status("cloudtrail_trail_is_multi_region", &files), "pass");
}

#[test]
fn a_template_of_helm_is_said_where_it_may_be_ours() {
    let of = |path: &str, text: &str| {
        let report = over(&[Source { is_named: false, ..source(path, text) }]);
        report.problems.first().map_or("", |one| one.what.id())
    };
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules:\n";
    assert_eq!(
        of("chart/templates/role.yaml", &format!("{role}{{{{ toYaml .Values.rules }}}}\n")),
        "iac-helm-template"
    );
    assert_eq!(of("chart/templates/role.yaml", &format!("{role}- verbs: ['{{{{ .v }}}}']\n")), "iac-helm-template");
    assert_eq!(of("chart/templates/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {{ .x }}\n"), "");
    let found =
        said("k8s_role_is_limited", "a.yaml", &format!("{role}- {{verbs: ['{{{{ .v }}}}'], resources: [pods]}}\n"));
    assert!(found.join("").starts_with("no_evidence"), "{found:?}");
}

#[test]
fn a_mark_before_the_text_is_none_of_it() {
    for (path, text) in [
        ("a.tf", "resource \"aws_kms_key\" \"k\" {\n}\n"),
        ("a.tf.json", "{\"resource\": {\"aws_kms_key\": {\"k\": {}}}}"),
        ("a.json", "{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\"}}}"),
        ("a.yaml", "Resources:\n  K:\n    Type: AWS::KMS::Key\n"),
    ] {
        assert_eq!(said("kms_key_rotates", path, &format!("\u{FEFF}{text}")).len(), 1, "{path}");
    }
}

#[test]
fn a_text_with_the_name_of_another_resource_is_compared_with_nothing() {
    let is = |expression: &str| {
        let text = format!(
            "data \"aws_region\" \"r\" {{\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n}}\n\
             resource \"aws_cloudtrail\" \"t\" {{\n  is_multi_region_trail = {expression}\n}}\n"
        );
        said("cloudtrail_trail_is_multi_region", "a.tf", &text)
            .join("")
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let open = "\"${data.aws_region.r.name}-x\"";
    for expression in [
        format!("{open} != \"us-east-1-x\""),
        format!("startswith({open}, \"$\")"),
        format!("contains([\"a\", {open}], \"b\")"),
        format!("!contains([\"a\", {open}], \"b\")"),
        format!("length({open}) > 3"),
        format!("length(split(\"-\", {open})) == 2"),
        format!("replace({open}, \"-x\", \"\") != \"a\""),
        format!("lookup({{ a = true }}, {open}, true)"),
        format!("{{ a = true }}[{open}]"),
    ] {
        assert_eq!(is(&expression), "no_evidence", "{expression}");
    }
    assert_eq!(is(&format!("{open} == {open}")), "pass");
    assert_eq!(is(&format!("contains([\"a\", {open}], \"a\")")), "pass");
    // A word of the service is no such text.
    let lock = |mode: &str| {
        let text = format!(
            "{TRAIL}resource \"aws_s3_bucket_object_lock_configuration\" \"l\" {{\n  bucket = aws_s3_bucket.b.id\n  rule {{\n    \
             default_retention {{\n      mode = {mode}\n      days = 400\n    }}\n  }}\n}}\n"
        );
        said("s3_evidence_bucket_denies_deletion", "a.tf", &text).join("")
    };
    assert!(lock("\"COMPLIANCE\"").starts_with("pass"));
    assert!(!lock("\"${aws_s3_bucket.b.id}-COMPLIANCE\"").starts_with("pass"));
}

#[test]
fn statements_of_one_name_take_each_others_place() {
    let of = |more: &str| {
        let text = format!(
            "data \"aws_iam_policy_document\" \"base\" {{\n  statement {{\n    sid = \"a\"\n    actions = [\"*\"]\n    resources = [\"*\"]\n  }}\n}}\n\
             data \"aws_iam_policy_document\" \"d\" {{\n  {more}\n}}\n\
             resource \"aws_iam_policy\" \"p\" {{\n  policy = data.aws_iam_policy_document.d.json\n}}\n"
        );
        said("iam_policy_is_not_all", "a.tf", &text).join("").split(' ').next().unwrap_or_default().to_owned()
    };
    let small = "statement {\n    sid = \"a\"\n    actions = [\"s3:GetObject\"]\n    resources = [\"*\"]\n  }\n";
    for name in [
        "source_json = data.aws_iam_policy_document.base.json",
        "source_policy_documents = [data.aws_iam_policy_document.base.json]",
    ] {
        assert_eq!(of(name), "fail", "{name}");
        assert_eq!(of(&format!("{name}\n  {small}")), "pass", "{name}");
        assert_eq!(of(&format!("{}\n  {small}", name.replace("source", "override"))), "fail", "{name}");
    }
    assert_eq!(of("override_json = \"{\""), "no_evidence");
    assert_eq!(of("override_json = var.x"), "no_evidence");
}

#[test]
fn a_default_that_names_a_parameter_is_not_what_that_has() {
    let of = |kind: &str| {
        let text = format!(
            "Parameters:\n  P: {{Type: '{kind}', Default: /key}}\nResources:\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    \
             Properties: {{S3BucketName: b, IsLogging: true, KMSKeyId: !Ref P}}\n"
        );
        said("cloudtrail_trail_is_encrypted", "a.yaml", &text).join("").split(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!([of("String"), of("AWS::SSM::Parameter::Value<String>")], ["pass", "no_evidence"]);
    for (path, text) in [
        (
            "a.json",
            "{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\",\n\"Properties\": {\"EnableKeyRotation\": true},\n\"Properties\": {}}}}",
        ),
        (
            "a.yaml",
            "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties: {EnableKeyRotation: true}\n    Properties: {}\n",
        ),
    ] {
        let report = over(&[source(path, text)]);
        assert!(report.rows.is_empty() && report.problems.len() == 1, "{path}: {:?}", report.problems);
    }
}

#[test]
fn a_plan_that_names_two_buckets_names_neither() {
    let of = |references: &str| {
        let text = format!(
            "{{\"format_version\": \"1.2\", \"planned_values\": {{\"root_module\": {{\"resources\": [\
             {{\"address\": \"aws_cloudtrail.t\", \"type\": \"aws_cloudtrail\", \"values\": {{}}}},\
             {{\"address\": \"aws_s3_bucket.a\", \"type\": \"aws_s3_bucket\", \"values\": {{}}}},\
             {{\"address\": \"aws_s3_bucket_versioning.v\", \"type\": \"aws_s3_bucket_versioning\", \"values\": {{\"versioning_configuration\": [{{\"status\": \"Enabled\"}}]}}}}]}}}},\
             \"resource_changes\": [{{\"address\": \"aws_cloudtrail.t\", \"change\": {{\"after_unknown\": {{\"s3_bucket_name\": true}}}}}},\
             {{\"address\": \"aws_s3_bucket_versioning.v\", \"change\": {{\"after_unknown\": {{\"bucket\": true}}}}}}],\
             \"configuration\": {{\"root_module\": {{\"resources\": [\
             {{\"address\": \"aws_cloudtrail.t\", \"expressions\": {{\"s3_bucket_name\": {{\"references\": [\"aws_s3_bucket.a.id\", \"aws_s3_bucket.a\"]}}}}}},\
             {{\"address\": \"aws_s3_bucket_versioning.v\", \"expressions\": {{\"bucket\": {{\"references\": [{references}]}}}}}}]}}}}}}"
        );
        said("s3_evidence_bucket_is_versioned", "plan.json", &text)
            .join("")
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(of("\"var.x\", \"aws_s3_bucket.a.id\", \"aws_s3_bucket.a\""), "pass");
    assert_eq!(of("\"aws_s3_bucket.a[0].id\", \"aws_s3_bucket.a[0]\", \"aws_s3_bucket.a\""), "pass");
    assert_eq!(
        of("\"var.x\", \"aws_s3_bucket.a.id\", \"aws_s3_bucket.a\", \"aws_s3_bucket.b.id\", \"aws_s3_bucket.b\""),
        "no_evidence"
    );
}

#[test]
fn what_it_delivers_to_is_asked_for_where_that_cannot_be_told() {
    let text = "variable \"b\" {}\nresource \"aws_cloudtrail\" \"t\" {\n  s3_bucket_name = var.b\n}\n\
                resource \"aws_config_delivery_channel\" \"c\" {\n  s3_bucket_name = \"known-and-elsewhere\"\n}\n";
    let found = said("s3_evidence_bucket_is_versioned", "a.tf", text);
    assert!(
        found.len() == 1 && found[0].starts_with("no_evidence aws_cloudtrail.t: where it delivers to"),
        "{found:?}"
    );
    assert!(said("s3_bucket_access_is_logged", "a.tf", text).is_empty());
}

#[test]
fn a_recorder_that_names_its_types_records_not_all() {
    let of = |group: &str| {
        let text = format!(
            "Resources:\n  R:\n    Type: AWS::Config::ConfigurationRecorder\n    Properties: {{RoleARN: x{group}}}\n"
        );
        said("config_recorder_records_all", "a.yaml", &text).join("").split(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(of(", RecordingGroup: {AllSupported: true, IncludeGlobalResourceTypes: true}"), "pass");
    assert_eq!(of(", RecordingGroup: {ResourceTypes: ['AWS::S3::Bucket']}"), "fail");
    assert_eq!(
        of(
            ", RecordingGroup: {RecordingStrategy: {UseOnly: EXCLUSION_BY_RESOURCE_TYPES}, IncludeGlobalResourceTypes: true}"
        ),
        "fail"
    );
    let of = |group: &str| {
        let text = format!(
            "resource \"aws_config_configuration_recorder\" \"r\" {{\n  recording_group {{\n    include_global_resource_types = true\n    {group}\n  }}\n}}\n"
        );
        said("config_recorder_records_all", "a.tf", &text).join("").split(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(of(""), "pass");
    assert_eq!(of("recording_strategy {\n      use_only = \"INCLUSION_BY_RESOURCE_TYPES\"\n    }"), "fail");
    assert_eq!(of("exclusion_by_resource_types {\n      resource_types = [\"AWS::S3::Bucket\"]\n    }"), "fail");
}

#[test]
fn what_other_templates_and_macros_make_is_said_and_so_is_what_is_declared_twice() {
    let of = |name: &str, text: &str| {
        let report = over(&[source(name, text)]);
        report.problems.iter().map(|one| (one.line, one.what.id(), one.is_unread)).collect::<Vec<_>>()
    };
    let head = "AWSTemplateFormatVersion: '2010-09-09'\n";
    let stack =
        format!("{head}Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: x}}\n");
    assert_eq!(of("a.yaml", &stack), [(3, "iac-nested-stack", true)]);
    let sam = format!("{head}Transform: AWS::Serverless-2016-10-31\nResources: {{}}\n");
    assert_eq!(of("a.yaml", &sam), [(2, "iac-transform", true)]);
    assert_eq!(of("a.yaml", &sam.replace("Serverless-2016-10-31", "LanguageExtensions")), []);
    let within = format!("{head}Resources:\n  Fn::Transform: {{Name: M}}\n");
    assert_eq!(of("a.yaml", &within), [(3, "iac-transform", true)]);
    let twice = "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = false\n}\nresource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = true\n}\n";
    assert_eq!(of("a.tf", twice), [(4, "iac-twice", true)]);
}
