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
    assert_eq!(recovered, [("/ops".to_owned(), json!("disk.recovered")), ("/usual".to_owned(), json!("disk.recovered"))]);
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
    assert_eq!([&told["action"], &told["severity"], &told["details"]["name"]], ["files.nothing", "low", "web"], "{told}");
    server.stop();
    assert_eq!(all(&hears), []);
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
    for key in ["webhook_file", "slack_file"] {
        for content in ["secret.example/hook", "ftp://secret.example/", "secret.example\nhttps://b.example", ""] {
            site.write("url", content);
            let said = check(&format!("[[alert]]\nname = \"ops\"\n{key} = \"url\"\n"));
            assert!(said.contains("`ops`") && said.contains(&format!("`{key}`")) && said.contains("https://"), "{said}");
            assert!(!said.contains("secret.example"), "{said}");
        }
    }
}
