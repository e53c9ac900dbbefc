//! Log files of RDS, read by its API: portion by portion, through rotations, once over restarts. A stub speaks that API over files
//! that the tests write, and boto3 reads it as well.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod serving;
mod site;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use serving::{Server, python};
use site::{Answer, Site};

/// RDS as the stub plays it.
struct Rds {
    folder: PathBuf,
    python: String,
    url: String,
    child: Child,
}

impl Drop for Rds {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // it ends with that
        let _ = self.child.wait();
    }
}

impl Rds {
    fn of(test: &str, site: &Site) -> Option<Self> {
        let python = python(test)?;
        let folder = site.path("rds");
        fs::create_dir_all(&folder).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/rds.py");
        let mut command = Command::new(&python);
        command.args([script, &folder.display().to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Some(Self { folder, python, url: url.trim().to_owned(), child })
    }

    fn variables(&self) -> [(&str, &str); 3] {
        [("AWS_ENDPOINT_URL_RDS", &self.url), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Calls each file by the next number, as RDS does with audit logs.
    fn rotate(&self, name: &str) {
        for number in (1..20).rev() {
            let _ = fs::rename(self.path(&format!("{name}.{number}")), self.path(&format!("{name}.{}", number + 1)));
        }
        fs::rename(self.path(name), self.path(&format!("{name}.1"))).unwrap();
    }

    /// Has a file last written ten minutes ago.
    fn settle(&self, name: &str) {
        let file = File::options().write(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(600)).unwrap();
    }

    /// What boto3 says.
    fn boto3(&self, arguments: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/sender.py");
        let output = Command::new(&self.python).args([script, &self.url]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// One round: how many events it brought.
    fn fetch(&self, site: &Site, more: &[&str]) -> u64 {
        self.round(site, more)[1]
    }

    /// One round: how many portions and events it brought.
    fn round(&self, site: &Site, more: &[&str]) -> [u64; 2] {
        let (config, wal) = (site.path("shoseki.toml").display().to_string(), site.path("wal").display().to_string());
        let mut command = site.command(&[&["fetch", "--json", "--config", &config, "--wal", &wal], more].concat());
        command.envs(self.variables());
        let report = Answer::of(command.output().unwrap()).report(0);
        ["objects", "events"].map(|name| report["fetched"][0][name].as_u64().unwrap())
    }
}

fn configure(more: &str) -> String {
    format!(
        "seal_every = \"1s\"\nregion = \"us-east-1\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n\
         [[fetch.rds]]\nname = \"db\"\ninstances = [\"shop-*\"]\nfiles = [\"audit/*\"]\nsource = \"mariadb-audit\"\n{more}"
    )
}

/// A line of MariaDB's audit log, without its end.
fn line(number: usize) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        "20260305 01:{minute:02}:{second:02},ip-10-19-0-190,admin,203.0.113.77,41,{number},QUERY,shop,'SELECT {number} /* 証 & <q> */',0"
    )
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| line(number) + "\n").collect()
}

fn ask(site: &Site, query: &str, source: &str) -> Vec<Value> {
    let wal = site.path("wal").display().to_string();
    let answer = site.run(&["query", query, "-o", "json", "--wal", &wal, "--source", source]);
    answer.report(0).as_array().unwrap().clone()
}

/// The lines that are there, in order.
fn there(site: &Site) -> Vec<String> {
    let rows = ask(site, "fields @message | limit 10000", "mariadb-audit");
    let mut lines: Vec<String> = rows.iter().map(|row| row["@message"].as_str().unwrap().to_owned()).collect();
    lines.sort();
    lines
}

fn expected(numbers: std::ops::Range<usize>) -> Vec<String> {
    let mut lines: Vec<String> = numbers.map(line).collect();
    lines.sort();
    lines
}

/// The files of which the program itself told that something is cut.
fn told(site: &Site, action: &str) -> Vec<Value> {
    let rows = ask(site, &format!("filter action = '{action}' | fields details.file as file | sort file"), "shoseki");
    rows.into_iter().map(|row| row["file"].clone()).collect()
}

#[test]
fn a_log_file_is_read_in_portions_and_through_its_rotation() {
    let site = Site::with_vault(&[]);
    let Some(rds) = Rds::of("log files of RDS", &site) else { return };
    let log = "shop-1/audit/server_audit.log";
    rds.append(log, &lines(0..100));
    rds.append("other/audit/server_audit.log", &lines(900..910));
    rds.append("shop-1/error/mysql-error.log", "not asked for\n");

    // What boto3 reads of the stub is what stands there.
    assert_eq!(rds.boto3(&["rds-log", "shop-1", "audit/server_audit.log"]), lines(0..100));
    let size = fs::metadata(rds.path(log)).unwrap().len();
    let listed = rds.boto3(&["rds-files", "shop-1"]);
    let listed: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed[0], json!(["other", "shop-1"]));
    assert_eq!(listed[1], json!([["audit/server_audit.log", size], ["error/mysql-error.log", 14]]));

    // A portion has fourteen lines, and nothing is cut: fewer lines are asked for until they fit.
    fs::write(rds.path("most"), "2000").unwrap();
    site.write("shoseki.toml", configure(""));
    assert_eq!(rds.fetch(&site, &[]), 100);
    assert_eq!(rds.fetch(&site, &[]), 0);
    rds.append(log, &lines(100..150));
    rds.append(log, &line(150)[..40]);
    assert_eq!(rds.fetch(&site, &[]), 50, "a line that has no end yet waits");

    // It goes on under another name, and another file begins under its own.
    rds.append(log, &line(150)[40..]);
    rds.append(log, &format!("\n{}", lines(151..160)));
    rds.rotate(log);
    rds.append(log, &lines(160..190));
    fs::write(rds.path("trouble"), "ThrottlingException Throttling").unwrap();
    assert_eq!(rds.fetch(&site, &[]), 40);
    rds.rotate(log);
    rds.append(log, &lines(190..192));
    assert_eq!(rds.fetch(&site, &[]), 2);
    assert_eq!(rds.round(&site, &[]), [0, 0], "what was read whole is not read again to pass over it");
    assert_eq!(there(&site), expected(0..192));
    assert_eq!(told(&site, "fetch.cut"), [] as [Value; 0]);
    let streams = ask(&site, "stats count(*) as n by @logStream", "mariadb-audit");
    assert_eq!(streams, [json!({"@logStream": "mariadb-audit/db/shop-1/audit", "n": 192})]);
    site.assert_intact();
}

#[test]
fn what_is_cut_is_told_and_what_is_old_is_whole_without_an_end() {
    let site = Site::with_vault(&[]);
    let Some(rds) = Rds::of("cut lines of RDS", &site) else { return };
    fs::write(rds.path("most"), "2000").unwrap();
    let long = line(7).replace("SELECT 7", &format!("SELECT 7{}", "x".repeat(3_000)));
    rds.append("shop-1/audit/server_audit.log", &format!("{}{long}\n{}", lines(0..7), lines(8..30)));
    rds.append("shop-1/audit/server_audit.log.1", &format!("{}{}", lines(100..105), line(105)));
    rds.settle("shop-1/audit/server_audit.log.1");
    let old = "shop-2/audit/server_audit.log";
    rds.append(old, &lines(200..210));
    let file = File::options().write(true).open(rds.path(old)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3 * 86_400)).unwrap();
    site.write("shoseki.toml", configure(""));
    assert_eq!(rds.fetch(&site, &[]), 36, "a file of three days ago is none of the last 24 hours");
    assert_eq!(told(&site, "fetch.cut"), ["shop-1/audit/server_audit.log"]);
    let mut whole = [expected(0..7), expected(8..30), expected(100..106)].concat();
    whole.push(long[..2_000].to_owned() + " [Your log message was truncated]");
    whole.sort();
    assert_eq!(there(&site), whole);

    // That is told once, however often the file is looked at.
    rds.settle("shop-1/audit/server_audit.log");
    assert_eq!(rds.fetch(&site, &[]), 0);
    assert_eq!(told(&site, "fetch.cut").len(), 1);
    // Where RDS leaves lines out without a word, the file is longer than what came of it.
    fs::write(rds.path("lost"), "").unwrap();
    rds.append("shop-1/audit/server_audit.log.0", &lines(300..305));
    assert_eq!(rds.fetch(&site, &[]), 4);
    assert_eq!(told(&site, "fetch.cut"), ["shop-1/audit/server_audit.log", "shop-1/audit/server_audit.log.0"]);
    fs::remove_file(rds.path("lost")).unwrap();
    // What lies further back is read when it is asked for, once; and what was left out comes where RDS gives it later.
    let stretch = ["--from", "2026-01-01", "--to", "2035-01-01"];
    assert_eq!(rds.fetch(&site, &stretch), 10 + 1);
    assert_eq!(rds.fetch(&site, &stretch), 0);
    // A database that is not there is told, and keeps nothing else waiting.
    rds.append("shop-1/audit/server_audit.log", &lines(30..31));
    let config = configure("").replace("\"shop-*\"", "\"gone\", \"shop-1\"");
    site.write("shoseki.toml", config);
    let (config, wal) = (site.path("shoseki.toml").display().to_string(), site.path("wal").display().to_string());
    let mut command = site.command(&["fetch", "--json", "--config", &config, "--wal", &wal]);
    command.envs(rds.variables());
    let report = Answer::of(command.output().unwrap()).report(1);
    assert_eq!(report["fetched"][0]["events"], 1, "{report}");
    assert!(report.to_string().contains("`gone`"), "{report}");
    site.assert_intact();
}

#[test]
fn a_server_reads_what_is_written_and_rotated_meanwhile_once() {
    let site = Site::with_vault(&[]);
    let Some(rds) = Rds::of("a server reads RDS", &site) else { return };
    fs::write(rds.path("most"), "3000").unwrap();
    let config = configure("every = \"1s\"\n");
    let log = "shop-1/audit/server_audit.log";
    let mut server = Some(Server::start_with(&site, &config, &rds.variables()));
    for step in 0..60 {
        rds.append(log, &lines(step * 10..step * 10 + 7));
        let rest = lines(step * 10 + 7..step * 10 + 10);
        let (one, other) = rest.split_at(50);
        rds.append(log, one);
        std::thread::sleep(Duration::from_millis(50)); // the writer's pace: what is read meanwhile has no end
        rds.append(log, other);
        if step % 13 == 12 {
            rds.rotate(log);
        }
        if step == 25 || step == 40 {
            server.take().unwrap().kill();
            server = Some(Server::start_with(&site, &config, &rds.variables()));
        }
    }
    let begun = Instant::now();
    while there(&site).len() < 600 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    server.take().unwrap().stop();
    assert_eq!(there(&site), expected(0..600));
    site.assert_intact();
}
