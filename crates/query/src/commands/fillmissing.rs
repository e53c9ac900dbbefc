//! `fillmissing`: behind a `stats … by bin()`, a row for each period in which there was nothing; with other groups, for
//! each of their combinations. AWS does not say where the periods begin and end: here with the time range of the query,
//! and not behind now; where it is open, with the first and the last period of the rows. A stream that fell silent is seen.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{Schema, SchemaRef, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};
use chrono_tz::Tz;
use datafusion::error::{DataFusionError, Result};
use shoseki_insights::{Duration, Expression, Filling, Fillmissing, Item, Node};
use shoseki_messages::{Fault, msg};

use crate::fold::{Fold, Part};
use crate::plan::{Named, Planned, Planner};
use crate::values::{Kind, Value, bin, ceiling, show_number};

/// The most rows that are added.
const MOST: usize = 1_000_000;
/// The rows of a batch.
const BATCH_ROWS: usize = 8_192;

/// The groups of a `stats`: columns of the plan.
pub(crate) struct Groups {
    periods: Vec<(String, Duration)>,
    others: Vec<String>,
}

impl Groups {
    /// Of the groups as they were written, and their columns in the same order.
    pub(super) fn of(items: &[Item], columns: &[Named]) -> Option<Self> {
        let mut groups = Self { periods: Vec::new(), others: Vec::new() };
        for (item, (_, value)) in items.iter().zip(columns) {
            let column = value.expr.try_as_col()?.name.clone();
            match period(&item.expression) {
                Some(period) => groups.periods.push((column, period)),
                None => groups.others.push(column),
            }
        }
        Some(groups)
    }
}

/// The period of a `bin(…)`.
fn period(expression: &Expression) -> Option<Duration> {
    match &expression.node {
        Node::Call { name, arguments } if name.text.eq_ignore_ascii_case("bin") => match arguments.first()?.node {
            Node::Duration(period) => Some(period),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn plan(planner: &mut Planner, command: &Fillmissing) -> Planned<()> {
    let groups = planner.groups.as_ref().filter(|groups| groups.periods.len() == 1);
    let found = groups.map(|groups| (groups.periods.first().cloned(), groups.others.clone()));
    let Some((Some((column, period)), others)) = found else {
        return Err(planner.note(planner.span(), msg!("query-fillmissing-bin")));
    };
    let mut constants = Vec::with_capacity(command.values.len());
    for filling in &command.values {
        constants.push(constant(planner, filling)?);
    }
    let zone = planner.zone;
    let asked = &planner.reach.about;
    let first = asked.from.and_then(|from| bin(from.0, period, zone));
    let end = asked.to.or(asked.from.map(|_| planner.now)).map(|to| to.min(planner.now));
    let last = end.and_then(|end| bin(end.0.checked_sub(1)?, period, zone));
    planner.fold_rows(Missing { column, others, constants, period, zone, first, last })
}

/// What new rows have in a column.
#[derive(Clone, Debug)]
enum Constant {
    Number(f64),
    Text(String),
}

/// A value that is filled in, and the column of the plan that gets it.
fn constant(planner: &mut Planner, filling: &Filling) -> Planned<(String, Constant)> {
    let number = |text: &str| text.parse().ok().filter(|number| f64::is_finite(*number));
    let given = match &filling.value.node {
        Node::Text(text) => Some(Constant::Text(text.clone())),
        Node::Number(text) => number(text).map(Constant::Number),
        Node::Negate(inner) => match &inner.node {
            Node::Number(text) => number(text).map(|number| Constant::Number(-number)),
            _ => None,
        },
        _ => None,
    };
    let Some(given) = given else {
        return Err(planner.note(filling.value.span, msg!("query-fillmissing-value")));
    };
    let name = match &filling.column.node {
        Node::Field(field) => field.name(),
        _ => filling.column.to_string(),
    };
    let Some(value) = planner.named(&name) else {
        return Err(planner.note(filling.column.span, msg!("query-fillmissing-column", name = name.as_str())));
    };
    let (value, given) = match (value.kind, given) {
        (Kind::Number | Kind::Digits, given @ Constant::Number(_)) => (Value::number(value.as_number()), given),
        (Kind::Text, Constant::Number(number)) => (value, Constant::Text(show_number(number))),
        (Kind::Text, given) => (value, given),
        _ => return Err(planner.note(filling.value.span, msg!("query-fillmissing-kind", name = name.as_str()))),
    };
    let column = planner.compute(&[value])?.remove(0);
    planner.assign(&name, &column);
    let column = column.expr.try_as_col().map(|column| column.name.clone()).unwrap_or_default();
    Ok((column, given))
}

/// Passes rows on and adds those of missing periods.
#[derive(Debug)]
struct Missing {
    column: String,
    others: Vec<String>,
    constants: Vec<(String, Constant)>,
    period: Duration,
    zone: Tz,
    first: Option<i64>,
    last: Option<i64>,
}

impl Fold for Missing {
    type Part = Series;

    fn name(&self) -> String {
        format!("{self:?}")
    }

    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef> {
        let open = input.fields().iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true)));
        Ok(Arc::new(Schema::new(open.collect::<Vec<_>>())))
    }

    fn reads(&self) -> Option<Vec<String>> {
        Some(self.others.iter().chain([&self.column]).cloned().collect())
    }

    fn begin(&self, input: &SchemaRef) -> Result<Series> {
        let others = self.others.iter().map(|name| input.index_of(name)).collect::<Result<Vec<_>, _>>()?;
        let keys = others.iter().map(|at| SortField::new(input.field(*at).data_type().clone())).collect();
        let constants =
            self.constants.iter().filter_map(|(name, value)| Some((input.index_of(name).ok()?, value.clone())));
        Ok(Series {
            schema: self.schema(input)?,
            column: input.index_of(&self.column)?,
            constants: constants.collect(),
            converter: RowConverter::new(keys)?,
            others,
            periods: BTreeMap::new(),
            bytes: 0,
            of: (self.period, self.zone, self.first, self.last),
        })
    }
}

/// The periods that there are, of each combination of the other groups.
struct Series {
    schema: SchemaRef,
    column: usize,
    others: Vec<usize>,
    constants: Vec<(usize, Constant)>,
    converter: RowConverter,
    periods: BTreeMap<Vec<u8>, HashSet<i64>>,
    bytes: usize,
    of: (Duration, Tz, Option<i64>, Option<i64>),
}

impl Part for Series {
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let keys = self.keys(&batch)?;
        let times = batch.column(self.column).as_primitive_opt::<TimestampMicrosecondType>();
        let times = times.ok_or_else(|| DataFusionError::Internal("no period".to_owned()))?;
        for (key, time) in keys.into_iter().zip(times) {
            let Some(time) = time else { continue };
            self.bytes += if self.periods.contains_key(&key) { 0 } else { key.len() + size_of::<Vec<u8>>() };
            self.bytes += if self.periods.entry(key).or_default().insert(time) { 2 * size_of::<i64>() } else { 0 };
        }
        let columns = batch.columns().to_vec();
        Ok(Some(RecordBatch::try_new(Arc::clone(&self.schema), columns)?))
    }

    fn size(&self) -> usize {
        self.bytes
    }

    fn join(&mut self, other: Self) -> Result<()> {
        for (key, times) in other.periods {
            self.periods.entry(key).or_default().extend(times);
        }
        self.bytes += other.bytes;
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<RecordBatch>> {
        if self.others.is_empty() {
            self.periods.entry(Vec::new()).or_default();
        }
        let (period, zone, first, last) = self.of;
        let all = || self.periods.values().flatten();
        let (Some(first), Some(last)) = (first.or_else(|| all().min().copied()), last.or_else(|| all().max().copied()))
        else {
            return Ok(Vec::new());
        };
        let mut added: Vec<(&[u8], i64)> = Vec::new();
        for (key, known) in &self.periods {
            let mut at = Some(first).filter(|at| *at <= last);
            while let Some(time) = at {
                if !known.contains(&time) {
                    added.push((key, time));
                }
                if added.len() > MOST {
                    return Err(too_many());
                }
                at = time.checked_add(1).and_then(|next| ceiling(next, period, zone)).filter(|at| *at <= last);
            }
        }
        added.chunks(BATCH_ROWS).map(|rows| self.rows(rows)).collect()
    }
}

impl Series {
    fn keys(&self, batch: &RecordBatch) -> Result<Vec<Vec<u8>>> {
        if self.others.is_empty() {
            return Ok(vec![Vec::new(); batch.num_rows()]);
        }
        let columns: Vec<ArrayRef> = self.others.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        let rows = self.converter.convert_columns(&columns)?;
        Ok(rows.iter().map(|row| row.as_ref().to_vec()).collect())
    }

    fn rows(&self, added: &[(&[u8], i64)]) -> Result<RecordBatch> {
        let fields = self.schema.fields();
        let mut columns: Vec<ArrayRef> =
            fields.iter().map(|field| new_null_array(field.data_type(), added.len())).collect();
        for (at, constant) in &self.constants {
            let values: ArrayRef = match constant {
                Constant::Number(number) => Arc::new(Float64Array::from(vec![*number; added.len()])),
                Constant::Text(text) => Arc::new(StringArray::from(vec![text.as_str(); added.len()])),
            };
            columns[*at] = cast(&values, fields[*at].data_type())?;
        }
        let times: TimestampMicrosecondArray = added.iter().map(|(_, time)| Some(*time)).collect();
        let times: ArrayRef = Arc::new(times.with_timezone("UTC"));
        columns[self.column] = cast(&times, fields[self.column].data_type())?;
        if !self.others.is_empty() {
            let parser = self.converter.parser();
            let groups = self.converter.convert_rows(added.iter().map(|(key, _)| parser.parse(key)))?;
            for (at, group) in self.others.iter().zip(groups) {
                columns[*at] = group;
            }
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

fn too_many() -> DataFusionError {
    DataFusionError::External(Box::new(Fault::caller(msg!("query-fillmissing-many", limit = MOST))))
}
