//! Terraform: folders of HCL, and plans as JSON. Both say attributes by the same names, so that one mapping makes facts of both.

mod buckets;
mod changes;
mod document;
mod eval;
mod files;
mod functions;
mod plan;
mod resources;
mod scope;

use std::collections::BTreeMap;

use hcl_edit::structure::Block;

use super::Source;
use super::seen::{Place, Seen};
use crate::settings::Value;
use eval::{Eval, Names, pairs};
use scope::{Declared, Folders, Texts, Tree};

pub(crate) use files::File;
pub(crate) use plan::{PASSED_OVER, is_plan, read as read_plan};

/// The most instances of one resource that are looked at one by one.
const MOST_INSTANCES: usize = 10_000;

/// What each root of these files says. A folder that another one here calls as a module is no root.
pub(crate) fn read(files: &[File], sources: &[Source]) -> Vec<Seen> {
    if files.is_empty() {
        return Vec::new();
    }
    let texts: Texts<'_> =
        sources.iter().map(|source| (files::joined("", &source.path), source.text.as_str())).collect();
    let mut folders = Folders::new();
    for file in files {
        folders.entry(file.folder.clone()).or_default().push(file);
    }
    let trees: Vec<(&String, Tree<'_>)> = folders.keys().map(|root| (root, Tree::of(root, &folders, &texts))).collect();
    let called: std::collections::BTreeSet<&String> = trees.iter().flat_map(|(_, tree)| &tree.called).collect();
    let roots = trees.iter().filter(|(root, _)| !called.contains(root));
    let mut all: Vec<Seen> = roots.map(|(_, tree)| of_tree(tree)).collect();
    // Folders that call each other in a circle have no root: each is looked at by itself.
    if all.is_empty() {
        all = trees.iter().map(|(_, tree)| of_tree(tree)).collect();
    }
    all
}

fn of_tree(tree: &Tree<'_>) -> Seen {
    let mut seen = Seen::default();
    // A caller stands before what it calls.
    let mut is_there: Vec<bool> = Vec::new();
    for (at, scope) in tree.scopes.iter().enumerate() {
        let eval = Eval { tree, at };
        let is_called = scope.parent.is_none_or(|parent| {
            is_there.get(parent).copied().unwrap_or_default() && is_made(Eval { tree, at: parent }, scope.call)
        });
        is_there.push(is_called);
        if !is_called {
            continue;
        }
        for (name, declared) in &scope.declared {
            let (first, last) = declared.file.lines(declared.block);
            seen.blocks.entry(declared.file.path.clone()).or_default().push((first, last));
            if !name.starts_with("data.") {
                instances(eval, &format!("{}{name}", scope.prefix), *declared, &mut seen);
            }
        }
    }
    seen
}

/// Whether a call makes anything: one whose `count` is zero, or whose `for_each` is empty, does not.
fn is_made(eval: Eval<'_, '_>, call: Option<&Block>) -> bool {
    let of = |name: &str| call.and_then(|call| call.body.get_attribute(name)).map(|one| eval.value(&one.value, None));
    match (of("count"), of("for_each")) {
        (Some(Value::Number(count)), _) => count > 0.0,
        (_, Some(each)) => pairs(&each).is_none_or(|items| !items.is_empty()),
        _ => true,
    }
}

/// A resource, once for each that `count` or `for_each` makes of it; once where they are not known.
fn instances(eval: Eval<'_, '_>, address: &str, declared: Declared<'_>, seen: &mut Seen) {
    let block = declared.block;
    let of = |name: &str| block.body.get_attribute(name).map(|one| eval.value(&one.value, None));
    match (of("count"), of("for_each")) {
        (Some(Value::Number(count)), _) => {
            let count = (count.max(0.0) as usize).min(MOST_INSTANCES);
            for index in 0..count {
                let it = Value::Map([("index".to_owned(), Value::Number(index as f64))].into());
                one(eval, &format!("{address}[{index}]"), declared, Some(("count", &it)), seen);
            }
        }
        (_, Some(each)) => match pairs(&each) {
            Some(items) => {
                for (key, value) in items.into_iter().take(MOST_INSTANCES) {
                    let key = if matches!(each, Value::List(_)) { value.clone() } else { key };
                    let name = key.to_text().known().cloned().unwrap_or_default();
                    let it = Value::Map([("key".to_owned(), key), ("value".to_owned(), value)].into());
                    one(eval, &format!("{address}[\"{name}\"]"), declared, Some(("each", &it)), seen);
                }
            }
            None => one(eval, address, declared, None, seen),
        },
        _ => one(eval, address, declared, None, seen),
    }
}

fn one(eval: Eval<'_, '_>, address: &str, declared: Declared<'_>, it: Option<(&str, &Value)>, seen: &mut Seen) {
    seen.count += 1;
    let kind = kind_of(declared.block);
    if !resources::is_known(kind) {
        return;
    }
    let names = it.map(|(name, value)| Names::with(None, name, value));
    let values = document::body(eval, &declared.block.body, names.as_ref());
    let (line, _) = declared.file.lines(declared.block);
    resources::resource(&Place { address, path: &declared.file.path, line }, kind, &values, seen);
}

fn kind_of(block: &Block) -> &str {
    block.labels.first().map_or("", |label| label.as_str())
}

/// Values by their names.
type Map = BTreeMap<String, Value>;
