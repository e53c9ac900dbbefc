//! Who is told of what by how severe it is, an incident of PagerDuty from its opening to its end, and the heartbeat of `serve`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::time::{Duration, Instant};

use people::{all, awake};
use serde_json::{Value, json};
use serving::{Server, ask_until, configuration, request, sealing_each_second};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(90);
/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";
const KEY: &str = "0123456789abcdef0123456789abcdef";
const ANCHORED: &str =
    "[[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = { checks = \"vault_is_anchored\" }\n";

#[test]
fn each_is_told_what_is_severe_enough_for_him() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let alert = |name: &str, more: &str| format!("[[alert]]\nname = \"{name}\"\nwebhook = \"{url}/{name}\"\n{more}\n");
    let text = [
        alert("all", "severity = \"info\""),
        alert("high", "severity = \"high\""),
        alert("critical", "severity = \"critical\""),
        alert("both", "severity = \"critical\"\non = [\"schedule.done\"]"),
        format!("[[alert]]\nname = \"slack\"\nlang = \"ja\"\nslack = \"{url}/slack\"\non = [\"finding.opened\"]\n"),
        ANCHORED.to_owned(),
    ];
    let path = site.write("shoseki.toml", text.concat());
    let run = || site.run(&["schedule", "run", "anchored", "--config", &path, "--json"]).report(1);
    let severity = run()["told"][0]["details"]["severity"].clone();
    let told = all(&hears);
    let to = |path: &str| -> Vec<(Value, Value)> {
        let of = told.iter().filter(|(to, _)| to == path);
        of.map(|(_, told)| (told["action"].clone(), told["severity"].clone())).collect()
    };
    let opened = (json!("finding.opened"), severity.clone());
    assert_eq!(to("/all"), [opened.clone(), (json!("schedule.done"), json!("info"))]);
    let expected = |is: bool| if is { vec![opened.clone()] } else { Vec::new() };
    assert_eq!(to("/high"), expected(["high", "critical"].contains(&severity.as_str().unwrap())));
    assert_eq!(to("/critical"), expected(severity == "critical"));
    assert_eq!(to("/both"), [], "what is named is told where it is severe enough");
    let slack = told.iter().find(|(to, _)| to == "/slack").map(|(_, told)| told["text"].as_str().unwrap()).unwrap();
    let word = if severity == "critical" { "重大" } else { "高" };
    assert!(slack.starts_with(&format!("*shoseki: [{word}] finding.opened*\n")), "{slack}");
    // Where it is not told to somebody, nothing is owed to him.
    assert_eq!(run()["told"].as_array().unwrap().len(), 1);
    site.assert_intact();
}

#[test]
fn an_incident_is_triggered_and_resolved_under_one_key() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    site.write("pager.key", format!("{KEY}\n"));
    let text = format!(
        "[[alert]]\nname = \"pager\"\nseverity = \"low\"\npagerduty_key_file = \"pager.key\"\npagerduty_url = \"{url}/v2/enqueue\"\n{ANCHORED}"
    );
    let path = site.write("shoseki.toml", text);
    let run = |code: i32| site.run(&["schedule", "run", "anchored", "--config", &path, "--json"]).report(code);
    let opened = run(1)["told"][0].clone();
    let told = all(&hears);
    let [(to, trigger)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((to.as_str(), &trigger["event_action"]), ("/v2/enqueue", &json!("trigger")), "{trigger}");
    assert_eq!(trigger["routing_key"], KEY);
    assert_eq!([&trigger["payload"]["class"], &trigger["payload"]["source"]], ["finding.opened", "shoseki"]);
    assert_eq!(trigger["payload"]["summary"], opened["message"]);
    let severity = if opened["details"]["severity"] == "critical" { "critical" } else { "error" };
    assert_eq!(trigger["payload"]["severity"], severity, "{trigger}");
    run(1);
    assert_eq!(all(&hears), [], "nothing is sent twice");

    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    assert_eq!(site.run(&["anchor", "add", anchor.to_str().unwrap()]).code, Some(0));
    run(0);
    let told = all(&hears);
    let [(_, resolve)] = &told[..] else { panic!("{told:?}") };
    let expected = json!({"routing_key": KEY, "event_action": "resolve", "dedup_key": trigger["dedup_key"]});
    assert_eq!(resolve, &expected);

    // A trial wakes nobody for long.
    let trial = site.run(&["serve", "--config", &path, "--test-alerts", "--json"]).report(0);
    assert_eq!(trial["alerts"][0]["sent"], true, "{trial}");
    let actions: Vec<Value> = all(&hears).into_iter().map(|(_, event)| event["event_action"].clone()).collect();
    assert_eq!(actions, ["trigger", "resolve"]);
    site.assert_intact();
}

#[test]
fn the_heart_beats_while_all_is_well_and_what_is_wrong_is_said_once() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    site.write("heart.url", format!("{url}/secret-beat\n"));
    let heart = "[heartbeat]\nurl_file = \"heart.url\"\nevery = \"1s\"\n";
    let server = Server::start(&site, &sealing_each_second(heart));
    for _ in 0..2 {
        let (path, beat) = hears.recv_timeout(PATIENCE).expect("a beat");
        assert_eq!((path.as_str(), &beat["from"]), ("/secret-beat", &json!("shoseki")));
    }
    let said = server.stop();
    assert!(!said.contains("heartbeat") && !said.contains("secret-beat"), "{said}");
    while hears.try_recv().is_ok() {}
    assert!(hears.recv_timeout(Duration::from_secs(2)).is_err(), "what is stopped does not beat");

    // Where nobody hears it, that is told once.
    let dead = format!(
        "[heartbeat]\nurl = \"{NOBODY}/secret-beat\"\nevery = \"1s\"\n\
         [[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\non = [\"heartbeat.failed\"]\n"
    );
    let server = Server::start(&site, &sealing_each_second(&dead));
    let (path, failed) = hears.recv_timeout(PATIENCE).expect("told");
    assert_eq!((path.as_str(), &failed["action"]), ("/ops", &json!("heartbeat.failed")));
    assert!(!failed.to_string().contains("secret-beat"), "{failed}");
    assert!(hears.recv_timeout(Duration::from_secs(5)).is_err(), "once");
    let said = server.stop();
    assert!(said.contains("heartbeat.failed") && !said.contains("secret-beat"), "{said}");
    site.assert_intact();
}

#[test]
fn the_heart_does_not_beat_while_senders_are_told_to_come_again() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = format!(
        "max_waiting = \"16KiB\"\nseal_every = \"1h\"\n[heartbeat]\nurl = \"{url}/beat\"\nevery = \"1s\"\n\
         [[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\non = [\"heartbeat.withheld\"]\n[disk]\nwarn = \"0%\"\n[http]\nlisten = \"127.0.0.1:0\""
    );
    let server = Server::start(&site, &configuration(&text, "receivers = [\"ndjson\"]\nsource = \"app\""));
    assert_eq!(hears.recv_timeout(PATIENCE).expect("a beat").0, "/beat");
    let event = |n: u32| json!({"n": n, "text": "x".repeat(300)}).to_string() + "\n";
    let full = (0..100).find(|n| server.post("/ingest", event(*n)).status == 503);
    assert!(full.is_some_and(|n| n > 0), "it takes some, and then no more: {full:?}");
    let begun = Instant::now();
    let withheld = loop {
        let (path, told) = hears.recv_timeout(PATIENCE).expect("a beat, or what is wrong");
        assert!(begun.elapsed() < PATIENCE, "it beats on");
        if path == "/ops" {
            break told;
        }
    };
    assert_eq!([&withheld["action"], &withheld["severity"]], ["heartbeat.withheld", "high"]);
    assert!(withheld["details"]["why"].as_str().unwrap().contains("waits for its seal"), "{withheld}");
    assert!(hears.recv_timeout(Duration::from_secs(4)).is_err(), "it is withheld, and that is told once");
    server.stop();
    site.assert_intact();
}

#[test]
fn mistakes_are_named_and_keys_are_not_shown() {
    let site = Site::with_vault(&[]);
    let check = |text: &str| {
        let path = site.write("shoseki.toml", text);
        let checked = site.run(&["serve", "--check", "--config", &path]);
        assert_eq!(checked.code, Some(2), "{text}: {checked:?}");
        checked.err
    };
    let said = check("[heartbeat]\nevery = \"0s\"\n");
    assert!(said.contains("`heartbeat.every`") && said.contains("exactly one of `url` and `url_file`"), "{said}");
    let said = check("[heartbeat]\nurl = \"ftp://secret.example\"\n");
    assert!(said.contains("https://") && !said.contains("secret.example"), "{said}");
    site.write("empty", "");
    assert!(check("[heartbeat]\nurl_file = \"empty\"\n").contains("what its file holds"));
    assert!(check("[heartbeat]\nurl_file = \"absent\"\n").contains("absent"));
    let pager = "[[alert]]\nname = \"p\"\n";
    site.write("key", "not a key");
    let said = check(&format!("{pager}pagerduty_key_file = \"key\"\n"));
    assert!(said.contains("letters and digits") && !said.contains("not a key"), "{said}");
    let said = check(&format!("{pager}pagerduty_key_file = \"key\"\npagerduty_url = \"http://198.51.100.7/\"\n"));
    assert!(said.contains("events.eu.pagerduty.com") && !said.contains("198.51.100.7"), "{said}");
    let said = check(&format!("{pager}webhook = \"https://a.example\"\npagerduty_key_file = \"key\"\n"));
    assert!(said.contains("exactly one of"), "{said}");
    let said = check(&format!("{pager}webhook = \"https://a.example\"\nseverity = \"urgent\"\n"));
    assert!(said.contains("urgent") && said.contains("`critical`"), "{said}");
}

#[test]
fn records_that_contradict_others_are_told_counted_and_found() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = format!(
        "seal_every = \"1s\"\n[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\n[http]\nlisten = \"127.0.0.1:0\""
    );
    let server = Server::start(&site, &configuration(&text, "receivers = [\"kubernetes-audit\"]"));
    let post = |verbs: &[&str]| {
        let event = |verb: &&str| {
            json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "one-id",
                "stage": "ResponseComplete", "requestURI": "/api", "verb": verb, "user": {"username": "aiko"},
                "requestReceivedTimestamp": "2026-03-05T00:00:00.000000Z",
                "stageTimestamp": "2026-03-05T00:00:00.000001Z"})
        };
        let items: Vec<Value> = verbs.iter().map(event).collect();
        let list = json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items});
        assert_eq!(server.post("/kubernetes-audit", list.to_string()).status, 200);
    };
    post(&["delete"]);
    ask_until(&site, "filter verb = 'delete'", |rows| !rows.is_empty());
    post(&["delete"]); // the same again contradicts nothing
    post(&["get", "list"]);
    let (path, told) = hears.recv_timeout(PATIENCE).expect("told without `on`");
    assert_eq!(
        (path.as_str(), &told["action"], &told["severity"]),
        ("/ops", &json!("records.conflict"), &json!("high"))
    );
    assert_eq!([&told["details"]["source"], &told["details"]["key"]], ["k8s-audit", "one-id/ResponseComplete"]);
    let (place, other) = (told["details"]["place"].as_str().unwrap(), told["details"]["other"].as_str().unwrap());
    assert!(place != other && [place, other].iter().all(|at| at.starts_with("kubernetes-audit:prod:")), "{told}");
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    assert!(metrics.contains("shoseki_records_conflicting_total 2\n"), "{metrics}");
    assert!(metrics.contains("shoseki_records_duplicate_total 1\n"), "{metrics}");
    server.stop();
    assert_eq!(all(&hears), [], "people are told once an hour of a source");

    let rows = |name: &str| -> Vec<Value> {
        let answer = site.run(&["query", "--saved", name, "-o", "jsonl"]);
        answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let said = rows("records-in-conflict");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|row| row["details.key"] == "one-id/ResponseComplete"), "{said:?}");
    let found = rows("k8s-audit-id-twice");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["auditID"], &found[0]["records"]), (&json!("one-id"), &json!(3)));
    site.assert_intact();
}

#[test]
fn what_a_sender_says_that_it_lost_is_told_once() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    // A rule of ours finds it, too: that is told by itself.
    let text = format!(
        "seal_every = \"1s\"\n[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\n[detect]\nas_sealed = false\n[http]\nlisten = \"127.0.0.1:0\""
    );
    let text = configuration(&text, "receivers = [\"falco\"]");
    let server = Server::start(&site, &text);
    let drop = |count: u32| {
        let event = json!({
            "time": chrono::Utc::now().to_rfc3339(), "rule": "Falco internal: syscall event drop", "priority": "Debug",
            "source": "internal", "hostname": "node-1", "output_fields": {"n_drops": count.to_string()},
            "output": format!("Falco internal: syscall event drop. {count} system calls dropped in last second."),
        });
        event.to_string()
    };
    assert!(server.post("/falco", drop(7)).status < 300);
    let (path, told) = hears.recv_timeout(PATIENCE).expect("told without `on`");
    assert_eq!(
        (path.as_str(), &told["action"], &told["severity"]),
        ("/ops", &json!("gap.lost"), &json!("high")),
        "{told}"
    );
    assert!(told["message"].as_str().unwrap().contains("7 system calls dropped"), "{told}");
    assert_eq!((&told["details"]["stream"], &told["details"]["count"]), (&json!("falco/prod"), &json!("7")));
    assert!(server.post("/falco", drop(8)).status < 300);
    assert!(hears.recv_timeout(Duration::from_secs(5)).is_err(), "a stream is told of once an hour");
    server.stop();
    let server = Server::start(&site, &text);
    assert!(hears.recv_timeout(Duration::from_secs(5)).is_err(), "nor after a restart");
    server.stop();
    let lost = site.run(&["gaps", "--json", "--from", "-1h"]).report(1);
    let lost = lost["gaps"].as_array().unwrap().iter().filter(|gap| gap["kind"] == "lost").count();
    assert_eq!(lost, 2, "what is told is no loss of its own");
    site.assert_intact();
}
