//! `serve`: what was acknowledged is there exactly once, also after a kill; it can be asked for before it is sealed; who may not
//! send is refused; and what real senders send is asked back, count for count.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod serving;
mod site;

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serving::{ALL, Server, TOKEN, ask, configuration, python, request, sender};
use site::Site;

/// A configuration by which nothing is sealed until the stop.
fn unsealed(receivers: &str) -> String {
    configuration("seal_every = \"1h\"\n[http]\nlisten = \"127.0.0.1:0\"", &format!("receivers = {receivers}"))
}

fn audit(id: &str) -> Value {
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": id,
        "stage": "ResponseComplete", "requestURI": "/api", "verb": "delete", "user": {"username": "甲"},
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": id},
        "requestReceivedTimestamp": "2026-03-05T00:00:00.000000Z", "stageTimestamp": "2026-03-05T00:00:00.000001Z"})
}

fn list(ids: impl IntoIterator<Item = String>) -> String {
    let items: Vec<Value> = ids.into_iter().map(|id| audit(&id)).collect();
    json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items}).to_string()
}

#[test]
fn what_is_acknowledged_is_there_once_however_often_it_is_killed() {
    let site = Site::with_vault(&[]);
    let mut acknowledged = 0;
    for round in 0..4 {
        let server = Server::start(&site, &unsealed(ALL));
        for request in 0..5 {
            let ids = (0..10).map(|n| format!("{round}-{request}-{n}"));
            let answer = server.post("/kubernetes-audit", list(ids));
            assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"received":10}"#));
            acknowledged += 10;
        }
        // The API server heard nothing of its last batch and sends it again.
        assert_eq!(server.post("/kubernetes-audit", list((0..10).map(|n| format!("{round}-4-{n}")))).status, 200);
        let begun = Instant::now();
        let rows = ask(&site, "stats count(*) as n by objectRef.resource");
        assert_eq!(rows, [json!({"objectRef.resource": "secrets", "n": acknowledged})], "round {round}");
        assert!(begun.elapsed() < Duration::from_secs(5), "searchable within five seconds");
        if round < 3 {
            server.kill();
        } else {
            server.stop();
        }
    }
    assert_eq!(site.records_of("k8s-audit"), acknowledged);
    assert_eq!(ask(&site, "filter objectRef.name = '2-3-7' | display @log"), [json!({"@log": "k8s-audit/prod"})]);
    site.assert_intact();
    assert!(std::fs::read_dir(site.path("wal")).unwrap().all(|entry| !entry.unwrap().path().ends_with(".wal")));
}

#[test]
fn starts_and_stops_are_evidence() {
    let site = Site::with_vault(&[]);
    for _ in 0..2 {
        let said = Server::start(&site, &unsealed(ALL)).stop();
        let actions: Vec<Value> =
            said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["action"].clone()).collect();
        assert_eq!(actions, ["serve.start", "serve.stop"]);
    }
    let answer =
        site.run(&["query", "stats count(*) as n by action | sort action", "--source", "shoseki", "-o", "jsonl"]);
    let rows: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows, [json!({"action": "serve.start", "n": 2}), json!({"action": "serve.stop", "n": 2})]);
    site.assert_intact();
}

#[test]
fn small_files_are_put_together_meanwhile() {
    let site = Site::with_vault(&[]);
    let often = "seal_every = \"1s\"\ncompact_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"";
    let server = Server::start(&site, &configuration(often, "receivers = [\"kubernetes-audit\"]"));
    let (begun, mut sent) = (Instant::now(), 0);
    let compacted = loop {
        assert_eq!(server.post("/kubernetes-audit", list([sent.to_string()])).status, 200);
        sent += 1;
        let answer = site.run(&["query", "filter action = 'compact.done'", "--source", "shoseki", "-o", "jsonl"]);
        if !answer.out.is_empty() || begun.elapsed() > Duration::from_secs(60) {
            break answer;
        }
    };
    assert!(compacted.out.contains("success"), "{compacted:?}");
    server.stop();
    assert_eq!(site.records_of("k8s-audit"), sent);
    site.assert_intact();
}

#[test]
fn who_may_not_send_is_refused_and_no_token_is_shown() {
    let site = Site::with_vault(&[]);
    let config = configuration(
        "[http]\nlisten = \"127.0.0.1:0\"\nmax_body = \"10KiB\"",
        "receivers = [\"falco\", \"ndjson\"]\nrequests_per_second = 1",
    );
    let server = Server::start(&site, &config);
    let alert = r#"{"output":"x","priority":"Notice","rule":"r","time":"2026-03-05T01:02:03Z"}"#;
    let send = |line: &str, headers: &[&str]| request(&server.http, line, headers, alert.as_bytes());
    assert_eq!(send("POST /falco", &[]).status, 401);
    assert_eq!(send("POST /falco", &["Authorization: Bearer other"]).status, 401);
    assert!(send("POST /falco", &[]).head.to_ascii_lowercase().contains("www-authenticate: bearer"));
    assert_eq!(send(&format!("POST /t/{TOKEN}/falco"), &[]).status, 200, "Falco can send no header");
    assert_eq!(server.post("/kubernetes-audit", alert).status, 403);
    assert_eq!(server.post("/nothing", alert).status, 404);
    assert_eq!(request(&server.http, &format!("GET /t/{TOKEN}/falco"), &[], b"").status, 405);
    assert_eq!(server.post("/falco", "no alert").status, 400);
    assert_eq!(server.post("/ingest", "x".repeat(10_241)).status, 413);
    assert_eq!(server.post("/ingest", "x".repeat(5 << 20)).status, 413);
    let encoded = [format!("Authorization: Bearer {TOKEN}"), "Content-Encoding: br".to_owned()];
    let encoded: Vec<&str> = encoded.iter().map(String::as_str).collect();
    assert_eq!(request(&server.http, "POST /ingest", &encoded, b"x").status, 415);
    let often: Vec<u16> = (0..20).map(|_| server.post("/falco", alert).status).collect();
    assert!(often.contains(&429), "{often:?}");
    assert_eq!(request(&server.http, "GET /healthz", &[], b"").status, 200);
    assert_eq!(request(&server.http, "GET /metrics", &[], b"").status, 404, "not where senders are");
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    for line in [
        r#"shoseki_requests_total{receiver="falco",sender="",status="401"} 3"#,
        r#"shoseki_requests_total{receiver="kubernetes-audit",sender="prod",status="403"} 1"#,
        "shoseki_wal_waiting_files 1",
    ] {
        let sorted = |line: &str| {
            let mut labels: Vec<String> = line.split(['{', '}', ',']).map(str::to_owned).collect();
            labels.sort();
            labels
        };
        assert!(metrics.lines().any(|there| sorted(there) == sorted(line)), "{line} in {metrics}");
    }
    assert_eq!(request(&server.status, "GET /readyz", &[], b"").status, 200);
    let said = server.stop();
    assert!(!said.contains(TOKEN) && !metrics.contains(TOKEN), "{said}");
    site.assert_intact();
}

#[test]
fn a_configuration_is_checked_before_anything_starts() {
    let site = Site::with_vault(&[]);
    let path = site.write("shoseki.toml", configuration("", "receivers = [\"falko\"]"));
    let refused = site.run(&["serve", "--check", "--config", &path]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("did you mean `falco`?"), "{refused:?}");
    let refused = site.run(&["serve", "--check", "--config", &path, "--lang", "ja"]);
    assert!(refused.err.contains("`falco` ではありませんか"), "{refused:?}");
    let missing = site.run(&["serve", "--config", "none.toml"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");

    let made = site.run(&["token", "prod", "--receiver", "falco", "--receiver", "loki", "--json"]).report(0);
    let path = site.write("shoseki.toml", made["config"].as_str().unwrap());
    let checked = site.run(&["serve", "--check", "--config", &path, "--json"]).report(0);
    assert_eq!(checked["senders"], json!([{"name": "prod", "receivers": ["falco", "loki"]}]));
    assert!(made["token"].as_str().unwrap().len() >= 43, "256 bits");
    assert_eq!(site.run(&["token", "a b", "--receiver", "falco"]).code, Some(2));
}

#[test]
fn over_tls_a_certificate_is_as_good_as_a_token() {
    let Some(python) = python("over_tls_a_certificate_is_as_good_as_a_token") else { return };
    let site = Site::with_vault(&[]);
    let folder = site.path("").display().to_string();
    let shown = sender(&python, ["certificates", &folder, "-"]).remove(0);
    let http = "[http]\nlisten = \"127.0.0.1:0\"\n[http.tls]\ncertificate = \"server.crt\"\nkey = \"server.key\"\n\
                client_ca = \"ca.crt\"";
    let of_sender = format!("certificate_sha256 = \"{shown}\"\nreceivers = [\"falco\"]");
    let server = Server::start(&site, &configuration(http, &of_sender));
    let heard = sender(&python, ["tls", &format!("{folder}|{}", server.http), TOKEN]);
    assert_eq!(heard, ["200", "200", "401", "refused"]);
    let metrics = request(&server.status, "GET /metrics", &[], b"").body;
    let failed = r#"shoseki_handshakes_failed_total{receiver="http",sender=""} 1"#;
    assert!(metrics.lines().any(|line| line == failed), "{metrics}");
    server.stop();
    assert_eq!(site.records_of("falco"), 2);
    let from = ask(
        &site,
        "filter @source = 'falco' | parse @origin '*@*' as place, sent_from | sort sent_from | display sent_from",
    );
    assert_eq!(from, ["127.0.0.1", "127.0.0.1/CN=shoseki test client"].map(|from| json!({ "sent_from": from })));
    site.write("server.crt", "no certificate");
    let refused = site.run(&["serve", "--check", "--config", "shoseki.toml"]);
    assert!(refused.code == Some(2) && refused.err.contains("server.crt"), "{refused:?}");
}

#[test]
fn syslog_is_taken_by_each_transport() {
    let site = Site::with_vault(&[]);
    let listener = |name: &str, transport: &str| {
        format!("[[syslog]]\nname = \"{name}\"\nlisten = \"127.0.0.1:0\"\ntransport = \"{transport}\"\n")
    };
    let more = format!(
        "seal_every = \"1h\"\n[http]\nlisten = \"127.0.0.1:0\"\n{}{}",
        listener("stream", "tcp"),
        listener("datagrams", "udp")
    );
    let server = Server::start(&site, &configuration(&more, "receivers = [\"falco\"]"));
    if !Command::new("logger").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: `syslog_is_taken_by_each_transport` needs `logger`, of Debian's bsdutils");
        return;
    }
    let port = |name: &str| server.syslog(name).rsplit(':').next().unwrap().to_owned();
    let (tcp, udp) = (port("stream"), port("datagrams"));
    let alert = r#"{"output":"x","priority":"Notice","rule":"シェル","time":"2026-03-05T01:02:03Z"}"#;
    for (arguments, text) in [
        (vec!["--tcp", "--port", &tcp, "--rfc5424", "--octet-count"], "数えた 1"),
        (vec!["--tcp", "--port", &tcp, "--rfc5424"], "行 2"),
        (vec!["--tcp", "--port", &tcp, "--rfc3164"], "古い 3"),
        (vec!["--udp", "--port", &udp, "--rfc5424"], "データグラム 4"),
        (vec!["--tcp", "--port", &tcp, "--rfc5424", "--octet-count"], alert),
    ] {
        let mut logger = Command::new("logger");
        logger
            .args(["--server", "127.0.0.1", "--tag", "監査", "--priority", "auth.warning"])
            .args(&arguments)
            .arg(text);
        assert!(logger.status().unwrap().success(), "{arguments:?}");
    }
    let begun = Instant::now();
    let messages = loop {
        let rows = ask(&site, "filter facility = 'auth' | sort message | fields message, severity, app_name, @source");
        if rows.len() == 4 || begun.elapsed() > Duration::from_secs(10) {
            break rows;
        }
    };
    let row = |text: &str| json!({"message": text, "severity": "warning", "app_name": "監査", "@source": "syslog"});
    assert_eq!(messages, ["データグラム 4", "古い 3", "数えた 1", "行 2"].map(row));
    let rules = ask(&site, "filter @source = 'falco' | fields rule, @log");
    assert_eq!(rules.len(), 1, "what Falco wrote is Falco's");
    assert_eq!(rules[0]["rule"], "シェル");
    assert!(rules[0]["@log"].as_str().unwrap().starts_with("falco/stream/"), "{rules:?}");
    let from = "filter @source in ['syslog', 'falco'] | parse @origin '*:*:*@*' as door, name, place, sent_from";
    let from = ask(&site, &format!("{from} | stats count(*) as n by door, name, sent_from | sort name"));
    let row = |name: &str, n: u64| json!({"door": "syslog", "name": name, "sent_from": "127.0.0.1", "n": n});
    assert_eq!(from, [row("datagrams", 1), row("stream", 4)]);
    server.stop();
    site.assert_intact();
}

#[test]
fn what_real_senders_send_is_asked_back() {
    let Some(python) = python("what_real_senders_send_is_asked_back") else { return };
    let site = Site::with_vault(&[]);
    let server = Server::start(&site, &unsealed(ALL));
    let url = format!("http://{}", server.http);
    for (name, log, field) in [
        ("otlp", "app/prod/決済", "message"),
        ("elasticsearch", "app/prod/audit", "message"),
        ("loki", "app/prod/app=api,logger=loki,severity=info", "message"),
        ("structlog", "app/prod/shop", "@message"),
    ] {
        let mut sent = sender(&python, [name, &url, TOKEN]);
        let rows = ask(&site, &format!("filter @log = '{log}' | display `{field}` | limit 1000"));
        let mut there: Vec<String> = rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect();
        sent.sort();
        there.sort();
        assert_eq!(there, sent, "{name}: {:?}", ask(&site, "stats count(*) by @log"));
    }
    let refunds = ask(&site, "filter `event.action` = 'order.refunded' | stats count(*) as n by `user.name`");
    assert_eq!(refunds, [json!({"user.name": "愛子", "n": 25})]);
    let said = server.stop();
    assert!(!said.contains("failed"), "{said}");
    assert_eq!(site.records_of("app"), 100, "what came twice under one name is there once");
    site.assert_intact();
}
