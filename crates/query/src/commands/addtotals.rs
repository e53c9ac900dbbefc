//! `addtotals`: the sum of each row's numbers in a new column, and with `col=true` a last row with the sum of each column.
//! What is missing or no number is passed over; where there is nothing to add up, the sum is missing.
//!
//! The last row stands below all others; only a later `sort` moves it. Its other columns are missing. Sums of columns are
//! exact to the last digit, so that they do not depend on the order in which rows come.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, lit, when};
use shoseki_insights::Addtotals;

use crate::exact::ExactSum;
use crate::fold::{Fold, Part};
use crate::plan::{Named, Planned, Planner, balanced, named_column};
use crate::values::{Kind, Value, read_number, show_number};

pub(super) fn plan(planner: &mut Planner, command: &Addtotals) -> Planned<()> {
    let mut added: Vec<Named> = Vec::new();
    for field in &command.fields {
        added.push((field.name(), planner.field(field)?));
    }
    if command.fields.is_empty() {
        let may_add = |(name, value): &Named| {
            matches!(value.kind, Kind::Text | Kind::Number | Kind::Digits)
                && !name.starts_with('@')
                && *name != command.name.text
        };
        added = planner.shown_columns().into_iter().filter(may_add).collect();
    }
    if command.rows {
        let total = Value::number(sum_of_row(&added)?);
        let total = planner.compute(&[total])?.remove(0);
        planner.assign(&command.name.text, &total);
        added.push((command.name.text.clone(), total));
    }
    if command.columns && !added.is_empty() { sum_columns(planner, &added) } else { Ok(()) }
}

fn sum_of_row(added: &[Named]) -> Planned<Expr> {
    let numbers: Vec<Expr> = added.iter().map(|(_, value)| value.as_number()).collect();
    let is_any = numbers.iter().map(|number| number.clone().is_not_null()).collect();
    let or_0 = numbers.into_iter().map(|number| coalesce(vec![number, lit(0.0)])).collect();
    let (Some(is_any), Some(sum)) = (balanced(is_any, Expr::or), balanced(or_0, |a, b| a + b)) else {
        return Ok(lit(datafusion::scalar::ScalarValue::Float64(None)));
    };
    Ok(when(is_any, sum).end()?)
}

fn sum_columns(planner: &mut Planner, added: &[Named]) -> Planned<()> {
    let order = planner.order();
    // A number is one in its column too: what counts whole numbers gives sums of that kind.
    let whole = |(_, value): &Named| match value.kind {
        Kind::Number | Kind::Digits | Kind::Boolean => Value::number(value.as_number()),
        Kind::Time => Value::text(value.as_text()), // times have no sum
        _ => value.shown(),
    };
    let values: Vec<Value> = added.iter().map(whole).collect();
    let columns = planner.compute(&values)?;
    let mut names = Vec::with_capacity(columns.len());
    for ((name, _), column) in added.iter().zip(&columns) {
        planner.assign(name, column);
        names.extend(column.expr.try_as_col().map(|column| column.name.clone()));
    }
    let last = planner.fresh();
    planner.fold_rows(SumColumns { columns: names, last: last.clone() })?;
    let keys = std::iter::once(named_column(&last).sort(true, false)).chain(order).collect();
    planner.order_by(keys);
    Ok(())
}

/// Passes rows on, and adds one with the sums of some columns; a new column tells it from the others.
#[derive(Debug)]
struct SumColumns {
    columns: Vec<String>,
    last: String,
}

impl Fold for SumColumns {
    type Part = Sums;

    fn name(&self) -> String {
        format!("sums {} {}", self.last, self.columns.join(","))
    }

    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef> {
        let open = input.fields().iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true)));
        let last = Arc::new(Field::new(&self.last, DataType::Boolean, true));
        Ok(Arc::new(Schema::new(open.chain([last]).collect::<Vec<_>>())))
    }

    fn reads(&self) -> Option<Vec<String>> {
        Some(self.columns.clone())
    }

    fn begin(&self, input: &SchemaRef) -> Result<Sums> {
        let places = self.columns.iter().map(|name| input.index_of(name)).collect::<Result<Vec<_>, _>>()?;
        let sums = places.iter().map(|_| Sum::default()).collect();
        Ok(Sums { schema: self.schema(input)?, places, sums })
    }
}

struct Sums {
    schema: SchemaRef,
    places: Vec<usize>,
    sums: Vec<Sum>,
}

impl Sums {
    fn rows(&self, mut columns: Vec<ArrayRef>, count: usize, is_last: bool) -> Result<RecordBatch> {
        columns.push(Arc::new(BooleanArray::from(vec![is_last; count])));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Part for Sums {
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        for (place, sum) in self.places.iter().zip(&mut self.sums) {
            let column = batch.column(*place);
            if let Some(texts) = column.as_string_opt::<i32>() {
                texts.iter().flatten().filter_map(read_number).for_each(|number| sum.add(number));
                continue;
            }
            let numbers = cast(column, &DataType::Float64)?;
            let numbers = numbers.as_primitive_opt::<Float64Type>();
            let numbers = numbers.ok_or_else(|| DataFusionError::Internal("no number".to_owned()))?;
            numbers.iter().flatten().for_each(|number| sum.add(number));
        }
        self.rows(batch.columns().to_vec(), batch.num_rows(), false).map(Some)
    }

    fn size(&self) -> usize {
        self.sums.iter().map(|sum| sum.exact.size()).sum()
    }

    fn join(&mut self, other: Self) -> Result<()> {
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            sum.is_any |= more.is_any;
            sum.is_beyond |= more.is_beyond;
            sum.exact.merge(&more.exact);
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<RecordBatch>> {
        let own = self.schema.fields().len().saturating_sub(1);
        let fields = self.schema.fields().iter().take(own);
        let mut columns: Vec<ArrayRef> = fields.map(|field| new_null_array(field.data_type(), 1)).collect();
        for (place, sum) in self.places.iter().zip(&self.sums) {
            let total = sum.total();
            columns[*place] = match self.schema.field(*place).data_type() {
                DataType::Utf8 => Arc::new(StringArray::from(vec![total.map(show_number)])),
                _ => Arc::new(Float64Array::from(vec![total])),
            };
        }
        Ok(vec![self.rows(columns, 1, true)?])
    }
}

/// The sum of a column.
#[derive(Default)]
struct Sum {
    exact: ExactSum,
    is_any: bool,
    /// Whether a number was none, or beyond all doubles.
    is_beyond: bool,
}

impl Sum {
    fn add(&mut self, number: f64) {
        self.is_any = true;
        if number.is_finite() {
            self.exact.add(number);
        } else {
            self.is_beyond = true;
        }
    }

    /// `None` where nothing was added, or where the sum is too large.
    fn total(&self) -> Option<f64> {
        Some(self.exact.total()).filter(|total| self.is_any && !self.is_beyond && total.is_finite())
    }
}
