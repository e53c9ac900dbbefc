//! `outlier`: numbers that lie more than `param` interquartile ranges above the third quartile, or with `uselower` below
//! the first. The quartiles are exact, over all rows at this point, and between two numbers by their distance, as in `pct`.
//!
//! With `transform` the number becomes the boundary, and what is no number becomes missing; with `remove` the row is left
//! out. `mark` adds a column `<field>_outlier` for each field: AWS does not say what its column is called.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, lit, when};
use shoseki_insights::Outlier;
use shoseki_messages::msg;

use crate::fold::{Fold, Part};
use crate::plan::{Condition, Planned, Planner, named_column};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Outlier) -> Planned<()> {
    let factor: f64 = match command.factor.parse() {
        Ok(factor) if f64::is_finite(factor) => factor,
        _ => return Err(planner.note(planner.span(), msg!("query-number-too-large", text = command.factor.as_str()))),
    };
    let mut names: Vec<String> = Vec::with_capacity(command.fields.len());
    let mut numbers = Vec::with_capacity(command.fields.len());
    for field in &command.fields {
        if !names.contains(&field.name()) {
            numbers.push(Value::number(planner.field(field)?.as_number()));
            names.push(field.name());
        }
    }
    let columns: Vec<Expr> = planner.compute(&numbers)?.into_iter().map(|value| value.expr).collect();
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns.iter().filter_map(Expr::try_as_col) {
        fields.push(Bounded { column: column.name.clone(), lower: planner.fresh(), upper: planner.fresh() });
    }
    planner.fold_rows(Bounds { factor, fields: fields.clone() })?;
    let mut removed: Vec<Expr> = Vec::new();
    for ((name, number), field) in names.iter().zip(columns).zip(fields) {
        let (lower, upper) = (named_column(&field.lower), named_column(&field.upper));
        let is_above = number.clone().gt(upper.clone());
        let is_below = if command.lower { number.clone().lt(lower.clone()) } else { lit(false) };
        let is_outlier = is_above.clone().or(is_below.clone());
        if command.remove {
            removed.push(is_outlier.clone());
        } else {
            let moved = when(is_above, upper).when(is_below, lower).otherwise(number)?;
            planner.assign(name, &Value::number(moved));
        }
        if command.mark {
            planner.assign(&format!("{name}_outlier"), &Value::boolean(is_outlier.is_true()));
        }
    }
    for is_outlier in removed {
        planner.require(Condition::Plain(is_outlier.is_not_true()));
    }
    if command.remove {
        planner.cut();
    }
    Ok(())
}

/// A field and the columns that its boundaries become.
#[derive(Clone, Debug)]
struct Bounded {
    column: String,
    lower: String,
    upper: String,
}

/// The boundaries of fields, beside each row. It holds all rows, of the columns that are asked for.
#[derive(Debug)]
struct Bounds {
    factor: f64,
    fields: Vec<Bounded>,
}

impl Fold for Bounds {
    type Part = Held;

    fn name(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(|field| format!("{}:{}", field.column, field.upper)).collect();
        format!("outlier {} {}", self.factor, fields.join(","))
    }

    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef> {
        let new = self.fields.iter().flat_map(|field| [&field.lower, &field.upper]);
        let new = new.map(|name| Arc::new(Field::new(name, DataType::Float64, true)));
        Ok(Arc::new(Schema::new(input.fields().iter().cloned().chain(new).collect::<Vec<_>>())))
    }

    fn reads(&self) -> Option<Vec<String>> {
        Some(self.fields.iter().map(|field| field.column.clone()).collect())
    }

    fn begin(&self, input: &SchemaRef) -> Result<Held> {
        let places = self.fields.iter().map(|field| input.index_of(&field.column)).collect::<Result<Vec<_>, _>>()?;
        let numbers = vec![Vec::new(); places.len()];
        Ok(Held { schema: self.schema(input)?, factor: self.factor, places, numbers, rows: Vec::new(), bytes: 0 })
    }
}

/// The rows, and the numbers among them.
struct Held {
    schema: SchemaRef,
    factor: f64,
    places: Vec<usize>,
    numbers: Vec<Vec<f64>>,
    rows: Vec<RecordBatch>,
    bytes: usize,
}

impl Part for Held {
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        for (place, numbers) in self.places.iter().zip(&mut self.numbers) {
            let column = batch.column(*place).as_primitive_opt::<Float64Type>();
            let column = column.ok_or_else(|| DataFusionError::Internal("no number".to_owned()))?;
            numbers.extend(column.iter().flatten());
        }
        self.bytes += batch.get_array_memory_size();
        self.rows.push(batch);
        Ok(None)
    }

    fn size(&self) -> usize {
        self.bytes + self.numbers.iter().map(|numbers| numbers.capacity() * size_of::<f64>()).sum::<usize>()
    }

    fn join(&mut self, other: Self) -> Result<()> {
        self.rows.extend(other.rows);
        self.bytes += other.bytes;
        for (numbers, more) in self.numbers.iter_mut().zip(other.numbers) {
            numbers.extend(more);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<RecordBatch>> {
        let bounds: Vec<Option<f64>> =
            self.numbers.iter_mut().flat_map(|numbers| bounds(numbers, self.factor)).collect();
        let with_bounds = |batch: RecordBatch| {
            let rows = batch.num_rows();
            let new = bounds.iter().map(|bound| Arc::new(Float64Array::from(vec![*bound; rows])) as ArrayRef);
            let columns = batch.columns().iter().cloned().chain(new).collect();
            Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
        };
        self.rows.into_iter().map(with_bounds).collect()
    }
}

/// Where outliers begin, below and above; nothing where there are no numbers.
fn bounds(numbers: &mut [f64], factor: f64) -> [Option<f64>; 2] {
    numbers.sort_unstable_by(f64::total_cmp);
    let quartile = |share: f64| {
        let place = share * numbers.len().checked_sub(1)? as f64;
        let (low, high) = (numbers.get(place.floor() as usize)?, numbers.get(place.ceil() as usize)?);
        Some(low + (high - low) * place.fract())
    };
    let (Some(first), Some(third)) = (quartile(0.25), quartile(0.75)) else { return [None, None] };
    let range = (third - first) * factor;
    [Some(first - range), Some(third + range)]
}
