//! A server as its operators start it, and requests as plain as they can be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::site::{Answer, Site};

/// The token of the sender `prod`.
pub const TOKEN: &str = "token-of-prod";

/// All receivers.
pub const ALL: &str =
    r#"["kubernetes-audit", "falco", "otlp", "loki", "elasticsearch", "splunk-hec", "firehose", "ndjson"]"#;

/// A configuration with one sender; `more` stands before it, `of_sender` among its keys.
pub fn configuration(more: &str, of_sender: &str) -> String {
    let hash = hex_sha256(TOKEN);
    format!(
        "{more}\n[status]\nlisten = \"127.0.0.1:0\"\n[[sender]]\nname = \"prod\"\ntoken_sha256 = \"{hash}\"\n{of_sender}\n"
    )
}

/// A configuration that seals each second what `prod` sends of its application; `more` stands in it.
pub fn sealing_each_second(more: &str) -> String {
    let head = format!("seal_every = \"1s\"\n{more}[http]\nlisten = \"127.0.0.1:0\"");
    configuration(&head, "receivers = [\"ndjson\"]\nsource = \"app\"")
}

fn hex_sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A server that runs.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT` of the receivers.
    pub http: String,
    /// The same of health and metrics.
    pub status: String,
    syslog: Value,
}

impl Server {
    /// Starts it, and waits until it listens.
    pub fn start(site: &Site, configuration: &str) -> Self {
        Self::start_with(site, configuration, &[])
    }

    /// The same with variables of its own. How full the disk of this machine is, is told only where the configuration says when.
    pub fn start_with(site: &Site, configuration: &str, variables: &[(&str, &str)]) -> Self {
        let is_watched = configuration.contains("[disk]");
        let disk = if is_watched { "" } else { "\n[disk]\nwarn = \"0%\"\n" };
        let path = site.write("shoseki.toml", format!("{configuration}{disk}"));
        let mut command = site.command(&["serve", "--json", "--config", &path]);
        command.envs(variables.iter().copied());
        command.env("SHOSEKI_WAL", site.path("wal")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            panic!("{:?}", Answer::of(child.wait_with_output().unwrap()));
        }
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self { http: address("http"), status: address("status"), syslog: ready["syslog"].clone(), child }
    }

    /// `127.0.0.1:PORT` of a listener for syslog.
    pub fn syslog(&self, name: &str) -> &str {
        self.syslog[name].as_str().unwrap()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a schedule came to its end so many times since the start.
    pub fn ran(&self, schedule: &str, times: u64) {
        let (begun, name) = (Instant::now(), format!("shoseki_schedule_runs_total{{schedule=\"{schedule}\"}} "));
        loop {
            let text = request(&self.status, "GET /metrics", &[], b"").body;
            let count = text.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap_or_default();
            if count >= times {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "{schedule} ran {count} times: {text}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks it to stop, and gives what it said on the way.
    pub fn stop(self) -> String {
        self.end("-TERM")
    }

    /// Kills it without a word.
    pub fn kill(self) -> String {
        self.end("-KILL")
    }

    fn end(mut self, how: &str) -> String {
        let sent = Command::new("kill").args([how, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.success(), how == "-TERM", "{said}");
        said
    }

    /// A request to the receivers with the sender's token.
    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Response {
        let token = format!("Authorization: Bearer {TOKEN}");
        request(&self.http, &format!("POST {path}"), &[&token], body.as_ref())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // a test that failed leaves none behind
    }
}

/// The rows of a question, which sees what is not sealed yet.
pub fn ask(site: &Site, question: &str) -> Vec<Value> {
    let mut command = site.command(&["query", question, "-o", "jsonl"]);
    command.env("SHOSEKI_WAL", site.path("wal"));
    let answer = Answer::of(command.output().unwrap());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks until the rows are as wanted, and gives them; the last ones where that takes too long.
pub fn ask_until(site: &Site, question: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let rows = ask(site, question);
        if wanted(&rows) || begun.elapsed() > Duration::from_secs(90) {
            return rows;
        }
    }
}

/// What a server said that failed; what rules found in the evidence is none of that.
pub fn failures(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.contains("failure") && !line.contains("\"match.found\"")).collect()
}

/// The Python that `cargo xtask test` prepared; `None` where it did not.
pub fn python(test: &str) -> Option<String> {
    let python = std::env::var("SHOSEKI_TEST_PYTHON").ok();
    if python.is_none() {
        eprintln!("skipped: `{test}` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
    }
    python
}

/// Runs the program of real senders, and gives what it printed.
pub fn sender(python: &str, arguments: [&str; 3]) -> Vec<String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serving/senders.py");
    let output = Command::new(python).args(["-W", "ignore", program]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// A request on a connection of its own: `line` is the method and the path.
pub fn request(address: &str, line: &str, headers: &[&str], body: &[u8]) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(body); // a refusal may come before the end of it
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer); // nor need the connection end well then
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Response { status: status.unwrap_or_else(|| panic!("{answer:?}")), head: head.to_owned(), body: body.to_owned() }
}
