//! Disks with too little room, and what is told when: each once, also across a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::time::Duration;

use people::{all, awake};
use serde_json::{Value, json};
use serving::{Server, request, sealing_each_second};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn a_disk_with_too_little_room_is_told_once_also_across_a_restart_and_ends_the_heartbeat() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = |warn: &str| {
        sealing_each_second(&format!(
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
    let text = sealing_each_second(&format!(
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
        sealing_each_second(&format!(
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
    let text = sealing_each_second(&format!(
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

const ESCALATING: &str = "on = [\"files.nothing\", \"finding.opened\"]\nescalate = { to = \"lead\", after = ";

/// Two who are told, the second where nobody looks after it for so long.
fn two(url: &str, after: &str) -> String {
    format!(
        "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/ops\"\n{ESCALATING}\"{after}\" }}\n\
         [[alert]]\nname = \"lead\"\nlang = \"ja\"\nwebhook = \"{url}/lead\"\non = [\"serve.died\"]\n"
    )
}

const NOTHING: &str = "[[files]]\nname = \"web\"\npaths = [\"none/*.log\"]\n";

/// What `shoseki alert` says beside a server.
fn alert(site: &Site, words: &[&str], code: i32) -> Value {
    let path = site.path("shoseki.toml").display().to_string();
    let mut command = site.command(&[&["alert"], words, &["--config", &path, "--json"]].concat());
    command.env("SHOSEKI_WAL", site.path("wal"));
    Site::finish(command).report(code)
}

#[test]
fn what_nobody_looks_after_is_told_to_another_once_also_over_a_restart() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let text = sealing_each_second(&format!("{}{NOTHING}", two(&url, "2s")));
    let server = Server::start(&site, &text);
    let (path, told) = hears.recv_timeout(PATIENCE).expect("told");
    assert_eq!((path.as_str(), &told["action"]), ("/ops", &json!("files.nothing")));
    let (path, told) = hears.recv_timeout(PATIENCE).expect("nobody looks after it");
    assert_eq!(
        (path.as_str(), &told["action"], &told["severity"]),
        ("/lead", &json!("alert.escalated"), &json!("low"))
    );
    let id = told["details"]["alert"].as_str().unwrap().to_owned();
    assert!(told["what_to_do"].as_str().unwrap().contains(&format!("shoseki alert ack {id}")), "{told}");
    assert!(told["message"].as_str().unwrap().contains("誰も確認していません"), "{told}");
    server.stop();
    while hears.try_recv().is_ok() {}
    let server = Server::start(&site, &text);
    assert_eq!(hears.recv_timeout(PATIENCE).expect("it happened again").0, "/ops");
    assert!(hears.recv_timeout(Duration::from_secs(6)).is_err(), "he was told");
    let listed = alert(&site, &["list"], 1);
    let one = &listed["alerts"][0];
    assert_eq!(
        [&one["id"], &one["told"], &one["escalated"]],
        [&json!(id), &json!(["ops"]), &json!(["lead"])],
        "{listed}"
    );
    assert_eq!(
        [&one["acknowledged"], &one["action"], &one["times"]],
        [&Value::Null, &json!("files.nothing"), &json!(2)]
    );
    server.stop();
    site.assert_intact();
}

#[test]
fn what_somebody_looks_after_is_told_to_nobody_else() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let server = Server::start(&site, &sealing_each_second(&format!("{}{NOTHING}", two(&url, "10s"))));
    assert_eq!(hears.recv_timeout(PATIENCE).expect("told").0, "/ops");
    let begun = std::time::Instant::now();
    let listed = loop {
        let path = site.path("shoseki.toml").display().to_string();
        let mut command = site.command(&["alert", "list", "--config", &path, "--json"]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        let listed = Site::finish(command);
        if listed.code == Some(1) {
            break listed.report(1);
        }
        assert!(begun.elapsed() < PATIENCE, "{listed:?}");
    };
    let id = listed["alerts"][0]["id"].as_str().unwrap().to_owned();
    let unknown =
        site.run(&["alert", "ack", "A-0", "--why", "x", "--config", &site.path("shoseki.toml").display().to_string()]);
    assert!(unknown.code == Some(2) && unknown.err.contains(&id), "{unknown:?}");
    alert(&site, &["ack", &id, "--why", "the web team writes it tomorrow"], 0);
    let listed = alert(&site, &["list"], 0);
    assert_eq!(listed["alerts"][0]["acknowledged"]["why"], "the web team writes it tomorrow", "{listed}");
    assert!(hears.recv_timeout(Duration::from_secs(15)).is_err(), "somebody looks after it");
    server.stop();
    let said = "filter action = 'alert.ack' | fields details.alert, details.of, outcome";
    let said = site.run(&["query", said, "--source", "shoseki", "-o", "json"]).report(0);
    assert_eq!(said, json!([{"details.alert": id, "details.of": "files.nothing", "outcome": "success"}]));
    site.assert_intact();
}

#[test]
fn what_is_done_by_hand_is_told_to_another_too_and_that_it_is_over() {
    let (site, (url, hears)) = (Site::with_vault(&[]), awake());
    let schedule = "[[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = { checks = \"vault_is_anchored\" }\n";
    let path = site.write("shoseki.toml", format!("{}{schedule}", two(&url, "1s")));
    let run = |code: i32| -> Vec<(String, Value)> {
        let ran = site.run(&["schedule", "run", "anchored", "--config", &path]);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        all(&hears).into_iter().map(|(path, told)| (path, told["action"].clone())).collect()
    };
    let told = |path: &str, action: &str| (path.to_owned(), json!(action));
    let first = run(1);
    assert_eq!(first[0], told("/ops", "finding.opened"));
    std::thread::sleep(Duration::from_secs(1)); // so long nobody looks after it
    let second = if first.len() == 1 { run(1) } else { first[1..].to_vec() };
    assert_eq!(second, [told("/lead", "alert.escalated")]);
    assert_eq!(run(1), []);
    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    assert_eq!(site.run(&["anchor", "add", anchor.to_str().unwrap()]).code, Some(0));
    assert_eq!(run(0), [told("/lead", "alert.settled")]);
    assert_eq!(run(0), []);
    let listed = site.run(&["alert", "list", "--config", &path]);
    assert!(listed.code == Some(0) && listed.out.contains("nothing"), "{listed:?}");
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
        ("escalate = { after = \"30m\", to = \"ops\" }", "another `[[alert]]`"),
        ("escalate = { after = \"30m\", to = \"boss\" }", "`boss`"),
        ("escalate = { after = \"0s\", to = \"ops\" }", "`escalate.after`"),
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
