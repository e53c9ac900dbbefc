//! Disks with too little room, and what is told when: each once, also across a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::sync::mpsc::Receiver;
use std::time::Duration;

use people::awake;
use serde_json::{Value, json};
use serving::{Server, configuration, request};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(90);

fn all(hears: &Receiver<(String, Value)>) -> Vec<(String, Value)> {
    std::iter::from_fn(|| hears.recv_timeout(Duration::from_millis(500)).ok()).collect()
}

fn server_with(more: &str) -> String {
    let head = format!("seal_every = \"1s\"\n{more}[http]\nlisten = \"127.0.0.1:0\"");
    configuration(&head, "receivers = [\"ndjson\"]\nsource = \"app\"")
}

#[test]
fn a_disk_with_too_little_room_is_told_once_also_across_a_restart_and_ends_the_heartbeat() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = |warn: &str| {
        server_with(&format!(
            "[disk]\nwarn = \"{warn}\"\n[heartbeat]\nurl = \"{url}/beat\"\nevery = \"1s\"\n\
             [[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\non = [\"disk.low\", \"disk.recovered\"]\n\
             [[alert]]\nname = \"usual\"\nlang = \"ja\"\nwebhook = \"{url}/usual\"\n"
        ))
    };
    // No disk is free to its last byte.
    let server = Server::start(&site, &text("100%"));
    let (mut low, mut withheld) = (Vec::new(), 0);
    while low.len() < 2 || withheld == 0 {
        let (path, told) = hears.recv_timeout(PATIENCE).expect("what is wrong");
        match told["action"].as_str() {
            Some("heartbeat.withheld") => withheld += 1,
            Some("disk.low") => low.push((path, told)),
            other => panic!("{other:?} to {path}: {told}"),
        }
    }
    low.sort_by(|a, b| a.0.cmp(&b.0));
    let [(ops, told), (usual, japanese)] = &low[..] else { panic!("{low:?}") };
    assert_eq!([ops.as_str(), usual.as_str()], ["/ops", "/usual"]);
    assert_eq!([&told["severity"], &told["outcome"]], ["high", "failure"], "{told}");
    let number = |name: &str| told["details"][name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number("free") < number("size") && number("bound") == number("size"), "{told}");
    assert!(japanese["message"].as_str().unwrap().contains("空き"), "{japanese}");
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    for name in ["shoseki_disk_free_bytes{of=\"wal\"} ", "shoseki_disk_size_bytes{of=\"wal\"} "] {
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.parse::<u64>().ok());
        assert!(value.is_some_and(|value| value > 0), "{name}: {metrics}");
    }
    server.stop();
    while hears.try_recv().is_ok() {}

    let server = Server::start(&site, &text("100%"));
    assert_eq!(hears.recv_timeout(PATIENCE).expect("it is not well").1["action"], "heartbeat.withheld");
    let more = hears.recv_timeout(Duration::from_secs(6));
    assert!(more.is_err(), "it was told: {more:?}");
    server.stop();
    while hears.try_recv().is_ok() {}

    let server = Server::start(&site, &text("1B"));
    let mut recovered = Vec::new();
    let mut beats = 0;
    while recovered.len() < 2 || beats == 0 {
        let (path, told) = hears.recv_timeout(PATIENCE).expect("a beat, and that it has room");
        if path == "/beat" { beats += 1 } else { recovered.push((path, told["action"].clone())) }
    }
    recovered.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        recovered,
        [("/ops".to_owned(), json!("disk.recovered")), ("/usual".to_owned(), json!("disk.recovered"))]
    );
    server.stop();
    site.assert_intact();
}

#[test]
fn all_that_happens_can_be_asked_for_by_its_name() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let names = "\"files.nothing\", \"seal.warning\", \"compact.failed\", \"gaps.failed\", \"gaps.recovered\"";
    let text = server_with(&format!(
        "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\non = [{names}]\n\
         [[files]]\nname = \"web\"\npaths = [\"none/*.log\"]\n"
    ));
    let server = Server::start(&site, &text);
    let (_, told) = hears.recv_timeout(PATIENCE).expect("told");
    assert_eq!(
        [&told["action"], &told["severity"], &told["details"]["name"]],
        ["files.nothing", "low", "web"],
        "{told}"
    );
    server.stop();
    assert_eq!(all(&hears), []);
    site.assert_intact();
}

/// Quiet hours from so many hours after now to so many.
fn quiet(from: i64, to: i64, more: &str) -> String {
    let at = |hours: i64| (chrono::Utc::now() + chrono::Duration::hours(hours)).format("%H:%M");
    format!("quiet = {{ from = \"{}\", to = \"{}\", zone = \"UTC\"{more} }}", at(from), at(to))
}

fn actions(told: &Value) -> Vec<&str> {
    told["alerts"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect()
}

#[test]
fn what_falls_into_quiet_hours_is_told_after_them_as_one_also_over_a_restart_and_once() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = |quiet: &str| {
        server_with(&format!(
            "[[alert]]\nname = \"ops\"\nlang = \"ja\"\nwebhook = \"{url}/ops\"\n\
             on = [\"serve.start\", \"serve.stop\", \"files.nothing\"]\n{quiet}\n\
             [[files]]\nname = \"web\"\npaths = [\"none/*.log\"]\n"
        ))
    };
    // It is quiet now: only what is severe enough is told.
    let server = Server::start(&site, &text(&quiet(-1, 2, ", but = \"low\"")));
    assert_eq!(hears.recv_timeout(PATIENCE).expect("severe enough").1["action"], "files.nothing");
    server.stop();
    assert_eq!(all(&hears), [], "nothing else is told, and not at the end either");
    let held = "filter action = 'alert.held' | fields details.of, details.name | sort details.of";
    let held = site.run(&["query", held, "--source", "shoseki", "-o", "json"]).report(0);
    let row = |of: &str| json!({"details.of": of, "details.name": "ops"});
    assert_eq!(held, json!([row("serve.start"), row("serve.stop")]), "it is evidence");

    // They are over: what was held is told as one, beside what happens now.
    let server = Server::start(&site, &text(&quiet(2, 3, ", but = \"low\"")));
    let mut told = Vec::new();
    while told.iter().all(|told: &Value| told["action"] != "alert.group") {
        told.push(hears.recv_timeout(PATIENCE).expect("what was held").1);
    }
    let group = told.pop().unwrap();
    assert_eq!((actions(&group), &group["severity"]), (vec!["serve.start", "serve.stop"], &json!("info")), "{group}");
    assert!(group["message"].as_str().unwrap().starts_with("2 件"), "{group}");
    assert!(group["alerts"][1]["message"].as_str().unwrap().contains("終えました"), "{group}");
    server.stop();
    while hears.try_recv().is_ok() {}
    let server = Server::start(&site, &text(&quiet(2, 3, ", but = \"low\"")));
    let mut again: Vec<Value> =
        (0..2).map(|_| hears.recv_timeout(PATIENCE).expect("now").1["action"].clone()).collect();
    again.sort_by_key(Value::to_string);
    assert_eq!(again, ["files.nothing", "serve.start"]);
    assert!(hears.recv_timeout(Duration::from_secs(5)).is_err(), "nothing is told twice");
    server.stop();
    site.assert_intact();
}

#[test]
fn what_comes_within_a_time_goes_out_as_one() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = server_with(&format!(
        "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\ngroup = \"4s\"\n\
         on = [\"serve.start\", \"serve.stop\", \"files.nothing\"]\n\
         [[alert]]\nname = \"each\"\nwebhook = \"{url}/each\"\non = [\"files.nothing\"]\n\
         [[files]]\nname = \"web\"\npaths = [\"none/*.log\"]\n[[files]]\nname = \"db\"\npaths = [\"none/*.txt\"]\n"
    ));
    let server = Server::start(&site, &text);
    let mut told: Vec<(String, Value)> = (0..3).map(|_| hears.recv_timeout(PATIENCE).expect("told")).collect();
    let (path, group) = told.pop().unwrap();
    assert!(told.iter().all(|(path, _)| path == "/each"), "at once: {told:?}");
    let expected = vec!["serve.start", "files.nothing", "files.nothing"];
    assert_eq!((path.as_str(), actions(&group), &group["severity"]), ("/ops", expected, &json!("low")), "{group}");
    // What waits for more when it is stopped is told then, and as it is where it is alone.
    server.stop();
    let last = all(&hears);
    assert_eq!(
        last.iter().map(|(path, told)| (path.as_str(), &told["action"])).collect::<Vec<_>>(),
        [("/ops", &json!("serve.stop"))]
    );
    let sent = "filter action = 'alert.sent' | fields details.name, details.count | sort details.count";
    let sent = site.run(&["query", sent, "--source", "shoseki", "-o", "json"]).report(0);
    assert_eq!(
        sent,
        json!([{"details.name": "ops", "details.count": "1"}, {"details.name": "ops", "details.count": "3"}])
    );
    site.assert_intact();
}

#[test]
fn what_is_done_by_hand_keeps_quiet_hours_too_and_tells_together() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let run = |more: &str| {
        let text = format!(
            "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\non = [\"finding.opened\", \"schedule.done\"]\n{more}\n\
             [[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = {{ checks = \"vault_is_anchored\" }}\n"
        );
        let path = site.write("shoseki.toml", text);
        let ran = site.run(&["schedule", "run", "anchored", "--config", &path]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.err
    };
    let said = run(&quiet(-1, 2, ""));
    assert_eq!(all(&hears), []);
    assert!(said.contains("`ops` is told later"), "{said}");
    // After them: of this run, and of the one before, whose finding is told no other time.
    run(&format!("group = \"1h\"\n{}", quiet(2, 3, "")));
    let told = all(&hears);
    let [(_, done), (_, held)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(done["action"], "schedule.done", "{done}");
    assert_eq!(actions(held), ["finding.opened", "schedule.done"], "{held}");
    run("");
    let told = all(&hears);
    assert_eq!(
        told.iter().map(|(_, told)| &told["action"]).collect::<Vec<_>>(),
        ["schedule.done"],
        "nothing is told twice"
    );
    site.assert_intact();
}

#[test]
fn mistakes_are_named_and_urls_are_not_shown() {
    let site = Site::with_vault(&[]);
    let check = |text: &str| {
        let path = site.write("shoseki.toml", text);
        let checked = site.run(&["serve", "--check", "--config", &path]);
        assert_eq!(checked.code, Some(2), "{text}: {checked:?}");
        checked.err
    };
    for wrong in ["lots", "101%", "10"] {
        let said = check(&format!("[disk]\nwarn = \"{wrong}\"\n"));
        assert!(said.contains("`10%`") && said.contains("`20GiB`"), "{said}");
    }
    let alert = "[[alert]]\nname = \"ops\"\nwebhook = \"https://a.example\"\n";
    for (wrong, words) in [
        ("quiet = { from = \"22:00\", to = \"22:00\", zone = \"UTC\" }", "told nothing"),
        ("quiet = { from = \"22:00\", to = \"07:00\", zone = \"Tokio\" }", "`Asia/Tokyo`"),
        ("quiet = { from = \"10pm\", to = \"07:00\", zone = \"UTC\" }", "`06:30`"),
        ("quiet = { from = \"22:00\", to = \"07:00\" }", "zone"),
        ("group = \"0s\"", "`group`"),
        ("group = \"2d\"", "`1d`"),
    ] {
        let said = check(&format!("{alert}{wrong}\n"));
        assert!(said.contains(words), "{wrong}: {said}");
    }
    for key in ["webhook_file", "slack_file"] {
        for content in ["secret.example/hook", "ftp://secret.example/", "secret.example\nhttps://b.example", ""] {
            site.write("url", content);
            let said = check(&format!("[[alert]]\nname = \"ops\"\n{key} = \"url\"\n"));
            assert!(
                said.contains("`ops`") && said.contains(&format!("`{key}`")) && said.contains("https://"),
                "{said}"
            );
            assert!(!said.contains("secret.example"), "{said}");
        }
    }
}
