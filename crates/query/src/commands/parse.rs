//! `parse`: new fields out of a text. An event that does not match stays, its new fields null.
//!
//! A glob is a regular expression: `*` is as little as possible, the last one at the end of the glob all the rest.
//! Without `fields`, the new fields are shown beside `@timestamp` and `@message`.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringBuilder, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use regex::bytes::Regex;
use shoseki_insights::{Parse, Pattern};
use shoseki_messages::msg;

use super::modes;
use crate::pattern::compile;
use crate::plan::{Planned, Planner, system};
use crate::values::{Elements, Kind, Value, lists, part};

pub(super) fn plan(planner: &mut Planner, command: &Parse) -> Planned<()> {
    let value = match &command.field {
        Some(field) => planner.field(field)?,
        None => system("@message"),
    };
    let whole = if matches!(value.kind, Kind::Bytes | Kind::Text) { value.expr.clone() } else { value.as_text() };
    match &command.pattern {
        Pattern::Glob { glob, names } => {
            let regex = compiled(planner, command, &glob_regex(glob))?;
            let names: Vec<String> = names.iter().map(|name| name.text.clone()).collect();
            let groups = (1..=names.len()).collect();
            define(planner, &names, &captures(whole, regex, groups))
        }
        Pattern::Regex(pattern) => {
            let regex = compiled(planner, command, pattern)?;
            let (names, groups) = named_groups(planner, command, &regex)?;
            define(planner, &names, &captures(whole, regex, groups))
        }
        Pattern::Multi(pattern) => {
            let regex = compiled(planner, command, pattern)?;
            let (names, groups) = named_groups(planner, command, &regex)?;
            let element = planner.multiply(matches(whole, regex, groups), names.len())?;
            define(planner, &names, &element)
        }
        Pattern::Logfmt(name) => modes::logfmt(planner, whole, &name.text),
        Pattern::Csv(names) => modes::csv(planner, whole, names),
        Pattern::Json { paths, names } => modes::json(planner, &value, paths, names),
    }
}

fn compiled(planner: &mut Planner, command: &Parse, pattern: &str) -> Planned<Regex> {
    compile(pattern).map_err(|error| planner.bad_regex(command.pattern_span, &error))
}

/// The names of a regular expression's groups and their numbers.
fn named_groups(planner: &mut Planner, command: &Parse, regex: &Regex) -> Planned<(Vec<String>, Vec<usize>)> {
    let named = regex.capture_names().enumerate().filter_map(|(at, name)| Some((name?.to_owned(), at)));
    let (names, groups): (Vec<String>, Vec<usize>) = named.unzip();
    if names.is_empty() {
        return Err(planner.note(command.pattern_span, msg!("query-parse-no-names")));
    }
    Ok((names, groups))
}

/// Makes fields of the parts of a structure.
fn define(planner: &mut Planner, names: &[String], parsed: &Expr) -> Planned<()> {
    for (at, name) in names.iter().enumerate() {
        let value = planner.define(name, Value::text(part(parsed.clone(), at)))?;
        planner.show(name, value, false);
    }
    Ok(())
}

/// The groups of each place where a regular expression is found; an event in which it is not stays, as one row.
fn matches(value: Expr, regex: Regex, groups: Vec<usize>) -> Expr {
    let name = format!("multi:{}", regex.as_str());
    let width = groups.len();
    let compute = move |text: Option<&[u8]>, elements: &mut Elements| {
        let mut is_found = false;
        for captures in text.into_iter().flat_map(|text| regex.captures_iter(text)) {
            is_found = true;
            let parts = groups.iter().map(|group| captures.get(*group));
            let parts: Vec<_> = parts.map(|part| part.map(|part| String::from_utf8_lossy(part.as_bytes()))).collect();
            elements.push(&parts.iter().map(Option::as_deref).collect::<Vec<_>>());
            if elements.is_full() {
                break;
            }
        }
        if !is_found {
            elements.push(&[]);
        }
    };
    lists(name, width, Arc::new(compute), value)
}

fn glob_regex(glob: &str) -> String {
    let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
    let mut text = String::from("(?s)");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            let is_open = at + 1 == parts.len() && part.is_empty();
            text.push_str(if is_open { "(.*)" } else { "(.*?)" });
        }
        text.push_str(part);
    }
    text
}

/// A regular expression's groups, as the fields `0`, `1`, … of a structure.
#[derive(Debug)]
struct Captures {
    regex: Regex,
    groups: Vec<usize>,
    name: String,
    signature: Signature,
}

fn captures(value: Expr, regex: Regex, groups: Vec<usize>) -> Expr {
    let name = format!("parse:{}", regex.as_str());
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::from(Captures { regex, groups, name, signature }).call(vec![value])
}

impl PartialEq for Captures {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.groups) == (&other.name, &other.groups)
    }
}
impl Eq for Captures {}
impl Hash for Captures {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Captures {
    fn fields(&self) -> Fields {
        (0..self.groups.len()).map(|at| Field::new(at.to_string(), DataType::Utf8, true)).collect()
    }
}

impl ScalarUDFImpl for Captures {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let value = args.args.first().ok_or_else(|| DataFusionError::Internal("no text".to_owned()))?;
        let bytes = arrow::compute::cast(&value.to_array(args.number_rows)?, &DataType::Binary)?;
        let mut texts: Vec<StringBuilder> = self.groups.iter().map(|_| StringBuilder::new()).collect();
        let mut places = self.regex.capture_locations();
        for row in bytes.as_binary::<i32>() {
            let found = row.and_then(|row| self.regex.captures_read(&mut places, row)).is_some();
            for (group, texts) in self.groups.iter().zip(&mut texts) {
                let part = if found { places.get(*group) } else { None };
                let part = part.and_then(|(start, end)| row?.get(start..end));
                texts.append_option(part.map(String::from_utf8_lossy));
            }
        }
        let columns: Vec<ArrayRef> = texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef).collect();
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(self.fields(), columns, None)?)))
    }
}
