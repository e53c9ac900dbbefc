//! Incidents from the command line, on the demo's estate: opened from a match, noted, grown, measured, reported, closed; what is
//! refused; what their records prove.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::path::Path;

use serde_json::{Value, json};
use site::Site;

/// A vault with the estate of the demo.
fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    site
}

fn done(site: &Site, words: &[&str]) -> Value {
    site.run(&[words, &["--json"]].concat()).report(0)
}

/// Asks for what is refused, of which nothing may be recorded.
fn refused(site: &Site, words: &[&str], why: &str) {
    let answer = site.run(words);
    assert!(answer.code == Some(2) && answer.err.contains(why), "{words:?}: {answer:?}");
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

fn told(incident: &Value) -> Vec<&str> {
    incident["history"].as_array().unwrap().iter().map(|moment| moment["en"].as_str().unwrap()).collect()
}

#[test]
fn an_incident_goes_from_a_match_to_its_end() {
    let site = estate();
    let found = site.run(&["detect", "--json"]).report(1);
    let all = found["matches"].as_array().unwrap();
    let of_who = |one: &&Value| one["actor"].as_str().is_some_and(|actor| actor.starts_with("arn:"));
    let found = all.iter().find(of_who).unwrap();
    let id = found["id"].as_str().unwrap();
    refused(&site, &["incident", "open", "--match", "M-0000000000"], "shoseki detect");

    let open = ["incident", "open", "--match", &id.to_lowercase(), "--duty", "appi-malicious", "--tz", "Asia/Tokyo"];
    let opened = done(&site, &[&open[..], &["--known", "2026-03-05T15:00"]].concat());
    let name = opened["id"].as_str().unwrap();
    assert!(name.len() == 9 && name.starts_with("I-"), "{name}");
    assert_eq!(
        [&opened["match"], &opened["title"], &opened["state"], &opened["known"]],
        [&json!(id), &found["title"], &json!("open"), &json!("2026-03-05T06:00:00Z")]
    );
    assert_eq!(opened["records"], found["records"]);
    let subjects: Vec<&str> =
        opened["subjects"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert!(subjects.contains(&found["actor"].as_str().unwrap()), "{opened}");
    // In Tokyo the fifth day is a Monday; the sixtieth is a Sunday, and so the day after it.
    let due: Vec<(&str, &Value)> =
        opened["reports"].as_array().unwrap().iter().map(|one| (one["form"].as_str().unwrap(), &one["due"])).collect();
    let days = [json!("2026-03-09"), json!("2026-05-04")];
    assert_eq!(due, [("appi-preliminary", &days[0]), ("appi-final", &days[1]), ("review", &Value::Null)]);
    assert_eq!(opened["reports"][0]["late"], true, "nobody made it");

    done(&site, &["incident", "note", &name[..6], "the key was taken from its user"]);
    refused(&site, &["incident", "add", name, "--why", "nothing"], "--subject");
    refused(&site, &["incident", "add", name, "--subject", "a\u{1b}[2J", "--why", "a"], "control characters");
    let add = ["incident", "add", name, "--why", "the same key", "--record", "cloudtrail:x:1"];
    let added = done(&site, &[&add[..], &["--subject", "AKIAEXAMPLEAIKO", "--duty", "gdpr"]].concat());
    let last = added["subjects"].as_array().unwrap().last().unwrap();
    assert_eq!(last, &json!({"kind": "key", "value": "AKIAEXAMPLEAIKO"}));
    assert_eq!(texts(&added["duties"]), ["appi-malicious", "gdpr"]);

    let close = ["incident", "close", name];
    let answer = site.run(&close);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    for why in ["--cause", "no measure", "appi-preliminary", "appi-final", "gdpr-33", "`review`", "--despite"] {
        assert!(answer.err.contains(why), "{why}: {answer:?}");
    }
    refused(&site, &["incident", "measure", name, "a", "--check", "vault_is_anchord"], "vault_is_anchored");
    let measure = ["incident", "measure", name, "an anchor in another account", "--check", "vault_is_anchored"];
    let measured = done(&site, &[&measure[..], &["--cause", "a key in a repository", "--due", "2199-02-28"]].concat());
    assert_eq!(measured["cause"], "a key in a repository");
    let finding = measured["measures"][0]["finding"].as_str().unwrap();

    // The measure is a finding that stays open until its check passes.
    let show = |site: &Site| done(site, &["finding", "show", finding]);
    let case = show(&site);
    let events: Vec<&Value> = case["history"].as_array().unwrap().iter().map(|moment| &moment["event"]).collect();
    assert_eq!(events, ["added", "cause", "measure"], "{case}");
    assert_eq!(
        (&case["state"], &case["nature"], &case["due"]),
        (&json!("open"), &json!("outside"), &json!("2199-02-28"))
    );
    refused(&site, &["finding", "resolve", finding], "has not passed");

    let file = site.write("速報.md", "who, what, when");
    refused(&site, &["incident", "report", name, "--form", "review", "nothing.md"], "nothing.md");
    let empty = site.write("empty.md", "");
    refused(&site, &["incident", "report", name, "--form", "review", &empty], "empty.md");
    for form in ["appi-preliminary", "appi-final", "gdpr-33"] {
        done(&site, &["incident", "report", name, "--form", form, &file]);
    }
    refused(&site, &close, "`review`");
    let whole = done(&site, &["incident", "report", name, "--form", "review", &file]);
    assert!(whole["reports"].as_array().unwrap().iter().all(|report| report["made"].is_string()), "{whole}");
    let closed = done(&site, &close);
    assert_eq!(closed["state"], "closed");
    refused(&site, &close, "already");
    done(&site, &["incident", "note", name, "asked for it once more"]);
    assert_eq!(show(&site)["state"], "open", "the incident is over, the measure is not proved");

    let shown = done(&site, &["incident", "show", name]);
    let history = told(&shown);
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest("who, what, when"));
    assert_eq!(history.len(), 10, "{history:?}");
    assert!(history[0].starts_with(&format!("opened from the match {id}")), "{history:?}");
    assert!(history[4].contains("速報.md") && history[4].contains(&hash), "{history:?}");
    assert_eq!(&history[8..], ["closed", "note: asked for it once more"]);
    for moment in shown["history"].as_array().unwrap() {
        let record = moment["record"].as_str().unwrap();
        let proof = site.path("a.proof");
        let proven = site.run(&["prove", record, "--out", proof.to_str().unwrap()]);
        assert_eq!(proven.code, Some(0), "{proven:?}");
        std::fs::remove_file(proof).unwrap();
    }
    let japanese = site.run(&["incident", "show", name, "--lang", "ja", "--tz", "Asia/Tokyo"]);
    for text in [
        "完了",
        "認知: 2026-03-05T15:00:00+09:00",
        "原因: a key in a repository",
        "速報",
        "確報",
        "期限 2026-05-04",
        "事後レビュー",
    ] {
        assert!(japanese.out.contains(text), "{text}: {japanese:?}");
    }
    site.assert_intact();
}

#[test]
fn an_incident_is_opened_by_hand_and_closed_though_something_is_missing() {
    let site = Site::with_vault(&[]);
    let none = done(&site, &["incident", "list"]);
    assert_eq!(none, json!({"incidents": []}));
    refused(&site, &["incident", "open"], "--title");
    refused(&site, &["incident", "open"], "--match");
    refused(&site, &["incident", "open", "--title", "a", "--known", "2199-01-01"], "2199-01-01");
    refused(&site, &["incident", "open", "--title", "a", "--duty", "hipaa"], "gdpr");
    refused(&site, &["incident", "open", "--title", "a\u{1b}[2J"], "title");
    refused(&site, &["incident", "show", "I-3K7Q2M8"], "I-3K7Q2M8");
    refused(&site, &["incident", "note", "I-3K7Q2M8", "a"], "I-3K7Q2M8");
    assert_eq!(done(&site, &["incident", "list"]), none, "what is refused leaves nothing");

    let lost = done(&site, &["incident", "open", "--title", "a laptop was lost", "--subject", "aiko"]);
    let name = lost["id"].as_str().unwrap();
    assert_eq!((&lost["severity"], &lost["reports"].as_array().unwrap().len()), (&json!("medium"), &1));
    let stolen =
        ["incident", "open", "--title", "鍵が盗まれた", "--severity", "critical", "--known", "-1h", "--duty", "gdpr"];
    let stolen = done(&site, &stolen);
    let other = stolen["id"].as_str().unwrap();
    refused(&site, &["incident", "show", "I-"], "I-3K7Q2M8");
    refused(&site, &["incident", "timeline", other], "--subject");
    let draft = site.run(&["incident", "report", other, "--form", "gdpr-33"]);
    assert!(draft.code == Some(0) && draft.out.contains("no record of its subjects"), "{draft:?}");

    refused(&site, &["incident", "close", name], "--despite");
    refused(&site, &["incident", "close", name, "--despite"], "--why");
    let closed = done(&site, &["incident", "close", name, "--despite", "--why", "it was found again"]);
    assert_eq!(
        told(&closed),
        ["opened: a laptop was lost", "closed although something is missing: it was found again"]
    );
    refused(&site, &["incident", "close", name, "--despite", "--why", "again"], "already");

    let list = done(&site, &["incident", "list"]);
    let names: Vec<&Value> = list["incidents"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(names, [other, name], "those that are open first");
    let table = site.run(&["incident", "list", "--lang", "ja"]);
    for text in ["インシデント", "次の期限", "対応中", "鍵が盗まれた", "対応中 1 件、完了 1 件"]
    {
        assert!(table.code == Some(0) && table.out.contains(text), "{text}: {table:?}");
    }
    let shown = site.run(&["incident", "show", other]);
    for text in ["[open, critical]", "to be made by", "gdpr-33", "no day is set (`review`)", "opened: 鍵が盗まれた"]
    {
        assert!(shown.code == Some(0) && shown.out.contains(text), "{text}: {shown:?}");
    }
    site.assert_intact();
}

#[test]
fn the_evidence_tells_what_was_done_what_ends_it_and_what_is_reported() {
    let site = estate();
    let (thief, span) = ("arn:aws:iam::111122223333:user/deploy-bot", ["--from", "2026-03-05", "--to", "2026-03-06"]);
    refused(&site, &["incident", "timeline"], "--principal");
    let all = done(&site, &[&["incident", "timeline", "--principal", thief][..], &span].concat());
    let names = |value: &Value| -> Vec<String> {
        value["identities"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    };
    let made = "arn:aws:iam::111122223333:user/support-temp";
    assert_eq!(names(&all), [thief, "AKIAEXAMPLESTOLEN2", made]);
    let records = all["records"].as_array().unwrap();
    let of_made: Vec<&Value> = records.iter().filter(|record| record["hop"] == 1).collect();
    assert!(!of_made.is_empty() && of_made.iter().all(|record| record["actor"] == made), "{of_made:?}");
    assert!(of_made.iter().any(|record| record["action"] == "DeleteBucketPolicy"), "{of_made:?}");
    assert_eq!(all["cut"], json!([]));
    let by_address = done(&site, &[&["incident", "timeline", "--address", "203.0.113.77"][..], &span].concat());
    assert_eq!(names(&by_address), ["203.0.113.77"], "an address leads to nobody");
    let sources: std::collections::BTreeSet<&str> =
        by_address["records"].as_array().unwrap().iter().map(|one| one["source"].as_str().unwrap()).collect();
    assert_eq!(sources.into_iter().collect::<Vec<_>>(), ["cloudtrail", "k8s-audit"]);
    let csv = site.run(&[&["incident", "timeline", "--principal", thief, "--csv"][..], &span].concat());
    assert_eq!(csv.out.lines().count(), records.len() + 1, "{csv:?}");

    let open = ["incident", "open", "--title", "a | `key` <b>", "--subject", thief, "--subject", "name:$(reboot)"];
    let duties = ["--duty", "appi-malicious", "--duty", "gdpr", "--duty", "pci", "--known", "2026-03-06T09:00"];
    let opened = done(&site, &[&open[..], &duties, &["--tz", "Asia/Tokyo"]].concat());
    let (name, day) = (opened["id"].as_str().unwrap(), &opened["reports"][1]["due"]);
    assert_eq!(opened["zone"], "Asia/Tokyo");
    assert_eq!(&done(&site, &["incident", "show", name, "--tz", "America/New_York"])["reports"][1]["due"], day);

    let scope = done(&site, &[&["incident", "scope", name][..], &span].concat());
    let did = |deed: &str, resource: &str| {
        scope["done"].as_array().unwrap().iter().any(|line| line["deed"] == deed && line["resource"] == resource)
    };
    let part = "arn:aws:s3:::hinode-customers/export/2026-02/part-000.csv.gz";
    assert!(did("read", part) && did("deleted", part) && did("created", "support-temp"), "{scope}");
    let others = scope["others"].as_array().unwrap();
    assert!(others.iter().all(|other| other["actor"] != thief && other["actor"] != made), "{others:?}");

    let contain = [&["incident", "contain", name][..], &span].concat();
    let steps = done(&site, &contain);
    assert_eq!(steps["left_out"], json!(["$(reboot)"]));
    let commands: Vec<&str> =
        steps["steps"].as_array().unwrap().iter().map(|step| step["command"].as_str().unwrap()).collect();
    assert!(commands.iter().all(|command| !command.contains("reboot")), "{commands:?}");
    let key = "aws iam update-access-key --access-key-id=AKIAEXAMPLESTOLEN2 --user-name=backup-svc --status=Inactive";
    assert!(commands.contains(&key), "{commands:?}");
    assert!(steps["steps"].as_array().unwrap().iter().all(|step| step["ran"] == false && step["undo"] != ""));
    refused(&site, &[&contain[..], &["--ran", "99"]].concat(), "99");
    let ran = done(&site, &[&contain[..], &["--ran", "1", "--note", "by mei"]].concat());
    assert_eq!((&ran["steps"][0]["command"], &ran["steps"][0]["note"]), (&json!(commands[0]), &json!("by mei")));
    assert_eq!(done(&site, &contain)["steps"][0]["ran"], true);
    done(&site, &[&contain[..], &["--ran", "pulled the plug"]].concat());

    for (form, english, japanese) in [
        ("appi-preliminary", "8(1)3", "本人の数"),
        ("appi-final", "8(1)8", "再発防止"),
        ("gdpr-33", "33(3)(c)", "起こりうる結果"),
        ("pci-12.10", "12.10.1", "カード会員データ"),
        ("review", "pulled the plug", "時系列"),
    ] {
        let draft = [&["incident", "report", name, "--form", form][..], &span].concat();
        let (en, ja) = (site.run(&draft), site.run(&[&draft[..], &["--lang", "ja"]].concat()));
        assert!(
            en.code == Some(0) && en.out.contains(english) && en.out.contains("[TO BE FILLED IN: "),
            "{form}: {en:?}"
        );
        assert!(ja.code == Some(0) && ja.out.contains(japanese) && ja.out.contains("【要記入: "), "{form}: {ja:?}");
        assert!(en.out.contains("``  a | `key` <b>  ``") || en.out.contains("`` a | `key` <b> ``"), "{en:?}");
        assert!(!en.out.contains("incident-draft") && !ja.out.contains("incident-draft"), "{form}");
    }
    assert!(
        done(&site, &["incident", "show", name])["reports"].as_array().unwrap().iter().all(|one| one["made"].is_null())
    );
    let (out, form) = (site.path("draft.md"), ["incident", "report", name, "--form", "review", "--out"]);
    let out = out.to_str().unwrap();
    assert_eq!(site.run(&[&form[..], &[out]].concat()).code, Some(0));
    assert_eq!(site.run(&[&form[..], &[out]].concat()).code, Some(2), "what is there is kept");
    site.assert_intact();
}

#[test]
fn what_is_shown_can_be_narrowed_and_all_reports_are_drafted_at_once() {
    let site = estate();
    for (words, why) in [
        (["--address", "nonsense"], "no address"),
        (["--address", "203.0.113"], "no address"),
        (["--session", "deploy-bot"], "no session"),
        (["--deed", "stolen"], "signed-in"),
        (["--limit", "0"], "1"),
    ] {
        refused(&site, &[&["incident", "timeline", "--principal", "deploy-bot"][..], &words].concat(), why);
    }
    let matches = site.run(&["detect", "--level", "critical", "--json"]).report(1);
    let id = matches["matches"][0]["id"].as_str().unwrap();
    let opened = done(&site, &["incident", "open", "--match", id, "--duty", "gdpr", "--tz", "Asia/Tokyo"]);
    let name = opened["id"].as_str().unwrap();
    assert_eq!(opened["first"], "2026-03-05T05:34:25Z");

    // It became known only now, and what is looked for begins before its match all the same.
    let all = done(&site, &["incident", "timeline", name]);
    assert_eq!(all["from"], "2026-02-03T05:34:25Z");
    let count = all["records"].as_array().unwrap().len();
    let created = done(&site, &["incident", "timeline", name, "--deed", "created", "--deed", "signed-in"]);
    let some = created["records"].as_array().unwrap();
    assert!(some.iter().all(|one| one["deed"] == "created" || one["deed"] == "signed_in"), "{some:?}");
    assert_eq!(
        created["cut"],
        json!([format!("only the deeds that were asked for are shown: {} of {count} records", some.len())])
    );
    let first =
        done(&site, &["incident", "timeline", name, "--deed", "created", "--deed", "signed-in", "--limit", "3"]);
    assert_eq!(first["records"].as_array().unwrap()[..], some[..3]);
    let csv = site.run(&["incident", "timeline", name, "--limit", "3", "--csv"]);
    assert!(csv.out.lines().count() == 4 && csv.err.contains(&format!("the first 3 of {count} records")), "{csv:?}");
    let table = site.run(&["incident", "timeline", name, "--deed", "created", "--tz", "Asia/Tokyo"]);
    for text in [
        "when (Asia/Tokyo)",
        "2026-03-05T14:26:40 ",
        " user/deploy-bot ",
        "  #1 user: arn:aws:iam::111122223333:user/deploy-bot",
    ] {
        assert!(table.out.contains(text), "{text}: {table:?}");
    }
    let scope = ["incident", "scope", name, "--deed", "deleted"];
    let table = site.run(&scope);
    assert!(
        table.out.contains("hinode-customers/export/2026-02/ (5 objects)") && !table.out.contains("GetObject"),
        "{table:?}"
    );
    let lines = done(&site, &scope);
    let parts =
        lines["done"].as_array().unwrap().iter().filter(|line| line["resource"].as_str().unwrap().contains("part-00"));
    assert_eq!(parts.count(), 5, "JSON has each: {lines}");

    let folder = site.path("drafts");
    let (folder, all) = (folder.to_str().unwrap(), ["incident", "report", name, "--form", "all"]);
    refused(&site, &all, "--out");
    let file = site.write("made.md", "who, what, when");
    refused(&site, &[&all[..], &[&file]].concat(), "--form");
    let written = [&all[..], &["--out", folder, "--lang", "ja"]].concat();
    assert_eq!(site.run(&written).code, Some(0));
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["gdpr-33.ja.md", "review.ja.md"]);
    let again = site.run(&written);
    assert!(again.code == Some(2) && again.err.contains("gdpr-33.ja.md"), "nothing is written over: {again:?}");
    assert_eq!(site.run(&[&written[..], &["--force"]].concat()).code, Some(0));

    let answer = site.run(&["incident", "note", name, "a word"]);
    assert_eq!(answer.out, format!("{name} note: a word\n"));
    let answer = site.run(&["incident", "report", name, "--form", "gdpr-33", &file]);
    assert!(answer.out.lines().count() == 2 && answer.out.contains("next: Post-incident review"), "{answer:?}");
    site.assert_intact();
}
