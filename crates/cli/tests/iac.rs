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
