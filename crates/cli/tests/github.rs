//! GitHub's webhooks at the running program: what is signed is there once with its event's name, what is not is refused.

#![cfg(unix)]

mod serving;
mod site;

use std::os::unix::fs::PermissionsExt;

use ring::hmac;
use serving::{Server, TOKEN, configuration, request};
use site::Site;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn deliver(server: &Server, body: &str, key: &str, id: &str) -> u16 {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
    let headers = [
        "X-GitHub-Event: pull_request".to_owned(),
        format!("X-GitHub-Delivery: {id}"),
        format!("X-Hub-Signature-256: sha256={}", hex::encode(tag.as_ref())),
    ];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    request(&server.http, &format!("POST /t/{TOKEN}/github"), &headers, body.as_bytes()).status
}

#[test]
fn what_is_signed_is_there_once_with_its_name() {
    let site = Site::with_vault(&[]);
    let secret = site.write("github.secret", format!("{SECRET}\n"));
    let sender = "receivers = [\"github\"]\nsecret_file = \"github.secret\"";
    let text = configuration("[http]\nlisten = \"127.0.0.1:0\"", sender);
    let path = site.write("shoseki.toml", &text);
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = site.run(&["serve", "--config", &path, "--check"]);
    assert!(refused.code == Some(2) && refused.err.contains("0600"), "{refused:?}");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();

    let server = Server::start(&site, &text);
    let webhooks = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/github/webhooks.jsonl");
    let webhooks = std::fs::read_to_string(webhooks).unwrap();
    let merge = webhooks.lines().nth(2).unwrap();
    assert_eq!(deliver(&server, merge, SECRET, "d-1"), 200);
    assert_eq!(deliver(&server, merge, SECRET, "d-1"), 200, "redelivered");
    assert_eq!(deliver(&server, merge, "another secret, as long as it is", "d-2"), 401);
    let unsigned = request(&server.http, &format!("POST /t/{TOKEN}/github"), &[], merge.as_bytes());
    assert_eq!(unsigned.status, 401);
    server.stop();
    let query = "fields @log, api.operation, status, actor.user.name, @message";
    let rows = site.run(&["query", query, "--source", "github", "-o", "jsonl"]);
    let rows: Vec<serde_json::Value> = rows.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["api.operation"], &rows[0]["status"]), (&"pull_request.merged".into(), &"success".into()));
    assert!(rows[0]["@log"].as_str().unwrap().ends_with("/octo-org/shop"), "{rows:?}");
    let refusals = site.run(&["query", "filter action = 'serve.refused' | fields details", "--source", "shoseki"]);
    assert!(refusals.out.contains("401"), "{refusals:?}");
    let pointer = site.run(&["query", "fields @ptr", "--source", "github", "-o", "jsonl"]);
    let pointer: serde_json::Value = serde_json::from_str(pointer.out.trim()).unwrap();
    let proof = site.run(&["prove", pointer["@ptr"].as_str().unwrap()]);
    assert!(proof.out.contains(":pull_request/d-1"), "the event and the delivery are sealed: {}", proof.out);
    site.assert_intact();
}
