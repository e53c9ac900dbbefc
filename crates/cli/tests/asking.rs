//! What people hold in their hands when they ask: saved questions, limits, files that are whole or not there, what a
//! question would read.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod site;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use site::{Answer, Site};

/// Three thousand million rows: more than any test waits for.
const ENDLESS: &str = "select count(*) from events a cross join events b cross join events c where a.raw <> b.raw";

fn estate() -> Site {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    let taken = site.run(&["ingest", "auto", evidence.to_str().unwrap()]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    site
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What the first set finds in the sample estate: the day of an incident.
const FINDS: &[(&str, usize)] = &[
    ("who-asked", 0), // the first that is asked here
    ("handbook", 38),
    ("falco-lost-events", 0),
    ("config-not-compliant", 0),
    ("github-production-changes", 0),
    ("database-failed-logins", 0),
    ("database-deletions", 0),
    ("s3-access-refused", 0),
    ("lines-with-two-readings", 0),
    ("cloudtrail-root-use", 0),
    ("cloudtrail-console-logins-without-mfa", 1),
    ("cloudtrail-failed-logins", 1),
    ("cloudtrail-trail-changes", 6),
    ("cloudtrail-iam-changes", 14),
    ("cloudtrail-administrator-rights", 3),
    ("cloudtrail-access-keys", 3),
    ("cloudtrail-security-groups", 0),
    ("cloudtrail-kms-deletion", 0),
    ("cloudtrail-access-denied", 2),
    ("cloudtrail-s3-exposure", 1),
    ("cloudtrail-s3-evidence", 0),
    ("cloudtrail-s3-deletions", 2),
    ("cloudtrail-secrets-read", 1),
    ("cloudtrail-roles-assumed", 1),
    ("cloudtrail-by-event", 69),
    ("cloudtrail-unusual-regions", 2),
    ("k8s-pods-deleted", 2),
    ("k8s-exec", 1),
    ("k8s-secrets-read", 7),
    ("k8s-rbac-changes", 2),
    ("k8s-anonymous", 0),
    ("k8s-forbidden", 1),
    ("k8s-privileged-pods", 1),
    ("k8s-changes-by-people", 8),
    ("k8s-impersonation", 0),
    ("k8s-aws-auth", 0),
    ("k8s-by-verb", 19),
    ("k8s-audit-id-twice", 0),
    ("records-in-conflict", 0),
    ("failures-by-address", 2),
    ("failures-what-differs", 12),
    ("patterns-out-of-the-ordinary", 74),
    ("outside-working-hours", 12),
    ("severe", 5),
    ("unparsed", 0),
    ("arrivals-by-day", 3),
];

#[test]
fn every_saved_question_runs_and_finds_what_the_estate_has() {
    let site = estate();
    let list = site.run(&["query", "--list-saved", "--json"]).report(0);
    let list: Vec<&str> = list.as_array().unwrap().iter().map(|saved| saved["name"].as_str().unwrap()).collect();
    let mut expected: Vec<&str> = FINDS.iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    assert_eq!(list, expected, "a new question needs its line here");
    let mut wrong = Vec::new();
    for (name, rows) in FINDS {
        let answer = site.run(&["query", "--saved", name, "-o", "jsonl"]);
        assert_eq!(answer.code, Some(0), "{name}: {answer:?}");
        let found = answer.out.lines().count();
        if found != *rows {
            wrong.push(format!("{name}: {found} rows\n{}", answer.out));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn own_saved_questions_are_found_in_a_folder_and_titles_are_in_both_languages() {
    let site = estate();
    let file = "# title: Mine\n# title.ja: 私の質問\n# language: sql\nselect count(*) as n from k8s_audit\n";
    site.write("queries/mine.query", file);
    let folder = site.path("queries");
    let folder = folder.to_str().unwrap();
    let answer = site.run(&["query", "--saved", "mine", "--queries", folder, "-o", "csv"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(0), "n\n275\n"), "{answer:?}");
    for (lang, title) in [("en", "Mine"), ("ja", "私の質問")] {
        let mut command = site.command(&["query", "--list-saved", "--lang", lang]);
        let list = Site::finish({
            command.env("SHOSEKI_QUERIES", folder);
            command
        });
        assert!(list.out.contains(title) && list.out.contains("handbook"), "{list:?}");
    }
    let near = site.run(&["query", "--saved", "handbok"]);
    assert!(near.code == Some(2) && near.err.contains("`handbook`"), "{near:?}");
    let both = site.run(&["query", "--saved", "handbook", "fields a"]);
    assert_eq!(both.code, Some(2), "{both:?}");
    // Files as some editors write them, and one that is no text.
    let (marked, folder) = (site.path("marked.query"), site.path("queries-of-mine"));
    std::fs::write(&marked, "\u{feff}fields eventName | limit 1\n").unwrap();
    let asked = site.run(&["query", "-f", marked.to_str().unwrap(), "-o", "csv"]);
    assert_eq!((asked.code, asked.out.lines().count()), (Some(0), 2), "{asked:?}");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("broken.query"), b"fields \xff").unwrap();
    let of_folder = ["--queries", folder.to_str().unwrap()];
    let other = site.run(&[&["query", "--saved", "handbook"], &of_folder[..]].concat());
    assert_eq!(other.code, Some(0), "{other:?}");
    let broken = site.run(&[&["query", "--saved", "broken"], &of_folder[..]].concat());
    assert!(broken.code == Some(2) && broken.err.contains("broken.query"), "{broken:?}");
    let listed = site.run(&[&["query", "--list-saved"], &of_folder[..]].concat());
    assert!(listed.code == Some(0) && listed.err.contains("broken.query"), "{listed:?}");
    let gone = site.run(&["query", "--list-saved", "--queries", "/nonexistent"]);
    assert_eq!(gone.code, Some(2), "{gone:?}");
}

#[test]
fn an_answers_file_is_whole_and_its_name_says_its_format() {
    let site = estate();
    std::fs::create_dir(site.path("answers")).unwrap();
    let write = |name: &str, more: &[&str]| {
        let path = site.path("answers").join(name);
        let words = [&["query", "stats count(*) as n by @source", "--out", path.to_str().unwrap()], more].concat();
        let answer = site.run(&words);
        assert_eq!((answer.code, answer.out.as_str()), (Some(0), ""), "{answer:?}");
        std::fs::read(path).unwrap()
    };
    assert_eq!(write("a.csv", &[]), b"@source,n\ncloudtrail,1197\nk8s-audit,275\n");
    assert_eq!(
        write("a.jsonl", &[]),
        b"{\"@source\":\"cloudtrail\",\"n\":1197}\n{\"@source\":\"k8s-audit\",\"n\":275}\n"
    );
    let json: Value = serde_json::from_slice(&write("a.json", &[])).unwrap();
    assert_eq!(json[1]["n"], 275);
    assert!(write("a.parquet", &[]).ends_with(b"PAR1"));
    assert!(write("b", &["-o", "parquet"]).ends_with(b"PAR1"));
    let before = names(&site.path("answers"));
    assert_eq!(before, ["a.csv", "a.json", "a.jsonl", "a.parquet", "b"], "nothing unfinished is left");
    let out = site.path("answers/a.csv");
    let refused = site.run(&["query", "filtr", "--force", "--out", out.to_str().unwrap()]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let table = site.run(&["query", "fields a", "-o", "table", "--force", "--out", out.to_str().unwrap()]);
    assert_eq!(table.code, Some(2), "{table:?}");
    let ending = site.path("answers/z.xyz").display().to_string();
    let unknown = site.run(&["query", "fields a", "--out", &ending]);
    assert!(unknown.code == Some(2) && unknown.err.contains("`.xyz`"), "{unknown:?}");
    assert!(write("z.xyz", &["-o", "csv"]).starts_with(b"@source"));
    let nowhere = site.run(&["query", "fields a", "--out", "no/such/folder/a.csv"]);
    assert_eq!(nowhere.code, Some(3), "{nowhere:?}");
    assert!(std::fs::read(out).unwrap().starts_with(b"@source"), "what was there stays");
}

#[test]
fn time_that_runs_out_is_said_with_what_was_done() {
    let site = estate();
    let out = site.path("late.csv");
    let begun = Instant::now();
    let late = site.run(&["query", "--sql", ENDLESS, "--timeout", "4s", "--out", out.to_str().unwrap()]);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(late.code, Some(3), "{late:?}");
    for word in ["4 s", "--timeout", "of 2 files", "--from"] {
        assert!(late.err.contains(word), "{word}: {late:?}");
    }
    assert!(
        !out.exists() && names(site.path("late.csv").parent().unwrap()).iter().all(|name| !name.contains("unfinished"))
    );
    assert_eq!(site.run(&["query", "stats count(*)", "--timeout", "5m"]).code, Some(0));
    assert_eq!(site.run(&["query", "stats count(*)", "--timeout", "5"]).code, Some(2));
}

#[test]
fn ctrl_c_stops_at_once_and_leaves_nothing() {
    let site = estate();
    let out = site.path("answer.csv");
    let mut command = site.command(&["query", "--sql", ENDLESS, "--out", out.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It has begun when its file has.
    let begun = Instant::now();
    let is_there = |part: &str| names(out.parent().unwrap()).iter().any(|name| name.contains(part));
    while !is_there("unfinished") {
        assert!(begun.elapsed() < Duration::from_secs(60), "the query does not begin");
        std::thread::yield_now();
    }
    let stopped = Instant::now();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let answer = Answer::of(child.wait_with_output().unwrap());
    assert_eq!(answer.code, Some(130), "{answer:?}");
    assert!(stopped.elapsed() < Duration::from_secs(20), "{:?}", stopped.elapsed());
    assert!(!is_there("answer.csv"), "{:?}", names(out.parent().unwrap()));
}

#[test]
fn memory_is_bounded_and_a_disk_may_help() {
    let site = Site::with_vault(&[]);
    let file = site.write("events.json", site::events(0..40_000));
    let taken = site.run(&["ingest", "cloudtrail", &file]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let sort = "fields @message | sort sourceIPAddress, @message | fields strlen(@message) as n";
    let little = site.run(&["query", sort, "--memory", "24MB", "-o", "csv"]);
    assert_eq!(little.code, Some(3), "{:?}", little.err);
    assert!(little.err.contains("--spill") && little.err.contains("--memory"), "{}", little.err);
    std::fs::create_dir(site.path("aside")).unwrap();
    let spilled = site.run(&["query", sort, "--memory", "24MB", "--spill", "aside", "-o", "csv"]);
    assert_eq!(spilled.code, Some(0), "{:?}", spilled.err);
    let whole = site.run(&["query", sort, "-o", "csv"]);
    assert!(spilled.out == whole.out && whole.out.lines().count() == 40_001, "{}", whole.out.lines().count());
    assert!(names(&site.path("aside")).is_empty());
    assert_eq!(site.run(&["query", sort, "--spill", "/nonexistent"]).code, Some(2));
    assert_eq!(site.run(&["query", sort, "--memory", "1"]).code, Some(2));
}

#[test]
fn what_an_answer_took_is_said_behind_it() {
    let site = estate();
    let said = site.run(&["query", "stats count(*) as n", "--stats", "-o", "csv"]);
    assert!(said.code == Some(0) && said.out == "n\n1472\n", "{said:?}");
    assert!(said.err.contains("1 rows in ") && said.err.contains(" files ("), "{said:?}");
    let took = |query: &str| -> Value {
        let said = site.run(&["query", query, "--stats", "--json"]);
        let line = said.err.lines().find(|line| line.starts_with('{')).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let all = took("fields eventName | filter eventName like /[aeiou]/");
    assert!(all["records_read"].as_u64() >= Some(1_197) && all["files_read"].as_u64() > Some(0), "{all}");
    // What the indexes rule out is not read, and is counted among the files all the same.
    let none = took("fields eventName | filter @message like /no-such-needle-in-it/");
    assert_eq!(
        (&none["rows"], &none["files_read"], &none["records_read"]),
        (&0.into(), &0.into(), &0.into()),
        "{none}"
    );
    assert_eq!(none["files"], all["files"]);
}

#[test]
fn what_a_question_would_read_is_shown_without_asking_it() {
    let site = estate();
    let words = ["query", "--explain", "filter eventName = 'x'", "--source", "cloudtrail", "--from", "2026-03-01"];
    let shown = site.run(&words);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for word in ["would be read: 1 of 3 files", "of other sources", "not read: 1 files", "Events: files=1", ".parquet"]
    {
        assert!(shown.out.contains(word), "{word}: {}", shown.out);
    }
    let report = site.run(&[&words[..], &["--json"]].concat()).report(0);
    assert_eq!((report["read"]["files"].as_u64(), report["read"]["records"].as_u64()), (Some(1), Some(1_197)));
    assert!(report["plan"].as_str().unwrap().contains("native:eventName"));
    let saved = site.run(&["query", "--explain", "--saved", "k8s-exec", "--to", "2020-01-01", "--json"]).report(0);
    assert_eq!(saved["read"]["files"], 0);
    assert_eq!(site.run(&["query", "--explain", "filtr"]).code, Some(2));
    let sql = site.run(&["query", "--explain", "--sql", "select verb from k8s_audit"]);
    assert!(sql.code == Some(0) && sql.out.contains("native:verb"), "{sql:?}");
}

#[test]
fn an_answer_with_nothing_says_what_may_have_been_meant() {
    let site = estate();
    let said = |arguments: &[&str]| {
        let answer = site.run(&[&["query", "-o", "jsonl"], arguments].concat());
        assert!(answer.code == Some(0) && answer.out.is_empty(), "{answer:?}");
        answer.err
    };
    let misspelt = said(&["filter @timestmp > 0"]);
    assert!(misspelt.contains("did you mean `@timestamp`?"), "{misspelt}");
    let beyond = said(&["fields @message", "--from", "2030-01-01"]);
    assert!(beyond.contains("between 2026-03-0"), "{beyond}");
    let within = said(&["filter eventName = 'NoSuchCall'", "--from", "2026-03-05"]);
    assert!(!within.contains("time range"), "{within}");
}
