//! Where a stream should have spoken and did not: found, told, filled, forgotten by nobody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use chrono::{DateTime, Duration, SecondsFormat, Timelike, Utc};
use serde_json::{Value, json};
use site::Site;

/// The beginning of this minute.
fn this_minute() -> DateTime<Utc> {
    Utc::now().with_second(0).unwrap().with_nanosecond(0).unwrap()
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A line of an application for each of these minutes.
fn lines(minutes: impl Iterator<Item = i64>, now: DateTime<Utc>) -> String {
    let line = |ago: i64| json!({"event": "beat", "user": "aiko", "timestamp": shown(now - Duration::minutes(ago))});
    minutes.map(|ago| format!("{}\n", line(ago))).collect()
}

fn ingest(site: &Site, source: &str, name: &str, text: &str, stream: &str) {
    let path = site.write(name, text);
    assert_eq!(site.run(&["ingest", source, &path, "--stream", stream]).code, Some(0));
}

fn gaps(site: &Site, more: &[&str], code: i32) -> Vec<Value> {
    site.run(&[&["gaps", "--json"], more].concat()).report(code)["gaps"].as_array().unwrap().clone()
}

#[test]
fn a_silence_is_found_and_filled() {
    let (site, now) = (Site::with_vault(&[]), this_minute());
    let minutes = || (0..3 * 1_440).filter(|ago| !(120..160).contains(ago));
    ingest(&site, "app", "a.jsonl", &lines(minutes(), now), "app/shop");
    let found = gaps(&site, &[], 1);
    assert_eq!(found.len(), 1, "{found:?}");
    let gap = &found[0];
    assert_eq!([&gap["kind"], &gap["state"], &gap["stream"]], ["silent", "open", "app/shop"]);
    let (from, to) = (now - Duration::minutes(159), now - Duration::minutes(119));
    assert_eq!([&gap["from"], &gap["to"]], [&json!(shown(from)), &json!(shown(to))]);
    assert_eq!([&gap["at_most_minutes"], &gap["expected"]], [&json!(5), &json!("learned")]);
    assert!(gaps(&site, &["--from", "-1h"], 0).is_empty(), "it ended before");

    let table = site.run(&["gaps"]);
    assert!(table.out.contains("app/shop") && table.out.contains("gaps repair"), "{table:?}");
    let table = site.run(&["gaps", "--lang", "ja"]);
    assert!(table.out.contains("無音") && table.out.contains("未解消"), "{table:?}");
    let streams = site.run(&["gaps", "--streams"]);
    assert!(streams.out.contains("168/168"), "{streams:?}");

    ingest(&site, "app", "late.jsonl", &lines(120..160, now), "app/shop");
    assert!(gaps(&site, &[], 0).is_empty());
}

#[test]
fn what_is_stated_and_what_senders_say_is_counted() {
    let (site, now) = (Site::with_vault(&[]), this_minute());
    ingest(&site, "app", "a.jsonl", &lines([0, 10, 40].into_iter(), now), "app/shop");
    let dropped = json!({
        "time": shown(now), "rule": "Falco internal: syscall event drop", "priority": "Debug", "source": "internal",
        "output": "Falco internal: syscall event drop. 7 system calls dropped in last second.", "hostname": "node-1",
        "output_fields": {"n_drops": "7", "n_evts": "100"},
    });
    ingest(&site, "falco", "f.jsonl", &format!("{dropped}\n"), "falco/node-1");
    let config = site.write(
        "shoseki.toml",
        "[[expect]]\nstream = \"app/*\"\nat_most = \"15m\"\n[[expect]]\nstream = \"k8s-audit/prod\"\nat_most = \"5m\"\n",
    );
    let rows: Vec<[String; 3]> = gaps(&site, &["--config", &config, "--from", "-1h"], 1)
        .iter()
        .map(|gap| ["kind", "stream", "state"].map(|name| gap[name].as_str().unwrap().to_owned()))
        .collect();
    let row = |kind: &str, stream: &str, state: &str| [kind, stream, state].map(str::to_owned);
    let mut expected = [
        row("never", "k8s-audit/prod", "ongoing"),
        row("lost", "falco/node-1", "open"),
        row("silent", "app/shop", "open"),
    ];
    let mut rows = rows;
    rows.sort();
    expected.sort();
    assert_eq!(rows, expected);
    let unknown = site.run(&["gaps"]);
    assert!(unknown.err.contains("[[expect]]"), "{unknown:?}");
    let wrong = site.write("wrong.toml", "[[expect]]\nstream = \"a\"\nat_most = \"1s\"\n");
    let refused = site.run(&["gaps", "--config", &wrong]);
    assert_eq!((refused.code, refused.err.contains("`1m`")), (Some(2), true), "{refused:?}");
}
