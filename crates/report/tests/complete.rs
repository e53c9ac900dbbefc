//! Packages with a population: the query is run again over what is packed and gives the same rows, whatever it is; and who
//! signs a package that lies is found out, however consistent the lie is.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_query::{Failure, Options};
use shoseki_report::{Draw, Mask, Packed, Request, Running, pack, verify_again};
use shoseki_tlog::{Hash, sign_statement};
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::ingest::{Meter, ingest};
use shoseki_vault::{Access, Init, Vault};
use shoseki_verify::{Report, Verdict};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

type Entries = Vec<(String, Vec<u8>)>;

/// A vault of four commits: two days of CloudTrail in three files, and an application's lines of which some are none.
struct Estate {
    folder: TempDir,
    vault: Arc<Vault>,
}

fn event(n: u32) -> String {
    let (day, hour, minute) = (4 + n % 2, n / 60 % 24, n % 60);
    let name = ["GetObject", "PutObject", "DeleteObject"][n as usize % 3];
    let error = if n.is_multiple_of(7) { r#""errorCode":"AccessDenied","# } else { "" };
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲{}"}},"eventTime":"2026-03-{day:02}T{hour:02}:{minute:02}:00Z","eventSource":"s3.amazonaws.com","eventName":"{name}",{error}"awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"size":{}.1,"note":"card 4111 1111 1111 1111","key":"=k/{n}, \"q\"\n"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
        n % 4,
        n % 250,
        n * 37 % 1_000,
    )
    .replace('\n', "\\n")
}

impl Estate {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("vault").display().to_string();
        let access = Access::new(folder.path().join("keys"));
        let vault = Vault::init(&url, &access, &Init::default()).await.unwrap().vault;
        let mut estate = Self { folder, vault: Arc::new(vault) };
        for (file, numbers) in [("a", 0..40), ("b", 40..90), ("c", 90..120)] {
            let all: Vec<String> = numbers.map(event).collect();
            estate.take(&format!("{file}.json"), &format!("{{\"Records\":[{}]}}", all.join(","))).await;
        }
        let mut lines = String::new();
        for n in 0..20 {
            writeln!(
                lines,
                r#"{{"time":"2026-03-05T0{}:00:00Z","level":"info","message":"m {n}","who":"u-{}"}}"#,
                n % 10,
                n % 3
            )
            .unwrap();
        }
        estate.take("app.log", &format!("{lines}this is no \u{1} event\n")).await;
        estate
    }

    async fn take(&mut self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        let request = shoseki_vault::ingest::Request { paths: vec![path], ..shoseki_vault::ingest::Request::default() };
        ingest(&self.vault, &request, &Arc::new(Meter::default())).await.unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn packed(&self, request: &Request) -> Result<(Packed, Entries), Failure> {
        let mut out = Cursor::new(Vec::new());
        let packed = pack(&self.vault, request, &mut out).await?;
        Ok((packed, entries(&out.into_inner())))
    }

    async fn made(&self, request: &Request) -> Entries {
        self.packed(request).await.unwrap_or_else(|failure| panic!("{}: {failure:?}", request.query)).1
    }

    /// Judges a package, of which everything is signed anew, as its maker could.
    async fn judged(&self, entries: &Entries) -> Report {
        let path = self.path("judged.zip");
        std::fs::write(&path, self.signed(entries)).unwrap();
        let room = tempfile::tempdir().unwrap();
        let running = Running { memory: None, spill: Some(room.path().to_owned()), ..Running::default() };
        let file = std::fs::File::open(path).unwrap();
        let report = verify_again(file, self.vault.verifier().unwrap(), None, running).await.unwrap();
        assert!(is_empty(room.path()), "nothing of a package is left behind");
        report
    }

    fn signed(&self, entries: &Entries) -> Vec<u8> {
        let of = |name: &str| entries.iter().find(|(entry, _)| entry == name).map(|(_, bytes)| bytes.as_slice());
        let mut text = String::from_utf8(of("manifest.json").unwrap().to_vec()).unwrap();
        let old: Value = serde_json::from_str(&text).unwrap();
        let files = old["files"].as_object().unwrap();
        for (name, extent) in files {
            let bytes = of(name).unwrap();
            let was = format!(
                "\"{name}\": {{\n      \"size\": {},\n      \"sha256\": {}\n",
                extent["size"], extent["sha256"]
            );
            let sha256 = hex(&Sha256::digest(bytes));
            let is = format!("\"{name}\": {{\n      \"size\": {},\n      \"sha256\": \"{sha256}\"\n", bytes.len());
            assert!(text.contains(&was), "{name}");
            text = text.replace(&was, &is);
        }
        let hash = Hash(Sha256::digest(text.as_bytes()).into());
        let note = sign_statement("shoseki-package/v1", hash, &self.vault.keys().signing().unwrap()).unwrap();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(match name.as_str() {
                "manifest.json" => text.as_bytes(),
                "manifest.note" => &note,
                _ => bytes,
            })
            .unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entries(package: &[u8]) -> Entries {
    let mut zip = ZipArchive::new(Cursor::new(package)).unwrap();
    let read = |at| {
        let mut entry = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (String::from_utf8(entry.name_raw().to_vec()).unwrap(), bytes)
    };
    (0..ZipArchive::new(Cursor::new(package)).unwrap().len()).map(read).collect()
}

/// An entry, to be changed.
fn entry<'e>(entries: &'e mut Entries, name: &str) -> &'e mut Vec<u8> {
    &mut entries.iter_mut().find(|(entry, _)| entry == name).unwrap().1
}

fn change(entries: &mut Entries, name: &str, change: impl FnOnce(&mut Vec<String>)) {
    let bytes = entry(entries, name);
    let mut lines: Vec<String> = std::str::from_utf8(bytes).unwrap().lines().map(|line| format!("{line}\n")).collect();
    change(&mut lines);
    *bytes = lines.concat().into_bytes();
}

fn replace(entries: &mut Entries, name: &str, from: &str, to: &str) {
    let bytes = entry(entries, name);
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{name}: {from}");
    *bytes = text.replace(from, to).into_bytes();
}

fn request(query: &str) -> Request {
    let options = Options { now: Timestamp::parse("2026-03-06T00:00:00Z").unwrap(), cores: 2, ..Options::default() };
    let mask = Some(Mask::new(Some("甲[0-3]")).unwrap());
    Request { query: query.to_owned(), sql: false, options, mask, population: true, sample: None, attachments: None }
}

fn sql(query: &str) -> Request {
    Request { sql: true, ..request(query) }
}

fn of_the_fifth(request: Request) -> Request {
    let time = |text: &str| Some(Timestamp::parse(text).unwrap());
    let (from, to) = (time("2026-03-05T00:00:00Z"), time("2026-03-06T00:00:00Z"));
    Request { options: Options { from, to, zone: chrono_tz::Asia::Tokyo, ..request.options }, ..request }
}

fn sampled(take: u64, request: Request) -> Request {
    Request { sample: Some(Draw { take, seed: "監査 4711".to_owned(), by: "森".to_owned() }), ..request }
}

fn notes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(shoseki_messages::Message::id).collect()
}

fn said(report: &Report) -> Vec<(String, &'static str)> {
    report.problems.iter().map(|problem| (problem.what.clone(), problem.message.id())).collect()
}

fn manifest(entries: &Entries) -> Value {
    serde_json::from_slice(&entries.iter().find(|(name, _)| name == "manifest.json").unwrap().1).unwrap()
}

async fn check_complete(estate: &Estate, request: Request) {
    let made = estate.made(&request).await;
    let report = estate.judged(&made).await;
    assert_eq!(report.verdict, Verdict::Intact, "{}: {:?}", request.query, said(&report));
    assert!(notes(&report).contains(&"verify-population-complete"), "{}: {:?}", request.query, notes(&report));
    assert_eq!(notes(&report).contains(&"verify-population-any-order"), request.sql);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_gives_the_same_rows_over_what_is_packed() {
    let estate = Estate::new().await;
    for query in [
        "fields @timestamp, @message",
        "filter errorCode = 'AccessDenied' | fields eventName, userIdentity.arn, requestParameters.key",
        "filter @message like /none such/",
        "fields eventName | sort eventName | limit 7",
        "stats count(*) as n, avg(requestParameters.size) as a, sum(requestParameters.size), stddev(requestParameters.size) by eventName",
        "stats count(*) by bin(1h), sourceIPAddress | sort @t | limit 3",
        "dedup eventName | fields eventName, @ptr",
        "fields now() as t, who | filter who in (SOURCE logGroups() | filter level = 'info' | fields who | limit 5)",
        "filter ispresent(level) | parse message 'm *' as n | stats max(n) by level",
        "filter eventName = 'PutObject' | join left=a right=b where a.eventName = b.eventName (fields eventName | dedup eventName) | fields a.eventName",
        "unnest requestParameters.size into s | fields s | limit 9",
        "pattern message",
    ] {
        check_complete(&estate, request(query)).await;
        check_complete(&estate, of_the_fifth(request(query))).await;
    }
    for query in ["pattern @message | diff", "stats count(*) by bin(6h) offset 1d"] {
        let request = of_the_fifth(request(query));
        let made = estate.made(&request).await;
        assert!(manifest(&made)["population"]["from"].as_str().unwrap() < "2026-03-05", "{query}");
        check_complete(&estate, request).await;
    }
    for query in [
        r#"select "@ptr", raw from events"#,
        r#"select "@ptr", "eventName", raw -> 'requestParameters' ->> 'size' as size from cloudtrail where "errorCode" is not null order by "eventName""#,
        r#"select "@ptr", count(*) as n, avg(position) from events group by 1"#,
        r#"select time, "@ptr" from events order by time, "@ptr" limit 5"#,
    ] {
        check_complete(&estate, sql(query)).await;
        check_complete(&estate, of_the_fifth(sql(query))).await;
    }
    let only = Options { sources: vec!["cloudtrail".to_owned()], ..request("").options };
    check_complete(&estate, Request { options: only, ..request("fields eventName") }).await;
    let receipts = Options { sources: vec!["shoseki".to_owned()], include_internal: true, ..request("").options };
    check_complete(&estate, Request { options: receipts, mask: None, ..request("fields @message") }).await;
}

/// Sums near 0 differ the most where they are rounded on the way: a ledger whose entries cancel is intact each time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_of_decimals_is_intact_each_time() {
    let mut estate = Estate::new().await;
    for (file, sign) in [("booked.log", ""), ("back.log", "-"), ("again.log", ""), ("gone.log", "-")] {
        let mut lines = String::new();
        for n in 0..150 {
            let cents = n * 7_919 % 100_000;
            writeln!(
                lines,
                r#"{{"time":"2026-03-0{}T0{}:00:00Z","level":"info","message":"{file} {n}","amount":{sign}{}.{:02}}}"#,
                n % 5 + 1,
                n % 10,
                cents / 100,
                cents % 100
            )
            .unwrap();
        }
        estate.take(file, &lines).await;
    }
    for query in ["stats sum(amount) as balance, avg(amount) as mean", "stats stddev(amount) as d by bin(1d)"] {
        let options = Options { cores: 4, ..request("").options };
        let made = estate.made(&Request { options, ..request(query) }).await;
        for _ in 0..4 {
            let report = estate.judged(&made).await;
            assert_eq!(report.verdict, Verdict::Intact, "{query}: {:?}", said(&report));
        }
        if query.contains("balance") {
            let rows = made.iter().find(|(name, _)| name == "rows.jsonl").unwrap();
            assert_eq!(std::str::from_utf8(&rows.1).unwrap(), "{\"balance\":0,\"mean\":0}\n");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_population_is_as_large_as_it_must_be_and_stays_the_same_behind_a_compaction() {
    let estate = Estate::new().await;
    let of = async |request: Request| manifest(&estate.made(&request).await)["population"].clone();
    let all = of(request("fields @message")).await;
    assert_eq!((&all["segments"], &all["records"]), (&8.into(), &141.into()), "two days of three files, and the lines");
    let fifth = of(of_the_fifth(request("fields @message"))).await;
    assert_eq!(
        (&fifth["segments"], &fifth["records"]),
        (&4.into(), &80.into()),
        "what could not be read was received today"
    );
    let stream = Options { streams: vec!["nobody's".to_owned()], ..request("").options };
    let made = estate.made(&Request { options: stream.clone(), ..request("fields @message") }).await;
    assert_eq!(manifest(&made)["population"]["segments"], 0);
    let report = estate.judged(&made).await;
    assert_eq!(report.verdict, Verdict::Intact, "that there is nothing is proven by the commits: {:?}", said(&report));

    let goal = Goal::default();
    compact(&estate.vault, &goal, &Arc::new(Meter::default())).await.unwrap();
    let behind = of(request("fields @message")).await;
    assert_eq!(behind, all);
    check_complete(&estate, request("fields @timestamp, @message")).await;
    check_complete(&estate, sampled(5, request("filter ispresent(errorCode)"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_has_its_rows_and_the_list_is_proven() {
    let estate = Estate::new().await;
    let query = "filter ispresent(errorCode) | fields eventName, @ptr | sort eventName | limit 15";
    let (packed, made) = estate.packed(&sampled(4, request(query))).await.unwrap();
    assert_eq!((packed.rows, packed.records, packed.drawn_from, packed.population), (4, 4, Some(15), Some(141)));
    let report = estate.judged(&made).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    assert!(notes(&report).contains(&"verify-population-list"));
    check_complete(&estate, sampled(99, request(query))).await;
    check_complete(&estate, sampled(3, sql(r#"select "@ptr" from cloudtrail where "errorCode" is not null"#))).await;
    let several = "unnest requestParameters.size into s | fields s, @ptr";
    check_complete(&estate, sampled(3, request(several))).await;

    // Without the population it is claimed that the list is whole, and the draw is repeated all the same.
    let alone = estate.made(&Request { population: false, ..sampled(4, request(query)) }).await;
    let report = estate.judged(&alone).await;
    assert_eq!(report.verdict, Verdict::Intact);
    assert!(notes(&report).contains(&"verify-sample-list-claimed"));
    // One other seed may draw the same four of fifteen, three do not.
    let mut others = Vec::new();
    for seed in ["監査 4712", "監査 4713", "監査 4714"] {
        let mut other = alone.clone();
        replace(&mut other, "manifest.json", "監査 4711", seed);
        others.push(estate.judged(&other).await.verdict);
    }
    assert!(others.contains(&Verdict::Tampered), "{others:?}");

    // A list that is short by a name that was not drawn repeats the same draw: only the query tells.
    let mut short = made.clone();
    let drawn = String::from_utf8(entry(&mut short, "rows.jsonl").clone()).unwrap();
    let mut left_out = String::new();
    change(&mut short, "drawn-from.txt", |names| {
        let at = names.iter().position(|name| !drawn.contains(name.trim_end())).unwrap();
        left_out = names.remove(at).trim_end().to_owned();
    });
    replace(&mut short, "manifest.json", "\"from\": 15", "\"from\": 14");
    let report = estate.judged(&short).await;
    assert_eq!((report.verdict, said(&report)), (Verdict::Tampered, vec![(left_out, "package-again-name-missing")]));
    let mut long = made.clone();
    let other = entry(&mut long, "population/0.jsonl").clone();
    let names = String::from_utf8(entry(&mut long, "drawn-from.txt").clone()).unwrap();
    let of_line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"].as_str().unwrap().to_owned();
    let strangers = String::from_utf8(other).unwrap();
    // One that the seed does not draw either.
    let mut tried = strangers.lines().map(of_line).filter(|name| !names.contains(name.as_str()));
    replace(&mut long, "manifest.json", "\"from\": 15", "\"from\": 16");
    let found = loop {
        let name = tried.next().unwrap();
        let mut lie = long.clone();
        change(&mut lie, "drawn-from.txt", |names| names.push(format!("{name}\n")));
        let report = estate.judged(&lie).await;
        assert_eq!(report.verdict, Verdict::Tampered);
        if said(&report) == [(name, "package-again-name-added")] {
            break true;
        }
    };
    assert!(found);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_not_the_querys_are_named() {
    type Lie = fn(&mut Entries);
    type Expected = &'static [(&'static str, &'static str)];
    let estate = Estate::new().await;
    let made =
        estate.made(&request("filter ispresent(errorCode) | fields eventName, requestParameters.size, @ptr")).await;
    assert_eq!(manifest(&made)["rows"], 18);
    let lies: [(&str, Lie, Expected); 9] = [
        (
            "a row left out of both files",
            |e| {
                change(e, "rows.jsonl", |rows| drop(rows.remove(3)));
                change(e, "rows.csv", |rows| drop(rows.remove(4)));
                replace(e, "manifest.json", "\"rows\": 18,", "\"rows\": 17,");
            },
            &[("rows.csv", "package-again-row-missing"), ("rows.jsonl", "package-again-row-missing")],
        ),
        (
            "a row twice",
            |e| {
                change(e, "rows.jsonl", |rows| rows.insert(3, rows[2].clone()));
                replace(e, "manifest.json", "\"rows\": 18,", "\"rows\": 19,");
            },
            &[("rows.jsonl line 4", "package-again-row-added")],
        ),
        (
            "a row added at the end",
            |e| {
                change(e, "rows.jsonl", |rows| rows.push(rows[0].replace("Object", "Nothing")));
                replace(e, "manifest.json", "\"rows\": 18,", "\"rows\": 19,");
            },
            &[("rows.jsonl line 19", "package-again-row-added")],
        ),
        (
            "a row altered",
            |e| change(e, "rows.jsonl", |rows| rows[5] = rows[5].replace("Object", "Nothing")),
            &[("rows.jsonl", "package-again-row-missing"), ("rows.jsonl line 6", "package-again-row-added")],
        ),
        (
            "a number altered, in the file for spreadsheets only",
            |e| change(e, "rows.csv", |rows| rows[6] = rows[6].replace(".1,", ".2,")),
            &[("rows.csv", "package-again-row-missing"), ("rows.csv row 7", "package-again-row-added")],
        ),
        (
            "a column of another name",
            |e| replace(e, "rows.csv", "eventName", "eventNome"),
            &[("rows.csv", "package-again-row-missing"), ("rows.csv row 1", "package-again-row-added")],
        ),
        (
            "two rows exchanged",
            |e| change(e, "rows.jsonl", |rows| rows.swap(2, 4)),
            &[("rows.jsonl line 3", "package-again-order")],
        ),
        (
            "another query",
            |e| replace(e, "manifest.json", "filter ispresent(errorCode) | fields", "filter errorCode = 'x' | fields"),
            &[("rows.jsonl line 1", "package-again-row-added")],
        ),
        (
            "another mask",
            |e| replace(e, "manifest.json", "甲[0-3]", "Object"),
            &[("rows.jsonl line 1", "package-again-row-added")],
        ),
    ];
    for (name, lie, expected) in lies {
        let mut entries = made.clone();
        lie(&mut entries);
        let report = estate.judged(&entries).await;
        let found = said(&report);
        assert_eq!(report.verdict, Verdict::Tampered, "{name}: {found:?}");
        for (what, message) in expected {
            assert!(found.contains(&((*what).to_owned(), message)), "{name}: {found:?}");
        }
        assert!(!notes(&report).contains(&"verify-population-complete"), "{name}");
    }
}

/// Another version may understand a query otherwise: what differs then is not called tampering, and never intact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_version_asked_is_not_called_tampered() {
    let estate = Estate::new().await;
    let mut made = estate.made(&request("filter ispresent(errorCode) | fields eventName, @ptr")).await;
    let own = manifest(&made)["asked"]["engine"].as_str().unwrap().to_owned();
    replace(&mut made, "manifest.json", &own, "shoseki/0.0.9");
    let report = estate.judged(&made).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    assert!(notes(&report).contains(&"verify-population-engine"));
    change(&mut made, "rows.jsonl", |rows| rows[5] = rows[5].replace("Object", "Nothing"));
    assert_eq!(estate.judged(&made).await.verdict, Verdict::Unverifiable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_is_left_out_and_ranges_that_are_too_narrow_are_named() {
    let estate = Estate::new().await;
    // The rows of groups name no records, and their evidence has one less; it has a proof of its own each.
    let mut groups = estate.made(&request("filter ispresent(errorCode) | stats count(*) by eventName")).await;
    let mut left_out = Value::Null;
    change(&mut groups, "records.jsonl", |records| {
        left_out = serde_json::from_str::<Value>(&records.remove(2)).unwrap()["record"].clone();
    });
    replace(&mut groups, "manifest.json", "\"records\": 18,", "\"records\": 17,");
    let report = estate.judged(&groups).await;
    let left_out = left_out.as_str().unwrap().to_owned();
    assert_eq!(said(&report), [(left_out, "package-again-name-missing")]);

    // A population of the range asked for, where the query reads from before it.
    let narrow = of_the_fifth(request("fields @ptr | limit 1"));
    let mut narrow = estate.made(&narrow).await;
    replace(&mut narrow, "manifest.json", "fields @ptr | limit 1", "stats count(*) by bin(6h) offset 1d");
    assert_eq!(said(&estate.judged(&narrow).await), [("manifest.json".to_owned(), "package-again-range")]);

    // What cannot be run again is no lie.
    for query in ["filds @message", "fields @ptr | limit any 1"] {
        let mut broken = estate.made(&request("fields @ptr | limit 1")).await;
        replace(&mut broken, "manifest.json", "fields @ptr | limit 1", query);
        assert_eq!(estate.judged(&broken).await.verdict, Verdict::Unverifiable, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_travel_with_the_query() {
    let estate = Estate::new().await;
    let folder = estate.path("lookups");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(format!("{folder}/people.csv"), "id,name\nu-1,山田\n").unwrap();
    std::fs::write(format!("{folder}/secret.csv"), "id,name\nu-1,x\n").unwrap();
    let query = "filter ispresent(who) | lookup people id as who OUTPUT name | fields who, name";
    let options = Options { lookups: Some(folder.clone().into()), ..request("").options };
    let with_table = Request { options, ..request(query) };
    let mut made = estate.made(&with_table).await;
    let tables: Vec<&str> =
        made.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("lookups/")).collect();
    assert_eq!(tables, ["lookups/people.csv"], "only those that the query names");
    std::fs::remove_dir_all(&folder).unwrap();
    let report = estate.judged(&made).await;
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    replace(&mut made, "lookups/people.csv", "山田", "田中");
    assert_eq!(estate.judged(&made).await.verdict, Verdict::Tampered);
    // A package of the answer alone carries them too, and so is of the second format.
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(format!("{folder}/people.csv"), "id,name\nu-1,山田\n").unwrap();
    let plain = estate.made(&Request { population: false, ..with_table.clone() }).await;
    assert_eq!(manifest(&plain)["shoseki-package"], 2);
    assert_eq!(estate.judged(&plain).await.verdict, Verdict::Intact);
    let other = estate.made(&Request { population: false, ..request("fields @message") }).await;
    assert_eq!((&manifest(&other)["shoseki-package"], manifest(&other).get("asked")), (&1.into(), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_the_same_again_is_refused() {
    let estate = Estate::new().await;
    let refused = async |request: Request| match estate.packed(&request).await {
        Err(Failure::Fault(fault)) => fault.id(),
        Err(Failure::Mistakes(_)) => "mistakes",
        Ok(_) => panic!("{}", request.query),
    };
    assert_eq!(refused(request("fields a | limit any 3")).await, "query-any-not-repeatable");
    assert_eq!(refused(sql(r#"select "@ptr" from events limit 3"#)).await, "query-not-repeatable");
    assert_eq!(refused(sql("select raw from events")).await, "package-sql-without-pointers");
    assert_eq!(refused(sampled(3, request("stats count(*) by eventName"))).await, "package-sample-without-events");
    assert_eq!(refused(request("filds @message")).await, "mistakes");
    let any = Request { population: false, ..request("fields a | limit any 3") };
    assert!(estate.packed(&any).await.is_ok(), "without a population nothing is said of running it again");
}
