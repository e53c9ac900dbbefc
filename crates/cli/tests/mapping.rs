//! `shoseki mapping`: what a user states of an application's names decides answers, is sealed, and goes with a package.

mod site;

use site::Site;

/// Lines of two applications with names that nobody knows without being told, and one of a usual kind.
const LINES: &str = r#"{"time":"2026-03-05T02:00:00Z","service":"shop","message":"a","account":{"mail":"mei@example.com"},"op":"refund","state":"Done","doc":"order-7"}
{"time":"2026-03-05T02:01:00Z","service":"shop","message":"b","account.mail":"aiko@example.com","op":"refund","state":"stuck","user":"session-9"}
{"time":"2026-03-05T02:02:00Z","service":"shop","message":"c","op":"list","state":"500"}
{"time":"2026-03-05T02:03:00Z","service":"desk","message":"d","account":{"mail":"ren@example.com"},"op":"open","user":"ren","result":"ok"}
"#;

const MAPPING: &str = r#"[[app]]
streams = ["app/sh*p"]
who = ["account.mail"]
action = ["op"]
result = ["state"]
success = ["done"]
failure = ["stuck"]
resource = ["doc"]
"#;

const QUERY: &str = "fields actor.user.name, api.operation, status, resources.0.name | sort @timestamp asc";

const WITHOUT: &str = r#""actor.user.name",api.operation,status,resources.0.name
,,unknown,
session-9,,unknown,
,,unknown,
ren,,success,
"#;

const WITH: &str = r#""actor.user.name",api.operation,status,resources.0.name
mei@example.com,refund,success,order-7
aiko@example.com,refund,failure,
,list,failure,
ren,,success,
"#;

fn with_lines() -> Site {
    let site = Site::with_vault(&[]);
    let lines = site.write("app.jsonl", LINES);
    let taken = site.run(&["ingest", "app", &lines]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    site
}

/// The rows of an answer, whatever stands in its head.
fn rows(site: &Site, more: &[&str]) -> String {
    let answer = site.run(&[&["query", QUERY, "-o", "csv"], more].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    answer.out.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default()
}

fn below_the_head(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rows)| rows)
}

#[test]
fn a_mapping_decides_answers_from_when_it_is_sealed() {
    let site = with_lines();
    let before = site.run(&["status", "--json"]).report(0)["tree_size"].to_string();
    assert_eq!(rows(&site, &[]), below_the_head(WITHOUT));
    let file = site.write("mapping.toml", MAPPING);
    assert_eq!(rows(&site, &["--mapping", &file]), below_the_head(WITH), "it can be tried");
    assert!(site.run(&["mapping", "show"]).out.contains("has no mapping"));

    assert_eq!(site.run(&["mapping", "set", &file, "--json"]).report(0)["changed"], true);
    assert_eq!(site.run(&["mapping", "set", &file, "--json"]).report(0)["changed"], false);
    assert_eq!(site.run(&["mapping", "show"]).out.trim_end(), MAPPING.trim_end());
    assert_eq!(rows(&site, &[]), below_the_head(WITH));
    let told = site.run(&["query", QUERY]);
    assert!(told.err.contains("`status` of applications' events is read by the mapping"), "{told:?}");
    let filtered = site.run(&[
        "query",
        "filter actor.user.name = 'aiko@example.com' and status = 'failure' | stats count(*) as n",
        "-o",
        "csv",
    ]);
    assert_eq!(filtered.out, "n\n1\n", "{filtered:?}");
    assert_eq!(rows(&site, &["--at", &before]), below_the_head(WITHOUT), "the tree had none then");
    site.assert_intact();

    assert_eq!(site.run(&["mapping", "remove"]).code, Some(0));
    assert_eq!(rows(&site, &[]), below_the_head(WITHOUT));
    site.assert_intact();
}

#[test]
fn a_package_is_run_again_by_the_mapping_that_its_commits_have() {
    let site = with_lines();
    let file = site.write("mapping.toml", MAPPING);
    assert_eq!(site.run(&["mapping", "set", &file]).code, Some(0));
    let query = "filter status = 'failure' | fields @timestamp, actor.user.name";
    let made = site.run(&["package", "create", "--query", query, "--population", "--out", "p.zip", "--json"]).report(0);
    assert_eq!((&made["rows"], &made["records"]), (&2.into(), &2.into()), "{made}");
    let key = made["verifier_key"].as_str().unwrap_or_default();
    let judged = site.run(&["package", "verify", "p.zip", "--key", key]);
    assert_eq!(judged.code, Some(0), "{judged:?}");
}

#[test]
fn what_is_no_mapping_is_not_set() {
    let site = with_lines();
    for (text, said) in [
        ("[[app]]\ntime = ['ts']\n", "this is no mapping"),
        ("[[app]]\nwho = []\n", "says nothing"),
        ("[[app]]\nresult = ['r']\nsuccess = ['ok']\nfailure = ['OK']\n", "`ok` cannot mean"),
    ] {
        let file = site.write("wrong.toml", text);
        let refused = site.run(&["mapping", "set", &file]);
        assert!(refused.code == Some(2) && refused.err.contains(said), "{refused:?}");
        assert_eq!(site.run(&["query", "fields status", "--mapping", &file]).code, Some(2));
    }
    assert_eq!(site.run(&["mapping", "set", "absent.toml"]).code, Some(2));
    let sql = site.write("mapping.toml", MAPPING);
    let noted = site.run(&["query", "--sql", "select count(*) as n from app", "--mapping", &sql]);
    assert!(noted.code == Some(0) && noted.err.contains("not applied in SQL"), "{noted:?}");
}
