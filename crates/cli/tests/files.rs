//! `serve` watches files: what is written to them is there once, also when it is killed meanwhile and the files are rotated; the
//! logs of containers are known by their names; what is wrong is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod serving;
mod site;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serving::{Server, ask, ask_until, configuration, failures, request};
use site::Site;

/// A configuration with a block of files.
fn watching(seal_every: &str, block: &str) -> String {
    let more =
        format!("seal_every = \"{seal_every}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[[files]]\nname = \"shop\"\n{block}");
    configuration(&more, "receivers = [\"falco\"]")
}

fn count(rows: &[Value]) -> u64 {
    rows.first().and_then(|row| row["n"].as_u64()).unwrap_or_default()
}

#[test]
fn what_is_written_is_there_once_however_often_it_is_killed() {
    const FILES: u32 = 6;
    const LINES: u32 = 400;
    let site = Site::with_vault(&[]);
    fs::create_dir(site.path("logs")).unwrap();
    let config = watching("1s", "paths = [\"logs/audit.log*\"]\n");
    let (log, go_on) = (site.path("logs/audit.log"), AtomicBool::new(false));
    // Who writes knows nothing of who reads: each line twice, for equal lines are two events, and a rotation by renaming.
    let write = || {
        for file in 0..FILES {
            let mut there = OpenOptions::new().append(true).create(true).open(&log).unwrap();
            for line in 0..LINES {
                let text = json!({"timestamp": "2026-03-05T01:02:03Z", "event": format!("注文 {file}-{line}")});
                let text = format!("{text}\n");
                let (head, tail) = text.as_bytes().split_at(text.len() / 2);
                [head, tail, text.as_bytes()].into_iter().for_each(|part| there.write_all(part).unwrap());
                std::thread::sleep(Duration::from_millis(5));
            }
            for old in (0..file).rev() {
                fs::rename(log.with_extension(format!("log.{old}")), log.with_extension(format!("log.{}", old + 1)))
                    .unwrap();
            }
            fs::rename(&log, log.with_extension("log.0")).unwrap();
        }
        go_on.store(true, Ordering::Relaxed);
    };
    let mut kills = 0;
    std::thread::scope(|scope| {
        let writer = scope.spawn(write);
        while !go_on.load(Ordering::Relaxed) {
            let server = Server::start(&site, &config);
            let before = count(&ask(&site, "stats count(*) as n"));
            ask_until(&site, "stats count(*) as n", |rows| count(rows) > before + 300 || go_on.load(Ordering::Relaxed));
            server.kill();
            kills += 1;
        }
        writer.join().unwrap();
    });
    assert!(kills >= 2, "killed {kills} times");
    let server = Server::start(&site, &config);
    let all = u64::from(FILES * LINES * 2);
    let there = ask_until(&site, "stats count(*) as n by @log", |rows| count(rows) >= all);
    assert_eq!(there, [json!({"@log": "app/shop", "n": all})]);
    let twice = ask(&site, "stats count(*) as n by event | filter n = 2 | stats count(*) as n");
    assert_eq!(count(&twice), u64::from(FILES * LINES));
    let said = server.stop();
    assert_eq!(failures(&said), [] as [&str; 0]);
    assert_eq!(site.records_of("app"), all);
    site.assert_intact();
}

#[test]
fn a_full_log_makes_reading_wait_and_nothing_is_passed_over() {
    const LINES: u64 = 30_000;
    let site = Site::with_vault(&[]);
    let line =
        |n: u64| format!("20260305 01:02:03,db-1,愛子,198.51.100.7,17,{n},QUERY,shop,'select {n} from 注文',0\n");
    site.write("audit.log", (0..LINES).map(line).collect::<String>());
    let config = format!("max_waiting = \"1MiB\"\n{}", watching("1s", "paths = [\"audit.log\"]\n"));
    let server = Server::start(&site, &config);
    let rows = ask_until(&site, "filter @source = 'mariadb-audit' | stats count(*) as n", |rows| count(rows) == LINES);
    assert_eq!(count(&rows), LINES);
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    let waited = metrics.lines().any(|line| line.starts_with("shoseki_requests_total") && line.contains("\"files\""));
    assert!(waited && metrics.contains("status=\"503\""), "{metrics}");
    server.stop();
    assert_eq!(site.records_of("mariadb-audit"), LINES);
    site.assert_intact();
}

#[test]
fn logs_of_containers_are_known_by_their_names() {
    let site = Site::with_vault(&[]);
    let id = "0123456789abcdef".repeat(4);
    let (first, rest) = (r#"{"timestamp":"2026-03-05T01:02:03Z","event":"#, r#""ログイン","user":"愛子"}"#);
    let log = format!(
        "2026-03-05T01:02:03.000000001Z stdout P {first}\n2026-03-05T01:02:03.000000002Z stderr F plain\n\
         2026-03-05T01:02:03.000000003Z stdout F {rest}\nbroken\n"
    );
    site.write(&format!("pods/api-0_shop_api-{id}.log"), &log);
    let server = Server::start(&site, &watching("1h", "paths = [\"pods\"]\nformat = \"cri\"\n"));
    let rows = ask_until(&site, "fields @log, @message | sort @message", |rows| rows.len() == 3);
    let row =
        |source: &str, message: &str| json!({"@log": format!("{source}/shop/shop/api-0/api"), "@message": message});
    let whole = format!("{first}{rest}");
    assert_eq!(rows, [row("unknown", "broken"), row("unknown", "plain"), row("app", &whole)]);
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    for line in [
        "shoseki_files_watched{name=\"shop\"} 1",
        "shoseki_files_unread_bytes{name=\"shop\"} 0",
        "shoseki_events_total{receiver=\"files\",sender=\"shop\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    server.stop();
    site.assert_intact();
}

#[test]
fn what_happens_to_files_is_told() {
    let site = Site::with_vault(&[]);
    let line = |n: u32| format!("{}\n", json!({"timestamp": "2026-03-05T01:02:03Z", "event": "x", "n": n}));
    site.write("a.log", line(1) + &line(2));
    let config = watching("1h", "paths = [\"a.log\", \"none-*.log\"]\nstart = \"end\"\n");
    let server = Server::start(&site, &config);
    let begun = Instant::now();
    let told = |site: &Site| {
        let mut command =
            site.command(&["query", "fields action | sort @timestamp", "--source", "shoseki", "-o", "jsonl"]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    while !told(&site).contains("files.nothing") && begun.elapsed() < Duration::from_secs(60) {}
    let mut log = OpenOptions::new().append(true).open(site.path("a.log")).unwrap();
    log.write_all(line(3).as_bytes()).unwrap();
    let rows = ask_until(&site, "fields n", |rows| !rows.is_empty());
    assert_eq!(rows, [json!({"n": "3"})], "what was there before is passed over");
    fs::write(site.path("a.log"), line(4)).unwrap();
    let rows = ask_until(&site, "fields n | sort n", |rows| rows.len() == 2);
    assert_eq!(rows, [json!({"n": "3"}), json!({"n": "4"})]);
    let said = server.stop();
    for action in ["files.start", "files.nothing", "files.shortened"] {
        assert!(said.contains(action) && told(&site).contains(action), "{action} in {said}");
    }
    let server = Server::start(&site, &config);
    log.write_all(line(5).as_bytes()).unwrap();
    let rows = ask_until(&site, "fields n | sort n", |rows| rows.len() == 3);
    assert_eq!(rows.len(), 3, "{rows:?}");
    server.stop();
    site.assert_intact();
}

#[test]
fn mistakes_in_a_block_are_named_at_once() {
    let site = Site::with_vault(&[]);
    let block = "paths = []\n[[files]]\nname = \"shop\"\npaths = [\"[a\"]\nsource = \"pgaudi\"\n";
    let path = site.write("shoseki.toml", watching("1s", block));
    let refused = site.run(&["serve", "--check", "--config", &path]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for part in ["names no file", "`[a`", "did you mean `pgaudit`?", "twice"] {
        assert!(refused.err.contains(part), "{part} in {refused:?}");
    }
    let refused = site.run(&["serve", "--check", "--config", &path, "--lang", "ja"]);
    assert!(refused.err.contains("パターンとして読めません"), "{refused:?}");
    let path = site.write("shoseki.toml", watching("1s", "paths = [\"logs/*.log\"]\n"));
    let checked = site.run(&["serve", "--check", "--config", &path, "--json"]).report(0);
    let paths = checked["files"][0]["paths"][0].as_str().unwrap();
    assert!(paths.starts_with('/') && paths.ends_with("/logs/*.log"), "{checked}");
}
