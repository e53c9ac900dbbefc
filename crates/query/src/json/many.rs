//! Several paths of each row's raw JSON in one pass over the outermost object, and the change of a plan that brings
//! fields which are read together into one such pass.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringBuilder, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::{AtPath, Watched, binary, text};
use crate::values::part;

/// The paths, as the fields `0`, `1`, … of a structure.
#[derive(Debug)]
struct AtPaths {
    paths: Vec<Watched>,
    /// The paths that begin with a key of the outermost object, by that key.
    by_key: HashMap<String, Vec<usize>>,
    name: String,
    signature: Signature,
}

impl PartialEq for AtPaths {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for AtPaths {}
impl Hash for AtPaths {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AtPaths {
    fn new(paths: Vec<Watched>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, watched) in paths.iter().enumerate() {
            if let Some(key) = watched.path.first_key() {
                by_key.entry(key.to_owned()).or_default().push(at);
            }
        }
        let names: Vec<String> = paths.iter().map(|watched| watched.path.to_string()).collect();
        let name = format!("json:[{}]", names.join(","));
        Self { paths, by_key, name, signature: Signature::any(1, Volatility::Immutable) }
    }

    fn fields(&self) -> Fields {
        (0..self.paths.len()).map(|at| Field::new(at.to_string(), DataType::Utf8, true)).collect()
    }

    /// Each value and whether the event has the field, be it `null`. The first of equal keys counts, as it does where a
    /// path is read alone.
    fn read(&self, json: &[u8], values: &mut [(bool, Option<String>)]) {
        values.fill((false, None));
        let mut left = self.by_key.len();
        let mut seen: Vec<&str> = Vec::with_capacity(left);
        for (key, value) in sonic_rs::to_object_iter(json).map_while(Result::ok) {
            let Some((key, paths)) = self.by_key.get_key_value(&*key) else { continue };
            if seen.contains(&key.as_str()) {
                continue;
            }
            seen.push(key);
            for at in paths {
                let found = self.paths[*at].path.below(&value);
                values[*at] = (found.is_some(), found.as_ref().and_then(text));
            }
            left -= 1;
            if left == 0 {
                break;
            }
        }
        for (watched, value) in self.paths.iter().zip(values) {
            if watched.path.first_key().is_none() {
                let found = watched.path.find(json);
                *value = (found.is_some(), found.as_ref().and_then(text));
            }
        }
    }
}

impl ScalarUDFImpl for AtPaths {
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
        let raw = binary(&args, 0)?;
        let mut texts: Vec<StringBuilder> = self.paths.iter().map(|_| StringBuilder::new()).collect();
        let mut watches: Vec<_> = self.paths.iter().map(|watched| watched.sightings.watch(raw.len())).collect();
        let mut values = vec![(false, None); self.paths.len()];
        for row in &raw {
            match row {
                Some(bytes) => self.read(bytes, &mut values),
                None => values.fill((false, None)),
            }
            for (((is_there, value), texts), watch) in values.iter().zip(&mut texts).zip(&mut watches) {
                watch.saw(*is_there, row.unwrap_or_default());
                texts.append_option(value.as_deref());
            }
        }
        let columns: Vec<ArrayRef> = texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef).collect();
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(self.fields(), columns, None)?)))
    }
}

/// The path that a call reads.
fn reading(expr: &Expr) -> Option<(&Watched, &Expr)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let at_path = call.func.inner().downcast_ref::<AtPath>()?;
    Some((&at_path.watched, call.args.first()?))
}

/// Brings paths that one node of a plan reads into one pass.
pub(crate) fn share(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up(share_node)?.data)
}

fn share_node(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    // A window's column is called after its expression: it stays as it is.
    let fits = matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::Aggregate(_));
    let mut paths: Vec<(Watched, Expr)> = Vec::new();
    for expr in node.expressions().iter().filter(|_| fits) {
        expr.apply(|inner| {
            if let Some((watched, raw)) = reading(inner)
                && paths.iter().all(|(known, _)| known.path != watched.path)
            {
                paths.push((watched.clone(), raw.clone()));
            }
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        })?;
    }
    let Some((_, raw)) = paths.first().filter(|_| paths.len() > 1).cloned() else { return Ok(Transformed::no(node)) };
    let many = ScalarUDF::from(AtPaths::new(paths.iter().map(|(watched, _)| watched.clone()).collect()));
    let many = many.call(vec![raw.clone()]);
    let names = NamePreserver::new(&node);
    let changed = node.map_expressions(|expr| {
        let name = names.save(&expr);
        let shared = expr.transform_up(|inner| {
            let place = reading(&inner)
                .filter(|(_, from)| **from == raw)
                .and_then(|(watched, _)| paths.iter().position(|(known, _)| known.path == watched.path));
            Ok(match place {
                Some(at) => Transformed::yes(part(many.clone(), at)),
                None => Transformed::no(inner),
            })
        })?;
        Ok(shared.update_data(|expr| name.restore(expr)))
    })?;
    changed.map_data(LogicalPlan::recompute_schema)
}

#[cfg(test)]
mod tests {
    use super::super::{Path, Sightings};
    use super::*;

    #[test]
    fn one_pass_reads_what_single_reads_read() {
        let paths = ["a.b", "a.c.1", "a", "d", "z.y", "0", "e.f.g", "d"];
        let watched = |path: &&str| Watched { path: Path::parse(path), sightings: Arc::new(Sightings::default()) };
        let many = AtPaths::new(paths.iter().map(watched).collect());
        for json in [
            r#"{"a":{"b":"x","c":[1,"two"]},"d":null,"e":{"f":"text"},"d":5}"#,
            r#"{"d":1,"d":2,"a":null,"z":{"y":{"\u0078":[]}}}"#,
            r#"["first"]"#,
            "no JSON",
            r#"{"a":1,"#,
            "",
        ] {
            let mut values = vec![(false, None); paths.len()];
            many.read(json.as_bytes(), &mut values);
            let values: Vec<_> = values.into_iter().map(|(_, value)| value).collect();
            let single: Vec<_> = paths.iter().map(|path| Path::parse(path).text_of(json.as_bytes())).collect();
            assert_eq!(values, single, "{json}");
        }
    }
}
