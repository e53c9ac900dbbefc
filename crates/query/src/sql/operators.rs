//! `value -> 'key'` and `value ->> 'key'`: a member of JSON, or with a number an element, as JSON or as text.
//!
//! A key is a key, whatever letters it has: `annotations ->> 'authorization.k8s.io/decision'`. `json(raw, 'a.b.0')` is
//! shorter for long ways.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::sqlparser::ast::BinaryOperator;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::SessionContext;
use sonic_rs::{JsonValueTrait, LazyValue};

use crate::json::binary;

/// Makes the operators known.
pub(super) fn register(context: &mut SessionContext) -> Result<()> {
    context.register_expr_planner(Arc::new(Operators))
}

#[derive(Debug)]
struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, _schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let as_text = match expr.op {
            BinaryOperator::Arrow => false,
            BinaryOperator::LongArrow => true,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let function = ScalarUDF::from(Member { as_text, signature: Signature::any(2, Volatility::Immutable) });
        Ok(PlannerResult::Planned(function.call(vec![expr.left, expr.right])))
    }
}

/// A member of an object, or an element of a list.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Member {
    as_text: bool,
    signature: Signature,
}

impl ScalarUDFImpl for Member {
    fn name(&self) -> &str {
        if self.as_text { "->>" } else { "->" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let json = binary(&args, 0)?;
        let keys = args.args.get(1).ok_or_else(|| DataFusionError::Internal("no key".to_owned()))?;
        let are_places = keys.data_type().is_integer();
        let keys = arrow::compute::cast(&keys.to_array(args.number_rows)?, &DataType::Utf8)?;
        let keys: &StringArray = keys.as_string();
        let mut texts = StringBuilder::new();
        for row in 0..json.len() {
            if json.is_null(row) || keys.is_null(row) {
                texts.append_null();
                continue;
            }
            let found = member(json.value(row), keys.value(row), are_places);
            texts.append_option(found.and_then(|value| self.shown(&value)));
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

impl Member {
    fn shown(&self, value: &LazyValue<'_>) -> Option<String> {
        match value.as_str() {
            _ if value.is_null() => None,
            Some(text) if self.as_text => Some(text.to_owned()),
            _ => Some(value.as_raw_str().to_owned()),
        }
    }
}

/// As paths of the language do, a number is a place in a list, and of equal keys the first counts.
fn member<'j>(json: &'j [u8], key: &str, is_place: bool) -> Option<LazyValue<'j>> {
    if is_place {
        let place: usize = key.parse().ok()?;
        return sonic_rs::to_array_iter(json).map_while(std::result::Result::ok).nth(place);
    }
    let members = sonic_rs::to_object_iter(json).map_while(std::result::Result::ok);
    members.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str, key: &str, is_place: bool, as_text: bool) -> Option<String> {
        let function = Member { as_text, signature: Signature::any(2, Volatility::Immutable) };
        member(json.as_bytes(), key, is_place).and_then(|value| function.shown(&value))
    }

    #[test]
    fn members_and_elements_are_json_or_text() {
        let json = r#"{"a.b/c":"証跡","n":2.50,"o":{"x": [1, "二"]},"z":null,"n":3}"#;
        assert_eq!(at(json, "a.b/c", false, true).as_deref(), Some("証跡"));
        assert_eq!(at(json, "a.b/c", false, false).as_deref(), Some("\"証跡\""));
        assert_eq!(at(json, "n", false, true).as_deref(), Some("2.50"));
        assert_eq!(at(json, "o", false, false).as_deref(), Some(r#"{"x": [1, "二"]}"#));
        assert_eq!(at(r#"[1, "二"]"#, "1", true, true).as_deref(), Some("二"));
        for missing in [at(json, "z", false, true), at(json, "y", false, true), at(json, "0", true, true)] {
            assert_eq!(missing, None);
        }
        assert_eq!((at("[1]", "-1", true, true), at("no JSON", "a", false, true)), (None, None));
    }
}
