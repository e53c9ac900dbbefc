//! OCSF's schema, as its repository has it, and a validator of events. Strict: what is only recommended may be absent, but
//! nothing may stand there that the schema does not know, that it deprecates, or that it would only warn about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::{Map, Value};

/// A class or an object: its attributes with those that it extends and includes, its constraints, its profiles.
#[derive(Clone, Default)]
struct Kind {
    attributes: BTreeMap<String, Map<String, Value>>,
    constraints: Value,
    profiles: BTreeSet<String>,
    is_deprecated: bool,
}

/// The schema.
pub struct Schema {
    classes: BTreeMap<i64, Kind>,
    objects: BTreeMap<String, Kind>,
    dictionary: Map<String, Value>,
    types: Map<String, Value>,
    regexes: BTreeMap<String, Regex>,
}

fn json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, paths) } else { paths.push(path) }
    }
}

/// The definitions below a folder by their names.
fn definitions(folder: &Path) -> BTreeMap<String, Value> {
    let mut paths = Vec::new();
    below(folder, &mut paths);
    let all = paths.iter().map(|path| json(path));
    all.map(|definition| (definition["name"].as_str().unwrap().to_owned(), definition)).collect()
}

/// What the second says of an attribute, over what the first does; values of enumerations are put together.
fn merge(into: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (into.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "enum" => known.extend(more.clone()),
            _ => drop(into.insert(key.clone(), value.clone())),
        }
    }
}

impl Schema {
    /// The schema in the development data; nothing, and a word on it, where that is absent.
    pub fn read() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ocsf/schema");
        if !root.exists() {
            println!("skipped: this test needs ../shared/data/ocsf/schema");
            return None;
        }
        let dictionary = json(&root.join("dictionary.json"));
        let categories = json(&root.join("categories.json"));
        let (events, objects) = (definitions(&root.join("events")), definitions(&root.join("objects")));
        let mut classes = BTreeMap::new();
        for (name, definition) in &events {
            let is_base = name == "base_event";
            let Some(uid) = definition["uid"].as_i64().or(is_base.then_some(0)) else { continue };
            let mut at = Some(definition);
            let mut category = None;
            while let Some(definition) = at {
                category = category.or(definition["category"].as_str());
                at = definition["extends"].as_str().and_then(|parent| events.get(parent));
            }
            let category = category.and_then(|name| categories["attributes"][name]["uid"].as_i64()).unwrap_or(0);
            let mut class = kind(&root, &events, name);
            for computed in ["category_uid", "class_uid", "type_uid"] {
                // The base class has its own numbers there; those of each class follow from its name.
                class.attributes.get_mut(computed).unwrap().remove("enum");
            }
            classes.insert(category * 1_000 + uid, class);
        }
        let objects = objects.keys().map(|name| (name.clone(), kind(&root, &objects, name))).collect();
        let types = dictionary["types"]["attributes"].as_object().unwrap().clone();
        let regexes =
            types.iter().filter_map(|(name, kind)| Some((name.clone(), Regex::new(kind["regex"].as_str()?).unwrap())));
        let regexes = regexes.collect();
        Some(Self {
            classes,
            objects,
            dictionary: dictionary["attributes"].as_object().unwrap().clone(),
            types,
            regexes,
        })
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// Everything that is wrong with an event.
    pub fn faults(&self, event: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let number = |name: &str| event[name].as_i64();
        let Some(class) = number("class_uid").and_then(|uid| self.classes.get(&uid)) else {
            return vec![format!("class_uid: no class {}", event["class_uid"])];
        };
        if class.is_deprecated {
            faults.push("class_uid: the class is deprecated".to_owned());
        }
        let (uid, activity) = (number("class_uid").unwrap_or(-1), number("activity_id").unwrap_or(-1));
        if number("category_uid") != Some(uid / 1_000) {
            faults.push("category_uid: not that of the class".to_owned());
        }
        if number("type_uid") != Some(uid * 100 + activity) {
            faults.push("type_uid: not that of class and activity".to_owned());
        }
        if event["metadata"]["version"] != "1.8.0" {
            faults.push("metadata.version: another".to_owned());
        }
        let profiles = event["metadata"]["profiles"].as_array().into_iter().flatten();
        let profiles: BTreeSet<String> = profiles.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        for profile in profiles.difference(&class.profiles) {
            faults.push(format!("metadata.profiles: the class has no `{profile}`"));
        }
        self.object(event, class, ("", &profiles), &mut faults);
        faults
    }

    fn object(&self, value: &Value, kind: &Kind, (at, profiles): (&str, &BTreeSet<String>), faults: &mut Vec<String>) {
        let Some(members) = value.as_object() else { return faults.push(format!("{at}: no object")) };
        let is_open = |attribute: &Map<String, Value>| match attribute.get("profile") {
            Some(Value::String(profile)) => profiles.contains(profile),
            _ => true,
        };
        for (name, attribute) in &kind.attributes {
            if attribute["requirement"] == "required" && is_open(attribute) && !members.contains_key(name) {
                faults.push(format!("{at}{name}: required"));
            }
        }
        for (name, value) in members {
            let place = format!("{at}{name}");
            match kind.attributes.get(name) {
                Some(attribute) if is_open(attribute) => {
                    let mut whole = self.dictionary.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
                    merge(&mut whole, attribute);
                    self.attribute(value, &whole, (&place, profiles), faults);
                    faults.extend(sibling(members, value, &whole, &place));
                }
                Some(attribute) => faults.push(format!("{place}: needs the profile {}", attribute["profile"])),
                None => faults.push(format!("{place}: unknown")),
            }
        }
        let names = |constraint: &str| -> Vec<&str> {
            kind.constraints[constraint].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        };
        for (constraint, is_kept) in [("at_least_one", (|n| n >= 1) as fn(usize) -> bool), ("just_one", |n| n == 1)] {
            let wanted = names(constraint);
            let present = wanted.iter().filter(|name| members.contains_key(**name)).count();
            if !wanted.is_empty() && !is_kept(present) {
                faults.push(format!("{at}: {constraint} of {wanted:?}"));
            }
        }
    }

    fn attribute(
        &self,
        value: &Value,
        attribute: &Map<String, Value>,
        (at, profiles): (&str, &BTreeSet<String>),
        faults: &mut Vec<String>,
    ) {
        if attribute.contains_key("@deprecated") {
            faults.push(format!("{at}: deprecated"));
        }
        if attribute.get("is_array") == Some(&Value::Bool(true)) {
            match value.as_array() {
                Some(elements) if elements.is_empty() => faults.push(format!("{at}: an empty list")),
                Some(elements) => {
                    for (number, element) in elements.iter().enumerate() {
                        self.one(element, attribute, (&format!("{at}.{number}"), profiles), faults);
                    }
                }
                None => faults.push(format!("{at}: no list")),
            }
            return;
        }
        self.one(value, attribute, (at, profiles), faults);
    }

    /// A value that is no list of its attribute.
    fn one(
        &self,
        value: &Value,
        attribute: &Map<String, Value>,
        (at, profiles): (&str, &BTreeSet<String>),
        faults: &mut Vec<String>,
    ) {
        let name = attribute.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some(scalar) = self.types.get(name) else {
            return match self.objects.get(name) {
                Some(kind) if kind.attributes.is_empty() && value.is_object() => {} // `object` has whatever it has
                Some(kind) => self.object(value, kind, (&format!("{at}."), profiles), faults),
                None => faults.push(format!("{at}: no type `{name}`")),
            };
        };
        let basic = scalar["type"].as_str().unwrap_or(name);
        let is_of_it = match basic {
            "string_t" => value.is_string(),
            "integer_t" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "long_t" => value.is_i64() || value.is_u64(),
            "boolean_t" => value.is_boolean(),
            "float_t" => value.is_number(),
            "json_t" => true,
            _ => false,
        };
        if !is_of_it {
            return faults.push(format!("{at}: {value} is no {name}"));
        }
        if let (Some(regex), Some(text)) = (self.regexes.get(name), value.as_str())
            && !regex.is_match(text)
        {
            faults.push(format!("{at}: {value} does not look like {name}"));
        }
        if let (Some(longest), Some(text)) = (scalar["max_len"].as_u64(), value.as_str())
            && text.chars().count() as u64 > longest
        {
            faults.push(format!("{at}: longer than {name}"));
        }
        if let (Some([least, most]), Some(number)) = (scalar["range"].as_array().map(Vec::as_slice), value.as_i64())
            && !(least.as_i64() <= Some(number) && Some(number) <= most.as_i64())
        {
            faults.push(format!("{at}: {value} is out of the range of {name}"));
        }
        if let Some(Value::Object(known)) = attribute.get("enum") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if !known.contains_key(&text) {
                faults.push(format!("{at}: {value} is none of {:?}", known.keys().collect::<Vec<_>>()));
            }
        }
    }
}

/// What is wrong where a number has a text beside it: the text is the number's caption, and what is `Other` says what it is.
fn sibling(members: &Map<String, Value>, value: &Value, attribute: &Map<String, Value>, at: &str) -> Option<String> {
    let sibling = attribute.get("sibling").and_then(Value::as_str)?;
    let caption = attribute.get("enum")?.get(value.to_string()).map(|known| &known["caption"]);
    match members.get(sibling) {
        Some(text) if value != 99 && Some(text) != caption => {
            Some(format!("{at}: `{sibling}` is {text} and not {caption:?}"))
        }
        None if value == 99 => Some(format!("{at}: it is Other, and `{sibling}` does not say what")),
        _ => None,
    }
}

/// A class or an object by its name, with what it extends.
fn kind(root: &Path, all: &BTreeMap<String, Value>, name: &str) -> Kind {
    let definition = &all[name];
    let mut kind = match definition["extends"].as_str() {
        Some(parent) => kind(root, all, parent),
        None => Kind::default(),
    };
    kind.is_deprecated = definition.get("@deprecated").is_some();
    if let Some(constraints) = definition.get("constraints") {
        kind.constraints = constraints.clone();
    }
    kind.profiles.extend(
        definition["profiles"].as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)),
    );
    let attributes = definition["attributes"].as_object().unwrap();
    for included in attributes.get("$include").and_then(Value::as_array).into_iter().flatten() {
        let profile = json(&root.join(included.as_str().unwrap()));
        for (name, attribute) in profile["attributes"].as_object().unwrap() {
            let mut attribute = attribute.as_object().unwrap().clone();
            if profile["meta"] == "profile" {
                attribute.entry("profile").or_insert(profile["name"].clone());
            }
            merge(kind.attributes.entry(name.clone()).or_default(), &attribute);
        }
    }
    for (name, attribute) in attributes.iter().filter(|(name, _)| !name.starts_with('$')) {
        merge(kind.attributes.entry(name.clone()).or_default(), attribute.as_object().unwrap());
    }
    kind
}
