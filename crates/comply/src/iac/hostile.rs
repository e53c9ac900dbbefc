//! Files that somebody wrote to take long or much memory: each is judged within its bounds, and what was not looked at is said.

use super::tests::{over, source};
use super::*;

/// How long one of these may work, in seconds, without optimization.
const LONGEST: u64 = 60;

/// For how long this thread worked, where Linux says it, however busy the machine is; elsewhere the time that went by.
fn worked(begin: std::time::Instant) -> std::time::Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = text.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| begin.elapsed(), std::time::Duration::from_nanos)
}

/// The ids of the problems of files, each once.
fn problems(files: &[(&str, &str)]) -> Vec<&'static str> {
    let begin = std::time::Instant::now();
    let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    let before = worked(begin);
    let report = over(&sources);
    let time = worked(begin).saturating_sub(before);
    assert!(time.as_secs() < LONGEST, "{time:?}");
    let ids: std::collections::BTreeSet<&'static str> = report.problems.iter().map(|one| one.what.id()).collect();
    ids.into_iter().collect()
}

fn locals(all: &str) -> String {
    format!("locals {{\n{all}}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name = local.x\n  kms_key_id = local.x\n}}\n")
}

/// A text of so many letters.
fn long(length: usize) -> String {
    "a".repeat(length)
}

#[test]
fn functions_that_make_much_of_little_are_charged_before() {
    let text = long(200_000);
    for x in [
        "replace(local.a, \"a\", local.a)",
        "join(local.a, split(\"\", local.a))",
        "join(local.a, local.many)",
        "[for a in local.many : local.a]",
        "jsondecode(local.json)",
        "[for a in local.many : jsondecode(local.json)]",
        "[for a in local.many : split(\"a\", local.a)]",
        "[for a in local.many : { a = a, b = local.many }]",
        "format(\"%s%s%s%s\", local.a, local.a, local.a, local.a)",
    ] {
        let many = "1, ".repeat(20_000);
        let json = "[".to_owned() + &"1,".repeat(50_000) + "1]";
        let text = locals(&format!("  a = \"{text}\"\n  many = [{many}]\n  json = \"{json}\"\n  x = {x}\n"));
        assert_eq!(problems(&[("a.tf", &text)]), [""; 0], "{x}");
    }
}

#[test]
fn counts_are_bounded_one_by_one_and_together() {
    let key = |at: usize| format!("resource \"aws_kms_key\" \"k{at}\" {{\n  count = 10000\n}}\n");
    let many: String = (0..60).map(key).collect();
    let begin = std::time::Instant::now();
    let report = over(&[source("a.tf", &many)]);
    assert!(begin.elapsed().as_secs() < LONGEST, "{:?}", begin.elapsed());
    let said: Vec<&str> = report.problems.iter().map(|one| one.what.id()).collect();
    assert_eq!((said, report.problems[0].is_unread), (vec!["iac-too-many"], true));
    assert!(report.rows.iter().filter(|row| row.check.id == "kms_key_rotates").count() <= MOST_RESOURCES);
    let one = "resource \"aws_kms_key\" \"k\" {\n  count = 1000000000000\n}\nresource \"aws_instance\" \"i\" {\n  count = 1000000000000\n}\n";
    assert_eq!(problems(&[("a.tf", one)]), ["iac-too-many"]);
    // The room is one for all files of a run.
    let template: String = (0..60_000).map(|at| format!(" K{at}: {{Type: AWS::KMS::Key}}\n")).collect();
    let template = format!("Resources:\n{template}");
    assert_eq!(problems(&[("a.yaml", &template), ("b.yaml", &template)]), ["iac-too-many"]);
}

#[test]
fn what_looks_at_all_others_does_not_take_the_square_of_them() {
    let recorders = "resource \"aws_config_configuration_recorder\" \"r\" {\n  count = 10000\n}\n\
                     resource \"aws_config_configuration_recorder\" \"s\" {\n  count = 10000\n}\n\
                     resource \"aws_s3_account_public_access_block\" \"a\" {\n  count = 10000\n}\n\
                     resource \"aws_s3_bucket\" \"b\" {\n  count = 10000\n  bucket = \"b-${count.index}\"\n  logging {\n    target_bucket = \"b-${count.index + 1}\"\n  }\n}\n";
    assert_eq!(problems(&[("a.tf", recorders)]), [""; 0]);
}

#[test]
fn aliases_of_long_texts_count_by_their_length() {
    let text = format!("apiVersion: v1\nkind: List\na: &x \"{}\"\nb:\n{}", long(100_000), "- *x\n".repeat(20_000));
    assert_eq!(problems(&[("a.yaml", &text)]), ["iac-no-yaml"]);
    let few = format!("apiVersion: v1\nkind: List\na: &x \"{}\"\nb:\n{}", long(100_000), "- *x\n".repeat(20));
    assert_eq!(problems(&[("a.yaml", &few)]), [""; 0]);
}

#[test]
fn functions_of_templates_are_charged_by_length() {
    let head = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  P: {{Type: String, Default: \"{}\"}}\n",
        long(100_000)
    );
    let trails = |value: &str| -> String {
        let one = |at: usize| {
            format!(
                "  T{at}:\n    Type: AWS::CloudTrail::Trail\n    Properties: {{S3BucketName: b, TrailName: {value}}}\n"
            )
        };
        format!("{head}Resources:\n{}", (0..2_000).map(one).collect::<String>())
    };
    let names = "!Ref P, ".repeat(200);
    for value in [
        "!Ref P".to_owned(),
        format!("!Join [\"{}\", [a, b, c, d, e, f, g]]", long(2_000)),
        format!("!Join [x, [{names}a]]"),
        format!("!Sub \"{}\"", "${P}".repeat(200)),
        "!Split [a, !Ref P]".to_owned(),
    ] {
        assert_eq!(problems(&[("a.yaml", &trails(&value))]), [""; 0]);
    }
    let wide: String = (0..20_000).map(|at| format!("    k{at}: {{v: x}}\n")).collect();
    let text = format!("{}Mappings:\n  M:\n{wide}", trails("!FindInMap [M, k19999, v]"));
    assert_eq!(problems(&[("a.yaml", &text)]), [""; 0]);
}

#[test]
fn exceptions_are_few_and_comments_are_gone_through_once() {
    let one = "# shoseki:accept kms_key_rotates until=2026-12-31 reason=\"x\"\n";
    let key = "resource \"aws_kms_key\" \"k\" {\n}\n";
    let many = format!("{}{key}", one.repeat(200_000));
    assert_eq!(problems(&[("a.tf", &many)]), ["iac-accept-many"]);
    let long = format!("{one}{}{key}", "# x\n".repeat(200_000));
    let report = over(&[source("a.tf", &long)]);
    assert!(report.rows.iter().any(|row| row.accepted.is_some()));
}

#[test]
fn folders_that_call_each_other_are_followed_once() {
    // Each calls all that come after it: two to the thirtieth ways lead to the last.
    let file = |at: usize| {
        let calls: String =
            (at + 1..30).map(|to| format!("module \"m{to}\" {{\n  source = \"../d{to}\"\n}}\n")).collect();
        (format!("d{at}/main.tf"), format!("{calls}resource \"aws_kms_key\" \"k\" {{\n}}\n"))
    };
    let files: Vec<(String, String)> = (0..30).map(file).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(problems(&files), ["iac-too-much"]);
    // A large folder that is called very often.
    let calls: String = (0..1_500).map(|at| format!("module \"m{at}\" {{\n  source = \"./big\"\n}}\n")).collect();
    let big: String = (0..20_000).map(|at| format!("resource \"aws_instance\" \"i{at}\" {{\n}}\n")).collect();
    assert_eq!(problems(&[("main.tf", &calls), ("big/main.tf", &big)]), ["iac-too-much"]);
    // A circle that nobody calls is looked at all the same.
    let circle =
        |to: &str| format!("module \"m\" {{\n  source = \"../{to}\"\n}}\nresource \"aws_kms_key\" \"k\" {{\n}}\n");
    let report = over(&[
        source("root/a.tf", "resource \"aws_kms_key\" \"k\" {\n}\n"),
        source("x/a.tf", &circle("y")),
        source("y/a.tf", &circle("x")),
    ]);
    assert_eq!(report.rows.iter().filter(|row| row.check.id == "kms_key_rotates").count(), 3);
    assert_eq!(report.problems.iter().map(|one| one.what.id()).collect::<Vec<_>>(), ["iac-module-circle"]);
}

#[test]
fn wide_maps_and_deep_modules_of_a_plan_are_read_whole() {
    let tags: String = (0..100_000).map(|at| format!("\"k{at}\": true, ")).collect();
    let said: String = (0..100_000).map(|at| format!("\"k{at}\": {{\"references\": [\"var.x\"]}}, ")).collect();
    let plan = |resources: &str| {
        format!("{{\"format_version\": \"1.2\", \"planned_values\": {{\"root_module\": {{{resources}}}}}")
    };
    let key = "{\"address\": \"aws_kms_key.k\", \"type\": \"aws_kms_key\", \"values\": {}}";
    let wide = format!(
        "{}, \"resource_changes\": [{{\"address\": \"aws_kms_key.k\", \"type\": \"aws_kms_key\", \"change\": {{\"actions\": [\"create\"], \
         \"after_unknown\": {{\"tags\": {{{tags}\"z\": true}}}}}}}}], \"configuration\": {{\"root_module\": {{\"resources\": [\
         {{\"address\": \"aws_kms_key.k\", \"expressions\": {{\"tags\": {{{said}\"z\": 1}}}}}}]}}}}}}",
        plan(&format!("\"resources\": [{key}]"))
    );
    assert_eq!(problems(&[("plan.json", &wide)]), [""; 0]);
    let mut deep = format!("\"resources\": [{key}]");
    for _ in 0..40 {
        deep = format!("\"child_modules\": [{{{deep}}}]");
    }
    let report = over(&[source("plan.json", &format!("{}}}", plan(&deep)))]);
    assert!(report.problems.is_empty() && report.counts.resources == 1, "{:?}", report.problems);
    // What is deeper than that is said.
    for _ in 0..40 {
        deep = format!("\"child_modules\": [{{{deep}}}]");
    }
    assert_eq!(problems(&[("plan.json", &format!("{}}}", plan(&deep)))]), ["iac-no-json"]);
    // Variables that hand each other on, twice each: two to the fifteenth ways.
    let mut calls = String::new();
    for at in (0..15).rev() {
        calls = format!(
            "\"module_calls\": {{\"m\": {{\"expressions\": {{\"a{}\": {{\"references\": [\"var.a{at}\", \"var.a{at}\"]}}}}, \"module\": {{{calls}}}}}}}",
            at + 1
        );
        if at == 14 {
            calls = calls.replace("\"module\": {}", "\"module\": {\"resources\": [{\"address\": \"aws_kms_key.k\", \"expressions\": {\"policy\": {\"references\": [\"var.a15\", \"var.a15\"]}}}]}");
        }
    }
    let text = format!("{}, \"resource_changes\": [], \"configuration\": {{\"root_module\": {{{calls}}}}}}}", plan(""));
    assert_eq!(problems(&[("plan.json", &text)]), [""; 0]);
}

#[test]
fn texts_with_more_in_them_than_there_is_room_for_are_refused_before_they_are_read() {
    let list = format!("x = [{}]\n", "1,".repeat(4_500_000));
    assert_eq!(problems(&[("a.tf", &list)]), ["iac-too-large"]);
    let object: String = (0..50_000).map(|at| format!("    k{at} = 1\n")).collect();
    assert_eq!(problems(&[("a.tf", &format!("locals {{\n  x = {{\n{object}  }}\n}}\n"))]), ["iac-too-large"]);
    let json: String = (0..50_000).map(|at| format!("\"k{at}\": 1, ")).collect();
    let json = format!("{{\"locals\": {{\"x\": {{{json}\"z\": 1}}}}}}");
    assert_eq!(problems(&[("a.tf.json", &json)]), ["iac-too-large"]);
    let plan =
        format!("{{\"format_version\": \"1\", \"planned_values\": {{}}, \"x\": [{}1]}}", "1,".repeat(12_000_000));
    assert_eq!(problems(&[("plan.json", &plan)]), ["iac-no-json"]);
}

#[test]
fn long_names_are_cut_where_they_are_said() {
    let text = format!(
        "resource \"aws_cloudtrail\" \"t\" {{\n  for_each = toset([\"{}\"])\n  name = each.key\n  kms_key_id = each.key\n}}\n",
        long(100_000)
    );
    let report = over(&[source("a.tf", &text)]);
    let longest = report.rows.iter().map(|row| row.finding.subject.len() + row.finding.what.to_string().len()).max();
    assert!(longest.is_some_and(|length| length < 3_000), "{longest:?}");
}
