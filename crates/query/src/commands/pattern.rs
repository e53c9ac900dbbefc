//! `pattern`: texts by their shape, the most frequent first. How shapes are told apart stands in `shapes`.
//!
//! Where the query compares two time ranges, each shape is counted in both, and `diff` or `logcompare` shows them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use shoseki_insights::Patterns;

use crate::earlier::within;
use crate::fold::{Fold, Part};
use crate::plan::{Planned, Planner, Rows, named_column};
use crate::shapes::{Shapes, severity};
use crate::values::Value;

/// Columns of a `pattern` that stands before.
#[derive(Clone)]
pub(crate) struct PatternColumns {
    pub(super) count: Value,
    pub(super) earlier: Option<Value>,
    /// How many events all patterns have, in the own range and in the earlier one.
    pub(super) totals: [Value; 2],
    /// Whether a `diff` or a `logcompare` has shown both counts.
    pub(super) is_compared: bool,
    /// Whether events were left out before, so that two time ranges cannot be compared.
    pub(super) is_cut: bool,
}

pub(super) fn plan(planner: &mut Planner, command: &Patterns) -> Planned<()> {
    let value = planner.expression(&command.value)?;
    let value = planner.plain(value, command.value.span, "pattern")?;
    of_value(planner, &value)
}

/// The patterns of a value.
pub(super) fn of_value(planner: &mut Planner, value: &Value) -> Planned<()> {
    let is_cut = planner.was_cut() || planner.rows == Rows::Groups;
    let mut inputs = vec![value.as_text()];
    // Rows of `stats` have no time.
    let compared = planner.reach.compared.filter(|_| planner.rows == Rows::Events);
    inputs.extend(compared.into_iter().flat_map(|(own, earlier)| [within(own), within(earlier)]));
    let columns = [(); 7].map(|()| planner.fresh());
    planner.fold_values(inputs, ByShape { columns: columns.clone(), compares: compared.is_some() })?;
    let [pattern, ratio, count, severity, earlier, total, earlier_total] = columns.map(|name| named_column(&name));
    let shown = [
        ("@pattern", Value::text(pattern.clone())),
        ("@ratio", Value::number(ratio)),
        ("@sampleCount", Value::number(count.clone())),
        ("@severityLabel", Value::text(severity)),
    ];
    planner.become_groups(shown.map(|(name, value)| (name.to_owned(), value)).to_vec());
    planner.order_by(vec![count.clone().sort(false, false), pattern.sort(true, false)]);
    let earlier = compared.map(|_| Value::number(earlier));
    let totals = [total, earlier_total].map(Value::number);
    planner.patterns =
        Some(PatternColumns { count: Value::number(count), earlier, totals, is_compared: false, is_cut });
    Ok(())
}

/// Counts shapes.
#[derive(Debug)]
struct ByShape {
    columns: [String; 7],
    compares: bool,
}

impl ByShape {
    fn out(&self) -> SchemaRef {
        let kinds = [DataType::Utf8, DataType::Float64, DataType::Int64, DataType::Utf8];
        let kinds = kinds.into_iter().chain([DataType::Int64, DataType::Int64, DataType::Int64]);
        let fields = self.columns.iter().zip(kinds).map(|(name, kind)| Field::new(name, kind, true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl Fold for ByShape {
    type Part = Counting;

    fn name(&self) -> String {
        format!("pattern {} {}", self.columns.join(","), self.compares)
    }

    fn schema(&self, _input: &SchemaRef) -> Result<SchemaRef> {
        Ok(self.out())
    }

    fn reads(&self) -> Option<Vec<String>> {
        None
    }

    fn begin(&self, _input: &SchemaRef) -> Result<Counting> {
        Ok(Counting { schema: self.out(), shapes: Shapes::default() })
    }
}

struct Counting {
    schema: SchemaRef,
    shapes: Shapes,
}

impl Part for Counting {
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let broken = || DataFusionError::Internal("no text".to_owned());
        let texts = batch.columns().first().and_then(|texts| texts.as_string_opt::<i32>()).ok_or_else(broken)?;
        let flag = |at: usize| batch.columns().get(at).and_then(|flags| flags.as_boolean_opt());
        let (own, earlier) = (flag(1), flag(2));
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text else { continue };
            let is_own = own.is_none_or(|flags| flags.value(row));
            let is_earlier = earlier.is_some_and(|flags| flags.value(row));
            self.shapes.add(text, [u64::from(is_own), u64::from(is_earlier)]);
        }
        Ok(None)
    }

    fn size(&self) -> usize {
        self.shapes.size()
    }

    fn join(&mut self, other: Self) -> Result<()> {
        self.shapes.join(other.shapes);
        Ok(())
    }

    fn finish(self) -> Result<Vec<RecordBatch>> {
        let patterns = self.shapes.patterns();
        let totals = [0, 1].map(|of| patterns.iter().map(|pattern| pattern.counts[of]).sum::<u64>());
        let total = totals[0];
        let all = |of: usize| patterns.iter().map(move |_| i64::try_from(totals[of]).unwrap_or(i64::MAX));
        let ratio = |count: u64| if total == 0 { 0.0 } else { count as f64 / total as f64 };
        let count =
            |of: usize| patterns.iter().map(move |pattern| i64::try_from(pattern.counts[of]).unwrap_or(i64::MAX));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(patterns.iter().map(|pattern| pattern.text.as_str()))),
            Arc::new(Float64Array::from_iter_values(patterns.iter().map(|pattern| ratio(pattern.counts[0])))),
            Arc::new(Int64Array::from_iter_values(count(0))),
            Arc::new(patterns.iter().map(|pattern| severity(&pattern.words)).collect::<StringArray>()),
            Arc::new(Int64Array::from_iter_values(count(1))),
            Arc::new(Int64Array::from_iter_values(all(0))),
            Arc::new(Int64Array::from_iter_values(all(1))),
        ];
        Ok(vec![RecordBatch::try_new(self.schema, columns)?])
    }
}
