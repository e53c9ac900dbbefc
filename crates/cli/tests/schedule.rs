//! What is done by a schedule: once, also over a kill; told once, also over a kill; late where it was missed; by hand as when it is due.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod people;
mod serving;
mod site;

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use aws::Moto;
use chrono::{Days, Utc};
use people::{hook, mail_server};
use serde_json::{Value, json};
use serving::{Server, configuration};
use site::Site;

const PATIENCE: Duration = Duration::from_secs(90);

/// A configuration that seals each second and has these blocks.
fn config(more: &str) -> String {
    let head = "seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"";
    format!("{}{more}", configuration(head, "receivers = [\"ndjson\"]\nsource = \"app\""))
}

/// The rows of a question about our own records, sealed or not, once they are as wanted.
fn own(site: &Site, question: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let mut command = site.command(&["query", question, "--source", "shoseki", "-o", "jsonl"]);
        command.env("SHOSEKI_WAL", site.path("wal"));
        let answer = Site::finish(command);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let rows: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if wanted(&rows) || begun.elapsed() > PATIENCE {
            return rows;
        }
    }
}

/// Where `serve` noted that its log is.
fn noted(site: &Site) -> Option<String> {
    let mut folders = vec![site.path("state")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with("elsewhere") => {
                    return Some(std::fs::read_to_string(path).ok()?.trim().to_owned());
                }
                _ => {}
            }
        }
    }
    None
}

fn told(hears: &Receiver<(String, Value)>) -> Value {
    hears.recv_timeout(PATIENCE).expect("told").1
}

/// Nothing more is told, also not a moment later.
fn silent(hears: &Receiver<(String, Value)>) {
    let told = hears.recv_timeout(Duration::from_millis(500));
    assert!(told.is_err(), "{told:?}");
}

/// Posts an event of a user.
fn login(server: &Server, user: &str, n: u32) {
    let time = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let event = json!({"timestamp": time, "event": "login", "user": user, "n": n});
    assert_eq!(server.post("/ingest/web", event.to_string()).status, 200);
}

#[test]
fn a_check_that_fails_is_told_once_and_when_it_passes_again() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let text = config(&format!(
        "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n\
         [[schedule]]\nname = \"anchored\"\nevery = \"1s\"\nperiod = \"last 2d\"\ncheck = {{ checks = \"vault_is_anchored\" }}\n"
    ));
    let server = Server::start(&site, &text);
    // The first request is answered with 500: it is tried again.
    let opened = told(&hears);
    assert_eq!([&opened["action"], &opened["details"]["check"]], ["finding.opened", "vault_is_anchored"], "{opened}");
    assert_eq!([&opened["details"]["schedule"], &opened["details"]["subject"]], ["anchored", "shoseki"]);
    let what = opened["what_to_do"].as_str().unwrap();
    assert!(what.contains("anchor add") && what.contains("shoseki finding show F-"), "{opened}");
    server.ran("anchored", 2);
    server.kill();
    let server = Server::start(&site, &text);
    server.ran("anchored", 2);
    silent(&hears);

    // The run is the command's, named as that of the schedule.
    let question = "filter action = 'check.run' | stats count(*) as n by actor.schedule | limit 5";
    let runs = own(&site, question, |_| true);
    assert_eq!(runs.iter().map(|row| &row["actor.schedule"]).collect::<Vec<_>>(), ["anchored"]);
    assert!(runs[0]["n"].as_u64().unwrap() >= 4, "{runs:?}");

    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    assert_eq!(site.run(&["anchor", "add", anchor.to_str().unwrap()]).code, Some(0));
    let closed = told(&hears);
    assert_eq!(
        [&closed["action"], &closed["details"]["findings"]],
        [&json!("finding.closed"), &opened["details"]["findings"]]
    );
    server.ran("anchored", 4);
    server.stop();
    silent(&hears);
    site.assert_intact();
}

#[test]
fn what_is_accepted_is_told_to_nobody() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let path = site.write(
        "shoseki.toml",
        format!(
            "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n\
             [[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = {{ checks = \"vault_is_anchored\" }}\n"
        ),
    );
    assert_eq!(site.run(&["check", "--check", "vault_is_anchored"]).code, Some(1));
    let listed = site.run(&["finding", "list", "--json"]).report(0);
    let id = listed["findings"][0]["id"].as_str().unwrap();
    let accept = ["finding", "accept", id, "--owner", "Mei", "--reason", "a move", "--until", "2199-01-01", "--long"];
    assert_eq!(site.run(&accept).code, Some(0));
    let now = |code: i32| site.run(&["schedule", "run", "anchored", "--config", &path, "--json"]).report(code);
    let actions = |report: &Value| {
        let told = report["told"].as_array().unwrap();
        told.iter().map(|told| told["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = now(1);
    assert_eq!((&first["verdict"], actions(&first)), (&json!("fail"), vec!["schedule.done".to_owned()]));
    silent(&hears);
}

#[test]
fn a_row_is_told_once_by_its_key_and_over_its_seal_and_a_kill() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let text = config(&format!(
        "[[alert]]\nname = \"ops\"\nlang = \"ja\"\nwebhook = \"{url}/hook\"\n\
         [[schedule]]\nname = \"users\"\nevery = \"1s\"\nperiod = \"last 1h\"\n\
         query = {{ text = \"fields user, n | filter event = 'login'\", key = \"user\" }}\n\
         [[schedule]]\nname = \"whole\"\nevery = \"1s\"\nperiod = \"last 1h\"\n\
         query = {{ text = \"fields @timestamp, user | filter event = 'login' and user = 'jun'\" }}\n\
         [[schedule]]\nname = \"beat\"\nevery = \"1s\"\nperiod = \"last 1h\"\n\
         query = {{ text = \"filter event = 'login'\", alert = \"no_rows\" }}\n"
    ));
    let server = Server::start(&site, &text);
    let empty = told(&hears);
    assert_eq!([&empty["action"], &empty["details"]["schedule"]], ["query.opened", "beat"], "{empty}");
    server.ran("beat", 2);
    login(&server, "aiko", 1);
    let mut both = [told(&hears), told(&hears)];
    both.sort_by_key(|told| told["action"].to_string());
    let [closed, opened] = both;
    assert_eq!([&closed["action"], &closed["details"]["schedule"]], ["query.closed", "beat"], "{closed}");
    assert_eq!([&opened["action"], &opened["details"]["schedule"]], ["query.opened", "users"], "{opened}");
    assert!(opened["message"].as_str().unwrap().contains("新しく該当した行が 1 件"), "{opened}");
    assert!(opened["lines"][0].as_str().unwrap().contains("user=aiko"), "{opened}");
    assert!(opened["what_to_do"].as_str().unwrap().contains("shoseki query 'fields user"), "{opened}");
    login(&server, "aiko", 2); // the same key
    server.ran("users", 6);
    silent(&hears);
    server.kill();
    let server = Server::start(&site, &text);
    server.ran("users", 2);
    server.ran("beat", 2);
    silent(&hears);
    login(&server, "jun", 3);
    let mut both = [told(&hears), told(&hears)];
    both.sort_by_key(|told| told["details"]["schedule"].to_string());
    assert_eq!(both.each_ref().map(|told| &told["details"]["schedule"]), ["users", "whole"], "{both:?}");
    assert_eq!([&both[0]["details"]["new"], &both[0]["details"]["rows"]], [&json!("1"), &Value::Null], "{both:?}");
    server.ran("whole", 8); // it is sealed meanwhile, and has another name
    let said = server.stop();
    silent(&hears);
    assert!(!said.contains("user=jun"), "what rows say goes to people, and into no log: {said}");
    site.assert_intact();
}

#[test]
fn what_was_missed_is_done_once_and_says_that_it_is_late() {
    let site = Site::with_vault(&[]);
    let text = config(
        "[[schedule]]\nname = \"slow\"\nevery = \"6s\"\nperiod = \"last 1h\"\nquery = { text = \"fields a\", alert = \"none\" }\n",
    );
    let server = Server::start(&site, &text);
    server.ran("slow", 1);
    server.kill();
    std::thread::sleep(Duration::from_secs(14)); // two were missed
    let server = Server::start(&site, &text);
    let question = "filter action = 'schedule.done' | fields details.late, details.due | sort @timestamp";
    server.ran("slow", 2);
    let rows = own(&site, question, |rows| rows.len() >= 3);
    server.stop();
    let late: Vec<bool> = rows.iter().map(|row| row["details.late"] == "true" || row["details.late"] == true).collect();
    assert_eq!(late[..3], [false, true, false], "{rows:?}");
    let due: Vec<&str> = rows.iter().map(|row| row["details.due"].as_str().unwrap()).collect();
    assert!(due.windows(2).all(|two| two[0] < two[1]), "{due:?}");

    // `serve` was told its folder by a variable; who asks beside it finds it, and leaves the note of where it is.
    for _ in 0..2 {
        let path = site.path("shoseki.toml").display().to_string();
        assert_eq!(site.run(&["schedule", "list", "--config", &path]).code, Some(0));
    }
    assert_eq!(noted(&site).as_deref(), Some(site.path("wal").to_str().unwrap()));
    let listed = site.run(&["schedule", "list", "--json", "--config", site.path("shoseki.toml").to_str().unwrap()]);
    let listed = listed.report(0);
    let one = &listed["schedules"][0];
    assert_eq!(
        (&one["does"], &one["last"]["verdict"], &one["plan"]),
        (&json!("query"), &json!("no_rows"), &json!("every 6s"))
    );
    assert!(one["next"].as_str().unwrap() > due[0] && one["command"].as_str().unwrap().starts_with("shoseki query"));
}

#[test]
fn what_fails_is_told_once_and_when_it_works_again() {
    let (site, (url, hears)) = (Site::with_vault(&[]), hook());
    let with_key = |key: &str| {
        config(&format!(
            "[[alert]]\nname = \"ops\"\nwebhook = \"{url}/hook\"\n\
             [[schedule]]\nname = \"users\"\nevery = \"1s\"\nquery = {{ text = \"fields user | filter event = 'login'\", key = \"{key}\" }}\n"
        ))
    };
    let server = Server::start(&site, &with_key("usr"));
    login(&server, "aiko", 1);
    let failed = told(&hears);
    assert_eq!([&failed["action"], &failed["outcome"]], ["schedule.failed", "failure"], "{failed}");
    assert!(failed["message"].as_str().unwrap().contains("`usr`"), "{failed}");
    let failures = |rows: &[Value]| rows.first().and_then(|row| row["n"].as_u64()).is_some_and(|n| n >= 3);
    let rows = own(&site, "filter action = 'schedule.failed' | stats count(*) as n", failures);
    assert!(failures(&rows), "each is evidence: {rows:?}");
    let path = site.path("shoseki.toml").display().to_string();
    let listed = site.run(&["schedule", "list", "--config", &path]);
    assert!(listed.code == Some(1) && listed.err.contains("`usr`"), "{listed:?}");
    server.stop();
    silent(&hears);
    let server = Server::start(&site, &with_key("user"));
    let two: Vec<Value> = vec![told(&hears), told(&hears)];
    let actions: Vec<&Value> = two.iter().map(|told| &told["action"]).collect();
    assert!(actions.contains(&&json!("schedule.recovered")) && actions.contains(&&json!("query.opened")), "{two:?}");
    server.stop();
    silent(&hears);
}

#[test]
fn the_digest_of_a_day_goes_out_with_the_command_that_signs_it() {
    let (site, (url, hears), (port, mails)) = (Site::with_vault(&[]), hook(), mail_server());
    let evidence = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    let path = site.write(
        "shoseki.toml",
        format!(
            "tz = \"Asia/Tokyo\"\n\
             [[alert]]\nname = \"first\"\nwebhook = \"{url}/first\"\non = [\"schedule.done\"]\n\
             [[alert]]\nname = \"slack\"\nlang = \"ja\"\nslack = \"{url}/slack\"\non = [\"digest.made\", \"review.missing\"]\n\
             [[alert]]\nname = \"mail\"\non = [\"digest.made\"]\n[alert.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
             from = \"shoseki@example.com\"\nto = [\"ops@example.com\"]\n\
             [[schedule]]\nname = \"digest\"\nat = \"08:30\"\non = \"weekdays\"\ndigest = {{ unsigned_after = \"1s\" }}\n"
        ),
    );
    let now = |code: i32| site.run(&["schedule", "run", "digest", "--config", &path, "--json"]).report(code);
    let first = now(1); // one of those who are told answers with 500, and by hand nobody is told again
    assert_eq!(first["verdict"], "made");
    let tokyo = Utc::now().with_timezone(&chrono_tz::Asia::Tokyo).date_naive();
    let day = tokyo.checked_sub_days(Days::new(1)).unwrap().to_string();
    let slack = told(&hears);
    let text = slack["text"].as_str().unwrap();
    let sign = format!("shoseki review {day} --sign --tz Asia/Tokyo --vault {}", site.vault().display());
    assert!(text.contains(&format!("{day} (Asia/Tokyo): イベント")) && text.contains("未解決の指摘"), "{text}");
    assert!(text.contains("次のコマンドで署名してください") && text.contains(&sign), "{text}");
    let mail = mails.recv_timeout(PATIENCE).expect("mail").replace("=\n", "");
    assert!(mail.contains("Subject: shoseki: [info] digest.made") && mail.contains("look at it and sign"), "{mail}");
    assert_eq!(first["told"][0]["details"]["day"], day.as_str());

    // Nobody signed: that is told once.
    let second = now(0);
    let actions = |report: &Value| {
        let told = report["told"].as_array().unwrap();
        told.iter().map(|told| told["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(actions(&second), ["review.missing", "schedule.done"]);
    assert_eq!(actions(&now(0)), ["schedule.done"]);
    let all: Vec<String> = std::iter::from_fn(|| hears.try_recv().ok()).map(|(_, told)| told.to_string()).collect();
    assert_eq!(all.iter().filter(|told| told.contains("まだ誰も署名していません")).count(), 1, "{all:?}");

    // The very command signs it.
    let words: Vec<&str> = sign.split(' ').skip(1).collect();
    let signed = site.run(&words);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    let reviewed = site.run(&["review", "list", "--tz", "Asia/Tokyo", "--from", &day, "--to", &day]);
    assert_eq!(reviewed.code, Some(0), "{reviewed:?}");
    site.assert_intact();
}

#[test]
fn reports_and_packages_are_made_into_a_folder_and_never_replaced() {
    let site = Site::with_vault(&[]);
    assert_eq!(site.run(&["ingest", "cloudtrail", &site.write("a.json", site::events(0..20))]).code, Some(0));
    let path = site.write(
        "shoseki.toml",
        "[[schedule]]\nname = \"monthly\"\nat = \"07:00\"\non = 1\n\
         report = { framework = \"handbook\", format = \"csv\", lang = \"ja\", to = \"made/reports\" }\n\
         [[schedule]]\nname = \"evidence\"\nat = \"07:00\"\non = 1\nperiod = \"last 3650d\"\n\
         package = { saved = \"handbook\", to = \"made/packages\" }\n",
    );
    let run = |name: &str| site.run(&["schedule", "run", name, "--config", &path, "--json"]).report(0);
    for _ in 0..2 {
        assert_eq!([&run("monthly")["verdict"], &run("evidence")["verdict"]], ["made", "made"]);
    }
    let names = |folder: &str| {
        let all = std::fs::read_dir(site.path(folder)).unwrap();
        let mut names: Vec<String> = all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let (reports, packages) = (names("made/reports"), names("made/packages"));
    assert_eq!((reports.len(), packages.len()), (2, 2), "{reports:?} {packages:?}");
    assert!(reports[0].starts_with("monthly_") && reports[0].ends_with("-2.csv"), "{reports:?}");
    assert!(packages.iter().all(|name| name.starts_with("evidence_") && name.ends_with(".zip")), "{packages:?}");
    let listed = site.run(&["report", "list", "--json"]).report(0);
    assert_eq!(listed["reports"].as_array().unwrap().len(), 2, "{listed}");
    let status = site.run(&["status", "--json"]).report(0);
    assert_eq!(status["unsealed_commits"], 0, "{status}");
    let made = site.run(&[
        "query",
        "filter action in ['report.made', 'package.create'] | stats count(*) as n by actor.schedule | sort n, actor.schedule",
        "--source",
        "shoseki",
        "-o",
        "json",
    ]);
    assert_eq!(made.report(0), json!([{"actor.schedule": "evidence", "n": 2}, {"actor.schedule": "monthly", "n": 2}]));
    site.assert_intact();
}

#[test]
fn a_configuration_says_when_it_is_due_and_what_could_not_run() {
    let site = Site::with_vault(&[]);
    let check = |text: &str| {
        let path = site.write("shoseki.toml", text);
        site.run(&["serve", "--check", "--config", &path])
    };
    let head = "[[schedule]]\nname = \"nightly\"\nat = \"06:30\"\non = \"weekdays\"\ntz = \"Asia/Tokyo\"\n";
    let target = "[[forward]]\nname = \"grafana\"\n[forward.loki]\nurl = \"http://127.0.0.1:3100\"\n";
    let good = check(&format!("region = \"tokyo\"\n{head}check = {{ framework = \"pci-dss\" }}\n{target}"));
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(
        good.out.contains("schedule nightly: checks, 06:30 (Asia/Tokyo) on working days (Monday to Friday); next 2"),
        "{good:?}"
    );
    assert!(good.out.contains("T06:30:00+09:00"), "{good:?}");
    assert!(good.out.contains("http://127.0.0.1:3100"), "a target is shown with its port: {good:?}");
    let fetcher =
        "[[fetch.s3]]\nname = \"trail\"\nurl = \"s3://a/b\"\nregion = \"us-east-1\"\nsource = \"cloudtrial\"\n";
    let refused = check(fetcher);
    assert!(refused.err.contains("`trail`") && !refused.err.contains("sender"), "it is a fetcher: {refused:?}");
    for doubt in ["`tokyo`", "[[alert]]"] {
        assert!(good.err.contains(doubt), "{doubt}: {good:?}");
    }
    for (job, why) in [
        ("report = { framework = \"pci-dss\", format = \"docx\", to = \"a\" }", "docx"),
        ("report = { framework = \"pci-dss\", lang = \"fr\", to = \"a\" }", "fr"),
        ("query = { saved = \"handbok\" }", "`handbook`"),
        ("query = { text = \"filter a ==== b\" }", "`filter a ==== b`"),
        ("package = { saved = \"handbok\", to = \"a\" }", "`handbook`"),
        ("check = { framework_file = [\"none.yaml\"] }", "none.yaml"),
    ] {
        let refused = check(&format!("{head}{job}\n"));
        assert!(refused.code == Some(2) && refused.err.contains(why), "{why}: {refused:?}");
        let path = site.path("shoseki.toml").display().to_string();
        assert_eq!(site.run(&["serve", "--config", &path]).code, Some(2), "nor does it start");
    }
    let path = site.write("shoseki.toml", format!("{head}check = {{ framework = \"pci-dss\" }}\n"));
    let unknown = site.run(&["schedule", "run", "nightl", "--config", &path]);
    assert!(unknown.code == Some(2) && unknown.err.contains("`nightly`"), "{unknown:?}");
    let listed = site.run(&["schedule", "list", "--config", &path, "--lang", "ja"]);
    assert!(listed.code == Some(0) && listed.out.contains("未実行") && listed.out.contains("チェック"), "{listed:?}");
    let none = site.write("none.toml", "");
    let refused = site.run(&["schedule", "list", "--config", &none]);
    assert!(refused.code == Some(2) && refused.err.contains("[[schedule]]"), "{refused:?}");
}

#[test]
fn what_starts_is_told_once_all_doors_are_open() {
    let site = Site::with_vault(&[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n\
         [[syslog]]\nname = \"net\"\nlisten = \"{at}\"\ntransport = \"tcp\"\n"
    );
    let path = site.write("shoseki.toml", text);
    let mut command = site.command(&["serve", "--config", &path]);
    command.env("SHOSEKI_WAL", site.path("wal"));
    let refused = Site::finish(command);
    assert!(refused.code == Some(3) && !refused.err.contains("serve.start"), "{refused:?}");
}

#[test]
fn a_run_that_is_stopped_is_made_after_the_next_start() {
    let site = Site::with_vault(&[]);
    let evidence = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    let text = config(
        "[[schedule]]\nname = \"all\"\nevery = \"1s\"\nperiod = \"last 3650d\"\ncheck = { framework = \"pci-dss\" }\n",
    );
    let server = Server::start(&site, &text);
    // The record of a run that goes on is the only file in the spool that nobody takes in.
    let begun = Instant::now();
    let is_running = || {
        let spool = std::fs::read_dir(site.path("wal").join("access")).into_iter().flatten().flatten();
        spool.into_iter().any(|entry| entry.path().extension().is_some_and(|ending| ending == "access"))
    };
    while !is_running() {
        assert!(begun.elapsed() < PATIENCE, "nothing runs");
        std::thread::sleep(Duration::from_millis(5));
    }
    let stopping = Instant::now();
    let said = server.stop();
    assert!(stopping.elapsed() < Duration::from_secs(10), "it waits for no run");
    assert!(!said.contains("schedule.failed"), "that it was stopped is no failure: {said}");
    let server = Server::start(&site, &text);
    server.ran("all", 1);
    server.stop();
    site.assert_intact();
}

#[test]
fn a_vault_in_a_bucket_is_worked_on_too() {
    let Some(moto) = Moto::of("schedules of a vault in a bucket") else { return };
    let site = Site::empty();
    let vault = format!("s3://shoseki-test/{}", moto.prefix("schedule"));
    assert_eq!(site.run(&["init", &vault, "--vault", &vault]).code, Some(0));
    let path = site.write(
        "shoseki.toml",
        "region = \"us-east-1\"\n[[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = { checks = \"vault_is_anchored\" }\n",
    );
    let run = |words: &[&str]| site.run(&[words, &["--vault", &vault, "--config", &path, "--json"]].concat());
    let actions = |report: &Value| {
        let told = report["told"].as_array().unwrap();
        told.iter().map(|told| told["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(actions(&run(&["schedule", "run", "anchored"]).report(1)), ["finding.opened", "schedule.done"]);
    assert_eq!(actions(&run(&["schedule", "run", "anchored"]).report(1)), ["schedule.done"]);
    assert_eq!(run(&["schedule", "list"]).report(0)["schedules"][0]["last"]["verdict"], "fail");
}
