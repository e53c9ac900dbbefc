//! A query's conditions as the scan takes them over: parts that must all hold, the cheap ones first. Patterns in the whole
//! event are told apart, since an index or the columns of what was taken apart can answer them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::scalar::ScalarValue;

use crate::pattern::{CaseHint, Needle, counting_of, like_of};

/// A part of the conditions.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Anything over columns.
    Plain {
        /// What is evaluated, over the table's schema cut to the columns.
        expr: Arc<dyn PhysicalExpr>,
        /// The columns that it needs, by their places in the table's schema, in order.
        columns: Vec<usize>,
    },
    /// One of these patterns is in the event.
    Patterns(Vec<Needle>),
    /// The patterns of a hint; what is missed for case is counted.
    Counted(Arc<CaseHint>),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = |needles: &mut dyn Iterator<Item = &Needle>| {
            needles.map(|needle| format!("/{}/", needle.text())).collect::<Vec<_>>().join(" or ")
        };
        match self {
            Self::Plain { expr, .. } => expr.fmt(f),
            Self::Patterns(needles) => f.write_str(&any(&mut needles.iter())),
            Self::Counted(hint) => {
                let all = hint.needles.iter().map(|needles| any(&mut needles.iter().map(|(strict, _)| strict)));
                f.write_str(&all.collect::<Vec<_>>().join(" and "))
            }
        }
    }
}

/// The conditions of a scan, in the order in which they are evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps(pub(crate) Vec<Step>);

/// What reading a column costs, roughly: a column of a file, a path, the whole event.
fn cost(schema: &DFSchema, expr: &Expr) -> u8 {
    let cost = |name: &str| match name {
        "raw" => 2,
        name => u8::from(schema.inner().index_of(name).is_err() || name.starts_with("native:")),
    };
    expr.column_refs().iter().map(|column| cost(&column.name)).max().unwrap_or(0)
}

impl Steps {
    /// Takes conditions over.
    ///
    /// # Errors
    /// Where the engine cannot evaluate one.
    pub(crate) fn of(state: &dyn Session, schema: &DFSchema, filters: &[Expr]) -> Result<Self> {
        let mut parts: Vec<(u8, Step)> = Vec::new();
        for part in filters.iter().flat_map(split_conjunction) {
            add(state, schema, part, &mut parts)?;
        }
        parts.sort_by_key(|(cost, _)| *cost);
        Ok(Self(parts.into_iter().map(|(_, step)| step).collect()))
    }

    /// The columns that the parts need, by their places in the table's schema.
    pub(crate) fn columns(&self, raw: usize) -> BTreeSet<usize> {
        let of_step = |step: &Step| match step {
            Step::Plain { columns, .. } => columns.clone(),
            Step::Patterns(_) | Step::Counted(_) => vec![raw],
        };
        self.0.iter().flat_map(of_step).collect()
    }
}

fn add(state: &dyn Session, schema: &DFSchema, part: &Expr, parts: &mut Vec<(u8, Step)>) -> Result<()> {
    if let Expr::Literal(ScalarValue::Boolean(Some(true)), _) = part {
        return Ok(());
    }
    if let Some((hint, others)) = counting_of(part) {
        for other in split_conjunction(others) {
            add(state, schema, other, parts)?;
        }
        // What it counts are events for which everything else holds.
        parts.push((u8::MAX, Step::Counted(Arc::clone(hint))));
        return Ok(());
    }
    if let Some(needles) = patterns(part) {
        parts.push((1, Step::Patterns(needles)));
        return Ok(());
    }
    let mut columns: Vec<usize> = Vec::new();
    for column in part.column_refs() {
        columns.push(schema.inner().index_of(&column.name)?);
    }
    columns.sort_unstable();
    columns.dedup();
    let cut = DFSchema::try_from(schema.inner().project(&columns)?)?;
    let unqualified = datafusion::logical_expr::utils::conjunction([part.clone()]).unwrap_or_else(|| part.clone());
    let expr = state.create_physical_expr(strip_qualifiers(unqualified)?, &cut)?;
    parts.push((cost(schema, part) * 2, Step::Plain { expr, columns }));
    Ok(())
}

/// The table has one name here, whatever it is called in the query.
fn strip_qualifiers(expr: Expr) -> Result<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let strip = |expr: Expr| {
        Ok(match expr {
            Expr::Column(column) if column.relation.is_some() => {
                Transformed::yes(Expr::Column(datafusion::common::Column::from_name(column.name)))
            }
            other => Transformed::no(other),
        })
    };
    Ok(expr.transform(strip)?.data)
}

/// The patterns of `@message like …`, or of several with `or` between.
fn patterns(expr: &Expr) -> Option<Vec<Needle>> {
    if let Expr::BinaryExpr(binary) = expr {
        if binary.op != Operator::Or {
            return None;
        }
        let (mut left, right) = (patterns(&binary.left)?, patterns(&binary.right)?);
        left.extend(right);
        return Some(left);
    }
    let (needle, value) = like_of(expr)?;
    let is_raw = matches!(value, Expr::Column(column) if column.name == "raw");
    is_raw.then(|| vec![needle.clone()])
}
