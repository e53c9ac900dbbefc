//! Blocks of Terraform as values: nested blocks are lists of maps, as a plan has them; and `aws_iam_policy_document` as the policy that
//! it writes.

use std::collections::BTreeMap;

use hcl_edit::structure::{Block, Body};
use shoseki_messages::msg;

use super::eval::{Eval, Names, pairs, unknown_of};
use crate::settings::Value;

/// Arguments of Terraform itself, which are no settings.
const META: [&str; 5] = ["for_each", "count", "depends_on", "provider", "lifecycle"];

/// What a body says.
pub(super) fn body(eval: Eval<'_, '_>, body: &Body, names: Option<&Names<'_>>) -> Value {
    let mut map: BTreeMap<String, Value> = BTreeMap::new();
    for attribute in body.attributes().filter(|one| !META.contains(&one.key.as_str())) {
        map.insert(attribute.key.as_str().to_owned(), eval.value(&attribute.value, names));
    }
    for block in body.blocks() {
        let (name, made) = match (block.ident.as_str(), block.labels.first()) {
            ("dynamic", Some(label)) => (label.as_str(), dynamic(eval, block, label.as_str(), names)),
            (name, _) if META.contains(&name) => continue,
            (name, _) => (name, Value::List(vec![self::body(eval, &block.body, names)])),
        };
        match (map.get_mut(name), made) {
            (Some(Value::List(all)), Value::List(more)) => all.extend(more),
            (Some(Value::Unknown(_)), _) => (),
            (_, made) => drop(map.insert(name.to_owned(), made)),
        }
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
    let one = |(key, value): (Value, Value)| {
        let key = if matches!(collection, Value::List(_)) { value.clone() } else { key };
        let it = Value::Map([("key".to_owned(), key), ("value".to_owned(), value)].into());
        body(eval, &content.body, Some(&Names::with(names, iterator, &it)))
    };
    Value::List(items.into_iter().map(one).collect())
}

/// The policy that `aws_iam_policy_document` writes.
pub(super) fn policy(eval: Eval<'_, '_>, block: &Block) -> Value {
    let said = body(eval, &block.body, None);
    let mut statements: Vec<Value> = Vec::new();
    for (list, of_it) in [("source_policy_documents", true), ("override_policy_documents", true)] {
        let documents = said.at(list);
        if let Some(why) = documents.unknown().filter(|_| of_it) {
            statements.push(Value::Unknown(why));
        }
        for document in documents.entries() {
            match document {
                Value::Map(_) => statements.extend(document.at("Statement").entries().iter().cloned()),
                Value::Text(text) => match serde_json::from_str(text) {
                    Ok(json) => statements.extend(Value::from_json(&json).at("Statement").entries().iter().cloned()),
                    Err(_) => statements.push(Value::Unknown(msg!("settings-policy-unreadable"))),
                },
                other => statements.push(unknown_of(other)),
            }
        }
    }
    match said.at("statement") {
        Value::List(all) => statements.extend(all.iter().map(statement)),
        Value::Null => (),
        other => statements.push(unknown_of(other)),
    }
    Value::Map([("Statement".to_owned(), Value::List(statements))].into())
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
