//! Where a stream should have spoken and did not: found, told, filled, forgotten by nobody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod people;
mod serving;
mod site;

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, SecondsFormat, Timelike, Utc};
use people::{hook, mail_server};
use serde_json::{Value, json};
use serving::Server;
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
    assert!(gaps(&site, &[], 4).is_empty(), "nothing is known of any stream: that is no pass");
    let said = site.run(&["gaps"]);
    assert!(said.out.contains("nothing can be said"), "{said:?}");
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
    // The API server cut the bodies off two events; a third one only speaks of that.
    let audit = |id: &str, more: &str| {
        let sample = include_str!("../../../testdata/k8s-audit/truncated.jsonl").trim_end();
        let event =
            sample.replace("7b0f6c1e-90aa-4d1b-b1a2-1f6f3c7f2a10", id).replace("2026-03-05T01:02:03.250000Z", more);
        format!("{event}\n")
    };
    let at = |seconds: i64| shown(now - Duration::seconds(60 - seconds));
    let cut = [audit("one", &at(0)), audit("two", &at(1))].concat();
    let speaks =
        audit("three", &at(2)).replace(r#""audit.k8s.io/truncated":"true""#, r#""note":"audit.k8s.io/truncated""#);
    ingest(&site, "k8s-audit", "k.jsonl", &format!("{cut}{speaks}"), "k8s-audit/eks");
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
        row("lost", "k8s-audit/eks", "open"),
        row("silent", "app/shop", "open"),
    ];
    let mut rows = rows;
    rows.sort();
    expected.sort();
    assert_eq!(rows, expected);
    let all = gaps(&site, &["--config", &config, "--from", "-1h"], 1);
    let cut = all.iter().find(|gap| gap["stream"] == "k8s-audit/eks").unwrap();
    assert_eq!(cut["detail"], "audit.k8s.io/truncated (2): update shop/configmaps/catalogue one");
    let unknown = site.run(&["gaps"]);
    assert!(unknown.err.contains("[[expect]]"), "{unknown:?}");
    let wrong = site.write("wrong.toml", "[[expect]]\nstream = \"a\"\nat_most = \"1s\"\n");
    let refused = site.run(&["gaps", "--config", &wrong]);
    assert_eq!((refused.code, refused.err.contains("`1m`")), (Some(2), true), "{refused:?}");
}

#[test]
fn what_never_comes_is_settled_with_its_cause() {
    let (site, now) = (Site::with_vault(&[]), this_minute());
    let minutes = (0..3 * 1_440).filter(|ago| !(120..160).contains(ago) && !(600..640).contains(ago));
    ingest(&site, "app", "a.jsonl", &lines(minutes, now), "app/shop");
    let found = gaps(&site, &[], 1);
    assert_eq!(found.len(), 2, "{found:?}");
    let settle =
        |more: &[&str]| site.run(&[&["gaps", "settle", "app/shop", "--cause", "ディスクが満杯"], more].concat());
    let which = settle(&[]);
    assert_eq!((which.code, which.err.contains("--begin")), (Some(2), true), "{which:?}");
    let newest = found[0]["from"].as_str().unwrap();
    let done = settle(&["--begin", newest, "--answer", "監視を追加した", "--json"]).report(0);
    assert_eq!(done["settled"][0]["from"], newest, "{done}");
    let left = gaps(&site, &[], 1);
    let states: Vec<&Value> = left.iter().map(|gap| &gap["state"]).collect();
    assert_eq!(states, ["open", "settled"]);
    assert_eq!([&left[1]["settled"]["cause"], &left[1]["settled"]["answer"]], ["ディスクが満杯", "監視を追加した"]);
    assert!(left[1]["settled"]["by"].is_string() && left[1]["closed"].is_string(), "{left:?}");
    assert_eq!(settle(&[]).code, Some(0), "the other one is the only one left");
    assert_eq!(gaps(&site, &[], 0).len(), 2);
    let shown = site.run(&["gaps", "--all"]);
    assert!(shown.out.contains("settled") && shown.out.contains("ディスクが満杯"), "{shown:?}");
    assert_eq!(settle(&[]).code, Some(2), "none is open");
    site.assert_intact();
    // Who settled it is evidence that can be asked for; what comes after all closes the gap.
    let asked = "filter action = 'gap.settle' | stats count(*) as n by details.stream as stream";
    assert_eq!(
        site.run(&["query", asked, "--source", "shoseki", "-o", "json"]).report(0),
        json!([{"stream": "app/shop", "n": 2}])
    );
    ingest(&site, "app", "late.jsonl", &lines((120..160).chain(600..640), now), "app/shop");
    assert!(gaps(&site, &[], 0).is_empty());
}

#[test]
fn who_should_know_is_told_once_and_told_when_it_is_filled() {
    let (site, now) = (Site::with_vault(&[]), this_minute());
    ingest(&site, "app", "a.jsonl", &lines((0..3 * 1_440).filter(|ago| *ago >= 20), now), "app/shop");
    let ((url, hears), (port, mails)) = (hook(), mail_server());
    site.write("slack.url", format!("{url}/slack/T000-secret\n"));
    let config = format!(
        "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n\
         [[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n\
         [[alert]]\nname = \"slack\"\nlang = \"ja\"\nslack_file = \"slack.url\"\non = [\"gap.opened\"]\n\
         [[alert]]\nname = \"mail\"\n[alert.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"shoseki@example.com\"\nto = [\"運用 <ops@example.com>\"]\n\
         [[alert]]\nname = \"dead\"\nwebhook = \"http://127.0.0.1:1/token-of-nobody\"\n"
    );
    let server = Server::start(&site, &config);
    let wait = || hears.recv_timeout(StdDuration::from_secs(60)).expect("told");
    let (first, second) = (wait(), wait());
    let told = |path: &str| [&first, &second].into_iter().find(|(to, _)| to == path).map(|(_, told)| told).unwrap();
    let (opened, slack) = (told("/hook"), told("/slack/T000-secret"));
    assert_eq!([&opened["action"], &opened["details"]["stream"]], ["gap.opened", "app/shop"]);
    assert!(opened["what_to_do"].as_str().unwrap().contains("gaps repair"), "{opened}");
    assert!(slack["text"].as_str().unwrap().contains("途絶えています"), "{slack}");
    let mail = mails.recv_timeout(StdDuration::from_secs(60)).expect("mail");
    assert!(mail.contains("Subject: shoseki: [high] gap.opened") && mail.contains("ops@example.com"), "{mail}");

    ingest(&site, "app", "late.jsonl", &lines(0..20, this_minute()), "app/shop");
    let (path, closed) = wait();
    assert_eq!(
        (path.as_str(), &closed["action"]),
        ("/hook", &json!("gap.closed")),
        "told once, then that it is filled"
    );
    let said = server.stop();
    assert!(!said.contains("T000-secret") && !said.contains("token-of-nobody"), "{said}");

    // A server that is started again tells nothing twice, and what was closed is not forgotten.
    let server = Server::start(&site, &config);
    std::thread::sleep(StdDuration::from_secs(4));
    server.stop();
    // That `dead` could not be told before it stopped, the others hear.
    let is_failure = |told: &Value| told["action"] == "alert.failed" && told["details"]["name"] == "dead";
    let again: Vec<(String, Value)> = hears.try_iter().filter(|(_, told)| !is_failure(told)).collect();
    assert!(again.is_empty(), "{again:?}");
    let closed = gaps(&site, &["--all"], 0);
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert!(closed[0]["state"] == "closed" && closed[0]["closed"].is_string(), "{closed:?}");
    site.assert_intact();

    let path = site.path("shoseki.toml").display().to_string();
    let trial = site.run(&["serve", "--config", &path, "--test-alerts", "--json"]).report(1);
    let sent: Vec<(&str, bool)> = trial["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| (alert["name"].as_str().unwrap(), alert["sent"] == true))
        .collect();
    assert_eq!(sent, [("ops", true), ("slack", true), ("mail", true), ("dead", false)]);
}

#[test]
fn mistakes_in_alerts_are_named() {
    let site = Site::empty();
    let path = site.write(
        "shoseki.toml",
        "[[alert]]\nname = \"none\"\n\
         [[alert]]\nname = \"two\"\nwebhook = \"ftp://x/secret\"\nsns = \"topic\"\nlang = \"fr\"\non = [\"gap.open\"]\n\
         [[alert]]\nname = \"mail\"\n[alert.smtp]\nhost = \"mail.example.com\"\ntls = \"none\"\nfrom = \"nobody\"\nto = []\n",
    );
    let refused = site.run(&["serve", "--check", "--config", &path]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for part in ["`none`", "exactly one", "`fr`", "`gap.open`", "ARN", "URL", "`nobody`", "at least one address"] {
        assert!(refused.err.contains(part), "{part} in {}", refused.err);
    }
    assert!(!refused.err.contains("x/secret"), "{}", refused.err);
}
