//! `shoseki query --ocsf`: the records behind an answer's rows as events of OCSF, in its order, whole and masked.
//!
//! What is printed is judged by the validator of `crates/sources/tests/ocsf_events`, where the schema is at hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[allow(dead_code, clippy::panic, reason = "another test uses all of it, and fails by panicking")]
#[path = "../../sources/tests/ocsf_events/schema.rs"]
mod schema;
mod site;

use schema::Schema;
use serde_json::{Value, json};
use site::{Answer, Site};

const LINES: &str = r#"{"time":"2026-03-05T02:00:00Z","service":"shop","user":"mei","action":"login","message":"password: changed","tags":["a","b"]}
{"time":"2026-03-05T02:01:00Z","service":"shop","user":"mei","action":"order.refunded","dsn":"postgres://shop:hunter2@db/shop","ip":"192.0.2.7"}
{"time":"2026-03-05T02:02:00Z","service":"desk","account":{"mail":"ren@example.com"},"action":"open","password":"hunter2","message":"card 4111111111111111"}
"#;

/// A line that is not UTF-8, one that is no event of its source, and one that is.
const SYSLOG: &[u8] = b"<38>1 2026-03-05T03:00:00Z web-1 sshd 4711 - - caf\xe9\n<38>1 broken\n\
    <38>1 2026-03-05T03:01:00Z web-1 sshd 4711 - - Accepted publickey for aiko\n";

fn with_lines() -> Site {
    let site = Site::with_vault(&[]);
    let (lines, syslog) = (site.write("app.jsonl", LINES), site.write("messages", SYSLOG));
    for (arguments, code) in [(["ingest", "app", &lines], 0), (["ingest", "syslog", &syslog], 4)] {
        let taken = site.run(&arguments);
        assert_eq!(taken.code, Some(code), "{taken:?}");
    }
    site
}

fn events(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let events: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    if let Some(schema) = Schema::read() {
        for event in &events {
            assert_eq!(schema.faults(event), Vec::<String>::new(), "{event:#}");
        }
    }
    events
}

#[test]
fn each_record_is_an_event_in_the_order_of_the_query() {
    let site = with_lines();
    let query = "filter @source = 'app' | sort @timestamp asc | limit 2";
    let found = events(&site.run(&["query", query, "--ocsf"]));
    let pointers = site.run(&["query", &format!("fields @ptr | {query}"), "-o", "csv"]);
    let ids: Vec<&str> = found.iter().map(|event| event["metadata"]["uid"].as_str().unwrap()).collect();
    assert_eq!(pointers.out.lines().skip(1).collect::<Vec<_>>(), ids);
    let raw: Vec<&str> = found.iter().map(|event| event["raw_data"].as_str().unwrap()).collect();
    assert_eq!(raw, LINES.lines().take(2).collect::<Vec<_>>());
    assert_eq!((&found[0]["class_uid"], &found[0]["user"]["name"]), (&json!(3002), &json!("mei")));
    assert_eq!((&found[1]["class_uid"], &found[1]["api"]["operation"]), (&json!(6003), &json!("order.refunded")));
    assert_eq!(found[1]["src_endpoint"], json!({"ip": "192.0.2.7"}));
    assert_eq!(found[1]["metadata"]["log_name"], "app/shop");
    // The columns that are asked for do not matter, and neither does what is made of them.
    let other = "fields upper(user) as who | display who | filter @source = 'app' | dedup user | sort @timestamp asc";
    let deduped = events(&site.run(&["query", other, "--ocsf"]));
    let users: Vec<&Value> = deduped.iter().map(|event| &event["metadata"]["product"]["name"]).collect();
    assert_eq!(users, ["shop", "desk"]);
    // A record can be proven by the name that the event has.
    let proof = site.run(&["prove", ids[0], "--out", "proof.json"]);
    assert_eq!(proof.code, Some(0), "{proof:?}");
    let written = site.run(&["query", query, "--ocsf", "--out", "events.jsonl"]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""), "{written:?}");
    assert_eq!(std::fs::read_to_string(site.path("events.jsonl")).unwrap().lines().count(), 2);
}

#[test]
fn bytes_that_are_no_event_and_receipts_are_base_events() {
    let site = with_lines();
    let found = events(&site.run(&["query", "filter @source != 'app' | sort @timestamp asc", "--ocsf"]));
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|event| event["class_uid"] == 0), "{found:#?}");
    assert_eq!((found[0].get("raw_data"), &found[0]["raw_data_size"]), (None, &json!(51)), "not UTF-8");
    assert_eq!(found[1]["message"], "Accepted publickey for aiko");
    assert_eq!((&found[2]["raw_data"], &found[2]["unmapped"]["kind"]), (&json!("<38>1 broken"), &json!("unparsed")));
    assert_eq!(found[2]["metadata"]["debug"], json!(["not a line as syslog writes it"]));
    let receipts = events(&site.run(&["query", "filter @kind = 'receipt'", "--source", "shoseki", "--ocsf"]));
    assert_eq!(receipts.len(), 2);
    assert_eq!(receipts[0]["metadata"]["event_code"], "receive");
}

#[test]
fn every_text_of_an_event_is_masked() {
    let site = with_lines();
    let answer = site.run(&["query", "filter @source = 'app'", "--ocsf", "--mask"]);
    for secret in ["hunter2", "4111111111111111"] {
        assert!(!answer.out.contains(secret), "{answer:?}");
    }
    let found = events(&answer);
    assert_eq!(found[0]["message"], "card 411111******1111");
    assert!(found[0]["raw_data"].as_str().unwrap().contains(r#""password":"***""#), "{answer:?}");
    let masks = site.write("masks.txt", "m[e]i\n");
    let more = site.run(&["query", "filter @source = 'app'", "--ocsf", &format!("--mask={masks}")]);
    assert!(!more.out.contains("mei"), "{more:?}");
    assert!(events(&more).iter().any(|event| event["actor"]["user"]["name"] == "***"), "{more:?}");
    let open = site.run(&["query", "filter @source = 'app'", "--ocsf"]);
    assert!(open.out.contains("hunter2"), "{open:?}");
}

#[test]
fn the_vaults_mapping_holds_for_events_too() {
    let site = with_lines();
    let mapping = site.write("mapping.toml", "[[app]]\nstreams = [\"app/desk\"]\nwho = [\"account.mail\"]\n");
    let query = ["query", "filter service = 'desk'", "--ocsf"];
    let before = events(&site.run(&query));
    assert_eq!(before[0].get("actor"), None);
    let found = events(&site.run(&[query.as_slice(), &["--mapping", &mapping]].concat()));
    assert_eq!(found[0]["actor"]["user"]["name"], "ren@example.com");
    let others = site.run(&["query", "filter service = 'shop'", "--ocsf", "--mapping", &mapping]);
    assert!(events(&others).iter().all(|event| event["actor"]["user"]["name"] == "mei"), "{others:?}");
}

#[test]
fn rows_that_are_no_records_are_refused() {
    let site = with_lines();
    let refused = |arguments: &[&str], what: &str| {
        let answer = site.run(&[&["query"], arguments].concat());
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{answer:?}");
        assert!(answer.err.contains(what), "{answer:?}");
    };
    refused(&["stats count(*) by user", "--ocsf"], "no records");
    refused(&["pattern @message", "--ocsf"], "no records");
    refused(&["unnest tags into tag", "--ocsf"], "`unnest`");
    refused(&["--sql", "select * from events", "--ocsf"], "Logs Insights");
    refused(&["fields nonsense(", "--ocsf"], "");
    refused(&["filter user = 'mei'", "--ocsf", "-o", "csv"], "--output");
    refused(&["filter user = 'mei'", "--ocsf", "--explain"], "--explain");
    // A sub-query may put together what it likes.
    let inner = "filter user in (stats count(*) as n by user | filter n > 1 | fields user) and action = 'login'";
    assert_eq!(events(&site.run(&["query", inner, "--ocsf"])).len(), 1);
}
