//! Findings from the command line, on the demo's estate: found, accepted, ended, found again, mended; an auditor's from entry to proof;
//! who may not write; who changes what was sealed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use std::path::{Path, PathBuf};

use aws::Moto;
use serde_json::{Value, json};
use site::{Site, events as events_of};

const MARCH: [&str; 2] = ["--period", "2026-03-05..2026-03-05"];

/// A vault with the estate of the demo.
fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    site
}

fn check(site: &Site, more: &[&str], code: i32) -> Value {
    site.run(&[&["check", "--json"], &MARCH[..], more].concat()).report(code)
}

/// The findings of a check in the report of a run.
fn of_check<'a>(report: &'a Value, id: &str) -> &'a Vec<Value> {
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
    check["findings"].as_array().unwrap()
}

fn list(site: &Site, more: &[&str]) -> Vec<Value> {
    let report = site.run(&[&["finding", "list", "--json", "--nature", "all"], more].concat()).report(0);
    report["findings"].as_array().unwrap().clone()
}

fn show(site: &Site, id: &str, more: &[&str]) -> Value {
    site.run(&[&["finding", "show", id, "--json"], more].concat()).report(0)
}

fn events(case: &Value) -> Vec<&str> {
    case["history"].as_array().unwrap().iter().map(|moment| moment["event"].as_str().unwrap()).collect()
}

fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

/// Does what succeeds.
fn done(site: &Site, words: &[&str]) {
    let answer = site.run(words);
    assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
}

/// Asks for what is refused.
fn refused(site: &Site, words: &[&str], why: &str) {
    let answer = site.run(words);
    assert!(answer.code == Some(2) && answer.err.contains(why), "{words:?}: {answer:?}");
}

fn anchored(site: &Site) {
    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    done(site, &["anchor", "add", anchor.to_str().unwrap()]);
}

#[test]
fn a_finding_is_found_accepted_found_again_and_mended() {
    let site = estate();
    assert!(list(&site, &["--status", "all"]).is_empty());
    let first = check(&site, &[], 1);
    let finding = of_check(&first, "vault_is_anchored")[0]["finding"].clone();
    assert_eq!((&finding["new"], &finding["state"]), (&json!(true), &json!("open")));
    let id = finding["id"].as_str().unwrap();
    let second = check(&site, &[], 1);
    assert_eq!(of_check(&second, "vault_is_anchored")[0]["finding"]["new"], false);
    assert_eq!(second["new_findings"], 0, "the same estate, the same names");
    let all = list(&site, &[]);
    assert_eq!(first["new_findings"], all.len());
    let one = all.iter().find(|case| case["id"] == id).unwrap();
    assert_eq!((&one["nature"], &one["subject"], &one["overdue"]), (&json!("fail"), &json!("shoseki"), &json!(false)));
    assert!(one["requirements"].as_array().unwrap().contains(&json!("PCI DSS 10.3.4")), "{one}");
    let pressing = site.run(&["finding", "list", "--json"]).report(0)["findings"].as_array().unwrap().len();
    let review = all.iter().filter(|case| case["nature"] == "review").count();
    assert!(review > 0 && pressing == all.len() - review, "what is only to be looked at is not listed unasked");
    assert!(
        list(&site, &["--framework", "gdpr", "--severity", "critical"])
            .iter()
            .all(|case| case["severity"] == "critical")
    );

    let accept = |more| with(&["finding", "accept", id, "--owner", "Mei", "--reason", "a move"], more);
    refused(&site, &accept(&[]), "--until");
    refused(&site, &accept(&["--until", "2026-03-05"]), "2026-03-05");
    refused(&site, &accept(&["--until", "2199-01-01"]), "--long");
    done(&site, &accept(&["--until", "2199-01-01", "--long", "--approved-by", "CISO"]));
    let accepted = check(&site, &["--framework", "pci-dss"], 1);
    let finding = &of_check(&accepted, "vault_is_anchored")[0];
    assert_eq!((&finding["status"], &finding["finding"]["state"]), (&json!("fail"), &json!("accepted")));
    let requirements = accepted["frameworks"][0]["requirements"].as_array().unwrap();
    let of = |number: &str| requirements.iter().find(|one| one["number"] == number).unwrap();
    assert_eq!((&of("10.3.4")["assessor"], &of("10.3.4")["answered"]), (&json!("Not in Place"), &json!(true)));
    assert_eq!(of("10.2.1")["answered"], false, "a log was stopped, and nobody answered that");
    let table = site.run(&[&["check", "--check", "vault_is_anchored"], &MARCH[..]].concat());
    assert!(table.code == Some(1) && table.out.contains("[fail, accepted until 2199-01-01 by Mei] F-"), "{table:?}");

    // When its last day is over, it is open again.
    assert_eq!(show(&site, id, &["--at", "2198-12-31"])["state"], "accepted");
    let ended = show(&site, &id.to_lowercase(), &["--at", "2199-01-02"]);
    assert_eq!((&ended["state"], events(&ended)), (&json!("open"), vec!["found", "accepted", "exception_ended"]));

    anchored(&site);
    let mended = check(&site, &["--check", "vault_is_anchored"], 0);
    assert_eq!(mended["checks"][0]["status"], "pass");
    let case = show(&site, id, &[]);
    assert_eq!((&case["state"], events(&case)), (&json!("resolved"), vec!["found", "accepted", "gone"]));
    assert_eq!(case["resolution"]["by_run"], true);
    done(&site, &["finding", "cause", id, "nobody set one up"]);
    let case = show(&site, id, &[]);
    assert_eq!((&case["state"], &case["cause"]), (&json!("resolved"), &json!("nobody set one up")));
    refused(&site, &["finding", "measure", id, "a"], "until it is found again");
    // Other findings are as they were: their checks did not run.
    assert_eq!(list(&site, &[]).len(), all.len() - 1);
    site.assert_intact();

    // What happened is in records that can be proved.
    let record = case["history"][1]["record"].as_str().unwrap();
    done(&site, &["prove", record, "--out", "accept.proof"]);
    let shown = site.run(&["finding", "show", id, "--lang", "ja"]);
    for text in [
        "Mei が 2199-01-01 まで受容",
        "shoseki prove",
        "shoseki check --check vault_is_anchored --from 2026-03-05T00:00:00Z",
    ] {
        assert!(shown.out.contains(text), "{text}: {shown:?}");
    }
}

#[test]
fn what_a_person_resolved_stays_so_until_something_happens() {
    let site = estate();
    let first = check(&site, &[], 1);
    let stopped = of_check(&first, "evidence_logging_was_not_stopped")[0]["finding"]["id"].as_str().unwrap().to_owned();
    refused(&site, &["finding", "resolve", &stopped], "--cause");
    refused(&site, &["finding", "resolve", &stopped, "--cause", "a test"], "--measure");
    done(&site, &["finding", "note", &stopped, "asked the team"]);
    done(&site, &["finding", "resolve", &stopped, "--cause", "a test", "--measure", "a service control policy"]);
    refused(&site, &["finding", "resolve", &stopped, "--cause", "a", "--measure", "b"], "already");
    refused(&site, &["finding", "cause", &stopped, "a"], "until it is found again");
    refused(&site, &["finding", "measure", &stopped, "a"], "until it is found again");
    // The same events, seen once more.
    let again = check(&site, &[], 1);
    let finding = &of_check(&again, "evidence_logging_was_not_stopped")[0]["finding"];
    assert_eq!((&finding["state"], &finding["new"]), (&json!("resolved"), &json!(false)));
    assert_eq!(events(&show(&site, &stopped, &[])), ["found", "noted", "resolved"]);
    // A state that is still there when a period that ends later is judged comes back.
    let anchor = of_check(&first, "vault_is_anchored")[0]["finding"]["id"].as_str().unwrap().to_owned();
    done(&site, &["finding", "resolve", &anchor, "--cause", "a", "--measure", "b"]);
    let now = site.run(&["check", "--json", "--check", "vault_is_anchored"]).report(1);
    let finding = &now["checks"][0]["findings"][0]["finding"];
    assert_eq!((&finding["state"], &finding["new"]), (&json!("open"), &json!(true)));
    assert_eq!(events(&show(&site, &anchor, &[])), ["found", "resolved", "found_again"]);
    refused(&site, &["finding", "show", "F-ZZZZZZZZZZZZZZZZ"], "finding list --status all");
    refused(&site, &["finding", "list", "--framework", "hipaa"], "pci-dss");
    let csv = site.run(&["finding", "list", "--status", "all", "-o", "csv"]);
    assert!(csv.out.starts_with("id,state,overdue,") && csv.out.contains("StopLogging"), "{csv:?}");
}

#[test]
fn a_finding_of_an_auditor_goes_from_entry_to_proof() {
    let site = estate();
    let letter = site.write("指摘.pdf", "what the auditor wrote");
    done(&site, &["attach", &letter, "--requirement", "PCI DSS 10.3.4"]);
    let documents = site.run(&["attach", "--list", "--json"]).report(0);
    let document = documents[0]["record"].as_str().unwrap();
    let add = |more| with(&["finding", "add", "--from", "ひので監査法人", "--title", "アンカーがない"], more);
    refused(&site, &add(&["--document", "nothing:1"]), "attach --list");
    refused(&site, &add(&["--due", "2020-01-01"]), "2020-01-01");
    let whole = ["--json", "--due", "2199-03-31", "--requirement", "PCI DSS 10.3.4", "--document", document];
    let added = site.run(&add(&whole)).report(0);
    let id = added["id"].as_str().unwrap();
    assert_eq!(
        (&added["nature"], &added["state"], &added["due"]),
        (&json!("outside"), &json!("open"), &json!("2199-03-31"))
    );
    assert_eq!(list(&site, &["--framework", "pci-dss"]).len(), 1);
    assert_eq!(list(&site, &["--overdue", "--at", "2199-04-01"]).len(), 1);

    refused(&site, &["finding", "resolve", id], "--cause");
    done(&site, &["finding", "cause", id, "nobody set one up"]);
    refused(&site, &["finding", "resolve", id], "--measure");
    refused(&site, &["finding", "measure", id, "an anchor", "--check", "vault_is_anchord"], "vault_is_anchored");
    done(&site, &["finding", "measure", id, "an anchor", "--due", "2199-02-28", "--check", "vault_is_anchored"]);
    refused(&site, &["finding", "resolve", id], "has not passed");
    assert_eq!(site.run(&["check", "--check", "vault_is_anchored"]).code, Some(1));
    refused(&site, &["finding", "resolve", id], "has not passed");
    anchored(&site);
    refused(&site, &["finding", "resolve", id], "has not passed");
    done(&site, &["check", "--check", "vault_is_anchored"]);
    let case = show(&site, id, &[]);
    assert!(case["measures"][0]["proved_by"].is_string(), "{case}");
    done(&site, &["finding", "resolve", id]);
    let case = show(&site, id, &[]);
    assert_eq!(
        (&case["state"], events(&case)),
        (&json!("resolved"), vec!["added", "cause", "measure", "proved", "resolved"])
    );

    // What no check can see needs a document, or a reason.
    let other = site.run(&add(&["--json"])).report(0);
    let other = other["id"].as_str().unwrap();
    let resolve = |more| with(&["finding", "resolve", other, "--cause", "a", "--measure", "b"], more);
    refused(&site, &resolve(&[]), "--without-proof");
    done(&site, &resolve(&["--document", document]));
    let third = site.run(&add(&["--json"])).report(0);
    let third = third["id"].as_str().unwrap();
    done(&site, &["finding", "resolve", third, "--cause", "a", "--measure", "b", "--without-proof", "he saw it"]);
    let outcome = site.run(&["check", "--json", "--check", "evidence_findings_have_an_outcome"]).report(0);
    let findings = of_check(&outcome, "evidence_findings_have_an_outcome");
    let to_review: Vec<&Value> = findings.iter().filter(|finding| finding["to_review"] == true).collect();
    assert_eq!(to_review.len(), 1, "{outcome}");
    assert!(to_review[0]["what"]["en"].as_str().unwrap().contains("he saw it"), "{outcome}");
}

#[test]
fn who_may_not_write_is_told_so_and_changes_nothing() {
    let site = estate();
    check(&site, &[], 1);
    let id = list(&site, &["--check", "vault_is_anchored"])[0]["id"].as_str().unwrap().to_owned();
    let keys = std::fs::read_dir(site.path("keys")).unwrap().next().unwrap().unwrap().path();
    let key = keys.join("signing.key");
    std::fs::rename(&key, site.path("signing.key")).unwrap();
    let run = site.run(&[&["check", "--json"], &MARCH[..]].concat());
    assert!(run.code == Some(1) && run.err.contains("not recorded"), "{run:?}");
    let report = run.report(1);
    assert_eq!((&report["recorded"], &report["new_findings"]), (&json!(false), &json!(0)), "what is known is shown");
    let note = site.run(&["finding", "note", &id, "a note"]);
    assert!(note.code == Some(3) && note.err.contains("nothing has changed"), "{note:?}");
    assert_eq!(events(&show(&site, &id, &[])), ["found"]);
    std::fs::rename(site.path("signing.key"), &key).unwrap();
    done(&site, &["finding", "note", &id, "a note"]);
    assert_eq!(events(&show(&site, &id, &[])), ["found", "noted"]);
}

/// The newest data file of the vault.
fn newest_file(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    files.into_iter().max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

#[test]
fn an_exception_that_is_changed_after_its_seal_is_found() {
    let site = estate();
    check(&site, &["--check", "vault_is_anchored"], 1);
    let id = list(&site, &[])[0]["id"].as_str().unwrap().to_owned();
    let words = ["finding", "accept", &id, "--owner", "Mei", "--reason", "a move", "--until", "2199-01-01", "--long"];
    done(&site, &words);
    site.assert_intact();
    let file = newest_file(&site.vault().join("events"));
    let good = std::fs::read(&file).unwrap();
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    let verdict = site.run(&["verify", "--json"]).report(1);
    assert_eq!(verdict["verdict"], "tampered", "{verdict}");
    std::fs::remove_file(&file).unwrap(); // as who wants the exception never to have been
    assert_eq!(site.run(&["verify"]).code, Some(1));
    std::fs::write(&file, &good).unwrap();
    site.assert_intact();
}

#[test]
fn a_vault_in_a_bucket_has_findings_and_reviews() {
    let Some(moto) = Moto::of("findings in a bucket") else { return };
    let site = Site::empty();
    let vault = format!("s3://shoseki-test/{}", moto.prefix("findings"));
    let run = |words: &[&str]| site.run(&[words, &["--vault", &vault]].concat());
    assert_eq!(run(&["init", &vault]).code, Some(0));
    let evidence = site.write("a.json", events_of(0..20));
    assert_eq!(run(&["ingest", "cloudtrail", &evidence]).code, Some(0));
    let report = run(&["check", "--json", "--check", "vault_is_anchored"]).report(1);
    let id = report["checks"][0]["findings"][0]["finding"]["id"].as_str().unwrap();
    let accept = ["finding", "accept", id, "--owner", "Mei", "--reason", "a move", "--until", "2199-01-01", "--long"];
    assert_eq!(run(&accept).code, Some(0));
    assert_eq!(run(&["review", "2026-03-05", "--sign"]).code, Some(0));
    let list = run(&["finding", "list", "--status", "accepted", "--json"]).report(0);
    assert_eq!((&list["findings"][0]["id"], &list["counts"]["open"]), (&json!(id), &json!(0)));
    let status = run(&["status", "--json"]).report(0);
    assert_eq!(status["unsealed_commits"], 0, "{status}");
    assert_eq!(run(&["access", "--json"]).report(0)["waiting"]["ended"], 0, "all of it is sealed");
    assert_eq!(run(&["verify", "--deep", "--json"]).report(0)["verdict"], "intact");
}
