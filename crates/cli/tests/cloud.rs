//! The program on AWS as moto plays it: a vault and evidence in buckets, and keys that KMS keeps.
#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod aws;
mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use aws::Moto;
use site::{Answer, Site, count_files, events};

/// The wrapped class keys below a folder.
fn wrapped(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => found.extend(wrapped(&path)),
            path => found.push(path),
        }
    }
    found.sort();
    found
}

/// As [`Site::run`], where nothing answers for AWS.
fn run_offline(site: &Site, arguments: &[&str]) -> Answer {
    let mut command = site.command(arguments);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_MAX_ATTEMPTS", "1");
    Site::finish(command)
}

fn count(answer: &Answer) -> u64 {
    answer.report(0)[0]["n"].as_u64().unwrap()
}

const COUNT: [&str; 4] = ["query", "stats count(*) as n", "-o", "json"];

#[test]
fn a_key_of_kms_wraps_the_keys_of_a_vault() {
    let Some(moto) = Moto::of("a key of KMS") else { return };
    let (first, second) = (moto.key(), moto.key());
    let alias = format!("alias/{}", moto.prefix("evidence"));
    moto.kms("CreateAlias", &format!(r#"{{"AliasName":"{alias}","TargetKeyId":"{first}"}}"#));

    let site = Site::empty();
    let made = site.run(&["init", "--kms-key", &alias, "--json"]).report(0);
    assert_eq!(made["encryption_key"], format!("aws-kms:{first}"), "an alias may point elsewhere tomorrow");
    let key_file = fs::read_to_string(made["encryption_key_file"].as_str().unwrap()).unwrap();
    assert_eq!(key_file.trim(), format!("aws-kms:{first}"), "no secret lies there");
    let evidence = site.write("a.json", events(0..20));
    assert_eq!(site.run(&["ingest", "auto", &evidence, "--json"]).report(0)["new"], 20);
    assert_eq!(count(&site.run(&COUNT)), 20);
    site.assert_intact();

    // Without KMS nothing opens, and nothing is called tampered.
    let offline = run_offline(&site, &COUNT);
    assert_eq!((offline.code, offline.err.contains("AWS KMS")), (Some(3), true), "{offline:?}");
    let judged = run_offline(&site, &["verify", "--deep", "--json"]).report(4);
    assert_eq!(judged["verdict"], "unverifiable", "{judged}");

    // A backup holds the name, and opens the vault.
    assert_eq!(site.run(&["key", "backup", "backup"]).code, Some(0));
    assert_eq!(site.run(&["key", "check", "backup", "--json"]).report(0)["files_opened"], 2);

    // KMS rotates by itself; another key, or a file, is taken by name.
    let refused = site.run(&["key", "rotate"]);
    assert_eq!((refused.code, refused.err.contains("--kms-key")), (Some(2), true), "{refused:?}");
    let rotated = site.run(&["key", "rotate", "--kms-key", &second, "--json"]).report(0);
    assert_eq!((&rotated["new"], &rotated["class_keys"]), (&true.into(), &rotated["rewrapped"]), "{rotated}");
    assert_eq!(site.run(&["key", "rotate", "--kms-key", &second, "--json"]).report(0)["new"], false);
    assert_eq!(count(&site.run(&COUNT)), 20);
    assert_eq!(site.run(&["key", "rotate", "--key-file", "--json"]).report(0)["new"], true);
    assert_eq!(count(&run_offline(&site, &COUNT)), 20, "a file's key needs no service");
    site.assert_intact();
}

#[test]
fn a_key_that_kms_wrapped_and_that_was_changed_is_found() {
    let Some(moto) = Moto::of("a changed key of KMS") else { return };
    let site = Site::with_vault(&["--kms-key", &moto.key()]);
    let evidence = site.write("a.json", events(0..5));
    assert_eq!(site.run(&["ingest", "auto", &evidence]).code, Some(0));
    let path = wrapped(&site.vault().join("keys")).remove(0);
    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("\"wrapped\":\"").unwrap() + 90; // behind the key's id, in the ciphertext
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    fs::write(&path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    let judged = site.run(&["verify", "--json"]).report(1);
    assert_eq!(judged["verdict"], "tampered");
    let problems = judged["problems"].as_array().unwrap();
    let named = problems.iter().filter(|problem| problem["what"] == "keys/standard/2026-03/1.json");
    assert_eq!(named.count(), 1, "{judged}");
}

#[test]
fn what_kms_does_not_have_or_cannot_say_is_told() {
    let Some(moto) = Moto::of("no key of KMS") else { return };
    let site = Site::empty();
    let absent = site.run(&["init", "--kms-key", "alias/none-of-this-name"]);
    assert_eq!((absent.code, absent.err.contains("has no key")), (Some(2), true), "{absent:?}");
    let offline = run_offline(&site, &["init", "--kms-key", "alias/evidence"]);
    assert_eq!((offline.code, offline.err.contains("cannot be asked")), (Some(3), true), "{offline:?}");
    let both = site.run(&["init", "--kms-key", &moto.key(), "--encryption", "none"]);
    assert_eq!((both.code, both.err.contains("leave one")), (Some(2), true), "{both:?}");
    assert_eq!(count_files(&site.vault()) + count_files(&site.path("keys")), 0, "nothing was begun");
}

#[test]
fn a_vault_and_its_evidence_live_in_buckets() {
    let Some(moto) = Moto::of("a vault in a bucket") else { return };
    let (prefix, key) = (moto.prefix("cloud"), moto.key());
    moto.put(&format!("{prefix}/trail/a.json"), events(0..30).as_bytes());
    moto.put(&format!("{prefix}/trail/b.json"), events(25..40).as_bytes());
    let trail = format!("s3://shoseki-test/{prefix}/trail/");
    let site = Site::empty();
    for (name, more) in [("plain", &[][..]), ("encrypted", &["--kms-key", key.as_str()][..])] {
        let vault = format!("s3://shoseki-test/{prefix}/{name}");
        let run = |arguments: &[&str]| site.run(&[arguments, &["--vault", &vault]].concat());
        let made = run(&[&["init", &vault, "--json"], more].concat()).report(0);
        assert_eq!(made["encryption"], if more.is_empty() { "none" } else { "aes-256-gcm" });
        let taken = run(&["ingest", "cloudtrail", &trail, "--json"]).report(0);
        assert_eq!((&taken["new"], &taken["duplicates"]), (&40.into(), &5.into()), "{taken}");
        let again = run(&["ingest", "cloudtrail", &trail, "--json"]).report(0);
        assert_eq!((&again["new"], &again["files_known"]), (&0.into(), &2.into()), "{again}");
        assert_eq!(count(&run(&COUNT)), 40);
        assert_eq!(run(&["verify", "--deep", "--json"]).report(0)["verdict"], "intact");
        let package = site.path(&format!("{name}.zip")).display().to_string();
        let made = run(&["package", "create", "--query", "fields eventName | limit 3", "--out", &package]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let verifier = run(&["key", "show"]).out;
        assert_eq!(site.run(&["package", "verify", &package, "--key", verifier.trim()]).code, Some(0));
        let object = format!("{prefix}/{name}/shoseki.toml");
        moto.put(&object, b"format = 1\norigin = \"other\"\nencryption = \"none\"\n");
        assert_ne!(run(&["verify"]).code, Some(0), "an object that was changed in the bucket");
    }
}

/// Credentials that a program gives, as a profile names it: region and endpoint are the profile's too.
#[test]
fn a_profile_opens_buckets() {
    let Some(moto) = Moto::of("a profile") else { return };
    let site = Site::empty();
    let (asked, source) = (site.path("asked"), site.path("credentials.json"));
    let answer = r#"{"Version":1,"AccessKeyId":"AKIAFROMTHEPROFILE","SecretAccessKey":"s","SessionToken":"t"}"#;
    fs::write(&source, answer).unwrap();
    let program = site.write("ask.sh", format!("echo asked >> '{}'; cat '{}'\n", asked.display(), source.display()));
    let config = format!(
        "[profile audit]\nregion = ap-northeast-1\nendpoint_url = {}\ncredential_process = sh {program}\n",
        moto.endpoint()
    );
    let config = site.write("config", config);
    let vault = format!("s3://shoseki-test/{}", moto.prefix("profile"));
    let run = |arguments: &[&str]| {
        let mut command = site.command(&[arguments, &["--vault", &vault]].concat());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", "audit").env("AWS_EC2_METADATA_DISABLED", "true");
        Site::finish(command)
    };
    assert_eq!(run(&["init", &vault]).code, Some(0), "{:?}", run(&["init", &vault]));
    let asked_by_init = fs::read_to_string(&asked).unwrap().lines().count();
    let evidence = site.write("a.json", events(0..3));
    assert_eq!(run(&["ingest", "cloudtrail", &evidence, "--json"]).report(0)["new"], 3);
    let asked_in_all = fs::read_to_string(&asked).unwrap().lines().count();
    assert_eq!(asked_in_all, asked_by_init + 1, "a process asks once");
    assert_eq!(count(&run(&COUNT)), 3);

    fs::write(&source, "no credentials").unwrap();
    let refused = run(&COUNT);
    assert_eq!(
        (refused.code, refused.err.contains("no credentials of AWS were found")),
        (Some(3), true),
        "{refused:?}"
    );
}

#[test]
fn a_bucket_that_is_not_there_is_said_in_one_line() {
    let Some(_) = Moto::of("a bucket that is not there") else { return };
    let answer = Site::empty().run(&["init", "s3://no-bucket-of-this-name/evidence"]);
    assert!(answer.code == Some(2) && answer.err.contains("there is no bucket"), "{answer:?}");
    assert!(!answer.err.contains("<?xml"), "{answer:?}");
}

#[test]
fn processes_at_once_on_a_bucket_take_in_nothing_twice() {
    let Some(moto) = Moto::of("processes on a bucket") else { return };
    let site = Site::empty();
    let vault = format!("s3://shoseki-test/{}", moto.prefix("at-once"));
    assert_eq!(site.run(&["init", &vault]).code, Some(0));
    for writer in 0..3 {
        for file in 0..4 {
            // Each file overlaps the next one, and each folder the next folder.
            let first = writer * 40 + file * 20;
            site.write(&format!("in/{writer}/{file}.json"), events(first..first + 30));
        }
    }
    let started: Vec<_> = (0..3)
        .map(|writer| {
            let folder = format!("in/{writer}");
            let mut command = site.command(&["ingest", "auto", &folder, "--vault", &vault, "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let reports: Vec<_> =
        started.into_iter().map(|child| Answer::of(child.wait_with_output().unwrap()).report(0)).collect();
    let sum = |name: &str| reports.iter().map(|report| report[name].as_u64().unwrap()).sum::<u64>();
    let distinct = 2 * 40 + 3 * 20 + 30;
    assert_eq!((sum("new"), sum("conflicts"), sum("unparsed")), (distinct, 0, 0), "{reports:?}");
    assert_eq!(sum("new") + sum("duplicates"), 3 * 4 * 30, "{reports:?}");
    let run = |arguments: &[&str]| site.run(&[arguments, &["--vault", &vault]].concat());
    assert_eq!(count(&run(&COUNT)), distinct);
    let status = run(&["status", "--json"]).report(0);
    assert_eq!(status["unsealed_commits"], 0, "{status}");
    assert_eq!(run(&["verify", "--deep", "--json"]).report(0)["verdict"], "intact");
}
