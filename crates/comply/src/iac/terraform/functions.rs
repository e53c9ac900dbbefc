//! Functions of Terraform that are pure, and that code of settings uses. What is not here is unknown, and said by its name.

use std::collections::BTreeMap;

use shoseki_messages::msg;

use super::eval::{TEXT, size, unknown_of};
use crate::settings::{Value, number_text, reference_text};

/// What a function gives. `spend` takes from what may be evaluated: what makes more than it is given asks before it makes it.
pub(super) fn call(name: &str, arguments: Vec<Value>, spend: &dyn Fn(usize) -> bool) -> Value {
    if !spend(growth(name, &arguments)) {
        return Value::Unknown(msg!("iac-too-much"));
    }
    let made = made(name, arguments);
    if spend(size(&made)) { made } else { Value::Unknown(msg!("iac-too-much")) }
}

/// How large what a function gives is at most, where that is more than what it is given.
fn growth(name: &str, arguments: &[Value]) -> usize {
    let text = |at: usize| match arguments.get(at) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    match name {
        "replace" if !text(1).is_empty() => {
            let times = text(0).matches(text(1)).count();
            (text(0).len() + times.saturating_mul(text(2).len())) / TEXT
        }
        "join" => {
            let parts = arguments.get(1).map_or(0, |list| list.entries().len());
            parts.saturating_mul(text(0).len() + 16) / TEXT
        }
        // A value for each part.
        "split" if !text(0).is_empty() => 2 * text(1).matches(text(0)).count(),
        "jsondecode" => text(0).len() / 2 + 16 * text(0).matches('{').count(),
        _ => 0,
    }
}

/// The first that does not fail. What is not declared fails; what is not known might not; and null is a value as any other.
fn attempt(arguments: &[Value]) -> Value {
    let is_failure = |id: &str| matches!(id, "iac-not-declared" | "iac-no-such-part");
    let fails = |value: &&Value| value.unknown().is_some_and(|why| is_failure(why.id()));
    let found = arguments.iter().find(|value| !fails(value)).or(arguments.last());
    found.cloned().unwrap_or_default()
}

/// The first that is there. What stands before what is known might have been it.
fn coalesce(arguments: &[Value]) -> Value {
    let is_there = |value: &Value| !value.is_null() && !matches!(value, Value::Unknown(_)) && *value != Value::text("");
    let found = arguments.iter().position(is_there);
    let is_sure = arguments.iter().take(found.unwrap_or(0)).all(|one| one.unknown().is_none());
    match found.and_then(|at| arguments.get(at)) {
        Some(value) if is_sure => value.clone(),
        _ => {
            let why = arguments.iter().find_map(Value::unknown_within);
            Value::Unknown(why.unwrap_or_else(|| msg!("iac-function", name = "coalesce")))
        }
    }
}

fn made(name: &str, arguments: Vec<Value>) -> Value {
    // These look at what is unknown, or keep it.
    match (name, arguments.as_slice()) {
        ("jsonencode" | "sensitive" | "nonsensitive" | "tolist" | "tomap", [_]) => {
            return arguments.into_iter().next().unwrap_or_default();
        }
        ("yamlencode", _) => return Value::Unknown(msg!("iac-function", name = name)),
        ("try", [_, ..]) => return attempt(&arguments),
        ("coalesce", all) => return coalesce(all),
        ("concat", all) if all.iter().all(|one| matches!(one, Value::List(_))) => {
            return Value::List(
                arguments
                    .into_iter()
                    .flat_map(|one| match one {
                        Value::List(all) => all,
                        _ => Vec::new(),
                    })
                    .collect(),
            );
        }
        ("merge", all) if all.iter().all(|one| matches!(one, Value::Map(_) | Value::Null)) => {
            let mut whole = BTreeMap::new();
            for one in arguments {
                if let Value::Map(all) = one {
                    whole.extend(all);
                }
            }
            return Value::Map(whole);
        }
        ("flatten", [Value::List(_)]) => {
            let mut flat = Vec::new();
            arguments.into_iter().for_each(|one| flatten(one, &mut flat));
            return Value::List(flat);
        }
        ("one", [Value::List(all)]) => {
            return match all.as_slice() {
                [] => Value::Null,
                [one] => one.clone(),
                _ => Value::Unknown(msg!("iac-function", name = name)),
            };
        }
        // Of how many resources a name is, it does not say.
        ("length", [list @ Value::List(all)]) if all.len() == 1 && list.unknown_within().is_some() => {
            return unknown_of(list);
        }
        ("contains", [Value::List(all), one]) if one.open_within().is_none() => {
            return match (all.contains(one), all.iter().find(|each| each.open_within().is_some())) {
                (true, _) => Value::Bool(true),
                (false, Some(open)) => unknown_of(open),
                (false, None) => Value::Bool(false),
            };
        }
        ("lookup" | "element", [_, key, ..]) if key.open().is_some() => return unknown_of(key),
        ("lookup", [Value::Map(all), Value::Text(key), rest @ ..]) => {
            let default = || {
                rest.first().cloned().unwrap_or_else(|| Value::Unknown(msg!("iac-no-such-part", name = key.as_str())))
            };
            return all.get(key).cloned().unwrap_or_else(default);
        }
        ("element", [Value::List(all), Value::Number(at)]) if !all.is_empty() => {
            let at = (*at as usize).checked_rem(all.len()).unwrap_or_default();
            return all.get(at).cloned().unwrap_or_default();
        }
        ("length", [Value::List(all)]) => return Value::Number(all.len() as f64),
        ("length", [Value::Map(all)]) => return Value::Number(all.len() as f64),
        ("values", [Value::Map(all)]) => return Value::List(all.values().cloned().collect()),
        ("keys", [Value::Map(all)]) => return Value::List(all.keys().map(|key| Value::text(key.as_str())).collect()),
        ("can", [one]) => return if one.unknown().is_some() { unknown_of(one) } else { Value::Bool(true) },
        _ => (),
    }
    // These put texts together, or keep each: a reference in them stays one, as it does in a template.
    let arguments = match name {
        "format" | "join" | "compact" | "distinct" | "toset" => arguments.into_iter().map(with_references).collect(),
        _ => arguments,
    };
    // What takes texts apart or compares them must know them; what puts them together keeps the names of others in them.
    let keeps = ["format", "join", "compact", "distinct", "toset", "tostring", "jsondecode", "zipmap"].contains(&name);
    let is_open = |one: &&Value| if keeps { one.unknown_within().is_some() } else { one.open_within().is_some() };
    if let Some(unknown) = arguments.iter().find(is_open) {
        return unknown_of(unknown);
    }
    known(name, arguments)
}

/// The same with references as texts.
fn with_references(value: Value) -> Value {
    match value {
        Value::Reference(target, attribute) => Value::Text(reference_text(&target, &attribute)),
        Value::List(all) => Value::List(all.into_iter().map(with_references).collect()),
        other => other,
    }
}

fn flatten(value: Value, into: &mut Vec<Value>) {
    match value {
        Value::List(all) => all.into_iter().for_each(|one| flatten(one, into)),
        other => into.push(other),
    }
}

/// A function of values that are known.
fn known(name: &str, arguments: Vec<Value>) -> Value {
    let text = |at: usize| arguments.get(at).and_then(|one| one.to_text().known().cloned()).unwrap_or_default();
    let list = || arguments.first().map(Value::entries).unwrap_or_default();
    match (name, arguments.as_slice()) {
        ("tostring" | "tobool" | "tonumber", [Value::Null]) => Value::Null,
        ("tostring", [one]) => one.to_text().known().cloned().map_or_else(|| failed(name), Value::Text),
        ("tobool", [one]) => one.is().known().copied().map_or_else(|| failed(name), Value::Bool),
        ("tonumber", [one]) => {
            let number = one.to_text().known().and_then(|text| text.parse().ok());
            number.map_or_else(|| failed(name), Value::Number)
        }
        ("jsondecode", [Value::Text(text)]) => match serde_json::from_str(text) {
            Ok(json) => Value::from_json(&json),
            Err(_) => Value::Unknown(msg!("iac-function", name = name)),
        },
        ("jsondecode", [one]) => one.clone(),
        ("lower", [_]) => Value::Text(text(0).to_lowercase()),
        ("upper", [_]) => Value::Text(text(0).to_uppercase()),
        ("trim", [_, _]) => {
            let (text, cut) = (text(0), text(1));
            Value::text(text.trim_matches(|c: char| cut.contains(c)))
        }
        ("trimspace", [_]) => Value::text(text(0).trim()),
        ("trimprefix", [_, _]) => Value::text(text(0).strip_prefix(text(1).as_str()).unwrap_or(&text(0))),
        ("trimsuffix", [_, _]) => Value::text(text(0).strip_suffix(text(1).as_str()).unwrap_or(&text(0))),
        ("replace", [_, _, _]) if !text(1).starts_with('/') && !text(1).is_empty() => {
            Value::Text(text(0).replace(&text(1), &text(2)))
        }
        ("startswith", [_, _]) => Value::Bool(text(0).starts_with(&text(1))),
        ("endswith", [_, _]) => Value::Bool(text(0).ends_with(&text(1))),
        ("split", [_, _]) if !text(0).is_empty() => {
            Value::List(text(1).split(text(0).as_str()).map(Value::text).collect())
        }
        ("join", [_, Value::List(all)]) => {
            let parts: Vec<String> = all.iter().filter_map(|one| one.to_text().known().cloned()).collect();
            Value::Text(parts.join(&text(0)))
        }
        ("format", [_, rest @ ..]) => format(&text(0), rest),
        ("compact", [Value::List(all)]) => {
            Value::List(all.iter().filter(|one| !one.is_null() && **one != Value::text("")).cloned().collect())
        }
        ("toset" | "distinct", [Value::List(_)]) => {
            let mut seen = std::collections::BTreeSet::new();
            let is_new =
                |one: &&Value| seen.insert(one.to_text().known().cloned().unwrap_or_else(|| format!("{one:?}")));
            Value::List(list().iter().filter(is_new).cloned().collect())
        }
        ("toset" | "distinct", [one]) => one.clone(),
        ("zipmap", [Value::List(names), Value::List(values)]) => {
            let name = |one: &Value| one.to_text().known().cloned();
            Value::Map(names.iter().zip(values).filter_map(|(key, value)| Some((name(key)?, value.clone()))).collect())
        }
        ("max" | "min", [Value::Number(first), rest @ ..]) => {
            let numbers = rest.iter().filter_map(|one| one.to_text().known().and_then(|text| text.parse().ok()));
            Value::Number(numbers.fold(*first, |a: f64, b| if name == "max" { a.max(b) } else { a.min(b) }))
        }
        _ => Value::Unknown(msg!("iac-function", name = name)),
    }
}

/// What Terraform itself would refuse.
fn failed(name: &str) -> Value {
    Value::Unknown(msg!("iac-function", name = name))
}

/// `format` with `%s`, `%d`, `%v`, `%q` and `%%`; other verbs are unknown.
fn format(pattern: &str, arguments: &[Value]) -> Value {
    let (mut text, mut arguments) = (String::new(), arguments.iter());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let verb = rest.next();
        if verb == Some('%') {
            text.push('%');
            continue;
        }
        match (verb, arguments.next()) {
            (Some('s' | 'v' | 'd'), Some(Value::Number(number))) => text.push_str(&number_text(*number)),
            (Some('s' | 'v'), Some(one)) => text.push_str(&one.to_text().known().cloned().unwrap_or_default()),
            (Some('q'), Some(one)) => {
                text.push_str(&format!("{:?}", one.to_text().known().cloned().unwrap_or_default()))
            }
            _ => return Value::Unknown(msg!("iac-function", name = "format")),
        }
    }
    Value::Text(text)
}
