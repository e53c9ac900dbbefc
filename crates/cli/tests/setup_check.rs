//! `shoseki setup check`: moto plays AWS, somebody before it delivers what calls would leave, a `serve` takes it in, and each stage shows;
//! and what does not arrive is said to stop where it stopped.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod daemons;
mod serving;
mod site;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use aws::front::front;
use aws::{Cloud, account};
use daemons::{User, are_there, run};
use serde_json::Value;
use serving::{Server, TOKEN, configuration, python, sender};
use site::{Answer, Site};

/// Who delivers before moto; gone with the test.
struct Arrivals {
    child: Child,
    url: String,
}

impl Arrivals {
    fn start(cloud: &Cloud, python: &str, site: &Site, more: &[&str]) -> Self {
        let folder = site.path("").display().to_string();
        sender(python, ["certificates", &folder, "-"]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/arrivals.py");
        let mut command = Command::new(python);
        command.args([script, &cloud.moto.endpoint(), &folder]).args(more).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: ready["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An account with a set-up, and a vault beside it.
struct Estate {
    cloud: Cloud,
    site: Site,
    account: String,
    arrivals: Arrivals,
}

impl Estate {
    /// `state` is what exists before the set-up; `wish` stands below `[setup]`, `more` goes to who delivers.
    fn of(test: &str, (state, wish): (&str, &str), more: &[&str]) -> Option<Self> {
        let (cloud, python) = (Cloud::of(test)?, python(test)?);
        let (site, account) = (Site::with_vault(&[]), account());
        let arrivals = Arrivals::start(&cloud, &python, &site, more);
        let role = format!("arn:aws:iam::{account}:role/setup");
        let setup = format!("[setup]\nhome_region = \"us-east-1\"\nroles = [\"{role}\"]\n{wish}\n");
        let estate = Self { cloud, site, account, arrivals };
        if !state.is_empty() {
            estate.cloud.make(&estate.account, state);
        }
        estate.site.write("setup.toml", &setup);
        let applied = estate.run(&["setup", "apply", "--yes", "--config", "setup.toml"]);
        assert!(matches!(applied.code, Some(0 | 4)), "{applied:?}");
        Some(estate)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.made(&self.arrivals.url, arguments)
    }

    fn made(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = self.site.command(arguments);
        command.env("AWS_ENDPOINT_URL", endpoint).env("SHOSEKI_WAL", self.site.path("wal"));
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
        command.env_remove("AWS_PROFILE").env_remove("AWS_ENDPOINT_URL_S3").env_remove("SHOSEKI_CONFIG");
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        Site::finish(self.command(arguments))
    }

    /// The configuration of who fetches from the account, and receives from `prod`.
    fn serving(&self) -> String {
        let setup = std::fs::read_to_string(self.site.path("setup.toml")).unwrap();
        let bucket = self.bucket();
        let role = format!("role_arn = \"arn:aws:iam::{}:role/collector\"\n", self.account);
        let queue = format!("https://sqs.us-east-1.amazonaws.com/{}/shoseki-trail-events", self.account);
        let fetch = format!(
            "region = \"us-east-1\"\nseal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [[fetch.s3]]\nname = \"trail\"\nurl = \"s3://{bucket}\"\nevery = \"1s\"\n{role}\
             [[fetch.sqs]]\nname = \"told\"\nqueue = \"{queue}\"\n{role}\
             [[fetch.cloudwatch-logs]]\nname = \"groups\"\ngroups = [\"/aws/eks/*\", \"/aws/rds/*\"]\nevery = \"1s\"\n{role}"
        );
        format!("{}{setup}", configuration(&fetch, "receivers = [\"ndjson\"]"))
    }

    fn bucket(&self) -> String {
        format!("shoseki-evidence-{}-us-east-1", self.account)
    }
}

fn trial<'r>(report: &'r Value, source: &str) -> &'r Value {
    let all = report["trials"].as_array().unwrap();
    all.iter().find(|one| one["source"] == source).unwrap_or_else(|| panic!("no {source} in {report}"))
}

fn advice(trial: &Value) -> String {
    format!("{} {}", trial["advice"]["en"], trial["advice"]["ja"])
}

const STAGES: [&str; 5] = ["emitted", "delivered", "ingested", "sealed", "found"];

#[test]
fn each_stage_of_each_source_shows_where_a_server_takes_in() {
    let wish = "data_events = [\"*\"]\n";
    let Some(estate) = Estate::of("setup check", ("cluster", wish), &[]) else { return };
    let server = Server::start_with(&estate.site, &estate.serving(), &[("AWS_ENDPOINT_URL", &estate.arrivals.url)]);
    let door = format!("http://{}", server.http);
    let sources = ["cloudtrail", "data-events", "config", "eks", "door"];
    let named: Vec<&str> = sources.iter().flat_map(|source| ["--source", source]).collect();
    let words =
        ["setup", "check", "--json", "--every", "1s", "--timeout", "90s", "--door", &door, "--token-env", "TRIED"];
    let mut command = estate.command(&[&words[..], &named].concat());
    command.env("TRIED", TOKEN);
    let report = Site::finish(command).report(0);
    for source in sources {
        let trial = trial(&report, source);
        assert_eq!(trial["verdict"], "arrived", "{trial}");
        let mut last = 0.0;
        for stage in STAGES.into_iter().filter(|stage| source != "door" || *stage != "delivered") {
            let seconds = trial[stage]["seconds"].as_f64().unwrap_or_else(|| panic!("{stage} of {trial}"));
            // Stages are seen by different clocks: an object has whole seconds, a commit has milliseconds.
            assert!(seconds + 2.0 >= last, "{stage} of {trial}");
            last = seconds;
        }
        // Anybody finds it by the question that is shown.
        let typed = trial["query"].as_str().unwrap().strip_prefix("shoseki query '").unwrap();
        let (question, rest) = typed.split_once("' ").unwrap();
        let rest: Vec<&str> = rest.split(' ').collect();
        let rows = estate.run(&[&["query", question, "-o", "json"], &rest[..]].concat()).report(0);
        assert!(!rows.as_array().unwrap().is_empty(), "{typed}");
    }
    assert!(trial(&report, "eks")["emitted"]["at"].as_str().unwrap().ends_with(" 404"), "{report}");
    assert!(trial(&report, "cloudtrail")["delivered"]["at"].as_str().unwrap().contains("/CloudTrail/us-east-1/"));

    // What was emitted is not emitted again, and is found all the same.
    let nonce = report["nonce"].as_str().unwrap();
    let again = ["setup", "check", "--json", "--again", nonce, "--source", "eks", "--timeout", "60s", "--every", "1s"];
    let again = estate.run(&again).report(0);
    assert_eq!(trial(&again, "eks")["mark"], trial(&report, "eks")["mark"]);
    server.stop();
    // The run is a record.
    assert_eq!(estate.run(&["access", "--seal"]).code, Some(0));
    let question =
        "filter action = \"setup.check\" | sort @timestamp asc | fields details.nonce, details.ended, @message";
    let rows = estate.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["details.nonce"]), (2, &report["nonce"]), "{rows}");
    assert!(rows[0]["@message"].as_str().unwrap().contains("\"verdict\":\"arrived\""), "{rows}");
    estate.site.assert_intact();
}

#[test]
fn without_a_server_what_was_delivered_is_taken_in_from_here() {
    let wish = "config = false\neks = false\ndatabases = false\n";
    let Some(estate) = Estate::of("setup check without serve", ("", wish), &[]) else { return };
    let words = ["setup", "check", "--config", "setup.toml", "--source", "cloudtrail", "--every", "1s"];
    let told = estate.run(&[&words[..], &["--timeout", "3s"]].concat());
    assert_eq!(told.code, Some(1), "{told:?}");
    for part in [
        "Emitted cloudtrail:GetTrailStatus",
        "Delivered s3://shoseki-evidence-",
        "nothing in `setup.toml` fetches from there",
        "--again",
    ] {
        assert!(format!("{}{}", told.out, told.err).contains(part), "{part} is not in {told:?}");
    }
    let nonce = told.err.split("--again ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    let again = [&words[..], &["--timeout", "60s", "--again", &nonce, "--take-in", "--json"]].concat();
    let report = estate.run(&again).report(0);
    assert_eq!(trial(&report, "cloudtrail")["verdict"], "arrived");
    let said = estate.run(&[&again[..again.len() - 1], &["--lang", "ja"]].concat());
    assert!(said.code == Some(0) && said.out.contains("検索で確認 1 件"), "{said:?}");
}

#[test]
fn what_stops_is_said_to_stop_where_it_stopped() {
    let wish = "config = false\ndatabases = false\n";
    let Some(estate) = Estate::of("setup check that fails", ("cluster", wish), &["without=trail"]) else { return };
    // Nothing is delivered by the trail, the cluster's log is delivered and nobody fetches it.
    let words = ["setup", "check", "--config", "setup.toml", "--json", "--every", "1s", "--timeout", "3s"];
    let named = ["--source", "cloudtrail", "--source", "eks"];
    let report = estate.run(&[&words[..], &named].concat()).report(1);
    let trail = trial(&report, "cloudtrail");
    assert_eq!((&trail["verdict"], &trail["missing"]), (&"late".into(), &"delivered".into()), "{trail}");
    assert!(advice(trail).contains("LatestDeliveryError") && advice(trail).contains("15 分"), "{trail}");
    let cluster = trial(&report, "eks");
    assert_eq!(
        (&cluster["missing"], &cluster["delivered"]["at"]),
        (&"ingested".into(), &"/aws/eks/shop/cluster".into())
    );
    assert!(advice(cluster).contains("fetch.cloudwatch-logs"), "{cluster}");

    // With somebody who fetches, the same goes on from there.
    estate.site.write("fetching.toml", estate.serving());
    let nonce = report["nonce"].as_str().unwrap();
    let again =
        ["setup", "check", "--config", "fetching.toml", "--json", "--every", "1s", "--timeout", "60s", "--source"];
    let taken = estate.run(&[&again[..], &["eks", "--take-in", "--again", nonce]].concat()).report(0);
    assert_eq!(trial(&taken, "eks")["verdict"], "arrived", "{taken}");
    // The records of both runs are judged: what arrived in the end, and what did not.
    let judged = estate.run(&["check", "--check", "evidence_trials_arrived", "--json", "--all"]).report(1);
    let findings = judged["checks"][0]["findings"].as_array().unwrap();
    let of = |source: &str| findings.iter().find(|one| one["subject"].as_str().unwrap().starts_with(source)).unwrap();
    assert_eq!((&of("eks")["status"], &of("cloudtrail")["status"]), (&"pass".into(), &"fail".into()), "{judged}");

    // A right that is missing is named, and judges nothing.
    let refusing = front(&estate.arrivals.url, "shoseki-check-");
    let mut command = estate.made(&refusing, &[&words[..], &["--source", "cloudtrail"]].concat());
    let report = Answer::of(command.output().unwrap()).report(4);
    let trail = trial(&report, "cloudtrail");
    assert_eq!(trail["verdict"], "not_emitted", "{trail}");
    assert!(advice(trail).contains("cloudtrail:GetTrailStatus") && advice(trail).contains("setup policy"), "{trail}");
    let policy = estate.run(&["setup", "policy"]).report(0);
    assert!(policy.to_string().contains("config:DeliverConfigSnapshot"), "{policy}");

    // Where it may not be seen where it is delivered, that is said, and it is not taken for missing.
    let refusing = front(&estate.arrivals.url, "list-type=2");
    let mut command = estate.made(&refusing, &[&words[..], &["--source", "cloudtrail"]].concat());
    let report = Answer::of(command.output().unwrap()).report(1);
    let trail = trial(&report, "cloudtrail");
    assert_eq!(trail["missing"], "ingested", "{trail}");
    assert!(advice(trail).contains("s3:ListBucket"), "{trail}");
}

#[test]
fn what_a_person_does_is_printed_and_waited_for() {
    let wish = "config = false\neks = false\ndatabases = false\n";
    let Some(estate) = Estate::of("setup check of people", ("", wish), &[]) else { return };
    let serving = estate.serving() + "[[files]]\nname = \"web\"\npaths = [\"web.log\"]\n";
    estate.site.write("web.log", "");
    let server = Server::start_with(&estate.site, &serving, &[("AWS_ENDPOINT_URL", &estate.arrivals.url)]);
    let words = ["setup", "check", "--json", "--source", "app", "--every", "1s"];
    let report = estate.run(&[&words[..], &["--timeout", "1s"]].concat()).report(4);
    let of_file = |report: &Value| -> Value {
        let all = report["trials"].as_array().unwrap();
        all.iter().find(|one| one["of"].as_str().unwrap().starts_with("web ")).unwrap().clone()
    };
    let trial = of_file(&report);
    assert_eq!(trial["verdict"], "not_done", "{trial}");
    let line = trial["for_a_person"].as_str().unwrap();
    estate.site.write("web.log", format!("{line}\n"));
    let again = [&words[..], &["--timeout", "30s", "--again", report["nonce"].as_str().unwrap()]].concat();
    // The file's line came; the application of `prod` logged nothing.
    let report = estate.run(&again).report(4);
    assert_eq!(of_file(&report)["verdict"], "arrived", "{report}");
    server.stop();
}

#[test]
fn ctrl_c_leaves_a_summary_and_how_to_go_on() {
    let wish = "config = false\neks = false\ndatabases = false\n";
    let Some(estate) = Estate::of("setup check that is stopped", ("", wish), &[]) else { return };
    let words = ["setup", "check", "--config", "setup.toml", "--source", "cloudtrail", "--every", "1s"];
    let mut child = estate.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line.contains("Delivered")).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("waiting")), "{rest:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("--again"), "{ended:?}");
    let question = "filter action = \"setup.check\" | fields details.ended";
    let rows = estate.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    assert_eq!(rows[0]["details.ended"], "stopped", "{rows}");
}

/// Tries the databases of an estate, of which one listens here, and gives its trial. `files` are the paths of its log: RDS would export it.
fn tried(estate: &Estate, name: &str, files: &str) -> Value {
    let serving = estate.serving() + &format!("[[files]]\nname = \"{name}\"\npaths = [\"{files}\"]\n");
    let server = Server::start_with(&estate.site, &serving, &[("AWS_ENDPOINT_URL", &estate.arrivals.url)]);
    let words = ["setup", "check", "--json", "--source", "database", "--every", "1s", "--timeout", "20s"];
    // The others listen nowhere: a person would have to log in there.
    let report = estate.run(&words).report(4);
    server.stop();
    let all = report["trials"].as_array().unwrap();
    let other = all.iter().find(|one| one["of"] == "points").unwrap();
    assert!(other["for_a_person"].as_str().unwrap().starts_with("mysql --host "), "{other}");
    let trial = all.iter().find(|one| one["of"] == name).unwrap().clone();
    assert_eq!(trial["verdict"], "arrived", "{report}");
    trial
}

/// MariaDB's server, and what it needs.
const MARIADB: [&str; 3] =
    ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db", "/usr/lib/mysql/plugin/server_audit.so"];

#[test]
fn a_log_in_that_fails_is_in_the_audit_log_of_a_real_mariadb() {
    let name = "a_log_in_that_fails_is_in_the_audit_log_of_a_real_mariadb";
    if !are_there(name, &MARIADB, "mariadb-server") {
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wish = "config = false\neks = false\n";
    let Some(estate) = Estate::of(name, ("half", wish), &[&format!("port=members:{port}")]) else { return };
    let user = User::of("mysql");
    let folder = user.folder(&estate.site.path("mariadb"));
    let at = |name: &str| folder.join(name).display().to_string();
    let mut made = user.command(MARIADB[1]);
    made.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    made.arg(format!("--datadir={}", at("data"))).current_dir("/");
    assert!(run(made, "").status.success());
    let options =
        [("datadir", at("data")), ("socket", at("sock")), ("pid-file", at("pid")), ("port", port.to_string())];
    let mut command = vec![MARIADB[0].to_owned(), "--no-defaults".to_owned()];
    command.extend(options.iter().map(|(name, value)| format!("--{name}={value}")));
    command.extend(
        ["--bind-address=127.0.0.1", "--plugin-load-add=server_audit", "--server-audit-logging=ON"].map(str::to_owned),
    );
    command.push(format!("--server-audit-file-path={}", at("audit.log")));
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let mariadb = user.start(&estate.site.path("mariadb.out"), &command, || folder.join("sock").exists());
    let trial = tried(&estate, "members", "mariadb/audit.log*");
    mariadb.stop();
    assert!(trial["emitted"]["at"].as_str().unwrap().starts_with("1045 "), "{trial}");
    let question = "filter @source = 'mariadb-audit' and operation = 'FAILED_CONNECT' | fields username";
    let rows = estate.run(&["query", question, "-o", "json"]).report(0);
    assert_eq!(rows[0]["username"], format!("shoseki_check_{}", trial["mark"].as_str().unwrap()), "{rows}");
}

#[test]
fn a_log_in_that_fails_is_in_the_log_of_a_real_postgresql() {
    let name = "a_log_in_that_fails_is_in_the_log_of_a_real_postgresql";
    let [daemon, install] = ["postgres", "initdb"].map(|name| format!("/usr/lib/postgresql/15/bin/{name}"));
    if !are_there(name, &[&daemon, &install], "postgresql-15") {
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wish = "config = false\neks = false\n";
    let Some(estate) = Estate::of(name, ("half", wish), &[&format!("port=orders:{port}")]) else { return };
    let user = User::of("postgres");
    let folder = user.folder(&estate.site.path("pg"));
    let at = |name: &str| folder.join(name).display().to_string();
    let mut made = user.command(&install);
    made.args(["-D", &at("data"), "-A", "trust", "--locale=C.UTF-8"]).current_dir("/");
    assert!(run(made, "").status.success());
    std::fs::write(folder.join("data/pg_hba.conf"), "local all all trust\nhost all all all scram-sha-256\n").unwrap();
    let mut command =
        vec![daemon, "-D".to_owned(), at("data"), "-k".to_owned(), at(""), "-p".to_owned(), port.to_string()];
    let log = format!("log_directory={}", at("log"));
    for setting in [
        "listen_addresses=127.0.0.1",
        "logging_collector=on",
        "log_filename=postgresql.log",
        "log_line_prefix=%m [%p] %q%u@%d ",
        &log,
    ] {
        command.extend(["-c".to_owned(), setting.to_owned()]);
    }
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let is_up = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    let postgres = user.start(&estate.site.path("pg.out"), &command, is_up);
    let trial = tried(&estate, "orders", "pg/log");
    postgres.stop();
    assert!(trial["emitted"]["at"].as_str().unwrap().starts_with("28P01 "), "{trial}");
    let question = "filter @source = 'pgaudit' and severity = 'FATAL' | fields user";
    let rows = estate.run(&["query", question, "-o", "json"]).report(0);
    assert_eq!(rows[0]["user"], format!("shoseki_check_{}", trial["mark"].as_str().unwrap()), "{rows}");
}
