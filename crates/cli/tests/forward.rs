//! What is sealed goes on to other systems: by each protocol, exactly what was asked for, at least once whoever dies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod daemons;
mod serving;
mod site;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use aws::Moto;
use daemons::{User, are_there};
use serde_json::{Value, json};
use serving::{Server, TOKEN, ask, ask_until, configuration, python, sender};
use site::{Site, event, events};

/// A vault with CloudTrail's events of these numbers.
fn with_events(numbers: std::ops::Range<u32>) -> Site {
    let site = Site::with_vault(&[]);
    ingest(&site, numbers);
    site
}

fn ingest(site: &Site, numbers: std::ops::Range<u32>) {
    let path = site.write(&format!("trail-{}.json", numbers.start), events(numbers));
    let ingested = site.run(&["ingest", "cloudtrail", &path]);
    assert_eq!(ingested.code, Some(0), "{ingested:?}");
}

/// The vault that others send to.
fn receiving(receiver: &str) -> (Site, Server) {
    let site = Site::with_vault(&[]);
    let more = "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"";
    let server = Server::start(&site, &configuration(more, &format!("receivers = [\"{receiver}\"]")));
    (site, server)
}

fn configure(site: &Site, forwards: &str) -> String {
    site.write("token", TOKEN);
    let head = "seal_every = \"1s\"\nregion = \"us-east-1\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n";
    site.write("shoseki.toml", format!("{head}{forwards}"))
}

/// One round: the exit code, and what each forwarder says of it.
fn forward_with(site: &Site, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let [config, wal] = ["shoseki.toml", "wal"].map(|name| site.path(name).display().to_string());
    let answer = site.run(&[&["forward", "--json", "--config", &config, "--wal", &wal], more].concat());
    let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    (answer.code, report["forwarded"].as_array().unwrap().clone())
}

/// One round of one forwarder that goes well: how many records it sent.
fn forward(site: &Site, more: &[&str]) -> u64 {
    let (code, forwarded) = forward_with(site, more);
    assert_eq!(code, Some(0), "{forwarded:?}");
    forwarded[0]["records"].as_u64().unwrap()
}

/// The events of CloudTrail in a vault, byte for byte, in the order of their times.
fn trail(site: &Site) -> Vec<String> {
    let rows = ask(site, "filter @source = 'cloudtrail' | sort @timestamp | fields @message | limit 10000");
    rows.iter().map(|row| row["@message"].as_str().unwrap().to_owned()).collect()
}

/// Sends to a receiver of ours, and asks there.
fn reaches(receiver: &str, target: impl Fn(&str) -> String) {
    let (other, server) = receiving(receiver);
    let site = with_events(0..1_500);
    let begun = format!("[[forward]]\nname = \"other\"\nfrom = \"beginning\"\n{}", target(&server.http));
    configure(&site, &begun);
    assert_eq!(forward(&site, &[]), 1_500, "{receiver}");
    let all: Vec<String> = (0..1_500).map(event).collect();
    assert_eq!(trail(&other), all, "{receiver}");
    assert_eq!(forward(&site, &[]), 0, "nothing is new");
    ingest(&site, 1_500..1_600);
    assert_eq!(forward(&site, &[]), 100, "only what is new");
    assert_eq!(trail(&other).len(), 1_600);
    let told = "filter action = 'forward.run' and details.ended = 'whole' | sort @timestamp | fields details.records as records";
    let told = site.run(&["query", told, "--source", "shoseki", "-o", "json"]).report(0);
    let sent = |records: &str| json!({"records": records});
    assert_eq!(told, json!([sent("1500"), sent("0"), sent("100")]), "that evidence left is evidence");
    let stretch = ["--from", "2026-03-05T00:00:10Z", "--to", "2026-03-05T00:00:30Z"];
    assert_eq!(forward(&site, &stretch), 20, "a stretch again");
    assert_eq!(forward(&site, &[]), 0, "and it is where it was");
    server.stop();
    assert_eq!(other.records_of("cloudtrail"), 1_600, "what came twice is there once");
    other.assert_intact();
}

#[test]
fn loki_gets_what_is_sealed() {
    let target = |at: &str| {
        format!(
            "[forward.loki]\nurl = \"http://{at}\"\ntoken_file = \"token\"\nstructured_metadata = false\nlabels = {{ env = \"prod\" }}\n"
        )
    };
    reaches("loki", target);
}

#[test]
fn splunk_gets_what_is_sealed() {
    reaches("splunk-hec", |at| format!("[forward.splunk-hec]\nurl = \"http://{at}\"\ntoken_file = \"token\"\n"));
}

#[test]
fn elasticsearch_gets_documents_with_the_records_names() {
    let (other, server) = receiving("elasticsearch");
    let site = with_events(0..1_200);
    let at = &server.http;
    let target = format!(
        "[[forward]]\nname = \"search\"\nfrom = \"beginning\"\n[forward.elasticsearch]\nurl = \"http://{at}\"\n\
         index = \"evidence\"\nuser = \"shoseki\"\npassword_file = \"token\"\n"
    );
    configure(&site, &target);
    assert_eq!(forward(&site, &[]), 1_200);
    let question = "stats count(*) as n, count_distinct(shoseki.record) as records, count_distinct(event.original) as events \
                    by event.dataset as dataset, event.action as action";
    let rows = ask(&other, question);
    assert_eq!(
        rows,
        [json!({"dataset": "cloudtrail", "action": "GetObject", "n": 1_200, "records": 1_200, "events": 1_200})]
    );
    let one = ask(&other, "filter event.id = '00000000-0000-4000-8000-000000000007' | fields event.original as raw");
    assert_eq!(one, [json!({"raw": event(7)})]);
    server.stop();
}

#[test]
fn a_web_hook_gets_lines_that_are_signed_and_fit_the_condition() {
    let name = "a_web_hook_gets_lines_that_are_signed_and_fit_the_condition";
    let Some(python) = python(name) else { return };
    let site = with_events(0..500);
    let secret = "0123456789abcdef0123";
    site.write("secret", secret);
    let port = free_port();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serving/hook.py");
    let out = site.path("hook.out");
    let mut hook = Command::new(python)
        .args([program, &port.to_string(), secret, &out.display().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        sleep(Duration::from_millis(20));
    }
    let target = format!(
        "[[forward]]\nname = \"hook\"\nfrom = \"beginning\"\nsources = [\"cloudtrail\"]\nstreams = [\"cloudtrail/*\"]\n\
         filter = \"requestParameters.key like /7$/ and sourceIPAddress != '192.0.2.7'\"\n\
         [forward.webhook]\nurl = \"http://127.0.0.1:{port}/evidence\"\nsecret_file = \"secret\"\n"
    );
    configure(&site, &target);
    let expected: Vec<Value> =
        (0..500).filter(|n| n % 10 == 7 && n % 250 != 7).map(|n| serde_json::from_str(&event(n)).unwrap()).collect();
    assert_eq!(forward(&site, &[]), expected.len() as u64);
    drop(hook.stdin.take());
    assert!(hook.wait().unwrap().success(), "every body was signed");
    let lines: Vec<Value> =
        fs::read_to_string(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut got: Vec<Value> = lines.iter().map(|line| line["event"].clone()).collect();
    got.sort_by_key(|event| event["eventID"].as_str().unwrap().to_owned());
    assert_eq!(got, expected);
    let record = lines[0]["record"].as_str().unwrap();
    assert_eq!(site.run(&["prove", record, "--out", &site.path("proof").display().to_string()]).code, Some(0));
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_dead_target_is_tried_again_and_keeps_nobody_waiting() {
    let (other, server) = receiving("loki");
    let site = with_events(0..10);
    let (alive, dead) = (server.http.clone(), free_port());
    let loki = |name: &str, at: &str| {
        format!(
            "[[forward]]\nname = \"{name}\"\nfrom = \"beginning\"\n[forward.loki]\nurl = \"http://{at}\"\ntoken_file = \"token\"\nstructured_metadata = false\n"
        )
    };
    let head = "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n";
    site.write("token", TOKEN);
    let config = format!("{head}{}{}", loki("dead", &format!("127.0.0.1:{dead}")), loki("alive", &alive));
    let forwarding = Server::start(&site, &config);
    let rows = ask_until(&other, "stats count(*) as n by @source", |rows| rows.len() == 1 && rows[0]["n"] == 10);
    assert_eq!(rows, [json!({"@source": "cloudtrail", "n": 10})]);
    let told = "filter action = 'forward.failed' | fields details.name as name";
    let begun = Instant::now();
    loop {
        let mut command = site.command(&["query", told, "--source", "shoseki", "-o", "json"]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        let rows = Site::finish(command).report(0);
        if rows == json!([{"name": "dead"}]) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{rows}");
    }
    let metrics = serving::request(&forwarding.status, "GET /metrics", &[], b"").body;
    assert!(metrics.contains("shoseki_forwarded_records_total{forwarder=\"alive\"} 10"), "{metrics}");
    // It is killed, and goes on where it was.
    forwarding.kill();
    ingest(&site, 10..30);
    let forwarding = Server::start(&site, &config);
    let rows = ask_until(&other, "stats count(*) as n by @source", |rows| rows[0]["n"] == 30);
    assert_eq!(rows[0]["n"], 30);
    let said = forwarding.stop();
    assert!(!said.contains("panicked"), "{said}");
    server.stop();
    assert_eq!(other.records_of("cloudtrail"), 30);
    // One round does not wait for the dead: it says so, and the other is done.
    let (code, forwarded) = forward_with(&site, &[]);
    assert_eq!(code, Some(1), "{forwarded:?}");
    assert!(forwarded[0]["problem"].is_string() && forwarded[1]["problem"].is_null(), "{forwarded:?}");
    let unknown = site.run(&["forward", "--config", &site.path("shoseki.toml").display().to_string(), "nobody"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}

#[test]
fn whoever_is_killed_meanwhile_sends_all_at_least_once() {
    let site = with_events(0..20_000);
    let (other, server) = receiving("loki");
    let target = format!(
        "[[forward]]\nname = \"other\"\nfrom = \"beginning\"\n[forward.loki]\nurl = \"http://{}\"\ntoken_file = \"token\"\nstructured_metadata = false\n",
        server.http
    );
    configure(&site, &target);
    let [config, wal] = ["shoseki.toml", "wal"].map(|name| site.path(name).display().to_string());
    for patience in [300, 600, 900] {
        let mut child =
            site.command(&["forward", "--config", &config, "--wal", &wal]).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(patience));
        let _ = child.kill(); // it may have ended
        child.wait().unwrap();
    }
    forward(&site, &[]);
    server.stop();
    assert_eq!(other.records_of("cloudtrail"), 20_000);
    assert_eq!(ask(&other, "stats count_distinct(eventID) as n"), [json!({"n": 20_000})]);
}

/// rsyslog takes what is sent, and writes it down: its lines.
fn to_rsyslog(site: &Site, input: &str, target: impl Fn(u16) -> String, records: u64) -> Vec<String> {
    let port = free_port();
    let folder = site.path("rsyslog");
    fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name).display().to_string();
    let config = format!(
        "global(workDirectory=\"{}\" maxMessageSize=\"64k\" parser.escapeControlCharactersOnReceive=\"off\")\n{}\n\
         template(name=\"all\" type=\"string\" string=\"%app-name%\\t%msgid%\\t%structured-data%\\t%timestamp:::date-rfc3339%\\t%msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"all\")\n",
        at(""),
        input.replace("PORT", &port.to_string()),
        at("all")
    );
    let config = site.write("rsyslog/rsyslog.conf", config);
    let command = ["/usr/sbin/rsyslogd", "-n", "-f", &config, "-i", &at("pid")];
    let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    let daemon = User::of("root").start(&site.path("rsyslog.out"), &command, listens);
    configure(site, &target(port));
    assert_eq!(forward(site, &[]), records);
    daemon.stop();
    let lines = fs::read_to_string(folder.join("all")).unwrap();
    lines.lines().filter(|line| line.starts_with("cloudtrail\t")).map(str::to_owned).collect()
}

#[test]
fn rsyslog_gets_messages_of_the_standard() {
    if !are_there("rsyslog_gets_messages_of_the_standard", &["/usr/sbin/rsyslogd"], "rsyslog") {
        return;
    }
    let site = with_events(0..2_500);
    let input = "module(load=\"imtcp\")\ninput(type=\"imtcp\" port=\"PORT\" address=\"127.0.0.1\")";
    let target = |port| {
        format!(
            "[[forward]]\nname = \"siem\"\nfrom = \"beginning\"\n[forward.syslog]\naddress = \"127.0.0.1:{port}\"\ntransport = \"tcp\"\n"
        )
    };
    let mut lines = to_rsyslog(&site, input, target, 2_500);
    lines.sort();
    assert_eq!(lines.len(), 2_500);
    let mut messages: Vec<&str> = lines.iter().map(|line| line.rsplit('\t').next().unwrap().trim_start()).collect();
    messages.sort_unstable();
    let mut all: Vec<String> = (0..2_500).map(event).collect();
    all.sort();
    assert_eq!(messages, all);
    let parts: Vec<&str> = lines[0].split('\t').collect();
    assert_eq!(parts[1], "GetObject");
    assert!(parts[2].starts_with("[shoseki@32473 record=\""), "{}", parts[2]);
}

#[test]
fn rsyslog_gets_cef_over_tls() {
    let name = "rsyslog_gets_cef_over_tls";
    if !are_there(name, &["/usr/sbin/rsyslogd"], "rsyslog") {
        return;
    }
    let Some(python) = python(name) else { return };
    let site = with_events(0..300);
    let at = |name: &str| site.path(name).display().to_string();
    sender(&python, ["certificates", &at(""), "-"]);
    let input = format!(
        "global(defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=\"{}\" defaultNetstreamDriverCertFile=\"{}\" \
         defaultNetstreamDriverKeyFile=\"{}\")\n\
         module(load=\"imtcp\" streamDriver.name=\"gtls\" streamDriver.mode=\"1\" streamDriver.authMode=\"x509/certvalid\")\n\
         input(type=\"imtcp\" port=\"PORT\" address=\"127.0.0.1\")",
        at("ca.crt"),
        at("server.crt"),
        at("server.key")
    );
    let target = |port| {
        format!(
            "[[forward]]\nname = \"siem\"\nfrom = \"beginning\"\nformat = \"cef\"\n[forward.syslog]\n\
             address = \"127.0.0.1:{port}\"\nca = \"ca.crt\"\ncertificate = \"client.crt\"\nkey = \"client.key\"\n"
        )
    };
    let lines = to_rsyslog(&site, &input, target, 300);
    assert_eq!(lines.len(), 300);
    for line in &lines {
        let message = line.rsplit('\t').next().unwrap().trim_start();
        assert!(message.starts_with("CEF:0|shoseki|shoseki|"), "{message}");
        assert!(message.contains("|cloudtrail:6003|GetObject|") && message.contains(" act=GetObject "), "{message}");
    }
}

#[test]
fn cloudwatch_logs_gets_events_and_says_which_it_does_not_take() {
    let name = "cloudwatch_logs_gets_events_and_says_which_it_does_not_take";
    let (Some(moto), Some(python)) = (Moto::of(name), python(name)) else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/sender.py");
    let boto3 = |arguments: &[&str]| {
        let output =
            Command::new(&python).arg(script).arg(moto.endpoint()).args(arguments).stdin(Stdio::null()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let group = format!("/evidence/{}", std::process::id());
    boto3(&["log-group", &group]);
    let site = Site::with_vault(&[]);
    let now = chrono::Utc::now();
    let at = |minutes: i64| (now - chrono::Duration::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let with_time = |n: u32, time: &str| {
        let mut event: Value = serde_json::from_str(&event(n)).unwrap();
        event["eventTime"] = json!(time);
        event
    };
    let ahead = with_time(0, &at(-300));
    let new: Vec<Value> = (1..40).map(|n| with_time(n, &at(i64::from(n) * 100))).collect();
    let all: Vec<&Value> = new.iter().chain([&ahead]).collect();
    let path = site.write("trail.json", json!({"Records": all}).to_string());
    assert_eq!(site.run(&["ingest", "cloudtrail", &path, "--stream", "cloudtrail/a:b"]).code, Some(0));
    let target = format!(
        "[[forward]]\nname = \"group\"\nfrom = \"beginning\"\n[forward.cloudwatch-logs]\ngroup = \"{group}\"\n"
    );
    configure(&site, &target);
    let (code, forwarded) = forward_with(&site, &[]);
    assert_eq!((code, &forwarded[0]["records"], &forwarded[0]["refused"]), (Some(1), &json!(39), &json!(1)));
    let got = boto3(&["log-events", &group, "cloudtrail/a_b"]);
    let mut got: Vec<Value> = got.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    got.sort_by_key(|event| event["eventID"].as_str().unwrap().to_owned());
    assert_eq!(got, new);
    let told = site.run(&[
        "query",
        "filter action = 'forward.refused' | fields details.count as n",
        "--source",
        "shoseki",
        "-o",
        "json",
    ]);
    assert_eq!(told.report(0), json!([{"n": "1"}]));
    // A group that is not there is a failure that says so, and nothing is passed over.
    configure(&site, &target.replace(&group, "/absent").replace("\"group\"", "\"other\""));
    let (code, forwarded) = forward_with(&site, &[]);
    assert_eq!(code, Some(1));
    assert!(forwarded[0]["problem"].as_str().unwrap().contains("/absent"), "{forwarded:?}");
}

#[test]
fn masked_lines_have_no_secrets() {
    let (other, server) = receiving("loki");
    let site = Site::with_vault(&[]);
    let line = r#"{"time":"2026-03-05T00:00:00Z","level":"info","msg":"paid","card":"4111 1111 1111 1111","password":"hunter2hunter2"}"#;
    let path = site.write("app.log", format!("{line}\n"));
    assert_eq!(site.run(&["ingest", "app", &path]).code, Some(0));
    let target = format!(
        "[[forward]]\nname = \"other\"\nfrom = \"beginning\"\nmask = true\n[forward.loki]\nurl = \"http://{}\"\ntoken_file = \"token\"\n",
        server.http
    );
    configure(&site, &target);
    assert_eq!(forward(&site, &[]), 1);
    let rows =
        ask_until(&other, "fields message, metadata.record as record, labels.stream as stream", |rows| rows.len() == 1);
    let message = rows[0]["message"].as_str().unwrap();
    let own = site.run(&["query", "fields @ptr, @log", "--mask", "-o", "json"]).report(0);
    assert_eq!(
        (&rows[0]["record"], &rows[0]["stream"]),
        (&own[0]["@ptr"], &own[0]["@log"]),
        "which record it is goes along"
    );
    assert!(!message.contains("hunter2") && !message.contains("4111 1111 1111 1111"), "{message}");
    assert!(message.contains("paid"), "{message}");
    server.stop();
}
