//! Maps and lists: what `jsonParse` gives, kept as their JSON text.
//!
//! ```text
//! {"a":{"b":[1,"x"]}}      a structure; its `.a.b[1]` is the JSON text `"x"`, as text `x`
//! ```
//!
//! As AWS has it, a map or a list is null to functions of texts, numbers and times, and comparing it is false. What
//! stands inside may be anything, which is known only when it is read.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use shoseki_insights::Part;

use super::json_text::{Parts, value_end};

/// The map or the list that a text is, without blanks around it; `None` where it is none, or a too deep one.
pub(crate) fn structure(text: &str) -> Option<&str> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let may_be = text.starts_with(['{', '[']);
    (may_be && value_end(text.as_bytes(), 0) == Some(text.len())).then_some(text)
}

/// The letters of a JSON text, each with whether it stands within a string.
fn letters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut within, mut escaped) = (false, false);
    text.chars().map(move |letter| {
        let was_within = within;
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = within;
        } else if letter == '"' {
            within = !within;
        }
        (letter, was_within)
    })
}

/// A structure without the blanks between its parts.
pub(crate) fn compact(json: &str) -> String {
    let is_kept = |&(letter, within): &(char, bool)| within || !matches!(letter, ' ' | '\t' | '\n' | '\r');
    letters(json).filter(is_kept).map(|(letter, _)| letter).collect()
}

/// A list's parts, each as its JSON text; `None` where it is none.
pub(crate) fn elements(json: &str) -> Option<impl Iterator<Item = &str>> {
    json.starts_with('[').then(|| Parts::of(json).map(|(_, part)| part))
}

/// The text of a part: a string's content, a number or a boolean as it was written; `None` of a map, a list or `null`.
pub(crate) fn plain_text(json: &str) -> Option<String> {
    if json.starts_with(['{', '[']) { None } else { shown_text(json) }
}

/// The same, with a map or a list as its JSON.
pub(crate) fn shown_text(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'n' => None,
        _ => Some(json.to_owned()),
    }
}

/// The JSON text at a path; `None` where there is none, or `null`.
fn part_text<'j>(json: &'j str, path: &[Part]) -> Option<&'j str> {
    path.iter().try_fold(json, within).filter(|found| *found != "null")
}

/// As in the path of a field, a key of digits is also a place of a list. Of members of one name the first one counts.
fn within<'j>(json: &'j str, part: &Part) -> Option<&'j str> {
    let is_list = json.starts_with('[');
    let place: u32 = match part {
        Part::Place(place) if is_list => *place,
        Part::Key(key) if is_list => key.name.parse().ok()?,
        Part::Key(key) => {
            return Parts::of(json).find(|(name, _)| name.is_some_and(|name| says(name, &key.name))).map(|(_, at)| at);
        }
        Part::Place(_) => return None,
    };
    Parts::of(json).nth(usize::try_from(place).ok()?).map(|(_, part)| part)
}

/// Whether a key, with its quotes, says a name.
fn says(key: &str, name: &str) -> bool {
    if key.contains('\\') {
        return shown_text(key).is_some_and(|key| key == name);
    }
    key.strip_prefix('"').and_then(|key| key.strip_suffix('"')) == Some(name)
}

#[derive(Debug)]
struct PartOf {
    path: Vec<Part>,
    name: String,
    signature: Signature,
}

/// The JSON text of a part of a structure.
pub(crate) fn part_of(json: Expr, path: Vec<Part>) -> Expr {
    let name = path.iter().fold("part of".to_owned(), |name, part| format!("{name}{part}"));
    ScalarUDF::from(PartOf { path, name, signature: Signature::any(1, Volatility::Immutable) }).call(vec![json])
}

impl PartialEq for PartOf {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}
impl Eq for PartOf {}
impl Hash for PartOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for PartOf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let value = args.args.first().ok_or_else(|| DataFusionError::Internal("no structure".to_owned()))?;
        let texts = arrow::compute::cast(&value.to_array(args.number_rows)?, &DataType::Utf8)?;
        let mut parts = StringBuilder::new();
        for json in texts.as_string::<i32>() {
            parts.append_option(json.and_then(|json| part_text(json, &self.path)));
        }
        Ok(ColumnarValue::Array(Arc::new(parts.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_maps_and_lists_are_structures() {
        for text in ["{}", " [1, {\"a\": null}]\n", "{\"a\":\"}\\\"]\"}"] {
            assert_eq!(structure(text), Some(text.trim()), "{text}");
        }
        for text in ["", "5", "\"{}\"", "null", "{", "{\"a\":}", "[1,]", "[1] 2", "{\"a\" 1}", "{a:1}"] {
            assert_eq!(structure(text), None, "{text}");
        }
        let brackets = format!("[\"{}\"]", "[".repeat(10_000));
        assert!(structure(&brackets).is_some(), "brackets in a string are none");
    }

    #[test]
    fn parts_are_found_and_shown() {
        let path = |text: &str| {
            let query = shoseki_insights::parse(&format!("filter f(){text}"));
            let Some(shoseki_insights::Command::Filter(filter)) =
                query.query.steps.into_iter().next().map(|s| s.command)
            else {
                return Vec::new();
            };
            match filter.condition.node {
                shoseki_insights::Node::Access { path, .. } => path,
                _ => Vec::new(),
            }
        };
        let json = r#"{"a":[1,{"b.c":"\u8a3c\n"},null,true],"0":"zero","a":2}"#;
        let part = |text: &str| part_text(json, &path(text));
        assert_eq!(part(".a[0]"), Some("1"));
        assert_eq!(part(".a.1.`b.c`").and_then(plain_text).as_deref(), Some("証\n"));
        assert_eq!(part(".a[1]").and_then(plain_text), None);
        assert_eq!(part(".a[1]").and_then(shown_text).as_deref(), Some(r#"{"b.c":"\u8a3c\n"}"#));
        assert_eq!(part(".`0`"), Some("\"zero\""));
        for none in [".a[2]", ".a[4]", ".b", ".a.b", "[0]", ".a[0].b"] {
            assert_eq!(part(none), None, "{none}");
        }
    }

    #[test]
    fn blanks_are_left_out_but_within_strings() {
        assert_eq!(compact("{ \"a b\" : [ 1 , \"x\\\" y\" ]\n}"), r#"{"a b":[1,"x\" y"]}"#);
        assert_eq!(elements("[1, [2], \"a\"]").unwrap().collect::<Vec<_>>(), ["1", "[2]", "\"a\""]);
        assert!(elements("{}").is_none());
    }
}
