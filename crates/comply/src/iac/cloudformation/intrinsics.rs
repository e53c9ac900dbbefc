//! Functions of templates, evaluated as far as the template alone goes: parameters by their defaults, conditions where they are of
//! such, references to other resources as references.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use shoseki_messages::msg;

use crate::iac::tree::{Content, Node};
use crate::settings::{Target, Value, reference_text};

/// How deep functions and conditions may lead to each other.
const DEEPEST: usize = 64;
/// How many values one template may be evaluated to; texts count by their lengths too. AWS takes templates of a megabyte.
const MOST: usize = 4_000_000;
/// How many bytes of a text count as much as a value.
const TEXT: usize = 64;

/// Types whose reference is their name, and the property that states it.
const NAMES: [(&str, &str); 7] = [
    ("AWS::EKS::Cluster", "Name"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::RDS::DBCluster", "DBClusterIdentifier"),
    ("AWS::RDS::DBClusterParameterGroup", "DBClusterParameterGroupName"),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
    ("AWS::RDS::DBParameterGroup", "DBParameterGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
];

/// A template.
pub(super) struct Template<'n> {
    parameters: HashMap<&'n str, &'n Node>,
    conditions: HashMap<&'n str, &'n Node>,
    mappings: Option<&'n Node>,
    resources: HashMap<&'n str, &'n Node>,
    known: RefCell<HashMap<String, Option<bool>>>,
    depth: Cell<usize>,
    left: Cell<usize>,
}

impl<'n> Template<'n> {
    pub(super) fn of(node: &'n Node) -> Self {
        let entries = |name: &str| -> HashMap<&'n str, &'n Node> {
            let all = node.get(name).map(Node::entries).unwrap_or_default();
            all.iter().map(|entry| (entry.name.as_str(), &entry.node)).collect()
        };
        Self {
            parameters: entries("Parameters"),
            conditions: entries("Conditions"),
            mappings: node.get("Mappings"),
            resources: entries("Resources"),
            known: RefCell::new(HashMap::new()),
            depth: Cell::new(0),
            left: Cell::new(MOST),
        }
    }

    /// What a node comes to.
    pub(super) fn value(&self, node: &Node) -> Value {
        let depth = self.depth.get();
        if depth >= DEEPEST || !self.spend(1) {
            return Value::Unknown(msg!("iac-too-much"));
        }
        self.depth.set(depth + 1);
        let value = self.made(node);
        self.depth.set(depth);
        value
    }

    /// Takes from what may be evaluated; `false` where there is not as much left.
    fn spend(&self, size: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(size));
        size < left
    }

    fn made(&self, node: &Node) -> Value {
        match &node.content {
            Content::Null => Value::Null,
            Content::Bool(is) => Value::Bool(*is),
            Content::Number(number) => Value::Number(*number),
            Content::Text(text) if !self.spend(text.len() / TEXT) => Value::Unknown(msg!("iac-too-much")),
            Content::Text(text) => Value::text(text.as_str()),
            Content::List(all) => {
                Value::List(all.iter().map(|one| self.value(one)).filter(|one| !one.is_null()).collect())
            }
            Content::Map(all) => match all.as_slice() {
                [one] if one.name == "Ref" || one.name.starts_with("Fn::") => self.function(&one.name, &one.node),
                // Room for eleven entries is made at once.
                all if !self.spend(12 + all.len()) => Value::Unknown(msg!("iac-too-much")),
                all => Value::Map(all.iter().map(|entry| (entry.name.clone(), self.value(&entry.node))).collect()),
            },
        }
    }

    fn function(&self, name: &str, node: &Node) -> Value {
        let items = node.items();
        match (name, items) {
            ("Ref", _) => self.named(node.text().unwrap_or_default()),
            ("Fn::GetAtt", [resource, attribute]) => {
                self.attribute(resource.text().unwrap_or_default(), attribute.text().unwrap_or_default())
            }
            ("Fn::GetAtt", _) => {
                let (resource, attribute) = node.text().and_then(|text| text.split_once('.')).unwrap_or_default();
                self.attribute(resource, attribute)
            }
            ("Fn::Sub", [text, names]) => self.substituted(text.text().unwrap_or_default(), Some(names)),
            ("Fn::Sub", _) => self.substituted(node.text().unwrap_or_default(), None),
            ("Fn::Join", [between, parts]) => {
                let parts = self.value(parts);
                let Value::List(parts) = parts else { return unknown(name) };
                let texts: Option<Vec<String>> = parts.iter().map(text_of).collect();
                let between = between.text().unwrap_or_default();
                match texts {
                    Some(texts) => {
                        let length = texts.iter().map(|text| text.len() + between.len()).sum::<usize>();
                        match self.spend(length / TEXT) {
                            true => Value::Text(texts.join(between)),
                            false => Value::Unknown(msg!("iac-too-much")),
                        }
                    }
                    None => unknown(name),
                }
            }
            ("Fn::If", [condition, yes, no]) => match condition.text().and_then(|name| self.condition(name)) {
                Some(true) => self.value(yes),
                Some(false) => self.value(no),
                None => {
                    let (yes, no) = (self.value(yes), self.value(no));
                    let name = condition.text().unwrap_or_default();
                    if yes == no { yes } else { Value::Unknown(msg!("iac-condition-of", name = name)) }
                }
            },
            ("Fn::Select", [index, from]) => match (self.value(index).to_number().known(), self.value(from)) {
                (Some(index), Value::List(all)) => usize::try_from(*index)
                    .ok()
                    .and_then(|index| all.get(index))
                    .cloned()
                    .unwrap_or_else(|| unknown(name)),
                _ => unknown(name),
            },
            ("Fn::Split", [by, text]) => match (by.text(), self.value(text)) {
                (_, open) if open.open().is_some() => {
                    Value::Unknown(open.open().unwrap_or_else(|| msg!("iac-too-much")))
                }
                (Some(by), Value::Text(text)) if !by.is_empty() && self.spend(text.matches(by).count()) => {
                    Value::List(text.split(by).map(Value::text).collect())
                }
                _ => unknown(name),
            },
            ("Fn::FindInMap", [map, first, second, ..]) => {
                let text = |node: &Node| self.value(node).to_text().known().cloned();
                let path = [map, first, second].map(text);
                let [Some(map), Some(first), Some(second)] = path else { return unknown(name) };
                // Finding a name costs as much as there are.
                let width = |names: &[&str]| {
                    self.mappings.and_then(|all| all.path(names)).map_or(0, |found| found.entries().len())
                };
                if !self.spend((width(&[]) + width(&[&map]) + width(&[&map, &first])) / 16) {
                    return Value::Unknown(msg!("iac-too-much"));
                }
                let found = self.mappings.and_then(|all| all.path(&[&map, &first, &second]));
                found.map_or_else(|| unknown(name), |node| self.value(node))
            }
            ("Fn::ToJsonString", _) => self.value(node),
            _ => unknown(name),
        }
    }

    /// What a parameter, a pseudo parameter or a resource is by its name.
    fn named(&self, name: &str) -> Value {
        if name == "AWS::NoValue" {
            return Value::Null;
        }
        if let Some(parameter) = self.parameters.get(name) {
            return match parameter.get("Default") {
                Some(default) => self.of_type(parameter, default),
                None => Value::Unknown(msg!("iac-no-default", name = name)),
            };
        }
        if let Some(resource) = self.resources.get(name) {
            return self
                .stated_name(resource)
                .unwrap_or_else(|| Value::Reference(Target(name.to_owned()), "Ref".to_owned()));
        }
        match name.strip_prefix("AWS::") {
            Some("Partition") => Value::text("aws"),
            Some("URLSuffix") => Value::text("amazonaws.com"),
            // A reference that no resource answers to: in a text it stands as it is.
            Some(_) => Value::Reference(Target(name.to_owned()), "Ref".to_owned()),
            None => Value::Unknown(msg!("iac-not-declared", name = name)),
        }
    }

    /// The name that a template gives a resource, where its reference is that name.
    fn stated_name(&self, resource: &Node) -> Option<Value> {
        let kind = resource.text_at("Type")?;
        let (_, property) = NAMES.iter().find(|(of, _)| *of == kind)?;
        let name = self.value(resource.path(&["Properties", property])?);
        matches!(name, Value::Text(_)).then_some(name)
    }

    /// A parameter's default; a list is one text with commas.
    fn of_type(&self, parameter: &Node, default: &Node) -> Value {
        let kind = parameter.text_at("Type").unwrap_or_default();
        // The default is the name of a parameter there, and not what it has.
        if kind.starts_with("AWS::SSM::") {
            return Value::Unknown(msg!("iac-parameter-of-ssm", name = default.text().unwrap_or_default()));
        }
        let is_list = kind.contains("List");
        match default.text().filter(|_| is_list) {
            Some(text) if !self.spend(text.matches(',').count()) => Value::Unknown(msg!("iac-too-much")),
            Some(text) => Value::List(text.split(',').map(|one| Value::text(one.trim())).collect()),
            None => self.value(default),
        }
    }

    /// An attribute of a resource: the name that the template gives it, else a reference.
    fn attribute(&self, resource: &str, attribute: &str) -> Value {
        if !self.resources.contains_key(resource) {
            return Value::Unknown(msg!("iac-not-declared", name = resource));
        }
        Value::Reference(Target(resource.to_owned()), attribute.to_owned())
    }

    fn substituted(&self, text: &str, names: Option<&Node>) -> Value {
        let mut made = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            made.push_str(before);
            let Some((name, after)) = behind.split_once('}') else { return unknown("Fn::Sub") };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                made.push_str(&format!("${{{literal}}}"));
                continue;
            }
            if !self.spend(1 + names.map_or(0, |names| names.entries().len() / 16)) {
                return Value::Unknown(msg!("iac-too-much"));
            }
            let value = match names.and_then(|names| names.get(name)) {
                Some(node) => self.value(node),
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute(resource, attribute),
                    None => self.named(name),
                },
            };
            match text_of(&value) {
                Some(text) if !self.spend(text.len() / TEXT) => return Value::Unknown(msg!("iac-too-much")),
                Some(text) => made.push_str(&text),
                None => {
                    return Value::Unknown(
                        value.unknown_within().unwrap_or_else(|| msg!("iac-function", name = "Fn::Sub")),
                    );
                }
            }
        }
        made.push_str(rest);
        // A text that is one reference is that reference.
        Value::Text(made)
    }

    /// Whether a condition holds, where the template alone says so.
    pub(super) fn condition(&self, name: &str) -> Option<bool> {
        if let Some(known) = self.known.borrow().get(name) {
            return *known;
        }
        // What refers to itself is not known, and neither is what leads too far.
        let depth = self.depth.get();
        if depth >= DEEPEST {
            return None;
        }
        self.depth.set(depth + 1);
        self.known.borrow_mut().insert(name.to_owned(), None);
        let is = self.conditions.get(name).and_then(|node| self.holds(node, 0));
        self.depth.set(depth);
        self.known.borrow_mut().insert(name.to_owned(), is);
        is
    }

    fn holds(&self, node: &Node, depth: usize) -> Option<bool> {
        let [one] = node.entries() else { return None };
        if depth > DEEPEST {
            return None;
        }
        let of = |node: &Node| self.holds(node, depth + 1);
        match (one.name.as_str(), one.node.items()) {
            ("Condition", _) => self.condition(one.node.text()?),
            ("Fn::Not", [inner]) => of(inner).map(|is| !is),
            ("Fn::And", all) => {
                let each: Vec<Option<bool>> = all.iter().map(of).collect();
                if each.contains(&Some(false)) { Some(false) } else { each.iter().all(Option::is_some).then_some(true) }
            }
            ("Fn::Or", all) => {
                let each: Vec<Option<bool>> = all.iter().map(of).collect();
                if each.contains(&Some(true)) { Some(true) } else { each.iter().all(Option::is_some).then_some(false) }
            }
            ("Fn::Equals", [left, right]) => {
                let (left, right) = (self.value(left), self.value(right));
                let is_same = left == right && left.unknown_within().is_none();
                let is_open = left.open_within().is_some() || right.open_within().is_some();
                if is_same { Some(true) } else { (!is_open).then(|| left.to_text() == right.to_text()) }
            }
            _ => None,
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Reference(target, attribute) => Some(reference_text(target, attribute)),
        value => value.to_text().known().cloned(),
    }
}

fn unknown(function: &str) -> Value {
    Value::Unknown(msg!("iac-function", name = function))
}
