//! An event as rules ask for it: most of it is asked for by none, so each of its members is read once one does, and an object inside
//! is taken apart once a path leads into it.

use std::borrow::Cow;
use std::cell::OnceCell;

use rsigma_eval::{Event, EventValue, JsonEvent};
use serde_json::Value;
use sonic_rs::LazyValue;

/// An object, taken apart into its members.
pub(crate) struct Members<'a>(Vec<Member<'a>>);

/// A member of an object.
struct Member<'a> {
    key: Cow<'a, str>,
    json: &'a str,
    /// Its value, where it is asked for by its own name and is more than a plain text.
    value: OnceCell<Box<Value>>,
    /// Its own members, where a path into it is asked for and it is an object.
    inside: OnceCell<Option<Box<Members<'a>>>>,
    /// An object with this member alone, where a path into it meets a list or has a bracket: paths begin with its key.
    alone: OnceCell<Box<JsonEvent<'static>>>,
}

/// What a path of plain keys leads to.
enum Way<'a> {
    Found(EventValue<'a>),
    Nothing,
    /// A list is in the way.
    Parts,
}

impl<'a> Members<'a> {
    /// Nothing where the event is no object.
    pub(crate) fn of(json: &'a [u8]) -> Option<Self> {
        let is_object = json.trim_ascii_start().first() == Some(&b'{');
        is_object.then(|| Self::read(sonic_rs::to_object_iter(json), MANY)).flatten()
    }

    fn read(
        members: impl Iterator<Item = sonic_rs::Result<(Cow<'a, str>, LazyValue<'a>)>>,
        about: usize,
    ) -> Option<Self> {
        let mut read = Vec::with_capacity(about);
        for member in members {
            let (key, json) = member.ok()?;
            let Cow::Borrowed(json) = json.as_raw_cow() else { return None };
            let (value, inside, alone) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
            read.push(Member { key, json, value, inside, alone });
        }
        Some(Self(read))
    }

    /// The last of a name, as elsewhere.
    fn member(&self, name: &str) -> Option<&Member<'a>> {
        self.0.iter().rev().find(|member| member.key == name)
    }

    /// The whole value of a member.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.member(name).map(Member::read)
    }

    /// The members that count: of several of one name the last.
    fn each(&self) -> impl Iterator<Item = &JsonEvent<'static>> {
        let is_last =
            |(at, member): &(usize, &Member<'a>)| !self.0.iter().skip(at + 1).any(|later| later.key == member.key);
        self.0.iter().enumerate().filter(is_last).map(|(_, member)| member.alone())
    }
}

/// How many members an event has room for at first, and an object inside of it.
const MANY: usize = 24;
const FEW: usize = 6;

impl<'a> Member<'a> {
    fn read(&self) -> Value {
        serde_json::from_str(self.json).unwrap_or_default()
    }

    fn value(&self) -> EventValue<'_> {
        let text = self.json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match text.filter(|text| !text.bytes().any(|byte| byte == b'\\' || byte < b' ')) {
            Some(text) => EventValue::Str(text.into()),
            None => (&**self.value.get_or_init(|| Box::new(self.read()))).into(),
        }
    }

    fn inside(&self) -> Option<&Members<'a>> {
        let is_object = self.json.starts_with('{');
        let members =
            || is_object.then(|| Members::read(sonic_rs::to_object_iter(self.json), FEW)).flatten().map(Box::new);
        self.inside.get_or_init(members).as_deref()
    }

    fn alone(&self) -> &JsonEvent<'static> {
        self.alone.get_or_init(|| {
            let alone = serde_json::Map::from_iter([(self.key.to_string(), self.read())]);
            Box::new(JsonEvent::owned(Value::Object(alone)))
        })
    }

    /// What keys with dots between them lead to, from here.
    fn way(&self, path: &str) -> Way<'_> {
        let mut at = self;
        for key in path.split('.') {
            if at.json.starts_with('[') {
                return Way::Parts;
            }
            let Some(next) = at.inside().and_then(|members| members.member(key)) else { return Way::Nothing };
            at = next;
        }
        Way::Found(at.value())
    }

    /// A key with dots, below one without: Falco's `output_fields` has `k8s.pod.name`.
    fn dotted(&self, key: &str) -> Option<EventValue<'_>> {
        key.contains('.').then(|| self.inside()?.member(key)).flatten().map(Member::value)
    }
}

impl Event for Members<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some(member) = self.member(path) {
            return Some(member.value());
        }
        let (outermost, rest) = path.split_at_checked(path.find(['.', '['])?)?;
        // A bracket that is a part of a name is written `\[`.
        if outermost.ends_with('\\') {
            return self.0.iter().rev().find_map(|member| member.alone().get_field(path));
        }
        let member = self.member(outermost)?;
        let keys = rest.strip_prefix('.');
        let way = keys.filter(|keys| !keys.contains(['[', '\\'])).map_or(Way::Parts, |keys| member.way(keys));
        let found = match way {
            Way::Found(value) => Some(value),
            Way::Nothing => None,
            Way::Parts => member.alone().get_field(path),
        };
        found.or_else(|| member.dotted(keys?))
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
