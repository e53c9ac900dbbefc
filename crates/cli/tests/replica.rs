//! `shoseki replica` and `shoseki restore` as their users start them, judged by `verify`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use aws::Moto;
use serde_json::{Value, json};
use site::{Answer, Site, events};

/// A vault with two files, and a replica of it.
fn copied(replica: &str, vault: Site) -> Site {
    for run in 0..2 {
        let name = format!("{run}.json");
        vault.write(&name, events(run * 50..run * 50 + 50));
        assert_eq!(vault.run(&["ingest", "auto", &name, "--json"]).report(0)["new"], 50);
    }
    let added = vault.run(&["replica", "add", replica, "--json"]).report(0);
    assert_eq!((&added["new"], &added["replica"]["problems"]), (&json!(true), &json!([])), "{added}");
    vault
}

fn judged(site: &Site, place: &str) -> Value {
    let answer = site.run(&["verify", "--deep", "--json", "--vault", place]);
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

fn replica_of(site: &Site, name: &str) -> String {
    site.path(name).display().to_string()
}

fn details(site: &Site, action: &str) -> Vec<Value> {
    let question = format!("filter action = '{action}' | sort @timestamp asc | display @message");
    let answer = site.run(&["query", &question, "--source", "shoseki", "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let event = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        serde_json::from_str::<Value>(row["@message"].as_str().unwrap()).unwrap()
    };
    answer.out.lines().map(event).collect()
}

/// The data files of a vault, with the evidence first.
fn files(site: &Site) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![site.vault().join("events/class=standard")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path().strip_prefix(site.vault()).unwrap().display().to_string()),
            }
        }
    }
    found.retain(|name| !name.contains("/.shoseki-"));
    found.sort();
    found
}

#[test]
fn a_replica_is_intact_by_itself_and_says_how_far_behind_it_is() {
    let site = copied("copy", Site::with_vault(&[]));
    let url = replica_of(&site, "copy");
    let listed = site.run(&["replica", "list", "--json"]).report(0);
    assert_eq!((&listed[0]["url"], &listed[0]["error"]), (&json!(url), &Value::Null), "{listed}");
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    let synced = site.run(&["replica", "sync", "--json"]).report(0);
    assert_eq!(synced[0]["size"], synced[0]["source_size"]);
    site.write("2.json", events(200..250));
    assert_eq!(site.run(&["ingest", "auto", "2.json"]).code, Some(0));
    let status = site.run(&["status", "--json"]).report(0);
    let behind = status["replicas"][0]["behind"].as_u64().unwrap();
    assert!(behind > 0, "{status}");
    let shown = site.run(&["status"]).out;
    assert!(shown.contains(&format!("{behind} commits")), "{shown}");
    let synced = site.run(&["replica", "sync"]);
    assert!(synced.code == Some(0) && synced.out.contains("objects copied"), "{synced:?}");
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    let ask = |place: &str| site.run(&["query", "stats count(*)", "--vault", place, "-o", "csv", "--sealed"]).out;
    assert_eq!(ask(&url), ask(&site.vault().display().to_string()));
    let recorded = details(&site, "replica.sync");
    assert!(recorded.iter().any(|event| event["details"]["evidence_files"] == 1), "{recorded:?}");
    assert_eq!(details(&site, "replica.add").len(), 1);

    // What writes evidence does not write there, and a place that holds something else becomes none.
    let refused = site.run(&["ingest", "auto", "0.json", "--vault", &url]);
    assert!(refused.code == Some(2) && refused.err.contains("is a replica"), "{refused:?}");
    let refused = site.run(&["replica", "add", "keys"]);
    assert!(refused.code == Some(2) && refused.err.contains("is not empty"), "{refused:?}");
    assert_eq!(site.run(&["replica", "remove", &url]).code, Some(0));
    assert_eq!(site.run(&["replica", "list", "--json"]).report(0), json!([]));
    assert_eq!(judged(&site, &site.vault().display().to_string())["verdict"], "intact");
}

/// Breaks objects of the vault, restores, and judges.
fn restores(site: &Site, from: &str, scope: &[&str], broken: &[(String, bool)]) -> Answer {
    for (name, is_lost) in broken {
        let path = site.vault().join(name);
        match is_lost {
            true => std::fs::remove_file(path).unwrap(),
            false => {
                let mut bytes = std::fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(path, bytes).unwrap();
            }
        }
    }
    assert_ne!(judged(site, &site.vault().display().to_string())["verdict"], "intact", "{broken:?}");
    let restored = site.run(&[&["restore", "--from", from, "--json", "--why", "a test"], scope].concat());
    assert_eq!(judged(site, &site.vault().display().to_string())["verdict"], "intact", "{broken:?}: {restored:?}");
    restored
}

#[test]
fn what_verify_names_is_restored_and_recorded_and_verify_is_intact_after() {
    let site = copied("copy", Site::with_vault(&[]));
    site.run(&["replica", "sync"]);
    let url = replica_of(&site, "copy");
    let all = files(&site);
    let (changed, lost) = (all[0].clone(), all[1].clone());
    let commit = "events/_delta_log/00000000000000000001.json".to_owned();
    let broken = [(changed.clone(), false), (lost.clone(), true), (commit.clone(), false)];
    let report = restores(&site, &url, &["--damaged"], &broken).report(0);
    let restored = report["restored"].as_array().unwrap();
    assert_eq!((restored.len(), &report["recorded"]), (3, &json!(true)), "{report}");
    let aside = restored.iter().find(|one| one["name"] == changed.as_str()).unwrap()["aside"].as_str().unwrap();
    assert!(site.vault().join(aside).is_file());
    let noted = judged(&site, &site.vault().display().to_string())["notes"].to_string();
    assert!(noted.contains("verify-set-aside"), "{noted}");
    let recorded = details(&site, "restore.object");
    let names: Vec<&str> = recorded.iter().map(|event| event["details"]["object"].as_str().unwrap()).collect();
    assert!(
        recorded.len() == 3 && [changed.as_str(), &lost, &commit].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    assert!(recorded.iter().all(|event| event["details"]["sha256"].as_str().unwrap().len() == 64));
    let runs = details(&site, "restore.run");
    assert_eq!((&runs[0]["details"]["reason"], &runs[0]["details"]["scope"]), (&json!("a test"), &json!("damaged")));

    // A day, a segment, an object.
    restores(&site, &url, &["--day", "2026-03-05"], &[(changed.clone(), true)]);
    let segment = changed.rsplit('/').next().unwrap().trim_end_matches(".parquet").to_owned();
    restores(&site, &url, &["--segment", &segment], &[(changed.clone(), true)]);
    restores(&site, &url, &["--object", &changed], &[(changed.clone(), true)]);
    let nothing = site.run(&["restore", "--from", &url, "--day", "2020-01-01"]);
    assert!(nothing.code == Some(2) && nothing.err.contains("2020-01-01"), "{nothing:?}");
    let same = site.run(&["restore", "--from", &url, "--damaged", "--vault", &url]);
    assert_eq!(same.code, Some(2), "{same:?}");
    // A replica is put right from the vault, by the same way.
    std::fs::remove_file(site.path("copy").join(&changed)).unwrap();
    let mended = site.run(&["restore", "--from", &site.vault().display().to_string(), "--damaged", "--vault", &url]);
    assert!(mended.code == Some(0) && judged(&site, &url)["verdict"] == "intact", "{mended:?}");
}

#[test]
fn a_vault_that_is_gone_is_made_anew_and_a_known_loss_must_be_accepted() {
    let site = Site::with_vault(&[]);
    std::fs::create_dir(site.path("anchors")).unwrap();
    assert_eq!(site.run(&["anchor", "add", "anchors"]).code, Some(0));
    let site = copied("copy", site);
    site.run(&["replica", "sync"]);
    let url = replica_of(&site, "copy");
    let again = site.run(&["restore", "--from", &url, "--to", "again", "--json"]);
    let refused = match again.code {
        Some(0) => {
            // Nothing newer than the replica is anchored: make it so.
            assert_eq!(judged(&site, &replica_of(&site, "again"))["verdict"], "intact");
            site.write("9.json", events(300..310));
            assert_eq!(site.run(&["ingest", "auto", "9.json"]).code, Some(0));
            site.run(&["restore", "--from", &url, "--to", "once-more"])
        }
        _ => again,
    };
    assert!(refused.code == Some(2) && refused.err.contains("--accept-loss"), "{refused:?}");
    let done = site.run(&["restore", "--from", &url, "--to", "third", "--accept-loss", "--json"]).report(0);
    assert_eq!(done["size"], done["source_size"]);
    let report = judged(&site, &replica_of(&site, "third"));
    assert_eq!(report["verdict"], "tampered", "the anchor knows more, and it is told: {report}");
    assert!(report["problems"].as_array().unwrap().iter().all(|one| one["id"] == "verify-rolled-back"), "{report}");
    let refused = site.run(&["restore", "--from", &url, "--to", "keys", "--accept-loss"]);
    assert!(refused.code == Some(2) && refused.err.contains("something else"), "{refused:?}");
}

#[test]
fn a_source_that_is_damaged_is_told_and_recorded() {
    let site = copied("copy", Site::with_vault(&[]));
    let url = replica_of(&site, "copy");
    let before = files(&site);
    site.write("2.json", events(200..250));
    assert_eq!(site.run(&["ingest", "auto", "2.json"]).code, Some(0));
    let new = files(&site).into_iter().find(|name| !before.contains(name) && name.contains("2026-03-05")).unwrap();
    let good = std::fs::read(site.vault().join(&new)).unwrap();
    std::fs::write(site.vault().join(&new), b"nothing").unwrap();
    let synced = site.run(&["replica", "sync", "--json"]);
    let report = synced.report(1);
    assert_eq!(report[0]["problems"][0]["what"], new.as_str(), "{report}");
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    std::fs::write(site.vault().join(&new), good).unwrap();
    assert_eq!(site.run(&["replica", "sync"]).code, Some(0));
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    let failed = details(&site, "replica.sync");
    assert!(
        failed.iter().any(|event| event["outcome"] == "failure" && event["details"]["damaged"][0] == new.as_str()),
        "{failed:?}"
    );
}

#[test]
fn a_rehearsal_is_timed_compared_and_recorded() {
    let site = copied("copy", Site::with_vault(&[]));
    site.run(&["replica", "sync"]);
    let url = replica_of(&site, "copy");
    std::fs::create_dir(site.path("room")).unwrap();
    let arguments = ["restore", "--from", &url, "--rehearse", "--deep", "--in", "room", "--json"];
    let report = site.run(&arguments).report(0);
    assert_eq!(
        (&report["verdict"], &report["living"], &report["passed"]),
        (&json!("intact"), &json!("equal"), &json!(true))
    );
    assert!(report["records"] == 100 && report["seconds"]["all"].as_f64().unwrap() > 0.0, "{report}");
    assert_eq!(std::fs::read_dir(site.path("room")).unwrap().count(), 0, "it is gone");
    let recorded = details(&site, "restore.rehearse");
    assert_eq!(
        (&recorded[0]["details"]["passed"], &recorded[0]["details"]["verdict"]),
        (&json!(true), &json!("intact"))
    );
    // A replica that lacks a file does not pass, and that is recorded too.
    let lost = files(&site).into_iter().find(|name| site.path("copy").join(name).is_file()).unwrap();
    std::fs::remove_file(site.path("copy").join(lost)).unwrap();
    let report = site.run(&arguments).report(1);
    assert_eq!(report["passed"], false, "{report}");
    assert_eq!(details(&site, "restore.rehearse")[1]["details"]["passed"], false);
    // One that cannot even be copied is no rehearsal that passed, and the check says so.
    let rehearsed = || {
        let answer = site.run(&["check", "--check", "vault_restore_is_rehearsed", "--json"]);
        let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        report["checks"][0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(rehearsed(), "fail");
    assert_eq!(site.run(&["restore", "--from", &url, "--damaged", "--json"]).code, Some(0), "the vault is whole");
    let vault = site.vault().display().to_string();
    assert_eq!(site.run(&["restore", "--from", &vault, "--damaged", "--vault", &url]).code, Some(0));
    assert_eq!(site.run(&arguments).code, Some(0));
    assert_eq!(rehearsed(), "pass");
    let commit = site.path("copy/events/_delta_log/00000000000000000001.json");
    std::fs::write(&commit, std::fs::read_to_string(&commit).unwrap().replacen("0", "1", 1)).unwrap();
    assert_ne!(site.run(&arguments).code, Some(0));
    assert_eq!(rehearsed(), "fail", "the last one failed before it could compare");
    site.assert_intact();
}

#[test]
fn a_replica_in_a_bucket_is_intact_and_restores() {
    let Some(moto) = Moto::of("a_replica_in_a_bucket_is_intact_and_restores") else { return };
    let url = format!("s3://shoseki-test/{}", moto.prefix("replica"));
    let site = copied(&url, Site::with_vault(&[]));
    site.run(&["replica", "sync"]);
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    let all = files(&site);
    restores(&site, &url, &["--damaged"], &[(all[0].clone(), false), (all[1].clone(), true)]);
    let done = site.run(&["restore", "--from", &url, "--to", "again", "--json"]).report(0);
    assert_eq!(done["problems"], json!([]));
    assert_eq!(judged(&site, &replica_of(&site, "again"))["verdict"], "intact");
    // And a bucket is put right: what is wrong is kept beside it.
    let key = format!("{}/{}", url.trim_start_matches("s3://shoseki-test/"), all[0]);
    moto.put(&key, b"nothing");
    assert_eq!(judged(&site, &url)["verdict"], "tampered");
    let vault = site.vault().display().to_string();
    let mended = site.run(&["restore", "--from", &vault, "--damaged", "--vault", &url, "--json"]).report(0);
    assert!(mended["restored"].as_array().unwrap().iter().any(|one| one["aside"].is_string()), "{mended}");
    assert_eq!(judged(&site, &url)["verdict"], "intact");
}

#[test]
fn a_schedule_brings_replicas_forward_and_fails_where_one_is_away() {
    let site = copied("copy", Site::with_vault(&[]));
    let url = replica_of(&site, "copy");
    let config = "[[schedule]]\nname = \"copies\"\nevery = \"5m\"\nreplica = {}\n";
    let config = site.write("shoseki.toml", config);
    site.write("2.json", events(200..250));
    assert_eq!(site.run(&["ingest", "auto", "2.json"]).code, Some(0));
    let listed = || site.run(&["replica", "list", "--json"]).report(0)[0].clone();
    let before = listed();
    assert!(before["behind"].as_u64().unwrap() > 0, "{before}");
    let ran = site.run(&["schedule", "run", "copies", "--config", &config]);
    assert!(ran.code == Some(0) && ran.out.contains("copied"), "{ran:?}");
    assert!(listed()["size"].as_u64() > before["size"].as_u64());
    assert_eq!(judged(&site, &url)["verdict"], "intact");
    // A replica that is away, as where a disk is not mounted.
    std::fs::rename(site.path("copy"), site.path("newer")).unwrap();
    let ran = site.run(&["schedule", "run", "copies", "--config", &config]);
    assert!(ran.code != Some(0) && ran.err.contains("cannot be reached"), "{ran:?}");
}

/// A vault that was put back to an older state is added to by nothing that knows a replica of it, and is brought forward from there.
#[test]
fn a_vault_that_was_put_back_is_not_added_to_and_goes_forward_from_its_replica() {
    let site = copied("copy", Site::with_vault(&[]));
    let copy_of = |from: &str, to: &str| {
        let copied = std::process::Command::new("cp").arg("-a").arg(site.path(from)).arg(site.path(to)).status();
        assert!(copied.unwrap().success());
    };
    let vault = site.vault();
    let vault = vault.file_name().unwrap().to_str().unwrap();
    copy_of(vault, "older");
    site.write("2.json", events(200..250));
    assert_eq!(site.run(&["ingest", "auto", "2.json"]).code, Some(0));
    assert_eq!(site.run(&["replica", "sync"]).code, Some(0));
    std::fs::rename(site.vault(), site.path("newer")).unwrap();
    copy_of("older", vault);

    let synced = site.run(&["replica", "sync"]);
    assert!(synced.code == Some(1) && synced.err.contains("put back"), "{synced:?}");
    site.write("3.json", events(300..350));
    let refused = site.run(&["ingest", "auto", "3.json"]);
    assert!(refused.code == Some(1) && refused.err.contains("restore --from"), "{refused:?}");
    let asked = site.run(&["query", "stats count(*)"]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let size = |place: &str| std::fs::read_dir(site.path(place).join("events/_delta_log")).unwrap().count();
    assert_eq!(size(vault), size("older"), "no record of an access was added either");

    let url = replica_of(&site, "copy");
    let restored = site.run(&["restore", "--from", &url, "--damaged", "--json"]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(size(vault) > size("older"));
    assert_eq!(site.run(&["ingest", "auto", "3.json"]).code, Some(0));
    assert_eq!(site.run(&["replica", "sync"]).code, Some(0), "they are one log still");
    site.assert_intact();
}

/// Nothing is written into a folder that is somebody else's, nor into the replica.
#[test]
fn a_restore_writes_into_no_place_that_is_not_the_vault() {
    let site = copied("copy", Site::with_vault(&[]));
    let url = replica_of(&site, "copy");
    let before = judged(&site, &url)["verdict"].clone();
    std::fs::create_dir_all(site.path("elsewhere/keys")).unwrap();
    std::fs::write(site.path("elsewhere/keys/mine"), "mine").unwrap();
    let elsewhere = replica_of(&site, "elsewhere");
    let within = format!("{url}/again");
    for (words, said) in [
        (["restore", "--from", &url, "--damaged", "--vault", &elsewhere], "cannot be told to be the vault"),
        (["restore", "--from", &url, "--to", &elsewhere, "--json"], "holds something else"),
        (["restore", "--from", &url, "--to", &within, "--json"], "lie one within the other"),
    ] {
        let refused = site.run(&words);
        assert!(refused.code == Some(2) && refused.err.contains(said), "{words:?}: {refused:?}");
    }
    assert_eq!(std::fs::read_dir(site.path("elsewhere")).unwrap().count(), 1);
    assert_eq!(judged(&site, &url)["verdict"], before);
}
