//! `check iac` from the command line: folders and files, formats, exceptions, exit codes. No vault is there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::path::Path;

use chrono::Datelike;
use serde_json::Value;
use site::Site;

fn testdata(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/iac").join(name).display().to_string()
}

const KEY: &str = "resource \"aws_kms_key\" \"k\" {\n}\n";

#[test]
fn a_folder_is_judged_by_files_and_lines_and_says_how_to_mend() {
    let site = Site::empty();
    let good = site.run(&["check", "iac", &testdata("good")]);
    assert_eq!(good.code, Some(0), "{good:?}");
    let bad = site.run(&["check", "iac", &testdata("bad/terraform")]);
    assert_eq!(bad.code, Some(1), "{bad:?}");
    for text in [
        "bad/terraform/main.tf\n",
        "    17  [fail] cloudtrail_trail_is_multi_region (high)",
        "aws_cloudtrail.main: `IsMultiRegionTrail` is not set, so it is false",
        "What to do: `aws cloudtrail update-trail --name NAME --is-multi-region-trail`",
        "    is_multi_region_trail = true\n",
        "1 files with 20 resources were read",
    ] {
        assert!(bad.out.contains(text), "{text}: {}", bad.out);
    }
    let japanese = site.run(&["check", "iac", &testdata("bad/terraform"), "--lang", "ja"]);
    assert!(
        japanese.out.contains("[不合格]") && japanese.out.contains("対処: `aws cloudtrail update-trail"),
        "{japanese:?}"
    );
    // What fails less than is asked for fails nothing.
    site.write("a.tf", KEY);
    assert_eq!(site.run(&["check", "iac", "a.tf"]).code, Some(1));
    assert_eq!(site.run(&["check", "iac", "a.tf", "--fail-on", "high"]).code, Some(0));
}

#[test]
fn what_is_none_of_ours_is_passed_over_in_a_folder_and_said_of_a_file() {
    let site = Site::empty();
    site.write("package.json", "{}");
    site.write("notes.txt", "x");
    let folder = site.run(&["check", "iac", "."]);
    assert!(folder.code == Some(4) && folder.out.contains("Nothing was judged"), "{folder:?}");
    let named = site.run(&["check", "iac", "package.json"]);
    assert!(named.code == Some(4) && named.err.contains("package.json: it is no Terraform"), "{named:?}");
    site.write("broken.tf", "resource {");
    site.write("a.tf", "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = true\n}\n");
    let both = site.run(&["check", "iac", "."]);
    assert!(both.code == Some(4) && both.err.contains("broken.tf:1: it cannot be read as HCL"), "{both:?}");
    assert_eq!(site.run(&["check", "iac", "a.tf"]).code, Some(0));
    assert_eq!(site.run(&["check", "iac", "nowhere"]).code, Some(2));
    let wrong = site.run(&["check", "iac", "a.tf", "--check", "evidence_is_parsed"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("shoseki check --check evidence_is_parsed"), "{wrong:?}");
}

#[test]
fn what_is_not_read_ends_with_four_and_no_requirement_passes_over_it() {
    let site = Site::empty();
    let trail = "resource \"aws_cloudtrail\" \"t\" {\n  is_multi_region_trail = true\n}\n";
    site.write("a.tf", trail);
    let requirement = |out: &str| {
        let line = out.lines().find(|line| line.contains("10.2.1 ")).unwrap_or_default();
        line.split('┆').nth(2).unwrap_or_default().trim().to_owned()
    };
    let whole = site.run(&["check", "iac", ".", "--framework", "pci-dss", "--fail-on", "critical"]);
    assert_eq!((whole.code, requirement(&whole.out).as_str()), (Some(0), "pass (1 resource)"), "{whole:?}");
    site.write("a.tf", format!("{trail}module \"m\" {{\n  source = \"terraform-aws-modules/s3/aws\"\n}}\n"));
    let part = site.run(&["check", "iac", ".", "--framework", "pci-dss", "--fail-on", "critical"]);
    assert_eq!((part.code, requirement(&part.out).as_str()), (Some(4), "no evidence (1 resource)"), "{part:?}");
    assert!(part.err.contains("a.tf:4: the module `terraform-aws-modules/s3/aws` is not read"), "{part:?}");
    let json: Value =
        serde_json::from_str(&site.run(&["check", "iac", ".", "--framework", "pci-dss", "--json"]).out).unwrap();
    let all = json["frameworks"][0]["requirements"].as_array().unwrap();
    let one = all.iter().find(|one| one["number"] == "10.2.1").unwrap();
    assert_eq!([&one["status"], &one["resources"]], [&Value::from("no_evidence"), &Value::from(1)]);
    let csv = site.run(&["check", "iac", ".", "-o", "csv"]);
    assert!(csv.out.contains("a.tf,4,,,no_evidence,,the module"), "{}", csv.out);
    for format in ["sarif", "junit"] {
        let out = site.run(&["check", "iac", ".", "-o", format]).out;
        assert!(out.contains("is not read") && !out.contains("executionSuccessful\": true"), "{out}");
    }
}

#[test]
fn nothing_at_all_is_no_run_that_went_well() {
    let site = Site::empty();
    site.write("notes.txt", "x");
    let sarif: Value = serde_json::from_str(&site.run(&["check", "iac", ".", "-o", "sarif"]).out).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let junit = site.run(&["check", "iac", ".", "-o", "junit"]);
    assert!(junit.code == Some(4) && junit.out.contains("errors=\"1\""), "{junit:?}");
    site.write("a.tf", "resource {");
    let text = site.run(&["check", "iac", "a.tf"]);
    assert!(text.out.contains("what is there could not be read") && !text.out.contains("no file there is"), "{text:?}");
    // What is no text is said of Terraform, and not of what may be anything.
    std::fs::write(site.path("a.tf"), [0xff, 0xfe, 0x00]).unwrap();
    std::fs::write(site.path("b.json"), [0xff, 0xfe, 0x00]).unwrap();
    let folder = site.run(&["check", "iac", "."]);
    assert!(folder.code == Some(4) && folder.err.contains("a.tf: it is no text"), "{folder:?}");
    assert!(!folder.err.contains("b.json"), "{folder:?}");
    // A template with a remark in Shift_JIS, a plan as PowerShell writes it: they are ours.
    std::fs::write(
        site.path("c.yaml"),
        [b"# ".as_slice(), &[0x8f, 0xd8, 0x90, 0xd5], b"\nAWSTemplateFormatVersion: '2010-09-09'\n"].concat(),
    )
    .unwrap();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    std::fs::write(site.path("d.json"), [[0xff, 0xfe].to_vec(), wide("{\"format_version\":\"1.2\"}")].concat())
        .unwrap();
    let folder = site.run(&["check", "iac", "."]);
    for name in ["c.yaml", "d.json"] {
        assert!(folder.code == Some(4) && folder.err.contains(&format!("{name}: it is no text")), "{name}: {folder:?}");
    }
}

#[test]
fn files_in_which_nothing_stands_are_no_pass() {
    let site = Site::empty();
    site.write("a.tf", "");
    let empty = site.run(&["check", "iac", "a.tf"]);
    assert!(empty.code == Some(4) && empty.out.contains("1 file was read, and nothing stands in them"), "{empty:?}");
    let json = site.run(&["check", "iac", ".", "--json"]).report(4);
    assert_eq!((&json["status"], &json["problems"][0]["unread"]), (&Value::from("no_evidence"), &Value::from(true)));
    site.write("a.tf", "variable \"a\" {\n}\n");
    assert_eq!(site.run(&["check", "iac", ".", "--lang", "ja"]).code, Some(4));
    // What no check is about stands there all the same.
    site.write("b.tf", "resource \"null_resource\" \"a\" {\n}\n");
    assert_eq!(site.run(&["check", "iac", "."]).code, Some(0));
}

#[test]
fn names_from_code_command_neither_terminals_nor_build_servers() {
    let site = Site::empty();
    let names = "\\u001b]0;x\\u0007\", \"\\n::error::x\", \"\\u202egpj\", \"##[warning]y\", \"\\ufffez";
    site.write("a.tf", format!("resource \"aws_kms_key\" \"k\" {{\n  for_each = toset([\"{names}\"])\n}}\n"));
    let text = site.run(&["check", "iac", "a.tf"]);
    assert_eq!(text.code, Some(1), "{text:?}");
    let is_plain = |c: char| !c.is_control() || c == '\n';
    assert!(text.out.chars().all(is_plain) && !text.out.contains('\u{202e}'), "{text:?}");
    assert!(!text.out.lines().any(|line| line.trim_start().starts_with("::")) && !text.out.contains("##["), "{text:?}");
    for seen in ["[U+001B]]0;x[U+0007]", "[U+000A]::error::x", "[U+202E]gpj", "# #[warning]y"] {
        assert!(text.out.contains(seen), "{seen}: {}", text.out);
    }
    // Data is what it is; XML has nothing that no reader of it takes.
    let json: Value = serde_json::from_str(&site.run(&["check", "iac", "a.tf", "--json"]).out).unwrap();
    assert!(json["findings"].to_string().contains("\u{202e}gpj"), "{json}");
    let xml = site.run(&["check", "iac", "a.tf", "-o", "junit"]).out;
    assert!(xml.contains("[U+FFFE]z") && !xml.contains('\u{fffe}') && !xml.contains('\u{1b}'), "{xml}");
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_files_stay_within_a_bound_of_memory() {
    let site = Site::empty();
    let long = "a".repeat(1_000_000);
    let key = |at: usize| format!("resource \"aws_kms_key\" \"k{at}\" {{\n  count = 10000\n}}\n");
    let code = format!(
        "locals {{\n  a = \"{long}\"\n  x = replace(local.a, \"a\", local.a)\n  y = [for b in split(\"\", local.a) : local.a]\n}}\n\
         resource \"aws_cloudtrail\" \"t\" {{\n  name = local.x\n  kms_key_id = join(local.a, local.y)\n}}\n"
    );
    let aliases = format!("apiVersion: v1\nkind: List\na: &x \"{long}\"\nb:\n{}", "- *x\n".repeat(100_000));
    let template = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  P: {{Type: String, Default: \"{long}\"}}\nResources:\n{}",
        (0..5_000)
            .map(|at| format!("  T{at}: {{Type: AWS::CloudTrail::Trail, Properties: {{TrailName: !Join [!Ref P, [!Ref P, !Ref P]]}}}}\n"))
            .collect::<String>()
    );
    site.write("main.tf", code);
    site.write("many/main.tf", (0..500).map(key).collect::<String>());
    site.write("a.yaml", aliases);
    site.write("b.yaml", template);
    site.write("list/x.tf", format!("x = [{}]\n", "1,".repeat(5_000_000)));
    let limited = format!("ulimit -v 4000000; exec '{}' check iac . --json", env!("CARGO_BIN_EXE_shoseki"));
    let out = std::process::Command::new("sh").arg("-c").arg(limited).current_dir(site.path("")).output().unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{out:?}"));
    let problems = report["problems"].to_string();
    for said in ["it makes more than", "too many nodes", "too much in it"] {
        assert!(problems.contains(said), "{said}: {problems}");
    }
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn what_cannot_be_read_is_an_error_for_build_servers() {
    let site = Site::empty();
    let path = site.path("infra");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("a.tf"), "resource \"aws_s3_bucket\" \"a\" {").unwrap();
    let xml = site.run(&["check", "iac", path.to_str().unwrap(), "-o", "junit"]);
    assert_eq!(xml.code, Some(4), "{xml:?}");
    assert!(xml.out.contains("errors=\"1\"") && xml.out.contains("<error message="), "{}", xml.out);
}

#[test]
fn exceptions_stand_in_the_code_and_end() {
    let site = Site::empty();
    let with = |until: &str| format!("# shoseki:accept kms_key_rotates until={until} reason=\"the vendor's\"\n{KEY}");
    let year = chrono::Utc::now().year();
    site.write("a.tf", with(&format!("{}-12-31", year + 1)));
    let accepted = site.run(&["check", "iac", "a.tf"]);
    assert!(accepted.code == Some(0) && accepted.out.contains("[accepted] kms_key_rotates"), "{accepted:?}");
    assert!(accepted.out.contains("the vendor's") && accepted.out.contains("1 accepted in the code"), "{accepted:?}");
    site.write("a.tf", with("2020-01-01"));
    let ended = site.run(&["check", "iac", "a.tf"]);
    assert!(
        ended.code == Some(1) && ended.err.contains("a.tf:1: the exception to `kms_key_rotates` ended on 2020-01-01"),
        "{ended:?}"
    );
}

#[test]
fn sarif_is_what_its_schema_asks_for() {
    let site = Site::empty();
    let year = chrono::Utc::now().year();
    let exception = format!("# shoseki:accept kms_key_rotates until={}-12-31 reason=\"why\"\n", year + 1);
    site.write(
        "with space.tf",
        format!(
            "{exception}{KEY}variable \"x\" {{}}\nresource \"aws_cloudtrail\" \"t\" {{\n  enable_logging = var.x\n}}\n"
        ),
    );
    let log: Value = serde_json::from_str(
        &site.run(&["check", "iac", ".", "-o", "sarif", "--framework", "pci-dss", "--framework", "iso27001"]).out,
    )
    .unwrap();
    assert_eq!([&log["version"], &log["$schema"]], ["2.1.0", "https://json.schemastore.org/sarif-2.1.0.json"]);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(run["tool"]["driver"]["name"] == "shoseki" && rules.len() > 30);
    for rule in rules {
        assert!(
            rule["id"].is_string() && rule["shortDescription"]["text"].as_str().is_some_and(|text| !text.is_empty())
        );
        assert!(["note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
        assert!(rule["help"]["text"].is_string() && rule["properties"]["security-severity"].is_string());
    }
    let tags =
        rules.iter().find(|rule| rule["id"] == "cloudtrail_trail_is_multi_region").unwrap()["properties"]["tags"]
            .to_string();
    assert!(tags.contains("PCI DSS 10.2.1.2"), "{tags}");
    let results = run["results"].as_array().unwrap();
    let of = |id: &str| results.iter().find(|one| one["ruleId"] == id).unwrap_or_else(|| panic!("{id}"));
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        // 3.27.10: where the kind is not `fail`, the level is `none`.
        assert_eq!(result["kind"] == "fail", result["level"] != "none", "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "with%20space.tf");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(result["message"]["text"].is_string() && result["partialFingerprints"].is_object());
    }
    assert_eq!(of("kms_key_rotates")["suppressions"][0]["kind"], "inSource");
    assert_eq!(of("cloudtrail_trail_is_logging")["kind"], "open");
    assert_eq!(
        [&of("cloudtrail_trail_is_multi_region")["kind"], &of("cloudtrail_trail_is_multi_region")["level"]],
        ["fail", "error"]
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn other_formats_say_the_same() {
    let site = Site::empty();
    let path = testdata("bad/cloudformation");
    let report = site.run(&["check", "iac", &path, "--json"]).report(1);
    let fails = report["summary"]["fail"].as_u64().unwrap();
    assert_eq!(report["status"], "fail");
    assert_eq!(
        report["findings"].as_array().unwrap().iter().filter(|one| one["status"] == "fail").count() as u64,
        fails
    );
    let first = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == "cloudtrail_trail_is_logging")
        .unwrap();
    assert_eq!(first["origin"]["line"], 15);

    let xml = site.run(&["check", "iac", &path, "-o", "junit"]);
    assert_eq!((xml.code, xml.out.matches("<failure ").count() as u64), (Some(1), fails), "{xml:?}");
    assert!(
        xml.out
            .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"shoseki check iac\" tests=\"")
    );
    assert!(xml.out.contains(&format!("failures=\"{fails}\" errors=\"0\"")));
    assert_eq!(xml.out.matches("<testsuite ").count(), xml.out.matches("</testsuite>").count());
    let is_ended = |line: &str| !line.contains("<testcase") || line.ends_with("/>") || line.ends_with("</testcase>");
    assert!(xml.out.lines().all(is_ended));

    let csv = site.run(&["check", "iac", &path, "-o", "csv", "--framework", "pci-dss"]);
    assert!(csv.out.starts_with("file,line,check,severity,status,subject,what,"), "{csv:?}");
    assert!(csv.out.contains("PCI DSS 10.2.1"), "{csv:?}");

    let framework = site.run(&["check", "iac", &path, "--framework", "pci-dss"]);
    for text in ["10.5.1", "s3_evidence_bucket_is_kept_a_year", "shoseki check --framework"] {
        assert!((framework.out.clone() + &framework.err).contains(text), "{text}: {framework:?}");
    }
    assert!(!framework.out.contains("12.10.1"), "settings show nothing of it");
    let one = site.run(&["check", "iac", &path, "--check", "kms_key_rotates", "--json"]).report(1);
    assert_eq!(one["checks"].as_array().unwrap().len(), 1);
    let shown = site.run(&["check", "show", "kms_key_rotates"]);
    assert!(shown.out.contains("enable_key_rotation = true"), "{shown:?}");
}
