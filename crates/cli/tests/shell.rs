//! The shell, through a pipe and through a terminal.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod site;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use site::{Answer, Site};

fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    let taken = site.run(&["ingest", "auto", evidence.to_str().unwrap()]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    site
}

/// The shell with its input from a pipe.
fn piped(site: &Site, words: &[&str], input: &str) -> Answer {
    let mut command = site.command(&[&["shell"], words].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Answer::of(child.wait_with_output().unwrap())
}

#[test]
fn questions_come_from_a_pipe_one_after_another() {
    let site = estate();
    let input = "\
# how many there are
stats count(*) as n; stats count(*) as k
| filter k > 0;
| limit 1

\\sql select count(*) as s from k8s_audit
\\sql
select \"eventName\" from cloudtrail
  where \"eventName\" = 'StopLogging'; select 'a;b' as t;
\\insights
filter eventName = 'StopLogging'

| stats count(*) as last";
    let answer = piped(&site, &[], input);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let said: Vec<&str> = answer.out.lines().collect();
    assert_eq!(
        said,
        [
            "n",
            "1472",
            "k",
            "1472",
            "k",
            "1472",
            "s",
            "275",
            "questions are in SQL; `show tables` lists what can be asked",
            "eventName",
            "StopLogging",
            "t",
            "a;b",
            "questions are in the language of CloudWatch Logs Insights",
            "last",
            "1",
        ],
        "{answer:?}"
    );
}

#[test]
fn a_mistake_is_shown_at_its_place_and_the_next_question_is_asked() {
    let site = estate();
    let answer =
        piped(&site, &[], "filtr a = 1; stats count(*) as n; \\nonsense\n\\rnge -7d\n\\quit\nstats count(*) as m");
    assert_eq!(answer.code, Some(1), "not all of it could be done: {answer:?}");
    assert_eq!(answer.out, "n\n1472\n", "{answer:?}");
    for word in ["^^^^^", "`filter`", "\\nonsense", "`\\range`"] {
        assert!(answer.err.contains(word), "{word}: {}", answer.err);
    }
}

#[test]
fn range_zone_file_saved_and_explain_are_commands() {
    let site = estate();
    let out = site.path("rows.csv");
    let input = format!(
        "\\range 2026-03-05 '2026-03-05 13:00'\nstats count(*) as n;\n\\range all\n\\tz UTC\nstats min(@timestamp) as first;\n\
         \\o csv {}\n\\run k8s-exec\n\\o json\nstats count(*) as json;\n\\explain\n\\saved\n\\help\n\\tz Mars/Olympus\n\\o xml\n",
        out.display()
    );
    let answer = piped(&site, &["--tz", "Asia/Tokyo"], &input);
    assert_eq!(answer.code, Some(1), "two commands were wrong: {answer:?}");
    for word in [
        "time range: 2026-03-05T00:00:00+09:00 to 2026-03-05T13:00:00+09:00",
        "time range: … to …",
        "zone: UTC",
        "2026-03-05T00:",
        "\"json\":1472",
        "would be read: 2 of 3 files",
        "cloudtrail-root-use",
        "\\range",
    ] {
        assert!(answer.out.contains(word), "{word}: {}", answer.out);
    }
    let part: u64 = answer.out.lines().nth(2).unwrap().parse().unwrap();
    assert!(part > 0 && part < 1_472, "{part}");
    assert!(answer.err.contains("Mars/Olympus") && answer.err.contains("\\o FORMAT [FILE]"), "{}", answer.err);
    let rows = std::fs::read_to_string(out).unwrap();
    assert!(rows.starts_with("@timestamp,user.username") && rows.contains("deploy-bot"), "{rows}");
}

#[test]
fn the_time_of_each_answer_is_said_where_it_is_asked_for() {
    let site = estate();
    let input = "\\timing\nstats count(*) as n; nonsense; fields a | limit 0;\n\\timing off\nstats count(*) as n;\n\\timing x\n";
    let answer = piped(&site, &[], input);
    assert_eq!(answer.code, Some(1), "two lines were wrong: {answer:?}");
    assert!(answer.out.starts_with("the time of each answer is said\nn\n1472\n"), "{}", answer.out);
    let times: Vec<f64> = answer.err.lines().filter_map(|line| line.strip_prefix("time: ")).map(milliseconds).collect();
    assert_eq!(times.len(), 2, "neither of a mistake nor once it is off: {}", answer.err);
    assert!(times.iter().all(|time| *time > 0.0), "{times:?}");
    assert!(answer.err.contains("\\timing [on | off]"), "{}", answer.err);
}

fn milliseconds(text: &str) -> f64 {
    text.strip_suffix(" ms").unwrap().parse().unwrap()
}

#[test]
fn what_comes_in_meanwhile_is_among_the_next_answer() {
    let site = Site::with_vault(&[]);
    let file = site.write("more.json", site::events(0..3));
    let mut command = site.command(&["shell"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let taken = site.run(&["ingest", "cloudtrail", &file]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    child.stdin.take().unwrap().write_all(b"stats count(*) as n").unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap());
    assert_eq!(answer.out, "n\n3\n", "{answer:?}");
}

/// Drives the shell as a person would: `expect` waits for words on the screen, `send` types.
const TERMINAL: &str = r#"
import fcntl, os, pty, re, select, struct, sys, termios, time

pid, screen = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "shell", "--lang", "en"])
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
seen = ""

def expect(words):
    global seen
    end = time.time() + 90
    while True:
        plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)
        if words in plain:
            seen = plain.split(words, 1)[1]
            return
        if time.time() > end:
            sys.exit(f"`{words}` did not come; the screen ends with: {plain[-800:]!r}")
        if select.select([screen], [], [], 0.2)[0]:
            try:
                seen += os.read(screen, 65536).decode("utf-8", "replace")
            except OSError:
                sys.exit(f"the shell went away before `{words}`: {plain[-800:]!r}")

def send(text):
    os.write(screen, text.encode())

expect("shoseki> ")
send("stats count(*) as n\r")
expect("1472")
expect("shoseki> ")
send("dedu\t userIdentity.ar\t, eventName | stats count(*) as x |\r")
send("fields 40 + 2 as y\r")
expect("42")
expect("shoseki> ")
send("| limit 1\r")
expect("42")
expect("shoseki> ")
send("filtr a\r")
expect("^^^^^")
expect("shoseki> ")
send("never asked\x03")
expect("shoseki> ")
send("\\sql select count(*) from events a cross join events b cross join events c where a.raw <> b.raw\r")
expect("files, ")  # the bar shows how far it is
send("\x03")
expect("stopped")
expect("shoseki> ")
send("stats count(*) + 1 as after\r")
expect("1473")
expect("shoseki> ")
send("\x04")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

#[test]
fn a_person_at_a_terminal_edits_completes_stops_and_is_remembered() {
    let site = estate();
    let script = site.write("terminal.py", TERMINAL);
    let mut command = site.started_by(Command::new("python3"), &[&script, env!("CARGO_BIN_EXE_shoseki")]);
    command.env("XDG_STATE_HOME", site.path("state")).env("TERM", "xterm").env("COLUMNS", "200");
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: no python3 to open a terminal with: {error}");
            return;
        }
    };
    let answer = Answer::of(output);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let history = site.path("state/shoseki/history");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&history), mode(history.parent().unwrap())), (0o600, 0o700));
    let remembered = std::fs::read_to_string(&history).unwrap();
    assert!(remembered.contains("dedup userIdentity.arn, eventName"), "{remembered}");
    assert!(!remembered.contains("never asked"), "{remembered}");
}
