//! An event as rules ask for it: most of it is asked for by none, so each of its members is read once one does.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use rsigma_eval::{Event, EventValue, JsonEvent};
use serde_json::Value;
use sonic_rs::LazyValue;

/// An event that is an object, taken apart into its members.
pub(crate) struct Members<'a>(Vec<Member<'a>>);

/// A member of an event.
struct Member<'a> {
    key: Cow<'a, str>,
    json: LazyValue<'a>,
    /// Its value, where it is asked for by its own name.
    value: OnceCell<Value>,
    /// The same where a path into it is asked for.
    inside: OnceCell<Inside>,
}

/// What paths into a member find.
struct Inside {
    /// An object with this member alone: paths begin with its key.
    alone: JsonEvent<'static>,
    /// What it has under keys with dots, by their paths: Falco's `output_fields` has `k8s.pod.name`.
    dotted: BTreeMap<String, Value>,
}

impl<'a> Members<'a> {
    /// Nothing where the event is no object.
    pub(crate) fn of(json: &'a [u8]) -> Option<Self> {
        let member = |member: sonic_rs::Result<(Cow<'a, str>, LazyValue<'a>)>| {
            let (key, json) = member.ok()?;
            Some(Member { key, json, value: OnceCell::new(), inside: OnceCell::new() })
        };
        let is_object = json.trim_ascii_start().first() == Some(&b'{');
        let members = is_object.then(|| sonic_rs::to_object_iter(json).map(member).collect::<Option<Vec<_>>>());
        members.flatten().map(Self)
    }

    /// The last of a name, as elsewhere.
    fn member(&self, name: &str) -> Option<&Member<'a>> {
        self.0.iter().rev().find(|member| member.key == name)
    }

    /// The members that count: of several of one name the last.
    fn each(&self) -> impl Iterator<Item = &JsonEvent<'static>> {
        let is_last =
            |(at, member): &(usize, &Member<'a>)| !self.0.iter().skip(at + 1).any(|later| later.key == member.key);
        self.0.iter().enumerate().filter(is_last).map(|(_, member)| &member.inside().alone)
    }
}

impl Member<'_> {
    fn read(&self) -> Value {
        serde_json::from_str(self.json.as_raw_str()).unwrap_or_default()
    }

    fn value(&self) -> &Value {
        self.value.get_or_init(|| self.read())
    }

    fn inside(&self) -> &Inside {
        self.inside.get_or_init(|| {
            let value = self.read();
            let with_dots = value.as_object().into_iter().flatten().filter(|(key, _)| key.contains('.'));
            let dotted = with_dots.map(|(key, value)| (format!("{}.{key}", self.key), value.clone())).collect();
            let alone = serde_json::Map::from_iter([(self.key.to_string(), value)]);
            Inside { alone: JsonEvent::owned(Value::Object(alone)), dotted }
        })
    }
}

impl Event for Members<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some(member) = self.member(path) {
            return Some(member.value().into());
        }
        let (outermost, rest) = path.split_at_checked(path.find(['.', '['])?)?;
        // A bracket that is a part of a name is written `\[`.
        match outermost.strip_suffix('\\') {
            Some(_) => self.0.iter().rev().find_map(|member| member.inside().alone.get_field(path)),
            None => {
                let inside = self.member(outermost)?.inside();
                let dotted = || rest.starts_with('.').then(|| inside.dotted.get(path)).flatten().map(EventValue::from);
                inside.alone.get_field(path).or_else(dotted)
            }
        }
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.each().any(|member| member.any_string_value(pred))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.each().flat_map(JsonEvent::all_string_values).collect()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.each().for_each(|member| member.visit_string_values(visit));
    }

    fn to_json(&self) -> Value {
        let members = self.each().map(|member| match member.to_json() {
            Value::Object(member) => member,
            _ => serde_json::Map::new(),
        });
        Value::Object(members.flatten().collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        self.0.iter().for_each(|member| visit(&member.key));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_whole_event() {
        let json = r#"{"a":{"b":[{"c":1},{"c":"two"}],"d":null},"a.d":"flat","e":"é\u3042","n":-1.5,"x":1,"x":2,
            "output_fields":{"k8s.pod.name":"web","proc":{"name":"sh"}},"list":[[1,2],"three"],"o[0]":"bracket","t":true}"#;
        let value: Value = serde_json::from_str(json).unwrap();
        let (whole, members) = (JsonEvent::borrow(&value), Members::of(json.as_bytes()).unwrap());
        let paths = [
            "a",
            "a.b",
            "a.b.c",
            "a.b[1].c",
            "a.b[-1].c",
            "a.d",
            "e",
            "n",
            "x",
            "list",
            "list[0][1]",
            "list[9]",
            "t",
            "output_fields.proc.name",
            "output_fields",
            r"o\[0\]",
            "nothing",
            "nothing.at.all",
            "",
            ".",
            "[0]",
            "a.",
            "a.b.c.d",
            "list.x",
            "e.f",
        ];
        for path in paths {
            assert_eq!(members.get_field(path), whole.get_field(path), "{path}");
        }
        let name = members.get_field("output_fields.k8s.pod.name");
        assert_eq!(name, Some(EventValue::Str("web".into())), "a key with dots, below one without");
        let sorted = |mut values: Vec<Cow<'_, str>>| {
            values.sort();
            values.into_iter().map(Cow::into_owned).collect::<Vec<_>>()
        };
        assert_eq!(sorted(members.all_string_values()), sorted(whole.all_string_values()));
        assert!(members.any_string_value(&|text| text == "web") && !members.any_string_value(&|text| text == "1"));
        assert_eq!(members.to_json(), value);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for json in ["", "1", "[1]", "\"{\"", "{", "{\"a\":}", "{\"a\":1", "{\"a\" 1}", "{\"a\":1,}"] {
            assert!(Members::of(json.as_bytes()).is_none(), "{json}");
        }
        assert!(Members::of(b" {} ").is_some() && Members::of(b"{\"a\":\"\xff\"}").is_none());
    }
}
