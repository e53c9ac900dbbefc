//! Documents from the command line: attached, listed, given back, packed and proven by a stranger.

mod site;

use serde_json::json;
use site::Site;

#[test]
fn a_document_goes_in_once_and_out_to_the_auditor() {
    let site = Site::with_vault(&[]);
    let evidence = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_le_bytes()).collect();
    let path = site.write("規程/手順書.pdf", &bytes);
    let attach = ["attach", &path, "--requirement", "PCI  DSS 10.2.1", "--requirement", "ISMS A.8.15"];
    let more = ["--title", "点検手順", "--valid-from", "2026-04-01", "--valid-to", "2027-03-31", "--json"];
    let first = site.run(&[&attach[..], &more].concat()).report(0);
    assert_eq!((&first["new"], &first["known"]), (&json!(["PCI DSS 10.2.1", "ISMS A.8.15"]), &json!([])));
    let again = site.run(&[&attach[..], &more].concat()).report(0);
    assert_eq!((&again["new"], &again["tree_size"]), (&json!([]), &first["tree_size"]), "nothing is done twice");
    let said = site.run(&[&attach[..], &more[..6], &["--lang", "ja"]].concat());
    assert!(said.out.contains("すでに添付されて"), "{said:?}");

    let list = site.run(&["attach", "--list", "--requirement", "ISMS A.8.15", "--json"]).report(0);
    assert_eq!((list.as_array().unwrap().len(), &list[0]["file"]), (1, &json!("手順書.pdf")));
    assert_eq!((&list[0]["title"], &list[0]["valid_to"]), (&json!("点検手順"), &json!("2027-03-31")));
    assert!(site.run(&["attach", "--list"]).out.contains("PCI DSS 10.2.1"));
    let got = site.run(&["original", "get", "手順書.pdf", "--out", "copy.pdf"]);
    assert_eq!((got.code, std::fs::read(site.path("copy.pdf")).unwrap() == bytes), (Some(0), true));
    let record = list[0]["record"].as_str().unwrap();
    assert_eq!(site.run(&["prove", record, "--out", "a.proof"]).code, Some(0));
    let query = "filter @log = 'shoseki/attachments' | fields actor.user, details.requirement, details.title";
    let rows = site.run(&["query", query, "--source", "shoseki", "-o", "jsonl"]);
    assert!(rows.out.lines().count() == 2 && rows.out.contains("点検手順"), "{rows:?}");
    site.assert_intact();

    let query = ["package", "create", "--query", "filter eventName = 'ConsoleLogin'", "--out", "a.zip", "--json"];
    let none = site.run(&[&query[..], &["--requirement", "SOX"]].concat());
    assert!(none.code == Some(2) && none.err.contains("SOX") && !site.path("a.zip").exists(), "{none:?}");
    let packed = site.run(&[&query[..], &["--requirement", "PCI DSS 10"]].concat()).report(0);
    assert_eq!(packed["documents"], 1);
    let key = site.run(&["key", "show"]).out;
    let judged = site.run(&["package", "verify", "a.zip", "--key", key.trim()]);
    assert!(judged.code == Some(0) && judged.out.contains("1 documents, unchanged"), "{judged:?}");
    let all = site.run(&[&query[..], &["--attachments", "--population", "--force"]].concat()).report(0);
    assert_eq!(all["documents"], 1, "one document, though for two requirements");
    let judged = site.run(&["package", "verify", "a.zip", "--key", key.trim(), "--json"]).report(0);
    assert_eq!(judged["verdict"], "intact");
}

#[test]
fn what_cannot_be_attached_is_refused_in_words() {
    let site = Site::with_vault(&[]);
    let path = site.write("a.txt", "a");
    let long = "x".repeat(257);
    for (wrong, expected) in [
        (vec!["attach", &path], "--requirement"),
        (vec!["attach", "nowhere.pdf", "--requirement", "A"], "nowhere.pdf"),
        (vec!["attach", &path, "--requirement", " "], "requirement"),
        (vec!["attach", &path, "--requirement", &long], "256"),
        (vec!["attach", &path, "--requirement", "A", "--title", "a\u{7}"], "title"),
        (vec!["attach", &path, "--requirement", "A", "--valid-from", "soon"], "2026-04-01"),
        (
            vec!["attach", &path, "--requirement", "A", "--valid-from", "2026-04-02", "--valid-to", "2026-04-01"],
            "2026-04-02",
        ),
    ] {
        let answer = site.run(&wrong);
        assert!(answer.code == Some(2) && answer.err.contains(expected), "{wrong:?}: {answer:?}");
    }
    assert_eq!(site.run(&["attach", &path, "--requirement", "A"]).code, Some(0), "a file of one byte");
    let empty = site.run(&["attach", &site.write("empty", ""), "--requirement", "A"]);
    assert!(empty.code == Some(2) && empty.err.contains("proves nothing"), "{empty:?}");
    site.assert_intact();
}
