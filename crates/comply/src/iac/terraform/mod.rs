//! Terraform: folders of HCL, and plans as JSON. Both say attributes by the same names, so that one mapping makes facts of both.

mod buckets;
mod changes;
mod document;
mod eval;
mod files;
mod functions;
mod instances;
mod json;
mod plan;
mod resources;
mod roots;
mod scan;
mod scope;

use std::collections::BTreeMap;

use hcl_edit::structure::Block;
use shoseki_messages::{Message, msg};

use super::seen::{Place, Seen};
use crate::settings::Value;
use eval::{Eval, Names};
use instances::Made;
use scope::{Declared, Tree, Unread};

pub(crate) use files::{File, Kind, Room};
pub(crate) use plan::{PASSED_OVER, is_plan, read as read_plan};
pub(crate) use roots::{Folders, each as read};

/// The most instances of one resource that are looked at one by one.
const MOST_INSTANCES: usize = 10_000;
/// How many names that a module is given are looked at.
const MOST_GIVEN: usize = 1_000;

/// What all modules below a root say.
fn of_tree(tree: &Tree<'_>, seen: &mut Seen) {
    // A caller stands before what it calls. Of each module: nothing where it is not there, else why it may not be.
    let mut there: Vec<Option<Option<Message>>> = Vec::new();
    for (at, scope) in tree.scopes.iter().enumerate() {
        let eval = Eval { tree, at };
        let is_there = match scope.parent {
            None => Some(None),
            Some(parent) => {
                let outer = there.get(parent).cloned().flatten();
                let called = scope.call.map(|call| instances::of(Eval { tree, at: parent }, &call.body));
                outer.and_then(|doubt| called.map_or(Some(None), Made::into_doubt).map(|inner| doubt.or(inner)))
            }
        };
        there.push(is_there.clone());
        let Some(doubt) = is_there else { continue };
        for (name, declared) in &scope.twice {
            seen.problem(&declared.file.path, declared.lines.0, msg!("iac-twice", name = name.as_str()));
        }
        for (name, declared) in &scope.declared {
            seen.blocks.entry(declared.file.path.clone()).or_default().push(declared.lines);
            if !name.starts_with("data.") {
                all_of(eval, &format!("{}{name}", scope.prefix), (*declared, doubt.as_ref()), seen);
            }
        }
    }
    for unread in &tree.unread {
        if there.get(unread.at).is_some_and(Option::is_some) {
            not_read(tree, unread, seen);
        }
    }
    if let Some(path) = &tree.broken {
        seen.unread.whole = Some(msg!("iac-beside-unread", path = path.as_str()));
    }
}

/// A module that was not read: that is said, and whatever it is given the name of may be set by it.
fn not_read(tree: &Tree<'_>, unread: &Unread<'_>, seen: &mut Seen) {
    let eval = Eval { tree, at: unread.at };
    if instances::of(eval, &unread.call.body).into_doubt().is_none() {
        return;
    }
    seen.problem(&unread.file.path, unread.line, unread.what.clone());
    let why = msg!("iac-module-may-set", module = unread.name.as_str());
    let mut left = MOST_GIVEN;
    for attribute in unread.call.body.attributes().filter(|one| !matches!(one.key.as_str(), "source" | "version")) {
        given(&eval.value(&attribute.value, None), &why, &mut left, seen);
    }
}

/// Names of resources that stand anywhere in a value.
fn given(value: &Value, why: &Message, left: &mut usize, seen: &mut Seen) {
    match value {
        Value::List(all) => all.iter().for_each(|one| given(one, why, left, seen)),
        Value::Map(all) => all.values().for_each(|one| given(one, why, left, seen)),
        value => {
            if let Some(target) = value.to_target().known().filter(|target| target.0.len() < 300 && *left > 0) {
                *left -= 1;
                seen.unread.about.push((target.clone(), why.clone()));
            }
        }
    }
}

/// A resource, once for each that `count` or `for_each` makes of it; once where they are not known, and then it may not be there.
fn all_of(eval: Eval<'_, '_>, address: &str, (declared, doubt): (Declared<'_>, Option<&Message>), seen: &mut Seen) {
    let made = instances::of(eval, &declared.block.body);
    if !resources::is_known(kind_of(declared.block)) {
        seen.count += made.count();
        return;
    }
    let cut = |seen: &mut Seen| {
        let what = msg!("iac-too-many", most = MOST_INSTANCES);
        seen.problem(&declared.file.path, declared.lines.0, what);
    };
    let declared = Of { declared, doubt };
    match made {
        Made::Never => (),
        Made::Once => one(eval, address, declared, None, seen),
        Made::Perhaps(why) => one(eval, address, Of { doubt: Some(&why), ..declared }, None, seen),
        Made::Times(count) => {
            for index in 0..count.min(MOST_INSTANCES) {
                let it = Value::Map([("index".to_owned(), Value::Number(index as f64))].into());
                one(eval, &format!("{address}[{index}]"), declared, Some(("count", &it)), seen);
            }
            if count > MOST_INSTANCES {
                cut(seen);
            }
        }
        Made::Each(items) => {
            let is_cut = items.len() > MOST_INSTANCES;
            for (key, value) in items.into_iter().take(MOST_INSTANCES) {
                let name = key.to_text().known().cloned().unwrap_or_default();
                let it = Value::Map([("key".to_owned(), key), ("value".to_owned(), value)].into());
                one(eval, &format!("{address}[\"{name}\"]"), declared, Some(("each", &it)), seen);
            }
            if is_cut {
                cut(seen);
            }
        }
    }
}

/// A resource as it is declared, and why it may not be there.
#[derive(Clone, Copy)]
struct Of<'o, 'a> {
    declared: Declared<'a>,
    doubt: Option<&'o Message>,
}

fn one(eval: Eval<'_, '_>, address: &str, of: Of<'_, '_>, it: Option<(&str, &Value)>, seen: &mut Seen) {
    seen.count += 1;
    let Of { declared, doubt } = of;
    // Where nothing is left to spend, all of it is unknown.
    eval.tree.spend(INSTANCE + address.len() / 32);
    if !seen.has_room() {
        seen.is_cut(&declared.file.path, declared.lines.0);
        return;
    }
    let names = it.map(|(name, value)| Names::with(None, name, value));
    let values = document::body(eval, &declared.block.body, names.as_ref());
    let place = Place { address, path: &declared.file.path, line: declared.lines.0, doubt };
    resources::resource(&place, kind_of(declared.block), &values, seen);
}

/// What an instance costs of what may be evaluated, however little stands in it: facts of a resource are large.
const INSTANCE: usize = 32;

fn kind_of(block: &Block) -> &str {
    block.labels.first().map_or("", |label| label.as_str())
}

/// Values by their names.
type Map = BTreeMap<String, Value>;
