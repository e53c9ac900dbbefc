//! Blocks of Terraform as values: nested blocks are lists of maps, as a plan has them; and `aws_iam_policy_document` as the policy that
//! it writes.

use std::collections::{BTreeMap, HashMap};

use hcl_edit::structure::{Block, Body};
use shoseki_messages::msg;

use super::eval::{Eval, Names, pairs, size, unknown_of};
use super::scope::Tree;
use crate::settings::{Fact, Value};

/// Arguments of Terraform itself, which are no settings.
const META: [&str; 5] = ["for_each", "count", "depends_on", "provider", "lifecycle"];

/// What a body says.
pub(super) fn body(eval: Eval<'_, '_>, body: &Body, names: Option<&Names<'_>>) -> Value {
    let mut map: BTreeMap<String, Value> = BTreeMap::new();
    if !eval.tree.spend(16) {
        return Tree::spent();
    }
    for attribute in body.attributes().filter(|one| !META.contains(&one.key.as_str())) {
        map.insert(attribute.key.as_str().to_owned(), eval.value(&attribute.value, names));
    }
    for block in body.blocks() {
        let (name, made) = match (block.ident.as_str(), block.labels.first()) {
            ("dynamic", Some(label)) => (label.as_str(), dynamic(eval, block, label.as_str(), names)),
            (name, _) if META.contains(&name) => continue,
            (name, _) => (name, Value::List(vec![self::body(eval, &block.body, names)])),
        };
        let both = match (map.remove(name), made) {
            (Some(Value::List(mut all)), Value::List(more)) => {
                all.extend(more);
                Value::List(all)
            }
            // JSON has a block that is there once as a map.
            (Some(one @ Value::Map(_)), Value::List(more)) => Value::List(std::iter::once(one).chain(more).collect()),
            (Some(unknown @ Value::Unknown(_)), _) => unknown,
            (_, made) => made,
        };
        map.insert(name.to_owned(), both);
    }
    Value::Map(map)
}

/// Blocks that are made of a collection; unknown where that is.
fn dynamic(eval: Eval<'_, '_>, block: &Block, label: &str, names: Option<&Names<'_>>) -> Value {
    let of = |name: &str| block.body.get_attribute(name).map(|one| &one.value);
    let (Some(each), Some(content)) = (of("for_each"), block.body.get_blocks("content").next()) else {
        return Value::Unknown(msg!("settings-unreadable"));
    };
    let iterator = of("iterator").and_then(|one| one.as_variable()).map_or(label, |name| name.as_str());
    let collection = eval.value(each, names);
    let Some(items) = pairs(&collection) else { return unknown_of(&collection) };
    if !eval.tree.spend(size(&collection)) {
        return Tree::spent();
    }
    let one = |(key, value): (Value, Value)| {
        let key = if matches!(collection, Value::List(_)) { value.clone() } else { key };
        let it = Value::Map([("key".to_owned(), key), ("value".to_owned(), value)].into());
        body(eval, &content.body, Some(&Names::with(names, iterator, &it)))
    };
    Value::List(items.into_iter().map(one).collect())
}

/// The policy that `aws_iam_policy_document` writes: sources, in whose place stands what the document says under the same `sid`, and
/// what overrides both.
pub(super) fn policy(eval: Eval<'_, '_>, block: &Block) -> Value {
    let said = body(eval, &block.body, None);
    let mut all = Statements::default();
    ["source_json", "source_policy_documents"].iter().for_each(|name| all.documents(said.at(name)));
    match said.at("statement").list() {
        Fact::Known(own) => own.iter().for_each(|one| all.add(statement(one))),
        Fact::Absent => (),
        Fact::Unknown(why) => all.add(Value::Unknown(why)),
    }
    ["override_policy_documents", "override_json"].iter().for_each(|name| all.documents(said.at(name)));
    Value::Map([("Statement".to_owned(), Value::List(all.all))].into())
}

/// Statements, of which a later one takes the place of an earlier one with the same name.
#[derive(Default)]
struct Statements {
    all: Vec<Value>,
    named: HashMap<String, usize>,
}

impl Statements {
    fn add(&mut self, one: Value) {
        match one.at("Sid").to_word() {
            Fact::Known(name) if !name.is_empty() => match self.named.get(&name).and_then(|at| self.all.get_mut(*at)) {
                Some(before) => *before = one,
                None => {
                    self.named.insert(name, self.all.len());
                    self.all.push(one);
                }
            },
            // Whose place it takes is not known: that there is such a one is said beside it.
            Fact::Unknown(why) if matches!(one, Value::Map(_)) => self.all.extend([one, Value::Unknown(why)]),
            _ => self.all.push(one),
        }
    }

    fn documents(&mut self, documents: &Value) {
        if let Some(why) = documents.unknown() {
            self.add(Value::Unknown(why));
        }
        for document in documents.entries() {
            match document {
                Value::Map(_) => self.statements(document),
                Value::Text(text) if text.trim().is_empty() => (),
                Value::Text(text) => match serde_json::from_str(text) {
                    Ok(json) => self.statements(&Value::from_json(&json)),
                    Err(_) => self.add(Value::Unknown(msg!("settings-policy-unreadable"))),
                },
                other => self.add(unknown_of(other)),
            }
        }
    }

    fn statements(&mut self, document: &Value) {
        let all = document.at("Statement");
        if let Some(why) = all.unknown() {
            self.add(Value::Unknown(why));
        }
        all.entries().iter().for_each(|one| self.add(one.clone()));
    }
}

/// Adds what a further block says under a name: the provider joins them.
fn join(all: &mut BTreeMap<String, Value>, name: String, more: &Value) {
    let joined = match (all.remove(&name), more) {
        (None | Some(Value::Null), more) => more.clone(),
        (Some(unknown @ (Value::Unknown(_) | Value::Reference(..))), _) => unknown,
        (Some(_), unknown @ (Value::Unknown(_) | Value::Reference(..))) => unknown.clone(),
        (Some(before), more) => Value::List(before.entries().iter().chain(more.entries()).cloned().collect()),
    };
    all.insert(name, joined);
}

fn statement(said: &Value) -> Value {
    let mut map: BTreeMap<String, Value> = BTreeMap::new();
    let effect = said.at("effect");
    map.insert("Effect".to_owned(), if effect.is_null() { Value::text("Allow") } else { effect.clone() });
    for (from, to) in [
        ("sid", "Sid"),
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        if !said.at(from).is_null() {
            map.insert(to.to_owned(), said.at(from).clone());
        }
    }
    for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = said.at(from);
        if let Some(why) = blocks.unknown() {
            map.insert(to.to_owned(), Value::Unknown(why));
        }
        for block in blocks.entries() {
            let kind = block.at("type").to_text().known().cloned().unwrap_or_default();
            let Value::Map(all) = map.entry(to.to_owned()).or_insert_with(|| Value::Map(BTreeMap::new())) else {
                continue;
            };
            join(all, kind, block.at("identifiers"));
        }
    }
    let conditions = said.at("condition");
    if let Some(why) = conditions.unknown() {
        map.insert("Condition".to_owned(), Value::Unknown(why));
    }
    for block in conditions.entries() {
        let text = |name: &str| block.at(name).to_text().known().cloned().unwrap_or_default();
        let Value::Map(all) = map.entry("Condition".to_owned()).or_insert_with(|| Value::Map(BTreeMap::new())) else {
            continue;
        };
        let Value::Map(keys) = all.entry(text("test")).or_insert_with(|| Value::Map(BTreeMap::new())) else { continue };
        join(keys, text("variable"), block.at("values"));
    }
    Value::Map(map)
}
