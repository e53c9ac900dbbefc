//! The OCSF classes and activities that sources give are those of the schema, release 1.8. Where the schema is absent, the
//! test says so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use shoseki_event::{Columns, Timestamp};
use shoseki_sources::{Piece, Source, split_all};

fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The classes of the schema and the activities of each; nothing where it is absent.
fn schema() -> Option<BTreeMap<i64, BTreeSet<i64>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ocsf/schema");
    if !root.exists() {
        println!("skipped: this test needs ../shared/data/ocsf/schema");
        return None;
    }
    let categories = json(&root.join("categories.json"));
    let mut paths = Vec::new();
    below(&root.join("events"), &mut paths);
    let named = paths.iter().map(|path| json(path)).map(|class| (class["name"].as_str().unwrap().to_owned(), class));
    let named: BTreeMap<String, Value> = named.collect();
    let mut classes = BTreeMap::new();
    for class in named.values() {
        let (mut activities, mut category, mut at) = (BTreeSet::new(), None, Some(class));
        while let Some(class) = at {
            let known = class["attributes"]["activity_id"]["enum"].as_object();
            activities.extend(known.into_iter().flatten().map(|(id, _)| id.parse::<i64>().unwrap()));
            category = category.or(class["category"].as_str());
            at = class["extends"].as_str().and_then(|parent| named.get(parent));
        }
        let category = category.and_then(|name| categories["attributes"][name]["uid"].as_i64()).unwrap_or_default();
        let base = (class["name"] == "base_event").then_some(0);
        if let Some(uid) = class["uid"].as_i64().or(base) {
            classes.insert(category * 1_000 + uid, activities);
        }
    }
    Some(classes)
}

/// The columns of a source's example and of all its samples.
fn derived(source: &dyn Source) -> Vec<Columns> {
    let received = Timestamp::parse("2026-03-06T00:00:00Z").unwrap();
    let mut paths = Vec::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(source.id());
    if samples.exists() {
        below(&samples, &mut paths); // of our own events there are none
    }
    let mut all = vec![source.derive(source.example(), received).unwrap()];
    for path in paths {
        for piece in split_all(fs::read(path).unwrap().into()) {
            if let Piece::Event { bytes, .. } = piece {
                all.extend(source.derive(&bytes, received).ok());
            }
        }
    }
    all
}

#[test]
fn classes_and_activities_are_the_schemas() {
    let Some(classes) = schema() else { return };
    assert!(classes.len() > 50, "{classes:?}");
    for source in shoseki_sources::all() {
        let id = source.id();
        for columns in derived(source) {
            let (class, activity) = (i64::from(columns.class_uid), i64::from(columns.activity_id));
            let known = classes.get(&class).unwrap_or_else(|| panic!("`{id}`: no class {class}"));
            assert!(known.contains(&activity), "`{id}`: class {class} has no activity {activity}");
            assert!((0..=6).contains(&columns.severity_id), "`{id}`: severity {}", columns.severity_id);
        }
        for class in source.classes() {
            assert!(classes.contains_key(&i64::from(class)), "`{id}`: no class {class}");
        }
    }
}
