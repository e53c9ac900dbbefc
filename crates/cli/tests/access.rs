//! Access is evidence: each question, proof, package, original and key operation leaves a record of who, what and how much; it is
//! durable before a row is shown, is no commit of its own, and where it cannot be left that is said.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod serving;
mod site;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use site::{Answer, Site};

/// Three thousand million rows: more than any test waits for.
const ENDLESS: &str = "select count(*) from events a cross join events b cross join events c where a.raw <> b.raw";
/// More than a pipe holds, so that who shows it waits for who reads.
const LONG: &str = "select raw from events";

fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    site
}

/// All accesses, oldest first, sealed or not.
fn accesses(site: &Site) -> Vec<Value> {
    let query = "filter @log = 'shoseki/access' | fields @message | sort @timestamp asc | limit 1000";
    let answer = site.run(&["query", query, "--source", "shoseki", "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let rows = answer.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| match &row["@message"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        event => event.clone(),
    })
    .collect()
}

fn tree_size(site: &Site) -> Value {
    site.run(&["status", "--json"]).report(0)["tree_size"].clone()
}

fn waiting(site: &Site, more: &[&str]) -> Value {
    site.run(&[&["access", "--json"], more].concat()).report(0)
}

#[test]
fn a_question_leaves_one_record_and_no_commit() {
    let site = estate();
    let size = tree_size(&site);
    let query = "filter eventName = 'ConsoleLogin' | fields @timestamp";
    let asked = site.run(&["query", query, "--from", "2026-01-01", "--source", "cloudtrail", "-o", "jsonl"]);
    assert_eq!((asked.code, asked.err.as_str()), (Some(0), ""), "nothing is said of it");
    let rows = asked.out.lines().count();
    assert!(rows > 0);
    let failed = site.run(&["query", "fields nonsense("]);
    assert_eq!(failed.code, Some(2));
    let found = accesses(&site);
    let [first, second] = found.as_slice() else { panic!("a question does not see itself: {found:?}") };
    assert_eq!((&first["action"], &first["outcome"]), (&json!("query.run"), &json!("success")));
    let details = &first["details"];
    assert_eq!(
        (&details["query"], &details["rows"], &details["ended"]),
        (&json!(query), &json!(rows), &json!("whole"))
    );
    assert_eq!((&details["from"], &details["to"]), (&json!("2026-01-01T00:00:00Z"), &Value::Null));
    assert_eq!((&details["sources"], &details["tree_size"]), (&json!(["cloudtrail"]), &size));
    assert_eq!(details["language"], "insights");
    assert!(first["actor"]["user"].is_string() && first["actor"]["host"].is_string(), "{first}");
    assert_eq!((&second["outcome"], &second["details"]["ended"]), (&json!("failure"), &json!("failed")));
    assert!(second["details"]["why"].is_string(), "{second}");

    assert_eq!(tree_size(&site), size, "an access is no commit");
    assert_eq!(waiting(&site, &[])["waiting"], json!({"ended": 3, "under_way": 0}), "the last one was `accesses`");
    let sealed = waiting(&site, &["--seal"]);
    assert_eq!((&sealed["sealed"], &sealed["waiting"]["ended"]), (&json!(3), &json!(0)));
    assert_eq!(tree_size(&site).as_u64(), size.as_u64().map(|size| size + 1), "one commit for all");
    assert_eq!(accesses(&site)[..2], found[..], "what is sealed says the same");
    site.assert_intact();
    let table = site.run(&["query", "--saved", "who-asked", "-o", "csv"]);
    assert!(table.out.contains(query) && table.out.lines().count() > 4, "{table:?}");
    let sql =
        "select count(*) as n, sum(\"details.rows\") as r from shoseki where action = 'query.run' and operation = 'x'";
    assert_ne!(site.run(&["query", "--sql", sql, "--source", "shoseki"]).code, Some(0), "no such column");
    let sql = "select \"details.rows\" as r from shoseki where \"details.query\" like '%ConsoleLogin%'";
    let rows_of = site.run(&["query", "--sql", sql, "--source", "shoseki", "-o", "jsonl"]);
    assert!(rows_of.out.contains(&format!("{{\"r\":{rows}}}")), "{rows_of:?}");
    let others = site.run(&["query", "stats count(*) as n by @source", "-o", "jsonl"]);
    assert!(!others.out.contains("shoseki"), "our own are asked for only by name: {others:?}");
}

#[cfg(unix)]
#[test]
fn who_kills_it_leaves_a_record_that_its_end_is_not_known() {
    use std::io::Read;

    let site = estate();
    let mut command = site.command(&["query", "--sql", LONG, "-o", "csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 1_000]).unwrap(); // rows were seen
    assert_eq!(waiting(&site, &[])["waiting"], json!({"ended": 0, "under_way": 1}));
    assert_eq!(waiting(&site, &["--seal"])["sealed"], 0, "it goes on");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(waiting(&site, &["--seal"])["sealed"], 1);
    let found = accesses(&site);
    assert_eq!((&found[0]["outcome"], &found[0]["details"]["ended"]), (&json!("unknown"), &json!("running")));
    assert_eq!(found[0]["details"]["query"], LONG);

    let mut command = site.command(&["query", "--sql", ENDLESS, "-o", "csv"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while waiting(&site, &[])["waiting"]["under_way"] == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never began");
    }
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(Answer::of(child.wait_with_output().unwrap()).code, Some(130));
    let found = accesses(&site);
    assert_eq!(found.last().unwrap()["details"]["ended"], "stopped", "{found:?}");
}

#[test]
fn proofs_packages_originals_keys_and_anchors_leave_records() {
    let site = estate();
    let pointer = site.run(&["query", "fields @ptr | limit 1", "-o", "jsonl"]);
    let pointer: Value = serde_json::from_str(pointer.out.trim()).unwrap();
    let pointer = pointer["@ptr"].as_str().unwrap();
    let original = site.run(&["original", "list", "--json"]).report(0)[0]["received"]["sha256"].clone();
    let keys = site.path("backup").display().to_string();
    let anchor = site.path("anchor").display().to_string();
    std::fs::create_dir(&anchor).unwrap();
    let package = site.path("a.zip").display().to_string();
    assert_eq!(site.run(&["prove", pointer]).code, Some(0));
    assert_ne!(site.run(&["prove", &pointer.replace(|c: char| c.is_ascii_digit(), "0")]).code, Some(0));
    let packed = site.run(&["package", "create", "--query", "fields @message | limit 2", "--out", &package, "--json"]);
    assert_eq!(packed.report(0)["recorded"], true);
    assert_eq!(site.run(&["original", "get", original.as_str().unwrap(), "--out", "got"]).code, Some(0));
    assert_eq!(site.run(&["key", "backup", &keys]).code, Some(0));
    assert_eq!(site.run(&["key", "check", &keys, "--json"]).report(0)["recorded"], true);
    assert_eq!(site.run(&["key", "rotate", "--json"]).report(0)["recorded"], true);
    assert_eq!(site.run(&["anchor", "add", &anchor, "--json"]).report(0)["recorded"], true);
    for reads_nothing in [&["status"][..], &["key", "show"], &["anchor", "list"]] {
        assert_eq!(site.run(reads_nothing).code, Some(0));
    }
    site.assert_intact(); // shows no event, and leaves its verdict
    let found = accesses(&site);
    let said: Vec<(&str, &str)> =
        found.iter().map(|access| (access["action"].as_str().unwrap(), access["outcome"].as_str().unwrap())).collect();
    let expected = [
        ("query.run", "success"),
        ("record.prove", "success"),
        ("record.prove", "failure"),
        ("package.create", "success"),
        ("original.get", "success"),
        ("key.backup", "success"),
        ("key.check", "success"),
        ("key.rotate", "success"),
        ("anchor.add", "success"),
        ("verify.run", "success"),
    ];
    assert_eq!(said, expected);
    let details = |action: &str| &found.iter().find(|access| access["action"] == action).unwrap()["details"];
    assert_eq!((&details("package.create")["rows"], &details("package.create")["records"]), (&json!(2), &json!(2)));
    assert_eq!(details("package.create")["query"], "fields @message | limit 2");
    assert_eq!(details("original.get")["sha256"], original);
    assert_eq!(details("record.prove")["record"], pointer);
    assert_ne!(details("key.rotate")["from"], details("key.rotate")["to"]);
    assert_eq!((&details("verify.run")["verdict"], &details("verify.run")["deep"]), (&json!("intact"), &json!(true)));
    assert_eq!(waiting(&site, &["--seal"])["sealed"], 11);
    site.assert_intact();
}

#[test]
fn the_shell_records_each_question_and_ingest_seals_what_waits() {
    let site = estate();
    let script = "fields eventName | limit 2;\n\\sql select 1 as one;\n\\run handbook\n";
    let mut command = site.command(&["shell"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let said: Vec<(Value, Value)> = accesses(&site)
        .iter()
        .map(|access| (access["details"]["language"].clone(), access["details"]["rows"].clone()))
        .collect();
    assert_eq!(said, [(json!("insights"), json!(2)), (json!("sql"), json!(1)), (json!("insights"), json!(38))]);
    let more = site.write("more.json", r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"x","stage":"ResponseComplete","verb":"get","stageTimestamp":"2026-03-05T00:00:00.000001Z"}"#);
    let taken = site.run(&["ingest", "auto", &more, "--json"]).report(0);
    assert_eq!((&taken["new"], &taken["records"]), (&json!(1), &json!(1)), "accesses are none of its records");
    assert_eq!(waiting(&site, &[])["waiting"]["ended"], 0, "they were sealed with it");
    assert_eq!(accesses(&site).len(), 4);
}

#[test]
fn where_no_record_can_be_left_it_is_said_or_refused() {
    let site = estate();
    let query = ["query", "fields eventName | limit 1", "-o", "csv"];
    site.write("state", "a file is no folder");
    let asked = site.run(&query);
    assert_eq!((asked.code, asked.out.lines().count()), (Some(0), 2), "{asked:?}");
    assert_eq!(asked.err.matches("is not recorded").count(), 1, "{asked:?}");
    let japanese = site.run(&[&query[..], &["--lang", "ja"]].concat());
    assert!(japanese.err.contains("このアクセスは記録されません"), "{japanese:?}");
    let refused = site.run(&[&query[..], &["--require-record"]].concat());
    assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""), "{refused:?}");
    let mut command = site.command(&["key", "backup", "b"]);
    command.env("SHOSEKI_REQUIRE_RECORD", "1");
    assert_eq!(Site::finish(command).code, Some(3));
    assert!(!site.path("b").exists(), "nothing was done");
    let mut command = site.command(&query);
    command.env("SHOSEKI_REQUIRE_RECORD", "0");
    assert_eq!(Site::finish(command).code, Some(0));
    let package = ["package", "create", "--query", "fields @message | limit 1", "--out", "a.zip", "--json"];
    assert_eq!(site.run(&package).report(0)["recorded"], false);
    // With a folder, but without the key that could seal what lies there.
    std::fs::remove_file(site.path("state")).unwrap();
    let keys = std::fs::read_dir(site.path("keys")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(keys.join("signing.key"), site.path("signing.key")).unwrap();
    let auditor = site.run(&query);
    assert!(auditor.code == Some(0) && auditor.err.contains("is not recorded"), "{auditor:?}");
    let mut command = site.command(&query);
    command.env("SHOSEKI_WAL", site.path("wal")); // `serve` is there, and has the key
    assert_eq!(Site::finish(command).err, "");
    std::fs::rename(site.path("signing.key"), keys.join("signing.key")).unwrap();
    let mut command = site.command(&["access", "--seal", "--json"]);
    command.env("SHOSEKI_WAL", site.path("wal"));
    assert_eq!(Site::finish(command).report(0)["sealed"], 1);
}

#[test]
fn serve_seals_what_accesses_leave() {
    let site = estate();
    let configuration = "vault = \"vault\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n";
    let server = serving::Server::start(&site, configuration);
    assert_eq!(site.run(&["query", "fields eventName | limit 1"]).code, Some(0), "its folder is noted");
    assert!(site.path("wal/access").is_dir());
    server.stop();
    assert_eq!(waiting(&site, &[])["waiting"], json!({"ended": 0, "under_way": 0}));
    assert_eq!(accesses(&site).len(), 1);
    site.assert_intact();
}

/// Whoever may read a vault and not write it, as an auditor, is told that nothing is recorded; and may still ask.
#[cfg(unix)]
#[test]
fn who_may_not_write_the_vault_is_told() {
    use std::os::unix::fs::{PermissionsExt, chown};

    let site = estate();
    let can = std::process::Command::new("setpriv").args(["--reuid=65534", "--clear-groups", "true"]).status();
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root && !can.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a user who may not write needs `setpriv`, or tests that are run by another user than root");
        return;
    }
    let mut below = vec![site.path("")];
    while let Some(path) = below.pop() {
        if is_root {
            chown(&path, Some(65_534), Some(65_534)).unwrap();
        }
        if path.is_dir() {
            below.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.starts_with(site.vault()) {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        }
    }
    let run = |words: &[&str]| {
        let shoseki = std::process::Command::new(env!("CARGO_BIN_EXE_shoseki"));
        if !is_root {
            return Site::finish(site.started_by(shoseki, words));
        }
        let mut nobody = std::process::Command::new("setpriv");
        nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_shoseki")]);
        Site::finish(site.started_by(nobody, words))
    };
    let query = ["query", "fields eventName | limit 1", "-o", "csv"];
    let asked = run(&query);
    assert_eq!((asked.code, asked.out.lines().count()), (Some(0), 2), "{asked:?}");
    assert!(asked.err.contains("is not recorded") && asked.err.contains("cannot be written"), "{asked:?}");
    assert_eq!(run(&[&query[..], &["--require-record"]].concat()).code, Some(3));
}

/// What cannot be written is no anchor, and one that is can be taken away.
#[test]
fn an_anchor_is_written_before_it_is_one_and_can_be_taken_away() {
    let site = Site::with_vault(&[]);
    let anchors = || site.run(&["anchor", "list", "--json"]).report(0);
    let refused = site.run(&["anchor", "add", "none"]);
    assert!(refused.code != Some(0) && anchors() == json!([]), "{refused:?}");
    let folder = site.path("anchor");
    std::fs::create_dir(&folder).unwrap();
    let url = folder.display().to_string();
    site.run(&["anchor", "add", &url, "--json"]).report(0);
    assert_eq!(anchors(), json!([url]));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(site.run(&["anchor", "add", &url]).code, Some(2), "it is gone");
    assert_eq!(site.run(&["anchor", "remove", "other"]).code, Some(2));
    assert_eq!(site.run(&["anchor", "remove", &url, "--json"]).report(0)["recorded"], true);
    assert_eq!(anchors(), json!([]));
    site.write("a.json", site::events(0..3));
    let taken = site.run(&["ingest", "auto", "a.json"]);
    assert!(taken.code == Some(0) && !taken.err.contains("anchor"), "{taken:?}");
    site.assert_intact();
}

/// Who can write to the store and has no key takes no anchor away: whatever his commit says, the next sealing writes there.
#[test]
fn an_anchor_stays_one_until_the_key_says_otherwise() {
    let site = Site::with_vault(&[]);
    let folder = site.path("anchor");
    std::fs::create_dir(&folder).unwrap();
    let url = folder.display().to_string();
    site.run(&["anchor", "add", &url, "--json"]).report(0);
    let log = site.path("vault/events/_delta_log");
    let commits = || {
        let mut names: Vec<_> = std::fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    let setting = format!("\"shoseki.anchors\":{},", json!(url));
    let mut texts = commits().into_iter().map(|path| std::fs::read_to_string(path).unwrap());
    let added = texts.find(|text| text.contains(&setting)).expect("a commit that names it");
    let forged = commits().len();
    std::fs::write(log.join(format!("{forged:020}.json")), added.replace(&setting, "")).unwrap();

    site.write("a.json", site::events(0..3));
    let taken = site.run(&["ingest", "auto", "a.json", "--json"]).report(0);
    assert!(taken["tree_size"].as_u64().unwrap() > forged as u64, "{taken}");
    let sizes =
        std::fs::read_dir(&folder).unwrap().flat_map(|origin| std::fs::read_dir(origin.unwrap().path()).unwrap());
    let newest = sizes.map(|size| size.unwrap().file_name().to_str().unwrap().parse::<u64>().unwrap()).max();
    assert_eq!(newest, taken["tree_size"].as_u64(), "it is written to");
    let anchors = || site.run(&["anchor", "list", "--json"]).report(0);
    assert_eq!(anchors(), json!([url]));
    let said = |code: i32| {
        let report = site.run(&["verify", "--json"]).report(code);
        let notes = report["notes"].as_array().unwrap().iter();
        notes.map(|note| note["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(said(0).contains(&"verify-anchor-unlisted".to_owned()), "{:?}", said(0));

    // With the key it goes, and comes back.
    site.run(&["anchor", "remove", &url, "--json"]).report(0);
    assert_eq!(anchors(), json!([]));
    let newest = std::fs::read_to_string(commits().last().unwrap()).unwrap();
    assert!(said(0).contains(&"verify-anchor-dropped".to_owned()), "{newest}");
    site.run(&["anchor", "add", &url, "--json"]).report(0);
    assert_eq!(anchors(), json!([url]));
    site.assert_intact();
}

/// What an anchor guards against, it must not be: part of the vault.
#[test]
fn no_anchor_lies_in_the_vault() {
    let site = Site::with_vault(&[]);
    for inside in ["vault", "vault/tlog"] {
        let refused = site.run(&["anchor", "add", inside]);
        assert!(refused.code == Some(2) && refused.err.contains("lies in the vault"), "{refused:?}");
    }
    std::fs::create_dir(site.path("vault-anchor")).unwrap();
    assert_eq!(site.run(&["anchor", "add", "vault-anchor"]).code, Some(0), "beside it");
    site.assert_intact();
}
