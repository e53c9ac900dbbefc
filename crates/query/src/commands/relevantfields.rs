//! `relevantfields`: the fields by which events that meet a condition differ from the others. AWS does not say how it
//! scores; how we do stands in `relevance`.
//!
//! Where no fields are named, all of an event's JSON are looked at, where it came from, and what was defined before; of an
//! event that is no JSON, its columns. The condition's own fields are left out, for they differ by definition.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;
use shoseki_insights::{Expression, Node, RelevantFields};

use crate::fields::{OCSF, native_path};
use crate::fold::{Fold, Part};
use crate::plan::{Named, Planned, Planner, Rows, named_column, system};
use crate::relevance::{Pool, Tallies};
use crate::values::{Kind, Value};

/// What differs less is not shown where nobody asked for the field.
const LEAST: f64 = 0.01;

pub(super) fn plan(planner: &mut Planner, command: &RelevantFields) -> Planned<()> {
    let condition = planner.expression(&command.condition)?.as_condition().is_true();
    let is_whole = command.fields.is_empty();
    let with_json = is_whole && planner.rows == Rows::Events;
    let mut own = BTreeSet::new();
    fields_of(&command.condition, &mut own);
    let mut asked: Vec<Asked> = Vec::new();
    if is_whole {
        let named = columns(planner).into_iter().filter(|(column, _)| !own.contains(&column.name));
        asked.extend(named);
    } else {
        for field in &command.fields {
            let value = planner.field(field)?;
            asked.push((Looking { name: field.name(), only_text: false, is_text: false }, value));
        }
    }
    let raw = if with_json { system("@message").expr } else { lit(ScalarValue::Binary(None)) };
    let mut inputs = vec![condition, raw];
    let mut looking: Vec<Looking> = Vec::with_capacity(asked.len());
    for (column, value) in asked {
        if looking.iter().all(|known| known.name != column.name) {
            let is_text = matches!(value.kind, Kind::Time | Kind::Boolean);
            inputs.push(value.shown().as_text());
            looking.push(Looking { is_text, ..column });
        }
    }
    let columns = [(); 5].map(|()| planner.fresh());
    let least = if is_whole { LEAST } else { 0.0 };
    planner.fold_values(inputs, ByField { columns: columns.clone(), looking, own, least })?;
    let [field, score, contributors, conditional, baseline] = columns.map(|name| named_column(&name));
    let shown = [
        ("@fieldName", Value::text(field.clone())),
        ("@relevanceScore", Value::number(score.clone())),
        ("@topRelevanceContributors", Value::text(contributors)),
        ("@conditionalMedian", Value::number(conditional)),
        ("@baselineMedian", Value::number(baseline)),
    ];
    planner.become_groups(shown.map(|(name, value)| (name.to_owned(), value)).to_vec());
    planner.order_by(vec![score.sort(false, false), field.sort(true, false)]);
    Ok(())
}

type Asked = (Looking, Value);

/// A value that is looked at beside the event's own JSON.
#[derive(Clone, Debug)]
struct Looking {
    name: String,
    /// Whether it counts only where the event is no JSON: there the JSON's fields say the same.
    only_text: bool,
    /// Whether it is no number, whatever it looks like.
    is_text: bool,
}

/// What is looked at beside the JSON where no fields are named.
fn columns(planner: &Planner) -> Vec<Asked> {
    let looking = |name: &str, only_text| Looking { name: name.to_owned(), only_text, is_text: false };
    let of = |(name, value): &Named| (looking(name, false), value.clone());
    if planner.rows == Rows::Groups {
        return planner.shown_columns().iter().map(of).collect();
    }
    let defined = planner.defined().iter().map(of);
    let origin = ["@source", "@log", "@kind"].map(|name| (looking(name, false), system(name)));
    let derived = OCSF.iter().map(|(name, ..)| (looking(name, true), system(name)));
    defined.chain(origin).chain(derived).filter(|(_, value)| value.kind != Kind::Bytes).collect()
}

/// The names of the fields of an expression; those of a sub-query are other events'.
fn fields_of(expression: &Expression, names: &mut BTreeSet<String>) {
    let mut all = |parts: &[Expression]| parts.iter().for_each(|part| fields_of(part, names));
    match &expression.node {
        Node::Field(field) => {
            names.insert(field.name());
            names.insert(native_path(field).0);
        }
        Node::Call { arguments: parts, .. } | Node::And(parts) | Node::Or(parts) => all(parts),
        Node::Negate(inner) | Node::Not(inner) => fields_of(inner, names),
        Node::Access { value, .. } | Node::InQuery { value, .. } | Node::Like { value, .. } => fields_of(value, names),
        Node::Arithmetic(_, left, right) | Node::Compare(_, left, right) => {
            fields_of(left, names);
            fields_of(right, names);
        }
        Node::In { value, list, .. } => {
            all(list);
            fields_of(value, names);
        }
        Node::Number(_) | Node::Text(_) | Node::Boolean(_) | Node::Regex(_) | Node::Duration(_) | Node::Star => {}
    }
}

/// Compares the fields of two pools of events.
#[derive(Clone, Debug)]
struct ByField {
    columns: [String; 5],
    looking: Vec<Looking>,
    /// The condition's own fields.
    own: BTreeSet<String>,
    least: f64,
}

impl ByField {
    fn out(&self) -> SchemaRef {
        let kinds = [DataType::Utf8, DataType::Float64, DataType::Utf8, DataType::Float64, DataType::Float64];
        let fields = self.columns.iter().zip(kinds).map(|(name, kind)| Field::new(name, kind, true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl Fold for ByField {
    type Part = Comparing;

    fn name(&self) -> String {
        let names: Vec<&str> = self.looking.iter().map(|column| column.name.as_str()).collect();
        format!("relevantfields {} of {}", self.columns.join(","), names.join(","))
    }

    fn schema(&self, _input: &SchemaRef) -> Result<SchemaRef> {
        Ok(self.out())
    }

    fn reads(&self) -> Option<Vec<String>> {
        None
    }

    fn begin(&self, _input: &SchemaRef) -> Result<Comparing> {
        Ok(Comparing { fold: self.clone(), pools: Default::default() })
    }
}

/// The pools: those that meet the condition, and the rest.
struct Comparing {
    fold: ByField,
    pools: [Pool; 2],
}

impl Part for Comparing {
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let broken = || DataFusionError::Internal("no values".to_owned());
        let mut columns = batch.columns().iter();
        let holds = columns.next().and_then(|column| column.as_boolean_opt()).ok_or_else(broken)?;
        let raw = columns.next().and_then(|column| column.as_binary_opt::<i32>()).ok_or_else(broken)?;
        let values: Vec<&StringArray> =
            columns.map(|column| column.as_string_opt::<i32>().ok_or_else(broken)).collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            let pool = usize::from(!(holds.is_valid(row) && holds.value(row)));
            let values = values.iter().map(|texts| texts.is_valid(row).then(|| texts.value(row)));
            self.pools[pool].take(raw.is_valid(row).then(|| raw.value(row)), values);
        }
        Ok(None)
    }

    fn size(&self) -> usize {
        self.pools.iter().map(Pool::size).sum()
    }

    fn join(&mut self, other: Self) -> Result<()> {
        for (pool, more) in self.pools.iter_mut().zip(other.pools) {
            pool.join(more);
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<RecordBatch>> {
        let Self { fold, pools } = self;
        let mut tallies = Tallies::default();
        for (pool, events) in pools.into_iter().enumerate() {
            for (looked, times) in events.into_events() {
                tallies.begin(pool, times);
                let wanted = |field: &str| !fold.own.contains(field);
                let is_json = looked.raw.is_some_and(|raw| tallies.add_json(pool, times, &raw, &wanted));
                let values =
                    fold.looking.iter().zip(&looked.values).filter(|(column, _)| !(column.only_text && is_json));
                for (column, value) in values {
                    if let Some(value) = value {
                        tallies.add(pool, times, &column.name, (value, !column.is_text));
                    }
                }
            }
        }
        let found = tallies.relevant(fold.least);
        let median = |of: usize| found.iter().map(move |field| field.medians[of]).collect::<Float64Array>();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(found.iter().map(|field| field.field.as_str()))),
            Arc::new(Float64Array::from_iter_values(found.iter().map(|field| field.score))),
            Arc::new(found.iter().map(|field| field.contributors.as_deref()).collect::<StringArray>()),
            Arc::new(median(0)),
            Arc::new(median(1)),
        ];
        Ok(vec![RecordBatch::try_new(fold.out(), columns)?])
    }
}
