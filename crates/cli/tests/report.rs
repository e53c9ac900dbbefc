//! Reports from the command line, on the demo's estate: every format, hostile evidence, what changed since the last one, what people
//! said, samples, the draft of a leak report, and the record of each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test they are how it fails")]

#[path = "../../sources/tests/ocsf_events/schema.rs"]
#[allow(dead_code, reason = "the schema's own tests use more of it")]
mod schema;
mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use schema::Schema;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use site::Site;

const MARCH: [&str; 2] = ["--period", "2026-03-05..2026-03-05"];

/// A vault with the estate of the demo.
fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    done(&site, &["ingest", "auto", evidence.to_str().unwrap()]);
    site
}

/// Does what succeeds.
fn done(site: &Site, words: &[&str]) -> String {
    let answer = site.run(words);
    assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
    answer.out
}

/// The text of a report.
fn report(site: &Site, more: &[&str]) -> String {
    done(site, &[&["report", "--framework", "pci-dss"], &MARCH[..], more].concat())
}

fn json_of(site: &Site, more: &[&str]) -> Value {
    serde_json::from_str(&report(site, &[&["--format", "json"], more].concat())).unwrap()
}

/// The levels of the headings of a page, in order.
fn headings(page: &str) -> Vec<u32> {
    page.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).collect()
}

/// What every page must be: whole by itself, in order, without anything that runs or is fetched.
fn is_sound(page: &str, lang: &str) {
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains(&format!("<html lang=\"{lang}\">")));
    for never in ["<script", "<link", "<img", "src=", "url(http", "@import", "javascript:", "onload="] {
        assert!(!page.contains(never), "`{never}`");
    }
    let levels = headings(page);
    assert_eq!((levels[0], levels.iter().filter(|level| **level == 1).count()), (1, 1));
    assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "no level is left out: {levels:?}");
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "each id stands once");
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&target), "`{target}` is nowhere");
    }
    for table in page.split("<table").skip(1) {
        let table = table.split("</table>").next().unwrap_or_default();
        assert!(!table.contains("<th>"), "each heading of a table has a scope");
    }
}

#[test]
fn the_page_has_all_parts_in_both_languages() {
    let site = estate();
    for (lang, words) in [
        (
            "ja",
            [
                "未対応",
                "未テスト",
                "証跡がないことは、合格を意味しません",
                "欠落台帳",
                "対象としていないもの",
                "署名",
                "検証鍵",
            ],
        ),
        (
            "en",
            [
                "Not in Place",
                "Not Tested",
                "never a pass",
                "Gap register",
                "What was not looked at",
                "Signatures",
                "Verifier key",
            ],
        ),
    ] {
        let page = report(&site, &["--lang", lang, "--tz", "Asia/Tokyo"]);
        is_sound(&page, lang);
        for word in words {
            assert!(page.contains(word), "`{word}` is not in the page in `{lang}`");
        }
        let key = done(&site, &["key", "show"]);
        assert!(page.contains(key.trim()) && page.contains("cloudtrail/111122223333/ap-northeast-1"));
        assert!(page.contains("shoseki prove ") && page.contains("id=\"r-10.3.4\""));
        // Every sentence of a report is in the catalogue: a name that was not found would leave nothing behind.
        for empty in
            ["<th scope=\"col\"></th>", "<th scope=\"row\"></th>", "<caption></caption>", "<h2></h2>", "<dt></dt>"]
        {
            let filled = page.replace("<tr><th scope=\"row\"></th>", "");
            assert!(!filled.contains(empty), "`{empty}` in `{lang}`");
        }
    }
}

#[test]
fn evidence_cannot_speak_for_the_page_nor_for_a_spreadsheet() {
    let site = estate();
    let hostile = "<script>alert(1)</script>\u{202E}</td>";
    let event = |id: u32, name: &str| {
        json!({
            "eventVersion": "1.08", "eventTime": "2026-03-05T10:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
            "awsRegion": "ap-northeast-1", "sourceIPAddress": "192.0.2.1", "errorCode": "AccessDenied", "eventType": "AwsApiCall",
            "eventID": format!("00000000-0000-4000-9000-{id:012}"), "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "arn": name, "accountId": "111122223333"},
        })
    };
    let records: Vec<Value> =
        (0..200).map(|n| event(n, if n % 2 == 0 { hostile } else { "=HYPERLINK(\"http://a\")" })).collect();
    let path = site.write("hostile.json", json!({"Records": records}).to_string());
    done(&site, &["ingest", "cloudtrail", &path]);
    let page = report(&site, &[]);
    is_sound(&page, "en");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]&lt;/td&gt;"), "it is shown as what it is");
    assert!(!page.contains('\u{202E}'));
    let csv = report(&site, &["--format", "csv"]);
    assert!(!csv.contains('\u{202E}') && csv.contains("[U+202E]"));
    assert!(csv.contains("'=HYPERLINK") && !csv.contains(",=HYPERLINK") && !csv.contains(",\"=HYPERLINK"));
    let junit = report(&site, &["--format", "junit"]);
    assert!(!junit.contains("<script") && !junit.contains('\u{202E}'));
}

#[test]
fn a_spreadsheet_has_a_line_for_each_thing_and_headings_of_its_language() {
    let site = estate();
    let csv = report(&site, &["--format", "csv", "--lang", "ja"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\u{feff}行の種類,番号,要件名,責任,状態,評価者の判定"), "{}", lines[0]);
    let whole = json_of(&site, &[]);
    let count = |kind: &str| lines.iter().filter(|line| line.starts_with(&format!("{kind},"))).count();
    assert_eq!(count("要件"), whole["requirements"].as_array().unwrap().len());
    assert_eq!(count("欠落"), whole["gaps"].as_array().unwrap().len());
    assert!(count("チェックの結果") > 50 && count("文書") > 20);
}

#[test]
fn a_report_is_recorded_and_the_next_says_what_changed() {
    let site = estate();
    let out = site.path("q1.html").display().to_string();
    let made =
        site.run(&[&["report", "--framework", "pci-dss", "--out", &out, "--json"], &MARCH[..]].concat()).report(0);
    let bytes = std::fs::read(&out).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&made["sha256"], &made["recorded"]), (&json!(hash), &json!(true)));
    assert!(String::from_utf8(bytes).unwrap().contains("no earlier report"));
    let again = site.run(&[&["report", "--framework", "pci-dss", "--out", &out], &MARCH[..]].concat());
    assert!(again.code == Some(2) && again.err.contains("--force"), "{again:?}");
    let listed = site.run(&["report", "list", "--json"]).report(0);
    let reports = listed["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 1, "what was refused made none");
    assert_eq!((&reports[0]["sha256"], &reports[0]["framework"]), (&json!(hash), &json!("pci-dss")));
    done(&site, &["prove", reports[0]["record"].as_str().unwrap(), "--out", "report.proof"]);
    // The run is a run of checks as any other: its findings are known.
    let known = site.run(&["finding", "list", "--json"]).report(0);
    assert!(!known["findings"].as_array().unwrap().is_empty());

    let same = json_of(&site, &[]);
    assert_eq!(same["changes"][0]["requirements"], json!([]));
    assert_eq!((&same["changes"][0]["new_findings"], &same["changes"][0]["closed_findings"]), (&json!([]), &json!([])));
    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    done(&site, &["anchor", "add", anchor.to_str().unwrap()]);
    done(&site, &["verify"]);
    let anchored = json_of(&site, &[]);
    let closed = anchored["changes"][0]["closed_findings"].as_array().unwrap();
    assert_eq!(closed.len(), 2, "it is anchored, and verified: {}", anchored["changes"]);
    let changed = anchored["changes"][0]["requirements"].as_array().unwrap();
    assert!(changed.contains(&json!({"number": "10.3.4", "was": "fail", "is": "no_evidence"})), "{changed:?}");
    let page = report(&site, &[]);
    assert!(page.contains("Changes since earlier reports"));
    site.assert_intact();
}

#[test]
fn what_people_said_stands_in_the_report() {
    let site = estate();
    let first = json_of(&site, &[]);
    let open = first["open_findings"].as_array().unwrap();
    let id = open.iter().find(|case| case["check"] == "vault_is_anchored").unwrap()["id"].as_str().unwrap();
    done(
        &site,
        &["finding", "accept", id, "--owner", "芽衣 <mei>", "--reason", "a move", "--until", "2199-01-01", "--long"],
    );
    let from = [
        "finding",
        "add",
        "--from",
        "Hinoki & Co",
        "--title",
        "keys are old",
        "--requirement",
        "PCI DSS 10.3.4",
        "--json",
    ];
    let added = site.run(&from).report(0);
    let outside = added["id"].as_str().unwrap();
    done(&site, &["finding", "cause", outside, "nobody was asked to"]);
    done(&site, &["finding", "measure", outside, "a calendar", "--due", "2199-02-01", "--check", "vault_is_anchored"]);
    done(&site, &["review", "2026-03-05", "--sign", "--note", "looked at all"]);
    let policy = site.write("policy.txt", "logs are kept");
    done(
        &site,
        &["attach", &policy, "--requirement", "PCI DSS 10.1.1", "--title", "Procedure", "--valid-from", "2026-01-01"],
    );
    let page = report(&site, &[]);
    is_sound(&page, "en");
    for text in [
        "芽衣 &lt;mei&gt;",
        "2199-01-01",
        "Hinoki &amp; Co",
        "keys are old",
        "nobody was asked to",
        "a calendar",
        "looked at all",
        "Procedure",
        "All failures are accepted or resolved",
    ] {
        assert!(page.contains(text), "`{text}`");
    }
    let whole = json_of(&site, &[]);
    assert_eq!(whole["exceptions"][0]["exception"]["owner"], "芽衣 <mei>");
    assert_eq!(whole["findings_from_outside"][0]["cause"], "nobody was asked to");
    assert_eq!((&whole["reviews"]["done"][0]["day"], &whole["reviews"]["missing"]), (&json!("2026-03-05"), &json!([])));
    let requirements = whole["requirements"].as_array().unwrap();
    let of = |number: &str| requirements.iter().find(|one| one["number"] == number).unwrap();
    assert_eq!(
        (&of("10.1.1")["status"], &of("10.1.1")["documents"][0]["title"]),
        (&json!("pass"), &json!("Procedure"))
    );
    assert_eq!(of("10.3.4")["status"], "fail", "an exception is no pass");
}

#[test]
fn oscal_has_the_same_ids_each_time_and_every_reference_is_there() {
    let site = estate();
    let results = || {
        let text = report(&site, &["--format", "oscal"]);
        serde_json::from_str::<Value>(&text).unwrap()["assessment-results"].clone()
    };
    let (first, second) = (results(), results());
    let result = &first["results"][0];
    let list = |name: &str| result[name].as_array().unwrap().clone();
    let ids =
        |name: &str| list(name).iter().map(|one| one["uuid"].as_str().unwrap().to_owned()).collect::<Vec<String>>();
    for name in ["observations", "findings", "risks"] {
        assert_eq!(
            json!(ids(name)).as_array().unwrap().len(),
            ids(name).iter().collect::<BTreeSet<_>>().len(),
            "{name}"
        );
        let again: Vec<&Value> =
            second["results"][0][name].as_array().unwrap().iter().map(|one| &one["uuid"]).collect();
        // What a run adds to the register may be observed by the next; what is the same has the same id.
        assert!(
            ids(name).iter().filter(|id| again.iter().any(|known| **known == json!(id))).count() * 10
                > ids(name).len() * 9
        );
    }
    assert_eq!(first["uuid"], second["uuid"]);
    let (observations, risks) = (ids("observations"), ids("risks"));
    for finding in list("findings") {
        let named = |name: &str, key: &str| {
            let all = finding[name].as_array().cloned().unwrap_or_default();
            all.iter().map(|one| one[key].as_str().unwrap().to_owned()).collect::<Vec<String>>()
        };
        assert!(named("related-observations", "observation-uuid").iter().all(|id| observations.contains(id)));
        assert!(named("related-risks", "risk-uuid").iter().all(|id| risks.contains(id)));
        let status = &finding["target"]["status"];
        let props = finding["props"].as_array().unwrap();
        let ours = props.iter().find(|prop| prop["name"] == "status").unwrap()["value"].as_str().unwrap();
        assert_eq!(status["state"] == "satisfied", ours == "pass", "{ours} is no pass");
    }
    let plan = first["import-ap"]["href"].as_str().unwrap().trim_start_matches('#');
    assert_eq!(first["back-matter"]["resources"][0]["uuid"], plan);
}

#[test]
fn junit_counts_what_it_has_and_no_evidence_is_an_error() {
    let site = estate();
    let junit = report(&site, &["--format", "junit", "--lang", "ja"]);
    let counts = |text: &str, name: &str| -> usize {
        let rest = text.split(&format!(" {name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let head = junit.split("<testsuites").nth(1).unwrap().split('>').next().unwrap();
    let of: BTreeMap<&str, usize> =
        ["tests", "failures", "errors", "skipped"].map(|name| (name, counts(head, name))).into();
    assert_eq!(of["tests"], junit.matches("<testcase ").count());
    assert_eq!((of["failures"], of["errors"]), (junit.matches("<failure ").count(), junit.matches("<error ").count()));
    assert_eq!(of["skipped"], junit.matches("<skipped ").count());
    assert!(of["failures"] > 0 && of["errors"] > 0 && of["skipped"] > 0);
}

#[test]
fn compliance_findings_are_events_that_ocsf_accepts() {
    let Some(schema) = Schema::read() else { return };
    let site = estate();
    {
        let lines = report(&site, &["--format", "ocsf", "--lang", "ja"]);
        let mut statuses = BTreeSet::new();
        for line in lines.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let faults = schema.faults(&event);
            assert!(faults.is_empty(), "{faults:#?}\n{event:#}");
            statuses.insert(event["compliance"]["status_id"].as_i64().unwrap());
        }
        assert!(statuses.is_superset(&BTreeSet::from([1, 2, 3])), "{statuses:?}");
    }
}

#[test]
fn the_sheet_has_the_sample_with_its_seed_and_a_line_for_each_item() {
    let site = estate();
    let draw = [
        "package",
        "create",
        "--query",
        "filter ispresent(errorCode)",
        "--from",
        "2026-03-05T01:00:00Z",
        "--to",
        "2026-03-05T11:00:00Z",
    ];
    let how = [
        "--population",
        "--sample",
        "5",
        "--seed",
        "seed of the auditor",
        "--drawn-by",
        "Hinoki",
        "--out",
        "sample.zip",
    ];
    done(&site, &[&draw[..], &how[..]].concat());
    let sox = ["report", "--framework", "j-sox", MARCH[0], MARCH[1]];
    let page = done(&site, &sox);
    is_sound(&page, "en");
    assert!(page.contains("seed of the auditor") && page.contains("Hinoki") && page.contains("Samples and tests"));
    let whole: Value = serde_json::from_str(&done(&site, &[&sox[..], &["--format", "json"]].concat())).unwrap();
    let sample = &whole["samples"][0];
    assert_eq!((&sample["take"], sample["drawn"].as_array().unwrap().len()), (&json!(5), 5));
    for record in sample["drawn"].as_array().unwrap() {
        assert!(page.contains(record.as_str().unwrap()));
    }
    let csv = done(&site, &[&sox[..], &["--format", "csv"]].concat());
    assert_eq!(csv.lines().filter(|line| line.starts_with("item of a sample,")).count(), 5);
    let other = done(&site, &["report", "--framework", "j-sox", "--period", "2026-03-06..2026-03-06"]);
    assert!(!other.contains("seed of the auditor"), "a sample of another time is not of this period");
}

#[test]
fn a_leak_report_is_drafted_as_far_as_records_go() {
    let site = estate();
    let leak =
        ["report", "leak", "--incident-from", "2026-03-05", "--incident-to", "2026-03-05", "--known", "2026-03-06"];
    let page = done(&site, &[&leak[..], &["--lang", "ja", "--tz", "Asia/Tokyo"]].concat());
    is_sound(&page, "ja");
    for text in [
        "速報",
        "2026-03-08 ～ 2026-03-10",
        "2026-04-06",
        "1. 概要",
        "9. その他参考となる事項",
        "記入してください",
        "cloudtrail/111122223333",
    ] {
        assert!(page.contains(text), "`{text}`");
    }
    assert_eq!(page.matches("class=\"fill\"").count(), 9);
    let page = done(&site, &[&leak[..], &["--stage", "final", "--malicious"]].concat());
    assert!(page.contains("final report") && page.contains("2026-05-04"));
    let wrong = site.run(&[
        "report",
        "leak",
        "--incident-from",
        "2026-03-05",
        "--incident-to",
        "2026-03-05",
        "--known",
        "soon",
    ]);
    assert!(wrong.code == Some(2) && wrong.err.contains("soon"), "{wrong:?}");
    let listed = site.run(&["report", "list", "--json"]).report(0);
    assert!(listed["reports"].as_array().unwrap().iter().all(|made| made["framework"] == "appi-leak"));
}

#[test]
fn a_report_of_ones_own_framework_and_of_nothing() {
    let site = Site::with_vault(&[]);
    let answer = site.run(&["report"]);
    assert!(answer.code == Some(2) && answer.err.contains("pci-dss"), "{answer:?}");
    let own = site.write("own.yaml", "id: own\ntitle: {en: \"Ours </style><b>\", ja: \"自社\"}\nattach: OWN\nrequirements:\n  - number: \"§ 1\"\n    title: {en: Logs, ja: ログ}\n    asks: {en: Logs are there., ja: ログがある。}\n    whose: customer\n    checks: [evidence_cloudtrail_arrived]\n");
    let page = done(&site, &["report", "--framework-file", &own, "--period", "2026-03-05..2026-03-05"]);
    is_sound(&page, "en");
    assert!(page.contains("Nothing arrived in the period") && !page.contains("</style><b>"));
    assert!(page.contains("Not Tested"));
}
