//! A vault whose bucket has storage classes: how it lies, what moving it would cost, what a question costs, and what is said of what
//! lies in an archive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use aws::Moto;
use serde_json::{Value, json};
use site::{Answer, Site, events};

/// A vault in a bucket of its own, below a prefix.
struct Tiered {
    moto: Moto,
    site: Site,
    bucket: String,
}

impl Tiered {
    fn of(test: &str) -> Option<Self> {
        let moto = Moto::of(test)?;
        let bucket = moto.prefix("tier");
        moto.bucket(&bucket);
        let tiered = Self { moto, site: Site::empty(), bucket };
        let made = tiered.run(&["init", &tiered.url()]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let evidence = tiered.site.write("a.json", events(0..200));
        assert_eq!(tiered.run(&["ingest", "cloudtrail", &evidence, "--json"]).report(0)["new"], 200);
        Some(tiered)
    }

    fn url(&self) -> String {
        format!("s3://{}/evidence", self.bucket)
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        self.site.run(&[arguments, &["--vault", &self.url()]].concat())
    }

    /// The keys of the files of CloudTrail's events.
    fn files(&self) -> Vec<String> {
        let explained = self.run(&["query", "fields @message", "--explain", "--json"]).report(0);
        let files = explained["files"].as_array().unwrap().iter().filter(|file| file["passed_over"].is_null());
        files.map(|file| format!("evidence/events/{}", file["path"].as_str().unwrap())).collect()
    }

    /// Puts an object into another class, as a life cycle would.
    fn move_to(&self, key: &str, class: &str) {
        let name = format!("{}/{key}", self.bucket);
        let headers =
            format!("x-amz-copy-source: /{name}\r\nx-amz-storage-class: {class}\r\nx-amz-metadata-directive: COPY\r\n");
        self.moto.put_at(&name, &headers, b"");
    }

    fn put_life_cycle(&self, rules: &str) {
        let xml = format!(
            "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>"
        );
        self.moto.put_at(&format!("{}?lifecycle", self.bucket), "", xml.as_bytes());
    }
}

const LOGS: &str = "<Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>\
                    <Expiration><Days>30</Days></Expiration></Rule>";
const TIER: [&str; 5] = ["retention", "tier", "--after", "90d", "--storage-class"];

fn close(is: &Value, expected: f64) {
    let is = is.as_f64().unwrap();
    assert!((is - expected).abs() < 1e-12, "{is} is not {expected}");
}

#[test]
fn a_vault_is_shown_as_it_lies_and_what_moving_it_would_cost() {
    let Some(tiered) = Tiered::of("tiering") else { return };
    tiered.put_life_cycle(LOGS);
    let large = vec![b'x'; 200_000];
    tiered.moto.put_at(&format!("{}/evidence/originals/{}", tiered.bucket, "0".repeat(64)), "", &large);
    let file = tiered.files().remove(0);
    tiered.move_to(&file, "GLACIER_IR");
    let shown = tiered.run(&["retention", "tier", "--json"]).report(0);
    let lying =
        |class: &str| shown["files"].as_array().unwrap().iter().find(|one| one["class"] == class).unwrap().clone();
    assert_eq!(lying("GLACIER_IR")["all"]["files"], 1);
    assert_eq!(lying("GLACIER_IR")["all"]["billed"], 131_072, "no less is billed there");
    assert!(lying("STANDARD")["all"]["bytes"].as_u64().unwrap() > 200_000);
    assert_eq!(lying("STANDARD")["ages"][0], lying("STANDARD")["all"], "all of it was written a moment ago");
    assert!(shown["others"][0]["all"]["files"].as_u64().unwrap() > 5, "commits, tiles, checkpoints, keys: {shown:#}");
    assert_eq!(shown["rules"], json!([]), "a rule of another prefix is not about the vault");
    let month = |files: &Value| {
        files
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                one["all"]["billed"].as_f64().unwrap() / 1_073_741_824.0
                    * if one["class"] == "GLACIER_IR" { 0.005 } else { 0.025 }
            })
            .sum::<f64>()
    };
    close(&shown["paid"]["month"]["most"], month(&shown["files"]) + month(&shown["others"]));

    let proposed = tiered.run(&[&TIER[..], &["glacier-ir", "--json"]].concat()).report(0)["proposed"].clone();
    let estimate = &proposed["estimate"];
    assert_eq!((&estimate["moves"]["files"], &estimate["younger"]["files"]), (&json!(0), &json!(1)), "{estimate:#}");
    assert_eq!(estimate["stays"]["files"], 1, "what lies there already");
    assert!(estimate["small"]["files"].as_u64().unwrap() >= 1, "small files stay: {estimate:#}");
    assert_eq!(proposed["life_cycle"]["Rules"].as_array().unwrap().len(), 3);
    let said = tiered.run(&[&TIER[..], &["glacier-ir"]].concat());
    for part in ["GLACIER_IR", "--apply", "put-bucket-lifecycle-configuration", "as of 2026-", "90 days after its move"]
    {
        assert!(said.code == Some(0) && said.out.contains(part), "`{part}` is not in {said:?}");
    }
    assert_eq!(proposed["expires_too_soon"], json!([]));
    let period = ["retention", "set", "standard", "--months", "6"];
    assert_eq!(tiered.run(&period).code, Some(0));
    let said = tiered.run(&[&TIER[..], &["glacier-ir"]].concat());
    assert!(said.out.contains("`standard` is kept for 6 months"), "180 days may be more than six months: {said:?}");
    let said = tiered.run(&[&TIER[..], &["intelligent-tiering", "--lang", "ja"]].concat());
    assert!(said.code == Some(0) && said.out.contains("アーカイブ階層"), "{said:?}");
    for (class, expected) in [("glacier", "an archive"), ("deep-archive", "an archive"), ("cold", "expected one of")] {
        let refused = tiered.run(&[&TIER[..], &[class]].concat());
        assert!(refused.code == Some(2) && refused.err.contains(expected), "{refused:?}");
    }
    let young = tiered.run(&["retention", "tier", "--after", "29", "--storage-class", "standard-ia"]);
    assert!(young.code == Some(2) && young.err.contains("from 30"), "{young:?}");
    let empty = tiered.site.run(&["retention", "tier", "--vault", &format!("s3://{}/elsewhere", tiered.bucket)]);
    assert!(empty.code == Some(2) && empty.err.contains("no vault"), "{empty:?}");
}

#[test]
fn rules_come_to_those_that_are_there_and_none_is_lost() {
    let Some(tiered) = Tiered::of("rules of tiering") else { return };
    let archive = "<Rule><ID>cold</ID><Filter><Prefix>evidence/</Prefix></Filter><Status>Enabled</Status>\
                   <Transition><Days>365</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition></Rule>";
    tiered.put_life_cycle(&format!("{LOGS}{archive}"));
    let shown = tiered.run(&["retention", "tier", "--json"]).report(0);
    assert_eq!((&shown["rules"][0]["id"], &shown["rules"][0]["reach"]), (&json!("cold"), &json!("all")));
    let said = tiered.run(&["retention", "tier"]);
    assert!(said.out.contains("Rule `cold` moves all objects of the vault into DEEP_ARCHIVE"), "{said:?}");

    let glacier = [&TIER[..], &["glacier-ir"]].concat();
    let unasked = tiered.run(&[&glacier[..], &["--apply"]].concat());
    assert!(unasked.code == Some(2) && unasked.err.contains("--yes"), "nobody is there to be asked: {unasked:?}");
    let ids = |answer: &Value| -> Vec<String> {
        answer["Rules"].as_array().unwrap().iter().map(|rule| rule["ID"].as_str().unwrap().to_owned()).collect()
    };
    let all = ["logs", "cold", "shoseki-tier-evidence-events", "shoseki-tier-evidence-originals"];
    let printed = tiered.run(&[&glacier[..], &["--as", "aws"]].concat()).report(0);
    assert_eq!(ids(&printed), all);
    let events = json!({"ID": all[2], "Filter": {"Prefix": "evidence/events/class="}, "Status": "Enabled",
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}]});
    assert_eq!(printed["Rules"][2], events);
    let code = tiered.run(&[&glacier[..], &["--as", "terraform"]].concat());
    assert!(code.code == Some(0) && code.out.matches("  rule {").count() == 4, "{code:?}");
    assert!(code.out.starts_with("resource \"aws_s3_bucket_lifecycle_configuration\" \"vault\" {\n"), "{code:?}");

    let applied = tiered.run(&[&glacier[..], &["--apply", "--yes", "--json"]].concat()).report(0);
    assert_eq!(applied["proposed"]["applied"], true, "{applied:#}");
    let again = tiered.run(&[&glacier[..], &["--apply", "--yes", "--json"]].concat()).report(0)["proposed"].clone();
    assert_eq!((&again["is_there"], &again["applied"]), (&json!(true), &json!(false)));
    assert_eq!(ids(&again["life_cycle"]), all, "nothing of it is lost");
    let other = ["retention", "tier", "--after", "400", "--storage-class", "standard-ia", "--apply", "--yes", "--json"];
    assert_eq!(tiered.run(&other).report(0)["proposed"]["applied"], true);
    let there = tiered.run(&[&other[..6], &["--as", "aws"]].concat()).report(0);
    assert_eq!(
        (ids(&there), &there["Rules"][0]["Expiration"]),
        (all.map(str::to_owned).to_vec(), &json!({"Days": 30}))
    );
    assert_eq!(there["Rules"][3]["Transitions"], json!([{"Days": 400, "StorageClass": "STANDARD_IA"}]));
    let question = "filter action = 'retention.tier' | stats count(*) as n";
    let recorded = tiered.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    assert_eq!(recorded[0]["n"], 2, "each change is a record");
}

#[test]
fn a_question_says_what_it_costs_before_it_is_asked() {
    let Some(tiered) = Tiered::of("the cost of a question") else { return };
    for file in tiered.files() {
        tiered.move_to(&file, "GLACIER_IR");
    }
    let question = ["query", "filter eventName = 'GetObject' | stats count(*) as n"];
    let cost = tiered.run(&[&question[..], &["--cost", "--json"]].concat()).report(0);
    let (whole, most) = (&cost["whole"]["by_class"][0], &cost["at_most"]["by_class"][0]);
    assert_eq!((&whole["class"], &cost["asking"]["by_class"]), (&json!("GLACIER_IR"), &json!([])), "{cost:#}");
    let number = |value: &Value| value.as_f64().unwrap();
    // Ten dollars a million requests, three cents a gigabyte.
    let usd = |one: &Value| number(&one["requests"]) / 1_000.0 * 0.01 + number(&one["bytes"]) / 1_073_741_824.0 * 0.03;
    close(&whole["usd"], usd(whole));
    close(&most["usd"], usd(most));
    close(&cost["whole"]["usd"], usd(whole));
    assert!(number(&most["bytes"]) > number(&whole["bytes"]) && number(&most["requests"]) > number(&whole["requests"]));
    let prices = cost["prices"]["list"].as_array().unwrap();
    assert!(prices.iter().any(|price| price["price"] == "s3-gir-retrieval" && price["usd"] == 0.03), "{prices:?}");
    assert!(prices.iter().all(|price| price["price"] != "s3-gir-storage"), "reading is no storing: {prices:?}");
    let said = tiered.run(&[&question[..], &["--cost"]].concat());
    assert!(said.out.contains("at most") && said.out.contains("GLACIER_IR"), "{said:?}");
    let none = tiered.run(&[&question[..], &["--cost", "--to", "2020-01-01"]].concat());
    assert!(none.code == Some(0) && none.out.contains("nothing is read"), "{none:?}");

    let explained = tiered.run(&[&question[..], &["--explain", "--json"]].concat()).report(0);
    assert_eq!(explained["cost"]["whole"]["by_class"][0]["class"], "GLACIER_IR");
    // An index is asked, rules the file out, and that is what was paid for.
    let rare = ["query", "filter @message like /AKIAIOSFODNN7EXAMPLE/", "--explain"];
    let asked = tiered.run(&[&rare[..], &["--json"]].concat()).report(0)["cost"].clone();
    let asking = &asked["asking"]["by_class"][0];
    assert_eq!((&asked["whole"]["by_class"], &asking["class"]), (&json!([]), &json!("GLACIER_IR")), "{asked:#}");
    assert!(number(&asking["requests"]) >= 1.0 && number(&asking["bytes"]) >= 1.0, "{asked:#}");
    close(&asking["usd"], usd(asking));
    let said = tiered.run(&rare);
    assert!(said.code == Some(0) && said.out.contains("To ask the files' indexes"), "{said:?}");
    assert_eq!(tiered.run(&[&question[..], &["-o", "json"]].concat()).report(0)[0]["n"], 200, "it is read at once");

    let (plain, deep) =
        (tiered.run(&["verify", "--cost", "--json"]), tiered.run(&["verify", "--deep", "--cost", "--json"]));
    let (plain, deep) = (plain.report(0), deep.report(0));
    assert!(number(&deep["usd"]) > number(&plain["usd"]) && deep["deep"] == true, "{deep:#}");
    assert_eq!(tiered.run(&["verify", "--deep", "--json"]).report(0)["verdict"], "intact", "a class changes no byte");

    let folder = Site::with_vault(&[]);
    let free = folder.run(&["query", "stats count(*)", "--cost"]);
    assert!(free.code == Some(0) && free.out.contains("costs nothing"), "{free:?}");
    assert_eq!(folder.run(&["verify", "--cost", "--json"]).report(0), json!({"paid": false}));
    let refused = folder.run(&["retention", "tier"]);
    assert!(refused.code == Some(2) && refused.err.contains("is a folder"), "{refused:?}");
    assert!(folder.run(&["query", "stats count(*)", "--explain", "--json"]).report(0).get("cost").is_none());
}

#[test]
fn what_lies_in_an_archive_is_named_with_the_way_back() {
    let Some(tiered) = Tiered::of("an archive") else { return };
    let file = tiered.files().remove(0);
    tiered.move_to(&file, "DEEP_ARCHIVE");
    let back = format!("aws s3api restore-object --bucket {} --key '{file}' --restore-request Days=7", tiered.bucket);
    for arguments in [&["query", "fields @message"][..], &["verify"], &["verify", "--deep"]] {
        let answer = tiered.run(arguments);
        assert!(answer.code == Some(3) && answer.err.contains(&back), "{arguments:?}: {answer:?}");
        assert!(!answer.err.contains("<?xml") && !answer.err.contains("tampered"), "{answer:?}");
    }
    let shown = tiered.run(&["retention", "tier"]);
    assert!(shown.out.contains("`DEEP_ARCHIVE`, an archive"), "{shown:?}");
    let cost = tiered.run(&["query", "fields @message", "--cost", "--json"]).report(0);
    let one = &cost["whole"]["by_class"][0];
    assert_eq!(
        (&one["class"], &one["usd"], &cost["whole"]["usd"]),
        (&json!("DEEP_ARCHIVE"), &Value::Null, &json!(0.0))
    );
}
