//! `shoseki leaks` and `query --mask`: secrets in events are told by where they stand, and never by what they are.

mod site;

use site::Site;

/// An audit event of Kubernetes whose body has a secret's values.
const AUDIT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000001","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/db","verb":"get","user":{"username":"mei"},"sourceIPs":["192.0.2.7"],"objectRef":{"resource":"secrets","namespace":"shop","name":"db","apiVersion":"v1"},"responseStatus":{"code":200},"responseObject":{"kind":"Secret","apiVersion":"v1","data":{"password":"aHVudGVyMg==","user":"c2hvcA=="}},"requestReceivedTimestamp":"2026-03-05T01:00:00.000000Z","stageTimestamp":"2026-03-05T01:00:00.100000Z"}"#;

/// Lines of an application; the second and the third have secrets.
const LINES: &str = r#"{"time":"2026-03-05T02:00:00Z","service":"shop","user":"mei","action":"login","message":"password: changed"}
{"time":"2026-03-05T02:01:00Z","service":"shop","user":"mei","action":"connect","dsn":"postgres://shop:hunter2@db/shop"}
{"time":"2026-03-05T02:02:00Z","service":"shop","user":"mei","action":"pay","card":"4111111111111111","password":"hunter2"}
"#;

fn with_leaks() -> Site {
    let site = Site::with_vault(&[]);
    let audit = site.write("audit.jsonl", format!("{AUDIT}\n"));
    let lines = site.write("app.jsonl", LINES);
    for arguments in [["ingest", "k8s-audit", &audit], ["ingest", "app", &lines]] {
        let taken = site.run(&arguments);
        assert_eq!(taken.code, Some(0), "{taken:?}");
    }
    site
}

/// What must not stand anywhere.
fn assert_hidden(text: &str) {
    for secret in ["hunter2", "aHVudGVyMg==", "c2hvcA==", "4111111111111111"] {
        assert!(!text.contains(secret), "`{secret}` in {text}");
    }
}

#[test]
fn leaks_are_counted_and_named_by_their_fields() {
    let site = with_leaks();
    let answer = site.run(&["leaks", "--json"]);
    let report = answer.report(1);
    assert_hidden(&answer.out);
    assert_eq!((&report["events"], &report["secrets"]), (&3.into(), &5.into()), "{report}");
    let found: Vec<String> = report["found"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let text = |name: &str| found[name].as_str().unwrap();
            format!("{} {} {} {}", text("time"), text("source"), text("kind"), text("field"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "2026-03-05T02:02:00Z app password password",
            "2026-03-05T02:02:00Z app card-number card",
            "2026-03-05T02:01:00Z app url-password dsn",
            "2026-03-05T01:00:00.100Z k8s-audit kubernetes-secret responseObject.data.password",
            "2026-03-05T01:00:00.100Z k8s-audit kubernetes-secret responseObject.data.user",
        ]
    );
    let groups = report["groups"].as_array().unwrap();
    let bodies = groups.iter().find(|group| group["kind"] == "kubernetes-secret").unwrap();
    assert_eq!((&bodies["events"], &bodies["secrets"]), (&1.into(), &2.into()), "{bodies}");
    // Each can be proven by its name.
    let record = report["found"][0]["record"].as_str().unwrap();
    let proof = site.run(&["prove", record, "--out", "proof.json"]);
    assert_eq!(proof.code, Some(0), "{proof:?}");
}

#[test]
fn leaks_of_a_part_and_none_at_all() {
    let site = with_leaks();
    let part = site.run(&["leaks", "--source", "app", "--from", "2026-03-05T02:01:30Z", "--limit", "1"]);
    assert_eq!(part.code, Some(1), "{part:?}");
    assert!(part.out.contains("secrets: 2, events that have them: 1; listed: the newest 1"), "{part:?}");
    assert_hidden(&part.out);
    let none = site.run(&["leaks", "--to", "2026-03-05T00:30:00Z"]);
    assert_eq!((none.code, none.out.trim()), (Some(0), "no secrets found"), "{none:?}");
    let japanese = site.run(&["leaks", "--to", "2026-03-05T00:30:00Z", "--lang", "ja"]);
    assert!(japanese.out.contains("秘密情報は見つかりませんでした"), "{japanese:?}");
}

#[test]
fn what_a_query_shows_can_be_masked() {
    let site = with_leaks();
    for query in
        ["fields @message", "fields dsn, password, card, responseObject.data.password", "fields responseObject"]
    {
        let answer = site.run(&["query", query, "--mask", "-o", "jsonl"]);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert_hidden(&answer.out);
        assert!(answer.out.contains("***") || query.ends_with("responseObject"), "{answer:?}");
        assert_eq!(answer.out.lines().count(), 4, "{answer:?}");
    }
    let masks = site.write("masks.txt", "m[e]i\n");
    let answer =
        site.run(&["query", "fields user, card | filter action = 'pay'", &format!("--mask={masks}"), "-o", "csv"]);
    assert_eq!(answer.out, "user,card\n***,411111******1111\n", "{answer:?}");
    let open = site.run(&["query", "fields dsn | filter action = 'connect'", "-o", "csv"]);
    assert!(open.out.contains("hunter2"), "{open:?}");
    let absent = site.run(&["query", "fields dsn", "--mask=absent.txt"]);
    assert_eq!(absent.code, Some(2), "{absent:?}");
    let kinds = site.run(&[
        "query",
        "filter ispresent(secrets(@message)) | fields secrets(@message) as kinds | sort kinds asc",
        "-o",
        "csv",
    ]);
    assert_eq!(kinds.out, "kinds\nkubernetes-secret\n\"password, card-number\"\nurl-password\n", "{kinds:?}");
}
