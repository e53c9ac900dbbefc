//! A policy, and the log that a real API server wrote by it: what we say is recorded of each request is what it recorded.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use shoseki_comply::audit_policy::{Request, read};

/// The request behind an event.
fn request(event: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let groups = event["user"]["groups"].as_array().into_iter().flatten();
    let object = &event["objectRef"];
    Request {
        user: text(&event["user"]["username"]),
        groups: groups.map(text).collect(),
        verb: text(&event["verb"]),
        namespace: text(&object["namespace"]),
        group: text(&object["apiGroup"]),
        resource: text(&object["resource"]),
        subresource: text(&object["subresource"]),
        name: text(&object["name"]),
        path: event["requestURI"].as_str().unwrap().split('?').next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn a_real_server_records_what_we_say_that_it_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/k8s-audit/apiserver");
    let Ok(policy) = std::fs::read_to_string(folder.join("audit-policy.yaml")) else {
        println!("skipped: a real server's policy and log need ../shared/data/k8s-audit/apiserver");
        return;
    };
    let read = read("audit-policy.yaml", &policy).unwrap();
    assert!(read.refused.is_empty() && read.ignored.is_empty(), "{read:?}");
    let mut log = String::new();
    let file = std::fs::File::open(folder.join("audit.log.gz")).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut log).unwrap();
    let mut levels: BTreeMap<String, u32> = BTreeMap::new();
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let level = event["level"].as_str().unwrap();
        let recorded = read.policy.recorded(&request(&event));
        assert_eq!(recorded.level.name(), level, "{line}");
        *levels.entry(level.to_owned()).or_default() += 1;
    }
    assert!(levels.len() == 3 && levels.values().sum::<u32>() > 1_000, "{levels:?}");
}
