//! `histogram`: how many numbers lie in each of so many ranges of equal width, as a map.
//!
//! ```text
//! {"[0, 5)":3,"[5, 10]":1}
//! ```
//!
//! AWS gives a map too, and does not say what its keys are. Here each is a range: what it begins with belongs to it, what it
//! ends with only in the last one. Where all numbers are equal there is one range.

use std::sync::Arc;

use arrow::array::{AsArray, StringBuilder};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::expr_fn::array_agg;
use datafusion::logical_expr::{
    ColumnarValue, ExprFunctionExt, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use shoseki_insights::Node;
use shoseki_messages::msg;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::{Value, show_number};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "histogram",
    aliases: &[],
    title: "query-aggregate-histogram",
    example: ("histogram(n, 2)", "{\"[1, 5.5)\":2,\"[5.5, 10]\":1}"),
    least: 2,
    most: 2,
    build,
};

/// The most ranges.
const MOST: usize = 1_000;

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let ranges = match &call.arguments[1].node {
        Node::Number(text) => text.parse().ok().filter(|ranges| (1..=MOST).contains(ranges)),
        _ => None,
    };
    let Some(ranges) = ranges else {
        return Err(planner.note(call.arguments[1].span, msg!("query-ranges", most = MOST)));
    };
    let value = planner.expression(&call.arguments[0])?.as_number();
    let numbers = array_agg(value.clone()).filter(value.is_not_null()).build()?;
    let counting = Counting { ranges, signature: Signature::any(1, Volatility::Immutable) };
    Ok(Value::structure(ScalarUDF::from(counting).call(vec![numbers])))
}

/// Counts the numbers of a list by ranges.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Counting {
    ranges: usize,
    signature: Signature,
}

impl Counting {
    fn count(&self, numbers: &[f64]) -> Option<String> {
        let least = numbers.iter().copied().reduce(f64::min)?;
        let greatest = numbers.iter().copied().reduce(f64::max)?;
        let ranges = if least < greatest { self.ranges } else { 1 };
        // Halves, since the difference of two numbers may be none.
        let width = (greatest / 2.0 - least / 2.0) / ranges as f64 * 2.0;
        let mut counts = vec![0_u64; ranges];
        for number in numbers {
            let at = if width > 0.0 { ((number / 2.0 - least / 2.0) / width * 2.0) as usize } else { 0 };
            if let Some(count) = counts.get_mut(at.min(ranges - 1)) {
                *count += 1;
            }
        }
        let edge = |at: usize| if at == ranges { greatest } else { least + width * at as f64 };
        let member = |(at, count): (usize, &u64)| {
            let close = if at + 1 == ranges { ']' } else { ')' };
            format!("\"[{}, {}{close}\":{count}", shown(edge(at)), shown(edge(at + 1)))
        };
        let members: Vec<String> = counts.iter().enumerate().map(member).collect();
        Some(format!("{{{}}}", members.join(",")))
    }
}

/// An edge without what computing adds: 0.3, not 0.30000000000000004.
fn shown(edge: f64) -> String {
    show_number(format!("{edge:.13e}").parse().unwrap_or(edge))
}

impl ScalarUDFImpl for Counting {
    fn name(&self) -> &str {
        "histogram"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let no_list = || DataFusionError::Internal("no list of numbers".to_owned());
        let lists = args.args.first().ok_or_else(no_list)?.to_array(args.number_rows)?;
        let lists = lists.as_list_opt::<i32>().ok_or_else(no_list)?;
        let mut maps = StringBuilder::new();
        for list in lists.iter() {
            let map = match list {
                Some(list) => {
                    let numbers = list.as_primitive_opt::<Float64Type>().ok_or_else(no_list)?;
                    let finite: Vec<f64> = numbers.iter().flatten().filter(|number| number.is_finite()).collect();
                    self.count(&finite)
                }
                None => None,
            };
            maps.append_option(map);
        }
        Ok(ColumnarValue::Array(Arc::new(maps.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_equal_and_hold_every_number() {
        let count = |ranges, numbers: &[f64]| {
            Counting { ranges, signature: Signature::any(1, Volatility::Immutable) }.count(numbers)
        };
        assert_eq!(count(2, &[0.0, 4.9, 5.0, 10.0]).as_deref(), Some(r#"{"[0, 5)":2,"[5, 10]":2}"#));
        let thirds = r#"{"[-0.1, 0.1)":1,"[0.1, 0.3)":0,"[0.3, 0.5]":1}"#;
        assert_eq!(count(3, &[-0.1, 0.5]).as_deref(), Some(thirds));
        assert_eq!(count(5, &[7.0, 7.0]).as_deref(), Some(r#"{"[7, 7]":2}"#));
        assert_eq!(count(5, &[]), None);
        assert!(count(2, &[f64::MIN, f64::MAX]).is_some());
    }
}
