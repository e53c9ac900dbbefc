//! Reviews from the command line: a day's digest, who signed it, which days nobody looked at, and the check that sees it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::path::Path;

use chrono::{Days, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use site::Site;

const DAY: &str = "2026-03-05";

fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    site
}

/// The day so many days ago, in UTC.
fn ago(days: u64) -> String {
    Utc::now().date_naive().checked_sub_days(Days::new(days)).unwrap().to_string()
}

#[test]
fn a_day_is_shown_and_signed_with_its_digest() {
    let site = estate();
    let shown = site.run(&["review", DAY, "--json"]).report(0);
    let digest = &shown[0]["digest"];
    let status = site.run(&[
        "query",
        "--sql",
        "select count(*) as n from events where kind = 'event'",
        "-o",
        "jsonl",
        "--from",
        DAY,
        "--to",
        DAY,
    ]);
    let events: Value = serde_json::from_str(status.out.trim()).unwrap();
    assert_eq!(digest["counts"]["events"], events["n"]);
    assert!(digest["counts"]["failed"].as_u64().unwrap() > 0 && digest["counts"]["failures"].as_u64().unwrap() >= 2);
    assert_eq!(digest["new"]["compared"], false, "the estate has one day");
    let checks = digest["checks"].as_array().unwrap();
    let stopped = checks.iter().find(|check| check["check"] == "evidence_logging_was_not_stopped").unwrap();
    assert_eq!((&stopped["status"], &stopped["findings"][0]["status"]), (&json!("fail"), &json!("fail")));

    let table = site.run(&["review", DAY, "--lang", "ja"]);
    for text in ["2026-03-05 (UTC): イベント", "cloudtrail", "[不合格]", "未解決の指摘", "ここで証跡を読んだ人"]
    {
        assert!(table.code == Some(0) && table.out.contains(text), "{text}: {table:?}");
    }
    assert_eq!(site.run(&["review", "list", "--period", "2026-03-05..2026-03-06"]).code, Some(1));
    let signed = site.run(&[
        "review",
        DAY,
        "--sign",
        "--note",
        "asked the team",
        "--open",
        "deploy-bot stopped a trail",
        "--json",
    ]);
    let signed = signed.report(0);
    let finding = signed[0]["findings"][0].as_str().unwrap();
    let case = site.run(&["finding", "show", finding, "--json"]).report(0);
    assert_eq!((&case["subject"], &case["state"]), (&json!("review 2026-03-05"), &json!("open")));

    // The record has the digest's hash, and beside it lies the digest itself.
    let rows = |action: &str| {
        let query = format!("filter action = '{action}' | fields @message | limit 10");
        let answer = site.run(&["query", &query, "--source", "shoseki", "-o", "jsonl"]);
        let row: Value = serde_json::from_str(answer.out.lines().next().unwrap()).unwrap();
        match &row["@message"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            event => event.clone(),
        }
    };
    let (done, kept): (Value, Value) = (rows("review.done"), rows("review.digest"));
    let hash = Sha256::digest(kept["details"]["digest"].to_string())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert_eq!((&done["details"]["digest_sha256"], &signed[0]["sha256"]), (&json!(hash), &json!(hash)));
    assert_eq!(done["details"]["note"], "asked the team");
    assert_eq!(done["details"]["counts"], digest["counts"], "nothing came in between");

    let listed = site.run(&["review", "list", "--json", "--period", "2026-03-05..2026-03-06"]).report(1);
    let days = listed["days"].as_array().unwrap();
    assert_eq!(
        (&days[0]["reviewed"], &days[0]["late"], &days[1]["reviewed"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert!(days[0]["reviews"][0]["by"].is_string(), "{listed}");
    let late =
        site.run(&["check", "--json", "--period", "2026-03-05..2026-03-05", "--check", "evidence_was_reviewed_daily"]);
    let late = late.report(1);
    assert!(
        late["checks"][0]["findings"][0]["what"]["en"].as_str().unwrap().contains("later than three days"),
        "{late}"
    );
    site.assert_intact();
}

#[test]
fn days_are_reviewed_in_time_and_the_check_sees_it() {
    let site = Site::with_vault(&[]);
    let check = |code: i32| {
        let report =
            site.run(&["check", "--json", "--check", "evidence_was_reviewed_daily", "--from", &ago(3)]).report(code);
        report["checks"][0]["findings"][0]["what"]["en"].as_str().unwrap().to_owned()
    };
    assert!(check(4).contains("no whole day"));
    for (words, why) in [
        (vec!["review", &ago(0), "--sign"], "not over"),
        (vec!["review", "yesterday"], "2026-03-05"),
        (vec!["review", "--from", "2026-01-01", "--to", "2026-03-31"], "31"),
        (vec!["review", "--note", "x"], "--sign"),
        (vec!["review", "--from", &ago(2), "--sign", "--open", "x"], "one day"),
        (vec!["review", "--from", &ago(1), "--to", &ago(2)], "empty"),
    ] {
        let answer = site.run(&words);
        assert!(answer.code == Some(2) && answer.err.contains(why), "{words:?}: {answer:?}");
    }
    let signed = site.run(&["review", "--from", &ago(3), "--to", &ago(1), "--sign"]);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    assert!(check(0).contains("each day was reviewed (3 reviews)"), "{}", check(0));
    let listed = site.run(&["review", "list", "--from", &ago(3), "--json"]).report(0);
    assert_eq!((&listed["reviewed"], &listed["missing"]), (&json!(3), &json!(0)));

    // Days are those of the zone of who signs.
    let tokyo = site.run(&["review", "--sign", "--tz", "Asia/Tokyo", "--json"]).report(0);
    assert_eq!(tokyo[0]["zone"], "Asia/Tokyo");

    // Who may not write cannot sign.
    let keys = std::fs::read_dir(site.path("keys")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(keys.join("signing.key"), site.path("signing.key")).unwrap();
    let refused = site.run(&["review", "--sign"]);
    assert!(refused.code == Some(3) && refused.err.contains("cannot be recorded"), "{refused:?}");
}

/// On a terminal the day is shown, and then it is asked; `script` (util-linux) is one.
#[cfg(unix)]
#[test]
fn on_a_terminal_it_is_asked() {
    let site = Site::with_vault(&[]);
    let answered = |answer: &str| {
        let program = format!("'{}' review {}", env!("CARGO_BIN_EXE_shoseki"), ago(1));
        let mut command = site.started_by(std::process::Command::new("script"), &["-qec", &program, "/dev/null"]);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().ok()?;
        std::io::Write::write_all(&mut child.stdin.take()?, answer.as_bytes()).ok()?;
        child.wait_with_output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let reviewed = || site.run(&["review", "list", "--from", &ago(1), "--json"]).code;
    let Some(shown) = answered("n\n") else {
        eprintln!("skipped: no `script` that makes a terminal");
        return;
    };
    assert!(shown.contains("Record that you looked at"), "{shown}");
    assert_eq!(reviewed(), Some(1));
    let shown = answered("y\n").unwrap_or_default();
    assert!(shown.contains("recorded that you looked at"), "{shown}");
    assert_eq!(reviewed(), Some(0));
}
