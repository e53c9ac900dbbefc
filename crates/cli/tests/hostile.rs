//! What senders can do to the door: each file gives a clear error or unparsed records, the exit code says so, and the
//! rest goes in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use site::{Answer, Site, event, events};

/// What must come of a file: the exit code, and that of a second run, the records, how many of them are unparsed, and words on
/// standard error. 0: all was read. 1: it could not be received whole, which is said each time. 4: it is in, and cannot be judged;
/// of records that is said once, of an empty file each time.
struct Case {
    name: &'static str,
    content: Vec<u8>,
    codes: (i32, i32),
    new: u64,
    unparsed: u64,
    says: &'static str,
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

/// A list of three events of these numbers, with something in place of the second.
fn between(first: u32, second: &[u8]) -> Vec<u8> {
    [b"{\"Records\":[", event(first).as_bytes(), b",", second, b",", event(first + 2).as_bytes(), b"]}"].concat()
}

fn cases() -> Vec<Case> {
    let case = |name, content, codes, (new, unparsed), says| Case { name, content, codes, new, unparsed, says };
    let (whole, not_whole, unread, empty) = ((0, 0), (1, 1), (4, 0), (4, 4));
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let cut = gzip(events(10..14).as_bytes());
    let huge = event(20).replace("\"b\"", "123456789012345678901234567890, \"more\": -1e999999");
    let utf8 = event(31).replace("GetObject", "Get?");
    let utf8: Vec<u8> = utf8.bytes().map(|b| if b == b'?' { 0xff } else { b }).collect();
    let long = format!("{}\n{{\"eventID\":\"{}\"}}\n{}\n", event(70), "x".repeat(50 << 20), event(71));
    let digest = r#"{"awsAccountId":"111122223333","digestStartTime":"2026-03-05T00:00:00Z","digestEndTime":"2026-03-05T01:00:00Z","digestS3Bucket":"b","digestS3Object":"o","digestSignatureAlgorithm":"SHA256withRSA","previousDigestHashValue":null,"logFiles":[{"s3Bucket":"b","s3Object":"o","hashValue":"00","hashAlgorithm":"SHA-256"}]}"#;
    let half = events(50..53);
    let spaces = [event(60).into_bytes(), vec![b' '; 2 << 20], event(61).into_bytes()].concat();
    vec![
        case("bomb.json.gz", gzip(&vec![b' '; 96 << 20]), not_whole, (0, 0), "refused as a decompression bomb"),
        case(
            "deep.json",
            between(0, deep.as_bytes()),
            unread,
            (3, 1),
            "could not be read as an event, and is kept as unparsed",
        ),
        case(
            "long.jsonl",
            long.into_bytes(),
            unread,
            (53, 51),
            "could not be read as an event, and is kept as unparsed",
        ), // kept in pieces of a mebibyte
        case("utf8.json", between(30, &utf8), unread, (3, 1), "could not be read as an event, and is kept as unparsed"),
        case("empty.json", Vec::new(), empty, (0, 0), "1 file is empty, the first is `"),
        case("blank.log", b" \n\n".to_vec(), empty, (0, 0), "1 file is empty"),
        case("empty.json.gz", gzip(b""), empty, (0, 0), "1 file is empty"),
        case("cut.json.gz", cut[..cut.len() - 8].to_vec(), not_whole, (4, 0), "cut off"),
        case("half.json", half.as_bytes()[..half.len() - 40].to_vec(), not_whole, (3, 1), "inside its list"),
        case(
            "broken.json",
            between(40, b"{\"eventID\":}"),
            unread,
            (3, 1),
            "could not be read as an event, and is kept as unparsed",
        ),
        case("text.log", b"no JSON\nat all\n".to_vec(), unread, (2, 2), "nothing of 1 file could be read"),
        case("bytes.bin", (0..=255).collect(), unread, (2, 2), "nothing of 1 file"), // there is a line feed among them
        case("huge.json", huge.into_bytes(), whole, (1, 0), ""),
        case("none.json", b"{\"Records\":[]}".to_vec(), whole, (0, 0), "holds no events"), // its sender says so
        case("digest.json", digest.as_bytes().to_vec(), whole, (1, 0), ""),                // a source of its own
        case("spaces.json", spaces, whole, (2, 0), ""), // what lies between is too long for a recipe: it is kept whole
    ]
}

/// Each with a file beside it that is well: that one goes in, whatever is wrong with the other.
#[test]
fn each_hostile_file_is_answered_by_the_exit_code_and_the_rest_goes_in() {
    let (alone, together) = (Site::with_vault(&[]), Site::with_vault(&[]));
    let (mut new, mut unparsed, mut problems, mut empty) = (3, 0, 0, 0);
    for (at, case) in (2_000..).step_by(10).zip(cases()) {
        let Case { name, content, codes, .. } = &case;
        alone.write(&format!("{name}.in/{name}"), content);
        alone.write(&format!("{name}.in/well.json"), events(at..at + 3));
        together.write(&format!("in/{name}"), content);
        let (is_whole, is_empty) = (codes.0 != 1, codes.1 == 4);
        for (code, new) in [(codes.0, case.new + 3), (codes.1, 0)] {
            let answer = alone.run(&["ingest", "auto", &format!("{name}.in"), "--json"]);
            assert!(new == 0 || answer.err.contains(case.says), "{name}: {answer:?}");
            let report = answer.report(code);
            let counts = (report["new"].as_u64(), report["unparsed"].as_u64(), report["empty"].as_u64());
            let unparsed = if new == 0 { 0 } else { case.unparsed };
            assert_eq!(counts, (Some(new), Some(unparsed), Some(u64::from(is_empty))), "{name}: {report}");
            assert_eq!(report["problems"].as_array().unwrap().len(), usize::from(!is_whole), "{name}");
        }
        (new, unparsed) = (new + case.new, unparsed + case.unparsed);
        (problems, empty) = (problems + usize::from(!is_whole), empty + usize::from(is_empty));
    }
    let well = alone.run(&["query", "filter @origin like /well.json/ | stats count(*) as n", "--json"]).report(0);
    assert_eq!(well[0]["n"], 3 * cases().len(), "each well one went in");
    alone.assert_intact();

    together.write("in/z.json", events(1_000..1_003));
    let answer = together.run(&["ingest", "auto", "in", "--json"]);
    assert!(answer.err.contains(&format!("{empty} files are empty")), "{answer:?}");
    let report = answer.report(1); // what is not whole weighs more
    assert_eq!((report["new"].as_u64(), report["unparsed"].as_u64()), (Some(new), Some(unparsed)), "{report}");
    assert_eq!((report["problems"].as_array().unwrap().len(), &report["empty"]), (problems, &json!(empty)), "{report}");
    for case in cases() {
        let given = together.run(&["original", "get", &format!("in/{}", case.name), "--out", "given", "--force"]);
        assert_eq!(given.code, Some(0), "{}: {given:?}", case.name);
        let is_whole = case.name.ends_with(".gz") || std::fs::read(together.path("given")).unwrap() == case.content;
        assert!(is_whole, "{}", case.name);
    }
    together.assert_intact();
}

/// The same key with other content is kept, counted and named; more than can be named are counted.
#[test]
fn conflicts_are_named() {
    let site = Site::with_vault(&[]);
    site.write("a.json", events(0..30));
    site.write("b.json", events(0..30).replace("GetObject", "PutObject"));
    site.run(&["ingest", "cloudtrail", "a.json", "--json"]).report(0);
    let answer = site.run(&["ingest", "cloudtrail", "b.json", "--json"]);
    assert_eq!(answer.err.matches("conflict: `").count(), 20, "{answer:?}");
    assert!(answer.err.contains("in `b.json` has other content") && answer.err.contains("and 10 more"), "{answer:?}");
    let report = answer.report(0);
    let strict = site.run(&["ingest", "cloudtrail", "b.json", "--again", "--strict"]);
    assert_eq!(strict.code, Some(0), "they are known now: {strict:?}");
    site.write("c.json", events(0..1).replace("GetObject", "HeadObject"));
    site.write("d.json", "no JSON\n");
    for doubtful in ["c.json", "d.json"] {
        site.run(&["ingest", "auto", doubtful, "--strict", "--json"]).report(1);
    }
    assert_eq!(site.run(&["ingest", "auto", "c.json", "d.json", "--strict"]).code, Some(0), "nothing is new");
    assert_eq!((&report["conflicts"], &report["new"]), (&30.into(), &30.into()));
    let named = &report["conflicting"][0];
    assert_eq!((&named["file"], &named["source"]), (&"b.json".into(), &"cloudtrail".into()), "{named}");
    let key = named["key"].as_str().unwrap();
    let both = site.run(&["query", &format!("filter eventID = '{key}' | stats count(*) as n"), "-o", "jsonl"]);
    assert_eq!(both.out, "{\"n\":3}\n");
}

/// A digest of CloudTrail names a file by the hash of its content: so it is given back, too.
#[test]
fn a_file_is_given_back_by_the_hash_of_its_content() {
    let site = Site::with_vault(&[]);
    site.write("a.json.gz", gzip(events(0..3).as_bytes()));
    site.run(&["ingest", "cloudtrail", "a.json.gz", "--json"]).report(0);
    let list = site.run(&["original", "list", "--json"]).report(0);
    let (received, content) = (&list[0]["received"]["sha256"], list[0]["content"]["sha256"].as_str().unwrap());
    assert_ne!(received, content);
    assert_eq!(site.run(&["original", "get", content, "--out", "given"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(site.path("given")).unwrap(), events(0..3));
    assert_eq!(site.run(&["original", "get", &content.replace(['0', '1', '2'], "f"), "--out", "none"]).code, Some(2));
    assert!(!site.path("none").exists());
}

/// Who reads the notes may go away: what is done is done all the same.
#[test]
fn nobody_need_read_the_notes() {
    let site = Site::with_vault(&[]);
    site.write("text.log", "no JSON\n");
    for (arguments, code) in
        [(&["ingest", "auto", "text.log", "--json"][..], 4), (&["statsu"], 2), (&["query", "feilds a"], 2)]
    {
        let mut command = site.command(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
    }
}

/// What was taken in under a wrong source is said to be so, and is taken in right by whoever asks for it again.
#[test]
fn a_wrong_source_is_no_end() {
    let site = Site::with_vault(&[]);
    let audit = |n: u32| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-{n}","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{{"username":"u"}},"requestReceivedTimestamp":"2026-03-05T00:00:0{n}.000000Z","stageTimestamp":"2026-03-05T00:00:0{n}.000001Z"}}"#
        ) + "\n"
    };
    let content = audit(1) + &audit(2);
    site.write("audit.log", &content);
    let come_of = |arguments: &[&str], code: i32, says: &str| {
        let answer = site.run(&[&["ingest"], arguments, &["audit.log", "--json"]].concat());
        assert!(says.is_empty() && !answer.err.contains("--again") || answer.err.contains(says), "{answer:?}");
        let report = answer.report(code);
        let count = |name: &str| report[name].as_u64().unwrap();
        (count("new"), count("duplicates"), count("unparsed"))
    };
    assert_eq!(come_of(&["cloudtrail"], 4, "nothing of 1 file could be read"), (2, 0, 2));
    assert_eq!(come_of(&["k8s-audit"], 0, "came before could be read as an event then"), (0, 2, 0));
    assert_eq!(come_of(&["k8s-audit", "--again"], 0, ""), (2, 0, 0));
    assert_eq!(come_of(&["auto", "--again"], 0, ""), (0, 2, 0));
    let found = site.run(&["query", "filter @source = 'k8s-audit' and @kind = 'event'", "-o", "jsonl"]);
    assert_eq!(found.out.lines().count(), 2, "{found:?}");
    assert_eq!(site.run(&["original", "get", "audit.log", "--out", "given"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(site.path("given")).unwrap(), content);
    site.assert_intact();
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let site = Site::with_vault(&[]);
    let feed = |content: &[u8], code: i32| {
        let mut command = site.command(&["ingest", "cloudtrail", "-", "--stream", "pipe", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(content).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    assert_eq!(feed(events(0..5).as_bytes(), 0)["new"], 5);
    assert_eq!(feed(&gzip(events(0..7).as_bytes()), 0)["new"], 2);
    for _ in 0..2 {
        assert_eq!(feed(b"", 4)["empty"], 1, "what was to write failed, each time");
    }
    assert_eq!(feed(b"{\"Records\":[]}", 0)["empty"], 0);
    assert_eq!(site.run(&["status", "--json"]).report(0)["streams"][0]["name"], "pipe");
    site.assert_intact();

    // What was cut off cannot be read again to be kept whole: the receipt says so, and nobody is blamed for it.
    let whole = gzip(events(7..9).as_bytes());
    assert_eq!(feed(&whole[..whole.len() - 8], 1)["new"], 2);
    let list = site.run(&["original", "list", "--json"]).report(0);
    let cut = list.as_array().unwrap().iter().find(|receipt| receipt["not_kept"] == true).unwrap();
    let which = cut["received"]["sha256"].as_str().unwrap();
    let refused = site.run(&["original", "get", which]);
    assert!(refused.code == Some(2) && refused.err.contains("cannot be given back"), "{refused:?}");
    site.assert_intact();
}

#[test]
fn what_is_not_there_is_said() {
    let site = Site::with_vault(&[]);
    std::fs::create_dir(site.path("bare")).unwrap();
    site.write("good.json", events(0..2));
    let ingest = |paths: &[&str]| site.run(&[&["ingest", "cloudtrail", "--json"], paths].concat());

    let empty = ingest(&["bare"]);
    assert_eq!(empty.code, Some(2), "{empty:?}");
    let pattern = ingest(&["*.nothing"]);
    assert_eq!(pattern.code, Some(2), "{pattern:?}");
    let missing = ingest(&["absent.json", "good.json"]);
    assert!(missing.err.contains("`absent.json` is not there"), "{missing:?}");
    assert_eq!(missing.report(1)["new"], 2);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_text_are_shown_with_escapes() {
    use std::os::unix::ffi::OsStrExt;

    let site = Site::with_vault(&[]);
    std::fs::create_dir(site.path("in")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.json");
    std::fs::write(site.path("in").join(name), events(0..3)).unwrap();
    assert_eq!(site.run(&["ingest", "auto", "in", "--json"]).report(0)["new"], 3);
    let list = site.run(&["original", "list", "--json"]).report(0);
    assert_eq!(list[0]["origin"], r"in/a\xff.json");
}

#[cfg(unix)]
#[test]
fn pipes_and_circles_in_a_folder_do_not_hold_it_up() {
    let site = Site::with_vault(&[]);
    site.write("in/good.json", events(0..3));
    std::os::unix::fs::symlink(site.path("in"), site.path("in/circle")).unwrap();
    std::os::unix::fs::symlink("nowhere", site.path("in/broken")).unwrap();
    site.write("elsewhere/more.json", events(3..5));
    std::os::unix::fs::symlink(site.path("elsewhere"), site.path("in/linked")).unwrap();
    std::os::unix::fs::symlink(site.path("elsewhere"), site.path("in/once-more")).unwrap();
    let made = Command::new("mkfifo").arg(site.path("in/pipe")).status();
    let has_pipe = made.is_ok_and(|status| status.success());
    let report = site.run(&["ingest", "auto", "in", "--json"]).report(1);
    assert_eq!((&report["new"], &report["files"]), (&5.into(), &2.into()), "{report}");
    assert_eq!(report["problems"].as_array().unwrap().len(), 1 + usize::from(has_pipe), "{report}");
}

/// As a user who may not read a folder and a file: root may read all, so the program is started as nobody.
#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_named_and_the_rest_goes_in() {
    use std::os::unix::fs::{PermissionsExt, chown};

    let site = Site::with_vault(&[]);
    for file in ["in/secret/a.json", "in/b.json", "in/good.json"] {
        site.write(file, events(0..3));
    }
    for closed in ["in/secret", "in/b.json"] {
        std::fs::set_permissions(site.path(closed), std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    let ingest = ["ingest", "auto", "in", "--json"];
    let is_root = std::fs::read_dir(site.path("in/secret")).is_ok();
    let answer = if is_root {
        let nobody = || {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_shoseki")]);
            command
        };
        let can = nobody().arg("--version").output().is_ok_and(|output| output.status.success());
        if !can {
            eprintln!("skipped: a folder without permission needs `setpriv`, or to be run by another user than root");
            return;
        }
        let mut below = vec![site.path("")];
        while let Some(path) = below.pop() {
            chown(&path, Some(65_534), Some(65_534)).unwrap();
            if path.is_dir() {
                below.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        Site::finish(site.started_by(nobody(), &ingest))
    } else {
        site.run(&ingest)
    };
    std::fs::set_permissions(site.path("in/secret"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let report = answer.report(1);
    assert_eq!(report["new"], 3, "{report}");
    let named: Vec<&str> = report["problems"].as_array().unwrap().iter().map(|p| p["file"].as_str().unwrap()).collect();
    assert_eq!(named, ["in/b.json", "in/secret"]);
    assert!(answer.err.contains("in/secret` may not be read"), "{answer:?}");
    assert!(answer.err.contains("in/b.json` may not be read"), "{answer:?}");
}

#[test]
fn a_second_init_changes_nothing_and_says_so() {
    let site = Site::empty();
    let (first, second) = (site.run(&["init"]), site.run(&["init"]));
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{first:?} {second:?}");
    assert!(first.out.contains("A new vault"), "{first:?}");
    assert!(second.out.contains("nothing was changed"), "{second:?}");
    let origin = |answer: &Answer| answer.out.lines().find(|line| line.starts_with("origin:")).map(str::to_owned);
    assert_eq!(origin(&first), origin(&second));
}

#[test]
fn what_the_vault_works_with_is_no_backup() {
    let site = Site::with_vault(&[]);
    for own in [&["key", "backup", "keys"][..], &["key", "check", "keys"]] {
        let refused = site.run(own);
        assert!(refused.code == Some(2) && refused.err.contains("no backup of it"), "{refused:?}");
    }
    for other in [&["key", "backup", "stick"][..], &["key", "check", "stick"]] {
        assert_eq!(site.run(other).code, Some(0), "{other:?}");
    }
}

#[test]
fn a_changed_origin_hides_no_key_and_is_named() {
    let site = Site::with_vault(&[]);
    let marker = std::fs::read_to_string(site.path("vault/shoseki.toml")).unwrap();
    site.write("vault/shoseki.toml", marker.replace("origin = \"s", "origin = \"t"));
    let report = site.run(&["verify", "--json"]).report(1);
    assert_eq!((&report["verdict"], &report["problems"][0]["what"]), (&json!("tampered"), &json!("shoseki.toml")));
}

#[test]
fn mistakes_of_the_caller_end_with_2() {
    let site = Site::with_vault(&[]);
    let other = Site::with_vault(&[]);
    site.write("a.json", events(0..2));
    assert_eq!(site.run(&["ingest", "auto", "a.json"]).code, Some(0));
    let mut without_vault = site.command(&["status"]);
    without_vault.env_remove("SHOSEKI_VAULT");
    for (answer, says) in [
        (Site::finish(without_vault), "no vault was named"),
        (site.run(&["status", "--vault", "absent"]), "is not there"),
        (site.run(&["status", "--vault", "keys"]), "there is no vault"),
        (site.run(&["init", "keys"]), "not empty and not a vault"),
        (site.run(&["status", "--vault", "ftp://a/b"]), "ftp://"),
        (site.run(&["status", "--key-dir", "absent"]), "--key-dir"),
        (site.run(&["statsu"]), "`status`"),
        (site.run(&["ingest", "cloudtrial", "a.json"]), "cloudtrail"),
        (site.run(&["status", "--tz", "Tokyo"]), "Asia/Tokyo"),
        (site.run(&["ingest", "auto"]), "missing"),
        (site.run(&["ingest", "auto", "absent.json"]), "`absent.json` is not there"),
        (site.run(&["ingest", "auto", "absent.json", "other.json"]), "`absent.json other.json`"),
    ] {
        assert_eq!(answer.code, Some(2), "{answer:?}");
        assert!(answer.err.contains(says), "expected `{says}`: {answer:?}");
        assert!(answer.out.is_empty(), "{answer:?}");
    }

    // Another vault's keys, under this one's name.
    let key_folder = |site: &Site| std::fs::read_dir(site.path("keys")).unwrap().next().unwrap().unwrap().path();
    let own = key_folder(&site);
    for file in std::fs::read_dir(key_folder(&other)).unwrap() {
        let file = file.unwrap();
        let target = site.path("wrong").join(own.file_name().unwrap());
        std::fs::create_dir_all(&target).unwrap();
        std::fs::copy(file.path(), target.join(file.file_name())).unwrap();
    }
    site.write("b.json", events(0..3));
    let before = site::count_files(&site.vault());
    let refused = site.run(&["ingest", "auto", "b.json", "--key-dir", "wrong"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(site::count_files(&site.vault()), before, "nothing was written with the wrong keys");
}

#[test]
fn every_message_speaks_japanese() {
    let site = Site::empty();
    let is_japanese = |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c));
    let made = site.run(&["init", "--lang", "ja"]);
    assert!(made.code == Some(0) && is_japanese(&made.out), "{made:?}");
    site.write("a.json", [events(0..2).as_bytes(), b"\nno event\n"].concat());
    let taken = site.run(&["ingest", "auto", "a.json", "absent", "--lang=ja"]);
    assert!(taken.code == Some(1) && is_japanese(&taken.out) && is_japanese(&taken.err), "{taken:?}");
    let mut by_environment = site.command(&["status"]);
    by_environment.env("LANG", "ja_JP.UTF-8");
    let status = Site::finish(by_environment);
    assert!(status.code == Some(0) && is_japanese(&status.out), "{status:?}");
    for arguments in [&["--help", "--lang", "ja"][..], &["ingest", "--help", "--lang", "ja"]] {
        let help = site.run(arguments);
        assert!(help.code == Some(0) && is_japanese(&help.out), "{help:?}");
    }
    let refused = site.run(&["statsu", "--lang", "ja"]);
    assert!(refused.code == Some(2) && is_japanese(&refused.err), "{refused:?}");
}
