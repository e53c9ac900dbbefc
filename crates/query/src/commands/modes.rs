//! The modes of `parse` that know a form: `logfmt`, `csv`, `json`.

use std::sync::Arc;

use datafusion::logical_expr::Expr;
use shoseki_insights::{Name, Part, Segment};

use crate::plan::{Planned, Planner};
use crate::values::{Value, part, parts};

/// `logfmt`: the pairs as a map, `m.level`.
pub(super) fn logfmt(planner: &mut Planner, text: Expr, name: &str) -> Planned<()> {
    let compute = |row: &[Option<&[u8]>], found: &mut [Option<String>]| {
        let pairs = row.first().copied().flatten().and_then(|text| pairs(&String::from_utf8_lossy(text)));
        if let (Some(found), Some(pairs)) = (found.first_mut(), pairs) {
            *found = Some(serde_json::Value::Object(pairs).to_string());
        }
    };
    let map = part(parts("logfmt".to_owned(), 1, Arc::new(compute), vec![text]), 0);
    let value = planner.define(name, Value::structure(map))?;
    planner.show(name, value, false);
    Ok(())
}

/// `csv`: the values of the first line. What there are no names for is left out.
pub(super) fn csv(planner: &mut Planner, text: Expr, names: &[Name]) -> Planned<()> {
    let compute = |row: &[Option<&[u8]>], found: &mut [Option<String>]| {
        let Some(text) = row.first().copied().flatten() else { return };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let mut record = csv::ByteRecord::new();
        if reader.read_byte_record(&mut record).unwrap_or(false) {
            for (found, value) in found.iter_mut().zip(&record) {
                *found = Some(String::from_utf8_lossy(value).into_owned());
            }
        }
    };
    let values = parts(format!("csv:{}", names.len()), names.len(), Arc::new(compute), vec![text]);
    for (at, name) in names.iter().enumerate() {
        let value = planner.define(&name.text, Value::text(part(values.clone(), at)))?;
        planner.show(&name.text, value, false);
    }
    Ok(())
}

/// `json`: what stands at paths such as `a.b.0`, `a[0].b` or `$.a`.
pub(super) fn json(planner: &mut Planner, value: &Value, paths: &[String], names: &[Name]) -> Planned<()> {
    for (path, name) in paths.iter().zip(names) {
        let value = planner.define(&name.text, value.part(keys(path)))?;
        planner.show(&name.text, value, false);
    }
    Ok(())
}

fn keys(path: &str) -> Vec<Part> {
    let path = path.strip_prefix("$.").unwrap_or(path).replace('[', ".").replace(']', "");
    path.split('.').map(|name| Part::Key(Segment { name: name.to_owned(), quoted: true })).collect()
}

/// The pairs of `level=info msg="a \"b\"" retry`: a word without a value is true, and of equal keys the last counts.
/// `None` where there is no pair, such as in plain prose.
fn pairs(text: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let mut pairs = serde_json::Map::new();
    let mut has_pair = false;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            pairs.insert(key.to_owned(), "true".into());
            rest = after.trim_start();
            continue;
        };
        let (value, after) = value(after);
        if !key.is_empty() {
            has_pair = true;
            pairs.insert(key.to_owned(), value.into());
        }
        rest = after.trim_start();
    }
    has_pair.then_some(pairs)
}

/// A value and what is behind it: bare up to a blank, or in quotes with `\"`, `\\`, `\n` and `\t` in them.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other)) => value.push(other),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        pairs(text).map(|pairs| serde_json::Value::Object(pairs).to_string())
    }

    #[test]
    fn pairs_are_read() {
        let text = r#" at=info method=GET msg="a \"b\" 証跡" retry empty= n=1 n=2 "#;
        let expected = r#"{"at":"info","empty":"","method":"GET","msg":"a \"b\" 証跡","n":"2","retry":"true"}"#;
        assert_eq!(shown(text).as_deref(), Some(expected));
        assert_eq!(shown(r#"a="open \"#).as_deref(), Some(r#"{"a":"open \\"}"#), "it is not closed");
        assert_eq!((shown("plain prose"), shown(""), shown("= ="), shown("  ")), (None, None, None, None));
        assert_eq!(shown(r#"a="x"b=1"#).as_deref(), Some(r#"{"a":"x","b":"1"}"#));
    }

    #[test]
    fn paths_are_read() {
        let names = |path| {
            let name = |part| match part {
                Part::Key(key) => key.name,
                Part::Place(place) => format!("[{place}]"),
            };
            keys(path).into_iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names("a.b.0"), ["a", "b", "0"]);
        assert_eq!(names("$.a[0].b"), ["a", "0", "b"]);
    }
}
