//! Plans of Terraform, as `terraform show -json PLAN` writes them.
//!
//! What is planned stands in `planned_values`. What is known only after the plan is carried out is missing there and named in
//! `after_unknown`; what it refers to, the configuration says. What changes stands in `resource_changes`.

use std::collections::HashMap;

use shoseki_messages::msg;

use super::{Map, changes, resources};
use crate::iac::seen::{Place, Seen};
use crate::iac::tree::{Content, Node};
use crate::settings::{Target, Value};

/// What of a plan is not looked at, and is large.
pub(crate) const PASSED_OVER: &[&str] =
    &["prior_state", "relevant_attributes", "output_changes", "checks", "variables", "resource_drift"];

/// How deep modules are followed.
const DEEPEST: usize = 16;

/// Whether a document is a plan.
pub(crate) fn is_plan(node: &Node) -> bool {
    node.text_at("format_version").is_some()
        && (node.get("planned_values").is_some() || node.get("resource_changes").is_some())
}

/// Reads a plan.
pub(crate) fn read(path: &str, plan: &Node) -> Seen {
    let mut seen = Seen::default();
    let list = plan.get("resource_changes").map(Node::items).unwrap_or_default();
    let changed: HashMap<&str, &Node> =
        list.iter().filter_map(|one| Some((one.text_at("address")?, one.get("change")?))).collect();
    // A plan on one line has no lines to name.
    let has_lines = plan.entries().iter().any(|entry| entry.line > 1);
    let reader = Reader { path, changed, configured: Configured::of(plan), has_lines };
    if let Some(root) = plan.path(&["planned_values", "root_module"]) {
        reader.module(root, 0, &mut seen);
    }
    for (name, harm, line) in changes::judge(list) {
        seen.resource(
            &Place { address: name, path, line: if has_lines { line } else { 0 } },
            &crate::settings::Fact::Absent,
            harm,
        );
    }
    seen
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
        let mut values = one.get("values").map_or(Value::Map(Map::new()), value);
        let unknown = self.changed.get(address).and_then(|change| change.get("after_unknown"));
        if let Some(unknown) = unknown {
            let configured = Resolver { configured: &self.configured, address };
            configured.fill(&mut values, unknown, self.configured.expressions(address), 0);
        }
        let line = if self.has_lines { one.line } else { 0 };
        resources::resource(&Place { address, path: self.path, line }, kind, &values, seen);
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
}

impl<'p> Configured<'p> {
    fn of(plan: &'p Node) -> Self {
        let mut all = Self { resources: HashMap::new(), modules: HashMap::new(), calls: HashMap::new() };
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
    fn fill(&self, value: &mut Value, unknown: &Node, said: Option<&Node>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match &unknown.content {
            Content::Bool(true) => *value = self.later(said),
            Content::Map(entries) => {
                if value.is_null() {
                    *value = Value::Map(Map::new());
                }
                let Value::Map(map) = value else { return };
                for entry in entries {
                    let part = map.entry(entry.name.clone()).or_default();
                    self.fill(part, &entry.node, said.and_then(|said| said.get(&entry.name)), depth + 1);
                    if part.is_null() {
                        map.remove(&entry.name);
                    }
                }
            }
            Content::List(items) => {
                if let Value::List(all) = value {
                    for (index, (part, unknown)) in all.iter_mut().zip(items).enumerate() {
                        let said = said.map(|said| said.items().get(index).unwrap_or(said));
                        self.fill(part, unknown, said, depth + 1);
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
        let found = references.iter().find_map(|one| self.resolve(module, one, 0));
        match found {
            Some((address, attribute)) => Value::Reference(Target(format!("{address}{key}")), attribute),
            None => Value::Unknown(msg!("iac-after-apply")),
        }
    }

    /// The resource that a reference in a module is to, through variables and outputs.
    fn resolve(&self, module: &str, reference: &str, depth: usize) -> Option<(String, String)> {
        if depth > DEEPEST {
            return None;
        }
        let parts = without_indices(reference);
        let index = reference.find('[').and_then(|at| reference.get(at..reference.find(']')? + 1)).map(str::to_owned);
        let names: Vec<&str> = parts.split('.').collect();
        let follow = |module: &str, said: Option<&Node>| {
            let references = said.and_then(|said| said.get("references")).map(Node::items).unwrap_or_default();
            references.iter().filter_map(Node::text).find_map(|one| self.resolve(module, one, depth + 1))
        };
        match names.as_slice() {
            ["module", name, output, ..] => {
                let child = format!("{module}module.{name}.");
                let said = self.configured.modules.get(&child)?.path(&["outputs", output, "expression"]);
                follow(&child, said)
            }
            ["var", name, ..] => {
                let said = self.configured.calls.get(module)?.path(&["expressions", name]);
                let end = module.trim_end_matches('.').rfind("module.").unwrap_or(0);
                follow(module.get(..end).unwrap_or_default(), said)
            }
            ["local" | "each" | "count" | "data" | "path" | "terraform" | "self", ..] => None,
            [kind, name, rest @ ..] if kind.contains('_') => {
                let attribute = rest.first().copied().unwrap_or("id").to_owned();
                let address = format!("{module}{kind}.{name}{}", index.unwrap_or_default());
                Some((address, attribute))
            }
            _ => None,
        }
    }
}
