//! What schedules tell where somebody cannot be told, where `serve` is killed, and where a run fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use people::hook;
use serde_json::{Value, json};
use serving::{Server, configuration};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(90);
/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn config(more: &str) -> String {
    let head = "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"";
    format!("{}{more}", configuration(head, "receivers = [\"ndjson\"]\nsource = \"app\""))
}

fn all(hears: &Receiver<(String, Value)>) -> Vec<(String, String)> {
    let told = std::iter::from_fn(|| hears.recv_timeout(Duration::from_millis(500)).ok());
    told.map(|(path, told)| (path, told["action"].as_str().unwrap_or_default().to_owned())).collect()
}

#[test]
fn who_could_not_be_told_by_hand_is_told_at_the_next_run_and_the_others_hear_of_it() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let opened = "on = [\"finding.opened\"]";
    let text = |dead: &str| {
        format!(
            "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\n{opened}\n\
             [[alert]]\nname = \"dead\"\nwebhook = \"{dead}/dead\"\n{opened}\n\
             [[alert]]\nname = \"watch\"\nwebhook = \"{url}/watch\"\non = [\"alert.failed\"]\n\
             [[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = {{ checks = \"vault_is_anchored\" }}\n"
        )
    };
    let path = site.write("shoseki.toml", text(NOBODY));
    let now = || {
        let report = site.run(&["schedule", "run", "anchored", "--config", &path, "--json"]).report(1);
        let told = report["told"].as_array().unwrap().clone();
        told.iter()
            .map(|told| (told["action"].as_str().unwrap().to_owned(), told["details"]["told_to"].clone()))
            .collect::<Vec<_>>()
    };
    let pair = |path: &str, action: &str| (path.to_owned(), action.to_owned());
    // The first request is answered with 500, and by hand nobody is told again: neither of the two is told.
    assert_eq!(now(), [("finding.opened".to_owned(), Value::Null), ("schedule.done".to_owned(), Value::Null)]);
    assert_eq!(all(&hears), [pair("/watch", "alert.failed"), pair("/watch", "alert.failed")]);
    // Both are told at the next run, of what they were not told, and of that nobody else hears once more.
    assert_eq!(now()[0], ("finding.opened".to_owned(), json!("dead ops")));
    assert_eq!(all(&hears), [pair("/ops", "finding.opened")]);
    // He who was told is told no more.
    assert_eq!(now()[0], ("finding.opened".to_owned(), json!("dead")));
    assert_eq!(all(&hears), []);
    // Who is back is told, and then all are.
    site.write("shoseki.toml", text(&url));
    assert_eq!(now()[0], ("finding.opened".to_owned(), json!("dead")));
    assert_eq!(all(&hears), [pair("/dead", "finding.opened")]);
    assert_eq!(now(), [("schedule.done".to_owned(), Value::Null)]);
    assert_eq!(all(&hears), []);
    let question =
        "filter action = 'alert.failed' | stats count(*) as n by details.name, details.of, outcome | sort details.name";
    let rows = site.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    let row = |name: &str, n: u32| json!({"details.name": name, "details.of": "finding.opened", "outcome": "failure", "n": n});
    assert_eq!(rows, json!([row("dead", 3), row("ops", 1)]), "each is evidence");
    site.assert_intact();
}

#[test]
fn what_waited_when_serve_was_stopped_is_told_after_the_next_start() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let text = |url: &str| {
        config(&format!(
            "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n\
             [[schedule]]\nname = \"anchored\"\nevery = \"1s\"\nperiod = \"last 2d\"\ncheck = {{ checks = \"vault_is_anchored\" }}\n"
        ))
    };
    let server = Server::start(&site, &text(NOBODY));
    server.ran("anchored", 1);
    let begun = Instant::now();
    let said = server.stop();
    assert!(begun.elapsed() < Duration::from_secs(20), "it is not waited for long");
    assert!(said.contains("alert.failed") && said.contains("stopped"), "{said}");
    let server = Server::start(&site, &text(&url));
    let (_, opened) = hears.recv_timeout(PATIENCE).expect("told");
    assert_eq!([&opened["action"], &opened["details"]["told_to"]], ["finding.opened", "ops"], "{opened}");
    server.ran("anchored", 4);
    server.stop();
    assert_eq!(all(&hears), [], "he was told");
}

#[cfg(unix)]
#[test]
fn what_goes_on_where_serve_was_killed_holds_the_lock() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::with_vault(&[]);
    // What lets a command wait for others on the processor: here it lets it wait for a file.
    let (begun, go) = (site.path("begun"), site.path("go"));
    let script = format!(
        "#!/bin/sh\nshift 2\n: > '{}'\nwhile [ ! -e '{}' ]; do sleep 0.05; done\nexec \"$@\"\n",
        begun.display(),
        go.display()
    );
    let nice = site.write("bin/nice", script);
    std::fs::set_permissions(nice, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", site.path("bin").display(), std::env::var("PATH").unwrap());
    let text =
        config("[[schedule]]\nname = \"anchored\"\nevery = \"1s\"\ncheck = { checks = \"vault_is_anchored\" }\n");
    let server = Server::start_with(&site, &text, &[("PATH", &path)]);
    let since = Instant::now();
    while !begun.exists() {
        assert!(since.elapsed() < PATIENCE, "nothing runs");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.kill();
    let path = site.path("shoseki.toml").display().to_string();
    let run = || {
        let mut command = site.command(&["schedule", "run", "anchored", "--config", &path]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        Site::finish(command)
    };
    let busy = run();
    assert!(busy.code == Some(2) && busy.err.contains("another process is running a schedule here"), "{busy:?}");
    std::fs::write(go, "").unwrap();
    let since = Instant::now();
    while run().code == Some(2) {
        assert!(since.elapsed() < PATIENCE, "it does not end");
    }
    assert_eq!(run().code, Some(1), "the check fails, and nothing holds it");
    // What was killed goes on to its end, and leaves its record.
    let rows =
        site.run(&["query", "filter action = 'check.run' | stats count(*) as n", "--source", "shoseki", "-o", "json"]);
    assert_eq!(rows.report(0)[0]["n"], 3, "{rows:?}");
    site.assert_intact();
}

#[test]
fn why_a_run_failed_is_said_in_the_language_of_who_reads_it() {
    let site = Site::with_vault(&[]);
    let path = site.write(
        "shoseki.toml",
        "[[schedule]]\nname = \"evidence\"\nat = \"07:00\"\npackage = { saved = \"handbook\", mask = \"none.txt\", to = \"made\" }\n",
    );
    let run = |words: &[&str]| site.run(&[words, &["--config", &path]].concat());
    let failed = run(&["schedule", "run", "evidence", "--lang", "ja"]);
    let plain =
        site.run(&["package", "create", "--saved", "handbook", "--mask", "none.txt", "--out", "a.zip", "--lang", "ja"]);
    assert_eq!(plain.code, Some(2), "{plain:?}");
    // What the command says by itself in Japanese, who started it says too.
    let words = "none.txt` を読めません";
    assert!(plain.err.contains(words), "{plain:?}");
    assert!(failed.err.contains(words), "{failed:?}");
    let listed = run(&["schedule", "list", "--lang", "ja"]);
    assert!(listed.code == Some(1) && listed.err.contains(words), "{listed:?}");
    let english = run(&["schedule", "list"]);
    assert!(english.code == Some(1) && !english.err.contains(words) && english.err.contains("none.txt"), "{english:?}");
}

#[test]
fn the_command_of_a_digest_of_several_days_is_listed_as_it_will_be() {
    let site = Site::with_vault(&[]);
    let path = site
        .write("shoseki.toml", "[[schedule]]\nname = \"digest\"\nat = \"08:30\"\nperiod = \"last 3d\"\ndigest = {}\n");
    let listed = site.run(&["schedule", "list", "--config", &path, "--json"]).report(0);
    let one = &listed["schedules"][0];
    let next: chrono::DateTime<chrono::Utc> = one["next"].as_str().unwrap().parse().unwrap();
    let day = |back: i64| (next - chrono::Duration::days(back)).date_naive();
    let expected = format!("shoseki review --from {} --to {} --config {path} --tz UTC", day(3), day(1));
    assert_eq!(one["command"].as_str(), Some(expected.as_str()));
}
