//! Plans of Terraform, as `terraform show -json PLAN` writes them.
//!
//! What is planned stands in `planned_values`. What is known only after the plan is carried out is missing there and named in
//! `after_unknown`; what it refers to, the configuration says. What changes stands in `resource_changes`.

use std::cell::Cell;
use std::collections::HashMap;

use shoseki_messages::msg;

use super::{Map, changes, resources};
use crate::iac::seen::{Place, Seen};
use crate::iac::tree::{Content, Node};
use crate::settings::{Fact, Target, Value};

/// What of a plan is not looked at, and is large.
pub(crate) const PASSED_OVER: &[&str] =
    &["prior_state", "relevant_attributes", "output_changes", "checks", "variables", "resource_drift"];

/// How deep modules are followed: deeper than the reader of JSON lets them be.
const DEEPEST: usize = 128;
/// How far a reference is followed through variables and outputs.
const FARTHEST: usize = 16;
/// How many references are followed in one plan.
const MOST_STEPS: usize = 5_000_000;

/// Whether a document is a plan.
pub(crate) fn is_plan(node: &Node) -> bool {
    node.text_at("format_version").is_some()
        && (node.get("planned_values").is_some() || node.get("resource_changes").is_some())
}

/// Reads a plan.
pub(crate) fn read(path: &str, plan: &Node, seen: &mut Seen) {
    let list = plan.get("resource_changes").map(Node::items).unwrap_or_default();
    let changed: HashMap<&str, &Node> =
        list.iter().filter_map(|one| Some((one.text_at("address")?, one.get("change")?))).collect();
    // A plan on one line has no lines to name.
    let has_lines = plan.entries().iter().any(|entry| entry.line > 1);
    let reader = Reader { path, changed, configured: Configured::of(plan), has_lines };
    if let Some(root) = plan.path(&["planned_values", "root_module"]) {
        reader.module(root, 0, seen);
    }
    for (name, change, line) in changes::judge(list) {
        let line = if has_lines { line } else { 0 };
        if !seen.has_room() {
            return seen.is_cut(path, line);
        }
        seen.resource(&Place { address: name, path, line, doubt: None }, &Fact::Absent, change);
    }
}

struct Reader<'p> {
    path: &'p str,
    changed: HashMap<&'p str, &'p Node>,
    configured: Configured<'p>,
    has_lines: bool,
}

impl<'p> Reader<'p> {
    fn module(&self, module: &'p Node, depth: usize, seen: &mut Seen) {
        if depth > DEEPEST {
            return;
        }
        for one in module.get("resources").map(Node::items).unwrap_or_default() {
            self.resource(one, seen);
        }
        for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
            self.module(child, depth + 1, seen);
        }
    }

    fn resource(&self, one: &'p Node, seen: &mut Seen) {
        let (Some(address), Some(kind)) = (one.text_at("address"), one.text_at("type")) else { return };
        if one.text_at("mode") == Some("data") {
            return;
        }
        seen.count += 1;
        if !resources::is_known(kind) {
            return;
        }
        if !seen.has_room() {
            return seen.is_cut(self.path, one.line);
        }
        let mut values = one.get("values").map_or(Value::Map(Map::new()), value);
        let unknown = self.changed.get(address).and_then(|change| change.get("after_unknown"));
        if let Some(unknown) = unknown {
            let configured = Resolver { configured: &self.configured, address };
            configured.fill(&mut values, unknown, self.configured.expressions(address));
        }
        let line = if self.has_lines { one.line } else { 0 };
        resources::resource(&Place { address, path: self.path, line, doubt: None }, kind, &values, seen);
    }
}

/// A node as a value.
pub(super) fn value(node: &Node) -> Value {
    match &node.content {
        Content::Null => Value::Null,
        Content::Bool(is) => Value::Bool(*is),
        Content::Number(number) => Value::Number(*number),
        Content::Text(text) => Value::text(text.as_str()),
        Content::List(all) => Value::List(all.iter().map(value).collect()),
        Content::Map(all) => Value::Map(all.iter().map(|entry| (entry.name.clone(), value(&entry.node))).collect()),
    }
}

/// What the configuration says: expressions of resources by their addresses without indices, modules by their paths.
struct Configured<'p> {
    resources: HashMap<String, &'p Node>,
    modules: HashMap<String, &'p Node>,
    calls: HashMap<String, &'p Node>,
    /// How many references may still be followed.
    steps: Cell<usize>,
}

impl<'p> Configured<'p> {
    fn of(plan: &'p Node) -> Self {
        let steps = Cell::new(MOST_STEPS);
        let mut all = Self { resources: HashMap::new(), modules: HashMap::new(), calls: HashMap::new(), steps };
        if let Some(root) = plan.path(&["configuration", "root_module"]) {
            all.add(String::new(), root, 0);
        }
        all
    }

    fn add(&mut self, prefix: String, module: &'p Node, depth: usize) {
        for one in module.get("resources").map(Node::items).unwrap_or_default() {
            if let Some((address, expressions)) = one.text_at("address").zip(one.get("expressions")) {
                self.resources.insert(format!("{prefix}{address}"), expressions);
            }
        }
        for call in module.get("module_calls").map(Node::entries).unwrap_or_default() {
            let name = format!("{prefix}module.{}.", call.name);
            self.calls.insert(name.clone(), &call.node);
            if let Some(child) = call.node.get("module").filter(|_| depth < DEEPEST) {
                self.add(name, child, depth + 1);
            }
        }
        self.modules.insert(prefix, module);
    }

    fn expressions(&self, address: &str) -> Option<&'p Node> {
        self.resources.get(&without_indices(address)).copied()
    }
}

/// An address without what tells instances apart: `module.a["x"].aws_s3_bucket.b[0]` is `module.a.aws_s3_bucket.b`.
fn without_indices(address: &str) -> String {
    let (mut text, mut is_in, mut is_quoted) = (String::new(), false, false);
    for c in address.chars() {
        match c {
            '[' if !is_quoted => is_in = true,
            '"' => is_quoted = !is_quoted,
            ']' if !is_quoted => is_in = false,
            c if !is_in => text.push(c),
            _ => (),
        }
    }
    text
}

/// Puts into the values of a resource what is known only later: references where the configuration names one.
struct Resolver<'r, 'p> {
    configured: &'r Configured<'p>,
    address: &'r str,
}

impl Resolver<'_, '_> {
    fn fill(&self, value: &mut Value, unknown: &Node, said: Option<&Node>) {
        match &unknown.content {
            Content::Bool(true) => *value = self.later(said),
            Content::Map(entries) => {
                if value.is_null() {
                    *value = Value::Map(Map::new());
                }
                let Value::Map(map) = value else { return };
                let all = said.map(Node::entries).unwrap_or_default();
                let said: HashMap<&str, &Node> = all.iter().map(|one| (one.name.as_str(), &one.node)).collect();
                for entry in entries {
                    let part = map.entry(entry.name.clone()).or_default();
                    self.fill(part, &entry.node, said.get(entry.name.as_str()).copied());
                    if part.is_null() {
                        map.remove(&entry.name);
                    }
                }
            }
            Content::List(items) => {
                if let Value::List(all) = value {
                    for (index, (part, unknown)) in all.iter_mut().zip(items).enumerate() {
                        let said = said.map(|said| said.items().get(index).unwrap_or(said));
                        self.fill(part, unknown, said);
                    }
                }
            }
            _ => (),
        }
    }

    fn later(&self, said: Option<&Node>) -> Value {
        let references = said.and_then(|said| said.get("references")).map(Node::items).unwrap_or_default();
        let references: Vec<&str> = references.iter().filter_map(Node::text).collect();
        let whole = without_indices(self.address);
        let module = whole.rfind("module.").map_or("", |at| {
            let end = whole.get(at + 7..).and_then(|rest| rest.find('.')).map_or(whole.len(), |dot| at + 7 + dot + 1);
            whole.get(..end).unwrap_or_default()
        });
        // One instance refers to the other with the same key.
        let is_each = references.iter().any(|one| one.starts_with("each.") || *one == "count.index");
        let key = self.address.rfind('[').filter(|_| is_each && self.address.ends_with(']'));
        let key = key.and_then(|at| self.address.get(at..)).unwrap_or_default();
        let mut found = Vec::new();
        references.iter().for_each(|one| self.resolve(module, one, 0, &mut found));
        match one_of(found) {
            Some((address, attribute)) => Value::Reference(Target(format!("{address}{key}")), attribute),
            None => Value::Unknown(msg!("iac-after-apply")),
        }
    }

    /// The resources that a reference in a module is to, through variables and outputs.
    fn resolve(&self, module: &str, reference: &str, depth: usize, found: &mut Vec<(String, String)>) {
        let left = self.configured.steps.get();
        if depth > FARTHEST || left == 0 {
            // What is not followed may be another one.
            return found.push(Default::default());
        }
        self.configured.steps.set(left - 1);
        let parts = without_indices(reference);
        let index = reference.find('[').and_then(|at| reference.get(at..reference.find(']')? + 1)).map(str::to_owned);
        let names: Vec<&str> = parts.split('.').collect();
        let mut follow = |module: &str, said: Option<&Node>| {
            let references = said.and_then(|said| said.get("references")).map(Node::items).unwrap_or_default();
            let references = references.iter().filter_map(Node::text);
            references.for_each(|one| self.resolve(module, one, depth + 1, found));
        };
        match names.as_slice() {
            ["module", name, output, ..] => {
                let child = format!("{module}module.{name}.");
                let said = self.configured.modules.get(&child);
                follow(&child, said.and_then(|one| one.path(&["outputs", output, "expression"])));
            }
            ["var", name, ..] => {
                let said = self.configured.calls.get(module).and_then(|one| one.path(&["expressions", name]));
                let end = module.trim_end_matches('.').rfind("module.").unwrap_or(0);
                follow(module.get(..end).unwrap_or_default(), said);
            }
            ["local" | "each" | "count" | "data" | "path" | "terraform" | "self", ..] => (),
            [kind, name, rest @ ..] if kind.contains('_') => {
                let attribute = rest.first().copied().unwrap_or("id").to_owned();
                let address = format!("{module}{kind}.{name}{}", index.unwrap_or_default());
                found.push((address, attribute));
            }
            _ => (),
        }
    }
}

/// The one resource that all of these are, with what of it is named first. A resource is named with its index and without it; where two
/// are named, which of them it will be is not known.
fn one_of(found: Vec<(String, String)>) -> Option<(String, String)> {
    let first = found.first().cloned().filter(|(address, _)| !address.is_empty())?;
    let is_same = |(address, _): &(String, String)| {
        *address == first.0
            || without_indices(address) == without_indices(&first.0)
                && (!address.ends_with(']') || !first.0.ends_with(']'))
    };
    found.iter().all(is_same).then_some(first)
}
