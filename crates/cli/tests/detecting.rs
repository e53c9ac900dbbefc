//! Rules asked of what is sealed, as it is: told within seconds, once, also over kills, changed rules and folders that are not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::sync::mpsc::Receiver;
use std::time::Duration;

use chrono::Utc;
use people::awake;
use serde_json::{Value, json};
use serving::{Server, request, sealing_each_second};
use site::Site;

/// How long it may take until people are told: a seal each second, and a slow machine.
const SECONDS: Duration = Duration::from_secs(45);

/// A rule of our own about an action of an application.
fn rule(action: &str, id: u32) -> String {
    format!(
        "title: Somebody did {action}\nid: 00000000-0000-4000-8000-{id:012}\nlevel: high\n\
         logsource: {{category: application, product: app}}\ndetection: {{it: {{event: {action}}}, condition: it}}\n"
    )
}

/// A site with a folder of one rule, and the configuration that asks it and tells `ops`.
fn site(url: &str, more: &str) -> (Site, String) {
    let site = Site::with_vault(&[]);
    std::fs::create_dir(site.path("rules")).unwrap();
    site.write("rules/door.yml", rule("door_opened", 1));
    let alert = "on = [\"match.found\", \"detect.failed\", \"detect.recovered\", \"detect.rules\", \"query.opened\"]\n";
    let text =
        format!("[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\n{alert}[detect]\nrules = [\"rules\"]\n{more}\n");
    (site, sealing_each_second(&text))
}

fn event(action: &str, user: &str) -> String {
    let time = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    json!({"timestamp": time, "event": action, "user": user}).to_string()
}

fn post(server: &Server, action: &str, user: &str) {
    assert_eq!(server.post("/ingest/web", event(action, user)).status, 200);
}

/// Who the next match that is told is about, and the whole of it.
fn told(hears: &Receiver<(String, Value)>) -> (String, Value) {
    let told = hears.recv_timeout(SECONDS).expect("told").1;
    assert_eq!(told["action"], "match.found", "{told}");
    let who = told["lines"][0].as_str().unwrap_or_default().trim_start_matches("who: ").to_owned();
    (who, told)
}

/// The rows of a question about one source, sealed or not, once there are any.
fn ask(site: &Site, source: &str, question: &str) -> Vec<Value> {
    let begun = std::time::Instant::now();
    loop {
        let mut command = site.command(&["query", question, "--source", source, "-o", "jsonl"]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        let answer = Site::finish(command);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let rows: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if !rows.is_empty() || begun.elapsed() > SECONDS {
            return rows;
        }
    }
}

/// Waits until a record of the application can be proven: it is sealed.
fn sealed(site: &Site) {
    let begun = std::time::Instant::now();
    loop {
        let rows = ask(site, "app", "fields @ptr");
        if site.run(&["prove", rows[0]["@ptr"].as_str().unwrap()]).code == Some(0) {
            return;
        }
        assert!(begun.elapsed() < SECONDS, "{rows:?}");
    }
}

/// Waits until all that is sealed was looked at, so many records at least since the start.
fn looked_at(server: &Server, records: u64) {
    let begun = std::time::Instant::now();
    loop {
        let text = request(&server.status, "GET /metrics", &[], b"").body;
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        let (looked, behind) = (value("shoseki_detect_records_total "), value("shoseki_detect_behind_commits "));
        if looked.is_some_and(|looked| looked >= records) && behind == Some(0) {
            return;
        }
        assert!(begun.elapsed() < SECONDS, "{looked:?} of {records}, {behind:?} behind");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[track_caller]
fn silent(hears: &Receiver<(String, Value)>) {
    let told = hears.recv_timeout(Duration::from_millis(1_500));
    assert!(told.is_err(), "{told:?}");
}

#[test]
fn what_is_sealed_is_looked_at_at_once_and_told_once_over_kills() {
    let (url, hears) = awake();
    let (site, text) = site(&url, "");
    let server = Server::start(&site, &text);
    post(&server, "door_opened", "aiko");
    let (who, first) = told(&hears);
    assert_eq!((who.as_str(), &first["severity"], &first["outcome"]), ("aiko", &json!("high"), &json!("failure")));
    assert!(
        first["message"].as_str().unwrap().starts_with("Somebody did door_opened (1 event, the first at "),
        "{first}"
    );
    let id = first["details"]["matches"].as_str().unwrap();
    assert!(first["what_to_do"].as_str().unwrap().ends_with(&format!("shoseki incident open --match {id}")), "{first}");

    // The match is a record that names its own, and they can be proven.
    let rows = ask(&site, "shoseki", "filter action = 'detect.match' | fields @message");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let found: Value = serde_json::from_str(rows[0]["@message"].as_str().unwrap()).unwrap();
    let details = &found["details"];
    assert_eq!([&details["id"], &details["rule"]], [id, "00000000-0000-4000-8000-000000000001"], "{found}");
    assert!(details["rules_sha256"].is_string() && details["engine"].is_string(), "{found}");
    let proven = site.run(&["prove", details["records"][0].as_str().unwrap()]);
    assert_eq!(proven.code, Some(0), "{proven:?} {found}");
    server.kill();

    // What was told is known; what goes on is the same match.
    let server = Server::start(&site, &text);
    post(&server, "door_opened", "aiko");
    post(&server, "door_opened", "bob");
    assert_eq!(told(&hears).0, "bob");
    // What is acknowledged is looked at, whoever dies.
    post(&server, "door_opened", "carol");
    server.kill();
    let server = Server::start(&site, &text);
    assert_eq!(told(&hears).0, "carol");
    server.stop();
    // What others take in while it is down is caught up with.
    let file = site.write("late.jsonl", event("door_opened", "dave"));
    assert_eq!(site.run(&["ingest", "app", &file]).code, Some(0));
    let server = Server::start(&site, &text);
    assert_eq!(told(&hears).0, "dave");
    post(&server, "window_opened", "erin");
    looked_at(&server, 1);
    silent(&hears);
    server.stop();

    // All of it was looked at, by these rules.
    let config = site.path("shoseki.toml");
    let covered = site.run(&["detect", "coverage", "--config", config.to_str().unwrap(), "--json"]).report(0);
    let streams = covered["streams"].as_object().unwrap();
    assert!(streams.values().all(|row| row["records"] == row["looked_at"]), "{covered}");
    assert_eq!(streams.values().map(|row| row["records"].as_u64().unwrap()).sum::<u64>(), 6, "{covered}");
    // What was found stands open until somebody looks after it.
    let open = site.run(&["alert", "list", "--config", config.to_str().unwrap(), "--json"]).report(1);
    let about: Vec<&str> = open["alerts"].as_array().unwrap().iter().filter_map(|one| one["about"].as_str()).collect();
    assert_eq!(about.iter().filter(|about| about.starts_with("match M-")).count(), 4, "{open}");
    site.assert_intact();
}

#[test]
fn what_correlations_count_goes_on_over_commits_and_over_a_kill() {
    let (url, hears) = awake();
    let (site, text) = site(&url, "");
    let failed = |server: &Server, n: u64| {
        let time = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let event =
            json!({"timestamp": time, "event": "login", "client_ip": "203.0.113.77", "result": "failure", "n": n});
        assert_eq!(server.post("/ingest/web", event.to_string()).status, 200);
    };
    let server = Server::start(&site, &text);
    for n in 0..4 {
        failed(&server, n);
        looked_at(&server, n + 1);
    }
    server.kill();
    let server = Server::start(&site, &text);
    for n in 0..5 {
        failed(&server, n + 4);
        looked_at(&server, n + 1);
    }
    silent(&hears); // nine
    failed(&server, 9);
    let told = told(&hears).1;
    assert_eq!(told["details"]["events"], "10", "{told}");
    failed(&server, 10);
    looked_at(&server, 7);
    silent(&hears);
    server.stop();
    site.assert_intact();
}

#[test]
fn rules_that_change_are_asked_from_then_on() {
    let (url, hears) = awake();
    let (site, text) = site(&url, "");
    let server = Server::start(&site, &text);
    post(&server, "window_opened", "aiko");
    looked_at(&server, 1);
    site.write("rules/window.yml", rule("window_opened", 2));
    post(&server, "window_opened", "bob");
    assert_eq!(told(&hears).0, "bob");
    // One that is none is told once, and costs no other.
    site.write("rules/broken.yml", "title: [");
    post(&server, "door_opened", "carol");
    let problem = hears.recv_timeout(SECONDS).expect("told").1;
    assert_eq!(problem["action"], "detect.rules", "{problem}");
    assert_eq!(told(&hears).0, "carol");
    std::fs::remove_file(site.path("rules/broken.yml")).unwrap();
    post(&server, "window_opened", "dave");
    assert_eq!(told(&hears).0, "dave");
    server.stop();
    // What only other rules looked at is told apart from what these did.
    let config = site.path("shoseki.toml");
    let covered = site.run(&["detect", "coverage", "--config", config.to_str().unwrap(), "--json"]).report(1);
    let row = covered["streams"].as_object().unwrap().values().next().unwrap();
    assert_eq!([&row["records"], &row["not_looked_at"], &row["by_other_rules"]], [4, 1, 1], "{covered}");
    site.assert_intact();
}

#[test]
fn rules_that_cannot_be_read_hold_up_nothing_and_nothing_is_missed() {
    let (url, hears) = awake();
    let (site, text) = site(&url, "");
    std::fs::rename(site.path("rules"), site.path("away")).unwrap();
    let server = Server::start(&site, &text);
    post(&server, "door_opened", "aiko");
    // It comes in and is sealed all the same.
    sealed(&site);
    assert_eq!(hears.recv_timeout(SECONDS).expect("told").1["action"], "detect.failed");
    server.kill();
    let server = Server::start(&site, &text);
    assert_eq!(hears.recv_timeout(SECONDS).expect("told").1["action"], "detect.failed", "of each start");
    std::fs::rename(site.path("away"), site.path("rules")).unwrap();
    assert_eq!(told(&hears).0, "aiko");
    assert_eq!(hears.recv_timeout(SECONDS).expect("told").1["action"], "detect.recovered");
    server.stop();
    site.assert_intact();
}

#[test]
fn a_schedule_tells_nothing_that_was_told_and_what_is_off_is_off() {
    let (url, hears) = awake();
    let schedule =
        "[[schedule]]\nname = \"look\"\nevery = \"1s\"\nperiod = \"last 2d\"\ndetect = { sources = \"app\" }\n";
    let (site, text) = site(&url, schedule);
    // A schedule alone.
    let off = text.replace("[detect]\n", "[detect]\nas_sealed = false\n");
    let server = Server::start(&site, &off);
    post(&server, "door_opened", "aiko");
    let opened = hears.recv_timeout(SECONDS).expect("told").1;
    assert_eq!((&opened["action"], &opened["details"]["new"]), (&json!("query.opened"), &json!("1")), "{opened}");
    server.stop();
    // Both: what the one told, the other does not.
    let server = Server::start(&site, &text);
    post(&server, "door_opened", "bob");
    let both = hears.recv_timeout(SECONDS).expect("told").1;
    assert!(["match.found", "query.opened"].contains(&both["action"].as_str().unwrap()), "{both}");
    looked_at(&server, 1);
    server.ran("look", 4);
    let runs =
        ask(&site, "shoseki", "filter action = 'detect.run' and details.scope = 'serve' and details.matches = 1");
    assert_eq!(runs.len(), 1, "{runs:?}");
    silent(&hears);
    server.stop();
    site.assert_intact();
}
